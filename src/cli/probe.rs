//! `oyer check STUDY --probe`

use std::fmt::Write as _;

use oyer::plan::Plan;
use oyer::provider::retry::{self, Reach};
use oyer::provider::{CallError, Probe, Provider, probe as probe_endpoint};
use oyer::study::{Entry, ProviderKind};
use oyer::text::{escape, escape_json};
use serde_json::json;

use super::Done;
use super::args::CheckFormat;
use super::error::Failure;
use super::output;
use super::run::{Providers, entries_in_use};

pub(crate) fn probe(plan: &Plan, format: CheckFormat) -> Result<Done, Failure> {
    let providers = Providers::new(plan)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Internal(format!("cannot start: {error}")))?;
    let mut refused = Vec::new();
    let mut unreachable = Vec::new();
    for (table, entry) in entries_in_use(plan) {
        let Some(provider) = providers.of(plan, table, entry) else {
            continue;
        };
        for url in 0..entry.base_urls.len().max(1) {
            let place = place(table, entry, url);
            if let Err(error) = runtime.block_on(one(provider, entry, url, &place, format))? {
                let list = match retry::reach(error.class) {
                    Reach::Try => &mut unreachable,
                    Reach::Call | Reach::Entry => &mut refused,
                };
                list.push(format!("{place} {error}"));
            }
        }
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

/// Probes one base URL and prints what was found; the inner error is what it said.
async fn one(
    provider: &Provider,
    entry: &Entry,
    url: usize,
    place: &str,
    format: CheckFormat,
) -> Result<Result<(), CallError>, Failure> {
    match probe_endpoint(provider, entry, url).await {
        Ok(found) => {
            match format {
                CheckFormat::Table => output::print(&render(place, &found))?,
                CheckFormat::Json => {
                    let json = as_json(place, &found).to_string();
                    output::print(&escape_json(&json))?;
                }
            }
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(error)),
    }
}

fn render(place: &str, found: &Probe) -> String {
    let mut text = format!("{}\n", escape(place));
    let model = found.model.as_deref().unwrap_or("not said");
    let fingerprint = found.fingerprint.as_deref().unwrap_or("not said");
    for (name, value) in [
        ("served model", model.to_owned()),
        ("fingerprint", fingerprint.to_owned()),
        ("system role", found.system_role.to_string()),
        ("JSON schema", found.json_schema.to_string()),
        ("log-probs", found.log_probs.to_string()),
        ("seed", found.seed.to_string()),
        (
            "latency",
            format!("{:.0} ms", found.latency.as_secs_f64() * 1000.0),
        ),
        (
            "spent",
            format!(
                "{} calls, {} + {} tokens",
                found.calls, found.usage.input, found.usage.output
            ),
        ),
    ] {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {name:<13} {}", escape(&value));
    }
    text
}

fn as_json(place: &str, found: &Probe) -> serde_json::Value {
    json!({
        "endpoint": place,
        "model": found.model,
        "fingerprint": found.fingerprint,
        "system_role": found.system_role.to_string(),
        "json_schema": found.json_schema.to_string(),
        "log_probs": found.log_probs.to_string(),
        "seed": found.seed.to_string(),
        "latency_ms": found.latency.as_secs_f64() * 1000.0,
        "calls": found.calls,
        "input_tokens": found.usage.input,
        "output_tokens": found.usage.output,
    })
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
