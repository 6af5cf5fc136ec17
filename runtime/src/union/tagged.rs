//! Writes an object with a tag before its own entries.

use crate::record::Value;
use serde::{
    Serialize, Serializer,
    ser::{Error, Impossible, SerializeMap},
};
use std::fmt::Display;

pub(super) fn write<S: Serializer>(output: S, tag: &str, name: &str, model: &dyn Value) -> Result<S::Ok, S::Error> {
    model.serialize(Tagged { output, tag, name })
}

struct Tagged<'t, S> {
    output: S,
    tag: &'t str,
    name: &'t str,
}

impl<S: Serializer> Tagged<'_, S> {
    fn refused<T>(self) -> Result<T, S::Error> {
        Err(S::Error::custom(format_args!(
            "the variant `{}` is not written as an object",
            self.name
        )))
    }
}

macro_rules! refused {
    ($($method:ident: $Type:ty,)*) => {
        $(
            fn $method(self, _: $Type) -> Result<S::Ok, S::Error> {
                self.refused()
            }
        )*
    };
}

impl<'t, S: Serializer> Serializer for Tagged<'t, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Impossible<S::Ok, S::Error>;
    type SerializeTuple = Impossible<S::Ok, S::Error>;
    type SerializeTupleStruct = Impossible<S::Ok, S::Error>;
    type SerializeTupleVariant = Impossible<S::Ok, S::Error>;
    type SerializeMap = TaggedMap<'t, S::SerializeMap>;
    type SerializeStruct = Impossible<S::Ok, S::Error>;
    type SerializeStructVariant = Impossible<S::Ok, S::Error>;

    refused! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.refused()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.refused()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<S::Ok, S::Error> {
        self.refused()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<S::Ok, S::Error> {
        self.refused()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.refused()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.refused()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.refused()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.refused()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        // Its length is not known: the model may write the tag, too.
        let mut map = self.output.serialize_map(None)?;
        map.serialize_entry(self.tag, self.name)?;
        Ok(TaggedMap {
            map,
            tag: self.tag,
            is_tag: false,
        })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, S::Error> {
        self.refused()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.refused()
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<S::Ok, S::Error> {
        self.refused()
    }
}

/// The entries of the model, without its own tag.
struct TaggedMap<'t, M> {
    map: M,
    tag: &'t str,
    is_tag: bool,
}

impl<M: SerializeMap> SerializeMap for TaggedMap<'_, M> {
    type Ok = M::Ok;
    type Error = M::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), M::Error> {
        let text = serde_json::to_value(key).map_err(M::Error::custom)?;
        self.is_tag = text == self.tag;
        if self.is_tag {
            Ok(())
        } else {
            self.map.serialize_key(key)
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        if self.is_tag {
            Ok(())
        } else {
            self.map.serialize_value(value)
        }
    }

    fn end(self) -> Result<M::Ok, M::Error> {
        self.map.end()
    }
}
