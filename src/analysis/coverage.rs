//! How much of what was planned has a verdict, over all and by model.

use std::collections::HashSet;

use super::facts::{Facts, simulated};
use super::layout::Layout;
use super::report::{Comparison, Coverage, Missing, Model};
use crate::verdict::table::{Cell, Length, VerdictTable};
use crate::verdict::{MissingReason, Outcome};

/// Verdicts of some judgments.
#[derive(Debug, Clone, Copy, Default)]
struct Verdicts {
    planned: u64,
    missing: Missing,
}

impl Verdicts {
    fn add(&mut self, cell: Cell) {
        self.planned += 1;
        if cell.outcome == Outcome::Missing {
            self.missing
                .add(cell.missing.unwrap_or(MissingReason::NoVerdict), 1);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.planned += other.planned;
        self.missing.merge(&other.missing);
    }
}

/// The coverage of a whole table with these headlines.
pub(super) fn coverage(
    table: &VerdictTable,
    layout: &Layout<'_>,
    facts: Option<&Facts>,
    headlines: &[&Comparison],
) -> Coverage {
    let mut verdicts = Verdicts::default();
    let mut planned = vec![false; table.items.len()];
    for judgment in &table.judgments {
        planned[judgment.item as usize] = true;
        for cell in table.cells_of(judgment) {
            verdicts.add(*cell);
        }
    }
    let count = |marks: &[bool]| marks.iter().filter(|mark| **mark).count() as u64;
    let in_table = count(&planned);
    let planned_items = facts
        .and_then(|facts| facts.planned_items)
        .unwrap_or(0)
        .max(in_table);
    Coverage {
        complete: !layout.comparisons.is_empty()
            && !headlines.is_empty()
            && headlines.iter().all(|headline| headline.withheld.is_none())
            && verdicts.missing.not_run == 0
            && planned_items == in_table,
        planned_items,
        begun_items: count(&table.items_begun()),
        judgments: askings(table, layout),
        verdicts: verdicts.planned,
        given: verdicts.planned - verdicts.missing.total(),
        missing: verdicts.missing,
    }
}

/// How often a judge was asked. What it said on each criterion stands apart in the table where
/// the covariates of its rows differ.
fn askings(table: &VerdictTable, layout: &Layout<'_>) -> u64 {
    if table.styles.is_empty() {
        return table.judgments.len() as u64;
    }
    let asking = |place: usize| {
        let judgment = &table.judgments[place];
        let (comparison, turned) = layout.side(place as u32);
        let [one, other] = [judgment.candidate_chars, judgment.opponent_chars].map(Length::chars);
        (
            (judgment.item, comparison, judgment.sample, judgment.repeat),
            layout.order(place as u32),
            if turned { (other, one) } else { (one, other) },
            table.calls.get(place),
        )
    };
    let askings: HashSet<_> = (0..table.judgments.len()).map(asking).collect();
    askings.len() as u64
}

/// What is known of each model: those of the study in its order, then those of the
/// table.
pub(super) fn models(
    table: &VerdictTable,
    layout: &Layout<'_>,
    facts: Option<&Facts>,
) -> Vec<Model> {
    let simulated = simulated(table, facts);
    let unnamed = |name: &str| unnamed(name, &simulated);
    let mut models: Vec<Model> = Vec::new();
    for known in facts
        .map(|facts| facts.models.as_slice())
        .unwrap_or_default()
    {
        let mut model = unnamed(&known.name);
        model.answers = Some(known.answers);
        model.mean_chars = known.mean_chars;
        models.push(model);
    }
    for place in &layout.comparisons {
        for name in [&place.contest.candidate, &place.contest.opponent] {
            if !models.iter().any(|model| model.model == *name) {
                models.push(unnamed(name));
            }
        }
    }
    let contests = by_contest(table);
    for model in &mut models {
        let mut verdicts = Verdicts::default();
        let mut lengths = Lengths::default();
        for (contest, counts) in table.contests.iter().zip(&contests) {
            if contest.candidate == model.model {
                lengths.merge(counts.candidate);
            }
            if contest.opponent == model.model {
                lengths.merge(counts.opponent);
            }
            if contest.candidate == model.model || contest.opponent == model.model {
                verdicts.merge(&counts.verdicts);
            }
        }
        model.verdicts = verdicts.planned;
        model.missing = verdicts.missing;
        model.mean_chars = model.mean_chars.or(lengths.mean());
    }
    models
}

fn unnamed(name: &str, simulated: &[String]) -> Model {
    Model {
        model: name.to_owned(),
        simulated: simulated.iter().any(|entry| entry == name),
        answers: None,
        mean_chars: None,
        verdicts: 0,
        missing: Missing::default(),
    }
}

/// Lengths of answers, summed.
#[derive(Debug, Clone, Copy, Default)]
struct Lengths {
    chars: u64,
    n: u64,
}

impl Lengths {
    fn add(&mut self, chars: Option<u32>) {
        if let Some(chars) = chars {
            self.chars += u64::from(chars);
            self.n += 1;
        }
    }

    fn merge(&mut self, other: Self) {
        self.chars += other.chars;
        self.n += other.n;
    }

    fn mean(self) -> Option<f64> {
        (self.n > 0).then(|| self.chars as f64 / self.n as f64)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct ContestCounts {
    verdicts: Verdicts,
    candidate: Lengths,
    opponent: Lengths,
}

fn by_contest(table: &VerdictTable) -> Vec<ContestCounts> {
    let mut counts = vec![ContestCounts::default(); table.contests.len()];
    for judgment in &table.judgments {
        let count = &mut counts[judgment.contest as usize];
        count.candidate.add(judgment.candidate_chars.chars());
        count.opponent.add(judgment.opponent_chars.chars());
        for cell in table.cells_of(judgment) {
            count.verdicts.add(*cell);
        }
    }
    counts
}
