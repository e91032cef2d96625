//! `oyer check STUDY`

mod lines;

use oyer::answers::Missing;
use oyer::engine::Roots;
use oyer::engine::stock;
use oyer::plan::Plan;
use oyer::plan::estimate::{self, EntryEstimate, PromptBytes, Range, Replies};
use oyer::problem::Problem;
use oyer::settle::Spent;
use oyer::settle::collect::{AnswerCounts, Collected, Collector, ResponseCounts};
use oyer::store::{Reader, StoreError};
use serde::Serialize;
use serde_json::json;

use super::args::{CheckArgs, CheckFormat};
use super::detectable::{self, Detectable};
use super::error::Failure;
use super::load::Loaded;
use super::run::{folder, refuse_taken};
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
    /// Null where no entry to be asked has a price; 0 where none of them is paid for.
    total_dollars: Option<Range>,
    /// Entries to be asked that have no price, and are not in the total.
    without_price: Vec<String>,
    /// Seconds of the slowest entry, which the others work beside.
    seconds: Range,
    /// The smallest win rates that the study finds.
    /// Null where nothing is compared.
    detectable: Option<Detectable>,
    reused: Vec<String>,
    /// Warnings; of a study with errors there is nothing but its problems.
    problems: Vec<Problem>,
    /// What each endpoint supports; absent without `--probe`.
    #[serde(skip_serializing_if = "Option::is_none")]
    probes: Option<Vec<probe::Probed>>,
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
    /// Planned, and neither stored nor to be asked: answers that their file lacks, answers
    /// that have none to be compared with, judgments of answers that are missing for good.
    impossible: u64,
    /// Whether reply lengths were measured on stored replies or are assumed.
    measured: bool,
    #[serde(flatten)]
    estimate: EntryEstimate,
}

pub(crate) fn check(args: &CheckArgs) -> Result<Done, Failure> {
    let loaded = load::load(&args.study);
    if let (Err(Failure::Study(problems)), CheckFormat::Json) = (&loaded, args.format) {
        output::print_json(&json!({ "problems": problems }))?;
    }
    let loaded = loaded?;
    load::warn(&loaded.warnings);
    let mut forecast = forecast(&loaded, args)?;
    let keys = load::need_keys(&loaded);
    let is_probed = args.probe && keys.is_ok();
    // A run without its keys would be refused, and so is the study; but what it would do is
    // worth knowing.
    match args.format {
        CheckFormat::Table => {
            output::print(&lines::render(&forecast))?;
            if is_probed {
                forecast.probes = Some(probe::probe(&loaded.plan, probe::print)?);
            }
        }
        CheckFormat::Json => {
            if is_probed {
                forecast.probes = Some(probe::probe(&loaded.plan, |_| Ok(()))?);
            }
            output::print_json(&forecast)?;
        }
    }
    keys?;
    probe::outcome(forecast.probes.as_deref().unwrap_or_default())
}

fn forecast(loaded: &Loaded, args: &CheckArgs) -> Result<Forecast, Failure> {
    let plan = &loaded.plan;
    let folder = folder(plan, args.results.as_deref());
    refuse_taken(&folder)?;
    let (collected, reused) = match Reader::open(&folder) {
        Ok(reader) => {
            let index = reader.index()?;
            let mut collector = Collector::new(plan);
            let stock = stock::take(plan, &reader, &index, &mut collector, true)?;
            let reused = announce::reused(plan, &reader, &stock, &Roots::new());
            (collector.finish(), reused)
        }
        Err(StoreError::NotFound { .. }) => unasked(plan)?,
        Err(error) => return Err(error.into()),
    };
    let study = plan.study();
    let entries = entries(plan, &collected)?;
    let dollars: Vec<Range> = entries
        .iter()
        .filter_map(|entry| entry.estimate.dollars)
        .collect();
    let slowest = |bound: fn(&Range) -> f64| {
        let seconds = entries.iter().map(|entry| bound(&entry.estimate.seconds));
        seconds.fold(0.0, f64::max)
    };
    // The sum of no numbers would be the negative zero.
    let sum = |ranges: &[Range], bound: fn(&Range) -> f64| {
        ranges.iter().map(bound).fold(0.0, std::ops::Add::add)
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
    let without_price: Vec<String> = entries
        .iter()
        .filter(|entry| entry.to_ask > 0 && entry.estimate.dollars.is_none())
        .filter(|entry| ["openai", "anthropic"].contains(&entry.provider))
        .map(|entry| entry.entry.clone())
        .collect();
    Ok(Forecast {
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
                items_without_truth: items
                    .iter()
                    .filter(|item| structured.truth(item.persona, item.question).is_none())
                    .count(),
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
        total_dollars: (!dollars.is_empty() || without_price.is_empty()).then(|| Range {
            low: sum(&dollars, |range| range.low),
            high: sum(&dollars, |range| range.high),
        }),
        seconds: Range {
            low: slowest(|range| range.low),
            high: slowest(|range| range.high),
        },
        detectable: (!plan.items().is_empty())
            .then(|| detectable::detectable(study, &collected.table)),
        entries,
        reused,
        without_price,
        problems: loaded.warnings.clone(),
        probes: None,
    })
}

/// A plan of which nothing is stored.
fn unasked(plan: &Plan) -> Result<(Collected, Vec<String>), Failure> {
    let mut collector = Collector::new(plan);
    for item in 0..plan.item_count() {
        collector.push(&oyer::settle::unasked(plan, item)?);
    }
    Ok((collector.finish(), Vec::new()))
}

fn entries(plan: &Plan, collected: &Collected) -> Result<Vec<EntryForecast>, Failure> {
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
        let replies = replies(spent, || estimate::assumed_replies(entry, false));
        let length = answer_length(counts, replies);
        answer_bytes.low = answer_bytes.low.min(length.low);
        answer_bytes.high = answer_bytes.high.max(length.high);
        let to_ask = counts.open;
        let stored = counts.planned - counts.not_run - counts.failed;
        let prompt = prompt(spent, exactly(bytes.generation));
        forecasts.push(EntryForecast {
            entry: format!("models.{}", entry.name),
            asks: "response",
            provider: entry.provider.name(),
            planned: counts.planned,
            stored,
            to_ask,
            impossible: counts.planned - stored - to_ask,
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
        let spent = collected.spent_by_judges[*judge];
        let replies = replies(spent, || estimate::assumed_replies(entry, true));
        let prompt = prompt(spent, judge_prompt(bytes, answer_bytes));
        let counts = collected.judgment_counts[*judge];
        let to_ask = counts.open;
        forecasts.push(EntryForecast {
            entry: format!("judges.{}", entry.name),
            asks: "judgment",
            provider: entry.provider.name(),
            planned: counts.planned,
            stored: counts.planned - to_ask - counts.without_response,
            to_ask,
            impossible: counts.without_response,
            measured: replies.is_measured,
            estimate: estimate::entry(entry, to_ask, prompt, replies),
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
    let to_ask = counts.planned - counts.settled;
    let not_there =
        [Missing::Failed, Missing::NotRun].map(|reason| counts.missing[reason as usize]);
    let stored = counts.planned - not_there.iter().sum::<u64>();
    let spent = collected.spent_on_answers[model];
    let replies = replies(spent, || estimate::assumed_answers(entry));
    let prompt = prompt(spent, exactly(prompt_bytes));
    EntryForecast {
        entry: format!("models.{}", entry.name),
        asks: "structured",
        provider: entry.provider.name(),
        planned: counts.planned,
        stored,
        to_ask,
        impossible: counts.planned - stored - to_ask,
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

fn exactly(number: f64) -> Range {
    Range {
        low: number,
        high: number,
    }
}

/// Bytes of a model's answer: the mean of those that are there, else what its tokens
/// would be in English.
fn answer_length(counts: ResponseCounts, replies: Replies) -> Range {
    const BYTES_PER_TOKEN: f64 = 4.0;
    if counts.answered > 0 {
        return exactly(counts.bytes as f64 / counts.answered as f64);
    }
    Range {
        low: replies.tokens.low * BYTES_PER_TOKEN,
        high: replies.tokens.high * BYTES_PER_TOKEN,
    }
}

/// Reply tokens of stored calls, else assumed ones.
fn replies(spent: Spent, assumed: impl FnOnce() -> Replies) -> Replies {
    match estimate::measured(spent.output_tokens, spent.calls) {
        Some(tokens) => Replies {
            tokens,
            is_measured: true,
        },
        None => assumed(),
    }
}

/// Prompt tokens of stored calls, else those of prompts of this many bytes.
fn prompt(spent: Spent, bytes: Range) -> Range {
    estimate::measured(spent.input_tokens, spent.calls)
        .unwrap_or_else(|| estimate::assumed_prompt(bytes))
}
