//! The respondents of a survey, read by column.
//!
//! Only the columns that are asked for are kept, each as numbers that stand for the
//! different texts of its cells, so that a text is looked at once however many
//! respondents gave it. A file without quotes is cut at line ends and read by all
//! threads; one with quotes, which may hold line ends, by one.

mod cell;
mod merged;
mod part;
mod places;
mod respondents;

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;

use super::config::Config;
use crate::problem::Problem;
use crate::text::{binary, misnamed, separator};
use merged::Merged;
use part::{Part, chunks, newlines, reader};
use places::Places;

pub(super) use cell::{decimal, is_blank, whole};

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
    /// What a reader should know of the rows.
    pub(super) notes: Vec<String>,
    /// Respondents told apart by country: the only one, where there is one.
    pub(super) countries: Vec<String>,
    /// Whether every row could be read.
    pub(super) whole: bool,
}

/// The cells of a column.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// For each respondent an index into `texts`.
    pub(super) cells: Vec<u16>,
    pub(super) texts: Vec<Text>,
    /// Whether some cell may be one number or another.
    pub(super) is_unclear: bool,
}

/// One of the different texts of a column.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) cell: String,
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
pub(super) const COUNTRY: [&str; 4] = ["B_COUNTRY_ALPHA", "B_COUNTRY", "COUNTRY_ALPHA", "S003"];

/// Whether the only country of the microdata is Singapore, by its codes or its name.
pub(super) fn is_singapore(countries: &[String]) -> bool {
    let is_it = |text: &String| {
        let text = text.trim();
        whole(text) == Some(702)
            || ["SGP", "SG", "Singapore"]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(text))
    };
    !countries.is_empty() && countries.iter().all(is_it)
}

/// Reads the rows that the configuration keeps, with these columns. `is_label` says whether
/// a text is a label of a column, whatever number it might be too. Where something is wrong
/// with some rows the others come all the same, so that all that is wrong can be told.
pub(super) fn read(
    file: &Path,
    bytes: &[u8],
    config: &Config,
    wanted: &[String],
    is_label: &dyn Fn(&str, &str) -> bool,
    problems: &mut Vec<Problem>,
) -> Option<Microdata> {
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
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(misnamed::ENOUGH)]);
    if let Some((what, _)) = misnamed::what(&start, true) {
        problems.push(Problem::error(file, what).help("save the microdata as CSV"));
        return None;
    }
    // Lines that end as on an old Macintosh are counted as others are.
    let with_feeds: Vec<u8>;
    let bytes = if bytes.contains(&b'\n') {
        bytes
    } else {
        let feed = |byte: &u8| if *byte == b'\r' { b'\n' } else { *byte };
        with_feeds = bytes.iter().map(feed).collect();
        &with_feeds
    };
    let separator = separator::of(bytes);
    let (header, header_lines, body) = header(file, bytes, separator, problems)?;
    let places = Places::find(file, config, wanted, &header, problems);
    let quoted = body.contains(&b'"');
    let pieces = if quoted { vec![body] } else { chunks(body) };
    let parts: Vec<Part> = pieces
        .par_iter()
        .map(|piece| Part::read(piece, separator, quoted, header.len(), &places))
        .collect();
    let mut merged = Merged::new(parts, header_lines, &places);
    merged.report(file, &header, separator, problems);
    merged.report_commas(file, &places, separator, is_label, problems);
    merged.microdata(file, config, header, &places, problems)
}

/// The names of the columns, the lines they take, and what follows.
fn header<'b>(
    file: &Path,
    bytes: &'b [u8],
    separator: u8,
    problems: &mut Vec<Problem>,
) -> Option<(Vec<String>, u64, &'b [u8])> {
    let begin = separator::declaration(bytes);
    let mut reader = reader(&bytes[begin..], separator, true);
    let mut record = csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record).unwrap_or(false) {
        let problem = Problem::error(file, "this file is empty").line(1);
        problems.push(problem.help("its first line names the columns"));
        return None;
    }
    let body = begin + reader.position().byte() as usize;
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
