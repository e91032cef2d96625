//! WildBench's task categories, and the macro averages over them.
//!
//! Each session has a primary and some secondary tags, and each tag is of one of five
//! categories. A macro average weighs the categories' means, and is divided by the sum
//! of all weights also where a category has no session: as the source has it.
//!
//! Tags stand in the data set and not in the results: they are read from the records
//! where these have them, or from the data set's file beside them.

use std::collections::{BTreeMap, HashMap};

use crate::analysis::source_figures::{Figure, Unit};
use crate::import::record::{Fault, Fields, Record, list, string};
use crate::import::sheet::Sheet;
use crate::import::tally::Effect;

/// Categories in the source's order, with their weights.
const CATEGORIES: [(&str, f64); 5] = [
    ("Creative Tasks", 0.5),
    ("Planning & Reasoning", 1.25),
    ("Math & Data Analysis", 1.0),
    ("Information/Advice seeking", 0.75),
    ("Coding & Debugging", 1.25),
];

/// An index of [`CATEGORIES`].
pub(super) type Category = usize;

/// The category of a tag, or of a category's own name.
fn category(tag: &str) -> Option<Category> {
    let tag = tag.trim();
    let name = match tag {
        "Information seeking" | "Advice seeking" => "Information/Advice seeking",
        "Creative Writing" | "Editing" | "Brainstorming" | "Role playing" | "Others" => {
            "Creative Tasks"
        }
        "Reasoning" | "Planning" => "Planning & Reasoning",
        "Math" | "Data Analysis" => "Math & Data Analysis",
        other => other,
    };
    CATEGORIES.iter().position(|(known, _)| *known == name)
}

/// The categories of each session.
#[derive(Debug, Default)]
pub(super) struct Tags {
    of: HashMap<String, Vec<Category>>,
}

impl Tags {
    /// Takes what files said of sessions; the first to say something stands.
    pub(super) fn add(&mut self, session: &str, categories: &[Category]) {
        if !categories.is_empty() && !self.of.contains_key(session) {
            self.of.insert(session.to_owned(), categories.to_vec());
        }
    }

    fn get(&self, session: &str) -> &[Category] {
        self.of.get(session).map_or(&[], Vec::as_slice)
    }
}

/// The categories that a record names, each once.
pub(super) fn of_record(
    fields: &Fields<'_>,
    sheet: &mut Sheet<'_>,
    record: &Record<'_>,
) -> Result<Vec<Category>, Fault> {
    let mut tags: Vec<String> = Vec::new();
    if let Some(tag) = fields.text(&["primary_tag"])? {
        tags.push(tag.into_owned());
    }
    for name in ["secondary_tags", "task_tags", "task_categories"] {
        let Some(raw) = fields.raw(&[name]) else {
            continue;
        };
        match list(raw) {
            Some(more) => tags.extend(more.into_iter().map(|tag| string(tag).into_owned())),
            None if raw.get().starts_with('"') => tags.push(string(raw).into_owned()),
            None => return Err(Fault::kind(name, raw, "a list of tags")),
        }
    }
    let mut found = Vec::new();
    for tag in tags {
        match category(&tag) {
            Some(category) if !found.contains(&category) => found.push(category),
            Some(_) => {}
            None => sheet.count(Effect::Kept, "a tag of no category", record),
        }
    }
    Ok(found)
}

/// A session of the data set, with its categories.
pub(super) fn session(
    sheet: &mut Sheet<'_>,
    record: &Record<'_>,
) -> Result<Option<(String, Vec<Category>)>, Fault> {
    let fields = Fields::of_record(record)?;
    let session = fields.required_text(&["session_id", "id"])?.into_owned();
    let categories = of_record(&fields, sheet, record)?;
    if categories.is_empty() {
        sheet.count(Effect::Skipped, "a session without a known tag", record);
    }
    Ok(Some((session, categories)))
}

/// Means by category and their macro average of sessions' values.
///
/// `names` are those of the macro average and, before `: ` and a category, of a mean;
/// `scale` is put on a mean. Nothing where no session has a category.
pub(super) fn figures<'s>(
    tags: &Tags,
    values: impl Iterator<Item = (&'s str, f64)>,
    names: [&str; 2],
    scale: impl Fn(f64) -> f64,
    unit: Unit,
    definition: &str,
) -> Vec<Figure> {
    let mut by_category: BTreeMap<Category, (f64, u64)> = BTreeMap::new();
    for (session, value) in values {
        for category in tags.get(session) {
            let (sum, count) = by_category.entry(*category).or_default();
            *sum += value;
            *count += 1;
        }
    }
    if by_category.is_empty() {
        return Vec::new();
    }
    let all: f64 = CATEGORIES.iter().map(|(_, weight)| weight).sum();
    let mut macro_average = 0.0;
    let mut figures = Vec::new();
    for (category, (sum, count)) in by_category {
        let (name, weight) = CATEGORIES[category];
        let mean = scale(sum / count as f64);
        macro_average += mean * weight / all;
        figures.push(Figure::new(
            format!("{}: {name}", names[1]),
            Some(mean),
            unit,
            format!("{definition}, over the {count} sessions of this category"),
        ));
    }
    let average = Figure::new(
        names[0],
        Some(macro_average),
        unit,
        "the categories' means weighed: creative .5, planning 1.25, math 1, information .75, coding 1.25, over 4.75",
    );
    figures.insert(0, average);
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_macro_average_is_over_all_weights() {
        let mut tags = Tags::default();
        tags.add("1", &[0, 1]);
        tags.add("2", &[1]);
        tags.add("2", &[4]);
        let values = [("1", 8.0), ("2", 6.0), ("3", 1.0)];
        let figures = figures(
            &tags,
            values.into_iter(),
            ["macro", "score"],
            |mean| (mean - 5.0) * 2.0,
            Unit::Score,
            "mean",
        );
        // Creative 8 -> 6, planning 7 -> 4: (.5 * 6 + 1.25 * 4) / 4.75.
        assert_eq!(figures[0].name, "macro");
        assert!((figures[0].value.unwrap() - 8.0 / 4.75).abs() < 1e-12);
        assert_eq!(figures[1].name, "score: Creative Tasks");
        assert_eq!(figures[2].value, Some(4.0));
        assert_eq!(figures.len(), 3);
        let values = [("9", 1.0)].into_iter();
        let none = super::figures(&tags, values, ["", ""], |mean| mean, Unit::NetShare, "");
        assert!(none.is_empty());
    }

    #[test]
    fn every_tag_of_the_data_set_has_a_category() {
        for (tag, expected) in [
            ("Information seeking", 3),
            ("Creative Writing", 0),
            ("Coding & Debugging", 4),
            ("Reasoning", 1),
            ("Editing", 0),
            ("Math", 2),
            ("Planning", 1),
            ("Brainstorming", 0),
            ("Role playing", 0),
            ("Advice seeking", 3),
            ("Data Analysis", 2),
            ("Others", 0),
            ("Math & Data Analysis", 2),
        ] {
            assert_eq!(category(tag), Some(expected), "{tag}");
        }
        assert_eq!(category("Dancing"), None);
    }
}
