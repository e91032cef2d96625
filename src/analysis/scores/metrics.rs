//! The metrics of one item, and what they are made from.
//!
//! A model's answers to an item are a distribution `q` over the options: the shares of
//! its samples, of which one with known probabilities counts with its likeliest option.
//! With the mode `t` of the persona's group, the set `T` of tied modes and the group's own
//! distribution `p`:
//!
//! - accuracy: `q(t)`;
//! - soft accuracy: the sum of `q` over `T`; expected accuracy: that divided by `|T|`,
//!   which is the accuracy if the tie were broken at random;
//! - NMAE: the sum of `q(x) |x - t|`, divided by the normaliser; where options have no
//!   order, `|x - t|` is 1 for any other option and nothing divides it;
//! - Wasserstein-1, in which a sample counts with its probabilities where they are known:
//!   the sum over neighbouring options of the difference between the two cumulative
//!   distributions times the step between their codes, divided by the
//!   normaliser; where options have no order the total variation distance, which is the
//!   same with any two options 1 apart.

use schemars::JsonSchema;
use serde::Serialize;

use crate::answers::Question;
use crate::study::Scale;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Share of answers that are the mode.
    Accuracy,
    /// Share of answers that are a mode, where several tie.
    SoftAccuracy,
    /// Accuracy if ties of the mode were broken at random.
    ExpectedAccuracy,
    /// Normalised mean absolute error.
    Nmae,
    /// Wasserstein-1 distance from the group's answers.
    Wasserstein,
    /// Share of answers that are refusals.
    Refusal,
    /// Share of answers that cannot be read, or were cut off.
    Unreadable,
}

/// Every metric, in order.
pub const METRICS: [Metric; 7] = [
    Metric::Accuracy,
    Metric::SoftAccuracy,
    Metric::ExpectedAccuracy,
    Metric::Nmae,
    Metric::Wasserstein,
    Metric::Refusal,
    Metric::Unreadable,
];

/// Those that depend on how missing answers are treated.
pub const TREATED: [Metric; 5] = [
    Metric::Accuracy,
    Metric::SoftAccuracy,
    Metric::ExpectedAccuracy,
    Metric::Nmae,
    Metric::Wasserstein,
];

impl Metric {
    /// Its key in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::SoftAccuracy => "soft_accuracy",
            Self::ExpectedAccuracy => "expected_accuracy",
            Self::Nmae => "nmae",
            Self::Wasserstein => "wasserstein",
            Self::Refusal => "refusal_rate",
            Self::Unreadable => "unreadable_rate",
        }
    }

    /// What its mean over items estimates.
    pub fn estimand(self) -> &'static str {
        match self {
            Self::Accuracy => "mean over items of the share of answers that are the mode",
            Self::SoftAccuracy => {
                "mean over items of the share of answers that are a mode, where several tie"
            }
            Self::ExpectedAccuracy => {
                "mean over items of the accuracy if ties of the mode were broken at random"
            }
            Self::Nmae => "mean over items of the normalised mean absolute error",
            Self::Wasserstein => {
                "mean over items of the Wasserstein-1 distance from the group's answers"
            }
            Self::Refusal => "mean over items of the share of answers that are refusals",
            Self::Unreadable => {
                "mean over items of the share of answers that cannot be read, or were cut off"
            }
        }
    }

    /// Whether it is a distance, which a normaliser divides.
    pub fn is_distance(self) -> bool {
        matches!(self, Self::Nmae | Self::Wasserstein)
    }
}

/// What divides distances between codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Normaliser {
    /// Highest less lowest code, so that 1 is the whole scale.
    #[default]
    Range,
    /// The largest distance that an answer can have from the mode (NMAE); the range for
    /// the Wasserstein distance.
    MaxDistance,
    /// The number of options.
    ScaleSize,
    /// Nothing: distances are in codes.
    None,
}

/// How an answer without an option counts: one that was refused, cannot be read, or was
/// cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Treatment {
    /// Not at all; an item without any other answer is left out.
    #[default]
    Excluded,
    /// As wrong, and as the option farthest from the mode.
    Wrong,
    /// As the middle of the scale, or half each of the two options there; where options
    /// have no order, as a guess.
    Middle,
    /// As a guess: each option with the same probability.
    Guess,
}

impl Treatment {
    /// Every treatment, in order.
    pub const ALL: [Self; 4] = [Self::Excluded, Self::Wrong, Self::Middle, Self::Guess];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Excluded => "excluded",
            Self::Wrong => "wrong",
            Self::Middle => "middle",
            Self::Guess => "guess",
        }
    }
}

/// The answers of one model to one item, as sums over its samples.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// How often each option was picked.
    pub picks: Vec<f64>,
    /// The same, with probabilities where they are known.
    pub shares: Vec<f64>,
    /// Samples with an option.
    pub answered: f64,
    /// Samples that were refused, unreadable or cut off.
    pub missing: f64,
}

/// What the group answered.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// The options.
    pub scale: &'a Scale,
    /// Position of the mode.
    pub mode: u16,
    /// Positions of tied modes; empty where the mode is alone.
    pub modes: &'a [u16],
    /// Shares of the group's answers.
    pub shares: Option<&'a [f64]>,
}

/// The metrics of [`TREATED`]; NaN where one does not exist.
pub fn treated(
    answered: &Answered,
    group: &Group<'_>,
    treatment: Treatment,
    normaliser: Normaliser,
) -> [f64; TREATED.len()] {
    let excluded = treatment == Treatment::Excluded;
    let missing = if excluded { 0.0 } else { answered.missing };
    let all = answered.answered + missing;
    if all <= 0.0 {
        return [f64::NAN; TREATED.len()];
    }
    let stand_in = |position: usize| {
        if missing > 0.0 {
            missing * stand_in(group, treatment, position)
        } else {
            0.0
        }
    };
    // What counts as wrong is wrong also where its distance is that of a tied mode.
    let right = |position: u16| {
        let position = usize::from(position);
        let guessed = if treatment == Treatment::Wrong {
            0.0
        } else {
            stand_in(position)
        };
        (answered.picks[position] + guessed) / all
    };
    let accuracy = right(group.mode);
    let soft = if group.modes.is_empty() {
        accuracy
    } else {
        group.modes.iter().map(|mode| right(*mode)).sum()
    };
    let expected = soft / group.modes.len().max(1) as f64;
    let scale = group.scale;
    let codes = || scale.options().iter().map(|option| option.code).enumerate();
    let mode = scale.options()[usize::from(group.mode)].code;
    let error: f64 = codes()
        .map(|(at, code)| (answered.picks[at] + stand_in(at)) * scale.distance(code, mode))
        .sum();
    let nmae = error / all / of_errors(normaliser, scale, mode);
    let distance = group.shares.map_or(f64::NAN, |shares| {
        let own = (0..scale.len()).map(|at| (answered.shares[at] + stand_in(at)) / all);
        wasserstein(own, shares, scale) / of_distances(normaliser, scale)
    });
    [accuracy, soft, expected, nmae, distance]
}

/// What a missing answer puts on a position.
fn stand_in(group: &Group<'_>, treatment: Treatment, position: usize) -> f64 {
    let scale = group.scale;
    let count = scale.len();
    let even = 1.0 / count as f64;
    match treatment {
        Treatment::Excluded => 0.0,
        Treatment::Guess => even,
        Treatment::Middle if !scale.is_ordered() => even,
        Treatment::Middle => {
            let (low, high) = ((count - 1) / 2, count / 2);
            let at = |middle: usize| if position == middle { 0.5 } else { 0.0 };
            at(low) + at(high)
        }
        Treatment::Wrong => f64::from(u8::from(position == farthest(group))),
    }
}

/// The position farthest from the mode; of two, the lower.
fn farthest(group: &Group<'_>) -> usize {
    let scale = group.scale;
    let mode = scale.options()[usize::from(group.mode)].code;
    let mut best = 0;
    let mut most = -1.0;
    for (position, option) in scale.options().iter().enumerate() {
        let distance = scale.distance(option.code, mode);
        if distance > most {
            (best, most) = (position, distance);
        }
    }
    best
}

fn of_errors(normaliser: Normaliser, scale: &Scale, mode: i32) -> f64 {
    if !scale.is_ordered() {
        return 1.0;
    }
    let by = match normaliser {
        Normaliser::Range => scale.range(),
        Normaliser::MaxDistance => scale
            .distance(scale.low(), mode)
            .max(scale.distance(scale.high(), mode)),
        Normaliser::ScaleSize => scale.len() as f64,
        Normaliser::None => 1.0,
    };
    // A scale of one option has no distances.
    if by > 0.0 { by } else { 1.0 }
}

/// The largest error or distance that there can be on any of some scales, and 1 at least.
/// By the number of options it is above 1 where codes lie far apart.
pub(crate) fn farthest_of(normaliser: Normaliser, questions: &[Question]) -> f64 {
    let scales = questions.iter().map(|question| &question.scale);
    let ordered = scales.filter(|scale| scale.is_ordered());
    let farthest = ordered.map(|scale| match normaliser {
        Normaliser::Range | Normaliser::MaxDistance => 1.0,
        Normaliser::ScaleSize | Normaliser::None => scale.range() / of_distances(normaliser, scale),
    });
    farthest.fold(1.0, f64::max)
}

fn of_distances(normaliser: Normaliser, scale: &Scale) -> f64 {
    if !scale.is_ordered() {
        return 1.0;
    }
    let by = match normaliser {
        Normaliser::Range | Normaliser::MaxDistance => scale.range(),
        Normaliser::ScaleSize => scale.len() as f64,
        Normaliser::None => 1.0,
    };
    if by > 0.0 { by } else { 1.0 }
}

/// Wasserstein-1 of two distributions over a scale, in codes.
fn wasserstein(own: impl Iterator<Item = f64>, group: &[f64], scale: &Scale) -> f64 {
    if !scale.is_ordered() {
        let apart = own.zip(group).map(|(a, b)| (a - b).abs());
        return apart.sum::<f64>() / 2.0;
    }
    let mut codes = scale.options().windows(2).map(|pair| {
        let [low, high] = [pair[0].code, pair[1].code].map(f64::from);
        high - low
    });
    let (mut ahead, mut sum) = (0.0_f64, 0.0);
    for (a, b) in own.zip(group) {
        ahead += a - b;
        sum += ahead.abs() * codes.next().unwrap_or(0.0);
    }
    sum
}
