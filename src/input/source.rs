//! The text of an input file, with the line and column of every byte of it.
//!
//! Bytes that are not UTF-8 are replaced, and their places kept, so that reading
//! can go on and find the other problems of the file too.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::problem::Problem;

/// A text file in memory.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file, as the user named it.
    pub(crate) path: PathBuf,
    /// Its text, without a byte order mark.
    pub(crate) text: String,
    line_starts: Vec<usize>,
    undecoded: Vec<usize>,
    utf16: bool,
}

impl Source {
    /// The text of these bytes.
    pub(crate) fn new(path: &Path, bytes: impl Into<Vec<u8>>) -> Self {
        let mut bytes = bytes.into();
        let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        let mark = "\u{feff}".as_bytes();
        if bytes.starts_with(mark) {
            bytes.drain(..mark.len());
        }
        let mut undecoded = Vec::new();
        let text = String::from_utf8(bytes).unwrap_or_else(|error| {
            let mut text = String::new();
            for chunk in error.as_bytes().utf8_chunks() {
                text.push_str(chunk.valid());
                if !chunk.invalid().is_empty() {
                    undecoded.push(text.len());
                    text.push(char::REPLACEMENT_CHARACTER);
                }
            }
            text
        });
        Self {
            path: path.to_owned(),
            line_starts: line_starts(&text),
            text,
            undecoded,
            utf16,
        }
    }

    /// Line and column in characters, both from 1, of a byte of the text.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        (line, self.text[start..offset].chars().count() + 1)
    }

    /// The line of a byte of the text, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.place(offset).0
    }

    /// An error at a byte of the text.
    pub(crate) fn error(
        &self,
        offset: usize,
        field: impl Into<String>,
        message: impl Into<String>,
    ) -> Problem {
        let (line, column) = self.place(offset);
        Problem::error(&self.path, message)
            .line(line)
            .column(column)
            .field(field)
    }

    /// A warning at a byte of the text.
    pub(crate) fn warning(
        &self,
        offset: usize,
        field: impl Into<String>,
        message: impl Into<String>,
    ) -> Problem {
        Problem {
            severity: crate::problem::Severity::Warning,
            ..self.error(offset, field, message)
        }
    }

    /// The first byte in this range that was not UTF-8.
    pub(crate) fn undecoded_in(&self, range: Range<usize>) -> Option<usize> {
        let next = self
            .undecoded
            .partition_point(|offset| *offset < range.start);
        self.undecoded
            .get(next)
            .copied()
            .filter(|offset| range.contains(offset))
    }

    /// What is wrong with the encoding of the file as a whole: all of it where it
    /// is UTF-16, else the places that are not UTF-8, at the first of them.
    pub(crate) fn encoding_problem(&self) -> Option<Problem> {
        const SHOWN: usize = 8;
        let first = *self.undecoded.first()?;
        let (line, column) = self.place(first);
        let problem = Problem::error(&self.path, "").line(line).column(column);
        if self.utf16 {
            return Some(Problem {
                message: "this file is UTF-16, not UTF-8".to_owned(),
                help: Some("save it as UTF-8".to_owned()),
                ..problem
            });
        }
        let mut lines: Vec<_> = self
            .undecoded
            .iter()
            .map(|offset| self.line(*offset))
            .collect();
        lines.dedup();
        let shown: Vec<_> = lines.iter().take(SHOWN).map(usize::to_string).collect();
        let more = match lines.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(Problem {
            message: format!("this is not UTF-8 (lines: {}{more})", shown.join(", ")),
            help: Some("save the file as UTF-8".to_owned()),
            ..problem
        })
    }

    /// Whether the file is UTF-16, so that nothing in it can be read.
    pub(crate) fn is_utf16(&self) -> bool {
        self.utf16
    }
}

/// A text of the user's as it can stand in a message: short, without control
/// characters.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut shown: String = text
        .chars()
        .take(MOST)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

/// Where each line begins; a line ends with `\n`, `\r\n`, or a lone `\r`.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (offset, byte) in bytes.iter().enumerate() {
        let ends_line = match byte {
            b'\n' => true,
            b'\r' => bytes.get(offset + 1) != Some(&b'\n'),
            _ => false,
        };
        if ends_line {
            starts.push(offset + 1);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(bytes: &[u8]) -> Source {
        Source::new(Path::new("f"), bytes)
    }

    #[test]
    fn places_count_characters_and_every_kind_of_line_end() {
        let source = source("äb\r\ncd\rx\n\ny".as_bytes());
        let place = |needle: char| source.place(source.text.find(needle).unwrap());
        assert_eq!(place('b'), (1, 2));
        assert_eq!(place('d'), (2, 2));
        assert_eq!(place('x'), (3, 1));
        assert_eq!(place('y'), (5, 1));
        assert_eq!(source.place(1_000), (5, 2));
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_text() {
        let source = source(b"\xef\xbb\xbfid\n");
        assert_eq!(source.text, "id\n");
        assert!(source.encoding_problem().is_none());
    }

    #[test]
    fn bytes_that_are_not_utf8_are_placed() {
        let source = source(b"ok\ncaf\xe9,\nna\xefve\n");
        assert_eq!(source.place(source.undecoded_in(3..20).unwrap()), (2, 4));
        assert_eq!(source.undecoded_in(0..3), None);
        insta::assert_snapshot!(source.encoding_problem().unwrap(), @r"
        f:2:4: this is not UTF-8 (lines: 2, 3)
          help: save the file as UTF-8
        ");
    }

    #[test]
    fn utf16_is_named() {
        let source = source(b"\xff\xfei\0d\0");
        assert!(source.is_utf16());
        insta::assert_snapshot!(source.encoding_problem().unwrap(), @r"
        f:1:1: this file is UTF-16, not UTF-8
          help: save it as UTF-8
        ");
    }
}
