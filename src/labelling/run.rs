//! What can be labelled of a run: the answers that its store holds.

use super::{Comparison, Criterion, Frame, Texts};
use crate::engine::stock::{self, StockError};
use crate::plan::Plan;
use crate::prompt::persona_lines;
use crate::settle::{GenerationOutcome, ItemOutcome};
use crate::store::{CallIndex, Reader};
use crate::study::Study;
use crate::study::splits::ItemSplits;

/// A run whose answers are read as they are asked for.
pub struct Run<'r> {
    plan: &'r Plan,
    reader: &'r Reader,
    index: &'r CallIndex,
    splits: ItemSplits<'r>,
    /// Item, pair and sample of each comparison of the frame.
    places: Vec<(u32, usize, u32)>,
}

impl<'r> Run<'r> {
    /// The comparisons of a run whose two answers are there.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn frame(
        plan: &'r Plan,
        reader: &'r Reader,
        index: &'r CallIndex,
    ) -> Result<(Frame, Self), StockError> {
        let study = plan.study();
        let rubric = &study.judging.rubric;
        let mut dimensions = study.dimensions.clone();
        let of_personas = dimensions.len();
        dimensions.extend(["split".to_owned(), "topic".to_owned()]);
        let mut frame = Frame {
            dimensions,
            of_personas,
            criteria: rubric
                .criteria
                .iter()
                .map(|criterion| Criterion {
                    key: criterion.key.clone(),
                    name: criterion.name.clone(),
                    guide: criterion.guide.clone(),
                    needs_truth: criterion.needs_truth,
                })
                .collect(),
            labels: rubric.labels.clone(),
            judge_ties: rubric.ties,
            comparisons: Vec::new(),
            left_out: Vec::new(),
        };
        let mut run = Self {
            plan,
            reader,
            index,
            splits: ItemSplits::new(study),
            places: Vec::new(),
        };
        let mut missing = 0;
        stock::each(plan, reader, index, &mut |item, outcome| {
            missing += run.take(item, outcome, &mut frame);
        })?;
        if missing > 0 {
            let reason = "one of the two answers is missing".to_owned();
            frame.left_out.push((reason, missing));
        }
        Ok((frame, run))
    }

    /// Adds the comparisons of one item; how many lack an answer.
    fn take(&mut self, item: u32, outcome: &ItemOutcome, frame: &mut Frame) -> u64 {
        if outcome.generations.is_empty() {
            return 0;
        }
        let plan = self.plan;
        let study = plan.study();
        let place = plan.items()[item as usize];
        let persona = &study.personas[place.persona as usize];
        let question = &study.questions[place.question as usize];
        let truth_known = study.truth(place.persona, place.question).is_some();
        let criteria: Vec<usize> = (0..frame.criteria.len())
            .filter(|index| truth_known || !frame.criteria[*index].needs_truth)
            .collect();
        let mut levels = persona.levels.clone();
        let split = self.splits.of_open_ended(place.persona, place.question);
        levels.extend([split.map(str::to_owned), question.topic.clone()]);
        let mut missing = 0;
        for (number, pair) in study.compare.pairs.iter().enumerate() {
            for sample in 1..=study.compare.samples {
                let answer = |model| find(outcome, model, sample)?.response.as_ref().ok();
                let (Some(candidate), Some(opponent)) =
                    (answer(pair.candidate), answer(pair.opponent))
                else {
                    missing += 1;
                    continue;
                };
                self.places.push((item, number, sample));
                frame.comparisons.push(Comparison {
                    item: plan.item_id(item),
                    persona: persona.id.clone(),
                    question: question.id.clone(),
                    sample: sample as u16,
                    candidate: study.models[pair.candidate].name.clone(),
                    opponent: study.models[pair.opponent].name.clone(),
                    levels: levels.clone(),
                    criteria: criteria.clone(),
                    secret: format!("{} {}", candidate.key, opponent.key),
                });
            }
        }
        missing
    }

    /// Names of the models that an answer might give away.
    pub fn model_names(study: &Study) -> Vec<String> {
        let entries = study.models.iter();
        let mut names: Vec<String> = entries
            .flat_map(|entry| [entry.name.clone(), entry.model.clone()])
            .filter(|name| !name.trim().is_empty())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// What is shown of a comparison of the frame.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn texts(&self, comparison: usize) -> Result<Texts, StockError> {
        let (item, pair, sample) = self.places[comparison];
        let outcome = stock::item(self.plan, item, self.reader, self.index)?;
        let study = self.plan.study();
        let place = self.plan.items()[item as usize];
        let pair = study.compare.pairs[pair];
        let text = |model| {
            let found = find(&outcome, model, sample);
            let response = found.and_then(|generation| generation.response.as_ref().ok());
            response.map_or_else(String::new, |response| response.text.clone())
        };
        let truth = study.truth(place.persona, place.question);
        Ok(Texts {
            persona: persona_lines(study, &study.personas[place.persona as usize]),
            question: study.questions[place.question as usize].text.clone(),
            truth: truth.map(|truth| truth.value.to_string()),
            candidate: text(pair.candidate),
            opponent: text(pair.opponent),
        })
    }
}

fn find(outcome: &ItemOutcome, model: usize, sample: u32) -> Option<&GenerationOutcome> {
    let mut generations = outcome.generations.iter();
    let found = generations
        .find(|generation| generation.slot.model == model && generation.slot.sample == sample);
    found.map(|generation| &**generation)
}
