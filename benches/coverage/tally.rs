//! Counting how often intervals hold a truth, and printing the counts.

use oyer::stats::Interval;

/// Hits, misses and total width of one method in one cell.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    hits: u32,
    given: u32,
    refused: u32,
    width: f64,
}

impl Tally {
    /// Counts one interval; a method may refuse (no variation, one cluster).
    pub(crate) fn count(&mut self, interval: Option<Interval>, truth: f64) {
        match interval {
            Some(interval) => {
                self.given += 1;
                self.hits += u32::from(interval.contains(truth));
                self.width += interval.width();
            }
            None => self.refused += 1,
        }
    }

    /// Counts a yes or no where there is no interval.
    pub(crate) fn flag(&mut self, hit: bool) {
        self.given += 1;
        self.hits += u32::from(hit);
    }

    /// Adds a number whose mean is wanted.
    pub(crate) fn measure(&mut self, number: f64) {
        self.given += 1;
        self.width += number;
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            hits: self.hits + other.hits,
            given: self.given + other.given,
            refused: self.refused + other.refused,
            width: self.width + other.width,
        }
    }

    /// `95.1`, with `(12 refused)` where a method refused.
    pub(crate) fn percent(&self) -> String {
        if self.given == 0 {
            return "-".to_owned();
        }
        let share = 100.0 * f64::from(self.hits) / f64::from(self.given);
        if self.refused == 0 {
            format!("{share:.1}")
        } else {
            format!("{share:.1} ({} refused)", self.refused)
        }
    }

    /// Mean width of the intervals given, or mean of the numbers.
    pub(crate) fn mean_width(&self) -> String {
        if self.given == 0 {
            return "-".to_owned();
        }
        format!("{:.3}", self.width / f64::from(self.given))
    }
}

/// Adds tallies method by method.
pub(crate) fn merged<const N: usize>(a: [Tally; N], b: [Tally; N]) -> [Tally; N] {
    std::array::from_fn(|i| a[i].plus(b[i]))
}

/// A Markdown row.
pub(crate) fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// A Markdown head with its rule.
pub(crate) fn head(title: &str, columns: &[&str]) -> String {
    let rule = "---|".repeat(columns.len());
    format!("**{title}**\n\n| {} |\n|{rule}\n", columns.join(" | "))
}
