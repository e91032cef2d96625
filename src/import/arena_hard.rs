//! Arena-Hard-Auto judgments, v0.1 (`question_id`) and v2 (`uid`).
//!
//! A record is a model's answer to a prompt with its `games`: game 0 shows the
//! baseline as A, game 1 the model as A, and `score` is in terms of what was shown
//! (`A>>B`, `A>B`, `A=B`, `B>A`, `B>>A`, or null). A game may be null.
//!
//! Answers of models (both layouts) give lengths, v0.1's questions nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::figures::mean;
use super::kind::Kind;
use super::notes::of_baseline;
use super::record::{Fault, Fields, Record, chars, is_null, kind};
use super::rows::{Asked, Row, Verdict};
use super::sheet::Sheet;
use super::tally::{A_JUDGE, Effect, NO_JUDGE, WITH_ITSELF};
use super::{Made, Part, Reader};
use crate::analysis::source_figures::{Figure, SourceFigures, Subject, Unit};
use crate::verdict::{MissingReason, Order, Outcome};

const CRITERION: &str = "overall";
const RUBRIC: &str = "arena-hard";
/// How many games a verdict of `>>` counts for.
const WEIGHT: usize = 3;
const NO_BASELINE: &str = "baseline";

pub(super) struct ArenaHard<'o> {
    pub(super) baseline: Option<&'o str>,
    pub(super) judge: Option<&'o str>,
}

/// A verdict of five levels, from the model's side: from -2 to 2.
type Level = i8;

/// A model's games on one prompt.
pub(super) struct Played {
    id: String,
    category: Option<String>,
    model: String,
    baseline: Option<String>,
    judge: Option<String>,
    /// The two games; none where there is no verdict.
    games: Vec<Option<Level>>,
    /// The older layout.
    old: bool,
}

/// What a file holds.
#[derive(Default)]
pub(super) struct File {
    played: Vec<Played>,
    /// Lengths by model and prompt.
    lengths: Vec<(String, String, u32)>,
}

impl Reader for ArenaHard<'_> {
    type Part = File;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> File {
        match sheet.kind {
            Kind::ArenaHard => File {
                played: sheet.each(records, played),
                ..File::default()
            },
            Kind::Answers | Kind::ArenaHardAnswers => File {
                lengths: sheet.each(records, length),
                ..File::default()
            },
            _ => File::default(),
        }
    }

    fn combine(&self, parts: Vec<Part<File>>, made: &mut Made) {
        let lengths: HashMap<(&str, &str), u32> = parts
            .iter()
            .flat_map(|part| &part.given.lengths)
            .map(|(model, id, chars)| ((model.as_str(), id.as_str()), *chars))
            .collect();
        // Each version with its own records: they are counted differently.
        let mut by_model: BTreeMap<([String; 3], bool), Vec<&Played>> = BTreeMap::new();
        let (mut unnamed, mut all) = (0_u64, 0_u64);
        for part in &parts {
            made.begin(&part.path);
            for played in &part.given.played {
                unnamed += u64::from(played.baseline.is_none() && self.baseline.is_none());
                all += 1;
                if played.judge.is_none() && self.judge.is_none() {
                    made.tally.add(Effect::Kept, NO_JUDGE, || {
                        format!("{} (prompt {})", part.path.display(), played.id)
                    });
                }
                let names = self.names(played);
                if names[0] == names[1] {
                    made.tally.add(Effect::Skipped, WITH_ITSELF, || {
                        format!("{} (prompt {})", part.path.display(), played.id)
                    });
                } else {
                    push(played, &names, &lengths, made);
                }
                let key = (names, played.old);
                by_model.entry(key).or_default().push(played);
            }
        }
        let compared: BTreeSet<&[String; 3]> = by_model.keys().map(|(names, _)| names).collect();
        for [model, baseline, judge] in &compared {
            if model == baseline {
                made.notes.push(of_baseline(model));
            } else if model == judge {
                made.notes.push(format!(
                    "{model} judges its own answers here, which judges tend to prefer; some versions of the source's script leave them out"
                ));
            }
        }
        if compared.len() < by_model.len() {
            made.notes.push(
                "records of v0.1 (`question_id`) and of v2 (`uid`) compare the same models by the same judge: the source's figures are of each version by itself, the report's win rate is of both together".to_owned(),
            );
        }
        if unnamed > 0 {
            let who = if unnamed == all {
                "the files".to_owned()
            } else {
                format!("{unnamed} of {all} records")
            };
            made.notes.push(format!(
                "{who} do not name the baseline, which is called `{NO_BASELINE}` there; name it with --baseline MODEL"
            ));
        }
        for ((names, old), played) in by_model {
            made.figures.push(figures(names, old, &played));
        }
    }
}

impl ArenaHard<'_> {
    /// Model, baseline and judge.
    fn names(&self, played: &Played) -> [String; 3] {
        let or = |named: &Option<String>, given: Option<&str>, default: &str| {
            let named = named.as_deref().or(given);
            named.unwrap_or(default).to_owned()
        };
        [
            played.model.clone(),
            or(&played.baseline, self.baseline, NO_BASELINE),
            or(&played.judge, self.judge, A_JUDGE),
        ]
    }
}

fn played(sheet: &mut Sheet<'_>, record: &Record<'_>) -> Result<Option<Played>, Fault> {
    let fields = Fields::of_record(record)?;
    let id = fields.required_text(&["uid", "question_id"])?.into_owned();
    let model = fields.required_name(&["model"])?.into_owned();
    let is_old = !fields.has("uid");
    let mut games = Vec::new();
    for (place, raw) in fields.nullable_list("games")?.into_iter().enumerate() {
        if place > 1 {
            sheet.count(Effect::Skipped, "a game beyond the two orders", record);
            continue;
        }
        games.push(game(place, raw, is_old, sheet, record)?);
    }
    if games.is_empty() {
        sheet.count(Effect::Skipped, "a record without games", record);
        return Ok(None);
    }
    if games.len() == 1 {
        let reason = "a record with one game: judged in one order only";
        sheet.count(Effect::Kept, reason, record);
    }
    sheet.about(record, &id);
    Ok(Some(Played {
        category: fields.text(&["category", "cluster"])?.map(String::from),
        baseline: fields.name(&["baseline"])?.map(String::from),
        judge: fields.name(&["judge"])?.map(String::from),
        old: is_old,
        id,
        model,
        games,
    }))
}

/// The verdict of a game, from the model's side.
fn game(
    place: usize,
    raw: &serde_json::value::RawValue,
    is_old: bool,
    sheet: &mut Sheet<'_>,
    record: &Record<'_>,
) -> Result<Option<Level>, Fault> {
    if is_null(raw) {
        sheet.count(Effect::Missing, "a game is null", record);
        return Ok(None);
    }
    let game = Fields::of(raw).ok_or_else(|| {
        Fault::new(
            "games",
            format!("found {}, expected objects or null", kind(raw)),
        )
    })?;
    let Some(score) = game.text(&["score"])? else {
        sheet.count(Effect::Missing, "the score of a game is null", record);
        return Ok(None);
    };
    let score = score.trim();
    if is_old && (score.contains('<') || score == "B=A") {
        let reason = "the score of a game is one that v0.1 does not know, as A<B: no verdict there";
        sheet.count(Effect::Missing, reason, record);
        return Ok(None);
    }
    let of_a: Level = match score {
        "A>>B" | "B<<A" => 2,
        "A>B" | "B<A" => 1,
        "A=B" | "B=A" => 0,
        "B>A" | "A<B" => -1,
        "B>>A" | "A<<B" => -2,
        _ => {
            sheet.count(Effect::Missing, "the score of a game is no verdict", record);
            return Ok(None);
        }
    };
    Ok(Some(if place == 0 { -of_a } else { of_a }))
}

fn length(_: &mut Sheet<'_>, record: &Record<'_>) -> Result<Option<(String, String, u32)>, Fault> {
    let fields = Fields::of_record(record)?;
    let id = fields.required_text(&["uid", "question_id"])?.into_owned();
    let model = fields.required_text(&["model", "model_id"])?.into_owned();
    Ok(answer_chars(&fields).map(|chars| (model, id, chars)))
}

/// Characters of an answer in either layout.
fn answer_chars(fields: &Fields<'_>) -> Option<u32> {
    if let Some(messages) = fields.list(&["messages"]).ok()? {
        let last = Fields::of(messages.last()?)?;
        let content = last.raw(&["content"])?;
        return chars(content).or_else(|| Fields::of(content)?.chars(&["answer"]));
    }
    let choices = fields.list(&["choices"]).ok()??;
    let turns = Fields::of(choices.first()?)?.list(&["turns"]).ok()??;
    let turn = turns.first()?;
    chars(turn).or_else(|| Fields::of(turn)?.chars(&["content"]))
}

fn push(
    played: &Played,
    [model, baseline, judge]: &[String; 3],
    lengths: &HashMap<(&str, &str), u32>,
    made: &mut Made,
) {
    let chars = |name: &str| lengths.get(&(name, played.id.as_str())).copied();
    for (place, game) in played.games.iter().enumerate() {
        let verdict = match game {
            Some(0) => Verdict::Given(Outcome::Tie),
            Some(level) if *level > 0 => Verdict::Given(Outcome::Win),
            Some(_) => Verdict::Given(Outcome::Loss),
            None => Verdict::Missing(MissingReason::NoVerdict),
        };
        made.rows.push(&Row {
            asked: Asked {
                question: &played.id,
                topic: played.category.as_deref(),
                ..Asked::default()
            },
            candidate: model,
            opponent: baseline,
            judge,
            rubric: RUBRIC,
            criterion: CRITERION,
            order: Some(if place == 0 {
                Order::OpponentFirst
            } else {
                Order::CandidateFirst
            }),
            sample: 1,
            verdict,
            candidate_chars: chars(model),
            opponent_chars: chars(baseline),
        });
    }
}

/// A verdict's games: a `>>` counts for several.
fn weighted(level: Level) -> Vec<f64> {
    let (score, times) = match level {
        2 => (1.0, WEIGHT),
        1 => (1.0, 1),
        0 => (0.5, 1),
        -1 => (0.0, 1),
        _ => (0.0, WEIGHT),
    };
    vec![score; times]
}

fn score(played: &[&Played]) -> Option<f64> {
    let games: Vec<f64> = played
        .iter()
        // The newer version drops a record of which a game has no verdict, the older
        // one the game.
        .filter(|played| {
            played.old || (played.games.len() == 2 && played.games.iter().all(Option::is_some))
        })
        .flat_map(|played| played.games.iter().flatten())
        .flat_map(|level| weighted(*level))
        .collect();
    mean(&games).map(|share| share * 100.0)
}

fn figures([model, baseline, judge]: [String; 3], old: bool, played: &[&Played]) -> SourceFigures {
    let dropped = if old {
        "games without a verdict left out"
    } else {
        "prompts of which a game has no verdict left out"
    };
    let mut figures = vec![Figure::new(
        "score",
        score(played),
        Unit::Percent,
        format!(
            "mean over games, a tie one half, a verdict of >> counted {WEIGHT} times; {dropped}"
        ),
    )];
    let mut categories: BTreeMap<&str, Vec<&Played>> = BTreeMap::new();
    for one in played {
        if let Some(category) = &one.category {
            categories.entry(category).or_default().push(one);
        }
    }
    if !old {
        for (category, played) in categories {
            figures.push(Figure::new(
                format!("score {category}"),
                score(&played),
                Unit::Percent,
                format!("the same over prompts of {category}"),
            ));
        }
    }
    let levels = played.iter().flat_map(|played| &played.games);
    let mut counts = [0_u64; 6];
    for level in levels {
        counts[level.map_or(5, |level| (level + 2) as usize)] += 1;
    }
    let words = [
        "losses by far",
        "losses",
        "ties",
        "wins",
        "wins by far",
        "games without a verdict",
    ];
    let names = [
        "n_much_worse",
        "n_worse",
        "n_ties",
        "n_better",
        "n_much_better",
        "n_null",
    ];
    for ((name, words), count) in names.into_iter().zip(words).zip(counts) {
        figures.push(Figure::count(
            name,
            count,
            format!("{words}, from the model's side"),
        ));
    }
    SourceFigures {
        source: if old {
            "arena-hard-v0.1"
        } else {
            "arena-hard-v2"
        }
        .to_owned(),
        subject: format!("{model} against {baseline}, by {judge}"),
        also_called: model
            .rsplit('/')
            .next()
            .filter(|last| *last != model)
            .map(str::to_owned)
            .into_iter()
            .collect(),
        comparison: Some(Subject {
            candidate: model,
            opponent: baseline,
            judge,
            rubric: RUBRIC.to_owned(),
            criterion: CRITERION.to_owned(),
        }),
        figures,
        why_they_differ: why(old, played.iter().any(|played| played.games.len() > 1)),
        ..SourceFigures::default()
    }
}

/// Why the estimate is not the score of this version; `in_both` where any prompt was judged
/// in both orders.
fn why(old: bool, in_both: bool) -> Vec<String> {
    let (percentiles, printed) = if old {
        (
            "2.5th to 97.5th",
            "The source prints the win rate of a Bradley-Terry fit to the games of all models, which is the score here for a model that met the baseline alone.",
        )
    } else {
        (
            "5th to 95th",
            "The source prints the mean over its resamplings, which differs from the score here by chance in the first decimal.",
        )
    };
    let together = if in_both {
        "the two games of a prompt, and the copies of a weighted one,"
    } else {
        "the copies of a weighted game"
    };
    let mut why = vec![
        format!(
            "The source counts a verdict of >> {WEIGHT} times, so that prompts with clear winners weigh more; for the estimate a win is a win, and every prompt counts once."
        ),
        format!(
            "The source's interval is the {percentiles} percentile of resampled games, which takes {together} as independent; the estimate's is over prompts."
        ),
    ];
    if in_both || old {
        why.push(printed.to_owned());
    }
    if !in_both {
        why.push("Each prompt was judged in one order only: what the place of an answer did is in both numbers.".to_owned());
        if !old {
            why.push("This version counts only prompts with two games, so that it has no score of these.".to_owned());
        }
    }
    why
}
