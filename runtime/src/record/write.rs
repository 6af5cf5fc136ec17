//! Records into maps.

mod probe;

pub(crate) use self::probe::is_absent;
use crate::{
    Json,
    format::{Format, Formatted},
};
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap},
};
use std::collections::BTreeMap;

/// A value of a record that is written. Everything that is `Serialize` is one.
pub trait Value: erased_serde::Serialize {}

impl<T: Serialize + ?Sized> Value for T {}

erased_serde::serialize_trait_object!(Value);

/// A field that always has the same value, as JSON text.
#[derive(Clone, Copy, Debug)]
pub struct Constant(pub &'static str);

impl Serialize for Constant {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let value: Json = serde_json::from_str(self.0).map_err(S::Error::custom)?;
        value.serialize(output)
    }
}

/// A value that is written as null where there is none, instead of being left out.
#[derive(Clone, Copy, Debug)]
pub struct Nullable<T>(Option<T>);

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(value) => value.serialize(output),
            None => output.serialize_unit(),
        }
    }
}

/// A value of a field that is always written.
pub const fn nullable<T>(value: Option<T>) -> Nullable<T> {
    Nullable(value)
}

/// A value that is written by a format.
pub fn formatted<F: Format<T>, T>(value: &T) -> Formatted<'_, F, T> {
    Formatted::new(value)
}

/// Writes a record. Absent values are left out: `None`, and what is to be [kept](crate::Clearable::Keep).
///
/// # Errors
/// When a value or the output fails.
pub fn write<S: Serializer>(output: S, fields: &[(&'static str, &dyn Value)]) -> Result<S::Ok, S::Error> {
    write_open(output, fields, &BTreeMap::new())
}

/// Writes a record and, after its own fields, those that the descriptor does not know.
///
/// # Errors
/// When a value or the output fails.
pub fn write_open<S: Serializer>(
    output: S,
    fields: &[(&'static str, &dyn Value)],
    other: &BTreeMap<String, Json>,
) -> Result<S::Ok, S::Error> {
    // No length: to count what is present would be to ask every value twice, and below it again at every level.
    let mut map = output.serialize_map(None)?;
    for (name, value) in fields.iter().filter(|(_, value)| !is_absent(*value)) {
        map.serialize_entry(name, value)?;
    }
    let is_other = |name: &str| !fields.iter().any(|(field, _)| *field == name);
    for (name, value) in other.iter().filter(|(name, _)| is_other(name)) {
        map.serialize_entry(name, value)?;
    }
    map.end()
}
