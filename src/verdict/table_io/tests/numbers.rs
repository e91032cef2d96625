//! Covariates that differ within an item.

use super::*;

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
