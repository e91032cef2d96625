//! From settled items to the verdict table and what else a report tells of a run.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::answers::AnswerOutcome;
use super::{ItemOutcome, JudgmentOutcome, Spent, answers_table};
use crate::answers::{Answer, AnswerTable, Given, Missing};
use crate::plan::Plan;
use crate::study::splits::ItemSplits;
use crate::study::{ProviderKind, Study};
use crate::verdict::MissingReason;
use crate::verdict::extract::Repair;
use crate::verdict::table::{
    Cell, Contest, Item, ItemPersona, ItemQuestion, Judgment, Names, VerdictTable,
};

/// What a run has collected.
#[derive(Debug, Clone, PartialEq)]
pub struct Collected {
    /// Every planned judgment.
    pub table: VerdictTable,
    /// Responses of each model, parallel to [`Study::models`].
    pub responses: Vec<ResponseCounts>,
    /// Every planned structured answer.
    pub answers: AnswerTable,
    /// Structured answers of each model, parallel to [`Study::models`].
    pub answer_counts: Vec<AnswerCounts>,
    /// What each model has used for open-ended responses, parallel to [`Study::models`].
    pub spent_by_models: Vec<Spent>,
    /// What each has used for structured answers.
    pub spent_on_answers: Vec<Spent>,
    /// Judgments of each judge, parallel to [`Study::judges`].
    pub judgment_counts: Vec<JudgmentCounts>,
    /// What each judge has used, parallel to [`Study::judges`].
    pub spent_by_judges: Vec<Spent>,
    /// Planned responses and judgments that another run would ask for.
    pub open: u64,
}

/// Planned responses of one model by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResponseCounts {
    /// All of them.
    pub planned: u64,
    /// With a text to be judged.
    pub answered: u64,
    /// Of these, cut off at the token limit.
    pub truncated: u64,
    /// Of these, without any text, though nothing cut them off.
    pub empty: u64,
    /// Of these, with a reasoning block that was taken off.
    pub had_reasoning: u64,
    /// Of these, called a refusal by the model's API.
    pub refused_in_words: u64,
    /// Characters of all texts.
    pub chars: u64,
    /// Bytes of all texts.
    pub bytes: u64,
    /// Refused by the model's API without a text.
    pub refused: u64,
    /// Cut off before any text.
    pub cut_before_text: u64,
    /// Given up after errors.
    pub failed: u64,
    /// Not asked for.
    pub not_run: u64,
    /// Another run would ask for them: all that failed or were not asked for, but for those
    /// that a file has nothing to compare with.
    pub open: u64,
}

/// Planned judgments of one judge by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JudgmentCounts {
    /// All of them.
    pub planned: u64,
    /// Another run would ask for them.
    pub open: u64,
    /// Those that can never be asked for, since one of their responses is missing for good.
    pub without_response: u64,
    /// Those that give some verdict.
    pub read: u64,
    /// Of these, those whose reply had to be repaired to be read.
    pub repaired: u64,
    /// How many needed each repair, in the order of [`Repair::ALL`].
    pub repairs: [u64; Repair::ALL.len()],
}

// Not derived: arrays of more than 32 have no default.
impl Default for JudgmentCounts {
    fn default() -> Self {
        Self {
            planned: 0,
            open: 0,
            without_response: 0,
            read: 0,
            repaired: 0,
            repairs: [0; Repair::ALL.len()],
        }
    }
}

impl JudgmentCounts {
    fn count(&mut self, judgment: &JudgmentOutcome) {
        self.planned += 1;
        self.open += u64::from(judgment.is_open);
        self.without_response += u64::from(!judgment.is_open && judgment.key.is_none());
        if judgment.cells.iter().all(|cell| cell.missing.is_some()) {
            return;
        }
        self.read += 1;
        self.repaired += u64::from(!judgment.repairs.is_empty());
        for repair in &judgment.repairs {
            self.repairs[*repair as usize] += 1;
        }
    }
}

/// Planned structured answers of one model by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AnswerCounts {
    /// All of them.
    pub planned: u64,
    /// With an option.
    pub answered: u64,
    /// Those without, by [`Missing`], in the order of [`Missing::ALL`].
    pub missing: [u64; Missing::ALL.len()],
    /// Nothing is left to ask.
    pub settled: u64,
}

/// Gathers items in any order.
pub struct Collector<'p> {
    plan: &'p Plan,
    collected: Collected,
    /// Items of which nothing was sent.
    unsent: Vec<u32>,
    /// The same of structured ones.
    unsent_structured: Vec<u32>,
}

impl<'p> Collector<'p> {
    /// An empty collection for a plan.
    pub fn new(plan: &'p Plan) -> Self {
        let study = plan.study();
        let table = VerdictTable {
            dimensions: study.dimensions.clone(),
            covariates: study.covariates.clone(),
            items: table_items(plan),
            simulated: simulated(study),
            contests: contests(study),
            criteria: criteria(study),
            ..with_room(plan)
        };
        Self {
            plan,
            collected: Collected {
                table,
                responses: vec![ResponseCounts::default(); study.models.len()],
                answers: answers_table::empty_table(plan),
                answer_counts: vec![AnswerCounts::default(); study.models.len()],
                spent_on_answers: vec![Spent::default(); study.models.len()],
                spent_by_models: vec![Spent::default(); study.models.len()],
                judgment_counts: vec![JudgmentCounts::default(); study.judges.len()],
                spent_by_judges: vec![Spent::default(); study.judges.len()],
                open: 0,
            },
            unsent: Vec::new(),
            unsent_structured: Vec::new(),
        }
    }

    /// Adds one item.
    pub fn push(&mut self, item: &ItemOutcome) {
        let collected = &mut self.collected;
        if !item.was_sent() {
            let judged = item.judgments.first().map(|judgment| judgment.slot.item);
            self.unsent.extend(judged);
            let answered = item.answers.first().map(|answer| answer.slot.item);
            let rank = |item| self.plan.rank(item);
            self.unsent_structured.extend(answered.map(rank));
        }
        for generation in &item.generations {
            let model = generation.slot.model;
            collected.open += u64::from(generation.is_open);
            collected.spent_by_models[model] += generation.spent;
            let counts = &mut collected.responses[model];
            counts.planned += 1;
            counts.open += u64::from(generation.is_open);
            match &generation.response {
                Ok(response) => {
                    counts.answered += 1;
                    counts.truncated += u64::from(response.truncated);
                    counts.empty += u64::from(response.text.is_empty());
                    counts.refused_in_words += u64::from(response.refused);
                    counts.had_reasoning += u64::from(generation.had_reasoning);
                    counts.chars += u64::from(response.chars);
                    counts.bytes += response.text.len() as u64;
                }
                Err(MissingReason::Refused) => counts.refused += 1,
                Err(MissingReason::Truncated) => counts.cut_before_text += 1,
                Err(MissingReason::NotRun) => counts.not_run += 1,
                Err(_) => counts.failed += 1,
            }
        }
        for judgment in &item.judgments {
            let judge = judgment.slot.judge;
            collected.open += u64::from(judgment.is_open);
            collected.spent_by_judges[judge] += judgment.spent;
            collected.judgment_counts[judge].count(judgment);
            push_judgment(&mut collected.table, self.plan.study(), judgment);
        }
        for answer in &item.answers {
            collected.open += u64::from(answer.is_open);
            collected.spent_on_answers[answer.slot.model] += answer.spent;
            count_answer(&mut collected.answer_counts[answer.slot.model], answer);
            answers_table::push(&mut collected.answers, self.plan, answer);
        }
    }

    /// The collection, with its judgments in the plan's order whatever the order
    /// in which the items came.
    pub fn finish(mut self) -> Collected {
        let Collected { table, answers, .. } = &mut self.collected;
        // While others wait, so does an item of which nothing was sent, whatever a file has or
        // lacks of it: in a run of a few items it would count among them. When none waits, it
        // counts as what it is, an item with what the file has.
        let waits = |cell: &Cell| cell.missing == Some(MissingReason::NotRun);
        if table.cells.iter().any(waits) {
            for item in &self.unsent {
                table.items[*item as usize].not_begun = true;
            }
        }
        let waits = |answer: &Answer| answer.given == Given::Missing(Missing::NotRun);
        if answers.answers.iter().any(waits) {
            for item in &self.unsent_structured {
                answers.items[*item as usize].not_begun = true;
            }
        }
        let rank = |row: &Judgment| {
            let criterion = table
                .cells
                .get(row.first_cell as usize)
                .map(|cell| cell.criterion);
            (
                row.item,
                row.contest,
                row.sample,
                criterion,
                row.repeat,
                row.order,
            )
        };
        // Rows are many and large, so their numbers are sorted and no column is copied.
        let mut order: Vec<u32> = (0..table.judgments.len() as u32).collect();
        order.sort_unstable_by_key(|row| rank(&table.judgments[*row as usize]));
        put_in_order(&mut table.judgments, &order);
        put_in_order(&mut table.calls, &order);
        let answers = &mut self.collected.answers.answers;
        answers.sort_unstable_by_key(|answer| (answer.item, answer.model, answer.sample));
        self.collected
    }
}

/// An empty table that can take every planned judgment: a table that grows is copied
/// over and over, and needs half of its memory twice.
fn with_room(plan: &Plan) -> VerdictTable {
    let items = 0..plan.items().len() as u32;
    let judgments = items.map(|item| plan.judgments_of(item)).sum();
    let criteria = plan.study().judging.rubric.criteria.len();
    VerdictTable {
        judgments: Vec::with_capacity(judgments),
        cells: Vec::with_capacity(judgments * criteria),
        calls: Vec::with_capacity(judgments),
        ..VerdictTable::default()
    }
}

fn count_answer(counts: &mut AnswerCounts, answer: &AnswerOutcome) {
    counts.planned += 1;
    counts.settled += u64::from(!answer.is_open);
    match answer.given {
        Given::Option(_) => counts.answered += 1,
        Given::Missing(reason) => counts.missing[reason as usize] += 1,
    }
}

/// Moves to each place the row that `order` says, which names each row once.
fn put_in_order<T: Copy>(column: &mut [T], order: &[u32]) {
    let mut is_done = vec![false; column.len()];
    for start in 0..column.len() {
        let first = column[start];
        let mut place = start;
        // Places that wait for each other form a circle.
        while !is_done[place] {
            is_done[place] = true;
            let from = order[place] as usize;
            column[place] = if from == start { first } else { column[from] };
            place = from;
        }
    }
}

/// The items of a plan, with the text that many of them share kept once.
fn table_items(plan: &Plan) -> Vec<Item> {
    let study = plan.study();
    let mut names = Names::default();
    let splits = ItemSplits::new(study);
    // A persona has one for each split that its items are of.
    let mut personas: HashMap<(u32, Option<&str>), Arc<ItemPersona>> = HashMap::new();
    let questions: Vec<_> = study
        .questions
        .iter()
        .map(|question| {
            Arc::new(ItemQuestion {
                id: names.text(&question.id),
                topic: names.optional(question.topic.as_deref()),
                covariates: names.row(question.covariates.iter().map(Option::as_deref)),
            })
        })
        .collect();
    let variants = study.variants.as_ref();
    plan.items()
        .iter()
        .map(|item| {
            let split = splits.of_open_ended(item.persona, item.question);
            let persona = personas.entry((item.persona, split)).or_insert_with(|| {
                let persona = &study.personas[item.persona as usize];
                Arc::new(ItemPersona {
                    id: names.text(&persona.id),
                    split: names.optional(split),
                    levels: names.row(persona.levels.iter().map(Option::as_deref)),
                })
            });
            let persona = Arc::clone(persona);
            let question = &questions[item.question as usize];
            Item {
                own_id: None,
                not_begun: false,
                persona,
                question: Arc::clone(question),
                variant: variants.map(|variants| names.text(variants.name(item.variant))),
            }
        })
        .collect()
}

/// A contest for each pair and judge, pairs first.
fn contests(study: &Study) -> Vec<Contest> {
    let rubric = study.judging.rubric.id();
    let mut contests = Vec::new();
    for pair in &study.compare.pairs {
        for judge in &study.judging.judges {
            contests.push(Contest {
                candidate: study.models[pair.candidate].name.clone(),
                opponent: study.models[pair.opponent].name.clone(),
                judge: study.judges[*judge].name.clone(),
                rubric: rubric.clone(),
            });
        }
    }
    contests
}

/// The simulated ones of those that are compared and of those who judge.
pub fn simulated(study: &Study) -> BTreeSet<String> {
    let models = study
        .compare
        .pairs
        .iter()
        .flat_map(|pair| [pair.candidate, pair.opponent]);
    let models = models.map(|model| &study.models[model]);
    let judges = study
        .judging
        .judges
        .iter()
        .map(|judge| &study.judges[*judge]);
    let simulated = models
        .chain(judges)
        .filter(|entry| entry.provider == ProviderKind::Simulated);
    simulated.map(|entry| entry.name.clone()).collect()
}

fn criteria(study: &Study) -> Vec<String> {
    let criteria = &study.judging.rubric.criteria;
    criteria
        .iter()
        .map(|criterion| criterion.key.clone())
        .collect()
}

fn push_judgment(table: &mut VerdictTable, study: &Study, judgment: &JudgmentOutcome) {
    let slot = judgment.slot;
    let judges = &study.judging.judges;
    let judge = judges
        .iter()
        .position(|judge| *judge == slot.judge)
        .unwrap_or_default();
    table.judgments.push(Judgment {
        item: slot.item,
        contest: (slot.pair * judges.len() + judge) as u32,
        order: slot.order,
        sample: slot.sample as u16,
        repeat: slot.repeat as u16,
        candidate_chars: judgment.chars[0].into(),
        opponent_chars: judgment.chars[1].into(),
        first_cell: table.cells.len() as u32,
        cell_count: judgment.cells.len() as u16,
    });
    table.cells.extend_from_slice(&judgment.cells);
    table.calls.push(judgment.key.map_or([0; 32], |key| key.0));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_place_gets_the_row_that_the_order_says(
            order in (0..40_u32).prop_flat_map(|n| Just((0..n).collect::<Vec<_>>()).prop_shuffle()),
        ) {
            let mut column: Vec<u32> = (0..order.len() as u32).map(|row| row * 10).collect();
            let copied: Vec<u32> = order.iter().map(|row| column[*row as usize]).collect();
            put_in_order(&mut column, &order);
            prop_assert_eq!(column, copied);
        }
    }
}
