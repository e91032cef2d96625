//! From the codebook and the configuration to a question's scale.

use std::collections::BTreeMap;
use std::path::Path;

use super::answers::Recode;
use super::codebook::{ADJUSTMENTS, Variable};
use super::config::{Config, ScaleRule};
use super::microdata::{is_blank, whole};
use crate::input::section::Spot;
use crate::input::source::shown;
use crate::problem::Problem;
use crate::study::scale::{Scale, ScaleOption};
use crate::text::folded;

/// A question with its scale, before its answers are read.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) topic: Option<String>,
    pub(super) text: String,
    pub(super) scale: Scale,
    pub(super) recode: Recode,
    /// What a reader should know of it.
    pub(super) notes: Vec<String>,
}

/// Finds the scale of a question.
pub(super) fn draft(
    config: &Config,
    codebook_file: &Path,
    variable: &Variable,
    problems: &mut Vec<Problem>,
) -> Option<Draft> {
    let written = config
        .scales
        .iter()
        .find(|(name, _)| name.value == variable.name);
    let none = ScaleRule::default();
    let drafting = Drafting {
        config,
        codebook_file,
        variable,
        name: written.map(|(name, _)| name),
        rule: written.map_or(&none, |(_, rule)| rule),
        field: format!("scales.{}", variable.name),
    };
    match drafting.draft() {
        Ok(draft) => Some(draft),
        Err(problem) => {
            problems.push(*problem);
            None
        }
    }
}

/// What a scale is made from.
struct Drafting<'a> {
    config: &'a Config,
    codebook_file: &'a Path,
    variable: &'a Variable,
    /// Where the configuration names the question, if it does.
    name: Option<&'a Spot<String>>,
    rule: &'a ScaleRule,
    /// Its section of the configuration.
    field: String,
}

impl Drafting<'_> {
    fn refuse(&self, message: String, help: String) -> Box<Problem> {
        self.refuse_at(self.variable.line, message, help)
    }

    fn refuse_at(&self, line: Option<usize>, message: String, help: String) -> Box<Problem> {
        let mut problem = Problem::error(self.codebook_file, message);
        problem.line = line;
        Box::new(problem.field(self.variable.name.clone()).help(help))
    }

    fn draft(&self) -> Result<Draft, Box<Problem>> {
        let Self {
            variable,
            rule,
            field,
            ..
        } = self;
        let odd = variable.codes.iter();
        let mut odd = odd.filter(|known| whole(&known.text).is_none() && !is_blank(&known.text));
        if let Some(known) = odd.next() {
            return Err(self.refuse_at(
                known.line,
                format!(
                    "`{}` is no code of a question: codes are whole numbers",
                    shown(&known.text)
                ),
                "give the answer a number in the codebook and in the microdata, or take it out of the codebook".to_owned(),
            ));
        }
        let mut recode = Recode::new(variable, rule);
        let codes = self.codes(&recode)?;
        if !rule.order.is_empty() {
            self.check_order(&codes, &recode)?;
            recode.reorder(rule);
        }
        let labels = self.labels(&recode);
        let label = |code: i32| labels.get(&code).cloned().flatten();
        let nominal = rule.nominal.or(variable.nominal).unwrap_or(false);
        if !nominal {
            self.check_range(&codes, &recode)?;
        } else if let Some(code) = codes.iter().copied().find(|code| label(*code).is_none()) {
            return Err(self.refuse_at(
                self.line_of(i64::from(code)),
                format!(
                    "the code {code} has no label, and options without an order are known by it alone"
                ),
                format!(
                    "give it a label in the codebook or in {field}.labels, or drop it there"
                ),
            ));
        }
        self.check_labels(&codes, label)?;
        let Some(text) = rule.text.clone().or_else(|| variable.text.clone()) else {
            return Err(self.refuse(
                "this question has no text".to_owned(),
                format!("give it one in the codebook, or write [{field}] with text = \"…\""),
            ));
        };
        let options = codes.iter().map(|code| ScaleOption {
            code: *code,
            label: label(*code),
        });
        let scale = Scale::new(options.collect(), !nominal).map_err(|error| {
            let help = format!("see [{field}] in docs/survey.md");
            self.refuse(error.to_string(), help)
        })?;
        self.check_remap(&scale)?;
        let overruled = recode.overruled.iter().map(|code| {
            format!("{field} says otherwise of the code {code} than {ADJUSTMENTS}, and stands")
        });
        Ok(Draft {
            notes: overruled.collect(),
            id: variable.name.clone(),
            topic: rule.topic.clone().or_else(|| variable.topic.clone()),
            text,
            scale,
            recode,
        })
    }

    /// The codes of the scale, ascending: those of the range, else of the codebook, that
    /// an answer can have in the end.
    fn codes(&self, recode: &Recode) -> Result<Vec<i32>, Box<Problem>> {
        let codes: Vec<i32> = match self.range() {
            Some((low, high)) => (low..=high)
                .filter(|code| recode.is_reached(self.config, i64::from(*code)))
                .collect(),
            None => self.labels(recode).into_keys().collect(),
        };
        if codes.len() > 1 {
            return Ok(codes);
        }
        let message = match codes.first() {
            None => "this question has no options".to_owned(),
            Some(one) => format!("this question has one option only, {one}"),
        };
        let help = self.missing_help(recode).unwrap_or_else(|| {
            format!(
                "give its codes in the codebook, or write [{}] with range = \"1-4\"",
                self.field
            )
        });
        Err(self.refuse(message, help))
    }

    /// What to do where `questions.missing` takes codes of the scale away.
    fn missing_help(&self, recode: &Recode) -> Option<String> {
        let known = || {
            let known = self.variable.codes.iter();
            known.filter_map(|known| whole(&known.text)).collect()
        };
        let range = self.range();
        let codes: Vec<i64> = range.map_or_else(known, |(low, high)| {
            (i64::from(low)..=i64::from(high)).collect()
        });
        let taken: Vec<String> = codes
            .iter()
            .filter(|code| **code >= 0 && recode.is_missing(self.config, **code))
            .map(ToString::to_string)
            .collect();
        let kept: Vec<String> = taken
            .iter()
            .map(|code| format!("\"{code}\" = \"{code}\""))
            .collect();
        (!taken.is_empty()).then(|| {
            format!(
                "take {} out of questions.missing, or keep {} among the answers to this question alone: write [{}] with remap = {{ {} }}",
                taken.join(", "),
                if taken.len() == 1 { "it" } else { "them" },
                self.field,
                kept.join(", ")
            )
        })
    }

    /// Refuses an order that is not one of all options.
    fn check_order(&self, codes: &[i32], recode: &Recode) -> Result<(), Box<Problem>> {
        let order = &self.rule.order;
        let list = |codes: Vec<&i32>| {
            let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
            codes.join(", ")
        };
        let lacks: Vec<&i32> = codes.iter().filter(|code| !order.contains(code)).collect();
        let strange: Vec<&i32> = order.iter().filter(|code| !codes.contains(code)).collect();
        let message = if let Some(first) = strange.first() {
            let why = recode.why_unreached(self.config, i64::from(**first));
            let why = why.map_or_else(String::new, |why| format!(" ({first} {why})"));
            format!("{} is no code of the scale{why}", list(strange))
        } else if !lacks.is_empty() {
            format!("the order lacks {}", list(lacks))
        } else if order.len() > codes.len() {
            "a code stands twice".to_owned()
        } else {
            return Ok(());
        };
        let offset = self.name.map_or(0, |name| name.offset);
        let field = format!("{}.order", self.field);
        let problem = self.config.source.error(offset, field, message);
        Err(Box::new(problem.help(format!(
            "name each code of the scale once, in their true order: {}",
            list(codes.iter().collect())
        ))))
    }

    /// Refuses to let a code become one that is not on the scale: its answers would be lost.
    fn check_remap(&self, scale: &Scale) -> Result<(), Box<Problem>> {
        let mut remap = self.rule.remap.iter();
        let Some((from, to)) = remap.find(|(_, to)| scale.position(to.value).is_none()) else {
            return Ok(());
        };
        Err(self.refuse_remap(*from, *to, &format!("on the scale ({})", scale.in_short())))
    }

    /// A code that becomes one that is not where it should be.
    fn refuse_remap(&self, from: i32, to: Spot<i32>, place: &str) -> Box<Problem> {
        let field = format!("{}.remap", self.field);
        let message = format!(
            "{from} becomes {to}, and {to} is not {place}",
            to = to.value
        );
        let problem = self.config.source.error(to.offset, field, message);
        let range = if to.value < 0 {
            String::new()
        } else {
            format!(", or a range that has {}", to.value)
        };
        Box::new(problem.help(format!(
            "write a code of the scale for it, or drop = [\"{from}\"] where {from} is no answer{range}"
        )))
    }

    /// Refuses an ordered scale with a gap.
    fn check_range(&self, codes: &[i32], recode: &Recode) -> Result<(), Box<Problem>> {
        let mut pairs = codes.array_windows();
        let gap = pairs.find(|[before, after]| i64::from(*after) - i64::from(*before) > 1);
        let Some(&[before, after]) = gap else {
            return Ok(());
        };
        let is_apart = |to: i32| [before, after].contains(&to) && !self.has_answer(recode, to);
        let mut remap = self.rule.remap.iter();
        let apart = remap.find(|(_, to)| is_apart(to.value));
        if let Some((from, to)) = apart.filter(|_| self.range().is_none()) {
            let place = "next to the other codes of the scale";
            return Err(self.refuse_remap(*from, *to, place));
        }
        let between = before + 1;
        let why = recode.why_unreached(self.config, i64::from(between));
        let why = why.map_or_else(String::new, |why| format!(" ({between} {why})"));
        Err(self.refuse_at(
            self.line_of(i64::from(after)),
            format!("the codes of this scale are not a range: after {before} comes {after}{why}"),
            self.gap_help(recode, i64::from(between)),
        ))
    }

    /// What to do about a code that a scale lacks: whatever takes it away comes first.
    fn gap_help(&self, recode: &Recode, between: i64) -> String {
        if recode.is_missing(self.config, between)
            && let Some(help) = self.missing_help(recode)
        {
            return help;
        }
        let field = &self.field;
        if self.rule.range.is_some() {
            return format!(
                "do not remap or drop {between} in [{field}], or drop the codes that stand apart too, or write nominal = true"
            );
        }
        format!(
            "write [{field}] with range = \"…\", or remap or drop the codes that stand apart, or nominal = true"
        )
    }

    /// Refuses two options with one label: an answer in words could be either.
    fn check_labels(
        &self,
        codes: &[i32],
        label: impl Fn(i32) -> Option<String>,
    ) -> Result<(), Box<Problem>> {
        let mut seen: BTreeMap<String, i32> = BTreeMap::new();
        for code in codes.iter().copied() {
            let Some(label) = label(code) else { continue };
            if let Some(other) = seen.insert(folded(&label), code) {
                return Err(self.refuse_at(
                    self.line_of(i64::from(code)),
                    format!(
                        "the codes {other} and {code} have the same label, `{}`",
                        shown(&label)
                    ),
                    format!(
                        "correct one of them, or write [{}] with labels = {{ \"{code}\" = \"…\" }}, or remap = {{ \"{code}\" = \"{other}\" }} where they are one answer",
                        self.field
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Whether the codebook has this code as that of an answer which stays so.
    fn has_answer(&self, recode: &Recode, code: i32) -> bool {
        let code = i64::from(code);
        let mut codes = self.variable.codes.iter();
        codes.any(|known| whole(&known.text) == Some(code))
            && recode.target(self.config, code) == Some(code)
    }

    fn range(&self) -> Option<(i32, i32)> {
        self.rule.range.or(self.variable.range)
    }

    /// The line of a code in the codebook, else that of the variable.
    fn line_of(&self, code: i64) -> Option<usize> {
        let mut codes = self.variable.codes.iter();
        let known = codes.find(|known| whole(&known.text) == Some(code));
        known.map_or(self.variable.line, |known| known.line)
    }

    /// Labels by the code that answers have in the end. Where several codes become one,
    /// the label is that of the code which stays itself, else of the first.
    fn labels(&self, recode: &Recode) -> BTreeMap<i32, Option<String>> {
        let mut labels: BTreeMap<i32, (bool, Option<String>)> = BTreeMap::new();
        for known in &self.variable.codes {
            let Some(code) = whole(&known.text) else {
                continue;
            };
            let Some(target) = recode.target(self.config, code) else {
                continue;
            };
            let Ok(target) = i32::try_from(target) else {
                continue;
            };
            let label = known.label.clone();
            let label = label.filter(|label| *label != code.to_string());
            let stays = i64::from(target) == code;
            let entry = labels.entry(target).or_insert((stays, label.clone()));
            if stays && !entry.0 {
                *entry = (true, label);
            }
        }
        for (code, label) in &self.rule.labels {
            if recode.is_reached(self.config, i64::from(*code)) {
                labels.insert(*code, (true, Some(label.clone())));
            }
        }
        labels
            .into_iter()
            .map(|(code, (_, label))| (code, label))
            .collect()
    }
}
