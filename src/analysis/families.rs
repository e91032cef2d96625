//! p-values that are read together.
//!
//! Three families: the criteria of one comparison, judge and rubric; the comparisons
//! of one judge, rubric and criterion that have a model in common, such as candidates
//! that meet the same opponent; the levels of one breakdown, for one criterion, and in
//! the same way the breakdowns themselves, by whether their levels differ.
//! Different tests of one hypothesis are no family: each is adjusted with its like.

use std::collections::{BTreeMap, BTreeSet};

use super::estimate::Measured;
use super::groups::Breakdown;
use super::report::{Adjustment, AdjustmentMethod, Comparison, TestMethod};
use crate::stats::PValue;
use crate::stats::multiplicity::{benjamini_hochberg, benjamini_yekutieli, holm};
use crate::study::SubgroupAdjustment;

/// Adjusts the p-values of all comparisons.
pub(super) fn adjust(
    measured: &mut [Measured],
    breakdowns: &[Breakdown],
    adjust: SubgroupAdjustment,
) {
    for criteria in measured.chunk_by_mut(|a, b| a.place == b.place) {
        for number in 0..breakdowns.len() {
            for part in criteria.iter_mut() {
                let levels = part.groups.iter_mut();
                let levels = levels.filter(|group| group.breakdown == number);
                let levels: Vec<_> = levels.map(|group| &mut group.comparison).collect();
                headline(levels, of_levels(adjust));
            }
        }
        let family = criteria.iter_mut().map(|part| &mut part.comparison);
        let mut family: Vec<&mut Comparison> = family.collect();
        tests(&mut family);
        headline(family, AdjustmentMethod::Holm);
    }
    over_candidates(measured);
}

/// How p-values of subgroups are adjusted.
pub(super) fn of_levels(adjust: SubgroupAdjustment) -> AdjustmentMethod {
    match adjust {
        SubgroupAdjustment::BenjaminiHochberg => AdjustmentMethod::BenjaminiHochberg,
        SubgroupAdjustment::BenjaminiYekutieli => AdjustmentMethod::BenjaminiYekutieli,
    }
}

/// The adjusted p-values of subgroups that are read together.
pub(super) fn over_levels(adjust: SubgroupAdjustment, p: &[PValue]) -> Vec<PValue> {
    by(of_levels(adjust), p)
}

fn by(method: AdjustmentMethod, p: &[PValue]) -> Vec<PValue> {
    match method {
        AdjustmentMethod::Holm => holm(p),
        AdjustmentMethod::BenjaminiHochberg => benjamini_hochberg(p),
        AdjustmentMethod::BenjaminiYekutieli => benjamini_yekutieli(p),
    }
}

/// Those of a family that have a number, with the number.
fn tested<'a>(
    family: Vec<&'a mut Comparison>,
    p: impl Fn(&Comparison) -> Option<f64>,
) -> Vec<(&'a mut Comparison, PValue)> {
    let with_p = |comparison: &'a mut Comparison| {
        let p = PValue::new(p(comparison)?).ok()?;
        Some((comparison, p))
    };
    family.into_iter().filter_map(with_p).collect()
}

/// The adjusted p-values of a family, and how they were adjusted.
fn adjusted(
    family: &[(&mut Comparison, PValue)],
    method: AdjustmentMethod,
) -> (Vec<PValue>, Adjustment) {
    let p: Vec<PValue> = family.iter().map(|(_, p)| *p).collect();
    let tests = p.len() as u64;
    (by(method, &p), Adjustment { method, tests })
}

fn headline(family: Vec<&mut Comparison>, method: AdjustmentMethod) {
    let family = tested(family, |comparison| comparison.p_value);
    let (p, adjustment) = adjusted(&family, method);
    for ((comparison, _), p) in family.into_iter().zip(p) {
        comparison.p_adjusted = Some(p.get());
        comparison.adjustment = Some(adjustment);
    }
}

/// Adjusts each kind of test over the criteria that have it.
fn tests(family: &mut [&mut Comparison]) {
    let kinds = [
        TestMethod::Score,
        TestMethod::T,
        TestMethod::SignFlip,
        TestMethod::SignTest,
        TestMethod::McnemarMidP,
    ];
    for kind in kinds {
        let reborrowed = family.iter_mut().map(|comparison| &mut **comparison);
        let of_kind = |comparison: &Comparison| {
            let test = comparison.tests.iter().find(|test| test.method == kind);
            test.map(|test| test.p_value)
        };
        let family = tested(reborrowed.collect(), of_kind);
        let (p, _) = adjusted(&family, AdjustmentMethod::Holm);
        for ((comparison, _), p) in family.into_iter().zip(p) {
            let tests = comparison.tests.iter_mut();
            for test in tests.filter(|test| test.method == kind) {
                test.p_adjusted = Some(p.get());
            }
        }
    }
}

/// Adjusts over the comparisons that have a model in common, whichever side it is on; of
/// the families of its two models a comparison is in the larger, or takes the larger p.
fn over_candidates(measured: &mut [Measured]) {
    let family_of = |comparison: &Comparison, model: &str| {
        (
            model.to_owned(),
            comparison.judge.clone(),
            comparison.rubric.clone(),
            comparison.criterion.clone(),
        )
    };
    let mut families: BTreeMap<_, Vec<(usize, PValue)>> = BTreeMap::new();
    for (place, part) in measured.iter().enumerate() {
        let comparison = &part.comparison;
        let Some(p) = comparison.p_value.and_then(|p| PValue::new(p).ok()) else {
            continue;
        };
        // A model that is compared with itself is one model.
        let models = BTreeSet::from([&comparison.candidate, &comparison.opponent]);
        for model in models {
            let family = families.entry(family_of(comparison, model)).or_default();
            family.push((place, p));
        }
    }
    for family in families.into_values().filter(|family| family.len() > 1) {
        let p: Vec<PValue> = family.iter().map(|(_, p)| *p).collect();
        let tests = p.len() as u64;
        for ((place, _), p) in family.into_iter().zip(holm(&p)) {
            let comparison = &mut measured[place].comparison;
            let known = comparison.adjustment_candidates.map(|known| known.tests);
            let known = known.zip(comparison.p_adjusted_candidates);
            if known.is_none_or(|known| known < (tests, p.get())) {
                comparison.p_adjusted_candidates = Some(p.get());
                comparison.adjustment_candidates = Some(Adjustment {
                    method: AdjustmentMethod::Holm,
                    tests,
                });
            }
        }
    }
}
