//! The win rates that stand beside another tool's figures: of judges, of each person, and
//! of people together.

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use super::estimate::measure;
use super::layout::{Candidates, Layout};
use super::options::{AnalysisError, Options};
use super::report::Comparison;
use super::source_figures::{OfPooled, SourceFigures};
use crate::verdict::labels::{Labels, PEOPLE};
use crate::verdict::table::VerdictTable;

/// People beyond whom what is of no certain judge is of all of them together: each has but
/// a few labels then.
const MOST_PEOPLE: usize = 40;

/// Win rates by who judged.
#[derive(Debug, Default)]
pub struct Estimates {
    all: Vec<OfPooled>,
    by_judge: HashMap<String, Vec<usize>>,
    /// What is taken where nobody says who judged.
    by_anybody: Vec<usize>,
}

impl Estimates {
    /// Those of verdicts and labels, as far as figures need them.
    ///
    /// # Errors
    ///
    /// As [`analyse`](super::analyse).
    pub fn of_tables(
        table: &VerdictTable,
        labels: &Labels,
        figures: &[SourceFigures],
        options: &Options,
    ) -> Result<Self, AnalysisError> {
        let of_judges = win_rates(table, &Candidates::of(&[table]), options)?;
        Self::with_people(of_judges, table, labels, figures, options)
    }

    /// Those of a report on a table, and of labels.
    ///
    /// # Errors
    ///
    /// As [`analyse`](super::analyse).
    pub fn beside(
        comparisons: &[Comparison],
        table: &VerdictTable,
        labels: &Labels,
        figures: &[SourceFigures],
        options: &Options,
    ) -> Result<Self, AnalysisError> {
        let of_judges = comparisons.iter().map(OfPooled::of).collect();
        Self::with_people(of_judges, table, labels, figures, options)
    }

    fn with_people(
        of_judges: Vec<OfPooled>,
        table: &VerdictTable,
        labels: &Labels,
        figures: &[SourceFigures],
        options: &Options,
    ) -> Result<Self, AnalysisError> {
        let mut made = Self::default();
        made.add(of_judges, true);
        made.add_labels(table, labels, figures, options)?;
        Ok(made)
    }

    /// Win rates by a judge of this name; by anybody where none is given.
    pub(super) fn by(&self, judge: Option<&str>) -> impl Iterator<Item = &OfPooled> {
        let places = match judge {
            Some(judge) => self
                .by_judge
                .get(judge.trim())
                .map_or(&[][..], Vec::as_slice),
            None => &self.by_anybody,
        };
        places.iter().map(|place| &self.all[*place])
    }

    fn add(&mut self, rates: Vec<OfPooled>, by_anybody: bool) {
        for rate in rates {
            let place = self.all.len();
            let judge = rate.comparison.judge.trim().to_owned();
            self.by_judge.entry(judge).or_default().push(place);
            if by_anybody {
                self.by_anybody.push(place);
            }
            self.all.push(rate);
        }
    }

    fn add_labels(
        &mut self,
        table: &VerdictTable,
        labels: &Labels,
        figures: &[SourceFigures],
        options: &Options,
    ) -> Result<(), AnalysisError> {
        let people: BTreeSet<&str> = labels.annotators().into_iter().map(str::trim).collect();
        let few = people.len() <= MOST_PEOPLE;
        let any =
            |is_such: &dyn Fn(Option<&str>) -> bool| figures.iter().any(|set| set.is_by(is_such));
        let by_anybody = any(&|judge| judge.is_none());
        let of_each = any(&|judge| judge.is_some_and(|judge| people.contains(judge.trim())));
        let of_all = any(&|judge| judge == Some(PEOPLE));
        let candidates = Candidates::of(&[table, &labels.table]);
        if of_each || (by_anybody && few) {
            let rates = win_rates(&labels.table, &candidates, options)?;
            self.add(rates, few);
        }
        if of_all || (by_anybody && !few) {
            let rates = win_rates(&labels.pooled(), &candidates, options)?;
            self.add(rates, !few);
        }
        Ok(())
    }
}

/// The win rate of every comparison of a table on every criterion.
fn win_rates(
    table: &VerdictTable,
    candidates: &Candidates<'_>,
    options: &Options,
) -> Result<Vec<OfPooled>, AnalysisError> {
    let settings = options.check(options.seed)?;
    let mut layout = Layout::with(table, candidates);
    if let Some(names) = options.clusters() {
        layout = layout.clustered_by(&names)?;
    }
    let parts = layout.parts();
    let of_part = |&(comparison, criterion): &(usize, u16)| {
        let made = measure(&layout, comparison, criterion, &[], &settings, None);
        OfPooled::of(&made.comparison)
    };
    Ok(if layout.is_large() {
        parts.iter().map(of_part).collect()
    } else {
        parts.par_iter().map(of_part).collect()
    })
}
