//! stub
pub fn read_line(
    _: &std::path::Path,
    _: usize,
    _: &[u8],
    _: &crate::rubric::Rubric,
) -> Result<Option<String>, crate::problem::Problem> {
    Ok(None)
}
