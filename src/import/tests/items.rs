//! An item is the same in all of its rows, or it is said where it is not.

use rstest::rstest;

use super::*;
use crate::import::csv::Mapping;

/// Rows of one item whose last column differs.
fn of_one_item(columns: &str, rows: [&str; 2], who: &str) -> String {
    let rows = rows.map(|row| format!("a,b,win,{row},{who}\n"));
    format!(
        "candidate,opponent,outcome,{columns},{}\n{}",
        ["judge", "annotator"][usize::from(who == "ann")],
        rows.concat()
    )
}

#[rstest]
#[case("question,group.g", ["q1,f", "q1,m"], "group.g", ["m", "f"])]
#[case("question,group.g", ["q1,f", "q1,"], "group.g", ["", "f"])]
#[case("question,topic", ["q1,t", "q1,u"], "topic", ["u", "t"])]
#[case("question,topic", ["q1,", "q1,u"], "topic", ["u", ""])]
#[case("question,x.kind", ["q1,few", "q1,many"], "x.kind", ["many", "few"])]
#[case("item,persona", ["q1,p", "q1,q"], "persona", ["q", "p"])]
#[case("item,question", ["q1,p", "q1,q"], "question", ["q", "p"])]
fn a_csv_whose_rows_say_different_things_of_an_item_is_refused(
    #[case] columns: &str,
    #[case] rows: [&str; 2],
    #[case] field: &str,
    #[case] values: [&str; 2],
) {
    let [now, before] = values;
    for who in ["j", "ann"] {
        let said = refused(None, "c.csv", of_one_item(columns, rows, who));
        let words = format!("item `q1` has `{now}` here and `{before}` in an earlier row");
        assert!(said.contains(&words), "{said}");
        assert!(said.contains(&format!("c.csv:3: {field}: ")), "{said}");
    }
}

#[test]
fn columns_of_other_names_are_named_as_the_file_has_them() {
    let text = "uid,left,right,winner,category\n1,a,b,left,t\n1,a,b,left,u\n";
    let said = refused(None, "c.csv", text);
    assert!(
        said.contains(":3: category: ") && said.contains("has `u` here and `t`"),
        "{said}"
    );
}

#[test]
fn a_text_among_the_numbers_of_answers_is_refused() {
    for rows in [
        ["q1,3", "q1,4", "q1,many"],
        ["q1,3", "q1,4", "q2,many"],
        ["q2,many", "q1,3", "q1,4"],
    ] {
        let rows = rows.map(|row| format!("{row},a,b,win\n"));
        let text = format!(
            "question,x.bold,candidate,opponent,outcome\n{}",
            rows.concat()
        );
        let said = refused(None, "c.csv", text);
        assert!(said.contains("x.bold: "), "{said}");
    }
}

#[test]
fn a_file_without_a_column_says_nothing_of_it() {
    let with = "question,candidate,opponent,outcome,judge,topic,group.g\nq1,a,b,win,j,t,f\n";
    let without = "question,candidate,opponent,outcome,judge\nq1,a,b,loss,k\n";
    let import = made(&[("c.csv", with.to_owned()), ("d.csv", without.to_owned())]);
    let [item] = &import.table.items[..] else {
        panic!("{:?}", import.table.items);
    };
    assert_eq!(item.question.topic.as_deref(), Some("t"));
    assert_eq!(item.persona.levels[0].as_deref(), Some("f"));
    assert!(import.reasons.is_empty(), "{:?}", import.reasons);
}

#[test]
fn rows_of_other_models_take_no_numbers_of_answers_that_are_not_theirs() {
    let with = "question,candidate,opponent,outcome,x.bullets\nq1,a,b,win,3\nq2,a,b,win,1\n";
    let same = "question,candidate,opponent,outcome\nq1,a,b,loss\n";
    let other = "question,candidate,opponent,outcome\nq1,c,b,loss\nq2,c,b,win\n";
    let file = |name: &'static str, text: &str| (name, text.to_owned());
    let import = made(&[file("c.csv", with), file("d.csv", same)]);
    assert!(import.table.style(0).is_none());
    for files in [[with, other], [other, with]] {
        let import = made(&[file("c.csv", files[0]), file("d.csv", files[1])]);
        let style = import.table.style(0).unwrap();
        let numbers: Vec<f64> = (import.table.judgments.iter().zip(&style.numbers))
            .filter(|(judgment, _)| {
                import.table.contests[judgment.contest as usize].candidate == "c"
            })
            .map(|(_, number)| *number)
            .collect();
        assert!(numbers.iter().all(|number| number.is_nan()), "{numbers:?}");
    }
}

#[test]
fn of_many_rows_that_differ_some_are_told_and_the_others_counted() {
    let rows = "q1,a,b,win,m\n".repeat(60);
    let text = format!("question,candidate,opponent,outcome,group.g\nq1,a,b,win,f\n{rows}");
    let options = Options::default();
    let problems = imported(&options, &[("c.csv", text)]).unwrap_err();
    assert_eq!(problems.len(), 51);
    assert_eq!(problems[49].line, Some(52));
    assert!(problems[50].to_string().contains("10"), "{}", problems[50]);
}

#[test]
fn epochs_of_a_sample_that_say_different_things_of_it_are_counted_by_reason() {
    let sample = |epoch: u32, persona: &str, topic: &str| {
        json!({
            "id": 1, "epoch": epoch, "input": "Q", "target": "", "output": {},
            "scores": {"judge": {"value": "A"}},
            "metadata": {"candidate": "a", "opponent": "b", "order": "candidate_first", "persona": persona, "topic": topic},
        })
    };
    let log = |second: Value| {
        let log = json!({
            "version": 2, "status": "success", "eval": {"task": "t", "model": "g"}, "plan": {},
            "results": {}, "stats": {}, "samples": [sample(1, "p", "t"), second],
        });
        made(&[("log.json", log.to_string())])
    };
    let import = log(sample(2, "p", "t"));
    assert!(import.reasons.is_empty(), "{:?}", import.reasons);
    let import = log(sample(2, "q", "u"));
    for field in ["persona", "topic"] {
        let reason = format!("another {field} than an earlier record of its item");
        assert_eq!(counted(&import, &reason), 1, "{:?}", import.reasons);
    }
    assert_eq!(&*import.table.items[0].persona.id, "p");
}

/// What the user says that a column is it is alone.
#[rstest]
#[case("criterion")]
#[case("judge")]
fn a_column_that_is_given_for_something_else_is_no_topic(#[case] field: &str) {
    let text = "question,model_a,model_b,winner,category\nq1,a,b,a,help\nq1,a,b,b,harm\n";
    let options = Options {
        columns: Mapping {
            columns: vec![(field.to_owned(), "category".to_owned())],
            ..Mapping::default()
        },
        ..Options::default()
    };
    let import = imported(&options, &[("c.csv", text.to_owned())]).unwrap();
    assert_eq!(import.table.judgments.len(), 2);
    assert_eq!(import.table.items[0].question.topic, None);
    let names = match field {
        "criterion" => import.table.criteria.clone(),
        _ => (import.table.contests.iter())
            .map(|contest| contest.judge.clone())
            .collect(),
    };
    assert_eq!(names, ["help", "harm"]);
    // Another column of a topic's name may still be it.
    let text = text
        .replace("winner", "winner,dataset")
        .replace("a,b,", "a,b,t,");
    let text = text
        .replace("t,a,help", "a,t,help")
        .replace("t,b,harm", "b,t,harm");
    let import = imported(&options, &[("c.csv", text)]).unwrap();
    assert_eq!(import.table.items[0].question.topic.as_deref(), Some("t"));
}

#[test]
fn the_help_says_that_a_column_may_be_something_else() {
    let text = "item,prompt,model_a,model_b,winner\ni,ab,a,b,a\ni,ba,a,b,b\n";
    let options = Options::default();
    let problems = imported(&options, &[("c.csv", text.to_owned())]).unwrap_err();
    let help = problems[0].help.as_deref().unwrap();
    assert!(help.contains("--column FIELD=COLUMN"), "{help}");
    let options = Options {
        columns: Mapping {
            columns: vec![("question".to_owned(), "item".to_owned())],
            ..Mapping::default()
        },
        ..Options::default()
    };
    let import = imported(&options, &[("c.csv", text.to_owned())]).unwrap();
    assert_eq!(import.table.items.len(), 1);
}

#[test]
fn a_row_without_a_question_says_nothing_of_that_of_its_item() {
    let rows = "i1,What?,a,b,win\ni1,,a,b,loss\ni2,,a,b,win\n";
    let text = format!("item,question,candidate,opponent,outcome\n{rows}");
    let import = made(&[("c.csv", text)]);
    let questions = import.table.items.iter().map(|item| &*item.question.id);
    assert_eq!(questions.collect::<Vec<_>>(), ["What?", "i2"]);
}

#[test]
fn a_file_without_a_column_of_numbers_takes_it_from_no_item() {
    let with = "question,candidate,opponent,outcome,x.n\nq1,a,b,win,3\nq2,a,b,win,4\n";
    let without = "question,candidate,opponent,outcome\nq1,a,b,loss\n";
    let import = made(&[("c.csv", with.to_owned()), ("d.csv", without.to_owned())]);
    assert!(import.table.styles.is_empty());
    let numbers = import
        .table
        .items
        .iter()
        .map(|item| item.question.covariates[0].as_deref());
    assert_eq!(numbers.collect::<Vec<_>>(), [Some("3"), Some("4")]);
}

#[rstest]
#[case("NaN")]
#[case("NA")]
#[case("null")]
fn what_other_programs_write_for_no_number_is_none(#[case] word: &str) {
    let rows = format!("q1,a,b,win,5\nq1,a,b,loss,{word}\nq2,a,b,win,7\n");
    let import = made(&[(
        "c.csv",
        format!("question,candidate,opponent,outcome,x.n\n{rows}"),
    )]);
    let numbers = &import.table.styles[0].numbers;
    assert!(numbers[1].is_nan(), "{numbers:?}");
    assert_eq!(
        [numbers[0], numbers[2]].map(f64::to_bits),
        [5.0_f64, 7.0].map(f64::to_bits)
    );
}

/// A log of a task whose samples 1 and 2 ask these.
fn log(task: &str, inputs: [&str; 2], question: Option<&str>) -> String {
    let sample = |(id, input): (usize, &str)| {
        let mut metadata = json!({"candidate": "a", "opponent": "b", "order": "candidate_first"});
        if let Some(question) = question {
            metadata["question_id"] = format!("{question}{id}").into();
        }
        json!({
            "id": id + 1, "epoch": 1, "input": input, "target": "", "output": {},
            "scores": {"judge": {"value": "A"}}, "metadata": metadata,
        })
    };
    let samples: Vec<Value> = inputs.into_iter().enumerate().map(sample).collect();
    let log = json!({
        "version": 2, "status": "success", "eval": {"task": task, "model": "g"}, "plan": {},
        "results": {}, "stats": {}, "samples": samples,
    });
    log.to_string()
}

#[test]
fn samples_of_one_id_that_tasks_ask_otherwise_are_items_of_their_own() {
    let of = |logs: &[String]| {
        let files = ["a.json", "b.json", "c.json"];
        let files: Vec<(&str, String)> = files.into_iter().zip(logs.iter().cloned()).collect();
        let import = made(&files);
        let items = import.table.items.iter();
        let items = items.map(|item| format!("{} {}", item.id(), item.question.id));
        let said = import
            .notes
            .iter()
            .any(|note| note.contains("logs of different tasks"));
        (items.collect::<Vec<_>>(), said)
    };
    let one = || log("t1", ["Q one", "Q two"], None);
    let other = log("t2", ["R one", "R two"], None);
    let plain = vec!["1 1".to_owned(), "2 2".to_owned()];
    assert_eq!(of(&[one()]), (plain.clone(), false));
    // Another model's log of the task, and another task that asks the same.
    let of_other_model = one().replace("\"g\"", "\"h\"");
    assert_eq!(of(&[one(), of_other_model]), (plain.clone(), false));
    let same = log("t3", ["Q one", "Q two"], None);
    assert_eq!(of(&[one(), same.clone()]), (plain, false));
    let apart = ["t1/1 t1/1", "t1/2 t1/2", "t2/1 t2/1", "t2/2 t2/2"];
    assert_eq!(
        of(&[one(), other.clone()]),
        (apart.map(str::to_owned).into(), true)
    );
    assert_eq!(
        of(&[one(), other, same]),
        (apart.map(str::to_owned).into(), true)
    );
    // Samples that name one question are of one item, whatever they show of it.
    let named = |task: &str, inputs: [&str; 2]| log(task, inputs, Some("q"));
    let (items, said) = of(&[named("t1", ["x", "y"]), named("t2", ["z", "w"])]);
    assert_eq!(
        (items, said),
        (vec!["1 q0".to_owned(), "2 q1".to_owned()], false)
    );
}
