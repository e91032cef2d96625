//! What is written is read again.

use std::sync::Arc;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::verdict::table::{ItemPersona, ItemQuestion, Judgment, Length, Names};

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
        contests in prop::collection::btree_set((names("[ab]"), names("[cd]"), names("j")), 1..3)
            .prop_filter("a row compares two models", |all| all.iter().all(|(a, b, _)| a != b)),
        criteria in prop::collection::btree_set(names("[a-z]{3}"), 1..3),
        rows in prop::collection::vec((outcomes(), any::<bool>(), 1..3_u16, prop::option::of(0..9_u32), prop::option::of(1..255_u8)), 1..12),
        orders_unknown in any::<bool>(),
    ) -> VerdictTable {
        let mut shared = Names::default();
        let all_items: Vec<Item> = ids.iter().zip(&texts).map(|(id, (persona, question, topic, level))| Item {
            variant: None,
            own_id: None,
            not_begun: false,
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
