//! An [`AnswerTable`] as rows. What repeats from row to row (the item) is encoded once
//! and copied.

use std::io::{self, Write};

use super::Format;
use super::columns::{GROUP, NAMES, SIMULATED, VARIANT};
use crate::answers::{Answer, AnswerTable, Given, Item};
use crate::study::scale::{Distribution, Scale, display_codes};
use crate::text::{cell, escape_json};

/// Writes an answers table, answer by answer.
///
/// # Errors
///
/// What `out` fails with.
pub fn write(table: &AnswerTable, format: Format, out: impl Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    if format == Format::Csv {
        write_header(table, &mut out)?;
    }
    let variants = has_variants(table);
    let mut pieces = Pieces::default();
    for answer in &table.answers {
        if pieces.item != Some(answer.item) {
            pieces.turn_to(table, answer.item, variants, format);
        }
        out.write_all(&pieces.before)?;
        pieces.answer.clear();
        let fields = answer_fields(table, answer);
        match format {
            Format::Csv => push_cells(&fields, &mut pieces.answer),
            Format::Jsonl => push_json(&fields, &mut pieces.answer),
        }
        out.write_all(&pieces.answer)?;
        out.write_all(&pieces.after)?;
    }
    out.flush()
}

/// The pieces of a row that stay the same over an item.
#[derive(Default)]
struct Pieces {
    item: Option<u32>,
    before: Vec<u8>,
    answer: Vec<u8>,
    after: Vec<u8>,
}

/// A column's name and text; numbers are written bare in JSON.
struct Field {
    name: String,
    text: String,
    number: bool,
}

fn text(name: &str, text: impl Into<String>) -> Field {
    Field {
        name: name.to_owned(),
        text: text.into(),
        number: false,
    }
}

fn number(name: &str, number: Option<impl ToString>) -> Field {
    Field {
        name: name.to_owned(),
        text: number.map(|number| number.to_string()).unwrap_or_default(),
        number: true,
    }
}

impl Pieces {
    fn turn_to(&mut self, table: &AnswerTable, index: u32, variants: bool, format: Format) {
        self.item = Some(index);
        self.before.clear();
        self.after.clear();
        let item = &table.items[index as usize];
        let (before, after) = item_fields(table, item, variants);
        match format {
            Format::Csv => {
                push_cells(&before, &mut self.before);
                push_cells(&after, &mut self.after);
                // The comma after the last cell ends the row.
                self.after.pop();
                self.after.push(b'\n');
            }
            Format::Jsonl => {
                self.before.push(b'{');
                push_json(&before, &mut self.before);
                push_json(&after, &mut self.after);
                self.after.pop();
                self.after.extend_from_slice(b"}\n");
            }
        }
    }
}

fn item_fields(table: &AnswerTable, item: &Item, variants: bool) -> (Vec<Field>, Vec<Field>) {
    let persona = table.persona_of(item);
    let question = table.question_of(item);
    let scale = &question.scale;
    let optional = |text: &Option<std::sync::Arc<str>>| text.as_deref().unwrap_or("").to_owned();
    let before = vec![
        text("item", &*item.id),
        text("persona", &*persona.id),
        text("question", &*question.id),
        text("topic", optional(&question.topic)),
        text("split", optional(&item.split)),
        text("stratum", optional(&persona.stratum)),
    ];
    let truth = item.truth.as_ref();
    let code = |position: &u16| scale.options()[usize::from(*position)].code;
    let modes: Vec<i32> =
        truth.map_or_else(Vec::new, |truth| truth.modes.iter().map(code).collect());
    let shares = truth.and_then(|truth| truth.distribution);
    let mut after = vec![
        number("truth", truth.map(|truth| code(&truth.mode))),
        text("truth_modes", display_codes(&modes)),
        text("truth_distribution", shares_cell(table, item, shares)),
        number("truth_share", truth.and_then(|truth| truth.share)),
        number("truth_n", truth.and_then(|truth| truth.n)),
        number("truth_unstable", truth.and_then(|truth| truth.unstable)),
        text("scale", scale.to_string()),
    ];
    if variants {
        after.push(text(NAMES[VARIANT], optional(&item.variant)));
    }
    for (name, level) in table.dimensions.iter().zip(persona.levels.iter()) {
        after.push(text(&format!("{GROUP}{name}"), optional(level)));
    }
    (before, after)
}

fn answer_fields(table: &AnswerTable, answer: &Answer) -> Vec<Field> {
    let item = &table.items[answer.item as usize];
    let scale = table.scale_of(item);
    let (option, missing) = match answer.given {
        Given::Option(position) => (Some(code_at(scale, position)), ""),
        Given::Missing(reason) => (None, reason.name()),
    };
    let model = &table.models[usize::from(answer.model)];
    let mut fields = vec![
        text("model", model.as_str()),
        number("sample", Some(answer.sample)),
        number("option", option),
        text(
            "distribution",
            shares_cell(table, item, answer.distribution),
        ),
        text("missing_reason", missing),
    ];
    if !table.simulated.is_empty() {
        let is_simulated = table.simulated.contains(model);
        fields.push(text(
            NAMES[SIMULATED],
            if is_simulated { "yes" } else { "" },
        ));
    }
    fields
}

fn code_at(scale: &Scale, position: u16) -> i32 {
    scale.options()[usize::from(position)].code
}

fn shares_cell(table: &AnswerTable, item: &Item, first: Option<u32>) -> String {
    let Some(first) = first else {
        return String::new();
    };
    let codes = table.scale_of(item).codes();
    let shares = codes.zip(table.shares_of(item, first).iter().copied());
    Distribution::new(shares.collect()).map_or_else(|_| String::new(), |shares| shares.to_string())
}

/// Whether the table says in which phrasing items were asked.
fn has_variants(table: &AnswerTable) -> bool {
    table.items.iter().any(|item| item.variant.is_some())
}

fn write_header(table: &AnswerTable, out: &mut impl Write) -> io::Result<()> {
    let mut header = Vec::new();
    let variants = has_variants(table);
    let is_written = |column: usize| match column {
        VARIANT => variants,
        SIMULATED => !table.simulated.is_empty(),
        _ => true,
    };
    let known = NAMES
        .iter()
        .enumerate()
        .filter(|(column, _)| is_written(*column))
        .map(|(_, name)| (*name).to_owned());
    let groups = table.dimensions.iter().map(|name| format!("{GROUP}{name}"));
    for (i, name) in known.chain(groups).enumerate() {
        if i > 0 {
            header.push(b',');
        }
        cell::encode(&name, &mut header);
    }
    header.push(b'\n');
    out.write_all(&header)
}

/// Appends each text as a cell with a comma after it.
fn push_cells(fields: &[Field], out: &mut Vec<u8>) {
    for field in fields {
        cell::encode(&field.text, out);
        out.push(b',');
    }
}

/// Appends `"name":text,` for each field that is there; levels are written as null
/// where they are not, so that the table keeps its dimensions.
fn push_json(fields: &[Field], out: &mut Vec<u8>) {
    for field in fields {
        let is_level = field.name.starts_with(GROUP);
        if field.text.is_empty() && !is_level {
            continue;
        }
        push_string(&field.name, out);
        out.push(b':');
        if field.text.is_empty() {
            out.extend_from_slice(b"null");
        } else if field.number {
            out.extend_from_slice(field.text.as_bytes());
        } else {
            push_string(&field.text, out);
        }
        out.push(b',');
    }
}

fn push_string(text: &str, out: &mut Vec<u8>) {
    let json = serde_json::Value::from(text).to_string();
    out.extend_from_slice(escape_json(&json).as_bytes());
}
