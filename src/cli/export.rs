//! `oyer export label-studio RESULTS`

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use oyer::import::folder::{self, Stored};
use oyer::import::labelling_key::{FOLDER, SUFFIX};
use oyer::labelling::files::{self, FilesError, NewFile};
use oyer::labelling::imported::Imported;
use oyer::labelling::key::key_of;
use oyer::labelling::run::Run;
use oyer::labelling::sample::{Assignment, Design, Drawn, sample};
use oyer::labelling::{Frame, Texts, config, names_in, tasks};
use oyer::settle::collect;
use oyer::text::escape;
use serde::Serialize;

use super::args::{CheckFormat, LabelStudioArgs};
use super::error::Failure;
use super::report::split;
use super::results::Results;
use super::{Done, output};
use oyer::text::counted;

pub(crate) fn label_studio(args: &LabelStudioArgs) -> Result<Done, Failure> {
    if !args.results.is_dir() {
        let what = if args.results.exists() {
            "is a file, and a verdict table holds no answers"
        } else {
            "is not there"
        };
        return Err(Failure::Input(format!(
            "{} {what}; name the results folder of a run, or of an import whose source holds the answers",
            args.results.display()
        )));
    }
    if let Some(stored) = Stored::read(&args.results)? {
        return of_import(args, &stored);
    }
    let results = Results::open(&args.results)?;
    let study = results.plan.study();
    let (mut frame, run) = Run::frame(&results.plan, &results.reader, &results.index)?;
    let seed = args.seed.unwrap_or(study.seed);
    let drawn = draw(args, seed, &mut frame)?;
    let mut read = HashMap::new();
    for index in wanted(&drawn) {
        read.insert(index, run.texts(index)?);
    }
    let whose = Whose {
        models: Run::model_names(study),
        simulated: collect::simulated(study),
    };
    finish(args, seed, &frame, &drawn, &read, &whose)
}

fn of_import(args: &LabelStudioArgs, stored: &Stored) -> Result<Done, Failure> {
    let table = folder::read_table(&args.results)?;
    let labels = if stored.labels > 0 {
        Some(folder::read_labels(&args.results)?.table)
    } else {
        None
    };
    // What only people have labelled so far can be labelled again.
    let table = match labels {
        Some(labels) if table.judgments.is_empty() => labels,
        _ => table,
    };
    let (mut frame, imported) = Imported::frame(&args.results, stored, &table)?;
    if frame.comparisons.is_empty() {
        return Err(Failure::Input(format!(
            "the records of {} do not hold the answers that were compared, so there is nothing to show to people; import `{}` together with its files of answers and questions where it has such, or label a run of oyer",
            args.results.display(),
            stored.format
        )));
    }
    let seed = args.seed.unwrap_or_default();
    let drawn = draw(args, seed, &mut frame)?;
    let read = imported.texts(&frame, &wanted(&drawn))?;
    let mut names: Vec<String> = table
        .contests
        .iter()
        .flat_map(|contest| [contest.candidate.clone(), contest.opponent.clone()])
        .collect();
    names.sort();
    names.dedup();
    let whose = Whose {
        models: names,
        simulated: table.simulated,
    };
    finish(args, seed, &frame, &drawn, &read, &whose)
}

/// Whose answers are labelled.
struct Whose {
    models: Vec<String>,
    /// Models and judges that are simulated.
    simulated: BTreeSet<String>,
}

fn draw(args: &LabelStudioArgs, seed: u64, frame: &mut Frame) -> Result<Drawn, Failure> {
    if args.criterion.is_empty() {
        frame.drop_unasked();
    } else {
        frame.only(&args.criterion).map_err(Failure::Input)?;
    }
    let by = (!args.by.is_empty()).then(|| args.by.iter().flat_map(|by| split(by)).collect());
    let default = if args.annotators > 1 { 0.2 } else { 0.0 };
    let design = Design {
        n: args.n,
        seed,
        annotators: args.annotators,
        double: args.double.unwrap_or(default),
        by,
    };
    sample(frame, &design).map_err(|error| Failure::Input(error.to_string()))
}

/// The comparisons that are labelled.
fn wanted(drawn: &Drawn) -> HashSet<usize> {
    let assignments = drawn.assignments.iter();
    assignments.map(|one| one.comparison).collect()
}

/// What was written, for programs and for people.
#[derive(Serialize)]
struct Summary {
    name: String,
    results: String,
    seed: u64,
    comparisons: usize,
    labelled_twice: usize,
    subgroups_by: Vec<String>,
    subgroups: Vec<Subgroup>,
    criteria: Vec<String>,
    annotators: Vec<Annotator>,
    labelling_config: String,
    key: String,
    left_out: Vec<LeftOut>,
    notes: Vec<String>,
    /// Whether any file is new.
    written: bool,
}

#[derive(Serialize)]
struct Subgroup {
    levels: BTreeMap<String, String>,
    there: usize,
    drawn: usize,
    twice: usize,
}

#[derive(Serialize)]
struct Annotator {
    number: u32,
    tasks: usize,
    file: String,
}

#[derive(Serialize)]
struct LeftOut {
    reason: String,
    comparisons: u64,
}

fn finish(
    args: &LabelStudioArgs,
    seed: u64,
    frame: &Frame,
    drawn: &Drawn,
    read: &HashMap<usize, Texts>,
    whose: &Whose,
) -> Result<Done, Failure> {
    let name = match &args.name {
        Some(name) => checked(name)?,
        None => format!("n{}-seed{seed}", args.n),
    };
    let places = Places::new(args, &name);
    let mut files = vec![NewFile {
        path: places.key.clone(),
        bytes: key_of(frame, drawn).to_csv(),
    }];
    let mut annotators = Vec::new();
    for number in 1..=args.annotators {
        let own: Vec<&Assignment> = drawn
            .assignments
            .iter()
            .filter(|one| one.annotator == number)
            .collect();
        let text = tasks::tasks(frame, &own, |index| {
            let texts = read.get(&index).cloned();
            texts.ok_or_else(|| Failure::Internal("an answer was there and is not".to_owned()))
        })?;
        let path = places.tasks(number);
        annotators.push(Annotator {
            number,
            tasks: own.len(),
            file: path.display().to_string(),
        });
        files.push(NewFile {
            path,
            bytes: text.into_bytes(),
        });
    }
    files.push(NewFile {
        path: places.config.clone(),
        bytes: config::config(frame).into_bytes(),
    });
    let written = files::write_all(&files)?;
    let mut notes = drawn.notes.clone();
    notes.extend(names_in(read.values(), &whose.models));
    if !frame.judge_ties {
        notes.push(
            "the rubric lets its judge call no tie, and people may; `oyer agree --ties drop` leaves theirs out"
                .to_owned(),
        );
    }
    if !whose.simulated.is_empty() {
        let names: Vec<&str> = whose.simulated.iter().map(String::as_str).collect();
        notes.insert(
            0,
            format!(
                "SIMULATED: models or judges are simulated ({}); labels of their answers say nothing of any real model",
                names.join("; ")
            ),
        );
    }
    let summary = Summary {
        name,
        results: args.results.display().to_string(),
        seed,
        comparisons: drawn.comparisons(),
        labelled_twice: drawn.twice(),
        subgroups_by: drawn.by.clone(),
        subgroups: subgroups(drawn),
        criteria: frame.criteria.iter().map(|one| one.key.clone()).collect(),
        annotators,
        labelling_config: places.config.display().to_string(),
        key: places.key.display().to_string(),
        left_out: frame
            .left_out
            .iter()
            .map(|(reason, comparisons)| LeftOut {
                reason: reason.clone(),
                comparisons: *comparisons,
            })
            .collect(),
        notes,
        written,
    };
    match args.format {
        CheckFormat::Json => output::print_json(&summary)?,
        CheckFormat::Table => output::print(&page(&summary))?,
    }
    Ok(Done::Complete)
}

fn checked(name: &str) -> Result<String, Failure> {
    let is_plain = !name.is_empty()
        && !name.starts_with('.')
        && !name.contains(['/', '\\'])
        && name.chars().all(|c| !c.is_control());
    if is_plain {
        Ok(name.to_owned())
    } else {
        Err(Failure::Input(format!(
            "--name {name:?} is no name of a file; expected letters and digits, such as pilot-1"
        )))
    }
}

/// Where the files go.
struct Places {
    key: PathBuf,
    config: PathBuf,
    /// The folder of the tasks, and how their names begin and end.
    folder: PathBuf,
    stem: String,
    annotators: u32,
    is_file: bool,
}

impl Places {
    fn new(args: &LabelStudioArgs, name: &str) -> Self {
        let home = args.results.join(FOLDER);
        let key = home.join(format!("{name}{SUFFIX}"));
        let out = args.out.clone().unwrap_or_else(|| home.join(name));
        let extension = out.extension().and_then(std::ffi::OsStr::to_str);
        let is_file = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let (folder, stem) = if is_file {
            let stem = out.file_stem().unwrap_or_default().to_string_lossy();
            let folder = out.parent().unwrap_or(Path::new("")).to_owned();
            (folder, stem.into_owned())
        } else {
            (out, "tasks".to_owned())
        };
        let config = folder.join(if is_file {
            format!("{stem}.xml")
        } else {
            "labelling-config.xml".to_owned()
        });
        Self {
            key,
            config,
            folder,
            stem,
            annotators: args.annotators,
            is_file,
        }
    }

    fn tasks(&self, annotator: u32) -> PathBuf {
        let stem = &self.stem;
        self.folder.join(if self.is_file && self.annotators == 1 {
            format!("{stem}.json")
        } else {
            format!("{stem}-{annotator}.json")
        })
    }
}

fn subgroups(drawn: &Drawn) -> Vec<Subgroup> {
    let strata = drawn.strata.iter();
    strata
        .map(|stratum| Subgroup {
            levels: drawn
                .by
                .iter()
                .cloned()
                .zip(stratum.levels.iter().cloned())
                .collect(),
            there: stratum.there,
            drawn: stratum.drawn,
            twice: stratum.twice,
        })
        .collect()
}

/// What was written, for people.
fn page(summary: &Summary) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}: {} to label by {}, {} of them by two annotators (seed {})",
        escape(&summary.name),
        counted(summary.comparisons as u64, "comparison"),
        escape(&summary.criteria.join(", ")),
        summary.labelled_twice,
        summary.seed
    );
    for annotator in &summary.annotators {
        let _ = writeln!(
            text,
            "annotator-{}: {} in {}",
            annotator.number,
            counted(annotator.tasks as u64, "task"),
            escape(&annotator.file)
        );
    }
    let _ = writeln!(
        text,
        "labelling interface: {}",
        escape(&summary.labelling_config)
    );
    let _ = writeln!(
        text,
        "key: {} (keep it from the annotators: it says which answer is whose)",
        escape(&summary.key)
    );
    if !summary.written {
        let _ = writeln!(text, "All of these files were there already, and the same.");
    }
    if !summary.subgroups_by.is_empty() {
        let _ = writeln!(
            text,
            "\nsubgroups by {}: there, drawn, of these twice",
            escape(&summary.subgroups_by.join(", "))
        );
        for subgroup in &summary.subgroups {
            let by = summary.subgroups_by.iter();
            let levels: Vec<&str> = by
                .filter_map(|name| subgroup.levels.get(name).map(String::as_str))
                .collect();
            let _ = writeln!(
                text,
                "  {}: {}, {}, {}",
                escape(&levels.join(", ")),
                subgroup.there,
                subgroup.drawn,
                subgroup.twice
            );
        }
    }
    for left_out in &summary.left_out {
        let _ = writeln!(
            text,
            "{} left out: {}",
            counted(left_out.comparisons, "comparison"),
            escape(&left_out.reason)
        );
    }
    for note in &summary.notes {
        let _ = writeln!(text, "Note: {}.", escape(note));
    }
    let _ = writeln!(
        text,
        "\nMake a Label Studio project for each annotator with this interface and their file of tasks;\nafterwards `oyer agree {} --labels EXPORT.json` reads what Label Studio exports (JSON or JSON-MIN).",
        escape(&summary.results)
    );
    text
}

impl From<FilesError> for Failure {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Taken(_) => Self::Input(error.to_string()),
            FilesError::Io { .. } => Self::Incomplete(error.to_string()),
        }
    }
}
