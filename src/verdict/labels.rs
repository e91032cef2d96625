//! Verdicts of people on the comparisons that judges were asked about.
//!
//! A label is what a verdict is: an outcome (win, tie, loss or missing, from the
//! candidate's side) on one criterion of one comparison of one item. So a labels
//! table is a [`VerdictTable`] whose judges are people: [`Contest::judge`] is the
//! annotator, [`Judgment::order`] the order in which the answers were shown to them
//! where it is known, and [`Judgment::repeat`] tells apart the labels of a person
//! who was shown one comparison again.
//!
//! A label and a verdict belong together where item, candidate, opponent (either
//! way round), criterion and sample are the same. Reading and writing is in
//! [`table_io`](super::table_io), where the column is called `annotator`.
//!
//! [`Judgment::order`]: super::table::Judgment::order
//! [`Judgment::repeat`]: super::table::Judgment::repeat

use super::table::{Contest, VerdictTable};

/// Verdicts of people.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Labels {
    /// One judgment a label of a person; [`Contest::judge`] is the annotator.
    pub table: VerdictTable,
}

impl Labels {
    /// Everyone who labelled, by name.
    pub fn annotators(&self) -> Vec<&str> {
        let contests = self.table.contests.iter();
        let mut names: Vec<&str> = contests.map(annotator).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.table.judgments.is_empty()
    }
}

/// Who gave the labels of a contest of a labels table.
pub fn annotator(contest: &Contest) -> &str {
    &contest.judge
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;
    use crate::verdict::table_io::{Format, read_labels, write, write_labels};
    use std::path::Path;

    fn labels(text: &str, format: Format) -> Result<Labels, Vec<Problem>> {
        read_labels(Path::new("labels"), text.as_bytes(), format)
    }

    const SMALL: &str = "question,candidate,opponent,criterion,outcome,annotator\n\
        q1,a,b,overall,win,ann\n\
        q1,a,b,overall,tie,bob\n\
        q2,a,b,overall,loss,ann\n";

    #[test]
    fn labels_are_written_and_read_again_in_both_formats() {
        let small = labels(SMALL, Format::Csv).unwrap();
        assert_eq!(small.annotators(), ["ann", "bob"]);
        assert!(!small.is_empty());
        for format in [Format::Csv, Format::Jsonl] {
            let mut text = Vec::new();
            write_labels(&small, format, &mut text).unwrap();
            let text = String::from_utf8(text).unwrap();
            assert!(
                text.contains("annotator") && !text.contains("judge"),
                "{text}"
            );
            assert_eq!(labels(&text, format).unwrap(), small);
        }
    }

    #[test]
    fn a_file_without_annotators_is_refused() {
        let text = SMALL.replace("annotator", "judge");
        let problems = labels(&text, Format::Csv).unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(said[0].contains("annotator"), "{said:?}");
        let lines =
            r#"{"question":"q","candidate":"a","opponent":"b","criterion":"c","outcome":"win"}"#;
        let problems = labels(lines, Format::Jsonl).unwrap_err();
        assert_eq!(problems[0].field.as_deref(), Some("annotator"));
        assert_eq!(problems[0].line, Some(1));
    }

    #[test]
    fn a_verdict_table_is_no_labels_table() {
        let small = labels(SMALL, Format::Csv).unwrap();
        let mut text = Vec::new();
        write(&small.table, Format::Csv, &mut text).unwrap();
        assert!(labels(&String::from_utf8(text).unwrap(), Format::Csv).is_err());
    }
}
