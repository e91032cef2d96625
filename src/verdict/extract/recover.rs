//! What to do when an object goes on as no object does.
//!
//! The text up to the next member, the closing brace, the next object or the end
//! of the paragraph is passed over. Nothing is looked at twice. A draft that was left off
//! ends where another verdict begins.

use super::findings::Said;
use super::label::Unread;
use super::member::{Lead, Names};
use super::repair::Repair;
use super::scan::{LastValue, Scanner, State};
use super::text::{Family, Glyph, Sym, glyph, slice};
use super::values::offers_label;

/// Where the text makes sense again.
#[derive(Clone, Copy)]
enum Sense {
    /// A closing brace.
    Brace(usize),
    /// The key of a further member.
    Key(usize),
    /// Key lines that begin anew.
    Line(usize),
    /// Another object, or a new paragraph: the open ones were never closed.
    Elsewhere(usize),
}

impl Sense {
    fn place(self) -> usize {
        match self {
            Self::Brace(at) | Self::Key(at) | Self::Line(at) | Self::Elsewhere(at) => at,
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
        if let Sense::Elsewhere(at) = sense
            && self.take_further_winner(at)
        {
            self.repair(Repair::StrayText);
            return;
        }
        let in_object = matches!(sense, Sense::Brace(_) | Sense::Key(_));
        self.reread(start, passed, on_line, in_object);
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
            Sense::Line(at) => self.abandon_for_line(at),
            Sense::Elsewhere(_) => self.abandon_all(start),
        }
    }

    /// Reads the last value again with what was passed over after it. `in_object` says whether
    /// its object goes on after that.
    fn reread(&mut self, start: usize, passed: &str, on_line: bool, in_object: bool) {
        let is_wrapped = self.last_value.is_some_and(|value| value.is_wrapped);
        let first_line = passed.lines().next().unwrap_or("");
        // `A` with `B` on the next line
        let is_below = self.labels.stands_alone(first_line);
        if !is_wrapped && (on_line || is_below) {
            self.reread_last_value(start, passed);
            return;
        }
        let is_closed = self.state == State::Key { after_comma: true };
        let is_offer = offers_label(self.labels, passed, on_line || !is_closed);
        let is_sentence = in_object && !is_closed && self.says_plainly(start, passed);
        if is_offer || is_sentence {
            self.look_for_another_label(start, passed);
        }
    }

    /// Whether what was passed over is a sentence by which an answer wins: `B wins`.
    fn says_plainly(&mut self, start: usize, passed: &str) -> bool {
        let read = self.labels.read(passed, false);
        read.is_ok_and(|read| read.is_plain) && self.lexer.key(start, Lead::Comma).is_none()
    }

    /// Whether key lines begin at `at` that say anew what the object said: it is a draft
    /// that was left off.
    pub(super) fn begins_anew(&mut self, at: usize) -> bool {
        let Some(node) = self.frames.last().map(|top| top.node) else {
            return false;
        };
        let Some(key) = self.lexer.key(at, Lead::Nothing) else {
            return false;
        };
        let said = key
            .criterion
            .map_or(Said::Nothing, |criterion| self.found.said(node, criterion));
        let before = slice(self.lexer.text, 0, at).trim_end_matches([' ', '\t']);
        said != Said::Nothing
            && key.repairs.has(Repair::UnquotedKey)
            && before.ends_with('\n')
            && !self.is_closed_after(at)
    }

    /// Whether a brace closes the lines from `at` on.
    fn is_closed_after(&mut self, at: usize) -> bool {
        const NEAR: usize = 240;
        let brace = self.lexer.next_brace(at);
        brace
            .filter(|brace| brace - at < NEAR)
            .is_some_and(|brace| {
                let lines = slice(self.lexer.text, at, brace);
                self.lexer.count(lines.len());
                !lines.contains('{') && !lines.contains("\n\n")
            })
    }

    /// Closes everything before the key line at `at`.
    pub(super) fn abandon_for_line(&mut self, at: usize) {
        self.abandon_all(at);
        self.pos = slice(self.lexer.text, 0, at)
            .rfind('\n')
            .map_or(at, |line| line + 1);
    }

    /// Whether a fence or inline code begins or ends at the backtick here, where a value is
    /// expected, so that it opens no string: a fence takes a line, the code holds an object on
    /// a line of its own, or it was opened before the outermost object.
    pub(super) fn is_set_apart(&mut self, here: Glyph, newlines: usize) -> bool {
        const FENCE: &str = "```";
        let text = self.lexer.text;
        let rest = slice(text, self.pos, text.len());
        if !rest.starts_with('`') {
            return false;
        }
        if let Some(fence) = rest.strip_prefix(FENCE) {
            let info = fence.trim_start_matches(|c: char| c == '`' || c.is_ascii_alphanumeric());
            return info.trim_start_matches([' ', '\r']).starts_with('\n');
        }
        let inside = self.pos + here.len;
        let first = glyph(text, inside);
        if newlines > 0 && first.sym == Sym::OpenObject && self.lexer.object_at(inside, first.len) {
            return true;
        }
        let outermost = self.frames.first().map(|frame| frame.node);
        let start = outermost
            .and_then(|node| self.found.nodes.get(node))
            .map_or(0, |node| node.start);
        let is_code = slice(text, 0, start).ends_with('`');
        let line = slice(text, inside, self.lexer.line_end(inside));
        let label = line.split_once('`').map(|(label, _)| label);
        is_code && !label.is_some_and(|label| self.labels.stands_alone(label))
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
                    if self.begins_anew(next) {
                        return Sense::Line(next);
                    }
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
        let now = self.said_of(value);
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
        self.resay(value, said);
        self.lexer.count(whole.len());
    }

    /// A value after which another label stands, on a line below or after its bracket, names
    /// two: `["A"] or ["B"]`.
    fn look_for_another_label(&mut self, start: usize, passed: &str) {
        let Some(value) = self.last_value.take() else {
            return;
        };
        let Said::Label(now) = self.said_of(value) else {
            return;
        };
        let whole = slice(self.lexer.text, value.from, start + passed.len());
        self.lexer.count(whole.len());
        let other = match self.labels.read(whole, false) {
            Ok(read) => read.choice != now.choice,
            Err(unread) => unread == Unread::TwoLabels,
        };
        let other = other
            || self
                .labels
                .read(passed, false)
                .is_ok_and(|read| read.choice != now.choice);
        if other {
            self.resay(value, Said::Unread(Unread::TwoLabels));
        }
    }

    /// What the object or the frame of a value says by its key.
    pub(super) fn said_of(&self, value: LastValue) -> Said {
        match value.criterion {
            Some(criterion) => self.found.said(value.node, criterion),
            None => self.frames.last().map_or(Said::Nothing, |top| top.said),
        }
    }

    fn resay(&mut self, value: LastValue, said: Said) {
        match value.criterion {
            Some(criterion) => self.found.resay(value.node, criterion, said),
            None => {
                if let Some(top) = self.frames.last_mut() {
                    top.said = said;
                }
            }
        }
    }

    /// Opens a further object with `winner` at `at`, if one stands there after another that is
    /// a criterion's value. Where the first gives no label, the second is none for it.
    pub(super) fn take_further_winner(&mut self, at: usize) -> bool {
        let Some(value) = self.last_value.filter(|value| value.is_wrapped) else {
            return false;
        };
        let here = glyph(self.lexer.text, at);
        let first = self.lexer.trivia(at + here.len).end;
        let key = self.lexer.key(first, Lead::Brace);
        let is_winner =
            key.is_some_and(|key| key.criterion.is_none() && key.names == Names::Winner);
        if here.sym != Sym::OpenObject || !is_winner {
            return false;
        }
        if !matches!(self.said_of(value), Said::Label(_)) {
            self.resay(value, Said::Twice);
        }
        self.pos = at;
        self.push_object(here, true);
        true
    }

    /// Whether a string begins at `start` within which the text ends.
    fn is_cut_string(&self, start: usize) -> bool {
        let here = glyph(self.lexer.text, start);
        let rest = slice(self.lexer.text, start + here.len, self.lexer.text.len());
        matches!(here.sym, Sym::Quote(_))
            && !rest.contains(|c| c == '\n' || Family::of(c).is_some())
    }
}
