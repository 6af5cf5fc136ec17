//! Signatures: what a request must carry to have been signed by a test token.
//!
//! `jwt`, `hmac` and `aws_sigv4` are verified with the keys of the test tokens; of a signer of the application's own it is
//! looked at that its places are filled.

mod aws;
mod hash;
mod jwt;

use super::{Identity, Keyring, carrier};
use crate::arrival::Arrival;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tollgate_descriptor::model::{Scheme, Signed, SignerOption, Template, TemplatePart, Token, TokenField, TokenId};

/// As many values of one token type are tried where nothing in the request tells them apart.
const MOST_VALUES: u32 = 32;

/// A field of a token with its value, or a part of the request that a template holds.
type Fields = Vec<(String, String)>;

/// The role and number of a test token.
type Owner = (Option<String>, u32);

impl Keyring {
    /// Who signed a request: `None` where it carries nothing of the scheme, an error that says what is wrong where the
    /// signature is not good.
    pub(super) fn signer(
        &self,
        id: TokenId,
        signed: &Signed,
        arrival: &Arrival,
        path_fields: &[(String, String)],
    ) -> Result<Option<Identity>, String> {
        let token = self.model.token(id);
        let Some(mut seen) = read(token, signed, arrival)? else {
            return Ok(None);
        };
        seen.extend(path_fields.iter().cloned());
        let owner = match signed.signer.as_str() {
            "jwt" => self.jwt(token, signed, arrival, &seen)?,
            "hmac" => self.hmac(token, signed, arrival, &seen)?,
            "aws_sigv4" => self.aws(token, signed, arrival)?,
            _ => self.told(token, &seen)?.unwrap_or((None, 1)),
        };
        let (role, number) = owner;
        Ok(Some(self.identity(id, role, number)))
    }

    /// Whose fields these are, if any of them tells.
    fn told(&self, token: &Token, seen: &[(String, String)]) -> Result<Option<Owner>, String> {
        let mut owner = None;
        for (name, value) in seen {
            let Some(field) = token.fields.iter().find(|field| field.name == *name) else {
                continue;
            };
            let read = self.read_value(token, field, value);
            let read = read.ok_or_else(|| format!("`{name}` is not that of a test token"))?;
            if owner.get_or_insert_with(|| read.clone()) != &read {
                return Err("parts of two values are no token".to_owned());
            }
        }
        Ok(owner)
    }

    /// Everybody who may have signed where nothing tells.
    fn candidates(&self, token: &Token) -> Vec<Owner> {
        let roles = self.roles.iter().map(|(name, _)| Some(name.clone()));
        let roles = roles.filter(|name| name.as_ref().is_some_and(|name| self.role(token, name).is_some()));
        let roles: Vec<_> = std::iter::once(None).chain(roles).collect();
        let numbers = 1..=MOST_VALUES;
        numbers
            .flat_map(|number| roles.iter().map(move |role| (role.clone(), number)))
            .collect()
    }

    /// The bytes of a shared key.
    fn shared_key(&self, token: &Token, signed: &Signed, owner: &Owner) -> Option<Vec<u8>> {
        let field = key_field(token, signed)?;
        Some(self.value(token, field, owner.0.as_deref(), owner.1).into_bytes())
    }

    fn hmac(
        &self,
        token: &Token,
        signed: &Signed,
        arrival: &Arrival,
        seen: &[(String, String)],
    ) -> Result<Owner, String> {
        let signature = hole(seen, "signature").ok_or("the request carries no signature")?;
        let told = self.told(token, seen)?;
        let candidates = told.map_or_else(|| self.candidates(token), |owner| vec![owner]);
        let payload = option(signed, "payload").ok_or("the descriptor says no payload")?;
        for owner in candidates {
            let known = |name: &str| {
                hole(seen, name)
                    .map(|value| value.clone().into_bytes())
                    .or_else(|| of_request(arrival, signed, name))
                    .or_else(|| {
                        let field = token.fields.iter().find(|field| field.name == name)?;
                        Some(self.value(token, field, owner.0.as_deref(), owner.1).into_bytes())
                    })
            };
            let Some(payload) = hash::fill(payload, known) else {
                return Err(
                    "the payload holds what the mock cannot know: a variable, or a time that is not sent".to_owned(),
                );
            };
            let Some(key) = self.shared_key(token, signed, &owner) else {
                return Err("the key is no field of the token".to_owned());
            };
            let algorithm = word(signed, "algorithm").unwrap_or("sha256");
            let encoding = word(signed, "encoding").unwrap_or("hex");
            if hash::verify(algorithm, &key, &payload, encoding, signature) {
                hash::check_time(word(signed, "timestamp").unwrap_or("unix"), hole(seen, "timestamp"))?;
                return Ok(owner);
            }
        }
        Err("the signature is none of a test token over this request".to_owned())
    }

    /// Whose key the credential names, if that key has signed the request.
    fn aws(&self, token: &Token, signed: &Signed, arrival: &Arrival) -> Result<Owner, String> {
        let shown = aws::Shown::read(arrival)?;
        let wrong = |what: &str| format!("the header `Authorization` is no AWS signature of a test token: {what}");
        let mut fields = Vec::new();
        let parts = [
            ("key_id", &shown.key_id),
            ("region", &shown.region),
            ("service", &shown.service),
        ];
        for (name, value) in parts {
            if let Some(template) = option(signed, name) {
                fields.extend(carrier::capture(template, value).ok_or_else(|| wrong(name))?);
            }
        }
        if let Some(session) = option(signed, "session_token")
            && let Some(value) = arrival.header("x-amz-security-token")
        {
            fields.extend(carrier::capture(session, &value).ok_or_else(|| wrong("the session token"))?);
        }
        let told = self.told(token, &fields)?;
        let mut candidates = told
            .map_or_else(|| self.candidates(token), |owner| vec![owner])
            .into_iter();
        let has_signed = |owner: &Owner| {
            let key = self.shared_key(token, signed, owner);
            key.is_some_and(|key| shown.is_signed_by(&key, arrival))
        };
        candidates.find(has_signed).ok_or_else(|| wrong("the signature"))
    }
}

/// What stands in the places of the scheme.
fn read(token: &Token, signed: &Signed, arrival: &Arrival) -> Result<Option<Fields>, String> {
    if signed.signer == "aws_sigv4" {
        let shown = arrival.header("authorization");
        return Ok(shown.is_some_and(|shown| shown.starts_with("AWS4")).then(Vec::new));
    }
    carrier::read_placed(token, &signed.placements, arrival)
}

fn hole<'s>(seen: &'s [(String, String)], name: &str) -> Option<&'s String> {
    seen.iter().find(|(hole, _)| hole == name).map(|(_, value)| value)
}

fn option<'s>(signed: &'s Signed, name: &str) -> Option<&'s Template> {
    signed.options.iter().find_map(|(option, value)| match value {
        SignerOption::Text(template) if option == name => Some(template),
        _ => None,
    })
}

/// An option that is a word.
fn word<'s>(signed: &'s Signed, name: &str) -> Option<&'s str> {
    match option(signed, name)?.0.as_slice() {
        [TemplatePart::Text(text)] => Some(text),
        _ => None,
    }
}

/// A part of the request, as it came.
fn of_request(arrival: &Arrival, signed: &Signed, name: &str) -> Option<Vec<u8>> {
    match name {
        "method" => Some(arrival.method.clone().into_bytes()),
        "host" => Some(arrival.header("host")?.into_bytes()),
        "path" => Some(arrival.path.clone().into_bytes()),
        "query" => Some(query_without_signature(arrival, signed).into_bytes()),
        "body" => Some(arrival.body.to_vec()),
        "body_sha256" => Some(hash::sha256_hex(&arrival.body).into_bytes()),
        _ => None,
    }
}

/// A signature cannot cover itself.
fn query_without_signature(arrival: &Arrival, signed: &Signed) -> String {
    let is_signature = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        signed.placements.iter().any(|placement| {
            placement.name == name && placement.value.0.contains(&TemplatePart::Hole("signature".to_owned()))
        })
    };
    let pairs: Vec<&str> = arrival
        .raw_query
        .split('&')
        .filter(|pair| !is_signature(pair))
        .collect();
    pairs.join("&")
}

/// The field that is the key of a scheme that signs.
fn key_field<'t>(token: &'t Token, signed: &Signed) -> Option<&'t TokenField> {
    match option(signed, "key")?.0.as_slice() {
        [TemplatePart::Hole(name)] => token.fields.iter().find(|field| field.name == *name),
        _ => None,
    }
}

/// The value of a field as the application has it: a key is written as its scheme demands.
pub(super) fn written(token: &Token, field: &TokenField, plain: String) -> String {
    let Scheme::Signed(signed) = &token.scheme else {
        return plain;
    };
    if key_field(token, signed).is_none_or(|key| key.name != field.name) {
        return plain;
    }
    if signed.signer == "jwt"
        && let Some(pem) = word(signed, "algorithm").and_then(jwt::private_key)
    {
        return pem.to_owned();
    }
    match word(signed, "key_encoding") {
        Some("base64") => STANDARD.encode(plain),
        Some("hex") => hash::hex(plain.as_bytes()),
        _ => plain,
    }
}
