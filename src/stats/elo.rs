//! Elo ratings of a stream of comparisons.
//!
//! After each comparison the winner takes `k` times what it scored above
//! expectation, `1 / (1 + 10^((R_b - R_a)/400))`, from the loser (Elo 1978, *The
//! Rating of Chessplayers*). The result depends on the order of comparisons and
//! has no standard error; for a table of judgments made at one time, use
//! [`super::bradley_terry`].

use super::StatsError;
use super::pairwise::Comparisons;

/// Settings of the stream. Tools differ in `k` (4, 16, 30), so it is always shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EloSettings {
    /// Rating of a model before its first comparison.
    pub start: f64,
    /// Points at stake in each comparison.
    pub k: f64,
}

impl Default for EloSettings {
    fn default() -> Self {
        Self {
            start: 1000.0,
            k: 4.0,
        }
    }
}

/// Rating of each model after all comparisons, in the order given.
///
/// # Errors
///
/// When there are no comparisons, a comparison is not between two different
/// models below `models`, a score lies outside `[0, 1]`, or a setting is not
/// finite.
pub fn elo(
    comparisons: Comparisons<'_>,
    models: usize,
    settings: EloSettings,
) -> Result<Vec<f64>, StatsError> {
    comparisons.check(models)?;
    for value in [settings.start, settings.k] {
        if !value.is_finite() {
            return Err(StatsError::NotFinite { row: 0, value });
        }
    }
    let mut ratings = vec![settings.start; models];
    for row in 0..comparisons.len() {
        let (a, b, score) = comparisons.row(row);
        let expected = 1.0 / (1.0 + 10.0_f64.powf((ratings[b] - ratings[a]) / 400.0));
        let points = settings.k * (score - expected);
        ratings[a] += points;
        ratings[b] -= points;
    }
    Ok(ratings)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of evalica's README, whose numbers are those of `k = 30`.
    #[test]
    fn agrees_with_evalica() {
        let comparisons = Comparisons {
            first: &[0, 1, 0],
            second: &[1, 2, 2],
            score: &[1.0, 0.0, 0.5],
        };
        let found = elo(
            comparisons,
            3,
            EloSettings {
                start: 1000.0,
                k: 30.0,
            },
        )
        .unwrap();
        let expected = [
            1_014.972_058_162_581_3,
            970.647_199_991_534_3,
            1_014.380_741_845_884_2,
        ];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
    }

    #[test]
    fn points_only_change_hands() {
        let comparisons = Comparisons {
            first: &[0, 1, 2, 0],
            second: &[1, 2, 0, 2],
            score: &[1.0, 0.25, 0.5, 0.0],
        };
        let found = elo(comparisons, 3, EloSettings::default()).unwrap();
        assert!((found.iter().sum::<f64>() - 3000.0).abs() < 1e-9);
    }

    #[test]
    fn settings_must_be_finite() {
        let comparisons = Comparisons {
            first: &[0],
            second: &[1],
            score: &[1.0],
        };
        assert!(
            elo(
                comparisons,
                2,
                EloSettings {
                    start: 1000.0,
                    k: f64::NAN
                }
            )
            .is_err()
        );
    }
}
