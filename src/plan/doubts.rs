//! What is right in a prompt, and yet may not be as it was meant.

use super::Plan;
use crate::answers::asked::{form, words_read};
use crate::problem::Problem;
use crate::study::ReplyFormat;

impl Plan {
    /// Warnings about the prompts, one at most for each template.
    pub fn doubts(&self) -> Vec<Problem> {
        self.unread_form().into_iter().collect()
    }

    /// A structured prompt that asks for a form in which no answer is read.
    fn unread_form(&self) -> Option<Problem> {
        let study = &self.study;
        let structured = study.structured.as_ref()?;
        let is_text = structured.reply == ReplyFormat::Text;
        if !is_text || study.personas.is_empty() || structured.questions.is_empty() {
            return None;
        }
        let messages = self.prompts.structured(0, 0, 0).ok()?;
        let asked = form(&messages.last()?.content)?;
        let message = format!(
            "the prompt seems to ask for {}, and replies such as `{}` are not read",
            asked.shown(),
            asked.reply(2)
        );
        let problem = Problem::warning(&structured.prompt.name, message);
        let problem = problem.field("structured.prompt").help(format!(
            "let it ask for `Answer: number`; {} are read in place of `Answer`",
            words_read()
        ));
        (!asked.is_read()).then_some(problem)
    }
}
