//! The double quotes of a CSV: where quoted cells end, and what nobody means by them.
//!
//! A CSV reader takes all that follows an open quote for one cell, and what follows a
//! closing one for more of the cell, so that rows are lost without a word.

/// What to do about a quote that is not as it should be.
pub(crate) const HELP: &str = "write a double quote within a quoted cell twice";

/// What is wrong with the quotes of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Where.
    pub(crate) at: usize,
    /// What.
    pub(crate) message: &'static str,
}

/// Where the cell that begins at `start` ends, before its separator or line end (`None`
/// where its quotes are not closed), and what is wrong with its quotes.
pub(crate) fn cell(bytes: &[u8], separator: u8, start: usize) -> (Option<usize>, Option<Wrong>) {
    let wrong = |at, message| Some(Wrong { at, message });
    let Some(closed) = quotes_end(bytes, start.min(bytes.len())) else {
        let message = "the double quote that opens this cell is never closed";
        return (None, wrong(start, message));
    };
    let is_end = |byte: &u8| *byte == separator || matches!(byte, b'\n' | b'\r');
    let rest = bytes[closed..].iter().position(is_end);
    let end = rest.map_or(bytes.len(), |length| closed + length);
    // The reader takes a text after the quotes for a part of the cell, but so does nobody
    // who writes CSV: a quote within the cell was not doubled.
    let after = bytes[closed..end].trim_ascii_start();
    if closed == start || after.is_empty() {
        return (Some(end), None);
    }
    let message = "this stands after the double quote that closes its cell";
    (Some(end), wrong(end - after.len(), message))
}

/// The first thing that is wrong with the quotes of a row. Line ends may stand before it.
pub(crate) fn row(bytes: &[u8], separator: u8) -> Option<Wrong> {
    if !bytes.contains(&b'"') {
        return None;
    }
    let line_ends = bytes
        .iter()
        .take_while(|byte| matches!(byte, b'\n' | b'\r'));
    let mut start = line_ends.count();
    loop {
        let (end, wrong) = cell(bytes, separator, start);
        if wrong.is_some() {
            return wrong;
        }
        let end = end?;
        if bytes.get(end) != Some(&separator) {
            return None;
        }
        start = end + 1;
    }
}

/// Where the quotes end that begin here; `None` where they are not closed, and here where
/// there are none.
fn quotes_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while bytes.get(at) == Some(&b'"') {
        at += 1;
        at += bytes[at..].iter().position(|byte| *byte == b'"')? + 1;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_ends_at_its_comma_or_line_end() {
        let end = |text: &str| cell(text.as_bytes(), b',', 0).0;
        assert_eq!(end("ab,c"), Some(2));
        assert_eq!(end("\"a,\"\"b\n\",c"), Some(8));
        assert_eq!(end("\"a\"b,c"), Some(4));
        assert_eq!(end("a\"b\r\n"), Some(3));
        assert_eq!(end(""), Some(0));
        assert_eq!(end("\"a,b"), None);
    }

    #[test]
    fn the_first_wrong_quote_of_a_row_is_found() {
        let at = |text: &str| row(text.as_bytes(), b',').map(|wrong| wrong.at);
        assert_eq!(at("\r\na,\"b\r\n\",c\"d\n"), None);
        assert_eq!(at("a,\"b\" ,\"\"\n"), None);
        assert_eq!(at("\na,\"b\" c,\"d"), Some(7));
        assert_eq!(at("a,\"b\",\"d\n"), Some(6));
        assert_eq!(at("a,b\n"), None);
    }
}
