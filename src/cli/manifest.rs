//! `manifest.json`: what a run was made from, without secrets.

use oyer::settle::Spent;
use oyer::settle::collect::Collected;
use oyer::store::{FolderTotals, Reader, RunRow};
use oyer::study::{Entry, Study};
use oyer::text::escape_json;
use serde::Serialize;

use super::error::Failure;

#[derive(Serialize)]
struct Manifest<'a> {
    schema_version: u32,
    oyer: &'static str,
    study: &'a str,
    study_hash: String,
    seed: u64,
    rubric: String,
    persona_prompt: &'a str,
    /// Phrasings that take its place; absent without `[variants]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variants: Vec<&'a str>,
    question_prompt: &'a str,
    judge_prompt: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    structured: Option<Structured<'a>>,
    inputs: &'a [Input],
    models: Vec<Endpoint<'a>>,
    judges: Vec<Endpoint<'a>>,
    runs: Vec<Run>,
    /// Of the study as it is now, at the prices that it names now.
    totals: Totals,
    /// Of all that was ever sent from this folder, for earlier rubrics and models too.
    folder: FolderTotals,
}

/// How structured questions are asked, and what became of the answers.
#[derive(Serialize)]
struct Structured<'a> {
    prompt: &'a str,
    questions: usize,
    samples: u32,
    answers: Vec<StructuredAnswers<'a>>,
}

#[derive(Serialize)]
struct StructuredAnswers<'a> {
    model: &'a str,
    planned: u64,
    answered: u64,
    refused: u64,
    unreadable: u64,
    truncated: u64,
    failed: u64,
    not_run: u64,
}

/// A file that the study was read from.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Input {
    pub(crate) file: String,
    pub(crate) blake3: String,
}

#[derive(Serialize)]
struct Endpoint<'a> {
    name: &'a str,
    provider: &'static str,
    base_urls: &'a [String],
    model: &'a str,
    revision: Option<&'a str>,
    seed: Option<i64>,
    api_key_env: Option<&'a str>,
    requests: u64,
    input_tokens: u64,
    output_tokens: u64,
    dollars: Option<f64>,
}

#[derive(Serialize)]
struct Run {
    study_hash: String,
    oyer: String,
    started: String,
    ended: Option<String>,
    outcome: Option<String>,
}

#[derive(Serialize)]
struct Totals {
    requests: u64,
    input_tokens: u64,
    output_tokens: u64,
    dollars: Option<f64>,
}

/// The manifest's JSON.
pub(crate) fn render(
    study: &Study,
    hash: &[u8; 32],
    inputs: &[Input],
    collected: &Collected,
    reader: &Reader,
) -> Result<String, Failure> {
    let models = spent_by_models(collected);
    let models: Vec<(&Entry, Spent)> = study.models.iter().zip(models).collect();
    let judges = collected.spent_by_judges.iter().copied();
    let judges: Vec<(&Entry, Spent)> = study.judges.iter().zip(judges).collect();
    let all = || models.iter().chain(&judges);
    let costs: Vec<Option<f64>> = all().map(|(entry, spent)| dollars(entry, spent)).collect();
    let manifest = Manifest {
        schema_version: 1,
        oyer: env!("CARGO_PKG_VERSION"),
        study: &study.name,
        study_hash: blake3::Hash::from(*hash).to_string(),
        seed: study.seed,
        rubric: study.judging.rubric.id(),
        persona_prompt: &study.judging.persona_prompt.name,
        variants: study
            .variants
            .iter()
            .flat_map(|variants| &variants.persona_prompts)
            .map(|template| template.name.as_str())
            .collect(),
        question_prompt: &study.judging.question_prompt.name,
        judge_prompt: &study.judging.rubric.template.name,
        structured: structured(study, collected),
        inputs,
        models: models.iter().map(endpoint).collect(),
        judges: judges.iter().map(endpoint).collect(),
        runs: reader.runs()?.into_iter().map(run).collect(),
        totals: Totals {
            requests: all().map(|(_, spent)| spent.attempts).sum(),
            input_tokens: all().map(|(_, spent)| spent.input_tokens).sum(),
            output_tokens: all().map(|(_, spent)| spent.output_tokens).sum(),
            dollars: costs
                .iter()
                .any(Option::is_some)
                .then(|| costs.iter().flatten().sum()),
        },
        folder: reader.totals()?,
    };
    let json = serde_json::to_string_pretty(&manifest)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(escape_json(&json).into_owned())
}

/// What models have used for answers of both kinds.
pub(crate) fn spent_by_models(collected: &Collected) -> Vec<Spent> {
    let both = collected
        .spent_by_models
        .iter()
        .zip(&collected.spent_on_answers);
    both.map(|(open, structured)| {
        let mut spent = *open;
        spent += *structured;
        spent
    })
    .collect()
}

fn structured<'a>(study: &'a Study, collected: &Collected) -> Option<Structured<'a>> {
    let structured = study.structured.as_ref()?;
    let answers = study.models.iter().zip(&collected.answer_counts);
    Some(Structured {
        prompt: &structured.prompt.name,
        questions: structured.questions.len(),
        samples: structured.samples,
        answers: answers
            .map(|(model, counts)| {
                let [refused, unreadable, truncated, failed, not_run] = counts.missing;
                StructuredAnswers {
                    model: &model.name,
                    planned: counts.planned,
                    answered: counts.answered,
                    refused,
                    unreadable,
                    truncated,
                    failed,
                    not_run,
                }
            })
            .collect(),
    })
}

fn endpoint<'a>((entry, spent): &(&'a Entry, Spent)) -> Endpoint<'a> {
    Endpoint {
        name: &entry.name,
        provider: entry.provider.name(),
        base_urls: &entry.base_urls,
        model: &entry.model,
        revision: entry.revision.as_deref(),
        seed: entry.seed,
        api_key_env: entry.api_key_env.as_deref(),
        requests: spent.attempts,
        input_tokens: spent.input_tokens,
        output_tokens: spent.output_tokens,
        dollars: dollars(entry, spent),
    }
}

/// Dollars of an entry; `None` where it has no price.
pub(crate) fn dollars(entry: &Entry, spent: &Spent) -> Option<f64> {
    let price = entry.price?;
    Some(price.dollars(spent.input_tokens, spent.output_tokens))
}

fn run(row: RunRow) -> Run {
    Run {
        study_hash: blake3::Hash::from(row.study).to_string(),
        oyer: row.version,
        started: row.started,
        ended: row.ended,
        outcome: row.outcome,
    }
}
