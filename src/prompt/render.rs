//! From a study's items to the messages that are sent.
//!
//! Rendering depends on the study and the call alone: the same call gives the same
//! bytes on every machine. What a persona, a question or an answer says is put in
//! as text; it is never read as a template.

mod alike;
mod kinds;
mod trial;

use minijinja::context;
use minijinja::value::Value;

use super::environment::Compiled;
use super::fence::{Token, fenced, token};
use super::lint::Known;
use super::values::{self, one_line};
use super::watch::Watch;
use super::{Message, PromptError, Role};
use crate::problem::Problem;
use crate::study::{ReplyFormat, Seen, Structured, Study};

use trial::{judge_shapes, trial};

/// The prompts of a study, checked and ready to render.
pub struct Prompts {
    /// One of each variant; one where there are none.
    personas_said: Vec<Compiled>,
    question: Compiled,
    judge: Compiled,
    structured: Option<StructuredPrompts>,
    personas: Vec<Value>,
    questions: Vec<Value>,
    criteria: Vec<Value>,
    labels: Value,
    standing: Vec<Standing>,
    /// Whether they are tried on a persona or a question that is made up.
    is_made_up: bool,
}

/// The prompts of a study's structured questions.
struct StructuredPrompts {
    prompt: Compiled,
    questions: Vec<Value>,
    json: bool,
}

impl StructuredPrompts {
    fn new(structured: &Structured, item: Vec<Known>, problems: &mut Vec<Problem>) -> Option<Self> {
        let known = values::of_structured(item);
        let template = &structured.prompt;
        Some(Self {
            prompt: Compiled::new("structured.prompt", template, &known, problems)?,
            questions: structured
                .questions
                .iter()
                .map(values::structured)
                .collect(),
            json: structured.reply == ReplyFormat::JsonSchema,
        })
    }
}

/// A judge's system message that is the same for every item.
struct Standing {
    asked: Vec<usize>,
    truth_known: bool,
    system: Option<String>,
}

/// What a judge's template is told that differs from item to item.
const OF_THE_ITEM: &[&str] = &["persona", "question", "truth", "token", "first", "second"];

/// One asking of a judge.
#[derive(Debug, Clone, Copy)]
pub struct JudgmentContext<'a> {
    /// Index into [`Study::personas`].
    pub persona: usize,
    /// Index into [`Study::questions`].
    pub question: usize,
    /// Indices of the criteria that are asked, as [`Rubric::calls`] gives them.
    ///
    /// [`Rubric::calls`]: crate::rubric::Rubric::calls
    pub asked: &'a [usize],
    /// The answer shown first.
    pub first: &'a str,
    /// The answer shown second.
    pub second: &'a str,
    /// What tells this asking from others about the same answers, such as its
    /// order, sample and repeat; goes into the fence's token.
    pub draw: &'a str,
}

impl Prompts {
    /// Compiles the study's templates and tries each on every kind of item that it can tell
    /// apart, so that what is found right holds of every item of the study.
    ///
    /// # Errors
    /// Everything found wrong with the templates, with the template's name and, where they
    /// are known, the line and the items.
    pub fn new(study: &Study) -> Result<Self, Vec<Problem>> {
        match Self::tried(study, Some(&study.dimensions), false) {
            (Some(prompts), problems) if problems.is_empty() => Ok(prompts),
            (_, problems) => Err(problems),
        }
    }

    /// What is wrong with the templates of a study that is refused.
    pub fn lint(seen: &Seen) -> Vec<Problem> {
        let dimensions = seen.knows_dimensions.then_some(&*seen.study.dimensions);
        Self::tried(&seen.study, dimensions, seen.is_made_up).1
    }

    /// The prompts, and everything found wrong with any of them. `dimensions` is `None`
    /// where any level may be asked for.
    fn tried(
        study: &Study,
        dimensions: Option<&[String]>,
        is_made_up: bool,
    ) -> (Option<Self>, Vec<Problem>) {
        let mut problems = Vec::new();
        let Some(mut prompts) = Self::compiled(study, dimensions, &mut problems) else {
            return (None, problems);
        };
        prompts.is_made_up = is_made_up;
        if problems.is_empty() && !is_made_up {
            prompts.standing = prompts.standing(study);
        }
        problems.extend(prompts.try_out(study));
        if !is_made_up {
            let found = prompts.try_questions(study, &problems);
            problems.extend(found);
        }
        (Some(prompts), problems)
    }

    /// Every template compiled, so that the problems of all are told at once.
    fn compiled(
        study: &Study,
        dimensions: Option<&[String]>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let judging = &study.judging;
        let known = || values::of_item(dimensions);
        let personas_said = match &study.variants {
            None => vec![("judging.persona_prompt", &judging.persona_prompt)],
            Some(variants) => {
                let prompts = variants.persona_prompts.iter();
                let named = prompts.map(|prompt| ("variants.persona_prompts", prompt));
                named.collect()
            }
        };
        let item = known();
        let personas_said = personas_said
            .into_iter()
            .map(|(field, template)| Compiled::new(field, template, &item, problems))
            .collect::<Option<_>>()?;
        let question = &judging.question_prompt;
        let question = Compiled::new("judging.question_prompt", question, &item, problems)?;
        let judge = &judging.rubric.template;
        let of_judge = values::of_judge(known());
        let judge = Compiled::new("judging.rubric", judge, &of_judge, problems)?;
        let structured = match &study.structured {
            Some(structured) => Some(StructuredPrompts::new(structured, known(), problems)?),
            None => None,
        };
        Some(Self {
            personas_said,
            question,
            judge,
            structured,
            personas: study
                .personas
                .iter()
                .map(|persona| values::persona(study, persona))
                .collect(),
            questions: study.questions.iter().map(values::question).collect(),
            criteria: judging
                .rubric
                .criteria
                .iter()
                .map(|c| context! { key => &c.key, name => &c.name, guide => &c.guide })
                .collect(),
            labels: {
                let labels = &judging.rubric.labels;
                context! { first => &labels.first, second => &labels.second, tie => &labels.tie }
            },
            standing: Vec::new(),
            is_made_up: false,
        })
    }

    /// What a model under study is sent for an item in one of the study's phrasings (0
    /// where there is one): the persona prompt as the
    /// system message, unless it is blank, and the question prompt as the user's.
    ///
    /// # Errors
    /// Where a template fails on this item although it passed on its like.
    ///
    /// # Panics
    /// Where an index lies outside the study that the prompts were made from.
    pub fn generation(
        &self,
        variant: usize,
        persona: usize,
        question: usize,
    ) -> Result<Vec<Message>, PromptError> {
        messages_of(self.said(variant, persona, question))
    }

    /// The persona prompt and the question prompt of an item.
    fn said(
        &self,
        variant: usize,
        persona: usize,
        question: usize,
    ) -> [Result<String, PromptError>; 2] {
        let context = context! {
            persona => self.personas[persona].clone(),
            question => self.questions[question].clone(),
        };
        [&self.personas_said[variant], &self.question].map(|template| template.whole(&context))
    }

    /// What a model under study is sent for a structured question; `question` is an index
    /// into the study's structured questions.
    ///
    /// # Errors
    /// Where a template fails on this item although it passed on its like.
    ///
    /// # Panics
    /// Where an index lies outside the study that the prompts were made from.
    pub fn structured(
        &self,
        variant: usize,
        persona: usize,
        question: usize,
    ) -> Result<Vec<Message>, PromptError> {
        let Some(structured) = &self.structured else {
            return Ok(Vec::new());
        };
        messages_of(self.said_of(structured, variant, persona, question))
    }

    fn said_of(
        &self,
        structured: &StructuredPrompts,
        variant: usize,
        persona: usize,
        question: usize,
    ) -> [Result<String, PromptError>; 2] {
        let context = context! {
            persona => self.personas[persona].clone(),
            question => structured.questions[question].clone(),
            json => structured.json,
        };
        [&self.personas_said[variant], &structured.prompt].map(|template| template.whole(&context))
    }

    /// What a judge is sent for two answers. The ground truth is told where it is
    /// known and a criterion that is asked needs it.
    ///
    /// # Errors
    /// Where the template fails on this item although it passed on its like.
    ///
    /// # Panics
    /// Where an index lies outside the study that the prompts were made from.
    pub fn judgment(
        &self,
        study: &Study,
        judgment: &JudgmentContext<'_>,
    ) -> Result<Vec<Message>, PromptError> {
        let context = self.judge_context(study, judgment);
        let truth_known = truth(study, judgment).is_some();
        let standing = self
            .standing
            .iter()
            .find(|s| s.asked == judgment.asked && s.truth_known == truth_known);
        let system = match standing {
            Some(standing) => standing.system.clone(),
            None => self.judge.system(&context)?,
        };
        Ok(messages(system, self.judge.user(&context)?))
    }

    /// The system messages that do not depend on the item, which saves rendering
    /// the longest part of a prompt for each call.
    fn standing(&self, study: &Study) -> Vec<Standing> {
        if study.personas.is_empty() || study.questions.is_empty() {
            return Vec::new();
        }
        let mut standing = Vec::new();
        for asked in judge_shapes(study) {
            for truth_known in [true, false] {
                let value = truth_known.then_some("truth");
                let context = self.judge_values(study, &trial(0, 0, &asked), value);
                let watch = Watch::new(context, OF_THE_ITEM);
                let context = Value::from_dyn_object(watch.clone());
                match self.judge.system(&context) {
                    Ok(system) if !watch.was_asked() => standing.push(Standing {
                        asked: asked.clone(),
                        truth_known,
                        system,
                    }),
                    _ => {}
                }
            }
        }
        standing
    }

    fn judge_context(&self, study: &Study, judgment: &JudgmentContext<'_>) -> Value {
        self.judge_values(study, judgment, truth(study, judgment))
    }

    fn judge_values(
        &self,
        study: &Study,
        judgment: &JudgmentContext<'_>,
        truth: Option<&str>,
    ) -> Value {
        let rubric = &study.judging.rubric;
        let token = fence_token(study, judgment);
        let criteria: Vec<_> = judgment
            .asked
            .iter()
            .map(|index| self.criteria[*index].clone())
            .collect();
        context! {
            persona => self.personas[judgment.persona].clone(),
            question => self.questions[judgment.question].clone(),
            truth => truth.map(one_line),
            truth_known => truth.is_some(),
            criteria => Value::from(criteria),
            labels => self.labels.clone(),
            ties => rubric.ties,
            token => token.as_str(),
            first => answer(&rubric.labels.first, &token, judgment.first),
            second => answer(&rubric.labels.second, &token, judgment.second),
        }
    }
}

/// The token of a judge's call.
fn fence_token(study: &Study, judgment: &JudgmentContext<'_>) -> Token {
    let criteria = &study.judging.rubric.criteria;
    let call = [
        study.personas[judgment.persona].id.as_str(),
        study.questions[judgment.question].id.as_str(),
        judgment.draw,
    ];
    let asked = judgment
        .asked
        .iter()
        .map(|index| criteria[*index].key.as_str());
    token(
        call.into_iter().chain(asked),
        [judgment.first, judgment.second],
    )
}

/// The truth that a judge is told.
fn truth<'s>(study: &'s Study, judgment: &JudgmentContext<'_>) -> Option<&'s str> {
    let criteria = &study.judging.rubric.criteria;
    let needed = judgment
        .asked
        .iter()
        .any(|index| criteria[*index].needs_truth);
    if !needed {
        return None;
    }
    let (persona, question) = (judgment.persona as u32, judgment.question as u32);
    let truth = study.truth(persona, question)?;
    Some(&*truth.value)
}

/// An answer as templates see it: its label and its fence, never its bare text, so
/// that no template can show it unfenced.
fn answer(label: &str, token: &Token, text: &str) -> Value {
    context! { label => label, fenced => fenced(label, token, text) }
}

/// The messages of a persona prompt, which may be empty, and a question prompt.
fn messages_of(
    [system, user]: [Result<String, PromptError>; 2],
) -> Result<Vec<Message>, PromptError> {
    let system = Some(system?).filter(|text| !text.is_empty());
    Ok(messages(system, user?))
}

fn messages(system: Option<String>, user: String) -> Vec<Message> {
    let system = system.map(|content| Message {
        role: Role::System,
        content,
    });
    let user = Message {
        role: Role::User,
        content: user,
    };
    system.into_iter().chain([user]).collect()
}
