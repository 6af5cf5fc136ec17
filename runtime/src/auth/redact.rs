//! Texts without the secrets that some providers send back in them.

use crate::{Secret, TokenValue, request::percent_encode_query};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use url::form_urlencoded;

/// What stands for a secret.
const REDACTED: &str = "…";
/// Shorter ones are no secrets, and would eat up the text.
const SHORTEST: usize = 4;

/// A text in which none of these secrets stands, neither as it is nor as it travels.
pub(crate) fn redact(text: &str, values: &[&TokenValue], others: &[Secret]) -> String {
    let fields = values.iter().flat_map(|value| value.fields()).flatten().chain(others);
    let mut forms: Vec<String> = Vec::new();
    for secret in fields.map(Secret::expose).filter(|secret| secret.len() >= SHORTEST) {
        push_forms(&mut forms, secret);
    }
    for value in values {
        forms.extend(pairs(value));
    }
    // The longest first: one may hold another.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    let mut text = text.to_owned();
    for form in forms.iter().filter(|form| form.len() >= SHORTEST) {
        if text.contains(form.as_str()) {
            text = text.replace(form.as_str(), REDACTED);
        }
    }
    text
}

fn push_forms(forms: &mut Vec<String>, secret: &str) {
    forms.push(secret.to_owned());
    let percent = percent_encode_query(secret);
    forms.push(lower(&percent));
    forms.push(percent);
    forms.push(form_urlencoded::byte_serialize(secret.as_bytes()).collect());
    let json = serde_json::Value::from(secret).to_string();
    let inside = json.strip_prefix('"').and_then(|json| json.strip_suffix('"'));
    forms.extend(inside.map(str::to_owned));
    forms.extend(base64(secret));
}

/// `%2F` as `%2f`.
fn lower(percent: &str) -> String {
    let mut digits = 0;
    let lower = percent.chars().map(|c| {
        let is_digit = digits > 0;
        digits = if c == '%' { 2 } else { digits - i32::from(is_digit) };
        if is_digit { c.to_ascii_lowercase() } else { c }
    });
    lower.collect()
}

fn base64(text: &str) -> [String; 4] {
    [
        STANDARD.encode(text),
        URL_SAFE.encode(text),
        STANDARD_NO_PAD.encode(text),
        URL_SAFE_NO_PAD.encode(text),
    ]
}

/// Two fields as basic authentication has them.
fn pairs(value: &TokenValue) -> Vec<String> {
    let fields: Vec<&str> = value.fields().iter().flatten().map(Secret::expose).collect();
    let mut forms = Vec::new();
    for (at, first) in fields.iter().enumerate() {
        for (_, second) in fields.iter().enumerate().filter(|(other, _)| *other != at) {
            forms.extend(base64(&format!("{first}:{second}")));
            forms.push(super::grant::basic(first, second));
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldSpec, TokenSpec};

    const fn field(name: &'static str) -> FieldSpec {
        FieldSpec {
            name,
            env: &[],
            optional: false,
        }
    }

    static CLIENT: TokenSpec = TokenSpec {
        name: "machine",
        fields: &[field("client_id"), field("client_secret")],
        ..TokenSpec::DEFAULT
    };

    #[test]
    fn a_secret_is_found_in_every_form_in_which_it_travels() {
        let (id, secret) = ("fake-id/1", "fake+secret \"é\"");
        let value = TokenValue::new(&CLIENT, [Some(id.into()), Some(secret.into())]);
        let granted = Secret::new("granted/token==");
        let forms = [
            secret.to_owned(),
            "fake%2Bsecret%20%22%C3%A9%22".to_owned(),
            "fake%2bsecret%20%22%c3%a9%22".to_owned(),
            "fake%2Bsecret+%22%C3%A9%22".to_owned(),
            "fake+secret \\\"é\\\"".to_owned(),
            STANDARD.encode(secret),
            STANDARD.encode(format!("{id}:{secret}")),
            STANDARD.encode("fake-id%2F1:fake%2Bsecret+%22%C3%A9%22"),
            "granted%2Ftoken%3D%3D".to_owned(),
            "granted%2ftoken%3d%3d".to_owned(),
        ];
        for form in forms {
            let text = redact(&format!("<{form}>"), &[&value], std::slice::from_ref(&granted));
            assert_eq!(text, "<…>", "{form}");
        }
        assert_eq!(redact("nothing here", &[&value], &[granted]), "nothing here");
    }
}
