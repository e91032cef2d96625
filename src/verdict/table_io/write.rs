//! A [`VerdictTable`] as rows, without a text made for each.
//!
//! What repeats from row to row (the item, the contest, the criterion) is encoded
//! once and copied.

use std::io::{self, Write};

use super::Format;
use super::columns::{COVARIATE, Columns, GROUP, JUDGE, NAMES, ORDER, ROLES, SIMULATED, VARIANT};
use super::value::{order_name, outcome_name, reason_name};
use crate::text::{cell, is_hidden};
use crate::verdict::labels::Labels;
use crate::verdict::table::{Cell, Contest, Judgment, VerdictTable};

/// Writes a verdict table, judgment by judgment.
///
/// # Errors
///
/// What `out` fails with.
pub fn write(table: &VerdictTable, format: Format, out: impl Write) -> io::Result<()> {
    write_columns(table, |_| true, format, &Columns::default(), out)
}

/// Writes a verdict table without the judgments of items of which nothing was asked: of
/// a large study that was run in part they would be most of the rows, and say nothing.
/// Planned judgments of begun items stay. No estimate is changed by it.
///
/// # Errors
///
/// What `out` fails with.
pub fn write_begun(table: &VerdictTable, format: Format, out: impl Write) -> io::Result<()> {
    let begun = table.items_begun();
    let is_begun = |judgment: &Judgment| begun[judgment.item as usize];
    write_columns(table, is_begun, format, &Columns::default(), out)
}

/// Writes a labels table, label by label.
///
/// # Errors
///
/// What `out` fails with.
pub fn write_labels(labels: &Labels, format: Format, out: impl Write) -> io::Result<()> {
    write_columns(&labels.table, |_| true, format, &Columns::of_labels(), out)
}

fn write_columns(
    table: &VerdictTable,
    is_written: impl Fn(&Judgment) -> bool,
    format: Format,
    columns: &Columns,
    out: impl Write,
) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    let judgments = table.judgments.iter().enumerate();
    let judgments = judgments.filter(|(_, judgment)| is_written(judgment));
    match format {
        Format::Csv => write_csv(table, judgments, columns, &mut out)?,
        Format::Jsonl => write_jsonl(table, judgments, columns, &mut out)?,
    }
    out.flush()
}

/// The pieces of a row that stay the same over many rows.
struct Pieces {
    contests: Vec<Vec<u8>>,
    /// Which names of each contest are simulated.
    simulated: Vec<String>,
    criteria: Vec<Vec<u8>>,
    item: Option<u32>,
    before: Vec<u8>,
    after: Vec<u8>,
    judgment: Vec<u8>,
    call: Vec<u8>,
}

impl Pieces {
    fn new(
        table: &VerdictTable,
        contest: impl Fn(&Contest) -> Vec<u8>,
        criterion: impl Fn(&str) -> Vec<u8>,
    ) -> Self {
        Self {
            contests: table.contests.iter().map(contest).collect(),
            simulated: table
                .contests
                .iter()
                .map(|contest| simulated(table, contest))
                .collect(),
            criteria: table.criteria.iter().map(|name| criterion(name)).collect(),
            item: None,
            before: Vec::new(),
            after: Vec::new(),
            judgment: Vec::new(),
            call: Vec::new(),
        }
    }

    /// Whether the pieces of an item have to be made anew, as they have to be for each
    /// judgment where covariates differ within items.
    fn turn_to(&mut self, item: u32, table: &VerdictTable) -> bool {
        let new = self.item != Some(item) || !table.styles.is_empty();
        if new {
            self.item = Some(item);
            self.before.clear();
            self.after.clear();
        }
        self.judgment.clear();
        self.call.clear();
        new
    }
}

fn simulated(table: &VerdictTable, contest: &Contest) -> String {
    let names = [&contest.candidate, &contest.opponent, &contest.judge];
    let roles = ROLES.iter().zip(names);
    let roles = roles.filter(|(_, name)| table.simulated.contains(*name));
    let roles: Vec<&str> = roles.map(|(role, _)| *role).collect();
    roles.join(" ")
}

/// The cells of a judgment with their graded scores.
fn cells<'a>(
    table: &'a VerdictTable,
    judgment: &Judgment,
) -> impl Iterator<Item = (&'a Cell, Option<f64>)> {
    let first = judgment.first_cell as usize;
    table
        .cells_of(judgment)
        .iter()
        .enumerate()
        .map(move |(i, cell)| {
            (
                cell,
                table
                    .scores
                    .get(first + i)
                    .copied()
                    .filter(|score| !score.is_nan()),
            )
        })
}

fn call_of(table: &VerdictTable, index: usize) -> Option<&[u8; 32]> {
    table.calls.get(index).filter(|call| **call != [0; 32])
}

fn push_hex(call: &[u8; 32], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in call {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}

fn write_csv<'t>(
    table: &VerdictTable,
    judgments: impl Iterator<Item = (usize, &'t Judgment)>,
    columns: &Columns,
    out: &mut impl Write,
) -> io::Result<()> {
    write_header(table, columns, out)?;
    let contest = |contest: &Contest| {
        let mut piece = Vec::new();
        for name in [
            &contest.candidate,
            &contest.opponent,
            &contest.judge,
            &contest.rubric,
        ] {
            cell::encode(name, &mut piece);
            piece.push(b',');
        }
        piece
    };
    let criterion = |name: &str| {
        let mut piece = Vec::new();
        cell::encode(name, &mut piece);
        piece.push(b',');
        piece
    };
    let variants = has_variants(table);
    let mut pieces = Pieces::new(table, contest, criterion);
    for (index, judgment) in judgments {
        if pieces.turn_to(judgment.item, table) {
            csv_item(table, index, variants, &mut pieces);
        }
        if !table.orders_unknown {
            write!(pieces.judgment, "{},", order_name(judgment.order))?;
        }
        write!(pieces.judgment, "{},{},", judgment.sample, judgment.repeat)?;
        for chars in [judgment.candidate_chars, judgment.opponent_chars] {
            if let Some(chars) = chars.chars() {
                write!(pieces.call, "{chars}")?;
            }
            pieces.call.push(b',');
        }
        if let Some(call) = call_of(table, index) {
            push_hex(call, &mut pieces.call);
        }
        if !table.simulated.is_empty() {
            pieces.call.push(b',');
            let simulated = &pieces.simulated[judgment.contest as usize];
            pieces.call.extend_from_slice(simulated.as_bytes());
        }
        for (cell, score) in cells(table, judgment) {
            out.write_all(&pieces.before)?;
            out.write_all(&pieces.contests[judgment.contest as usize])?;
            out.write_all(&pieces.criteria[usize::from(cell.criterion)])?;
            out.write_all(&pieces.judgment)?;
            out.write_all(outcome_name(cell.outcome).as_bytes())?;
            out.write_all(b",")?;
            if let Some(score) = score {
                write!(out, "{score}")?;
            }
            out.write_all(b",")?;
            out.write_all(cell.missing.map_or("", reason_name).as_bytes())?;
            out.write_all(b",")?;
            out.write_all(&pieces.call)?;
            out.write_all(&pieces.after)?;
        }
    }
    Ok(())
}

/// Whether the table says in which phrasing items were asked.
fn has_variants(table: &VerdictTable) -> bool {
    table.items.iter().any(|item| item.variant.is_some())
}

fn write_header(table: &VerdictTable, columns: &Columns, out: &mut impl Write) -> io::Result<()> {
    let mut header = Vec::new();
    let variants = has_variants(table);
    let known = (0..NAMES.len()).filter(|column| match *column {
        ORDER => !table.orders_unknown,
        SIMULATED => !table.simulated.is_empty(),
        VARIANT => variants,
        _ => true,
    });
    let known = known.map(|column| columns.name(column).to_owned());
    let groups = table.dimensions.iter().map(|name| format!("{GROUP}{name}"));
    let covariates = table
        .covariates
        .iter()
        .map(|name| format!("{COVARIATE}{name}"));
    for (i, name) in known.chain(groups).chain(covariates).enumerate() {
        if i > 0 {
            header.push(b',');
        }
        cell::encode(&name, &mut header);
    }
    header.push(b'\n');
    out.write_all(&header)
}

/// The pieces of the item of a judgment.
fn csv_item(table: &VerdictTable, judgment: usize, variants: bool, pieces: &mut Pieces) {
    let item = &table.items[table.judgments[judgment].item as usize];
    let topic = item.question.topic.as_deref().unwrap_or_default();
    let split = item.persona.split.as_deref().unwrap_or_default();
    for text in [
        &*item.id(),
        &item.persona.id,
        &item.question.id,
        topic,
        split,
    ] {
        cell::encode(text, &mut pieces.before);
        pieces.before.push(b',');
    }
    if variants {
        pieces.after.push(b',');
        let variant = item.variant.as_deref().unwrap_or_default();
        cell::encode(variant, &mut pieces.after);
    }
    for i in 0..table.dimensions.len() {
        pieces.after.push(b',');
        let level = item.persona.levels.get(i).and_then(Option::as_deref);
        cell::encode(level.unwrap_or_default(), &mut pieces.after);
    }
    for i in 0..table.covariates.len() {
        pieces.after.push(b',');
        let value = table.covariate(judgment, i);
        cell::encode(&value.unwrap_or_default(), &mut pieces.after);
    }
    pieces.after.push(b'\n');
}

/// Appends a text as a JSON string that holds no hidden character.
fn push_json(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            c if is_hidden(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

/// Appends `"name":"text",`.
fn push_field(name: &str, text: &str, out: &mut Vec<u8>) {
    push_json(name, out);
    out.push(b':');
    push_json(text, out);
    out.push(b',');
}

fn write_jsonl<'t>(
    table: &VerdictTable,
    judgments: impl Iterator<Item = (usize, &'t Judgment)>,
    columns: &Columns,
    out: &mut impl Write,
) -> io::Result<()> {
    let contest = |contest: &Contest| {
        let mut piece = Vec::new();
        push_field("candidate", &contest.candidate, &mut piece);
        push_field("opponent", &contest.opponent, &mut piece);
        push_field(columns.name(JUDGE), &contest.judge, &mut piece);
        push_field("rubric", &contest.rubric, &mut piece);
        piece
    };
    let criterion = |name: &str| {
        let mut piece = Vec::new();
        push_field("criterion", name, &mut piece);
        piece
    };
    let mut pieces = Pieces::new(table, contest, criterion);
    for (index, judgment) in judgments {
        if pieces.turn_to(judgment.item, table) {
            json_item(table, index, &mut pieces);
        }
        if !table.orders_unknown {
            push_field("order", order_name(judgment.order), &mut pieces.judgment);
        }
        let (sample, repeat) = (judgment.sample, judgment.repeat);
        write!(
            pieces.judgment,
            "\"sample\":{sample},\"repeat\":{repeat},\"outcome\":\""
        )?;
        for (name, chars) in [
            ("candidate_chars", judgment.candidate_chars),
            ("opponent_chars", judgment.opponent_chars),
        ] {
            if let Some(chars) = chars.chars() {
                write!(pieces.call, ",\"{name}\":{chars}")?;
            }
        }
        if let Some(call) = call_of(table, index) {
            pieces.call.extend_from_slice(b",\"call\":\"");
            push_hex(call, &mut pieces.call);
            pieces.call.push(b'"');
        }
        let simulated = &pieces.simulated[judgment.contest as usize];
        if !simulated.is_empty() {
            write!(pieces.call, ",\"simulated\":\"{simulated}\"")?;
        }
        for (cell, score) in cells(table, judgment) {
            out.write_all(&pieces.before)?;
            out.write_all(&pieces.contests[judgment.contest as usize])?;
            out.write_all(&pieces.criteria[usize::from(cell.criterion)])?;
            out.write_all(&pieces.judgment)?;
            out.write_all(outcome_name(cell.outcome).as_bytes())?;
            out.write_all(b"\"")?;
            if let Some(score) = score {
                write!(out, ",\"score\":{score}")?;
            }
            if let Some(reason) = cell.missing {
                write!(out, ",\"missing_reason\":\"{}\"", reason_name(reason))?;
            }
            out.write_all(&pieces.call)?;
            out.write_all(&pieces.after)?;
        }
    }
    Ok(())
}

/// The pieces of the item of a judgment.
fn json_item(table: &VerdictTable, judgment: usize, pieces: &mut Pieces) {
    let item = &table.items[table.judgments[judgment].item as usize];
    pieces.before.push(b'{');
    push_field("item", &item.id(), &mut pieces.before);
    if !item.persona.id.is_empty() {
        push_field("persona", &item.persona.id, &mut pieces.before);
    }
    push_field("question", &item.question.id, &mut pieces.before);
    for (name, text) in [
        ("topic", &item.question.topic),
        ("split", &item.persona.split),
        ("variant", &item.variant),
    ] {
        if let Some(text) = text {
            push_field(name, text, &mut pieces.before);
        }
    }
    // A level that is not there is written too, so that the table keeps its dimensions.
    let mut push = |name: String, value: Option<&str>| {
        pieces.after.push(b',');
        push_json(&name, &mut pieces.after);
        pieces.after.push(b':');
        match value {
            Some(value) => push_json(value, &mut pieces.after),
            None => pieces.after.extend_from_slice(b"null"),
        }
    };
    for (name, level) in table.dimensions.iter().zip(&*item.persona.levels) {
        push(format!("{GROUP}{name}"), level.as_deref());
    }
    for (i, name) in table.covariates.iter().enumerate() {
        let value = table.covariate(judgment, i);
        push(format!("{COVARIATE}{name}"), value.as_deref());
    }
    pieces.after.extend_from_slice(b"}\n");
}
