//! What a task is about, where its data says it: `candidate` and `opponent` with the
//! `order` in which they stood left and right, or the two models by side
//! (`left_model`, `right_model`; `model_a`, `model_b`); and `item`, `persona`,
//! `question`, `topic`, `criterion`, `sample`. Without models the sides themselves are
//! compared. A tag's name is the criterion where the data gives none.

use crate::import::record::{Fault, Fields};
use crate::verdict::Order;

/// Fields that say what a task is about.
pub(super) const FIELDS: &[&str] = &[
    "item",
    "persona",
    "question",
    "question_id",
    "topic",
    "category",
    "candidate",
    "opponent",
    "order",
    "left_model",
    "model_left",
    "model_a",
    "model_1",
    "right_model",
    "model_right",
    "model_b",
    "model_2",
    "criterion",
    "sample",
];

/// What a task is about.
pub(super) struct Task {
    pub(super) item: String,
    pub(super) persona: String,
    pub(super) question: String,
    pub(super) topic: Option<String>,
    pub(super) candidate: String,
    pub(super) opponent: String,
    pub(super) order: Order,
    /// Whether the data names a candidate and not on which side it stood.
    pub(super) order_assumed: bool,
    /// Whether the data names both models; a side that it does not name is compared as such.
    pub(super) names_models: bool,
    pub(super) criterion: Option<String>,
    pub(super) sample: u16,
}

impl Task {
    /// How its item is called.
    pub(super) fn id(&self) -> &str {
        if self.item.is_empty() {
            &self.question
        } else {
            &self.item
        }
    }
}

/// Reads a task's data; `fields` are those around it.
pub(super) fn task(data: &Fields<'_>, fields: &Fields<'_>) -> Result<Task, Fault> {
    let text = |names: &[&str]| -> Result<Option<String>, Fault> {
        Ok(data.text(names)?.map(String::from))
    };
    let name = |names: &[&str]| -> Result<Option<String>, Fault> {
        Ok(data.name(names)?.map(String::from))
    };
    let id = text(&["question", "question_id", "id"])?;
    let id = match id {
        Some(id) => id,
        None => fields.required_text(&["id"])?.into_owned(),
    };
    let models = (name(&["candidate"])?, name(&["opponent"])?);
    let (candidate, opponent, order, names_models) =
        if let (Some(candidate), Some(opponent)) = models {
            let order = match text(&["order"])?.as_deref() {
                None | Some("candidate_first") => Order::CandidateFirst,
                Some("opponent_first") => Order::OpponentFirst,
                Some(other) => {
                    let message =
                        format!("found `{other}`, expected candidate_first or opponent_first");
                    return Err(Fault::new("data.order", message));
                }
            };
            (candidate, opponent, order, true)
        } else {
            let left = name(&["left_model", "model_left", "model_a", "model_1"])?;
            let right = name(&["right_model", "model_right", "model_b", "model_2"])?;
            let both = left.is_some() && right.is_some();
            let or = |name: Option<String>, side: &str| name.unwrap_or_else(|| side.to_owned());
            (
                or(left, "left"),
                or(right, "right"),
                Order::CandidateFirst,
                both,
            )
        };
    let sample = match data.number(&["sample"])? {
        Some(sample) if sample >= 1.0 => sample as u16,
        _ => 1,
    };
    Ok(Task {
        item: text(&["item"])?.unwrap_or_default(),
        persona: text(&["persona"])?.unwrap_or_default(),
        question: id,
        topic: text(&["topic", "category"])?,
        candidate,
        opponent,
        order,
        order_assumed: data.raw(&["candidate"]).is_some() && data.raw(&["order"]).is_none(),
        names_models,
        criterion: name(&["criterion"])?,
        sample,
    })
}
