//! Trying a study's templates before anything is asked.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{JudgmentContext, Prompts};
use crate::problem::Problem;
use crate::prompt::environment::Compiled;
use crate::prompt::fence::find;
use crate::prompt::values::said;
use crate::prompt::{Message, PromptError};
use crate::study::{Persona, ReplyFormat, Study};

impl Prompts {
    /// Renders every kind of call that the study can lead to. Each template is tried, be
    /// there something wrong with the others or not.
    pub(super) fn try_out(&self, study: &Study) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut seen = HashSet::new();
        let mut keep = |found: Vec<Problem>| {
            for problem in found {
                if seen.insert(problem.to_string()) {
                    problems.push(problem);
                }
            }
        };
        let questions = one_of_each(&study.questions, |question| question.topic.is_some());
        let survey = study.structured.iter().flat_map(|s| &s.questions);
        let survey: Vec<_> = survey.collect();
        let survey = one_of_each(&survey, |question| question.topic.is_some());
        for persona in one_of_each(&study.personas, persona_shape) {
            for variant in 0..self.personas_said.len() {
                for question in survey.iter().copied() {
                    keep(self.try_structured(variant, persona, question));
                }
                for question in questions.iter().copied() {
                    keep(self.try_generation(variant, persona, question));
                }
            }
            for question in questions.iter().copied() {
                for asked in judge_shapes(study) {
                    keep(self.try_judgment(study, persona, question, &asked));
                }
            }
        }
        problems
    }

    /// Renders the calls of each persona and of each question: a template may fail on what
    /// one of them says. Each failure is told of the first item that has it, unless `told`
    /// has something of the same template.
    pub(super) fn try_each(&self, study: &Study, told: &[Problem]) -> Vec<Problem> {
        let items = |questions: usize| {
            let personas = study.personas.len();
            let of_personas = (0..personas).map(|persona| (persona, 0));
            let of_questions = (1..questions).map(|question| (0, question));
            of_personas
                .chain(of_questions)
                .filter(move |_| personas > 0 && questions > 0)
        };
        let mut problems = Vec::new();
        let mut seen = HashSet::new();
        let is_told = |problem: &Problem| {
            let mut told = told.iter();
            told.any(|told| (&told.file, &told.field) == (&problem.file, &problem.field))
        };
        let mut keep = |error: Option<PromptError>, persona: usize, id: &str| {
            if let Some(error) = error {
                let problem = error.into_problem();
                if !is_told(&problem) && seen.insert(problem.to_string()) {
                    let persona = &study.personas[persona].id;
                    problems.push(problem.help(format!("it fails on the item {persona}/{id}")));
                }
            }
        };
        let shapes = judge_shapes(study);
        let variants = 0..self.personas_said.len();
        for (persona, question) in items(study.questions.len()) {
            let id = &study.questions[question].id;
            for variant in variants.clone() {
                for said in self.said(variant, persona, question) {
                    keep(said.err(), persona, id);
                }
            }
            for asked in &shapes {
                let judgment = trial(persona, question, asked);
                keep(self.judgment(study, &judgment).err(), persona, id);
            }
        }
        if let (Some(structured), Some(prompts)) = (&study.structured, &self.structured) {
            for (persona, question) in items(structured.questions.len()) {
                let id = &structured.questions[question].id;
                for variant in variants.clone() {
                    for said in self.said_of(prompts, variant, persona, question) {
                        keep(said.err(), persona, id);
                    }
                }
            }
        }
        problems
    }

    /// A problem where two questions of different words are asked in the same: the prompts
    /// leave the question out. `told` are the problems of the templates.
    pub(super) fn try_questions(&self, study: &Study, told: &[Problem]) -> Vec<Problem> {
        if !told.is_empty() || study.personas.is_empty() {
            return Vec::new();
        }
        let open = study.questions.iter();
        let open: Vec<_> = open
            .map(|question| [&*question.id, &*question.text])
            .collect();
        let survey = study.structured.iter().flat_map(|s| &s.questions);
        let survey: Vec<_> = survey
            .map(|question| [&*question.id, &*question.text])
            .collect();
        let variants = 0..self.personas_said.len();
        let mut problems = Vec::new();
        problems.extend(variants.clone().find_map(|variant| {
            let said = |question| self.said(variant, 0, question);
            asked_alike(&self.question, &open, said)
        }));
        if let Some(prompts) = &self.structured {
            problems.extend(variants.clone().find_map(|variant| {
                let said = |question| self.said_of(prompts, variant, 0, question);
                asked_alike(&prompts.prompt, &survey, said)
            }));
        }
        problems
    }

    fn try_generation(&self, variant: usize, persona: usize, question: usize) -> Vec<Problem> {
        let templates = [&self.personas_said[variant], &self.question];
        let said = self.said(variant, persona, question);
        self.told(templates, said, "put {{ question.text }} into it")
    }

    fn try_structured(&self, variant: usize, persona: usize, question: usize) -> Vec<Problem> {
        let Some(structured) = &self.structured else {
            return Vec::new();
        };
        let templates = [&self.personas_said[variant], &structured.prompt];
        let said = self.said_of(structured, variant, persona, question);
        let help = "put {{ question.text }} and {{ question.options }} into it";
        self.told(templates, said, help)
    }

    /// What is wrong with a persona prompt and with the prompt of a question, which must
    /// not be blank.
    fn told(
        &self,
        [persona, question]: [&Compiled; 2],
        [system, user]: [Result<String, PromptError>; 2],
        help: &str,
    ) -> Vec<Problem> {
        let is_blank = user.as_ref().is_ok_and(String::is_empty) && question.is_sound();
        let blank = is_blank.then(|| {
            question
                .problem("this template gives a blank message, so nothing would be asked")
                .help(help)
        });
        let failures = [(persona, system.err()), (question, user.err())];
        let failures = failures.into_iter();
        failures
            .filter_map(|(template, error)| self.failure(template, error?))
            .chain(blank)
            .collect()
    }

    /// What a failure says for certain: it may follow from what else is wrong with the
    /// template, or from values that the study does not have.
    fn failure(&self, template: &Compiled, error: PromptError) -> Option<Problem> {
        let is_certain = template.is_sound() && !self.is_made_up;
        (is_certain || error.is_of_the_words()).then(|| error.into_problem())
    }

    fn try_judgment(
        &self,
        study: &Study,
        persona: usize,
        question: usize,
        asked: &[usize],
    ) -> Vec<Problem> {
        let judgment = trial(persona, question, asked);
        let context = self.judge_context(study, &judgment);
        let outside = match self.judge.outside_blocks(&context) {
            Ok(outside) => outside,
            Err(error) => return Vec::from_iter(self.failure(&self.judge, error)),
        };
        let prompt = match self.judgment(study, &judgment) {
            Ok(messages) => messages,
            Err(error) => return Vec::from_iter(self.failure(&self.judge, error)),
        };
        if !self.judge.is_sound() {
            return Vec::new();
        }
        let mut problems = Vec::new();
        if !outside.is_empty() {
            let start: String = outside.chars().take(40).collect();
            problems.push(
                self.judge
                    .problem(format!(
                        "text outside the blocks `system` and `user` would be lost: {start:?}"
                    ))
                    .help("move it into one of the blocks"),
            );
        }
        if !shows_answers(&prompt, &judgment) {
            problems.push(
                self.judge
                    .problem("both answers must stand in the prompt, in their order")
                    .help("put {{ first.fenced }} before {{ second.fenced }}, each on lines of its own and unchanged"),
            );
        }
        problems.extend(self.unnamed_keys(study, &prompt, asked));
        problems
    }

    /// A judge that answers in free text can only use a key it was told.
    fn unnamed_keys(&self, study: &Study, prompt: &[Message], asked: &[usize]) -> Vec<Problem> {
        let judging = &study.judging;
        let bound_by_schema = judging
            .judges
            .iter()
            .all(|judge| study.judges[*judge].reply == ReplyFormat::JsonSchema);
        if bound_by_schema {
            return Vec::new();
        }
        asked
            .iter()
            .map(|index| &judging.rubric.criteria[*index].key)
            .filter(|key| !prompt.iter().any(|message| message.content.contains(*key)))
            .map(|key| {
                self.judge.problem(format!(
                    "`{key}` is asked for, but the prompt does not name it, so no reply could hold it"
                ))
                .help("name {{ criterion.key }} of each criterion in `criteria`")
            })
            .collect()
    }
}

/// The problem of the first two questions of different words that the templates say alike.
/// `questions` are their ids and texts.
fn asked_alike(
    template: &Compiled,
    questions: &[[&str; 2]],
    said: impl Fn(usize) -> [Result<String, PromptError>; 2],
) -> Option<Problem> {
    let mut first = HashMap::new();
    for (index, [id, text]) in questions.iter().enumerate() {
        let [Ok(system), Ok(user)] = said(index) else {
            continue;
        };
        let (other, said) = *first.entry((system, user)).or_insert((*id, *text));
        if said.trim() != text.trim() {
            let message = format!("the questions `{other}` and `{id}` are asked in the same words");
            let help = "put {{ question.text }} into it; single braces are text";
            return Some(template.problem(message).help(help));
        }
    }
    None
}

/// A call about two harmless answers.
pub(super) fn trial(persona: usize, question: usize, asked: &[usize]) -> JudgmentContext<'_> {
    JudgmentContext {
        persona,
        question,
        asked,
        first: "the first answer",
        second: "the second answer",
        draw: "trial",
    }
}

/// The index of one element of each shape, in order.
fn one_of_each<T, S: Ord>(all: &[T], shape: impl Fn(&T) -> S) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    (0..all.len())
        .filter(|index| seen.insert(shape(&all[*index])))
        .collect()
}

/// What may make a template take another way: which texts are there at all.
fn persona_shape(persona: &Persona) -> (bool, Vec<bool>) {
    let known = |text: &Option<String>| said(text.as_deref()).is_some();
    (
        known(&persona.text),
        persona.levels.iter().map(known).collect(),
    )
}

/// Every set of criteria that some item is judged on.
pub(super) fn judge_shapes(study: &Study) -> BTreeSet<Vec<usize>> {
    let rubric = &study.judging.rubric;
    let mut shapes = BTreeSet::from_iter(rubric.calls(true));
    shapes.extend(rubric.calls(false));
    shapes
}

/// Whether the two answers stand in one message, fenced and in order.
fn shows_answers(prompt: &[Message], judgment: &JudgmentContext<'_>) -> bool {
    prompt
        .iter()
        .filter_map(|message| find(&message.content))
        .any(|[first, second]| first.text == judgment.first && second.text == judgment.second)
}
