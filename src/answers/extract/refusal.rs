//! Whether a model says that it will not answer.

use super::{is_markup, starts_word, words};
use crate::study::Scale;

/// Phrases of a model that will not answer, in lower case with plain apostrophes; each
/// stands between words.
const REFUSALS: &[&str] = &[
    "as a language model",
    "as an ai",
    "as an artificial intelligence",
    "i am an ai",
    "i'm an ai",
    "am just an ai",
    "i'm just an ai",
    "decline to",
    "i decline",
    "must decline",
    "have to decline",
    "politely decline",
    "respectfully decline",
    "i refuse",
    "refuse to",
    "i abstain",
    "abstain from answering",
    "refrain from answering",
    "no comment",
    "can't in good conscience",
    "cannot in good conscience",
    "inappropriate for me",
    "not appropriate for me",
    "not be appropriate for me",
    "don't feel comfortable",
    "not comfortable answering",
    "not comfortable with",
    "not feel comfortable",
    "wouldn't feel comfortable",
    "uncomfortable answering",
    "prefer not to",
    "rather not",
];

/// The same in the other languages of Singapore. They are found within words too, since Chinese
/// has no blanks between words, and Tamil writes some as one.
const REFUSALS_ELSEWHERE: &[&str] = &[
    "enggan menjawab",
    "menolak untuk menjawab",
    "sebagai kecerdasan buatan",
    "sebagai model bahasa",
    "sebagai sebuah ai",
    "tak boleh menjawab",
    "tak dapat menjawab",
    "tak mahu menjawab",
    "tidak boleh menjawab",
    "tidak dapat menjawab",
    "tidak ingin menjawab",
    "tidak mahu menjawab",
    "不便回答",
    "不想回答",
    "不愿回答",
    "不愿意回答",
    "不願回答",
    "不願意回答",
    "不能回答",
    "作为ai",
    "作为一个ai",
    "作为一个人工智能",
    "作为人工智能",
    "作为一个语言模型",
    "作为语言模型",
    "作為ai",
    "作為人工智能",
    "作為語言模型",
    "拒绝回答",
    "拒絕回答",
    "无可奉告",
    "无法作答",
    "无法回答",
    "無可奉告",
    "無法作答",
    "無法回答",
    "பதிலளிக்க இயலாது",
    "பதிலளிக்க இயலவில்லை",
    "பதிலளிக்க மறுக்கிறேன்",
    "பதிலளிக்க முடியாது",
    "பதிலளிக்க விரும்பவில்லை",
    "பதில் அளிக்க இயலாது",
    "பதில் அளிக்க முடியாது",
    "பதில் கூற முடியாது",
    "பதில் சொல்ல முடியாது",
];

/// Deeds in those languages that others leave undone too, such as the government of which a
/// reply speaks: they refuse after one of [`SPEAKERS`] or where a clause begins.
const UNDONE: &[&str] = &[
    "tidak boleh memberikan",
    "tidak dapat membantu",
    "tidak dapat memberikan",
    "tidak dapat memilih",
    "不能提供",
    "无法提供",
    "无法选择",
    "無法提供",
    "無法選擇",
];

/// How a speaker of those languages names himself.
const SPEAKERS: &[&str] = &["我", "我们", "我們", "本人", "aku", "kami", "saya"];

/// What may stand between a speaker, or the beginning of a clause, and what is left undone.
const BETWEEN: &[&str] = &[
    "也",
    "但",
    "但是",
    "实在",
    "實在",
    "对不起",
    "對不起",
    "并",
    "並",
    "很抱歉",
    "恐怕",
    "所以",
    "抱歉",
    "暂时",
    "暫時",
    "现在",
    "現在",
    "目前",
    "真的",
    "还是",
    "還是",
    "都",
    "juga",
    "maaf",
    "maaf kerana",
    "masih",
    "memang",
    "tetap",
];

/// Answers that are a refusal where they are all that is said.
const REFUSED: [&str; 4] = ["refused", "refusal", "declined", "decline"];

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
/// does.
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
    says_no(&lines, |_| true)
        || of_lists.iter().any(|line| {
            says_no(line, |before| {
                let mut words = words(before);
                words.all(|word| PRELUDE.contains(&word))
            })
        })
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
        after.any(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    let followed = |heads: &[&'static str], tails: &[&str]| {
        let begins = |rest: &str| tails.iter().any(|tail| rest.starts_with(tail));
        let mut after = heads.iter().flat_map(|head| after(head));
        after.any(|rest| begins(rest) || begins(without_adverb(rest)))
    };
    let elsewhere = |phrase: &&str, is_own: &dyn Fn(&str) -> bool| {
        let mut found = text.match_indices(*phrase);
        found.any(|(at, _)| is_own(&text[..at]))
    };
    REFUSALS.iter().any(says)
        || REFUSALS_ELSEWHERE
            .iter()
            .any(|phrase| elsewhere(phrase, &|before| may_follow(before) || is_own(before)))
        || UNDONE.iter().any(|phrase| elsewhere(phrase, &is_own))
        || followed(NOT_ABLE, DEEDS)
        || followed(NOT_HAVING, POSSESSIONS)
        || CUT_SHORT
            .iter()
            .any(|phrase| after(phrase).any(ends_sentence))
        || text.lines().any(is_refusal)
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

/// Whether what comes after a text is left undone by who speaks.
fn is_own(before: &str) -> bool {
    let mut before = before.trim_end_matches(' ');
    while let Some(rest) = BETWEEN.iter().find_map(|word| without_word(before, word)) {
        before = rest.trim_end_matches(' ');
    }
    !before.ends_with(char::is_alphanumeric)
        || SPEAKERS
            .iter()
            .any(|word| without_word(before, word).is_some())
}

/// A text without the word that it ends with. Chinese has no blanks between words.
fn without_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let rest = text.strip_suffix(word)?;
    (!word.is_ascii() || starts_word(text, rest.len())).then_some(rest)
}

/// What refuses where its sentence ends with it.
const CUT_SHORT: [&str; 4] = ["i can't", "i cannot", "i won't", "i will not"];

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
    let word = line.strip_prefix("answer").unwrap_or(line);
    REFUSED.contains(&word.trim_matches(is_mark))
}
