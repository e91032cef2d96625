//! What a run knows besides its verdicts, for its report.

use oyer::analysis::facts::{Facts, ModelFacts, Readings};
use oyer::analysis::report::{Answers, EntryCost};
use oyer::plan::Plan;
use oyer::settle::Spent;
use oyer::settle::collect::{Collected, JudgmentCounts, ResponseCounts};
use oyer::study::{Entry, ProviderKind};
use oyer::verdict::extract::Repair;

use super::manifest::{dollars, spent_by_models};

pub(crate) fn facts(plan: &Plan, collected: &Collected) -> Facts {
    let study = plan.study();
    let judges = study
        .judging
        .judges
        .iter()
        .map(|judge| &study.judges[*judge]);
    let entries = |table: &'static str, entries: &[Entry], spent: &[Spent]| -> Vec<EntryCost> {
        let used = entries
            .iter()
            .zip(spent)
            .filter(|(_, spent)| spent.attempts > 0);
        used.map(|(entry, spent)| cost(table, entry, spent))
            .collect()
    };
    let mut costs = entries("models", &study.models, &spent_by_models(collected));
    costs.extend(entries("judges", &study.judges, &collected.spent_by_judges));
    let models = plan.models().iter().map(|model| &study.models[*model]);
    let simulated = models
        .clone()
        .chain(judges.clone())
        .filter(|entry| entry.provider == ProviderKind::Simulated)
        .map(|entry| entry.name.clone())
        .collect();
    Facts {
        control_variant: study
            .variants
            .as_ref()
            .and_then(|v| v.control())
            .map(str::to_owned),
        study: study.name.clone(),
        seed: study.seed,
        judges: judges.map(|judge| judge.name.clone()).collect(),
        simulated,
        models: plan
            .models()
            .iter()
            .map(|model| model_facts(&study.models[*model], &collected.responses[*model]))
            .collect(),
        planned_items: Some(plan.items().len() as u64),
        cost: costs,
        readings: study
            .judging
            .judges
            .iter()
            .map(|judge| readings(&study.judges[*judge], &collected.judgment_counts[*judge]))
            .collect(),
    }
}

fn readings(judge: &Entry, counts: &JudgmentCounts) -> Readings {
    let repairs = Repair::ALL.into_iter().zip(counts.repairs);
    let mut repairs: Vec<(Repair, u64)> = repairs.filter(|(_, count)| *count > 0).collect();
    // Of equally many the order stays.
    repairs.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Readings {
        judge: judge.name.clone(),
        verdicts: counts.read,
        repaired: counts.repaired,
        repairs,
    }
}

fn cost(table: &str, entry: &Entry, spent: &Spent) -> EntryCost {
    EntryCost {
        entry: format!("{table}.{}", entry.name),
        calls: spent.calls,
        attempts: spent.attempts,
        input_tokens: spent.input_tokens,
        output_tokens: spent.output_tokens,
        unmetered: spent.unmetered,
        dollars: dollars(entry, spent),
    }
}

fn model_facts(entry: &Entry, counts: &ResponseCounts) -> ModelFacts {
    let is_file = entry.provider == ProviderKind::File;
    ModelFacts {
        name: entry.name.clone(),
        answers: Answers {
            planned: counts.planned,
            answered: counts.answered,
            truncated: counts.truncated + counts.cut_before_text,
            empty: counts.empty,
            refused_in_words: counts.refused_in_words,
            refused: counts.refused,
            failed: if is_file { 0 } else { counts.failed },
            not_in_file: if is_file { counts.failed } else { 0 },
            not_run: counts.not_run,
            reasoning_removed: counts.had_reasoning,
        },
        mean_chars: (counts.answered > 0).then(|| counts.chars as f64 / counts.answered as f64),
    }
}
