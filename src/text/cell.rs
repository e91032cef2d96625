//! Text in a CSV cell: no control characters, no formulas, and back.
//!
//! A hidden character becomes `\u{1b}`, and a backslash that would look like the
//! start of one becomes `\u{5c}`. A text that a spreadsheet would run as a formula
//! gets an apostrophe in front, which spreadsheets hide; so does one that already
//! has such apostrophes, so that taking one off gives the text back. Numbers are
//! left alone.

use std::borrow::Cow;

use super::is_hidden;

const ESCAPE: &str = "\\u{";

/// Whether a spreadsheet may take a text that starts so for a formula.
fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// Whether apostrophes, at least `least`, stand before the start of a formula.
fn guarded(text: &str, least: usize) -> bool {
    let rest = text.trim_start_matches('\'');
    text.len() - rest.len() >= least && starts_formula(rest)
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Appends a text as a CSV cell, quoted where it must be.
pub(crate) fn encode(text: &str, out: &mut Vec<u8>) {
    let guard = guarded(text, 0) && !is_number(text);
    let quote = text.contains(['"', ',']);
    if quote {
        out.push(b'"');
    }
    if guard {
        out.push(b'\'');
    }
    if text.contains(ESCAPE) || text.contains(is_hidden) {
        encode_hidden(text, out);
    } else {
        push_quoted(text, out);
    }
    if quote {
        out.push(b'"');
    }
}

fn push_quoted(text: &str, out: &mut Vec<u8>) {
    let mut pieces = text.split('"');
    out.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
    for piece in pieces {
        out.extend_from_slice(b"\"\"");
        out.extend_from_slice(piece.as_bytes());
    }
}

fn encode_hidden(text: &str, out: &mut Vec<u8>) {
    for (at, c) in text.char_indices() {
        if is_hidden(c) || text[at..].starts_with(ESCAPE) {
            out.extend_from_slice(format!("{ESCAPE}{:x}}}", u32::from(c)).as_bytes());
        } else if c == '"' {
            out.extend_from_slice(b"\"\"");
        } else {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// The text behind the contents of a CSV cell.
pub(crate) fn decode(cell: &str) -> Cow<'_, str> {
    if !cell.starts_with('\'') && !cell.as_bytes().contains(&b'\\') {
        return Cow::Borrowed(cell);
    }
    let cell = if guarded(cell, 1) { &cell[1..] } else { cell };
    if !cell.contains(ESCAPE) {
        return Cow::Borrowed(cell);
    }
    let mut text = String::with_capacity(cell.len());
    let mut rest = cell;
    while let Some(at) = rest.find(ESCAPE) {
        text.push_str(&rest[..at]);
        let (c, length) = escaped(&rest[at..]).unwrap_or(('\\', 1));
        text.push(c);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character that an escape at the start of `text` stands for, and the length
/// of the escape; only for characters that [`encode`] escapes.
fn escaped(text: &str) -> Option<(char, usize)> {
    let (hex, _) = text.strip_prefix(ESCAPE)?.split_once('}')?;
    let c = char::from_u32(u32::from_str_radix(hex, 16).ok()?)?;
    (is_hidden(c) || c == '\\').then_some((c, ESCAPE.len() + hex.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str) -> String {
        let mut out = Vec::new();
        encode(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn formulas_get_an_apostrophe_and_numbers_do_not() {
        assert_eq!(encoded("=1+1"), "'=1+1");
        assert_eq!(encoded("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(encoded("-0.5"), "-0.5");
        assert_eq!(encoded("+1e5"), "+1e5");
        assert_eq!(encoded("-inf"), "'-inf");
        assert_eq!(encoded("'=1"), "''=1");
        assert_eq!(encoded("'quoted'"), "'quoted'");
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(encoded("a\u{1b}[1m\r\n"), r"a\u{1b}[1m\u{d}\u{a}");
        assert_eq!(encoded(r"\u{41} \n"), r"\u{5c}u{41} \n");
        assert_eq!(encoded("a,\"b\"\u{7}"), "\"a,\"\"b\"\"\\u{7}\"");
    }

    #[test]
    fn an_escape_that_nobody_writes_is_left_as_it_is() {
        assert_eq!(decode(r"\u{41}\u{zz}\u{1b}"), "\\u{41}\\u{zz}\u{1b}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn a_cell_comes_back(text in r#"[-'=+@\\u{}0-9a,"\x1b\n\u202e]{0,8}"#) {
            let cell = encoded(&text);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(cell.as_bytes());
            let mut record = csv::StringRecord::new();
            let raw = if reader.read_record(&mut record).unwrap() { &record[0] } else { "" };
            prop_assert_eq!(decode(raw), text.as_str());
            prop_assert!(!cell.chars().any(is_hidden));
            prop_assert!(!starts_formula(raw) || is_number(raw));
        }
    }
}
