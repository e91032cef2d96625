//! What stands beside a label and does not bear on who wins, and what gives the win to the
//! other after all.
//!
//! An answer may tell of loss (`speaks of losing her job`), and a judge may grant a fault
//! before saying what makes up for it (`is not perfect, but it is closer`): neither turns the
//! label down. `B is close, but the other wins` does, though nothing is said against `B`.

use super::article::{prefers, wins_until};
use super::denial::may_detract;
use super::label::is_prefix;
use super::words::{Start, Word};

/// More words than a concession has; a bound keeps the time linear.
const MAX_WORDS: usize = 24;

/// What more of is praise.
const REAL: &str = "\
    real authentic human natural faithful honest convincing personal genuine believable";

/// Whether the words from `from` on say that the other answer wins.
pub(super) fn another_wins(words: &[Word<'_>], from: usize) -> bool {
    const VERBS: &str = "is was wins won";
    const CONTRASTS: &str = "but yet though so";
    let places = from.saturating_add(1)..words.len();
    places.clone().any(|place| {
        let named = words[place].is_one_of("other rival opponent")
            || (words[place].is_one_of("first second former latter")
                && place > from + 1
                && words[place - 2].is_one_of(CONTRASTS));
        if !named || !words[place - 1].is_one_of("the") {
            return false;
        }
        let is_noun = |word: &&Word<'_>| word.is_one_of("one") || is_prefix(word.text);
        let verb = place
            + 1
            + words[place + 1..]
                .iter()
                .take(2)
                .take_while(is_noun)
                .count();
        let is = |by: usize, known: &str| {
            let word = words.get(verb + by);
            word.is_some_and(|word| word.is_one_of(known))
        };
        let says_more = is(1, "more") && is(2, REAL);
        is(0, VERBS)
            && (says_more || words[verb].is_one_of("wins won") || wins_until(words, verb).is_some())
    })
}

/// Whether the words from `from` on say after a contrast that the label loses after all: `but
/// it loses`.
pub(super) fn loses_after_all(words: &[Word<'_>], from: usize) -> bool {
    const LOSES: &str = "loses lost worse weaker inferior fails";
    const FILLERS: &str = "it it's is was still also overall clearly";
    const MAX_FILLERS: usize = 3;
    (from..words.len()).any(|place| {
        let rest = &words[place + 1..];
        let fillers = rest.iter().take(MAX_FILLERS);
        let fillers = fillers.take_while(|word| word.is_one_of(FILLERS)).count();
        let next = rest.get(fillers);
        words[place].is_one_of("but yet") && next.is_some_and(|word| word.is_one_of(LOSES))
    })
}

/// Whether the words after the label, whose last one stands at `last`, tell what its answer
/// says, which is nothing for or against it.
pub(super) fn tells_content(words: &[Word<'_>], last: usize) -> bool {
    const TELLS: &str = "\
        says said speaks spoke talks talked tells told writes wrote worries worried mentions \
        mentioned recalls recalled";
    const OF: &str = "of about that she he they her his";
    const WEIGHS: &str = "ranks ranked places placed puts put values valued rates rated";
    const ADVERBS: &str = "\
        in at the a well far way just only still somewhat even no much itself clearly";
    let clause = words[last + 1..]
        .iter()
        .take_while(|word| word.start == Start::Within);
    let mut clause = clause.take(5);
    let (Some(verb), Some(next)) = (clause.next(), clause.next()) else {
        return false;
    };
    if verb.is_one_of(TELLS) {
        return next.is_one_of(OF) && clause.next().is_some();
    }
    // `ranks work second to family`, but not `ranks well behind the other`
    let (Some(place), Some(against)) = (clause.next(), clause.next()) else {
        return false;
    };
    let object = if against.is_one_of("to than") {
        clause.next()
    } else {
        place.is_one_of("behind below").then_some(against)
    };
    verb.is_one_of(WEIGHS)
        && !next.is_one_of(ADVERBS)
        && !next.ends_with("ly")
        && !may_detract(next)
        && place.is_one_of("second behind below less lower")
        && object.is_some_and(|object| {
            !object.is_one_of("the it this that a an other none")
                && object.text.chars().nth(1).is_some()
        })
}

/// Whether a fault that is granted after the label, whose last word stands at `last`, is
/// made up for after `but` in the same sentence, and nothing there may speak against it.
pub(super) fn is_made_up_for(words: &[Word<'_>], last: usize) -> bool {
    const PRAISED: &str = "captures keeps matches holds reflects states warmer clearer closer";
    const OTHERS: &str = "\
        other others first second former latter neither both so if could might may would \
        should only";
    let sentence = words[last + 1..].iter().take(MAX_WORDS);
    let sentence: Vec<&Word<'_>> = sentence
        .take_while(|word| word.start < Start::Opening)
        .collect();
    let Some(but) = sentence.iter().position(|word| word.is_one_of("but yet")) else {
        return false;
    };
    let (granted, made_up) = (&sentence[..but], &sentence[but + 1..]);
    if made_up
        .iter()
        .any(|word| may_detract(word) || word.is_one_of(OTHERS))
    {
        return false;
    }
    // `not only warmer but clearer`
    let not_only = granted.windows(3).any(|three| {
        three[0].is_one_of("not") && three[1].is_one_of("only") && three[2].is_one_of(PRAISED)
    });
    if not_only {
        return !made_up.is_empty();
    }
    let mut praised = made_up.iter().enumerate().map(|(at, word)| {
        prefers(word)
            || word.is_one_of("right")
            || (word.is_one_of("more")
                && made_up.get(at + 1).is_some_and(|next| next.is_one_of(REAL)))
    });
    granted.iter().all(|word| may_be_granted(word)) && praised.any(|praised| praised)
}

/// Whether a word may stand in what is granted: not where it says who wins.
fn may_be_granted(word: &Word<'_>) -> bool {
    const FAULTS: &str = "less lacks not isn't";
    const OUTRIGHT: &str = "fails wins won than";
    !word.is_one_of(OUTRIGHT)
        && !prefers(word)
        && (!may_detract(word) || word.is_one_of(FAULTS) || word.is_one_of("far very too"))
}
