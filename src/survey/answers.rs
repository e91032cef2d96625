//! From the cells of a question's column to positions on its scale.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::codebook::{ADJUSTMENTS, Code, Variable};
use super::config::{Config, ScaleRule};
use super::labels::{is_label, labelled};
use super::microdata::{Column, Microdata, Text, is_blank, whole};
use super::scales::Draft;
use super::unlabelled::Unlabelled;
use crate::input::source::shown;
use crate::problem::Problem;
use crate::study::scale::Scale;
use crate::text::counted;

/// A cell without an answer on the scale.
pub(super) const NO_ANSWER: u16 = u16::MAX;

/// What becomes of codes.
#[derive(Debug, Default)]
pub(super) struct Recode {
    /// Another code, or none.
    to: BTreeMap<i64, Option<i64>>,
    /// Every code of the codebook, those of missing answers too.
    known: Vec<(i64, Option<String>)>,
    /// Codes that the configuration remaps or drops.
    named: Vec<i64>,
    /// Codes that change only by the file beside the codebook.
    adjusted: BTreeSet<i64>,
    /// Codes of which the configuration says otherwise than that file.
    pub(super) overruled: Vec<i64>,
}

impl Recode {
    /// What the configuration says of each code, else the codebook; an order says where
    /// each of its codes goes. It comes with [`Self::reorder`].
    pub(super) fn new(variable: &Variable, rule: &ScaleRule) -> Self {
        let remapped = rule.remap.iter();
        let mut to: BTreeMap<i64, Option<i64>> = remapped
            .map(|(from, to)| (i64::from(*from), Some(i64::from(to.value))))
            .collect();
        to.extend(rule.drop.iter().map(|code| (i64::from(*code), None)));
        let (mut adjusted, mut overruled) = (BTreeSet::new(), Vec::new());
        for (from, target) in &variable.remap {
            let (code, target) = (i64::from(*from), target.map(i64::from));
            match to.get(&code) {
                Some(other) if *other == target => {}
                Some(_) => overruled.push(code),
                None if rule.order.contains(from) => {
                    if !places(rule).any(|place| place == (code, target)) {
                        overruled.push(code);
                    }
                }
                None => {
                    to.insert(code, target);
                    adjusted.insert(code);
                }
            }
        }
        let known = |known: &Code| Some((whole(&known.text)?, known.label.clone()));
        let named = rule.remap.iter().map(|(from, _)| from).chain(&rule.drop);
        Self {
            to,
            known: variable.codes.iter().filter_map(known).collect(),
            named: named.map(|code| i64::from(*code)).collect(),
            adjusted,
            overruled,
        }
    }

    /// Lets the codes of a scale change places; those that are remapped stay so.
    pub(super) fn reorder(&mut self, rule: &ScaleRule) {
        for (code, target) in places(rule) {
            self.to.entry(code).or_insert(target);
        }
    }

    /// The code that one becomes, itself where nothing is said of it; `None` where it
    /// is no answer.
    pub(super) fn target(&self, config: &Config, code: i64) -> Option<i64> {
        match self.to.get(&code) {
            Some(target) => *target,
            None => (!config.questions.missing.has(code)).then_some(code),
        }
    }

    /// Whether an answer can have this code in the end.
    pub(super) fn is_reached(&self, config: &Config, code: i64) -> bool {
        self.to.values().any(|target| *target == Some(code))
            || self.target(config, code) == Some(code)
    }

    /// Whether the configuration says of all questions that this code is no answer, and
    /// nothing says otherwise of this one.
    pub(super) fn is_missing(&self, config: &Config, code: i64) -> bool {
        !self.to.contains_key(&code) && config.questions.missing.has(code)
    }

    /// Why no answer can have this code, where something said of it is the reason.
    pub(super) fn why_unreached(&self, config: &Config, code: i64) -> Option<String> {
        let by = if self.adjusted.contains(&code) {
            format!(" by {ADJUSTMENTS}")
        } else {
            String::new()
        };
        match self.to.get(&code) {
            Some(Some(target)) => Some(format!("is remapped to {target}{by}")),
            Some(None) => Some(format!("is dropped{by}")),
            None => self
                .is_missing(config, code)
                .then(|| "is no answer by questions.missing".to_owned()),
        }
    }

    fn is_known(&self, code: i64) -> bool {
        self.known.iter().any(|(known, _)| *known == code)
    }

    /// The code and what it says: `2 (Worse)`.
    fn name(&self, code: i64) -> String {
        let mut known = self.known.iter();
        let found = known.find(|(known, _)| *known == code);
        match found.and_then(|(_, label)| label.as_deref()) {
            Some(label) => format!("{code} ({})", shown(label)),
            None => code.to_string(),
        }
    }
}

/// A question and the position of each respondent's answer on its scale.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) id: String,
    pub(super) topic: Option<String>,
    pub(super) text: String,
    pub(super) scale: Scale,
    /// Position, or [`NO_ANSWER`].
    pub(super) answers: Vec<u16>,
    pub(super) answered: u64,
    /// What became of answers that do not stand as they were given.
    pub(super) told: Told,
}

/// Answers that do not count or count otherwise, and what the configuration says in vain.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Answers that do not count, by reason.
    pub(super) left_out: Vec<(u64, String)>,
    /// Cells without an answer, by code.
    pub(super) missing: Vec<(u64, String)>,
    /// Answers that count as another code.
    pub(super) changed: Vec<(u64, String)>,
    /// Codes that are remapped or dropped and that nobody gave.
    pub(super) unused: Vec<i64>,
    /// What a reader should know of the scale.
    pub(super) notes: Vec<String>,
}

/// What a text of the column says.
enum Said {
    Nothing,
    Code(i64),
    /// A label that the configuration alone gives to the option at this position.
    Option(u16),
    Unknown,
}

/// What becomes of a code.
enum Meaning {
    Answer(u16),
    Changed(u16, String),
    Missing(String),
    LeftOut(String),
    Unknown,
}

impl Draft {
    /// The answers of the respondents.
    pub(super) fn answers(
        self,
        file: &Path,
        config: &Config,
        microdata: &Microdata,
        problems: &mut Vec<Problem>,
    ) -> Option<Question> {
        let column: &Column = microdata.column(&self.id)?;
        let mut answered = 0;
        let mut told = Told {
            notes: self.notes.clone(),
            ..Told::default()
        };
        let mut given = BTreeSet::new();
        let mut unknown: Vec<&Text> = Vec::new();
        let mut unlabelled = Unlabelled::new(&self.scale);
        let mut positions = Vec::with_capacity(column.texts.len());
        for text in &column.texts {
            let said = self.said(&text.cell);
            if let Said::Code(code) = said
                && text.count > 0
            {
                given.insert(code);
            }
            let meaning = match said {
                Said::Nothing => Meaning::Missing("empty".to_owned()),
                Said::Code(code) => self.meaning(config, code),
                Said::Option(position) => Meaning::Answer(position),
                Said::Unknown => Meaning::Unknown,
            };
            let position = match &meaning {
                Meaning::Answer(position) | Meaning::Changed(position, _) => *position,
                _ => NO_ANSWER,
            };
            positions.push(position);
            if text.count == 0 {
                continue;
            }
            if position != NO_ANSWER {
                answered += text.count;
                let is_known = !matches!(said, Said::Code(code) if !self.recode.is_known(code));
                unlabelled.add(position, text, is_known);
            }
            match meaning {
                Meaning::Answer(_) => {}
                Meaning::Changed(_, how) => count(&mut told.changed, text, how),
                Meaning::Missing(what) => count(&mut told.missing, text, what),
                Meaning::LeftOut(reason) => count(&mut told.left_out, text, reason),
                Meaning::Unknown => unknown.push(text),
            }
        }
        problems.extend(
            by_code(&unknown)
                .iter()
                .map(|text| self.unknown(file, config, text)),
        );
        // Most first, whatever the order of the rows.
        told.missing
            .sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let named = self.recode.named.iter().copied();
        told.unused = named.filter(|code| !given.contains(code)).collect();
        told.notes.extend(self.invented_ends(config, &given));
        told.notes
            .extend(unlabelled.notes(file, &self.id, &self.scale));
        Some(Question {
            answers: column
                .cells
                .iter()
                .map(|cell| positions[usize::from(*cell)])
                .collect(),
            answered,
            told,
            id: self.id,
            topic: self.topic,
            text: self.text,
            scale: self.scale,
        })
    }

    /// Ends of the scale that are there only because its range says so.
    fn invented_ends(&self, config: &Config, given: &BTreeSet<i64>) -> Option<String> {
        let is_invented = |code: &&i64| {
            let code = **code;
            let known = self.recode.known.iter().map(|(known, _)| known);
            let label = i32::try_from(code).ok();
            let label = label.and_then(|code| self.scale.label(code));
            label.is_none()
                && !given
                    .iter()
                    .chain(known)
                    .any(|from| self.recode.target(config, *from) == Some(code))
        };
        let ends = [self.scale.low(), self.scale.high()].map(i64::from);
        let ends: Vec<String> = ends
            .iter()
            .filter(is_invented)
            .map(i64::to_string)
            .collect();
        (!ends.is_empty()).then(|| {
            format!(
                "the scale of {} ends with {}, which the codebook does not have and no respondent gave",
                self.id,
                ends.join(" and ")
            )
        })
    }

    /// Of a file with texts in place of codes: what the codebook calls a code, or the
    /// configuration an option.
    fn said(&self, text: &str) -> Said {
        if is_blank(text) {
            return Said::Nothing;
        }
        let known = &self.recode.known;
        let labels: Vec<&str> = known
            .iter()
            .filter_map(|(_, label)| label.as_deref())
            .collect();
        let options = self.scale.options();
        let of_options = options.iter().filter_map(|option| option.label.as_deref());
        let of_options: Vec<&str> = of_options.collect();
        let mut all = labels.iter().chain(&of_options).copied();
        if let Some(code) = whole(text)
            && !is_label(&mut all, text)
        {
            return Said::Code(code);
        }
        if let Some(label) = labelled(labels, text) {
            let mut codes = known
                .iter()
                .filter(|(_, known)| known.as_deref() == Some(label));
            return match (codes.next(), codes.next()) {
                (Some((code, _)), None) => Said::Code(*code),
                // One text of several codes says none of them.
                _ => Said::Unknown,
            };
        }
        let label = labelled(of_options, text);
        let position = options
            .iter()
            .position(|option| label.is_some() && option.label.as_deref() == label);
        position.map_or(Said::Unknown, |position| Said::Option(position as u16))
    }

    fn meaning(&self, config: &Config, code: i64) -> Meaning {
        let recode = &self.recode;
        let name = || format!("code {}", recode.name(code));
        let Some(target) = recode.target(config, code) else {
            return if recode.to.contains_key(&code) {
                Meaning::LeftOut(format!("{} dropped", name()))
            } else {
                Meaning::Missing(name())
            };
        };
        let position = i32::try_from(target).ok();
        let position = position.and_then(|target| self.scale.position(target));
        match position {
            Some(position) if target == code => Meaning::Answer(position as u16),
            Some(position) => {
                let how = format!("{} counts as {target}", name());
                Meaning::Changed(position as u16, how)
            }
            None if recode.is_known(code) && target == code => {
                Meaning::LeftOut(format!("{} not on the scale", name()))
            }
            None if recode.is_known(code) => Meaning::LeftOut(format!(
                "{} becomes {target}, which is not on the scale",
                name()
            )),
            None => Meaning::Unknown,
        }
    }

    fn unknown(&self, file: &Path, config: &Config, text: &Text) -> Problem {
        let people = counted(text.count, "respondent");
        let cell = shown(&text.cell);
        let code = whole(&text.cell);
        let target = code.and_then(|code| self.recode.target(config, code));
        let (message, help) = if let Some(target) = target.filter(|target| Some(*target) != code) {
            let by = if code.is_some_and(|code| self.recode.adjusted.contains(&code)) {
                ADJUSTMENTS.to_owned()
            } else {
                format!("scales.{}", self.id)
            };
            (
                format!(
                    "`{cell}` becomes {target} ({by}), and {target} is not on the scale ({}); {people}",
                    self.scale.in_short()
                ),
                format!(
                    "write [scales.{}] with a code of the scale for it in remap, with drop = [\"{cell}\"], or with a range that has {target}",
                    self.id
                ),
            )
        } else if code.is_none() {
            (
                format!(
                    "`{cell}` is no code, and not the label of one code of the codebook; {people}"
                ),
                format!(
                    "add it to the codebook as the label of a code of {} (a negative one is no answer), or write the code in the cell",
                    self.id
                ),
            )
        } else {
            (
                format!(
                    "the codebook has no code `{cell}`, and it is not on the scale ({}); {people}",
                    self.scale.in_short()
                ),
                format!(
                    "write [scales.{}] with drop = [\"{cell}\"] or remap = {{ \"{cell}\" = \"…\" }}, or add the code to the codebook",
                    self.id
                ),
            )
        };
        Problem::error(file, message)
            .line(text.line as usize)
            .field(self.id.clone())
            .help(help)
    }
}

/// Texts of one code, such as `2` and `2.0`, as one; by line.
fn by_code(texts: &[&Text]) -> Vec<Text> {
    let mut all: HashMap<String, (u64, u64)> = HashMap::new();
    for text in texts {
        let cell = whole(&text.cell).map_or_else(|| text.cell.clone(), |code| code.to_string());
        let (count, line) = all.entry(cell).or_insert((0, text.line));
        *count += text.count;
        *line = text.line.min(*line);
    }
    let all = all.into_iter();
    let mut all: Vec<Text> = all
        .map(|(cell, (count, line))| Text { cell, line, count })
        .collect();
    all.sort_unstable_by_key(|text| text.line);
    all
}

/// Adds the respondents of a text to those of the same kind.
fn count(all: &mut Vec<(u64, String)>, text: &Text, what: String) {
    match all.iter_mut().find(|(_, known)| *known == what) {
        Some((count, _)) => *count += text.count,
        None => all.push((text.count, what)),
    }
}

/// Where an order lets its codes go.
fn places(rule: &ScaleRule) -> impl Iterator<Item = (i64, Option<i64>)> {
    let mut sorted = rule.order.clone();
    sorted.sort_unstable();
    let targets = sorted.into_iter().map(|target| Some(i64::from(target)));
    rule.order.iter().map(|code| i64::from(*code)).zip(targets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::section::spot;

    #[test]
    fn the_configuration_wins_over_adjustments_code_by_code() {
        let variable = Variable {
            remap: BTreeMap::from([(0, Some(2)), (2, Some(3)), (3, Some(2)), (5, None)]),
            ..Variable::default()
        };
        let recode = |rule: &ScaleRule| {
            let recode = Recode::new(&variable, rule);
            let to: Vec<(i64, Option<i64>)> = recode.to.into_iter().collect();
            (to, recode.overruled)
        };
        let remap = ScaleRule {
            remap: vec![(0, spot(0, 1))],
            drop: vec![5],
            ..ScaleRule::default()
        };
        let (to, overruled) = recode(&remap);
        let all = [(0, Some(1)), (2, Some(3)), (3, Some(2)), (5, None)];
        assert_eq!((&to[..], &overruled[..]), (&all[..], &[0][..]));
        // An order says itself where its codes go.
        let order = ScaleRule {
            order: vec![1, 3, 2],
            ..ScaleRule::default()
        };
        let (to, overruled) = recode(&order);
        assert_eq!(to, [(0, Some(2)), (5, None)]);
        // It says of 2 and 3 what the adjustments say, and nothing of 5.
        assert_eq!(overruled, [] as [i64; 0]);
        let other = ScaleRule {
            order: vec![2, 1, 3],
            ..ScaleRule::default()
        };
        assert_eq!(recode(&other).1, [2, 3]);
    }
}
