use std::collections::HashSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::study::testing::study;
use crate::study::{Pair, Study};

fn plan(study: Study) -> Plan {
    Plan::new(Arc::new(study)).unwrap()
}

/// Every call of a plan whose responses all have the same text.
fn keys(plan: &Plan, text: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    for item in 0..plan.items().len() as u32 {
        let generations: Vec<Generation> = plan.generations(item).collect();
        let responses: Vec<Response> = generations
            .iter()
            .map(|slot| Response::new(plan.generation_call(slot).unwrap().key, text, false))
            .collect();
        keys.extend(responses.iter().map(|response| response.key));
        for slot in plan.judgments(item) {
            let [candidate, opponent] = crate::settle::positions(plan, &slot);
            let call = plan
                .judgment_call(&slot, &responses[candidate], &responses[opponent])
                .unwrap();
            keys.push(call.key);
        }
    }
    keys
}

#[test]
fn an_item_is_asked_of_every_persona_before_the_next_question() {
    let plan = plan(study(3, 5));
    let questions: Vec<u32> = plan.items().iter().map(|item| item.question).collect();
    assert!(
        questions
            .chunks(3)
            .all(|chunk| chunk.iter().all(|q| *q == chunk[0]))
    );
    assert_eq!(questions.iter().collect::<HashSet<_>>().len(), 5);
}

#[test]
fn the_slots_within_a_limit_are_those_of_its_items() {
    let mut study = study(3, 5);
    study.compare.samples = 2;
    let plan = plan(study);
    let one = plan.slots_of(0);
    assert_eq!(one[0], plan.generations(0).count() as u64);
    assert_eq!(one[1], plan.judgments(0).len() as u64);
    for (limit, items) in [(0, 0), (4, 4), (usize::MAX, 15)] {
        assert_eq!(plan.slots_within(limit), one.map(|slots| items * slots));
    }
}

#[test]
fn the_order_of_questions_follows_the_seed_and_is_not_moved_by_others() {
    let order = |study: Study| -> Vec<String> {
        let plan = plan(study);
        let items = plan.items().iter();
        items
            .map(|item| plan.study().questions[item.question as usize].id.clone())
            .collect()
    };
    let whole = order(study(1, 30));
    let mut other_seed = study(1, 30);
    other_seed.seed += 1;
    assert_ne!(whole, order(other_seed));
    let mut fewer = whole.clone();
    fewer.retain(|id| id != "q29");
    assert_eq!(fewer, order(study(1, 29)));
}

#[test]
fn no_two_planned_draws_are_one_call_even_where_all_texts_are_equal() {
    let mut study = study(2, 2);
    // A third model and equal texts everywhere; two questions with one wording.
    let mut third = study.models[1].clone();
    third.name = "third".to_owned();
    third.revision = Some("2".to_owned());
    study.models.push(third);
    study.compare.pairs.push(Pair {
        candidate: 2,
        opponent: 1,
    });
    study.compare.samples = 2;
    study.judging.repeats = 2;
    study.questions[1].text = study.questions[0].text.clone();
    for truth in &mut study.truths {
        truth.value = "the same".into();
    }
    let mut twin = study.judges[0].clone();
    twin.name = "other".to_owned();
    twin.revision = Some("2".to_owned());
    study.judges.push(twin);
    study.judging.judges.push(1);
    let keys = keys(&plan(study), "the same answer");
    // 4 items, 3 models x 2 samples; 2 pairs x 2 samples x 2 judges x 2 repeats x 2 orders.
    assert_eq!(keys.len(), 4 * (6 + 32));
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
}

/// A swap of candidate and opponent changes which verdict is a win, and no call.
#[test]
fn swapping_candidate_and_opponent_changes_no_call() {
    for orders in [Orders::Both, Orders::Random] {
        let of = |candidate: usize| {
            let mut study = study(3, 4);
            study.judging.orders = orders;
            study.compare.pairs[0] = Pair {
                candidate,
                opponent: 1 - candidate,
            };
            keys(&plan(study), "x").into_iter().collect::<HashSet<_>>()
        };
        assert_eq!(of(0), of(1), "{orders:?}");
    }
}

#[test]
fn moving_a_server_or_renaming_changes_no_call() {
    let before = keys(&plan(study(2, 2)), "x");
    let mut moved = study(2, 2);
    moved.name = "other".to_owned();
    for entry in moved.models.iter_mut().chain(&mut moved.judges) {
        entry.name.push_str("-renamed");
        entry.base_urls = vec!["http://elsewhere/v1".to_owned()];
        entry.api_key_env = Some("OTHER".to_owned());
        entry.max_connections = Some(3);
        entry.timeout = 1.0;
    }
    assert_eq!(before, keys(&plan(moved), "x"));
}

#[test]
fn an_edited_rubric_changes_only_judgments_and_an_edited_question_only_its_own() {
    let before = keys(&plan(study(2, 2)), "x");
    let mut edited = study(2, 2);
    edited.judging.rubric.criteria[0]
        .guide
        .push_str(" Look closely.");
    let after = keys(&plan(edited), "x");
    let same = before.iter().zip(&after).filter(|(a, b)| a == b).count();
    assert_eq!(same, 4 * 2);

    let mut edited = study(2, 2);
    edited.questions[0].text.push_str(" And why?");
    let after = keys(&plan(edited), "x");
    let same = before.iter().zip(&after).filter(|(a, b)| a == b).count();
    assert_eq!(same, before.len() / 2);
}

#[test]
fn what_can_change_a_reply_changes_the_call() {
    let changes: [fn(&mut Study); 6] = [
        |study| study.models[0].temperature = Some(0.3),
        |study| study.models[0].revision = Some("new".to_owned()),
        |study| study.models[0].model = "other".to_owned(),
        |study| study.models[0].max_tokens = Some(10),
        |study| study.models[0].seed = Some(99),
        |study| {
            study.models[0].extra.insert("min_p".to_owned(), 0.1.into());
        },
    ];
    let before = keys(&plan(study(1, 1)), "x");
    for change in changes {
        let mut other = study(1, 1);
        change(&mut other);
        assert_ne!(before[0], keys(&plan(other), "x")[0]);
    }
}

#[test]
fn seeds_go_up_with_samples_and_repeats_and_reasks_have_their_own() {
    let mut study = study(1, 1);
    study.compare.samples = 3;
    study.judging.repeats = 2;
    study.models[0].seed = Some(100);
    study.judges[0].seed = Some(40);
    let plan = plan(study);
    let seeds: Vec<_> = plan
        .generations(0)
        .filter(|slot| slot.model == 0)
        .map(|slot| plan.generation_call(&slot).unwrap().seed.unwrap())
        .collect();
    assert_eq!(seeds, [100, 101, 102]);
    assert_eq!(plan.reask_seed(Some(41), 0), Some(41));
    assert_eq!(plan.reask_seed(Some(40), 1), Some(42));
    assert_eq!(plan.reask_seed(Some(41), 1), Some(43));
    assert_eq!(plan.reask_seed(None, 1), None);
}

#[test]
fn random_orders_are_one_each_and_about_half_of_either() {
    let mut study = study(10, 40);
    study.judging.orders = Orders::Random;
    let plan = plan(study);
    let orders: Vec<Order> = (0..400)
        .flat_map(|item| plan.judgments(item))
        .map(|slot| slot.order)
        .collect();
    assert_eq!(orders.len(), 400);
    let first = orders
        .iter()
        .filter(|order| **order == Order::CandidateFirst)
        .count();
    assert!((150..250).contains(&first), "{first}");
}

#[test]
fn an_item_without_truth_is_not_asked_for_criteria_that_need_it() {
    let mut study = study(1, 2);
    study.truths.retain(|truth| truth.question == 0);
    let plan = plan(study);
    for (index, item) in plan.items().iter().enumerate() {
        let slot = plan.judgments(index as u32)[0];
        let asked = plan.criteria(&slot).len();
        assert_eq!(asked, if item.question == 0 { 3 } else { 2 });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The plan holds what nested loops over everything would.
    #[test]
    fn the_slots_of_an_item_are_all_combinations(
        samples in 1_u32..3, repeats in 1_u32..3, judges in 1_usize..3, pairs in 1_usize..3,
        both: bool, separately: bool,
    ) {
        let mut study = study(2, 2);
        study.compare.samples = samples;
        study.judging.repeats = repeats;
        study.judging.orders = if both { Orders::Both } else { Orders::Random };
        if separately {
            study.judging.rubric.ask = crate::rubric::Ask::Separately;
        }
        for n in 1..judges {
            let mut judge = study.judges[0].clone();
            judge.name = format!("judge{n}");
            judge.revision = Some(n.to_string());
            study.judges.push(judge);
            study.judging.judges.push(n);
        }
        if pairs == 2 {
            study.compare.pairs.push(Pair { candidate: 1, opponent: 0 });
        }
        let plan = plan(study);
        for item in 0..4 {
            let judgments = plan.judgments(item);
            let asks = if separately { 3 } else { 1 };
            let expected = pairs * samples as usize * judges * repeats as usize * asks
                * if both { 2 } else { 1 };
            prop_assert_eq!(judgments.len(), expected);
            prop_assert_eq!(judgments.len(), plan.judgments_of(item));
            let distinct: HashSet<_> = judgments.iter().collect();
            prop_assert_eq!(distinct.len(), judgments.len());
            prop_assert!(judgments.iter().all(|slot| slot.item == item));
        }
    }
}
