//! WildBench: judgments of pairs and scores of single answers.
//!
//! Pairs (`pairwise.v2/eval=…/ref=…/<model>.json`): `model_A` was shown first,
//! `winner` is a model's name or `tie`, `extent` 2 for a clear and 1 for a slight
//! win; older files have `assignment` instead. Scores
//! (`score.v2/eval=…/<model>.json`): `score`, a number from 1 to 10 often written
//! as text, of `model_test`; two models' scores on a session make a comparison. The
//! data set's file beside them tells the sessions' tags ([`tasks`]).
//!
//! The source leaves pairs with an answer that is cut off or empty out of its counts,
//! though not out of `total`, and such answers out of the means by category.

mod figures;
mod tasks;

use std::collections::BTreeMap;
use std::path::Path;

use super::kind::Kind;
use super::record::{Fault, Fields, Record};
use super::rows::{Asked, Row, Verdict};
use super::scores::{self, Scored};
use super::sheet::Sheet;
use super::tally::{Effect, WITH_ITSELF};
use super::{Made, Part, Reader};
use crate::verdict::{MissingReason, Order, Outcome};
use figures::{pair_figures, score_figures};
use tasks::{Category, Tags};

const CRITERION: &str = "overall";
const RUBRIC: &str = "wildbench";
/// Of comparisons that are made from scores of single answers.
const SCORES: &str = "wildbench-score";

pub(super) struct Wildbench<'o> {
    pub(super) baseline: Option<&'o str>,
    pub(super) judge: Option<&'o str>,
}

/// Who won a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Winner {
    /// An index of [`Pair::models`].
    Model(usize),
    Tie,
}

/// A judged pair.
pub(super) struct Pair {
    session: String,
    /// The models shown first and second.
    models: [String; 2],
    /// None where there is none.
    winner: Option<Winner>,
    extent: Option<u8>,
    chars: [Option<u32>; 2],
    /// Whether the source counts it: neither answer is cut off or empty.
    counted: bool,
}

/// What the source writes after an answer that was cut off.
const CUT_OFF: &str = "... (truncated)";
/// What the source writes for an empty answer.
const EMPTY: &str = "[This model response is empty.]";

/// A judged answer, and whether its category counts it.
pub(super) struct Single {
    scored: Scored,
    counted: bool,
}

/// What a file holds.
#[derive(Default)]
pub(super) struct File {
    pairs: Vec<Pair>,
    scores: Vec<Single>,
    /// Sessions whose tags it tells.
    tags: Vec<(String, Vec<Category>)>,
}

impl Reader for Wildbench<'_> {
    type Part = File;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> File {
        let judge = self.judge_of(&sheet.source.path);
        let mut tags = Vec::new();
        match sheet.kind {
            Kind::WildbenchTasks => File {
                tags: sheet.each(records, tasks::session),
                ..File::default()
            },
            Kind::WildbenchPairs => File {
                pairs: sheet.each(records, |sheet, record| pair(sheet, record, &mut tags)),
                tags,
                ..File::default()
            },
            _ => File {
                scores: sheet.each(records, |sheet, record| {
                    score(sheet, record, &judge, &mut tags)
                }),
                tags,
                ..File::default()
            },
        }
    }

    fn combine(&self, parts: Vec<Part<File>>, made: &mut Made) {
        let mut tags = Tags::default();
        for (session, categories) in parts.iter().flat_map(|part| &part.given.tags) {
            tags.add(session, categories);
        }
        for part in parts.iter().filter(|part| !part.given.pairs.is_empty()) {
            made.begin(&part.path);
            let judge = self.judge_of(&part.path);
            let baseline = self.baseline_of(&part.path, &part.given.pairs);
            combine_pairs(&part.given.pairs, &judge, baseline.as_deref(), &tags, made);
        }
        let singles: Vec<&Single> = parts.iter().flat_map(|part| &part.given.scores).collect();
        if singles.is_empty() {
            return;
        }
        let scored: Vec<&Scored> = singles.iter().map(|single| &single.scored).collect();
        scores::push(&scored, SCORES, CRITERION, self.baseline, made);
        let mut by_model: BTreeMap<(&str, &str), Vec<&Single>> = BTreeMap::new();
        for one in singles {
            by_model
                .entry((&one.scored.model, &one.scored.judge))
                .or_default()
                .push(one);
        }
        for ((model, judge), singles) in by_model {
            made.figures
                .push(score_figures(model, judge, &singles, &tags));
        }
    }
}

impl Wildbench<'_> {
    /// The judge of `…/eval=gpt-4-turbo-2024-04-09/…`.
    fn judge_of(&self, path: &Path) -> String {
        of_folder(path, "eval=")
            .or_else(|| self.judge.map(str::to_owned))
            .unwrap_or_else(|| "judge".to_owned())
    }

    /// The reference of `…/ref=Llama-2-70b-chat-hf/…`, or the model that the file is
    /// not named after.
    fn baseline_of(&self, path: &Path, pairs: &[Pair]) -> Option<String> {
        let named = of_folder(path, "ref=");
        if let Some(named) = named.or_else(|| self.baseline.map(str::to_owned)) {
            return Some(named);
        }
        let stem = super::stem(path)?;
        let [first, second] = &pairs.first()?.models;
        let ends = |model: &str| model == stem || model.ends_with(&format!("/{stem}"));
        if ends(first) {
            Some(second.clone())
        } else if ends(second) {
            Some(first.clone())
        } else {
            None
        }
    }
}

fn combine_pairs(
    pairs: &[Pair],
    judge: &str,
    baseline: Option<&str>,
    tags: &Tags,
    made: &mut Made,
) {
    let is_baseline = |model: &str| {
        baseline.is_some_and(|name| model == name || model.ends_with(&format!("/{name}")))
    };
    let mut by_contest: BTreeMap<[&str; 2], Vec<(&Pair, usize)>> = BTreeMap::new();
    for pair in pairs {
        let [first, second] = [&*pair.models[0], &*pair.models[1]];
        // Without a reference the names decide, so that both places are one contest.
        let candidate = match (is_baseline(first), is_baseline(second)) {
            (true, false) => 1,
            (false, true) => 0,
            _ => usize::from(first > second),
        };
        let names = [&*pair.models[candidate], &*pair.models[1 - candidate]];
        push(pair, candidate, judge, made);
        by_contest.entry(names).or_default().push((pair, candidate));
    }
    for ([candidate, opponent], pairs) in by_contest {
        made.figures
            .push(pair_figures(candidate, opponent, judge, &pairs, tags));
    }
}

/// `x` of a folder `<prefix>x` above a file.
fn of_folder(path: &Path, prefix: &str) -> Option<String> {
    path.ancestors().skip(1).find_map(|folder| {
        let name = folder.file_name()?.to_string_lossy();
        name.strip_prefix(prefix).map(str::to_owned)
    })
}

fn pair(
    sheet: &mut Sheet<'_>,
    record: &Record<'_>,
    tags: &mut Vec<(String, Vec<Category>)>,
) -> Result<Option<Pair>, Fault> {
    let fields = Fields::of_record(record)?;
    let session = fields.required_text(&["session_id"])?.into_owned();
    let assignment = fields.object(&["assignment"])?;
    let model = |side: &str, letter: &str| -> Result<String, Fault> {
        if let Some(model) = fields.name(&[side])? {
            return Ok(model.into_owned());
        }
        match &assignment {
            Some(assignment) => Ok(assignment.required_name(&[letter])?.into_owned()),
            None => Ok(fields.required_name(&[side])?.into_owned()),
        }
    };
    let models = [model("model_A", "A")?, model("model_B", "B")?];
    if models[0] == models[1] {
        sheet.count(Effect::Skipped, WITH_ITSELF, record);
        return Ok(None);
    }
    let choice = match fields.raw(&["parsed_result"]).and_then(Fields::of) {
        Some(parsed) => parsed
            .text(&["choice"])
            .ok()
            .flatten()
            .map(|text| text.trim().to_owned()),
        None => None,
    };
    let named = fields.text(&["winner"])?;
    let by_name = match named.as_deref() {
        Some("tie") => Some(Winner::Tie),
        Some(name) if name == models[0] => Some(Winner::Model(0)),
        Some(name) if name == models[1] => Some(Winner::Model(1)),
        _ => None,
    };
    let by_choice = match choice.as_deref() {
        Some("A++" | "A+" | "A") => Some(Winner::Model(0)),
        Some("B++" | "B+" | "B") => Some(Winner::Model(1)),
        Some("A=B" | "tie") => Some(Winner::Tie),
        _ => None,
    };
    // The source's script knows `winner` alone, and older files may have none.
    let winner = if named.is_some() { by_name } else { by_choice };
    if winner.is_none() {
        let reason = match named {
            Some(_) => "a `winner` that is neither of the two models nor a tie",
            None => "no winner",
        };
        sheet.count(Effect::Missing, reason, record);
    } else if named.is_none() {
        let reason = "no `winner`: read from `parsed_result.choice`, which the source's own script does not look at";
        sheet.count(Effect::Kept, reason, record);
    } else if by_choice.is_some_and(|choice| Some(choice) != winner) {
        let reason = "`winner` and `parsed_result.choice` disagree: read as the source's own script does, by `winner`";
        sheet.count(Effect::Kept, reason, record);
    }
    let extent = match (fields.number(&["extent"])?, choice.as_deref()) {
        (Some(extent), _) => Some(extent as u8),
        (None, Some("A++" | "B++")) => Some(2),
        (None, Some("A+" | "B+")) => Some(1),
        (None, Some("A=B")) => Some(0),
        _ => None,
    };
    let outputs = fields.object(&["model_outputs"])?;
    let length = |model: &str| outputs.as_ref().and_then(|outputs| outputs.chars(&[model]));
    let chars = [length(&models[0]), length(&models[1])];
    let is_whole = |model: &String| {
        let answer = outputs
            .as_ref()
            .and_then(|outputs| outputs.text(&[model]).ok().flatten());
        answer.is_none_or(|answer| !answer.ends_with(CUT_OFF) && answer != EMPTY)
    };
    let counted = models.iter().all(is_whole);
    if !counted {
        sheet.count(
            Effect::Kept,
            "an answer that is cut off or empty, whose pair the source does not count",
            record,
        );
    }
    sheet.about(record, &session);
    tags.push((session.clone(), tasks::of_record(&fields, sheet, record)?));
    Ok(Some(Pair {
        session,
        models,
        winner,
        extent,
        chars,
        counted,
    }))
}

fn score(
    sheet: &mut Sheet<'_>,
    record: &Record<'_>,
    judge: &str,
    tags: &mut Vec<(String, Vec<Category>)>,
) -> Result<Option<Single>, Fault> {
    let fields = Fields::of_record(record)?;
    let session = fields.required_text(&["session_id"])?.into_owned();
    let model = fields
        .name(&["model_test", "generator"])?
        .map(String::from)
        .or_else(|| super::stem(&sheet.source.path))
        .unwrap_or_default();
    let given = match given_score(&fields) {
        Ok(Some(score)) => {
            scores::count_beyond(score, sheet, record);
            Some(score)
        }
        Ok(None) => {
            sheet.count(Effect::Missing, "no score", record);
            None
        }
        Err(_) => {
            sheet.count(Effect::Missing, "a score that is no number", record);
            None
        }
    };
    sheet.about(record, &session);
    tags.push((session.clone(), tasks::of_record(&fields, sheet, record)?));
    let answer = fields.text(&["model_output"])?;
    let counted = answer.is_none_or(|answer| !answer.ends_with(CUT_OFF) && !answer.is_empty());
    let scored = Scored {
        item: session.clone(),
        question: session,
        topic: None,
        model,
        judge: judge.to_owned(),
        turn: 1,
        score: given,
        chars: fields.chars(&["model_output"]),
    };
    Ok(Some(Single { scored, counted }))
}

/// The score, or that of the judge's reply where the record has none.
fn given_score(fields: &Fields<'_>) -> Result<Option<f64>, Fault> {
    if let Some(score) = fields.number(&["score"])? {
        return Ok(Some(score));
    }
    match fields.object(&["parsed_result"]) {
        Ok(Some(parsed)) => parsed.number(&["score"]),
        _ => Ok(None),
    }
}

fn push(pair: &Pair, candidate: usize, judge: &str, made: &mut Made) {
    let verdict = match pair.winner {
        None => Verdict::Missing(MissingReason::NoVerdict),
        Some(Winner::Tie) => Verdict::Given(Outcome::Tie),
        Some(Winner::Model(winner)) if winner == candidate => Verdict::Given(Outcome::Win),
        Some(Winner::Model(_)) => Verdict::Given(Outcome::Loss),
    };
    made.rows.push(&Row {
        asked: Asked {
            question: &pair.session,
            ..Asked::default()
        },
        candidate: &pair.models[candidate],
        opponent: &pair.models[1 - candidate],
        judge,
        rubric: RUBRIC,
        criterion: CRITERION,
        order: Some(if candidate == 0 {
            Order::CandidateFirst
        } else {
            Order::OpponentFirst
        }),
        sample: 1,
        verdict,
        candidate_chars: pair.chars[candidate],
        opponent_chars: pair.chars[1 - candidate],
    });
}
