//! Phrasings of the persona, against numbers by hand.

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;

use crate::analysis::report::NoteCode;
use crate::analysis::{Options, Report, analyse};
use crate::report::Detail;
use crate::report::table::{Style, render};
use crate::verdict::table_io::{Format, read};

const PHRASINGS: [&str; 3] = ["second", "third", "none"];

/// The report of `won[phrasing][question]`, one persona.
fn report(won: &[Vec<bool>]) -> Report {
    let mut text = "persona,question,candidate,opponent,criterion,outcome,variant\n".to_owned();
    for (variant, of_variant) in PHRASINGS.iter().zip(won) {
        for (q, won) in of_variant.iter().enumerate() {
            let outcome = if *won { "win" } else { "loss" };
            writeln!(text, "p,q{q},tuned,base,overall,{outcome},{variant}").unwrap();
        }
    }
    let table = read(Path::new("v.csv"), text.as_bytes(), Format::Csv).unwrap();
    analyse(&table, None, &Options::default()).unwrap()
}

#[test]
fn a_spread_of_phrasings_that_shrank_to_nothing_is_unresolved() {
    let won = |from: usize| (0..20).map(|q| q >= from && q < from + 10).collect();
    let report = report(&[won(0), won(4), won(8)]);
    let spread = report.phrasings[0].spread.unwrap();
    assert_eq!((spread.tau, spread.interval), (0.0, None));
    let csv = crate::report::csv::render(&report);
    let column = |name: &str| {
        csv.lines()
            .next()
            .unwrap()
            .split(',')
            .position(|c| c == name)
    };
    let row = csv
        .lines()
        .find(|row| row.contains("phrasing_spread"))
        .unwrap();
    let cells: Vec<&str> = row.split(',').collect();
    for name in ["low", "high"] {
        assert_eq!(cells[column(name).unwrap()], "", "{name}: {row}");
    }
    let said = render(&report, Detail::Full, Style::default());
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("spread without noise 0.0 points (unresolved)."),
        "{said}"
    );
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

#[test]
fn comparisons_stand_by_phrasing_and_gains_are_paired() {
    let won = |right: usize| (0..20).map(|q| q < right).collect::<Vec<bool>>();
    let report = report(&[won(16), won(12), won(8)]);
    let named: Vec<(Option<&str>, f64)> = report
        .comparisons
        .iter()
        .map(|c| (c.variant.as_deref(), c.win_rate.unwrap()))
        .collect();
    assert_eq!(
        named,
        [
            (Some("second"), 0.8),
            (Some("third"), 0.6),
            (Some("none"), 0.4)
        ]
    );
    let [made] = &report.phrasings[..] else {
        panic!("{:?}", report.phrasings)
    };
    // Without a study the phrasing called `none` is the control.
    assert_eq!(made.control.as_deref(), Some("none"));
    let range = made.range.as_ref().unwrap();
    // The control is no phrasing among the others.
    assert!(near(range.gap, 0.2) && range.highest == ["second"] && range.lowest == ["third"]);
    // Rates .8 and .6.
    let spread = made.spread.unwrap();
    assert!(near(spread.deviation, 0.02_f64.sqrt()));
    // Two rates differ by 1 at the most.
    assert!(near(spread.interval.unwrap().high, 0.5_f64.sqrt()));
    let gains: Vec<(&str, f64)> = made
        .gains
        .iter()
        .map(|gain| (gain.variant.as_deref().unwrap(), gain.difference.unwrap()))
        .collect();
    assert!(gains[0].0 == "second" && near(gains[0].1, 0.4));
    assert!(gains[1].0 == "third" && near(gains[1].1, 0.2));
    // Of 8 in 20 that differ, all one way: the squares of .6 and -.4 about .4.
    let error = (20.0 / 19.0 * (8.0 * 0.36 + 12.0 * 0.16) / 400.0_f64).sqrt();
    assert!(near(made.gains[0].standard_error.unwrap(), error));
    let p = |at: usize| made.gains[at].p_value.unwrap();
    assert!(near(
        made.gains[0].p_adjusted.unwrap(),
        (2.0 * p(0)).min(1.0)
    ));
    assert!(near(
        made.gains[1].p_adjusted.unwrap(),
        p(1).max(2.0 * p(0))
    ));
}

#[test]
fn a_phrasing_that_is_withheld_is_said_and_leaves_the_report_incomplete() {
    let header = "persona,question,candidate,opponent,criterion,outcome,variant\n";
    let mut text = header.to_owned();
    for q in 0..20 {
        let outcome = if q < 5 { "win" } else { "missing" };
        writeln!(text, "p,q{q},tuned,base,overall,{outcome},second").unwrap();
        for p in 0..20 {
            writeln!(text, "p{p},q{q},tuned,base,overall,win,third").unwrap();
        }
    }
    let table = read(Path::new("v.csv"), text.as_bytes(), Format::Csv).unwrap();
    let report = analyse(&table, None, &Options::default()).unwrap();
    // Of both together more than the floor is there.
    assert!(report.coverage.given as f64 / report.coverage.verdicts as f64 > 0.95);
    assert!(!report.coverage.complete);
    let mut notes = report.notes.iter();
    let note = notes.find(|note| note.code == NoteCode::Withheld).unwrap();
    assert_eq!(note.subjects, ["tuned vs base, overall, phrasing second"]);
    let alone = analyse(&table.in_variant(Some("third")), None, &Options::default()).unwrap();
    assert!(alone.coverage.complete);
    let many = (0..101).map(|n| format!("p,q,tuned,base,overall,win,v{n}\n"));
    let text = header.to_owned() + &many.collect::<String>();
    let table = read(Path::new("v.csv"), text.as_bytes(), Format::Csv).unwrap();
    let error = analyse(&table, None, &Options::default()).unwrap_err();
    assert!(error.to_string().contains("101 phrasings"), "{error}");
}

#[test]
fn a_table_without_phrasings_has_no_section_of_them() {
    let text = "question,candidate,opponent,criterion,outcome\nq,a,b,c,win\nr,a,b,c,loss\n";
    let table = read(Path::new("v.csv"), text.as_bytes(), Format::Csv).unwrap();
    let report = analyse(&table, None, &Options::default()).unwrap();
    assert!(report.phrasings.is_empty() && report.comparisons[0].variant.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A gain is the mean over questions of the difference of two scores.
    #[test]
    fn gains_and_range_are_those_of_the_naive_twin(
        won in prop::collection::vec(prop::collection::vec(any::<bool>(), 12), 3),
    ) {
        let report = report(&won);
        let made = &report.phrasings[0];
        let rate = |of: &[bool]| of.iter().filter(|won| **won).count() as f64 / 12.0;
        for (gain, of) in made.gains.iter().zip(&won) {
            let differences = of.iter().zip(&won[2]);
            let sum: f64 = differences.map(|(a, b)| f64::from(u8::from(*a)) - f64::from(u8::from(*b))).sum();
            prop_assert!(near(gain.difference.unwrap(), sum / 12.0));
        }
        let rates: Vec<f64> = won[..2].iter().map(|of| rate(of)).collect();
        let highest = rates.iter().copied().fold(f64::MIN, f64::max);
        let lowest = rates.iter().copied().fold(f64::MAX, f64::min);
        prop_assert!(near(made.range.as_ref().unwrap().gap, highest - lowest));
    }
}
