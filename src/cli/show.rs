//! `oyer show RESULTS ITEM`

use std::fmt::Write as _;
use std::path::Path;

use oyer::answers::Given;
use oyer::import::folder::Stored;
use oyer::plan::{Item, Judgment, PlannedCall, Response};
use oyer::provider::{Finish, read_reply};
use oyer::settle::answers::AnswerOutcome;
use oyer::settle::{self, GenerationOutcome, JudgmentOutcome};
use oyer::store::StoredAttempt;
use oyer::study::{ProviderKind, StructuredQuestion};
use oyer::text::{counted, escape, escape_lines, thousands};
use oyer::verdict::{MissingReason, Order, Outcome, extract};

use super::Done;
use super::args::ShowArgs;
use super::error::Failure;
use super::results::Results;
use super::{load, output, show_import};

pub(crate) fn show(args: &ShowArgs) -> Result<Done, Failure> {
    refuse_file(&args.results, "show")?;
    if let Some(stored) = Stored::read(&args.results)? {
        return show_import::show(&stored, args);
    }
    let results = Results::open(&args.results)?;
    let mut page = Page {
        results: &results,
        text: String::new(),
    };
    for item in load::find_items(&results.plan, &args.item)? {
        page.item(item)?;
    }
    output::print(&page.text)?;
    Ok(Done::Complete)
}

/// A table of a results folder is not the folder.
pub(crate) fn refuse_file(path: &Path, command: &str) -> Result<(), Failure> {
    if !path.is_file() {
        return Ok(());
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Err(Failure::Input(format!(
        "{} is a file, and `oyer {command}` takes a results folder, in which the replies \
         are; if it stands in one, name {}",
        path.display(),
        folder.display()
    )))
}

/// What is shown; everything from outside is escaped as it is added.
struct Page<'r> {
    results: &'r Results,
    text: String,
}

impl Page<'_> {
    fn heading(&mut self, text: &str) {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(self.text, "\n=== {}", escape(text));
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{}", escape(text));
    }

    fn block(&mut self, text: &str) {
        for line in escape_lines(text).lines() {
            let _ = writeln!(self.text, "  {line}");
        }
    }

    fn item(&mut self, item: u32) -> Result<(), Failure> {
        let results = self.results;
        let plan = &results.plan;
        let outcome = oyer::engine::stock::item(plan, item, &results.reader, &results.index)?;
        let study = plan.study();
        let place = plan.place(item);
        self.heading(&format!("item {}", plan.item_id(item)));
        if let Some(question) = plan.structured_question(item) {
            self.structured(question, place);
        } else {
            let question = &study.questions[place.question as usize];
            self.line(&format!("question: {}", question.text));
            if let Some(truth) = study.truth(place.persona, place.question) {
                self.line(&format!("ground truth: {}", truth.value));
            }
        }
        for answer in &outcome.answers {
            self.answer(answer)?;
        }
        for generation in &outcome.generations {
            self.generation(generation)?;
        }
        for judgment in &outcome.judgments {
            self.judgment(judgment, &outcome.generations)?;
        }
        Ok(())
    }

    fn structured(&mut self, question: &StructuredQuestion, place: Item) {
        self.line(&format!("question: {}", question.text));
        self.line(&format!("options: {}", question.scale));
        let structured = self.results.plan.study().structured.as_ref();
        let truth = structured.and_then(|s| s.truth(place.persona, place.question));
        if let Some(truth) = truth {
            let value = question.scale.value(truth.code).unwrap_or_default();
            self.line(&format!("ground truth: {} ({value})", truth.code));
        }
    }

    fn answer(&mut self, outcome: &AnswerOutcome) -> Result<(), Failure> {
        let plan = &self.results.plan;
        let slot = outcome.slot;
        let entry = &plan.study().models[slot.model];
        let scale = plan.structured_question(slot.item).map(|q| &q.scale);
        let mut note = match (outcome.given, scale) {
            (Given::Option(position), Some(scale)) => {
                format!("option {}", scale.options()[usize::from(position)].code)
            }
            (Given::Missing(reason), _) => format!("missing: {}", reason.name()),
            (Given::Option(_), None) => String::new(),
        };
        if let Some(why) = outcome.why {
            note = format!("{note}, {}", why.reason());
        }
        if entry.provider == ProviderKind::Simulated {
            note.push_str(", simulated");
        }
        let (name, sample) = (&entry.name, slot.sample);
        self.heading(&format!("[models.{name}] sample {sample} ({note})"));
        if entry.provider == ProviderKind::File {
            let text = plan.file_answer(&slot).map(|given| given.text.as_str());
            self.block(text.unwrap_or_default());
            return Ok(());
        }
        if let Some((call, _)) = plan.answer_call(&slot)? {
            let attempts = self.attempts(&call)?;
            self.sent(&call, &attempts);
            for attempt in &attempts {
                self.failure(attempt);
                match text(call.entry.provider, attempt) {
                    Some(text) => self.block(&text),
                    None => self.body(attempt),
                }
            }
        }
        Ok(())
    }

    fn generation(&mut self, outcome: &GenerationOutcome) -> Result<(), Failure> {
        let plan = &self.results.plan;
        let slot = outcome.slot;
        let entry = &plan.study().models[slot.model];
        let mut notes = Vec::new();
        match &outcome.response {
            Ok(response) => {
                notes.push(counted(u64::from(response.chars), "character"));
                if response.truncated {
                    notes.push("cut off".to_owned());
                }
                if response.refused {
                    notes.push("refused in words".to_owned());
                }
                if response.text.is_empty() {
                    notes.push("empty".to_owned());
                }
            }
            Err(MissingReason::Failed) if entry.provider == ProviderKind::File => {
                notes.push("missing: no answer in its file".to_owned());
            }
            Err(reason) => notes.push(format!("missing: {}", reason_name(*reason))),
        }
        if outcome.had_reasoning {
            notes.push("reasoning taken off".to_owned());
        }
        if entry.provider == ProviderKind::Simulated {
            notes.push("simulated".to_owned());
        }
        let sample = slot.sample;
        self.heading(&format!(
            "[models.{}] sample {sample} ({})",
            entry.name,
            notes.join(", ")
        ));
        if entry.provider != ProviderKind::File {
            let call = plan.generation_call(&slot)?;
            let attempts = self.attempts(&call)?;
            self.sent(&call, &attempts);
            for attempt in &attempts {
                self.failure(attempt);
                match text(entry.provider, attempt) {
                    Some(text) if outcome.had_reasoning => {
                        let count = counted(text.chars().count() as u64, "character");
                        self.line(&format!("reply with its reasoning ({count})"));
                        self.block(&text);
                    }
                    Some(text) if outcome.response.is_err() => self.block(&text),
                    None if outcome.response.is_err() => self.body(attempt),
                    _ => {}
                }
            }
            if outcome.had_reasoning && outcome.response.is_ok() {
                self.line("answer");
            }
        }
        if let Ok(response) = &outcome.response {
            self.block(&response.text);
        }
        Ok(())
    }

    fn judgment(
        &mut self,
        outcome: &JudgmentOutcome,
        generations: &[std::sync::Arc<GenerationOutcome>],
    ) -> Result<(), Failure> {
        let plan = std::sync::Arc::clone(&self.results.plan);
        let study = plan.study();
        let slot = outcome.slot;
        let pair = study.compare.pairs[slot.pair];
        let names = [pair.candidate, pair.opponent].map(|model| &study.models[model].name);
        let first = match slot.order {
            Order::CandidateFirst => names[0],
            Order::OpponentFirst => names[1],
        };
        let judge = &study.judges[slot.judge];
        let simulated = if judge.provider == ProviderKind::Simulated {
            " (simulated)"
        } else {
            ""
        };
        self.heading(&format!(
            "[judges.{}] {} against {}, sample {}, repeat {}, {first} shown first{simulated}",
            judge.name, names[0], names[1], slot.sample, slot.repeat
        ));
        for cell in &outcome.cells {
            let key = &study.judging.rubric.criteria[usize::from(cell.criterion)].key;
            let verdict = match (cell.outcome, cell.missing) {
                (Outcome::Win, _) => format!("{} wins", names[0]),
                (Outcome::Loss, _) => format!("{} wins", names[1]),
                (Outcome::Tie, _) => "tie".to_owned(),
                (Outcome::Missing, reason) => {
                    format!("missing: {}", reason.map_or("unknown", reason_name))
                }
            };
            self.line(&format!("{key}: {verdict}"));
        }
        let [candidate, opponent] = settle::positions(&plan, &slot);
        let responses = [
            &generations[candidate].response,
            &generations[opponent].response,
        ];
        if let [Ok(candidate), Ok(opponent)] = responses {
            self.replies(&slot, candidate, opponent)?;
        }
        Ok(())
    }

    /// Every attempt at a judgment, with what was read from its reply.
    fn replies(
        &mut self,
        slot: &Judgment,
        candidate: &Response,
        opponent: &Response,
    ) -> Result<(), Failure> {
        let plan = std::sync::Arc::clone(&self.results.plan);
        let call = plan.judgment_call(slot, candidate, opponent)?;
        let attempts = self.attempts(&call)?;
        self.sent(&call, &attempts);
        let shown = match slot.order {
            Order::CandidateFirst => [candidate.text.as_str(), &opponent.text],
            Order::OpponentFirst => [opponent.text.as_str(), &candidate.text],
        };
        for attempt in &attempts {
            self.failure(attempt);
            if attempt.error.is_some() {
                continue;
            }
            let Ok(reply) = read_reply(call.entry.provider, attempt.status, &attempt.body) else {
                self.body(attempt);
                continue;
            };
            let reading = plan.reader(slot).read(&reply.text, Some(shown));
            self.line(&format!(
                "reply ({}, {} + {} tokens){}",
                finish_name(reply.finish),
                thousands(attempt.input_tokens.into()),
                thousands(attempt.output_tokens.into()),
                repairs(&reading)
            ));
            if reply.text.trim().is_empty() {
                self.body(attempt);
            } else {
                self.block(&reply.text);
            }
        }
        Ok(())
    }

    fn attempts(&self, call: &PlannedCall<'_>) -> Result<Vec<StoredAttempt>, Failure> {
        match self.results.index.get(&call.key) {
            Some(id) => Ok(self.results.reader.attempts(id)?),
            None => Ok(Vec::new()),
        }
    }

    fn sent(&mut self, call: &PlannedCall<'_>, attempts: &[StoredAttempt]) {
        if attempts.is_empty() {
            self.line(&format!("call {}: not asked yet", call.key.short()));
        } else {
            self.line(&format!("call {}", call.key));
        }
    }

    /// What came where it holds no text: what a filter or a server says.
    fn body(&mut self, attempt: &StoredAttempt) {
        let body = String::from_utf8_lossy(&attempt.body);
        if body.trim().is_empty() {
            self.line("the body of the reply is empty");
        } else {
            self.line("the body of the reply, which holds no text");
            self.block(&body);
        }
    }

    fn failure(&mut self, attempt: &StoredAttempt) {
        if let Some(class) = &attempt.error {
            let message = attempt.message.as_deref().unwrap_or_default();
            self.line(&format!(
                "attempt failed ({class}, status {}): {message}",
                attempt.status
            ));
        }
    }
}

/// The text of a reply, unless it holds none.
fn text(provider: ProviderKind, attempt: &StoredAttempt) -> Option<String> {
    let reply = read_reply(provider, attempt.status, &attempt.body).ok()?;
    Some(reply.text).filter(|text| !text.trim().is_empty())
}

fn repairs(reading: &extract::Extraction) -> String {
    if reading.repairs.is_empty() {
        return String::new();
    }
    let names: Vec<String> = reading.repairs.iter().map(ToString::to_string).collect();
    format!(", read with repairs: {}", names.join(", "))
}

fn finish_name(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "whole",
        Finish::Length => "cut off",
        Finish::Refusal => "refused",
        Finish::Other => "ended for a reason not said",
    }
}

fn reason_name(reason: MissingReason) -> &'static str {
    match reason {
        MissingReason::NoVerdict => "no verdict in the reply",
        MissingReason::Partial => "not in the reply",
        MissingReason::Refused => "refused",
        MissingReason::Truncated => "cut off",
        MissingReason::Failed => "failed",
        MissingReason::NotRun => "not asked yet",
    }
}
