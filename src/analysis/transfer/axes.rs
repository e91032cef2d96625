//! The items of both gains, with what they share.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::pairs::{Judged, Pairing, Setting, rates};
use super::report::Unit;
use super::splits::Splits;
use super::{TransferError, TransferOptions};
use crate::analysis::layout::Layout;
use crate::analysis::scores::metrics::{Metric, farthest_of};
use crate::analysis::scores::stability::UnstableGains;
use crate::analysis::scores::{ItemScores, under_floor};
use crate::answers::AnswerTable;
use crate::stats::unit_pairs::UnitItem;
use crate::verdict::table::Item;

/// What stands for a name that an item does not have.
pub(super) const NONE: u32 = u32::MAX;

/// What an item shares with others, in one numbering for both halves.
#[derive(Debug, Clone, Copy)]
struct Labels {
    question: u32,
    persona: u32,
    topic: u32,
    is_kept: bool,
}

/// A gain in one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gained {
    /// The item: its index, or its rank among verdicts.
    pub(super) item: u32,
    pub(super) value: f64,
    pub(super) weight: f64,
}

/// The gains of a pair of models in all items.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    pub(super) structured: Vec<Gained>,
    pub(super) open: Vec<Gained>,
    pub(super) untold: Untold,
}

/// Why a gain is not told, where too little of what was planned is there.
#[derive(Debug, Clone, Default)]
pub(super) struct Untold {
    pub(super) structured: Option<String>,
    pub(super) open: Option<String>,
}

impl Untold {
    /// Both reasons.
    pub(super) fn why(&self) -> Option<String> {
        let both = [&self.structured, &self.open];
        let why: Vec<&str> = both.into_iter().filter_map(Option::as_deref).collect();
        (!why.is_empty()).then(|| why.join("; "))
    }
}

impl Kept {
    /// That there is something of both, or else a reason why it is not told.
    pub(super) fn check(&self, pair: &str) -> Result<(), TransferError> {
        let lacks = |what: &str| {
            Err(TransferError::NoItems {
                what: format!("{pair}: {what}"),
            })
        };
        if self.structured.is_empty() && self.untold.structured.is_none() {
            lacks("no structured item has a score of both models")
        } else if self.open.is_empty() && self.untold.open.is_none() {
            lacks("no open-ended item has a verdict")
        } else {
            Ok(())
        }
    }

    /// The mean of the pairs' gains, each counting alike, as gains in the items that any of
    /// them has, and how many items of each half stand in some of them only. Untold where
    /// one pair's is.
    pub(super) fn mean<'k>(all: &(impl Iterator<Item = &'k Self> + Clone)) -> (Self, [usize; 2]) {
        let reason = |half: fn(&Untold) -> &Option<String>| {
            let mut reasons = all.clone().map(|kept| half(&kept.untold));
            reasons.find_map(Clone::clone)
        };
        let (structured, partly_structured) = mean_of(all.clone().map(|kept| &kept.structured));
        let (open, partly_open) = mean_of(all.clone().map(|kept| &kept.open));
        let untold = Untold {
            structured: reason(|untold| &untold.structured),
            open: reason(|untold| &untold.open),
        };
        let kept = Self {
            structured,
            open,
            untold,
        };
        (kept, [partly_structured, partly_open])
    }
}

fn weighted_mean(gains: &[Gained]) -> f64 {
    let total: f64 = gains.iter().map(|gained| gained.weight).sum();
    let all: f64 = gains
        .iter()
        .map(|gained| gained.weight * gained.value)
        .sum();
    all / total
}

/// The mean of the pairs' means, and about it each item's mean distance from the means of
/// the pairs that have it: a pair that gains more moves no item by lacking another. Also how
/// many items some pair lacks.
fn mean_of<'k>(pairs: impl Iterator<Item = &'k Vec<Gained>>) -> (Vec<Gained>, usize) {
    let mut sums: BTreeMap<u32, (f64, usize, f64)> = BTreeMap::new();
    let mut means = Vec::new();
    for gains in pairs.filter(|gains| !gains.is_empty()) {
        let mean = weighted_mean(gains);
        means.push(mean);
        for gained in gains {
            let (sum, n, _) = sums.entry(gained.item).or_insert((0.0, 0, gained.weight));
            *sum += gained.value - mean;
            *n += 1;
        }
    }
    let partly = sums.values().filter(|(_, n, _)| *n < means.len()).count();
    let apart = |(item, (sum, n, weight)): (u32, (f64, usize, f64))| Gained {
        item,
        value: sum / n as f64,
        weight,
    };
    let mut gains: Vec<Gained> = sums.into_iter().map(apart).collect();
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    let shift = mean - weighted_mean(&gains);
    for gained in &mut gains {
        gained.value += shift;
    }
    (gains, partly)
}

/// Both halves, numbered.
pub(super) struct Axes<'a> {
    pub(super) options: &'a TransferOptions,
    /// The largest error or distance of structured answers there can be.
    pub(super) farthest: f64,
    layout: &'a Layout<'a>,
    /// Of each structured item.
    structured: Vec<Labels>,
    /// Of each open-ended item, by rank.
    open: Vec<Labels>,
    names: [Names; 3],
    /// Open-ended questions that are linked, and all.
    linked: (usize, usize),
    pub(super) has_personas: bool,
}

/// Names with their numbers.
#[derive(Default)]
struct Names {
    all: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        let number = self.all.len() as u32;
        self.all.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }
}

impl<'a> Axes<'a> {
    pub(super) fn new(
        answers: &AnswerTable,
        layout: &'a Layout<'a>,
        options: &'a TransferOptions,
    ) -> Self {
        let mut names = [Names::default(), Names::default(), Names::default()];
        let [questions, personas, topics] = &mut names;
        let surveyed = answers.questions.iter();
        let surveyed: HashMap<&str, Option<&str>> = surveyed
            .map(|question| (&*question.id, question.topic.as_deref()))
            .collect();
        let link = |open: &'_ str| -> Option<String> {
            let link = options.links.get(open).map_or(open, String::as_str);
            surveyed.contains_key(link).then(|| link.to_owned())
        };
        let wanted = options.scores.split.as_deref();
        let splits = wanted.map(|wanted| (wanted, Splits::new(answers, &options.links)));
        let in_split = |item: &Item| {
            let splits = splits.as_ref();
            splits.is_none_or(|(wanted, splits)| splits.of(item) == Some(*wanted))
        };
        let asked: HashSet<String> = layout
            .table
            .items
            .iter()
            .filter_map(|item| link(&item.question.id))
            .collect();
        let structured = answers.items.iter().map(|item| {
            let question = answers.question_of(item);
            Labels {
                question: questions.number(&question.id),
                persona: personas.number(&answers.persona_of(item).id),
                topic: question
                    .topic
                    .as_deref()
                    .map_or(NONE, |topic| topics.number(topic)),
                is_kept: !options.linked_only || asked.contains(&*question.id),
            }
        });
        let structured: Vec<Labels> = structured.collect();
        let mut linked: HashMap<&str, bool> = HashMap::new();
        let open = layout.items.iter().map(|item| {
            let item = &layout.table.items[*item as usize];
            let found = link(&item.question.id);
            linked.insert(&item.question.id, found.is_some());
            let own = || format!("open-ended {}", item.question.id);
            let name = found.clone().unwrap_or_else(own);
            // A table of open-ended questions may leave it to the survey what they are about.
            let linked_topic = found.as_deref().and_then(|survey| surveyed[survey]);
            let topic = item.question.topic.as_deref().or(linked_topic);
            Labels {
                question: questions.number(&name),
                persona: personas.number(&item.persona.id),
                topic: topic.map_or(NONE, |topic| topics.number(topic)),
                is_kept: in_split(item) && (!options.linked_only || found.is_some()),
            }
        });
        let open: Vec<Labels> = open.collect();
        let has_personas = names[1].all.iter().any(|name| !name.is_empty());
        Self {
            options,
            farthest: farthest_of(options.scores.normaliser, &answers.questions),
            layout,
            structured,
            open,
            linked: (linked.values().filter(|is| **is).count(), linked.len()),
            names,
            has_personas,
        }
    }

    pub(super) fn criterion(&self, criterion: u16) -> &str {
        &self.layout.table.criteria[usize::from(criterion)]
    }

    /// The structured gain by what is done with unstable truths.
    pub(super) fn by_stability(
        &self,
        scored: &ItemScores<'_>,
        (tuned, base): (usize, usize),
        metric: Metric,
    ) -> Option<UnstableGains> {
        let mut gains = scored.gains(tuned, base, metric);
        gains.retain(|(item, _)| self.structured[*item as usize].is_kept);
        scored.by_stability(&gains)
    }

    /// Which gains of a pair are not told, for want of answers or of verdicts.
    pub(super) fn untold(
        &self,
        scored: &ItemScores<'_>,
        models: (usize, usize),
        setting: &Setting,
        pair: &Pairing,
    ) -> Untold {
        let floor = self.options.scores.coverage_floor;
        let answers = |model: usize, name: &str| {
            let is_kept = |item: u32| self.structured[item as usize].is_kept;
            let counts = scored.counts_of(model, is_kept);
            let why = under_floor(&counts, floor).filter(|_| counts.planned > 0)?;
            Some(format!("of {name} {why}"))
        };
        let verdicts = |model: &str, other: &str| {
            let rates = rates(self.layout, setting, model, other)?.into_iter();
            let kept = rates.filter(|of_item| self.open[of_item.item as usize].is_kept);
            let judged = Judged::of(kept);
            (!judged.is_covered(floor)).then(|| {
                format!(
                    "of {model} against {other} {:.1}% of the {} planned items have a verdict in each order, under the floor of {:.1}% (--coverage-floor)",
                    100.0 * judged.share(),
                    judged.planned,
                    100.0 * floor
                )
            })
        };
        Untold {
            structured: answers(models.0, &pair.tuned).or_else(|| answers(models.1, &pair.base)),
            open: match &pair.reference {
                None => verdicts(&pair.tuned, &pair.base),
                Some(reference) => {
                    verdicts(&pair.tuned, reference).or_else(|| verdicts(&pair.base, reference))
                }
            },
        }
    }

    /// The gains in structured items.
    pub(super) fn structured(
        &self,
        scored: &ItemScores<'_>,
        tuned: usize,
        base: usize,
        metric: Metric,
    ) -> Vec<Gained> {
        let gains = scored.gains(tuned, base, metric).into_iter();
        let gained = |(item, value)| Gained {
            item,
            value,
            weight: scored.weight(item),
        };
        let kept = gains.filter(|(item, _)| self.structured[*item as usize].is_kept);
        kept.map(gained)
            .filter(|gained| gained.weight > 0.0)
            .collect()
    }

    /// The gains in open-ended items; `None` where this judge did not compare the two.
    pub(super) fn open(&self, setting: &Setting, pair: &Pairing) -> Option<Vec<Gained>> {
        let given = |model: &str, other: &str| {
            let rates = rates(self.layout, setting, model, other)?.into_iter();
            Some(rates.filter_map(|of_item| Some((of_item.item, of_item.rate?))))
        };
        let Some(reference) = &pair.reference else {
            let scores = given(&pair.tuned, &pair.base)?;
            return Some(self.gained(scores.map(|(rank, rate)| (rank, rate - 0.5))));
        };
        let tuned = given(&pair.tuned, reference)?;
        let base: HashMap<u32, f64> = given(&pair.base, reference)?.collect();
        let both = tuned.filter_map(|(rank, rate)| Some((rank, rate - base.get(&rank)?)));
        Some(self.gained(both))
    }

    fn gained(&self, values: impl Iterator<Item = (u32, f64)>) -> Vec<Gained> {
        let kept = values.filter(|(rank, _)| self.open[*rank as usize].is_kept);
        let gained = |(item, value)| Gained {
            item,
            value,
            weight: 1.0,
        };
        kept.map(gained).collect()
    }

    /// The items of both gains with the number of their unit; those of none left out.
    pub(super) fn items(&self, unit: Unit, kept: &Kept) -> [Vec<UnitItem>; 2] {
        let of = |labels: &[Labels], gained: &[Gained]| -> Vec<UnitItem> {
            let item = |gained: &Gained| {
                let labels = labels[gained.item as usize];
                let unit = match unit {
                    Unit::Persona => labels.persona,
                    Unit::Question => labels.question,
                    Unit::Topic => labels.topic,
                    Unit::Model => 0,
                };
                UnitItem {
                    unit,
                    question: labels.question,
                    persona: labels.persona,
                    value: gained.value,
                    weight: gained.weight,
                }
            };
            gained
                .iter()
                .map(item)
                .filter(|item| item.unit != NONE)
                .collect()
        };
        [
            of(&self.structured, &kept.structured),
            of(&self.open, &kept.open),
        ]
    }

    /// The name of a unit.
    pub(super) fn name(&self, unit: Unit, number: u32) -> &str {
        let names = match unit {
            Unit::Question => &self.names[0],
            Unit::Persona | Unit::Model => &self.names[1],
            Unit::Topic => &self.names[2],
        };
        &names.all[number as usize]
    }

    /// What has to be known of how the halves belong together.
    pub(super) fn notes(&self) -> Vec<String> {
        let (linked, all) = self.linked;
        if linked == all {
            return Vec::new();
        }
        let lacks = if linked == 0 {
            "no open-ended question is linked to a survey question (by its column `structured`, by --questions, or by one id)".to_owned()
        } else {
            format!(
                "{} of {all} open-ended questions are linked to no survey question",
                all - linked
            )
        };
        vec![format!(
            "{lacks}; what the two halves share by their questions is not taken off there"
        )]
    }
}
