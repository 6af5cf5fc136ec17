//! Numbers, out of numbers and texts, without losing a digit.

use crate::{Decimal, raw};
use rust_decimal::prelude::ToPrimitive;
use serde::{
    Deserializer, Serializer,
    de::{self, Error as _, MapAccess},
    ser::Error as _,
};
use std::fmt;

/// The integers that a double tells from their neighbours.
const EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn int<'de, D: Deserializer<'de>>(input: D) -> Result<i128, D::Error> {
    input.deserialize_any(IntVisitor)
}

pub(super) fn float<'de, D: Deserializer<'de>>(input: D) -> Result<f64, D::Error> {
    input.deserialize_any(FloatVisitor)
}

/// Reads the text of the number: on its way through a double it would lose what comes after 15 digits.
pub(super) fn decimal<'de, D: Deserializer<'de>>(input: D) -> Result<Decimal, D::Error> {
    let raw = raw::read(input)?;
    let text = match raw.get().strip_prefix('"') {
        Some(_) => serde_json::from_str(raw.get()).map_err(D::Error::custom)?,
        None => raw.get().to_owned(),
    };
    parse_decimal(text.trim()).map_err(|problem| D::Error::custom(format_args!("{problem}, expected a decimal")))
}

/// Writes a decimal as a number, if the number can carry it exactly for readers that take numbers as doubles.
pub(super) fn write_decimal<S: Serializer>(value: Decimal, output: S) -> Result<S::Ok, S::Error> {
    let value = value.normalize();
    if value.is_integer() {
        if let Some(integer) = value.to_i64() {
            return output.serialize_i64(integer);
        }
        if let Some(integer) = value.to_u64() {
            return output.serialize_u64(integer);
        }
    }
    let double: f64 = value.to_string().parse().map_err(S::Error::custom)?;
    // As it is written, and not as std shows it: of two shortest texts that mean the same double, they may choose different ones.
    let written = serde_json::to_string(&double).map_err(S::Error::custom)?;
    if parse_decimal(&written) == Ok(value) {
        return output.serialize_f64(double);
    }
    Err(S::Error::custom(format_args!(
        "a JSON number cannot carry the decimal {value} exactly"
    )))
}

/// Parses a decimal with or without an exponent, exactly or not at all.
fn parse_decimal(text: &str) -> Result<Decimal, &'static str> {
    const NONE: &str = "not a decimal";
    const TOO_LONG: &str = "more digits than a decimal holds";
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().map_err(|_| NONE)?),
        None => (text, 0),
    };
    let is_number = !mantissa.is_empty()
        && mantissa
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+'));
    if !is_number {
        return Err(NONE);
    }
    let trimmed = if mantissa.contains('.') && (mantissa.len() > 28 || exponent != 0) {
        mantissa.trim_end_matches('0').trim_end_matches('.')
    } else {
        mantissa
    };
    let trimmed = if matches!(trimmed, "" | "-" | "+") {
        mantissa
    } else {
        trimmed
    };
    let number = Decimal::from_str_exact(trimmed).map_err(|error| match error {
        rust_decimal::Error::ErrorString(_) => NONE,
        _ => TOO_LONG,
    })?;
    scaled(number, exponent).ok_or(TOO_LONG)
}

fn scaled(mut number: Decimal, exponent: i64) -> Option<Decimal> {
    if number.is_zero() || exponent == 0 {
        return Some(number);
    }
    let scale = i64::from(number.scale()).checked_sub(exponent)?;
    if scale >= 0 {
        number.set_scale(u32::try_from(scale).ok()?).ok()?;
        return Some(number);
    }
    number.set_scale(0).ok()?;
    let zeros = u32::try_from(-scale).ok()?;
    number.checked_mul(Decimal::try_from_i128_with_scale(10_i128.checked_pow(zeros)?, 0).ok()?)
}

struct IntVisitor;

impl<'de> de::Visitor<'de> for IntVisitor {
    type Value = i128;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<i128, E> {
        Ok(number.into())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<i128, E> {
        Ok(number.into())
    }

    // `5.0` and `1e3` are integers too.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<i128, E> {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within 53 bits")]
        if number.fract() == 0.0 && number.abs() <= EXACT {
            return Ok(number as i128);
        }
        Err(E::invalid_type(de::Unexpected::Float(number), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<i128, E> {
        let text = text.trim();
        if let Ok(number) = text.parse() {
            return Ok(number);
        }
        let whole = parse_decimal(text).ok().filter(Decimal::is_integer);
        whole
            .and_then(|number| number.to_i128())
            .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<i128, A::Error> {
        let text = arbitrary_precision(map)?;
        self.visit_str(&text)
    }
}

struct FloatVisitor;

impl<'de> de::Visitor<'de> for FloatVisitor {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<f64, E> {
        Ok(number)
    }

    #[expect(clippy::cast_precision_loss, reason = "a float is what was asked for")]
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<f64, E> {
        Ok(number as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "a float is what was asked for")]
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<f64, E> {
        let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<f64, A::Error> {
        let text = arbitrary_precision(map)?;
        self.visit_str(&text)
    }
}

/// The text of a number, as `serde_json` hands it out where somebody has switched on its feature of that name.
fn arbitrary_precision<'de, A: MapAccess<'de>>(mut map: A) -> Result<String, A::Error> {
    match map.next_key::<String>()? {
        Some(key) if key == raw::NUMBER => map.next_value(),
        _ => Err(A::Error::invalid_type(de::Unexpected::Map, &"a number")),
    }
}
