//! What is taken from the store, said before anything is asked.

use std::collections::BTreeSet;

use jiff::Timestamp;
use oyer::engine::stock::{Reused, Stock};
use oyer::plan::Plan;
use oyer::store::{Reader, Source};
use oyer::text::escape;

use super::run::entries_in_use;

/// A line for each entry whose stored replies are used, and a warning where they
/// came from elsewhere than where the entry points now.
pub(crate) fn reused(plan: &Plan, reader: &Reader, stock: &Stock) -> Vec<String> {
    let Ok(sources) = reader.sources() else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for (table, entry) in entries_in_use(plan) {
        let place = format!("{table}.{}", entry.name);
        let Some(reused) = stock.reused.get(&place) else {
            continue;
        };
        let from: Vec<&Source> = reused
            .sources
            .iter()
            .filter_map(|id| sources.get(id))
            .collect();
        lines.push(line(&place, reused, &from));
        let elsewhere: BTreeSet<&str> = from
            .iter()
            .map(|source| source.url.as_str())
            .filter(|url| !entry.base_urls.is_empty() && !entry.base_urls.iter().any(|u| u == url))
            .collect();
        for url in elsewhere {
            lines.push(format!(
                "warning: [{place}] stored replies came from {url}, which the study no longer \
                 names; if another model is behind the new URL, give it another `revision`"
            ));
        }
        lines.extend(changes(&place, &from));
    }
    lines.iter().map(|line| escape(line).into_owned()).collect()
}

fn line(place: &str, reused: &Reused, from: &[&Source]) -> String {
    let urls: BTreeSet<&str> = from.iter().map(|source| source.url.as_str()).collect();
    let urls: Vec<&str> = urls.into_iter().collect();
    let now = Timestamp::now().as_millisecond();
    let (oldest, newest) = (age(now - reused.oldest), age(now - reused.newest));
    let age = if oldest == newest {
        oldest
    } else {
        format!("{newest} to {oldest}")
    };
    format!(
        "[{place}] {} stored {} used, {age} old, from {}",
        reused.replies,
        if reused.replies == 1 {
            "reply"
        } else {
            "replies"
        },
        urls.join(", ")
    )
}

/// More than one model, build or weights behind the replies of one entry.
fn changes(place: &str, from: &[&Source]) -> Vec<String> {
    let said = |source: &&Source| -> [Option<String>; 3] {
        [&source.served, &source.root, &source.fingerprint].map(Clone::clone)
    };
    let mut lines = Vec::new();
    for (kind, name) in ["served model", "model root", "fingerprint"]
        .iter()
        .enumerate()
    {
        let values: BTreeSet<String> = from
            .iter()
            .filter_map(|source| said(source)[kind].take())
            .collect();
        if values.len() > 1 {
            let values: Vec<String> = values.into_iter().collect();
            lines.push(format!(
                "warning: [{place}] stored replies have more than one {name}: {}",
                values.join(", ")
            ));
        }
    }
    lines
}

/// A rough age for people.
fn age(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    let (n, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}
