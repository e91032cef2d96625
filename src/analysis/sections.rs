//! What stands beside the win rates, and how it is asked for.

use crate::study::{RatingMethod, ReportOptions};

/// Settings of the sections beside the win rates.
#[derive(Debug, Clone, PartialEq)]
pub struct Sections {
    /// What is taken out of the win rates.
    pub controls: Controls,
    /// Column of item difficulty in the controlled win rate.
    pub difficulty: Option<String>,
    /// How several models are put on one scale.
    pub rating: RatingMethod,
    /// Points at stake in each comparison of Elo.
    pub elo_k: f64,
    /// The model that others are compared with.
    pub reference: Option<String>,
    /// Clusters of items that a subgroup needs to be compared with others.
    pub min_items: u64,
}

impl Default for Sections {
    fn default() -> Self {
        Self::from(&ReportOptions::default())
    }
}

impl From<&ReportOptions> for Sections {
    fn from(options: &ReportOptions) -> Self {
        let control = options.control.as_deref();
        Self {
            controls: control.map_or_else(Controls::default, Controls::parse),
            difficulty: options.difficulty.clone(),
            rating: options.rating,
            elo_k: options.elo_k,
            reference: options.reference.clone(),
            min_items: options.min_items,
        }
    }
}

/// What is taken out of the win rates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Controls {
    /// Length, where lengths are known.
    #[default]
    Lengths,
    /// Nothing.
    None,
    /// Each of these, which have to be there.
    Named(Vec<Control>),
}

/// Something to be taken out of the win rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// The difference in length.
    Length,
    /// A numeric column of the items: how much more of something the candidate's
    /// answer has than the opponent's.
    Column(String),
}

impl Controls {
    /// Reads `length`, `x.hedges` or `hedges`, several with commas between, or
    /// `none`.
    pub fn parse(text: &str) -> Self {
        let names = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let mut controls: Vec<Control> = Vec::new();
        for name in names {
            let control = match name {
                "none" => continue,
                "length" => Control::Length,
                column => Control::Column(column_name(column).to_owned()),
            };
            if !controls.contains(&control) {
                controls.push(control);
            }
        }
        if controls.is_empty() {
            Self::None
        } else {
            Self::Named(controls)
        }
    }
}

/// The name of a covariate without the `x.` that its column starts with.
pub(super) fn column_name(text: &str) -> &str {
    text.strip_prefix("x.").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_read_once_each() {
        let column = |name: &str| Control::Column(name.to_owned());
        assert_eq!(Controls::parse("none"), Controls::None);
        assert_eq!(Controls::parse(""), Controls::None);
        assert_eq!(
            Controls::parse("length, x.lists,lists"),
            Controls::Named(vec![Control::Length, column("lists")])
        );
    }
}
