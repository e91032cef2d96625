//! What separates the cells of a table that somebody wrote.
//!
//! Spreadsheets write semicolons where the comma is the decimal sign, and tabs where
//! cells were copied. The header tells which: names of columns seldom hold any.

/// Separators that are read. Of those equally frequent the first is taken.
const KNOWN: [u8; 3] = [b',', b';', b'\t'];

/// The separator of a table with this text, judged by its first line that is not
/// blank: the one that stands most often outside of quotes, else a comma.
pub(crate) fn of(text: &[u8]) -> u8 {
    let begin = text.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    let mut counts = [0_usize; KNOWN.len()];
    let mut quoted = false;
    for byte in text.iter().skip(begin.unwrap_or(text.len())) {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            byte if !quoted => {
                for (count, known) in counts.iter_mut().zip(KNOWN) {
                    *count += usize::from(*byte == known);
                }
            }
            _ => {}
        }
    }
    let mut best = 0;
    for (place, count) in counts.iter().enumerate() {
        if *count > counts[best] {
            best = place;
        }
    }
    KNOWN[best]
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
    #[case("id", b',')]
    #[case("", b',')]
    fn the_header_tells_the_separator(#[case] text: &str, #[case] separator: u8) {
        assert_eq!(of(text.as_bytes()), separator);
    }
}
