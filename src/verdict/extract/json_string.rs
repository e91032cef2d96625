//! Replies that are a JSON string, or end with one, as writers leave them that encode
//! twice.

use std::borrow::Cow;

use super::answers;
use super::keys::Keys;

/// Encodings within one another that are taken off.
const MAX_LAYERS: usize = 4;

/// The text that is encoded; `None` where it is none.
///
/// A list of one string counts. So does a last line that is or ends with a string in which
/// a criterion's key stands, unless what comes before it quotes it or holds a verdict on
/// its own line; it is left as it is.
pub(super) fn decoded(text: &str, keys: &Keys) -> Option<String> {
    let mut decoded: Option<String> = None;
    for _ in 0..MAX_LAYERS {
        let layer = decoded.as_deref().unwrap_or(text);
        let Some(inner) = decode(layer).or_else(|| decode_last_line(layer, keys)) else {
            break;
        };
        decoded = Some(inner);
    }
    decoded
}

fn decode(text: &str) -> Option<String> {
    let json = text.trim();
    if json.starts_with('"') && json.ends_with('"') {
        return serde_json::from_str(json).ok();
    }
    if !(json.starts_with('[') && json.ends_with(']')) {
        return None;
    }
    let [only]: [String; 1] = serde_json::from_str(json).ok()?;
    Some(only)
}

fn decode_last_line(text: &str, keys: &Keys) -> Option<String> {
    let text = text.trim_end();
    let line = text.rfind('\n').map_or(0, |at| at + 1);
    let open = line + text.get(line..)?.find('"')?;
    let (before, json) = text.split_at_checked(open)?;
    let stands_apart = before.get(line..)?.trim().is_empty() || !keys.may_stand_in(before);
    let is_string = json.len() > 1
        && json.ends_with('"')
        && keys.may_stand_in(json)
        && stands_apart
        && !answers::is_introduced(text, open);
    let inner: Cow<'_, str> = is_string
        .then(|| serde_json::from_str(json).ok())
        .flatten()?;
    Some(format!("{before}\n{inner}"))
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
    #[case(r#"Out: "overall_winner: A\nx""#, Some("Out: \noverall_winner: A\nx"))]
    #[case("Hm.\n\"overall_winner: A\"", Some("Hm.\n\noverall_winner: A"))]
    #[case(r#"Out: "A\nx""#, None)]
    #[case(r#"B ends with "overall_winner: A\nx""#, None)]
    #[case("overall_winner: B\nHm: \"overall_winner: A\"", None)]
    #[case(r#"overall_winner: "A""#, None)]
    #[case(r#"{"overall_winner": "A""#, None)]
    #[case(r#"["\u0041", "\u0042"]"#, None)]
    #[case(r#""\u0041" is better"#, None)]
    #[case(r#"{"x": "\u0041"}"#, None)]
    fn an_encoded_reply_is_decoded(#[case] reply: &str, #[case] text: Option<&str>) {
        let keys = Keys::new(&rubric(), &[0, 1, 2]);
        assert_eq!(decoded(reply, &keys).as_deref(), text);
    }
}
