//! Label Studio's labelling configuration: what an annotator sees of a task.
//!
//! Texts of a task are put in by Label Studio through `<Text>`, which shows text as
//! text. What comes from the rubric stands in attributes: escaped, on one line, and
//! without a `$`, which Label Studio would take for a field of the task.

use std::fmt::Write as _;

use super::{Criterion, Frame};
use crate::import::labelling_key::field;
use crate::import::side_of_word;
use crate::rubric::Labels;
use crate::text::is_hidden;
use crate::verdict::Choice;

/// Names that a control must not have: fields of a task, and what exports add.
const TAKEN: &[&str] = &[
    field::TASK,
    field::PERSONA,
    field::QUESTION,
    field::TRUTH,
    field::LEFT,
    field::RIGHT,
    "id",
    "annotator",
    "annotation_id",
    "created_at",
    "updated_at",
    "lead_time",
    "agreement",
];

/// The name of each criterion's control: its key where that is a plain name.
pub fn controls(criteria: &[Criterion]) -> Vec<String> {
    let is_plain = |key: &str| {
        key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && key.len() <= 64
            && !TAKEN.contains(&key)
    };
    let mut names: Vec<String> = Vec::new();
    for (number, criterion) in criteria.iter().enumerate() {
        let key = &criterion.key;
        let mut name = if is_plain(key) && !names.contains(key) {
            key.clone()
        } else {
            format!("criterion_{}", number + 1)
        };
        while names.contains(&name) || criteria.iter().any(|c| c.key == name && c.key != *key) {
            name.push('_');
        }
        names.push(name);
    }
    names
}

/// What the two sides and a tie are called. A rubric whose words would be read the
/// wrong way round by themselves has its answers called left and right.
pub fn words(labels: &Labels) -> Labels {
    let tells = |word: &str, side| side_of_word(word).is_none_or(|told| told == side);
    if tells(&labels.first, Choice::First)
        && tells(&labels.second, Choice::Second)
        && tells(&labels.tie, Choice::Tie)
    {
        return labels.clone();
    }
    Labels {
        first: "Left".to_owned(),
        second: "Right".to_owned(),
        tie: "Tie".to_owned(),
    }
}

/// The labelling configuration of a frame's tasks.
pub fn config(frame: &Frame) -> String {
    let words = words(&frame.labels);
    let mut xml = String::from("<View>\n");
    let mut line = |text: String| {
        xml.push_str("  ");
        xml.push_str(&text);
        xml.push('\n');
    };
    line(header("The person", 4));
    line(text(field::PERSONA));
    line(header("The question", 4));
    line(text(field::QUESTION));
    if frame.needs_truth() {
        line(header(
            "Ground-truth value (what most people of this person's group hold on the matter)",
            4,
        ));
        line(text(field::TRUTH));
    }
    line("<View style=\"display: flex; gap: 24px;\">".to_owned());
    for (name, word) in [(field::LEFT, &words.first), (field::RIGHT, &words.second)] {
        line("  <View style=\"flex: 1; min-width: 0;\">".to_owned());
        line(format!("    {}", header(&format!("Answer {word}"), 4)));
        line(format!("    {}", text(name)));
        line("  </View>".to_owned());
    }
    line("</View>".to_owned());
    let names = controls(&frame.criteria);
    for (criterion, name) in frame.criteria.iter().zip(&names) {
        line(header(&criterion.name, 4));
        if !criterion.guide.trim().is_empty() {
            line(header(&criterion.guide, 6));
        }
        // A criterion that needs the truth is left open where there is none.
        let required = !criterion.needs_truth;
        line(format!(
            "<Choices name=\"{}\" toName=\"{}\" choice=\"single\" showInLine=\"true\" required=\"{required}\">",
            attribute(name),
            field::LEFT
        ));
        for (word, alias) in [
            (&words.first, "left"),
            (&words.second, "right"),
            (&words.tie, "tie"),
        ] {
            line(format!(
                "  <Choice value=\"{}\" alias=\"{alias}\"/>",
                attribute(word)
            ));
        }
        line("</Choices>".to_owned());
    }
    xml.push_str("</View>\n");
    xml
}

fn header(value: &str, size: u8) -> String {
    format!("<Header value=\"{}\" size=\"{size}\"/>", attribute(value))
}

fn text(name: &str) -> String {
    format!("<Text name=\"{name}\" value=\"${name}\" valueType=\"text\"/>")
}

/// A text as an attribute's value.
fn attribute(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (number, word) in text.split_whitespace().enumerate() {
        if number > 0 {
            out.push(' ');
        }
        for c in word.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&apos;"),
                '$' => out.push('＄'),
                // XML has no control characters, written in any way.
                c if is_hidden(c) => {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
                }
                c => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn criterion(key: &str) -> Criterion {
        Criterion {
            key: key.to_owned(),
            name: "Who <b>wins</b> & \"why\"?".to_owned(),
            guide: "costs $5\nor\u{1b}[31m $left".to_owned(),
            needs_truth: key == "value",
        }
    }

    fn frame(keys: &[&str], labels: Labels) -> Frame {
        Frame {
            dimensions: Vec::new(),
            of_personas: 0,
            criteria: keys.iter().map(|key| criterion(key)).collect(),
            labels,
            judge_ties: true,
            comparisons: Vec::new(),
            left_out: Vec::new(),
        }
    }

    #[test]
    fn controls_are_plain_names_of_their_own() {
        let criteria: Vec<Criterion> = ["value", "left", "two words", "criterion_2", "a\"b"]
            .map(criterion)
            .into();
        assert_eq!(
            controls(&criteria),
            [
                "value",
                "criterion_2_",
                "criterion_3",
                "criterion_2",
                "criterion_5"
            ]
        );
    }

    #[test]
    fn a_rubrics_words_are_data_in_the_configuration() {
        let xml = config(&frame(&["overall", "value"], Labels::default()));
        assert!(xml.contains(
            "<Header value=\"Who &lt;b&gt;wins&lt;/b&gt; &amp; &quot;why&quot;?\" size=\"4\"/>"
        ));
        assert!(xml.contains("costs ＄5 or\\u{1b}[31m ＄left"), "{xml}");
        assert!(xml.contains("<Choice value=\"A\" alias=\"left\"/>"));
        assert!(xml.contains("<Choice value=\"Tie\" alias=\"tie\"/>"));
        assert_eq!(xml.matches("required=\"false\"").count(), 1);
        assert_eq!(xml.matches("value=\"$truth\"").count(), 1);
        assert!(!config(&frame(&["overall"], Labels::default())).contains("$truth"));
    }

    #[test]
    fn words_that_would_be_read_the_wrong_way_round_are_not_used() {
        let turned = Labels {
            first: "B".to_owned(),
            second: "A".to_owned(),
            tie: "Tie".to_owned(),
        };
        assert_eq!(words(&turned).first, "Left");
        let own = Labels {
            first: "Red".to_owned(),
            second: "Blue".to_owned(),
            tie: "Even".to_owned(),
        };
        assert_eq!(words(&own), own);
    }
}
