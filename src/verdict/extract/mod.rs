//! Reads the verdict out of a judge's reply.
//!
//! Text in, a choice or a reason for each criterion out. Never a panic, in linear
//! time, and a winner is never guessed:
//!
//! - What a reasoning block holds is not the verdict ([`super::reasoning`]).
//! - For each criterion the last object that gives it a readable label stands.
//!   Verdicts split over objects add up, and an echo of the format (`"A or B"`)
//!   gives nothing. Key lines (`persona_winner: A`) count as an object; one whose value is
//!   a sentence that may as well explain as decide stands only where nothing else gives the
//!   criterion. What stands under a key for what loses (`losers`) gives nothing.
//! - An object that stands in one of the two answers gives nothing (`answers`,
//!   `resolve`), nor does what an object that is not closed says up to where it still
//!   stands there.
//! - Nested, array-wrapped and string-encoded verdicts count.
//! - JSON as judges write it is read ([`Repair`]); prose and tables are not.
//! - Null, empty, a number, an unknown label, two labels, a key said twice in one
//!   object with different winners: missing for that criterion ([`Unread`]). So is a
//!   value that denies, hedges or asks (`not A`, `almost a tie`).
//!
//! The way: `scan` finds objects and key lines with what they say; `label`, and for
//! values of several words `sentence` (with `article`, `concession`, `denial` and
//! `foreign`), `tie` and `east_asian`, read one value; `resolve` decides what stands.

mod answers;
mod article;
#[cfg(test)]
pub(crate) mod cases;
mod concession;
mod denial;
mod east_asian;
mod findings;
mod foreign;
mod frames;
mod json_string;
mod keys;
mod label;
mod lexer;
mod lines;
mod literal;
mod member;
mod planted;
mod quoting;
mod recover;
mod repair;
mod resolve;
mod scan;
mod sentence;
#[cfg(test)]
mod tests;
mod text;
mod tie;
mod values;
mod words;

use self::findings::Findings;
use self::keys::Keys;
use self::label::Labels;
pub use self::label::Unread;
pub use self::repair::Repair;
use self::repair::Repairs;
use super::Choice;
use super::reasoning::{self, Stripped};
use crate::rubric::Rubric;

/// What a reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extraction {
    /// The choice on each criterion, in the order asked; `None` where it is missing.
    pub choices: Vec<Option<Choice>>,
    /// Why a choice is missing, in the order asked; `None` where it is not.
    pub unread: Vec<Option<Unread>>,
    /// What was needed to read it, sorted, each once.
    pub repairs: Vec<Repair>,
}

impl Extraction {
    /// Whether every criterion has a choice.
    pub fn is_full(&self) -> bool {
        self.choices.iter().all(Option::is_some)
    }

    /// How many criteria have a choice.
    pub fn given(&self) -> usize {
        self.choices.iter().flatten().count()
    }
}

/// Reads replies under one rubric, prepared once for many.
///
/// ```
/// use oyer::rubric::{Ask, Criterion, Labels, Rubric, Template, WithoutTruth};
/// use oyer::verdict::{Choice, extract::Reader};
///
/// let rubric = Rubric {
///     name: "voice".into(),
///     template: Template { name: "voice".into(), source: String::new() },
///     labels: Labels::default(),
///     ties: true,
///     ask: Ask::Together,
///     without_truth: WithoutTruth::Skip,
///     criteria: vec![Criterion {
///         key: "persona_winner".into(),
///         name: "Persona".into(),
///         guide: "Who sounds like her?".into(),
///         needs_truth: false,
///     }],
/// };
/// let reader = Reader::for_all(&rubric);
/// let read = reader.read("B is stiff.\n{'persona_winner': 'Response A',}", None);
/// assert_eq!(read.choices, [Some(Choice::First)]);
/// ```
#[derive(Debug, Clone)]
pub struct Reader {
    keys: Keys,
    labels: Labels,
}

impl Reader {
    /// For replies to a call that asks these criteria, as indexes into
    /// `rubric.criteria`. An index beyond them is a criterion that is never said.
    pub fn new(rubric: &Rubric, asked: &[usize]) -> Self {
        Self {
            keys: Keys::new(rubric, asked),
            labels: Labels::new(rubric),
        }
    }

    /// For replies to a call that asks every criterion.
    pub fn for_all(rubric: &Rubric) -> Self {
        let asked: Vec<usize> = (0..rubric.criteria.len()).collect();
        Self::new(rubric, &asked)
    }

    /// Reads a reply. `answers` are the two answers as the judge was shown them.
    pub fn read(&self, reply: &str, answers: Option<[&str; 2]>) -> Extraction {
        let decoded = json_string::decoded(reply, &self.keys, answers);
        let text = decoded.as_deref().unwrap_or(reply);
        let repairs = Repairs::NONE.with_if(decoded.is_some(), Repair::StringEncoded);
        let stripped = reasoning::strip_reply(text);
        let read = self.read_stripped(&stripped, answers, repairs);
        let is_not_said = |unread: &Option<Unread>| *unread == Some(Unread::NotSaid);
        if stripped.had_analysis && read.unread.iter().all(is_not_said) {
            // The verdict stands in the analysis itself.
            return self.read_stripped(&reasoning::strip_but_analysis(text), answers, repairs);
        }
        read
    }

    /// Reads what is left of a reply, which may be encoded and hold reasoning itself.
    fn read_stripped(
        &self,
        stripped: &Stripped<'_>,
        answers: Option<[&str; 2]>,
        repairs: Repairs,
    ) -> Extraction {
        let repairs = repairs.with_if(stripped.had_reasoning, Repair::ReasoningRemoved);
        let decoded = stripped
            .had_reasoning
            .then(|| json_string::decoded(&stripped.answer, &self.keys, answers))
            .flatten();
        match decoded {
            Some(text) => {
                let inner = reasoning::strip_reply(&text);
                let repairs = repairs
                    .with(Repair::StringEncoded)
                    .with_if(inner.had_reasoning, Repair::ReasoningRemoved);
                self.read_text(&inner, answers, repairs)
            }
            None => self.read_text(stripped, answers, repairs),
        }
    }

    fn read_text(
        &self,
        stripped: &Stripped<'_>,
        answers: Option<[&str; 2]>,
        repairs: Repairs,
    ) -> Extraction {
        let text = stripped.answer.as_ref();
        let found = self.found(text);
        let resolved = resolve::resolve(&found, text, &stripped.seams, answers, self);
        let repairs = resolved
            .labels
            .iter()
            .flatten()
            .fold(resolved.repairs, |all, label| all.and(label.repairs))
            .and(repairs);
        Extraction {
            choices: resolved
                .labels
                .iter()
                .map(|label| label.ok().map(|label| label.choice))
                .collect(),
            unread: resolved.labels.iter().map(|label| label.err()).collect(),
            repairs: repairs.list(),
        }
    }

    /// The objects and key lines of a text, with what they say.
    fn found(&self, text: &str) -> Findings {
        let mut found = Findings::new(self.keys.len());
        scan::Scanner::new(text, &self.keys, &self.labels, &mut found).run();
        found
    }

    /// Bytes looked at while scanning a reply.
    #[cfg(test)]
    fn work(&self, reply: &str) -> usize {
        self.found(reply).work
    }

    /// Bytes of a reply and its answers that are compared with one another.
    #[cfg(test)]
    fn compared(&self, reply: &str, answers: [&str; 2]) -> usize {
        let found = self.found(reply);
        resolve::resolve(&found, reply, &[], Some(answers), self).compared
    }
}
