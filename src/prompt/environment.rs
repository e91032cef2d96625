//! One prompt template, compiled.
//!
//! Values are put into prompts as they are (no escaping by file name), a value
//! that is not there is an error and never an empty gap, a template stands alone,
//! and a bound on its work keeps a runaway loop from hanging a run.

use std::collections::{BTreeMap, HashSet};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Rest, Value};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};

use super::lint::{self, Known};
use super::words::{Kind, Word, words};
use super::{PromptError, help_with};
use crate::problem::Problem;
use crate::rubric::Template;

/// Work one rendering may do: about as many template instructions, or 64 bytes
/// of text for each. Enough for answers of several megabytes.
const FUEL: u64 = 1_000_000;

/// The template itself, under a name that needs no quoting.
const BASE: &str = "base";

/// The template without what is outside its system block.
const SYSTEM: &str = "system";

/// The template without what is outside its user block.
const USER: &str = "user";

/// The template without its blocks.
const OUTSIDE: &str = "outside";

/// A template that is ready to render.
pub(super) struct Compiled {
    environment: Environment<'static>,
    template: Template,
    /// The key of the study that names the template.
    field: &'static str,
    has_system: bool,
    has_user: bool,
    /// Whether nothing is wrong with its words. One that is not sound is rendered to find
    /// what else is: with nothing for the values that there are not, or a dash in its place.
    is_sound: bool,
}

impl Compiled {
    /// Compiles the template that this key of the study names, and checks that it asks
    /// for known values only.
    pub(super) fn new(
        field: &'static str,
        template: &Template,
        known: &[Known],
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let own = environment(&template.source).map_err(|error| {
            problems.push(PromptError::new(field, template, &error).into_problem());
        });
        let is_compiled = own.is_ok();
        let mut compiled = Self {
            environment: own.or_else(|()| environment("-")).ok()?,
            template: template.clone(),
            field,
            has_system: false,
            has_user: false,
            is_sound: is_compiled,
        };
        if !is_compiled {
            return Some(compiled);
        }
        compiled.has_system = compiled.has_block(SYSTEM);
        compiled.has_user = compiled.has_block(USER);
        let before = problems.len();
        problems.extend(compiled.unknown(known));
        if problems.len() > before {
            let behaviour = UndefinedBehavior::Chainable;
            compiled.environment.set_undefined_behavior(behaviour);
        }
        if compiled.has_system && !compiled.has_user {
            problems.push(
                compiled
                    .problem("there is a block `system` but no block `user`, so there would be no request")
                    .help("put the request into {% block user %}…{% endblock %}"),
            );
        }
        compiled.is_sound = problems.len() == before;
        Some(compiled)
    }

    /// Whether nothing was found wrong with its words.
    pub(super) fn is_sound(&self) -> bool {
        self.is_sound
    }

    /// As it is written.
    pub(super) fn source(&self) -> &str {
        &self.template.source
    }

    /// A problem of the template as a whole.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::error(&self.template.name, message).field(self.field)
    }

    /// A problem for each value, filter, test and function that the template asks for and
    /// that there is not, in their order.
    fn unknown(&mut self, known: &[Known]) -> Vec<Problem> {
        let Ok(template) = self.environment.get_template(BASE) else {
            return Vec::new();
        };
        let mut asked = template.undeclared_variables(true);
        let mut problems = self.unknown_words(&mut asked);
        let globals = self.environment.globals().map(|(name, _)| name).collect();
        let values = lint::unknown_values(&self.template.source, asked, &globals, known);
        problems.extend(values.into_iter().map(|unknown| Problem {
            line: unknown.place.map(|place| place.0),
            column: unknown.place.map(|place| place.1),
            help: Some(unknown.help),
            ..self.problem(unknown.message)
        }));
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }

    /// A problem for each filter, test and function that there is not; the functions are
    /// taken out of what is `asked`. In the place of each comes one that does nothing, so
    /// that it hides nothing when the template is tried.
    fn unknown_words(&mut self, asked: &mut HashSet<String>) -> Vec<Problem> {
        let source = self.template.source.clone();
        let mut first = BTreeMap::new();
        for word in words(&source) {
            let is_unknown = match word.kind {
                Kind::Function => asked.contains(word.name) && !self.has(word),
                Kind::Filter | Kind::Test => !self.has(word),
            };
            if is_unknown {
                first.entry((word.kind, word.name)).or_insert(word.at);
            }
        }
        let mut problems = Vec::new();
        for ((kind, name), at) in first {
            let message = match kind {
                Kind::Filter => format!("unknown filter: filter {name} is unknown"),
                Kind::Test => format!("unknown test: test {name} is unknown"),
                Kind::Function => format!("unknown function: {name} is unknown"),
            };
            let (line, column) = lint::place(&source, at);
            problems.push(Problem {
                line: Some(line),
                column: Some(column),
                help: help_with(&message).map(str::to_owned),
                ..self.problem(message)
            });
            let nothing = |args: Rest<Value>| args.first().cloned().unwrap_or_default();
            let name = name.to_owned();
            match kind {
                Kind::Filter => self.environment.add_filter(name, nothing),
                Kind::Test => self.environment.add_test(name, |_: Rest<Value>| true),
                Kind::Function => {
                    asked.remove(&name);
                    self.environment.add_function(name, nothing);
                }
            }
        }
        problems
    }

    /// Whether the language has this filter, test or function. Asked without a value they
    /// have other things to complain of.
    fn has(&self, word: Word<'_>) -> bool {
        let mut state = self.environment.empty_state();
        let (error, unknown) = match word.kind {
            Kind::Filter => (
                state.apply_filter(word.name, &[]).err(),
                ErrorKind::UnknownFilter,
            ),
            Kind::Test => (
                state.perform_test(word.name, &[]).err(),
                ErrorKind::UnknownTest,
            ),
            Kind::Function => return state.lookup(word.name).is_some(),
        };
        error.is_none_or(|error| error.kind() != unknown)
    }

    /// The whole template, blocks or not, without blank space around it.
    pub(super) fn whole(&self, context: &Value) -> Result<String, PromptError> {
        self.render(BASE, context)
    }

    /// The system message: the block of that name, where there is one and it says
    /// something.
    pub(super) fn system(&self, context: &Value) -> Result<Option<String>, PromptError> {
        if self.has_system {
            let text = self.render(SYSTEM, context)?;
            Ok(Some(text).filter(|text| !text.is_empty()))
        } else {
            Ok(None)
        }
    }

    /// The user message: the block of that name, or the whole of a template without
    /// blocks.
    pub(super) fn user(&self, context: &Value) -> Result<String, PromptError> {
        self.render(if self.has_user { USER } else { BASE }, context)
    }

    /// What a template with blocks says outside them, which no message would show.
    pub(super) fn outside_blocks(&self, context: &Value) -> Result<String, PromptError> {
        if self.has_user {
            self.render(OUTSIDE, context)
        } else {
            Ok(String::new())
        }
    }

    fn render(&self, name: &str, context: &Value) -> Result<String, PromptError> {
        self.environment
            .get_template(name)
            .and_then(|template| template.render(context.clone()))
            .map(trimmed)
            .map_err(|error| PromptError::new(self.field, &self.template, &error))
    }

    /// Whether the template has a block of this name. Only a template without it
    /// answers "unknown block"; one with it may fail, having been given no values.
    fn has_block(&self, block: &str) -> bool {
        self.environment.get_template(BASE).is_ok_and(|template| {
            template
                .new_state()
                .render_block(block)
                .map_or_else(|error| error.kind() != ErrorKind::UnknownBlock, |_| true)
        })
    }
}

/// An environment with the template and its parts.
fn environment(source: &str) -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()?,
    );
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    // Names the undefined value in an error; costs nothing where there is none.
    environment.set_debug(true);
    environment.add_template_owned(BASE, source.to_owned())?;
    for (name, blanked) in [
        (SYSTEM, &[USER] as &[_]),
        (USER, &[SYSTEM]),
        (OUTSIDE, &[SYSTEM, USER]),
    ] {
        environment.add_template_owned(name, without_blocks(blanked))?;
    }
    Ok(environment)
}

/// A template that is the base with these blocks left blank. Rendering the parts
/// this way does each block's work once, where capturing a state and rendering
/// its blocks would do it twice.
fn without_blocks(blocks: &[&str]) -> String {
    use std::fmt::Write;
    let mut source = format!("{{% extends \"{BASE}\" %}}");
    for block in blocks {
        // Writing to a String cannot fail.
        let _ = write!(source, "{{% block {block} %}}{{% endblock %}}");
    }
    source
}

/// Without blank space at either end, in place.
fn trimmed(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    let blank = text.len() - text.trim_start().len();
    text.drain(..blank);
    text
}
