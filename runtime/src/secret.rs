//! Secrets.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{cell::Cell, fmt, sync::Arc};

/// What stands for a secret wherever it may not be seen.
const REDACTED: &str = "…";

thread_local! {
    static EXPOSING: Cell<bool> = const { Cell::new(false) };
}

/// A secret that never prints itself, and is wiped from memory when its last clone is dropped.
///
/// Its `Debug` and `Display` show `…`. So does its `Serialize`, except while a request body is being encoded: a model
/// that holds a secret can be logged as JSON without telling it. To store a secret, [`expose`](Self::expose) it.
#[derive(Clone, Default)]
pub struct Secret(Arc<SecretString>);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Arc::new(secret.into().into()))
    }

    /// The secret itself, for the request and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Runs `encode`, in which secrets serialize as themselves.
pub(crate) fn exposing<T>(encode: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            EXPOSING.set(self.0);
        }
    }
    let _restore = Restore(EXPOSING.replace(true));
    encode()
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_str(if EXPOSING.get() { self.expose() } else { REDACTED })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(SecretVisitor)
    }
}

struct SecretVisitor;

// The default methods of a visitor would quote the value in their error. These take any scalar.
impl de::Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::new(text))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Secret, E> {
        Ok(Secret::new(text))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Secret, E> {
        Ok(Secret::new(number.to_string()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Secret, E> {
        Ok(Secret::new(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::custom("a secret is a text, not a fraction"))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Secret, E> {
        Err(E::custom("a secret is a text, not a bool"))
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<Secret, E> {
        Err(E::custom("a secret is a text, not bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        let secret = Secret::from("hunter2");
        assert_eq!(format!("{secret:?} {secret} {secret:#?}"), "… … …");
        assert_eq!(secret.clone().expose(), "hunter2");
    }

    #[test]
    fn a_secret_serializes_as_itself_only_while_a_request_is_encoded() {
        let secret = Secret::from("hunter2");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"…\"");
        assert_eq!(exposing(|| serde_json::to_string(&secret).unwrap()), "\"hunter2\"");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"…\"");
    }

    #[test]
    fn a_panic_while_encoding_ends_the_exposure() {
        let caught = std::panic::catch_unwind(|| exposing(|| std::panic::resume_unwind(Box::new("stop"))));
        assert!(caught.is_err());
        assert_eq!(serde_json::to_string(&Secret::from("hunter2")).unwrap(), "\"…\"");
    }

    #[test]
    fn a_secret_that_cannot_be_read_is_not_quoted() {
        for json in ["7.25", "true", "[\"hunter2\"]", "{\"hunter2\":1}"] {
            let error = serde_json::from_str::<Secret>(json).unwrap_err().to_string();
            assert!(!error.contains("hunter2") && !error.contains("7.25"), "{error}");
        }
        assert_eq!(serde_json::from_str::<Secret>("12345").unwrap().expose(), "12345");
    }
}
