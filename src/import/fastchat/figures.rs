//! The figures of `show_result.py`.

use super::{CRITERION, Game, Pair, SCORES, VOTES};
use crate::analysis::source_figures::{Figure, Pools, SourceFigures, Subject, Unit};
use crate::import::figures::{mean, share};
use crate::import::scores::{self, Scored};

/// The two games of a pair as FastChat joins them: a winner in both, else a tie;
/// none where a game has no verdict.
pub(super) fn joined(pair: &Pair) -> Option<Game> {
    let mut games = pair.games.iter().map(|(_, game)| *game);
    if pair.games.iter().any(|(_, game)| *game == Game::Error) {
        return None;
    }
    let first = games.next()?;
    Some(if games.all(|game| game == first) {
        first
    } else {
        Game::Tie
    })
}

/// A model's pairs.
#[derive(Default)]
pub(super) struct Counts<'p> {
    wins: u64,
    losses: u64,
    ties: u64,
    errors: u64,
    changed: u64,
    half_tied: u64,
    /// Whether any pair was judged in both orders.
    in_both: bool,
    /// Whether they are votes of people.
    of_people: bool,
    opponents: Vec<&'p str>,
}

impl<'p> Counts<'p> {
    pub(super) fn add(&mut self, result: Option<Game>, place: usize, pair: &'p Pair) {
        let own = if place == 0 {
            Game::First
        } else {
            Game::Second
        };
        match result {
            None => self.errors += 1,
            Some(Game::Tie) => self.ties += 1,
            Some(game) if game == own => self.wins += 1,
            Some(_) => self.losses += 1,
        }
        if let [(_, first), (_, second)] = pair.games[..]
            && result.is_some()
            && first != second
        {
            if first == Game::Tie || second == Game::Tie {
                self.half_tied += 1;
            } else {
                self.changed += 1;
            }
        }
        self.in_both |= pair.games.len() > 1;
        self.of_people |= pair.person;
        let other = pair.models[1 - place].as_str();
        if !self.opponents.contains(&other) {
            self.opponents.push(other);
        }
    }

    pub(super) fn figures(&self, model: &str, judge: &str, rubric: &str) -> SourceFigures {
        let total = self.wins + self.losses + self.ties;
        let adjusted =
            (total > 0).then(|| (self.wins as f64 + 0.5 * self.ties as f64) / total as f64);
        let [won, lost, tied] = if self.of_people {
            ["votes for it", "votes for the other", "votes for neither"]
        } else if self.in_both {
            [
                "pairs won in both orders",
                "pairs lost in both orders",
                "pairs tied in both orders, or with another winner in each",
            ]
        } else {
            ["pairs won", "pairs lost", "pairs tied"]
        };
        let figures = vec![
            Figure::count("win", self.wins, won),
            Figure::count("loss", self.losses, lost),
            Figure::count("tie", self.ties, tied),
            Figure::new(
                "win_rate",
                share(self.wins, total),
                Unit::Share,
                "win over all three",
            ),
            Figure::new(
                "loss_rate",
                share(self.losses, total),
                Unit::Share,
                "loss over all three",
            ),
            Figure::new(
                "win_rate_adjusted",
                adjusted,
                Unit::Share,
                "a tie counted one half",
            ),
            Figure::count(
                "inconsistent",
                self.changed,
                "of the ties, pairs whose winner changed with the order",
            ),
            Figure::count(
                "tie_in_one_order",
                self.half_tied,
                "of the ties, pairs tied in one order and won in the other",
            ),
            Figure::count(
                "error",
                self.errors,
                "pairs left out because a game ended in an error",
            ),
        ];
        let by = if rubric == VOTES {
            format!("{judge} (votes)")
        } else {
            judge.to_owned()
        };
        let opponent = match self.opponents[..] {
            [one] => Some(one),
            _ => None,
        };
        SourceFigures {
            source: "fastchat".to_owned(),
            subject: match opponent {
                Some(opponent) => format!("{model} against {opponent}, by {by}"),
                None => format!("{model} against {} models, by {by}", self.opponents.len()),
            },
            also_called: vec![model.to_owned()],
            comparison: opponent.map(|opponent| Subject {
                candidate: model.to_owned(),
                opponent: opponent.to_owned(),
                judge: judge.to_owned(),
                rubric: rubric.to_owned(),
                criterion: CRITERION.to_owned(),
            }),
            figures,
            pools: opponent.is_none().then(|| Pools::of(model, judge, rubric)),
            why_they_differ: self.why(rubric, opponent.is_none()),
            ..SourceFigures::default()
        }
    }

    /// Why the estimate of a model's pairs is not the source's; of its pairs with several
    /// models there is one for each.
    fn why(&self, rubric: &str, is_pooled: bool) -> Vec<String> {
        const TIES: &str = "win_rate counts a tie as a loss; win_rate_adjusted and the estimate count it one half.";
        const POOLED: &str = "The figures pool a model's pairs with several others, and a win rate is of two models: an estimate is of its pairs with one.";
        let is_vote = self.of_people || rubric == VOTES;
        let why: &[&str] = match (is_pooled, self.in_both, is_vote) {
            (true, false, _) => &[
                POOLED,
                "win_rate counts a tie as a loss; win_rate_adjusted and the estimates count it one half.",
            ],
            (true, true, _) => &[
                POOLED,
                "The estimates count a tie one half, and a pair whose orders disagree by both of its games; win_rate counts a tie as a loss, and the source makes a tie of every such pair.",
            ],
            (false, false, true) => &[
                TIES,
                "A vote is one verdict on a pair, and does not say which answer was shown first; the source gives no interval, and the estimate's is over questions.",
            ],
            (false, false, false) => &[
                TIES,
                "Each pair was judged in one order: what the place of an answer did is in both numbers.",
                "The source drops a pair whose game ended in an error, and gives no interval; the estimate's is over questions, their turns taken together.",
            ],
            (false, true, _) => &[
                "The source makes a tie of every pair whose orders disagree, a tie in one and a win in the other included, which draws the win rate towards one half; the estimate averages both orders.",
                TIES,
                "The source drops a pair when either order ended in an error, and gives no interval; the estimate's is over questions, their turns and orders taken together.",
            ],
        };
        let of_people = self.of_people.then_some("Every vote counts once in the figures; for an estimate every question and turn counts once, the votes on it averaged over people.");
        why.iter()
            .copied()
            .chain(of_people)
            .map(str::to_owned)
            .collect()
    }
}

pub(super) fn score_figures(model: &str, judge: &str, scored: &[&Scored]) -> SourceFigures {
    let of = |chosen: &dyn Fn(u32) -> bool| -> Vec<f64> {
        scored
            .iter()
            .filter(|one| chosen(one.turn))
            .filter_map(|one| one.score)
            .collect()
    };
    let all = of(&|_| true);
    let mut figures = Vec::new();
    for (turn, words) in [(1, "first"), (2, "second")] {
        if let Some(value) = mean(&of(&|own| own == turn)) {
            figures.push(Figure::new(
                format!("{words}_turn"),
                Some(value),
                Unit::Score,
                format!("mean score of the {words} turn, scores of -1 left out"),
            ));
        }
    }
    figures.push(Figure::new(
        "average",
        mean(&all),
        Unit::Score,
        "mean score of all turns, scores of -1 left out",
    ));
    figures.push(Figure::count(
        "n_scores",
        all.len() as u64,
        "scores that are there",
    ));
    SourceFigures {
        source: "fastchat".to_owned(),
        subject: format!("{model}, by {judge}"),
        also_called: vec![model.to_owned()],
        figures,
        pools: Some(Pools::of(model, judge, SCORES)),
        why_they_differ: std::iter::once(scores::WHY.to_owned())
            .chain(scores::why_beyond(scored.iter().copied()))
            .collect(),
        ..SourceFigures::default()
    }
}
