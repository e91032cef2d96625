//! Adjusted p-values for several tests at once.
//!
//! An adjusted p-value is the smallest error rate at which the procedure rejects
//! that test; compare it with the error rate wanted.

use super::PValue;

/// Holm's step-down adjustment (1979, *Scand. J. Statistics* 6:65): controls the
/// chance of any false rejection under any dependence.
///
/// `max_{j <= i} (m - j + 1) p_(j)`, cut at 1, in the order of the input.
pub fn holm(p: &[PValue]) -> Vec<PValue> {
    let m = p.len() as f64;
    let order = ascending(p);
    let mut adjusted = p.to_vec();
    let mut largest = 0.0_f64;
    for (rank, &i) in order.iter().enumerate() {
        largest = largest.max((m - rank as f64) * p[i].get());
        adjusted[i] = PValue::clamped(largest);
    }
    adjusted
}

/// Benjamini and Hochberg's step-up adjustment (1995, *J. R. Statist. Soc. B*
/// 57:289): controls the expected share of false rejections for independent or
/// positively dependent tests.
///
/// `min_{j >= i} m p_(j) / j`, cut at 1, in the order of the input.
pub fn benjamini_hochberg(p: &[PValue]) -> Vec<PValue> {
    step_up(p, 1.0)
}

/// Benjamini and Yekutieli's step-up adjustment (2001, *Annals of Statistics*
/// 29:1165): as [`benjamini_hochberg`] under any dependence, at the price of the
/// factor `1 + 1/2 + ... + 1/m`.
pub fn benjamini_yekutieli(p: &[PValue]) -> Vec<PValue> {
    step_up(p, (1..=p.len()).map(|k| 1.0 / k as f64).sum())
}

fn step_up(p: &[PValue], factor: f64) -> Vec<PValue> {
    let m = p.len() as f64;
    let order = ascending(p);
    let mut adjusted = p.to_vec();
    let mut smallest = 1.0_f64;
    for (rank, &i) in order.iter().enumerate().rev() {
        smallest = smallest.min(factor * m * p[i].get() / (rank as f64 + 1.0));
        adjusted[i] = PValue::clamped(smallest);
    }
    adjusted
}

/// Indexes from the smallest p-value to the largest, ties in input order.
fn ascending(p: &[PValue]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].get().total_cmp(&p[b].get()));
    order
}

#[cfg(test)]
mod tests;
