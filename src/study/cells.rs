//! Reads the cells of one row, and says of each what is wrong with it.

use super::ids::{Ids, wrong_id};
use crate::input::source::shown;
use crate::input::table::{Row, Table};
use crate::problem::{Problem, Severity};
use crate::text::nearest::{nearest, slip_of};

/// Where the columns of a table are that have a meaning, and the other ones.
#[derive(Debug)]
pub(super) struct Columns<const N: usize> {
    /// Of the known names, in their order.
    pub(super) at: [Option<usize>; N],
    /// The columns that are none of them, in file order.
    pub(super) rest: Vec<usize>,
}

impl<const N: usize> Columns<N> {
    /// Finds the columns; `None` where a required one is missing.
    pub(super) fn find(
        table: &Table,
        names: [&'static str; N],
        required: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let at = names.map(|name| table.column(name));
        let rest: Vec<_> = (0..table.columns.len())
            .filter(|column| !at.contains(&Some(*column)))
            .filter(|column| !table.columns[*column].name.is_empty())
            .collect();
        // A table without rows says nothing about the keys of JSONL.
        if table.is_empty() && !table.csv {
            return Some(Self { at, rest });
        }
        let missing: Vec<_> = required
            .iter()
            .filter(|name| table.column(name).is_none())
            .collect();
        for name in &missing {
            problems.push(missing_column(table, name, &rest));
        }
        for column in &rest {
            let column = &table.columns[*column];
            let absent = names.iter().filter(|name| table.column(name).is_none());
            let absent = absent.filter(|name| !required.contains(name)).copied();
            if let Some(near) = slip_of(&column.name, absent) {
                let message = format!("this {} is not `{near}`", named(table));
                let problem = table.source.warning(column.offset, &column.name, message);
                problems.push(problem.help(format!("if `{near}` was meant, rename it")));
            }
        }
        missing.is_empty().then_some(Self { at, rest })
    }
}

fn missing_column(table: &Table, name: &str, rest: &[usize]) -> Problem {
    let message = if table.csv {
        format!("there is no column `{name}`")
    } else {
        format!("no row has the key `{name}`")
    };
    let problem = Problem::error(&table.source.path, message)
        .line(1)
        .column(1)
        .field(name);
    let names: Vec<_> = rest
        .iter()
        .map(|column| table.columns[*column].name.as_str())
        .collect();
    let only = names.first().filter(|_| table.columns.len() == 1);
    if only.is_some_and(|only| only.contains('|')) {
        return problem.help(
            "the columns seem to be separated by `|`: separate them by commas, semicolons or tabs",
        );
    }
    match nearest(name, names.iter().copied()) {
        Some(near) => problem.help(format!("rename the {} `{}`?", named(table), shown(near))),
        None if names.is_empty() => problem,
        None => {
            let names: Vec<_> = names.iter().take(20).map(|name| shown(name)).collect();
            problem.help(format!("{}s here: {}", named(table), names.join(", ")))
        }
    }
}

/// What a table of this kind has by name.
fn named(table: &Table) -> &'static str {
    if table.csv { "column" } else { "key" }
}

/// The cells of a row.
pub(super) struct Cells<'a> {
    table: &'a Table,
    row: Row<'a>,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(table: &'a Table, row: Row<'a>, problems: &'a mut Vec<Problem>) -> Self {
        Self {
            table,
            row,
            problems,
        }
    }

    fn report(&mut self, column: Option<usize>, message: impl Into<String>, help: Option<String>) {
        // What is missing from a broken row follows from what was said of it, and in a
        // broken row of CSV no cell may stand where it belongs.
        if self.row.is_broken() && (self.table.csv || self.row.cell(column).is_none()) {
            return;
        }
        let name = column.map_or("", |column| &self.table.columns[column].name);
        let offset = self.row.offset_of(column);
        let problem = self.table.source.error(offset, shown(name), message);
        self.problems.push(Problem { help, ..problem });
    }

    /// Reports that something is wrong with a cell.
    pub(super) fn wrong(&mut self, column: Option<usize>, message: impl Into<String>) {
        self.report(column, message, None);
    }

    pub(super) fn row(&self) -> Row<'a> {
        self.row
    }

    /// Warns that a row of answers has none, or one without a text that is given all the same.
    pub(super) fn lacks_answer(&mut self, column: Option<usize>, is_given: bool) {
        let before = self.problems.len();
        let message = match self.row.cell(column) {
            Some(_) => "this answer is empty",
            None => "this row has no answer",
        };
        let help = if is_given {
            "it counts as an answer that cannot be read"
        } else {
            "what needs it is reported as missing, not as lost"
        };
        self.report(column, message, Some(help.to_owned()));
        for problem in &mut self.problems[before..] {
            problem.severity = Severity::Warning;
        }
    }

    /// Reports that a cell holds nothing, or that a row of JSONL lacks its key and which
    /// of its other keys may be meant.
    fn empty(&mut self, column: Option<usize>, what: &str, help: String) {
        let lacking = column.filter(|_| !self.table.csv && self.row.cell(column).is_none());
        let Some(lacking) = lacking else {
            self.report(column, format!("this {what} is empty"), Some(help));
            return;
        };
        let near = self.near_key(lacking);
        let help = near.map_or(help, |near| format!("rename the key `{}`?", shown(near)));
        let name = &self.table.columns[lacking].name;
        self.report(column, format!("this row has no `{name}`"), Some(help));
    }

    /// What one place of such a table is called.
    fn one(&self) -> &'static str {
        if self.table.csv { "cell" } else { "value" }
    }

    /// Reports a key that may be left out where the row has one that is nearly it. Whether
    /// it has.
    pub(super) fn misspelt(&mut self, column: Option<usize>) -> bool {
        let lacking = column.filter(|_| !self.table.csv && self.row.cell(column).is_none());
        let is_misspelt = lacking.is_some_and(|lacking| self.near_key(lacking).is_some());
        if is_misspelt {
            self.empty(column, "value", String::new());
        }
        is_misspelt
    }

    /// The key of this row that is most like the name of a column.
    fn near_key(&self, column: usize) -> Option<&'a str> {
        let columns = self.table.columns.iter().enumerate();
        let keys = columns.filter(|(index, _)| self.row.cell(Some(*index)).is_some());
        let name = &self.table.columns[column].name;
        nearest(name, keys.map(|(_, column)| column.name.as_str()))
    }

    /// What was read of a cell, or a report of what is wrong with it.
    pub(super) fn read<T>(
        &mut self,
        column: Option<usize>,
        read: Result<T, super::ScaleError>,
    ) -> Option<T> {
        read.map_err(|error| self.wrong(column, error.to_string()))
            .ok()
    }

    /// A text that may be left out, without blanks around it.
    pub(super) fn text(&self, column: Option<usize>) -> Option<String> {
        self.row.word(column).map(str::to_owned)
    }

    /// A text that must be there.
    pub(super) fn needed_text(&mut self, column: Option<usize>, what: &str) -> Option<String> {
        let text = self.text(column);
        if text.is_none() {
            self.empty(column, self.one(), format!("write {what}"));
        }
        text
    }

    /// A number from 0 to `most`, if there is one.
    pub(super) fn number(&mut self, column: Option<usize>, most: f64) -> Option<f64> {
        let text = self.row.word(column)?;
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        let Some(number) = number else {
            let message = format!("expected a number, found `{}`", shown(text));
            let help = number_help(text, self.table.csv).to_owned();
            self.report(column, message, Some(help));
            return None;
        };
        if (0.0..=most).contains(&number) {
            return Some(number);
        }
        let (range, help) = if most.is_finite() {
            let help = (number > most && number <= 100.0 * most)
                .then(|| "a share is a part of 1: 62 percent is 0.62".to_owned());
            (format!("from 0 to {most}"), help)
        } else {
            ("of at least 0".to_owned(), None)
        };
        self.report(
            column,
            format!("expected a number {range}, found {text}"),
            help,
        );
        None
    }

    /// A whole number from 1, or the default where the cell is empty.
    pub(super) fn ordinal(&mut self, column: Option<usize>, default: u32) -> Option<u32> {
        let Some(text) = self.row.word(column) else {
            return Some(default);
        };
        let number = text.parse().ok().filter(|number| *number >= 1);
        if number.is_none() {
            let message = format!("expected a whole number from 1, found `{}`", shown(text));
            self.report(column, message, None);
        }
        number
    }

    /// The id of a new thing. One that is there and may not be so is reported, and
    /// known all the same, so that what refers to it is not reported too.
    pub(super) fn new_id(
        &mut self,
        column: Option<usize>,
        ids: &mut Ids,
        index: usize,
    ) -> Option<String> {
        let id = self.row.cell(column).map_or("", |cell| cell.text);
        if id.trim().is_empty() {
            self.empty(column, "id", "every row needs an id of its own".to_owned());
            ids.lacks_one();
            return None;
        }
        if let Some((message, help)) = wrong_id(id) {
            self.report(column, message, Some(help.to_owned()));
            let first = ids.add(id, index, self.row.offset());
            ids.add(id.trim(), index, self.row.offset());
            return first.is_none().then(|| id.to_owned());
        }
        if let Some(first) = ids.add(id, index, self.row.offset()) {
            self.twice(column, &format!("the id `{}`", shown(id)), first);
            return None;
        }
        Some(id.to_owned())
    }

    /// The index of a thing that must be there; `None` too where the things
    /// themselves could not be read.
    pub(super) fn known_id(
        &mut self,
        column: Option<usize>,
        ids: Option<&Ids>,
        what: &str,
    ) -> Option<u32> {
        let id = self.row.cell(column).map_or("", |cell| cell.text);
        if id.trim().is_empty() {
            self.empty(column, self.one(), format!("write the id of a {what}"));
            return None;
        }
        let ids = ids?;
        match ids.find(id) {
            None if ids.are_all() => {
                let (message, help) = ids.unknown(id);
                self.report(column, message, help);
                None
            }
            index => index,
        }
    }

    /// Reports that something stands in this row and on an earlier one.
    pub(super) fn twice(&mut self, column: Option<usize>, what: &str, first_offset: usize) {
        let first = self.table.source.line(first_offset);
        let message = format!("{what} stands twice, first on line {first}");
        self.report(column, message, Some("keep one of the two rows".to_owned()));
    }
}

fn number_help(text: &str, csv: bool) -> &'static str {
    if text.ends_with('%') {
        "write a share as a part of 1: 62 percent is 0.62"
    } else if text.contains(',') {
        "write a decimal point, and no separators of thousands"
    } else if csv {
        "leave the cell empty where the number is not known"
    } else {
        "leave the key out where the number is not known"
    }
}
