//! Calls of an entry that got no reply, and what they say of the others.
//!
//! What fails for its own sake must not end a run, and what hits every call must end it
//! soon. So calls count together only where they were given up in a row, and on several
//! questions and for several personas. A row is one of sending, not of answers: a refusal
//! comes at once and a reply takes its time, so a call counts only when none that was sent
//! before it may still get a reply.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::text::counted;

/// Calls of an entry given up in a row, and the questions that they are about, after which
/// it counts as silent.
const MOST_LOST: usize = 5;

/// Calls of an entry that were refused for good before any succeeded, and the questions that
/// they are about, after which the others are not tried.
const MOST_REFUSED: usize = 10;

/// The personas that either are for.
const PERSONAS_APART: usize = 5;

/// The question of an item: whether it is a structured one, and its index.
pub(crate) type QuestionOf = (bool, u32);

/// What a call was about, and what calls of its entry can be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    pub(crate) question: QuestionOf,
    /// Index into the study's personas.
    pub(crate) persona: u32,
    pub(crate) questions: usize,
    pub(crate) personas: usize,
    /// Whether calls of its item were given up in an earlier run.
    pub(crate) has_failed: bool,
}

/// Calls without a reply, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// How many.
    pub calls: usize,
    /// On how many questions.
    pub questions: usize,
    /// For how many personas.
    pub personas: usize,
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} in a row, on {} and for {}",
            counted(self.calls as u64, "call"),
            counted(self.questions as u64, "question"),
            counted(self.personas as u64, "persona")
        )
    }
}

/// Calls of an entry without a reply.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// Given up since the last reply.
    lost: Calls,
    /// Refused before the first reply.
    refused: Calls,
    failing: HashSet<QuestionOf>,
    answered: HashSet<QuestionOf>,
    /// Whether the store has replies of the entry.
    has_stored_replies: bool,
    /// Tries so far.
    sent: u64,
    /// Those that have not ended, by their place in the order of sending.
    in_flight: BTreeSet<u64>,
}

#[derive(Debug, Default)]
struct Calls {
    /// Those that were sent after one that is in flight, which do not count yet.
    held: BTreeMap<u64, About>,
    all: usize,
    /// Those that did not reach their server, whatever they were about.
    unreached: usize,
    questions: HashSet<QuestionOf>,
    personas: HashSet<u32>,
}

impl Calls {
    fn unreached(&mut self, about: About) {
        self.unreached += 1;
        self.count(about);
    }

    fn failed(&mut self, place: u64, about: About, in_flight: &BTreeSet<u64>) {
        self.held.insert(place, about);
        let oldest = in_flight.first().copied().unwrap_or(u64::MAX);
        let later = self.held.split_off(&oldest);
        for about in std::mem::replace(&mut self.held, later).into_values() {
            self.count(about);
        }
    }

    fn count(&mut self, about: About) {
        self.all += 1;
        self.questions.insert(about.question);
        self.personas.insert(about.persona);
    }

    /// The row, where it is so long, and about so many questions and enough personas, or all
    /// there are.
    fn row(&self, most: usize, about: About) -> Option<Row> {
        let says_enough = self.unreached >= most
            || (self.all >= most
                && self.questions.len() >= most.min(about.questions)
                && self.personas.len() >= PERSONAS_APART.min(about.personas));
        says_enough.then_some(Row {
            calls: self.all,
            questions: self.questions.len(),
            personas: self.personas.len(),
        })
    }

    fn is_empty(&self) -> bool {
        self.all == 0 && self.held.is_empty()
    }
}

impl Losses {
    /// A try is sent. Gives its place, with which its end is told.
    pub(super) fn sent(&mut self) -> u64 {
        self.sent += 1;
        self.in_flight.insert(self.sent);
        self.sent
    }

    /// A try has ended, and what it gave is known.
    pub(super) fn ended(&mut self, place: u64) {
        self.in_flight.remove(&place);
    }

    pub(super) fn replied(&mut self, question: QuestionOf) {
        if self.is_in_doubt() {
            self.lost = Calls::default();
            self.refused = Calls::default();
        }
        if self.answered.insert(question) {
            self.failing.remove(&question);
        }
    }

    pub(super) fn replies_are_stored(&mut self) {
        self.has_stored_replies = true;
    }

    /// Whether a failure says nothing of other calls, since it is one of before while the
    /// entry answered others.
    fn is_known(&self, about: About) -> bool {
        about.has_failed && self.has_stored_replies
    }

    /// A call was given up, whose last try had this place.
    pub(super) fn lost(&mut self, place: u64, is_unreached: bool, about: About) -> Option<Row> {
        self.ended(place);
        if is_unreached {
            self.lost.unreached(about);
        } else if self.is_known(about) {
            return None;
        } else {
            self.lost.failed(place, about, &self.in_flight);
        }
        self.lost.row(MOST_LOST, about)
    }

    /// A call was refused at its try of this place.
    pub(super) fn refused(&mut self, place: u64, about: About) -> Option<Row> {
        self.ended(place);
        if self.is_known(about) {
            return None;
        }
        self.refused.failed(place, about, &self.in_flight);
        self.refused.row(MOST_REFUSED, about)
    }

    pub(super) fn failed_on(&mut self, question: QuestionOf) {
        if !self.answered.contains(&question) {
            self.failing.insert(question);
        }
    }

    pub(super) fn fails_on(&self, question: QuestionOf) -> bool {
        self.failing.contains(&question)
    }

    pub(super) fn is_in_doubt(&self) -> bool {
        !(self.lost.is_empty() && self.refused.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(question: usize, persona: u32, questions: usize) -> About {
        About {
            question: (false, question as u32),
            persona,
            questions,
            personas: 8,
            has_failed: false,
        }
    }

    /// Whether the entry is silent after such losses, each with its question and persona, of
    /// so many questions and eight personas.
    fn is_silent(losses: &[(bool, usize, u32)], questions: usize) -> bool {
        let mut all = Losses::default();
        let mut add = |(is_unreached, question, persona): &(bool, usize, u32)| {
            let place = all.sent();
            all.lost(place, *is_unreached, about(*question, *persona, questions))
        };
        losses.iter().map(&mut add).last().flatten().is_some()
    }

    #[test]
    fn a_server_that_fails_on_one_question_is_not_silent_and_one_that_is_not_reached_is() {
        let failing = |questions: &[usize]| -> Vec<_> {
            let failed = |(call, question): (usize, &usize)| (false, *question, call as u32 % 8);
            questions.iter().enumerate().map(failed).collect()
        };
        assert!(!is_silent(&failing(&[0; 100]), 10));
        assert!(!is_silent(&failing(&[0, 0, 0, 1, 1, 1, 2, 3]), 10));
        assert!(is_silent(&failing(&[0, 1, 2, 3, 4]), 10));
        assert!(is_silent(&failing(&[0, 0, 1, 1, 1]), 2));
        assert!(!is_silent(&failing(&[0, 1]), 2));
        assert!(is_silent(&failing(&[0; 5]), 1));
        assert!(is_silent(&[(true, 0, 0); 5], 10));
        assert!(!is_silent(&[(true, 0, 0); 4], 10));
        // Nor is one that fails for one persona.
        let of_personas = |few: u32| -> Vec<_> {
            let failed = |call: usize| (false, call, call as u32 % few);
            (0..40).map(failed).collect()
        };
        assert!(!is_silent(&of_personas(2), 40));
        assert!(is_silent(&of_personas(5), 40));
    }

    #[test]
    fn a_reply_ends_the_row() {
        let mut losses = Losses::default();
        for question in 0..4 {
            let about = about(question, question as u32, 10);
            let place = losses.sent();
            assert_eq!(losses.lost(place, false, about), None);
        }
        assert!(losses.is_in_doubt());
        losses.replied((false, 9));
        assert!(!losses.is_in_doubt());
        let place = losses.sent();
        assert_eq!(losses.lost(place, false, about(4, 4, 10)), None);
    }

    #[test]
    fn refusals_say_something_of_all_calls_only_where_they_are_about_many_questions() {
        let mut losses = Losses::default();
        let mut refused = |call: usize, question: usize| {
            let place = losses.sent();
            losses.refused(place, about(question, call as u32 % 8, 20))
        };
        for call in 0..45 {
            assert_eq!(refused(call, call % 9), None);
        }
        let row = refused(45, 9).unwrap();
        assert_eq!(
            row.to_string(),
            "46 calls in a row, on 10 questions and for 8 personas"
        );
    }

    #[test]
    fn what_fails_at_once_says_nothing_while_a_call_sent_before_may_get_its_reply() {
        let ends = |first: fn(&mut Losses, u64)| {
            let mut losses = Losses::default();
            let slow = losses.sent();
            for call in 1..20 {
                let place = losses.sent();
                let about = about(call, call as u32 % 8, 20);
                let lost = losses.lost(place, false, about);
                assert_eq!((lost, losses.refused(place, about)), (None, None));
            }
            assert!(losses.is_in_doubt());
            first(&mut losses, slow);
            let (place, about) = (losses.sent(), about(0, 0, 20));
            let refused = losses.refused(place, about).is_some();
            (losses.lost(place, false, about).is_some(), refused)
        };
        let replied = ends(|losses, slow| {
            losses.replied((false, 0));
            losses.ended(slow);
        });
        assert_eq!(replied, (false, false));
        assert_eq!(ends(Losses::ended), (true, true));
    }

    #[test]
    fn what_failed_before_says_nothing_of_other_calls_where_the_entry_has_replied() {
        let failed_before = |call: usize| About {
            has_failed: true,
            ..about(call, call as u32 % 8, 10)
        };
        let ends = |losses: &mut Losses, is_unreached| {
            let mut lost = |call| {
                let place = losses.sent();
                losses.lost(place, is_unreached, failed_before(call))
            };
            let lost = (0..20).any(|call| lost(call).is_some());
            let mut refused = |call| {
                let place = losses.sent();
                losses.refused(place, failed_before(call))
            };
            let refused = (0..20).any(|call| refused(call).is_some());
            (lost, refused)
        };
        assert_eq!(ends(&mut Losses::default(), false), (true, true));
        let replied = || {
            let mut losses = Losses::default();
            losses.replies_are_stored();
            losses
        };
        assert_eq!(ends(&mut replied(), false), (false, false));
        assert_eq!(ends(&mut replied(), true), (true, false));
    }

    #[test]
    fn a_question_that_was_answered_once_is_none_that_fails() {
        let mut losses = Losses::default();
        let (open, structured) = ((false, 3), (true, 3));
        losses.failed_on(open);
        assert!(losses.fails_on(open) && !losses.fails_on(structured));
        losses.replied(open);
        assert!(!losses.fails_on(open));
        losses.failed_on(open);
        assert!(!losses.fails_on(open));
    }
}
