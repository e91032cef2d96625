//! Words that say which of two things is preferred.

use crate::verdict::Choice;

/// Which of two things a word prefers, the first being the left one, or A, or 1;
/// `None` where it says nothing known.
pub(crate) fn choice(word: &str) -> Option<Choice> {
    let word = word
        .trim()
        .trim_matches(['[', ']', '"', '.'])
        .to_lowercase();
    let bare = [
        "response",
        "answer",
        "assistant",
        "output",
        "model",
        "option",
        "text",
    ]
    .iter()
    .find_map(|noun| word.strip_prefix(noun))
    .unwrap_or(&word)
    .trim_matches([' ', '_', '-']);
    Some(match bare {
        "left" | "a" | "1" | "first" | "a>b" | "a>>b" | "a+" | "a++" => Choice::First,
        "right" | "b" | "2" | "second" | "b>a" | "b>>a" | "b+" | "b++" => Choice::Second,
        "tie" | "draw" | "equal" | "same" | "both" | "neither" | "a=b" | "b=a" | "0"
        | "no preference" | "about the same" | "tied" => Choice::Tie,
        _ if bare.starts_with("left is") || bare.starts_with("a is better") => Choice::First,
        _ if bare.starts_with("right is") || bare.starts_with("b is better") => Choice::Second,
        _ => return None,
    })
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
        ] {
            assert_eq!(choice(word), Some(Choice::First), "{word}");
        }
        for word in ["right", "Assistant B", "B++", "2"] {
            assert_eq!(choice(word), Some(Choice::Second), "{word}");
        }
        for word in ["Tie", "equal", "A=B", "No preference"] {
            assert_eq!(choice(word), Some(Choice::Tie), "{word}");
        }
        for word in ["", "maybe", "better", "C", "left or right", "none"] {
            assert_eq!(choice(word), None, "{word}");
        }
    }
}
