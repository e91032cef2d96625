//! Published studies: the figures that were published for them, within 1e-9.
//!
//! The files lie beside the project and not in it; without them these tests say that
//! they were left out.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{about, counted, figure, near};
use crate::support::home::Home;

/// A file of the studies; `None` where they are not there.
fn study(name: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/studies")).join(name);
    if path.exists() {
        Some(path)
    } else {
        #[expect(clippy::print_stderr, reason = "what was left out is told")]
        {
            eprintln!("left out: {} is not there", path.display());
        }
        None
    }
}

#[track_caller]
fn imported(home: &Home, files: &[PathBuf], more: &[&str]) -> Value {
    let names: Vec<&str> = files
        .iter()
        .map(|file| file.to_str().expect("a name"))
        .collect();
    let mut all = vec!["import"];
    all.extend(names);
    all.extend(["--results", "results", "--format", "json"]);
    all.extend(more);
    home.oyer(&all).expect(0).json()
}

/// Fails unless there are published values and all are the same.
#[track_caller]
fn all_published_agree(set: &Value, least: usize) {
    let figures = set["figures"].as_array().expect("figures");
    let published: Vec<&Value> = figures
        .iter()
        .filter(|f| f.get("published").is_some())
        .collect();
    assert!(published.len() >= least, "{set:#}");
    for figure in published {
        assert_eq!(figure["published"]["agrees"], true, "{figure:#}");
    }
}

#[test]
fn alpaca_eval_is_the_published_leaderboard() {
    let names = ["gemma-7b-it", "NullModel"];
    let files: Option<Vec<PathBuf>> = names
        .iter()
        .map(|model| study(&format!("alpaca_eval/{model}/annotations.json")))
        .collect();
    let Some(files) = files else { return };
    let home = Home::new();
    home.write("leaderboard.csv", "\
        ,win_rate,standard_error,n_wins,n_wins_base,n_draws,n_total,discrete_win_rate,mode,length_controlled_winrate\n\
        gemma-7b-it,6.937294379677018,0.7869665731853178,50,754,1,805,6.273291925465839,verified,10.425760403690134\n\
        example,76.91979180386511,0.9090102449662572,676,129,0,805,83.97515527950311,community,86.45780691307947\n");
    let made = imported(&home, &files, &["--published", "leaderboard.csv"]);
    assert_eq!(made["format"], "alpaca-eval");
    for (candidate, rate) in [
        ("gemma-7b-it", 6.937_294_379_677_018),
        ("example", 76.919_791_803_865_11),
    ] {
        let set = about(
            &made,
            &format!("{candidate} against gpt4_1106_preview, by weighted_alpaca_eval_gpt4_turbo"),
        );
        all_published_agree(set, 7);
        near(figure(set, "win_rate"), rate);
        near(set["estimate"]["value"].as_f64().unwrap() * 100.0, rate);
        assert!(set["estimate"]["low"].as_f64().unwrap() * 100.0 < rate);
    }
    // The place of every answer can be told from the log-probabilities.
    let orders = super::column(&home, "verdicts.csv", "order");
    let first = orders
        .iter()
        .filter(|order| *order == "candidate_first")
        .count();
    assert!((650..960).contains(&first), "{first} of {}", orders.len());
}

#[test]
fn llmbar_statistics_in_every_cell() {
    let mut seen = 0;
    for subset in ["GPTOut", "Natural"] {
        for judge in [
            "Falcon/CoT",
            "Falcon/Vanilla",
            "GPT-4/CoT",
            "GPT-4/Rating",
            "GPT-4/Vanilla",
        ] {
            let Some(file) = study(&format!("llmbar/{subset}/{judge}/result.json")) else {
                return;
            };
            let statistics = file.with_file_name("statistics.json");
            let home = Home::new();
            let made = imported(
                &home,
                &[file],
                &["--published", statistics.to_str().unwrap()],
            );
            let set = about(&made, &format!("{subset}/{judge}"));
            all_published_agree(set, 9);
            near(
                set["estimate"]["value"].as_f64().unwrap() * 100.0,
                figure(set, "correct_average"),
            );
            seen += 1;
        }
    }
    assert_eq!(seen, 10);
}

#[test]
fn fastchat_counts_of_a_model_and_its_fine_tune() {
    let files: Option<Vec<PathBuf>> = [
        "gpt-4_pair.jsonl",
        "phi-3.jsonl",
        "phi-3-dpo.jsonl",
        "question.jsonl",
    ]
    .iter()
    .map(|name| study(&format!("fastchat-phi3/{name}")))
    .collect();
    let Some(files) = files else { return };
    let home = Home::new();
    let made = imported(&home, &files, &["--baseline", "phi-3"]);
    let set = about(&made, "phi-3-dpo against phi-3, by gpt-4");
    for (name, value) in [
        ("win", 20.0),
        ("loss", 18.0),
        ("tie", 35.0),
        ("inconsistent", 18.0),
        ("tie_in_one_order", 9.0),
        ("error", 2.0),
    ] {
        near(figure(set, name), value);
    }
    near(figure(set, "win_rate_adjusted"), (20.0 + 17.5) / 73.0);
    let estimate = |estimate: &Value| estimate["value"].as_f64().expect("an estimate");
    assert!((estimate(&set["estimate"]) - 0.51).abs() < 0.01);
    assert_eq!(counted(&made, "error"), 3);
    let report = home.oyer(&["report", "results", "--format", "json"]).json();
    let order = &report["comparisons"][0]["order"];
    assert_eq!(order["first_first"], 16);
    assert_eq!(order["second_second"], 2);
    assert_eq!(order["half_tied"], 9);
    assert!(
        super::column(&home, "verdicts.csv", "candidate_chars")
            .iter()
            .all(|chars| !chars.is_empty())
    );
    assert!(
        super::column(&home, "verdicts.csv", "topic")
            .iter()
            .all(|topic| !topic.is_empty())
    );
}

#[test]
fn pandalm_kappas_counts_and_accuracies() {
    let files: Option<Vec<PathBuf>> = [
        "testset-v1",
        "gpt-3.5-turbo-testset-v1",
        "pandalm-7b-testset-v1",
    ]
    .iter()
    .map(|name| study(&format!("pandalm/{name}.json")))
    .collect();
    let Some(files) = files else { return };
    let home = Home::new();
    let published = [
        "people:kappa_annotator1_annotator2=.852",
        "people:kappa_annotator1_annotator3=.879",
        "people:kappa_annotator2_annotator3=.862",
        "people:label_0=105",
        "people:label_1=422",
        "people:label_2=472",
        "gpt-3.5-turbo:accuracy=.698",
        "gpt-3.5-turbo:accuracy_garbage_as_tie=0.7107",
        "gpt-3.5-turbo:precision=0.5879",
        "gpt-3.5-turbo:recall=0.5736",
        "gpt-3.5-turbo:f1=0.5755",
        "pandalm-7b:accuracy=.6677",
        "pandalm-7b:precision=0.5738",
        "pandalm-7b:recall=0.5750",
        "pandalm-7b:f1=0.5743",
    ];
    let mut more = vec!["--published"];
    more.extend(published);
    let made = imported(&home, &files, &more);
    all_published_agree(about(&made, "people"), 6);
    all_published_agree(about(&made, "gpt-3.5-turbo"), 5);
    all_published_agree(about(&made, "pandalm-7b"), 4);
    assert_eq!(made["labels"], 2997);
    assert_eq!(counted(&made, "neither 1, 2 nor a tie"), 25);
}

#[test]
fn evalica_golden_leaderboards() {
    for name in ["simple", "food", "llmfao"] {
        let (Some(games), Some(golden)) = (
            study(&format!("evalica/{name}.csv")),
            study(&format!("evalica/{name}-golden.csv")),
        ) else {
            return;
        };
        let home = Home::new();
        let made = imported(&home, &[games], &["--published", golden.to_str().unwrap()]);
        let sets = made["source_figures"].as_array().unwrap();
        assert!(sets.len() >= 5);
        for set in sets {
            all_published_agree(set, 3);
        }
    }
}
