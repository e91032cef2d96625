//! The prompts and rubrics of this project, embedded from the files that a reader
//! finds in `prompts/` and `rubrics/`.

/// A built-in's name and its file's text.
type Builtin = (&'static str, &'static str);

macro_rules! files {
    ($folder:literal, $extension:literal: $($name:literal),+ $(,)?) => {
        &[$((
            $name,
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/", $folder, "/", $name, ".", $extension
            )),
        )),+]
    };
}

pub(super) const RUBRICS: &[Builtin] = files!(
    "rubrics", "toml":
    "persona-value",
    "persona-value-separate",
    "stance",
    "voice",
);

pub(super) const TEMPLATES: &[Builtin] = files!(
    "prompts", "j2":
    "none",
    "open-ended",
    "pairwise",
    "persona",
    "persona-qa",
    "persona-third",
    "structured",
);

/// Names of the built-in rubrics, in alphabetical order.
pub fn builtin_rubrics() -> impl Iterator<Item = &'static str> {
    RUBRICS.iter().map(|(name, _)| *name)
}

/// Names of the built-in prompt templates, in alphabetical order.
pub fn builtin_templates() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter().map(|(name, _)| *name)
}

/// The text of a built-in of this name.
pub(super) fn source(builtins: &'static [Builtin], name: &str) -> Option<&'static str> {
    builtins
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
