//! `jwt`: a signed JSON Web Token (RFC 7519), kept until shortly before it expires.

use super::{FilledOption, SignError, Signature, key, of_request, text::Words};
use crate::{HttpRequest, Secret, Signed, SignerOption, limit::Fingerprint};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, RsaEncoding, RsaKeyPair},
};
use rustls_pki_types::PrivateKeyDer;
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Where there are more, those that have expired are dropped.
const MANY: usize = 1024;

/// The tokens that are still good: by scheme and by the value of the token that signs. Each has a lock of its own, so
/// that an expired one is signed once, and nobody waits for somebody else's.
#[derive(Default)]
pub(super) struct Kept(Mutex<HashMap<(usize, Fingerprint), Slot>>);

type Slot = Arc<Mutex<Option<Jwt>>>;

struct Jwt {
    text: Secret,
    since: i64,
    /// Shortly before it expires.
    until: i64,
}

pub(super) fn sign(
    kept: &Kept,
    request: &HttpRequest,
    signed: &'static Signed,
    words: &Words<'_>,
    now: Timestamp,
) -> Result<Signature, SignError> {
    let now = now.as_second();
    if is_about_request(signed) {
        return Ok(Signature::new(issue(request, signed, words, now)?.text));
    }
    let slot = kept.slot(signed, words, now);
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(jwt) = slot.as_ref().filter(|jwt| (jwt.since..jwt.until).contains(&now)) {
        return Ok(Signature::new(jwt.text.clone()));
    }
    let jwt = issue(request, signed, words, now)?;
    let signature = Signature::new(jwt.text.clone());
    *slot = Some(jwt);
    Ok(signature)
}

impl Kept {
    fn slot(&self, signed: &'static Signed, words: &Words<'_>, now: i64) -> Slot {
        let key = (std::ptr::from_ref(signed).addr(), Fingerprint::of_token(words.token));
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MANY && !slots.contains_key(&key) {
            let is_good = |slot: &Slot| match slot.try_lock() {
                Ok(jwt) => jwt.as_ref().is_some_and(|jwt| now < jwt.until),
                // Somebody is at it.
                Err(_) => true,
            };
            slots.retain(|_, slot| is_good(slot));
        }
        Arc::clone(slots.entry(key).or_default())
    }
}

/// Whether each request needs a token of its own.
fn is_about_request(signed: &Signed) -> bool {
    // Not `{timestamp}`: the time of issue changes with the token, and not with the request.
    const HOLES: [&str; 6] = ["{method}", "{host}", "{path}", "{query}", "{body_sha256}", "{nonce}"];
    signed.options.iter().any(|(_, option)| {
        let (SignerOption::Text(text) | SignerOption::Json(text)) = option;
        HOLES.iter().any(|hole| text.contains(hole))
    })
}

/// What the options say.
#[derive(Default)]
struct Told {
    algorithm: String,
    key: Option<Secret>,
    key_encoding: String,
    key_id: Option<String>,
    lifetime: i64,
    skew: Option<i64>,
    claims: Map<String, Value>,
    header: Map<String, Value>,
}

fn issue(request: &HttpRequest, signed: &Signed, words: &Words<'_>, now: i64) -> Result<Jwt, SignError> {
    let lifetime = signed.options.iter().find_map(|(name, option)| match option {
        SignerOption::Json(text) if *name == "lifetime" => text.parse().ok(),
        _ => None,
    });
    let mut told = Told {
        lifetime: lifetime.unwrap_or(0),
        ..Told::default()
    };
    let skew = signed.options.iter().find_map(|(name, option)| match option {
        SignerOption::Json(text) if *name == "skew" => text.parse().ok(),
        _ => None,
    });
    // Clocks differ; a token from the future is refused by most, so it is dated back a little.
    let skew = skew.unwrap_or_else(|| (told.lifetime / 10).min(60));
    told.skew = Some(skew);
    let issued = now - skew;
    let expires = issued.saturating_add(told.lifetime);
    read_options(&mut told, request, signed, words, issued)?;
    told.claims.insert("iat".to_owned(), issued.into());
    told.claims.insert("exp".to_owned(), expires.into());
    let input = format!("{}.{}", part(&header(&told)), part(&Value::Object(told.claims.clone())));
    let missing = || SignError::new("the option `key` of the signer `jwt` has no value");
    let key = told.key.as_ref().ok_or_else(missing)?;
    let signature = sign_input(&told.algorithm, key, &told.key_encoding, input.as_bytes())?;
    let margin = (told.lifetime / 10).clamp(1, 60);
    Ok(Jwt {
        text: Secret::new(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))),
        since: now,
        until: expires - margin,
    })
}

fn read_options(
    told: &mut Told,
    request: &HttpRequest,
    signed: &Signed,
    words: &Words<'_>,
    issued: i64,
) -> Result<(), SignError> {
    let of_request = |word: &str| match word {
        "timestamp" => Some(issued.to_string()),
        "nonce" => words.of_signing(word),
        _ => of_request(request, word),
    };
    for (name, option) in signed.options {
        let claim = name.strip_prefix("claims.");
        let header = name.strip_prefix("header.");
        let in_map = claim.is_some() || header.is_some();
        let filled = words.option(option, in_map.then_some(&of_request))?;
        let Some(filled) = filled else {
            continue;
        };
        let value = match (&filled, option) {
            // Alone, it is a date as the standard has them.
            (_, SignerOption::Text("{timestamp}")) if in_map => issued.into(),
            (FilledOption::Text(text), _) => Value::String(text.expose().to_owned()),
            (FilledOption::Json(json), _) => json.clone(),
        };
        match (name, claim, header, filled) {
            (_, Some(claim), ..) => _ = told.claims.insert(claim.to_owned(), value),
            (_, _, Some(header), _) => _ = told.header.insert(header.to_owned(), value),
            (&"algorithm", .., FilledOption::Text(text)) => text.expose().clone_into(&mut told.algorithm),
            (&"key_encoding", .., FilledOption::Text(text)) => text.expose().clone_into(&mut told.key_encoding),
            (&"key_id", .., FilledOption::Text(text)) => told.key_id = Some(text.expose().to_owned()),
            (&"key", .., FilledOption::Text(text)) => told.key = Some(text),
            _ => {}
        }
    }
    Ok(())
}

fn header(told: &Told) -> Value {
    let mut header = Map::new();
    header.insert("typ".to_owned(), "JWT".into());
    if let Some(key_id) = &told.key_id {
        header.insert("kid".to_owned(), key_id.as_str().into());
    }
    header.extend(told.header.clone());
    header.insert("alg".to_owned(), told.algorithm.as_str().into());
    Value::Object(header)
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The signature over the encoded header and claims.
pub(super) fn sign_input(
    algorithm: &str,
    key: &Secret,
    key_encoding: &str,
    input: &[u8],
) -> Result<Vec<u8>, SignError> {
    let with_shared = |hash: hmac::Algorithm| {
        let key = hmac::Key::new(hash, &key::shared(key, key_encoding)?);
        Ok(hmac::sign(&key, input).as_ref().to_vec())
    };
    let with_rsa = |padding: &'static dyn RsaEncoding| sign_rsa(algorithm, &key::private(key)?, padding, input);
    let with_curve = |curve: &Curve| sign_ecdsa(algorithm, &key::private(key)?, curve, input);
    match algorithm {
        "HS256" => with_shared(hmac::HMAC_SHA256),
        "HS384" => with_shared(hmac::HMAC_SHA384),
        "HS512" => with_shared(hmac::HMAC_SHA512),
        "RS256" => with_rsa(&signature::RSA_PKCS1_SHA256),
        "RS384" => with_rsa(&signature::RSA_PKCS1_SHA384),
        "RS512" => with_rsa(&signature::RSA_PKCS1_SHA512),
        "PS256" => with_rsa(&signature::RSA_PSS_SHA256),
        "PS384" => with_rsa(&signature::RSA_PSS_SHA384),
        "PS512" => with_rsa(&signature::RSA_PSS_SHA512),
        "ES256" => with_curve(&P256),
        "ES384" => with_curve(&P384),
        "EdDSA" => sign_ed25519(&key::private(key)?, input),
        other => Err(SignError::new(format!("the signer `jwt` has no algorithm `{other}`"))),
    }
}

struct Curve {
    signing: &'static EcdsaSigningAlgorithm,
    /// The object identifier of the curve, in DER.
    id: &'static [u8],
}

const P256: Curve = Curve {
    signing: &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
    id: &[0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07],
};

const P384: Curve = Curve {
    signing: &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
    id: &[0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22],
};

fn unfit(algorithm: &str, why: impl std::fmt::Display) -> SignError {
    SignError::new(format!("the key cannot sign by `{algorithm}`: {why}"))
}

fn sign_rsa(
    algorithm: &str,
    key: &PrivateKeyDer<'_>,
    padding: &'static dyn RsaEncoding,
    input: &[u8],
) -> Result<Vec<u8>, SignError> {
    let pair = match key {
        PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
        _ => return Err(unfit(algorithm, "it is none of RSA")),
    };
    let pair = pair.map_err(|error| unfit(algorithm, error))?;
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(padding, &SystemRandom::new(), input, &mut signature)
        .map_err(|_| unfit(algorithm, "signing failed"))?;
    Ok(signature)
}

fn sign_ecdsa(algorithm: &str, key: &PrivateKeyDer<'_>, curve: &Curve, input: &[u8]) -> Result<Vec<u8>, SignError> {
    let random = SystemRandom::new();
    let pair = match key {
        PrivateKeyDer::Pkcs8(der) => EcdsaKeyPair::from_pkcs8(curve.signing, der.secret_pkcs8_der(), &random),
        PrivateKeyDer::Sec1(der) => {
            let wrapped = key::wrap_sec1(der.secret_sec1_der(), curve.id);
            let wrapped = wrapped.ok_or_else(|| unfit(algorithm, "it is too long"))?;
            EcdsaKeyPair::from_pkcs8(curve.signing, &wrapped, &random)
        }
        _ => return Err(unfit(algorithm, "it is none of an elliptic curve")),
    };
    let pair = pair.map_err(|error| unfit(algorithm, error))?;
    let signature = pair.sign(&random, input);
    Ok(signature
        .map_err(|_| unfit(algorithm, "signing failed"))?
        .as_ref()
        .to_vec())
}

fn sign_ed25519(key: &PrivateKeyDer<'_>, input: &[u8]) -> Result<Vec<u8>, SignError> {
    let PrivateKeyDer::Pkcs8(der) = key else {
        return Err(unfit("EdDSA", "it is none of Ed25519"));
    };
    // Most tools leave the public half out, which is then not compared.
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der());
    let pair = pair.map_err(|error| unfit("EdDSA", error))?;
    Ok(pair.sign(input).as_ref().to_vec())
}

#[cfg(test)]
mod tests;
