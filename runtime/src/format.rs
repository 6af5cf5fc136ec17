//! How a value is written where its Rust type alone does not say: numbers as numbers or texts, times as seconds, bytes as
//! Base64.
//!
//! A format of `T` is one of `Option<T>`, [`Clearable<T>`](crate::Clearable), `Box<T>`, `Vec<T>` and `BTreeMap<String, T>` too, so that
//! `record::field_as::<format::Int, _, _>(&mut self.counts, input)` reads an `Option<Vec<i64>>`. [`List`], [`Map`] and
//! [`Opt`] say the same by name.
//!
//! All formats of numbers read numbers and texts.

mod container;
mod number;

use crate::{Bytes, Decimal, Timestamp};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error as _},
    ser::Error as _,
};
use std::{fmt, marker::PhantomData};

pub use self::container::{List, Map, Opt};

/// A way to write a `T`.
pub trait Format<T> {
    /// Reads one.
    ///
    /// # Errors
    /// When the input holds something else.
    fn read<'de, D: Deserializer<'de>>(input: D) -> Result<T, D::Error>;

    /// Writes one.
    ///
    /// # Errors
    /// When the value cannot be written without a loss, or the output fails.
    fn write<S: Serializer>(value: &T, output: S) -> Result<S::Ok, S::Error>;
}

/// A value with its format: what [`crate::record::write`] takes.
pub struct Formatted<'a, F, T: ?Sized> {
    value: &'a T,
    format: PhantomData<fn() -> F>,
}

impl<'a, F, T> Formatted<'a, F, T> {
    pub(crate) const fn new(value: &'a T) -> Self {
        Self {
            value,
            format: PhantomData,
        }
    }
}

impl<F: Format<T>, T> Serialize for Formatted<'_, F, T> {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        F::write(self.value, output)
    }
}

/// Reads a `T` by the format `F`.
pub(crate) struct Seed<F, T>(PhantomData<fn() -> (F, T)>);

impl<F, T> Seed<F, T> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, F: Format<T>, T> DeserializeSeed<'de> for Seed<F, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<T, D::Error> {
        F::read(input)
    }
}

/// An integer as a number.
pub enum Int {}

/// An integer as a text.
pub enum IntString {}

/// A floating point number as a number.
pub enum Float {}

/// A decimal as a number. One that a number cannot carry exactly is an error.
pub enum DecimalNumber {}

/// A decimal as a text.
pub enum DecimalString {}

/// A time in seconds since 1970. It is written in whole seconds, and read with fractions.
pub enum Unix {}

/// A time in milliseconds since 1970. It is written in whole milliseconds, and read with fractions.
pub enum UnixMs {}

/// Bytes as Base64. Read with and without padding, in the standard and in the URL-safe alphabet.
pub enum Base64 {}

/// Whatever serde says of the type.
pub enum Plain {}

macro_rules! int {
    ($($Type:ty)*) => {
        $(
            impl Format<$Type> for Int {
                fn read<'de, D: Deserializer<'de>>(input: D) -> Result<$Type, D::Error> {
                    narrowed(number::int(input)?)
                }

                fn write<S: Serializer>(value: &$Type, output: S) -> Result<S::Ok, S::Error> {
                    value.serialize(output)
                }
            }

            impl Format<$Type> for IntString {
                fn read<'de, D: Deserializer<'de>>(input: D) -> Result<$Type, D::Error> {
                    narrowed(number::int(input)?)
                }

                fn write<S: Serializer>(value: &$Type, output: S) -> Result<S::Ok, S::Error> {
                    output.collect_str(value)
                }
            }
        )*
    };
}

int! { i64 u64 u32 }

fn narrowed<T: TryFrom<i128>, E: serde::de::Error>(number: i128) -> Result<T, E> {
    T::try_from(number).map_err(|_| E::custom(format_args!("the integer {number} is out of range")))
}

impl Format<f64> for Float {
    fn read<'de, D: Deserializer<'de>>(input: D) -> Result<f64, D::Error> {
        number::float(input)
    }

    fn write<S: Serializer>(value: &f64, output: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            output.serialize_f64(*value)
        } else {
            Err(S::Error::custom(format_args!(
                "{value} is not a number that can be sent"
            )))
        }
    }
}

impl Format<Decimal> for DecimalNumber {
    fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Decimal, D::Error> {
        number::decimal(input)
    }

    fn write<S: Serializer>(value: &Decimal, output: S) -> Result<S::Ok, S::Error> {
        number::write_decimal(*value, output)
    }
}

impl Format<Decimal> for DecimalString {
    fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Decimal, D::Error> {
        number::decimal(input)
    }

    fn write<S: Serializer>(value: &Decimal, output: S) -> Result<S::Ok, S::Error> {
        output.collect_str(value)
    }
}

impl Format<Timestamp> for Unix {
    fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Timestamp, D::Error> {
        time(number::decimal(input)?, 1_000_000_000)
    }

    fn write<S: Serializer>(value: &Timestamp, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_i64(value.as_second())
    }
}

impl Format<Timestamp> for UnixMs {
    fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Timestamp, D::Error> {
        time(number::decimal(input)?, 1_000_000)
    }

    fn write<S: Serializer>(value: &Timestamp, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_i64(value.as_millisecond())
    }
}

fn time<E: serde::de::Error>(since: Decimal, nanoseconds: i64) -> Result<Timestamp, E> {
    let since = since.checked_mul(nanoseconds.into()).map(|since| since.trunc());
    let nanoseconds = since.and_then(|since| i128::try_from(since).ok());
    let time = nanoseconds.and_then(|nanoseconds| Timestamp::from_nanosecond(nanoseconds).ok());
    time.ok_or_else(|| E::custom("the time is out of range"))
}

/// As lenient about padding as providers are careless.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Format<Bytes> for Base64 {
    fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(input)?.replace('-', "+").replace('_', "/");
        match LENIENT.decode(text) {
            Ok(bytes) => Ok(bytes.into()),
            Err(error) => Err(D::Error::custom(format_args!("not Base64: {error}"))),
        }
    }

    fn write<S: Serializer>(value: &Bytes, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_str(&STANDARD.encode(value))
    }
}

impl<T: Serialize + for<'de> Deserialize<'de>> Format<T> for Plain {
    fn read<'de, D: Deserializer<'de>>(input: D) -> Result<T, D::Error> {
        T::deserialize(input)
    }

    fn write<S: Serializer>(value: &T, output: S) -> Result<S::Ok, S::Error> {
        value.serialize(output)
    }
}

impl<F, T: fmt::Debug + ?Sized> fmt::Debug for Formatted<'_, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

#[cfg(test)]
mod tests;
