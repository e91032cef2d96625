//! `oyer plan` at the command line.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::home::Home;

/// The rows of the first plan that tell what is needed.
fn needed(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let mut all = vec!["plan", "--format", "json"];
    all.extend(arguments);
    let said = home.oyer(&all).expect(0).json();
    said["plans"][0]["needed"].as_array().expect("rows").clone()
}

#[test]
fn independent_questions_need_what_the_formula_says() {
    let rows = needed(
        &Home::new(),
        &[
            "--effect",
            "0.55",
            "--personas",
            "1",
            "--icc-question",
            "0",
            "--icc-persona",
            "0",
        ],
    );
    // Variance .15 over both orders and .25 for one, at a rate near one half.
    let questions: Vec<u64> = rows
        .iter()
        .filter_map(|row| row["questions"].as_u64())
        .collect();
    assert_eq!(questions, [472, 785]);
    let judgments: Vec<u64> = rows
        .iter()
        .filter_map(|row| row["judgments"].as_u64())
        .collect();
    assert_eq!(judgments, [944, 785]);
}

#[test]
fn an_effect_that_ties_leave_no_room_for_is_refused() {
    let home = Home::new();
    for effect in ["0.55", "0.45"] {
        let run = home.oyer(&["plan", "--effect", effect, "--ties", "0.99"]);
        let said = run.expect(2).stderr;
        assert!(
            said.contains("with --ties 0.99 a win rate is from 0.495 to 0.505"),
            "{said}"
        );
    }
    home.oyer(&["plan", "--effect", "0.55", "--ties", "0.9"])
        .expect(0);
}

/// There is nothing that several personas differ by.
#[test]
fn items_of_one_persona_are_planned_for_as_independent() {
    let home = Home::new();
    let questions = |effect: &str, more: &[&str]| {
        let arguments = [&["--effect", effect, "--personas", "1"], more].concat();
        let rows = needed(&home, &arguments);
        for row in &rows {
            let effect = row["design_effect"].as_f64().expect("a design effect");
            assert!((effect - 1.0).abs() < 1e-9, "{row}");
        }
        rows.iter()
            .filter_map(|row| row["questions"].as_u64())
            .collect::<Vec<_>>()
    };
    assert_eq!(questions("0.55", &[]), [472, 785]);
    assert_eq!(questions("0.6", &[])[0], 119);
    assert_eq!(questions("0.55", &["--icc-persona", "0.2"]), [472, 785]);
    let none = ["plan", "--questions", "472", "--effect", "0.55"];
    let none = home.oyer(&none).expect(0).stdout;
    assert!(none.contains("1.00"), "{none}");
    assert!(!none.contains("0.95"), "{none}");
    // A persona correlation that matters is still assumed.
    let several = ["plan", "--effect", "0.55", "--personas", "12"];
    let several = home.oyer(&several).expect(0).stdout;
    assert!(several.contains("of one persona 0.050"), "{several}");
    assert!(!none.contains("persona correlation"), "{none}");
}

#[test]
fn a_rate_below_one_half_is_refused_where_only_one_above_it_is_found() {
    let home = Home::new();
    let arguments = ["plan", "--effect", "0.4", "--one-sided", "--personas", "1"];
    let said = home.oyer(&arguments).expect(2).stderr;
    assert!(
        said.contains("--one-sided finds only win rates above one half, and --effect 0.4 is below"),
        "{said}"
    );
    assert!(said.contains("0.6"), "{said}");
    home.oyer(&["plan", "--effect", "0.4", "--personas", "1"])
        .expect(0);
}

#[test]
fn headings_stand_apart_however_long_they_are() {
    let home = Home::new();
    let arguments = ["plan", "--effect", "0.5001", "--questions", "1000"];
    let arguments = [&arguments[..], &["--personas", "1", "--fixed-personas"]].concat();
    let said = home.oyer(&arguments).expect(0).stdout;
    assert!(said.contains("smallest found  power at 50.01%\n"), "{said}");
    let heading = said.lines().find(|line| line.contains("power at")).unwrap();
    let row = said
        .lines()
        .rfind(|line| line.starts_with("  both"))
        .unwrap();
    assert_eq!(heading.len(), row.len(), "{said}");
}

#[test]
fn what_is_needed_is_what_finds_it() {
    let home = Home::new();
    let rows = needed(
        &home,
        &["--effect", "0.58", "--personas", "24", "--power", "0.9"],
    );
    for row in &rows {
        let questions = row["questions"].as_u64().expect("questions").to_string();
        let given = home
            .oyer(&[
                "plan",
                "--effect",
                "0.58",
                "--power",
                "0.9",
                "--questions",
                &questions,
                "--personas",
                "24",
                "--format",
                "json",
            ])
            .expect(0)
            .json();
        let given = given["plans"][0]["given"].as_array().expect("rows");
        let same = given
            .iter()
            .find(|given| given["orders"] == row["orders"])
            .expect("a row");
        assert!(same["power"].as_f64().unwrap() >= 0.9, "{same}");
        assert!(
            same["smallest_detectable"].as_f64().unwrap() <= 0.58,
            "{same}"
        );
    }
}

#[test]
fn a_pilot_gives_the_scatter_and_flags_win_over_it() {
    let home = Home::new();
    let mut table = "question,persona,candidate,opponent,criterion,order,outcome\n".to_owned();
    for question in 0..30 {
        for persona in 0..4 {
            for (order, place) in [("candidate_first", 0), ("opponent_first", 1)] {
                let win = (question * 7 + persona * 3 + place) % 5 < 3;
                let outcome = if win { "win" } else { "loss" };
                // Writing to a string cannot fail.
                let _ = writeln!(table, "q{question},p{persona},a,b,c,{order},{outcome}");
            }
        }
    }
    home.write("pilot.csv", table);
    let arguments = [
        "plan",
        "--effect",
        "0.6",
        "--pilot",
        "pilot.csv",
        "--format",
        "json",
    ];
    let said = home.oyer(&arguments).expect(0).json();
    let plan = &said["plans"][0];
    assert_eq!(plan["pilot"]["items"], 120);
    assert_eq!(plan["pilot"]["personas"], 4);
    assert_eq!(plan["needed"][0]["personas"], 4);
    let measured = plan["inputs"]["order_correlation"].as_f64().unwrap();
    assert!(
        (measured - 0.2).abs() > 1e-6,
        "it is the one that is assumed"
    );
    let mut changed = arguments.to_vec();
    changed.extend(["--order-correlation", "-0.25", "--design-effect", "2"]);
    let said = home.oyer(&changed).expect(0).json();
    assert_eq!(said["plans"][0]["inputs"]["order_correlation"], -0.25);
    assert_eq!(said["plans"][0]["inputs"]["design_effect"], 2.0);
    let ran = home.oyer(&[
        "plan",
        "--effect",
        "0.6",
        "--pilot",
        "pilot.csv",
        "--criterion",
        "x",
    ]);
    assert!(ran.expect(2).stderr.contains("it has c"));
}

#[test]
fn a_plan_is_for_the_samples_and_repeats_of_its_pilot_and_counts_them() {
    let home = Home::new();
    let mut table =
        "question,candidate,opponent,criterion,order,sample,repeat,outcome\n".to_owned();
    for question in 0..40 {
        for place in 0..12 {
            let (order, sample, repeat) = (place % 2, place / 2 % 2 + 1, place / 4 + 1);
            let order = ["candidate_first", "opponent_first"][order];
            let win = (question * 7 + place * 5 + question * place) % 11 < 6;
            let outcome = if win { "win" } else { "loss" };
            let _ = writeln!(
                table,
                "q{question},a,b,c,{order},{sample},{repeat},{outcome}"
            );
        }
    }
    home.write("pilot.csv", table);
    let arguments = ["plan", "--effect", "0.6", "--pilot", "pilot.csv"];
    let said = home.oyer(&arguments).expect(0).stdout;
    assert!(
        said.contains("2 samples of each answer, judged 3 times in each order, as in the pilot"),
        "{said}"
    );
    let mut json = arguments.to_vec();
    json.extend(["--format", "json"]);
    let plan = home.oyer(&json).expect(0).json()["plans"][0].clone();
    assert_eq!((&plan["samples"], &plan["repeats"]), (&2.into(), &3.into()));
    for (row, orders) in [(0, 2), (1, 1)] {
        let row = &plan["needed"][row];
        let items = row["items"].as_u64().unwrap();
        assert_eq!(row["judgments"], items * 6 * orders);
    }
    let mut ties = arguments.to_vec();
    ties.extend(["--ties", "0.1"]);
    assert!(
        home.oyer(&ties)
            .expect(2)
            .stderr
            .contains("has 6 in each order")
    );
}

#[test]
fn other_samples_and_repeats_are_planned_for_where_the_pilot_tells_what_they_differ_by() {
    let home = Home::new();
    let pilot = |name: &str, samples: usize, repeats: usize| {
        let mut table =
            "question,candidate,opponent,criterion,order,sample,repeat,outcome\n".to_owned();
        for question in 0..40 {
            for sample in 1..=samples {
                for repeat in 1..=repeats {
                    for (place, order) in ["candidate_first", "opponent_first"].iter().enumerate() {
                        let win = (question * 7 + sample * 3 + repeat * 2 + place) % 11 < 6;
                        let outcome = if win { "win" } else { "loss" };
                        let _ = writeln!(
                            table,
                            "q{question},a,b,c,{order},{sample},{repeat},{outcome}"
                        );
                    }
                }
            }
        }
        home.write(name, table);
    };
    pilot("both.csv", 2, 2);
    pilot("single.csv", 1, 1);
    let plan = |more: &[&str]| {
        let mut all = vec!["plan", "--effect", "0.6", "--pilot"];
        all.extend(more);
        home.oyer(&all)
    };
    let questions = |more: &[&str]| {
        let mut all = more.to_vec();
        all.extend(["--format", "json"]);
        let plan = plan(&all).expect(0).json()["plans"][0].clone();
        let row = plan["needed"][0].clone();
        let each = plan["samples"].as_u64().unwrap() * plan["repeats"].as_u64().unwrap();
        assert_eq!(
            row["judgments"].as_u64(),
            row["items"].as_u64().map(|n| n * each * 2)
        );
        row["questions"].as_u64().unwrap()
    };
    let as_pilot = questions(&["both.csv"]);
    assert_eq!(
        questions(&["both.csv", "--samples", "2", "--repeats", "2"]),
        as_pilot
    );
    let single = questions(&["both.csv", "--samples", "1", "--repeats", "1"]);
    let many = questions(&["both.csv", "--samples", "6"]);
    assert!(
        single > as_pilot && as_pilot > many,
        "{single} {as_pilot} {many}"
    );
    let one = [
        "both.csv",
        "--samples",
        "1",
        "--repeats",
        "1",
        "--ties",
        "0.1",
    ];
    plan(&one).expect(0);
    let said = plan(&["both.csv", "--samples", "6"]).expect(0).stdout;
    for part in [
        "6 samples of each answer, judged 2 times in each order; 2 and 2 in the pilot",
        "with the samples and repeats planned for",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(
        questions(&["single.csv", "--samples", "1"]),
        questions(&["single.csv"])
    );
    for (flag, part) in [
        ("--samples", "`samples = 2` in [compare]"),
        ("--repeats", "`repeats = 2` in [judging]"),
    ] {
        let said = plan(&["single.csv", flag, "3"]).expect(2).stderr;
        assert!(said.contains(part), "{said}");
    }
    assert!(
        home.oyer(&["plan", "--effect", "0.6", "--samples", "2"])
            .expect(2)
            .stderr
            .contains("--pilot")
    );
}

#[test]
fn a_pilot_that_is_too_small_says_how_many_items_to_run() {
    let home = Home::new();
    let mut table = "question,persona,candidate,opponent,criterion,outcome\n".to_owned();
    for persona in 0..20 {
        let outcome = if persona % 3 == 0 { "win" } else { "loss" };
        let _ = writeln!(table, "q1,p{persona},a,b,c,{outcome}");
    }
    home.write("pilot.csv", table);
    let ran = home.oyer(&["plan", "--effect", "0.6", "--pilot", "pilot.csv"]);
    let said = ran.expect(2).stderr;
    for part in [
        "it has 20 items of 1 question:",
        "at least 30, which are 600 items of 20 personas (`oyer run --limit 600`)",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn what_is_assumed_is_said() {
    let home = Home::new();
    let said = home.oyer(&["plan", "--effect", "0.55"]).expect(0).stdout;
    assert!(
        said.contains("assumed, not measured: no ties, an order correlation of 0.2"),
        "{said}"
    );
    assert!(
        said.contains("10 sampled personas are not enough"),
        "{said}"
    );
    let given = [
        "plan",
        "--effect",
        "0.55",
        "--personas",
        "30",
        "--ties",
        "0.1",
        "--order-correlation",
        "0.3",
        "--design-effect",
        "2",
    ];
    let said = home.oyer(&given).expect(0).stdout;
    assert!(!said.contains("assumed, not measured"), "{said}");
}

#[test]
fn nothing_to_plan_and_impossible_numbers_are_the_users_mistake() {
    let home = Home::new();
    let ran = home.oyer(&["plan"]).expect(2);
    assert!(ran.stderr.contains("give --effect"), "{}", ran.stderr);
    for bad in [
        ["--effect", "0.5"],
        ["--effect", "1.2"],
        ["--power", "1"],
        ["--questions", "1"],
        ["--design-effect", "0"],
        ["--order-correlation", "2"],
    ] {
        let ran = home.oyer(&["plan", bad[0], bad[1]]).expect(2);
        assert!(!ran.stderr.is_empty() && ran.stdout.is_empty(), "{bad:?}");
    }
}

#[test]
fn what_a_pilot_does_not_show_is_assumed_where_several_personas_are_planned() {
    let home = Home::new();
    let mut one = "question,persona,candidate,opponent,criterion,outcome\n".to_owned();
    let (mut none, mut own, mut nested) = (
        "question,candidate,opponent,criterion,outcome\n".to_owned(),
        one.clone(),
        one.clone(),
    );
    for item in 0..60 {
        let outcome = if item * 7 % 11 < 6 { "win" } else { "loss" };
        let _ = writeln!(one, "q{item},p,a,b,c,{outcome}");
        let _ = writeln!(none, "q{item},a,b,c,{outcome}");
        let _ = writeln!(own, "q{item},p{item},a,b,c,{outcome}");
        let _ = writeln!(nested, "q{item},p{},a,b,c,{outcome}", item / 5);
    }
    for (name, table) in [
        ("one", one),
        ("none", none),
        ("own", own),
        ("nested", nested),
    ] {
        home.write(&format!("{name}.csv"), table);
    }
    let plan = |name: &str, more: &[&str]| {
        let mut all = vec!["plan", "--effect", "0.58", "--pilot", name];
        all.extend(more);
        home.oyer(&all).expect(0)
    };
    let json = |name: &str, more: &[&str]| {
        let mut all = more.to_vec();
        all.extend(["--format", "json"]);
        plan(name, &all).json()
    };
    for name in ["one.csv", "none.csv", "own.csv"] {
        let more = ["--personas", "24"];
        let inputs = &json(name, &more)["plans"][0]["inputs"];
        for (key, share) in [("icc_question", 0.1), ("icc_persona", 0.05)] {
            let found = inputs[key].as_f64().unwrap();
            assert!((found - share).abs() < 1e-9, "{name} {inputs}");
            assert_eq!(inputs[format!("{key}_from")], "assumed");
        }
        let said = plan(name, &more).stdout;
        for part in [
            "question 0.100 (assumed: the pilot does not show it)",
            "assumed, as the pilot does not show it: a question correlation of 0.1, a persona",
            "for personas like these",
        ] {
            assert!(said.contains(part), "{name} {said}");
        }
    }
    // What a flag gives is not assumed, and of own questions a persona's share is seen.
    let given = &json("one.csv", &["--personas", "24", "--icc-persona", "0.2"])["plans"][0];
    assert_eq!(given["inputs"]["icc_persona_from"], "given");
    let nested = &json("nested.csv", &[])["plans"][0]["inputs"];
    assert_eq!(nested["icc_question_from"], "assumed");
    assert_eq!(nested["icc_persona_from"], "pilot");
    // One persona stands for no others, and its study needs neither.
    for name in ["one.csv", "none.csv"] {
        let said = plan(name, &[]).stdout;
        assert!(said.contains("for exactly these personas"), "{said}");
        assert!(
            said.contains("of one question unknown, of one persona unknown"),
            "{said}"
        );
        assert!(
            !said.contains("does not show it") && !said.contains("personas differ"),
            "{said}"
        );
        assert!(json(name, &[])["plans"][0]["inputs"]["icc_question"].is_null());
    }
}
