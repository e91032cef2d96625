//! `oyer prompt STUDY ITEM`

use std::fmt::Write as _;

use oyer::key::Key;
use oyer::plan::{Plan, PlannedCall, Response};
use oyer::prompt::{Role, without_system_role};
use oyer::provider::{ChatRequest, Simulation, request_body};
use oyer::settle;
use oyer::study::{ProviderKind, SystemRole};
use oyer::text::{escape, escape_lines};
use serde::Serialize;

use super::Done;
use super::args::{CheckFormat, PromptArgs};
use super::error::Failure;
use super::{load, output};

/// One call as it would be sent.
#[derive(Serialize)]
struct Shown {
    /// `models.base`
    entry: String,
    /// What for.
    title: String,
    messages: Vec<oyer::prompt::Message>,
    /// The exact body, but for the answers that are not there yet.
    body: serde_json::Value,
}

pub(crate) fn prompt(args: &PromptArgs) -> Result<Done, Failure> {
    let loaded = load::load(&args.study)?;
    let plan = &loaded.plan;
    let items = load::find_items(plan, &args.item)?;
    let mut shown = Vec::new();
    for item in items {
        let id = plan.item_id(item);
        let first = shown.len();
        shown.extend(calls(plan, item)?);
        if let Some(phrasing) = id.strip_prefix(&format!("{}/", args.item)) {
            for call in &mut shown[first..] {
                call.title = format!("{}, phrasing {phrasing}", call.title);
            }
        }
    }
    match args.format {
        CheckFormat::Table => output::print(&render(&args.item, &shown))?,
        CheckFormat::Json => output::print_json(&shown)?,
    }
    Ok(Done::Complete)
}

/// The first sample of each model, then each judge in each order and for each
/// group of criteria, with stand-ins for answers that are not there yet.
fn calls(plan: &Plan, item: u32) -> Result<Vec<Shown>, Failure> {
    let mut shown = Vec::new();
    for slot in plan.generations(item).filter(|slot| slot.sample == 1) {
        if plan.study().models[slot.model].provider != ProviderKind::File {
            let call = plan.generation_call(&slot)?;
            shown.push(show(&call, "response".to_owned()));
        }
    }
    for slot in plan.answers(item).filter(|slot| slot.sample == 1) {
        if plan.study().models[slot.model].provider == ProviderKind::File {
            continue;
        }
        if let Some((call, _)) = plan.answer_call(&slot)? {
            shown.push(show(&call, "structured answer".to_owned()));
        }
    }
    for slot in plan.judgments(item) {
        if slot.sample != 1 || slot.repeat != 1 {
            continue;
        }
        let study = plan.study();
        let pair = study.compare.pairs[slot.pair];
        let [candidate, opponent] = [pair.candidate, pair.opponent]
            .map(|model| response(plan, item, model, &study.models[model].name));
        let call = plan.judgment_call(&slot, &candidate?, &opponent?)?;
        let title = format!(
            "{} against {}, {} shown first",
            study.models[pair.candidate].name,
            study.models[pair.opponent].name,
            match slot.order {
                oyer::verdict::Order::CandidateFirst => &study.models[pair.candidate].name,
                oyer::verdict::Order::OpponentFirst => &study.models[pair.opponent].name,
            }
        );
        shown.push(show(&call, title));
    }
    Ok(shown)
}

/// The response of a file entry, or a stand-in.
fn response(plan: &Plan, item: u32, model: usize, name: &str) -> Result<Response, Failure> {
    let slot = plan
        .generations(item)
        .find(|slot| slot.model == model && slot.sample == 1);
    if let Some(slot) = slot
        && plan.study().models[model].provider == ProviderKind::File
        && let Ok(response) = settle::file_generation(plan, slot)?.response
    {
        return Ok(response);
    }
    let key = Key::of(&name).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(Response::new(
        key,
        &format!("(the answer of {name} will stand here)"),
        false,
    ))
}

fn show(call: &PlannedCall<'_>, title: String) -> Shown {
    let request = ChatRequest {
        messages: &call.messages,
        max_tokens: call.entry.max_tokens,
        seed: call.seed,
        schema: call.schema,
        logprobs: call.logprobs,
        simulation: Simulation {
            draw: [0; 32],
            persona: call.persona,
            truth: call.truth,
            alignment: call.alignment,
            options: call.options,
        },
    };
    let body = request_body(call.entry, &request);
    let messages = match call.entry.system {
        SystemRole::Message => call.messages.clone(),
        SystemRole::User => without_system_role(&call.messages),
    };
    Shown {
        entry: call.place(),
        title,
        messages,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    }
}

fn render(item: &str, shown: &[Shown]) -> String {
    let mut text = String::new();
    for call in shown {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "=== [{}] {}: {}",
            escape(&call.entry),
            escape(item),
            escape(&call.title)
        );
        for message in &call.messages {
            let role = match message.role {
                Role::System => "system",
                Role::User => "user",
            };
            let _ = writeln!(text, "--- {role}\n{}\n", escape_lines(&message.content));
        }
    }
    text
}
