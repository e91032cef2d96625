//! What separates the cells of a table that somebody wrote.
//!
//! Spreadsheets write semicolons where the comma is the decimal sign, and tabs where
//! cells were copied. The header tells which, with the row under it: labels of columns may
//! hold commas, and decimals too, but seldom as many. A line `sep=;` before them, which Excel
//! reads, says it itself.

/// Separators that are read. Of those equally frequent the first is taken.
const KNOWN: [u8; 3] = [b',', b';', b'\t'];

/// The separator of a table with this text: of those that stand as often in the second
/// line as in the first, else of all, the one that stands most often in the first line,
/// outside of quotes; else a comma. Blank lines are passed over.
pub(crate) fn of(text: &[u8]) -> u8 {
    if let Some((declared, _)) = declared(text) {
        return declared;
    }
    let (header, rest) = first_line(text);
    let (row, _) = first_line(rest);
    let mut best: Option<usize> = None;
    let held = |place: usize| header[place] > 0 && header[place] == row[place];
    let any_held = (0..KNOWN.len()).any(held);
    for place in (0..KNOWN.len()).filter(|place| !any_held || held(*place)) {
        if best.is_none_or(|best| header[place] > header[best]) {
            best = Some(place);
        }
    }
    KNOWN[best.unwrap_or_default()]
}

/// Bytes of the first line where it names the separator and does nothing else, without its
/// end, so that what follows has the lines of the file; else 0.
pub(crate) fn declaration(text: &[u8]) -> usize {
    declared(text).map_or(0, |(_, length)| length)
}

/// The separator that the first line names, `sep=;`, and the bytes of that line.
fn declared(text: &[u8]) -> Option<(u8, usize)> {
    let end = text.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    let line = &text[..end.unwrap_or(text.len())];
    let length = line.len();
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let line = line.strip_suffix(b"\"").unwrap_or(line);
    let (word, named) = line.split_at_checked(4)?;
    let named = KNOWN.into_iter().find(|known| named == [*known]);
    let is_it = word.eq_ignore_ascii_case(b"sep=");
    named.filter(|_| is_it).map(|named| (named, length))
}

/// How often each separator stands in the first line that is not blank, outside of
/// quotes, and what follows the line.
fn first_line(text: &[u8]) -> ([usize; KNOWN.len()], &[u8]) {
    let begin = text.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    let line = &text[begin.unwrap_or(text.len())..];
    let mut counts = [0_usize; KNOWN.len()];
    let mut quoted = false;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => return (counts, &line[at..]),
            byte if !quoted => {
                for (count, known) in counts.iter_mut().zip(KNOWN) {
                    *count += usize::from(*byte == known);
                }
            }
            _ => {}
        }
    }
    (counts, &[])
}

/// A separator in words, one and several.
pub(crate) fn named(separator: u8) -> (&'static str, &'static str) {
    match separator {
        b';' => ("semicolon", "semicolons"),
        b'\t' => ("tab", "tabs"),
        _ => ("comma", "commas"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("id,sex\n1;2;3", b',')]
    #[case("id;sex\n1,2,3", b';')]
    #[case("id\tsex, male or not\tage", b'\t')]
    #[case("\r\n\nid;sex;age", b';')]
    #[case("\"a;b;c\",d\n", b',')]
    #[case("\"a,b\nc,d\";e", b';')]
    #[case("a,b;c", b',')]
    #[case("Q1: How, then;Q2: Why, then, or not\n1;2\n", b';')]
    #[case("id;share\n1;0,5\n", b';')]
    #[case("id,share\n1\n", b',')]
    #[case("sep=;\nid,sex;age\n1,2;3\n", b';')]
    #[case("\"SEP=\t\"\r\nid,sex\n", b'\t')]
    #[case("sep=;id\n1,2\n", b';')]
    #[case("sep=x\nid,sex\n", b',')]
    #[case("id", b',')]
    #[case("", b',')]
    fn the_header_tells_the_separator(#[case] text: &str, #[case] separator: u8) {
        assert_eq!(of(text.as_bytes()), separator);
    }
}
