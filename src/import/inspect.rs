//! Inspect logs whose scores are pairwise labels (`.eval`, a zip, or `.json`).
//!
//! A score's `value` is a word for a side (A, B, first, second, tie), or for the
//! candidate (win, tie, loss), or the candidate's share from 0 to 1, or an object of
//! these by criterion. Where it is `C` or `I` and the sample's `target` is a side,
//! the model is a judge with a known answer, and the right side is the candidate.
//! Models, question and order are in the sample's `metadata` where they are known.
//!
//! Of a sample only what is used is kept: its messages and events are left in the
//! log.

mod figures;
mod header;
mod log;
mod tasks;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use serde_json::value::RawValue;

use self::header::{Header, header};
pub(super) use self::log::open;
use self::tasks::{Tasks, input_identity};
use super::gold::{RIGHT, WRONG};
use super::notes::most_of;
use super::record::{Fault, Fields, Record, kind, list, number, string};
use super::rows::{Asked, Row, Verdict};
use super::sheet::Sheet;
use super::tally::{Effect, WITH_ITSELF};
use super::words::choice;
use super::{Made, Part, Reader, identity};
use crate::analysis::source_figures::Subject;
use crate::input::source::shown;
use crate::verdict::{Choice, MissingReason, Order, Outcome};

const RUBRIC: &str = "inspect";
/// The opponent of a log that names none.
const UNNAMED: &str = "baseline";
/// What the metadata may call the candidate.
const CANDIDATES: [&str; 3] = ["candidate", "model_a", "model_1"];
/// What the metadata may call the opponent.
const OPPONENTS: [&str; 5] = ["opponent", "baseline", "reference", "model_b", "model_2"];

pub(super) struct Inspect<'o> {
    pub(super) baseline: Option<&'o str>,
    pub(super) judge: Option<&'o str>,
}

/// A label of a sample.
#[derive(Clone)]
pub(super) struct Label {
    item: String,
    question: String,
    /// What tells the sample's question from others of its id: its name in the metadata, else
    /// what the model was given.
    asked: String,
    persona: String,
    topic: Option<String>,
    candidate: String,
    opponent: String,
    judge: String,
    criterion: String,
    order: Option<Order>,
    epoch: u16,
    verdict: Verdict,
}

/// What a log holds.
#[derive(Default)]
pub(super) struct Log {
    header: Header,
    labels: Vec<Label>,
}

impl Reader for Inspect<'_> {
    type Part = Log;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> Log {
        let Some((first, samples)) = records.split_first() else {
            return Log::default();
        };
        let header = Fields::of_record(first).and_then(|fields| header(&fields));
        let header = match header {
            Ok(header) => header,
            Err(fault) => {
                sheet.fault(first, fault);
                return Log::default();
            }
        };
        if samples.is_empty() {
            sheet.fault(first, Fault::new("samples", "the log holds no sample"));
        }
        let read = sheet.each(samples, |sheet, record| {
            self.sample(&header, sheet, record)
                .map(|sample| Some((*record, sample)))
        });
        let others: BTreeSet<String> = read
            .iter()
            .flat_map(|(_, sample)| sample.others.iter().cloned())
            .collect();
        let read = without_scales(read, sheet);
        // Of samples that are all wrong it is said already what is wrong with each.
        let some_read = !read.is_empty();
        let labels = self.with_missing(&header, read, sheet);
        if labels.is_empty() && some_read {
            let found = match most_of(others.into_iter()) {
                found if found.is_empty() => found,
                found => format!("found {found}, "),
            };
            let message = format!(
                "no score of the log is a pairwise label: {found}expected values such as A, B and tie; win, tie and loss; shares from 0 to 1; or C and I with a target of A or B"
            );
            sheet.fault(first, Fault::new("scores", message));
        }
        Log { header, labels }
    }

    fn combine(&self, parts: Vec<Part<Log>>, made: &mut Made) {
        let subjects: Vec<BTreeSet<Subject>> = parts
            .iter()
            .map(|part| figures::subjects(&part.given.labels))
            .collect();
        let mut logs_of: HashMap<&Subject, usize> = HashMap::new();
        for subject in subjects.iter().flatten() {
            *logs_of.entry(subject).or_default() += 1;
        }
        let tasks = Tasks::of(&parts);
        made.notes.extend(tasks.note());
        for (part, subjects) in parts.iter().zip(&subjects) {
            made.begin(&part.path);
            for label in &part.given.labels {
                let [item, question] = tasks.names(&part.given.header, label);
                made.rows.push(&Row {
                    asked: Asked {
                        item: &item,
                        persona: &label.persona,
                        question: &question,
                        topic: label.topic.as_deref(),
                        ..Asked::default()
                    },
                    candidate: &label.candidate,
                    opponent: &label.opponent,
                    judge: &label.judge,
                    rubric: RUBRIC,
                    criterion: &label.criterion,
                    order: label.order,
                    sample: label.epoch,
                    verdict: label.verdict,
                    candidate_chars: None,
                    opponent_chars: None,
                });
            }
            made.notes
                .extend(figures::of_status(&part.given.header, &part.path));
            made.figures
                .push(figures::figures(&part.given, subjects, &logs_of));
        }
    }
}

/// Whom a sample compares.
struct Sides<'a> {
    metadata: Fields<'a>,
    target: Option<Choice>,
    answer: Option<Choice>,
    order: Option<Order>,
    /// What the metadata has for an order that is none known here.
    other_order: Option<String>,
}

/// A sample with the labels that its scores give.
struct Sample<'a> {
    id: String,
    question: String,
    asked: String,
    epoch: u16,
    sides: Sides<'a>,
    labels: Vec<(Scored, Label)>,
    /// Scorers and criteria with a number that is no share.
    beyond: Vec<(String, String)>,
    /// Values that are no label, in words.
    others: Vec<String>,
}

/// What a score is about: its scorer and criterion, and whether the right side is known.
type Scored = (String, String, bool);

impl Sample<'_> {
    fn text(&self, names: &[&str]) -> Option<String> {
        let text = self.sides.metadata.text(names).ok().flatten();
        text.map(String::from)
    }
}

impl Inspect<'_> {
    fn sample<'a>(
        &self,
        header: &Header,
        sheet: &mut Sheet<'_>,
        record: &Record<'a>,
    ) -> Result<Sample<'a>, Fault> {
        let fields = Fields::of_record(record)?;
        let id = fields.required_text(&["id"])?.into_owned();
        sheet.about(record, &id);
        let mut sample = Sample {
            epoch: fields.number(&["epoch"])?.unwrap_or(1.0).max(1.0) as u16,
            sides: sides(&fields)?,
            question: String::new(),
            asked: String::new(),
            labels: Vec::new(),
            beyond: Vec::new(),
            others: Vec::new(),
            id,
        };
        let question = sample.text(&["question_id", "question"]);
        let input = || fields.raw(&["input"]).map(input_identity);
        sample.asked = question.clone().or_else(input).unwrap_or_default();
        let question = question.unwrap_or_else(|| sample.id.clone());
        // A question's text is no id.
        sample.question = if question.chars().count() > 60 {
            identity(&question)
        } else {
            question
        };
        let scores = fields.object(&["scores"])?.unwrap_or_default();
        // The first version of logs has one scorer, whom its header names.
        let only = fields.raw(&["score"]).filter(|_| !fields.has("scores"));
        let named = header.metrics.first().map(|(scorer, ..)| scorer.as_str());
        let only = only.map(|raw| (named.unwrap_or("score"), raw));
        for (scorer, raw) in scores.pairs().chain(only) {
            let score = Fields::of(raw).unwrap_or_default();
            let answer = score.text(&["answer"]).ok().flatten();
            sample.sides.answer = answer.and_then(|text| choice(&text));
            let Some(value) = score.raw(&["value"]).or_else(|| number(raw).map(|_| raw)) else {
                continue;
            };
            let each: Vec<(&str, &RawValue)> = match Fields::of(value) {
                Some(_) => Vec::new(),
                None => vec![(scorer, value)],
            };
            let inner = Fields::of(value).unwrap_or_default();
            for (criterion, value) in each.into_iter().chain(inner.pairs()) {
                let Some((verdict, known)) = verdict(value, &sample.sides) else {
                    sheet.count(Effect::Skipped, "a score that is no pairwise label", record);
                    sample.others.push(in_words(value));
                    if !value.get().starts_with('"') && number(value).is_some() {
                        let about = (scorer.to_owned(), criterion.to_owned());
                        sample.beyond.push(about);
                    }
                    continue;
                };
                if verdict.outcome() == Outcome::Missing {
                    sheet.count(Effect::Missing, "a score without a verdict", record);
                }
                if scorer.trim().is_empty() || criterion.trim().is_empty() {
                    return Err(Fault::unnamed("scores"));
                }
                let about = (scorer.to_owned(), criterion.to_owned(), known);
                let label = self.label(header, &sample, &about, verdict);
                if !known && label.opponent == UNNAMED {
                    let reason =
                        "no opponent is named, in the metadata or by --baseline: called `baseline`";
                    sheet.count(Effect::Kept, reason, record);
                }
                if !known && sample.sides.order.is_none() && choice_of(value).is_some() {
                    if let Some(other) = &sample.sides.other_order {
                        let message = format!(
                            "found `{other}`, expected candidate_first or opponent_first, without which nobody can tell whose answer is A"
                        );
                        return Err(Fault::new("metadata.order", message));
                    }
                    let reason = "no `order` in the metadata: A is taken to be the candidate";
                    sheet.count(Effect::Kept, reason, record);
                }
                sample.labels.push((about, label));
            }
        }
        Ok(sample)
    }

    /// The labels of all samples. Where other samples have a label, one without a score,
    /// as after an error, has a missing one.
    fn with_missing(
        &self,
        header: &Header,
        samples: Vec<(Record<'_>, Sample<'_>)>,
        sheet: &mut Sheet<'_>,
    ) -> Vec<Label> {
        let labels = samples.iter().flat_map(|(_, sample)| &sample.labels);
        let all: BTreeSet<Scored> = labels.map(|(about, _)| about.clone()).collect();
        let mut labels = Vec::new();
        for (record, mut sample) in samples {
            for about in &all {
                if is_missing(about, &sample) {
                    let verdict = Verdict::Missing(MissingReason::NoVerdict);
                    let label = self.label(header, &sample, about, verdict);
                    if label.candidate != label.opponent {
                        let reason =
                            "a sample without a label that other samples have from the same scorer";
                        sheet.count(Effect::Missing, reason, &record);
                    }
                    sample.labels.push((about.clone(), label));
                }
            }
            for (_, label) in sample.labels {
                if label.candidate == label.opponent {
                    sheet.count(Effect::Skipped, WITH_ITSELF, &record);
                } else {
                    labels.push(label);
                }
            }
        }
        labels
    }

    fn label(
        &self,
        header: &Header,
        sample: &Sample<'_>,
        (scorer, criterion, known): &Scored,
        verdict: Verdict,
    ) -> Label {
        let [candidate, opponent, judge] = self.names(header, &sample.sides, scorer, *known);
        Label {
            item: sample.id.clone(),
            question: sample.question.clone(),
            asked: sample.asked.clone(),
            persona: sample.text(&["persona"]).unwrap_or_default(),
            topic: sample.text(&["topic", "category"]),
            candidate,
            opponent,
            judge,
            criterion: criterion.clone(),
            order: if *known {
                target_order(&sample.sides)
            } else {
                sample.sides.order
            },
            epoch: sample.epoch,
            verdict,
        }
    }

    /// Candidate, opponent and judge; `known` where the right side is known.
    fn names(&self, header: &Header, sides: &Sides<'_>, scorer: &str, known: bool) -> [String; 3] {
        let text = |names: &[&str]| sides.metadata.text(names).ok().flatten().map(String::from);
        let [given, against] = [&CANDIDATES[..], &OPPONENTS[..]].map(text);
        let model = header.model.clone().unwrap_or_else(|| "model".to_owned());
        let given_judge = self.judge.map(str::to_owned);
        let judge = header.grader.clone().or(given_judge);
        let judges_others = known || (given.is_some() && against.is_some());
        let judge = judge.unwrap_or_else(|| {
            if judges_others {
                model.clone()
            } else {
                scorer.to_owned()
            }
        });
        if known {
            return [RIGHT.to_owned(), WRONG.to_owned(), judge];
        }
        let baseline = self.baseline.map(str::to_owned);
        let opponent = against.or(baseline).unwrap_or_else(|| UNNAMED.to_owned());
        [given.unwrap_or(model), opponent, judge]
    }
}

fn sides<'a>(fields: &Fields<'a>) -> Result<Sides<'a>, Fault> {
    let metadata = fields.object(&["metadata"])?.unwrap_or_default();
    for names in [&CANDIDATES[..], &OPPONENTS[..]] {
        // Whatever else it holds may be of another kind.
        if metadata
            .raw(names)
            .is_some_and(|raw| raw.get().starts_with('"'))
        {
            metadata.name(names)?;
        }
    }
    // A number may be anything, as the sample's place in its data set.
    let order = metadata.raw(&["order"]);
    let order = order.filter(|raw| raw.get().starts_with('"')).map(string);
    let (order, other_order) = match order.as_deref() {
        None => (None, None),
        Some("candidate_first") => (Some(Order::CandidateFirst), None),
        Some("opponent_first") => (Some(Order::OpponentFirst), None),
        Some(other) => (None, Some(shown(other))),
    };
    // A question with more choices than two is no pair.
    let choices = fields.list(&["choices"]).ok().flatten().unwrap_or_default();
    let target = target_of(fields).filter(|_| choices.len() <= 2);
    Ok(Sides {
        target: target.and_then(|target| choice(&target)),
        answer: None,
        order,
        other_order,
        metadata,
    })
}

/// The target of a sample, which may be a list of one.
fn target_of<'a>(fields: &Fields<'a>) -> Option<Cow<'a, str>> {
    let raw = fields.raw(&["target"])?;
    match list(raw).as_deref() {
        Some([one]) if one.get().starts_with('"') => Some(string(one)),
        Some(_) => None,
        None => fields.text(&["target"]).ok().flatten(),
    }
}

/// Numbers of a scorer are shares only where all of them are from 0 to 1.
fn without_scales<'a>(
    mut samples: Vec<(Record<'a>, Sample<'a>)>,
    sheet: &mut Sheet<'_>,
) -> Vec<(Record<'a>, Sample<'a>)> {
    let beyond = samples.iter().flat_map(|(_, sample)| &sample.beyond);
    let scales: BTreeSet<(String, String)> = beyond.cloned().collect();
    let is_of_scale = |((scorer, criterion, _), label): &(Scored, Label)| {
        matches!(label.verdict, Verdict::Graded(_))
            && scales.contains(&(scorer.clone(), criterion.clone()))
    };
    for (record, sample) in &mut samples {
        for _ in sample.labels.extract_if(.., |one| is_of_scale(one)) {
            let reason = "a number of a scale that goes beyond 0 to 1, and so no share";
            sheet.count(Effect::Skipped, reason, record);
        }
    }
    samples
}

/// Whether a sample should have a label of this scorer and criterion and has none. A
/// scorer may give one value for some samples, and values by criterion for others.
fn is_missing((scorer, criterion, known): &Scored, sample: &Sample<'_>) -> bool {
    let is_judged = !known || target_order(&sample.sides).is_some();
    let labels = sample.labels.iter().map(|(about, _)| about);
    let mut of_scorer = labels.filter(|(other, ..)| other == scorer);
    is_judged
        && of_scorer
            .all(|(_, other, _)| other != criterion && (other == scorer) == (criterion == scorer))
}

/// The side that a value names.
fn choice_of(value: &RawValue) -> Option<Choice> {
    let text = value.get().starts_with('"').then(|| string(value))?;
    let is_outcome = ["win", "loss", "lose"].contains(&text.trim().to_lowercase().as_str());
    choice(&text).filter(|_| !is_outcome)
}

/// A value that is no label.
fn in_words(value: &RawValue) -> String {
    if value.get().starts_with('"') {
        format!("`{}`", shown(&string(value)))
    } else if let Some(number) = number(value) {
        format!("the number {number}")
    } else {
        kind(value).to_owned()
    }
}

/// Where the right side stood.
fn target_order(sides: &Sides<'_>) -> Option<Order> {
    match sides.target {
        Some(Choice::First) => Some(Order::CandidateFirst),
        Some(Choice::Second) => Some(Order::OpponentFirst),
        _ => None,
    }
}

/// The verdict of a value, and whether the candidate is the side that is known to be
/// right; `None` where the value is no pairwise label.
fn verdict(value: &RawValue, sides: &Sides<'_>) -> Option<(Verdict, bool)> {
    if !value.get().starts_with('"') {
        let share = number(value)?;
        return (0.0..=1.0)
            .contains(&share)
            .then_some((Verdict::Graded(share), false));
    }
    let word = string(value);
    let order = sides.order.unwrap_or(Order::CandidateFirst);
    let known_side = matches!(sides.target, Some(Choice::First | Choice::Second));
    match word.trim().to_lowercase().as_str() {
        "win" => return Some((Verdict::Given(Outcome::Win), false)),
        "loss" | "lose" => return Some((Verdict::Given(Outcome::Loss), false)),
        "c" if known_side => return Some((Verdict::Given(Outcome::Win), true)),
        "p" if known_side => return Some((Verdict::Given(Outcome::Tie), true)),
        "i" if known_side => {
            let outcome = match sides.answer {
                Some(Choice::Tie) => Outcome::Tie,
                _ => Outcome::Loss,
            };
            return Some((Verdict::Given(outcome), true));
        }
        "n" if known_side => return Some((Verdict::Missing(MissingReason::NoVerdict), true)),
        "n" | "" => return Some((Verdict::Missing(MissingReason::NoVerdict), false)),
        _ => {}
    }
    choice(&word).map(|choice| (Verdict::Given(choice.outcome(order)), false))
}
