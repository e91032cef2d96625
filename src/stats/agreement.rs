//! How far raters agree who sort units into ordered categories.
//!
//! Two shapes hold all that the coefficients need, and both are sums over units, so
//! that a bootstrap over clusters adds up the shapes of clusters and never walks the
//! ratings again ([`super::cluster_sums`]):
//!
//! - [`CrossTable`]: how often the first of two raters gave one category where the
//!   second gave another. Counts may be fractions, as where a unit with three people
//!   counts one third for each.
//! - [`PanelTable`]: any number of raters, of whom a unit may lack some.
//!
//! Categories are numbered `0..k` in their order. A coefficient that needs distances
//! takes them from those numbers.
//!
//! A coefficient that corrects for chance is `(p_o - p_e) / (1 - p_e)`. Where chance
//! alone would always agree (`p_e = 1`: everybody gave one category) it does not
//! exist, which is [`StatsError::OneCategory`] and never NaN.
//!
//! Sources: Cohen 1960, *Educational and Psychological Measurement* 20:37, and 1968,
//! *Psychological Bulletin* 70:213 (weights); Fleiss 1971, *Psychological Bulletin*
//! 76:378; Gwet 2008, *British J. Math. Stat. Psychology* 61:29, and 2014, *Handbook
//! of Inter-Rater Reliability* (weights, missing ratings); Krippendorff 2011,
//! *Computing Krippendorff's Alpha-Reliability*.

use super::StatsError;

/// How much two categories count as agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// 1 for the same category, else 0.
    Identity,
    /// `1 - |i - j| / (k - 1)`: neighbours agree in part.
    Linear,
    /// `1 - (i - j)² / (k - 1)²`.
    Quadratic,
}

impl Weights {
    /// The weight of categories `i` and `j` of `k`, from 0 to 1.
    pub fn of(self, i: usize, j: usize, k: usize) -> f64 {
        if i == j {
            return 1.0;
        }
        let apart = i.abs_diff(j) as f64 / (k - 1) as f64;
        match self {
            Self::Identity => 0.0,
            Self::Linear => 1.0 - apart,
            Self::Quadratic => 1.0 - apart * apart,
        }
    }
}

/// How far apart Krippendorff's alpha takes two categories to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Different or not.
    Nominal,
    /// By how many ratings lie between them.
    Ordinal,
    /// By the square of their distance.
    Interval,
}

/// `(observed - chance) / (1 - chance)`.
fn beyond_chance(observed: f64, chance: f64) -> Result<f64, StatsError> {
    let room = 1.0 - chance;
    if room > 1e-12 {
        Ok((observed - chance) / room)
    } else {
        Err(StatsError::OneCategory)
    }
}

/// Chance agreement of Gwet's coefficients: `T/(k(k-1)) Σ π(1-π)`, with `T` the sum
/// of all weights. Fewer than two categories leave nothing to choose.
fn gwet_chance(prevalence: &[f64], weights: Weights) -> Result<f64, StatsError> {
    let k = prevalence.len();
    if k < 2 {
        return Err(StatsError::OneCategory);
    }
    let total: f64 = pairs(k).map(|(i, j)| weights.of(i, j, k)).sum();
    let spread: f64 = prevalence.iter().map(|p| p * (1.0 - p)).sum();
    Ok(total / (k * (k - 1)) as f64 * spread)
}

/// Chance agreement of two raters with one distribution: `Σ w π π`.
fn shared_chance(prevalence: &[f64], weights: Weights) -> f64 {
    let k = prevalence.len();
    pairs(k)
        .map(|(i, j)| weights.of(i, j, k) * prevalence[i] * prevalence[j])
        .sum()
}

/// Krippendorff's alpha of coincidences: `1 - (n-1) Σ o δ² / Σ n_i n_j δ²`.
fn alpha(
    k: usize,
    coincidence: impl Fn(usize, usize) -> f64,
    metric: Metric,
) -> Result<f64, StatsError> {
    let totals: Vec<f64> = (0..k)
        .map(|i| (0..k).map(|j| coincidence(i, j)).sum())
        .collect();
    let n: f64 = totals.iter().sum();
    if n <= 0.0 {
        return Err(StatsError::Empty);
    }
    let apart = |i: usize, j: usize| -> f64 {
        if i == j {
            return 0.0;
        }
        let (low, high) = (i.min(j), i.max(j));
        match metric {
            Metric::Nominal => 1.0,
            Metric::Interval => (high - low) as f64 * (high - low) as f64,
            Metric::Ordinal => {
                let between: f64 = totals[low..=high].iter().sum();
                let distance = between - f64::midpoint(totals[low], totals[high]);
                distance * distance
            }
        }
    };
    let observed: f64 = pairs(k).map(|(i, j)| coincidence(i, j) * apart(i, j)).sum();
    let expected: f64 = pairs(k)
        .map(|(i, j)| totals[i] * totals[j] * apart(i, j))
        .sum();
    if expected > 1e-12 * n * n {
        Ok(1.0 - (n - 1.0) * observed / expected)
    } else {
        Err(StatsError::OneCategory)
    }
}

fn pairs(k: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..k).flat_map(move |i| (0..k).map(move |j| (i, j)))
}

/// How often two raters gave each pair of categories: `k × k` sums, one row for each
/// category of the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossTable<'a> {
    k: usize,
    cells: &'a [f64],
}

impl<'a> CrossTable<'a> {
    /// A table of `k` categories over its first `k * k` numbers, which are not
    /// negative.
    ///
    /// # Errors
    ///
    /// When there are fewer numbers.
    pub fn new(k: usize, cells: &'a [f64]) -> Result<Self, StatsError> {
        let expected = Self::width(k);
        match cells.get(..expected) {
            Some(cells) => Ok(Self { k, cells }),
            None => Err(StatsError::LengthMismatch {
                what: "the cross table",
                expected,
                found: cells.len(),
            }),
        }
    }

    /// How many numbers a table of `k` categories has.
    pub fn width(k: usize) -> usize {
        k * k
    }

    /// Adds a pair of ratings to the numbers of a table.
    pub fn add(cells: &mut [f64], k: usize, first: usize, second: usize, weight: f64) {
        cells[first * k + second] += weight;
    }

    /// How many pairs of ratings there are.
    pub fn total(&self) -> f64 {
        self.cells.iter().sum()
    }

    fn share(&self, i: usize, j: usize, total: f64) -> f64 {
        self.cells[i * self.k + j] / total
    }

    fn checked_total(&self) -> Result<f64, StatsError> {
        let total = self.total();
        if total > 0.0 {
            Ok(total)
        } else {
            Err(StatsError::Empty)
        }
    }

    /// Shares of the categories of the first rater, and of the second.
    fn margins(&self, total: f64) -> (Vec<f64>, Vec<f64>) {
        let k = self.k;
        let of = |cell: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
            (0..k).map(|i| (0..k).map(|j| cell(i, j)).sum()).collect()
        };
        (
            of(&|i, j| self.share(i, j, total)),
            of(&|i, j| self.share(j, i, total)),
        )
    }

    fn prevalence(&self, total: f64) -> Vec<f64> {
        let (first, second) = self.margins(total);
        let both = first.iter().zip(&second);
        both.map(|(a, b)| f64::midpoint(*a, *b)).collect()
    }

    /// Weighted agreement `Σ w p`; with [`Weights::Identity`] the share of units on
    /// which both gave the same category.
    ///
    /// # Errors
    ///
    /// When the table is empty.
    pub fn agreement(&self, weights: Weights) -> Result<f64, StatsError> {
        let total = self.checked_total()?;
        let k = self.k;
        Ok(pairs(k)
            .map(|(i, j)| weights.of(i, j, k) * self.share(i, j, total))
            .sum())
    }

    /// Cohen's kappa: chance is two raters who each keep their own distribution.
    ///
    /// # Errors
    ///
    /// When the table is empty, or both gave one and the same category only.
    pub fn cohen_kappa(&self, weights: Weights) -> Result<f64, StatsError> {
        let observed = self.agreement(weights)?;
        let (first, second) = self.margins(self.checked_total()?);
        let k = self.k;
        let chance = pairs(k)
            .map(|(i, j)| weights.of(i, j, k) * first[i] * second[j])
            .sum();
        beyond_chance(observed, chance)
    }

    /// Gwet's AC1 ([`Weights::Identity`]) or AC2: chance is how evenly categories are
    /// used, so that it does not collapse where one of them prevails.
    ///
    /// # Errors
    ///
    /// When the table is empty, or there is one category.
    pub fn gwet(&self, weights: Weights) -> Result<f64, StatsError> {
        let observed = self.agreement(weights)?;
        let prevalence = self.prevalence(self.checked_total()?);
        beyond_chance(observed, gwet_chance(&prevalence, weights)?)
    }

    /// Fleiss' kappa of two raters, which is Scott's pi (1955): chance is two raters
    /// with the distribution of both together.
    ///
    /// # Errors
    ///
    /// As [`CrossTable::cohen_kappa`].
    pub fn fleiss(&self) -> Result<f64, StatsError> {
        let observed = self.agreement(Weights::Identity)?;
        let prevalence = self.prevalence(self.checked_total()?);
        beyond_chance(observed, shared_chance(&prevalence, Weights::Identity))
    }

    /// Krippendorff's alpha of two raters.
    ///
    /// # Errors
    ///
    /// As [`CrossTable::cohen_kappa`].
    pub fn alpha(&self, metric: Metric) -> Result<f64, StatsError> {
        let k = self.k;
        let both = |i: usize, j: usize| self.cells[i * k + j] + self.cells[j * k + i];
        alpha(k, both, metric)
    }
}

/// Sums over units that any number of raters rated, some of whom may be missing:
/// the numbers of units with one rating or more and with two or more, the shares of
/// categories, the shares of pairs of ratings, and Krippendorff's coincidences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PanelTable<'a> {
    k: usize,
    sums: &'a [f64],
}

impl<'a> PanelTable<'a> {
    /// A table of `k` categories over its first [`PanelTable::width`] numbers.
    ///
    /// # Errors
    ///
    /// When there are fewer numbers.
    pub fn new(k: usize, sums: &'a [f64]) -> Result<Self, StatsError> {
        let expected = Self::width(k);
        match sums.get(..expected) {
            Some(sums) => Ok(Self { k, sums }),
            None => Err(StatsError::LengthMismatch {
                what: "the panel table",
                expected,
                found: sums.len(),
            }),
        }
    }

    /// How many numbers a table of `k` categories has.
    pub fn width(k: usize) -> usize {
        2 + k + 2 * k * k
    }

    /// Adds a unit to the numbers of a table: how many raters gave each category.
    pub fn add(sums: &mut [f64], counts: &[u32]) {
        let k = counts.len();
        let raters: u32 = counts.iter().sum();
        if raters == 0 {
            return;
        }
        let n = f64::from(raters);
        sums[0] += 1.0;
        for (share, count) in sums[2..2 + k].iter_mut().zip(counts) {
            *share += f64::from(*count) / n;
        }
        if raters < 2 {
            return;
        }
        sums[1] += 1.0;
        let (shares, coincidences) = sums[2 + k..2 + k + 2 * k * k].split_at_mut(k * k);
        for (i, j) in pairs(k) {
            let others = f64::from(counts[j]) - if i == j { 1.0 } else { 0.0 };
            let coincidence = f64::from(counts[i]) * others / (n - 1.0);
            coincidences[i * k + j] += coincidence;
            shares[i * k + j] += coincidence / n;
        }
    }

    /// Units that two raters or more rated.
    pub fn units(&self) -> f64 {
        self.sums[1]
    }

    fn prevalence(&self) -> Vec<f64> {
        let shares = &self.sums[2..2 + self.k];
        shares.iter().map(|share| share / self.sums[0]).collect()
    }

    /// Mean over units of the weighted agreement of their pairs of raters.
    ///
    /// # Errors
    ///
    /// When no unit was rated twice.
    pub fn agreement(&self, weights: Weights) -> Result<f64, StatsError> {
        if self.units() <= 0.0 {
            return Err(StatsError::Empty);
        }
        let k = self.k;
        let shares = &self.sums[2 + k..];
        let sum: f64 = pairs(k)
            .map(|(i, j)| weights.of(i, j, k) * shares[i * k + j])
            .sum();
        Ok(sum / self.units())
    }

    /// Fleiss' kappa, for any number of raters of each unit: categories are counted
    /// over all rated units, pairs over those with two ratings or more.
    ///
    /// # Errors
    ///
    /// When no unit was rated twice, or all ratings are one category.
    pub fn fleiss(&self) -> Result<f64, StatsError> {
        let observed = self.agreement(Weights::Identity)?;
        beyond_chance(
            observed,
            shared_chance(&self.prevalence(), Weights::Identity),
        )
    }

    /// Gwet's AC1 or AC2 of any number of raters.
    ///
    /// # Errors
    ///
    /// When no unit was rated twice, or there is one category.
    pub fn gwet(&self, weights: Weights) -> Result<f64, StatsError> {
        let observed = self.agreement(weights)?;
        beyond_chance(observed, gwet_chance(&self.prevalence(), weights)?)
    }

    /// Krippendorff's alpha of any number of raters; units with one rating say
    /// nothing and are left out.
    ///
    /// # Errors
    ///
    /// As [`PanelTable::fleiss`].
    pub fn alpha(&self, metric: Metric) -> Result<f64, StatsError> {
        let k = self.k;
        let coincidences = &self.sums[2 + k + k * k..];
        alpha(k, |i, j| coincidences[i * k + j], metric)
    }
}

#[cfg(test)]
mod tests;
