//! Webhooks as the provider sends them: made up, signed by the descriptor, and posted.

use crate::draw::Draw;
use crate::place;
use crate::refusal::text_for_pattern;
use crate::sample::Sampler;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;
use std::fmt;
use tokio::net::TcpStream;
use tollgate_descriptor::model::{
    Encoding, Events, Model, Place, Proof, Signature, Source, TemplatePart, TimeFormat, Type, Webhooks,
};

/// What every provider of a test shares with its receivers.
const TEST_SECRET: &str = "test-webhook-secret";

/// A webhook of a provider, before it is signed.
///
/// ```no_run
/// # async fn example(model: tollgate_descriptor::model::Model) -> Result<(), tollgate_mock::WebhookError> {
/// use tollgate_mock::Webhook;
///
/// let webhook = Webhook::of(&model, "order.created")?.id("delivery-1");
/// let status = webhook.sign(&["shared secret"])?.post("http://127.0.0.1:8080/webhooks").await?;
/// assert_eq!(status, 200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Webhook<'m> {
    webhooks: &'m Webhooks,
    name: String,
    body: Body,
    id: String,
    at: Timestamp,
}

#[derive(Clone, Debug)]
enum Body {
    Json(Value),
    Raw(Vec<u8>),
}

impl<'m> Webhook<'m> {
    /// The names of the declared events; none where one model stands for all.
    #[must_use]
    pub fn events(model: &Model) -> Vec<&str> {
        match model.webhooks.as_ref().map(|webhooks| &webhooks.events) {
            Some(Events::ByName(events)) => events.iter().map(|event| event.wire.as_str()).collect(),
            Some(Events::One(_)) | None => Vec::new(),
        }
    }

    /// An event with a body that is made up as the descriptor says. One that is not declared has any JSON.
    ///
    /// # Errors
    /// When the descriptor has no webhooks.
    pub fn of(model: &'m Model, event: &str) -> Result<Self, WebhookError> {
        let webhooks = model.webhooks.as_ref().ok_or(WebhookError::None)?;
        let declared = match &webhooks.events {
            Events::One(ty) => Some(ty),
            Events::ByName(events) => events.iter().find(|known| known.wire == event).map(|known| &known.ty),
        };
        let mut draw = Draw::new(0, &["webhook", event]);
        let body = Sampler::new(model).body(declared.unwrap_or(&Type::Json), &mut draw);
        Ok(Self {
            webhooks,
            name: event.to_owned(),
            body: Body::Json(body),
            id: format!("delivery-{:08x}", draw.next() >> 32),
            at: Timestamp::now(),
        })
    }

    /// The secret that stands for the shared one in tests, written as the descriptor says. Nothing where webhooks are not
    /// signed.
    #[must_use]
    pub fn test_secret(model: &Model) -> Option<String> {
        let Proof::Signed(signature) = &model.webhooks.as_ref()?.proof else {
            return None;
        };
        let written = match signature.secret.encoding {
            None => TEST_SECRET.to_owned(),
            Some(Encoding::Base64) => STANDARD.encode(TEST_SECRET),
            Some(Encoding::Hex) => hex(TEST_SECRET.as_bytes()),
        };
        Some(format!("{}{written}", signature.secret.prefix))
    }

    /// Whether webhooks can be posted to this address: one of plain http, on loopback.
    ///
    /// # Errors
    /// It cannot.
    pub fn check_url(url: &str) -> Result<(), WebhookError> {
        address(url).map(|_| ())
    }

    /// Another JSON body. The name of the event, and what else the descriptor finds in a body, is put into it.
    pub fn body(mut self, body: Value) -> Self {
        self.body = Body::Json(body);
        self
    }

    /// Another body, sent as it is.
    pub fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Raw(body.into());
        self
    }

    /// The number of the delivery.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// When it is sent; now unless said.
    pub fn at(mut self, at: Timestamp) -> Self {
        self.at = at;
        self
    }

    /// Signs it with each of the secrets, which is what a provider does while one takes the place of another. Where
    /// webhooks are not signed, or without a secret, it has no signature.
    ///
    /// # Errors
    /// When a secret is not written as the descriptor says, or there are several and the header holds one.
    pub fn sign(&self, secrets: &[&str]) -> Result<WebhookRequest, WebhookError> {
        let mut body = self.body.clone();
        let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        if let Some(place) = &self.webhooks.event_name {
            put(place, &json!(self.name), &mut body, &mut headers);
        }
        let signature = match &self.webhooks.proof {
            Proof::Signed(signature) => Some(signature),
            Proof::Unsigned(_) => None,
        };
        // What shares the header of the signature is written there, in front of it.
        let mut before = Vec::new();
        if let Some(signature) = signature {
            let time = |place: &Place| written(self.at, place);
            let placed = [
                signature.id.as_ref().map(|place| (place, json!(self.id))),
                signature.timestamp.as_ref().map(|place| (place, time(place))),
            ];
            for (place, value) in placed.into_iter().flatten() {
                match &place.source {
                    Source::Header(name) if name.eq_ignore_ascii_case(&signature.header) => {
                        before.push(shown(place, &value));
                    }
                    _ => put(place, &value, &mut body, &mut headers),
                }
            }
        }
        let body = match body {
            Body::Json(body) => body.to_string().into_bytes(),
            Body::Raw(body) => body,
        };
        if let Some(signature) = signature
            && !secrets.is_empty()
        {
            let value = self.seal(signature, secrets, before, &body)?;
            headers.push((signature.header.clone(), value));
        }
        Ok(WebhookRequest { headers, body })
    }

    /// The value of the header that holds the signatures.
    fn seal(
        &self,
        signature: &Signature,
        secrets: &[&str],
        mut parts: Vec<String>,
        body: &[u8],
    ) -> Result<String, WebhookError> {
        for secret in secrets {
            let mac = self.authenticate(signature, &key(signature, secret)?, body)?;
            let written = match signature.encoding {
                Encoding::Hex => hex(&mac),
                Encoding::Base64 => STANDARD.encode(&mac),
            };
            parts.push(format!("{}{written}", signature.prefix));
        }
        match &signature.split {
            Some(split) => Ok(parts.join(split)),
            None if parts.len() == 1 => Ok(parts.remove(0)),
            None => Err(WebhookError::NoSplit),
        }
    }

    fn authenticate(&self, signature: &Signature, key: &[u8], body: &[u8]) -> Result<Vec<u8>, WebhookError> {
        let mut message = Vec::new();
        for part in &signature.payload.0 {
            match part {
                TemplatePart::Text(text) => message.extend(text.as_bytes()),
                TemplatePart::Hole(hole) if hole == "body" => message.extend(body),
                TemplatePart::Hole(hole) if hole == "id" => message.extend(self.id.as_bytes()),
                TemplatePart::Hole(_) => {
                    let time = signature.timestamp.as_ref().map(|place| written(self.at, place));
                    let time = time.as_ref().and_then(place::text).unwrap_or_default();
                    message.extend(time.as_bytes());
                }
            }
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| WebhookError::Secret)?;
        mac.update(&message);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The key that a shared secret stands for.
fn key(signature: &Signature, secret: &str) -> Result<Vec<u8>, WebhookError> {
    let rest = secret
        .strip_prefix(&signature.secret.prefix)
        .ok_or(WebhookError::Secret)?;
    match signature.secret.encoding {
        None => Ok(rest.as_bytes().to_vec()),
        Some(Encoding::Base64) => STANDARD_NO_PAD
            .decode(rest.trim_end_matches('='))
            .map_err(|_| WebhookError::Secret),
        Some(Encoding::Hex) => (0..rest.len())
            .step_by(2)
            .map(|at| {
                let pair = rest.get(at..at + 2);
                pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())
                    .ok_or(WebhookError::Secret)
            })
            .collect(),
    }
}

/// A point in time in the first of a place's formats.
fn written(at: Timestamp, place: &Place) -> Value {
    match place.formats.first() {
        Some(TimeFormat::UnixMs) => json!(at.as_millisecond()),
        Some(TimeFormat::Rfc3339) => json!(at.to_string()),
        Some(TimeFormat::HttpDate) => json!(httpdate::fmt_http_date(at.into())),
        _ => json!(at.as_second()),
    }
}

/// A value as it stands at a place, so that the place's pattern finds it again.
fn shown(place: &Place, value: &Value) -> String {
    let text = place::text(value).unwrap_or_default();
    match &place.pattern {
        Some(pattern) => text_for_pattern(pattern, &text),
        None => text,
    }
}

fn put(place: &Place, value: &Value, body: &mut Body, headers: &mut Vec<(String, String)>) {
    match (&place.source, body) {
        (Source::Header(name), _) => headers.push((name.clone(), shown(place, value))),
        (Source::Body(path), Body::Json(body)) => {
            let value = match &place.pattern {
                Some(_) => json!(shown(place, value)),
                None => value.clone(),
            };
            place::put(body, path, &value);
        }
        (Source::Body(_), Body::Raw(_)) => {}
    }
}

/// An address, with its host and port, if it is one that a mock sends to.
fn address(text: &str) -> Result<(url::Url, String), WebhookError> {
    let url = url::Url::parse(text).map_err(|error| WebhookError::Address(format!("`{text}`: {error}")))?;
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    match (url.host_str(), url.port_or_known_default(), url.scheme()) {
        (Some(host), Some(port), "http") if is_loopback => {
            let address = format!("{host}:{port}");
            Ok((url, address))
        }
        _ => Err(WebhookError::Address(format!("`{url}` is not plain http on loopback"))),
    }
}

/// A webhook as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRequest {
    /// Name and value.
    pub headers: Vec<(String, String)>,
    /// Byte for byte.
    pub body: Vec<u8>,
}

impl WebhookRequest {
    /// Posts it to a receiver on loopback, `http://127.0.0.1:8080/webhooks`, and gives the status of its answer.
    ///
    /// # Errors
    /// When the address is none of plain http on loopback, or nobody answers there.
    pub async fn post(&self, url: &str) -> Result<u16, WebhookError> {
        let (url, address) = address(url)?;
        let failed = |error: &dyn fmt::Display| WebhookError::Post(error.to_string());
        let stream = TcpStream::connect(address.as_str())
            .await
            .map_err(|error| failed(&error))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| failed(&error))?;
        let connection = tokio::spawn(connection);
        let mut request = Request::post(&url[url::Position::BeforePath..]).header(header::HOST, address);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request
            .body(Full::new(Bytes::from(self.body.clone())))
            .map_err(|error| failed(&error))?;
        let answer = sender.send_request(request).await.map_err(|error| failed(&error))?;
        let status = answer.status().as_u16();
        drop((answer, sender));
        connection.abort();
        Ok(status)
    }
}

/// Why a webhook cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookError {
    /// The descriptor has none.
    None,
    /// The secret is not written as the descriptor says.
    Secret,
    /// There are several parts, and the header holds one signature.
    NoSplit,
    /// The address cannot be one.
    Address(String),
    /// The exchange failed.
    Post(String),
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("the descriptor has no `webhooks`"),
            Self::Secret => f.write_str("the secret is not written as the descriptor says"),
            Self::NoSplit => f.write_str("the header holds one signature, since there is no `split`"),
            Self::Address(problem) => write!(f, "the webhook has no address: {problem}"),
            Self::Post(problem) => write!(f, "the webhook was not delivered: {problem}"),
        }
    }
}

impl std::error::Error for WebhookError {}
