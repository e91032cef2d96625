//! The stack of open objects and lists, and where what they say goes.

use super::findings::{Kind, Node, Place, Said, Written};
use super::label::Unread;
use super::repair::{Repair, Repairs};
use super::scan::{Scanner, State};
use super::text::{Glyph, slice};
use super::values::offers_another;

/// An object or list that is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) kind: FrameKind,
    /// The object's node; for a list, that of the object it stands in.
    pub(super) node: usize,
    /// Whether the frame is the value of a criterion's key, so that what it says
    /// is said by that key.
    pub(super) is_value: bool,
    start: usize,
    /// What it says as a value.
    pub(super) said: Said,
    /// Elements of a list so far.
    count: usize,
    /// What the key just read stands for.
    pub(super) target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameKind {
    Object,
    List,
    /// A key line whose value is an object.
    Line,
}

/// What a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Criterion(usize),
    /// The `winner` of an object that is a criterion's value.
    Winner,
    /// An explanation.
    Reasons,
    /// What does not win.
    Losers,
    Other,
}

impl Scanner<'_> {
    /// Gives the innermost frame the value of its key, or its next element.
    pub(super) fn deliver(&mut self, said: Said) {
        self.state = State::After;
        let said = if top_is_line(&self.frames) && self.offers_another_here() {
            Said::Unread(Unread::TwoLabels)
        } else {
            said
        };
        let Some(top) = self.frames.last_mut() else {
            return;
        };
        if top.kind == FrameKind::List {
            top.count += 1;
            top.said.merge(said);
            return;
        }
        if top.kind == FrameKind::Object
            && let Some(node) = self.found.nodes.get_mut(top.node)
        {
            node.last = self.written;
        }
        match top.target {
            Target::Criterion(criterion) => {
                self.found.say(top.node, criterion, said, self.written);
            }
            Target::Winner => top.said.merge(said),
            Target::Reasons | Target::Losers | Target::Other => {}
        }
        if top_is_line(&self.frames) {
            self.frames.pop();
            self.end_line_object();
        }
    }

    /// Whether the line goes on from here with another choice.
    fn offers_another_here(&mut self) -> bool {
        let end = self.lexer.line_end(self.pos);
        offers_another(slice(self.lexer.text, self.pos, end))
    }

    /// Opens an object here. `is_value` says whether it stands for a label.
    pub(super) fn push_object(&mut self, here: Glyph, is_value: bool) {
        let parent = self.frames.last().map(|top| top.node);
        let node = self.found.nodes.len();
        self.found.nodes.push(Node {
            kind: Kind::Object,
            parent: parent.or(self.outer),
            place: match self.frames.last() {
                None if self.outer.is_some() && self.among_reasons => Place::ReasonString,
                None if self.outer.is_some() => Place::String,
                Some(top) if top.target == Target::Reasons => Place::Reasons,
                Some(top) if top.target == Target::Losers => Place::Losers,
                _ => Place::Member,
            },
            text: self.text_id,
            start: self.pos,
            end: self.pos,
            repairs: Repairs::NONE.with_if(here.wide, Repair::FullWidth),
            own: Vec::new(),
            written: Vec::new(),
            last: Written::default(),
        });
        self.push(FrameKind::Object, node, is_value);
        self.pos += here.len;
        self.state = State::Key { after_comma: false };
    }

    /// Opens the frame of a key line whose value is an object.
    pub(super) fn push_line(&mut self, node: usize, criterion: usize) {
        self.push(FrameKind::Line, node, false);
        self.set_target(Target::Criterion(criterion));
        self.state = State::Value;
    }

    pub(super) fn push_list(&mut self, here: Glyph, is_value: bool) {
        let node = self.frames.last().map_or(0, |top| top.node);
        self.push(FrameKind::List, node, is_value);
        self.open_lists += 1;
        self.pos += here.len;
        self.state = State::Element;
    }

    fn push(&mut self, kind: FrameKind, node: usize, is_value: bool) {
        self.last_value = None;
        self.frames.push(Frame {
            kind,
            node,
            is_value,
            start: self.pos,
            said: Said::Nothing,
            count: 0,
            target: Target::Other,
        });
    }

    /// A closing brace: closes the innermost object.
    pub(super) fn close_object(&mut self, here: Glyph) {
        self.leave_lists();
        self.pos += here.len;
        self.close_top(self.pos);
    }

    /// A closing bracket: closes the innermost list, or is one too many.
    pub(super) fn close_list(&mut self, here: Glyph) {
        if self.open_lists == 0 {
            self.pos += here.len;
            self.repair(Repair::StrayText);
            return;
        }
        while !self.in_list() {
            self.repair(Repair::MissingBrace);
            self.close_top(self.pos);
        }
        self.pos += here.len;
        self.close_top(self.pos);
    }

    /// Closes the lists that are open within the innermost object.
    pub(super) fn leave_lists(&mut self) {
        while self.in_list() {
            self.repair(Repair::MissingBrace);
            self.close_top(self.pos);
        }
    }

    /// Closes everything that is open; what it said stands.
    pub(super) fn abandon_all(&mut self, end: usize) {
        let is_cut = self.pos >= self.lexer.text.len();
        while !self.frames.is_empty() {
            self.repair(Repair::MissingBrace);
            if let Some(list) = self.frames.last_mut()
                && list.kind == FrameKind::List
                && is_cut
            {
                // More elements may have been to come.
                list.said = Said::Unread(Unread::Cut);
                list.count = 1;
            }
            self.close_top(end);
        }
    }

    fn close_top(&mut self, end: usize) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        self.last_value = None;
        match frame.kind {
            FrameKind::List => self.open_lists -= 1,
            FrameKind::Object => self.end_node(frame.node, end),
            FrameKind::Line => return,
        }
        let said = match (frame.is_value, frame.kind) {
            (false, _) => Said::Nothing,
            (true, FrameKind::List) => match frame.count {
                0 => Said::Unread(Unread::Empty),
                1 => frame.said.with(Repairs::one(Repair::ListOfOne)),
                _ => Said::Unread(Unread::TwoLabels),
            },
            (true, _) => match frame.said {
                Said::Nothing => Said::Unread(Unread::UnknownLabel),
                said => said.with(Repairs::one(Repair::WinnerObject)),
            },
        };
        if frame.is_value {
            self.note_value(frame.start);
        }
        self.deliver(said);
    }

    /// Sets where an object ends, and forgets it if nothing was said in it.
    fn end_node(&mut self, node: usize, end: usize) {
        let last = node + 1 == self.found.nodes.len();
        let Some(open) = self.found.nodes.get_mut(node) else {
            return;
        };
        open.end = end;
        if last && open.own.is_empty() {
            self.found.nodes.pop();
        }
    }
}

fn top_is_line(frames: &[Frame]) -> bool {
    frames.last().is_some_and(|top| top.kind == FrameKind::Line)
}
