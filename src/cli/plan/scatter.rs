//! The scatter that a plan is made with: that of the pilot, else the one assumed.

use std::fmt::Write as _;

use oyer::analysis::pilot::Pilot;
use oyer::stats::StatsError;
use oyer::stats::study_size::{Dependence, Scatter};
use oyer::text::escape;

use super::super::args::PlanArgs;
use super::super::error::Failure;
use super::{FEW, ICC_PERSONA, ICC_QUESTION, ORDER_CORRELATION};

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
                "{samples} sample(s) and {repeats} repeat(s) cannot be planned for on {}: {error}{more}",
                escape(&pilot.criterion)
            ))
        })
}

/// The scatter of the pilot, else the one assumed; flags win over both.
pub(super) fn scatter(args: &PlanArgs, pilot: Option<&Pilot>) -> Result<Scatter, Failure> {
    let seen = pilot.map(|pilot| of_pilot(args, pilot)).transpose()?;
    if let Some(pilot) = pilot.filter(|pilot| pilot.samples * pilot.repeats > 1)
        && args.ties.is_some()
    {
        return Err(Failure::Input(format!(
            "--ties is a share of single judgments, and an item of the pilot has {} in each \
             order; leave it out, and the pilot gives the scatter of their means",
            pilot.samples * pilot.repeats
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
    let item = 0.5 * judgment * (1.0 + order_correlation);
    let of_pilot = seen.map(|seen| seen.dependence);
    let dependence = match (args.design_effect, of_pilot) {
        (Some(effect), _) => Dependence::DesignEffect(effect),
        (None, of_pilot) => {
            let part = |flag: Option<f64>, seen: Option<f64>, assumed: f64| {
                flag.map(|icc| icc * item)
                    .or(seen)
                    .unwrap_or(assumed * item)
            };
            let (question, persona) = match of_pilot {
                Some(Dependence::Components { question, persona }) => {
                    (Some(question), Some(persona))
                }
                _ => (None, None),
            };
            Dependence::Components {
                question: part(args.icc_question, question, ICC_QUESTION),
                persona: part(args.icc_persona, persona, ICC_PERSONA),
            }
        }
    };
    Ok(Scatter {
        judgment,
        order_correlation,
        dependence,
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
            "; it has {} items of {} question(s): take {}",
            pilot.items,
            pilot.questions,
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
