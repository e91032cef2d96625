//! Values: strings and bare words, read as labels where a criterion's key stands before
//! them.

use super::findings::{Decoded, Said, Written};
use super::frames::{FrameKind, Target};
use super::json_string;
use super::keys::quote_repairs;
use super::label::{Labels, Reading, Unread, is_prefix};
use super::literal::{Literal, LiteralEnd, Purpose};
use super::repair::{Repair, Repairs};
use super::scan::{LastValue, Scanner, State};
use super::text::{self, Family, Glyph, Quote, glyph, slice};
use crate::verdict::reasoning;

/// Strings in strings are read to this depth; deeper ones say nothing.
const MAX_STRING_DEPTH: usize = 4;

impl Scanner<'_> {
    pub(super) fn take_literal(&mut self, here: Glyph, quote: Quote, list: bool) {
        let kind = match (list, self.is_read()) {
            (true, _) => Purpose::Element,
            (false, true) => Purpose::Label,
            (false, false) => Purpose::Text,
        };
        let literal = self.lexer.literal(self.pos, here.len, quote, kind);
        let repairs = quote_repairs(quote)
            .with_if(literal.newline, Repair::RawNewline)
            .with_if(literal.inner, Repair::InnerQuotes)
            .with_if(literal.end != LiteralEnd::Closed, Repair::MissingQuote);
        self.repair_all(repairs);
        let content = slice(self.lexer.text, literal.from, literal.to);
        self.written = if literal.end == LiteralEnd::Closed && !literal.inner {
            Written {
                least: literal.to,
                end: literal.to,
            }
        } else {
            self.written_openly(literal.from, content)
        };
        if self.is_read() {
            let said = if self.is_cut(&literal, content) {
                Said::Unread(Unread::Cut)
            } else if content.contains('\\') {
                self.labels
                    .read_escaped(content, &unescape_fully(content))
                    .into()
            } else {
                self.labels.read(content, true).into()
            };
            self.note_value(literal.from);
            self.deliver(said);
        } else {
            self.deliver(Said::Nothing);
        }
        if literal.brace || self.lexer.keys.may_stand_in(content) {
            self.lexer.count(content.len());
            self.scan_string(&literal, quote);
        }
        self.pos = literal.next;
        match literal.end {
            LiteralEnd::Key => {
                self.state = if self.in_list() {
                    State::Element
                } else {
                    State::Key { after_comma: true }
                };
            }
            LiteralEnd::Object => self.abandon_all(literal.to),
            LiteralEnd::Closed | LiteralEnd::Line | LiteralEnd::Text => {}
        }
    }

    /// Whether the text ends within a value, so that its label may be the beginning of a
    /// longer one, or the first of several.
    fn is_cut(&self, literal: &Literal, content: &str) -> bool {
        // `"overall_winner": "A}`
        let is_closed =
            content.trim_end().ends_with(['}', '｝']) && self.labels.stands_alone(content);
        let ends = match literal.end {
            LiteralEnd::Text => true,
            // Only a line end follows.
            LiteralEnd::Line => {
                let rest = slice(self.lexer.text, literal.next, self.lexer.text.len());
                rest.trim_start().is_empty() && !self.labels.stands_alone(content)
            }
            _ => false,
        };
        let is_open = ends && !literal.inner && !is_closed;
        is_open || (literal.next == self.lexer.text.len() && offers_more(content))
    }

    /// Scans a string's content for objects and key lines that stand in it.
    fn scan_string(&mut self, literal: &Literal, quote: Quote) {
        let (Some(&top), true) = (self.frames.last(), self.depth < MAX_STRING_DEPTH) else {
            return;
        };
        let content = slice(self.lexer.text, literal.from, literal.to);
        let inner = |scanner: &mut Self, text: &str, id: Option<usize>, pos: usize| {
            let mut inner = Scanner::new(text, scanner.lexer.keys, scanner.labels, scanner.found);
            inner.text_id = id;
            inner.outer = Some(top.node);
            inner.among_reasons =
                scanner.among_reasons || matches!(top.target, Target::Reasons | Target::Losers);
            inner.depth = scanner.depth + 1;
            inner.from = pos;
            inner.pos = pos;
            inner.run();
        };
        if quote.level > 0 || !content.contains('\\') {
            let text = slice(self.lexer.text, 0, literal.to);
            inner(self, text, self.text_id, literal.from);
            return;
        }
        let plain = text::unescape(content);
        let plain = json_string::decoded(&plain, self.lexer.keys, None).unwrap_or(plain);
        let plain = reasoning::strip_reply(&plain).answer.into_owned();
        let id = self.found.texts.len();
        self.found.texts.push(Decoded {
            content: String::new(),
            within: self.text_id,
            start: literal.from,
            end: literal.to,
        });
        self.lexer.count(content.len());
        inner(self, &plain, Some(id), 0);
        if let Some(decoded) = self.found.texts.get_mut(id) {
            decoded.content = plain;
        }
    }

    /// Takes a value without quotes. `below` says whether it stands below its key's line.
    pub(super) fn take_bare(&mut self, list: bool, below: bool) {
        let bare = self.lexer.bare(self.pos, list);
        if bare.to == bare.from {
            // Nothing that could be a value: step over it.
            self.pos += glyph(self.lexer.text, self.pos).len.max(1);
            self.deliver(Said::Unread(Unread::UnknownLabel));
            return;
        }
        let content = slice(self.lexer.text, bare.from, bare.to);
        if self.is_read() && below && !self.labels.stands_alone(content) {
            // The object was left off after its key, and other words follow.
            self.deliver(Said::Unread(Unread::Empty));
            return;
        }
        self.pos = bare.to;
        self.written = self.written_openly(bare.from, content);
        if !self.is_read() {
            self.deliver(Said::Nothing);
            return;
        }
        let said = if bare.to == self.lexer.text.len() && offers_more(content) {
            Said::Unread(Unread::Cut)
        } else {
            self.read_bare(content).into()
        };
        self.note_value(bare.from);
        self.deliver(said.with(Repairs::one(Repair::UnquotedValue)));
    }

    /// Reads a value without quotes, of which only a mark tells where it ends.
    pub(super) fn read_bare(&self, value: &str) -> Reading {
        let holds_more = value.starts_with(['{', '｛']) || self.lexer.keys.stand_within(value);
        if holds_more && !self.labels.stands_alone(value) {
            return Err(Unread::UnknownLabel);
        }
        self.labels.read(value, false)
    }

    /// Where a value is written that no quote ends: as far as it begins with a label.
    fn written_openly(&self, from: usize, content: &str) -> Written {
        let mut end = 0;
        for _ in 0..2 {
            let rest = slice(content, end, content.len());
            let word = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
            let len = word
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(word.len());
            let start = content.len() - word.len();
            let word = slice(word, 0, len);
            end = start + len;
            if self.labels.stands_alone(word) {
                break;
            }
            if !is_prefix(word) {
                end = 0;
                break;
            }
        }
        Written {
            least: from,
            end: from + end,
        }
    }

    /// Remembers where a criterion's value stands.
    pub(super) fn note_value(&mut self, from: usize) {
        let Some(top) = self.frames.last() else {
            return;
        };
        let criterion = match top.target {
            Target::Criterion(criterion) => Some(criterion),
            _ => None,
        };
        let is_said = criterion.is_some() || top.target == Target::Winner;
        let rest = slice(self.lexer.text, from, self.lexer.text.len());
        let value = LastValue {
            node: top.node,
            criterion,
            from,
            before: Said::Nothing,
            is_wrapped: rest.starts_with(['{', '[', '｛', '［']),
        };
        self.last_value = (top.kind == FrameKind::Object && is_said).then_some(LastValue {
            before: self.said_of(value),
            ..value
        });
    }
}

/// Whether a comment goes on with the choice of a label: `"A" // or "B"`.
pub(super) fn offers_another(comment: &str) -> bool {
    let words = comment.trim_start_matches(|c: char| c.is_whitespace() || "/#*".contains(c));
    words.starts_with("or ") || words.starts_with('|')
}

/// Words that offer what follows them instead of what stands before, in lower case.
const OR: [&str; 12] = [
    "or",
    "oder",
    "ou",
    "o",
    "ή",
    "или",
    "atau",
    "veya",
    "lub",
    "或",
    "或者",
    "または",
];

/// Words that set a label beside another, in lower case.
const AND: [&str; 12] = [
    "and", "und", "et", "y", "e", "и", "dan", "ve", "en", "和", "と", "與",
];

/// Whether text after a value offers a label beside it: `or "B"`, `/ B`, or, where the value
/// `may_go_on`, a label alone. A remark that names one offers none: `(B is flat)`.
pub(super) fn offers_label(labels: &Labels, passed: &str, may_go_on: bool) -> bool {
    let plain = text::unescape(passed);
    let is_mark = |c: char| !c.is_alphanumeric();
    let before = plain.trim_start_matches(|c: char| c.is_whitespace() || is_opening(c));
    let core = plain.trim_matches(is_mark);
    if labels.stands_alone(core) {
        return may_go_on || before.starts_with(['/', '|', '&']);
    }
    let (word, rest) = core.split_at(core.find(is_mark).unwrap_or(core.len()));
    let word = word.to_lowercase();
    let is_and = AND.contains(&word.as_str());
    OR.contains(&word.as_str()) || (is_and && labels.stands_alone(rest.trim_start_matches(is_mark)))
}

fn is_opening(c: char) -> bool {
    matches!(c, '(' | '[' | '{')
}

/// Whether a value breaks off before another label: `A" | `.
fn offers_more(content: &str) -> bool {
    let is_open = |c: char| c.is_whitespace() || Family::of(c).is_some();
    content.trim_end_matches(is_open).ends_with(['|', '/'])
}

/// Without its escapes, however often it was escaped.
fn unescape_fully(content: &str) -> String {
    let mut plain = text::unescape(content);
    for _ in 0..2 {
        if !plain.contains('\\') {
            break;
        }
        plain = text::unescape(&plain);
    }
    plain
}
