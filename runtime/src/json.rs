//! JSON as text: looked into and edited in place, so that what is not touched keeps every digit, key and blank.

use crate::Step;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess},
};
use serde_json::value::RawValue;
use std::{fmt, ops::Range};

/// The entries of an object, in its order, values unread.
pub(crate) struct Entries<'j>(pub(crate) Vec<(String, &'j RawValue)>);

impl<'de: 'j, 'j> Deserialize<'de> for Entries<'j> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(EntriesVisitor).map(Self)
    }
}

struct EntriesVisitor;

impl<'de> de::Visitor<'de> for EntriesVisitor {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

/// The entries of an object; `None` for anything else.
pub(crate) fn entries(json: &str) -> Option<Vec<(String, &RawValue)>> {
    // A look at the first byte saves an error with a message that nobody reads.
    let entries: Entries<'_> = json.starts_with('{').then(|| serde_json::from_str(json).ok())??;
    Some(entries.0)
}

/// The elements of an array, unread; `None` for anything else.
pub(crate) fn elements(json: &str) -> Option<Vec<&RawValue>> {
    json.starts_with('[').then(|| serde_json::from_str(json).ok())?
}

/// The value of a key. Where it comes twice, the last one counts.
pub(crate) fn entry<'j>(json: &'j str, name: &str) -> Option<&'j RawValue> {
    let (_, value) = entries(json)?.into_iter().rev().find(|(key, _)| key == name)?;
    Some(value)
}

/// All values at a path; more than one only where it has [`Step::Each`].
pub(crate) fn find<'j>(json: &'j RawValue, path: &[Step]) -> Vec<&'j RawValue> {
    match path {
        [] => vec![json],
        [Step::Name(name), rest @ ..] => entry(json.get(), name).map_or_else(Vec::new, |value| find(value, rest)),
        [Step::Each, rest @ ..] => {
            let elements = elements(json.get()).unwrap_or_default();
            elements.into_iter().flat_map(|element| find(element, rest)).collect()
        }
    }
}

/// Where `part` stands in `whole`, of which it is a slice.
pub(crate) fn offset(whole: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(whole.as_ptr().addr())
}

/// Why a value cannot be put at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EditError {
    /// The text is not JSON.
    Malformed,
    /// A step names a key of something else than an object.
    NotAnObject,
    /// A step goes over something else than an array.
    NotAnArray,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the body is not JSON",
            Self::NotAnObject => "there is something else than an object on the way",
            Self::NotAnArray => "there is something else than a list on the way",
        })
    }
}

/// Puts values at all places that a path means. `value` gets what is there as JSON text, and gives what is to be there;
/// `None` leaves the place alone. Missing objects are made; a missing list has no elements.
pub(crate) fn edit(
    json: &str,
    path: &[Step],
    value: &mut dyn FnMut(Option<&str>) -> Option<String>,
) -> Result<String, EditError> {
    let root: &RawValue = serde_json::from_str(json).map_err(|_| EditError::Malformed)?;
    let mut edit = Edit {
        json,
        splices: Vec::new(),
        value,
    };
    edit.visit(root.get(), path)?;
    let mut edited = String::with_capacity(json.len() + 64);
    let mut copied = 0;
    for (range, text) in edit.splices {
        edited.push_str(&json[copied..range.start]);
        edited.push_str(&text);
        copied = range.end;
    }
    edited.push_str(&json[copied..]);
    Ok(edited)
}

struct Edit<'j, 'v> {
    json: &'j str,
    /// In the order of their places, which do not overlap: a path never leads into a place that it has replaced.
    splices: Vec<(Range<usize>, String)>,
    value: &'v mut dyn FnMut(Option<&str>) -> Option<String>,
}

impl<'j> Edit<'j, '_> {
    fn visit(&mut self, here: &'j str, path: &[Step]) -> Result<(), EditError> {
        let start = offset(self.json, here);
        match path {
            [] => {
                if let Some(text) = (self.value)(Some(here)) {
                    self.splices.push((start..start + here.len(), text));
                }
            }
            _ if here == "null" => {
                if let Some(text) = self.made(path) {
                    self.splices.push((start..start + here.len(), text));
                }
            }
            [Step::Name(name), rest @ ..] => {
                let entries = entries(here).ok_or(EditError::NotAnObject)?;
                match entries.iter().rev().find(|(key, _)| key == name) {
                    Some((_, value)) => self.visit(value.get(), rest)?,
                    None => {
                        if let Some(text) = self.made(rest) {
                            let comma = if entries.is_empty() { "" } else { "," };
                            let brace = start + here.len() - 1;
                            self.splices
                                .push((brace..brace, format!("{comma}{}:{text}", quoted(name))));
                        }
                    }
                }
            }
            [Step::Each, rest @ ..] => {
                for element in elements(here).ok_or(EditError::NotAnArray)? {
                    self.visit(element.get(), rest)?;
                }
            }
        }
        Ok(())
    }

    /// The value in the objects that are missing around it.
    fn made(&mut self, path: &[Step]) -> Option<String> {
        match path {
            [] => (self.value)(None),
            [Step::Name(name), rest @ ..] => Some(format!("{{{}:{}}}", quoted(name), self.made(rest)?)),
            [Step::Each, ..] => None,
        }
    }
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    crate::Json::from(text).to_string()
}

#[cfg(test)]
mod tests;
