//! A judge with known habits.
//!
//! The candidate's lead on an item is normal: a shared mean, what its cluster,
//! question or persona adds, a place effect, and noise in each judgment. A lead
//! beyond `tie` wins.

use oyer::stats::Draws;
use oyer::stats::quantile::normal_cdf;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Mean lead and the habits of the judge.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judge {
    pub(crate) lead: f64,
    pub(crate) place: f64,
    pub(crate) tie: f64,
}

impl Judge {
    /// Score of one judgment of an item whose lead is raised by `effect`; `side`
    /// is 1 with the candidate first and -1 with it second.
    pub(crate) fn score(&self, rng: &mut ChaCha8Rng, effect: f64, side: f64) -> f64 {
        let lead = self.lead + effect + side * self.place + normal(rng);
        if lead > self.tie {
            1.0
        } else if lead < -self.tie {
            0.0
        } else {
            0.5
        }
    }

    /// Scores with the candidate first and second.
    pub(crate) fn both(&self, rng: &mut ChaCha8Rng, effect: f64) -> (f64, f64) {
        (self.score(rng, effect, 1.0), self.score(rng, effect, -1.0))
    }

    /// Mean score over both orders when effects have this variance.
    pub(crate) fn truth(&self, effects: f64) -> f64 {
        let spread = (effects + 1.0).sqrt();
        let at = |x: f64| normal_cdf(x / spread);
        let of = |side: f64| {
            let lead = self.lead + side * self.place;
            0.5 * (at(lead - self.tie) + at(lead + self.tie))
        };
        0.5 * (of(1.0) + of(-1.0))
    }
}

/// A standard normal draw, by the polar method.
pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    loop {
        let (u, v) = (2.0 * uniform(rng) - 1.0, 2.0 * uniform(rng) - 1.0);
        let s = u * u + v * v;
        if s > 0.0 && s < 1.0 {
            return u * (-2.0 * s.ln() / s).sqrt();
        }
    }
}

/// A uniform draw from `[0, 1)`.
pub(crate) fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Random draws of a method under test, others in each replication: what chance gives a set
/// of draws would else be in all of them alike.
pub(crate) fn draws(rng: &mut ChaCha8Rng, count: u32) -> Draws {
    Draws {
        seed: rng.next_u64(),
        count,
    }
}

/// Runs replications on their own streams and adds up what they give.
pub(crate) fn replicated<T: Send>(
    seed: u64,
    replications: u32,
    empty: impl Fn() -> T + Sync + Send,
    one: impl Fn(&mut ChaCha8Rng, T) -> T + Sync + Send,
    add: impl Fn(T, T) -> T + Sync + Send,
) -> T {
    (0..replications)
        .into_par_iter()
        .fold(&empty, |total, replication| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(u64::from(replication));
            one(&mut rng, total)
        })
        .reduce(&empty, &add)
}
