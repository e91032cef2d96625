//! The answers table: the narrow waist between collected structured answers and
//! their scores.
//!
//! Compact, because a run may hold millions of answers: personas, questions and items
//! are interned, an answer is a few integers, and options are *positions* in the scale
//! of the question, from 0. Shares over a scale, of a truth or of an answer, stand in
//! one vector, a run as long as the scale for each.
//!
//! Invariants: indices lie within their vectors, positions within their scales; each
//! run of shares sums to 1; an item is one persona and one question.

use std::sync::Arc;

use super::Missing;
use crate::study::Scale;
use crate::text::names::distinct;
use crate::verdict::table::NotAsked;

/// Structured answers of one or more models.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AnswerTable {
    /// Dimension names, in column order (`group.<dimension>`).
    pub dimensions: Vec<String>,
    /// What is asked; [`Item::question`] indexes it.
    pub questions: Vec<Question>,
    /// Who is spoken for; [`Item::persona`] indexes it.
    pub personas: Vec<Persona>,
    /// What was asked of whom; [`Answer::item`] indexes it.
    pub items: Vec<Item>,
    /// Who answered; [`Answer::model`] indexes it.
    pub models: Vec<String>,
    /// Those of [`AnswerTable::models`] that are simulated.
    pub simulated: Vec<String>,
    /// The answers.
    pub answers: Vec<Answer>,
    /// Runs of shares, each as long as the scale of its question.
    pub shares: Vec<f64>,
}

/// A question with a scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Unique id.
    pub id: Arc<str>,
    /// Topic.
    pub topic: Option<Arc<str>>,
    /// Its options.
    pub scale: Scale,
}

/// A subgroup or a person that is spoken for.
#[derive(Debug, Clone, PartialEq)]
pub struct Persona {
    /// Unique id; empty where the table has no personas.
    pub id: Arc<str>,
    /// Stratum of the survey's design.
    pub stratum: Option<Arc<str>>,
    /// The level of each of [`AnswerTable::dimensions`].
    pub levels: Arc<[Option<Arc<str>>]>,
}

/// One persona asked one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Unique id.
    pub id: Arc<str>,
    /// Index into [`AnswerTable::personas`].
    pub persona: u32,
    /// Index into [`AnswerTable::questions`].
    pub question: u32,
    /// Split.
    pub split: Option<Arc<str>>,
    /// In which phrasing of the persona it was asked, where there are several.
    pub variant: Option<Arc<str>>,
    /// What the persona's group answered, where it is known.
    pub truth: Option<Truth>,
    /// It waits for a run as others do, though a file has answers to it.
    pub not_begun: bool,
}

/// What a group of respondents answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// Position of the modal answer.
    pub mode: u16,
    /// Positions of all tied modes, ascending; empty where the mode is alone. Where only
    /// a distribution is known, those that tie in it.
    pub modes: Box<[u16]>,
    /// First of the shares of its answers in [`AnswerTable::shares`].
    pub distribution: Option<u32>,
    /// Share of the group that gave the modal answer, in [0, 1].
    pub share: Option<f64>,
    /// Respondents behind it.
    pub n: Option<f64>,
    /// How often the mode is another one when respondents are drawn anew, in [0, 1].
    pub unstable: Option<f64>,
}

impl Truth {
    /// Whether a position is a mode, also one of several that tie.
    pub fn is_mode(&self, position: u16) -> bool {
        self.mode == position || self.modes.contains(&position)
    }

    /// Number of tied modes, at least 1.
    pub fn ties(&self) -> usize {
        self.modes.len().max(1)
    }
}

/// One planned answer of a model to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Index into [`AnswerTable::items`].
    pub item: u32,
    /// Index into [`AnswerTable::models`].
    pub model: u16,
    /// From 1.
    pub sample: u16,
    /// The option, or why there is none.
    pub given: Given,
    /// First of the model's own shares of the options in [`AnswerTable::shares`],
    /// where its probabilities are known.
    pub distribution: Option<u32>,
}

/// What was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// The option at this position of the question's scale.
    Option(u16),
    /// None.
    Missing(Missing),
}

impl Given {
    /// The position of the option.
    pub fn option(self) -> Option<u16> {
        match self {
            Self::Option(position) => Some(position),
            Self::Missing(_) => None,
        }
    }
}

impl AnswerTable {
    /// The question of an item.
    pub fn question_of(&self, item: &Item) -> &Question {
        &self.questions[item.question as usize]
    }

    /// The persona of an item.
    pub fn persona_of(&self, item: &Item) -> &Persona {
        &self.personas[item.persona as usize]
    }

    /// The scale of an item's question.
    pub fn scale_of(&self, item: &Item) -> &Scale {
        &self.question_of(item).scale
    }

    /// A run of shares over the scale of an item's question.
    pub fn shares_of(&self, item: &Item, first: u32) -> &[f64] {
        let first = first as usize;
        &self.shares[first..first + self.scale_of(item).len()]
    }

    /// Keeps shares over a scale, and gives the place of the first.
    pub fn keep_shares(&mut self, shares: &[f64]) -> u32 {
        let first = self.shares.len() as u32;
        self.shares.extend_from_slice(shares);
        first
    }

    /// The phrasings of its items, in the order in which they first appear.
    pub fn variants(&self) -> Vec<Arc<str>> {
        distinct(self.items.iter().filter_map(|item| item.variant.as_ref()))
    }

    /// The items of one phrasing (of none, those without one) and their answers.
    #[must_use]
    pub fn of_variant(&self, variant: Option<&str>) -> Self {
        let mut numbers = vec![None; self.items.len()];
        let mut items = Vec::new();
        for (number, item) in self.items.iter().enumerate() {
            if item.variant.as_deref() == variant {
                numbers[number] = Some(items.len() as u32);
                items.push(item.clone());
            }
        }
        let answers = self.answers.iter().filter_map(|answer| {
            let item = numbers[answer.item as usize]?;
            Some(Answer { item, ..*answer })
        });
        Self {
            answers: answers.collect(),
            items,
            ..self.clone()
        }
    }

    /// Leaves out answers that were not asked for of items of which nothing was, and says
    /// how much was not: of one split, or of all.
    pub fn leave_out_items_not_begun(&mut self, split: Option<&str>) -> NotAsked {
        let mut is_planned = vec![false; self.items.len()];
        let mut is_begun = vec![false; self.items.len()];
        let mut each = 0;
        let in_split = |item: &Item| split.is_none() || item.split.as_deref() == split;
        for answer in &self.answers {
            let was_asked = answer.given != Given::Missing(Missing::NotRun);
            is_planned[answer.item as usize] = true;
            is_begun[answer.item as usize] |=
                was_asked && !self.items[answer.item as usize].not_begun;
            each += usize::from(!was_asked && in_split(&self.items[answer.item as usize]));
        }
        self.answers.retain(|answer| is_begun[answer.item as usize]);
        let count = |marks: &[bool]| {
            let counted = marks.iter().zip(&self.items);
            counted
                .filter(|(mark, item)| **mark && in_split(item))
                .count()
        };
        let of = count(&is_planned);
        NotAsked {
            items: of - count(&is_begun),
            of,
            each,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::answers::table_io::{Format, read};

    #[test]
    fn what_was_not_asked_for_is_counted_within_a_split() {
        let text = "persona,question,split,model,option,missing_reason,truth,scale\n\
            p,Q1,id,a,1,,1,1|2\np,Q1,id,b,,not_run,1,1|2\np,Q2,id,a,,not_run,1,1|2\n\
            q,Q1,ood,a,1,,1,1|2\nq,Q2,ood,a,,not_run,1,1|2\n";
        let read = || read(Path::new("a.csv"), text.as_bytes(), Format::Csv).unwrap();
        for (split, items, of, each) in [
            (None, 2, 4, 3),
            (Some("id"), 1, 2, 2),
            (Some("ood"), 1, 2, 1),
        ] {
            let mut table = read();
            let not_asked = table.leave_out_items_not_begun(split);
            assert_eq!(not_asked, NotAsked { items, of, each });
            assert_eq!(table.answers.len(), 3, "{split:?}");
        }
    }
}
