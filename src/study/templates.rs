//! Where a study names its templates, so that what is wrong with one is told with
//! its file and with the key that leads to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Judging;
use crate::input::section::Section;
use crate::input::source::Source;
use crate::problem::Problem;
use crate::rubric::{builtin_rubrics, builtin_templates};

/// By the key of the study that names it.
pub(super) type TemplatePlaces = BTreeMap<&'static str, TemplatePlace>;

/// Where a template is named, and where it is.
#[derive(Debug)]
pub(super) struct TemplatePlace {
    /// `None` for a built-in.
    file: Option<PathBuf>,
    /// Line and column in the study, where it is named there.
    named_at: Option<(usize, usize)>,
}

/// The templates of `[judging]`; paths in it start at `dir`.
pub(super) fn places(
    source: &Source,
    section: &Section,
    judging: &Judging,
    structured: Option<(&Section, &str)>,
    dir: &Path,
) -> TemplatePlaces {
    let named_at = |key| section.text(key).map(|spot| source.place(spot.offset));
    let file = |folder: &Path, name: &str| {
        let builtin = builtin_templates().any(|known| known == name);
        (!builtin).then(|| folder.join(name))
    };
    let rubric = section.text("rubric").map(|spot| spot.value);
    let rubric = rubric.filter(|name| builtin_rubrics().all(|known| known != *name));
    let of_rubric = rubric.and_then(|rubric| {
        let rubric = dir.join(rubric);
        file(rubric.parent()?, &judging.rubric.template.name)
    });
    [
        (
            "judging.persona_prompt",
            "persona_prompt",
            file(dir, &judging.persona_prompt.name),
        ),
        (
            "judging.question_prompt",
            "question_prompt",
            file(dir, &judging.question_prompt.name),
        ),
        ("judging.rubric", "rubric", of_rubric),
    ]
    .into_iter()
    .map(|(field, key, file)| {
        let named_at = named_at(key);
        (field, TemplatePlace { file, named_at })
    })
    .chain(structured.map(|(section, name)| {
        let named_at = section.text("prompt").map(|spot| source.place(spot.offset));
        let file = file(dir, name);
        ("structured.prompt", TemplatePlace { file, named_at })
    }))
    .collect()
}

/// The problem of a template with the template's file and with the place in `study`
/// that names it.
pub(super) fn placed(places: &TemplatePlaces, study: &Path, mut problem: Problem) -> Problem {
    let field = problem.field.clone().unwrap_or_default();
    let Some(place) = places.get(field.as_str()) else {
        return problem;
    };
    if let Some(file) = &place.file {
        problem.file.clone_from(file);
    }
    if let Some((line, column)) = place.named_at {
        let named = format!("{field} names it, at {}:{line}:{column}", study.display());
        problem.help = Some(match problem.help {
            Some(help) => format!("{help}\n        {named}"),
            None => named,
        });
    }
    problem
}
