//! Reads and writes JSON at the places that a descriptor names.

use serde_json::{Map, Value};
use tollgate_descriptor::model::{Path, Step};

/// What stands at one concrete place.
#[derive(Debug)]
pub(crate) struct Found<'v> {
    /// For messages, `$.items[3].sku`.
    pub(crate) at: String,
    pub(crate) value: Option<&'v Value>,
}

/// Everything that a path means, one entry per element for `.*`, missing values included.
pub(crate) fn find<'v>(root: &'v Value, path: &Path) -> Vec<Found<'v>> {
    let mut found = vec![Found {
        at: "$".to_owned(),
        value: Some(root),
    }];
    for step in &path.0 {
        found = found.into_iter().flat_map(|from| advance(&from, step)).collect();
    }
    found
}

fn advance<'v>(from: &Found<'v>, step: &Step) -> Vec<Found<'v>> {
    match (step, from.value) {
        (Step::Name(name), value) => vec![Found {
            at: format!("{}.{name}", from.at),
            value: value.and_then(|value| value.get(name)),
        }],
        (Step::Each, Some(Value::Array(elements))) => elements
            .iter()
            .enumerate()
            .map(|(index, element)| Found {
                at: format!("{}[{index}]", from.at),
                value: Some(element),
            })
            .collect(),
        (Step::Each, _) => vec![Found {
            at: format!("{}[0]", from.at),
            value: None,
        }],
    }
}

/// The first value at a path that is not null.
pub(crate) fn first<'v>(root: &'v Value, path: &Path) -> Option<&'v Value> {
    let values = find(root, path).into_iter().filter_map(|found| found.value);
    values.into_iter().find(|value| !value.is_null())
}

/// Puts a value at a path. What is in the way and is no object becomes one; `.*` means every element, or one new
/// element where there is no list.
pub(crate) fn put(root: &mut Value, path: &Path, value: &Value) {
    put_steps(root, &path.0, value);
}

fn put_steps(at: &mut Value, steps: &[Step], value: &Value) {
    match steps.split_first() {
        None => *at = value.clone(),
        Some((Step::Name(name), rest)) => {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            if let Value::Object(fields) = at {
                put_steps(fields.entry(name.clone()).or_insert(Value::Null), rest, value);
            }
        }
        Some((Step::Each, rest)) => {
            if !at.is_array() {
                *at = Value::Array(vec![Value::Null]);
            }
            if let Value::Array(elements) = at {
                for element in elements {
                    put_steps(element, rest, value);
                }
            }
        }
    }
}

/// Puts a list at a path. With `.*` in the path, each value gets an element of its own.
pub(crate) fn put_list(root: &mut Value, path: &Path, values: Vec<Value>) {
    let Some(each) = path.0.iter().position(|step| *step == Step::Each) else {
        put(root, path, &Value::Array(values));
        return;
    };
    let (before, after) = (&path.0[..each], &path.0[each + 1..]);
    let wrapped = values.into_iter().map(|value| {
        let mut element = Value::Null;
        put_steps(&mut element, after, &value);
        element
    });
    put_steps(root, before, &Value::Array(wrapped.collect()));
}

/// Takes the value at a path away.
pub(crate) fn remove(root: &mut Value, path: &Path) {
    remove_steps(root, &path.0);
}

fn remove_steps(at: &mut Value, steps: &[Step]) {
    match (steps, at) {
        ([Step::Name(name)], Value::Object(fields)) => {
            fields.remove(name);
        }
        ([Step::Name(name), rest @ ..], Value::Object(fields)) => {
            if let Some(field) = fields.get_mut(name) {
                remove_steps(field, rest);
            }
        }
        ([Step::Each, rest @ ..], Value::Array(elements)) => {
            for element in elements {
                remove_steps(element, rest);
            }
        }
        _ => {}
    }
}

/// The text of a scalar, as a query would hold it.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The text of a scalar that the descriptor holds as JSON text.
pub(crate) fn text_of_json(json: &str) -> String {
    let value = serde_json::from_str(json).ok();
    value.as_ref().and_then(text).unwrap_or_else(|| json.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(steps: &[&str]) -> Path {
        let step = |step: &&str| match *step {
            "*" => Step::Each,
            name => Step::Name(name.to_owned()),
        };
        Path(steps.iter().map(step).collect())
    }

    #[test]
    fn each_names_every_element_and_what_it_lacks() {
        let body = json!([{ "id": 1 }, {}]);
        let found = find(&body, &path(&["*", "id"]));
        let seen: Vec<_> = found
            .iter()
            .map(|found| (found.at.as_str(), found.value.is_some()))
            .collect();
        assert_eq!(seen, [("$[0].id", true), ("$[1].id", false)]);
    }

    #[test]
    fn what_was_put_is_found_and_removed() {
        let mut body = json!({ "data": 3 });
        put(&mut body, &path(&["data", "next"]), &json!("x"));
        assert_eq!(first(&body, &path(&["data", "next"])), Some(&json!("x")));
        remove(&mut body, &path(&["data", "next"]));
        assert_eq!(body, json!({ "data": {} }));
    }

    #[test]
    fn a_list_under_each_wraps_its_elements() {
        let mut body = Value::Null;
        put_list(&mut body, &path(&["edges", "*", "node"]), vec![json!(1), json!(2)]);
        assert_eq!(body, json!({ "edges": [{ "node": 1 }, { "node": 2 }] }));
    }
}
