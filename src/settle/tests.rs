use std::sync::Arc;

use rstest::rstest;

use super::*;
use crate::provider::Usage;
use crate::study::testing::study;
use crate::study::{Ending, FileAnswer, Study};
use crate::verdict::table::Item;

/// A study of one persona and two questions, whose `base` has an answer to the first in a
/// file.
fn with_file(text: &str, ending: Ending) -> Study {
    let mut study = study(1, 2);
    study.models[1].provider = ProviderKind::File;
    study.models[1].answers = vec![FileAnswer {
        persona: 0,
        question: 0,
        variant: 0,
        sample: 1,
        text: text.to_owned(),
        ending,
    }];
    study
}

fn plan(study: Study) -> Plan {
    Plan::new(Arc::new(study)).unwrap()
}

/// The item of a question.
fn item_of(plan: &Plan, question: u32) -> u32 {
    (0..2)
        .find(|item| plan.place(*item).question == question)
        .unwrap()
}

/// The slots of `tuned` and of `base` in an item.
fn slots(item: u32) -> [Generation; 2] {
    [0, 1].map(|model| Generation {
        item,
        model,
        sample: 1,
    })
}

fn given(text: &str, ending: Ending) -> GenerationOutcome {
    let plan = plan(with_file(text, ending));
    let [_, base] = slots(item_of(&plan, 0));
    file_generation(&plan, base).unwrap()
}

#[test]
fn what_a_file_has_no_answer_to_compare_with_is_not_asked_for() {
    let plan = plan(with_file("yes", Ending::Whole));
    for (question, is_open) in [(0, true), (1, false)] {
        let outcome = unasked(&plan, item_of(&plan, question)).unwrap();
        assert_eq!(outcome.is_open(), is_open, "question {question}");
        assert_eq!(is_unasked_open(&plan, item_of(&plan, question)), is_open);
        let [tuned, base] = &outcome.generations[..] else {
            panic!("two responses");
        };
        assert_eq!(tuned.is_open, is_open);
        assert_eq!(tuned.response, Err(MissingReason::NotRun));
        assert!(!base.is_open);
        for judgment in &outcome.judgments {
            assert_eq!(judgment.is_open, is_open);
        }
    }
}

#[rstest]
#[case::whole("yes", Ending::Whole, true)]
#[case::empty("", Ending::Whole, true)]
#[case::cut_off("ye", Ending::CutOff, true)]
#[case::cut_off_before_text("<think>hm", Ending::CutOff, false)]
#[case::refused("no", Ending::Refused, true)]
#[case::refused_without_text(" ", Ending::Refused, false)]
fn two_files_are_judged_where_both_give_a_response(
    #[case] text: &str,
    #[case] ending: Ending,
    #[case] is_open: bool,
) {
    let mut study = with_file(text, ending);
    study.models[0].provider = ProviderKind::File;
    study.models[0].answers = study.models[1].answers.clone();
    let plan = plan(study);
    for (question, is_open) in [(0, is_open), (1, false)] {
        let item = item_of(&plan, question);
        assert_eq!(unasked(&plan, item).unwrap().is_open(), is_open);
        assert_eq!(is_unasked_open(&plan, item), is_open);
    }
}

#[test]
fn a_response_is_asked_for_where_one_of_its_comparisons_can_be_made() {
    let mut study = with_file("yes", Ending::Whole);
    let mut third = study.models[0].clone();
    third.name = "third".to_owned();
    third.model = "third".to_owned();
    study.models.push(third);
    study.compare.pairs.push(crate::study::Pair {
        candidate: 2,
        opponent: 0,
    });
    let plan = plan(study);
    let outcome = unasked(&plan, item_of(&plan, 1)).unwrap();
    let open: Vec<bool> = outcome.generations.iter().map(|one| one.is_open).collect();
    assert_eq!(open, [true, false, true]);
    let open = outcome.judgments.iter().filter(|one| one.is_open);
    assert_eq!(open.count(), 2);
}

#[test]
fn a_stored_response_stays_though_nothing_is_left_to_compare_it_with() {
    let plan = plan(with_file("yes", Ending::Whole));
    let [tuned, _] = slots(item_of(&plan, 1));
    let call = plan.generation_call(&tuned).unwrap();
    let mut history = CallHistory::default();
    history.replied(reply("so", Finish::Stop));
    let outcome = generation(&plan, tuned, &call, &history).unwrap();
    assert_eq!(outcome.response.unwrap().text, "so");
}

fn reply(text: &str, finish: Finish) -> Reply {
    Reply {
        text: text.to_owned(),
        finish,
        usage: Usage {
            input: 1,
            output: 1,
        },
        model: None,
        fingerprint: None,
        tokens: Vec::new(),
    }
}

#[test]
fn reasoning_is_taken_off_an_answer_from_a_file_and_is_no_part_of_what_is_judged() {
    let thought = given("<think>as group X</think>\n real answer ", Ending::Whole);
    let plain = given("real answer", Ending::Whole);
    assert!(thought.had_reasoning && !plain.had_reasoning);
    assert_eq!(thought.response, plain.response);
    assert_eq!(thought.response.unwrap().text, "real answer");
}

#[rstest]
#[case::whole("yes", Ending::Whole, Ok([false, false]))]
#[case::cut("yes", Ending::CutOff, Ok([true, false]))]
#[case::refused("I cannot", Ending::Refused, Ok([false, true]))]
#[case::cut_before_text("", Ending::CutOff, Err(MissingReason::Truncated))]
#[case::cut_in_reasoning("<think>so", Ending::CutOff, Err(MissingReason::Truncated))]
#[case::filtered("", Ending::Refused, Err(MissingReason::Refused))]
fn how_an_answer_from_a_file_ended_counts_as_that_of_a_reply(
    #[case] text: &str,
    #[case] ending: Ending,
    #[case] expected: Result<[bool; 2], MissingReason>,
) {
    let response = given(text, ending).response;
    let flags = response.map(|response| [response.truncated, response.refused]);
    assert_eq!(flags, expected);
}

/// The next step of a judgment whose one reply ended so, after these failures.
fn after(finish: Finish, errors: &[ErrorClass]) -> (JudgmentOutcome, NextStep) {
    after_words(finish, errors, "max_tokens is too large: 200")
}

fn after_words(
    finish: Finish,
    errors: &[ErrorClass],
    message: &str,
) -> (JudgmentOutcome, NextStep) {
    let plan = plan(study(1, 1));
    let slot = plan.judgments(0)[0];
    let response = |n: u8| Response::new(Key([n; 32]), "yes", false);
    let (candidate, opponent) = (response(1), response(2));
    let call = plan.judgment_call(&slot, &candidate, &opponent).unwrap();
    let mut history = CallHistory::default();
    history.replied(reply("so I", finish));
    for class in errors {
        history.failed(*class, 400, message);
    }
    judgment(&plan, slot, &call, [&candidate, &opponent], &history)
}

#[rstest]
#[case::too_many(&[ErrorClass::BadRequest])]
#[case::too_long(&[ErrorClass::ContextTooLong])]
#[case::at_last(&[ErrorClass::Server, ErrorClass::BadRequest])]
fn where_more_tokens_are_refused_a_reply_that_was_cut_off_stands(#[case] errors: &[ErrorClass]) {
    let (outcome, next) = after(Finish::Length, errors);
    assert_eq!(next, NextStep::Settled);
    assert!(!outcome.is_open);
    for cell in outcome.cells {
        assert_eq!(cell.missing, Some(MissingReason::Truncated));
    }
}

#[test]
fn a_refusal_that_is_not_about_the_limit_settles_nothing() {
    let said = "<html>blocked by proxy</html>";
    let (outcome, next) = after_words(Finish::Length, &[ErrorClass::BadRequest], said);
    let double_tokens = true;
    assert_eq!(next, NextStep::Ask { double_tokens });
    assert!(outcome.is_open);
}

#[rstest]
#[case::not_asked(Finish::Length, &[], true)]
#[case::failed(Finish::Length, &[ErrorClass::Server], true)]
#[case::no_verdict(Finish::Stop, &[ErrorClass::BadRequest], false)]
fn what_may_be_answered_yet_is_asked(
    #[case] finish: Finish,
    #[case] errors: &[ErrorClass],
    #[case] double_tokens: bool,
) {
    let (outcome, next) = after(finish, errors);
    assert_eq!(next, NextStep::Ask { double_tokens });
    assert!(outcome.is_open);
}

/// A study of one persona and three questions, whose `base` has no answer to the last in
/// its file. Of its items, by question, some were run.
fn collected(is_run: impl Fn(u32) -> bool) -> collect::Collected {
    let mut study = study(1, 3);
    study.models[1] = with_file("yes", Ending::Whole).models[1].clone();
    let first = study.models[1].answers[0].clone();
    let second = FileAnswer {
        question: 1,
        ..first.clone()
    };
    study.models[1].answers = vec![first, second];
    let plan = plan(study);
    let mut collector = collect::Collector::new(&plan);
    for number in 0..3 {
        let history = if is_run(plan.place(number).question) {
            let mut history = CallHistory::default();
            history.replied(reply("so I", Finish::Stop));
            history
        } else {
            CallHistory::default()
        };
        let lookup = |_: &PlannedCall<'_>| Ok::<_, PlanError>(history.clone());
        let outcome = if is_run(plan.place(number).question) {
            item(&plan, number, lookup).unwrap()
        } else {
            unasked(&plan, number).unwrap()
        };
        collector.push(&outcome);
    }
    collector.finish()
}

/// Of each question whether its item counts as begun.
fn begun(is_run: impl Fn(u32) -> bool) -> [bool; 3] {
    let table = collected(is_run).table;
    let is_begun = table.items_begun();
    ["q0", "q1", "q2"].map(|question| {
        let is_of = |item: &Item| &*item.question.id == question;
        is_begun[table.items.iter().position(is_of).unwrap()]
    })
}

#[test]
fn an_item_that_only_lacks_an_answer_of_a_file_is_not_begun_while_others_wait() {
    assert_eq!(begun(|_| false), [false, false, false]);
    assert_eq!(begun(|question| question == 0), [true, false, false]);
    // Its model answered, before the file lost what that was to be compared with.
    assert_eq!(begun(|question| question == 2), [false, false, true]);
}

#[test]
fn an_item_that_lacks_an_answer_of_a_file_counts_when_nothing_waits() {
    let unsent = |question| question != 2;
    assert_eq!(begun(unsent), [true, true, true]);
}
