//! The items that a table has so far.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use crate::answers::Item;

/// What the id of an item is made from, each empty where a row has none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a> {
    /// The id itself.
    pub(super) given: &'a str,
    pub(super) persona: &'a str,
    pub(super) question: &'a str,
    pub(super) variant: &'a str,
}

impl Names<'_> {
    /// Whether the id is `persona/question`, and no other pair of names makes the same.
    fn are_plain(&self) -> bool {
        let has_bar = |name: &str| name.as_bytes().contains(&b'/');
        self.variant.is_empty()
            && !self.persona.is_empty()
            && !has_bar(self.persona)
            && !has_bar(self.question)
            && (self.given.is_empty()
                || self.given.split_once('/') == Some((self.persona, self.question)))
    }

    /// The id, in place of what the buffer held.
    pub(super) fn write(&self, id: &mut String) {
        id.clear();
        if !self.given.is_empty() {
            id.push_str(self.given);
            return;
        }
        if !self.persona.is_empty() {
            id.push_str(self.persona);
            id.push('/');
        }
        id.push_str(self.question);
        if !self.variant.is_empty() {
            id.push('/');
            id.push_str(self.variant);
        }
    }
}

/// Items by what tells them apart: two numbers as long as that is enough, since a table may
/// have a million of them, and their ids from the first row on for which it is not.
#[derive(Default)]
pub(super) struct KnownItems {
    by_pair: HashMap<u64, u32, BuildHasherDefault<PairHasher>>,
    by_id: Option<HashMap<Arc<str>, u32>>,
    id: String,
}

impl KnownItems {
    /// The item of these names, and of this persona and question; `items` are all that
    /// were added.
    pub(super) fn find(
        &mut self,
        names: &Names<'_>,
        pair: (u32, u32),
        items: &[Item],
    ) -> Option<u32> {
        if self.by_id.is_none() && !names.are_plain() {
            let ids = items.iter().map(|item| Arc::clone(&item.id));
            self.by_id = Some(ids.zip(0..).collect());
            self.by_pair = HashMap::default();
        }
        match &self.by_id {
            None => self.by_pair.get(&key(pair)).copied(),
            Some(by_id) => {
                names.write(&mut self.id);
                by_id.get(self.id.as_str()).copied()
            }
        }
    }

    /// Adds an item that was looked for and not found.
    pub(super) fn add(&mut self, id: &Arc<str>, pair: (u32, u32), index: u32) {
        match &mut self.by_id {
            None => self.by_pair.insert(key(pair), index),
            Some(by_id) => by_id.insert(Arc::clone(id), index),
        };
    }
}

fn key((persona, question): (u32, u32)) -> u64 {
    u64::from(persona) << 32 | u64::from(question)
}

/// Hashes two numbers that this program made up itself, so that nobody can choose them.
#[derive(Default)]
struct PairHasher(u64);

impl Hasher for PairHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        // The golden ratio's digits, whose multiples lie far apart.
        const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15;
        let product = u128::from(self.0 ^ number) * FACTOR;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A text for each item, one after the other in one.
#[derive(Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(super) fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }

    pub(super) fn get(&self, index: u32) -> &str {
        let index = index as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[start..self.ends[index]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks for each id in turn, given or made from its names, and adds it where it is new.
    fn found(all: &[[&str; 4]]) -> Vec<u32> {
        let (mut known, mut items) = (KnownItems::default(), Vec::new());
        let (mut personas, mut questions) = (Vec::new(), Vec::new());
        let number = |names: &mut Vec<String>, name: &str| {
            let at = names.iter().position(|known| known == name);
            at.unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            }) as u32
        };
        let each = all.iter().map(|[given, persona, question, variant]| {
            let pair = (
                number(&mut personas, persona),
                number(&mut questions, question),
            );
            let names = Names {
                given,
                persona,
                question,
                variant,
            };
            known.find(&names, pair, &items).unwrap_or_else(|| {
                let mut id = String::new();
                names.write(&mut id);
                let id: Arc<str> = id.into();
                known.add(&id, pair, items.len() as u32);
                items.push(Item {
                    id,
                    persona: pair.0,
                    question: pair.1,
                    split: None,
                    variant: None,
                    truth: None,
                    not_begun: false,
                });
                items.len() as u32 - 1
            })
        });
        each.collect()
    }

    #[test]
    fn an_item_is_found_by_its_id_whatever_it_is_made_from() {
        let plain = [["", "p", "q", ""], ["", "p", "r", ""], ["", "o", "q", ""]];
        assert_eq!(found(&[plain, plain].concat()), [0, 1, 2, 0, 1, 2]);
        // Each of these has the id of the first, or one of its own.
        let odd = [
            (["p/q", "p", "q", ""], 0),
            (["p/q", "o", "r", ""], 0),
            (["", "", "p", "q"], 0),
            (["", "", "p/q", ""], 0),
            (["", "p", "q", "v"], 3),
            (["x", "p", "q", ""], 3),
            (["", "p/q", "r", ""], 3),
        ];
        for (names, expected) in odd {
            let all = [&plain[..], &[names], &plain, &[names]].concat();
            assert_eq!(
                found(&all),
                [0, 1, 2, expected, 0, 1, 2, expected],
                "{names:?}"
            );
        }
    }

    #[test]
    fn texts_come_back_in_their_places() {
        let mut texts = Texts::default();
        for text in ["a", "", "bc"] {
            texts.push(text);
        }
        assert_eq!([0, 1, 2].map(|index| texts.get(index)), ["a", "", "bc"]);
    }
}
