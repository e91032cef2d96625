//! One option, as it stands in a line.

use super::denial::is_taken_back;
use super::{half_width, is_markup, is_sign, turns, words};
use crate::study::{Scale, ScaleOption};
use crate::text::folded;

/// What a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Neither a number nor a label.
    Nothing,
    /// An option that is taken back.
    Denied,
    /// The option at this position.
    Option(u16),
    /// A number that is no code.
    OffScale,
    /// More than one option.
    Several,
}

/// The option with which a line begins: a code, or a label with the end of a clause
/// after it. What follows may not name another.
pub(super) fn value(line: &str, scale: &Scale) -> Found {
    let line = plain(line);
    match number_or_label(line, scale) {
        Found::Nothing => {}
        found => return found,
    }
    if let Some((option, rest)) = code_and_label(line, scale) {
        let next = rest.trim_start_matches([' ', ',', ';', '|']);
        if code_and_label(next, scale).is_some_and(|(other, _)| other != option) {
            return Found::Several;
        }
        return unless_another(Found::Option(option), rest, scale);
    }
    if let Some(number) = Number::at_start(line) {
        return number.alone(scale);
    }
    match line.find(CLAUSE_ENDS) {
        Some(end) => {
            let label = exact_label(plain(&line[..end]), scale);
            unless_another(label, &line[end..], scale)
        }
        None => Found::Nothing,
    }
}

/// The option that is the whole line: `3`, `3.`, `(3)`, `3 = label`, `3. label`, a label,
/// `label (3)`.
pub(super) fn whole(line: &str, scale: &Scale) -> Found {
    let named = plain(line);
    let line = without_noun(line);
    for said in [named, line] {
        match number_or_label(said, scale) {
            Found::Nothing => {}
            found => return found,
        }
    }
    if let Some((option, _)) =
        code_and_label(line, scale).filter(|(_, rest)| plain(rest).is_empty())
    {
        return Found::Option(option);
    }
    let Some(number) = Number::at_start(line) else {
        return label_and_code(line, scale);
    };
    let rest = plain(number.rest.trim_start_matches(SEPARATORS));
    if rest.is_empty() || number.is_out_of(scale) || rest.starts_with(|c: char| c.is_ascii_digit())
    {
        return number.alone(scale);
    }
    match (exact_label(rest, scale), number.found(scale)) {
        (Found::Option(label), Found::Option(code)) if label == code => Found::Option(code),
        (Found::Option(_), Found::Option(_)) | (_, Found::Several) => Found::Several,
        _ => Found::Nothing,
    }
}

/// A line without `option` at its start, and without layout around it.
pub(super) fn without_noun(line: &str) -> &str {
    let line = plain(line);
    noun(line).map_or(line, |noun| plain(&line[noun.len()..]))
}

/// Whether a line begins with `option`.
pub(super) fn has_noun(line: &str) -> bool {
    noun(plain(line)).is_some()
}

fn noun(line: &str) -> Option<&'static str> {
    ["option ", "choice "].into_iter().find(|noun| {
        let head = line.get(..noun.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(noun))
    })
}

/// The option of which both the code and its own label begin a line, one after the other,
/// with what follows them. Numbers within the label name no option (`2 = About 1`).
pub(super) fn code_and_label<'t>(line: &'t str, scale: &Scale) -> Option<(u16, &'t str)> {
    let number = Number::at_start(line);
    let mut options = scale.options().iter().zip(0..);
    options.find_map(|(option, position)| {
        let label = folded_label(option.label.as_deref()?);
        let is_number = label.parse::<f64>().is_ok();
        let has_code = |number: &&Number<'_>| number.code == Some(option.code);
        if let Some(number) = number.as_ref().filter(has_code) {
            let after_code = number.after_share(scale);
            let between = after_code.trim_start_matches(is_between);
            let between = &after_code[..after_code.len() - between.len()];
            // `3, 2` is two numbers, though `3 = 2` may be an option.
            if between.is_empty() || (is_number && !between.contains('=')) {
                return None;
            }
            let rest = &after_code[between.len()..];
            let after = after_label(rest, &label)?;
            let is_longer = |other: &ScaleOption| {
                let other = other.label.as_deref().map(folded_label);
                let other = other.filter(|other| other.len() > label.len());
                other.is_some_and(|other| after_label(rest, &other).is_some())
            };
            return (!scale.options().iter().any(is_longer)).then_some((position, after));
        }
        let after = after_label(line, &label).filter(|_| !is_number)?;
        let code = after_separators(after, scale);
        let number = Number::at_start(code).filter(|_| code.len() < after.len())?;
        has_code(&&number).then_some((position, number.rest))
    })
}

/// Whether a text begins with a code and its own label.
pub(super) fn is_followed_by_label(text: &str, scale: &Scale) -> bool {
    code_and_label(text, scale).is_some()
}

/// What follows a label, with which a text begins.
pub(super) fn after_label<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    let mut rest = text;
    for word in label.split(' ') {
        rest = rest.trim_start();
        let end = rest.char_indices().nth(word.chars().count());
        let (head, tail) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        if folded(head) != word || tail.starts_with(char::is_alphanumeric) {
            return None;
        }
        rest = tail;
    }
    Some(rest)
}

/// What follows the marks between a label and its code.
fn after_separators<'t>(text: &'t str, scale: &Scale) -> &'t str {
    let rest = text.trim_start_matches(is_between);
    let between = &text[..text.len() - rest.len()];
    let unsigned = without_sign(between, scale).filter(|before| !before.is_empty());
    let unsigned = unsigned.filter(|_| rest.starts_with(|c: char| c.is_ascii_digit()));
    &text[unsigned.unwrap_or(between).len()..]
}

/// What stands before a number, without the sign with which it ends: on a scale with negative
/// codes that is a `-` right before the number which is no hyphen and no range.
fn without_sign<'t>(before: &'t str, scale: &Scale) -> Option<&'t str> {
    let unsigned = before.strip_suffix('-').filter(|_| scale.low() < 0)?;
    (!unsigned.ends_with(char::is_alphanumeric)).then_some(unsigned)
}

/// What may stand between a code and its label, or around them.
fn is_between(c: char) -> bool {
    SEPARATORS.contains(&c) || is_markup(c)
}

/// A label as it is compared.
pub(super) fn folded_label(label: &str) -> String {
    folded(plain(&half_width(label)))
}

/// The option of a label with its code after it.
fn label_and_code(line: &str, scale: &Scale) -> Found {
    let before = line.trim_end_matches(|c: char| c.is_ascii_digit());
    let label = without_sign(before, scale).unwrap_or(before);
    let code = line[label.len()..].parse().ok();
    let code = code.and_then(|code| scale.position(code));
    let label = label.trim_end_matches(SEPARATORS);
    match (exact_label(plain(label), scale), code) {
        (Found::Option(label), Some(code)) if usize::from(label) == code => Found::Option(label),
        (Found::Option(_), Some(_)) => Found::Several,
        _ => Found::Nothing,
    }
}

/// What may stand between a code and its label.
const SEPARATORS: [char; 10] = [' ', '.', ':', '=', ')', '(', '-', '–', '—', ','];

/// What ends a clause.
const CLAUSE_ENDS: [char; 8] = ['.', ',', ';', ':', '(', '—', '–', '\n'];

/// A line that is a code and nothing else, or a label. A number is a code first: that is
/// what is asked for, even where labels are numbers too.
fn number_or_label(line: &str, scale: &Scale) -> Found {
    let code = Number::at_start(line).filter(|number| plain(number.rest).is_empty());
    let code = code.and_then(|number| scale.position(number.code?));
    code.map_or_else(
        || exact_label(line, scale),
        |position| Found::Option(position as u16),
    )
}

/// What was found, unless the rest of its line names another option: by its label at the
/// start or after words that turn, or by its code at the end of a clause.
pub(super) fn unless_another(found: Found, rest: &str, scale: &Scale) -> Found {
    let Found::Option(option) = found else {
        return found;
    };
    if is_taken_back(rest) {
        return Found::Denied;
    }
    let label = plain(rest.trim_start_matches(SEPARATORS));
    let clause = label.find(CLAUSE_ENDS).map_or(label, |end| &label[..end]);
    let in_brackets = label.split(')').next().unwrap_or(label);
    let contradicts = [label, clause, in_brackets].into_iter().any(
        |text| matches!(exact_label(plain(text), scale), Found::Option(other) if other != option),
    );
    if contradicts || other_codes(rest, option, scale) || turns::turn_away(rest, option, scale) {
        Found::Several
    } else {
        found
    }
}

/// Words before a number that make it the end of a range or of a share.
const RANGE_WORDS: [&str; 7] = ["from", "to", "of", "through", "under", "over", "than"];

/// Whether a text names the code of another option: right at its start, or where a
/// clause ends with it (`3, or rather 4.`, and not `3, because I have 4 children`).
fn other_codes(text: &str, option: u16, scale: &Scale) -> bool {
    let position = |number: &Number<'_>| number.code.and_then(|code| scale.position(code));
    let next = text.trim_start_matches([' ', ';', '|', '.', '?', '!']);
    let may_begin = |c: char| c.is_ascii_digit() || c == '-' && scale.low() < 0;
    let is_adjacent = next.len() < text.len() && next.starts_with(may_begin);
    if is_adjacent
        && Number::at_start(next).is_some_and(|number| position(&number) != Some(option.into()))
    {
        return true;
    }
    let is_for_some = is_limited(text);
    let mut from = 0;
    while let Some(offset) = text[from..].find(|c: char| c.is_ascii_digit()) {
        let start = from + offset;
        let after = text[start..].trim_start_matches(|c: char| c.is_ascii_digit());
        from = text.len() - after.len();
        let unsigned = without_sign(&text[..start], scale).unwrap_or(&text[..start]);
        let before = unsigned.trim_end_matches(|c| is_markup(c) || c == '+');
        // `1 / 4`, as `1/4`.
        if before.trim_end().ends_with('/') {
            continue;
        }
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '–' | '/' | '.');
        let Some(number) = Number::at_start(&text[unsigned.len()..]) else {
            continue;
        };
        // `-2/2`
        let is_share = number.code.is_some_and(i32::is_negative) && number.rest.starts_with('/');
        if is_share || before.ends_with(goes_on) || is_in_range(before, number.rest) {
            continue;
        }
        let is_other = position(&number).is_some_and(|found| found != usize::from(option));
        let begins_clause = is_for_some && before.trim_end().ends_with([',', ';']);
        if is_other && (ends_clause(number.rest) || begins_clause && is_for_others(number.rest)) {
            return true;
        }
    }
    false
}

/// Whether a number is an end of a range or a share, or explains a code (`5 = always`).
fn is_in_range(before: &str, rest: &str) -> bool {
    let word = before.split_whitespace().next_back().unwrap_or_default();
    let follows = RANGE_WORDS
        .iter()
        .any(|range| word.eq_ignore_ascii_case(range));
    let rest = rest.trim_start();
    let leads = connected(rest).is_some_and(|(word, _)| matches!(word, "-" | "–" | "to"));
    follows || leads || rest.starts_with('=') || rest.starts_with("..")
}

/// Words after a number that say when or for whom it is said: `3 on good days, 4 on others`.
const WHEN: [&str; 6] = ["at", "for", "if", "on", "otherwise", "when"];

/// Whether what follows an option limits it, and gives no reason: `on good days`, `usually`.
fn is_limited(rest: &str) -> bool {
    let clause = rest.split([',', ';']).next().unwrap_or(rest);
    let mut words = words(clause).peekable();
    let reason = |word: &str| matches!(word, "as" | "because" | "since");
    words.peek().is_some() && !words.any(reason)
}

fn is_for_others(rest: &str) -> bool {
    let word = words(rest).next().unwrap_or_default();
    WHEN.iter().any(|when| word.eq_ignore_ascii_case(when))
}

/// Whether what follows a number is no word that it counts.
fn ends_clause(rest: &str) -> bool {
    !rest.starts_with(' ') || !rest.trim_start().starts_with(char::is_alphabetic)
}

/// Without layout around it, and without the full stop at its end.
fn plain(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || is_markup(c) || matches!(c, '(' | ')'))
        .trim_end_matches(['.', '!', ',', ';'])
        .trim_matches(|c: char| c.is_whitespace() || is_markup(c) || matches!(c, '(' | ')'))
}

/// The option whose label this is, compared without case.
fn exact_label(label: &str, scale: &Scale) -> Found {
    if label.is_empty() {
        return Found::Nothing;
    }
    let wanted = folded(label);
    let mut found = Found::Nothing;
    for (position, option) in scale.options().iter().enumerate() {
        let is_it = option
            .label
            .as_deref()
            .is_some_and(|known| folded_label(known) == wanted);
        if is_it {
            found = match found {
                Found::Nothing => Found::Option(position as u16),
                _ => Found::Several,
            };
        }
    }
    found
}

/// What a number counts or measures, so that it is no code.
const UNITS: [&str; 16] = [
    "children", "days", "friends", "hours", "kids", "months", "people", "percent", "persons",
    "reasons", "things", "times", "week", "weeks", "year", "years",
];

/// Words after `or` and `and` that make a number a bound.
const BOUNDS: [&str; 13] = [
    "above", "below", "beyond", "fewer", "greater", "higher", "less", "lower", "more", "over",
    "under", "up", "upwards",
];

/// A number at the start of a line.
pub(super) struct Number<'t> {
    /// `None` where it is a fraction or too large for a code.
    pub(super) code: Option<i32>,
    pub(super) rest: &'t str,
}

impl<'t> Number<'t> {
    pub(super) fn at_start(line: &'t str) -> Option<Self> {
        let unsigned = line.strip_prefix(is_sign).unwrap_or(line);
        let digits = unsigned.len()
            - unsigned
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        if digits == 0 {
            return None;
        }
        let mut rest = &unsigned[digits..];
        let negative = line.starts_with('-');
        let mut code: Option<i32> = unsigned[..digits].parse().ok();
        if negative {
            code = code.map(|code| -code);
        }
        let fraction = rest.strip_prefix(['.', ',']).map(|fraction| {
            let end = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (&fraction[..fraction.len() - end.len()], end)
        });
        if let Some((fraction, end)) = fraction.filter(|(fraction, _)| !fraction.is_empty()) {
            // `1,000` is a thousand.
            let is_thousands = rest.starts_with(',') && fraction.len() == 3;
            if is_thousands || fraction.bytes().any(|digit| digit != b'0') {
                code = None;
            }
            rest = end;
        }
        if let Some(unit) = rest.strip_prefix(['%', '+']) {
            (code, rest) = (None, unit);
        }
        // `3rd` and `1st` are no codes.
        if rest.starts_with(char::is_alphanumeric) {
            return None;
        }
        let word = rest.trim_start().split(|c: char| !c.is_alphabetic()).next();
        if word.is_some_and(|word| UNITS.iter().any(|unit| word.eq_ignore_ascii_case(unit))) {
            code = None;
        }
        Some(Self { code, rest })
    }

    /// What it says where nothing that follows it says otherwise.
    fn alone(&self, scale: &Scale) -> Found {
        match unless_another(self.found(scale), self.rest, scale) {
            Found::Option(_) if self.is_bound_or_fraction() => Found::OffScale,
            found => found,
        }
    }

    fn found(&self, scale: &Scale) -> Found {
        if self.is_share() && !self.is_out_of(scale) {
            return if self.is_beside_the_highest(scale) {
                Found::Several
            } else {
                Found::OffScale
            };
        }
        if self.names_another(scale) {
            return Found::Several;
        }
        match self.code.and_then(|code| scale.position(code)) {
            Some(position) => Found::Option(position as u16),
            None => Found::OffScale,
        }
    }

    /// Whether it is `4 or more`, `2 and a half`, `1 1/2` or `2^2`.
    fn is_bound_or_fraction(&self) -> bool {
        let rest = self.rest.trim_start_matches(is_markup).trim_start();
        let mut words = words(rest).map(str::to_ascii_lowercase);
        let mut next = || words.next().unwrap_or_default();
        let joint = next();
        let is_joined = rest.starts_with(char::is_alphabetic) && matches!(&*joint, "or" | "and");
        let more = next();
        let is_bound = is_joined && BOUNDS.contains(&&*more);
        // `3, and above all my family`: `or more` is said of a number alone.
        let after = rest.get(joint.len() + 1 + more.len()..).unwrap_or_default();
        let ends = joint == "or" || !after.trim_start().starts_with(char::is_alphabetic);
        let is_half = is_joined && (more == "half" || more == "a" && next() == "half");
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_fraction = self.rest.starts_with(' ') && number.len() < rest.len() && {
            let under = number.strip_prefix('/');
            under.is_some_and(|under| under.starts_with(|c: char| c.is_ascii_digit()))
        };
        is_bound && ends || is_half || is_fraction || rest.starts_with(['^', '×'])
    }

    /// Whether it is `3 or 4`, `3-4`, `3, 4`, and not `3/10` on a scale up to 10.
    fn names_another(&self, scale: &Scale) -> bool {
        let rest = self.rest.trim_start_matches(is_markup).trim_start();
        let Some((_, number)) = connected(rest) else {
            return false;
        };
        !self.is_out_of(scale) && number != self.code
    }

    /// Whether it is a part of another number: `5/5`, `1 in 4`.
    fn is_share(&self) -> bool {
        let rest = self.rest.trim_start_matches(is_markup).trim_start();
        connected(rest).is_some_and(|(word, _)| matches!(word, "/" | "out of" | "of" | "in"))
    }

    /// Whether it is said as `3/10` or `3 out of 10`, with the highest code.
    fn is_out_of(&self, scale: &Scale) -> bool {
        let rest = self.rest.trim_start_matches(is_markup).trim_start();
        let is_it = connected(rest).is_some_and(|(word, number)| {
            matches!(word, "/" | "out of" | "of") && number == Some(scale.high())
        });
        is_it && scale.low() >= 0 && !self.is_beside_the_highest(scale)
    }

    /// What follows it, and the highest code after it as in `3/4`.
    fn after_share(&self, scale: &Scale) -> &'t str {
        let highest = scale.high().to_string();
        let share = self.rest.trim_start_matches(' ').strip_prefix('/');
        let after = share.and_then(|share| share.trim_start().strip_prefix(&*highest));
        after
            .filter(|after| !after.starts_with(char::is_alphanumeric))
            .unwrap_or(self.rest)
    }

    /// Whether it is said as `3/4`, with the highest code right above it: that may be one of
    /// the two as well as so many out of four.
    fn is_beside_the_highest(&self, scale: &Scale) -> bool {
        let rest = self.rest.trim_start_matches(is_markup).trim_start();
        connected(rest) == Some(("/", Some(scale.high())))
            && self.code.and_then(|code| code.checked_add(1)) == Some(scale.high())
    }
}

/// The word that ties the next number to the one before, and that number.
fn connected(rest: &str) -> Option<(&'static str, Option<i32>)> {
    const WORDS: [&str; 11] = [
        "/", "-", "–", "&", ",", "or ", "and ", "to ", "out of ", "of ", "in ",
    ];
    let (word, after) = WORDS.iter().find_map(|word| {
        let head = rest.get(..word.len())?;
        head.eq_ignore_ascii_case(word)
            .then(|| (word.trim_end(), &rest[word.len()..]))
    })?;
    let after = after.trim_start_matches(|c: char| c == ' ' || is_markup(c));
    let unsigned = after.strip_prefix(is_sign).unwrap_or(after);
    let end = unsigned.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = &after[..after.len() - end.len()];
    (end.len() < unsigned.len()).then(|| (word, number.parse().ok()))
}
