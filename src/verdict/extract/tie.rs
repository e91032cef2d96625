//! Ties in a sentence.
//!
//! A word for a tie is one only where the sentence states it: what leads to the word is
//! no more than `it is a` or `I call it a`, nothing before it denies it, what follows
//! says nothing about it (`a tie is unlikely`), and nobody asks. So `almost a tie`, `would
//! be a tie` and `tie or not` are none. `Both` and `neither` say it alone, or as the
//! subject of what weighs them (`both fail`, not `both touch on duty`); of `neither` anything
//! does.

use super::denial::denied;
use super::label::is_prefix;
use super::sentence::stands_apart;
use super::words::Word;

/// What a sentence says of ties.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ties {
    stated: Stated,
    /// One is denied, asked for or left open.
    open: bool,
    /// A label beside it makes two: one is stated outright, or offered (`A or tie`).
    pub(super) rival: bool,
}

/// Whether a tie is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Stated {
    #[default]
    No,
    Outright,
    /// Of each answer by itself, of something in them, or with a contrast: `both fail`.
    InPassing,
}

/// What a verdict that names an answer goes on with.
const CONTRASTS: &str = "but however yet except unless";
const CONCESSIONS: &str = "though although while whereas";
const LEANINGS: &str = "first second former latter lean leans leaning";

/// More words for a tie than a statement has; a bound keeps the time linear.
const MAX_TIE_WORDS: usize = 8;

impl Ties {
    pub(super) fn find(words: &[Word<'_>]) -> Self {
        let mut ties = Self::default();
        let mut places = (0..words.len()).filter(|&at| is_tie_word(&words[at]));
        for at in places.by_ref().take(MAX_TIE_WORDS) {
            ties.take_in(words, at);
        }
        ties.open |= places.next().is_some();
        ties
    }

    /// Whether the sentence, if it names no label, says that it is a tie.
    pub(super) fn is_said(self) -> bool {
        self.stated != Stated::No && !self.open
    }

    /// Whether a tie that is said stands for itself, and does not only explain.
    pub(super) fn is_plain(self, words: &[Word<'_>]) -> bool {
        self.stated == Stated::Outright || begins_with_tie(words)
    }

    fn take_in(&mut self, words: &[Word<'_>], at: usize) {
        let word = &words[at];
        let strong = is_strong(word);
        let before = at.checked_sub(1).map(|before| &words[before]);
        let next = words.get(at + 1).filter(|_| word.runs_on);
        let is_or =
            |word: Option<&Word<'_>>| word.is_some_and(|word| word.is_one_of("or vs versus"));
        let and = strong && before.is_some_and(|before| before.is_one_of("and"));
        if is_or(before) || is_or(next) || and {
            self.rival = true;
            self.open = true;
            return;
        }
        let is_subject = word.is_one_of("both neither");
        let is_denied = if is_subject {
            before.is_some_and(|before| before.runs_on && before.is_negation())
        } else {
            denied(words, at)
        };
        if word.asked || is_denied {
            self.open = true;
            return;
        }
        if !is_led_to(words, at) {
            return;
        }
        if !next.is_none_or(|next| may_follow(word, next)) {
            self.rival |= strong;
            self.open |= strong;
            return;
        }
        let subject = is_subject.then(|| Weighed::subject(words, at));
        if subject == Some(Weighed::No) {
            return;
        }
        let mut rest = words[at + 1..].iter();
        let contrasted = rest.clone().any(|word| word.is_one_of(CONTRASTS));
        self.open |= contrasted
            || rest.clone().any(|word| word.is_one_of(LEANINGS))
            || (is_subject || !strong) && rest.clone().any(|word| word.is_one_of(CONCESSIONS))
            || is_subject && rest.any(|word| word.is_one_of("nor"));
        let alone = at == 0 && !word.runs_on;
        let in_passing = subject == Some(Weighed::Each) || is_subject && contrasted;
        // `equal in length`
        let of_something = !strong && !is_subject && next.is_some();
        self.stated = self.stated.max(if in_passing || of_something {
            Stated::InPassing
        } else {
            Stated::Outright
        });
        self.rival |= alone || strong && !in_passing;
    }
}

/// Whether a word for a tie begins the sentence, and all else stands after a mark.
fn begins_with_tie(words: &[Word<'_>]) -> bool {
    let articles = words.iter().take_while(|word| word.is_one_of("a the"));
    let at = articles.count();
    words.get(at).is_some_and(is_tie_word) && stands_apart(words, at + 1)
}

/// How what follows `both` or `neither` weighs the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weighed {
    /// It does not.
    No,
    /// Each by itself: `neither stays in character`.
    Each,
    /// Against one another, or nothing follows but another word for the answers.
    Together,
}

impl Weighed {
    fn subject(words: &[Word<'_>], at: usize) -> Self {
        const FILLERS: &str = "of them the these those two ones sides";
        const OTHERS: &str = "\
            criteria criterion dimensions aspects personas persona values value voices voice";
        const TOGETHER: &str = "\
            equal equally tie tied draw even evenly same similar similarly alike identical \
            comparable better best worse worst superior stronger wins win winner ahead \
            outperforms prevails stands";
        const EACH: &str = "\
            good great fine excellent strong solid well adequate acceptable convincing bad \
            poor poorly weak fail fails failed lose loses fall falls lack lacks match reflect \
            character";
        let clause = || {
            words[at + 1..]
                .iter()
                .take_while(|word| !word.starts_clause())
        };
        let says = |known: &str| clause().any(|word| word.is_one_of(known));
        if clause().all(|word| is_prefix_or_plural(word.text) || word.is_one_of(FILLERS)) {
            Self::Together
        } else if clause().next().is_some_and(|word| word.is_one_of(OTHERS)) {
            Self::No
        } else if says(TOGETHER) {
            Self::Together
        } else if says(EACH) || words[at].is_one_of("neither") {
            Self::Each
        } else {
            Self::No
        }
    }
}

/// Whether the word alone means a tie.
pub(super) fn is_strong(word: &Word<'_>) -> bool {
    word.is_one_of("tie tied draw neither")
}

/// Whether the word means a tie, alone or as the subject or predicate of a sentence.
pub(super) fn is_tie_word(word: &Word<'_>) -> bool {
    is_strong(word) || word.is_one_of("both equal equally")
}

/// Whether what stands before the word in its clause leads to it and says nothing more.
fn is_led_to(words: &[Word<'_>], at: usize) -> bool {
    const LEADS: &str = "\
        it it's its this that that's they they're these both two one all the a an is are was \
        were perfect i i'd i'll we call called say declare judge rate consider find see give \
        pick choose prefer think believe feel my view opinion on balance verdict result \
        outcome winner overall final conclusion very quite pretty clear clearly complete total exact \
        dead fair just simply go with must be let's hence probably ultimately practically \
        basically essentially effectively about roughly as so thus therefore here in \
        ends";
    let mut place = at;
    while !words[place].starts_clause() {
        place -= 1;
        let word = &words[place];
        let before = place.checked_sub(1).map(|before| &words[before]);
        let is_after = |known: &str| before.is_some_and(|before| before.is_one_of(known));
        let may_lead = (word.is_one_of("would will") && is_after("i we"))
            || (word.is_one_of("criterion") && is_after("this"));
        if !may_lead && !word.is_one_of(LEADS) && !is_prefix_or_plural(word.text) {
            return false;
        }
    }
    true
}

/// `response`, `responses` and the like.
fn is_prefix_or_plural(word: &str) -> bool {
    is_prefix(word) || word.strip_suffix('s').is_some_and(is_prefix)
}

/// Whether the sentence may go on so after a word for a tie without saying something
/// about it: not `a tie is unlikely`, nor `equal rights`.
fn may_follow(word: &Word<'_>, next: &Word<'_>) -> bool {
    const FOLLOWERS: &str = "\
        between in on for because as since due given here overall with across and at \
        by again though although while whereas but yet either";
    let is_predicate = word.is_one_of("tie tied draw equal");
    !is_predicate || next.is_one_of(FOLLOWERS)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::words::split;
    use super::*;

    fn is_tie(value: &str) -> bool {
        Ties::find(&split(value)).is_said()
    }

    #[rstest]
    #[case("it is a tie")]
    #[case("IT IS A TIE")]
    #[case("This one is a tie")]
    #[case("I would call it a draw")]
    #[case("No, it is a tie")]
    #[case("Essentially tied")]
    #[case("roughly equal")]
    #[case("Both are equal")]
    #[case("Both responses")]
    #[case("Neither, both fail")]
    #[case("Neither (both break character)")]
    #[case("In my view it is a tie")]
    #[case("The two responses are tied")]
    #[case("Overall, it is a tie")]
    #[case("Tie: both keep the voice")]
    #[case("Tie, as neither stands out")]
    #[case("Neither response stays in character")]
    #[case("neither response")]
    #[case("both of them")]
    #[case("Neither is better")]
    #[case("Neither answer captures the persona")]
    #[case("Neither stands out")]
    #[case("both lose")]
    #[case("Both fail")]
    #[case("A perfect tie")]
    #[case("Neither (tie)")]
    #[case("Neither (equal)")]
    #[case("Neither; both are equal")]
    #[case("Neither, both are equal")]
    #[case("I'd go with a tie")]
    #[case("I will go with tie")]
    #[case("No winner: tie")]
    #[case("Probably a tie")]
    #[case("It must be a tie")]
    #[case("Hence it is a tie")]
    #[case("This criterion is a tie")]
    #[case("Both match the value")]
    #[case("Let's call it a tie")]
    fn a_stated_tie_is_one(#[case] value: &str) {
        assert!(is_tie(value), "{value}");
    }

    #[rstest]
    #[case("almost a tie")]
    #[case("nearly a tie")]
    #[case("virtually tied")]
    #[case("close to a tie")]
    #[case("far from equal")]
    #[case("a tie is unlikely")]
    #[case("a tie would be unfair")]
    #[case("Tie? No.")]
    #[case("Is it a tie?")]
    #[case("tie or not")]
    #[case("win or tie")]
    #[case("would be a tie")]
    #[case("might be a tie")]
    #[case("maybe a tie")]
    #[case("if pressed, a tie")]
    #[case("not a tie")]
    #[case("not both")]
    #[case("~~Tie~~")]
    #[case("It is not, in my view, a tie")]
    #[case("It is a tie, but the second is warmer")]
    #[case("Both keep the voice, though the first keeps it better")]
    #[case("Both are good, not a tie")]
    #[case("neither agree nor disagree")]
    #[case("equal rights for all")]
    #[case("I considered a tie")]
    #[case("Neither is a tie")]
    #[case("No winner, not a tie")]
    #[case("It will be a tie")]
    #[case("Both match the value, but the second is warmer")]
    #[case("Both touch on duty")]
    #[case("Both criteria matter here")]
    #[case("both criteria were weighed equally")]
    fn a_hedged_or_denied_tie_is_none(#[case] value: &str) {
        assert!(!is_tie(value), "{value}");
    }

    #[test]
    fn many_words_for_a_tie_state_none() {
        assert!(!is_tie(&"tie ".repeat(100_000)));
    }
}
