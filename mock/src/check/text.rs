//! Values as text: in paths, queries, headers and forms.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tollgate_descriptor::model::{DateTimeFormat, Model, NumberFormat, Shape, Type};

/// How deep aliases of aliases are followed.
const DEPTH: usize = 32;

/// What a type is called in messages.
pub(super) fn name(model: &Model, ty: &Type) -> String {
    match ty {
        Type::String => "a string".to_owned(),
        Type::Int(NumberFormat::Number) => "an int".to_owned(),
        Type::Int(NumberFormat::String) => "an int in a string".to_owned(),
        Type::Float => "a float".to_owned(),
        Type::Decimal(NumberFormat::Number) => "a decimal number".to_owned(),
        Type::Decimal(NumberFormat::String) => "a decimal in a string".to_owned(),
        Type::Bool => "a bool".to_owned(),
        Type::Date => "a date (`2024-05-31`)".to_owned(),
        Type::DateTime(DateTimeFormat::Rfc3339) => "a datetime (RFC 3339)".to_owned(),
        Type::DateTime(DateTimeFormat::Unix) => "a datetime (seconds since 1970)".to_owned(),
        Type::DateTime(DateTimeFormat::UnixMs) => "a datetime (milliseconds since 1970)".to_owned(),
        Type::Uuid => "a UUID".to_owned(),
        Type::Url => "a URL".to_owned(),
        Type::Bytes => "base64".to_owned(),
        Type::Json => "JSON".to_owned(),
        Type::Secret => "a secret string".to_owned(),
        Type::List(_) => "a list".to_owned(),
        Type::Map(_) => "a map".to_owned(),
        Type::Named(id) => format!("`{}`", model.definition(*id).name),
    }
}

/// A type with its aliases followed.
pub(super) fn resolve<'m>(model: &'m Model, ty: &'m Type) -> &'m Type {
    let mut resolved = ty;
    for _ in 0..DEPTH {
        match resolved {
            Type::Named(id) => match &model.definition(*id).shape {
                Shape::Alias(of) => resolved = of,
                Shape::Record(_) | Shape::Enum(_) | Shape::Union { .. } => break,
            },
            _ => break,
        }
    }
    resolved
}

/// Whether a text is a value of a type. Lists and maps are not decided here.
pub(super) fn check(model: &Model, ty: &Type, text: &str, strict: bool) -> Result<(), String> {
    let ty = resolve(model, ty);
    let fits = match ty {
        Type::Int(_) | Type::DateTime(DateTimeFormat::UnixMs) => text.parse::<i64>().is_ok(),
        Type::Float | Type::DateTime(DateTimeFormat::Unix) => text.parse::<f64>().is_ok_and(f64::is_finite),
        Type::Decimal(_) => is_decimal(text),
        Type::Bool => matches!(text, "true" | "false"),
        Type::Date => text.parse::<jiff::civil::Date>().is_ok() && text.len() == "2024-05-31".len(),
        Type::DateTime(DateTimeFormat::Rfc3339) => text.parse::<jiff::Timestamp>().is_ok(),
        Type::Uuid => uuid::Uuid::parse_str(text).is_ok(),
        Type::Url => url::Url::parse(text).is_ok(),
        Type::Bytes => STANDARD.decode(text).is_ok(),
        Type::Named(id) => return check_enum(&model.definition(*id).shape, text, strict),
        Type::String | Type::Secret | Type::Json | Type::List(_) | Type::Map(_) => true,
    };
    if fits {
        Ok(())
    } else {
        Err(format!("expected {}", name(model, ty)))
    }
}

fn check_enum(shape: &Shape, text: &str, strict: bool) -> Result<(), String> {
    let Shape::Enum(variants) = shape else {
        return Ok(());
    };
    if !strict || variants.iter().any(|variant| variant.wire == text) {
        return Ok(());
    }
    let known: Vec<_> = variants.iter().map(|variant| format!("`{}`", variant.wire)).collect();
    Err(format!("expected one of {}", known.join(", ")))
}

/// Whether a text is a plain decimal, `-12.50`; no exponent.
pub(super) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

/// The JSON of a text of a type, if it is one.
pub(crate) fn to_json(model: &Model, ty: &Type, text: &str) -> Option<Value> {
    let ty = resolve(model, ty);
    check(model, ty, text, false).ok()?;
    match ty {
        Type::Int(NumberFormat::Number) | Type::DateTime(DateTimeFormat::UnixMs) => {
            text.parse::<i64>().ok().map(Value::from)
        }
        Type::Float | Type::Decimal(NumberFormat::Number) | Type::DateTime(DateTimeFormat::Unix) => {
            serde_json::from_str(text).ok()
        }
        Type::Bool => text.parse::<bool>().ok().map(Value::from),
        Type::List(_) | Type::Map(_) => None,
        _ => Some(Value::from(text)),
    }
}
