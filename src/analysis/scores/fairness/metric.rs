//! What groups are compared on.

use crate::analysis::scores::metrics::Metric;
use crate::stats::subgroups::Direction;

/// What groups are compared on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FairMetric {
    /// Share of answers that are the mode.
    #[default]
    Accuracy,
    /// Share of answers that are a mode, where several tie.
    SoftAccuracy,
    /// Normalised mean absolute error.
    Nmae,
    /// 1 less that error, so that more is better.
    OneMinusNmae,
    /// Wasserstein-1 distance from the group's answers.
    Wasserstein,
}

impl FairMetric {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::Accuracy,
        Self::SoftAccuracy,
        Self::Nmae,
        Self::OneMinusNmae,
        Self::Wasserstein,
    ];

    /// Its key in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneMinusNmae => "one_minus_nmae",
            other => other.metric().name(),
        }
    }

    /// Whether more of it is better.
    pub fn rises_with_quality(self) -> bool {
        !matches!(self, Self::Nmae | Self::Wasserstein)
    }

    /// What the mean of a group estimates.
    fn estimand(self) -> &'static str {
        match self {
            Self::OneMinusNmae => "mean over items of 1 less the normalised mean absolute error",
            other => other.metric().estimand(),
        }
    }

    /// What is compared between the groups of a breakdown.
    pub(super) fn between(self, breakdown: &str) -> String {
        let groups = match breakdown.strip_prefix("group.") {
            Some(dimension) => format!("levels of {dimension}"),
            None => format!("{breakdown}s"),
        };
        format!("{}, between {groups}", self.estimand())
    }

    pub(super) fn metric(self) -> Metric {
        match self {
            Self::Accuracy => Metric::Accuracy,
            Self::SoftAccuracy => Metric::SoftAccuracy,
            Self::Nmae | Self::OneMinusNmae => Metric::Nmae,
            Self::Wasserstein => Metric::Wasserstein,
        }
    }

    pub(super) fn of(self, value: f64) -> f64 {
        if self == Self::OneMinusNmae {
            1.0 - value
        } else {
            value
        }
    }

    pub(super) fn worse(self) -> Direction {
        if self.rises_with_quality() {
            Direction::LowerIsWorse
        } else {
            Direction::HigherIsWorse
        }
    }
}
