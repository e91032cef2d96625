//! The scores of every item of a model.

use rayon::prelude::*;

use super::ScoreOptions;
use super::metrics::{Answered, Group, METRICS, Normaliser, TREATED, Treatment, treated};
use crate::answers::{Answer, AnswerTable, Given, Missing};
use crate::stats::sum::Sum;

/// What became of planned answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) answered: u32,
    /// By [`Missing`], in the order of [`Missing::ALL`].
    pub(super) missing: [u32; Missing::ALL.len()],
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.answered += other.answered;
        for (mine, theirs) in self.missing.iter_mut().zip(other.missing) {
            *mine += theirs;
        }
    }

    fn count(&mut self, given: Given) {
        match given {
            Given::Option(_) => self.answered += 1,
            Given::Missing(reason) => self.missing[reason as usize] += 1,
        }
    }

    fn of(&self, reason: Missing) -> u32 {
        self.missing[reason as usize]
    }

    /// Answers that nobody gave.
    pub(super) fn not_there(&self) -> u32 {
        self.of(Missing::Failed) + self.of(Missing::NotRun)
    }

    /// Answers without an option that somebody gave.
    fn without_option(&self) -> u32 {
        self.of(Missing::Refused) + self.of(Missing::Unreadable) + self.of(Missing::Truncated)
    }
}

/// The metrics of [`TREATED`] under each of [`Treatment::ALL`].
type Treated = [[f64; TREATED.len()]; Treatment::ALL.len()];

/// A weighted mean in the making.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: Sum,
    total: Sum,
}

impl Mean {
    /// Adds a value, if there is one.
    fn add(&mut self, value: f64, weight: f64) {
        if !value.is_nan() {
            self.sum.add(weight * value);
            self.total.add(weight);
        }
    }

    fn value(self) -> Option<f64> {
        let total = self.total.value();
        (total > 0.0).then(|| self.sum.value() / total)
    }
}

/// No entry of [`ModelItems::odd`].
const EVEN: u32 = u32::MAX;

/// The scored items of one model.
pub(super) struct ModelItems {
    pub(super) model: u16,
    /// Indices into the table's items, ascending.
    pub(super) items: Vec<u32>,
    /// What became of the answers of each.
    pub(super) tallies: Vec<Tally>,
    /// All of them together.
    pub(super) total: Tally,
    /// The metrics of each under the treatment that was asked for, metric by metric; NaN
    /// where one does not exist.
    pub(super) values: [Vec<f64>; METRICS.len()],
    /// The first metric that is the same number for every item: soft accuracy is accuracy
    /// where nothing ties.
    pub(super) alike: [usize; METRICS.len()],
    /// Items with missing answers, on which treatments differ.
    odd: Vec<Treated>,
    /// The place of each item among them, or [`EVEN`].
    odd_at: Vec<u32>,
}

impl ModelItems {
    /// Nothing yet of so many items at the most.
    fn new(model: u16, most: usize) -> Self {
        Self {
            model,
            items: Vec::with_capacity(most),
            tallies: Vec::with_capacity(most),
            total: Tally::default(),
            values: METRICS.map(|_| Vec::with_capacity(most)),
            alike: std::array::from_fn(|at| at),
            odd: Vec::new(),
            odd_at: Vec::with_capacity(most),
        }
    }

    /// The means of [`TREATED`] over some items under each of [`Treatment::ALL`]; `None`
    /// where no item has one. `weights` are those of the table's items.
    pub(super) fn treated_means(
        &self,
        members: &[u32],
        weights: Option<&[f64]>,
    ) -> [[Option<f64>; TREATED.len()]; Treatment::ALL.len()] {
        let weight = |place: u32| {
            weights.map_or(1.0, |weights| weights[self.items[place as usize] as usize])
        };
        let is_odd = |place: u32| self.odd_at[place as usize] != EVEN;
        let odd: Vec<u32> = members.iter().copied().filter(|p| is_odd(*p)).collect();
        // What treatments do not differ on is summed once.
        let of_even = TREATED.map(|metric| {
            let column = &self.values[metric as usize];
            let mut mean = Mean::default();
            for place in members.iter().copied().filter(|place| !is_odd(*place)) {
                mean.add(column[place as usize], weight(place));
            }
            mean
        });
        Treatment::ALL.map(|treatment| {
            let mut means = of_even;
            for place in &odd {
                let treated = &self.odd[self.odd_at[*place as usize] as usize];
                for (mean, value) in means.iter_mut().zip(treated[treatment as usize]) {
                    mean.add(value, weight(*place));
                }
            }
            means.map(Mean::value)
        })
    }

    /// The places of the items that another model has too, in both.
    pub(super) fn shared(&self, other: &Self) -> Vec<(u32, u32)> {
        let mut shared = Vec::new();
        let mut theirs = 0;
        for (place, item) in self.items.iter().enumerate() {
            while other.items.get(theirs).is_some_and(|other| other < item) {
                theirs += 1;
            }
            if other.items.get(theirs) == Some(item) {
                shared.push((place as u32, theirs as u32));
            }
        }
        shared
    }
}

/// Scores the chosen items of every model.
pub(super) fn score(
    table: &AnswerTable,
    chosen: &[bool],
    options: &ScoreOptions,
) -> Vec<ModelItems> {
    let of_models = by_model(table).into_par_iter().enumerate();
    of_models
        .map(|(model, answers)| model_items(table, chosen, options, model as u16, answers))
        .collect()
}

/// The answers of each model.
fn by_model(table: &AnswerTable) -> Vec<Vec<u32>> {
    let mut sizes = vec![0; table.models.len()];
    for answer in &table.answers {
        sizes[usize::from(answer.model)] += 1;
    }
    let mut of_models: Vec<Vec<u32>> = sizes.into_iter().map(Vec::with_capacity).collect();
    for (index, answer) in (0..).zip(&table.answers) {
        of_models[usize::from(answer.model)].push(index);
    }
    of_models
}

fn model_items(
    table: &AnswerTable,
    chosen: &[bool],
    options: &ScoreOptions,
    model: u16,
    mut answers: Vec<u32>,
) -> ModelItems {
    let answer = |index: &u32| &table.answers[*index as usize];
    // Samples of an item stand together in most tables, and items in order.
    answers.sort_by_key(|index| answer(index).item);
    let of_items = || answers.chunk_by(|a, b| answer(a).item == answer(b).item);
    let mut scored = ModelItems::new(model, of_items().count());
    let mut sums = Answered::default();
    for of_item in of_items() {
        let item = answer(&of_item[0]).item;
        if !chosen[item as usize] {
            continue;
        }
        let mut tally = Tally::default();
        add_up(
            table,
            item,
            of_item.iter().map(answer),
            &mut sums,
            &mut tally,
        );
        scored.push(table, item, &sums, tally, options);
    }
    scored.alike = std::array::from_fn(|at| first_alike(&scored.values, at));
    scored
}

/// The first column of the same bounds that holds the same numbers.
fn first_alike(columns: &[Vec<f64>; METRICS.len()], at: usize) -> usize {
    let is_distance = |at: usize| METRICS[at].is_distance();
    let same = |before: &usize| {
        let mut pairs = columns[*before].iter().zip(&columns[at]);
        is_distance(*before) == is_distance(at) && pairs.all(|(a, b)| a.to_bits() == b.to_bits())
    };
    (0..at).find(same).unwrap_or(at)
}

/// Sums the answers of one item.
fn add_up<'a>(
    table: &AnswerTable,
    item: u32,
    answers: impl Iterator<Item = &'a Answer>,
    sums: &mut Answered,
    tally: &mut Tally,
) {
    let item = &table.items[item as usize];
    let options = table.scale_of(item).len();
    for sum in [&mut sums.picks, &mut sums.shares] {
        sum.clear();
        sum.resize(options, 0.0);
    }
    for answer in answers {
        tally.count(answer.given);
        let Given::Option(drawn) = answer.given else {
            continue;
        };
        match answer.distribution {
            None => {
                sums.picks[usize::from(drawn)] += 1.0;
                sums.shares[usize::from(drawn)] += 1.0;
            }
            Some(first) => {
                let shares = table.shares_of(item, first);
                sums.picks[likeliest(shares)] += 1.0;
                for (sum, share) in sums.shares.iter_mut().zip(shares) {
                    *sum += share;
                }
            }
        }
    }
    sums.answered = f64::from(tally.answered);
    sums.missing = f64::from(tally.without_option());
}

/// The position of the largest share; of several, the lowest.
fn likeliest(shares: &[f64]) -> usize {
    let mut best = 0;
    for (position, share) in shares.iter().enumerate() {
        if *share > shares[best] {
            best = position;
        }
    }
    best
}

impl ModelItems {
    fn push(
        &mut self,
        table: &AnswerTable,
        index: u32,
        sums: &Answered,
        tally: Tally,
        options: &ScoreOptions,
    ) {
        self.total.add(&tally);
        let item = &table.items[index as usize];
        let Some(truth) = &item.truth else { return };
        let group = Group {
            scale: table.scale_of(item),
            mode: truth.mode,
            modes: &truth.modes,
            shares: truth.distribution.map(|first| table.shares_of(item, first)),
        };
        let values = under(&group, sums, options.missing, options.normaliser);
        let asked = sums.answered + sums.missing;
        let share = |count: u32| {
            if asked > 0.0 {
                f64::from(count) / asked
            } else {
                f64::NAN
            }
        };
        let unreadable = tally.of(Missing::Unreadable) + tally.of(Missing::Truncated);
        let rates = [share(tally.of(Missing::Refused)), share(unreadable)];
        for (column, value) in self.values.iter_mut().zip(values.into_iter().chain(rates)) {
            column.push(value);
        }
        self.odd_at.push(if sums.missing > 0.0 {
            self.odd.push(
                Treatment::ALL.map(|treatment| under(&group, sums, treatment, options.normaliser)),
            );
            self.odd.len() as u32 - 1
        } else {
            EVEN
        });
        self.items.push(index);
        self.tallies.push(tally);
    }
}

/// The metrics of one item under a treatment.
fn under(
    group: &Group<'_>,
    sums: &Answered,
    treatment: Treatment,
    normaliser: Normaliser,
) -> [f64; TREATED.len()] {
    treated(sums, group, treatment, normaliser)
}
