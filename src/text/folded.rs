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

/// The words alone: what is the same but for case and how it is pointed.
pub(crate) fn words_alone(text: &str) -> String {
    let text = folded(text);
    let mut words = String::with_capacity(text.len());
    let (mut before, mut chars) = (' ', text.chars().peekable());
    while let Some(c) = chars.next() {
        let is_sign = c == '-' && before == ' ' && chars.peek().is_some_and(char::is_ascii_digit);
        if is_sign || !is_point(c) {
            words.push(c);
        } else {
            words.push(' ');
        }
        before = c;
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    words.join(" ")
}

/// Punctuation; what says something, such as the signs of `65+` and `<30`, is none.
fn is_point(c: char) -> bool {
    match c {
        '+' | '<' | '>' | '=' | '%' | '$' | '&' | '#' | '@' | '~' | '^' => false,
        // Dashes, quotes and ellipses; full stops and commas of other scripts.
        '\u{2010}'..='\u{2027}'
        | '\u{3001}'..='\u{3003}'
        | '\u{3008}'..='\u{3011}'
        | '\u{a1}'
        | '\u{ab}'
        | '\u{b7}'
        | '\u{bb}'
        | '\u{bf}'
        | '\u{964}'
        | '\u{60c}'
        | '\u{61b}'
        | '\u{61f}'
        | '\u{6d4}'
        | '\u{ff01}'
        | '\u{ff08}'
        | '\u{ff09}'
        | '\u{ff0c}'
        | '\u{ff0e}'
        | '\u{ff1a}'
        | '\u{ff1b}'
        | '\u{ff1f}' => true,
        other => other.is_ascii_punctuation(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_however_they_are_pointed() {
        let plain = words_alone("a malay muslim woman of 30");
        assert_eq!(plain, "a malay muslim woman of 30");
        for text in [
            "A Malay, Muslim woman of 30.",
            "(A malay\u{2013}Muslim  woman; of 30!)",
        ] {
            assert_eq!(words_alone(text), plain);
        }
        assert_eq!(words_alone("\u{201c}Ja\u{201d}\u{3002}"), "ja");
        assert_ne!(words_alone("aged 65+"), words_alone("aged 65"));
        assert_ne!(words_alone("aged <30"), words_alone("aged >30"));
        assert_ne!(words_alone("aged 1.5"), words_alone("aged 15"));
        assert_ne!(words_alone("at -5"), words_alone("at 5"));
        assert_eq!(words_alone("aged 25-34"), words_alone("aged 25\u{2013}34"));
    }

    #[test]
    fn how_a_text_was_typed_does_not_matter() {
        assert_eq!(folded("  It\u{2019}s  FINE\n"), "it's fine");
        assert_eq!(folded("Don\u{b4}t"), folded("don't"));
    }
}
