//! `oyer survey build`, on files that mean less, or something else, than they seem to.

use crate::support::home::{Home, Ran, build_survey};

const CODEBOOK: &str = "\
variable,topic,text,code,label,scale,role
Q260,,,1,Male,,respondent
Q260,,,2,Female,,
Q1,trust,How far?,1,Very,,question
Q1,,,2,Rather,,
Q1,,,3,Little,,
Q1,,,-1,Do not know,,
Q1,,,-2,No answer,,
Q2,trust,Which?,1,A,nominal,question
Q2,,,2,B,,
Q2,,,5,C,,
";
const CONFIG: &str = "\
[dimensions.sex]
column = \"Q260\"
[strata]
id = [[\"sex\"]]
[subgroups]
minimum = 2
";
const MICRODATA: &str = "C,Q260,Q1,Q2\nSGP,1,1,1\nSGP,1,2,1\nSGP,2,3,5\nSGP,2,3,2\n";

fn build(home: &Home, microdata: impl AsRef<[u8]>, codebook: &str, config: &str) -> Ran {
    build_survey(home, microdata, codebook, config, "out")
}

/// What the command says after a heading.
fn after<'r>(ran: &'r Ran, heading: &str) -> &'r str {
    let (_, rest) = ran.stdout.split_once(heading).unwrap();
    rest
}

#[test]
fn cells_in_another_encoding_are_refused_with_their_place() {
    let home = Home::new();
    let latin = |text: &str| -> Vec<u8> { text.chars().map(|c| c as u32 as u8).collect() };
    let codebook = format!("{CODEBOOK}Q1,,,4,Où,,\n");
    let microdata = MICRODATA.replace("SGP,2,3,5", "SGP,2,Où,5");
    let ran = build(&home, latin(&microdata), &codebook, CONFIG).expect(2);
    insta::assert_snapshot!(ran.stderr, @"
    error: m.csv:4: Q1: this cell is not UTF-8
      help: save the file as UTF-8; of a file in the encoding of western Windows: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW
    ");
    build(&home, &microdata, &codebook, CONFIG).expect(0);
    // A value of `keep` in another encoding would not be met.
    let config = format!("[respondents]\nkeep = {{ C = \"Côte\" }}\n{CONFIG}");
    let microdata = MICRODATA.replace("SGP", "Côte");
    let ran = build(&home, latin(&microdata), CODEBOOK, &config).expect(2);
    assert!(
        ran.stderr.contains("m.csv:2: C: this cell is not UTF-8"),
        "{}",
        ran.stderr
    );
    // Nor is a cell elsewhere in its column one of the values, or the id of a respondent.
    let config = format!(
        "[respondents]\nkeep = {{ C = \"SGP\" }}\nid = \"C\"\nduplicates = \"none\"\n{CONFIG}"
    );
    let some = MICRODATA.replace("SGP,2,3,2", "Côte,2,3,2");
    let ran = build(&home, latin(&some), CODEBOOK, &config).expect(2);
    assert!(
        ran.stderr.contains("m.csv:5: C: this cell is not UTF-8"),
        "{}",
        ran.stderr
    );
    // What is not read may be what it is.
    build(&home, latin(&microdata), CODEBOOK, CONFIG).expect(0);
}

#[test]
fn the_summary_names_the_items_that_are_left_out() {
    let home = Home::new();
    let microdata = "C,Q260,Q1,Q2\nSGP,1,1,1\nSGP,1,2,1\nSGP,2,3,5\nSGP,2,,2\nSGP,2,,\n";
    let config = format!("{CONFIG}[questions]\nties = \"drop\"\nminimum = 2\n");
    let ran = build(&home, microdata, CODEBOOK, &config).expect(0);
    insta::assert_snapshot!(after(&ran, "Left out\n"), @r#"
    - 1 item: fewer answers than questions.minimum (sex_Female/Q1)
    - 2 items: tied, and questions.ties is "drop" (sex_Male/Q1, sex_Female/Q2)

    Missing answers
    - 2 of Q1: 2 empty
    - 1 of Q2: 1 empty
    Note: 1 persona has no item: sex_Female
    "#);
    let summary: serde_json::Value = serde_json::from_str(&home.read("out/summary.json")).unwrap();
    let named = |lack: &str| {
        let mut all = summary["exclusions"].as_array().unwrap().iter();
        all.find(|one| one["reason"].as_str().unwrap().contains(lack))
            .map(|one| one["items"].clone())
    };
    assert_eq!(
        named("fewer answers").unwrap(),
        serde_json::json!(["sex_Female/Q1"])
    );
    assert_eq!(
        named("tied").unwrap(),
        serde_json::json!(["sex_Male/Q1", "sex_Female/Q2"])
    );
}

#[test]
fn a_respondent_of_weight_0_counts_nowhere() {
    let home = Home::new();
    let config = format!("[respondents]\nweight = \"W\"\n{CONFIG}");
    let weighted = "C,Q260,Q1,Q2,W\nSGP,1,1,1,1\nSGP,1,2,1,2\nSGP,2,3,5,1\nSGP,2,3,2,3\n";
    build(&home, weighted, CODEBOOK, &config).expect(0);
    let without = ["personas", "subgroups", "truth", "diversity"]
        .map(|table| home.read(&format!("out/{table}.csv")));
    // Neither in the samples nor in the bootstrap.
    let zeros = format!("{weighted}SGP,1,1,2,0\nSGP,2,1,2,0.0\nSGP,2,1,2,\n");
    let ran = build(&home, &zeros, CODEBOOK, &config).expect(0);
    insta::assert_snapshot!(after(&ran, "Left out\n"), @"
    - 1 respondent: without a weight in W
    - 2 respondents: of weight 0 in W
    ");
    let with = ["personas", "subgroups", "truth", "diversity"]
        .map(|table| home.read(&format!("out/{table}.csv")));
    assert_eq!(with, without);
    // Two of them do not make a group of one large enough.
    let config = format!("{config}require = [\"sex_Female\"]\n");
    let small = zeros.replace("SGP,2,3,2,3\n", "");
    let ran = build(&home, small, CODEBOOK, &config).expect(2);
    assert!(
        ran.stderr
            .contains("`sex_Female` has 1 respondent, under the minimum of 2"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_summary_names_what_is_missing_dropped_changed_and_not_asked() {
    let home = Home::new();
    let microdata = "C,Q260,Q1,Q2,Q3,Q5\nSGP,1,1,1,1,1\nSGP,1,-1,1,0,1\nSGP,1,-1,1,9,2\nSGP,2,,5,0,1\nSGP,2,-2,2,2,1\nSGP,2,3,2,2,1\nMYS,1,1,1,1,1\n";
    let codebook = format!(
        "{CODEBOOK}Q3,trust,Agree?,0,Depends,,question\nQ3,,,1,Yes,,\nQ3,,,2,No,,\nQ3,,,9,Nobody knows,,\nQ5,trust,And?,1,Yes,,question\nQ5,,,2,No,,\n"
    );
    let config = format!(
        "[respondents]\nkeep = {{ C = \"SGP | IDN\" }}\n{CONFIG}[questions]\ndrop = [\"Q5\"]\n[scales.Q3]\nremap = {{ \"0\" = \"2\" }}\ndrop = [\"9\", \"8\"]\n"
    );
    let ran = build(&home, microdata, &codebook, &config).expect(0);
    insta::assert_snapshot!(after(&ran, "Left out\n"), @"
    - 1 respondent: not of C = SGP | IDN
    - 1 question: named in questions.drop: Q5
    - 1 answer of Q3: code 9 (Nobody knows) dropped

    Missing answers
    - 4 of Q1: 2 code -1 (Do not know), 1 code -2 (No answer), 1 empty

    Changed codes
    - 2 answers of Q3: code 0 (Depends) counts as 2
    Note: respondents.keep: no row has C = IDN
    Note: scales.Q3 remaps or drops the code 8, which no respondent gave
    ");
    let config = format!("{CONFIG}[questions]\nuse = [\"Q1\"]\n");
    let ran = build(&home, MICRODATA, CODEBOOK, &config).expect(0);
    assert!(
        ran.stdout
            .contains("- 1 question: not named in questions.use: Q2\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_code_that_no_answer_can_have_is_no_option() {
    let home = Home::new();
    let options = |codebook: &str, config: &str| {
        let config = format!("{CONFIG}[questions]\nuse = [\"Q1\"]\n{config}");
        build(&home, MICRODATA, codebook, &config).expect(0);
        let questions = home.read("out/questions.csv");
        let (_, options) = questions.trim().rsplit_once(',').unwrap();
        options.to_owned()
    };
    let codebook = CODEBOOK.replace("Q1,,,3,Little,,\n", "Q1,,,3,Little,,\nQ1,,,4,Not,,\n");
    let range = "[scales.Q1]\nrange = \"1-4\"\n";
    let whole = "1 = Very | 2 = Rather | 3 = Little | 4 = Not";
    let without = "1 = Very | 2 = Rather | 3 = Little";
    assert_eq!(options(&codebook, range), whole);
    assert_eq!(
        options(&codebook, &format!("{range}remap = {{ \"4\" = \"3\" }}\n")),
        without
    );
    assert_eq!(
        options(&codebook, &format!("{range}drop = [\"4\"]\n")),
        without
    );
    let missing = "missing = [\"negative\", \"4\"]\n";
    assert_eq!(options(&codebook, &format!("{missing}{range}")), without);
    // In the middle of a scale it would leave a gap.
    let config = format!("{CONFIG}[questions]\nmissing = [\"2\"]\n{range}");
    let ran = build(&home, MICRODATA, &codebook, &config).expect(2);
    assert!(
        ran.stderr
            .contains("after 1 comes 3 (2 is no answer by questions.missing)"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_order_names_every_option_once() {
    let home = Home::new();
    for (order, said) in [
        ("\"1\", \"3\"", "the order lacks 2"),
        ("\"1\", \"3\", \"2\", \"7\"", "7 is no code of the scale"),
        ("\"1\", \"3\", \"2\", \"2\"", "a code stands twice"),
    ] {
        let config = format!("{CONFIG}[scales.Q1]\norder = [{order}]\n");
        let ran = build(&home, MICRODATA, CODEBOOK, &config).expect(2);
        let said = format!(
            "error: s.toml:7:9: scales.Q1.order: {said}\n  help: name each code of the scale once, in their true order: 1, 2, 3\n"
        );
        assert!(ran.stderr.contains(&said), "{said}{}", ran.stderr);
    }
}

#[test]
fn what_is_wrong_with_a_code_is_told_at_its_line() {
    let home = Home::new();
    let codebook = CODEBOOK
        .replace("Q1,,,3,Little", "Q1,,,3, very ")
        .replace("Q2,,,5,C", "Q2,,,c,C");
    let ran = build(&home, MICRODATA, &codebook, CONFIG).expect(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: c.csv:6: Q1: the codes 1 and 3 have the same label, `very`
      help: correct one of them, or write [scales.Q1] with labels = { "3" = "…" }, or remap = { "3" = "1" } where they are one answer
    error: c.csv:11: Q2: `c` is no code of a question: codes are whole numbers
      help: give the answer a number in the codebook and in the microdata, or take it out of the codebook
    2 errors
    "#);
}

#[test]
fn tables_that_no_build_made_are_not_written_over() {
    let home = Home::new();
    home.write("out/truth.csv", "mine");
    let ran = build(&home, MICRODATA, CODEBOOK, CONFIG).expect(2);
    insta::assert_snapshot!(ran.stderr, @"error: out holds a truth.csv that no build of a survey wrote; name another folder with --out");
    assert_eq!(home.read("out/truth.csv"), "mine");
    assert!(!home.path().join("out/summary.json").exists());
    std::fs::remove_file(home.path().join("out/truth.csv")).unwrap();
    build(&home, MICRODATA, CODEBOOK, CONFIG).expect(0);
    build(&home, MICRODATA, CODEBOOK, CONFIG).expect(0);
    // A table of the study's, beside those of an earlier build without one.
    home.write("out/study/truth.csv", "mine");
    let ran = build(&home, MICRODATA, CODEBOOK, CONFIG).expect(2);
    assert!(
        ran.stderr
            .contains("out holds a study/truth.csv that no build of a survey wrote"),
        "{}",
        ran.stderr
    );
    assert_eq!(home.read("out/study/truth.csv"), "mine");
    // A file that is read.
    let ran = home
        .oyer(&[
            "survey",
            "build",
            "m.csv",
            "--codebook",
            "personas.csv",
            "--config",
            "s.toml",
            "--out",
            ".",
        ])
        .expect(2);
    assert!(ran.stderr.contains("cannot be read"), "{}", ran.stderr);
    home.write("open.csv", "id,text,structured\no,Why?,Q1\n");
    home.write(
        "s.toml",
        format!("{CONFIG}[study]\nquestions = \"new/questions.csv\"\n"),
    );
    home.write("new/questions.csv", "id,text,structured\no,Why?,Q1\n");
    let ran = home
        .oyer(&[
            "survey",
            "build",
            "m.csv",
            "--codebook",
            "c.csv",
            "--config",
            "s.toml",
            "--out",
            "new",
        ])
        .expect(2);
    assert!(
        ran.stderr
            .contains("new holds a questions.csv that no build"),
        "{}",
        ran.stderr
    );
}

/// Files of WorldValuesBench with one question, and what the build makes of them.
fn world_values_bench(home: &Home, metadata: &str, adjustment: &str) -> Ran {
    home.write(
        "codebook.json",
        r#"{"Q260": {"question": "Sex", "type": "multiple_choice", "choices": {"1": "Male", "2": "Female"}},
            "Q3": {"question": "How much", "type": "multiple_choice", "choices": {"1": 1, "2": 2, "3": 3, "9": null}},
            "Q223": {"question": "Party", "type": "multiple_choice", "choices": {"1": "This", "2": "That"}}}"#,
    );
    home.write(
        "question_metadata.json",
        format!(
            r#"{{"Q3": {{"question": "How much?", "category": "Trust", "use_case": "value", {metadata}, "answer_data_type": "ordinal"}},
            "Q223": {{"question": "Which?", "category": "Politics", "use_case": "value", "answer_scale_min": "", "answer_scale_max": "", "answer_data_type": "non_ordinal"}}}}"#
        ),
    );
    home.write("answer_adjustment.json", adjustment);
    home.write("s.toml", CONFIG);
    home.write("m.csv", "Q260,Q3,Q223\n1,1,1\n1,2,1\n2,9,1\n2,3,2\n");
    home.oyer(&[
        "survey",
        "build",
        "m.csv",
        "--codebook",
        "codebook.json",
        "--config",
        "s.toml",
        "--out",
        "out",
    ])
}

#[test]
fn numbers_of_world_values_bench_may_be_numbers_or_texts() {
    let home = Home::new();
    let scale = |ends: &str| {
        format!(
            "\"answer_scale_min\": {}",
            ends.replace(" to ", ", \"answer_scale_max\": ")
        )
    };
    for (ends, adjustment) in [
        ("1 to 3", r#"{"Q3": {"9": 2}}"#),
        ("1.0 to 3.0", r#"{"Q3": {"9": "2"}}"#),
        ("\"1.0\" to \"3\"", r#"{"Q3": {"9": 2.0}}"#),
    ] {
        let ran = world_values_bench(&home, &scale(ends), adjustment).expect(0);
        assert!(
            home.read("out/questions.csv")
                .contains("Q3,Trust,How much?,1 | 2 | 3"),
            "{ends}"
        );
        for said in [
            "- 1 question: options without an order, and not named in questions.use: Q223\n",
            "- 1 answer of Q3: code 9 counts as 2\n",
        ] {
            assert!(ran.stdout.contains(said), "{ends}: {}", ran.stdout);
        }
    }
    let ran = world_values_bench(&home, &scale("\"1\" to \"few\""), "{}").expect(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: question_metadata.json:1: Q3: `1` to `few` is no scale: its ends are whole numbers, the lower first
      help: correct answer_scale_min and answer_scale_max, or leave both empty and let the codes of the codebook be the scale
    error: codebook.json:2: Q3: the codes of this scale are not a range: after 3 comes 9
      help: write [scales.Q3] with range = "…", or remap or drop the codes that stand apart, or nominal = true
    2 errors
    "#);
}

#[test]
fn what_the_files_beside_a_codebook_say_in_vain_is_noted() {
    let home = Home::new();
    let metadata = "\"answer_scale_min\": 1, \"answer_scale_max\": 4";
    let adjustment = r#"{"Q3": {"9": 7}, "Q99": {"1": 2}}"#;
    let ran = world_values_bench(&home, metadata, adjustment).expect(0);
    for note in [
        "answer_adjustment.json tells of variables that the codebook does not have: Q99",
        "answer_adjustment.json lets the code 9 of Q3 become 7, which is not on its scale by question_metadata.json",
        "the scale of Q3 ends with 4, which the codebook does not have and no respondent gave",
    ] {
        assert!(ran.stdout.contains(note), "{note}: {}", ran.stdout);
    }
}

#[test]
fn a_code_that_means_nothing_is_told_once_however_it_is_written() {
    let home = Home::new();
    let microdata = MICRODATA
        .replace("SGP,2,3,5", "SGP,3,7.0,5")
        .replace("SGP,2,3,2", "SGP,3.0,7,2");
    let ran = build(&home, microdata, CODEBOOK, CONFIG).expect(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: m.csv:4: Q260: the code `3` has no level (2 respondents)
      help: give it a label in the codebook, or a level in dimensions.sex.levels, or add it to dimensions.sex.drop
    error: m.csv:4: Q1: the codebook has no code `7`, and it is not on the scale (1 to 3); 2 respondents
      help: write [scales.Q1] with drop = ["7"] or remap = { "7" = "…" }, or add the code to the codebook
    2 errors
    "#);
}

#[test]
fn an_id_with_zeros_after_its_point_is_the_same_respondent() {
    let home = Home::new();
    let config = format!("[respondents]\nid = \"D\"\nduplicates = \"refuse\"\n{CONFIG}");
    let microdata =
        "D,Q260,Q1,Q2\n702070001,1,1,1\n702070002,1,2,1\n702070003,2,3,5\n702070001.0,2,3,2\n";
    let ran = build(&home, microdata, CODEBOOK, &config).expect(2);
    assert!(
        ran.stderr
            .contains("m.csv:5: D: the respondent 702070001.0 stands twice, first on line 2"),
        "{}",
        ran.stderr
    );
    let apart = microdata.replace("702070001.0", "702070001.5");
    build(&home, apart, CODEBOOK, &config).expect(0);
}

#[test]
fn a_country_in_numbers_is_known_where_the_one_in_letters_is_blank() {
    let home = Home::new();
    let microdata =
        "B_COUNTRY_ALPHA,B_COUNTRY,Q260,Q1,Q2\n,702,1,1,1\n,702,1,2,1\n,702,2,3,5\n,702,2,3,2\n";
    let ran = build(&home, microdata, CODEBOOK, CONFIG).expect(0);
    assert!(ran.stdout.contains("2,012"), "{}", ran.stdout);
    let other = microdata.replace("702", "360");
    let ran = build(&home, other, CODEBOOK, CONFIG).expect(0);
    assert!(!ran.stdout.contains("2,012"), "{}", ran.stdout);
}

#[test]
fn a_number_with_a_comma_is_refused_where_commas_part_the_cells() {
    let home = Home::new();
    let config = format!("[respondents]\nweight = \"W\"\n{CONFIG}");
    let microdata = "W,Q260,Q1,Q2\n1,1,1,1\n\"1,250\",1,2,1\n1,2,3,5\n1,2,3,2\n";
    let ran = build(&home, microdata, CODEBOOK, &config).expect(2);
    assert!(
        ran.stderr
            .contains("m.csv:3: W: expected a weight without a comma, found `1,250`"),
        "{}",
        ran.stderr
    );
    let microdata = "Q260,Q1,Q2\n1,1,1\n\"1,0\",2,1\n2,3,5\n2,3,2\n";
    let ran = build(&home, microdata, CODEBOOK, CONFIG).expect(2);
    assert!(
        ran.stderr.contains(
            "m.csv:3: Q260: `1,0` may be a decimal number or have a separator of thousands"
        ),
        "{}",
        ran.stderr
    );
    let semicolons = "W;Q260;Q1;Q2\n1;1;1;1\n1,250;1,0;2;1\n1;2;3;5\n1;2;3;2\n";
    build(&home, semicolons, CODEBOOK, &config).expect(0);
}

#[test]
fn a_label_that_might_be_a_number_with_a_comma_is_a_label() {
    let home = Home::new();
    let codebook = CODEBOOK
        .replace("Rather", "\"1,000\"")
        .replace("Female", "\"2,5\"");
    let microdata = MICRODATA
        .replace("SGP,1,2,1", "SGP,1,\"1,000\",1")
        .replace("SGP,2,", "SGP,\"2,5\",");
    build(&home, MICRODATA, &codebook, CONFIG).expect(0);
    let by_code = home.read("out/truth.csv");
    build(&home, &microdata, &codebook, CONFIG).expect(0);
    assert_eq!(home.read("out/truth.csv"), by_code);
    // Of a column without such a label it is no number that can be read.
    let other = MICRODATA.replace("SGP,2,3,2", "SGP,2,3,\"1,000\"");
    let said = build(&home, &other, &codebook, CONFIG).expect(2).stderr;
    assert!(said.contains("m.csv:5: Q2: `1,000` may be"), "{said}");
}

#[test]
fn what_a_dimension_drops_in_vain_and_merges_is_noted() {
    let home = Home::new();
    let codebook = format!("{CODEBOOK}Q260,,,3,Female,,\n");
    let config = CONFIG.replace("column = \"Q260\"\n", "column = \"Q260\"\ndrop = [\"9\"]\n");
    let microdata = format!("{MICRODATA}SGP,3,3,2\n");
    let ran = build(&home, &microdata, &codebook, &config).expect(0);
    let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for note in [
        "dimensions.sex.drop: nobody gave the code 9",
        "dimensions.sex: the codes 2, 3 are one level, since the codebook calls all of them Female",
    ] {
        assert!(said.contains(note), "{said}");
    }
    let ran = build(&home, MICRODATA, &codebook, CONFIG).expect(0);
    assert!(!ran.stdout.contains("dimensions.sex"), "{}", ran.stdout);
}

#[test]
fn codes_that_are_no_answer_to_a_question_are_levels_of_a_dimension_all_the_same() {
    let home = Home::new();
    let codebook = format!("{CODEBOOK}Q260,,,7,Other,,\nQ260,,,-1,Unknown,,\n");
    let banded = CONFIG
        .replace("[strata]", "[dimensions.age]\ncolumn = \"Q262\"\nbands = { \"0-65\" = \"young\", \"66-90\" = \"old\" }\n[strata]")
        .replace("[\"sex\"]", "[\"sex\"], [\"age\"]");
    let config = format!("{banded}[questions]\nmissing = [\"negative\", \"7\", \"66\", \"77\"]\n");
    let data = "Q260,Q262,Q1,Q2\n1,20,1,1\n1,66,2,1\n7,77,3,5\n7,77,3,2\n2,30,7,2\n2,99,1,2\n\
        -1,-2,1,1\n,40,1,1\n";
    let ran = build(&home, data, &codebook, &config).expect(0);
    let personas = home.read("out/personas.csv");
    for group in ["sex_Other,Other,,id,sex,2,2", "age_old,,old,id,age,3,3"] {
        assert!(personas.contains(group), "{group}\n{personas}");
    }
    insta::assert_snapshot!(after(&ran, "Left out\n"), @"
    - 2 respondents of sex: no answer: 1 code -1 (Unknown), 1 empty
    - 1 respondent of age: outside of every band: 1 code 99
    - 1 respondent of age: no answer: 1 code -2

    Missing answers
    - 1 of Q1: 1 code 7
    ");
    // A dimension has codes of its own.
    let own = config.replace(
        "column = \"Q262\"\n",
        "column = \"Q262\"\nmissing = [\"77\", \"99\"]\n",
    );
    let ran = build(&home, data, &codebook, &own).expect(0);
    let said = after(&ran, "Left out\n");
    assert!(
        said.contains("- 3 respondents of age: no answer: 2 code 77, 1 code 99\n")
            && said.contains("- 1 respondent of age: outside of every band: 1 code -2\n"),
        "{said}"
    );
}

#[test]
fn all_that_is_wrong_with_the_rows_is_told_at_once() {
    let home = Home::new();
    let config = format!(
        "[respondents]\nid = \"C\"\nduplicates = \"refuse\"\nweight = \"W\"\n{CONFIG}require = [\"sex_Nobody\"]\n"
    );
    let data = "C,W,Q260,Q1,Q2\n1,-1,9,88,1\n2,abc,1,1,1\n2,2,2,1,2\n3,1,2,7,2\n";
    let told = |data: &str| build(&home, data, CODEBOOK, &config).expect(2).stderr;
    insta::assert_snapshot!(told(data), @r#"
    error: m.csv:4: C: the respondent 2 stands twice, first on line 3
      help: take one row out, or set respondents.duplicates to "first" or "none"
    error: m.csv:2: W: the weight -1 is negative
      help: a weight is a number above 0; write 0, or leave the cell empty, to leave the respondent out
    error: m.csv:3: W: expected a weight, found `abc`
      help: a weight is a number above 0; write 0, or leave the cell empty, to leave the respondent out
    error: m.csv:2: Q260: the code `9` has no level (1 respondent)
      help: give it a label in the codebook, or a level in dimensions.sex.levels, or add it to dimensions.sex.drop
    error: m.csv:2: Q1: the codebook has no code `88`, and it is not on the scale (1 to 3); 1 respondent
      help: write [scales.Q1] with drop = ["88"] or remap = { "88" = "…" }, or add the code to the codebook
    error: m.csv:5: Q1: the codebook has no code `7`, and it is not on the scale (1 to 3); 1 respondent
      help: write [scales.Q1] with drop = ["7"] or remap = { "7" = "…" }, or add the code to the codebook
    6 errors
    "#);
    // Of rows that cannot be read nothing is known, and who is in a subgroup neither.
    let ragged = data.replace("3,1,2,7,2", "3,1,2,\"7,5\",2\n4,1,2,7");
    let told = told(&ragged);
    for said in [
        "m.csv:6: this row has 4 cells, the header has 5",
        "m.csv:5: Q1: `7,5` may be a decimal number",
        "m.csv:2: W: the weight -1 is negative",
        "m.csv:2: Q1: the codebook has no code `88`",
    ] {
        assert!(told.contains(said), "{said}\n{told}");
    }
    // A cell is told once.
    assert!(!told.contains("`7,5` is no code"), "{told}");
    assert!(!told.contains("require"), "{told}");
}

#[test]
fn of_levels_that_are_not_known_and_rows_that_are_not_read_nothing_more_is_told() {
    let home = Home::new();
    let told = |data: &str, required: &str| {
        let config = format!("{CONFIG}require = [\"{required}\"]\n");
        build(&home, data, CODEBOOK, &config).expect(2).stderr
    };
    // All of a subgroup, and one of two.
    let all = MICRODATA.replace("SGP,2", "SGP,\"2,0\"");
    let some = MICRODATA.replace("SGP,2,3,5", "SGP,\"2,0\",3,5");
    for data in [all, some] {
        let told = told(&data, "sex_Female");
        assert!(told.contains("m.csv:4: Q260: `2,0` may be"), "{told}");
        assert!(!told.contains("subgroups.require"), "{told}");
    }
    let unknown = MICRODATA.replace("SGP,2", "SGP,3");
    let told_of_code = told(&unknown, "sex_Other");
    assert!(
        told_of_code.contains("the code `3` has no level"),
        "{told_of_code}"
    );
    assert!(
        !told_of_code.contains("subgroups.require"),
        "{told_of_code}"
    );
    // What is unclear elsewhere leaves them known.
    let elsewhere = MICRODATA.replace("SGP,2,3,5", "SGP,2,\"3,0\",5");
    let told_of_both = told(&elsewhere, "sex_Other");
    assert!(
        told_of_both.contains("no respondent is in a subgroup `sex_Other`"),
        "{told_of_both}"
    );
    let ragged = "C,Q260,Q1,Q2\nSGP,1,1\nSGP,2\n";
    let told_of_rows = told(ragged, "sex_Female");
    assert_eq!(told_of_rows.matches("error: ").count(), 2, "{told_of_rows}");
}

#[test]
fn lines_that_end_with_a_return_alone_are_counted() {
    let home = Home::new();
    let data = "C,Q260,Q1,Q2\rSGP,1,1,1\rSGP,1,88,1\r";
    let ran = build(&home, data, CODEBOOK, CONFIG).expect(2);
    assert!(
        ran.stderr
            .contains("m.csv:3: Q1: the codebook has no code `88`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_gap_in_a_scale_is_told_at_the_code_after_it() {
    let home = Home::new();
    let codebook = CODEBOOK.replace("Q1,,,3,Little,,", "Q1,,,4,Little,,");
    let ran = build(&home, MICRODATA, &codebook, CONFIG).expect(2);
    assert!(
        ran.stderr
            .contains("c.csv:6: Q1: the codes of this scale are not a range: after 2 comes 4"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_remap_off_the_scale_is_told_where_it_stands() {
    let home = Home::new();
    let remapped = |rule: &str| format!("{CONFIG}[scales.Q1]\n{rule}\n");
    let data = MICRODATA.replace("SGP,1,2,1", "SGP,1,8,1");
    let config = remapped("range = \"1-3\"\nremap = { \"8\" = \"7\" }");
    let ran = build(&home, data, CODEBOOK, &config).expect(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: s.toml:9:17: scales.Q1.remap: 8 becomes 7, and 7 is not on the scale (1 to 3)
      help: write a code of the scale for it, or drop = ["8"] where 8 is no answer, or a range that has 7
    "#);
    // Whether the codebook knows the code, and whether anybody gave it, changes nothing.
    let codebook = CODEBOOK.replace(
        "Q1,trust,How far?,1,Very,,question",
        "Q1,trust,How far?,0,Not at all,,question\nQ1,,,1,Very,,",
    );
    let config = remapped("range = \"1-3\"\nremap = { \"0\" = \"7\" }");
    for given in ["SGP,1,2,1", "SGP,1,0,1"] {
        let data = MICRODATA.replace("SGP,1,2,1", given);
        let told = build(&home, data, &codebook, &config).expect(2).stderr;
        assert!(
            told.contains("s.toml:9:17: scales.Q1.remap: 0 becomes 7, and 7 is not on the scale"),
            "{told}"
        );
    }
    // Without a range the other code would make a gap.
    let config = remapped("remap = { \"0\" = \"7\" }");
    let ran = build(&home, MICRODATA, &codebook, &config).expect(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: s.toml:8:17: scales.Q1.remap: 0 becomes 7, and 7 is not next to the other codes of the scale
      help: write a code of the scale for it, or drop = ["0"] where 0 is no answer, or a range that has 7
    "#);
    let config = remapped("range = \"1-3\"\nremap = { \"0\" = \"-1\" }");
    let ran = build(&home, MICRODATA, &codebook, &config).expect(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: s.toml:9:17: scales.Q1.remap: 0 becomes -1, and -1 is not on the scale (1 to 3)
      help: write a code of the scale for it, or drop = ["0"] where 0 is no answer
    "#);
    // What the help says is so.
    for rule in [
        "range = \"1-3\"\nremap = { \"0\" = \"3\" }",
        "range = \"1-3\"\ndrop = [\"0\"]",
        "range = \"1-7\"\nremap = { \"0\" = \"7\" }",
    ] {
        build(&home, MICRODATA, &codebook, &remapped(rule)).expect(0);
    }
}

#[test]
fn a_line_that_names_the_separator_and_an_empty_value_of_spss_are_read() {
    let home = Home::new();
    let excel = format!("sep=;\n{}", MICRODATA.replace(',', ";"));
    build(&home, &excel, CODEBOOK, CONFIG).expect(0);
    let plain = home.read("out/truth.csv");
    build(&home, MICRODATA, CODEBOOK, CONFIG).expect(0);
    assert_eq!(home.read("out/truth.csv"), plain);
    let wrong = excel.replace("SGP;1;2;1", "SGP;1;88;1");
    let ran = build(&home, &wrong, CODEBOOK, CONFIG).expect(2);
    assert!(ran.stderr.contains("m.csv:4: Q1:"), "{}", ran.stderr);
    let blank = MICRODATA.replace("SGP,1,2,1", "SGP,1,#NULL!,1");
    let ran = build(&home, &blank, CODEBOOK, CONFIG).expect(0);
    assert!(ran.stdout.contains("1 of Q1: 1 empty"), "{}", ran.stdout);
}

#[test]
fn a_stance_is_said_in_words_or_by_the_ends_of_its_scale() {
    let home = home_with_open_questions();
    let codebook = format!(
        "{CODEBOOK}Q3,trust,Content?,0,Not at all,,question\nQ3,,,10,Wholly,,\nQ4,trust,How many?,0,,,question\n"
    );
    let scales = "[scales.Q3]\nrange = \"0-10\"\n[scales.Q4]\nrange = \"0-5\"\n";
    let config = format!("{CONFIG}[study]\nquestions = \"open.csv\"\n{scales}");
    let data = "Q260,Q1,Q2,Q3,Q4\n1,1,1,9,0\n1,1,1,9,0\n2,2,5,10,5\n2,2,5,10,5\n";
    let ran = build(&home, data, &codebook, &config).expect(0);
    let truth = home.read("out/study/truth.csv");
    let stances: Vec<&str> = truth.lines().skip(1).collect();
    for (row, stance) in stances.iter().zip([
        "sex_Male,o1,Very,1,",
        "sex_Male,o3,9 on a scale from 0 (Not at all) to 10 (Wholly),9,",
        "sex_Male,o4,0 on a scale from 0 to 5,0,",
        "sex_Female,o1,Rather,2,",
        "sex_Female,o3,Wholly,10,",
    ]) {
        assert!(row.starts_with(stance), "{truth}");
    }
    let note = "study/truth.csv has numbers as stances, which say nothing to a judge, where the ends of the scale have no label: Q4; write [scales.Q4] with labels";
    let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(note), "{said}");
    let labels = "labels = { \"0\" = \"None\", \"5\" = \"Five or more\" }\n";
    let ran = build(&home, data, &codebook, &format!("{config}{labels}")).expect(0);
    assert!(!ran.stdout.contains("stances"), "{}", ran.stdout);
    // A study that has the answers to the survey alone says the same to its judge.
    home.write(
        "study.toml",
        "name = \"s\"\n[data]\npersonas = \"out/personas.csv\"\nquestions = \"open.csv\"\ntruth = \"out/truth.csv\"\n\
         [structured]\nquestions = \"out/questions.csv\"\n[models]\na = { provider = \"simulated\" }\nb = { provider = \"simulated\" }\n\
         [judges]\nj = { provider = \"simulated\" }\n[compare]\npairs = [[\"a\", \"b\"]]\n[judging]\nrubric = \"persona-value\"\n",
    );
    let prompt = home.oyer(&["prompt", "study.toml", "sex_Male/o3"]);
    let prompt = prompt.expect(0).stdout;
    assert!(
        prompt.contains("9 on a scale from 0 (Not at all) to 10 (Wholly)"),
        "{prompt}"
    );
}

/// A folder with open-ended questions about some of the survey.
fn home_with_open_questions() -> Home {
    let home = Home::new();
    home.write(
        "open.csv",
        "id,text,structured\no1,How far would you go?,Q1\no3,Are you content?,Q3\no4,How many are there?,Q4\n",
    );
    home
}

#[test]
fn a_code_without_a_label_beside_codes_that_have_one_is_noted_with_its_place() {
    let home = Home::new();
    let data = "Q260,Q1,Q2\n1,1,1\n1,3,1\n2,3,5\n2,4,2\n";
    let notes = |codebook: &str, config: &str| {
        let ran = build(&home, data, codebook, &format!("{CONFIG}{config}")).expect(0);
        let summary: serde_json::Value =
            serde_json::from_str(&home.read("out/summary.json")).unwrap();
        let notes = summary["notes"].as_array().unwrap().clone();
        for note in &notes {
            assert!(
                ran.stdout
                    .contains(note.as_str().unwrap().split(' ').next().unwrap())
            );
        }
        notes
    };
    let four = "Q1,,,3,Little,,\nQ1,,,4,Not,,\n";
    let unlabelled = CODEBOOK.replace("Q1,,,3,Little,,\n", "Q1,,,3,,,\nQ1,,,4,Not,,\n");
    assert_eq!(
        notes(&unlabelled, ""),
        [
            "m.csv:3: Q1: 2 respondents gave the code 3, which has no label while codes beside it have one; give it a label in the codebook or in scales.Q1.labels, or drop it there"
        ]
    );
    let without = CODEBOOK.replace("Q1,,,3,Little,,\n", "Q1,,,4,Not,,\n");
    assert_eq!(
        notes(&without, "[scales.Q1]\nrange = \"1-4\"\n"),
        [
            "m.csv:3: Q1: 2 respondents gave the code 3, which is not in the codebook while codes beside it are; give it a label in the codebook or in scales.Q1.labels, or drop it there"
        ]
    );
    let whole = CODEBOOK.replace("Q1,,,3,Little,,\n", four);
    let ends = CODEBOOK.replace(
        "Q1,,,2,Rather,,\nQ1,,,3,Little,,\n",
        "Q1,,,2,,,\nQ1,,,3,,,\nQ1,,,4,Not,,\n",
    );
    for codebook in [whole, ends] {
        assert_eq!(notes(&codebook, ""), [] as [&str; 0]);
    }
}

#[test]
fn help_names_what_takes_a_code_away_and_not_what_is_there() {
    let home = Home::new();
    let config = format!(
        "{CONFIG}[questions]\nmissing = [\"negative\", \"2\", \"9\"]\n[scales.Q1]\nrange = \"1-3\"\n"
    );
    let ran = build(&home, MICRODATA, CODEBOOK, &config).expect(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: c.csv:6: Q1: the codes of this scale are not a range: after 1 comes 3 (2 is no answer by questions.missing)
      help: take 2 out of questions.missing, or keep it among the answers to this question alone: write [scales.Q1] with remap = { "2" = "2" }
    "#);
    // What the help says is so.
    let kept = format!("{config}remap = {{ \"2\" = \"2\" }}\n[scales.Q2]\ndrop = [\"2\"]\n");
    build(&home, MICRODATA, CODEBOOK, &kept).expect(0);
    assert!(
        home.read("out/questions.csv")
            .contains("1 = Very | 2 = Rather | 3 = Little")
    );
    let dropped = format!("{CONFIG}[scales.Q1]\nrange = \"1-3\"\ndrop = [\"2\"]\n");
    let ran = build(&home, MICRODATA, CODEBOOK, &dropped).expect(2);
    assert!(
        ran.stderr.contains("(2 is dropped)")
            && ran
                .stderr
                .contains("help: do not remap or drop 2 in [scales.Q1], or drop"),
        "{}",
        ran.stderr
    );
    let one =
        format!("{CONFIG}[questions]\nmissing = [\"2\", \"3\"]\n[scales.Q1]\nrange = \"1-3\"\n");
    let ran = build(&home, MICRODATA, CODEBOOK, &one).expect(2);
    assert!(
        ran.stderr.contains("one option only, 1\n  help: take 2, 3 out of questions.missing, or keep them among the answers"),
        "{}",
        ran.stderr
    );
}
