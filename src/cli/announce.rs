//! What is taken from the store, said before anything is asked.

use std::collections::BTreeSet;

use jiff::Timestamp;
use oyer::engine::Roots;
use oyer::engine::stock::{Reused, Stock};
use oyer::plan::Plan;
use oyer::store::{Reader, Source};
use oyer::study::Entry;
use oyer::text::{counted, escape, form, thousands};

use super::run::entries_in_use;

/// A line for each entry whose stored replies are used, and a warning where they
/// came from elsewhere than where the entry points now.
pub(crate) fn reused(plan: &Plan, reader: &Reader, stock: &Stock, roots: &Roots) -> Vec<String> {
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
        lines.extend(replaced(&place, entry, &from, roots));
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
        thousands(reused.replies),
        form(reused.replies, "reply", "replies"),
        urls.join(", ")
    )
}

/// Other weights behind the model's name than when the stored replies came.
fn replaced(place: &str, entry: &Entry, from: &[&Source], roots: &Roots) -> Vec<String> {
    let now: BTreeSet<&str> = (0..entry.base_urls.len())
        .filter_map(|url| roots.get(&(place.to_owned(), url)))
        .map(String::as_str)
        .collect();
    let then: BTreeSet<&str> = from
        .iter()
        .filter_map(|source| source.root.as_deref())
        .collect();
    let joined = |roots: &BTreeSet<&str>| roots.iter().copied().collect::<Vec<_>>().join(", ");
    if now.is_empty() || then.is_subset(&now) {
        return Vec::new();
    }
    vec![format!(
        "warning: [{place}] stored replies came from the weights {}, but {} now serves {}; give \
         the new ones another `revision`, or their replies will be mixed with the old",
        joined(&then),
        entry.model,
        joined(&now)
    )]
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
    counted(n.cast_unsigned(), unit)
}
