//! What it costs to build a study from a survey, and to score structured answers.
//!
//! Makes a file of the size of the World Values Survey's cross-national one (100,000
//! respondents, 600 columns, 180 MB), and an answers table of a million rows, and runs the
//! real command line on them.
//!
//! ```text
//! cargo bench --bench survey -- build
//! cargo bench --bench survey -- score
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops where it cannot go on"
)]

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use oyer::analysis::scores::{self, ScoreOptions};
use oyer::answers::table_io;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const RESPONDENTS: u64 = 100_000;
const COLUMNS: usize = 600;
const QUESTIONS: usize = 239;
const COUNTRIES: [&str; 8] = ["SGP", "MYS", "IDN", "DEU", "BRA", "NGA", "TUR", "USA"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_asked = |name: &str| {
        let named = arguments.iter().any(|argument| argument == name);
        named || !arguments.iter().any(|argument| !argument.starts_with("--"))
    };
    let folder = tempfile::tempdir().unwrap();
    if is_asked("build") {
        build(folder.path());
    }
    if is_asked("score") {
        score(folder.path());
    }
}

fn build(folder: &Path) {
    let microdata = folder.join("wvs.csv");
    let bytes = write_microdata(&microdata);
    println!(
        "{RESPONDENTS} respondents, {COLUMNS} columns, {:.0} MB",
        bytes as f64 / 1e6
    );
    std::fs::write(folder.join("codebook.csv"), codebook()).unwrap();
    for (name, keep) in [
        ("all respondents", ""),
        (
            "one country of eight",
            "keep = { B_COUNTRY_ALPHA = \"SGP\" }\n",
        ),
    ] {
        std::fs::write(folder.join("survey.toml"), config(keep)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_oyer"));
        command
            .current_dir(folder)
            .args(["survey", "build", "wvs.csv", "--codebook", "codebook.csv"])
            .args(["--config", "survey.toml", "--out", "out"]);
        report(&format!("survey build, {name}"), command);
    }
}

/// What answers there are in a table.
struct Shape {
    models: usize,
    personas: usize,
    questions: usize,
    samples: usize,
}

/// About a million answers each: of few models many times, of many models once, and of few
/// models once on many items.
const SHAPES: [Shape; 3] = [
    Shape {
        models: 2,
        personas: 100,
        questions: 200,
        samples: 25,
    },
    Shape {
        models: 48,
        personas: 98,
        questions: 214,
        samples: 1,
    },
    Shape {
        models: 2,
        personas: 2_000,
        questions: 250,
        samples: 1,
    },
];

fn score(folder: &Path) {
    for shape in SHAPES {
        let answers = folder.join("answers.csv");
        let (rows, bytes) = write_answers(&answers, &shape);
        println!(
            "{rows} structured answers: {} models, {} personas, {} questions, {} samples; {:.0} MB",
            shape.models,
            shape.personas,
            shape.questions,
            shape.samples,
            bytes as f64 / 1e6
        );
        let mut command = Command::new(env!("CARGO_BIN_EXE_oyer"));
        command
            .args(["survey", "score"])
            .arg(&answers)
            .args(["--format", "json"]);
        report("survey score", command);
        let file = std::fs::File::open(&answers).unwrap();
        let begun = Instant::now();
        let format = table_io::Format::of_name(&answers);
        let table = table_io::read(&answers, file, format).unwrap();
        let read = begun.elapsed();
        let begun = Instant::now();
        let made = scores::score(&table, &ScoreOptions::default()).unwrap();
        let scored = begun.elapsed();
        let begun = Instant::now();
        let json = oyer::report::json::render_scores(&made);
        println!(
            "of it: reading {:.2} s, scoring {:.2} s, writing {:.2} s ({:.0} MB of JSON)",
            read.as_secs_f64(),
            scored.as_secs_f64(),
            begun.elapsed().as_secs_f64(),
            json.len() as f64 / 1e6
        );
    }
}

/// The columns that the file begins with; questions and further ones follow.
const FIRST: [&str; 9] = [
    "version",
    "B_COUNTRY",
    "B_COUNTRY_ALPHA",
    "D_INTERVIEW",
    "W_WEIGHT",
    "Q260",
    "X003R",
    "Q289",
    "Q290",
];

fn write_microdata(path: &Path) -> u64 {
    let mut file = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).unwrap());
    let mut header: Vec<String> = FIRST.map(str::to_owned).to_vec();
    header.extend((1..=QUESTIONS).map(|number| format!("Q{number}")));
    let further = COLUMNS - header.len();
    header.extend((0..further).map(|number| format!("V{number}")));
    let mut row = header.join(",");
    let mut bytes = 0;
    let mut draws = ChaCha8Rng::seed_from_u64(7);
    for respondent in 0..=RESPONDENTS {
        row.push('\n');
        bytes += row.len() as u64;
        file.write_all(row.as_bytes()).unwrap();
        row.clear();
        if respondent == RESPONDENTS {
            break;
        }
        let country = below(&mut draws, 8) as usize;
        let _ = write!(
            row,
            "6-0-0 (2024-04-30),{},{},{},{:.14},{},{},{},{}",
            702 + country,
            COUNTRIES[country],
            702_070_000 + respondent,
            0.25 + below(&mut draws, 1_000_000) as f64 / 5e5,
            1 + below(&mut draws, 2),
            1 + below(&mut draws, 6),
            below(&mut draws, 10),
            702_001 + below(&mut draws, 6),
        );
        for question in 0..QUESTIONS {
            let options = [4, 10, 2, 5][question % 4];
            let draw = below(&mut draws, 12 * options);
            // One in twelve gives no answer; the first options are given most.
            let code = match draw {
                0 => -1,
                draw if draw < options => -2,
                draw => 1 + (draw % options).min(draw / 7 % options).cast_signed(),
            };
            let _ = write!(row, ",{code}");
        }
        for column in 0..further {
            match column % 6 {
                0 => row.push_str(",-4"),
                1 => {
                    let _ = write!(row, ",{}", 1 + below(&mut draws, 9));
                }
                2 => {
                    let _ = write!(row, ",{:.5}", below(&mut draws, 1000) as f64 / 997.0);
                }
                _ => {
                    let _ = write!(row, ",{}", 10 + below(&mut draws, 90));
                }
            }
        }
    }
    file.flush().unwrap();
    bytes
}

fn codebook() -> String {
    let mut text = "variable,topic,text,code,label,role\n".to_owned();
    let mut add = |variable: &str, codes: &mut dyn Iterator<Item = i64>, role: &str| {
        for code in codes {
            let about = if role == "question" {
                "topic,How?"
            } else {
                ","
            };
            let _ = writeln!(text, "{variable},{about},{code},Option {code},{role}");
        }
    };
    add("Q260", &mut (1..=2), "respondent");
    add("X003R", &mut (1..=6), "respondent");
    add("Q289", &mut (0..=9), "respondent");
    add("Q290", &mut (702_001..=702_006), "respondent");
    for question in 0..QUESTIONS {
        let options = [4, 10, 2, 5][question % 4];
        add(
            &format!("Q{}", question + 1),
            &mut (1..=options),
            "question",
        );
    }
    text
}

fn config(keep: &str) -> String {
    format!(
        r#"seed = 7
[respondents]
{keep}id = "D_INTERVIEW"
weight = "W_WEIGHT"
[dimensions.sex]
column = "Q260"
[dimensions.age_group]
column = "X003R"
short = "age"
[dimensions.ethnicity]
column = "Q290"
[dimensions.religion]
column = "Q289"
[strata]
id = [["sex"], ["age_group"], ["ethnicity"], ["religion"], ["sex", "age_group"], ["sex", "religion"], ["sex", "ethnicity"]]
ood = [["age_group", "religion"], ["age_group", "ethnicity"], ["ethnicity", "religion"]]
"#
    )
}

fn write_answers(path: &Path, shape: &Shape) -> (u64, u64) {
    let mut file = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).unwrap());
    let mut draws = ChaCha8Rng::seed_from_u64(7);
    let header = "persona,question,topic,split,model,sample,option,missing_reason,truth,truth_distribution,scale,group.sex\n";
    file.write_all(header.as_bytes()).unwrap();
    let (mut rows, mut bytes) = (0, header.len() as u64);
    let mut row = String::new();
    for persona in 0..shape.personas {
        for question in 0..shape.questions {
            let truth = 1 + (persona + question) % 4;
            for model in 0..shape.models {
                for sample in 1..=shape.samples {
                    row.clear();
                    let (option, missing) = match below(&mut draws, 20) {
                        0 => (String::new(), "refused"),
                        1..=9 => (truth.to_string(), ""),
                        _ => ((1 + below(&mut draws, 4)).to_string(), ""),
                    };
                    let sex = ["Male", "Female"][persona % 2];
                    let split = ["id", "ood"][2 * persona / shape.personas];
                    let _ = writeln!(
                        row,
                        "p{persona},Q{question},topic {},{split},model {model},{sample},{option},{missing},{truth},1 = 0.1 | 2 = 0.4 | 3 = 0.3 | 4 = 0.2,1 = Much | 2 = Some | 3 = Little | 4 = None,{sex}",
                        question % 12
                    );
                    file.write_all(row.as_bytes()).unwrap();
                    rows += 1;
                    bytes += row.len() as u64;
                }
            }
        }
    }
    file.flush().unwrap();
    (rows, bytes)
}

fn report(what: &str, mut command: Command) {
    let (time, cpu, peak) = measure(&mut command);
    println!(
        "{what}: {:.2} s, {cpu:.2} CPU seconds, peak memory {peak} MB",
        time.as_secs_f64()
    );
}

/// Runs a command to its end: how long it took, the processor time it used, and the most
/// memory it held.
fn measure(command: &mut Command) -> (Duration, f64, u64) {
    let begun = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let process = format!("/proc/{}", child.id());
    let (mut peak, mut cpu) = (0, 0.0);
    loop {
        peak = peak.max(high_water(&Path::new(&process).join("status")));
        cpu = processor_time(&Path::new(&process).join("stat")).unwrap_or(cpu);
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "{ended}");
            return (begun.elapsed(), cpu, peak);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Most memory of a process so far, in MB.
fn high_water(status: &Path) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
    kilobytes.unwrap_or(0_u64) / 1024
}

/// Seconds in user and kernel mode, at 100 ticks a second.
fn processor_time(stat: &Path) -> Option<f64> {
    let text = std::fs::read_to_string(stat).ok()?;
    let (_, after) = text.rsplit_once(") ")?;
    let mut fields = after.split(' ').skip(11);
    let ticks = |field: Option<&str>| field.and_then(|ticks| ticks.parse::<f64>().ok());
    Some((ticks(fields.next())? + ticks(fields.next())?) / 100.0)
}

fn below(draws: &mut ChaCha8Rng, bound: u64) -> u64 {
    u64::from(draws.next_u32()) % bound
}
