//! `oyer survey`, on the example's survey and on odd files.

use std::path::Path;

use crate::support::home::{Home, Ran, build_survey};

const CODEBOOK: &str = "\
variable,topic,text,code,label,scale,role
Q260,,,1,Male,,respondent
Q260,,,2,Female,,
Q1,trust,How far?,1,Very,,question
Q1,,,2,Rather,,
Q1,,,3,Little,,
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

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn build(home: &Home, microdata: impl AsRef<[u8]>, codebook: &str, config: &str) -> Ran {
    build_survey(home, microdata, codebook, config, "out")
}

/// The rows of a table by their first cells, without the header.
fn rows(home: &Home, name: &str) -> Vec<Vec<String>> {
    let text = home.read(name);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records = reader.records().map(|record| record.unwrap());
    records
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn the_examples_tables_are_what_the_command_makes() {
    let home = Home::new();
    let survey = root().join("studies/singapore/survey");
    let path = |name: &str| survey.join(name).display().to_string();
    let ran = home
        .oyer(&[
            "survey",
            "build",
            &path("microdata.csv"),
            "--codebook",
            &path("codebook.csv"),
            "--config",
            &path("survey.toml"),
            "--out",
            "data",
            "--format",
            "json",
        ])
        .expect(0);
    let summary = ran.json();
    assert_eq!(summary["respondents"], 2012);
    let made = files(&home.path().join("data"));
    let kept = files(&root().join("studies/singapore/data"));
    assert_eq!(
        made.iter().map(|f| &f.0).collect::<Vec<_>>(),
        kept.iter().map(|f| &f.0).collect::<Vec<_>>()
    );
    for ((name, made), (_, kept)) in made.iter().zip(&kept) {
        assert!(made == kept, "{name} is not what the command makes");
    }
    let personas = rows(&home, "data/study/personas.csv");
    let questions = rows(&home, "data/study/questions.csv");
    assert!(personas.len() >= 16 && questions.len() >= 40);
    let truth = rows(&home, "data/study/truth.csv");
    assert_eq!(truth.len(), personas.len() * questions.len());
}

/// Files under a folder by their names, with their bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let within = files(&path).into_iter();
            found.extend(within.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            found.push((name, std::fs::read(path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_file_reads_the_same_in_every_form_it_comes_in() {
    let plain = "Q260,Q1,Q2,W\n1,1,1,1\n1,2,5,1\n2,3,2,0.5\n2,-1,2,1\n2,3,,2\n";
    let config = CONFIG.replace("[dimensions", "[respondents]\nweight = \"W\"\n[dimensions");
    let home = Home::new();
    build(&home, plain, CODEBOOK, &config).expect(0);
    let expected = home.read("out/truth.csv");
    assert!(
        expected.contains("sex_Female,Q1,Little,3,1,2,"),
        "{expected}"
    );
    let forms: [Vec<u8>; 6] = [
        plain.replace(',', ";").replace("0.5", "0,5").into(),
        plain.replace(',', "\t").into(),
        plain
            .replace("Q260,Q1", "Q260: Sex,\"Q1: How, then\"")
            .into(),
        [b"\xef\xbb\xbf", plain.as_bytes()].concat(),
        plain.replace("\n1,", "\n1.0,").replace('\n', "\r\n").into(),
        plain
            .replace("1,1,1,1", "\"1\",\"1\",\"1\",\"1\"")
            .replace("2,3,,2", "2,3,NA,2\n\n")
            .into(),
    ];
    for form in forms {
        build(&home, &form, CODEBOOK, &config).expect(0);
        assert_eq!(
            home.read("out/truth.csv"),
            expected,
            "{}",
            String::from_utf8_lossy(&form)
        );
    }
}

#[test]
fn ties_are_broken_as_the_configuration_says() {
    let tied = "Q260,Q1,Q2\n1,3,1\n1,2,1\n2,1,5\n2,1,5\n";
    let home = Home::new();
    let codes = |rule: &str| {
        let config = format!("{CONFIG}[questions]\nties = \"{rule}\"\n");
        build(&home, tied, CODEBOOK, &config).expect(0);
        let rows = rows(&home, "out/truth.csv");
        rows.iter()
            .map(|row| format!("{} {} {} {}", row[0], row[1], row[3], row[4]))
            .collect::<Vec<_>>()
    };
    assert_eq!(codes("lowest")[0], "sex_Male Q1 2 0.5");
    assert_eq!(codes("all")[0], "sex_Male Q1 2 2 | 3");
    assert_eq!(codes("drop")[0], "sex_Male Q2 1 1");
    assert_eq!(codes("random"), codes("random"));
}

#[test]
fn what_is_left_out_is_told() {
    let microdata = "id,C,Q260,Q1,Q2\n1,SGP,1,1,1\n2,SGP,1,-2,1\n2,SGP,2,1,1\n3,SGP,2,9,2\n4,SGP,2,2,2\n5,MYS,2,2,2\n6,SGP,3,1,1\n7,SGP,,1,1\n";
    let codebook =
        format!("{CODEBOOK}Q1,,,9,It depends,,\nQ3,trust,Whom?,1,Them,,question\nQ3,,,2,Us,,\n");
    let config = format!(
        "[respondents]\nkeep = {{ C = \"SGP\" }}\nid = \"id\"\n{CONFIG}[scales.Q1]\nrange = \"1-3\"\n"
    )
    .replace("column = \"Q260\"", "column = \"Q260\"\ndrop = [\"3\"]");
    let home = Home::new();
    let ran = build(&home, microdata, &codebook, &config).expect(0);
    let (_, left_out) = ran.stdout.split_once("Left out\n").unwrap();
    insta::assert_snapshot!(left_out, @"
    - 1 respondent: not of C = SGP
    - 1 respondent: further rows of an id that stands already (such as 2, line 4)
    - 1 question of Q3: not a column of the microdata
    - 1 respondent of sex: dropped: code 3
    - 1 respondent of sex: no answer: 1 empty
    - 1 answer of Q1: code 9 (It depends) not on the scale

    Missing answers
    - 1 of Q1: 1 code -2
    ");
}

#[test]
fn an_open_ended_question_of_a_scale_that_failed_is_no_further_error() {
    let home = Home::new();
    let open = "id,text,structured\no,Why?,Q1\np,How?,Q7\n";
    home.write("open.csv", open);
    let config = format!("{CONFIG}[study]\nquestions = \"open.csv\"\n");
    let microdata = "Q260,Q1,Q2,W\n1,5,2,1\n2,1,2,1\n";
    let codebook = CODEBOOK.replace("Q1,,,3,", "Q1,,,5,");
    let ran = build(&home, microdata, &codebook, &config).expect(2);
    assert!(ran.stderr.contains("not a range"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("no question `Q1`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("no question `Q7`"), "{}", ran.stderr);
}

#[test]
fn everything_wrong_with_the_files_is_told_at_once() {
    let microdata = "Q260,Q1,Q2,W\n1,1,1,-1\n1,2,1\n2,3,x,0.5\n2,7,2,1\n3,1,1,a\n";
    let config = format!(
        "[respondents]\nweight = \"W\"\nid = \"idd\"\n{CONFIG}[questions]\nuse = [\"Q1\", \"Q22\"]\n"
    );
    let home = Home::new();
    let ran = build(&home, microdata, CODEBOOK, &config).expect(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: s.toml:11:14: questions.use: the codebook has no variable `Q22`
      help: did you mean `Q2`?
    error: s.toml:3:6: respondents.id: the microdata have no column `idd`
      help: known columns: Q260, Q1, Q2, W
    error: m.csv:3: this row has 3 cells, the header has 4
      help: an empty cell still needs its comma, a text with commas in it double quotes around it
    error: m.csv:2: W: the weight -1 is negative
      help: a weight is a number above 0; write 0, or leave the cell empty, to leave the respondent out
    error: m.csv:6: W: expected a weight, found `a`
      help: a weight is a number above 0; write 0, or leave the cell empty, to leave the respondent out
    error: m.csv:6: Q260: the code `3` has no level (1 respondent)
      help: give it a label in the codebook, or a level in dimensions.sex.levels, or add it to dimensions.sex.drop
    error: m.csv:5: Q1: the codebook has no code `7`, and it is not on the scale (1 to 3); 1 respondent
      help: write [scales.Q1] with drop = ["7"] or remap = { "7" = "…" }, or add the code to the codebook
    7 errors
    "#);
    assert!(!home.path().join("out").exists());
}

#[test]
fn codes_that_contradict_the_codebook_are_told_with_their_place() {
    let microdata = "Q260,Q1,Q2\n1,1,1\n1,2,1\n2,3,x\n2,7,2\n3,1,1\n3,8,1\n";
    let home = Home::new();
    let ran = build(&home, microdata, CODEBOOK, CONFIG).expect(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: m.csv:6: Q260: the code `3` has no level (2 respondents)
      help: give it a label in the codebook, or a level in dimensions.sex.levels, or add it to dimensions.sex.drop
    error: m.csv:5: Q1: the codebook has no code `7`, and it is not on the scale (1 to 3); 1 respondent
      help: write [scales.Q1] with drop = ["7"] or remap = { "7" = "…" }, or add the code to the codebook
    error: m.csv:7: Q1: the codebook has no code `8`, and it is not on the scale (1 to 3); 1 respondent
      help: write [scales.Q1] with drop = ["8"] or remap = { "8" = "…" }, or add the code to the codebook
    error: m.csv:4: Q2: `x` is no code, and not the label of one code of the codebook; 1 respondent
      help: add it to the codebook as the label of a code of Q2 (a negative one is no answer), or write the code in the cell
    4 errors
    "#);
}

#[test]
fn scales_that_are_none_and_groups_that_are_too_small_are_refused() {
    let microdata = "Q260,Q1,Q2\n1,1,1\n1,2,1\n2,3,2\n";
    let codebook = CODEBOOK.replace("Q1,,,3,", "Q1,,,4,").replace("2,B", "2,");
    let home = Home::new();
    let ran = build(&home, microdata, &codebook, CONFIG).expect(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: c.csv:6: Q1: the codes of this scale are not a range: after 2 comes 4
      help: write [scales.Q1] with range = "…", or remap or drop the codes that stand apart, or nominal = true
    error: c.csv:8: Q2: the code 2 has no label, and options without an order are known by it alone
      help: give it a label in the codebook or in scales.Q2.labels, or drop it there
    2 errors
    "#);
    let config = CONFIG.replace(
        "minimum = 2",
        "minimum = 2\nrequire = [\"sex_Female\", \"sex_Mal\"]",
    );
    let ran = build(&home, microdata, CODEBOOK, &config).expect(2);
    insta::assert_snapshot!(ran.stderr, @"
    error: s.toml:7:12: subgroups.require: the subgroup `sex_Female` has 1 respondent, under the minimum of 2
      help: lower subgroups.minimum, or take it off the list
    error: s.toml:7:26: subgroups.require: no respondent is in a subgroup `sex_Mal`
      help: did you mean `sex_Male`?
    2 errors
    ");
}

#[test]
fn weights_that_are_all_missing_and_respondents_twice_are_refused() {
    let home = Home::new();
    let config =
        format!("[respondents]\nweight = \"W\"\nid = \"id\"\nduplicates = \"refuse\"\n{CONFIG}");
    let microdata = "id,Q260,Q1,Q2,W\n1,1,1,1,\n1,1,1,1,\n2,2,1,1,NA\n";
    let ran = build(&home, microdata, CODEBOOK, &config).expect(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: m.csv:3: id: the respondent 1 stands twice, first on line 2
      help: take one row out, or set respondents.duplicates to "first" or "none"
    error: m.csv:1: W: every weight of this column is missing or 0
      help: name another column in respondents.weight, or leave the key out for equal weights
    2 errors
    "#);
}

#[test]
fn the_files_of_world_values_bench_are_read_as_they_are() {
    let home = Home::new();
    home.write(
        "codebook.json",
        r#"{"Q260": {"question": "Sex", "type": "multiple_choice", "choices": {"1": "Male", "2": "Female", "-5": "Missing"}},
            "Q56": {"question": "Better or worse", "question_instruction": "", "type": "multiple_choice", "choices": {"1": "Better", "2": "Worse", "3": "The same", "-1": "Do not know"}},
            "Q223": {"question": "Party", "type": "multiple_choice", "choices": {"1": "This", "2": "That"}}}"#,
    );
    home.write(
        "question_metadata.json",
        r#"{"Q56": {"question": "How is it, from 1 to 3?", "category": "Well-being", "use_case": "value", "answer_scale_min": 1, "answer_scale_max": 3, "answer_data_type": "ordinal"},
            "Q223": {"question": "Which?", "category": "Politics", "use_case": "value", "answer_scale_min": "", "answer_scale_max": "", "answer_data_type": "non_ordinal"}}"#,
    );
    home.write("answer_adjustment.json", r#"{"Q56": {"2": "3", "3": "2"}}"#);
    home.write("s.toml", CONFIG);
    home.write(
        "m.csv",
        "Q260,Q56,Q223\n1,2,1\n1,2,1\n2,3,1\n2,1,2\n2,3,2\n",
    );
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
    .expect(0);
    insta::assert_snapshot!(home.read("out/questions.csv"), @r#"
    id,topic,text,options
    Q56,Well-being,"How is it, from 1 to 3?",1 = Better | 2 = The same | 3 = Worse
    "#);
    let truth = rows(&home, "out/truth.csv");
    assert_eq!(truth[0][..4], ["sex_Male", "Q56", "Worse", "3"]);
    assert_eq!(truth[1][..4], ["sex_Female", "Q56", "The same", "2"]);
}

#[test]
fn the_page_on_surveys_names_every_key() {
    let page = std::fs::read_to_string(root().join("docs/survey.md")).unwrap();
    let home = Home::new();
    // A key that is none is answered with all the keys that there are.
    let sections = [
        "",
        "[respondents]",
        "[dimensions.x]",
        "[strata]",
        "[subgroups]",
        "[questions]",
        "[scales.x]",
        "[study]",
    ];
    for section in sections {
        let ran = build(
            &home,
            "a\n1\n",
            CODEBOOK,
            &format!("{section}\nzzzzzzzzzz = 1\n"),
        )
        .expect(2);
        let (_, known) = ran
            .stderr
            .split_once("known keys: ")
            .expect("a list of keys");
        let known = known.lines().next().unwrap();
        for key in known.split(", ") {
            let named = page.contains(&format!("| `{key}` |")) || page.contains(&format!("[{key}"));
            assert!(
                named,
                "docs/survey.md does not explain `{key}` of {section}"
            );
        }
    }
}

#[test]
fn texts_in_place_of_codes_are_read_however_they_are_written() {
    let codebook = format!("{CODEBOOK}Q1,,,-1,Don't know,,\n");
    let codes = "Q260,Q1,Q2\n1,1,1\n1,1,1\n2,3,5\n2,-1,5\n";
    let home = Home::new();
    build(&home, codes, &codebook, CONFIG).expect(0);
    let expected = home.read("out/truth.csv");
    let texts =
        "Q260,Q1,Q2\nMale,Very,A\n MALE ,very,a\nfemale,LITTLE,C\nFemale,Don\u{b4}t  know,c\n";
    build(&home, texts, &codebook, CONFIG).expect(0);
    assert_eq!(home.read("out/truth.csv"), expected);
    let wrong = "Q260,Q1,Q2\nMale,Very,A\nMale,Quite,A\nFemal,Little,C\nFemale,Little,C\n";
    let ran = build(&home, wrong, &codebook, CONFIG).expect(2);
    insta::assert_snapshot!(ran.stderr, @r"
    error: m.csv:4: Q260: `Femal` is no code, and neither a level of the configuration nor a label of the codebook (1 respondent)
      help: give it a label in the codebook, or a level in dimensions.sex.levels, or add it to dimensions.sex.drop
    error: m.csv:3: Q1: `Quite` is no code, and not the label of one code of the codebook; 1 respondent
      help: add it to the codebook as the label of a code of Q1 (a negative one is no answer), or write the code in the cell
    2 errors
    ");
}

#[test]
fn the_published_counts_of_singapore_stand_beside_those_found() {
    let home = Home::new();
    for (column, cell) in [
        ("B_COUNTRY_ALPHA", "SGP"),
        ("B_COUNTRY", "702.0"),
        ("B_COUNTRY: ISO 3166-1 numeric country code", "Singapore"),
    ] {
        let microdata = format!("{column},Q260,Q1,Q2\n{cell},1,1,1\n{cell},1,2,1\n{cell},2,3,2\n");
        let ran = build(&home, &microdata, CODEBOOK, CONFIG).expect(0);
        let (_, anchors) = ran.stdout.split_once("Country SGP").unwrap();
        assert!(
            anchors.contains("- respondents: published 2,012, found 3\n"),
            "{anchors}"
        );
        assert!(anchors.contains("- questions: published 214, found 2\n"));
        assert!(anchors.contains("- in-distribution subgroups: published 50, found 1\n"));
        assert!(anchors.contains("- out-of-distribution pairs: published 10,177, found 0\n"));
        let other = microdata.replacen(cell, "MYS", 1);
        let ran = build(&home, other, CODEBOOK, CONFIG).expect(0);
        assert!(!ran.stdout.contains("Country SGP"));
    }
}

#[test]
fn a_kill_leaves_the_tables_of_one_build_or_says_that_they_are_not_whole() {
    let home = Home::new();
    let survey = root().join("studies/singapore/survey");
    let path = |name: &str| survey.join(name).display().to_string();
    let config = std::fs::read_to_string(survey.join("survey.toml")).unwrap();
    let (config, _) = config.split_once("[study]").unwrap();
    let mut whole: Vec<Vec<(String, Vec<u8>)>> = Vec::new();
    for (name, minimum) in [("a", 30), ("b", 40)] {
        let config = config.replace("minimum = 30", &format!("minimum = {minimum}"));
        home.write(&format!("{name}.toml"), config);
    }
    let (microdata, codebook) = (path("microdata.csv"), path("codebook.csv"));
    let arguments = |config: &'static str| {
        [
            "survey",
            "build",
            &microdata,
            "--codebook",
            &codebook,
            "--config",
            config,
            "--out",
            "out",
        ]
        .map(str::to_owned)
    };
    let run = |config: &'static str| {
        let arguments = arguments(config);
        home.oyer(&arguments.each_ref().map(String::as_str))
            .expect(0)
    };
    for config in ["b.toml", "a.toml"] {
        run(config);
        whole.push(files(&home.path().join("out")));
    }
    let started = std::time::Instant::now();
    run("b.toml");
    let usual = started.elapsed();
    for step in 0..12_u32 {
        let config = ["a.toml", "b.toml"][step as usize % 2];
        let arguments = arguments(config);
        let mut child = home.start(&arguments.each_ref().map(String::as_str));
        std::thread::sleep(usual * (step + 4) / 14);
        child.kill().unwrap();
        child.wait().unwrap();
        let found = files(&home.path().join("out"));
        let found: Vec<_> = found
            .into_iter()
            .filter(|(name, _)| Path::new(name).extension().is_none_or(|end| end != "part"))
            .collect();
        let marked = found.iter().any(|(name, _)| name == ".oyer-unfinished");
        assert!(marked || whole.contains(&found), "step {step}");
    }
    run("a.toml");
    let names = files(&home.path().join("out"));
    assert_eq!(names, whole[1]);
}

#[test]
fn a_study_refuses_tables_that_are_not_whole() {
    let home = Home::new();
    home.write("data/personas.csv", "id\np\n");
    home.write("data/questions.csv", "id,text\nq,Why?\n");
    home.write("data/.oyer-unfinished", "");
    home.write(
        "study.toml",
        "name = \"s\"\n[data]\npersonas = \"data/personas.csv\"\nquestions = \"data/questions.csv\"\n[models.a]\nprovider = \"simulated\"\n[models.b]\nprovider = \"simulated\"\n[judges.j]\nprovider = \"simulated\"\n[compare]\npairs = [[\"a\", \"b\"]]\n",
    );
    let ran = home.oyer(&["check", "study.toml"]).expect(2);
    assert!(
        ran.stderr
            .contains("study.toml:3:12: data.personas: the tables in data are not whole"),
        "{}",
        ran.stderr
    );
    std::fs::remove_file(home.path().join("data/.oyer-unfinished")).unwrap();
    home.oyer(&["check", "study.toml"]).expect(0);
}

#[test]
fn columns_of_one_name_and_codes_that_are_no_numbers_are_refused() {
    let home = Home::new();
    let microdata = "Q260,Q1,Q2,Q1\n1,1,1,2\n1,1,1,2\n";
    let codebook = CODEBOOK.replace("Q2,,,5,C", "Q2,,,c,C");
    let ran = build(&home, microdata, &codebook, CONFIG).expect(2);
    insta::assert_snapshot!(ran.stderr, @"
    error: m.csv:1: Q1: 2 columns have this name
      help: take all but one out of the file
    error: c.csv:9: Q2: `c` is no code of a question: codes are whole numbers
      help: give the answer a number in the codebook and in the microdata, or take it out of the codebook
    2 errors
    ");
    // Missing values as Stata exports them.
    let microdata = "Q260,Q1,Q2\n1,1,1\n1,.a,.\n.b,1,1\n1,1,1\n";
    let ran = build(&home, microdata, CODEBOOK, CONFIG).expect(0);
    assert!(
        ran.stdout.contains("- 1 respondent of sex: no answer"),
        "{}",
        ran.stdout
    );
}
