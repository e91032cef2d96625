//! From the settled answers of a run to the answers table.

use super::answers::AnswerOutcome;
use crate::answers::of_study::{questions_and_personas, table_truth};
use crate::answers::{Answer, AnswerTable, Item};
use crate::plan::Plan;
use crate::study::ProviderKind;
use crate::study::splits::ItemSplits;
use crate::text::names::Names;

/// The table of a plan without an answer.
pub(super) fn empty_table(plan: &Plan) -> AnswerTable {
    let study = plan.study();
    let mut table = questions_and_personas(study);
    let Some(structured) = &study.structured else {
        return table;
    };
    table.models = study
        .models
        .iter()
        .map(|model| model.name.clone())
        .collect();
    let mut names = Names::default();
    table.simulated = study
        .models
        .iter()
        .filter(|model| model.provider == ProviderKind::Simulated)
        .map(|model| model.name.clone())
        .collect();
    let first = plan.items().len();
    let splits = ItemSplits::new(study);
    for (number, place) in plan.structured_items().iter().enumerate() {
        let number = (first + number) as u32;
        let truth = structured.truth(place.persona, place.question);
        let truth = truth.and_then(|truth| table_truth(&mut table, place.question, truth));
        table.items.push(Item {
            id: plan.item_id(number).into(),
            persona: place.persona,
            question: place.question,
            split: names.optional(splits.of(place.persona, place.question)),
            variant: names.optional(plan.variant(number)),
            truth,
            not_begun: false,
        });
    }
    table
}

/// Adds a settled answer to the table of its plan.
pub(super) fn push(table: &mut AnswerTable, plan: &Plan, answer: &AnswerOutcome) {
    let slot = answer.slot;
    let shares = answer.shares.as_deref();
    let distribution = shares.map(|shares| table.keep_shares(shares));
    table.answers.push(Answer {
        item: plan.rank(slot.item),
        model: slot.model as u16,
        sample: slot.sample as u16,
        given: answer.given,
        distribution,
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::study::testing::structured_study;

    #[test]
    fn items_of_a_held_out_question_are_of_its_split() {
        let mut study = structured_study(1, 2);
        study.personas[0].split = Some("id".to_owned());
        study.structured.as_mut().unwrap().questions[1].split = Some("ood".to_owned());
        let table = empty_table(&Plan::new(Arc::new(study)).unwrap());
        let mut splits: Vec<(&str, Option<&str>)> = table
            .items
            .iter()
            .map(|item| (&*item.id, item.split.as_deref()))
            .collect();
        splits.sort_unstable();
        assert_eq!(splits, [("p0/Q1", Some("id")), ("p0/Q2", Some("ood"))]);
    }
}
