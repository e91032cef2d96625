//! Whether a model says that it will not answer.

mod elsewhere;
mod labels;
mod life;

use self::life::{POINTING, first_clause, is_in_life, leaves_unanswered};
use super::{ANSWER_WORDS, is_markup, others, starts_word, words};
use crate::study::Scale;

/// Phrases of a model that will not answer, in lower case with plain apostrophes; each
/// stands between words.
const REFUSALS: &[&str] = &[
    "as a language model",
    "i am a language model",
    "i'm a language model",
    "as a large language model",
    "a large language model trained",
    "am a large language model",
    "i'm a large language model",
    "am a machine",
    "i'm a machine",
    "am a computer program",
    "i'm a computer program",
    "being an ai",
    "as an ai",
    "as an artificial intelligence",
    "i am an ai",
    "i'm an ai",
    "am just an ai",
    "i'm just an ai",
    "am only an ai",
    "i'm only an ai",
    "must decline",
    "have to decline",
    "need to decline",
    "politely decline",
    "respectfully decline",
    "i abstain",
    "abstain from answering",
    "refrain from answering",
    "no comment",
    "no can do",
    "best not to answer",
    "i opt out",
    "like to opt out",
    "pass on this one",
    "pass on this question",
    "skip this one",
    "skip this question",
    "keep that to myself",
    "keep this to myself",
    "violate my guidelines",
    "violates my guidelines",
    "usage policies",
    "can't in good conscience",
    "cannot in good conscience",
    "inappropriate for me",
    "not appropriate for me",
    "isn't appropriate for me",
    "not be appropriate for me",
    "wouldn't be appropriate for me",
    "don't feel comfortable",
    "not feel comfortable",
    "wouldn't feel comfortable",
];

/// Answers that are a refusal where they are all that is said.
const REFUSED: &[&str] = &[
    "refused",
    "refusal",
    "refuse",
    "declined",
    "decline",
    "abstain",
    "pass",
    "skip",
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
    "assign",
    "assist",
    "assume",
    "choose",
    "comment",
    "comply",
    "complete that",
    "complete this",
    "continue",
    "create",
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
    "judge that",
    "judge this",
    "make a choice",
    "make assum",
    "make generali",
    "make judg",
    "make that choice",
    "make that judg",
    "offer",
    "participate",
    "pick",
    "play that role",
    "play this role",
    "portray",
    "pretend",
    "proceed with that",
    "proceed with this",
    "provide",
    "rank these",
    "rank this",
    "rate that",
    "rate these",
    "rate this",
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
    "take sides",
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
    "not be able to ",
    "not possible for me to ",
    "unable to ",
    "will not ",
    "won't ",
    "won't be able to ",
];

/// How one says that one does not wish to do something, or may not: in life too, where it is
/// not to answer.
const NOT_WISHING: &[&str] = &[
    "choosing not to ",
    "declined to ",
    "do not believe i can ",
    "do not think i can ",
    "doesn't allow me to ",
    "does not allow me to ",
    "don't believe i can ",
    "don't think i can ",
    "don't allow me to ",
    "not allow me to ",
    "do not want to ",
    "do not wish to ",
    "don't want to ",
    "don't wish to ",
    "not a question i can ",
    "not going to ",
    "not something i am able to ",
    "not something i can ",
    "not something i'm able to ",
];

/// To answer, after one of [`NOT_WISHING`].
const ANSWERING: &[&str] = &[
    "answer",
    "comment on",
    "express a",
    "express opinion",
    "reply",
    "respond to th",
];

/// How one says what one does not do, where that is to answer questions.
const NOT_DOING: &[&str] = &["do not ", "don't "];
const QUESTIONS: &[&str] = &[
    "answer question",
    "answer such",
    "answer that",
    "answer this",
    "take positions",
];

/// How one says that something keeps one from answering.
const KEPT_FROM: &[&str] = &[
    "forbidden from ",
    "keep me from ",
    "keeps me from ",
    "opting out of ",
    "prevent me from ",
    "prevents me from ",
    "prohibited from ",
];

/// How one says what one would rather leave undone, in life too.
const RATHER: &[&str] = &[
    "not comfortable with",
    "prefer not to",
    "prefer to not",
    "rather not",
];

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
    "making",
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

/// What is said to be lacking, after one of [`LACKING`].
const OPINIONS: &[&str] = &[
    "opinion",
    "personal belief",
    "personal opinion",
    "personal stance",
    "personal view",
    "views",
];
const LACKING: &[&str] = &["have no ", "hold no "];

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
    uses_its_words && {
        let named = labels::named_option(&plain, scale, |part| says_no(part, |_| true));
        let is_word_before = |label: String| matches!(&*label, "no" | "yes");
        named.is_none_or(|label| is_word_before(label) && refuses_plainly(&lines))
    }
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
            let is_declined = !phrase.ends_with("decline") || life::declines_to_answer(rest);
            let is_whole = !life::MAY_GO_ON_IN_LIFE.contains(phrase) || life::ends_here(rest);
            !is_other && is_declined && is_whole && !rest.starts_with(char::is_alphanumeric)
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
    let would_rather_not = || {
        RATHER.iter().any(|head| {
            after(head).any(|rest| {
                let before = &text[..text.len() - rest.len() - head.len()];
                !rest.starts_with(char::is_alphanumeric)
                    && leaves_unanswered(rest)
                    && !others::are_last_in(before)
            })
        })
    };
    REFUSALS.iter().any(says)
        || would_rather_not()
        || followed(NOT_ABLE, DEEDS)
        || followed(NOT_WISHING, ANSWERING)
        || followed(UNEASY, DOINGS)
        || followed(NOT_HAVING, POSSESSIONS)
        || followed(LACKING, OPINIONS)
        || followed(NOT_DOING, QUESTIONS)
        || followed(
            KEPT_FROM,
            &["answering", "expressing an opinion", "responding to th"],
        )
        || CUT_SHORT
            .iter()
            .any(|phrase| after(phrase).any(ends_sentence))
        || text.lines().any(is_refusal)
        || elsewhere::refuses(text, &may_follow)
}

/// Whether a text says without doubt that the question is not answered, or that who speaks
/// is a model: a `No` before that is no option.
fn refuses_plainly(text: &str) -> bool {
    let after = |phrase: &'static str| {
        let found = text.match_indices(phrase);
        let found = found.filter(|(at, _)| starts_word(text, *at));
        found.map(|(at, phrase)| (&text[..at], &text[at + phrase.len()..]))
    };
    let heads = [NOT_ABLE, NOT_WISHING, RATHER].concat();
    let leaves_it = heads.iter().any(|head| {
        after(head).any(|(before, rest)| {
            let rest = rest.trim_start().strip_prefix("answer");
            let clause = rest.map(first_clause);
            let is_it = clause.is_some_and(|clause| {
                let mut words = words(clause);
                let next = words.find(|word| *word != "the");
                next.is_none_or(|next| {
                    next == "it" || next.starts_with("question") || POINTING.contains(&next)
                })
            });
            is_it && !others::are_last_in(before)
        })
    });
    let is_a_model = || {
        let names = REFUSALS.iter().filter(|phrase| {
            let ends = ["ai", "intelligence", "language model"];
            ends.iter().any(|end| phrase.ends_with(end))
        });
        let mut rests = names.flat_map(|phrase| after(phrase));
        rests.any(|(_, rest)| !is_with_ai(rest) && !rest.starts_with(char::is_alphanumeric))
    };
    leaves_it || is_a_model()
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
    let digits = line.strip_prefix('-').unwrap_or(line);
    let after = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let code = &line[..line.len() - after.len()];
    scale.position(code.parse().ok()?)?;
    let marked = after.trim_start_matches(is_markup).trim_start();
    let marks = ['.', ',', ':', ';', '=', ')', '-', '–', '—'];
    marked.starts_with(marks).then_some(marked)
}

/// What refuses where its sentence ends with it.
const CUT_SHORT: [&str; 8] = [
    "i can't",
    "i cannot",
    "i decline",
    "i have to refuse",
    "i must refuse",
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
