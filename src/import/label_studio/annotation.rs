//! What one person said of one task.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::value::RawValue;

use super::controls::Controls;
use crate::import::record::{Fault, Fields, Record, list, string};
use crate::import::sheet::Sheet;
use crate::import::tally::Effect;
use crate::verdict::Choice;

/// Of a task that is in the export and that nobody labelled.
pub(super) const NOBODY: &str = "a task without annotations";

/// The control of a result that names none.
const UNNAMED: &str = "overall";

/// Who annotated.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Person {
    /// By a name or an e-mail address.
    Named(String),
    /// By a number, which another installation may have too.
    Numbered(String),
    /// Nobody knows.
    Unknown,
}

impl Person {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Named(name) | Self::Numbered(name) => name,
            Self::Unknown => "annotator",
        }
    }

    /// A number, or an object with an e-mail address or a number.
    pub(super) fn of(fields: &Fields<'_>, names: &[&str]) -> Self {
        let Some(raw) = fields.raw(names) else {
            return Self::Unknown;
        };
        let name = match Fields::of(raw) {
            Some(person) => person
                .text(&["email", "username", "id"])
                .ok()
                .flatten()
                .map(String::from),
            None => Some(string(raw).into_owned()),
        };
        match name {
            None => Self::Unknown,
            Some(name) if name.trim().is_empty() => Self::Unknown,
            Some(name) if name.bytes().all(|byte| byte.is_ascii_digit()) => Self::Numbered(name),
            Some(name) => Self::Named(name),
        }
    }
}

/// A time as the export writes it.
pub(super) struct Time {
    text: String,
    /// None where the text is no time.
    time: Option<Timestamp>,
}

impl Time {
    fn of(text: String) -> Self {
        let time = text.parse().ok().or_else(|| {
            // Without a zone it is one of UTC, as Label Studio's are.
            TimeZone::UTC.to_timestamp(text.parse().ok()?).ok()
        });
        Self { text, time }
    }

    /// Whether it is this time or a later one; by its text where one of them is no time.
    pub(super) fn is_from(&self, other: &Self) -> bool {
        match (self.time, other.time) {
            (Some(time), Some(other)) => time >= other,
            _ => self.text >= other.text,
        }
    }
}

/// What one person said of one task at one time.
pub(super) struct Annotation {
    pub(super) person: Person,
    /// When it was last changed.
    pub(super) at: Time,
    /// By control; `None` where it says two things at once, or nothing of the sides.
    pub(super) said: BTreeMap<String, Option<Choice>>,
    /// Whether a choice of it was counted as saying nothing.
    is_counted: bool,
}

impl Annotation {
    pub(super) fn new(fields: &Fields<'_>, person: Person) -> Result<Self, Fault> {
        let at = fields.text(&["updated_at", "created_at"])?;
        Ok(Self {
            person,
            at: Time::of(at.unwrap_or_default().into_owned()),
            said: BTreeMap::new(),
            is_counted: false,
        })
    }

    /// Adds what a control says.
    pub(super) fn say(
        &mut self,
        control: &str,
        said: &[String],
        controls: &Controls<'_>,
        sheet: &mut Sheet<'_>,
        record: &Record<'_>,
    ) {
        let choice = |word: &String| controls.choice(control, word);
        let mut choices: Vec<Option<Choice>> = said.iter().map(choice).collect();
        choices.dedup();
        let choice = match choices[..] {
            [Some(choice)] => Some(choice),
            [None] => {
                // A control of something else is none of a criterion left open.
                self.is_counted = true;
                let reason = "a choice that says nothing of the two sides";
                let word = said.join(", ");
                sheet.count_word(Effect::Skipped, reason, &word, record);
                return;
            }
            _ => {
                let reason = "a choice of both sides, or of several things";
                sheet.count(Effect::Skipped, reason, record);
                None
            }
        };
        let before = self.said.entry(control.to_owned()).or_insert(choice);
        if *before != choice {
            *before = None;
            sheet.count(
                Effect::Skipped,
                "a label that was given twice, and not the same",
                record,
            );
        }
    }

    /// Counts an annotation that says nothing, though nothing of it was counted yet.
    pub(super) fn tell_if_silent(&self, sheet: &mut Sheet<'_>, record: &Record<'_>) {
        if self.said.is_empty() && !self.is_counted {
            let reason = "an annotation without a label of the two sides";
            sheet.count(Effect::Skipped, reason, record);
        }
    }
}

/// An annotation of the JSON export; `None` where it was cancelled. One that says
/// nothing may stand in the place of an earlier one.
pub(super) fn read(
    raw: &RawValue,
    controls: &Controls<'_>,
    sheet: &mut Sheet<'_>,
    record: &Record<'_>,
) -> Result<Option<Annotation>, Fault> {
    let fields = Fields::of(raw).ok_or_else(|| Fault::kind("annotations", raw, "objects"))?;
    let is = |name: &str| -> Result<bool, Fault> {
        Ok(fields.text(&[name])?.as_deref() == Some("true"))
    };
    if is("was_cancelled")? || is("skipped")? {
        sheet.count(Effect::Skipped, "an annotation that was cancelled", record);
        return Ok(None);
    }
    let person = Person::of(&fields, &["completed_by", "annotator"]);
    let mut annotation = Annotation::new(&fields, person)?;
    for result in fields.list(&["result"])?.unwrap_or_default() {
        let result = Fields::of(result).ok_or_else(|| Fault::kind("result", result, "objects"))?;
        if let Some(value) = result.object(&["value"])?
            && let Some(said) = said(&value)?
        {
            let control = result.name(&["from_name"])?;
            let control = control.as_deref().unwrap_or(UNNAMED);
            annotation.say(control, &said, controls, sheet, record);
        }
    }
    annotation.tell_if_silent(sheet, record);
    Ok(Some(annotation))
}

/// The words of each control of an annotation, whatever is wrong with the others.
pub(super) fn said_by(raw: &RawValue) -> Vec<(String, Vec<String>)> {
    let results = Fields::of(raw).and_then(|fields| fields.list(&["result"]).ok()?);
    let said = |raw: &RawValue| {
        let result = Fields::of(raw)?;
        let control = result.text(&["from_name"]).ok()?;
        let said = said(&result.object(&["value"]).ok()??).ok()??;
        Some((control.as_deref().unwrap_or(UNNAMED).to_owned(), said))
    };
    results.into_iter().flatten().filter_map(said).collect()
}

/// The words of a choice, or of a pairwise tag.
pub(super) fn said(value: &Fields<'_>) -> Result<Option<Vec<String>>, Fault> {
    if let Some(selected) = value.text(&["selected"])? {
        return Ok(Some(vec![selected.into_owned()]));
    }
    let Some(raw) = value.raw(&["choices", "choice"]) else {
        return Ok(None);
    };
    Ok(match list(raw) {
        Some(choices) if choices.is_empty() => None,
        Some(choices) => {
            let choices = choices.into_iter();
            Some(choices.map(|one| string(one).into_owned()).collect())
        }
        None => Some(vec![string(raw).into_owned()]),
    })
}
