//! Reads the option that a reply to a structured question gives.
//!
//! Strict: an option is never guessed. Readings are tried in this order, and the first
//! that finds anything decides; where it finds two different options, the reply is
//! unreadable.
//!
//! 1. a JSON object with a key such as `answer`, alone, in a code fence, or last in
//!    the text;
//! 2. what follows the word `answer` and a colon or "is";
//! 3. the first or the last line, where it is an option and nothing else;
//! 4. what follows `option`, `choice`, `choose`, `select` or `pick`.
//!
//! An option is its code (`3`, `3.0`, `(3)`, `3 = label`, `3/10` where 10 is the highest)
//! or its label, whole. A number that is not on the scale, a fraction, and `3 or 4` make
//! a reply unreadable. A reply without an option that uses a refusing phrase is a refusal.
//! Reasoning blocks are taken off first. One pass a reading; nothing is rescanned.

mod value;

use serde_json::Value;

use self::value::{Found, value};
use crate::study::Scale;
use crate::verdict::reasoning;

/// What a reply says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The option at this position of the scale.
    Option(u16),
    /// No option, and a phrase that refuses.
    Refused,
    /// No option, for this reason.
    Unreadable(Unreadable),
}

/// Why a reply gives no option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unreadable {
    /// There is no text.
    Empty,
    /// Nothing in it is an option.
    NoOption,
    /// A number that is not on the scale.
    OffScale,
    /// Several options.
    Ambiguous,
}

impl Unreadable {
    /// In words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Empty => "the reply is empty",
            Self::NoOption => "the reply names no option",
            Self::OffScale => "the reply names a number that is not on the scale",
            Self::Ambiguous => "the reply names several options",
        }
    }
}

/// Keys of an object that may hold the option.
const KEYS: [&str; 6] = ["answer", "option", "choice", "response", "code", "value"];

/// Words after which an option may stand, where the word `answer` has none.
const MARKERS: [&str; 6] = ["option", "choice", "choose", "chose", "select", "pick"];

/// Phrases of a model that will not answer, in lower case with plain apostrophes.
const REFUSALS: [&str; 31] = [
    "can't answer",
    "cannot answer",
    "can not answer",
    "won't answer",
    "will not answer",
    "unable to answer",
    "unable to provide",
    "unable to select",
    "unable to choose",
    "can't provide",
    "cannot provide",
    "can't assist",
    "cannot assist",
    "can't help with",
    "cannot help with",
    "can't choose",
    "cannot choose",
    "can't select",
    "cannot select",
    "can't engage",
    "cannot engage",
    "can't fulfill",
    "cannot fulfill",
    "as an ai",
    "as a language model",
    "don't have personal",
    "do not have personal",
    "prefer not to answer",
    "decline to answer",
    "not able to answer",
    "not appropriate for me",
];

/// What a reply says.
///
/// ```
/// use oyer::answers::extract::{Reading, extract};
/// use oyer::study::Scale;
///
/// let scale = Scale::parse("1 = Yes | 2 = No").unwrap();
/// assert_eq!(extract("**Answer:** 2", &scale), Reading::Option(1));
/// ```
pub fn extract(reply: &str, scale: &Scale) -> Reading {
    let stripped = reasoning::strip(reply);
    let text = stripped.answer.trim();
    if text.is_empty() {
        return Reading::Unreadable(Unreadable::Empty);
    }
    let readings = [in_json, after_answer, alone, after_marker];
    for read in readings {
        let mut finds = Finds::default();
        read(text, scale, &mut finds);
        if let Some(reading) = finds.decide() {
            return reading;
        }
    }
    if refuses(text) {
        Reading::Refused
    } else {
        Reading::Unreadable(Unreadable::NoOption)
    }
}

/// What one reading has found.
#[derive(Default)]
struct Finds {
    option: Option<u16>,
    off_scale: bool,
    several: bool,
}

impl Finds {
    fn add(&mut self, found: Found) {
        match found {
            Found::Nothing => {}
            Found::OffScale => self.off_scale = true,
            Found::Several => self.several = true,
            Found::Option(option) => {
                self.several |= self.option.is_some_and(|before| before != option);
                self.option = Some(option);
            }
        }
    }

    fn decide(&self) -> Option<Reading> {
        match self.option {
            _ if self.several => Some(Reading::Unreadable(Unreadable::Ambiguous)),
            Some(_) if self.off_scale => Some(Reading::Unreadable(Unreadable::Ambiguous)),
            Some(option) => Some(Reading::Option(option)),
            None if self.off_scale => Some(Reading::Unreadable(Unreadable::OffScale)),
            None => None,
        }
    }
}

/// The object that is the text, or its last one, where it has a known key.
fn in_json(text: &str, scale: &Scale, finds: &mut Finds) {
    let whole = text
        .strip_prefix("```json")
        .or_else(|| text.strip_prefix("```"))
        .and_then(|rest| rest.trim_end().strip_suffix("```"))
        .unwrap_or(text)
        .trim();
    let object = parse(whole).or_else(|| {
        let begin = text.rfind('{')?;
        let end = begin + text[begin..].find('}')?;
        parse(&text[begin..=end])
    });
    let Some(object) = object else { return };
    for (key, held) in &object {
        if !KEYS.iter().any(|known| key.eq_ignore_ascii_case(known)) {
            continue;
        }
        match held {
            Value::String(text) => finds.add(value(text, scale)),
            Value::Number(number) => finds.add(value(&number.to_string(), scale)),
            Value::Array(list) if list.len() > 1 => finds.add(Found::Several),
            _ => {}
        }
    }
}

fn parse(text: &str) -> Option<serde_json::Map<String, Value>> {
    text.starts_with('{')
        .then(|| serde_json::from_str(text).ok())?
}

/// What follows each `answer:` and `answer is`.
fn after_answer(text: &str, scale: &Scale, finds: &mut Finds) {
    let lower = text.to_ascii_lowercase();
    for (at, word) in lower.match_indices("answer") {
        if !starts_word(&lower, at) {
            continue;
        }
        let rest = &text[at + word.len()..];
        let marked = rest.trim_start_matches(is_markup);
        let marked = marked.trim_start();
        let held = marked
            .strip_prefix([':', '：', '=', '-'])
            .or_else(|| strip_word(marked, "is"))
            .or_else(|| strip_word(marked, "would be"));
        if let Some(held) = held {
            finds.add(value(first_line(held), scale));
        }
    }
}

/// Bytes in which an option begins after a word that leads to it, and more than any
/// label has.
const NEAR: usize = 1000;

/// The first line and the last.
fn alone(text: &str, scale: &Scale, finds: &mut Finds) {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let last = lines.next_back().unwrap_or(first);
    for line in [first, last] {
        finds.add(value::whole(line, scale));
    }
}

/// What follows each other word that leads to an option.
fn after_marker(text: &str, scale: &Scale, finds: &mut Finds) {
    let lower = text.to_ascii_lowercase();
    for marker in MARKERS {
        for (at, word) in lower.match_indices(marker) {
            if !starts_word(&lower, at) {
                continue;
            }
            let rest = text[at + word.len()..].trim_start_matches(is_markup);
            let rest = rest.trim_start_matches([':', '=', '#', ' ']);
            let code = rest.trim_start_matches(is_markup);
            // A label in the middle of a sentence may be denied there.
            if code.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
                finds.add(value(first_line(code), scale));
            }
        }
    }
}

/// The rest after a word, where it stands first.
fn strip_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let head = text.get(..word.len())?;
    let rest = &text[word.len()..];
    let ends = !rest.starts_with(char::is_alphanumeric);
    (head.eq_ignore_ascii_case(word) && ends).then(|| rest.trim_start_matches([':', ' ', '*']))
}

/// The first line that is not blank, as far as it is near.
fn first_line(text: &str) -> &str {
    text[..text.floor_char_boundary(NEAR)]
        .trim_start_matches(|c: char| c.is_whitespace() || is_markup(c))
        .lines()
        .next()
        .unwrap_or_default()
}

fn starts_word(text: &str, at: usize) -> bool {
    !text[..at].ends_with(char::is_alphanumeric)
}

/// Marks of layout that carry no meaning here.
fn is_markup(c: char) -> bool {
    matches!(
        c,
        '*' | '_' | '`' | '"' | '\'' | '“' | '”' | '‘' | '’' | '<' | '>' | '[' | ']' | '#'
    )
}

fn refuses(text: &str) -> bool {
    let plain = text.replace('’', "'").to_ascii_lowercase();
    REFUSALS.iter().any(|phrase| plain.contains(phrase))
}

#[cfg(test)]
mod tests;
