//! `oyer check STUDY`

use std::fmt::Write as _;
use std::time::Duration;

use indicatif::{HumanCount, HumanDuration};
use oyer::engine::Roots;
use oyer::engine::stock::{self, Stock};
use oyer::plan::Plan;
use oyer::plan::estimate::{self, EntryEstimate, PromptBytes, Range, Replies};
use oyer::settle::Spent;
use oyer::settle::collect::{AnswerCounts, Collected, Collector};
use oyer::store::{Reader, StoreError};
use oyer::study::{Entry, ProviderKind};
use oyer::text::escape;
use serde::Serialize;

use super::args::{CheckArgs, CheckFormat};
use super::detectable::{self, Detectable};
use super::error::Failure;
use super::run::folder;
use super::{Done, announce, load, output, probe};

/// What a run would do.
#[derive(Serialize)]
struct Forecast {
    study: String,
    results: String,
    personas: usize,
    questions: usize,
    items: usize,
    /// The phrasings of the persona; absent where there is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variants: Vec<String>,
    items_without_truth: usize,
    /// All of them.
    without_truth: Vec<String>,
    /// Null where the study asks no structured questions.
    structured: Option<StructuredForecast>,
    rubric: String,
    criteria: Vec<String>,
    entries: Vec<EntryForecast>,
    total_calls: u64,
    total_dollars: Option<Range>,
    /// Entries to be asked that have no price, and are not in the total.
    without_price: Vec<String>,
    /// Seconds of the slowest entry, which the others work beside.
    seconds: Range,
    /// The smallest win rates that the study finds.
    /// Null where nothing is compared.
    detectable: Option<Detectable>,
    reused: Vec<String>,
}

#[derive(Serialize)]
struct StructuredForecast {
    questions: usize,
    items: usize,
    items_without_truth: usize,
    samples: u32,
}

#[derive(Serialize)]
struct EntryForecast {
    entry: String,
    /// What is asked: `response`, `structured` or `judgment`.
    asks: &'static str,
    provider: &'static str,
    planned: u64,
    stored: u64,
    to_ask: u64,
    /// Whether reply lengths were measured on stored replies or are assumed.
    measured: bool,
    #[serde(flatten)]
    estimate: EntryEstimate,
}

pub(crate) fn check(args: &CheckArgs) -> Result<Done, Failure> {
    let loaded = load::load(&args.study)?;
    load::warn(&loaded.warnings);
    let forecast = forecast(&loaded.plan, args)?;
    match args.format {
        CheckFormat::Table => output::print(&render(&forecast))?,
        CheckFormat::Json => output::print_json(&forecast)?,
    }
    // A run would be refused, and so is the study; but what it would do is worth knowing.
    load::need_keys(&loaded)?;
    if args.probe {
        return probe::probe(&loaded.plan, args.format);
    }
    Ok(Done::Complete)
}

fn forecast(plan: &Plan, args: &CheckArgs) -> Result<Forecast, Failure> {
    let folder = folder(plan, args.results.as_deref());
    let (collected, stock, reused) = match Reader::open(&folder) {
        Ok(reader) => {
            let index = reader.index()?;
            let mut collector = Collector::new(plan);
            let stock = stock::take(plan, &reader, &index, &mut collector, true)?;
            let reused = announce::reused(plan, &reader, &stock, &Roots::new());
            (collector.finish(), stock, reused)
        }
        Err(StoreError::NotFound { .. }) => unasked(plan)?,
        Err(error) => return Err(error.into()),
    };
    let study = plan.study();
    let entries = entries(plan, &collected, &stock)?;
    let dollars: Vec<Range> = entries
        .iter()
        .filter_map(|entry| entry.estimate.dollars)
        .collect();
    let slowest = |bound: fn(&Range) -> f64| {
        let seconds = entries.iter().map(|entry| bound(&entry.estimate.seconds));
        seconds.fold(0.0, f64::max)
    };
    let rubric = &study.judging.rubric;
    let without_truth = if plan.items().is_empty() {
        Vec::new()
    } else {
        oyer::study::items_without_truth(study)
    };
    let without_truth: Vec<String> = without_truth
        .into_iter()
        .map(|(persona, question)| {
            let persona = &study.personas[persona as usize].id;
            format!("{persona}/{}", study.questions[question as usize].id)
        })
        .collect();
    let without_price = entries
        .iter()
        .filter(|entry| entry.to_ask > 0 && entry.estimate.dollars.is_none())
        .filter(|entry| ["openai", "anthropic"].contains(&entry.provider))
        .map(|entry| entry.entry.clone());
    Ok(Forecast {
        without_price: without_price.collect(),
        study: study.name.clone(),
        results: folder.display().to_string(),
        personas: study.personas.len(),
        questions: study.questions.len(),
        items: plan.items().len(),
        variants: study
            .variants
            .iter()
            .flat_map(|variants| &variants.persona_prompts)
            .map(|template| template.name.clone())
            .collect(),
        items_without_truth: without_truth.len(),
        without_truth,
        structured: study.structured.as_ref().map(|structured| {
            let items = plan.structured_items();
            StructuredForecast {
                questions: structured.questions.len(),
                items: items.len(),
                items_without_truth: items.len().saturating_sub(structured.truths.len()),
                samples: structured.samples,
            }
        }),
        rubric: rubric.id(),
        criteria: rubric
            .criteria
            .iter()
            .map(|criterion| criterion.key.clone())
            .collect(),
        total_calls: entries.iter().map(|entry| entry.to_ask).sum(),
        total_dollars: (!dollars.is_empty()).then(|| Range {
            low: dollars.iter().map(|range| range.low).sum(),
            high: dollars.iter().map(|range| range.high).sum(),
        }),
        seconds: Range {
            low: slowest(|range| range.low),
            high: slowest(|range| range.high),
        },
        detectable: (!plan.items().is_empty())
            .then(|| detectable::detectable(study, &collected.table)),
        entries,
        reused,
    })
}

/// A plan of which nothing is stored.
fn unasked(plan: &Plan) -> Result<(Collected, Stock, Vec<String>), Failure> {
    let mut collector = Collector::new(plan);
    for item in 0..plan.item_count() {
        collector.push(&oyer::settle::unasked(plan, item)?);
    }
    Ok((collector.finish(), Stock::default(), Vec::new()))
}

fn entries(
    plan: &Plan,
    collected: &Collected,
    stock: &Stock,
) -> Result<Vec<EntryForecast>, Failure> {
    let study = plan.study();
    let bytes = plan.prompt_bytes()?;
    let mut forecasts = Vec::new();
    let mut answer_bytes = Range {
        low: f64::INFINITY,
        high: 0.0,
    };
    for model in plan.models() {
        let entry = &study.models[*model];
        let counts = collected.responses[*model];
        let spent = collected.spent_by_models[*model];
        let replies = replies(entry, false, spent);
        let measured = (counts.answered > 0).then(|| counts.chars as f64 / counts.answered as f64);
        let length = measured.map_or(replies.tokens, |chars| Range {
            low: chars / 4.0,
            high: chars / 4.0,
        });
        answer_bytes.low = answer_bytes.low.min(length.low * 4.0);
        answer_bytes.high = answer_bytes.high.max(length.high * 4.0);
        let to_ask = if entry.provider == ProviderKind::File {
            0
        } else {
            counts.not_run + counts.failed
        };
        let prompt = Range {
            low: bytes.generation,
            high: bytes.generation,
        };
        forecasts.push(EntryForecast {
            entry: format!("models.{}", entry.name),
            asks: "response",
            provider: entry.provider.name(),
            planned: counts.planned,
            stored: counts.planned - counts.not_run - counts.failed,
            to_ask,
            measured: replies.is_measured,
            estimate: estimate::entry(entry, to_ask, prompt, replies),
        });
    }
    if !plan.structured_items().is_empty() {
        for (model, counts) in collected.answer_counts.iter().enumerate() {
            forecasts.push(answers(plan, model, counts, collected, bytes.answer));
        }
    }
    for judge in &study.judging.judges {
        let entry = &study.judges[*judge];
        let replies = replies(entry, true, collected.spent_by_judges[*judge]);
        let (planned, stored) = judgments(plan, collected, stock, *judge);
        let to_ask = planned - stored;
        forecasts.push(EntryForecast {
            entry: format!("judges.{}", entry.name),
            asks: "judgment",
            provider: entry.provider.name(),
            planned,
            stored,
            to_ask,
            measured: replies.is_measured,
            estimate: estimate::entry(entry, to_ask, judge_prompt(bytes, answer_bytes), replies),
        });
    }
    Ok(forecasts)
}

/// The structured answers of one model.
fn answers(
    plan: &Plan,
    model: usize,
    counts: &AnswerCounts,
    collected: &Collected,
    prompt_bytes: f64,
) -> EntryForecast {
    let entry = plan.structured_entry(model);
    let to_ask = if entry.provider == ProviderKind::File {
        0
    } else {
        counts.planned - counts.settled
    };
    let prompt = Range {
        low: prompt_bytes,
        high: prompt_bytes,
    };
    let spent = collected.spent_on_answers[model];
    let replies = if spent.output_tokens == 0 {
        estimate::assumed_answers(entry)
    } else {
        replies(entry, false, spent)
    };
    EntryForecast {
        entry: format!("models.{}", entry.name),
        asks: "structured",
        provider: entry.provider.name(),
        planned: counts.planned,
        stored: counts.planned - to_ask,
        to_ask,
        measured: replies.is_measured,
        estimate: estimate::entry(entry, to_ask, prompt, replies),
    }
}

/// A judge's prompt holds two answers.
fn judge_prompt(bytes: PromptBytes, answer: Range) -> Range {
    Range {
        low: bytes.judgment + 2.0 * answer.low,
        high: bytes.judgment + 2.0 * answer.high,
    }
}

/// Reply lengths of stored replies, else assumed ones.
fn replies(entry: &Entry, is_judge: bool, spent: Spent) -> Replies {
    if spent.output_tokens == 0 {
        return estimate::assumed_replies(entry, is_judge);
    }
    let mean = spent.output_tokens as f64 / spent.attempts as f64;
    Replies {
        tokens: Range {
            low: mean * 0.9,
            high: mean * 1.1,
        },
        is_measured: true,
    }
}

/// Planned and settled judgments of one judge.
fn judgments(plan: &Plan, collected: &Collected, stock: &Stock, judge: usize) -> (u64, u64) {
    let name = &plan.study().judges[judge].name;
    let table = &collected.table;
    let of_judge =
        |row: &&oyer::verdict::table::Judgment| table.contests[row.contest as usize].judge == *name;
    let planned = table.judgments.iter().filter(of_judge).count() as u64;
    let stored = stock
        .settled_judgments
        .get(&judge)
        .copied()
        .unwrap_or_default();
    (planned, stored)
}

fn render(forecast: &Forecast) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", escape(&words));
    };
    let phrasings = if forecast.variants.is_empty() {
        String::new()
    } else {
        format!(" x {} phrasings", forecast.variants.len())
    };
    line(format!("study      {}", forecast.study));
    line(format!("results    {}", forecast.results));
    if forecast.items > 0 || forecast.structured.is_none() {
        line(format!(
            "items      {} ({} personas x {} questions{phrasings}), {} without truth",
            forecast.items, forecast.personas, forecast.questions, forecast.items_without_truth
        ));
    }
    if let Some(structured) = &forecast.structured {
        line(format!(
            "structured {} ({} personas x {} questions{phrasings}), {} without truth",
            structured.items,
            forecast.personas,
            structured.questions,
            structured.items_without_truth
        ));
    }
    if forecast.items > 0 || forecast.structured.is_none() {
        line(format!(
            "rubric     {} ({})",
            forecast.rubric,
            forecast.criteria.join(", ")
        ));
    }
    line(String::new());
    for entry in &forecast.entries {
        line(format!(
            "[{}] {}{}: {} calls planned, {} stored, {} to ask",
            entry.entry,
            entry.provider,
            if entry.asks == "structured" {
                ", structured"
            } else {
                ""
            },
            HumanCount(entry.planned),
            HumanCount(entry.stored),
            HumanCount(entry.to_ask)
        ));
        if entry.to_ask > 0 {
            line(format!("    {}", needs(entry)));
        }
    }
    line(String::new());
    line(format!("calls      {}", HumanCount(forecast.total_calls)));
    if let Some(dollars) = forecast.total_dollars {
        let without = &forecast.without_price;
        let note = if without.is_empty() {
            String::new()
        } else {
            format!(", without {}, which have no price", without.join(", "))
        };
        line(format!("cost       {}{note}", money(dollars)));
    } else {
        line("cost       unknown: no entry has a price".to_owned());
    }
    line(format!("time       {}", times(forecast.seconds)));
    for words in forecast.detectable.iter().flat_map(detectable::lines) {
        line(words);
    }
    for reused in &forecast.reused {
        line(reused.clone());
    }
    text
}

fn needs(entry: &EntryForecast) -> String {
    let estimate = &entry.estimate;
    let mut parts = vec![
        format!("{} tokens in", counts(estimate.input_tokens)),
        format!(
            "{} out ({})",
            counts(estimate.output_tokens),
            if entry.measured {
                "measured on stored replies"
            } else {
                "assumed"
            }
        ),
    ];
    if let Some(dollars) = estimate.dollars {
        parts.push(money(dollars));
    }
    parts.push(times(estimate.seconds));
    parts.join(", ")
}

fn counts(range: Range) -> String {
    let round = |number: f64| HumanCount(number.round() as u64);
    if (range.high - range.low).abs() < 0.5 {
        format!("{}", round(range.low))
    } else {
        format!("{} to {}", round(range.low), round(range.high))
    }
}

fn money(range: Range) -> String {
    format!("${:.2} to ${:.2}", range.low, range.high)
}

fn times(range: Range) -> String {
    let (low, high) = (time(range.low), time(range.high));
    if low == high {
        low
    } else {
        format!("{low} to {high}")
    }
}

fn time(seconds: f64) -> String {
    if seconds < 1.0 {
        return "under 1 second".to_owned();
    }
    HumanDuration(Duration::from_secs_f64(seconds.min(1e9))).to_string()
}
