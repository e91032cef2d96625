//! What is wrong with a file, and where that stands.

use insta::assert_snapshot;

use super::*;

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
fn a_column_whose_prefix_is_misspelt_is_told_the_right_one() {
    assert_snapshot!(csv_problems(&format!("{HEADER},groop.sex\nq1,a,b,c,win,x\n")), @"
    v:1:47: groop.sex: a verdict table has no such column
      help: did you mean `group.sex`?
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
