//! Text that many things have in common, kept once.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

/// The different ones of some names, in the order in which they first appear.
pub(crate) fn distinct<'a>(names: impl Iterator<Item = &'a Arc<str>>) -> Vec<Arc<str>> {
    let mut seen: HashSet<&str> = HashSet::new();
    // Names that are kept once stand one after the other as one.
    let mut last: Option<&Arc<str>> = None;
    names
        .filter(|name| {
            let before = last.replace(name);
            !before.is_some_and(|before| Arc::ptr_eq(before, name)) && seen.insert(name)
        })
        .map(Arc::clone)
        .collect()
}

/// Things of which equal ones are kept once.
#[derive(Debug)]
pub struct Shared<T>(HashSet<Arc<T>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<T: Eq + Hash> Shared<T> {
    /// The one copy of this thing.
    pub fn one(&mut self, thing: T) -> Arc<T> {
        if let Some(known) = self.0.get(&thing) {
            return Arc::clone(known);
        }
        let new = Arc::new(thing);
        self.0.insert(Arc::clone(&new));
        new
    }
}

/// Text that is kept once however often it occurs.
#[derive(Debug, Default)]
pub struct Names {
    texts: HashSet<Arc<str>>,
    rows: HashSet<Arc<[Option<Arc<str>>]>>,
}

impl Names {
    /// The one copy of this text.
    pub fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = Arc::from(text);
        self.texts.insert(Arc::clone(&new));
        new
    }

    /// The one copy of this text; `None` where there is none.
    pub fn optional(&mut self, text: Option<&str>) -> Option<Arc<str>> {
        text.map(|text| self.text(text))
    }

    /// The one copy of a row of levels or covariates.
    pub fn row<'a>(
        &mut self,
        values: impl IntoIterator<Item = Option<&'a str>>,
    ) -> Arc<[Option<Arc<str>>]> {
        let row: Arc<[Option<Arc<str>>]> = values
            .into_iter()
            .map(|value| self.optional(value))
            .collect();
        if let Some(known) = self.rows.get(&row) {
            return Arc::clone(known);
        }
        self.rows.insert(Arc::clone(&row));
        row
    }
}
