//! Whether what follows an option turns to another one: `Agree, or maybe Disagree`,
//! `Wait, I mean 4.`

use super::denial::is_taken_back;
use super::is_markup;
use super::value::{Number, after_label, code_and_label, folded_label};
use crate::study::Scale;

/// Words with which a reply turns from what it said to something else; an option after
/// nothing but these is said too.
const TURNS: &[&str] = &[
    "actually",
    "again",
    "akhir",
    "also",
    "alternatively",
    "am",
    "and",
    "answer",
    "apologies",
    "as",
    "atau",
    "ataupun",
    "be",
    "bahkan",
    "but",
    "can",
    "change",
    "changed",
    "changing",
    "choice",
    "choose",
    "correct",
    "corrected",
    "correcting",
    "correction",
    "could",
    "dan",
    "edit",
    "edited",
    "eh",
    "either",
    "else",
    "even",
    "final",
    "finally",
    "for",
    "go",
    "going",
    "hm",
    "hmm",
    "i",
    "i'd",
    "i'll",
    "i'm",
    "ialah",
    "in",
    "instead",
    "is",
    "it",
    "it's",
    "jawapan",
    "juga",
    "lean",
    "leaning",
    "let",
    "let's",
    "like",
    "maaf",
    "make",
    "maksud",
    "malah",
    "may",
    "maybe",
    "me",
    "mean",
    "means",
    "meant",
    "might",
    "mind",
    "mistake",
    "mungkin",
    "my",
    "myself",
    "now",
    "occasionally",
    "oh",
    "on",
    "oops",
    "option",
    "or",
    "perhaps",
    "pick",
    "pilih",
    "possibly",
    "prefer",
    "probably",
    "rather",
    "reconsider",
    "reconsidering",
    "revise",
    "revised",
    "revision",
    "saya",
    "say",
    "scratch",
    "sebenarnya",
    "second",
    "select",
    "should",
    "sometimes",
    "sorry",
    "switch",
    "tapi",
    "tetapi",
    "that",
    "that's",
    "the",
    "then",
    "think",
    "thinking",
    "thought",
    "thoughts",
    "to",
    "uh",
    "um",
    "update",
    "updated",
    "versus",
    "vs",
    "wait",
    "well",
    "which",
    "will",
    "with",
    "would",
    "yet",
];

/// Words that turn by themselves; right before an option they deny it.
const NOES: &[&str] = &[
    "bukan", "nah", "no", "nope", "not", "tidak", "不", "不对", "不對", "不是",
];

/// The same as [`TURNS`] in languages whose words no blank or letter ends.
const PARTS: &[&str] = &[
    "等等",
    "等一下",
    "应该是",
    "應該是",
    "应该",
    "應該",
    "或者是",
    "或者",
    "或是",
    "或",
    "还是",
    "還是",
    "也可能",
    "可能是",
    "可能",
    "也许",
    "也許",
    "更正",
    "抱歉",
    "对不起",
    "對不起",
    "其实是",
    "其实",
    "其實",
    "我选",
    "我選",
    "但是",
    "但",
    "而是",
    "也是",
    "也",
    "是",
    "இல்லை",
    "அல்லது",
    "மன்னிக்கவும்",
    "உண்மையில்",
    "ஒருவேளை",
];

/// Words after an option that leave it said.
const TRAILING: &[&str] = &[
    "actually",
    "also",
    "as",
    "at",
    "could",
    "fine",
    "fit",
    "fits",
    "instead",
    "is",
    "may",
    "maybe",
    "might",
    "occasionally",
    "okay",
    "perhaps",
    "possible",
    "possibly",
    "probably",
    "really",
    "sometimes",
    "though",
    "times",
    "too",
    "true",
    "well",
    "work",
    "would",
];

/// What ends a clause here.
const ENDS: [char; 15] = [
    '.', ',', ';', ':', '(', ')', '?', '!', '—', '–', '|', '/', '\n', '…', '~',
];

/// Bytes after an option in which a reply turns to another.
const NEAR: usize = 300;

/// Whether what follows an option on its line turns to another: by its label at once, by its
/// code after a word that turns, or by either after such a word at the beginning of a clause.
pub(super) fn turn_away(rest: &str, option: u16, scale: &Scale) -> bool {
    let near = &rest[..rest.floor_char_boundary(NEAR)];
    let ends = near.match_indices(ENDS).map(|(at, end)| at + end.len());
    let dashes = near.match_indices(" - ").map(|(at, dash)| at + dash.len());
    let mut begins = ends.chain(dashes);
    lead_to_another(near, option, scale, After::Option)
        || begins.any(|begin| lead_to_another(&near[begin..], option, scale, After::Clause))
}

/// Whether a line after an option begins with words that turn, and then with another.
pub(super) fn begin_a_line(line: &str, option: u16, scale: &Scale) -> bool {
    let near = &line[..line.floor_char_boundary(NEAR)];
    lead_to_another(near, option, scale, After::Option)
}

/// What stands right before a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// An option: a label here is another one that is said, and a number may be anything.
    Option,
    /// The clause before, or a word that denies: neither is said.
    Clause,
    /// A word that turns: both are.
    Turn,
}

/// Whether a text begins with another option than the one that was said, after nothing but
/// words that turn.
fn lead_to_another(text: &str, option: u16, scale: &Scale, after: After) -> bool {
    let (mut text, mut after) = (text, after);
    let mut turns: Vec<&str> = Vec::new();
    let mut is_denied = false;
    loop {
        text = bare(text, scale);
        let is_other = |said: u16| turns != ["I"] || !says_less(said, option, scale);
        let label = label_said(text, scale).filter(|_| after != After::Clause);
        let label = label.filter(|(said, _)| is_other(*said));
        let said = label
            .or_else(|| code_said(text, scale).filter(|_| after == After::Turn && turns != ["to"]));
        match said {
            Some((said, rest)) if said == option => (text, after) = (rest, After::Option),
            // `And 4? Too strong.`
            Some((_, rest)) => return !is_taken_back(rest),
            None => {
                let Some((rest, is_no)) = without_turn(text) else {
                    return false;
                };
                let word = &text[..text.len() - rest.len()];
                let is_clause = rest.trim_start_matches(is_layout).starts_with(ENDS);
                // `I would not say 1`
                let is_not = word.eq_ignore_ascii_case("not");
                let turns_back = AFTER_NOT.iter().any(|turn| word.eq_ignore_ascii_case(turn));
                is_denied = (is_denied || is_not) && !is_clause && !turns_back;
                let denies = is_denied || is_no && !is_clause;
                after = if denies { After::Clause } else { After::Turn };
                turns.push(word);
                text = rest;
            }
        }
    }
}

/// Words after `not` that end what it denies.
const AFTER_NOT: [&str; 6] = ["actually", "but", "instead", "maybe", "or", "rather"];

/// Whether a label says less of the same than that of an option: `I agree.` where the
/// answer is `Strongly agree`.
fn says_less(said: u16, option: u16, scale: &Scale) -> bool {
    let label = |position: u16| {
        let option = scale.options().get(usize::from(position))?;
        option.label.as_deref().map(folded_label)
    };
    let (Some(said), Some(label)) = (label(said), label(option)) else {
        return false;
    };
    let more = label.strip_suffix(&*said);
    more.is_some_and(|more| more.ends_with(' '))
}

/// Without the marks before a word, but for the sign of a number.
fn bare<'t>(text: &'t str, scale: &Scale) -> &'t str {
    let rest = text.trim_start_matches(|c: char| {
        is_layout(c) || ENDS.contains(&c) || matches!(c, '-' | '=' | '+' | '&' | '→')
    });
    let is_signed = scale.low() < 0 && rest.starts_with(|c: char| c.is_ascii_digit());
    let before = &text[..text.len() - rest.len()];
    match before.strip_suffix('-').filter(|_| is_signed) {
        Some(before) => &text[before.len()..],
        None => rest,
    }
}

fn is_layout(c: char) -> bool {
    c.is_whitespace() || is_markup(c)
}

/// The option whose label a text begins with, the longest one, where the clause ends with it;
/// and what follows.
fn label_said<'t>(text: &'t str, scale: &Scale) -> Option<(u16, &'t str)> {
    let options = scale.options().iter().zip(0..);
    let fitting = options.filter_map(|(option, position)| {
        let label = folded_label(option.label.as_deref()?);
        let rest = after_label(text, &label).filter(|_| !label.is_empty())?;
        let is_number = label.parse::<f64>().is_ok();
        (!is_number).then_some((position, rest))
    });
    let longest = fitting.min_by_key(|(_, rest)| rest.len());
    longest.filter(|(_, rest)| ends_clause(rest))
}

/// The option whose code a text begins with, where the clause ends with it or goes on with
/// its label; and what follows.
fn code_said<'t>(text: &'t str, scale: &Scale) -> Option<(u16, &'t str)> {
    if let Some(said) = code_and_label(text, scale) {
        return Some(said);
    }
    let number = Number::at_start(text)?;
    let position = number.code.and_then(|code| scale.position(code))?;
    // `5 = always`, `-2..2`
    let is_explained = number.rest.trim_start().starts_with('=') || number.rest.starts_with("..");
    (ends_clause(number.rest) && !is_explained).then_some((position as u16, number.rest))
}

/// Whether a clause ends where a text begins, but for words that leave said what was.
fn ends_clause(rest: &str) -> bool {
    let clause = rest.split(ENDS).next().unwrap_or(rest);
    let clause = clause.split(" - ").next().unwrap_or(clause);
    super::words(clause).all(|word| {
        TRAILING
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known))
    })
}

/// What follows a word that turns, with which a text begins, and whether it also denies.
fn without_turn(text: &str) -> Option<(&str, bool)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let word = word.replace('’', "'").to_lowercase();
    if NOES.contains(&&*word) {
        return Some((rest, true));
    }
    if TURNS.contains(&&*word) {
        return Some((rest, false));
    }
    let part = PARTS.iter().find_map(|part| text.strip_prefix(part));
    part.map(|rest| (rest, false))
}
