//! Open enums: a value that the descriptor does not know is kept, and written back as it came.
//!
//! ```
//! # use std::convert::Infallible;
//! use tollgate::{open, serde::{Deserialize, Deserializer, Serialize, Serializer}};
//!
//! #[derive(Clone, Debug, PartialEq)]
//! enum Unit { Pound, Other(String) }
//!
//! impl From<String> for Unit {
//!     fn from(text: String) -> Self {
//!         match text.as_str() {
//!             "pound" => Self::Pound,
//!             _ => Self::Other(text),
//!         }
//!     }
//! }
//! impl Unit {
//!     fn as_str(&self) -> &str {
//!         match self {
//!             Self::Pound => "pound",
//!             Self::Other(text) => text,
//!         }
//!     }
//! }
//! impl open::Open for Unit {
//!     fn unlisted(&self) -> Option<&str> {
//!         match self {
//!             Self::Other(text) => Some(text),
//!             Self::Pound => None,
//!         }
//!     }
//! }
//! impl<'de> Deserialize<'de> for Unit {
//!     fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
//!         open::read(input)
//!     }
//! }
//! impl Serialize for Unit {
//!     fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
//!         open::write(output, self.as_str())
//!     }
//! }
//! ```

use crate::{DriftKind, drift, record::short_name};
use serde::{Deserializer, Serializer, de};
use std::fmt;

/// An enum that keeps what it does not know.
pub trait Open: From<String> {
    /// The value, if it is none of those that the descriptor lists.
    fn unlisted(&self) -> Option<&str>;
}

/// Reads an open enum. Numbers and bools are taken as their text. A value that is not listed counts as drift.
///
/// # Errors
/// When the input is none of these.
pub fn read<'de, D: Deserializer<'de>, E: Open>(input: D) -> Result<E, D::Error> {
    let value = text(input).map(E::from)?;
    if let Some(unlisted) = value.unlisted() {
        drift::note(DriftKind::UnknownValue, short_name::<E>(), unlisted);
    }
    Ok(value)
}

/// Writes an open enum.
///
/// # Errors
/// When the output does.
pub fn write<S: Serializer>(output: S, text: &str) -> Result<S::Ok, S::Error> {
    output.serialize_str(text)
}

fn text<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    input.deserialize_any(TextVisitor)
}

struct TextVisitor;

impl de::Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }
}
