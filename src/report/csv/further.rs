//! The rows of how levels differ, of two models of a leaderboard, and of what is
//! missing of each model.

use super::beside::{Row, difference, of_board, whose_difference};
use super::{given, given_name, high, low};
use crate::analysis::Report;
use crate::analysis::report::{
    AdjustmentMethod, Comparison, Difference, Gap, Leaderboard, Limits, Model, PhrasingRate,
    Phrasings, RatedPair, Spread, StyleSlope, SubgroupLevel, SubgroupMethod, SubgroupSection,
    WithheldLevel,
};

/// Columns that only these rows fill.
pub(super) const TITLES: [&str; 8] = [
    "value",
    "expected_if_equal",
    "deviation",
    "deviation_if_equal",
    "simultaneous_low",
    "simultaneous_high",
    "levels_compared",
    "variant",
];

pub(super) fn rows(report: &Report) -> Vec<Row> {
    let of_comparison = |c: &Comparison| -> Vec<Row> {
        let sections = c.subgroups.iter();
        sections
            .flat_map(|section| of_section(section, &whose_comparison(c)))
            .collect()
    };
    let of_difference = |made: &Difference| -> Vec<Row> {
        let sections = made.subgroups.iter();
        let whose = whose_difference(made);
        sections
            .flat_map(|section| {
                let mut rows = of_section(section, &whose);
                rows.extend(level_differences(section, &whose));
                rows.extend(withheld_levels(section, &whose));
                rows
            })
            .collect()
    };
    let mut rows: Vec<Row> = report.comparisons.iter().flat_map(of_comparison).collect();
    rows.extend(report.differences.iter().flat_map(of_difference));
    rows.extend(report.comparisons.iter().flat_map(slopes));
    for board in &report.leaderboards {
        rows.extend(board.pairs.iter().map(|pair| rated(board, pair)));
    }
    rows.extend(report.models.iter().map(model));
    rows.extend(report.phrasings.iter().flat_map(phrasings));
    rows
}

/// How a comparison differs between phrasings, and what each gains over the control.
fn phrasings(made: &Phrasings) -> Vec<Row> {
    let whose = Row::from([
        ("candidate", made.candidate.clone()),
        ("opponent", made.opponent.clone()),
        ("judge", made.judge.clone()),
        ("rubric", made.rubric.clone()),
        ("criterion", made.criterion.clone()),
    ]);
    let is_compared = |rate: &&PhrasingRate| Some(&rate.variant) != made.control.as_ref();
    let shared = Shared {
        clusters: &made.clusters,
        estimand: &made.estimand,
        unit: &made.unit,
        seed: made.seed,
        n_items: made.n_items,
        compared: made.rates.iter().filter(is_compared).count(),
    };
    let row = |estimate: &str| {
        let mut row = whose.clone();
        row.extend(shared.cells(estimate));
        row
    };
    let mut rows: Vec<Row> = made
        .gains
        .iter()
        .map(|gain| {
            let mut row = difference(gain);
            row.insert("estimate", "phrasing_gain".to_owned());
            row
        })
        .collect();
    if let Some(range) = &made.range {
        let mut row = row("phrasing_range");
        row.extend(of_gap(range, made.level));
        rows.push(row);
    }
    if let Some(spread) = &made.spread {
        let mut row = row("phrasing_spread");
        row.extend(of_spread(spread, made.level));
        rows.push(row);
    }
    rows
}

fn whose_comparison(c: &Comparison) -> Row {
    Row::from([
        ("candidate", c.candidate.clone()),
        ("opponent", c.opponent.clone()),
        ("judge", c.judge.clone()),
        ("rubric", c.rubric.clone()),
        ("criterion", c.criterion.clone()),
        ("variant", c.variant.clone().unwrap_or_default()),
    ])
}

/// The judge's taste for each control of a comparison, and the slope of the difficulty, which
/// is no taste.
fn slopes(c: &Comparison) -> Vec<Row> {
    let Some(control) = &c.style_control else {
        return Vec::new();
    };
    let tastes = control.slopes.iter().map(|slope| ("taste", slope));
    let difficulty = control.difficulty.iter();
    let slopes = tastes.chain(difficulty.map(|slope| ("difficulty_slope", slope)));
    let row = |(estimate, slope): (&str, &StyleSlope)| {
        let interval = slope.interval.as_ref();
        let why = control.sentence.clone().filter(|_| interval.is_none());
        let mut row = whose_comparison(c);
        row.extend([
            ("estimate", estimate.to_owned()),
            ("controlled_for", slope.control.clone()),
            ("n_items", slope.n_items.to_string()),
            ("value", given(slope.slope)),
            ("standard_error", given(slope.standard_error)),
            ("low", low(interval)),
            ("high", high(interval)),
            ("confidence", given(interval.map(|i| i.level))),
            ("clusters", given(interval.map(|i| i.clusters.join(" × ")))),
            ("method", given_name(interval.map(|i| i.method))),
            ("degrees_of_freedom", given(slope.degrees_of_freedom)),
            ("no_interval", given(why)),
            ("population", given(interval.map(|i| i.population.clone()))),
            ("p_value", given(slope.p_value)),
            ("estimand", slope.estimand.clone()),
            ("unit", c.unit.clone()),
            ("seed", given(c.seed)),
        ]);
        row
    };
    slopes.map(row).collect()
}

/// What the rows of one section have in common.
struct Shared<'a> {
    clusters: &'a str,
    estimand: &'a str,
    unit: &'a str,
    seed: u64,
    /// Items and number of what is compared.
    n_items: u64,
    compared: usize,
}

type Cell = (&'static str, String);

impl Shared<'_> {
    fn cells(&self, estimate: &str) -> [Cell; 7] {
        [
            ("estimate", estimate.to_owned()),
            ("n_items", self.n_items.to_string()),
            ("levels_compared", self.compared.to_string()),
            ("clusters", self.clusters.to_owned()),
            (
                "estimand",
                format!("{}{}", of_what(estimate), self.estimand),
            ),
            ("unit", self.unit.to_owned()),
            ("seed", self.seed.to_string()),
        ]
    }
}

/// What an estimate makes of the means of levels, or of the win rates of phrasings.
fn of_what(estimate: &str) -> &'static str {
    match estimate {
        "homogeneity" => "whether this is the same in all levels: ",
        "spread" => "standard deviation over levels, noise taken out, of this: ",
        "gap" => "the highest level less the lowest, in this: ",
        "worst" => "the lowest level, in this: ",
        "phrasing_range" => "the highest phrasing less the lowest, in this: ",
        "phrasing_spread" => "standard deviation over phrasings, noise taken out, of this: ",
        _ => "",
    }
}

/// Whether levels differ, by how much, the largest gap and the level that did worst.
fn of_section(section: &SubgroupSection, whose: &Row) -> Vec<Row> {
    let compared = || section.levels.iter().filter(|level| level.compared);
    let shared = Shared {
        clusters: &section.clusters,
        estimand: &section.estimand,
        unit: &section.unit,
        seed: section.seed,
        n_items: compared().map(|level| level.n_items).sum(),
        compared: compared().count(),
    };
    let row = |estimate: &str| {
        let mut row = whose.clone();
        row.insert("dimension", section.dimensions.join(" × "));
        row.extend(shared.cells(estimate));
        row
    };
    let mut rows = Vec::new();
    if let Some(test) = section.homogeneity {
        let mut row = row("homogeneity");
        row.extend([
            ("value", test.statistic.to_string()),
            ("p_value", test.p_value.to_string()),
            ("p_adjusted", given(test.p_adjusted)),
            (
                "adjustment",
                given_name(test.adjustment.map(|adjustment| adjustment.method)),
            ),
            ("method", given_name(Some(test.method))),
            ("draws", given(test.draws)),
        ]);
        rows.push(row);
    }
    if let Some(spread) = &section.spread {
        let mut row = row("spread");
        row.extend(of_spread(spread, section.level));
        rows.push(row);
    }
    if let Some(gap) = &section.gap {
        let mut row = row("gap");
        row.extend(of_gap(gap, section.level));
        let levels = [gap.highest.join(" × "), gap.lowest.join(" × ")];
        row.insert("level", levels.join(" less "));
        rows.push(row);
    }
    if let Some(worst) = &section.worst {
        let mut row = row("worst");
        row.extend(limited(
            worst.estimate,
            Some(worst.interval),
            section.level,
            worst.method,
        ));
        let own = compared().find(|level| level.levels == worst.levels);
        row.insert("n_items", given(own.map(|level| level.n_items)));
        row.insert("level", worst.levels.join(" × "));
        rows.push(row);
    }
    rows
}

/// What a difference is in each level.
fn level_differences(section: &SubgroupSection, whose: &Row) -> Vec<Row> {
    let row = |level: &SubgroupLevel| {
        let limits = level.interval;
        let mut row = whose.clone();
        row.extend([
            ("estimate", "level_difference".to_owned()),
            ("dimension", section.dimensions.join(" × ")),
            ("level", level.levels.join(" × ")),
            ("n_items", level.n_items.to_string()),
            ("difference", given(level.estimate)),
            ("low", given(limits.map(|limits| limits.low))),
            ("high", given(limits.map(|limits| limits.high))),
            ("confidence", given(limits.map(|_| section.level))),
            ("clusters", section.clusters.clone()),
            ("method", given_name(limits.map(|_| section.method))),
            ("pooled", given(level.pooled)),
            ("estimand", section.estimand.clone()),
            ("unit", section.unit.clone()),
            ("seed", section.seed.to_string()),
        ]);
        row
    };
    section.levels.iter().map(row).collect()
}

/// The levels that a difference leaves out.
fn withheld_levels(section: &SubgroupSection, whose: &Row) -> Vec<Row> {
    let row = |level: &WithheldLevel| {
        let mut row = whose.clone();
        row.extend([
            ("estimate", "withheld_level".to_owned()),
            ("dimension", section.dimensions.join(" × ")),
            ("level", level.levels.join(" × ")),
            ("withheld", level.reason.clone()),
            ("estimand", section.estimand.clone()),
            ("unit", section.unit.clone()),
        ]);
        row
    };
    section.withheld.iter().map(row).collect()
}

/// A number with its limits.
fn limited(value: f64, limits: Option<Limits>, level: f64, method: SubgroupMethod) -> Vec<Cell> {
    vec![
        ("value", value.to_string()),
        ("low", given(limits.map(|limits| limits.low))),
        ("high", given(limits.map(|limits| limits.high))),
        ("confidence", level.to_string()),
        ("method", given_name(Some(method))),
    ]
}

fn of_spread(spread: &Spread, level: f64) -> Vec<Cell> {
    let mut cells = limited(spread.tau, spread.interval, level, spread.method);
    cells.extend([
        ("deviation", spread.deviation.to_string()),
        ("deviation_if_equal", spread.deviation_if_equal.to_string()),
    ]);
    cells
}

fn of_gap(gap: &Gap, level: f64) -> Vec<Cell> {
    let mut cells = limited(gap.gap, gap.interval, level, gap.method);
    cells.push(("expected_if_equal", gap.expected_if_equal.to_string()));
    cells
}

/// Two models of a leaderboard: limits of this pair alone, and those that hold for all pairs
/// at once.
fn rated(board: &Leaderboard, pair: &RatedPair) -> Row {
    let contrast = &pair.contrast;
    let (own, all) = (contrast.interval, contrast.simultaneous);
    let mut row = of_board(board, own);
    row.extend([
        ("estimate", "strength_difference".to_owned()),
        ("candidate", pair.first.clone()),
        ("opponent", pair.second.clone()),
        ("difference", contrast.difference.to_string()),
        ("standard_error", given(contrast.standard_error)),
        ("simultaneous_low", given(all.map(|limits| limits.low))),
        ("simultaneous_high", given(all.map(|limits| limits.high))),
        ("p_value", given(contrast.p_value)),
        ("p_adjusted", given(contrast.p_adjusted)),
        (
            "adjustment",
            given_name(contrast.p_adjusted.map(|_| AdjustmentMethod::Holm)),
        ),
    ]);
    row
}

/// What became of the verdicts that a model took part in.
fn model(model: &Model) -> Row {
    Row::from([
        ("estimate", "model".to_owned()),
        ("candidate", model.model.clone()),
        ("n_judgments", model.verdicts.to_string()),
        ("missing", model.missing.total().to_string()),
        ("missing_no_verdict", model.missing.no_verdict.to_string()),
        ("missing_partial", model.missing.partial.to_string()),
        ("missing_refused", model.missing.refused.to_string()),
        ("missing_truncated", model.missing.truncated.to_string()),
        ("missing_failed", model.missing.failed.to_string()),
        ("missing_not_run", model.missing.not_run.to_string()),
    ])
}
