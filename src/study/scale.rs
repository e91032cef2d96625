//! The scale of a structured question, and shares of answers over it, with the cells
//! in which tables hold them.
//!
//! A scale is a cell such as `1 = Very important | 2 = Rather important | 3 | 4 = Not
//! at all`: codes with or without a label, ascending. Options without an order say so:
//! `nominal: 1 = Buddhist | 2 = Hindu`. A distribution is `1 = 0.25 | 2 = 0.5 | 3 =
//! 0.25`, and a list of codes `1 | 3`. A `|` or `\` within a label is written `\|` or
//! `\\`. In JSON the same cells are objects: `{"1": "Very important", "3": null}`.
//!
//! Invariants: a scale has at least one option and no code twice; a distribution has
//! no share below 0, no code twice, and shares that sum to 1.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Begins the cell of a scale whose options have no order.
const NOMINAL: &str = "nominal:";

/// Most options of a scale.
pub const MOST_OPTIONS: usize = 1000;

/// Shares are rounded where they are written; their sum may be off by this much.
const SUM_TOLERANCE: f64 = 0.01;

/// Sums nearer to 1 than this are 1 but for the arithmetic.
const SUM_ROUNDING: f64 = 1e-9;

/// What is wrong with the cell of a scale, a distribution or a list of codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScaleError {
    /// Nothing is there.
    #[error("there is no option; write such as `1 = Yes | 2 = No`")]
    Empty,
    /// More than [`MOST_OPTIONS`].
    #[error("{0} options are more than the {MOST_OPTIONS} that a scale may have")]
    TooMany(usize),
    /// Not a whole number where a code was expected.
    #[error("expected a whole number as the code of an option, found `{0}`")]
    Code(String),
    /// A code twice.
    #[error("the code {0} stands twice")]
    Twice(i32),
    /// An ordered scale whose codes do not ascend.
    #[error(
        "the code {after} stands after {before}: the codes of a scale ascend, because distances are taken between them; recode the answers, or write `{NOMINAL}` before options without an order"
    )]
    Descends {
        /// The earlier code.
        before: i32,
        /// The lower code after it.
        after: i32,
    },
    /// Not a share.
    #[error("expected a share from 0 to 1 for the code {code}, found `{found}`")]
    Share {
        /// Of this option.
        code: i32,
        /// What stands there.
        found: String,
    },
    /// Shares of no whole.
    #[error("the shares sum to {0}, expected 1; shares are parts of 1, not percentages or counts")]
    Sum(String),
    /// A code that the scale has not.
    #[error("the code {code} is not on the scale ({scale})")]
    OffScale {
        /// The code.
        code: i32,
        /// The codes of the scale in short, such as `1 to 4`.
        scale: String,
    },
    /// JSON of another kind.
    #[error("expected an object such as {{\"1\": …}}, a list or a text, found {0}")]
    Json(&'static str),
}

/// An answer that may be given.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ScaleOption {
    /// Its survey code.
    pub code: i32,
    /// What it says; `None` where only the ends of a scale are labelled.
    pub label: Option<String>,
}

/// The options of a structured question. An option's place in the scale is its
/// *position*, from 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scale {
    options: Vec<ScaleOption>,
    ordered: bool,
}

impl Scale {
    /// A scale with these options; codes of an ordered one must ascend.
    pub fn new(options: Vec<ScaleOption>, ordered: bool) -> Result<Self, ScaleError> {
        if options.is_empty() {
            return Err(ScaleError::Empty);
        }
        if options.len() > MOST_OPTIONS {
            return Err(ScaleError::TooMany(options.len()));
        }
        refuse_twice(options.iter().map(|option| option.code))?;
        let descends = |pair: &&[ScaleOption]| pair[0].code > pair[1].code;
        if let Some(pair) = options.windows(2).find(descends).filter(|_| ordered) {
            return Err(ScaleError::Descends {
                before: pair[0].code,
                after: pair[1].code,
            });
        }
        Ok(Self { options, ordered })
    }

    /// Reads the cell of a table.
    ///
    /// ```
    /// let scale = oyer::study::Scale::parse("1 = Yes | 2 = No").unwrap();
    /// assert_eq!(scale.label(2), Some("No"));
    /// ```
    pub fn parse(cell: &str) -> Result<Self, ScaleError> {
        let cell = cell.trim();
        let nominal = cell.get(..NOMINAL.len());
        let nominal = nominal.is_some_and(|start| start.eq_ignore_ascii_case(NOMINAL));
        let listed = if nominal {
            &cell[NOMINAL.len()..]
        } else {
            cell
        };
        let options = parts(listed)
            .into_iter()
            .map(|(code, label)| option(&code, label.as_deref()))
            .collect::<Result<_, _>>()?;
        Self::new(options, !nominal)
    }

    /// Reads a JSON value: an object from code to label or null, an ordered scale; or
    /// the text of a cell.
    pub fn from_json(value: &Value) -> Result<Self, ScaleError> {
        match value {
            Value::String(cell) => Self::parse(cell),
            Value::Object(entries) => {
                let mut options = entries
                    .iter()
                    .map(|(code, label)| match label {
                        Value::Null => option(code, None),
                        Value::String(label) => option(code, Some(label)),
                        other => option(code, Some(&other.to_string())),
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                // The keys of an object have no order of their own.
                options.sort_by_key(|option| option.code);
                Self::new(options, true)
            }
            other => Err(ScaleError::Json(kind_of(other))),
        }
    }

    /// The options, in order.
    pub fn options(&self) -> &[ScaleOption] {
        &self.options
    }

    /// The codes, in order.
    pub fn codes(&self) -> impl ExactSizeIterator<Item = i32> + '_ {
        self.options.iter().map(|option| option.code)
    }

    /// Number of options, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a scale is never empty")]
    pub fn len(&self) -> usize {
        self.options.len()
    }

    /// Whether options have an order, so that some answers are nearer than others.
    pub fn is_ordered(&self) -> bool {
        self.ordered
    }

    /// The lowest code.
    pub fn low(&self) -> i32 {
        self.codes().min().unwrap_or_default()
    }

    /// The highest code.
    pub fn high(&self) -> i32 {
        self.codes().max().unwrap_or_default()
    }

    /// Highest less lowest code; 0 for a single option.
    pub fn range(&self) -> f64 {
        f64::from(self.high()) - f64::from(self.low())
    }

    /// The position of a code, from 0.
    pub fn position(&self, code: i32) -> Option<usize> {
        if self.ordered {
            self.options
                .binary_search_by_key(&code, |option| option.code)
                .ok()
        } else {
            self.codes().position(|known| known == code)
        }
    }

    /// What an option says.
    pub fn label(&self, code: i32) -> Option<&str> {
        self.options[self.position(code)?].label.as_deref()
    }

    /// What an option says, else its code in digits; `None` off the scale.
    pub fn value(&self, code: i32) -> Option<String> {
        let option = &self.options[self.position(code)?];
        Some(option.label.clone().unwrap_or_else(|| code.to_string()))
    }

    /// What an option says in words that stand by themselves: its label, else its code with
    /// what the ends of the scale say; `None` off the scale.
    pub fn stance(&self, code: i32) -> Option<String> {
        let own = self.value(code)?;
        if !self.ordered || self.label(code).is_some() {
            return Some(own);
        }
        let [low, high] = [self.low(), self.high()].map(|end| match self.label(end) {
            Some(label) => format!("{end} ({label})"),
            None => end.to_string(),
        });
        Some(format!("{own} on a scale from {low} to {high}"))
    }

    /// How far two codes are apart: the difference of the codes where options have an
    /// order, else 1 for any two that differ.
    pub fn distance(&self, a: i32, b: i32) -> f64 {
        if self.ordered {
            (f64::from(a) - f64::from(b)).abs()
        } else {
            f64::from(u8::from(a != b))
        }
    }

    /// The position of a code that must be on the scale.
    pub fn checked(&self, code: i32) -> Result<usize, ScaleError> {
        self.position(code).ok_or_else(|| ScaleError::OffScale {
            code,
            scale: self.in_short(),
        })
    }

    /// The codes in few words: `1 to 4`, or a list where codes are left out.
    pub fn in_short(&self) -> String {
        const LISTED: usize = 12;
        let (low, high) = (self.low(), self.high());
        let is_run = low.abs_diff(high) as usize + 1 == self.len();
        if is_run && self.len() > 2 {
            return format!("{low} to {high}");
        }
        let codes: Vec<_> = self.codes().take(LISTED).map(|c| c.to_string()).collect();
        let more = if self.len() > LISTED { ", …" } else { "" };
        format!("{}{more}", codes.join(", "))
    }
}

impl fmt::Display for Scale {
    /// The cell that [`Scale::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.ordered {
            write!(f, "{NOMINAL} ")?;
        }
        for (position, ScaleOption { code, label }) in self.options.iter().enumerate() {
            if position > 0 {
                write!(f, " | ")?;
            }
            match label {
                Some(label) => write!(f, "{code} = {}", escaped(label))?,
                None => write!(f, "{code}")?,
            }
        }
        Ok(())
    }
}

/// Shares of answers, by code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    shares: Vec<(i32, f64)>,
}

impl Distribution {
    /// Shares that sum to 1, give or take rounding, which is divided out.
    pub fn new(mut shares: Vec<(i32, f64)>) -> Result<Self, ScaleError> {
        if shares.is_empty() {
            return Err(ScaleError::Empty);
        }
        if shares.len() > MOST_OPTIONS {
            return Err(ScaleError::TooMany(shares.len()));
        }
        refuse_twice(shares.iter().map(|(code, _)| *code))?;
        for (code, share) in &shares {
            if !(0.0..=1.0 + SUM_TOLERANCE).contains(share) {
                return Err(ScaleError::Share {
                    code: *code,
                    found: share.to_string(),
                });
            }
        }
        let sum: f64 = shares.iter().map(|(_, share)| share).sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(ScaleError::Sum(sum.to_string()));
        }
        if (sum - 1.0).abs() > SUM_ROUNDING {
            for (_, share) in &mut shares {
                *share /= sum;
            }
        }
        shares.sort_by_key(|(code, _)| *code);
        Ok(Self { shares })
    }

    /// Shares of counts or weights, not all of them 0; `None` where they are.
    pub fn of_counts(counts: impl IntoIterator<Item = (i32, f64)>) -> Option<Self> {
        let counts: Vec<_> = counts.into_iter().collect();
        let sum: f64 = counts.iter().map(|(_, count)| count).sum();
        if !(sum > 0.0 && sum.is_finite()) {
            return None;
        }
        Self::new(counts.iter().map(|(c, n)| (*c, n / sum)).collect()).ok()
    }

    /// Reads the cell of a table.
    ///
    /// ```
    /// let shares = oyer::study::Distribution::parse("1 = 0.25 | 3 = 0.75").unwrap();
    /// assert_eq!(shares.share(3), 0.75);
    /// ```
    pub fn parse(cell: &str) -> Result<Self, ScaleError> {
        let shares = parts(cell)
            .into_iter()
            .map(|(code, share)| {
                let code = parse_code(&code)?;
                let found = share.unwrap_or_default();
                let share = found.parse().ok().filter(|share: &f64| share.is_finite());
                let share = share.ok_or_else(|| ScaleError::Share {
                    code,
                    found: found.into_owned(),
                })?;
                Ok((code, share))
            })
            .collect::<Result<_, _>>()?;
        Self::new(shares)
    }

    /// Reads a JSON value: an object from code to share, or the text of a cell.
    pub fn from_json(value: &Value) -> Result<Self, ScaleError> {
        match value {
            Value::String(cell) => Self::parse(cell),
            Value::Object(entries) => {
                let shares = entries
                    .iter()
                    .map(|(code, share)| {
                        let code = parse_code(code)?;
                        let found = || share.to_string();
                        let share = share.as_f64();
                        let share = share.ok_or_else(|| ScaleError::Share {
                            code,
                            found: found(),
                        })?;
                        Ok((code, share))
                    })
                    .collect::<Result<_, _>>()?;
                Self::new(shares)
            }
            other => Err(ScaleError::Json(kind_of(other))),
        }
    }

    /// Codes with their shares, by code.
    pub fn shares(&self) -> &[(i32, f64)] {
        &self.shares
    }

    /// The share of a code; 0 where it is not listed.
    pub fn share(&self, code: i32) -> f64 {
        self.shares
            .binary_search_by_key(&code, |(code, _)| *code)
            .map_or(0.0, |found| self.shares[found].1)
    }

    /// The share of each position of a scale; an error where a code with a share is
    /// not on it.
    pub fn over(&self, scale: &Scale) -> Result<Vec<f64>, ScaleError> {
        for (code, share) in &self.shares {
            if *share > 0.0 {
                scale.checked(*code)?;
            }
        }
        Ok(scale.codes().map(|code| self.share(code)).collect())
    }
}

impl fmt::Display for Distribution {
    /// The cell that [`Distribution::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (code, share)) in self.shares.iter().enumerate() {
            let separator = if position > 0 { " | " } else { "" };
            write!(f, "{separator}{code} = {share}")?;
        }
        Ok(())
    }
}

/// Reads a code; `1.0`, as some programs write whole numbers, is 1.
pub fn parse_code(text: &str) -> Result<i32, ScaleError> {
    let text = text.trim();
    let whole = text
        .split_once('.')
        .filter(|(_, fraction)| fraction.bytes().all(|digit| digit == b'0'))
        .map_or(text, |(whole, _)| whole);
    whole
        .parse()
        .map_err(|_| ScaleError::Code(crate::input::source::shown(text)))
}

/// Reads a cell of codes, such as the tied modes `1 | 3`.
pub fn parse_codes(cell: &str) -> Result<Vec<i32>, ScaleError> {
    let codes = parts(cell)
        .into_iter()
        .map(|(code, rest)| match rest {
            None => parse_code(&code),
            Some(rest) => Err(ScaleError::Code(format!("{code} = {rest}"))),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if codes.is_empty() {
        return Err(ScaleError::Empty);
    }
    refuse_twice(codes.iter().copied())?;
    Ok(codes)
}

/// The cell that [`parse_codes`] reads.
pub fn display_codes(codes: &[i32]) -> String {
    let codes: Vec<_> = codes.iter().map(i32::to_string).collect();
    codes.join(" | ")
}

fn refuse_twice(codes: impl Iterator<Item = i32> + Clone) -> Result<(), ScaleError> {
    if codes.clone().is_sorted_by(|a, b| a < b) {
        return Ok(());
    }
    let mut codes: Vec<_> = codes.collect();
    codes.sort_unstable();
    match codes.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(ScaleError::Twice(pair[0])),
        None => Ok(()),
    }
}

/// An option; a label that only repeats the code is none.
fn option(code: &str, label: Option<&str>) -> Result<ScaleOption, ScaleError> {
    let code_number = parse_code(code)?;
    let label = label.map(str::trim).filter(|label| !label.is_empty());
    let repeats = |label: &&str| parse_code(label) == Ok(code_number);
    Ok(ScaleOption {
        code: code_number,
        label: label.filter(|label| !repeats(label)).map(str::to_owned),
    })
}

/// The parts of a cell between bars, each cut at its first `=`.
fn parts(cell: &str) -> Vec<(Cow<'_, str>, Option<Cow<'_, str>>)> {
    if cell.trim().is_empty() {
        return Vec::new();
    }
    if cell.contains('\\') {
        return escaped_parts(cell);
    }
    let parts = cell.split('|').map(|part| {
        let (code, rest) = match part.split_once('=') {
            Some((code, rest)) => (code, Some(rest)),
            None => (part, None),
        };
        let rest = rest.map(|rest| Cow::Borrowed(rest.trim()));
        (Cow::Borrowed(code.trim()), rest)
    });
    parts.collect()
}

/// The same of a cell in which bars and backslashes may be escaped.
fn escaped_parts(cell: &str) -> Vec<(Cow<'static, str>, Option<Cow<'static, str>>)> {
    let mut parts = vec![(String::new(), None)];
    let mut characters = cell.chars().peekable();
    while let Some(c) = characters.next() {
        let Some((code, rest)) = parts.last_mut() else {
            break;
        };
        let escapes = c == '\\' && matches!(characters.peek(), Some('|' | '\\'));
        let c = if escapes {
            characters.next().unwrap_or(c)
        } else if c == '|' {
            parts.push((String::new(), None));
            continue;
        } else {
            c
        };
        match rest {
            None if c == '=' && !escapes => *rest = Some(String::new()),
            None => code.push(c),
            Some(rest) => rest.push(c),
        }
    }
    let trimmed = |text: String| Cow::Owned(text.trim().to_owned());
    parts
        .into_iter()
        .map(|(code, rest)| (trimmed(code), rest.map(trimmed)))
        .collect()
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('|', "\\|")
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
