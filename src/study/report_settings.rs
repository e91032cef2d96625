//! `[report]`.

use super::entry::Draft;
use super::{
    IntervalMethod, PersonaPopulation, Question, RatingMethod, ReportOptions, SubgroupAdjustment,
};
use crate::input::section::{Section, Spot, Value};
use crate::input::source::{Source, shown};
use crate::problem::Problem;
use crate::text::nearest::suggestion;

/// What a report may name; columns are `None` where their table could not be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) dimensions: Option<&'a [String]>,
    pub(super) covariates: Option<&'a [String]>,
    pub(super) questions: &'a [Question],
    pub(super) models: &'a [Draft],
}

/// Reads `[report]`.
pub(super) fn report(
    source: &Source,
    section: &Section,
    known: Known<'_>,
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
        cluster: reader.clusters(known),
        margin: number("margin"),
        adjust: text("adjust")
            .and_then(SubgroupAdjustment::named)
            .unwrap_or_default(),
        by: reader.breakdowns(known.dimensions),
        coverage_floor: number("coverage_floor").unwrap_or(default.coverage_floor),
        control: reader.control(known),
        difficulty: reader.difficulty(known),
        rating: text("rating")
            .and_then(RatingMethod::named)
            .unwrap_or_default(),
        elo_k: number("elo_k").unwrap_or(default.elo_k),
        reference: reader.reference(known),
        min_items: section
            .whole("min_items")
            .map_or(default.min_items, |spot| {
                u64::try_from(spot.value).unwrap_or(default.min_items)
            }),
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

    /// The clusters of the headline: one name or two, `both` being question and
    /// persona.
    fn clusters(&mut self, known: Known<'_>) -> Option<Vec<String>> {
        let names = self.section.texts("cluster")?;
        let first = *names.first()?;
        if names.len() == 1 && first.value == "both" {
            return Some(["question", "persona"].map(str::to_owned).to_vec());
        }
        for name in &names {
            self.check_cluster(*name, known);
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

    fn check_cluster(&mut self, name: Spot<&str>, known: Known<'_>) {
        let (Some(dimensions), Some(covariates)) = (known.dimensions, known.covariates) else {
            return;
        };
        let mut columns: Vec<String> = ["question", "persona", "both", "topic", "split"]
            .map(str::to_owned)
            .to_vec();
        columns.extend(dimensions.iter().map(|name| format!("group.{name}")));
        columns.extend(covariates.iter().map(|name| format!("x.{name}")));
        let is_dimension = dimensions.iter().any(|dimension| dimension == name.value);
        if !is_dimension && !columns.iter().any(|column| column == name.value) {
            let message = format!(
                "there is nothing called `{}` to cluster by",
                shown(name.value)
            );
            let help = suggestion(name.value, columns.iter().map(String::as_str), "columns");
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

    /// What is controlled for: each name a numeric column, `length`, or `none`.
    fn control(&mut self, known: Known<'_>) -> Option<String> {
        let control = self.section.text("control")?;
        let names = control.value.split(',').map(str::trim);
        for name in names.filter(|name| !["", "none", "length"].contains(name)) {
            self.check_numeric("control", control.with(name), &["length", "none"], known);
        }
        Some(control.value.to_owned())
    }

    fn difficulty(&mut self, known: Known<'_>) -> Option<String> {
        let column = self.section.text("difficulty")?;
        self.check_numeric("difficulty", column, &[], known);
        Some(column.value.to_owned())
    }

    /// Says so where a column of the questions is not there, or is not of numbers. `words`
    /// may stand in its place.
    fn check_numeric(&mut self, key: &str, name: Spot<&str>, words: &[&str], known: Known<'_>) {
        let Some(covariates) = known.covariates else {
            return;
        };
        let column = name.value.strip_prefix("x.").unwrap_or(name.value);
        let Some(place) = covariates.iter().position(|known| known == column) else {
            let message = format!("the questions have no column `{}`", shown(column));
            let columns = covariates.iter().map(String::as_str);
            let choices = words.iter().copied().chain(columns);
            let kind = if words.is_empty() {
                "columns"
            } else {
                "choices"
            };
            let help = suggestion(column, choices, kind);
            self.error(name.offset, key, message, &help);
            return;
        };
        let is_number = |text: &str| text.trim().parse::<f64>().is_ok_and(f64::is_finite);
        let odd = known.questions.iter().find_map(|question| {
            let text = question.covariates.get(place)?.as_deref()?;
            (!is_number(text)).then_some((&question.id, text))
        });
        if let Some((question, text)) = odd {
            let message = format!(
                "question {} has `{}` in the column `{}`, expected a number or nothing",
                shown(question),
                shown(text),
                shown(column)
            );
            self.error(name.offset, key, message, "name a column of numbers");
        }
    }

    fn reference(&mut self, known: Known<'_>) -> Option<String> {
        let name = self.section.text("reference")?;
        let models = || known.models.iter().map(|draft| draft.entry.name.as_str());
        if !models().any(|model| model == name.value) {
            let message = format!("there is no model `{}`", shown(name.value));
            let help = suggestion(name.value, models(), "models");
            self.error(name.offset, "reference", message, &help);
        }
        Some(name.value.to_owned())
    }
}

fn same_set(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().all(|name| other.contains(name))
}
