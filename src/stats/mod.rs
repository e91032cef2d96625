//! The numbers: estimates, intervals and tests for paired judgments.
//!
//! Pure functions, one method a file: slices in, estimates out. Nothing here
//! reads a file, a clock or an environment, and nothing keeps state, so the same
//! input gives the same bytes on any machine with any number of threads.
//!
//! The unit is the *item* (one persona asked one question), whose score in
//! `[0, 1]` is already averaged over repeats, orders and samples. Items that share
//! a question or a persona are not independent, so every variance is taken over
//! clusters ([`cluster`]).
//!
//! # NaN
//!
//! No estimator accepts or returns a number that is not finite. Bad input is a
//! [`StatsError`]; a quantity that does not exist (the variance of one cluster)
//! is `None` or an error, never NaN. The distribution functions of [`quantile`]
//! answer NaN only when given NaN.
//!
//! # Sums
//!
//! Sums run in the order of the input and are compensated (Neumaier 1974), so
//! that equal scores have a variance of exactly zero and not one of `1e-34`.

#![expect(
    clippy::many_single_char_names,
    reason = "formulas keep the names of their sources"
)]

pub mod advantage;
pub mod agreement;
pub mod alternative_annotator;
mod between_clusters;
pub mod bivariate;
pub mod bootstrap;
pub mod bradley_terry;
pub mod cluster;
pub mod cluster_sums;
pub mod components;
pub mod correlation;
pub mod davidson;
pub mod difference;
pub mod disparity;
pub mod elo;
pub mod equivalence;
mod error;
pub mod errors_in_variables;
pub(crate) mod grouping;
pub mod heterogeneity;
pub mod homogeneity;
pub mod interval;
mod left_out;
pub mod length_control;
mod linalg;
pub(crate) mod logistic;
mod max_t;
pub mod multiplicity;
mod newton;
#[cfg(test)]
mod noisy_data;
pub mod noisy_pairs;
pub mod pairwise;
#[cfg(test)]
mod pairwise_data;
pub mod permutation;
pub mod planning;
pub mod prediction_powered;
pub mod proportion;
pub mod quantile;
pub mod random;
pub mod ratings;
pub mod rogan_gladen;
mod sandwich;
pub mod score_test;
pub mod sign_test;
mod special;
pub mod study_size;
pub mod subgroups;
pub(crate) mod sum;
mod support;
pub mod t_interval;
pub mod tango;
pub mod uneven;
pub mod unit_pairs;
pub mod wilcoxon;
pub mod wilson;

pub use cluster::{ClusterCounts, ClusterMean, Clusters, cluster_mean};
pub use error::StatsError;
pub use interval::{Interval, Level, PValue};
pub use noisy_pairs::NoisyPairs;
pub use pairwise::Comparisons;
pub use random::Draws;
pub use ratings::Ratings;
pub use tango::Outcomes;
