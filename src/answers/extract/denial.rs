//! Whether a clause denies the option that it names, or only supposes it, before it is named or
//! after.

use super::{is_markup, words};

/// Words by which a clause denies what it names.
const DENIALS: &[&str] = &[
    "cannot", "can't", "couldn't", "decline", "didn't", "doesn't", "don't", "doubt", "isn't",
    "neither", "never", "nor", "not", "refuse", "unable", "unlikely", "wasn't", "without", "won't",
    "wouldn't",
];

/// Words that deny what stands right after them: `no option 3`, `the wrong answer`.
const DENIES_NEXT: [&str; 4] = ["incorrect", "no", "none", "wrong"];

/// Words that reject what stands right after them, or after one of [`LINKS`] and other options:
/// `I disagree with option 1`, `anything except 3`.
const REJECTIONS: &[&str] = &[
    "avoid",
    "considered",
    "disagree",
    "dislike",
    "except",
    "exclude",
    "excluding",
    "instead",
    "oppose",
    "reject",
    "rejected",
    "rule",
    "ruled",
];
const LINKS: [&str; 8] = ["and", "of", "option", "options", "or", "out", "the", "with"];

/// What ends with `but` and leaves out what comes next.
const ALL_BUT: [&str; 4] = [
    "all but ",
    "anything but ",
    "everything but ",
    "was going to ",
];

/// Words that only suppose what comes next, with nothing or who speaks between, or
/// `I were to`.
const SUPPOSITIONS: [&str; 3] = ["if", "suppose", "whether"];

/// Ways to say that something is certain, with words that would deny it.
const CERTAINTIES: [&str; 4] = [
    "no doubt",
    "without a doubt",
    "without any doubt",
    "without doubt",
];

/// Words of Malay that deny or suppose, and what of Chinese does.
const IN_MALAY: &[&str] = &[
    "bukan",
    "enggan",
    "jangan",
    "jika",
    "mustahil",
    "ragu",
    "sekiranya",
    "tak",
    "takkan",
    "tidak",
];
const IN_CHINESE: &[&str] = &[
    "不", "假如", "如果", "拒", "无法", "要是", "无从", "未", "没", "沒", "無法", "無從",
];

/// Of these, what supposes; and words by which it is only the choice that is supposed.
const SUPPOSITIONS_ELSEWHERE: &[&str] = &["jika", "sekiranya", "假如", "如果", "要是"];
const MUST_CHOOSE: &[&str] = &[
    "diminta", "disuruh", "ditanya", "harus", "mesti", "perlu", "terpaksa", "叫我", "必须", "必須",
    "要我", "让我", "讓我", "非要",
];

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
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    // `I disagree (option 4)`
    let after_bracket = clause.rsplit(['(', '—', '–']).next();
    let unlinked = super::words(after_bracket.unwrap_or(&clause))
        .rfind(|word| !LINKS.contains(word) && !is_number(word));
    last.is_some_and(|word| DENIES_NEXT.contains(&word))
        || unlinked.is_some_and(|word| REJECTIONS.contains(&word))
        || ALL_BUT.iter().any(|all_but| before.ends_with(all_but))
        || is_supposed(&clause)
        || words.any(|word| DENIALS.contains(&word))
}

/// Whether a clause only supposes what comes next: `If the `, `If I were to `.
fn is_supposed(clause: &str) -> bool {
    let is_it = |word: &&str| SUPPOSITIONS.contains(word);
    let after: Vec<&str> = words(clause)
        .rev()
        .take_while(|word| !is_it(word))
        .collect();
    let is_opinion = words(clause).any(|word| matches!(word, "i" | "i'd"))
        && words(clause).any(|word| word == "suppose");
    words(clause).any(|word| is_it(&word))
        && !is_opinion
        && (after.len() <= 1 || after == ["to", "were", "i"])
}

/// Verbs that make of an option before them the subject of a sentence.
const VERBS: &[&str] = &[
    "cannot", "can't", "feels", "is", "isn't", "seems", "sounds", "was", "wasn't", "would",
    "wouldn't",
];

/// What is said there of an option that is not chosen, besides words that deny.
const FAULTS: &[&str] = &[
    "disagree",
    "extreme",
    "false",
    "impossible",
    "incorrect",
    "less",
    "lie",
    "out",
    "too",
    "unthinkable",
    "wrong",
];

/// Words with which a clause goes on to a reason, or to something else.
const REASONS: &[&str] = &[
    "although", "and", "as", "because", "but", "given", "since", "so", "though", "when", "while",
    "whereas",
];

/// Words of a clause, from its verb on, that may deny what it is about.
const NEAR_THE_VERB: usize = 5;

/// Ways to take back what was just said.
const RETRACTIONS: &[&str] = &[
    "i take it back",
    "i take that back",
    "just kidding",
    "no wait",
    "no, wait",
    "scratch that",
    "wait, no",
];

/// The same where they are all of a clause: `Not really.`, and not `Not really a surprise.`
const RETRACTING_CLAUSES: &[&str] = &["never mind", "not really", "that is wrong", "that's wrong"];

/// Whether a text begins by taking back what was said before.
pub(super) fn is_retraction(text: &str) -> bool {
    let near = &text[..text.floor_char_boundary(CLAUSE)];
    let said = near.replace('’', "'").to_ascii_lowercase();
    let said = said.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_clause = |phrase: &str| {
        let rest = said.strip_prefix(phrase).map(str::trim_start);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '\''))
    };
    RETRACTIONS.iter().any(|phrase| said.starts_with(phrase))
        || RETRACTING_CLAUSES.iter().any(|phrase| is_clause(phrase))
}

/// Whether what follows an option denies it or takes it back: `1 is not true for me`,
/// `1? No.`, `1, not really`.
pub(super) fn is_taken_back(rest: &str) -> bool {
    let near = &rest[..rest.floor_char_boundary(CLAUSE)];
    let near = near.replace('’', "'").to_ascii_lowercase();
    let near = near.trim_start_matches(|c: char| c == ' ' || is_markup(c));
    if is_retraction(near) {
        return true;
    }
    if near.starts_with('?') {
        let next = words(near).next();
        return next.is_some_and(|word| {
            matches!(word, "hardly" | "never" | "no" | "nope" | "not" | "too")
        });
    }
    let is_subject = words(near).next().is_some_and(|word| VERBS.contains(&word));
    is_subject && is_at_fault(near, NEAR_THE_VERB)
}

/// Whether a clause denies the option that is named before it, or finds fault with it.
pub(super) fn is_faulted(rest: &str) -> bool {
    let near = &rest[..rest.floor_char_boundary(CLAUSE)];
    let near = near.replace('’', "'").to_ascii_lowercase();
    is_at_fault(&near, CLAUSE)
}

/// Whether one of the first words of a clause denies or finds fault, before any reason.
fn is_at_fault(clause: &str, first: usize) -> bool {
    let end = clause.find(['.', '!', '?', ';', ':', ',', '(', '\n']);
    let mut words = words(&clause[..end.unwrap_or(clause.len())])
        .take_while(|word| !REASONS.contains(word))
        .take(first)
        .peekable();
    while let Some(word) = words.next() {
        // `is true for me too`
        let is_last = words.peek().is_none();
        let is_also = word == "too" && is_last;
        let denies = DENIALS.contains(&word) && word != "without" || word == "no" && is_last;
        if denies || FAULTS.contains(&word) && !is_also {
            return true;
        }
    }
    false
}

/// The same of what comes next in Malay or Chinese.
pub(super) fn is_denied_elsewhere(before: &str) -> bool {
    let clause = last_clause(before, &["但是", "但", " tetapi ", " tapi "]);
    // `如果让我选择`, `jika perlu memilih`: whoever must choose does.
    let must = MUST_CHOOSE.iter().any(|must| clause.contains(must));
    let denies = |word: &str| !(must && SUPPOSITIONS_ELSEWHERE.contains(&word));
    IN_CHINESE
        .iter()
        .any(|denial| denies(denial) && clause.contains(denial))
        || words(clause).any(|word| IN_MALAY.contains(&word) && denies(word))
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
