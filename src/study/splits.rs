//! Splits: which items a fine-tune may see, and which are held out.

use super::Study;

/// Usual names of a split that may be trained on.
pub(crate) const TRAINED: &[&str] = &[
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
    /// The split of an item of the structured half. Where its persona and its question are of
    /// different ones it is held out with that of the two which is.
    pub fn structured_split(&self, persona: u32, question: u32) -> Option<&str> {
        let of_persona = self.personas[persona as usize].split.as_deref();
        let structured = self.structured.as_ref();
        let question = structured.and_then(|half| half.questions.get(question as usize));
        let Some(asked) = question.and_then(|question| question.split.as_deref()) else {
            return of_persona;
        };
        let Some(own) = of_persona else {
            // Beside personas with a split, one without is of none.
            let is_of_none = !is_held_out(asked) && self.personas.iter().any(|p| p.split.is_some());
            return (!is_of_none).then_some(asked);
        };
        let stays = same(own, asked) || is_held_out(own) || TRAINED.contains(&&*fold(asked));
        Some(if stays { own } else { asked })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::study::testing::structured_study;

    #[rstest]
    #[case("id", None, Some("id"))]
    #[case("id", Some("ood"), Some("ood"))]
    #[case("ood", Some("id"), Some("ood"))]
    #[case("id", Some(" ID"), Some("id"))]
    #[case("id", Some("wave 8"), Some("wave 8"))]
    #[case("wave 8", Some("id"), Some("wave 8"))]
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
        assert_eq!(study.structured_split(0, 0), split);
    }

    #[test]
    fn splits_of_questions_alone_are_those_of_items() {
        let mut study = structured_study(1, 1);
        study.structured.as_mut().unwrap().questions[0].split = Some("id".to_owned());
        assert_eq!(study.structured_split(0, 0), Some("id"));
    }
}
