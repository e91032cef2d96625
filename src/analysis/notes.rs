//! What a reader has to know about the numbers, in sentences.

mod beside;
mod personas;

pub(super) use beside::{left_out, lost_leaderboards, no_leaderboard, of_differences};

use super::coverage;
use super::estimate::{Group, Measured};
use super::facts::{Facts, Readings, simulated};
use super::layout::Layout;
use super::report::{
    Answers, Comparison, Coverage, EntryCost, Method, Model, Note, NoteCode, NoteKind,
};
use super::subgroups::shown_p;
use crate::text::{counted, counted_of, form, thousands};
use crate::verdict::table::VerdictTable;

/// Puts the notes of a report in their order: warnings first, then that of [`NoteCode`].
pub(super) fn sort(notes: &mut [Note]) {
    notes.sort_by_key(|note| (note.kind != NoteKind::Warning, note.code));
}

/// What is to be said of a table and of what a run knows besides, whatever the numbers.
pub(super) fn of_table(
    table: &VerdictTable,
    layout: &Layout<'_>,
    facts: Option<&Facts>,
    coverage: &Coverage,
    models: &[Model],
) -> Vec<Note> {
    let mut notes = of_verdicts(table, layout, facts, coverage);
    notes.extend(of_answers(models));
    notes.extend(repaired(facts));
    notes.extend(unmetered(facts));
    notes
}

/// What is to be said of the numbers.
pub(super) fn of_numbers(measured: &[Measured]) -> Vec<Note> {
    let mut notes = of_comparisons(measured);
    notes.extend(of_groups(measured));
    notes
}

/// Adds the notes on the numbers of one phrasing to those of others: one that says the
/// same is one note with more subjects.
pub(super) fn join(notes: &mut Vec<Note>, of_phrasing: Vec<Note>, phrasing: &str) {
    for mut note in of_phrasing {
        if note.subjects.is_empty() {
            note.subjects.push(format!("phrasing {phrasing}"));
        } else {
            for subject in &mut note.subjects {
                subject.push_str(", phrasing ");
                subject.push_str(phrasing);
            }
        }
        add(notes, note);
    }
}

/// Adds a note; one that says the same is one note with more subjects.
pub(super) fn add(notes: &mut Vec<Note>, mut note: Note) {
    let is_said = |known: &&mut Note| {
        (known.code, known.kind, &known.sentence) == (note.code, note.kind, &note.sentence)
    };
    match notes.iter_mut().find(is_said) {
        Some(known) => known.subjects.append(&mut note.subjects),
        None => notes.push(note),
    }
}

fn note(code: NoteCode, kind: NoteKind, sentence: String, subjects: Vec<String>) -> Note {
    Note {
        code,
        kind,
        sentence,
        subjects,
    }
}

fn of_verdicts(
    table: &VerdictTable,
    layout: &Layout<'_>,
    facts: Option<&Facts>,
    coverage: &Coverage,
) -> Vec<Note> {
    use NoteCode as Code;
    use NoteKind::{Note, Warning};
    let mut notes = Vec::new();
    let simulated = simulated(table, facts);
    if !simulated.is_empty() {
        let sentence = "SIMULATED: these models or judges are simulated; the numbers say nothing of any real model";
        notes.push(note(
            Code::Simulated,
            Warning,
            sentence.to_owned(),
            simulated,
        ));
    }
    if table.cells.is_empty() {
        let sentence = "there are no judgments, so there is nothing to estimate".to_owned();
        notes.push(note(Code::EmptyTable, Warning, sentence, Vec::new()));
        return notes;
    }
    let not_begun = coverage.planned_items - coverage.begun_items;
    if not_begun > 0 || coverage.missing.not_run > 0 {
        let sentence = format!(
            "not everything planned was run: not begun {} {}, and {} not asked for; the numbers are over the items begun",
            form(not_begun, "is", "are"),
            counted_of(not_begun, coverage.planned_items, "item"),
            counted(coverage.missing.not_run, "verdict")
        );
        notes.push(note(Code::Partial, Warning, sentence, Vec::new()));
    }
    if table.orders_unknown {
        let sentence = "nobody recorded which answer was shown first, so a judge's preference for a place can be neither seen nor averaged out";
        notes.push(note(
            Code::OrdersUnknown,
            Warning,
            sentence.to_owned(),
            Vec::new(),
        ));
    }
    let mirrored: u64 = layout.comparisons.iter().map(|place| place.mirrored).sum();
    if mirrored > 0 {
        let sentence = format!(
            "written with candidate and opponent exchanged, and turned: {}",
            counted(mirrored, "judgment")
        );
        notes.push(note(Code::MirroredRows, Note, sentence, Vec::new()));
    }
    notes
}

/// One note for each thing to be said of the headlines, with those it is about.
fn of_comparisons(measured: &[Measured]) -> Vec<Note> {
    let mut codes: Vec<NoteCode> = measured
        .iter()
        .flat_map(|part| part.flags.iter().copied())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    let several_judges = differ(measured.iter().map(|part| &part.comparison.judge));
    let several_rubrics = differ(measured.iter().map(|part| &part.comparison.rubric));
    codes
        .into_iter()
        .filter_map(|code| {
            let about: Vec<&Comparison> = measured
                .iter()
                .filter(|part| part.flags.contains(&code))
                .map(|part| &part.comparison)
                .collect();
            let (kind, sentence) = sentence(code, &about)?;
            let subject = |c: &&Comparison| {
                let mut text = subject(c, several_judges, several_rubrics);
                if code == NoteCode::UnevenClusters {
                    text.push_str(&sized(c));
                }
                text
            };
            Some(note(
                code,
                kind,
                sentence,
                about.iter().map(subject).collect(),
            ))
        })
        .collect()
}

/// Whether not all of some names are the same.
fn differ<'a>(mut names: impl Iterator<Item = &'a String>) -> bool {
    let first = names.next();
    names.any(|name| Some(name) != first)
}

fn subject(comparison: &Comparison, judge: bool, rubric: bool) -> String {
    let Comparison {
        candidate,
        opponent,
        criterion,
        ..
    } = comparison;
    let mut text = format!("{candidate} vs {opponent}, {criterion}");
    if judge {
        text.push_str(", judge ");
        text.push_str(&comparison.judge);
    }
    if rubric {
        text.push_str(", rubric ");
        text.push_str(&comparison.rubric);
    }
    text
}

/// The interval that allows for clusters of very different sizes.
fn sized(comparison: &Comparison) -> String {
    comparison
        .interval_uneven_clusters
        .map_or_else(String::new, |sized| {
            format!(
                ": {:.1}% to {:.1}%, {}{:.1} degrees of freedom",
                100.0 * sized.low,
                100.0 * sized.high,
                sized
                    .p_value
                    .map_or_else(String::new, |p| format!("p {}, ", shown_p(p))),
                sized.degrees_of_freedom
            )
        })
}

/// What is to be said of some headlines.
fn sentence(code: NoteCode, about: &[&Comparison]) -> Option<(NoteKind, String)> {
    let text = match code {
        NoteCode::Withheld => {
            let reasons: Vec<&str> = about
                .iter()
                .filter_map(|comparison| comparison.withheld.as_deref())
                .collect();
            let same = reasons.windows(2).all(|pair| pair[0] == pair[1]);
            let why = if same { reasons.first().copied() } else { None };
            format!(
                "win rates are withheld: {}",
                why.unwrap_or("too few of the items begun have the verdicts they need")
            )
        }
        NoteCode::OneOrderItems => {
            let most = about
                .iter()
                .map(|comparison| comparison.items.one_order_only)
                .max();
            format!(
                "items that were judged in one order only, although others were judged in both, are left out of the estimate: up to {} of a comparison",
                thousands(most.unwrap_or_default())
            )
        }
        NoteCode::FewPersonas => {
            personas::few_personas(about.iter().filter_map(|c| c.interval.as_ref()))
        }
        NoteCode::NoInterval => {
            let mut reasons: Vec<&str> = about
                .iter()
                .filter_map(|comparison| comparison.no_interval.as_deref())
                .collect();
            reasons.dedup();
            format!("there is no interval: {}", reasons.join("; "))
        }
        NoteCode::FewClustersExtremeRate => short_of_clusters(about).to_owned(),
        code => return standing(code).map(|(kind, text)| (kind, text.to_owned())),
    };
    Some((NoteKind::Warning, text))
}

/// What is said in the same words whatever the headlines.
fn standing(code: NoteCode) -> Option<(NoteKind, &'static str)> {
    use NoteKind::{Note, Warning};
    Some(match code {
        NoteCode::CriterionWithoutRows => (
            Warning,
            "some items of the comparison have no rows on this criterion, in either order; they are in no count of it, so if they were asked, what is missing is not seen",
        ),
        NoteCode::OneSidedOrders => (
            Warning,
            "each item was judged in one order, and one model's answer stood first far more often, so a judge's preference for a place moves the win rate",
        ),
        NoteCode::OneOrderEach => (
            Note,
            "each item was judged in one order only: a judge's preference for a place is averaged out over items at most, and flips cannot be seen",
        ),
        NoteCode::SingleCluster => (
            Warning,
            "there is only one cluster to generalise from, so there is neither an interval nor a test",
        ),
        NoteCode::ItemsTakenIndependent => (
            Warning,
            "the interval method that was asked for takes all items as independent, but some share a question or a persona, so its intervals may be far too narrow",
        ),
        NoteCode::ClustersSplit => (
            Warning,
            "items of one question, or of one persona, have different values of the column that was asked for, and are taken as independent of each other",
        ),
        NoteCode::FewClusters => (
            Warning,
            "there are fewer than 20 clusters, where a bootstrap interval covers less than it says",
        ),
        NoteCode::UnevenClusters => (
            Warning,
            "some clusters (questions, personas, or what stands for them) have so many more items than others that intervals are too narrow and p-values too small, perhaps by far; design-effect Wilson intervals that allow for it, with their p-values, stand beside each name",
        ),
        NoteCode::NoVariation => (
            Note,
            "all clusters have the same rate, so the interval is Wilson's with one outcome for each cluster",
        ),
        NoteCode::OnlyQuestionClusters => (
            Note,
            "there are not two personas to tell apart, so the interval speaks of questions like these and of no other personas",
        ),
        NoteCode::OnlyPersonaClusters => (
            Note,
            "there is one question, so the interval speaks of personas like these and of no other question",
        ),
        // The others have sentences of their own.
        _ => return None,
    })
}

/// What a method is known to fall short of with few clusters and a rate near 0 or 1.
fn short_of_clusters(about: &[&Comparison]) -> &'static str {
    let method = |c: &&Comparison| c.interval.as_ref().map(|interval| interval.method);
    match about.iter().find_map(method) {
        None | Some(Method::DesignEffectWilson) => {
            "there are 50 clusters or fewer and the rate is above 90% or below 10%, where the interval may cover less than it says"
        }
        Some(_) => {
            "there are 100 clusters or fewer and the rate is above 90% or below 10%, where an interval by this method covers less than it says; design-effect-wilson holds better"
        }
    }
}

/// What is to be said of another run or table that this one is compared with.
pub(super) fn of_other(
    there: &str,
    table: &VerdictTable,
    layout: &Layout<'_>,
    measured: &[Measured],
) -> Vec<Note> {
    let known = coverage::coverage(table, layout, None, &[]);
    let mut notes = of_verdicts(table, layout, None, &known);
    notes.extend(of_comparisons(measured));
    for note in &mut notes {
        note.sentence = format!("of {there}: {}", note.sentence);
    }
    notes
}

fn of_groups(measured: &[Measured]) -> Vec<Note> {
    let groups = || measured.iter().flat_map(|part| &part.groups);
    let mut notes = Vec::new();
    let withheld = groups()
        .filter(|group| group.comparison.withheld.is_some())
        .count();
    if withheld > 0 {
        let text = format!(
            "win rates of subgroups that are withheld for want of coverage: {withheld} of {}",
            groups().count()
        );
        notes.push(note(
            NoteCode::GroupsWithheld,
            NoteKind::Note,
            text,
            Vec::new(),
        ));
    }
    let levels = |codes: &[NoteCode]| -> Vec<String> {
        // Too few clusters for a claim are said to leave an interval.
        let applies = |group: &&Group| {
            let single = NoteCode::SingleCluster;
            group.flags.iter().any(|flag| codes.contains(flag))
                && (codes.contains(&single) || !group.flags.contains(&single))
        };
        let mut levels: Vec<String> = groups()
            .filter(applies)
            .map(|group| group.comparison.levels.join(" x "))
            .collect();
        levels.sort_unstable();
        levels.dedup();
        levels
    };
    for (code, kind, codes, sentence) in [
        (
            NoteCode::SingleCluster,
            NoteKind::Note,
            &[NoteCode::SingleCluster][..],
            "levels with a single cluster have a rate, and neither an interval nor a test",
        ),
        (
            NoteCode::FewInLevel,
            NoteKind::Note,
            &[NoteCode::FewInLevel][..],
            "levels with too few clusters for a claim (--min-items) have a rate and an interval, and no test",
        ),
        (
            NoteCode::LevelsFallShort,
            NoteKind::Warning,
            &[
                NoteCode::FewClusters,
                NoteCode::FewClustersExtremeRate,
                NoteCode::ItemsTakenIndependent,
                NoteCode::UnevenClusters,
            ],
            "intervals of some levels may cover less than they say, for clusters that are few or of very different sizes, a rate near 0 or 1, or a method that takes items as independent",
        ),
    ] {
        let levels = levels(codes);
        if !levels.is_empty() {
            notes.push(note(code, kind, sentence.to_owned(), levels));
        }
    }
    notes
}

/// What is to be said of the models' answers.
fn of_answers(models: &[Model]) -> Vec<Note> {
    let warning = |code, sentence: &str, which: fn(&Answers) -> u64| {
        let subjects: Vec<String> = models
            .iter()
            .filter_map(|model| {
                let answers = model.answers.filter(|answers| which(answers) > 0)?;
                let (some, all) = (which(&answers), answers.answered);
                Some(format!("{}: {some} of {all}", model.model))
            })
            .collect();
        let said = || {
            note(
                code,
                NoteKind::Warning,
                sentence.to_owned(),
                subjects.clone(),
            )
        };
        (!subjects.is_empty()).then(said)
    };
    let truncated = warning(
        NoteCode::TruncatedAnswers,
        "answers were cut off at the token limit and judged as they are; a limit that one model meets more often than another moves the win rate",
        |answers| answers.truncated,
    );
    let empty = warning(
        NoteCode::EmptyAnswers,
        "answers hold no text, or only reasoning, though nothing cut them off; they are judged as they are, and a model that often says nothing loses by that and not by what it says",
        |answers| answers.empty,
    );
    let refused = warning(
        NoteCode::RefusalsJudged,
        "answers are refusals by the word of the model's API and are judged as they are; a model that often refuses loses by that and not by what it says",
        |answers| answers.refused_in_words,
    );
    [truncated, empty, refused].into_iter().flatten().collect()
}

/// Replies of judges that were not quite what was asked for.
fn repaired(facts: Option<&Facts>) -> Option<Note> {
    let readings = facts.map_or(&[][..], |facts| &facts.readings);
    let subject = |read: &Readings| {
        let repairs = read.repairs.iter();
        let repairs: Vec<String> = repairs.map(|(what, n)| format!("{what} {n}")).collect();
        let (judge, some, all) = (&read.judge, read.repaired, read.verdicts);
        format!("{judge}: {some} of {all} ({})", repairs.join(", "))
    };
    let readings = readings.iter().filter(|read| read.repaired > 0);
    let subjects: Vec<String> = readings.map(subject).collect();
    let sentence = "judgments whose reply had to be repaired to be read; `oyer show` marks them";
    (!subjects.is_empty()).then(|| {
        let code = NoteCode::RepairedVerdicts;
        note(code, NoteKind::Note, sentence.to_owned(), subjects)
    })
}

/// Requests that the cost does not count.
fn unmetered(facts: Option<&Facts>) -> Option<Note> {
    let entries = facts.map_or(&[][..], |facts| &facts.cost);
    let subjects: Vec<String> = entries
        .iter()
        .filter(|entry| entry.unmetered > 0 && entry.dollars.is_some())
        .map(|entry| {
            let EntryCost {
                entry,
                unmetered,
                attempts,
                ..
            } = entry;
            format!("{entry}: {unmetered} of {attempts}")
        })
        .collect();
    let sentence = "requests may have been billed beyond the cost given here: no reply came of them, or one that does not count its tokens";
    (!subjects.is_empty()).then(|| {
        note(
            NoteCode::UnmeteredRequests,
            NoteKind::Note,
            sentence.to_owned(),
            subjects,
        )
    })
}
