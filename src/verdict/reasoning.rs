//! stub
pub struct Stripped<'a> {
    pub answer: std::borrow::Cow<'a, str>,
    pub had_reasoning: bool,
}
pub fn strip(t: &str) -> Stripped<'_> {
    Stripped {
        answer: t.into(),
        had_reasoning: false,
    }
}
