//! From the path of a study file to a validated [`Study`], or to all that is wrong
//! with it.
//!
//! Nothing stops at the first problem. What follows only from a problem already
//! told (an unknown persona where the persona table could not be read) is not
//! told again.

mod no_study;
mod parts;
mod seen;

pub(super) use parts::Parts;
pub use parts::UNFINISHED;
pub use seen::Seen;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::compare::{self, Entries};
use super::entry::Draft;
use super::report_settings::{self, Known};
use super::settings::{self, ReadJudging};
use super::tables::Read;
use super::templates::{self, TemplatePlace};
use super::variants::{self, ReadVariants, Variants};
use super::{
    Compare, Entry, Judging, KeyFault, ReportOptions, Structured, Study, checks, file, keys,
    structured,
};
use crate::input::schema;
use crate::input::section::Section;
use crate::input::source::Source;
use crate::problem::{Problem, Severity};
use no_study::{refused, unreadable, wrong_file};
use seen::known_dimensions;

/// What became of a study file.
#[derive(Debug)]
pub struct Loaded {
    /// The study; `None` exactly where a problem is an error.
    pub study: Option<Study>,
    /// Everything found, the study file's first, each file's from top to bottom.
    pub problems: Vec<Problem>,
    /// The study file and the tables that it names, as far as they could be read.
    pub files: Vec<PathBuf>,
    /// What the templates of a refused study can be tried on, where they could be read.
    pub seen: Option<Seen>,
    file: PathBuf,
    /// Entries and the variables of their keys.
    key_variables: Vec<(String, String)>,
    templates: Vec<TemplatePlace>,
    /// Line and column of each `api_key_env`, or of its entry.
    key_places: BTreeMap<String, (usize, usize)>,
}

impl Loaded {
    /// An error, with its place in the study file, for each key that a run needs
    /// and that cannot be sent; also of a study that is refused for other reasons.
    /// `fault` says what is wrong with an environment variable.
    pub fn unusable_keys(&self, fault: impl Fn(&str) -> Option<KeyFault>) -> Vec<Problem> {
        let mut unusable = keys::unusable(&self.key_variables, fault, &self.file);
        for problem in &mut unusable {
            let place = problem.field.as_ref().and_then(|f| self.key_places.get(f));
            if let Some((line, column)) = place {
                problem.line = Some(*line);
                problem.column = Some(*column);
            }
        }
        unusable
    }

    /// What is wrong with the study's templates, with their files and with the places
    /// in the study file that name them.
    pub fn place_templates(&self, problems: Vec<Problem>) -> Vec<Problem> {
        problems
            .into_iter()
            .map(|problem| templates::placed(&self.templates, &self.file, problem))
            .collect()
    }
}

/// Reads the study file at `path` and everything that it names; paths in it start
/// at its folder.
pub fn load(path: &Path) -> Loaded {
    load_file(path, true)
}

/// Reads a study file for its questions and truth, as where the answers were made elsewhere:
/// where nothing is compared, it may have no models.
pub fn load_unasked(path: &Path) -> Loaded {
    load_file(path, false)
}

fn load_file(path: &Path, asks_models: bool) -> Loaded {
    let source = match fs::read(path) {
        Ok(bytes) => match wrong_file(path, &bytes) {
            None => Source::new(path, bytes),
            Some(problem) => return refused(path, problem),
        },
        Err(error) => return unreadable(path, &error),
    };
    read(
        &source,
        path.parent().unwrap_or(Path::new("")),
        vec![path.to_owned()],
        asks_models,
    )
}

/// Reads the tables that `oyer survey build` wrote into a folder as a study that asks
/// the survey's questions of every subgroup; no model is named in it.
pub fn load_tables(folder: &Path, prompts: &TablePrompts<'_>) -> Loaded {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let text = format!(
        "name = \"survey\"\n\
         [data]\npersonas = \"personas.csv\"\ntruth = \"truth.csv\"\n\
         [judging]\npersona_prompt = {}\n\
         [structured]\nquestions = \"questions.csv\"\nprompt = {}\n",
        quoted(prompts.persona),
        quoted(prompts.question),
    );
    let source = Source::new(folder, text.as_bytes());
    let mut loaded = read(&source, folder, Vec::new(), false);
    let problems = loaded.problems.iter_mut();
    for problem in problems.filter(|problem| problem.file == folder) {
        place_in_tables(problem, folder);
    }
    loaded
}

/// Names what a problem of a study that nobody wrote is about: one of its tables, or a flag.
fn place_in_tables(problem: &mut Problem, folder: &Path) {
    (problem.line, problem.column) = (None, None);
    let field = problem.field.take();
    let table = match field.as_deref() {
        Some("data.personas") => "personas.csv",
        Some("data.truth") => "truth.csv",
        Some("structured.questions") => "questions.csv",
        Some("judging.persona_prompt") => {
            problem.field = Some("--persona-prompt".to_owned());
            return;
        }
        Some("structured.prompt") => {
            problem.field = Some("--prompt".to_owned());
            return;
        }
        _ => {
            problem.field = field;
            return;
        }
    };
    problem.file = folder.join(table);
}

/// The templates by which tables without a study file are asked: built-in names or paths.
#[derive(Debug, Clone, Copy)]
pub struct TablePrompts<'a> {
    /// Of the system message.
    pub persona: &'a str,
    /// Of the user message.
    pub question: &'a str,
}

/// Reads a study file's text; `files` are those that it was read from.
fn read(source: &Source, dir: &Path, files: Vec<PathBuf>, asks_models: bool) -> Loaded {
    let path = source.path.as_path();
    let mut problems = Vec::new();
    let (top, complete) = schema::read(source, file::STUDY, &mut problems);
    problems.extend(source.encoding_problem());
    let mut loader = Loader {
        source,
        dir,
        top: &top,
        asks_models,
        problems,
        files,
    };
    let parts = loader.parts();
    // After a syntax error a key may be missing only because it was not understood.
    let whole = if complete {
        loader.whole(parts)
    } else {
        Whole::default()
    };
    let Loader {
        mut problems,
        files,
        ..
    } = loader;
    sort(&mut problems, path);
    let refused = problems.iter().any(|p| p.severity == Severity::Error);
    Loaded {
        study: whole.study.filter(|_| !refused),
        problems,
        files,
        seen: whole.seen,
        file: path.to_owned(),
        key_variables: whole.key_variables,
        templates: whole.templates,
        key_places: key_places(source, &top),
    }
}

/// The study file first, then the others as they were met; each from the top.
fn sort(problems: &mut [Problem], study_file: &Path) {
    let mut files = vec![study_file.to_owned()];
    for problem in problems.iter() {
        if !files.contains(&problem.file) {
            files.push(problem.file.clone());
        }
    }
    problems.sort_by_key(|problem| {
        let file = files.iter().position(|file| *file == problem.file);
        (file, problem.line, problem.column)
    });
}

fn key_places(source: &Source, top: &Section) -> BTreeMap<String, (usize, usize)> {
    let mut places = BTreeMap::new();
    let tables = ["models", "judges"]
        .into_iter()
        .filter_map(|key| top.table(key));
    for entry in tables.flat_map(Section::tables) {
        let offset = entry
            .text("api_key_env")
            .map_or(entry.offset, |spot| spot.offset);
        places.insert(entry.field("api_key_env"), source.place(offset));
    }
    places
}

/// What comes of the parts together, as far as they go together.
#[derive(Default)]
struct Whole {
    study: Option<Study>,
    seen: Option<Seen>,
    key_variables: Vec<(String, String)>,
    templates: Vec<TemplatePlace>,
}

struct Loader<'a> {
    source: &'a Source,
    dir: &'a Path,
    top: &'a Section,
    asks_models: bool,
    problems: Vec<Problem>,
    files: Vec<PathBuf>,
}

impl Loader<'_> {
    fn errors(&self) -> usize {
        let errors = self.problems.iter();
        errors.filter(|p| p.severity == Severity::Error).count()
    }

    /// Reads what ties the parts together and checks them against each other.
    fn whole(&mut self, parts: Parts) -> Whole {
        let compare = self.compare(&parts);
        let read = self.judging(&parts);
        let judging = read.as_ref().filter(|read| read.whole);
        let judging = judging.map(|read| read.judging.clone());
        let seen = read.map(|read| read.judging);
        let report = self.report(&parts);
        self.check(&parts, compare.as_ref(), judging.as_ref());
        let structured = self.structured(&parts);
        if let Some(structured) = &structured {
            let mut checks = self.checks(&parts);
            checks.structured_truth(structured);
            checks.question_splits(structured);
            checks.structured_answers(structured.samples);
        }
        let read_variants = self.variants();
        let variants = read_variants.as_ref().map(|read| &read.variants);
        let variants = variants.filter(|variants| !variants.persona_prompts.is_empty());
        let absent = Section::absent("judging");
        let section = self.top.table("judging").unwrap_or(&absent);
        let refused = seen.as_ref().filter(|_| self.errors() > 0);
        let refused =
            refused.map(|judging| self.seen(&parts, judging, structured.as_ref(), variants));
        Whole {
            key_variables: keys::of_entries(
                parts.models.iter().map(|draft| &draft.entry),
                parts.judges.iter().map(|draft| &draft.entry),
                compare.as_ref().filter(|_| !self.top.has("structured")),
                seen.as_ref(),
            ),
            templates: seen.as_ref().map_or_else(Vec::new, |judging| {
                let survey = self.top.table("structured");
                let survey = survey.zip(structured.as_ref().map(|s| s.prompt.name.as_str()));
                let variants = self.top.table("variants");
                let sections = [Some(section), variants];
                templates::places(self.source, sections, judging, survey, self.dir)
            }),
            seen: refused,
            study: {
                let variants = read_variants.filter(|read| read.whole);
                let variants = variants.map(|read| read.variants);
                self.study(parts, compare, judging, report, (structured, variants))
            },
        }
    }

    fn checks<'c>(&'c mut self, parts: &'c Parts) -> checks::Checks<'c> {
        checks::Checks {
            source: self.source,
            top: self.top,
            asks_models: self.asks_models,
            parts,
            problems: &mut self.problems,
        }
    }

    fn check(&mut self, parts: &Parts, compare: Option<&Compare>, judging: Option<&Judging>) {
        let mut check = self.checks(parts);
        check.name();
        check.comparisons_are_whole();
        check.entries_exist();
        check.identities();
        check.files();
        check.use_of_models(compare);
        check.use_of_judges(judging);
        check.truth(judging);
        check.answers(compare);
    }

    fn study(
        &self,
        parts: Parts,
        compare: Option<Compare>,
        judging: Option<Judging>,
        report: ReportOptions,
        (structured, variants): (Option<Structured>, Option<Variants>),
    ) -> Option<Study> {
        let personas = parts.personas?;
        let questions = match parts.questions {
            None if self.has_only_structured() => Read::none("question"),
            questions => questions?,
        };
        if structured.is_none() && self.top.has("structured")
            || variants.is_none() && self.top.has("variants")
        {
            return None;
        }
        Some(Study {
            name: self.top.text("name")?.value.to_owned(),
            seed: self
                .top
                .whole("seed")
                .map_or(0, |seed| seed.value.unsigned_abs()),
            dimensions: personas.columns,
            covariates: questions.columns,
            personas: personas.rows,
            questions: questions.rows,
            truths: parts.truths?.open,
            models: entries(parts.models),
            judges: entries(parts.judges),
            compare: compare?,
            judging: judging?,
            report,
            structured,
            variants,
        })
    }

    /// Whether the study asks structured questions and compares nothing.
    fn has_only_structured(&self) -> bool {
        self.top.has("structured") && !self.top.has("compare")
    }

    fn structured(&mut self, parts: &Parts) -> Option<Structured> {
        let section = self.top.table("structured")?;
        let (source, problems) = (self.source, &mut self.problems);
        structured::load::check(source, section, &parts.models, problems);
        if let (Some(open), Some(survey)) = (&parts.questions, &parts.structured_questions) {
            structured::load::check_links(source, section, &open.rows, survey, problems);
        }
        let questions = parts.structured_questions.as_ref();
        let questions = questions.map(|read| read.rows.clone());
        let truths = parts.truths.as_ref();
        let truths = truths.map(|truths| truths.structured.clone());
        structured::load::read(source, section, self.dir, questions, truths, problems)
    }

    fn variants(&mut self) -> Option<ReadVariants> {
        let section = self.top.table("variants")?;
        let judging = self.top.table("judging");
        let (source, problems) = (self.source, &mut self.problems);
        variants::read(source, section, judging, self.dir, problems)
    }

    fn compare(&mut self, parts: &Parts) -> Option<Compare> {
        if self.has_only_structured() {
            return Some(Compare {
                pairs: Vec::new(),
                samples: 1,
            });
        }
        let section = self.top.table("compare")?;
        let models = Entries::new(&parts.models, self.top.table("models"));
        Some(compare::read(
            self.source,
            section,
            &models,
            &mut self.problems,
        ))
    }

    fn judging(&mut self, parts: &Parts) -> Option<ReadJudging> {
        let absent = Section::absent("judging");
        let section = self.top.table("judging").unwrap_or(&absent);
        let judges = Entries::new(&parts.judges, self.top.table("judges"));
        let judging =
            settings::judging(self.source, section, &judges, self.dir, &mut self.problems);
        let mut read = judging?;
        if self.has_only_structured() {
            // Without a comparison there is nothing to judge.
            read.judging.judges.clear();
        }
        Some(read)
    }

    fn report(&mut self, parts: &Parts) -> ReportOptions {
        let absent = Section::absent("report");
        let section = self.top.table("report").unwrap_or(&absent);
        let known = Known {
            dimensions: known_dimensions(parts).map(|read| &read.columns[..]),
            covariates: parts.questions.as_ref().map(|read| &read.columns[..]),
            questions: parts.questions.as_ref().map_or(&[], |read| &read.rows),
            models: &parts.models,
        };
        report_settings::report(self.source, section, known, &mut self.problems)
    }
}

fn entries(drafts: Vec<Draft>) -> Vec<Entry> {
    let entry = |draft: Draft| Entry {
        answers: draft.answers.given,
        structured_answers: draft.structured.given,
        ..draft.entry
    };
    drafts.into_iter().map(entry).collect()
}
