//! What the holes of a scheme's templates are filled with.

use super::{FilledOption, SignError};
use crate::{Secret, SignerOption, TokenValue, address::Address};
use serde_json::Value;

/// What every hole may name: fields of the token, variables, and when the request is signed.
pub(super) struct Words<'a> {
    pub(super) token: &'a TokenValue,
    pub(super) address: &'a Address,
    pub(super) timestamp: &'a str,
    pub(super) nonce: &'a str,
}

/// Parts of the request, for the templates that may hold them.
pub(super) type OfRequest<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Words<'_> {
    /// The time and the number of this signing.
    pub(super) fn of_signing(&self, word: &str) -> Option<String> {
        match word {
            "timestamp" => Some(self.timestamp.to_owned()),
            "nonce" => Some(self.nonce.to_owned()),
            _ => None,
        }
    }

    /// The value of a hole: `None` where it names an optional field that is not set.
    fn word(&self, name: &str) -> Result<Option<String>, SignError> {
        if let Some(secret) = self.token.field(name) {
            return Ok(Some(secret.expose().to_owned()));
        }
        if super::super::is_optional(self.token, name) {
            return Ok(None);
        }
        match self.address.variable(name) {
            Some(value) => Ok(Some(value.to_owned())),
            None => Err(SignError::new(format!(
                "`{name}` is no field of the token that has a value, and no variable that has one"
            ))),
        }
    }

    /// Fills a template, `own` words first; `None` where an optional field is not set.
    pub(super) fn fill(
        &self,
        template: &str,
        own: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<String>, SignError> {
        let filled = crate::address::fill(template, |name| match own(name) {
            Some(value) => Ok(value),
            None => self.word(name).map_err(Some)?.ok_or(None),
        });
        match filled {
            Ok(text) => Ok(Some(text)),
            Err(None) => Ok(None),
            Err(Some(error)) => Err(error),
        }
    }

    /// An option with its holes filled; `None` where an optional field is not set.
    pub(super) fn option(
        &self,
        option: &SignerOption,
        of_request: Option<OfRequest<'_>>,
    ) -> Result<Option<FilledOption>, SignError> {
        let own = |word: &str| of_request.and_then(|of_request| of_request(word));
        match option {
            SignerOption::Text(template) => {
                let filled = self.fill(template, own)?;
                Ok(filled.map(|text| FilledOption::Text(Secret::new(text))))
            }
            SignerOption::Json(json) => {
                let mut value: Value = serde_json::from_str(json).map_err(|_| {
                    SignError::new("an option of the signer is no JSON; help: generate the client anew")
                })?;
                self.fill_texts(&mut value, &own)?;
                Ok(Some(FilledOption::Json(value)))
            }
        }
    }

    /// A text inside of a value whose optional field is not set becomes null.
    fn fill_texts(&self, value: &mut Value, own: &dyn Fn(&str) -> Option<String>) -> Result<(), SignError> {
        match value {
            Value::String(text) => {
                *value = self.fill(text, own)?.map_or(Value::Null, Value::String);
            }
            Value::Array(items) => {
                for item in items {
                    self.fill_texts(item, own)?;
                }
            }
            Value::Object(entries) => {
                for (_, item) in entries {
                    self.fill_texts(item, own)?;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        Ok(())
    }
}
