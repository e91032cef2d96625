//! Survey microdata to subgroups, their answers, and the tables of a study.
//!
//! `config` and `codebook` say what the columns of `microdata` mean; `wanted` chooses the
//! questions; `levels`, `scales` and `answers` turn cells into levels and positions;
//! `subgroups` and `items` count; `stability` and `diversity` say what the counts are
//! worth; `tables` and `summary` write; `sft` makes training data of a study. Nothing is
//! left out in silence: whatever does not count is in the summary with its number and
//! reason, and what cannot be understood is an error with its place, all of them at once.

mod answers;
mod codebook;
mod config;
mod diversity;
mod inputs;
mod items;
mod labels;
mod levels;
mod microdata;
mod scales;
pub mod sft;
mod stability;
mod study_tables;
mod subgroups;
mod summary;
mod tables;
mod unlabelled;
mod wanted;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::input::section::Spot;
use crate::problem::Problem;
use crate::stats::sum::Sum;
use crate::text::nearest::suggestion;
use answers::Question;
use codebook::Codebook;
use config::{Config, Ties};
use inputs::{Inputs, hash};
use items::Lack;
use microdata::Microdata;
use subgroups::Subgroups;
use tables::Found;

pub use summary::{
    Anchor, Change, Exclusion, Input, Split, Stability, Summary, TieCount, TopicDiversity, Weights,
};

/// The files that a build reads.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// Respondents, a row each.
    pub microdata: &'a Path,
    /// What codes mean.
    pub codebook: &'a Path,
    /// What is made of them.
    pub config: &'a Path,
}

/// What a build makes.
#[derive(Debug)]
pub struct Built {
    /// Names of files within the folder that they are for, and their bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// What was found and left out; also among the files.
    pub summary: Summary,
    /// The files that were read.
    pub read: Vec<PathBuf>,
}

/// Every file that a build may make; those that it does not make this time are of an
/// earlier one.
pub const MADE: &[&str] = &[
    "personas.csv",
    "questions.csv",
    "truth.csv",
    "subgroups.csv",
    "diversity.csv",
    "topics.csv",
    "study/personas.csv",
    "study/questions.csv",
    "study/truth.csv",
    "study/structured.csv",
    "study/structured-truth.csv",
    "summary.json",
];

/// Builds the tables of a survey.
///
/// # Errors
/// Everything found wrong with the files.
pub fn build(sources: &Sources<'_>) -> Result<Built, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut inputs = Inputs::default();
    let data = inputs.read("microdata", sources.microdata, &mut problems);
    let codes = inputs.read("codebook", sources.codebook, &mut problems);
    let rules = inputs.read("config", sources.config, &mut problems);
    let config = rules.and_then(|bytes| config::read(sources.config, &bytes, &mut problems));
    let codebook = codes.and_then(|bytes| codebook::read(sources.codebook, &bytes, &mut problems));
    let (Some(config), Some(codebook), Some(data)) = (config, codebook, data) else {
        return Err(problems);
    };
    for name in &codebook.beside {
        inputs.read(
            "codebook",
            &sources.codebook.with_file_name(name),
            &mut problems,
        );
    }
    let reading = Reading {
        sources,
        config: &config,
        codebook: &codebook,
        problems,
        exclusions: Vec::new(),
        changes: Vec::new(),
        notes: codebook.notes.clone(),
    };
    reading.survey(&data)?.build(&config, inputs)
}

/// A survey whose cells are understood.
struct Survey {
    microdata: Microdata,
    dimensions: Vec<levels::Levels>,
    questions: Vec<Question>,
    exclusions: Vec<Exclusion>,
    changes: Vec<Change>,
    notes: Vec<String>,
    open_ended: Option<study_tables::OpenEnded>,
    subgroups: Subgroups,
}

/// What is read with, and all that was found wrong so far.
struct Reading<'a> {
    sources: &'a Sources<'a>,
    config: &'a Config,
    codebook: &'a Codebook,
    problems: Vec<Problem>,
    exclusions: Vec<Exclusion>,
    changes: Vec<Change>,
    notes: Vec<String>,
}

impl Reading<'_> {
    fn leave_out(&mut self, what: &str, of: Option<&str>, found: &[(u64, String)]) {
        let found = found.iter();
        let found = found.map(|(count, reason)| Exclusion::new(what, of, *count, reason.as_str()));
        self.exclusions.extend(found);
    }

    fn survey(mut self, data: &[u8]) -> Result<Survey, Vec<Problem>> {
        let (config, file) = (self.config, self.sources.microdata);
        let wanted = wanted::wanted(
            config,
            self.codebook,
            self.sources.codebook,
            &mut self.problems,
        );
        let names = wanted
            .chosen
            .iter()
            .map(|(index, _)| &self.codebook.variables[*index].name);
        let columns = config
            .dimensions
            .iter()
            .map(|dimension| &dimension.column.value);
        let columns: Vec<String> = columns.chain(names).cloned().collect();
        let codebook = self.codebook;
        let is_label = |column: &str, text: &str| {
            labels::is_label(config.labels(column), text)
                || labels::is_label(codebook.labels(column), text)
        };
        let problems = &mut self.problems;
        let microdata = microdata::read(file, data, config, &columns, &is_label, problems);
        if let Some(microdata) = &microdata {
            self.leave_out("respondents", None, &microdata.left_out);
            self.notes.extend_from_slice(&microdata.notes);
        }
        self.exclusions.extend(wanted.left_out);
        // Where the microdata could not be read, scales are checked all the same.
        let drafts = self.drafts(&wanted.chosen, microdata.as_ref());
        let Some(microdata) = microdata else {
            return Err(self.problems);
        };
        let before = self.problems.len();
        let dimensions = levels::read(file, config, self.codebook, &microdata, &mut self.problems);
        let is_clear = |dimension: &config::Dimension| {
            let column = microdata.column(&dimension.column.value);
            column.is_some_and(|column| !column.is_unclear)
        };
        let all_levels_are_known =
            self.problems.len() == before && config.dimensions.iter().all(is_clear);
        for (dimension, levels) in config.dimensions.iter().zip(&dimensions) {
            self.leave_out("respondents", Some(&dimension.name), &levels.left_out);
            self.notes.extend_from_slice(&levels.notes);
        }
        let questions = self.questions(drafts, &microdata);
        let some_failed = !self.problems.is_empty();
        let has_failed = |id: &str| some_failed && microdata.column(id).is_some();
        let open_ended = config.study.as_ref().and_then(|tables| {
            study_tables::read(tables, &questions, &has_failed, &mut self.problems)
        });
        // Who is in a subgroup cannot be told without some of the rows.
        if dimensions.len() < config.dimensions.len() || !microdata.whole {
            return Err(self.problems);
        }
        let weights = microdata.weights.as_deref();
        let subgroups = Subgroups::find(config, &dimensions, weights);
        subgroups.check(config, all_levels_are_known, &mut self.problems);
        if subgroups.all.iter().all(|group| !group.included) && self.problems.is_empty() {
            let message = format!(
                "no subgroup has {}",
                crate::text::counted(config.minimum, "respondent")
            );
            let help = "lower subgroups.minimum, or take other strata";
            self.problems.push(Problem::error(file, message).help(help));
        }
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        Ok(Survey {
            microdata,
            dimensions,
            questions,
            exclusions: self.exclusions,
            changes: self.changes,
            notes: self.notes,
            open_ended,
            subgroups,
        })
    }

    /// The scales of the questions that the microdata have.
    fn drafts(
        &mut self,
        wanted: &[(usize, Option<Spot<String>>)],
        microdata: Option<&Microdata>,
    ) -> Vec<scales::Draft> {
        let mut drafts = Vec::new();
        for (index, named) in wanted {
            let variable = &self.codebook.variables[*index];
            let name = &variable.name;
            if microdata.is_none_or(|microdata| microdata.column(name).is_some()) {
                let codebook = self.sources.codebook;
                let draft = scales::draft(self.config, codebook, variable, &mut self.problems);
                drafts.extend(draft);
            } else if let Some(named) = named {
                let message = format!("the microdata have no column `{name}`");
                let header = microdata.iter().flat_map(|m| &m.header);
                let help = suggestion(name, header.map(String::as_str), "columns");
                let source = &self.config.source;
                let problem = source.error(named.offset, "questions.use", message);
                self.problems.push(problem.help(help));
            } else {
                let reason = [(1, "not a column of the microdata".to_owned())];
                self.leave_out("questions", Some(name), &reason);
            }
        }
        drafts
    }

    fn questions(&mut self, drafts: Vec<scales::Draft>, microdata: &Microdata) -> Vec<Question> {
        let (config, file) = (self.config, self.sources.microdata);
        let read: Vec<_> = drafts
            .into_par_iter()
            .map(|draft| {
                let mut problems = Vec::new();
                let question = draft.answers(file, config, microdata, &mut problems);
                (question, problems)
            })
            .collect();
        let mut questions = Vec::new();
        for (question, more) in read {
            self.problems.extend(more);
            let Some(question) = question else { continue };
            self.tell(&question);
            if question.answered == 0 {
                let reason = [(1, "no respondent answered it".to_owned())];
                self.leave_out("questions", Some(&question.id), &reason);
            } else {
                questions.push(question);
            }
        }
        if questions.is_empty() && self.problems.is_empty() {
            let problem = Problem::error(file, "no question is left");
            self.problems
                .push(problem.help("see [questions] of the configuration"));
        }
        questions
    }
}

impl Reading<'_> {
    /// What became of the answers to a question that do not stand as they were given.
    fn tell(&mut self, question: &Question) {
        let (id, told) = (&question.id, &question.told);
        self.leave_out("answers", Some(id), &told.left_out);
        self.leave_out(summary::MISSING, Some(id), &told.missing);
        let changed = told.changed.iter();
        self.changes.extend(changed.map(|(count, how)| Change {
            question: id.clone(),
            count: *count,
            how: how.clone(),
        }));
        let unused = told.unused.iter();
        self.notes.extend(unused.map(|code| {
            format!("scales.{id} remaps or drops the code {code}, which no respondent gave")
        }));
        self.notes.extend_from_slice(&told.notes);
    }
}

impl Survey {
    fn build(self, config: &Config, mut inputs: Inputs) -> Result<Built, Vec<Problem>> {
        let weights = self.microdata.weights.as_deref();
        let (items, left_out) = items::items(config, &self.subgroups, &self.questions, weights);
        let diversity = diversity::diversity(
            &items,
            &self.subgroups,
            &self.questions,
            config.strata.len(),
        );
        let found = Found {
            config,
            dimensions: &self.dimensions,
            subgroups: &self.subgroups,
            questions: &self.questions,
            items: &items,
            diversity: &diversity,
            weighted: weights.is_some(),
        };
        if let (Some(open), Some(tables)) = (&self.open_ended, &config.study) {
            inputs.add("open-ended questions", &tables.questions, &open.bytes);
        }
        let mut summary = self.summary(&found, inputs.told);
        let tied = left_out.iter().filter(|item| item.lack == Lack::Tied);
        summary.ties.items += tied.count() as u64;
        let exclusions = summary::left_out_items(&found, &left_out);
        summary.exclusions.extend(exclusions);
        summary.notes.extend(summary::without_items(&found));
        let open = self.open_ended.as_ref();
        let bare = open.and_then(|open| open.without_words(&self.questions, &items));
        summary.notes.extend(bare);
        let all = |_: &subgroups::Subgroup| true;
        let mut files = vec![
            ("personas.csv", found.personas(all)),
            ("questions.csv", found.questions()),
            ("truth.csv", found.truth(all)),
            ("subgroups.csv", found.subgroups()),
            ("diversity.csv", found.diversity()),
            ("topics.csv", tables::topics(&summary.diversity)),
        ];
        if let (Some(open), Some(tables)) = (&self.open_ended, &config.study) {
            let wanted = |group: &subgroups::Subgroup| {
                let name = &config.strata[group.stratum].name;
                tables.strata.is_empty() || tables.strata.iter().any(|wanted| wanted.value == *name)
            };
            files.push(("study/personas.csv", found.personas(wanted)));
            files.push(("study/questions.csv", open.bytes.clone()));
            files.push(("study/truth.csv", found.study_truth(open, wanted)));
            files.push(("study/structured.csv", found.questions()));
            files.push(("study/structured-truth.csv", found.truth(wanted)));
        }
        summary.files = files.iter().map(|(name, _)| (*name).to_owned()).collect();
        let json = serde_json::to_string_pretty(&summary).map_err(|error| {
            vec![Problem::error(
                &config.source.path,
                format!("the summary cannot be written: {error}"),
            )]
        })?;
        files.push(("summary.json", (json + "\n").into_bytes()));
        let files = files
            .into_iter()
            .map(|(name, bytes)| (name.to_owned(), bytes));
        Ok(Built {
            files: files.collect(),
            summary,
            read: inputs.paths,
        })
    }

    fn summary(&self, found: &Found<'_>, inputs: Vec<Input>) -> Summary {
        let config = found.config;
        let splits = summary::splits(found);
        let respondents = self.microdata.len as u64;
        let mut exclusions = self.exclusions.clone();
        for (index, stratum) in config.strata.iter().enumerate() {
            let small = self.subgroups.all.iter();
            let small = small.filter(|group| !group.included && group.stratum == index);
            let named: Vec<String> = small
                .map(|group| format!("{} ({})", group.id, group.respondents))
                .collect();
            if !named.is_empty() {
                let reason = format!(
                    "under {}: {}",
                    crate::text::counted(config.minimum, "respondent"),
                    named.join(", ")
                );
                let count = named.len() as u64;
                exclusions.push(Exclusion::new(
                    "subgroups",
                    Some(&stratum.name),
                    count,
                    reason,
                ));
            }
        }
        let ties = match config.questions.ties {
            Ties::Lowest => "lowest",
            Ties::Random => "random",
            Ties::Drop => "drop",
            Ties::All => "all",
        };
        let is_singapore = microdata::is_singapore(&self.microdata.countries);
        Summary {
            schema_version: 1,
            inputs,
            seed: config.seed,
            rows: self.microdata.rows,
            respondents,
            weights: self.microdata.weights.as_ref().map(|weights| {
                let sum = weights.iter().copied().collect::<Sum>().value();
                let squares = weights.iter().map(|w| w * w).collect::<Sum>().value();
                Weights {
                    column: config
                        .weight
                        .as_ref()
                        .map_or_else(String::new, |w| w.value.clone()),
                    sum,
                    effective_respondents: sum * sum / squares,
                }
            }),
            questions: self.questions.len() as u64,
            ties: TieCount {
                rule: ties.to_owned(),
                items: found
                    .items
                    .iter()
                    .filter(|item| item.modes.len() > 1)
                    .count() as u64,
            },
            stability: summary::stability(
                found.items,
                config.questions.draws,
                config.questions.unstable,
            ),
            diversity: summary::topics(found),
            exclusions,
            changes: self.changes.clone(),
            anchors: if is_singapore {
                summary::singapore(respondents, self.questions.len() as u64, &splits)
            } else {
                Vec::new()
            },
            splits,
            notes: self.notes(config),
            files: Vec::new(),
        }
    }

    fn notes(&self, config: &Config) -> Vec<String> {
        let same = self.subgroups.same_people(config).into_iter().map(|(ood, id)| {
            format!(
                "the out-of-distribution subgroup {} has exactly the respondents of the in-distribution {}; a model trained on the one has seen the answers of the other",
                ood.id, id.id
            )
        });
        let unlinked = self
            .open_ended
            .iter()
            .map(|open| open.unlinked)
            .filter(|count| *count > 0);
        let unlinked = unlinked.map(|count| format!("{count} open-ended questions name no question of the survey, so their items have no truth"));
        same.chain(unlinked).chain(self.notes.clone()).collect()
    }
}
