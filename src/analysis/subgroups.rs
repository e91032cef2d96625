//! How the levels of a breakdown differ, fairly: what noise alone would show stands
//! beside what is seen, and what was picked as the worst is not read as if it had
//! been named before.
//!
//! Inside a level its personas are the population asked about, so clusters are
//! questions, or the column that was asked for; with a single question they are
//! personas. A level with fewer clusters than a floor, or whose win rate is withheld,
//! is not compared. Whatever the interval of the headlines, that of a level is the
//! design-effect Wilson interval here, which the others build on.
//!
//! Levels that all personas stand in (topics) are compared as asked of exactly these
//! personas, and the section says so; where claims are about personas like these, the
//! intervals of single levels are wide enough for them.

use rayon::prelude::*;

use super::clusters::{Clusters, Columns};
use super::estimate::{Measured, WithheldGroups};
use super::families::{of_levels, over_levels};
use super::groups::Breakdown;
use super::layout::Layout;
use super::options::Settings;
use super::report::{
    Adjustment, Gap, Homogeneity, HomogeneityMethod, Limits, Spread, SubgroupLevel, SubgroupMethod,
    SubgroupSection, WithheldLevel, Worst,
};
use crate::stats::homogeneity::{self, homogeneity};
use crate::stats::subgroups::{Direction, Scale, Subgroups, subgroups};
use crate::stats::wilson::bounded_interval;
use crate::stats::{ClusterMean, Draws, Level, PValue};
use crate::study::{PersonaPopulation, SubgroupAdjustment};

/// Levels beyond which no two of them are compared: the draws would be as many as
/// the pairs, and no reader follows them.
const MOST_LEVELS: usize = 100;
/// Sections beyond which each is given fewer draws.
const MANY_SECTIONS: usize = 200;
/// Levels under which the spread is not worth a word: its interval is as good as
/// unbounded.
const SPREAD_LEVELS: u64 = 4;
/// Withheld levels that are named.
const MOST_NAMED: usize = 6;
const DRAWS: u32 = 2_000;
const DRAWS_OF_MANY: u32 = 500;

/// How levels are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    level: Level,
    min_items: u64,
    draws: Draws,
    personas: PersonaPopulation,
    /// How the tests of several breakdowns are read together.
    adjust: SubgroupAdjustment,
}

impl Rules {
    /// `sections` is how many sections there will be.
    pub(super) fn new(settings: &Settings, sections: usize) -> Self {
        let count = if sections > MANY_SECTIONS {
            DRAWS_OF_MANY
        } else {
            DRAWS
        };
        Self {
            level: settings.level,
            min_items: settings.min_items,
            draws: Draws {
                seed: settings.seed,
                count,
            },
            personas: settings.personas,
            adjust: settings.adjust,
        }
    }
}

/// Numbers of items whose levels are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers<'a> {
    /// Rank of each item.
    pub(super) ranks: &'a [u32],
    /// The number of each.
    pub(super) values: &'a [f64],
    /// Whether they are differences, from -1 to 1, and not rates.
    pub(super) differences: bool,
}

/// Compares the levels of all breakdowns in every comparison that is not withheld.
pub(super) fn fill(
    layout: &Layout<'_>,
    breakdowns: &[Breakdown],
    measured: &mut [Measured],
    rules: Rules,
) {
    let compare = |part: &mut Measured| {
        if part.comparison.withheld.is_some() {
            return;
        }
        let ranks: Vec<u32> = part.scores.iter().map(|score| score.item).collect();
        let values: Vec<f64> = part.scores.iter().map(|score| score.score).collect();
        let numbers = Numbers {
            ranks: &ranks,
            values: &values,
            differences: false,
        };
        let withheld = part.withheld_groups();
        part.comparison.subgroups = sections(layout, breakdowns, numbers, &withheld, rules);
    };
    if layout.is_large() {
        measured.iter_mut().for_each(compare);
    } else {
        measured.par_iter_mut().for_each(compare);
    }
}

/// The sections of all breakdowns, without the groups that may not be shown.
pub(super) fn sections(
    layout: &Layout<'_>,
    breakdowns: &[Breakdown],
    numbers: Numbers<'_>,
    withheld: &WithheldGroups,
    rules: Rules,
) -> Vec<SubgroupSection> {
    let (mut sections, units): (Vec<SubgroupSection>, Vec<String>) = breakdowns
        .iter()
        .enumerate()
        .filter_map(|(number, breakdown)| {
            section(
                layout,
                breakdown,
                numbers,
                |group| withheld.get(&(number, group)).cloned(),
                rules,
            )
        })
        .unzip();
    adjust(&mut sections, rules.adjust);
    for (section, unit) in sections.iter_mut().zip(&units) {
        section.sentence = sentence(section, unit, numbers.differences);
    }
    sections
}

/// Over the breakdowns, as p-values of levels are over the levels.
fn adjust(sections: &mut [SubgroupSection], over: SubgroupAdjustment) {
    let mut tests: Vec<&mut Homogeneity> = sections
        .iter_mut()
        .filter_map(|section| section.homogeneity.as_mut())
        .collect();
    let p: Vec<PValue> = tests
        .iter()
        .filter_map(|test| PValue::new(test.p_value).ok())
        .collect();
    for (test, adjusted) in tests.iter_mut().zip(over_levels(over, &p)) {
        test.p_adjusted = Some(adjusted.get());
        test.adjustment = Some(Adjustment {
            method: of_levels(over),
            tests: p.len() as u64,
        });
    }
}

/// One section, and what its clusters are called; `None` where there is nothing to say.
fn section(
    layout: &Layout<'_>,
    breakdown: &Breakdown,
    numbers: Numbers<'_>,
    withheld: impl Fn(usize) -> Option<String>,
    rules: Rules,
) -> Option<(SubgroupSection, String)> {
    let hidden: Vec<Option<String>> = (0..breakdown.groups.len()).map(withheld).collect();
    let mut kept = Kept::default();
    for (&rank, &value) in numbers.ranks.iter().zip(numbers.values) {
        let group = breakdown.group_of(rank);
        if let Some(group) = group.filter(|group| hidden[*group].is_none()) {
            kept.values.push(value);
            kept.groups.push(group as u32);
            kept.ranks.push(rank);
        }
    }
    let columns = Columns::of_ranks(layout, &kept.ranks);
    let side = columns.inside_levels();
    let scale = if numbers.differences {
        Scale::DIFFERENCE
    } else {
        Scale::RATE
    };
    let found = subgroups(
        &kept.values,
        &kept.groups,
        breakdown.groups.len(),
        columns.labels(side),
        scale,
        rules.min_items as usize,
    )
    .ok();
    let left_out: Vec<WithheldLevel> = hidden
        .into_iter()
        .zip(&breakdown.groups)
        .filter_map(|(why, levels)| {
            Some(WithheldLevel {
                levels: levels.clone(),
                reason: why?,
            })
        })
        .collect();
    if found.is_none() && left_out.is_empty() {
        return None;
    }
    let (clusters, unit) = columns.called(side);
    let mut section = empty(breakdown, clusters, rules);
    section.withheld = left_out;
    if let Some(found) = &found {
        describe(&mut section, breakdown, found, rules);
    }
    if let Some(crossed) = Crossed::new(layout, breakdown, &columns, rules) {
        section.population = Some(columns.population(Clusters::One(side)));
        crossed.widen(&mut section, &kept, scale, rules);
    }
    layout.unit().clone_into(&mut section.unit);
    section.estimand = format!(
        "mean over the items of each level of {}",
        if numbers.differences {
            "the difference of two scores"
        } else {
            "the candidate's score"
        }
    );
    Some((section, unit))
}

/// Levels that the same sampled personas stand in.
struct Crossed<'a> {
    layout: &'a Layout<'a>,
    breakdown: &'a Breakdown,
}

impl<'a> Crossed<'a> {
    fn new(
        layout: &'a Layout<'a>,
        breakdown: &'a Breakdown,
        columns: &Columns<'_>,
        rules: Rules,
    ) -> Option<Self> {
        let headline = columns.headline(rules.personas)?;
        let applies = !breakdown.of_personas && columns.personas_among(headline).is_some();
        applies.then_some(Self { layout, breakdown })
    }

    /// Gives levels, and the worst of them, intervals for personas like these.
    fn widen(&self, section: &mut SubgroupSection, kept: &Kept, scale: Scale, rules: Rules) {
        let compared = section.levels.iter().filter(|level| level.compared).count();
        let means = self.means(kept, rules.personas);
        let of = |levels: &[String], level: Level| {
            let groups = &self.breakdown.groups;
            let group = groups.iter().position(|group| group == levels)?;
            bounded_interval(means[group].as_ref()?, scale.low, scale.high, level).ok()
        };
        for level in &mut section.levels {
            level.interval = of(&level.levels, rules.level).map(Into::into);
        }
        let shared = Level::new(1.0 - rules.level.alpha() / compared.max(1) as f64);
        section.worst = section.worst.take().and_then(|worst| {
            let interval = of(&worst.levels, shared.ok()?)?;
            Some(Worst {
                interval: interval.relabelled(rules.level).into(),
                ..worst
            })
        });
    }

    /// The mean of each level, with the clusters of a headline.
    fn means(&self, kept: &Kept, personas: PersonaPopulation) -> Vec<Option<ClusterMean>> {
        let mut items = vec![(Vec::new(), Vec::new()); self.breakdown.groups.len()];
        for ((group, rank), value) in kept.groups.iter().zip(&kept.ranks).zip(&kept.values) {
            let (ranks, values) = &mut items[*group as usize];
            ranks.push(*rank);
            values.push(*value);
        }
        let mean = |(ranks, values): (Vec<u32>, Vec<f64>)| {
            let columns = Columns::of_ranks(self.layout, &ranks);
            columns.mean(&values, columns.headline(personas)?)
        };
        items.into_iter().map(mean).collect()
    }
}

/// The items of a breakdown as columns.
#[derive(Debug, Default)]
struct Kept {
    values: Vec<f64>,
    groups: Vec<u32>,
    ranks: Vec<u32>,
}

/// A section that says nothing yet.
fn empty(breakdown: &Breakdown, clusters: String, rules: Rules) -> SubgroupSection {
    SubgroupSection {
        dimensions: breakdown.dimensions.clone(),
        clusters,
        estimand: String::new(),
        unit: String::new(),
        method: SubgroupMethod::DesignEffectWilson,
        min_items: rules.min_items,
        level: rules.level.get(),
        seed: rules.draws.seed,
        levels: Vec::new(),
        withheld: Vec::new(),
        homogeneity: None,
        spread: None,
        gap: None,
        worst: None,
        population: None,
        sentence: String::new(),
    }
}

fn describe(section: &mut SubgroupSection, breakdown: &Breakdown, found: &Subgroups, rules: Rules) {
    let name = |group: usize| breakdown.groups[group].clone();
    let few = found.compared().len() <= MOST_LEVELS;
    let gap = few
        .then(|| found.gap(rules.level, rules.draws).ok())
        .flatten();
    let worst = found.worst(Direction::LowerIsWorse, rules.level).ok();
    let enough = found.compared().len() > 1;
    section.levels = levels(breakdown, found, rules);
    section.homogeneity = homogeneity(found, rules.draws).ok().map(tested);
    section.spread = found
        .spread(rules.level)
        .ok()
        .zip(gap)
        .map(|(spread, gap)| Spread::of(spread, gap));
    section.gap = gap.map(|gap| Gap::of(gap, name));
    section.worst = worst.filter(|_| enough).map(|worst| Worst {
        levels: name(worst.group),
        estimate: worst.interval.estimate(),
        interval: worst.interval.into(),
        method: SubgroupMethod::BonferroniWilson,
    });
}

fn levels(breakdown: &Breakdown, found: &Subgroups, rules: Rules) -> Vec<SubgroupLevel> {
    let pooled = found.partial_pooling().ok();
    let numbered = found.means().iter().enumerate();
    numbered
        .filter_map(|(group, mean)| {
            let mean = (*mean)?;
            let place = found.compared().iter().position(|&other| other == group);
            let of = |numbers: fn(&crate::stats::heterogeneity::PartialPooling) -> &[f64]| {
                pooled
                    .as_ref()
                    .zip(place)
                    .map(|(pooled, place)| numbers(pooled)[place])
            };
            Some(SubgroupLevel {
                levels: breakdown.groups[group].clone(),
                n_items: mean.items() as u64,
                n_clusters: mean.clusters().first as u64,
                compared: place.is_some(),
                estimate: Some(mean.mean()),
                interval: found.interval(group, rules.level).ok().map(Into::into),
                pooled: of(|pooled| &pooled.estimates),
                pooled_weight: of(|pooled| &pooled.weights),
            })
        })
        .collect()
}

/// A test of equality as it is reported, not yet adjusted.
pub(super) fn tested(test: homogeneity::Homogeneity) -> Homogeneity {
    let (method, draws) = match test.method {
        homogeneity::HomogeneityMethod::Shuffled(draws) => {
            (HomogeneityMethod::Shuffled, Some(draws.count))
        }
        homogeneity::HomogeneityMethod::Flipped(draws) => {
            (HomogeneityMethod::Flipped, draws.map(|draws| draws.count))
        }
        homogeneity::HomogeneityMethod::Hotelling => (HomogeneityMethod::Hotelling, None),
    };
    Homogeneity {
        method,
        draws,
        groups: test.groups as u64,
        statistic: test.statistic,
        p_value: test.p.get(),
        p_adjusted: None,
        adjustment: None,
    }
}

/// What a section says, for people.
fn sentence(section: &SubgroupSection, unit: &str, differences: bool) -> String {
    let few = section
        .levels
        .iter()
        .filter(|level| !level.compared)
        .count();
    // Win rates of levels stand in rows that say which are withheld; differences do not.
    let left_out = differences.then(|| left_out(&section.withheld)).flatten();
    let Some(test) = &section.homogeneity else {
        let why = format!(
            "levels are not compared: fewer than two have {} {unit} or more and a win rate that is not withheld",
            section.min_items
        );
        return [Some(why), left_out]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("; ");
    };
    let p = test.p_adjusted.unwrap_or(test.p_value);
    let verdict = if p < 1.0 - section.level {
        "levels differ"
    } else {
        "no evidence that levels differ"
    };
    let of_whom = section.population.as_ref();
    let of_whom = of_whom.map_or_else(String::new, |of_whom| format!(", for {of_whom}"));
    let mut said = vec![format!("{verdict}{of_whom} (p adj {})", shown_p(p))];
    let gap = section.gap.as_ref();
    said.extend(gap.map(|gap| format!("largest gap {}", gap.said(" points", points))));
    let spread = section.spread.filter(|_| test.groups >= SPREAD_LEVELS);
    said.extend(spread.map(|spread| spread.said(" points", points)));
    // Win rates of levels stand in rows of their own.
    let highest = gap.filter(|_| differences).and_then(|gap| {
        let mut levels = section.levels.iter();
        levels.find(|level| level.levels == gap.highest)
    });
    said.extend(highest.and_then(|level| {
        let estimate = points(level.estimate?);
        Some(format!(
            "highest {} at {estimate} points",
            level.levels.join(", ")
        ))
    }));
    let sign = if differences { " points" } else { "%" };
    said.extend(section.worst.as_ref().map(|worst| {
        format!(
            "lowest {} at {}{sign} ({})",
            worst.levels.join(", "),
            points(worst.estimate),
            range(worst.interval)
        )
    }));
    if few > 0 {
        said.push(format!(
            "not compared for want of {} {unit}: {few} of {} levels",
            section.min_items,
            section.levels.len()
        ));
    }
    said.extend(left_out);
    said.join("; ")
}

/// Which levels are left out, in words.
fn left_out(withheld: &[WithheldLevel]) -> Option<String> {
    let first = withheld.iter().take(MOST_NAMED);
    let mut names: Vec<String> = first.map(|level| level.levels.join(" × ")).collect();
    if withheld.len() > MOST_NAMED {
        names.push(format!("and {} more", withheld.len() - MOST_NAMED));
    }
    (!names.is_empty()).then(|| {
        format!(
            "left out, a win rate there being withheld: {}",
            names.join(", ")
        )
    })
}

fn points(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    if text == "-0.0" {
        "0.0".to_owned()
    } else {
        text
    }
}

fn range(limits: Limits) -> String {
    format!("{} to {}", points(limits.low), points(limits.high))
}

pub(super) fn shown_p(p: f64) -> String {
    if p < 0.001 {
        "<0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}
