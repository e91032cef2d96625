//! Which column of a CSV is what.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use crate::import::record::Fields;
use crate::input::source::shown;
use crate::problem::Problem;
use crate::verdict::labels::WEIGHT;

/// What a column can be, with the names by which it is told, best first.
const FIELDS: [(&str, &[&str]); 16] = [
    ("candidate", &["candidate", "left", "model_a", "model_1"]),
    (
        "opponent",
        &[
            "opponent",
            "right",
            "model_b",
            "model_2",
            "reference",
            "baseline",
        ],
    ),
    ("outcome", &["outcome", "winner", "verdict"]),
    ("score", &["score"]),
    (
        "question",
        &[
            "question",
            "question_id",
            "prompt_id",
            "instruction_index",
            "prompt",
            "instruction",
            "uid",
        ],
    ),
    ("persona", &["persona"]),
    ("item", &["item"]),
    ("topic", &["topic", "category", "dataset"]),
    ("judge", &["judge", "judge_model"]),
    ("annotator", &["annotator"]),
    ("rubric", &["rubric"]),
    ("criterion", &["criterion"]),
    ("order", &["order"]),
    ("sample", &["sample"]),
    ("candidate_text", &["candidate_text"]),
    ("opponent_text", &["opponent_text"]),
];

/// Which column is what, and which word is which outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// A field of the verdict table to the column that holds it.
    pub columns: Vec<(String, String)>,
    /// A word of the outcome's column to `win`, `tie`, `loss` or `missing`, or of the order's
    /// to `candidate_first` or `opponent_first`; of Label Studio's choices to `left`, `right`, `tie` or `missing`.
    pub values: Vec<(String, String)>,
}

impl Mapping {
    /// As settings of the import.
    pub(in crate::import) fn settings(&self) -> Vec<(String, String)> {
        let pair = |kind: &str, (name, value): &(String, String)| {
            (kind.to_owned(), format!("{name}={value}"))
        };
        let columns = self.columns.iter().map(|given| pair("column", given));
        let values = self.values.iter().map(|given| pair("value", given));
        columns.chain(values).collect()
    }

    /// The columns that settings of an import name.
    pub(crate) fn of_settings(settings: &[(String, String)]) -> Self {
        let columns = settings.iter().filter(|(kind, _)| kind == "column");
        let columns = columns.filter_map(|(_, given)| given.split_once('='));
        Self {
            columns: columns
                .map(|(field, column)| (field.to_owned(), column.to_owned()))
                .collect(),
            values: Vec::new(),
        }
    }

    /// Whether the user may name this field.
    pub fn is_field(name: &str) -> bool {
        FIELDS.iter().any(|(field, _)| *field == name) || is_more(name)
    }

    /// All fields, for a sentence.
    pub fn fields() -> String {
        let names: Vec<&str> = FIELDS.iter().map(|(field, _)| *field).collect();
        format!("{}, group.<dimension>, x.<covariate>", names.join(", "))
    }
}

/// Which column holds each field; `None` where none does.
pub(in crate::import) struct Columns {
    pub(in crate::import) names: HashMap<String, String>,
    /// The fields of dimensions and covariates: those that the user named, then those of
    /// columns that are called so.
    pub(super) more: Vec<String>,
}

impl Columns {
    pub(in crate::import) fn new(header: &[&str], mapping: &Mapping) -> Self {
        let mut names = HashMap::new();
        // What the user gave for something else is no topic besides: that of an item must not
        // differ between its rows, and a judge or a criterion may.
        let is_told = |field: &str, column: &str| {
            let mut given = mapping.columns.iter();
            field != "topic" || given.all(|(_, given)| given != column)
        };
        for (field, known) in FIELDS {
            let told = known.iter().find_map(|known| {
                let mut columns = header.iter();
                columns.find(|column| is_called(column, known) && is_told(field, column))
            });
            if let Some(column) = told {
                names.insert(field.to_owned(), (*column).to_owned());
            }
        }
        for (field, column) in &mapping.columns {
            names.insert(field.clone(), column.clone());
        }
        let given = mapping.columns.iter().map(|(field, _)| field);
        let mut more: Vec<String> = given.filter(|field| is_more(field)).cloned().collect();
        let is_taken = |names: &HashMap<String, String>, column: &str| {
            names.values().any(|taken| taken == column)
        };
        for column in header {
            let field = match *column {
                WEIGHT if names.contains_key("annotator") => format!("x.{WEIGHT}"),
                column => column.to_owned(),
            };
            if is_more(&field) && !more.contains(&field) && !is_taken(&names, column) {
                names.insert(field.clone(), (*column).to_owned());
                more.push(field);
            }
        }
        // One column says who won: the outcome, unless the user named the score.
        if names.contains_key("outcome") && names.contains_key("score") {
            let is_given = |field: &str| mapping.columns.iter().any(|(given, _)| given == field);
            let by_score = is_given("score") && !is_given("outcome");
            names.remove(if by_score { "outcome" } else { "score" });
        }
        Self { names, more }
    }

    pub(in crate::import) fn text<'a>(
        &self,
        fields: &Fields<'a>,
        field: &str,
    ) -> Option<Cow<'a, str>> {
        let column = self.names.get(field)?;
        let text = match fields.text(&[column]).ok()?? {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.names.contains_key(field)
    }
}

/// Whether a field is a dimension or a covariate.
fn is_more(field: &str) -> bool {
    ["group.", "x."]
        .iter()
        .any(|prefix| field.len() > prefix.len() && field.starts_with(prefix))
}

/// Whether a column has this name, in any case, be its words joined or not.
fn is_called(column: &str, name: &str) -> bool {
    let joined = column.trim().replace([' ', '-'], "_");
    joined.eq_ignore_ascii_case(name)
}

/// Names of columns for a sentence, as many as can be read.
pub(super) fn short<'n>(names: impl ExactSizeIterator<Item = &'n String>) -> String {
    const MOST: usize = 20;
    let more = names.len().saturating_sub(MOST);
    let names: Vec<String> = names.take(MOST).map(|name| shown(name)).collect();
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", names.join(", "))
}

/// No column may stand twice, the columns that are given must be there, and those that
/// are needed be told.
pub(super) fn check_columns(
    path: &Path,
    header: &csv::StringRecord,
    mapping: &Mapping,
) -> Result<(), Box<Problem>> {
    let twice = |place: &usize| {
        let name = &header[*place];
        !name.is_empty() && header.iter().take(*place).any(|before| before == name)
    };
    if let Some(place) = (0..header.len()).find(twice) {
        let message = format!(
            "the header has the column `{}` twice",
            shown(&header[place])
        );
        let problem = Problem::error(path, message).line(1);
        return Err(Box::new(problem.help("give one of them another name")));
    }
    let names: Vec<String> = header
        .iter()
        .map(|name| format!("`{}`", shown(name)))
        .collect();
    let shown = short(names.iter());
    for (field, column) in &mapping.columns {
        if !header.iter().any(|name| name == column) {
            return Err(Box::new(
                Problem::error(
                    path,
                    format!("there is no column `{column}`, given for {field}"),
                )
                .line(1)
                .help(format!("the columns are {shown}")),
            ));
        }
    }
    let columns = Columns::new(&header.iter().collect::<Vec<_>>(), mapping);
    let lacks = |field: &str| !columns.has(field);
    let missing = if lacks("candidate") {
        "candidate"
    } else if lacks("opponent") {
        "opponent"
    } else if lacks("outcome") && lacks("score") {
        "outcome"
    } else {
        return Ok(());
    };
    Err(Box::new(
        Problem::error(path, format!("no column is told to be the {missing}"))
            .line(1)
            .field(missing)
            .help(format!(
                "say which with --column {missing}=COLUMN; the columns are {shown}"
            )),
    ))
}
