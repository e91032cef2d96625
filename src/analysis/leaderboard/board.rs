//! One leaderboard.

use super::ahead::{Ahead, Place};
use super::rows::Rows;
use super::{elo, fit, standings};
use crate::analysis::clusters::{Clusters, Columns, Side};
use crate::analysis::estimate::{Measured, MeasuredItem};
use crate::analysis::layout::Layout;
use crate::analysis::options::Settings;
use crate::analysis::report::{
    Contrast, Leaderboard, Limits, RatedModel, RatedPair, RatingMethods,
};
use crate::analysis::sections::Sections;
use crate::stats::bradley_terry::bradley_terry;
use crate::stats::davidson::{davidson, expected_score};
use crate::stats::logistic::sigmoid;
use crate::stats::multiplicity::holm;
use crate::stats::{Comparisons, Draws, PValue, Ratings, StatsError};
use crate::study::RatingMethod;
use crate::text::counted;
use crate::verdict::Outcome;

/// Draws behind simultaneous intervals and ranks.
const DRAWS: u32 = 4_000;

/// Every comparison on an item, as columns.
pub(super) struct Table {
    pub(super) first: Vec<u32>,
    pub(super) second: Vec<u32>,
    pub(super) score: Vec<f64>,
    pub(super) ranks: Vec<u32>,
    /// Where the rows of each two models that met end, in the order of
    /// [`Rows::pairs`].
    pub(super) pair_ends: Vec<usize>,
}

impl Table {
    fn new(measured: &[Measured], rows: &Rows, score: impl Fn(&MeasuredItem) -> f64) -> Self {
        let mut table = Self {
            first: Vec::new(),
            second: Vec::new(),
            score: Vec::new(),
            ranks: Vec::new(),
            pair_ends: Vec::new(),
        };
        for pair in rows.pairs() {
            for &(place, a, b) in pair {
                let scores = &measured[place].scores;
                table.first.extend(scores.iter().map(|_| a));
                table.second.extend(scores.iter().map(|_| b));
                table.score.extend(scores.iter().map(&score));
                table.ranks.extend(scores.iter().map(|score| score.item));
            }
            table.pair_ends.push(table.score.len());
        }
        table
    }

    pub(super) fn comparisons(&self) -> Comparisons<'_> {
        Comparisons {
            first: &self.first,
            second: &self.second,
            score: &self.score,
        }
    }
}

/// What is won, tied and lost as a whole is what Davidson's model is about.
fn outcome(item: &MeasuredItem) -> f64 {
    match item.outcome {
        Outcome::Win => 1.0,
        Outcome::Loss => 0.0,
        Outcome::Tie | Outcome::Missing => 0.5,
    }
}

pub(super) fn board(
    layout: &Layout<'_>,
    measured: &[Measured],
    rows: &Rows,
    sections: &Sections,
    settings: &Settings,
    seed: u64,
) -> Leaderboard {
    let mut table = Table::new(measured, rows, |score| score.score);
    let columns = Columns::of_ranks(layout, &table.ranks);
    let mut board = described(layout, measured, rows, settings, &table, &columns);
    board.seed = seed;
    board.reference = reference(rows, sections);
    board.sentences.extend(no_contrasts(rows, sections));
    if sections.rating == RatingMethod::Elo {
        elo::fill(layout, measured, rows, sections.elo_k, &mut board);
        return board;
    }
    let by = columns.headline(settings.personas);
    // Strengths do not need clusters; their intervals do.
    let labels = columns.stats(by.unwrap_or(Clusters::One(Side::Question)));
    let models = rows.models.len();
    let tied = (sections.rating == RatingMethod::Davidson).then(|| {
        let outcomes = Table::new(measured, rows, outcome);
        let ratings = davidson(outcomes.comparisons(), models, labels)?;
        Ok::<_, StatsError>((ratings, outcomes))
    });
    let fitted = match tied {
        Some(Ok((ratings, outcomes))) => {
            board.rating = RatingMethod::Davidson;
            board.sentences.push(whole_ties(&outcomes.score));
            table = outcomes;
            Ok(ratings)
        }
        Some(Err(_)) => {
            board.sentences.push(
                "Davidson's model needs ties and winners, and one of them is missing: the strengths are Bradley and Terry's".to_owned(),
            );
            bradley_terry(table.comparisons(), models, labels)
        }
        None => bradley_terry(table.comparisons(), models, labels),
    };
    estimand(board.rating).clone_into(&mut board.estimand);
    match fitted {
        Ok(ratings) => {
            board.clusters = by.map(|by| columns.names(by)).unwrap_or_default();
            board.population = by.map(|by| columns.population(by));
            board.degrees_of_freedom = by
                .and_then(|_| ratings.clusters().smallest().checked_sub(1))
                .map(|freedom| freedom as u64);
            fill(&ratings, &table, rows, settings, &mut board);
            board.method = by.map(|_| RatingMethods::default());
            if let Some(by) = by {
                let lack = fit::lack_of_fit(layout, &table, rows, &ratings, by, settings.level);
                board.sentences.extend(lack.as_ref().map(fit::sentence));
                board.lack_of_fit = lack;
            }
        }
        Err(error) => board.sentences.push(no_strengths(&error)),
    }
    board
}

/// What is a tie to Davidson's model, which is more than what judges called one.
fn whole_ties(outcomes: &[f64]) -> String {
    let tied = outcomes
        .iter()
        .filter(|outcome| (*outcome - 0.5).abs() < 0.25)
        .count();
    format!(
        "a pair of judgments in both orders is won only if both are, and tied if they disagree, and an item is won where its pairs are on average: the model saw {:.1}% ties",
        100.0 * tied as f64 / outcomes.len() as f64
    )
}

fn no_strengths(error: &StatsError) -> String {
    format!("there are no strengths: {error}")
}

fn described(
    layout: &Layout<'_>,
    measured: &[Measured],
    rows: &Rows,
    settings: &Settings,
    table: &Table,
    columns: &Columns<'_>,
) -> Leaderboard {
    let comparison = &measured[rows.parts[0].0].comparison;
    let counts = rows.parts.iter().map(|(place, ..)| {
        let comparison = &measured[*place].comparison;
        let given = comparison.wins + comparison.ties + comparison.losses;
        (comparison.ties, given)
    });
    let (ties, given) = counts.fold((0, 0), |(ties, all), (tied, given)| {
        (ties + tied, all + given)
    });
    let mut seen = vec![false; layout.items.len()];
    for &rank in &table.ranks {
        seen[rank as usize] = true;
    }
    Leaderboard {
        variant: None,
        judge: comparison.judge.clone(),
        rubric: comparison.rubric.clone(),
        criterion: comparison.criterion.clone(),
        rating: RatingMethod::BradleyTerry,
        estimand: String::new(),
        unit: comparison.unit.clone(),
        seed: 0,
        n_comparisons: table.score.len() as u64,
        n_items: seen.iter().filter(|seen| **seen).count() as u64,
        n_clusters: columns.counts,
        clusters: Vec::new(),
        degrees_of_freedom: None,
        method: None,
        population: None,
        level: settings.level.get(),
        tie_rate: (given > 0).then(|| ties as f64 / given as f64),
        tie_parameter: None,
        elo: None,
        reference: None,
        groups: Vec::new(),
        lack_of_fit: None,
        sentences: left_out(rows),
        models: Vec::new(),
        pairs: Vec::new(),
    }
}

fn left_out(rows: &Rows) -> Vec<String> {
    let mut sentences = Vec::new();
    if rows.elsewhere > 0 {
        sentences.push(format!(
            "these models never met the other {}, directly or through others: there is no common scale, and no rank among all",
            rows.elsewhere
        ));
    }
    if rows.withheld > 0 {
        sentences.push(format!(
            "left out: {} whose win rate is withheld",
            counted(rows.withheld as u64, "comparison")
        ));
    }
    sentences
}

/// Why models that are to be compared with a reference are not.
fn no_contrasts(rows: &Rows, sections: &Sections) -> Option<String> {
    let chosen = sections.reference.as_ref()?;
    if !rows.models.contains(chosen) {
        return Some(format!(
            "{chosen}, which the others are to be compared with, is not among these models, so nothing here is compared with it"
        ));
    }
    (sections.rating == RatingMethod::Elo).then(|| {
        format!("Elo ratings have no test, so nothing here is compared with {chosen}; `--rating bradley-terry` compares")
    })
}

fn estimand(rating: RatingMethod) -> &'static str {
    match rating {
        RatingMethod::BradleyTerry => {
            "log strength about the average: the difference of two is the log odds that one wins an item against the other, a tie counted one half"
        }
        RatingMethod::Davidson => {
            "log strength about the average: the difference of two is the log odds that one wins an item against the other where they do not tie; an item is won where its judgments are on average, a pair in both orders counted one half if they disagree"
        }
        RatingMethod::Elo => "Elo rating after all judgments in the order of the table",
    }
}

/// The chosen reference if it is on this board; else the one model that all others
/// met and that no two others met without.
fn reference(rows: &Rows, sections: &Sections) -> Option<String> {
    if let Some(chosen) = &sections.reference {
        return rows.models.contains(chosen).then(|| chosen.clone());
    }
    let in_all = |model: &u32| rows.parts.iter().all(|(_, a, b)| a == model || b == model);
    (0..rows.models.len() as u32)
        .find(in_all)
        .map(|model| rows.models[model as usize].clone())
}

fn fill(
    ratings: &Ratings,
    table: &Table,
    rows: &Rows,
    settings: &Settings,
    board: &mut Leaderboard,
) {
    let draws = Draws {
        seed: board.seed,
        count: DRAWS,
    };
    let name = |model: usize| rows.models[model].clone();
    let groups = ratings.groups().iter();
    let groups = groups.map(|group| group.iter().map(|&model| name(model)).collect());
    board.groups = groups.collect();
    board.tie_parameter = ratings.tie();
    let (strengths, bounded) = (ratings.strengths(), !ratings.separated());
    let ahead = (!bounded).then(|| Ahead::new(table, rows.models.len()));
    let places = match &ahead {
        Some(ahead) => ahead.places(strengths),
        None => of_intervals(ratings, settings, draws),
    };
    let pairs = in_order(&places, ahead.as_ref());
    let has_ranks = places.iter().all(|place| place.range.is_some());
    let apart = ahead.as_ref().map(|ahead| ahead.sentences(&rows.models));
    board.sentences.extend(apart.into_iter().flatten());
    let lacking = lacking(ratings, has_ranks, &pairs, settings);
    board.sentences.extend(lacking);
    let counts = counts(table, places.len());
    let reference = board.reference.as_ref();
    let reference = reference.and_then(|name| rows.models.iter().position(|model| model == name));
    let is_told_apart =
        |a: usize, b: usize| ahead.as_ref().is_none_or(|ahead| ahead.comparable(a, b));
    board.models = places
        .iter()
        .map(|&Place { model, rank, range }| {
            let error = ratings.standard_error(model).ok();
            let other = reference
                .filter(|&reference| reference != model && is_told_apart(reference, model));
            let to_all =
                (0..places.len()).all(|other| other == model || is_told_apart(other, model));
            RatedModel {
                model: name(model),
                rank,
                rank_best: range.map(|(best, _)| best),
                rank_worst: range.map(|(_, worst)| worst),
                strength: strengths[model],
                standard_error: error.filter(|error| bounded && *error > 1e-12),
                interval: bounded
                    .then(|| ratings.strength_interval(model, settings.level).ok())
                    .flatten()
                    .map(Into::into),
                expected_win_rate: to_all.then(|| expected(strengths, board.tie_parameter, model)),
                n_comparisons: counts[model],
                contrast: other.map(|other| contrast(ratings, model, other, None, settings)),
            }
        })
        .collect();
    let to_reference = board.models.iter_mut().filter_map(|m| m.contrast.as_mut());
    adjust(to_reference.collect());
    let simultaneous = simultaneous(ratings, &pairs, settings, draws);
    let of_pairs = pairs.iter().zip(simultaneous);
    let of_pairs = of_pairs.map(|(&(a, b), simultaneous)| RatedPair {
        first: name(a),
        second: name(b),
        contrast: contrast(ratings, a, b, simultaneous, settings),
    });
    board.pairs = of_pairs.collect();
    adjust(
        board
            .pairs
            .iter_mut()
            .map(|pair| &mut pair.contrast)
            .collect(),
    );
}

/// The models by strength, with the ranks that simultaneous intervals leave open.
fn of_intervals(ratings: &Ratings, settings: &Settings, draws: Draws) -> Vec<Place> {
    let ranks = ratings.rank_intervals(settings.level, draws).ok();
    let range = |model: usize| {
        let range = ranks.as_ref()?[model];
        Some((range.best as u64, range.worst as u64))
    };
    let places = standings(ratings.strengths()).into_iter();
    places
        .map(|(model, rank)| Place {
            model,
            rank,
            range: range(model),
        })
        .collect()
}

/// Every two models that can be told apart, the better placed first.
fn in_order(places: &[Place], ahead: Option<&Ahead>) -> Vec<(usize, usize)> {
    let below = |place: usize| places[place + 1..].iter().map(|place| place.model);
    let told_apart = |a: usize, b: usize| ahead.is_none_or(|ahead| ahead.comparable(a, b));
    (places.iter().enumerate())
        .flat_map(|(place, a)| below(place).map(move |b| (a.model, b)))
        .filter(|&(a, b)| told_apart(a, b))
        .collect()
}

/// Why there are no intervals of some numbers.
fn lacking(
    ratings: &Ratings,
    has_ranks: bool,
    pairs: &[(usize, usize)],
    settings: &Settings,
) -> Vec<String> {
    let mut sentences = Vec::new();
    if !has_ranks {
        sentences.push(
            "there is only one cluster to generalise from, so there are no intervals".to_owned(),
        );
    }
    let is_unvaried = |&&(a, b): &&(usize, usize)| {
        let found = ratings.contrast(a, b, settings.level);
        matches!(found, Err(StatsError::NoVariation))
    };
    let unvaried = pairs.iter().filter(is_unvaried).count();
    if unvaried > 0 {
        sentences.push(format!(
            "every cluster says the same of {unvaried} of {} pairs of models, so there is no scatter to take an interval of their difference from",
            pairs.len()
        ));
    }
    sentences
}

/// Intervals of all pairs that hold at once; a pair without a standard error leaves
/// the others theirs.
fn simultaneous(
    ratings: &Ratings,
    pairs: &[(usize, usize)],
    settings: &Settings,
    draws: Draws,
) -> Vec<Option<Limits>> {
    let varies = |&(a, b): &(usize, usize)| {
        in_one_group(ratings, a, b) && ratings.contrast(a, b, settings.level).is_ok()
    };
    let kept: Vec<(usize, usize)> = pairs.iter().copied().filter(varies).collect();
    let intervals = ratings.simultaneous(&kept, settings.level, draws);
    let mut intervals = intervals.unwrap_or_default().into_iter();
    pairs
        .iter()
        .map(|pair| {
            if varies(pair) {
                intervals.next().map(Into::into)
            } else {
                None
            }
        })
        .collect()
}

/// On how many items each model met another.
fn counts(table: &Table, models: usize) -> Vec<u64> {
    let mut counts = vec![0; models];
    for &model in table.first.iter().chain(&table.second) {
        counts[model as usize] += 1;
    }
    counts
}

fn contrast(
    ratings: &Ratings,
    a: usize,
    b: usize,
    simultaneous: Option<Limits>,
    settings: &Settings,
) -> Contrast {
    let difference = ratings.strengths()[a] - ratings.strengths()[b];
    let point = Contrast {
        difference,
        standard_error: None,
        interval: None,
        simultaneous,
        p_value: None,
        p_adjusted: None,
        win_chance: sigmoid(difference),
        win_chance_interval: None,
    };
    if !in_one_group(ratings, a, b) {
        return point;
    }
    Contrast {
        standard_error: ratings.contrast_error(a, b).ok(),
        interval: ratings.contrast(a, b, settings.level).ok().map(Into::into),
        p_value: ratings.test(a, b).ok().map(|test| test.p.get()),
        win_chance_interval: ratings
            .win_chance(a, b, settings.level)
            .ok()
            .map(Into::into),
        ..point
    }
}

/// Whether the data bound the difference of two models from both sides.
fn in_one_group(ratings: &Ratings, a: usize, b: usize) -> bool {
    let groups = ratings.groups();
    groups
        .iter()
        .any(|group| group.contains(&a) && group.contains(&b))
}

/// Holm over contrasts that are read together.
fn adjust(mut contrasts: Vec<&mut Contrast>) {
    let tested: Vec<(usize, PValue)> = contrasts
        .iter()
        .enumerate()
        .filter_map(|(place, contrast)| Some((place, PValue::new(contrast.p_value?).ok()?)))
        .collect();
    let p: Vec<PValue> = tested.iter().map(|(_, p)| *p).collect();
    for ((place, _), adjusted) in tested.iter().zip(holm(&p)) {
        contrasts[*place].p_adjusted = Some(adjusted.get());
    }
}

/// Mean over the other models of the chance to win against each, a tie counted one
/// half.
fn expected(strengths: &[f64], tie: Option<f64>, model: usize) -> f64 {
    let others = strengths.iter().enumerate().filter(|(m, _)| *m != model);
    let sum: f64 = others
        .map(|(_, other)| expected_score(strengths[model] - other, tie.unwrap_or(0.0)))
        .sum();
    sum / (strengths.len() - 1) as f64
}
