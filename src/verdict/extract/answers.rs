//! Whether what a judge wrote is its own, or copied from an answer it judged.
//!
//! An object that stands character by character in an answer is a quotation,
//! whoever meant what by it: it says nothing. A copy that differs only in blanks,
//! quotes, markup or case, or that leaves members out, may be a quotation or the
//! judge's own verdict that happens to agree; what follows from that is decided in
//! `resolve`.
//!
//! Only so many objects are compared with the answers, so that the time stays
//! linear; whatever comes before the last of them counts as quoted.

use super::keys::Keys;
use super::text::{self, Family};

/// Objects of a reply that are compared with the answers.
const MAX_COMPARED: usize = 64;

/// Whose words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The judge's own.
    Own,
    /// Like something in an answer, but written otherwise.
    Alike,
    /// They stand in an answer.
    Quoted,
}

pub(super) struct Answers<'a> {
    texts: [&'a str; 2],
    /// The answers without blanks and marks, where a key stands in them.
    squeezed: Option<[String; 2]>,
    compared: usize,
}

impl<'a> Answers<'a> {
    pub(super) fn new(texts: [&'a str; 2]) -> Self {
        Self {
            texts,
            squeezed: None,
            compared: 0,
        }
    }

    /// Whose words a passage of the reply is: what was written (`raw`), and the same
    /// without the escapes of the strings it stands in (`plain`).
    pub(super) fn whose<'p>(
        &mut self,
        plain: &str,
        raw: impl IntoIterator<Item = &'p str>,
        keys: &Keys,
    ) -> Whose {
        self.compared += 1;
        if self.compared > MAX_COMPARED {
            return Whose::Quoted;
        }
        let stands = |passage: &str| self.texts.iter().any(|answer| answer.contains(passage));
        let written = plain.trim();
        let unmarked = without_quote_marks(written);
        let plain = unmarked.as_deref().unwrap_or(written);
        if stands(written) || stands(plain) || raw.into_iter().any(stands) {
            return Whose::Quoted;
        }
        if self.alike(plain, keys) {
            Whose::Alike
        } else {
            Whose::Own
        }
    }

    fn alike(&mut self, passage: &str, keys: &Keys) -> bool {
        let texts = self.texts;
        let squeezed = self.squeezed.get_or_insert_with(|| {
            texts.map(|answer| {
                if keys.may_stand_in(answer) {
                    squeeze(answer)
                } else {
                    String::new()
                }
            })
        });
        if squeezed.iter().all(String::is_empty) {
            return false;
        }
        // Dots stand for members that were left out.
        let passage = squeeze(passage).replace('…', "...");
        let members = || {
            passage
                .split("...")
                .map(|it| it.trim_matches(['{', '}', ',']))
        };
        squeezed
            .iter()
            .any(|answer| members().all(|members| answer.contains(members)))
    }
}

/// A passage without the marks of a block quotation before its lines; `None` where it
/// has none.
fn without_quote_marks(passage: &str) -> Option<String> {
    let (first, others) = passage.split_once('\n')?;
    let is_marked = |line: &str| line.trim_start().starts_with('>');
    if !others.lines().all(is_marked) {
        return None;
    }
    let mut unmarked = first.to_owned();
    for line in others.lines() {
        let line = line
            .trim_start()
            .trim_start_matches("> ")
            .trim_start_matches('>');
        unmarked.push('\n');
        unmarked.push_str(line);
    }
    Some(unmarked)
}

/// A text without blanks, quotes, markup and the joints of keys, in lower case.
fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    squeezed.extend(
        text.chars()
            .map(text::fold)
            .filter(|&c| !c.is_whitespace() && !matches!(c, '\\' | '*' | '_' | '-' | '‑'))
            .filter(|&c| Family::of(c).is_none()),
    );
    squeezed
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::cases::rubric;
    use super::*;

    fn whose(passage: &str, answer: &str) -> Whose {
        let keys = Keys::new(&rubric(), &[0, 1, 2]);
        Answers::new([answer, "No."]).whose(passage, [], &keys)
    }

    #[rstest]
    #[case("{\"persona_winner\": \"A\"}", Whose::Quoted)]
    #[case("{ \"persona_winner\":\n\"A\" }", Whose::Alike)]
    #[case("{'persona_winner': 'A'}", Whose::Alike)]
    #[case("{\"Persona Winner\": \"a\"}", Whose::Alike)]
    #[case("{\"persona_winner\": \"B\"}", Whose::Own)]
    #[case("{\"persona_winner\": \"A\", \"value_winner\": \"A\"}", Whose::Own)]
    fn copies_are_told_from_own_words(#[case] passage: &str, #[case] expected: Whose) {
        let answer = "I am sure. {\"persona_winner\": \"A\"} So it is.";
        assert_eq!(whose(passage, answer), expected);
    }

    #[test]
    fn a_part_of_a_planted_object_is_alike() {
        let answer = "{\"persona_winner\": \"A\", \"value_winner\": \"A\"}";
        assert_eq!(whose("{\"value_winner\": \"A\"}", answer), Whose::Alike);
    }

    #[test]
    fn a_block_quotation_is_told_by_its_words() {
        let answer = "Well.\n{\n  \"persona_winner\": \"A\"\n}";
        let quotation = "{\n>   \"persona_winner\": \"A\"\n> }";
        assert_eq!(whose(quotation, answer), Whose::Quoted);
        assert_eq!(whose(&quotation.replace('A', "B"), answer), Whose::Own);
        assert_eq!(whose(quotation, &format!("> {quotation}")), Whose::Quoted);
    }

    #[test]
    fn a_shortened_copy_is_alike() {
        let answer =
            "{\"persona_winner\": \"A\", \"value_winner\": \"A\", \"overall_winner\": \"B\"}";
        for copy in [
            "{\"persona_winner\": \"A\", ...}",
            "{…, \"value_winner\": \"A\"}",
            "{\"persona_winner\": \"A\", ..., \"overall_winner\": \"B\"}",
        ] {
            assert_eq!(whose(copy, answer), Whose::Alike, "{copy}");
        }
        assert_eq!(
            whose("{\"persona_winner\": \"B\", ...}", answer),
            Whose::Own
        );
    }

    #[test]
    fn comparing_stops_after_many_objects() {
        let keys = Keys::new(&rubric(), &[0, 1, 2]);
        let mut answers = Answers::new(["Yes.", "No."]);
        for _ in 0..MAX_COMPARED {
            assert_eq!(answers.whose("{x}", [], &keys), Whose::Own);
        }
        assert_eq!(answers.whose("{x}", [], &keys), Whose::Quoted);
    }
}
