//! Ranges of numbers and of codes.

use super::Band;
use crate::study::scale::MOST_OPTIONS;

/// `25-34`, `65+`.
pub(super) fn band(text: &str) -> Option<Band> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    let band = if let Some(low) = text.trim().strip_suffix('+') {
        Band {
            low: number(low)?,
            high: f64::INFINITY,
        }
    } else {
        let (low, high) = text.trim().split_once('-')?;
        Band {
            low: number(low)?,
            high: number(high)?,
        }
    };
    (band.low <= band.high).then_some(band)
}

/// `1-4`, or `-3-3`: a `-` before the lowest code, or after the one that parts the two, is a sign.
pub(super) fn code_range(text: &str) -> Option<(i32, i32)> {
    let text = text.trim();
    let sign = text.len() - text.trim_start_matches('-').len();
    let at = sign + text[sign..].find('-')?;
    let (low, high) = (&text[..at], &text[at + 1..]);
    let range: (i32, i32) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    let width = i64::from(range.1) - i64::from(range.0);
    let few = width < i64::try_from(MOST_OPTIONS).unwrap_or(i64::MAX);
    (range.0 < range.1 && few).then_some(range)
}
