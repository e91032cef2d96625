//! The respondents of a survey, read by column.
//!
//! Only the columns that are asked for are kept, each as numbers that stand for the
//! different texts of its cells, so that a text is looked at once however many
//! respondents gave it. A file without quotes is cut at line ends and read by all
//! threads; one with quotes, which may hold line ends, by one.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;

use super::config::{Config, Duplicates};
use crate::problem::Problem;
use crate::study::section::Spot;
use crate::study::source::shown;
use crate::text::nearest::suggestion;
use crate::text::{binary, separator};

/// Most different texts of a column that holds codes.
const MOST_TEXTS: usize = u16::MAX as usize;
/// Bytes that one thread reads at a time.
const CHUNK: usize = 4 << 20;
/// Most rows of one kind of mistake that are told one by one.
const SHOWN: usize = 10;

/// Respondents who are kept, by column.
#[derive(Debug)]
pub(super) struct Microdata {
    /// Columns of the file, named as a codebook names them.
    pub(super) header: Vec<String>,
    columns: HashMap<String, Column>,
    /// Respondents kept.
    pub(super) len: usize,
    /// Weight of each respondent, where there are weights.
    pub(super) weights: Option<Vec<f64>>,
    /// Rows of the file.
    pub(super) rows: u64,
    /// Rows left out, by reason.
    pub(super) left_out: Vec<(u64, String)>,
    /// Respondents told apart by country: the only one, where there is one.
    pub(super) countries: Vec<String>,
}

/// The cells of a column.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// For each respondent an index into `texts`.
    pub(super) cells: Vec<u16>,
    pub(super) texts: Vec<Text>,
}

/// One of the different texts of a column.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_field_names,
    reason = "the text of a text is what it is"
)]
pub(super) struct Text {
    pub(super) text: String,
    /// The line that has it first.
    pub(super) line: u64,
    /// Respondents who have it.
    pub(super) count: u64,
}

impl Microdata {
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }
}

/// Columns with the country of a respondent.
pub(super) const COUNTRY: [&str; 2] = ["B_COUNTRY_ALPHA", "B_COUNTRY"];

/// Reads the rows that the configuration keeps, with these columns.
pub(super) fn read(
    file: &Path,
    bytes: &[u8],
    config: &Config,
    wanted: &[String],
    problems: &mut Vec<Problem>,
) -> Option<Microdata> {
    let before = problems.len();
    if let Some((what, help)) = binary::what(bytes) {
        problems.push(Problem::error(file, what).help(help));
        return None;
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        problems
            .push(Problem::error(file, "this file is UTF-16, not UTF-8").help("save it as UTF-8"));
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let separator = separator::of(bytes);
    let (header, header_lines, body) = header(file, bytes, separator, problems)?;
    let places = Places::find(config, wanted, &header, problems);
    let quoted = body.contains(&b'"');
    let pieces = if quoted { vec![body] } else { chunks(body) };
    let parts: Vec<Part> = pieces
        .par_iter()
        .map(|piece| Part::read(piece, separator, quoted, header.len(), &places))
        .collect();
    let merged = Merged::new(parts, header_lines, &places);
    merged.report(file, header.len(), separator, problems);
    if problems.len() > before {
        return None;
    }
    merged.microdata(file, config, header, &places, problems)
}

/// The names of the columns, the lines they take, and what follows.
fn header<'b>(
    file: &Path,
    bytes: &'b [u8],
    separator: u8,
    problems: &mut Vec<Problem>,
) -> Option<(Vec<String>, u64, &'b [u8])> {
    let mut reader = reader(bytes, separator, true);
    let mut record = csv::ByteRecord::new();
    let found = reader.read_byte_record(&mut record).unwrap_or(false);
    if !found {
        let problem = Problem::error(file, "this file is empty").line(1);
        problems.push(problem.help("its first line names the columns"));
        return None;
    }
    let body = reader.position().byte() as usize;
    let name = |cell: &[u8]| {
        let text = String::from_utf8_lossy(cell);
        let name = text.split(':').next().unwrap_or_default();
        name.trim().trim_start_matches('\u{feff}').to_owned()
    };
    let names = record.iter().map(name).collect();
    let body = bytes.get(body..).unwrap_or_default();
    let lines = newlines(&bytes[..bytes.len() - body.len()]);
    Some((names, lines, body))
}

fn reader(bytes: &[u8], separator: u8, quoting: bool) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .quoting(quoting)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 16)
        .from_reader(bytes)
}

#[expect(
    clippy::naive_bytecount,
    reason = "it is made fast by the compiler, and is a small part of the reading"
)]
fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Pieces that end where a line does.
fn chunks(mut body: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while body.len() > CHUNK {
        let end = body[CHUNK..].iter().position(|byte| *byte == b'\n');
        let Some(end) = end else { break };
        let (piece, rest) = body.split_at(CHUNK + end + 1);
        pieces.push(piece);
        body = rest;
    }
    pieces.push(body);
    pieces
}

/// Where the columns are that are read.
struct Places {
    /// Name and index in the file.
    columns: Vec<(String, usize)>,
    keep: Vec<(usize, Vec<String>)>,
    id: Option<usize>,
    weight: Option<usize>,
    country: Option<usize>,
}

impl Places {
    fn find(
        config: &Config,
        wanted: &[String],
        header: &[String],
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut by_name: HashMap<&str, (usize, usize)> = HashMap::new();
        for (index, name) in header.iter().enumerate() {
            by_name.entry(name).or_insert((index, 0)).1 += 1;
        }
        let mut needed = |name: &Spot<String>, field: &str| match by_name.get(name.value.as_str()) {
            Some((index, 1)) => Some(*index),
            Some((_, times)) => {
                let message = format!(
                    "the microdata have {times} columns `{}`",
                    shown(&name.value)
                );
                let problem = config.source.error(name.offset, field, message);
                problems.push(problem.help("take all but one out of the file"));
                None
            }
            None => {
                let message = format!("the microdata have no column `{}`", shown(&name.value));
                let help = suggestion(&name.value, header.iter().map(String::as_str), "columns");
                problems.push(config.source.error(name.offset, field, message).help(help));
                None
            }
        };
        let keep = config
            .keep
            .iter()
            .filter_map(|(column, values)| {
                Some((needed(column, "respondents.keep")?, values.clone()))
            })
            .collect();
        let id = config
            .id
            .as_ref()
            .and_then(|id| needed(id, "respondents.id"));
        let weight = config.weight.as_ref();
        let weight = weight.and_then(|weight| needed(weight, "respondents.weight"));
        for dimension in &config.dimensions {
            needed(
                &dimension.column,
                &format!("dimensions.{}.column", dimension.name),
            );
        }
        let mut columns = Vec::new();
        for name in wanted {
            let known = columns.iter().any(|(other, _)| other == name);
            if let Some((index, _)) = by_name.get(name.as_str())
                && !known
            {
                columns.push((name.clone(), *index));
            }
        }
        Self {
            columns,
            keep,
            id,
            weight,
            country: COUNTRY.iter().find_map(|name| Some(by_name.get(name)?.0)),
        }
    }
}

/// What one thread read of one piece.
#[derive(Default)]
struct Part {
    columns: Vec<Interned>,
    ids: Vec<Box<[u8]>>,
    weights: Vec<Result<f64, Box<str>>>,
    /// Line within the piece, from 0, of each respondent.
    lines: Vec<u64>,
    country: Interned,
    rows: u64,
    not_kept: u64,
    /// Line and number of cells of rows with too many or too few.
    ragged: Vec<(u64, usize)>,
    /// Lines of the piece.
    newlines: u64,
    broken: Option<String>,
}

impl Part {
    fn read(piece: &[u8], separator: u8, quoted: bool, width: usize, places: &Places) -> Self {
        let mut part = Self {
            columns: places.columns.iter().map(|_| Interned::default()).collect(),
            newlines: newlines(piece),
            ..Self::default()
        };
        let mut reader = reader(piece, separator, quoted);
        let mut record = csv::ByteRecord::new();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return part,
                Err(error) => {
                    part.broken = Some(error.to_string());
                    return part;
                }
            }
            let line = record.position().map_or(1, csv::Position::line) - 1;
            part.row(&record, line, width, places);
        }
    }

    fn row(&mut self, record: &csv::ByteRecord, line: u64, width: usize, places: &Places) {
        // Some programs end each row with a separator, and blank lines with nothing else.
        let spare = record.len() == width + 1 && record.get(width).is_some_and(<[u8]>::is_empty);
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            return;
        }
        self.rows += 1;
        if record.len() != width && !spare {
            self.ragged.push((line, record.len()));
            return;
        }
        let cell = |index: usize| record.get(index).unwrap_or_default().trim_ascii();
        let kept = |(index, values): &(usize, Vec<String>)| is_one_of(cell(*index), values);
        if !places.keep.iter().all(kept) {
            self.not_kept += 1;
            return;
        }
        for (column, (_, index)) in self.columns.iter_mut().zip(&places.columns) {
            column.push(cell(*index), line);
        }
        if let Some(index) = places.id {
            self.ids.push(cell(index).into());
        }
        if let Some(index) = places.weight {
            self.weights.push(weight(cell(index)));
        }
        if let Some(index) = places.country {
            self.country.push(cell(index), line);
        }
        self.lines.push(line);
    }
}

/// Whether a cell has one of these values, as text or as number.
fn is_one_of(cell: &[u8], values: &[String]) -> bool {
    values.iter().any(|value| value.as_bytes() == cell) || {
        let text = std::str::from_utf8(cell).unwrap_or_default();
        whole(text).is_some_and(|code| values.iter().any(|value| whole(value) == Some(code)))
    }
}

/// The whole number that a cell holds: `1`, `1.0`, `1,0`.
pub(super) fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(code) = text.parse() {
        return Some(code);
    }
    let number = decimal(text)?;
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

/// The number that a cell holds, with a decimal point or a decimal comma.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let number = text
        .parse::<f64>()
        .or_else(|_| text.replacen(',', ".", 1).parse());
    number.ok().filter(|number| number.is_finite())
}

/// Whether a cell says nothing, in the ways of the usual programs.
pub(super) fn is_blank(text: &str) -> bool {
    matches!(
        text.trim(),
        "" | "." | "NA" | "N/A" | "NaN" | "nan" | "NULL"
    )
}

/// A weight; 0 of 0 where there is none.
fn weight(cell: &[u8]) -> Result<f64, Box<str>> {
    let text = String::from_utf8_lossy(cell);
    if is_blank(&text) {
        return Ok(f64::NAN);
    }
    decimal(&text).ok_or_else(|| shown(&text).into())
}

/// The cells of a column of one piece.
struct Interned {
    cells: Vec<u16>,
    texts: Vec<(Box<[u8]>, u64)>,
    /// Cells of one byte are looked up here.
    short: [u16; 256],
    long: HashMap<Box<[u8]>, u16>,
    full: bool,
}

impl Default for Interned {
    fn default() -> Self {
        Self {
            cells: Vec::new(),
            texts: Vec::new(),
            short: [u16::MAX; 256],
            long: HashMap::new(),
            full: false,
        }
    }
}

impl Interned {
    fn push(&mut self, cell: &[u8], line: u64) {
        let known = match cell {
            [byte] => Some(self.short[usize::from(*byte)]).filter(|known| *known != u16::MAX),
            _ => self.long.get(cell).copied(),
        };
        let index = known.unwrap_or_else(|| self.add(cell, line));
        self.cells.push(index);
    }

    fn add(&mut self, cell: &[u8], line: u64) -> u16 {
        if self.texts.len() >= MOST_TEXTS {
            self.full = true;
            return 0;
        }
        let index = self.texts.len() as u16;
        self.texts.push((cell.into(), line));
        match cell {
            [byte] => self.short[usize::from(*byte)] = index,
            _ => {
                self.long.insert(cell.into(), index);
            }
        }
        index
    }
}

/// What all threads read, with the lines of the file.
struct Merged {
    columns: Vec<Column>,
    full: Vec<bool>,
    ids: Vec<Box<[u8]>>,
    weights: Vec<Result<f64, Box<str>>>,
    lines: Vec<u64>,
    countries: Vec<String>,
    rows: u64,
    not_kept: u64,
    ragged: Vec<(u64, usize)>,
    broken: Option<(u64, String)>,
}

impl Merged {
    fn new(parts: Vec<Part>, header_lines: u64, places: &Places) -> Self {
        // A header without a line end has one line all the same.
        let mut first = header_lines.max(1) + 1;
        let mut starts = Vec::with_capacity(parts.len());
        for part in &parts {
            starts.push(first);
            first += part.newlines;
        }
        let merged: Vec<(Column, bool)> = (0..places.columns.len())
            .into_par_iter()
            .map(|index| merge(parts.iter().map(|part| &part.columns[index]), &starts))
            .collect();
        let (columns, full) = merged.into_iter().unzip();
        let mut countries: Vec<String> = Vec::new();
        for (text, _) in parts.iter().flat_map(|part| &part.country.texts) {
            let text = String::from_utf8_lossy(text).into_owned();
            if !countries.contains(&text) {
                countries.push(text);
            }
        }
        let mut all = Self {
            columns,
            full,
            ids: Vec::new(),
            weights: Vec::new(),
            lines: Vec::new(),
            countries,
            rows: 0,
            not_kept: 0,
            ragged: Vec::new(),
            broken: None,
        };
        for (part, start) in parts.into_iter().zip(starts) {
            all.ids.extend(part.ids);
            all.weights.extend(part.weights);
            all.lines.extend(part.lines.iter().map(|line| start + line));
            all.rows += part.rows;
            all.not_kept += part.not_kept;
            let ragged = part
                .ragged
                .iter()
                .map(|(line, cells)| (start + line, *cells));
            all.ragged.extend(ragged);
            if let Some(broken) = part.broken {
                all.broken.get_or_insert((start, broken));
            }
        }
        all
    }

    fn report(&self, file: &Path, width: usize, separator: u8, problems: &mut Vec<Problem>) {
        if let Some((line, what)) = &self.broken {
            let problem = Problem::error(file, format!("not CSV: {what}"));
            problems.push(problem.line(*line as usize));
        }
        for (line, cells) in self.ragged.iter().take(SHOWN) {
            let message = format!("this row has {cells} cells, the header has {width}");
            let (one, many) = separator::named(separator);
            let help = format!(
                "an empty cell still needs its {one}, a text with {many} in it double quotes around it"
            );
            problems.push(
                Problem::error(file, message)
                    .line(*line as usize)
                    .help(help),
            );
        }
        more(
            file,
            self.ragged.len(),
            "rows with another number of cells",
            problems,
        );
    }

    fn microdata(
        mut self,
        file: &Path,
        config: &Config,
        header: Vec<String>,
        places: &Places,
        problems: &mut Vec<Problem>,
    ) -> Option<Microdata> {
        let before = problems.len();
        let mut left_out = Vec::new();
        if self.not_kept > 0 {
            let rules = config.keep.iter();
            let rules: Vec<String> = rules
                .map(|(column, values)| format!("{} = {}", column.value, values.join(" | ")))
                .collect();
            left_out.push((self.not_kept, format!("not of {}", rules.join(", "))));
        }
        let mut kept = vec![true; self.lines.len()];
        if places.id.is_some() {
            self.drop_duplicates(file, config, &mut kept, &mut left_out, problems);
        }
        if places.weight.is_some() {
            let name = config.weight.as_ref().map_or("", |name| &name.value);
            self.check_weights(file, name, &mut kept, &mut left_out, problems);
        }
        for ((name, _), full) in places.columns.iter().zip(&self.full) {
            if *full {
                let message = format!(
                    "this column has more than {MOST_TEXTS} different texts, so it holds no codes"
                );
                let problem = Problem::error(file, message).line(1).field(shown(name));
                problems.push(problem.help("take it out of the dimensions and questions"));
            }
        }
        let len = kept.iter().filter(|kept| **kept).count();
        if problems.len() > before {
            return None;
        }
        if len == 0 {
            let mut problem = Problem::error(file, "no respondent is left");
            if let Some((rows, why)) = left_out.first() {
                problem = problem.help(format!("{rows} rows are {why}"));
            }
            problems.push(problem);
            return None;
        }
        for column in &mut self.columns {
            column.keep(&kept);
        }
        let mut at = kept.iter();
        let mut weights = self.weights;
        weights.retain(|_| *at.next().unwrap_or(&false));
        let names = places.columns.iter().map(|(name, _)| name.clone());
        Some(Microdata {
            header,
            columns: names.zip(self.columns).collect(),
            len,
            weights: places
                .weight
                .map(|_| weights.into_iter().map(Result::unwrap_or_default).collect()),
            rows: self.rows,
            left_out,
            countries: self.countries,
        })
    }

    fn drop_duplicates(
        &self,
        file: &Path,
        config: &Config,
        kept: &mut [bool],
        left_out: &mut Vec<(u64, String)>,
        problems: &mut Vec<Problem>,
    ) {
        let mut first: HashMap<&[u8], usize> = HashMap::with_capacity(self.ids.len());
        let mut dropped = 0_u64;
        let mut example = None;
        for (row, id) in self.ids.iter().enumerate() {
            if id.is_empty() {
                continue;
            }
            let earlier = *first.entry(id).or_insert(row);
            if earlier == row {
                continue;
            }
            let name = shown(&String::from_utf8_lossy(id));
            if config.duplicates == Duplicates::Refuse {
                if dropped < SHOWN as u64 {
                    let message = format!(
                        "the respondent {name} stands twice, first on line {}",
                        self.lines[earlier]
                    );
                    let column = config.id.as_ref().map_or("", |id| &id.value);
                    let problem = Problem::error(file, message)
                        .line(self.lines[row] as usize)
                        .field(column);
                    problems.push(problem.help(
                        "take one row out, or set respondents.duplicates to \"first\" or \"none\"",
                    ));
                }
                dropped += 1;
                continue;
            }
            kept[row] = false;
            dropped += 1;
            if config.duplicates == Duplicates::None && kept[earlier] {
                kept[earlier] = false;
                dropped += 1;
            }
            example.get_or_insert((name, self.lines[row]));
        }
        if let Some((name, line)) = example {
            let which = match config.duplicates {
                Duplicates::None => "rows with an id that stands more than once",
                _ => "further rows of an id that stands already",
            };
            left_out.push((dropped, format!("{which} (such as {name}, line {line})")));
        } else {
            more(file, dropped as usize, "respondents twice", problems);
        }
    }

    fn check_weights(
        &self,
        file: &Path,
        name: &str,
        kept: &mut [bool],
        left_out: &mut Vec<(u64, String)>,
        problems: &mut Vec<Problem>,
    ) {
        let (mut wrong, mut blank, mut total) = (0, 0_u64, 0.0);
        for (row, weight) in self.weights.iter().enumerate() {
            let message = match weight {
                Ok(weight) if weight.is_nan() => {
                    blank += u64::from(kept[row]);
                    kept[row] = false;
                    continue;
                }
                Ok(weight) if *weight >= 0.0 => {
                    total += weight;
                    continue;
                }
                Ok(weight) => format!("the weight {weight} is negative"),
                Err(text) => format!("expected a weight, found `{text}`"),
            };
            wrong += 1;
            if wrong <= SHOWN {
                let problem = Problem::error(file, message)
                    .line(self.lines[row] as usize)
                    .field(name);
                problems.push(problem.help("a weight is a number of at least 0; leave the cell empty to leave the respondent out"));
            }
        }
        more(file, wrong, "wrong weights", problems);
        if wrong == 0 && total <= 0.0 && !self.weights.is_empty() {
            let message = "every weight of this column is missing or 0";
            let problem = Problem::error(file, message).line(1).field(name);
            problems.push(problem.help(
                "name another column in respondents.weight, or leave the key out for equal weights",
            ));
        }
        if blank > 0 {
            left_out.push((blank, format!("without a weight in {name}")));
        }
    }
}

fn more(file: &Path, found: usize, what: &str, problems: &mut Vec<Problem>) {
    if found > SHOWN {
        let message = format!("… and {} more {what}", found - SHOWN);
        problems.push(Problem::error(file, message));
    }
}

/// One column of all pieces.
fn merge<'p>(parts: impl Iterator<Item = &'p Interned>, starts: &[u64]) -> (Column, bool) {
    let mut column = Column::default();
    let mut known: HashMap<&[u8], u16> = HashMap::new();
    let mut full = false;
    for (part, start) in parts.zip(starts) {
        full |= part.full;
        let mut renumbered = Vec::with_capacity(part.texts.len());
        for (text, line) in &part.texts {
            let next = column.texts.len();
            let index = *known.entry(text).or_insert_with(|| {
                column.texts.push(Text {
                    text: String::from_utf8_lossy(text).into_owned(),
                    line: start + line,
                    count: 0,
                });
                next.min(MOST_TEXTS) as u16
            });
            full |= next > MOST_TEXTS;
            renumbered.push(index);
        }
        if !full {
            let cells = part.cells.iter().map(|cell| renumbered[usize::from(*cell)]);
            column.cells.extend(cells);
        }
    }
    (column, full)
}

impl Column {
    /// Keeps these respondents and counts their texts.
    fn keep(&mut self, kept: &[bool]) {
        let mut at = kept.iter();
        self.cells.retain(|_| *at.next().unwrap_or(&false));
        for cell in &self.cells {
            self.texts[usize::from(*cell)].count += 1;
        }
    }
}
