//! The form in which a prompt asks for an answer, as in `Answer: number` at its end.

use super::extract::{ANSWER_WORDS, Reading, extract};
use crate::study::Scale;

/// Most words before the colon of a form.
const MOST_WORDS: usize = 3;

/// The form in which a prompt asks for an answer: what stands before the answer and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    before: String,
    after: String,
}

impl Form {
    /// A reply in this form.
    pub fn reply(&self, code: i32) -> String {
        format!("{}{code}{}", self.before, self.after)
    }

    /// It in words.
    pub fn shown(&self) -> String {
        if self.after.is_empty() {
            format!("`{}` and a number", self.before)
        } else {
            format!("`{}number{}`", self.before, self.after)
        }
    }

    /// Whether an answer in it is read.
    pub fn is_read(&self) -> bool {
        let scale = Scale::parse("1 | 2");
        scale.is_ok_and(|scale| extract(&self.reply(2), &scale) == Reading::Option(1))
    }
}

/// The form that the last line of a prompt asks for: `Jawapan: nombor`, `{"answer": number}`,
/// `<answer>number</answer>` or `\\boxed{}`. `None` where it asks for none.
pub fn form(prompt: &str) -> Option<Form> {
    let line = prompt.trim_end().lines().next_back()?;
    object(line)
        .or_else(|| boxed(line))
        .or_else(|| tag(line))
        .or_else(|| quoted(line))
        .or_else(|| lead(line))
}

/// The form of a JSON object with one key.
fn object(line: &str) -> Option<Form> {
    let (_, object) = line.rsplit_once('{')?;
    let (object, _) = object.split_once('}')?;
    let (key, held) = object.split_once(':')?;
    let key = key.trim().strip_prefix('"')?.strip_suffix('"')?;
    (!key.contains('"') && is_placeholder(held)).then(|| Form {
        before: format!("{{\"{key}\": "),
        after: "}".to_owned(),
    })
}

fn boxed(line: &str) -> Option<Form> {
    let (_, held) = line.rsplit_once("\\boxed{")?;
    let (held, _) = held.split_once('}')?;
    is_placeholder(held).then(|| Form {
        before: "\\boxed{".to_owned(),
        after: "}".to_owned(),
    })
}

/// The form of a tag around the answer.
fn tag(line: &str) -> Option<Form> {
    let (before, _) = line.rsplit_once("</")?;
    let (before, held) = before.rsplit_once('>')?;
    let (_, name) = before.rsplit_once('<')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    // A tag may be for other things, such as thoughts.
    (is_name && names_answer(held)).then(|| Form {
        before: format!("<{name}>"),
        after: format!("</{name}>"),
    })
}

/// A form in quotes within a sentence: "as `Rating: X` on the last line."
fn quoted(line: &str) -> Option<Form> {
    const QUOTES: [(char, char); 4] = [('`', '`'), ('"', '"'), ('“', '”'), ('「', '」')];
    QUOTES.iter().find_map(|(open, close)| {
        let (before, _) = line.rsplit_once(*close)?;
        let (_, form) = before.rsplit_once(*open)?;
        lead(form)
    })
}

/// The form of a word and a colon with which a line ends.
fn lead(line: &str) -> Option<Form> {
    let (before, held) = line.rsplit_once([':', '：'])?;
    let colon = line[before.len()..].chars().next()?;
    // A form may stand in quotes at the end of a sentence, or be a sentence of its own.
    let ends = ['"', '`', '“', '「', '.', '!', '?', '。'];
    let word = before.rsplit(ends).next()?;
    // What leads to nothing may be the end of a sentence: `Respond as the persona:`.
    let word = if held.trim().is_empty() {
        word
    } else {
        word.rsplit(" as ").next()?
    };
    let word = word.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '\''));
    let is_word = |c: char| c.is_alphabetic() || c == ' ' || is_vowel_sign(c);
    let is_form = !word.is_empty()
        && word.chars().all(is_word)
        && word.split_whitespace().count() <= MOST_WORDS;
    let blank = if colon == ':' { " " } else { "" };
    let form = Form {
        before: format!("{word}{colon}{blank}"),
        after: String::new(),
    };
    (is_form && (is_placeholder(held) || (is_example(held) && form.is_read()))).then_some(form)
}

/// Signs of Tamil that are no letters of their own.
fn is_vowel_sign(c: char) -> bool {
    ('\u{b80}'..='\u{bff}').contains(&c)
}

/// Words that stand for the answer though a full stop follows them.
const PLACEHOLDERS: [&str; 9] = [
    "code", "digit", "n", "nombor", "number", "option", "value", "x", "数字",
];

/// Whether what follows a colon stands for the answer: nothing, a word, or something in
/// brackets, and neither a range of numbers nor the end of a sentence.
fn is_placeholder(held: &str) -> bool {
    let is_quote = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '*' | '”' | '」');
    let bare = held.trim_matches(is_quote);
    let word = bare.trim_end_matches(['.', '。']);
    let ends_sentence = word.len() < bare.len() && bare.len() == held.trim().len();
    let word = word.trim_matches(is_quote);
    let in_brackets = word.starts_with(['<', '[', '(']) && word.ends_with(['>', ']', ')']);
    let is_known = |known: &str| word.eq_ignore_ascii_case(known);
    if ends_sentence && !in_brackets {
        return word.is_empty() || PLACEHOLDERS.into_iter().any(is_known);
    }
    in_brackets || !word.contains(|c: char| c.is_whitespace() || c.is_numeric())
}

/// Whether what a tag holds is a word for the answer, or something in brackets.
fn names_answer(held: &str) -> bool {
    let in_brackets = held.starts_with(['<', '[', '(']) && held.ends_with(['>', ']', ')']);
    let is_known = |known: &str| held.trim().eq_ignore_ascii_case(known);
    in_brackets || PLACEHOLDERS.into_iter().any(is_known)
}

/// Whether what follows a colon is a number as an example, or a range of them.
fn is_example(held: &str) -> bool {
    let bare = held.trim_matches(|c: char| !c.is_numeric());
    !bare.is_empty()
        && bare
            .chars()
            .all(|c| c.is_numeric() || matches!(c, '-' | '–'))
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
        let form = form(prompt).unwrap();
        assert_eq!(form.reply(2), format!("{asked}2"));
        assert_eq!(form.is_read(), read);
    }

    #[rstest]
    #[case("Reply with JSON: {\"answer\": number}", "{\"answer\": 2}", true)]
    #[case("Reply with JSON: {\"rating\": <number>}.", "{\"rating\": 2}", false)]
    #[case("{\"score\": \"number\"}", "{\"score\": 2}", false)]
    #[case("Reply as <answer>number</answer>", "<answer>2</answer>", true)]
    #[case("Reply as <rating>number</rating>.", "<rating>2</rating>", false)]
    #[case("Put the number in \\boxed{}.", "\\boxed{2}", true)]
    #[case("Write your rating as Rating: X", "Rating: 2", false)]
    #[case("End with `Rating: X` on the last line.", "Rating: 2", false)]
    #[case("End with \"Answer: X\" on the last line.", "Answer: 2", true)]
    #[case("Write your rating as Rating: number.", "Rating: 2", false)]
    #[case(
        "Think in <think>...</think>, then end with `Jawapan: nombor`",
        "Jawapan: 2",
        true
    )]
    #[case("Put your thoughts in <b></b>. Answer: N", "Answer: 2", true)]
    #[case("Respond like `Jawapan: 2`.", "Jawapan: 2", true)]
    #[case(
        "Reply with \"Jawapan: X\" (for example, \"Jawapan: 3\").",
        "Jawapan: 2",
        true
    )]
    #[case("Balas:\nJawapan: 1-3", "Jawapan: 2", true)]
    fn a_form_of_an_object_a_tag_or_within_a_sentence_is_known(
        #[case] prompt: &str,
        #[case] reply: &str,
        #[case] read: bool,
    ) {
        let form = form(prompt).unwrap();
        assert_eq!(form.reply(2), reply);
        assert_eq!(form.is_read(), read);
    }

    #[rstest]
    #[case("Scale: 1-3")]
    #[case("Remember: honestly.")]
    #[case("Please respond as the persona:")]
    #[case("Write the code as your reply:")]
    #[case("The scale is as follows:")]
    #[case("Use <b>bold</b> for what matters.")]
    #[case("")]
    #[case("Reply with its number only.")]
    #[case("Which is worse: war or hunger?")]
    #[case("Reply with a JSON object: {\"reason\": text, \"answer\": number}")]
    #[case("1 = Very\n4 = Other: something else")]
    #[case("Reply with one of these numbers: 1, 2, 3 or 4")]
    fn a_prompt_without_a_form_at_its_end_has_none(#[case] prompt: &str) {
        assert_eq!(form(prompt), None);
    }
}
