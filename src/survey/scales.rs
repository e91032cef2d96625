//! From the codebook and the configuration to a question's scale, and from the cells
//! of its column to positions on it.

use std::collections::BTreeMap;
use std::path::Path;

use super::codebook::{Codebook, Variable};
use super::config::{Config, ScaleRule};
use super::labels::labelled;
use super::microdata::{Column, Microdata, is_blank, whole};
use super::summary::counted;
use crate::problem::Problem;
use crate::study::scale::{Scale, ScaleOption};
use crate::study::section::Spot;
use crate::study::source::shown;
use crate::text::nearest::suggestion;

/// A cell without an answer on the scale.
pub(super) const NO_ANSWER: u16 = u16::MAX;

/// A question with its scale, before its answers are read.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) topic: Option<String>,
    pub(super) text: String,
    pub(super) scale: Scale,
    recode: Recode,
}

/// What becomes of codes.
#[derive(Debug, Default)]
struct Recode {
    /// Another code, or none.
    to: BTreeMap<i64, Option<i64>>,
    /// Codes that the codebook knows, with their labels.
    known: Vec<(String, Option<String>)>,
    /// Every label of the codebook with its code, those of missing answers too.
    labels: Vec<(i64, String)>,
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
    /// Answers that do not count, by reason.
    pub(super) left_out: Vec<(u64, String)>,
}

/// The questions that are wanted, in the order of the codebook. The flag says that
/// one was named by itself, and must be in the microdata.
pub(super) fn wanted(
    config: &Config,
    codebook: &Codebook,
    codebook_file: &Path,
    problems: &mut Vec<Problem>,
) -> Vec<(usize, Option<Spot<String>>)> {
    let rule = &config.questions;
    let dimensions = || config.dimensions.iter().map(|d| d.column.value.as_str());
    let mut chosen: BTreeMap<usize, Option<Spot<String>>> = BTreeMap::new();
    if rule.wanted.is_empty() {
        if !codebook.names_questions {
            let message = "this codebook does not say which of its variables are questions";
            let help = "name them in the configuration, [questions] with use = [\"Q1-Q45\"], or put question_metadata.json beside a codebook.json";
            problems.push(Problem::error(codebook_file, message).help(help));
        }
        let all = codebook.variables.iter().enumerate();
        let questions = all.filter(|(_, variable)| variable.is_question);
        chosen.extend(questions.map(|(index, _)| (index, None)));
    }
    for text in &rule.wanted {
        for (index, alone) in find(config, codebook, text, "questions.use", problems) {
            if alone {
                chosen.insert(index, Some(text.clone()));
            } else {
                chosen.entry(index).or_insert(None);
            }
        }
    }
    for text in &rule.drop {
        for (index, _) in find(config, codebook, text, "questions.drop", problems) {
            chosen.remove(&index);
        }
    }
    for (name, _) in &config.scales {
        if codebook.find(&name.value).is_none() {
            unknown(config, codebook, name, "scales", problems);
        }
    }
    chosen.retain(|index, named| {
        let is_dimension = dimensions().any(|name| name == codebook.variables[*index].name);
        named.is_some() || !is_dimension
    });
    chosen.into_iter().collect()
}

/// The variables of a name or of a range of names.
fn find(
    config: &Config,
    codebook: &Codebook,
    text: &Spot<String>,
    field: &str,
    problems: &mut Vec<Problem>,
) -> Vec<(usize, bool)> {
    if let Some(index) = codebook.position(&text.value) {
        return vec![(index, true)];
    }
    let ends = text.value.split_once('-').and_then(|(first, last)| {
        let position = |name: &str| codebook.position(name.trim());
        Some((position(first)?, position(last)?))
    });
    match ends {
        Some((first, last)) if first <= last => {
            (first..=last).map(|index| (index, false)).collect()
        }
        Some(_) => {
            let message = format!("`{}` runs backwards in the codebook", shown(&text.value));
            problems.push(
                config
                    .source
                    .error(text.offset, field, message)
                    .help("name the first question first"),
            );
            Vec::new()
        }
        None => {
            unknown(config, codebook, text, field, problems);
            Vec::new()
        }
    }
}

fn unknown(
    config: &Config,
    codebook: &Codebook,
    name: &Spot<String>,
    field: &str,
    problems: &mut Vec<Problem>,
) {
    let message = format!("the codebook has no variable `{}`", shown(&name.value));
    let help = suggestion(&name.value, codebook.names(), "variables");
    problems.push(config.source.error(name.offset, field, message).help(help));
}

/// The scale of a question.
pub(super) fn draft(
    config: &Config,
    codebook_file: &Path,
    variable: &Variable,
    problems: &mut Vec<Problem>,
) -> Option<Draft> {
    let none = ScaleRule::default();
    let written = config
        .scales
        .iter()
        .find(|(name, _)| name.value == variable.name);
    let rule = written.map_or(&none, |(_, rule)| rule);
    let mut refuse = |message: String, help: &str| {
        let mut problem = Problem::error(codebook_file, message).field(variable.name.clone());
        problem.line = variable.line;
        problems.push(problem.help(help.to_owned()));
    };
    let odd = variable
        .labels
        .iter()
        .find(|(code, _)| whole(code).is_none() && !is_blank(code));
    if let Some((code, _)) = odd {
        refuse(
            format!(
                "`{}` is no code of a question: codes are whole numbers",
                shown(code)
            ),
            "give the answer a number in the codebook and in the microdata, or take it out of the codebook",
        );
        return None;
    }
    let recode = recode(config, variable, rule);
    let labels = labels(config, variable, rule, &recode);
    let nominal = rule.nominal.or(variable.nominal).unwrap_or(false);
    let range = rule.range.or(variable.range);
    let codes: Vec<i32> = match range {
        Some((low, high)) => (low..=high).collect(),
        None => labels.keys().copied().collect(),
    };
    let field = format!("scales.{}", variable.name);
    if codes.len() < 2 {
        let message = match codes.first() {
            None => "this question has no options".to_owned(),
            Some(one) => format!("this question has one option only, {one}"),
        };
        refuse(
            message,
            &format!("give its codes in the codebook, or write [{field}] with range = \"1-4\""),
        );
        return None;
    }
    let gap = codes
        .array_windows()
        .find(|[before, after]| i64::from(*after) - i64::from(*before) > 1);
    if let Some(&[before, after]) = gap.filter(|_| !nominal) {
        let message =
            format!("the codes of this scale are not a range: after {before} comes {after}");
        refuse(
            message,
            &format!(
                "write [{field}] with range = \"…\", or remap or drop the codes that stand apart, or nominal = true"
            ),
        );
        return None;
    }
    let unlabelled = codes
        .iter()
        .find(|code| labels.get(code).is_none_or(Option::is_none));
    if let Some(code) = unlabelled.filter(|_| nominal) {
        refuse(
            format!(
                "the code {code} has no label, and options without an order are known by it alone"
            ),
            &format!("give it a label in the codebook or in {field}.labels, or drop it there"),
        );
        return None;
    }
    let Some(text) = rule.text.clone().or_else(|| variable.text.clone()) else {
        refuse(
            "this question has no text".to_owned(),
            &format!("give it one in the codebook, or write [{field}] with text = \"…\""),
        );
        return None;
    };
    let options = codes.iter().map(|code| ScaleOption {
        code: *code,
        label: labels.get(code).cloned().flatten(),
    });
    match Scale::new(options.collect(), !nominal) {
        Ok(scale) => Some(Draft {
            id: variable.name.clone(),
            topic: rule.topic.clone().or_else(|| variable.topic.clone()),
            text,
            scale,
            recode,
        }),
        Err(error) => {
            refuse(
                error.to_string(),
                &format!("see [{field}] in docs/survey.md"),
            );
            None
        }
    }
}

fn recode(config: &Config, variable: &Variable, rule: &ScaleRule) -> Recode {
    let mut to: BTreeMap<i64, Option<i64>> = BTreeMap::new();
    let written = !rule.remap.is_empty() || !rule.order.is_empty();
    if !written {
        let changes = variable.remap.iter();
        to.extend(changes.map(|(from, to)| (i64::from(*from), to.map(i64::from))));
    }
    let mut sorted = rule.order.clone();
    sorted.sort_unstable();
    for (from, target) in rule.order.iter().zip(sorted) {
        to.insert(i64::from(*from), Some(i64::from(target)));
    }
    for (from, target) in &rule.remap {
        to.insert(i64::from(*from), Some(i64::from(*target)));
    }
    for code in &rule.drop {
        to.insert(i64::from(*code), None);
    }
    let known = variable.labels.iter();
    let known = known
        .filter(|(code, _)| !whole(code).is_some_and(|code| config.questions.is_missing(code)));
    Recode {
        to,
        known: known.cloned().collect(),
        labels: variable
            .labels
            .iter()
            .filter_map(|(code, label)| Some((whole(code)?, label.clone()?)))
            .collect(),
    }
}

/// Labels by the code that answers have in the end. Where several codes become one,
/// the label is that of the code which stays itself, else of the first.
fn labels(
    config: &Config,
    variable: &Variable,
    rule: &ScaleRule,
    recode: &Recode,
) -> BTreeMap<i32, Option<String>> {
    let mut labels: BTreeMap<i32, (bool, Option<String>)> = BTreeMap::new();
    for (code, label) in &variable.labels {
        let Some(code) = whole(code) else { continue };
        if config.questions.is_missing(code) {
            continue;
        }
        let target = recode.to.get(&code).copied().unwrap_or(Some(code));
        let Some(target) = target.and_then(|target| i32::try_from(target).ok()) else {
            continue;
        };
        let label = label.clone().filter(|label| *label != code.to_string());
        let stays = i64::from(target) == code;
        let entry = labels.entry(target).or_insert((stays, label.clone()));
        if stays && !entry.0 {
            *entry = (true, label);
        }
    }
    for (code, label) in &rule.labels {
        labels.insert(*code, (true, Some(label.clone())));
    }
    labels
        .into_iter()
        .map(|(code, (_, label))| (code, label))
        .collect()
}

/// What a text of the column means.
enum Meaning {
    Answer(u16),
    Missing,
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
        let mut left_out: Vec<(u64, String)> = Vec::new();
        let mut positions = Vec::with_capacity(column.texts.len());
        for text in &column.texts {
            let meaning = self.meaning(config, &text.cell);
            positions.push(match meaning {
                Meaning::Answer(position) => {
                    answered += text.count;
                    position
                }
                _ if text.count == 0 => NO_ANSWER,
                Meaning::Missing => NO_ANSWER,
                Meaning::LeftOut(reason) => {
                    match left_out.iter_mut().find(|(_, known)| *known == reason) {
                        Some((count, _)) => *count += text.count,
                        None => left_out.push((text.count, reason)),
                    }
                    NO_ANSWER
                }
                Meaning::Unknown => {
                    problems.push(self.unknown(file, &text.cell, text.line, text.count));
                    NO_ANSWER
                }
            });
        }
        Some(Question {
            answers: column
                .cells
                .iter()
                .map(|cell| positions[usize::from(*cell)])
                .collect(),
            answered,
            left_out,
            id: self.id,
            topic: self.topic,
            text: self.text,
            scale: self.scale,
        })
    }

    fn meaning(&self, config: &Config, text: &str) -> Meaning {
        if is_blank(text) {
            return Meaning::Missing;
        }
        match whole(text) {
            Some(code) => self.meaning_of_code(config, code),
            None => self.meaning_of_label(config, text),
        }
    }

    /// Of a file with texts in place of codes: what the codebook calls a code, or the
    /// configuration an option.
    fn meaning_of_label(&self, config: &Config, text: &str) -> Meaning {
        let labels = &self.recode.labels;
        if let Some(label) = labelled(labels.iter().map(|(_, label)| label.as_str()), text) {
            let mut codes = labels.iter().filter(|(_, known)| known == label);
            return match (codes.next(), codes.next()) {
                (Some((code, _)), None) => self.meaning_of_code(config, *code),
                // One text of several codes says none of them.
                _ => Meaning::Unknown,
            };
        }
        let options = self.scale.options();
        let labels = options.iter().filter_map(|option| option.label.as_deref());
        let label = labelled(labels.collect::<Vec<_>>(), text);
        let position = options
            .iter()
            .position(|option| label.is_some() && option.label.as_deref() == label);
        position.map_or(Meaning::Unknown, |position| {
            Meaning::Answer(position as u16)
        })
    }

    fn meaning_of_code(&self, config: &Config, code: i64) -> Meaning {
        let changed = self.recode.to.get(&code);
        if changed.is_none() && config.questions.is_missing(code) {
            return Meaning::Missing;
        }
        let name = || {
            let known = self
                .recode
                .known
                .iter()
                .find(|(known, _)| whole(known) == Some(code));
            match known.and_then(|(_, label)| label.as_deref()) {
                Some(label) => format!("{code} ({})", shown(label)),
                None => code.to_string(),
            }
        };
        let Some(target) = changed.copied().unwrap_or(Some(code)) else {
            return Meaning::LeftOut(format!("code {} dropped", name()));
        };
        let target = i32::try_from(target).ok();
        match target.and_then(|target| self.scale.position(target)) {
            Some(position) => Meaning::Answer(position as u16),
            None if self
                .recode
                .known
                .iter()
                .any(|(known, _)| whole(known) == Some(code)) =>
            {
                Meaning::LeftOut(format!("code {} not on the scale", name()))
            }
            None => Meaning::Unknown,
        }
    }

    fn unknown(&self, file: &Path, text: &str, line: u64, count: u64) -> Problem {
        let people = counted(count, "respondent");
        if whole(text).is_none() {
            let message = format!(
                "`{}` is no code, and not the label of one code of the codebook; {people}",
                shown(text)
            );
            let help = format!(
                "add it to the codebook as the label of a code of {} (a negative one is no answer), or write the code in the cell",
                self.id
            );
            return Problem::error(file, message)
                .line(line as usize)
                .field(self.id.clone())
                .help(help);
        }
        let message = format!(
            "the codebook has no code `{}`, and it is not on the scale ({}); {people}",
            shown(text),
            self.scale.in_short()
        );
        let help = format!(
            "write [scales.{}] with drop = [\"{code}\"] or remap = {{ \"{code}\" = \"…\" }}, or add the code to the codebook",
            self.id,
            code = shown(text)
        );
        Problem::error(file, message)
            .line(line as usize)
            .field(self.id.clone())
            .help(help)
    }
}
