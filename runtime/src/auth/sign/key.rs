//! Keys, read from what a token's field holds. Errors say what is wrong with a key, and nothing of it.

use super::SignError;
use crate::Secret;
use base64::{Engine, engine::general_purpose};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};

/// The bytes of a shared secret.
pub(super) fn shared(key: &Secret, encoding: &str) -> Result<Vec<u8>, SignError> {
    let text = key.expose();
    let trimmed = text.trim();
    match encoding {
        "base64" => {
            let standard = general_purpose::STANDARD_NO_PAD.decode(trimmed.trim_end_matches('='));
            let url_safe = || general_purpose::URL_SAFE_NO_PAD.decode(trimmed.trim_end_matches('='));
            standard
                .or_else(|_| url_safe())
                .map_err(|_| SignError::new("the key is not base64, as the scheme says; help: copy all of it"))
        }
        "hex" => {
            unhex(trimmed).ok_or_else(|| SignError::new("the key is not hex, as the scheme says; help: copy all of it"))
        }
        _ => Ok(text.as_bytes().to_vec()),
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    rest.is_empty().then(|| pairs.iter().map(byte).collect()).flatten()
}

/// A private key in PEM. Variables of the environment often hold `\n` where the file has a line break.
pub(super) fn private(key: &Secret) -> Result<PrivateKeyDer<'static>, SignError> {
    let text = key.expose().replace("\\n", "\n");
    let text = zeroize(text);
    PrivateKeyDer::from_pem_slice(text.expose().trim().as_bytes()).map_err(|_| {
        SignError::new(
            "the key is no private key in PEM; help: it begins with `-----BEGIN PRIVATE KEY-----` (or `RSA` or `EC` in \
             it), is not encrypted, and has its line breaks, or `\\n` for each",
        )
    })
}

/// A copy that is wiped when it is dropped.
fn zeroize(text: String) -> Secret {
    Secret::new(text)
}

/// A key of an elliptic curve in the older form (SEC1), wrapped into the newer one (PKCS#8): the curve is said outside.
pub(super) fn wrap_sec1(sec1: &[u8], curve: &[u8]) -> Option<Vec<u8>> {
    const EC_PUBLIC_KEY: [u8; 9] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
    let mut algorithm = EC_PUBLIC_KEY.to_vec();
    algorithm.extend_from_slice(curve);
    let mut inner = vec![0x02, 0x01, 0x00];
    inner.extend(tagged(0x30, &algorithm)?);
    inner.extend(tagged(0x04, sec1)?);
    tagged(0x30, &inner)
}

/// DER: tag, length, value.
fn tagged(tag: u8, value: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![tag];
    match u8::try_from(value.len()) {
        Ok(length) if length < 0x80 => out.push(length),
        Ok(length) => out.extend([0x81, length]),
        Err(_) => {
            let [high, low] = u16::try_from(value.len()).ok()?.to_be_bytes();
            out.extend([0x82, high, low]);
        }
    }
    out.extend_from_slice(value);
    Some(out)
}
