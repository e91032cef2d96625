//! From the path of a study file to a validated [`Study`], or to all that is wrong
//! with it.
//!
//! Nothing stops at the first problem. What follows only from a problem already
//! told (an unknown persona where the persona table could not be read) is not
//! told again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::compare::{self, Entries};
use super::entry::{self, Draft, Role};
use super::schema;
use super::section::{Section, Spot};
use super::settings::{self, ReportColumns};
use super::source::{Source, shown};
use super::table::Table;
use super::tables::{self, Read};
use super::{
    Compare, Entry, FileAnswer, Judging, Persona, Question, ReportOptions, Study, Truth, answers,
    checks, file, keys,
};
use crate::problem::{Problem, Severity};

/// What became of a study file.
#[derive(Debug)]
pub struct Loaded {
    /// The study; `None` exactly where a problem is an error.
    pub study: Option<Study>,
    /// Everything found, the study file's first, each file's from top to bottom.
    pub problems: Vec<Problem>,
    /// The study file and the tables that it names, as far as they could be read.
    pub files: Vec<PathBuf>,
    file: PathBuf,
    /// Line and column of each `api_key_env`, or of its entry.
    key_places: BTreeMap<String, (usize, usize)>,
}

impl Loaded {
    /// An error, with its place in the study file, for each key that a run needs
    /// and that is not there. `is_set` says whether an environment variable holds
    /// a text.
    pub fn missing_keys(&self, is_set: impl Fn(&str) -> bool) -> Vec<Problem> {
        let Some(study) = &self.study else {
            return Vec::new();
        };
        let mut missing = keys::missing_keys(study, is_set, &self.file);
        for problem in &mut missing {
            let place = problem.field.as_ref().and_then(|f| self.key_places.get(f));
            if let Some((line, column)) = place {
                problem.line = Some(*line);
                problem.column = Some(*column);
            }
        }
        missing
    }
}

/// Reads the study file at `path` and everything that it names; paths in it start
/// at its folder.
pub fn load(path: &Path) -> Loaded {
    let source = match Source::read(path) {
        Ok(source) => source,
        Err(error) => return unreadable(path, &error),
    };
    let mut problems = Vec::new();
    let (top, complete) = schema::read(&source, file::STUDY, &mut problems);
    problems.extend(source.encoding_problem());
    let mut loader = Loader {
        source: &source,
        dir: path.parent().unwrap_or(Path::new("")),
        top: &top,
        problems,
        files: vec![path.to_owned()],
    };
    let parts = loader.parts();
    // After a syntax error a key may be missing only because it was not understood.
    let study = if complete { loader.study(parts) } else { None };
    let Loader {
        mut problems,
        files,
        ..
    } = loader;
    sort(&mut problems, path);
    let refused = problems.iter().any(|p| p.severity == Severity::Error);
    Loaded {
        study: study.filter(|_| !refused),
        problems,
        files,
        file: path.to_owned(),
        key_places: key_places(&source, &top),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Loaded {
    let problem = Problem::error(path, format!("the study cannot be read: {error}"));
    let inside = path.join("study.toml");
    let problem = if path.is_dir() && inside.is_file() {
        problem.help(format!(
            "this is a folder; did you mean {}?",
            inside.display()
        ))
    } else {
        problem.help("name a study file, such as study.toml; `init` writes one to start from")
    };
    Loaded {
        study: None,
        problems: vec![problem],
        files: Vec::new(),
        file: path.to_owned(),
        key_places: BTreeMap::new(),
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

/// What can be read without the rest of the study.
pub(super) struct Parts {
    pub(super) personas: Option<Read<Persona>>,
    pub(super) questions: Option<Read<Question>>,
    /// `None` where a table of it was named and something is wrong with it.
    pub(super) truths: Option<Vec<Truth>>,
    pub(super) models: Vec<Draft>,
    pub(super) judges: Vec<Draft>,
}

struct Loader<'a> {
    source: &'a Source,
    dir: &'a Path,
    top: &'a Section,
    problems: Vec<Problem>,
    files: Vec<PathBuf>,
}

impl Loader<'_> {
    fn parts(&mut self) -> Parts {
        let (source, top) = (self.source, self.top);
        let models = top.table("models");
        let mut models = entry::read(source, models, Role::Model, &mut self.problems);
        let judges = top.table("judges");
        let judges = entry::read(source, judges, Role::Judge, &mut self.problems);
        let personas = self.data("personas");
        let personas = personas.and_then(|t| tables::personas(&t, &mut self.problems));
        let questions = self.data("questions");
        let questions = questions.and_then(|t| tables::questions(&t, &mut self.problems));
        let truths = self.truths(personas.as_ref(), questions.as_ref());
        for model in &mut models {
            if let Some(path) = model.answers_path() {
                let field = model.section.field("path");
                let read = self.answers(&path, field, personas.as_ref(), questions.as_ref());
                model.sound &= read.is_some();
                model.entry.answers = read.unwrap_or_default();
            }
        }
        Parts {
            personas,
            questions,
            truths,
            models,
            judges,
        }
    }

    /// A table that `[data]` names.
    fn data(&mut self, key: &str) -> Option<Table> {
        let data = self.top.table("data")?;
        let name = data.text(key)?;
        let path = Path::new(name.value);
        self.table(path, name.offset, data.field(key))
    }

    fn table(&mut self, path: &Path, offset: usize, field: String) -> Option<Table> {
        let file = self.dir.join(path);
        match fs::read(&file) {
            Ok(bytes) => {
                self.files.push(file.clone());
                Table::read(&file, &bytes, &mut self.problems)
            }
            Err(error) => {
                let file = shown(&file.display().to_string());
                let message = format!("{file} cannot be read: {error}");
                let problem = self.source.error(offset, field, message);
                let help = "paths start at the folder of the study file";
                self.problems.push(problem.help(help));
                None
            }
        }
    }

    /// No truth where no table of it is named.
    fn truths(
        &mut self,
        personas: Option<&Read<Persona>>,
        questions: Option<&Read<Question>>,
    ) -> Option<Vec<Truth>> {
        let named = self.top.table("data").is_some_and(|data| data.has("truth"));
        if !named {
            return Some(Vec::new());
        }
        let before = self.errors();
        let table = self.data("truth")?;
        let personas = personas.map(|read| &read.ids);
        let questions = questions.map(|read| &read.ids);
        let truths = tables::truths(&table, personas, questions, &mut self.problems);
        (self.errors() == before).then_some(truths)
    }

    fn answers(
        &mut self,
        path: &Spot<PathBuf>,
        field: String,
        personas: Option<&Read<Persona>>,
        questions: Option<&Read<Question>>,
    ) -> Option<Vec<FileAnswer>> {
        let before = self.errors();
        let table = self.table(&path.value, path.offset, field)?;
        let personas = personas.map(|read| &read.ids);
        let questions = questions.map(|read| &read.ids);
        let answers = answers::read(&table, personas, questions, &mut self.problems);
        (self.errors() == before).then_some(answers)
    }

    fn errors(&self) -> usize {
        let errors = self.problems.iter();
        errors.filter(|p| p.severity == Severity::Error).count()
    }

    /// Reads what ties the parts together and checks them against each other.
    fn study(&mut self, parts: Parts) -> Option<Study> {
        let compare = self.compare(&parts);
        let judging = self.judging(&parts);
        let report = self.report(&parts);
        let mut check = checks::Checks {
            source: self.source,
            top: self.top,
            parts: &parts,
            problems: &mut self.problems,
        };
        check.name();
        check.entries_exist();
        check.identities();
        check.use_of_models(compare.as_ref());
        check.use_of_judges(judging.as_ref());
        check.truth(judging.as_ref());
        check.answers(compare.as_ref());
        let (personas, questions) = (parts.personas?, parts.questions?);
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
            truths: parts.truths?,
            models: entries(parts.models),
            judges: entries(parts.judges),
            compare: compare?,
            judging: judging?,
            report,
        })
    }

    fn compare(&mut self, parts: &Parts) -> Option<Compare> {
        let section = self.top.table("compare")?;
        let models = Entries::new(&parts.models, self.top.table("models"));
        Some(compare::read(
            self.source,
            section,
            &models,
            &mut self.problems,
        ))
    }

    fn judging(&mut self, parts: &Parts) -> Option<Judging> {
        let absent = Section::absent("judging");
        let section = self.top.table("judging").unwrap_or(&absent);
        let judges = Entries::new(&parts.judges, self.top.table("judges"));
        settings::judging(self.source, section, &judges, self.dir, &mut self.problems)
    }

    fn report(&mut self, parts: &Parts) -> ReportOptions {
        let absent = Section::absent("report");
        let section = self.top.table("report").unwrap_or(&absent);
        let columns = ReportColumns {
            dimensions: parts.personas.as_ref().map(|read| &read.columns[..]),
            covariates: parts.questions.as_ref().map(|read| &read.columns[..]),
        };
        settings::report(self.source, section, columns, &mut self.problems)
    }
}

fn entries(drafts: Vec<Draft>) -> Vec<Entry> {
    drafts.into_iter().map(|draft| draft.entry).collect()
}
