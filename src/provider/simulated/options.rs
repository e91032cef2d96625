//! A simulated model that picks an option of a structured question.
//!
//! With the probability `refusal_rate` it refuses. Else, with the probability
//! `alignment`, it gives the modal answer of the persona's group, and otherwise one of
//! the other options, each equally likely; where no answer is known, any option,
//! each equally likely. So the expected accuracy is known, and the expected distance
//! from the truth is that of a uniform draw from the other options. Where
//! log-probabilities are asked for, they are those of this very draw.

use super::draws::Draws;
use super::{End, Written};
use crate::provider::{ChatRequest, SimulatedOptions, TokenChoice};
use crate::study::Simulated;

/// The reply to a structured question, and its tokens where they are asked for.
pub(super) fn answer(
    request: &ChatRequest<'_>,
    options: SimulatedOptions<'_>,
    behaviour: &Simulated,
    draws: &mut Draws,
) -> (Written, Vec<TokenChoice>) {
    if draws.chance(behaviour.refusal_rate) {
        let text = "I cannot answer that.".to_owned();
        let end = End::Refused;
        return (Written { text, end }, Vec::new());
    }
    let alignment = request.simulation.alignment;
    let alignment = alignment.unwrap_or(behaviour.alignment);
    let truth = options.truth;
    let aligned = draws.chance(alignment);
    let code = match truth.filter(|_| aligned) {
        Some(code) => code,
        None => other(options, draws),
    };
    let (before, after) = match request.schema {
        Some(_) => ("{\"answer\": ", "}"),
        None => ("Answer: ", ""),
    };
    let tokens = if request.logprobs {
        tokens(before, code, &chances(options, alignment))
    } else {
        Vec::new()
    };
    let text = format!("{before}{code}{after}");
    let end = End::Done;
    (Written { text, end }, tokens)
}

/// One of the options that are not the truth; the truth where it is alone.
fn other(options: SimulatedOptions<'_>, draws: &mut Draws) -> i32 {
    let others: Vec<i32> = options
        .scale
        .codes()
        .filter(|code| Some(*code) != options.truth)
        .collect();
    let picked = draws.pick(&others).copied();
    picked.unwrap_or_else(|| options.scale.low())
}

/// The probability of each option.
fn chances(options: SimulatedOptions<'_>, alignment: f64) -> Vec<(i32, f64)> {
    let count = options.scale.len() as f64;
    let chance = |code: i32| match options.truth {
        Some(truth) if truth == code && count > 1.0 => alignment,
        Some(_) if count > 1.0 => (1.0 - alignment) / (count - 1.0),
        _ => 1.0 / count,
    };
    let codes = options.scale.codes();
    codes.map(|code| (code, chance(code))).collect()
}

/// What stands before the option as one token, then the option.
fn tokens(before: &str, code: i32, chances: &[(i32, f64)]) -> Vec<TokenChoice> {
    let possible = chances.iter().filter(|(_, chance)| *chance > 0.0);
    let likeliest = possible.map(|(code, chance)| (code.to_string(), chance.ln()));
    vec![
        TokenChoice {
            text: before.to_owned(),
            likeliest: vec![(before.to_owned(), 0.0)],
        },
        TokenChoice {
            text: code.to_string(),
            likeliest: likeliest.collect(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::testing::request;
    use crate::study::Scale;

    fn draw(alignment: f64, refusal_rate: f64, truth: Option<i32>, n: u8) -> Vec<Written> {
        let scale = Scale::parse("1 | 2 | 3 | 4").unwrap();
        let behaviour = Simulated {
            alignment,
            refusal_rate,
            ..Simulated::default()
        };
        let options = SimulatedOptions {
            scale: &scale,
            truth,
        };
        (0..n)
            .map(|n| {
                let mut draws = Draws::new(Some(1), None, &[n; 32]);
                answer(&request(&[]), options, &behaviour, &mut draws).0
            })
            .collect()
    }

    #[test]
    fn an_aligned_model_gives_the_truth_and_an_unaligned_one_never_does() {
        assert!(
            draw(1.0, 0.0, Some(3), 50)
                .iter()
                .all(|w| w.text == "Answer: 3")
        );
        let wrong = draw(0.0, 0.0, Some(3), 200);
        for code in [1, 2, 4] {
            let share = wrong
                .iter()
                .filter(|w| w.text == format!("Answer: {code}"))
                .count();
            assert!((45..90).contains(&share), "{code}: {share}");
        }
        assert!(
            draw(1.0, 1.0, Some(3), 9)
                .iter()
                .all(|w| w.end == End::Refused)
        );
    }

    #[test]
    fn its_log_probabilities_are_those_of_the_draw() {
        let scale = Scale::parse("1 | 2 | 3").unwrap();
        let options = SimulatedOptions {
            scale: &scale,
            truth: Some(2),
        };
        let chances = chances(options, 0.5);
        assert_eq!(chances, [(1, 0.25), (2, 0.5), (3, 0.25)]);
        let tokens = tokens("Answer: ", 2, &chances);
        assert_eq!(tokens[1].likeliest[1], ("2".to_owned(), 0.5_f64.ln()));
    }
}
