//! Right answers made wrong in one place.

use crate::draw::Draw;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A JSON text with one value that is not what it was.
pub(super) fn scrambled(body: &Value, seed: u64) -> String {
    let mut draw = Draw::new(seed, &["scrambled"]);
    let mut left = draw.within(0..count(body));
    let instead = [
        "null",
        "[]",
        "{}",
        "\"\"",
        "true",
        "-1",
        "1e400",
        "123456789012345678901234567890",
        "\"\\ud800\"",
        "[[[[]]]]",
    ];
    let choice = draw.within(0..instead.len() as u64 + 2);
    let how = usize::try_from(choice).ok().and_then(|at| instead.get(at).copied());
    let twice = choice > instead.len() as u64;
    let mut text = String::new();
    scramble(body, &mut left, how, twice, &mut text);
    text
}

/// How many values there are, from outside in.
fn count(value: &Value) -> u64 {
    1 + match value {
        Value::Array(elements) => elements.iter().map(count).sum(),
        Value::Object(entries) => entries.values().map(count).sum(),
        _ => 0,
    }
}

/// Writes JSON. Of the value at which `left` is used up stands `how` instead, or nothing, or it stands there twice.
fn scramble(value: &Value, left: &mut u64, how: Option<&str>, twice: bool, text: &mut String) -> bool {
    if *left == 0 {
        *left = u64::MAX;
        match how {
            Some(how) => text.push_str(how),
            None if twice => *text += &value.to_string(),
            None => return false,
        }
        return true;
    }
    *left -= 1;
    let (open, close, entries): (_, _, Vec<(Option<&String>, &Value)>) = match value {
        Value::Array(elements) => ('[', ']', elements.iter().map(|element| (None, element)).collect()),
        Value::Object(entries) => (
            '{',
            '}',
            entries.iter().map(|(name, entry)| (Some(name), entry)).collect(),
        ),
        plain => {
            *text += &plain.to_string();
            return true;
        }
    };
    text.push(open);
    for (name, entry) in entries {
        let is_it = *left == 0;
        for _ in 0..if is_it && twice && how.is_none() { 2 } else { 1 } {
            let before = text.len();
            if !text.ends_with(open) {
                text.push(',');
            }
            if let Some(name) = name {
                // A `String` takes whatever is written to it.
                let _ = write!(text, "{}:", json!(name));
            }
            if !scramble(entry, left, how, twice, text) {
                text.truncate(before);
            }
        }
    }
    text.push(close);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_changed_dropped_or_said_twice_and_the_same_number_says_the_same() {
        let body = json!({ "id": 7, "names": ["a", "b"], "of": { "deep": null } });
        let all: std::collections::BTreeSet<_> = (0..400).map(|seed| scrambled(&body, seed)).collect();
        assert!(all.len() > 60, "{}", all.len());
        assert!((0..400).all(|seed| scrambled(&body, seed) == scrambled(&body, seed)));
        for expected in [
            r#"{"names":["a","b"],"of":{"deep":null}}"#,
            r#"{"id":7,"names":["a","b"],"of":{"deep":null},"of":{"deep":null}}"#,
            r#"{"id":1e400,"names":["a","b"],"of":{"deep":null}}"#,
            r#"{"id":7,"names":["a"],"of":{"deep":null}}"#,
        ] {
            assert!(all.contains(expected), "{expected}");
        }
    }
}
