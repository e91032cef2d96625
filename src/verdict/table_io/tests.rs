use std::path::Path;

use super::*;
use crate::verdict::table::{Cell, Contest, Item, VerdictTable};
use crate::verdict::{MissingReason, Order, Outcome};

mod numbers;
mod problems;
mod written;

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
