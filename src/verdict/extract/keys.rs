//! The criteria's keys, found however they are spelled.

use super::repair::{Repair, Repairs};
use super::text::{self, Family, Glyph, Quote, Sym, glyph};
use crate::rubric::Rubric;

/// The keys of the criteria that were asked.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    all: Vec<Key>,
    /// The last word of each key, each once.
    last_words: Vec<String>,
}

#[derive(Debug, Clone)]
struct Key {
    exact: String,
    /// Letters and digits, folded.
    letters: Vec<char>,
    /// Whether another key has the same letters, so that spelling counts.
    exact_only: bool,
}

/// A criterion's key with the colon after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyHit {
    /// Index into the criteria asked.
    pub(super) criterion: usize,
    /// Where its value begins.
    pub(super) value: usize,
    pub(super) repairs: Repairs,
}

/// Marks before or after a key: quotes, emphasis, backslashes, blanks. More is no
/// key.
const MARKS: usize = 12;

/// Bytes of a key that is written with escapes; a longer one is another.
const MAX_ESCAPED: usize = 400;

impl Keys {
    pub(super) fn new(rubric: &Rubric, asked: &[usize]) -> Self {
        let mut all: Vec<Key> = asked
            .iter()
            .map(|&criterion| Key::new(rubric.criteria.get(criterion).map_or("", |c| &c.key)))
            .collect();
        let shared: Vec<bool> = all
            .iter()
            .map(|one| {
                all.iter()
                    .filter(|other| other.letters == one.letters)
                    .count()
                    > 1
            })
            .collect();
        for (key, shared) in all.iter_mut().zip(shared) {
            key.exact_only = shared;
        }
        let mut last_words: Vec<String> = all.iter().map(|key| last_word(&key.exact)).collect();
        last_words.sort_unstable();
        last_words.dedup();
        Self { all, last_words }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether the key of this criterion is `winner` itself.
    pub(super) fn is_winner(&self, criterion: usize) -> bool {
        self.all
            .get(criterion)
            .is_some_and(|key| key.letters.iter().copied().eq("winner".chars()))
    }

    /// The criterion whose key, with a colon or the like after it, begins at `at`,
    /// in quotes or markup or bare.
    pub(super) fn find(&self, text: &str, at: usize) -> Option<KeyHit> {
        self.find_before(text, at, |colon, _| colon)
    }

    /// As [`Keys::find`], within an object: the colon of a key in quotes may stand on
    /// another line.
    pub(super) fn find_member(&self, text: &str, at: usize) -> Option<KeyHit> {
        self.find_before(text, at, |colon, in_quotes| {
            if in_quotes {
                skip_lines(text, colon)
            } else {
                colon
            }
        })
    }

    /// The key whose colon stands where `colon_at` says, from where the key ends and
    /// whether it stands in quotes.
    fn find_before(
        &self,
        text: &str,
        at: usize,
        colon_at: impl Fn(usize, bool) -> usize,
    ) -> Option<KeyHit> {
        let (start, opening) = skip_marks(text, at);
        let first = text::fold(text::char_at(text, start)?);
        self.all.iter().enumerate().find_map(|(criterion, key)| {
            let end = key.end_at(text, start, first)?;
            let (after, closing) = skip_marks(text, end);
            let in_quotes = opening.quote.is_some() && closing.quote.is_some();
            let colon = colon_at(after, in_quotes);
            let (value, other) = separator(text, colon).or_else(|| dash(text, colon))?;
            let marks = closing_marks(text, value);
            let spelled_otherwise = text::slice(text, start, end) != key.exact
                || opening.markup
                || closing.markup
                || opening.blank_after_quote
                || closing.blank_before_quote
                || marks > 0;
            let comment = text::slice(text, after, colon).contains("/*");
            let repairs = key_repairs(opening.quote, closing.quote)
                .with_if(comment, Repair::Comment)
                .with_if(other, Repair::OtherSeparator)
                .with_if(glyph(text, colon).wide, Repair::FullWidth)
                .with_if(spelled_otherwise, Repair::KeySpelling);
            Some(KeyHit {
                criterion,
                value: value + marks,
                repairs,
            })
        })
    }

    /// The criterion whose key is what a string of JSON says, with escapes in it.
    pub(super) fn find_escaped(&self, content: &str) -> Option<KeyHit> {
        let is_short = content.len() <= MAX_ESCAPED;
        let name = (is_short && content.contains("\\u")).then(|| text::unescape(content))?;
        self.find_alone(&name, 0, name.len())
    }

    /// The criterion whose key stands between `at` and `end`, in quotes or markup or
    /// bare, with nothing after it.
    pub(super) fn find_alone(&self, text: &str, at: usize, end: usize) -> Option<KeyHit> {
        let (start, _) = skip_marks(text, at);
        let first = text::fold(text::char_at(text, start)?);
        let is_alone = |key: &Key| {
            let after = key.end_at(text, start, first)?;
            (skip_marks(text, after).0 == end).then_some(after)
        };
        self.all.iter().enumerate().find_map(|(criterion, key)| {
            let spelled = text::slice(text, start, is_alone(key)?) == key.exact;
            Some(KeyHit {
                criterion,
                value: end,
                repairs: Repairs::NONE.with_if(!spelled, Repair::KeySpelling),
            })
        })
    }

    /// Whether a criterion's key stands at `at` in quotes, with or without a colon.
    pub(super) fn names(&self, text: &str, at: usize) -> bool {
        if !matches!(glyph(text, at).sym, Sym::Quote(_)) {
            return false;
        }
        let (start, _) = skip_marks(text, at);
        let Some(first) = text::char_at(text, start).map(text::fold) else {
            return false;
        };
        self.all.iter().any(|key| {
            key.end_at(text, start, first)
                .is_some_and(|end| skip_marks(text, end).1.quote.is_some())
        })
    }

    /// Whether a key stands at a colon within a value: the value has run into the next
    /// member, and what it says may be said of that.
    pub(super) fn stand_within(&self, value: &str) -> bool {
        let is_colon = |&(_, c): &(usize, char)| matches!(text::narrow(c), ':' | '=');
        let mut colons = value.char_indices().filter(is_colon);
        colons.any(|(at, _)| {
            let before = text::slice(value, 0, at);
            self.all.iter().any(|key| key.ends(before))
        })
    }

    /// Whether a key could stand in the text: its last word does, in any case. A cheap
    /// sign, so that most texts need no closer look.
    pub(super) fn may_stand_in(&self, text: &str) -> bool {
        self.last_words
            .iter()
            .any(|word| contains_any_case(text.as_bytes(), word.as_bytes()))
    }
}

/// The last word of a key, in lower case.
fn last_word(key: &str) -> String {
    let start = key
        .trim_end_matches(is_key_joiner)
        .rfind(is_key_joiner)
        .map_or(0, |at| at + 1);
    let word = key.get(start..).unwrap_or(key);
    word.trim_matches(is_key_joiner).to_lowercase()
}

/// Whether `word` stands in `text`, ASCII letters in any case.
fn contains_any_case(text: &[u8], word: &[u8]) -> bool {
    let Some(&first) = word.first() else {
        return false;
    };
    let mut starts = memchr::memchr2_iter(first, first.to_ascii_uppercase(), text);
    starts.any(|at| {
        let found = text.get(at..at + word.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(word))
    })
}

impl Key {
    fn new(exact: &str) -> Self {
        Self {
            exact: exact.to_owned(),
            letters: exact
                .chars()
                .filter(|&c| !is_key_joiner(c))
                .map(text::fold)
                .collect(),
            exact_only: false,
        }
    }

    /// Where the key ends if it begins at `start`, whose folded character is `first`.
    fn end_at(&self, text: &str, start: usize, first: char) -> Option<usize> {
        if *self.letters.first()? != first {
            return None;
        }
        let mut letters = self.letters.iter().copied().peekable();
        let mut joiners = 0;
        for (place, c) in text.get(start..)?.char_indices() {
            let Some(&letter) = letters.peek() else {
                break;
            };
            if text::fold(c) == letter {
                letters.next();
                joiners = 0;
                if letters.peek().is_none() {
                    return self.whole(text, start, start + place + c.len_utf8());
                }
            } else if is_key_joiner(c) && joiners < 3 {
                joiners += 1;
            } else {
                return None;
            }
        }
        None
    }

    /// Whether `text` ends with the key, though a word may be joined to it.
    fn ends(&self, text: &str) -> bool {
        let mut letters = self.letters.iter().rev().copied().peekable();
        let mut between = 0;
        for c in text.chars().rev() {
            if letters.next_if_eq(&text::fold(c)).is_some() {
                between = 0;
            } else if c.is_alphanumeric() || between == MARKS {
                return false;
            } else {
                between += 1;
            }
            if letters.peek().is_none() {
                return true;
            }
        }
        false
    }

    /// `end`, if the key there is a whole word and spelled as it must be.
    fn whole(&self, text: &str, start: usize, end: usize) -> Option<usize> {
        let goes_on = text::char_at(text, end).is_some_and(char::is_alphanumeric);
        let spelled = !self.exact_only || text::slice(text, start, end) == self.exact;
        (!goes_on && spelled).then_some(end)
    }
}

/// What may stand between the letters of a key.
fn is_key_joiner(c: char) -> bool {
    matches!(text::narrow(c), ' ' | '_' | '-' | '‐' | '‑' | '–' | '\\')
        || (!c.is_ascii() && text::is_blank(c))
}

/// What was passed over around a key.
#[derive(Default)]
struct Marks {
    quote: Option<Quote>,
    markup: bool,
    blank_after_quote: bool,
    blank_before_quote: bool,
}

fn skip_marks(text: &str, from: usize) -> (usize, Marks) {
    let mut marks = Marks::default();
    let mut at = from;
    let mut blank = false;
    for _ in 0..MARKS {
        let here = glyph(text, at);
        match here.sym {
            Sym::Quote(quote) if quote.family == Family::Backtick => marks.markup = true,
            Sym::Quote(quote) => {
                marks.markup |= marks.quote.is_some();
                marks.quote = Some(quote);
                marks.blank_before_quote = blank;
            }
            Sym::Space => {
                blank = true;
                marks.blank_after_quote = marks.quote.is_some();
            }
            Sym::Other if matches!(text.as_bytes().get(at), Some(b'*' | b'_')) => {
                marks.markup = true;
            }
            _ => break,
        }
        at += here.len;
    }
    (at, marks)
}

/// The first place after blanks, line ends and at most one comment.
fn skip_lines(text: &str, from: usize) -> usize {
    let blanks = |from: usize| {
        let mut at = from;
        while let Glyph { sym, len, .. } = glyph(text, at)
            && matches!(sym, Sym::Space | Sym::Newline)
        {
            at += len;
        }
        at
    };
    let at = blanks(from);
    blanks(comment_end(text, at).unwrap_or(at))
}

/// Where a short comment ends that begins at `at`; a longer one is passed over with the
/// key before it, and a bound keeps the time linear.
fn comment_end(text: &str, at: usize) -> Option<usize> {
    const MAX_COMMENT: usize = 200;
    let to = text.floor_char_boundary(at.saturating_add(MAX_COMMENT));
    let comment = text::slice(text, at, to).strip_prefix("/*")?;
    comment.find("*/").map(|len| at + len + 4)
}

/// Bytes of the markup at `at` that closes what was set apart before a key, as in
/// `**persona_winner:** A`: a blank follows it, and not the label.
fn closing_marks(text: &str, at: usize) -> usize {
    let rest = text::slice(text, at, text.len());
    let len = rest
        .bytes()
        .take(MARKS)
        .take_while(|byte| matches!(byte, b'*' | b'_'))
        .count();
    let is_closed = text::char_at(rest, len).is_none_or(char::is_whitespace);
    if is_closed { len } else { 0 }
}

/// Where the value begins after a colon, an equals sign or an arrow at `at`, and
/// whether it was another sign than a colon.
pub(super) fn separator(text: &str, at: usize) -> Option<(usize, bool)> {
    let starts = |sign: &str| text.get(at..).is_some_and(|rest| rest.starts_with(sign));
    for sign in [":=", "=>", "->", "=="] {
        if starts(sign) {
            return Some((at + sign.len(), true));
        }
    }
    let Glyph { sym, len, .. } = glyph(text, at);
    match sym {
        Sym::Colon => Some((at + len, false)),
        Sym::Equals => Some((at + len, true)),
        _ => None,
    }
}

/// Where the value begins after a dash at `at`, which may stand for a colon after a
/// criterion's key.
fn dash(text: &str, at: usize) -> Option<(usize, bool)> {
    let rest = text.get(at..)?;
    let after = rest.strip_prefix(['-', '–', '—'])?;
    after
        .starts_with(' ')
        .then(|| (at + rest.len() - after.len(), true))
}

/// What the quotes around a key ask for.
fn key_repairs(opening: Option<Quote>, closing: Option<Quote>) -> Repairs {
    match opening.or(closing) {
        Some(quote) => {
            let missing = opening.is_none() || closing.is_none();
            quote_repairs(quote).with_if(missing, Repair::MissingQuote)
        }
        None => Repairs::one(Repair::UnquotedKey),
    }
}

/// What a string's quotes ask for.
pub(super) fn quote_repairs(quote: Quote) -> Repairs {
    let family = match quote.family {
        Family::Double => Repairs::NONE,
        Family::Single | Family::Backtick => Repairs::one(Repair::SingleQuotes),
        Family::CurlyDouble | Family::CurlySingle | Family::Guillemet | Family::Corner => {
            Repairs::one(Repair::CurlyQuotes)
        }
        Family::Wide => Repairs::one(Repair::FullWidth),
    };
    family.with_if(quote.level > 0, Repair::EscapedQuotes)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::cases::{rubric, rubric_with_keys};
    use super::*;

    fn keys() -> Keys {
        Keys::new(&rubric(), &[0, 1, 2])
    }

    #[rstest]
    #[case("\"persona_winner\": ")]
    #[case("'persona_winner': ")]
    #[case("“persona_winner”：")]
    #[case("\\\"persona_winner\\\": ")]
    #[case("persona_winner:")]
    #[case("Persona Winner:")]
    #[case("PERSONA-WINNER =")]
    #[case("personaWinner =>")]
    #[case("**persona_winner**: ")]
    #[case("**Persona Winner:** ")]
    #[case("`persona_winner`: ")]
    #[case("\"persona\\_winner\": ")]
    #[case("\"persona_winner\" : ")]
    #[case("\"persona_winner:")]
    #[case("\"persona＿winner\":")]
    #[case("\"ｐｅｒｓｏｎａ　ｗｉｎｎｅｒ\":")]
    #[case("persona–winner:")]
    #[case("**persona_winner** – ")]
    #[case("persona_winner - ")]
    fn a_key_is_found_in_any_spelling(#[case] text: &str) {
        assert_eq!(keys().find(text, 0).map(|hit| hit.criterion), Some(0));
    }

    #[rstest]
    #[case("persona_winner A")]
    #[case("persona_winners: A")]
    #[case("persona_winner_2: A")]
    #[case("personal_winner: A")]
    #[case("persona: A")]
    #[case("persona____winner: A")]
    #[case("")]
    fn another_word_is_no_key(#[case] text: &str) {
        assert_eq!(keys().find(text, 0), None);
    }

    #[test]
    fn the_colon_of_a_member_may_stand_on_another_line() {
        let text = "\"persona_winner\"\n\n  : \"A\"";
        assert_eq!(keys().find(text, 0), None);
        assert_eq!(keys().find_member(text, 0).map(|hit| hit.value), Some(21));
        assert_eq!(keys().find_member("persona_winner\n: A", 0), None);
        let text = "\"persona_winner\" /* voice */ : \"A\"";
        assert_eq!(keys().find_member(text, 0).map(|hit| hit.value), Some(30));
    }

    #[rstest]
    #[case("persona_winner:** A", 17)]
    #[case("persona_winner:__", 17)]
    #[case("persona_winner: **A**", 15)]
    #[case("persona_winner:**A**", 15)]
    fn markup_that_closes_after_the_colon_is_none_of_the_value(
        #[case] text: &str,
        #[case] value: usize,
    ) {
        assert_eq!(keys().find(text, 0).map(|hit| hit.value), Some(value));
    }

    #[test]
    fn a_key_may_be_written_with_escapes() {
        let criterion = |content: &str| keys().find_escaped(content).map(|hit| hit.criterion);
        assert_eq!(criterion("value\\u005fwinner"), Some(1));
        assert_eq!(criterion("value\\u005fwinners"), None);
        assert_eq!(criterion("value_winner"), None);
    }

    #[test]
    fn only_asked_criteria_are_found() {
        let keys = Keys::new(&rubric(), &[2, 9]);
        assert_eq!(keys.find("persona_winner: A", 0), None);
        let hit = keys.find("overall_winner: A", 0).unwrap();
        assert_eq!(hit.criterion, 0);
    }

    #[test]
    fn spelling_counts_where_keys_differ_by_nothing_else() {
        let rubric = rubric_with_keys(&["win", "WIN"]);
        let keys = Keys::new(&rubric, &[0, 1]);
        let criterion = |text: &str| keys.find(text, 0).map(|hit| hit.criterion);
        assert_eq!(criterion("\"win\": 1"), Some(0));
        assert_eq!(criterion("\"WIN\": 1"), Some(1));
        assert_eq!(criterion("\"Win\": 1"), None);
    }

    #[test]
    fn a_key_that_begins_another_is_told_apart() {
        let rubric = rubric_with_keys(&["overall", "overall_winner"]);
        let keys = Keys::new(&rubric, &[0, 1]);
        let criterion = |text: &str| keys.find(text, 0).map(|hit| hit.criterion);
        assert_eq!(criterion("overall: A"), Some(0));
        assert_eq!(criterion("overall_winner: A"), Some(1));
    }
}
