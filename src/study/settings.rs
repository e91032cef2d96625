//! `[judging]`.

use std::path::Path;

use super::compare::Entries;
use super::{Judging, Orders};
use crate::input::section::{Section, Spot};
use crate::input::source::{Source, shown};
use crate::problem::Problem;
use crate::rubric::{self, Rubric, Template};

const DEFAULT_RUBRIC: &str = "persona-value";
const DEFAULT_PERSONA_PROMPT: &str = "persona";
const DEFAULT_QUESTION_PROMPT: &str = "open-ended";

/// What `[judging]` says.
pub(super) struct ReadJudging {
    pub(super) judging: Judging,
    /// Whether all that it names is without errors; what could not be read is the default,
    /// so that the rest can be looked at all the same.
    pub(super) whole: bool,
}

/// Reads `[judging]`, its rubric and its templates. Paths start at `dir`.
pub(super) fn judging(
    source: &Source,
    section: &Section,
    judges: &Entries<'_>,
    dir: &Path,
    problems: &mut Vec<Problem>,
) -> Option<ReadJudging> {
    let mut reader = Reader {
        source,
        section,
        problems,
    };
    let judges = reader.judges(judges);
    let (rubric, sound) = reader.rubric(dir);
    let persona_prompt = reader.template("persona_prompt", DEFAULT_PERSONA_PROMPT, dir);
    let question_prompt = reader.template("question_prompt", DEFAULT_QUESTION_PROMPT, dir);
    let whole = sound && persona_prompt.is_some() && question_prompt.is_some();
    let template = |name| rubric::load::template(name, Path::new("")).ok();
    let judging = Judging {
        judges,
        rubric: rubric.or_else(|| rubric::load::load(DEFAULT_RUBRIC, Path::new("")).ok())?,
        orders: match section.text("orders") {
            Some(spot) if spot.value == "random" => Orders::Random,
            _ => Orders::Both,
        },
        repeats: section.count("repeats").unwrap_or(1),
        reasks: section.count("reasks").unwrap_or(1),
        persona_prompt: persona_prompt.or_else(|| template(DEFAULT_PERSONA_PROMPT))?,
        question_prompt: question_prompt.or_else(|| template(DEFAULT_QUESTION_PROMPT))?,
    };
    Some(ReadJudging { judging, whole })
}

struct Reader<'a> {
    source: &'a Source,
    section: &'a Section,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn error(&mut self, offset: usize, key: &str, message: impl Into<String>, help: &str) {
        let field = self.section.field(key);
        let problem = self.source.error(offset, field, message);
        self.problems.push(problem.help(help));
    }

    fn judges(&mut self, known: &Entries<'_>) -> Vec<usize> {
        let Some(names) = self.section.texts("judges") else {
            return (0..known.len()).collect();
        };
        let mut judges = Vec::new();
        for name in names {
            match known.find(name.value, "judges") {
                Ok(Some(judge)) if judges.contains(&judge) => {
                    self.error(
                        name.offset,
                        "judges",
                        "this judge stands twice",
                        "keep one; repeats = … asks a judge again",
                    );
                }
                Ok(judge) => judges.extend(judge),
                Err(help) => {
                    let message = format!("there is no judge `{}`", shown(name.value));
                    self.error(name.offset, "judges", message, &help);
                }
            }
        }
        judges
    }

    /// The rubric as far as it can be read, and whether it is without errors.
    fn rubric(&mut self, dir: &Path) -> (Option<Rubric>, bool) {
        let Some(name) = self.named("rubric", DEFAULT_RUBRIC) else {
            return (None, false);
        };
        let (rubric, found) = rubric::load::look(name.value, dir);
        let sound = rubric.is_some() && found.is_empty();
        self.tell(name.offset, "rubric", found);
        (rubric, sound)
    }

    fn template(&mut self, key: &str, default: &'static str, dir: &Path) -> Option<Template> {
        let name = self.named(key, default)?;
        rubric::load::template(name.value, dir)
            .map_err(|found| self.tell(name.offset, key, found))
            .ok()
    }

    /// What a key names, where it names something.
    fn named(&self, key: &str, default: &'static str) -> Option<Spot<&'a str>> {
        let written = self.section.text(key);
        if written.is_none() && self.section.has(key) {
            return None;
        }
        Some(written.unwrap_or(Spot {
            value: default,
            offset: self.section.offset,
        }))
    }

    /// A problem of the name itself has no line, and is told at the key.
    fn tell(&mut self, offset: usize, key: &str, found: Vec<Problem>) {
        for problem in found {
            self.problems.push(if problem.line.is_some() {
                problem
            } else {
                let field = self.section.field(key);
                let here = self.source.error(offset, field, problem.message);
                Problem {
                    help: problem.help,
                    ..here
                }
            });
        }
    }
}
