//! What people leave undone in life, and what of it leaves a question unanswered.

use super::super::words;

/// What people too do not do in life, so that it must be about what was asked: whatever says
/// that it is not done, and after [`NOT_IN_LIFE`].
const IN_LIFE: &[&str] = &["assign", "choose", "create", "engage", "help", "share"];
const MAY_NOT_IN_LIFE: &[&str] = &["speak"];
const NOT_IN_LIFE: &[&str] = &["not allowed to ", "not willing to "];

/// Beginnings of words that make of it something about what was asked.
const OF_ANSWERS: &[&str] = &[
    "answer",
    "belief",
    "content",
    "conversation",
    "dialogue",
    "discussion",
    "generali",
    "information",
    "number",
    "opinion",
    "option",
    "personal",
    "perspective",
    "question",
    "rating",
    "request",
    "response",
    "role",
    "stance",
    "stereotyp",
    "thought",
    "topic",
    "view",
];

/// Words that point to what was asked, among the first two after what is not done, or end it.
pub(super) const POINTING: &[&str] = &["that", "these", "this", "those"];
const ENDING: &[&str] = &["and", "as", "because", "here", "or", "since"];

/// The same after `choose`.
const CHOOSING: &[&str] = &["any", "between", "either", "for", "from", "one"];

/// What one answers, or does to answer, in life.
const ANSWERED: &[&str] = &["back", "bell", "call", "calls", "door", "phone", "to"];

/// Words after `decline` that leave it one of the question.
const DECLINED: &[&str] = &[
    "and",
    "answering",
    "as",
    "because",
    "but",
    "commenting",
    "here",
    "since",
    "to",
    "your",
];

/// What refuses after words for what one would rather leave undone, whatever it is about.
const SAYING: &[&str] = &[
    "answer",
    "comment",
    "disclose",
    "reply",
    "respond",
    "say",
    "speculate",
];

/// Refusing phrases that people use in life too, where more follows.
pub(super) const MAY_GO_ON_IN_LIFE: &[&str] = &[
    "am a machine",
    "i'm a machine",
    "i opt out",
    "keep that to myself",
    "keep this to myself",
    "like to opt out",
    "skip this one",
];

/// Words after them, besides those that end what is not done, that leave them a refusal.
const GOING_ON: &[&str] = &["but", "if", "of", "on", "so", "with", "without"];

/// Whether what follows such a phrase leaves it a refusal: nothing, or what is about what was
/// asked.
pub(super) fn ends_here(rest: &str) -> bool {
    let clause = first_clause(rest);
    let next = words(clause).next();
    let goes_on = |next: &str| ENDING.contains(&next) || GOING_ON.contains(&next) && next != "of";
    next.is_none_or(goes_on)
        || has_word_of_answers(clause)
        || words(clause).take(2).any(|word| POINTING.contains(&word))
}

/// What one leaves undone between or for others, or has against them: where no more than that is
/// said, it is about what was asked.
const FOR_OTHERS: &[(&str, &[&str])] = &[
    ("take sides", &["against", "between"]),
    ("make that choice", &["for"]),
    ("opinion", &["against", "of"]),
    ("views", &["against", "of"]),
];

/// Whether what is left undone is so for others: `take sides between my sons`.
fn is_for_others(deed: &str) -> bool {
    FOR_OTHERS.iter().any(|(begin, links)| {
        let rest = deed.strip_prefix(begin).map(first_clause);
        let mut next = rest
            .into_iter()
            .flat_map(words)
            .skip_while(|word| *word == "s");
        let is_linked = next.next().is_some_and(|word| links.contains(&word));
        is_linked
            && !matches!(
                next.next(),
                None | Some("that" | "these" | "this" | "you" | "your")
            )
            && !rest.is_some_and(has_word_of_answers)
            && !rest.is_some_and(|rest| rest.contains(" my own"))
    })
}

/// Whether what is left undone after these words is a thing of life: `I can't help but smile`,
/// `not willing to share a kitchen`.
pub(super) fn is_in_life(head: &str, deed: &str) -> bool {
    if let Some(answered) = deed.strip_prefix("answer ") {
        return is_answered_in_life(first_clause(answered));
    }
    if is_for_others(deed) {
        return true;
    }
    let is_one = |known: &&str| deed.starts_with(*known);
    let may_be = IN_LIFE.iter().any(is_one)
        || NOT_IN_LIFE.contains(&head) && MAY_NOT_IN_LIFE.iter().any(is_one);
    let clause = first_clause(deed);
    let Some(next) = words(clause).nth(1).filter(|_| may_be) else {
        return false;
    };
    if clause.starts_with("help ") && (next == "but" || next.ends_with("ing")) {
        return true;
    }
    let is_of_the_deed = match words(clause).next() {
        Some("choose") => {
            CHOOSING.contains(&next) || next.starts_with(|c: char| c.is_ascii_digit())
        }
        Some("help") => next == "you",
        _ => false,
    };
    !(is_of_the_deed || is_about_what_was_asked(clause))
}

/// Whether what is not answered is nothing that was asked: `the door`, `to a foreign boss`.
fn is_answered_in_life(answered: &str) -> bool {
    let first = words(answered).find(|word| *word != "the");
    let is_about_it = has_word_of_answers(answered)
        || words(answered).take(3).any(|word| POINTING.contains(&word));
    first.is_some_and(|word| ANSWERED.contains(&word)) && !is_about_it
}

/// Whether what follows `decline` leaves it said of the question, and not of a thing of life.
pub(super) fn declines_to_answer(rest: &str) -> bool {
    let clause = first_clause(rest);
    let next = words(clause).next();
    next.is_none_or(|next| DECLINED.contains(&next) || POINTING.contains(&next))
        || has_word_of_answers(clause)
}

/// Whether what is not done, at the beginning of a clause, is about what was asked.
fn is_about_what_was_asked(clause: &str) -> bool {
    let mut next = words(clause).skip(1);
    has_word_of_answers(clause)
        || next.clone().take(2).any(|word| POINTING.contains(&word))
        || next.next().is_none_or(|word| ENDING.contains(&word))
}

/// Whether a clause, of what one would rather leave undone, leaves the question unanswered:
/// `I'd rather not.`, and not `I'd rather not live there`.
pub(super) fn leaves_unanswered(rest: &str) -> bool {
    let clause = first_clause(rest).trim();
    let Some(first) = words(clause).next() else {
        return true;
    };
    SAYING.contains(&first)
        || POINTING.contains(&first)
        || super::DOINGS.iter().any(|doing| clause.starts_with(doing))
        || has_word_of_answers(clause)
        || words(clause)
            .skip(1)
            .take(2)
            .any(|word| POINTING.contains(&word))
}

pub(super) fn first_clause(text: &str) -> &str {
    let clause = text.split(['.', ',', ';', ':', '!', '?', '\n']).next();
    clause.unwrap_or(text)
}

fn has_word_of_answers(clause: &str) -> bool {
    words(clause).any(|word| OF_ANSWERS.iter().any(|part| word.starts_with(part)))
}
