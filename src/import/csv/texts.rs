//! Texts that many rows have in common, by number.

use std::collections::HashMap;

/// A text of [`Texts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Text(u32);

/// The different texts of some rows, one after the other. The first is empty, and stands
/// for none.
#[derive(Debug, Default)]
pub(super) struct Texts {
    text: String,
    /// Where each ends, from the second on.
    ends: Vec<u32>,
}

/// Texts that are still being collected.
#[derive(Default)]
pub(super) struct Collected {
    texts: Texts,
    known: HashMap<String, Text>,
}

impl Texts {
    pub(super) fn get(&self, Text(number): Text) -> &str {
        let end = |number: u32| {
            let place = number.checked_sub(1)?;
            self.ends.get(place as usize).copied()
        };
        let start = end(number.saturating_sub(1)).unwrap_or_default();
        &self.text[start as usize..end(number).unwrap_or_default() as usize]
    }

    /// A text, `None` where it is empty.
    pub(super) fn optional(&self, text: Text) -> Option<&str> {
        Some(self.get(text)).filter(|text| !text.is_empty())
    }
}

impl Collected {
    pub(super) fn add(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return Text::default();
        }
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        self.texts.text.push_str(text);
        self.texts.ends.push(self.texts.text.len() as u32);
        let new = Text(self.texts.ends.len() as u32);
        self.known.insert(text.to_owned(), new);
        new
    }

    pub(super) fn finish(self) -> Texts {
        self.texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one() {
        let mut collected = Collected::default();
        let given = ["a", "", "bc", "a", "ä", ""];
        let numbers = given.map(|text| collected.add(text));
        assert_eq!(numbers[0], numbers[3]);
        let texts = collected.finish();
        assert_eq!(numbers.map(|number| texts.get(number)), given);
        assert_eq!(texts.optional(numbers[1]), None);
        assert_eq!(texts.text, "abcä");
    }
}
