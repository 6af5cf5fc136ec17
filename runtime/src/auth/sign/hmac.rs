//! `hmac`: a keyed hash over parts of the request.

use super::{SignError, Signature, key, of_request, text::Words};
use crate::{HttpRequest, Signed, SignerOption};
use base64::{Engine, engine::general_purpose};
use ring::{digest, hmac};
use std::fmt::Write as _;

pub(super) fn sign(request: &HttpRequest, signed: &Signed, words: &Words<'_>) -> Result<Signature, SignError> {
    let word = |name: &str| {
        signed.options.iter().find_map(|(option, value)| match value {
            SignerOption::Text(text) if *option == name => Some(*text),
            _ => None,
        })
    };
    let missing = |name: &str| SignError::new(format!("the option `{name}` of the signer `hmac` has no value"));
    let filled = words.fill(word("key").ok_or_else(|| missing("key"))?, |_| None)?;
    let secret = filled.map(crate::Secret::new).ok_or_else(|| missing("key"))?;
    let bytes = key::shared(&secret, word("key_encoding").unwrap_or("text"))?;
    let key = hmac::Key::new(algorithm(word("algorithm").unwrap_or("sha256"))?, &bytes);
    let payload = payload(word("payload").ok_or_else(|| missing("payload"))?, request, words)?;
    let tag = hmac::sign(&key, &payload.ok_or_else(|| missing("payload"))?);
    Ok(Signature::new(encode(tag.as_ref(), word("encoding").unwrap_or("hex"))?))
}

fn algorithm(name: &str) -> Result<hmac::Algorithm, SignError> {
    match name {
        "sha256" => Ok(hmac::HMAC_SHA256),
        "sha384" => Ok(hmac::HMAC_SHA384),
        "sha512" => Ok(hmac::HMAC_SHA512),
        "sha1" => Ok(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        other => Err(SignError::new(format!("the signer `hmac` has no algorithm `{other}`"))),
    }
}

fn encode(tag: &[u8], encoding: &str) -> Result<String, SignError> {
    match encoding {
        "hex" => Ok(hex(tag)),
        "base64" => Ok(general_purpose::STANDARD.encode(tag)),
        "base64url" => Ok(general_purpose::URL_SAFE_NO_PAD.encode(tag)),
        other => Err(SignError::new(format!("the signer `hmac` has no encoding `{other}`"))),
    }
}

/// What is signed, in bytes: a body need not be text.
fn payload(template: &str, request: &HttpRequest, words: &Words<'_>) -> Result<Option<Vec<u8>>, SignError> {
    let mut payload = Vec::with_capacity(template.len() + request.body.len());
    let mut pieces = template.split("{body}");
    let Some(first) = pieces.next() else {
        return Ok(Some(payload));
    };
    for (at, piece) in std::iter::once(first).chain(pieces).enumerate() {
        if at > 0 {
            payload.extend_from_slice(&request.body);
        }
        let own = |word: &str| words.of_signing(word).or_else(|| of_request(request, word));
        match words.fill(piece, own)? {
            Some(text) => payload.extend_from_slice(text.as_bytes()),
            None => return Ok(None),
        }
    }
    Ok(Some(payload))
}

pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing into a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests;
