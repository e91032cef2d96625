use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::analysis::scores::Unstable;
use crate::answers::table_io::{Format, read};

const DRAWS: Draws = Draws {
    seed: 4,
    count: 200,
};

fn fair(sigma: Sigma) -> FairnessOptions {
    FairnessOptions {
        sigma,
        min_items: 4,
        draws: DRAWS,
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

/// `right(model, persona, question)` says how far an answer is off the mode 1 of 1 to 3.
fn table(
    personas: usize,
    questions: usize,
    off: impl Fn(usize, usize, usize) -> u8,
) -> AnswerTable {
    let mut text =
        "persona,question,split,model,option,truth,truth_distribution,scale,group.sex\n".to_owned();
    for model in 0..2 {
        for p in 0..personas {
            for q in 0..questions {
                let option = 1 + off(model, p, q);
                let sex = ["F", "M"][p % 2];
                let split = ["id", "ood"][usize::from(p >= personas / 2)];
                writeln!(
                    text,
                    "p{p},q{q},{split},{},{option},1,1 = 0.8 | 2 = 0.2 | 3 = 0,1|2|3,{sex}",
                    ["base", "tuned"][model]
                )
                .unwrap();
            }
        }
    }
    read(Path::new("a.csv"), text.as_bytes(), Format::Csv).unwrap()
}

fn found<'r>(
    report: &'r FairnessReport,
    model: &str,
    split: Option<&str>,
    breakdown: &str,
    metric: FairMetric,
) -> &'r Disparity {
    report
        .disparities
        .iter()
        .find(|d| {
            d.model == model
                && d.split.as_deref() == split
                && d.breakdown == breakdown
                && d.metric == metric
        })
        .unwrap()
}

#[test]
fn the_order_of_the_rows_changes_nothing() {
    // Levels and questions are met in another order from the end.
    let text = |rows: &mut dyn Iterator<Item = usize>| {
        let mut text = "persona,question,model,option,truth,scale,group.age\n".to_owned();
        for row in rows {
            let (p, q) = (row % 9, row / 9);
            let option = 1 + (p * 7 + q * q * 3 + p * q) % 3;
            writeln!(text, "p{p},q{q},m,{option},1,1|2|3,a{}", (p + 1) % 3).unwrap();
        }
        read(Path::new("a.csv"), text.as_bytes(), Format::Csv).unwrap()
    };
    let options = ScoreOptions::default();
    let report = |table: &AnswerTable| {
        let mut report = fairness(table, &options, &fair(Sigma::Population)).unwrap();
        for found in &mut report.disparities {
            // They are listed as the table has them.
            found.levels.sort_by(|a, b| a.level.cmp(&b.level));
        }
        report.disparities
    };
    let one = report(&text(&mut (0..108)));
    assert!(
        one.iter()
            .any(|d| d.gap.is_some() && d.homogeneity.is_some())
    );
    assert_eq!(one, report(&text(&mut (0..108).rev())));
    let shuffled = report(&text(&mut (0..108).map(|row| row * 35 % 108)));
    assert_eq!(one, shuffled);
}

/// Four personas, eight questions. Of base persona `p` is right on `2 + p` of 8, of tuned
/// on `5 + p % 2`; wrong answers are one off.
fn small() -> AnswerTable {
    table(4, 8, |model, p, q| {
        let right = if model == 0 { 2 + p } else { 5 + p % 2 };
        u8::from((q + p) % 8 >= right)
    })
}

#[test]
fn measures_are_those_of_the_paper_by_hand() {
    let report = fairness(&small(), &ScoreOptions::default(), &fair(Sigma::Population)).unwrap();
    // Accuracies .25, .375, .5, .625: mean .4375, squares of deviations .078125.
    let base = found(&report, "base", None, "persona", FairMetric::Accuracy);
    let measures = base.measures.unwrap();
    assert!(near(base.mean.unwrap(), 0.4375));
    assert!(near(measures.range.seen.unwrap(), 0.375));
    assert!(near(measures.normalised_range.seen.unwrap(), 0.375 / 0.625));
    let sigma = (0.078_125_f64 / 4.0).sqrt();
    assert!(near(measures.deviation.seen.unwrap(), sigma));
    assert!(near(measures.variation.seen.unwrap(), sigma / 0.4375));
    assert_eq!((base.groups, base.compared, base.items), (4, 4, 32));
    assert_eq!(base.gap.as_ref().unwrap().highest, ["p3"]);
    assert_eq!(base.worst.as_ref().unwrap().levels, ["p0"]);
    // One off of a range of 2: an error is half of 1 - accuracy.
    let nmae = found(&report, "base", None, "persona", FairMetric::Nmae);
    let measures = nmae.measures.unwrap();
    assert!(near(nmae.mean.unwrap(), 0.5625 / 2.0));
    assert!(near(measures.deviation.seen.unwrap(), sigma / 2.0));
    assert!(near(
        measures.normalised_range.seen.unwrap(),
        0.1875 / 0.375
    ));
    // Where lower is better, the highest is the worst.
    assert_eq!(nmae.worst.as_ref().unwrap().levels, ["p0"]);
    let similar = found(&report, "base", None, "persona", FairMetric::OneMinusNmae);
    let mirrored = similar.measures.unwrap();
    assert!(near(mirrored.range.seen.unwrap(), 0.1875));
    assert!(near(
        mirrored.normalised_range.seen.unwrap(),
        0.1875 / (1.0 - 0.1875)
    ));
    // A sample's standard deviation has one less below.
    let sample = fairness(&small(), &ScoreOptions::default(), &fair(Sigma::Sample)).unwrap();
    let base = found(&sample, "base", None, "persona", FairMetric::Accuracy);
    let deviation = base.measures.unwrap().deviation.seen.unwrap();
    assert!(near(deviation, (0.078_125_f64 / 3.0).sqrt()));
    // Levels of sex: F has p0 and p2, M p1 and p3; in the split ood p2 and p3.
    let sex = found(&report, "base", None, "group.sex", FairMetric::Accuracy);
    let means: Vec<f64> = sex.levels.iter().map(|level| level.estimate).collect();
    assert!(near(means[0], 0.375) && near(means[1], 0.5), "{means:?}");
    let advantage = sex.levels[1].advantage.unwrap();
    assert!(near(advantage.estimate, 0.125) && near(advantage.p_value, advantage.p_adjusted));
    let ood = found(
        &report,
        "base",
        Some("ood"),
        "persona",
        FairMetric::Accuracy,
    );
    assert!(ood.groups == 2 && near(ood.mean.unwrap(), 0.5625));
}

#[test]
fn a_change_is_measured_on_shared_items_and_opposed_directions_are_said() {
    let report = fairness(&small(), &ScoreOptions::default(), &fair(Sigma::Population)).unwrap();
    let change = |metric: FairMetric| {
        let of = |c: &&DisparityChange| {
            c.metric == metric && c.breakdown == "persona" && c.split.is_none()
        };
        report.changes.iter().find(of).unwrap()
    };
    let accuracy = change(FairMetric::Accuracy);
    // Tuned: .625, .75, .625, .75.
    let measures = accuracy.measures.unwrap();
    assert!(near(measures.range.change.unwrap(), 0.125 - 0.375));
    assert!(near(
        measures.normalised_range.change.unwrap(),
        0.125 / 0.75 - 0.375 / 0.625
    ));
    assert!(accuracy.disagreement.is_none());
    let first = &accuracy.levels[0];
    assert!(near(first.change, 0.375) && near(first.base, 0.25));
    let moved = first.advantage_change.unwrap();
    // p0 gains .375, the others .375, .125 and .125.
    assert!(near(moved.estimate, 0.375 - 0.625 / 3.0));
    // Errors fall from about .5 to about .1, their spread from .1 to .05.
    let apart = table(2, 20, |model, p, q| {
        let wrong = [[8, 12], [1, 3]][model][p];
        u8::from(q < wrong) * 2
    });
    let report = fairness(&apart, &ScoreOptions::default(), &fair(Sigma::Population)).unwrap();
    let nmae = report
        .changes
        .iter()
        .find(|c| c.metric == FairMetric::Nmae && c.split.is_none())
        .unwrap();
    let said = nmae.disagreement.as_deref().unwrap();
    assert!(
        said.contains("CV rises from 0.2000 to 0.5000 but SD falls from 0.1000 to 0.0500")
            && said.contains("the mean over groups went from 0.500 to 0.100"),
        "{said}"
    );
}

#[test]
fn small_groups_are_listed_and_not_compared() {
    let options = FairnessOptions {
        min_items: 9,
        ..fair(Sigma::Population)
    };
    let report = fairness(&small(), &ScoreOptions::default(), &options).unwrap();
    let base = found(&report, "base", None, "persona", FairMetric::Accuracy);
    assert!(base.compared == 0 && base.measures.is_none() && base.levels.len() == 4);
    assert!(base.levels.iter().all(|level| !level.compared));
    assert!(
        report.notes.iter().any(|note| note.starts_with(
            "4 of 4 groups of persona have fewer than 9 different questions that base answered"
        )),
        "{:?}",
        report.notes
    );
}

#[test]
fn errors_above_one_are_compared() {
    let mut text = "persona,question,model,option,truth,scale\n".to_owned();
    for p in 0..2 {
        for q in 0..6 {
            for (model, option) in [("base", 10), ("tuned", 1)] {
                let truth = [1, 10][p];
                writeln!(
                    text,
                    "p{p},q{q},{model},{option},{truth},1 = a | 5 = b | 10 = c"
                )
                .unwrap();
            }
        }
    }
    let table = read(Path::new("a.csv"), text.as_bytes(), Format::Csv).unwrap();
    let options = ScoreOptions {
        normaliser: Normaliser::ScaleSize,
        ..ScoreOptions::default()
    };
    let report = fairness(&table, &options, &fair(Sigma::Population)).unwrap();
    for metric in [FairMetric::Nmae, FairMetric::OneMinusNmae] {
        let base = found(&report, "base", None, "persona", metric);
        let gap = base.gap.as_ref().unwrap();
        assert!(
            near(gap.gap, 3.0) && gap.interval.unwrap().high <= 3.0,
            "{gap:?}"
        );
        assert!(report.changes.iter().any(|change| change.metric == metric));
    }
}

#[test]
fn weights_of_one_change_nothing() {
    let with = |unstable| {
        let options = ScoreOptions {
            unstable,
            ..ScoreOptions::default()
        };
        let report = fairness(&small(), &options, &fair(Sigma::Population)).unwrap();
        (report.disparities, report.changes)
    };
    assert_eq!(with(Unstable::Keep), with(Unstable::Weight));
}

#[test]
fn a_planted_advantage_and_change_are_found() {
    // Of 120 questions base is right on 75% for men and 45% for women, tuned on 80% of
    // both.
    let planted = table(8, 120, |model, p, q| {
        let mixed = (q * 37 + p * 53 + model * 29) % 100;
        let right = [[45, 75], [80, 80]][model][p % 2];
        u8::from(mixed >= right)
    });
    let report = fairness(&planted, &ScoreOptions::default(), &fair(Sigma::Population)).unwrap();
    let sex = report
        .changes
        .iter()
        .find(|c| {
            c.breakdown == "group.sex" && c.metric == FairMetric::Accuracy && c.split.is_none()
        })
        .unwrap();
    let direction = sex.direction.as_deref().unwrap();
    assert_eq!(
        direction,
        "base: better for M, worse for F; tuned: no level stands out; change: better for F, worse for M"
    );
    let range = sex
        .measures
        .unwrap()
        .range
        .without_noise
        .unwrap()
        .interval
        .unwrap();
    assert!(
        range.low < -0.3 + 0.06 && range.high > -0.36 && range.high < 0.0,
        "{range:?}"
    );
}

#[test]
fn all_formats_hold_fairness_and_its_schema_is_published() {
    let report = fairness(&small(), &ScoreOptions::default(), &fair(Sigma::Population)).unwrap();
    let schema = crate::report::fairness_schema();
    let parsed: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let json = crate::report::json::render_fairness(&report);
    assert!(jsonschema::is_valid(
        &parsed,
        &serde_json::from_str(&json).unwrap()
    ));
    let published = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fairness.schema.json");
    let published = std::fs::read_to_string(published).unwrap_or_default();
    if published != schema {
        let fresh = std::env::temp_dir().join("oyer-fairness.schema.json");
        std::fs::write(&fresh, &schema).unwrap();
        panic!(
            "docs/fairness.schema.json is out of date; copy {} over it",
            fresh.display()
        );
    }
    let csv = crate::report::csv::render_fairness(&report);
    assert!(
        csv.contains("\nbase,,,persona,accuracy,,normalised_range,0.6,"),
        "{csv}"
    );
    assert!(
        csv.contains("\ntuned,base,,persona,accuracy,,range,0.125,0.375,-0.25,"),
        "{csv}"
    );
    let rows: Vec<HashMap<String, String>> = ::csv::Reader::from_reader(csv.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect();
    for row in &rows {
        let mut told = vec!["estimand", "unit", "items", "clusters"];
        if !row["low"].is_empty() {
            told.extend(["method", "confidence"]);
        }
        if !row["draws"].is_empty() {
            told.push("seed");
        }
        // Two groups are one test.
        if !row["p_adjusted"].is_empty()
            && (row["groups_compared"] != "2" || row["measure"] == "homogeneity")
        {
            told.push("adjustment");
        }
        for title in told {
            assert!(!row[title].is_empty(), "{title}: {row:?}");
        }
    }
    let adjusted = |how: &str| rows.iter().any(|row| row["adjustment"] == how);
    assert!(adjusted("benjamini_hochberg"), "{csv}");
    let style = crate::report::table::Style::default();
    let text = crate::report::table::render_fairness(&report, style);
    for expected in ["Split ood", "What changed", "For whom", "tuned - base"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let markdown = crate::report::markdown::render_fairness(&report);
    assert!(
        markdown.contains("| tuned - base | persona | accuracy | Norm. Range | 0.600 | 0.167 |"),
        "{markdown}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Straight from the definitions, over lists.
    #[test]
    fn measures_are_those_of_the_naive_twin(
        given in prop::collection::vec(0..3_u8, 2 * 6 * 5),
    ) {
        let off = |model: usize, p: usize, q: usize| given[(model * 6 + p) * 5 + q];
        let report = fairness(&table(6, 5, off), &ScoreOptions::default(), &fair(Sigma::Sample)).unwrap();
        for (model, name) in ["base", "tuned"].into_iter().enumerate() {
            for (metric, of) in [
                (FairMetric::Accuracy, (|off: u8| f64::from(u8::from(off == 0))) as fn(u8) -> f64),
                (FairMetric::Nmae, |off| f64::from(off) / 2.0),
                (FairMetric::OneMinusNmae, |off| 1.0 - f64::from(off) / 2.0),
            ] {
                let means: Vec<f64> = (0..6)
                    .map(|p| (0..5).map(|q| of(off(model, p, q))).sum::<f64>() / 5.0)
                    .collect();
                let highest = means.iter().copied().fold(f64::MIN, f64::max);
                let lowest = means.iter().copied().fold(f64::MAX, f64::min);
                let mean = means.iter().sum::<f64>() / 6.0;
                let sigma = (means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / 5.0).sqrt();
                let known = found(&report, name, None, "persona", metric).measures.unwrap();
                prop_assert!(near(known.range.seen.unwrap(), highest - lowest));
                prop_assert!((known.deviation.seen.unwrap() - sigma).abs() < 1e-9);
                match known.normalised_range.seen {
                    Some(seen) => prop_assert!((seen - (highest - lowest) / highest).abs() < 1e-9),
                    None => prop_assert!(highest <= 0.0),
                }
                if mean > 0.0 {
                    prop_assert!((known.variation.seen.unwrap() - sigma / mean).abs() < 1e-9);
                }
            }
        }
    }
}

#[test]
fn an_interval_without_a_width_is_said_to_be_unresolved() {
    let style = crate::report::table::Style::default();
    let told = |table: &AnswerTable| {
        let options = ScoreOptions::default();
        let report = fairness(table, &options, &fair(Sigma::Population)).unwrap();
        let between = report.disparities[0].between.unwrap();
        let gap = report.disparities[0].gap.as_ref().unwrap().interval;
        let limits = (between.interval.is_some(), gap.is_some());
        let csv = crate::report::csv::render_fairness(&report);
        let row = |name: &str| {
            let row = csv
                .lines()
                .find(|row| row.split(',').nth(6) == Some(name))
                .unwrap();
            row.split(',').nth(12).unwrap() != ""
        };
        assert_eq!((row("tau"), row("gap")), limits, "{csv}");
        (
            crate::report::table::render_fairness(&report, style),
            limits,
        )
    };
    // Every persona is right on the same questions.
    let (equal, limits) = told(&table(4, 8, |_, _, q| (q % 2) as u8));
    assert_eq!(limits, (false, false));
    assert!(equal.contains("unresolved: the means lie"), "{equal}");
    assert!(!equal.contains("0.000–0.000"), "{equal}");
    // Nor is there an interval of the gap to point to.
    assert!(equal.contains("no scatter: every cluster"), "{equal}");
    assert!(!equal.contains("the gap's interval"), "{equal}");
    let (elsewhere, limits) = told(&table(4, 8, |_, p, q| ((p + q) % 2) as u8));
    assert_eq!(limits, (false, true));
    let plain = elsewhere.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plain.contains("unresolved: the means lie"), "{elsewhere}");
    assert!(plain.contains("the gap's interval"), "{elsewhere}");
    let (unequal, limits) = told(&table(4, 200, |_, p, q| u8::from(q % 10 > 2 * p)));
    assert_eq!(limits, (true, true));
    assert!(!unequal.contains("unresolved: the means"), "{unequal}");
}
