//! Tables of one JSON object a line.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Column, ReadCell, ReadRow, Rows, Table};
use crate::input::source::{Source, shown};
use crate::problem::Problem;

pub(super) fn read(source: Source, problems: &mut Vec<Problem>) -> Table {
    let mut columns: Vec<Column> = Vec::new();
    let mut rows = Rows::default();
    let mut lacks_rows = false;
    let mut offset = 0;
    for line in source.text.split_inclusive('\n') {
        let content = line.trim_end();
        if !content.trim_start().is_empty() {
            match jsonl_row(&source, content, offset, &mut columns, problems) {
                Some(read) => read.iter().for_each(|row| rows.push(&source, row)),
                None => lacks_rows = true,
            }
        }
        offset += line.len();
    }
    Table {
        source,
        columns,
        rows,
        lacks_rows,
        csv: false,
    }
}

/// The row of a line; of a batch's line with several replies, one row each.
fn jsonl_row(
    source: &Source,
    line: &str,
    start: usize,
    columns: &mut Vec<Column>,
    problems: &mut Vec<Problem>,
) -> Option<Vec<ReadRow>> {
    let object: Object<'_> = match serde_json::from_str(line) {
        Ok(object) => object,
        Err(error) => {
            let (row, column) = source.place(start + error.column().saturating_sub(1));
            let problem = Problem::error(&source.path, json_message(&error));
            problems.push(
                problem
                    .line(row)
                    .column(column)
                    .help("each line is one JSON object, such as {\"id\": \"p1\"}"),
            );
            return None;
        }
    };
    let mut row = ReadRow {
        offset: start,
        cells: Vec::new(),
        broken: false,
    };
    let mut further: Vec<Reply> = Vec::new();
    let mut seen = HashSet::new();
    for (name, raw) in object.0 {
        let within = raw.get().as_ptr() as usize - line.as_ptr() as usize;
        let offset = start + within;
        let (text, finish) = if name == RESPONSE && is_batch(raw.get()) {
            let mut replies = replies_of_batch(raw.get());
            let has_finish = replies.iter().any(|reply| reply.finish.is_some());
            let first = replies.remove(0);
            further = replies;
            (Ok(first.text), has_finish.then_some(first.finish))
        } else {
            (cell_text(&name, raw.get()), None)
        };
        let finish = finish.map(|finish| (FINISH_REASON.to_owned(), Ok(finish)));
        for (name, text) in std::iter::once((name, text)).chain(finish) {
            let index = index_of(&name, columns).unwrap_or_else(|| {
                columns.push(Column {
                    name: name.clone(),
                    offset,
                });
                columns.len() - 1
            });
            let wrong = match text {
                _ if !seen.insert(index) => Some("this key stands twice in one object"),
                Err(message) => Some(message),
                Ok(text) => {
                    if row.cells.len() <= index {
                        row.cells.resize_with(index + 1, || None);
                    }
                    row.cells[index] = text.map(|text| ReadCell {
                        text,
                        offset,
                        end: offset + raw.get().len(),
                    });
                    None
                }
            };
            if let Some(message) = wrong {
                problems.push(source.error(offset, shown(&name), message));
                row.broken = true;
            }
        }
    }
    let at = [RESPONSE, FINISH_REASON].map(|name| index_of(name, columns));
    let mut rows = vec![row];
    for reply in further {
        rows.push(rows[0].with(at, reply));
    }
    Some(rows)
}

fn index_of(name: &str, columns: &[Column]) -> Option<usize> {
    columns.iter().position(|column| column.name == name)
}

impl ReadRow {
    /// The same with another reply.
    fn with(&self, [text, finish]: [Option<usize>; 2], reply: Reply) -> Self {
        let mut row = self.clone();
        let place = text.and_then(|text| self.cells.get(text)?.as_ref());
        let (offset, end) =
            place.map_or((self.offset, self.offset), |cell| (cell.offset, cell.end));
        for (column, text) in [(text, reply.text), (finish, reply.finish)] {
            if let Some(cell) = column.and_then(|column| row.cells.get_mut(column)) {
                *cell = text.map(|text| ReadCell { text, offset, end });
            }
        }
        row
    }
}

/// The error without the place that `serde_json` adds to it.
fn json_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    format!("not a JSON object: {message}")
}

/// The text of a JSON value: numbers stay as they are written, so that an id such
/// as `007.0` or one of twenty digits is not changed; null is no text.
///
/// The `error` of a line of a batch's output is no text.
fn cell_text(name: &str, raw: &str) -> Result<Option<String>, &'static str> {
    match (raw.as_bytes().first(), name) {
        (Some(b'"'), _) => serde_json::from_str(raw)
            .map(Some)
            .map_err(|_| "this text is not valid JSON"),
        (Some(b'{'), "error") | (Some(b'n'), _) => Ok(None),
        (Some(b'{' | b'['), _) => Err("expected a text or a number, found a nested value"),
        _ => Ok(Some(raw.to_owned())),
    }
}

/// The column of a batch's output that holds the reply.
const RESPONSE: &str = "response";

/// The column into which the end of a batch's reply goes, which its `response` holds too.
const FINISH_REASON: &str = "finish_reason";

/// Whether a value holds a reply as a batch's output does, deep within it.
fn is_batch(raw: &str) -> bool {
    raw.starts_with('{') && raw.contains("\"body\"")
}

/// What a model says in a batch's output, and how it ended.
#[derive(Default)]
struct Reply {
    text: Option<String>,
    finish: Option<String>,
}

/// What a model says in a batch's output, as OpenAI writes it: the content of each choice's
/// message, in one piece or several, else its refusal; the text of each choice of
/// `/v1/completions`; or the messages of `/v1/responses`. Never empty; a request that
/// failed has one reply without anything.
fn replies_of_batch(raw: &str) -> Vec<Reply> {
    let response: serde_json::Value = serde_json::from_str(raw).unwrap_or_default();
    let body = &response["body"];
    if let Some(output) = body["output"].as_array() {
        return vec![reply_of_output(body, output)];
    }
    let choices = body["choices"].as_array();
    let replies = choices.into_iter().flatten().map(|choice| {
        let message = &choice["message"];
        let content = match &message["content"] {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Array(parts) => Some(joined(parts, "text").unwrap_or_default()),
            _ => choice["text"].as_str().map(str::to_owned),
        };
        let refusal = message["refusal"].as_str().map(str::to_owned);
        Reply::new(content, refusal, choice[FINISH_REASON].as_str())
    });
    let mut replies: Vec<Reply> = replies.collect();
    if replies.is_empty() {
        replies.push(Reply::default());
    }
    replies
}

/// The reply in the output of `/v1/responses`, which says of itself why it is incomplete.
/// Each message begins a line.
fn reply_of_output(body: &serde_json::Value, output: &[serde_json::Value]) -> Reply {
    let messages = output.iter().filter(|item| item["type"] == "message");
    let messages: Vec<_> = messages
        .filter_map(|message| message["content"].as_array())
        .collect();
    let said = |key: &str| {
        let texts = messages.iter().filter_map(|parts| joined(parts, key));
        texts.reduce(|all, next| all + "\n" + &next)
    };
    let finish = match body["incomplete_details"]["reason"].as_str() {
        Some("max_output_tokens") => Some("length"),
        other => other,
    };
    Reply::new(said("text"), said("refusal"), finish)
}

/// The texts under a key of several parts; `None` where no part has one.
fn joined(parts: &[serde_json::Value], key: &str) -> Option<String> {
    let texts = parts.iter().filter_map(|part| part[key].as_str());
    texts.map(str::to_owned).reduce(|all, next| all + &next)
}

impl Reply {
    fn new(content: Option<String>, refusal: Option<String>, finish: Option<&str>) -> Self {
        let refusal = refusal.filter(|text| !text.is_empty());
        let finish = refusal.as_ref().map_or(finish, |_| Some("refusal"));
        let said = content.filter(|text| refusal.is_none() || !text.is_empty());
        Self {
            finish: finish.map(str::to_owned),
            text: said.or(refusal),
        }
    }
}

/// A JSON object with its keys in order and its values as they are written.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Object(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}
