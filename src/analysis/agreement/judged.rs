//! The items of a comparison: what its judge said of each, and people.

use std::collections::HashMap;

use super::figures::Context;
use crate::analysis::item_score::visit;

/// What people said of an item.
#[derive(Debug, Clone, Default)]
pub(super) struct ByPeople {
    /// Sum over samples of the mean over people.
    score: f64,
    samples: f64,
    /// Sum over samples of what each stands for.
    weight: f64,
    people: Vec<u32>,
}

/// An item that was begun.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) rank: u32,
    /// The judge's score, where it has one.
    judge: Option<f64>,
    /// Share of its samples that the judge's score is of.
    share: f64,
    label: Option<ByPeople>,
}

impl Seen {
    pub(super) fn is_judged(&self) -> bool {
        self.judge.is_some()
    }

    pub(super) fn is_labelled(&self) -> bool {
        self.label.is_some()
    }

    /// People's score.
    fn people(&self) -> Option<f64> {
        let label = self.label.as_ref()?;
        Some(label.score / label.samples)
    }

    /// How many items it stands for.
    fn weight(&self) -> f64 {
        let label = self.label.as_ref();
        label.map_or(1.0, |label| label.weight / label.samples)
    }
}

/// The share of the samples of items that the judge's scores are of; `None` where there
/// is no item.
pub(super) fn coverage(items: &[&Seen]) -> Option<f64> {
    let share: f64 = items.iter().map(|item| item.share).sum();
    (!items.is_empty()).then(|| share / items.len() as f64)
}

/// Items as columns.
pub(super) struct Judged {
    pub(super) ranks: Vec<u32>,
    /// 0 where there is none.
    pub(super) judge: Vec<f64>,
    pub(super) people: Vec<Option<f64>>,
    /// How many items each label stands for.
    pub(super) weights: Vec<f64>,
    /// Who labelled any of them.
    pub(super) raters: Vec<u32>,
}

impl Judged {
    /// Some of the items.
    pub(super) fn of(items: &[&Seen], keep: impl Fn(&Seen) -> bool) -> Self {
        let kept: Vec<&Seen> = items.iter().copied().filter(|item| keep(item)).collect();
        let labels = kept.iter().filter_map(|item| item.label.as_ref());
        let mut raters: Vec<u32> = labels.flat_map(|label| label.people.clone()).collect();
        raters.sort_unstable();
        raters.dedup();
        Self {
            ranks: kept.iter().map(|item| item.rank).collect(),
            judge: kept.iter().map(|item| item.judge.unwrap_or(0.0)).collect(),
            people: kept.iter().map(|item| item.people()).collect(),
            weights: kept.iter().map(|item| item.weight()).collect(),
            raters,
        }
    }

    /// Scores of the judge, and of people, on the labelled items, with what each stands for.
    pub(super) fn labelled(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let rows = self.judge.iter().zip(&self.people).zip(&self.weights);
        rows.filter_map(|((judge, people), weight)| Some((*judge, (*people)?, *weight)))
    }

    /// Whether labels stand for unequal numbers of items.
    pub(super) fn is_weighted(&self) -> bool {
        let mut weights = self.labelled().map(|(_, _, weight)| weight);
        let first = weights.next().unwrap_or(1.0);
        weights.any(|weight| (weight - first).abs() > 1e-9 * first)
    }
}

/// The items of a comparison that were begun, with what people said; none where people
/// said nothing of any.
pub(super) fn seen(context: &Context<'_>, comparison: usize, criterion: u16) -> Vec<Seen> {
    let mut labels = labels(context, comparison, criterion);
    let mut items = Vec::new();
    if labels.is_empty() {
        return items;
    }
    visit(context.layout, comparison, criterion, |score, tally| {
        if tally.begun > 0 {
            items.push(Seen {
                rank: score.item,
                judge: (!score.score.is_nan()).then_some(score.score),
                share: tally.share,
                label: labels.remove(&score.item),
            });
        }
    });
    if !items.iter().any(Seen::is_labelled) {
        items.clear();
    }
    items
}

/// What people said of each item, from the side of the comparison's candidate.
fn labels(context: &Context<'_>, comparison: usize, criterion: u16) -> HashMap<u32, ByPeople> {
    let ratings = context.ratings;
    let compared = &context.layout.comparisons[comparison].contest;
    let name = &context.layout.table.criteria[usize::from(criterion)];
    let model = |name: &str| {
        ratings
            .models
            .iter()
            .position(|known| known == name)
            .map(|n| n as u32)
    };
    let mut of_item: HashMap<u32, ByPeople> = HashMap::new();
    let (Some(candidate), Some(opponent)) = (model(&compared.candidate), model(&compared.opponent))
    else {
        return of_item;
    };
    let parts = ratings.parts.iter().filter(|part| part.criterion == *name);
    for unit in parts.flat_map(|part| &part.units) {
        let turned = unit.pair == (opponent, candidate);
        if unit.pair != (candidate, opponent) && !turned {
            continue;
        }
        let people = unit.ratings.iter();
        let people: Vec<_> = people
            .filter(|rating| ratings.raters[rating.rater as usize].is_person())
            .collect();
        if people.is_empty() {
            continue;
        }
        let sum: f64 = people.iter().map(|rating| rating.score).sum();
        let mean = sum / people.len() as f64;
        let label = of_item.entry(unit.item).or_default();
        label.score += if turned { 1.0 - mean } else { mean };
        label.samples += 1.0;
        label.weight += unit.weight;
        label
            .people
            .extend(people.iter().map(|rating| rating.rater));
    }
    of_item
}
