//! The keys of `survey.toml` and what they say, each with its place in the file.

use std::ops::Bound::{Excluded, Included};
use std::path::{Path, PathBuf};

use crate::problem::Problem;
use crate::study::schema::{self, Key, Kind, MAX_EXACT};
use crate::study::section::{Section, Spot, spot};
use crate::study::source::{Source, shown};
use crate::text::nearest::suggestion;

/// Most draws of the bootstrap, far above any use.
const MOST_DRAWS: i64 = 100_000;

/// The whole file. `docs/survey.md` explains each key; a test holds it to that.
pub(super) const SURVEY: &[Key] = &[
    optional("seed", Kind::Whole(0, MAX_EXACT)),
    optional("respondents", Kind::Table(RESPONDENTS)),
    Key {
        name: "dimensions",
        kind: Kind::Named(DIMENSION),
        required: Some("[dimensions.sex] with column = \"…\" describes one"),
    },
    Key {
        name: "strata",
        kind: Kind::Table(STRATA),
        required: Some(
            "[strata] with id = [[\"sex\"], [\"sex\", \"age\"]] says which groups there are",
        ),
    },
    optional("subgroups", Kind::Table(SUBGROUPS)),
    optional("questions", Kind::Table(QUESTIONS)),
    optional("scales", Kind::Named(SCALE)),
    optional("study", Kind::Table(STUDY)),
];

pub(super) const RESPONDENTS: &[Key] = &[
    optional("keep", Kind::TextTable),
    optional("id", Kind::Text),
    optional("duplicates", Kind::OneOf(&["first", "none", "refuse"])),
    optional("weight", Kind::Text),
];

pub(super) const DIMENSION: &[Key] = &[
    Key {
        name: "column",
        kind: Kind::Text,
        required: Some("column = \"Q260\" names the column of the microdata"),
    },
    optional("short", Kind::Text),
    optional("levels", Kind::TextTable),
    optional("bands", Kind::TextTable),
    optional("drop", Kind::Texts),
];

pub(super) const STRATA: &[Key] = &[
    optional("id", Kind::TextLists),
    optional("ood", Kind::TextLists),
];

pub(super) const SUBGROUPS: &[Key] = &[
    optional("minimum", Kind::Whole(1, MAX_EXACT)),
    optional("require", Kind::Texts),
    optional("text", Kind::Text),
];

pub(super) const QUESTIONS: &[Key] = &[
    optional("use", Kind::Texts),
    optional("drop", Kind::Texts),
    optional("missing", Kind::Texts),
    optional("ties", Kind::OneOf(&["lowest", "random", "drop", "all"])),
    optional("minimum", Kind::Whole(1, MAX_EXACT)),
    optional("bootstrap", Kind::Whole(0, MOST_DRAWS)),
    optional("unstable", Kind::Number((Excluded(0.0), Included(1.0)))),
];

pub(super) const SCALE: &[Key] = &[
    optional("range", Kind::Text),
    optional("order", Kind::Texts),
    optional("remap", Kind::TextTable),
    optional("drop", Kind::Texts),
    optional("labels", Kind::TextTable),
    optional("nominal", Kind::Flag),
    optional("text", Kind::Text),
    optional("topic", Kind::Text),
];

pub(super) const STUDY: &[Key] = &[
    Key {
        name: "questions",
        kind: Kind::Text,
        required: Some("questions = \"open-ended.csv\" with id, text and structured"),
    },
    optional("strata", Kind::Texts),
];

const fn optional(name: &'static str, kind: Kind) -> Key {
    Key {
        name,
        kind,
        required: None,
    }
}

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
    /// Whether every negative code is missing.
    pub(super) negative_missing: bool,
    pub(super) missing: Vec<i64>,
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
    pub(super) remap: Vec<(i32, i32)>,
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

impl Questions {
    /// Whether a code says that there is no answer.
    pub(super) fn is_missing(&self, code: i64) -> bool {
        (self.negative_missing && code < 0) || self.missing.contains(&code)
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
    let strata = reader.strata(root.table("strata").unwrap_or(&none), &dimensions);
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

struct Reader<'a> {
    source: &'a Source,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn error(&mut self, offset: usize, field: &str, message: String, help: &str) {
        let problem = self.source.error(offset, field, message);
        self.problems.push(problem.help(help));
    }

    fn code(&mut self, text: &Spot<&str>, field: &str) -> Option<i32> {
        let code = text.value.trim().parse().ok();
        if code.is_none() {
            let message = format!("expected a whole number, found `{}`", shown(text.value));
            self.error(text.offset, field, message, "codes are such as \"1\"");
        }
        code
    }

    fn codes(&mut self, section: &Section, key: &str) -> Vec<i32> {
        let field = section.field(key);
        let list = section.texts(key).unwrap_or_default();
        list.iter()
            .filter_map(|text| self.code(text, &field))
            .collect()
    }

    fn dimensions(&mut self, section: &Section) -> Vec<Dimension> {
        let tables: Vec<_> = section.tables().collect();
        let mut dimensions = Vec::new();
        for ((name, _), section) in section.entries.iter().zip(tables) {
            if RESERVED.contains(&name.value.as_str()) {
                let message = "this is the name of another column of personas.csv".to_owned();
                self.error(name.offset, &section.path, message, "name it otherwise");
            }
            if section.has("bands") && section.has("levels") {
                let message = "a dimension has levels or bands, not both".to_owned();
                let help = "bands are of numbers, levels of codes";
                self.error(section.offset, &section.path, message, help);
            }
            let levels = pairs(section, "levels");
            dimensions.push(Dimension {
                short: section
                    .text("short")
                    .map_or_else(|| name.value.clone(), |short| short.value.to_owned()),
                name: name.value.clone(),
                // One that is not there has been reported.
                column: owned(section.text("column"))
                    .unwrap_or(spot(section.offset, String::new())),
                levels: levels
                    .into_iter()
                    .map(|(code, level)| (code, level.value.trim().to_owned()))
                    .collect(),
                bands: self.bands(section),
                drop: texts(section, "drop"),
            });
        }
        dimensions
    }

    fn bands(&mut self, section: &Section) -> Vec<(Band, String)> {
        let field = section.field("bands");
        let mut bands: Vec<(Band, String)> = Vec::new();
        for (text, level) in pairs(section, "bands") {
            let Some(band) = band(&text.value) else {
                let message = format!("`{}` is not a range of numbers", shown(&text.value));
                let help = "write such as \"25-34\", or \"65+\" for 65 and over";
                self.error(text.offset, &field, message, help);
                continue;
            };
            let overlaps =
                |(other, _): &&(Band, String)| band.low <= other.high && other.low <= band.high;
            if let Some((_, other)) = bands.iter().find(overlaps) {
                let message = format!("this band overlaps that of `{}`", shown(other));
                self.error(text.offset, &field, message, "both ends belong to a band");
            }
            bands.push((band, level.value.trim().to_owned()));
        }
        bands
    }

    fn strata(&mut self, section: &Section, dimensions: &[Dimension]) -> Vec<Stratum> {
        let mut strata: Vec<Stratum> = Vec::new();
        for split in ["id", "ood"] {
            let field = section.field(split);
            for list in section.list(split).unwrap_or_default() {
                let offset = list.offset;
                let crate::study::section::Value::List(names) = &list.value else {
                    continue;
                };
                let names: Vec<_> = names.iter().filter_map(Spot::text).collect();
                let Some(found) = self.crossed(&names, &field, dimensions) else {
                    continue;
                };
                let same = |other: &&Stratum| {
                    let (mut a, mut b) = (found.clone(), other.dimensions.clone());
                    a.sort_unstable();
                    b.sort_unstable();
                    a == b
                };
                if let Some(other) = strata.iter().find(same) {
                    let message =
                        format!("`{}` is a stratum already, of {}", other.name, other.split);
                    let help = "a cross of the same dimensions has the same subgroups, whatever their order; it belongs to one split";
                    self.error(offset, &field, message, help);
                    continue;
                }
                let name = if let [one] = found[..] {
                    dimensions[one].name.clone()
                } else {
                    let short: Vec<_> = found.iter().map(|d| &*dimensions[*d].short).collect();
                    short.join("_x_")
                };
                strata.push(Stratum {
                    name,
                    split,
                    dimensions: found,
                });
            }
        }
        if strata.is_empty() && !section.has("id") && !section.has("ood") {
            let message = "there is no stratum".to_owned();
            let help = "write such as id = [[\"sex\"], [\"sex\", \"age\"]]";
            self.error(section.offset, "strata", message, help);
        }
        strata
    }

    fn crossed(
        &mut self,
        names: &[Spot<&str>],
        field: &str,
        dimensions: &[Dimension],
    ) -> Option<Vec<usize>> {
        let mut found = Vec::new();
        for name in names {
            match dimensions.iter().position(|d| d.name == name.value.trim()) {
                Some(index) if found.contains(&index) => {
                    let message = format!("`{}` stands twice in one cross", shown(name.value));
                    self.error(name.offset, field, message, "name each dimension once");
                    return None;
                }
                Some(index) => found.push(index),
                None => {
                    let message = format!("there is no dimension `{}`", shown(name.value));
                    let known = dimensions.iter().map(|d| d.name.as_str());
                    let help = suggestion(name.value, known, "dimensions");
                    self.error(name.offset, field, message, &help);
                    return None;
                }
            }
        }
        Some(found)
    }

    fn questions(&mut self, section: &Section) -> Questions {
        let field = section.field("missing");
        let mut negative_missing = !section.has("missing");
        let mut missing = Vec::new();
        for text in section.texts("missing").unwrap_or_default() {
            if text.value.trim() == "negative" {
                negative_missing = true;
            } else if let Some(code) = self.code(&text, &field) {
                missing.push(i64::from(code));
            }
        }
        Questions {
            wanted: texts(section, "use"),
            drop: texts(section, "drop"),
            negative_missing,
            missing,
            ties: match section.text("ties").map(|word| word.value) {
                Some("random") => Ties::Random,
                Some("drop") => Ties::Drop,
                Some("all") => Ties::All,
                _ => Ties::Lowest,
            },
            minimum: section.whole("minimum").map_or(1, |n| n.value as u64),
            draws: section.count("bootstrap").unwrap_or(200),
            unstable: section.number("unstable").map_or(0.05, |share| share.value),
        }
    }

    fn scales(&mut self, section: &Section) -> Vec<(Spot<String>, ScaleRule)> {
        let tables: Vec<_> = section.tables().collect();
        let names = section.entries.iter().map(|(name, _)| name.clone());
        names
            .zip(tables)
            .map(|(name, section)| (name, self.scale(section)))
            .collect()
    }

    fn scale(&mut self, section: &Section) -> ScaleRule {
        let field = section.field("range");
        let range = section.text("range").and_then(|text| {
            let range = code_range(text.value);
            if range.is_none() {
                let message = format!("`{}` is not a range of codes", shown(text.value));
                let help = "write the lowest and the highest code, such as \"1-4\"";
                self.error(text.offset, &field, message, help);
            }
            range
        });
        let field = section.field("remap");
        let remap = pairs(section, "remap")
            .iter()
            .filter_map(|(from, to)| {
                let from = self.code(&spot(from.offset, from.value.as_str()), &field)?;
                Some((from, self.code(to, &field)?))
            })
            .collect();
        let field = section.field("labels");
        let labels = pairs(section, "labels")
            .iter()
            .filter_map(|(code, label)| {
                let code = self.code(&spot(code.offset, code.value.as_str()), &field)?;
                Some((code, label.value.trim().to_owned()))
            })
            .collect();
        let text = |key| section.text(key).map(|text| text.value.to_owned());
        ScaleRule {
            range,
            order: self.codes(section, "order"),
            remap,
            drop: self.codes(section, "drop"),
            labels,
            nominal: section.flag("nominal").map(|flag| flag.value),
            text: text("text"),
            topic: text("topic"),
        }
    }

    fn study(&mut self, section: &Section, dir: &Path, strata: &[Stratum]) -> Option<StudyTables> {
        let wanted = texts(section, "strata");
        for name in &wanted {
            if !strata.iter().any(|stratum| stratum.name == name.value) {
                let message = format!("there is no stratum `{}`", shown(&name.value));
                let known = strata.iter().map(|stratum| stratum.name.as_str());
                let help = suggestion(&name.value, known, "strata");
                self.error(name.offset, "study.strata", message, &help);
            }
        }
        Some(StudyTables {
            questions: dir.join(section.text("questions")?.value),
            strata: wanted,
        })
    }
}

/// Columns of `personas.csv` that are no dimension.
const RESERVED: [&str; 6] = ["id", "text", "split", "stratum", "n", "weight"];

/// `25-34`, `65+`.
fn band(text: &str) -> Option<Band> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    let band = if let Some(low) = text.trim().strip_suffix('+') {
        Band {
            low: number(low)?,
            high: f64::INFINITY,
        }
    } else {
        let (low, high) = text.trim().split_once('-')?;
        Band {
            low: number(low)?,
            high: number(high)?,
        }
    };
    (band.low <= band.high).then_some(band)
}

/// `1-4`; the lowest code may not be negative.
fn code_range(text: &str) -> Option<(i32, i32)> {
    let (low, high) = text.trim().split_once('-')?;
    let range: (i32, i32) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    let few = range.1.abs_diff(range.0) < crate::study::scale::MOST_OPTIONS as u32;
    (range.0 < range.1 && few).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        let mut problems = Vec::new();
        let read = read(Path::new("s.toml"), text.as_bytes(), &mut problems);
        assert_eq!(read.is_none(), !problems.is_empty());
        problems
            .iter()
            .map(ToString::to_string)
            .fold(String::new(), |all, one| all + &one + "\n")
    }

    const GOOD: &str = "[dimensions.sex]\ncolumn = \"Q260\"\n[dimensions.age_group]\ncolumn = \"Q262\"\nshort = \"age\"\nbands = { \"16-24\" = \"young\", \"25+\" = \"old\" }\n";

    #[test]
    fn what_is_not_said_has_its_default() {
        let text = format!("{GOOD}[strata]\nid = [[\"sex\"], [\"sex\", \"age_group\"]]\n");
        let mut problems = Vec::new();
        let config = read(Path::new("s.toml"), text.as_bytes(), &mut problems).unwrap();
        assert!(problems.is_empty());
        assert_eq!((config.minimum, config.questions.minimum), (30, 1));
        assert!(config.questions.is_missing(-99) && !config.questions.is_missing(0));
        assert_eq!(config.strata[1].name, "sex_x_age");
        assert_eq!(config.questions.ties, Ties::Lowest);
        assert_eq!(config.duplicates, Duplicates::First);
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        insta::assert_snapshot!(problems(
            "[dimensions.sex]\ncolumn = \"Q260\"\n[dimensions.age]\ncolumn = \"Q262\"\nbands = { \"16-24\" = \"a\", \"24-30\" = \"b\", \"old\" = \"c\" }\n[strata]\nid = [[\"sexx\"], [\"sex\", \"age\"]]\nood = [[\"age\", \"sex\"]]\n[scales.Q1]\nrange = \"4-1\"\nremap = { \"x\" = \"1\" }\n[respondents]\nwieght = \"W\"\n"
        ), @r#"
        s.toml:13:1: respondents.wieght: there is no such key
          help: did you mean `weight`?
        s.toml:5:26: dimensions.age.bands: this band overlaps that of `a`
          help: both ends belong to a band
        s.toml:5:41: dimensions.age.bands: `old` is not a range of numbers
          help: write such as "25-34", or "65+" for 65 and over
        s.toml:7:8: strata.id: there is no dimension `sexx`
          help: did you mean `sex`?
        s.toml:8:8: strata.ood: `sex_x_age` is a stratum already, of id
          help: a cross of the same dimensions has the same subgroups, whatever their order; it belongs to one split
        s.toml:10:9: scales.Q1.range: `4-1` is not a range of codes
          help: write the lowest and the highest code, such as "1-4"
        s.toml:11:11: scales.Q1.remap: expected a whole number, found `x`
          help: codes are such as "1"
        "#);
    }

    #[test]
    fn a_file_without_strata_is_refused() {
        insta::assert_snapshot!(problems("[dimensions.sex]\ncolumn = \"Q260\"\n[strata]\n"), @r#"
        s.toml:3:2: strata: there is no stratum
          help: write such as id = [["sex"], ["sex", "age"]]
        "#);
    }

    #[test]
    fn missing_codes_of_ones_own_take_the_place_of_the_negative_ones() {
        let text =
            format!("{GOOD}[strata]\nid = [[\"sex\"]]\n[questions]\nmissing = [\"9\", \"99\"]\n");
        let config = read(Path::new("s.toml"), text.as_bytes(), &mut Vec::new()).unwrap();
        assert!(config.questions.is_missing(99) && !config.questions.is_missing(-1));
    }

    #[test]
    fn bands_and_ranges_are_read() {
        assert!(band("65+").unwrap().high.is_infinite());
        assert!((band(" 25 - 34 ").unwrap().low - 25.0).abs() < 1e-12);
        assert!(band("34-25").is_none() && band("x").is_none());
        assert_eq!(code_range("0-2"), Some((0, 2)));
        assert!(code_range("3").is_none() && code_range("2-2").is_none());
    }
}
