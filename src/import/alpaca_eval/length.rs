//! The length-controlled win rate that can be made from annotations alone.
//!
//! `alpaca_eval` fits a logistic model of the preference on the difference of lengths.
//! The leaderboard's, `length_controlled_v1`, has a difficulty of each instruction,
//! fitted over all models of the leaderboard, and pulls the baseline's verbose and
//! concise variants towards one half; neither stands in annotations. Its
//! `length_controlled_minimal` has neither, and that is the one made here.

use std::collections::HashMap;

use super::Annotation;
use crate::analysis::source_figures::{Figure, Unit};
use crate::stats::length_control::{StyleColumn, length_controlled};
use crate::stats::{Clusters, StatsError};

/// What is said beside the figures.
const WHY: &str = "The leaderboard's length_controlled_winrate cannot be made from annotations: it needs instruction_difficulty, fitted over all models of the leaderboard and published for its 805 instructions only, and judgments of the baseline's verbose and concise variants. length_controlled_minimal is alpaca_eval's own variant without both, fitted here without its L1 penalty, which moves it by about a tenth of a point. Its lc_standard_error is not given: it is the spread of fitted values, which is 0 in this variant; the standard error here carries the error of the fit.";

/// The figures, and what is to be said of them.
pub(super) fn figures<'r>(
    rows: impl Iterator<Item = &'r Annotation>,
    share: impl Fn(&Annotation) -> Option<f64>,
) -> (Vec<Figure>, String) {
    let made = fitted(rows, share);
    let error = made.as_ref().ok().and_then(|(_, error)| *error);
    let times_100 = |value: Option<f64>| value.map(|value| value * 100.0);
    let figures = vec![
        Figure::new(
            "length_controlled_minimal",
            times_100(made.as_ref().ok().map(|(rate, _)| *rate)),
            Unit::Percent,
            "win rate at equal length by alpaca_eval's length_controlled_minimal, without instruction_difficulty: not the leaderboard's length_controlled_winrate",
        ),
        Figure::new(
            "length_controlled_minimal_se",
            times_100(error),
            Unit::Percent,
            "its standard error from influence values, by instruction; not the source's lc_standard_error",
        ),
    ];
    let said = match made {
        Ok(_) => WHY.to_owned(),
        Err(why) => format!("There is no length_controlled_minimal: {why}. {WHY}"),
    };
    (figures, said)
}

/// The rate with its standard error, or why there is none.
fn fitted<'r>(
    rows: impl Iterator<Item = &'r Annotation>,
    share: impl Fn(&Annotation) -> Option<f64>,
) -> Result<(f64, Option<f64>), String> {
    let (mut scores, mut differences, mut clusters) = (Vec::new(), Vec::new(), Vec::new());
    let mut questions: HashMap<&str, u32> = HashMap::new();
    for row in rows {
        let Some(score) = share(row) else {
            continue;
        };
        let (Some(model), Some(baseline)) = (row.model_chars, row.baseline_chars) else {
            return Err("a row with a preference lacks an answer".to_owned());
        };
        let next = questions.len() as u32;
        clusters.push(*questions.entry(&row.question).or_insert(next));
        scores.push(score);
        differences.push(f64::from(model) - f64::from(baseline));
    }
    let styles = [StyleColumn::length(&differences)];
    let made = length_controlled(&scores, &styles, None, Clusters::OneWay(&clusters));
    match made {
        Ok(made) => Ok((made.win_rate.mean(), made.win_rate.standard_error())),
        Err(StatsError::Empty) => Err("there is no preference".to_owned()),
        Err(error) => Err(format!("the model cannot be fitted ({error})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(question: &str, preference: f64, lengths: [u32; 2]) -> Annotation {
        Annotation {
            question: question.to_owned(),
            dataset: None,
            contest: 0,
            preference: Some(preference),
            order: None,
            model_chars: Some(lengths[0]),
            baseline_chars: Some(lengths[1]),
        }
    }

    fn value(rows: &[Annotation]) -> (Option<f64>, String) {
        let (figures, said) = figures(rows.iter(), |row| row.preference.map(|given| given - 1.0));
        (figures[0].value, said)
    }

    #[test]
    fn equal_lengths_leave_the_win_rate_and_longer_wins_are_discounted() {
        let equal: Vec<Annotation> = [1.9, 1.2, 1.6]
            .iter()
            .zip(["a", "b", "c"])
            .map(|(given, name)| row(name, *given, [7, 7]))
            .collect();
        let (rate, said) = value(&equal);
        assert!((rate.unwrap() - 100.0 * 1.7 / 3.0).abs() < 1e-9);
        assert!(said.contains("instruction_difficulty"));
        // Longer answers win and the model's are mostly longer.
        let longer: Vec<Annotation> = (0..12_u32)
            .map(|n| {
                let more = n % 4 != 3;
                let lengths = [
                    100 + if more { 40 + n } else { 0 },
                    100 + 30 * u32::from(!more),
                ];
                row(&n.to_string(), if more { 1.8 } else { 1.3 }, lengths)
            })
            .collect();
        let rate = value(&longer).0.unwrap();
        assert!((30.0..64.0).contains(&rate), "{rate}");
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut rows = vec![row("a", 1.5, [3, 4]), row("b", 1.0, [1, 9])];
        rows[0].model_chars = None;
        let (rate, said) = value(&rows);
        assert_eq!(rate, None);
        assert!(said.contains("lacks an answer"), "{said}");
        assert!(value(&[]).1.contains("there is no preference"));
        // One difference of all: length and strength cannot be told apart.
        let same = [row("a", 1.2, [3, 4]), row("b", 1.7, [13, 14])];
        assert!(value(&same).1.contains("cannot be fitted"));
    }
}
