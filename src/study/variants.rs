//! `[variants]`: the same study over several phrasings of the persona.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::input::section::{Section, Spot};
use crate::input::source::{Source, shown};
use crate::problem::Problem;
use crate::rubric::{self, Template};

/// Most phrasings: far above any use.
const MOST: usize = 100;

/// Every item is asked of every model in each of these phrasings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variants {
    /// Templates of the system message, at least two, in file order. The name of a
    /// template is the name of its variant.
    pub persona_prompts: Vec<Template>,
    /// Index of the phrasing that the others are compared with.
    pub control: Option<u32>,
}

impl Variants {
    /// The name of a variant.
    pub fn name(&self, variant: u32) -> &str {
        &self.persona_prompts[variant as usize].name
    }

    /// The name of the control.
    pub fn control(&self) -> Option<&str> {
        self.control.map(|control| self.name(control))
    }
}

/// What was read of `[variants]`.
pub(super) struct ReadVariants {
    /// With the templates that could be read.
    pub(super) variants: Variants,
    /// Whether nothing is wrong with it.
    pub(super) whole: bool,
}

/// Reads `[variants]`, as far as there are phrasings in it. Paths start at `dir`.
pub(super) fn read(
    source: &Source,
    section: &Section,
    judging: Option<&Section>,
    dir: &Path,
    problems: &mut Vec<Problem>,
) -> Option<ReadVariants> {
    let before = problems.len();
    let names = section.texts("persona_prompts")?;
    let mut error = |offset: usize, key: &str, message: String, help: &str| {
        let problem = source.error(offset, section.field(key), message);
        problems.push(problem.help(help));
    };
    if let Some(spot) = judging.and_then(|judging| judging.text("persona_prompt")) {
        error(
            spot.offset,
            "persona_prompts",
            "persona_prompt of [judging] names a phrasing, and [variants] does too".to_owned(),
            "leave persona_prompt out and put its template into persona_prompts",
        );
    }
    if names.len() < 2 || names.len() > MOST {
        error(
            names.first().map_or(section.offset, |name| name.offset),
            "persona_prompts",
            match names.len() {
                1 => format!("there is 1 phrasing, and 2 to {MOST} make variants"),
                count => format!("there are {count} phrasings, and 2 to {MOST} make variants"),
            },
            "with one phrasing, name it as persona_prompt in [judging]",
        );
    }
    for (at, name) in names.iter().enumerate() {
        if names[..at].iter().any(|other| other.value == name.value) {
            error(
                name.offset,
                "persona_prompts",
                "this phrasing stands twice".to_owned(),
                "keep one; samples = … asks again in the same words",
            );
        }
    }
    let control = section.text("control").map(|spot| {
        let found = names.iter().position(|name| name.value == spot.value);
        if found.is_none() {
            let known: Vec<&str> = names.iter().map(|name| name.value).collect();
            error(
                spot.offset,
                "control",
                format!("`{}` is none of the phrasings", shown(spot.value)),
                &format!("name one of {}", known.join(", ")),
            );
        }
        found.map(|at| at as u32)
    });
    let mut templates = Vec::new();
    for Spot { value, offset } in names {
        match rubric::load::template(value, dir) {
            // Under its own name also where it is a path.
            Ok(template) => templates.push(Template {
                name: value.to_owned(),
                ..template
            }),
            Err(found) => problems.extend(found.into_iter().map(|problem| {
                if problem.line.is_some() {
                    return problem;
                }
                let field = section.field("persona_prompts");
                Problem {
                    help: problem.help,
                    ..source.error(offset, field, problem.message)
                }
            })),
        }
    }
    Some(ReadVariants {
        variants: Variants {
            persona_prompts: templates,
            control: control.flatten(),
        },
        whole: problems.len() == before,
    })
}
