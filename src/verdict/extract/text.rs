//! The characters of JSON as judges write them: ASCII, typographic, full-width,
//! or escaped once more.

/// What stands at a place of the text, as far as structure goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sym {
    /// Nothing more.
    End,
    Space,
    Newline,
    OpenObject,
    CloseObject,
    OpenList,
    CloseList,
    Colon,
    /// `=`, or an arrow.
    Equals,
    Comma,
    Quote(Quote),
    /// A comment that runs to the end of the line.
    LineComment,
    /// A comment that runs to `*/`.
    BlockComment,
    Other,
}

/// A structural symbol and how it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) sym: Sym,
    /// Bytes.
    pub(super) len: usize,
    /// Whether it was written in full width.
    pub(super) wide: bool,
}

/// How a string was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) family: Family,
    /// Backslashes before the quote: 0 in plain JSON, 1 in JSON written into a string.
    pub(super) level: usize,
}

/// Quotes that close one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Double,
    Single,
    Backtick,
    CurlyDouble,
    CurlySingle,
    Wide,
    Guillemet,
    Corner,
}

/// Backslashes before a quote at each depth of escaping.
const LEVELS: [usize; 4] = [0, 1, 3, 7];

/// Families times levels.
pub(super) const QUOTE_KINDS: usize = 8 * LEVELS.len();

impl Quote {
    /// Which of the [`QUOTE_KINDS`] this is.
    pub(super) fn kind(self) -> usize {
        let level = LEVELS.iter().position(|&level| level == self.level);
        self.family as usize * LEVELS.len() + level.unwrap_or(0)
    }

    /// Whether `c`, after a run of `slashes` backslashes, can close the string.
    ///
    /// In plain JSON an odd run escapes the quote. In escaped JSON the run is as
    /// long as at the opening; a shorter one belongs to the string around it.
    pub(super) fn closed_by(self, c: char, slashes: usize) -> bool {
        let level_fits = match self.level {
            0 => slashes.is_multiple_of(2),
            level => slashes <= level,
        };
        level_fits && self.family.closes(c)
    }
}

impl Family {
    pub(super) fn of(c: char) -> Option<Self> {
        Some(match c {
            '"' => Self::Double,
            '\'' => Self::Single,
            '`' => Self::Backtick,
            '“' | '”' | '„' | '‟' | '❝' | '❞' | '〝' | '〞' | '〟' | '″' => {
                Self::CurlyDouble
            }
            '‘' | '’' | '‚' | '‛' | '❛' | '❜' | '‹' | '›' | '′' => {
                Self::CurlySingle
            }
            '＂' | '＇' => Self::Wide,
            '«' | '»' => Self::Guillemet,
            '「' | '」' | '『' | '』' => Self::Corner,
            _ => return None,
        })
    }

    fn closes(self, c: char) -> bool {
        match self {
            Self::Double => c == '"',
            Self::Single => matches!(c, '\'' | '’'),
            Self::Backtick => c == '`',
            Self::CurlyDouble | Self::Wide => c == '"' || Self::of(c) == Some(self),
            Self::CurlySingle => c == '\'' || Self::of(c) == Some(self),
            Self::Guillemet => matches!(c, '«' | '»'),
            Self::Corner => matches!(c, '「' | '」' | '『' | '』'),
        }
    }
}

/// The symbol at byte `at`.
pub(super) fn glyph(text: &str, at: usize) -> Glyph {
    let bytes = text.as_bytes();
    let ascii = |sym| Glyph {
        sym,
        len: 1,
        wide: false,
    };
    let next = bytes.get(at + 1).copied();
    match bytes.get(at) {
        None => Glyph {
            sym: Sym::End,
            len: 0,
            wide: false,
        },
        Some(b'{') => ascii(Sym::OpenObject),
        Some(b'}') => ascii(Sym::CloseObject),
        Some(b'[') => ascii(Sym::OpenList),
        Some(b']') => ascii(Sym::CloseList),
        Some(b':') => ascii(Sym::Colon),
        Some(b'=') => ascii(Sym::Equals),
        Some(b',' | b';') => ascii(Sym::Comma),
        Some(b'\n') => ascii(Sym::Newline),
        // Blanks, and control characters that broken output holds.
        Some(..=b' ') => ascii(Sym::Space),
        Some(b'#') => ascii(Sym::LineComment),
        Some(b'/') if next == Some(b'/') => ascii(Sym::LineComment),
        Some(b'/') if next == Some(b'*') => ascii(Sym::BlockComment),
        Some(b'\\') => escaped(bytes, at),
        Some(b'>') if begins_line(bytes, at) => ascii(Sym::Space),
        // A control token of a model's format is passed over as a blank is.
        Some(b'<') => match control_token(slice(text, at, text.len())) {
            Some(len) => Glyph {
                len,
                ..ascii(Sym::Space)
            },
            None => ascii(Sym::Other),
        },
        Some(&byte) if byte < 0x80 => ascii(match Family::of(byte as char) {
            Some(family) => Sym::Quote(Quote { family, level: 0 }),
            None => Sym::Other,
        }),
        Some(_) => beyond_ascii(text, at),
    }
}

/// Whether a `>` marks its line as a quotation: nothing but such marks stands before
/// it, or more blanks than anybody writes.
fn begins_line(bytes: &[u8], at: usize) -> bool {
    const MARKS: usize = 16;
    let before = bytes[..at].iter().rev().take(MARKS);
    let marks = before
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'>'))
        .count();
    at == marks || (marks < MARKS && bytes[at - marks - 1] == b'\n')
}

/// Bytes of the control token at the start of `rest`: `<|end|>`.
pub(super) fn control_token(rest: &str) -> Option<usize> {
    const NAME_BYTES: usize = 40;
    let inside = rest.strip_prefix("<|")?;
    let name = inside
        .bytes()
        .take(NAME_BYTES)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/'))
        .count();
    let is_closed = name > 0 && slice(inside, name, inside.len()).starts_with("|>");
    is_closed.then_some(name + 4)
}

/// A text with a blank in place of each control token; `None` where it has none.
pub(super) fn without_tokens(text: &str) -> Option<String> {
    let mut bare = String::new();
    let mut from = 0;
    for (at, _) in text.match_indices("<|") {
        if let Some(len) = control_token(slice(text, at, text.len())) {
            bare.push_str(slice(text, from, at));
            bare.push(' ');
            from = at + len;
        }
    }
    bare.push_str(slice(text, from, text.len()));
    (from > 0).then_some(bare)
}

/// A run of backslashes: an escaped quote, an escaped line break, or noise such
/// as Markdown's `\{`.
fn escaped(bytes: &[u8], at: usize) -> Glyph {
    let run = bytes[at..]
        .iter()
        .take(8)
        .take_while(|&&byte| byte == b'\\')
        .count();
    let glyph = |sym, len| Glyph {
        sym,
        len,
        wide: false,
    };
    let after = bytes.get(at + run).copied();
    match after {
        Some(quote @ (b'"' | b'\'' | b'`')) if LEVELS.contains(&run) => {
            match Family::of(quote as char) {
                Some(family) => glyph(Sym::Quote(Quote { family, level: run }), run + 1),
                None => glyph(Sym::Space, 1),
            }
        }
        // `\n` before a lower-case letter may be the start of a LaTeX command.
        Some(letter @ (b'n' | b'r' | b't'))
            if !bytes.get(at + run + 1).is_some_and(u8::is_ascii_lowercase) =>
        {
            let sym = if letter == b'n' {
                Sym::Newline
            } else {
                Sym::Space
            };
            glyph(sym, run + 1)
        }
        Some(b'u') => wide_escape(bytes, at + run).map_or(glyph(Sym::Space, 1), |sym| Glyph {
            sym,
            len: run + ESCAPE_BYTES,
            wide: true,
        }),
        _ => glyph(Sym::Space, 1),
    }
}

/// Bytes of `uXXXX`.
const ESCAPE_BYTES: usize = 5;

/// The full-width sign between members that is written as the escape at `at`.
fn wide_escape(bytes: &[u8], at: usize) -> Option<Sym> {
    let escape = bytes.get(at..at + ESCAPE_BYTES)?;
    [
        (b"uff1a", Sym::Colon),
        (b"uff0c", Sym::Comma),
        (b"uff5d", Sym::CloseObject),
    ]
    .into_iter()
    .find_map(|(sign, sym)| escape.eq_ignore_ascii_case(sign).then_some(sym))
}

fn beyond_ascii(text: &str, at: usize) -> Glyph {
    let Some(c) = char_at(text, at) else {
        // Not a boundary: step on to the next byte.
        return Glyph {
            sym: Sym::Other,
            len: 1,
            wide: false,
        };
    };
    let (sym, wide) = match c {
        '｛' => (Sym::OpenObject, true),
        '｝' => (Sym::CloseObject, true),
        '［' => (Sym::OpenList, true),
        '］' => (Sym::CloseList, true),
        '：' | '﹕' => (Sym::Colon, true),
        '∶' => (Sym::Colon, false),
        '＝' => (Sym::Equals, true),
        '→' | '⇒' | '➜' | '➔' | '⟶' => (Sym::Equals, false),
        '，' | '、' | '；' | '､' | '﹐' => (Sym::Comma, true),
        '،' | '؛' => (Sym::Comma, false),
        '\u{2028}' | '\u{2029}' => (Sym::Newline, false),
        c if is_blank(c) => (Sym::Space, false),
        c => match Family::of(c) {
            Some(family) => (
                Sym::Quote(Quote { family, level: 0 }),
                family == Family::Wide,
            ),
            None => (Sym::Other, false),
        },
    };
    Glyph {
        sym,
        len: c.len_utf8(),
        wide,
    }
}

/// A blank, or a character that is not seen: a joiner, a mark that turns the direction
/// of writing.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200c}' | '\u{200d}')
        || (!c.is_ascii() && crate::text::is_hidden(c))
}

/// Whether dots stand at `at`, for what was left out.
pub(super) fn is_dots(text: &str, at: usize) -> bool {
    matches!(char_at(text, at), Some('.' | '…'))
}

/// The character at byte `at`, which may be anywhere.
pub(super) fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The text from `from` to `to`, empty where that is none.
pub(super) fn slice(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or("")
}

/// A full-width character's ASCII twin, or the character itself.
pub(super) fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

/// The character as it is compared without case.
pub(super) fn fold(c: char) -> char {
    let c = narrow(c);
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => c,
    }
}

/// A JSON string's content without its escapes; what is no escape stays.
pub(super) fn unescape(content: &str) -> String {
    let mut plain = String::with_capacity(content.len());
    let mut chars = content.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        let rest = chars.as_str();
        match chars.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('u') => match unicode_escape(rest) {
                Some((c, len)) => {
                    plain.push(c);
                    chars = rest.get(len..).unwrap_or("").chars();
                }
                None => plain.push_str("\\u"),
            },
            Some(c @ ('"' | '\'' | '\\' | '/' | '`')) => plain.push(c),
            Some(c) => plain.extend(['\\', c]),
            None => plain.push('\\'),
        }
    }
    plain
}

/// `uXXXX` at the start of `rest`, or two of them that make a pair. A lone half of a pair
/// is the replacement character.
fn unicode_escape(rest: &str) -> Option<(char, usize)> {
    let unit = |from: usize| u32::from_str_radix(rest.get(from..from + 4)?, 16).ok();
    let first = unit(1)?;
    let pair = || {
        let second = unit(7).filter(|_| rest.get(5..7) == Some("\\u"))?;
        let high = first.checked_sub(0xd800)?;
        let low = second.checked_sub(0xdc00).filter(|&low| low < 0x400)?;
        char::from_u32(0x1_0000 + (high << 10) + low)
    };
    let whole = char::from_u32(first).map(|c| (c, 5));
    whole
        .or_else(|| pair().map(|c| (c, 11)))
        .or(Some((char::REPLACEMENT_CHARACTER, 5)))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn quote(family: Family, level: usize) -> Sym {
        Sym::Quote(Quote { family, level })
    }

    #[rstest]
    #[case("{", Sym::OpenObject)]
    #[case("｛", Sym::OpenObject)]
    #[case("：", Sym::Colon)]
    #[case("，", Sym::Comma)]
    #[case("\"", quote(Family::Double, 0))]
    #[case("\\\"", quote(Family::Double, 1))]
    #[case("\\\\\\\"", quote(Family::Double, 3))]
    #[case("”", quote(Family::CurlyDouble, 0))]
    #[case("\\n  x", Sym::Newline)]
    #[case("\\neg", Sym::Space)]
    #[case("\\{", Sym::Space)]
    #[case("\\uff1a", Sym::Colon)]
    #[case("\\uFF0C", Sym::Comma)]
    #[case("\\u00e9", Sym::Space)]
    #[case("\u{a0}", Sym::Space)]
    #[case("\u{feff}", Sym::Space)]
    #[case("\u{200f}", Sym::Space)]
    #[case("//", Sym::LineComment)]
    #[case("/*", Sym::BlockComment)]
    #[case("/", Sym::Other)]
    #[case(">", Sym::Space)]
    #[case("<|end|>", Sym::Space)]
    #[case("<|>", Sym::Other)]
    #[case("<b>", Sym::Other)]
    #[case("é", Sym::Other)]
    #[case("", Sym::End)]
    fn symbols_are_known_in_every_writing(#[case] text: &str, #[case] sym: Sym) {
        assert_eq!(glyph(text, 0).sym, sym);
    }

    #[test]
    fn an_escaped_quote_closes_what_was_opened_at_its_level() {
        let plain = Quote {
            family: Family::Double,
            level: 0,
        };
        assert!(plain.closed_by('"', 0));
        assert!(!plain.closed_by('"', 1));
        assert!(plain.closed_by('"', 2));
        let escaped = Quote { level: 1, ..plain };
        assert!(escaped.closed_by('"', 1));
        assert!(escaped.closed_by('"', 0));
        assert!(!escaped.closed_by('"', 3));
    }

    #[test]
    fn every_kind_of_quote_has_a_place_of_its_own() {
        let mut seen = [false; QUOTE_KINDS];
        for c in ['"', '\'', '`', '❝', '‹', '＇', '«', '「'] {
            let family = Family::of(c).unwrap();
            for level in LEVELS {
                let kind = Quote { family, level }.kind();
                assert!(!std::mem::replace(&mut seen[kind], true));
            }
        }
        assert!(seen.into_iter().all(|seen| seen));
    }

    #[rstest]
    #[case(r"plain", "plain")]
    #[case(r#"\"A\""#, "\"A\"")]
    #[case(r"a\nb\\c\/d", "a\nb\\c/d")]
    #[case(r"\u0041", "A")]
    #[case(r"\ud83d\ude00!", "😀!")]
    #[case(r"\ud83dA", "\u{fffd}A")]
    #[case(r"\ud83d\u0041", "\u{fffd}A")]
    #[case(r"\ude00\", "\u{fffd}\\")]
    #[case(r"\u00", r"\u00")]
    #[case(r"\boxed{A}", r"\boxed{A}")]
    #[case(r"end\", r"end\")]
    fn escapes_are_taken_off(#[case] content: &str, #[case] plain: &str) {
        assert_eq!(unescape(content), plain);
    }

    #[rstest]
    #[case('A', 'a')]
    #[case('Ａ', 'a')]
    #[case('É', 'é')]
    #[case('ß', 'ß')]
    #[case('İ', 'İ')]
    fn characters_are_folded(#[case] c: char, #[case] folded: char) {
        assert_eq!(fold(c), folded);
    }
}
