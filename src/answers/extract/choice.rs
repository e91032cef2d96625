//! What follows words that lead to an option besides the word `answer`: `I choose 3`.

use super::denial::is_faulted;
use super::lines::{ends_its_sentence, stated};
use super::others::are_in_english;
use super::value::is_followed_by_label;
use super::{Finds, is_markup, is_sign, leads_on, starts_at, strip_is, without_owner, words};
use crate::study::Scale;

/// Words after which an option may stand, where the word `answer` has none.
const MARKERS: &[&str] = &["option", "choice", "choose", "chose", "select", "pick"];

/// The same in Malay and Chinese.
pub(super) const ELSEWHERE: &[&str] = &[
    "memilih", "pilih", "pilihan", "选", "選", "选择", "選擇", "选项", "選項",
];

/// Nouns after a number that count something, so that it is no code.
const COUNTED: &[&str] = &[
    "of", "option", "options", "answer", "answers", "choice", "choices",
];

/// Words that may follow the code after a verb: any other is what the number counts, as in
/// `choose 1 thing`.
const AFTER_CODE: &[&str] = &[
    "again", "although", "and", "as", "because", "but", "due", "for", "from", "given", "here",
    "if", "in", "myself", "on", "or", "over", "since", "so", "then", "though", "to", "too", "when",
    "which", "with", "atau", "dan", "daripada", "kerana", "sebab", "untuk", "walaupun",
];

/// Words after an option that say what it means, so that nobody chooses it there.
const MEANING: &[&str] = &[
    "implies", "imply", "mean", "means", "refers", "says", "stands", "states",
];

/// Words before an option by which it is chosen, besides [`MARKERS`].
const CHOOSING: &[&str] = &["go", "going", "prefer", "say", "selected", "take"];

/// Bytes before an option in which it may be chosen.
const CLAUSE: usize = 120;

/// What follows each other word that leads to an option.
pub(super) fn after_marker(text: &str, scale: &Scale, finds: &mut Finds) {
    let lower = text.to_ascii_lowercase();
    for marker in MARKERS.iter().chain(ELSEWHERE) {
        for (at, word) in lower.match_indices(marker) {
            if !leads_on(&lower, at, marker) {
                continue;
            }
            let is_lead = [':', '=', '#', ' '];
            let rest = text[at + word.len()..].trim_start_matches(is_markup);
            let rest = without_owner(rest.trim_start_matches(is_lead)).trim_start_matches(is_lead);
            let rest = strip_is(rest).unwrap_or(rest);
            let code = rest.trim_start_matches(is_markup);
            // A label in the middle of a sentence may be denied there.
            let is_code = code.starts_with(|c: char| c.is_ascii_digit() || is_sign(c));
            let is_noun = matches!(*marker, "option" | "choice" | "pilihan");
            if is_code && is_chosen(code, is_noun.then(|| &lower[..at]), scale) {
                finds.add(stated(code, scale), starts_at(code, text));
                finds.is_complete |= finds.option.is_some() && ends_its_sentence(code, scale);
            }
        }
    }
}

/// Whether a code after such a word is an option that is chosen. Where it is no word, nor asked
/// after: after a verb none that it may count (`choose 1 thing`), and after a noun none of which
/// its clause denies that it is the one, or says it of others (`option 1 seems wrong`), unless
/// what stands before the noun chooses it.
fn is_chosen(code: &str, before_noun: Option<&str>, scale: &Scale) -> bool {
    let unsigned = code.trim_start_matches(is_sign);
    let after = unsigned.trim_start_matches(|c: char| c.is_ascii_digit());
    if after.trim_start_matches(is_markup).starts_with('?') {
        return false;
    }
    let next = words(after).next().map(str::to_lowercase);
    let Some(word) = next.filter(|_| goes_on(after)) else {
        return true;
    };
    let is_in = |list: &[&str]| list.contains(&&*word);
    match before_noun {
        _ if is_in(COUNTED) => false,
        _ if is_in(AFTER_CODE) => true,
        None => false,
        Some(before) => {
            is_followed_by_label(code, scale)
                || chooses(before)
                || !(is_in(MEANING) || is_faulted(after) || are_in_english(after))
        }
    }
}

/// Whether a word follows right after a number.
fn goes_on(after: &str) -> bool {
    after.starts_with(' ') && after.trim_start().starts_with(char::is_alphabetic)
}

/// Whether a clause, in lower case, chooses what comes next.
fn chooses(before: &str) -> bool {
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(CLAUSE))..];
    let clause = near.rsplit(['.', ',', ';', ':', '!', '?', '\n']).next();
    words(clause.unwrap_or(near))
        .any(|word| MARKERS[2..].contains(&word) || CHOOSING.contains(&word))
        || ELSEWHERE
            .iter()
            .any(|marker| near.trim_end().ends_with(marker))
}
