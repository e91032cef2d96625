//! The repairs that reading a verdict may need, and small sets of them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One way in which a judge's reply was not the JSON it was asked for, and was
/// read all the same.
///
/// Text before and after the object is no repair: the analysis is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// A reasoning block was taken off.
    ReasoningRemoved,
    /// The object stood in a Markdown fence.
    Fence,
    /// The verdict was put together from several objects.
    SplitObjects,
    /// The object stood in another object.
    Nested,
    /// The object stood in an array.
    ArrayWrapped,
    /// The object stood in a string.
    StringEncoded,
    /// Its quotes were escaped outside of a string.
    EscapedQuotes,
    /// Single quotes or backticks.
    SingleQuotes,
    /// Curly or other typographic quotes.
    CurlyQuotes,
    /// A key without quotes.
    UnquotedKey,
    /// A value without quotes.
    UnquotedValue,
    /// Full-width punctuation.
    FullWidth,
    /// A comma too many.
    TrailingComma,
    /// A comma too few.
    MissingComma,
    /// A comment.
    Comment,
    /// A closing brace or bracket too few.
    MissingBrace,
    /// A brace or bracket too many around the object.
    ExtraBrace,
    /// A closing quote too few.
    MissingQuote,
    /// A line break within a string.
    RawNewline,
    /// Quotes within a string that were not escaped.
    InnerQuotes,
    /// An equals sign, an arrow or a dash in place of a colon, a semicolon in place of a
    /// comma.
    OtherSeparator,
    /// Text between the members of the object, a control token there or in a label, or a
    /// sign or blank that JSON does not know.
    StrayText,
    /// A key spelled otherwise: case, space, hyphen, camel.
    KeySpelling,
    /// A key said twice, with one winner.
    RepeatedKey,
    /// Keys on lines of their own, without an object.
    KeyLines,
    /// A list of one in place of the label.
    ListOfOne,
    /// An object with `winner` in place of the label.
    WinnerObject,
    /// The label in another case.
    LabelCase,
    /// The label with blanks, punctuation or markup around it.
    LabelDecoration,
    /// The label after a word such as `Response`.
    LabelPrefix,
    /// The label in a sentence.
    LabelSentence,
    /// Another word for a tie.
    TieWord,
    /// An object that stands in one of the answers was passed over.
    AnswerQuotePassedOver,
}

impl fmt::Display for Repair {
    /// As `oyer parse` writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl Repair {
    /// Every repair, in order.
    pub const ALL: [Self; 33] = ALL;
}

const ALL: [Repair; 33] = [
    Repair::ReasoningRemoved,
    Repair::Fence,
    Repair::SplitObjects,
    Repair::Nested,
    Repair::ArrayWrapped,
    Repair::StringEncoded,
    Repair::EscapedQuotes,
    Repair::SingleQuotes,
    Repair::CurlyQuotes,
    Repair::UnquotedKey,
    Repair::UnquotedValue,
    Repair::FullWidth,
    Repair::TrailingComma,
    Repair::MissingComma,
    Repair::Comment,
    Repair::MissingBrace,
    Repair::ExtraBrace,
    Repair::MissingQuote,
    Repair::RawNewline,
    Repair::InnerQuotes,
    Repair::OtherSeparator,
    Repair::StrayText,
    Repair::KeySpelling,
    Repair::RepeatedKey,
    Repair::KeyLines,
    Repair::ListOfOne,
    Repair::WinnerObject,
    Repair::LabelCase,
    Repair::LabelDecoration,
    Repair::LabelPrefix,
    Repair::LabelSentence,
    Repair::TieWord,
    Repair::AnswerQuotePassedOver,
];

/// A set of repairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Repairs(u64);

impl Repairs {
    pub(super) const NONE: Self = Self(0);

    pub(super) const fn one(repair: Repair) -> Self {
        Self(1 << repair as u32)
    }

    pub(super) fn add(&mut self, repair: Repair) {
        *self = self.with(repair);
    }

    pub(super) const fn with(self, repair: Repair) -> Self {
        Self(self.0 | 1 << repair as u32)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, repair: Repair) -> Self {
        Self(self.0 & !Self::one(repair).0)
    }

    pub(super) const fn has(self, repair: Repair) -> bool {
        self.0 & Self::one(repair).0 != 0
    }

    /// With `repair` where `needed`.
    pub(super) fn with_if(self, needed: bool, repair: Repair) -> Self {
        if needed { self.with(repair) } else { self }
    }

    /// Whether one of them tells that an object was no JSON.
    pub(super) const fn tell_no_json(self) -> bool {
        const SYNTAX: Repairs = Repairs::NONE
            .with(Repair::EscapedQuotes)
            .with(Repair::SingleQuotes)
            .with(Repair::CurlyQuotes)
            .with(Repair::UnquotedKey)
            .with(Repair::UnquotedValue)
            .with(Repair::FullWidth)
            .with(Repair::TrailingComma)
            .with(Repair::MissingComma)
            .with(Repair::Comment)
            .with(Repair::MissingBrace)
            .with(Repair::MissingQuote)
            .with(Repair::RawNewline)
            .with(Repair::InnerQuotes)
            .with(Repair::OtherSeparator)
            .with(Repair::StrayText);
        self.0 & SYNTAX.0 != 0
    }

    /// Whether one of them tells that it was not plain where an object ends.
    pub(super) const fn tell_open(self) -> bool {
        const OPEN: Repairs = Repairs::one(Repair::MissingBrace)
            .with(Repair::MissingQuote)
            .with(Repair::InnerQuotes)
            .with(Repair::StrayText);
        self.0 & OPEN.0 != 0
    }

    /// The repairs in order, each once.
    pub(super) fn list(self) -> Vec<Repair> {
        ALL.into_iter().filter(|&repair| self.has(repair)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_repair_is_listed_at_its_own_place() {
        for (place, repair) in ALL.into_iter().enumerate() {
            assert_eq!(repair as usize, place);
            assert_eq!(Repairs::one(repair).list(), [repair]);
        }
        assert!(ALL.is_sorted());
    }

    #[test]
    fn a_set_lists_each_repair_once_and_in_order() {
        let mut set = Repairs::one(Repair::TieWord).with(Repair::Fence);
        set.add(Repair::Fence);
        assert_eq!(set.list(), [Repair::Fence, Repair::TieWord]);
        assert_eq!(Repairs::NONE.list(), []);
    }

    #[test]
    fn repairs_are_written_in_snake_case() {
        let repair = Repair::AnswerQuotePassedOver;
        let text = serde_json::to_string(&repair).unwrap();
        assert_eq!(text, "\"answer_quote_passed_over\"");
        assert_eq!(repair.to_string(), "answer_quote_passed_over");
    }

    #[test]
    fn the_page_on_reading_replies_explains_every_repair() {
        let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verdicts.md"));
        for repair in ALL {
            assert!(page.contains(&format!("`{repair}`")), "{repair}");
        }
    }
}
