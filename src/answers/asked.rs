//! The form in which a prompt asks for an answer, as in `Answer: number` at its end.

use super::extract::{ANSWER_WORDS, Reading, extract};
use crate::study::Scale;

/// Most words before the colon of a form.
const MOST_WORDS: usize = 3;

/// What stands before the answer in the form that a prompt ends with: `Jawapan: ` of
/// `Jawapan: nombor`. `None` where it ends with no form.
pub fn lead(prompt: &str) -> Option<String> {
    let line = prompt.trim_end().lines().next_back()?;
    let (before, held) = line.rsplit_once([':', '：'])?;
    let colon = line[before.len()..].chars().next()?;
    // A form may stand in quotes at the end of a sentence.
    let word = before.rsplit(['"', '`', '“', '「']).next()?;
    let word = word.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '\''));
    let is_word = |c: char| c.is_alphabetic() || c == ' ' || is_vowel_sign(c);
    let is_form = !word.is_empty()
        && word.chars().all(is_word)
        && word.split_whitespace().count() <= MOST_WORDS
        && is_placeholder(held);
    is_form.then(|| {
        let blank = if colon == ':' { " " } else { "" };
        format!("{word}{colon}{blank}")
    })
}

/// Signs of Tamil that are no letters of their own.
fn is_vowel_sign(c: char) -> bool {
    ('\u{b80}'..='\u{bff}').contains(&c)
}

/// Whether what follows a colon stands for the answer: nothing, a word, or something in
/// brackets.
fn is_placeholder(held: &str) -> bool {
    let held = held.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '*' | '.' | '”' | '」' | '。')
    });
    let in_brackets = held.starts_with(['<', '[', '(']) && held.ends_with(['>', ']', ')']);
    in_brackets || !held.contains(char::is_whitespace)
}

/// Whether an answer with this before it is read.
pub fn is_read(lead: &str) -> bool {
    let scale = Scale::parse("1 | 2");
    scale.is_ok_and(|scale| extract(&format!("{lead}2"), &scale) == Reading::Option(1))
}

/// The words under which answers are read, to name in a sentence.
pub fn words_read() -> String {
    let others: Vec<String> = ANSWER_WORDS[1..]
        .iter()
        .map(|word| format!("`{word}`"))
        .collect();
    others.join(", ")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "How?\n1 = Very\n\nReply with its number:\nAnswer: number\n",
        "Answer: ",
        true
    )]
    #[case("Balas dengan nombornya sahaja:\nJawapan: nombor", "Jawapan: ", true)]
    #[case("请只回答数字。\n答案：数字", "答案：", true)]
    #[case("எண்ணை மட்டும் எழுதவும்:\nபதில்: எண்", "பதில்: ", true)]
    #[case("Antworte nur so:\nAntwort: <die Zahl>", "Antwort: ", false)]
    #[case("Reply as \"Réponse : nombre\".", "Réponse: ", false)]
    #[case("1 = Yes\n2 = No\n**Final answer:**", "Final answer: ", true)]
    #[case("Number: [number]", "Number: ", false)]
    fn the_form_that_a_prompt_ends_with_is_known(
        #[case] prompt: &str,
        #[case] asked: &str,
        #[case] read: bool,
    ) {
        assert_eq!(lead(prompt).as_deref(), Some(asked));
        assert_eq!(is_read(asked), read);
    }

    #[rstest]
    #[case("")]
    #[case("Reply with its number only.")]
    #[case("Which is worse: war or hunger?")]
    #[case("Reply with a JSON object: {\"answer\": number}")]
    #[case("1 = Very\n4 = Other: something else")]
    #[case("Reply with one of these numbers: 1, 2, 3 or 4")]
    fn a_prompt_without_a_form_at_its_end_has_none(#[case] prompt: &str) {
        assert_eq!(lead(prompt), None);
    }
}
