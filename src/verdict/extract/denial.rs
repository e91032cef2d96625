//! Whether a sentence names a label only to turn it down, or leaves open what it says.
//!
//! Words of losing, of doubt and of denial turn a label down where they bear on it. What
//! denies a fault (`A is not generic`, `the least stereotyped is A`) turns nothing down.

use super::article;
use super::concession;
use super::foreign;
use super::label::is_prefix;
use super::tie::{is_strong, is_tie_word};
use super::words::{Start, Word};

/// Words for what does not win, and for turning it down.
const LOSING: &str = "\
    lose loses lost losing loser fails failed lacks worse worst weaker weakest inferior less \
    lower lowest poorer poorest wrong false unconvincing reject rejected refuse avoid \
    exclude excluded eliminate eliminated disqualify disqualified discard discarded dismiss \
    dismissed drop trails trailed trailing runner-up bad poor trounced failing bottom \
    peor pior pire schlechter schlechteste schwächer peggiore slechter хуже buruk kalah \
    verliert verlierer verliest verliezer pierde perdedor perde perdant perdente \
    проигрывает проиграл проигравший";

/// What is done to what does not win.
const BEATEN: &str = "beaten defeated outperformed outclassed surpassed ruled";

/// What marks a label as somebody else's words, or as worth nothing.
const REMARKS: &str = "planted ignored quoted injected fake 0";

/// A place that does not win.
const PLACES: &str = "second 2nd last behind";

const NEARLY: &str = "almost nearly";

/// More words than stand between a denial and what it denies; a bound keeps the time
/// linear.
const MAX_APART: usize = 8;

/// Whether the sentence names the label of `len` words at `at` only to turn it down.
/// `article` says whether an article stands in it that is spelled like a label.
pub(super) fn turned_down(words: &[Word<'_>], at: usize, len: usize, article: bool) -> bool {
    let first = before_prefix(words, at);
    foreign::leaves_open(words, first, at + len)
        || turned_down_before(words, first, article)
        || denied(words, first)
        || said_before(words, first, |place| {
            let word = &words[place];
            (word.is_one_of(LOSING) && !(word.is_one_of("less") && denies_fault(words, place)))
                || (word.is_one_of("least") && !denies_fault(words, place))
                || (word.is_one_of("out") && is_at(words, place, 1, "rule rules ruled"))
                || (word.is_one_of(PLACES) && words[place + 1].is_one_of("place best rank choice"))
        })
        || concession::another_wins(words, at + len)
        || concession::loses_after_all(words, at + len)
        || turned_down_after(words, at + len - 1)
}

/// Where the prefix of the label at `at` begins: `the response A`.
pub(super) fn before_prefix(words: &[Word<'_>], at: usize) -> usize {
    let mut first = at;
    while first > 0 && (is_prefix(words[first - 1].text) || words[first - 1].is_one_of("the")) {
        // `A better answer: Response B`
        if first < at && words[first].starts_clause() {
            break;
        }
        first -= 1;
    }
    first
}

/// Whether the word `back` words before `at` is one of these.
fn is_at(words: &[Word<'_>], at: usize, back: usize, known: &str) -> bool {
    let place = at.checked_sub(back);
    place.is_some_and(|place| words[place].is_one_of(known))
}

/// Whether the words at once before the label's first turn it down.
fn turned_down_before(words: &[Word<'_>], first: usize, article: bool) -> bool {
    const COMPARING: &str = "\
        over than against vs versus unlike beats beat defeats outperforms surpasses above \
        below before after als dan daripada чем";
    const THAN: &str = "que di do";
    const BETTER: &str = "mejor melhor meilleur meilleure migliore";
    let before_is = |back: usize, known: &str| is_at(words, first, back, known);
    let compared = before_is(1, COMPARING)
        || (before_is(1, THAN) && (before_is(2, BETTER) || before_is(3, BETTER)))
        || (before_is(1, "from") && (article || before_is(2, "apart aside")))
        || (before_is(1, "of") && before_is(2, "ahead"))
        || (before_is(1, "to with")
            && before_is(
                2,
                "superior compared relative preferred inferior second opposed contrast next",
            ));
    // `Loser - A`, `second: A`
    let titled = first > 0
        && ((words[first - 1].starts_sentence() && before_is(1, LOSING))
            || (words[first].start != Start::Within && before_is(1, PLACES)));
    titled || (compared && words[first].start == Start::Within)
}

/// Whether the words after the label, whose last one stands at `last`, turn it down.
fn turned_down_after(words: &[Word<'_>], last: usize) -> bool {
    const REASONS: &str = "because since as for due given despite though although";
    const RIVALS: &str = "opponent rival competitor weakness weaknesses flaw flaws failure";
    let of_another = words.get(last + 1).filter(|_| words[last].possessive);
    if of_another.is_some_and(|next| next.is_one_of(RIVALS)) {
        return true;
    }
    if concession::tells_content(words, last) || concession::is_made_up_for(words, last) {
        return false;
    }
    for place in (last + 1..words.len()).take(3) {
        let word = &words[place];
        let is_next = place == last + 1;
        let runs_on = word.start == Start::Within;
        if word.is_sign() {
            return true;
        }
        if !runs_on && rules_out_tie(words, place) {
            return false;
        }
        let losing = loses(words, last, place);
        let denies = losing || word.is_negation();
        let turns_down = denies
            && !denies_fault(words, place)
            && !is_assurance(words, place)
            && !denies_other(words, place);
        let other_too = word.is_one_of("and")
            && words
                .get(place + 2)
                .is_some_and(|next| next.is_one_of("other"));
        let asks = word.is_one_of("or unless")
            || (word.is_one_of("if") && !said_of(words, place + 1, "i", "had must"))
            || (word.is_one_of("ties") && ties_alone(words, place + 1));
        let left_open = is_next && (other_too || asks);
        if runs_on && (turns_down || left_open || word.is_doubt()) {
            return true;
        }
        if is_hedged(words, last, place) {
            return true;
        }
        // `A (loses)`, `A: no`, `A (2nd)`; but `A, not by much` and `A: less stiff`.
        let no_more = words
            .get(place + 1)
            .is_none_or(|next| next.is_one_of("really"));
        let titled = match word.start {
            Start::Opening => turns_down || word.is_one_of(PLACES) || word.is_one_of(REMARKS),
            Start::Clause => losing || (no_more && word.is_one_of("no not")),
            Start::Within | Start::Sentence => false,
        };
        if is_next && titled && !word.is_one_of("less") {
            return true;
        }
        if !runs_on || word.is_one_of(REASONS) || (denies && !turns_down) {
            return false;
        }
    }
    false
}

/// Whether one of `first` stands at `at`, and one of `second` follows.
fn said_of(words: &[Word<'_>], at: usize, first: &str, second: &str) -> bool {
    let is = |at: usize, known: &str| words.get(at).is_some_and(|word| word.is_one_of(known));
    is(at, first) && is(at + 1, second)
}

/// Whether what follows `ties` from `at` on leaves it without an object of its own, as in
/// `ties her faith to the answer`.
fn ties_alone(words: &[Word<'_>], at: usize) -> bool {
    let next = words.get(at).filter(|next| next.start == Start::Within);
    next.is_none_or(|next| !next.is_one_of("her his their its faith family duty work"))
}

/// Whether a remark from `at` on says that it is no tie, or nearly one: `A (not a tie)`, `A,
/// nearly a tie`.
fn rules_out_tie(words: &[Word<'_>], at: usize) -> bool {
    let has_article = words.get(at + 1).is_some_and(|word| word.is_one_of("a"));
    let tie = at + 1 + usize::from(has_article);
    (words[at].is_one_of("not") || words[at].is_one_of(NEARLY))
        && words
            .get(tie)
            .is_some_and(|word| word.is_one_of("tie draw"))
        && tie + 1 == words.len()
}

/// Whether the word at `place` says that the label, whose last word stands at `last`, does
/// not win.
fn loses(words: &[Word<'_>], last: usize, place: usize) -> bool {
    const PASSIVE: &str = "is was gets got";
    const RANKED: &str = "\
        is was ranks ranked comes came falls fell lags places placed finishes finished takes \
        took";
    let word = &words[place];
    let first = &words[last + 1];
    let next = words.get(place + 1);
    let by_another = next.is_none_or(|next| next.is_one_of("by"));
    let is_passive = word.start != Start::Within || first.is_one_of(PASSIVE) || by_another;
    let in_place = first.is_one_of("in") && next.is_some_and(|next| next.is_one_of("place"));
    word.is_one_of(LOSING)
        || (word.is_one_of(BEATEN) && is_passive)
        || (word.is_one_of(PLACES) && (first.is_one_of(RANKED) || in_place))
        || (word.is_one_of("least") && words[place - 1].is_one_of("the"))
}

/// Whether the word at `place` leaves open what is said of the label, whose last word stands
/// at `last`: `A would have won`, `A could be better`, `A, perhaps`.
fn is_hedged(words: &[Word<'_>], last: usize, place: usize) -> bool {
    let word = &words[place];
    let is_next = place == last + 1;
    if word.start == Start::Sentence {
        return false;
    }
    let doubted = word.is_one_of("maybe perhaps possibly") || (is_next && word.is_one_of(NEARLY));
    let runs_on = word.start == Start::Within;
    let unreal = (word.is_one_of("have") && words[place - 1].is_one_of("would could might should"))
        || (word.is_one_of("would") && words[place..].iter().any(|word| word.is_one_of("if")))
        || (is_next && word.is_one_of("could might may"));
    let excepted = word.is_one_of("far anything")
        && words
            .get(place + 1)
            .is_some_and(|next| next.is_one_of("from but"));
    doubted || (runs_on && (unreal || excepted))
}

/// Whether the word tells of a fault that judges look for.
fn is_fault(word: &Word<'_>) -> bool {
    const FAULTS: [&str; 26] = [
        "stereotyp",
        "caricatur",
        "generic",
        "cliché",
        "cliche",
        "error",
        "mistake",
        "brochure",
        "robot",
        "stilted",
        "stiff",
        "slip",
        "waver",
        "drift",
        "falter",
        "artificial",
        "wooden",
        "bland",
        "formulaic",
        "preach",
        "lectur",
        "contradict",
        "stray",
        "essay",
        "leaflet",
        "pamphlet",
    ];
    FAULTS.iter().any(|fault| word.begins_with(fault))
}

/// Whether the word says of what does not win that it does not.
pub(super) fn is_losing(word: &Word<'_>) -> bool {
    word.is_one_of(LOSING)
}

/// Whether the word may speak against the answer that it is said of.
pub(super) fn may_detract(word: &Word<'_>) -> bool {
    const DETRACTING: &str = "\
        weak flat dull thin cold distant vague close similar same alike comparable second too \
        very missed lecture";
    is_fault(word) || is_losing(word) || word.is_one_of(DETRACTING) || word.is_negation()
}

/// Whether the word at `at` denies a fault, so that it praises: `not generic`, `no
/// clichés`, `never slips`.
fn denies_fault(words: &[Word<'_>], at: usize) -> bool {
    // `not only generic`, `does not avoid stereotypes`, `not generic enough`
    const TURNS: &str = "\
        only just merely simply avoid avoids avoiding escape escapes resist resists without \
        lack lacks free miss misses enough nothing never not no break breaks broke";
    let mut at_fault = false;
    for place in (at + 1..words.len()).take(MAX_APART) {
        let word = &words[place];
        if word.start != Start::Within || word.is_one_of("but yet") {
            break;
        }
        let breaks_character = said_of(words, place, "break breaks broke", "character");
        if word.is_one_of(TURNS) && !breaks_character {
            return false;
        }
        let is_too = said_of(words, place, "too", "formal polished long neat");
        at_fault |= is_fault(word) || breaks_character || is_too;
    }
    at_fault
}

/// Whether what stands at `at` is denied, doubted or made to depend on something by the
/// words before it.
pub(super) fn denied(words: &[Word<'_>], at: usize) -> bool {
    const OPEN: &str = "\
        without opposite instead except excluding besides anything anyone everything \
        could might may if unless whether unsure undecided arguably dislike hate contrary \
        minus penalize penalise glance doubt depends uncertain assuming either between apart aside \
        despite considered initially originally maybe perhaps possibly disagree \
        disagrees disagreed";
    const OTHERS: &str = "some others many critics";
    const SAY: &str = "would say says argue argued think believe prefer";
    // `Had it been longer, A`
    let sentence = (0..=at).rev().find(|&place| words[place].starts_sentence());
    let unreal = sentence.is_some_and(|start| {
        start + 1 < at
            && words[start].is_one_of("had")
            && words[start + 1].is_one_of("it they he she")
    });
    unreal
        || said_before(words, at, |place| {
            let word = &words[place];
            let denies = word.is_negation()
                && !denies_fault(words, place)
                && !agrees_on_tie(words, place, at);
            // But `almost certainly A`.
            let nearly = word.is_one_of(NEARLY) && !words[place + 1].is_one_of("certainly all");
            let is_far = word.is_one_of("far")
                && !is_at(words, place, 1, "by")
                && !article::prefers(&words[place + 1]);
            denies
                || nearly
                || is_far
                || (word.is_one_of("impression") && is_at(words, place, 1, "first initial"))
                || is_at_first(words, place)
                || word.is_doubt()
                || word.is_one_of(OPEN)
                || (word.is_one_of(OTHERS) && words[place + 1].is_one_of(SAY))
        })
}

/// Whether what denies at `place` says by itself that nothing wins, as the tie at `at` does:
/// `Neither (tie)`, `No winner: tie`.
fn agrees_on_tie(words: &[Word<'_>], place: usize, at: usize) -> bool {
    let ends = |next: usize| next <= at && words[next].starts_clause();
    let no_winner = words[place].is_one_of("no") && words[place + 1].is_one_of("winner");
    is_tie_word(&words[at])
        && ((words[place].is_one_of("neither") && ends(place + 1))
            || (no_winner && ends(place + 2)))
}

/// Whether a word that stands before `at`, and bears on it, is such a word.
///
/// A statement of its own (`Not by much, but A`, `While not perfect, A is warmer`) is
/// not touched by what stands before it.
fn said_before(words: &[Word<'_>], at: usize, is_such: impl Fn(usize) -> bool) -> bool {
    const CONTRASTS: &str = "but yet still so thus therefore hence however nevertheless";
    const SUBJECTS: &str = "i it it's we they this that the my";
    for place in (0..at).rev() {
        let after = &words[place + 1];
        let word = &words[place];
        let own_statement = place + 1 == at || after.is_one_of(SUBJECTS);
        // `Winner: none - tie`
        let none_but_tie = word.is_one_of("none") && is_tie_word(&words[at]);
        let interrupted = (word.is_negation() && !word.is_one_of("no neither") && !none_but_tie)
            || word.is_one_of("unsure undecided uncertain depends")
            || is_at_first(words, place);
        if after.start == Start::Sentence
            || (after.start == Start::Clause && own_statement && !interrupted)
        {
            return false;
        }
        if is_assurance(words, place) {
            continue;
        }
        // `anything but A`
        let excepts = word.is_one_of("but")
            && place > 0
            && words[place - 1].is_one_of("all anything anyone everything everyone nothing none");
        if is_such(place) || excepts {
            return true;
        }
        // `Not a tie: A`
        let of_a_tie = is_strong(word) && !word.is_negation();
        if of_a_tie || word.is_one_of(CONTRASTS) {
            return false;
        }
    }
    false
}

/// Whether the word is the last of `at first`, after which something else comes.
fn is_at_first(words: &[Word<'_>], at: usize) -> bool {
    words[at].is_one_of("first") && is_at(words, at, 1, "at")
}

/// Whether it is the other answer that the word at `at` denies: `and not the other one`.
fn denies_other(words: &[Word<'_>], at: usize) -> bool {
    words[at].is_one_of("not") && said_of(words, at + 1, "the", "other")
}

/// Whether the word belongs to `no doubt`, `without question` or `not even close`, which
/// deny nothing.
fn is_assurance(words: &[Word<'_>], at: usize) -> bool {
    const DOUBTS: &str = "doubt question contest hesitation";
    let after = |by: usize, known: &str| {
        let word = words.get(at + by);
        word.is_some_and(|word| word.is_one_of(known))
    };
    let before = |back: usize, known: &str| is_at(words, at, back, known);
    let denies = after(0, "no without");
    (denies && (after(1, DOUBTS) || (after(1, "a any") && after(2, DOUBTS))))
        || (after(0, DOUBTS) && (before(1, "no without") || before(2, "without")))
        || (after(0, "not") && (after(1, "close") || (after(1, "even") && after(2, "close"))))
}
