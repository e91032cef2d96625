//! Halves of a surrogate pair in JSON text, as writers leave them that cut a text
//! inside a character. A strict reader refuses a string that holds one.

/// The JSON text with each lone half replaced by U+FFFD; `None` where there is none.
pub(crate) fn whole_surrogates(json: &str) -> Option<String> {
    let bytes = json.as_bytes();
    let mut repaired = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        let length = escape_length(bytes, at);
        if length == 6 && matches!(code_unit(bytes, at), Some(0xD800..=0xDFFF)) {
            repaired.push_str(&json[copied..at]);
            repaired.push_str("\\ufffd");
            copied = at + length;
        }
        at += length;
    }
    if copied == 0 {
        return None;
    }
    repaired.push_str(&json[copied..]);
    Some(repaired)
}

/// Bytes of the escape that begins at `at`, which stands for one character: two of
/// `\uXXXX` where they make a pair. A backslash takes the byte after it along, which
/// may be a backslash too.
pub(crate) fn escape_length(json: &[u8], at: usize) -> usize {
    match code_unit(json, at) {
        Some(0xD800..=0xDBFF) if matches!(code_unit(json, at + 6), Some(0xDC00..=0xDFFF)) => 12,
        Some(_) => 6,
        None => 2,
    }
}

/// The UTF-16 code unit of the escape of four hexadecimal digits that begins at `at`.
fn code_unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    u16::from_str_radix(digits, 16).ok()
}
