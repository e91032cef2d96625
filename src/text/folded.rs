//! Text in one form, to be compared.

/// In lower case, with single blanks and plain apostrophes: what is the same but for how
/// it was typed.
pub(crate) fn folded(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let plain = |c| match c {
        '\u{b4}' | '`' | '\u{2018}' | '\u{2019}' => '\'',
        other => other,
    };
    words.join(" ").to_lowercase().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_text_was_typed_does_not_matter() {
        assert_eq!(folded("  It\u{2019}s  FINE\n"), "it's fine");
        assert_eq!(folded("Don\u{b4}t"), folded("don't"));
    }
}
