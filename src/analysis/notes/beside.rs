//! What is to be said of differences and leaderboards.

use super::personas::{few_personas, rests_on_few_personas};
use super::{differ, note};
use crate::analysis::difference::{LeftOut, MOST_JUDGES, MOST_PAIRED, Reason};
use crate::analysis::estimate::Measured;
use crate::analysis::leaderboard::{FEWEST_MODELS, lost};
use crate::analysis::report::{Comparison, Difference, DifferenceKind, Note, NoteCode, NoteKind};
use crate::text::counted;

/// What is to be said of differences: which have no interval, and why.
pub(in crate::analysis) fn of_differences(differences: &[Difference]) -> Vec<Note> {
    let judges = differ(differences.iter().map(|made| &made.first.judge));
    let rubrics = differ(differences.iter().map(|made| &made.first.rubric));
    let called = |made: &Difference| {
        let mut text = format!("{}, {}", made.contrast, made.criterion);
        // A contrast names the judges or rubrics that it is of.
        if judges && made.kind != DifferenceKind::Judges {
            text.push_str(", judge ");
            text.push_str(&made.first.judge);
        }
        if rubrics && made.kind != DifferenceKind::Rubrics {
            text.push_str(", rubric ");
            text.push_str(&made.first.rubric);
        }
        text
    };
    let mut notes: Vec<Note> = Vec::new();
    let rests_on_few =
        |made: &&Difference| made.interval.as_ref().is_some_and(rests_on_few_personas);
    let few: Vec<&Difference> = differences.iter().filter(rests_on_few).collect();
    if !few.is_empty() {
        let sentence = few_personas(few.iter().filter_map(|made| made.interval.as_ref()));
        let subjects = few.iter().map(|made| called(made)).collect();
        let code = NoteCode::FewPersonas;
        notes.push(note(code, NoteKind::Warning, sentence, subjects));
    }
    let mut say = |kind, sentence: &str, which: &dyn Fn(&Difference) -> bool| {
        let subjects: Vec<String> = differences
            .iter()
            .filter(|made| which(made))
            .map(called)
            .collect();
        if !subjects.is_empty() {
            let code = NoteCode::DifferenceWithoutInterval;
            notes.push(note(code, kind, sentence.to_owned(), subjects));
        }
    };
    say(
        NoteKind::Warning,
        "differences are withheld, because one of their win rates is, or no item is shared",
        &|made| made.withheld.is_some(),
    );
    say(
        NoteKind::Warning,
        "there is only one cluster of shared items to generalise from, so these differences have neither an interval nor a test",
        &|made| made.withheld.is_none() && made.interval.is_none(),
    );
    say(
        NoteKind::Note,
        "the difference is the same in all clusters, so the interval is Wilson's with one outcome for each cluster",
        &|made| made.interval.is_some() && made.standard_error.is_none_or(|error| error <= 0.0),
    );
    notes
}

/// What is said where some win rates are withheld without which a leaderboard, of others that
/// are there, has too few models.
pub(in crate::analysis) fn lost_leaderboards(measured: &[Measured]) -> Option<Note> {
    let judges = differ(measured.iter().map(|part| &part.comparison.judge));
    let rubrics = differ(measured.iter().map(|part| &part.comparison.rubric));
    let subject = |c: &Comparison| {
        let named = [(judges, "judge", &c.judge), (rubrics, "rubric", &c.rubric)];
        let named = named.into_iter().filter(|(is_named, ..)| *is_named);
        named.fold(c.criterion.clone(), |text, (_, what, name)| {
            format!("{text}, {what} {name}")
        })
    };
    let subjects: Vec<String> = lost(measured).into_iter().map(subject).collect();
    (!subjects.is_empty()).then(|| {
        let sentence = "there is no leaderboard, because some win rates are withheld, without which no three models met";
        note(
            NoteCode::NoLeaderboard,
            NoteKind::Note,
            sentence.to_owned(),
            subjects,
        )
    })
}

/// What is said where more than two models are on no common scale.
pub(in crate::analysis) fn no_leaderboard(measured: &[Measured]) -> Option<Note> {
    let sides = |part: &'_ Measured| {
        let comparison = &part.comparison;
        [comparison.candidate.clone(), comparison.opponent.clone()]
    };
    let models: std::collections::BTreeSet<String> = measured.iter().flat_map(sides).collect();
    let withheld = measured
        .iter()
        .any(|part| part.comparison.withheld.is_some());
    let sentence = format!(
        "there is no leaderboard of the {} models: no three of them met, directly or through others, on one criterion by one judge{}",
        models.len(),
        if withheld {
            ", in comparisons whose win rate is not withheld"
        } else {
            ""
        }
    );
    (models.len() >= FEWEST_MODELS).then(|| {
        note(
            NoteCode::NoLeaderboard,
            NoteKind::Note,
            sentence,
            Vec::new(),
        )
    })
}

/// What is said of differences that are left out.
pub(in crate::analysis) fn left_out(left_out: &LeftOut) -> Vec<Note> {
    let said = |reason: &Reason, why: &str, advice: &str| {
        let mut sentence = format!(
            "{} differences of two models that met the same third one are left out, because {why}",
            reason.pairs
        );
        if !reason.references.is_empty() {
            sentence.push_str("; ");
            sentence.push_str(advice);
        }
        (reason.pairs > 0).then(|| {
            note(
                NoteCode::DifferencesLeftOut,
                NoteKind::Note,
                sentence,
                reason.references.clone(),
            )
        })
    };
    let too_many = said(
        &left_out.too_many,
        &format!("more than {MOST_PAIRED} models met it"),
        "`--reference MODEL` with one of them, such as these, compares the others with it",
    );
    let met = said(
        &left_out.met,
        "the two met each other, and their own win rate says more",
        "`--reference MODEL` with the third one, such as these, compares through it",
    );
    let judges = (left_out.judges > 0).then(|| {
        let sentence = format!(
            "{} of two judges, or of two rubrics, are left out, because more than {MOST_JUDGES} made the same comparison; `oyer agree` says how far judges agree",
            counted(left_out.judges as u64, "difference")
        );
        note(NoteCode::DifferencesLeftOut, NoteKind::Note, sentence, Vec::new())
    });
    too_many.into_iter().chain(met).chain(judges).collect()
}
