//! `[structured]` from its checked keys.

use std::path::Path;

use super::{AnswerForm, Structured, StructuredQuestion, StructuredTruth};
use crate::input::section::Section;
use crate::input::source::Source;
use crate::problem::Problem;
use crate::rubric;
use crate::study::entry::Draft;
use crate::study::tables::Read;
use crate::study::{ProviderKind, Question, ReplyFormat};

const DEFAULT_PROMPT: &str = "structured";

/// Reads `[structured]`; `None` where its template or a table could not be read.
pub(in crate::study) fn read(
    source: &Source,
    section: &Section,
    dir: &Path,
    questions: Option<Vec<StructuredQuestion>>,
    truths: Option<Vec<StructuredTruth>>,
    problems: &mut Vec<Problem>,
) -> Option<Structured> {
    let written = section.text("prompt");
    if written.is_none() && section.has("prompt") {
        return None;
    }
    let name = written.map_or(DEFAULT_PROMPT, |spot| spot.value);
    let offset = written.map_or(section.offset, |spot| spot.offset);
    let prompt = rubric::load::template(name, dir)
        .map_err(|found| {
            for problem in found {
                let here = source.error(offset, section.field("prompt"), &problem.message);
                problems.push(match problem.line {
                    Some(_) => problem,
                    None => Problem {
                        help: problem.help,
                        ..here
                    },
                });
            }
        })
        .ok();
    Some(Structured {
        questions: questions?,
        truths: truths?,
        prompt: prompt?,
        reply: match section.text("reply") {
            Some(spot) if spot.value == "json_schema" => ReplyFormat::JsonSchema,
            _ => ReplyFormat::Text,
        },
        answer: match section.text("answer") {
            Some(spot) if spot.value == "logprobs" => AnswerForm::Logprobs,
            _ => AnswerForm::Sampled,
        },
        samples: section.count("samples").unwrap_or(1),
        max_tokens: section.count("max_tokens"),
        temperature: section.number("temperature").map(|spot| spot.value),
    })
}

/// What the section asks for that cannot be had.
pub(in crate::study) fn check(
    source: &Source,
    section: &Section,
    models: &[Draft],
    problems: &mut Vec<Problem>,
) {
    let logprobs = section
        .text("answer")
        .filter(|spot| spot.value == "logprobs");
    if let Some(spot) = logprobs {
        for draft in models {
            let has_none = match draft.entry.provider {
                ProviderKind::Anthropic => "its dialect has no log-probabilities",
                ProviderKind::File => "a file of answers has no log-probabilities",
                ProviderKind::OpenAi | ProviderKind::Simulated => continue,
            };
            let message = format!("{} cannot give them: {has_none}", draft.section.path);
            let problem = source.error(spot.offset, section.field("answer"), message);
            problems.push(
                problem.help(
                    "write answer = \"sampled\", with samples = 10 or more for a distribution",
                ),
            );
        }
        if let Some(samples) = section.count("samples").filter(|samples| *samples > 1) {
            let message = format!(
                "with log-probabilities each of the {samples} samples gives nearly the same distribution"
            );
            let problem = source.warning(spot.offset, section.field("samples"), message);
            problems.push(problem.help("set samples = 1"));
        }
    }
    for draft in models {
        if draft.entry.provider == ProviderKind::File && !draft.section.has("structured_path") {
            let field = draft.section.field("structured_path");
            let message = "this file has no structured answers, so the model has none";
            let problem = source.warning(draft.section.offset, field, message);
            problems.push(problem.help(
                "structured_path = \"structured.csv\" names a file with persona, question, sample, text, or one of a batch with custom_id, response",
            ));
        }
    }
}

/// Open-ended questions that name a structured question which is not there.
pub(in crate::study) fn check_links(
    source: &Source,
    section: &Section,
    open: &[Question],
    questions: &Read<StructuredQuestion>,
    problems: &mut Vec<Problem>,
) {
    for question in open {
        let Some(survey) = &question.structured else {
            continue;
        };
        if questions.ids.find(survey).is_none() && questions.ids.are_all() {
            let (message, help) = questions.ids.unknown(survey);
            let message = format!(
                "question `{}` is behind none of them: {message}",
                question.id
            );
            let field = section.field("questions");
            let problem = source.error(section.offset, field, message);
            problems.push(Problem { help, ..problem });
        }
    }
}
