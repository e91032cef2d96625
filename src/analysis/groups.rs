//! Breakdowns: which items are of which subgroup.

use super::item_score::ItemScore;
use super::layout::Layout;
use super::options::{AnalysisError, Options};
use crate::verdict::table::{Item, VerdictTable};

/// Marks an item that has no level.
const NONE: u32 = u32::MAX;

/// The subgroups of one or two dimensions.
pub(super) struct Breakdown {
    pub(super) dimensions: Vec<String>,
    /// Whether it splits personas, and not only questions.
    pub(super) of_personas: bool,
    /// The levels of each group, sorted.
    pub(super) groups: Vec<Vec<String>>,
    /// The group of each item, by rank.
    of_item: Vec<u32>,
}

/// Something items can be told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dimension {
    Group(usize),
    Topic,
    Split,
}

impl Dimension {
    fn named(table: &VerdictTable, name: &str) -> Option<Self> {
        let group = table
            .dimensions
            .iter()
            .position(|dimension| dimension == name);
        match (group, name) {
            (Some(group), _) => Some(Self::Group(group)),
            (None, "topic") => Some(Self::Topic),
            (None, "split") => Some(Self::Split),
            _ => None,
        }
    }

    fn level(self, item: &Item) -> Option<&str> {
        match self {
            Self::Group(group) => item.persona.levels.get(group)?.as_deref(),
            Self::Topic => item.question.topic.as_deref(),
            Self::Split => item.persona.split.as_deref(),
        }
    }
}

impl Breakdown {
    /// The breakdowns that are asked for; without any asked for, each dimension
    /// that has more than one level.
    pub(super) fn all(
        table: &VerdictTable,
        layout: &Layout<'_>,
        options: &Options,
    ) -> Result<Vec<Self>, AnalysisError> {
        match &options.by {
            Some(by) => {
                // `sex,age` and `age,sex` are the same subgroups.
                let same = |one: &[String], other: &[String]| {
                    one.len() == other.len()
                        && one.iter().all(|name| other.contains(name))
                        && other.iter().all(|name| one.contains(name))
                };
                let numbered = by.iter().enumerate();
                numbered
                    .filter(|(place, names)| !by[..*place].iter().any(|known| same(known, names)))
                    .map(|(_, names)| Self::named(table, layout, names))
                    .collect()
            }
            None => Ok((0..table.dimensions.len())
                .map(|group| {
                    Self::new(
                        layout,
                        &[Dimension::Group(group)],
                        vec![table.dimensions[group].clone()],
                    )
                })
                .filter(|breakdown| breakdown.groups.len() > 1)
                .collect()),
        }
    }

    fn named(
        table: &VerdictTable,
        layout: &Layout<'_>,
        names: &[String],
    ) -> Result<Self, AnalysisError> {
        let twice = names.len() == 2 && names[0] == names[1];
        if !(1..=2).contains(&names.len()) || twice {
            return Err(AnalysisError::Breakdown(names.to_vec()));
        }
        let dimensions: Vec<Dimension> = names
            .iter()
            .map(|name| Dimension::named(table, name).ok_or_else(|| unknown(table, name)))
            .collect::<Result<_, _>>()?;
        Ok(Self::new(layout, &dimensions, names.to_vec()))
    }

    fn new(layout: &Layout<'_>, dimensions: &[Dimension], names: Vec<String>) -> Self {
        let mut codes = vec![0_u64; layout.items.len()];
        let mut has_level = vec![true; layout.items.len()];
        let mut levels: Vec<Vec<&str>> = Vec::new();
        for dimension in dimensions {
            let (texts, of_item) = levels_of(layout, *dimension);
            for (rank, &level) in of_item.iter().enumerate() {
                has_level[rank] &= level != NONE;
                codes[rank] = codes[rank] * texts.len() as u64 + u64::from(level);
            }
            levels.push(texts);
        }
        let mut present: Vec<u64> = codes
            .iter()
            .zip(&has_level)
            .filter(|(_, has)| **has)
            .map(|(code, _)| *code)
            .collect();
        present.sort_unstable();
        present.dedup();
        let group_of = |(code, has): (&u64, &bool)| match present.binary_search(code) {
            Ok(group) if *has => group as u32,
            _ => NONE,
        };
        Self {
            of_personas: dimensions
                .iter()
                .any(|dimension| *dimension != Dimension::Topic),
            of_item: codes.iter().zip(&has_level).map(group_of).collect(),
            groups: present
                .iter()
                .map(|code| texts_of(*code, &levels))
                .collect(),
            dimensions: names,
        }
    }

    /// The same groups of items that have these ranks here; an item without a rank is in none.
    pub(super) fn of_ranks(&self, ranks: &[Option<u32>]) -> Self {
        let group_of = |rank: &Option<u32>| rank.map_or(NONE, |rank| self.of_item[rank as usize]);
        Self {
            dimensions: self.dimensions.clone(),
            of_personas: self.of_personas,
            groups: self.groups.clone(),
            of_item: ranks.iter().map(group_of).collect(),
        }
    }

    /// The group of the item at a rank.
    pub(super) fn group_of(&self, rank: u32) -> Option<usize> {
        let group = self.of_item[rank as usize];
        (group != NONE).then_some(group as usize)
    }

    /// The places of items sorted by group, and where each group starts; the last end
    /// is the number of items that have a group.
    pub(super) fn sorted(&self, items: &[ItemScore]) -> (Vec<u32>, Vec<usize>) {
        let mut ends = vec![0; self.groups.len() + 1];
        for group in items.iter().filter_map(|item| self.group_of(item.item)) {
            ends[group + 1] += 1;
        }
        for group in 0..self.groups.len() {
            ends[group + 1] += ends[group];
        }
        let mut next = ends.clone();
        let mut sorted = vec![0; ends[self.groups.len()]];
        for (place, item) in items.iter().enumerate() {
            if let Some(group) = self.group_of(item.item) {
                sorted[next[group]] = place as u32;
                next[group] += 1;
            }
        }
        (sorted, ends)
    }
}

/// The different levels of a dimension, sorted, and the number of each item's, by
/// rank.
fn levels_of<'a>(layout: &Layout<'a>, dimension: Dimension) -> (Vec<&'a str>, Vec<u32>) {
    let table = layout.table;
    let mut texts: Vec<&str> = Vec::new();
    let mut numbers = std::collections::HashMap::new();
    let mut of_item: Vec<u32> = Vec::with_capacity(layout.items.len());
    for &item in &layout.items {
        let level = dimension.level(&table.items[item as usize]);
        of_item.push(level.map_or(NONE, |level| {
            *numbers.entry(level).or_insert_with(|| {
                texts.push(level);
                texts.len() as u32 - 1
            })
        }));
    }
    let mut sorted = texts.clone();
    sorted.sort_unstable();
    let place: Vec<u32> = texts
        .iter()
        .map(|text| {
            sorted
                .binary_search(text)
                .map_or(NONE, |place| place as u32)
        })
        .collect();
    for number in of_item.iter_mut().filter(|number| **number != NONE) {
        *number = place[*number as usize];
    }
    (sorted, of_item)
}

/// The level of each dimension behind a code.
fn texts_of(mut code: u64, levels: &[Vec<&str>]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::with_capacity(levels.len());
    for names in levels.iter().rev() {
        let n = names.len() as u64;
        texts.push(names[(code % n) as usize].to_owned());
        code /= n;
    }
    texts.reverse();
    texts
}

fn unknown(table: &VerdictTable, name: &str) -> AnalysisError {
    let mut known = table.dimensions.clone();
    let has = |dimension: Dimension| {
        table
            .items
            .iter()
            .any(|item| dimension.level(item).is_some())
    };
    for (dimension, text) in [(Dimension::Topic, "topic"), (Dimension::Split, "split")] {
        if has(dimension) && !known.iter().any(|name| name == text) {
            known.push(text.to_owned());
        }
    }
    AnalysisError::unknown_dimension(name, known)
}
