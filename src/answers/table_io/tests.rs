use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::answers::{AnswerTable, Given, Missing};

fn read_csv(text: &str) -> Result<AnswerTable, String> {
    read(Path::new("a.csv"), text.as_bytes(), Format::Csv).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

fn written(table: &AnswerTable, format: Format) -> String {
    let mut out = Vec::new();
    write(table, format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const SMALL: &str = "\
persona,question,topic,split,stratum,model,sample,option,distribution,missing_reason,truth,truth_modes,truth_distribution,truth_share,truth_n,truth_unstable,scale,group.sex
p1,Q1,trust,eval,sex,base,1,2,,,1,1 | 2,1 = 0.4 | 2 = 0.4 | 3 = 0.2,0.4,120,0.5,1 = Yes | 2 = Perhaps | 3 = No,Female
p1,Q1,trust,eval,sex,tuned,1,,,refused,1,1 | 2,1 = 0.4 | 2 = 0.4 | 3 = 0.2,0.4,120,0.5,,Female
p2,Q1,trust,eval,sex,base,1,3,1 = 0.25 | 3 = 0.75,,3,,,,,,1 = Yes | 2 = Perhaps | 3 = No,
p2,Q2,,eval,sex,base,2,0,,,,,,,,,0 | 1,
";

#[test]
fn a_file_that_is_not_what_its_name_says_is_one_problem() {
    let csv = "\u{feff}persona,question,model,option,truth,scale\np,Q1,m,1,1,1|2\n";
    let row = "{\"persona\": \"p\", \"question\": \"Q1\", \"model\": \"m\"}";
    for (name, text, format, expected) in [
        ("a.jsonl", csv, Format::Jsonl, "this is CSV, not JSONL"),
        ("a.csv", row, Format::Csv, "this is JSON, not CSV"),
        (
            "a.csv",
            &format!("[{row}]"),
            Format::Csv,
            "this is a JSON list, not CSV",
        ),
        (
            "a.jsonl",
            &format!("[{row}]"),
            Format::Jsonl,
            "this is a JSON list, not JSONL",
        ),
    ] {
        let problems = read(Path::new(name), text.as_bytes(), format).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        let told = problems[0].to_string();
        assert!(
            told.starts_with(&format!("{name}:1:1: {expected}")),
            "{told}"
        );
    }
}

#[test]
fn rows_become_a_table_of_interned_things() {
    let table = read_csv(SMALL).unwrap();
    assert_eq!(table.models, ["base", "tuned"]);
    assert_eq!(table.dimensions, ["sex"]);
    assert_eq!(
        (
            table.items.len(),
            table.questions.len(),
            table.personas.len()
        ),
        (3, 2, 2)
    );
    assert_eq!(&*table.items[0].id, "p1/Q1");
    let truth = table.items[0].truth.as_ref().unwrap();
    assert_eq!((truth.mode, truth.ties()), (0, 2));
    assert!(truth.is_mode(1) && !truth.is_mode(2));
    assert_eq!(truth.n, Some(120.0));
    let shares = table.shares_of(&table.items[0], truth.distribution.unwrap());
    assert_eq!(shares, [0.4, 0.4, 0.2]);
    assert_eq!(table.answers[0].given, Given::Option(1));
    assert_eq!(table.answers[1].given, Given::Missing(Missing::Refused));
    let own = table.answers[2].distribution.unwrap();
    assert_eq!(table.shares_of(&table.items[1], own), [0.25, 0.0, 0.75]);
    assert_eq!(table.items[2].truth, None);
    assert_eq!(table.answers[3].sample, 2);
    assert_eq!(table.personas[0].levels[0].as_deref(), Some("Female"));
    assert_eq!(table.personas[1].levels[0], None);
}

#[test]
fn a_table_comes_back_from_both_formats() {
    let table = read_csv(SMALL).unwrap();
    assert_eq!(read_csv(&written(&table, Format::Csv)).unwrap(), table);
    let jsonl = written(&table, Format::Jsonl);
    let back = read(Path::new("a.jsonl"), jsonl.as_bytes(), Format::Jsonl).unwrap();
    assert_eq!(back, table);
    insta::assert_snapshot!(jsonl.lines().nth(2).unwrap(), @r#"{"item":"p2/Q1","persona":"p2","question":"Q1","topic":"trust","split":"eval","stratum":"sex","model":"base","sample":1,"option":3,"distribution":"1 = 0.25 | 2 = 0 | 3 = 0.75","truth":3,"scale":"1 = Yes | 2 = Perhaps | 3 = No","group.sex":null}"#);
}

#[test]
fn json_lines_may_hold_scales_and_shares_as_objects() {
    let line = r#"{"question":"Q1","model":"m","option":1,"truth_modes":[1,2],"truth_distribution":{"1":0.5,"2":0.5},"scale":{"2":"No","1":"Yes"}}"#;
    let table = read(Path::new("a.jsonl"), line.as_bytes(), Format::Jsonl).unwrap();
    assert_eq!(table.questions[0].scale.to_string(), "1 = Yes | 2 = No");
    assert_eq!(table.items[0].truth.as_ref().unwrap().ties(), 2);
}

#[test]
fn the_truth_is_the_lowest_mode_of_the_shares_where_no_mode_is_given() {
    let text = "question,model,option,truth_distribution,scale\nQ1,m,1,1 = 0.2 | 2 = 0.4 | 3 = 0.4,1|2|3\n";
    let table = read_csv(text).unwrap();
    let truth = table.items[0].truth.clone().unwrap();
    assert_eq!((truth.mode, &*truth.modes), (1, &[1, 2][..]));
}

#[test]
fn an_answer_without_an_option_takes_the_likeliest_of_its_shares() {
    let text = "question,model,option,distribution,truth,scale\nQ1,m,,2 = 0.7 | 1 = 0.3,1,1|2\n";
    assert_eq!(read_csv(text).unwrap().answers[0].given, Given::Option(1));
}

#[rstest]
#[case(
    "4,,1,1|2|3",
    "a.csv:2:6: option: the code 4 is not on the scale (1 to 3)"
)]
#[case(
    "x,,1,1|2|3",
    "a.csv:2:6: option: expected a whole number as the code of an option, found `x`"
)]
#[case(
    ",refusd,1,1|2|3",
    "a.csv:2:7: missing_reason: `refusd` is no reason for a missing answer\n  help: did you mean `refused`?"
)]
#[case(
    "1,refused,1,1|2|3",
    "a.csv:2:8: missing_reason: the row has a reason together with the option 1\n  help: leave one of them empty"
)]
#[case(
    "1,,9,1|2|3",
    "a.csv:2:9: truth: the code 9 is not on the scale (1 to 3)"
)]
#[case(
    "1,,1,",
    "a.csv:2:11: scale: the scale of question `Q1` is not known yet\n  help: write its options in its first row, such as `1 = Yes | 2 = No`"
)]
#[case(
    "1,,1,a|b",
    "a.csv:2:11: scale: expected a whole number as the code of an option, found `a`"
)]
fn a_wrong_cell_is_placed(#[case] cells: &str, #[case] message: &str) {
    let text = format!("question,model,option,missing_reason,truth,scale\nQ1,m,{cells}\n");
    assert_eq!(read_csv(&text).unwrap_err(), message);
}

#[test]
fn rows_that_contradict_each_other_are_refused() {
    let head = "persona,question,model,sample,option,truth,scale,group.sex\n";
    let first = "p,Q,m,1,1,1,1|2,F\n";
    let error = |second: &str| read_csv(&format!("{head}{first}{second}\n")).unwrap_err();
    assert!(error("p,Q,m,1,2,1,1|2,F").contains("same item, model and sample as line 2"));
    assert!(error("p,Q,m,2,2,2,1|2,F").contains("item `p/Q` has another `truth`"));
    assert!(error("p,Q,m,2,2,1,1|3,F").contains("question `Q` has another scale"));
    assert!(error("p,Q,m,2,2,1,1|2,M").contains("group.sex: persona `p` has another level"));
}

#[test]
fn a_header_without_what_is_needed_is_refused_once() {
    insta::assert_snapshot!(read_csv("question,model,answer\nQ,m,1\n").unwrap_err(), @"
    a.csv:1:16: answer: an answers table has no such column
      help: a dimension of personas is named `group.answer`
    a.csv:1: the header lacks scale, option, truth (or truth_distribution)
      help: an answers table has at least question, model, option, truth and scale
    ");
}

fn cells() -> impl Strategy<Value = (u8, u8, u8, Option<u8>)> {
    (0..3_u8, 0..3_u8, 0..2_u8, prop::option::of(1..4_u8))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_table_comes_back(rows in prop::collection::vec(cells(), 0..12), level in r#"[-=a"\\{}u,]{1,4}"#) {
        let mut text = "persona,question,model,sample,option,missing_reason,truth,scale,group.x\n".to_owned();
        for (sample, (p, q, m, option)) in rows.iter().enumerate() {
            let (option, reason) = match option {
                Some(code) => (code.to_string(), ""),
                None => (String::new(), "failed"),
            };
            let (sample, truth) = (sample + 1, 1 + (p + q) % 3);
            writeln!(text, "p{p},q{q},m{m},{sample},{option},{reason},{truth},1|2|3,g").unwrap();
        }
        let mut table = read_csv(&text).unwrap();
        for persona in &mut table.personas {
            persona.levels = vec![Some(level.as_str().into())].into();
        }
        prop_assert_eq!(&read_csv(&written(&table, Format::Csv)).unwrap(), &table);
        let jsonl = written(&table, Format::Jsonl);
        if !table.answers.is_empty() {
            prop_assert_eq!(&read(Path::new("a"), jsonl.as_bytes(), Format::Jsonl).unwrap(), &table);
        }
    }

    #[test]
    fn no_file_makes_the_reader_panic(text in r#"(question|model|option|truth|scale|1|[,\n|="{}a])*"#) {
        let _ = read_csv(&text);
        let _ = read(Path::new("a"), text.as_bytes(), Format::Jsonl);
    }
}
