//! LLMBar (`evaluators/<judge>/<strategy>/result.json`).
//!
//! Each instance has two outputs, a `label` that says which of them is better (1 or
//! 2), and `results`, whose last element holds the verdicts in both orders:
//! `swap = False` with output 1 first, `swap = True` with output 2 first. Winners
//! are un-swapped already, and may be null where the reply could not be read.
//!
//! A `Rating` scores each output alone (`score_1`, `score_2`), and its winners in two orders
//! are made of the same two scores: one comparison, of which no order was ever shown.
//!
//! The labelled output is the candidate, so that the win rate is the accuracy.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path};

use super::figures::{cohen_kappa, percent};
use super::gold::{RIGHT, WRONG};
use super::places::whole;
use super::record::{Fault, Fields, Record, number};
use super::rows::{Asked, Row, Verdict};
use super::sheet::Sheet;
use super::tally::{A_JUDGE, Effect, NO_JUDGE};
use super::{Made, Part, Reader, apart};
use crate::analysis::source_figures::{Figure, SourceFigures, Subject, Unit};
use crate::verdict::{MissingReason, Order, Outcome};

const CRITERION: &str = "instruction_following";

pub(super) struct Llmbar<'o> {
    pub(super) judge: Option<&'o str>,
}

/// An instance: the labelled output, and the winner without and with swap.
pub(super) struct Instance {
    item: String,
    question: String,
    label: u8,
    winners: [Option<u8>; 2],
    /// Scores of the two outputs alone, where these were rated; none that is no number.
    scores: Option<[Option<f64>; 2]>,
    chars: [Option<u32>; 2],
}

impl Reader for Llmbar<'_> {
    type Part = Vec<Instance>;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> Vec<Instance> {
        let subset = subset(&sheet.source.path);
        let subset = subset.map_or_else(String::new, |name| format!("{name}/"));
        if self.judge_of(&sheet.source.path).is_none() {
            sheet.count_all(Effect::Kept, NO_JUDGE, records.len() as u64);
        }
        sheet.each(records, |sheet, record| {
            let fields = Fields::of_record(record)?;
            let label = match fields.required_text(&["label"])?.trim() {
                "1" => 1,
                "2" => 2,
                other => {
                    return Err(Fault::new(
                        "label",
                        format!("found `{other}`, expected 1 or 2"),
                    ));
                }
            };
            let results = fields.required_list(&["results"])?;
            let last = results
                .last()
                .and_then(|last| Fields::of(last))
                .ok_or_else(|| Fault::new("results", "the list holds no verdict at its end"))?;
            let scores = scores(&last);
            if scores.is_some_and(|scores| scores.contains(&None)) {
                sheet.count(Effect::Missing, "a score that is no number", record);
            }
            let mut winners = [None; 2];
            for (place, name) in ["swap = False", "swap = True"].into_iter().enumerate() {
                winners[place] = winner(&last, name)?;
                if winners[place].is_none() && scores.is_none() {
                    sheet.count(
                        Effect::Missing,
                        "no winner could be read from the reply",
                        record,
                    );
                }
            }
            // A judge's several files share their instances.
            let input = fields.required_text(&["input"])?;
            let outputs = [fields.text(&["output_1"])?, fields.text(&["output_2"])?];
            let question = super::identity(&input);
            let [first, second] = outputs
                .each_ref()
                .map(|text| text.as_deref().unwrap_or_default());
            let item = super::identity(&format!("{input}\n{first}\n{second}"));
            let item = format!("{subset}{item}");
            sheet.about(record, &item);
            Ok(Some(Instance {
                item,
                question: format!("{subset}{question}"),
                label,
                winners,
                scores,
                chars: [fields.chars(&["output_1"]), fields.chars(&["output_2"])],
            }))
        })
    }

    fn combine(&self, parts: Vec<Part<Vec<Instance>>>, made: &mut Made) {
        let judges = self.judges(&parts, made);
        for (part, judge) in parts.iter().zip(judges) {
            made.begin(&part.path);
            let rubric = rubric(&part.path);
            for instance in &part.given {
                push(instance, &judge, &rubric, made);
            }
            made.figures.push(figures(&part.given, &judge, &part.path));
        }
    }
}

impl Llmbar<'_> {
    /// The judge of each file. Files that give a judge's verdicts on the same instances are
    /// of several runs, and told apart by their folders.
    fn judges(&self, parts: &[Part<Vec<Instance>>], made: &mut Made) -> Vec<String> {
        let mut judges: Vec<String> = parts
            .iter()
            .map(|part| self.judge_of(&part.path))
            .map(|judge| judge.unwrap_or_else(|| A_JUDGE.to_owned()))
            .collect();
        let mut files_of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, judge) in judges.iter().enumerate() {
            files_of.entry(judge).or_default().push(number);
        }
        let groups: Vec<Vec<usize>> = files_of.into_values().collect();
        let mut is_told = false;
        for files in groups {
            let items = |file: usize| parts[file].given.iter().map(|one| one.item.as_str());
            let shares = |file: &usize| {
                let mut others = files.iter().filter(|other| *other != file);
                let mine: HashSet<&str> = items(*file).collect();
                others.any(|other| items(*other).any(|item| mine.contains(item)))
            };
            let runs: Vec<usize> = files.iter().copied().filter(shares).collect();
            let paths: Vec<&Path> = runs.iter().map(|file| &*parts[*file].path).collect();
            for &file in &runs {
                let place = apart(&parts[file].path, &paths);
                judges[file] = format!("{} ({place})", judges[file]);
                is_told = true;
            }
        }
        if is_told {
            made.notes.push(
                "files that give a judge's verdicts on the same instances are taken for runs of their own; what tells them apart is added to the judge's name, a folder or their path".to_owned(),
            );
        }
        judges
    }

    /// The judge that the source's folders name of a `result.json`; of another file the
    /// one that is given, if one is.
    fn judge_of(&self, path: &Path) -> Option<String> {
        let of_folders = layout(path).map(|(_, judge)| judge);
        let given = self.judge.map(str::to_owned);
        if is_result(path) {
            of_folders.or(given)
        } else {
            given.or(of_folders)
        }
    }
}

/// `1`, `2`, or none.
fn winner(result: &Fields<'_>, name: &str) -> Result<Option<u8>, Fault> {
    let verdict = result.object(&[name])?.ok_or_else(|| {
        let is = if result.has(name) { "null" } else { "missing" };
        Fault::new(
            format!("results: {name}"),
            format!("the field is {is}, expected an object with `winner`"),
        )
    })?;
    match verdict.text(&["winner"])?.as_deref() {
        Some("1") => Ok(Some(1)),
        Some("2") => Ok(Some(2)),
        _ => Ok(None),
    }
}

/// The scores of the two outputs, where these were rated: each the first of a list, or alone.
fn scores(result: &Fields<'_>) -> Option<[Option<f64>; 2]> {
    let names = ["score_1", "score_2"];
    let is_rated = names.iter().any(|name| result.has(name));
    is_rated.then(|| names.map(|name| result.first(&[name]).and_then(number)))
}

fn is_result(path: &Path) -> bool {
    super::stem(path).is_some_and(|stem| stem == "result")
}

/// The source's sets of instances, by the names of their folders.
const SUBSETS: [&str; 8] = [
    "Natural",
    "Neighbor",
    "GPTInst",
    "GPTOut",
    "Manual",
    "FairEval",
    "LLMEval^2",
    "MT-Bench",
];

/// Subset and judge, `Natural` and `GPT-4/CoT`, of `…/Natural/evaluators/GPT-4/CoT/x.json`
/// or, for a set of the source, of `…/Natural/GPT-4/CoT/result.json`. Other places say
/// nothing.
fn layout(path: &Path) -> Option<(Option<String>, String)> {
    let path = whole(path);
    let folders = path.parent()?.components();
    let folders: Vec<String> = folders
        .filter(|part| matches!(part, Component::Normal(_)))
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let evaluators = folders.iter().rposition(|name| name == "evaluators");
    let apart = folders.split_at(folders.len().saturating_sub(2));
    let is_subset = |name: &String| SUBSETS.contains(&name.as_str());
    let (above, judge) = match evaluators {
        Some(at) => (&folders[..at], &folders[at + 1..]),
        None if is_result(&path) && apart.0.last().is_some_and(is_subset) => apart,
        None => return None,
    };
    (!judge.is_empty()).then(|| (above.last().cloned(), judge.join("/")))
}

fn subset(path: &Path) -> Option<String> {
    layout(path)?.0
}

fn rubric(path: &Path) -> String {
    subset(path).map_or_else(|| "llmbar".to_owned(), |name| format!("llmbar {name}"))
}

fn push(instance: &Instance, judge: &str, rubric: &str, made: &mut Made) {
    let [first, second] = instance.chars;
    let (right, wrong) = if instance.label == 1 {
        (first, second)
    } else {
        (second, first)
    };
    for (order, verdict) in verdicts(instance) {
        made.rows.push(&Row {
            asked: Asked {
                item: &instance.item,
                question: &instance.question,
                ..Asked::default()
            },
            candidate: RIGHT,
            opponent: WRONG,
            judge,
            rubric,
            criterion: CRITERION,
            order,
            sample: 1,
            verdict,
            candidate_chars: right,
            opponent_chars: wrong,
        });
    }
}

/// The verdicts of an instance, each with its order where one was shown.
fn verdicts(instance: &Instance) -> Vec<(Option<Order>, Verdict)> {
    let is_first = instance.label == 1;
    if let Some(scores) = instance.scores {
        let verdict = match scores {
            [Some(first), Some(second)] => {
                let (right, wrong) = if is_first {
                    (first, second)
                } else {
                    (second, first)
                };
                Verdict::Given(match right.total_cmp(&wrong) {
                    Ordering::Greater => Outcome::Win,
                    Ordering::Less => Outcome::Loss,
                    Ordering::Equal => Outcome::Tie,
                })
            }
            _ => Verdict::Missing(MissingReason::NoVerdict),
        };
        return vec![(None, verdict)];
    }
    let of_place = |(place, winner): (usize, &Option<u8>)| {
        let order = if is_first == (place == 0) {
            Order::CandidateFirst
        } else {
            Order::OpponentFirst
        };
        let verdict = match winner {
            Some(winner) if *winner == instance.label => Verdict::Given(Outcome::Win),
            Some(_) => Verdict::Given(Outcome::Loss),
            None => Verdict::Missing(MissingReason::NoVerdict),
        };
        (Some(order), verdict)
    };
    instance.winners.iter().enumerate().map(of_place).collect()
}

fn figures(instances: &[Instance], judge: &str, path: &Path) -> SourceFigures {
    let n = instances.len() as u64;
    let count =
        |holds: &dyn Fn(&Instance) -> bool| instances.iter().filter(|i| holds(i)).count() as u64;
    let correct = |i: &Instance, place: usize| i.winners[place] == Some(i.label);
    let (plain, swapped) = (count(&|i| correct(i, 0)), count(&|i| correct(i, 1)));
    let both = count(&|i| correct(i, 0) && correct(i, 1));
    let equal = count(&|i| i.winners[0] == i.winners[1]);
    let average = (n > 0).then(|| (plain + swapped) as f64 / 2.0 / n as f64 * 100.0);
    let mut figures = vec![
        Figure::new(
            "correct_False",
            percent(plain, n),
            Unit::Percent,
            "instances whose winner is the label, output 1 shown first",
        ),
        Figure::new(
            "correct_True",
            percent(swapped, n),
            Unit::Percent,
            "instances whose winner is the label, output 2 shown first",
        ),
        Figure::new("correct_average", average, Unit::Percent, "mean of the two"),
        Figure::new(
            "correct_both",
            percent(both, n),
            Unit::Percent,
            "instances right in both orders",
        ),
        Figure::new(
            "equal",
            percent(equal, n),
            Unit::Percent,
            "instances with the same winner in both orders",
        ),
    ];
    figures.extend(kappas(instances));
    SourceFigures {
        source: "llmbar".to_owned(),
        subject: match subset(path) {
            Some(subset) => format!("{subset}/{judge}"),
            None => judge.to_owned(),
        },
        also_called: vec![judge.to_owned()],
        comparison: Some(Subject {
            candidate: RIGHT.to_owned(),
            opponent: WRONG.to_owned(),
            judge: judge.to_owned(),
            rubric: rubric(path),
            criterion: CRITERION.to_owned(),
        }),
        figures,
        why_they_differ: why(instances.iter().any(|one| one.scores.is_some())),
        ..SourceFigures::default()
    }
}

fn why(is_rated: bool) -> Vec<String> {
    const KAPPAS: &str = "The source's kappas compare winners coded 1 and 0 with labels coded 1 and 2, so that agreement on 2 counts against the judge; the two kappas as labelled are beside them.";
    let why: &[&str] = if is_rated {
        &[
            "Each output was scored alone, and no order was ever shown: the source makes a winner for each of two orders out of the same two scores. The estimate is the accuracy of one comparison, won by the higher score, equal scores a tie, so that no effect of an order can be seen.",
            "It equals correct_average where every score is a number; of the others the source has winners too, and the estimate leaves them out and bounds them.",
            KAPPAS,
            "The source gives no interval; the estimate's is over instructions.",
        ]
    } else {
        &[
            "The estimate is the accuracy: the win rate of the labelled output, both orders averaged. It equals correct_average where every reply could be read; the source counts an unreadable reply as wrong, and the estimate leaves its instance out and bounds it.",
            KAPPAS,
            "The source gives no interval; the estimate's is over instructions, the two orders of an instance counted once.",
        ]
    };
    why.iter().map(|&why| why.to_owned()).collect()
}

/// Cohen's kappas as the source has them, and as winners and labels are written.
fn kappas(instances: &[Instance]) -> Vec<Figure> {
    // The source keeps only the winner 1 and calls everything else 0.
    let coded = |winner: Option<u8>| u8::from(winner == Some(1));
    let against_label = |place: usize, code: &dyn Fn(Option<u8>) -> u8| {
        let pairs: Vec<(u8, u8)> = instances
            .iter()
            .map(|instance| (code(instance.winners[place]), instance.label))
            .collect();
        cohen_kappa(&pairs)
    };
    let as_written = |winner: Option<u8>| winner.unwrap_or(0);
    let orders: Vec<(u8, u8)> = instances
        .iter()
        .map(|instance| (coded(instance.winners[0]), coded(instance.winners[1])))
        .collect();
    let (plain, swapped) = (against_label(0, &coded), against_label(1, &coded));
    let average = plain.zip(swapped).map(|(a, b)| f64::midpoint(a, b));
    let coding =
        "with every winner but 1 coded 0 while labels are 1 and 2, so that a right 2 never agrees";
    let given = [
        (
            "kappa_False",
            plain,
            format!("Cohen's kappa of winner and label, output 1 first, {coding}"),
        ),
        (
            "kappa_True",
            swapped,
            format!("the same with output 2 first, {coding}"),
        ),
        ("kappa_average", average, "mean of the two".to_owned()),
        (
            "kappa_agreement",
            cohen_kappa(&orders),
            "Cohen's kappa of the winners in the two orders, every winner but 1 coded 0".to_owned(),
        ),
        (
            "kappa_False (as labelled)",
            against_label(0, &as_written),
            "Cohen's kappa of winner and label, output 1 first, as both are written".to_owned(),
        ),
        (
            "kappa_True (as labelled)",
            against_label(1, &as_written),
            "the same with output 2 first".to_owned(),
        ),
    ];
    given
        .into_iter()
        .map(|(name, value, definition)| Figure::new(name, value, Unit::Coefficient, definition))
        .collect()
}
