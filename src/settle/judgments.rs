//! A judgment: its replies read, which of them stands, and whether to ask again.

use super::{CallHistory, GenerationOutcome, JudgmentOutcome, NextStep, Spent};
use crate::plan::{Judgment, Plan, PlannedCall, Response};
use crate::provider::{Finish, Reply};
use crate::verdict::decide::{self, Decision, ReadReply};
use crate::verdict::extract::Repair;
use crate::verdict::table::Cell;
use crate::verdict::{Choice, MissingReason, Order, Outcome};

/// Settles a judgment of two responses, candidate's first, and says whether it is to
/// be asked (again).
pub fn judgment(
    plan: &Plan,
    slot: Judgment,
    call: &PlannedCall<'_>,
    responses: [&Response; 2],
    history: &CallHistory,
) -> (JudgmentOutcome, NextStep) {
    let criteria = plan.criteria(&slot);
    let readings = Readings::new(plan, &slot, responses, history);
    let decision = readings.decide(plan);
    // A judgment that waits to be asked again has the best reply so far.
    let standing = match decision {
        Decision::Settled { reply } => Some(reply),
        Decision::GivenUp { best } => best,
        Decision::Ask { .. } => readings.best(),
    };
    let cells = match standing {
        Some(reply) => readings.cells(criteria, slot.order, reply),
        None if history.has_failed(call.entry) => missing(criteria, MissingReason::Failed),
        None => missing(criteria, MissingReason::NotRun),
    };
    let next = match decision {
        // More tokens than the reply had that was cut off are more than the server gives.
        Decision::Ask {
            double_tokens: true,
        } if history.limit_refused => NextStep::Settled,
        Decision::Ask { double_tokens } => NextStep::Ask { double_tokens },
        Decision::Settled { .. } | Decision::GivenUp { .. } => NextStep::Settled,
    };
    let outcome = JudgmentOutcome {
        slot,
        key: Some(call.key),
        cells,
        repairs: standing.map_or_else(Vec::new, |reply| readings.repairs[reply].clone()),
        chars: responses.map(|response| Some(response.chars)),
        is_open: next != NextStep::Settled,
        spent: history.spent,
    };
    (outcome, next)
}

/// A judgment that has not been asked, for want of a response or of an asking.
pub fn judgment_without_response(
    plan: &Plan,
    slot: Judgment,
    responses: [&GenerationOutcome; 2],
) -> JudgmentOutcome {
    // The reason that may still go away comes last.
    let reason = responses
        .iter()
        .filter_map(|outcome| outcome.response.as_ref().err().copied())
        .min()
        .unwrap_or(MissingReason::NotRun);
    JudgmentOutcome {
        slot,
        key: None,
        cells: missing(plan.criteria(&slot), reason),
        repairs: Vec::new(),
        chars: responses.map(|outcome| {
            outcome
                .response
                .as_ref()
                .ok()
                .map(|response| response.chars)
        }),
        is_open: responses
            .iter()
            .all(|outcome| outcome.is_open || outcome.response.is_ok()),
        spent: Spent::default(),
    }
}

/// The replies of a judgment, read.
struct Readings {
    read: Vec<(Vec<Option<Choice>>, Finish)>,
    /// What each of them needed.
    repairs: Vec<Vec<Repair>>,
}

impl Readings {
    fn new(
        plan: &Plan,
        slot: &Judgment,
        [candidate, opponent]: [&Response; 2],
        history: &CallHistory,
    ) -> Self {
        let shown = match slot.order {
            Order::CandidateFirst => [candidate.text.as_str(), &opponent.text],
            Order::OpponentFirst => [opponent.text.as_str(), &candidate.text],
        };
        let reader = plan.reader(slot);
        let read = |reply: &Reply| {
            let read = reader.read(&reply.text, Some(shown));
            ((read.choices, reply.finish), read.repairs)
        };
        let (read, repairs) = history.replies.iter().map(read).unzip();
        Self { read, repairs }
    }

    fn replies(&self) -> Vec<ReadReply<'_>> {
        self.read
            .iter()
            .map(|(choices, finish)| ReadReply {
                choices,
                finish: *finish,
            })
            .collect()
    }

    fn decide(&self, plan: &Plan) -> Decision {
        decide::decide(&self.replies(), plan.study().judging.reasks as usize)
    }

    fn best(&self) -> Option<usize> {
        decide::best(&self.replies())
    }

    fn cells(&self, criteria: &[usize], order: Order, reply: usize) -> Vec<Cell> {
        let standing = self.replies()[reply];
        let missing = decide::missing_reasons(standing);
        criteria
            .iter()
            .zip(standing.choices)
            .zip(missing)
            .map(|((criterion, choice), missing)| Cell {
                criterion: *criterion as u16,
                outcome: choice.map_or(Outcome::Missing, |choice| choice.outcome(order)),
                missing,
            })
            .collect()
    }
}

fn missing(criteria: &[usize], reason: MissingReason) -> Vec<Cell> {
    criteria
        .iter()
        .map(|criterion| Cell {
            criterion: *criterion as u16,
            outcome: Outcome::Missing,
            missing: Some(reason),
        })
        .collect()
}
