//! JSON-MIN: a row an annotation, with the task's data and its labels side by side.
//!
//! A row does not say which of its fields are labels. Fields that are the export's own
//! or say what a task is about are none; a field with one of several short texts, some
//! of which say left, right or tie, is one, as is a list of choices or of pairwise tags.
//! Where there is none, a field of bare numbers may be one, if 1 and 2 are among them.
//! With all tasks, one that nobody labelled is a row without an annotator.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::annotation::{self, Annotation, Person};
use super::controls::Controls;
use super::task;
use crate::import::record::{Fault, Fields, Record, list, string};
use crate::import::sheet::Sheet;
use crate::import::tally::Effect;

/// Fields that the export adds.
const ADDED: &[&str] = &[
    "id",
    "annotator",
    "annotation_id",
    "created_at",
    "updated_at",
    "lead_time",
    "agreement",
];
/// Most different texts of a field of labels.
const MOST_WORDS: usize = 8;
/// Most characters of a label.
const LONGEST: usize = 40;

/// The fields that may be labels: those of few short texts, and of numbers where these are
/// words.
pub(super) fn fields_of_few_words(
    records: &[Record<'_>],
    are_numbers_words: bool,
) -> BTreeMap<String, BTreeSet<String>> {
    // `None` where a field is none.
    let mut found: BTreeMap<String, Option<BTreeSet<String>>> = BTreeMap::new();
    for record in records {
        let Some(fields) = Fields::of(record.raw) else {
            continue;
        };
        for (name, raw) in fields.pairs() {
            if ADDED.contains(&name) || task::FIELDS.contains(&name) || raw.get() == "null" {
                continue;
            }
            let known = found
                .entry(name.to_owned())
                .or_insert_with(|| Some(BTreeSet::new()));
            let Some(before) = known else {
                continue;
            };
            // A value of another kind says nothing, and is told where it is read.
            before.extend(said(raw, are_numbers_words).unwrap_or_default());
            if before.len() > MOST_WORDS || !before.iter().all(|word| is_short(word)) {
                *known = None;
            }
        }
    }
    let found = found.into_iter();
    let found = found.filter_map(|(name, words)| Some((name, words?)));
    found.filter(|(_, words)| !words.is_empty()).collect()
}

/// The words of a label; `None` where the value cannot be one.
fn said(raw: &RawValue, are_numbers_words: bool) -> Option<Vec<String>> {
    let words = match raw.get().as_bytes().first()? {
        b'"' => vec![string(raw).into_owned()],
        b'{' => annotation::said(&Fields::of(raw)?).ok()??,
        b'[' => {
            let mut words = Vec::new();
            for one in list(raw)? {
                words.extend(said(one, are_numbers_words)?);
            }
            words
        }
        b'-' | b'0'..=b'9' if are_numbers_words => vec![raw.get().to_owned()],
        _ => return None,
    };
    (!words.is_empty()).then_some(words)
}

fn is_short(word: &str) -> bool {
    word.chars().count() <= LONGEST && !word.contains(['\n', '\r'])
}

/// The annotation of a row; `None` where nobody labelled its task.
pub(super) fn read(
    fields: &Fields<'_>,
    names: &BTreeSet<String>,
    controls: &Controls<'_>,
    sheet: &mut Sheet<'_>,
    record: &Record<'_>,
) -> Result<Option<Annotation>, Fault> {
    if fields
        .raw(&["annotator", "completed_by", "annotation_id"])
        .is_none()
    {
        sheet.count(Effect::Skipped, annotation::NOBODY, record);
        return Ok(None);
    }
    let person = Person::of(fields, &["annotator", "completed_by"]);
    let mut annotation = Annotation::new(fields, person)?;
    for control in names {
        let Some(raw) = fields.raw(&[control]) else {
            continue;
        };
        match said(raw, controls.are_numbers_words()) {
            Some(said) => annotation.say(control, &said, controls, sheet, record),
            None => sheet.count(
                Effect::Skipped,
                "a label that is neither a text nor a list of choices",
                record,
            ),
        }
    }
    annotation.tell_if_silent(sheet, record);
    Ok(Some(annotation))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::import::words::Words;

    fn records(rows: &str) -> Vec<Record<'_>> {
        let values: Vec<&RawValue> = serde_json::from_str(rows).unwrap();
        let numbered = values.into_iter().zip(1..);
        numbered.map(|(raw, row)| Record { raw, row }).collect()
    }

    #[test]
    fn fields_of_labels_are_told_from_data() {
        let rows = json!([
            {"id": 1, "question": "q", "category": "both", "text": "a long text that goes on and on for ever",
             "overall": "left", "why": "it is longer", "pair": [{"selected": "right"}], "n": 1,
             "multi": {"choices": ["left", "right"]}, "annotator": 1, "lead_time": 2.5},
            {"id": 2, "question": "q", "overall": "can't say", "why": "shorter", "n": 2, "annotator": 2},
            {"id": 3, "question": "q", "overall": 7, "multi": {"a": 1}, "annotator": 2},
        ])
        .to_string();
        let words = Words::default();
        let controls = Controls::of_rows(&records(&rows), &words);
        let taken: Vec<String> = controls.taken().into_iter().collect();
        assert_eq!(taken, ["multi", "overall", "pair"]);
        let others: Vec<String> = controls.not_taken().into_keys().collect();
        assert_eq!(others, ["text", "why"]);
    }

    #[test]
    fn bare_numbers_are_labels_where_nothing_else_is_and_both_1_and_2_occur() {
        let row = |preference: u32, stars: u32| json!({"question": "q", "preference": preference, "stars": stars, "flag": preference - 1, "mood": "x", "annotator": 1});
        let rows = json!([row(1, 1), row(2, 2), row(1, 3)]).to_string();
        let records = records(&rows);
        let taken = |words: &Words| Controls::of_rows(&records, words).taken();
        let names = |names: &[&str]| -> BTreeSet<String> {
            names.iter().map(|&name| name.to_owned()).collect()
        };
        assert_eq!(taken(&Words::default()), names(&["preference"]));
        let given = |word: &str| Words::new(&[(word.to_owned(), "left".to_owned())]).unwrap();
        assert_eq!(taken(&given("0")), names(&["flag", "preference"]));
        assert_eq!(taken(&given("x")), names(&["mood"]));
    }
}
