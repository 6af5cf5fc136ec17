//! `aws_sigv4`: AWS Signature Version 4, in headers.

use super::{
    SignError, Signature, SigningRequest,
    hmac::{hex, sha256_hex},
};
use crate::Secret;
use ring::hmac;
use std::fmt::Write as _;

/// Headers that something on the way may change, or that the transport writes.
const UNSIGNED: [&str; 14] = [
    "accept",
    "accept-encoding",
    "authorization",
    "baggage",
    "cache-control",
    "connection",
    "expect",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "user-agent",
    "x-amz-user-agent",
    "x-amzn-trace-id",
];

pub(super) fn sign(seen: &SigningRequest<'_>) -> Result<Signature, SignError> {
    let (region, service) = (seen.text("region")?, seen.text("service")?);
    let (key_id, key) = (seen.text("key_id")?, seen.text("key")?);
    let session_token = seen.option("session_token");
    for (name, value) in [("region", &region), ("service", &service), ("key_id", &key_id)] {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if value.expose().is_empty() || !value.expose().bytes().all(is_plain) {
            return Err(SignError::new(format!(
                "the option `{name}` of `aws_sigv4` is empty, or holds a character that cannot stand there"
            )));
        }
    }
    let is_s3 = service.expose() == "s3" || service.expose().starts_with("s3-");
    let date = seen.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let body_hash = sha256_hex(seen.body());
    let mut signature = Signature::in_headers().header("x-amz-date", date.as_str());
    let mut headers: Vec<(&str, &str)> = seen.headers().filter(|(name, _)| is_signed(name)).collect();
    headers.push(("host", seen.host()));
    headers.push(("x-amz-date", &date));
    if is_s3 {
        headers.push(("x-amz-content-sha256", &body_hash));
        signature = signature.header("x-amz-content-sha256", body_hash.as_str());
    }
    if let Some(token) = &session_token {
        headers.push(("x-amz-security-token", token.expose()));
        signature = signature.secret_header("x-amz-security-token", token.clone());
    }
    let canonical = Canonical {
        method: seen.method().as_str(),
        path: seen.path(),
        query: seen.query(),
        headers: &headers,
        body_hash: &body_hash,
        // An object's name is taken as it is; every other service puts the path in order and encodes it once more.
        normalizes: !is_s3,
        encodes_twice: !is_s3,
    };
    let scope = Scope {
        date: &date,
        region: region.expose(),
        service: service.expose(),
    };
    let authorization = authorize(&canonical, &scope, key_id.expose(), &key)?;
    Ok(signature.secret_header("authorization", authorization))
}

/// Those that the signer writes itself are written anew.
fn is_signed(name: &str) -> bool {
    const OWN: [&str; 4] = ["host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"];
    let same = |other: &&str| other.eq_ignore_ascii_case(name);
    !UNSIGNED.iter().any(&same) && !OWN.iter().any(&same)
}

/// What is signed.
struct Canonical<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body_hash: &'a str,
    normalizes: bool,
    encodes_twice: bool,
}

/// For whom it is signed.
struct Scope<'a> {
    /// `20150830T123600Z`
    date: &'a str,
    region: &'a str,
    service: &'a str,
}

impl Scope<'_> {
    fn day(&self) -> &str {
        self.date.split('T').next().unwrap_or_default()
    }

    fn text(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.day(), self.region, self.service)
    }
}

/// The header `Authorization`.
fn authorize(canonical: &Canonical<'_>, scope: &Scope<'_>, key_id: &str, key: &Secret) -> Result<String, SignError> {
    let (request, signed_headers) = canonical.text()?;
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{}\n{}",
        scope.date,
        scope.text(),
        sha256_hex(request.as_bytes())
    );
    let first = Secret::new(format!("AWS4{}", key.expose()));
    let mac = |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
    let day = mac(first.expose().as_bytes(), scope.day());
    let region = mac(day.as_ref(), scope.region);
    let service = mac(region.as_ref(), scope.service);
    let signing = mac(service.as_ref(), "aws4_request");
    let signature = hex(mac(signing.as_ref(), &to_sign).as_ref());
    Ok(format!(
        "AWS4-HMAC-SHA256 Credential={key_id}/{}, SignedHeaders={signed_headers}, Signature={signature}",
        scope.text()
    ))
}

impl Canonical<'_> {
    /// The canonical request, and the list of its headers.
    fn text(&self) -> Result<(String, String), SignError> {
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, value) in self.headers {
            if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
                return Err(SignError::new(format!("the header `{name}` holds a control character")));
            }
            let value = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
            let name = name.to_ascii_lowercase();
            match headers.iter_mut().find(|(other, _)| *other == name) {
                Some((_, values)) => _ = write!(values, ",{value}"),
                None => headers.push((name, value)),
            }
        }
        headers.sort();
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let lines = headers.iter().fold(String::new(), |mut lines, (name, value)| {
            // Writing into a `String` cannot fail.
            let _ = writeln!(lines, "{name}:{value}");
            lines
        });
        let (method, path, query, hash) = (self.method, self.path(), self.query(), self.body_hash);
        Ok((format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{hash}"), names))
    }

    fn path(&self) -> String {
        let path = if self.normalizes {
            normalized(self.path)
        } else {
            self.path.to_owned()
        };
        if self.encodes_twice {
            return encode(path.as_bytes(), true);
        }
        encode(&percent_encoding::percent_decode_str(&path).collect::<Vec<u8>>(), true)
    }

    /// Parameters, decoded, encoded anew by the one rule, and sorted.
    fn query(&self) -> String {
        let decode = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        let mut pairs: Vec<(String, String)> = pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (encode(&decode(name), false), encode(&decode(value), false))
            })
            .collect();
        pairs.sort();
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }
}

/// A path without empty and dotted segments. Those of a `Url` are gone already; empty ones are not.
fn normalized(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => _ = segments.pop(),
            other => segments.push(other),
        }
    }
    let is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    let end = if is_folder && !segments.is_empty() { "/" } else { "" };
    format!("/{}{end}", segments.join("/"))
}

/// Percent-encoding that leaves unreserved characters, and slashes of a path.
fn encode(bytes: &[u8], is_path: bool) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len()), |mut text, byte| {
        let is_plain = byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) || is_path && *byte == b'/';
        if is_plain {
            text.push(char::from(*byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests;
