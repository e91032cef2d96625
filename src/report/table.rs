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
                rows(&table, style, &mut out);
                out.push('\n');
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

/// The width of each column: numbers stay whole, titles break between words where
/// they must, and names share what is left. `None` where the numbers alone are too
/// wide, which is left to the table's own arrangement.
fn column_widths(table: &document::Table, whole: Vec<u16>, width: u16) -> Option<Vec<u16>> {
    let total = |widths: &[u16]| widths.iter().map(|width| width + GAP).sum::<u16>();
    if total(&whole) <= width {
        return Some(whole);
    }
    let length = |text: &str| text.chars().count() as u16;
    let narrowest = |i: usize| {
        let cells = table
            .rows
            .iter()
            .filter_map(|row| row.get(i))
            .map(|cell| length(cell));
        let words = table.header[i].split(' ').map(length);
        cells.chain(words).max().unwrap_or_default()
    };
    let numbers: Vec<u16> = (table.left..whole.len()).map(narrowest).collect();
    let mut room = width.checked_sub(total(&numbers))?;
    let mut widths = vec![0; table.left];
    // The shortest first, so that what it leaves of its share goes to the longer.
    let mut names: Vec<usize> = (0..table.left).collect();
    names.sort_by_key(|name| whole[*name]);
    for (done, name) in names.into_iter().enumerate() {
        let share = room / (table.left - done) as u16;
        let given = share.checked_sub(GAP).filter(|share| *share >= NAME)?;
        widths[name] = given.min(whole[name]);
        room -= widths[name] + GAP;
    }
    // What the names leave goes to the titles that had to break.
    for (narrow, whole) in numbers.iter().zip(&whole[table.left..]) {
        let more = room.min(whole.saturating_sub(*narrow));
        widths.push(narrow + more);
        room -= more;
    }
    Some(widths)
}
