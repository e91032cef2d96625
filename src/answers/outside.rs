//! Structured answers that were made elsewhere, against the scales and truth of a study.
//!
//! The forms are those of `study::layout`. A reply is read as one of a run is. A second row of
//! one item is its second sample; an item of a batch without a reply has failed.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::of_study::{questions_and_personas, table_truth};
use super::reading::read as read_reply;
use super::{Answer, AnswerTable, Given, Item, Missing};
use crate::input::table::{Row, Table};
use crate::problem::Problem;
use crate::provider::Finish;
use crate::study::Study;
use crate::study::layout::{self, Layout, plain};
use crate::study::scale::parse_code;

/// Problems of one file that are told; further ones are counted.
const SHOWN: usize = 20;

/// Collects the answers of one model after another.
pub struct Outside<'s> {
    study: &'s Study,
    table: AnswerTable,
    items: HashMap<(u32, u32), u32>,
    personas: HashMap<String, u32>,
    questions: HashMap<&'s str, u32>,
}

/// The item, the sample where it is said, and the answer of a row.
type Placed = (u32, Option<u16>, Given);

impl<'s> Outside<'s> {
    /// For the structured questions of a study.
    pub fn new(study: &'s Study) -> Self {
        let structured = study.structured.iter();
        let questions = structured.flat_map(|structured| &structured.questions);
        let ids = study.personas.iter().map(|persona| plain(&persona.id));
        Self {
            study,
            table: questions_and_personas(study),
            items: HashMap::new(),
            personas: ids.zip(0..).collect(),
            questions: questions
                .map(|question| question.id.as_str())
                .zip(0..)
                .collect(),
        }
    }

    /// Adds a file with the answers of one model.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, each with line, column and field.
    pub fn add(&mut self, model: &str, file: &Path, bytes: &[u8]) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let Some(read) = Table::read(file, bytes, &mut problems) else {
            return Err(problems);
        };
        let layout = Layout::of(&read).ok_or_else(|| vec![unknown(&read)])?;
        let number = self.table.models.len() as u16;
        self.table.models.push(model.to_owned());
        let mut samples: HashMap<u32, u16> = HashMap::new();
        for row in read.rows() {
            match self.row(&read, row, layout) {
                Ok(None) => {}
                Ok(Some((item, sample, given))) => {
                    let next = samples.entry(item).or_default();
                    *next = sample.unwrap_or(*next + 1);
                    self.table.answers.push(Answer {
                        item,
                        model: number,
                        sample: *next,
                        given,
                        distribution: None,
                    });
                }
                Err(problem) => problems.push(*problem),
            }
        }
        let more = problems.len().saturating_sub(SHOWN);
        if more > 0 {
            problems.truncate(SHOWN);
            let message = format!("{more} more problems are not listed");
            problems.push(Problem::error(file, message));
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// The answers of all files. An item of which a file says nothing is planned and
    /// missing where the file holds any item of its split: one made for a held-out split
    /// need not answer the other.
    pub fn finish(mut self) -> AnswerTable {
        let splits: Vec<Option<String>> = self
            .study
            .personas
            .iter()
            .map(|p| p.split.clone())
            .collect();
        for model in 0..self.table.models.len() as u16 {
            let of_model = self
                .table
                .answers
                .iter()
                .filter(|answer| answer.model == model);
            let given: HashSet<u32> = of_model.map(|answer| answer.item).collect();
            let of_item = |item: &u32| self.table.items[*item as usize].persona;
            let held: HashSet<&Option<String>> = given
                .iter()
                .map(|item| &splits[of_item(item) as usize])
                .collect();
            for question in 0..self.table.questions.len() as u32 {
                for persona in
                    (0..splits.len() as u32).filter(|p| held.contains(&splits[*p as usize]))
                {
                    let item = self.item(persona, question);
                    let has_truth = self.table.items[item as usize].truth.is_some();
                    if has_truth && !given.contains(&item) {
                        self.table.answers.push(Answer {
                            item,
                            model,
                            sample: 1,
                            given: Given::Missing(Missing::Failed),
                            distribution: None,
                        });
                    }
                }
            }
        }
        self.table
    }

    /// What a row says; `None` where a batch has no reply.
    fn row(
        &mut self,
        read: &Table,
        row: Row<'_>,
        layout: Layout,
    ) -> Result<Option<Placed>, Box<Problem>> {
        let wrong = |column: usize, message: String| {
            let name = &read.columns[column].name;
            let problem = read
                .source
                .error(row.offset_of(Some(column)), name, message);
            Box::new(problem)
        };
        let text = |column: usize| row.cell(Some(column)).map_or("", |cell| cell.text);
        let (persona, question) = match layout {
            Layout::Batch { id, .. } => {
                let found = layout::of_custom_id(
                    text(id),
                    |id| self.questions.get(id).copied(),
                    |id| self.personas.get(id).copied(),
                );
                found.ok_or_else(|| {
                    let message = format!(
                        "`{}` is no question of the study, an underscore, and one of its personas",
                        text(id)
                    );
                    wrong(id, message)
                })?
            }
            Layout::Items {
                persona, question, ..
            } => {
                let found = self.personas.get(&plain(text(persona))).copied();
                let found = found.ok_or_else(|| {
                    let id = text(persona);
                    wrong(persona, format!("the study has no persona `{id}`"))
                })?;
                let asked = self.questions.get(text(question).trim()).copied();
                let asked = asked.ok_or_else(|| {
                    let id = text(question);
                    wrong(
                        question,
                        format!("the study has no structured question `{id}`"),
                    )
                })?;
                (found, asked)
            }
        };
        let scale = &self.table.questions[question as usize].scale;
        let (given, sample) = match layout {
            Layout::Batch { reply, .. } => {
                let Some(reply) = row.cell(Some(reply)) else {
                    return Ok(None);
                };
                (read_reply(reply.text, Finish::Stop, scale).0, None)
            }
            Layout::Items {
                answer,
                sample,
                is_code: false,
                ..
            } => (read_reply(text(answer), Finish::Stop, scale).0, sample),
            Layout::Items { answer, sample, .. } if text(answer).trim().is_empty() => {
                (Given::Missing(Missing::Unreadable), sample)
            }
            Layout::Items { answer, sample, .. } => {
                let code =
                    parse_code(text(answer)).map_err(|error| wrong(answer, error.to_string()))?;
                // A model that answers off the scale is unreadable, and no fault of the file.
                let position = scale.position(code);
                let given = position.map_or(Given::Missing(Missing::Unreadable), |at| {
                    Given::Option(at as u16)
                });
                (given, sample)
            }
        };
        let sample = match sample.and_then(|column| Some((column, row.word(Some(column))?))) {
            None => None,
            Some((column, written)) => {
                let number = written.parse().ok().filter(|number: &u16| *number > 0);
                let message = || format!("expected a whole number from 1, found `{written}`");
                Some(number.ok_or_else(|| wrong(column, message()))?)
            }
        };
        Ok(Some((self.item(persona, question), sample, given)))
    }

    fn item(&mut self, persona: u32, question: u32) -> u32 {
        if let Some(known) = self.items.get(&(persona, question)) {
            return *known;
        }
        let of_persona = &self.study.personas[persona as usize];
        let id = format!(
            "{}/{}",
            of_persona.id, self.table.questions[question as usize].id
        );
        let structured = self.study.structured.as_ref();
        let truth = structured.and_then(|structured| structured.truth(persona, question));
        let truth = truth.and_then(|truth| table_truth(&mut self.table, question, truth));
        let index = self.table.items.len() as u32;
        self.table.items.push(Item {
            id: id.into(),
            persona,
            question,
            split: of_persona.split.as_deref().map(Into::into),
            variant: None,
            truth,
        });
        self.items.insert((persona, question), index);
        index
    }
}

fn unknown(read: &Table) -> Problem {
    let names: Vec<_> = read
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let message = format!("these columns are not known: {}", names.join(", "));
    let problem = Problem::error(&read.source.path, message).line(1);
    problem.help(layout::KNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::structured::{Structured, StructuredQuestion, StructuredTruth};
    use crate::study::{AnswerForm, ReplyFormat, Scale};

    fn study() -> Study {
        let mut study = crate::study::testing::study(2, 1);
        study.personas[0].id = "sex_Male".to_owned();
        study.personas[1].id = "age_group_16-24 years".to_owned();
        study.structured = Some(Structured {
            questions: vec![StructuredQuestion {
                id: "Q1".to_owned(),
                topic: None,
                text: "How much?".to_owned(),
                scale: Scale::parse("1 = Much | 2 = Little | 3 = Not").unwrap(),
                split: None,
            }],
            truths: vec![StructuredTruth {
                persona: 0,
                question: 0,
                code: 2,
                modes: Vec::new(),
                distribution: None,
                share: None,
                n: None,
                unstable: None,
            }],
            prompt: study.judging.question_prompt.clone(),
            reply: ReplyFormat::Text,
            answer: AnswerForm::Sampled,
            samples: 1,
            max_tokens: None,
            temperature: None,
        });
        study
    }

    fn read(text: &str) -> Result<AnswerTable, String> {
        let study = study();
        let mut outside = Outside::new(&study);
        outside
            .add("m", Path::new("a.csv"), text.as_bytes())
            .map_err(|problems| problems[0].to_string())?;
        Ok(outside.finish())
    }

    #[test]
    fn batch_ids_are_a_question_and_a_persona() {
        let table = read(
            "custom_id,response\nQ1_sex_Male,Answer: 2\nQ1_age_group_16-24-years,I cannot answer.\nQ1_sex_Male,3\n",
        )
        .unwrap();
        assert_eq!(table.items.len(), 2);
        assert_eq!(table.items[0].truth.as_ref().unwrap().mode, 1);
        assert_eq!(table.answers[0].given, Given::Option(1));
        assert_eq!(table.answers[1].given, Given::Missing(Missing::Refused));
        assert_eq!(
            (table.answers[2].sample, table.answers[2].given),
            (2, Given::Option(2))
        );
    }

    #[test]
    fn scores_of_participants_and_plain_tables_are_read() {
        let table =
            read("QUESTION_ID\tPARTICIPANT_ID\tSCORE\nQ1\tsex_Male\t3.0\nQ1\tsex_Male\t9\n");
        let table = table.unwrap();
        assert_eq!(table.answers[0].given, Given::Option(2));
        assert_eq!(table.answers[1].given, Given::Missing(Missing::Unreadable));
        let table = read("persona,question,sample,option\nsex_Male,Q1,4,1\n").unwrap();
        assert_eq!(
            (table.answers[0].sample, table.answers[0].given),
            (4, Given::Option(0))
        );
        let table = read("persona,question,text\nsex_Male,Q1,Little\n").unwrap();
        assert_eq!(table.answers[0].given, Given::Option(1));
    }

    #[test]
    fn what_the_study_does_not_know_is_placed() {
        insta::assert_snapshot!(read("custom_id,response\nQ1_sex_Female,1\n").unwrap_err(), @"a.csv:2:1: custom_id: `Q1_sex_Female` is no question of the study, an underscore, and one of its personas");
        insta::assert_snapshot!(read("persona,question,option\nsex_Male,Q2,1\n").unwrap_err(), @"a.csv:2:10: question: the study has no structured question `Q2`");
        assert!(
            read("a,b\n1,2\n")
                .unwrap_err()
                .starts_with("a.csv:1: these columns are not known: a, b")
        );
    }
}
