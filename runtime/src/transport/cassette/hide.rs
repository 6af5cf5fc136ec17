//! What may not stand in a cassette.

use crate::{Carrier, Scheme, Secret, TokenValue, request::percent_encode_query};
use serde_json::Value;

/// What stands for something hidden. In a replay it fits anything.
const HIDDEN: &str = "…";

/// Shorter texts are no secrets, and would eat up the rest.
const SHORTEST: usize = 4;

/// Fields of JSON objects and forms whose values are secrets, by what OAuth and its kin call them.
const NAMES: [&str; 14] = [
    "access_token",
    "accesstoken",
    "api_key",
    "apikey",
    "assertion",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "id_token",
    "password",
    "refresh_token",
    "refreshtoken",
    "secret",
    "token",
];

/// What is hidden.
#[derive(Default)]
pub(super) struct Hidden {
    values: Vec<Secret>,
    query: Vec<&'static str>,
}

impl Hidden {
    /// The fields of a token, as they are and as they stand in URLs and JSON, and where its scheme puts them.
    pub(super) fn token(&mut self, token: &TokenValue, scheme: &Scheme) {
        for field in token.fields().iter().flatten() {
            self.value(field.expose());
        }
        let placements = match scheme {
            Scheme::Placed(placements) => placements,
            Scheme::Signed(signed) => signed.placements,
            Scheme::None | Scheme::Basic { .. } => return,
        };
        let names = placements.iter().filter(|placement| placement.at == Carrier::Query);
        self.query.extend(names.map(|placement| placement.name));
    }

    /// What a header carries: all of it, and its last word.
    pub(super) fn header(&mut self, value: &str) {
        self.value(value);
        if let Some((_, word)) = value.rsplit_once(' ') {
            self.value(word);
        }
    }

    fn value(&mut self, text: &str) {
        let in_json = serde_json::to_string(text).unwrap_or_default();
        let in_json = in_json.trim_matches('"');
        let in_url = percent_encode_query(text);
        for form in [text, in_json, in_url.as_str()] {
            let is_known = self.values.iter().any(|known| known.expose() == form);
            if form.len() >= SHORTEST && !is_known {
                self.values.push(Secret::from(form));
            }
        }
        // The longest first, so that no half of one is left.
        self.values.sort_by_key(|value| std::cmp::Reverse(value.expose().len()));
    }

    /// How many texts are hidden.
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }

    /// Remembers the secrets that a body tells, wherever they come again.
    pub(super) fn learn(&mut self, body: &[u8]) {
        if let Ok(json) = serde_json::from_slice(body) {
            let mut found = Vec::new();
            collect(&json, &mut found);
            for text in found {
                self.value(text);
            }
        } else {
            for (name, value) in url::form_urlencoded::parse(body) {
                if is_secret(&name) {
                    self.value(&value);
                }
            }
        }
    }

    /// A text without what is hidden.
    pub(super) fn text(&self, text: &str) -> String {
        let values = self.values.iter().map(Secret::expose);
        values.fold(text.to_owned(), |text, value| text.replace(value, HIDDEN))
    }

    pub(super) fn query(&self, name: &str, value: &str) -> String {
        if self.query.contains(&name) || is_secret(name) {
            return HIDDEN.to_owned();
        }
        self.text(value)
    }

    /// A body. What it calls a secret was learned before.
    pub(super) fn body(&self, text: &str) -> String {
        self.text(text)
    }

    /// A body that is no text.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for value in &self.values {
            let value = value.expose().as_bytes();
            while let Some(at) = bytes.windows(value.len()).position(|part| part == value) {
                bytes.splice(at..at + value.len(), HIDDEN.bytes());
            }
        }
        bytes
    }
}

fn is_secret(name: &str) -> bool {
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn collect<'j>(json: &'j Value, found: &mut Vec<&'j str>) {
    match json {
        Value::Object(entries) => {
            for (name, value) in entries {
                match value {
                    Value::String(text) if is_secret(name) => found.push(text),
                    other => collect(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a text is the recorded one, where what was hidden may be anything.
pub(super) fn fits(recorded: &str, text: &str) -> bool {
    let mut parts = recorded.split(HIDDEN);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_fits_anything() {
        for (recorded, text) in [("a", "a"), ("…", ""), ("a…c", "abc"), ("…b…d…", "abcde"), ("a…", "a")] {
            assert!(fits(recorded, text), "{recorded} {text}");
        }
        for (recorded, text) in [("a", "ab"), ("a…c", "ab"), ("…b…d", "abc"), ("ab…ba", "aba")] {
            assert!(!fits(recorded, text), "{recorded} {text}");
        }
    }
}
