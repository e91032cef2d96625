use std::fmt::Write as _;
use std::path::Path;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::report::Gains;
use super::*;
use crate::analysis::scores::Unstable;
use crate::answers::table_io as answers_io;
use crate::verdict::table_io as verdicts_io;

mod formats;
mod several;
mod withheld;

fn answers(text: &str) -> AnswerTable {
    answers_io::read(Path::new("a.csv"), text.as_bytes(), answers_io::Format::Csv).unwrap()
}

fn verdicts(text: &str) -> VerdictTable {
    verdicts_io::read(
        Path::new("v.csv"),
        text.as_bytes(),
        verdicts_io::Format::Csv,
    )
    .unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

/// Both halves as tables are made of them.
struct Made {
    answers: String,
    verdicts: String,
}

impl Made {
    fn new() -> Self {
        Self {
            answers: "persona,question,topic,split,model,option,truth,truth_unstable,scale\n"
                .to_owned(),
            verdicts:
                "persona,question,topic,split,candidate,opponent,judge,rubric,criterion,score\n"
                    .to_owned(),
        }
    }

    /// The truth is 2 of 1 to 3.
    fn answer(&mut self, persona: &str, question: &str, topic: &str, model: &str, option: u8) {
        let split = split(persona);
        writeln!(
            self.answers,
            "{persona},{question},{topic},{split},{model},{option},2,0,1|2|3"
        )
        .unwrap();
    }

    fn verdict(
        &mut self,
        (persona, question, topic): (&str, &str, &str),
        (candidate, opponent): (&str, &str),
        criterion: &str,
        score: f64,
    ) {
        let split = split(persona);
        writeln!(
            self.verdicts,
            "{persona},{question},{topic},{split},{candidate},{opponent},j,r@1,{criterion},{score}"
        )
        .unwrap();
    }

    fn told(&self, options: &TransferOptions) -> Result<TransferReport, TransferError> {
        transfer(&answers(&self.answers), &verdicts(&self.verdicts), options)
    }
}

fn split(persona: &str) -> &'static str {
    if persona.ends_with('0') { "id" } else { "ood" }
}

fn two_items() -> TransferOptions {
    TransferOptions {
        min_items: 2,
        ..TransferOptions::default()
    }
}

/// Two personas and two questions, by hand.
fn small() -> Made {
    let mut made = Made::new();
    for (persona, question, base, tuned, score) in [
        ("p0", "Q1", 1, 2, 1.0),
        ("p0", "Q2", 2, 2, 0.5),
        ("p1", "Q1", 3, 2, 0.75),
        ("p1", "Q2", 2, 1, 0.0),
    ] {
        made.answer(persona, question, "t", "base", base);
        made.answer(persona, question, "t", "tuned", tuned);
        made.verdict(
            (persona, question, "t"),
            ("tuned", "base"),
            "overall",
            score,
        );
    }
    made
}

#[test]
fn gains_by_hand() {
    let report = small().told(&two_items()).unwrap();
    let Gains {
        contrast,
        structured,
        open_ended,
        ..
    } = &report.gains[0];
    assert_eq!(contrast.pair, "tuned - base");
    let (structured, open_ended) = (structured.unwrap(), open_ended.unwrap());
    // 1, 0, 1 and -1 over four items; 1, .5, .75 and 0 less one half.
    assert!(near(structured.estimate, 0.25));
    assert!(near(open_ended.estimate, 0.0625));
    assert_eq!((structured.items, open_ended.items), (4, 4));
    let personas = &report.transfers[0];
    assert_eq!((personas.unit, personas.n_units), (Unit::Persona, 2));
    let first = &personas.units[0];
    assert_eq!(first.name, "p0");
    assert!(near(first.structured, 0.5) && near(first.open_ended, 0.25));
    // Two clusters at 1 and 0: s = sqrt(1/2), over sqrt 2.
    assert!(near(first.structured_se, 0.5) && near(first.open_se, 0.25));
    assert!(near(personas.units[1].open_ended, -0.125));
    let questions = &report.transfers[1];
    assert_eq!(questions.unit, Unit::Question);
    assert!(near(questions.units[0].structured, 1.0));
    assert!(near(questions.units[0].open_ended, 0.375));
    assert!(
        personas
            .refused
            .as_ref()
            .unwrap()
            .starts_with("2 personas have both gains; a correlation of fewer than 8"),
    );
    assert!(
        report
            .summary
            .starts_with("Of 25.0 points gained in structured accuracy ("),
        "{}",
        report.summary
    );
    assert!(
        report
            .summary
            .contains("6.3 points came through in overall win rate")
            || report
                .summary
                .contains("6.2 points came through in overall win rate"),
        "{}",
        report.summary
    );
}

#[test]
fn a_distance_that_shrinks_is_a_gain() {
    let options = TransferOptions {
        metrics: vec![Metric::Accuracy, Metric::Nmae],
        ..two_items()
    };
    let report = small().told(&options).unwrap();
    // 1/2, 0, 1/2 and -1/2 of the range of 2.
    let nmae = &report.gains[1];
    assert_eq!(nmae.contrast.metric, "nmae");
    assert!(near(nmae.structured.unwrap().estimate, 0.125));
    assert!(
        nmae.sentence.contains("gained in 1 - NMAE"),
        "{}",
        nmae.sentence
    );
}

#[test]
fn it_does_not_matter_from_which_side_verdicts_are_written() {
    let mut turned = Made::new();
    turned.answers = small().answers;
    for (persona, question, score) in [
        ("p0", "Q1", 0.0),
        ("p0", "Q2", 0.5),
        ("p1", "Q1", 0.25),
        ("p1", "Q2", 1.0),
    ] {
        turned.verdict(
            (persona, question, "t"),
            ("base", "tuned"),
            "overall",
            score,
        );
    }
    let options = TransferOptions {
        pairs: vec![("tuned".to_owned(), "base".to_owned())],
        ..two_items()
    };
    let (a, b) = (
        small().told(&options).unwrap(),
        turned.told(&options).unwrap(),
    );
    assert_eq!(a.transfers, b.transfers);
    assert_eq!(a.gains, b.gains);
}

/// The same gains against a third model.
fn against_third() -> Made {
    let mut made = Made::new();
    for (persona, question, base, tuned, of_base, of_tuned) in [
        ("p0", "Q1", 1, 2, 0.25, 0.75),
        ("p0", "Q2", 2, 2, 0.5, 0.5),
        ("p1", "Q1", 3, 2, 0.0, 1.0),
        ("p1", "Q2", 2, 1, 0.5, 0.0),
    ] {
        made.answer(persona, question, "t", "base", base);
        made.answer(persona, question, "t", "tuned", tuned);
        let item = (persona, question, "t");
        made.verdict(item, ("base", "big"), "overall", of_base);
        made.verdict(item, ("tuned", "big"), "overall", of_tuned);
    }
    made
}

#[test]
fn a_reference_that_both_met_takes_the_place_of_the_base() {
    let made = against_third();
    let error = made.told(&two_items()).unwrap_err().to_string();
    assert!(
        error.contains("base, tuned all met big") && error.contains("--reference big"),
        "{error}"
    );
    let pair = vec![("tuned".to_owned(), "base".to_owned())];
    let named = TransferOptions {
        pairs: pair.clone(),
        ..two_items()
    };
    let report = made.told(&named).unwrap();
    let gains = &report.gains[0];
    assert_eq!(gains.contrast.reference.as_deref(), Some("big"));
    // .5, 0, 1 and -.5 over four items.
    assert!(near(gains.open_ended.unwrap().estimate, 0.25));
    let only = TransferOptions {
        reference: Some("big".to_owned()),
        ..two_items()
    };
    let found = made.told(&only).unwrap();
    assert_eq!(found.gains, report.gains);
    assert!(
        found.notes[0].contains("base is taken for the base"),
        "{:?}",
        found.notes
    );
}

#[test]
fn what_is_asked_for_and_not_there_is_said() {
    let made = small();
    let told = |options: TransferOptions| made.told(&options).unwrap_err().to_string();
    let pair = |a: &str, b: &str| vec![(a.to_owned(), b.to_owned())];
    let unknown = told(TransferOptions {
        pairs: pair("tuned", "other"),
        ..two_items()
    });
    assert!(
        unknown.contains("tuned and other neither met each other"),
        "{unknown}"
    );
    let judge = told(TransferOptions {
        judge: Some("x".to_owned()),
        ..two_items()
    });
    assert_eq!(judge, "no judge is called `x`; the verdicts have j");
    let criterion = told(TransferOptions {
        criterion: Some("voice".to_owned()),
        ..two_items()
    });
    assert_eq!(
        criterion,
        "no criterion is called `voice`; the verdicts have overall"
    );
    let mut split = two_items();
    split.scores.split = Some("nowhere".to_owned());
    assert!(told(split).contains("no item is of the split"));
    let mut strangers = Made::new();
    strangers.answers = small().answers;
    strangers.verdict(("p0", "Q1", "t"), ("x", "y"), "overall", 1.0);
    let error = strangers.told(&two_items()).unwrap_err().to_string();
    assert!(error.contains("x with y were compared"), "{error}");
}

/// Many personas and questions, whose true gains are drawn so that both halves of a
/// persona go together by `rho`.
fn planted(personas: u32, questions: u32, rho: f64, seed: u64) -> Made {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut made = Made::new();
    let mut normal = || -> f64 {
        let sum: f64 = (0..12).map(|_| rng.random::<f64>()).sum();
        sum - 6.0
    };
    for p in 0..personas {
        let shared = normal();
        let own = rho * shared + (1.0 - rho * rho).sqrt() * normal();
        let (right, wins) = (0.3 + 0.15 * shared, 0.55 + 0.15 * own);
        for q in 0..questions {
            let name = (format!("p{p}"), format!("Q{q}"), format!("t{}", q % 3));
            let item = (name.0.as_str(), name.1.as_str(), name.2.as_str());
            let tuned = normal() < 4.0 * (right - 0.5);
            made.answer(item.0, item.1, item.2, "base", 1);
            made.answer(item.0, item.1, item.2, "tuned", if tuned { 2 } else { 3 });
            let won = normal() < 4.0 * (wins - 0.5);
            let score = f64::from(u8::from(won));
            made.verdict(item, ("tuned", "base"), "overall", score);
        }
    }
    made
}

#[test]
fn over_many_personas_the_correlation_without_noise_is_nearer_to_the_planted_one() {
    let made = planted(60, 24, 0.8, 3);
    let report = made.told(&TransferOptions::default()).unwrap();
    let personas = &report.transfers[0];
    assert_eq!(personas.n_units, 60);
    let plain = personas.pearson.unwrap();
    let r = personas.disattenuated.unwrap();
    assert!(plain.estimate < r.estimate, "{plain:?} {r:?}");
    assert!(r.low < 0.8 && r.high > 0.8, "{r:?}");
    let fit = personas.likelihood.unwrap();
    assert!(fit.low < 0.8 && fit.high > 0.8, "{fit:?}");
    assert!((0.2..0.95).contains(&personas.structured_reliability.unwrap()));
    assert!(
        report
            .summary
            .contains("over 60 personas the two gains correlate with r = "),
        "{}",
        report.summary
    );
    // Three topics say nothing.
    let topics = &report.transfers[2];
    assert!(topics.pearson.is_none() && topics.refused.is_some());
    assert_eq!(topics.units.len(), 3);
}

#[test]
fn an_axis_that_does_not_vary_beyond_its_noise_is_refused_with_its_reliability() {
    // All personas are alike: over seeds, one in two samples has less than its noise.
    let mut refused = 0;
    for seed in 0..8 {
        let mut made = planted(12, 6, 0.0, seed);
        // Every structured gain is one by chance alone.
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        made.answers = Made::new().answers;
        for p in 0..12 {
            for q in 0..6 {
                let right = rng.random::<f64>() < 0.5;
                let (persona, question) = (format!("p{p}"), format!("Q{q}"));
                made.answer(&persona, &question, "t", "base", 1);
                made.answer(&persona, &question, "t", "tuned", if right { 2 } else { 3 });
            }
        }
        let report = made.told(&TransferOptions::default()).unwrap();
        let personas = &report.transfers[0];
        if let Some(why) = &personas.refused {
            refused += 1;
            assert!(why.contains("no more than its noise alone"), "{why}");
            assert!(personas.pearson.is_some() && personas.gain_slope.is_none());
            assert!(
                report.summary.contains("as they stand"),
                "{}",
                report.summary
            );
        }
    }
    assert!(refused >= 2, "{refused}");
}

#[test]
fn an_open_question_stands_with_the_survey_question_that_it_is_linked_to() {
    let mut made = Made::new();
    for p in 0..3 {
        let persona = format!("p{p}");
        for q in ["Q1", "Q2"] {
            made.answer(&persona, q, "t", "base", 1);
            made.answer(&persona, q, "t", "tuned", 2);
        }
        for (open, score) in [("work", 1.0), ("work-again", 0.5), ("sea", 0.0)] {
            made.verdict((&persona, open, "t"), ("tuned", "base"), "overall", score);
        }
    }
    let mut options = two_items();
    let unlinked = made.told(&options).unwrap();
    assert!(
        unlinked
            .notes
            .iter()
            .any(|note| note.starts_with("no open-ended question is linked"))
    );
    assert!(unlinked.transfers[1].units.is_empty());
    for open in ["work", "work-again"] {
        options.links.insert(open.to_owned(), "Q1".to_owned());
    }
    let linked = made.told(&options).unwrap();
    let questions = &linked.transfers[1];
    assert_eq!(questions.units.len(), 1);
    assert_eq!(questions.units[0].name, "Q1");
    assert_eq!(questions.units[0].open_items, 6);
    assert!(near(questions.units[0].open_ended, 0.25));
    assert!(
        linked
            .notes
            .iter()
            .any(|note| note.starts_with("1 of 3 open-ended"))
    );
    options.linked_only = true;
    let only = made.told(&options).unwrap();
    assert_eq!(only.gains[0].structured.unwrap().items, 3);
    assert_eq!(only.gains[0].open_ended.unwrap().items, 6);
    assert!(near(only.gains[0].open_ended.unwrap().estimate, 0.25));
}

#[test]
fn an_open_question_without_a_topic_has_that_of_its_survey_question() {
    let made = |topic: &str| {
        let mut made = Made::new();
        for p in 0..3 {
            let persona = format!("p{p}");
            for q in ["Q1", "Q2"] {
                made.answer(&persona, q, "work", "base", 1);
                made.answer(&persona, q, "work", "tuned", 2);
            }
            for open in ["one", "two"] {
                made.verdict((&persona, open, topic), ("tuned", "base"), "overall", 1.0);
            }
        }
        made
    };
    let topics = |made: &Made, options: &TransferOptions| {
        let report = made.told(options).unwrap();
        let mut of_topics = report.transfers.into_iter();
        of_topics.find(|t| t.unit == Unit::Topic).unwrap()
    };
    let mut options = two_items();
    let unlinked = topics(&made(""), &options);
    assert!(unlinked.units.is_empty());
    let refused = unlinked.refused.unwrap();
    assert!(
        refused.starts_with("no topic is one of both halves"),
        "{refused}"
    );
    for (open, survey) in [("one", "Q1"), ("two", "Q2")] {
        options.links.insert(open.to_owned(), survey.to_owned());
    }
    let linked = topics(&made(""), &options);
    assert_eq!(linked.units.len(), 1);
    assert_eq!(
        (&*linked.units[0].name, linked.units[0].open_items),
        ("work", 6)
    );
    // A topic of its own table goes before it.
    assert!(topics(&made("sea"), &options).units.is_empty());
}

#[test]
fn several_pairs_are_averaged_and_stand_against_each_other() {
    let mut made = Made::new();
    for model in 0..9_u8 {
        let (tuned, base) = (format!("tuned{model}"), format!("base{model}"));
        for p in 0..6_u8 {
            for q in 0..6_u8 {
                let (persona, question) = (format!("p{p}"), format!("Q{q}"));
                let item = (persona.as_str(), question.as_str(), "t");
                // Model 0 gains nowhere, 8 in most items.
                let gains = (p * 5 + q * 3) % 9 < model;
                made.answer(item.0, item.1, "t", &base, 1);
                made.answer(item.0, item.1, "t", &tuned, if gains { 2 } else { 3 });
                let won = (p + q * 7 + model * model) % 12 < 2 + model;
                made.verdict(item, (&tuned, &base), "overall", f64::from(u8::from(won)));
            }
        }
    }
    let report = made.told(&two_items()).unwrap();
    let mean = report.gains.last().unwrap();
    assert_eq!(mean.contrast.pair, "mean of 9 pairs");
    let mut pairs = report.gains[..9]
        .iter()
        .map(|gains| gains.structured.unwrap().estimate);
    assert!(near(
        mean.structured.unwrap().estimate,
        pairs.by_ref().sum::<f64>() / 9.0
    ));
    let models = report.transfers.last().unwrap();
    assert_eq!((models.unit, models.n_units), (Unit::Model, 9));
    assert_eq!(models.units[3].name, "tuned3 - base3");
    assert!(near(
        models.units[3].structured,
        report.gains[3].structured.unwrap().estimate
    ));
    assert!(models.pearson.unwrap().estimate > 0.5, "{models:?}");
}

#[test]
fn items_of_a_split_and_stable_items_are_taken_where_asked() {
    let made = small();
    let mut options = two_items();
    options.scores.split = Some("ood".to_owned());
    let report = made.told(&options).unwrap();
    assert_eq!(report.gains[0].structured.unwrap().items, 2);
    assert!(near(report.gains[0].structured.unwrap().estimate, 0.0));
    assert!(near(report.gains[0].open_ended.unwrap().estimate, -0.125));
    let mut made = small();
    made.answers = made
        .answers
        .replace("p1,Q2,t,ood,base,2,2,0,", "p1,Q2,t,ood,base,2,2,0.5,");
    made.answers = made
        .answers
        .replace("p1,Q2,t,ood,tuned,1,2,0,", "p1,Q2,t,ood,tuned,1,2,0.5,");
    let with = |unstable: Unstable| {
        let mut options = two_items();
        options.scores.unstable = unstable;
        made.told(&options).unwrap().gains[0]
            .structured
            .unwrap()
            .estimate
    };
    assert!(near(with(Unstable::Keep), 0.25));
    assert!(near(with(Unstable::Drop), 2.0 / 3.0));
    // (1 + 0 + 1 - 1/2) / 3.5.
    assert!(near(with(Unstable::Weight), 1.5 / 3.5));
}
