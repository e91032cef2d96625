//! Where the columns are that are read.

use std::collections::HashMap;
use std::path::Path;

use super::COUNTRY;
use crate::input::section::Spot;
use crate::input::source::shown;
use crate::problem::Problem;
use crate::survey::config::Config;
use crate::text::nearest::suggestion;

/// Where the columns are that are read.
pub(super) struct Places {
    /// Name and index in the file.
    pub(super) columns: Vec<(String, usize)>,
    pub(super) keep: Vec<(usize, Vec<String>)>,
    pub(super) id: Option<usize>,
    pub(super) weight: Option<usize>,
    /// Columns with the country; the first that says something counts.
    pub(super) country: Vec<usize>,
}

impl Places {
    /// Finds the columns; one of a name that several have is refused.
    pub(super) fn find(
        file: &Path,
        config: &Config,
        wanted: &[String],
        header: &[String],
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut by_name: HashMap<&str, (usize, usize)> = HashMap::new();
        for (index, name) in header.iter().enumerate() {
            by_name.entry(name).or_insert((index, 0)).1 += 1;
        }
        let mut needed = |name: &Spot<String>, field: &str| match by_name.get(name.value.as_str()) {
            Some((index, 1)) => Some(*index),
            Some((_, times)) => {
                let message = format!(
                    "the microdata have {times} columns `{}`",
                    shown(&name.value)
                );
                let problem = config.source.error(name.offset, field, message);
                problems.push(problem.help("take all but one out of the file"));
                None
            }
            None => {
                let message = format!("the microdata have no column `{}`", shown(&name.value));
                let help = suggestion(&name.value, header.iter().map(String::as_str), "columns");
                problems.push(config.source.error(name.offset, field, message).help(help));
                None
            }
        };
        let keep = config
            .keep
            .iter()
            .filter_map(|(column, values)| {
                Some((needed(column, "respondents.keep")?, values.clone()))
            })
            .collect();
        let id = config
            .id
            .as_ref()
            .and_then(|id| needed(id, "respondents.id"));
        let weight = config.weight.as_ref();
        let weight = weight.and_then(|weight| needed(weight, "respondents.weight"));
        for dimension in &config.dimensions {
            needed(
                &dimension.column,
                &format!("dimensions.{}.column", dimension.name),
            );
        }
        let is_dimension = |name: &String| {
            let mut dimensions = config.dimensions.iter();
            dimensions.any(|dimension| dimension.column.value == *name)
        };
        let mut columns = Vec::new();
        for name in wanted {
            let known = columns.iter().any(|(other, _)| other == name);
            if let Some((index, times)) = by_name.get(name.as_str())
                && !known
            {
                columns.push((name.clone(), *index));
                // Those of dimensions have been told.
                if *times > 1 && !is_dimension(name) {
                    let message = format!("{times} columns have this name");
                    let problem = Problem::error(file, message).line(1).field(shown(name));
                    problems.push(problem.help("take all but one out of the file"));
                }
            }
        }
        Self {
            columns,
            keep,
            id,
            weight,
            country: COUNTRY
                .iter()
                .filter_map(|name| Some(by_name.get(name)?.0))
                .collect(),
        }
    }
}
