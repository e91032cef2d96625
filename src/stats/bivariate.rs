//! How two true values go together over units, by maximum likelihood.
//!
//! The estimates of unit `g` are `(x, y)_g ~ N(mu, T + S_g)`, with `S_g` the known
//! covariance of their errors and `T` that of the true values; the correlation of the
//! true values is `rho = T_xy / sqrt(T_xx T_yy)` (van Houwelingen, Arends & Stijnen
//! 2002, *Statistics in Medicine* 21:589, who meet it in meta-analysis). The likelihood
//! is maximised over all else for each `rho`, and the limits are where twice its fall
//! reaches the chi-squared quantile. Unlike [`super::correlation::disattenuated`] it
//! weighs units by their errors.

use super::cluster::mean;
use super::correlation::{FEWEST_UNITS, reliabilities};
use super::errors_in_variables::minimum;
use super::quantile::chi_squared_quantile;
use super::{Interval, Level, NoisyPairs, StatsError};

/// `atanh` of the largest correlation that is tried, `.999`.
const MOST: f64 = 3.8;
/// Correlations that are tried on either side of the best.
const STEPS: i32 = 24;

/// The fitted distribution of the true values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bivariate {
    /// Their correlation with its profile interval; a limit of 1 or -1 says that there
    /// is none.
    pub correlation: Interval,
    /// Standard deviation of the true `x` over units.
    pub x_spread: f64,
    /// The same of `y`.
    pub y_spread: f64,
}

/// Fits the model (see the module).
///
/// # Errors
///
/// Under [`FEWEST_UNITS`], or when an estimate varies no more than its noise.
pub fn bivariate(pairs: &NoisyPairs, level: Level) -> Result<Bivariate, StatsError> {
    if pairs.units() < FEWEST_UNITS {
        return Err(StatsError::TooFewUnits {
            found: pairs.units(),
            needed: FEWEST_UNITS,
        });
    }
    reliabilities(pairs)?;
    let model = Model::new(pairs)?;
    let best = model.best();
    let z = best.z;
    let bound = best.fit.value + 0.5 * chi_squared_quantile(level.get(), 1.0);
    let limit = |direction: f64| model.limit(&best, direction, bound);
    let (low, high) = (limit(-1.0), limit(1.0));
    Ok(Bivariate {
        correlation: Interval::new(z.tanh(), low, high, level)?,
        x_spread: best.fit.at[0].exp(),
        y_spread: best.fit.at[1].exp(),
    })
}

/// Where the likelihood is best for one correlation.
#[derive(Debug, Clone, Copy)]
struct Fitted {
    /// Logarithms of the two spreads.
    at: [f64; 2],
    /// The negative log likelihood there.
    value: f64,
}

struct Best {
    z: f64,
    fit: Fitted,
}

struct Model<'a> {
    pairs: &'a NoisyPairs,
    /// Where the search for spreads starts.
    start: [f64; 2],
    low: [f64; 2],
    high: [f64; 2],
}

impl<'a> Model<'a> {
    fn new(pairs: &'a NoisyPairs) -> Result<Self, StatsError> {
        let (xx, yy, _) = pairs.moments().ok_or(StatsError::NoVariation)?;
        let start = |variance: f64, errors: &[f64]| {
            let rest = (variance - mean(errors)).max(0.05 * variance);
            0.5 * rest.ln()
        };
        let bound = |factor: f64| [xx, yy].map(|variance| 0.5 * variance.ln() + factor.ln());
        Ok(Self {
            pairs,
            start: [start(xx, &pairs.x_variance), start(yy, &pairs.y_variance)],
            low: bound(1e-3),
            high: bound(20.0),
        })
    }

    /// The negative log likelihood, at the best means.
    fn value(&self, rho: f64, at: [f64; 2]) -> f64 {
        let p = self.pairs;
        let (tx, ty) = (at[0].exp(), at[1].exp());
        let covariance = |unit: usize| {
            let a = tx * tx + p.x_variance[unit];
            let b = ty * ty + p.y_variance[unit];
            let c = rho * tx * ty + p.covariance[unit];
            (a, b, c, (a * b - c * c).max(1e-300))
        };
        // Precisions, and precisions times estimates.
        let (mut pa, mut pb, mut pc, mut ha, mut hb) = (0.0, 0.0, 0.0, 0.0, 0.0);
        let (mut logs, mut squares) = (0.0, 0.0);
        for unit in 0..p.units() {
            let (a, b, c, d) = covariance(unit);
            let (x, y) = (p.x[unit], p.y[unit]);
            pa += b / d;
            pb += a / d;
            pc -= c / d;
            ha += (b * x - c * y) / d;
            hb += (a * y - c * x) / d;
            logs += d.ln();
            squares += (b * x * x - 2.0 * c * x * y + a * y * y) / d;
        }
        let determinant = pa * pb - pc * pc;
        let mx = (pb * ha - pc * hb) / determinant;
        let my = (pa * hb - pc * ha) / determinant;
        0.5 * (logs + squares - mx * ha - my * hb)
    }

    /// The best spreads for one correlation, from some starts.
    fn fit(&self, z: f64, starts: &[[f64; 2]]) -> Fitted {
        let rho = z.tanh();
        let f = |at: [f64; 2]| self.value(rho, self.within(at));
        let mut best: Option<Fitted> = None;
        for start in starts {
            let (at, value) = simplex(&f, *start);
            if best.is_none_or(|best| value < best.value) {
                let at = self.within(at);
                best = Some(Fitted { at, value });
            }
        }
        best.unwrap_or(Fitted {
            at: self.start,
            value: f(self.start),
        })
    }

    fn within(&self, at: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|axis| at[axis].clamp(self.low[axis], self.high[axis]))
    }

    fn best(&self) -> Best {
        let step = MOST / f64::from(STEPS);
        let mut found: Option<(i32, Fitted)> = None;
        let mut last = self.start;
        for place in -STEPS..=STEPS {
            let fit = self.fit(f64::from(place) * step, &[self.start, last]);
            last = fit.at;
            if found.is_none_or(|(_, best)| fit.value < best.value) {
                found = Some((place, fit));
            }
        }
        let (place, fit) = found.unwrap_or((0, self.fit(0.0, &[self.start])));
        let near = f64::from(place) * step;
        let value = |z: f64| self.fit(z, &[fit.at]).value;
        let z = minimum(value, (near - step).max(-MOST), (near + step).min(MOST));
        let refined = self.fit(z, &[fit.at]);
        if refined.value <= fit.value {
            Best { z, fit: refined }
        } else {
            Best { z: near, fit }
        }
    }

    /// The outermost correlation on one side that is not refused; 1 where the last one
    /// that is tried is not.
    fn limit(&self, best: &Best, direction: f64, bound: f64) -> f64 {
        let reach = MOST - direction * best.z;
        let step = direction * reach / f64::from(STEPS);
        let mut inside = (best.z, best.fit.at);
        let mut outside: Option<f64> = None;
        let mut last = best.fit.at;
        for place in 1..=STEPS {
            let z = best.z + f64::from(place) * step;
            let fit = self.fit(z, &[last, self.start]);
            last = fit.at;
            if fit.value <= bound {
                (inside, outside) = ((z, fit.at), None);
            } else if outside.is_none() {
                outside = Some(z);
            }
        }
        let Some(mut outside) = outside else {
            return direction;
        };
        let (mut z, at) = inside;
        while (outside - z).abs() > 1e-7 {
            let middle = f64::midpoint(z, outside);
            if self.fit(middle, &[at]).value > bound {
                outside = middle;
            } else {
                z = middle;
            }
        }
        z.tanh()
    }
}

/// A minimum of a function of two numbers (Nelder & Mead 1965, *Computer J.* 7:308).
fn simplex(f: &impl Fn([f64; 2]) -> f64, start: [f64; 2]) -> ([f64; 2], f64) {
    let valued = |at: [f64; 2]| (at, f(at));
    let mut corners = [
        valued(start),
        valued([start[0] + 0.3, start[1]]),
        valued([start[0], start[1] + 0.3]),
    ];
    for _ in 0..200 {
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        let [best, middle, worst] = corners;
        let size = [0, 1]
            .map(|axis| (worst.0[axis] - best.0[axis]).abs())
            .into_iter()
            .fold(0.0_f64, f64::max);
        if (worst.1 - best.1).abs() <= 1e-11 * (1.0 + best.1.abs()) && size <= 1e-5 {
            break;
        }
        let centre = [0, 1].map(|axis| f64::midpoint(best.0[axis], middle.0[axis]));
        let along =
            |share: f64| [0, 1].map(|axis| centre[axis] + share * (centre[axis] - worst.0[axis]));
        let reflected = valued(along(1.0));
        if reflected.1 < best.1 {
            let further = valued(along(2.0));
            corners[2] = if further.1 < reflected.1 {
                further
            } else {
                reflected
            };
        } else if reflected.1 < middle.1 {
            corners[2] = reflected;
        } else {
            let nearer = if reflected.1 < worst.1 {
                valued(along(0.5))
            } else {
                valued(along(-0.5))
            };
            if nearer.1 < reflected.1.min(worst.1) {
                corners[2] = nearer;
            } else {
                for corner in &mut corners[1..] {
                    let at = [0, 1].map(|axis| f64::midpoint(corner.0[axis], best.0[axis]));
                    *corner = valued(at);
                }
            }
        }
    }
    corners.sort_by(|a, b| a.1.total_cmp(&b.1));
    corners[0]
}

#[cfg(test)]
mod tests;
