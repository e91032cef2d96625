//! PandaLM's test set (`data/*.json`).
//!
//! The human file has for each pair of responses the verdicts of several people
//! (`annotator1`, …: 0 tie, 1 or 2) and, in `cmp_key`, the two models. A judge's
//! file has `<judge>_result`: 1, 2, `Tie` or 0, or `garbage` where the reply could
//! not be read. The files belong together by `idx`; the model of response 1 is the
//! candidate.

mod figures;
mod named;
mod pairs;

use std::path::Path;

use super::kind::{Kind, is_annotator};
use super::record::{Fault, Fields, Record};
use super::rows::{Asked, Row, Verdict};
use super::sheet::Sheet;
use super::tally::{Effect, WITH_ITSELF};
use super::{Made, Part, Reader, identity};
use crate::verdict::{MissingReason, Outcome};
use figures::{accuracy, people};
pub use named::named_by;
use pairs::Pairs;

const CRITERION: &str = "overall";
const RUBRIC: &str = "pandalm";

pub(super) struct Pandalm<'o> {
    pub(super) judge: Option<&'o str>,
}

/// A pair of responses with the verdicts of people.
pub(super) struct Pair {
    idx: String,
    /// Its idx, or another name where other pairs have that idx.
    item: String,
    question: String,
    topic: Option<String>,
    models: [String; 2],
    chars: [Option<u32>; 2],
    /// By annotator: 0 tie, 1 or 2; none where there is none.
    votes: Vec<(String, Option<u8>)>,
}

/// A judge's verdict on a pair: 0 tie, 1 or 2; none where it could not be read.
pub(super) struct Judged {
    idx: String,
    verdict: Option<u8>,
}

/// What a file holds.
#[derive(Default)]
pub(super) struct File {
    pairs: Vec<Pair>,
    judged: Vec<Judged>,
}

impl Reader for Pandalm<'_> {
    type Part = File;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> File {
        if sheet.kind == Kind::PandalmPeople {
            return File {
                pairs: sheet.each(records, pair),
                ..File::default()
            };
        }
        File {
            judged: sheet.each(records, judged),
            ..File::default()
        }
    }

    fn combine(&self, parts: Vec<Part<File>>, made: &mut Made) {
        let mut parts = parts;
        let pairs = Pairs::new(&mut parts, made);
        let by_idx = pairs.by_idx();
        if !pairs.all.is_empty() {
            made.figures.push(people(&pairs.all));
        }
        for part in parts.iter().filter(|part| part.kind == Kind::PandalmJudge) {
            made.begin(&part.path);
            let judge = self.judge_of(&part.path);
            let mut alone = 0;
            for judged in &part.given.judged {
                if pairs.is_of_several(&judged.idx) {
                    let reason = "an idx that several pairs of the people's files have, so that nobody can tell which was judged: import each of those files with its own judges";
                    made.tally.add(Effect::Skipped, reason, || {
                        format!("{} (idx {})", part.path.display(), judged.idx)
                    });
                } else if let Some(pair) = by_idx.get(&*judged.idx) {
                    if pair.models[0] == pair.models[1] {
                        made.tally.add(Effect::Skipped, WITH_ITSELF, || {
                            format!("{} (idx {})", part.path.display(), judged.idx)
                        });
                    }
                    push(pair, &judge, judged.verdict, &mut made.rows);
                } else {
                    alone += 1;
                    push(
                        &stranger(&judged.idx),
                        &judge,
                        judged.verdict,
                        &mut made.rows,
                    );
                }
            }
            if alone > 0 {
                made.notes.push(format!(
                    "{alone} verdicts of {judge} are about pairs whose models and people are not known; import the human file (testset-v1.json) together with it, or give that to `oyer agree` with --labels"
                ));
            }
            if !pairs.all.is_empty() {
                made.figures
                    .push(accuracy(&part.given.judged, &judge, &by_idx));
            }
        }
    }
}

impl Pandalm<'_> {
    /// `gpt-3.5-turbo` of `gpt-3.5-turbo-testset-v1.json`; of a file that is named
    /// otherwise the judge that is given, or its name.
    fn judge_of(&self, path: &Path) -> String {
        let stem = super::stem(path).unwrap_or_default();
        match stem.split_once("-testset") {
            Some((judge, _)) if !judge.is_empty() => judge.to_owned(),
            _ => self.judge.unwrap_or(&stem).to_owned(),
        }
    }
}

fn pair(sheet: &mut Sheet<'_>, record: &Record<'_>) -> Result<Option<Pair>, Fault> {
    let fields = Fields::of_record(record)?;
    let idx = fields.required_text(&["idx"])?.into_owned();
    let instruction = fields.required_text(&["instruction"])?;
    let input = fields.text(&["input"])?.unwrap_or_default();
    let key = fields.text(&["cmp_key"])?;
    if key.is_none() {
        let reason = "no cmp_key: the models are called response 1 and response 2";
        sheet.count(Effect::Kept, reason, record);
    }
    let models = models(key.as_deref());
    if models.iter().any(|model| model.trim().is_empty()) {
        let message = "a model has no name, expected two names with `_` between them";
        return Err(Fault::new("cmp_key", message));
    }
    if models[0] == models[1] {
        sheet.count(Effect::Skipped, WITH_ITSELF, record);
    }
    let mut votes = Vec::new();
    let names: Vec<String> = fields
        .names()
        .filter(|name| is_annotator(name))
        .map(str::to_owned)
        .collect();
    for name in names {
        let vote = match fields.text(&[&name])?.as_deref() {
            None => {
                sheet.count(Effect::Missing, "an annotator gave no verdict", record);
                None
            }
            Some(text) => Some(vote(text).ok_or_else(|| {
                Fault::new(&name, format!("found `{text}`, expected 0 (tie), 1 or 2"))
            })?),
        };
        votes.push((name, vote));
    }
    sheet.about(record, &idx);
    Ok(Some(Pair {
        item: idx.clone(),
        idx,
        question: identity(&format!("{instruction}\n{input}")),
        topic: fields.text(&["motivation_app"])?.map(String::from),
        models,
        chars: [
            fields.chars(&["response1", "response_1"]),
            fields.chars(&["response2", "response_2"]),
        ],
        votes,
    }))
}

/// The models of a pair.
pub(super) fn models(cmp_key: Option<&str>) -> [String; 2] {
    let key = cmp_key.unwrap_or("response");
    match key.split_once('_') {
        Some((first, second)) => [first.to_owned(), second.to_owned()],
        None => [format!("{key} 1"), format!("{key} 2")],
    }
}

fn judged(sheet: &mut Sheet<'_>, record: &Record<'_>) -> Result<Option<Judged>, Fault> {
    let fields = Fields::of_record(record)?;
    let idx = fields.required_text(&["idx"])?.into_owned();
    sheet.about(record, &idx);
    let names = fields.names().filter(|name| name.ends_with("_result"));
    let names: Vec<String> = names.map(str::to_owned).collect();
    let [name] = &names[..] else {
        let message = match names.len() {
            0 => "the field is missing, expected 1, 2 or Tie".to_owned(),
            _ => format!(
                "found {}, expected the verdict of one judge; give each judge's in a file of its own",
                names.join(", ")
            ),
        };
        return Err(Fault::new("<judge>_result", message));
    };
    let verdict = fields.text(&[name])?.and_then(|text| vote(&text));
    if verdict.is_none() {
        sheet.count(
            Effect::Missing,
            "the judge's verdict is neither 1, 2 nor a tie",
            record,
        );
    }
    Ok(Some(Judged { idx, verdict }))
}

fn vote(text: &str) -> Option<u8> {
    match text.trim().to_lowercase().as_str() {
        "0" | "0.0" | "tie" => Some(0),
        "1" | "1.0" => Some(1),
        "2" | "2.0" => Some(2),
        _ => None,
    }
}

fn stranger(idx: &str) -> Pair {
    Pair {
        idx: idx.to_owned(),
        item: idx.to_owned(),
        question: idx.to_owned(),
        topic: None,
        models: models(None),
        chars: [None; 2],
        votes: Vec::new(),
    }
}

fn push(pair: &Pair, who: &str, vote: Option<u8>, rows: &mut super::Rows) {
    if pair.models[0] == pair.models[1] {
        return;
    }
    let verdict = match vote {
        Some(1) => Verdict::Given(Outcome::Win),
        Some(2) => Verdict::Given(Outcome::Loss),
        Some(_) => Verdict::Given(Outcome::Tie),
        None => Verdict::Missing(MissingReason::NoVerdict),
    };
    rows.push(&Row {
        asked: Asked {
            item: &pair.item,
            question: &pair.question,
            topic: pair.topic.as_deref(),
            ..Asked::default()
        },
        candidate: &pair.models[0],
        opponent: &pair.models[1],
        judge: who,
        rubric: RUBRIC,
        criterion: CRITERION,
        // Response 1 always stood first.
        order: Some(crate::verdict::Order::CandidateFirst),
        sample: 1,
        verdict,
        candidate_chars: pair.chars[0],
        opponent_chars: pair.chars[1],
    });
}
