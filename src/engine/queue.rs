//! Which item is begun next.
//!
//! Items are begun in the order of work, but a question that calls fail on waits until the
//! others are done, so that it holds up none of them. Where an entry is in doubt, since its
//! calls fail in a row, items of different questions are begun: if it answers any, that is
//! soon known.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::losses::QuestionOf;
use super::stock::OpenItem;

/// Items that have not been begun.
pub(super) struct Queue {
    /// Those of each question, by the place of the first in the order of work.
    waiting: BTreeMap<usize, Waiting>,
    /// Those whose questions failed when it was their turn.
    put_off: VecDeque<(OpenItem, QuestionOf)>,
    /// How many items of a question are being worked on.
    in_work: HashMap<QuestionOf, usize>,
}

/// The items of a question, each with its place in the order of work.
struct Waiting {
    question: QuestionOf,
    items: VecDeque<(usize, OpenItem)>,
}

/// What the entries say of the questions.
pub(super) trait Signs {
    /// Whether calls about it fail.
    fn fails_on(&self, question: QuestionOf) -> bool;
    /// Whether it is unknown if some entry answers anything.
    fn are_doubtful(&self) -> bool;
}

impl Queue {
    pub(super) fn new(items: impl Iterator<Item = (OpenItem, QuestionOf)>) -> Self {
        let mut of_question: HashMap<_, VecDeque<_>> = HashMap::new();
        for (place, (item, question)) in items.enumerate() {
            of_question
                .entry(question)
                .or_default()
                .push_back((place, item));
        }
        let waiting = of_question.into_iter();
        Self {
            waiting: waiting
                .map(|(question, items)| (items[0].0, Waiting { question, items }))
                .collect(),
            put_off: VecDeque::new(),
            in_work: HashMap::new(),
        }
    }

    /// Takes the item that is to be begun next.
    pub(super) fn begin(&mut self, signs: &impl Signs) -> Option<OpenItem> {
        while let Some(first) = self.waiting.first_entry()
            && signs.fails_on(first.get().question)
        {
            let Waiting { question, items } = first.remove();
            let items = items.into_iter().map(|(_, item)| (item, question));
            self.put_off.extend(items);
        }
        let new_question = || {
            let is_new = |Waiting { question, .. }: &Waiting| {
                !self.in_work.contains_key(question) && !signs.fails_on(*question)
            };
            let mut waiting = self.waiting.iter();
            waiting.find_map(|(place, of_question)| is_new(of_question).then_some(*place))
        };
        let in_doubt = signs.are_doubtful().then(new_question).flatten();
        let place = in_doubt.or_else(|| self.waiting.keys().next().copied());
        let taken = place.and_then(|place| self.take(place));
        let (item, question) = taken.or_else(|| self.put_off.pop_front())?;
        *self.in_work.entry(question).or_default() += 1;
        Some(item)
    }

    /// Takes the waiting item of this place, the first of its question.
    fn take(&mut self, place: usize) -> Option<(OpenItem, QuestionOf)> {
        let mut of_question = self.waiting.remove(&place)?;
        let question = of_question.question;
        let (_, item) = of_question.items.pop_front()?;
        if let Some((next, _)) = of_question.items.front() {
            self.waiting.insert(*next, of_question);
        }
        Some((item, question))
    }

    /// An item of this question has ended.
    pub(super) fn ended(&mut self, question: QuestionOf) {
        if let Some(count) = self.in_work.get_mut(&question) {
            *count -= 1;
            if *count == 0 {
                self.in_work.remove(&question);
            }
        }
    }

    /// What was never begun.
    pub(super) fn rest(self) -> impl Iterator<Item = OpenItem> {
        let put_off = self.put_off.into_iter().map(|(item, _)| item);
        let waiting = self.waiting.into_values().flat_map(|one| one.items);
        put_off.chain(waiting.map(|(_, item)| item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Said {
        failing: Vec<u32>,
        doubtful: bool,
        asked: std::cell::Cell<usize>,
    }

    impl Signs for Said {
        fn fails_on(&self, (_, question): QuestionOf) -> bool {
            self.asked.set(self.asked.get() + 1);
            self.failing.contains(&question)
        }

        fn are_doubtful(&self) -> bool {
            self.doubtful
        }
    }

    /// Items by number; the question of each is its tens.
    fn queue(items: impl IntoIterator<Item = u32>) -> Queue {
        let open = |item| OpenItem {
            item,
            is_begun: false,
            has_failed: false,
        };
        Queue::new(items.into_iter().map(|n| (open(n), (false, n / 10))))
    }

    fn begun(queue: &mut Queue, signs: &Said, most: usize) -> Vec<u32> {
        let begin = std::iter::from_fn(|| queue.begin(signs));
        begin.take(most).map(|open| open.item).collect()
    }

    #[test]
    fn items_are_begun_in_their_order() {
        let mut queue = queue([1, 2, 11, 12, 21]);
        let all = begun(&mut queue, &Said::default(), 9);
        assert_eq!(all, [1, 2, 11, 12, 21]);
    }

    #[test]
    fn a_question_that_calls_fail_on_waits_for_the_others() {
        let mut queue = queue([1, 2, 3, 11, 12, 21]);
        assert_eq!(begun(&mut queue, &Said::default(), 1), [1]);
        let failing = Said {
            failing: vec![0],
            ..Said::default()
        };
        assert_eq!(begun(&mut queue, &failing, 9), [11, 12, 21, 2, 3]);
    }

    #[test]
    fn in_doubt_each_item_is_of_another_question_as_long_as_there_are_any() {
        let mut queue = queue([1, 2, 3, 11, 12, 21, 22]);
        assert_eq!(begun(&mut queue, &Said::default(), 1), [1]);
        let doubtful = Said {
            doubtful: true,
            ..Said::default()
        };
        assert_eq!(begun(&mut queue, &doubtful, 3), [11, 21, 2]);
        queue.ended((false, 2));
        assert_eq!(begun(&mut queue, &doubtful, 9), [22, 3, 12]);
    }

    #[test]
    fn in_doubt_the_work_does_not_grow_with_what_waits() {
        let steps = |items: u32| {
            // Ten questions by turns: one is in work, calls about the others fail.
            let open = |item| OpenItem {
                item,
                is_begun: false,
                has_failed: false,
            };
            let items = (0..items).map(|n| (open(n), (false, n % 10)));
            let mut queue = Queue::new(items);
            let doubtful = Said {
                failing: (1..10).collect(),
                doubtful: true,
                ..Said::default()
            };
            assert_eq!(begun(&mut queue, &doubtful, 10).len(), 10);
            doubtful.asked.get()
        };
        assert!(steps(100_000) <= steps(1_000));
    }

    #[test]
    fn what_was_not_begun_is_left() {
        let mut queue = queue([1, 2, 11, 12]);
        let failing = Said {
            failing: vec![0],
            ..Said::default()
        };
        assert_eq!(begun(&mut queue, &failing, 1), [11]);
        let rest: Vec<u32> = queue.rest().map(|open| open.item).collect();
        assert_eq!(rest, [1, 2, 12]);
    }
}
