//! Whether a model says that it will not answer.

mod elsewhere;
mod labels;
mod others;

use super::{ANSWER_WORDS, is_markup, starts_word, words};
use crate::study::Scale;

/// Phrases of a model that will not answer, in lower case with plain apostrophes; each
/// stands between words.
const REFUSALS: &[&str] = &[
    "as a language model",
    "i am a language model",
    "i'm a language model",
    "as an ai",
    "as an artificial intelligence",
    "i am an ai",
    "i'm an ai",
    "am just an ai",
    "i'm just an ai",
    "must decline",
    "have to decline",
    "politely decline",
    "respectfully decline",
    "i abstain",
    "abstain from answering",
    "refrain from answering",
    "no comment",
    "can't in good conscience",
    "cannot in good conscience",
    "inappropriate for me",
    "not appropriate for me",
    "not be appropriate for me",
    "wouldn't be appropriate for me",
    "don't feel comfortable",
    "not comfortable with",
    "not feel comfortable",
    "wouldn't feel comfortable",
    "prefer not to",
    "rather not",
];

/// Answers that are a refusal where they are all that is said.
const REFUSED: &[&str] = &[
    "refused",
    "refusal",
    "refuse",
    "declined",
    "decline",
    "abstain",
    "enggan",
    "menolak",
    "拒答",
    "拒绝",
    "拒絕",
    "கருத்து இல்லை",
    "மறுக்கிறேன்",
];

/// What a model is not able or willing to do, after one of [`NOT_ABLE`].
const DEEDS: &[&str] = &[
    "adopt",
    "answer",
    "assist",
    "assume",
    "choose",
    "comment",
    "comply",
    "continue",
    "discuss",
    "do that",
    "do this",
    "endorse",
    "engage",
    "express",
    "fulfil",
    "generali",
    "generate",
    "give",
    "help",
    "impersonate",
    "make a choice",
    "make assum",
    "make generali",
    "make judg",
    "offer",
    "participate",
    "pick",
    "portray",
    "pretend",
    "provide",
    "reply",
    "represent",
    "respond",
    "role",
    "select",
    "share",
    "simulate",
    "speak for",
    "speak on",
    "speculate",
    "take a",
    "take on",
    "take part",
];

/// How a model says that it is not able or willing.
const NOT_ABLE: &[&str] = &[
    "choose not to ",
    "decline to ",
    "not allowed to ",
    "not comfortable to ",
    "not in a position to ",
    "not permitted to ",
    "not willing to ",
    "opt not to ",
    "refuse to ",
    "unwilling to ",
    "can't ",
    "cannot ",
    "can not ",
    "could not ",
    "couldn't ",
    "not able to ",
    "unable to ",
    "will not ",
    "won't ",
];

/// How one says that one does not wish to do something: in life too, where it is not to answer.
const NOT_WISHING: &[&str] = &[
    "do not want to ",
    "do not wish to ",
    "don't want to ",
    "don't wish to ",
    "not going to ",
];

/// To answer, after one of [`NOT_WISHING`].
const ANSWERING: &[&str] = &["answer", "comment on", "reply", "respond to th"];

/// What people too may not or would not do, with what makes it an answer.
const IN_LIFE: &[&str] = &["choose", "share", "speak"];
const NOT_IN_LIFE: &[&str] = &["not allowed to ", "not willing to "];
const OF_ANSWERS: &[&str] = &["answer", "opinion", "option", "question", "thought", "view"];

/// Words that make of `an AI` somebody who works with it.
const WITH_AI: &[&str] = &[
    "consultant",
    "developer",
    "engineer",
    "enthusiast",
    "expert",
    "fan",
    "professional",
    "researcher",
    "scientist",
    "specialist",
    "student",
    "user",
];

/// What a model does not feel at ease to do, after one of [`UNEASY`].
const DOINGS: &[&str] = &[
    "answering",
    "choosing",
    "commenting",
    "discussing",
    "expressing",
    "giving",
    "picking",
    "providing",
    "responding",
    "saying",
    "sharing",
    "taking a",
    "taking part",
];

/// How a model says that it does not feel at ease.
const UNEASY: &[&str] = &[
    "not at ease ",
    "not comfortable ",
    "uncomfortable ",
    "will not be ",
    "won't be ",
];

/// What a model says that it does not have.
const POSSESSIONS: &[&str] = &[
    "a personal",
    "an opinion",
    "any personal",
    "beliefs",
    "feelings",
    "opinions",
    "personal",
];

/// How a model says that it does not have something.
const NOT_HAVING: &[&str] = &["don't have ", "do not have ", "don't hold ", "do not hold "];

/// Words that may stand before what refuses in a line that a number begins, so that it is
/// who speaks that refuses and no other of whom the line tells.
const PRELUDE: &[&str] = &[
    "a",
    "afraid",
    "am",
    "apologies",
    "apologise",
    "apologize",
    "but",
    "do",
    "for",
    "have",
    "honestly",
    "however",
    "i",
    "i'd",
    "i'll",
    "i'm",
    "i've",
    "inconvenience",
    "just",
    "must",
    "my",
    "no",
    "really",
    "regret",
    "respectfully",
    "simply",
    "so",
    "sorry",
    "thank",
    "that",
    "the",
    "to",
    "truly",
    "unfortunately",
    "very",
    "would",
    "you",
];

/// Whether a reply refuses, in whatever words. A line that begins with a code gives reasons
/// for it, in which others may refuse; where a full stop or a bracket follows the code, the
/// line may be one of a list, and refuses where the first thing it says is that who speaks
/// does. A reply in which a clause is, begins or ends with a label is none.
pub(super) fn refuses(text: &str, scale: &Scale) -> bool {
    let plain = text.replace('’', "'").to_ascii_lowercase();
    let mut lines = String::new();
    let mut of_lists = Vec::new();
    for line in plain.lines() {
        if let Some(rest) = after_code(line, scale) {
            of_lists.extend(rest.strip_prefix(['.', ')']));
        } else {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    let uses_its_words = says_no(&lines, |_| true)
        || of_lists.iter().any(|line| {
            says_no(line, |before| {
                let mut words = words(before);
                words.all(|word| PRELUDE.contains(&word))
            })
        });
    uses_its_words && !labels::name_an_option(&plain, scale, |part| says_no(part, |_| true))
}

/// Whether a text in lower case refuses, by a phrase before which may stand what it does.
fn says_no(text: &str, may_follow: impl Fn(&str) -> bool) -> bool {
    let after = |phrase: &'static str| {
        let found = text.match_indices(phrase);
        let found = found.filter(|(at, _)| starts_word(text, *at) && may_follow(&text[..*at]));
        found.map(|(at, phrase)| &text[at + phrase.len()..])
    };
    let says = |phrase: &&'static str| {
        let mut after = after(phrase);
        after.any(|rest| {
            let is_other = phrase.ends_with("ai") && is_with_ai(rest);
            !is_other && !rest.starts_with(char::is_alphanumeric)
        })
    };
    let followed = |heads: &[&'static str], tails: &[&str]| {
        heads.iter().any(|head| {
            let begins = |rest: &str| {
                let is_deed = tails.iter().any(|tail| rest.starts_with(tail));
                is_deed && !is_in_life(head, rest)
            };
            after(head).any(|rest| {
                let before = &text[..text.len() - rest.len() - head.len()];
                (begins(rest) || begins(without_adverb(rest))) && !others::are_last_in(before)
            })
        })
    };
    REFUSALS.iter().any(says)
        || followed(NOT_ABLE, DEEDS)
        || followed(NOT_WISHING, ANSWERING)
        || followed(UNEASY, DOINGS)
        || followed(NOT_HAVING, POSSESSIONS)
        || CUT_SHORT
            .iter()
            .any(|phrase| after(phrase).any(ends_sentence))
        || text.lines().any(is_refusal)
        || elsewhere::refuses(text, &may_follow)
}

/// Whether what is left undone after these words is a thing of life: `I can't help but smile`,
/// `not willing to share a kitchen`.
fn is_in_life(head: &str, deed: &str) -> bool {
    let clause = deed.split(['.', ',', ';', ':', '!', '?', '\n']).next();
    let clause = clause.unwrap_or(deed);
    let mut words = words(clause).skip(1);
    if clause.starts_with("help ") {
        return words
            .next()
            .is_some_and(|word| word == "but" || word.ends_with("ing"));
    }
    NOT_IN_LIFE.contains(&head)
        && IN_LIFE.iter().any(|deed| clause.starts_with(deed))
        && words.next().is_some()
        && !OF_ANSWERS.iter().any(|word| clause.contains(word))
}

/// Whether a text begins with a word that makes of `an AI` somebody who works with it.
fn is_with_ai(rest: &str) -> bool {
    let next = words(rest).next().filter(|_| rest.starts_with(' '));
    next.is_some_and(|next| WITH_AI.contains(&next))
}

/// What follows a code of the scale with which a line begins, from the mark after it on:
/// `. …` of `2. …`; `None` where the line does not begin so.
fn after_code<'t>(line: &'t str, scale: &Scale) -> Option<&'t str> {
    let is_layout = |c: char| c.is_whitespace() || is_markup(c) || c == '(';
    let line = line.trim_start_matches(is_layout);
    let digits = line.strip_prefix(['-', '−']).unwrap_or(line);
    let after = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let code = line[..line.len() - after.len()].replace('−', "-");
    scale.position(code.parse().ok()?)?;
    let marked = after.trim_start_matches(is_markup).trim_start();
    let marks = ['.', ',', ':', ';', '=', ')', '-', '–', '—'];
    marked.starts_with(marks).then_some(marked)
}

/// What refuses where its sentence ends with it.
const CUT_SHORT: [&str; 6] = [
    "i can't",
    "i cannot",
    "i decline",
    "i refuse",
    "i will not",
    "i won't",
];

fn ends_sentence(rest: &str) -> bool {
    rest.trim_start().is_empty() || rest.starts_with(['.', '!', ',', ';', '\n'])
}

/// Without a word such as `ethically` at the start.
fn without_adverb(text: &str) -> &str {
    match text.split_once(' ') {
        Some((word, rest)) if word.ends_with("ly") => rest,
        _ => text,
    }
}

/// Whether a line is a refusal and nothing else, but for `answer:`.
fn is_refusal(line: &str) -> bool {
    let is_mark = |c: char| !c.is_alphanumeric();
    let line = line.trim_matches(is_mark);
    let led = ANSWER_WORDS.iter().find_map(|word| line.strip_prefix(word));
    let word = led.unwrap_or(line);
    let word = word.trim_matches(is_mark);
    // The sign that takes the vowel from a letter of Tamil is a mark too.
    let is_it = |known: &&str| known.trim_matches(is_mark) == word;
    REFUSED.iter().any(is_it)
}
