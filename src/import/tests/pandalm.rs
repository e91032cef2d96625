//! People's files and judges' files of PandaLM, together and apart.

use super::*;
use crate::analysis::agreement::{AgreementOptions, agree};

fn pair(idx: u32, models: &str, question: &str, votes: &[u8]) -> Value {
    let mut pair = json!({"idx": idx, "cmp_key": models, "instruction": question, "input": "", "response1": "x", "response2": "yy"});
    for (vote, number) in votes.iter().zip(1..) {
        pair[format!("annotator{number}")] = json!(vote);
    }
    pair
}

fn people(name: &str, pairs: &[Value]) -> (String, String) {
    (name.to_owned(), json!(pairs).to_string())
}

fn judge(name: &str, verdicts: &[u8]) -> (String, String) {
    let verdicts = verdicts.iter().zip(0..);
    let judged: Vec<Value> = verdicts
        .map(|(verdict, idx)| json!({"idx": idx, "gpt_result": verdict}))
        .collect();
    (format!("{name}-testset-v1.json"), json!(judged).to_string())
}

#[track_caller]
fn of(files: &[(String, String)]) -> Import {
    let files: Vec<(&str, String)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    made(&files)
}

#[test]
fn a_judge_that_was_imported_alone_meets_the_people_of_its_test_set() {
    let people = people(
        "testset-v1.json",
        &[
            pair(0, "m_n", "one", &[1, 1]),
            pair(1, "n_o", "one", &[2, 0]),
            pair(2, "m_n", "two", &[0, 2]),
        ],
    );
    let gpt = judge("gpt", &[1, 2, 2, 1]);
    let both = of(&[people.clone(), gpt.clone()]);
    let (alone, people) = (of(&[gpt]), of(&[people]));
    assert!(has_note(&alone, "`oyer agree` with --labels"));
    let options = AgreementOptions::default();
    assert!(agree(&alone.table, Some(&people.labels), &options).is_err());
    let named = named_by(alone.table, &people.labels.table);
    let known = |table: &VerdictTable| {
        let judgments = table.judgments.iter();
        let told = judgments.map(|judgment| {
            let contest = &table.contests[judgment.contest as usize];
            let item = &table.items[judgment.item as usize];
            let who = [&contest.candidate, &contest.opponent, &contest.judge];
            let who = who.map(String::clone);
            (who, item.id().into_owned(), item.question.clone())
        });
        told.collect::<Vec<_>>()
    };
    // The fourth is not in the people's file.
    assert_eq!(known(&named), known(&both.table));
    let apart = agree(&named, Some(&people.labels), &options).unwrap();
    let fewer = judge("gpt", &[1, 2, 2]);
    let named = named_by(of(&[fewer]).table, &people.labels.table);
    assert_eq!(named.contests.len(), 2);
    assert_eq!(known(&named), known(&both.table)[..3]);
    let together = agree(&both.table, Some(&both.labels), &options).unwrap();
    assert_eq!(apart, together);
}

#[test]
fn a_pair_of_two_files_is_one_and_has_the_verdicts_of_both() {
    let one = people(
        "a.json",
        &[
            pair(0, "m_n", "one", &[1, 1]),
            pair(1, "m_n", "two", &[2, 2]),
        ],
    );
    let mut other = pair(0, "m_n", "one", &[]);
    other["annotator3"] = json!(2);
    let import = of(&[one, people("b.json", &[other]), judge("gpt", &[1, 2])]);
    let labelled = |name: &str| {
        let set = import.figures.iter().find(|set| set.subject == "people");
        let mut figures = set.unwrap().figures.iter();
        figures.find(|figure| figure.name == name).unwrap().value
    };
    assert_eq!(labelled("label_1"), Some(1.0));
    assert_eq!(labelled("label_2"), Some(1.0));
    assert_eq!(import.labels.table.items.len(), 2);
    assert_eq!(import.labels.table.judgments.len(), 5);
    assert_eq!(import.table.judgments.len(), 2);
    assert!(import.reasons.is_empty(), "{:?}", import.reasons);
}

#[test]
fn different_pairs_of_one_idx_are_items_of_their_own_that_no_judge_is_known_to_mean() {
    let import = of(&[
        people(
            "a.json",
            &[pair(0, "m_n", "one", &[1]), pair(1, "m_n", "two", &[1])],
        ),
        people("b.json", &[pair(0, "m_n", "three", &[2])]),
        judge("gpt", &[1, 1]),
    ]);
    let labels = &import.labels.table;
    let ids: Vec<String> = labels.items.iter().map(|item| item.id().into()).collect();
    assert_eq!(ids, ["0", "1", "0#2"]);
    assert_eq!(counted(&import, "an idx that another pair has too"), 1);
    assert_eq!(
        counted(&import, "import each of those files with its own judges"),
        1
    );
    assert_eq!(import.table.judgments.len(), 1);
    assert_eq!(&*import.table.items[0].id(), "1");
}
