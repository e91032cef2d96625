//! The item of a row: found again or made anew, and the same in all of its rows.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Builder, decoded};
use crate::verdict::styles;
use crate::verdict::table::{Item, ItemPersona, ItemQuestion, Names};
use crate::verdict::table_io::columns::{
    Columns, GROUP, ITEM, NAMES, PERSONA, QUESTION, SPLIT, TOPIC, VARIANT,
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
            self.check_item(index, row, columns)?;
            self.check_covariates(index, row, columns)?;
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
        let at = |slot: Option<usize>| decoded(row.at(slot), escaped);
        let names = &mut self.names;
        let one = |names: &mut Names, column| names.optional(given(&at(columns.slot(column))));
        let each = |names: &mut Names, columns: &[(String, usize)]| {
            let texts: Vec<Cow<'_, str>> =
                columns.iter().map(|(_, slot)| at(Some(*slot))).collect();
            names.row(texts.iter().map(|text| given(text)))
        };
        let persona = ItemPersona {
            id: names.text(persona),
            split: one(names, SPLIT),
            levels: each(names, &columns.groups),
        };
        let question = ItemQuestion {
            id: names.text(question),
            topic: one(names, TOPIC),
            covariates: each(names, &columns.covariates),
        };
        let item = Item {
            own_id: None,
            not_begun: false,
            variant: one(names, VARIANT),
            persona: self.personas.one(persona),
            question: self.questions.one(question),
        };
        let index = self.table.items.len() as u32;
        self.table.items.push(item.called(Arc::clone(&id)));
        self.items.insert(id, index);
        index
    }

    /// An item must be the same in all of its rows.
    fn check_item(&self, index: u32, row: &Row<'_>, columns: &Columns) -> Result<(), Fault> {
        let item = &self.table.items[index as usize];
        let of_columns = [
            (PERSONA, &*item.persona.id),
            (QUESTION, &*item.question.id),
            (TOPIC, item.question.topic.as_deref().unwrap_or_default()),
            (SPLIT, item.persona.split.as_deref().unwrap_or_default()),
            (VARIANT, item.variant.as_deref().unwrap_or_default()),
        ];
        let of_columns = of_columns
            .into_iter()
            .map(|(column, before)| ("", NAMES[column], columns.slot(column), before));
        let groups = columns.groups.iter().enumerate();
        let of_groups = groups.map(|(i, (name, slot))| {
            let before = styles::value(&item.persona.levels, i);
            (GROUP, name.as_str(), Some(*slot), before)
        });
        for (prefix, name, slot, before) in of_columns.chain(of_groups) {
            let now = self.text(row.at(slot));
            if before != now {
                let name = format!("{prefix}{name}");
                return Err(not_the_same(item, name, slot, [before, &now]).help(
                    "an item is one persona asked one question; give rows that differ their own `item` or `persona`",
                ));
            }
        }
        Ok(())
    }

    /// A covariate is the same in all rows of an item, or a number of their answers.
    fn check_covariates(
        &mut self,
        index: u32,
        row: &Row<'_>,
        columns: &Columns,
    ) -> Result<(), Fault> {
        for (i, (name, slot)) in columns.covariates.iter().enumerate() {
            let now = decoded(row.at(Some(*slot)), self.escaped);
            let table = &mut self.table;
            let before = styles::value(&table.items[index as usize].question.covariates, i);
            if table.style(i).is_some() || styles::same(before, &now) {
                continue;
            }
            if !(styles::number(&now).is_some() && styles::widen(table, i)) {
                let item = &table.items[index as usize];
                let before = styles::value(&item.question.covariates, i);
                let name = columns.called(name);
                return Err(not_the_same(item, name, Some(*slot), [before, &now]).help(
                    "what differs between the rows of an item is of the two answers, and a number in all rows; give rows that differ in anything else their own `item`",
                ));
            }
        }
        Ok(())
    }
}

/// A text that is not empty.
fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn not_the_same(item: &Item, name: String, slot: Option<usize>, [before, now]: [&str; 2]) -> Fault {
    Fault {
        column: None,
        field: Some(name),
        slot,
        message: format!(
            "item `{}` has `{now}` here and `{before}` in an earlier row",
            item.id()
        ),
        help: None,
    }
}
