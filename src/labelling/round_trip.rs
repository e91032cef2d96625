//! Tasks that are answered on the shown sides come back as what people preferred.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::config::controls;
use super::key::key_of;
use super::sample::{Assignment, Design, sample};
use super::{Comparison, Criterion, Frame, Texts, tasks};
use crate::import::labelling_key::field;
use crate::import::{self, Import, Options};
use crate::rubric::Labels;
use crate::verdict::{Order, Outcome};

const CRITERIA: [&str; 2] = ["overall", "two words"];

fn frame(items: usize) -> Frame {
    let comparisons = (0..items).map(|n| Comparison {
        item: format!("p{}/q{n}", n % 3),
        persona: format!("p{}", n % 3),
        question: format!("q{n}"),
        sample: 1 + (n % 2) as u16,
        candidate: "tuned".to_owned(),
        opponent: "base".to_owned(),
        levels: vec![Some(format!("g{}", n % 3))],
        // Of every fifth the ground truth is not known.
        criteria: if n % 5 == 4 { vec![0] } else { vec![0, 1] },
        secret: format!("calls of {n}"),
    });
    Frame {
        dimensions: vec!["group".to_owned()],
        of_personas: 1,
        criteria: CRITERIA
            .map(|key| Criterion {
                key: key.to_owned(),
                name: key.to_owned(),
                guide: String::new(),
                needs_truth: key != "overall",
            })
            .into(),
        labels: Labels::default(),
        judge_ties: true,
        comparisons: comparisons.collect(),
        left_out: Vec::new(),
    }
}

fn texts(comparison: &Comparison) -> Texts {
    Texts {
        question: format!("What of {}?", comparison.question),
        candidate: format!("candidate of {}", comparison.item),
        opponent: format!("opponent of {}", comparison.item),
        ..Texts::default()
    }
}

/// What somebody who prefers so says of a task, by its texts alone.
fn shown(data: &Value, outcome: Outcome) -> &'static str {
    let left = data[field::LEFT].as_str().unwrap();
    match (outcome, left.starts_with("candidate")) {
        (Outcome::Tie, _) => "tie",
        (Outcome::Win, true) | (Outcome::Loss, false) => "left",
        _ => "right",
    }
}

fn outcome(n: u8) -> Outcome {
    [Outcome::Win, Outcome::Tie, Outcome::Loss][usize::from(n % 3)]
}

/// What becomes of a task in Label Studio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    /// Answered the other way at first.
    Changed,
    Cancelled,
    Unseen,
    /// The first criterion left open.
    Partly,
}

impl Fate {
    fn of(n: u8) -> Self {
        [
            Self::Answered,
            Self::Answered,
            Self::Changed,
            Self::Cancelled,
            Self::Unseen,
            Self::Partly,
        ][usize::from(n) % 6]
    }
}

/// Both exports of a project whose annotators answered so.
fn exports(
    tasks: &[Value],
    names: &[String],
    mut say: impl FnMut(&str) -> (Fate, Vec<Option<Outcome>>),
) -> (Value, Value) {
    let (mut full, mut min) = (Vec::new(), Vec::new());
    for (number, task) in tasks.iter().enumerate() {
        let data = &task["data"];
        let (fate, wishes) = say(data[field::TASK].as_str().unwrap());
        let answer = |turn: bool, at: &str, cancelled: bool| {
            let said = names.iter().zip(&wishes).enumerate();
            let said = said.filter_map(|(place, (name, wish))| {
                let wish = (*wish)?;
                let wish = match (turn, wish) {
                    (true, Outcome::Win) => Outcome::Loss,
                    (true, _) => Outcome::Win,
                    (false, wish) => wish,
                };
                (place > 0 || fate != Fate::Partly).then(|| (name, shown(data, wish)))
            });
            let said: Vec<(&String, &str)> = said.collect();
            let results: Vec<Value> = said
                .iter()
                .map(|(name, side)| {
                    json!({"from_name": name, "to_name": "left", "type": "choices",
                        "value": {"choices": [side]}, "origin": "manual"})
                })
                .collect();
            let annotation = json!({"id": number, "completed_by": 3, "result": results,
                "was_cancelled": cancelled, "updated_at": at, "lead_time": 2.0});
            let mut row = data.as_object().unwrap().clone();
            row.extend([
                ("id".to_owned(), json!(number + 1)),
                ("annotator".to_owned(), json!(3)),
                ("annotation_id".to_owned(), json!(number + 100)),
                ("updated_at".to_owned(), json!(at)),
                ("lead_time".to_owned(), json!(2.0)),
            ]);
            row.extend(
                said.iter()
                    .map(|(name, side)| ((*name).clone(), json!(side))),
            );
            (annotation, Value::Object(row))
        };
        let late = "2026-01-02T00:00:00.000000Z";
        let given = match fate {
            Fate::Unseen => vec![],
            Fate::Cancelled => vec![answer(false, late, true)],
            // The later of the two stands wherever it is in the export.
            Fate::Changed => vec![
                answer(false, late, false),
                answer(true, "2026-01-01T00:00:00.000000Z", false),
            ],
            Fate::Answered | Fate::Partly => vec![answer(false, late, false)],
        };
        if fate != Fate::Cancelled {
            min.extend(given.iter().map(|(_, row)| row.clone()));
        }
        let annotations: Vec<Value> = given.into_iter().map(|(one, _)| one).collect();
        full.push(
            json!({"id": number + 1, "data": data, "annotations": annotations,
            "predictions": [], "project": 1}),
        );
    }
    (Value::from(full), Value::from(min))
}

/// Item, sample, annotator, criterion.
type Place = (String, u16, String, String);

/// Labels by their place, with the order that was shown and the weight.
fn labels(import: &Import) -> BTreeMap<Place, (Outcome, Order, Option<String>)> {
    let table = &import.labels.table;
    let mut labels = BTreeMap::new();
    for (number, judgment) in table.judgments.iter().enumerate() {
        let weight = table.covariate(number, 0).map(std::borrow::Cow::into_owned);
        let contest = &table.contests[judgment.contest as usize];
        assert_eq!((&*contest.candidate, &*contest.opponent), ("tuned", "base"));
        for cell in table.cells_of(judgment) {
            let place = (
                table.items[judgment.item as usize].id().into_owned(),
                judgment.sample,
                contest.judge.clone(),
                table.criteria[usize::from(cell.criterion)].clone(),
            );
            let before = labels.insert(place, (cell.outcome, judgment.order, weight.clone()));
            assert_eq!(before, None);
        }
    }
    labels
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_people_prefer_comes_back(
        items in 4_usize..40, annotators in 1_u32..4, seed in 0_u64..1000,
        wishes in prop::collection::vec((0_u8..6, 0_u8..3, 0_u8..3), 160),
    ) {
        let frame = frame(items);
        let design = Design {
            n: items.max(3) - 1,
            seed,
            annotators,
            double: if annotators > 1 { 0.4 } else { 0.0 },
            by: None,
        };
        let drawn = sample(&frame, &design).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("k.key.csv");
        std::fs::write(&key, key_of(&frame, &drawn).to_csv()).unwrap();
        let names = controls(&frame.criteria);
        let by_task: BTreeMap<&str, (usize, &Assignment)> = drawn
            .assignments
            .iter()
            .enumerate()
            .map(|(number, one)| (one.task.as_str(), (number, one)))
            .collect();
        let (mut full, mut min) = (Vec::new(), Vec::new());
        for annotator in 1..=annotators {
            let of = drawn.assignments.iter().filter(|one| one.annotator == annotator);
            let of: Vec<&Assignment> = of.collect();
            let text = tasks::tasks(&frame, &of, |index| {
                Ok::<_, Infallible>(texts(&frame.comparisons[index]))
            }).unwrap();
            let tasks: Vec<Value> = serde_json::from_str(&text).unwrap();
            let (json, json_min) = exports(&tasks, &names, |task| {
                let (number, one) = by_task[task];
                let (fate, first, second) = wishes[number];
                // The first of each is answered, so that no file is empty.
                let fate = if one == of[0] { Fate::Answered } else { Fate::of(fate) };
                let both = frame.comparisons[one.comparison].criteria.len() > 1;
                (fate, vec![Some(outcome(first)), both.then(|| outcome(second))])
            });
            let write = |name: &str, value: &Value| -> PathBuf {
                let path = dir.path().join(format!("{name}-{annotator}.json"));
                std::fs::write(&path, value.to_string()).unwrap();
                path
            };
            full.push(write("full", &json));
            min.push(write("min", &json_min));
        }
        // The truth of it.
        let mut expected = BTreeMap::new();
        for (task, (number, one)) in &by_task {
            let comparison = &frame.comparisons[one.comparison];
            let stratum = &drawn.strata[one.stratum];
            let weight = stratum.there as f64 / stratum.drawn as f64;
            let (fate, first, second) = wishes[*number];
            let first_of = drawn.assignments.iter().find(|other| other.annotator == one.annotator);
            let fate = if first_of.unwrap().task == **task { Fate::Answered } else { Fate::of(fate) };
            if matches!(fate, Fate::Unseen | Fate::Cancelled) {
                continue;
            }
            // With its only criterion left open, nothing was said at all.
            if fate == Fate::Partly && comparison.criteria.len() == 1 {
                continue;
            }
            for (criterion, wish) in comparison.criteria.iter().zip([first, second]) {
                let open = fate == Fate::Partly && *criterion == 0;
                let order = if one.candidate_left { Order::CandidateFirst } else { Order::OpponentFirst };
                let said = if open { Outcome::Missing } else { outcome(wish) };
                expected.insert(
                    (
                        comparison.item.clone(),
                        comparison.sample,
                        format!("annotator-{}", one.annotator),
                        CRITERIA[*criterion].to_owned(),
                    ),
                    (said, order, Some(weight.to_string())),
                );
            }
        }
        let options = Options { keys: vec![key], ..Options::default() };
        for paths in [full, min] {
            let import = import::import(&paths, &options, &mut |_: &[u8]| Ok(())).unwrap();
            prop_assert_eq!(labels(&import), expected.clone());
        }
    }
}
