//! From what was found to one choice for each criterion.
//!
//! Objects that stand in no other are taken from the last to the first; for each
//! criterion the first that gives a readable label settles it. Within one:
//!
//! - its own keys and those of an object nested in it count as one object's: if
//!   they name different winners, it says nothing;
//! - of several objects nested side by side the last stands;
//! - an object in one of its strings is heard only where nothing else in it speaks,
//!   since a string may quote.
//!
//! Words that stand in an answer say nothing. Words that are like an answer's but
//! written otherwise stand only where nothing else gives the criterion and only
//! verdicts follow them: the judge's own verdict ends its reply, a quotation is
//! commented on.

use super::answers::{Answers, Whose};
use super::findings::{Findings, Kind, Node, Said};
use super::keys::Keys;
use super::label::{Labelled, Unread};
use super::repair::{Repair, Repairs};
use super::text::slice;

/// What stands for each criterion asked.
pub(super) struct Resolved {
    pub(super) labels: Vec<Result<Labelled, Unread>>,
    /// Repairs that belong to the verdict as a whole.
    pub(super) repairs: Repairs,
}

/// What an object says on a criterion, with all that stands in it.
#[derive(Debug, Clone, Copy, Default)]
struct Voice {
    said: Said,
    /// It stands in a string of the object.
    in_string: bool,
    /// The words are like those of an answer.
    alike: bool,
}

/// What the objects nested in one say on a criterion.
#[derive(Debug, Clone, Copy, Default)]
struct Nested {
    object: Voice,
    string: Voice,
}

/// How a criterion stands.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    settled: Option<(Labelled, usize)>,
    /// A label in words like an answer's, for want of another.
    alike: Option<(Labelled, usize)>,
    why_not: Option<Unread>,
}

pub(super) fn resolve(
    found: &Findings,
    reply: &str,
    answers: Option<[&str; 2]>,
    keys: &Keys,
) -> Resolved {
    let mut resolver = Resolver {
        found,
        reply,
        keys,
        answers: answers.map(Answers::new),
        nested: vec![None; found.nodes.len()],
        standings: vec![Standing::default(); found.criteria],
        tail: reply.len(),
        passed_over: false,
    };
    resolver.walk();
    resolver.finish()
}

struct Resolver<'a> {
    found: &'a Findings,
    reply: &'a str,
    keys: &'a Keys,
    answers: Option<Answers<'a>>,
    /// By node: what was found in it, by criterion.
    nested: Vec<Option<Box<[Nested]>>>,
    standings: Vec<Standing>,
    /// From here on nothing but verdicts stands in the reply.
    tail: usize,
    passed_over: bool,
}

impl Resolver<'_> {
    /// Inner objects are found after outer ones, so going backwards hears them first.
    fn walk(&mut self) {
        for (index, node) in self.found.nodes.iter().enumerate().rev() {
            let voices = self.voices(index, node);
            if let Some(parent) = node.parent {
                self.pass_on(parent, node, &voices);
                continue;
            }
            self.settle(index, node, &voices);
            if self.standings.iter().all(|it| it.settled.is_some()) {
                return;
            }
        }
    }

    /// What a node says with all that stands in it, by criterion; empty where nothing.
    fn voices(&mut self, index: usize, node: &Node) -> Vec<Voice> {
        let nested = self.nested.get_mut(index).and_then(Option::take);
        if node.own.is_empty() && nested.is_none() {
            return Vec::new();
        }
        let whose = self.whose(node);
        (0..self.found.criteria)
            .map(|criterion| {
                let own = node.own.get(criterion).copied().unwrap_or_default();
                let own = own_voice(own, whose);
                let nested = nested
                    .as_ref()
                    .and_then(|nested| nested.get(criterion))
                    .copied()
                    .unwrap_or_default();
                let mut voice = combine(own, nested);
                voice.said = voice.said.with(node.repairs);
                voice
            })
            .collect()
    }

    fn whose(&mut self, node: &Node) -> Whose {
        let speaks = node
            .own
            .iter()
            .any(|said| matches!(said, Said::Label(_) | Said::Twice));
        let Some(answers) = self.answers.as_mut().filter(|_| speaks) else {
            return Whose::Own;
        };
        let found = self.found;
        let reply = self.reply;
        let text_of = |text: Option<usize>| {
            text.and_then(|id| found.texts.get(id))
                .map_or(reply, |decoded| decoded.content.as_str())
        };
        let mut text = node.text;
        let raw = std::iter::from_fn(|| {
            let decoded = found.texts.get(text?)?;
            text = decoded.within;
            Some(slice(text_of(text), decoded.start, decoded.end))
        });
        let plain = slice(text_of(node.text), node.start, node.end);
        let whose = answers.whose(plain, raw, self.keys);
        self.passed_over |= whose == Whose::Quoted;
        whose
    }

    /// Gives what a node says to the one it stands in.
    fn pass_on(&mut self, parent: usize, node: &Node, voices: &[Voice]) {
        if voices.is_empty() {
            return;
        }
        let criteria = self.found.criteria;
        let Some(slots) = self.nested.get_mut(parent) else {
            return;
        };
        let slots = slots.get_or_insert_with(|| vec![Nested::default(); criteria].into());
        let how = match node.kind {
            Kind::Line | Kind::Block => Repairs::NONE,
            Kind::Object if node.in_string => Repairs::one(Repair::StringEncoded),
            Kind::Object => Repairs::one(Repair::Nested),
        };
        for (slot, voice) in slots.iter_mut().zip(voices) {
            let voice = Voice {
                said: voice.said.with(how),
                ..*voice
            };
            if node.kind == Kind::Line {
                // The lines of a block are as the members of one object.
                merge_line(&mut slot.object, voice);
            } else if node.in_string || voice.in_string {
                hear(&mut slot.string, voice);
            } else {
                hear(&mut slot.object, voice);
            }
        }
    }

    /// Takes in what an object that stands in no other says.
    fn settle(&mut self, index: usize, node: &Node, voices: &[Voice]) {
        let ends_reply = only_closes(slice(self.reply, node.end, self.tail));
        for (standing, voice) in self.standings.iter_mut().zip(voices) {
            if standing.settled.is_some() {
                continue;
            }
            match voice.said {
                Said::Nothing => {}
                Said::Label(label) if !voice.alike => {
                    standing.settled = Some((label, index));
                }
                Said::Label(label) => {
                    if ends_reply && standing.alike.is_none() {
                        standing.alike = Some((label, index));
                    } else {
                        self.passed_over = true;
                        standing.why_not.get_or_insert(Unread::InAnswer);
                    }
                }
                Said::Twice => {
                    standing.why_not.get_or_insert(Unread::SaidTwice);
                }
                Said::Unread(unread) => {
                    standing.why_not.get_or_insert(unread);
                }
            }
        }
        if ends_reply && !voices.is_empty() {
            self.tail = node.start;
        }
    }

    fn finish(self) -> Resolved {
        let mut repairs = Repairs::NONE;
        let mut passed_over = self.passed_over;
        let mut origins = Vec::new();
        let labels = self
            .standings
            .iter()
            .map(|standing| {
                passed_over |= standing.settled.is_some() && standing.alike.is_some();
                let Some((label, origin)) = standing.settled.or(standing.alike) else {
                    return Err(standing.why_not.unwrap_or(Unread::NotSaid));
                };
                origins.push(origin);
                Ok(label)
            })
            .collect();
        origins.sort_unstable();
        origins.dedup();
        if passed_over {
            repairs.add(Repair::AnswerQuotePassedOver);
        }
        if origins.len() > 1 {
            repairs.add(Repair::SplitObjects);
        }
        for origin in origins {
            repairs = repairs.and(self.wrapping(origin));
        }
        Resolved { labels, repairs }
    }

    /// What stands around an object.
    fn wrapping(&self, origin: usize) -> Repairs {
        let Some(node) = self.found.nodes.get(origin) else {
            return Repairs::NONE;
        };
        let before = slice(self.reply, 0, node.start)
            .trim_end_matches(|c: char| c.is_whitespace() || c == '>');
        let line = before.rsplit('\n').next().unwrap_or("").trim_start();
        let line = line.trim_start_matches(['>', ' ']);
        Repairs::NONE
            .with_if(before.ends_with(['[', '［']), Repair::ArrayWrapped)
            .with_if(
                line.starts_with("```") || line.starts_with("~~~"),
                Repair::Fence,
            )
    }
}

fn own_voice(said: Said, whose: Whose) -> Voice {
    Voice {
        said: match said {
            Said::Label(_) | Said::Twice if whose == Whose::Quoted => {
                Said::Unread(Unread::InAnswer)
            }
            said => said,
        },
        in_string: false,
        alike: whose == Whose::Alike,
    }
}

/// What an object says, from its own keys and what stands in it.
fn combine(own: Voice, nested: Nested) -> Voice {
    let mut voice = match (own.said, nested.object.said) {
        (Said::Label(_), Said::Label(_)) if own.alike != nested.object.alike => {
            if own.alike {
                nested.object
            } else {
                own
            }
        }
        (Said::Label(one), Said::Label(two)) if one.choice != two.choice => Voice {
            said: Said::Twice,
            ..own
        },
        (Said::Label(_) | Said::Twice, _) => own,
        (_, Said::Label(_)) | (Said::Nothing, _) => nested.object,
        _ => own,
    };
    let unheard = match voice.said {
        Said::Label(_) => voice.alike && !nested.string.alike,
        Said::Twice => false,
        Said::Nothing | Said::Unread(_) => true,
    };
    if unheard && matches!(nested.string.said, Said::Label(_)) {
        voice = Voice {
            in_string: true,
            ..nested.string
        };
    } else if voice.said == Said::Nothing {
        voice = nested.string;
    }
    voice
}

/// Keeps the later of two voices, which is heard first: it stands unless it gives
/// no label and the earlier does.
fn hear(later: &mut Voice, earlier: Voice) {
    let later_stands = match later.said {
        Said::Label(_) => !later.alike || earlier.alike,
        _ => false,
    };
    let earlier_speaks = matches!(earlier.said, Said::Label(_)) || later.said == Said::Nothing;
    if !later_stands && earlier_speaks {
        *later = earlier;
    }
}

fn merge_line(lines: &mut Voice, line: Voice) {
    if lines.alike != line.alike {
        hear(lines, line);
        return;
    }
    let mut said = line.said;
    said.merge(lines.said);
    *lines = Voice { said, ..line };
}

/// Whether nothing is said here: no words but those of tags.
fn only_closes(text: &str) -> bool {
    let mut in_tag = false;
    for c in text.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            c if !in_tag && c.is_alphanumeric() => return false,
            _ => {}
        }
    }
    true
}
