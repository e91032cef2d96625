//! From the cells of a dimension's column to its levels.

use std::collections::HashMap;
use std::path::Path;

use super::codebook::{Code, Codebook, Variable};
use super::config::{Band, Config, Dimension};
use super::labels::{is_label, labelled};
use super::microdata::{Column, Microdata, Text, decimal, is_blank, whole};
use crate::input::source::shown;
use crate::problem::Problem;
use crate::text::nearest::suggestion;
use crate::text::{counted, thousands};

/// A respondent without a level.
pub(super) const NO_LEVEL: u16 = u16::MAX;

/// A dimension of the microdata.
#[derive(Debug)]
pub(super) struct Levels {
    pub(super) names: Vec<String>,
    /// The level of each respondent, or [`NO_LEVEL`].
    pub(super) of: Vec<u16>,
    /// Respondents without a level, by reason.
    pub(super) left_out: Vec<(u64, String)>,
    /// What a reader should know.
    pub(super) notes: Vec<String>,
}

/// What a text of the column means.
enum Meaning {
    Level(u16),
    LeftOut(Why),
}

/// Why respondents have no level.
#[derive(PartialEq)]
enum Why {
    Dropped(String),
    NoAnswer,
    NoBand,
}

/// Codes that a line of the summary names at the most.
const NAMED: usize = 12;

/// Respondents without a level for one reason.
struct LeftOut {
    why: Why,
    count: u64,
    /// By what they gave.
    codes: Vec<(u64, String)>,
}

impl LeftOut {
    /// How many, and why: `no answer (2 code -1 (Don't know), 1 empty)`.
    fn told(mut self) -> (u64, String) {
        let reason = match self.why {
            Why::Dropped(what) => return (self.count, format!("dropped: {what}")),
            Why::NoAnswer => "no answer",
            Why::NoBand => "outside of every band",
        };
        // Most first, whatever the order of the rows.
        let by_count = |a: &(u64, String), b: &(u64, String)| b.0.cmp(&a.0).then(a.1.cmp(&b.1));
        self.codes.sort_by(by_count);
        let more = self.codes.len().saturating_sub(NAMED);
        let named = self.codes.iter().take(NAMED);
        let mut named: Vec<String> = named
            .map(|(count, code)| format!("{} {code}", thousands(*count)))
            .collect();
        if more > 0 {
            named.push(format!("and {}", counted(more as u64, "other code")));
        }
        (self.count, format!("{reason}: {}", named.join(", ")))
    }
}

/// Reads every dimension; the codes of all of them are checked.
pub(super) fn read(
    file: &Path,
    config: &Config,
    codebook: &Codebook,
    microdata: &Microdata,
    problems: &mut Vec<Problem>,
) -> Vec<Levels> {
    config
        .dimensions
        .iter()
        .filter_map(|dimension| {
            let column = microdata.column(&dimension.column.value)?;
            let reader = Reader {
                file,
                config,
                dimension,
                variable: codebook.find(&dimension.column.value),
            };
            Some(reader.levels(column, problems))
        })
        .collect()
}

struct Reader<'a> {
    file: &'a Path,
    config: &'a Config,
    dimension: &'a Dimension,
    /// What the codebook says of its column.
    variable: Option<&'a Variable>,
}

impl Reader<'_> {
    fn levels(&self, column: &Column, problems: &mut Vec<Problem>) -> Levels {
        let known = self.known();
        let mut names: Vec<String> = Vec::new();
        for level in known
            .iter()
            .map(|(_, level)| level)
            .chain(self.dimension.bands.iter().map(|(_, level)| level))
        {
            if !names.contains(level) && !self.is_dropped(level) {
                names.push(level.clone());
            }
        }
        self.check_drops(&known, problems);
        let mut left_out: Vec<LeftOut> = Vec::new();
        // What is wrong, with how many respondents and the first line.
        let mut wrong: HashMap<String, (u64, u64)> = HashMap::new();
        let meanings: Vec<u16> = column
            .texts
            .iter()
            .map(|text| {
                match self.meaning(&text.cell, &known, &names) {
                    Ok(Meaning::Level(level)) => return level,
                    Ok(Meaning::LeftOut(_)) | Err(_) if text.count == 0 => {}
                    Ok(Meaning::LeftOut(why)) => self.leave_out(&mut left_out, why, text),
                    Err(message) => {
                        let (count, line) = wrong.entry(message).or_insert((0, text.line));
                        *count += text.count;
                        *line = text.line.min(*line);
                    }
                }
                NO_LEVEL
            })
            .collect();
        let mut wrong: Vec<(String, (u64, u64))> = wrong.into_iter().collect();
        wrong.sort_unstable_by_key(|(_, (_, line))| *line);
        problems.extend(wrong.into_iter().map(|(message, (count, line))| {
            let people = counted(count, "respondent");
            Problem::error(self.file, format!("{message} ({people})"))
                .line(line as usize)
                .field(shown(&self.dimension.column.value))
                .help(self.advice())
        }));
        Levels {
            names,
            of: column
                .cells
                .iter()
                .map(|cell| meanings[usize::from(*cell)])
                .collect(),
            left_out: left_out.into_iter().map(LeftOut::told).collect(),
            notes: self
                .dropped_in_vain(column)
                .into_iter()
                .chain(self.merged(column))
                .collect(),
        }
    }

    /// Adds the respondents of a text to those left out for the same reason.
    fn leave_out(&self, all: &mut Vec<LeftOut>, why: Why, text: &Text) {
        let at = all.iter().position(|known| known.why == why);
        let at = at.unwrap_or_else(|| {
            all.push(LeftOut {
                why,
                count: 0,
                codes: Vec::new(),
            });
            all.len() - 1
        });
        let (known, code) = (&mut all[at], self.code_given(&text.cell));
        known.count += text.count;
        match known.codes.iter_mut().find(|(_, known)| *known == code) {
            Some((count, _)) => *count += text.count,
            None => known.codes.push((text.count, code)),
        }
    }

    /// What a respondent gave: a code, with its label, or nothing.
    fn code_given(&self, text: &str) -> String {
        if is_blank(text) {
            return "empty".to_owned();
        }
        let known = self.codes().iter().find(|known| same(&known.text, text));
        // One code, whether it is written `2` or `2.0`.
        let code = whole(text).map_or_else(|| shown(text), |code| code.to_string());
        match known.and_then(|known| known.label.as_deref()) {
            Some(label) => format!("code {code} ({})", shown(label)),
            None => format!("code {code}"),
        }
    }

    /// How many respondents gave a code, or a level's name.
    fn gave(column: &Column, word: &str) -> u64 {
        let texts = column.texts.iter().filter(|text| same(&text.cell, word));
        texts.map(|text| text.count).sum()
    }

    /// Codes to drop that nobody gave.
    fn dropped_in_vain(&self, column: &Column) -> Vec<String> {
        let drops = self.dimension.drop.iter().map(|drop| drop.value.as_str());
        let vain = drops.filter(|drop| whole(drop).is_some() && Self::gave(column, drop) == 0);
        vain.map(|drop| {
            format!(
                "dimensions.{}.drop: nobody gave the code {}",
                self.dimension.name,
                shown(drop)
            )
        })
        .collect()
    }

    /// Codes that make one level since the codebook has one label for them.
    fn merged(&self, column: &Column) -> Vec<String> {
        if !self.dimension.levels.is_empty() {
            return Vec::new();
        }
        let mut by_label: Vec<(String, Vec<String>)> = Vec::new();
        for (code, label) in self.known() {
            let is_dropped = self.is_dropped(&code) || self.is_dropped(&label);
            if is_dropped || Self::gave(column, &code) == 0 {
                continue;
            }
            match by_label.iter_mut().find(|(known, _)| *known == label) {
                Some((_, codes)) => codes.push(code),
                None => by_label.push((label, vec![code])),
            }
        }
        let several = by_label.iter().filter(|(_, codes)| codes.len() > 1);
        several
            .map(|(label, codes)| {
                let codes: Vec<String> = codes.iter().map(|code| shown(code)).collect();
                format!(
                    "dimensions.{}: the codes {} are one level, since the codebook calls all of them {}",
                    self.dimension.name,
                    codes.join(", "),
                    shown(label)
                )
            })
            .collect()
    }

    /// Codes and their levels: the configuration's, else the codebook's.
    fn known(&self) -> Vec<(String, String)> {
        if !self.dimension.levels.is_empty() {
            let levels = self.dimension.levels.iter();
            return levels
                .map(|(code, level)| (code.value.clone(), level.clone()))
                .collect();
        }
        if !self.dimension.bands.is_empty() {
            return Vec::new();
        }
        self.codes()
            .iter()
            .filter(|known| {
                !whole(&known.text).is_some_and(|code| self.dimension.missing.has(code))
            })
            .filter_map(|known| Some((known.text.clone(), known.label.clone()?)))
            .collect()
    }

    /// Codes of the codebook.
    fn codes(&self) -> &[Code] {
        self.variable.map_or(&[], |variable| &variable.codes)
    }

    fn is_dropped(&self, word: &str) -> bool {
        self.dimension
            .drop
            .iter()
            .any(|drop| same(&drop.value, word))
    }

    /// A level to drop that is none may be a slip of the finger.
    fn check_drops(&self, known: &[(String, String)], problems: &mut Vec<Problem>) {
        for drop in &self.dimension.drop {
            let is_code = whole(&drop.value).is_some();
            let mut words = known.iter().flat_map(|(code, level)| [code, level]);
            let bands = self.dimension.bands.iter().map(|(_, level)| level.as_str());
            if !is_code
                && !words.any(|word| same(word, &drop.value))
                && !bands.clone().any(|b| b == drop.value)
            {
                let field = format!("dimensions.{}.drop", self.dimension.name);
                let message = format!("there is no level `{}`", shown(&drop.value));
                let levels = known.iter().map(|(_, level)| level.as_str()).chain(bands);
                let help = suggestion(&drop.value, levels, "levels");
                problems.push(
                    self.config
                        .source
                        .error(drop.offset, field, message)
                        .help(help),
                );
            }
        }
    }

    fn meaning(
        &self,
        text: &str,
        known: &[(String, String)],
        names: &[String],
    ) -> Result<Meaning, String> {
        // Of a file with texts in place of codes: a level, or what the codebook calls a code.
        let levels = known.iter().map(|(code, level)| (code, level.as_str()));
        let labels = self.codes().iter();
        let labels = labels.filter_map(|known| Some((&known.text, known.label.as_deref()?)));
        let all: Vec<(&String, &str)> = levels.chain(labels).collect();
        let has_bands = !self.dimension.bands.is_empty();
        if has_bands || !is_label(all.iter().map(|(_, label)| *label), text) {
            let of_text = self.meaning_of_code(text, known, names);
            if of_text.is_ok() || whole(text).is_some() || has_bands {
                return of_text;
            }
        }
        let label = labelled(all.iter().map(|(_, label)| *label), text);
        let code = all.iter().find(|(_, known)| Some(*known) == label);
        match code {
            Some((code, _)) => self.meaning_of_code(code, known, names),
            None => Err(format!(
                "`{}` is no code, and neither a level of the configuration nor a label of the codebook",
                shown(text)
            )),
        }
    }

    fn meaning_of_code(
        &self,
        text: &str,
        known: &[(String, String)],
        names: &[String],
    ) -> Result<Meaning, String> {
        let left_out = |why| Ok(Meaning::LeftOut(why));
        let dropped = |what: &str| left_out(Why::Dropped(what.to_owned()));
        let level = |level: &str| {
            if self.is_dropped(level) {
                return dropped(level);
            }
            let index = names.iter().position(|name| name == level);
            index.map_or_else(
                || left_out(Why::NoAnswer),
                |index| Ok(Meaning::Level(index as u16)),
            )
        };
        if is_blank(text) {
            return left_out(Why::NoAnswer);
        }
        if let Some((_, name)) = known.iter().find(|(code, _)| same(code, text)) {
            return if self.is_dropped(text) {
                dropped(name)
            } else {
                level(name)
            };
        }
        let code = whole(text);
        // One code, whether it is written `2` or `2.0`.
        let name = || code.map_or_else(|| shown(text), |code| code.to_string());
        if self.is_dropped(text) {
            return dropped(&format!("code {}", name()));
        }
        let missing = &self.dimension.missing;
        if code.is_some_and(|code| missing.names(code)) {
            return left_out(Why::NoAnswer);
        }
        let bands = &self.dimension.bands;
        let number = decimal(text).filter(|_| !bands.is_empty());
        let band = number.and_then(|number| bands.iter().find(|(band, _)| inside(*band, number)));
        if let Some((_, name)) = band {
            return level(name);
        }
        if code.is_some_and(|code| missing.has(code)) {
            return left_out(Why::NoAnswer);
        }
        if bands.is_empty() {
            return Err(format!("the code `{}` has no level", name()));
        }
        if number.is_none() {
            return Err(format!(
                "expected a number for a band, found `{}`",
                shown(text)
            ));
        }
        left_out(Why::NoBand)
    }

    fn advice(&self) -> String {
        let name = &self.dimension.name;
        if !self.dimension.bands.is_empty() {
            return format!(
                "name a column of numbers in dimensions.{name}, or leave the cell empty"
            );
        }
        if self.dimension.levels.is_empty() {
            return format!(
                "give it a label in the codebook, or a level in dimensions.{name}.levels, or add it to dimensions.{name}.drop"
            );
        }
        format!("give it a level in dimensions.{name}.levels, or add it to dimensions.{name}.drop")
    }
}

fn inside(band: Band, number: f64) -> bool {
    // A band of whole years holds every age up to the next year.
    band.low <= number && (number <= band.high || number.floor() <= band.high)
}

/// Whether two texts are the same code, as text or as number.
fn same(a: &str, b: &str) -> bool {
    a.trim() == b.trim() || whole(a).is_some_and(|code| whole(b) == Some(code))
}
