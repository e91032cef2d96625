//! A context that notices whether a template asked for certain values.
//!
//! What a template renders to depends only on the values it looks up. So a text
//! rendered without a look at the values of an item is the same for every item, and
//! need not be rendered again for each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::value::{Enumerator, Object, Value};

/// A context and whether one of the watched values was asked for.
#[derive(Debug)]
pub(super) struct Watch {
    context: Value,
    watched: &'static [&'static str],
    asked: AtomicBool,
}

impl Watch {
    /// Watches these values of a context.
    pub(super) fn new(context: Value, watched: &'static [&'static str]) -> Arc<Self> {
        Arc::new(Self {
            context,
            watched,
            asked: AtomicBool::new(false),
        })
    }

    /// Whether a watched value was asked for so far.
    pub(super) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Object for Watch {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if key.as_str().is_some_and(|key| self.watched.contains(&key)) {
            self.asked.store(true, Ordering::Relaxed);
        }
        self.context
            .get_item(key)
            .ok()
            .filter(|value| !value.is_undefined())
    }

    /// Listing the context shows all of it.
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.asked.store(true, Ordering::Relaxed);
        match self.context.try_iter() {
            Ok(keys) => Enumerator::Values(keys.collect()),
            Err(_) => Enumerator::NonEnumerable,
        }
    }
}

#[cfg(test)]
mod tests {
    use minijinja::{Environment, context};

    use super::*;

    /// What the template renders to, and whether it asked for `item`.
    fn rendered(template: &str) -> (String, bool) {
        let watch = Watch::new(context! { item => "i", other => "o" }, &["item"]);
        let context = Value::from_dyn_object(watch.clone());
        let text = Environment::new().render_str(template, context).unwrap();
        (text, watch.was_asked())
    }

    #[test]
    fn a_template_that_asks_for_other_values_only_is_not_noticed() {
        assert_eq!(rendered("{{ other }}"), ("o".to_owned(), false));
        assert_eq!(rendered("{{ nothing }}"), (String::new(), false));
    }

    #[test]
    fn every_way_of_asking_is_noticed() {
        for template in [
            "{{ item }}",
            "{% if item is defined %}{% endif %}",
            "{{ nothing|default(item) }}",
            "{% macro show() %}{{ item }}{% endmacro %}{{ show() }}",
            "{% set mine = item %}",
            "{{ debug() }}",
        ] {
            assert!(rendered(template).1, "{template}");
        }
    }
}
