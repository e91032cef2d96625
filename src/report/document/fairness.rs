//! What fairness over subgroups says to people. Personas are many, and stand one by one
//! in JSON and CSV only.

use super::{Block, Table, Tone, name, plain_notes};
use crate::analysis::report::Limits;
use crate::analysis::scores::fairness::FairMetric;
use crate::analysis::scores::fairness::report::{
    Changed, Disparity, DisparityChange, FairnessReport, Measure, SigmaKind, WithoutNoise,
};
use crate::report::numbers::{NONE, count, in_percent, p_value};

/// Everything that fairness says.
pub(in crate::report) fn fairness(report: &FairnessReport) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Fairness over subgroups".to_owned())];
    blocks.push(Block::Paragraph(Tone::Plain, how(report)));
    for (variant, split) in splits(report) {
        let known: Vec<&Disparity> = report
            .disparities
            .iter()
            .filter(|d| d.split == split && d.variant == variant)
            .collect();
        let changes: Vec<&DisparityChange> = report
            .changes
            .iter()
            .filter(|c| c.split == split && c.variant == variant && c.withheld.is_none())
            .collect();
        let title = match &split {
            None => "All items".to_owned(),
            Some(split) => format!("Split {}", name(split)),
        };
        let title = title + &super::phrasing(variant.as_deref());
        blocks.push(Block::Heading(2, title));
        blocks.extend(withheld(&known));
        let known: Vec<&Disparity> = known.into_iter().filter(|d| d.withheld.is_none()).collect();
        if known.is_empty() {
            continue;
        }
        blocks.push(Block::Table(measures(&known)));
        blocks.push(Block::Heading(3, "Beyond noise".to_owned()));
        blocks.push(Block::Paragraph(Tone::Plain, BEYOND_NOISE.to_owned()));
        blocks.push(Block::Table(beyond_noise(&known)));
        blocks.extend(without_width(&known));
        if !changes.is_empty() {
            blocks.push(Block::Heading(3, "What changed".to_owned()));
            blocks.push(Block::Table(changed(&changes)));
            let said: Vec<(Tone, String)> = changes
                .iter()
                .filter_map(|change| change.disagreement.as_deref())
                .map(|text| (Tone::Loud, format!("{}.", name(text))))
                .collect();
            if !said.is_empty() {
                blocks.push(Block::List(said));
            }
        }
        directions(&known, &changes, &mut blocks);
    }
    blocks.extend(plain_notes(&report.notes));
    blocks
}

/// Which models are withheld and why, each reason once: it is the same of every metric.
fn withheld(known: &[&Disparity]) -> Vec<Block> {
    let mut told: Vec<String> = Vec::new();
    for d in known {
        if let Some(why) = &d.withheld {
            let text = format!("Withheld for {}: {}.", name(&d.model), name(why));
            if !told.contains(&text) {
                told.push(text);
            }
        }
    }
    told.into_iter()
        .map(|text| Block::Paragraph(Tone::Loud, text))
        .collect()
}

fn how(report: &FairnessReport) -> String {
    let settings = &report.settings;
    let sigma = match settings.sigma {
        SigmaKind::Population => "divided by the number of groups",
        SigmaKind::Sample => "divided by the number of groups less one",
    };
    let level = in_percent(settings.scores.level);
    format!(
        "Over the means of groups: Norm. Range is (max - min) / max and CV is SD / mean, which divide by the level; range and SD (variance {sigma}) do not. All four are too large by noise, so beside each stands what it is without noise, with a {level}% interval by shrunken bootstrap draws of questions ({} draws, seed {}). Groups with answers to fewer than {} different questions are not compared.",
        count(u64::from(settings.draws)),
        settings.seed,
        settings.min_items,
    )
}

/// Every phrasing with every split.
fn splits(report: &FairnessReport) -> Vec<(Option<String>, Option<String>)> {
    let mut splits = Vec::new();
    for known in &report.disparities {
        let place = (known.variant.clone(), known.split.clone());
        if !splits.contains(&place) {
            splits.push(place);
        }
    }
    splits
}

fn metric(metric: FairMetric) -> &'static str {
    match metric {
        FairMetric::Accuracy => "accuracy",
        FairMetric::SoftAccuracy => "soft acc.",
        FairMetric::Nmae => "NMAE",
        FairMetric::OneMinusNmae => "1 - NMAE",
        FairMetric::Wasserstein => "W1",
    }
}

fn called(breakdown: &str) -> String {
    name(breakdown.strip_prefix("group.").unwrap_or(breakdown))
}

fn measures(known: &[&Disparity]) -> Table {
    let mut table = Table::new(
        3,
        &[
            "model",
            "over",
            "metric",
            "groups",
            "mean",
            "Norm. Range",
            "no noise",
            "CV",
            "no noise",
            "range",
            "SD",
        ],
    );
    for d in known {
        let of = |pick: fn(&crate::analysis::scores::fairness::report::Measures) -> &Measure| {
            d.measures.as_ref().map(pick)
        };
        let seen = |measure: Option<&Measure>| decimal(measure.and_then(|m| m.seen));
        let noiseless = |measure: Option<&Measure>| span(measure.and_then(|m| m.without_noise));
        table.rows.push(vec![
            name(&d.model),
            called(&d.breakdown),
            metric(d.metric).to_owned(),
            format!("{}/{}", d.compared, d.groups + d.left_out.len() as u64),
            decimal(d.mean),
            seen(of(|m| &m.normalised_range)),
            noiseless(of(|m| &m.normalised_range)),
            seen(of(|m| &m.variation)),
            noiseless(of(|m| &m.variation)),
            seen(of(|m| &m.range)),
            seen(of(|m| &m.deviation)),
        ]);
    }
    table
}

/// What the columns of [`beyond_noise`] are.
const BEYOND_NOISE: &str = "p adj: that the groups are all alike, by Benjamini-Hochberg over the rows of one model and metric. Spread: the standard deviation of the true means, without noise. Gap: the highest mean less the lowest; if equal: what noise alone would make of it. Worst: the group that fares worst, with an interval that allows for its having been picked.";

fn beyond_noise(known: &[&Disparity]) -> Table {
    let mut table = Table::new(
        3,
        &[
            "model", "over", "metric", "p adj", "spread", "interval", "gap", "interval",
            "if equal", "worst", "at", "interval",
        ],
    );
    for d in known {
        let gap = d.gap.as_ref();
        let worst = d.worst.as_ref();
        let between = d.between;
        table.rows.push(vec![
            name(&d.model),
            called(&d.breakdown),
            metric(d.metric).to_owned(),
            p_value(d.homogeneity.and_then(|test| test.p_adjusted)),
            decimal(between.map(|known| known.tau)),
            between.map_or_else(none, |known| limits(known.interval, UNRESOLVED)),
            decimal(gap.map(|gap| gap.gap)),
            gap.map_or_else(none, |gap| limits(gap.interval, NO_SCATTER)),
            decimal(gap.map(|gap| gap.expected_if_equal)),
            worst.map_or_else(|| NONE.to_owned(), |worst| name(&worst.levels.concat())),
            decimal(worst.map(|worst| worst.estimate)),
            limits(worst.map(|worst| worst.interval), NONE),
        ]);
    }
    table
}

fn changed(changes: &[&DisparityChange]) -> Table {
    let mut table = Table::new(
        4,
        &[
            "candidate - base",
            "over",
            "metric",
            "measure",
            "base",
            "candidate",
            "change",
            "no noise",
            "interval",
        ],
    );
    for change in changes {
        let Some(known) = &change.measures else {
            continue;
        };
        let rows: [(&str, &Changed); 5] = [
            ("Norm. Range", &known.normalised_range),
            ("CV", &known.variation),
            ("range", &known.range),
            ("SD", &known.deviation),
            ("spread", &known.tau),
        ];
        for (measure, known) in rows {
            table.rows.push(vec![
                format!("{} - {}", name(&change.candidate), name(&change.base)),
                called(&change.breakdown),
                metric(change.metric).to_owned(),
                measure.to_owned(),
                decimal(known.base),
                decimal(known.candidate),
                signed(known.change),
                signed(known.without_noise.map(|known| known.estimate)),
                known
                    .without_noise
                    .map_or_else(none, |known| signed_limits(known.interval, UNRESOLVED)),
            ]);
        }
    }
    table
}

/// For whom models speak better.
fn directions(known: &[&Disparity], changes: &[&DisparityChange], blocks: &mut Vec<Block>) {
    let said: Vec<(Tone, String)> = if changes.is_empty() {
        let said = known.iter().filter_map(|d| {
            let text = d.direction.as_deref()?;
            Some(format!(
                "{} ({}), {}: {}.",
                called(&d.breakdown),
                metric(d.metric),
                name(&d.model),
                name(text)
            ))
        });
        said.map(|text| (Tone::Plain, text)).collect()
    } else {
        let said = changes.iter().filter_map(|change| {
            let text = change.direction.as_deref()?;
            Some(format!(
                "{} ({}): {}.",
                called(&change.breakdown),
                metric(change.metric),
                name(text)
            ))
        });
        said.map(|text| (Tone::Plain, text)).collect()
    };
    if said.is_empty() {
        return;
    }
    blocks.push(Block::Heading(3, "For whom".to_owned()));
    blocks.push(Block::Paragraph(
        Tone::Plain,
        "A level stands out where its mean differs from the mean of the other levels, by t with Holm's adjustment over the levels of a dimension; the one that stands out most is named first. Below 0 is better where errors are measured.".to_owned(),
    ));
    blocks.push(Block::List(said));
    let table = if changes.is_empty() {
        advantages(known)
    } else {
        changed_advantages(changes)
    };
    blocks.push(Block::Table(table));
}

fn advantages(known: &[&Disparity]) -> Table {
    let mut table = Table::new(
        4,
        &[
            "model",
            "dimension",
            "level",
            "metric",
            "items",
            "mean",
            "advantage",
            "interval",
            "p adj",
        ],
    );
    let of_dimensions = known.iter().filter(|d| d.breakdown != "persona");
    for d in of_dimensions {
        for level in &d.levels {
            table.rows.push(vec![
                name(&d.model),
                called(&d.breakdown),
                name(&level.level),
                metric(d.metric).to_owned(),
                count(level.items),
                decimal(Some(level.estimate)),
                signed(level.advantage.map(|known| known.estimate)),
                level
                    .advantage
                    .map_or_else(none, |known| signed_limits(known.interval, NO_SCATTER)),
                p_value(level.advantage.map(|known| known.p_adjusted)),
            ]);
        }
    }
    table
}

fn changed_advantages(changes: &[&DisparityChange]) -> Table {
    let mut table = Table::new(
        4,
        &[
            "candidate - base",
            "dimension",
            "level",
            "metric",
            "base",
            "p adj",
            "candidate",
            "p adj",
            "change",
            "p adj",
        ],
    );
    let of_dimensions = changes.iter().filter(|c| c.breakdown != "persona");
    for change in of_dimensions {
        for level in &change.levels {
            let mut cells = vec![
                format!("{} - {}", name(&change.candidate), name(&change.base)),
                called(&change.breakdown),
                name(&level.level),
                metric(change.metric).to_owned(),
            ];
            for known in [
                level.advantage_base,
                level.advantage_candidate,
                level.advantage_change,
            ] {
                cells.push(signed(known.map(|known| known.estimate)));
                cells.push(p_value(known.map(|known| known.p_adjusted)));
            }
            table.rows.push(cells);
        }
    }
    table
}

fn decimal(number: Option<f64>) -> String {
    number.map_or_else(|| NONE.to_owned(), |number| format!("{number:.3}"))
}

fn signed(number: Option<f64>) -> String {
    let Some(number) = number else {
        return NONE.to_owned();
    };
    let text = format!("{number:+.3}");
    if text == "-0.000" {
        "+0.000".to_owned()
    } else {
        text
    }
}

fn none() -> String {
    NONE.to_owned()
}

/// The limits of a size, or what stands for them.
fn limits(known: Option<Limits>, without: &str) -> String {
    known.map_or_else(
        || without.to_owned(),
        |Limits { low, high }| format!("{low:.3}–{high:.3}"),
    )
}

/// The limits of a difference, or what stands for them.
fn signed_limits(known: Option<Limits>, without: &str) -> String {
    known.map_or_else(
        || without.to_owned(),
        |Limits { low, high }| format!("{} to {}", signed(Some(low)), signed(Some(high))),
    )
}

/// An interval that noise has left without a width.
const UNRESOLVED: &str = "unresolved";

/// What stands for the limits of a difference that nothing could be taken from.
const NO_SCATTER: &str = "no scatter";

/// What is said of intervals without a width, where there are some.
fn without_width(known: &[&Disparity]) -> Vec<Block> {
    let mut said = Vec::new();
    let unresolved: Vec<&&Disparity> = known.iter().filter(|d| is_unresolved(d)).collect();
    if !unresolved.is_empty() {
        let with_gap = unresolved
            .iter()
            .filter(|d| d.gap.as_ref().is_some_and(|gap| gap.interval.is_some()))
            .count();
        let beside = match with_gap {
            0 => "",
            all if all == unresolved.len() => ": the gap's interval says how unequal they may be",
            _ => ": the gap's interval, where there is one, says how unequal they may be",
        };
        said.push(format!("{UNRESOLVED}: the means lie no further apart than noise alone puts them, and the interval shrank to 0. That is no proof that the groups are equal{beside}."));
    }
    let without_scatter = |d: &&Disparity| d.gap.as_ref().is_some_and(|gap| gap.interval.is_none());
    if known.iter().any(without_scatter) {
        said.push(format!("{NO_SCATTER}: every cluster says the same of the differences between the groups, so there is nothing to take an interval of the gap from."));
    }
    said.into_iter()
        .map(|text| Block::Paragraph(Tone::Plain, text))
        .collect()
}

fn is_unresolved(d: &Disparity) -> bool {
    let shown = d
        .measures
        .iter()
        .flat_map(|m| [m.normalised_range, m.variation]);
    let noiseless = |measure: Measure| measure.without_noise.map(|known| known.interval);
    let between = d.between.map(|between| between.interval);
    let mut intervals = shown.map(noiseless).chain([between]).flatten();
    intervals.any(|interval| interval.is_none())
}

fn span(known: Option<WithoutNoise>) -> String {
    known.map_or_else(none, |known| limits(known.interval, UNRESOLVED))
}
