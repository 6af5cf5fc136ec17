//! Schemes that sign: the options and the request go to a signer, and what it gives back goes into the request.

#[cfg(feature = "signers")]
mod aws_sigv4;
#[cfg(feature = "signers")]
mod hmac;
#[cfg(feature = "signers")]
mod jwt;
#[cfg(feature = "signers")]
mod key;
mod text;

use self::text::Words;
use super::signer::{FilledOption, SignError, Signature, Signer, SigningRequest};
use crate::{
    Carrier, HttpRequest, Placement, Secret, Settings, Signed, SignerOption, TokenValue, address, client::Link, clock,
};
use futures_util::future::{Either, select};
use jiff::Timestamp;
use std::sync::Arc;

/// The signers of a connection.
#[derive(Default)]
pub(crate) struct Signers {
    own: Vec<(String, Arc<dyn Signer>)>,
    #[cfg(feature = "signers")]
    jwts: jwt::Kept,
}

impl Signers {
    pub(crate) fn new(own: Vec<(String, Arc<dyn Signer>)>) -> Self {
        Self {
            own,
            #[cfg(feature = "signers")]
            jwts: jwt::Kept::default(),
        }
    }

    /// The last one that was given under a name. It stands before a built-in one.
    fn own(&self, name: &str) -> Option<&Arc<dyn Signer>> {
        let mut given = self.own.iter().rev();
        given.find(|(own, _)| own == name).map(|(_, signer)| signer)
    }
}

/// Parameters that a scheme puts into the body of a token request.
pub(crate) type BodyParams = Vec<(&'static str, String)>;

/// Whether a scheme writes parameters into a body, which must then be written after it.
pub(crate) fn writes_body(signed: &Signed) -> bool {
    signed.placements.iter().any(|placement| placement.at == Carrier::Body)
}

/// Signs a request.
///
/// What goes into the body is added to `body`; the caller writes it there. Where there is no `body`, the request has
/// its own, and it is signed as it is.
///
/// Placements without `{signature}` are put in first, so that a signature over the query or the headers covers them.
pub(crate) async fn sign(
    request: &mut HttpRequest,
    body: Option<&mut BodyParams>,
    signed: &'static Signed,
    token: &TokenValue,
    link: &Link,
) -> Result<(), String> {
    let now = link.clock.wall();
    let moment = Moment {
        now,
        timestamp: timestamp(signed, now),
        nonce: clock::uuid(&*link.randomness).simple().to_string(),
    };
    let mut placing = Placing {
        words: Words {
            token,
            address: &link.address,
            timestamp: &moment.timestamp,
            nonce: &moment.nonce,
        },
        cookies: Vec::new(),
        body,
    };
    let holds_signature = |placement: &&Placement| placement.value.contains("{signature}");
    for placement in signed.placements.iter().filter(|placement| !holds_signature(placement)) {
        placing.place(request, placement, None)?;
    }
    let signature = compute(request, signed, &placing.words, &moment, link)
        .await
        .map_err(|error| error.to_string())?;
    put_headers(request, &signature)?;
    for placement in signed.placements.iter().filter(holds_signature) {
        let value = signature.value.as_ref().ok_or_else(|| {
            format!(
                "the signer `{}` gave headers only, and `{}` needs its signature",
                signed.signer, placement.name
            )
        })?;
        placing.place(request, placement, Some(value))?;
    }
    match placing.cookies.as_slice() {
        [] => Ok(()),
        cookies => super::put(request, "cookie", cookies.join("; ")),
    }
}

/// When and with what number a request is signed.
struct Moment {
    now: Timestamp,
    timestamp: String,
    nonce: String,
}

/// In the format that `hmac` is told; seconds since 1970 else.
fn timestamp(signed: &Signed, now: Timestamp) -> String {
    let format = signed.options.iter().find(|(name, _)| *name == "timestamp");
    match format {
        Some((_, SignerOption::Text("unix_ms"))) => now.as_millisecond().to_string(),
        Some((_, SignerOption::Text("rfc3339"))) => now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Some((_, SignerOption::Text("http_date"))) => now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        _ => now.as_second().to_string(),
    }
}

async fn compute(
    request: &HttpRequest,
    signed: &'static Signed,
    words: &Words<'_>,
    moment: &Moment,
    link: &Link,
) -> Result<Signature, SignError> {
    let own = link.signers.own(signed.signer);
    #[cfg(feature = "signers")]
    if own.is_none() && signed.signer == "jwt" {
        return jwt::sign(&link.signers.jwts, request, signed, words, moment.now);
    }
    #[cfg(feature = "signers")]
    if own.is_none() && signed.signer == "hmac" {
        return hmac::sign(request, signed, words);
    }
    // Whoever signs in the place of a built-in signer is told the same.
    let of_request = |word: &str| match word {
        "body" => String::from_utf8(request.body.to_vec()).ok(),
        _ => words.of_signing(word).or_else(|| of_request(request, word)),
    };
    let is_built_in = matches!(signed.signer, "jwt" | "hmac");
    let options = signed.options.iter().filter_map(|(name, option)| {
        let filled = words.option(option, is_built_in.then_some(&of_request)).transpose()?;
        Some(filled.map(|filled| (*name, filled)))
    });
    let options: Vec<(&'static str, FilledOption)> = options.collect::<Result<_, _>>()?;
    let seen = SigningRequest {
        request,
        options: &options,
        now: moment.now,
        timestamp: &moment.timestamp,
        nonce: &moment.nonce,
    };
    if let Some(signer) = own {
        let timeout = link.timeout(&Settings::DEFAULT);
        return match select(signer.sign(&seen), link.clock.sleep(timeout)).await {
            Either::Left((signature, _)) => signature,
            Either::Right(_) => Err(SignError::new(format!(
                "the signer `{}` did not answer within {timeout:?}",
                signed.signer
            ))),
        };
    }
    match signed.signer {
        #[cfg(feature = "signers")]
        "aws_sigv4" => aws_sigv4::sign(&seen),
        #[cfg(not(feature = "signers"))]
        built_in @ ("jwt" | "hmac" | "aws_sigv4") => Err(SignError::new(format!(
            "the signer `{built_in}` is left out; help: enable the feature `signers` of the crate `tollgate`"
        ))),
        name => Err(SignError::new(format!(
            "nobody signs as `{name}`; help: give the connection a signer with `.signer({name:?}, …)`"
        ))),
    }
}

/// A part of the request, exactly as it will be sent.
fn of_request(request: &HttpRequest, word: &str) -> Option<String> {
    let url = &request.url;
    match word {
        "method" => Some(request.method.as_str().to_owned()),
        "host" => Some(url[url::Position::BeforeHost..url::Position::AfterPort].to_owned()),
        "path" => Some(url.path().to_owned()),
        "query" => Some(url.query().unwrap_or_default().to_owned()),
        #[cfg(feature = "signers")]
        "body_sha256" => Some(hmac::sha256_hex(&request.body)),
        _ => None,
    }
}

/// Headers that a signer writes itself.
fn put_headers(request: &mut HttpRequest, signature: &Signature) -> Result<(), String> {
    let public = signature
        .headers
        .iter()
        .map(|(name, value)| (name, value.as_str(), false));
    let secret = signature.secret_headers.iter();
    let secret = secret.map(|(name, value)| (name, value.expose(), true));
    for (name, value, is_secret) in public.chain(secret) {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_name) {
            return Err("the signer gave a header whose name is none".to_owned());
        }
        request.headers.remove(name);
        request.secret_headers.remove(name);
        if is_secret {
            super::put(request, name, value.to_owned())?;
        } else if value.bytes().all(super::may_stand_in_header) {
            request.headers.push(name, value);
        } else {
            return Err(format!(
                "what the signer gave for the header `{name}` cannot stand in one"
            ));
        }
    }
    Ok(())
}

/// Where things are put that a scheme places.
struct Placing<'a, 'b> {
    words: Words<'a>,
    cookies: Vec<String>,
    body: Option<&'b mut BodyParams>,
}

impl Placing<'_, '_> {
    fn place(
        &mut self,
        request: &mut HttpRequest,
        placement: &Placement,
        signature: Option<&Secret>,
    ) -> Result<(), String> {
        let filled = self.words.fill(placement.value, |word| match word {
            "signature" => signature.map(|signature| signature.expose().to_owned()),
            _ => self.words.of_signing(word),
        });
        let name = placement.name;
        let Some(value) = filled.map_err(|error| error.to_string())? else {
            return Ok(());
        };
        match placement.at {
            Carrier::Header => super::put(request, name, value)?,
            Carrier::Query => address::set_query(&mut request.url, name, &value),
            Carrier::Cookie if value.contains([';', ',', ' ', '"', '\\']) => {
                return Err(format!("what stands in the cookie `{name}` holds a separator"));
            }
            Carrier::Cookie => self.cookies.push(format!("{name}={value}")),
            Carrier::Body => match &mut self.body {
                Some(body) => body.push((name, value)),
                None => return Err(format!("`{name}` stands in the body of token requests only")),
            },
        }
        Ok(())
    }
}
