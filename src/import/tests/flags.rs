//! Flags that say nothing of the files, and columns that are used or not.

use super::*;
use crate::verdict::table::Length;

fn with(columns: csv::Mapping) -> Options {
    Options {
        columns,
        ..Options::default()
    }
}

fn values(words: &[&str]) -> csv::Mapping {
    let values = words.iter().filter_map(|word| word.split_once('='));
    csv::Mapping {
        values: values
            .map(|(word, to)| (word.to_owned(), to.to_owned()))
            .collect(),
        ..csv::Mapping::default()
    }
}

#[test]
fn a_word_that_no_row_has_is_told_of() {
    let text = "question,candidate,opponent,outcome\nq,a,b,yes\nq,a,b,tie\n";
    let files = [("c.csv", text.to_owned())];
    let import = imported(&with(values(&["yes=win", "no=loss"])), &files).unwrap();
    assert!(has_note(&import, "--value no=loss says nothing here"));
    assert!(!has_note(&import, "yes=win"), "{:?}", import.notes);
    let import = imported(&with(values(&["yes=win"])), &files).unwrap();
    assert!(!has_note(&import, "--value"), "{:?}", import.notes);

    let result = json!({"from_name": "c", "type": "choices", "value": {"choices": ["Upper"]}});
    let task = json!([{"id": 1, "data": {"left_model": "a", "right_model": "b"}, "annotations": [{"completed_by": 1, "result": [result]}]}]);
    let files = [("e.json", task.to_string())];
    let import = imported(&with(values(&["Upper=left", "Lower=right"])), &files).unwrap();
    assert!(has_note(&import, "--value Lower=right says nothing here"));
    assert!(!has_note(&import, "Upper=left"), "{:?}", import.notes);
}

#[test]
fn orders_in_other_words_are_told_or_given() {
    let text = "question,candidate,opponent,outcome,order\nq,a,b,win,AB\nr,a,b,first,BA\n";
    let files = [("c.csv", text.to_owned())];
    let said = refused(None, "c.csv", text);
    assert!(said.contains("found `AB`"), "{said}");
    assert!(said.contains("--value 'AB=candidate_first'"), "{said}");
    let given = values(&["AB=candidate_first", "BA=opponent_first"]);
    let import = imported(&with(given), &files).unwrap();
    let orders: Vec<Order> = import.table.judgments.iter().map(|one| one.order).collect();
    assert_eq!(orders, [Order::CandidateFirst, Order::OpponentFirst]);
    let outcomes: Vec<Outcome> = import.table.cells.iter().map(|cell| cell.outcome).collect();
    assert_eq!(outcomes, [Outcome::Win, Outcome::Loss]);
    assert!(!has_note(&import, "--value"), "{:?}", import.notes);
    let given = values(&[
        "AB=candidate_first",
        "BA=opponent_first",
        "CD=opponent_first",
    ]);
    let import = imported(&with(given), &files).unwrap();
    assert!(has_note(
        &import,
        "--value CD=opponent_first says nothing here"
    ));
}

#[test]
fn a_word_may_mean_an_outcome_and_an_order_and_is_met_where_it_means_one() {
    let text = "question,candidate,opponent,outcome,order\nq,a,b,1,1\nr,a,b,1,2\n";
    let files = [("c.csv", text.to_owned())];
    let given = ["1=win", "1=candidate_first", "2=opponent_first"];
    let import = imported(&with(values(&given)), &files).unwrap();
    let orders: Vec<Order> = import.table.judgments.iter().map(|one| one.order).collect();
    assert_eq!(orders, [Order::CandidateFirst, Order::OpponentFirst]);
    assert!(
        import
            .table
            .cells
            .iter()
            .all(|cell| cell.outcome == Outcome::Win)
    );
    assert!(!has_note(&import, "--value"), "{:?}", import.notes);

    let text = "question,candidate,opponent,outcome\nq,a,b,model_a\n";
    let files = [("c.csv", text.to_owned())];
    let import = imported(&with(values(&["model_a=candidate_first"])), &files).unwrap();
    let said = "--value model_a=candidate_first says nothing here: no order of the files";
    assert!(has_note(&import, said), "{:?}", import.notes);
}

#[test]
fn columns_are_told_by_names_in_words_too() {
    let header = "Question ID,Model A,Model-B,Winner";
    let import = made(&[("c.csv", format!("{header}\nq,a,b,tie\n"))]);
    assert!(!has_note(&import, "column"), "{:?}", import.notes);
    assert_eq!(&*import.table.items[0].question.id, "q");
    assert_eq!(import.table.contests[0].candidate, "a");
}

#[test]
fn a_score_that_says_it_is_none_is_missing_as_an_outcome_is() {
    let rows = "q,a,b,0.25\nq,a,b,NaN\nq,a,b,\nq,a,b,none\n";
    let header = "question,candidate,opponent,score";
    let import = made(&[("c.csv", format!("{header}\n{rows}"))]);
    assert_eq!(counted(&import, "no outcome"), 3);
    assert_eq!(import.table.scores[0].to_bits(), 0.25_f64.to_bits());
}

#[test]
fn texts_that_an_export_shows_are_columns_that_are_used() {
    let header = "question,candidate,opponent,outcome,candidate_text,opponent_text,prompt,mood";
    let import = made(&[("c.csv", format!("{header}\nq,a,b,win,four,xx,what?,good\n"))]);
    assert!(
        has_note(&import, "that are not used: mood"),
        "{:?}",
        import.notes
    );
    let judgment = &import.table.judgments[0];
    let chars = [judgment.candidate_chars, judgment.opponent_chars];
    assert_eq!(chars, [Some(4), Some(2)].map(Length::from));
}

#[test]
fn lists_and_winners_that_are_null_are_missing_and_leave_the_rest() {
    let vote = |winner: Value| json!({"question_id": 1, "model_a": "a", "model_b": "b", "winner": winner, "judge": "expert_1", "turn": 1});
    let import = made(&[(
        "v.jsonl",
        lines(&[vote(json!("model_a")), vote(json!(null))]),
    )]);
    assert_eq!(counted(&import, "ended in an error"), 1);
    let said = refused(None, "v.jsonl", lines(&[vote(json!("model_c"))]));
    assert!(said.contains("expected model_a, model_b, tie"), "{said}");

    let games = |games: Value| json!({"uid": "1", "model": "a", "baseline": "b", "judge": "j", "games": games});
    let rows = lines(&[
        games(json!([{"score": "A>B"}, {"score": "A>B"}])),
        games(json!(null)),
    ]);
    let import = made(&[("a.jsonl", rows)]);
    assert_eq!(counted(&import, "a record without games"), 1);

    let pair = |judgments: Value| json!({"pair_id": "1", "source": "s", "question": "q", "response_A": "x", "response_B": "y", "label": "A>B", "judge_name": "j", "judgments": judgments});
    let rows = lines(&[
        pair(json!([{"decision": "A>B"}, {"decision": "B>A"}])),
        pair(json!(null)),
    ]);
    let import = made(&[("j.jsonl", rows)]);
    assert_eq!(counted(&import, "a pair without judgments"), 1);
}

#[test]
fn an_order_of_inspect_that_nobody_knows_is_refused_where_a_side_depends_on_it() {
    let log = |order: Value, value: Value| {
        let metadata = json!({"candidate": "a", "opponent": "b", "order": order});
        let sample =
            json!({"id": 1, "epoch": 1, "scores": {"s": {"value": value}}, "metadata": metadata});
        json!({"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "plan": {}, "samples": [sample]}).to_string()
    };
    let said = refused(None, "l.json", log(json!("BA"), json!("A")));
    assert!(
        said.contains("metadata.order") && said.contains("found `BA`"),
        "{said}"
    );
    let import = made(&[("l.json", log(json!("BA"), json!("win")))]);
    assert!(import.table.orders_unknown);
    let import = made(&[("l.json", log(json!(7), json!("A")))]);
    assert_eq!(counted(&import, "no `order` in the metadata"), 1);
}

#[test]
fn a_winner_of_wildbench_that_is_no_model_is_none() {
    let pair = |session: u32, winner: Value| json!({"session_id": session, "model_A": "a", "model_B": "b", "winner": winner, "parsed_result": {"choice": "A+"}});
    let rows = json!([
        pair(1, json!("c")),
        pair(2, json!(null)),
        pair(3, json!("a"))
    ]);
    let import = made(&[("p.json", rows.to_string())]);
    assert_eq!(counted(&import, "neither of the two models"), 1);
    assert_eq!(counted(&import, "no `winner`: read from"), 1);
    let outcomes: Vec<Outcome> = import.table.cells.iter().map(|cell| cell.outcome).collect();
    assert_eq!(outcomes, [Outcome::Missing, Outcome::Win, Outcome::Win]);
}

#[test]
fn a_score_beyond_the_scale_of_its_judge_is_in_its_means_and_no_verdict() {
    let score = |model: &str, session: &str, score: f64| json!({"session_id": session, "model_test": model, "model_output": "x", "score": score});
    let rows = json!([
        score("a", "1", 85.0),
        score("a", "2", 5.0),
        score("b", "1", 7.0),
        score("b", "2", 10.0)
    ]);
    let import = made(&[("s.json", rows.to_string())]);
    assert_eq!(counted(&import, "not from 1 to 10"), 1);
    let outcomes: Vec<Outcome> = import.table.cells.iter().map(|cell| cell.outcome).collect();
    assert_eq!(outcomes, [Outcome::Missing, Outcome::Loss]);
    let set = &import.figures[0];
    assert_eq!(set.figures[0].value, Some(45.0));
    let why = set.why_they_differ.join(" ");
    assert!(why.contains("averages every number"), "{why}");
    let why = import.figures[1].why_they_differ.join(" ");
    assert!(!why.contains("averages every number"), "{why}");

    let score = |model: &str, score: u32| json!({"question_id": 1, "model": model, "judge": ["j", "s"], "turn": 1, "score": score});
    let rows = lines(&[score("a", 70), score("b", 7)]);
    let import = made(&[("j_single.jsonl", rows)]);
    assert_eq!(counted(&import, "not from 1 to 10"), 1);
    assert_eq!(import.table.cells[0].outcome, Outcome::Missing);
    assert_eq!(import.figures[0].figures[0].value, Some(70.0));
}
