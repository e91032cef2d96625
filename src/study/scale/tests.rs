use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

fn scale(cell: &str) -> Scale {
    Scale::parse(cell).unwrap()
}

#[test]
fn a_cell_gives_codes_labels_and_order() {
    let scale = scale("1 = Very important | 2 = Rather = so|3| 4 = Not at all ");
    assert_eq!(scale.codes().collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(scale.label(2), Some("Rather = so"));
    assert_eq!(scale.label(3), None);
    assert_eq!(scale.value(3).as_deref(), Some("3"));
    assert_eq!(scale.value(5), None);
    assert_eq!(scale.position(4), Some(3));
    assert_eq!((scale.low(), scale.high()), (1, 4));
    assert!(near(scale.range(), 3.0));
    assert!(scale.is_ordered());
    assert!(near(scale.distance(1, 4), 3.0));
    assert_eq!(scale.in_short(), "1 to 4");
    assert_eq!(
        scale.to_string(),
        "1 = Very important | 2 = Rather = so | 3 | 4 = Not at all"
    );
}

#[test]
fn options_without_an_order_stand_in_any_and_are_one_apart() {
    let scale = scale("Nominal: 7 = Buddhist | 0 = None | 5 = Muslim");
    assert!(!scale.is_ordered());
    assert_eq!(scale.position(0), Some(1));
    assert_eq!((scale.low(), scale.high()), (0, 7));
    assert!(near(scale.distance(7, 0), 1.0) && near(scale.distance(5, 5), 0.0));
    assert_eq!(scale.in_short(), "7, 0, 5");
    assert_eq!(
        scale.to_string(),
        "nominal: 7 = Buddhist | 0 = None | 5 = Muslim"
    );
}

#[rstest]
#[case("", "there is no option; write such as `1 = Yes | 2 = No`")]
#[case("nominal:", "there is no option; write such as `1 = Yes | 2 = No`")]
#[case(
    "1 = Yes | ",
    "expected a whole number as the code of an option, found ``"
)]
#[case(
    "Yes | No",
    "expected a whole number as the code of an option, found `Yes`"
)]
#[case(
    "1.5 = Half",
    "expected a whole number as the code of an option, found `1.5`"
)]
#[case("1 | 2 | 1", "the code 1 stands twice")]
#[case(
    "1 | 99999999999",
    "expected a whole number as the code of an option, found `99999999999`"
)]
fn a_wrong_scale_is_refused(#[case] cell: &str, #[case] message: &str) {
    assert_eq!(Scale::parse(cell).unwrap_err().to_string(), message);
}

#[test]
fn codes_that_do_not_ascend_are_refused_with_advice() {
    let message = Scale::parse("1 = Better | 3 = Same | 2 = Worse").unwrap_err();
    assert_eq!(
        message,
        ScaleError::Descends {
            before: 3,
            after: 2
        }
    );
    assert!(message.to_string().contains("recode the answers"));
}

#[test]
fn a_scale_may_have_so_many_options_and_no_more() {
    let cell = |n: usize| (0..n).map(|code| code.to_string()).collect::<Vec<_>>();
    assert!(Scale::parse(&cell(MOST_OPTIONS).join("|")).is_ok());
    assert_eq!(
        Scale::parse(&cell(MOST_OPTIONS + 1).join("|")),
        Err(ScaleError::TooMany(MOST_OPTIONS + 1))
    );
}

#[test]
fn labels_that_repeat_the_code_and_decimals_of_whole_numbers_are_read() {
    let scale = scale("1.0 = Never | 2 = 2");
    assert_eq!(scale.codes().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(scale.label(2), None);
    assert_eq!(Scale::parse("-2 | -1 | 0").unwrap().low(), -2);
}

#[test]
fn json_objects_are_scales_and_distributions() {
    let read = Scale::from_json(&json!({"10": "Always", "2": null, "1": "Never"})).unwrap();
    assert_eq!(read, scale("1 = Never | 2 | 10 = Always"));
    assert_eq!(
        Scale::from_json(&json!("1 = a | 2 = b")).unwrap(),
        scale("1 = a | 2 = b")
    );
    assert_eq!(
        Scale::from_json(&json!([1, 2])),
        Err(ScaleError::Json("a list"))
    );
    let shares = Distribution::from_json(&json!({"2": 0.5, "1": 0.5})).unwrap();
    assert_eq!(shares.to_string(), "1 = 0.5 | 2 = 0.5");
    assert!(Distribution::from_json(&json!({"2": "half"})).is_err());
}

#[test]
fn a_distribution_gives_the_share_of_each_position() {
    let shares = Distribution::parse("3 = 0.25 | 1=0.5|2 = .25").unwrap();
    assert!(near(shares.share(1), 0.5) && near(shares.share(9), 0.0));
    assert_eq!(
        shares.over(&scale("0 | 1 | 2 | 3")).unwrap(),
        [0.0, 0.5, 0.25, 0.25]
    );
    assert_eq!(
        shares.over(&scale("1 | 2")).unwrap_err().to_string(),
        "the code 3 is not on the scale (1, 2)"
    );
}

#[test]
fn rounded_shares_are_made_whole() {
    let shares = Distribution::parse("1 = 0.333 | 2 = 0.333 | 3 = 0.333").unwrap();
    assert!((shares.shares().iter().map(|(_, s)| s).sum::<f64>() - 1.0).abs() < 1e-15);
    assert_eq!(
        Distribution::of_counts([(1, 1.0), (2, 3.0)])
            .unwrap()
            .to_string(),
        "1 = 0.25 | 2 = 0.75"
    );
    assert_eq!(Distribution::of_counts([(1, 0.0)]), None);
}

#[rstest]
#[case("", "there is no option; write such as `1 = Yes | 2 = No`")]
#[case("1 | 2 = 1", "expected a share from 0 to 1 for the code 1, found ``")]
#[case(
    "1 = -0.5 | 2 = 1.5",
    "expected a share from 0 to 1 for the code 1, found `-0.5`"
)]
#[case(
    "1 = NaN | 2 = 1",
    "expected a share from 0 to 1 for the code 1, found `NaN`"
)]
#[case(
    "1 = 25 | 2 = 75",
    "expected a share from 0 to 1 for the code 1, found `25`"
)]
#[case(
    "1 = 0.2 | 2 = 0.2",
    "the shares sum to 0.4, expected 1; shares are parts of 1, not percentages or counts"
)]
#[case("1 = 0.5 | 1 = 0.5", "the code 1 stands twice")]
fn a_wrong_distribution_is_refused(#[case] cell: &str, #[case] message: &str) {
    assert_eq!(Distribution::parse(cell).unwrap_err().to_string(), message);
}

#[test]
fn lists_of_codes_come_back() {
    assert_eq!(parse_codes("1 | 3.0").unwrap(), [1, 3]);
    assert_eq!(display_codes(&[1, 3]), "1 | 3");
    assert_eq!(parse_codes(" "), Err(ScaleError::Empty));
    assert_eq!(
        parse_codes("1 = a"),
        Err(ScaleError::Code("1 = a".to_owned()))
    );
    assert_eq!(parse_codes("2|2"), Err(ScaleError::Twice(2)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_scale_comes_back_from_its_cell(
        labels in prop::collection::btree_map(-20_i32..20, prop::option::of(r"[a-z|\\= ]{1,6}"), 1..8),
        ordered in any::<bool>(),
    ) {
        let tidy = |label: String| Some(label.trim().to_owned()).filter(|label| !label.is_empty());
        let options = labels.into_iter().map(|(code, label)| ScaleOption {
            code,
            label: label.and_then(tidy),
        });
        let scale = Scale::new(options.collect(), ordered).unwrap();
        prop_assert_eq!(Scale::parse(&scale.to_string()).unwrap(), scale);
    }

    #[test]
    fn a_distribution_comes_back_from_its_cell(
        counts in prop::collection::btree_map(-20_i32..20, 0.0_f64..9.0, 1..8),
    ) {
        if let Some(shares) = Distribution::of_counts(counts) {
            prop_assert_eq!(Distribution::parse(&shares.to_string()).unwrap(), shares);
        }
    }

    #[test]
    fn no_cell_makes_a_reader_panic(cell in r"[0-9=|\\. a-z:-]{0,24}") {
        let _ = Scale::parse(&cell);
        let _ = Distribution::parse(&cell);
        let _ = parse_codes(&cell);
    }
}
