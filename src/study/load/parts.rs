//! The tables, models and judges of a study file, each read by itself.

use std::fs;
use std::path::{Path, PathBuf};

use super::Loader;
use crate::input::section::Spot;
use crate::input::source::shown;
use crate::input::table::Table;
use crate::study::answers::{self, Answers, Asked};
use crate::study::entry::{self, Draft, Role};
use crate::study::ids::Ids;
use crate::study::structured;
use crate::study::tables::{self, Read, Truths};
use crate::study::{Persona, Question, StructuredQuestion};

/// A file that stands in a folder while its tables are put into place, so that nobody
/// reads some of them.
pub const UNFINISHED: &str = ".oyer-unfinished";

/// What can be read without the rest of the study.
pub(in crate::study) struct Parts {
    pub(in crate::study) personas: Option<Read<Persona>>,
    pub(in crate::study) questions: Option<Read<Question>>,
    /// `None` where a table of it was named and something is wrong with it.
    pub(in crate::study) truths: Option<Truths>,
    /// `None` too where the study has no `[structured]`.
    pub(in crate::study) structured_questions: Option<Read<StructuredQuestion>>,
    /// Names of the phrasings of `[variants]`; none where the study has none.
    pub(in crate::study) phrasings: Vec<String>,
    pub(in crate::study) models: Vec<Draft>,
    pub(in crate::study) judges: Vec<Draft>,
}

impl Loader<'_> {
    pub(super) fn parts(&mut self) -> Parts {
        let (source, top) = (self.source, self.top);
        let models = top.table("models");
        let mut models = entry::read(source, models, Role::Model, &mut self.problems);
        let judges = top.table("judges");
        let judges = entry::read(source, judges, Role::Judge, &mut self.problems);
        let personas = self.data("personas");
        let personas = personas.and_then(|t| tables::personas(&t, &mut self.problems));
        let questions = self.data("questions");
        let questions = questions.and_then(|t| tables::questions(&t, &mut self.problems));
        let structured_questions = self.structured_questions();
        let mut truths = self.truths(
            personas.as_ref(),
            questions.as_ref(),
            structured_questions.as_ref(),
        );
        if let (Some(truths), Some(open), Some(survey)) =
            (&mut truths, &questions, &structured_questions)
        {
            structured::tables::inherited(&mut truths.open, &open.rows, survey, &truths.structured);
        }
        let variants = top.table("variants");
        let variants = variants.and_then(|variants| variants.texts("persona_prompts"));
        let phrasings = variants.into_iter().flatten();
        let phrasings: Vec<String> = phrasings.map(|name| name.value.to_owned()).collect();
        let known = Ids::named("phrasing", &phrasings);
        let asked = |questions, empty_is_given| Asked {
            personas: personas.as_ref().map(|read| &read.ids),
            questions,
            phrasings: Some(&known).filter(|_| !phrasings.is_empty()),
            empty_is_given,
        };
        let open = asked(questions.as_ref().map(|read| &read.ids), false);
        let survey = asked(structured_questions.as_ref().map(|read| &read.ids), true);
        for model in &mut models {
            if let Some(path) = model.answers_path() {
                let read = self.answers(&path, model.section.field("path"), open);
                model.sound &= read.is_some();
                model.answers = read.unwrap_or_default();
            }
            if let Some(path) = model.file_path("structured_path") {
                let field = model.section.field("structured_path");
                let read = self.answers(&path, field, survey);
                model.sound &= read.is_some();
                model.structured = read.unwrap_or_default();
            }
            if let Some(personas) = &personas {
                let (dimensions, people) = (&personas.columns, &personas.rows);
                let (section, problems) = (&model.section, &mut self.problems);
                model.entry.alignment_by =
                    entry::simulated::alignment_by(source, section, dimensions, people, problems);
            }
        }
        Parts {
            personas,
            questions,
            truths,
            structured_questions,
            phrasings,
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

    /// The table that `[structured]` names.
    fn structured_questions(&mut self) -> Option<Read<StructuredQuestion>> {
        let section = self.top.table("structured")?;
        let name = section.text("questions")?;
        let field = section.field("questions");
        let table = self.table(Path::new(name.value), name.offset, field)?;
        let before = self.errors();
        let read = structured::tables::questions(&table, &mut self.problems)?;
        // The truth of a question whose scale could not be read is not looked at.
        (self.errors() == before).then_some(read)
    }

    fn table(&mut self, path: &Path, offset: usize, field: String) -> Option<Table> {
        let file = self.dir.join(path);
        let folder = file.parent().unwrap_or(Path::new(""));
        if folder.join(UNFINISHED).exists() {
            let message = format!(
                "the tables in {} are not whole: the command that wrote them was interrupted",
                shown(&folder.display().to_string())
            );
            let problem = self.source.error(offset, field, message);
            self.problems
                .push(problem.help("run `oyer survey build` again"));
            return None;
        }
        match fs::read(&file) {
            Ok(bytes) => {
                self.files.push(file.clone());
                Table::read(&file, bytes, &mut self.problems)
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
        structured: Option<&Read<StructuredQuestion>>,
    ) -> Option<Truths> {
        let named = self.top.table("data").is_some_and(|data| data.has("truth"));
        if !named {
            return Some(Truths::default());
        }
        if structured.is_none() && self.top.has("structured") {
            return None;
        }
        let before = self.errors();
        let table = self.data("truth")?;
        let personas = personas.map(|read| &read.ids);
        let questions = questions.map(|read| &read.ids);
        let truths = tables::truths(&table, personas, questions, structured, &mut self.problems);
        (self.errors() == before).then_some(truths)
    }

    fn answers(
        &mut self,
        path: &Spot<PathBuf>,
        field: String,
        asked: Asked<'_>,
    ) -> Option<Answers> {
        let before = self.errors();
        let table = self.table(&path.value, path.offset, field)?;
        let answers = answers::read(&table, asked, &mut self.problems);
        (self.errors() == before).then_some(answers)
    }
}
