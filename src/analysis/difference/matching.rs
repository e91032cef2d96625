//! Which comparison of one run belongs to which of another.
//!
//! First those that are called the same; then, among what is left, those that are
//! the same but for a rubric's hash, for the rubric, for the judge, for one model,
//! and for two of these. A match has to be the only one possible on both sides:
//! nothing is guessed.

use crate::verdict::table::Contest;

/// What two comparisons that belong together may differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What a rubric says, under one name.
    Hash,
    Rubric,
    Judge,
    /// One of the two models.
    Model,
}

const STAGES: [&[Part]; 9] = [
    &[],
    &[Part::Hash],
    &[Part::Rubric],
    &[Part::Judge],
    &[Part::Model],
    &[Part::Judge, Part::Rubric],
    &[Part::Model, Part::Hash],
    &[Part::Model, Part::Rubric],
    &[Part::Model, Part::Judge],
];

/// Two comparisons that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) here: usize,
    pub(super) there: usize,
    /// Whether the other run has its candidate and opponent exchanged.
    pub(super) turned: bool,
}

/// The comparisons that belong together, in the order of the first list.
pub(super) fn matches(here: &[Contest], there: &[Contest]) -> Vec<Match> {
    let mut our_free: Vec<usize> = (0..here.len()).collect();
    let mut their_free: Vec<usize> = (0..there.len()).collect();
    let mut found: Vec<Match> = Vec::new();
    for stage in STAGES {
        let only = only_matches(here, there, &our_free, &their_free, stage);
        our_free.retain(|place| only.iter().all(|found| found.here != *place));
        their_free.retain(|place| only.iter().all(|found| found.there != *place));
        found.extend(only);
    }
    found.sort_unstable_by_key(|found| found.here);
    found
}

/// Matches in which either side has no other.
fn only_matches(
    here: &[Contest],
    there: &[Contest],
    our_free: &[usize],
    their_free: &[usize],
    stage: &[Part],
) -> Vec<Match> {
    let mut all = Vec::new();
    for &h in our_free {
        for &t in their_free {
            if let Some(turned) = alike(&here[h], &there[t], stage) {
                all.push(Match {
                    here: h,
                    there: t,
                    turned,
                });
            }
        }
    }
    let alone = |found: &Match| {
        all.iter()
            .all(|other| other == found || (other.here != found.here && other.there != found.there))
    };
    all.iter().copied().filter(alone).collect()
}

/// Whether two comparisons may belong together, and whether the second has its
/// candidate and opponent exchanged.
fn alike(a: &Contest, b: &Contest, ignored: &[Part]) -> Option<bool> {
    let name = |rubric: &'_ str| {
        rubric
            .rsplit_once('@')
            .map_or(rubric, |(name, _)| name)
            .to_owned()
    };
    let same_rubric = ignored.contains(&Part::Rubric)
        || a.rubric == b.rubric
        || (ignored.contains(&Part::Hash) && name(&a.rubric) == name(&b.rubric));
    if !same_rubric || !(ignored.contains(&Part::Judge) || a.judge == b.judge) {
        return None;
    }
    let straight = [a.candidate == b.candidate, a.opponent == b.opponent];
    let crossed = [a.candidate == b.opponent, a.opponent == b.candidate];
    let enough = |same: [bool; 2]| {
        if ignored.contains(&Part::Model) {
            same[0] || same[1]
        } else {
            same[0] && same[1]
        }
    };
    if enough(straight) {
        Some(false)
    } else if enough(crossed) {
        Some(true)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contest(text: &str) -> Contest {
        let parts: Vec<&str> = text.split_whitespace().collect();
        Contest {
            candidate: parts[0].to_owned(),
            opponent: parts[1].to_owned(),
            judge: parts[2].to_owned(),
            rubric: parts[3].to_owned(),
        }
    }

    #[track_caller]
    fn check(here: &[&str], there: &[&str], expected: &[(usize, usize, bool)]) {
        let contests = |texts: &[&str]| texts.iter().map(|text| contest(text)).collect::<Vec<_>>();
        let found: Vec<(usize, usize, bool)> = matches(&contests(here), &contests(there))
            .iter()
            .map(|found| (found.here, found.there, found.turned))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_same_comparison_is_found_from_either_side() {
        check(
            &["a b j r@1", "a c j r@1"],
            &["c a j r@1", "a b j r@1"],
            &[(0, 1, false), (1, 0, true)],
        );
    }

    #[test]
    fn one_thing_may_differ() {
        check(&["a b j r@1"], &["a b j r@2"], &[(0, 0, false)]);
        check(&["a b j r@1"], &["a b j s@2"], &[(0, 0, false)]);
        check(&["a b j r@1"], &["a b k r@1"], &[(0, 0, false)]);
        check(&["new b j r@1"], &["old b j r@1"], &[(0, 0, false)]);
        check(&["new b j r@1"], &["b old j r@1"], &[(0, 0, true)]);
    }

    #[test]
    fn what_is_called_the_same_goes_first() {
        check(
            &["a b j r@1", "a b k r@1"],
            &["a b j r@1", "a b l r@1"],
            &[(0, 0, false), (1, 1, false)],
        );
    }

    #[test]
    fn nothing_is_guessed() {
        // Either judge of the other run may be meant.
        check(&["a b j r@1"], &["a b k r@1", "a b l r@1"], &[]);
        // No model in common.
        check(&["a b j r@1"], &["c d j r@1"], &[]);
    }
}
