use std::path::Path;
use std::sync::Arc;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::verdict::table::{
    Cell, Contest, Item, ItemPersona, ItemQuestion, Judgment, Length, Names, VerdictTable,
};
use crate::verdict::{MissingReason, Order, Outcome};

fn csv(text: &str) -> VerdictTable {
    read(Path::new("v.csv"), text.as_bytes(), Format::Csv).unwrap()
}

fn jsonl(text: &str) -> VerdictTable {
    read(Path::new("v.jsonl"), text.as_bytes(), Format::Jsonl).unwrap()
}

fn problems_of(bytes: &[u8], format: Format) -> String {
    let problems = read(Path::new("v"), bytes, format).unwrap_err();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn csv_problems(text: &str) -> String {
    problems_of(text.as_bytes(), Format::Csv)
}

fn jsonl_problems(text: &str) -> String {
    problems_of(text.as_bytes(), Format::Jsonl)
}

fn written(table: &VerdictTable, format: Format) -> String {
    let mut out = Vec::new();
    write(table, format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const HEADER: &str = "question,candidate,opponent,criterion,outcome";

#[test]
fn five_columns_are_a_table() {
    let table = csv(&format!(
        "{HEADER}\nq1,tuned,base,overall,win\nq1,tuned,base,value,tie\nq2,tuned,base,overall,missing\n"
    ));
    assert!(table.orders_unknown);
    assert_eq!(table.criteria, ["overall", "value"]);
    assert_eq!(
        table.contests,
        [Contest {
            candidate: "tuned".to_owned(),
            opponent: "base".to_owned(),
            judge: "judge".to_owned(),
            rubric: "unknown".to_owned(),
        }]
    );
    assert_eq!(
        table.items,
        [Item::new("q1", "", "q1"), Item::new("q2", "", "q2")]
    );
    assert_eq!(table.judgments.len(), 2);
    assert_eq!(table.judgments[0].cell_count, 2);
    assert_eq!(
        (table.judgments[1].sample, table.judgments[1].repeat),
        (1, 1)
    );
    assert_eq!(
        table.cells[2],
        Cell {
            criterion: 0,
            outcome: Outcome::Missing,
            missing: Some(MissingReason::NoVerdict)
        }
    );
    assert!(table.scores.is_empty() && table.calls.is_empty());
}

#[test]
fn an_item_is_persona_and_question_unless_it_is_named() {
    let table = csv(
        "persona,question,candidate,opponent,criterion,outcome,item\np,q,a,b,c,win,\np,q2,a,b,c,win,mine\n",
    );
    assert_eq!(table.items[0].id(), "p/q");
    assert_eq!(table.items[1].id(), "mine");
}

#[test]
fn criteria_of_one_judgment_are_one_though_written_from_either_side() {
    let header = "question,candidate,opponent,criterion,order,candidate_chars,opponent_chars";
    let outcomes = csv(&format!(
        "{header},outcome\n\
         q1,a,b,c,candidate_first,100,50,win\n\
         q1,b,a,d,opponent_first,50,100,loss\n\
         q2,b,a,c,candidate_first,50,300,tie\n\
         q2,a,b,d,opponent_first,300,50,loss\n"
    ));
    let plain = csv(&format!(
        "{header},outcome\n\
         q1,a,b,c,candidate_first,100,50,win\n\
         q1,a,b,d,candidate_first,100,50,win\n\
         q2,b,a,c,candidate_first,50,300,tie\n\
         q2,b,a,d,candidate_first,50,300,win\n"
    ));
    assert_eq!(outcomes.judgments.len(), 2);
    assert_eq!(outcomes.judgments, plain.judgments);
    assert_eq!(outcomes.cells, plain.cells);
    let scores = csv(&format!(
        "{header},score\n\
         q1,a,b,c,candidate_first,100,50,1\n\
         q1,b,a,d,opponent_first,50,100,0.25\n"
    ));
    assert_eq!(scores.judgments.len(), 1);
    assert_eq!(scores.scores, [1.0, 0.75]);
    // Answers of other lengths are other answers.
    let other = csv(&format!(
        "{header},outcome\n\
         q1,a,b,c,candidate_first,100,50,win\n\
         q1,b,a,d,opponent_first,100,50,loss\n"
    ));
    assert_eq!(other.judgments.len(), 2);
}

#[test]
fn rows_of_one_judgment_are_one_wherever_they_stand() {
    let header = "question,candidate,opponent,criterion,order,score\n";
    let mut rows: Vec<String> = Vec::new();
    for question in ["q1", "q2"] {
        for (criterion, score) in [("c", "1"), ("d", "0.25")] {
            for order in ["candidate_first", "opponent_first"] {
                rows.push(format!("{question},a,b,{criterion},{order},{score}\n"));
            }
        }
    }
    let apart = csv(&(header.to_owned() + &rows.concat()));
    assert_eq!(apart.judgments.len(), 4);
    rows.sort_by_key(|row| (row.starts_with("q2"), row.contains("opponent_first")));
    let together = csv(&(header.to_owned() + &rows.concat()));
    assert_eq!(apart, together);
    let cells: Vec<_> = apart.cells_of(&apart.judgments[1]).to_vec();
    assert_eq!(
        cells.iter().map(|cell| cell.criterion).collect::<Vec<_>>(),
        [0, 1]
    );
    assert_eq!(apart.score(3), Some(0.25));
}

#[test]
fn an_outcome_comes_from_the_score_where_it_is_not_given() {
    let table = csv(
        "question,candidate,opponent,criterion,score\nq1,a,b,c,0.75\nq2,a,b,c,0.5\nq3,a,b,c,0\n",
    );
    let outcomes: Vec<Outcome> = table.cells.iter().map(|cell| cell.outcome).collect();
    assert_eq!(outcomes, [Outcome::Win, Outcome::Tie, Outcome::Loss]);
    assert_eq!(table.scores, [0.75, 0.5, 0.0]);
    assert_eq!(table.score(0), Some(0.75));
}

#[test]
fn scores_and_calls_may_be_given_for_some_rows_only() {
    let call = "0f".repeat(32);
    let table = csv(&format!(
        "{HEADER},score,call,order\nq1,a,b,c,win,,,candidate_first\nq2,a,b,c,win,0.9,{call},candidate_first\nq3,a,b,c,loss,,,opponent_first\n"
    ));
    assert!(table.scores[0].is_nan() && table.scores[2].is_nan());
    assert_eq!(table.score(1), Some(0.9));
    assert_eq!(table.calls, [[0; 32], [15; 32], [0; 32]]);
    assert!(!table.orders_unknown);
    assert_eq!(table.judgments[2].order, Order::OpponentFirst);
}

#[test]
fn groups_and_covariates_are_kept_by_name() {
    let table = csv(&format!(
        "{HEADER},group.sex,x.length,group.age\nq1,a,b,c,win,female,12,\n"
    ));
    assert_eq!(table.dimensions, ["sex", "age"]);
    assert_eq!(table.covariates, ["length"]);
    assert_eq!(table.items[0].persona.levels[0].as_deref(), Some("female"));
    assert_eq!(table.items[0].persona.levels[1], None);
    assert_eq!(table.items[0].question.covariates[0].as_deref(), Some("12"));
}

#[test]
fn json_lines_take_numbers_nulls_and_late_dimensions() {
    let table = jsonl(
        "{\"question\":7,\"candidate\":\"a\",\"opponent\":\"b\",\"criterion\":\"c\",\"outcome\":\"win\",\"topic\":null}\n\n{\"outcome\":null,\"score\":0.25,\"question\":8,\"candidate\":\"a\",\"opponent\":\"b\",\"criterion\":\"c\",\"group.sex\":\"male\",\"sample\":2}\n",
    );
    assert_eq!(&*table.items[0].question.id, "7");
    assert_eq!(table.items[0].persona.levels.len(), 1);
    assert_eq!(table.items[1].persona.levels[0].as_deref(), Some("male"));
    assert_eq!(table.judgments[1].sample, 2);
    assert_eq!(table.cells[1].outcome, Outcome::Loss);
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    assert_eq!(
        csv(&format!("\u{feff}{HEADER}\nq1,a,b,c,win\n"))
            .items
            .len(),
        1
    );
    let line = "{\"question\":\"q\",\"candidate\":\"a\",\"opponent\":\"b\",\"criterion\":\"c\",\"outcome\":\"win\"}";
    assert_eq!(jsonl(&format!("\u{feff}{line}")).items.len(), 1);
}

#[test]
fn outcomes_may_be_spelt_in_capitals() {
    assert_eq!(
        csv(&format!("{HEADER}\nq1,a,b,c, Win\n")).cells[0].outcome,
        Outcome::Win
    );
}

#[test]
fn rows_from_the_other_side_are_kept_as_they_are() {
    let table = csv(&format!(
        "{HEADER},order\nq1,a,b,c,win,candidate_first\nq1,b,a,c,win,candidate_first\n"
    ));
    assert_eq!(table.contests.len(), 2);
    assert_eq!(table.judgments.len(), 2);
}

#[test]
fn an_unknown_column_names_the_nearest() {
    assert_snapshot!(csv_problems(&format!("{HEADER},outcom,sex,outcome,group.\nq1,a,b,c,win,x,y,tie,z\n")), @r"
    v:1:47: outcom: a verdict table has no such column
      help: did you mean `outcome`?
    v:1:54: sex: a verdict table has no such column
      help: a dimension of personas is named `group.sex`, a covariate of questions `x.sex`
    v:1:58: outcome: the column stands here twice
    v:1:66: group.: a verdict table has no such column
      help: a name must follow `group.`
    ");
}

#[test]
fn a_header_without_what_is_required_is_refused() {
    assert_snapshot!(csv_problems("question,candidate\nq,a\n"), @r"
    v:1: the header lacks opponent, criterion, outcome (or score)
      help: a verdict table has at least question, candidate, opponent, criterion and outcome
    ");
    assert_snapshot!(csv_problems(""), @"
    v:1:1: the file is empty, expected a header and rows
      help: the first line names the columns
    ");
}

#[test]
fn columns_in_another_case_are_said_to_stand_there() {
    assert_snapshot!(csv_problems("Question,Candidate,Opponent,Criterion,Outcome\nq,a,b,c,win\n"), @r"
    v:1: the header lacks question, candidate, opponent, criterion, outcome (or score)
      help: write the names of columns in lower case: Question, Candidate, Opponent, Criterion, Outcome stand there
    ");
}

#[test]
fn a_model_that_is_compared_with_itself_is_refused() {
    let rows = "q,a,b,c,win\nq,b,b,c,tie\n";
    let table = format!("question,candidate,opponent,criterion,outcome\n{rows}");
    assert_snapshot!(csv_problems(&table), @"v:3:5: opponent: `b` is the candidate too, and a row compares two models; leave such rows out");
}

#[test]
fn a_file_of_another_kind_is_told_as_a_whole() {
    let problems = csv_problems("name = \"a\", seed\n1,2\n");
    assert_eq!(problems.matches("v:").count(), 1, "{problems}");
    assert!(
        problems.starts_with("v:1: the header lacks question,"),
        "{problems}"
    );
    let problems = csv_problems("SQLite format 3\0...");
    assert!(problems.contains("name its results folder"), "{problems}");
    let table = csv("question;candidate;opponent;criterion;outcome\nq1;a,1;b;c;win\n");
    assert_eq!(table.contests[0].candidate, "a,1");
}

#[test]
fn every_bad_field_is_said_with_its_place() {
    let text = "question,candidate,opponent,criterion,outcome,order,sample,repeat,score,missing_reason,candidate_chars,call
q1,a,b,c,won,candidate_first,1,1,,,,
q2,a,b,c,win,first,1,1,,,,
q3,a,b,c,win,candidate_first,0,1,,,,
\"q\n,4\",a,b,c,win,candidate_first,1,-1,,,,
q5,a,b,c,win,candidate_first,1,1,1.5,,,
q6,a,b,c,win,candidate_first,1,1,0.5,,,
q7,a,b,c,win,candidate_first,1,1,,failed,,
q8,a,b,c,missing,candidate_first,1,1,,oops,,
q9,a,b,c,win,candidate_first,1,1,,,1.5,
q10,a,b,c,win,candidate_first,1,1,,,,abc
,a,b,c,win,candidate_first,1,1,,,,
q11,a,b,,win,candidate_first,1,1,,,,
q12,a,b,c,,candidate_first,1,1,,,,
q13,a,b,c,win,,1,1,,,,
q14,a,b,c
";
    assert_snapshot!(csv_problems(text), @"
    v:2:10: outcome: `won` is not one of win, tie, loss, missing
      help: did you mean `win`?
    v:3:14: order: `first` is not one of candidate_first, opponent_first
    v:4:30: sample: `0` is not a whole number from 1 to 65535
    v:5: repeat: `-1` is not a whole number from 1 to 65535
    v:7:34: score: `1.5` is not a number from 0 to 1
    v:8:34: score: the score is 0.5, but the outcome is `win`, so expected above 0.5
      help: both are from the candidate's side
    v:9:35: missing_reason: the row has a missing_reason together with the outcome `win`
    v:10:39: missing_reason: `oops` is not one of no_verdict, partial, refused, truncated, failed, not_run
    v:11:36: candidate_chars: `1.5` is not a whole number of characters
    v:12:38: call: `abc` is not a key of 64 hexadecimal digits
    v:13:1: question: the row has none, and it is required
    v:14:9: criterion: the row has none, and it is required
    v:15:11: outcome: the row has neither an outcome nor a score
      help: a judgment without a verdict has the outcome `missing`
    v:16: order: the row has no order, but line 2 has one
      help: give an order in every row, or in none
    v:17: the row has 4 fields, expected 12 as in the header
      help: an empty field still needs its separator
    ");
}

#[test]
fn lines_are_right_after_blank_lines_and_carriage_returns() {
    let text =
        format!("\r\n{HEADER}\r\n\r\n\r\nq1,a,b,c,oops\r\n\r\nq2,a,b,c,win,x\r\nq3,a,b,c,also\r\n");
    assert_snapshot!(csv_problems(&text), @"
    v:5:10: outcome: `oops` is not one of win, tie, loss, missing
      help: did you mean `loss`?
    v:7: the row has 6 fields, expected 5 as in the header
      help: a text with a separator in it needs double quotes around it
    v:8:10: outcome: `also` is not one of win, tie, loss, missing
    ");
}

#[test]
fn a_quote_that_swallows_rows_is_refused_at_its_place() {
    let text = format!(
        "{HEADER}\n\"q1\",a,b,c,win\nq2,\"a,b,c,win\nq3,\"a\",b,c,nope\nq4,\"ä\nx\" a,b,c,win\nq5,a,\"b,c,win\nq6,a,b,c,loss\n"
    );
    assert_snapshot!(csv_problems(&text), @"
    v:4:5: this stands after the double quote that closes its cell
      help: write a double quote within a quoted cell twice
    v:6:4: this stands after the double quote that closes its cell
      help: write a double quote within a quoted cell twice
    v:7:6: the double quote that opens this cell is never closed
      help: write a double quote within a quoted cell twice
    ");
    assert_snapshot!(csv_problems("question,\"candidate,opponent,criterion,outcome\nq1,a,b,c,win\n"), @"
    v:1:10: the double quote that opens this cell is never closed
      help: write a double quote within a quoted cell twice
    ");
    let sound = format!("{HEADER}\n\"q\n1\" ,a \"x\",\"b \"\"y\"\"\",c,win\n");
    assert_eq!(csv(&sound).contests[0].opponent, "b \"y\"");
}

#[test]
fn an_open_quote_is_told_at_its_place_however_long_the_file_goes_on() {
    let rows = "q,a,b,c,win\n".repeat(400_000);
    let text = format!("{HEADER}\nq0,a,b,c,win\nq1,a,\"b,c,win\n{rows}");
    assert!(csv_problems(&text).starts_with("v:3:6: the double quote that opens"));
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    assert_snapshot!(problems_of(b"question,candidate,opponent,criterion,outcome\nq\xff,a,b,c,win\nq,a,b,c,nope\n", Format::Csv), @"
    v:2: field 1 is not UTF-8
      help: save the file as UTF-8
    v:3:9: outcome: `nope` is not one of win, tie, loss, missing
    ");
    assert_snapshot!(problems_of(b"{\"question\":\"\xff\"}\n", Format::Jsonl), @r"v:1: the line is not UTF-8");
    assert_snapshot!(problems_of(b"\xff\xfeq\0", Format::Csv), @"
    v:1:1: the file is UTF-16, expected UTF-8
      help: save it as `CSV UTF-8`
    ");
}

#[test]
fn an_item_that_changes_is_refused() {
    let text = "item,question,topic,candidate,opponent,criterion,outcome,group.sex
i,q1,t,a,b,c,win,female
i,q2,t,a,b,d,win,female
i,q1,u,a,b,d,win,female
i,q1,t,a,b,d,win,male
";
    assert_snapshot!(csv_problems(text), @r"
    v:3:3: question: item `i` has `q2` here and `q1` in an earlier row
      help: an item is one persona asked one question; give rows that differ their own `item` or `persona`
    v:4:6: topic: item `i` has `u` here and `t` in an earlier row
      help: an item is one persona asked one question; give rows that differ their own `item` or `persona`
    v:5:18: group.sex: item `i` has `male` here and `female` in an earlier row
      help: an item is one persona asked one question; give rows that differ their own `item` or `persona`
    ");
}

#[test]
fn a_row_after_a_bad_one_is_checked_like_any_other() {
    let text = "item,question,candidate,opponent,criterion,outcome
i,q1,a,b,c,win
i,q2,a,b,d,win
i,q2,a,b,e,win
i,q1,a,b
i,q2,a,b,f,win
i,q1,a,b,g,win
";
    let lines: Vec<Option<usize>> = read(Path::new("v"), text.as_bytes(), Format::Csv)
        .unwrap_err()
        .iter()
        .map(|problem| problem.line)
        .collect();
    assert_eq!(lines, [Some(3), Some(4), Some(5), Some(6)]);
}

#[test]
fn rows_may_take_turns() {
    let rows = ["q1,a,b,c", "q2,a,b,c", "q1,a,x,c", "q1,a,b,d", "q2,a,b,d"];
    let text = format!("{HEADER}\n{},win\n", rows.join(",win\n"));
    let table = csv(&text);
    let items: Vec<u32> = table
        .judgments
        .iter()
        .map(|judgment| judgment.item)
        .collect();
    let contests: Vec<u32> = table
        .judgments
        .iter()
        .map(|judgment| judgment.contest)
        .collect();
    assert_eq!((items, contests), (vec![0, 1, 0], vec![0, 0, 1]));
}

#[test]
fn a_judgment_that_stands_twice_is_refused_from_either_side() {
    let text = format!(
        "{HEADER},order
q1,a,b,c,win,candidate_first
q2,a,b,c,win,candidate_first
q1,b,a,c,loss,opponent_first
q1,b,a,c,loss,candidate_first
q2,a,b,c,loss,candidate_first
"
    );
    assert_snapshot!(csv_problems(&text), @r"
    v:4: the row is for the same judgment and criterion as line 2
      help: tell rows apart by judge, rubric, order, sample or repeat, or leave one out
    v:6: the row is for the same judgment and criterion as line 3
      help: tell rows apart by judge, rubric, order, sample or repeat, or leave one out
    ");
}

#[test]
fn problems_are_counted_beyond_the_first_thousand() {
    let rows: Vec<String> = (0..1_010).map(|i| format!("q{i},a,b,c,bad")).collect();
    let rows = rows.join("\n");
    let problems = read(
        Path::new("v"),
        format!("{HEADER}\n{rows}").as_bytes(),
        Format::Csv,
    )
    .unwrap_err();
    assert_eq!(problems.len(), 1_001);
    assert_eq!(problems[1_000].message, "10 more problems are not listed");
}

#[test]
fn bad_lines_of_json_are_said_with_their_place() {
    let text = "{\"question\":\"q\",\"candidate\":\"a\",\"opponent\":\"b\",\"criterion\":\"c\",\"outcome\":\"wn\"}
[1]
{\"question\":\"ü\", oops
{\"question\":\"q\",\"judge\":{\"a\":[1]},\"question\":\"r\"}
{\"question\":\"q\",\"candidate\":\"a\",\"opponent\":\"b\",\"criterion\":\"c\",\"outcome\":\"win\",\"judg\":\"j\"}
{\"question\":\"q2\",\"candidate\":\"a\",\"opponent\":\"b\",\"outcome\":\"win\"}
";
    assert_snapshot!(jsonl_problems(text), @r"
    v:1:64: outcome: `wn` is not one of win, tie, loss, missing
      help: did you mean `win`?
    v:2:1: the line is not a JSON object: invalid type: sequence, expected an object with fields such as `question`
    v:3:18: the line is not a JSON object: key must be a string
    v:4:17: judge: expected text, a number or null
    v:4:2: question: the field stands here twice
    v:5:80: judg: a verdict table has no such column
      help: did you mean `judge`?
    v:6: criterion: the row has none, and it is required
    ");
}

fn small_table() -> VerdictTable {
    csv("item,persona,question,topic,split,candidate,opponent,judge,rubric,criterion,order,sample,repeat,outcome,score,missing_reason,candidate_chars,opponent_chars,call,group.sex,x.hard
i1,p1,q1,work,,tuned,base,main,r@1,value,candidate_first,1,1,win,0.75,,10,20,,female,0.5
i1,p1,q1,work,,tuned,base,main,r@1,overall,candidate_first,1,1,missing,,partial,10,20,,female,0.5
'=i2,p1,q2,,,tuned,base,main,r@1,value,opponent_first,1,1,loss,,,,,,female,
")
}

#[test]
fn a_table_is_written_as_csv() {
    assert_snapshot!(written(&small_table(), Format::Csv), @r"
    item,persona,question,topic,split,candidate,opponent,judge,rubric,criterion,order,sample,repeat,outcome,score,missing_reason,candidate_chars,opponent_chars,call,group.sex,x.hard
    i1,p1,q1,work,,tuned,base,main,r@1,value,candidate_first,1,1,win,0.75,,10,20,,female,0.5
    i1,p1,q1,work,,tuned,base,main,r@1,overall,candidate_first,1,1,missing,,partial,10,20,,female,0.5
    '=i2,p1,q2,,,tuned,base,main,r@1,value,opponent_first,1,1,loss,,,,,,female,
    ");
}

#[test]
fn a_table_is_written_as_json_lines() {
    assert_snapshot!(written(&small_table(), Format::Jsonl), @r#"
    {"item":"i1","persona":"p1","question":"q1","topic":"work","candidate":"tuned","opponent":"base","judge":"main","rubric":"r@1","criterion":"value","order":"candidate_first","sample":1,"repeat":1,"outcome":"win","score":0.75,"candidate_chars":10,"opponent_chars":20,"group.sex":"female","x.hard":"0.5"}
    {"item":"i1","persona":"p1","question":"q1","topic":"work","candidate":"tuned","opponent":"base","judge":"main","rubric":"r@1","criterion":"overall","order":"candidate_first","sample":1,"repeat":1,"outcome":"missing","missing_reason":"partial","candidate_chars":10,"opponent_chars":20,"group.sex":"female","x.hard":"0.5"}
    {"item":"=i2","persona":"p1","question":"q2","candidate":"tuned","opponent":"base","judge":"main","rubric":"r@1","criterion":"value","order":"opponent_first","sample":1,"repeat":1,"outcome":"loss","group.sex":"female","x.hard":null}
    "#);
}

#[test]
fn what_is_simulated_is_written_and_read_again() {
    let mut table = small_table();
    table.simulated = ["base", "main"].map(str::to_owned).into();
    let text = written(&table, Format::Csv);
    assert!(text.contains(",call,simulated,group.sex"), "{text}");
    assert!(text.contains(",10,20,,opponent judge,female"), "{text}");
    for back in [csv(&text), jsonl(&written(&table, Format::Jsonl))] {
        assert_eq!(table_without_nan(back), table_without_nan(table.clone()));
    }
    assert_snapshot!(csv_problems(&text.replacen("opponent judge", "judges", 1)), @"v:2:79: simulated: `judges` is not known; expected some of candidate, opponent, judge");
}

#[test]
fn what_is_written_as_json_is_json() {
    let mut table = small_table();
    table.items[0].own_id = Some("a\u{1b}\u{e0041}\"\\\u{9b}\n".into());
    for line in written(&table, Format::Jsonl).lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["candidate"], "tuned");
    }
    assert!(!written(&table, Format::Jsonl).contains(['\u{1b}', '\u{9b}', '\u{e0041}']));
    let back = jsonl(&written(&table, Format::Jsonl));
    assert_eq!(table_without_nan(back), table_without_nan(table));
}

/// NaN is not equal to itself, so a score that is not there becomes -1.
fn table_without_nan(mut table: VerdictTable) -> VerdictTable {
    for score in &mut table.scores {
        if score.is_nan() {
            *score = -1.0;
        }
    }
    table
}

fn names(text: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![3 => text, 1 => r#"[-'=+@\\u{}a,"\x1b\n\u202e]{1,6}"#.prop_map(|name| name)]
}

prop_compose! {
    fn outcomes()(kind in 0..4, score in prop::option::of(0.0..=1.0_f64), reason in 0..6_usize) -> (Outcome, Option<MissingReason>, f64) {
        const REASONS: [MissingReason; 6] = [
            MissingReason::NoVerdict, MissingReason::Partial, MissingReason::Refused,
            MissingReason::Truncated, MissingReason::Failed, MissingReason::NotRun,
        ];
        let outcome = match (kind, score) {
            (0, _) => return (Outcome::Missing, Some(REASONS[reason]), f64::NAN),
            (_, Some(score)) if score > 0.5 => Outcome::Win,
            (_, Some(score)) if score < 0.5 => Outcome::Loss,
            (_, Some(_)) | (1, None) => Outcome::Tie,
            (2, None) => Outcome::Win,
            (_, None) => Outcome::Loss,
        };
        (outcome, None, score.unwrap_or(f64::NAN))
    }
}

prop_compose! {
    /// A table as reading gives it: items, contests and criteria in order of first
    /// use, no empty texts, no key twice.
    fn tables()(
        ids in prop::collection::btree_set(names("[a-z]{1,5}"), 1..5),
        texts in prop::collection::vec((names("[pr]"), names("q[0-9]"), prop::option::of(names("t")), prop::option::of(names("[mf]"))), 5),
        contests in prop::collection::btree_set((names("[ab]"), names("[cd]"), names("j")), 1..3),
        criteria in prop::collection::btree_set(names("[a-z]{3}"), 1..3),
        rows in prop::collection::vec((outcomes(), any::<bool>(), 1..3_u16, prop::option::of(0..9_u32), prop::option::of(1..255_u8)), 1..12),
        orders_unknown in any::<bool>(),
    ) -> VerdictTable {
        let mut shared = Names::default();
        let all_items: Vec<Item> = ids.iter().zip(&texts).map(|(id, (persona, question, topic, level))| Item {
            variant: None,
            own_id: None,
            persona: Arc::new(ItemPersona {
                id: persona.as_str().into(),
                split: None,
                levels: shared.row([level.as_deref()]),
            }),
            question: Arc::new(ItemQuestion {
                id: question.as_str().into(),
                topic: shared.optional(topic.as_deref()),
                covariates: shared.row([topic.as_deref()]),
            }),
        }.called(id.as_str())).collect();
        let mut table = VerdictTable {
            orders_unknown,
            dimensions: vec!["sex".to_owned()],
            covariates: vec!["le, ngth".to_owned()],
            ..VerdictTable::default()
        };
        let all_contests: Vec<Contest> = contests.into_iter().map(|(candidate, opponent, judge)| Contest {
            candidate, opponent, judge, rubric: "r@1".to_owned(),
        }).collect();
        let all_criteria: Vec<String> = criteria.into_iter().collect();
        let graded = rows.iter().any(|(verdict, ..)| !verdict.2.is_nan());
        let called = rows.iter().any(|row| row.4.is_some());
        for (number, (_, opponent_first, sample, chars, call)) in rows.iter().enumerate() {
            let item = (number % all_items.len()) as u32;
            let contest = (number % all_contests.len()) as u32;
            if table.items.len() == item as usize { table.items.push(all_items[item as usize].clone()); }
            if table.contests.len() == contest as usize { table.contests.push(all_contests[contest as usize].clone()); }
            table.judgments.push(Judgment {
                item, contest,
                order: if *opponent_first && !orders_unknown { Order::OpponentFirst } else { Order::CandidateFirst },
                sample: *sample,
                repeat: number as u16 + 1,
                candidate_chars: (*chars).into(),
                opponent_chars: Length::default(),
                first_cell: table.cells.len() as u32,
                cell_count: all_criteria.len() as u16,
            });
            for criterion in 0..all_criteria.len() {
                let (outcome, missing, score) = rows[(number + criterion) % rows.len()].0;
                table.cells.push(Cell { criterion: criterion as u16, outcome, missing });
                if graded { table.scores.push(score); }
            }
            if called { table.calls.push(call.map_or([0; 32], |byte| [byte; 32])); }
        }
        table.criteria = all_criteria;
        table
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_table_that_is_written_is_read_again(table in tables()) {
        for format in [Format::Csv, Format::Jsonl] {
            let text = written(&table, format);
            prop_assert!(!text.chars().any(|c| crate::text::is_hidden(c) && c != '\n'));
            let back = read(Path::new("v"), text.as_bytes(), format)
                .map_err(|problems| TestCaseError::fail(format!("{problems:?}\n{text}")))?;
            prop_assert_eq!(table_without_nan(back), table_without_nan(table.clone()));
        }
    }

    #[test]
    fn no_text_makes_reading_panic(text in r#"(question|candidate|opponent|criterion|outcome|score|group\.a|win|q|[,"\n{}:\[\]\\.0-9])*"#) {
        for format in [Format::Csv, Format::Jsonl] {
            let _ = read(Path::new("v"), text.as_bytes(), format);
            let _ = read(Path::new("v"), format!("{HEADER}\n{text}").as_bytes(), format);
        }
    }
}

#[test]
fn numbers_that_differ_within_an_item_are_of_its_judgments() {
    let table = csv(&format!(
        "{HEADER},sample,x.bold,x.topic\n\
         q1,a,b,c,win,1,3,t\nq1,a,b,c,win,2,-1.5,t\nq1,a,d,c,loss,1,,t\nq2,a,b,c,win,1,3.0,u\n"
    ));
    assert_eq!(table.styles.len(), 1);
    let numbers = &table.styles[0].numbers;
    assert_eq!((numbers[0], numbers[1], numbers[3]), (3.0, -1.5, 3.0));
    assert!(numbers[2].is_nan());
    assert_eq!(
        &*table.items[0].question.covariates,
        [None, Some("t".into())]
    );
    assert_eq!(table.covariate(1, 0).as_deref(), Some("-1.5"));
    assert_eq!(
        (table.covariate(2, 0), table.covariate(3, 1).as_deref()),
        (None, Some("u"))
    );
    for format in [Format::Csv, Format::Jsonl] {
        let text = written(&table, format);
        let back = read(Path::new("v"), text.as_bytes(), format).unwrap();
        assert_eq!(written(&back, format), text);
    }
}

#[test]
fn what_differs_within_an_item_has_to_be_a_number_in_every_row() {
    let said = |rows: &str| {
        let text = format!("{HEADER},sample,x.bold\n{rows}");
        let problems = read(Path::new("v"), text.as_bytes(), Format::Csv).unwrap_err();
        problems
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let words = said("q1,a,b,c,win,1,some\nq1,a,b,c,win,2,many\n");
    assert!(
        words.contains("item `q1` has `many` here and `some` in an earlier row"),
        "{words}"
    );
    assert!(words.contains("a number in all rows"), "{words}");
    let late = said("q1,a,b,c,win,1,1\nq1,a,b,c,win,2,2\nq2,a,b,c,win,1,many\n");
    assert!(late.contains("`many` is no number"), "{late}");
    // The same number written otherwise is no difference.
    let table = csv(&format!(
        "{HEADER},sample,x.bold\nq1,a,b,c,win,1,2\nq1,a,b,c,win,2,2.0\n"
    ));
    assert!(table.styles.is_empty());
}

#[test]
fn rows_of_one_judgment_that_stand_apart_keep_their_number() {
    let rows = [
        ("q1,a,b,c", 1),
        ("q2,a,b,c", 5),
        ("q1,a,e,c", 2),
        ("q1,a,b,d", 1),
        ("q2,a,b,d", 5),
    ];
    let rows: String = rows
        .map(|(row, bold)| format!("{row},win,{bold}\n"))
        .concat();
    let table = csv(&format!("{HEADER},x.bold\n{rows}"));
    assert_eq!(table.judgments.len(), 3);
    assert_eq!(table.styles[0].numbers, [1.0, 5.0, 2.0]);
}
