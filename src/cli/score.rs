//! `oyer survey score RESULTS|ANSWERS`

use std::path::{Path, PathBuf};

use oyer::analysis::scores::metrics::{Normaliser, Treatment};
use oyer::analysis::scores::report::ScoreReport;
use oyer::analysis::scores::{self, ScoreClusters, ScoreOptions, Unstable};
use oyer::answers::outside::Outside;
use oyer::answers::{Answer, AnswerTable, Given, Missing, table_io};
use oyer::report;
use oyer::stats::Level;
use oyer::study::{AnswerForm, PersonaPopulation, ReportOptions, Study};
use oyer::text::{counted_of, escape, form};

use super::args::{
    AnswerArgs, ClusterBy, MissingAs, NormaliseBy, Population, ReportFormat, ScoreArgs,
    ScoringFlags, UnstableTruth,
};
use super::error::Failure;
use super::report::say_incomplete;
use super::results::Results;
use super::{Done, load, output};

pub(crate) fn score(args: &ScoreArgs) -> Result<Done, Failure> {
    let source = Source::read(&args.answers)?;
    let options = ScoreOptions {
        personas: match args.personas {
            Some(Population::Sampled) => PersonaPopulation::Sampled,
            Some(Population::Fixed) => PersonaPopulation::Fixed,
            None => source.personas,
        },
        cluster: match args.cluster {
            None => ScoreClusters::Auto,
            Some(ClusterBy::Question) => ScoreClusters::Question,
            Some(ClusterBy::Persona) => ScoreClusters::Persona,
            Some(ClusterBy::Both) => ScoreClusters::Both,
        },
        control_variant: source.control(args.control.as_deref())?,
        ..options(&args.answers, &source)?
    };
    let mut made = scores::score(&source.table, &options)
        .map_err(|error| Failure::Input(error.to_string()))?;
    made.study = source.study;
    made.notes.splice(0..0, source.notes);
    output::print(&render(&made, args.answers.format))?;
    say_incomplete(source.not_asked.as_slice());
    Ok(if source.not_asked.is_none() {
        done(&made)
    } else {
        Done::Incomplete
    })
}

/// Scores that are withheld over all items of a model wait for answers.
pub(crate) fn done(made: &ScoreReport) -> Done {
    if made.models.iter().any(|row| row.withheld.is_some()) {
        Done::Incomplete
    } else {
        Done::Complete
    }
}

/// Scores in the format that was asked for.
pub(crate) fn render(made: &ScoreReport, format: ReportFormat) -> String {
    match format {
        ReportFormat::Table => report::table::render_scores(made, output::style()),
        ReportFormat::Json => report::json::render_scores(made),
        ReportFormat::Csv => report::csv::render_scores(made),
        ReportFormat::Md => report::markdown::render_scores(made),
    }
}

/// The scores of a study's own answers, by its own settings.
pub(crate) fn of_run(study: &Study, table: &AnswerTable) -> Result<ScoreReport, Failure> {
    let mut options = ScoreOptions {
        pairs: pairs_of(study),
        control_variant: control(study),
        ..ScoreOptions::default()
    };
    options.personas = study.report.personas;
    options.coverage_floor = study.report.coverage_floor;
    options.level = Level::new(study.report.level).unwrap_or_default();
    let mut made =
        scores::score(table, &options).map_err(|error| Failure::Input(error.to_string()))?;
    made.study = Some(study.name.clone());
    let is_asked = asks_probabilities(study);
    let before = simulated(&table.simulated).into_iter();
    made.notes
        .splice(0..0, before.chain(without_probabilities(table, is_asked)));
    Ok(made)
}

/// Answers, and what their study says of how to report them.
pub(crate) struct Source {
    pub(crate) table: AnswerTable,
    pub(crate) study: Option<String>,
    /// The study's, else 0.
    pub(crate) seed: u64,
    /// The phrasing that the study names as the control.
    control: Option<String>,
    personas: PersonaPopulation,
    level: f64,
    coverage_floor: f64,
    pairs: Vec<(String, String)>,
    /// On simulated models, on rows that are left out, and on what was not asked for, where
    /// there are any.
    pub(crate) notes: Vec<String>,
    /// What was not asked for, where not everything planned was.
    pub(crate) not_asked: Option<String>,
}

impl Source {
    pub(crate) fn read(args: &AnswerArgs) -> Result<Self, Failure> {
        if let Some(path) = &args.source {
            refuse_unused(args, path)?;
        }
        match (&args.source, &args.study) {
            (Some(path), _) if path.is_dir() => {
                let results = Results::open(path)?;
                let study = results.plan.study();
                if study.structured.is_none() {
                    return Err(Failure::Input(format!(
                        "the study of {} asks no structured questions: it has no [structured]",
                        path.display()
                    )));
                }
                let split = args.split.as_deref();
                Ok(Self::of(study, results.collect()?.answers, split))
            }
            (Some(path), _) => {
                let mut table = read_table(path)?;
                let not_asked = leave_out_items_not_begun(&mut table, args.split.as_deref());
                Ok(Self {
                    notes: simulated(&table.simulated)
                        .into_iter()
                        .chain(without_probabilities(&table, false))
                        .chain(not_asked.clone())
                        .collect(),
                    not_asked,
                    table,
                    study: None,
                    seed: 0,
                    control: None,
                    personas: PersonaPopulation::Sampled,
                    level: Level::DEFAULT.get(),
                    coverage_floor: ReportOptions::default().coverage_floor,
                    pairs: Vec::new(),
                })
            }
            (None, Some(study)) => Self::outside(args, study),
            (None, None) => Err(Failure::Input(
                "name a results folder or an answers table, or give --study and --responses"
                    .to_owned(),
            )),
        }
    }

    fn of(study: &Study, mut table: AnswerTable, split: Option<&str>) -> Self {
        let not_asked = leave_out_items_not_begun(&mut table, split);
        Self {
            notes: simulated(&table.simulated)
                .into_iter()
                .chain(without_probabilities(&table, asks_probabilities(study)))
                .chain(not_asked.clone())
                .collect(),
            not_asked,
            table,
            study: Some(study.name.clone()),
            seed: study.seed,
            control: control(study),
            personas: study.report.personas,
            level: study.report.level,
            coverage_floor: study.report.coverage_floor,
            pairs: pairs_of(study),
        }
    }

    /// The phrasing that the others are compared with: that asked for, else the study's.
    fn control(&self, asked: Option<&str>) -> Result<Option<String>, Failure> {
        let Some(asked) = asked else {
            return Ok(self.control.clone());
        };
        let known = self.table.variants();
        if known.iter().any(|name| **name == *asked) {
            return Ok(Some(asked.to_owned()));
        }
        let names: Vec<_> = known.iter().map(|name| escape(name)).collect();
        let known = if names.is_empty() {
            "the answers are in one phrasing only; leave out --control".to_owned()
        } else {
            format!("name one of {}", names.join(", "))
        };
        Err(Failure::Input(format!(
            "--control: there is no phrasing `{}`; {known}",
            escape(asked)
        )))
    }

    /// Answers from files, against the truth of a study.
    fn outside(args: &AnswerArgs, path: &Path) -> Result<Self, Failure> {
        let loaded = load::load_unasked(path)?;
        load::warn(&loaded.warnings);
        let study = loaded.plan.study();
        if study.structured.is_none() {
            return Err(Failure::Input(format!(
                "{} has no [structured], so there are no questions with scales to score by",
                path.display()
            )));
        }
        if args.model.len() > args.responses.len() {
            return Err(Failure::Input(
                "there are more names of models than files; give --responses FILE --model NAME once for each model"
                    .to_owned(),
            ));
        }
        let names = model_names(&args.responses, &args.model)?;
        let mut outside = Outside::new(study).skipping_unknown(args.skip_unknown);
        for (name, file) in names.iter().zip(&args.responses) {
            let bytes = std::fs::read(file).map_err(|error| {
                Failure::Input(format!("cannot read {}: {error}", file.display()))
            })?;
            outside.add(name, file, &bytes).map_err(Failure::Problems)?;
        }
        let notes = outside.notes().to_vec();
        Ok(Self {
            pairs: Vec::new(),
            // No file of answers that were made elsewhere has probabilities.
            notes,
            ..Self::of(study, outside.finish(), args.split.as_deref())
        })
    }
}

/// Leaves out items of which nothing was asked, as win rates do, and says how much was not;
/// of a split where one is scored; where nothing was asked of any, all of them stay.
pub(crate) fn leave_out_items_not_begun(
    table: &mut AnswerTable,
    split: Option<&str>,
) -> Option<String> {
    let is_asked = |answer: &Answer| answer.given != Given::Missing(Missing::NotRun);
    if !table.answers.iter().any(is_asked) {
        return None;
    }
    let not_asked = table.leave_out_items_not_begun(split);
    not_asked.sentence("structured answer")
}

/// Refuses what is of use beside `--responses` only.
fn refuse_unused(args: &AnswerArgs, path: &Path) -> Result<(), Failure> {
    for (is_given, flag) in [
        (args.study.is_some(), "--study"),
        (!args.model.is_empty(), "--model"),
        (args.skip_unknown, "--skip-unknown"),
    ] {
        if is_given {
            return Err(Failure::Input(format!(
                "{} has models, questions, scales and truth of its own, so {flag} would change nothing; leave out {flag}, or give answers that were made elsewhere as --study STUDY --responses FILE",
                path.display()
            )));
        }
    }
    Ok(())
}

/// The model that each file is of: as it is named, else the file's name.
fn model_names(files: &[PathBuf], given: &[String]) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let same = |other: &PathBuf| {
            let path = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
            path(other) == path(file)
        };
        if files[..index].iter().any(same) {
            return Err(Failure::Input(format!(
                "{} is given twice; a file has the answers of one model",
                file.display()
            )));
        }
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let name = given.get(index).map_or(&*stem, String::as_str);
        if let Some(other) = names.iter().position(|known| known == name) {
            return Err(Failure::Input(format!(
                "{} and {} would both be the model `{}`; give each file a name of its own with --model NAME, in the order of the files",
                files[other].display(),
                file.display(),
                escape(name)
            )));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// Which models are simulated, so that nobody takes their answers for a model's.
pub(crate) fn simulated(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| {
        let are = form(names.len() as u64, "is", "are");
        format!(
            "{} {are} simulated: their answers are made up",
            names.join(" and ")
        )
    })
}

fn asks_probabilities(study: &Study) -> bool {
    let structured = study.structured.as_ref();
    structured.is_some_and(|structured| structured.answer == AnswerForm::Logprobs)
}

/// How many answers have no probabilities of the options, where those are asked for or
/// other answers have them.
fn without_probabilities(table: &AnswerTable, is_asked: bool) -> Option<String> {
    let answers = table.answers.iter();
    let answered = answers.filter(|answer| answer.given.option().is_some());
    let (mut all, mut without) = (0, 0);
    for answer in answered {
        all += 1;
        without += u64::from(answer.distribution.is_none());
    }
    (without > 0 && (is_asked || without < all)).then(|| {
        format!(
            "{} {} no probabilities of the options, and {} as the option that was drawn",
            counted_of(without, all, "answer"),
            form(without, "has", "have"),
            form(without, "counts", "count")
        )
    })
}

/// The phrasing that a study names as the control.
fn control(study: &Study) -> Option<String> {
    let variants = study.variants.as_ref()?;
    variants.control().map(str::to_owned)
}

/// The comparisons of a study, which its structured answers are compared by too.
fn pairs_of(study: &Study) -> Vec<(String, String)> {
    let name = |model: usize| study.models[model].name.clone();
    let pairs = study.compare.pairs.iter();
    pairs
        .map(|pair| (name(pair.candidate), name(pair.opponent)))
        .collect()
}

/// Reads an answers table.
pub(crate) fn read_table(path: &Path) -> Result<AnswerTable, Failure> {
    let file = std::fs::File::open(path).map_err(|error| {
        Failure::Input(format!(
            "cannot read {}: {error}; name a results folder or an answers table (CSV or JSONL)",
            path.display()
        ))
    })?;
    let format = table_io::Format::of_name(path);
    table_io::read(path, file, format).map_err(Failure::Problems)
}

impl From<NormaliseBy> for Normaliser {
    fn from(by: NormaliseBy) -> Self {
        match by {
            NormaliseBy::Range => Self::Range,
            NormaliseBy::MaxDistance => Self::MaxDistance,
            NormaliseBy::ScaleSize => Self::ScaleSize,
            NormaliseBy::None => Self::None,
        }
    }
}

impl From<MissingAs> for Treatment {
    fn from(missing: MissingAs) -> Self {
        match missing {
            MissingAs::Excluded => Self::Excluded,
            MissingAs::Wrong => Self::Wrong,
            MissingAs::Middle => Self::Middle,
            MissingAs::Guess => Self::Guess,
        }
    }
}

impl From<UnstableTruth> for Unstable {
    fn from(unstable: UnstableTruth) -> Self {
        match unstable {
            UnstableTruth::Keep => Self::Keep,
            UnstableTruth::Drop => Self::Drop,
            UnstableTruth::Weight => Self::Weight,
        }
    }
}

impl ScoringFlags {
    /// How to score, as far as these flags say.
    pub(crate) fn options(&self) -> ScoreOptions {
        ScoreOptions {
            normaliser: self.normaliser.into(),
            missing: self.missing.into(),
            unstable: self.unstable.into(),
            unstable_above: self.unstable_above,
            ..ScoreOptions::default()
        }
    }
}

/// How to score, by the command line and else by the study.
pub(crate) fn options(args: &AnswerArgs, source: &Source) -> Result<ScoreOptions, Failure> {
    let level = args.level.unwrap_or(source.level);
    Ok(ScoreOptions {
        level: Level::new(level).map_err(|error| Failure::Input(error.to_string()))?,
        coverage_floor: args.coverage_floor.unwrap_or(source.coverage_floor),
        split: args.split.clone(),
        pairs: if args.pair.is_empty() {
            source.pairs.clone()
        } else {
            args.pair.clone()
        },
        ..args.scoring.options()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_are_never_one_model() {
        let names = |files: &[&str], named: &[&str]| {
            let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
            model_names(&files, &named).map_err(|failure| failure.to_string())
        };
        assert_eq!(names(&["a/m.csv", "b/n.csv"], &[]).unwrap(), ["m", "n"]);
        let twice = names(&["a/m.csv", "b/m.csv"], &[]).unwrap_err();
        assert!(twice.contains("--model NAME"), "{twice}");
        assert!(names(&["a/m.csv", "b/m.csv"], &["x", "x"]).is_err());
        assert!(names(&["a/m.csv", "b/m.csv"], &["x", "y"]).is_ok());
        let same = names(&["a/m.csv", "a/m.csv"], &["x", "y"]).unwrap_err();
        assert!(same.contains("given twice"), "{same}");
    }
}
