//! Calls of an entry that got no reply, and what they say of the others.
//!
//! What fails for its own sake must not end a run, and what hits every call must end it
//! soon. So calls count together only where they were given up in a row, and on several
//! questions and for several personas.

use std::collections::HashSet;

/// Calls of an entry given up in a row, and the questions and personas that they are about,
/// after which it counts as silent.
const MOST_LOST: usize = 5;

/// Calls of an entry that were refused for good before any succeeded, after which the others
/// are not tried.
const MOST_REFUSED: usize = 10;

/// The questions and personas that those are about.
const REFUSED_APART: usize = 3;

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
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let (calls, questions, personas) = (self.calls, self.questions, self.personas);
        write!(
            f,
            "{calls} calls in a row, on {questions} question{} and for {personas} persona{}",
            plural(questions),
            plural(personas)
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
}

#[derive(Debug, Default)]
struct Calls {
    all: usize,
    /// Those that did not reach their server, whatever they were about.
    unreached: usize,
    questions: HashSet<QuestionOf>,
    personas: HashSet<u32>,
}

impl Calls {
    fn add(&mut self, is_unreached: bool, about: About) {
        self.all += 1;
        self.unreached += usize::from(is_unreached);
        self.questions.insert(about.question);
        self.personas.insert(about.persona);
    }

    /// The row, where it is so long, and about so many questions and personas, or all there
    /// are.
    fn row(&self, most: usize, apart: usize, about: About) -> Option<Row> {
        let are_apart = |different: usize, all: usize| different >= apart.min(all);
        let says_enough = self.unreached >= most
            || (self.all >= most
                && are_apart(self.questions.len(), about.questions)
                && are_apart(self.personas.len(), about.personas));
        says_enough.then_some(Row {
            calls: self.all,
            questions: self.questions.len(),
            personas: self.personas.len(),
        })
    }
}

impl Losses {
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

    pub(super) fn lost(&mut self, is_unreached: bool, about: About) -> Option<Row> {
        if self.is_known(about) && !is_unreached {
            return None;
        }
        self.lost.add(is_unreached, about);
        self.lost.row(MOST_LOST, MOST_LOST, about)
    }

    pub(super) fn refused(&mut self, about: About) -> Option<Row> {
        if self.is_known(about) {
            return None;
        }
        self.refused.add(false, about);
        self.refused.row(MOST_REFUSED, REFUSED_APART, about)
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
        self.lost.all > 0 || self.refused.all > 0
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
            all.lost(*is_unreached, about(*question, *persona, questions))
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
            assert_eq!(
                losses.lost(false, about(question, question as u32, 10)),
                None
            );
        }
        assert!(losses.is_in_doubt());
        losses.replied((false, 9));
        assert!(!losses.is_in_doubt());
        assert_eq!(losses.lost(false, about(4, 4, 10)), None);
    }

    #[test]
    fn refusals_say_something_of_all_calls_only_where_they_are_about_several_questions() {
        let mut losses = Losses::default();
        for call in 0..40 {
            let about = about(call % 2, call as u32 % 8, 10);
            assert_eq!(losses.refused(about), None);
        }
        let row = losses.refused(about(2, 0, 10)).unwrap();
        assert_eq!(
            row.to_string(),
            "41 calls in a row, on 3 questions and for 8 personas"
        );
    }

    #[test]
    fn what_failed_before_says_nothing_of_other_calls_where_the_entry_has_replied() {
        let failed_before = |call: usize| About {
            has_failed: true,
            ..about(call, call as u32 % 8, 10)
        };
        let ends = |losses: &mut Losses, is_unreached| {
            let lost = (0..20).any(|call| losses.lost(is_unreached, failed_before(call)).is_some());
            let refused = (0..20).any(|call| losses.refused(failed_before(call)).is_some());
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
