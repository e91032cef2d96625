//! Scores of items that were asked in several phrasings of the persona: each phrasing is
//! scored as a table of its own, and then every model against itself over phrasings.

use std::collections::HashMap;
use std::sync::Arc;

use super::items::{self, ModelItems};
use super::metrics::{METRICS, Metric, farthest_of};
use super::report::{Delta, PhrasingScore, ScorePhrasings, ScoreReport};
use super::{ScoreError, ScoreOptions, Unstable, chosen_items, one, splits};
use crate::analysis::report::{Adjustment, AdjustmentMethod, Gap, Spread};
use crate::analysis::subgroups::tested;
use crate::answers::{Answer, AnswerTable, Item};
use crate::stats::homogeneity::homogeneity;
use crate::stats::multiplicity::holm;
use crate::stats::subgroups::{Scale, Subgroups, subgroups};
use crate::stats::{Draws, PValue};

/// The phrasing that stands for no persona at all, where nothing else is named.
const NO_PERSONA: &str = "none";

/// What the phrasing of items without one is called beside others.
const UNNAMED: &str = "(none given)";

/// The phrasings of a table; the last is that of items without one, where there are any.
pub(super) fn variants(table: &AnswerTable) -> Vec<Option<Arc<str>>> {
    let mut variants: Vec<Option<Arc<str>>> = table.variants().into_iter().map(Some).collect();
    if table.items.iter().any(|item| item.variant.is_none()) {
        variants.push(None);
    }
    variants
}

/// A phrasing as reports name it.
pub(super) fn called(variant: Option<&str>) -> String {
    variant.unwrap_or(UNNAMED).to_owned()
}

/// Scores each phrasing, and what they change.
pub(super) fn score(
    table: &AnswerTable,
    options: &ScoreOptions,
) -> Result<ScoreReport, ScoreError> {
    let mut whole = one(table, options)?;
    whole.models.clear();
    whole.groups.clear();
    whole.differences.clear();
    let variants = variants(table);
    for variant in &variants {
        let own = table.of_variant(variant.as_deref());
        if let Some(note) = without_items(&own, variant.as_deref(), options) {
            whole.notes.push(note);
            continue;
        }
        let mut report = one(&own, options)?;
        let name = Some(called(variant.as_deref()));
        for row in report.models.iter_mut().chain(&mut report.groups) {
            row.variant.clone_from(&name);
        }
        for row in &mut report.differences {
            row.variant.clone_from(&name);
        }
        whole.models.append(&mut report.models);
        whole.groups.append(&mut report.groups);
        whole.differences.append(&mut report.differences);
    }
    for model in 0..table.models.len() {
        whole
            .phrasings
            .extend(of_model(table, model, &variants, options)?);
    }
    if options.unstable == Unstable::Weight && !whole.phrasings.is_empty() {
        whole.notes.push(
            "how far the phrasings differ (spread, range, test) is not told where items are weighted by the stability of their truth (--unstable weight); --unstable keep and drop tell it".to_owned(),
        );
    }
    Ok(whole)
}

/// What is said of a phrasing of which no item can be scored: none is of the split, or none
/// has a truth.
pub(super) fn without_items(
    table: &AnswerTable,
    variant: Option<&str>,
    options: &ScoreOptions,
) -> Option<String> {
    let chosen = chosen_items(table, &splits(table), options);
    let reason = chosen.err()?;
    let called = variant.map_or_else(
        || "without a phrasing".to_owned(),
        |name| format!("of the phrasing {name}"),
    );
    Some(match reason {
        ScoreError::NoSplit { split, .. } => {
            format!("no item {called} is of the split {split}; it has no scores here")
        }
        _ => format!("no item {called} has a truth; it has no scores here"),
    })
}

/// The answers of one model with its phrasings in the place of models.
fn turned(table: &AnswerTable, model: usize, variants: &[Option<Arc<str>>]) -> AnswerTable {
    let mut numbers: HashMap<(u32, u32), u32> = HashMap::new();
    let mut items: Vec<Item> = Vec::new();
    let mut item_of = Vec::with_capacity(table.items.len());
    let mut variant_of = Vec::with_capacity(table.items.len());
    for item in &table.items {
        let place = (item.persona, item.question);
        item_of.push(*numbers.entry(place).or_insert_with(|| {
            items.push(Item {
                variant: None,
                ..item.clone()
            });
            items.len() as u32 - 1
        }));
        let variant = variants.iter().position(|known| *known == item.variant);
        variant_of.push(variant.unwrap_or_default() as u16);
    }
    let answers = table
        .answers
        .iter()
        .filter(|a| usize::from(a.model) == model);
    AnswerTable {
        models: variants
            .iter()
            .map(|variant| called(variant.as_deref()))
            .collect(),
        answers: answers
            .map(|answer| Answer {
                item: item_of[answer.item as usize],
                model: variant_of[answer.item as usize],
                ..*answer
            })
            .collect(),
        items,
        ..table.clone()
    }
}

fn of_model(
    table: &AnswerTable,
    model: usize,
    variants: &[Option<Arc<str>>],
    options: &ScoreOptions,
) -> Result<Vec<ScorePhrasings>, ScoreError> {
    let turned = turned(table, model, variants);
    let wanted = options.control_variant.as_deref().unwrap_or(NO_PERSONA);
    let control = turned.models.iter().find(|name| *name == wanted);
    let pairs = control.map_or_else(Vec::new, |control| {
        let others = turned.models.iter().filter(|name| *name != control);
        others.map(|name| (name.clone(), control.clone())).collect()
    });
    let scoring = ScoreOptions {
        pairs,
        ..options.clone()
    };
    let report = one(&turned, &scoring)?;
    let chosen = chosen_items(&turned, &splits(&turned), options)?;
    let scored = items::score(&turned, &chosen, options);
    let made = METRICS.into_iter().filter_map(|metric| {
        let rates: Vec<PhrasingScore> = turned
            .models
            .iter()
            .map(|variant| {
                let of_whole = |name: &str, breakdown: &str| name == variant && breakdown == "all";
                let row = report
                    .models
                    .iter()
                    .find(|row| of_whole(&row.model, &row.breakdown));
                let gain = report
                    .differences
                    .iter()
                    .filter(|_| control.is_some())
                    .find(|row| of_whole(&row.candidate, &row.breakdown));
                PhrasingScore {
                    variant: variant.clone(),
                    estimate: row.and_then(|row| row.metrics.get(metric)).cloned(),
                    gain: gain.and_then(|row| row.metrics.get(metric)).cloned(),
                    p_adjusted: None,
                    adjustment: None,
                }
            })
            .collect();
        if rates.iter().all(|rate| rate.estimate.is_none()) {
            return None;
        }
        let mut made = ScorePhrasings {
            model: table.models[model].clone(),
            metric: metric.name().to_owned(),
            control: control.cloned(),
            rates,
            homogeneity: None,
            spread: None,
            range: None,
            seed: Draws::BOOTSTRAP.seed,
        };
        adjust(&mut made.rates);
        let compared: Vec<usize> = (0..turned.models.len())
            .filter(|variant| Some(&turned.models[*variant]) != control)
            .collect();
        if let Some(groups) = grouped(&turned, &scored, &compared, metric, options) {
            compare(&mut made, &groups, &compared, options);
        }
        Some(made)
    });
    Ok(made.collect())
}

/// How the phrasings differ, but for the control, which is none of them.
fn compare(
    made: &mut ScorePhrasings,
    groups: &Subgroups,
    compared: &[usize],
    options: &ScoreOptions,
) {
    let draws = Draws::BOOTSTRAP;
    let name = |group: usize| vec![made.rates[compared[group]].variant.clone()];
    let gap = groups.gap(options.level, draws).ok();
    let spread = groups.spread(options.level).ok();
    made.spread = spread.zip(gap).map(|(spread, gap)| Spread::of(spread, gap));
    made.range = gap.map(|gap| Gap::of(gap, name));
    made.homogeneity = homogeneity(groups, draws).ok().map(tested);
}

/// Phrasings as groups that share their questions; none where items are weighted.
fn grouped(
    table: &AnswerTable,
    scored: &[ModelItems],
    compared: &[usize],
    metric: Metric,
    options: &ScoreOptions,
) -> Option<Subgroups> {
    if options.unstable == Unstable::Weight {
        return None;
    }
    let (mut values, mut groups) = (Vec::new(), Vec::new());
    let (mut questions, mut personas) = (Vec::new(), Vec::new());
    for (group, variant) in compared.iter().enumerate() {
        let model = &scored[*variant];
        let known = model.items.iter().zip(&model.values[metric as usize]);
        for (item, value) in known.filter(|(_, value)| !value.is_nan()) {
            let item = &table.items[*item as usize];
            values.push(*value);
            groups.push(group as u32);
            questions.push(item.question);
            personas.push(item.persona);
        }
    }
    let several = questions.windows(2).any(|pair| pair[0] != pair[1]);
    let labels = if several { &questions } else { &personas };
    let scale = Scale {
        low: 0.0,
        high: if metric.is_distance() {
            farthest_of(options.normaliser, &table.questions)
        } else {
            1.0
        },
    };
    subgroups(&values, &groups, compared.len(), labels, scale, 2).ok()
}

/// Holm over the phrasings.
fn adjust(rates: &mut [PhrasingScore]) {
    let p_of = |gain: &Option<Delta>| PValue::new(gain.as_ref()?.p_value?).ok();
    let mut tested: Vec<(&mut PhrasingScore, PValue)> = rates
        .iter_mut()
        .filter_map(|rate| {
            let p = p_of(&rate.gain)?;
            Some((rate, p))
        })
        .collect();
    let p: Vec<PValue> = tested.iter().map(|(_, p)| *p).collect();
    let adjustment = Adjustment {
        method: AdjustmentMethod::Holm,
        tests: p.len() as u64,
    };
    for ((rate, _), adjusted) in tested.iter_mut().zip(holm(&p)) {
        rate.p_adjusted = Some(adjusted.get());
        rate.adjustment = Some(adjustment);
    }
}
