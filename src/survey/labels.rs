//! Texts in place of codes, as statistics programs export them with value labels.

use crate::text::folded;

/// The label that a cell's text is: the same text, else the only one that is the same
/// but for case, blanks and the kind of apostrophe. `None` where none is, or several are.
pub(super) fn labelled<'l>(
    labels: impl IntoIterator<Item = &'l str, IntoIter: Clone>,
    text: &str,
) -> Option<&'l str> {
    let labels = labels.into_iter();
    let text = text.trim();
    if let Some(exact) = labels.clone().find(|label| label.trim() == text) {
        return Some(exact);
    }
    let wanted = folded(text);
    let mut alike = labels.filter(|label| folded(label) == wanted);
    let first = alike.next()?;
    alike
        .all(|other| other.trim() == first.trim())
        .then_some(first)
}

/// Whether a text with a comma is a label as it stands, and not the number that it might
/// be: `1,000`.
pub(super) fn is_label<'l>(labels: impl IntoIterator<Item = &'l str>, text: &str) -> bool {
    let mut labels = labels.into_iter();
    text.contains(',') && labels.any(|label| label.trim() == text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_blanks_and_apostrophes_do_not_matter_where_one_label_only_is_meant() {
        let labels = ["Very important", "Don't know", "yes", "Yes"];
        assert_eq!(
            labelled(labels, "  very  Important "),
            Some("Very important")
        );
        assert_eq!(labelled(labels, "Don\u{b4}t know"), Some("Don't know"));
        assert_eq!(labelled(labels, "Yes"), Some("Yes"));
        assert_eq!(labelled(labels, "YES"), None);
        assert_eq!(labelled(labels, "important"), None);
        assert_eq!(labelled(["No", "No"], "no"), Some("No"));
    }
}
