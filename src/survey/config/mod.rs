//! What `survey.toml` says, each with its place in the file.

mod keys;
mod ranges;
mod reader;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::input::schema;
use crate::input::section::{Section, Spot, spot};
use crate::input::source::Source;
use crate::problem::Problem;
use keys::SURVEY;
use reader::Reader;

/// What happens to an item whose most frequent answers are equally frequent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Ties {
    /// The lowest code of them.
    #[default]
    Lowest,
    /// One of them, drawn by the seed, the subgroup and the question.
    Random,
    /// The item is left out.
    Drop,
    /// The lowest code of them, with all of them beside it.
    All,
}

/// What happens to respondents whose id stands in more than one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Duplicates {
    #[default]
    First,
    None,
    Refuse,
}

/// A survey's configuration.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) source: Source,
    pub(super) seed: u64,
    /// Column and the values with which a row is kept.
    pub(super) keep: Vec<(Spot<String>, Vec<String>)>,
    pub(super) id: Option<Spot<String>>,
    pub(super) duplicates: Duplicates,
    pub(super) weight: Option<Spot<String>>,
    pub(super) dimensions: Vec<Dimension>,
    pub(super) strata: Vec<Stratum>,
    /// Respondents that a subgroup needs.
    pub(super) minimum: u64,
    /// What is said of every persona.
    pub(super) text: Option<String>,
    /// Ids of subgroups that must be there.
    pub(super) require: Vec<Spot<String>>,
    pub(super) questions: Questions,
    pub(super) scales: Vec<(Spot<String>, ScaleRule)>,
    pub(super) study: Option<StudyTables>,
}

/// A dimension as the configuration has it.
#[derive(Debug)]
pub(super) struct Dimension {
    pub(super) name: String,
    /// Its name within the name of a cross.
    pub(super) short: String,
    pub(super) column: Spot<String>,
    /// Code and level; none where the codebook is asked.
    pub(super) levels: Vec<(Spot<String>, String)>,
    pub(super) bands: Vec<(Band, String)>,
    /// Codes or levels that are left out.
    pub(super) drop: Vec<Spot<String>>,
    /// Codes of respondents without a level.
    pub(super) missing: Missing,
}

/// An interval of numbers, ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Band {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// A dimension, or a cross of several, all of whose subgroups belong to one split.
#[derive(Debug)]
pub(super) struct Stratum {
    pub(super) name: String,
    pub(super) split: &'static str,
    /// Indices into [`Config::dimensions`].
    pub(super) dimensions: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Questions {
    /// Names and ranges `Q1-Q6` in the order of the codebook; none for all that the
    /// codebook calls questions.
    pub(super) wanted: Vec<Spot<String>>,
    pub(super) drop: Vec<Spot<String>>,
    pub(super) missing: Missing,
    pub(super) ties: Ties,
    pub(super) minimum: u64,
    pub(super) draws: u32,
    /// Share of draws with another mode from which a mode counts as unstable.
    pub(super) unstable: f64,
}

/// What the configuration says of one question.
#[derive(Debug, Default)]
pub(super) struct ScaleRule {
    pub(super) range: Option<(i32, i32)>,
    pub(super) order: Vec<i32>,
    /// A code, and the one that it becomes where that stands in the file.
    pub(super) remap: Vec<(i32, Spot<i32>)>,
    pub(super) drop: Vec<i32>,
    pub(super) labels: Vec<(i32, String)>,
    pub(super) nominal: Option<bool>,
    pub(super) text: Option<String>,
    pub(super) topic: Option<String>,
}

/// The tables of a study that are made too.
#[derive(Debug)]
pub(super) struct StudyTables {
    pub(super) questions: PathBuf,
    pub(super) strata: Vec<Spot<String>>,
}

impl Config {
    /// What it calls the codes of a column.
    pub(super) fn labels(&self, column: &str) -> impl Iterator<Item = &str> {
        let dimensions = self.dimensions.iter();
        let dimensions = dimensions.filter(move |dimension| dimension.column.value == column);
        let levels = dimensions.flat_map(|dimension| &dimension.levels);
        let scales = self
            .scales
            .iter()
            .filter(move |(name, _)| name.value == column);
        let labels = scales.flat_map(|(_, rule)| &rule.labels);
        let levels = levels.map(|(_, level)| level.as_str());
        levels.chain(labels.map(|(_, label)| label.as_str()))
    }
}

/// Codes that say that there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Missing {
    /// Whether every negative code does.
    negative: bool,
    codes: Vec<i64>,
}

impl Missing {
    pub(super) fn has(&self, code: i64) -> bool {
        (self.negative && code < 0) || self.names(code)
    }

    /// Whether the code itself was named.
    pub(super) fn names(&self, code: i64) -> bool {
        self.codes.contains(&code)
    }
}

/// Reads the configuration; `None` where it is so broken that nothing follows.
pub(super) fn read(file: &Path, bytes: &[u8], problems: &mut Vec<Problem>) -> Option<Config> {
    let source = Source::new(file, bytes);
    if let Some(problem) = source.encoding_problem() {
        problems.push(problem);
        return None;
    }
    let before = problems.len();
    let (root, complete) = schema::read(&source, SURVEY, problems);
    if !complete {
        return None;
    }
    let mut reader = Reader {
        source: &source,
        problems,
    };
    let none = Section::absent("");
    let respondents = root.table("respondents").unwrap_or(&none);
    let subgroups = root.table("subgroups").unwrap_or(&none);
    let dimensions = reader.dimensions(root.table("dimensions").unwrap_or(&none));
    // A missing table has been reported.
    let strata = root
        .table("strata")
        .map_or_else(Vec::new, |section| reader.strata(section, &dimensions));
    let questions = reader.questions(root.table("questions").unwrap_or(&none));
    let scales = reader.scales(root.table("scales").unwrap_or(&none));
    let dir = file.parent().unwrap_or(Path::new(""));
    let study = root
        .table("study")
        .and_then(|section| reader.study(section, dir, &strata));
    let config = Config {
        seed: root.whole("seed").map_or(0, |seed| seed.value as u64),
        keep: keep(respondents),
        id: owned(respondents.text("id")),
        duplicates: match respondents.text("duplicates").map(|word| word.value) {
            Some("none") => Duplicates::None,
            Some("refuse") => Duplicates::Refuse,
            _ => Duplicates::First,
        },
        weight: owned(respondents.text("weight")),
        minimum: subgroups.whole("minimum").map_or(30, |n| n.value as u64),
        text: subgroups.text("text").map(|text| text.value.to_owned()),
        require: texts(subgroups, "require"),
        dimensions,
        strata,
        questions,
        scales,
        study,
        source,
    };
    (problems.len() == before).then_some(config)
}

fn owned(text: Option<Spot<&str>>) -> Option<Spot<String>> {
    text.map(|text| spot(text.offset, text.value.trim().to_owned()))
}

fn texts(section: &Section, key: &str) -> Vec<Spot<String>> {
    let list = section.texts(key).unwrap_or_default();
    list.into_iter()
        .filter_map(|text| owned(Some(text)))
        .collect()
}

/// The entries of a table of texts, where each stands.
fn pairs<'s>(section: &'s Section, key: &str) -> Vec<(Spot<String>, Spot<&'s str>)> {
    let entries = section.table(key).map_or(&[][..], |table| &table.entries);
    entries
        .iter()
        .filter_map(|(key, value)| {
            let key = spot(key.offset, key.value.trim().to_owned());
            Some((key, value.text()?))
        })
        .collect()
}

fn keep(respondents: &Section) -> Vec<(Spot<String>, Vec<String>)> {
    let values = |text: &str| text.split('|').map(|v| v.trim().to_owned()).collect();
    pairs(respondents, "keep")
        .into_iter()
        .map(|(column, text)| (column, values(text.value)))
        .collect()
}
