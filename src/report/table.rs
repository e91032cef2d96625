//! A report for people at a terminal.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Width, presets};

use super::Detail;
use super::document::{self, Block, Tone, document};
use crate::analysis::Report;
use crate::analysis::agreement::AgreementReport;
use crate::analysis::paper::report::PaperReport;
use crate::analysis::scores::fairness::report::FairnessReport;
use crate::analysis::scores::report::ScoreReport;
use crate::analysis::source_figures::SourceFigures;
use crate::analysis::transfer::report::TransferReport;

/// How a report is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Most columns of a line; a word that is longer stands on a line of its own.
    pub width: u16,
    /// Whether terminal colours are used.
    pub colour: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: 100,
            colour: false,
        }
    }
}

pub(super) const BOLD: &str = "\u{1b}[1m";
const YELLOW: &str = "\u{1b}[33m";
pub(super) const RESET: &str = "\u{1b}[0m";

/// The report as text in tables.
pub fn render(report: &Report, detail: Detail, style: Style) -> String {
    render_blocks(document(report, detail), style)
}

/// An agreement report as text in tables.
pub fn render_agreement(report: &AgreementReport, style: Style) -> String {
    render_blocks(document::agreement(report), style)
}

/// Scores of structured answers as text in tables.
pub fn render_scores(report: &ScoreReport, style: Style) -> String {
    render_blocks(document::scores(report), style)
}

/// Transfer as text in tables.
pub fn render_transfer(report: &TransferReport, style: Style) -> String {
    render_blocks(document::transfer(report), style)
}

/// The paper's tables as text.
pub fn render_paper(report: &PaperReport, style: Style) -> String {
    render_blocks(document::paper(report), style)
}

/// Fairness over subgroups as text in tables.
pub fn render_fairness(report: &FairnessReport, style: Style) -> String {
    render_blocks(document::fairness(report), style)
}

/// The figures of another tool as text in tables.
pub fn render_source_figures(sets: &[SourceFigures], style: Style) -> String {
    let mut blocks = Vec::new();
    document::source_figures(sets, &mut blocks);
    render_blocks(blocks, style)
}

fn render_blocks(blocks: Vec<Block>, style: Style) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Heading(depth, text) => heading(depth, &text, style, &mut out),
            Block::Paragraph(tone, text) => {
                paragraph(tone, &text, "", style, &mut out);
                out.push('\n');
            }
            Block::List(points) => {
                for (tone, text) in points {
                    paragraph(tone, &text, "- ", style, &mut out);
                }
                out.push('\n');
            }
            Block::Table(table) => {
                for part in parts(table, style.width) {
                    rows(&part, style, &mut out);
                    out.push('\n');
                }
            }
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn push_line(line: &str, codes: &str, style: Style, out: &mut String) {
    if style.colour && !codes.is_empty() {
        out.push_str(codes);
        out.push_str(line);
        out.push_str(RESET);
    } else {
        out.push_str(line);
    }
    out.push('\n');
}

fn heading(depth: u8, text: &str, style: Style, out: &mut String) {
    let lines = wrapped(text, style.width);
    let length = lines
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or_default();
    for line in lines {
        push_line(&line, BOLD, style, out);
    }
    match depth {
        1 => push_line(&"═".repeat(length), "", style, out),
        2 => push_line(&"─".repeat(length), "", style, out),
        _ => {}
    }
    if depth < 3 {
        out.push('\n');
    }
}

fn paragraph(tone: Tone, text: &str, mark: &str, style: Style, out: &mut String) {
    let codes = match tone {
        Tone::Plain => "",
        Tone::Loud => YELLOW,
    };
    let width = style.width.saturating_sub(mark.len() as u16);
    for (i, line) in wrapped(text, width).iter().enumerate() {
        let lead = if i == 0 {
            mark.to_owned()
        } else {
            " ".repeat(mark.len())
        };
        push_line(&format!("{lead}{line}"), codes, style, out);
    }
}

/// Lines of whole words.
pub(super) fn wrapped(text: &str, width: u16) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0;
    for word in text.split(' ') {
        let added = word.chars().count();
        match lines.last_mut() {
            Some(line) if length + 1 + added <= usize::from(width) => {
                line.push(' ');
                line.push_str(word);
                length += 1 + added;
            }
            _ => {
                lines.push(word.to_owned());
                length = added;
            }
        }
    }
    lines
}

fn rows(table: &document::Table, style: Style, out: &mut String) {
    let mut laid = comfy_table::Table::new();
    let mut lines = presets::NOTHING;
    lines.header_separator = comfy_table::LineStyle::none().fill('─').junction('─');
    laid.load_style(lines)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(style.width)
        .force_no_tty();
    let align = |(i, text): (usize, &String)| {
        let side = if i < table.left {
            CellAlignment::Left
        } else {
            CellAlignment::Right
        };
        Cell::new(text).set_alignment(side)
    };
    laid.set_header(table.header.iter().enumerate().map(align));
    for row in &table.rows {
        laid.add_row(row.iter().enumerate().map(align));
    }
    let widths = column_widths(table, laid.column_max_content_widths(), style.width);
    for (i, column) in laid.column_iter_mut().enumerate() {
        column.set_padding((0, GAP - 1));
        if let Some(widths) = &widths {
            let width = Width::Fixed(widths[i] + GAP - 1);
            column.set_constraint(ColumnConstraint::Absolute(width));
        }
    }
    let mut in_header = true;
    for line in laid.lines() {
        in_header &= !line.starts_with('─');
        push_line(
            line.trim_end(),
            if in_header { BOLD } else { "" },
            style,
            out,
        );
    }
}

/// Spaces between columns, of which the table itself draws one.
const GAP: u16 = 2;
/// Fewest characters of a name in a line.
const NAME: u16 = 8;
/// Most characters of a word of a name that stays whole.
const WORD: u16 = 16;

/// A table too wide for a line as several, each with its first columns and as many of the
/// others as fit.
fn parts(table: document::Table, width: u16) -> Vec<document::Table> {
    let narrowest: Vec<u16> = (0..table.header.len())
        .map(|i| narrowest(&table, i))
        .collect();
    let (names, numbers) = narrowest.split_at(table.left);
    if total(&narrowest) <= width {
        return vec![table];
    }
    let room = width.saturating_sub(total(names));
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut left = 0;
    for (i, number) in numbers.iter().enumerate() {
        let number = number.saturating_add(GAP);
        match parts.last_mut() {
            Some(part) if number <= left => part.push(table.left + i),
            _ => {
                parts.push(vec![table.left + i]);
                left = room;
            }
        }
        left = left.saturating_sub(number);
    }
    let of = |columns: Vec<usize>| {
        let cells = |row: &Vec<String>| -> Vec<String> {
            let columns = (0..table.left).chain(columns.iter().copied());
            columns.filter_map(|i| row.get(i)).cloned().collect()
        };
        document::Table {
            header: cells(&table.header),
            rows: table.rows.iter().map(cells).collect(),
            left: table.left,
        }
    };
    if parts.len() < 2 {
        vec![table]
    } else {
        parts.into_iter().map(of).collect()
    }
}

/// What columns of these widths take of a line.
fn total(widths: &[u16]) -> u16 {
    let gaps = widths.iter().map(|width| width.saturating_add(GAP));
    gaps.fold(0, u16::saturating_add)
}

/// The fewest characters of a column: numbers stay whole, and titles break between words,
/// as names do but for long words.
fn narrowest(table: &document::Table, i: usize) -> u16 {
    let length = |text: &str| text.chars().count() as u16;
    let words = table.header[i].split(' ').map(length);
    let title = words.max().unwrap_or_default();
    let cells = || table.rows.iter().filter_map(|row| row.get(i));
    let longest = cells().map(|cell| length(cell)).max().unwrap_or_default();
    if i < table.left {
        let words = cells().flat_map(|cell| cell.split(' ')).map(length);
        let word = words.filter(|word| *word <= WORD).max().unwrap_or_default();
        title.max(longest.min(NAME)).max(word)
    } else {
        title.max(longest)
    }
}

/// The width of each column: numbers stay whole, titles break between words where
/// they must, and names share what is left. `None` where the numbers alone are too
/// wide, which is left to the table's own arrangement.
fn column_widths(table: &document::Table, whole: Vec<u16>, width: u16) -> Option<Vec<u16>> {
    if total(&whole) <= width {
        return Some(whole);
    }
    let numbers: Vec<u16> = (table.left..whole.len())
        .map(|i| narrowest(table, i))
        .collect();
    let mut room = width.checked_sub(total(&numbers))?;
    let mut widths = vec![0; table.left];
    // The shortest first, so that what it leaves of its share goes to the longer.
    let mut names: Vec<usize> = (0..table.left).collect();
    names.sort_by_key(|name| whole[*name]);
    for (done, &name) in names.iter().enumerate() {
        let least: Vec<u16> = names[done..].iter().map(|i| narrowest(table, *i)).collect();
        let most = room.checked_sub(total(&least))? + least[0];
        let share = (room / least.len() as u16).saturating_sub(GAP);
        widths[name] = share.max(least[0]).min(most).min(whole[name]);
        room = room.checked_sub(widths[name] + GAP)?;
    }
    // What the names leave goes to the titles that had to break.
    for (narrow, whole) in numbers.iter().zip(&whole[table.left..]) {
        let more = room.min(whole.saturating_sub(*narrow));
        widths.push(narrow + more);
        room -= more;
    }
    Some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_too_wide_is_cut_and_no_number_or_title_broken() {
        let mut table = document::Table {
            header: ["criterion", "win rate", "interval", "p", "help of first"]
                .map(str::to_owned)
                .to_vec(),
            rows: vec![
                ["depth", "56.1%", "42.0–63.1", "0.120", "+1.5 to +12.5"]
                    .map(str::to_owned)
                    .to_vec(),
            ],
            left: 1,
        };
        let style = |width| Style {
            width,
            colour: false,
        };
        let laid = |table: &document::Table, width| {
            render_blocks(vec![Block::Table(table.clone())], style(width))
        };
        insta::assert_snapshot!(laid(&table, 40), @r"
        criterion  win rate   interval      p
        ──────────────────────────────────────
        depth         56.1%  42.0–63.1  0.120

        criterion  help of first
        ─────────────────────────
        depth      +1.5 to +12.5
        ");
        for width in 26..60 {
            let text = laid(&table, width);
            let numbers = table.rows[0][1..].iter();
            let words = table.header.iter().flat_map(|title| title.split(' '));
            for whole in numbers.map(String::as_str).chain(words) {
                assert!(text.contains(whole), "{whole} at {width}:\n{text}");
            }
            assert!(
                text.lines()
                    .all(|line| line.chars().count() <= usize::from(width))
            );
        }
        table.left = 0;
        assert!(laid(&table, 20).contains("42.0–63.1"));
    }

    #[test]
    fn words_of_names_stay_whole_but_for_long_ones() {
        let table = document::Table {
            header: ["model", "accuracy", "error"].map(str::to_owned).to_vec(),
            rows: vec![
                ["tuned, phrasing persona-third", "61.0%", "0.27"]
                    .map(str::to_owned)
                    .to_vec(),
                ["a_name_that_is_far_too_long_for_it", "61.0%", "0.27"]
                    .map(str::to_owned)
                    .to_vec(),
            ],
            left: 1,
        };
        for width in 30..60 {
            let style = Style {
                width,
                colour: false,
            };
            let text = render_blocks(vec![Block::Table(table.clone())], style);
            assert!(text.contains("persona-third"), "{width}:\n{text}");
            assert!(
                text.lines()
                    .all(|line| line.chars().count() <= usize::from(width)),
                "{width}:\n{text}"
            );
        }
    }
}
