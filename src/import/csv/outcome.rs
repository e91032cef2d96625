//! What a word of a CSV's outcome says.

use super::Mapping;
use crate::input::source::shown;
use crate::verdict::{Choice, Order, Outcome};

/// The order that a word of the user, or of this program's own tables, says.
pub(super) fn order(text: &str, mapping: &Mapping) -> Option<Order> {
    let given = mapping.values.iter().filter(|given| is_of_order(given));
    let mut given = given.filter(|(word, _)| word.trim() == text);
    of_order(given.next().map_or(text, |(_, to)| to))
}

fn of_order(word: &str) -> Option<Order> {
    match word {
        "candidate_first" => Some(Order::CandidateFirst),
        "opponent_first" => Some(Order::OpponentFirst),
        _ => None,
    }
}

/// Whether a word was given a meaning as an order, and not as an outcome.
pub(in crate::import) fn is_of_order((_, to): &(String, String)) -> bool {
    of_order(to).is_some()
}

/// The words that the user gave a meaning as an outcome.
fn of_outcomes(mapping: &Mapping) -> impl Iterator<Item = &(String, String)> {
    let values = mapping.values.iter();
    values.filter(|given| !is_of_order(given))
}

/// What is said of an order whose meaning is not known.
pub(super) fn unknown_order(text: &str) -> String {
    let word = shown(text);
    format!(
        "found `{word}`, expected candidate_first or opponent_first; say what it is with --value '{word}=candidate_first' (or opponent_first)"
    )
}

/// What a word says of two models, from the candidate's side; `None` where it says
/// nothing known.
pub(super) fn outcome(
    text: &str,
    models: [&str; 2],
    order: Option<Order>,
    mapping: &Mapping,
) -> Option<Outcome> {
    let of_word = |word: &str| match word {
        "win" => Some(Outcome::Win),
        "tie" => Some(Outcome::Tie),
        "loss" => Some(Outcome::Loss),
        "missing" => Some(Outcome::Missing),
        _ => None,
    };
    let given = of_outcomes(mapping).find(|(word, _)| word.trim() == text);
    if let Some((_, outcome)) = given {
        return of_word(outcome);
    }
    if text == models[0] {
        return Some(Outcome::Win);
    }
    if text == models[1] {
        return Some(Outcome::Loss);
    }
    of_known_word(text, order)
}

/// Whether a word is a model's name, read as that, though it says something else beside.
pub(super) fn is_ambiguous(
    text: &str,
    models: [&str; 2],
    order: Option<Order>,
    mapping: &Mapping,
) -> bool {
    let is_given = of_outcomes(mapping).any(|(word, _)| word.trim() == text);
    let word = of_known_word(text, order);
    !is_given
        && models.contains(&text)
        && word.is_some_and(|word| outcome(text, models, order, mapping) != Some(word))
}

/// What a word says whatever the models are called.
fn of_known_word(text: &str, order: Option<Order>) -> Option<Outcome> {
    let of_place = |place: Choice| order.map(|order| place.outcome(order));
    match text.to_lowercase().as_str() {
        "win" | "won" | "candidate" | "left" | "a" | "x" | "model_a" | "model_1" => {
            Some(Outcome::Win)
        }
        "loss" | "lost" | "lose" | "opponent" | "right" | "b" | "y" | "model_b" | "model_2" => {
            Some(Outcome::Loss)
        }
        "first" => of_place(Choice::First),
        "second" => of_place(Choice::Second),
        "tie" | "draw" | "equal" | "tied" | "a=b" | "tie (bothbad)" | "both" | "neither" => {
            Some(Outcome::Tie)
        }
        _ => is_missing(text).then_some(Outcome::Missing),
    }
}

/// Whether a word says that there is no verdict.
pub(super) fn is_missing(text: &str) -> bool {
    let word = text.to_lowercase();
    let words = ["", "missing", "error", "nan", "null", "none", "n/a"];
    words.contains(&word.as_str())
}

/// What is said of a word whose meaning is not known.
pub(super) fn unknown(text: &str) -> String {
    let word = shown(text);
    match text.to_lowercase().as_str() {
        "first" | "second" => format!(
            "`{word}` is what was shown {word}, and the row has no order; give it with --column order=COLUMN (candidate_first or opponent_first), or say what the word is with --value '{word}=win' (or loss)"
        ),
        _ => format!(
            "`{word}` is no outcome known here; say what it is with --value '{word}=win' (or tie, loss, missing)"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_names_and_given_words_are_outcomes() {
        let mapping = Mapping {
            columns: Vec::new(),
            values: vec![
                ("yes".to_owned(), "loss".to_owned()),
                ("left".to_owned(), "tie".to_owned()),
            ],
        };
        let of = |word: &str, order| outcome(word, ["m", "n"], order, &mapping);
        assert_eq!(of("yes", None), Some(Outcome::Loss));
        assert_eq!(of("left", None), Some(Outcome::Tie));
        assert_eq!(of("Right", None), Some(Outcome::Loss));
        assert_eq!(of("m", None), Some(Outcome::Win));
        assert_eq!(of("n", None), Some(Outcome::Loss));
        assert_eq!(of("first", Some(Order::OpponentFirst)), Some(Outcome::Loss));
        assert_eq!(of("second", Some(Order::OpponentFirst)), Some(Outcome::Win));
        assert_eq!(of("first", None), None);
        assert!(unknown("first").contains("the row has no order"));
        assert!(!unknown("left\nof an open quote").contains('\n'));
        assert_eq!(of("", None), Some(Outcome::Missing));
        assert_eq!(of("perhaps", None), None);
        assert_eq!(of("1", None), None);
        let ambiguous = |word: &str, models| is_ambiguous(word, models, None, &mapping);
        assert!(ambiguous("tie", ["tie", "b"]) && ambiguous("a", ["b", "a"]));
        assert!(!ambiguous("a", ["a", "b"]) && !ambiguous("left", ["right", "left"]));
    }
}
