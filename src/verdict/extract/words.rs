//! The words of a value that is a sentence.

use super::east_asian;
use super::label::is_prefix;
use super::text::{self, Family};

/// One word and what stands around it.
#[derive(Debug)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) start: Start,
    /// Only blanks, and marks before the next word, stand between this word and it.
    pub(super) runs_on: bool,
    /// `'s` was taken off it.
    pub(super) possessive: bool,
    /// Its sentence is a question.
    pub(super) asked: bool,
    /// The mark or blank at once before it.
    pub(super) before: Option<char>,
}

/// What a word is the first of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Start {
    /// Nothing.
    Within,
    /// What follows a comma, a dash and the like.
    Clause,
    /// What follows a colon, an equals sign or an opening bracket.
    Opening,
    /// A sentence.
    Sentence,
}

impl Word<'_> {
    /// Whether the word begins a sentence, or what reads like one.
    pub(super) fn starts_sentence(&self) -> bool {
        self.start >= Start::Opening
    }

    pub(super) fn starts_clause(&self) -> bool {
        self.start != Start::Within
    }

    /// Whether a quotation opens with it.
    pub(super) fn opens_quote(&self) -> bool {
        self.before.is_some_and(|c| Family::of(c).is_some())
    }

    /// Whether it is one of these words in lower case, which blanks separate.
    pub(super) fn is_one_of(&self, known: &str) -> bool {
        if self.text.is_ascii() {
            return known
                .split(' ')
                .any(|known| known.eq_ignore_ascii_case(self.text));
        }
        known.split(' ').any(|known| {
            let letters = self.text.chars().map(|c| match c {
                '’' => '\'',
                c => text::fold(c),
            });
            letters.eq(known.chars())
        })
    }

    /// Whether it ends so, in any case.
    pub(super) fn ends_with(&self, end: &str) -> bool {
        let tail = self.text.len().checked_sub(end.len());
        tail.and_then(|tail| self.text.get(tail..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    }

    /// Whether it begins so, in any case of ASCII letters.
    pub(super) fn begins_with(&self, start: &str) -> bool {
        let head = self.text.get(..start.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(start))
    }

    /// Whether it is a sign that turns down, such as `¬` or ❌.
    pub(super) fn is_sign(&self) -> bool {
        self.text.starts_with(is_sign)
    }

    /// Whether it nearly denies what is said.
    pub(super) fn is_doubt(&self) -> bool {
        self.is_one_of("hardly barely scarcely rarely seldom nowhere unlikely")
    }

    /// Whether it denies what is said: a word of English or of a language near it, or a
    /// sign.
    pub(super) fn is_negation(&self) -> bool {
        const NEGATIONS: &str = "\
            not no never nor neither none nothing nobody cannot dont non ni pas jamais \
            nunca não nicht kein keine niet geen inte ikke nie nem ei không chẳng bukan tidak \
            hindi değil ninguno ninguna aucun aucune keiner nessuno nenhum nenhuma не ни";
        self.ends_with("n't")
            || self.ends_with("n’t")
            || self.is_one_of(NEGATIONS)
            || self.is_sign()
            || east_asian::denies(self.text)
    }
}

/// Signs that turn down what they stand at.
fn is_sign(c: char) -> bool {
    matches!(
        c,
        '!' | '~' | '¬' | '≠' | '×' | '✕' | '✖' | '✗' | '✘' | '❌' | '🚫' | '👎'
    )
}

/// Splits a sentence into words.
///
/// Letters joined by an apostrophe, a hyphen, a dot or an ampersand are one word
/// (`A-level`, `Q&A`, `it's`); the possessive is taken off, and so is a prefix that
/// is joined to its label (`Response-A`). A sign that turns down is a word.
pub(super) fn split(value: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut start = Start::Sentence;
    let mut asked_from = 0;
    let mut previous_end = 0;
    let mut at = 0;
    let is_marked_up = value.contains("</");
    while let Some(c) = value.get(at..).and_then(|rest| rest.chars().next()) {
        if is_marked_up && let Some(len) = tag_len(&value[at..]) {
            at += len;
            continue;
        }
        let end = if is_word_char(c) {
            word_end(value, at)
        } else if let Some(len) = sign_len(value, at, c) {
            at + len
        } else {
            start = start.max(start_after(c));
            if c == '?' {
                for word in &mut words[asked_from..] {
                    word.asked = true;
                }
            }
            if start == Start::Sentence {
                asked_from = words.len();
            }
            at += c.len_utf8();
            continue;
        };
        if let Some(last) = words.last_mut() {
            last.runs_on = runs_on(value.get(previous_end..at).unwrap_or(""));
        }
        let gap = value.get(previous_end..at).unwrap_or("");
        push_word(&mut words, value.get(at..end).unwrap_or(""), start);
        if let Some(word) = words.last_mut() {
            word.before = gap.chars().next_back();
        }
        start = Start::Within;
        previous_end = end;
        at = end;
    }
    words
}

/// How long the tag is that a text begins with, of those that set letters off.
fn tag_len(text: &str) -> Option<usize> {
    const TAGS: [&str; 8] = ["b", "i", "u", "em", "strong", "code", "mark", "span"];
    let inner = text.strip_prefix('<')?;
    let name = inner.strip_prefix('/').unwrap_or(inner);
    let end = name.bytes().take(8).position(|byte| byte == b'>')?;
    let is_known = TAGS.contains(&name.get(..end)?);
    is_known.then(|| text.len() - name.len() + end + 1)
}

/// What a word after this mark is the first of.
fn start_after(c: char) -> Start {
    match c {
        '.' | '!' | '?' | '\n' | '。' => Start::Sentence,
        ':' | '(' | '=' => Start::Opening,
        c if c.is_whitespace() || is_markup(c) => Start::Within,
        _ => Start::Clause,
    }
}

/// Whether a sentence goes on over what stands between two words. A mark at once after
/// the first (`**A** better`) sets that word apart.
fn runs_on(gap: &str) -> bool {
    let in_sentence = |c: char| c != '\n' && (c.is_whitespace() || is_markup(c));
    gap.starts_with(char::is_whitespace) && gap.chars().all(in_sentence)
}

fn is_markup(c: char) -> bool {
    matches!(c, '*' | '_' | '~') || Family::of(c).is_some()
}

fn word_end(value: &str, start: usize) -> usize {
    let mut end = start;
    for (by, c) in value.get(start..).unwrap_or("").char_indices() {
        let at = start + by;
        let rest = value.get(at + c.len_utf8()..).unwrap_or("");
        let joins = (is_joiner(c) && rest.starts_with(char::is_alphanumeric))
            || is_not_applicable(value.get(start..at).unwrap_or(""), c, rest);
        if !is_word_char(c) && !joins {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// The bytes of a sign that turns down. `!` does before a word (`!A`) and not after
/// one, and two tildes strike out.
fn sign_len(value: &str, at: usize, c: char) -> Option<usize> {
    let rest = value.get(at + c.len_utf8()..).unwrap_or("");
    let is_sign = match c {
        '!' => {
            let before = value
                .get(..at)
                .and_then(|before| before.chars().next_back());
            let before_word = rest.starts_with(|c: char| !c.is_whitespace());
            before.is_none_or(|c| before_word && (c == '!' || c.is_whitespace() || is_markup(c)))
        }
        '~' => rest.starts_with('~'),
        c => is_sign(c),
    };
    is_sign.then_some(c.len_utf8() + usize::from(c == '~'))
}

fn push_word<'a>(words: &mut Vec<Word<'a>>, text: &'a str, start: Start) {
    let text = text.trim_matches('_');
    let owner = ["'s", "’s"]
        .iter()
        .find_map(|suffix| text.strip_suffix(suffix))
        .filter(|stem| stem.chars().nth(1).is_none());
    let mut word = Word {
        text: owner.unwrap_or(text),
        start,
        runs_on: false,
        possessive: owner.is_some(),
        asked: false,
        before: None,
    };
    if let Some((prefix, rest)) = word.text.split_once(['-', '_'])
        && is_prefix(prefix)
    {
        words.push(Word {
            text: prefix,
            runs_on: true,
            possessive: false,
            ..word
        });
        word.start = Start::Within;
        word.text = rest;
    }
    words.push(word);
}

/// Whether the slash after `word` is that of `N/A`.
fn is_not_applicable(word: &str, slash: char, rest: &str) -> bool {
    let mut rest = rest.chars();
    word.eq_ignore_ascii_case("n")
        && slash == '/'
        && rest.next().is_some_and(|c| c.eq_ignore_ascii_case(&'a'))
        && !rest.next().is_some_and(is_word_char)
}

/// A letter, a digit, or a mark that scripts put on their letters.
fn is_word_char(c: char) -> bool {
    let is_mark = matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{fff}')
        && !matches!(c, '।' | '॥');
    c.is_alphanumeric() || c == '_' || is_mark
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\'' | '’' | '-' | '‑' | '.' | '&')
}
