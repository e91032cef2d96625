//! `oyer check STUDY --probe`

use std::fmt::Write as _;

use oyer::plan::Plan;
use oyer::provider::retry::{self, Reach};
use oyer::provider::{CallError, Finish, Probe, Provider, probe as probe_endpoint};
use oyer::study::{Entry, ProviderKind};
use serde::{Serialize, Serializer};
use serde_json::json;

use super::Done;
use super::error::Failure;
use super::output;
use super::run::{Providers, entries_in_use};
use oyer::text::{counted, escape, thousands};

/// An endpoint and what was found, or the error of not even a plain call's success.
pub(crate) struct Probed {
    place: String,
    found: Result<Probe, CallError>,
}

/// Probes every base URL in use; hands over each as it comes.
pub(crate) fn probe(
    plan: &Plan,
    mut tell: impl FnMut(&Probed) -> Result<(), Failure>,
) -> Result<Vec<Probed>, Failure> {
    let providers = Providers::new(plan)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Internal(format!("cannot start: {error}")))?;
    let mut all = Vec::new();
    for (table, entry) in entries_in_use(plan) {
        let Some(provider) = providers.of(plan, table, entry) else {
            continue;
        };
        for url in 0..entry.base_urls.len().max(1) {
            let probed = Probed {
                place: place(table, entry, url),
                found: runtime.block_on(probe_endpoint(provider, entry, url)),
            };
            tell(&probed)?;
            all.push(probed);
        }
    }
    Ok(all)
}

/// Whether all endpoints answered.
pub(crate) fn outcome(all: &[Probed]) -> Result<Done, Failure> {
    let mut refused = Vec::new();
    let mut unreachable = Vec::new();
    for Probed { place, found } in all {
        let Err(error) = found else { continue };
        let list = match retry::reach(error.class) {
            Reach::Try => &mut unreachable,
            Reach::Call | Reach::Entry => &mut refused,
        };
        list.push(format!("{place}: {error}"));
    }
    let said = [refused.as_slice(), &unreachable]
        .concat()
        .join("\nerror: ");
    match (refused.is_empty(), unreachable.is_empty()) {
        (true, true) => Ok(Done::Complete),
        (true, false) => Err(Failure::Incomplete(said)),
        (false, _) => Err(Failure::Refused(said)),
    }
}

fn place(table: &str, entry: &Entry, url: usize) -> String {
    let url = entry.base_urls.get(url).map_or("simulated", String::as_str);
    format!("[{table}.{}] {url}", entry.name)
}

/// Prints what was found; an error is told at the end, with all others.
pub(crate) fn print(probed: &Probed) -> Result<(), Failure> {
    match &probed.found {
        Ok(found) => output::print(&render(&probed.place, found)),
        Err(_) => Ok(()),
    }
}

fn render(place: &str, found: &Probe) -> String {
    let mut text = format!("{}\n", escape(place));
    let model = found.model.as_deref().unwrap_or("not said");
    let fingerprint = found.fingerprint.as_deref().unwrap_or("not said");
    for (name, value) in [
        ("served model", model.to_owned()),
        ("fingerprint", fingerprint.to_owned()),
        ("reply", reply(found).to_owned()),
        ("token limit", found.token_limit.to_string()),
        ("system role", found.system_role.to_string()),
        ("JSON schema", found.json_schema.to_string()),
        ("log-probs", found.log_probs.to_string()),
        ("seed", found.seed.to_string()),
        (
            "latency",
            format!(
                "{} ms",
                thousands((found.latency.as_secs_f64() * 1000.0).round() as u64)
            ),
        ),
        (
            "spent",
            format!(
                "{}, {} + {} tokens",
                counted(u64::from(found.calls), "call"),
                thousands(found.usage.input),
                thousands(found.usage.output)
            ),
        ),
    ] {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {name:<13} {}", escape(&value));
    }
    text
}

/// Whether the reply says anything. The few tokens of a probe may all go to reasoning.
fn reply(found: &Probe) -> &'static str {
    match found.empty {
        None => "has text",
        Some(Finish::Length) => "empty: its tokens were used up before its text began",
        Some(Finish::Refusal) => "empty: refused",
        Some(Finish::Stop | Finish::Other) => "empty: the server gives no text",
    }
}

impl Serialize for Probed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = &self.place;
        let json = match &self.found {
            Err(error) => json!({ "endpoint": place, "error": error.to_string() }),
            Ok(found) => json!({
                "endpoint": place,
                "model": found.model,
                "fingerprint": found.fingerprint,
                "reply": reply(found),
                "token_limit": found.token_limit.to_string(),
                "system_role": found.system_role.to_string(),
                "json_schema": found.json_schema.to_string(),
                "log_probs": found.log_probs.to_string(),
                "seed": found.seed.to_string(),
                "latency_ms": found.latency.as_secs_f64() * 1000.0,
                "calls": found.calls,
                "input_tokens": found.usage.input,
                "output_tokens": found.usage.output,
            }),
        };
        json.serialize(serializer)
    }
}

impl Providers {
    /// The provider of an entry; `None` where nothing is asked.
    fn of(&self, plan: &Plan, table: &str, entry: &Entry) -> Option<&Provider> {
        if entry.provider == ProviderKind::File {
            return None;
        }
        let study = plan.study();
        let (entries, providers) = match table {
            "models" => (&study.models, &self.models),
            _ => (&study.judges, &self.judges),
        };
        let position = entries.iter().position(|other| other.name == entry.name)?;
        providers[position].as_ref()
    }
}
