//! Whether a signature is the provider's.

use super::{
    Body, ReceivedHeaders, WebhookError, encoding,
    error::SecretError,
    received::{header, value},
    time,
};
use crate::{Encoding, Place, Secret, SignatureSpec, SignedPart, Source};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

/// More signatures than this in one header are no rotation.
const MOST: usize = 32;

/// The bytes of SHA-256.
const LENGTH: usize = 32;

/// A shared secret, decoded. It is wiped from memory when it is dropped.
pub(super) struct Key(SecretSlice<u8>);

impl Key {
    pub(super) fn read(spec: &SignatureSpec, secret: &Secret) -> Result<Self, SecretError> {
        let text = secret.expose();
        let Some(rest) = text.strip_prefix(spec.secret_prefix) else {
            return Err(match text {
                "" => SecretError::Empty,
                _ => SecretError::Prefix(spec.secret_prefix),
            });
        };
        let key = match spec.secret_encoding {
            Some(encoding) => encoding::decode(encoding, rest).ok_or(SecretError::Encoding(encoding))?,
            None => rest.as_bytes().to_vec(),
        };
        if key.is_empty() {
            return Err(SecretError::Empty);
        }
        Ok(Self(key.into()))
    }
}

/// What a signature says beside the body.
#[derive(Default)]
pub(super) struct Seal {
    pub(super) id: Option<String>,
    pub(super) timestamp: Option<Timestamp>,
}

/// Verifies, and reads the id and the time.
pub(super) fn verify(
    spec: &SignatureSpec,
    keys: &[Key],
    headers: &(impl ReceivedHeaders + ?Sized),
    body: &Body,
) -> Result<Seal, WebhookError> {
    let text = header(headers, spec.header)?.ok_or_else(|| WebhookError::missing_signature(spec.header))?;
    let signatures = signatures(spec, &text)?;
    let id = signed(spec.payload, SignedPart::Id, spec.id.as_ref(), headers)?;
    let time = signed(spec.payload, SignedPart::Timestamp, spec.timestamp.as_ref(), headers)?;
    let mut matches = false;
    for key in keys {
        let mac = authenticate(spec, key, id.as_deref(), time.as_deref(), body)?;
        for signature in &signatures {
            // No end at the first that fits: how long it takes tells nothing.
            matches |= mac.clone().verify_slice(signature).is_ok();
        }
    }
    if !matches {
        return Err(WebhookError::mismatch());
    }
    seal(spec, id, time, headers, body)
}

/// The signatures in a header, of which any may match.
fn signatures(spec: &SignatureSpec, text: &str) -> Result<Vec<[u8; LENGTH]>, WebhookError> {
    let parts: Vec<&str> = match spec.split {
        Some(split) => text.split(split).map(str::trim).collect(),
        None => vec![text],
    };
    let header = spec.header;
    let own: Vec<&str> = parts.iter().filter_map(|part| part.strip_prefix(spec.prefix)).collect();
    if text.is_empty() {
        return Err(WebhookError::malformed(format!("the header `{header}` is empty")));
    }
    if own.is_empty() {
        let prefix = spec.prefix;
        return Err(WebhookError::malformed(format!(
            "the header `{header}` holds no signature that begins with `{prefix}`"
        )));
    }
    if own.len() > MOST {
        return Err(WebhookError::malformed(format!(
            "the header `{header}` holds more than {MOST} signatures"
        )));
    }
    let decoded = own
        .into_iter()
        .filter_map(|part| <[u8; LENGTH]>::try_from(encoding::decode(spec.encoding, part)?).ok());
    let decoded: Vec<_> = decoded.collect();
    if decoded.is_empty() {
        let written = match spec.encoding {
            Encoding::Hex => "hexadecimal",
            Encoding::Base64 => "base64",
        };
        return Err(WebhookError::malformed(format!(
            "the signature in `{header}` is not {LENGTH} bytes in {written}"
        )));
    }
    Ok(decoded)
}

/// A part of what is signed, as it was sent; `None` where it is not signed.
fn signed(
    payload: &[SignedPart],
    part: SignedPart,
    place: Option<&Place>,
    headers: &(impl ReceivedHeaders + ?Sized),
) -> Result<Option<String>, WebhookError> {
    let (true, Some(place)) = (payload.contains(&part), place) else {
        return Ok(None);
    };
    // The descriptor's check allows a header only: the body is not read yet.
    let Source::Header(name) = place.source else {
        return Ok(None);
    };
    match value(headers, &Body::new(bytes::Bytes::new()), place)? {
        Some(text) => Ok(Some(text)),
        None if place.pattern.is_some() && header(headers, name)?.is_some() => Err(WebhookError::malformed(format!(
            "the header `{name}` does not hold what is signed"
        ))),
        None => Err(WebhookError::missing(name)),
    }
}

fn authenticate(
    spec: &SignatureSpec,
    key: &Key,
    id: Option<&str>,
    time: Option<&str>,
    body: &Body,
) -> Result<Hmac<Sha256>, WebhookError> {
    // A key of any length will do.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.0.expose_secret()).map_err(|_| WebhookError::mismatch())?;
    for part in spec.payload {
        match part {
            SignedPart::Text(text) => mac.update(text.as_bytes()),
            SignedPart::Id => mac.update(id.unwrap_or_default().as_bytes()),
            SignedPart::Timestamp => mac.update(time.unwrap_or_default().as_bytes()),
            SignedPart::Body => mac.update(body.bytes()),
        }
    }
    Ok(mac)
}

/// The id and the time, now that the body may be read for them.
fn seal(
    spec: &SignatureSpec,
    id: Option<String>,
    time: Option<String>,
    headers: &(impl ReceivedHeaders + ?Sized),
    body: &Body,
) -> Result<Seal, WebhookError> {
    let read = |known: Option<String>, place: Option<&Place>| match (known, place) {
        (None, Some(place)) => value(headers, body, place),
        (known, _) => Ok(known),
    };
    let id = read(id, spec.id.as_ref())?;
    let time = read(time, spec.timestamp.as_ref())?;
    let formats = spec.timestamp.map_or(&[][..], |place| place.formats);
    let timestamp = match &time {
        Some(text) => Some(
            time::parse(text, formats)
                .ok_or_else(|| WebhookError::malformed("the time of the delivery cannot be read".to_owned()))?,
        ),
        // A delivery that leaves out a time that counts would be young for ever.
        None if spec.tolerance.is_some() => {
            return Err(WebhookError::malformed(
                "the delivery does not say when it was sent".to_owned(),
            ));
        }
        None => None,
    };
    Ok(Seal { id, timestamp })
}
