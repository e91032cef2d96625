//! How to read a report: what its columns and words mean.

use super::{Tone, name};
use crate::analysis::Report;
use crate::analysis::report::{AdjustmentMethod, Comparison, Leaderboard, Method};
use crate::report::numbers::in_percent;
use crate::study::RatingMethod;

/// How the intervals were computed.
fn interval(report: &Report, level: f64, personas: bool) -> String {
    let together = if !report.study.cluster.is_empty() {
        let names: Vec<String> = report.study.cluster.iter().map(|n| name(n)).collect();
        format!(
            "items of one {} are taken to move together",
            names.join(" or one ")
        )
    } else if personas {
        "items of one question (and, for personas like these, of one persona) are taken to move together".to_owned()
    } else {
        "items of one question are taken to move together".to_owned()
    };
    let method = match report.study.interval {
        Method::DesignEffectWilson => "design-effect Wilson on the cluster-robust standard error",
        Method::T => "t times the cluster-robust standard error",
        Method::Tango => "Tango's score interval",
        Method::Wilson => "Wilson's interval",
        Method::ClopperPearson => "Clopper and Pearson's exact interval",
        Method::Jeffreys => "Jeffreys' interval",
        Method::BootstrapPercentile => "percentiles of 2,000 bootstrap draws of whole clusters",
        Method::BootstrapBca => "BCa percentiles of 2,000 bootstrap draws of whole clusters",
    };
    let together = if report.study.interval.takes_items_as_independent() {
        "all items are taken as independent".to_owned()
    } else {
        together
    };
    let others = if report.study.interval == Method::DesignEffectWilson {
        ""
    } else {
        " That is of win rates: effects of the order, controlled rates, differences and comparisons of levels have design-effect Wilson intervals."
    };
    format!("Interval: {level}%, {method}; {together}.{others}")
}

/// What the p-values test, and how they are adjusted.
fn p_values(report: &Report) -> String {
    let test = match report.study.interval {
        Method::DesignEffectWilson => "score test of a win rate of 50%, which the interval inverts",
        Method::T => "t test of a win rate of 50%, which the interval inverts",
        _ => "score test of a win rate of 50%, with the cluster-robust standard error",
    };
    let levels = report.groups.iter().find_map(|group| group.adjustment);
    let levels = match levels.map(|adjustment| adjustment.method) {
        Some(AdjustmentMethod::BenjaminiYekutieli) => "Benjamini-Yekutieli",
        _ => "Benjamini-Hochberg",
    };
    let mut line = format!(
        "p: {test}. p adj: Holm over the criteria of a comparison, {levels} over the levels of a breakdown and, for whether levels differ, over the breakdowns of a criterion."
    );
    if report
        .comparisons
        .iter()
        .any(|c| c.p_adjusted_candidates.is_some())
    {
        line.push_str(" p adj models: Holm over the comparisons that have a model in common.");
    }
    line
}

/// What the columns and words of a report mean.
pub(super) fn lines(report: &Report) -> Vec<(Tone, String)> {
    let both = |c: &Comparison| c.order.as_ref().is_some_and(|order| order.both_orders);
    let both = report.comparisons.iter().any(both);
    let personas = report.comparisons.iter().any(|c| c.n_clusters.persona > 0);
    let when = |condition: bool, text: &'static str| if condition { text } else { "" };
    let unit = report.comparisons.first().map_or("", |c| c.unit.as_str());
    let level = in_percent(report.study.level);
    let mut lines = vec![
        format!(
            "Win rate: mean over items of the candidate's share, a tie counted one half{}. Unit: {unit}.",
            when(
                both,
                "; both orders are averaged, and an item without both is missing"
            )
        ),
        interval(report, level, personas),
        p_values(report),
        format!(
            "W/T/L (wins, ties, losses) and missing count judgments{}.",
            when(
                both,
                "; flips are pairs of judgments whose winner changed sides with the order of the answers"
            )
        ),
    ];
    if both {
        lines.push("Help of first: percentage points by which the answer shown first wins more than half of the time.".to_owned());
    }
    if let Some(margin) = report.study.margin {
        lines.push(format!(
            "Finding: equivalent is shown by two one-sided tests to lie within {} points of 50%; no evidence of a difference is not equivalent.",
            (margin * 1e4).round() / 1e2
        ));
    }
    if personas && !report.groups.is_empty() {
        lines.push(within_levels(report));
    }
    lines.extend(beside(report).into_iter().map(str::to_owned));
    lines.into_iter().map(|line| (Tone::Plain, line)).collect()
}

/// What the intervals of levels rest on.
fn within_levels(report: &Report) -> String {
    let clusters = (report.groups.iter())
        .filter(|group| group.dimensions != ["topic"])
        .find_map(|group| Some(&group.interval.as_ref()?.clusters))
        .filter(|clusters| !clusters.is_empty());
    match clusters {
        Some(clusters) if !report.study.cluster.is_empty() => {
            let names: Vec<String> = clusters.iter().map(|cluster| name(cluster)).collect();
            format!(
                "Within a level of personas, items of one {} are taken to move together.",
                names.join(" or one ")
            )
        }
        Some(clusters) if *clusters == ["persona"] => {
            "Within a level of personas, intervals speak of personas like these, asked exactly this question.".to_owned()
        }
        _ => "Within a level of personas, intervals speak of questions like these and of exactly these personas.".to_owned(),
    }
}

/// How to read what stands beside the win rates.
fn beside(report: &Report) -> Vec<&'static str> {
    let mut lines = Vec::new();
    if report.comparisons.iter().any(|c| c.style_control.is_some()) {
        lines.push("Controlled: what the candidate would win were both answers alike in the control, by the logistic model of AlpacaEval 2 without its penalty. Taste: log odds for one standard deviation more on the candidate's side; above 0 the judge likes more of it.");
    }
    let pooled = |c: &Comparison| {
        let mut levels = c.subgroups.iter().flat_map(|section| &section.levels);
        levels.any(|level| level.pooled.is_some())
    };
    if report.comparisons.iter().any(pooled) {
        lines.push("Pooled: the win rate of a level drawn towards that of all levels by as much as noise moves it. The interval of the lowest level allows for its having been picked.");
    }
    if !report.differences.is_empty() {
        lines.push("Difference: mean over the items that both sides have of the first score less the second, in percentage points; p adj by Holm over the criteria, and over the models that met the same third one.");
    }
    let elo = |board: &Leaderboard| board.rating == RatingMethod::Elo;
    if report.leaderboards.iter().any(elo) {
        lines.push("Rating: Elo points after all judgments, in the order of the table. Expected win rate: mean over the others of the chance to win against each.");
    } else if !report.leaderboards.is_empty() {
        lines.push("Strength: log odds about the average of the models; the difference of two is the log odds that one wins (under Davidson, where they do not tie). Expected win rate: mean over the others of the chance to win against each, a tie counted one half.");
    }
    lines
}
