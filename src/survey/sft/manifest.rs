//! What an export says of itself: `manifest.json` and `items.csv`.

use std::fmt::Write as _;

use serde::Serialize;

use super::select::{Drawn, Example, Selection};
use super::{Options, TiedTruth};
use crate::rubric::Template;
use crate::study::modes::modes_of;
use crate::study::{Structured, Study, SystemRole};
use crate::survey::tables::Sheet;
use crate::survey::{Input, hash};
use crate::text::{counted, escape, thousands};

/// `manifest.json`: what was exported, from what, and what was left out.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    /// Version of this form.
    pub schema_version: u32,
    /// Version of the program.
    pub oyer: String,
    /// The study's name.
    pub study: String,
    /// Files that were read, with their hashes; filled in by whoever read them.
    pub inputs: Vec<Input>,
    /// Whose training data.
    pub form: String,
    /// Seed of the order and of what is kept for validation.
    pub seed: u64,
    /// Share of the items that was asked for, for validation.
    pub val: f64,
    /// The split that is trained on.
    pub split: String,
    /// `message` or `user`: where the system prompt is.
    pub system: String,
    /// `named`, `each` or `drop`.
    pub ties: String,
    /// The templates that the prompts are made by.
    pub prompts: Vec<PromptUsed>,
    /// The reply that is taught, of the code 1.
    pub target: String,
    /// Examples and items.
    pub counts: Counts,
    /// Items that may be trained on and are not.
    pub left_out: LeftOut,
    /// What was exported of each subgroup.
    pub personas: Vec<OfPersona>,
    /// What was exported of each question.
    pub questions: Vec<OfQuestion>,
    /// Ids of the personas that are held out.
    pub held_out_personas: Vec<String>,
    /// Ids of the questions that are held out.
    pub held_out_questions: Vec<String>,
    /// The files beside this one.
    pub files: Vec<ExportedFile>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PromptUsed {
    /// `persona` (the system message) or `question` (the user message).
    pub role: String,
    /// Its name.
    pub name: String,
    /// BLAKE3 hash of its text.
    pub blake3: String,
}

/// Examples and items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Items: pairs of a persona and a question.
    pub items: u64,
    /// Examples in `train.jsonl`.
    pub train: u64,
    /// Examples in `val.jsonl`.
    pub val: u64,
    /// Items whose truth says that answers tie.
    pub tied: u64,
}

/// Items that may be trained on and are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LeftOut {
    /// Nothing is known of what the group answers.
    pub without_truth: u64,
    /// Answers tie, and the items were to be left out.
    pub tied: u64,
}

/// What was exported of a subgroup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfPersona {
    /// Its id.
    pub persona: String,
    /// Examples for training.
    pub train: u64,
    /// Examples for validation.
    pub val: u64,
    /// Items without a truth.
    pub without_truth: u64,
}

/// What was exported of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfQuestion {
    /// Its id.
    pub question: String,
    /// Its topic.
    pub topic: Option<String>,
    /// Examples for training.
    pub train: u64,
    /// Examples for validation.
    pub val: u64,
    /// Items without a truth.
    pub without_truth: u64,
}

/// A file of the export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportedFile {
    /// Its name.
    pub file: String,
    /// BLAKE3 hash of its bytes.
    pub blake3: String,
}

/// All that a manifest is made from.
pub(super) struct Made<'a> {
    pub(super) study: &'a Study,
    pub(super) structured: &'a Structured,
    pub(super) selection: &'a Selection,
    pub(super) drawn: &'a Drawn,
    pub(super) options: &'a Options,
    pub(super) system: SystemRole,
    pub(super) seed: u64,
    pub(super) files: &'a [(String, Vec<u8>)],
    /// Which of the study's phrasings of the persona the examples have.
    pub(super) phrasing: usize,
    /// What the first example teaches, were its answer 1.
    pub(super) target: String,
    pub(super) notes: Vec<String>,
}

pub(super) fn manifest(made: &Made<'_>) -> Manifest {
    let Made {
        study,
        structured,
        selection,
        drawn,
        options,
        ..
    } = made;
    let val = drawn.examples.iter().filter(|example| example.val).count() as u64;
    let tied = drawn.tied.len() as u64;
    let persona_id = |index: &u32| study.personas[*index as usize].id.clone();
    let question_id = |index: &u32| structured.questions[*index as usize].id.clone();
    let mut notes = made.notes.clone();
    let variants = study.variants.as_ref();
    let persona_prompt = variants.map_or(&study.judging.persona_prompt, |variants| {
        &variants.persona_prompts[made.phrasing]
    });
    notes.extend(other_than_most_frequent(study, structured, drawn));
    let train = drawn.examples.len() as u64 - val;
    if options.form == super::Form::OpenAi && train < 10 {
        notes.push(format!(
            "OpenAI fine-tuning takes no file with fewer than 10 examples, and this has {train}"
        ));
    }
    Manifest {
        schema_version: 1,
        oyer: env!("CARGO_PKG_VERSION").to_owned(),
        study: study.name.clone(),
        inputs: Vec::new(),
        form: options.form.name().to_owned(),
        seed: made.seed,
        val: options.val,
        split: selection.split.clone(),
        system: match made.system {
            SystemRole::Message => "message",
            SystemRole::User => "user",
        }
        .to_owned(),
        ties: options.ties.name().to_owned(),
        prompts: vec![
            prompt("persona", persona_prompt),
            prompt("question", &structured.prompt),
        ],
        target: made.target.clone(),
        counts: Counts {
            items: drawn.items,
            train,
            val,
            tied,
        },
        left_out: LeftOut {
            without_truth: drawn.without_truth.len() as u64,
            tied: if options.ties == TiedTruth::Drop {
                tied
            } else {
                0
            },
        },
        personas: of_personas(study, selection, drawn),
        questions: of_questions(structured, selection, drawn),
        held_out_personas: selection.held_out_personas.iter().map(persona_id).collect(),
        held_out_questions: selection
            .held_out_questions
            .iter()
            .map(question_id)
            .collect(),
        files: made
            .files
            .iter()
            .map(|(file, bytes)| ExportedFile {
                file: file.clone(),
                blake3: hash(bytes),
            })
            .collect(),
        notes,
    }
}

/// Which examples teach an answer that is not the most frequent one of its distribution.
fn other_than_most_frequent(
    study: &Study,
    structured: &Structured,
    drawn: &Drawn,
) -> Option<String> {
    const SHOWN: usize = 5;
    let is_other = |example: &&Example| {
        let scale = &structured.questions[example.question as usize].scale;
        let truth = structured.truth(example.persona, example.question);
        let shares = truth.and_then(|truth| truth.distribution.as_ref()?.over(scale).ok());
        let at = scale.position(example.code);
        at.zip(shares)
            .is_some_and(|(at, shares)| !modes_of(&shares).contains(&(at as u16)))
    };
    let others = drawn.examples.iter().filter(is_other);
    let mut others: Vec<(u32, u32)> = others.map(|one| (one.persona, one.question)).collect();
    others.sort_unstable();
    let named = others.iter().take(SHOWN).map(|(persona, question)| {
        let persona = &study.personas[*persona as usize].id;
        format!(
            "{}/{}",
            escape(persona),
            escape(&structured.questions[*question as usize].id)
        )
    });
    let mut named = named.collect::<Vec<_>>().join(", ");
    if others.len() > SHOWN {
        named = format!("{named} and {} more", others.len() - SHOWN);
    }
    (!others.is_empty()).then(|| {
        format!(
            "the truth of {} of {} examples is not the most frequent answer of its distribution ({named}); they teach the truth",
            others.len(),
            drawn.examples.len()
        )
    })
}

fn of_personas(study: &Study, selection: &Selection, drawn: &Drawn) -> Vec<OfPersona> {
    let counts = counts(study.personas.len(), drawn, |persona, _| persona);
    let of = |index: &u32| {
        let [train, val, without_truth] = counts[*index as usize];
        OfPersona {
            persona: study.personas[*index as usize].id.clone(),
            train,
            val,
            without_truth,
        }
    };
    selection.personas.iter().map(of).collect()
}

fn of_questions(structured: &Structured, selection: &Selection, drawn: &Drawn) -> Vec<OfQuestion> {
    let counts = counts(structured.questions.len(), drawn, |_, question| question);
    let of = |index: &u32| {
        let question = &structured.questions[*index as usize];
        let [train, val, without_truth] = counts[*index as usize];
        OfQuestion {
            question: question.id.clone(),
            topic: question.topic.clone(),
            train,
            val,
            without_truth,
        }
    };
    selection.questions.iter().map(of).collect()
}

/// Examples for training and for validation, and items without a truth, of each of `n`
/// personas or questions.
fn counts(n: usize, drawn: &Drawn, of: impl Fn(u32, u32) -> u32) -> Vec<[u64; 3]> {
    let mut counts = vec![[0; 3]; n];
    for example in &drawn.examples {
        counts[of(example.persona, example.question) as usize][usize::from(example.val)] += 1;
    }
    for &(persona, question) in &drawn.without_truth {
        counts[of(persona, question) as usize][2] += 1;
    }
    counts
}

fn prompt(role: &str, template: &Template) -> PromptUsed {
    PromptUsed {
        role: role.to_owned(),
        name: template.name.clone(),
        blake3: hash(template.source.as_bytes()),
    }
}

/// `items.csv`: which item each line of the files is.
pub(super) fn items(study: &Study, structured: &Structured, drawn: &Drawn) -> Vec<u8> {
    let mut sheet = Sheet::new(["file", "line", "persona", "question", "code"]);
    let mut lines = [0_u64; 2];
    for example in &drawn.examples {
        let line = &mut lines[usize::from(example.val)];
        *line += 1;
        sheet.row([
            if example.val {
                "val.jsonl"
            } else {
                "train.jsonl"
            },
            &line.to_string(),
            &study.personas[example.persona as usize].id,
            &structured.questions[example.question as usize].id,
            &example.code.to_string(),
        ]);
    }
    sheet.bytes()
}

impl Manifest {
    /// What was exported, for people.
    pub fn text(&self) -> String {
        let Counts {
            items,
            train,
            val,
            tied,
        } = self.counts;
        // Writing to a string cannot fail, here and below.
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{} to train on and {} for validation, of {}: {} of the split {}, {}",
            counted(train, "example"),
            thousands(val),
            counted(items, "item"),
            counted(self.personas.len() as u64, "persona"),
            self.split,
            counted(self.questions.len() as u64, "question")
        );
        let _ = writeln!(
            text,
            "held out: {}, {}",
            counted(self.held_out_personas.len() as u64, "persona"),
            counted(self.held_out_questions.len() as u64, "question")
        );
        if self.left_out.without_truth > 0 {
            let _ = writeln!(
                text,
                "left out: {} without a truth",
                counted(self.left_out.without_truth, "item")
            );
        }
        if tied > 0 {
            let what = match self.ties.as_str() {
                "each" => "an example of each",
                "drop" => "left out",
                _ => "the answer that the truth names",
            };
            let _ = writeln!(text, "tied answers: {}, {what}", counted(tied, "item"));
        }
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        text
    }
}
