//! Values as JSON text.

use crate::model::{DateTimeFormat, NumberFormat, Type};
use crate::syntax::Value;
use std::fmt::Write as _;

/// The value as JSON, numbers in the author's own characters.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(number),
        Value::Text(text) => write_text(text, out),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (at, (key, item)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() && control.is_ascii() => {
                // Writing into a `String` cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// The type that a value has by itself.
pub(super) fn type_of(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::Bool,
        Value::Number(number) if number.parse::<i64>().is_ok() => Type::Int(NumberFormat::Number),
        Value::Number(_) => Type::Float,
        Value::Text(_) => Type::String,
        Value::Null | Value::List(_) | Value::Map(_) => Type::Json,
    }
}

/// Whether a value can be one of a type, as far as its shape says. Models are not looked into.
pub(super) fn fits(value: &Value, ty: &Type) -> bool {
    match ty {
        Type::Json | Type::Named(_) => true,
        Type::String | Type::Secret | Type::Date | Type::Uuid | Type::Url | Type::Bytes => {
            matches!(value, Value::Text(_))
        }
        Type::DateTime(DateTimeFormat::Rfc3339) => matches!(value, Value::Text(_)),
        Type::Int(_) => match value {
            Value::Number(text) | Value::Text(text) => text.parse::<i64>().is_ok(),
            _ => false,
        },
        Type::DateTime(_) | Type::Float => matches!(value, Value::Number(_)),
        Type::Decimal(_) => match value {
            Value::Number(_) => true,
            Value::Text(text) => text.parse::<f64>().is_ok(),
            _ => false,
        },
        Type::Bool => matches!(value, Value::Bool(_)),
        Type::List(item) => match value {
            Value::List(items) => items.iter().all(|value| fits(value, item)),
            _ => false,
        },
        Type::Map(item) => match value {
            Value::Map(entries) => entries.iter().all(|(_, value)| fits(value, item)),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(text(&Value::Text("a\"\\\n\u{1}ü".into())), r#""a\"\\\n\u0001ü""#);
    }

    #[test]
    fn numbers_keep_their_characters() {
        assert_eq!(text(&Value::Number("12.50".into())), "12.50");
    }
}
