//! Ids of personas and questions, and what a misspelt one may have been meant to be.

use std::cell::Cell;
use std::collections::HashMap;

use crate::input::source::shown;
use crate::input::table::Table;
use crate::text::nearest::nearest;

/// Looking for the nearest of many ids is slow, and a table with more unknown ids
/// than this belongs to another study.
const MOST_GUESSES: usize = 50;

/// Known ids that are shown where none is like an unknown one.
const SHOWN: usize = 5;

/// The ids of one table.
#[derive(Debug)]
pub(super) struct Ids {
    what: &'static str,
    /// Index of the thing, and where its id first stands.
    by_id: HashMap<String, (u32, usize)>,
    /// Some of the table could not be read, so that an id may be there all the same.
    incomplete: bool,
    guesses: Cell<usize>,
}

impl Ids {
    /// No ids yet, of things of this name.
    pub(super) fn new(what: &'static str) -> Self {
        Self {
            what,
            by_id: HashMap::new(),
            incomplete: false,
            guesses: Cell::new(0),
        }
    }

    /// No ids yet, of the things of a table.
    pub(super) fn of(table: &Table, what: &'static str) -> Self {
        Self {
            incomplete: table.lacks_rows,
            ..Self::new(what)
        }
    }

    /// The ids of things that have no table.
    pub(super) fn named(what: &'static str, names: &[String]) -> Self {
        let mut ids = Self::new(what);
        for (index, name) in names.iter().enumerate() {
            ids.add(name, index, 0);
        }
        ids
    }

    /// Says that the id of some row could not be read.
    pub(super) fn lacks_one(&mut self) {
        self.incomplete = true;
    }

    /// Whether an id that is not here is unknown: not where there is none at all, or
    /// where some could not be read.
    pub(super) fn are_all(&self) -> bool {
        !self.by_id.is_empty() && !self.incomplete
    }

    /// Adds an id; gives back where it stands already.
    pub(super) fn add(&mut self, id: &str, index: usize, offset: usize) -> Option<usize> {
        if let Some((_, first)) = self.by_id.get(id) {
            return Some(*first);
        }
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        self.by_id.insert(id.to_owned(), (index, offset));
        None
    }

    /// The index of an id, if it is known.
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).map(|(index, _)| *index)
    }

    /// What is wrong with an id that is not here, and what was meant.
    pub(super) fn unknown(&self, id: &str) -> (String, Option<String>) {
        let guesses = self.guesses.get();
        self.guesses.set(guesses + 1);
        let help = (guesses < MOST_GUESSES).then(|| {
            let known = self.sorted();
            if let Some(near) = nearest(id, known.iter().copied()) {
                return format!("did you mean `{}`?", shown(near));
            }
            let more = if known.len() > SHOWN { ", …" } else { "" };
            let some: Vec<_> = known.iter().take(SHOWN).map(|id| shown(id)).collect();
            format!("the ids here are such as {}{more}", some.join(", "))
        });
        (format!("there is no {} `{}`", self.what, shown(id)), help)
    }

    /// Every id with its index, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        let ids = self.by_id.iter();
        ids.map(|(id, (index, _))| (id.as_str(), *index))
    }

    /// In alphabetical order, so that the nearest is the same in each run.
    fn sorted(&self) -> Vec<&str> {
        let mut ids: Vec<_> = self.by_id.keys().map(String::as_str).collect();
        ids.sort_unstable();
        ids
    }
}

/// What is wrong with an id: `persona/question` is the name of an item, in tables
/// and on the command line.
pub(super) fn wrong_id(id: &str) -> Option<(&'static str, &'static str)> {
    if id.trim() != id {
        Some(("this id has blanks before or after it", "take them out"))
    } else if id.contains('/') {
        Some((
            "an id must not hold `/`, which joins the ids of a persona and a question",
            "write `-` or `_` instead",
        ))
    } else if id.chars().any(char::is_control) {
        Some((
            "an id must not hold line breaks or control characters",
            "take them out",
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_id_is_answered_with_the_nearest() {
        let mut ids = Ids::new("persona");
        assert_eq!(ids.add("female-25", 0, 10), None);
        assert_eq!(ids.add("male-25", 1, 20), None);
        assert_eq!(ids.add("male-25", 2, 30), Some(20));
        assert_eq!(ids.find("male-25"), Some(1));
        let (message, help) = ids.unknown("femal-25");
        assert_eq!(message, "there is no persona `femal-25`");
        assert_eq!(help.as_deref(), Some("did you mean `female-25`?"));
    }

    #[test]
    fn guessing_ends_after_many_unknown_ids() {
        let mut ids = Ids::new("persona");
        ids.add("p1", 0, 0);
        for _ in 0..MOST_GUESSES {
            assert!(ids.unknown("p2").1.is_some());
        }
        assert!(ids.unknown("p2").1.is_none());
    }

    #[test]
    fn ids_that_cannot_name_an_item_are_refused() {
        for id in [" p", "p ", "a/b", "a\nb", "a\u{1b}[1m"] {
            assert!(wrong_id(id).is_some(), "{id:?}");
        }
        for id in ["p1", "SG: Malay", "Zürich", "16-24 years"] {
            assert!(wrong_id(id).is_none(), "{id:?}");
        }
    }
}
