//! What must not change a number.

use std::sync::Arc;

use proptest::prelude::*;

use super::naive::tables;
use super::*;

/// Rows with all but the contest's direction as they are.
fn one_sided(rows: &[Row]) -> Vec<Row> {
    rows.iter()
        .map(|row| {
            if row.candidate == "tuned" {
                row.clone()
            } else {
                mirrored(row)
            }
        })
        .collect()
}

fn assert_mirrored(a: Option<&report::Interval>, b: Option<&report::Interval>) {
    let limits = |i: &report::Interval| (i.low, i.high);
    match (a.map(limits), b.map(limits)) {
        (Some((low, high)), Some((other_low, other_high))) => {
            assert!(
                (low - (1.0 - other_high)).abs() < 1e-9 && (high - (1.0 - other_low)).abs() < 1e-9
            );
        }
        (None, None) => {}
        other => panic!("{other:?}"),
    }
}

const CONTESTS: [(&str, &str); 2] = [("tuned", "base"), ("base", "tuned")];
const CRITERIA: [&str; 2] = ["overall", "value"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn exchanging_candidate_and_opponent_mirrors_everything(rows in tables()) {
        let rows = one_sided(&rows);
        let exchanged: Vec<Row> = rows.iter().map(mirrored).collect();
        let (a, b) = (report(&rows, &without_floor()), report(&exchanged, &without_floor()));
        for (a, b) in a.comparisons.iter().zip(&b.comparisons) {
            prop_assert_eq!((&a.candidate, &a.opponent), (&b.opponent, &b.candidate));
            prop_assert_eq!((a.wins, a.ties, a.losses, a.missing), (b.losses, b.ties, b.wins, b.missing));
            assert_close(a.win_rate, b.win_rate.map(|p| 1.0 - p));
            assert_mirrored(a.interval.as_ref(), b.interval.as_ref());
            assert_mirrored(a.interval_fixed_personas.as_ref(), b.interval_fixed_personas.as_ref());
            if let (Some(x), Some(y)) = (a.interval_uneven_clusters, b.interval_uneven_clusters) {
                prop_assert!((x.low - (1.0 - y.high)).abs() < 1e-9, "{:?} {:?}", x, y);
                assert_close(x.degrees_of_freedom, y.degrees_of_freedom);
                assert_close(x.p_value.unwrap_or_default(), y.p_value.unwrap_or_default());
            }
            if let (Some(p), Some(q)) = (a.p_value, b.p_value) {
                prop_assert!((p - q).abs() < 1e-9);
            }
            prop_assert_eq!(a.finding.as_ref().map(|f| f.code), b.finding.as_ref().map(|f| f.code));
            if let (Some(x), Some(y)) = (&a.outcomes, &b.outcomes) {
                prop_assert_eq!((x.wins, x.ties, x.losses), (y.losses, y.ties, y.wins));
                assert_close(x.net, -y.net);
                assert_close(x.win_rate_without_ties, y.win_rate_without_ties.map(|p| 1.0 - p));
                assert_mirrored(x.interval_without_ties.as_ref(), y.interval_without_ties.as_ref());
            }
            prop_assert_eq!(a.tests.len(), b.tests.len());
            for (x, y) in a.tests.iter().zip(&b.tests) {
                prop_assert_eq!(x.method, y.method);
                prop_assert!((x.p_value - y.p_value).abs() < 1e-9, "{:?} {:?}", x, y);
                prop_assert!(x.statistic.unwrap_or_default() + y.statistic.unwrap_or_default() < 1e-6);
            }
            if let (Some(x), Some(y)) = (a.bounds, b.bounds) {
                assert_close(x.low, 1.0 - y.high);
            }
            // The place is the same whoever is called the candidate.
            let (x, y) = (a.order.as_ref().unwrap(), b.order.as_ref().unwrap());
            prop_assert_eq!((x.first_first, x.second_second), (y.first_first, y.second_second));
            prop_assert_eq!(x.candidate_first.wins, y.opponent_first.losses);
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing(rows in tables(), seed in any::<u64>()) {
        let mut shuffled = rows.clone();
        let n = shuffled.len() as u64;
        for i in 0..shuffled.len() {
            let j = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(i as u64 * 2_654_435_761) % n;
            shuffled.swap(i, j as usize);
        }
        let bytes = |rows: &[Row]| {
            json(&analyse(&table_in_order(rows, &CONTESTS, &CRITERIA), None, &without_floor()).unwrap())
        };
        prop_assert_eq!(bytes(&rows), bytes(&shuffled));
    }

    #[test]
    fn rows_from_either_side_say_the_same(rows in tables()) {
        let sided = one_sided(&rows);
        let of = |rows: &[Row]| {
            let contests = [("tuned", "base"), ("base", "tuned")];
            analyse(&table_in_order(rows, &contests, &CRITERIA), None, &without_floor()).unwrap()
        };
        let (mixed, plain) = (of(&rows), of(&sided));
        for (a, b) in mixed.comparisons.iter().zip(&plain.comparisons) {
            let turned = a.candidate != b.candidate;
            assert_close(a.win_rate, b.win_rate.map(|p| if turned { 1.0 - p } else { p }));
            prop_assert_eq!(a.n_items, b.n_items);
        }
    }

    #[test]
    fn a_further_column_changes_nothing_but_its_groups(rows in tables()) {
        let plain = table(&rows);
        let more = with_dimension(plain.clone(), "sex", |p| (p != "p2").then(|| format!("level of {p}")));
        let (a, b) = (analyse(&plain, None, &without_floor()).unwrap(), analyse(&more, None, &without_floor()).unwrap());
        let without_groups = |report: Report| {
            let mut report = Report { groups: Vec::new(), notes: Vec::new(), ..report };
            for comparison in &mut report.comparisons {
                comparison.subgroups.clear();
            }
            json(&report)
        };
        prop_assert_eq!(without_groups(a), without_groups(b));
    }

    #[test]
    fn naming_personas_otherwise_changes_no_number(rows in tables()) {
        let plain = table(&rows);
        let mut renamed = plain.clone();
        for item in &mut renamed.items {
            if !item.persona.id.is_empty() {
                let persona = Arc::make_mut(&mut item.persona);
                persona.id = if &*persona.id == "p1" { "z" } else { "a" }.into();
            }
        }
        let (a, b) = (analyse(&plain, None, &without_floor()).unwrap(), analyse(&renamed, None, &without_floor()).unwrap());
        for (a, b) in a.comparisons.iter().zip(&b.comparisons) {
            assert_close(a.win_rate, b.win_rate);
            assert_close(a.standard_error, b.standard_error);
        }
    }

    #[test]
    fn doubling_the_items_of_every_cluster_changes_no_interval(rows in tables()) {
        let once = table(&rows);
        let twice = doubled(once.clone());
        let (a, b) = (analyse(&once, None, &without_floor()).unwrap(), analyse(&twice, None, &without_floor()).unwrap());
        for (a, b) in a.comparisons.iter().zip(&b.comparisons) {
            prop_assert_eq!(2 * a.n_items, b.n_items);
            assert_close(a.win_rate, b.win_rate);
            for (x, y) in [
                (&a.interval, &b.interval),
                (&a.interval_sampled_personas, &b.interval_sampled_personas),
                (&a.interval_fixed_personas, &b.interval_fixed_personas),
            ] {
                // One item is one cluster of one persona or question, twice it is too.
                prop_assert_eq!(x.is_some(), y.is_some());
                if let (Some(x), Some(y)) = (x, y) {
                    prop_assert_eq!(&x.n_clusters, &y.n_clusters);
                    prop_assert!((x.low - y.low).abs() < 1e-9 && (x.high - y.high).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn no_number_is_missing_without_a_reason(rows in tables()) {
        let report = report(&rows, &Options::default());
        for c in &report.comparisons {
            prop_assert_eq!(c.withheld.is_none(), c.win_rate.is_some());
            prop_assert_eq!(c.wins + c.ties + c.losses + c.missing.total(), c.n_judgments);
            prop_assert_eq!(c.win_rate.is_some(), c.interval.is_some() || c.no_interval.is_some());
            if let (Some(i), Some(p)) = (&c.interval, c.win_rate) {
                prop_assert!(0.0 <= i.low && i.low <= p && p <= i.high && i.high <= 1.0 && i.low < i.high);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_method_gives_limits_around_a_rate_or_a_reason(rows in tables()) {
        let table = table(&rows);
        for name in report::Method::NAMES {
            let method = report::Method::named(name).unwrap();
            let options = Options {
                interval: method,
                margin: Some(0.1),
                ..without_floor()
            };
            let report = analyse(&table, None, &options).unwrap();
            for c in &report.comparisons {
                prop_assert_eq!(c.win_rate.is_some(), c.interval.is_some() || c.no_interval.is_some());
                let rate = c.win_rate.unwrap_or_default();
                let without = c.outcomes.as_ref().and_then(|o| Some((o.win_rate_without_ties?, o.interval_without_ties.as_ref()?)));
                for (p, i) in c.interval.as_ref().map(|i| (rate, i)).into_iter().chain(without) {
                    prop_assert_eq!(i.method, method);
                    prop_assert!(0.0 <= i.low && i.low <= p + 1e-12 && p <= i.high + 1e-12 && i.high <= 1.0, "{} {:?}", p, i);
                    prop_assert!(i.low < i.high, "{:?}", i);
                }
                for test in &c.tests {
                    prop_assert!((0.0..=1.0).contains(&test.p_value));
                    prop_assert!(test.p_adjusted.is_some_and(|p| p >= test.p_value));
                }
                let near = c.equivalence.as_ref();
                prop_assert!(near.is_none_or(|near| (0.0..=1.0).contains(&near.p_value)));
            }
        }
    }
}

/// Each item once more, with the same question and persona.
fn doubled(mut table: VerdictTable) -> VerdictTable {
    let items = table.items.len() as u32;
    for i in 0..table.items.len() {
        let again = table.items[i].clone();
        let id = format!("{} again", again.id());
        table.items.push(again.called(id));
    }
    for i in 0..table.judgments.len() {
        let judgment = table.judgments[i];
        let first = judgment.first_cell as usize;
        let cells = first..first + usize::from(judgment.cell_count);
        table.judgments.push(Judgment {
            item: judgment.item + items,
            first_cell: table.cells.len() as u32,
            ..judgment
        });
        table.cells.extend_from_within(cells.clone());
        if !table.scores.is_empty() {
            table.scores.extend_from_within(cells);
        }
    }
    table
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let rows: Vec<Row> = (0..400_u32)
        .map(|i| {
            let outcome = [Outcome::Win, Outcome::Loss, Outcome::Tie, Outcome::Missing]
                [(i * i % 11 % 4) as usize];
            Row {
                criterion: CRITERIA[(i % 2) as usize],
                sample: (i / 64 + 1) as u16,
                repeat: (i % 3 + 1) as u16,
                ..row(
                    ["p1", "p2", "p3", "p4"][(i / 4 % 4) as usize],
                    ["q1", "q2", "q3", "q4"][(i / 16 % 4) as usize],
                    if i / 2 % 2 == 0 { FIRST } else { SECOND },
                    outcome,
                )
            }
        })
        .collect();
    let table = with_dimension(table(&rows), "sex", |p| Some(p.to_owned()));
    for name in report::Method::NAMES {
        let options = Options {
            interval: report::Method::named(name).unwrap(),
            ..without_floor()
        };
        let with_threads = |n: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n)
                .build()
                .unwrap();
            json(&pool.install(|| analyse(&table, None, &options).unwrap()))
        };
        let one = with_threads(1);
        assert_eq!(one, with_threads(2), "{name}");
        assert_eq!(one, with_threads(16), "{name}");
    }
}

#[test]
fn a_column_that_differs_row_by_row_changes_no_count() {
    use crate::verdict::table_io::{Format, read};
    let header = "question,candidate,opponent,criterion,order,outcome";
    let of = |with_column: bool, backwards: bool| {
        let mut lines = Vec::new();
        for question in 0..6 {
            for order in ["candidate_first", "opponent_first"] {
                for criterion in ["overall", "value"] {
                    let sides = if backwards {
                        "base,tuned"
                    } else {
                        "tuned,base"
                    };
                    lines.push(format!("q{question},{sides},{criterion},{order},win"));
                }
            }
        }
        let mut lines: Vec<String> = if with_column {
            let numbered = lines.iter().enumerate();
            numbered.map(|(i, line)| format!("{line},{i}")).collect()
        } else {
            lines
        };
        let more = if with_column { ",x.num" } else { "" };
        lines.insert(0, format!("{header}{more}"));
        let table = read(
            std::path::Path::new("v.csv"),
            lines.join("\n").as_bytes(),
            Format::Csv,
        );
        analyse(&table.unwrap(), None, &Options::default()).unwrap()
    };
    for backwards in [false, true] {
        let (plain, with_column) = (of(false, backwards), of(true, backwards));
        assert_eq!(plain.coverage.judgments, 12);
        assert_eq!(json(&plain), json(&with_column));
    }
}
