//! The tables that a build writes.

use std::collections::HashMap;
use std::fmt::Display;

use super::answers::Question;
use super::config::{Config, Ties};
use super::diversity::Diversity;
use super::items::Item;
use super::levels::Levels;
use super::study_tables::OpenEnded;
use super::subgroups::{Subgroup, Subgroups};
use super::summary::TopicDiversity;
use crate::study::scale::{Distribution, display_codes};

/// Everything that was found in a survey.
pub(super) struct Found<'a> {
    pub(super) config: &'a Config,
    pub(super) dimensions: &'a [Levels],
    pub(super) subgroups: &'a Subgroups,
    pub(super) questions: &'a [Question],
    /// By question, then by subgroup.
    pub(super) items: &'a [Item],
    pub(super) diversity: &'a [Diversity],
    pub(super) weighted: bool,
}

/// A table under construction.
pub(super) struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    pub(super) fn new<C: AsRef<[u8]>>(columns: impl IntoIterator<Item = C>) -> Self {
        let mut sheet = Self(csv::Writer::from_writer(Vec::new()));
        sheet.row(columns);
        sheet
    }

    pub(super) fn row<C: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = C>) {
        // Writing to memory cannot fail, and the tables here are never ragged.
        let written = self.0.write_record(cells);
        debug_assert!(written.is_ok(), "a ragged row");
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_default()
    }
}

/// A cell that may be empty.
fn cell(value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// Cells hold one line each, whatever a codebook holds.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Found<'_> {
    fn stratum(&self, group: &Subgroup) -> (&str, &'static str) {
        let stratum = &self.config.strata[group.stratum];
        (&stratum.name, stratum.split)
    }

    fn dimension_names(&self) -> impl Iterator<Item = String> + '_ {
        self.config
            .dimensions
            .iter()
            .map(|dimension| dimension.name.clone())
    }

    /// The levels of a subgroup, empty where its stratum has not the dimension.
    fn level_cells(&self, group: &Subgroup) -> impl Iterator<Item = String> + '_ {
        let names: Vec<String> = group
            .levels
            .iter()
            .zip(self.dimensions)
            .map(|(level, dimension)| {
                level.map_or_else(String::new, |level| {
                    line(&dimension.names[usize::from(level)])
                })
            })
            .collect();
        names.into_iter()
    }

    /// `personas.csv`, those for which `wanted` holds.
    pub(super) fn personas(&self, wanted: impl Fn(&Subgroup) -> bool) -> Vec<u8> {
        let text = || self.config.text.as_deref().map(line);
        let head = std::iter::once("id".to_owned());
        let head = head
            .chain(text().map(|_| "text".to_owned()))
            .chain(self.dimension_names());
        let tail = ["split", "stratum", "n", "weight"].map(str::to_owned);
        let mut sheet = Sheet::new(head.chain(tail));
        for group in self
            .subgroups
            .all
            .iter()
            .filter(|group| group.included && wanted(group))
        {
            let (stratum, split) = self.stratum(group);
            let head = std::iter::once(group.id.clone()).chain(text());
            let head = head.chain(self.level_cells(group));
            let tail = [
                split.to_owned(),
                stratum.to_owned(),
                group.respondents.to_string(),
                group.weight.to_string(),
            ];
            sheet.row(head.chain(tail));
        }
        sheet.bytes()
    }

    /// `questions.csv`.
    pub(super) fn questions(&self) -> Vec<u8> {
        let mut sheet = Sheet::new(["id", "topic", "text", "options"]);
        for question in self.questions {
            sheet.row([
                question.id.clone(),
                line(question.topic.as_deref().unwrap_or_default()),
                line(&question.text),
                question.scale.to_string(),
            ]);
        }
        sheet.bytes()
    }

    /// `truth.csv`: every item, by persona and then by question.
    pub(super) fn truth(&self, wanted: impl Fn(&Subgroup) -> bool) -> Vec<u8> {
        let mut columns = vec!["persona", "question", "value", "code"];
        let all = self.config.questions.ties == Ties::All;
        columns.extend(all.then_some("modes"));
        columns.extend(["share", "n"]);
        columns.extend(self.weighted.then_some("effective_n"));
        columns.extend(["distribution", "unstable"]);
        let mut sheet = Sheet::new(columns);
        let mut items: Vec<&Item> = self.items.iter().collect();
        items.sort_by_key(|item| (item.subgroup, item.question));
        for item in items {
            let group = &self.subgroups.all[item.subgroup as usize];
            if !wanted(group) {
                continue;
            }
            let question = &self.questions[item.question as usize];
            let code = |position: u16| question.scale.options()[usize::from(position)].code;
            let mut cells = vec![
                group.id.clone(),
                question.id.clone(),
                line(&question.scale.value(code(item.mode)).unwrap_or_default()),
                code(item.mode).to_string(),
            ];
            if all {
                let codes: Vec<i32> = item.modes.iter().map(|mode| code(*mode)).collect();
                cells.push(if codes.len() > 1 {
                    display_codes(&codes)
                } else {
                    String::new()
                });
            }
            cells.push(item.shares[usize::from(item.mode)].to_string());
            cells.push(item.n.to_string());
            if self.weighted {
                cells.push(item.effective.to_string());
            }
            let shares = question.scale.codes().zip(item.shares.iter().copied());
            cells.push(cell(Distribution::new(shares.collect()).ok()));
            cells.push(cell(item.unstable));
            sheet.row(cells);
        }
        sheet.bytes()
    }

    /// `subgroups.csv`, with those that were too small.
    pub(super) fn subgroups(&self) -> Vec<u8> {
        let head = std::iter::once("persona".to_owned()).chain(self.dimension_names());
        let tail = [
            "split",
            "stratum",
            "respondents",
            "weight",
            "samples",
            "included",
        ];
        let mut sheet = Sheet::new(head.chain(tail.map(str::to_owned)));
        let mut samples = vec![0_u64; self.subgroups.all.len()];
        for item in self.items {
            samples[item.subgroup as usize] += 1;
        }
        for (group, samples) in self.subgroups.all.iter().zip(samples) {
            let (stratum, split) = self.stratum(group);
            let head = std::iter::once(group.id.clone()).chain(self.level_cells(group));
            let tail = [
                split.to_owned(),
                stratum.to_owned(),
                group.respondents.to_string(),
                group.weight.to_string(),
                samples.to_string(),
                if group.included {
                    "yes"
                } else {
                    "no: too few respondents"
                }
                .to_owned(),
            ];
            sheet.row(head.chain(tail));
        }
        sheet.bytes()
    }

    /// `diversity.csv`.
    pub(super) fn diversity(&self) -> Vec<u8> {
        let mut sheet = Sheet::new([
            "question",
            "topic",
            "split",
            "stratum",
            "subgroups",
            "options",
            "modes",
            "modal_diversity",
            "wasserstein",
        ]);
        for row in self.diversity {
            let question = &self.questions[row.question as usize];
            let stratum = &self.config.strata[row.stratum];
            sheet.row([
                question.id.clone(),
                line(question.topic.as_deref().unwrap_or_default()),
                stratum.split.to_owned(),
                stratum.name.clone(),
                row.subgroups.to_string(),
                question.scale.len().to_string(),
                row.modes.to_string(),
                cell(row.modal),
                cell(row.wasserstein),
            ]);
        }
        sheet.bytes()
    }

    /// The truth of the open-ended questions of a study, by persona and question.
    pub(super) fn study_truth(
        &self,
        open: &OpenEnded,
        wanted: impl Fn(&Subgroup) -> bool,
    ) -> Vec<u8> {
        let mut sheet = Sheet::new(["persona", "question", "value", "code", "share", "n"]);
        let by_item: HashMap<(u32, u32), &Item> = self
            .items
            .iter()
            .map(|item| ((item.subgroup, item.question), item))
            .collect();
        for (number, group) in self.subgroups.all.iter().enumerate() {
            if !group.included || !wanted(group) {
                continue;
            }
            for (id, structured) in &open.links {
                let found = by_item.get(&(number as u32, *structured as u32));
                let Some(item) = found else { continue };
                let question = &self.questions[*structured];
                let code = question.scale.options()[usize::from(item.mode)].code;
                sheet.row([
                    group.id.clone(),
                    id.clone(),
                    line(&question.scale.stance(code).unwrap_or_default()),
                    code.to_string(),
                    item.shares[usize::from(item.mode)].to_string(),
                    item.n.to_string(),
                ]);
            }
        }
        sheet.bytes()
    }
}

/// `topics.csv`: means over the questions of a topic.
pub(super) fn topics(topics: &[TopicDiversity]) -> Vec<u8> {
    let mut sheet = Sheet::new([
        "topic",
        "stratum",
        "questions",
        "modal_diversity",
        "wasserstein",
    ]);
    for topic in topics {
        sheet.row([
            line(&topic.topic),
            topic.stratum.clone().unwrap_or_else(|| "all".to_owned()),
            topic.questions.to_string(),
            cell(topic.modal_diversity),
            cell(topic.wasserstein),
        ]);
    }
    sheet.bytes()
}
