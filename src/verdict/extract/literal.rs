//! Strings that are values, closed as JSON closes them or not.
//!
//! In JSON the first quote that is not escaped closes a string, and structure
//! follows it. Judges leave quotes out, and write others into a string without
//! escaping them; what follows a quote tells which it is.

use super::keys::separator;
use super::lexer::Lexer;
use super::member::BARE_KEY_BYTES;
use super::text::{Family, Quote, Sym, glyph, slice};

/// Bytes after a quoted object within which its string is closed.
const NEAR: usize = 240;

/// A string that is a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literal {
    /// The content is what stands from here …
    pub(super) from: usize,
    /// … to here.
    pub(super) to: usize,
    /// Where reading goes on.
    pub(super) next: usize,
    pub(super) end: LiteralEnd,
    pub(super) newline: bool,
    /// Whether quotes stand in it that do not close it.
    pub(super) inner: bool,
    /// Whether an opening brace stands in it.
    pub(super) brace: bool,
}

/// How a string ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LiteralEnd {
    Closed,
    /// Its closing quote is missing: a key begins.
    Key,
    /// Its closing quote is missing: another object begins.
    Object,
    /// Nothing closes it: it ends with its first line.
    Line,
    /// Nothing closes it and no line ends: it ends with the text.
    Text,
}

/// What a string stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// An element of a list.
    Element,
    /// A value that is read as a label.
    Label,
    /// Any other value.
    Text,
}

impl Lexer<'_> {
    /// The string that begins with the quote of `len` bytes at `open`.
    ///
    /// In JSON the first quote that is not escaped closes it, and structure
    /// follows. Where no structure follows, the quote belongs to the content, or
    /// the closing one was left out and it opens the next key.
    pub(super) fn literal(
        &mut self,
        open: usize,
        len: usize,
        quote: Quote,
        purpose: Purpose,
    ) -> Literal {
        let from = open + len;
        if self.unclosed_from[quote.kind()] <= from {
            return self.unclosed(from, quote);
        }
        let mut literal = Literal {
            from,
            to: from,
            next: from,
            end: LiteralEnd::Closed,
            newline: false,
            inner: false,
            brace: false,
        };
        let mut slashes = 0;
        let mut quoted_to = from;
        for (by, c) in slice(self.text, from, self.text.len()).char_indices() {
            let at = from + by;
            if at >= quoted_to && quote.closed_by(c, slashes) {
                let start = at - if quote.level == 0 { 0 } else { slashes };
                literal.next = at + c.len_utf8();
                literal.to = start;
                if self.structure_follows(literal.next, purpose == Purpose::Element) {
                    self.count(literal.next - from);
                    return literal;
                }
                let key = self.key_begins(from, start, purpose);
                let object = key.filter(|(.., end)| *end == LiteralEnd::Object);
                if let Some(end) = object.and_then(|(brace, ..)| self.quoted_object(brace, quote)) {
                    literal.brace = true;
                    quoted_to = end;
                } else if let Some(end) = key {
                    self.count(literal.next - from);
                    return Literal {
                        ..end_before(literal, end)
                    };
                }
                literal.inner = true;
            }
            match c {
                '\n' => literal.newline = true,
                '{' | '｛' => literal.brace = true,
                '\\' => literal.brace |= is_escaped_brace(slice(self.text, at, self.text.len())),
                _ => {}
            }
            slashes = if c == '\\' { slashes + 1 } else { 0 };
        }
        self.count(self.text.len() - from);
        self.unclosed_from[quote.kind()] = from;
        self.unclosed(from, quote)
    }

    /// Where the object ends whose brace stands at `brace`, if it is quoted within a string
    /// without escapes: the string goes on after it, up to a quote that closes it.
    fn quoted_object(&mut self, brace: usize, quote: Quote) -> Option<usize> {
        let end = self.next_brace(brace)? + 1;
        let near = slice(self.text, end, self.text.floor_char_boundary(end + NEAR));
        let near = near.split(['{', '\n']).next().unwrap_or("");
        self.count(near.len());
        let closing = near
            .char_indices()
            .find(|&(_, c)| quote.closed_by(c, quote.level))?;
        let after = near[closing.0 + closing.1.len_utf8()..].trim_start();
        after.starts_with([',', '}']).then_some(end)
    }

    fn unclosed(&mut self, from: usize, quote: Quote) -> Literal {
        let to = self.line_end(from);
        let content = slice(self.text, from, to);
        if let Some((by, len)) = self.other_quote(from, to) {
            self.count(by + len);
            return Literal {
                from,
                to: from + by,
                next: from + by + len,
                end: LiteralEnd::Closed,
                newline: false,
                inner: false,
                brace: false,
            };
        }
        let end = if to < self.text.len() {
            LiteralEnd::Line
        } else {
            LiteralEnd::Text
        };
        self.count(to - from);
        Literal {
            from,
            to,
            next: to,
            end,
            newline: false,
            inner: content.contains(|c| quote.closed_by(c, quote.level)),
            brace: content.contains(['{', '｛']),
        }
    }

    /// Where a quote of another kind closes a string that its own kind does not close:
    /// structure follows it. The place in the line from `from` to `to`, and its bytes.
    fn other_quote(&mut self, from: usize, to: usize) -> Option<(usize, usize)> {
        let line = slice(self.text, from, to);
        let (by, quote) = line
            .char_indices()
            .find(|&(_, c)| Family::of(c).is_some())?;
        let after = from + by + quote.len_utf8();
        let rest = slice(self.text, after, to);
        let member = rest.trim_start().strip_prefix(',').map(str::trim_start);
        let closes = match member {
            Some(member) => self.key_like(to - member.len()),
            None => rest.trim_start().starts_with('}'),
        };
        closes.then_some((by, quote.len_utf8()))
    }

    /// Whether what follows a quote shows that it closes a string.
    fn structure_follows(&mut self, at: usize, list: bool) -> bool {
        let mut next = at;
        let mut here = glyph(self.text, next);
        while here.sym == Sym::Space {
            self.count(1);
            next += here.len;
            here = glyph(self.text, next);
        }
        match here.sym {
            Sym::End
            | Sym::Newline
            | Sym::Comma
            | Sym::CloseObject
            | Sym::CloseList
            | Sym::LineComment
            | Sym::BlockComment => true,
            Sym::Quote(_) => (list && next > at) || self.key_like(next),
            Sym::Other => next > at && self.keys.find(self.text, next).is_some(),
            _ => false,
        }
    }

    /// Whether the quote at `at` opens a key, looking no further than a key is long.
    fn key_like(&mut self, at: usize) -> bool {
        self.count(1);
        if self.keys.find(self.text, at).is_some() {
            return true;
        }
        let here = glyph(self.text, at);
        let Sym::Quote(quote) = here.sym else {
            return false;
        };
        let mut slashes = 0;
        for (by, c) in slice(self.text, at + here.len, self.text.len()).char_indices() {
            if quote.closed_by(c, slashes) {
                let mut colon = at + here.len + by + c.len_utf8();
                while glyph(self.text, colon).sym == Sym::Space && colon < at + 2 * BARE_KEY_BYTES {
                    colon += glyph(self.text, colon).len;
                }
                return by > 0 && separator(self.text, colon).is_some();
            }
            if by > BARE_KEY_BYTES || matches!(c, '\n' | '{' | '}') {
                return false;
            }
            slashes = if c == '\\' { slashes + 1 } else { 0 };
        }
        false
    }

    /// Whether the quote at `at`, in a string that began at `from`, opens a key: a
    /// comma, a brace or a line end stands before it. In a label none is needed, since no
    /// label quotes members of an object.
    fn key_begins(
        &mut self,
        from: usize,
        at: usize,
        purpose: Purpose,
    ) -> Option<(usize, usize, LiteralEnd)> {
        let before = slice(self.text, from, at);
        let solid = before.trim_end();
        self.count(before.len() - solid.len());
        let end = from + solid.len();
        let found = if solid.ends_with(['{', '｛']) {
            let brace = solid.chars().next_back().map_or(1, char::len_utf8);
            (end - brace, end - brace, LiteralEnd::Object)
        } else if solid.ends_with([',', ';', '，', '、']) {
            let comma = solid.chars().next_back().map_or(1, char::len_utf8);
            (end - comma, at, LiteralEnd::Key)
        } else if before[solid.len()..].contains('\n')
            || (purpose == Purpose::Label && !solid.is_empty())
        {
            (end, at, LiteralEnd::Key)
        } else {
            return None;
        };
        self.key_like(at).then_some(found)
    }
}

/// Whether an opening brace begins `text`, as the escape that JSON writes it with.
fn is_escaped_brace(text: &str) -> bool {
    let escape = text.get(..6).unwrap_or("");
    ["\\uff5b", "\\u007b"]
        .iter()
        .any(|brace| escape.eq_ignore_ascii_case(brace))
}

/// The string cut short because a key or an object begins.
fn end_before(literal: Literal, (to, next, end): (usize, usize, LiteralEnd)) -> Literal {
    Literal {
        to,
        next,
        end,
        ..literal
    }
}
