//! What to do when an object goes on as no object does.
//!
//! The text up to the next member, the closing brace, the next object or the end
//! of the paragraph is passed over. Nothing is looked at twice.

use super::findings::Said;
use super::label::Unread;
use super::member::Lead;
use super::repair::Repair;
use super::scan::{Scanner, State};
use super::text::{Family, Sym, glyph, slice};

/// Where the text makes sense again.
#[derive(Clone, Copy)]
enum Sense {
    /// A closing brace.
    Brace(usize),
    /// The key of a further member.
    Key(usize),
    /// Another object, or a new paragraph: the open ones were never closed.
    Elsewhere(usize),
}

impl Sense {
    fn place(self) -> usize {
        match self {
            Self::Brace(at) | Self::Key(at) | Self::Elsewhere(at) => at,
        }
    }
}

impl Scanner<'_> {
    /// Passes over what is out of place here. `on_line` says whether it stands on
    /// the line of the value before it.
    pub(super) fn recover(&mut self, on_line: bool) {
        let start = self.pos;
        let sense = self.next_sense(start);
        let passed = slice(self.lexer.text, start, sense.place());
        // `A` with `B` on the next line
        let first_line = passed.lines().next().unwrap_or("");
        if on_line || self.labels.stands_alone(first_line) {
            self.reread_last_value(start, passed);
        }
        self.pos = sense.place();
        match sense {
            Sense::Brace(_) => {
                self.repair(Repair::StrayText);
                self.state = State::After;
            }
            Sense::Key(_) => {
                self.repair(Repair::StrayText);
                self.take_key(Lead::Nothing);
            }
            Sense::Elsewhere(_) => self.abandon_all(start),
        }
    }

    fn next_sense(&mut self, start: usize) -> Sense {
        let text = self.lexer.text;
        let mut at = start;
        let mut after_space = false;
        loop {
            let here = glyph(text, at);
            self.lexer.count(1);
            let opens_word = after_space && matches!(here.sym, Sym::Quote(_));
            after_space = here.sym == Sym::Space;
            match here.sym {
                Sym::End => return Sense::Elsewhere(at),
                Sym::CloseObject => return Sense::Brace(at),
                Sym::OpenObject if self.lexer.object_at(at, here.len) => {
                    return Sense::Elsewhere(at);
                }
                // `"A" and "value_winner": "B"`
                _ if opens_word && self.lexer.keys.find(text, at).is_some() => {
                    return Sense::Key(at);
                }
                Sym::Comma | Sym::Newline => {
                    let (next, newlines) = self.blanks(at + here.len);
                    let newlines = newlines + usize::from(here.sym == Sym::Newline);
                    if self.lexer.key(next, Lead::Nothing).is_some() {
                        return Sense::Key(next);
                    }
                    if newlines > 1 {
                        // The line end itself is left, so that a key line may follow.
                        let end = slice(text, at, next).rfind('\n').map_or(at, |by| at + by);
                        return Sense::Elsewhere(end);
                    }
                    at = next;
                }
                _ => at += here.len,
            }
        }
    }

    /// Where the blanks from here end, and how many lines end in them.
    fn blanks(&mut self, from: usize) -> (usize, usize) {
        let mut at = from;
        let mut newlines = 0;
        loop {
            let here = glyph(self.lexer.text, at);
            match here.sym {
                Sym::Newline => newlines += 1,
                Sym::Space => {}
                _ => return (at, newlines),
            }
            self.lexer.count(1);
            at += here.len;
        }
    }

    /// A value that goes on after its quotes (`"A" or "B"`) is read as a whole.
    pub(super) fn reread_last_value(&mut self, start: usize, passed: &str) {
        let Some(value) = self.last_value.take() else {
            return;
        };
        let line = passed.find('\n').unwrap_or(passed.len());
        let whole = slice(self.lexer.text, value.from, start + line);
        if !slice(self.lexer.text, value.from, start).contains(char::is_alphanumeric) {
            // What follows an empty value does not go on with it.
            return;
        }
        let now = self.found.said(value.node, value.criterion);
        let read = match (now, self.labels.read(whole, false)) {
            // `"A", "value_w`
            (Said::Label(now), Ok(read))
                if now.choice == read.choice && self.is_cut_string(start) =>
            {
                return;
            }
            // `"a", while B is close`
            (Said::Label(now), Ok(read)) if now.choice != read.choice => Err(Unread::TwoLabels),
            (_, read) => read,
        };
        let mut said = value.before;
        said.merge(read.into());
        self.found.resay(value.node, value.criterion, said);
        self.lexer.count(whole.len());
    }

    /// Whether a string begins at `start` within which the text ends.
    fn is_cut_string(&self, start: usize) -> bool {
        let here = glyph(self.lexer.text, start);
        let rest = slice(self.lexer.text, start + here.len, self.lexer.text.len());
        matches!(here.sym, Sym::Quote(_))
            && !rest.contains(|c| c == '\n' || Family::of(c).is_some())
    }
}
