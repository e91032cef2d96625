//! What the tests of this room share: rubrics, and how properties are tried.

use proptest::test_runner::{Config, RngSeed};

use crate::rubric::{Ask, Criterion, Labels, Rubric, Template, WithoutTruth};

/// Persona, value and overall; A, B and Tie.
pub(crate) fn rubric() -> Rubric {
    rubric_with_keys(&["persona_winner", "value_winner", "overall_winner"])
}

/// With these criteria; A, B and Tie.
pub(crate) fn rubric_with_keys(keys: &[&str]) -> Rubric {
    Rubric {
        name: "test".to_owned(),
        template: Template {
            name: "test".to_owned(),
            source: String::new(),
        },
        labels: Labels::default(),
        ties: true,
        ask: Ask::Together,
        without_truth: WithoutTruth::Skip,
        criteria: keys
            .iter()
            .map(|&key| Criterion {
                key: key.to_owned(),
                name: key.to_owned(),
                guide: String::new(),
                needs_truth: false,
            })
            .collect(),
    }
}

/// The three criteria with these labels: first, second, tie.
pub(crate) fn rubric_with_labels([first, second, tie]: [&str; 3]) -> Rubric {
    Rubric {
        labels: Labels {
            first: first.to_owned(),
            second: second.to_owned(),
            tie: tie.to_owned(),
        },
        ..rubric()
    }
}

/// Tries a property on the same cases each time.
pub(crate) fn seeded(cases: u32) -> Config {
    Config {
        rng_seed: RngSeed::Fixed(20),
        failure_persistence: None,
        ..Config::with_cases(cases)
    }
}
