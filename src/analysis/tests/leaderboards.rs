//! Many models on one scale.

use super::*;
use crate::analysis::report::Leaderboard;
use crate::study::RatingMethod;

fn boards(rows: &[Row], options: &Options) -> Vec<Leaderboard> {
    report(rows, options).leaderboards
}

fn rated(rows: &[Row], rating: RatingMethod) -> Leaderboard {
    let mut options = without_floor();
    options.sections.rating = rating;
    boards(rows, &options).remove(0)
}

const MODELS: [&str; 4] = ["a", "b", "c", "d"];

/// Strengths by the iteration of Zermelo (1929), from item scores.
fn naive(rows: &[Row]) -> Vec<f64> {
    let place = |name: &str| MODELS.iter().position(|model| *model == name).unwrap();
    let mut score = [[0.0; 4]; 4];
    for row in rows {
        let s = match row.outcome {
            Outcome::Win => 1.0,
            Outcome::Tie => 0.5,
            _ => 0.0,
        };
        let (a, b) = (place(row.candidate), place(row.opponent));
        // Two orders make one comparison.
        score[a][b] += s / 2.0;
        score[b][a] += (1.0 - s) / 2.0;
    }
    let mut pi = [1.0_f64; 4];
    for _ in 0..5_000 {
        let mut next = [0.0; 4];
        for i in 0..4 {
            let wins: f64 = score[i].iter().sum();
            let met: f64 = (0..4)
                .filter(|j| *j != i)
                .map(|j| (score[i][j] + score[j][i]) / (pi[i] + pi[j]))
                .sum();
            next[i] = wins / met;
        }
        let scale = next.iter().map(|p| p.ln()).sum::<f64>() / 4.0;
        pi = next.map(|p| p / scale.exp());
    }
    pi.iter().map(|p| p.ln()).collect()
}

#[test]
fn strengths_are_those_of_the_naive_iteration() {
    let rows = league(&MODELS, 2, 10, 3);
    let board = rated(&rows, RatingMethod::BradleyTerry);
    let expected = naive(&rows);
    for model in &board.models {
        let place = MODELS.iter().position(|name| *name == model.model).unwrap();
        assert!((model.strength - expected[place]).abs() < 1e-9, "{model:?}");
    }
    assert_eq!(board.n_comparisons, 6 * 20);
    assert_eq!((board.n_items, board.models[0].n_comparisons), (20, 60));
    assert_eq!(board.pairs.len(), 6);
    assert!(
        board
            .models
            .windows(2)
            .all(|pair| pair[0].strength >= pair[1].strength)
    );
    for pair in &board.pairs {
        let (one, all) = (
            pair.contrast.interval.unwrap(),
            pair.contrast.simultaneous.unwrap(),
        );
        assert!(all.low <= one.low && one.high <= all.high);
        assert!(pair.contrast.p_adjusted.unwrap() >= pair.contrast.p_value.unwrap());
    }
    for model in &board.models {
        let (best, worst) = (model.rank_best.unwrap(), model.rank_worst.unwrap());
        assert!(best <= model.rank && model.rank <= worst && worst <= 4);
    }
}

#[test]
fn two_models_have_no_leaderboard() {
    assert!(boards(&league(&["a", "b"], 1, 4, 1), &without_floor()).is_empty());
}

#[test]
fn a_reference_is_chosen_or_is_the_model_that_all_met() {
    let all = league(&MODELS, 1, 12, 2);
    assert_eq!(rated(&all, RatingMethod::BradleyTerry).reference, None);
    let star: Vec<Row> = all
        .iter()
        .filter(|row| row.opponent == "d")
        .cloned()
        .collect();
    let board = rated(&star, RatingMethod::BradleyTerry);
    assert_eq!(board.reference.as_deref(), Some("d"));
    for model in &board.models {
        assert_eq!(model.contrast.is_none(), model.model == "d");
        if let Some(contrast) = &model.contrast {
            assert!(contrast.p_adjusted.unwrap() >= contrast.p_value.unwrap());
            assert!(contrast.simultaneous.is_none());
        }
    }
    let mut options = without_floor();
    options.sections.reference = Some("b".to_owned());
    let chosen = boards(&all, &options).remove(0);
    assert!(
        chosen
            .models
            .iter()
            .find(|model| model.model == "b")
            .unwrap()
            .contrast
            .is_none()
    );
}

#[test]
fn models_that_never_met_stand_on_boards_of_their_own() {
    let mut rows = league(&["a", "b", "c"], 1, 6, 1);
    rows.extend(league(&["x", "y", "z"], 1, 6, 2));
    rows.extend(league(&["m", "n"], 1, 6, 3));
    let boards = boards(&rows, &without_floor());
    assert_eq!(boards.len(), 2);
    for board in &boards {
        assert_eq!(board.models.len(), 3);
        assert!(board.sentences[0].starts_with("these models never met the other 5"));
    }
}

#[test]
fn a_model_that_never_lost_is_rated_with_a_sentence() {
    let mut rows = league(&["a", "b", "c"], 1, 12, 1);
    for row in rows.iter_mut().filter(|row| row.candidate == "a") {
        row.outcome = Outcome::Win;
    }
    let board = rated(&rows, RatingMethod::BradleyTerry);
    assert_eq!(board.groups.len(), 2);
    assert!(
        board
            .sentences
            .iter()
            .any(|text| text.starts_with("some models never lost"))
    );
    assert_eq!(board.models[0].model, "a");
    assert!(board.models.iter().all(|model| model.strength.is_finite()));
    assert!(board.models.iter().all(|model| model.interval.is_none()));
    for pair in &board.pairs {
        let across = pair.first == "a" || pair.second == "a";
        assert_eq!(pair.contrast.interval.is_none(), across);
        assert_eq!(pair.contrast.simultaneous.is_none(), across);
        assert_eq!(pair.contrast.p_value.is_none(), across);
    }
}

#[test]
fn davidson_takes_ties_for_what_they_are() {
    let rows = league(&MODELS, 1, 20, 4);
    let board = rated(&rows, RatingMethod::Davidson);
    assert_eq!(board.rating, RatingMethod::Davidson);
    assert!(board.tie_parameter.unwrap() > 0.0);
    assert!(board.sentences[0].contains("tied if they disagree"));
    let mut decided = rows;
    for row in &mut decided {
        if row.outcome == Outcome::Tie {
            row.outcome = Outcome::Loss;
        }
    }
    for row in &mut decided {
        row.order = FIRST;
    }
    decided.dedup_by(|a, b| {
        (a.question, a.candidate, a.opponent) == (b.question, b.candidate, b.opponent)
    });
    let none = rated(&decided, RatingMethod::Davidson);
    assert_eq!(none.rating, RatingMethod::BradleyTerry);
    assert!(none.sentences[0].starts_with("Davidson's model needs ties"));
}

#[test]
fn elo_follows_the_rows_and_has_no_interval() {
    let rows = league(&["a", "b", "c"], 1, 10, 4);
    let board = rated(&rows, RatingMethod::Elo);
    let mut ratings =
        std::collections::BTreeMap::from([("a", 1000.0), ("b", 1000.0), ("c", 1000.0)]);
    for row in &rows {
        let score = match row.outcome {
            Outcome::Win => 1.0,
            Outcome::Tie => 0.5,
            _ => 0.0,
        };
        let lead: f64 = ratings[row.opponent] - ratings[row.candidate];
        let points = 4.0 * (score - 1.0 / (1.0 + 10_f64.powf(lead / 400.0)));
        *ratings.get_mut(row.candidate).unwrap() += points;
        *ratings.get_mut(row.opponent).unwrap() -= points;
    }
    for model in &board.models {
        assert!((model.strength - ratings[model.model.as_str()]).abs() < 1e-9);
        assert!(model.interval.is_none() && model.rank_best.is_none());
    }
    assert!(board.sentences[0].contains("here 4"));
    let mut options = without_floor();
    options.sections.elo_k = f64::NAN;
    assert!(analyse(&table(&rows), None, &options).is_err());
}

#[test]
fn withheld_comparisons_are_left_out_and_counted() {
    let mut rows = league(&MODELS, 1, 12, 2);
    for row in rows
        .iter_mut()
        .filter(|row| (row.candidate, row.opponent) == ("a", "b"))
    {
        row.outcome = Outcome::Missing;
        row.reason = Some(MissingReason::Failed);
    }
    let board = boards(&rows, &Options::default()).remove(0);
    assert_eq!(board.n_comparisons, 5 * 12);
    assert!(board.sentences[0].starts_with("left out: 1 comparison whose win rate is withheld"));
}

#[test]
fn naming_models_otherwise_changes_no_strength() {
    let plain = rated(
        &league(&["a", "b", "c"], 2, 8, 6),
        RatingMethod::BradleyTerry,
    );
    let other = rated(
        &league(&["z", "m", "k"], 2, 8, 6),
        RatingMethod::BradleyTerry,
    );
    for (a, b) in plain.models.iter().zip(&other.models) {
        assert!((a.strength - b.strength).abs() < 1e-9);
        assert!((a.standard_error.unwrap() - b.standard_error.unwrap()).abs() < 1e-9);
    }
}

#[test]
fn neither_threads_nor_the_order_of_rows_change_a_byte() {
    let mut rows = league(&MODELS, 3, 12, 7);
    let make = |rows: &[Row]| {
        let contests: Vec<(&str, &str)> = (0..4)
            .flat_map(|i| (i + 1..4).map(move |j| (MODELS[i], MODELS[j])))
            .collect();
        let mut table = table_in_order(rows, &contests, &["overall"]);
        for judgment in &mut table.judgments {
            let id = table.items[judgment.item as usize].id();
            let n = id.bytes().map(u32::from).sum::<u32>();
            judgment.candidate_chars = Some(100 + n * 7 % 31).into();
            judgment.opponent_chars = Some(100 + n * 5 % 29).into();
        }
        with_dimension(table, "sex", |p| {
            Some(if p == "p1" { "f" } else { "m" }.to_owned())
        })
    };
    let with_threads = |table: &VerdictTable, n: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n)
            .build()
            .unwrap();
        json(&pool.install(|| analyse(table, None, &without_floor()).unwrap()))
    };
    let plain = make(&rows);
    let one = with_threads(&plain, 1);
    assert!(one.contains("\"rank_best\":") && one.contains("homogeneity\":{"));
    assert_eq!(one, with_threads(&plain, 2));
    assert_eq!(one, with_threads(&plain, 16));
    rows.reverse();
    assert_eq!(one, with_threads(&make(&rows), 2));
}

/// Each of three models beats the next on every question but a few.
fn circle(upsets: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (q, question) in numbered("q", 30).into_iter().enumerate() {
        for (candidate, opponent) in [("a", "b"), ("b", "c"), ("c", "a")] {
            let outcome = if q < upsets {
                Outcome::Loss
            } else {
                Outcome::Win
            };
            rows.push(Row {
                candidate,
                opponent,
                ..row("p", question, FIRST, outcome)
            });
        }
    }
    rows
}

#[test]
fn models_that_beat_each_other_in_a_circle_are_said_to_fit_no_scale() {
    let board = rated(&circle(3), RatingMethod::BradleyTerry);
    let lack = board.lack_of_fit.as_ref().unwrap();
    assert_eq!((lack.pairs_off, lack.pairs), (3, 3));
    assert_close(lack.seen.max(1.0 - lack.seen), 0.9);
    assert_close(lack.expected, 0.5);
    let said = |text: &str| {
        board
            .sentences
            .iter()
            .any(|sentence| sentence.contains(text))
    };
    assert!(
        said("one scale does not describe these models"),
        "{board:?}"
    );
    // Every question takes from each model what it gives it.
    assert!(
        said("every cluster says the same of 3 of 3 pairs"),
        "{board:?}"
    );
    assert!(
        board
            .models
            .iter()
            .all(|model| model.standard_error.is_none())
    );
}

#[test]
fn models_on_one_scale_are_not_said_to_miss_it() {
    for seed in 1..6 {
        let rows = league(&MODELS, 2, 15, seed);
        for rating in [RatingMethod::BradleyTerry, RatingMethod::Davidson] {
            assert_eq!(rated(&rows, rating).lack_of_fit, None, "seed {seed}");
        }
    }
}

#[test]
fn more_than_two_models_without_a_leaderboard_are_told_why() {
    let mut rows = league(&["a", "b"], 1, 6, 1);
    rows.extend(league(&["x", "y"], 1, 6, 2));
    let apart = report(&rows, &without_floor());
    assert!(apart.leaderboards.is_empty());
    assert!(has_note(&apart, report::NoteCode::NoLeaderboard));
    let two = report(&league(&["a", "b"], 1, 6, 1), &without_floor());
    assert!(!has_note(&two, report::NoteCode::NoLeaderboard));
}

#[test]
fn a_reference_that_is_on_no_board_or_cannot_be_tested_is_said_to_be() {
    let mut rows = league(&["a", "b", "c"], 1, 6, 1);
    rows.extend(league(&["m", "n"], 1, 6, 3));
    let mut options = without_floor();
    options.sections.reference = Some("m".to_owned());
    let apart = boards(&rows, &options).remove(0);
    assert!(
        apart
            .sentences
            .iter()
            .any(|text| text.starts_with("m, which"))
    );
    options.sections.reference = Some("a".to_owned());
    options.sections.rating = RatingMethod::Elo;
    let elo = boards(&rows, &options).remove(0);
    assert!(
        elo.sentences
            .iter()
            .any(|text| text.starts_with("Elo ratings have no test"))
    );
}

#[test]
fn a_criterion_that_loses_its_leaderboard_to_withheld_win_rates_is_named() {
    let mut rows = league(&["tuned", "base", "ref"], 1, 12, 2);
    rows.retain(|row| row.opponent == "ref");
    let second = rows.iter().map(|row| Row {
        criterion: "value",
        ..row.clone()
    });
    let mut rows: Vec<Row> = rows.iter().cloned().chain(second).collect();
    let both = report(&rows, &Options::default());
    assert_eq!(both.leaderboards.len(), 2);
    assert!(!has_note(&both, report::NoteCode::NoLeaderboard));
    for row in rows
        .iter_mut()
        .filter(|row| row.criterion == "value" && row.candidate == "tuned")
    {
        row.outcome = Outcome::Missing;
        row.reason = Some(MissingReason::Refused);
    }
    let report = report(&rows, &Options::default());
    assert_eq!(report.leaderboards.len(), 1);
    let notes = report.notes.iter();
    let mut notes = notes.filter(|note| note.code == report::NoteCode::NoLeaderboard);
    let note = notes.next().unwrap();
    assert_eq!(
        note.sentence,
        "there is no leaderboard, because some win rates are withheld, without which no three models met"
    );
    assert_eq!(note.subjects, ["value"]);
    assert!(notes.next().is_none());
}

#[test]
fn a_leaderboard_says_how_its_intervals_are_computed() {
    let json = |rating| serde_json::to_value(rated(&league(&MODELS, 2, 10, 3), rating)).unwrap();
    let made = json(RatingMethod::BradleyTerry);
    assert_eq!(
        made["method"],
        serde_json::json!({"strengths": "t", "contrasts": "t", "simultaneous": "max_t"})
    );
    assert!(json(RatingMethod::Elo)["method"].is_null());
}
