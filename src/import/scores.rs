//! Scores of single answers as comparisons: of two models scored on the same
//! question, the one with the higher score wins.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Made;
use super::record::Record;
use super::rows::{Asked, Row, Verdict};
use super::sheet::Sheet;
use super::tally::Effect;
use crate::verdict::{MissingReason, Outcome};

/// Why comparisons of scores are not what the source's means are.
pub(super) const WHY: &str = "The source averages scores; an estimate is of the share of questions on which one model's score is the higher, equal scores a tie, so that only the order of scores matters, and no answer was seen beside another. The source gives no interval; the estimate's is over questions.";

/// The scores that judges are asked for.
const SCALE: std::ops::RangeInclusive<f64> = 1.0..=10.0;

/// Counts a score that is not on the scale.
pub(super) fn count_beyond(score: f64, sheet: &mut Sheet<'_>, record: &Record<'_>) {
    if !SCALE.contains(&score) {
        let reason = "a score that is not from 1 to 10: in the source's means, as its script has it, and no verdict";
        sheet.count(Effect::Missing, reason, record);
    }
}

/// Says what became of scores that are not on the scale, where there are any.
pub(super) fn why_beyond<'a>(mut scored: impl Iterator<Item = &'a Scored>) -> Option<String> {
    scored.any(|one| one.score.is_some() && one.compared().is_none()).then(|| {
        "The source averages every number that the judge gave; one that is not from 1 to 10 is no verdict here.".to_owned()
    })
}

/// One answer's score.
pub(super) struct Scored {
    pub(super) item: String,
    pub(super) question: String,
    pub(super) topic: Option<String>,
    pub(super) model: String,
    pub(super) judge: String,
    pub(super) turn: u32,
    /// Any number that the source averages.
    pub(super) score: Option<f64>,
    pub(super) chars: Option<u32>,
}

impl Scored {
    /// What tells it from others.
    fn name(&self) -> [&str; 3] {
        [&self.judge, &self.model, &self.item]
    }

    /// The score that compares with others: one on their scale.
    fn compared(&self) -> Option<f64> {
        self.score.filter(|score| SCALE.contains(score))
    }
}

/// Adds the comparison of every two models on what both were scored on; with a
/// baseline, of each with it.
pub(super) fn push(
    scored: &[&Scored],
    rubric: &str,
    criterion: &str,
    baseline: Option<&str>,
    made: &mut Made,
) {
    let mut by_model: BTreeMap<(&str, &str), BTreeMap<&str, &Scored>> = BTreeMap::new();
    let mut again = 0;
    for one in scored {
        let of_model = by_model.entry((&one.judge, &one.model)).or_default();
        if of_model.insert(&one.item, one).is_some() {
            again += 1;
        }
    }
    if again > 0 {
        made.notes.push(format!(
            "{again} answers were scored more than once; their last score makes the comparisons, and all of them are in the source's figures"
        ));
    }
    let mut met: HashSet<[&str; 3]> = HashSet::new();
    let judges: BTreeSet<&str> = by_model.keys().map(|(judge, _)| *judge).collect();
    for judge in judges {
        let models: Vec<&str> = by_model
            .keys()
            .filter(|(other, _)| *other == judge)
            .map(|(_, model)| *model)
            .collect();
        for (i, first) in models.iter().enumerate() {
            for second in &models[i + 1..] {
                let (candidate, opponent) = match baseline {
                    Some(baseline) if *first == baseline => (second, first),
                    Some(baseline) if *second != baseline => continue,
                    _ => (first, second),
                };
                let opposed = &by_model[&(judge, *opponent)];
                for (item, one) in &by_model[&(judge, *candidate)] {
                    if let Some(other) = opposed.get(item) {
                        met.extend([one.name(), other.name()]);
                        compare(one, other, judge, rubric, criterion, made);
                    }
                }
            }
        }
    }
    let last = by_model.values().flat_map(BTreeMap::values);
    for one in last.filter(|one| !met.contains(&one.name())) {
        count_alone(one, baseline, made);
    }
    if made.rows.is_empty() {
        let note = "the scores of one model alone make no comparison; import the files of several models together";
        if !made.notes.iter().any(|known| known == note) {
            made.notes.push(note.to_owned());
        }
    }
}

/// Counts a score that no other is compared with.
fn count_alone(one: &Scored, baseline: Option<&str>, made: &mut Made) {
    let reason = match baseline {
        Some(baseline) if baseline != one.model => {
            "a score on a question that the baseline was not scored on: in no comparison"
        }
        _ => "a score on a question that no other model was scored on: in no comparison",
    };
    made.tally.add(Effect::Skipped, reason, || {
        format!("{} on {}, by {}", one.model, one.item, one.judge)
    });
}

fn compare(
    one: &Scored,
    other: &Scored,
    judge: &str,
    rubric: &str,
    criterion: &str,
    made: &mut Made,
) {
    let verdict = match (one.compared(), other.compared()) {
        (Some(one), Some(other)) if one > other => Verdict::Given(Outcome::Win),
        (Some(one), Some(other)) if one < other => Verdict::Given(Outcome::Loss),
        (Some(_), Some(_)) => Verdict::Given(Outcome::Tie),
        _ => Verdict::Missing(MissingReason::NoVerdict),
    };
    made.rows.push(&Row {
        asked: Asked {
            item: &one.item,
            question: &one.question,
            topic: one.topic.as_deref(),
            ..Asked::default()
        },
        candidate: &one.model,
        opponent: &other.model,
        judge,
        rubric,
        criterion,
        order: None,
        sample: 1,
        verdict,
        candidate_chars: one.chars,
        opponent_chars: other.chars,
    });
}
