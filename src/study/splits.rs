//! Splits: which items a fine-tune may see, and which are held out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Persona, Structured, Study};
use crate::input::source::shown;
use crate::text::form;

/// Usual names of a split that may be trained on.
const TRAINED: &[&str] = &[
    "id",
    "train",
    "training",
    "in-distribution",
    "in_distribution",
    "seen",
];

/// Words in the names of splits that may not: `test`, `ood`, `val-2`, `Held out`.
const HELD_OUT: &[&str] = &[
    "ood",
    "out",
    "eval",
    "evaluation",
    "test",
    "testing",
    "val",
    "valid",
    "validation",
    "dev",
    "development",
    "holdout",
    "heldout",
    "unseen",
];

/// Whether a split is held out, as its name says.
pub(crate) fn is_held_out(split: &str) -> bool {
    let split = fold(split);
    let mut words = split.split(|c: char| !c.is_alphabetic());
    words.any(|word| HELD_OUT.contains(&word))
}

/// A split as it is compared with others.
pub(crate) fn fold(split: &str) -> String {
    split.trim().to_lowercase()
}

/// Whether two names are of one split.
pub(crate) fn same(a: &str, b: &str) -> bool {
    fold(a) == fold(b)
}

impl Study {
    /// Of the splits of personas those of a usual name for one that may be trained on.
    pub(crate) fn trained_splits(&self) -> Vec<&str> {
        let splits = self.personas.iter().filter_map(|p| p.split.as_deref());
        let mut by_name: BTreeMap<String, &str> = BTreeMap::new();
        for split in splits {
            by_name.entry(fold(split)).or_insert(split);
        }
        let known = TRAINED.iter().filter_map(|name| by_name.get(*name));
        known.copied().collect()
    }
}

/// What is said of questions whose splits no persona has: that of several splits of personas
/// none has this name, or of one that this may be trained on. A question may be held out from
/// personas of one split.
pub(super) fn told_strange(personas: &[Persona], structured: &Structured) -> Option<String> {
    let all = personas.iter().filter_map(|p| p.split.as_deref());
    let of_personas: BTreeMap<String, &str> = all.map(|split| (fold(split), split)).collect();
    let own = structured.questions.iter();
    let own = own.filter_map(|question| question.split.as_deref());
    let strange: BTreeSet<&str> = own
        .filter(|split| {
            let is_second = of_personas.len() == 1 && is_held_out(split);
            !is_second && !of_personas.contains_key(&fold(split))
        })
        .collect();
    let list = |names: &mut dyn Iterator<Item = &str>| {
        let names: Vec<String> = names.map(|name| format!("`{}`", shown(name))).collect();
        names.join(", ")
    };
    (!of_personas.is_empty() && !strange.is_empty()).then(|| {
        format!(
            "no persona is of the {} {} of these questions (personas are of {}): no example is made of them",
            form(strange.len() as u64, "split", "splits"),
            list(&mut strange.iter().copied()),
            list(&mut of_personas.values().copied())
        )
    })
}

/// The splits of items.
///
/// One of the structured half may be trained on where its persona and its question may, as `oyer survey
/// export-sft` has it: its persona is of the split that is exported, and its question is too
/// or has none. Any other is held out with that of the two which is. An open-ended item is of
/// the split of the structured one that it is linked to.
#[derive(Debug)]
pub(crate) struct ItemSplits<'s> {
    study: &'s Study,
    /// Of each open-ended question the structured one that it is linked to.
    links: Vec<Option<u32>>,
    /// The split that is exported unless another is asked for.
    trained: Option<&'s str>,
    has_personas_with_split: bool,
}

impl<'s> ItemSplits<'s> {
    pub(crate) fn new(study: &'s Study) -> Self {
        let trained = match study.trained_splits()[..] {
            [trained] => Some(trained),
            _ => None,
        };
        let structured = study.structured.iter().flat_map(|half| &half.questions);
        let ids = structured.map(|question| question.id.as_str());
        let by_id: HashMap<&str, u32> = ids.zip(0..).collect();
        let links = study.questions.iter().map(|question| {
            let linked = question.structured.as_deref().unwrap_or(&question.id);
            by_id.get(linked).copied()
        });
        Self {
            study,
            links: links.collect(),
            trained,
            has_personas_with_split: study.personas.iter().any(|p| p.split.is_some()),
        }
    }

    /// The split of a persona's item of an open-ended question.
    pub(crate) fn of_open_ended(&self, persona: u32, question: u32) -> Option<&'s str> {
        let linked = self.links.get(question as usize).copied().flatten();
        let linked = linked.and_then(|linked| self.of(persona, linked));
        linked.or(self.study.personas[persona as usize].split.as_deref())
    }

    /// The split of a persona's item of a structured question.
    pub(crate) fn of(&self, persona: u32, question: u32) -> Option<&'s str> {
        let of_persona = self.study.personas[persona as usize].split.as_deref();
        let structured = self.study.structured.as_ref();
        let question = structured.and_then(|half| half.questions.get(question as usize));
        let Some(asked) = question.and_then(|question| question.split.as_deref()) else {
            return of_persona;
        };
        let Some(own) = of_persona else {
            // Beside personas with a split, one without is of none.
            let is_of_none = !is_held_out(asked) && self.has_personas_with_split;
            return (!is_of_none).then_some(asked);
        };
        let is_trained = |split: &str| self.trained.is_some_and(|trained| same(trained, split));
        let is_own = same(own, asked)
            || is_held_out(own)
            || is_trained(asked)
            || self.trained.is_some() && !is_trained(own);
        Some(if is_own { own } else { asked })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::ItemSplits;
    use crate::study::testing::structured_study;

    #[rstest]
    #[case("id", None, Some("id"))]
    #[case("id", Some("ood"), Some("ood"))]
    #[case("ood", Some("id"), Some("ood"))]
    #[case("id", Some(" ID"), Some("id"))]
    #[case("id", Some("wave 8"), Some("wave 8"))]
    #[case("wave 8", Some("id"), Some("wave 8"))]
    #[case("wave 8", Some("wave 9"), Some("wave 8"))]
    #[case("", Some("ood"), Some("ood"))]
    #[case("", Some("id"), None)]
    #[case("", None, None)]
    fn an_item_is_held_out_with_its_persona_or_its_question(
        #[case] own: &str,
        #[case] asked: Option<&str>,
        #[case] split: Option<&str>,
    ) {
        let mut study = structured_study(2, 1);
        study.personas[0].split = (!own.is_empty()).then(|| own.to_owned());
        study.personas[1].split = Some("id".to_owned());
        let structured = study.structured.as_mut().unwrap();
        structured.questions[0].split = asked.map(str::to_owned);
        assert_eq!(ItemSplits::new(&study).of(0, 0), split);
    }

    #[test]
    fn an_open_ended_item_is_of_the_split_of_the_question_that_it_is_linked_to() {
        let mut study = structured_study(2, 2);
        for (persona, split) in study.personas.iter_mut().zip(["id", "ood"]) {
            persona.split = Some(split.to_owned());
        }
        let structured = study.structured.as_mut().unwrap();
        structured.questions[1].split = Some("ood".to_owned());
        let ids = [0, 1].map(|question: usize| structured.questions[question].id.clone());
        let free = study.questions[0].clone();
        let linked = |id: &str, structured: Option<&String>| super::super::Question {
            id: id.to_owned(),
            structured: structured.cloned(),
            ..free.clone()
        };
        study.questions = vec![
            linked("open", Some(&ids[1])),
            linked(&ids[1], None),
            linked("other", Some(&ids[0])),
            linked("free", None),
        ];
        let splits = ItemSplits::new(&study);
        let of = |persona| [0, 1, 2, 3].map(|question| splits.of_open_ended(persona, question));
        assert_eq!(of(0), [Some("ood"), Some("ood"), Some("id"), Some("id")]);
        assert_eq!(of(1), [Some("ood"); 4]);
    }

    #[test]
    fn splits_of_questions_alone_are_those_of_items() {
        let mut study = structured_study(1, 1);
        study.structured.as_mut().unwrap().questions[0].split = Some("id".to_owned());
        assert_eq!(ItemSplits::new(&study).of(0, 0), Some("id"));
    }

    #[test]
    fn a_question_of_another_split_than_the_one_exported_is_held_out() {
        let mut study = structured_study(2, 4);
        for (persona, split) in study.personas.iter_mut().zip(["train", "ood"]) {
            persona.split = Some(split.to_owned());
        }
        let questions = &mut study.structured.as_mut().unwrap().questions;
        for (question, split) in questions.iter_mut().zip(["id", "train", "ood"]) {
            question.split = Some(split.to_owned());
        }
        let splits = ItemSplits::new(&study);
        let of = |persona| [0, 1, 2, 3].map(|question| splits.of(persona, question).unwrap());
        assert_eq!(of(0), ["id", "train", "ood", "train"]);
        assert_eq!(of(1), ["ood"; 4]);
    }

    #[test]
    fn where_no_split_is_exported_by_itself_a_question_holds_its_items_out() {
        let mut study = structured_study(2, 1);
        for (persona, split) in study.personas.iter_mut().zip(["wave 7", "wave 8"]) {
            persona.split = Some(split.to_owned());
        }
        study.structured.as_mut().unwrap().questions[0].split = Some("wave 7".to_owned());
        let splits = ItemSplits::new(&study);
        assert_eq!([0, 1].map(|p| splits.of(p, 0)), [Some("wave 7"); 2]);
    }
}
