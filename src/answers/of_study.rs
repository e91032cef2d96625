//! What a study's structured questions and truths are in an answers table.

use super::{AnswerTable, Persona, Question, Truth};
use crate::study::modes::tied_modes;
use crate::study::{StructuredTruth, Study};
use crate::text::names::Names;

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
    let mode = position(truth.code)?;
    let modes = truth.modes.iter().filter_map(|code| position(*code));
    let mut modes: Vec<u16> = modes.collect();
    if modes.is_empty() {
        modes = shares
            .as_deref()
            .map_or_else(Vec::new, |shares| tied_modes(mode, shares));
    }
    Some(Truth {
        mode,
        modes: modes.into(),
        distribution: shares.map(|shares| table.keep_shares(&shares)),
        share: truth.share,
        n: truth.n,
        unstable: truth.unstable,
    })
}
