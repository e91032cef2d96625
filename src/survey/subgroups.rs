//! Subgroups: who shares the levels of a stratum.

use std::collections::HashMap;

use super::config::{Config, Stratum};
use super::levels::{Levels, NO_LEVEL};
use crate::input::source::shown;
use crate::problem::Problem;
use crate::text::counted;
use crate::text::nearest::nearest;

/// A respondent in no subgroup of a stratum.
pub(super) const NO_GROUP: u32 = u32::MAX;

/// The subgroups of a survey, those with too few respondents too.
#[derive(Debug)]
pub(super) struct Subgroups {
    pub(super) all: Vec<Subgroup>,
    /// For each stratum the subgroup of each respondent as an index into `all`, or
    /// [`NO_GROUP`].
    pub(super) of: Vec<Vec<u32>>,
}

/// Respondents with the same levels of a stratum's dimensions.
#[derive(Debug)]
pub(super) struct Subgroup {
    pub(super) id: String,
    /// Index into the strata of the configuration.
    pub(super) stratum: usize,
    /// For each dimension of the survey its level, where the stratum has it.
    pub(super) levels: Vec<Option<u16>>,
    pub(super) respondents: u64,
    /// Sum of weights; the number of respondents where there are none.
    pub(super) weight: f64,
    /// Whether there are enough respondents.
    pub(super) included: bool,
}

/// Respondents with the same levels.
struct Cell {
    levels: Vec<u16>,
    respondents: u64,
    weight: f64,
}

/// The cells that respondents are in, in the order in which they are met, and that of each
/// respondent, or [`NO_GROUP`]. Of all that levels could make up, most may be empty.
fn cells(axes: &[&Levels], weights: Option<&[f64]>) -> (Vec<Cell>, Vec<u32>) {
    let people = axes.first().map_or(0, |axis| axis.of.len());
    let mut cells: Vec<Cell> = Vec::new();
    let mut numbers: HashMap<Vec<u16>, u32> = HashMap::new();
    let mut levels: Vec<u16> = Vec::with_capacity(axes.len());
    let mut cell_of = vec![NO_GROUP; people];
    for (person, cell) in cell_of.iter_mut().enumerate() {
        levels.clear();
        levels.extend(axes.iter().map(|axis| axis.of[person]));
        if levels.contains(&NO_LEVEL) {
            continue;
        }
        let known = numbers.get(&levels).copied();
        *cell = known.unwrap_or_else(|| {
            cells.push(Cell {
                levels: levels.clone(),
                respondents: 0,
                weight: 0.0,
            });
            let number = cells.len() as u32 - 1;
            numbers.insert(levels.clone(), number);
            number
        });
        let cell = &mut cells[*cell as usize];
        cell.respondents += 1;
        cell.weight += weights.map_or(1.0, |weights| weights[person]);
    }
    (cells, cell_of)
}

impl Subgroups {
    /// Every subgroup with a respondent, strata in order, levels in order.
    pub(super) fn find(config: &Config, dimensions: &[Levels], weights: Option<&[f64]>) -> Self {
        let mut found = Self {
            all: Vec::new(),
            of: Vec::new(),
        };
        for (index, stratum) in config.strata.iter().enumerate() {
            found.add(index, stratum, config, dimensions, weights);
        }
        found
    }

    /// What is wrong with the subgroups. Which there are, and how large, is known where all
    /// levels are.
    pub(super) fn check(
        &self,
        config: &Config,
        all_levels_are_known: bool,
        problems: &mut Vec<Problem>,
    ) {
        self.refuse_twice(config, problems);
        if all_levels_are_known {
            self.require(config, problems);
        }
    }

    fn add(
        &mut self,
        index: usize,
        stratum: &Stratum,
        config: &Config,
        dimensions: &[Levels],
        weights: Option<&[f64]>,
    ) {
        let axes: Vec<&Levels> = stratum.dimensions.iter().map(|d| &dimensions[*d]).collect();
        let (cells, cell_of) = cells(&axes, weights);
        let mut order: Vec<usize> = (0..cells.len()).collect();
        order.sort_unstable_by_key(|cell| &cells[*cell].levels);
        let mut number = vec![NO_GROUP; cells.len()];
        for index_of_cell in order {
            let cell = &cells[index_of_cell];
            number[index_of_cell] = self.all.len() as u32;
            let mut levels = vec![None; dimensions.len()];
            for (level, dimension) in cell.levels.iter().zip(&stratum.dimensions) {
                levels[*dimension] = Some(*level);
            }
            let names = axes.iter().zip(&cell.levels);
            let names = names.map(|(axis, level)| &*axis.names[usize::from(*level)]);
            self.all.push(Subgroup {
                id: id(&stratum.name, names),
                stratum: index,
                levels,
                respondents: cell.respondents,
                weight: cell.weight,
                included: cell.respondents >= config.minimum,
            });
        }
        let group = |cell: &u32| match *cell {
            NO_GROUP => NO_GROUP,
            cell => number[cell as usize],
        };
        self.of.push(cell_of.iter().map(group).collect());
    }

    /// Levels that differ only in what an id does not tell would be one persona.
    fn refuse_twice(&self, config: &Config, problems: &mut Vec<Problem>) {
        let mut ids: Vec<&str> = self.all.iter().map(|group| group.id.as_str()).collect();
        ids.sort_unstable();
        let mut twice: Vec<&str> = ids
            .windows(2)
            .filter(|p| p[0] == p[1])
            .map(|p| p[0])
            .collect();
        twice.dedup();
        for id in twice {
            let message = format!("two subgroups would have the id `{}`", shown(id));
            let problem = Problem::error(&config.source.path, message).field("strata");
            problems.push(problem.help("give the levels, or the short names of the dimensions, names that differ in more than blanks"));
        }
    }

    fn require(&self, config: &Config, problems: &mut Vec<Problem>) {
        for wanted in &config.require {
            let field = "subgroups.require";
            let Some(group) = self.all.iter().find(|group| group.id == wanted.value) else {
                let message = format!("no respondent is in a subgroup `{}`", shown(&wanted.value));
                let near = nearest(
                    &wanted.value,
                    self.all.iter().map(|group| group.id.as_str()),
                );
                let help = near.map_or_else(
                    || "ids are such as sex_x_age_Female_16-24-years".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                problems.push(
                    config
                        .source
                        .error(wanted.offset, field, message)
                        .help(help),
                );
                continue;
            };
            if !group.included {
                let message = format!(
                    "the subgroup `{}` has {}, under the minimum of {}",
                    shown(&group.id),
                    counted(group.respondents, "respondent"),
                    config.minimum
                );
                let help = "lower subgroups.minimum, or take it off the list";
                problems.push(
                    config
                        .source
                        .error(wanted.offset, field, message)
                        .help(help),
                );
            }
        }
    }

    /// Out-of-distribution subgroups whose respondents are exactly those of an
    /// in-distribution one, as where one level is always met with another.
    pub(super) fn same_people(&self, config: &Config) -> Vec<(&Subgroup, &Subgroup)> {
        let split = |group: &Subgroup| config.strata[group.stratum].split;
        let included = || {
            self.all
                .iter()
                .enumerate()
                .filter(|(_, group)| group.included)
        };
        let mut same = Vec::new();
        for (ood_index, ood) in included().filter(|(_, group)| split(group) == "ood") {
            let of_ood = &self.of[ood.stratum];
            for (id_index, id) in included().filter(|(_, group)| split(group) == "id") {
                if id.respondents != ood.respondents {
                    continue;
                }
                let of_id = &self.of[id.stratum];
                let mut people = of_ood.iter().zip(of_id);
                if people.all(|(a, b)| (*a as usize == ood_index) == (*b as usize == id_index)) {
                    same.push((ood, id));
                    break;
                }
            }
        }
        same
    }
}

/// `sex_x_age_Female_16-24-years`: blanks, and what would end an id, become `-`.
fn id<'n>(stratum: &str, levels: impl Iterator<Item = &'n str>) -> String {
    let mut id = stratum.to_owned();
    for level in levels {
        id.push('_');
        id.push_str(level.trim());
    }
    id.chars()
        .map(|c| {
            if c.is_whitespace() || c.is_control() || c == '/' {
                '-'
            } else {
                c
            }
        })
        .collect()
}
