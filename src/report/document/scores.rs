//! What scores of structured answers say to people.

use super::{Block, Table, Tone, name, plain_notes};
use crate::analysis::scores::metrics::{Metric, Normaliser, Treatment};
use crate::analysis::scores::report::{Delta, Difference, Estimate, ScoreReport, Scored};
use crate::report::numbers::{NONE, count, in_percent, p_value, percent, points};

/// Everything that scores say. Personas are many, and stand in JSON and CSV only.
pub(in crate::report) fn scores(report: &ScoreReport) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Structured answers".to_owned())];
    blocks.push(Block::Paragraph(Tone::Plain, how(report)));
    blocks.push(Block::Table(models(report)));
    for row in &report.models {
        if let Some(why) = &row.withheld {
            let of = row
                .level
                .as_deref()
                .map_or_else(String::new, |level| format!(", {}", name(level)));
            let text = format!("Withheld for {}{of}: {}.", name(&row.model), name(why));
            blocks.push(Block::Paragraph(Tone::Loud, text));
        }
    }
    if let Some(missing) = missing(report) {
        blocks.push(Block::Heading(2, "Answers without an option".to_owned()));
        blocks.push(Block::Paragraph(
            Tone::Plain,
            "Refused, unreadable and cut-off answers: left out, counted as wrong and farthest from the mode, put on the middle of the scale, or as a random guess.".to_owned(),
        ));
        blocks.push(Block::Table(missing));
    }
    if let Some(unstable) = unstable(report) {
        blocks.push(Block::Heading(2, "Unstable truth".to_owned()));
        blocks.push(Block::Paragraph(
            Tone::Plain,
            format!(
                "Items whose modal answer is another one in more than {}% of resamples of the respondents: counted as any other, left out, or each item weighted by the share of resamples that have its mode.",
                in_percent(report.settings.unstable_above)
            ),
        ));
        blocks.push(Block::Table(unstable));
    }
    if !report.differences.is_empty() {
        blocks.push(Block::Heading(2, "Differences on shared items".to_owned()));
        blocks.push(Block::Paragraph(
            Tone::Plain,
            "p adj: Benjamini-Hochberg over the levels of a breakdown; the p-values before that are in the JSON and CSV.".to_owned(),
        ));
        blocks.push(Block::Table(differences(report)));
    }
    blocks.extend(phrasings(report));
    for breakdown in breakdowns(&report.groups) {
        blocks.push(Block::Heading(
            2,
            format!("By {}", name(&called(&breakdown))),
        ));
        blocks.extend(population(report, &breakdown));
        blocks.push(Block::Table(groups(report, &breakdown)));
    }
    blocks.extend(plain_notes(&report.notes));
    blocks
}

fn how(report: &ScoreReport) -> String {
    let settings = &report.settings;
    let normaliser = match settings.normaliser {
        Normaliser::Range => "the range of the scale",
        Normaliser::MaxDistance => "the largest distance possible from the mode",
        Normaliser::ScaleSize => "the number of options",
        Normaliser::None => "nothing",
    };
    let missing = match settings.missing {
        Treatment::Excluded => "left out",
        Treatment::Wrong => "counted as wrong",
        Treatment::Middle => "put on the middle of the scale",
        Treatment::Guess => "counted as a random guess",
    };
    let split = settings
        .split
        .as_deref()
        .map(|split| format!(" Only items of the split {}.", name(split)));
    let whole = report
        .models
        .iter()
        .find_map(|row| row.metrics.accuracy.as_ref());
    let population = whole
        .and_then(|estimate| estimate.interval.as_ref())
        .map(|interval| {
            let level = in_percent(interval.level);
            format!(" {level}% intervals are for {}.", interval.population)
        });
    format!(
        "Accuracy is the share of answers that are the modal answer of the persona's group; errors and distances are divided by {normaliser}; answers without an option are {missing}.{}{}",
        split.unwrap_or_default(),
        population.unwrap_or_default(),
    )
}

fn models(report: &ScoreReport) -> Table {
    let mut table = Table::new(
        2,
        &[
            "model", "items of", "items", "accuracy", "", "soft", "NMAE", "", "W1", "refused",
            "unread",
        ],
    );
    for row in &report.models {
        let metric = |metric| row.metrics.get(metric);
        table.rows.push(vec![
            phrased(&row.model, row.variant.as_deref()),
            row.level.as_deref().map_or_else(|| "all".to_owned(), name),
            count(row.items),
            of_accuracy(row),
            share_limits(metric(Metric::Accuracy)),
            of_share(metric(Metric::SoftAccuracy)),
            of_number(metric(Metric::Nmae)),
            number_limits(metric(Metric::Nmae)),
            of_number(metric(Metric::Wasserstein)),
            of_share(metric(Metric::Refusal)),
            of_share(metric(Metric::Unreadable)),
        ]);
    }
    table
}

/// The treatments side by side; `None` where no answer lacks an option.
fn missing(report: &ScoreReport) -> Option<Table> {
    let lacks = |row: &&Scored| {
        let answers = row.answers;
        answers.refused + answers.unreadable + answers.truncated > 0
    };
    report.models.iter().find(lacks)?;
    let mut table = Table::new(
        2,
        &[
            "model",
            "items of",
            "missing",
            "accuracy: left out",
            "wrong",
            "middle",
            "guess",
            "NMAE: left out",
            "wrong",
            "middle",
            "guess",
        ],
    );
    for row in report.models.iter().filter(lacks) {
        let answers = row.answers;
        let mut cells = vec![
            phrased(&row.model, row.variant.as_deref()),
            row.level.as_deref().map_or_else(|| "all".to_owned(), name),
            count(answers.refused + answers.unreadable + answers.truncated),
        ];
        cells.extend(
            row.treatments
                .iter()
                .map(|treated| percent(treated.accuracy)),
        );
        cells.extend(row.treatments.iter().map(|treated| decimal(treated.nmae)));
        table.rows.push(cells);
    }
    Some(table)
}

/// Scores with and without items whose truth is unstable; `None` where there are none.
fn unstable(report: &ScoreReport) -> Option<Table> {
    let found = |row: &Scored| {
        let truth = row.unstable_truth.as_ref();
        truth.is_some_and(|truth| truth.items.unstable > 0)
    };
    report.models.iter().find(|row| found(row))?;
    let mut table = Table::new(
        2,
        &[
            "model",
            "items of",
            "unstable",
            "accuracy: all",
            "left out",
            "weighted",
            "NMAE: all",
            "left out",
            "weighted",
        ],
    );
    for row in &report.models {
        let Some(truth) = &row.unstable_truth else {
            continue;
        };
        let mut cells = vec![
            phrased(&row.model, row.variant.as_deref()),
            row.level.as_deref().map_or_else(|| "all".to_owned(), name),
            percent(Some(truth.items.unstable_share)),
        ];
        cells.extend(truth.scores.iter().map(|scores| percent(scores.accuracy)));
        cells.extend(truth.scores.iter().map(|scores| decimal(scores.nmae)));
        table.rows.push(cells);
    }
    Some(table)
}

/// Overall, by split, and by what has few levels.
fn differences(report: &ScoreReport) -> Table {
    let mut table = Table::new(
        2,
        &[
            "models", "items of", "items", "accuracy", "", "p adj", "NMAE", "", "p adj",
        ],
    );
    let shown = |row: &&Difference| row.breakdown != "persona";
    for row in report.differences.iter().filter(shown) {
        let of = match (&row.level, row.breakdown.as_str()) {
            (None, _) => "all".to_owned(),
            (Some(level), "split") => name(level),
            (Some(level), breakdown) => format!("{} = {}", name(&called(breakdown)), name(level)),
        };
        let accuracy = row.metrics.accuracy.as_ref();
        let nmae = row.metrics.nmae.as_ref();
        table.rows.push(vec![
            format!(
                "{} - {}",
                name(&row.candidate),
                phrased(&row.base, row.variant.as_deref())
            ),
            of,
            count(accuracy.map_or(row.items, |delta| delta.items)),
            accuracy.map_or_else(|| NONE.to_owned(), |delta| points(delta.estimate)),
            delta_limits(accuracy, points),
            p_value(accuracy.and_then(|delta| delta.p_adjusted)),
            nmae.map_or_else(|| NONE.to_owned(), |delta| signed(delta.estimate)),
            delta_limits(nmae, signed),
            p_value(nmae.and_then(|delta| delta.p_adjusted)),
        ]);
    }
    table
}

/// A model, and in which phrasing it was asked where there are several.
fn phrased(model: &str, variant: Option<&str>) -> String {
    format!("{}{}", name(model), super::phrasing(variant))
}

/// What phrasings of the persona change in accuracy and NMAE.
fn phrasings(report: &ScoreReport) -> Vec<Block> {
    let Some(first) = report.phrasings.first() else {
        return Vec::new();
    };
    let control = first.control.as_deref().map_or_else(
        || "No phrasing was named as the control.".to_owned(),
        |control| {
            format!(
                "Gain: the metric less that under {}, on the items that both have; p adj by Holm over the phrasings.",
                name(control)
            )
        },
    );
    let mut table = Table::new(
        3,
        &[
            "model", "metric", "phrasing", "items", "mean", "gain", "interval", "p", "p adj",
        ],
    );
    let mut said = Vec::new();
    let shown = report
        .phrasings
        .iter()
        .filter(|made| ["accuracy", "nmae", "wasserstein"].contains(&made.metric.as_str()));
    for made in shown {
        for rate in &made.rates {
            let gain = rate.gain.as_ref();
            table.rows.push(vec![
                name(&made.model),
                made.metric.clone(),
                name(&rate.variant),
                rate.estimate
                    .as_ref()
                    .map_or_else(|| NONE.to_owned(), |known| count(known.items)),
                of_number(rate.estimate.as_ref()),
                gain.map_or_else(|| NONE.to_owned(), |gain| signed(gain.estimate)),
                delta_limits(gain, signed),
                p_value(gain.and_then(|gain| gain.p_value)),
                p_value(rate.p_adjusted),
            ]);
        }
        if let (Some(range), Some(spread)) = (&made.range, made.spread) {
            let decimal = |number: f64| format!("{number:.3}");
            let text = format!(
                "{}, {}: from {} to {} {}; {}.",
                name(&made.model),
                made.metric,
                name(&range.lowest.concat()),
                name(&range.highest.concat()),
                range.said("", decimal),
                spread.said("", decimal),
            );
            said.push((Tone::Plain, text));
        }
    }
    vec![
        Block::Heading(2, "Phrasings".to_owned()),
        Block::Paragraph(
            Tone::Plain,
            format!("The same items asked in several phrasings of the persona. {control}"),
        ),
        Block::Table(table),
        Block::List(said),
    ]
}

/// The breakdowns that are shown, in order.
fn breakdowns(groups: &[Scored]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for row in groups.iter().filter(|row| row.breakdown != "persona") {
        if !names.contains(&row.breakdown) {
            names.push(row.breakdown.clone());
        }
    }
    names
}

fn groups(report: &ScoreReport, breakdown: &str) -> Table {
    let mut table = Table::new(
        2,
        &["model", "level", "items", "accuracy", "", "NMAE", "", "W1"],
    );
    for row in report
        .groups
        .iter()
        .filter(|row| row.breakdown == breakdown)
    {
        let metric = |metric| row.metrics.get(metric);
        table.rows.push(vec![
            phrased(&row.model, row.variant.as_deref()),
            row.level.as_deref().map_or_else(|| NONE.to_owned(), name),
            count(metric(Metric::Accuracy).map_or(row.items, |known| known.items)),
            of_accuracy(row),
            share_limits(metric(Metric::Accuracy)),
            of_number(metric(Metric::Nmae)),
            number_limits(metric(Metric::Nmae)),
            of_number(metric(Metric::Wasserstein)),
        ]);
    }
    table
}

/// Whom the intervals of a breakdown speak of, where it is not whom the others do.
fn population(report: &ScoreReport, breakdown: &str) -> Option<Block> {
    let rows = report
        .groups
        .iter()
        .filter(|row| row.breakdown == breakdown);
    let interval = |row: &Scored| row.metrics.accuracy.as_ref()?.interval.clone();
    let sides = |row: &Scored| interval(row).map(|interval| interval.clusters);
    let whole = report.models.iter().find_map(sides);
    let within = rows.into_iter().find_map(interval)?;
    (whole.as_ref() != Some(&within.clusters)).then(|| {
        let sides = within.clusters.join(" and ");
        let text = format!(
            "Within a level, items of one {sides} are taken to move together, and intervals are for exactly these personas.",
        );
        let text = if sides == "question" { text } else { format!("Within a level, items of one {sides} are taken to move together.") };
        Block::Paragraph(Tone::Plain, text)
    })
}

/// A breakdown without the prefix of its column.
fn called(breakdown: &str) -> String {
    breakdown
        .strip_prefix("group.")
        .unwrap_or(breakdown)
        .to_owned()
}

fn of_accuracy(row: &Scored) -> String {
    if row.withheld.is_some() {
        "withheld".to_owned()
    } else {
        of_share(row.metrics.get(Metric::Accuracy))
    }
}

fn of_share(estimate: Option<&Estimate>) -> String {
    percent(estimate.map(|estimate| estimate.estimate))
}

fn of_number(estimate: Option<&Estimate>) -> String {
    decimal(estimate.map(|estimate| estimate.estimate))
}

fn decimal(number: Option<f64>) -> String {
    number.map_or_else(|| NONE.to_owned(), |number| format!("{number:.3}"))
}

fn signed(number: f64) -> String {
    let text = format!("{number:+.3}");
    if text == "-0.000" {
        "+0.000".to_owned()
    } else {
        text
    }
}

fn share_limits(estimate: Option<&Estimate>) -> String {
    let interval = estimate.and_then(|estimate| estimate.interval.as_ref());
    interval.map_or_else(
        || NONE.to_owned(),
        |interval| format!("{:.1}–{:.1}", interval.low * 100.0, interval.high * 100.0),
    )
}

fn number_limits(estimate: Option<&Estimate>) -> String {
    let interval = estimate.and_then(|estimate| estimate.interval.as_ref());
    interval.map_or_else(
        || NONE.to_owned(),
        |interval| format!("{:.3}–{:.3}", interval.low, interval.high),
    )
}

fn delta_limits(delta: Option<&Delta>, shown: impl Fn(f64) -> String) -> String {
    let interval = delta.and_then(|delta| delta.interval.as_ref());
    interval.map_or_else(
        || NONE.to_owned(),
        |interval| format!("{} to {}", shown(interval.low), shown(interval.high)),
    )
}
