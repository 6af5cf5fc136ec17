//! Names that tell nothing, from a key that only the processes know.

use crate::Secret;
use ring::{aead, hkdf, hmac};

const SHORTEST: usize = 16;

/// What is made from the caller's key: one key for names, one for what is encrypted.
pub(crate) struct Keys {
    names: hmac::Key,
    seal: aead::LessSafeKey,
}

/// A name in the making. Each part is preceded by its length, so that no two lists of parts are one text.
pub(crate) struct Naming(hmac::Context);

impl Keys {
    /// `None` if the key is too short to be one.
    pub(crate) fn new(key: &Secret) -> Option<Self> {
        let key = key.expose().as_bytes();
        if key.len() < SHORTEST {
            return None;
        }
        let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, b"tollgate redis 1").extract(key);
        let seal = secret.expand(&[b"tokens"], &aead::CHACHA20_POLY1305).ok()?;
        Some(Self {
            names: secret.expand(&[b"names"], hmac::HMAC_SHA256).ok()?.into(),
            seal: aead::LessSafeKey::new(seal.into()),
        })
    }

    pub(crate) fn naming(&self) -> Naming {
        Naming(hmac::Context::with_key(&self.names))
    }

    /// One for all names, so that they share a cluster's slot.
    pub(crate) fn slot(&self) -> String {
        let mut name = self.naming().part(b"slot").finish();
        name.truncate(8);
        name
    }

    pub(super) fn sealing(&self) -> &aead::LessSafeKey {
        &self.seal
    }
}

impl Naming {
    pub(crate) fn part(mut self, part: &[u8]) -> Self {
        self.0.update(&part.len().to_be_bytes());
        self.0.update(part);
        self
    }

    /// 128 bits of the hash, in hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        let tag = self.0.sign();
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
        let bytes = tag.as_ref().iter().take(16);
        bytes.flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(key: &str) -> Keys {
        Keys::new(&Secret::from(key)).unwrap()
    }

    #[test]
    fn names_differ_by_key_and_by_where_a_part_ends() {
        let (one, other) = (keys("0123456789abcdef"), keys("0123456789abcdeg"));
        let name = |keys: &Keys, parts: &[&str]| {
            let naming = parts
                .iter()
                .fold(keys.naming(), |name, part| name.part(part.as_bytes()));
            naming.finish()
        };
        assert_eq!(name(&one, &["ab", "c"]), name(&one, &["ab", "c"]));
        assert_ne!(name(&one, &["ab", "c"]), name(&one, &["a", "bc"]));
        assert_ne!(name(&one, &["ab", "c"]), name(&other, &["ab", "c"]));
        assert_eq!(name(&one, &[]).len(), 32);
    }

    #[test]
    fn a_short_key_is_none() {
        assert!(Keys::new(&Secret::from("0123456789abcde")).is_none());
    }
}
