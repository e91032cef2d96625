//! Reads the option that a reply to a structured question gives.
//!
//! Strict: an option is never guessed. Readings are tried in this order, and the first
//! that finds anything decides; where it finds two different options, the reply is
//! unreadable.
//!
//! 1. JSON objects with a key such as `answer`; where the first of these keys holds no
//!    option, the reply has none;
//! 2. what stands between `<answer>` and `</answer>`, or in `\\boxed{}`;
//! 3. what follows the word `answer`, or that of Malay, Chinese or Tamil, and a colon or "is";
//! 4. the same of the word `response`;
//! 5. the first or the last line, where it is an option and nothing else, and no line of a
//!    list of options, which gives none of them;
//! 6. what follows `option`, `choice`, `choose`, `select` or `pick`, or those of Malay or
//!    Chinese.
//!
//! What a clause denies (`I cannot choose 2`, `I don't think the answer is 3`), rejects (`Option
//! 1 is not for me`) or only supposes, and what others choose, is not said; nor is what the words
//! after it take back (`1? No.`). Where a sentence says what the answer is, and another option is
//! chosen elsewhere, the reply is unreadable.
//!
//! An option is its code (`3`, `3.0`, `(3)`, `3 = label`, `label (3)`, `3/10` where 10 is the
//! highest, but not `9/10`) or its label, whole; a label that is itself a number gives way to a
//! code. A number that is not on the scale, a fraction, a bound (`>2`, `3 or
//! more`), `3 or 4`, a code with the label of another, and a code or label to which the rest of the
//! line or the next line turns (`Agree, or maybe Disagree`, `On second thought, 4.`) make a reply
//! unreadable; a code with its own label is the option, whatever numbers the label has.
//! Full-width digits and marks are as their usual forms.
//!
//! A reply without an option that uses a refusing phrase, in English, Malay, Chinese or Tamil, is
//! a refusal. Of lines that begin with a code that holds only where the code may number a line of a list and
//! who speaks refuses at once (`1. I'm sorry, I can't answer`). Reasoning blocks are taken off
//! first. One pass a reading; nothing is rescanned.

mod choice;
mod denial;
mod json;
mod lines;
mod others;
mod refusal;
mod turns;
mod value;

use std::borrow::Cow;

use self::choice::ELSEWHERE;
use self::denial::{is_denied, is_denied_elsewhere};
use self::lines::stated;
use self::value::Found;
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

/// Words after which an answer stands, in English, Malay, Indonesian, Chinese and Tamil.
pub(crate) const ANSWER_WORDS: [&str; 6] = ["answer", "jawapan", "jawaban", "答案", "回答", "பதில்"];

/// What may stand between them and the answer.
const IS: [&str; 4] = ["is", "would be", "ialah", "adalah"];

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
    read(&half_width(stripped.answer.trim()), scale).reading
}

/// Whether the option that is read of a reply that was cut off would have been read of all of
/// it: one that stands where an answer does, and not one of which a sentence speaks.
pub fn is_settled(reply: &str, scale: &Scale) -> bool {
    let stripped = reasoning::strip(reply);
    read(&half_width(stripped.answer.trim()), scale).is_settled
}

/// The reply from the place on where the option that is read of it stands, without
/// reasoning and with marks in their usual forms; `None` where none is read.
pub fn from_option(reply: &str, scale: &Scale) -> Option<String> {
    let stripped = reasoning::strip(reply);
    let text = half_width(stripped.answer.trim());
    let read = read(&text, scale);
    matches!(read.reading, Reading::Option(_)).then(|| text[read.at..].to_owned())
}

/// What a reply without reasoning says.
struct Read {
    reading: Reading,
    /// Bytes before an option that it gives.
    at: usize,
    /// Whether that stands where an answer does, and not in a sentence.
    is_settled: bool,
}

impl Read {
    fn without_option(reading: Reading) -> Self {
        Self {
            reading,
            at: 0,
            is_settled: false,
        }
    }
}

fn read(text: &str, scale: &Scale) -> Read {
    if text.is_empty() {
        return Read::without_option(Reading::Unreadable(Unreadable::Empty));
    }
    let readings = [
        json::in_json,
        in_marks,
        |text: &str, scale: &Scale, finds: &mut Finds| {
            for word in ANSWER_WORDS {
                after_word(word, text, scale, finds);
            }
        },
        |text: &str, scale: &Scale, finds: &mut Finds| after_word("response", text, scale, finds),
        lines::alone,
        choice::after_marker,
    ];
    let (mut are_listed, mut is_denied) = (false, false);
    for read in readings {
        let mut finds = Finds::default();
        read(text, scale, &mut finds);
        if let Some(reading) = finds.decide() {
            let is_said_elsewhere =
                finds.is_in_answer && chooses_another(finds.option, text, scale);
            return Read {
                reading: if is_denied || is_said_elsewhere {
                    Reading::Unreadable(Unreadable::Ambiguous)
                } else {
                    reading
                },
                at: finds.at,
                is_settled: finds.is_settled || finds.is_complete,
            };
        }
        if finds.holds_none {
            break;
        }
        are_listed |= finds.are_listed;
        is_denied |= finds.is_denied;
    }
    let reading = if refusal::refuses(text, scale) {
        Reading::Refused
    } else if are_listed {
        Reading::Unreadable(Unreadable::Ambiguous)
    } else {
        Reading::Unreadable(Unreadable::NoOption)
    };
    Read::without_option(reading)
}

/// Whether a reply, of which a sentence says that the answer is this option, chooses another.
fn chooses_another(option: Option<u16>, text: &str, scale: &Scale) -> bool {
    [lines::alone, choice::after_marker]
        .into_iter()
        .any(|read| {
            let mut finds = Finds::default();
            read(text, scale, &mut finds);
            finds.option.is_some() && finds.option != option
        })
}

/// With digits and marks of full width, as Chinese keyboards write them, and the sign of a
/// negative number, in their usual form.
/// Corner brackets become curly quotes, which end no text of JSON.
pub(super) fn half_width(text: &str) -> Cow<'_, str> {
    let usual = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '。' => Some('.'),
        '−' => Some('-'),
        '、' => Some(','),
        '【' => Some('['),
        '】' => Some(']'),
        '「' | '『' => Some('“'),
        '」' | '』' => Some('”'),
        _ => None,
    };
    if text.chars().any(|c| usual(c).is_some()) {
        Cow::Owned(text.chars().map(|c| usual(c).unwrap_or(c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// What one reading has found.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each may be found whatever else is"
)]
struct Finds {
    option: Option<u16>,
    /// Bytes of the text before what gave it first.
    at: usize,
    off_scale: bool,
    several: bool,
    /// Where an option was to stand, there is none: nothing else counts.
    holds_none: bool,
    /// Several options stand in a list, which gives none of them.
    are_listed: bool,
    /// An option stands where an answer does, and not in a sentence.
    is_settled: bool,
    /// The sentence in which an option stands ends with it.
    is_complete: bool,
    /// An option is taken back where it stands: what is said elsewhere may be of others.
    is_denied: bool,
    /// All that was found stands in sentences that say what the answer is.
    is_in_answer: bool,
}

impl Finds {
    /// Adds what stands at this byte of the text.
    fn add(&mut self, found: Found, at: usize) {
        match found {
            Found::Nothing => {}
            Found::Denied => self.is_denied = true,
            Found::OffScale => self.off_scale = true,
            Found::Several => self.several = true,
            Found::Option(option) => {
                if self.option.is_none() {
                    self.at = at;
                }
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

/// Marks around an option.
const MARKS: [(&str, &str); 2] = [("<answer>", "</answer>"), ("\\boxed{", "}")];

/// What stands between marks.
fn in_marks(text: &str, scale: &Scale, finds: &mut Finds) {
    let lower = text.to_ascii_lowercase();
    for (open, close) in MARKS {
        for (at, mark) in lower.match_indices(open) {
            let rest = &text[at + mark.len()..];
            let near = &rest[..rest.floor_char_boundary(NEAR)];
            let end = near.to_ascii_lowercase().find(close);
            let held = near[..end.unwrap_or(near.len())].trim_start();
            let held = held.trim_start_matches("\\text{");
            finds.add(stated(held, scale), starts_at(held, text));
        }
    }
    finds.is_settled = true;
}

/// What follows each `answer:` and `answer is`, or another word in its place.
fn after_word(wanted: &str, text: &str, scale: &Scale, finds: &mut Finds) {
    let lower = text.to_ascii_lowercase();
    for (at, word) in lower.match_indices(wanted) {
        if !leads_on(&lower, at, wanted) {
            continue;
        }
        let rest = without_range(&text[at + word.len()..]);
        let marked = rest.trim_start_matches(is_markup).trim_start();
        let marked = without_owner(marked);
        let is_led = leads_alone(&lower[..at]);
        let arrow = ["->", "=>", "→"]
            .iter()
            .find_map(|arrow| rest.trim_start().strip_prefix(arrow));
        let held = arrow
            .or_else(|| marked.strip_prefix([':', '：', '=']))
            .or_else(|| {
                // `I'd answer - two of my friends agree`
                let dash = marked.strip_prefix('-').filter(|rest| is_dash(rest));
                let may_be_sign = || scale.low() < 0 && !stands_on_line_of(marked, rest);
                dash.filter(|_| starts_line(&lower[..at]) && !may_be_sign())
            })
            .or_else(|| strip_is(marked));
        if let Some(held) = held {
            finds.add(stated(held, scale), starts_at(held, text));
            finds.is_settled |= is_led && finds.option.is_some();
            finds.is_complete |= finds.option.is_some() && lines::ends_its_sentence(held, scale);
        } else if is_led && rest.starts_with(' ') {
            // `Answer 3`
            let line = rest.lines().next().unwrap_or_default();
            finds.add(value::whole(line, scale), starts_at(rest, text));
            finds.is_settled |= finds.option.is_some();
        }
    }
    finds.is_in_answer = !finds.is_settled;
}

/// Words before the word `answer` with which it still leads to one by itself.
const LEADS: [&str; 11] = [
    "final",
    "here",
    "here's",
    "is",
    "my",
    "own",
    "so",
    "therefore",
    "thus",
    "என்",
    "எனது",
];

/// Bytes of a line that may hold nothing but these.
const MOST_LEADS: usize = 40;

/// Whether a line holds nothing but these where a text ends.
fn leads_alone(before: &str) -> bool {
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(MOST_LEADS))..];
    let begin = near.rfind('\n').map(|end| end + 1);
    let Some(begin) = begin.or((near.len() == before.len()).then_some(0)) else {
        return false;
    };
    let is_mark = |c: char| c.is_whitespace() || c.is_ascii_punctuation() && c != '\'';
    let mut words = near[begin..].split(is_mark).filter(|word| !word.is_empty());
    words.all(|word| LEADS.contains(&word))
}

/// Whether a word that leads to an option stands here by itself, and nothing denies what
/// follows it. Chinese has no blanks between words.
fn leads_on(text: &str, at: usize, word: &str) -> bool {
    let before = &text[..at];
    let is_word = !word.is_ascii() || starts_word(text, at);
    let is_denied = is_denied(before) || is_elsewhere(word) && is_denied_elsewhere(before);
    let is_of_others = others::choose_after(before)
        || is_elsewhere(word) && others::choose_elsewhere_after(before);
    is_word && !is_denied && !is_of_others
}

fn is_elsewhere(word: &str) -> bool {
    ELSEWHERE.contains(&word) || ANSWER_WORDS[1..].contains(&word)
}

/// Bytes in which an option begins after a word that leads to it, and more than any
/// label has.
const NEAR: usize = 1000;

/// Without what Malay says after the answer of it: `jawapan saya`, `jawapan akhirnya`.
fn without_owner(mut text: &str) -> &str {
    for word in ["nya", "akhir", "nya", "saya"] {
        let rest = text.strip_prefix(word);
        let rest = rest.filter(|rest| word == "akhir" || !rest.starts_with(char::is_alphanumeric));
        text = rest.map_or(text, |rest| rest.trim_start());
    }
    text
}

/// The rest after a word for "is", where it stands first.
fn strip_is(text: &str) -> Option<&str> {
    let word = IS.iter().find_map(|word| strip_word(text, word));
    word.or_else(|| {
        let rest = text.strip_prefix(['是', '为', '為'])?;
        Some(rest.trim_start_matches([':', ' ', '*']))
    })
}

/// The rest after a word, where it stands first.
fn strip_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let head = text.get(..word.len())?;
    let rest = &text[word.len()..];
    let ends = !rest.starts_with(char::is_alphanumeric);
    (head.eq_ignore_ascii_case(word) && ends).then(|| rest.trim_start_matches([':', ' ', '*']))
}

/// Bytes of a text before a part of it.
fn starts_at(part: &str, text: &str) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
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

/// Signs of a number.
fn is_sign(c: char) -> bool {
    matches!(c, '-' | '+')
}

/// Whether a `-` before a text is a dash, and not the sign of a number.
fn is_dash(after: &str) -> bool {
    !after.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether no line ends between the beginning of a text and a later part of it.
fn stands_on_line_of(part: &str, text: &str) -> bool {
    !text[..starts_at(part, text)].contains('\n')
}

/// Whether a line begins where a text ends, but for layout.
fn starts_line(before: &str) -> bool {
    let before = before.trim_end_matches(|c: char| c == ' ' || is_markup(c));
    before.is_empty() || before.ends_with('\n')
}

/// Without the range of the scale in brackets that may stand after a word: `Answer (1-5):`.
fn without_range(text: &str) -> &str {
    let inside = text.trim_start();
    let Some(rest) = inside.strip_prefix(['(', '[']) else {
        return text;
    };
    match rest.split_once([')', ']']) {
        Some((range, after)) if range.len() <= MOST_RANGE && !range.contains('\n') => after,
        _ => text,
    }
}

/// Bytes of a scale's range in brackets.
const MOST_RANGE: usize = 24;

/// The words of a text, with their apostrophes.
fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> + Clone {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests;
