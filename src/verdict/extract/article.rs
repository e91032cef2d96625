//! Whether a capital `A` is the label or the English article, from what follows it.
//!
//! The article stands before a noun and the words that describe it. So it is none before
//! a verb, a connective or a vowel (`A overall`), before an adverb or a comparative that
//! ends the sentence (`A slightly`, `A better`), nor before one that a verb follows (`A
//! better captures the stance`).

use super::denial::may_detract;
use super::foreign;
use super::words::{Start, Word};

/// What is said of a winner.
const PREFERRED: &str = "\
    better best superior stronger preferred chosen selected favored favoured picked ahead \
    winner";

/// What compares an answer with the other in its favour.
const COMPARED: &str = "\
    closer closest nearer nearest warmer warmest clearer clearest truer truest stronger \
    strongest richer";

/// More adverbs than a verdict puts before its verb; a bound keeps the time linear.
const MAX_ADVERBS: usize = 3;

/// More words of a remark are not weighed.
const MAX_REMARK: usize = 24;

/// Whether the word before the one at `next` is no article, though it may be spelled so.
pub(super) fn is_none_before(words: &[Word<'_>], next: usize) -> bool {
    let word = &words[next];
    // `A win for B`
    if word.is_one_of("win") && within(words, next + 1, "for to") {
        return false;
    }
    !word.text.starts_with(char::is_alphabetic)
        || takes_an(word)
        || shows_label(words, next)
        || compares_and_acts(words, next)
        || compares_alone(words, next)
        || is_participle(words, next)
        || foreign::wins(words, next)
        || is_determiner(word)
        || word.is_negation()
        || (word.is_one_of("once") && within(words, next + 1, "more again"))
        || (word.is_one_of("rather") && within(words, next + 1, "than"))
        || begins_clause(words, next)
}

/// A connective that may stand before a noun too, where what follows shows it to be none:
/// `so the value is clear`.
fn begins_clause(words: &[Word<'_>], at: usize) -> bool {
    let next = within_word(words, at + 1);
    let of_its_own =
        next.is_some_and(|next| is_determiner(next) || next.is_one_of("it they she he"));
    of_its_own
        && words[at].is_one_of("so thus hence therefore well rather once then quite why what")
}

/// Whether the word at `at` is one of these and goes on with what stands before it.
fn within(words: &[Word<'_>], at: usize, known: &str) -> bool {
    within_word(words, at).is_some_and(|word| word.is_one_of(known))
}

/// Whether the sentence leads from an article to the label that stands from `first` to
/// before `end`: `A clear win for B`, `A better answer is B`, `A close call, but B`.
pub(super) fn leads_to(words: &[Word<'_>], article: usize, first: usize, end: usize) -> bool {
    const EDGES: &str = "\
        win wins victory edge lead nod point advantage preference vote tilt lean margin";
    if first <= article + 1 || words[end - 1].possessive {
        return false;
    }
    let before = &words[first - 1];
    let contrasted = before.is_one_of("but yet");
    let phrase = &words[article + 1..first - usize::from(contrasted)];
    if phrase.iter().any(Word::starts_clause) {
        return false;
    }
    let is_all = end == words.len();
    let is_before = |known: &str| words[first - 2].is_one_of(known);
    let leads = match words[first].start {
        Start::Within => {
            before.is_one_of("is was")
                || (before.is_one_of("for to toward towards")
                    && (is_before(EDGES) || is_before("goes")))
                || (before.is_one_of("of") && is_before("favour favor"))
                || (before.is_one_of("in from") && praises(phrase))
                || (before.is_one_of("prefer choose pick favour favor say") && is_before("would"))
        }
        Start::Opening => is_all && praises(phrase),
        Start::Sentence => is_all && phrase.len() > 1,
        Start::Clause => false,
    };
    let named_in_other_tongue = takes_no_article(before) && first == article + 2;
    let is_verdict = contrasted && is_all
        || ((contrasted || words[first].starts_clause()) && is_said_to_win(words, end));
    leads || named_in_other_tongue || is_verdict
}

/// Whether the word compares an answer with the other in its favour.
pub(super) fn prefers(word: &Word<'_>) -> bool {
    word.is_one_of(PREFERRED) || word.is_one_of(COMPARED)
}

/// Whether a phrase tells of what wins, and of nothing that may speak against it.
fn praises(phrase: &[Word<'_>]) -> bool {
    let is_praise = |word: &Word<'_>| prefers(word) || word.is_one_of("more most win");
    phrase.iter().any(is_praise) && !phrase.iter().any(may_detract)
}

/// Whether a capital `A` at `at` may be the article of a remark on the label before it, as in
/// `B: A warmer voice`. A single word or one that may detract from an answer is as soon said
/// of the other: `B, A similar`.
pub(super) fn opens_remark(words: &[Word<'_>], at: usize) -> bool {
    // `A warmer, more natural voice`
    let goes_on = |place: usize| {
        let before = &words[place - 1];
        let is_listed = words[place].start == Start::Clause && before.is_one_of(COMPARED);
        words[place].start == Start::Within || is_listed
    };
    // A bound keeps the time linear.
    let places = (at + 1..words.len()).take(MAX_REMARK);
    let mut clause = places.take_while(|&place| goes_on(place));
    words[at].text == "A"
        && clause.clone().nth(1).is_some()
        && !clause.any(|place| may_detract(&words[place]))
}

/// Whether the word is one that Portuguese and Spanish put `a` or a label beside: `A
/// opção B`.
fn takes_no_article(word: &Word<'_>) -> bool {
    word.is_one_of("opção opcao opción alternativa resposta")
}

/// Whether the article before this word is `an`.
fn takes_an(word: &Word<'_>) -> bool {
    // `a one-off`, `a European`.
    let begins = |start: &str| {
        let own = word.text.get(..start.len());
        own.is_some_and(|own| own.eq_ignore_ascii_case(start))
    };
    ["a", "e", "i", "o"].into_iter().any(begins)
        && !["one", "eu"].into_iter().any(begins)
        && !word.is_one_of("once")
        && !takes_no_article(word)
}

/// Whether a verb or a connective stands at `at`, after adverbs if any, or the sentence
/// ends with a word that is no noun.
fn shows_label(words: &[Word<'_>], at: usize) -> bool {
    const LAST: &str = "closer nearer warmer clearer richer truer plainer cleaner simpler \
                        sharper deeper fuller tied";
    for (place, word) in words.iter().enumerate().skip(at).take(MAX_ADVERBS + 1) {
        if place > at && word.start != Start::Within {
            return false;
        }
        let is_adverb = is_adverb(word);
        let may_be_last = is_adverb || word.is_one_of(LAST) || word.is_one_of(PREFERRED);
        let is_verb = is_verb_or_connective(word) || acts_in_the_past(words, place);
        if is_verb || (may_be_last && is_last(words, place)) {
            return true;
        }
        if !is_adverb {
            return false;
        }
    }
    false
}

/// Where the words from `at` end that say of what stands before them that it wins, and no
/// more.
pub(super) fn wins_until(words: &[Word<'_>], at: usize) -> Option<usize> {
    let verb = within_word(words, at).filter(|verb| verb.is_one_of("is was wins won"));
    let from = at + usize::from(verb.is_some());
    let bare = verb.is_none_or(|verb| verb.is_one_of("wins won"));
    if verb.is_some() && bare && within_word(words, from).is_none() {
        return Some(from);
    }
    for place in (from..words.len()).take(MAX_ADVERBS + 1) {
        let word = within_word(words, place)?;
        let is_such = is_adverb(word) || word.is_one_of("overall the");
        if within_word(words, place + 1).is_none() {
            let wins = word.is_one_of(PREFERRED) || word.is_one_of(COMPARED);
            return (wins || (bare && is_such)).then_some(place + 1);
        }
        if !is_such {
            return None;
        }
    }
    None
}

/// Whether the words at `at` say outright that the label before them wins: `wins`, `is
/// better`, and not `is closer`, which may be all that speaks for it.
fn is_said_to_win(words: &[Word<'_>], at: usize) -> bool {
    wins_until(words, at).is_some_and(|end| {
        words[at].is_one_of("wins won")
            || (words[at].is_one_of("is was") && words[end - 1].is_one_of(PREFERRED))
    })
}

/// The word at `at`, if it goes on with what stands before it.
fn within_word<'a>(words: &'a [Word<'a>], at: usize) -> Option<&'a Word<'a>> {
    words.get(at).filter(|word| word.start == Start::Within)
}

/// Whether nothing more is said after the word at `at`, or something of its own is.
fn is_last(words: &[Word<'_>], at: usize) -> bool {
    words.get(at + 1).is_none_or(|next| match next.start {
        Start::Within => false,
        Start::Clause => is_verb_or_connective(next),
        Start::Opening | Start::Sentence => true,
    })
}

fn is_adverb(word: &Word<'_>) -> bool {
    const KNOWN: &str = "\
        here too just still then first throughout somewhat far much even now today so";
    const NOUNS: &str = "family fly bully supply folly rally tally jelly belly";
    word.is_one_of(KNOWN)
        || word.ends_with("-wise")
        || (word.ends_with("ly") && !word.is_one_of(NOUNS))
}

/// `better captures`, `more closely matches`, `best suited the`, `more so`.
fn compares_and_acts(words: &[Word<'_>], at: usize) -> bool {
    if !words[at].is_one_of("better best more most") {
        return false;
    }
    let within = |place: usize| words.get(place).filter(|word| word.start == Start::Within);
    let adverb = within(at + 1).is_some_and(is_adverb);
    let verb = at + 1 + usize::from(adverb);
    let acts = within(verb).is_some_and(|word| {
        is_third_person(word)
            || (word.ends_with("ed") && within(verb + 1).is_some_and(is_determiner))
    });
    acts || (words[at].is_one_of("more") && within(at + 1).is_some_and(|word| word.is_one_of("so")))
}

/// A comparative or superlative that no noun follows, after adverbs if any: `closest to the
/// value`, `slightly more human`, `more in character`.
fn compares_alone(words: &[Word<'_>], at: usize) -> bool {
    const GOES_ON: &str = "to in on at for by than";
    let adverbs = words[at..].iter().take(MAX_ADVERBS);
    let at = at + adverbs.take_while(|word| is_adverb(word)).count();
    if words.get(at).is_none() {
        return false;
    }
    let is_compared = (words[at].is_one_of(COMPARED) || words[at].is_one_of(PREFERRED))
        && within(words, at + 1, GOES_ON);
    let is_more = words[at].is_one_of("more most")
        && words.get(at + 1).is_some_and(|next| {
            next.start == Start::Within && (is_last(words, at + 1) || next.is_one_of(GOES_ON))
        });
    is_compared || is_more
}

/// `showing more character`, `embodying the persona`.
fn is_participle(words: &[Word<'_>], at: usize) -> bool {
    let next = words.get(at + 1).filter(|next| next.start == Start::Within);
    words[at].ends_with("ing")
        && next.is_some_and(|next| is_determiner(next) || next.is_one_of("more less better"))
}

fn is_determiner(word: &Word<'_>) -> bool {
    word.is_one_of("the this that these those his her its their a an")
}

/// Whether the word after a capital `A` shows that it is the label: a verb, or a
/// connective that no article is followed by.
fn is_verb_or_connective(word: &Word<'_>) -> bool {
    const KNOWN: &str = "\
        is was were did won win had have because since for over by in on with than and \
        or but while although though due given would will can could should may might \
        must felt sounded seemed read kept spoke came captured matched showed gave \
        stayed used at to if who as from under when where after before without through despite per \
        about thanks both being using having got scored earned nailed however lah drew rang \
        understood went triumphed succeeded excelled prevailed which until till within \
        throughout via unlike whose upon during";
    word.is_one_of(KNOWN) || is_third_person(word)
}

/// A verb in the past that goes on as no adjective does: `captured the voice`, `told it
/// better`.
fn acts_in_the_past(words: &[Word<'_>], at: usize) -> bool {
    const IRREGULAR: &str = "made held told hit beat fit";
    // What goes on so may speak against the answer: `took to clichés`.
    const TRANSITIVE: &str = "\
        said took put brought stood became built found wrote thought saw set chose met taught \
        began caught grew heard led sang wove knew meant";
    const OBJECTS: &str = "her him it them";
    const GOES_ON: &str = "her him it them more in on to with for by at as";
    let next = words.get(at + 1).filter(|next| next.start == Start::Within);
    let goes_on =
        next.is_some_and(|next| is_determiner(next) || is_adverb(next) || next.is_one_of(GOES_ON));
    let has_object = next.is_some_and(|next| is_determiner(next) || next.is_one_of(OBJECTS));
    (goes_on && (words[at].ends_with("ed") || words[at].is_one_of(IRREGULAR)))
        || (has_object && words[at].is_one_of(TRANSITIVE))
}

/// A verb in the third person: `keeps`, but not `less`, `census`, `basis`, `bias`.
fn is_third_person(word: &Word<'_>) -> bool {
    let nouns = ["ss", "us", "is", "ias", "series", "lens"];
    word.ends_with("s") && !nouns.iter().any(|end| word.ends_with(end))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::words::split;
    use super::*;

    #[rstest]
    #[case("A overall")]
    #[case("A slightly")]
    #[case("A clearly")]
    #[case("A narrowly.")]
    #[case("A here")]
    #[case("A too")]
    #[case("A first")]
    #[case("A preferred")]
    #[case("A better")]
    #[case("A winner")]
    #[case("A clearly better")]
    #[case("A slightly, because it is warm")]
    #[case("A without doubt")]
    #[case("A from a voice perspective")]
    #[case("A being warmer")]
    #[case("A embodying the persona")]
    #[case("A showing more character")]
    #[case("A better captures the persona")]
    #[case("A more closely matches the persona")]
    #[case("A better suited the persona")]
    #[case("A more so")]
    #[case("A just about")]
    #[case("A still reads better")]
    #[case("A both in voice and in priorities")]
    #[case("A I think")]
    fn what_no_noun_follows_is_no_article(#[case] value: &str) {
        assert!(is_none_before(&split(value), 1), "{value}");
    }

    #[rstest]
    #[case("A better answer would have helped")]
    #[case("A clear win for B")]
    #[case("A better, warmer voice")]
    #[case("A truly, deeply felt voice")]
    #[case("A friendly voice")]
    #[case("A family is shown")]
    #[case("A response")]
    #[case("A first draft")]
    #[case("A more serious voice")]
    #[case("A better basis")]
    #[case("A better suited voice")]
    #[case("A **warmer** voice")]
    #[case("A telling detail")]
    #[case("A one-sided answer")]
    #[case("A European voice")]
    fn what_leads_to_a_noun_may_be_the_article(#[case] value: &str) {
        assert!(!is_none_before(&split(value), 1), "{value}");
    }
}
