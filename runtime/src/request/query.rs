//! Query parameters and how lists of them are written.

use super::path::put_query;
use crate::Values;

/// How a list is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// `id=1&id=2`
    #[default]
    Repeat,
    /// `id=1,2`
    Comma,
    /// `id[]=1&id[]=2`
    Brackets,
}

/// One pair of a query.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) name: String,
    value: String,
    /// Further values, with a comma before each.
    more: Vec<String>,
}

impl Pair {
    pub(crate) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            more: Vec::new(),
        }
    }

    /// The value, not encoded.
    pub(crate) fn into_value(self) -> String {
        let Self { mut value, more, .. } = self;
        for next in more {
            value.push(',');
            value.push_str(&next);
        }
        value
    }

    /// Adds `name=value`, encoded, to a query. A comma inside a value is encoded, one between two is not, so that a provider that splits
    /// before it decodes gets the values that were meant.
    pub(crate) fn put(&self, query: &mut String) {
        put_query(query, &self.name);
        query.push('=');
        put_query(query, &self.value);
        for next in &self.more {
            query.push(',');
            put_query(query, next);
        }
    }
}

/// The pairs of a parameter.
pub(super) fn pairs(name: &str, style: Style, values: Values) -> Vec<Pair> {
    let is_list = values.is_list;
    let mut pairs: Vec<Pair> = Vec::new();
    let mut last_key = None;
    for (index, value) in values.list.into_iter().enumerate() {
        let mut filled = with_key(name, value.key.as_deref());
        let is_next = index > 0 && last_key == value.key;
        last_key = value.key;
        match style {
            Style::Comma if is_next => {
                if let Some(pair) = pairs.last_mut() {
                    pair.more.push(value.text);
                }
                continue;
            }
            Style::Brackets if is_list => filled.push_str("[]"),
            Style::Repeat | Style::Comma | Style::Brackets => {}
        }
        pairs.push(Pair::new(filled, value.text));
    }
    pairs
}

/// A name with its `{key}` filled; without one, a key stands in brackets behind it.
pub(super) fn with_key(name: &str, key: Option<&str>) -> String {
    match key {
        None => name.to_owned(),
        Some(key) if name.contains("{key}") => name.replace("{key}", key),
        Some(key) => format!("{name}[{key}]"),
    }
}
