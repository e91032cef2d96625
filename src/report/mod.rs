//! stub
pub mod json {
    pub fn render(r: &crate::analysis::Report) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(r)
    }
}
pub mod table {
    pub fn render(r: &crate::analysis::Report, _: bool) -> String {
        super::json::render(r).unwrap()
    }
}
pub mod csv {
    pub fn render(r: &crate::analysis::Report) -> String {
        super::json::render(r).unwrap()
    }
}
pub mod markdown {
    pub fn render(r: &crate::analysis::Report) -> String {
        super::json::render(r).unwrap()
    }
}
