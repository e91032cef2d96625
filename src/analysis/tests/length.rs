//! The controlled win rate beside the raw one.

use std::sync::Arc;

use super::*;
use crate::analysis::report::StyleControl;
use crate::verdict::table::Style;

/// A table with the lengths that `chars` gives to a candidate and an opponent, by
/// the number of the item.
pub(super) fn with_lengths(
    rows: &[Row],
    chars: impl Fn(u32) -> (Option<u32>, Option<u32>),
) -> VerdictTable {
    let mut made = table(rows);
    for judgment in &mut made.judgments {
        let (candidate, opponent) = chars(judgment.item);
        judgment.candidate_chars = candidate.into();
        judgment.opponent_chars = opponent.into();
    }
    made
}

/// A table with a further numeric column.
pub(super) fn with_column(
    mut table: VerdictTable,
    name: &str,
    value: impl Fn(usize) -> Option<String>,
) -> VerdictTable {
    table.covariates.push(name.to_owned());
    for (i, item) in table.items.iter_mut().enumerate() {
        let question = Arc::make_mut(&mut item.question);
        let mut values = question.covariates.to_vec();
        values.push(value(i).map(Into::into));
        question.covariates = values.into();
    }
    table
}

pub(super) fn lengths(item: u32) -> (Option<u32>, Option<u32>) {
    (Some(400 + item * 37 % 211), Some(400 + item * 53 % 173))
}

pub(super) fn controlled(table: &VerdictTable, controls: &str) -> StyleControl {
    let mut options = without_floor();
    if !controls.is_empty() {
        options.sections.controls = Controls::parse(controls);
    }
    analyse(table, None, &options).unwrap().comparisons[0]
        .style_control
        .clone()
        .unwrap()
}

#[test]
fn a_blank_cell_of_a_control_is_no_number_as_an_empty_one_is() {
    let plain = with_lengths(&two(), lengths);
    let of = |blank: Option<&str>| {
        let value = |i: usize| match i {
            3 => blank.map(str::to_owned),
            i => Some(format!(" {}", i * 7 % 5)),
        };
        controlled(&with_column(plain.clone(), "lists", value), "x.lists")
    };
    assert_eq!(of(Some("  ")), of(None));
    assert_eq!(of(None).left_out, 1);
}

fn two() -> Vec<Row> {
    league(&["tuned", "base"], 3, 15, 8)
}

#[test]
fn length_is_taken_out_wherever_it_is_known() {
    let made = controlled(&with_lengths(&two(), lengths), "");
    assert_eq!((made.n_items, made.left_out), (45, 0));
    assert_eq!(made.slopes[0].control, "length");
    assert!(made.win_rate.is_some() && made.interval.is_some() && made.sentence.is_none());
    assert!(made.standard_error.unwrap() > 0.0);
    let slope = &made.slopes[0];
    let limits = slope.interval.as_ref().unwrap();
    assert!(limits.low < slope.slope.unwrap() && slope.slope.unwrap() < limits.high);
    let plain = analyse(&table(&two()), None, &without_floor()).unwrap();
    assert!(plain.comparisons[0].style_control.is_none());
}

/// The fit by plain gradient ascent on the likelihood of the items.
#[test]
fn it_is_the_logistic_fit_at_no_difference() {
    let rows = two();
    let made = controlled(&with_lengths(&rows, lengths), "");
    let table = table(&rows);
    let mut items: Vec<(f64, f64, f64)> = vec![(0.0, 0.0, 0.0); table.items.len()];
    for (judgment, row) in table.judgments.iter().zip(&rows) {
        let (a, b) = lengths(judgment.item);
        let score = match row.outcome {
            Outcome::Win => 1.0,
            Outcome::Tie => 0.5,
            _ => 0.0,
        };
        let item = &mut items[judgment.item as usize];
        *item = (
            item.0 + score,
            item.1 + 1.0,
            f64::from(a.unwrap()) - f64::from(b.unwrap()),
        );
    }
    let n = items.len() as f64;
    let mean = items.iter().map(|i| i.2).sum::<f64>() / n;
    let sd = (items.iter().map(|i| (i.2 - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let (mut theta, mut phi) = (0.0_f64, 0.0_f64);
    for _ in 0..20_000 {
        let (mut g, mut h) = (0.0, 0.0);
        for (sum, count, difference) in &items {
            let x = (difference / sd).tanh();
            let residual = sum / count - 1.0 / (1.0 + (-(theta + phi * x)).exp());
            g += residual / n;
            h += residual * x / n;
        }
        theta += 2.0 * g;
        phi += 2.0 * h;
    }
    let rate = 1.0 / (1.0 + (-theta).exp());
    assert!((made.win_rate.unwrap() - rate).abs() < 1e-9, "{rate}");
    assert!((made.slopes[0].slope.unwrap() - phi).abs() < 1e-8, "{phi}");
    assert_close(made.mean_length_difference, mean);
}

#[test]
fn exchanging_the_models_mirrors_the_controlled_rate() {
    let rows = two();
    let plain = with_column(with_lengths(&rows, lengths), "lists", |i| {
        Some(format!("{}", i * 7 % 5))
    });
    let exchanged: Vec<Row> = rows.iter().map(mirrored).collect();
    let exchanged = with_lengths(&exchanged, |item| {
        let (a, b) = lengths(item);
        (b, a)
    });
    let exchanged = with_column(exchanged, "lists", |i| Some(format!("-{}", i * 7 % 5)));
    let (a, b) = (
        controlled(&plain, "length,x.lists"),
        controlled(&exchanged, "length,x.lists"),
    );
    assert!((a.win_rate.unwrap() + b.win_rate.unwrap() - 1.0).abs() < 1e-9);
    for (a, b) in a.slopes.iter().zip(&b.slopes) {
        assert!((a.slope.unwrap() - b.slope.unwrap()).abs() < 1e-8);
    }
    let (i, j) = (a.interval.unwrap(), b.interval.unwrap());
    assert!((i.low + j.high - 1.0).abs() < 1e-9);
}

#[test]
fn equal_lengths_leave_the_raw_rate_with_a_sentence() {
    let made = controlled(&with_lengths(&two(), |_| (Some(300), Some(300))), "");
    assert!((made.win_rate.unwrap() - made.raw_win_rate.unwrap()).abs() < 1e-12);
    assert!(made.sentence.unwrap().contains("nothing to take out"));
    assert!(made.slopes[0].slope.is_none());
}

#[test]
fn cases_without_an_answer_get_a_sentence() {
    let constant = controlled(&with_lengths(&two(), |_| (Some(500), Some(300))), "");
    assert!(constant.win_rate.is_none());
    assert!(
        constant
            .sentence
            .unwrap()
            .contains("cannot be told from the models' strength")
    );
    let mut won = two();
    for row in &mut won {
        row.outcome = Outcome::Win;
    }
    let all_won = controlled(&with_lengths(&won, lengths), "");
    assert_close(all_won.win_rate, 1.0);
    assert!(all_won.sentence.unwrap().starts_with("every item was won"));
    let mut split = two();
    let items = table(&split);
    for (row, judgment) in split.iter_mut().zip(&items.judgments) {
        row.outcome = if judgment.item < 20 {
            Outcome::Win
        } else {
            Outcome::Loss
        };
    }
    let longer = |item: u32| (Some(if item < 20 { 500 + item } else { 200 }), Some(300));
    let separated = controlled(&with_lengths(&split, longer), "");
    assert!(separated.win_rate.is_none());
    assert!(separated.sentence.unwrap().contains("no finite slope"));
}

#[test]
fn items_without_a_length_are_left_out_and_counted() {
    let some = |item: u32| {
        if item < 5 {
            (None, Some(9))
        } else {
            lengths(item)
        }
    };
    let made = controlled(&with_lengths(&two(), some), "");
    assert_eq!((made.n_items, made.left_out), (40, 5));
}

#[test]
fn what_cannot_be_controlled_for_is_an_error_that_says_so() {
    let fail = |table: &VerdictTable, controls: &str, difficulty: Option<&str>| {
        let mut options = without_floor();
        options.sections.controls = Controls::parse(controls);
        options.sections.difficulty = difficulty.map(str::to_owned);
        analyse(table, None, &options).unwrap_err().to_string()
    };
    let plain = table(&two());
    assert!(fail(&plain, "length", None).starts_with("no lengths are known"));
    assert_eq!(
        fail(&plain, "x.lists", None),
        "there is no column `lists` to control for; the table has no column `x.…`; `length` is always a control"
    );
    let other = with_column(plain.clone(), "t", |_| Some("1".to_owned()));
    assert_eq!(
        fail(&other, "lists", None),
        "there is no column `lists` to control for; the table has x.t; `length` is always a control"
    );
    let words = with_column(plain, "lists", |i| {
        Some(if i == 3 { "many" } else { "1" }.to_owned())
    });
    assert_eq!(
        fail(&words, "lists", None),
        "item p1/q4 has \"many\" in `x.lists`, expected a number or nothing, because it is a control"
    );
    assert!(
        fail(&words, "lists", Some("x.hard")).contains("`hard`")
            || fail(&words, "lists", Some("x.hard")).contains("many")
    );
}

#[test]
fn a_difficulty_gets_a_slope_of_its_own() {
    let table = with_column(with_lengths(&two(), lengths), "hard", |i| {
        Some(format!("{}", i % 4))
    });
    let mut options = without_floor();
    options.sections.difficulty = Some("x.hard".to_owned());
    let made = analyse(&table, None, &options).unwrap().comparisons[0]
        .style_control
        .clone()
        .unwrap();
    assert!(made.difficulty.unwrap().slope.is_some());
}

/// A table with a further column of numbers, one for each judgment.
fn with_style(
    mut table: VerdictTable,
    name: &str,
    number: impl Fn(&Judgment) -> f64,
) -> VerdictTable {
    table.covariates.push(name.to_owned());
    let numbers = table.judgments.iter().map(number).collect();
    let covariate = table.covariates.len() - 1;
    table.styles.push(Style { covariate, numbers });
    table
}

#[test]
fn a_style_that_is_the_same_in_all_judgments_of_an_item_is_a_column_of_items() {
    let of = |item: usize| (item * 7 % 11) as f64 - 4.0;
    let table = with_lengths(&two(), lengths);
    let by_item = with_column(table.clone(), "bold", |item| Some(of(item).to_string()));
    let by_judgment = with_style(table, "bold", |judgment| of(judgment.item as usize));
    let controls = "length,x.bold";
    assert_eq!(
        controlled(&by_item, controls),
        controlled(&by_judgment, controls)
    );
}

#[test]
fn a_style_is_averaged_over_samples_and_turned_with_its_row() {
    let mut rows = two();
    let second: Vec<Row> = rows
        .iter()
        .filter(|row| row.persona == "p1")
        .map(|row| Row {
            sample: 2,
            ..row.clone()
        })
        .collect();
    rows.extend(second);
    let of = |item: u32| f64::from(item * 7 % 11) - 4.0;
    let by_item = with_column(table(&rows), "bold", |item| {
        Some(of(item as u32).to_string())
    });
    // The samples of an item differ by 2 about its number.
    let apart = |judgment: &Judgment| match (judgment.item, judgment.sample) {
        (item @ 0..15, 1) => of(item) - 1.0,
        (item @ 0..15, _) => of(item) + 1.0,
        (item, _) => of(item),
    };
    let by_sample = with_style(table(&rows), "bold", apart);
    let expected = controlled(&by_item, "x.bold");
    assert_close(controlled(&by_sample, "x.bold").win_rate, expected.win_rate);
    // Every other row told from the other side, its number with it.
    let told: Vec<Row> = rows
        .iter()
        .map(|row| {
            if row.order == SECOND {
                mirrored(row)
            } else {
                row.clone()
            }
        })
        .collect();
    let both_sides = with_style(table(&told), "bold", |judgment| {
        let sign = if judgment.contest == 0 { 1.0 } else { -1.0 };
        sign * apart(judgment)
    });
    let made = controlled(&both_sides, "x.bold");
    let turned = analyse(&both_sides, None, &without_floor()).unwrap();
    let same = turned.comparisons[0].candidate == "tuned";
    let rate = if same {
        made.win_rate
    } else {
        made.win_rate.map(|rate| 1.0 - rate)
    };
    assert!((rate.unwrap() - expected.win_rate.unwrap()).abs() < 1e-9);
}

#[test]
fn an_item_with_a_control_in_only_some_samples_of_its_score_is_left_out() {
    let mut rows = two();
    let second: Vec<Row> = rows
        .iter()
        .map(|row| Row {
            sample: 2,
            ..row.clone()
        })
        .collect();
    rows.extend(second);
    // The second samples of three items have no verdict in one order and are not in the
    // score, so that their number is not wanted; those of three others are.
    for row in &mut rows {
        if row.persona == "p1" && ["q1", "q2", "q3"].contains(&row.question) {
            let lost = row.sample == 2 && row.order == SECOND;
            row.outcome = if lost { Outcome::Missing } else { row.outcome };
            row.reason = lost.then_some(MissingReason::NoVerdict);
        }
    }
    let of = |judgment: &Judgment| f64::from(judgment.item * 7 % 11) - 4.0;
    let none_of_second = |item: u32| item < 3 || (20..23).contains(&item);
    let some = with_style(table(&rows), "bold", |judgment| {
        match (judgment.item, judgment.sample) {
            (item, 2) if none_of_second(item) => f64::NAN,
            _ => of(judgment),
        }
    });
    let made = controlled(&some, "x.bold");
    assert_eq!((made.n_items, made.left_out), (42, 3));
    // What such a sample has is not in the mean either.
    let odd = with_style(table(&rows), "bold", |judgment| {
        match (judgment.item, judgment.sample) {
            (0..3, 2) => 99.0,
            (20..23, 2) => f64::NAN,
            _ => of(judgment),
        }
    });
    assert_eq!(controlled(&odd, "x.bold"), made);
    // One judgment with the number is enough for a sample: both look at the same answers.
    let one_order = with_style(table(&rows), "bold", |judgment| {
        if judgment.order == SECOND {
            f64::NAN
        } else {
            of(judgment)
        }
    });
    assert_eq!(controlled(&one_order, "x.bold").left_out, 0);
}

#[test]
fn items_are_not_clustered_by_what_differs_within_them() {
    let table = with_style(table(&two()), "bold", |judgment| f64::from(judgment.item));
    let options = Options {
        cluster: Some(vec!["x.bold".to_owned()]),
        ..without_floor()
    };
    let error = analyse(&table, None, &options).unwrap_err().to_string();
    assert!(
        error.starts_with("`x.bold` differs between the rows of an item"),
        "{error}"
    );
}

/// Two models on some questions in both orders with lengths by chance; the first few are lost.
fn mostly_won(questions: usize, lost: usize) -> VerdictTable {
    let outcome = |q: usize| match q {
        q if q < lost => Outcome::Loss,
        _ => Outcome::Win,
    };
    let rows: Vec<Row> = numbered("q", questions)
        .into_iter()
        .enumerate()
        .flat_map(|(q, question)| {
            [FIRST, SECOND].map(|order| row("p1", question, order, outcome(q)))
        })
        .collect();
    with_lengths(&rows, |item| {
        let longer = 200.0 * chance(u64::from(item) + 9);
        (Some(500 + longer as u32), Some(600))
    })
}

fn turned(table: &VerdictTable) -> VerdictTable {
    let mut turned = table.clone();
    for cell in &mut turned.cells {
        cell.outcome = match cell.outcome {
            Outcome::Win => Outcome::Loss,
            Outcome::Loss => Outcome::Win,
            same => same,
        };
    }
    turned
}

#[test]
fn from_few_losses_nothing_is_claimed_of_lengths() {
    for (lost, questions) in [(1, 50), (4, 50), (4, 200)] {
        let table = mostly_won(questions, lost);
        for (table, held) in [(table.clone(), "losses"), (turned(&table), "wins")] {
            let made = controlled(&table, "");
            assert!(made.win_rate.is_some() && made.slopes[0].slope.is_some());
            assert_eq!((made.standard_error, made.p_value), (None, None));
            assert!(made.interval.is_none());
            let slope = &made.slopes[0];
            assert_eq!((slope.standard_error, slope.p_value), (None, None));
            assert!(slope.interval.is_none());
            let said = made.sentence.unwrap();
            let found = format!("{held} in questions add up to {lost} of {questions};");
            assert!(said.starts_with(&found), "{said}");
            assert!(
                said.ends_with("no intervals and no p-values here"),
                "{said}"
            );
        }
    }
}

#[test]
fn from_some_losses_what_is_claimed_of_lengths_comes_with_a_warning() {
    for (lost, warned) in [(5, true), (9, true), (10, false), (25, false)] {
        let made = controlled(&mostly_won(50, lost), "");
        assert!(made.interval.is_some() && made.slopes[0].p_value.is_some());
        let said = made.sentence.unwrap_or_default();
        assert_eq!(said.contains("may cover less"), warned, "{lost}: {said}");
    }
    // Each slope needs as many.
    let column = |table| {
        with_column(table, "hard", |i| {
            Some(format!("{}", chance(i as u64 + 700)))
        })
    };
    let mut options = without_floor();
    options.sections.difficulty = Some("x.hard".to_owned());
    for (lost, claimed) in [(9, false), (10, true)] {
        let report = analyse(&column(mostly_won(50, lost)), None, &options).unwrap();
        let made = report.comparisons[0].style_control.as_ref().unwrap();
        assert_eq!(made.interval.is_some(), claimed, "{lost}");
        let difficulty = made.difficulty.as_ref().unwrap();
        assert!(difficulty.slope.is_some());
        assert_eq!(difficulty.p_value.is_some(), claimed);
    }
}

/// All losses are of one question, or of one persona, however many items they are.
#[test]
fn why_a_fit_without_a_style_has_no_interval_is_said() {
    let table = with_column(mostly_won(60, 3), "even", |_| Some("0".to_owned()));
    let table = with_column(table, "hard", |i| Some((i * 7 % 11).to_string()));
    let mut options = without_floor();
    options.sections.controls = Controls::parse("x.even");
    options.sections.difficulty = Some("x.hard".to_owned());
    let report = analyse(&table, None, &options).unwrap();
    let made = report.comparisons[0].style_control.as_ref().unwrap();
    assert!(made.win_rate.is_some() && made.interval.is_none());
    let said = made.sentence.as_deref().unwrap();
    assert!(
        said.starts_with("the two answers of every item are alike in the controls"),
        "{said}"
    );
    assert!(
        said.contains("; losses in ") && said.ends_with("no p-values here"),
        "{said}"
    );
}

#[test]
fn the_largest_numbers_of_two_signs_have_a_mean() {
    let of = |numbers: [f64; 2]| crate::analysis::length::running_mean(numbers.into_iter());
    assert_eq!(of([1e308, -1e308]).to_bits(), 0.0_f64.to_bits());
    assert_eq!(of([1e308, 1e308]).to_bits(), 1e308_f64.to_bits());
    assert!(of([1.0, f64::NAN]).is_nan());
}

#[test]
fn losses_are_counted_by_what_they_share() {
    let of = |personas: usize, questions: usize, lost: fn(usize, usize) -> bool| {
        let mut rows = Vec::new();
        for (p, persona) in numbered("p", personas).into_iter().enumerate() {
            for (q, question) in numbered("q", questions).into_iter().enumerate() {
                let outcome = if lost(p, q) {
                    Outcome::Loss
                } else {
                    Outcome::Win
                };
                rows.extend([FIRST, SECOND].map(|order| row(persona, question, order, outcome)));
            }
        }
        let by_chance = |item: u32| (Some(500 + (200.0 * chance(item.into())) as u32), Some(600));
        controlled(&with_lengths(&rows, by_chance), "")
    };
    let of_one_question = of(12, 30, |p, q| q == 3 && p < 9);
    let said = of_one_question.sentence.unwrap();
    assert!(
        said.starts_with("losses in questions add up to 1 of 30"),
        "{said}"
    );
    let of_one_persona = of(12, 30, |p, q| p == 3 && q < 20);
    let said = of_one_persona.sentence.unwrap();
    assert!(
        said.starts_with("losses in personas add up to 1 of 12"),
        "{said}"
    );
    // Of a few personas it is told too how many lost.
    let few_personas = of(3, 30, |p, q| p < 2 && (q + p) % 3 == 0);
    assert!(few_personas.interval.is_some());
    let said = few_personas.sentence.unwrap();
    assert!(
        said.starts_with("losses in personas add up to 2 of 3; from fewer than three in four"),
        "{said}"
    );
    let all_of_few = of(3, 30, |p, q| (q + p) % 3 == 0);
    assert!(all_of_few.interval.is_some() && all_of_few.sentence.is_none());
    // Few questions are counted beside more personas, and beside as many.
    for personas in [6, 8, 12] {
        let few_questions = of(personas, 8, |p, q| q < 3 && (p + q) % 2 == 0);
        let said = few_questions.sentence.unwrap();
        assert!(
            said.starts_with("losses in questions add up to 3 of 8"),
            "{said}"
        );
        assert!(few_questions.interval.is_none());
    }
}

/// Graded scores all but equal to wins and losses are as good as them.
#[test]
fn graded_losses_count_by_how_much_was_lost() {
    let mut options = without_floor();
    options.sections.controls = Controls::parse("length");
    let graded = |lost: usize, score: fn(bool) -> f64| {
        let mut table = mostly_won(60, lost);
        table.scores = table
            .judgments
            .iter()
            .map(|judgment| score((judgment.item as usize) < lost))
            .collect();
        let report = analyse(&table, None, &options).unwrap();
        report.comparisons[0].style_control.clone().unwrap()
    };
    let said = |made: &StyleControl| made.sentence.clone().unwrap_or_default();
    // Two are lost, 58 are wins but for 0.003 of each.
    let few = graded(2, |lost| if lost { 0.0 } else { 0.997 });
    assert!(few.interval.is_none() && few.win_rate.is_some());
    assert!(few.slopes[0].p_value.is_none());
    assert!(
        said(&few).starts_with("losses in questions add up to 2.1 of 60;"),
        "{}",
        said(&few)
    );
    let mirrored = graded(2, |lost| if lost { 1.0 } else { 0.003 });
    assert!(
        said(&mirrored).starts_with("wins in questions add up to 2.1 of 60;"),
        "{}",
        said(&mirrored)
    );
    let enough = graded(12, |lost| if lost { 0.003 } else { 0.997 });
    assert!(enough.interval.is_some() && enough.sentence.is_none());
}

#[test]
fn as_few_wins_as_losses_are_said_the_same_from_both_sides() {
    let table = mostly_won(16, 8);
    let [one, other] = [table.clone(), turned(&table)].map(|table| controlled(&table, ""));
    let said = one.sentence.unwrap();
    assert!(
        said.starts_with("losses and wins in questions each add up to 8 of 16;"),
        "{said}"
    );
    assert_eq!(other.sentence.unwrap(), said);
}

#[test]
fn a_difficulty_without_lengths_is_an_error_that_says_so() {
    let hard = |table| with_column(table, "hard", |i| Some(format!("{}", i % 4)));
    let mut options = without_floor();
    options.sections.difficulty = Some("x.hard".to_owned());
    let error = analyse(&hard(table(&two())), None, &options).unwrap_err();
    assert!(
        error.to_string().starts_with("no lengths are known"),
        "{error}"
    );
    // Before anything is judged there is nothing to know.
    assert!(analyse(&hard(table(&[])), None, &options).is_ok());
}

#[test]
fn where_nothing_was_judged_wanted_lengths_are_no_error() {
    for reason in [MissingReason::NotRun, MissingReason::Failed] {
        let mut rows = two();
        for row in &mut rows {
            row.outcome = Outcome::Missing;
            row.reason = Some(reason);
        }
        let of = |rows: &[Row], controls: &str, difficulty: Option<&str>| {
            let table = with_column(table(rows), "hard", |i| Some(format!("{}", i % 4)));
            let mut options = without_floor();
            if !controls.is_empty() {
                options.sections.controls = Controls::parse(controls);
            }
            options.sections.difficulty = difficulty.map(str::to_owned);
            analyse(&table, None, &options)
        };
        let asked = [
            ("", Some("x.hard")),
            ("length", None),
            ("length,x.hard", None),
            ("length", Some("x.hard")),
        ];
        for (controls, difficulty) in asked {
            let report = of(&rows, controls, difficulty).unwrap();
            assert!(report.comparisons[0].withheld.is_some());
            assert!(report.comparisons[0].style_control.is_none());
        }
        // One verdict is of two answers, whose lengths should be known.
        rows[3] = two()[3].clone();
        for (controls, difficulty) in asked {
            let error = of(&rows, controls, difficulty).unwrap_err().to_string();
            assert!(error.starts_with("no lengths are known"), "{error}");
        }
    }
}
