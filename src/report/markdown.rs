//! A report as Markdown, for pull requests and papers.

use super::Detail;
use super::document::{Block, Table, Tone, agreement, document, fairness, paper, scores, transfer};
use crate::analysis::Report;
use crate::analysis::agreement::AgreementReport;
use crate::analysis::paper::report::PaperReport;
use crate::analysis::scores::fairness::report::FairnessReport;
use crate::analysis::scores::report::ScoreReport;
use crate::analysis::transfer::report::TransferReport;

/// The report as GitHub-flavoured Markdown.
pub fn render(report: &Report, detail: Detail) -> String {
    render_blocks(document(report, detail))
}

/// An agreement report as GitHub-flavoured Markdown.
pub fn render_agreement(report: &AgreementReport) -> String {
    render_blocks(agreement(report))
}

/// Scores of structured answers as GitHub-flavoured Markdown.
pub fn render_scores(report: &ScoreReport) -> String {
    render_blocks(scores(report))
}

/// Transfer as GitHub-flavoured Markdown.
pub fn render_transfer(report: &TransferReport) -> String {
    render_blocks(transfer(report))
}

/// The paper's tables as GitHub-flavoured Markdown.
pub fn render_paper(report: &PaperReport) -> String {
    render_blocks(paper(report))
}

/// Fairness over subgroups as GitHub-flavoured Markdown.
pub fn render_fairness(report: &FairnessReport) -> String {
    render_blocks(fairness(report))
}

fn render_blocks(blocks: Vec<Block>) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Heading(depth, text) => {
                out.push_str(&"#".repeat(usize::from(depth)));
                out.push(' ');
                out.push_str(&escape(&text));
                out.push('\n');
            }
            Block::Paragraph(tone, text) => {
                out.push_str(&toned(tone, &text));
                out.push('\n');
            }
            Block::List(points) => {
                for (tone, text) in points {
                    out.push_str("- ");
                    out.push_str(&toned(tone, &text));
                    out.push('\n');
                }
            }
            Block::Table(table) => rows(&table, &mut out),
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn toned(tone: Tone, text: &str) -> String {
    match tone {
        Tone::Plain => escape(text),
        Tone::Loud => format!("**{}**", escape(text)),
    }
}

fn rows(table: &Table, out: &mut String) {
    row(table.header.iter().map(|title| escape(title)), out);
    let rule = |i: usize| if i < table.left { "---" } else { "---:" };
    row((0..table.header.len()).map(|i| rule(i).to_owned()), out);
    for cells in &table.rows {
        row(cells.iter().map(|cell| escape(cell)), out);
    }
}

fn row(cells: impl Iterator<Item = String>, out: &mut String) {
    out.push('|');
    for cell in cells {
        out.push(' ');
        out.push_str(&cell);
        out.push_str(" |");
    }
    out.push('\n');
}

/// Text in which Markdown and HTML see nothing but text.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let inside_word =
            before.is_alphanumeric() && rest.peek().is_some_and(|c| c.is_alphanumeric());
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '[' | ']' | '|' | '#' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '_' if !inside_word => escaped.push_str("\\_"),
            // Keeps a name that looks like an address from becoming a link.
            ':' if rest.peek() == Some(&'/') => escaped.push_str("&#58;"),
            // Keeps a name from becoming a mention.
            '@' if !before.is_alphanumeric() => escaped.push_str("&#64;"),
            c => escaped.push(c),
        }
        before = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_markup() {
        assert_eq!(escape("a|b"), "a\\|b");
        assert_eq!(escape("<b>&*x*`"), "&lt;b&gt;&amp;\\*x\\*\\`");
        assert_eq!(escape("persona_winner _x_"), "persona_winner \\_x\\_");
        assert_eq!(escape("[x](http://y)"), "\\[x\\](http&#58;//y)");
    }
}
