//! The body of a call.

use crate::{
    DecodeError, Path,
    format::{Format, Seed},
    json, place,
    reply::{PlainSeed, parse, utf8, whole},
};
use bytes::Bytes;
use serde::de::{DeserializeOwned, DeserializeSeed};
use std::fmt;

/// The body of a call, as it travelled.
pub struct Body(Bytes);

impl Body {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.0
    }

    /// What was sent.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// Reads it as JSON.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        self.read(PlainSeed::new())
    }

    /// Reads it as JSON by a format.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn json_as<F: Format<T>, T>(&self) -> Result<T, DecodeError> {
        self.read(Seed::<F, T>::new())
    }

    /// That it does not say what happened.
    #[must_use]
    pub fn nameless(&self) -> DecodeError {
        DecodeError::new("there is no name of an event where the descriptor says".to_owned())
    }

    fn read<T, S: for<'de> DeserializeSeed<'de, Value = T>>(&self, seed: S) -> Result<T, DecodeError> {
        let text = utf8(&self.0)?;
        parse(text, text, seed)
    }

    /// The text or number at a path; `None` where there is none.
    pub(super) fn scalar(&self, path: Path) -> Result<Option<String>, DecodeError> {
        let text = utf8(&self.0)?;
        let found = json::find(whole(text)?, path.0);
        let value = found.first().map(|value| parse(text, value.get(), PlainSeed::new()));
        Ok(value.transpose()?.as_ref().and_then(place::scalar))
    }
}

/// Without what it holds.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}
