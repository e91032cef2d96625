//! From a rubric's name or path to a checked [`Rubric`].
//!
//! Everything wrong with a rubric file is reported at once. A problem about a
//! name that leads nowhere has no line: whoever asked for the name knows where it
//! was written.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::DeValue;

use super::builtin::{self, RUBRICS, TEMPLATES, builtin_rubrics, builtin_templates};
use super::toml_reader::{Reader, Table, field};
use super::{Ask, Criterion, Labels, Rubric, Template, WithoutTruth};
use crate::problem::Problem;
use crate::text::nearest::nearest;

/// The key of a verdict's free text, which no criterion may take.
const RESERVED_KEY: &str = "analysis";

/// Reads the rubric of this name: a built-in, else a TOML file by its path
/// relative to `dir`.
///
/// # Errors
/// Every problem of the rubric file, with line and column; or one problem without
/// a line where the name leads to no rubric.
pub fn load(name_or_path: &str, dir: &Path) -> Result<Rubric, Vec<Problem>> {
    if let Some(text) = builtin::source(RUBRICS, name_or_path) {
        return read(text, Path::new(name_or_path), Path::new(""));
    }
    let file = dir.join(name_or_path);
    let text = read_file(&file, name_or_path, "rubric", builtin_rubrics())?;
    read(&text, &file, file.parent().unwrap_or(dir))
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
        }
        _ => Problem::error(file, format!("this {what} could not be read: {error}")),
    };
    Err(vec![problem])
}

/// Reads a rubric's text; `folder` is where its template's path starts.
fn read(text: &str, file: &Path, folder: &Path) -> Result<Rubric, Vec<Problem>> {
    let mut reader = Reader::new(file, text);
    let rubric = reader
        .parse()
        .and_then(|tree| read_rubric(&mut reader, &tree, folder));
    let problems = reader.into_problems();
    match rubric {
        Some(rubric) if problems.is_empty() => Ok(rubric),
        _ => Err(problems),
    }
}

fn read_rubric(
    reader: &mut Reader<'_>,
    tree: &Spanned<toml::de::DeTable<'_>>,
    folder: &Path,
) -> Option<Rubric> {
    // A key that is missing at the top belongs to the first line.
    let top = Table {
        path: "",
        entries: tree.get_ref(),
        span: &(0..0),
    };
    reader.only(
        top,
        &[
            "name",
            "template",
            "labels",
            "ties",
            "ask",
            "without_truth",
            "criteria",
        ],
    );
    let name = reader.text(top, "name");
    if let Some((name, span)) = &name {
        check_name(reader, name, span);
    }
    let template = read_template(reader, top, folder);
    let labels = read_labels(reader, top);
    let ties = reader.boolean(top, "ties", true);
    let ask = reader.word(
        top,
        "ask",
        &[("together", Ask::Together), ("separately", Ask::Separately)],
    );
    let without_truth = reader.word(
        top,
        "without_truth",
        &[
            ("skip", WithoutTruth::Skip),
            ("refuse", WithoutTruth::Refuse),
        ],
    );
    let criteria = read_criteria(reader, top);
    Some(Rubric {
        name: name?.0.to_owned(),
        template: template?,
        labels,
        ties,
        ask,
        without_truth,
        criteria,
    })
}

/// A rubric is called `name@hash` in every table.
fn check_name(reader: &mut Reader<'_>, name: &str, span: &Range<usize>) {
    if name.contains('@') || name.chars().any(char::is_control) || name.trim() != name {
        reader.report(
            span,
            "name",
            "a name must be one line without `@` and without spaces around it".to_owned(),
        );
    }
}

fn read_template(reader: &mut Reader<'_>, top: Table<'_>, folder: &Path) -> Option<Template> {
    let (name, span) = reader.text(top, "template")?;
    match template(name, folder) {
        Ok(template) => Some(template),
        Err(problems) => {
            for problem in problems {
                match problem.help {
                    Some(help) => reader.report_with_help(&span, "template", problem.message, help),
                    None => reader.report(&span, "template", problem.message),
                }
            }
            None
        }
    }
}

fn read_labels(reader: &mut Reader<'_>, top: Table<'_>) -> Labels {
    let mut labels = Labels::default();
    let Some(value) = top.entries.get("labels") else {
        return labels;
    };
    let DeValue::Table(entries) = value.get_ref() else {
        reader.wrong_type(
            top,
            "labels",
            value,
            "a table such as { first = \"A\", second = \"B\", tie = \"Tie\" }",
        );
        return labels;
    };
    let table = Table {
        path: "labels",
        entries,
        span: &value.span(),
    };
    reader.only(table, &["first", "second", "tie"]);
    for (key, label) in [
        ("first", &mut labels.first),
        ("second", &mut labels.second),
        ("tie", &mut labels.tie),
    ] {
        if let Some((text, span)) = reader.optional_text(table, key) {
            check_label(reader, text, &span, &field("labels", key));
            text.clone_into(label);
        }
    }
    check_distinct_labels(reader, &labels, &value.span());
    labels
}

/// A label stands in a fence's line and in JSON, so it is one plain line.
fn check_label(reader: &mut Reader<'_>, label: &str, span: &Range<usize>, field: &str) {
    let wrong = if label.trim() != label {
        "a label must not begin or end with a space"
    } else if label.chars().any(char::is_control) {
        "a label must be one line without control characters"
    } else if label.contains("<<<") || label.contains(">>>") {
        "a label must not hold `<<<` or `>>>`, which fence the answers"
    } else if label.contains(['"', '\\']) {
        "a label must not hold quotation marks or backslashes, which JSON would escape"
    } else {
        return;
    };
    reader.report(span, field, wrong.to_owned());
}

fn check_distinct_labels(reader: &mut Reader<'_>, labels: &Labels, span: &Range<usize>) {
    let named = [
        ("first", &labels.first),
        ("second", &labels.second),
        ("tie", &labels.tie),
    ];
    for (i, (one, label)) in named.iter().enumerate() {
        for (other, same) in &named[i + 1..] {
            if label.to_lowercase() == same.to_lowercase() {
                reader.report(
                    span,
                    "labels",
                    format!("`{one}` and `{other}` are both called `{label}`; labels must differ in more than case"),
                );
            }
        }
    }
}

fn read_criteria(reader: &mut Reader<'_>, top: Table<'_>) -> Vec<Criterion> {
    let Some(value) = top.entries.get("criteria") else {
        reader.report_with_help(
            top.span,
            "criteria",
            "a rubric needs at least one criterion".to_owned(),
            "add a table [[criteria]] with key, name and guide".to_owned(),
        );
        return Vec::new();
    };
    let DeValue::Array(array) = value.get_ref() else {
        reader.wrong_type(top, "criteria", value, "tables under [[criteria]]");
        return Vec::new();
    };
    if array.is_empty() {
        reader.report(
            &value.span(),
            "criteria",
            "a rubric needs at least one criterion".to_owned(),
        );
    }
    let mut seen = HashMap::new();
    array
        .iter()
        .filter_map(|element| read_criterion(reader, top, element, &mut seen))
        .collect()
}

fn read_criterion(
    reader: &mut Reader<'_>,
    top: Table<'_>,
    element: &Spanned<DeValue<'_>>,
    seen: &mut HashMap<String, String>,
) -> Option<Criterion> {
    let DeValue::Table(entries) = element.get_ref() else {
        reader.wrong_type(top, "criteria", element, "a table under [[criteria]]");
        return None;
    };
    let table = Table {
        path: "criteria",
        entries,
        span: &element.span(),
    };
    reader.only(table, &["key", "name", "guide", "needs_truth"]);
    let key = reader.text(table, "key");
    if let Some((key, span)) = &key {
        check_key(reader, key, span, seen);
    }
    let name = reader.text(table, "name");
    let guide = reader.text(table, "guide");
    let needs_truth = reader.boolean(table, "needs_truth", false);
    Some(Criterion {
        key: key?.0.to_owned(),
        name: name?.0.to_owned(),
        guide: guide?.0.trim().to_owned(),
        needs_truth,
    })
}

/// A key is a word in JSON, in a table's column and on the command line; two keys
/// that differ only in spelling could not be told apart in a judge's reply.
fn check_key(
    reader: &mut Reader<'_>,
    key: &str,
    span: &Range<usize>,
    seen: &mut HashMap<String, String>,
) {
    let at = "criteria.key";
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !plain {
        reader.report_with_help(
            span,
            at,
            format!("`{key}` is not a plain word"),
            "use letters, digits and underscores, a letter first, such as `persona_winner`"
                .to_owned(),
        );
        return;
    }
    let folded = key.to_lowercase().replace('_', "");
    if folded == RESERVED_KEY {
        reader.report(
            span,
            at,
            format!("`{key}` is taken: it is the key of the judge's reasoning"),
        );
    } else if let Some(other) = seen.insert(folded, key.to_owned()) {
        let message = if other == key {
            format!("the key `{key}` stands twice")
        } else {
            format!("`{key}` differs from `{other}` only in spelling")
        };
        reader.report(span, at, message);
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use rstest::rstest;

    use super::*;

    const GOOD: &str = r#"
name = "mine"
template = "pairwise"

[[criteria]]
key = "voice_winner"
name = "Voice"
guide = "Which sounds like a person?"
"#;

    fn problems(text: &str) -> String {
        let problems = read(text, Path::new("mine.toml"), Path::new("")).unwrap_err();
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    fn with(extra: &str) -> String {
        format!("{extra}\n{GOOD}")
    }

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
    fn what_is_left_out_has_a_default() {
        let rubric = read(GOOD, Path::new("mine.toml"), Path::new("")).unwrap();
        assert_eq!(rubric.labels, Labels::default());
        assert!(rubric.ties);
        assert_eq!(rubric.ask, Ask::Together);
        assert_eq!(rubric.without_truth, WithoutTruth::Skip);
        assert!(!rubric.criteria[0].needs_truth);
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

    #[test]
    fn all_problems_are_shown_at_once_with_their_places() {
        assert_snapshot!(problems(r#"
naem = "mine"
template = "pairwize"
ties = "yes"
ask = "seperately"
labels = { first = "A", secnd = "B", tie = 3 }

[[criteria]]
key = "persona winner"
name = ""
gide = "x"

[[criteria]]
key = "value_winner"
name = "Value"
guide = "x"
needs_truth = 1
"#), @"
        mine.toml:1:1: name: this key is missing; a text is expected
        mine.toml:2:1: naem: there is no such key
          help: did you mean `name`?
        mine.toml:3:12: template: there is no built-in prompt template and no file `pairwize`
          help: did you mean `pairwise`? built-in: none, open-ended, pairwise, persona, persona-qa, persona-third, structured; or the path of a file
        mine.toml:4:8: ties: expected `true` or `false`, found a text
        mine.toml:5:7: ask: `seperately` is not known; expected `together` or `separately`
        mine.toml:6:25: labels.secnd: there is no such key
          help: did you mean `second`?
        mine.toml:6:44: labels.tie: expected a text in quotes, found a number
        mine.toml:8:1: criteria.guide: this key is missing; a text is expected
        mine.toml:9:7: criteria.key: `persona winner` is not a plain word
          help: use letters, digits and underscores, a letter first, such as `persona_winner`
        mine.toml:10:8: criteria.name: this must not be empty
        mine.toml:11:1: criteria.gide: there is no such key
          help: did you mean `guide`?
        mine.toml:17:15: criteria.needs_truth: expected `true` or `false`, found a number
        ");
    }

    #[test]
    fn what_is_no_toml_is_said_so() {
        assert_snapshot!(problems("name = \nties = = true\n"), @"
        mine.toml:1:8: this is not TOML: string values must be quoted, expected literal string
        mine.toml:2:8: this is not TOML: extra `=`, expected nothing
        mine.toml:2:10: this is not TOML: unexpected key or value, expected newline, `#`
        ");
    }

    #[test]
    fn an_empty_file_lacks_everything() {
        assert_snapshot!(problems(""), @"
        mine.toml:1:1: name: this key is missing; a text is expected
        mine.toml:1:1: template: this key is missing; a text is expected
        mine.toml:1:1: criteria: a rubric needs at least one criterion
          help: add a table [[criteria]] with key, name and guide
        ");
    }

    #[rstest]
    #[case::same(
        "labels = { first = \"A\", second = \"A\" }",
        "`first` and `second` are both called `A`"
    )]
    #[case::case(
        "labels = { second = \"a\" }",
        "`first` and `second` are both called `A`"
    )]
    #[case::tie(
        "labels = { first = \"tie\" }",
        "`first` and `tie` are both called `tie`"
    )]
    #[case::blank("labels = { first = \" \" }", "must not be empty")]
    #[case::edge("labels = { first = \"A \" }", "must not begin or end with a space")]
    #[case::control(
        "labels = { first = \"A\\nB\" }",
        "one line without control characters"
    )]
    #[case::fence("labels = { first = \"A>>>\" }", "which fence the answers")]
    #[case::quote("labels = { first = \"A\\\"\" }", "quotation marks or backslashes")]
    #[case::no_table("labels = [\"A\", \"B\"]", "expected a table")]
    fn labels_are_plain_and_distinct(#[case] labels: &str, #[case] expected: &str) {
        let problems = problems(&with(labels));
        assert!(problems.contains(expected), "{problems}");
    }

    #[rstest]
    #[case::twice("voice_winner", "the key `voice_winner` stands twice")]
    #[case::spelling("VoiceWinner", "differs from `voice_winner` only in spelling")]
    #[case::reserved("Analysis", "it is the key of the judge's reasoning")]
    #[case::digit("2nd", "not a plain word")]
    #[case::hyphen("voice-winner", "not a plain word")]
    #[case::quote("a\\\"b", "not a plain word")]
    #[case::foreign("stimme_ä", "not a plain word")]
    fn keys_are_plain_and_distinct(#[case] key: &str, #[case] expected: &str) {
        let problems = problems(&format!(
            "{GOOD}\n[[criteria]]\nkey = \"{key}\"\nname = \"N\"\nguide = \"G\"\n"
        ));
        assert!(problems.contains(expected), "{problems}");
        assert!(
            problems.starts_with("mine.toml:11:7: criteria.key: "),
            "{problems}"
        );
    }

    #[rstest]
    #[case::at("a@b")]
    #[case::lines("a\\nb")]
    #[case::edge(" a")]
    fn a_name_fits_in_front_of_its_hash(#[case] name: &str) {
        let problems = problems(&GOOD.replace("mine", name));
        assert!(
            problems.starts_with("mine.toml:2:8: name: a name must be one line"),
            "{problems}"
        );
    }

    #[rstest]
    #[case::none("criteria = []")]
    #[case::not_tables("criteria = [1]")]
    #[case::no_list("criteria = 1")]
    fn criteria_are_a_list_of_tables(#[case] criteria: &str) {
        let text = format!("name = \"mine\"\ntemplate = \"pairwise\"\n{criteria}\n");
        assert!(
            problems(&text).starts_with("mine.toml:3:"),
            "{}",
            problems(&text)
        );
    }

    #[test]
    fn a_column_counts_characters() {
        let text = with("\"äöü\" = 1");
        assert!(problems(&text).starts_with("mine.toml:1:1: äöü: "));
        let text = with("labels = { first = \"ä\", sekond = \"ö\" }");
        assert!(
            problems(&text).starts_with("mine.toml:1:25: labels.sekond: "),
            "{}",
            problems(&text)
        );
    }
}
