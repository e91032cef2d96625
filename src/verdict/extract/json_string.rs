//! A reply that is a JSON string, or a list of one, as writers leave it that encode twice.

/// Encodings within one another that are taken off.
const MAX_LAYERS: usize = 4;

/// The text that the reply encodes; `None` where it is none, or where its escapes are
/// of quotes and line breaks alone, which are read as they stand.
pub(super) fn decoded(reply: &str) -> Option<String> {
    let mut text: Option<String> = None;
    for _ in 0..MAX_LAYERS {
        let layer = text.as_deref().unwrap_or(reply).trim();
        if !layer.starts_with(['"', '[']) || !layer.contains("\\u") {
            break;
        }
        let Some(inner) = decode(layer) else {
            break;
        };
        text = Some(inner);
    }
    text
}

fn decode(json: &str) -> Option<String> {
    if json.starts_with('"') {
        return serde_json::from_str(json).ok();
    }
    let [only]: [String; 1] = serde_json::from_str(json).ok()?;
    Some(only)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#""{\"x\"\uff1a1}""#, Some("{\"x\"：1}"))]
    #[case(r#" ["\uff5b\"x\": 1\uff5d"] "#, Some("｛\"x\": 1｝"))]
    #[case(r#""\"\\uff5bx\"""#, Some("｛x"))]
    #[case(r#""{\"x\": 1}""#, None)]
    #[case(r#"["\u0041", "\u0042"]"#, None)]
    #[case(r#""\u0041" is better"#, None)]
    #[case(r#"{"x": "\u0041"}"#, None)]
    fn an_encoded_reply_is_decoded(#[case] reply: &str, #[case] text: Option<&str>) {
        assert_eq!(decoded(reply).as_deref(), text);
    }
}
