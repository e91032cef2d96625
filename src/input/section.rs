//! The right entries of a TOML table, each with its place in the file.

use toml::Spanned;
use toml::de::DeString;

/// Something and where it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot<T> {
    pub(crate) value: T,
    pub(crate) offset: usize,
}

/// A value that fits its key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Number(f64),
    Whole(i64),
    Flag(bool),
    List(Vec<Spot<Value>>),
    Json(Vec<(Spot<String>, serde_json::Value)>),
    Table(Section),
}

/// The right entries of a table, in file order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Section {
    /// Keys that lead here, joined by dots; empty at the top.
    pub(crate) path: String,
    /// Where the table's own key stands.
    pub(crate) offset: usize,
    pub(crate) entries: Vec<(Spot<String>, Spot<Value>)>,
    /// Keys that are there with a value that was reported and left out.
    pub(crate) dropped: Vec<String>,
}

impl Section {
    /// A table that is not in the file.
    pub(crate) fn absent(path: &str) -> Self {
        Self::new(path, 0)
    }

    /// The tables of this one, in file order.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &Section> {
        self.entries
            .iter()
            .filter_map(|(_, value)| match &value.value {
                Value::Table(section) => Some(section),
                _ => None,
            })
    }

    pub(crate) fn new(path: &str, offset: usize) -> Self {
        Self {
            path: path.to_owned(),
            offset,
            entries: Vec::new(),
            dropped: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, key: &Spanned<DeString<'_>>, value: Option<Spot<Value>>) {
        let name = key.get_ref().to_string();
        match value {
            Some(value) => self.entries.push((spot(key.span().start, name), value)),
            None => self.dropped.push(name),
        }
    }

    /// The path of one of this table's keys.
    pub(crate) fn field(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// Whether the key was written, rightly or wrongly.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some() || self.dropped.iter().any(|name| name == key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Spot<Value>> {
        self.entries
            .iter()
            .find(|(name, _)| name.value == key)
            .map(|(_, value)| value)
    }

    pub(crate) fn text(&self, key: &str) -> Option<Spot<&str>> {
        self.get(key)?.text()
    }

    pub(crate) fn number(&self, key: &str) -> Option<Spot<f64>> {
        let spot = self.get(key)?;
        match spot.value {
            Value::Number(value) => Some(spot.with(value)),
            _ => None,
        }
    }

    pub(crate) fn whole(&self, key: &str) -> Option<Spot<i64>> {
        let spot = self.get(key)?;
        match spot.value {
            Value::Whole(value) => Some(spot.with(value)),
            _ => None,
        }
    }

    /// A whole number whose range in the table of keys is that of `u32`.
    pub(crate) fn count(&self, key: &str) -> Option<u32> {
        self.whole(key)
            .and_then(|spot| u32::try_from(spot.value).ok())
    }

    pub(crate) fn flag(&self, key: &str) -> Option<Spot<bool>> {
        let spot = self.get(key)?;
        match spot.value {
            Value::Flag(value) => Some(spot.with(value)),
            _ => None,
        }
    }

    /// The elements of a list; a value that is no list is a list of itself.
    pub(crate) fn list(&self, key: &str) -> Option<&[Spot<Value>]> {
        let spot = self.get(key)?;
        match &spot.value {
            Value::List(list) => Some(list),
            _ => Some(std::slice::from_ref(spot)),
        }
    }

    pub(crate) fn texts(&self, key: &str) -> Option<Vec<Spot<&str>>> {
        Some(self.list(key)?.iter().filter_map(Spot::text).collect())
    }

    /// The entries of a table of JSON; none where there is no such key.
    pub(crate) fn json(&self, key: &str) -> &[(Spot<String>, serde_json::Value)] {
        match self.get(key) {
            Some(Spot {
                value: Value::Json(entries),
                ..
            }) => entries,
            _ => &[],
        }
    }

    pub(crate) fn table(&self, key: &str) -> Option<&Section> {
        match &self.get(key)?.value {
            Value::Table(section) => Some(section),
            _ => None,
        }
    }
}

impl<T> Spot<T> {
    pub(crate) fn with<U>(&self, value: U) -> Spot<U> {
        Spot {
            value,
            offset: self.offset,
        }
    }
}

impl Spot<Value> {
    pub(crate) fn text(&self) -> Option<Spot<&str>> {
        match &self.value {
            Value::Text(text) => Some(self.with(text.as_str())),
            _ => None,
        }
    }
}

/// A value at this byte of the file.
pub(crate) fn spot<T>(offset: usize, value: T) -> Spot<T> {
    Spot { value, offset }
}

/// The path of a key in the table of this path.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}
