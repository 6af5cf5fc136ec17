//! Unions: one of several models, told apart by a tag or by the kind of JSON. What is neither is kept as JSON.
//!
//! ```
//! use tollgate::{Json, union};
//! use tollgate::serde::{Deserialize, Deserializer, Serialize, Serializer};
//! # type Card = std::collections::BTreeMap<String, String>;
//!
//! #[derive(Clone, Debug)]
//! enum Payment { Card(Card), Unknown(Json) }
//!
//! impl<'de> Deserialize<'de> for Payment {
//!     fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
//!         let (tag, body) = union::read(input, "type")?;
//!         match tag.as_deref() {
//!             Some("card") => union::variant(body).map(Self::Card),
//!             tag => union::unknown::<Self, _>(tag, body).map(Self::Unknown),
//!         }
//!     }
//! }
//! impl Serialize for Payment {
//!     fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
//!         match self {
//!             Self::Card(card) => union::write(output, "type", "card", card),
//!             Self::Unknown(json) => json.serialize(output),
//!         }
//!     }
//! }
//!
//! let card: Payment = serde_json::from_str(r#"{"type": "card", "number": "4242"}"#)?;
//! assert_eq!(serde_json::to_string(&card)?, r#"{"type":"card","number":"4242"}"#);
//! # Ok::<(), serde_json::Error>(())
//! ```

mod tagged;

use crate::{
    DriftKind, Json, drift,
    format::Format,
    json, raw,
    record::{Value, short_name, without_position},
};
use serde::{
    Deserializer, Serializer,
    de::{DeserializeOwned, Error},
};
use serde_json::value::RawValue;

/// What stands in a union, not yet read as any of its models.
#[derive(Clone, Debug)]
pub struct Body(Box<RawValue>);

/// Reads what stands in a union, and the text, number or bool at `tag` as a text, if there is one.
///
/// # Errors
/// When the input does.
pub fn read<'de, D: Deserializer<'de>>(input: D, tag: &str) -> Result<(Option<String>, Body), D::Error> {
    let raw = raw::read(input)?;
    let tag = json::entry(raw.get(), tag).and_then(|value| scalar(value.get()));
    Ok((tag, Body(raw)))
}

/// Reads what stands in a union, and which kind of JSON it is: `object`, `list`, `text`, `number` or `bool`.
///
/// # Errors
/// When the input does.
pub fn read_kind<'de, D: Deserializer<'de>>(input: D) -> Result<(Option<&'static str>, Body), D::Error> {
    let raw = raw::read(input)?;
    let kind = match raw.get().as_bytes().first() {
        Some(b'{') => Some("object"),
        Some(b'[') => Some("list"),
        Some(b'"') => Some("text"),
        Some(b't' | b'f') => Some("bool"),
        Some(b'-' | b'0'..=b'9') => Some("number"),
        _ => None,
    };
    Ok((kind, Body(raw)))
}

/// Reads it as one of the models.
///
/// # Errors
/// When it does not fit.
pub fn variant<T: DeserializeOwned, E: Error>(body: Body) -> Result<T, E> {
    let Body(raw) = body;
    // Its position would be one in the variant's own text, and be taken for one in the body.
    serde_json::from_str(raw.get()).map_err(|error| E::custom(without_position(&error)))
}

/// Reads it by a format.
///
/// # Errors
/// When it does not fit.
pub fn variant_as<F: Format<T>, T, E: Error>(body: Body) -> Result<T, E> {
    let Body(raw) = body;
    let mut input = serde_json::Deserializer::from_str(raw.get());
    F::read(&mut input).map_err(|error| E::custom(without_position(&error)))
}

/// Reads it as JSON: the union `U` has no model for its tag, which counts as drift.
///
/// # Errors
/// When a number is out of range.
pub fn unknown<U, E: Error>(tag: Option<&str>, body: Body) -> Result<Json, E> {
    drift::note(DriftKind::UnknownVariant, short_name::<U>(), tag.unwrap_or_default());
    variant(body)
}

/// Writes a model with its tag, which comes first unless the model writes it itself.
///
/// # Errors
/// When the model is not written as an object, or the output fails.
pub fn write<S: Serializer>(output: S, tag: &str, name: &str, model: &dyn Value) -> Result<S::Ok, S::Error> {
    tagged::write(output, tag, name, model)
}

fn scalar(value: &str) -> Option<String> {
    match value.as_bytes().first()? {
        b'"' => serde_json::from_str(value).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(value.to_owned()),
    }
}

#[cfg(test)]
mod tests;
