//! `[compare]`: which model is compared with which.

use std::collections::HashMap;

use super::entry::Draft;
use super::{Compare, Pair};
use crate::input::section::{Section, Spot, Value};
use crate::input::source::{Source, shown};
use crate::problem::Problem;
use crate::text::nearest::suggestion;

/// Reads the pairs. `models` are the entries that pairs may name, by position.
pub(super) fn read(
    source: &Source,
    section: &Section,
    models: &Entries<'_>,
    problems: &mut Vec<Problem>,
) -> Compare {
    let mut reader = Reader {
        source,
        section,
        models,
        problems,
        seen: HashMap::new(),
        pairs: Vec::new(),
    };
    reader.check_one_way();
    if section.has("pairs") {
        reader.listed();
    } else if section.has("reference") {
        reader.against_reference();
    } else if section.has("all") {
        reader.all();
    }
    let pairs = reader.pairs;
    Compare {
        pairs,
        samples: section.count("samples").unwrap_or(1),
    }
}

/// The models or the judges of a study by name.
pub(super) struct Entries<'a> {
    drafts: &'a [Draft],
    /// Names whose table was reported and left out.
    dropped: &'a [String],
}

impl<'a> Entries<'a> {
    pub(super) fn new(drafts: &'a [Draft], all: Option<&'a Section>) -> Self {
        Self {
            drafts,
            dropped: all.map_or(&[], |all| &all.dropped),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.drafts.len()
    }

    /// The position of a name; `Err` says what may have been meant.
    pub(super) fn find(&self, name: &str, what: &str) -> Result<Option<usize>, String> {
        let names = || self.drafts.iter().map(|draft| draft.entry.name.as_str());
        if let Some(index) = names().position(|known| known == name) {
            return Ok(Some(index));
        }
        if self.dropped.iter().any(|dropped| dropped == name) {
            return Ok(None);
        }
        Err(suggestion(name, names(), what))
    }
}

struct Reader<'a> {
    source: &'a Source,
    section: &'a Section,
    models: &'a Entries<'a>,
    problems: &'a mut Vec<Problem>,
    /// Where each pair first stands.
    seen: HashMap<Pair, usize>,
    pairs: Vec<Pair>,
}

impl Reader<'_> {
    fn error(&mut self, offset: usize, key: &str, message: impl Into<String>, help: &str) {
        let field = self.section.field(key);
        let problem = self.source.error(offset, field, message);
        self.problems.push(problem.help(help));
    }

    fn offset(&self, key: &str) -> usize {
        let mut entries = self.section.entries.iter();
        entries
            .find(|(name, _)| name.value == key)
            .map_or(self.section.offset, |(name, _)| name.offset)
    }

    fn check_one_way(&mut self) {
        const WAYS: [&str; 3] = ["pairs", "reference", "all"];
        let given: Vec<_> = WAYS
            .into_iter()
            .filter(|key| self.section.has(key))
            .collect();
        match given[..] {
            [] => {
                let problem =
                    self.source
                        .error(self.section.offset, "compare", "nothing is compared");
                self.problems.push(problem.help(
                    "write one of: pairs = [[\"candidate\", \"opponent\"]]; reference = \"…\"; all = true",
                ));
            }
            [_] => {}
            [first, second, ..] => self.error(
                self.offset(second),
                second,
                format!("`{first}` says already what is compared"),
                "keep one of pairs, reference and all",
            ),
        }
        if self.section.has("candidates") && !self.section.has("reference") {
            self.error(
                self.offset("candidates"),
                "candidates",
                "candidates need a reference that they are compared with",
                "add reference = \"…\", or write pairs",
            );
        }
    }

    fn model(&mut self, name: Spot<&str>, key: &str) -> Option<usize> {
        match self.models.find(name.value, "models") {
            Ok(found) => found,
            Err(help) => {
                let message = format!("there is no model `{}`", shown(name.value));
                self.error(name.offset, key, message, &help);
                None
            }
        }
    }

    fn listed(&mut self) {
        let section = self.section;
        for pair in section.list("pairs").unwrap_or_default() {
            let Value::List(names) = &pair.value else {
                continue;
            };
            let names: Vec<_> = names.iter().filter_map(Spot::text).collect();
            let [candidate, opponent] = names[..] else {
                self.error(
                    pair.offset,
                    "pairs",
                    format!("a pair is two models, found {}", names.len()),
                    "write [\"candidate\", \"opponent\"]",
                );
                continue;
            };
            let candidate = self.model(candidate, "pairs");
            let opponent = self.model(opponent, "pairs");
            if let (Some(candidate), Some(opponent)) = (candidate, opponent) {
                self.pair("pairs", pair.offset, candidate, opponent);
            }
        }
        // Elements that are no pairs were told already and left out.
        let told = |problem: &Problem| problem.field.as_deref() == Some("compare.pairs");
        let empty = section.list("pairs").is_some_and(<[_]>::is_empty);
        if empty && !self.problems.iter().any(told) {
            let offset = self.offset("pairs");
            self.error(
                offset,
                "pairs",
                "there is no pair",
                "write [[\"candidate\", \"opponent\"]]",
            );
        }
    }

    /// Adds a pair, unless it is there already or no comparison.
    fn pair(&mut self, key: &str, offset: usize, candidate: usize, opponent: usize) {
        let pair = Pair {
            candidate,
            opponent,
        };
        let mirrored = Pair {
            candidate: opponent,
            opponent: candidate,
        };
        let first = |seen: &HashMap<Pair, usize>, pair| seen.get(&pair).copied();
        if candidate == opponent {
            let help =
                "compare it with another model; two entries of one model differ by `revision`";
            self.error(offset, key, "this compares a model with itself", help);
        } else if let Some(first) = first(&self.seen, pair) {
            let message = format!(
                "this stands twice, first on line {}",
                self.source.line(first)
            );
            self.error(offset, key, message, "keep one");
        } else if let Some(first) = first(&self.seen, mirrored) {
            let line = self.source.line(first);
            let message = format!("this is the comparison of line {line} the other way round");
            let help = "keep one: its win rate is 1 less the other's";
            self.error(offset, key, message, help);
        } else {
            self.seen.insert(pair, offset);
            self.pairs.push(pair);
        }
    }

    fn against_reference(&mut self) {
        let section = self.section;
        let Some(name) = section.text("reference") else {
            return;
        };
        let reference = self.model(name, "reference");
        let Some(candidates) = section.texts("candidates") else {
            if section.has("candidates") {
                return;
            }
            for candidate in 0..self.models.len() {
                if reference.is_some_and(|reference| reference != candidate) {
                    self.pair("reference", name.offset, candidate, reference.unwrap_or(0));
                }
            }
            self.refuse_lone_model(reference.is_some(), name.offset, "reference");
            return;
        };
        for written in candidates {
            let candidate = self.model(written, "candidates");
            if let (Some(candidate), Some(reference)) = (candidate, reference) {
                self.pair("candidates", written.offset, candidate, reference);
            }
        }
    }

    /// Every model against each that stands before it in the file.
    fn all(&mut self) {
        let Some(all) = self.section.flag("all") else {
            return;
        };
        if !all.value {
            let help = "write all = true, or take it out and write pairs or reference";
            self.error(all.offset, "all", "nothing is compared", help);
            return;
        }
        for candidate in 0..self.models.len() {
            for opponent in 0..candidate {
                self.pair("all", all.offset, candidate, opponent);
            }
        }
        self.refuse_lone_model(true, all.offset, "all");
    }

    fn refuse_lone_model(&mut self, wanted: bool, offset: usize, key: &str) {
        if wanted && self.models.len() == 1 && self.models.dropped.is_empty() {
            let help = "add a second [models.<name>]";
            self.error(
                offset,
                key,
                "there is only one model, so nothing is compared",
                help,
            );
        }
    }
}
