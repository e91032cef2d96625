//! One option, as it stands in a line.

use super::is_markup;
use crate::study::Scale;

/// What a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Neither a number nor a label.
    Nothing,
    /// The option at this position.
    Option(u16),
    /// A number that is no code.
    OffScale,
    /// More than one option.
    Several,
}

/// The option with which a line begins: a code, or a label with the end of a clause
/// after it.
pub(super) fn value(line: &str, scale: &Scale) -> Found {
    let line = plain(line);
    match exact_label(line, scale) {
        Found::Nothing => {}
        found => return found,
    }
    if let Some(number) = Number::at_start(line) {
        return number.found(scale);
    }
    let clause = line.find(['.', ',', ';', ':', '(', '—', '–', '\n']);
    match clause {
        Some(end) => exact_label(plain(&line[..end]), scale),
        None => Found::Nothing,
    }
}

/// The option that is the whole line: `3`, `3.`, `(3)`, `3 = label`, `3. label`, a label.
pub(super) fn whole(line: &str, scale: &Scale) -> Found {
    let line = plain(line);
    let line = ["option ", "choice "]
        .iter()
        .find_map(|word| {
            let head = line.get(..word.len())?;
            head.eq_ignore_ascii_case(word)
                .then(|| plain(&line[word.len()..]))
        })
        .unwrap_or(line);
    match exact_label(line, scale) {
        Found::Nothing => {}
        found => return found,
    }
    let Some(number) = Number::at_start(line) else {
        return Found::Nothing;
    };
    let rest = plain(
        number
            .rest
            .trim_start_matches([' ', '.', ':', '=', ')', '-', '–', '—']),
    );
    if rest.is_empty() || number.is_out_of(scale) {
        return number.found(scale);
    }
    match (exact_label(rest, scale), number.found(scale)) {
        (Found::Option(label), Found::Option(code)) if label == code => Found::Option(code),
        (Found::Option(_), Found::Option(_)) | (_, Found::Several) => Found::Several,
        _ => Found::Nothing,
    }
}

/// Without layout around it, and without the full stop at its end.
fn plain(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || is_markup(c) || matches!(c, '(' | ')'))
        .trim_end_matches(['.', '!', ',', ';'])
        .trim_matches(|c: char| c.is_whitespace() || is_markup(c) || matches!(c, '(' | ')'))
}

/// The option whose label this is, compared without case.
fn exact_label(text: &str, scale: &Scale) -> Found {
    if text.is_empty() {
        return Found::Nothing;
    }
    let folded = text.to_lowercase();
    let mut found = Found::Nothing;
    for (position, option) in scale.options().iter().enumerate() {
        let is_it = option
            .label
            .as_deref()
            .is_some_and(|label| plain(label).to_lowercase() == folded);
        if is_it {
            found = match found {
                Found::Nothing => Found::Option(position as u16),
                _ => Found::Several,
            };
        }
    }
    found
}

/// A number at the start of a line.
struct Number<'t> {
    /// `None` where it is a fraction or too large for a code.
    code: Option<i32>,
    rest: &'t str,
}

impl<'t> Number<'t> {
    fn at_start(line: &'t str) -> Option<Self> {
        let unsigned = line.strip_prefix(['-', '−']).unwrap_or(line);
        let digits = unsigned.len()
            - unsigned
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        if digits == 0 {
            return None;
        }
        let mut rest = &unsigned[digits..];
        let negative = unsigned.len() < line.len();
        let mut code: Option<i32> = unsigned[..digits].parse().ok();
        if negative {
            code = code.map(|code| -code);
        }
        let fraction = rest.strip_prefix(['.', ',']).map(|fraction| {
            let end = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (&fraction[..fraction.len() - end.len()], end)
        });
        if let Some((fraction, end)) = fraction.filter(|(fraction, _)| !fraction.is_empty()) {
            if fraction.bytes().any(|digit| digit != b'0') {
                code = None;
            }
            rest = end;
        }
        // `3rd` and `1st` are no codes.
        if rest.starts_with(char::is_alphanumeric) {
            return None;
        }
        Some(Self { code, rest })
    }

    fn found(&self, scale: &Scale) -> Found {
        if self.names_another(scale) {
            return Found::Several;
        }
        match self.code.and_then(|code| scale.position(code)) {
            Some(position) => Found::Option(position as u16),
            None => Found::OffScale,
        }
    }

    /// Whether it is `3 or 4`, `3-4`, `3, 4`, and not `3/10` on a scale up to 10.
    fn names_another(&self, scale: &Scale) -> bool {
        let rest = self.rest.trim_start_matches(is_markup).trim_start();
        let Some((_, number)) = connected(rest) else {
            return false;
        };
        !self.is_out_of(scale) && number != self.code
    }

    /// Whether it is said as `3/10` or `3 out of 10`, with the highest code.
    fn is_out_of(&self, scale: &Scale) -> bool {
        let rest = self.rest.trim_start_matches(is_markup).trim_start();
        connected(rest).is_some_and(|(word, number)| {
            matches!(word, "/" | "out of" | "of") && number == Some(scale.high())
        })
    }
}

/// The word that ties the next number to the one before, and that number.
fn connected(rest: &str) -> Option<(&'static str, Option<i32>)> {
    const WORDS: [&str; 10] = [
        "/", "-", "–", "&", ",", "or ", "and ", "to ", "out of ", "of ",
    ];
    let (word, after) = WORDS.iter().find_map(|word| {
        let head = rest.get(..word.len())?;
        head.eq_ignore_ascii_case(word)
            .then(|| (word.trim_end(), &rest[word.len()..]))
    })?;
    let after = after.trim_start_matches(|c: char| c == ' ' || is_markup(c));
    let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    (digits > 0).then(|| (word, after[..digits].parse().ok()))
}
