//! A summary as a person reads it.

use std::fmt::Write as _;

use super::{Exclusion, MISSING, Summary};
use crate::text::{counted, in_percent, thousands};

/// Items that a line of the summary names at the most.
const NAMED: usize = 5;

impl Summary {
    /// The summary as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            text,
            "{} of {}, {}",
            counted(self.respondents, "respondent"),
            counted(self.rows, "row"),
            counted(self.questions, "question")
        );
        if let Some(weights) = &self.weights {
            let _ = writeln!(
                text,
                "weighted by {}: sum {:.1}, effective respondents {:.1} (Kish)",
                weights.column, weights.sum, weights.effective_respondents
            );
        }
        for split in &self.splits {
            let _ = writeln!(
                text,
                "{}: {} ({} too small) of {}; {} of a subgroup and a question",
                split.split,
                counted(split.subgroups, "subgroup"),
                thousands(split.too_small),
                split.strata.join(", "),
                counted(split.items, "pair")
            );
        }
        let _ = writeln!(
            text,
            "ties: {}, rule {}",
            counted(self.ties.items, "pair"),
            self.ties.rule
        );
        if let Some(stability) = &self.stability {
            let _ = writeln!(
                text,
                "unstable: {:.1}% of pairs have another most frequent answer in more than {}% of {} bootstrap draws of the respondents; mean over pairs {:.1}%",
                100.0 * stability.unstable_items,
                in_percent(stability.above),
                stability.draws,
                100.0 * stability.mean
            );
        }
        self.write_diversity(&mut text);
        if !self.anchors.is_empty() {
            let _ = writeln!(
                text,
                "\nCountry SGP: published counts (arXiv 2604.12851) and those found"
            );
            for anchor in &self.anchors {
                let _ = writeln!(
                    text,
                    "- {}: published {}, found {}",
                    anchor.what,
                    thousands(anchor.published),
                    thousands(anchor.found)
                );
            }
        }
        self.write_exclusions(&mut text);
        for note in &self.notes {
            let _ = writeln!(text, "Note: {note}");
        }
        text
    }

    fn write_exclusions(&self, text: &mut String) {
        let _ = writeln!(text, "\nLeft out");
        let others = || self.exclusions.iter().filter(|e| e.what != MISSING);
        for exclusion in others() {
            let of = exclusion
                .of
                .as_ref()
                .map_or_else(String::new, |of| format!(" of {of}"));
            let what = match exclusion.count {
                1 => exclusion.what.trim_end_matches('s'),
                _ => &exclusion.what,
            };
            let _ = writeln!(
                text,
                "- {} {what}{of}: {}{}",
                thousands(exclusion.count),
                exclusion.reason,
                exclusion.named()
            );
        }
        if others().next().is_none() {
            let _ = writeln!(text, "- nothing");
        }
        let missing: Vec<&Exclusion> = self
            .exclusions
            .iter()
            .filter(|exclusion| exclusion.what == MISSING)
            .collect();
        if !missing.is_empty() {
            let _ = writeln!(text, "\nMissing answers");
        }
        for of_question in missing.chunk_by(|a, b| a.of == b.of) {
            let count = of_question.iter().map(|exclusion| exclusion.count).sum();
            let each: Vec<String> = of_question
                .iter()
                .map(|exclusion| format!("{} {}", thousands(exclusion.count), exclusion.reason))
                .collect();
            let of = of_question[0].of.as_deref().unwrap_or_default();
            let _ = writeln!(text, "- {} of {of}: {}", thousands(count), each.join(", "));
        }
        if !self.changes.is_empty() {
            let _ = writeln!(text, "\nChanged codes");
        }
        for change in &self.changes {
            let _ = writeln!(
                text,
                "- {} of {}: {}",
                counted(change.count, "answer"),
                change.question,
                change.how
            );
        }
    }

    fn write_diversity(&self, text: &mut String) {
        let over_strata: Vec<_> = self
            .diversity
            .iter()
            .filter(|row| row.stratum.is_none())
            .collect();
        if over_strata.is_empty() {
            return;
        }
        let width = over_strata
            .iter()
            .map(|row| row.topic.chars().count())
            .max()
            .unwrap_or(0)
            .max(5);
        let _ = writeln!(
            text,
            "\nHow far subgroups differ (means over questions and strata)"
        );
        let _ = writeln!(
            text,
            "{:width$}  questions  modal diversity  Wasserstein",
            "topic"
        );
        let number = |value: Option<f64>| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
        };
        for row in over_strata {
            let _ = writeln!(
                text,
                "{:width$}  {:>9}  {:>15}  {:>11}",
                row.topic,
                row.questions,
                number(row.modal_diversity),
                number(row.wasserstein)
            );
        }
    }
}

impl Exclusion {
    /// Which items, as far as a line has room for them.
    fn named(&self) -> String {
        let first = self.items.iter().take(NAMED);
        let first: Vec<&str> = first.map(String::as_str).collect();
        match self.items.len() {
            0 => String::new(),
            n if n > NAMED => format!(" ({}, …; summary.json names all)", first.join(", ")),
            _ => format!(" ({})", first.join(", ")),
        }
    }
}
