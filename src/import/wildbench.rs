//! WildBench: judgments of pairs and scores of single answers.
//!
//! Pairs (`pairwise.v2/eval=…/ref=…/<model>.json`): `model_A` was shown first,
//! `winner` is a model's name or `tie`, `extent` 2 for a clear and 1 for a slight
//! win; older files have `assignment` instead, and name model, reference and judge in
//! their records. Scores
//! (`score.v2/eval=…/<model>.json`): `score`, a number from 1 to 10 often written
//! as text, of `model_test`; two models' scores on a session make a comparison. The
//! data set's file beside them tells the sessions' tags ([`tasks`]).
//!
//! Results of each version of the benchmark (`v2.0625/pairwise.v2/…`) have a rubric of their
//! own. The source's figures are of one file each.
//!
//! The source leaves pairs with an answer that is cut off or empty out of its counts,
//! though not out of `total`, and such answers out of the means by category.

mod figures;
mod margin;
mod tasks;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::figures::of_files;
use super::kind::Kind;
use super::notes::most_of;
use super::places::whole;
use super::record::{Fault, Fields, Record, chars, string};
use super::rows::{Asked, Row, Verdict};
use super::scores::{self, Scored};
use super::sheet::Sheet;
use super::tally::{A_JUDGE, Effect, NO_JUDGE, WITH_ITSELF};
use super::{Made, Options, Part, Reader};
use crate::analysis::source_figures::SourceFigures;
use crate::verdict::{MissingReason, Order, Outcome};
use figures::{pair_figures, score_figures};
pub use margin::{name_margins, published_margins};
use tasks::{Category, Tags};

const CRITERION: &str = "overall";
const RUBRIC: &str = "wildbench";
/// Of comparisons that are made from scores of single answers.
const SCORES: &str = "wildbench-score";

pub(super) struct Wildbench<'o> {
    pub(super) baseline: Option<&'o str>,
    pub(super) judge: Option<&'o str>,
    /// Length margins that figures are given for besides.
    pub(super) margins: &'o [u32],
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
    judge: String,
    /// Which of the models is the candidate, where it says so.
    tested: Option<usize>,
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
        let mut tags = Vec::new();
        match sheet.kind {
            Kind::WildbenchTasks => File {
                tags: sheet.each(records, tasks::session),
                ..File::default()
            },
            Kind::WildbenchPairs => File {
                pairs: sheet.each(records, |sheet, record| self.pair(sheet, record, &mut tags)),
                tags,
                ..File::default()
            },
            _ => File {
                scores: sheet.each(records, |sheet, record| {
                    self.score(sheet, record, &mut tags)
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
        self.combine_pairs(&parts, &tags, made);
        let mut by_rubric: BTreeMap<String, Vec<&Scored>> = BTreeMap::new();
        let mut by_model: BTreeMap<(&str, &str, usize), Vec<&Single>> = BTreeMap::new();
        for (file, part) in parts.iter().enumerate() {
            for one in &part.given.scores {
                let rubric = by_rubric.entry(rubric(SCORES, &part.path));
                rubric.or_default().push(&one.scored);
                let key = (&*one.scored.model, &*one.scored.judge, file);
                by_model.entry(key).or_default().push(one);
            }
        }
        for (rubric, scored) in by_rubric {
            scores::push(&scored, &rubric, CRITERION, self.baseline, made);
        }
        let sets = by_model.into_iter().map(|((model, judge, file), singles)| {
            let path: &Path = &parts[file].path;
            let mut set = score_figures(model, judge, &singles, &tags);
            if let Some(pools) = &mut set.pools {
                pools.rubric = Some(rubric(SCORES, path));
            }
            (path, set)
        });
        made.figures.extend(of_files(sets.collect()));
    }
}

impl<'o> Wildbench<'o> {
    pub(super) fn new(options: &'o Options) -> Self {
        Self {
            baseline: options.baseline.as_deref(),
            judge: options.judge.as_deref(),
            margins: &options.length_margins,
        }
    }
}

impl Wildbench<'_> {
    /// Who judged a record: the judge of `…/eval=gpt-4-turbo-2024-04-09/…`, or the one that
    /// the record or the user names.
    fn judge_of(
        &self,
        fields: &Fields<'_>,
        sheet: &mut Sheet<'_>,
        record: &Record<'_>,
    ) -> Result<String, Fault> {
        if let Some(judge) = of_folder(&sheet.source.path, "eval=") {
            return Ok(judge);
        }
        let of_record = match fields.object(&["eval_config"]) {
            Ok(Some(config)) => config.name(&["gpt"])?.map(String::from),
            _ => None,
        };
        let judge = of_record.or_else(|| self.judge.map(str::to_owned));
        Ok(judge.unwrap_or_else(|| {
            sheet.count(Effect::Kept, NO_JUDGE, record);
            A_JUDGE.to_owned()
        }))
    }

    /// Which model of a pair is the candidate: the one that is not the reference of
    /// `…/ref=Llama-2-70b-chat-hf/…`, as the record has it, that is not the baseline, or that
    /// the file is named after; `None` where nothing tells.
    fn candidate_of(&self, path: &Path, pair: &Pair) -> Option<usize> {
        let place = |name: &str| pair.place(name);
        let against = |name: &str| place(name).map(|at| 1 - at);
        of_folder(path, "ref=")
            .and_then(|name| against(&name))
            .or(pair.tested)
            .or_else(|| self.baseline.and_then(against))
            .or_else(|| place(&super::stem(path)?))
    }

    fn combine_pairs(&self, parts: &[Part<File>], tags: &Tags, made: &mut Made) {
        let mut by_name: BTreeSet<String> = BTreeSet::new();
        let mut sets: Vec<(&Path, SourceFigures)> = Vec::new();
        for part in parts.iter().filter(|part| !part.given.pairs.is_empty()) {
            made.begin(&part.path);
            let rubric = rubric(RUBRIC, &part.path);
            let mut by_contest: BTreeMap<[&str; 3], Vec<(&Pair, usize)>> = BTreeMap::new();
            for pair in &part.given.pairs {
                let [first, second] = [&*pair.models[0], &*pair.models[1]];
                let candidate = self.candidate_of(&part.path, pair).unwrap_or_else(|| {
                    // So that both places are one contest.
                    by_name.insert(format!(
                        "{} against {}",
                        first.min(second),
                        first.max(second)
                    ));
                    usize::from(first > second)
                });
                let names = [&*pair.models[candidate], &*pair.models[1 - candidate]];
                push(pair, candidate, &rubric, made);
                let key = [names[0], names[1], &*pair.judge];
                by_contest.entry(key).or_default().push((pair, candidate));
            }
            for (names, pairs) in by_contest {
                sets.push((
                    &part.path,
                    pair_figures(names, &rubric, &pairs, tags, self.margins),
                ));
            }
        }
        made.figures.extend(of_files(sets));
        if !by_name.is_empty() {
            made.notes.push(format!(
                "nothing says which of two models is the candidate, so that the first by name is: {}; say which is the other with --baseline MODEL",
                most_of(by_name.into_iter())
            ));
        }
    }
}

impl Pair {
    /// The model of this name, with an organisation before it or not.
    fn place(&self, name: &str) -> Option<usize> {
        let is_called = |model: &String| model == name || model.ends_with(&format!("/{name}"));
        match [&self.models[0], &self.models[1]].map(is_called) {
            [true, false] => Some(0),
            [false, true] => Some(1),
            _ => None,
        }
    }
}

/// `x` of a folder `<prefix>x` above a file.
fn of_folder(path: &Path, prefix: &str) -> Option<String> {
    whole(path).ancestors().skip(1).find_map(|folder| {
        let name = folder.file_name()?.to_string_lossy();
        name.strip_prefix(prefix).map(str::to_owned)
    })
}

/// A rubric with the version of the benchmark, as of `…/v2.0625/pairwise.v2/…`, where the
/// place of a file tells it.
fn rubric(base: &str, path: &Path) -> String {
    let path = whole(path);
    let folders = path.ancestors().skip(1).filter_map(Path::file_name);
    let mut folders = folders.map(|name| name.to_string_lossy());
    let is_of_results =
        |name: &Cow<'_, str>| name.starts_with("pairwise.") || name.starts_with("score.");
    let version = folders.find(is_of_results).and_then(|_| folders.next());
    let is_version = |name: &Cow<'_, str>| {
        let number = name.strip_prefix('v').unwrap_or_default();
        number.starts_with(|first: char| first.is_ascii_digit())
    };
    match version.filter(is_version) {
        Some(version) => format!("{base} {version}"),
        None => base.to_owned(),
    }
}

/// The text of an answer, which older files have in a list.
pub(super) fn answer<'a>(fields: &Fields<'a>, name: &str) -> Option<Cow<'a, str>> {
    let raw = fields.first(&[name])?;
    raw.get().starts_with('"').then(|| string(raw))
}

impl Wildbench<'_> {
    fn pair(
        &self,
        sheet: &mut Sheet<'_>,
        record: &Record<'_>,
        tags: &mut Vec<(String, Vec<Category>)>,
    ) -> Result<Option<Pair>, Fault> {
        let fields = Fields::of_record(record)?;
        let session = fields.required_text(&["session_id"])?.into_owned();
        let models = models(&fields)?;
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
        let winner = winner(&fields, &models, choice.as_deref(), sheet, record)?;
        let extent = match (fields.number(&["extent"])?, choice.as_deref()) {
            (Some(extent), _) => Some(extent as u8),
            (None, Some("A++" | "B++")) => Some(2),
            (None, Some("A+" | "B+")) => Some(1),
            (None, Some("A=B")) => Some(0),
            _ => None,
        };
        let mut pair = Pair {
            judge: self.judge_of(&fields, sheet, record)?,
            session,
            models,
            tested: None,
            winner,
            extent,
            chars: [None, None],
            counted: true,
        };
        let place = |names: &[&str]| pair.place(&fields.text(names).ok()??);
        let reference = place(&["ref_generator"]);
        pair.tested = match reference {
            Some(reference) => Some(1 - reference),
            None => place(&["generator", "model_test"]),
        };
        let outputs = fields.object(&["model_outputs"])?;
        for at in 0..2 {
            let named = outputs
                .as_ref()
                .and_then(|outputs| outputs.raw(&[&*pair.models[at]]));
            let output = named.or_else(|| {
                let is_tested = pair.tested? == at;
                fields.first(&[if is_tested {
                    "model_output"
                } else {
                    "ref_output"
                }])
            });
            let text = output.filter(|raw| raw.get().starts_with('"'));
            pair.chars[at] = text.and_then(chars);
            pair.counted &= text
                .map(string)
                .is_none_or(|answer| !answer.ends_with(CUT_OFF) && answer != EMPTY);
        }
        if !pair.counted {
            sheet.count(
                Effect::Kept,
                "an answer that is cut off or empty, whose pair the source does not count",
                record,
            );
        }
        sheet.about(record, &pair.session);
        tags.push((
            pair.session.clone(),
            tasks::of_record(&fields, sheet, record)?,
        ));
        Ok(Some(pair))
    }

    fn score(
        &self,
        sheet: &mut Sheet<'_>,
        record: &Record<'_>,
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
        let answer = answer(&fields, "model_output");
        let counted = answer.is_none_or(|answer| !answer.ends_with(CUT_OFF) && !answer.is_empty());
        let scored = Scored {
            item: session.clone(),
            question: session,
            topic: None,
            model,
            judge: self.judge_of(&fields, sheet, record)?,
            turn: 1,
            score: given,
            chars: fields.first(&["model_output"]).and_then(chars),
        };
        Ok(Some(Single { scored, counted }))
    }
}

/// The models shown first and second.
fn models(fields: &Fields<'_>) -> Result<[String; 2], Fault> {
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
    Ok([model("model_A", "A")?, model("model_B", "B")?])
}

/// Who won a pair, by `winner` or the judge's choice.
fn winner(
    fields: &Fields<'_>,
    models: &[String; 2],
    choice: Option<&str>,
    sheet: &mut Sheet<'_>,
    record: &Record<'_>,
) -> Result<Option<Winner>, Fault> {
    let named = fields.text(&["winner"])?;
    let by_name = match named.as_deref() {
        Some("tie") => Some(Winner::Tie),
        Some(name) if name == models[0] => Some(Winner::Model(0)),
        Some(name) if name == models[1] => Some(Winner::Model(1)),
        _ => None,
    };
    let by_choice = match choice {
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
    Ok(winner)
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

fn push(pair: &Pair, candidate: usize, rubric: &str, made: &mut Made) {
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
        judge: &pair.judge,
        rubric,
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
