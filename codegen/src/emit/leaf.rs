//! The smallest pieces of output: names and literals.

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use std::time::Duration;

/// Words that cannot be identifiers.
const KEYWORDS: [&str; 53] = [
    "Self", "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// An identifier of exactly this text, or of the nearest that Rust allows.
pub(crate) fn name(text: &str) -> Ident {
    let mut allowed: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' })
        .collect();
    if !allowed.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        allowed.insert(0, '_');
    }
    if KEYWORDS.contains(&allowed.as_str()) {
        allowed.push('_');
    }
    Ident::new(&allowed, Span::call_site())
}

/// A method that sets a field. What `new`, `default` and `clone` are to everybody else they have to stay.
pub(crate) fn setter(field: &Ident) -> Ident {
    if ["clone", "default", "new"].iter().any(|taken| field == taken) {
        name(&format!("{field}_"))
    } else {
        field.clone()
    }
}

/// A function or module: `list_orders`.
pub(crate) fn snake(text: &str) -> Ident {
    name(&text.to_snake_case())
}

/// A type or variant: `ListOrders`.
pub(crate) fn camel(text: &str) -> Ident {
    name(&text.to_upper_camel_case())
}

/// A constant: `LIST_ORDERS`.
pub(crate) fn shouty(text: &str) -> Ident {
    name(&text.to_shouty_snake_case())
}

/// A whole number, with underscores where it is long.
pub(crate) fn number(value: u64) -> Literal {
    let digits = value.to_string();
    if digits.len() < 5 {
        return Literal::u64_unsuffixed(value);
    }
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped.parse().unwrap_or_else(|_| Literal::u64_unsuffixed(value))
}

/// A number with a fraction.
pub(crate) fn float(value: f64) -> Literal {
    Literal::f64_unsuffixed(if value.is_finite() { value } else { 0.0 })
}

/// `Some(…)` or `None`.
pub(crate) fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote! { Some(#value) },
        None => quote! { None },
    }
}

/// `Duration::from_secs(2)`, in the largest unit that fits.
pub(crate) fn duration(value: Duration) -> TokenStream {
    if value.is_zero() {
        return quote! { std::time::Duration::ZERO };
    }
    if value.subsec_nanos() == 0 {
        let seconds = value.as_secs();
        let (unit, count) = match seconds {
            _ if seconds.is_multiple_of(3600) => ("from_hours", seconds / 3600),
            _ if seconds.is_multiple_of(60) => ("from_mins", seconds / 60),
            _ => ("from_secs", seconds),
        };
        let (unit, count) = (name(unit), number(count));
        return quote! { std::time::Duration::#unit(#count) };
    }
    let millis = number(u64::try_from(value.as_millis()).unwrap_or(u64::MAX));
    quote! { std::time::Duration::from_millis(#millis) }
}

/// A constant of the descriptor, as an expression that is a parameter: JSON text of a scalar.
pub(crate) fn scalar(json: &str) -> TokenStream {
    if let Some(text) = unquote(json) {
        return quote! { #text };
    }
    match json {
        "true" => quote! { true },
        "false" => quote! { false },
        _ => match json.parse::<u64>() {
            Ok(value) => {
                let value = number(value);
                quote! { #value }
            }
            Err(_) => quote! { #json },
        },
    }
}

/// The text inside a JSON string; `None` for anything else.
pub(crate) fn unquote(json: &str) -> Option<String> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next()? {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'u' => {
                let code: String = rest.by_ref().take(4).collect();
                text.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
            }
            other => text.push(other),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_a_name() {
        for (text, expected) in [
            ("list", "list"),
            ("type", "type_"),
            ("3pl", "_3pl"),
            ("", "_"),
            ("ä-b", "__b"),
        ] {
            let expected = if expected == "_" { "__" } else { expected };
            assert_eq!(name(text).to_string(), expected);
        }
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(number(9999).to_string(), "9999");
        assert_eq!(number(8_388_608).to_string(), "8_388_608");
        assert_eq!(number(u64::MAX).to_string(), "18_446_744_073_709_551_615");
    }

    #[test]
    fn durations_take_the_largest_unit() {
        assert_eq!(
            duration(Duration::from_millis(500)).to_string(),
            "std :: time :: Duration :: from_millis (500)"
        );
        assert_eq!(
            duration(Duration::from_mins(5)).to_string(),
            "std :: time :: Duration :: from_mins (5)"
        );
    }

    #[test]
    fn constants_are_literals() {
        assert_eq!(scalar("\"a\\\"b\"").to_string(), r#""a\"b""#);
        assert_eq!(scalar("true").to_string(), "true");
        assert_eq!(scalar("2").to_string(), "2");
        assert_eq!(scalar("-1.5").to_string(), "\"-1.5\"");
    }
}
