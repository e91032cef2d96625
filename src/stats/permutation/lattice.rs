//! All sign patterns at once, where the sizes of clusters are multiples of one number.
//!
//! With sizes `k u` and `S = sum k`, the total of a pattern is `u (2T - S)`, where `T`
//! adds up the `k` of the positive signs. Of `n` clusters of one size it is `k` times a
//! fair binomial count, and `T` is a sum of such over the sizes that there are: its
//! distribution is their convolution, of which the largest binomial needs only its tails.

use super::sizes;
use crate::stats::PValue;
use crate::stats::sum::sum;

/// Most parts of 1 that sizes are tried as multiples of: scores are means over few
/// judgments, or have three or four decimals.
const MOST_PARTS: u32 = 10_000;
/// A size this near a multiple, in parts, is one but for rounding.
const ROUNDING: f64 = 1e-7;
/// A size that is 0 but for rounding.
const NOTHING: f64 = 1e-12;
/// Products beyond which random patterns are faster.
const MOST_PRODUCTS: u64 = 30_000_000;

/// Clusters of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Alike {
    size: usize,
    count: usize,
}

/// The share of all patterns whose total is at least as far from 0 as the one observed;
/// `None` where sizes are not multiples of one number, or too many of it.
pub(super) fn lattice_p(residuals: &[f64]) -> Option<PValue> {
    let (parts, mut alike) = multiples(residuals)?;
    let total = sum(residuals.iter().copied());
    let observed = (total * f64::from(parts)).round().abs() as usize;
    if observed == 0 {
        return Some(PValue::clamped(1.0));
    }
    alike.sort_unstable_by_key(|alike| (alike.count, alike.size));
    let most = alike.pop()?;
    let (mut products, mut length) = (0, 1);
    for alike in &alike {
        products += (length * (alike.count + 1)) as u64;
        length += alike.size * alike.count;
        if products > MOST_PRODUCTS {
            return None;
        }
    }
    let mut others = vec![1.0];
    for alike in &alike {
        others = convolved(&others, *alike);
    }
    let largest = others.len() - 1 + most.size * most.count;
    let at_least = upper_tails(most.count);
    // Totals lie as far on either side, so the upper half counts twice.
    let shares = others.iter().enumerate().map(|(t, share)| {
        // 2 (t + size * heads) - largest >= observed
        let wanted = (observed + largest).saturating_sub(2 * t);
        let heads = wanted.div_ceil(2 * most.size);
        share * at_least.get(heads).copied().unwrap_or(0.0)
    });
    Some(PValue::clamped(2.0 * sum(shares)))
}

/// In how many parts of 1 all sizes are whole numbers, and these. A size too small to be told
/// from 0 so is no multiple.
fn multiples(residuals: &[f64]) -> Option<(u32, Vec<Alike>)> {
    let sizes = sizes(residuals);
    let is_whole = |parts: &u32| {
        sizes.iter().all(|(size, _)| {
            let multiple = size * f64::from(*parts);
            (multiple - multiple.round()).abs() < ROUNDING && (multiple > 0.5 || *size < NOTHING)
        })
    };
    let parts = (1..=MOST_PARTS).find(is_whole)?;
    let mut alike: Vec<Alike> = Vec::new();
    for (size, count) in sizes {
        let (size, count) = ((size * f64::from(parts)).round() as usize, count as usize);
        match alike.last_mut() {
            Some(last) if last.size == size => last.count += count,
            _ if size == 0 => {}
            _ => alike.push(Alike { size, count }),
        }
    }
    Some((parts, alike))
}

/// The distribution of a sum with one more term: `size` times a fair binomial count.
fn convolved(others: &[f64], alike: Alike) -> Vec<f64> {
    let mut made = vec![0.0; others.len() + alike.size * alike.count];
    for (heads, chance) in fair_binomial(alike.count).into_iter().enumerate() {
        let places = &mut made[heads * alike.size..][..others.len()];
        for (place, share) in places.iter_mut().zip(others) {
            *place += chance * share;
        }
    }
    made
}

/// The chance of each number of heads of `count` fair coins, from the likeliest outwards,
/// so that none of it is lost where `2^count` is out of reach.
fn fair_binomial(count: usize) -> Vec<f64> {
    let middle = count / 2;
    let mut chances = vec![0.0; count + 1];
    chances[middle] = 1.0;
    for heads in middle..count {
        chances[heads + 1] = chances[heads] * (count - heads) as f64 / (heads + 1) as f64;
    }
    for heads in 0..middle {
        chances[heads] = chances[count - heads];
    }
    let all = sum(chances.iter().copied());
    for chance in &mut chances {
        *chance /= all;
    }
    chances
}

/// The chance of at least so many heads, for each number of them.
fn upper_tails(count: usize) -> Vec<f64> {
    let mut tails = fair_binomial(count);
    for heads in (0..count).rev() {
        tails[heads] += tails[heads + 1];
    }
    tails
}
