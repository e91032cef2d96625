//! FastChat's `llm_judge` (MT-bench).
//!
//! - Pairs (`<judge>_pair.jsonl`): `g1_winner` with `model_1` shown first,
//!   `g2_winner` with `model_2` first, un-swapped already; `error` is no verdict.
//!   Older files have no `turn`, or `judge` as a text.
//! - Single answers (`<judge>_single.jsonl`): `score`, -1 where there is none.
//! - Votes (`human_judgments.json`): `winner` among `model_a`, `model_b` and ties;
//!   `judge` is a person; or a model, where it is a list, ends in `_pair`, or is the
//!   one that `--judge` names.
//! - Reviews of the first version: two scores on the first line of `text`.
//!
//! Answers of models give lengths, questions the category.

mod figures;
mod judges;
mod reviews;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use self::figures::{Counts, joined, score_figures};
use super::figures::of_files;
use super::kind::Kind;
use super::record::{Fault, Fields, Record, chars, list};
use super::rows::{Asked, Row, Rows, Verdict};
use super::scores::{self, Scored};
use super::sheet::Sheet;
use super::tally::{A_JUDGE, Effect, NO_JUDGE, WITH_ITSELF};
use super::{Made, Part, Reader};
use crate::analysis::source_figures::SourceFigures;
use crate::verdict::labels::PEOPLE;
use crate::verdict::{MissingReason, Order, Outcome};

const CRITERION: &str = "overall";
const RUBRIC: &str = "mt-bench";
/// Of comparisons that are made from scores of single answers.
const SCORES: &str = "mt-bench-single";
/// Of a judge's verdicts on pairs that do not say which answer was shown first.
const VOTES: &str = "mt-bench-votes";

pub(super) struct Fastchat<'o> {
    pub(super) baseline: Option<&'o str>,
    pub(super) judge: Option<&'o str>,
}

/// Games of two models on a turn of a question.
pub(super) struct Pair {
    question: String,
    turn: u32,
    models: [String; 2],
    judge: String,
    person: bool,
    prompt: Option<String>,
    /// Each with whether the first of `models` was shown first, where that is known.
    games: Vec<(Option<bool>, Game)>,
}

impl Pair {
    /// By what it was judged: a vote of a judge is no repeat of its games.
    fn rubric(&self) -> &'static str {
        let is_vote = self.games.iter().any(|(first, _)| first.is_none());
        if is_vote && !self.person {
            VOTES
        } else {
            RUBRIC
        }
    }
}

/// How a game ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Game {
    First,
    Second,
    Tie,
    Error,
}

/// An answer's model, its question, and its length by turn.
type Answer = (String, String, Vec<Option<u32>>);

/// What a file holds.
#[derive(Default)]
pub(super) struct File {
    pairs: Vec<Pair>,
    scores: Vec<Scored>,
    lengths: Vec<Answer>,
    categories: Vec<(String, String)>,
}

impl Reader for Fastchat<'_> {
    type Part = File;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> File {
        let mut file = File::default();
        match sheet.kind {
            Kind::FastchatSingle => {
                file.scores = sheet.each(records, |sheet, record| self.score(sheet, record));
            }
            Kind::Answers => file.lengths = sheet.each(records, answer),
            Kind::Questions => file.categories = sheet.each(records, question),
            Kind::FastchatReviews => {
                file.pairs = sheet.each(records, |sheet, record| self.review(sheet, record));
            }
            _ => file.pairs = sheet.each(records, |sheet, record| self.pair(sheet, record)),
        }
        file
    }

    fn combine(&self, parts: Vec<Part<File>>, made: &mut Made) {
        made.rows = Rows::new(&[], &["turn", "prompt"]);
        made.labels = Rows::new(&[], &["turn"]);
        let known = Known::new(&parts);
        let mut pairs: Vec<&Pair> = Vec::new();
        for part in &parts {
            made.begin(&part.path);
            for pair in &part.given.pairs {
                self.push(pair, &known, made);
                pairs.push(pair);
            }
        }
        made.notes.extend(judges::of_people(&pairs));
        let mut by_judge: BTreeMap<(bool, [&str; 2]), Vec<&Pair>> = BTreeMap::new();
        for pair in pairs {
            // Most people have but a few votes: theirs are counted together.
            let judge = if pair.person { PEOPLE } else { &pair.judge };
            let key = (pair.person, [judge, pair.rubric()]);
            by_judge.entry(key).or_default().push(pair);
        }
        for ((_, [judge, rubric]), pairs) in by_judge {
            self.pair_figures(judge, rubric, &pairs, &mut made.figures);
        }
        let owned: Vec<(usize, Scored)> = parts
            .iter()
            .enumerate()
            .flat_map(|(file, part)| part.given.scores.iter().map(move |one| (file, one)))
            .map(|(file, scored)| (file, known.complete(scored)))
            .collect();
        if owned.is_empty() {
            return;
        }
        let scored: Vec<&Scored> = owned.iter().map(|(_, scored)| scored).collect();
        scores::push(&scored, SCORES, CRITERION, self.baseline, made);
        // The source's script reads one file.
        let mut by_model: BTreeMap<(&str, &str, usize), Vec<&Scored>> = BTreeMap::new();
        for (file, one) in &owned {
            let key = (&*one.judge, &*one.model, *file);
            by_model.entry(key).or_default().push(one);
        }
        let sets = by_model.into_iter().map(|((judge, model, file), scored)| {
            let path: &Path = &parts[file].path;
            (path, score_figures(model, judge, &scored))
        });
        made.figures.extend(of_files(sets.collect()));
    }
}

/// What answers and questions say.
struct Known<'p> {
    lengths: HashMap<(&'p str, &'p str), &'p [Option<u32>]>,
    categories: HashMap<&'p str, &'p str>,
}

impl<'p> Known<'p> {
    fn new(parts: &'p [Part<File>]) -> Self {
        let lengths = parts.iter().flat_map(|part| &part.given.lengths);
        let categories = parts.iter().flat_map(|part| &part.given.categories);
        Self {
            lengths: lengths
                .map(|(model, question, chars)| {
                    ((model.as_str(), question.as_str()), chars.as_slice())
                })
                .collect(),
            categories: categories
                .map(|(id, category)| (id.as_str(), category.as_str()))
                .collect(),
        }
    }

    fn chars(&self, model: &str, question: &str, turn: u32) -> Option<u32> {
        let turns = self.lengths.get(&(model, question))?;
        turns.get(turn.checked_sub(1)? as usize).copied().flatten()
    }

    fn complete(&self, scored: &Scored) -> Scored {
        Scored {
            item: scored.item.clone(),
            question: scored.question.clone(),
            topic: self
                .categories
                .get(&*scored.question)
                .map(|&name| name.to_owned()),
            model: scored.model.clone(),
            judge: scored.judge.clone(),
            turn: scored.turn,
            score: scored.score,
            chars: self.chars(&scored.model, &scored.question, scored.turn),
        }
    }
}

fn turn_of(fields: &Fields<'_>) -> Result<u32, Fault> {
    match fields.number(&["turn"])? {
        None => Ok(1),
        Some(turn) if turn.fract() == 0.0 && (1.0..=f64::from(u16::MAX)).contains(&turn) => {
            Ok(turn as u32)
        }
        Some(turn) => {
            let message = format!("found {turn}, expected the number of a turn, from 1");
            Err(Fault::new("turn", message))
        }
    }
}

/// The item of a turn: the first is the question's own.
fn item_of(question: &str, turn: u32) -> String {
    if turn == 1 {
        question.to_owned()
    } else {
        format!("{question} turn {turn}")
    }
}

impl Fastchat<'_> {
    /// Who judged a record, and by which prompt.
    fn judge(
        &self,
        fields: &Fields<'_>,
        sheet: &mut Sheet<'_>,
        record: &Record<'_>,
    ) -> Result<(String, Option<String>), Fault> {
        let given = judges::named(fields)?;
        let prompt = given.as_ref().and_then(|(_, prompt)| prompt.clone());
        let judge = given
            .map(|(judge, _)| judge)
            .or_else(|| judges::of_path(&sheet.source.path))
            .or_else(|| self.judge.map(str::to_owned))
            .unwrap_or_else(|| {
                sheet.count(Effect::Kept, NO_JUDGE, record);
                A_JUDGE.to_owned()
            });
        Ok((judge, prompt))
    }

    fn pair(&self, sheet: &mut Sheet<'_>, record: &Record<'_>) -> Result<Option<Pair>, Fault> {
        let fields = Fields::of_record(record)?;
        let question = fields.required_text(&["question_id"])?.into_owned();
        let turn = turn_of(&fields)?;
        let models = [
            fields.required_name(&["model_1", "model_a"])?.into_owned(),
            fields.required_name(&["model_2", "model_b"])?.into_owned(),
        ];
        if models[0] == models[1] {
            sheet.count(Effect::Skipped, WITH_ITSELF, record);
            return Ok(None);
        }
        let (judge, prompt) = self.judge(&fields, sheet, record)?;
        let is_vote = !fields.has("g1_winner") && !fields.has("g2_winner");
        // A list names a model and its prompt; a text a person, as a rule.
        let is_list = fields
            .raw(&["judge"])
            .is_some_and(|raw| list(raw).is_some());
        let is_judge = ["_pair", "-pair"].iter().any(|end| judge.ends_with(end));
        let person = is_vote && !is_list && !is_judge && self.judge != Some(&*judge);
        let mut games = Vec::new();
        if is_vote {
            let game = if fields.has("winner") && fields.raw(&["winner"]).is_none() {
                Game::Error
            } else {
                let winner = fields.required_text(&["winner"])?;
                game_of(&winner, &models).ok_or_else(|| unknown("winner", &winner))?
            };
            games.push((None, game));
        } else {
            for (name, first) in [("g1_winner", true), ("g2_winner", false)] {
                if let Some(winner) = fields.text(&[name])? {
                    let game = game_of(&winner, &models).ok_or_else(|| unknown(name, &winner))?;
                    games.push((Some(first), game));
                } else if fields.has(name) {
                    games.push((Some(first), Game::Error));
                } else {
                    sheet.count(
                        Effect::Kept,
                        "a pair that was judged in one order only",
                        record,
                    );
                }
            }
        }
        for _ in games.iter().filter(|(_, game)| *game == Game::Error) {
            sheet.count(Effect::Missing, "a game that ended in an error", record);
        }
        sheet.about(record, &item_of(&question, turn));
        Ok(Some(Pair {
            question,
            turn,
            models,
            judge,
            person,
            prompt,
            games,
        }))
    }

    fn score(&self, sheet: &mut Sheet<'_>, record: &Record<'_>) -> Result<Option<Scored>, Fault> {
        let fields = Fields::of_record(record)?;
        let question = fields.required_text(&["question_id"])?.into_owned();
        let turn = turn_of(&fields)?;
        let (judge, _) = self.judge(&fields, sheet, record)?;
        let score = fields.number(&["score"])?.filter(|score| *score >= 0.0);
        if let Some(score) = score {
            scores::count_beyond(score, sheet, record);
        } else {
            sheet.count(
                Effect::Missing,
                "score is -1 (or less than 0) or null",
                record,
            );
        }
        let item = item_of(&question, turn);
        sheet.about(record, &item);
        Ok(Some(Scored {
            item,
            question,
            topic: None,
            model: fields.required_name(&["model"])?.into_owned(),
            judge,
            turn,
            score,
            chars: None,
        }))
    }

    fn push(&self, pair: &Pair, known: &Known<'_>, made: &mut Made) {
        // The baseline is the opponent, whichever place it has in the file.
        let candidate = usize::from(self.baseline == Some(pair.models[0].as_str()));
        let item = item_of(&pair.question, pair.turn);
        let turn = pair.turn.to_string();
        let covariates = [Some(turn.as_str()), pair.prompt.as_deref()];
        let chars = |at: usize| known.chars(&pair.models[at], &pair.question, pair.turn);
        for (first, game) in &pair.games {
            let of_first = match game {
                Game::First => Verdict::Given(Outcome::Win),
                Game::Second => Verdict::Given(Outcome::Loss),
                Game::Tie => Verdict::Given(Outcome::Tie),
                Game::Error => Verdict::Missing(MissingReason::NoVerdict),
            };
            let rows = if pair.person {
                &mut made.labels
            } else {
                &mut made.rows
            };
            rows.push(&Row {
                asked: Asked {
                    item: &item,
                    question: &pair.question,
                    topic: known.categories.get(&*pair.question).copied(),
                    covariates: &covariates,
                    ..Asked::default()
                },
                candidate: &pair.models[candidate],
                opponent: &pair.models[1 - candidate],
                judge: &pair.judge,
                rubric: pair.rubric(),
                criterion: CRITERION,
                order: first.map(|first| {
                    if first == (candidate == 0) {
                        Order::CandidateFirst
                    } else {
                        Order::OpponentFirst
                    }
                }),
                sample: 1,
                verdict: if candidate == 0 {
                    of_first
                } else {
                    of_first.mirrored()
                },
                candidate_chars: chars(candidate),
                opponent_chars: chars(1 - candidate),
            });
        }
    }

    fn pair_figures(
        &self,
        judge: &str,
        rubric: &str,
        pairs: &[&Pair],
        figures: &mut Vec<SourceFigures>,
    ) {
        let with_baseline = |pair: &&&Pair| {
            self.baseline
                .is_none_or(|baseline| pair.models.iter().any(|model| model == baseline))
        };
        let mut by_model: BTreeMap<&str, Counts> = BTreeMap::new();
        for pair in pairs.iter().filter(with_baseline) {
            let result = joined(pair);
            for (place, model) in pair.models.iter().enumerate() {
                let counts = by_model.entry(model).or_default();
                counts.add(result, place, pair);
            }
        }
        for (model, counts) in by_model {
            if self.baseline == Some(model) {
                continue;
            }
            figures.push(counts.figures(model, judge, rubric));
        }
    }
}

fn unknown(field: &str, found: &str) -> Fault {
    let found: String = found.chars().take(40).collect();
    let models = if field == "winner" {
        "model_a, model_b"
    } else {
        "model_1, model_2"
    };
    Fault::new(
        field,
        format!("found `{found}`, expected {models}, tie or error"),
    )
}

/// What a winner's word says; a model's own name is one too.
fn game_of(winner: &str, models: &[String; 2]) -> Option<Game> {
    let word = winner.trim();
    match word.to_lowercase().as_str() {
        "model_1" | "model_a" => Some(Game::First),
        "model_2" | "model_b" => Some(Game::Second),
        "error" | "" => Some(Game::Error),
        "tie" => Some(Game::Tie),
        _ if word == models[0] => Some(Game::First),
        _ if word == models[1] => Some(Game::Second),
        // As `tie (bothbad)`.
        other => {
            let rest = other.strip_prefix("tie")?;
            rest.starts_with([' ', '(', '_']).then_some(Game::Tie)
        }
    }
}

fn answer(_: &mut Sheet<'_>, record: &Record<'_>) -> Result<Option<Answer>, Fault> {
    let fields = Fields::of_record(record)?;
    let question = fields.required_text(&["question_id"])?.into_owned();
    let model = fields.required_text(&["model_id", "model"])?.into_owned();
    let choices = fields.required_list(&["choices"])?;
    let turns = choices
        .first()
        .and_then(|first| Fields::of(first)?.list(&["turns"]).ok()?);
    let lengths = turns
        .unwrap_or_default()
        .into_iter()
        .map(|turn| chars(turn).or_else(|| Fields::of(turn)?.chars(&["content"])));
    Ok(Some((model, question, lengths.collect())))
}

fn question(_: &mut Sheet<'_>, record: &Record<'_>) -> Result<Option<(String, String)>, Fault> {
    let fields = Fields::of_record(record)?;
    let id = fields.required_text(&["question_id", "uid"])?.into_owned();
    let category = fields.text(&["category", "cluster"])?;
    Ok(category.map(|category| (id, category.into_owned())))
}
