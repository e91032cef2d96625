//! Finding questions that the templates ask in the same words.

use std::collections::HashMap;

use minijinja::value::Value;

use super::Prompts;
use super::kinds::{Kinds, Uses};
use super::trial::with_more;
use crate::problem::Problem;
use crate::prompt::PromptError;
use crate::prompt::environment::Compiled;
use crate::study::Study;

impl Prompts {
    /// A problem where two questions of different words are asked in the same: the prompts
    /// leave the question out, be it for some personas only. `told` are the problems of the
    /// templates.
    pub(super) fn try_questions(&self, study: &Study, told: &[Problem]) -> Vec<Problem> {
        if !told.is_empty() || study.personas.is_empty() {
            return Vec::new();
        }
        let texts = study.questions.iter();
        let open: Vec<_> = texts.map(|question| &*question.text).collect();
        let survey = study.structured.iter().flat_map(|s| &s.questions);
        let survey: Vec<_> = survey.map(|question| &*question.text).collect();
        let mut problems = Vec::new();
        problems.extend(self.asked_alike(
            &self.question,
            &self.questions,
            &open,
            |variant, persona, question| self.said(variant, persona, question),
        ));
        if let Some(structured) = &self.structured {
            problems.extend(self.asked_alike(
                &structured.prompt,
                &structured.questions,
                &survey,
                |variant, persona, question| self.said_of(structured, variant, persona, question),
            ));
        }
        problems
    }

    /// The problem of the first two questions of different words that are said alike to a
    /// persona. `texts` are those of the questions.
    fn asked_alike(
        &self,
        template: &Compiled,
        questions: &[Value],
        texts: &[&str],
        said: impl Fn(usize, usize, usize) -> [Result<String, PromptError>; 2],
    ) -> Option<Problem> {
        let of_question = Uses::of(template.source());
        let mut is_tried_alone = false;
        for (variant, persona) in self.personas_said.iter().enumerate() {
            let of_persona = Uses::of(persona.source());
            // A persona prompt that asks no question tells none from another.
            let is_told_there = of_persona.asks_question();
            if !is_told_there && std::mem::replace(&mut is_tried_alone, true) {
                continue;
            }
            let uses = if is_told_there {
                of_question.with(&of_persona)
            } else {
                of_question.clone()
            };
            let kinds = Kinds::new(&uses.of_personas(&self.personas), &[0]);
            let pairs = kinds.likes().into_iter().filter_map(|like| {
                let said = |question| {
                    let [told, asked] = said(variant, like.persona, question);
                    let told = if is_told_there {
                        told.ok()?
                    } else {
                        String::new()
                    };
                    Some(hash([&told, &asked.ok()?]))
                };
                Some((like, first_alike(texts, said)?))
            });
            let pairs: Vec<_> = pairs.collect();
            let Some((first, [one, other])) = pairs.first() else {
                continue;
            };
            let [one, other] = [one, other].map(|at| {
                let id = questions[*at].get_attr("id");
                id.unwrap_or_default().to_string()
            });
            let message =
                format!("the questions `{one}` and `{other}` are asked in the same words");
            let help = "put {{ question.text }} into it; single braces are text";
            let problem = template.problem(message).help(help);
            let personas: usize = pairs.iter().map(|(like, _)| like.items).sum();
            if personas == self.personas.len() {
                return Some(problem);
            }
            let id = self.personas[first.persona].get_attr("id");
            let id = format!("it is so for the persona {}", id.unwrap_or_default());
            return Some(with_more(problem, &id, personas, "persona"));
        }
        None
    }
}

/// The places of the first two questions of different words that are said alike. Nothing
/// is kept of what is said but its hash.
fn first_alike(texts: &[&str], said: impl Fn(usize) -> Option<blake3::Hash>) -> Option<[usize; 2]> {
    let mut first = HashMap::new();
    (0..texts.len()).find_map(|question| {
        let before = *first.entry(said(question)?).or_insert(question);
        (texts[before].trim() != texts[question].trim()).then_some([before, question])
    })
}

fn hash(texts: [&str; 2]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for text in texts {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize()
}
