//! JSON Web Tokens.

use super::{Fields, Keyring, Owner, hole, of_request, option, word};
use crate::arrival::Arrival;
use crate::auth::carrier;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Map, Value};
use tollgate_descriptor::model::{Signed, SignerOption, Template, TemplatePart, Token};

/// How far the clock of a client may be off.
const TOLERANCE: i64 = 60;

const RSA: &str = include_str!("keys/rfc7515-a2.pkcs8.pem");
const P256: &str = include_str!("keys/rfc7515-a3.pkcs8.pem");
const P384: &str = include_str!("keys/made-up-p384.pkcs8.pem");
const ED25519: &str = include_str!("keys/made-up-ed25519.pkcs8.pem");

/// The private key of every test token that signs with this algorithm; `None` where it has a shared one.
pub(super) fn private_key(algorithm: &str) -> Option<&'static str> {
    match algorithm {
        "ES256" => Some(P256),
        "ES384" => Some(P384),
        "EdDSA" => Some(ED25519),
        other if other.starts_with("HS") => None,
        _ => Some(RSA),
    }
}

impl Keyring {
    pub(super) fn jwt(
        &self,
        token: &Token,
        signed: &Signed,
        arrival: &Arrival,
        seen: &[(String, String)],
    ) -> Result<Owner, String> {
        let jwt = hole(seen, "signature").ok_or("the request carries no JWT")?;
        let wrong = |what: &str| format!("the JWT is not good: {what}");
        let (input, signature) = jwt.rsplit_once('.').ok_or_else(|| wrong("it has not three parts"))?;
        let (header, claims) = input.split_once('.').ok_or_else(|| wrong("it has not three parts"))?;
        let (header, claims) = (object(header), object(claims));
        let (Some(header), Some(claims)) = (header, claims) else {
            return Err(wrong("its header or its claims are no JSON object"));
        };
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| wrong("its signature is not base64url"))?;
        let algorithm = word(signed, "algorithm").unwrap_or_default();
        if header.get("alg").and_then(Value::as_str) != Some(algorithm) {
            return Err(wrong(&format!("its algorithm is not `{algorithm}`")));
        }
        let mut fields: Fields = seen.to_vec();
        fields.extend(read_claims(signed, &header, &claims, arrival)?);
        check_times(&claims).map_err(|what| wrong(&what))?;
        let told = self.told(token, &fields)?;
        if let Some(pem) = private_key(algorithm) {
            let good = verify(algorithm, pem, input.as_bytes(), &signature);
            return good
                .then(|| told.unwrap_or((None, 1)))
                .ok_or_else(|| wrong("its signature is none of the test key"));
        }
        let candidates = told.map_or_else(|| self.candidates(token), |owner| vec![owner]);
        let hash = match algorithm {
            "HS384" => hmac::HMAC_SHA384,
            "HS512" => hmac::HMAC_SHA512,
            _ => hmac::HMAC_SHA256,
        };
        let is_good = |owner: &Owner| {
            let key = self.shared_key(token, signed, owner);
            key.is_some_and(|key| hmac::verify(&hmac::Key::new(hash, &key), input.as_bytes(), &signature).is_ok())
        };
        let found = candidates.into_iter().find(is_good);
        found.ok_or_else(|| wrong("its signature is none of a test token"))
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn check_times(claims: &Map<String, Value>) -> Result<(), String> {
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    let (Some(issued), Some(expires)) = (time("iat"), time("exp")) else {
        return Err("`iat` or `exp` is missing".to_owned());
    };
    let now = jiff::Timestamp::now().as_second();
    if issued > now + TOLERANCE {
        return Err("it was issued in the future".to_owned());
    }
    if expires <= now - TOLERANCE {
        return Err("it has expired".to_owned());
    }
    Ok(())
}

/// Fields of the token that stand in header and claims. What the descriptor says must be there.
fn read_claims(
    signed: &Signed,
    header: &Map<String, Value>,
    claims: &Map<String, Value>,
    arrival: &Arrival,
) -> Result<Fields, String> {
    let mut fields = Vec::new();
    for (name, said) in &signed.options {
        let found = match name.split_once('.') {
            Some(("claims", claim)) => claims.get(claim),
            Some(("header", name)) => header.get(name),
            _ if name == "key_id" => header.get("kid"),
            _ => continue,
        };
        let missing = || format!("the JWT is not good: `{name}` is not what the descriptor says");
        let SignerOption::Text(template) = said else {
            continue;
        };
        // Dates are numbers, and a claim of an optional field may be left out.
        let Some(Value::String(found)) = found else {
            continue;
        };
        // What is known of the request is text; fields of the token are what is left.
        let parts = template.0.iter().map(|part| match part {
            TemplatePart::Hole(hole) => match of_request(arrival, signed, hole) {
                Some(real) => TemplatePart::Text(String::from_utf8_lossy(&real).into_owned()),
                None => part.clone(),
            },
            TemplatePart::Text(_) => part.clone(),
        });
        let template = Template(parts.collect());
        fields.extend(carrier::capture(&template, found).ok_or_else(missing)?);
    }
    // A required text must be there.
    let lacks = |claim: &str| option(signed, &format!("claims.{claim}")).is_some() && !claims.contains_key(claim);
    match ["iss", "aud"].into_iter().find(|claim| lacks(claim)) {
        Some(claim) => Err(format!("the JWT is not good: `{claim}` is missing")),
        None => Ok(fields),
    }
}

fn verify(algorithm: &str, pem: &str, input: &[u8], signature: &[u8]) -> bool {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let Ok(der) = STANDARD.decode(body) else {
        return false;
    };
    let verified = |algorithm: &'static dyn signature::VerificationAlgorithm, public: &[u8]| {
        UnparsedPublicKey::new(algorithm, public)
            .verify(input, signature)
            .is_ok()
    };
    let curve = |signing, verification: &'static dyn signature::VerificationAlgorithm| {
        let pair = EcdsaKeyPair::from_pkcs8(signing, &der, &SystemRandom::new());
        pair.is_ok_and(|pair| verified(verification, pair.public_key().as_ref()))
    };
    match algorithm {
        "ES256" => curve(
            &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            &signature::ECDSA_P256_SHA256_FIXED,
        ),
        "ES384" => curve(
            &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            &signature::ECDSA_P384_SHA384_FIXED,
        ),
        "EdDSA" => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der);
            pair.is_ok_and(|pair| verified(&signature::ED25519, pair.public_key().as_ref()))
        }
        _ => {
            let padding: &'static signature::RsaParameters = match algorithm {
                "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
                "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
                "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
                "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
                "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
                _ => &signature::RSA_PKCS1_2048_8192_SHA256,
            };
            RsaKeyPair::from_pkcs8(&der).is_ok_and(|pair| verified(padding, pair.public_key().as_ref()))
        }
    }
}
