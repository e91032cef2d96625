//! What is taken from the store instead of asked again, and what is said of it.

use crate::support::fault::{Fault, Faults};
use crate::support::fault_server::{FaultServer, Settings};
use crate::support::home::{Home, Ran};
use crate::support::study::{self, StudyFiles};

const PERSONAS: usize = 3;
const QUESTIONS: usize = 4;
/// Calls of each model, and half of the judge's.
const ITEMS: usize = PERSONAS * QUESTIONS;

/// A study of 12 items that has run in the folder `out`.
struct Finished {
    server: FaultServer,
    home: Home,
    study: StudyFiles,
    asked: usize,
}

impl Finished {
    fn new() -> Self {
        Self::with("")
    }

    /// With these lines in each entry.
    fn with(more: &str) -> Self {
        Self::of(|server| study::served(PERSONAS, QUESTIONS, &server.url(), more))
    }

    fn of(study: impl Fn(&FaultServer) -> StudyFiles) -> Self {
        let server = FaultServer::start(Settings::default());
        let home = Home::new();
        let study = study(&server);
        study.write(&home);
        run(&home).expect(0);
        let asked = server.log().len();
        Self {
            server,
            home,
            study,
            asked,
        }
    }

    /// Writes an edited study in place of the one that ran.
    fn edit(&self, edit: impl Fn(&mut StudyFiles)) {
        let mut study = StudyFiles {
            personas: self.study.personas,
            questions: self.study.questions,
            entries: self.study.entries.clone(),
            judging: self.study.judging.clone(),
            compare: self.study.compare.clone(),
        };
        edit(&mut study);
        study.write(&self.home);
    }

    /// Runs again; the requests to the first model, the second and the judge.
    #[track_caller]
    fn asks(&mut self) -> [usize; 3] {
        run(&self.home).expect(0);
        let log = self.server.log();
        let new = &log[self.asked..];
        self.asked = log.len();
        ["base-1", "tuned-1", "judge-1"]
            .map(|model| new.iter().filter(|logged| logged.model() == model).count())
    }
}

fn run(home: &Home) -> Ran {
    home.oyer(&["run", "study.toml", "--results", "out"])
}

#[test]
fn what_is_reused_is_announced_for_each_entry_with_its_age_and_url() {
    let finished = Finished::new();
    let ran = run(&finished.home).expect(0);
    let url = finished.server.url();
    for (entry, replies) in [
        ("models.base", 12),
        ("models.tuned", 12),
        ("judges.main", 24),
    ] {
        let line = ran
            .stderr
            .lines()
            .find(|line| line.starts_with(&format!("[{entry}] ")))
            .unwrap();
        assert!(
            line.contains(&format!("{replies} stored replies used, ")),
            "{line}"
        );
        assert!(
            line.contains(" second") || line.contains(" minute"),
            "{line}"
        );
        assert!(line.ends_with(&format!(" old, from {url}")), "{line}");
    }
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    let check = finished
        .home
        .oyer(&["check", "study.toml", "--results", "out"])
        .expect(0);
    assert!(
        check.stdout.contains("12 stored replies used, "),
        "{}",
        check.stdout
    );
    assert!(
        check
            .stdout
            .contains("12 calls planned, 12 stored, 0 to ask"),
        "{}",
        check.stdout
    );
    assert_eq!(finished.server.log().len(), finished.asked);
}

#[test]
fn a_server_that_moved_is_warned_of_and_not_asked() {
    let finished = Finished::new();
    let moved = FaultServer::start(Settings::default());
    let (old, new) = (finished.server.url(), moved.url());
    finished.edit(|study| study.entries = study.entries.replace(&old, &new));
    let ran = run(&finished.home).expect(0);
    for entry in ["models.base", "models.tuned", "judges.main"] {
        let warning = format!("warning: [{entry}] stored replies came from {old}, which the study");
        assert!(ran.stderr.contains(&warning), "{}", ran.stderr);
    }
    assert_eq!(moved.log().len(), 0);
}

/// A reply of other weights under the old name.
const RETRAINED: &str = r#"{"model": "base-1-retrained", "system_fingerprint": "fp_new", "choices": [{"message": {"content": "I have changed my mind."}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 9, "completion_tokens": 5}}"#;

#[test]
fn another_model_under_the_old_name_is_warned_of_when_it_answers() {
    let server = FaultServer::start(Settings::default());
    let home = Home::new();
    study::served(PERSONAS, QUESTIONS, &server.url(), "max_connections = 2").write(&home);
    let part = home.oyer(&["run", "study.toml", "--results", "out", "--max-calls", "20"]);
    let part = part.expect(3);
    assert!(!part.stderr.contains("warning"), "{}", part.stderr);
    server.set_faults(Faults::where_call(
        |call| call.model == "base-1",
        Fault::Says(200, RETRAINED),
    ));
    let ran = run(&home).expect(0);
    let warning = "warning: [models.base] stored replies came from model base-1, but what answers \
                   now is model base-1-retrained";
    assert_eq!(ran.stderr.matches(warning).count(), 1, "{}", ran.stderr);
    assert!(
        !ran.stderr.contains("warning: [models.tuned]"),
        "{}",
        ran.stderr
    );
    // From then on the folder holds a mixture, and says so.
    let again = run(&home).expect(0);
    for mixed in [
        "more than one served model: base-1, base-1-retrained",
        "more than one fingerprint: fp_faults, fp_new",
    ] {
        let warning = format!("warning: [models.base] stored replies have {mixed}");
        assert!(again.stderr.contains(&warning), "{}", again.stderr);
    }
}

#[test]
fn other_weights_under_the_old_name_are_warned_of_before_anything_is_asked() {
    let server = FaultServer::start(Settings::default());
    server.set_root("/weights/step-100");
    let home = Home::new();
    study::served(PERSONAS, QUESTIONS, &server.url(), "").write(&home);
    run(&home).expect(0);
    let asked = server.log().len();
    let same = run(&home).expect(0);
    assert!(!same.stderr.contains("warning"), "{}", same.stderr);
    server.set_root("/weights/step-200");
    let ran = run(&home).expect(0);
    let warning = "warning: [models.tuned] stored replies came from the weights \
                   /weights/step-100, but tuned-1 now serves /weights/step-200";
    assert!(ran.stderr.contains(warning), "{}", ran.stderr);
    assert_eq!(server.log().len(), asked);
}

#[test]
fn an_edited_rubric_runs_only_the_judgments_again() {
    let mut finished = Finished::new();
    let rubric = std::fs::read_to_string("rubrics/persona-value.toml").unwrap();
    finished.home.write("mine.toml", &rubric);
    finished.edit(|study| study.judging = "rubric = \"mine.toml\"".to_owned());
    // The same words under another name ask nothing.
    assert_eq!(finished.asks(), [0, 0, 0]);
    let edited = rubric.replace(
        "Which answer is more convincing",
        "Which answer convinces you more",
    );
    assert_ne!(edited, rubric);
    finished.home.write("mine.toml", edited);
    assert_eq!(finished.asks(), [0, 0, 2 * ITEMS]);
    finished.home.write("mine.toml", rubric);
    assert_eq!(finished.asks(), [0, 0, 0]);
}

#[test]
fn an_edited_question_runs_only_its_own_calls_again() {
    let mut finished = Finished::new();
    let questions = finished.home.read("questions.csv");
    let edited = questions.replace(
        "How do you see matter number 2 ",
        "What of matter number 2 ",
    );
    assert_ne!(edited, questions);
    finished.home.write("questions.csv", edited);
    assert_eq!(finished.asks(), [PERSONAS, PERSONAS, 2 * PERSONAS]);
}

#[test]
fn an_edited_truth_runs_only_its_own_judgment_again() {
    let mut finished = Finished::new();
    let truth = finished.home.read("truth.csv");
    let edited = truth.replace("p1,q1,It depends", "p1,q1,It is all that matters");
    assert_ne!(edited, truth);
    finished.home.write("truth.csv", edited);
    assert_eq!(finished.asks(), [0, 0, 2]);
}

#[test]
fn what_is_added_runs_only_its_own_calls() {
    let mut finished = Finished::new();
    finished.edit(|study| study.questions += 1);
    assert_eq!(finished.asks(), [PERSONAS, PERSONAS, 2 * PERSONAS]);
    finished.edit(|study| {
        study.questions += 1;
        study.judging = "repeats = 2".to_owned();
    });
    let items = PERSONAS * (QUESTIONS + 1);
    assert_eq!(finished.asks(), [0, 0, 2 * items]);
    finished.edit(|study| {
        study.questions += 1;
        study.compare.push_str("\nsamples = 2");
    });
    assert_eq!(finished.asks(), [items, items, 2 * items]);
}

#[test]
fn candidate_and_opponent_change_places_without_a_call() {
    for orders in ["orders = \"both\"", "orders = \"random\""] {
        let mut finished = Finished::of(|server| {
            let mut study = study::served(PERSONAS, QUESTIONS, &server.url(), "");
            study.judging = orders.to_owned();
            study
        });
        let rate = |home: &Home| {
            let report: serde_json::Value =
                serde_json::from_str(&home.read("out/report.json")).unwrap();
            report["comparisons"][0]["win_rate"].as_f64().unwrap()
        };
        let before = rate(&finished.home);
        finished.edit(|study| study.compare = "pairs = [[\"base\", \"tuned\"]]".to_owned());
        assert_eq!(finished.asks(), [0, 0, 0], "{orders}");
        assert!(
            (before + rate(&finished.home) - 1.0).abs() < 1e-12,
            "{orders}"
        );
    }
}

#[test]
fn a_changed_revision_asks_its_model_again() {
    let mut finished = Finished::new();
    finished.edit(|study| {
        study.entries = study.entries.replace(
            "model = \"tuned-1\"",
            "model = \"tuned-1\"\nrevision = \"2026-04\"",
        );
    });
    assert_eq!(finished.asks(), [0, ITEMS, 2 * ITEMS]);
}

#[test]
fn a_changed_sampling_parameter_asks_its_entry_again() {
    let mut finished = Finished::new();
    finished.edit(|study| {
        study.entries = study.entries.replace(
            "model = \"judge-1\"",
            "model = \"judge-1\"\ntemperature = 0.5",
        );
    });
    assert_eq!(finished.asks(), [0, 0, 2 * ITEMS]);
}

#[test]
fn names_limits_and_prices_are_no_part_of_a_call() {
    for orders in ["orders = \"both\"", "orders = \"random\""] {
        let mut finished = Finished::of(|server| {
            let mut study = study::served(PERSONAS, QUESTIONS, &server.url(), "");
            study.judging = orders.to_owned();
            study
        });
        finished.edit(|study| {
            study.entries = study
                .entries
                .replace("[models.base]", "[models.before]")
                .replace("[models.tuned]", "[models.after]")
                .replace("[judges.main]", "[judges.other]")
                .replace(
                    "provider =",
                    "max_connections = 3\ntimeout = 60\nmax_tries = 3\nprice = { input = 1, output = 2 }\nprovider =",
                );
            study.compare = "pairs = [[\"after\", \"before\"]]".to_owned();
        });
        let text = finished.home.read("study.toml");
        let renamed = text.replace("name = \"s\"", "name = \"renamed\"");
        finished.home.write("study.toml", renamed);
        assert_eq!(finished.asks(), [0, 0, 0], "{orders}");
    }
}

#[test]
fn a_key_variable_and_headers_are_no_part_of_a_call() {
    let mut finished = Finished::with("headers = { X-Title = \"one\" }");
    finished.edit(|study| {
        study.entries = study.entries.replace("\"one\"", "\"two\"");
    });
    assert_eq!(finished.asks(), [0, 0, 0]);
}
