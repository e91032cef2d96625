//! Terms as text for a terminal. Markdown's marks are taken off; formulas stand
//! indented, as they are written.

use std::fmt::Write as _;

use super::Term;
use crate::report::table::{BOLD, RESET, Style, wrapped};

/// A term with all that is said of it.
pub fn page(term: &Term, style: Style) -> String {
    let mut out = format!("{}\n", loud(term.name, style));
    if !term.also.is_empty() {
        let also = format!("also: {}", term.also.join(", "));
        push_wrapped(&also, "", style, &mut out);
    }
    out.push('\n');
    for block in blocks(term.text) {
        match block {
            Block::Formula(lines) => {
                for line in lines {
                    out.push_str("    ");
                    out.push_str(line);
                    out.push('\n');
                }
            }
            Block::Table(rows) => push_table(&rows, &mut out),
            Block::Words(words) => {
                let words = unmarked(&words);
                let start = out.len();
                push_wrapped(&words, "", style, &mut out);
                if let Some(label) = LABELS.iter().find(|label| words.starts_with(**label)) {
                    out.replace_range(start..start + label.len(), &loud(label, style));
                }
            }
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// What starts the parts of a term.
const LABELS: [&str; 3] = ["Formula.", "Source.", "Not for."];

/// All terms under their groups, with the first sentence of each.
pub fn list(terms: &[Term], style: Style) -> String {
    let mut out = String::new();
    for group in terms.chunk_by(|a, b| a.group == b.group) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&loud(group[0].group, style));
        out.push('\n');
        for term in group {
            let line = format!("{}: {}", term.name, first_sentence(term));
            push_wrapped(&line, "  ", style, &mut out);
        }
    }
    out
}

fn first_sentence(term: &Term) -> String {
    let words = match blocks(term.text).into_iter().next() {
        Some(Block::Words(words)) => unmarked(&words),
        _ => String::new(),
    };
    match words.find(". ") {
        Some(end) => words[..=end].to_owned(),
        None => words,
    }
}

fn loud(text: &str, style: Style) -> String {
    if style.colour {
        format!("{BOLD}{text}{RESET}")
    } else {
        text.to_owned()
    }
}

/// Lines of whole words; those after the first are indented by two more.
fn push_wrapped(text: &str, indent: &str, style: Style, out: &mut String) {
    let hang = if indent.is_empty() { "" } else { "  " };
    let width = style
        .width
        .saturating_sub((indent.len() + hang.len()) as u16);
    for (i, line) in wrapped(text, width).iter().enumerate() {
        out.push_str(indent);
        if i > 0 {
            out.push_str(hang);
        }
        out.push_str(line);
        out.push('\n');
    }
}

enum Block<'a> {
    /// Lines of one paragraph, joined.
    Words(String),
    /// Lines that stand as they are.
    Formula(Vec<&'a str>),
    /// The rows of a table, the header the first.
    Table(Vec<&'a str>),
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().peekable();
    let mut words: Vec<&str> = Vec::new();
    while let Some(line) = lines.next() {
        let (fence, row) = (line.starts_with("```"), line.starts_with('|'));
        if (fence || row || line.is_empty()) && !words.is_empty() {
            blocks.push(Block::Words(words.join(" ")));
            words.clear();
        }
        if fence {
            let formula = lines.by_ref().take_while(|line| !line.starts_with("```"));
            blocks.push(Block::Formula(formula.collect()));
        } else if row {
            let mut rows = vec![line];
            rows.extend(std::iter::from_fn(|| {
                lines.next_if(|line| line.starts_with('|'))
            }));
            blocks.push(Block::Table(rows));
        } else if !line.is_empty() {
            words.push(line.trim());
        }
    }
    if !words.is_empty() {
        blocks.push(Block::Words(words.join(" ")));
    }
    blocks
}

/// The cells of a table in columns, indented, without the line under its header.
fn push_table(rows: &[&str], out: &mut String) {
    let cells = |row: &&str| -> Vec<String> {
        let cells = row.trim_matches('|').split('|');
        cells.map(|cell| unmarked(cell.trim())).collect()
    };
    let is_line = |row: &&&str| row.chars().all(|c| "|-: ".contains(c));
    let rows: Vec<Vec<String>> = rows.iter().filter(|row| !is_line(row)).map(cells).collect();
    let length =
        |row: &Vec<String>, column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    for row in &rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = rows.iter().map(|row| length(row, column)).max();
            // Writing to a string cannot fail.
            let _ = write!(line, "  {cell:<0$}", width.unwrap_or_default());
        }
        out.push_str("  ");
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// A paragraph without marks of emphasis, code and links. What stands in code is
/// kept as it is.
fn unmarked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, piece) in text.split('`').enumerate() {
        if i % 2 == 1 {
            out.push_str(piece);
            continue;
        }
        let mut rest = piece;
        while let Some((before, after)) = rest.split_once("](") {
            let label = before.rfind('[');
            let end = after.find(')');
            let (Some(label), Some(end)) = (label, end) else {
                break;
            };
            push_plain(&before[..label], &mut out);
            push_plain(&before[label + 1..], &mut out);
            rest = &after[end + 1..];
        }
        push_plain(rest, &mut out);
    }
    out
}

fn push_plain(text: &str, out: &mut String) {
    out.extend(text.chars().filter(|c| *c != '*'));
}
