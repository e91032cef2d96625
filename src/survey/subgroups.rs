//! Subgroups: who shares the levels of a stratum.

use super::config::{Config, Stratum};
use super::levels::{Levels, NO_LEVEL};
use super::summary::counted;
use crate::input::source::shown;
use crate::problem::Problem;
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

impl Subgroups {
    /// Every subgroup with a respondent, strata in order, levels in order.
    pub(super) fn find(
        config: &Config,
        dimensions: &[Levels],
        weights: Option<&[f64]>,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut found = Self {
            all: Vec::new(),
            of: Vec::new(),
        };
        for (index, stratum) in config.strata.iter().enumerate() {
            found.add(index, stratum, config, dimensions, weights);
        }
        found.refuse_twice(config, problems);
        found.require(config, problems);
        found
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
        let cells: usize = axes.iter().map(|axis| axis.names.len()).product();
        let people = axes.first().map_or(0, |axis| axis.of.len());
        let cell_of: Vec<u32> = (0..people)
            .map(|person| {
                let mut cell = 0_u32;
                for axis in &axes {
                    let level = axis.of[person];
                    if level == NO_LEVEL {
                        return NO_GROUP;
                    }
                    cell = cell * axis.names.len() as u32 + u32::from(level);
                }
                cell
            })
            .collect();
        let mut count = vec![0_u64; cells];
        let mut weight = vec![0.0; cells];
        for (person, cell) in cell_of.iter().enumerate() {
            if *cell != NO_GROUP {
                count[*cell as usize] += 1;
                weight[*cell as usize] += weights.map_or(1.0, |weights| weights[person]);
            }
        }
        let mut number = vec![NO_GROUP; cells];
        for cell in (0..cells).filter(|cell| count[*cell] > 0) {
            number[cell] = self.all.len() as u32;
            let mut levels = vec![None; dimensions.len()];
            let mut rest = cell;
            for (axis, dimension) in axes.iter().zip(&stratum.dimensions).rev() {
                levels[*dimension] = Some((rest % axis.names.len()) as u16);
                rest /= axis.names.len();
            }
            let names = axes.iter().zip(&stratum.dimensions);
            let names = names.filter_map(|(axis, d)| Some(&*axis.names[usize::from(levels[*d]?)]));
            self.all.push(Subgroup {
                id: id(&stratum.name, names),
                stratum: index,
                levels,
                respondents: count[cell],
                weight: weight[cell],
                included: count[cell] >= config.minimum,
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
