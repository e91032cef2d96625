use std::fmt::Write as _;
use std::path::Path;

use super::*;
use crate::answers::table_io as answers_io;
use crate::verdict::table_io as verdicts_io;

/// Model; accuracy, NMAE and overall win rate, each of the base and after tuning, as
/// published for the out-of-distribution split in arXiv 2604.12851.
const PUBLISHED: [(&str, [f64; 6]); 7] = [
    ("Llama-3.1-8B", [0.514, 0.685, 0.258, 0.143, 0.294, 0.320]),
    ("Llama-3.2-3B", [0.442, 0.508, 0.308, 0.238, 0.230, 0.234]),
    ("SEA-LION-v3-8B", [0.530, 0.642, 0.222, 0.158, 0.428, 0.430]),
    ("Qwen2.5-7B", [0.442, 0.661, 0.243, 0.157, 0.223, 0.246]),
    ("Sailor2-8B", [0.356, 0.720, 0.332, 0.125, 0.217, 0.255]),
    ("SeaLLMs-v3-7B", [0.440, 0.696, 0.256, 0.135, 0.082, 0.081]),
    ("Phi-4-mini", [0.427, 0.456, 0.267, 0.256, 0.175, 0.161]),
];

#[test]
fn published_means_re_add_from_their_rows() {
    let rows: Vec<RowA> = PUBLISHED
        .iter()
        .map(|(model, [a, b, c, d, e, f])| RowA {
            model: (*model).to_owned(),
            base: Some(format!("{model} base")),
            accuracy: Change::new(Some(*a), Some(*b)),
            nmae: Change::new(Some(*c), Some(*d)),
            win_rate: Change::new(Some(*e), Some(*f)),
        })
        .collect();
    let mean = RowA::mean(&rows);
    let published = [
        (mean.accuracy, [0.450, 0.624, 0.174]),
        (mean.nmae, [0.269, 0.173, -0.096]),
        (mean.win_rate, [0.236, 0.247, 0.011]),
    ];
    for (change, [base, tuned, difference]) in published {
        for (found, published) in [
            (change.base, base),
            (change.tuned, tuned),
            (change.difference, difference),
        ] {
            assert!(
                (found.unwrap() - published).abs() <= 0.0005 + 1e-12,
                "{found:?} {published}"
            );
        }
    }
}

/// Two personas (one of each split) and two questions: base, tuned and big.
fn told(options: &TransferOptions) -> PaperReport {
    let mut answers = "persona,question,split,model,option,truth,scale\n".to_owned();
    let mut verdicts =
        "persona,question,split,candidate,opponent,judge,rubric,criterion,score\n".to_owned();
    // The truth is 2 of 1 to 3.
    for (persona, split, question, base, tuned, of_base, of_tuned) in [
        ("p", "id", "Q1", 1, 2, 0.25, 0.75),
        ("p", "id", "Q2", 2, 2, 0.5, 0.5),
        ("q", "ood", "Q1", 3, 2, 0.0, 1.0),
        ("q", "ood", "Q2", 1, 1, 0.5, 0.0),
        ("r", "ood", "Q1", 2, 2, 0.5, 0.5),
        ("r", "ood", "Q2", 3, 2, 0.5, 0.5),
    ] {
        for (model, option) in [("base", base), ("tuned", tuned), ("big", 2)] {
            writeln!(
                answers,
                "{persona},{question},{split},{model},{option},2,1|2|3"
            )
            .unwrap();
        }
        for criterion in ["voice", "overall"] {
            for (model, score) in [("base", of_base), ("tuned", of_tuned)] {
                let score = if criterion == "voice" { 1.0 } else { score };
                writeln!(
                    verdicts,
                    "{persona},{question},{split},{model},big,j,r@1,{criterion},{score}"
                )
                .unwrap();
            }
        }
    }
    let answers = answers_io::read(
        Path::new("a.csv"),
        answers.as_bytes(),
        answers_io::Format::Csv,
    )
    .unwrap();
    let verdicts = verdicts_io::read(
        Path::new("v.csv"),
        verdicts.as_bytes(),
        verdicts_io::Format::Csv,
    )
    .unwrap();
    paper(&answers, &verdicts, options, Sigma::Population).unwrap()
}

fn pair() -> TransferOptions {
    TransferOptions {
        pairs: vec![("tuned".to_owned(), "base".to_owned())],
        ..TransferOptions::default()
    }
}

#[track_caller]
fn is(change: Change, base: f64, tuned: f64) {
    assert!((change.base.unwrap() - base).abs() < 1e-12, "{change:?}");
    assert!((change.tuned.unwrap() - tuned).abs() < 1e-12, "{change:?}");
}

#[test]
fn both_tables_by_hand() {
    let report = told(&pair());
    let splits: Vec<Option<&str>> = report.splits.iter().map(|s| s.split.as_deref()).collect();
    assert_eq!(splits, [Some("id"), Some("ood")]);
    let ood = &report.splits[1];
    assert_eq!(ood.tables.len(), 1);
    let table = &ood.tables[0];
    assert_eq!(table.criterion, "overall");
    // Base right in one of four, tuned in three; errors of half the range.
    is(table.rows[0].accuracy, 0.25, 0.75);
    is(table.rows[0].nmae, 0.375, 0.125);
    is(table.rows[0].win_rate, 0.375, 0.5);
    assert_eq!(table.mean.accuracy, table.rows[0].accuracy);
    let big = &table.others[0];
    assert_eq!((big.model.as_str(), big.base.as_deref()), ("big", None));
    assert_eq!(
        (big.accuracy.base, big.win_rate.base),
        (Some(1.0), Some(0.5))
    );
    // Personas: base 0 and 1/2, tuned 1/2 and 1.
    let fairness = &ood.fairness.rows[0];
    assert_eq!(fairness.personas, 2);
    is(fairness.accuracy_range, 1.0, 0.5);
    is(fairness.accuracy_cv, 1.0, 1.0 / 3.0);
    // NMAE: base 1/2 and 1/4, tuned 1/4 and 0.
    is(fairness.nmae_range, 0.5, 1.0);
    is(fairness.nmae_cv, 1.0 / 3.0, 1.0);
    let mut only = pair();
    only.scores.split = Some("ood".to_owned());
    assert_eq!(told(&only).splits, report.splits[1..]);
}

#[test]
fn the_notes_tell_of_answers_without_an_option_and_of_unstable_truths() {
    let told = |floor: f64, missing: Treatment| {
        let mut answers =
            "question,model,option,missing_reason,truth,truth_unstable,scale\n".to_owned();
        let mut verdicts = "question,candidate,opponent,criterion,outcome\n".to_owned();
        for (at, base) in ["1,", ",refused", ",failed", "2,"].into_iter().enumerate() {
            let unstable = if at == 0 { 0.2 } else { 0.0 };
            writeln!(answers, "Q{at},base,{base},2,{unstable},1|2").unwrap();
            writeln!(answers, "Q{at},tuned,2,,2,{unstable},1|2").unwrap();
            writeln!(verdicts, "Q{at},tuned,base,overall,win").unwrap();
        }
        let format = answers_io::Format::Csv;
        let answers = answers_io::read(Path::new("a.csv"), answers.as_bytes(), format).unwrap();
        let format = verdicts_io::Format::Csv;
        let verdicts = verdicts_io::read(Path::new("v.csv"), verdicts.as_bytes(), format).unwrap();
        let mut options = pair();
        options.scores.coverage_floor = floor;
        options.scores.missing = missing;
        paper(&answers, &verdicts, &options, Sigma::Sample).unwrap()
    };
    let report = told(0.7, Treatment::Wrong);
    is(report.splits[0].tables[0].rows[0].accuracy, 1.0 / 3.0, 1.0);
    assert_eq!(
        report.notes[..2],
        [
            "answers without an option count as wrong, and as the option farthest from the modal answer (--missing): base 33.3% refused, 0.0% unreadable",
            "the modal answer of 1 of 4 items is another one in more than 5% of resamples of the respondents; they count as any other (--unstable)",
        ]
    );
    assert!(report.notes[3].contains("(divided by one less than the number of personas)"));
    let report = told(0.95, Treatment::Excluded);
    let row = &report.splits[0].tables[0].rows[0];
    assert_eq!((row.accuracy.base, row.accuracy.tuned), (None, Some(1.0)));
    assert!(
        report.withheld[0].starts_with("the scores of base (3 of 4) are withheld"),
        "{:?}",
        report.withheld
    );
}

#[test]
fn a_number_that_the_tuned_model_lacks_is_not_the_bases() {
    let mut answers = "question,model,option,missing_reason,truth,scale\n".to_owned();
    let mut verdicts = "question,candidate,opponent,criterion,outcome\n".to_owned();
    for at in 0..4 {
        let tuned = if at < 2 { ",failed" } else { "2," };
        writeln!(answers, "Q{at},base,{},,2,1|2", 1 + at % 2).unwrap();
        writeln!(answers, "Q{at},tuned,{tuned},2,1|2").unwrap();
        writeln!(verdicts, "Q{at},tuned,base,overall,win").unwrap();
    }
    let format = answers_io::Format::Csv;
    let answers = answers_io::read(Path::new("a.csv"), answers.as_bytes(), format).unwrap();
    let format = verdicts_io::Format::Csv;
    let verdicts = verdicts_io::read(Path::new("v.csv"), verdicts.as_bytes(), format).unwrap();
    let report = paper(&answers, &verdicts, &pair(), Sigma::Population).unwrap();
    let markdown = crate::report::markdown::render_paper(&report);
    assert!(
        markdown.contains("| tuned | .500 → - | .500 → - |"),
        "{markdown}"
    );
}

#[test]
fn all_formats_hold_the_tables() {
    let report = told(&pair());
    let schema = crate::report::paper_schema();
    let value: serde_json::Value =
        serde_json::from_str(&crate::report::json::render_paper(&report)).unwrap();
    assert!(jsonschema::is_valid(
        &serde_json::from_str(&schema).unwrap(),
        &value
    ));
    let published = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/paper.schema.json");
    assert!(
        std::fs::read_to_string(published).unwrap_or_default() == schema,
        "docs/paper.schema.json is not the schema"
    );
    let csv = crate::report::csv::render_paper(&report);
    assert!(
        csv.contains("\nood,A,tuned,base,j,r@1,overall,accuracy,0.25,0.75,0.5,\n"),
        "{csv}"
    );
    assert!(
        csv.contains("\nood,B,mean,,,,,nmae_norm_range,0.5,1,0.5,\n"),
        "{csv}"
    );
    let markdown = crate::report::markdown::render_paper(&report);
    // A single pair has its mean too, as in the CSV.
    for model in ["tuned", "mean"] {
        assert!(
            markdown.contains(&format!("| {model} | .250 → .750 (+.500) |")),
            "{markdown}"
        );
    }
    assert_eq!(markdown.matches("| mean |").count(), 4, "{markdown}");
    let text = crate::report::table::render_paper(&report, crate::report::table::Style::default());
    assert!(
        text.contains("Table B") && text.contains(".375 → .125 (-.250)"),
        "{text}"
    );
}

#[test]
fn a_mean_over_some_of_the_pairs_says_so() {
    let mut answers = "question,model,option,truth,scale\n".to_owned();
    let mut verdicts = "question,candidate,opponent,criterion,outcome,missing_reason\n".to_owned();
    for at in 0..4 {
        for model in ["base_a", "tuned_a", "base_b", "tuned_b"] {
            writeln!(answers, "Q{at},{model},2,2,1|2").unwrap();
        }
        writeln!(verdicts, "Q{at},tuned_a,base_a,overall,win,").unwrap();
        let of_b = if at < 2 { "win," } else { "missing,failed" };
        writeln!(verdicts, "Q{at},tuned_b,base_b,overall,{of_b}").unwrap();
    }
    let format = answers_io::Format::Csv;
    let answers = answers_io::read(Path::new("a.csv"), answers.as_bytes(), format).unwrap();
    let format = verdicts_io::Format::Csv;
    let verdicts = verdicts_io::read(Path::new("v.csv"), verdicts.as_bytes(), format).unwrap();
    let options = TransferOptions::default();
    let report = paper(&answers, &verdicts, &options, Sigma::Population).unwrap();
    assert!(report.withheld[0].starts_with("the win rates of tuned_b against base_b are withheld"));
    let note = "the mean of win rate is over 1 of 2 pairs: no number for tuned_b";
    assert!(
        report.notes.iter().any(|known| known == note),
        "{:?}",
        report.notes
    );
}
