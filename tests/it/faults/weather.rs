//! A study of thousands of judgments in bad weather, held against the server's log.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use serde_json::Value;

use super::{RESULTS, number, written};
use crate::support::dialect::{Call, Dialect, Ending};
use crate::support::fault::{Fault, Faults};
use crate::support::fault_server::{FaultServer, Logged, Settings};
use crate::support::{stored, study};

/// Personas whose prompts differ; more would share them.
const PERSONAS: usize = 6;
const QUESTIONS: usize = 417;
const JUDGMENTS: u64 = 2 * (PERSONAS * QUESTIONS) as u64;

const CRITERIA: [&str; 3] = ["persona_winner", "value_winner", "overall_winner"];

#[test]
fn in_bad_weather_every_judgment_ends_and_the_report_counts_what_the_server_did() {
    let kinds = Fault::weather(Duration::from_millis(50));
    let weather = Faults::random(11, kinds.iter().map(|kind| (*kind, 0.02)).collect());
    let server = FaultServer::start(Settings {
        // The wait after each failure doubles, so a call with many of them in a row
        // would be all that this test waits for.
        faults: Faults::by(move |seen| weather.of(seen).filter(|_| seen.attempt < 4)),
        ..Settings::default()
    });
    let study = study::served(
        PERSONAS,
        QUESTIONS,
        &server.url(),
        "max_connections = 150\ntimeout = 4",
    );
    let home = written(&study);
    // A refused answer loses a judgment, so some items are not covered.
    let ran = home
        .oyer(&[
            "run",
            "study.toml",
            "--format",
            "json",
            "--coverage-floor",
            "0.8",
        ])
        .expect(0);
    let report = ran.json();
    let folder = home.path().join(RESULTS);
    let log = as_received(server.log(), &stored::attempts(&folder));
    let told = Told::by(&log);

    assert_eq!(number(&report["coverage"]["judgments"]), JUDGMENTS);
    assert_eq!(report["coverage"]["missing"]["not_run"], 0);
    for criterion in CRITERIA {
        let comparison = report["comparisons"]
            .as_array()
            .unwrap()
            .iter()
            .find(|comparison| comparison["criterion"] == criterion)
            .unwrap();
        assert_eq!(
            outcomes(comparison),
            told.outcomes[criterion],
            "{criterion}"
        );
        assert_eq!(told.outcomes[criterion].values().sum::<u64>(), JUDGMENTS);
    }
    for (model, expected) in [
        ("base", &told.answers["base-1"]),
        ("tuned", &told.answers["tuned-1"]),
    ] {
        let answers = super::answers(&report, model);
        for state in ["answered", "refused", "failed"] {
            let count = expected.get(state).copied().unwrap_or_default();
            assert_eq!(number(&answers[state]), count, "{model} {state}");
        }
    }

    let cost = &report["cost"];
    assert_eq!(number(&cost["attempts"]), log.len() as u64);
    assert_eq!(number(&cost["calls"]), told.calls);
    assert_eq!(number(&cost["input_tokens"]), told.input_tokens);
    assert_eq!(number(&cost["output_tokens"]), told.output_tokens);
    assert_eq!(stored::count(&folder), log.len() as u64);
    let manifest: Value = serde_json::from_str(&home.read("results/s/manifest.json")).unwrap();
    assert_eq!(number(&manifest["totals"]["requests"]), log.len() as u64);
    every_fault_is_stored_as_what_it_was(&log, &stored::attempts(&folder));
}

/// What a report should count, made of nothing but the server's log.
#[derive(Default)]
struct Told {
    /// Answers of each model by what became of them.
    answers: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// Judgments of each criterion by their outcome.
    outcomes: BTreeMap<String, BTreeMap<String, u64>>,
    calls: u64,
    input_tokens: u64,
    output_tokens: u64,
}

impl Told {
    fn by(log: &[Logged]) -> Self {
        let mut told = Self::default();
        // What a model was asked, and its reply; none where all tries failed.
        let mut items: HashMap<String, BTreeMap<String, Option<String>>> = HashMap::new();
        let mut judged: HashMap<String, Vec<Option<String>>> = HashMap::new();
        for logged in log {
            let call = Call::parse(Dialect::OpenAi, logged.body.as_bytes()).unwrap();
            // A refusal of this server is billed as a reply of no words.
            let reply = logged.text.clone();
            if let Some(text) = &reply {
                told.input_tokens += call.prompt_tokens() as u64;
                told.output_tokens += text.split_whitespace().count() as u64;
                assert_eq!(text.is_empty(), logged.ending == Some(Ending::Refused));
            }
            if call.model == "judge-1" {
                judged.entry(call.user).or_default().push(reply);
            } else {
                let answers = items.entry(call.prompt()).or_default();
                let answer = answers.entry(call.model).or_default();
                // The first reply stands.
                if answer.is_none() {
                    *answer = reply;
                }
            }
        }
        assert_eq!(items.len() as u64 * 2, JUDGMENTS, "items share a prompt");
        let answered = items.values().flat_map(BTreeMap::values).flatten().count();
        let has_reply = |replies: &&Vec<Option<String>>| replies.iter().any(Option::is_some);
        told.calls = (answered + judged.values().filter(has_reply).count()) as u64;
        let mut pairs = HashSet::new();
        for answers in items.into_values() {
            told.item(&answers);
            if let [Some(base), Some(tuned)] =
                ["base-1", "tuned-1"].map(|name| answers[name].clone())
                && !base.is_empty()
                && !tuned.is_empty()
            {
                pairs.insert((base, tuned));
            }
        }
        for (user, replies) in judged {
            told.judgment(&pairs, &user, &replies);
        }
        told
    }

    /// Counts an item's answers, and the judgments that lack one of them.
    fn item(&mut self, answers: &BTreeMap<String, Option<String>>) {
        let mut states = Vec::new();
        for (model, answer) in answers {
            let state = match answer.as_deref() {
                None => "failed",
                Some("") => "refused",
                Some(_) => "answered",
            };
            states.push(state);
            *self
                .answers
                .entry(model.clone())
                .or_default()
                .entry(state)
                .or_default() += 1;
        }
        for reason in ["refused", "failed"] {
            if states.contains(&reason) {
                for criterion in CRITERIA {
                    self.count(criterion, reason, 2);
                }
                return;
            }
        }
    }

    /// Counts a judgment by its replies; empty ones are refusals.
    fn judgment(
        &mut self,
        pairs: &HashSet<(String, String)>,
        user: &str,
        replies: &[Option<String>],
    ) {
        let given: Vec<&String> = replies.iter().flatten().collect();
        let Some(full) = given.iter().find(|text| !text.is_empty()) else {
            let reason = if given.is_empty() {
                "failed"
            } else {
                "refused"
            };
            for criterion in CRITERIA {
                self.count(criterion, reason, 1);
            }
            return;
        };
        let fenced: Vec<&str> = user
            .split("<<<answer ")
            .skip(1)
            .map(|part| {
                let (_, text) = part.split_once('\n').unwrap();
                text.split_once("\n<<<end answer ").unwrap().0
            })
            .collect();
        let base_first = pairs.contains(&(fenced[0].to_owned(), fenced[1].to_owned()));
        let verdict: Value = serde_json::from_str(&full[full.rfind('{').unwrap()..]).unwrap();
        for criterion in CRITERIA {
            let outcome = match (verdict[criterion].as_str().unwrap(), base_first) {
                ("Tie", _) => "ties",
                ("A", false) | ("B", true) => "wins",
                _ => "losses",
            };
            self.count(criterion, outcome, 1);
        }
    }

    fn count(&mut self, criterion: &str, outcome: &str, n: u64) {
        let outcomes = self.outcomes.entry(criterion.to_owned()).or_default();
        *outcomes.entry(outcome.to_owned()).or_default() += n;
    }
}

/// Judgments of a comparison by outcome, those that did not happen left out.
fn outcomes(comparison: &Value) -> BTreeMap<String, u64> {
    let mut outcomes = BTreeMap::new();
    for name in ["wins", "ties", "losses"] {
        outcomes.insert(name.to_owned(), number(&comparison[name]));
    }
    for (reason, count) in comparison["missing"].as_object().unwrap() {
        outcomes.insert(reason.clone(), number(count));
    }
    outcomes.retain(|_, count| *count > 0);
    outcomes
}

/// What is stored of each logged request: the nth of a body is the nth that was sent.
fn stored_of<'a>(log: &[Logged], attempts: &'a [stored::Attempt]) -> Vec<&'a stored::Attempt> {
    let mut kept: HashMap<&str, VecDeque<&stored::Attempt>> = HashMap::new();
    for attempt in attempts {
        kept.entry(&attempt.request).or_default().push_back(attempt);
    }
    let stored = |logged: &Logged| kept.get_mut(logged.body.as_str()).unwrap().pop_front();
    log.iter().map(stored).map(Option::unwrap).collect()
}

/// The log with each reply that came when the client had ceased to wait, as happens on a
/// busy machine, as none.
fn as_received(mut log: Vec<Logged>, attempts: &[stored::Attempt]) -> Vec<Logged> {
    let stored = stored_of(&log, attempts);
    let is_late = |(logged, attempt): &(&mut Logged, &stored::Attempt)| {
        let message = attempt.message.as_deref().unwrap_or_default();
        logged.text.is_some() && message.ends_with("within 4 s")
    };
    let late = log.iter_mut().zip(stored).filter(is_late);
    let late = late.map(|(logged, _)| {
        (logged.text, logged.ending) = (None, None);
        logged.fault = Some(Fault::Hang);
    });
    let count = late.count();
    assert!(count * 100 <= log.len(), "{count} of {}", log.len());
    log
}

/// Body by body, in order, the store has what the server did.
fn every_fault_is_stored_as_what_it_was(log: &[Logged], attempts: &[stored::Attempt]) {
    for (logged, attempt) in log.iter().zip(stored_of(log, attempts)) {
        let expected = match logged.fault {
            None | Some(Fault::Slow(_) | Fault::Refusal) => None,
            Some(Fault::RateLimited(_)) => Some("rate_limited"),
            Some(Fault::Status(500)) => Some("server"),
            Some(Fault::Status(_)) => Some("overloaded"),
            Some(Fault::CutBody | Fault::Hang | Fault::Reset) => Some("lost"),
            Some(_) => Some("malformed"),
        };
        assert_eq!(attempt.error.as_deref(), expected, "{:?}", logged.fault);
    }
}
