//! What `oyer survey` prints against `tests/oracle/oracle.py`, which computes it anew
//! with pandas: equal to 1e-9.
//!
//! `tests/oracle/setup.sh` makes its Python. Without `OYER_REQUIRE_ORACLE=1`, which makes
//! its absence a failure, the tests are left out and say so.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use serde_json::Value;

use crate::support::home::{Home, build_survey};
use crate::support::llama::cache;

const EXACT: f64 = 1e-9;

fn python() -> Option<PathBuf> {
    static SAID: Once = Once::new();
    let required = std::env::var("OYER_REQUIRE_ORACLE").is_ok_and(|value| value == "1");
    let python = cache().join("oracle/bin/python");
    if required {
        assert!(
            python.is_file(),
            "the oracle is required, but there is none at {}; tests/oracle/setup.sh makes it",
            python.display()
        );
        return Some(python);
    }
    SAID.call_once(|| {
        let line = "left out: the tests against pandas: OYER_REQUIRE_ORACLE=1 asks for them, tests/oracle/setup.sh makes its Python\n";
        let _ = std::io::stderr().write_all(line.as_bytes());
    });
    None
}

/// A survey in a home of its own: `m.csv`, `c.csv` and `s.toml`.
struct Case {
    home: Home,
    /// What the oracle says of it.
    oracle: Value,
}

impl Case {
    /// Builds the tables in `data`, makes up two models' answers, and asks the oracle.
    fn new(python: &Path, microdata: impl AsRef<[u8]>, codebook: &str, config: &str) -> Self {
        let home = Home::new();
        build_survey(&home, microdata, codebook, config, "data").expect(0);
        for (model, seed) in [("base", 1), ("tuned", 2)] {
            answers(&home, model, seed);
        }
        let ran = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/oracle.py"))
            .args([
                "m.csv",
                "c.csv",
                "s.toml",
                "base=base.codes.csv",
                "tuned=tuned.codes.csv",
            ])
            .current_dir(home.path())
            .output()
            .unwrap();
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        let oracle = serde_json::from_slice(&ran.stdout).unwrap();
        Self { home, oracle }
    }

    fn list(&self, key: &str) -> &[Value] {
        self.oracle[key].as_array().unwrap()
    }

    /// Subgroups, items and diversity scores.
    fn check_tables(&self) {
        let subgroups = by_key(&self.home, "data/subgroups.csv", &["persona"]);
        let personas = by_key(&self.home, "data/personas.csv", &["id"]);
        assert_eq!(subgroups.len(), self.list("subgroups").len());
        for group in self.list("subgroups") {
            let id = text(&group["id"]);
            let row = &subgroups[&vec![id.clone()]];
            assert_eq!(row["respondents"], group["respondents"].to_string(), "{id}");
            assert_eq!(row["stratum"], group["stratum"], "{id}");
            assert_eq!(row["split"], group["split"], "{id}");
            near(&row["weight"], &group["weight"], &id);
            let persona = personas.get(&vec![id.clone()]);
            assert_eq!(persona.is_some(), group["included"] == true, "{id}");
            if let Some(persona) = persona {
                assert_eq!(persona["n"], group["respondents"].to_string(), "{id}");
                near(&persona["weight"], &group["weight"], &id);
                for (dimension, level) in group["levels"].as_object().unwrap() {
                    assert_eq!(persona[dimension], *level, "{id}");
                }
            }
        }
        let items = by_key(&self.home, "data/truth.csv", &["persona", "question"]);
        assert_eq!(items.len(), self.list("items").len());
        for item in self.list("items") {
            let key = vec![text(&item["persona"]), text(&item["question"])];
            let (row, what) = (&items[&key], key.join("/"));
            assert_eq!(row["code"], item["code"].to_string(), "{what}");
            assert_eq!(row["n"], item["n"].to_string(), "{what}");
            near(&row["share"], &item["share"], &what);
            // Without weights every respondent counts 1, and there is no such column.
            if let Some(effective) = row.get("effective_n") {
                near(effective, &item["effective_n"], &what);
            }
            let shares = row["distribution"].split(" | ");
            let shares: Vec<&str> = shares
                .map(|part| part.split_once(" = ").unwrap().1)
                .collect();
            let wanted = item["distribution"].as_array().unwrap();
            assert_eq!(shares.len(), wanted.len(), "{what}");
            for (share, wanted) in shares.iter().zip(wanted) {
                near(share, wanted, &what);
            }
            if let Some(modes) = row.get("modes") {
                let wanted = item["modes"].as_array().unwrap();
                let wanted: Vec<String> = wanted.iter().map(Value::to_string).collect();
                let alone = wanted.len() == 1 && modes.is_empty();
                assert!(alone || *modes == wanted.join(" | "), "{what}: {modes}");
            }
        }
        self.check_diversity("data/diversity.csv", "diversity", &["question", "stratum"]);
        self.check_diversity("data/topics.csv", "topics", &["topic", "stratum"]);
    }

    fn check_diversity(&self, file: &str, list: &str, keys: &[&str]) {
        let rows = by_key(&self.home, file, keys);
        assert_eq!(rows.len(), self.list(list).len(), "{file}");
        for wanted in self.list(list) {
            let key: Vec<String> = keys.iter().map(|key| text(&wanted[*key])).collect();
            let (row, what) = (&rows[&key], key.join("/"));
            for column in ["modal_diversity", "wasserstein"] {
                near(&row[column], &wanted[column], &what);
            }
            for column in ["subgroups", "modes", "questions"] {
                if let (Some(found), Some(wanted)) = (row.get(column), wanted.get(column)) {
                    assert_eq!(*found, wanted.to_string(), "{what} {column}");
                }
            }
        }
    }

    /// Every metric of every model over every breakdown that both have.
    fn check_scores(&self) {
        self.home.write(
            "study.toml",
            "name = \"s\"\n[data]\npersonas = \"data/personas.csv\"\ntruth = \"data/truth.csv\"\n[models.any]\nprovider = \"simulated\"\n[structured]\nquestions = \"data/questions.csv\"\n",
        );
        let scores = self
            .home
            .oyer(&[
                "survey",
                "score",
                "--study",
                "study.toml",
                "--responses",
                "base.csv",
                "--responses",
                "tuned.csv",
                "--format",
                "json",
            ])
            .expect(0)
            .json();
        let mut compared = 0;
        for list in ["models", "groups"] {
            for row in scores[list].as_array().unwrap() {
                let wanted = self.oracle["models"][text(&row["model"])]["scores"]
                    .as_array()
                    .unwrap();
                let wanted = wanted.iter().find(|wanted| {
                    wanted["breakdown"] == row["breakdown"] && wanted["level"] == row["level"]
                });
                let Some(wanted) = wanted else { continue };
                let what = format!("{} {} {}", row["model"], row["breakdown"], row["level"]);
                assert_eq!(row["items"], wanted["items"], "{what}");
                let soft = [
                    "accuracy",
                    "nmae",
                    "wasserstein",
                    "refusal_rate",
                    "soft_accuracy",
                ];
                for metric in soft {
                    let found = &row["metrics"][metric]["estimate"];
                    if metric == "soft_accuracy" && found.is_null() {
                        continue;
                    }
                    near(
                        &found.to_string(),
                        &wanted[metric],
                        &format!("{what} {metric}"),
                    );
                    compared += 1;
                }
            }
        }
        assert!(compared >= 8, "{compared} numbers compared");
    }

    /// Norm. Range, CV, range and standard deviation of the groups of every breakdown,
    /// within each split, of every model.
    fn check_fairness(&self) {
        let report = self
            .home
            .oyer(&[
                "survey",
                "fairness",
                "--study",
                "study.toml",
                "--responses",
                "base.csv",
                "--responses",
                "tuned.csv",
                "--min-items",
                "3",
                "--draws",
                "100",
                "--format",
                "json",
            ])
            .expect(0)
            .json();
        let mut compared = 0;
        for (model, of_model) in self.oracle["models"].as_object().unwrap() {
            for wanted in of_model["fairness"].as_array().unwrap() {
                let keys = ["split", "breakdown", "metric"];
                let rows = report["disparities"].as_array().unwrap();
                let row = rows.iter().find(|row| {
                    row["model"] == *model && keys.iter().all(|key| row[*key] == wanted[*key])
                });
                let what = format!("{model} {wanted}");
                // A level that holds for one split alone is a breakdown of no other.
                let row = row.unwrap_or_else(|| panic!("nothing is said of {what}"));
                assert_eq!(row["compared"], wanted["compared"], "{what}");
                near(&row["mean"].to_string(), &wanted["mean"], &what);
                for measure in ["normalised_range", "variation", "range", "deviation"] {
                    let seen = &row["measures"][measure]["seen"];
                    near(
                        &seen.to_string(),
                        &wanted[measure],
                        &format!("{what} {measure}"),
                    );
                    compared += 1;
                }
            }
        }
        assert!(compared >= 32, "{compared} numbers compared");
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[track_caller]
fn near(found: &str, wanted: &Value, what: &str) {
    if wanted.is_null() {
        assert!(
            found.is_empty() || found == "null",
            "{what}: {found}, expected none"
        );
        return;
    }
    let (found, wanted): (f64, f64) = (found.parse().unwrap(), wanted.as_f64().unwrap());
    let scale = wanted.abs().max(1.0);
    assert!(
        (found - wanted).abs() <= EXACT * scale,
        "{what}: {found}, expected {wanted}"
    );
}

type Row = BTreeMap<String, String>;

fn by_key(home: &Home, file: &str, keys: &[&str]) -> BTreeMap<Vec<String>, Row> {
    let content = home.read(file);
    let mut reader = csv::Reader::from_reader(content.as_bytes());
    let rows = reader.deserialize().map(|row| row.unwrap());
    rows.map(|row: Row| (keys.iter().map(|key| row[*key].clone()).collect(), row))
        .collect()
}

/// The made-up answers of a model to every item, as a batch and as codes; one in eleven
/// refuses.
fn answers(home: &Home, model: &str, seed: u64) {
    let scales = by_key(home, "data/questions.csv", &["id"]);
    let mut batch = csv::Writer::from_writer(Vec::new());
    batch.write_record(["custom_id", "response"]).unwrap();
    let mut codes = "persona,question,code\n".to_owned();
    let mut state = seed;
    for (key, row) in by_key(home, "data/truth.csv", &["persona", "question"]) {
        let [persona, question] = &key[..] else {
            panic!("{key:?}")
        };
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let draw = (state >> 33) as usize;
        let options = &scales[&vec![question.clone()]]["options"];
        let options = options.trim_start_matches("nominal:").split(" | ");
        let options: Vec<&str> = options
            .map(|o| o.split(" = ").next().unwrap().trim())
            .collect();
        let code = match draw % 11 {
            0 => "",
            1..=5 => row["code"].as_str(),
            _ => options[draw / 11 % options.len()],
        };
        let reply = if code.is_empty() {
            "I'm sorry, but I can't answer that.".to_owned()
        } else {
            format!("Answer: {code}")
        };
        batch
            .write_record([format!("{question}_{persona}"), reply])
            .unwrap();
        let quoted = format!("\"{persona}\"");
        writeln!(codes, "{quoted},{question},{code}").unwrap();
    }
    home.write(&format!("{model}.csv"), batch.into_inner().unwrap());
    home.write(&format!("{model}.codes.csv"), codes);
}

/// A small stream of whole numbers.
struct Stream(u64);

impl Stream {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

#[test]
fn the_examples_survey_is_what_pandas_makes_of_it() {
    let Some(python) = python() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("studies/singapore/survey");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    // Without the open-ended study, whose questions stand elsewhere.
    let config = read("survey.toml");
    let (config, _) = config.split_once("[study]").unwrap();
    let case = Case::new(
        &python,
        read("microdata.csv"),
        &read("codebook.csv"),
        config,
    );
    assert_eq!(case.oracle["respondents"], 2012);
    case.check_tables();
    case.check_scores();
    case.check_fairness();
}

const CODEBOOK: &str = "\
variable,topic,text,code,label,scale,role
Q260,,,1,Male,,respondent
Q260,,,2,Female,,
Q289,,,0,None,,respondent
Q289,,,5,Muslim,,
Q289,,,6,Hindu,,
Q289,,,7,Buddhist,,
Q289,,,9,Other,,
Q1,family,How far?,1,Very,,question
Q1,,,2,Rather,,
Q1,,,3,Little,,
Q1,,,4,Not,,
Q1,,,-1,Don't know,,
Q56,work,Better or worse?,1,Better,,question
Q56,,,2,Worse,,
Q56,,,3,The same,,
Q119,work,Agree?,0,Hard to say,,question
Q119,,,1,Strongly,,
Q119,,,2,Yes,,
Q119,,,3,No,,
Q119,,,4,Not at all,,
Q223,work,Which party?,1,One,nominal,question
Q223,,,4,Two,,
Q223,,,9,Three,,
Q94,family,Member?,0,No,,question
Q94,,,1,Inactive,,
Q94,,,2,Active,,
Q300,work,From one to ten?,1,Low,,question
Q300,,,10,High,,
";

/// Respondents of CODEBOOK's survey; `form` writes a cell as the file has it.
fn respondents(seed: u64, count: u64, form: impl Fn(i64) -> String) -> Vec<Vec<String>> {
    let mut stream = Stream(seed);
    (0..count)
        .map(|row| {
            let mut pick = |codes: &[i64]| form(codes[stream.below(codes.len() as u64) as usize]);
            let sex = pick(&[1, 2, 2, -2]);
            let age = pick(&[17, 21, 34, 35, 50, 64, 65, 90, -2]);
            let religion = pick(&[0, 0, 5, 6, 7, 9, -1]);
            let q1 = pick(&[1, 2, 2, 3, 4, -1, -2, -5]);
            let q56 = pick(&[1, 2, 3, 3, -1]);
            let q119 = pick(&[0, 1, 2, 3, 4, -4]);
            let q223 = pick(&[1, 4, 4, 9, -3]);
            // A block that nobody under a certain row was asked.
            let q94 = if row < count / 2 {
                form(-4)
            } else {
                pick(&[0, 1, 2])
            };
            let q300 = pick(&[1, 3, 5, 5, 8, 10, -1]);
            let weight = 0.25 + stream.below(1000) as f64 / 500.0;
            vec![
                format!("{}", 1000 + row - row % 17 / 16),
                ["SGP", "MYS", "IDN"][stream.below(3) as usize].to_owned(),
                if row % 23 == 5 {
                    String::new()
                } else {
                    weight.to_string()
                },
                sex,
                age,
                religion,
                q1,
                q56,
                q119,
                q223,
                q94,
                q300,
            ]
        })
        .collect()
}

const HEADER: [&str; 12] = [
    "D_INTERVIEW",
    "B_COUNTRY_ALPHA",
    "W_WEIGHT",
    "Q260",
    "Q262",
    "Q289",
    "Q1",
    "Q56",
    "Q119",
    "Q223",
    "Q94",
    "Q300",
];

fn joined(header: &[String], rows: &[Vec<String>], separator: &str, end: &str) -> String {
    let mut file = header.join(separator) + end;
    for row in rows {
        file += &(row.join(separator) + end);
    }
    file
}

const DIMENSIONS: &str = r#"
[dimensions.sex]
column = "Q260"
[dimensions.age_group]
column = "Q262"
short = "age"
bands = { "16-34" = "16-34 years", "35-64" = "35-64 years", "65+" = "65 and over" }
[dimensions.religion]
column = "Q289"
"#;

#[test]
fn semicolons_decimal_commas_long_headers_and_weights_are_what_pandas_makes_of_them() {
    let Some(python) = python() else { return };
    let rows: Vec<Vec<String>> = respondents(5, 900, |code| code.to_string())
        .into_iter()
        .map(|mut row| {
            row[2] = row[2].replace('.', ",");
            row
        })
        .collect();
    let header: Vec<String> = HEADER
        .iter()
        .map(|name| format!("{name}: What, it says"))
        .collect();
    let file = format!("\u{feff}{}", joined(&header, &rows, ";", "\r\n"));
    let config = format!(
        r#"seed = 3
[respondents]
keep = {{ B_COUNTRY_ALPHA = "SGP | MYS" }}
id = "D_INTERVIEW"
weight = "W_WEIGHT"
{DIMENSIONS}drop = ["9"]
[strata]
id = [["sex"], ["age_group"], ["religion"], ["sex", "age_group"]]
ood = [["age_group", "religion"]]
[subgroups]
minimum = 20
[questions]
ties = "all"
[scales.Q56]
order = ["1", "3", "2"]
[scales.Q119]
remap = {{ "0" = "3", "3" = "4", "4" = "5" }}
[scales.Q300]
range = "1-10"
"#
    );
    let case = Case::new(&python, file, CODEBOOK, &config);
    case.check_tables();
    case.check_scores();
    case.check_fairness();
}

#[test]
fn tabs_fractions_missing_blocks_and_dropped_ties_are_what_pandas_makes_of_them() {
    let Some(python) = python() else { return };
    let form = |code: i64| match code {
        -2 => "NA".to_owned(),
        -5 => String::new(),
        code => format!("{code}.0"),
    };
    let rows = respondents(11, 300, form);
    let header: Vec<String> = HEADER.map(str::to_owned).to_vec();
    let file = joined(&header, &rows, "\t", "\n");
    let config = format!(
        r#"{DIMENSIONS}levels = {{ "0" = "none", "5" = "one", "6" = "one", "7" = "other", "9" = "other" }}
[strata]
id = [["sex"], ["religion"], ["sex", "religion"]]
ood = [["age_group"], ["sex", "age_group", "religion"]]
[subgroups]
minimum = 5
[questions]
use = ["Q1-Q119", "Q94", "Q223", "Q300"]
drop = ["Q56"]
ties = "drop"
minimum = 4
[scales.Q119]
drop = ["0"]
[scales.Q300]
range = "1-10"
"#
    );
    let case = Case::new(&python, file, CODEBOOK, &config);
    assert!(case.list("items").len() > 50);
    case.check_tables();
    case.check_scores();
    case.check_fairness();
}

#[test]
fn few_respondents_with_ties_are_what_pandas_makes_of_them() {
    let Some(python) = python() else { return };
    let rows = respondents(23, 40, |code| code.to_string());
    let header: Vec<String> = HEADER.map(str::to_owned).to_vec();
    let file = joined(&header, &rows, ",", "\n");
    let config = format!(
        "[respondents]\nid = \"D_INTERVIEW\"\n{DIMENSIONS}[strata]\nid = [[\"sex\"], [\"religion\"]]\nood = [[\"age_group\", \"sex\"]]\n[subgroups]\nminimum = 2\n[questions]\nbootstrap = 0\nties = \"lowest\"\n[scales.Q300]\nrange = \"1-10\"\n"
    );
    let case = Case::new(&python, file, CODEBOOK, &config);
    case.check_tables();
    case.check_scores();
    case.check_fairness();
}
