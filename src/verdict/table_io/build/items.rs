//! The item of a row: found again or made anew, and the same in all of its rows.

use std::borrow::Cow;
use std::sync::Arc;

use super::Builder;
use crate::text::cell;
use crate::verdict::styles;
use crate::verdict::table::{Item, ItemPersona, ItemQuestion, VerdictTable};
use crate::verdict::table_io::columns::{
    COVARIATE, Columns, GROUP, ITEM, NAMES, PERSONA, QUESTION, SPLIT, TOPIC, VARIANT,
};
use crate::verdict::table_io::fault::Fault;
use crate::verdict::table_io::source::Row;

impl Builder {
    /// The item of a row.
    pub(super) fn item(&mut self, row: &Row<'_>, columns: &Columns) -> Result<u32, Fault> {
        let question = self.required(row, columns, QUESTION)?;
        let persona = self.text(row.at(columns.slot(PERSONA)));
        let given = self.text(row.at(columns.slot(ITEM)));
        let variant = self.text(row.at(columns.slot(VARIANT)));
        let id: &str = if !given.is_empty() {
            &given
        } else if persona.is_empty() && variant.is_empty() {
            &question
        } else {
            self.id.clear();
            if !persona.is_empty() {
                self.id.push_str(&persona);
                self.id.push('/');
            }
            self.id.push_str(&question);
            if !variant.is_empty() {
                self.id.push('/');
                self.id.push_str(&variant);
            }
            &self.id
        };
        let known = self
            .last_item
            .filter(|last| self.table.items[*last as usize].id() == id)
            .or_else(|| self.items.get(id).copied());
        let index = if let Some(index) = known {
            self.check_item(index, &persona, &question, row, columns)?;
            check_covariates(&mut self.table, index, row, columns, self.escaped)?;
            index
        } else {
            let id = Arc::from(id);
            self.add_item(id, &persona, &question, row, columns)
        };
        self.last_item = Some(index);
        Ok(index)
    }

    fn add_item(
        &mut self,
        id: Arc<str>,
        persona: &str,
        question: &str,
        row: &Row<'_>,
        columns: &Columns,
    ) -> u32 {
        let escaped = self.escaped;
        let text = |raw| {
            if escaped {
                cell::decode(raw)
            } else {
                Cow::Borrowed(raw)
            }
        };
        let list = |list: &[(String, usize)]| -> Vec<Cow<'_, str>> {
            list.iter()
                .map(|(_, slot)| text(row.at(Some(*slot))))
                .collect()
        };
        let some = |text: &Cow<'_, str>| (!text.is_empty()).then(|| text.to_string());
        let levels = list(&columns.groups);
        let covariates = list(&columns.covariates);
        let topic = some(&text(row.at(columns.slot(TOPIC))));
        let split = some(&text(row.at(columns.slot(SPLIT))));
        let variant = some(&text(row.at(columns.slot(VARIANT))));
        let names = &mut self.names;
        let persona = ItemPersona {
            id: names.text(persona),
            split: names.optional(split.as_deref()),
            levels: names.row(
                levels
                    .iter()
                    .map(|level| Some(&**level).filter(|l| !l.is_empty())),
            ),
        };
        let question = ItemQuestion {
            id: names.text(question),
            topic: names.optional(topic.as_deref()),
            covariates: names.row(
                covariates
                    .iter()
                    .map(|value| Some(&**value).filter(|v| !v.is_empty())),
            ),
        };
        let item = Item {
            own_id: None,
            persona: self.personas.one(persona),
            question: self.questions.one(question),
            variant: self.names.optional(variant.as_deref()),
        };
        let index = self.table.items.len() as u32;
        self.table.items.push(item.called(Arc::clone(&id)));
        self.items.insert(id, index);
        index
    }

    /// An item must be the same in all of its rows.
    fn check_item(
        &self,
        index: u32,
        persona: &str,
        question: &str,
        row: &Row<'_>,
        columns: &Columns,
    ) -> Result<(), Fault> {
        let item = &self.table.items[index as usize];
        let differs = |name: &str, slot: Option<usize>, before: &str, now: &str| {
            Err(not_the_same(item, name, slot, [before, now]).help(
                "an item is one persona asked one question; give rows that differ their own `item` or `persona`",
            ))
        };
        for (column, before, now) in [
            (PERSONA, &*item.persona.id, persona),
            (QUESTION, &*item.question.id, question),
        ] {
            if before != now {
                return differs(NAMES[column], columns.slot(column), before, now);
            }
        }
        for (column, before) in [
            (TOPIC, &item.question.topic),
            (SPLIT, &item.persona.split),
            (VARIANT, &item.variant),
        ] {
            let slot = columns.slot(column);
            let (before, now) = (
                before.as_deref().unwrap_or_default(),
                self.text(row.at(slot)),
            );
            if before != now {
                return differs(NAMES[column], slot, before, &now);
            }
        }
        for (i, (name, slot)) in columns.groups.iter().enumerate() {
            let level = item.persona.levels.get(i).and_then(Option::as_deref);
            let (before, now) = (level.unwrap_or_default(), self.text(row.at(Some(*slot))));
            if before != now {
                return differs(&format!("{GROUP}{name}"), Some(*slot), before, &now);
            }
        }
        Ok(())
    }
}

/// A covariate is the same in all rows of an item, or a number of their answers.
fn check_covariates(
    table: &mut VerdictTable,
    index: u32,
    row: &Row<'_>,
    columns: &Columns,
    escaped: bool,
) -> Result<(), Fault> {
    for (i, (name, slot)) in columns.covariates.iter().enumerate() {
        let raw = row.at(Some(*slot));
        let now = if escaped {
            cell::decode(raw)
        } else {
            raw.into()
        };
        let before = styles::value(&table.items[index as usize].question.covariates, i);
        if table.style(i).is_some() || styles::same(before, &now) {
            continue;
        }
        if !(styles::number(&now).is_some() && styles::widen(table, i)) {
            let item = &table.items[index as usize];
            let (name, before) = (
                format!("{COVARIATE}{name}"),
                styles::value(&item.question.covariates, i),
            );
            return Err(not_the_same(item, &name, Some(*slot), [before, &now]).help(
                "what differs between the rows of an item is of the two answers, and a number in all rows; give rows that differ in anything else their own `item`",
            ));
        }
    }
    Ok(())
}

fn not_the_same(item: &Item, name: &str, slot: Option<usize>, [before, now]: [&str; 2]) -> Fault {
    Fault {
        column: None,
        field: Some(name.to_owned()),
        slot,
        message: format!(
            "item `{}` has `{now}` here and `{before}` in an earlier row",
            item.id()
        ),
        help: None,
    }
}
