//! The values of a row's fields, or what is wrong with them.

use super::columns::{CALL, MISSING_REASON, NAMES, ORDER, OUTCOME, SCORE};
use super::fault::Fault;
use crate::input::source::shown;
use crate::text::nearest::nearest;
use crate::verdict::labels::weight_of;
use crate::verdict::{MissingReason, Order, Outcome};

/// One cell with its graded score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) missing: Option<MissingReason>,
    pub(super) score: Option<f64>,
}

const OUTCOMES: [(&str, Outcome); 4] = [
    ("win", Outcome::Win),
    ("tie", Outcome::Tie),
    ("loss", Outcome::Loss),
    ("missing", Outcome::Missing),
];

const REASONS: [(&str, MissingReason); 6] = [
    ("no_verdict", MissingReason::NoVerdict),
    ("partial", MissingReason::Partial),
    ("refused", MissingReason::Refused),
    ("truncated", MissingReason::Truncated),
    ("failed", MissingReason::Failed),
    ("not_run", MissingReason::NotRun),
];

const ORDERS: [(&str, Order); 2] = [
    ("candidate_first", Order::CandidateFirst),
    ("opponent_first", Order::OpponentFirst),
];

/// Whether a label says how many items it stands for, in the column at `slot`.
pub(super) fn weight(text: &str, slot: usize) -> Result<(), Fault> {
    let text = text.trim();
    if weight_of(text).is_some() {
        return Ok(());
    }
    let found = if text.is_empty() {
        "the row has none".to_owned()
    } else {
        format!("found `{}`", shown(text))
    };
    Err(Fault {
        column: None,
        field: None,
        slot: Some(slot),
        message: format!(
            "{found}, expected a number from 1e-12 to 1e12: how many items the label stands for"
        ),
        help: Some("give it in every row, or leave the column out".to_owned()),
    })
}

/// How an outcome is written.
pub(super) fn outcome_name(outcome: Outcome) -> &'static str {
    name_of(&OUTCOMES, outcome)
}

/// How a reason is written.
pub(super) fn reason_name(reason: MissingReason) -> &'static str {
    name_of(&REASONS, reason)
}

/// How an order is written.
pub(super) fn order_name(order: Order) -> &'static str {
    name_of(&ORDERS, order)
}

fn name_of<T: Copy + PartialEq, const N: usize>(
    known: &[(&'static str, T); N],
    value: T,
) -> &'static str {
    known
        .iter()
        .find(|(_, known)| *known == value)
        .map_or("", |(name, _)| name)
}

fn one_of<T: Copy>(column: usize, text: &str, known: &[(&str, T)]) -> Result<T, Fault> {
    let text = text.trim();
    if let Some((_, value)) = known
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
    {
        return Ok(*value);
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let fault = Fault::at(
        column,
        format!("`{text}` is not one of {}", names.join(", ")),
    );
    Err(match nearest(text, names) {
        Some(name) => fault.help(format!("did you mean `{name}`?")),
        None => fault,
    })
}

/// The order of a row, where it gives one.
pub(super) fn order(text: &str) -> Result<Option<Order>, Fault> {
    if text.is_empty() {
        Ok(None)
    } else {
        one_of(ORDER, text, &ORDERS).map(Some)
    }
}

/// A number from 1, and 1 where there is none.
pub(super) fn counted(column: usize, text: &str) -> Result<u16, Fault> {
    if text.is_empty() {
        return Ok(1);
    }
    match text.trim().parse::<u16>() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(Fault::at(
            column,
            format!("`{text}` is not a whole number from 1 to 65535"),
        )),
    }
}

/// A length in characters, where it is given.
pub(super) fn length(column: usize, text: &str) -> Result<Option<u32>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.trim().parse::<u32>() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(Fault::at(
            column,
            format!("`{text}` is not a whole number of characters"),
        )),
    }
}

/// The key of a call, where it is given.
pub(super) fn call(text: &str) -> Result<Option<[u8; 32]>, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    hex_key(text).map(Some).ok_or_else(|| {
        Fault::at(
            CALL,
            format!("`{text}` is not a key of 64 hexadecimal digits"),
        )
    })
}

fn hex_key(text: &str) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = [pair[0], pair[1]].map(|digit| char::from(digit).to_digit(16));
        *byte = (high? << 4 | low?) as u8;
    }
    Some(key)
}

/// The verdict that outcome, score and reason give together.
pub(super) fn verdict(outcome: &str, score: &str, reason: &str) -> Result<Verdict, Fault> {
    let score = parse_score(score)?;
    let outcome = match (outcome, score) {
        ("", Some(score)) => outcome_of(score),
        ("", None) => {
            return Err(
                Fault::at(OUTCOME, "the row has neither an outcome nor a score")
                    .help("a judgment without a verdict has the outcome `missing`"),
            );
        }
        (text, _) => one_of(OUTCOME, text, &OUTCOMES)?,
    };
    if let Some(score) = score
        && outcome != outcome_of(score)
    {
        let expected = match outcome {
            Outcome::Win => "above 0.5",
            Outcome::Tie => "0.5",
            Outcome::Loss => "below 0.5",
            Outcome::Missing => "no score",
        };
        let message = format!(
            "the score is {score}, but the outcome is `{}`, so expected {expected}",
            outcome_name(outcome)
        );
        return Err(Fault::at(SCORE, message).help("both are from the candidate's side"));
    }
    let reason = if reason.is_empty() {
        None
    } else {
        Some(one_of(MISSING_REASON, reason, &REASONS)?)
    };
    let missing = match (outcome, reason) {
        (Outcome::Missing, reason) => Some(reason.unwrap_or(MissingReason::NoVerdict)),
        (_, None) => None,
        (outcome, Some(_)) => {
            let message = format!(
                "the row has a {} together with the outcome `{}`",
                NAMES[MISSING_REASON],
                outcome_name(outcome)
            );
            return Err(Fault::at(MISSING_REASON, message));
        }
    };
    Ok(Verdict {
        outcome,
        missing,
        score,
    })
}

fn parse_score(text: &str) -> Result<Option<f64>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.trim().parse::<f64>() {
        Ok(score) if (0.0..=1.0).contains(&score) => Ok(Some(score)),
        _ => Err(Fault::at(
            SCORE,
            format!("`{text}` is not a number from 0 to 1"),
        )),
    }
}

fn outcome_of(score: f64) -> Outcome {
    if score > 0.5 {
        Outcome::Win
    } else if score < 0.5 {
        Outcome::Loss
    } else {
        Outcome::Tie
    }
}
