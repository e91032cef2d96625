//! `[judging]` and `[report]`.

use std::path::Path;

use super::compare::Entries;
use super::section::{Section, Spot, Value};
use super::source::{Source, shown};
use super::{
    IntervalMethod, Judging, Orders, PersonaPopulation, ReportOptions, SubgroupAdjustment,
};
use crate::problem::Problem;
use crate::rubric;
use crate::text::nearest::suggestion;

const DEFAULT_RUBRIC: &str = "persona-value";
const DEFAULT_PERSONA_PROMPT: &str = "persona";
const DEFAULT_QUESTION_PROMPT: &str = "open-ended";

/// Reads `[judging]`, its rubric and its templates; `None` where one of these
/// could not be read. Paths start at `dir`.
pub(super) fn judging(
    source: &Source,
    section: &Section,
    judges: &Entries<'_>,
    dir: &Path,
    problems: &mut Vec<Problem>,
) -> Option<Judging> {
    let mut reader = Reader {
        source,
        section,
        problems,
    };
    let judges = reader.judges(judges);
    let rubric = reader.load("rubric", DEFAULT_RUBRIC, |name| {
        rubric::load::load(name, dir)
    });
    let persona_prompt = reader.load("persona_prompt", DEFAULT_PERSONA_PROMPT, |name| {
        rubric::load::template(name, dir)
    });
    let question_prompt = reader.load("question_prompt", DEFAULT_QUESTION_PROMPT, |name| {
        rubric::load::template(name, dir)
    });
    Some(Judging {
        judges,
        rubric: rubric?,
        orders: match section.text("orders") {
            Some(spot) if spot.value == "random" => Orders::Random,
            _ => Orders::Both,
        },
        repeats: section.count("repeats").unwrap_or(1),
        reasks: section.count("reasks").unwrap_or(1),
        persona_prompt: persona_prompt?,
        question_prompt: question_prompt?,
    })
}

/// The columns that a report may name; `None` where their table could not be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReportColumns<'a> {
    pub(super) dimensions: Option<&'a [String]>,
    pub(super) covariates: Option<&'a [String]>,
}

/// Reads `[report]`.
pub(super) fn report(
    source: &Source,
    section: &Section,
    columns: ReportColumns<'_>,
    problems: &mut Vec<Problem>,
) -> ReportOptions {
    let default = ReportOptions::default();
    let number = |key| section.number(key).map(|spot| spot.value);
    let text = |key| section.text(key).map(|spot| spot.value);
    let mut reader = Reader {
        source,
        section,
        problems,
    };
    ReportOptions {
        personas: match section.text("personas") {
            Some(spot) if spot.value == "fixed" => PersonaPopulation::Fixed,
            _ => PersonaPopulation::Sampled,
        },
        level: number("level").unwrap_or(default.level),
        interval: text("interval")
            .and_then(IntervalMethod::named)
            .unwrap_or_default(),
        cluster: reader.clusters(columns),
        margin: number("margin"),
        adjust: text("adjust")
            .and_then(SubgroupAdjustment::named)
            .unwrap_or_default(),
        by: reader.breakdowns(columns.dimensions),
        coverage_floor: number("coverage_floor").unwrap_or(default.coverage_floor),
    }
}

struct Reader<'a> {
    source: &'a Source,
    section: &'a Section,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
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

    /// Loads what a key names. A problem of the name itself has no line, and is
    /// told at the key.
    fn load<T>(
        &mut self,
        key: &str,
        default: &str,
        load: impl Fn(&str) -> Result<T, Vec<Problem>>,
    ) -> Option<T> {
        let written = self.section.text(key);
        if written.is_none() && self.section.has(key) {
            return None;
        }
        let name = written.map_or(default, |spot| spot.value);
        let offset = written.map_or(self.section.offset, |spot| spot.offset);
        match load(name) {
            Ok(loaded) => Some(loaded),
            Err(found) => {
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
                None
            }
        }
    }

    /// The clusters of the headline: one name or two, `both` being question and
    /// persona.
    fn clusters(&mut self, columns: ReportColumns<'_>) -> Option<Vec<String>> {
        let names = self.section.texts("cluster")?;
        let first = *names.first()?;
        if names.len() == 1 && first.value == "both" {
            return Some(["question", "persona"].map(str::to_owned).to_vec());
        }
        for name in &names {
            self.check_cluster(*name, columns);
        }
        let names: Vec<String> = names.iter().map(|name| name.value.to_owned()).collect();
        let both = names.iter().any(|name| name == "both");
        if both || names.len() > 2 || names.len() == 2 && names[0] == names[1] {
            self.error(
                first.offset,
                "cluster",
                "clusters are of one column or of two different ones",
                "write such as \"question\", \"both\" or [\"x.template\", \"persona\"]",
            );
        }
        Some(names)
    }

    fn check_cluster(&mut self, name: Spot<&str>, columns: ReportColumns<'_>) {
        let (Some(dimensions), Some(covariates)) = (columns.dimensions, columns.covariates) else {
            return;
        };
        let mut known: Vec<String> = ["question", "persona", "both", "topic", "split"]
            .map(str::to_owned)
            .to_vec();
        known.extend(dimensions.iter().map(|name| format!("group.{name}")));
        known.extend(covariates.iter().map(|name| format!("x.{name}")));
        let is_dimension = dimensions.iter().any(|dimension| dimension == name.value);
        if !is_dimension && !known.iter().any(|known| known == name.value) {
            let message = format!(
                "there is nothing called `{}` to cluster by",
                shown(name.value)
            );
            let help = suggestion(name.value, known.iter().map(String::as_str), "columns");
            self.error(name.offset, "cluster", message, &help);
        }
    }

    fn breakdowns(&mut self, dimensions: Option<&[String]>) -> Option<Vec<Vec<String>>> {
        let section = self.section;
        let mut by: Vec<Vec<String>> = Vec::new();
        for breakdown in section.list("by")? {
            let Value::List(names) = &breakdown.value else {
                continue;
            };
            let names: Vec<_> = names.iter().filter_map(Spot::text).collect();
            for name in &names {
                self.check_dimension(*name, dimensions);
            }
            let mut plain: Vec<String> = names.iter().map(|name| name.value.to_owned()).collect();
            let at = breakdown.offset;
            if plain.len() > 2 {
                let message = format!(
                    "a breakdown is by one or two dimensions, found {}",
                    plain.len()
                );
                self.error(
                    at,
                    "by",
                    message,
                    "write such as [[\"sex\"], [\"sex\", \"age\"]]",
                );
            } else if plain.len() == 2 && plain[0] == plain[1] {
                self.error(
                    at,
                    "by",
                    "this breakdown names one dimension twice",
                    "name it once",
                );
            } else if by.iter().any(|other| same_set(other, &plain)) {
                self.error(at, "by", "this breakdown stands twice", "keep one");
            } else {
                by.push(std::mem::take(&mut plain));
            }
        }
        Some(by)
    }

    fn check_dimension(&mut self, name: Spot<&str>, dimensions: Option<&[String]>) {
        let Some(dimensions) = dimensions else { return };
        if !dimensions.iter().any(|dimension| dimension == name.value) {
            let message = format!("the personas have no dimension `{}`", shown(name.value));
            let known = dimensions.iter().map(String::as_str);
            let help = suggestion(name.value, known, "dimensions");
            self.error(name.offset, "by", message, &help);
        }
    }
}

fn same_set(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().all(|name| other.contains(name))
}
