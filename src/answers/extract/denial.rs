//! Whether a clause denies the option that it names.

use super::words;

/// Words by which a clause denies what it names.
const DENIALS: &[&str] = &[
    "cannot", "can't", "couldn't", "decline", "didn't", "doesn't", "don't", "doubt", "isn't",
    "neither", "never", "nor", "not", "refuse", "unable", "unlikely", "wasn't", "without", "won't",
    "wouldn't",
];

/// Words that deny what stands right after them: `no option 3`, `the wrong answer`.
const DENIES_NEXT: [&str; 4] = ["incorrect", "no", "none", "wrong"];

/// Ways to say that something is certain, with words that would deny it.
const CERTAINTIES: [&str; 4] = [
    "no doubt",
    "without a doubt",
    "without any doubt",
    "without doubt",
];

/// Words of Malay that deny, and what of Chinese does.
const IN_MALAY: &[&str] = &[
    "bukan", "enggan", "jangan", "mustahil", "ragu", "tak", "takkan", "tidak",
];
const IN_CHINESE: &[&str] = &["不", "拒", "无法", "无从", "未", "没", "沒", "無法", "無從"];

/// Bytes of a clause that may deny what comes after it.
const CLAUSE: usize = 120;

/// Whether the clause that a text ends with denies what would come next.
pub(super) fn is_denied(before: &str) -> bool {
    let mut clause = last_clause(before, &[" but "]).replace('’', "'");
    if clause.contains("doubt") {
        for certain in CERTAINTIES {
            clause = clause.replace(certain, "");
        }
    }
    let mut words = words(&clause);
    let last = words.clone().next_back();
    last.is_some_and(|word| DENIES_NEXT.contains(&word))
        || words.any(|word| DENIALS.contains(&word))
}

/// The same of what comes next in Malay or Chinese.
pub(super) fn is_denied_elsewhere(before: &str) -> bool {
    let clause = last_clause(before, &["但是", "但", " tetapi ", " tapi "]);
    IN_CHINESE.iter().any(|denial| clause.contains(denial))
        || words(clause).any(|word| IN_MALAY.contains(&word))
}

/// The clause that a text ends with, from the last of the words on that turn against what
/// was said.
fn last_clause<'t>(text: &'t str, turns: &[&str]) -> &'t str {
    let near = &text[text.ceil_char_boundary(text.len().saturating_sub(CLAUSE))..];
    let begin = near.rfind(['.', '!', '?', ';', ':', ',', '\n']);
    let clause = &near[begin.map_or(0, |begin| begin + 1)..];
    let turned = turns.iter().filter_map(|turn| clause.rsplit_once(turn));
    let after = turned
        .map(|(_, after)| after)
        .min_by_key(|after| after.len());
    after.unwrap_or(clause)
}
