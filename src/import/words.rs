//! Words that say which of two things is preferred.

use std::collections::BTreeSet;

use crate::verdict::Choice;

/// What a side may be called besides.
const NOUNS: &[&str] = &[
    "response",
    "answer",
    "assistant",
    "output",
    "model",
    "option",
    "text",
];
/// How far a side may be better.
const ADVERBS: &[&str] = &[
    "much",
    "slightly",
    "a bit",
    "a little",
    "clearly",
    "far",
    "significantly",
    "somewhat",
    "marginally",
    "strongly",
];
/// What a tie may be called.
const TIES: &[&str] = &[
    "tie",
    "a tie",
    "draw",
    "a draw",
    "tied",
    "equal",
    "same",
    "about same",
    "both",
    "neither",
    "neither is better",
    "no preference",
    "no difference",
    "no clear difference",
    "a=b",
    "b=a",
    "0",
];
/// What both sides may be, for a tie.
const BOTH: &[&str] = &[
    "is", "are", "equally", "about", "equal", "same", "good", "bad", "poor",
];

/// Which of two things a word prefers, the first being the left one, or A, or 1;
/// `None` where it says nothing known.
pub(crate) fn choice(word: &str) -> Option<Choice> {
    let word = word
        .trim()
        .trim_matches(['[', ']', '"', '.'])
        .to_lowercase();
    let words: Vec<&str> = word
        .split([' ', '_', '-'])
        .filter(|word| !word.is_empty() && *word != "the")
        .collect();
    let is_of_both = |rest: &[&str]| rest.iter().all(|word| BOTH.contains(word));
    match &words[..] {
        ["both" | "equally", rest @ ..] if is_of_both(rest) => Some(Choice::Tie),
        words if TIES.contains(&&*words.join(" ")) => Some(Choice::Tie),
        [noun, rest @ ..] if NOUNS.contains(noun) => preferred(rest),
        [first, rest @ ..] => {
            let bare = NOUNS.iter().find_map(|noun| first.strip_prefix(noun));
            preferred(&[&[bare.unwrap_or(first)], rest].concat())
        }
        [] => None,
    }
}

/// The side that words name alone, or say to be better.
fn preferred(words: &[&str]) -> Option<Choice> {
    let (side, rest) = words.split_first()?;
    let side = match *side {
        "left" | "a" | "1" | "first" | "a>b" | "a>>b" | "a+" | "a++" => Choice::First,
        "right" | "b" | "2" | "second" | "b>a" | "b>>a" | "b+" | "b++" => Choice::Second,
        _ => return None,
    };
    let rest = match rest {
        [noun, rest @ ..] if NOUNS.contains(noun) => rest,
        rest => rest,
    };
    match rest {
        [] => Some(side),
        // Without a verb `a better` may be the beginning of anything.
        [
            "is" | "was",
            adverbs @ ..,
            "better" | "best" | "preferred" | "stronger",
        ] if adverbs.is_empty() || ADVERBS.contains(&&*adverbs.join(" ")) => Some(side),
        _ => None,
    }
}

/// Words for sides, with those that the user gave.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// `None` for a word that says nothing of the sides.
    given: Vec<(String, Option<Choice>)>,
}

impl Words {
    /// Takes words with `left`, `right`, `tie` or `missing`; gives one with anything else
    /// back.
    pub(super) fn new(values: &[(String, String)]) -> Result<Self, String> {
        let given = values.iter().map(|(word, side)| {
            let side = match side.as_str() {
                "left" => Some(Choice::First),
                "right" => Some(Choice::Second),
                "tie" => Some(Choice::Tie),
                "missing" => None,
                _ => return Err(format!("{word}={side}")),
            };
            Ok((word.trim().to_owned(), side))
        });
        Ok(Self {
            given: given.collect::<Result<_, _>>()?,
        })
    }

    /// Which side a word prefers; `None` where it says nothing known. A number of a
    /// scale says nothing.
    pub(super) fn choice(&self, word: &str, is_of_scale: bool) -> Option<Choice> {
        match self.given(word) {
            Some((_, side)) => *side,
            None => choice(word).filter(|_| !(is_of_scale && is_number(word))),
        }
    }

    /// Whether the user gave the word a meaning.
    pub(super) fn is_given(&self, word: &str) -> bool {
        self.given(word).is_some()
    }

    fn given(&self, word: &str) -> Option<&(String, Option<Choice>)> {
        let mut given = self.given.iter();
        given.find(|(known, _)| known == word.trim())
    }

    /// Whether words that one control has are a scale: numbers that the user did not
    /// give a meaning, and not only 1 and 2 beside ties.
    pub(super) fn are_a_scale(&self, words: &BTreeSet<String>) -> bool {
        let mut unknown = words.iter().filter(|word| self.given(word).is_none());
        let is_of_two =
            |word: &str| matches!(word.trim(), "1" | "2") || choice(word) == Some(Choice::Tie);
        unknown.clone().any(|word| is_number(word)) && unknown.any(|word| !is_of_two(word))
    }

    /// Whether words that one control has say which side is better by bare numbers alone,
    /// ties aside, which the user did not give a meaning: they may be a scale of which only
    /// 1 and 2 were used.
    pub(super) fn may_be_a_scale(&self, words: &BTreeSet<String>) -> bool {
        let known = words.iter().filter(|word| self.given(word).is_none());
        let sides = |word: &&String| matches!(choice(word), Some(Choice::First | Choice::Second));
        let mut sides = known.filter(sides).peekable();
        sides.peek().is_some() && sides.all(|word| is_number(word))
    }
}

fn is_number(word: &str) -> bool {
    word.trim().parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_many_tools_are_known_and_others_are_not_guessed() {
        for word in [
            "left",
            " A",
            "Response A",
            "model_a",
            "answer 1",
            "[[A]]",
            "A>>B",
            "First",
            "The left answer",
            "Left is better",
            "A is much better",
            "Response A is a bit better",
            "left was clearly better.",
            "1 is far better",
        ] {
            assert_eq!(choice(word), Some(Choice::First), "{word}");
        }
        for word in [
            "right",
            "Assistant B",
            "B++",
            "2",
            "ModelB",
            "The right is slightly better",
            "B is significantly better",
        ] {
            assert_eq!(choice(word), Some(Choice::Second), "{word}");
        }
        for word in [
            "Tie",
            "equal",
            "A=B",
            "No preference",
            "Both are equally good",
            "Both are bad",
            "No difference",
            "About the same",
            "equally good",
        ] {
            assert_eq!(choice(word), Some(Choice::Tie), "{word}");
        }
        for word in [
            "",
            "maybe",
            "better",
            "C",
            "left or right",
            "none",
            "A bit better",
            "A better answer",
            "Left is worse",
            "Left is not better",
            "both are fine, but A is longer",
        ] {
            assert_eq!(choice(word), None, "{word}");
        }
    }

    #[test]
    fn numbers_are_sides_only_where_there_are_two_of_them() {
        let words = Words::default();
        let of = |said: &[&str]| said.iter().map(|&word| word.to_owned()).collect();
        for said in [
            &["1", "2"][..],
            &["1"],
            &["0", "1", "2"],
            &["1", "2", "tie"],
            &["A", "B"],
        ] {
            assert!(!words.are_a_scale(&of(said)), "{said:?}");
        }
        for said in [
            &["1", "2", "3"][..],
            &["2", "5"],
            &["4"],
            &["1", "left"],
            &["0.5", "1"],
        ] {
            assert!(words.are_a_scale(&of(said)), "{said:?}");
        }
        assert_eq!(words.choice("1", true), None);
        assert_eq!(words.choice("0", true), None);
        assert_eq!(words.choice("left", true), Some(Choice::First));
        assert_eq!(words.choice("1", false), Some(Choice::First));
        let five = ["1", "2", "3", "4", "5"].map(str::to_owned);
        let sides = ["left", "left", "tie", "right", "right"].map(str::to_owned);
        let given: Vec<_> = five.clone().into_iter().zip(sides).collect();
        let words = Words::new(&given).unwrap();
        assert!(!words.are_a_scale(&five.into()));
        assert_eq!(words.choice("2", false), Some(Choice::First));
    }

    #[test]
    fn sides_that_are_told_by_bare_numbers_alone_may_be_a_scale() {
        let of = |said: &[&str]| said.iter().map(|&word| word.to_owned()).collect();
        let words = Words::default();
        for said in [&["1", "2"][..], &["2"], &["1", "2", "tie"], &["0", "1"]] {
            assert!(words.may_be_a_scale(&of(said)), "{said:?}");
        }
        for said in [
            &["A", "B"][..],
            &["tie"],
            &["option 1", "option 2"],
            &["other"],
        ] {
            assert!(!words.may_be_a_scale(&of(said)), "{said:?}");
        }
        let given = [
            ("1".to_owned(), "left".to_owned()),
            ("2".to_owned(), "right".to_owned()),
        ];
        assert!(!Words::new(&given).unwrap().may_be_a_scale(&of(&["1", "2"])));
    }

    #[test]
    fn words_of_the_user_come_before_those_that_are_known() {
        let pair = |word: &str, side: &str| (word.to_owned(), side.to_owned());
        let words = Words::new(&[pair("Left is worse", "right"), pair("tie", "left")]).unwrap();
        assert_eq!(words.choice("Left is worse", false), Some(Choice::Second));
        assert_eq!(words.choice(" tie ", false), Some(Choice::First));
        assert_eq!(words.choice("B", false), Some(Choice::Second));
        let words = Words::new(&[pair("1", "missing")]).unwrap();
        assert_eq!(words.choice("1", false), None);
        assert_eq!(words.choice("2", false), Some(Choice::Second));
        assert_eq!(Words::new(&[pair("x", "win")]).unwrap_err(), "x=win");
    }
}
