//! Codes that respondents gave and that mean nothing, while the codes beside them do.

use std::path::Path;

use super::microdata::Text;
use crate::study::Scale;
use crate::text::counted;

/// The options of a scale that should have a label, as others of it do. A scale may be
/// labelled at its ends alone, and at places between them that are no neighbours.
fn should_have_one(scale: &Scale) -> Vec<bool> {
    let options = scale.options().iter();
    let labelled: Vec<bool> = options.map(|option| option.label.is_some()).collect();
    let ends = labelled.first() == Some(&true) && labelled.last() == Some(&true);
    let are_apart = !labelled.windows(2).any(|pair| pair == [true, true]);
    let most = 2 * labelled.iter().filter(|is| **is).count() > labelled.len();
    let expected = |at: usize| {
        let before = at.checked_sub(1).map(|at| labelled[at]);
        let mut beside = [before, labelled.get(at + 1).copied()]
            .into_iter()
            .flatten();
        !(labelled[at] || ends && are_apart) && (most || beside.all(|is| is))
    };
    (0..labelled.len()).map(expected).collect()
}

/// Answers that mean nothing, of a question whose other codes do.
pub(super) struct Unlabelled {
    /// By position: the first line, respondents, and whether the codebook has the code.
    found: Vec<Option<(u64, u64, bool)>>,
    is_expected: Vec<bool>,
}

impl Unlabelled {
    pub(super) fn new(scale: &Scale) -> Self {
        Self {
            found: vec![None; scale.len()],
            is_expected: should_have_one(scale),
        }
    }

    /// Adds the respondents of a text whose answer stands at a position.
    pub(super) fn add(&mut self, position: u16, text: &Text, in_codebook: bool) {
        let position = usize::from(position);
        if !self.is_expected[position] {
            return;
        }
        let (line, count, is_known) = self.found[position].get_or_insert((text.line, 0, false));
        *line = text.line.min(*line);
        *count += text.count;
        *is_known |= in_codebook;
    }

    /// What a reader should know, with the place of the first.
    pub(super) fn notes(&self, file: &Path, id: &str, scale: &Scale) -> Vec<String> {
        let file = file.file_name().unwrap_or_default().to_string_lossy();
        let found = self.found.iter().zip(scale.codes());
        let told = found.filter_map(|(found, code)| {
            let (line, count, is_known) = (*found)?;
            let people = counted(count, "respondent");
            let lack = if is_known {
                "which has no label while codes beside it have one"
            } else {
                "which is not in the codebook while codes beside it are"
            };
            Some(format!(
                "{file}:{line}: {id}: {people} gave the code {code}, {lack}; give it a label in the codebook or in scales.{id}.labels, or drop it there"
            ))
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_expected_where_the_codes_beside_have_one_and_not_on_a_scale_labelled_at_its_ends()
    {
        for (scale, expected) in [
            ("1 = a | 2 = b | 3 | 4 = d", vec![3]),
            ("1 = a | 2 = b | 3", vec![3]),
            ("1 = a | 2", vec![2]),
            ("1 = a | 2 = b | 3 | 4 | 5 = e", vec![3, 4]),
            ("1 = a | 2 | 3 = b", vec![]),
            ("1 = a | 2 | 3 = b | 4 | 5 = c", vec![]),
            ("0 = a | 1 | 2 | 3 | 4 = b", vec![]),
            ("1 = a | 2 | 3 | 4 | 5 | 6", vec![]),
            ("1 | 2 | 3", vec![]),
            ("1 = a | 2 = b", vec![]),
        ] {
            let scale = Scale::parse(scale).unwrap();
            let marks = should_have_one(&scale);
            let codes = scale.codes().zip(marks).filter(|(_, is)| *is);
            let codes: Vec<i32> = codes.map(|(code, _)| code).collect();
            assert_eq!(codes, expected, "{scale}");
        }
    }
}
