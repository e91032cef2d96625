//! AlpacaEval annotations (`results/<model>/<annotator>/annotations.json`).
//!
//! `output_2` is the model's answer and `output_1` the baseline's. `preference`
//! runs from 1 (the baseline wins) to 2 (the model wins); a draw is 1.5, or 0 in
//! older files; null and -1 are missing. Fields of the annotator's reply have a
//! second spelling, with `preference_` before it.
//!
//! Which answer was shown first is drawn at random and not stored. The annotator
//! answers `m` for the answer shown first and `M` for the one shown second, and the
//! preference is made from the probabilities of these two tokens; so where
//! they are stored, the preference is the probability of the token that stood for
//! the model's answer, and tells its place.

mod length;
mod names;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::figures::{mean, standard_error};
use super::kind::Kind;
use super::notes::of_baseline;
use super::places::typed_folder_above;
use super::record::{Fault, Fields, Record, list, number, string};
use super::rows::{Asked, Row, Verdict};
use super::sheet::Sheet;
use super::tally::{Effect, WITH_ITSELF};
use super::{Made, Part, Reader, folder_above};
use crate::analysis::source_figures::{Figure, SourceFigures, Subject, Unit};
use crate::verdict::{MissingReason, Order};
use names::model_folder;

/// Criterion of every verdict.
const CRITERION: &str = "preference";
const RUBRIC: &str = "alpaca-eval";
/// The answers of the model and of the baseline.
const OUTPUTS: [&str; 2] = ["output_2", "output_1"];
/// How far a preference may be from the probability that it was made from: both are
/// stored rounded.
const SLACK: f64 = 1e-4;

pub(super) struct AlpacaEval<'o> {
    pub(super) baseline: Option<&'o str>,
    pub(super) judge: Option<&'o str>,
}

/// A row of an annotations file.
pub(super) struct Annotation {
    /// Identity of the instruction.
    question: String,
    dataset: Option<Arc<str>>,
    /// Index into [`Annotations::contests`].
    contest: usize,
    preference: Option<f64>,
    order: Option<Order>,
    model_chars: Option<u32>,
    baseline_chars: Option<u32>,
}

/// An annotations file.
pub(super) struct Annotations {
    rows: Vec<Annotation>,
    /// Model, baseline, annotator.
    contests: Vec<[String; 3]>,
}

impl Reader for AlpacaEval<'_> {
    type Part = Annotations;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> Annotations {
        let mut annotations = Annotations {
            rows: Vec::new(),
            contests: Vec::new(),
        };
        if sheet.kind == Kind::AlpacaOutputs {
            if let Some(first) = records.first() {
                let fault = Fault::new(
                    "preference",
                    "the file holds outputs, and no annotations of them",
                );
                sheet.fault(first, fault);
            }
            return annotations;
        }
        let mut datasets: HashSet<Arc<str>> = HashSet::new();
        let mut contests: HashMap<[String; 3], usize> = HashMap::new();
        let mut seen: HashSet<(usize, String)> = HashSet::new();
        let rows = sheet.each(records, |sheet, record| {
            let fields = Fields::of_record(record)?;
            let instruction = fields.required_text(&["instruction"])?;
            let question = super::identity(&instruction);
            let key = self.contest(&fields, sheet, record)?;
            let next = contests.len();
            let with_itself = key[0] == key[1];
            let contest = *contests.entry(key.clone()).or_insert_with(|| {
                annotations.contests.push(key);
                next
            });
            if !seen.insert((contest, question.clone())) {
                sheet.count(
                    Effect::Kept,
                    "an instruction that stood in the file before: kept as an item of its own",
                    record,
                );
            }
            sheet.about(record, &question);
            let dataset = fields.text(&["dataset", "datasplit"])?.map(|name| {
                if let Some(known) = datasets.get(&*name) {
                    return Arc::clone(known);
                }
                let new: Arc<str> = Arc::from(&*name);
                datasets.insert(Arc::clone(&new));
                new
            });
            let preference = fields.number(&["preference"])?;
            if !fields.has("preference") {
                let message = "the field is missing, expected a number or null";
                return Err(Fault::new("preference", message));
            }
            if with_itself {
                sheet.count(Effect::Skipped, WITH_ITSELF, record);
            } else {
                tell(preference, sheet, record);
            }
            let reply = fields.raw(&["raw_completion", "preference_raw_completion"]);
            let order = preference
                .filter(|preference| is_preference(*preference))
                .and_then(|preference| order(preference, reply?));
            let chars = OUTPUTS.map(|name| fields.chars(&[name]));
            tell_of_texts(&fields, chars, reply, sheet, record);
            Ok(Some(Annotation {
                question,
                dataset,
                contest,
                preference,
                order,
                model_chars: chars[0],
                baseline_chars: chars[1],
            }))
        });
        annotations.rows = rows;
        annotations
    }

    fn combine(&self, parts: Vec<Part<Annotations>>, made: &mut Made) {
        let mut files_of: HashMap<&[String; 3], Vec<&Path>> = HashMap::new();
        for part in &parts {
            for contest in &part.given.contests {
                files_of.entry(contest).or_default().push(&part.path);
            }
        }
        let mut renamed = 0;
        for part in &parts {
            let names: Vec<[String; 3]> = part
                .given
                .contests
                .iter()
                .map(|contest| {
                    let mut names = contest.clone();
                    if files_of[contest].len() > 1 {
                        renamed += 1;
                        let place = place_among(&part.path, &files_of[contest]);
                        names[0] = format!("{} ({place})", names[0]);
                    }
                    names
                })
                .collect();
            made.begin(&part.path);
            push_rows(&part.given, &names, made);
            let baselines = part
                .given
                .contests
                .iter()
                .filter(|names| names[0] == names[1]);
            made.notes
                .extend(baselines.map(|names| of_baseline(&names[0])));
            for (contest, names) in names.iter().enumerate() {
                made.figures
                    .push(figures(&part.given, contest, names, &part.path));
            }
        }
        if renamed > 0 {
            made.notes.push(format!(
                "{renamed} of the compared models have a name that another file gives too; what tells the files apart is added to it, their folder or their path"
            ));
        }
    }
}

/// What may tell a file from others: the folder of its model, that of its annotator,
/// its path.
pub(crate) fn places(path: &Path) -> [String; 3] {
    // As typed: labels of answers are matched with these names from any folder.
    let folder = |up| typed_folder_above(path, up).unwrap_or_default();
    [folder(2), folder(1), path.display().to_string()]
}

/// What tells a file from the others in which the same models are compared.
fn place_among(path: &Path, files: &[&Path]) -> String {
    let differ = |place: &usize| {
        let all = files.iter().map(|file| places(file)[*place].clone());
        let all: HashSet<String> = all.collect();
        all.len() == files.len() && !all.contains("")
    };
    let [model, annotator, path] = places(path);
    match (0..2).find(differ) {
        Some(0) => model,
        Some(_) => annotator,
        None => path,
    }
}

#[expect(clippy::float_cmp, reason = "a draw is exactly one half")]
fn is_half(share: f64) -> bool {
    share == 0.5
}

fn is_preference(preference: f64) -> bool {
    preference == 0.0 || (1.0..=2.0).contains(&preference)
}

/// Counts what is odd about a preference.
fn tell(preference: Option<f64>, sheet: &mut Sheet<'_>, record: &Record<'_>) {
    let (effect, reason) = match preference {
        None => (Effect::Missing, "preference is null"),
        Some(-1.0) => (Effect::Missing, "preference is -1"),
        Some(0.0) => (Effect::Kept, "preference is 0, which is a draw"),
        Some(given) if !is_preference(given) => (
            Effect::Missing,
            "preference is neither 0, nor -1, nor from 1 to 2",
        ),
        Some(_) => return,
    };
    sheet.count(effect, reason, record);
}

/// Counts texts that are none.
fn tell_of_texts(
    fields: &Fields<'_>,
    chars: [Option<u32>; 2],
    reply: Option<&RawValue>,
    sheet: &mut Sheet<'_>,
    record: &Record<'_>,
) {
    let mut outputs = OUTPUTS.iter().zip(chars);
    if outputs.any(|(name, chars)| chars.is_none() && fields.has(name)) {
        let reason = "an answer that is no text: its length is not known";
        sheet.count(Effect::Kept, reason, record);
    }
    if reply.is_some_and(|reply| !reply.get().starts_with(['"', '{'])) {
        let reason =
            "a reply of the annotator that is neither a text nor an object: it is not read";
        sheet.count(Effect::Kept, reason, record);
    }
}

/// The place of the model's answer, from the annotator's reply.
fn order(preference: f64, reply: &RawValue) -> Option<Order> {
    let (first, second) = match reply.get().as_bytes().first()? {
        b'"' => match string(reply).trim() {
            "m" => (1.0, 0.0),
            "M" => (0.0, 1.0),
            _ => return None,
        },
        _ => token_shares(reply)?,
    };
    let share = preference - 1.0;
    let as_first = (share - first).abs();
    let as_second = (share - second).abs();
    if (first - second).abs() <= SLACK {
        return None;
    }
    if as_first <= SLACK {
        Some(Order::CandidateFirst)
    } else if as_second <= SLACK {
        Some(Order::OpponentFirst)
    } else {
        None
    }
}

/// The probabilities of `m` and `M` among these two, from the log-probabilities of
/// the reply's first token.
fn token_shares(reply: &RawValue) -> Option<(f64, f64)> {
    let logprobs = Fields::of(reply)?.object(&["logprobs"]).ok()??;
    let (mut first, mut second) = (None, None);
    let mut take = |token: &str, logprob: f64| match token {
        "m" => first = Some(logprob),
        "M" => second = Some(logprob),
        _ => {}
    };
    if let Some(content) = logprobs.raw(&["content"]) {
        let token = Fields::of(list(content)?.first()?)?;
        for entry in token.list(&["top_logprobs"]).ok()?? {
            let entry = Fields::of(entry)?;
            take(
                &entry.text(&["token"]).ok()??,
                entry.number(&["logprob"]).ok()??,
            );
        }
    } else {
        // The older completions API: one object a token, from tokens to numbers.
        let tokens = logprobs.list(&["top_logprobs"]).ok()??;
        for (token, logprob) in Fields::of(tokens.first()?)?.pairs() {
            take(token, number(logprob)?);
        }
    }
    match (first, second) {
        (None, None) => None,
        (Some(_), None) => Some((1.0, 0.0)),
        (None, Some(_)) => Some((0.0, 1.0)),
        (Some(first), Some(second)) => {
            let share = 1.0 / (1.0 + f64::exp(second - first));
            Some((share, 1.0 - share))
        }
    }
}

fn push_rows(file: &Annotations, names: &[[String; 3]], made: &mut Made) {
    let mut seen: HashMap<(usize, &str), usize> = HashMap::new();
    for row in &file.rows {
        let [model, baseline, _] = &file.contests[row.contest];
        if model == baseline {
            continue;
        }
        let times = seen.entry((row.contest, &row.question)).or_default();
        *times += 1;
        // Were they one item, two random orders would look like both orders.
        let item = if *times > 1 {
            format!("{}#{times}", row.question)
        } else {
            row.question.clone()
        };
        let [candidate, opponent, judge] = &names[row.contest];
        let verdict = match row.preference {
            Some(0.0) => Verdict::Graded(0.5),
            Some(given) if is_preference(given) => Verdict::Graded(given - 1.0),
            _ => Verdict::Missing(MissingReason::NoVerdict),
        };
        made.rows.push(&Row {
            asked: Asked {
                item: &item,
                question: &row.question,
                topic: row.dataset.as_deref(),
                ..Asked::default()
            },
            candidate,
            opponent,
            judge,
            rubric: RUBRIC,
            criterion: CRITERION,
            order: row.order,
            sample: 1,
            verdict,
            candidate_chars: row.model_chars,
            opponent_chars: row.baseline_chars,
        });
    }
}

/// The model's share by the source's coding; `None` where a preference is missing.
fn share(row: &Annotation) -> Option<f64> {
    let preference = match row.preference? {
        0.0 => 1.5,
        given => given,
    };
    (1.0..=2.0)
        .contains(&preference)
        .then_some(preference - 1.0)
}

/// The figures of `alpaca_eval` for one model.
fn figures(file: &Annotations, contest: usize, names: &[String; 3], path: &Path) -> SourceFigures {
    let rows = || file.rows.iter().filter(move |row| row.contest == contest);
    let given: Vec<f64> = rows().filter_map(share).collect();
    let count =
        |chosen: &dyn Fn(f64) -> bool| given.iter().filter(|share| chosen(**share)).count() as u64;
    let discrete: Vec<f64> = given
        .iter()
        .map(|share| match *share {
            0.5 => 0.5,
            share if share > 0.5 => 1.0,
            _ => 0.0,
        })
        .collect();
    let lengths: Vec<f64> = rows()
        .filter_map(|row| row.model_chars)
        .map(f64::from)
        .collect();
    let times_100 = |value: Option<f64>| value.map(|value| value * 100.0);
    let mut figures = vec![
        Figure::new(
            "win_rate",
            times_100(mean(&given)),
            Unit::Percent,
            "mean of preference - 1, a draw counted one half",
        ),
        Figure::new(
            "standard_error",
            times_100(standard_error(&given)),
            Unit::Percent,
            "standard deviation of preference - 1 over the root of n_total",
        ),
        Figure::count(
            "n_wins",
            count(&|share| share > 0.5),
            "preferences over 1.5",
        ),
        Figure::count(
            "n_wins_base",
            count(&|share| share < 0.5),
            "preferences under 1.5",
        ),
        Figure::count(
            "n_draws",
            count(&is_half),
            "preferences of exactly 1.5, or 0",
        ),
        Figure::count("n_total", given.len() as u64, "preferences that are there"),
        Figure::new(
            "discrete_win_rate",
            times_100(mean(&discrete)),
            Unit::Percent,
            "mean with every preference rounded to a win, a draw or a loss",
        ),
        Figure::new(
            "avg_length",
            mean(&lengths).map(f64::trunc),
            Unit::Characters,
            "mean length of the model's answers, cut to a whole number",
        ),
    ];
    let (controlled, about_length) = length::figures(rows(), share);
    figures.extend(controlled);
    let mut why = vec![
        "Each pair was shown in one order, drawn at random: what the place of an answer did is in both numbers, and only judging in both orders takes it out.".to_owned(),
        "standard_error takes every instruction for an independent draw and is no interval; the interval of the estimate is Wilson's with a t quantile over clusters of equal instructions, which keeps its level near 0% and 100%.".to_owned(),
        "discrete_win_rate counts a preference of 1.51 as a whole win; win_rate and the estimate average the graded preferences, a draw one half.".to_owned(),
    ];
    why.push(about_length);
    let missing = rows().count() - given.len();
    if missing > 0 {
        why.push(format!(
            "Rows without a preference ({missing}) are left out of the source's figures without a word; the report states them, and what they could do to the win rate."
        ));
    }
    let [candidate, opponent, judge] = names.clone();
    // An annotator's folder may have another name than the annotator.
    let mut also_called: Vec<String> = model_folder(path, &judge).into_iter().collect();
    also_called.extend(folder_above(path, 2).filter(|name| !also_called.contains(name)));
    SourceFigures {
        source: "alpaca_eval".to_owned(),
        subject: format!("{candidate} against {opponent}, by {judge}"),
        also_called,
        comparison: Some(Subject {
            candidate,
            opponent,
            judge,
            rubric: RUBRIC.to_owned(),
            criterion: CRITERION.to_owned(),
        }),
        figures,
        why_they_differ: why,
        ..SourceFigures::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_empty_for_a_file_tells_it_from_no_other() {
        let of = |files: [&str; 2]| {
            let files = files.map(Path::new);
            files.map(|file| place_among(file, &files))
        };
        let paths = ["m/a/annotations.json", "n/a/annotations.json"];
        assert_eq!(of(paths), ["m", "n"]);
        let paths = ["a/annotations.json", "m/b/annotations.json"];
        assert_eq!(of(paths), ["a", "b"]);
        let paths = ["annotations.json", "b/annotations.json"];
        assert_eq!(of(paths), paths);
    }
}
