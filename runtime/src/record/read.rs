//! Records out of maps.

use crate::{
    DriftKind, Json, drift,
    format::{Format, Seed},
};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, DeserializeSeed, Error, IgnoredAny, MapAccess},
};
use std::{any::type_name, collections::BTreeMap, fmt, marker::PhantomData};

/// A model that is read field by field.
pub trait Record: Default {
    /// Reads the value of the field with this position in the list that [`read`] got.
    ///
    /// # Errors
    /// When the value does not fit.
    fn read_field<'de, A: MapAccess<'de>>(&mut self, index: usize, input: &mut A) -> Result<(), A::Error>;

    /// Reads a field of which others are alternatives, and says whether it held something: a null chooses nothing.
    ///
    /// # Errors
    /// When the value does not fit.
    fn read_choice<'de, A: MapAccess<'de>>(&mut self, index: usize, input: &mut A) -> Result<bool, A::Error> {
        self.read_field(index, input).map(|()| true)
    }

    /// Where fields that the descriptor does not know are kept, if they are.
    fn unknown(&mut self) -> Option<&mut BTreeMap<String, Json>> {
        None
    }
}

/// The positions of the fields without which a record is refused.
#[derive(Clone, Copy, Debug)]
pub struct Required {
    fields: &'static [usize],
    one_of: &'static [&'static [usize]],
    expected: &'static [usize],
}

/// Fields that must be there, by their position.
#[must_use]
pub const fn required(fields: &'static [usize]) -> Required {
    Required {
        fields,
        one_of: &[],
        expected: &[],
    }
}

impl Required {
    /// And lists of fields of which one must be there.
    #[must_use]
    pub const fn one_of(self, one_of: &'static [&'static [usize]]) -> Self {
        Self { one_of, ..self }
    }

    /// And fields that are expected: without them there is something that can be read in their place, an empty list or a
    /// null, and the answer has drifted.
    #[must_use]
    pub const fn expected(self, expected: &'static [usize]) -> Self {
        Self { expected, ..self }
    }

    fn is_choice(self, index: usize) -> bool {
        self.one_of.iter().any(|members| members.contains(&index))
    }

    /// The names of what did not come and cannot be read without it.
    fn missing(self, model: &'static str, fields: &[&str], seen: &Seen) -> Option<String> {
        let is_missing = |index: &&usize| !seen.contains(**index);
        if drift::is_watched() {
            for &index in self.fields.iter().chain(self.expected).filter(is_missing) {
                drift::note(DriftKind::MissingField, model, fields[index]);
            }
        }
        let name = |&index: &usize| format!("`{}`", fields[index]);
        let alone = self.fields.iter().filter(is_missing).map(name);
        let none = |members: &&&[usize]| !members.iter().any(|&index| seen.contains(index));
        let one_of = self.one_of.iter().filter(none);
        let one_of = one_of.map(|members| members.iter().map(name).collect::<Vec<_>>().join(" or "));
        let missing: Vec<_> = alone.chain(one_of).collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    }
}

/// Reads a record with these fields, of which some are required.
///
/// Where a field comes twice, the last one counts, as in most readers of JSON. A field that the descriptor does not know
/// is kept where the record has a place for it, else skipped, and counts as drift.
///
/// # Errors
/// When a required field is missing or a value does not fit. The message names the field and the record.
pub fn read<'de, D: Deserializer<'de>, R: Record>(
    input: D,
    fields: &'static [&'static str],
    required: Required,
) -> Result<R, D::Error> {
    let record = PhantomData;
    input.deserialize_map(RecordVisitor {
        fields,
        required,
        record,
    })
}

/// Reads the value of a field.
///
/// # Errors
/// When it does not fit.
pub fn field<'de, T: Deserialize<'de>, A: MapAccess<'de>>(slot: &mut T, input: &mut A) -> Result<(), A::Error> {
    *slot = input.next_value()?;
    Ok(())
}

/// Reads the value of a field by a format.
///
/// # Errors
/// When it does not fit.
pub fn field_as<'de, F: Format<T>, T, A: MapAccess<'de>>(slot: &mut T, input: &mut A) -> Result<(), A::Error> {
    *slot = input.next_value_seed(Seed::<F, T>::new())?;
    Ok(())
}

/// Skips the value of a field.
///
/// # Errors
/// When it is not even JSON.
pub fn skip<'de, A: MapAccess<'de>>(input: &mut A) -> Result<(), A::Error> {
    input.next_value::<IgnoredAny>().map(|_| ())
}

/// Reads a whole JSON body, as the bodies of failures are read: it fits, or it is none of that model.
#[must_use]
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(body).ok()?).ok()
}

/// The message of an error that stands in another text than the one that is being read.
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&position).map(str::to_owned).unwrap_or(message)
}

struct RecordVisitor<R> {
    fields: &'static [&'static str],
    required: Required,
    record: PhantomData<fn() -> R>,
}

impl<'de, R: Record> de::Visitor<'de> for RecordVisitor<R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object (`{}`)", short_name::<R>())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<R, A::Error> {
        let mut record = R::default();
        let mut seen = Seen::default();
        let mut likely = 0;
        while let Some(key) = map.next_key_seed(KeySeed {
            fields: self.fields,
            likely,
        })? {
            match key {
                Key::Known(index) => {
                    let result = if self.required.is_choice(index) {
                        record.read_choice(index, &mut map)
                    } else {
                        record.read_field(index, &mut map).map(|()| true)
                    };
                    if result.map_err(|error| within(short_name::<R>(), self.fields[index], &error))? {
                        seen.insert(index);
                    }
                    likely = index + 1;
                }
                Key::Unknown(key) => {
                    // Of a model that is known in part the rest is no news.
                    if let Some(unknown) = record.unknown() {
                        drop(unknown.insert(key, map.next_value()?));
                    } else {
                        drift::note(DriftKind::UnknownField, short_name::<R>(), &key);
                        skip(&mut map)?;
                    }
                }
            }
        }
        match self.required.missing(short_name::<R>(), self.fields, &seen) {
            None => Ok(record),
            Some(missing) => Err(A::Error::custom(format_args!(
                "{missing} of `{}` is missing",
                short_name::<R>()
            ))),
        }
    }
}

fn within<E: de::Error>(record: &str, field: &str, error: &E) -> E {
    E::custom(format_args!("`{field}` of `{record}`: {error}"))
}

/// The type's own name, without its modules.
pub(crate) fn short_name<R>() -> &'static str {
    let name = type_name::<R>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}

/// The positions of fields that came.
#[derive(Default)]
struct Seen {
    first: u64,
    // Most records have fewer than 65 fields and never allocate.
    rest: Vec<u64>,
}

impl Seen {
    fn insert(&mut self, index: usize) {
        let bit = 1 << (index % 64);
        match (index / 64).checked_sub(1) {
            None => self.first |= bit,
            Some(word) => {
                if self.rest.len() <= word {
                    self.rest.resize(word + 1, 0);
                }
                self.rest[word] |= bit;
            }
        }
    }

    fn contains(&self, index: usize) -> bool {
        let word = match (index / 64).checked_sub(1) {
            None => self.first,
            Some(word) => self.rest.get(word).copied().unwrap_or_default(),
        };
        word & (1 << (index % 64)) != 0
    }
}

enum Key {
    Known(usize),
    Unknown(String),
}

struct KeySeed {
    fields: &'static [&'static str],
    /// Fields mostly come in the order of the descriptor.
    likely: usize,
}

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Key, D::Error> {
        input.deserialize_identifier(self)
    }
}

impl de::Visitor<'_> for KeySeed {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Key, E> {
        if self.fields.get(self.likely) == Some(&key) {
            return Ok(Key::Known(self.likely));
        }
        let known = self.fields.iter().position(|field| *field == key);
        Ok(known.map_or_else(|| Key::Unknown(key.to_owned()), Key::Known))
    }
}
