//! What stands beside the win rates, as people see it.

use super::agreement::by_title;
use super::*;
use crate::analysis::agreement::corrected_rates;
use crate::analysis::{Other, analyse_against};
use crate::study::IntervalMethod;
use crate::verdict::table_io::read_labels;

/// Three models that met on twelve questions, with lengths, in one order.
fn league(shift: usize) -> VerdictTable {
    let header = "question,candidate,opponent,criterion,outcome,candidate_chars,opponent_chars";
    let mut lines = vec![header.to_owned()];
    for question in 0..12 {
        for (i, (a, b)) in [("best", "mid"), ("best", "low"), ("mid", "low")]
            .iter()
            .enumerate()
        {
            let outcome = ["win", "win", "tie", "loss", "win"][(question * 7 + i * 3 + shift) % 5];
            let chars = (300 + question * 17 % 60, 300 + question * 29 % 70);
            lines.push(format!(
                "q{question},{a},{b},overall,{outcome},{},{}",
                chars.0, chars.1
            ));
        }
    }
    read(
        Path::new("league.csv"),
        lines.join("\n").as_bytes(),
        Format::Csv,
    )
    .unwrap()
}

/// What stands in a report from one heading on and before another.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap();
    let rest = &text[start..];
    let end = rest.find(&format!("\n{to}")).unwrap();
    rest[..end].trim_end()
}

#[test]
fn rows_of_strengths_and_corrected_rates_say_unit_seed_and_degrees_of_freedom() {
    let mut report = analyse(&league(0), None, &options()).unwrap();
    let mut labels = "question,candidate,opponent,criterion,outcome,annotator\n".to_owned();
    for question in 0..8 {
        labels += &["q", &question.to_string(), ",best,mid,overall,win,ann\n"].concat();
    }
    let labels = read_labels(Path::new("l.csv"), labels.as_bytes(), Format::Csv).unwrap();
    let seeded = Options {
        seed: Some(7),
        ..options()
    };
    report.corrected = corrected_rates(&league(0), &labels, &seeded).unwrap();
    let rows = by_title(&csv::render(&report));
    let of = |kind: &str| {
        let rows = rows.iter().filter(|row| row["estimate"] == kind);
        rows.collect::<Vec<_>>()
    };
    let strengths = [of("strength"), of("strength_difference")].concat();
    assert_eq!(strengths.len(), 6);
    for row in strengths {
        // Twelve questions.
        assert_eq!(row["degrees_of_freedom"], "11", "{row:?}");
        for title in ["estimand", "unit", "clusters", "method", "n_items", "seed"] {
            assert!(!row[title].is_empty(), "{title}: {row:?}");
        }
    }
    let corrected = of("corrected");
    assert!(!corrected.is_empty());
    for row in corrected {
        assert_eq!([&*row["unit"], &*row["seed"]], ["item (one question)", "7"]);
    }
}

#[test]
fn a_leaderboard_for_a_terminal() {
    let mut options = options();
    options.sections.reference = Some("low".to_owned());
    let report = analyse(&league(0), None, &options).unwrap();
    assert_snapshot!(between(&text(&report), "Leaderboard by", "best vs mid"), @r"
    Leaderboard by judge judge, rubric unknown
    ──────────────────────────────────────────

    overall
    Bradley-Terry strengths in log odds, from 36 comparisons of two models on 12 items; 19.4% of
    judgments are ties. Intervals (95%) speak of questions like these; ranks are those that intervals
    over all pairs at once leave open.

    model  rank  ranks  strength        interval  expected win     wins   interval  p adj  comparisons
                                                          rate  against
                                                                    low
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    best      1    1–2     +0.53  +0.16 to +0.90         68.7%    73.2%  61.2–82.5  0.004           24
    mid       2    1–3     -0.06  -0.55 to +0.43         47.9%    60.2%  40.8–76.8  0.271           24
    low       3    2–3     -0.47  -0.84 to -0.10         33.3%        -          -      -           24
    ");
}

#[test]
fn length_and_differences_for_a_terminal() {
    let report = analyse(&league(0), None, &options()).unwrap();
    let shown = text(&report);
    assert_snapshot!(between(&shown, "best vs mid", "Other rules"), @"
    best vs mid
    ───────────

    Win rate of best by judge judge, rubric unknown. The 95% interval speaks of questions like these
    (from 12 questions).

    criterion  win rate  95% interval  W/T/L  missing  items  flips      p  p adj  p adj models
    ────────────────────────────────────────────────────────────────────────────────────────────
    overall       70.8%     43.4–88.5  7/3/2        0     12      -  0.126  0.126         0.252

    Smallest win rate that such a study finds four times in five: overall 85.5%.

    At equal length
    criterion  win rate  controlled  95% interval  p  taste for length  interval  p
    ────────────────────────────────────────────────────────────────────────────────
    overall       70.8%       83.7%             -  -             +2.49         -  -

    - overall: losses in questions add up to 3.5 of 12; from fewer than 5 for each slope that is fitted,
      errors come out far too small, so there are no intervals and no p-values here.
    ");
    assert_snapshot!(between(&shown, "Differences", "Models"), @r"
    Differences
    ───────────

    best less low, each against mid (judge judge, rubric unknown). The 95% interval speaks of questions
    like these.

    criterion  first  second  difference   95% interval  items      p  p adj
    ─────────────────────────────────────────────────────────────────────────
    overall    70.8%   33.3%       +37.5  -6.5 to +69.3     12  0.088  0.088

    mid less low, each against best (judge judge, rubric unknown). The 95% interval speaks of questions
    like these.

    criterion  first  second  difference    95% interval  items      p  p adj
    ──────────────────────────────────────────────────────────────────────────
    overall    29.2%   33.3%        -4.2  -46.5 to +39.7     12  0.852  0.852

    best less mid, each against low (judge judge, rubric unknown). The 95% interval speaks of questions
    like these.

    criterion  first  second  difference    95% interval  items      p  p adj
    ──────────────────────────────────────────────────────────────────────────
    overall    66.7%   66.7%        +0.0  -45.2 to +45.2     12  1.000  1.000
    ");
}

#[test]
fn a_difficulty_stands_with_the_controls() {
    let mut table = league(0);
    table.covariates.push("hard".to_owned());
    for (i, item) in table.items.iter_mut().enumerate() {
        let question = std::sync::Arc::make_mut(&mut item.question);
        question.covariates = vec![Some((i * 5 % 7).to_string().into())].into();
    }
    let mut options = options();
    options.sections.difficulty = Some("x.hard".to_owned());
    let report = analyse(&table, None, &options).unwrap();
    let control = report.comparisons[0].style_control.as_ref().unwrap();
    let slope = control.difficulty.as_ref().unwrap().slope.unwrap();
    let shown = text(&report);
    let at_equal_length = between(
        &shown,
        "At equal length, allowing for x.hard",
        "Other rules",
    );
    let row = at_equal_length
        .lines()
        .find(|line| line.contains("x.hard (difficulty)"))
        .unwrap_or_else(|| panic!("{at_equal_length}"));
    assert!(row.contains(&format!("{slope:+.2}")), "{row}");
    assert!(
        at_equal_length.contains("criterion  control"),
        "{at_equal_length}"
    );
}

#[test]
fn the_level_at_equal_length_is_the_reports_where_there_is_no_headline_interval() {
    let options = Options {
        level: 0.9,
        // Not made where some item is tied.
        interval: IntervalMethod::ClopperPearson,
        ..options()
    };
    let report = analyse(&league(0), None, &options).unwrap();
    assert!(report.comparisons[0].interval.is_none());
    let shown = text(&report);
    let at_equal_length = between(&shown, "At equal length", "Other rules");
    assert!(
        at_equal_length.contains("controlled  90% interval"),
        "{at_equal_length}"
    );
}

/// Ten models that met `gpt` on ten questions, and not each other.
fn many_candidates() -> VerdictTable {
    let mut lines = vec!["question,candidate,opponent,criterion,outcome".to_owned()];
    for model in 0..10 {
        for question in 0..10 {
            let outcome = ["win", "tie", "loss"][(question * 7 + model * (question % 3)) % 3];
            lines.push(format!("q{question},m{model},gpt,overall,{outcome}"));
        }
    }
    read(
        Path::new("many.csv"),
        lines.join("\n").as_bytes(),
        Format::Csv,
    )
    .unwrap()
}

#[test]
fn many_models_less_one_baseline_stand_in_one_table() {
    let mut options = options();
    options.sections.reference = Some("m0".to_owned());
    let report = analyse(&many_candidates(), None, &options).unwrap();
    let shown = text(&report);
    assert_snapshot!(between(&shown, "Differences", "Models"), @r"
    Differences
    ───────────

    Each model less m0, each against gpt (judge judge, rubric unknown). The 95% interval speaks of
    questions like these.

    model  criterion   first  second  difference    95% interval  items      p  p adj
    ──────────────────────────────────────────────────────────────────────────────────
    m1     overall     55.0%   55.0%        +0.0  -28.0 to +28.0     10  1.000  1.000
    m2     overall    100.0%   55.0%       +45.0  +10.1 to +70.0     10  0.018  0.158
    m3     overall     55.0%   55.0%        +0.0  -58.2 to +58.2     10  1.000  1.000
    m4     overall     55.0%   55.0%        +0.0  -28.0 to +28.0     10  1.000  1.000
    m5     overall    100.0%   55.0%       +45.0  +10.1 to +70.0     10  0.018  0.158
    m6     overall     55.0%   55.0%        +0.0  -58.2 to +58.2     10  1.000  1.000
    m7     overall     55.0%   55.0%        +0.0  -28.0 to +28.0     10  1.000  1.000
    m8     overall    100.0%   55.0%       +45.0  +10.1 to +70.0     10  0.018  0.158
    m9     overall     55.0%   55.0%        +0.0  -58.2 to +58.2     10  1.000  1.000
    ");
}

#[test]
fn differences_to_another_run_for_a_terminal() {
    let there = league(1);
    let other = Other {
        here: "new".to_owned(),
        there: "old".to_owned(),
        table: &there,
        same: Vec::new(),
    };
    let report = analyse_against(&league(0), None, &options(), Some(&other)).unwrap();
    assert_snapshot!(between(&text(&report), "Differences to old", "Leaderboard by"), @r"
    Differences to old
    ──────────────────

    In both are 12 items (same id, persona and question); 0 only here, 0 only there. All numbers of this
    section are over items with a score in both.

    best against mid in new less the same in old. The 95% interval speaks of questions like these.

    criterion  first  second  difference    95% interval  items      p  p adj
    ──────────────────────────────────────────────────────────────────────────
    overall    70.8%   66.7%        +4.2  -28.8 to +36.3     12  0.795  0.795

    best against low in new less the same in old. The 95% interval speaks of questions like these.

    criterion  first  second  difference    95% interval  items      p  p adj
    ──────────────────────────────────────────────────────────────────────────
    overall    66.7%   75.0%        -8.3  -42.7 to +28.2     12  0.639  0.639

    mid against low in new less the same in old. The 95% interval speaks of questions like these.

    criterion  first  second  difference    95% interval  items      p  p adj
    ──────────────────────────────────────────────────────────────────────────
    overall    66.7%   70.8%        -4.2  -40.3 to +33.0     12  0.820  0.820
    ");
}

/// Three models on questions of templates, asked of two groups in two phrasings.
fn everything() -> VerdictTable {
    let header = "persona,group.sex,question,x.template,variant,candidate,opponent,criterion,outcome,candidate_chars,opponent_chars";
    let mut lines = vec![header.to_owned()];
    for n in 0..2 * 6 * 30 {
        let (variant, persona, question) = (n % 2, n / 2 % 6, n / 12);
        for (i, (a, b)) in [("best", "mid"), ("best", "low"), ("mid", "low")]
            .iter()
            .enumerate()
        {
            let outcome = ["win", "win", "tie", "loss", "win", "loss", "win"]
                [(question * 5 + i * 3 + persona * 2 + variant) % 7];
            let chars = (300 + n * 17 % 60, 300 + n * 29 % 70);
            lines.push(format!(
                "p{persona},{},q{question},t{},v{variant},{a},{b},overall,{outcome},{},{}",
                ["f", "m"][persona % 2],
                question / 3,
                chars.0,
                chars.1
            ));
        }
    }
    let text = lines.join("\n");
    read(Path::new("v.csv"), text.as_bytes(), Format::Csv).unwrap()
}

#[test]
fn every_interval_of_the_csv_says_of_what_it_is() {
    let report = analyse(&everything(), None, &options()).unwrap();
    let text = csv::render(&report);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let titles = reader.headers().unwrap().clone();
    let place = |name: &str| titles.iter().position(|title| title == name).unwrap();
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut kinds: Vec<&str> = Vec::new();
    for row in &rows {
        let kind = &row[place("estimate")];
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
        let mut wanted = Vec::new();
        if !row[place("low")].is_empty() {
            wanted = vec![
                "estimand",
                "unit",
                "clusters",
                "method",
                "n_items",
                "confidence",
            ];
        }
        if !row[place("p_adjusted")].is_empty() {
            wanted.push("adjustment");
        }
        if [
            "homogeneity",
            "spread",
            "gap",
            "worst",
            "phrasing_range",
            "phrasing_spread",
        ]
        .contains(&kind)
        {
            wanted.extend(["seed", "n_items", "levels_compared"]);
        }
        for name in wanted {
            assert!(!row[place(name)].is_empty(), "{name} of {kind}: {row:?}");
        }
        let number = |name: &str| row[place(name)].parse::<f64>().unwrap();
        match kind {
            "strength_difference" => {
                let outside = number("low") > 0.0 || number("high") < 0.0;
                assert_eq!(outside, number("p_value") < 0.05, "{row:?}");
                assert!(number("simultaneous_low") < number("low"));
                assert!(number("high") < number("simultaneous_high"));
                assert!(number("standard_error") > 0.0);
            }
            "spread" | "phrasing_spread" => {
                assert_eq!(&row[place("expected_if_equal")], "");
                assert!(number("deviation") >= 0.0 && number("deviation_if_equal") > 0.0);
            }
            _ => {}
        }
    }
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            "difference",
            "gap",
            "homogeneity",
            "level_difference",
            "model",
            "phrasing_range",
            "phrasing_spread",
            "spread",
            "strength",
            "strength_difference",
            "taste",
            "win_rate",
            "worst"
        ]
    );
}

#[test]
fn why_a_taste_has_no_interval_is_said_in_the_csv() {
    let report = analyse(&league(0), None, &options()).unwrap();
    let control = report.comparisons[0].style_control.as_ref().unwrap();
    let why = control.sentence.as_deref().unwrap();
    assert!(control.slopes[0].interval.is_none() && why.ends_with("no p-values here"));
    let text = csv::render(&report);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|title| title == name).unwrap();
    let mut rows = reader.records().map(Result::unwrap);
    let taste = rows
        .find(|row| &row[column("estimate")] == "taste")
        .unwrap();
    assert_eq!(&taste[column("no_interval")], why);
    assert!(taste[column("low")].is_empty());
}

#[test]
fn a_column_that_stands_for_the_questions_is_said_with_how_many_values_it_has() {
    let options = Options {
        cluster: Some(vec!["x.template".to_owned()]),
        ..options()
    };
    let shown = text(&analyse(&everything(), None, &options).unwrap());
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        shown.contains("(from 10 values of x.template, 30 questions and 6 personas)"),
        "{shown}"
    );
}

#[test]
fn differences_and_strengths_are_rows_of_the_csv_and_satisfy_the_schema() {
    let report = analyse(&league(0), None, &options()).unwrap();
    let text = csv::render(&report);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let column = |name: &str, reader: &mut ::csv::Reader<&[u8]>| {
        reader
            .headers()
            .unwrap()
            .iter()
            .position(|title| title == name)
            .unwrap()
    };
    let (kind, strength) = (
        column("estimate", &mut reader),
        column("strength", &mut reader),
    );
    let (difference, controlled) = (
        column("difference", &mut reader),
        column("controlled", &mut reader),
    );
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of = |wanted: &str| {
        rows.iter()
            .filter(|row| &row[kind] == wanted)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (
            of("win_rate").len(),
            of("difference").len(),
            of("strength").len()
        ),
        (3, 3, 3)
    );
    assert!(
        of("strength")
            .iter()
            .all(|row| row[strength].parse::<f64>().is_ok())
    );
    assert!(
        of("difference")
            .iter()
            .all(|row| row[difference].parse::<f64>().is_ok())
    );
    assert!(
        of("win_rate")
            .iter()
            .all(|row| row[controlled].parse::<f64>().is_ok())
    );
    let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&json::render(&report)).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&value));
}

/// Two candidates that met one model, with personas of two sexes.
fn of_two_sexes() -> Report {
    let header = "persona,question,candidate,opponent,criterion,outcome,group.sex";
    let mut lines = vec![header.to_owned()];
    for persona in 0..4 {
        for question in 0..12 {
            for (i, candidate) in ["tuned", "base"].iter().enumerate() {
                let sex = ["f", "m"][persona % 2];
                let hash = question * 7 + i * 3 + persona * (question % 3 + i);
                let outcome = ["win", "tie", "loss", "win", "loss"][hash % 5];
                lines.push(format!(
                    "p{persona},q{question},{candidate},gpt,overall,{outcome},{sex}"
                ));
            }
        }
    }
    let table = read(
        Path::new("sexes.csv"),
        lines.join("\n").as_bytes(),
        Format::Csv,
    );
    analyse(&table.unwrap(), None, &options()).unwrap()
}

/// The rows of one kind of estimate, by column.
fn rows_of(report: &Report, estimate: &str) -> Vec<std::collections::HashMap<String, String>> {
    let text = csv::render(report);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize::<std::collections::HashMap<String, String>>();
    let rows = rows.map(Result::unwrap);
    rows.filter(|row| row["estimate"] == estimate).collect()
}

#[test]
fn what_a_difference_is_in_each_level_stands_in_every_format() {
    let report = of_two_sexes();
    let section = &report.differences[0].subgroups[0];
    assert_eq!(section.levels.len(), 2);
    let rows = rows_of(&report, "level_difference");
    assert_eq!(rows.len(), 2);
    for (row, level) in rows.iter().zip(&section.levels) {
        let limits = level.interval.unwrap();
        for (column, expected) in [
            ("contrast", report.differences[0].contrast.clone()),
            ("dimension", "sex".to_owned()),
            ("level", level.levels[0].clone()),
            ("n_items", level.n_items.to_string()),
            ("difference", level.estimate.unwrap().to_string()),
            ("low", limits.low.to_string()),
            ("high", limits.high.to_string()),
            ("pooled", level.pooled.unwrap().to_string()),
            ("method", "design_effect_wilson".to_owned()),
            ("clusters", "question".to_owned()),
            ("confidence", "0.95".to_owned()),
            ("unit", section.unit.clone()),
            ("seed", section.seed.to_string()),
            ("estimand", section.estimand.clone()),
        ] {
            assert_eq!(row[column], expected, "{column}");
        }
    }
    let shown = |text: &str| {
        let sentence = text.find("largest gap").unwrap();
        assert!(text[sentence..].contains("; highest "), "{text}");
    };
    shown(&section.sentence);
    assert_snapshot!(between(&text(&report), "Differences", "Models"), @r"
    Differences
    ───────────

    tuned less base, each against gpt (judge judge, rubric unknown). The 95% interval speaks of
    questions and personas like these.

    criterion  first  second  difference    95% interval  items      p  p adj
    ──────────────────────────────────────────────────────────────────────────
    overall    55.2%   50.0%        +5.2  -22.0 to +31.7     48  0.595  0.595

    - overall by sex: no evidence that levels differ (p adj 0.305); largest gap 18.8 points (0.0 to
      52.0), 12.2 to expect without any difference; highest m at 14.6 points; lowest f at -4.2 points
      (-25.8 to 17.8).

    criterion  by   level  difference    95% interval  pooled  items
    ─────────────────────────────────────────────────────────────────
    overall    sex  f            -4.2  -22.6 to +14.6    +1.1     24
    overall    sex  m           +14.6  -16.0 to +42.6    +7.6     24
    ");
    let markdown = markdown::render(&report, Detail::Full);
    assert!(markdown.contains("| overall | sex | f |"), "{markdown}");
    // The short report has the sentence alone.
    let short = table::render(&report, Detail::Short, table::Style::default());
    assert!(!between(&short, "Differences", "Models").contains("pooled"));
}

#[test]
fn rows_on_how_levels_differ_say_what_they_estimate() {
    let report = of_two_sexes();
    let of_rates = "mean over the items of each level of the candidate's score";
    let of_differences = "mean over the items of each level of the difference of two scores";
    for (estimate, start) in [
        ("homogeneity", "whether this is the same in all levels: "),
        (
            "spread",
            "standard deviation over levels, noise taken out, of this: ",
        ),
        ("gap", "the highest level less the lowest, in this: "),
        ("worst", "the lowest level, in this: "),
    ] {
        let estimands: Vec<String> = rows_of(&report, estimate)
            .iter()
            .map(|row| row["estimand"].clone())
            .collect();
        let expected = [of_rates, of_rates, of_differences].map(|of| format!("{start}{of}"));
        assert_eq!(estimands, expected, "{estimate}");
    }
}
