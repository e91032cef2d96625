//! `oyer plan`: how many items a study needs, and what a given one can show.

mod lines;
mod scatter;

use oyer::analysis::pilot::{Pilot, pilots};
use oyer::stats::study_size::{Dependence, Design, Needed, Orders};
use oyer::stats::{Level, StatsError};
use oyer::verdict::table::VerdictTable;
use serde::Serialize;

use super::Done;
use super::args::{CheckFormat, PlanArgs};
use super::error::Failure;
use super::output;
use super::phrasing::in_variant;
use super::report::read_any;
use oyer::text::counted;
use scatter::{Basis, Source, asked_for, basis, enough};

/// What is assumed where neither a pilot nor a flag says otherwise.
pub(super) const ORDER_CORRELATION: f64 = 0.2;
pub(super) const ICC_QUESTION: f64 = 0.1;
pub(super) const ICC_PERSONA: f64 = 0.05;
/// Numbers of personas to choose from where none is given.
const PERSONAS: [u64; 3] = [10, 20, 40];
/// A pilot with fewer questions, or sampled personas, says little of its scatter.
pub(super) const FEW: u64 = 30;
const FEW_PERSONAS: u64 = 10;

/// Everything that is planned.
#[derive(Debug, Serialize)]
struct Answer {
    /// What the planned study estimates, of what, and how.
    estimand: &'static str,
    unit: &'static str,
    method: &'static str,
    effect: Option<f64>,
    power: f64,
    level: f64,
    one_sided: bool,
    /// Whether claims are about personas like these, and not exactly these.
    sampled_personas: bool,
    /// Models and judges of the pilot that are simulated.
    simulated: Vec<String>,
    plans: Vec<Planned>,
    assumptions: Vec<String>,
}

/// A plan from one scatter: that of a comparison and criterion of the pilot, or the
/// one that is given.
#[derive(Debug, Serialize)]
struct Planned {
    pilot: Option<PilotFacts>,
    /// Answers of each model to an item, and times that two of them are judged in each
    /// order: those of the pilot where no others are asked for.
    samples: u64,
    repeats: u64,
    inputs: Inputs,
    /// What it takes to find the effect; empty without one.
    needed: Vec<NeededRow>,
    /// What a study of a given size finds; empty without one.
    given: Vec<GivenRow>,
}

#[derive(Debug, Serialize)]
struct PilotFacts {
    candidate: String,
    opponent: String,
    judge: String,
    rubric: String,
    criterion: String,
    win_rate: Option<f64>,
    items: u64,
    questions: u64,
    personas: u64,
    samples: u64,
    repeats: u64,
    /// Whether the correlation of orders was seen.
    both_orders: bool,
}

/// What is planned with.
#[derive(Debug, Serialize)]
struct Inputs {
    /// Share of ties.
    ties: f64,
    /// Variance of an item's mean over the judgments of one order, as a share of
    /// `p(1-p)`.
    judgment_variance: f64,
    order_correlation: f64,
    /// Null where the design effect is given, and where no pilot shows them and one persona
    /// is planned, for which they do not matter.
    icc_question: Option<f64>,
    icc_persona: Option<f64>,
    /// Where they come from; null where they are.
    icc_question_from: Option<Source>,
    icc_persona_from: Option<Source>,
    /// Null where it follows from the correlations.
    design_effect: Option<f64>,
}

#[derive(Debug, Serialize)]
struct NeededRow {
    orders: u8,
    personas: u64,
    /// Null where no number of questions is enough with so few personas.
    questions: Option<u64>,
    items: Option<u64>,
    judgments: Option<u64>,
    design_effect: Option<f64>,
    /// Fewest personas with which some number of questions is enough.
    personas_needed: Option<u64>,
}

#[derive(Debug, Serialize)]
struct GivenRow {
    orders: u8,
    questions: u64,
    personas: u64,
    items: u64,
    judgments: u64,
    design_effect: f64,
    /// Null where no win rate is found with this power.
    smallest_detectable: Option<f64>,
    /// Chance to find the effect; null without one.
    power: Option<f64>,
}

pub(crate) fn plan(args: &PlanArgs) -> Result<Done, Failure> {
    if args.effect.is_none() && args.questions.is_none() {
        return Err(Failure::Input(
            "there is nothing to plan: give --effect to learn how many items a win rate needs, \
             --questions to learn what a study of that size finds, or both"
                .to_owned(),
        ));
    }
    if let Some(effect) = args.effect.filter(|effect| args.one_sided && *effect < 0.5) {
        return Err(Failure::Input(format!(
            "--one-sided finds only win rates above one half, and --effect {effect} is below: \
             give the other model's, --effect {}, or leave out --one-sided",
            // Without the last digits of a difference that is no binary fraction.
            ((1.0 - effect) * 1e9).round() / 1e9
        )));
    }
    let table = args.pilot.as_deref().map(read_any).transpose()?;
    let table = table
        .map(|table| in_variant(table, args.variant.as_deref()))
        .transpose()?;
    let answer = answer(args, table.as_ref())?;
    match args.format {
        CheckFormat::Table => output::print(&lines::render(&answer))?,
        CheckFormat::Json => output::print_json(&answer)?,
    }
    Ok(Done::Complete)
}

fn answer(args: &PlanArgs, table: Option<&VerdictTable>) -> Result<Answer, Failure> {
    let correlation = args.order_correlation.unwrap_or(ORDER_CORRELATION);
    let mut plans = Vec::new();
    match table {
        Some(table) => {
            for pilot in chosen(pilots(table, correlation), args)? {
                plans.push(planned(args, Some(pilot))?);
            }
        }
        None => plans.push(planned(args, None)?),
    }
    Ok(Answer {
        estimand: "win rate: mean over items of the candidate's share, a tie counted one half",
        unit: "item (one question, asked of one persona where there are any)",
        method: "design_effect_wilson",
        effect: args.effect,
        power: args.power,
        level: args.level,
        one_sided: args.one_sided,
        sampled_personas: samples_personas(args, &plans),
        simulated: table.map_or_else(Vec::new, |table| table.simulated.iter().cloned().collect()),
        assumptions: assumptions(args, &plans),
        plans,
    })
}

/// Whether a claim can be about personas like these: one persona, or none, stands for
/// no others.
fn samples_personas(args: &PlanArgs, plans: &[Planned]) -> bool {
    let of_needed = |plan: &Planned| plan.needed.iter().map(|row| row.personas).max();
    let of_given = |plan: &Planned| plan.given.iter().map(|row| row.personas).max();
    let most = (plans.iter()).filter_map(|plan| of_needed(plan).max(of_given(plan)));
    most.max() > Some(1) && !args.fixed_personas
}

/// The parts of a pilot that are asked for.
fn chosen(all: Vec<Pilot>, args: &PlanArgs) -> Result<Vec<Pilot>, Failure> {
    let Some(wanted) = &args.criterion else {
        return if all.is_empty() {
            Err(Failure::Input("the pilot holds no verdicts".to_owned()))
        } else {
            Ok(all)
        };
    };
    let mut known: Vec<String> = all.iter().map(|pilot| pilot.criterion.clone()).collect();
    known.dedup();
    let kept: Vec<Pilot> = all
        .into_iter()
        .filter(|pilot| pilot.criterion == *wanted)
        .collect();
    if kept.is_empty() {
        return Err(Failure::Input(format!(
            "the pilot has no criterion `{wanted}`; it has {}",
            known.join(", ")
        )));
    }
    Ok(kept)
}

fn planned(args: &PlanArgs, pilot: Option<Pilot>) -> Result<Planned, Failure> {
    let basis = basis(args, pilot.as_ref())?;
    let design = |orders: Orders| -> Result<Design, Failure> {
        Ok(Design {
            scatter: basis.scatter,
            sampled_personas: !args.fixed_personas,
            orders,
            level: Level::new(args.level).map_err(|error| wrong(&error))?,
            one_sided: args.one_sided,
            power: args.power,
        })
    };
    let both = design(Orders::Both)?;
    let (samples, repeats) = (pilot.as_ref()).map_or((1, 1), |pilot| asked_for(args, pilot));
    let each = samples * repeats;
    let of_pilot = pilot.as_ref().map(|pilot| pilot.personas);
    let personas: Vec<u64> = match args.personas.or(of_pilot) {
        Some(personas) => vec![personas],
        None if args.questions.is_some() => vec![0],
        None => PERSONAS.to_vec(),
    };
    let (mut needed, mut given) = (Vec::new(), Vec::new());
    for &personas in &personas {
        for orders in [Orders::Both, Orders::One] {
            let design = design(orders)?;
            if let Some(effect) = args.effect {
                let row = needed_row(&design, effect, personas, each);
                needed.push(row.map_err(|error| wrong(&error))?);
            }
            if let Some(questions) = args.questions {
                let row = given_row(&design, questions, personas, each, args.effect);
                given.push(row.map_err(|error| wrong(&error))?);
            }
        }
    }
    Ok(Planned {
        samples,
        repeats,
        inputs: inputs(&both, &basis, args, pilot.as_ref()),
        pilot: pilot.map(|pilot| PilotFacts {
            win_rate: pilot.observed.as_ref().ok().map(|seen| seen.rate),
            both_orders: pilot.observed.as_ref().is_ok_and(|seen| seen.both_orders),
            candidate: pilot.candidate,
            opponent: pilot.opponent,
            judge: pilot.judge,
            rubric: pilot.rubric,
            criterion: pilot.criterion,
            items: pilot.items,
            questions: pilot.questions,
            personas: pilot.personas,
            samples: pilot.samples,
            repeats: pilot.repeats,
        }),
        needed,
        given,
    })
}

fn wrong(error: &StatsError) -> Failure {
    Failure::Input(format!("this cannot be planned: {error}"))
}

fn inputs(design: &Design, basis: &Basis, args: &PlanArgs, pilot: Option<&Pilot>) -> Inputs {
    let item = design.item_variance();
    let share = |part: f64| (item > 0.0).then(|| part / item);
    let known = |part: f64, source: Source| share(part).filter(|_| source != Source::Idle);
    let (icc_question, icc_persona) = match design.scatter.dependence {
        Dependence::Components { question, persona } => (
            known(question, basis.question),
            known(persona, basis.persona),
        ),
        Dependence::DesignEffect(_) => (None, None),
    };
    Inputs {
        ties: args
            .ties
            .or(pilot.map(|pilot| pilot.ties))
            .unwrap_or_default(),
        judgment_variance: design.scatter.judgment,
        order_correlation: design.scatter.order_correlation,
        icc_question,
        icc_persona,
        icc_question_from: icc_question.map(|_| basis.question),
        icc_persona_from: icc_persona.map(|_| basis.persona),
        design_effect: args.design_effect,
    }
}

fn times(orders: Orders) -> u8 {
    match orders {
        Orders::One => 1,
        Orders::Both => 2,
    }
}

/// `each` is how often an item is judged in each order.
fn needed_row(
    design: &Design,
    effect: f64,
    personas: u64,
    each: u64,
) -> Result<NeededRow, StatsError> {
    let orders = times(design.orders);
    let found = design.questions_needed(effect, personas)?;
    let (questions, personas_needed) = match found {
        Needed::Questions(questions) => (Some(questions), None),
        Needed::MorePersonas(personas) => (None, personas),
    };
    let items = questions.map(|questions| questions * personas.max(1));
    Ok(NeededRow {
        orders,
        personas,
        questions,
        items,
        judgments: items.map(|items| items * u64::from(orders) * each),
        design_effect: questions.map(|questions| design.design_effect(questions, personas)),
        personas_needed,
    })
}

fn given_row(
    design: &Design,
    questions: u64,
    personas: u64,
    each: u64,
    effect: Option<f64>,
) -> Result<GivenRow, StatsError> {
    let orders = times(design.orders);
    let items = questions * personas.max(1);
    Ok(GivenRow {
        orders,
        questions,
        personas,
        items,
        judgments: items * u64::from(orders) * each,
        design_effect: design.design_effect(questions, personas),
        smallest_detectable: design.smallest_rate(questions, personas)?,
        power: effect
            .map(|effect| design.power_at(questions, personas, effect))
            .transpose()?,
    })
}

/// How often everything is asked.
fn asked(args: &PlanArgs, plans: &[Planned]) -> &'static str {
    if args.samples.is_some() || args.repeats.is_some() {
        "every persona is asked every question, with the samples and repeats planned for; what those of one item differ by, and what items differ by, is as in the pilot; all of them are judgments; a judgment costs one call, and so does each answer"
    } else if plans.iter().any(|plan| plan.samples * plan.repeats > 1) {
        "every persona is asked every question, with the samples and repeats of the pilot, whose scatter is that of means over them; all of them are judgments; a judgment costs one call, and so does each answer"
    } else {
        "every persona is asked every question, with one sample that is judged once in each order; a judgment costs one call, and so does each answer"
    }
}

/// What has to hold for the numbers to.
fn assumptions(args: &PlanArgs, plans: &[Planned]) -> Vec<String> {
    let mut said = vec![
        "the interval of reports (design-effect Wilson) and the score test that it inverts"
            .to_owned(),
        "how scores scatter, as a share of p(1-p), is the same at every win rate".to_owned(),
        asked(args, plans).to_owned(),
    ];
    let pilot = plans.iter().find_map(|plan| plan.pilot.as_ref());
    let is_assumed = |source: fn(&Inputs) -> Option<Source>| {
        (plans.iter()).any(|plan| source(&plan.inputs) == Some(Source::Assumed))
    };
    let question = is_assumed(|inputs| inputs.icc_question_from);
    let persona = is_assumed(|inputs| inputs.icc_persona_from);
    let of_question = format!("a question correlation of {ICC_QUESTION}");
    let of_persona = format!("a persona correlation of {ICC_PERSONA}");
    let assumed: Vec<String> = [
        (args.ties.is_none() && pilot.is_none(), "no ties".to_owned()),
        (
            args.order_correlation.is_none() && pilot.is_none_or(|pilot| !pilot.both_orders),
            format!("an order correlation of {ORDER_CORRELATION}"),
        ),
        (pilot.is_none() && question, of_question.clone()),
        (pilot.is_none() && persona, of_persona.clone()),
    ]
    .into_iter()
    .filter_map(|(is, what)| is.then_some(what))
    .collect();
    if !assumed.is_empty() {
        said.push(format!(
            "assumed, not measured: {}; a pilot of at least {FEW} questions in both orders, given as --pilot, measures it",
            assumed.join(", ")
        ));
    }
    let not_shown: Vec<String> = [(question, of_question), (persona, of_persona)]
        .into_iter()
        .filter_map(|(is, what)| (is && pilot.is_some()).then_some(what))
        .collect();
    if !not_shown.is_empty() {
        said.push(format!(
            "assumed, as the pilot does not show it: {}; a pilot in which several personas are asked the same questions shows it",
            not_shown.join(", ")
        ));
    }
    if args.design_effect.is_some() {
        said.push(
            "the design effect is the same for other numbers of questions and personas, which it is not where personas are sampled"
                .to_owned(),
        );
    }
    if let Some(pilot) = pilot {
        if pilot.questions < FEW {
            said.push(format!(
                "a pilot of {} says little of how scores scatter; take {}",
                counted(pilot.questions, "question"),
                enough(pilot.personas)
            ));
        }
        if !args.fixed_personas && (2..FEW_PERSONAS).contains(&pilot.personas) {
            said.push(format!(
                "a pilot of {} personas says little of how much personas differ",
                pilot.personas
            ));
        }
    }
    said
}
