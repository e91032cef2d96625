//! The scatter that a plan is made with: that of the pilot, else the one assumed.

use std::fmt::Write as _;

use oyer::analysis::pilot::Pilot;
use oyer::stats::StatsError;
use oyer::stats::study_size::{Dependence, Scatter};
use oyer::text::escape;
use serde::Serialize;

use super::super::args::PlanArgs;
use super::super::error::Failure;
use super::{FEW, ICC_PERSONA, ICC_QUESTION, ORDER_CORRELATION};
use oyer::text::counted;

/// Rates this much apart are one but for rounding.
const ROUNDING: f64 = 1e-9;

/// Where a correlation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    /// A flag.
    Given,
    /// The pilot.
    Pilot,
    /// Nothing shows it.
    Assumed,
    /// Nothing follows from it: one persona is planned, and no pilot shows it.
    Idle,
}

/// The scatter that is planned with, and where its correlations come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Basis {
    pub(super) scatter: Scatter,
    pub(super) question: Source,
    pub(super) persona: Source,
}

/// Samples and repeats that are planned for: those of the pilot, unless flags say others.
pub(super) fn asked_for(args: &PlanArgs, pilot: &Pilot) -> (u64, u64) {
    (
        args.samples.unwrap_or(pilot.samples),
        args.repeats.unwrap_or(pilot.repeats),
    )
}

/// The scatter of the pilot, for the samples and repeats that are planned for.
fn of_pilot(args: &PlanArgs, pilot: &Pilot) -> Result<Scatter, Failure> {
    let seen = pilot.observed.as_ref();
    let seen = seen.map_err(|error| unfit(pilot, error))?;
    if args.samples.is_none() && args.repeats.is_none() {
        return Ok(seen.scatter);
    }
    let (samples, repeats) = asked_for(args, pilot);
    seen.asked(&pilot.replication, samples, repeats)
        .map_err(|error| {
            let more = match error {
                StatsError::OneSample => {
                    "; leave out --samples, or take a pilot with `samples = 2` in [compare]"
                }
                StatsError::OneRepeat => {
                    "; leave out --repeats, or take a pilot with `repeats = 2` in [judging]"
                }
                _ => "",
            };
            Failure::Input(format!(
                "{} and {} cannot be planned for on {}: {error}{more}",
                counted(samples, "sample"),
                counted(repeats, "repeat"),
                escape(&pilot.criterion)
            ))
        })
}

/// The scatter of the pilot, else the one assumed; flags win over both.
///
/// What the pilot does not show is assumed as without one where several personas are planned:
/// as 0 it would make each of them as good as a further question.
pub(super) fn basis(args: &PlanArgs, pilot: Option<&Pilot>) -> Result<Basis, Failure> {
    let seen = pilot.map(|pilot| of_pilot(args, pilot)).transpose()?;
    let (samples, repeats) = pilot.map_or((1, 1), |pilot| asked_for(args, pilot));
    if samples * repeats > 1 && args.ties.is_some() {
        return Err(Failure::Input(format!(
            "--ties is a share of single judgments, and an item has {} in each order; leave it \
             out, and the pilot gives the scatter of their means",
            samples * repeats
        )));
    }
    let judgment = match (args.ties, seen) {
        (None, Some(seen)) => seen.judgment,
        // p_w + p_t/4 - p^2 at a rate near one half, where p(1-p) is 1/4.
        (ties, _) => 1.0 - ties.unwrap_or(0.0),
    };
    let order_correlation = args
        .order_correlation
        .or(seen.map(|seen| seen.order_correlation))
        .unwrap_or(ORDER_CORRELATION);
    if let (Some(question), Some(persona)) = (args.icc_question, args.icc_persona)
        && question + persona > 1.0
    {
        return Err(Failure::Input(format!(
            "--icc-question {question} and --icc-persona {persona} are shares of one variance, \
             and cannot be more than 1 together"
        )));
    }
    if let (Some(effect), Some(ties)) = (args.effect, args.ties) {
        let [lowest, highest] = [ties / 2.0, 1.0 - ties / 2.0];
        if !(lowest - ROUNDING..=highest + ROUNDING).contains(&effect) {
            return Err(Failure::Input(format!(
                "with --ties {ties} a win rate is from {lowest} to {highest}, so that --effect \
                 {effect} cannot be"
            )));
        }
    }
    let item = 0.5 * judgment * (1.0 + order_correlation);
    // Without a number of personas, several are planned for, but for a given size.
    let personas = args.personas.or(pilot.map(|pilot| pilot.personas));
    let several = personas.map_or(args.questions.is_none(), |personas| personas > 1);
    let observed = pilot.and_then(|pilot| pilot.observed.as_ref().ok());
    let part = |flag: Option<f64>, shown: Option<f64>, assumed: f64| match (flag, shown) {
        // The variance of a judgment is then that within the one persona.
        _ if pilot.is_none() && !several => (0.0, Source::Idle),
        (Some(share), _) => (share * item, Source::Given),
        (None, Some(variance)) => (variance, Source::Pilot),
        (None, None) if several => (assumed * item, Source::Assumed),
        (None, None) => (0.0, Source::Idle),
    };
    let shown = |is_question: bool| match (seen.map(|seen| seen.dependence), observed) {
        (Some(Dependence::Components { question, .. }), Some(observed)) if is_question => {
            observed.shows_question.then_some(question)
        }
        (Some(Dependence::Components { persona, .. }), Some(observed)) => {
            observed.shows_persona.then_some(persona)
        }
        _ => None,
    };
    let (question, of_question) = part(args.icc_question, shown(true), ICC_QUESTION);
    let (persona, of_persona) = part(args.icc_persona, shown(false), ICC_PERSONA);
    let dependence = match args.design_effect {
        Some(effect) => Dependence::DesignEffect(effect),
        None => Dependence::Components { question, persona },
    };
    Ok(Basis {
        scatter: Scatter {
            judgment,
            order_correlation,
            dependence,
        },
        question: of_question,
        persona: of_persona,
    })
}

/// Why a pilot cannot be planned from and, where it is small, what to run.
fn unfit(pilot: &Pilot, error: &StatsError) -> Failure {
    let mut said = format!(
        "the pilot cannot be planned from on {}: {error}",
        escape(&pilot.criterion)
    );
    if pilot.questions < FEW {
        let _ = write!(
            said,
            "; it has {} of {}: take {}",
            counted(pilot.items, "item"),
            counted(pilot.questions, "question"),
            enough(pilot.personas)
        );
    }
    Failure::Input(said)
}

/// How many questions a pilot should have, as `oyer run --limit` counts them.
pub(super) fn enough(personas: u64) -> String {
    match personas {
        0 | 1 => format!("at least {FEW} (`oyer run --limit {FEW}`)"),
        personas => format!(
            "at least {FEW}, which are {items} items of {personas} personas \
             (`oyer run --limit {items}`)",
            items = FEW * personas
        ),
    }
}
