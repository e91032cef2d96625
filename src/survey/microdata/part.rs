//! One piece of the file, read by one thread.

use std::collections::HashMap;

use super::cell::{one_of, weight};
use super::places::Places;
use super::{CHUNK, MOST_TEXTS};

pub(super) fn reader(bytes: &[u8], separator: u8, quoting: bool) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .quoting(quoting)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 16)
        .from_reader(bytes)
}

pub(super) fn newlines(bytes: &[u8]) -> u64 {
    let lines = bytes.iter().map(|byte| u64::from(*byte == b'\n'));
    lines.sum()
}

/// Pieces that end where a line does.
pub(super) fn chunks(mut body: &[u8]) -> Vec<&[u8]> {
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

/// What one thread read of one piece.
#[derive(Default)]
pub(super) struct Part {
    pub(super) columns: Vec<Interned>,
    pub(super) ids: Vec<Box<[u8]>>,
    pub(super) weights: Vec<Result<f64, Box<str>>>,
    /// Line within the piece, from 0, of each respondent.
    pub(super) lines: Vec<u64>,
    pub(super) country: Interned,
    pub(super) rows: u64,
    pub(super) not_kept: u64,
    /// Rows with each value of each rule of `keep`, whatever the other rules say.
    pub(super) kept_by: Vec<Vec<u64>>,
    /// Line and column of cells that are not UTF-8.
    pub(super) undecoded: Vec<(u64, usize)>,
    /// Line and number of cells of rows with too many or too few.
    pub(super) ragged: Vec<(u64, usize)>,
    /// Lines of the piece.
    pub(super) newlines: u64,
    pub(super) broken: Option<String>,
}

impl Part {
    pub(super) fn read(
        piece: &[u8],
        separator: u8,
        quoted: bool,
        width: usize,
        places: &Places,
    ) -> Self {
        let mut part = Self {
            columns: places.columns.iter().map(|_| Interned::default()).collect(),
            kept_by: places
                .keep
                .iter()
                .map(|(_, values)| vec![0; values.len()])
                .collect(),
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
            part.row(&record, line, width, separator, places);
        }
    }

    fn row(
        &mut self,
        record: &csv::ByteRecord,
        line: u64,
        width: usize,
        separator: u8,
        places: &Places,
    ) {
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
        let mut kept = true;
        for ((index, values), rows) in places.keep.iter().zip(&mut self.kept_by) {
            let cell = cell(*index);
            // A text in another encoding may be one of the values all the same.
            check_text(cell, line, *index, &mut self.undecoded);
            match one_of(cell, values) {
                Some(value) => rows[value] += 1,
                None => kept = false,
            }
        }
        if !kept {
            self.not_kept += 1;
            return;
        }
        for (column, (_, index)) in self.columns.iter_mut().zip(&places.columns) {
            if column.push(cell(*index), line) == Pushed::Undecoded {
                self.undecoded.push((line, *index));
            }
        }
        if let Some(index) = places.id {
            check_text(cell(index), line, index, &mut self.undecoded);
            self.ids.push(cell(index).into());
        }
        if let Some(index) = places.weight {
            check_text(cell(index), line, index, &mut self.undecoded);
            self.weights.push(weight(cell(index), separator));
        }
        let mut countries = places.country.iter().map(|index| cell(*index));
        if let Some(country) = countries.find(|cell| !cell.is_empty()) {
            self.country.push(country, line);
        }
        self.lines.push(line);
    }
}

fn check_text(cell: &[u8], line: u64, column: usize, undecoded: &mut Vec<(u64, usize)>) {
    if std::str::from_utf8(cell).is_err() {
        undecoded.push((line, column));
    }
}

/// Whether a cell's text is UTF-8.
#[derive(PartialEq, Eq)]
enum Pushed {
    Decoded,
    Undecoded,
}

/// The cells of a column of one piece.
pub(super) struct Interned {
    pub(super) cells: Vec<u16>,
    pub(super) texts: Vec<(Box<[u8]>, u64)>,
    /// Cells of one byte are looked up here.
    short: [u16; 256],
    long: HashMap<Box<[u8]>, u16>,
    pub(super) full: bool,
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
    fn push(&mut self, cell: &[u8], line: u64) -> Pushed {
        let known = match cell {
            [byte] => Some(self.short[usize::from(*byte)]).filter(|known| *known != u16::MAX),
            _ => self.long.get(cell).copied(),
        };
        let index = known.unwrap_or_else(|| self.add(cell, line));
        self.cells.push(index);
        // A text that is there already has been looked at.
        if known.is_none() && std::str::from_utf8(cell).is_err() {
            Pushed::Undecoded
        } else {
            Pushed::Decoded
        }
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
