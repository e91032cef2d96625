//! What items are grouped by: nothing, their split, topic, stratum, persona, or a
//! dimension of their persona.

use std::collections::HashMap;
use std::sync::Arc;

use crate::answers::{AnswerTable, Item};

/// An item that is in no group.
const NONE: u32 = u32::MAX;

/// A way to group items.
pub(super) struct Breakdown {
    /// `all`, `split`, `topic`, `stratum`, `persona` or `group.<dimension>`.
    pub(super) name: String,
    /// The level that each group has; `None` of all items.
    pub(super) groups: Vec<Option<String>>,
    /// Whether the personas of a group are the population that is asked about.
    pub(super) fixes_personas: bool,
    /// The group of each item of the table.
    of_item: Vec<u32>,
    /// The place of each group where they are listed: that in which the table has them.
    pub(super) listed: Vec<usize>,
}

impl Breakdown {
    /// The group of an item of the table.
    pub(super) fn group_of(&self, item: u32) -> Option<u32> {
        let group = self.of_item[item as usize];
        (group != NONE).then_some(group)
    }

    /// The same with its groups sorted by their levels, so that what is drawn for them does not
    /// hang on the order of the rows.
    pub(super) fn sorted(self) -> Self {
        let mut listed: Vec<usize> = (0..self.groups.len()).collect();
        listed.sort_by_key(|group| &self.groups[*group]);
        let mut number = vec![NONE; listed.len()];
        for (at, group) in listed.iter().enumerate() {
            number[*group] = at as u32;
        }
        let renumbered = |group: &u32| number.get(*group as usize).copied().unwrap_or(NONE);
        Self {
            of_item: self.of_item.iter().map(renumbered).collect(),
            groups: listed
                .iter()
                .map(|group| self.groups[*group].clone())
                .collect(),
            listed,
            ..self
        }
    }

    /// The places of each group's members among some items, in order.
    pub(super) fn members(&self, items: &[u32]) -> Vec<Vec<u32>> {
        let mut sizes = vec![0; self.groups.len()];
        for group in items.iter().filter_map(|item| self.group_of(*item)) {
            sizes[group as usize] += 1;
        }
        let mut members: Vec<Vec<u32>> = sizes.into_iter().map(Vec::with_capacity).collect();
        for (place, item) in items.iter().enumerate() {
            if let Some(group) = self.group_of(*item) {
                members[group as usize].push(place as u32);
            }
        }
        members
    }
}

/// All items in one group.
pub(super) fn whole(items: usize) -> Breakdown {
    Breakdown {
        name: "all".to_owned(),
        groups: vec![None],
        fixes_personas: false,
        of_item: vec![0; items],
        listed: vec![0],
    }
}

/// Items by split, in the order of `splits`.
pub(super) fn of_splits(table: &AnswerTable, splits: &[String]) -> Breakdown {
    let places: HashMap<&str, usize> = splits.iter().map(String::as_str).zip(0..).collect();
    // Items of one split mostly stand together, and have one text.
    let mut last: Option<(&Arc<str>, u32)> = None;
    let of_item = table.items.iter().map(|item| {
        let Some(split) = &item.split else {
            return NONE;
        };
        match last {
            Some((known, place)) if Arc::ptr_eq(known, split) => place,
            _ => {
                let place = places.get(&**split).map_or(NONE, |at| *at as u32);
                last = Some((split, place));
                place
            }
        }
    });
    Breakdown {
        name: "split".to_owned(),
        of_item: of_item.collect(),
        groups: splits.iter().cloned().map(Some).collect(),
        fixes_personas: false,
        listed: (0..splits.len()).collect(),
    }
}

/// Every further breakdown that has groups.
pub(super) fn all(table: &AnswerTable) -> Vec<Breakdown> {
    let of_question = |item: &Item| item.question;
    let of_persona = |item: &Item| item.persona;
    let (questions, personas) = (&table.questions, &table.personas);
    let topics = questions.iter().map(|question| question.topic.as_ref());
    let strata = personas.iter().map(|persona| persona.stratum.as_ref());
    let mut all = vec![
        by(table, "topic", false, topics, of_question),
        by(table, "stratum", true, strata, of_persona),
    ];
    for (index, dimension) in table.dimensions.iter().enumerate() {
        let levels = personas.iter();
        let levels = levels.map(|persona| persona.levels.get(index)?.as_ref());
        let name = format!("group.{dimension}");
        all.push(by(table, &name, true, levels, of_persona));
    }
    let ids = personas.iter().map(|persona| Some(&persona.id));
    let ids = ids.map(|id| id.filter(|id| !id.is_empty()));
    all.push(by(table, "persona", true, ids, of_persona));
    all.retain(|breakdown| !breakdown.groups.is_empty());
    all
}

/// Items by the level of what they are of, a question or a persona; `levels` are those of
/// all there are, and groups stand in the order in which items meet them.
fn by<'t>(
    table: &AnswerTable,
    name: &str,
    fixes_personas: bool,
    levels: impl Iterator<Item = Option<&'t Arc<str>>>,
    of: impl Fn(&Item) -> u32,
) -> Breakdown {
    let mut names: Vec<&Arc<str>> = Vec::new();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let numbered = levels.map(|level| {
        let level = level?;
        let number = *numbers.entry(level).or_insert(names.len());
        if number == names.len() {
            names.push(level);
        }
        Some(number)
    });
    let numbered: Vec<Option<usize>> = numbered.collect();
    let mut groups = Vec::new();
    let mut group_of = vec![NONE; names.len()];
    let of_item = table.items.iter().map(|item| {
        let Some(number) = numbered[of(item) as usize] else {
            return NONE;
        };
        let group = &mut group_of[number];
        if *group == NONE {
            *group = groups.len() as u32;
            groups.push(Some(names[number].to_string()));
        }
        *group
    });
    let of_item = of_item.collect();
    Breakdown {
        name: name.to_owned(),
        listed: (0..groups.len()).collect(),
        groups,
        fixes_personas,
        of_item,
    }
}
