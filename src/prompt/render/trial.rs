//! Trying a study's templates before anything is asked.
//!
//! A template is rendered for one item of each kind that it can tell apart, so that what
//! holds of those holds of every item.

use std::collections::BTreeSet;

use minijinja::value::Value;

use super::kinds::{Kinds, Like, Uses};
use super::{JudgmentContext, Prompts, fence_token};
use crate::problem::Problem;
use crate::prompt::environment::Compiled;
use crate::prompt::fence::{fenced, find};
use crate::prompt::values::said;
use crate::prompt::{Message, PromptError};
use crate::study::{Persona, ReplyFormat, Study};
use crate::text::thousands;

/// What may be wrong with what a template gives for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It cannot be rendered, since something fails at this line and column.
    Fails(Option<usize>, Option<usize>),
    Blank,
    OutsideBlocks,
    Answers,
    /// It does not name the key of this criterion.
    Key(usize),
}

/// A fault of a template and the items that have it.
struct Found {
    fault: Fault,
    problem: Problem,
    /// The first of them.
    first: [usize; 2],
    /// The last that was counted.
    last: [usize; 2],
    items: usize,
}

/// What was found wrong with one template.
#[derive(Default)]
struct Faults(Vec<Found>);

impl Faults {
    fn add(&mut self, like: Like, fault: Fault, problem: Problem) {
        let item = [like.persona, like.question];
        match self.0.iter_mut().find(|found| found.fault == fault) {
            // A judge may be asked about an item more than once.
            Some(found) if found.last == item => {}
            Some(found) => {
                found.last = item;
                found.items += like.items;
            }
            None => self.0.push(Found {
                fault,
                problem,
                first: item,
                last: item,
                items: like.items,
            }),
        }
    }

    /// The problems, each with the items that have it where not all that it could be of do.
    fn told(
        self,
        total: impl Fn(Fault) -> usize,
        id: impl Fn([usize; 2]) -> String,
    ) -> Vec<Problem> {
        let told = |found: Found| {
            if found.items >= total(found.fault) {
                return found.problem;
            }
            let items = format!("it fails on the item {}", id(found.first));
            with_more(found.problem, &items, found.items, "item")
        };
        self.0.into_iter().map(told).collect()
    }
}

/// The problem with the first of those that have it before its advice.
pub(super) fn with_more(problem: Problem, first: &str, number: usize, one: &str) -> Problem {
    let more = match number as u64 {
        0 | 1 => String::new(),
        2 => format!(" and 1 more {one}"),
        number => format!(" and {} more {one}s", thousands(number - 1)),
    };
    let advice = problem.help.as_ref();
    let advice = advice.map_or_else(String::new, |advice| format!("; {advice}"));
    problem.help(format!("{first}{more}{advice}"))
}

impl Prompts {
    /// Renders each template for every kind of item that it can tell apart. Each is tried,
    /// be there something wrong with the others or not.
    pub(super) fn try_out(&self, study: &Study) -> Vec<Problem> {
        let mut problems = Vec::new();
        let structured = self.structured.as_ref();
        let survey = structured.map_or(&[][..], |structured| &structured.questions);
        for (variant, persona) in self.personas_said.iter().enumerate() {
            let open = |item: Like| self.said(variant, item.persona, item.question);
            let failure = |[system, _]: [Result<String, PromptError>; 2]| system.err();
            let of_open = self.try_items(study, persona, &self.questions, |item| {
                Vec::from_iter(failure(open(item)).and_then(|error| self.failure(persona, error)))
            });
            keep(&mut problems, of_open);
            if let Some(structured) = structured {
                let of_survey = self.try_items(study, persona, survey, |item| {
                    let said = self.said_of(structured, variant, item.persona, item.question);
                    Vec::from_iter(failure(said).and_then(|error| self.failure(persona, error)))
                });
                keep(&mut problems, of_survey);
            }
        }
        let help = "put {{ question.text }} into it";
        let of_questions = self.try_items(study, &self.question, &self.questions, |item| {
            let [_, user] = self.said(0, item.persona, item.question);
            self.asked(&self.question, user, help)
        });
        keep(&mut problems, of_questions);
        if let Some(structured) = structured {
            let help = "put {{ question.text }} and {{ question.options }} into it";
            let of_survey = self.try_items(study, &structured.prompt, survey, |item| {
                let [_, user] = self.said_of(structured, 0, item.persona, item.question);
                self.asked(&structured.prompt, user, help)
            });
            keep(&mut problems, of_survey);
        }
        let of_judge = self.try_judgments(study);
        keep(&mut problems, of_judge);
        problems
    }

    /// What `faults` finds of a template on each kind of item that it can tell apart by its
    /// persona and by its question, one of `questions`.
    fn try_items(
        &self,
        study: &Study,
        template: &Compiled,
        questions: &[Value],
        faults: impl Fn(Like) -> Vec<(Fault, Problem)>,
    ) -> Vec<Problem> {
        let uses = Uses::of(template.source());
        let kinds = self.kinds(study, &uses, questions);
        let mut found = Faults::default();
        for like in kinds.likes() {
            for (fault, problem) in faults(like) {
                found.add(like, fault, problem);
            }
        }
        let total = self.total(questions.len());
        found.told(|_| total, |item| self.id(item, questions))
    }

    /// The kinds of items that are tried. Of what is made up only the shape counts.
    fn kinds(&self, study: &Study, uses: &Uses, questions: &[Value]) -> Kinds {
        if self.is_made_up {
            let personas = study.personas.iter().map(persona_shape).collect::<Vec<_>>();
            return Kinds::new(&personas, &has_topic(questions));
        }
        Kinds::new(
            &uses.of_personas(&self.personas),
            &uses.of_questions(questions),
        )
    }

    /// How many items there are, where it can be said of some that they have a fault.
    fn total(&self, questions: usize) -> usize {
        if self.is_made_up {
            0
        } else {
            self.personas.len() * questions
        }
    }

    fn id(&self, [persona, question]: [usize; 2], questions: &[Value]) -> String {
        let id = |value: &Value| value.get_attr("id").unwrap_or_default().to_string();
        let [persona, question] = [&self.personas[persona], &questions[question]].map(id);
        format!("{persona}/{question}")
    }

    /// What is wrong with the prompt of a question, which must not be blank.
    fn asked(
        &self,
        template: &Compiled,
        user: Result<String, PromptError>,
        help: &str,
    ) -> Vec<(Fault, Problem)> {
        match user {
            Err(error) => Vec::from_iter(self.failure(template, error)),
            Ok(user) if user.is_empty() && template.is_sound() => {
                let message = "this template gives a blank message, so nothing would be asked";
                vec![(Fault::Blank, template.problem(message).help(help))]
            }
            Ok(_) => Vec::new(),
        }
    }

    /// What a failure says for certain: it may follow from what else is wrong with the
    /// template, or from values that the study does not have.
    fn failure(&self, template: &Compiled, error: PromptError) -> Option<(Fault, Problem)> {
        let is_certain = template.is_sound() && !self.is_made_up;
        (is_certain || error.is_of_the_words()).then(|| {
            let fault = Fault::Fails(error.line, error.column);
            (fault, error.into_problem())
        })
    }

    /// What is wrong with the judge's template: on each kind of item that it can tell
    /// apart, then on each persona and each question, whose words stand in its prompt.
    fn try_judgments(&self, study: &Study) -> Vec<Problem> {
        let questions = &self.questions;
        let uses = Uses::of(self.judge.source());
        let kinds = self.kinds(study, &uses, questions);
        let calls = [false, true].map(|truth_known| study.judging.rubric.calls(truth_known));
        let shapes = Vec::from_iter(judge_shapes(study));
        let try_on = |found: &mut Faults, like: Like, but: &[Fault]| {
            let (persona, question) = (like.persona as u32, like.question as u32);
            let asked = if self.is_made_up {
                &shapes
            } else {
                &calls[usize::from(study.truth(persona, question).is_some())]
            };
            for asked in asked {
                for (fault, problem) in self.try_judgment(study, like, asked) {
                    if !but.contains(&fault) {
                        found.add(like, fault, problem);
                    }
                }
            }
        };
        let mut found = Faults::default();
        let likes = if self.is_made_up {
            kinds.likes()
        } else {
            kinds.likes_by_truth(study, uses.truth_decides())
        };
        for like in likes {
            try_on(&mut found, like, &[]);
        }
        if !self.is_made_up {
            let known: Vec<_> = found.0.iter().map(|found| found.fault).collect();
            for like in kinds.lines() {
                try_on(&mut found, like, &known);
            }
        }
        let with_truth = study.truths.len();
        let numbers = [
            self.total(questions.len()).saturating_sub(with_truth),
            with_truth,
        ];
        let total = |fault: Fault| {
            let asked = calls.iter().zip(numbers).filter(|(calls, _)| match fault {
                Fault::Key(key) => calls.iter().any(|call| call.contains(&key)),
                _ => !calls.is_empty(),
            });
            asked.map(|(_, number)| number).sum()
        };
        found.told(total, |item| self.id(item, questions))
    }

    fn try_judgment(&self, study: &Study, like: Like, asked: &[usize]) -> Vec<(Fault, Problem)> {
        let judgment = trial(like.persona, like.question, asked);
        let context = self.judge_context(study, &judgment);
        let failure = |error| Vec::from_iter(self.failure(&self.judge, error));
        let outside = match self.judge.outside_blocks(&context) {
            Ok(outside) => outside,
            Err(error) => return failure(error),
        };
        let prompt = match self.judgment(study, &judgment) {
            Ok(messages) => messages,
            Err(error) => return failure(error),
        };
        if !self.judge.is_sound() {
            return Vec::new();
        }
        // The text may stand where it spoils what else the prompt says.
        if !outside.is_empty() {
            let start: String = outside.chars().take(40).collect();
            let message =
                format!("text outside the blocks `system` and `user` would be lost: {start:?}");
            let problem = self.judge.problem(message);
            let problem = problem.help("move it into one of the blocks");
            return vec![(Fault::OutsideBlocks, problem)];
        }
        let mut problems = self.unnamed_keys(study, &prompt, &judgment);
        if !shows_answers(&prompt, &judgment) {
            let message = "both answers must stand in the prompt, in their order";
            let help = "put {{ first.fenced }} before {{ second.fenced }}, each on lines of its own and unchanged";
            problems.insert(0, (Fault::Answers, self.judge.problem(message).help(help)));
        }
        problems
    }

    /// A judge that answers in free text can only use a key it was told.
    fn unnamed_keys(
        &self,
        study: &Study,
        prompt: &[Message],
        judgment: &JudgmentContext<'_>,
    ) -> Vec<(Fault, Problem)> {
        let judging = &study.judging;
        let bound_by_schema = judging
            .judges
            .iter()
            .all(|judge| study.judges[*judge].reply == ReplyFormat::JsonSchema);
        if bound_by_schema {
            return Vec::new();
        }
        let (labels, token) = (&judging.rubric.labels, fence_token(study, judgment));
        let fences = [
            fenced(&labels.first, &token, judgment.first),
            fenced(&labels.second, &token, judgment.second),
        ];
        let asked = judgment.asked.iter();
        asked
            .map(|index| (index, &judging.rubric.criteria[*index].key))
            .filter(|(_, key)| {
                let mut messages = prompt.iter();
                !messages.any(|message| names(&message.content, key, &fences))
            })
            .map(|(index, key)| {
                let message = format!(
                    "`{key}` is asked for, but the prompt does not name it, so no reply could hold it"
                );
                let help = "name {{ criterion.key }} of each criterion in `criteria`";
                (Fault::Key(*index), self.judge.problem(message).help(help))
            })
            .collect()
    }
}

/// Adds the problems that are not there yet.
fn keep(problems: &mut Vec<Problem>, found: Vec<Problem>) {
    for problem in found {
        let is_same = |told: &Problem| {
            told.message == problem.message
                && (&told.file, &told.field) == (&problem.file, &problem.field)
                && (told.line, told.column) == (problem.line, problem.column)
        };
        if !problems.iter().any(is_same) {
            problems.push(problem);
        }
    }
}

/// Whether a message names a key: as a word of its own, which scripts without spaces may
/// touch, and outside the answers.
fn names(message: &str, key: &str, fences: &[String; 2]) -> bool {
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_word = |before: &str, after: &str| {
        !before.ends_with(part_of_word) && !after.starts_with(part_of_word)
    };
    let answers: Vec<_> = fences
        .iter()
        .flat_map(|fence| message.match_indices(fence.as_str()))
        .map(|(at, fence)| at..at + fence.len())
        .collect();
    message.match_indices(key).any(|(at, key)| {
        let (before, after) = (&message[..at], &message[at + key.len()..]);
        let emphasized = before.strip_suffix('_').zip(after.strip_prefix('_'));
        (is_word(before, after) || emphasized.is_some_and(|(before, after)| is_word(before, after)))
            && !answers.iter().any(|answer| answer.contains(&at))
    })
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

/// What may make a template take another way: which texts are there at all.
fn persona_shape(persona: &Persona) -> (bool, Vec<bool>) {
    let known = |text: &Option<String>| said(text.as_deref()).is_some();
    (
        known(&persona.text),
        persona.levels.iter().map(known).collect(),
    )
}

/// Whether each question has a topic.
fn has_topic(questions: &[Value]) -> Vec<bool> {
    let topic = |question: &Value| question.get_attr("topic").unwrap_or_default();
    questions.iter().map(|one| topic(one).is_true()).collect()
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
