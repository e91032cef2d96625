//! Personas, questions, truth and answers, as CSV and JSONL.

use super::*;

#[test]
fn a_table_that_is_not_there_is_told_at_its_key() {
    insta::assert_snapshot!(check_with("\"personas.csv\"", "\"sub/people.csv\""), @"
    study.toml:5:12: data.personas: sub/people.csv cannot be read: No such file or directory (os error 2)
      help: paths start at the folder of the study file
    ");
}

#[test]
fn a_backslash_in_a_path_is_told_to_be_an_escape() {
    let study = STUDY.replace("\"truth.csv", r#""data\truth.csv"#).replace(
        "[compare]",
        "[variants]\npersona_prompts = [\"none\", \"persona\", \"own\\new.j2\"]\n[compare]",
    );
    insta::assert_snapshot!(check(&[("study.toml", &study)]), @r"
    study.toml:7:9: data.truth: this path holds a control character, `\t`, and no file is named so
      help: a backslash within double quotes begins an escape: write `/` in a path, or single quotes around it
    study.toml:20:39: variants.persona_prompts: this path holds a control character, `\n`, and no file is named so
      help: a backslash within double quotes begins an escape: write `/` in a path, or single quotes around it
    ");
    let study = STUDY.replace("\"truth.csv", r#""data\quest.csv"#);
    insta::assert_snapshot!(check(&[("study.toml", &study)]), @r#"
    study.toml:7:9: data.truth: data\quest.csv cannot be read: No such file or directory (os error 2)
      help: paths start at the folder of the study file
    study.toml:7:15: not TOML: missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\`, `"`, `x`, `u`, `U`
      help: a backslash within double quotes begins an escape: write `/` in a path, or single quotes around it
    "#);
}

#[test]
fn jsonl_tables_are_read_like_csv_ones() {
    let personas = r#"{"id": "p1", "sex": "female", "age": "25-34", "weight": 1.5}

{"id": "p2", "text": "A nurse.", "sex": "male", "age": null, "weight": "" }
"#;
    let questions = r#"{"id": "q1", "topic": "work", "text": "What is work for?", "length": "short"}
{"id": "q2", "text": "Whom do you trust?"}
"#;
    let truth = r#"{"persona": "p2", "question": "q2", "value": "Few people", "share": 0.4}
{"persona": "p1", "question": "q1", "value": "Money", "share": "0.62"}
{"persona": "p1", "question": "q2", "value": "Most people"}
{"persona": "p2", "question": "q1", "value": "Meaning", "share": 1}
"#;
    let text = changed("personas.csv", "personas.jsonl")
        .replace("questions.csv", "questions.ndjson")
        .replace("truth.csv", "truth.txt");
    let read = study(&[
        ("study.toml", &text),
        ("personas.jsonl", personas),
        ("questions.ndjson", questions),
        ("truth.txt", truth),
    ]);
    assert_eq!(read, study(&[]));
}

#[test]
fn numbers_of_jsonl_keep_their_spelling_as_ids_and_levels() {
    let personas =
        "{\"id\": 1, \"age\": 25.50, \"big\": 12345678901234567890123, \"student\": true}\n";
    let text = changed("personas.csv", "personas.jsonl").replace("truth = \"truth.csv\"\n", "");
    let read = study(&[("study.toml", &text), ("personas.jsonl", personas)]);
    assert_eq!(read.personas[0].id, "1");
    let levels: Vec<_> = read.personas[0].levels.iter().flatten().collect();
    assert_eq!(levels, ["25.50", "12345678901234567890123", "true"]);
}

#[test]
fn what_is_wrong_with_jsonl() {
    let personas = "{\"id\": \"p1\", \"sex\": {\"a\": 1}}\n{\"id\": \"p2\", \"sex\": \"x\", \"sex\": \"y\"}\nnonsense\n{\"id\": [1]}\n{\"sex\": \"x\"}\n{\"id\": \"p5\", \"n\": \"many\"} trailing\n[1]\n";
    insta::assert_snapshot!(check(&[("study.toml", &changed("personas.csv", "personas.jsonl")), ("personas.jsonl", personas)]), @r#"
    personas.jsonl:1:21: sex: expected a text or a number, found a nested value
    personas.jsonl:2:33: sex: this key stands twice in one object
    personas.jsonl:3:2: not a JSON object: expected ident
      help: each line is one JSON object, such as {"id": "p1"}
    personas.jsonl:4:8: id: expected a text or a number, found a nested value
    personas.jsonl:5:1: id: this row has no `id`
      help: every row needs an id of its own
    personas.jsonl:6:27: not a JSON object: trailing characters
      help: each line is one JSON object, such as {"id": "p1"}
    personas.jsonl:7:1: not a JSON object: invalid type: sequence, expected an object
      help: each line is one JSON object, such as {"id": "p1"}
    "#);
}

#[test]
fn a_misspelt_key_of_one_jsonl_row_is_named() {
    let text = changed("questions.csv", "questions.jsonl").replace("truth.csv", "truth.jsonl");
    insta::assert_snapshot!(check(&[
        ("study.toml", &text),
        ("questions.jsonl", "{\"id\": \"q1\", \"text\": \"Why?\"}\n{\"id\": \"q2\", \"txt\": \"How?\"}\n{\"idd\": \"q3\", \"text\": \"\"}\n"),
        ("truth.jsonl", "{\"persona\": \"p1\", \"questoin\": \"q1\", \"value\": \"x\"}\n{\"persona\": \"p1\", \"question\": \"q1\", \"valeu\": \"x\"}\n{\"persona\": \"p1\", \"question\": \"q2\", \"value\": \"x\", \"share\": \"many\"}\n"),
    ]), @"
    questions.jsonl:2:1: text: this row has no `text`
      help: rename the key `txt`?
    questions.jsonl:3:1: id: this row has no `id`
      help: rename the key `idd`?
    questions.jsonl:3:23: text: this value is empty
      help: write the question as it is asked
    truth.jsonl:1:1: question: this row has no `question`
      help: rename the key `questoin`?
    truth.jsonl:2:1: value: this row has no `value`
      help: rename the key `valeu`?
    truth.jsonl:3:60: share: expected a number, found `many`
      help: leave the key out where the number is not known
    ");
}

#[test]
fn jsonl_without_a_row_is_not_held_against_what_names_dimensions() {
    let study = changed("personas.csv", "personas.jsonl") + "[report]\nby = [[\"sex\"]]\n";
    let told = check(&[("study.toml", &study), ("personas.jsonl", "")]);
    insta::assert_snapshot!(told, @"
    personas.jsonl:1:1: there is no persona in this table
      help: a study needs at least one
    ");
}

#[test]
fn a_truth_under_a_misspelt_key_is_not_told_to_be_missing_too() {
    let told = check_with("truth = \"truth.csv\"", "thruth = \"truth.csv\"");
    insta::assert_snapshot!(told, @"
    study.toml:7:1: data.thruth: there is no such key
      help: did you mean `truth`?
    ");
}

#[test]
fn an_id_on_two_lines_breaks_no_line_of_a_problem() {
    let personas = "id,sex\np1,female\np2,male\n\"p\n3\",male\n";
    let told = check(&[("personas.csv", personas)]);
    assert!(told.contains("(p\\u{a}3/q1, p\\u{a}3/q2)"), "{told}");
}

#[test]
fn a_bad_value_hides_no_other_of_its_row() {
    let text = changed("personas.csv", "personas.jsonl");
    insta::assert_snapshot!(check(&[
        ("study.toml", &text),
        ("personas.jsonl", "{\"id\": \"p1\", \"sex\": 1}\n{\"id\": \"p2\"}\n{\"id\": \"p1\", \"sex\": [1], \"n\": \"x\"}\n"),
    ]), @"
    personas.jsonl:3:8: id: the id `p1` stands twice, first on line 1
      help: keep one of the two rows
    personas.jsonl:3:21: sex: expected a text or a number, found a nested value
    personas.jsonl:3:31: n: expected a number, found `x`
      help: leave the key out where the number is not known
    ");
    insta::assert_snapshot!(check(&[("personas.csv", "id,n\np1,1\np2,1\np1,x\n")]), @"
    personas.csv:4:1: id: the id `p1` stands twice, first on line 2
      help: keep one of the two rows
    personas.csv:4:4: n: expected a number, found `x`
      help: leave the cell empty where the number is not known
    ");
}

#[test]
fn a_json_list_is_not_jsonl() {
    insta::assert_snapshot!(check(&[("study.toml", &changed("personas.csv", "personas.jsonl")), ("personas.jsonl", "[{\"id\": \"p1\"}]")]), @"
    personas.jsonl:1:1: this is a JSON list, not JSONL
      help: write one object a line, without the list around them
    ");
}

#[test]
fn what_is_wrong_with_ids() {
    insta::assert_snapshot!(check(&[("personas.csv", "id,sex\np1,f\n,m\np2,f\np1,m\n p3,f\na/b,m\n\"c\nd\",f\n")]), @r"
    warning: study.toml:7:9: data.truth: 6 of 10 items have no truth ( p3/q1,  p3/q2, a/b/q1, a/b/q2, c\u{a}d/q1 and 1 more), which `value_winner` of the rubric `persona-value` needs
      help: the criterion is left out for these items (`oyer check STUDY --format json` names them all); else add rows with persona, question, value to the table data.truth
    personas.csv:3:1: id: this id is empty
      help: every row needs an id of its own
    personas.csv:5:1: id: the id `p1` stands twice, first on line 2
      help: keep one of the two rows
    personas.csv:6:1: id: this id has blanks before or after it
      help: take them out
    personas.csv:7:1: id: an id must not hold `/`, which joins the ids of a persona and a question
      help: write `-` or `_` instead
    personas.csv:8:1: id: an id must not hold line breaks or control characters
      help: take them out
    ");
}

#[test]
fn lines_are_those_of_the_file_after_cells_with_line_breaks_and_blank_lines() {
    let personas = "id,text,sex\r\n\r\n\r\np1,\"one\r\ntwo\r\nthree\",f\r\n\r\np2,\"a \"\"quoted\"\" word, and\",m\r\np2,x,f\r\n";
    insta::assert_snapshot!(check(&[("personas.csv", personas)]), @"
    personas.csv:9:1: id: the id `p2` stands twice, first on line 8
      help: keep one of the two rows
    ");
    let read = study(&[("personas.csv", &personas.replace("p2,x,f\r\n", ""))]);
    assert_eq!(
        read.personas[0].text.as_deref(),
        Some("one\r\ntwo\r\nthree")
    );
    assert_eq!(
        read.personas[1].text.as_deref(),
        Some("a \"quoted\" word, and")
    );
}

#[test]
fn rows_of_the_wrong_width_do_not_hide_their_ids() {
    insta::assert_snapshot!(check(&[("personas.csv", "id,text,sex,n\np1,x\np2,a text, with a comma,f,5\n")]), @"
    personas.csv:2:1: sex: this row has 2 cells, the header has 4
      help: an empty cell still needs its comma
    personas.csv:3:4: text: this row has 5 cells, the header has 4
      help: a text with commas in it needs double quotes around it
    ");
    insta::assert_snapshot!(check(&[("personas.csv", "id,sex\np1,f,20,30\n")]), @"
    personas.csv:2:6: this row has 4 cells, the header has 2
      help: a text with commas in it needs double quotes around it
    truth.csv:2:1: persona: there is no persona `p2`
      help: did you mean `p1`?
    truth.csv:5:1: persona: there is no persona `p2`
      help: did you mean `p1`?
    ");
}

#[test]
fn tables_may_be_separated_by_semicolons_or_tabs() {
    let semicolons = "id;text;sex\np1;\"one; two\";f\np2;three, four;m\n";
    let tabs = "id\ttext\nq1\tWhy, and how?\n";
    let truth = "persona;question;value\np1;q1;yes\np2;q1;no\n";
    let study = study(&[
        ("personas.csv", semicolons),
        ("questions.csv", tabs),
        ("truth.csv", truth),
    ]);
    assert_eq!(study.personas[0].text.as_deref(), Some("one; two"));
    assert_eq!(study.personas[1].text.as_deref(), Some("three, four"));
    assert_eq!(study.questions[0].text, "Why, and how?");
    insta::assert_snapshot!(check(&[("personas.csv", "id;text;sex\np1;a; b;f\np2;x\n")]), @"
    personas.csv:2:4: text: this row has 4 cells, the header has 3
      help: a text with semicolons in it needs double quotes around it
    personas.csv:3:1: sex: this row has 2 cells, the header has 3
      help: an empty cell still needs its semicolon
    ");
}

#[test]
fn a_wrong_id_is_told_once() {
    insta::assert_snapshot!(check(&[
        ("personas.csv", "id,sex\na/b,f\n c,m\np1,f\n"),
        ("truth.csv", "persona,question,value\na/b,q1,yes\nc,q1,yes\np1,q1,no\n"),
    ]), @"
    warning: study.toml:7:9: data.truth: 3 of 6 items have no truth (a/b/q2,  c/q2, p1/q2), which `value_winner` of the rubric `persona-value` needs
      help: the criterion is left out for these items; else add rows with persona, question, value to the table data.truth
    personas.csv:2:1: id: an id must not hold `/`, which joins the ids of a persona and a question
      help: write `-` or `_` instead
    personas.csv:3:1: id: this id has blanks before or after it
      help: take them out
    ");
}

#[test]
fn a_quote_that_is_never_closed() {
    insta::assert_snapshot!(check(&[("questions.csv", "id,text\nq1,Why?\nq2,\"How so?\nq3,Where?\n")]), @"
    questions.csv:3:4: the double quote that opens this cell is never closed
      help: write a double quote within a quoted cell twice
    ");
}

#[test]
fn what_is_wrong_with_columns() {
    insta::assert_snapshot!(check(&[("personas.csv", "id,sex,sex,,wieght\np1,f,f,,1\np2,m,m,,1\n")]), @"
    personas.csv:1:8: sex: this column stands twice, first at column 4 of the line
      help: rename one, or take it out
    personas.csv:1:12: this column has no name
      help: name it in the first line, or take it out
    warning: personas.csv:1:13: wieght: this column is not `weight`
      help: if `weight` was meant, rename it
    ");
    insta::assert_snapshot!(check(&[("questions.csv", "ID,Question\nq1,Why?\n")]), @"
    questions.csv:1:1: id: there is no column `id`
      help: rename the column `ID`?
    questions.csv:1:1: text: there is no column `text`
      help: columns here: ID, Question
    ");
    insta::assert_snapshot!(check(&[("questions.csv", "id|text\nq1|Why?\n")]), @"
    questions.csv:1:1: id: there is no column `id`
      help: the columns seem to be separated by `|`: separate them by commas, semicolons or tabs
    questions.csv:1:1: text: there is no column `text`
      help: the columns seem to be separated by `|`: separate them by commas, semicolons or tabs
    ");
    insta::assert_snapshot!(check(&[("questions.csv", "{\"id\": \"q1\"}\n")]), @"
    questions.csv:1:1: this is JSON, not CSV
      help: where each line is an object, give the file a name that ends in .jsonl
    ");
    insta::assert_snapshot!(check(&[("questions.csv", "")]), @"
    questions.csv:1:1: this table is empty
      help: its first line names the columns
    ");
    insta::assert_snapshot!(check(&[("questions.csv", "id,text\n"), ("personas.csv", "id\n\n\n")]), @"
    personas.csv:1:1: there is no persona in this table
      help: a study needs at least one
    questions.csv:1:1: there is no question in this table
      help: a study needs at least one
    ");
}

#[test]
fn a_dimension_that_nobody_has_is_warned_of() {
    insta::assert_snapshot!(check(&[("personas.csv", "id,sex,age\np1,f,\np2,m,\n")]), @"warning: personas.csv:1:8: age: no persona has a level of this dimension");
}

#[test]
fn dimensions_that_differ_only_in_case_are_warned_of() {
    let rows = "{\"id\":\"p1\",\"sex\":\"f\"}\n{\"id\":\"p2\",\"Sex\":\"m\"}\n";
    let study = changed("personas.csv", "personas.jsonl");
    let said = check(&[("personas.jsonl", rows), ("study.toml", &study)]);
    let expected = "warning: personas.jsonl:2:18: Sex: `sex` and `Sex` differ only in case, and are two dimensions\n  help: call them alike if they are one";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn questions_of_one_text_are_warned_of_once() {
    let rows = "id,text\nq1,What now?\nq2,And then?\nq3, What now? \nq4,What now?\n";
    let said = check(&[("questions.csv", rows)]);
    let expected = "warning: questions.csv:4:4: text: the questions `q1` and `q3` have one text, and are two questions\n  help: take one out if they are one";
    assert!(said.contains(expected), "{said}");
    assert_eq!(said.matches("have one text").count(), 1, "{said}");
}

#[test]
fn levels_that_differ_only_in_case_are_warned_of() {
    insta::assert_snapshot!(check(&[("personas.csv", "id,sex\np1,Male\np2,male\np3,male\n"), ("study.toml", &changed("truth = \"truth.csv\"\n", "")),]), @"
    warning: study.toml:4:2: data.truth: 6 of 6 items have no truth (p1/q1, p1/q2, p2/q1, p2/q2, p3/q1 and 1 more), which `value_winner` of the rubric `persona-value` needs
      help: the criterion is left out for these items (`oyer check STUDY --format json` names them all); else add rows with persona, question, value to the table data.truth
    warning: personas.csv:3:4: sex: `Male` and `male` differ only in case, and are two levels
    ");
}

#[test]
fn numbers_that_are_none() {
    insta::assert_snapshot!(check(&[
        ("personas.csv", "id,n,weight\np1,12a,-1\np2,\"1,200\",inf\n"),
        ("truth.csv", "persona,question,value,share,n\np1,q1,a,62%,\np1,q2,b,62,NaN\np2,q1,c,-0.1,-3\np2,q2,d,0.4, 7 \n"),
    ]), @"
    personas.csv:2:4: n: expected a number, found `12a`
      help: leave the cell empty where the number is not known
    personas.csv:2:8: weight: expected a number of at least 0, found -1
    personas.csv:3:4: n: expected a number, found `1,200`
      help: write a decimal point, and no separators of thousands
    personas.csv:3:12: weight: expected a number, found `inf`
      help: leave the cell empty where the number is not known
    truth.csv:2:9: share: expected a number, found `62%`
      help: write a share as a part of 1: 62 percent is 0.62
    truth.csv:3:9: share: expected a number from 0 to 1, found 62
      help: a share is a part of 1: 62 percent is 0.62
    truth.csv:3:12: n: expected a number, found `NaN`
      help: leave the cell empty where the number is not known
    truth.csv:4:9: share: expected a number from 0 to 1, found -0.1
    truth.csv:4:14: n: expected a number of at least 0, found -3
    ");
}

#[test]
fn what_is_wrong_with_truth() {
    insta::assert_snapshot!(check(&[("truth.csv", "persona,question,value\np1,q1,Money\nP1,q2,x\np1,q22,\np1,q1,Fame\n,q1,x\n")]), @"
    truth.csv:3:1: persona: there is no persona `P1`
      help: did you mean `p1`?
    truth.csv:4:4: question: there is no question `q22`
      help: did you mean `q2`?
    truth.csv:4:8: value: this cell is empty
      help: write the value that the persona's group holds
    truth.csv:5:1: persona: the truth of this persona and question stands twice, first on line 2
      help: keep one of the two rows
    truth.csv:6:1: persona: this cell is empty
      help: write the id of a persona
    ");
}

#[test]
fn truth_is_not_held_against_a_table_that_could_not_be_read() {
    insta::assert_snapshot!(check(&[("personas.csv", "name\np1\n"), ("truth.csv", "persona,question,value\np1,q1,x\np7,q9,y\n")]), @"
    personas.csv:1:1: id: there is no column `id`
      help: columns here: name
    truth.csv:3:4: question: there is no question `q9`
      help: did you mean `q1`?
    ");
}

#[test]
fn what_refers_to_a_row_that_could_not_be_read_is_not_told_too() {
    let truth = ("truth.csv", "persona,question,value\np1,q1,x\np2,q1,y\n");
    insta::assert_snapshot!(check(&[("personas.csv", "id,sex,age\np1,\"Female,30\np2,Male,40\n"), truth]), @"
    warning: study.toml:7:9: data.truth: 1 of 2 items has no truth (p1/q2), which `value_winner` of the rubric `persona-value` needs
      help: the criterion is left out for these items; else add rows with persona, question, value to the table data.truth
    warning: personas.csv:1:8: age: no persona has a level of this dimension
    personas.csv:2:1: age: this row has 2 cells, the header has 3
      help: an empty cell still needs its comma
    personas.csv:2:4: the double quote that opens this cell is never closed
      help: write a double quote within a quoted cell twice
    ");
    insta::assert_snapshot!(check(&[("personas.csv", "id,sex,age\np1,Female,30\n,Male,40\n"), truth]), @"
    warning: study.toml:7:9: data.truth: 1 of 2 items has no truth (p1/q2), which `value_winner` of the rubric `persona-value` needs
      help: the criterion is left out for these items; else add rows with persona, question, value to the table data.truth
    personas.csv:3:1: id: this id is empty
      help: every row needs an id of its own
    ");
    let study = (
        "study.toml",
        STUDY.replace("personas.csv", "personas.jsonl"),
    );
    insta::assert_snapshot!(check(&[(study.0, &study.1), ("personas.jsonl", "{\"id\": \"p1\", \"sex\": \"Female\", \"age\": 30}\n{\"id\": \"p2\",\n"), truth]), @r#"
    warning: study.toml:7:9: data.truth: 1 of 2 items has no truth (p1/q2), which `value_winner` of the rubric `persona-value` needs
      help: the criterion is left out for these items; else add rows with persona, question, value to the table data.truth
    personas.jsonl:2:12: not a JSON object: EOF while parsing a value
      help: each line is one JSON object, such as {"id": "p1"}
    "#);
}

#[test]
fn cells_that_are_not_utf8_are_told_one_by_one_until_they_are_many() {
    let latin = |rows: usize| {
        let mut bytes = b"id,text,sex\n".to_vec();
        for row in 1..=rows {
            bytes.extend(format!("p{row},ok,").bytes());
            bytes.extend(b"fem\xe9\n");
        }
        let dir = folder(&[("personas.csv", &bytes)]);
        told(dir.path(), &load_in(dir.path()).problems)
    };
    insta::assert_snapshot!(latin(2), @"
    personas.csv:2:10: sex: this is not UTF-8
      help: save the file as UTF-8
    personas.csv:3:10: sex: this is not UTF-8
      help: save the file as UTF-8
    ");
    insta::assert_snapshot!(latin(40), @"
    warning: study.toml:7:9: data.truth: 76 of 80 items have no truth (p3/q1, p3/q2, p4/q1, p4/q2, p5/q1 and 71 more), which `value_winner` of the rubric `persona-value` needs
      help: the criterion is left out for these items (`oyer check STUDY --format json` names them all); else add rows with persona, question, value to the table data.truth
    personas.csv:2:10: this is not UTF-8 (lines: 2, 3, 4, 5, 6, 7, 8, 9 and 32 more)
      help: save the file as UTF-8
    ");
}

#[test]
fn a_utf16_table() {
    let bytes: Vec<u8> = "\u{feff}id,text\nq1,Why?\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let dir = folder(&[("questions.csv", &bytes)]);
    insta::assert_snapshot!(told(dir.path(), &load_in(dir.path()).problems), @"
    questions.csv:1:1: this file is UTF-16, not UTF-8
      help: save it as UTF-8
    ");
}

/// The small study with answers for one model, in CSV.
fn with_answers(answers: &str, samples: &str) -> String {
    let text = changed(
        "[models.base]\nprovider = \"simulated\"",
        "[models.base]\nprovider = \"file\"\npath = \"answers.csv\"",
    );
    check(&[
        (
            "study.toml",
            &text.replace("[compare]", &format!("[compare]\n{samples}")),
        ),
        ("answers.csv", answers),
    ])
}

#[test]
fn answers_made_elsewhere_are_read() {
    let text = changed(
        "[models.base]\nprovider = \"simulated\"",
        "[models.base]\nprovider = \"file\"\npath = \"answers.jsonl\"",
    );
    let answers = "{\"persona\": \"p2\", \"question\": \"q1\", \"text\": \" b \", \"latency\": 3}\n{\"persona\": \"p1\", \"question\": \"q1\", \"sample\": 1, \"text\": \"a\\n\"}\n{\"persona\": \"p1\", \"question\": \"q2\", \"text\": \"\"}\n{\"persona\": \"p2\", \"question\": \"q2\", \"text\": \"d\"}\n";
    let read = study(&[("study.toml", &text), ("answers.jsonl", answers)]);
    let model = &read.models[0];
    assert_eq!(
        (model.provider, model.model.as_str()),
        (ProviderKind::File, "base")
    );
    let texts: Vec<_> = model
        .answers
        .iter()
        .map(|a| (a.persona, a.question, a.sample, a.text.as_str()))
        .collect();
    assert_eq!(texts, [(0, 0, 1, "a\n"), (1, 0, 1, " b "), (1, 1, 1, "d")]);
}

#[test]
fn a_phrasing_is_named_only_where_the_study_has_several() {
    insta::assert_snapshot!(with_answers("persona,question,variant,text\np1,q1,,a\np1,q1,persona,b\np1,q1,none,c\n", ""), @"
    answers.csv:3:7: variant: this answer was given in the phrasing `persona`, and the study has no [variants]
      help: keep the rows of one phrasing and leave the column out, or name the phrasings in variants.persona_prompts
    ");
    insta::assert_snapshot!(with_answers("custom_id,response,variant\nq1_p1,a,persona\nq1_p1,b,none\n", ""), @"
    answers.csv:2:9: variant: this answer was given in the phrasing `persona`, and the study has no [variants]
      help: keep the rows of one phrasing and leave the column out, or name the phrasings in variants.persona_prompts
    ");
    let all = "p1,q1,,a\np1,q2,,b\np2,q1,,c\np2,q2,,d\n";
    insta::assert_snapshot!(with_answers(&format!("persona,question,variant,text\n{all}"), ""), @"");
    insta::assert_snapshot!(with_answers(&format!("persona,question,Variant,text\n{all}"), ""), @"
    warning: answers.csv:1:18: Variant: this column is not `variant`
      help: if `variant` was meant, rename it
    ");
}

#[test]
fn what_is_wrong_with_answers() {
    insta::assert_snapshot!(with_answers("persona,question,sample,text\np1,q1,1,a\np1,q1,1,b\np3,q1,1,c\np1,q3,,d\np1,q2,0,e\np2,q2,two,f\n", ""), @"
    answers.csv:3:1: persona: the answer to this item and sample stands twice, first on line 2
      help: keep one of the two rows
    answers.csv:4:1: persona: there is no persona `p3`
      help: did you mean `p1`?
    answers.csv:5:4: question: there is no question `q3`
      help: did you mean `q1`?
    answers.csv:6:7: sample: expected a whole number from 1, found `0`
    answers.csv:7:7: sample: expected a whole number from 1, found `two`
    ");
    insta::assert_snapshot!(with_answers("persona,question,answer\np1,q1,a\n", ""), @"
    answers.csv:1:1: text: there is no column `text`
      help: columns here: answer
    ");
}

#[test]
fn a_misspelt_key_of_an_answer_is_named() {
    let text = changed(
        "[models.base]\nprovider = \"simulated\"",
        "[models.base]\nprovider = \"file\"\npath = \"answers.jsonl\"",
    );
    let answers = "{\"persona\": \"p1\", \"question\": \"q1\", \"sample\": 1, \"text\": \"a\"}\n{\"persona\": \"p1\", \"question\": \"q2\", \"sampel\": 1, \"txt\": \"b\"}\n{\"persona\": \"p2\", \"question\": \"q1\"}\n";
    insta::assert_snapshot!(check(&[("study.toml", &text), ("answers.jsonl", answers)]), @"
    answers.jsonl:2:1: sample: this row has no `sample`
      help: rename the key `sampel`?
    answers.jsonl:2:1: text: this row has no `text`
      help: rename the key `txt`?
    warning: answers.jsonl:3:1: text: this row has no answer
      help: what needs it is reported as missing, not as lost
    ");
}

#[test]
fn answers_that_are_missing_or_too_many_are_told() {
    insta::assert_snapshot!(with_answers("persona,question,text\np1,q1,a\n", ""), @"
    warning: study.toml:11:8: models.base.path: 3 of 4 planned answers are not in this file (p1/q2, p2/q1, p2/q2)
      help: what needs them is reported as missing, not as lost
    ");
    insta::assert_snapshot!(with_answers("persona,question,sample,text\np1,q1,1,a\np1,q1,3,b\n", "samples = 2"), @"
    warning: study.toml:11:8: models.base.path: 7 of 8 planned answers are not in this file (p1/q1 sample 2, p1/q2 sample 1, p1/q2 sample 2, p2/q1 sample 1, p2/q1 sample 2 and 2 more)
      help: what needs them is reported as missing, not as lost
    warning: study.toml:11:8: models.base.path: 1 answer of this file is not used: compare.samples = 2
    ");
    insta::assert_snapshot!(with_answers("persona,question,text\n", ""), @"
    study.toml:11:8: models.base.path: 4 of 4 planned answers are not in this file (p1/q1, p1/q2, p2/q1, p2/q2)
      help: it answers nothing: are its persona and question ids those of this study?
    ");
}

#[test]
fn an_answer_without_a_text_is_told_by_its_line_and_is_not_missing_from_its_file() {
    insta::assert_snapshot!(with_answers("persona,question,text\np1,q1,a\np1,q2, \np2,q1,b\n", ""), @"
    warning: study.toml:11:8: models.base.path: 1 of 4 planned answers is not in this file (p2/q2)
      help: what needs them is reported as missing, not as lost
    warning: answers.csv:3:7: text: this answer is empty
      help: what needs it is reported as missing, not as lost
    ");
    insta::assert_snapshot!(with_answers("persona,question,text\np1,q1,\np1,q2,\np2,q1,\np2,q2,\n", ""), @"
    study.toml:11:8: models.base.path: all 4 planned answers are empty in this file
      help: it answers nothing: name the file in which the answers are
    warning: answers.csv:2:7: text: this answer is empty
      help: what needs it is reported as missing, not as lost
    warning: answers.csv:3:7: text: this answer is empty
      help: what needs it is reported as missing, not as lost
    warning: answers.csv:4:7: text: this answer is empty
      help: what needs it is reported as missing, not as lost
    warning: answers.csv:5:7: text: this answer is empty
      help: what needs it is reported as missing, not as lost
    ");
}

#[test]
fn a_line_of_a_batch_without_an_answer_is_told_as_what_it_is() {
    let text = changed(
        "[models.base]\nprovider = \"simulated\"",
        "[models.base]\nprovider = \"file\"\npath = \"batch.jsonl\"",
    );
    let said = |id: &str, content: &str| {
        format!(
            "{{\"custom_id\": \"{id}\", \"response\": {{\"status_code\": 200, \"body\": {{\"choices\": [{{\"finish_reason\": \"stop\", \"message\": {{\"role\": \"assistant\", \"content\": {content}}}}}]}}}}, \"error\": null}}\n"
        )
    };
    let failed = "{\"custom_id\": \"q2_p2\", \"response\": null, \"error\": {\"code\": \"batch_expired\"}}\n";
    let lines = said("q1_p1", "\"a\"") + &said("q2_p1", "\"\"") + &said("q1_p2", "null") + failed;
    insta::assert_snapshot!(check(&[("study.toml", &text), ("batch.jsonl", &lines)]), @"
    warning: batch.jsonl:2:36: response: this answer is empty
      help: what needs it is reported as missing, not as lost
    warning: batch.jsonl:3:1: response: this row has no answer
      help: what needs it is reported as missing, not as lost
    warning: batch.jsonl:4:1: response: this row has no answer
      help: what needs it is reported as missing, not as lost
    ");
}

#[test]
fn a_file_of_answers_that_is_not_there() {
    insta::assert_snapshot!(check_with("[models.base]\nprovider = \"simulated\"", "[models.base]\nprovider = \"file\"\npath = \"answers.csv\""), @"
    study.toml:11:8: models.base.path: answers.csv cannot be read: No such file or directory (os error 2)
      help: paths start at the folder of the study file
    ");
}
