//! A blinded labelling task for people, out of a results folder.
//!
//! What can be labelled is a [`Frame`] of comparisons, of a run ([`run`]) or of an
//! import ([`imported`]). [`sample`] draws some of them, deals them to annotators and
//! shuffles their sides; [`tasks`] and [`config`] write what Label Studio takes;
//! [`key`] is the table that says what stood where, and [`files`] puts all of it down.
//!
//! Invariants: nothing that an annotator gets tells a model, or says of two tasks
//! whose candidate stands on the same side. All of it depends on the results and the
//! seed alone. What models and people wrote is data in what is written, never markup.

pub mod config;
pub mod files;
pub mod imported;
pub mod key;
pub mod run;
pub mod sample;
pub mod tasks;

use crate::rubric::Labels;

/// What can be labelled of some results.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// What subgroups are told apart by; levels of a comparison are parallel to it.
    pub dimensions: Vec<String>,
    /// The dimensions that say who speaks, a prefix of all.
    pub of_personas: usize,
    /// What is judged.
    pub criteria: Vec<Criterion>,
    /// How the two shown answers and a tie are called.
    pub labels: Labels,
    /// Whether the judge could call a tie.
    pub judge_ties: bool,
    /// Comparisons of two answers that are both there.
    pub comparisons: Vec<Comparison>,
    /// Comparisons that cannot be shown, by reason.
    pub left_out: Vec<(String, u64)>,
}

/// What people are asked about two answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// Its id in every table.
    pub key: String,
    /// How people call it.
    pub name: String,
    /// What to look for; may be empty.
    pub guide: String,
    /// Whether it can only be judged where the ground truth is known.
    pub needs_truth: bool,
}

/// Two answers that can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Item, as the results call it.
    pub item: String,
    /// Its persona; empty where there is none.
    pub persona: String,
    /// Its question.
    pub question: String,
    /// From 1.
    pub sample: u16,
    /// Whose win rate it is.
    pub candidate: String,
    /// Whom it is compared with.
    pub opponent: String,
    /// Parallel to [`Frame::dimensions`].
    pub levels: Vec<Option<String>>,
    /// Indices into [`Frame::criteria`] that it is judged on.
    pub criteria: Vec<usize>,
    /// What nobody knows who sees the task alone: the shuffles are drawn from it.
    pub secret: String,
}

/// What is shown of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    /// Who speaks, in lines; empty where nothing is known.
    pub persona: String,
    /// What was asked.
    pub question: String,
    /// What the persona's group holds, where a criterion needs it and it is known.
    pub truth: Option<String>,
    /// The candidate's answer.
    pub candidate: String,
    /// The opponent's answer.
    pub opponent: String,
}

impl Frame {
    /// Keeps these criteria only, in the frame's order, and the comparisons that have
    /// one of them.
    ///
    /// # Errors
    ///
    /// A name that is no criterion, with those there are.
    pub fn only(&mut self, keys: &[String]) -> Result<(), String> {
        let known = || self.criteria.iter().map(|criterion| criterion.key.as_str());
        for key in keys {
            if !known().any(|known| known == key) {
                return Err(format!(
                    "there is no criterion `{key}`; the results have {}",
                    known().collect::<Vec<_>>().join(", ")
                ));
            }
        }
        let kept: Vec<usize> = (0..self.criteria.len())
            .filter(|index| keys.contains(&self.criteria[*index].key))
            .collect();
        for comparison in &mut self.comparisons {
            let own = comparison.criteria.iter();
            comparison.criteria = own
                .filter_map(|index| kept.iter().position(|kept| kept == index))
                .collect();
        }
        self.criteria = kept
            .iter()
            .map(|index| self.criteria[*index].clone())
            .collect();
        self.drop_unasked();
        Ok(())
    }

    /// Leaves out, counted, comparisons of which nothing is asked.
    pub fn drop_unasked(&mut self) {
        let before = self.comparisons.len();
        self.comparisons
            .retain(|comparison| !comparison.criteria.is_empty());
        let dropped = (before - self.comparisons.len()) as u64;
        if dropped > 0 {
            let reason = "no criterion can be judged, as the ground truth is not known";
            self.left_out.push((reason.to_owned(), dropped));
        }
    }

    /// Whether some criterion needs the ground truth.
    pub fn needs_truth(&self) -> bool {
        self.criteria.iter().any(|criterion| criterion.needs_truth)
    }
}

/// A number that depends on these parts alone, spread evenly.
fn draw(purpose: &str, seed: u64, parts: &[&str]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("oyer labelling draw 1");
    hasher.update(&seed.to_le_bytes());
    for part in std::iter::once(&purpose).chain(parts) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

/// A note on answers that hold a model's name as a word, if any do: what a model wrote
/// is shown as it is.
pub fn names_in<'t>(texts: impl Iterator<Item = &'t Texts>, models: &[String]) -> Option<String> {
    let lower: Vec<String> = models.iter().map(|name| name.to_lowercase()).collect();
    let mut found: Vec<&str> = Vec::new();
    let mut answers = 0;
    for shown in texts {
        for answer in [&shown.candidate, &shown.opponent] {
            let answer = answer.to_lowercase();
            let mut holds = false;
            for (name, model) in lower.iter().zip(models) {
                if has_word(&answer, name) {
                    holds = true;
                    if !found.contains(&model.as_str()) {
                        found.push(model);
                    }
                }
            }
            answers += usize::from(holds);
        }
    }
    found.sort_unstable();
    (answers > 0).then(|| {
        format!(
            "{answers} answers hold the name of a model as a word ({}), by which an annotator might tell whose they are",
            found.join(", ")
        )
    })
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let after = text[at + word.len()..].chars().next();
            !is_part(text[..at].chars().next_back()) && !is_part(after)
        })
}

#[cfg(test)]
mod round_trip;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_name_in_an_answer_is_told() {
        let texts = |answer: &str| Texts {
            candidate: answer.to_owned(),
            ..Texts::default()
        };
        let models = ["gpt-4".to_owned(), "Base".to_owned()];
        let said = |answer: &str| names_in([texts(answer)].iter(), &models);
        assert_eq!(said("a basement, gpt-40"), None);
        let note = said("As GPT-4, on that base").unwrap();
        assert!(
            note.starts_with("1 answers") && note.contains("(Base, gpt-4)"),
            "{note}"
        );
    }
}
