//! How many questions a study needs, and what a given study can show.
//!
//! A study asks `P` personas `Q` questions each. With the variances of an item's
//! score as shares of `p(1-p)` (`vq` shared by the items of a question, `vp` by
//! those of a persona, `ve` by none), the win rate has the effective items
//!
//! `1/n_eff = vq/Q + vp/P + ve/(QP)`,
//!
//! without the second term where claims are about exactly these personas. Given a
//! design effect instead, `1/n_eff = (v + v_two (DEFF - 1))/(QP)`, with `v` the
//! variance of a score and `v_two` that over two orders. For two orders
//! `v = v_1 (1 + rho)/2` with `v_1` of a single judgment; what a question or a
//! persona adds is the same in both orders, so one order leaves those parts as they
//! are.
//!
//! A rate `p` is found by the score test of reports with a chance of `power` when
//!
//! `|p - 1/2| >= (t_{1-alpha/2} / 2 + t_{power} sqrt(p(1-p))) / sqrt(n_eff)`,
//!
//! with `t` at the smaller number of sampled clusters less one. Sources: Miller
//! (2024, arXiv 2411.00640) and Kish (1965, *Survey Sampling*); that shares of
//! `p(1-p)` carry over from one rate to another is an assumption. The coverage
//! program measures the power that studies planned so reach.

use super::components::components;
use super::planning::Replication;
use super::quantile::{normal_upper_quantile, t_upper_quantile, t_upper_tail};
use super::wilson::effective_items;
use super::{ClusterMean, Level, StatsError, planning};

/// In how many orders each item is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orders {
    /// One.
    One,
    /// Both, averaged.
    Both,
}

/// How items depend on each other; variances are shares of `p(1-p)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dependence {
    /// One number for everything, at least 0: the variance of the win rate over what
    /// it would be with independent items.
    DesignEffect(f64),
    /// Variances that items of one question, and of one persona, have in common.
    Components {
        /// Of a question.
        question: f64,
        /// Of a persona.
        persona: f64,
    },
}

/// How item scores scatter; variances are shares of `p(1-p)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scatter {
    /// Variance of a single judgment: 1 without ties.
    pub judgment: f64,
    /// Correlation of the two orders of an item.
    pub order_correlation: f64,
    /// How items depend on each other.
    pub dependence: Dependence,
}

/// A study that is being planned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Design {
    /// How its scores scatter.
    pub scatter: Scatter,
    /// Whether claims are about personas like these, and not exactly these.
    pub sampled_personas: bool,
    /// In how many orders each item is judged.
    pub orders: Orders,
    /// Level of the interval whose test is planned for.
    pub level: Level,
    /// Whether only a rate above one half counts as found.
    pub one_sided: bool,
    /// Chance to find the rate, such as 0.8.
    pub power: f64,
}

/// How many questions a rate needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// So many, with the personas given.
    Questions(u64),
    /// No number of questions is enough with so few personas: they need to be at
    /// least so many, where any number is enough.
    MorePersonas(Option<u64>),
}

/// More questions than anybody will ask.
const MOST: u64 = 1 << 40;

impl Design {
    /// Variance of an item's score, as a share of `p(1-p)`.
    pub fn item_variance(&self) -> f64 {
        let one = self.scatter.judgment;
        match self.orders {
            Orders::One => one,
            Orders::Both => planning::two_order_variance(one, self.scatter.order_correlation),
        }
    }

    /// `1/n_eff` with so many questions, each asked of so many personas.
    pub fn relative_variance(&self, questions: u64, personas: u64) -> f64 {
        let (q, p) = (questions as f64, personas.max(1) as f64);
        let item = self.item_variance();
        match self.scatter.dependence {
            Dependence::DesignEffect(effect) => {
                let both = Self {
                    orders: Orders::Both,
                    ..*self
                };
                (item + both.item_variance() * (effect - 1.0)).max(0.0) / (q * p)
            }
            Dependence::Components { question, persona } => {
                let rest = (item - question - persona).max(0.0);
                let of_personas = if self.sampled(personas) {
                    persona / p
                } else {
                    0.0
                };
                question / q + of_personas + rest / (q * p)
            }
        }
    }

    /// How many times larger the variance is than with independent items.
    pub fn design_effect(&self, questions: u64, personas: u64) -> f64 {
        let items = questions as f64 * personas.max(1) as f64;
        if self.item_variance() <= 0.0 {
            return 1.0;
        }
        self.relative_variance(questions, personas) * items / self.item_variance()
    }

    /// The smaller number of sampled clusters less one.
    pub fn degrees_of_freedom(&self, questions: u64, personas: u64) -> u64 {
        let fewest = if self.sampled(personas) {
            questions.min(personas)
        } else {
            questions
        };
        fewest.saturating_sub(1)
    }

    fn sampled(&self, personas: u64) -> bool {
        self.sampled_personas && personas > 1
    }

    /// Chance that a win rate is found.
    ///
    /// # Errors
    ///
    /// When the rate is not between 0 and 1, there are fewer than two clusters, or
    /// the design is out of range.
    pub fn power_at(&self, questions: u64, personas: u64, rate: f64) -> Result<f64, StatsError> {
        self.check()?;
        check_rate(rate)?;
        let reach = self.reach(questions, personas)?;
        let spread = (rate * (1.0 - rate)).sqrt();
        let shift = (rate - 0.5) / (reach.error * spread);
        let critical = 0.5 * reach.critical / spread;
        let above = t_upper_tail(critical - shift, reach.df);
        Ok(if self.one_sided {
            above
        } else {
            above + t_upper_tail(critical + shift, reach.df)
        })
    }

    /// The smallest win rate above one half that is found with the power of the
    /// design; `None` where no rate is.
    ///
    /// # Errors
    ///
    /// When there are fewer than two clusters, or the design is out of range.
    pub fn smallest_rate(&self, questions: u64, personas: u64) -> Result<Option<f64>, StatsError> {
        self.check()?;
        Ok(self.reach(questions, personas)?.smallest_rate())
    }

    /// Fewest questions with which a rate is found when each is asked of so many
    /// personas.
    ///
    /// # Errors
    ///
    /// When the rate is one half or not between 0 and 1, or the design is out of
    /// range.
    pub fn questions_needed(&self, rate: f64, personas: u64) -> Result<Needed, StatsError> {
        self.check()?;
        let distance = check_effect(rate)?;
        let enough = |questions: u64, personas: u64| {
            self.reach(questions, personas)
                .is_ok_and(|reach| reach.finds(0.5 + distance))
        };
        if enough(MOST, personas) {
            return Ok(Needed::Questions(fewest(|q| enough(q, personas))));
        }
        let any = enough(MOST, MOST).then(|| fewest(|p| enough(MOST, p)));
        Ok(Needed::MorePersonas(any))
    }

    fn reach(&self, questions: u64, personas: u64) -> Result<Reach, StatsError> {
        let df = self.degrees_of_freedom(questions, personas);
        if df == 0 {
            return Err(StatsError::TooFewClusters {
                found: 1,
                needed: 2,
            });
        }
        let df = df as f64;
        let tail = if self.one_sided {
            self.level.alpha()
        } else {
            self.level.tail()
        };
        Ok(Reach {
            df,
            error: self.relative_variance(questions, personas).sqrt(),
            critical: t_upper_quantile(tail, df),
            power: t_upper_quantile(1.0 - self.power, df),
        })
    }

    fn check(&self) -> Result<(), StatsError> {
        check_power(self.power)?;
        let Scatter {
            judgment,
            order_correlation,
            dependence,
        } = self.scatter;
        inside("the variance of a judgment", judgment, 1e-9, 1e9)?;
        inside("the correlation of orders", order_correlation, -1.0, 1.0)?;
        match dependence {
            Dependence::DesignEffect(effect) => inside("the design effect", effect, 0.0, 1e9),
            Dependence::Components { question, persona } => {
                inside("the variance of a question", question, 0.0, 1e9)?;
                inside("the variance of a persona", persona, 0.0, 1e9)
            }
        }
    }
}

/// What a number of clusters makes of a design.
struct Reach {
    df: f64,
    /// `1/sqrt(n_eff)`.
    error: f64,
    /// t quantile of the test.
    critical: f64,
    /// t quantile of the power.
    power: f64,
}

impl Reach {
    /// Whether a rate above one half is found with the power planned for.
    fn finds(&self, rate: f64) -> bool {
        let spread = (rate * (1.0 - rate)).sqrt();
        rate - 0.5 >= (0.5 * self.critical + self.power * spread) * self.error
    }

    fn smallest_rate(&self) -> Option<f64> {
        if !self.finds(1.0) {
            return None;
        }
        let (mut low, mut high) = (0.5, 1.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.finds(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high)
    }
}

/// Items with which a mean is found that lies `effect` from its null, two-sided, where they
/// are many and independent: `(z_{1-alpha/2} + z_{power})^2 variance / effect^2`, with
/// `variance` that of an item's score (Miller 2024, arXiv 2411.00640, section 5). Not
/// rounded. [`Design::questions_needed`] comes near it from above.
///
/// # Errors
///
/// When the effect is 0 or an argument is out of range.
pub fn large_sample_items(
    variance: f64,
    effect: f64,
    level: Level,
    power: f64,
) -> Result<f64, StatsError> {
    check_power(power)?;
    inside("the variance of a score", variance, 1e-9, 1e9)?;
    inside("the effect", effect.abs(), 1e-9, 1e9)?;
    let reach = normal_upper_quantile(level.tail()) + normal_upper_quantile(1.0 - power);
    Ok((reach / effect).powi(2) * variance)
}

/// The smallest win rate above one half that a study with the precision of this one
/// finds with a chance of `power`, two-sided; `None` where it finds none.
///
/// # Errors
///
/// When some dimension has a single cluster, or the power is not between 0 and 1.
pub fn detectable_rate(
    study: &ClusterMean,
    level: Level,
    power: f64,
) -> Result<Option<f64>, StatsError> {
    check_power(power)?;
    let df = study.degrees_of_freedom() as f64;
    let reach = Reach {
        df,
        error: effective_items(study)?.recip().sqrt(),
        critical: t_upper_quantile(level.tail(), df),
        power: t_upper_quantile(1.0 - power, df),
    };
    Ok(reach.smallest_rate())
}

/// The smallest number from 1 that is enough, where any larger one is too.
fn fewest(enough: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, MOST);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

fn inside(what: &'static str, value: f64, low: f64, high: f64) -> Result<(), StatsError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(StatsError::OutOfRange {
            what,
            value,
            low,
            high,
        })
    }
}

fn check_power(power: f64) -> Result<(), StatsError> {
    inside("the power", power, 0.01, 0.9999)
}

fn check_rate(rate: f64) -> Result<(), StatsError> {
    if rate > 0.0 && rate < 1.0 {
        Ok(())
    } else {
        Err(StatsError::OutOfRange {
            what: "the win rate",
            value: rate,
            low: 0.0,
            high: 1.0,
        })
    }
}

/// Distance of a rate from one half.
fn check_effect(rate: f64) -> Result<f64, StatsError> {
    check_rate(rate)?;
    let distance = (rate - 0.5).abs();
    if distance > 0.0 {
        Ok(distance)
    } else {
        Err(StatsError::OutOfRange {
            what: "the distance of the win rate from one half",
            value: 0.0,
            low: f64::MIN_POSITIVE,
            high: 0.5,
        })
    }
}

/// How the items of a pilot scatter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observed {
    /// The scatter, ready to plan with.
    pub scatter: Scatter,
    /// The pilot's win rate.
    pub rate: f64,
    /// Whether the correlation of orders was seen, and not assumed.
    pub both_orders: bool,
    /// Whether some two items show what those of a question have in common; where none do,
    /// it stands in the scatter as 0.
    pub shows_question: bool,
    /// The same of a persona.
    pub shows_persona: bool,
}

impl Observed {
    /// The scatter of items with other samples and repeats than the pilot's. What items of
    /// a question or a persona have in common stays as it is. An order correlation that was
    /// assumed is taken to be that of the items planned.
    ///
    /// # Errors
    ///
    /// As [`Replication`] where the pilot does not tell, and
    /// [`StatsError::NoVariation`] where nothing is left to differ.
    pub fn asked(
        &self,
        seen: &Replication,
        samples: u64,
        repeats: u64,
    ) -> Result<Scatter, StatsError> {
        let change = seen.change(samples, repeats)?;
        let unit = self.rate * (1.0 - self.rate);
        let Scatter {
            judgment,
            order_correlation,
            ..
        } = self.scatter;
        let made = judgment + change.variance / unit;
        if made <= 0.0 {
            return Err(StatsError::NoVariation);
        }
        let covariance = judgment * order_correlation + change.covariance / unit;
        Ok(Scatter {
            judgment: made,
            order_correlation: if self.both_orders {
                (covariance / made).clamp(-1.0, 1.0)
            } else {
                order_correlation
            },
            ..self.scatter
        })
    }
}

/// The scatter of items judged in both orders (`first` and `second` hold the
/// candidate's score with its answer first and second), or in one (`second` is
/// `None`; the correlation of orders is then the one given).
///
/// # Errors
///
/// As [`components`] and [`planning::pilot`]; and [`StatsError::NoVariation`] where
/// no score differs from another.
pub fn scatter_of(
    first: &[f64],
    second: Option<&[f64]>,
    question: &[u32],
    persona: Option<&[u32]>,
    order_correlation: f64,
) -> Result<Observed, StatsError> {
    let seen = second
        .map(|second| planning::pilot(first, second))
        .transpose()?;
    let scores: Vec<f64> = match second {
        Some(second) => first
            .iter()
            .zip(second)
            .map(|(a, b)| f64::midpoint(*a, *b))
            .collect(),
        None => first.to_vec(),
    };
    let parts = components(&scores, question, persona)?;
    let rate = super::cluster::mean(&scores);
    let unit = rate * (1.0 - rate);
    // What the orders of an item differ by is free of what its question and persona add,
    // so it stands beside the components and makes up the variance of a judgment with them:
    // that of all judgments pooled would miss most of the spread of a few personas.
    let between_orders = seen.map_or(0.0, |seen| seen.judgment_variance - seen.variance);
    let judgment = parts.total() + between_orders;
    if unit <= 0.0 || judgment <= 0.0 {
        return Err(StatsError::NoVariation);
    }
    Ok(Observed {
        scatter: Scatter {
            judgment: judgment / unit,
            order_correlation: match seen {
                Some(_) => (parts.total() - between_orders) / judgment,
                None => order_correlation,
            }
            .clamp(-1.0, 1.0),
            dependence: Dependence::Components {
                question: parts.question.unwrap_or(0.0) / unit,
                persona: parts.persona.unwrap_or(0.0) / unit,
            },
        },
        rate,
        both_orders: seen.is_some(),
        shows_question: parts.question.is_some(),
        shows_persona: parts.persona.is_some(),
    })
}

#[cfg(test)]
mod tests;
