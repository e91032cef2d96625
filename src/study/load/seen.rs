//! A refused study as its templates see it, so that they are tried all the same.

use super::{Loader, Parts};
use crate::study::tables::Read;
use crate::study::variants::Variants;
use crate::study::{Compare, Judging, Persona, Question, ReportOptions, Structured, Study};

/// A refused study as far as its templates ask for it, with what was read of it, and with
/// something made up for what was not. Nothing else of it holds.
#[derive(Debug)]
pub struct Seen {
    /// The study.
    pub study: Study,
    /// Whether its dimensions are those of a table of personas that was read.
    pub knows_dimensions: bool,
    /// Whether a persona or a question is made up.
    pub is_made_up: bool,
}

impl Loader<'_> {
    /// What the templates of a refused study can be tried on.
    pub(super) fn seen(
        &self,
        parts: &Parts,
        judging: &Judging,
        structured: Option<&Structured>,
        variants: Option<&Variants>,
    ) -> Seen {
        let dimensions = known_dimensions(parts).map(|read| read.columns.clone());
        let knows_dimensions = dimensions.is_some();
        let dimensions = dimensions.unwrap_or_default();
        let mut is_made_up = false;
        let mut personas = parts
            .personas
            .as_ref()
            .map_or_else(Vec::new, |read| read.rows.clone());
        if personas.is_empty() {
            is_made_up = true;
            personas.push(Persona {
                id: "persona".to_owned(),
                text: Some("text".to_owned()),
                split: None,
                stratum: None,
                n: None,
                weight: None,
                levels: vec![Some("level".to_owned()); dimensions.len()],
            });
        }
        let mut questions = parts
            .questions
            .as_ref()
            .map_or_else(Vec::new, |read| read.rows.clone());
        questions.retain(|question| !question.text.trim().is_empty());
        if questions.is_empty() && !self.has_only_structured() {
            is_made_up = true;
            questions.push(Question {
                id: "question".to_owned(),
                topic: Some("topic".to_owned()),
                text: "text".to_owned(),
                structured: None,
                covariates: Vec::new(),
            });
        }
        let study = Study {
            name: String::new(),
            seed: 0,
            dimensions,
            covariates: Vec::new(),
            personas,
            questions,
            truths: Vec::new(),
            models: Vec::new(),
            judges: parts
                .judges
                .iter()
                .map(|draft| draft.entry.clone())
                .collect(),
            compare: Compare {
                pairs: Vec::new(),
                samples: 1,
            },
            judging: judging.clone(),
            report: ReportOptions::default(),
            structured: structured.cloned(),
            variants: variants.cloned(),
        };
        Seen {
            study,
            knows_dimensions,
            is_made_up,
        }
    }
}

/// The personas, where their table says what the dimensions are: JSONL without a row does not.
pub(super) fn known_dimensions(parts: &Parts) -> Option<&Read<Persona>> {
    let personas = parts.personas.as_ref();
    personas.filter(|read| !(read.rows.is_empty() && read.columns.is_empty()))
}
