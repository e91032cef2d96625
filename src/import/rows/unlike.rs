//! What a row says of its item that an earlier row of the item does not.

use super::{Asked, Rows};
use crate::input::source::shown;
use crate::verdict::styles;
use crate::verdict::table::Item;

/// One thing that a row says differently.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::import) struct Unlike {
    /// The item's id.
    pub(in crate::import) item: String,
    /// What it is of the item, called as in a verdict table.
    pub(in crate::import) field: String,
    /// What is wrong, as a verdict table's reader says it.
    pub(in crate::import) message: String,
    /// Why the row is counted where it is not refused.
    pub(in crate::import) reason: String,
}

impl Unlike {
    fn new(item: &Item, field: String, [before, now]: [&str; 2]) -> Self {
        let id = item.id().to_string();
        Self {
            message: format!(
                "item `{}` has `{}` here and `{}` in an earlier row",
                shown(&id),
                shown(now),
                shown(before)
            ),
            reason: format!(
                "another {field} than an earlier record of its item, whose {field} stands for all of them"
            ),
            item: id,
            field,
        }
    }

    fn no_number(item: &Item, field: String, given: &str) -> Self {
        Self {
            message: format!(
                "`{}` is no number, expected one or nothing, because `{field}` differs within items",
                shown(given)
            ),
            reason: format!("{field} that is no number, and differs within items: left out"),
            item: item.id().to_string(),
            field,
        }
    }

    /// What to do about it.
    pub(in crate::import) fn help(&self) -> &'static str {
        if self.field.starts_with("x.") {
            "what differs between the rows of an item is of the two answers, and a number in all rows; give rows that differ in anything else their own `item`, or say with --column FIELD=COLUMN what else the column is"
        } else {
            "an item is one persona asked one question; give rows that differ their own `item` or `persona`, or say with --column FIELD=COLUMN what else the column is"
        }
    }
}

impl Rows {
    /// What a row says of a known item that an earlier one does not. A covariate that is a
    /// number wherever it is given, and differs, is of the answers from then on.
    pub(super) fn compare(&mut self, known: u32, question: &str, asked: &Asked<'_>) -> Vec<Unlike> {
        let mut unlike = Vec::new();
        let item = &self.table.items[known as usize];
        let topic = item.question.topic.as_deref().unwrap_or_default();
        for (field, now, before) in [
            ("persona", Some(asked.persona), &*item.persona.id),
            (
                "question",
                Some(question).filter(|_| !asked.has_no_question),
                &*item.question.id,
            ),
            ("topic", asked.topic, topic),
        ] {
            if let Some(now) = now.filter(|now| *now != before) {
                unlike.push(Unlike::new(item, field.to_owned(), [before, now]));
            }
        }
        for (i, name) in self.table.dimensions.iter().enumerate() {
            let before = styles::value(&item.persona.levels, i);
            let now = asked.levels.get(i).copied().flatten();
            if let Some(now) = now.filter(|now| *now != before) {
                unlike.push(Unlike::new(item, format!("group.{name}"), [before, now]));
            }
        }
        for i in 0..self.table.covariates.len() {
            unlike.extend(self.compare_covariate(known, i, asked));
        }
        unlike
    }

    fn compare_covariate(
        &mut self,
        known: u32,
        covariate: usize,
        asked: &Asked<'_>,
    ) -> Option<Unlike> {
        let now = asked.covariates.get(covariate).copied().flatten()?;
        let question = &self.table.items[known as usize].question;
        let before = styles::value(&question.covariates, covariate);
        if self.table.style(covariate).is_some() || styles::same(before, now) {
            return None;
        }
        if styles::number(now).is_some() && self.widen(covariate) {
            return None;
        }
        let item = &self.table.items[known as usize];
        let before = styles::value(&item.question.covariates, covariate);
        let field = format!("x.{}", self.table.covariates[covariate]);
        Some(Unlike::new(item, field, [before, now]))
    }

    /// Takes a covariate for one of answers; false where some item has no number of it, which
    /// no later row changes.
    pub(super) fn widen(&mut self, covariate: usize) -> bool {
        if self.not_numbers.contains(&covariate) {
            return false;
        }
        let is_widened = styles::widen(&mut self.table, covariate);
        if !is_widened {
            self.not_numbers.insert(covariate);
        }
        is_widened
    }

    /// Adds what a row has of the covariates of answers, and gives what is no number.
    pub(super) fn add_numbers(&mut self, item: u32, covariates: &[Option<&str>]) -> Vec<Unlike> {
        let mut unlike = Vec::new();
        for style in &mut self.table.styles {
            let given = styles::value(covariates, style.covariate);
            let number = styles::number(given);
            style.numbers.push(number.unwrap_or(f64::NAN));
            if number.is_none() {
                let field = format!("x.{}", self.table.covariates[style.covariate]);
                let item = &self.table.items[item as usize];
                unlike.push(Unlike::no_number(item, field, given));
            }
        }
        unlike
    }
}
