//! How a comparison differs between phrasings of the persona, and what each phrasing
//! gains over the control.
//!
//! Gains are paired on the items that both phrasings have, with the clusters of the
//! headline. The spread over phrasings is without the control, and takes questions as what was sampled (personas,
//! where there is one question), since all phrasings are asked the same ones.

use std::collections::HashMap;

use super::clusters::ClusterColumns;
use super::difference::{Context, Other, against};
use super::estimate::{Measured, measure};
use super::facts::Facts;
use super::layout::Layout;
use super::report::{
    Adjustment, AdjustmentMethod, Difference, Gap, PhrasingRate, Phrasings, Spread,
};
use super::subgroups::{Rules, tested};
use super::variants::Phrased;
use super::{AnalysisError, Options};
use crate::stats::homogeneity::homogeneity;
use crate::stats::multiplicity::holm;
use crate::stats::subgroups::{Scale, Subgroups, subgroups};
use crate::stats::{Draws, Level, PValue};

/// The phrasing that stands for no persona at all, where a table does not say.
const NO_PERSONA: &str = "none";
const DRAWS: u32 = 2_000;

/// A comparison on one criterion.
type Subject = [String; 5];

/// One phrasing, measured.
struct Part<'a> {
    phrased: &'a Phrased,
    layout: Layout<'a>,
    measured: Vec<Measured>,
}

/// Every comparison and criterion over all phrasings.
pub(super) fn phrasings(
    tables: &[Phrased],
    facts: Option<&Facts>,
    options: &Options,
) -> Result<Vec<Phrasings>, AnalysisError> {
    let seed = options.seed.or(facts.map(|facts| facts.seed));
    let settings = options.check(seed)?;
    let clusters = options.clusters();
    let mut parts = Vec::new();
    for phrased in tables {
        let mut layout = Layout::new(&phrased.table);
        if let Some(names) = &clusters {
            layout.clusters = ClusterColumns::new(&layout, names)?;
        }
        let measured = layout
            .parts()
            .into_iter()
            .map(|(comparison, criterion)| {
                measure(&layout, comparison, criterion, &[], &settings, facts)
            })
            .collect();
        parts.push(Part {
            phrased,
            layout,
            measured,
        });
    }
    let wanted = facts
        .and_then(|facts| facts.control_variant.as_deref())
        .unwrap_or(NO_PERSONA);
    let control = parts.iter().position(|part| part.phrased.name() == wanted);
    let rules = Rules::new(&settings, 1);
    let mut gains: Vec<Difference> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let Some(control) = control.filter(|control| *control != at) else {
            continue;
        };
        let context = Context {
            layout: &part.layout,
            breakdowns: &[],
            settings: &settings,
            seed,
            rules,
        };
        let base = &parts[control].phrased;
        let other = Other {
            here: part.phrased.name(),
            there: base.name(),
            table: &base.table,
            same: Vec::new(),
        };
        let (made, ..) = against(&context, &part.measured, &other)?;
        gains.extend(made.into_iter().map(|gain| Difference {
            variant: Some(part.phrased.name()),
            p_adjusted: None,
            adjustment: None,
            ..gain
        }));
    }
    let draws = Draws {
        seed: settings.seed,
        count: DRAWS,
    };
    Ok(subjects(&parts)
        .iter()
        .map(|subject| {
            let mut made = of_subject(&parts, control, subject, settings.level, draws);
            made.gains = gains
                .iter()
                .filter(|gain| of_gain(gain) == *subject)
                .cloned()
                .collect();
            adjust(&mut made.gains);
            made
        })
        .collect())
}

fn subjects(parts: &[Part<'_>]) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = Vec::new();
    for measured in parts.iter().flat_map(|part| &part.measured) {
        let subject = of_measured(measured);
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    subjects
}

fn of_measured(measured: &Measured) -> Subject {
    let c = &measured.comparison;
    [&c.candidate, &c.opponent, &c.judge, &c.rubric, &c.criterion].map(Clone::clone)
}

fn of_gain(gain: &Difference) -> Subject {
    let side = &gain.first;
    [
        &side.candidate,
        &side.opponent,
        &side.judge,
        &side.rubric,
        &gain.criterion,
    ]
    .map(Clone::clone)
}

fn of_subject(
    parts: &[Part<'_>],
    control: Option<usize>,
    subject: &Subject,
    level: Level,
    draws: Draws,
) -> Phrasings {
    let found: Vec<(&Part<'_>, &Measured)> = parts
        .iter()
        .filter_map(|part| {
            let measured = part.measured.iter().find(|m| of_measured(m) == *subject)?;
            Some((part, measured))
        })
        .collect();
    let [candidate, opponent, judge, rubric, criterion] = subject.clone();
    let control = control.map(|control| parts[control].phrased.name());
    // The control is no phrasing of the persona: what it changes is its gain.
    let is_phrasing = |part: &Part<'_>| Some(part.phrased.name()) != control;
    let compared: Vec<(&Part<'_>, &Measured)> = found
        .iter()
        .filter(|(part, _)| is_phrasing(part))
        .copied()
        .collect();
    let (groups, clusters) = grouped(&compared);
    let name = |group: usize| vec![compared[group].0.phrased.name()];
    let gap = groups.as_ref().and_then(|g| g.gap(level, draws).ok());
    let spread = groups.as_ref().and_then(|g| g.spread(level).ok());
    Phrasings {
        candidate,
        opponent,
        judge,
        rubric,
        estimand: format!(
            "mean over the items of each phrasing of the candidate's score on {criterion}"
        ),
        criterion,
        unit: parts[0].layout.unit().to_owned(),
        clusters: clusters.to_owned(),
        n_items: compared.iter().map(|(_, m)| m.comparison.n_items).sum(),
        level: level.get(),
        seed: draws.seed,
        control,
        rates: found
            .iter()
            .map(|(part, measured)| PhrasingRate {
                variant: part.phrased.name(),
                n_items: measured.comparison.n_items,
                win_rate: measured.comparison.win_rate,
                interval: measured.comparison.interval.clone(),
            })
            .collect(),
        homogeneity: groups
            .as_ref()
            .and_then(|groups| homogeneity(groups, draws).ok())
            .map(tested),
        spread: spread.zip(gap).map(|(spread, gap)| Spread::of(spread, gap)),
        range: gap.map(|gap| Gap::of(gap, name)),
        gains: Vec::new(),
    }
}

/// The phrasings as groups that share their questions, `None` where the win rate of one
/// is withheld; and what their clusters are.
fn grouped(found: &[(&Part<'_>, &Measured)]) -> (Option<Subgroups>, &'static str) {
    let (mut values, mut groups) = (Vec::new(), Vec::new());
    let (mut questions, mut personas) = (Labels::default(), Labels::default());
    for (group, (part, measured)) in found.iter().enumerate() {
        for score in &measured.scores {
            let item = part.layout.items[score.item as usize];
            let item = &part.phrased.table.items[item as usize];
            values.push(score.score);
            groups.push(group as u32);
            questions.push(&item.question.id);
            personas.push(&item.persona.id);
        }
    }
    let (labels, clusters) = if questions.numbers.len() > 1 {
        (&questions.column, "question")
    } else {
        (&personas.column, "persona")
    };
    let withheld = found.iter().any(|(_, m)| m.comparison.win_rate.is_none());
    let compared = || subgroups(&values, &groups, found.len(), labels, Scale::RATE, 2).ok();
    ((!withheld).then(compared).flatten(), clusters)
}

/// Names as numbers.
#[derive(Default)]
struct Labels<'a> {
    numbers: HashMap<&'a str, u32>,
    column: Vec<u32>,
}

impl<'a> Labels<'a> {
    fn push(&mut self, name: &'a str) {
        let next = self.numbers.len() as u32;
        self.column.push(*self.numbers.entry(name).or_insert(next));
    }
}

/// Holm over the phrasings.
fn adjust(gains: &mut [Difference]) {
    let mut tested: Vec<(&mut Difference, PValue)> = gains
        .iter_mut()
        .filter_map(|gain| {
            let p = PValue::new(gain.p_value?).ok()?;
            Some((gain, p))
        })
        .collect();
    let p: Vec<PValue> = tested.iter().map(|(_, p)| *p).collect();
    for ((gain, _), adjusted) in tested.iter_mut().zip(holm(&p)) {
        gain.p_adjusted = Some(adjusted.get());
        gain.adjustment = Some(Adjustment {
            method: AdjustmentMethod::Holm,
            tests: p.len() as u64,
        });
    }
}
