//! The pieces put together, with the lines of the file.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;

use super::cell::is_unclear;
use super::part::{Interned, Part};
use super::places::Places;
use super::respondents::more;
use super::{Column, MOST_TEXTS, Microdata, SHOWN, Text};
use crate::input::source::shown;
use crate::problem::Problem;
use crate::survey::config::Config;
use crate::text::separator;

/// What all threads read, with the lines of the file.
pub(super) struct Merged {
    columns: Vec<Column>,
    full: Vec<bool>,
    pub(super) ids: Vec<Box<[u8]>>,
    pub(super) weights: Vec<Result<f64, Box<str>>>,
    pub(super) lines: Vec<u64>,
    countries: Vec<String>,
    rows: u64,
    not_kept: u64,
    kept_by: Vec<Vec<u64>>,
    undecoded: Vec<(u64, usize)>,
    ragged: Vec<(u64, usize)>,
    broken: Option<(u64, String)>,
}

impl Merged {
    pub(super) fn new(parts: Vec<Part>, header_lines: u64, places: &Places) -> Self {
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
            kept_by: places
                .keep
                .iter()
                .map(|(_, values)| vec![0; values.len()])
                .collect(),
            undecoded: Vec::new(),
            ragged: Vec::new(),
            broken: None,
        };
        for (part, start) in parts.into_iter().zip(starts) {
            all.ids.extend(part.ids);
            all.weights.extend(part.weights);
            all.lines.extend(part.lines.iter().map(|line| start + line));
            all.rows += part.rows;
            all.not_kept += part.not_kept;
            let rows = all.kept_by.iter_mut().flatten();
            for (all, more) in rows.zip(part.kept_by.iter().flatten()) {
                *all += more;
            }
            let undecoded = part.undecoded.iter();
            all.undecoded
                .extend(undecoded.map(|(line, column)| (start + line, *column)));
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

    pub(super) fn report(
        &self,
        file: &Path,
        header: &[String],
        separator: u8,
        problems: &mut Vec<Problem>,
    ) {
        let width = header.len();
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
        for (line, column) in self.undecoded.iter().take(SHOWN) {
            let problem = Problem::error(file, "this cell is not UTF-8").line(*line as usize);
            problems.push(problem.field(shown(&header[*column])).help(
                "save the file as UTF-8; of a file in the encoding of western Windows: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW",
            ));
        }
        more(
            file,
            self.undecoded.len(),
            "texts that are not UTF-8",
            problems,
        );
    }

    /// Whether every row and cell could be read.
    fn is_whole(&self) -> bool {
        self.broken.is_none() && self.ragged.is_empty() && self.undecoded.is_empty()
    }

    /// Numbers of which a comma may be a decimal one or not, and that are no labels. What was
    /// told of a cell once is not told of its code again.
    pub(super) fn report_commas(
        &mut self,
        file: &Path,
        places: &Places,
        separator: u8,
        is_label: &dyn Fn(&str, &str) -> bool,
        problems: &mut Vec<Problem>,
    ) {
        let mut unclear = 0;
        for ((name, _), column) in places.columns.iter().zip(&mut self.columns) {
            for text in &mut column.texts {
                let is_undecoded =
                    !self.undecoded.is_empty() && text.cell.contains(char::REPLACEMENT_CHARACTER);
                if is_unclear(&text.cell, separator) && !is_label(name, &text.cell) {
                    unclear += 1;
                    column.is_unclear = true;
                } else if !is_undecoded {
                    continue;
                }
                if !is_undecoded && unclear <= SHOWN {
                    let message = format!(
                        "`{}` may be a decimal number or have a separator of thousands",
                        shown(&text.cell)
                    );
                    let problem = Problem::error(file, message).line(text.line as usize);
                    problems.push(problem.field(shown(name)).help(
                        "in a file with commas between its cells write 1250 or 1.25; a decimal comma is read where semicolons or tabs stand between them",
                    ));
                }
                text.cell.clear();
            }
        }
        more(file, unclear, "numbers with a comma", problems);
    }

    /// Values of `keep` that no row has.
    fn kept_in_vain(&self, config: &Config) -> Vec<String> {
        let rules = config.keep.iter().zip(&self.kept_by);
        let values = rules.flat_map(|((column, values), rows)| {
            let vain = values.iter().zip(rows).filter(|(_, rows)| **rows == 0);
            vain.map(|(value, _)| format!("{} = {}", shown(&column.value), shown(value)))
        });
        values
            .map(|rule| format!("respondents.keep: no row has {rule}"))
            .collect()
    }

    /// The respondents who are kept; `None` where they or their answers cannot be told. What
    /// is wrong with some of them leaves the others.
    pub(super) fn microdata(
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
        let is_told = places.keep.len() == config.keep.len() && !self.full.contains(&true);
        let whole = self.is_whole();
        // Respondents may stand in what could not be read.
        let is_accounted_for = whole && problems.len() == before;
        if !is_told || (len == 0 && !is_accounted_for) {
            return None;
        }
        let notes = self.kept_in_vain(config);
        if len == 0 {
            let mut problem = Problem::error(file, "no respondent is left");
            if let Some((rows, why)) = left_out.first() {
                let mut help = format!("{rows} rows are {why}");
                if self.not_kept > 0 {
                    help +=
                        "; respondents.keep takes cells as they are written, with their capitals";
                }
                problem = problem.help(help);
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
            notes,
            countries: self.countries,
            whole,
        })
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
                    cell: String::from_utf8_lossy(text).into_owned(),
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
