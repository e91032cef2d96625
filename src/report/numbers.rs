//! Numbers as people read them.

use crate::analysis::report::Interval;
pub(super) use crate::text::{counted, in_percent, thousands as count};

/// What stands where there is no number.
pub(super) const NONE: &str = "-";

/// A share as a percentage.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| NONE.to_owned(), |share| format!("{:.1}%", share * 100.0))
}

/// The limits of an interval of a share, in percent.
pub(super) fn limits(interval: Option<&Interval>) -> String {
    interval.map_or_else(
        || NONE.to_owned(),
        |interval| format!("{:.1}–{:.1}", interval.low * 100.0, interval.high * 100.0),
    )
}

/// A difference of shares in percentage points, with its sign.
pub(super) fn points(difference: f64) -> String {
    // A minus sign before a zero would be noise.
    let points = format!("{:+.1}", difference * 100.0);
    if points == "-0.0" {
        "+0.0".to_owned()
    } else {
        points
    }
}

/// The limits of an interval of a difference, in percentage points.
pub(super) fn point_limits(interval: Option<&Interval>) -> String {
    point_range(interval.map(|interval| (interval.low, interval.high)))
}

/// Two differences, the lower first, in percentage points.
pub(super) fn point_range(range: Option<(f64, f64)>) -> String {
    range.map_or_else(
        || NONE.to_owned(),
        |(low, high)| format!("{} to {}", points(low), points(high)),
    )
}

/// A p-value.
pub(super) fn p_value(p: Option<f64>) -> String {
    match p {
        None => NONE.to_owned(),
        Some(p) if p < 0.001 => "<0.001".to_owned(),
        Some(p) => format!("{p:.3}"),
    }
}

/// A mean length.
pub(super) fn chars(mean: Option<f64>) -> String {
    mean.map_or_else(|| NONE.to_owned(), |mean| count(mean.round() as u64))
}

/// Dollars.
pub(super) fn dollars(dollars: Option<f64>) -> String {
    match dollars {
        None => NONE.to_owned(),
        Some(dollars) if dollars > 0.0 && dollars < 0.995 => format!("${dollars:.4}"),
        Some(dollars) => format!("${dollars:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_for_people() {
        assert_eq!(percent(Some(0.6123)), "61.2%");
        assert_eq!(percent(None), "-");
        assert_eq!(points(0.0321), "+3.2");
        assert_eq!(points(-0.000_01), "+0.0");
        assert_eq!(p_value(Some(0.000_4)), "<0.001");
        assert_eq!(p_value(Some(0.0496)), "0.050");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(999), "999");
        assert_eq!(chars(Some(1499.6)), "1,500");
        assert_eq!(dollars(Some(0.0123)), "$0.0123");
        assert_eq!(dollars(Some(12.5)), "$12.50");
        assert_eq!(dollars(Some(0.0)), "$0.00");
    }
}
