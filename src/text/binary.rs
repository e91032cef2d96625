//! Files that people name where a table of text is expected.

/// What a file is that begins with these bytes and is no text, and what to do.
pub(crate) fn what(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const KNOWN: [(&[u8], &str, &str); 5] = [
        (
            b"SQLite format 3\0",
            "this is an SQLite file, not a table of text",
            "where it is the store of a run, name its results folder; else export the table as CSV",
        ),
        (
            b"PK\x03\x04",
            "this is a ZIP file or an Excel workbook, not a table of text",
            "save the sheet as CSV in UTF-8",
        ),
        (
            b"\x1f\x8b",
            "this file is compressed (gzip)",
            "unpack it first",
        ),
        (
            b"\x28\xb5\x2f\xfd",
            "this file is compressed (zstd)",
            "unpack it first",
        ),
        (
            b"PAR1",
            "this is a Parquet file, not a table of text",
            "export it as CSV",
        ),
    ];
    KNOWN
        .iter()
        .find(|(start, _, _)| bytes.starts_with(start))
        .map(|(_, what, help)| (*what, *help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_text_are_known_by_their_first_bytes() {
        assert!(what(b"SQLite format 3\0...").unwrap().0.contains("SQLite"));
        assert!(what(b"PK\x03\x04").unwrap().1.contains("CSV"));
        assert!(what(b"id,text\n").is_none());
        assert!(what(b"").is_none());
    }
}
