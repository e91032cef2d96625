//! PandaLM's test set (`data/*.json`).
//!
//! The human file has for each pair of responses the verdicts of several people
//! (`annotator1`, …: 0 tie, 1 or 2) and, in `cmp_key`, the two models. A judge's
//! file has `<judge>_result`: 1, 2, `Tie` or 0, or `garbage` where the reply could
//! not be read. The files belong together by `idx`; the model of response 1 is the
//! candidate.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::figures::{cohen_kappa, share};
use super::gold;
use super::kind::Kind;
use super::record::{Fault, Fields, Record};
use super::rows::{Asked, Row, Verdict};
use super::sheet::Sheet;
use super::tally::{Effect, WITH_ITSELF};
use super::{Made, Part, Reader, identity};
use crate::analysis::source_figures::{Figure, SourceFigures, Unit};
use crate::verdict::{MissingReason, Outcome};

const CRITERION: &str = "overall";
const RUBRIC: &str = "pandalm";

pub(super) struct Pandalm<'o> {
    pub(super) judge: Option<&'o str>,
}

/// A pair of responses with the verdicts of people.
pub(super) struct Pair {
    idx: String,
    question: String,
    topic: Option<String>,
    models: [String; 2],
    chars: [Option<u32>; 2],
    /// By annotator: 0 tie, 1 or 2; none where there is none.
    votes: Vec<(String, Option<u8>)>,
}

/// A judge's verdict on a pair: 0 tie, 1 or 2; none where it could not be read.
pub(super) struct Judged {
    idx: String,
    verdict: Option<u8>,
}

/// What a file holds.
#[derive(Default)]
pub(super) struct File {
    pairs: Vec<Pair>,
    judged: Vec<Judged>,
}

impl Reader for Pandalm<'_> {
    type Part = File;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> File {
        if sheet.kind == Kind::PandalmPeople {
            return File {
                pairs: sheet.each(records, pair),
                ..File::default()
            };
        }
        File {
            judged: sheet.each(records, judged),
            ..File::default()
        }
    }

    fn combine(&self, parts: Vec<Part<File>>, made: &mut Made) {
        let pairs: Vec<&Pair> = parts.iter().flat_map(|part| &part.given.pairs).collect();
        let by_idx: HashMap<&str, &Pair> = pairs.iter().map(|pair| (&*pair.idx, *pair)).collect();
        for part in &parts {
            made.begin(&part.path);
            for pair in &part.given.pairs {
                for (annotator, vote) in &pair.votes {
                    push(pair, annotator, *vote, &mut made.labels);
                }
            }
        }
        if !pairs.is_empty() {
            made.figures.push(people(&pairs));
        }
        for part in parts.iter().filter(|part| part.kind == Kind::PandalmJudge) {
            made.begin(&part.path);
            let judge = self.judge_of(&part.path);
            let mut alone = 0;
            for judged in &part.given.judged {
                if let Some(pair) = by_idx.get(&*judged.idx) {
                    if pair.models[0] == pair.models[1] {
                        made.tally.add(Effect::Skipped, WITH_ITSELF, || {
                            format!("{} (idx {})", part.path.display(), judged.idx)
                        });
                    }
                    push(pair, &judge, judged.verdict, &mut made.rows);
                } else {
                    alone += 1;
                    push(
                        &stranger(&judged.idx),
                        &judge,
                        judged.verdict,
                        &mut made.rows,
                    );
                }
            }
            if alone > 0 {
                made.notes.push(format!(
                    "{alone} verdicts of {judge} are about pairs whose models and people are not known; import the human file (testset-v1.json) together with it"
                ));
            }
            if !pairs.is_empty() {
                made.figures
                    .push(accuracy(&part.given.judged, &judge, &by_idx));
            }
        }
    }
}

impl Pandalm<'_> {
    /// `gpt-3.5-turbo` of `gpt-3.5-turbo-testset-v1.json`; of a file that is named
    /// otherwise the judge that is given, or its name.
    fn judge_of(&self, path: &Path) -> String {
        let stem = super::stem(path).unwrap_or_default();
        match stem.split_once("-testset") {
            Some((judge, _)) if !judge.is_empty() => judge.to_owned(),
            _ => self.judge.unwrap_or(&stem).to_owned(),
        }
    }
}

fn pair(sheet: &mut Sheet<'_>, record: &Record<'_>) -> Result<Option<Pair>, Fault> {
    let fields = Fields::of_record(record)?;
    let idx = fields.required_text(&["idx"])?.into_owned();
    let instruction = fields.required_text(&["instruction"])?;
    let input = fields.text(&["input"])?.unwrap_or_default();
    let key = fields.text(&["cmp_key"])?;
    if key.is_none() {
        let reason = "no cmp_key: the models are called response 1 and response 2";
        sheet.count(Effect::Kept, reason, record);
    }
    let models = models(key.as_deref());
    if models.iter().any(|model| model.trim().is_empty()) {
        let message = "a model has no name, expected two names with `_` between them";
        return Err(Fault::new("cmp_key", message));
    }
    if models[0] == models[1] {
        sheet.count(Effect::Skipped, WITH_ITSELF, record);
    }
    let mut votes = Vec::new();
    let names: Vec<String> = fields
        .names()
        .filter(|name| {
            let number = name.strip_prefix("annotator");
            number.is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
        })
        .map(str::to_owned)
        .collect();
    for name in names {
        let vote = match fields.text(&[&name])?.as_deref() {
            None => {
                sheet.count(Effect::Missing, "an annotator gave no verdict", record);
                None
            }
            Some(text) => Some(vote(text).ok_or_else(|| {
                Fault::new(&name, format!("found `{text}`, expected 0 (tie), 1 or 2"))
            })?),
        };
        votes.push((name, vote));
    }
    sheet.about(record, &idx);
    Ok(Some(Pair {
        idx,
        question: identity(&format!("{instruction}\n{input}")),
        topic: fields.text(&["motivation_app"])?.map(String::from),
        models,
        chars: [
            fields.chars(&["response1", "response_1"]),
            fields.chars(&["response2", "response_2"]),
        ],
        votes,
    }))
}

/// The models of a pair.
pub(super) fn models(cmp_key: Option<&str>) -> [String; 2] {
    let key = cmp_key.unwrap_or("response");
    match key.split_once('_') {
        Some((first, second)) => [first.to_owned(), second.to_owned()],
        None => [format!("{key} 1"), format!("{key} 2")],
    }
}

fn judged(sheet: &mut Sheet<'_>, record: &Record<'_>) -> Result<Option<Judged>, Fault> {
    let fields = Fields::of_record(record)?;
    let idx = fields.required_text(&["idx"])?.into_owned();
    sheet.about(record, &idx);
    let names = fields.names().filter(|name| name.ends_with("_result"));
    let names: Vec<String> = names.map(str::to_owned).collect();
    let [name] = &names[..] else {
        let message = match names.len() {
            0 => "the field is missing, expected 1, 2 or Tie".to_owned(),
            _ => format!(
                "found {}, expected the verdict of one judge; give each judge's in a file of its own",
                names.join(", ")
            ),
        };
        return Err(Fault::new("<judge>_result", message));
    };
    let verdict = fields.text(&[name])?.and_then(|text| vote(&text));
    if verdict.is_none() {
        sheet.count(
            Effect::Missing,
            "the judge's verdict is neither 1, 2 nor a tie",
            record,
        );
    }
    Ok(Some(Judged { idx, verdict }))
}

fn vote(text: &str) -> Option<u8> {
    match text.trim().to_lowercase().as_str() {
        "0" | "0.0" | "tie" => Some(0),
        "1" | "1.0" => Some(1),
        "2" | "2.0" => Some(2),
        _ => None,
    }
}

fn stranger(idx: &str) -> Pair {
    Pair {
        idx: idx.to_owned(),
        question: idx.to_owned(),
        topic: None,
        models: models(None),
        chars: [None; 2],
        votes: Vec::new(),
    }
}

fn push(pair: &Pair, who: &str, vote: Option<u8>, rows: &mut super::Rows) {
    if pair.models[0] == pair.models[1] {
        return;
    }
    let verdict = match vote {
        Some(1) => Verdict::Given(Outcome::Win),
        Some(2) => Verdict::Given(Outcome::Loss),
        Some(_) => Verdict::Given(Outcome::Tie),
        None => Verdict::Missing(MissingReason::NoVerdict),
    };
    rows.push(&Row {
        asked: Asked {
            item: &pair.idx,
            question: &pair.question,
            topic: pair.topic.as_deref(),
            ..Asked::default()
        },
        candidate: &pair.models[0],
        opponent: &pair.models[1],
        judge: who,
        rubric: RUBRIC,
        criterion: CRITERION,
        // Response 1 always stood first.
        order: Some(crate::verdict::Order::CandidateFirst),
        sample: 1,
        verdict,
        candidate_chars: pair.chars[0],
        opponent_chars: pair.chars[1],
    });
}

/// The verdict that most people gave; of several, the one given first.
fn majority(pair: &Pair) -> Option<u8> {
    most_given(pair).first().copied()
}

/// The verdicts that no other was given more often than, in the order in which they were
/// given.
fn most_given(pair: &Pair) -> Vec<u8> {
    let mut counts: Vec<(u8, usize)> = Vec::new();
    for vote in pair.votes.iter().filter_map(|(_, vote)| *vote) {
        match counts.iter_mut().find(|(known, _)| *known == vote) {
            Some((_, count)) => *count += 1,
            None => counts.push((vote, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max();
    let most = counts.iter().filter(|(_, count)| Some(*count) == most);
    most.map(|(vote, _)| *vote).collect()
}

/// Says on how many pairs people gave several verdicts equally often, where there are any.
fn of_split_people<'a>(pairs: impl Iterator<Item = &'a Pair>) -> Option<String> {
    let split = pairs.filter(|pair| most_given(pair).len() > 1).count();
    let on = if split == 1 {
        "1 pair".to_owned()
    } else {
        format!("{split} pairs")
    };
    (split > 0).then(|| {
        format!(
            "On {on} people gave several verdicts equally often; the verdict of most people is then the one given first, as in the source's scripts."
        )
    })
}

fn people(pairs: &[&Pair]) -> SourceFigures {
    let mut votes: BTreeMap<&str, Vec<Option<u8>>> = BTreeMap::new();
    for (number, pair) in pairs.iter().enumerate() {
        for (name, vote) in &pair.votes {
            let list = votes.entry(name).or_default();
            list.resize(number, None);
            list.push(*vote);
        }
    }
    let mut figures = Vec::new();
    for (label, words) in [(0_u8, "a tie"), (1, "response 1"), (2, "response 2")] {
        let n = pairs
            .iter()
            .filter(|pair| majority(pair) == Some(label))
            .count();
        figures.push(Figure::count(
            format!("label_{label}"),
            n as u64,
            format!("pairs for which most people gave {words}"),
        ));
    }
    let names: Vec<&str> = votes.keys().copied().collect();
    for (i, first) in names.iter().enumerate() {
        for second in &names[i + 1..] {
            let both: Vec<(u8, u8)> = votes[first]
                .iter()
                .zip(&votes[second])
                .filter_map(|(a, b)| Some(((*a)?, (*b)?)))
                .collect();
            let name = format!("kappa_{first}_{second}");
            let definition = format!("Cohen's kappa of {first} and {second} over ties, 1 and 2");
            figures.push(Figure::new(
                name,
                cohen_kappa(&both),
                Unit::Coefficient,
                definition,
            ));
        }
    }
    SourceFigures {
        source: "pandalm".to_owned(),
        subject: "people".to_owned(),
        also_called: Vec::new(),
        comparison: None,
        figures,
        estimate: None,
        why_they_differ: [
            "The source gives kappas without intervals; `oyer agree` gives them with intervals over the instructions that pairs share.".to_owned(),
        ]
        .into_iter()
        .chain(of_split_people(pairs.iter().copied()))
        .collect(),
    }
}

fn accuracy(judged: &[Judged], judge: &str, pairs: &HashMap<&str, &Pair>) -> SourceFigures {
    let known: Vec<(&Judged, &Pair, u8)> = judged
        .iter()
        .filter_map(|judged| {
            let pair = *pairs.get(&*judged.idx)?;
            Some((judged, pair, majority(pair)?))
        })
        .collect();
    let n = known.len() as u64;
    let right = known
        .iter()
        .filter(|(judged, _, label)| judged.verdict == Some(*label))
        .count() as u64;
    let garbage = known
        .iter()
        .filter(|(judged, ..)| judged.verdict.is_none())
        .count() as u64;
    let as_ties: Vec<(u8, u8)> = known
        .iter()
        .map(|(judged, _, label)| (judged.verdict.unwrap_or(0), *label))
        .collect();
    let right_as_ties = as_ties
        .iter()
        .filter(|(verdict, label)| verdict == label)
        .count() as u64;
    let [precision, recall, f1] = macro_averages(&as_ties);
    let figures = vec![
        Figure::new(
            "accuracy",
            share(right, n),
            Unit::Share,
            "pairs on which the judge and most people agree, an unreadable reply counted as wrong",
        ),
        Figure::new(
            "accuracy_garbage_as_tie",
            share(right_as_ties, n),
            Unit::Share,
            "the same with an unreadable reply counted as a tie, as compute_metrics.py has it",
        ),
        Figure::new(
            "precision",
            precision,
            Unit::Share,
            "mean over tie, 1 and 2 of the share of the judge's verdicts that people share, unreadable replies as ties",
        ),
        Figure::new(
            "recall",
            recall,
            Unit::Share,
            "mean over tie, 1 and 2 of the share of people's verdicts that the judge shares, unreadable replies as ties",
        ),
        Figure::new(
            "f1",
            f1,
            Unit::Share,
            "mean over tie, 1 and 2 of the harmonic mean of the two",
        ),
        Figure::count("n_garbage", garbage, "replies that could not be read"),
        Figure::count("n_total", n, "pairs with verdicts of people"),
    ];
    let agreed = known.iter().filter_map(|(judged, pair, label)| {
        Some((&*pair.idx, &*pair.question, judged.verdict? == *label))
    });
    SourceFigures {
        source: "pandalm".to_owned(),
        subject: judge.to_owned(),
        also_called: Vec::new(),
        comparison: None,
        figures,
        estimate: gold::accuracy("agreement with most people", agreed),
        why_they_differ: [
            "The source counts an unreadable reply as a wrong verdict, or as a tie; the estimate leaves it out, because it is no verdict.".to_owned(),
            "Several pairs share an instruction: the estimate's interval takes them to move together, and the source gives none.".to_owned(),
            "Every pair was shown in one order, so that what the place of a response did cannot be told from what it is worth.".to_owned(),
        ]
        .into_iter()
        .chain(of_split_people(known.iter().map(|(_, pair, _)| *pair)))
        .collect(),
    }
}

/// Precision, recall and F1, each averaged over the three verdicts; 0 where a
/// verdict does not occur.
fn macro_averages(pairs: &[(u8, u8)]) -> [Option<f64>; 3] {
    if pairs.is_empty() {
        return [None; 3];
    }
    let count =
        |holds: &dyn Fn(&(u8, u8)) -> bool| pairs.iter().filter(|pair| holds(pair)).count() as f64;
    let or_zero = |value: f64| if value.is_finite() { value } else { 0.0 };
    let mut totals = [0.0; 3];
    for class in 0..3 {
        let hits = count(&|(verdict, label)| *verdict == class && *label == class);
        let precision = or_zero(hits / count(&|(verdict, _)| *verdict == class));
        let recall = or_zero(hits / count(&|(_, label)| *label == class));
        let f1 = or_zero(2.0 * precision * recall / (precision + recall));
        for (total, value) in totals.iter_mut().zip([precision, recall, f1]) {
            *total += value / 3.0;
        }
    }
    totals.map(Some)
}
