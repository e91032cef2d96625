//! Label Studio's JSON export: choices or pairwise tags of people.
//!
//! A task's `annotations` have `result`s: `choices` whose text says left, right or
//! tie (also A, B, 1, 2), or `pairwise` with `selected`. What a task is about is in
//! its `data`: `candidate` and `opponent` with the `order` in which they stood left
//! and right, or the two models by side (`left_model`, `right_model`; `model_a`,
//! `model_b`); and `item`, `persona`, `question`, `topic`, `criterion`, `sample`.
//! Without models the sides themselves are compared. A tag's name is the criterion
//! where the data gives none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::record::{Fault, Fields, Record, list, string};
use super::rows::{Asked, Row, Verdict};
use super::sheet::Sheet;
use super::tally::Effect;
use super::words::choice;
use super::{Made, Part, Reader};
use crate::analysis::source_figures::{Figure, SourceFigures};
use crate::verdict::{Choice, Order};

pub(super) struct LabelStudio;

/// What a task is about.
struct Task {
    item: String,
    persona: String,
    question: String,
    topic: Option<String>,
    candidate: String,
    opponent: String,
    order: Order,
    criterion: Option<String>,
    sample: u16,
}

/// A person's choice on a task.
pub(super) struct Label {
    annotator: String,
    tag: String,
    choice: Choice,
}

/// A task with its labels.
pub(super) struct Labelled {
    task: Task,
    labels: Vec<Label>,
}

impl Reader for LabelStudio {
    type Part = Vec<Labelled>;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> Vec<Labelled> {
        let all = sheet.each(records, |sheet, record| {
            let fields = Fields::of_record(record)?;
            let task = task(&fields)?;
            sheet.about(record, task_item(&task));
            let annotations = fields
                .list(&["annotations", "completions"])?
                .unwrap_or_default();
            if annotations.is_empty() {
                sheet.count(Effect::Skipped, "a task without annotations", record);
            }
            let mut labels = Vec::new();
            for raw in annotations {
                labels.extend(annotation(raw, sheet, record)?);
            }
            Ok(Some(Labelled { task, labels }))
        });
        if let Some(first) = records.first()
            && !all.is_empty()
            && all.iter().all(|task| task.labels.is_empty())
        {
            sheet.fault(
                first,
                Fault::new(
                    "annotations",
                    "no annotation of any task says left, right or tie (or A, B; 1, 2)",
                ),
            );
        }
        all
    }

    fn combine(&self, parts: Vec<Part<Vec<Labelled>>>, made: &mut Made) {
        let all = || parts.iter().flat_map(|part| &part.given);
        let tags: BTreeSet<&str> = all()
            .flat_map(|labelled| &labelled.labels)
            .map(|label| &*label.tag)
            .collect();
        for labelled in all() {
            let task = &labelled.task;
            for label in &labelled.labels {
                let criterion = match &task.criterion {
                    Some(criterion) if tags.len() == 1 => criterion,
                    _ => &label.tag,
                };
                made.labels.push(&Row {
                    asked: Asked {
                        item: &task.item,
                        persona: &task.persona,
                        question: &task.question,
                        topic: task.topic.as_deref(),
                        ..Asked::default()
                    },
                    candidate: &task.candidate,
                    opponent: &task.opponent,
                    judge: &label.annotator,
                    rubric: "label-studio",
                    criterion,
                    order: Some(task.order),
                    sample: task.sample,
                    verdict: Verdict::Given(label.choice.outcome(task.order)),
                    candidate_chars: None,
                    opponent_chars: None,
                });
            }
        }
        let mut by_person: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
        for label in all().flat_map(|labelled| &labelled.labels) {
            let place = match label.choice {
                Choice::First => 0,
                Choice::Second => 1,
                Choice::Tie => 2,
            };
            by_person.entry(&label.annotator).or_default()[place] += 1;
        }
        for (annotator, counts) in by_person {
            let names = ["left", "right", "tie"];
            let figures = names.into_iter().zip(counts).map(|(name, n)| {
                Figure::count(
                    name,
                    n,
                    format!("labels of {name}, as the sides were shown"),
                )
            });
            made.figures.push(SourceFigures {
                source: "label-studio".to_owned(),
                subject: annotator.to_owned(),
                also_called: Vec::new(),
                comparison: None,
                figures: figures.collect(),
                estimate: None,
                why_they_differ: Vec::new(),
            });
        }
    }
}

fn task_item(task: &Task) -> &str {
    if task.item.is_empty() {
        &task.question
    } else {
        &task.item
    }
}

fn task(fields: &Fields<'_>) -> Result<Task, Fault> {
    let data = fields.object(&["data"])?.unwrap_or_default();
    let text = |names: &[&str]| -> Result<Option<String>, Fault> {
        Ok(data.text(names)?.map(String::from))
    };
    let id = text(&["question", "question_id", "id"])?;
    let id = match id {
        Some(id) => id,
        None => fields.required_text(&["id"])?.into_owned(),
    };
    let sides = |left: Option<String>, right: Option<String>| {
        let or = |name: Option<String>, side: &str| name.unwrap_or_else(|| side.to_owned());
        (or(left, "left"), or(right, "right"), Order::CandidateFirst)
    };
    let (candidate, opponent, order) = match (text(&["candidate"])?, text(&["opponent"])?) {
        (Some(candidate), Some(opponent)) => {
            let order = match text(&["order"])?.as_deref() {
                None | Some("candidate_first") => Order::CandidateFirst,
                Some("opponent_first") => Order::OpponentFirst,
                Some(other) => {
                    let message =
                        format!("found `{other}`, expected candidate_first or opponent_first");
                    return Err(Fault::new("data.order", message));
                }
            };
            (candidate, opponent, order)
        }
        _ => sides(
            text(&["left_model", "model_left", "model_a", "model_1"])?,
            text(&["right_model", "model_right", "model_b", "model_2"])?,
        ),
    };
    let sample = match data.number(&["sample"])? {
        Some(sample) if sample >= 1.0 => sample as u16,
        _ => 1,
    };
    Ok(Task {
        item: text(&["item"])?.unwrap_or_default(),
        persona: text(&["persona"])?.unwrap_or_default(),
        question: id,
        topic: text(&["topic", "category"])?,
        candidate,
        opponent,
        order,
        criterion: text(&["criterion"])?,
        sample,
    })
}

/// The labels of one annotation.
fn annotation(
    raw: &RawValue,
    sheet: &mut Sheet<'_>,
    record: &Record<'_>,
) -> Result<Vec<Label>, Fault> {
    let fields = Fields::of(raw).ok_or_else(|| Fault::kind("annotations", raw, "objects"))?;
    if fields.text(&["was_cancelled"])?.as_deref() == Some("true") {
        sheet.count(Effect::Skipped, "an annotation that was cancelled", record);
        return Ok(Vec::new());
    }
    let annotator = person(&fields);
    let mut labels = Vec::new();
    for result in fields.list(&["result"])?.unwrap_or_default() {
        let result = Fields::of(result).ok_or_else(|| Fault::kind("result", result, "objects"))?;
        let Some(word) = word(&result)? else {
            continue;
        };
        match choice(&word) {
            Some(choice) => labels.push(Label {
                annotator: annotator.clone(),
                tag: result
                    .text(&["from_name"])?
                    .map_or_else(|| "overall".to_owned(), String::from),
                choice,
            }),
            None => sheet.count(
                Effect::Skipped,
                "a choice that says nothing of the two sides",
                record,
            ),
        }
    }
    if labels.is_empty() {
        sheet.count(
            Effect::Skipped,
            "an annotation without a label of the two sides",
            record,
        );
    }
    Ok(labels)
}

/// The text of a choice, or of a pairwise tag.
fn word(result: &Fields<'_>) -> Result<Option<String>, Fault> {
    let Some(value) = result.object(&["value"])? else {
        return Ok(None);
    };
    if let Some(selected) = value.text(&["selected"])? {
        return Ok(Some(selected.into_owned()));
    }
    let Some(raw) = value.raw(&["choices", "choice"]) else {
        return Ok(None);
    };
    Ok(match list(raw) {
        Some(choices) => choices.first().map(|first| string(first).into_owned()),
        None => Some(string(raw).into_owned()),
    })
}

/// Who annotated: a number, or an object with an e-mail address or a number.
fn person(fields: &Fields<'_>) -> String {
    let Some(raw) = fields.raw(&["completed_by", "annotator"]) else {
        return "annotator".to_owned();
    };
    match Fields::of(raw) {
        Some(person) => person
            .text(&["email", "username", "id"])
            .ok()
            .flatten()
            .map_or_else(|| "annotator".to_owned(), String::from),
        None => string(raw).into_owned(),
    }
}
