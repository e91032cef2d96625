//! The keys of a rubric file, and what its values must be like.

use std::collections::HashMap;
use std::path::Path;

use super::load::template;
use super::{Ask, Criterion, Labels, Rubric, Template, WithoutTruth};
use crate::input::schema::{self, Key, Kind, optional, required};
use crate::input::section::{Section, Spot, Value};
use crate::input::source::Source;
use crate::problem::Problem;

/// The key of a verdict's free text, which no criterion may take.
const RESERVED_KEY: &str = "analysis";

/// The whole file. `docs/study.md` explains each key; a test holds it to that.
const RUBRIC: &[Key] = &[
    required(
        "name",
        Kind::Text,
        "name = \"…\" names the rubric in every table",
    ),
    required(
        "template",
        Kind::Path,
        "template = \"pairwise\", or the path of a file of your own",
    ),
    optional("labels", Kind::Table(LABELS)),
    optional("ties", Kind::Flag),
    optional("ask", Kind::OneOf(&["together", "separately"])),
    optional("without_truth", Kind::OneOf(&["skip", "refuse"])),
    required(
        "criteria",
        Kind::Tables(CRITERION),
        "a rubric needs at least one criterion: add a table [[criteria]] with key, name and guide",
    ),
];

const LABELS: &[Key] = &[
    optional("first", Kind::Text),
    optional("second", Kind::Text),
    optional("tie", Kind::Text),
];

const CRITERION: &[Key] = &[
    required(
        "key",
        Kind::Text,
        "key = \"…\" is its key in the judge's reply",
    ),
    required(
        "name",
        Kind::Text,
        "name = \"…\" is what the judge reads it as",
    ),
    required(
        "guide",
        Kind::Text,
        "guide = \"…\" tells the judge what counts",
    ),
    optional("needs_truth", Kind::Flag),
];

/// Reads a rubric's text as far as it can be read, and all that is wrong with it;
/// `folder` is where its template's path starts.
pub(super) fn read(text: &str, file: &Path, folder: &Path) -> (Option<Rubric>, Vec<Problem>) {
    let source = Source::new(file, text.as_bytes());
    let mut problems = Vec::new();
    let (top, _) = schema::read(&source, RUBRIC, &mut problems);
    let mut reader = Reader {
        source: &source,
        problems,
    };
    let rubric = reader.rubric(&top, folder);
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| (problem.line, problem.column));
    (rubric, problems)
}

struct Reader<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn error(&mut self, offset: usize, field: &str, message: impl Into<String>) {
        self.problems
            .push(self.source.error(offset, field, message));
    }

    fn rubric(&mut self, top: &Section, folder: &Path) -> Option<Rubric> {
        let name = top.text("name");
        if let Some(name) = name {
            self.check_name(name);
        }
        let template = self.template(top, folder);
        let labels = self.labels(top.table("labels"));
        let criteria = self.criteria(top);
        let is = |key: &str, word: &str| top.text(key).is_some_and(|spot| spot.value == word);
        Some(Rubric {
            name: name.map_or_else(String::new, |name| name.value.to_owned()),
            template: template?,
            labels,
            ties: top.flag("ties").is_none_or(|spot| spot.value),
            ask: if is("ask", "separately") {
                Ask::Separately
            } else {
                Ask::Together
            },
            without_truth: if is("without_truth", "refuse") {
                WithoutTruth::Refuse
            } else {
                WithoutTruth::Skip
            },
            criteria,
        })
    }

    /// A rubric is called `name@hash` in every table.
    fn check_name(&mut self, name: Spot<&str>) {
        let text = name.value;
        if text.contains('@') || text.chars().any(char::is_control) || text.trim() != text {
            let message = "a name must be one line without `@` and without spaces around it";
            self.error(name.offset, "name", message);
        }
    }

    fn template(&mut self, top: &Section, folder: &Path) -> Option<Template> {
        let name = top.text("template")?;
        let problems = match template(name.value, folder) {
            Ok(template) => return Some(template),
            Err(problems) => problems,
        };
        for Problem { message, help, .. } in problems {
            let problem = self.source.error(name.offset, "template", message);
            self.problems.push(Problem { help, ..problem });
        }
        None
    }

    fn labels(&mut self, section: Option<&Section>) -> Labels {
        let mut labels = Labels::default();
        let Some(section) = section else {
            return labels;
        };
        let before = self.problems.len();
        for (key, label) in [
            ("first", &mut labels.first),
            ("second", &mut labels.second),
            ("tie", &mut labels.tie),
        ] {
            if let Some(spot) = section.text(key) {
                if let Some(wrong) = wrong_label(spot.value) {
                    self.error(spot.offset, &section.field(key), wrong);
                }
                spot.value.clone_into(label);
            }
        }
        self.check_distinct(&labels, section.offset);
        if self.problems.len() > before {
            // No template can show an answer under a label that is none.
            return Labels::default();
        }
        labels
    }

    fn check_distinct(&mut self, labels: &Labels, offset: usize) {
        let named = [
            ("first", &labels.first),
            ("second", &labels.second),
            ("tie", &labels.tie),
        ];
        for (i, (one, label)) in named.iter().enumerate() {
            for (other, same) in &named[i + 1..] {
                if label.to_lowercase() == same.to_lowercase() {
                    let message = format!(
                        "`{one}` and `{other}` are both called `{label}`; labels must differ in more than case"
                    );
                    self.error(offset, "labels", message);
                }
            }
        }
    }

    fn criteria(&mut self, top: &Section) -> Vec<Criterion> {
        let mut seen = HashMap::new();
        let mut criteria = Vec::new();
        for element in top.list("criteria").unwrap_or_default() {
            let Value::Table(section) = &element.value else {
                continue;
            };
            let text = |key| section.text(key).map(|spot| spot.value.trim().to_owned());
            if let Some(key) = section.text("key") {
                self.check_key(key, &mut seen);
            }
            if let (Some(key), Some(name), Some(guide)) = (text("key"), text("name"), text("guide"))
            {
                criteria.push(Criterion {
                    key,
                    name,
                    guide,
                    needs_truth: section.flag("needs_truth").is_some_and(|spot| spot.value),
                });
            }
        }
        criteria
    }

    /// A key is a word in JSON, in a table's column and on the command line; two keys
    /// that differ only in spelling could not be told apart in a judge's reply.
    fn check_key(&mut self, key: Spot<&str>, seen: &mut HashMap<String, String>) {
        const FIELD: &str = "criteria.key";
        let Spot { value: key, offset } = key;
        let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain {
            let message = format!("`{key}` is not a plain word");
            let problem = self.source.error(offset, FIELD, message);
            self.problems.push(problem.help(
                "use letters, digits and underscores, a letter first, such as `persona_winner`",
            ));
            return;
        }
        let folded = key.to_lowercase().replace('_', "");
        if folded == RESERVED_KEY {
            let message = format!("`{key}` is taken: it is the key of the judge's reasoning");
            self.error(offset, FIELD, message);
        } else if let Some(other) = seen.insert(folded, key.to_owned()) {
            let message = if other == key {
                format!("the key `{key}` stands twice: keep one of the two criteria, or rename one")
            } else {
                format!("`{key}` differs from `{other}` only in spelling: rename one")
            };
            self.error(offset, FIELD, message);
        }
    }
}

/// A label stands in a fence's line and in JSON, so it is one plain line.
fn wrong_label(label: &str) -> Option<&'static str> {
    if label.trim() != label {
        Some("a label must not begin or end with a space")
    } else if label.chars().any(char::is_control) {
        Some("a label must be one line without control characters")
    } else if label.contains("<<<") || label.contains(">>>") {
        Some("a label must not hold `<<<` or `>>>`, which fence the answers")
    } else if label.contains(['"', '\\']) {
        Some("a label must not hold quotation marks or backslashes, which JSON would escape")
    } else {
        None
    }
}

#[cfg(test)]
pub(super) mod tests {
    use insta::assert_snapshot;
    use rstest::rstest;

    use super::*;
    use crate::input::testing::{part, unexplained};

    /// A rubric with what is required and no more.
    pub(in crate::rubric) const GOOD: &str = r#"
name = "mine"
template = "pairwise"

[[criteria]]
key = "voice_winner"
name = "Voice"
guide = "Which sounds like a person?"
"#;

    fn problems(text: &str) -> String {
        let (_, problems) = read(text, Path::new("mine.toml"), Path::new(""));
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    fn with(extra: &str) -> String {
        format!("{extra}\n{GOOD}")
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let (rubric, problems) = read(GOOD, Path::new("mine.toml"), Path::new(""));
        assert_eq!(problems, []);
        let rubric = rubric.unwrap();
        assert_eq!(rubric.labels, Labels::default());
        assert!(rubric.ties);
        assert_eq!(rubric.ask, Ask::Together);
        assert_eq!(rubric.without_truth, WithoutTruth::Skip);
        assert!(!rubric.criteria[0].needs_truth);
    }

    #[test]
    fn the_page_on_studies_explains_every_key() {
        let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/study.md"));
        let missing = unexplained(part(page, "[judging]"), RUBRIC);
        assert!(
            missing.is_empty(),
            "docs/study.md does not explain {}",
            missing.join(", ")
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
"#), @r#"
        mine.toml:1:1: name: this key is missing
          help: name = "…" names the rubric in every table
        mine.toml:2:1: naem: there is no such key
          help: did you mean `name`?
        mine.toml:3:12: template: there is no built-in prompt template and no file `pairwize`
          help: did you mean `pairwise`? built-in: none, open-ended, pairwise, persona, persona-qa, persona-third, structured; or the path of a file
        mine.toml:4:8: ties: expected `true` or `false`, found a text
        mine.toml:5:7: ask: `seperately` is not known; expected `together` or `separately`
          help: did you mean `separately`?
        mine.toml:6:25: labels.secnd: there is no such key
          help: did you mean `second`?
        mine.toml:6:44: labels.tie: expected a text in quotes, found a whole number
        mine.toml:8:1: criteria.guide: this key is missing
          help: guide = "…" tells the judge what counts
        mine.toml:9:7: criteria.key: `persona winner` is not a plain word
          help: use letters, digits and underscores, a letter first, such as `persona_winner`
        mine.toml:10:8: criteria.name: this must not be empty
        mine.toml:11:1: criteria.gide: there is no such key
          help: did you mean `guide`?
        mine.toml:17:15: criteria.needs_truth: expected `true` or `false`, found a whole number
        "#);
    }

    #[test]
    fn what_is_no_toml_is_said_so() {
        assert_snapshot!(problems("name = \nties = = true\n"), @r#"
        mine.toml:1:8: not TOML: string values must be quoted, expected literal string
          help: put the text into double quotes
        mine.toml:2:8: not TOML: extra `=`
          help: a line is such as `key = "text"`, `key = 1.5`, `key = ["a", "b"]` or `[table]`
        mine.toml:2:10: not TOML: unexpected key or value, expected newline, `#`
          help: a line is such as `key = "text"`, `key = 1.5`, `key = ["a", "b"]` or `[table]`
        "#);
    }

    #[test]
    fn an_empty_file_lacks_everything() {
        assert_snapshot!(problems(""), @r#"
        mine.toml:1:1: name: this key is missing
          help: name = "…" names the rubric in every table
        mine.toml:1:1: template: this key is missing
          help: template = "pairwise", or the path of a file of your own
        mine.toml:1:1: criteria: there is no such table
          help: a rubric needs at least one criterion: add a table [[criteria]] with key, name and guide
        "#);
    }

    #[test]
    fn templates_are_looked_at_without_labels_that_are_none() {
        let text = GOOD.replacen("\n[[", "labels = { second = \"B\\n\" }\n[[", 1);
        let (rubric, problems) = read(&text, Path::new("mine.toml"), Path::new(""));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(rubric.unwrap().labels, Labels::default());
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
