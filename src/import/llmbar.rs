//! LLMBar (`evaluators/<judge>/<strategy>/result.json`).
//!
//! Each instance has two outputs, a `label` that says which of them is better (1 or
//! 2), and `results`, whose last element holds the verdicts in both orders:
//! `swap = False` with output 1 first, `swap = True` with output 2 first. Winners
//! are un-swapped already, and may be null where the reply could not be read.
//!
//! The labelled output is the candidate, so that the win rate is the accuracy.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::figures::{cohen_kappa, percent};
use super::gold::{RIGHT, WRONG};
use super::record::{Fault, Fields, Record};
use super::rows::{Asked, Row, Verdict};
use super::sheet::Sheet;
use super::tally::Effect;
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
    chars: [Option<u32>; 2],
}

impl Reader for Llmbar<'_> {
    type Part = Vec<Instance>;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> Vec<Instance> {
        let subset = subset(&sheet.source.path);
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
            let mut winners = [None; 2];
            for (place, name) in ["swap = False", "swap = True"].into_iter().enumerate() {
                winners[place] = winner(&last, name)?;
                if winners[place].is_none() {
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
        let mut judges: Vec<String> = parts.iter().map(|part| self.judge_of(&part.path)).collect();
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

    /// The judge that the folders of a `result.json` name; of another file the one that
    /// is given, if one is.
    fn judge_of(&self, path: &Path) -> String {
        let is_named = super::stem(path).is_some_and(|stem| stem == "result");
        let of_folders = judge(path);
        let given = self.judge.map(str::to_owned);
        let judge = if is_named {
            of_folders.or(given)
        } else {
            given.or(of_folders)
        };
        judge.unwrap_or_else(|| "judge".to_owned())
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

/// `GPT-4/CoT` of `…/evaluators/GPT-4/CoT/result.json`, with what tells apart files
/// of several subsets left out.
fn judge(path: &Path) -> Option<String> {
    let strategy = super::folder_above(path, 1)?;
    Some(match super::folder_above(path, 2) {
        Some(model) => format!("{model}/{strategy}"),
        None => strategy,
    })
}

/// `Natural/` of `…/Natural/evaluators/GPT-4/CoT/result.json`.
fn subset(path: &Path) -> String {
    let above = super::folder_above(path, 3).filter(|name| name != "evaluators");
    match above.or_else(|| super::folder_above(path, 4)) {
        Some(name) => format!("{name}/"),
        None => String::new(),
    }
}

fn rubric(path: &Path) -> String {
    let subset = subset(path);
    format!("llmbar {}", subset.trim_end_matches('/'))
        .trim_end()
        .to_owned()
}

fn push(instance: &Instance, judge: &str, rubric: &str, made: &mut Made) {
    let [first, second] = instance.chars;
    let (right, wrong) = if instance.label == 1 {
        (first, second)
    } else {
        (second, first)
    };
    for (place, winner) in instance.winners.into_iter().enumerate() {
        let output_1_first = place == 0;
        let order = if (instance.label == 1) == output_1_first {
            Order::CandidateFirst
        } else {
            Order::OpponentFirst
        };
        let verdict = match winner {
            Some(winner) if winner == instance.label => Verdict::Given(Outcome::Win),
            Some(_) => Verdict::Given(Outcome::Loss),
            None => Verdict::Missing(MissingReason::NoVerdict),
        };
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
            order: Some(order),
            sample: 1,
            verdict,
            candidate_chars: right,
            opponent_chars: wrong,
        });
    }
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
        subject: format!("{}{judge}", subset(path)),
        also_called: vec![judge.to_owned()],
        comparison: Some(Subject {
            candidate: RIGHT.to_owned(),
            opponent: WRONG.to_owned(),
            judge: judge.to_owned(),
            rubric: rubric(path),
            criterion: CRITERION.to_owned(),
        }),
        figures,
        why_they_differ: vec![
            "The estimate is the accuracy: the win rate of the labelled output, both orders averaged. It equals correct_average where every reply could be read; the source counts an unreadable reply as wrong, and the estimate leaves its instance out and bounds it.".to_owned(),
            "The source's kappas compare winners coded 1 and 0 with labels coded 1 and 2, so that agreement on 2 counts against the judge; the two kappas as labelled are beside them.".to_owned(),
            "The source gives no interval; the estimate's is over instructions, the two orders of an instance counted once.".to_owned(),
        ],
        ..SourceFigures::default()
    }
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
