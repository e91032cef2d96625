//! Where a study names its templates, so that what is wrong with one is told with
//! its file and with the key that leads to it.

use std::path::{Path, PathBuf};

use super::Judging;
use crate::input::section::{Section, Spot};
use crate::input::source::Source;
use crate::problem::Problem;
use crate::rubric::{builtin_rubrics, builtin_templates};

/// Where a template is named, and where it is.
#[derive(Debug)]
pub(super) struct TemplatePlace {
    /// The key of the study that names it.
    field: &'static str,
    /// What its problems call it.
    name: String,
    /// `None` for a built-in.
    file: Option<PathBuf>,
    /// Line and column in the study, where it is named there.
    named_at: Option<(usize, usize)>,
}

/// The templates of a study. `section` is `[judging]`, `variants` the table of that name,
/// where there is one; paths start at `dir`.
pub(super) fn places(
    source: &Source,
    [section, variants]: [Option<&Section>; 2],
    judging: &Judging,
    structured: Option<(&Section, &str)>,
    dir: &Path,
) -> Vec<TemplatePlace> {
    let place = |field, name: &str, folder: Option<&Path>, named: Option<Spot<&str>>| {
        let is_builtin = builtin_templates().any(|known| known == name);
        TemplatePlace {
            field,
            name: name.to_owned(),
            file: folder
                .filter(|_| !is_builtin)
                .map(|folder| folder.join(name)),
            named_at: named.map(|spot| source.place(spot.offset)),
        }
    };
    let named = |key| section.and_then(|section| section.text(key));
    let rubric = named("rubric").map(|spot| spot.value);
    let rubric = rubric.filter(|name| builtin_rubrics().all(|known| known != *name));
    let rubric = rubric.map(|rubric| dir.join(rubric));
    let template = &judging.rubric.template.name;
    let mut places = vec![place(
        "judging.rubric",
        template,
        rubric.as_deref().and_then(Path::parent),
        named("rubric"),
    )];
    let prompts = [
        ("judging.persona_prompt", &judging.persona_prompt),
        ("judging.question_prompt", &judging.question_prompt),
    ];
    places.extend(prompts.map(|(field, template)| {
        let key = field.rsplit('.').next().unwrap_or(field);
        place(field, &template.name, Some(dir), named(key))
    }));
    let variants = variants.and_then(|variants| variants.texts("persona_prompts"));
    let variants = variants.into_iter().flatten();
    places.extend(variants.map(|spot| {
        let field = "variants.persona_prompts";
        place(field, spot.value, Some(dir), Some(spot))
    }));
    places.extend(structured.map(|(section, name)| {
        place("structured.prompt", name, Some(dir), section.text("prompt"))
    }));
    places
}

/// The problem of a template with the template's file and with the place in `study`
/// that names it.
pub(super) fn placed(places: &[TemplatePlace], study: &Path, mut problem: Problem) -> Problem {
    let is_it = |place: &&TemplatePlace| {
        problem.field.as_deref() == Some(place.field) && problem.file == Path::new(&place.name)
    };
    let Some(place) = places.iter().find(is_it) else {
        return problem;
    };
    if let Some(file) = &place.file {
        problem.file.clone_from(file);
    }
    if let Some((line, column)) = place.named_at {
        let field = place.field;
        let named = format!("{field} names it, at {}:{line}:{column}", study.display());
        problem.help = Some(match problem.help {
            Some(help) => format!("{help}\n        {named}"),
            None => named,
        });
    }
    problem
}
