use proptest::prelude::*;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::stats::planning::{Repeated, SampleScores};
use crate::stats::quantile::normal_cdf;
use crate::stats::random::normal;
use crate::stats::score_test::score_test;
use crate::stats::{Clusters, cluster_mean};

/// Variance .15 over both orders at a rate near one half.
const SCATTER: Scatter = Scatter {
    judgment: 1.0,
    order_correlation: 0.2,
    dependence: Dependence::Components {
        question: 0.0,
        persona: 0.0,
    },
};

const DESIGN: Design = Design {
    scatter: SCATTER,
    sampled_personas: true,
    orders: Orders::Both,
    level: Level::DEFAULT,
    one_sided: false,
    power: 0.8,
};

fn with(question: f64, persona: f64) -> Design {
    Design {
        scatter: Scatter {
            dependence: Dependence::Components { question, persona },
            ..SCATTER
        },
        ..DESIGN
    }
}

#[test]
fn many_independent_questions_need_what_the_normal_formula_says() {
    // (z_.975 + z_.8)^2 .15 / .05^2 = 471 with a variance that does not change with
    // the rate; here it is .15 at one half, and t is not yet normal.
    assert_eq!(
        DESIGN.questions_needed(0.55, 0).unwrap(),
        Needed::Questions(472)
    );
    assert_eq!(
        DESIGN.questions_needed(0.45, 1).unwrap(),
        Needed::Questions(472)
    );
    let one = Design {
        orders: Orders::One,
        ..DESIGN
    };
    assert_eq!(
        one.questions_needed(0.55, 0).unwrap(),
        Needed::Questions(785)
    );
}

/// Miller (2024, arXiv 2411.00640), section 5: a difference of .03 with a variance of 1/9
/// needs 969 items.
#[test]
fn millers_example_needs_his_969_items() {
    let large = large_sample_items(1.0 / 9.0, 0.03, Level::DEFAULT, 0.8).unwrap();
    assert!((large - 968.997_498_067_788_6).abs() < 1e-9, "{large}");
    let design = Design {
        scatter: Scatter {
            // A share of p(1-p) at one half.
            judgment: 4.0 / 9.0,
            ..SCATTER
        },
        orders: Orders::One,
        ..DESIGN
    };
    let Needed::Questions(needed) = design.questions_needed(0.53, 1).unwrap() else {
        panic!("there are no personas")
    };
    assert!((969..=971).contains(&needed), "{needed}");
}

#[test]
fn no_number_of_items_shows_that_there_is_no_effect() {
    let items =
        |variance, effect, power| large_sample_items(variance, effect, Level::DEFAULT, power);
    for refused in [
        items(0.1, 0.0, 0.8),
        items(0.0, 0.1, 0.8),
        items(0.1, 0.1, 1.0),
    ] {
        assert!(
            matches!(refused, Err(StatsError::OutOfRange { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn one_sided_tests_need_fewer() {
    let one_sided = Design {
        one_sided: true,
        ..DESIGN
    };
    // (z_.95 + z_.8)^2 .15 / .05^2 = 371, and t is not yet normal.
    assert_eq!(
        one_sided.questions_needed(0.55, 0).unwrap(),
        Needed::Questions(372)
    );
}

#[test]
fn few_sampled_personas_can_be_too_few_for_any_number_of_questions() {
    let design = with(0.1, 0.1);
    let Needed::MorePersonas(Some(personas)) = design.questions_needed(0.55, 10).unwrap() else {
        panic!("ten personas are not enough")
    };
    assert!(matches!(
        design.questions_needed(0.55, personas).unwrap(),
        Needed::Questions(_)
    ));
    assert!(matches!(
        design.questions_needed(0.55, personas - 1).unwrap(),
        Needed::MorePersonas(_)
    ));
    let fixed = Design {
        sampled_personas: false,
        ..design
    };
    assert!(matches!(
        fixed.questions_needed(0.55, 10).unwrap(),
        Needed::Questions(_)
    ));
}

#[test]
fn a_design_effect_multiplies_what_is_needed() {
    let of = |effect: f64| {
        let design = Design {
            scatter: Scatter {
                dependence: Dependence::DesignEffect(effect),
                ..SCATTER
            },
            sampled_personas: false,
            ..DESIGN
        };
        match design.questions_needed(0.55, 4).unwrap() {
            Needed::Questions(questions) => questions * 4,
            Needed::MorePersonas(_) => 0,
        }
    };
    let (single, triple) = (of(1.0) as f64, of(3.0) as f64);
    assert!((triple / single - 3.0).abs() < 0.06, "{single} {triple}");
}

/// Crossed items: the design effect is `1 + (P-1) ICC_q + (Q-1) ICC_p`.
#[test]
fn components_have_the_design_effect_of_a_crossed_study() {
    let design = with(0.06, 0.03);
    // Shares of the variance over both orders, 0.6.
    let expected = 1.0 + 9.0 * 0.1 + 19.0 * 0.05;
    assert!((design.design_effect(20, 10) - expected).abs() < 1e-12);
    assert!((with(0.0, 0.0).design_effect(20, 10) - 1.0).abs() < 1e-12);
}

#[test]
fn what_cannot_be_planned_with_is_an_error() {
    assert!(DESIGN.questions_needed(0.5, 1).is_err());
    assert!(DESIGN.questions_needed(1.0, 1).is_err());
    assert!(DESIGN.questions_needed(f64::NAN, 1).is_err());
    assert!(DESIGN.power_at(1, 5, 0.6).is_err());
    assert!(DESIGN.smallest_rate(1, 5).is_err());
    for power in [0.0, 1.0, f64::NAN] {
        assert!(Design { power, ..DESIGN }.smallest_rate(50, 5).is_err());
    }
    assert!(with(f64::NAN, 0.0).smallest_rate(50, 5).is_err());
    assert!(with(-0.1, 0.0).smallest_rate(50, 5).is_err());
    // Two questions: no rate is found four times in five.
    assert_eq!(DESIGN.smallest_rate(2, 1).unwrap(), None);
}

#[test]
fn a_finished_study_detects_what_one_planned_with_its_scatter_would() {
    let scores: Vec<f64> = (0..200).map(|i| f64::from(i % 5 < 3)).collect();
    let labels: Vec<u32> = (0..200).collect();
    let study = cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap();
    let found = detectable_rate(&study, Level::DEFAULT, 0.8)
        .unwrap()
        .unwrap();
    let observed = scatter_of(&scores, None, &labels, None, 0.0).unwrap();
    let design = Design {
        scatter: observed.scatter,
        orders: Orders::One,
        ..DESIGN
    };
    let planned = design.smallest_rate(200, 1).unwrap().unwrap();
    assert!((found - planned).abs() < 1e-9, "{found} {planned}");
    // Half a t quantile of the null, and the other at the rate itself.
    assert!((0.59..0.61).contains(&found), "{found}");
    assert!(detectable_rate(&study, Level::DEFAULT, 1.0).is_err());
}

#[test]
fn a_study_whose_items_all_agree_still_detects_no_less_than_its_size_allows() {
    let study = cluster_mean(&[1.0; 30], Clusters::OneWay(&(0..30).collect::<Vec<_>>())).unwrap();
    let found = detectable_rate(&study, Level::DEFAULT, 0.8)
        .unwrap()
        .unwrap();
    assert!((0.7..0.8).contains(&found), "{found}");
}

#[test]
fn a_pilot_is_read_as_shares_of_its_own_rate() {
    let first = [1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.5];
    let second = [1.0, 0.0, 0.0, 1.0, 1.0, 0.5, 1.0, 0.5];
    let question = [0, 0, 1, 1, 2, 2, 3, 3];
    let persona = [0, 1, 0, 1, 0, 1, 0, 1];
    let seen = scatter_of(&first, Some(&second), &question, Some(&persona), 0.2).unwrap();
    assert!((seen.rate - 0.656_25).abs() < 1e-12 && seen.both_orders);
    let pilot = planning::pilot(&first, &second).unwrap();
    let average: Vec<f64> = first
        .iter()
        .zip(&second)
        .map(|(a, b)| f64::midpoint(*a, *b))
        .collect();
    let unit = seen.rate * (1.0 - seen.rate);
    // An item's variance is that of the components, and orders differ as they did.
    let parts = components(&average, &question, Some(&persona)).unwrap();
    let item = planning::two_order_variance(seen.scatter.judgment, seen.scatter.order_correlation);
    assert!((item - parts.total() / unit).abs() < 1e-12);
    let between = 0.5 * seen.scatter.judgment * (1.0 - seen.scatter.order_correlation);
    let pooled = pilot.judgment_variance - pilot.variance;
    assert!((between - pooled / unit).abs() < 1e-12);
    let alone = scatter_of(&first, None, &question, Some(&persona), 0.3).unwrap();
    assert!(!alone.both_orders && (alone.scatter.order_correlation - 0.3).abs() < 1e-15);
    let steady = scatter_of(&[1.0, 1.0], None, &[0, 1], None, 0.2);
    assert_eq!(steady, Err(StatsError::NoVariation));
}

/// The test that reports make, on the exact distribution of the sum of yes/no
/// outcomes of independent questions: its power is the one planned.
#[test]
fn the_power_planned_is_that_of_the_test_of_reports() {
    let single = Design {
        scatter: Scatter {
            judgment: 1.0,
            ..SCATTER
        },
        orders: Orders::One,
        ..DESIGN
    };
    for rate in [0.55, 0.6, 0.7] {
        let Needed::Questions(n) = single.questions_needed(rate, 1).unwrap() else {
            panic!("one judgment a question has no personas")
        };
        let labels: Vec<u32> = (0..n as u32).collect();
        let mut power = 0.0;
        let mut log_mass = n as f64 * (1.0 - rate).ln();
        for wins in 0..=n {
            let scores: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i < wins))).collect();
            let study = cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap();
            if score_test(&study, 0.5).unwrap().p.get() < 0.05 {
                power += log_mass.exp();
            }
            let (w, n) = (wins as f64, n as f64);
            log_mass += ((n - w) / (w + 1.0)).ln() + (rate / (1.0 - rate)).ln();
        }
        assert!((0.775..0.835).contains(&power), "{rate}: {power} with {n}");
    }
}

/// Questions, each judged in both orders: what is won depends on the question, the sample,
/// the place and noise.
fn played(
    rng: &mut ChaCha8Rng,
    questions: u64,
    samples: u32,
    repeats: u32,
) -> Vec<Vec<SampleScores>> {
    let mut item = || {
        let question = normal(rng);
        let mut sample = || {
            let seen = question + LEAD + 0.8 * normal(rng);
            [0.3, -0.3].map(|place| {
                let here = seen + place + 0.5 * normal(rng);
                let wins = |_| f64::from(u8::from(here + 0.7 * normal(rng) > 0.0));
                (0..repeats).map(wins).collect()
            })
        };
        (0..samples).map(|_| sample()).collect()
    };
    (0..questions).map(|_| item()).collect()
}

const LEAD: f64 = 0.35;

/// Means of items over samples of means over repeats, by order.
fn means(items: &[Vec<SampleScores>], order: usize) -> Vec<f64> {
    let of_sample =
        |sample: &SampleScores| sample[order].iter().sum::<f64>() / sample[order].len() as f64;
    let of_item =
        |item: &Vec<SampleScores>| item.iter().map(of_sample).sum::<f64>() / item.len() as f64;
    items.iter().map(of_item).collect()
}

/// A pilot with two samples of two repeats plans studies with other numbers of both: they
/// find what they were planned for as often as planned.
#[test]
fn studies_with_other_samples_and_repeats_than_the_pilots_have_the_power_planned() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let spread = (1.0 + 0.64 + 0.25 + 0.49_f64).sqrt();
    let rate = 0.5 * (normal_cdf((LEAD + 0.3) / spread) + normal_cdf((LEAD - 0.3) / spread));
    let pilot = played(&mut rng, 4_000, 2, 2);
    let (first, second) = (means(&pilot, 0), means(&pilot, 1));
    let labels: Vec<u32> = (0..4_000).collect();
    let observed = scatter_of(&first, Some(&second), &labels, None, 0.0).unwrap();
    let mut repeated = Repeated::default();
    for item in &pilot {
        repeated.add(item);
    }
    let mut needed = Vec::new();
    for (samples, repeats) in [(1, 1), (2, 2), (5, 1), (1, 4)] {
        let scatter = observed.asked(&repeated.seen(), samples, repeats).unwrap();
        let design = Design { scatter, ..DESIGN };
        let Needed::Questions(questions) = design.questions_needed(rate, 1).unwrap() else {
            panic!("there are no personas")
        };
        let labels: Vec<u32> = (0..questions as u32).collect();
        let found = (0..600)
            .filter(|_| {
                let study = played(&mut rng, questions, samples as u32, repeats as u32);
                let orders = means(&study, 0).into_iter().zip(means(&study, 1));
                let scores: Vec<f64> = orders.map(|(a, b)| f64::midpoint(a, b)).collect();
                let rate = cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap();
                score_test(&rate, 0.5).unwrap().p.get() < 0.05
            })
            .count();
        // Planned for 480; three standard deviations of the simulation are 29.
        assert!(
            (450..=520).contains(&found),
            "{found} of 600 with {questions} questions of {samples} samples, {repeats} repeats"
        );
        needed.push(questions);
    }
    assert!(needed[0] > needed[1] && needed[1] > needed[2], "{needed:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The naive twin: try every number of questions.
    #[test]
    fn the_number_of_questions_is_the_first_that_is_enough(
        question in 0.0..0.3_f64, persona in 0.0..0.1_f64, personas in 1_u64..30, rate in 0.6..0.8_f64,
    ) {
        let design = with(question, persona);
        let enough = |q: u64| design.smallest_rate(q, personas).is_ok_and(|found| found.is_some_and(|found| found <= rate));
        let naive = (2..400).find(|&q| enough(q));
        match design.questions_needed(rate, personas).unwrap() {
            Needed::Questions(q) if q < 400 => prop_assert_eq!(naive, Some(q)),
            _ => prop_assert_eq!(naive, None),
        }
    }

    #[test]
    fn rate_power_and_questions_are_three_views_of_one_formula(
        question in 0.0..0.2_f64, persona in 0.0..0.02_f64, personas in 10_u64..60, rate in 0.55..0.75_f64,
    ) {
        let design = with(question, persona);
        let Needed::Questions(q) = design.questions_needed(rate, personas).unwrap() else {
            return Ok(());
        };
        prop_assert!(design.power_at(q, personas, rate).unwrap() >= 0.8 - 1e-9);
        let smallest = design.smallest_rate(q, personas).unwrap().unwrap();
        prop_assert!(smallest <= rate + 1e-9);
        let at = design.power_at(q, personas, smallest).unwrap();
        // The other side adds a little where clusters are few.
        prop_assert!((0.8 - 1e-6..0.803).contains(&at), "{at}");
        // Losing by as much is found as often, unless only wins count.
        let mirrored = design.power_at(q, personas, 1.0 - rate).unwrap();
        prop_assert!((mirrored - design.power_at(q, personas, rate).unwrap()).abs() < 1e-9);
    }
}
