//! What may not stand in a cassette.

use super::name::is_secret;
use crate::{Carrier, Scheme, Secret, TokenValue, request::percent_encode_query};
use std::cmp::Reverse;

/// What stands for something hidden. In a replay it fits anything, and can be shown as a token.
const HIDDEN: &str = "[hidden]";

/// Shorter texts are no secrets, and would eat up the rest.
const SHORTEST: usize = 4;

/// Shorter ones that are taken for secrets by their name alone are hidden where they stand alone: as a part of other words
/// they are something else.
const LONG: usize = 8;

/// What is hidden.
#[derive(Default)]
pub(super) struct Hidden {
    values: Vec<Value>,
    query: Vec<&'static str>,
}

/// A text that is hidden.
struct Value {
    text: Secret,
    /// Only where no letter and no digit is next to it.
    alone: bool,
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
        self.hide(text, false);
    }

    /// What a provider calls a secret.
    fn named(&mut self, text: &str) {
        // Words that stand for something else everywhere.
        if matches!(text, "true" | "false" | "null" | "none") {
            return;
        }
        self.hide(text, text.len() < LONG);
        if let Some((scheme, word)) = text.split_once(' ')
            && ["basic", "bearer"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(scheme))
        {
            self.hide(word, word.len() < LONG);
        }
    }

    fn hide(&mut self, text: &str, alone: bool) {
        let in_json = serde_json::to_string(text).unwrap_or_default();
        let in_json = in_json.trim_matches('"');
        let in_url = percent_encode_query(text);
        for form in [text, in_json, in_url.as_str()] {
            let known = self.values.iter_mut().find(|known| known.text.expose() == form);
            if let Some(known) = known {
                known.alone &= alone;
            } else if form.len() >= SHORTEST {
                let text = Secret::from(form);
                self.values.push(Value { text, alone });
            }
        }
        // The longest first, so that no half of one is left.
        self.values.sort_by_key(|value| Reverse(value.text.expose().len()));
    }

    /// How many texts are hidden.
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }

    /// Remembers the secrets that a body tells, wherever they come again.
    pub(super) fn learn(&mut self, body: &[u8]) {
        if let Ok(json) = serde_json::from_slice(body) {
            let mut found = Vec::new();
            collect(&json, false, &mut found);
            for text in found {
                self.named(text);
            }
        } else {
            for (name, value) in url::form_urlencoded::parse(body) {
                self.learn_named(&name, &value);
            }
        }
    }

    /// Remembers a value, if its name is one of a secret. Whether it is.
    pub(super) fn learn_named(&mut self, name: &str, value: &str) -> bool {
        let is_secret = is_secret(name);
        if is_secret {
            self.named(value);
        }
        is_secret
    }

    /// A text without what is hidden.
    pub(super) fn text(&self, text: &str) -> String {
        let values = self.values.iter();
        values.fold(text.to_owned(), |text, value| match value.text.expose() {
            hidden if value.alone => replace_alone(&text, hidden),
            hidden => text.replace(hidden, HIDDEN),
        })
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
            let value = value.text.expose().as_bytes();
            while let Some(at) = bytes.windows(value.len()).position(|part| part == value) {
                bytes.splice(at..at + value.len(), HIDDEN.bytes());
            }
        }
        bytes
    }
}

/// The texts that are secrets by their names: also those in a list of them, and `value` in an object of such a name.
/// Numbers stay, since JSON without them would be none.
fn collect<'j>(json: &'j serde_json::Value, secret: bool, found: &mut Vec<&'j str>) {
    use serde_json::Value::{Array, Bool, Null, Number, Object, String};
    match json {
        String(text) if secret => found.push(text),
        Object(entries) => {
            for (name, value) in entries {
                let is_value = secret && matches!(name.as_str(), "key" | "value");
                collect(value, is_value || is_secret(name), found);
            }
        }
        Array(items) => {
            for item in items {
                collect(item, secret && item.is_string(), found);
            }
        }
        Null | Bool(_) | Number(_) | String(_) => {}
    }
}

fn replace_alone(text: &str, hidden: &str) -> String {
    let mut new = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(hidden) {
        new.push_str(before);
        let joins = new.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        new.push_str(if joins { hidden } else { HIDDEN });
        rest = after;
    }
    new + rest
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
            assert!(fits(&recorded.replace('…', HIDDEN), text), "{recorded} {text}");
        }
        for (recorded, text) in [("a", "ab"), ("a…c", "ab"), ("…b…d", "abc"), ("ab…ba", "aba")] {
            assert!(!fits(&recorded.replace('…', HIDDEN), text), "{recorded} {text}");
        }
    }

    fn shown(hidden: &Hidden, text: &str) -> String {
        hidden.text(text).replace(HIDDEN, "…")
    }

    #[test]
    fn what_is_short_and_a_secret_by_its_name_alone_is_hidden_where_it_stands_alone() {
        let mut hidden = Hidden::default();
        assert!(hidden.learn_named("otp", "1234") && !hidden.learn_named("page_token", "page-two"));
        assert!(hidden.learn_named("token_secret", "true"));
        assert_eq!(
            shown(&hidden, "otp=1234&id=12345 1234 true page-two"),
            "otp=…&id=12345 … true page-two"
        );
        // A token that is shown is hidden everywhere.
        hidden.value("1234");
        assert_eq!(shown(&hidden, "/bot1234/12345"), "/bot…/…5");
        assert_eq!((&*hidden.query("apiKey", "k"), &*hidden.query("q", "k")), (HIDDEN, "k"));
    }
}
