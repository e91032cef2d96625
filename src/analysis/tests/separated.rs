//! Leaderboards of models of which some never lost a point.

use super::*;
use crate::analysis::report::Leaderboard;

/// Two models on the first questions, of which the first wins all but so many.
fn met(
    (candidate, opponent): (&'static str, &'static str),
    questions: usize,
    lost: usize,
) -> Vec<Row> {
    let numbered = numbered("q", questions).into_iter().enumerate();
    numbered
        .flat_map(|(q, question)| {
            let outcome = if q < lost {
                Outcome::Loss
            } else {
                Outcome::Win
            };
            [FIRST, SECOND].map(|order| Row {
                candidate,
                opponent,
                ..row("", question, order, outcome)
            })
        })
        .collect()
}

fn board(parts: &[Vec<Row>]) -> Leaderboard {
    let mut report = report(&parts.concat(), &without_floor());
    report.leaderboards.remove(0)
}

/// Name, rank and range of ranks.
fn ranks(board: &Leaderboard) -> Vec<(&str, u64, Option<u64>, Option<u64>)> {
    let models = board.models.iter();
    models
        .map(|m| (m.model.as_str(), m.rank, m.rank_best, m.rank_worst))
        .collect()
}

fn said(board: &Leaderboard) -> String {
    board.sentences.join(". ")
}

#[test]
fn models_that_never_met_and_lost_to_the_same_one_share_their_ranks() {
    for (b, c) in [(30, 5), (30, 30)] {
        let board = board(&[met(("a", "b"), b, 0), met(("a", "c"), c, 0)]);
        assert_eq!(
            ranks(&board),
            [
                ("a", 1, Some(1), Some(1)),
                ("b", 2, Some(2), Some(3)),
                ("c", 2, Some(2), Some(3)),
            ]
        );
        assert!(
            said(&board).contains(
                "not comparable, as neither beat the other, directly or through others: b and c"
            ),
            "{}",
            said(&board)
        );
        // Nobody measured what one would win against the other.
        let models = serde_json::to_value(&board.models).unwrap();
        let expected = models.as_array().unwrap().iter();
        let expected = expected.map(|model| model["expected_win_rate"].is_number());
        assert_eq!(expected.collect::<Vec<_>>(), [true, false, false]);
        let pairs = board.pairs.iter().map(|pair| (&*pair.first, &*pair.second));
        assert_eq!(pairs.collect::<Vec<_>>(), [("a", "b"), ("a", "c")]);
    }
}

#[test]
fn a_model_beside_a_group_shares_the_ranks_of_the_group() {
    let board = board(&[
        met(("a", "b"), 30, 0),
        met(("b", "c"), 20, 7),
        met(("a", "d"), 8, 0),
    ]);
    assert_eq!(
        ranks(&board),
        [
            ("a", 1, Some(1), Some(1)),
            ("b", 2, Some(2), Some(4)),
            ("d", 2, Some(2), Some(4)),
            ("c", 3, Some(2), Some(4)),
        ]
    );
    assert!(
        said(&board).contains("b and d; c and d"),
        "{}",
        said(&board)
    );
}

#[test]
fn models_that_are_ordered_through_others_are_comparable() {
    let board = board(&[met(("a", "b"), 10, 0), met(("b", "c"), 10, 0)]);
    assert_eq!(
        ranks(&board),
        [
            ("a", 1, Some(1), Some(1)),
            ("b", 2, Some(2), Some(2)),
            ("c", 3, Some(3), Some(3)),
        ]
    );
    assert_eq!(board.pairs.len(), 3);
    assert!(!said(&board).contains("not comparable"), "{}", said(&board));
}

/// The many items that `b` won against others lift it above `a` on the scale, to whom it lost.
#[test]
fn who_beat_another_stands_above_it_whatever_the_scale_says() {
    let board = board(&[
        met(("z", "a"), 200, 0),
        met(("a", "b"), 1, 0),
        met(("b", "c"), 200, 0),
    ]);
    let names: Vec<&str> = board.models.iter().map(|m| m.model.as_str()).collect();
    assert_eq!(names, ["z", "a", "b", "c"]);
}
