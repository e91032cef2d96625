//! stub
use super::Choice;
#[derive(Debug, Clone)]
pub struct Extraction {
    pub choices: Vec<Option<Choice>>,
    pub repairs: Vec<u8>,
}
pub fn extract(
    r: &str,
    rubric: &crate::rubric::Rubric,
    asked: &[usize],
    _: Option<[&str; 2]>,
) -> Extraction {
    let v: serde_json::Value = r
        .rfind('{')
        .and_then(|i| {
            let t = &r[i..];
            let e = t.find('}')?;
            serde_json::from_str(&t[..=e]).ok()
        })
        .unwrap_or_default();
    Extraction {
        choices: asked
            .iter()
            .map(|i| match v[&rubric.criteria[*i].key].as_str() {
                Some("A") => Some(Choice::First),
                Some("B") => Some(Choice::Second),
                Some("Tie") => Some(Choice::Tie),
                _ => None,
            })
            .collect(),
        repairs: vec![],
    }
}
