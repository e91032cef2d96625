use proptest::prelude::*;

use super::*;
use crate::stats::Level;
use crate::stats::t_interval::t_interval;

/// Three data sets of 400 items: lengths and difficulty by [`lengths`] and
/// [`difficulty`], quarter scores as digits, four items to a cluster.
struct Case {
    outcomes: &'static str,
    /// `length_controlled_noreg` and `length_controlled_minimal` of `alpaca_eval`
    /// 0.6.6, in percent, which fits with a small penalty.
    alpaca_with_difficulty: f64,
    alpaca_without: f64,
    /// Coefficients by statsmodels (binomial GLM), controlled rate and errors by
    /// the formulas of the module in NumPy.
    slope: f64,
    slope_error: f64,
    difficulty: f64,
    controlled: f64,
    error_by_item: f64,
    error_by_cluster: f64,
    controlled_without: f64,
    error_without: f64,
}

const CASES: [Case; 3] = [
    Case {
        outcomes: "04401341033014330433143101421042204220342043120412033114310440122304320133004330\
            41104310443104220420044203422330243300431023112230422043300423041204210432244114\
            42102421320134004330433102301233042304210442204120312043204411342142321420134003\
            23043204330023304110421042223422431004420341123114231443112201322043203330411244\
            11042004121440144203432034013310333143314220132204320322041123412431104111440124",
        alpaca_with_difficulty: 45.134_685_395_861_936,
        alpaca_without: 45.044_964_639_457_98,
        slope: 0.974_136_992_291_797_4,
        slope_error: 0.130_188_255_178_310_5,
        difficulty: 0.667_942_765_812_216_7,
        controlled: 0.451_341_030_080_595_45,
        error_by_item: 0.019_732_927_910_870_692,
        error_by_cluster: 0.013_126_461_125_478_241,
        controlled_without: 0.450_411_585_377_434_5,
        error_without: 0.013_918_987_728_742_126,
    },
    Case {
        outcomes: "04411442144114431443244221432043304331443144320422044214321442243314431144114431\
            43214421443204320432144314422442244411432144214331433144311433143214321443244224\
            43204421431244114431443214311433043314321443204321432144214422443244321431144114\
            33144314431133304221432043324432443104421442244224432443213311433144314431432244\
            22143204231442144314442144114421443144314430143204331432143224422442204221442144",
        alpaca_with_difficulty: 64.307_125_635_351_45,
        alpaca_without: 64.246_223_744_965_1,
        slope: 0.510_037_631_350_291_6,
        slope_error: 0.122_784_204_938_807_3,
        difficulty: 0.335_774_432_918_051_37,
        controlled: 0.643_066_271_059_803_4,
        error_by_item: 0.017_746_472_663_537_49,
        error_by_cluster: 0.010_984_051_103_723_174,
        controlled_without: 0.642_524_601_162_351,
        error_without: 0.011_179_760_752_147_582,
    },
    Case {
        outcomes: "02200210021004110411041200412031003100330133000200033002301210032104120021004110\
            32203110330103000311022013200320022200220022002110321041100410031103110240032103\
            20003200230022002210421002100211041104120340002100310023012200320023300220021002\
            21031204110021003110311021003200330102201220032002220412002200221031104100311033\
            11030102101220022003220021002200211041103110011104110411021003200330002100220031",
        alpaca_with_difficulty: 32.135_386_601_019_66,
        alpaca_without: 32.026_989_308_215_114,
        slope: -0.423_576_663_292_941_14,
        slope_error: 0.124_594_797_568_036_29,
        difficulty: 0.553_744_559_905_596_2,
        controlled: 0.321_360_928_660_232_9,
        error_by_item: 0.017_308_087_211_314_93,
        error_by_cluster: 0.011_047_252_950_596_371,
        controlled_without: 0.320_263_649_447_276_03,
        error_without: 0.011_888_113_629_419_517,
    },
];

impl Case {
    fn scores(&self) -> Vec<f64> {
        self.outcomes
            .bytes()
            .map(|digit| f64::from(digit - b'0') / 4.0)
            .collect()
    }
}

/// Length of the candidate's answer less the opponent's.
fn lengths() -> Vec<f64> {
    (0..400_u64)
        .map(|i| {
            let candidate = 200 + i * 7919 % 1801 + i * 31 % 400;
            let opponent = 150 + i * 104_729 % 1607;
            candidate as f64 - opponent as f64
        })
        .collect()
}

fn difficulty() -> Vec<f64> {
    (0..400_u64)
        .map(|i| ((i * 15_485_863 % 997) as f64 / 997.0 - 0.5) * 3.0)
        .collect()
}

fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 1e-9,
        "found {found}, expected {expected}"
    );
}

#[test]
fn agrees_with_statsmodels_and_is_near_alpaca_eval() {
    let (lengths, difficulty) = (lengths(), difficulty());
    let fours: Vec<u32> = (0..400).map(|i| i / 4).collect();
    let items: Vec<u32> = (0..400).collect();
    let style = [StyleColumn::length(&lengths)];
    for case in &CASES {
        let scores = case.scores();
        let by = |labels| {
            length_controlled(&scores, &style, Some(&difficulty), Clusters::OneWay(labels)).unwrap()
        };
        let found = by(&fours);
        let slope = found.slopes[0].unwrap();
        close(slope.mean(), case.slope);
        close(slope.standard_error().unwrap(), case.slope_error);
        close(found.difficulty.unwrap().mean(), case.difficulty);
        close(found.win_rate.mean(), case.controlled);
        close(
            found.win_rate.standard_error().unwrap(),
            case.error_by_cluster,
        );
        close(
            by(&items).win_rate.standard_error().unwrap(),
            case.error_by_item,
        );
        assert!((100.0 * found.win_rate.mean() - case.alpaca_with_difficulty).abs() < 0.15);

        let plain = length_controlled(&scores, &style, None, Clusters::OneWay(&fours)).unwrap();
        close(plain.win_rate.mean(), case.controlled_without);
        close(plain.win_rate.standard_error().unwrap(), case.error_without);
        assert!((100.0 * plain.win_rate.mean() - case.alpaca_without).abs() < 0.15);
    }
}

#[test]
fn equal_lengths_leave_the_raw_win_rate_and_its_error() {
    let scores = CASES[0].scores();
    let labels: Vec<u32> = (0..400).map(|i| i / 4).collect();
    let zeros = vec![0.0; 400];
    let style = [StyleColumn::length(&zeros)];
    let found = length_controlled(&scores, &style, None, Clusters::OneWay(&labels)).unwrap();
    let raw = cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap();
    close(found.win_rate.mean(), raw.mean());
    close(
        found.win_rate.standard_error().unwrap(),
        raw.standard_error().unwrap(),
    );
    assert_eq!(found.slopes, vec![None]);
}

#[test]
fn a_model_against_itself_gets_one_half() {
    let labels: Vec<u32> = (0..40).collect();
    let zeros = vec![0.0; 40];
    let style = [StyleColumn::length(&zeros)];
    let found = length_controlled(&[0.5; 40], &style, None, Clusters::OneWay(&labels)).unwrap();
    close(found.win_rate.mean(), 0.5);
}

#[test]
fn all_wins_keep_the_raw_rate() {
    let lengths = lengths();
    let labels: Vec<u32> = (0..400).collect();
    let style = [StyleColumn::length(&lengths)];
    let found = length_controlled(&[1.0; 400], &style, None, Clusters::OneWay(&labels)).unwrap();
    close(found.win_rate.mean(), 1.0);
    assert_eq!(found.slopes, vec![None]);
}

#[test]
fn impossible_fits_are_errors() {
    let labels = [0, 1, 2, 3];
    let call = |scores: &[f64], difference: &[f64]| {
        length_controlled(
            scores,
            &[StyleColumn {
                difference,
                squashed: false,
            }],
            None,
            Clusters::OneWay(&labels),
        )
    };
    let scores = [0.0, 0.0, 1.0, 1.0];
    // The longer answer always wins.
    assert_eq!(
        call(&scores, &[-3.0, -2.0, 4.0, 9.0]),
        Err(StatsError::Separated)
    );
    // The candidate is always longer by the same amount.
    assert_eq!(call(&scores, &[5.0; 4]), Err(StatsError::Collinear));
    assert!(call(&scores, &[5.0; 3]).is_err());
    assert!(call(&[0.0, 2.0, 1.0, 1.0], &[1.0, 2.0, 3.0, 5.0]).is_err());
    assert!(call(&scores, &[1.0, f64::NAN, 3.0, 5.0]).is_err());
    assert!(length_controlled(&[], &[], None, Clusters::OneWay(&[])).is_err());
    // A style of clusters, and a label too many or too few.
    let style = [StyleColumn::length(&[1.0, 1.0, 2.0, 2.0])];
    for labels in [&[0, 0, 1, 1, 2][..], &[0, 0, 1]] {
        let by = Clusters::OneWay(labels);
        assert!(length_controlled(&[0.2, 0.8, 0.5, 1.0], &style, None, by).is_err());
    }
}

#[test]
fn without_columns_it_is_the_raw_rate() {
    let scores = CASES[1].scores();
    let labels: Vec<u32> = (0..400).collect();
    let found = length_controlled(&scores, &[], None, Clusters::OneWay(&labels)).unwrap();
    close(found.win_rate.mean(), mean(&scores));
}

/// A year or a number of characters is far from 0 and hardly spread.
#[test]
fn where_the_difficulty_begins_changes_nothing() {
    let (lengths, scores) = (lengths(), CASES[0].scores());
    let labels: Vec<u32> = (0..400).collect();
    let style = [StyleColumn::length(&lengths)];
    let of = |start: f64| {
        let difficulty: Vec<f64> = (0..400).map(|i| f64::from(i % 7) + start).collect();
        length_controlled(
            &scores,
            &style,
            Some(&difficulty),
            Clusters::OneWay(&labels),
        )
        .unwrap()
    };
    let near = of(0.0);
    for start in [-40.0, 2_000.0, 300_000.0, 1e9] {
        let far = of(start);
        let pairs = [
            (near.win_rate, far.win_rate),
            (near.slopes[0].unwrap(), far.slopes[0].unwrap()),
            (near.difficulty.unwrap(), far.difficulty.unwrap()),
        ];
        for (near, far) in pairs {
            close(far.mean(), near.mean());
            close(
                far.standard_error().unwrap(),
                near.standard_error().unwrap(),
            );
        }
    }
}

#[test]
fn the_unit_of_the_difficulty_changes_nothing_but_its_slope() {
    let (lengths, scores, difficulty) = (lengths(), CASES[0].scores(), difficulty());
    let labels: Vec<u32> = (0..400).collect();
    let style = [StyleColumn::length(&lengths)];
    let of = |difficulty: &[f64]| {
        let by = Clusters::OneWay(&labels);
        length_controlled(&scores, &style, Some(difficulty), by)
    };
    let usual = of(&difficulty).unwrap();
    for unit in [1e-140, 1e-30, 1e-12, 1e-9, 1e6, 1e30, 1e140] {
        let found = of(&difficulty.iter().map(|d| d * unit).collect::<Vec<_>>()).unwrap();
        let slope = found.difficulty.unwrap();
        let expected = usual.difficulty.unwrap();
        close(slope.mean() * unit, expected.mean());
        close(
            slope.standard_error().unwrap() * unit,
            expected.standard_error().unwrap(),
        );
        close(found.win_rate.mean(), usual.win_rate.mean());
        close(
            found.win_rate.standard_error().unwrap(),
            usual.win_rate.standard_error().unwrap(),
        );
    }
    for (unit, size) in [(1e-170, "small"), (1e160, "large"), (1e307, "large")] {
        let found = of(&difficulty.iter().map(|d| d * unit).collect::<Vec<_>>());
        assert_eq!(found.unwrap_err(), StatsError::BeyondUnits { size });
    }
    // Numbers that are equal but for rounding say nothing, and one far out hides no others.
    let equal: Vec<f64> = (0..400).map(|i| [0.3, 0.1 + 0.2][i % 2]).collect();
    assert_eq!(of(&equal).unwrap().difficulty, None);
    let mut far = difficulty.clone();
    far[7] = 1e10;
    assert!(of(&far).unwrap().difficulty.is_some());
}

/// One answer that is far longer than others is where the fit would have it anyway.
#[test]
fn a_style_that_is_far_out_in_one_item_is_no_separation() {
    let scores: Vec<f64> = (0..200_u32)
        .map(|i| f64::from(u8::from(i == 199 || i * 29 % 101 + 4 * (i * 37 % 13) > 70)))
        .collect();
    let labels: Vec<u32> = (0..200).collect();
    let of = |far: f64| {
        let mut difference: Vec<f64> = (0..200_u32)
            .map(|i| f64::from(i * 37 % 13) / 2.0 - 3.0)
            .collect();
        difference[199] = far;
        let style = [StyleColumn {
            difference: &difference,
            squashed: false,
        }];
        length_controlled(&scores, &style, None, Clusters::OneWay(&labels)).unwrap()
    };
    let near = of(60.0);
    for far in [90.0, 150.0, 1e6] {
        let found = of(far);
        assert!((found.win_rate.mean() - near.win_rate.mean()).abs() < 1e-6);
        assert!(found.slopes[0].unwrap().standard_error().unwrap() > 0.0);
    }
}

#[test]
fn the_largest_and_smallest_numbers_are_styles_as_others_are() {
    let scores = CASES[1].scores();
    let labels: Vec<u32> = (0..400).collect();
    let of = |scale: f64, squashed: bool| {
        let difference: Vec<f64> = (0..400)
            .map(|i| scale * [1.0, -1.0, 0.5, 1.5][i * 7 % 11 % 4])
            .collect();
        let style = [StyleColumn {
            difference: &difference,
            squashed,
        }];
        length_controlled(&scores, &style, None, Clusters::OneWay(&labels)).unwrap()
    };
    for squashed in [false, true] {
        let usual = of(1.0, squashed);
        for scale in [1e308, 1e200, 1e-170, 1e-310] {
            let found = of(scale, squashed);
            close(found.win_rate.mean(), usual.win_rate.mean());
            let [slope, expected] = [&found, &usual].map(|made| made.slopes[0].unwrap());
            close(slope.mean(), expected.mean());
            close(
                slope.standard_error().unwrap(),
                expected.standard_error().unwrap(),
            );
        }
    }
}

/// A style of clusters, and one that is not, are as the fits without each cluster spread.
#[test]
fn slopes_that_follow_clusters_have_the_error_of_leaving_these_out() {
    let scores = CASES[0].scores();
    let labels: Vec<u32> = (0..400).map(|i| i % 16).collect();
    let of_cluster: Vec<f64> = labels.iter().map(|c| f64::from(c * 7 % 11)).collect();
    let lengths = lengths();
    let fit = |keep: &dyn Fn(u32) -> bool| {
        let kept: Vec<usize> = (0..400).filter(|i| keep(labels[*i])).collect();
        let of = |column: &[f64]| kept.iter().map(|i| column[*i]).collect::<Vec<f64>>();
        // Scaled as in the whole, so that slopes are for the same numbers.
        let unit = |column: &[f64]| standard_deviation(column);
        let (style, length) = (of(&of_cluster), of(&lengths));
        let styles = [&style, &length].map(|difference| StyleColumn {
            difference,
            squashed: false,
        });
        let by: Vec<u32> = kept.iter().map(|i| labels[*i]).collect();
        let found = length_controlled(&of(&scores), &styles, None, Clusters::OneWay(&by)).unwrap();
        let units = [unit(&style), unit(&length)];
        (found.slopes.iter().flatten().copied().zip(units)).collect::<Vec<_>>()
    };
    let whole = fit(&|_| true);
    for (place, (slope, unit)) in whole.into_iter().enumerate() {
        let squares: f64 = (0..16)
            .map(|left_out| {
                let (other, other_unit) = fit(&|cluster| cluster != left_out)[place];
                (other.mean() * unit / other_unit - slope.mean()).powi(2)
            })
            .sum();
        let expected = (squares * 15.0 / 16.0).sqrt();
        let found = slope.standard_error().unwrap();
        assert!((found / expected - 1.0).abs() < 0.05, "{found} {expected}");
    }
}

/// Questions that personas were all asked, with scores that both move a little.
struct Crossed {
    scores: Vec<f64>,
    question: Vec<u32>,
    persona: Vec<u32>,
}

fn crossed(questions: u32, personas: u32) -> Crossed {
    let places = || (0..questions).flat_map(|q| (0..personas).map(move |p| (q, p)));
    let won = |(q, p)| u32::from((q * 31 + p * 17 + q * p * 7) % 13 < 5 + q % 3 + p % 2);
    Crossed {
        scores: places().map(|place| f64::from(won(place))).collect(),
        question: places().map(|(q, _)| q).collect(),
        persona: places().map(|(_, p)| p).collect(),
    }
}

fn of_style(scores: &[f64], style: &[f64], by: Clusters<'_>) -> LengthControlled {
    let styles = [StyleColumn {
        difference: style,
        squashed: false,
    }];
    length_controlled(scores, &styles, None, by).unwrap()
}

/// A thousandth of noise within clusters makes no other rule of the error.
#[test]
fn a_style_that_all_but_follows_clusters_has_the_error_of_one_that_does() {
    let Crossed {
        scores,
        question,
        persona,
    } = crossed(40, 12);
    let style = |noise: f64| -> Vec<f64> {
        let own = |i: usize| noise * ((i * 7919 % 101) as f64 / 101.0 - 0.5);
        let of_persona = |p: &u32| f64::from(p * 7 % 12) - 5.5;
        (persona.iter().enumerate())
            .map(|(i, p)| of_persona(p) + own(i))
            .collect()
    };
    for by in [
        Clusters::OneWay(&persona),
        Clusters::TwoWay(&question, &persona),
    ] {
        let [exact, near] = [0.0, 0.01].map(|noise| {
            let found = of_style(&scores, &style(noise), by);
            let slope = found.slopes[0].unwrap();
            let support = found.supports[0].as_ref().unwrap();
            let width = support.interval(&slope, Level::DEFAULT).unwrap();
            [
                slope.standard_error().unwrap(),
                width.high() - width.low(),
                support.p_value(&slope).unwrap().get(),
            ]
        });
        for (exact, near) in exact.into_iter().zip(near) {
            assert!((near / exact - 1.0).abs() < 0.02, "{exact} {near}");
        }
    }
}

/// Of 40 questions that two or four tell, whatever the others.
#[test]
fn a_style_of_few_questions_rests_on_these() {
    let Crossed {
        scores, question, ..
    } = crossed(40, 12);
    for (on, effective) in [(2, 2.2), (4, 4.9), (20, 40.0)] {
        let style: Vec<f64> = question
            .iter()
            .map(|q| f64::from(u8::from(*q < on)))
            .collect();
        let found = of_style(&scores, &style, Clusters::OneWay(&question));
        let support = found.supports[0].as_ref().unwrap();
        let [of_questions] = support.effective[..] else {
            panic!("one dimension")
        };
        assert!((of_questions / effective - 1.0).abs() < 0.05, "{support:?}");
        let df = (2.0 * (of_questions - 1.0)).min(39.0);
        assert!((support.degrees_of_freedom - df).abs() < 1e-12);
        // Clusters that fit themselves leave too little over for the sum of influences.
        let slope = found.slopes[0].unwrap();
        let plain = t_interval(&slope, Level::DEFAULT).unwrap();
        let made = support.interval(&slope, Level::DEFAULT).unwrap();
        assert!(made.low() <= plain.low() && plain.high() <= made.high());
        let p = support.p_value(&slope).unwrap().get();
        assert_eq!(p < 0.05, !made.contains(0.0));
    }
}

/// Items that share no cluster are left out by their leverage, which is one step from the
/// whole fit as that of a cluster of several is.
#[test]
fn leaving_out_single_items_is_leaving_out_clusters_of_one() {
    let scores = &CASES[0].scores()[..60];
    let style: Vec<f64> = (0..60).map(|i| f64::from(i * 7 % 11)).collect();
    let labels: Vec<u32> = (0..60).collect();
    let found = of_style(scores, &style, Clusters::OneWay(&labels));
    // Each item once more in the same cluster: as many clusters that tell the same.
    let twice = |values: &[f64]| values.iter().chain(values).copied().collect::<Vec<f64>>();
    let labels: Vec<u32> = (0..120).map(|i| i % 60).collect();
    let doubled = of_style(&twice(scores), &twice(&style), Clusters::OneWay(&labels));
    // The deviation that styles are scaled by is that of one item less.
    let scale = (119.0_f64 / 118.0).sqrt();
    let [one, other] = [found, doubled].map(|found| {
        let support = found.supports[0].clone().unwrap();
        (found.slopes[0].unwrap(), support)
    });
    close(one.0.mean() * scale, other.0.mean() * scale * scale);
    close(
        one.0.standard_error().unwrap() * scale,
        other.0.standard_error().unwrap() * scale * scale,
    );
    close(one.1.effective[0], other.1.effective[0]);
    close(
        one.1.p_value(&one.0).unwrap().get(),
        other.1.p_value(&other.0).unwrap().get(),
    );
}

#[test]
fn swapping_the_answers_leaves_what_slopes_rest_on() {
    let Crossed {
        scores,
        question,
        persona,
    } = crossed(40, 12);
    let style: Vec<f64> = (0..480).map(|i| f64::from(i * 7 % 11) - 3.0).collect();
    let by = Clusters::TwoWay(&question, &persona);
    let plain = of_style(&scores, &style, by);
    let mirror: Vec<f64> = scores.iter().map(|score| 1.0 - score).collect();
    let turned: Vec<f64> = style.iter().map(|x| -x).collect();
    let mirrored = of_style(&mirror, &turned, by);
    let [a, b] = [&plain, &mirrored].map(|found| {
        let support = found.supports[0].as_ref().unwrap();
        support.interval(&found.slopes[0].unwrap(), Level::DEFAULT)
    });
    let (a, b) = (a.unwrap(), b.unwrap());
    close(a.low(), b.low());
    close(a.high(), b.high());
}

prop_compose! {
    fn judged()(n in 24_usize..60)(
        scores in prop::collection::vec(prop::sample::select(vec![0.0, 0.25, 0.5, 0.75, 1.0]), n),
        lengths in prop::collection::vec(-800_i32..800, n),
        headers in prop::collection::vec(-5_i32..5, n),
    ) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let real = |v: Vec<i32>| v.into_iter().map(f64::from).collect();
        (scores, real(lengths), real(headers))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn swapping_the_answers_mirrors_everything((scores, lengths, headers) in judged()) {
        let labels: Vec<u32> = (0..scores.len() as u32).map(|i| i / 2).collect();
        let run = |scores: &[f64], sign: f64| {
            let turned = |v: &[f64]| v.iter().map(|x| sign * x).collect::<Vec<_>>();
            let (lengths, headers) = (turned(&lengths), turned(&headers));
            let styles = [
                StyleColumn::length(&lengths),
                StyleColumn { difference: &headers, squashed: false },
            ];
            length_controlled(scores, &styles, None, Clusters::OneWay(&labels))
        };
        let mirror: Vec<f64> = scores.iter().map(|s| 1.0 - s).collect();
        let (Ok(plain), Ok(mirrored)) = (run(&scores, 1.0), run(&mirror, -1.0)) else {
            return Err(TestCaseError::reject("no finite fit"));
        };
        prop_assert!((plain.win_rate.mean() + mirrored.win_rate.mean() - 1.0).abs() < 1e-8);
        let (a, b) = (plain.win_rate.variance().unwrap(), mirrored.win_rate.variance().unwrap());
        prop_assert!((a - b).abs() < 1e-8 * a.max(1e-3));
        for (a, b) in plain.slopes.iter().zip(&mirrored.slopes) {
            let (a, b) = (a.unwrap().mean(), b.unwrap().mean());
            prop_assert!((a - b).abs() < 1e-6 * (1.0 + a.abs()), "{a} {b}");
        }
    }

    /// The naive twin leaves one item out and fits again: the change of the
    /// controlled rate is near `-inf_i / (n - 1)`.
    #[test]
    fn influence_is_near_the_change_from_leaving_an_item_out((scores, lengths, _) in judged()) {
        let n = scores.len();
        let labels: Vec<u32> = (0..n as u32).collect();
        let styles = [StyleColumn::length(&lengths)];
        let Ok(full) = length_controlled(&scores, &styles, None, Clusters::OneWay(&labels)) else {
            return Err(TestCaseError::reject("no finite fit"));
        };
        let rate = |keep: usize| {
            let without = |v: &[f64]| -> Vec<f64> {
                (0..n).filter(|&i| i != keep).map(|i| v[i]).collect()
            };
            let (scores, lengths) = (without(&scores), without(&lengths));
            let styles = [StyleColumn::length(&lengths)];
            length_controlled(&scores, &styles, None, Clusters::OneWay(&labels[1..]))
                .map(|fit| fit.win_rate.mean())
        };
        let left_out: Result<Vec<f64>, _> = (0..n).map(rate).collect();
        let Ok(left_out) = left_out else {
            return Err(TestCaseError::reject("no finite fit"));
        };
        let middle = mean(&left_out);
        let squares: f64 = left_out.iter().map(|x| (x - middle).powi(2)).sum();
        let jackknife = ((n as f64 - 1.0) / n as f64 * squares).sqrt();
        let found = full.win_rate.standard_error().unwrap();
        prop_assert!((found / jackknife - 1.0).abs() < 0.25, "{found} {jackknife}");
    }
}
