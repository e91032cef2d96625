//! Scans a reply for objects, from left to right, never twice over a stretch.
//!
//! Between objects the scanner looks for an opening brace that a key follows, and
//! at the start of a line for a criterion's key (in `lines`). Within an object it
//! is a machine with a stack of open objects and lists, so that depth costs
//! memory and not the call stack. What is out of place ends the object or is
//! passed over (in `recover`); it never hides an object that follows.

use super::findings::{Findings, Said, Written};
use super::frames::{Frame, FrameKind, Target};
use super::keys::Keys;
use super::label::{Labels, Unread};
use super::lexer::Lexer;
use super::member::{Lead, Names};
use super::repair::{Repair, Repairs};
use super::text::{self, Glyph, Sym, glyph, slice};
use super::values::offers_another;

pub(super) struct Scanner<'t> {
    pub(super) lexer: Lexer<'t>,
    pub(super) labels: &'t Labels,
    pub(super) found: &'t mut Findings,
    /// Which text is scanned, as in [`Node::text`].
    pub(super) text_id: Option<usize>,
    /// The object in whose string the text stands, and how deep.
    pub(super) outer: Option<usize>,
    /// Whether that string is an explanation.
    pub(super) among_reasons: bool,
    pub(super) depth: usize,
    /// Where scanning began.
    pub(super) from: usize,
    pub(super) pos: usize,
    pub(super) frames: Vec<Frame>,
    pub(super) state: State,
    pub(super) open_lists: usize,
    /// The value just read, in case the text goes on after it.
    pub(super) last_value: Option<LastValue>,
    /// Where the value just read is written.
    pub(super) written: Written,
    /// The block of the last key line.
    pub(super) block: Option<LastBlock>,
}

/// Key lines that follow one another, which a further line may go on with.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastBlock {
    pub(super) node: usize,
    /// The criterion of its first line.
    pub(super) first: usize,
    /// Where its last line ends.
    pub(super) end: usize,
}

/// What comes next in the innermost frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Key { after_comma: bool },
    Value,
    Element,
    After,
}

/// A value that was read as a label.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastValue {
    pub(super) node: usize,
    /// The criterion whose key it has; none for the `winner` of the innermost object.
    pub(super) criterion: Option<usize>,
    pub(super) from: usize,
    /// What its object had said before.
    pub(super) before: Said,
    /// Whether it is an object or a list.
    pub(super) is_wrapped: bool,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(
        text: &'t str,
        keys: &'t Keys,
        labels: &'t Labels,
        found: &'t mut Findings,
    ) -> Self {
        Self {
            lexer: Lexer::new(text, keys),
            labels,
            found,
            text_id: None,
            outer: None,
            among_reasons: false,
            depth: 0,
            from: 0,
            pos: 0,
            frames: Vec::new(),
            state: State::After,
            open_lists: 0,
            last_value: None,
            written: Written::default(),
            block: None,
        }
    }

    pub(super) fn run(mut self) {
        let len = self.lexer.text.len();
        while self.pos < len {
            if self.frames.is_empty() {
                self.prose();
            } else {
                self.step();
            }
        }
        self.abandon_all(len);
        #[cfg(test)]
        {
            self.found.work += self.lexer.work;
        }
    }

    /// Looks for the next object or key line.
    fn prose(&mut self) {
        let text = self.lexer.text;
        let bytes = text.as_bytes();
        let start = self.pos;
        let mut at = start;
        let mut starts_line = at == self.from || bytes[at - 1] == b'\n';
        while at < bytes.len() {
            if starts_line && let Some(next) = self.key_line(at) {
                self.pos = next;
                self.lexer.count(next - start);
                return;
            }
            // The lead byte of a full-width brace is 0xEF.
            let is_mark = |byte: &u8| matches!(byte, b'\n' | b'{' | 0xEF);
            at = match bytes[at..].iter().position(is_mark) {
                Some(by) => at + by,
                None => bytes.len(),
            };
            starts_line = bytes.get(at) == Some(&b'\n');
            let here = glyph(text, at);
            if here.sym == Sym::OpenObject && self.lexer.object_at(at, here.len) {
                self.lexer.count(at - start);
                self.pos = at;
                self.push_object(here, false);
                return;
            }
            at += here.len;
        }
        self.lexer.count(at - start);
        self.pos = at;
    }

    fn step(&mut self) {
        let Some(&top) = self.frames.last() else {
            return;
        };
        let trivia = self.lexer.trivia(self.pos);
        if trivia.has_comment() {
            self.repair(Repair::Comment);
            let comment = slice(self.lexer.text, self.pos, trivia.end);
            if self.state == State::After && offers_another(comment) {
                self.reread_last_value(self.pos, comment);
            }
        }
        let garbage_on_line = trivia.newlines == 0;
        self.pos = trivia.end;
        let here = glyph(self.lexer.text, self.pos);
        if here.wide {
            self.repair(Repair::FullWidth);
        }
        match self.state {
            State::Key { after_comma } => self.expect_key(here, after_comma, trivia.newlines),
            State::Value => self.expect_value(here, trivia.newlines),
            State::Element => self.expect_element(here, trivia.newlines),
            State::After if top.kind == FrameKind::List => {
                self.after_element(here, trivia.newlines);
            }
            State::After => self.after_member(here, garbage_on_line),
        }
    }

    fn expect_key(&mut self, here: Glyph, after_comma: bool, newlines: usize) {
        match here.sym {
            Sym::End => {}
            Sym::CloseObject => {
                if after_comma {
                    self.repair(Repair::TrailingComma);
                }
                self.close_object(here);
            }
            Sym::CloseList => self.close_list(here),
            Sym::Comma => {
                self.repair(Repair::TrailingComma);
                self.pos += here.len;
                self.state = State::Key { after_comma: true };
            }
            Sym::OpenObject if self.lexer.object_at(self.pos, here.len) => {
                if self.verdict_at(here) || (newlines > 0 && self.has_spoken()) {
                    // A draft was left off after its comma: this is another verdict.
                    self.abandon_all(self.pos);
                } else {
                    self.set_target(Target::Other);
                    self.push_object(here, false);
                }
            }
            _ if text::is_dots(self.lexer.text, self.pos) => {
                self.repair(Repair::StrayText);
                while text::is_dots(self.lexer.text, self.pos) {
                    self.pos += glyph(self.lexer.text, self.pos).len;
                }
                self.state = State::After;
            }
            _ if self.begins_anew(self.pos) => self.abandon_for_line(self.pos),
            _ if newlines > 1 && self.has_spoken() && self.is_announced() => {
                self.abandon_all(self.pos);
            }
            _ => {
                let lead = if after_comma {
                    Lead::Comma
                } else {
                    Lead::Brace
                };
                if !self.take_key(lead) {
                    self.recover(newlines == 0);
                }
            }
        }
    }

    /// Reads a key and its colon, if they stand here.
    pub(super) fn take_key(&mut self, lead: Lead) -> bool {
        let Some(key) = self.lexer.key(self.pos, lead) else {
            return false;
        };
        let is_value = self.frames.last().is_some_and(|top| top.is_value);
        self.set_target(match key.criterion {
            _ if is_value && key.names == Names::Winner => Target::Winner,
            Some(criterion) => Target::Criterion(criterion),
            None => match key.names {
                Names::Reasons => Target::Reasons,
                Names::Losers => Target::Losers,
                Names::Winner | Names::Other => Target::Other,
            },
        });
        if let Some(top) = self.frames.last() {
            self.found.repair(top.node, key.repairs);
        }
        self.pos = key.value;
        self.state = State::Value;
        self.last_value = None;
        true
    }

    fn expect_value(&mut self, here: Glyph, newlines: usize) {
        match here.sym {
            Sym::End => self.deliver(Said::Unread(Unread::Cut)),
            Sym::Comma | Sym::CloseObject | Sym::CloseList => {
                self.deliver(Said::Unread(Unread::Empty));
            }
            Sym::OpenObject if self.lexer.object_at(self.pos, here.len) => {
                let apart = newlines > 1 || (newlines == 1 && self.is_read());
                if (apart && self.verdict_at(here)) || (newlines > 1 && self.has_spoken()) {
                    // A draft was left off after its key: this is another verdict.
                    self.abandon_all(self.pos);
                } else {
                    self.push_object(here, self.is_read());
                }
            }
            Sym::OpenList if newlines > 1 && self.has_spoken() && self.holds_object(here) => {
                self.abandon_all(self.pos);
            }
            Sym::OpenList => self.push_list(here, self.is_read()),
            Sym::Quote(_) if self.is_set_apart(here, newlines) => {
                self.deliver(Said::Unread(Unread::Empty));
                self.abandon_all(self.pos);
            }
            // The value was left out.
            _ if self.key_at_value(here) => self.deliver(Said::Unread(Unread::Empty)),
            Sym::Quote(quote) => self.take_literal(here, quote, false),
            _ => self.take_other(here, false, newlines > 0),
        }
    }

    /// Whether the key of the next member stands where a value is expected. A label in
    /// quotes is a value, whatever follows it.
    fn key_at_value(&mut self, here: Glyph) -> bool {
        let Some(key) = self.lexer.key(self.pos, Lead::Nothing) else {
            return false;
        };
        let name = slice(self.lexer.text, self.pos + here.len, key.value);
        let inside = glyph(self.lexer.text, self.pos + here.len);
        if matches!((here.sym, inside.sym), (Sym::Quote(outer), Sym::Quote(inner)) if outer.level < inner.level)
        {
            // A string that begins with an escaped quote.
            return false;
        }
        if key.criterion.is_some() {
            // `"persona_winner: A"` is a string.
            !key.repairs.has(Repair::MissingQuote)
        } else {
            !self.labels.stands_alone(name)
        }
    }

    /// Whether the object that begins here begins with a criterion's key.
    fn verdict_at(&mut self, here: Glyph) -> bool {
        let first = self.lexer.trivia(self.pos + here.len).end;
        let key = self.lexer.key(first, Lead::Brace);
        key.is_some_and(|key| key.criterion.is_some())
    }

    /// Whether the list that begins here begins with an object.
    fn holds_object(&mut self, here: Glyph) -> bool {
        let first = self.lexer.trivia(self.pos + here.len).end;
        let inner = glyph(self.lexer.text, first);
        inner.sym == Sym::OpenObject && self.lexer.object_at(first, inner.len)
    }

    /// Whether the object that is open has said something on a criterion. What then begins
    /// below it is another one.
    fn has_spoken(&self) -> bool {
        let node = self.frames.last().map(|top| top.node);
        let node = node.and_then(|node| self.found.nodes.get(node));
        node.is_some_and(|node| !node.own.is_empty())
    }

    /// Whether words with a colon stand here, and an object or a list after them, though the
    /// keys of the object that is open have quotes: they announce another verdict.
    fn is_announced(&mut self) -> bool {
        let is_bare = |repairs: Repairs| repairs.has(Repair::UnquotedKey);
        let node = self.frames.last().map(|top| top.node);
        let node = node.and_then(|node| self.found.nodes.get(node));
        if node.is_none_or(|node| is_bare(node.repairs)) {
            return false;
        }
        let key = self.lexer.key(self.pos, Lead::Comma);
        let Some(key) = key.filter(|key| key.criterion.is_none() && is_bare(key.repairs)) else {
            return false;
        };
        let value = self.lexer.trivia(key.value).end;
        let value = glyph(self.lexer.text, value);
        matches!(value.sym, Sym::OpenObject | Sym::OpenList)
    }

    fn expect_element(&mut self, here: Glyph, newlines: usize) {
        match here.sym {
            Sym::End => {}
            Sym::CloseList => self.close_list(here),
            Sym::CloseObject => self.close_object(here),
            Sym::Comma => self.pos += here.len,
            Sym::OpenList => self.push_list(here, self.is_read()),
            Sym::OpenObject if self.lexer.object_at(self.pos, here.len) => {
                if newlines > 1 && (self.verdict_at(here) || self.has_spoken()) {
                    self.abandon_all(self.pos);
                } else {
                    self.push_object(here, self.is_read());
                }
            }
            Sym::Quote(_) if self.is_set_apart(here, newlines) => self.abandon_all(self.pos),
            Sym::Quote(_) if self.lexer.key(self.pos, Lead::Nothing).is_some() => {
                self.leave_lists();
            }
            Sym::Quote(quote) => self.take_literal(here, quote, true),
            _ => self.take_other(here, true, false),
        }
    }

    /// Takes an empty object, or a value without quotes.
    fn take_other(&mut self, here: Glyph, list: bool, below: bool) {
        let empty = match here.sym {
            Sym::OpenObject => self.lexer.empty_object_end(self.pos, here.len),
            _ => None,
        };
        match empty {
            Some(end) => {
                self.pos = end;
                self.deliver(Said::Unread(Unread::Empty));
            }
            None => self.take_bare(list, below),
        }
    }

    fn after_element(&mut self, here: Glyph, newlines: usize) {
        match here.sym {
            Sym::CloseList => self.close_list(here),
            Sym::CloseObject => self.close_object(here),
            Sym::Comma => {
                self.pos += here.len;
                self.state = State::Element;
            }
            Sym::OpenObject if newlines > 0 && self.verdict_at(here) => {
                // A draft was left off in a list: this is another verdict.
                self.abandon_all(self.pos);
            }
            _ => {
                self.repair(Repair::MissingComma);
                self.state = State::Element;
            }
        }
    }

    fn after_member(&mut self, here: Glyph, garbage_on_line: bool) {
        match here.sym {
            Sym::End => {}
            Sym::Comma => {
                if self.lexer.text.as_bytes().get(self.pos) == Some(&b';') {
                    self.repair(Repair::OtherSeparator);
                }
                self.pos += here.len;
                self.state = State::Key { after_comma: true };
            }
            Sym::CloseObject => self.close_object(here),
            Sym::CloseList => self.close_list(here),
            Sym::OpenObject if self.lexer.object_at(self.pos, here.len) => {
                if !self.take_further_winner(self.pos) {
                    self.abandon_all(self.pos);
                }
            }
            _ if self.begins_anew(self.pos) => self.abandon_for_line(self.pos),
            _ if self.lexer.key(self.pos, Lead::Nothing).is_some() => {
                self.repair(Repair::MissingComma);
                self.take_key(Lead::Nothing);
            }
            // A further string belongs to the value, on whatever line it stands.
            sym => self.recover(garbage_on_line || matches!(sym, Sym::Quote(_))),
        }
    }

    /// Whether what stands here is read as a label.
    pub(super) fn is_read(&self) -> bool {
        self.frames.last().is_some_and(|top| match top.kind {
            FrameKind::List => top.is_value,
            FrameKind::Object | FrameKind::Line => {
                matches!(top.target, Target::Criterion(_) | Target::Winner)
            }
        })
    }

    pub(super) fn in_list(&self) -> bool {
        self.frames
            .last()
            .is_some_and(|top| top.kind == FrameKind::List)
    }

    pub(super) fn set_target(&mut self, target: Target) {
        if let Some(top) = self.frames.last_mut() {
            top.target = target;
        }
    }

    pub(super) fn repair(&mut self, repair: Repair) {
        self.repair_all(Repairs::one(repair));
    }

    pub(super) fn repair_all(&mut self, repairs: Repairs) {
        if let Some(top) = self.frames.last() {
            self.found.repair(top.node, repairs);
        }
    }
}
