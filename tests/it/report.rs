//! `oyer report` on tables that people bring.

use crate::support::home::Home;

/// Four questions from two templates, two personas, both orders.
fn table() -> String {
    let header =
        "persona,question,candidate,opponent,criterion,order,outcome,x.template,group.sex\n";
    let mut text = header.to_owned();
    for (p, persona) in ["p1", "p2"].iter().enumerate() {
        for q in 0..4_usize {
            for (o, order) in ["candidate_first", "opponent_first"].iter().enumerate() {
                let outcome = ["win", "win", "loss", "tie", "win"][(p + 2 * q + o) % 5];
                let sex = ["f", "m"][p];
                let (question, template) = (format!("q{q}"), format!("t{}", q / 2));
                let cells = [
                    *persona,
                    &question,
                    "tuned,base,overall",
                    *order,
                    outcome,
                    &template,
                    sex,
                ];
                text += &cells.join(",");
                text.push('\n');
            }
        }
    }
    text
}

fn home() -> Home {
    let home = Home::new();
    home.write("v.csv", table());
    home
}

#[test]
fn flags_choose_method_clusters_margin_and_adjustment() {
    let ran = home().oyer(&[
        "report",
        "v.csv",
        "--format",
        "json",
        "--interval",
        "t",
        "--cluster",
        "x.template,persona",
        "--margin",
        "0.1",
        "--adjust",
        "by",
        "--level",
        "0.9",
        "--min-items",
        "2",
    ]);
    let report = ran.expect(0).json();
    let comparison = &report["comparisons"][0];
    assert_eq!(comparison["interval"]["method"], "t");
    assert_eq!(comparison["interval"]["level"], 0.9);
    assert_eq!(
        comparison["interval"]["clusters"],
        serde_json::json!(["x.template", "persona"])
    );
    assert_eq!(comparison["equivalence"]["margin"], 0.1);
    assert_eq!(report["study"]["interval"], "t");
    assert_eq!(
        report["groups"][0]["adjustment"]["method"],
        "benjamini_yekutieli"
    );
}

#[test]
fn a_margin_adds_what_the_tests_find() {
    let home = home();
    let plain = home.oyer(&["report", "v.csv"]).expect(0);
    assert!(!plain.stdout.contains("Finding"));
    let ran = home
        .oyer(&["report", "v.csv", "--margin", "0.05"])
        .expect(0);
    let found = "Finding for overall: no evidence of a difference.";
    assert!(ran.stdout.contains(found), "{}", ran.stdout);
}

#[test]
fn columns_and_methods_that_do_not_exist_are_refused() {
    let home = home();
    let said = |flags: &[&str]| {
        let arguments = [&["report", "v.csv"], flags].concat();
        home.oyer(&arguments).expect(2).stderr
    };
    let cluster = said(&["--cluster", "x.templates"]);
    assert!(cluster.contains("did you mean `x.template`?"), "{cluster}");
    let interval = said(&["--interval", "bootstrap"]);
    assert!(interval.contains("bootstrap-percentile"), "{interval}");
    for margin in ["0", "0.5", "much"] {
        assert!(said(&["--margin", margin]).contains("--margin"));
    }
}

#[test]
fn rows_that_cannot_be_right_are_refused_with_their_place() {
    let home = Home::new();
    let said = |rows: &str| {
        home.write("v.csv", rows);
        home.oyer(&["report", "v.csv"]).expect(2).stderr
    };
    let header = "question,candidate,opponent,criterion,outcome";
    let outcome = said(&format!("{header}\nq1,a,b,c,victory\n"));
    assert!(
        outcome.contains("v.csv:2") && outcome.contains("victory"),
        "{outcome}"
    );
    let score = said("question,candidate,opponent,criterion,score\nq1,a,b,c,1.5\n");
    assert!(
        score.contains("v.csv:2") && score.contains("1.5"),
        "{score}"
    );
    let clusters = said(
        "question,candidate,opponent,criterion,order,outcome,x.template\n\
         q1,a,b,c,candidate_first,win,t1\nq1,a,b,c,opponent_first,win,t2\n",
    );
    assert!(
        clusters.contains("v.csv:3") && clusters.contains("`t2` here and `t1` in an earlier row"),
        "{clusters}"
    );
    let empty = said("");
    assert!(empty.contains("the file is empty"), "{empty}");
}

#[test]
fn a_table_without_rows_is_reported_as_empty_and_not_as_done() {
    let home = Home::new();
    home.write("v.csv", "question,candidate,opponent,criterion,outcome\n");
    let ran = home.oyer(&["report", "v.csv"]).expect(3);
    assert!(
        ran.stdout.contains("there are no judgments"),
        "{}",
        ran.stdout
    );
}

#[test]
fn under_the_coverage_floor_the_exit_code_says_so() {
    let home = Home::new();
    let rows = table().replacen(",win,", ",missing,", 3);
    home.write("v.csv", rows);
    let ran = home.oyer(&["report", "v.csv"]).expect(3);
    assert!(ran.stdout.contains("withheld"), "{}", ran.stdout);
    home.oyer(&["report", "v.csv", "--coverage-floor", "0.5"])
        .expect(0);
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let home = home();
    let with = |threads: &str, interval: &str| {
        let arguments = [
            "report",
            "v.csv",
            "--format",
            "json",
            "--interval",
            interval,
        ];
        home.oyer_with(&arguments, &[("RAYON_NUM_THREADS", threads)])
            .expect(0)
            .stdout
    };
    for interval in ["design-effect-wilson", "bootstrap-percentile"] {
        let one = with("1", interval);
        assert_eq!(one, with("2", interval));
        assert_eq!(one, with("16", interval));
    }
}

/// Four models, every two of them on six items of two personas.
fn league() -> Home {
    let models = ["a", "b", "c", "d"];
    let mut text =
        "persona,question,candidate,opponent,criterion,order,outcome,group.sex\n".to_owned();
    for (i, candidate) in models.iter().enumerate() {
        for (j, opponent) in models.iter().enumerate().skip(i + 1) {
            for n in 0..24_usize {
                let (persona, sex) = [("p1", "f"), ("p2", "m")][n % 2];
                let order = ["candidate_first", "opponent_first"][n / 2 % 2];
                let outcome = ["win", "loss", "win", "tie", "win"][(n * n + i + 3 * j) % 5];
                let question = n / 4;
                let row = format!("{persona},q{question},{candidate},{opponent},overall,{order}");
                text += &format_args!("{row},{outcome},{sex}\n").to_string();
            }
        }
    }
    let home = Home::new();
    home.write("league.csv", text);
    home
}

#[test]
fn pairs_behind_a_leaderboard_stand_in_one_table_until_all_is_asked_for() {
    let home = league();
    let short = home.oyer(&["report", "league.csv"]).expect(0).stdout;
    assert!(short.contains("6 comparisons of two models."), "{short}");
    assert_eq!(short.matches("Order of the answers").count(), 0);
    let pair = |line: &&str| line.starts_with("a      b") && line.contains('%');
    assert_eq!(short.lines().filter(pair).count(), 1, "{short}");
    let full = home
        .oyer(&["report", "league.csv", "--full"])
        .expect(0)
        .stdout;
    assert_eq!(full.matches("Order of the answers").count(), 6);
    assert!(full.contains("a vs b") && full.contains("c vs d"), "{full}");
}

#[test]
fn a_report_as_csv_holds_how_levels_differ_the_pairs_and_the_models() {
    let home = league();
    let flags = [
        "report",
        "league.csv",
        "--min-items",
        "2",
        "--format",
        "csv",
    ];
    let text = home.oyer(&flags).expect(0).stdout;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let titles = reader.headers().unwrap().clone();
    let place = |name: &str| titles.iter().position(|title| title == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of = |estimate: &str| -> Vec<&csv::StringRecord> {
        let estimates = rows
            .iter()
            .filter(|row| &row[place("estimate")] == estimate);
        estimates.collect()
    };
    for (estimate, n) in [
        ("win_rate", 6 + 12),
        ("strength", 4),
        ("strength_difference", 6),
        ("homogeneity", 6),
        ("gap", 6),
        ("worst", 6),
        ("model", 4),
    ] {
        assert_eq!(of(estimate).len(), n, "{estimate}");
    }
    let gap = of("gap")[0];
    let number = |row: &csv::StringRecord, name: &str| row[place(name)].parse::<f64>().unwrap();
    assert!(
        number(gap, "low") <= number(gap, "value") && number(gap, "value") <= number(gap, "high")
    );
    assert_eq!(&gap[place("method")], "max_t");
    let homogeneity = of("homogeneity")[0];
    assert!((0.0..=1.0).contains(&number(homogeneity, "p_value")));
    assert_eq!(&of("model")[0][place("missing")], "0");
}

#[test]
fn a_seed_moves_what_is_drawn_and_nothing_else() {
    let home = home();
    let low = |seed: &str| {
        let flags = [
            "report",
            "v.csv",
            "--interval",
            "bootstrap-percentile",
            "--seed",
            seed,
        ];
        let report = home
            .oyer(&[&flags[..], &["--format", "json"]].concat())
            .expect(0)
            .json();
        let c = &report["comparisons"][0];
        assert_eq!(c["interval"]["seed"].to_string(), seed);
        (
            c["win_rate"].to_string(),
            c["interval"]["low"].as_f64().unwrap(),
        )
    };
    assert_eq!(low("3"), low("3"));
    assert_eq!(low("3").0, low("4").0);
}

#[test]
fn a_win_rate_that_is_withheld_is_named_where_others_are_shown() {
    let home = Home::new();
    let rows = (0..40).map(|q| {
        let outcome = ["win", "missing"][q % 2];
        format!("q{q},a,b,voice,win\nq{q},a,b,values,{outcome}\n")
    });
    let header = "question,candidate,opponent,criterion,outcome\n".to_owned();
    let table = header + &rows.collect::<String>();
    home.write("v.csv", &table);
    let said = home.oyer(&["report", "v.csv"]).expect(3).stderr;
    assert!(said.trim_end().ends_with("(of a vs b, values)"), "{said}");
    home.write("v.csv", table.replace("voice,win", "voice,missing"));
    let said = home.oyer(&["report", "v.csv"]).expect(3).stderr;
    assert!(!said.contains("(of "), "{said}");
}
