//! Correlation and slope of two gains over units, both known with errors: true gains
//! are normal with deviations .04 and .06, errors of about .03 and .05.

use oyer::stats::bivariate::bivariate;
use oyer::stats::correlation::{disattenuated, pearson};
use oyer::stats::errors_in_variables::{Line, line, york};
use oyer::stats::{Interval, Level, NoisyPairs};
use rand_chacha::ChaCha8Rng;

use crate::draw::{normal, replicated, uniform};
use crate::tally::{Tally, head, merged, row};

const SPREADS: (f64, f64) = (0.04, 0.06);
const ERRORS: (f64, f64) = (0.03, 0.05);

/// Units with errors between .6 and 1.4 times the usual; errors of one unit correlate
/// by `shared`.
fn draw(rng: &mut ChaCha8Rng, units: usize, rho: f64, shared: f64) -> Option<NoisyPairs> {
    let mut columns: [Vec<f64>; 5] = Default::default();
    let part = |rho: f64| (1.0 - rho * rho).sqrt();
    for _ in 0..units {
        let (a, b) = (normal(rng), normal(rng));
        let truth = (
            0.05 + SPREADS.0 * a,
            0.05 + SPREADS.1 * (rho * a + part(rho) * b),
        );
        let mut error = |usual: f64| usual * (0.6 + 0.8 * uniform(rng));
        let (sx, sy) = (error(ERRORS.0), error(ERRORS.1));
        let (a, b) = (normal(rng), normal(rng));
        let values = [
            truth.0 + sx * a,
            truth.1 + sy * (shared * a + part(shared) * b),
            sx * sx,
            sy * sy,
            shared * sx * sy,
        ];
        for (column, value) in columns.iter_mut().zip(values) {
            column.push(value);
        }
    }
    let [x, y, vx, vy, c] = columns;
    NoisyPairs::new(x, y, vx, vy, c).ok()
}

/// A slope with its limits; far away where there is none.
pub(crate) fn limits_of(found: &Line) -> Option<Interval> {
    let far = 1e6;
    let (low, high) = (found.low.unwrap_or(-far), found.high.unwrap_or(far));
    Interval::new(found.slope, low, high, found.level).ok()
}

/// Whether a slope lacks a limit.
pub(crate) fn is_open(found: &Line) -> bool {
    found.low.is_none() || found.high.is_none()
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "units",
        "true r",
        "errors correlate by",
        "mean r as it stands",
        "Fisher's interval of it",
        "mean disattenuated r",
        "disattenuated (default)",
        "mean r by likelihood",
        "by likelihood",
        "slope (York, with scatter)",
        "without a limit",
        "slope without scatter",
    ];
    let mut text = head("Correlation of gains", &columns);
    for (units, rho, shared) in [
        (12, 0.7, 0.0),
        (30, 0.7, 0.0),
        (60, 0.7, 0.0),
        (60, 0.0, 0.0),
        (30, 0.7, 0.3),
        (60, 0.0, 0.3),
    ] {
        let level = Level::DEFAULT;
        let tallies = replicated(
            units as u64,
            replications,
            || [Tally::default(); 9],
            |rng, mut tallies| {
                let Some(pairs) = draw(rng, units, rho, shared) else {
                    return tallies;
                };
                let plain = pearson(&pairs, level).ok();
                let corrected = disattenuated(&pairs, level).ok().map(|r| r.interval);
                let fit = bivariate(&pairs, level).ok().map(|fit| fit.correlation);
                for (place, found) in [plain, corrected, fit].into_iter().enumerate() {
                    if let Some(found) = found {
                        tallies[2 * place].measure(found.estimate());
                    }
                    tallies[2 * place + 1].count(found, rho);
                }
                let truth = rho * SPREADS.1 / SPREADS.0;
                let scattered = line(&pairs, level).ok();
                tallies[6].count(scattered.as_ref().and_then(limits_of), truth);
                if let Some(line) = &scattered {
                    tallies[7].flag(is_open(line));
                }
                let straight = scattered.and_then(|_| york(&pairs, level).ok());
                tallies[8].count(straight.as_ref().and_then(limits_of), truth);
                tallies
            },
            merged,
        );
        let mut cells = vec![units.to_string(), rho.to_string(), shared.to_string()];
        for (place, tally) in tallies.iter().enumerate() {
            cells.push(if place < 6 && place % 2 == 0 {
                tally.mean_width()
            } else {
                tally.percent()
            });
        }
        text += &row(&cells);
    }
    text
}
