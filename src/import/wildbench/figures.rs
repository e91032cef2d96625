//! The figures that WildBench itself reports.

use super::margin;
use super::tasks::{self, Tags};
use super::{CRITERION, Pair, RUBRIC, SCORES, Single, Winner};
use crate::analysis::source_figures::{Figure, Pools, SourceFigures, Subject, Unit};
use crate::import::figures::mean;
use crate::import::scores;

/// What the macro averages lack where no tags are known.
const NO_TAGS: &str = "The source's task macro averages need the tags of each session, which stand in its data set and not in its results: import the data set's file (session_id or id, primary_tag, secondary_tags) together with them.";

pub(super) fn pair_figures(
    [candidate, opponent, judge]: [&str; 3],
    rubric: &str,
    pairs: &[(&Pair, usize)],
    tags: &Tags,
    margins: &[u32],
) -> SourceFigures {
    let counted = || pairs.iter().filter(|(pair, _)| pair.counted);
    let count = |holds: &dyn Fn(&Pair, usize) -> bool| {
        counted().filter(|(pair, at)| holds(pair, *at)).count() as u64
    };
    let total = pairs.len() as u64;
    let lengths: Vec<f64> = counted()
        .filter_map(|(pair, at)| pair.chars[*at])
        .map(f64::from)
        .collect();
    let [figures, by_task] = with_margin(pairs, tags, None);
    let mut why = vec![
        "The source's reward counts a clear win twice a slight one; for the estimate a win is a win and a tie one half.".to_owned(),
        "Each pair was shown in one order, drawn at random; what the place of an answer did is in both numbers.".to_owned(),
        "The source gives no interval; the estimate's is over sessions.".to_owned(),
    ];
    if count(&|_, _| true) < total {
        why.push("The source leaves pairs with an answer that is cut off or empty out of its counts and yet divides by all; the estimate has their verdicts.".to_owned());
    }
    if by_task.is_empty() {
        why.push(NO_TAGS.to_owned());
    }
    let mut figures = figures;
    figures.push(Figure::new(
        "avg_len",
        mean(&lengths),
        Unit::Characters,
        "mean length of the model's answers",
    ));
    figures.extend(by_task);
    for margin in margins {
        let of_margin = with_margin(pairs, tags, Some(*margin));
        let depends =
            |figure: &Figure| !["win_much", "lose_much", "total"].contains(&&*figure.name);
        let dependent = of_margin.into_iter().flatten().filter(depends);
        figures.extend(dependent.map(|figure| Figure {
            name: margin::named(&figure.name, *margin),
            ..figure
        }));
    }
    if margins.is_empty() {
        why.push("Figures are without a length margin (K = -1); --length-margin 500 (or another K) gives those for which a slight win by an answer that is more than K characters longer is a tie.".to_owned());
    }
    SourceFigures {
        source: "wildbench".to_owned(),
        subject: match rubric.strip_prefix(RUBRIC) {
            Some(version) if !version.is_empty() => {
                format!(
                    "{candidate} against {opponent}, by {judge} ({})",
                    version.trim()
                )
            }
            _ => format!("{candidate} against {opponent}, by {judge}"),
        },
        also_called: called(candidate),
        comparison: Some(Subject {
            candidate: candidate.to_owned(),
            opponent: opponent.to_owned(),
            judge: judge.to_owned(),
            rubric: rubric.to_owned(),
            criterion: CRITERION.to_owned(),
        }),
        figures,
        why_they_differ: why,
        ..SourceFigures::default()
    }
}

/// Counts and rewards, and the rewards by category, with a length margin or without.
fn with_margin(pairs: &[(&Pair, usize)], tags: &Tags, margin: Option<u32>) -> [Vec<Figure>; 2] {
    let counted = || pairs.iter().filter(|(pair, _)| pair.counted);
    // Each pair's winner, from the model's side, and whether it is a clear one.
    let ended = |pair: &Pair, at: usize| {
        let winner = pair.winner_within(margin)?;
        let side = match winner {
            Winner::Tie => 0,
            Winner::Model(winner) if winner == at => 1,
            Winner::Model(_) => -1,
        };
        Some((side, side != 0 && pair.extent == Some(2)))
    };
    let count = |wanted: (i32, bool)| {
        let ended = counted().filter(|(pair, at)| ended(pair, *at) == Some(wanted));
        ended.count() as u64
    };
    let [win_much, win, tie] = [(1, true), (1, false), (0, false)].map(count);
    let [lose, lose_much] = [(-1, false), (-1, true)].map(count);
    let total = pairs.len() as u64;
    let reward = (total > 0).then(|| {
        (win_much as f64 + 0.5 * win as f64 - 0.5 * lose as f64 - lose_much as f64) / total as f64
    });
    let how = match margin {
        None => "without a length margin".to_owned(),
        Some(margin) => format!(
            "a slight win by an answer more than {margin} characters longer counted as a tie"
        ),
    };
    let rewards = counted().filter_map(|(pair, at)| {
        let (side, much) = ended(pair, *at)?;
        let amount = if much { 1.0 } else { 0.5 };
        Some((pair.session.as_str(), f64::from(side) * amount))
    });
    let names = ["task_macro_reward", "task_categorized_rewards"];
    let by_task = tasks::figures(
        tags,
        rewards,
        names,
        |mean| mean,
        Unit::NetShare,
        &format!("mean reward, {how}"),
    );
    let counts = [
        ("win_much", win_much, "clear wins"),
        ("win", win, "slight wins"),
        ("tie", tie, "ties"),
        ("lose", lose, "slight losses"),
        ("lose_much", lose_much, "clear losses"),
        ("total", total, "judged pairs"),
    ];
    let counts = counts.into_iter().map(|(name, n, words)| {
        let words = match margin {
            Some(_) => format!("{words}, {how}"),
            None => words.to_owned(),
        };
        Figure::count(name, n, words)
    });
    let mut figures: Vec<Figure> = counts.collect();
    figures.push(Figure::new(
        "reward",
        reward,
        Unit::NetShare,
        format!(
            "mean of 1 for a clear win, 1/2 for a slight one, 0 for a tie, -1/2 and -1 for losses, {how}"
        ),
    ));
    [figures, by_task]
}

/// The names of a model on leaderboards: its own, and that of its file, which is without
/// the organisation.
fn called(model: &str) -> Vec<String> {
    let of_file = model.rsplit_once('/').map(|(_, name)| name);
    let names = std::iter::once(model).chain(of_file);
    names.map(str::to_owned).collect()
}

pub(super) fn score_figures(
    model: &str,
    judge: &str,
    singles: &[&Single],
    tags: &Tags,
) -> SourceFigures {
    let given: Vec<f64> = singles.iter().filter_map(|one| one.scored.score).collect();
    let lengths: Vec<f64> = singles
        .iter()
        .filter(|single| single.counted)
        .filter_map(|single| single.scored.chars)
        .map(f64::from)
        .collect();
    let raw = mean(&given);
    let adjusted = |mean: f64| (mean - 5.0) * 2.0;
    let counted = singles.iter().filter(|single| single.counted);
    let values = counted.filter_map(|one| Some((one.scored.question.as_str(), one.scored.score?)));
    let names = ["task_macro_score", "task_categorized_scores"];
    let definition = "twice the mean score less 5";
    let by_task = tasks::figures(tags, values, names, adjusted, Unit::Score, definition);
    let mut why = vec![scores::WHY.to_owned()];
    why.extend(scores::why_beyond(singles.iter().map(|one| &one.scored)));
    if by_task.is_empty() {
        why.push(NO_TAGS.to_owned());
    }
    let times_ten = |name: &str, value: Option<f64>, definition: &str| {
        Figure::new(
            name,
            value.map(|value| value * 10.0),
            Unit::Score,
            definition,
        )
    };
    let mut figures = vec![
        Figure::new(
            "raw_score",
            raw,
            Unit::Score,
            "mean score, asked for from 1 to 10",
        ),
        Figure::new(
            "adjusted_score",
            raw.map(adjusted),
            Unit::Score,
            "twice the mean score less 5",
        ),
        times_ten(
            "WB_score",
            raw.map(adjusted),
            "adjusted_score times 10, as the leaderboard prints it",
        ),
        Figure::count("total", singles.len() as u64, "sessions"),
        Figure::new(
            "avg_len",
            mean(&lengths),
            Unit::Characters,
            "mean length of the model's answers that are neither cut off nor empty",
        ),
    ];
    if let Some(average) = by_task.first() {
        figures.push(times_ten(
            "WB_score.task_macro",
            average.value,
            "task_macro_score times 10, as the leaderboard prints it",
        ));
    }
    figures.extend(by_task);
    SourceFigures {
        source: "wildbench".to_owned(),
        subject: format!("{model}, by {judge}"),
        also_called: called(model),
        figures,
        pools: Some(Pools::of(model, judge, SCORES)),
        why_they_differ: why,
        ..SourceFigures::default()
    }
}
