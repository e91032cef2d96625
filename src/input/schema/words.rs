//! What is said of a key or a value that is wrong.

use std::ops::Bound;

use toml::de::DeValue;

use super::{Bounds, Key, Kind};
use crate::text::nearest::{nearest, suggestion};

/// Advice on a key that this table does not know: the nearest that it knows, else
/// where the key, or the nearest to it, belongs.
pub(super) fn advice(root: &[Key], here: &[Key], name: &str) -> String {
    let known_here = || here.iter().map(|key| key.name);
    if nearest(name, known_here()).is_none() {
        let homes = homes(root);
        let near = nearest(name, homes.iter().map(|(key, _)| *key));
        let place = |key: &str| {
            let places = homes.iter().filter(|(known, _)| *known == key);
            let mut places: Vec<_> = places.map(|(_, place)| place.as_str()).collect();
            places.dedup();
            places.join(", or ")
        };
        match near {
            Some(near) if near == name => return format!("`{name}` belongs {}", place(name)),
            Some(near) => {
                return format!("did you mean `{near}`? It belongs {}", place(near));
            }
            None => {}
        }
    }
    suggestion(name, known_here(), "keys")
}

/// Every key of the file and where it belongs.
fn homes(root: &[Key]) -> Vec<(&'static str, String)> {
    let top = "at the top of the file, before the first [table]".to_owned();
    let mut homes = Vec::new();
    for key in root {
        match key.kind {
            Kind::Table(keys) => {
                let place = format!("under [{}]", key.name);
                homes.extend(keys.iter().map(|key| (key.name, place.clone())));
            }
            Kind::Named(keys) => {
                let place = format!("under [{}.<name>]", key.name);
                homes.extend(keys.iter().map(|key| (key.name, place.clone())));
            }
            Kind::Tables(keys) => {
                let place = format!("under [[{}]]", key.name);
                homes.extend(keys.iter().map(|key| (key.name, place.clone())));
            }
            _ => homes.push((key.name, top.clone())),
        }
    }
    homes
}

pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

pub(super) fn expected(kind: &Kind) -> String {
    match kind {
        Kind::Text | Kind::Path => "a text in quotes".to_owned(),
        Kind::OneOf(words) => one_of(words),
        Kind::Number(_) => "a number".to_owned(),
        Kind::Whole(..) => "a whole number".to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Texts | Kind::Paths => "a list of texts".to_owned(),
        Kind::TextOrTexts => "a text in quotes or a list of them".to_owned(),
        Kind::TextLists => "a list of lists of texts".to_owned(),
        Kind::TextTable => "a table of texts".to_owned(),
        Kind::Json | Kind::Table(_) => "a table".to_owned(),
        Kind::Named(_) => "a table for each name".to_owned(),
        Kind::Tables(_) => "tables under double brackets".to_owned(),
    }
}

/// What a list of lists looks like, where the inner brackets were forgotten.
pub(super) fn example(kind: &Kind) -> Option<&'static str> {
    matches!(kind, Kind::Texts | Kind::Paths | Kind::TextLists)
        .then_some("a list is such as [\"a\", \"b\"], a list of lists such as [[\"a\", \"b\"]]")
}

pub(super) fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

pub(super) fn range(bounds: Bounds) -> String {
    let low = match bounds.0 {
        Bound::Included(low) => format!("of at least {low}"),
        Bound::Excluded(low) => format!("over {low}"),
        Bound::Unbounded => String::new(),
    };
    let high = match bounds.1 {
        Bound::Included(high) => format!("at most {high}"),
        Bound::Excluded(high) => format!("under {high}"),
        Bound::Unbounded => String::new(),
    };
    match bounds {
        (Bound::Included(low), Bound::Included(high)) => format!("from {low} to {high}"),
        _ if low.is_empty() || high.is_empty() => format!("{low}{high}"),
        _ => format!("{low} and {high}"),
    }
}
