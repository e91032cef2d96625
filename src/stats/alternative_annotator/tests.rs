use super::*;

/// Categories of 120 units, a point where there is none. Four people and a judge, made
/// from one truth with different noise.
const PEOPLE: [&str; 4] = [
    "2000.22100011121.201112...12.222200111.0210.2000..11.10210021100111.221..11202.0.0...20121..020012.001.002.01200111.01.0",
    "10.000.000211101200021022.11.000220..120.0002000111.0121002000..01.220.110120.12220.0202022.0..11122.11212.0..0011110122",
    "2000002101211.010.1.022112110.22210202.1100022.012.0..022.0220.01122020.0112.01222010201111.02101.2.211.0112020011110212",
    "20..00020.0112.0.21..10111110222.021112.1002.0.0101001.2200.10201212..111010020222.1020..12102111201021.0.2.12001.110..0",
];
const JUDGE: &str = "200002212021112022001211111102222021122110022000021122021100120000112020001202200212020220220010121201110210022011120122";

fn units(clustered: impl Fn(usize) -> u32) -> Vec<Rated> {
    let digit = |text: &str, i: usize| char::from(text.as_bytes()[i]).to_digit(10);
    (0..JUDGE.len())
        .map(|i| Rated {
            judge: digit(JUDGE, i).unwrap(),
            people: (0..4)
                .filter_map(|person| Some((person, digit(PEOPLE[person as usize], i)?)))
                .collect(),
            cluster: clustered(i),
            crossed: None,
        })
        .collect()
}

fn rules(epsilon: f64) -> Rules {
    Rules {
        epsilon,
        ..Rules::DEFAULT
    }
}

/// A restatement of the authors' procedure in Python, which gives their own results
/// on four of their data sets, gives these numbers.
#[test]
#[expect(clippy::float_cmp, reason = "shares of four people")]
fn the_authors_test_is_reproduced() {
    for (epsilon, winning_rate, p) in [
        (
            0.1,
            0.0,
            [
                0.137_020_608_340_331_2,
                0.113_945_158_270_594_94,
                0.041_012_096_793_393_83,
                0.398_307_033_994_393_4,
            ],
        ),
        (
            0.2,
            0.75,
            [
                0.001_653_093_474_428_380_7,
                0.003_712_808_826_378_931,
                0.000_553_498_001_617_000_6,
                0.030_555_914_849_802_71,
            ],
        ),
    ] {
        let test = alternative_annotator(&units(|i| i as u32), rules(epsilon)).unwrap();
        assert_eq!(test.winning_rate, winning_rate);
        assert_eq!(test.passes(), winning_rate >= 0.5);
        assert!((test.advantage_probability - 0.803_403_554_676_127_8).abs() < 1e-12);
        let advantages = [
            0.851_063_829_787_234,
            0.777_777_777_777_777_8,
            0.805_825_242_718_446_6,
            0.778_947_368_421_052_6,
        ];
        for (person, (p, advantage)) in test.people.iter().zip(p.iter().zip(advantages)) {
            assert!((person.p.get() - p).abs() < 1e-9, "{person:?}");
            assert!((person.advantage - advantage).abs() < 1e-12);
        }
    }
}

#[test]
fn units_that_move_together_are_weaker_evidence() {
    let apart = alternative_annotator(&units(|i| i as u32), rules(0.2)).unwrap();
    let doubled = |copies: usize| -> Vec<Rated> {
        let all = units(|i| i as u32);
        all.iter()
            .flat_map(|unit| std::iter::repeat_n(unit.clone(), copies))
            .collect()
    };
    let copied = alternative_annotator(&doubled(4), rules(0.2)).unwrap();
    for (a, b) in apart.people.iter().zip(&copied.people) {
        assert!(
            (a.p.get() - b.p.get()).abs() < 1e-12,
            "copies say nothing new"
        );
    }
}

#[test]
fn a_judge_that_copies_somebody_passes_and_one_that_errs_does_not() {
    let rated = |judge: u32, i: u32| Rated {
        judge,
        people: vec![(0, 1), (1, u32::from(!i.is_multiple_of(5))), (2, 1)],
        cluster: i,
        crossed: None,
    };
    let good: Vec<Rated> = (0..40).map(|i| rated(1, i)).collect();
    let test = alternative_annotator(&good, rules(0.2)).unwrap();
    assert!(
        test.passes() && test.advantage_probability > 0.99,
        "{test:?}"
    );
    let bad: Vec<Rated> = (0..40).map(|i| rated(2, i)).collect();
    assert!(!alternative_annotator(&bad, rules(0.2)).unwrap().passes());
}

#[test]
fn people_with_few_units_are_left_out_and_two_are_needed() {
    let mut few = units(|i| i as u32);
    few.truncate(40);
    for unit in few.iter_mut().skip(20) {
        unit.people.retain(|(person, _)| *person != 3);
    }
    let some = Rules {
        min_units: 20,
        ..Rules::DEFAULT
    };
    let test = alternative_annotator(&few, some).unwrap();
    assert_eq!(test.people.len(), 3);
    assert_eq!(test.left_out.len(), 1);
    assert_eq!(test.left_out[0].0, 3);
    assert_eq!(
        alternative_annotator(&few[..10], rules(0.2)),
        Err(StatsError::TooFewGroups { found: 0 })
    );
    assert!(alternative_annotator(&[], rules(0.2)).is_err());
    // One cluster of all units cannot show how much clusters differ.
    assert!(alternative_annotator(&units(|_| 0), rules(0.2)).is_err());
}

/// `d` is the same; its spread is over both dimensions, by the formula of
/// [`crate::stats::cluster`] written out here.
#[test]
fn two_dimensions_of_clusters_spread_the_difference_over_both() {
    let questions = |i: usize| (i / 6) as u32;
    let personas = |i: usize| (i % 6) as u32;
    let mut crossed = units(questions);
    for (i, unit) in crossed.iter_mut().enumerate() {
        unit.crossed = Some(personas(i));
    }
    let two = alternative_annotator(&crossed, rules(0.2)).unwrap();
    let one = alternative_annotator(&units(questions), rules(0.2)).unwrap();
    for (two, one) in two.people.iter().zip(&one.people) {
        assert!((two.difference - one.difference).abs() < 1e-15);
        let of = &by_person(&crossed)[&two.person];
        let n = of.differences.len() as f64;
        let mean = of.differences.iter().sum::<f64>() / n;
        let variance = |label: &dyn Fn(usize) -> (u32, u32)| {
            let mut sums = std::collections::BTreeMap::new();
            for (at, d) in of.differences.iter().enumerate() {
                *sums.entry(label(at)).or_insert(0.0) += d - mean;
            }
            let groups = sums.len() as f64;
            let squares: f64 = sums.values().map(|e: &f64| e * e).sum();
            (groups / (groups - 1.0) * squares / (n * n), sums.len())
        };
        let (by_question, questions) = variance(&|at| (of.clusters[at], 0));
        let (by_persona, personas) = variance(&|at| (of.crossed[at], 0));
        let (by_both, _) = variance(&|at| (of.clusters[at], of.crossed[at]));
        let floor = by_question.max(by_persona);
        let error = (by_question + by_persona - by_both).max(floor).sqrt();
        let t = (two.difference - 0.2) / error;
        let expected = t_upper_tail(-t, (questions.min(personas) - 1) as f64);
        assert!((two.p.get() - expected).abs() < 1e-12);
    }
    assert_eq!(two.people.len(), one.people.len());
    crossed[0].crossed = None;
    assert!(alternative_annotator(&crossed, rules(0.2)).is_err());
}
