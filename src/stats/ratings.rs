//! Strengths of several models with their joint uncertainty.

use super::linalg::Square;
use super::logistic::sigmoid;
use super::max_t::critical_value;
use super::quantile::{t_two_sided, t_upper_quantile};
use super::random::Draws;
use super::sandwich::ClusterCovariance;
use super::score_test::ScoreTest;
use super::{ClusterCounts, Interval, Level, PValue, StatsError};

/// Log strengths of models, fitted from comparisons.
///
/// Strengths are on the log-odds scale and average 0; only differences mean
/// something.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratings {
    strengths: Vec<f64>,
    tie: Option<f64>,
    groups: Vec<Vec<usize>>,
    covariance: ClusterCovariance,
}

/// Where a model may stand among all, 1 being the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankInterval {
    /// Rank of the estimate; equal strengths share the better rank.
    pub rank: usize,
    /// Best rank not ruled out: one more than the models shown to be stronger.
    pub best: usize,
    /// Worst rank not ruled out.
    pub worst: usize,
}

impl Ratings {
    /// `covariance` is that of the strengths, and of a tie parameter after them
    /// where there is one.
    pub(crate) fn new(
        strengths: Vec<f64>,
        tie: Option<f64>,
        groups: Vec<Vec<usize>>,
        covariance: ClusterCovariance,
    ) -> Self {
        Self {
            strengths,
            tie,
            groups,
            covariance,
        }
    }

    /// Log strength of each model; they average 0.
    pub fn strengths(&self) -> &[f64] {
        &self.strengths
    }

    /// Davidson's tie parameter, where the model has one.
    pub fn tie(&self) -> Option<f64> {
        self.tie
    }

    /// Number of clusters in each dimension.
    pub fn clusters(&self) -> ClusterCounts {
        self.covariance.counts()
    }

    /// Groups of models within which strengths are settled by the comparisons. One
    /// group when all is well. With more, some models never lost to others, or
    /// never met them: each model was then given half a win and half a loss
    /// against an imagined opponent, and differences between groups rest on that.
    pub fn groups(&self) -> &[Vec<usize>] {
        &self.groups
    }

    /// Whether the fit needed imagined comparisons (see [`Ratings::groups`]).
    pub fn separated(&self) -> bool {
        self.groups.len() > 1
    }

    /// Cluster-robust standard error of a strength about the average of all.
    ///
    /// # Errors
    ///
    /// When some dimension has a single cluster or the model does not exist.
    pub fn standard_error(&self, model: usize) -> Result<f64, StatsError> {
        self.check(model)?;
        Ok(self
            .covariance
            .variance(|square| square.at(model, model))
            .sqrt())
    }

    /// A strength about the average of all, with a t interval.
    ///
    /// # Errors
    ///
    /// When some dimension has a single cluster, the model does not exist, or all
    /// clusters agree exactly.
    pub fn strength_interval(&self, model: usize, level: Level) -> Result<Interval, StatsError> {
        let error = self.standard_error(model)?;
        if error <= 1e-12 {
            return Err(StatsError::NoVariation);
        }
        let reach = t_upper_quantile(level.tail(), self.degrees_of_freedom()?) * error;
        let strength = self.strengths[model];
        Interval::new(strength, strength - reach, strength + reach, level)
    }

    /// Difference in log strength between two models, with a t interval.
    ///
    /// # Errors
    ///
    /// When some dimension has a single cluster, a model does not exist, or all
    /// clusters agree exactly.
    pub fn contrast(&self, a: usize, b: usize, level: Level) -> Result<Interval, StatsError> {
        self.interval(
            a,
            b,
            t_upper_quantile(level.tail(), self.degrees_of_freedom()?),
            level,
        )
    }

    /// Test of equal strength of two models: the t test that
    /// [`Ratings::contrast`] inverts.
    ///
    /// # Errors
    ///
    /// As [`Ratings::contrast`].
    pub fn test(&self, a: usize, b: usize) -> Result<ScoreTest, StatsError> {
        let error = self.contrast_error(a, b)?;
        let df = self.degrees_of_freedom()?;
        let statistic = (self.strengths[a] - self.strengths[b]) / error;
        Ok(ScoreTest {
            statistic,
            degrees_of_freedom: self.clusters().smallest() - 1,
            p: PValue::clamped(t_two_sided(statistic, df)),
        })
    }

    /// Chance that one model beats another, ties apart (and with ties as halves
    /// under Bradley-Terry): the contrast through the logistic curve.
    ///
    /// # Errors
    ///
    /// As [`Ratings::contrast`].
    pub fn win_chance(&self, a: usize, b: usize, level: Level) -> Result<Interval, StatsError> {
        let contrast = self.contrast(a, b, level)?;
        let [estimate, low, high] =
            [contrast.estimate(), contrast.low(), contrast.high()].map(sigmoid);
        Interval::new(estimate, low, high, level)
    }

    /// Differences for several pairs with intervals that hold all at once (see
    /// the max-T method).
    ///
    /// # Errors
    ///
    /// As [`Ratings::contrast`], for any of the pairs.
    pub fn simultaneous(
        &self,
        pairs: &[(usize, usize)],
        level: Level,
        draws: Draws,
    ) -> Result<Vec<Interval>, StatsError> {
        let critical = self.critical(pairs, level, draws)?;
        pairs
            .iter()
            .map(|&(a, b)| self.interval(a, b, critical, level))
            .collect()
    }

    /// Ranks that simultaneous intervals over all pairs do not rule out (Mogstad
    /// et al. 2024, *Review of Economic Studies* 91:476). A pair whose difference
    /// has no standard error rules out nothing.
    ///
    /// # Errors
    ///
    /// When some dimension has a single cluster.
    pub fn rank_intervals(
        &self,
        level: Level,
        draws: Draws,
    ) -> Result<Vec<RankInterval>, StatsError> {
        let models = self.strengths.len();
        let pairs: Vec<(usize, usize)> = (0..models)
            .flat_map(|i| (i + 1..models).map(move |j| (i, j)))
            .collect();
        let critical = self.critical(&pairs, level, draws)?;
        let stronger = |a: usize, b: usize| {
            self.interval(a, b, critical, level)
                .is_ok_and(|interval| interval.low() > 0.0)
        };
        Ok((0..models)
            .map(|i| {
                let others = || (0..models).filter(move |&j| j != i);
                let above = others()
                    .filter(|&j| self.strengths[j] > self.strengths[i])
                    .count();
                RankInterval {
                    rank: 1 + above,
                    best: 1 + others().filter(|&j| stronger(j, i)).count(),
                    worst: models - others().filter(|&j| stronger(i, j)).count(),
                }
            })
            .collect())
    }

    fn critical(
        &self,
        pairs: &[(usize, usize)],
        level: Level,
        draws: Draws,
    ) -> Result<f64, StatsError> {
        for &(a, b) in pairs {
            self.check(a)?;
            self.check(b)?;
        }
        let df = self.degrees_of_freedom()?;
        Ok(critical_value(
            &self.covariance.semidefinite(),
            pairs,
            df,
            level,
            draws,
        ))
    }

    fn interval(
        &self,
        a: usize,
        b: usize,
        critical: f64,
        level: Level,
    ) -> Result<Interval, StatsError> {
        let reach = critical * self.contrast_error(a, b)?;
        let difference = self.strengths[a] - self.strengths[b];
        Interval::new(difference, difference - reach, difference + reach, level)
    }

    /// Standard error of the difference of two strengths.
    ///
    /// # Errors
    ///
    /// When a model does not exist, or all clusters agree exactly.
    pub fn contrast_error(&self, a: usize, b: usize) -> Result<f64, StatsError> {
        self.check(a)?;
        self.check(b)?;
        let variance = self
            .covariance
            .variance(|square: &Square| square.contrast(a, b));
        if variance > 1e-24 {
            Ok(variance.sqrt())
        } else {
            Err(StatsError::NoVariation)
        }
    }

    fn degrees_of_freedom(&self) -> Result<f64, StatsError> {
        let found = self.clusters().smallest();
        if found < 2 {
            return Err(StatsError::TooFewClusters { found, needed: 2 });
        }
        Ok((found - 1) as f64)
    }

    fn check(&self, model: usize) -> Result<(), StatsError> {
        self.degrees_of_freedom()?;
        if model < self.strengths.len() {
            Ok(())
        } else {
            Err(StatsError::OutOfRange {
                what: "the model",
                value: model as f64,
                low: 0.0,
                high: self.strengths.len() as f64 - 1.0,
            })
        }
    }
}
