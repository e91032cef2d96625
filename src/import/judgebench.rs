//! JudgeBench (`outputs/dataset=…,judge_name=…,judge_model=….jsonl`).
//!
//! A pair has a `label` (`A>B` or `B>A`) and up to two `judgments`: the first shows
//! A first, the second B, and its `decision` is in terms of what was shown, so that
//! it has to be turned. A judgment or its decision may be null.
//!
//! The labelled response is the candidate, so that the win rate is the accuracy. Pairs of
//! each model that responses were drawn from are a part of their own.

use std::collections::BTreeMap;
use std::path::Path;

use super::figures::of_files;
use super::gold::{RIGHT, WRONG};
use super::record::{Fault, Fields, Record, is_null};
use super::rows::{Asked, Row, Verdict};
use super::sheet::Sheet;
use super::tally::{A_JUDGE, Effect, NO_JUDGE};
use super::{Made, Part, Reader, identity};
use crate::analysis::source_figures::{Figure, SourceFigures, Subject, Unit};
use crate::verdict::{MissingReason, Order, Outcome};

const CRITERION: &str = "correctness";
const RUBRIC: &str = "judgebench";
/// Parts of the benchmark that figures are given for, by the start of `source`.
const PARTS: [&str; 4] = [
    "mmlu-pro",
    "livebench-reasoning",
    "livebench-math",
    "livecodebench",
];

pub(super) struct Judgebench<'o> {
    pub(super) judge: Option<&'o str>,
}

/// Which of A and B a judgment prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    A,
    B,
    Tie,
}

impl Decision {
    fn of(text: &str) -> Option<Self> {
        Some(match text {
            // The source compares texts: `B<A` and `A>>B` are no votes there.
            "A>B" => Self::A,
            "B>A" => Self::B,
            "A=B" => Self::Tie,
            _ => return None,
        })
    }

    fn turned(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
            Self::Tie => Self::Tie,
        }
    }
}

/// A pair with its label and decisions, un-swapped.
pub(super) struct Pair {
    id: String,
    question: String,
    source: Option<String>,
    /// The judge's prompt, empty where it is not named.
    prompt: String,
    /// The judge's model, where a judgment of the pair names it.
    model: Option<String>,
    judge: String,
    /// The model whose responses the pair is of, where that is named.
    responses: Option<String>,
    label: Decision,
    decisions: Vec<Option<Decision>>,
    chars: [Option<u32>; 2],
}

impl Reader for Judgebench<'_> {
    type Part = Vec<Pair>;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> Vec<Pair> {
        let mut pairs = sheet.each(records, |sheet, record| {
            let fields = Fields::of_record(record)?;
            let id = fields
                .required_text(&["pair_id", "original_id"])?
                .into_owned();
            let label = fields.required_text(&["label"])?;
            let Some(label @ (Decision::A | Decision::B)) = Decision::of(label.trim()) else {
                let message = format!("found `{label}`, expected A>B or B>A");
                return Err(Fault::new("label", message));
            };
            let judgments = fields.nullable_list("judgments")?;
            if judgments.is_empty() {
                sheet.count(Effect::Skipped, "a pair without judgments", record);
            } else if judgments.len() == 1 {
                let reason = "a pair that was judged in one order only";
                sheet.count(Effect::Kept, reason, record);
            }
            let mut decisions = Vec::new();
            let mut model = None;
            for (place, raw) in judgments.iter().enumerate() {
                let mut decision = None;
                let mut reason = "a judgment without a decision";
                if !is_null(raw) {
                    let judgment = Fields::of(raw)
                        .ok_or_else(|| Fault::kind("judgments", raw, "objects or null"))?;
                    if let Some(text) = judgment.text(&["decision"])? {
                        decision = Decision::of(&text);
                        reason = "a decision other than A>B, B>A and A=B, which the source does not count";
                    }
                    if let Some(inner) = judgment.object(&["judgment"]).ok().flatten() {
                        model = model.or(inner
                            .text(&["judge_model"])
                            .ok()
                            .flatten()
                            .map(String::from));
                    }
                }
                if decision.is_none() {
                    sheet.count(Effect::Missing, reason, record);
                }
                if place < 2 {
                    decisions.push(decision.map(|d| if place == 1 { d.turned() } else { d }));
                } else {
                    sheet.count(Effect::Skipped, "a judgment beyond the two orders", record);
                }
            }
            let prompt = fields.text(&["judge_name"])?.unwrap_or_default();
            sheet.about(record, &id);
            Ok(Some(Pair {
                question: fields
                    .text(&["question"])?
                    .map_or_else(|| id.clone(), |text| identity(&text)),
                id,
                source: fields.text(&["source"])?.map(String::from),
                prompt: prompt.into_owned(),
                model: model.filter(|model| !model.is_empty()),
                judge: String::new(),
                responses: fields
                    .text(&["response_model"])?
                    .filter(|model| !model.trim().is_empty())
                    .map(String::from),
                label,
                decisions,
                chars: [fields.chars(&["response_A"]), fields.chars(&["response_B"])],
            }))
        });
        // A pair without any judgment does not name its judge; the file's other pairs do.
        let of_file = pairs.iter().find_map(|pair| pair.model.clone());
        let of_file = of_file.or_else(|| told(&sheet.source.path, "judge_model="));
        let responses = told(&sheet.source.path, "response_model=");
        let mut nameless = 0;
        for pair in &mut pairs {
            pair.responses = pair.responses.take().or_else(|| responses.clone());
            let model = pair.model.clone().or_else(|| of_file.clone());
            pair.judge = match (pair.prompt.as_str(), model) {
                ("", Some(model)) => model,
                ("", None) => {
                    nameless += u64::from(self.judge.is_none());
                    self.judge.unwrap_or(A_JUDGE).to_owned()
                }
                (prompt, Some(model)) => format!("{prompt}/{model}"),
                (prompt, None) => prompt.to_owned(),
            };
        }
        sheet.count_all(Effect::Kept, NO_JUDGE, nameless);
        pairs
    }

    fn combine(&self, parts: Vec<Part<Vec<Pair>>>, made: &mut Made) {
        let mut sets: Vec<(&Path, SourceFigures)> = Vec::new();
        for part in &parts {
            made.begin(&part.path);
            let mut by_judge: BTreeMap<(&str, Option<&str>), Vec<&Pair>> = BTreeMap::new();
            for pair in &part.given {
                push(pair, made);
                let key = (&*pair.judge, pair.responses.as_deref());
                by_judge.entry(key).or_default().push(pair);
            }
            for ((judge, responses), pairs) in by_judge {
                sets.push((&part.path, figures(judge, responses, &pairs)));
            }
        }
        // A judge's own name is enough where it has one set of figures.
        let judges: Vec<Option<String>> = sets.iter().map(|(_, set)| judge_of(set)).collect();
        for (_, set) in &mut sets {
            let judge = judge_of(set);
            if judges.iter().filter(|other| **other == judge).count() == 1 {
                set.also_called.extend(judge);
            }
        }
        made.figures.extend(of_files(sets));
    }
}

fn judge_of(set: &SourceFigures) -> Option<String> {
    Some(set.comparison.as_ref()?.judge.clone())
}

/// What a name such as `dataset=…,judge_model=o1-mini-2024-09-12.jsonl` tells of a key.
fn told(path: &Path, key: &str) -> Option<String> {
    let stem = super::stem(path)?;
    let mut parts = stem.split(',');
    parts.find_map(|part| part.strip_prefix(key).map(str::to_owned))
}

/// A rubric of its own for the responses of each model.
fn rubric(responses: Option<&str>) -> String {
    responses.map_or_else(|| RUBRIC.to_owned(), |model| format!("{RUBRIC} {model}"))
}

fn push(pair: &Pair, made: &mut Made) {
    let a_is_right = pair.label == Decision::A;
    let [a, b] = pair.chars;
    let (right, wrong) = if a_is_right { (a, b) } else { (b, a) };
    let rubric = rubric(pair.responses.as_deref());
    for (place, decision) in pair.decisions.iter().enumerate() {
        let a_first = place == 0;
        let verdict = match decision {
            Some(Decision::Tie) => Verdict::Given(Outcome::Tie),
            Some(decision) if *decision == pair.label => Verdict::Given(Outcome::Win),
            Some(_) => Verdict::Given(Outcome::Loss),
            None => Verdict::Missing(MissingReason::NoVerdict),
        };
        made.rows.push(&Row {
            asked: Asked {
                item: &pair.id,
                question: &pair.question,
                topic: pair.source.as_deref(),
                ..Asked::default()
            },
            candidate: RIGHT,
            opponent: WRONG,
            judge: &pair.judge,
            rubric: &rubric,
            criterion: CRITERION,
            order: Some(if a_is_right == a_first {
                Order::CandidateFirst
            } else {
                Order::OpponentFirst
            }),
            sample: 1,
            verdict,
            candidate_chars: right,
            opponent_chars: wrong,
        });
    }
}

/// Whether the net vote of a pair's decisions is for its label.
fn is_right(pair: &Pair) -> bool {
    let votes: i32 = pair
        .decisions
        .iter()
        .map(|decision| match decision {
            Some(Decision::Tie) | None => 0,
            Some(decision) if *decision == pair.label => 1,
            Some(_) => -1,
        })
        .sum();
    votes > 0
}

fn figures(judge: &str, responses: Option<&str>, pairs: &[&Pair]) -> SourceFigures {
    let accuracy = |of: &dyn Fn(&Pair) -> bool| {
        let chosen: Vec<&&Pair> = pairs.iter().filter(|pair| of(pair)).collect();
        let right = chosen.iter().filter(|pair| is_right(pair)).count() as u64;
        // In the order of the source, which tells the last digit.
        (!chosen.is_empty()).then(|| 100.0 * right as f64 / chosen.len() as f64)
    };
    let net = "pairs whose decisions, each for the label +1, against it -1, a tie or none 0, add up to more than 0";
    let mut figures = vec![Figure::new(
        "overall",
        accuracy(&|_| true),
        Unit::Percent,
        net,
    )];
    for part in PARTS {
        let of = |pair: &Pair| {
            pair.source
                .as_deref()
                .is_some_and(|source| source.starts_with(part))
        };
        if let Some(value) = accuracy(&of) {
            figures.push(Figure::new(
                part,
                Some(value),
                Unit::Percent,
                format!("the same over pairs of {part}"),
            ));
        }
    }
    let both = |pair: &&&Pair| pair.decisions.len() == 2;
    let inconsistent = pairs
        .iter()
        .filter(both)
        .filter(|pair| pair.decisions[0] != pair.decisions[1])
        .count();
    figures.push(Figure::count(
        "inconsistent",
        inconsistent as u64,
        "pairs whose two decisions differ",
    ));
    figures.push(Figure::count("n_pairs", pairs.len() as u64, "pairs"));
    SourceFigures {
        source: "judgebench".to_owned(),
        subject: match responses {
            Some(model) => format!("{judge} on {model}"),
            None => judge.to_owned(),
        },
        comparison: Some(Subject {
            candidate: RIGHT.to_owned(),
            opponent: WRONG.to_owned(),
            judge: judge.to_owned(),
            rubric: rubric(responses),
            criterion: CRITERION.to_owned(),
        }),
        figures,
        why_they_differ: why(pairs.iter().any(|pair| pair.decisions.len() > 1)),
        ..SourceFigures::default()
    }
}

/// Why the accuracies differ; `in_both` where any pair was judged in both orders.
fn why(in_both: bool) -> Vec<String> {
    const MISSING: &str = "A missing decision is a vote of 0 for the source; the estimate leaves the pair out and bounds it.";
    let why: &[&str] = if in_both {
        &[
            "The estimate is the accuracy with both orders averaged: a pair that is right in one order counts one half. The source counts it as wrong unless the other decision is a tie or missing.",
            MISSING,
            "The source gives no interval; the estimate's is over questions, the two orders of a pair counted once.",
        ]
    } else {
        &[
            "Each pair was judged in one order: the estimate is the accuracy with a tie counted one half, which the source counts as wrong, and what the place of a response did is in both numbers.",
            MISSING,
            "The source gives no interval; the estimate's is over questions.",
        ]
    };
    why.iter().map(|&why| why.to_owned()).collect()
}
