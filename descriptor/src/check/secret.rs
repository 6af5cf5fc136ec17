//! Secrets that stand in the file.

use super::Check;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::{Span, Spanned};
use crate::syntax::{self, Entries, Scheme, Value};

/// What the secrets of well-known providers begin with.
const PREFIXES: [&str; 18] = [
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "pk_live_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "shpat_",
    "whsec_",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
];

/// Fewer characters than this are too few to judge.
const LONG: usize = 32;

/// Whether a text looks like a secret.
pub(super) fn looks_secret(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || c == '=' || c == ':' || c == ',' || c == ';')
        .any(word_looks_secret)
}

fn word_looks_secret(word: &str) -> bool {
    if word.contains('{') {
        return false;
    }
    if PREFIXES
        .iter()
        .any(|prefix| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 8))
    {
        return true;
    }
    // A signed token: three parts, the first an object in base64.
    if word.starts_with("eyJ") && word.split('.').count() == 3 {
        return true;
    }
    if word.len() < LONG || !word.chars().all(|c| c.is_ascii_alphanumeric() || "+/_-".contains(c)) {
        return false;
    }
    let count = |wanted: fn(&char) -> bool| word.chars().filter(wanted).count();
    let digits = count(char::is_ascii_digit);
    let hex = word.chars().all(|c| c.is_ascii_hexdigit());
    let mixed = count(char::is_ascii_uppercase) >= 4 && count(char::is_ascii_lowercase) >= 4;
    digits >= 3 && (hex || mixed)
}

impl Check<'_> {
    /// Looks wherever a text of the file could be sent.
    pub(super) fn check_secrets(&mut self) {
        let descriptor = self.descriptor;
        let top = std::iter::once(&descriptor.settings);
        let resources = descriptor.resources.iter().map(|(_, resource)| &resource.settings);
        let operations = || {
            descriptor
                .resources
                .iter()
                .flat_map(|(_, resource)| resource.operations.iter().map(|(_, operation)| operation))
        };
        for settings in top
            .chain(resources)
            .chain(operations().map(|operation| &operation.settings))
        {
            if let Some(headers) = &settings.headers {
                self.refuse_secrets(&headers.value);
            }
        }
        for (_, scheme) in &descriptor.schemes {
            self.refuse_in_scheme(scheme);
        }
        for grant in descriptor.tokens.iter().filter_map(|(_, token)| token.grant.as_ref()) {
            self.refuse_secrets(&grant.params);
        }
        let defaults = descriptor
            .variables
            .iter()
            .filter_map(|(_, variable)| variable.default.as_ref());
        let environments = descriptor.environments.iter().map(|(_, environment)| environment);
        let urls = environments.flat_map(|environment| {
            environment
                .base_url
                .iter()
                .chain(environment.hosts.iter().map(|(_, url)| url))
        });
        for text in defaults.chain(urls) {
            self.refuse_secret(text, text.span);
        }
        if let Some(syntax::WebhookSignature::Signed(signature)) = descriptor
            .webhooks
            .as_ref()
            .and_then(|webhooks| webhooks.signature.as_ref())
        {
            let secret = signature.secret.iter().filter_map(|secret| secret.prefix.as_ref());
            for text in signature.prefix.iter().chain(&signature.payload).chain(secret) {
                self.refuse_secret(text, text.span);
            }
        }
        let params = operations()
            .flat_map(|operation| &operation.params)
            .filter_map(|(_, param)| param.const_.as_ref());
        let fields = descriptor
            .models
            .iter()
            .flat_map(|(_, model)| &model.fields)
            .filter_map(|(_, field)| field.const_.as_ref());
        for value in params.chain(fields) {
            self.refuse_in_value(&value.value, value.span);
        }
    }

    fn refuse_in_scheme(&mut self, scheme: &Scheme) {
        for entries in [&scheme.header, &scheme.query, &scheme.cookie, &scheme.body] {
            self.refuse_secrets(entries);
        }
        if let Some(basic) = &scheme.basic {
            for text in [&basic.username, &basic.password].into_iter().flatten() {
                self.refuse_secret(text, text.span);
            }
        }
        for (_, option) in scheme.signer.iter().flat_map(|signer| &signer.options) {
            self.refuse_in_value(&option.value, option.span);
        }
    }

    fn refuse_secrets(&mut self, entries: &Entries<Spanned<String>>) {
        for (_, text) in entries {
            self.refuse_secret(text, text.span);
        }
    }

    fn refuse_in_value(&mut self, value: &Value, span: Span) {
        match value {
            Value::Text(text) => self.refuse_secret(text, span),
            Value::List(items) => items
                .iter()
                .for_each(|item| self.refuse_in_value(&item.value, item.span)),
            Value::Map(entries) => entries
                .iter()
                .for_each(|(_, item)| self.refuse_in_value(&item.value, item.span)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn refuse_secret(&mut self, text: &str, span: Span) {
        if looks_secret(text) {
            self.push(
                Diagnostic::new(Code::SecretInFile, span, "this looks like a secret")
                    .label("would be sent, and is read by whoever reads this file")
                    .note("if it was ever committed, revoke it")
                    .help("make it a field of a token, or a variable, and read it from the environment"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_looks() {
        for text in [
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            "9f86d081884c7d659a2feaa0c55ad015",
            "token=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY42",
        ] {
            assert!(looks_secret(text), "{text}");
        }
    }

    #[test]
    fn ordinary_texts_are_left_alone() {
        for text in [
            "2",
            "2026-10",
            "application/vnd.github.raw+json",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "DynamoDB_20120810.ListTables",
            "query($after: String) { orders { nodes { id } } }",
            "https://api.flexport.com",
            "Bearer {token}",
            "a-rather-long-name-of-something-or-other-2026",
            "550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert!(!looks_secret(text), "{text}");
        }
    }
}
