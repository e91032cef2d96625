//! From what was found to one choice for each criterion.
//!
//! Objects that stand in no other are taken from the last to the first; for each
//! criterion the first that gives a readable label settles it. Within one:
//!
//! - its own keys and those of an object nested in it count as one object's: if
//!   they name different winners, it says nothing;
//! - of several objects nested side by side the last stands;
//! - what stands in one of its strings, or among its reasons, is heard only where nothing
//!   else in it speaks, since a string may quote and reasons name labels.
//!
//! A key line whose value is a sentence that may explain, and a sentence or key line among
//! reasons, stands only where nothing else gives the criterion: what follows a verdict
//! explains it.
//!
//! What stands under a key for what loses says nothing.
//!
//! Words that stand in an answer say nothing. Words that are like an answer's but
//! written otherwise stand only where nothing else gives the criterion and the text
//! around them does not quote them, or where the judge calls them its final ones. One key
//! line that stands in an answer may be the judge's own all the same: it stands for want of
//! another where other key lines of the reply are the judge's own. What an answer is said to
//! say says nothing where a verdict of an answer names the same winners, however it is written.

use serde::de::IgnoredAny;

use super::Reader;
use super::answers::{self, Answers, Whose};
use super::findings::{Findings, Kind, Node, Place, Said, Written};
use super::label::{Labelled, Unread};
use super::planted::Planted;
use super::quoting::{self, Lead};
use super::repair::{Repair, Repairs};
use super::text::slice;

/// What stands for each criterion asked.
pub(super) struct Resolved {
    pub(super) labels: Vec<Result<Labelled, Unread>>,
    /// Repairs that belong to the verdict as a whole.
    pub(super) repairs: Repairs,
    /// Bytes compared, for the test that holds them to a bound.
    #[cfg(test)]
    pub(super) compared: usize,
}

/// What an object says on a criterion, with all that stands in it.
#[derive(Debug, Clone, Copy, Default)]
struct Voice {
    said: Said,
    /// It stands in a string of the object, or among reasons.
    aside: bool,
    /// It is a sentence among reasons, or a line of a reason.
    explains: bool,
    /// It stands among reasons, which may quote a draft.
    in_reasons: bool,
    whose: Whose,
}

/// What the objects nested in one say on a criterion.
#[derive(Debug, Clone, Copy, Default)]
struct Nested {
    object: Voice,
    /// In strings and among reasons.
    aside: Voice,
}

/// How a criterion stands.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    settled: Option<(Labelled, usize)>,
    /// What a key line says in a sentence, or after words that quote, for want of another.
    told: Option<(Labelled, usize)>,
    /// A label in words like an answer's, for want of another.
    alike: Option<(Labelled, usize)>,
    /// A key line that stands alone, and in an answer.
    in_answer: Option<(Labelled, usize)>,
    why_not: Option<Unread>,
}

pub(super) fn resolve(
    found: &Findings,
    reply: &str,
    seams: &[usize],
    answers: Option<[&str; 2]>,
    reader: &Reader,
) -> Resolved {
    let keys = &reader.keys;
    let mut resolver = Resolver {
        found,
        reply,
        seams,
        reader,
        planted: None,
        has_own_lines: false,
        answers: answers.map(|texts| Answers::new(texts, keys)),
        nested: vec![None; found.nodes.len()],
        standings: vec![Standing::default(); found.criteria],
        passed_over: false,
    };
    resolver.walk();
    resolver.finish()
}

struct Resolver<'a> {
    found: &'a Findings,
    reply: &'a str,
    /// Where something was taken out of the reply (`reasoning`).
    seams: &'a [usize],
    reader: &'a Reader,
    answers: Option<Answers<'a>>,
    /// Once they were looked for.
    planted: Option<Planted>,
    /// Whether a key line that stands by itself is the judge's own.
    has_own_lines: bool,
    /// By node: what was found in it, by criterion.
    nested: Vec<Option<Box<[Nested]>>>,
    standings: Vec<Standing>,
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
        let mut voices: Vec<Voice> = (0..self.found.criteria)
            .map(|criterion| {
                let own = Voice {
                    said: node.own.get(criterion).copied().unwrap_or_default(),
                    aside: false,
                    explains: false,
                    in_reasons: false,
                    whose: self.whose_value(node, criterion, whose),
                };
                self.passed_over |= node.kind == Kind::Object && own.whose == Whose::Quoted;
                let own = match node.kind {
                    Kind::Object => own.unless_quoted(),
                    Kind::Line | Kind::Block => own,
                };
                let nested = nested
                    .as_ref()
                    .and_then(|nested| nested.get(criterion))
                    .copied()
                    .unwrap_or_default();
                let mut voice = combine(own, nested);
                voice.said = voice.said.with(node.repairs);
                voice
            })
            .collect();
        if node.kind == Kind::Block {
            self.judge_as_one(node, &mut voices);
        }
        voices
    }

    /// The lines of a block are quoted, or like an answer's, where all of them are: one
    /// alone is soon the same as one of an answer.
    fn judge_as_one(&mut self, block: &Node, lines: &mut [Voice]) {
        let speaking = lines.iter().filter(|voice| voice.speaks());
        let are_several = speaking.clone().count() > 1;
        let mut whose = speaking.map(|voice| voice.whose).min().unwrap_or_default();
        // The last may be quoted with a remark after it.
        let text = self.found.text(block.text, self.reply);
        let written = slice(text, block.start, block.last.end);
        if whose == Whose::Alike
            && are_several
            && let Some(answers) = &mut self.answers
            && answers.hold_lines(written)
        {
            whose = Whose::Quoted;
        }
        let may_be_own = whose == Whose::Quoted && !are_several && block.parent.is_none();
        self.passed_over |= whose == Whose::Quoted && !may_be_own;
        for line in lines {
            let voice = Voice { whose, ..*line };
            *line = if may_be_own {
                voice
            } else {
                voice.unless_quoted()
            };
        }
    }

    fn whose(&mut self, node: &Node) -> Whose {
        let speaks = node
            .own
            .iter()
            .any(|said| matches!(said, Said::Label(_) | Said::Twice));
        let Some(answers) = self.answers.as_mut().filter(|_| speaks) else {
            return Whose::Own;
        };
        let (found, reply) = (self.found, self.reply);
        let mut text = node.text;
        let raw = std::iter::from_fn(|| {
            let decoded = found.texts.get(text?)?;
            text = decoded.within;
            Some(slice(found.text(text, reply), decoded.start, decoded.end))
        });
        let here = found.text(node.text, reply);
        let plain = slice(here, node.start, node.end);
        let mut whose = answers.whose(plain, raw, &self.reader.keys);
        if whose == Whose::Own {
            let bare = match node.kind {
                Kind::Line => answers::without_remark(plain),
                // What a repair took in after the last value is none of the object's.
                _ if node.repairs.tell_open() => slice(here, node.start, node.last.end),
                _ => plain,
            };
            let is_shorter = !bare.is_empty() && bare.len() < plain.len();
            if is_shorter && answers.whose(bare, [], &self.reader.keys) != Whose::Own {
                whose = Whose::Alike;
            }
        }
        let after = slice(here, node.end, here.len());
        if whose != Whose::Quoted && answers.hold_fragment(plain, after) {
            whose = Whose::Quoted;
        }
        whose
    }

    /// Whose words a value of an object is that was not closed as JSON closes it, where
    /// `whose` is said of the whole: what the repair took in stands in no answer, though the
    /// object up to there may.
    fn whose_value(&mut self, node: &Node, criterion: usize, whose: Whose) -> Whose {
        let speaks = matches!(node.own.get(criterion), Some(Said::Label(_) | Said::Twice));
        let is_whole = !node.repairs.tell_open();
        let text = self.found.text(node.text, self.reply);
        let Some(answers) = self.answers.as_mut().filter(|_| speaks && !is_whole) else {
            return whose;
        };
        let object = slice(text, node.start, text.len());
        let mut begins = |written: Written| {
            answers.hold_beginning(
                object,
                written.least.saturating_sub(node.start),
                written.end.saturating_sub(node.start),
            )
        };
        let written = node.written.get(criterion).copied().unwrap_or_default();
        if whose == Whose::Quoted || !begins(written) {
            return whose;
        }
        if node.repairs.has(Repair::MissingBrace) && begins(node.last) {
            Whose::Quoted
        } else {
            // It goes on with members of its own.
            Whose::Alike
        }
    }

    /// Gives what a node says to the one it stands in.
    fn pass_on(&mut self, parent: usize, node: &Node, voices: &[Voice]) {
        if voices.is_empty() || node.place == Place::Losers {
            return;
        }
        let criteria = self.found.criteria;
        let Some(slots) = self.nested.get_mut(parent) else {
            return;
        };
        let slots = slots.get_or_insert_with(|| vec![Nested::default(); criteria].into());
        let how = match node.kind {
            Kind::Line => Repairs::NONE,
            Kind::Object | Kind::Block => Repairs::one(match node.place {
                Place::String | Place::ReasonString => Repair::StringEncoded,
                Place::Member | Place::Reasons | Place::Losers => Repair::Nested,
            }),
        };
        for (slot, voice) in slots.iter_mut().zip(voices) {
            // A line of a string that is a sentence explains.
            let is_told = matches!(voice.said, Said::Label(label) if !label.is_plain);
            if node.kind == Kind::Block && is_told {
                continue;
            }
            let among_reasons = node.place == Place::Reasons;
            let voice = Voice {
                said: voice.said.with(how),
                explains: voice.explains
                    || (among_reasons && (is_told || node.kind == Kind::Block)),
                in_reasons: voice.in_reasons || among_reasons || node.place == Place::ReasonString,
                ..*voice
            };
            if node.kind == Kind::Line {
                // The lines of a block are as the members of one object.
                merge_line(&mut slot.object, voice);
            } else if node.place != Place::Member || voice.aside {
                hear(&mut slot.aside, voice);
            } else {
                hear(&mut slot.object, voice);
            }
        }
    }

    /// Takes in what an object that stands in no other says.
    fn settle(&mut self, index: usize, node: &Node, voices: &[Voice]) {
        let is_line = node.kind == Kind::Block;
        // Lines that are quoted with a remark of the judge's own stand in no answer.
        let keys = &self.reader.keys;
        let above = || Lead::above(self.reply, node.start, keys);
        let leads = [
            Some(Lead::before(self.reply, node.start)),
            is_line.then(above).flatten(),
        ];
        let speaks = self.answers.is_some() && voices.iter().any(Voice::speaks);
        let leads = || leads.into_iter().flatten().filter(|_| speaks);
        let is_introduced = leads().any(Lead::quotes);
        let is_told_of_answer = speaks
            && (leads().any(Lead::names_answer)
                || quoting::is_set_aside(self.reply, node.start, node.end));
        let is_final = voices.iter().any(|voice| voice.whose == Whose::Alike)
            && self
                .answers
                .as_mut()
                .is_some_and(|answers| answers.is_final(self.reply, node.start));
        let is_planted = is_told_of_answer && self.is_planted(voices);
        for (standing, voice) in self.standings.iter_mut().zip(voices) {
            if standing.settled.is_some() {
                continue;
            }
            let is_own = voice.whose == Whose::Own || is_final;
            match voice.said {
                Said::Nothing => {}
                Said::Label(_) if is_planted => {
                    self.passed_over = true;
                    standing.why_not.get_or_insert(Unread::InAnswer);
                }
                Said::Label(label) if voice.whose == Whose::Quoted => {
                    standing.why_not.get_or_insert(Unread::InAnswer);
                    if is_introduced || quoting::is_set_aside_above(self.reply, node.start) {
                        self.passed_over = true;
                    } else {
                        standing.in_answer.get_or_insert((label, index));
                    }
                }
                Said::Label(label) if is_own => {
                    self.has_own_lines |= is_line && !is_introduced;
                    let is_told = is_line && (!label.is_plain || is_introduced);
                    if is_told || voice.explains {
                        standing.told.get_or_insert((label, index));
                    } else {
                        standing.settled = Some((label, index));
                    }
                }
                Said::Label(label) => {
                    let is_quoted = quoting::is_quoted(self.reply, node.start, node.end);
                    if is_quoted || standing.alike.is_some() {
                        self.passed_over = true;
                        standing.why_not.get_or_insert(Unread::InAnswer);
                    } else {
                        standing.alike = Some((label, index));
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
    }

    /// Whether an answer holds a verdict that names the same winners.
    fn is_planted(&mut self, voices: &[Voice]) -> bool {
        let (answers, reader) = (self.answers.as_ref(), self.reader);
        let planted = self.planted.get_or_insert_with(|| {
            let texts = answers.into_iter().flat_map(Answers::texts);
            Planted::new(texts, reader)
        });
        let said: Vec<Said> = voices.iter().map(|voice| voice.said).collect();
        planted.name_all(&said)
    }

    fn finish(self) -> Resolved {
        let mut repairs = Repairs::NONE;
        let mut passed_over = self.passed_over;
        let mut origins = Vec::new();
        let labels: Vec<_> = self
            .standings
            .iter()
            .map(|standing| {
                let own = standing.settled.or(standing.told);
                let others = standing.in_answer.filter(|_| self.has_own_lines);
                let stands = own.or(standing.alike).or(others);
                passed_over |= own.is_some() && standing.alike.is_some();
                passed_over |= standing.in_answer.is_some() && stands != standing.in_answer;
                let Some((label, origin)) = stands else {
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
        let said = labels.iter().flatten();
        let is_told = said.fold(repairs, |all, label: &Labelled| all.and(label.repairs));
        for origin in origins {
            repairs = repairs.and(self.wrapping(origin)).with_if(
                self.is_joined(origin) || (!is_told.tell_no_json() && !self.is_json(origin)),
                Repair::StrayText,
            );
        }
        Resolved {
            labels,
            repairs,
            #[cfg(test)]
            compared: self.answers.map_or(0, |answers| answers.compared),
        }
    }

    /// Whether an object is one of JSON, and not only read as one; key lines are none.
    fn is_json(&self, origin: usize) -> bool {
        self.found.nodes.get(origin).is_none_or(|node| {
            let object = slice(self.reply, node.start, node.end);
            node.kind != Kind::Object || serde_json::from_str::<IgnoredAny>(object).is_ok()
        })
    }

    /// Whether something was taken out of the middle of an object.
    fn is_joined(&self, origin: usize) -> bool {
        self.found.nodes.get(origin).is_some_and(|node| {
            let within = |&seam: &usize| node.start < seam && seam < node.end;
            self.seams.iter().any(within)
        })
    }

    /// What stands around an object.
    fn wrapping(&self, origin: usize) -> Repairs {
        let Some(node) = self.found.nodes.get(origin) else {
            return Repairs::NONE;
        };
        let is_gap = |c: char| c.is_whitespace() || c == '>';
        let before = slice(self.reply, 0, node.start);
        let after = slice(self.reply, node.end, self.reply.len()).trim_start_matches(is_gap);
        let fences = before
            .lines()
            .map(|line| line.trim_start_matches(['>', ' ']))
            .filter(|line| line.starts_with("```") || line.starts_with("~~~"));
        let in_fence = fences.count() % 2 == 1;
        let before = before.trim_end_matches(is_gap);
        let is_element = before.ends_with(['[', '［'])
            || (before
                .strip_suffix(',')
                .is_some_and(|list| list.trim_end().ends_with('}'))
                && after.starts_with([',', ']']));
        let is_closed_twice =
            after.starts_with(['}', '｝']) || (after.starts_with(']') && !before.contains('['));
        let in_braces = before.ends_with(['{', '｛']) || is_closed_twice;
        Repairs::NONE
            .with_if(in_braces, Repair::ExtraBrace)
            .with_if(is_element, Repair::ArrayWrapped)
            .with_if(in_fence, Repair::Fence)
    }
}

impl Voice {
    fn speaks(&self) -> bool {
        matches!(self.said, Said::Label(_) | Said::Twice)
    }

    /// What is quoted says nothing.
    fn unless_quoted(self) -> Self {
        if self.whose != Whose::Quoted {
            return self;
        }
        Self {
            said: if self.speaks() {
                Said::Unread(Unread::InAnswer)
            } else {
                self.said
            },
            whose: Whose::Own,
            ..self
        }
    }
}

/// What an object says, from its own keys and what stands in it.
fn combine(own: Voice, nested: Nested) -> Voice {
    let mut voice = match (own.said, nested.object.said) {
        (Said::Label(_), Said::Label(_)) if own.whose != nested.object.whose => {
            if own.whose > nested.object.whose {
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
        Said::Label(_) => voice.whose > nested.aside.whose,
        Said::Twice => false,
        Said::Nothing | Said::Unread(_) => true,
    };
    if unheard && matches!(nested.aside.said, Said::Label(_)) {
        voice = Voice {
            aside: true,
            ..nested.aside
        };
    } else if voice.said == Said::Nothing {
        voice = nested.aside;
    }
    voice
}

/// Keeps the later of two voices, which is heard first: it stands unless it gives
/// no label and the earlier does, or only the later is like an answer's or among reasons.
fn hear(later: &mut Voice, earlier: Voice) {
    let rank = |voice: &Voice| (voice.whose, voice.in_reasons);
    let later_stands = match later.said {
        Said::Label(_) => rank(later) <= rank(&earlier),
        _ => false,
    };
    let earlier_speaks = matches!(earlier.said, Said::Label(_)) || later.said == Said::Nothing;
    if !later_stands && earlier_speaks {
        *later = earlier;
    }
}

/// Takes in what an earlier line of the same block says: of two in one's own words the
/// one that is no sentence stands.
fn merge_line(lines: &mut Voice, line: Voice) {
    if lines.whose != line.whose {
        hear(lines, line);
        return;
    }
    let mut said = line.said;
    match (line.said, lines.said) {
        (Said::Label(one), Said::Label(two)) if one.is_plain != two.is_plain => {
            if two.is_plain {
                said = lines.said;
            }
        }
        _ => said.merge(lines.said),
    }
    *lines = Voice { said, ..line };
}
