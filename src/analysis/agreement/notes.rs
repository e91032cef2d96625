//! What a reader of an agreement report has to know.

use super::options::{AgreementOptions, Inconsistent, Ties};
use super::panels::MOST_RATERS;
use super::ratings::Ratings;
use super::report::{AgreementNote, AgreementNoteCode, AgreementReport, RaterKind};
use crate::analysis::layout::Layout;
use crate::text::counted;

/// Clusters under which a bootstrap's intervals are too narrow.
const FEW_CLUSTERS: u64 = 20;

/// How verdicts became categories, for people.
pub(super) fn coding(ratings: &Ratings, options: &AgreementOptions) -> Vec<String> {
    let dropped: u64 = sum(ratings, |counts| counts.dropped);
    let orders = match options.inconsistent {
        Inconsistent::Tie => "two orders that differ are a tie".to_owned(),
        Inconsistent::Average => {
            "of two orders that differ, a win (loss) and a tie are a win (loss), a win and a loss a tie"
                .to_owned()
        }
        Inconsistent::Drop => {
            format!("verdicts whose two orders differ are left out ({dropped} of them)")
        }
        Inconsistent::CandidateFirst => {
            "of two orders, the verdict with the candidate's answer first".to_owned()
        }
    };
    let ties = match options.ties {
        Ties::Keep => "ties are a category between win and loss".to_owned(),
        Ties::Drop => {
            let ties = sum(ratings, |counts| counts.ties);
            format!("ties are left out ({ties} of them)")
        }
    };
    vec![
        format!("Orders: {orders} (--inconsistent)."),
        format!("Ties: {ties} (--ties)."),
        "Repeats in one order: the most frequent verdict, a tie where several are.".to_owned(),
    ]
}

fn sum(ratings: &Ratings, of: impl Fn(&super::ratings::Counts) -> u64) -> u64 {
    let parts = ratings.parts.iter();
    parts.flat_map(|part| &part.counts).map(of).sum()
}

pub(super) fn notes(
    layout: &Layout<'_>,
    ratings: &Ratings,
    report: &AgreementReport,
    simulated: &[String],
) -> Vec<AgreementNote> {
    let mut notes = Vec::new();
    let mut note = |code, sentence: String| notes.push(AgreementNote { code, sentence });
    if !simulated.is_empty() {
        note(
            AgreementNoteCode::Simulated,
            format!(
                "SIMULATED: these models or judges are simulated; the numbers say nothing of any real model ({})",
                simulated.join("; ")
            ),
        );
    }
    for (what, (count, names)) in &ratings.left_out {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        note(
            AgreementNoteCode::LabelsLeftOut,
            format!(
                "labels are left out, because the results have none of their {what} (such as {}): {count}",
                names.join(", ")
            ),
        );
    }
    if let Some(differ) = ratings.weights_differ {
        let [least, largest] = differ.weights;
        note(
            AgreementNoteCode::WeightsDiffer,
            format!(
                "labels of one unit say that they stand for different numbers of items (x.weight) on {}, the first of item `{}` ({least} and {largest}); each counts by the mean of its labels",
                counted(differ.units, "unit"),
                layout.table.items[layout.items[differ.item as usize] as usize].id(),
            ),
        );
    }
    if report.judge_people.is_empty() && weights_are_unequal(ratings) {
        note(
            AgreementNoteCode::Weighted,
            "labels stand for unequal numbers of items (x.weight); no judge stands beside them whose win rate they could correct, and coefficients of people are over the labelled units as they are"
                .to_owned(),
        );
    }
    let judges = report
        .raters
        .iter()
        .filter(|rater| rater.kind == RaterKind::Judge);
    let missing: u64 = judges.map(|rater| rater.missing).sum();
    if missing > 0 {
        note(
            AgreementNoteCode::UnitsLeftOut,
            format!(
                "judges are left out on {} on which they gave no verdict, or not one in each order",
                counted(missing, "unit")
            ),
        );
    }
    let people = ratings
        .raters
        .iter()
        .filter(|rater| rater.is_person())
        .count();
    if people == 1 {
        note(
            AgreementNoteCode::OnePerson,
            "one person labelled; without a second there is no telling how far people agree"
                .to_owned(),
        );
    }
    if ratings.raters.len() > MOST_RATERS {
        note(
            AgreementNoteCode::ManyRaters,
            format!("with more than {MOST_RATERS} raters each two of them are not compared"),
        );
    }
    let of_judges = report.judge_people.iter().map(|part| &part.n_clusters);
    let panels = report.people.iter().chain(&report.judges);
    let few = of_judges
        .chain(panels.map(|panel| &panel.n_clusters))
        .filter_map(|clusters| clusters.iter().min())
        .any(|clusters| *clusters < FEW_CLUSTERS);
    if few {
        note(
            AgreementNoteCode::FewClusters,
            format!(
                "some intervals are from fewer than {FEW_CLUSTERS} clusters, and cover less than they say"
            ),
        );
    }
    notes.extend(of_corrected(report));
    notes
}

/// Whether units stand for unequal numbers of items.
fn weights_are_unequal(ratings: &Ratings) -> bool {
    let units = || ratings.parts.iter().flat_map(|part| &part.units);
    let first = units().next().map_or(1.0, |unit| unit.weight);
    units().any(|unit| (unit.weight - first).abs() > 1e-9 * first)
}

/// Notes on corrected win rates, and on judges that are withheld.
fn of_corrected(report: &AgreementReport) -> Vec<AgreementNote> {
    let mut notes = Vec::new();
    let mut note = |code, sentence: String| notes.push(AgreementNote { code, sentence });
    if report.corrected.iter().any(|rate| rate.weighted) {
        note(
            AgreementNoteCode::Weighted,
            "labels stand for unequal numbers of items (x.weight), as where small subgroups were drawn more often; corrected win rates weigh them and are of all items, coefficients of agreement are over the labelled units as they are, but for agreement and kappa by draw, which weigh them too"
                .to_owned(),
        );
    }
    let whole = report
        .corrected
        .iter()
        .filter(|rate| rate.levels.is_empty());
    let rates = whole.filter_map(|rate| {
        let why = rate.withheld.as_ref()?;
        Some(format!(
            "the win rate of {} against {} on {} by {} is withheld, and what people would say is by the labels alone: {why}",
            rate.candidate, rate.opponent, rate.criterion, rate.judge
        ))
    });
    let tests = report.alternative_annotator.iter().filter_map(|test| {
        let why = test.withheld.as_ref()?;
        Some(format!(
            "whether {} may stand in for a person on {} is withheld: {why}",
            test.judge, test.criterion
        ))
    });
    for sentence in rates.chain(tests) {
        note(AgreementNoteCode::Withheld, sentence);
    }
    for rate in report.corrected.iter().filter(|rate| rate.is_not_random()) {
        let Some(check) = rate.random_check else {
            continue;
        };
        let levels = if rate.levels.is_empty() {
            String::new()
        } else {
            format!(" ({})", rate.levels.join(" × "))
        };
        let more = if check.difference < 0.0 {
            "less"
        } else {
            "more"
        };
        let p = if check.p_value < 0.001 {
            "p < 0.001".to_owned()
        } else {
            format!("p = {:.3}", check.p_value)
        };
        let other = match rate.rogan_gladen.win_rate {
            Some(_) => ", and Rogan and Gladen's is the one to read",
            None => "",
        };
        note(
            AgreementNoteCode::NotAtRandom,
            format!(
                "on {}{levels}, {} has {} win {:.1} points {more} on the labelled items than on the others ({p}): where these were not drawn at random, a corrected win rate is of items like the labelled ones{other}",
                rate.criterion,
                rate.judge,
                rate.candidate,
                check.difference.abs() * 100.0,
            ),
        );
    }
    notes
}
