//! Reads the sections whose values need more than their kind.

use std::collections::BTreeSet;
use std::path::Path;

use super::ranges::{band, code_range};
use super::{
    Band, Dimension, Missing, Questions, ScaleRule, Stratum, StudyTables, Ties, owned, pairs, texts,
};
use crate::input::section::{Section, Spot, spot};
use crate::input::source::{Source, shown};
use crate::problem::Problem;
use crate::text::nearest::suggestion;

pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) problems: &'a mut Vec<Problem>,
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

    pub(super) fn dimensions(&mut self, section: &Section) -> Vec<Dimension> {
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
                missing: self.missing(section),
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

    pub(super) fn strata(&mut self, section: &Section, dimensions: &[Dimension]) -> Vec<Stratum> {
        let mut strata: Vec<Stratum> = Vec::new();
        for split in ["id", "ood"] {
            let field = section.field(split);
            for list in section.list(split).unwrap_or_default() {
                let offset = list.offset;
                let crate::input::section::Value::List(names) = &list.value else {
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
                let columns = |of: &[usize]| -> BTreeSet<String> {
                    let columns = of.iter().map(|d| &dimensions[*d].column.value);
                    columns.cloned().collect()
                };
                let own = columns(&found);
                let held_out =
                    |other: &&Stratum| other.split != split && columns(&other.dimensions) == own;
                if let Some(other) = strata.iter().find(held_out) {
                    let message = format!(
                        "`{}`, of {}, is made of the same columns ({})",
                        other.name,
                        other.split,
                        own.iter()
                            .map(|column| shown(column))
                            .collect::<Vec<_>>()
                            .join(", ")
                    );
                    let help = "two names of one column tell the same respondents apart, so that what is held out would be trained on; put both into one split";
                    self.error(offset, &field, message, help);
                    continue;
                }
                let name = if let [one] = found[..] {
                    dimensions[one].name.clone()
                } else {
                    let short = found.iter().map(|d| dimensions[*d].short.as_str());
                    short.collect::<Vec<_>>().join("_x_")
                };
                strata.push(Stratum {
                    name,
                    split,
                    dimensions: found,
                });
            }
        }
        let is_of_strata = |problem: &Problem| {
            let field = problem.field.as_deref();
            field.is_some_and(|field| field.starts_with("strata"))
        };
        if strata.is_empty() && !self.problems.iter().any(is_of_strata) {
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

    /// The codes of a section that are no answer: all below 0 where it names none.
    fn missing(&mut self, section: &Section) -> Missing {
        let field = section.field("missing");
        let mut missing = Missing {
            negative: !section.has("missing"),
            codes: Vec::new(),
        };
        for text in section.texts("missing").unwrap_or_default() {
            if text.value.trim() == "negative" {
                missing.negative = true;
            } else if let Some(code) = self.code(&text, &field) {
                missing.codes.push(i64::from(code));
            }
        }
        missing
    }

    pub(super) fn questions(&mut self, section: &Section) -> Questions {
        Questions {
            wanted: texts(section, "use"),
            drop: texts(section, "drop"),
            missing: self.missing(section),
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

    pub(super) fn scales(&mut self, section: &Section) -> Vec<(Spot<String>, ScaleRule)> {
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
                Some((from, spot(to.offset, self.code(to, &field)?)))
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

    pub(super) fn study(
        &mut self,
        section: &Section,
        dir: &Path,
        strata: &[Stratum],
    ) -> Option<StudyTables> {
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
