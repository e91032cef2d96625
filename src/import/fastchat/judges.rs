//! Who judged a pair or an answer.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Pair, reviews};
use crate::import::notes::most_of;
use crate::import::record::{Fault, Fields, list, string};

/// A judge's name, and the name of its prompt.
pub(super) fn named(fields: &Fields<'_>) -> Result<Option<(String, Option<String>)>, Fault> {
    let Some(raw) = fields.raw(&["judge"]) else {
        return Ok(None);
    };
    if let Some(names) = list(raw) {
        let mut names = names.into_iter().map(|name| string(name).into_owned());
        let judge = names.next();
        if judge.as_deref().is_some_and(is_blank) {
            return Err(Fault::unnamed("judge"));
        }
        return Ok(judge.map(|judge| (judge, names.next())));
    }
    if raw.get().starts_with('"') {
        let judge = fields.name(&["judge"])?;
        return Ok(judge.map(|judge| (judge.into_owned(), None)));
    }
    Err(Fault::kind("judge", raw, "text or a list"))
}

fn is_blank(name: &str) -> bool {
    name.trim().is_empty()
}

/// Says whose votes are labels of people, which nothing but a name tells.
pub(super) fn of_people(pairs: &[&Pair]) -> Option<String> {
    let people = pairs.iter().filter(|pair| pair.person);
    let names: BTreeSet<&str> = people.map(|pair| &*pair.judge).collect();
    (!names.is_empty()).then(|| {
        format!(
            "taken for people, and their votes for labels: {}; name a judge among them with --judge",
            most_of(names.iter().map(|&name| name.to_owned()))
        )
    })
}

/// `gpt-4` of `gpt-4_pair.jsonl` or `gpt-4_review_a_b.jsonl`; `None` where the file is not named after its judge.
pub(super) fn of_path(path: &Path) -> Option<String> {
    let stem = crate::import::stem(path)?;
    let name = stem
        .strip_suffix("_pair")
        .or_else(|| stem.strip_suffix("_single"))
        .or_else(|| Some(reviews::parts(&stem)?.0))?;
    (!is_blank(name)).then(|| name.to_owned())
}
