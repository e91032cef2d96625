//! Replies that are a JSON string, or end with one, as writers leave them that encode
//! twice.

use std::ops::Range;

use super::keys::Keys;
use super::lines::before_end_token;
use super::quoting::Lead;

/// Encodings within one another that are taken off.
const MAX_LAYERS: usize = 4;

/// The text that is encoded; `None` where it is none.
///
/// A list of one string counts. So does the last line in which a criterion's key stands,
/// where it is or ends with a string, unless what comes before the string quotes it or holds
/// a verdict on the same line; the rest is left as it is. A string that stands in an answer
/// is left too, or what it holds would no longer be found there.
pub(super) fn decoded(text: &str, keys: &Keys, answers: Option<[&str; 2]>) -> Option<String> {
    let in_answer =
        |json: &str| answers.is_some_and(|two| two.iter().any(|answer| answer.contains(json)));
    let mut decoded: Option<String> = None;
    for _ in 0..MAX_LAYERS {
        let layer = decoded.as_deref().unwrap_or(text);
        let Some(inner) = whole(layer, in_answer).or_else(|| decode_line(layer, keys, in_answer))
        else {
            break;
        };
        decoded = Some(inner);
    }
    decoded
}

/// The string that a text is, before what ends a model's text.
fn whole(text: &str, in_answer: impl Fn(&str) -> bool) -> Option<String> {
    let text = text.trim();
    let json = before_end_token(text).unwrap_or(text);
    if in_answer(json) {
        return None;
    }
    if json.starts_with('"') && json.ends_with('"') {
        return serde_json::from_str(json).ok();
    }
    if !(json.starts_with('[') && json.ends_with(']')) {
        return None;
    }
    let [only]: [String; 1] = serde_json::from_str(json).ok()?;
    Some(only)
}

fn decode_line(text: &str, keys: &Keys, in_answer: impl Fn(&str) -> bool) -> Option<String> {
    let line = last_line_with_key(text, keys)?;
    let open = line.start + text.get(line.clone())?.find('"')?;
    let name = text.get(line.start..open)?;
    let json = text.get(open..line.end)?;
    let json = before_end_token(json).unwrap_or(json);
    let before = text.get(..line.start)?;
    let stands_apart = name.trim().is_empty() || !keys.may_stand_in(before);
    let is_string = json.len() > 1
        && json.ends_with('"')
        && stands_apart
        && !keys.may_stand_in(name)
        && !Lead::before(text, open).quotes()
        && !in_answer(json);
    let inner: String = is_string
        .then(|| serde_json::from_str(json).ok())
        .flatten()?;
    // Else it is a key alone on its line.
    let says = inner.contains([':', '：', '=', '\n']);
    let after = text.get(line.end..).filter(|_| says)?;
    Some(format!("{before}{name}\n{inner}\n{after}"))
}

fn last_line_with_key(text: &str, keys: &Keys) -> Option<Range<usize>> {
    let mut end = text.len();
    loop {
        let before = text.get(..end)?;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.get(start..)?;
        if keys.may_stand_in(line) {
            return Some(start..start + line.trim_end().len());
        }
        end = start.checked_sub(1)?;
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::cases::rubric;
    use super::*;

    #[rstest]
    #[case(r#""{\"x\"\uff1a1}""#, Some("{\"x\"：1}"))]
    #[case(r#" ["\uff5b\"x\": 1\uff5d"] "#, Some("｛\"x\": 1｝"))]
    #[case(r#""\"\\uff5bx\"""#, Some("｛x"))]
    #[case(r#""{\"x\": 1}""#, Some("{\"x\": 1}"))]
    #[case(
        r#"Out: "overall_winner: A\nx""#,
        Some("Out: \noverall_winner: A\nx\n")
    )]
    #[case("Hm.\n\"overall_winner: A\"", Some("Hm.\n\noverall_winner: A\n"))]
    #[case(
        "Hm.\n\"overall_winner: A\"\nHa.",
        Some("Hm.\n\noverall_winner: A\n\nHa.")
    )]
    #[case(r#""{\"x\": 1}"<|im_end|>"#, Some("{\"x\": 1}"))]
    #[case(r#"Out: "A\nx""#, None)]
    #[case("\"overall_winner\"", Some("overall_winner"))]
    #[case("{\n\"overall_winner\"\n: \"A\"}", None)]
    #[case(r#"B ends with "overall_winner: A\nx""#, None)]
    #[case("overall_winner: B\nHm: \"overall_winner: A\"", None)]
    #[case(r#"overall_winner: "A""#, None)]
    #[case(r#"{"overall_winner": "A""#, None)]
    #[case(r#"["\u0041", "\u0042"]"#, None)]
    #[case(r#""\u0041" is better"#, None)]
    #[case(r#"{"x": "\u0041"}"#, None)]
    fn an_encoded_reply_is_decoded(#[case] reply: &str, #[case] text: Option<&str>) {
        let keys = Keys::new(&rubric(), &[0, 1, 2]);
        assert_eq!(decoded(reply, &keys, None).as_deref(), text);
    }

    #[test]
    fn a_string_that_stands_in_an_answer_is_left() {
        let keys = Keys::new(&rubric(), &[0, 1, 2]);
        let reply = r#""overall_winner: A\n""#;
        let answer = format!("Well. {reply}");
        assert!(decoded(reply, &keys, Some(["No.", "Well."])).is_some());
        assert_eq!(decoded(reply, &keys, Some(["No.", &answer])), None);
        let line = format!("Hm.\n{reply}");
        assert_eq!(decoded(&line, &keys, Some([&answer, "No."])), None);
    }
}
