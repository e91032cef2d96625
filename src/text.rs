//! Text that others wrote, made safe to show.
//!
//! Names and answers may hold terminal escapes, control characters, or marks that
//! turn the direction of writing; shown as they are, they could move the cursor,
//! recolour a report, hide text or open a link. Here each such character becomes
//! visible as `\u{1b}`. Nothing else is changed.

pub(crate) mod binary;
pub(crate) mod cell;
mod folded;
pub(crate) mod misnamed;
pub(crate) mod names;
pub(crate) mod nearest;
pub(crate) mod separator;
pub(crate) mod surrogates;
mod thousands;

pub(crate) use folded::{folded, words_alone};
pub use thousands::{counted, counted_of, form, in_percent, people, thousands};

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character must not reach a terminal or a file as it is.
///
/// Control characters (C0, DEL, C1: with them go all ANSI and OSC escapes),
/// line and paragraph separators, marks that turn the direction of writing, and
/// invisible characters that hide or join text (soft hyphen, zero-width space and
/// no-break space, word joiner, invisible operators, tags, interlinear marks).
/// Zero-width joiners stay, because scripts and emoji need them.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// One line of text with every hidden character made visible, newlines and tabs
/// included.
///
/// ```
/// assert_eq!(oyer::text::escape("a\u{1b}[31mb\n"), r"a\u{1b}[31mb\u{a}");
/// ```
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_where(text, is_hidden)
}

/// Text of several lines with every hidden character made visible but newlines
/// and tabs. A carriage return before a newline is dropped.
pub fn escape_lines(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| is_hidden(c) && c != '\n' && c != '\t';
    if text.contains("\r\n") {
        Cow::Owned(escape_where(&text.replace("\r\n", "\n"), hidden).into_owned())
    } else {
        escape_where(text, hidden)
    }
}

/// JSON text with every hidden character in its strings written as `\uXXXX`, which
/// stands for the same value.
///
/// ```
/// assert_eq!(oyer::text::escape_json("[\"a\u{202e}b\"]"), r#"["a\u202eb"]"#);
/// ```
pub fn escape_json(json: &str) -> Cow<'_, str> {
    // Below DEL only the blanks between values are left unescaped by a writer.
    let hidden = |c: char| c >= '\u{7f}' && is_hidden(c);
    if json.bytes().all(|byte| byte < 0x7f) || !json.contains(hidden) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

fn escape_where(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(&hidden) else {
        return Cow::Borrowed(text);
    };
    let mut escaped = String::with_capacity(text.len() + 16);
    escaped.push_str(&text[..first]);
    for c in text[first..].chars() {
        if hidden(c) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(
            escape("Größe 大 👩‍🔬 \\ \"quoted\""),
            Cow::Borrowed(_)
        ));
        assert!(matches!(escape_lines("a\n\tb"), Cow::Borrowed(_)));
    }

    #[test]
    fn terminal_escapes_become_visible() {
        assert_eq!(escape("\u{1b}[2J"), r"\u{1b}[2J");
        assert_eq!(
            escape("\u{1b}]8;;http://x\u{7}y"),
            r"\u{1b}]8;;http://x\u{7}y"
        );
        assert_eq!(escape("\u{9b}31m"), r"\u{9b}31m");
        assert_eq!(escape("a\u{7f}b\0"), r"a\u{7f}b\u{0}");
    }

    #[test]
    fn marks_that_turn_or_hide_text_become_visible() {
        assert_eq!(escape("a\u{202e}b\u{2066}"), r"a\u{202e}b\u{2066}");
        assert_eq!(escape("a\u{200b}b"), r"a\u{200b}b");
        assert_eq!(escape("a\u{e0041}"), r"a\u{e0041}");
    }

    #[test]
    fn lines_keep_newlines_and_tabs_only() {
        assert_eq!(escape_lines("a\r\n\tb\rc\u{1b}"), "a\n\tb\\u{d}c\\u{1b}");
        assert_eq!(escape("a\n\tb"), r"a\u{a}\u{9}b");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn escaped_json_is_the_same_value_with_nothing_hidden(text in ".*", mark in 0x7f_u32..0xa0) {
            let text = format!("{text}{}\u{e0041}\u{202e}", char::from_u32(mark).unwrap());
            let json = serde_json::to_string_pretty(&[&text]).unwrap();
            let escaped = escape_json(&json);
            prop_assert!(!escaped.chars().any(|c| is_hidden(c) && c != '\n'));
            let back: Vec<String> = serde_json::from_str(&escaped).unwrap();
            prop_assert_eq!(&back[0], &text);
        }

        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            prop_assert!(!escape(&text).chars().any(is_hidden));
            prop_assert!(!escape_lines(&text).chars().any(|c| is_hidden(c) && c != '\n' && c != '\t'));
        }
    }
}
