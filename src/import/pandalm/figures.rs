//! The figures that PandaLM itself reports.

use std::collections::{BTreeMap, HashMap};

use super::{Judged, Pair, RUBRIC};
use crate::analysis::source_figures::{Figure, Pools, SourceFigures, Unit};
use crate::import::figures::{cohen_kappa, share};
use crate::import::gold;
use crate::verdict::labels::PEOPLE;

/// The verdict that most people gave; of several, the one given first.
fn majority(pair: &Pair) -> Option<u8> {
    most_given(pair).first().copied()
}

/// The verdicts that no other was given more often than, in the order in which they were
/// given.
fn most_given(pair: &Pair) -> Vec<u8> {
    let mut counts: Vec<(u8, usize)> = Vec::new();
    for vote in pair.votes.iter().filter_map(|(_, vote)| *vote) {
        match counts.iter_mut().find(|(known, _)| *known == vote) {
            Some((_, count)) => *count += 1,
            None => counts.push((vote, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max();
    let most = counts.iter().filter(|(_, count)| Some(*count) == most);
    most.map(|(vote, _)| *vote).collect()
}

/// Says on how many pairs people gave several verdicts equally often, where there are any.
fn of_split_people<'a>(pairs: impl Iterator<Item = &'a Pair>) -> Option<String> {
    let split = pairs.filter(|pair| most_given(pair).len() > 1).count();
    let on = if split == 1 {
        "1 pair".to_owned()
    } else {
        format!("{split} pairs")
    };
    (split > 0).then(|| {
        format!(
            "On {on} people gave several verdicts equally often; the verdict of most people is then the one given first, as in the source's scripts."
        )
    })
}

pub(super) fn people(pairs: &[Pair]) -> SourceFigures {
    let mut votes: BTreeMap<&str, Vec<Option<u8>>> = BTreeMap::new();
    for (number, pair) in pairs.iter().enumerate() {
        for (name, vote) in &pair.votes {
            let list = votes.entry(name).or_default();
            list.resize(number, None);
            list.push(*vote);
        }
    }
    let mut figures = Vec::new();
    for (label, words) in [(0_u8, "a tie"), (1, "response 1"), (2, "response 2")] {
        let n = pairs
            .iter()
            .filter(|pair| majority(pair) == Some(label))
            .count();
        figures.push(Figure::count(
            format!("label_{label}"),
            n as u64,
            format!("pairs for which most people gave {words}"),
        ));
    }
    let names: Vec<&str> = votes.keys().copied().collect();
    for (i, first) in names.iter().enumerate() {
        for second in &names[i + 1..] {
            let both: Vec<(u8, u8)> = votes[first]
                .iter()
                .zip(&votes[second])
                .filter_map(|(a, b)| Some(((*a)?, (*b)?)))
                .collect();
            let name = format!("kappa_{first}_{second}");
            let definition = format!("Cohen's kappa of {first} and {second} over ties, 1 and 2");
            figures.push(Figure::new(
                name,
                cohen_kappa(&both),
                Unit::Coefficient,
                definition,
            ));
        }
    }
    SourceFigures {
        source: "pandalm".to_owned(),
        subject: PEOPLE.to_owned(),
        figures,
        pools: Some(Pools {
            judge: Some(PEOPLE.to_owned()),
            rubric: Some(RUBRIC.to_owned()),
            ..Pools::default()
        }),
        why_they_differ: [
            "The source counts the verdict that most people gave of each pair, whichever models it compares; an estimate is of one model's share against another, the verdicts of a pair's people averaged.".to_owned(),
            "The source gives kappas without intervals; `oyer agree` gives them with intervals over the instructions that pairs share.".to_owned(),
        ]
        .into_iter()
        .chain(of_split_people(pairs.iter()))
        .collect(),
        ..SourceFigures::default()
    }
}

pub(super) fn accuracy(
    judged: &[Judged],
    judge: &str,
    pairs: &HashMap<&str, &Pair>,
) -> SourceFigures {
    let known: Vec<(&Judged, &Pair, u8)> = judged
        .iter()
        .filter_map(|judged| {
            let pair = *pairs.get(&*judged.idx)?;
            Some((judged, pair, majority(pair)?))
        })
        .collect();
    let n = known.len() as u64;
    let right = known
        .iter()
        .filter(|(judged, _, label)| judged.verdict == Some(*label))
        .count() as u64;
    let garbage = known
        .iter()
        .filter(|(judged, ..)| judged.verdict.is_none())
        .count() as u64;
    let as_ties: Vec<(u8, u8)> = known
        .iter()
        .map(|(judged, _, label)| (judged.verdict.unwrap_or(0), *label))
        .collect();
    let right_as_ties = as_ties
        .iter()
        .filter(|(verdict, label)| verdict == label)
        .count() as u64;
    let [precision, recall, f1] = macro_averages(&as_ties);
    let figures = vec![
        Figure::new(
            "accuracy",
            share(right, n),
            Unit::Share,
            "pairs on which the judge and most people agree, an unreadable reply counted as wrong",
        ),
        Figure::new(
            "accuracy_garbage_as_tie",
            share(right_as_ties, n),
            Unit::Share,
            "the same with an unreadable reply counted as a tie, as compute_metrics.py has it",
        ),
        Figure::new(
            "precision",
            precision,
            Unit::Share,
            "mean over tie, 1 and 2 of the share of the judge's verdicts that people share, unreadable replies as ties",
        ),
        Figure::new(
            "recall",
            recall,
            Unit::Share,
            "mean over tie, 1 and 2 of the share of people's verdicts that the judge shares, unreadable replies as ties",
        ),
        Figure::new(
            "f1",
            f1,
            Unit::Share,
            "mean over tie, 1 and 2 of the harmonic mean of the two",
        ),
        Figure::count("n_garbage", garbage, "replies that could not be read"),
        Figure::count("n_total", n, "pairs with verdicts of people"),
    ];
    let agreed = known.iter().filter_map(|(judged, pair, label)| {
        Some((&*pair.idx, &*pair.question, judged.verdict? == *label))
    });
    SourceFigures {
        source: "pandalm".to_owned(),
        subject: judge.to_owned(),
        figures,
        estimate: gold::accuracy("agreement with most people", agreed),
        why_they_differ: [
            "The source counts an unreadable reply as a wrong verdict, or as a tie; the estimate leaves it out, because it is no verdict.".to_owned(),
            "Several pairs share an instruction: the estimate's interval takes them to move together, and the source gives none.".to_owned(),
            "Every pair was shown in one order, so that what the place of a response did cannot be told from what it is worth.".to_owned(),
        ]
        .into_iter()
        .chain(of_split_people(known.iter().map(|(_, pair, _)| *pair)))
        .collect(),
        ..SourceFigures::default()
    }
}

/// Precision, recall and F1, each averaged over the three verdicts; 0 where a
/// verdict does not occur.
fn macro_averages(pairs: &[(u8, u8)]) -> [Option<f64>; 3] {
    if pairs.is_empty() {
        return [None; 3];
    }
    let count =
        |holds: &dyn Fn(&(u8, u8)) -> bool| pairs.iter().filter(|pair| holds(pair)).count() as f64;
    let or_zero = |value: f64| if value.is_finite() { value } else { 0.0 };
    let mut totals = [0.0; 3];
    for class in 0..3 {
        let hits = count(&|(verdict, label)| *verdict == class && *label == class);
        let precision = or_zero(hits / count(&|(verdict, _)| *verdict == class));
        let recall = or_zero(hits / count(&|(_, label)| *label == class));
        let f1 = or_zero(2.0 * precision * recall / (precision + recall));
        for (total, value) in totals.iter_mut().zip([precision, recall, f1]) {
            *total += value / 3.0;
        }
    }
    totals.map(Some)
}
