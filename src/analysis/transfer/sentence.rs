//! Transfer in sentences.

use super::report::{Contrast, Corrected, Gain, Gains, Slope, Transfer, TransferReport, Unit};
use crate::stats::Level;
use crate::text::{counted, in_percent};

/// A structured metric as it is spoken of.
pub(crate) fn spoken(metric: &str) -> String {
    match metric {
        "nmae" => "1 - NMAE".to_owned(),
        "wasserstein" => "1 - W1".to_owned(),
        other => format!("structured {}", other.replace('_', " ")),
    }
}

/// A criterion as it is spoken of: `overall_winner` is overall.
fn in_words(criterion: &str) -> String {
    let plain = criterion.strip_suffix("_winner").unwrap_or(criterion);
    plain.replace('_', " ")
}

/// Both gains over all items, of one pair or on average over several.
pub(super) fn of_gains(gains: &Gains, pairs: usize, level: Level) -> String {
    let percent = in_percent(level.get());
    let mut metric = spoken(&gains.contrast.metric);
    if pairs > 1 {
        metric = format!("{metric} on average over {pairs} pairs");
    }
    let criterion = in_words(&gains.contrast.criterion);
    let items = |gain: &Gain| counted(gain.items, "item");
    let first = |low, high| format!("{percent}% interval {low} to {high}, ");
    let second = |low, high| format!("{low} to {high}, ");
    let why = gains.withheld.as_deref().unwrap_or_default();
    match (&gains.structured, &gains.open_ended) {
        (Some(structured), Some(open)) => {
            let x = format!("{}{}", limits(structured, first), items(structured));
            let y = format!("{}{}", limits(open, second), items(open));
            let (gain, gained) = (points(structured.estimate), points(open.estimate));
            if structured.estimate > 0.0 {
                format!(
                    "Of {gain} points gained in {metric} ({x}), {gained} points came through in {criterion} win rate ({y})"
                )
            } else {
                format!(
                    "There was no gain in {metric} ({gain} points; {x}); {criterion} win rate changed by {gained} points ({y})"
                )
            }
        }
        (Some(gain), None) => format!(
            "The gain in {metric} was {} points ({}{}); the gain in {criterion} win rate is withheld, since {why}",
            points(gain.estimate),
            limits(gain, first),
            items(gain),
        ),
        (None, Some(gain)) => format!(
            "The gain in {metric} is withheld, since {why}; {criterion} win rate changed by {} points ({}{})",
            points(gain.estimate),
            limits(gain, first),
            items(gain),
        ),
        (None, None) => {
            format!("The gains in {metric} and in {criterion} win rate are withheld, since {why}")
        }
    }
}

/// The sentence to quote: the first metric, the mean of all pairs where there are
/// several, and the criterion that is called overall, or else the first.
pub(super) fn summary(report: &TransferReport) -> String {
    let Some(first) = report.gains.first() else {
        return String::new();
    };
    let same = |gains: &&Gains| {
        gains.contrast.metric == first.contrast.metric
            && gains.contrast.judge == first.contrast.judge
            && gains.contrast.rubric == first.contrast.rubric
    };
    let is_overall = |gains: &&Gains| gains.contrast.criterion.to_lowercase().contains("overall");
    let criterion = report
        .gains
        .iter()
        .filter(same)
        .find(is_overall)
        .unwrap_or(first);
    let criterion = &criterion.contrast.criterion;
    let mut candidates = report
        .gains
        .iter()
        .filter(same)
        .filter(|gains| gains.contrast.criterion == *criterion);
    // The mean of all pairs stands last.
    let Some(gains) = candidates.next_back() else {
        return String::new();
    };
    let mut told: Vec<&Transfer> = report
        .transfers
        .iter()
        .filter(|transfer| transfer.contrast == gains.contrast)
        .collect();
    let strength = |transfer: &&Transfer| {
        (
            transfer.disattenuated.is_none(),
            transfer.pearson.is_none(),
            Unit::ALL.iter().position(|unit| *unit == transfer.unit),
        )
    };
    told.sort_by_key(strength);
    let judges = other_judges(report, gains);
    match told.first() {
        Some(transfer) => format!("{}; {}.{judges}", gains.sentence, correlation(transfer)),
        None => format!("{}.{judges}", gains.sentence),
    }
}

/// Whose win rate was told, and what it is by the others; nothing where there is one judge.
fn other_judges(report: &TransferReport, told: &Gains) -> String {
    let contrast = &told.contrast;
    let others: Vec<&Gains> = report
        .gains
        .iter()
        .filter(|gains| {
            let other = &gains.contrast;
            (&other.judge, &other.rubric) != (&contrast.judge, &contrast.rubric)
                && other.metric == contrast.metric
                && other.criterion == contrast.criterion
                && other.pair == contrast.pair
        })
        .collect();
    if others.is_empty() {
        return String::new();
    }
    let one_judge = others
        .iter()
        .all(|gains| gains.contrast.judge == contrast.judge);
    let name = |gains: &Gains| {
        let Contrast { judge, rubric, .. } = &gains.contrast;
        if one_judge {
            format!("{judge} under {rubric}")
        } else {
            judge.clone()
        }
    };
    let own = told.open_ended.map(|gain| gain.estimate);
    let said = others.iter().map(|gains| match gains.open_ended {
        None => format!("by {} it is withheld", name(gains)),
        Some(gain) => {
            let against = own.is_some_and(|own| own * gain.estimate < 0.0);
            format!(
                "by {} it changed by {} points{}",
                name(gains),
                points(gain.estimate),
                if against { ", the other way" } else { "" }
            )
        }
    });
    let said: Vec<String> = said.collect();
    format!(
        " The win rate is that by {}; {}.",
        name(told),
        said.join("; ")
    )
}

/// How the gains go together over units.
fn correlation(transfer: &Transfer) -> String {
    let over = format!("over {} {}s", transfer.n_units, transfer.unit.name());
    if let (Some(r), Some(plain)) = (transfer.disattenuated, transfer.pearson) {
        if r.low <= -1.0 && r.high >= 1.0 {
            let reliability = |of: Option<f64>| of.unwrap_or_default();
            return format!(
                "{over} any correlation of the two gains fits once their noise is taken off (reliabilities {:.2} and {:.2}; r = {:.2} as they stand)",
                reliability(transfer.structured_reliability),
                reliability(transfer.open_reliability),
                plain.estimate
            );
        }
        let drawn = drawn_back(r);
        return format!(
            "{over} the two gains correlate with r = {:.2} without their noise ({:.2} to {:.2}{drawn}; {:.2} as they stand){}",
            r.estimate,
            r.low,
            r.high,
            plain.estimate,
            transfer.gain_slope.map(slope).unwrap_or_default()
        );
    }
    let why = transfer.refused.as_deref().unwrap_or("it cannot be told");
    match transfer.pearson {
        Some(plain) => format!(
            "{over} the two gains correlate with r = {:.2} as they stand ({:.2} to {:.2}), but {why}",
            plain.estimate, plain.low, plain.high
        ),
        None => why.to_owned(),
    }
}

/// What of a correlation was drawn back to 1, after its limits.
fn drawn_back(r: Corrected) -> String {
    if r.is_drawn_back() {
        format!(", drawn back to {:.0}", r.estimate)
    } else if r.is_limit_drawn_back(r.high) {
        ", its upper limit drawn back to 1".to_owned()
    } else if r.is_limit_drawn_back(r.low) {
        ", its lower limit drawn back to -1".to_owned()
    } else {
        String::new()
    }
}

fn slope(slope: Slope) -> String {
    let limit = |limit: Option<f64>| {
        limit.map_or_else(|| "no limit".to_owned(), |limit| format!("{limit:.2}"))
    };
    let limits = match (slope.low, slope.high) {
        (None, None) => "any number fits".to_owned(),
        (low, high) => format!("{} to {}", limit(low), limit(high)),
    };
    format!(
        ", and 1 point more in the one goes with {:.2} points in the other ({limits})",
        slope.estimate
    )
}

fn limits(gain: &Gain, told: impl Fn(String, String) -> String) -> String {
    let both = gain.low.zip(gain.high);
    both.map_or_else(String::new, |(low, high)| told(points(low), points(high)))
}

/// Percentage points; no minus before a zero.
fn points(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    if text == "-0.0" {
        "0.0".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_drawn_back_is_said_and_nothing_else() {
        let of = |unclipped: f64, low: f64, high: f64, clipped: bool| {
            drawn_back(Corrected {
                estimate: unclipped.clamp(-1.0, 1.0),
                low,
                high,
                unclipped,
                clipped,
            })
        };
        assert_eq!(of(0.5, 0.2, 0.8, false), "");
        assert_eq!(of(1.2, 0.2, 1.0, true), ", drawn back to 1");
        assert_eq!(of(-1.2, -1.0, 0.1, true), ", drawn back to -1");
        assert_eq!(
            of(0.76, -0.95, 1.0, true),
            ", its upper limit drawn back to 1"
        );
        assert_eq!(
            of(-0.76, -1.0, 0.3, true),
            ", its lower limit drawn back to -1"
        );
    }
}
