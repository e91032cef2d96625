//! One prompt template, compiled and linted.
//!
//! Values are put into prompts as they are (no escaping by file name), a value
//! that is not there is an error and never an empty gap, a template stands alone,
//! and a bound on its work keeps a runaway loop from hanging a run.

use std::collections::HashSet;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};

use super::PromptError;
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

/// A value that templates are given.
pub(super) struct Known {
    /// Its path, such as `persona.text`.
    pub(super) path: String,
    /// Whether its attributes are given too, each with a path of its own.
    pub(super) has_attributes: bool,
}

/// A template that is ready to render.
pub(super) struct Compiled {
    environment: Environment<'static>,
    name: String,
    source: String,
    has_system: bool,
    has_user: bool,
}

impl Compiled {
    /// Compiles a template and checks that it asks for known values only.
    pub(super) fn new(template: &Template, known: &[Known]) -> Result<Self, Vec<Problem>> {
        let environment = environment(&template.source).map_err(|error| {
            let error = PromptError::new(&template.name, &error);
            vec![error.into_problem()]
        })?;
        let mut compiled = Self {
            environment,
            name: template.name.clone(),
            source: template.source.clone(),
            has_system: false,
            has_user: false,
        };
        compiled.has_system = compiled.has_block(SYSTEM);
        compiled.has_user = compiled.has_block(USER);
        let mut problems = compiled.unknown_values(known);
        if compiled.has_system && !compiled.has_user {
            problems.push(Problem::error(
                &compiled.name,
                "there is a block `system` but no block `user`, so there would be no request",
            ));
        }
        if problems.is_empty() {
            Ok(compiled)
        } else {
            Err(problems)
        }
    }

    /// The name the template was asked for by.
    pub(super) fn name(&self) -> &str {
        &self.name
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
            .map_err(|error| PromptError::new(&self.name, &error))
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

    /// A problem for each value the template asks for that it will not be given.
    fn unknown_values(&self, known: &[Known]) -> Vec<Problem> {
        let Ok(template) = self.environment.get_template(BASE) else {
            return Vec::new();
        };
        let globals: HashSet<&str> = self.environment.globals().map(|(name, _)| name).collect();
        let mut unknown: Vec<_> = template
            .undeclared_variables(true)
            .into_iter()
            .filter(|path| !globals.contains(root(path)))
            .filter(|path| !is_known(path, known) && !is_set(&self.source, root(path)))
            .map(|path| (line_of(&self.source, &path), path))
            .collect();
        unknown.sort();
        unknown
            .into_iter()
            .map(|(line, path)| self.unknown_value(line, &path, known))
            .collect()
    }

    fn unknown_value(&self, line: Option<usize>, path: &str, known: &[Known]) -> Problem {
        let names: Vec<_> = known
            .iter()
            .filter(|known| !known.has_attributes)
            .map(|known| known.path.as_str())
            .collect();
        // Two typing errors, or a third of a long last part, still look like it.
        let last_part = path.rsplit('.').next().unwrap_or(path);
        let bound = 2.max(last_part.chars().count() / 3);
        let near = names
            .iter()
            .map(|name| (strsim::damerau_levenshtein(path, name), name))
            .min()
            .filter(|(distance, _)| *distance <= bound);
        let help = match near {
            Some((_, name)) => format!("did you mean `{name}`?"),
            None => format!("a template of this kind is given: {}", names.join(", ")),
        };
        let mut problem = Problem::error(
            &self.name,
            format!("there is no value `{path}` in this template"),
        )
        .help(help);
        problem.line = line;
        problem
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

fn root(path: &str) -> &str {
    path.split_once('.').map_or(path, |(root, _)| root)
}

/// Whether a path is a known value or lies inside one whose attributes are its own
/// affair, such as a method of a text.
fn is_known(path: &str, known: &[Known]) -> bool {
    known.iter().any(|known| {
        let rest = path.strip_prefix(known.path.as_str());
        rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('.') && !known.has_attributes))
    })
}

/// Whether the template itself gives a value to this name somewhere. The lint does
/// not follow a `set` out of an `if`; whether such a value is there when it is used
/// shows when the template is tried.
fn is_set(source: &str, name: &str) -> bool {
    source.match_indices("set ").any(|(at, set)| {
        source[at + set.len()..]
            .trim_start()
            .strip_prefix(name)
            .is_some_and(|rest| !rest.starts_with(part_of_name))
    })
}

fn part_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The first line, from 1, on which a tag of the template names the path.
fn line_of(source: &str, path: &str) -> Option<usize> {
    source
        .match_indices(path)
        .find(|(at, _)| {
            let (before, after) = (&source[..*at], &source[at + path.len()..]);
            let opened = before.rfind("{{").max(before.rfind("{%"));
            let closed = before.rfind("}}").max(before.rfind("%}"));
            opened > closed
                && !before.ends_with(|c| part_of_name(c) || c == '.')
                && !after.starts_with(part_of_name)
        })
        .map(|(at, _)| source[..at].matches('\n').count() + 1)
}
