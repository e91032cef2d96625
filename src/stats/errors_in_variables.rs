//! A straight line through estimates that both have errors.
//!
//! York et al. (2004, *American J. Physics* 72:367) minimise
//! `chi²(a, b) = Σ (y - a - b x)² / (v_y + b² v_x - 2 b c + e²)` over the intercept `a`
//! and the slope `b`, with `v` the known error variances and `c` the error covariance
//! of a unit; with one ratio of the two variances this is Deming's line. Least squares
//! on `x` alone would be drawn towards a slope of zero by the noise in `x`.
//!
//! The true values of units do not lie on a line. `e`, the standard deviation of what
//! the true `y` have beside it, is 0 where noise explains the scatter (`chi² <= n - 2`)
//! and else what makes `chi² = n - 2` (Tremaine et al. 2002, *Astrophysical J.*
//! 574:740); without it units with small errors would pull the line too hard. With it the
//! slope is that of the true `y` on the true `x`.
//!
//! Limits of York's line are the slopes at which `chi²` exceeds its minimum by the square
//! of the t quantile with `n - 2` degrees of freedom. With scatter these hold the true
//! slope far too seldom, since the scatter is itself estimated from the best slope. There
//! the limits are those of a score test (Boos 1992, *American Statistician* 46:327): a
//! slope is kept while the sum over units of what `chi²` falls by, `ψ = w r (x̂ - x̄)`, is
//! within the t quantile times the standard error that the units' own `ψ` give it, with
//! `w` the weight at the scatter which that slope needs, `r` the residual and
//! `x̂ = x + w (b v_x - c) r` the estimate of the true `x`. `ψ` less what estimating the
//! scatter takes from it, `κ (w r² - (n - 2) / n)` with `κ = Σ w² (b v_x - c) / Σ w`, is what
//! varies. Where no slope up to a vertical line is refused, there is no limit.

use std::f64::consts::FRAC_PI_2;

use super::cluster::mean;
use super::correlation::{FEWEST_UNITS, reliabilities};
use super::quantile::t_upper_quantile;
use super::sum::{Sum, sum};
use super::{Level, NoisyPairs, StatsError};

/// Angles at which a minimum is looked for first.
const ANGLES: usize = 180;

/// A line with its slope's limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Rise of `y` for one more of `x`.
    pub slope: f64,
    /// `y` where `x` is 0.
    pub intercept: f64,
    /// Lower limit of the slope; `None` where there is none.
    pub low: Option<f64>,
    /// Upper limit of the slope.
    pub high: Option<f64>,
    /// `e`: standard deviation of the true `y` about the line.
    pub scatter: f64,
    /// Level of the limits.
    pub level: Level,
}

/// The line with scatter of the true values about it (see the module).
///
/// # Errors
///
/// Under [`FEWEST_UNITS`], or when an estimate varies no more than its noise.
pub fn line(pairs: &NoisyPairs, level: Level) -> Result<Line, StatsError> {
    if pairs.units() < FEWEST_UNITS {
        return Err(StatsError::TooFewUnits {
            found: pairs.units(),
            needed: FEWEST_UNITS,
        });
    }
    reliabilities(pairs)?;
    let mut fit = Fit::new(pairs)?;
    fit.scatter = fit.needed_scatter();
    let t = fit.t_quantile(level);
    Ok(fit.line(level, |slope| fit.score(slope).abs() > t))
}

/// York's line, which takes the true values to lie on it.
///
/// # Errors
///
/// With fewer than three units, or when an estimate is the same for all.
pub fn york(pairs: &NoisyPairs, level: Level) -> Result<Line, StatsError> {
    let fit = Fit::new(pairs)?;
    let bound = fit.at(fit.best()) + fit.t_quantile(level).powi(2);
    Ok(fit.line(level, |slope| fit.chi_squared(slope) > bound))
}

struct Fit<'a> {
    pairs: &'a NoisyPairs,
    /// Units of slope in which angles are even: deviation of `y` over that of `x`.
    unit: f64,
    /// The least that an error variance is taken for, so that a unit whose items all
    /// agree does not hold the line alone.
    floor: f64,
    /// `e²`.
    scatter: f64,
}

impl<'a> Fit<'a> {
    fn new(pairs: &'a NoisyPairs) -> Result<Self, StatsError> {
        if pairs.units() < 3 {
            return Err(StatsError::TooFewUnits {
                found: pairs.units(),
                needed: 3,
            });
        }
        let (Some(_), Some(_)) = pairs.reliabilities() else {
            return Err(StatsError::NoVariation);
        };
        let (xx, yy, _) = pairs.moments().ok_or(StatsError::NoVariation)?;
        Ok(Self {
            pairs,
            unit: (yy / xx).sqrt(),
            floor: 1e-9 * yy,
            scatter: 0.0,
        })
    }

    fn degrees_of_freedom(&self) -> f64 {
        self.pairs.units() as f64 - 2.0
    }

    fn weights(&self, slope: f64) -> impl Iterator<Item = f64> {
        let pairs = self.pairs;
        let errors = pairs.x_variance.iter().zip(&pairs.y_variance);
        errors.zip(&pairs.covariance).map(move |((x, y), c)| {
            let variance = y + slope * slope * x - 2.0 * slope * c + self.scatter;
            1.0 / variance.max(self.floor)
        })
    }

    fn intercept(&self, slope: f64) -> f64 {
        let (mut above, mut weights) = (Sum::default(), Sum::default());
        let points = self.pairs.x.iter().zip(&self.pairs.y);
        for ((x, y), weight) in points.zip(self.weights(slope)) {
            above.add(weight * (y - slope * x));
            weights.add(weight);
        }
        above.value() / weights.value()
    }

    /// `chi²` at the best intercept.
    fn chi_squared(&self, slope: f64) -> f64 {
        let intercept = self.intercept(slope);
        let points = self.pairs.x.iter().zip(&self.pairs.y);
        sum(points
            .zip(self.weights(slope))
            .map(|((x, y), weight)| weight * (y - intercept - slope * x).powi(2)))
    }

    fn at(&self, angle: f64) -> f64 {
        self.chi_squared(self.unit * angle.tan())
    }

    /// The angle of the best slope.
    fn best(&self) -> f64 {
        let step = 2.0 * FRAC_PI_2 / ANGLES as f64;
        let angle = |place: usize| -FRAC_PI_2 + (place as f64 + 0.5) * step;
        let chi: Vec<f64> = (0..ANGLES).map(|place| self.at(angle(place))).collect();
        let mut best = 0;
        for (place, value) in chi.iter().enumerate() {
            if *value < chi[best] {
                best = place;
            }
        }
        let most = FRAC_PI_2 - 1e-9;
        let (low, high) = (angle(best) - step, angle(best) + step);
        minimum(|at| self.at(at), low.max(-most), high.min(most))
    }

    /// The `e²` at which `chi²` is its expectation; 0 where it is no more without.
    fn needed_scatter(&self) -> f64 {
        let least = |scatter: f64| {
            let fit = Fit { scatter, ..*self };
            fit.at(fit.best())
        };
        self.scatter_where(squares_about_mean(&self.pairs.y), least)
    }

    /// The `e²` at which `chi²` of one slope is its expectation; 0 where it is no more
    /// without.
    fn scatter_at(&self, slope: f64) -> f64 {
        let points = self.pairs.x.iter().zip(&self.pairs.y);
        let residuals: Vec<f64> = points.map(|(x, y)| y - slope * x).collect();
        let most = squares_about_mean(&residuals) / self.degrees_of_freedom();
        self.scatter_where(most, |scatter| Fit { scatter, ..*self }.chi_squared(slope))
    }

    /// The `e²`, `most` at most, at which a falling `chi²` is its expectation; 0 where it is
    /// no more without.
    fn scatter_where(&self, most: f64, chi_squared: impl Fn(f64) -> f64) -> f64 {
        let expected = self.degrees_of_freedom();
        if chi_squared(0.0) <= expected {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, most);
        while high - low > 1e-12 * high {
            let scatter = f64::midpoint(low, high);
            if chi_squared(scatter) > expected {
                low = scatter;
            } else {
                high = scatter;
            }
        }
        f64::midpoint(low, high)
    }

    /// How many of its standard errors the score of a slope is from 0 (see the module).
    fn score(&self, slope: f64) -> f64 {
        let fit = Fit {
            scatter: self.scatter_at(slope),
            ..*self
        };
        let pairs = fit.pairs;
        let weights: Vec<f64> = fit.weights(slope).collect();
        let intercept = fit.intercept(slope);
        let pulls: Vec<f64> = (pairs.x_variance.iter().zip(&pairs.covariance))
            .map(|(x, c)| slope * x - c)
            .collect();
        let residuals: Vec<f64> = (pairs.x.iter().zip(&pairs.y))
            .map(|(x, y)| y - intercept - slope * x)
            .collect();
        let units = 0..pairs.units();
        let total = sum(weights.iter().copied());
        let true_x: Vec<f64> = (units.clone())
            .map(|unit| pairs.x[unit] + weights[unit] * pulls[unit] * residuals[unit])
            .collect();
        let middle = sum(true_x.iter().zip(&weights).map(|(x, w)| w * x)) / total;
        let scores: Vec<f64> = (units.clone())
            .map(|unit| weights[unit] * residuals[unit] * (true_x[unit] - middle))
            .collect();
        let by_scatter = if fit.scatter > 0.0 {
            sum(weights.iter().zip(&pulls).map(|(w, pull)| w * w * pull)) / total
        } else {
            0.0
        };
        let n = pairs.units() as f64;
        let share = fit.degrees_of_freedom() / n;
        let varying: Vec<f64> = units
            .map(|unit| {
                let squared = weights[unit] * residuals[unit].powi(2);
                scores[unit] - by_scatter * (squared - share)
            })
            .collect();
        let variance = squares_about_mean(&varying) / (n - 1.0);
        let score = mean(&scores);
        if score == 0.0 {
            0.0
        } else {
            score / (variance / n).sqrt()
        }
    }

    fn t_quantile(&self, level: Level) -> f64 {
        t_upper_quantile(level.tail(), self.degrees_of_freedom())
    }

    /// The best line, with the slopes nearest to its own that are refused as its limits.
    fn line(&self, level: Level, is_refused: impl Fn(f64) -> bool) -> Line {
        let best = self.best();
        let slope = self.unit * best.tan();
        let limit = |end: f64| self.crossing(best, end, &is_refused);
        Line {
            slope,
            intercept: self.intercept(slope),
            low: limit(-FRAC_PI_2),
            high: limit(FRAC_PI_2),
            scatter: self.scatter.sqrt(),
            level,
        }
    }

    /// The slope between the best angle and an end from which on slopes are refused.
    fn crossing(&self, best: f64, end: f64, is_refused: impl Fn(f64) -> bool) -> Option<f64> {
        let is_refused = |angle: f64| is_refused(self.unit * angle.tan());
        let step = (end - best) / ANGLES as f64;
        let place = (1..ANGLES).find(|place| is_refused(best + *place as f64 * step))?;
        let mut inside = best + (place as f64 - 1.0) * step;
        let mut outside = best + place as f64 * step;
        for _ in 0..60 {
            let middle = f64::midpoint(inside, outside);
            if is_refused(middle) {
                outside = middle;
            } else {
                inside = middle;
            }
        }
        Some(self.unit * f64::midpoint(inside, outside).tan())
    }
}

fn squares_about_mean(values: &[f64]) -> f64 {
    let middle = mean(values);
    sum(values.iter().map(|value| (value - middle).powi(2)))
}

/// The minimum of a function with one between two ends, by golden sections.
pub(super) fn minimum(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    let (mut low, mut high) = (low, high);
    let mut a = high - GOLDEN * (high - low);
    let mut b = low + GOLDEN * (high - low);
    let (mut at_a, mut at_b) = (f(a), f(b));
    for _ in 0..80 {
        if at_a <= at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - GOLDEN * (high - low);
            at_a = f(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + GOLDEN * (high - low);
            at_b = f(b);
        }
        if high - low <= 1e-10 * (1.0 + low.abs().max(high.abs())) {
            break;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests;
