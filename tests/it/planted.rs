//! A planted study: simulated models whose alignment is known for every persona, so that
//! every gain, its spread over personas and what transfers of it are known.
//!
//! The base gives the modal answer with the probability `base(g)`, the tuned model with
//! `tuned(g)` to the persona of grade `g`. So the structured gain is their difference.
//! An open-ended answer takes the stance with the same probability, and the judge sees
//! it with `SKILL`, but for ties and his liking of the first answer, which two orders
//! cancel: the win rate on value is one half and `SHARE` of the difference. On voice the
//! two models are alike.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::home::Home;

const GRADES: usize = 12;
const QUESTIONS: usize = 16;
/// Answers of a model to each question of a persona: with one, twelve personas differ
/// hardly more than by chance.
const SAMPLES: usize = 8;
const SKILL: f64 = 0.9;
const HABIT: f64 = 0.1;
/// `(1 - ties) (1 - liking of the first) skill / 2`.
const SHARE: f64 = 0.9 * 0.9 * SKILL / 2.0;
const SEEDS: [u32; 4] = [1, 2, 3, 4];

fn base(grade: usize) -> f64 {
    0.5 - 0.015 * grade as f64
}

fn tuned(grade: usize) -> f64 {
    0.35 + 0.05 * grade as f64
}

fn study(home: &Home, seed: u32) {
    let mut personas = "id,grade\n".to_owned();
    let mut truth = "persona,question,value,code,share,n,unstable\n".to_owned();
    let by = |alignment: fn(usize) -> f64| {
        let grade = |g: usize| format!("\"grade=grade {g}\" = {:.3}", alignment(g));
        (0..GRADES).map(grade).collect::<Vec<String>>().join(", ")
    };
    for g in 0..GRADES {
        writeln!(personas, "g{g},grade {g}").unwrap();
        for q in 0..QUESTIONS {
            let mode = 1 + (g + q) % 4;
            writeln!(
                truth,
                "g{g},Q{q},,{mode},0.6,50,{}",
                ["0.01", "0.3"][(g + q) % 2]
            )
            .unwrap();
            writeln!(truth, "g{g},open{q},Banner number {mode},{mode},0.6,50,").unwrap();
        }
    }
    let mut survey = "id,topic,text,options\n".to_owned();
    let mut open = "id,topic,text,structured\n".to_owned();
    for q in 0..QUESTIONS {
        let scale = "1 = Very | 2 = Rather | 3 = Little | 4 = Not";
        writeln!(
            survey,
            "Q{q},t{},How important is matter {q}?,{scale}",
            q % 4
        )
        .unwrap();
        writeln!(
            open,
            "open{q},t{},What do you make of matter {q}?,Q{q}",
            q % 4
        )
        .unwrap();
    }
    for (name, text) in [
        ("personas.csv", personas),
        ("truth.csv", truth),
        ("survey.csv", survey),
        ("open.csv", open),
    ] {
        home.write(name, text);
    }
    home.write(
        "study.toml",
        format!(
            r#"name = "planted"
seed = {seed}
[data]
personas = "personas.csv"
questions = "open.csv"
truth = "truth.csv"
[models]
base = {{ provider = "simulated", seed = {seed}, alignment_by = {{ {} }} }}
tuned = {{ provider = "simulated", seed = {seed}, alignment_by = {{ {} }} }}
[judges]
main = {{ provider = "simulated", seed = {seed}, skill = {SKILL}, first_bias = {HABIT}, tie_rate = {HABIT} }}
[compare]
pairs = [["tuned", "base"]]
samples = {SAMPLES}
[judging]
judges = ["main"]
rubric = "persona-value"
[structured]
questions = "survey.csv"
samples = {SAMPLES}
"#,
            by(base),
            by(tuned),
        ),
    );
}

/// The planted change of each measure of disparity.
fn measures() -> [(&'static str, f64); 4] {
    let of = |alignment: fn(usize) -> f64| {
        let all: Vec<f64> = (0..GRADES).map(alignment).collect();
        let mean = all.iter().sum::<f64>() / GRADES as f64;
        let squares: f64 = all.iter().map(|a| (a - mean).powi(2)).sum();
        let deviation = (squares / GRADES as f64).sqrt();
        let highest = all.iter().copied().fold(f64::MIN, f64::max);
        let range = highest - all.iter().copied().fold(f64::MAX, f64::min);
        [range / highest, deviation / mean, range, deviation]
    };
    let (before, after) = (of(base), of(tuned));
    let change = |at: usize| after[at] - before[at];
    [
        ("normalised_range", change(0)),
        ("variation", change(1)),
        ("range", change(2)),
        ("deviation", change(3)),
    ]
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Whether limits hold a truth; what has no limit on a side has none to break.
fn holds(limits: &Value, truth: f64) -> bool {
    let low = limits["low"].as_f64().unwrap_or(f64::NEG_INFINITY);
    let high = limits["high"].as_f64().unwrap_or(f64::INFINITY);
    limits.is_object() && low <= truth && truth <= high
}

#[test]
fn intervals_hold_what_was_planted() {
    let gains: Vec<f64> = (0..GRADES).map(|g| tuned(g) - base(g)).collect();
    let gain = gains.iter().sum::<f64>() / GRADES as f64;
    let mut held: Vec<(&str, usize)> = Vec::new();
    let mut count = |what: &'static str, is_held: bool| {
        if !held.iter().any(|(known, _)| *known == what) {
            held.push((what, 0));
        }
        if let Some((_, n)) = held.iter_mut().find(|(known, _)| *known == what) {
            *n += usize::from(is_held);
        }
    };
    for seed in SEEDS {
        let home = Home::new();
        study(&home, seed);
        home.oyer(&["run", "study.toml", "--results", "r"])
            .expect(0);
        let report = home
            .oyer(&["transfer", "r", "--format", "json"])
            .expect(0)
            .json();
        let of = |list: &str, criterion: &str| -> &Value {
            let rows = report[list].as_array().unwrap();
            let wanted = |row: &&Value| row["contrast"]["criterion"] == criterion;
            rows.iter().find(wanted).unwrap()
        };
        let value = of("gains", "value_winner");
        count("structured gain", holds(&value["structured"], gain));
        count("win-rate gain", holds(&value["open_ended"], SHARE * gain));
        let voice = of("gains", "persona_winner");
        count("no gain in voice", holds(&voice["open_ended"], 0.0));
        // Half of the truths are unstable, whatever the grade.
        assert_eq!(value["unstable_truth"]["items"]["unstable_share"], 0.5);

        let personas = of("transfers", "value_winner");
        assert_eq!(personas["unit"], "persona");
        assert_eq!(personas["n_units"], GRADES);
        // The true win-rate gain is `SHARE` times the true structured gain.
        count("correlation", holds(&personas["disattenuated"], 1.0));
        count(
            "correlation by likelihood",
            number(&personas["likelihood"]["high"]) > 0.99,
        );
        count("slope", holds(&personas["gain_slope"], SHARE));
        let persona_gains = personas["units"].as_array().unwrap().iter().zip(&gains);
        for (unit, truth) in persona_gains {
            let apart = (number(&unit["structured"]) - truth).abs();
            // Four standard errors of a difference of two rates over the questions.
            assert!(
                apart < 4.0 * (0.5 / (QUESTIONS * SAMPLES) as f64).sqrt(),
                "{unit}"
            );
        }
        let fairness = home
            .oyer(&["survey", "fairness", "r", "--format", "json"])
            .expect(0)
            .json();
        let changes = fairness["changes"].as_array().unwrap();
        let change = |row: &&Value| row["breakdown"] == "persona" && row["metric"] == "accuracy";
        let change = &changes.iter().find(change).unwrap()["measures"];
        for (measure, truth) in measures() {
            count(
                measure,
                holds(&change[measure]["without_noise"]["interval"], truth),
            );
        }
        count("voice goes with nothing", {
            let voice = of("transfers", "persona_winner");
            voice["refused"].is_string() || holds(&voice["disattenuated"], 0.0)
        });
    }
    for (what, n) in &held {
        assert!(
            *n + 1 >= SEEDS.len(),
            "{what} was held in {n} studies: {held:?}"
        );
    }
    let misses: usize = held.iter().map(|(_, n)| SEEDS.len() - n).sum();
    assert!(misses <= 3, "{held:?}");
}
