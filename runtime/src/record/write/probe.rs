//! Asks a value whether it is there at all, without writing it.

use serde::ser::{Error, Impossible, Serialize, Serializer};
use std::fmt::{self, Display};

/// Whether a value writes itself as absent.
pub(crate) fn is_absent(value: &dyn super::Value) -> bool {
    value.serialize(Probe).unwrap_or(false)
}

/// Answers every kind of value with whether it is absent. Lists and records are not looked into: they err at once.
struct Probe;

#[derive(Debug)]
struct Present;

impl Display for Present {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("present")
    }
}

impl std::error::Error for Present {}

impl Error for Present {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

macro_rules! present {
    ($($method:ident: $Type:ty,)*) => {
        $(
            fn $method(self, _: $Type) -> Result<bool, Present> {
                Ok(false)
            }
        )*
    };
}

impl Serializer for Probe {
    type Ok = bool;
    type Error = Present;
    type SerializeSeq = Impossible<bool, Present>;
    type SerializeTuple = Impossible<bool, Present>;
    type SerializeTupleStruct = Impossible<bool, Present>;
    type SerializeTupleVariant = Impossible<bool, Present>;
    type SerializeMap = Impossible<bool, Present>;
    type SerializeStruct = Impossible<bool, Present>;
    type SerializeStructVariant = Impossible<bool, Present>;

    present! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_none(self) -> Result<bool, Present> {
        Ok(true)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, Present> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<bool, Present> {
        Ok(false)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<bool, Present> {
        Ok(false)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<bool, Present> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<bool, Present> {
        Ok(false)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Present> {
        Err(Present)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Present> {
        Err(Present)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Present> {
        Err(Present)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Present> {
        Err(Present)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Present> {
        Err(Present)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Present> {
        Err(Present)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Present> {
        Err(Present)
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<bool, Present> {
        Ok(false)
    }
}
