//! Keyed hashes, and what they are made over.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::{digest, hmac};
use std::fmt::Write as _;
use tollgate_descriptor::model::{Template, TemplatePart};

/// How far the clock of a client may be off.
const TOLERANCE: i64 = 300;

/// A template in bytes; `None` where a hole has no value.
pub(super) fn fill(template: &Template, known: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut filled = Vec::new();
    for part in &template.0 {
        match part {
            TemplatePart::Text(text) => filled.extend_from_slice(text.as_bytes()),
            TemplatePart::Hole(name) => filled.extend(known(name)?),
        }
    }
    Some(filled)
}

pub(super) fn verify(algorithm: &str, key: &[u8], payload: &[u8], encoding: &str, signature: &str) -> bool {
    let algorithm = match algorithm {
        "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "sha384" => hmac::HMAC_SHA384,
        "sha512" => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    };
    let tag = match encoding {
        "base64" => STANDARD.decode(signature).ok(),
        "base64url" => URL_SAFE_NO_PAD.decode(signature).ok(),
        _ => unhex(signature),
    };
    let key = hmac::Key::new(algorithm, key);
    tag.is_some_and(|tag| hmac::verify(&key, payload, &tag).is_ok())
}

/// Whether a time is near enough. Times in words are left to the provider.
pub(super) fn check_time(format: &str, shown: Option<&String>) -> Result<(), String> {
    let Some(shown) = shown else {
        return Ok(());
    };
    let seconds = match format {
        "unix" => shown.parse::<i64>().ok(),
        "unix_ms" => shown.parse::<i64>().ok().map(|millis| millis / 1000),
        _ => return Ok(()),
    };
    let seconds = seconds.ok_or_else(|| format!("`{shown}` is no time in the format `{format}`"))?;
    let off = jiff::Timestamp::now().as_second().abs_diff(seconds);
    if off > TOLERANCE.unsigned_abs() {
        return Err(format!("the request was signed {off} seconds from now"));
    }
    Ok(())
}

pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let starts = (0..text.len()).step_by(2);
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    starts.map(byte).collect()
}
