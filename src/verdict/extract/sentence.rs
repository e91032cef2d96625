//! A value that is a sentence: read where exactly one label stands in it as a
//! capital word.
//!
//! Where the first label is `A`, the English article must not be taken for it.
//! A lower-case `a` never is the label. A capital `A` that begins a sentence and
//! is followed by a lower-case word is the article, unless that word is a verb or
//! a connective (`A wins`, `A is warmer`, `A over`); so `A warmer voice` names
//! nothing. If another label stands in a sentence that begins so, it is read
//! (`A clear win for B`), unless the sentence compares (`A warmer voice than B`).
//! Everywhere else a capital `A` is the label.
//!
//! A sentence that turns its label down (`not B`, `B is worse`, `better than B`)
//! says nothing, though one label stands in it: the winner would be a guess.

use super::label::{Label, Labelled, Labels, Reading, Unread, is_prefix};
use super::repair::{Repair, Repairs};
use crate::verdict::Choice;

/// One word and what stands around it.
struct Word<'a> {
    text: &'a str,
    start: Start,
    /// Only blanks stand between this word and the next.
    runs_on: bool,
    /// `'s` was taken off it.
    possessive: bool,
}

/// What a word is the first of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// A sentence, and so a clause.
    Sentence,
    /// What follows any punctuation.
    Clause,
    /// Nothing.
    Within,
}

impl Word<'_> {
    fn starts_sentence(&self) -> bool {
        self.start == Start::Sentence
    }

    fn starts_clause(&self) -> bool {
        self.start != Start::Within
    }
}

/// Reads a sentence that is no plain label.
pub(super) fn read(value: &str, labels: &Labels) -> Reading {
    let words = split(value);
    let mut first_mention = None;
    let mut named = [false; 2];
    let mut tie_label = false;
    let mut article = false;
    let mut late_article = false;
    let mut at = 0;
    while at < words.len() {
        let Some((label, len)) = label_at(labels, &words, at) else {
            at += 1;
            continue;
        };
        match role(label, &words, at, len) {
            Role::Article => {
                article = true;
                late_article |= at > 0 && words[at].text == "A";
            }
            Role::Word => {}
            Role::Label => match label.choice {
                Choice::First => named[0] = true,
                Choice::Second => named[1] = true,
                Choice::Tie => tie_label = true,
            },
        }
        let is_named = named.contains(&true) || tie_label;
        if is_named && first_mention.is_none() {
            first_mention = Some((at, len, label.choice));
        }
        at += len;
    }
    let tie = tie_in(&words);
    let label_then_tie = words.len() == 2 && tie_word(words[1].text) == Some(true);
    match first_mention {
        Some((0, 1, Choice::First | Choice::Second)) if label_then_tie => Err(Unread::TwoLabels),
        Some(_) if named == [true, true] || (tie_label && named.contains(&true)) => {
            Err(Unread::TwoLabels)
        }
        Some((_, _, Choice::First | Choice::Second)) if tie == Some(TieSense::Said) => {
            Err(Unread::TwoLabels)
        }
        // `Tie (A slightly warmer)`: the article or the label.
        Some((_, _, Choice::Tie)) if late_article && tie != Some(TieSense::Denied) => {
            Err(Unread::TwoLabels)
        }
        Some((at, len, choice)) => {
            if turned_down(&words, at, len, article) {
                return Err(Unread::UnknownLabel);
            }
            Ok(Labelled {
                choice,
                repairs: Repairs::one(Repair::LabelSentence),
            })
        }
        None if late_article && tie == Some(TieSense::Said) => Err(Unread::TwoLabels),
        None if matches!(tie, Some(TieSense::Said | TieSense::Passing)) => Ok(Labelled {
            choice: Choice::Tie,
            repairs: Repairs::one(Repair::TieWord),
        }),
        None => Err(Unread::UnknownLabel),
    }
}

/// What a word that is spelled like a label is.
enum Role {
    Label,
    /// The English article.
    Article,
    /// Any other word.
    Word,
}

fn role(label: &Label, words: &[Word<'_>], at: usize, len: usize) -> Role {
    let [only] = label.words.as_slice() else {
        return Role::Label;
    };
    let word = &words[at];
    let after_prefix = at > 0 && words[at - 1].runs_on && is_prefix(words[at - 1].text);
    let next = words.get(at + len).filter(|_| word.runs_on);
    let noun_follows = next.is_some_and(|next| {
        next.text.starts_with(char::is_lowercase) && !is_verb_or_connective(next.text)
    });
    if only.eq_ignore_ascii_case("a") {
        return article_or_label(word, next, after_prefix, noun_follows);
    }
    let is_number = only.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || only == "I" {
        // `1 wins`, but not `1 reason` or `I think`.
        let stands_alone = match next {
            None => true,
            Some(next) => is_number && is_plain_verb(next.text),
        };
        return if after_prefix || (word.starts_sentence() && stands_alone) {
            Role::Label
        } else {
            Role::Word
        };
    }
    Role::Label
}

fn article_or_label(
    word: &Word<'_>,
    next: Option<&Word<'_>>,
    after_prefix: bool,
    noun_follows: bool,
) -> Role {
    if word.possessive && word.text == "A" {
        return Role::Label;
    }
    if word.text == "a" {
        return if after_prefix && !noun_follows {
            Role::Label
        } else {
            Role::Article
        };
    }
    let tie_follows = next.is_some_and(|next| tie_word(next.text).is_some());
    if !after_prefix && (tie_follows || (word.starts_sentence() && noun_follows)) {
        Role::Article
    } else {
        Role::Label
    }
}

/// The label whose words stand at `at`, the longest where several do.
fn label_at<'a>(labels: &'a Labels, words: &[Word<'_>], at: usize) -> Option<(&'a Label, usize)> {
    labels
        .all()
        .iter()
        .filter(|label| !label.words.is_empty() && stands_at(label, words, at))
        .map(|label| (label, label.words.len()))
        .max_by_key(|(_, len)| *len)
}

fn stands_at(label: &Label, words: &[Word<'_>], at: usize) -> bool {
    let Some(here) = words.get(at..at + label.words.len()) else {
        return false;
    };
    here.iter()
        .zip(&label.words)
        .all(|(word, own)| label.word_fits(own, word.text))
}

/// How much a word for a tie means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum TieSense {
    /// The sentence denies it.
    Denied,
    /// Said in passing: `both keep the voice`. A label beside it is read.
    Passing,
    /// A label beside it makes two.
    Said,
}

/// Whether the word means a tie, and whether that alone (`tie`) or only as the
/// subject or predicate of a sentence (`both`, `equal`).
fn tie_word(word: &str) -> Option<bool> {
    let is = |known: &[&str]| known.iter().any(|known| word.eq_ignore_ascii_case(known));
    if is(&["tie", "tied", "draw", "neither"]) {
        Some(true)
    } else if is(&["both", "equal", "equally"]) {
        Some(false)
    } else {
        None
    }
}

/// The strongest sense in which a tie is said.
fn tie_in(words: &[Word<'_>]) -> Option<TieSense> {
    let mut strongest = None;
    for (at, word) in words.iter().enumerate() {
        let Some(strong) = tie_word(word.text) else {
            continue;
        };
        let before = at.checked_sub(1).map(|at| words[at].text);
        // `A or tie` leaves it open.
        let is_alternative = before.is_some_and(|before| {
            is_one_of(before, &["or", "vs", "versus"]) || (strong && is_one_of(before, &["and"]))
        });
        let predicate = is_alternative || before.is_some_and(|before| is_tie_lead(before, strong));
        if !word.starts_clause() && !predicate {
            continue;
        }
        let sense = if denied(words, at) {
            TieSense::Denied
        } else if strong || is_alternative || (at == 0 && !word.runs_on) {
            TieSense::Said
        } else {
            TieSense::Passing
        };
        strongest = strongest.max(Some(sense));
    }
    strongest
}

/// Whether a tie word after this word is a predicate: `a tie`, `are equal`.
fn is_tie_lead(word: &str, strong: bool) -> bool {
    const BEFORE_ANY: [&str; 13] = [
        "is",
        "are",
        "was",
        "were",
        "about",
        "roughly",
        "nearly",
        "almost",
        "essentially",
        "basically",
        "quite",
        "it's",
        "they're",
    ];
    const BEFORE_NOUN: [&str; 11] = [
        "a", "an", "the", "as", "clear", "near", "close", "dead", "virtual", "be", "call",
    ];
    let is = |known: &[&str]| known.iter().any(|known| word.eq_ignore_ascii_case(known));
    is(&BEFORE_ANY) || (strong && is(&BEFORE_NOUN))
}

/// Whether a negation stands shortly before `at` in the same clause.
fn denied(words: &[Word<'_>], at: usize) -> bool {
    let mut place = at;
    for _ in 0..4 {
        if place == 0 || words[place].starts_clause() {
            return false;
        }
        place -= 1;
        let word = words[place].text;
        let doubts = [
            "hardly", "barely", "scarcely", "far", "anything", "without", "unlikely",
        ];
        if is_negation(word) || is_one_of(word, &doubts) {
            return true;
        }
    }
    false
}

/// Whether the sentence names the label only to turn it down.
fn turned_down(words: &[Word<'_>], at: usize, len: usize, article: bool) -> bool {
    let mut before = at;
    while before > 0 && words[before - 1].runs_on {
        before -= 1;
        let word = words[before].text;
        if is_prefix(word) || word.eq_ignore_ascii_case("the") {
            continue;
        }
        let compared = is_one_of(word, &["over", "than", "against", "vs", "versus", "unlike"]);
        if compared || is_negation(word) || (article && word.eq_ignore_ascii_case("from")) {
            return true;
        }
        if is_one_of(
            word,
            &["beats", "beat", "outperforms", "surpasses", "except"],
        ) {
            return true;
        }
        break;
    }
    // `loser: A`, `worse: Response B`
    let mut named = at;
    while named > 0 && is_prefix(words[named - 1].text) {
        named -= 1;
    }
    let losing = ["loser", "worse", "worst", "weaker", "inferior", "hardly"];
    if named > 0 && is_one_of(words[named - 1].text, &losing) {
        return true;
    }
    let mut after = at + len - 1;
    for _ in 0..3 {
        if !words[after].runs_on {
            return false;
        }
        after += 1;
        let Some(word) = words.get(after) else {
            return false;
        };
        let loses = is_one_of(
            word.text,
            &[
                "loses", "lost", "loser", "fails", "failed", "lacks", "worse", "weaker", "inferior",
            ],
        );
        if loses || is_negation(word.text) {
            return true;
        }
    }
    false
}

fn is_one_of(word: &str, known: &[&str]) -> bool {
    known.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn is_negation(word: &str) -> bool {
    is_one_of(word, &["not", "no", "never", "nor", "neither", "cannot"])
        || word
            .len()
            .checked_sub(3)
            .and_then(|from| word.get(from..))
            .is_some_and(|end| end.eq_ignore_ascii_case("n't"))
        || word.ends_with("n’t")
}

/// Whether the word after a capital `A` shows that it is the label: a verb, or a
/// connective that no article is followed by.
fn is_verb_or_connective(word: &str) -> bool {
    const KNOWN: [&str; 48] = [
        "was", "were", "did", "won", "win", "had", "have", "because", "since", "for", "over", "by",
        "in", "on", "with", "than", "and", "or", "but", "while", "although", "though", "due",
        "given", "would", "will", "can", "could", "should", "may", "might", "must", "felt",
        "sounded", "seemed", "read", "kept", "spoke", "came", "captured", "matched", "showed",
        "gave", "stayed", "at", "to", "if", "who",
    ];
    if KNOWN.contains(&word) {
        return true;
    }
    // A verb in the third person: `keeps`, `is`, but not `less`, `serious`, `census`.
    word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us")
}

/// Whether the word after a number shows that the number is a label: a plural may
/// follow a number, so that the ending alone shows nothing.
fn is_plain_verb(word: &str) -> bool {
    const KNOWN: [&str; 16] = [
        "is", "was", "wins", "won", "has", "had", "does", "did", "beats", "seems", "sounds",
        "feels", "reads", "keeps", "stays", "because",
    ];
    KNOWN.contains(&word)
}

/// Splits a sentence into words.
///
/// Letters joined by an apostrophe, a hyphen, a dot or an ampersand are one word
/// (`A-level`, `Q&A`, `it's`); the possessive is taken off, and so is a prefix that
/// is joined to its label (`Response-A`).
fn split(value: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut word_start = Start::Sentence;
    let mut chars = value.char_indices().peekable();
    let mut previous_end = 0;
    while let Some((start, c)) = chars.next() {
        if !is_word_char(c) {
            match c {
                '.' | '!' | '?' | ':' | '\n' | '(' => {
                    word_start = Start::Sentence;
                }
                c if c.is_whitespace() => {}
                _ if word_start == Start::Within => word_start = Start::Clause,
                _ => {}
            }
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some(&(place, c)) = chars.peek() {
            let rest = value.get(place + c.len_utf8()..).unwrap_or("");
            let joins = (is_joiner(c) && rest.starts_with(char::is_alphanumeric))
                || is_not_applicable(value.get(start..end).unwrap_or(""), c, rest);
            if !is_word_char(c) && !joins {
                break;
            }
            chars.next();
            end = place + c.len_utf8();
        }
        let text = value.get(start..end).unwrap_or("");
        if let Some(last) = words.last_mut() {
            let gap = value.get(previous_end..start).unwrap_or("");
            last.runs_on = !gap.is_empty() && gap.chars().all(char::is_whitespace);
        }
        previous_end = end;
        push_word(&mut words, text, word_start);
        word_start = Start::Within;
    }
    words
}

fn push_word<'a>(words: &mut Vec<Word<'a>>, text: &'a str, start: Start) {
    let text = text.trim_matches('_');
    let owner = ["'s", "’s"]
        .iter()
        .find_map(|suffix| text.strip_suffix(suffix))
        .filter(|stem| stem.chars().nth(1).is_none());
    let text = owner.unwrap_or(text);
    let mut word = Word {
        text,
        start,
        runs_on: false,
        possessive: owner.is_some(),
    };
    if let Some((prefix, rest)) = text.split_once(['-', '_'])
        && is_prefix(prefix)
    {
        words.push(Word {
            text: prefix,
            runs_on: true,
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

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\'' | '’' | '-' | '‑' | '.' | '&')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::cases::rubric;
    use super::*;

    fn sentence(value: &str) -> Result<Choice, Unread> {
        read(value, &Labels::new(&rubric())).map(|read| read.choice)
    }

    #[rstest]
    #[case("Response A is more in character")]
    #[case("A is better")]
    #[case("A wins")]
    #[case("A keeps the dialect")]
    #[case("A, by a wide margin")]
    #[case("A because it is warmer")]
    #[case("A - warmer and plainer")]
    #[case("A (slightly)")]
    #[case("A: a voice one can hear")]
    #[case("I would say A")]
    #[case("The winner is A.")]
    #[case("Clearly A, as A never slips")]
    #[case("**A** better voice")]
    #[case("Response A's voice is a better match")]
    #[case("Response-A by far")]
    #[case("Both are good, but A is warmer")]
    #[case("Both keep the voice but A is warmer")]
    #[case("Assistant A, the warmer one")]
    #[case("A ✅")]
    #[case("A's voice is warmer")]
    #[case("A’s, by a hair")]
    fn the_first_answer_is_named(#[case] value: &str) {
        assert_eq!(sentence(value), Ok(Choice::First), "{value}");
    }

    #[rstest]
    #[case("A or tie")]
    #[case("A, or tie")]
    #[case("A or equal")]
    #[case("A or both")]
    #[case("either A or tie")]
    #[case("A and tie")]
    #[case("A vs tie")]
    #[case("Response A or tie")]
    #[case("B tie")]
    #[case("B.\nA")]
    fn a_label_beside_another_or_a_tie_is_two(#[case] value: &str) {
        assert_eq!(sentence(value), Err(Unread::TwoLabels), "{value}");
    }

    #[rstest]
    #[case("loser: A")]
    #[case("Loser: Response A")]
    #[case("worse: A")]
    #[case("Response B is the loser")]
    #[case("Hardly A")]
    #[case("hardly a tie")]
    #[case("far from a tie")]
    #[case("anything but a tie")]
    #[case("without a tie")]
    fn what_is_turned_down_names_no_winner(#[case] value: &str) {
        assert_eq!(sentence(value), Err(Unread::UnknownLabel), "{value}");
    }

    #[rstest]
    #[case("Response B is a better match")]
    #[case("B is a little warmer")]
    #[case("A clear win for B")]
    #[case("A better answer is B")]
    #[case("a slight edge to B")]
    #[case("B, not by much")]
    fn the_second_answer_is_named(#[case] value: &str) {
        assert_eq!(sentence(value), Ok(Choice::Second), "{value}");
    }

    #[rstest]
    #[case("it is a tie")]
    #[case("It's a tie.")]
    #[case("A tie")]
    #[case("a draw")]
    #[case("Tie (no clear winner)")]
    #[case("Neither response stays in character")]
    #[case("They are equal")]
    #[case("Both are equally good")]
    #[case("equally good")]
    #[case("I call it a tie")]
    #[case("The result: tie")]
    #[case("It is a tie. I see a difference in length only")]
    fn a_tie_is_named(#[case] value: &str) {
        assert_eq!(sentence(value), Ok(Choice::Tie), "{value}");
    }

    #[rstest]
    #[case("A response that stays in character", Unread::UnknownLabel)]
    #[case("a response that stays in character", Unread::UnknownLabel)]
    #[case("A more convincing voice", Unread::UnknownLabel)]
    #[case("A serious answer", Unread::UnknownLabel)]
    #[case("A warmer voice than B", Unread::UnknownLabel)]
    #[case("the first response", Unread::UnknownLabel)]
    #[case("b is better", Unread::UnknownLabel)]
    #[case("not B", Unread::UnknownLabel)]
    #[case("B is worse", Unread::UnknownLabel)]
    #[case("Response B is not convincing", Unread::UnknownLabel)]
    #[case("better than B", Unread::UnknownLabel)]
    #[case("not a tie", Unread::UnknownLabel)]
    #[case("There is no tie", Unread::UnknownLabel)]
    #[case("Vitamin A-level", Unread::UnknownLabel)]
    #[case("N/A for this", Unread::UnknownLabel)]
    #[case("The Q&A was fine", Unread::UnknownLabel)]
    #[case("She drew on proverbs", Unread::UnknownLabel)]
    #[case("A or B", Unread::TwoLabels)]
    #[case("A is warmer than B", Unread::TwoLabels)]
    #[case("Neither A nor B", Unread::TwoLabels)]
    #[case("Both A and B", Unread::TwoLabels)]
    #[case("A tie between A and B", Unread::TwoLabels)]
    #[case("It is a tie, with a slight lean to A", Unread::TwoLabels)]
    #[case("Equal, A slightly warmer", Unread::TwoLabels)]
    #[case("Tie (A slightly warmer)", Unread::TwoLabels)]
    #[case("It is a tie. A slight lead, if any", Unread::TwoLabels)]
    #[case("A's voice is worse", Unread::UnknownLabel)]
    fn a_guess_is_not_made(#[case] value: &str, #[case] why: Unread) {
        assert_eq!(sentence(value), Err(why), "{value}");
    }
}
