//! Structured answers that were made elsewhere, against the scales and truth of a study.
//!
//! The forms are those of `study::layout`, with a column `variant` where the study has
//! several phrasings of the persona. A reply is read as one of a run is. A second row of
//! one item is its second sample; an item of a batch without a reply has failed. Rows about
//! personas and questions that the study does not know are refused, or left out and told.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use super::of_study::{questions_and_personas, table_truth};
use super::reading::read as read_reply;
use super::{Answer, AnswerTable, Given, Item, Missing};
use crate::input::source::shown;
use crate::input::table::{Row, Table};
use crate::problem::Problem;
use crate::provider::Finish;
use crate::study::layout::{self, CustomId, Layout, PersonaIds, Spelt, plain};
use crate::study::scale::parse_code;
use crate::study::splits::ItemSplits;
use crate::study::{Ending, Study, Variants};
use crate::text::nearest::nearest;

/// Problems of one file that are told; further ones are counted.
const SHOWN: usize = 20;

/// Collects the answers of one model after another.
pub struct Outside<'s> {
    study: &'s Study,
    splits: ItemSplits<'s>,
    table: AnswerTable,
    /// By persona, question and phrasing.
    items: HashMap<(u32, u32, u32), u32>,
    /// Model and item of rows without a reply: planned, though nothing was given.
    unanswered: HashSet<(u16, u32)>,
    personas: PersonaIds,
    questions: HashMap<&'s str, u32>,
    skips_unknown: bool,
    notes: Vec<String>,
}

/// Why a row gives no answer.
enum Fault {
    /// The study does not know what this column names.
    Unknown {
        what: &'static str,
        name: String,
        column: usize,
    },
    Wrong(Box<Problem>),
}

/// The item, the sample where it is said, and the answer of a row; none where a batch has
/// no reply.
type Placed = (u32, Option<u16>, Option<Given>);

impl<'s> Outside<'s> {
    /// For the structured questions of a study.
    pub fn new(study: &'s Study) -> Self {
        let structured = study.structured.iter();
        let questions = structured.flat_map(|structured| &structured.questions);
        let ids = study.personas.iter().map(|persona| persona.id.as_str());
        Self {
            study,
            splits: ItemSplits::new(study),
            table: questions_and_personas(study),
            items: HashMap::new(),
            unanswered: HashSet::new(),
            personas: PersonaIds::new(ids.zip(0..)),
            questions: questions
                .map(|question| question.id.as_str())
                .zip(0..)
                .collect(),
            skips_unknown: false,
            notes: Vec::new(),
        }
    }

    /// Leaves out rows about personas and questions that the study does not know.
    #[must_use]
    pub fn skipping_unknown(self, skips_unknown: bool) -> Self {
        Self {
            skips_unknown,
            ..self
        }
    }

    /// What was left out of the files so far.
    pub fn notes(&self) -> &[String] {
        &self.notes
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
        let layout = Layout::of(&read).ok_or_else(|| vec![unknown_columns(&read)])?;
        let variant = self.variant(&read).map_err(|problem| vec![*problem])?;
        let number = self.table.models.len() as u16;
        self.table.models.push(model.to_owned());
        let mut samples: HashMap<u32, u16> = HashMap::new();
        let mut given_at: HashMap<(u32, u16), usize> = HashMap::new();
        let mut left_out: BTreeMap<(&'static str, String), u64> = BTreeMap::new();
        let mut more = 0;
        for row in read.rows() {
            match self.row(&read, row, layout, variant) {
                Ok((item, _, None)) => {
                    self.unanswered.insert((number, item));
                }
                Ok((item, sample, Some(given))) => {
                    let next = samples.entry(item).or_default();
                    *next = sample.unwrap_or(*next + 1);
                    let first = *given_at.entry((item, *next)).or_insert(row.offset());
                    if first != row.offset() && problems.len() >= SHOWN {
                        more += 1;
                    } else if first != row.offset() {
                        problems.push(read.source.error(
                            row.offset(),
                            "sample",
                            format!(
                                "the answer to this item and sample stands twice, first on line {}",
                                read.source.place(first).0
                            ),
                        ));
                    }
                    self.table.answers.push(Answer {
                        item,
                        model: number,
                        sample: *next,
                        given,
                        distribution: None,
                    });
                }
                Err(Fault::Unknown { what, name, .. }) if self.skips_unknown => {
                    *left_out.entry((what, name)).or_default() += 1;
                }
                Err(_) if problems.len() >= SHOWN => more += 1,
                Err(Fault::Wrong(problem)) => problems.push(*problem),
                Err(Fault::Unknown { what, name, column }) => {
                    let at = row.offset_of(Some(column));
                    let field = &read.columns[column].name;
                    let (message, help) = self.unknown(what, &name, field);
                    problems.push(read.source.error(at, field, message).help(help));
                }
            }
        }
        let mut unanswered = self.unanswered.iter();
        let is_empty = samples.is_empty() && !unanswered.any(|(model, _)| *model == number);
        if !left_out.is_empty() {
            let told = told(&left_out);
            if is_empty && problems.is_empty() {
                let message = "no row is about a persona and a question of the study";
                problems.push(Problem::error(file, message).help(told));
            } else {
                self.notes.push(format!("{}: {told}", file.display()));
            }
        }
        if is_empty && left_out.is_empty() && problems.is_empty() {
            let message = "this file has no row with an answer";
            problems.push(Problem::error(file, message).help(
                "give the file with the replies of the model, or leave it out of this command",
            ));
        }
        if more > 0 {
            problems.push(Problem::more(file, more));
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// The answers of all files. An item of which a file says nothing is planned and
    /// missing where the file holds any item of its phrasing whose persona and question are
    /// of the same splits: one made for a set of personas, or of questions, need not answer
    /// the others.
    pub fn finish(mut self) -> AnswerTable {
        let study = self.study;
        let asked: Vec<Option<&str>> = study
            .structured
            .iter()
            .flat_map(|structured| &structured.questions)
            .map(|question| question.split.as_deref())
            .collect();
        let splits = |persona: u32, question: u32| {
            let of_persona = study.personas[persona as usize].split.as_deref();
            (of_persona, asked[question as usize])
        };
        let phrasings = self
            .variants()
            .map_or(1, |known| known.persona_prompts.len()) as u32;
        for model in 0..self.table.models.len() as u16 {
            let of_model = self
                .table
                .answers
                .iter()
                .filter(|answer| answer.model == model);
            let given: HashSet<u32> = of_model.map(|answer| answer.item).collect();
            let is_held =
                |item: u32| given.contains(&item) || self.unanswered.contains(&(model, item));
            let held: HashSet<_> = self
                .items
                .iter()
                .filter(|(_, item)| is_held(**item))
                .map(|((persona, question, phrasing), _)| (splits(*persona, *question), *phrasing))
                .collect();
            for question in 0..self.table.questions.len() as u32 {
                let places = (0..phrasings).flat_map(|phrasing| {
                    (0..study.personas.len() as u32).map(move |persona| (persona, phrasing))
                });
                for (persona, phrasing) in
                    places.filter(|(p, phrasing)| held.contains(&(splits(*p, question), *phrasing)))
                {
                    let item = self.item(persona, question, phrasing);
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

    /// What a row says.
    fn row(
        &mut self,
        read: &Table,
        row: Row<'_>,
        layout: Layout,
        variant: Option<usize>,
    ) -> Result<Placed, Fault> {
        let wrong = |column: usize, message: String| {
            let name = &read.columns[column].name;
            let problem = read
                .source
                .error(row.offset_of(Some(column)), name, message);
            Fault::Wrong(Box::new(problem))
        };
        let text = |column: usize| row.cell(Some(column)).map_or("", |cell| cell.text);
        let unknown = |what: &'static str, column: usize| Fault::Unknown {
            what,
            name: text(column).trim().to_owned(),
            column,
        };
        let (persona, question) = match layout {
            Layout::Batch { id, .. } => {
                let question = |id: &str| self.questions.get(id).copied();
                match layout::of_custom_id(text(id), question, &self.personas) {
                    CustomId::One(found) => found,
                    CustomId::Several => {
                        return Err(wrong(id, layout::several_items(text(id))));
                    }
                    CustomId::Unknown => return Err(unknown("custom_id", id)),
                }
            }
            Layout::Items {
                persona, question, ..
            } => {
                let found = match self.personas.find(text(persona)) {
                    Some(Spelt::One(found)) => found,
                    Some(Spelt::Several) => {
                        return Err(wrong(persona, layout::several_personas(text(persona))));
                    }
                    None => return Err(unknown("persona", persona)),
                };
                let asked = self.questions.get(text(question).trim()).copied();
                let asked = asked.ok_or_else(|| unknown("question", question))?;
                (found, asked)
            }
        };
        let phrasing = match (variant, self.variants()) {
            (Some(column), Some(known)) => {
                let mut names = known.persona_prompts.iter();
                let found = names.position(|prompt| prompt.name == text(column).trim());
                found.ok_or_else(|| unknown("phrasing", column))? as u32
            }
            _ => 0,
        };
        let scale = &self.table.questions[question as usize].scale;
        let (given, sample) = match layout {
            Layout::Batch { reply, finish, .. } => {
                let ending = layout::ending(row, finish);
                let has_failed = row.cell(Some(reply)).is_none() && ending == Ending::Whole;
                let given = || read_reply(text(reply), ending.into(), scale).0;
                ((!has_failed).then(given), None)
            }
            // A `null`, where a cell of CSV or an empty text is a reply that says nothing.
            Layout::Items { answer, sample, .. } if row.cell(Some(answer)).is_none() => {
                (None, sample)
            }
            Layout::Items {
                answer,
                sample,
                is_code: false,
                ..
            } => {
                let given = read_reply(text(answer), Finish::Stop, scale).0;
                (Some(given), sample)
            }
            Layout::Items { answer, sample, .. } if text(answer).trim().is_empty() => {
                (Some(Given::Missing(Missing::Unreadable)), sample)
            }
            Layout::Items { answer, sample, .. } => {
                let code = match parse_code(text(answer)) {
                    Ok(code) => Some(code),
                    // The benchmark keeps what it could not read of a reply as `nan` or text.
                    Err(_) if read.columns[answer].name.eq_ignore_ascii_case("score") => None,
                    Err(error) => return Err(wrong(answer, error.to_string())),
                };
                // A model that answers off the scale is unreadable, and no fault of the file.
                let position = code.and_then(|code| scale.position(code));
                let given = position.map_or(Given::Missing(Missing::Unreadable), |at| {
                    Given::Option(at as u16)
                });
                (Some(given), sample)
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
        Ok((self.item(persona, question, phrasing), sample, given))
    }

    fn variants(&self) -> Option<&'s Variants> {
        self.study.variants.as_ref()
    }

    /// The column of the phrasing, where the study has several.
    fn variant(&self, read: &Table) -> Result<Option<usize>, Box<Problem>> {
        let column = read.column("variant");
        if self.variants().is_some() {
            if column.is_some() || read.is_empty() {
                return Ok(column);
            }
            let message = "the study has [variants], and no column `variant` says in which phrasing an answer was given";
            let problem = Problem::error(&read.source.path, message).line(1);
            return Err(Box::new(problem.help(
                "add the column, with a name of variants.persona_prompts in each row",
            )));
        }
        let mut rows = read.rows();
        let Some(row) = rows.find(|row| row.word(column).is_some()) else {
            return Ok(None);
        };
        let message = "this names a phrasing of the persona, and the study has no [variants]";
        let problem = read.source.error(row.offset_of(column), "variant", message);
        Err(Box::new(problem.help(
            "give a study whose variants.persona_prompts has the names of this column, or a file of one phrasing without the column",
        )))
    }

    /// What is said of a persona, question or phrasing that the study does not know, and the advice.
    fn unknown(&self, what: &str, name: &str, field: &str) -> (String, String) {
        let questions = self.questions.keys().copied();
        let personas = || self.personas.spellings();
        let (message, near) = match what {
            "persona" => (
                format!("the study has no persona `{}`", shown(name)),
                nearest(&plain(name), personas()).map(str::to_owned),
            ),
            "question" => (
                format!("the study has no structured question `{}`", shown(name)),
                nearest(name, questions).map(str::to_owned),
            ),
            "phrasing" => {
                let known = self.variants().map(|known| known.persona_prompts.iter());
                let known = known.into_iter().flatten().map(|prompt| &*prompt.name);
                (
                    format!("variants.persona_prompts has no `{}`", shown(name)),
                    nearest(name, known).map(str::to_owned),
                )
            }
            _ => {
                let known = |(at, _): (usize, &str)| {
                    let question = self.questions.get_key_value(&name[..at])?.0;
                    let near = nearest(&plain(&name[at + 1..]), personas())?;
                    Some(format!("{question}_{near}"))
                };
                let message = format!(
                    "`{}` is no question of the study, an underscore, and one of its personas",
                    shown(name)
                );
                (message, name.match_indices('_').find_map(known))
            }
        };
        let mut help = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        if what == "persona" && field.eq_ignore_ascii_case("participant_id") && help.is_empty() {
            help.push_str("in the benchmark's own files these are respondents of the survey (D_INTERVIEW), and scores of theirs need a study with a persona for each; ");
        }
        help.push_str("--skip-unknown leaves out what the study does not know");
        (message, help)
    }

    fn item(&mut self, persona: u32, question: u32, phrasing: u32) -> u32 {
        let place = (persona, question, phrasing);
        if let Some(known) = self.items.get(&place) {
            return *known;
        }
        let of_persona = &self.study.personas[persona as usize];
        let variant = self.variants().map(|known| known.name(phrasing));
        let mut id = format!(
            "{}/{}",
            of_persona.id, self.table.questions[question as usize].id
        );
        if let Some(variant) = variant {
            id = format!("{id}/{variant}");
        }
        let structured = self.study.structured.as_ref();
        let truth = structured.and_then(|structured| structured.truth(persona, question));
        let truth = truth.and_then(|truth| table_truth(&mut self.table, question, truth));
        let index = self.table.items.len() as u32;
        self.table.items.push(Item {
            id: id.into(),
            persona,
            question,
            split: self.splits.of(persona, question).map(Into::into),
            variant: variant.map(Into::into),
            truth,
            not_begun: false,
        });
        self.items.insert(place, index);
        index
    }
}

/// Rows that were left out, by what they name; the most frequent first.
fn told(left_out: &BTreeMap<(&'static str, String), u64>) -> String {
    let rows: u64 = left_out.values().sum();
    let mut named: Vec<_> = left_out.iter().collect();
    named.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let more = named.len().saturating_sub(SHOWN);
    let named = named.iter().take(SHOWN);
    let named = named.map(|((what, name), count)| format!("{what} `{}` ({count})", shown(name)));
    let mut list = named.collect::<Vec<_>>().join(", ");
    if more > 0 {
        list = format!("{list} and {more} more");
    }
    format!("{rows} rows are left out, since the study does not know what they name: {list}")
}

fn unknown_columns(read: &Table) -> Problem {
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
mod tests;
