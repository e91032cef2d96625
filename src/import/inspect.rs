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

use std::io::{Cursor, Read};
use std::path::Path;

use serde_json::value::RawValue;

use super::gold::{RIGHT, WRONG};
use super::record::{Fault, Fields, Record, Source, is_null, list, number};
use super::rows::{Asked, Row, Verdict};
use super::sheet::Sheet;
use super::tally::Effect;
use super::words::choice;
use super::{Made, Part, Reader, identity};
use crate::analysis::source_figures::{Figure, SourceFigures, Unit};
use crate::problem::Problem;
use crate::verdict::{Choice, MissingReason, Order, Outcome};

const RUBRIC: &str = "inspect";
/// Largest entry of a log that is read: what unpacks to more is no sample.
const LARGEST: u64 = 1 << 30;
/// What is kept of a sample.
const KEPT: [&str; 9] = [
    "id", "epoch", "input", "choices", "target", "output", "scores", "score", "metadata",
];

/// The records of a log: its header, then its samples.
pub(super) fn open(path: &Path, bytes: Vec<u8>) -> Result<Source, Box<Problem>> {
    let mut text = String::new();
    if bytes.starts_with(b"PK") {
        unpack(path, bytes, &mut text)?;
        return Ok(Source {
            path: path.to_owned(),
            text,
            lines: Vec::new(),
            not_numbers: 0,
        }
        .without_not_numbers());
    }
    let source = Source::new(path, bytes)?.without_not_numbers();
    let Some(log) = source
        .records()?
        .first()
        .and_then(|record| Fields::of(record.raw))
    else {
        return Err(Box::new(Problem::error(path, "the file holds no log")));
    };
    append(&log, &["version", "status", "eval", "results"], &mut text);
    for sample in log.list(&["samples"]).ok().flatten().unwrap_or_default() {
        if let Some(sample) = Fields::of(sample) {
            append(&sample, &KEPT, &mut text);
        }
    }
    Ok(Source {
        path: path.to_owned(),
        text,
        lines: Vec::new(),
        not_numbers: source.not_numbers,
    })
}

fn unpack(path: &Path, bytes: Vec<u8>, text: &mut String) -> Result<(), Box<Problem>> {
    let broken = |error: zip::result::ZipError| {
        Problem::error(path, format!("the log cannot be unpacked: {error}"))
            .help("get the whole file again")
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut names: Vec<String> = Vec::new();
    for name in archive.file_names() {
        names.push(name.map_err(broken)?.into_owned());
    }
    names.sort_unstable();
    let is_sample = |name: &String| {
        let Some(rest) = name.strip_prefix("samples/") else {
            return false;
        };
        // The newer layout has a folder a sample, the messages in files of their own.
        rest.strip_suffix(".json")
            .is_some_and(|stem| !stem.contains('/') || stem.ends_with("/sample"))
    };
    // A log that was not finished has its header in the journal.
    let header = ["header.json", "_journal/start.json"]
        .into_iter()
        .find(|header| names.iter().any(|name| name == header));
    let Some(header) = header else {
        return Err(Box::new(Problem::error(
            path,
            "the file is a zip without `header.json`, and no Inspect log",
        )));
    };
    let samples: Vec<String> = names
        .iter()
        .filter(|name| is_sample(name))
        .cloned()
        .collect();
    for (name, kept) in std::iter::once((header, &["version", "status", "eval", "results"][..]))
        .chain(samples.iter().map(|name| (name.as_str(), &KEPT[..])))
    {
        let entry = archive.by_name(name).map_err(broken)?;
        let mut bytes = Vec::new();
        entry
            .take(LARGEST)
            .read_to_end(&mut bytes)
            .map_err(|error| {
                Problem::error(path, format!("`{name}` cannot be unpacked: {error}"))
            })?;
        let inner = Source::new(path, bytes)
            .map_err(|problem| problem.field(name))?
            .without_not_numbers();
        let records = inner.records().map_err(|problem| problem.field(name))?;
        let fields = records.first().and_then(|record| Fields::of(record.raw));
        let fields =
            fields.ok_or_else(|| Problem::error(path, "expected an object").field(name))?;
        append(&fields, kept, text);
    }
    Ok(())
}

/// Appends some of an object's fields as an object.
fn append(fields: &Fields<'_>, kept: &[&str], text: &mut String) {
    text.push('{');
    let chosen = fields.pairs().filter(|(name, _)| kept.contains(name));
    for (i, (name, raw)) in chosen.enumerate() {
        if i > 0 {
            text.push(',');
        }
        text.push('"');
        text.push_str(name);
        text.push_str("\":");
        text.push_str(raw.get());
    }
    text.push_str("}\n");
}

pub(super) struct Inspect<'o> {
    pub(super) baseline: Option<&'o str>,
    pub(super) judge: Option<&'o str>,
}

/// What the header says.
#[derive(Default)]
struct Header {
    model: Option<String>,
    grader: Option<String>,
    task: Option<String>,
    /// Scorer, metric and value.
    metrics: Vec<(String, String, f64)>,
}

/// A label of a sample.
pub(super) struct Label {
    item: String,
    question: String,
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
        let labels: Vec<Vec<Label>> = sheet.each(samples, |sheet, record| {
            self.sample(&header, sheet, record).map(Some)
        });
        let labels: Vec<Label> = labels.into_iter().flatten().collect();
        if labels.is_empty() && !samples.is_empty() {
            sheet.fault(first, Fault::new("scores", "no score of the log is a pairwise label: expected values such as A, B and tie; win, tie and loss; shares from 0 to 1; or C and I with a target of A or B"));
        }
        Log { header, labels }
    }

    fn combine(&self, parts: Vec<Part<Log>>, made: &mut Made) {
        for part in &parts {
            for label in &part.given.labels {
                made.rows.push(&Row {
                    asked: Asked {
                        item: &label.item,
                        persona: &label.persona,
                        question: &label.question,
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
            let header = &part.given.header;
            if header.metrics.is_empty() {
                continue;
            }
            let figures = header.metrics.iter().map(|(scorer, metric, value)| {
                Figure::new(
                    format!("{scorer}/{metric}"),
                    Some(*value),
                    Unit::Score,
                    "as the log states it",
                )
            });
            made.figures.push(SourceFigures {
                source: "inspect".to_owned(),
                subject: format!(
                    "{}, {}",
                    header.task.as_deref().unwrap_or("task"),
                    header.model.as_deref().unwrap_or("model")
                ),
                also_called: header.model.iter().cloned().collect(),
                comparison: None,
                figures: figures.collect(),
                estimate: None,
                why_they_differ: vec![
                    "The log's metrics take every sample for independent; the report's intervals are over questions, epochs of a sample taken together.".to_owned(),
                ],
            });
        }
    }
}

fn header(fields: &Fields<'_>) -> Result<Header, Fault> {
    let eval = fields.object(&["eval"])?.unwrap_or_default();
    let grader = match eval.object(&["model_roles"])? {
        Some(roles) => match roles.raw(&["grader", "judge"]) {
            Some(raw) => match Fields::of(raw) {
                Some(role) => role.text(&["model"])?.map(String::from),
                None => roles.text(&["grader", "judge"])?.map(String::from),
            },
            None => None,
        },
        None => None,
    };
    let mut metrics = Vec::new();
    if let Ok(Some(results)) = fields.object(&["results"]) {
        for raw in results.list(&["scores"]).ok().flatten().unwrap_or_default() {
            metrics.extend(metrics_of(raw).unwrap_or_default());
        }
    }
    Ok(Header {
        model: eval.text(&["model"])?.map(String::from),
        task: eval.text(&["task"])?.map(String::from),
        grader,
        metrics,
    })
}

/// Scorer, metric and value of one of the log's results.
fn metrics_of(raw: &RawValue) -> Option<Vec<(String, String, f64)>> {
    let score = Fields::of(raw)?;
    let scorer = score.text(&["name", "scorer"]).ok()??.into_owned();
    let metrics = score.raw(&["metrics"])?;
    let value = |raw: &RawValue| Fields::of(raw)?.number(&["value"]).ok()?;
    let named = |(name, raw): (String, &RawValue)| Some((scorer.clone(), name, value(raw)?));
    if let Some(all) = list(metrics) {
        let name = |raw: &RawValue| Some(Fields::of(raw)?.text(&["name"]).ok()??.into_owned());
        return Some(
            all.into_iter()
                .filter_map(|raw| named((name(raw)?, raw)))
                .collect(),
        );
    }
    let all = Fields::of(metrics)?;
    let all = all.pairs().map(|(name, raw)| (name.to_owned(), raw));
    Some(all.filter_map(named).collect())
}

/// Whom a sample compares.
struct Sides<'a> {
    metadata: Fields<'a>,
    target: Option<Choice>,
    answer: Option<Choice>,
    order: Option<Order>,
}

impl Inspect<'_> {
    fn sample(
        &self,
        header: &Header,
        sheet: &mut Sheet<'_>,
        record: &Record<'_>,
    ) -> Result<Vec<Label>, Fault> {
        let fields = Fields::of_record(record)?;
        let id = fields.required_text(&["id"])?.into_owned();
        let epoch = fields.number(&["epoch"])?.unwrap_or(1.0).max(1.0) as u16;
        let metadata = fields.object(&["metadata"])?.unwrap_or_default();
        let text = |names: &[&str]| metadata.text(names).ok().flatten().map(String::from);
        let question = text(&["question_id", "question"]).unwrap_or_else(|| id.clone());
        // A question's text is no id.
        let question = if question.chars().count() > 60 {
            identity(&question)
        } else {
            question
        };
        let order = match text(&["order"]).as_deref() {
            Some("candidate_first") => Some(Order::CandidateFirst),
            Some("opponent_first") => Some(Order::OpponentFirst),
            _ => None,
        };
        let target = fields.text(&["target"]).ok().flatten();
        let mut sides = Sides {
            target: target.and_then(|target| choice(&target)),
            answer: None,
            order,
            metadata,
        };
        sheet.about(record, &id);
        let mut labels = Vec::new();
        let Some(scores) = fields.object(&["scores"])? else {
            sheet.count(Effect::Skipped, "a sample without scores", record);
            return Ok(labels);
        };
        for (scorer, raw) in scores.pairs() {
            let score = Fields::of(raw).unwrap_or_default();
            sides.answer = score
                .text(&["answer"])
                .ok()
                .flatten()
                .and_then(|text| choice(&text));
            let Some(value) = score.raw(&["value"]).or_else(|| number(raw).map(|_| raw)) else {
                sheet.count(Effect::Skipped, "a score without a value", record);
                continue;
            };
            let each: Vec<(&str, &RawValue)> = match Fields::of(value) {
                Some(_) => Vec::new(),
                None => vec![(scorer, value)],
            };
            let inner = Fields::of(value).unwrap_or_default();
            for (criterion, value) in each.into_iter().chain(inner.pairs()) {
                let Some((verdict, known)) = verdict(value, &sides) else {
                    sheet.count(Effect::Skipped, "a score that is no pairwise label", record);
                    continue;
                };
                if verdict.outcome() == Outcome::Missing {
                    sheet.count(Effect::Missing, "a score without a verdict", record);
                }
                let [candidate, opponent, judge] = self.names(header, &sides, scorer, known);
                let text =
                    |names: &[&str]| sides.metadata.text(names).ok().flatten().map(String::from);
                labels.push(Label {
                    item: id.clone(),
                    question: question.clone(),
                    persona: text(&["persona"]).unwrap_or_default(),
                    topic: text(&["topic", "category"]),
                    candidate,
                    opponent,
                    judge,
                    criterion: criterion.to_owned(),
                    order: if known {
                        target_order(&sides)
                    } else {
                        sides.order
                    },
                    epoch,
                    verdict,
                });
            }
        }
        Ok(labels)
    }

    /// Candidate, opponent and judge; `known` where the right side is known.
    fn names(&self, header: &Header, sides: &Sides<'_>, scorer: &str, known: bool) -> [String; 3] {
        let text = |names: &[&str]| sides.metadata.text(names).ok().flatten().map(String::from);
        let given = text(&["candidate", "model_a", "model_1"]);
        let against = text(&["opponent", "baseline", "reference", "model_b", "model_2"]);
        let model = header.model.clone().unwrap_or_else(|| "model".to_owned());
        let judge = self
            .judge
            .map(str::to_owned)
            .or_else(|| header.grader.clone());
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
        let opponent = against
            .or(baseline)
            .unwrap_or_else(|| "baseline".to_owned());
        [given.unwrap_or(model), opponent, judge]
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
    if is_null(value) {
        return Some((Verdict::Missing(MissingReason::NoVerdict), false));
    }
    if !value.get().starts_with('"') {
        let share = number(value)?;
        return (0.0..=1.0)
            .contains(&share)
            .then_some((Verdict::Graded(share), false));
    }
    let word = super::record::string(value);
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
