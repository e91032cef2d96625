//! Values that were published for figures, and whether they are the same.
//!
//! A claim is `name=value`, or `subject:name=value`; or a row and column of a
//! leaderboard (CSV, the first column naming the subject; or `algorithm`, `item`
//! and `score`); or a field of a JSON object.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::notes::most_of;
use super::packed;
use super::places::whole;
use super::source::{without_not_numbers, wrong_quote};
use crate::analysis::source_figures::{Figure, Published, SourceFigures, Unit, half_of_last_digit};
use crate::input::quotes;
use crate::input::source::shown;
use crate::problem::Problem;

/// Where a value stands that is no file's.
const COMMAND_LINE: &str = "the command line";

/// One value that was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Whom it is about, where that is said.
    pub subject: Option<String>,
    /// The figure's name.
    pub name: String,
    /// The number as it was printed.
    pub printed: String,
    /// The number; none where a file has something else in the place of one.
    pub value: Option<f64>,
    /// Whether a percent sign was printed after it.
    pub is_percent: bool,
    /// Where it stands.
    pub from: String,
}

/// Why published values cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PublishedError {
    /// The file cannot be read or unpacked.
    #[error("{0}")]
    Unread(Box<Problem>),
    /// The file is neither JSON nor a CSV with numbers.
    #[error("{}: {what}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The argument is neither a file nor `name=value`.
    #[error("`{0}` is neither a file nor a value such as win_rate=50.0")]
    Argument(String),
    /// The argument has a value and no name before it.
    #[error("`{0}` does not say what the value is of, expected such as win_rate=50.0")]
    Unnamed(String),
}

/// Claims of one argument: a file, or a value.
///
/// # Errors
///
/// When it is neither, or the file holds no values.
pub fn read_claims(argument: &str) -> Result<Vec<Claim>, PublishedError> {
    let path = Path::new(argument);
    if path.exists() {
        return of_file(path);
    }
    let no_value = || PublishedError::Argument(argument.to_owned());
    let (name, value) = argument.rsplit_once('=').ok_or_else(no_value)?;
    let is_percent = is_percent(value);
    let (printed, value) = printed_number(value).ok_or_else(no_value)?;
    let (subject, name) = match name.rsplit_once(':') {
        Some((subject, name)) => (Some(subject.to_owned()), name),
        None => (None, name),
    };
    if name.trim().is_empty() {
        return Err(PublishedError::Unnamed(argument.to_owned()));
    }
    Ok(vec![Claim {
        subject,
        name: name.trim().to_owned(),
        printed,
        value: Some(value),
        is_percent,
        from: COMMAND_LINE.to_owned(),
    }])
}

fn of_file(path: &Path) -> Result<Vec<Claim>, PublishedError> {
    let bytes = packed::read(path).map_err(PublishedError::Unread)?;
    let text = String::from_utf8(bytes).map_err(|_| PublishedError::File {
        path: path.to_owned(),
        what: "the file is no UTF-8 text; save it as UTF-8".to_owned(),
    })?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    let from = path.display().to_string();
    // What Python writes for a figure that has no value.
    let is_json = text.trim_start().starts_with(['{', '[']);
    let plain = if is_json {
        without_not_numbers(&text)
    } else {
        None
    };
    let text = plain.map_or(text, |(plain, _)| plain);
    let claims = match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(fields)) => of_object(&fields, &from),
        Ok(_) => Vec::new(),
        Err(error) if is_json => {
            return Err(PublishedError::File {
                path: path.to_owned(),
                what: format!("the file is not JSON: {error}"),
            });
        }
        Err(_) => {
            if let Some((line, column, message)) = wrong_quote(text.as_bytes()) {
                return Err(PublishedError::File {
                    path: path.to_owned(),
                    what: format!("line {line}, column {column}: {message}; {}", quotes::HELP),
                });
            }
            of_csv(&text, &from).map_err(|error| PublishedError::File {
                path: path.to_owned(),
                what: error.to_string(),
            })?
        }
    };
    if claims.iter().all(|claim| claim.value.is_none()) {
        return Err(PublishedError::File {
            path: path.to_owned(),
            what: "the file holds no published values: expected a CSV whose first column names a model, or a JSON object of figures".to_owned(),
        });
    }
    Ok(claims)
}

/// Figures of an object. One without numbers of its own holds an object for each
/// subject; one within the figures of a subject holds figures by part (`name: part`).
fn of_object(fields: &Map<String, Value>, from: &str) -> Vec<Claim> {
    let is_of_subjects = fields.values().all(|value| printed_value(value).is_none());
    let mut claims = Vec::new();
    if !is_of_subjects {
        of_subject(fields, None, "", from, &mut claims);
        return claims;
    }
    for (subject, figures) in fields {
        if let Value::Object(figures) = figures {
            of_subject(figures, Some(subject), "", from, &mut claims);
        }
    }
    claims
}

fn of_subject(
    figures: &Map<String, Value>,
    subject: Option<&str>,
    whole: &str,
    from: &str,
    claims: &mut Vec<Claim>,
) {
    for (part, value) in figures {
        let name = format!("{whole}{part}");
        if let Value::Object(parts) = value {
            of_subject(parts, subject, &format!("{name}: "), from, claims);
        } else if let Some((printed, number)) = printed_or_text(value) {
            claims.push(Claim {
                subject: subject.map(str::to_owned),
                name,
                printed,
                value: number,
                is_percent: value.as_str().is_some_and(is_percent),
                from: from.to_owned(),
            });
        }
    }
}

/// What was printed, and its number if it is one; `None` where nothing is.
fn printed_or_text(value: &Value) -> Option<(String, Option<f64>)> {
    match value {
        Value::Number(number) => printed_cell(&number.to_string()),
        Value::String(text) => printed_cell(text),
        _ => None,
    }
}

/// The same of a cell.
fn printed_cell(text: &str) -> Option<(String, Option<f64>)> {
    match printed_number(text) {
        Some((printed, value)) => Some((printed, Some(value))),
        None if is_nothing(text) => None,
        None => Some((shown(text), None)),
    }
}

/// Whether a text stands for a value that is not there.
fn is_nothing(text: &str) -> bool {
    let word = text.trim().to_lowercase();
    ["", "-", "--", "nan", "na", "n/a", "null", "none"].contains(&word.as_str())
}

fn printed_value(value: &Value) -> Option<(String, f64)> {
    match value {
        Value::Number(number) => printed_number(&number.to_string()),
        Value::String(text) => printed_number(text),
        _ => None,
    }
}

fn of_csv(text: &str, from: &str) -> Result<Vec<Claim>, csv::Error> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers()?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let long = match (place("algorithm"), place("item"), place("score")) {
        (Some(algorithm), Some(item), Some(score)) => Some((algorithm, item, score)),
        _ => None,
    };
    let mut claims = Vec::new();
    for record in reader.records() {
        let record = record?;
        let at = |column: usize| record.get(column).unwrap_or_default();
        let mut push = |subject: &str, name: &str, text: &str| {
            if let Some((printed, value)) = printed_cell(text) {
                claims.push(Claim {
                    subject: Some(subject.to_owned()),
                    name: name.to_owned(),
                    printed,
                    value,
                    is_percent: is_percent(text),
                    from: from.to_owned(),
                });
            }
        };
        match long {
            Some((algorithm, item, score)) => push(at(item), at(algorithm), at(score)),
            None => {
                for (column, name) in header.iter().enumerate().skip(1) {
                    push(at(0), name, at(column));
                }
            }
        }
    }
    Ok(claims)
}

/// The number of a printed value: what stands after the last `=`, a percent sign
/// and blanks taken off.
fn printed_number(text: &str) -> Option<(String, f64)> {
    let text = text.rsplit('=').next()?.trim();
    let text = text.strip_suffix('%').unwrap_or(text).trim();
    let value: f64 = text.parse().ok()?;
    value.is_finite().then(|| (text.to_owned(), value))
}

/// Whether a percent sign stands after a printed value.
fn is_percent(text: &str) -> bool {
    text.trim_end().ends_with('%')
}

/// Percent as a share, with the digits that were printed: `20.8` as `20.8e-2`.
fn as_share(printed: &str) -> String {
    let (digits, exponent) = printed.split_once(['e', 'E']).unwrap_or((printed, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{digits}e{}", exponent.saturating_sub(2))
}

/// Whether a figure is what was printed: equal to the digits printed, or, where more are
/// printed than a sum of rounded numbers can keep, within `1e-9`.
fn agrees(figure: f64, printed: &str, value: f64) -> bool {
    // Numbers that are large have no digits as small as that.
    let by_sums = f64::max(1e-9, 4.0 * f64::EPSILON * figure.abs());
    (figure - value).abs() <= half_of_last_digit(printed).max(by_sums)
}

/// Sets each claim beside the figure that it is about; gives a sentence for each
/// that is about none.
pub fn compare(sets: &mut [SourceFigures], claims: &[Claim]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut strangers: Vec<&Claim> = Vec::new();
    for claim in claims {
        let mut about: Vec<usize> = (0..sets.len())
            .filter(|&at| {
                is_about(&sets[at], claim) && sets[at].figures.iter().any(|f| is_named(f, claim))
            })
            .collect();
        if claim.subject.is_none() && about.len() > 1 {
            let by_place = about.iter().copied();
            let by_place: Vec<usize> = by_place
                .filter(|&at| is_called_by_place(&sets[at].subject, claim))
                .collect();
            if by_place.len() == 1 {
                about = by_place;
            }
        }
        match (about.as_slice(), &claim.subject) {
            // A column of other things may have any name.
            ([], _) if claim.value.is_none() => {}
            ([], Some(subject)) if claim.from == COMMAND_LINE => {
                let known = sets.iter().any(|set| is_about(set, claim));
                notes.push(if known {
                    format!(
                        "`{}` of {subject} was given as published, but is no figure here",
                        claim.name
                    )
                } else {
                    format!(
                        "`{}` of {subject} was given as published, but no figures here are about {subject}; they are about {}",
                        claim.name,
                        subjects(sets)
                    )
                });
            }
            ([], Some(_)) => strangers.push(claim),
            ([], None) => notes.push(format!(
                "`{}` was given as published, but is no figure here",
                claim.name
            )),
            ([_, _, ..], None) => notes.push(of_several(claim, about.len())),
            _ => {
                for at in about {
                    let SourceFigures {
                        figures, subject, ..
                    } = &mut sets[at];
                    notes.extend(set_beside(figures, subject, claim));
                }
            }
        }
    }
    settle_strengths(sets);
    let unknown: BTreeSet<&str> = strangers
        .iter()
        .filter(|claim| sets.iter().any(|set| is_about(set, claim)))
        .map(|claim| claim.name.as_str())
        .collect();
    if !unknown.is_empty() {
        let names: Vec<&str> = unknown.into_iter().collect();
        notes.push(format!(
            "published too, but no figures here, and so not compared: {}",
            names.join(", ")
        ));
    }
    // A leaderboard names many whom nobody asked about; but one of them should be here.
    let mut files: Vec<&str> = strangers.iter().map(|claim| claim.from.as_str()).collect();
    files.dedup();
    for file in files {
        let used = |set: &SourceFigures| {
            let mut published = set.figures.iter().filter_map(|f| f.published.as_ref());
            published.any(|published| published.from == file)
        };
        if !sets.iter().any(used) {
            notes.push(format!(
                "no published value of {file} is about any of the figures here (they are about {})",
                subjects(sets)
            ));
        }
    }
    notes
}

/// What is said of a value that names none of the subjects that have its figure.
fn of_several(claim: &Claim, subjects: usize) -> String {
    let Claim { name, printed, .. } = claim;
    let place = if claim.from == COMMAND_LINE {
        String::new()
    } else {
        format!(
            ", and the place of {} names none or several of them",
            claim.from
        )
    };
    let percent = if claim.is_percent { "%" } else { "" };
    format!(
        "`{name}` was given as published, but {subjects} subjects have it{place}: write subject:{name}={printed}{percent}"
    )
}

/// Strengths are defined up to a factor, so what one place published of all of them is
/// brought to the same geometric mean, where more of it is the same then.
fn settle_strengths(sets: &mut [SourceFigures]) {
    let all = sets.iter_mut().flat_map(|set| &mut set.figures);
    let mut alike: BTreeMap<(String, String), Vec<&mut Figure>> = BTreeMap::new();
    for figure in all.filter(|figure| figure.unit == Unit::Strength) {
        if let Some(published) = &figure.published {
            let key = (figure.name.clone(), published.from.clone());
            alike.entry(key).or_default().push(figure);
        }
    }
    alike.into_values().for_each(settle);
}

/// Brings what was published of some strengths to their scale.
fn settle(mut figures: Vec<&mut Figure>) {
    let pairs = figures.iter().filter_map(|figure| {
        let published = figure.published.as_ref()?.value;
        let value = figure.value?;
        (published > 0.0 && value > 0.0).then(|| value.ln() - published.ln())
    });
    let shifts: Vec<f64> = pairs.collect();
    let scale = (shifts.iter().sum::<f64>() / shifts.len() as f64).exp();
    let agrees = |figure: &Figure| {
        let (Some(value), Some(published)) = (figure.value, &figure.published) else {
            return false;
        };
        let printed = half_of_last_digit(&published.printed) * scale;
        (value - published.value * scale).abs() <= printed.max(1e-6 * value)
    };
    let scaled: Vec<bool> = figures.iter().map(|figure| agrees(figure)).collect();
    let as_printed = figures
        .iter()
        .filter_map(|figure| figure.published.as_ref());
    let as_printed = as_printed.filter(|published| published.agrees).count();
    if scaled.iter().filter(|agrees| **agrees).count() > as_printed {
        for (figure, agrees) in figures.iter_mut().zip(scaled) {
            if let Some(published) = &mut figure.published {
                published.agrees = agrees;
            }
        }
    }
}

/// What figures are called here, each once.
fn subjects(sets: &[SourceFigures]) -> String {
    let names: BTreeSet<&String> = sets.iter().map(|set| &set.subject).collect();
    most_of(names.into_iter().cloned())
}

fn names(set: &SourceFigures) -> Vec<&str> {
    let mut names: Vec<&str> = set.also_called.iter().map(String::as_str).collect();
    match &set.comparison {
        Some(subject) => names.push(&subject.candidate),
        None => names.push(&set.subject),
    }
    names
}

fn is_about(set: &SourceFigures, claim: &Claim) -> bool {
    match &claim.subject {
        None => true,
        Some(subject) => names(set).contains(&subject.as_str()) || set.subject == *subject,
    }
}

/// Whether the place of a claim's file names a subject: all parts of its name are folders
/// above the file, or the file without its ending, as `Natural/GPT-4/CoT` in
/// `Natural/evaluators/GPT-4/CoT/statistics.json`.
fn is_called_by_place(subject: &str, claim: &Claim) -> bool {
    if claim.from == COMMAND_LINE {
        return false;
    }
    let path = whole(Path::new(&claim.from));
    let folders = path.ancestors().skip(1).filter_map(Path::file_name);
    let places: Vec<_> = folders.chain(path.file_stem()).collect();
    subject
        .split('/')
        .all(|part| places.iter().any(|place| *place == part))
}

/// Names that the sources' own files have for figures that are called otherwise here.
const OTHER_NAMES: [(&str, &str); 2] = [
    // WildBench's score.json; `score` alone says too little beside `adjusted_score`.
    ("score", "raw_score"),
    // Of scores less 5, doubled, as all task averages are.
    ("adjusted_task_macro_score", "task_macro_score"),
];

fn is_named(figure: &Figure, claim: &Claim) -> bool {
    let is_other = |(other, name): &(&str, &str)| claim.name == *other && figure.name == *name;
    figure.name == claim.name || OTHER_NAMES.iter().any(is_other)
}

/// Sets a claim beside the figure that it names. Of several claims of one figure one that
/// is not the same stands, and that they differ is said.
fn set_beside(figures: &mut [Figure], subject: &str, claim: &Claim) -> Vec<String> {
    let mut notes = Vec::new();
    for figure in figures.iter_mut().filter(|figure| is_named(figure, claim)) {
        let Some(value) = claim.value else {
            notes.push(format!(
                "`{}` of {subject} is `{}` in {}, which is no number, and so not compared",
                figure.name, claim.printed, claim.from
            ));
            continue;
        };
        let printed = claim.printed.clone();
        let percent = format!("{printed}%");
        let (digits, shown, value) = match figure.unit {
            Unit::Share if claim.is_percent => (as_share(&printed), percent, value / 100.0),
            Unit::Count | Unit::Characters if claim.is_percent => (printed, percent, value),
            _ => (printed.clone(), printed, value),
        };
        // A number of things is no share of them.
        let is_count = matches!(figure.unit, Unit::Count | Unit::Characters);
        let is_same = |figure| !(claim.is_percent && is_count) && agrees(figure, &digits, value);
        let new = Published {
            printed: shown,
            value,
            agrees: figure.value.is_some_and(is_same),
            from: claim.from.clone(),
        };
        match &figure.published {
            Some(before) if !(before.agrees && new.agrees) => {
                if before.printed != new.printed {
                    notes.push(format!(
                        "`{}` of {subject} was published twice, and not the same: as {} ({}) and as {} ({})",
                        figure.name, before.printed, before.from, new.printed, new.from
                    ));
                }
                if before.agrees {
                    figure.published = Some(new);
                }
            }
            Some(_) => {}
            None => figure.published = Some(new),
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(text: &str) -> Claim {
        read_claims(text).unwrap().remove(0)
    }

    fn set(subject: &str, value: f64) -> SourceFigures {
        SourceFigures {
            source: "s".to_owned(),
            subject: subject.to_owned(),
            figures: vec![Figure::new("win_rate", Some(value), Unit::Percent, "d")],
            why_they_differ: Vec::new(),
            ..SourceFigures::default()
        }
    }

    #[test]
    fn values_agree_to_the_digits_that_were_printed() {
        for (figure, printed, same) in [
            (50.04, "50.0", true),
            (50.06, "50.0", false),
            (50.4, "50", true),
            (6.937_294_379_677_018, "6.937294379677019", true),
            (6.937_294_4, "6.937294379677018", false),
            (0.000_012_3, "1.23e-05", true),
            (0.000_012_4, "1.23e-05", false),
            (123.0, "1.2e2", true),
            (1234.0, "1.2e3", true),
            (1260.0, "1.2e3", false),
            (76.919_791_870_0, "76.9197918037", false),
            (76.919_791_804_2, "76.9197918037", true),
            (123_456_789.123_456_79, "123456789.12345679", true),
        ] {
            let claim = claim(&format!("x={printed}"));
            let found = agrees(figure, &claim.printed, claim.value.unwrap());
            assert_eq!(found, same, "{figure} {printed}");
        }
    }

    #[test]
    fn a_percent_sign_is_read_by_the_unit_of_the_figure() {
        let with = |unit, value: f64, claims: &[Claim]| {
            let mut sets = [set("a", value)];
            sets[0].figures[0].unit = unit;
            compare(&mut sets, claims);
            sets[0].figures[0].published.clone().unwrap()
        };
        for (unit, value, printed, same) in [
            (Unit::Share, 0.2078, "20.8%", true),
            (Unit::Share, 0.2078, "20.7%", false),
            (Unit::Share, 0.2078, "20.8", false),
            (Unit::Share, 0.2078, "0.208", true),
            (Unit::Share, 0.2078, "2.1e1 %", true),
            (Unit::Percent, 20.78, "20.8%", true),
            (Unit::Percent, 20.78, "20.8", true),
            (Unit::Count, 20.0, "20", true),
            (Unit::Count, 20.0, "20%", false),
            (Unit::Characters, 20.0, "20%", false),
        ] {
            let claims = [claim(&format!("win_rate={printed}"))];
            let found = with(unit, value, &claims);
            assert_eq!(found.agrees, same, "{unit:?} {printed}");
        }
        let found = with(Unit::Share, 0.2078, &[claim("win_rate=20.8%")]);
        assert_eq!(
            (found.printed.as_str(), found.value),
            ("20.8%", 20.8 / 100.0)
        );
        let cells = of_csv(",win_rate\na,20.8%\n", "f").unwrap();
        assert!(with(Unit::Share, 0.2078, &cells).agrees);
        let fields = serde_json::json!({"win_rate": "10 / 48 = 20.8%"});
        let fields = of_object(fields.as_object().unwrap(), "f");
        assert!(with(Unit::Share, 0.2078, &fields).agrees);
    }

    #[test]
    fn figures_that_python_has_no_number_for_are_not_compared() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.json");
        std::fs::write(&path, "{\"kappa\": NaN, \"win_rate\": 50.0}").unwrap();
        let claims = read_claims(path.to_str().unwrap()).unwrap();
        let names: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
        assert_eq!(names, ["win_rate"]);
        // A name that holds the word in a CSV stays as it is.
        let path = dir.path().join("l.csv");
        std::fs::write(&path, ",win_rate\nNaN-7b,50\nb,NaN\n").unwrap();
        let claims = read_claims(path.to_str().unwrap()).unwrap();
        assert_eq!(claims[0].subject.as_deref(), Some("NaN-7b"));
        assert_eq!(claims.len(), 1);
    }

    #[test]
    fn a_claim_finds_its_subject_or_says_why_not() {
        let mut sets = [set("a", 50.0), set("b", 60.0)];
        let notes = compare(
            &mut sets,
            &[
                claim("b:win_rate=60.1"),
                claim("win_rate=50"),
                claim("loss=1"),
            ],
        );
        assert!(!sets[1].figures[0].published.as_ref().unwrap().agrees);
        assert!(sets[0].figures[0].published.is_none());
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert_eq!(
            notes[0],
            "`win_rate` was given as published, but 2 subjects have it: write subject:win_rate=50"
        );
        let from_file = Claim {
            from: "board.json".to_owned(),
            ..claim("win_rate=50%")
        };
        let notes_of_file = compare(&mut sets, &[from_file]);
        assert!(
            notes_of_file[0].contains("the place of board.json names none")
                && notes_of_file[0].ends_with("subject:win_rate=50%"),
            "{notes_of_file:?}"
        );
        let notes = compare(&mut sets, &[claim("c:win_rate=1")]);
        assert!(
            notes[0].contains("no figures here are about c; they are about a, b"),
            "{notes:?}"
        );
        let notes = compare(&mut sets, &[claim("a:loss=1")]);
        assert!(notes[0].contains("`loss` of a"), "{notes:?}");
        let of_file = Claim {
            from: "board.csv".to_owned(),
            ..claim("c:win_rate=1")
        };
        let notes = compare(&mut sets, &[of_file]);
        assert!(
            notes[0].contains("no published value of board.csv"),
            "{notes:?}"
        );
    }

    #[test]
    fn values_of_a_file_are_of_the_subject_that_its_folders_name() {
        let subjects = [
            "Natural/GPT-4/CoT",
            "Natural/GPT-4/Vanilla",
            "GPTOut/GPT-4/CoT",
        ];
        let of = |from: &str| {
            let mut sets = subjects.map(|subject| set(subject, 50.0));
            let claim = Claim {
                from: from.to_owned(),
                ..claim("win_rate=50")
            };
            let notes = compare(&mut sets, &[claim]);
            (
                sets.map(|set| set.figures[0].published.is_some()),
                notes.len(),
            )
        };
        let place = "x/Natural/evaluators/GPT-4/CoT/statistics.json";
        assert_eq!(of(place), ([true, false, false], 0));
        assert_eq!(of("GPT-4/CoT/statistics.json"), ([false; 3], 1));
        assert_eq!(of("Natural/GPTOut/GPT-4/CoT.json"), ([false; 3], 1));
        let in_its_folder = "x/Natural/evaluators/GPT-4/CoT/deeper/../statistics.json";
        assert_eq!(of(in_its_folder), ([true, false, false], 0));
    }

    #[test]
    fn a_value_that_was_published_twice_is_not_overwritten() {
        for (claims, printed) in [
            (["win_rate=50.0", "win_rate=51"], "51"),
            (["win_rate=51", "win_rate=50.0"], "51"),
            (["win_rate=52", "win_rate=51"], "52"),
        ] {
            let mut sets = [set("a", 50.0)];
            let notes = compare(&mut sets, &claims.map(claim));
            let published = sets[0].figures[0].published.as_ref().unwrap();
            assert_eq!(
                (published.agrees, published.printed.as_str()),
                (false, printed)
            );
            assert!(
                notes[0].contains("published twice, and not the same"),
                "{notes:?}"
            );
        }
        let mut sets = [set("a", 50.0)];
        assert!(compare(&mut sets, &[claim("win_rate=50.0"), claim("win_rate=50")]).is_empty());
    }

    #[test]
    fn figures_of_parts_and_other_names_are_found() {
        let of_model = serde_json::json!({"m": {"score": 7.0, "by": {"Math": 1.5, "n": {"x": 2}}}});
        let claims = of_object(of_model.as_object().unwrap(), "f");
        let names: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
        assert_eq!(names, ["by: Math", "by: n: x", "score"]);
        let alone = of_object(of_model["m"].as_object().unwrap(), "f");
        assert!(alone.iter().all(|claim| claim.subject.is_none()));
        assert_eq!(alone.len(), 3);
        let mut sets = [set("m", 7.0)];
        sets[0].figures[0].name = "raw_score".to_owned();
        compare(&mut sets, &claims);
        assert!(sets[0].figures[0].published.as_ref().unwrap().agrees);
    }

    #[test]
    fn leaderboards_and_objects_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            read_claims(path.to_str().unwrap())
        };
        let claims = file("l.csv", ",win_rate,mode\nm1,6.93,verified\nm2,7,x\n").unwrap();
        let numbers = claims.iter().filter(|claim| claim.value.is_some());
        assert_eq!(numbers.count(), 2);
        assert_eq!(claims[2].subject.as_deref(), Some("m2"));
        let claims = file("g.csv", "algorithm,item,score\nelo,a,1.5\n").unwrap();
        assert_eq!(
            (claims[0].name.as_str(), claims[0].value),
            ("elo", Some(1.5))
        );
        let claims = file(
            "s.json",
            r#"{"correct": "71 / 100 = 71.0%", "kappa": 0.5, "m": {"x": 1}}"#,
        )
        .unwrap();
        let numbers: Vec<f64> = claims.iter().filter_map(|claim| claim.value).collect();
        assert_eq!(numbers, [71.0, 0.5, 1.0]);
        assert!(file("n.json", "{\"a\":").is_err());
        assert!(file("n.csv", "a,b\nx,y\n").is_err());
        let open = file("n.csv", "m,win_rate\na,50\n\"b,51\nc,52\n").unwrap_err();
        assert!(open.to_string().contains("line 3, column 1"), "{open}");
        assert!(read_claims("nothing").is_err());
        for unnamed in ["=5", " =5", "m:=5"] {
            let error = read_claims(unnamed).unwrap_err().to_string();
            assert!(
                error.contains("does not say what the value is of"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_cell_that_is_no_number_is_said_where_it_is_about_a_figure() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("l.csv");
        let text = ",win_rate,mode,size\na,5o.0,verified,7B\nb,n/a,x,8\nc,1,x,9\n";
        std::fs::write(&path, text).unwrap();
        let claims = read_claims(path.to_str().unwrap()).unwrap();
        let mut sets = [set("a", 50.0), set("b", 60.0), set("c", 1.0)];
        let notes = compare(&mut sets, &claims);
        let about = |text: &str| notes.iter().filter(|note| note.contains(text)).count();
        assert_eq!(about("`win_rate` of a is `5o.0` in"), 1, "{notes:?}");
        assert_eq!((about("mode"), about("of b")), (0, 0), "{notes:?}");
        assert!(sets[0].figures[0].published.is_none());
        assert!(sets[2].figures[0].published.as_ref().unwrap().agrees);
    }
    #[test]
    fn values_beside_a_file_are_of_its_folders_however_the_path_is_typed() {
        let here = std::env::current_dir().unwrap();
        let name = here.file_name().unwrap().to_str().unwrap();
        let mut sets = [set(name, 50.0), set("elsewhere", 50.0)];
        let beside = Claim {
            from: "statistics.json".to_owned(),
            ..claim("win_rate=50")
        };
        assert_eq!(compare(&mut sets, &[beside]), Vec::<String>::new());
        assert!(sets[0].figures[0].published.is_some());
    }

    #[test]
    fn whom_figures_are_about_is_said_by_the_names_that_a_value_can_give() {
        let mut sets = ["r/x", "r/y"].map(|subject| set(subject, 50.0));
        for set in &mut sets {
            set.comparison = Some(crate::analysis::source_figures::Subject {
                candidate: "the right one".to_owned(),
                opponent: "the other".to_owned(),
                judge: "j".to_owned(),
                rubric: "r".to_owned(),
                criterion: "c".to_owned(),
            });
        }
        let notes = compare(&mut sets, &[claim("z:win_rate=50")]);
        assert!(notes[0].ends_with("they are about r/x, r/y"), "{notes:?}");
        assert!(compare(&mut sets, &[claim("r/y:win_rate=50")]).is_empty());
        assert!(sets[1].figures[0].published.is_some());
    }

    #[test]
    fn strengths_of_each_name_are_brought_to_their_own_scale_where_that_helps() {
        let figures = |bradley_terry: f64, newman: f64| {
            [("bradley_terry", bradley_terry), ("newman", newman)]
                .map(|(name, value)| Figure::new(name, Some(value), Unit::Strength, "d"))
                .to_vec()
        };
        let sets = || {
            [("a", 0.5, 2.0), ("b", 0.3, 1.0), ("c", 0.2, 0.5)].map(|(subject, one, two)| {
                SourceFigures {
                    figures: figures(one, two),
                    ..set(subject, 0.0)
                }
            })
        };
        let agree = |claims: &[&str]| -> Vec<Option<bool>> {
            let claims: Vec<Claim> = claims.iter().map(|text| claim(text)).collect();
            let mut sets = sets();
            compare(&mut sets, &claims);
            let figures = sets.iter().flat_map(|set| &set.figures);
            let published = figures.map(|figure| figure.published.as_ref());
            published.map(|known| Some(known?.agrees)).collect()
        };
        // Of a geometric mean of 1, beside Newman's on another scale.
        let scale = (0.5_f64 * 0.3 * 0.2).cbrt();
        let texts: Vec<String> = [("a", 0.5, 4.0), ("b", 0.3, 2.0), ("c", 0.2, 1.0)]
            .into_iter()
            .flat_map(|(subject, one, two)| {
                let one: f64 = one / scale;
                [
                    format!("{subject}:bradley_terry={one:.12}"),
                    format!("{subject}:newman={two:.1}"),
                ]
            })
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(agree(&texts), [Some(true); 6]);
        // One that is wrong leaves the others the same.
        let wrong = [
            "a:bradley_terry=0.5",
            "b:bradley_terry=0.3",
            "c:bradley_terry=0.4",
        ];
        let found = agree(&wrong);
        assert_eq!(
            [found[0], found[2], found[4]],
            [Some(true), Some(true), Some(false)]
        );
    }

    #[test]
    fn a_mark_of_the_byte_order_is_no_part_of_a_file() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("s.json", "\u{feff}{\"m\": {\"win_rate\": 50.0}}"),
            ("l.csv", "\u{feff}model,win_rate\nm,50.0\n"),
        ] {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            let claims = read_claims(path.to_str().unwrap()).unwrap();
            assert_eq!(
                (claims[0].subject.as_deref(), claims[0].value),
                (Some("m"), Some(50.0)),
                "{name}"
            );
        }
    }
}
