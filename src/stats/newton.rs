//! Newton's method for concave likelihoods.

use super::StatsError;
use super::linalg::Square;

const MAX_STEPS: usize = 200;

/// A maximum with the inverse of the information there.
#[derive(Debug, Clone)]
pub(crate) struct Maximum {
    pub(crate) at: Vec<f64>,
    pub(crate) inverse_information: Square,
}

/// A concave function to maximise.
pub(crate) trait Likelihood {
    /// The log likelihood.
    fn value(&self, at: &[f64]) -> f64;
    /// Its gradient and its negative second derivatives.
    fn derivatives(&self, at: &[f64]) -> (Vec<f64>, Square);
    /// Whether a point is so far out that the likelihood has no maximum.
    fn runs_away(&self, at: &[f64]) -> bool;
}

/// Climbs to the maximum, halving steps that would lower the likelihood.
///
/// # Errors
///
/// [`StatsError::Collinear`] when the information is singular at the start, and
/// [`StatsError::Separated`] when there is no finite maximum.
pub(crate) fn maximise(
    likelihood: &impl Likelihood,
    start: Vec<f64>,
) -> Result<Maximum, StatsError> {
    let mut at = start;
    let mut value = likelihood.value(&at);
    for step_number in 0..MAX_STEPS {
        let (gradient, information) = likelihood.derivatives(&at);
        let Some(inverse_information) = information.inverse() else {
            return Err(if step_number == 0 {
                StatsError::Collinear
            } else {
                StatsError::Separated
            });
        };
        let step = inverse_information.apply(&gradient);
        // Of a large coefficient, as that of a column of small numbers, no step is small.
        let of_its_own = step
            .iter()
            .zip(&at)
            .map(|(s, at)| s.abs() / at.abs().max(1.0));
        let largest = of_its_own.fold(0.0_f64, f64::max);
        if largest <= 1e-13 {
            return Ok(Maximum {
                at,
                inverse_information,
            });
        }
        // Where no step improves, the maximum is reached up to rounding.
        let Some((next, reached)) = climb(likelihood, &at, &step, value) else {
            return Ok(Maximum {
                at,
                inverse_information,
            });
        };
        if likelihood.runs_away(&next) {
            return Err(StatsError::Separated);
        }
        if largest <= 1e-9 {
            // Quadratic convergence: this step ends at rounding error, and
            // the information no longer changes.
            return Ok(Maximum {
                at: next,
                inverse_information,
            });
        }
        (at, value) = (next, reached);
    }
    Err(StatsError::Separated)
}

/// Takes the step, or the largest of its halves that does not lower the value;
/// `None` where none of thirty does.
fn climb(
    likelihood: &impl Likelihood,
    from: &[f64],
    step: &[f64],
    value: f64,
) -> Option<(Vec<f64>, f64)> {
    let mut share = 1.0;
    for _ in 0..30 {
        let next: Vec<f64> = from.iter().zip(step).map(|(b, s)| b + share * s).collect();
        let reached = likelihood.value(&next);
        if reached >= value - 1e-13 * value.abs() {
            return Some((next, reached));
        }
        share *= 0.5;
    }
    None
}
