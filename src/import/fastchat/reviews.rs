//! Reviews of FastChat's first version, which say the two scores in their first line.

use std::path::Path;

use super::{Fastchat, Game, Pair};
use crate::import::places::stem;
use crate::import::record::{Fault, Fields, Record, number};
use crate::import::sheet::Sheet;
use crate::import::tally::Effect;

impl Fastchat<'_> {
    /// A review: its first line has the two scores.
    pub(super) fn review(
        &self,
        sheet: &mut Sheet<'_>,
        record: &Record<'_>,
    ) -> Result<Option<Pair>, Fault> {
        let fields = Fields::of_record(record)?;
        let question = fields.required_text(&["question_id"])?.into_owned();
        let text = fields.text(&["text"])?.unwrap_or_default();
        let stated = fields
            .list(&["score"])
            .ok()
            .flatten()
            .map(|scores| scores.into_iter().filter_map(number).collect::<Vec<f64>>());
        let first_line: Vec<f64> = text
            .lines()
            .next()
            .unwrap_or_default()
            .split([' ', ',', '\t'])
            .filter(|word| !word.is_empty())
            .map_while(|word| word.parse().ok())
            .collect();
        let scores = stated
            .filter(|scores| scores.len() == 2)
            .unwrap_or(first_line);
        let game = match scores[..] {
            [first, second] if first < 0.0 || second < 0.0 => Game::Error,
            [first, second] if first > second => Game::First,
            [first, second] if first < second => Game::Second,
            [_, _] => Game::Tie,
            _ => Game::Error,
        };
        if game == Game::Error {
            sheet.count(
                Effect::Missing,
                "a review whose first line holds no two scores",
                record,
            );
        }
        sheet.about(record, &question);
        let (judge, _) = self.judge(&fields, sheet, record)?;
        let models = reviewed(&sheet.source.path).unwrap_or_else(|| {
            let reason = "a file name that does not give the two models: they are called `answer 1` and `answer 2`";
            sheet.count(Effect::Kept, reason, record);
            ["answer 1", "answer 2"].map(str::to_owned)
        });
        Ok(Some(Pair {
            turn: 1,
            models,
            judge,
            person: false,
            prompt: None,
            games: vec![(Some(true), game)],
            question,
        }))
    }
}

/// What stands before `review_` in the name of a file, and after it.
pub(super) fn parts(stem: &str) -> Option<(&str, &str)> {
    let at = stem.match_indices("review_").map(|(at, _)| at);
    let mut at = at.filter(|at| *at == 0 || stem[..*at].ends_with('_'));
    let (before, rest) = stem.split_at(at.next()?);
    Some((before.trim_end_matches('_'), &rest["review_".len()..]))
}

/// The models of `review_alpaca-13b_vicuna-13b.jsonl`, or of one with the judge before it.
fn reviewed(path: &Path) -> Option<[String; 2]> {
    let stem = stem(path)?;
    let rest = parts(&stem).map_or(&*stem, |(_, rest)| rest);
    match rest.split('_').collect::<Vec<_>>()[..] {
        [first, second] if first != second => Some([first.to_owned(), second.to_owned()]),
        _ => None,
    }
}
