//! From a rubric's name or path to a checked [`Rubric`].
//!
//! Everything wrong with a rubric file is reported at once. A problem about a
//! name that leads nowhere has no line: whoever asked for the name knows where it
//! was written.

use std::fs;
use std::path::Path;

use super::builtin::{self, RUBRICS, TEMPLATES, builtin_rubrics, builtin_templates};
use super::read::read;
use super::{Rubric, Template};
use crate::problem::Problem;
use crate::text::nearest::nearest;

/// Reads the rubric of this name: a built-in, else a TOML file by its path
/// relative to `dir`.
///
/// # Errors
/// Every problem of the rubric file, with line and column; or one problem without
/// a line where the name leads to no rubric.
pub fn load(name_or_path: &str, dir: &Path) -> Result<Rubric, Vec<Problem>> {
    match look(name_or_path, dir) {
        (Some(rubric), problems) if problems.is_empty() => Ok(rubric),
        (_, problems) => Err(problems),
    }
}

/// Reads the rubric of this name as [`load`] does, and gives a faulty one too, where its
/// template is there, so that the template can be looked at all the same.
pub(crate) fn look(name_or_path: &str, dir: &Path) -> (Option<Rubric>, Vec<Problem>) {
    if let Some(text) = builtin::source(RUBRICS, name_or_path) {
        return read(text, Path::new(name_or_path), Path::new(""));
    }
    let file = dir.join(name_or_path);
    match read_file(&file, name_or_path, "rubric", builtin_rubrics()) {
        Ok(text) => read(&text, &file, file.parent().unwrap_or(dir)),
        Err(problems) => (None, problems),
    }
}

/// Reads the prompt template of this name: a built-in, else a file by its path
/// relative to `dir`. Line ends become single newlines, so that a template gives
/// the same prompts on every system.
///
/// # Errors
/// One problem without a line where the name leads to no template.
pub fn template(name_or_path: &str, dir: &Path) -> Result<Template, Vec<Problem>> {
    let source = if let Some(text) = builtin::source(TEMPLATES, name_or_path) {
        text.to_owned()
    } else {
        let file = dir.join(name_or_path);
        read_file(&file, name_or_path, "prompt template", builtin_templates())?
    };
    Ok(Template {
        name: name_or_path.to_owned(),
        source: source.replace("\r\n", "\n"),
    })
}

/// Reads a text file, or says what may have been meant.
fn read_file(
    file: &Path,
    asked: &str,
    what: &str,
    builtins: impl Iterator<Item = &'static str>,
) -> Result<String, Vec<Problem>> {
    let error = match fs::read_to_string(file) {
        Ok(text) => return Ok(text.trim_start_matches('\u{feff}').to_owned()),
        Err(error) => error,
    };
    let names: Vec<_> = builtins.collect();
    let known = format!("built-in: {}; or the path of a file", names.join(", "));
    let problem = match error.kind() {
        std::io::ErrorKind::NotFound => Problem::error(
            file,
            format!("there is no built-in {what} and no file `{asked}`"),
        )
        .help(match nearest(asked, names) {
            Some(near) => format!("did you mean `{near}`? {known}"),
            None => known,
        }),
        std::io::ErrorKind::InvalidData => {
            Problem::error(file, format!("this {what} is not text in UTF-8"))
                .help("save it as UTF-8")
        }
        _ => Problem::error(file, format!("this {what} could not be read: {error}")).help(known),
    };
    Err(vec![problem])
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::super::read::tests::GOOD;
    use super::*;

    #[test]
    fn every_built_in_rubric_loads_under_its_own_name() {
        for name in builtin_rubrics() {
            let rubric = load(name, Path::new("nowhere")).unwrap();
            assert_eq!(rubric.name, name);
        }
    }

    #[test]
    fn every_built_in_file_is_embedded() {
        for (folder, extension, names) in [
            ("rubrics", "toml", builtin_rubrics().collect::<Vec<_>>()),
            ("prompts", "j2", builtin_templates().collect()),
        ] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let mut files: Vec<_> = fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|found| found == extension))
                .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
                .collect();
            files.sort();
            assert_eq!(names, files);
        }
    }

    #[test]
    fn an_own_rubric_finds_its_template_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("rubrics")).unwrap();
        let text = GOOD.replace("pairwise", "judge.j2");
        fs::write(dir.path().join("rubrics/mine.toml"), text).unwrap();
        fs::write(
            dir.path().join("rubrics/judge.j2"),
            "\u{feff}one\r\ntwo\r\n",
        )
        .unwrap();
        let rubric = load("rubrics/mine.toml", dir.path()).unwrap();
        assert_eq!(rubric.template.name, "judge.j2");
        assert_eq!(rubric.template.source, "one\ntwo\n");
    }

    #[test]
    fn a_file_may_have_a_bare_name() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mine"), GOOD).unwrap();
        assert_eq!(load("mine", dir.path()).unwrap().name, "mine");
    }

    #[test]
    fn a_name_that_leads_nowhere_lists_the_built_ins() {
        let problems = load("persona-valeu", Path::new("dir")).unwrap_err();
        assert_snapshot!(problems[0], @"
        dir/persona-valeu: there is no built-in rubric and no file `persona-valeu`
          help: did you mean `persona-value`? built-in: persona-value, persona-value-separate, stance, voice; or the path of a file
        ");
        let problems = template("pears", Path::new("dir")).unwrap_err();
        assert_snapshot!(problems[0], @"
        dir/pears: there is no built-in prompt template and no file `pears`
          help: built-in: none, open-ended, pairwise, persona, persona-qa, persona-third, structured; or the path of a file
        ");
        assert_eq!(problems[0].line, None);
    }

    #[test]
    fn a_file_that_is_no_text_is_told_from_one_that_is_not_there() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("binary.j2"), [0xff, 0xfe]).unwrap();
        let problems = template("binary.j2", dir.path()).unwrap_err();
        assert_eq!(
            problems[0].message,
            "this prompt template is not text in UTF-8"
        );
        let problems = template("", dir.path()).unwrap_err();
        assert!(
            problems[0].message.contains("could not be read"),
            "{}",
            problems[0]
        );
    }
}
