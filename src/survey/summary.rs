//! What a build found and what it left out, for people and programs.

mod text;

use serde::Serialize;

use super::answers::Question;
use super::diversity::Diversity;
use super::items::{Item, Lack, LeftOut};
use super::tables::Found;
use crate::stats::sum::Sum;
use crate::text::{counted, form};

/// What a build found; `summary.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Version of this form.
    pub schema_version: u32,
    /// Files that were read, with their hashes.
    pub inputs: Vec<Input>,
    /// Seed of ties and of the bootstrap.
    pub seed: u64,
    /// Rows of the microdata.
    pub rows: u64,
    /// Respondents kept.
    pub respondents: u64,
    /// Weights, where there are some.
    pub weights: Option<Weights>,
    /// Questions kept.
    pub questions: u64,
    /// Subgroups and items of each split.
    pub splits: Vec<Split>,
    /// How ties were broken, and how many items had one.
    pub ties: TieCount,
    /// Sampling error of the modes, where the bootstrap ran.
    pub stability: Option<Stability>,
    /// Means of the diversity scores over topics and strata.
    pub diversity: Vec<TopicDiversity>,
    /// Everything that was left out.
    pub exclusions: Vec<Exclusion>,
    /// Answers that count as another code than the one given.
    pub changes: Vec<Change>,
    /// Published counts beside those found, for a survey that has some.
    pub anchors: Vec<Anchor>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// The files that were written beside this one.
    pub files: Vec<String>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Input {
    /// What it is.
    pub role: String,
    /// Its name without the folder; in a manifest of training data, its path from the study's.
    pub file: String,
    /// BLAKE3 hash of its bytes.
    pub blake3: String,
}

/// Weights of the respondents.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weights {
    /// Column.
    pub column: String,
    /// Sum of weights.
    pub sum: f64,
    /// Kish's effective number of respondents, (Σw)² / Σw².
    pub effective_respondents: f64,
}

/// Subgroups and items of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Split {
    /// `id` or `ood`.
    pub split: String,
    /// Names of the strata.
    pub strata: Vec<String>,
    /// Subgroups kept.
    pub subgroups: u64,
    /// Subgroups under the minimum of respondents.
    pub too_small: u64,
    /// Pairs of a subgroup and a question with a truth.
    pub items: u64,
}

/// Ties of the most frequent answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TieCount {
    /// `lowest`, `random`, `drop` or `all`.
    pub rule: String,
    /// Items with more than one most frequent answer, those left out too.
    pub items: u64,
}

/// Sampling error of the modes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stability {
    /// Bootstrap draws of respondents.
    pub draws: u32,
    /// Share of draws with another mode above which an item counts as unstable.
    pub above: f64,
    /// Share of items that are unstable.
    pub unstable_items: f64,
    /// Mean over items of the share of draws with another mode.
    pub mean: f64,
}

/// Means over the questions of a topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicDiversity {
    /// Topic; `all` for every question.
    pub topic: String,
    /// Stratum; `None` for the mean over strata.
    pub stratum: Option<String>,
    /// Questions of the topic.
    pub questions: u64,
    /// Mean modal diversity score.
    pub modal_diversity: Option<f64>,
    /// Mean Wasserstein-1 distance of two subgroups.
    pub wasserstein: Option<f64>,
}

/// The exclusion of cells that hold no answer.
pub(super) const MISSING: &str = "missing answers";

/// Answers that count as another code than the one given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The question.
    pub question: String,
    /// How many.
    pub count: u64,
    /// Which code counts as which.
    pub how: String,
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// `respondents`, `subgroups`, `questions`, `answers`, `missing answers` or `items`.
    pub what: String,
    /// The dimension or question, where it is one.
    pub of: Option<String>,
    /// How many.
    pub count: u64,
    /// Why.
    pub reason: String,
    /// Which items, as persona and question.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
}

/// A published count and the one found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Anchor {
    /// What is counted.
    pub what: String,
    /// What was published.
    pub published: u64,
    /// What was found.
    pub found: u64,
}

impl Exclusion {
    pub(super) fn new(what: &str, of: Option<&str>, count: u64, reason: impl Into<String>) -> Self {
        Self {
            what: what.to_owned(),
            of: of.map(str::to_owned),
            count,
            reason: reason.into(),
            items: Vec::new(),
        }
    }
}

/// Items that were left out, as exclusions.
pub(super) fn left_out_items(found: &Found<'_>, left_out: &[LeftOut]) -> Vec<Exclusion> {
    let name = |item: &LeftOut| {
        let subgroup = &found.subgroups.all[item.subgroup as usize].id;
        format!("{subgroup}/{}", found.questions[item.question as usize].id)
    };
    let reasons = [
        (Lack::NoAnswer, "no respondent of the subgroup answered"),
        (Lack::TooFew, "fewer answers than questions.minimum"),
        (Lack::Tied, "tied, and questions.ties is \"drop\""),
    ];
    let of_reason = |(lack, reason): (Lack, &str)| {
        let items: Vec<String> = left_out
            .iter()
            .filter(|item| item.lack == lack)
            .map(name)
            .collect();
        let count = items.len() as u64;
        (count > 0).then(|| Exclusion {
            items,
            ..Exclusion::new("items", None, count, reason)
        })
    };
    reasons.into_iter().filter_map(of_reason).collect()
}

/// Subgroups that are personas and have no item at all.
pub(super) fn without_items(found: &Found<'_>) -> Option<String> {
    let mut has_item = vec![false; found.subgroups.all.len()];
    for item in found.items {
        has_item[item.subgroup as usize] = true;
    }
    let all = found.subgroups.all.iter().zip(has_item);
    let without: Vec<&str> = all
        .filter(|(group, has_item)| group.included && !has_item)
        .map(|(group, _)| group.id.as_str())
        .collect();
    (!without.is_empty()).then(|| {
        let count = without.len() as u64;
        let (personas, have) = (counted(count, "persona"), form(count, "has", "have"));
        format!("{personas} {have} no item: {}", without.join(", "))
    })
}

/// Subgroups and items of each split that has a stratum.
pub(super) fn splits(found: &Found<'_>) -> Vec<Split> {
    let split_of = |group: usize| found.config.strata[found.subgroups.all[group].stratum].split;
    ["id", "ood"]
        .into_iter()
        .filter_map(|split| {
            let strata = found
                .config
                .strata
                .iter()
                .filter(|stratum| stratum.split == split);
            let strata: Vec<String> = strata.map(|stratum| stratum.name.clone()).collect();
            let groups =
                || (0..found.subgroups.all.len()).filter(|group| split_of(*group) == split);
            let included = groups().filter(|group| found.subgroups.all[*group].included);
            let included = included.count() as u64;
            let items = found
                .items
                .iter()
                .filter(|item| split_of(item.subgroup as usize) == split);
            (!strata.is_empty()).then(|| Split {
                split: split.to_owned(),
                strata,
                subgroups: included,
                too_small: groups().count() as u64 - included,
                items: items.count() as u64,
            })
        })
        .collect()
}

/// How stable the modes are.
pub(super) fn stability(items: &[Item], draws: u32, above: f64) -> Option<Stability> {
    let shares: Vec<f64> = items.iter().filter_map(|item| item.unstable).collect();
    let n = shares.len() as f64;
    (!shares.is_empty()).then(|| Stability {
        draws,
        above,
        unstable_items: shares.iter().filter(|share| **share > above).count() as f64 / n,
        mean: shares.iter().copied().collect::<Sum>().value() / n,
    })
}

/// Means of the diversity scores: each topic over all strata, and in each stratum;
/// then all questions.
pub(super) fn topics(found: &Found<'_>) -> Vec<TopicDiversity> {
    let topic = |question: &Question| question.topic.clone().unwrap_or_default();
    let mut topics: Vec<String> = Vec::new();
    for question in found.questions {
        if question.topic.is_some() && !topics.contains(&topic(question)) {
            topics.push(topic(question));
        }
    }
    let mut rows = Vec::new();
    for name in topics.iter().map(Some).chain([None]) {
        for stratum in std::iter::once(None).chain((0..found.config.strata.len()).map(Some)) {
            let within = |row: &&Diversity| {
                let of_topic =
                    name.is_none_or(|name| topic(&found.questions[row.question as usize]) == *name);
                of_topic && stratum.is_none_or(|stratum| row.stratum == stratum)
            };
            let chosen: Vec<&Diversity> = found.diversity.iter().filter(within).collect();
            if chosen.is_empty() {
                continue;
            }
            let mut questions: Vec<u32> = chosen.iter().map(|row| row.question).collect();
            questions.sort_unstable();
            questions.dedup();
            rows.push(TopicDiversity {
                topic: name.map_or("all", |name| name).to_owned(),
                stratum: stratum.map(|stratum| found.config.strata[stratum].name.clone()),
                questions: questions.len() as u64,
                modal_diversity: mean(chosen.iter().filter_map(|row| row.modal)),
                wasserstein: mean(chosen.iter().filter_map(|row| row.wasserstein)),
            });
        }
    }
    rows
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    let sum = values.iter().copied().collect::<Sum>().value();
    (!values.is_empty()).then(|| sum / values.len() as f64)
}

/// What arXiv 2604.12851 counts in the Singapore survey of wave 7.
pub(super) fn singapore(respondents: u64, questions: u64, splits: &[Split]) -> Vec<Anchor> {
    let of = |name: &str, count: fn(&Split) -> u64| {
        splits
            .iter()
            .find(|split| split.split == name)
            .map_or(0, count)
    };
    [
        ("respondents", 2_012, respondents),
        ("questions", 214, questions),
        (
            "in-distribution subgroups",
            50,
            of("id", |split| split.subgroups),
        ),
        (
            "out-of-distribution subgroups",
            48,
            of("ood", |split| split.subgroups),
        ),
        (
            "in-distribution pairs",
            10_700,
            of("id", |split| split.items),
        ),
        (
            "out-of-distribution pairs",
            10_177,
            of("ood", |split| split.items),
        ),
    ]
    .into_iter()
    .map(|(what, published, found)| Anchor {
        what: what.to_owned(),
        published,
        found,
    })
    .collect()
}
