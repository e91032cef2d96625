//! Tables whose text is not what their file's name says.

/// Bytes by which a text is told.
pub(crate) const ENOUGH: usize = 4096;

/// What a table is that begins so, where it is to be read as CSV or else as JSON Lines and
/// is neither a table of that kind nor a broken one; and what to do.
pub(crate) fn what(start: &str, as_csv: bool) -> Option<(&'static str, &'static str)> {
    let start = start.trim_start();
    let list = start.strip_prefix('[');
    if !as_csv && list.is_some() {
        Some((
            "this is a JSON list, not JSONL",
            "write one object a line, without the list around them",
        ))
    } else if as_csv && list.is_some_and(is_object) {
        Some((
            "this is a JSON list, not CSV",
            "write one object a line, without the list around them, to a file whose name ends in .jsonl",
        ))
    } else if as_csv && is_object(start) {
        Some((
            "this is JSON, not CSV",
            "where each line is an object, give the file a name that ends in .jsonl",
        ))
    } else if !as_csv && is_header(start) {
        Some((
            "this is CSV, not JSONL",
            "give the file a name that ends in .csv",
        ))
    } else {
        None
    }
}

/// Whether a text begins with a JSON object.
fn is_object(text: &str) -> bool {
    let inside = text.trim_start().strip_prefix('{');
    inside.is_some_and(|inside| inside.trim_start().starts_with(['"', '}']))
}

/// Whether a text begins with a line of cells, and with nothing of JSON.
fn is_header(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    line.contains([',', ';', '\t']) && !line.contains(['{', '}']) && !line.contains("\":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_no_csv_and_csv_is_no_json() {
        let said = |start: &str, as_csv: bool| what(start, as_csv).map(|(what, _)| what);
        let list = "[\n  {\"id\": 1}\n]";
        assert_eq!(said(list, true), Some("this is a JSON list, not CSV"));
        assert_eq!(said(list, false), Some("this is a JSON list, not JSONL"));
        assert_eq!(said("\n{ \"id\": 1}", true), Some("this is JSON, not CSV"));
        assert_eq!(said("{\"id\": 1, \"n\": 2}\n", false), None);
        for csv in ["id,text\n1,{}\n", "\"id\";\"text\"\n", "id\ttext\n"] {
            assert_eq!(said(csv, true), None);
            assert_eq!(said(csv, false), Some("this is CSV, not JSONL"));
        }
        // What is neither is for the reader to tell.
        for odd in ["", "id\n", "\"id\": 1, \"n\": 2}\n"] {
            assert_eq!(said(odd, false), None);
        }
        for header in ["{id},text\n", "[id],text\n", "[{id},text\n"] {
            assert_eq!(said(header, true), None);
        }
    }
}
