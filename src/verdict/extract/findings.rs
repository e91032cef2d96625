//! What a scan finds: objects and key lines that say something on a criterion.

use super::label::{Labelled, Reading, Unread};
use super::repair::{Repair, Repairs};

/// What one object says on one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Said {
    #[default]
    Nothing,
    Label(Labelled),
    /// The key was said twice, with different winners.
    Twice,
    Unread(Unread),
}

impl Said {
    /// Takes in what the same object says further on.
    pub(super) fn merge(&mut self, further: Self) {
        *self = match (*self, further) {
            (Self::Label(one), Self::Label(two)) if one.choice == two.choice => {
                Self::Label(Labelled {
                    repairs: one.repairs.and(two.repairs).with(Repair::RepeatedKey),
                    is_plain: one.is_plain || two.is_plain,
                    ..one
                })
            }
            (Self::Label(_), Self::Label(_)) | (Self::Twice, _) | (_, Self::Twice) => Self::Twice,
            (said, Self::Nothing) => said,
            (label @ Self::Label(_), Self::Unread(_))
            | (Self::Unread(_), label @ Self::Label(_)) => {
                label.with(Repairs::one(Repair::RepeatedKey))
            }
            (_, further) => further,
        };
    }

    /// With these repairs, where a label was read.
    pub(super) fn with(self, repairs: Repairs) -> Self {
        match self {
            Self::Label(label) => Self::Label(Labelled {
                repairs: label.repairs.and(repairs),
                ..label
            }),
            other => other,
        }
    }
}

impl From<Reading> for Said {
    fn from(reading: Reading) -> Self {
        match reading {
            Ok(label) => Self::Label(label),
            Err(unread) => Self::Unread(unread),
        }
    }
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    /// Key lines that follow one another: what they say counts as one object's.
    Block,
    /// One key line of a block.
    Line,
}

/// Where a node stands in its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is a member, or it stands in none.
    Member,
    /// Among reasons, which may name the labels too.
    Reasons,
    /// Where it is told what does not win.
    Losers,
    /// In a string.
    String,
    /// In a string among reasons.
    ReasonString,
}

/// How far a value is certainly an object's own, and not text that a repair took in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Written {
    /// Where it may already end: after its opening quote, if nothing closes it.
    pub(super) least: usize,
    /// Where its text or its label ends, without what closes it.
    pub(super) end: usize,
}

/// An object or line that was found.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The object that this one stands in. Always found earlier.
    pub(super) parent: Option<usize>,
    pub(super) place: Place,
    /// Index into [`Findings::texts`], or `None` for the reply itself.
    pub(super) text: Option<usize>,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) repairs: Repairs,
    /// By criterion asked; empty where it says nothing.
    pub(super) own: Vec<Said>,
    /// Where the labels in `own` are written.
    pub(super) written: Vec<Written>,
    /// Where its last value is written, of whatever key; of a block the last line's.
    pub(super) last: Written,
}

/// A string's content without its escapes, which holds objects.
#[derive(Debug, Clone)]
pub(super) struct Decoded {
    pub(super) content: String,
    /// The text that the string stands in, as in [`Node::text`].
    pub(super) within: Option<usize>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Everything found, in the order of the reply.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) nodes: Vec<Node>,
    pub(super) texts: Vec<Decoded>,
    /// Criteria asked.
    pub(super) criteria: usize,
    /// Bytes looked at, for the tests that hold the time linear.
    #[cfg(test)]
    pub(super) work: usize,
}

impl Findings {
    pub(super) fn new(criteria: usize) -> Self {
        Self {
            criteria,
            ..Self::default()
        }
    }

    /// Adds what `node` says on `criterion`, and where that is written.
    pub(super) fn say(&mut self, node: usize, criterion: usize, said: Said, written: Written) {
        let criteria = self.criteria;
        let Some(node) = self.nodes.get_mut(node) else {
            return;
        };
        if node.own.is_empty() {
            node.own = vec![Said::Nothing; criteria];
            node.written = vec![Written::default(); criteria];
        }
        if let Some(place) = node.written.get_mut(criterion) {
            *place = written;
        }
        if let Some(own) = node.own.get_mut(criterion) {
            own.merge(said);
        }
    }

    /// What `node` has said on `criterion` so far.
    pub(super) fn said(&self, node: usize, criterion: usize) -> Said {
        self.nodes
            .get(node)
            .and_then(|node| node.own.get(criterion))
            .copied()
            .unwrap_or_default()
    }

    /// Replaces what `node` said on `criterion`.
    pub(super) fn resay(&mut self, node: usize, criterion: usize, said: Said) {
        let own = self
            .nodes
            .get_mut(node)
            .and_then(|node| node.own.get_mut(criterion));
        if let Some(own) = own {
            *own = said;
        }
    }

    /// The text that a node or a string stands in, as in [`Node::text`].
    pub(super) fn text<'t>(&'t self, id: Option<usize>, reply: &'t str) -> &'t str {
        let decoded = id.and_then(|id| self.texts.get(id));
        decoded.map_or(reply, |decoded| decoded.content.as_str())
    }

    pub(super) fn repair(&mut self, node: usize, repairs: Repairs) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.repairs = node.repairs.and(repairs);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Choice;

    fn label(choice: Choice) -> Said {
        Said::Label(Labelled {
            choice,
            repairs: Repairs::NONE,
            is_plain: true,
        })
    }

    fn merged(sayings: &[Said]) -> Said {
        let mut all = Said::Nothing;
        for &said in sayings {
            all.merge(said);
        }
        all
    }

    #[test]
    fn two_winners_cancel_and_stay_cancelled() {
        let [first, second] = [label(Choice::First), label(Choice::Second)];
        assert_eq!(merged(&[first, second]), Said::Twice);
        assert_eq!(merged(&[first, second, first]), Said::Twice);
    }

    #[test]
    fn the_same_winner_twice_is_a_repair() {
        let Said::Label(read) = merged(&[label(Choice::First), label(Choice::First)]) else {
            panic!("a label said twice is read");
        };
        assert_eq!(read.repairs.list(), [Repair::RepeatedKey]);
    }

    #[test]
    fn what_is_unreadable_does_not_take_a_label_back() {
        let unread = Said::Unread(Unread::Null);
        let repeated = label(Choice::First).with(Repairs::one(Repair::RepeatedKey));
        assert_eq!(merged(&[label(Choice::First), unread]), repeated);
        assert_eq!(merged(&[unread, label(Choice::First)]), repeated);
        assert_eq!(merged(&[unread]), unread);
    }
}
