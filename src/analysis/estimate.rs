//! From the scores of items to an estimate with its intervals.

use std::collections::HashMap;

use super::clusters::Columns;
use super::facts::Facts;
use super::groups::Breakdown;
use super::item_score::{ItemScore, Tally, visit};
use super::layout::{Layout, Place};
use super::options::Settings;
use super::orders::order_section;
use super::report::{Bounds, Comparison, ItemCoverage, NoteCode, OrderCounts};
use crate::study::PersonaPopulation;
use crate::text::counted;
use crate::verdict::Outcome;

/// Coverage equal to the floor but for rounding is not under it.
const ROUNDING: f64 = 1e-9;

/// One comparison on one criterion, over all items and within subgroups.
pub(super) struct Measured {
    /// Number of the comparison.
    pub(super) place: usize,
    pub(super) comparison: Comparison,
    pub(super) groups: Vec<Group>,
    /// Its items, by rank.
    pub(super) scores: Vec<MeasuredItem>,
    /// What has to be said about the headline.
    pub(super) flags: Vec<NoteCode>,
}

impl Measured {
    /// The subgroups whose win rate is withheld.
    pub(super) fn withheld_groups(&self) -> WithheldGroups {
        let why = |group: &Group| {
            let why = group.comparison.withheld.clone()?;
            Some(((group.breakdown, group.number), why))
        };
        self.groups.iter().filter_map(why).collect()
    }
}

/// Why subgroups may not be shown, by the breakdown and the number of the group in it.
pub(super) type WithheldGroups = HashMap<(usize, usize), String>;

/// What is kept of an item for what stands beside the win rates: tables may hold many.
#[derive(Debug, Clone, Copy)]
pub(super) struct MeasuredItem {
    /// Its rank.
    pub(super) item: u32,
    /// Won, lost or tied as a whole, by the side of one half that the mean of its
    /// judgments is on; a pair in both orders counts one half if the two disagree.
    pub(super) outcome: Outcome,
    /// The candidate's share.
    pub(super) score: f64,
}

impl MeasuredItem {
    fn of(score: &ItemScore) -> Self {
        let share = if score.inconsistent_is_tie.is_nan() {
            score.score
        } else {
            score.inconsistent_is_tie
        };
        let outcome = if share > 0.5 {
            Outcome::Win
        } else if share < 0.5 {
            Outcome::Loss
        } else {
            Outcome::Tie
        };
        Self {
            item: score.item,
            outcome,
            score: score.score,
        }
    }
}

/// A subgroup of a breakdown.
pub(super) struct Group {
    pub(super) breakdown: usize,
    /// Its place among the groups of the breakdown.
    number: usize,
    pub(super) comparison: Comparison,
    /// What has to be said about it.
    pub(super) flags: Vec<NoteCode>,
}

/// What the items of an estimate are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All personas, sampled or fixed.
    Whole(PersonaPopulation),
    /// The few personas of a level, always fixed.
    Level,
}

/// What all estimates of one comparison and criterion share.
pub(super) struct Context<'a> {
    pub(super) layout: &'a Layout<'a>,
    pub(super) place: &'a Place,
    criterion: &'a str,
    pub(super) settings: &'a Settings,
    seed: Option<u64>,
}

/// Estimates one comparison on one criterion.
pub(super) fn measure(
    layout: &Layout<'_>,
    comparison: usize,
    criterion: u16,
    breakdowns: &[Breakdown],
    settings: &Settings,
    facts: Option<&Facts>,
) -> Measured {
    let mut scores = Vec::with_capacity(layout.items_of(comparison).count());
    let mut whole = Tally::default();
    let mut tallies: Vec<Vec<Tally>> = breakdowns
        .iter()
        .map(|breakdown| vec![Tally::default(); breakdown.groups.len()])
        .collect();
    visit(layout, comparison, criterion, |score, tally| {
        whole.merge(tally);
        for (breakdown, tallies) in breakdowns.iter().zip(&mut tallies) {
            if let Some(group) = breakdown.group_of(score.item) {
                tallies[group].merge(tally);
            }
        }
        if !score.score.is_nan() {
            scores.push(score);
        }
    });
    let context = Context {
        layout,
        place: &layout.comparisons[comparison],
        criterion: &layout.table.criteria[usize::from(criterion)],
        settings,
        seed: facts.map(|facts| facts.seed),
    };
    let (estimated, flags) = context.estimate(&scores, &whole, Scope::Whole(settings.personas), 0);
    let mut groups = Vec::new();
    let mut members = Vec::new();
    for (number, breakdown) in breakdowns.iter().enumerate() {
        let scope = if breakdown.of_personas {
            Scope::Level
        } else {
            Scope::Whole(settings.personas)
        };
        let (sorted, ends) = breakdown.sorted(&scores);
        for (group, tally) in tallies[number]
            .iter()
            .enumerate()
            .filter(|(_, t)| t.planned > 0)
        {
            let places = &sorted[ends[group]..ends[group + 1]];
            members.clear();
            members.extend(places.iter().map(|place| scores[*place as usize]));
            let (mut comparison, flags) =
                context.estimate(&members, tally, scope, settings.min_items);
            comparison.dimensions.clone_from(&breakdown.dimensions);
            comparison.levels.clone_from(&breakdown.groups[group]);
            comparison.dimension = Some(breakdown.dimensions.join(" × "));
            comparison.level = Some(breakdown.groups[group].join(" × "));
            groups.push(Group {
                breakdown: number,
                number: group,
                comparison,
                flags,
            });
        }
    }
    let mut flags = flags;
    if (whole.planned as usize) < layout.items_of(comparison).count() {
        flags.push(NoteCode::CriterionWithoutRows);
    }
    Measured {
        place: comparison,
        comparison: estimated,
        groups,
        scores: scores.iter().map(MeasuredItem::of).collect(),
        flags,
    }
}

/// The subgroups whose win rate would be withheld, without estimating any.
pub(super) fn withheld_groups(
    layout: &Layout<'_>,
    (comparison, criterion): (usize, u16),
    breakdowns: &[Breakdown],
    floor: f64,
) -> WithheldGroups {
    let mut tallies: HashMap<(usize, usize), (Tally, usize)> = HashMap::new();
    visit(layout, comparison, criterion, |score, tally| {
        for (number, breakdown) in breakdowns.iter().enumerate() {
            if let Some(group) = breakdown.group_of(score.item) {
                let (whole, judged) = tallies.entry((number, group)).or_default();
                whole.merge(tally);
                *judged += usize::from(!score.score.is_nan());
            }
        }
    });
    let both_orders = layout.comparisons[comparison].both_orders;
    tallies
        .into_iter()
        .filter(|(_, (tally, _))| tally.planned > 0)
        .filter_map(|(group, (tally, judged))| {
            Some((group, too_few_judged(both_orders, judged, &tally, floor)?))
        })
        .collect()
}

/// Why the win rate of some items cannot be given, of which so many have a score.
fn too_few_judged(both_orders: bool, judged: usize, tally: &Tally, floor: f64) -> Option<String> {
    if tally.begun == 0 {
        return Some("no item has been judged".to_owned());
    }
    why_withheld(
        both_orders,
        [judged as u64, tally.begun],
        tally.share / tally.begun as f64,
        floor,
        "item",
        " begun",
    )
}

impl Comparison {
    /// Leaves the counts, the rate and its interval, and takes back what would be claimed
    /// of them.
    fn claim_nothing(&mut self) {
        self.p_value = None;
        self.p_method = None;
        if let Some(sized) = &mut self.interval_uneven_clusters {
            sized.p_value = None;
        }
        self.smallest_detectable = None;
        self.tests.clear();
        self.equivalence = None;
        self.finding = None;
    }
}

impl Context<'_> {
    /// The estimate over some items, and what has to be said about it. With fewer clusters
    /// than `floor` nothing is claimed.
    fn estimate(
        &self,
        items: &[ItemScore],
        tally: &Tally,
        scope: Scope,
        floor: u64,
    ) -> (Comparison, Vec<NoteCode>) {
        let columns = Columns::of(self.layout, items);
        let mut comparison = self.described(tally, &columns, items.len());
        let mut flags = Vec::new();
        comparison.order = order_section(
            self.layout,
            self.place.both_orders,
            self.settings.level,
            items,
            tally,
            &columns,
        );
        comparison.bounds = (tally.begun > 0).then(|| Bounds {
            estimand: "win rate over the items begun were every missing verdict lost (low) or won (high)",
            unit: self.layout.unit(),
            n_items: tally.begun,
            low: tally.low / tally.begun as f64,
            high: tally.high / tally.begun as f64,
        });
        comparison.withheld = too_few_judged(
            self.place.both_orders,
            items.len(),
            tally,
            self.settings.floor,
        );
        if comparison.withheld.is_some() {
            flags.push(NoteCode::Withheld);
        } else {
            self.fill(&mut comparison, items, &columns, scope, &mut flags);
            if columns.count(columns.inside_levels()) < floor {
                comparison.claim_nothing();
                flags.push(NoteCode::FewInLevel);
            }
        }
        if self.place.both_orders && tally.one_order_only > 0 {
            flags.push(NoteCode::OneOrderItems);
        }
        if !self.place.both_orders {
            flags.extend(self.one_order_each(tally));
        }
        (comparison, flags)
    }

    /// What an estimate is of, and its counts.
    fn described(&self, tally: &Tally, columns: &Columns<'_>, n_items: usize) -> Comparison {
        let contest = &self.place.contest;
        let all = tally.judgments();
        Comparison {
            candidate: contest.candidate.clone(),
            opponent: contest.opponent.clone(),
            judge: contest.judge.clone(),
            rubric: contest.rubric.clone(),
            criterion: self.criterion.to_owned(),
            variant: None,
            dimensions: Vec::new(),
            levels: Vec::new(),
            dimension: None,
            level: None,
            estimand: self.estimand(),
            unit: self.layout.unit().to_owned(),
            seed: self.seed,
            n_judgments: all.total(),
            n_items: n_items as u64,
            n_clusters: columns.counts,
            wins: all.wins,
            ties: all.ties,
            losses: all.losses,
            missing: tally.missing(),
            items: ItemCoverage {
                planned: tally.planned,
                begun: tally.begun,
                one_order_only: tally.one_order_only,
                share: (tally.begun > 0).then(|| tally.share / tally.begun as f64),
            },
            withheld: None,
            win_rate: None,
            standard_error: None,
            design_effect: None,
            interval: None,
            no_interval: None,
            interval_sampled_personas: None,
            interval_fixed_personas: None,
            interval_uneven_clusters: None,
            outcomes: None,
            p_value: None,
            p_method: None,
            p_adjusted: None,
            adjustment: None,
            smallest_detectable: None,
            p_adjusted_candidates: None,
            adjustment_candidates: None,
            tests: Vec::new(),
            equivalence: None,
            finding: None,
            order: None,
            tie_rules: None,
            bounds: None,
            style_control: None,
            subgroups: Vec::new(),
        }
    }

    fn estimand(&self) -> String {
        let orders = if self.place.both_orders {
            "the mean of both orders"
        } else if self.layout.table.orders_unknown {
            "in an order that is not known"
        } else {
            "judged in one order"
        };
        format!(
            "mean over items of the share that {} wins against {} on {}, a tie counted one half, {orders}",
            self.place.contest.candidate, self.place.contest.opponent, self.criterion
        )
    }

    fn one_order_each(&self, tally: &Tally) -> Option<NoteCode> {
        if self.layout.table.orders_unknown {
            return None;
        }
        let given = |counts: &OrderCounts| counts.wins + counts.ties + counts.losses;
        let first = given(&tally.candidate_first) as f64;
        let all = first + given(&tally.opponent_first) as f64;
        (all > 0.0).then(|| {
            if (0.4..=0.6).contains(&(first / all)) {
                NoteCode::OneOrderEach
            } else {
                NoteCode::OneSidedOrders
            }
        })
    }
}

/// Why too few of some items are judged: `judged` of `begun` have a verdict, in a `share`
/// of their samples. An item is called `one`, with `more` after it.
pub(super) fn why_withheld(
    both_orders: bool,
    [judged, begun]: [u64; 2],
    share: f64,
    floor: f64,
    one: &str,
    more: &str,
) -> Option<String> {
    let verdict = if both_orders {
        "verdict in both orders"
    } else {
        "verdict"
    };
    let items = counted(begun, one) + more;
    if judged == 0 {
        return Some(match begun {
            1 => format!("the {items} has no {verdict}"),
            _ => format!("none of the {items} has a {verdict}"),
        });
    }
    (share < floor - ROUNDING).then(|| {
        let [share, floor] = told_apart(share, floor);
        format!("a {verdict} for {share}% of the {items}, under the floor of {floor}%")
    })
}

/// Two shares in percent, with as many digits as tell them apart.
fn told_apart(a: f64, b: f64) -> [String; 2] {
    let shown = |digits: usize| [a, b].map(|share| format!("{:.digits$}", share * 100.0));
    let apart = (1..8).map(shown).find(|[a, b]| a != b);
    apart.unwrap_or_else(|| shown(1))
}

/// A plain mean over the items that have a number.
pub(super) struct Rate {
    pub(super) mean: Option<f64>,
    pub(super) n: u64,
}

impl Rate {
    pub(super) fn of(items: &[ItemScore], number: impl Fn(&ItemScore) -> f64) -> Self {
        let numbers = items.iter().map(number).filter(|number| !number.is_nan());
        let (sum, n) = numbers.fold((0.0, 0_u64), |(sum, n), number| (sum + number, n + 1));
        Self {
            mean: (n > 0).then(|| sum / n as f64),
            n,
        }
    }
}
