//! Reading [`Place`]s of an answer: the JSON is parsed once, and only if somebody asks.

use crate::{HttpReply, Path, Place, Source, Step, pattern};
use serde_json::Value;
use std::cell::OnceCell;

/// An answer that is being looked at.
pub(crate) struct Look<'r> {
    reply: &'r HttpReply,
    json: OnceCell<Option<Value>>,
}

impl<'r> Look<'r> {
    pub(crate) fn at(reply: &'r HttpReply) -> Self {
        Self {
            reply,
            json: OnceCell::new(),
        }
    }

    pub(crate) fn reply(&self) -> &'r HttpReply {
        self.reply
    }

    fn json(&self) -> Option<&Value> {
        let parse = || serde_json::from_slice(&self.reply.body).ok();
        self.json.get_or_init(parse).as_ref()
    }

    /// All that stands at a path of the body, also null.
    pub(crate) fn values(&self, path: Path) -> Vec<&Value> {
        let mut found = Vec::new();
        if let Some(json) = self.json() {
            find(json, path.0, &mut found);
        }
        found
    }

    /// The first that stands at a path of the body and is not null.
    pub(crate) fn value(&self, path: Path) -> Option<&Value> {
        self.values(path).into_iter().find(|value| !value.is_null())
    }

    /// The text or number at a place, cut by its pattern.
    pub(crate) fn text(&self, place: &Place) -> Option<String> {
        let text = match place.source {
            Source::Header(name) => self.reply.headers.get(name)?.trim().to_owned(),
            Source::Body(path) => scalar(self.value(path)?)?,
        };
        match place.pattern {
            Some(pattern) => pattern::first_group(pattern, &text).map(str::to_owned),
            None => Some(text),
        }
    }

    /// The first of the places that holds a text that is not empty.
    pub(crate) fn first_text(&self, places: &[Place]) -> Option<String> {
        places
            .iter()
            .find_map(|place| self.text(place).filter(|text| !text.is_empty()))
    }

    /// Whether a place holds anything other than null.
    pub(crate) fn is_present(&self, place: &Place) -> bool {
        match place.source {
            Source::Header(name) => self.reply.headers.get(name).is_some(),
            Source::Body(path) => self.value(path).is_some(),
        }
    }
}

/// Text as it is, numbers and bools as they are written.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Collects the values at a path; several where it has [`Step::Each`].
pub(crate) fn find<'v>(value: &'v Value, steps: &[Step], found: &mut Vec<&'v Value>) {
    match steps {
        [] => found.push(value),
        [Step::Name(name), rest @ ..] => {
            if let Some(value) = value.get(name) {
                find(value, rest, found);
            }
        }
        [Step::Each, rest @ ..] => {
            let elements = value.as_array().into_iter().flatten();
            elements.for_each(|element| find(element, rest, found));
        }
    }
}
