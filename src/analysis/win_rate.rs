//! The win rate of some items, its intervals and its tests.

use super::clusters::{Clusters, Columns};
use super::estimate::{Context, Rate, Scope};
use super::intervals::{How, Refused, Spread, collapsed, rate_interval};
use super::item_score::ItemScore;
use super::report::{Comparison, Interval, ItemOutcomes, Method, NoteCode, RuleRate, TieRules};
use super::significance;
use crate::stats::study_size::detectable_rate;
use crate::stats::wilson::short_of_clusters;
use crate::study::PersonaPopulation;

/// Sampled personas under this number get a warning.
pub(super) const FEW_PERSONAS: u64 = 10;
/// Chance with which the smallest detectable win rate is found.
const POWER: f64 = 0.8;
/// Clusters up to which t and bootstrap intervals of a rate near 0 or 1 cover less
/// than they say.
const FEW_FOR_EXTREMES: usize = 100;
/// Clusters under which bootstrap intervals of any rate do.
const FEW_FOR_BOOTSTRAP: usize = 20;

impl Context<'_> {
    /// Gives the win rate, its intervals and its tests, and what has to be said
    /// about them.
    pub(super) fn fill(
        &self,
        comparison: &mut Comparison,
        items: &[ItemScore],
        columns: &Columns<'_>,
        scope: Scope,
        flags: &mut Vec<NoteCode>,
    ) {
        let scores: Vec<f64> = items.iter().map(|item| item.score).collect();
        comparison.win_rate = Rate::of(items, |item| item.score).mean;
        let unit = self.layout.unit();
        comparison.tie_rules = (self.place.both_orders).then(|| tie_rules(items, unit));
        let spreads = Spreads::new(self, columns, &scores, scope);
        // Where a method knows no clusters, these two still do.
        let robust = if self.how().method.takes_items_as_independent() {
            How {
                method: Method::DesignEffectWilson,
                ..self.how()
            }
        } else {
            self.how()
        };
        let interval =
            |spread: &Option<Spread>, how| rate_interval(columns, &scores, spread.as_ref(), how);
        let sampled = interval(&spreads.sampled, robust);
        let fixed = interval(&spreads.fixed, robust);
        let headline = match &spreads.headline {
            same if robust.method == self.how().method && *same == spreads.sampled => {
                sampled.clone()
            }
            same if robust.method == self.how().method && *same == spreads.fixed => fixed.clone(),
            other => interval(other, self.how()),
        };
        comparison.interval_sampled_personas = sampled.ok();
        comparison.interval_fixed_personas = if columns.counts.persona > 0 {
            fixed.ok()
        } else {
            None
        };
        let outcomes = self.outcomes(items, &scores, spreads.headline.map(|(by, _)| by));
        if self.counts_shared_as_independent(items, columns, headline.is_ok(), &outcomes) {
            flags.push(NoteCode::ItemsTakenIndependent);
        }
        comparison.outcomes = Some(outcomes);
        self.warn(&spreads, headline.as_ref(), columns, scope, flags);
        // That clusters are uneven does not hang on the method of the headline: what allows
        // for it is compared with the same interval without.
        let level = self.settings.level;
        if let Some((by, mean)) = &spreads.headline
            && let Some(sized) = columns.uneven(&scores, *by, level)
            && let Some(usual) = columns.interval(mean, *by, level, 0.0)
            && sized.high - sized.low > usual.high - usual.low
        {
            comparison.interval_uneven_clusters = Some(sized);
            flags.push(NoteCode::UnevenClusters);
        }
        match headline {
            Ok(interval) => comparison.interval = Some(interval),
            Err(refused) => comparison.no_interval = Some(refused.sentence(self.how().method)),
        }
        let Some((by, mean)) = &spreads.headline else {
            return;
        };
        comparison.standard_error = mean.standard_error();
        comparison.design_effect = mean.design_effect();
        comparison.smallest_detectable = detectable_rate(mean, self.settings.level, POWER)
            .ok()
            .flatten();
        significance::test(self, comparison, &scores, columns, (*by, mean), scope);
    }

    pub(super) fn how(&self) -> How {
        How {
            method: self.settings.interval,
            level: self.settings.level,
            seed: self.settings.seed,
        }
    }

    /// Items by the side of one half that their score is on.
    fn outcomes(
        &self,
        items: &[ItemScore],
        scores: &[f64],
        clusters: Option<Clusters>,
    ) -> ItemOutcomes {
        let counts = collapsed(scores);
        ItemOutcomes {
            wins: counts.wins,
            ties: counts.ties,
            losses: counts.losses,
            net: counts.net().unwrap_or_default(),
            win_rate_without_ties: counts.win_rate_without_ties(),
            n_without_ties: counts.wins + counts.losses,
            interval_without_ties: self.interval_without_ties(items, clusters),
        }
    }

    /// Whether items that share a cluster are taken as independent in the headline's
    /// interval, or in the one without ties where there is no other.
    fn counts_shared_as_independent(
        &self,
        items: &[ItemScore],
        columns: &Columns<'_>,
        has_headline: bool,
        outcomes: &ItemOutcomes,
    ) -> bool {
        if !self.how().method.takes_items_as_independent() {
            return false;
        }
        if has_headline {
            return !columns.nothing_shared();
        }
        outcomes.interval_without_ties.is_some()
            && !Columns::of(self.layout, &decided(items)).nothing_shared()
    }

    fn interval_without_ties(
        &self,
        items: &[ItemScore],
        clusters: Option<Clusters>,
    ) -> Option<Interval> {
        let decided = decided(items);
        let columns = Columns::of(self.layout, &decided);
        let won = |item: &ItemScore| f64::from(u8::from(item.score > 0.5));
        let won: Vec<f64> = decided.iter().map(won).collect();
        let spread = clusters.and_then(|by| Some((by, columns.mean(&won, by)?)));
        rate_interval(&columns, &won, spread.as_ref(), self.how()).ok()
    }

    fn warn(
        &self,
        spreads: &Spreads,
        headline: Result<&Interval, &Refused>,
        columns: &Columns<'_>,
        scope: Scope,
        flags: &mut Vec<NoteCode>,
    ) {
        let method = self.how().method;
        match headline {
            Err(Refused::SingleCluster) => flags.push(NoteCode::SingleCluster),
            Err(_) => flags.push(NoteCode::NoInterval),
            Ok(_) => {}
        }
        let independent = method.takes_items_as_independent();
        let Some((by, mean)) = &spreads.headline else {
            return;
        };
        let personas = columns.personas_among(*by);
        if personas.is_some_and(|personas| (2..FEW_PERSONAS).contains(&personas)) {
            flags.push(NoteCode::FewPersonas);
        }
        let clusters = mean.clusters().smallest();
        let extreme = !(0.1..=0.9).contains(&mean.mean());
        let bootstrap = matches!(method, Method::BootstrapPercentile | Method::BootstrapBca);
        let short = match method {
            Method::DesignEffectWilson => short_of_clusters(mean),
            _ => !independent && extreme && clusters <= FEW_FOR_EXTREMES,
        };
        // Where there is no interval, none falls short.
        let covers = headline.is_ok();
        if covers && short {
            flags.push(NoteCode::FewClustersExtremeRate);
        } else if covers && bootstrap && clusters < FEW_FOR_BOOTSTRAP {
            flags.push(NoteCode::FewClusters);
        }
        if method == Method::DesignEffectWilson && mean.variance() == Some(0.0) {
            flags.push(NoteCode::NoVariation);
        }
        if self.layout.clusters.splits().is_some() {
            flags.push(NoteCode::ClustersSplit);
        }
        if spreads.asked {
            return;
        }
        let sampled = scope == Scope::Whole(PersonaPopulation::Sampled);
        if sampled && columns.is_question(*by) && columns.counts.persona > 0 {
            flags.push(NoteCode::OnlyQuestionClusters);
        }
        if columns.is_persona(*by) {
            flags.push(NoteCode::OnlyPersonaClusters);
        }
    }
}

/// Items that are not tied.
#[expect(clippy::float_cmp, reason = "a tie is exactly one half")]
fn decided(items: &[ItemScore]) -> Vec<ItemScore> {
    let decided = items.iter().filter(|item| item.score != 0.5);
    decided.copied().collect()
}

/// The spread of a mean over each of the clusters that a report shows.
struct Spreads {
    sampled: Option<Spread>,
    fixed: Option<Spread>,
    headline: Option<Spread>,
    /// The headline's clusters were asked for.
    asked: bool,
}

impl Spreads {
    fn new(context: &Context<'_>, columns: &Columns<'_>, scores: &[f64], scope: Scope) -> Self {
        let spread = |clusters: Option<Clusters>| {
            clusters.and_then(|by| Some((by, columns.mean(scores, by)?)))
        };
        let sampled = match scope {
            Scope::Whole(_) => spread(columns.sampled()),
            Scope::Level => None,
        };
        let fixed = spread(columns.fixed());
        let asked = columns.asked(scope == Scope::Level);
        let headline = match asked {
            Some(by) if sampled.is_some_and(|(clusters, _)| clusters == by) => sampled,
            Some(by) if fixed.is_some_and(|(clusters, _)| clusters == by) => fixed,
            Some(by) => spread(Some(by)).filter(|(_, mean)| mean.variance().is_some()),
            None if scope == Scope::Whole(PersonaPopulation::Sampled) => sampled.or(fixed),
            // With one question nothing but personas is sampled, in a level as in all.
            None if scope == Scope::Level
                && fixed.is_none()
                && context.settings.personas == PersonaPopulation::Sampled
                && columns.counts.persona > 1 =>
            {
                spread(Some(Clusters::One(columns.inside_levels())))
            }
            None => fixed,
        };
        Self {
            sampled,
            fixed,
            headline,
            asked: context.layout.clusters.is_asked(),
        }
    }
}

impl Refused {
    fn sentence(self, method: Method) -> String {
        let text = match self {
            Self::SingleCluster => {
                "there is only one cluster to generalise from, so there is no interval"
            }
            Self::NoVariation => match method {
                Method::T => {
                    "all clusters have the same rate, so a t interval would be a single point"
                }
                _ => "all clusters have the same rate, so every draw of a bootstrap is the same",
            },
            Self::InBetween => {
                "Tango's interval is of items won, tied or lost, and some have a score in between, from graded judgments or from judgments that half agree"
            }
            Self::Undecided => {
                "this interval is of items won or lost, and some are tied or have a score in between; that of the win rate without ties is in the JSON and CSV reports"
            }
            Self::TwoDimensions => {
                "the BCa bootstrap knows one dimension of clusters; cluster by one, or take bootstrap-percentile"
            }
        };
        text.to_owned()
    }
}

fn tie_rules(items: &[ItemScore], unit: &'static str) -> TieRules {
    let rule = |estimand, number: fn(&ItemScore) -> f64| {
        let Rate { mean, n } = Rate::of(items, number);
        RuleRate {
            estimand,
            unit,
            win_rate: mean,
            n_items: n,
        }
    };
    TieRules {
        average: rule(
            "mean over items of the candidate's share, a pair of orders counted by the mean of its two scores",
            |item| item.score,
        ),
        inconsistent_is_tie: rule(
            "mean over items of the candidate's share, a pair of orders with different verdicts counted one half",
            |item| item.inconsistent_is_tie,
        ),
        drop_inconsistent: rule(
            "mean over items of the candidate's share, pairs of orders with different verdicts left out",
            |item| item.drop_inconsistent,
        ),
    }
}
