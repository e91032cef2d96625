//! From the settled answers of a run to the answers table.

use super::settle::AnswerOutcome;
use super::{Answer, AnswerTable, Item, Persona, Question, Truth};
use crate::plan::Plan;
use crate::study::{ProviderKind, StructuredTruth, Study};
use crate::verdict::table::Names;

/// The table of a plan without an answer.
pub fn empty_table(plan: &Plan) -> AnswerTable {
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
    for (number, place) in plan.structured_items().iter().enumerate() {
        let number = (first + number) as u32;
        let persona = &study.personas[place.persona as usize];
        let truth = structured.truth(place.persona, place.question);
        let truth = truth.and_then(|truth| table_truth(&mut table, place.question, truth));
        table.items.push(Item {
            id: plan.item_id(number).into(),
            persona: place.persona,
            question: place.question,
            split: names.optional(persona.split.as_deref()),
            variant: names.optional(plan.variant(number)),
            truth,
        });
    }
    table
}

/// A table with the personas and structured questions of a study, and nothing asked.
pub fn questions_and_personas(study: &Study) -> AnswerTable {
    let Some(structured) = &study.structured else {
        return AnswerTable::default();
    };
    let mut names = Names::default();
    let questions = structured.questions.iter().map(|question| Question {
        id: names.text(&question.id),
        topic: names.optional(question.topic.as_deref()),
        scale: question.scale.clone(),
    });
    let questions = questions.collect();
    let personas = study.personas.iter().map(|persona| Persona {
        id: names.text(&persona.id),
        stratum: names.optional(persona.stratum.as_deref()),
        levels: names.row(persona.levels.iter().map(Option::as_deref)),
    });
    AnswerTable {
        dimensions: study.dimensions.clone(),
        personas: personas.collect(),
        questions,
        ..AnswerTable::default()
    }
}

/// A truth in the table's terms; `None` where its code is not on the scale, which a
/// study refuses.
pub fn table_truth(
    table: &mut AnswerTable,
    question: u32,
    truth: &StructuredTruth,
) -> Option<Truth> {
    let scale = table.questions[question as usize].scale.clone();
    let position = |code: i32| scale.position(code).map(|at| at as u16);
    let shares = truth.distribution.as_ref();
    let shares = shares.and_then(|distribution| distribution.over(&scale).ok());
    Some(Truth {
        mode: position(truth.code)?,
        modes: truth
            .modes
            .iter()
            .filter_map(|code| position(*code))
            .collect(),
        distribution: shares.map(|shares| table.keep_shares(&shares)),
        share: truth.share,
        n: truth.n,
        unstable: truth.unstable,
    })
}

/// Adds a settled answer to the table of its plan.
pub fn push(table: &mut AnswerTable, plan: &Plan, answer: &AnswerOutcome) {
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
