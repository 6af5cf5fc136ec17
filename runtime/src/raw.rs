//! JSON text as it travels, taken out of a deserializer unread, so that no digit of a number is lost.

use crate::Json;
use serde::{
    Deserialize, Deserializer,
    de::{
        self, Error, IntoDeserializer, MapAccess, SeqAccess,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::value::RawValue;
use std::fmt;

/// The name under which `serde_json` hands out text. `RawValue` itself reads nothing but `serde_json`; asking by the
/// name lets every other format answer with its own value instead.
const NAME: &str = "$serde_json::private::RawValue";

/// Under which it hands out numbers, where somebody has switched on its feature `arbitrary_precision`.
pub(crate) const NUMBER: &str = "$serde_json::private::Number";

/// Reads any value as JSON text: to the letter out of `serde_json`, rewritten out of every other format.
pub(crate) fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Box<RawValue>, D::Error> {
    input.deserialize_newtype_struct(NAME, RawVisitor)
}

fn rewritten<'de, D: Deserializer<'de>>(input: D) -> Result<Box<RawValue>, D::Error> {
    let json = Json::deserialize(input)?;
    RawValue::from_string(json.to_string()).map_err(D::Error::custom)
}

struct RawVisitor;

macro_rules! scalars {
    ($($method:ident: $Type:ty,)*) => {
        $(
            fn $method<E: de::Error>(self, value: $Type) -> Result<Self::Value, E> {
                rewritten(value.into_deserializer())
            }
        )*
    };
}

impl<'de> de::Visitor<'de> for RawVisitor {
    type Value = Box<RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    scalars! {
        visit_bool: bool,
        visit_i64: i64,
        visit_u64: u64,
        visit_f64: f64,
        visit_str: &str,
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        self.visit_unit()
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        rewritten(Json::Null).map_err(E::custom)
    }

    fn visit_some<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        rewritten(input)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        rewritten(SeqAccessDeserializer::new(list))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        rewritten(input)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        match map.next_key::<String>()? {
            Some(key) if key == NAME => {
                let text: String = map.next_value()?;
                RawValue::from_string(text).map_err(A::Error::custom)
            }
            Some(key) => {
                let first: Json = map.next_value()?;
                let Json::Object(mut object) = Json::deserialize(MapAccessDeserializer::new(map))? else {
                    return Err(A::Error::custom("a map does not read as one"));
                };
                object.insert(key, first);
                rewritten(Json::Object(object)).map_err(A::Error::custom)
            }
            None => rewritten(Json::Object(serde_json::Map::new())).map_err(A::Error::custom),
        }
    }
}
