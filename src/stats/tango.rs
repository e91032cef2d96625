//! Tango's score interval for the net win rate of independent items.
//!
//! For `w` wins, `l` losses and any number of ties among `n` items the net win
//! rate is `d = (w - l)/n`. The interval holds every `d` whose score statistic
//! `(w - l - n d) / sqrt(n (2 q(d) + d (1 - d)))` is within the normal quantile,
//! where `q(d)` is the loss probability most likely under `d`: the larger root
//! of `2n q^2 + ((2n - w + l) d - w - l) q - l d (1 - d) = 0`.
//!
//! Source: Tango (1998), *Statistics in Medicine* 17:891. It knows no clusters:
//! use it only where every question is asked once. There it keeps its level even
//! at 30 items and rates near 1.

use super::quantile::normal_upper_quantile;
use super::{Interval, Level, StatsError};

/// Wins, ties and losses of independent items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcomes {
    /// Items won.
    pub wins: u64,
    /// Items neither won nor lost.
    pub ties: u64,
    /// Items lost.
    pub losses: u64,
}

impl Outcomes {
    /// All items.
    pub fn items(self) -> u64 {
        self.wins + self.ties + self.losses
    }

    /// `(wins - losses) / items`; `None` without items.
    pub fn net(self) -> Option<f64> {
        let items = self.items();
        (items > 0).then(|| (self.wins as f64 - self.losses as f64) / items as f64)
    }

    /// `(wins + ties/2) / items`; `None` without items.
    pub fn win_rate(self) -> Option<f64> {
        self.net().map(|net| 0.5 + 0.5 * net)
    }

    /// `wins / (wins + losses)`; `None` where all items are ties.
    pub fn win_rate_without_ties(self) -> Option<f64> {
        let decided = self.wins + self.losses;
        (decided > 0).then(|| self.wins as f64 / decided as f64)
    }

    fn mirrored(self) -> Self {
        Self {
            wins: self.losses,
            losses: self.wins,
            ..self
        }
    }
}

/// Tango's interval for the net win rate, in `[-1, 1]`.
///
/// # Errors
///
/// When there are no items.
pub fn tango_net(outcomes: Outcomes, level: Level) -> Result<Interval, StatsError> {
    let net = outcomes.net().ok_or(StatsError::Empty)?;
    let z = normal_upper_quantile(level.tail());
    let high = upper_limit(outcomes, net, z);
    let low = -upper_limit(outcomes.mirrored(), -net, z);
    Interval::new(net, low, high, level)
}

/// The same interval on the scale of the win rate with ties as halves,
/// `(1 + d)/2`.
///
/// # Errors
///
/// When there are no items.
pub fn tango_win_rate(outcomes: Outcomes, level: Level) -> Result<Interval, StatsError> {
    Ok(tango_net(outcomes, level)?.mapped(0.5, 0.5))
}

/// The largest `d` whose score statistic is not below `-z`, by bisection: the
/// statistic falls as `d` rises.
fn upper_limit(outcomes: Outcomes, net: f64, z: f64) -> f64 {
    let (mut inside, mut outside) = (net, 1.0);
    for _ in 0..100 {
        let middle = 0.5 * (inside + outside);
        if middle <= inside || middle >= outside {
            break;
        }
        if score(outcomes, middle) >= -z {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    inside
}

fn score(outcomes: Outcomes, d: f64) -> f64 {
    let (w, l, n) = (
        outcomes.wins as f64,
        outcomes.losses as f64,
        outcomes.items() as f64,
    );
    let b = (2.0 * n - w + l) * d - w - l;
    let c = -l * d * (1.0 - d);
    let root = (b * b - 8.0 * n * c).max(0.0).sqrt();
    // The same root in whichever form adds numbers of one sign.
    let loss = if b <= 0.0 {
        (root - b) / (4.0 * n)
    } else {
        -2.0 * c / (root + b)
    };
    let variance = n * (2.0 * loss + d * (1.0 - d));
    (w - l - n * d) / variance.max(f64::MIN_POSITIVE).sqrt()
}

#[cfg(test)]
mod tests;
