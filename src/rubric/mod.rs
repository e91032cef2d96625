//! What a judge is asked: criteria, labels and the shape of its verdict.
//!
//! A [`Rubric`] is plain data. Finding one is in `load`, the keys of its file in `read`; the JSON
//! Schema that a judge's structured reply must satisfy is in `schema`.

mod builtin;
pub mod load;
mod read;
pub mod schema;

use serde::{Deserialize, Serialize};

pub use builtin::{builtin_rubrics, builtin_templates};

/// The criteria on which a judge compares two answers, and how it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rubric {
    /// Name in tables and reports.
    pub name: String,
    /// The judge prompt: its name and its source text.
    pub template: Template,
    /// How the two shown answers and a tie are called.
    pub labels: Labels,
    /// Whether the judge may call a tie.
    pub ties: bool,
    /// All criteria in one call, or a call for each.
    pub ask: Ask,
    /// What happens to an item for which a criterion's truth is not known.
    pub without_truth: WithoutTruth,
    /// What is judged, in the order of the prompt.
    pub criteria: Vec<Criterion>,
}

/// A prompt template: the name it was asked for by, and its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Built-in name or path, as the study or rubric gives it.
    pub name: String,
    /// Jinja source.
    pub source: String,
}

/// The words a judge answers with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// The answer shown first.
    pub first: String,
    /// The answer shown second.
    pub second: String,
    /// Neither is better.
    pub tie: String,
}

impl Rubric {
    /// The first 12 hexadecimal digits of the BLAKE3 hash of the rubric's RFC 8785
    /// canonical JSON, prompt included: an edited rubric is another rubric.
    ///
    /// # Panics
    /// Never: what a rubric holds always serialises.
    pub fn hash(&self) -> String {
        #[expect(
            clippy::expect_used,
            reason = "a rubric holds only texts, booleans and lists, which always serialise"
        )]
        let json = serde_json_canonicalizer::to_vec(self).expect("a rubric serialises");
        blake3::hash(&json).to_hex()[..12].to_owned()
    }

    /// `name@hash`, as in tables and reports.
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.hash())
    }

    /// The calls that judge one pair of answers once, each with the indices of the
    /// criteria it asks for. Empty where every criterion needs a truth that is not
    /// known.
    pub fn calls(&self, truth_known: bool) -> Vec<Vec<usize>> {
        let judged = (0..self.criteria.len())
            .filter(|index| truth_known || !self.criteria[*index].needs_truth);
        match self.ask {
            Ask::Separately => judged.map(|index| vec![index]).collect(),
            Ask::Together => {
                let together: Vec<_> = judged.collect();
                if together.is_empty() {
                    Vec::new()
                } else {
                    vec![together]
                }
            }
        }
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self {
            first: "A".to_owned(),
            second: "B".to_owned(),
            tie: "Tie".to_owned(),
        }
    }
}

/// Whether the criteria share a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    /// One judgment gives a verdict on every criterion.
    #[default]
    Together,
    /// One judgment for each criterion, which keeps a halo from one to another out.
    Separately,
}

/// What to do with an item that lacks the truth a criterion needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WithoutTruth {
    /// Leave the criterion out of that item's judgments.
    #[default]
    Skip,
    /// Refuse the study.
    Refuse,
}

/// One thing the two answers are compared on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// The JSON key of its winner, and its id in every table, report and command.
    pub key: String,
    /// How people call it.
    pub name: String,
    /// What the judge is told to look for.
    pub guide: String,
    /// Whether it can only be judged where the ground truth is known.
    #[serde(default)]
    pub needs_truth: bool,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn rubric() -> Rubric {
        load::load("persona-value", Path::new("")).unwrap()
    }

    #[test]
    fn the_id_holds_name_and_hash() {
        let rubric = rubric();
        let id = rubric.id();
        let (name, hash) = id.split_once('@').unwrap();
        assert_eq!(name, "persona-value");
        assert_eq!(hash, rubric.hash());
        assert_eq!(hash.len(), 12);
        assert!(hash.bytes().all(|b| b.is_ascii_hexdigit()));
    }

    #[test]
    fn an_edit_anywhere_is_another_hash_and_none_is_the_same() {
        let before = rubric();
        let mut prompt = rubric();
        prompt.template.source.push(' ');
        let mut guide = rubric();
        guide.criteria[2].guide.push('!');
        let mut ties = rubric();
        ties.ties = false;
        for edited in [prompt, guide, ties] {
            assert_ne!(edited.hash(), before.hash());
        }
        assert_eq!(rubric().hash(), before.hash());
    }

    #[test]
    fn the_hash_is_the_same_after_a_round_trip() {
        let json = serde_json::to_string(&rubric()).unwrap();
        let back: Rubric = serde_json::from_str(&json).unwrap();
        assert_eq!(back.hash(), rubric().hash());
    }

    #[test]
    fn calls_follow_the_way_of_asking_and_the_truth() {
        let mut rubric = rubric();
        assert_eq!(rubric.calls(true), [[0, 1, 2]]);
        assert_eq!(rubric.calls(false), [[0, 2]]);
        rubric.ask = Ask::Separately;
        assert_eq!(rubric.calls(true), [[0], [1], [2]]);
        assert_eq!(rubric.calls(false), [[0], [2]]);
        rubric.criteria.retain(|criterion| criterion.needs_truth);
        assert_eq!(rubric.calls(false), Vec::<Vec<usize>>::new());
        rubric.ask = Ask::Together;
        assert_eq!(rubric.calls(false), Vec::<Vec<usize>>::new());
    }
}
