//! What the figures of several sources are made with.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::apart;
use crate::analysis::source_figures::{Pools, SourceFigures, Subject};

/// Why no estimate stands beside figures that share their comparison with others.
const SHARED: &str = "No estimate stands beside the figures, because the files give several of them for one comparison: the report has one win rate for all of its judgments, which is what is called the estimate here.";

/// Mean; `None` of nothing. The sum is compensated, so that its last digits do not
/// depend on how many numbers there are.
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| sum(values.iter().copied()) / values.len() as f64)
}

/// Standard error of the mean of independent values, with `n - 1`; `None` of fewer
/// than two.
pub(super) fn standard_error(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let middle = mean(values)?;
    let squares = sum(values.iter().map(|value| (value - middle).powi(2)));
    (values.len() > 1).then(|| (squares / (n - 1.0) / n).sqrt())
}

fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() {
            (total - next) + value
        } else {
            (value - next) + total
        };
        total = next;
    }
    total + lost
}

/// Cohen's kappa of two raters' categories (Cohen 1960, *Educational and
/// Psychological Measurement* 20:37); `None` where chance alone agrees always, and
/// of nothing.
pub(super) fn cohen_kappa<T: Ord + Copy>(pairs: &[(T, T)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let mut first: BTreeMap<T, f64> = BTreeMap::new();
    let mut second: BTreeMap<T, f64> = BTreeMap::new();
    let mut agreed = 0.0;
    for (a, b) in pairs {
        *first.entry(*a).or_default() += 1.0;
        *second.entry(*b).or_default() += 1.0;
        agreed += f64::from(u8::from(a == b));
    }
    let by_chance: f64 = first
        .iter()
        .map(|(category, count)| count * second.get(category).copied().unwrap_or_default())
        .sum::<f64>()
        / (n * n);
    let kappa = (agreed / n - by_chance) / (1.0 - by_chance);
    kappa.is_finite().then_some(kappa)
}

/// `part` of `whole` in percent.
pub(super) fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64 * 100.0)
}

/// `part` of `whole`, from 0 to 1.
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Figures that are each of one file: where several have a subject, what tells their files
/// apart is added to its name.
pub(super) fn of_files(sets: Vec<(&Path, SourceFigures)>) -> impl Iterator<Item = SourceFigures> {
    let mut files: HashMap<String, Vec<&Path>> = HashMap::new();
    for (path, set) in &sets {
        files.entry(set.subject.clone()).or_default().push(path);
    }
    sets.into_iter().map(move |(path, mut set)| {
        let files = &files[&set.subject];
        if files.len() > 1 {
            set.subject = format!("{} ({})", set.subject, apart(path, files));
        }
        set
    })
}

/// Takes the comparisons from figures that share them: their estimates are of none of these.
pub(super) fn leave_shared(sets: &mut [SourceFigures]) {
    let mut sharing: HashMap<(Option<Subject>, Option<Pools>), usize> = HashMap::new();
    let about = |set: &SourceFigures| (set.comparison.clone(), set.pools.clone());
    for set in sets.iter() {
        *sharing.entry(about(set)).or_default() += 1;
    }
    for set in sets {
        let is_about_any = set.comparison.is_some() || set.pools.is_some();
        if !is_about_any || sharing[&about(set)] == 1 {
            continue;
        }
        set.pools = None;
        if let Some(subject) = set.comparison.take()
            && !set.also_called.contains(&subject.candidate)
        {
            set.also_called.push(subject.candidate);
        }
        set.why_they_differ.insert(0, SHARED.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_errors_of_few_values() {
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[1.0, 2.0, 6.0]), Some(3.0));
        assert_eq!(standard_error(&[1.0]), None);
        let error = standard_error(&[1.0, 2.0, 6.0]).unwrap();
        assert!((error - (7.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert_eq!(mean(&[1e16, 1.0, -1e16]), Some(1.0 / 3.0));
    }

    #[test]
    fn kappa_is_one_where_raters_agree_and_none_where_it_has_no_value() {
        assert_eq!(cohen_kappa(&[(1, 1), (2, 2)]), Some(1.0));
        assert_eq!(cohen_kappa(&[(1, 1), (1, 1)]), None);
        assert_eq!(cohen_kappa::<u8>(&[]), None);
        // Cohen's own 2 x 2 form: p_o = .7, p_e = .5.
        let mut pairs = vec![(1, 1); 20];
        pairs.extend([(1, 2); 5]);
        pairs.extend([(2, 1); 10]);
        pairs.extend([(2, 2); 15]);
        assert!((cohen_kappa(&pairs).unwrap() - 0.4).abs() < 1e-12);
    }
}
