//! The transport over reqwest: rustls, a shared pool, no redirects.

use super::{Exchange, HttpReply, HttpRequest, Transport, TransportError};
use crate::Headers;
use ::reqwest::{
    Client, ClientBuilder, Response,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
    retry,
};
use bytes::{Bytes, BytesMut};
use std::{error::Error as _, mem::take, sync::LazyLock};

type Pool = LazyLock<Result<Client, String>>;

/// HTTP over TCP and TLS, with a pool of connections.
///
/// It follows no redirects, since the secret would travel along. Proxies of the environment (`HTTPS_PROXY`, `NO_PROXY`) are
/// used for https, where they see no more than the host, and never for http, which only ever goes to the loopback
/// interface. Certificates are checked against those of the system. An answer whose body is longer than 64 MiB is an
/// error; see [`max_body`](Self::max_body). Bodies are not compressed.
pub struct ReqwestTransport {
    https: Pool,
    loopback: Pool,
    max_body: usize,
}

impl ReqwestTransport {
    /// A transport with a pool of its own.
    #[must_use]
    pub fn new() -> Self {
        Self {
            https: LazyLock::new(|| build(Client::builder())),
            // No certificates: loading those of the system takes longer than most tests.
            loopback: LazyLock::new(|| build(Client::builder().no_proxy().tls_certs_only([]))),
            max_body: super::MAX_BODY,
        }
    }

    /// How long the body of an answer may be.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }
}

impl Default for ReqwestTransport {
    fn default() -> Self {
        Self::new()
    }
}

fn build(builder: ClientBuilder) -> Result<Client, String> {
    // The application's choice wins, if it made one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // By default reqwest sends again what HTTP/2 turned away, which no limit would count.
    let client = builder.redirect(Policy::none()).retry(retry::never()).build();
    client.map_err(|error| chain(&error))
}

impl Transport for ReqwestTransport {
    fn exchange(&self, mut request: HttpRequest) -> Exchange {
        let plain = request.url.scheme() == "http";
        let pool = if plain { &self.loopback } else { &self.https };
        let client = match &**pool {
            Ok(client) => client.clone(),
            Err(message) => {
                let error = TransportError::network(message.clone());
                return Box::pin(async { Err(error) });
            }
        };
        let Some(headers) = header_map(take(&mut request.headers), take(&mut request.secret_headers)) else {
            let error = TransportError::network("a header holds a character that headers cannot hold");
            return Box::pin(async { Err(error) });
        };
        let max_body = self.max_body;
        Box::pin(async move { send(&client, request, headers, max_body).await })
    }
}

/// Values of secrets are marked, so that HTTP/2 does not keep them in its tables and nothing logs them.
///
/// No value is copied: reqwest clones headers more than once, and each copy would be a buffer of its own.
fn header_map(headers: Headers, secret_headers: Headers) -> Option<HeaderMap> {
    let mut map = HeaderMap::with_capacity(headers.len() + secret_headers.len());
    for (headers, secret) in [(headers, false), (secret_headers, true)] {
        let each = |name: &[u8], value| -> Result<(), ()> {
            let mut value = HeaderValue::from_maybe_shared(value).map_err(drop)?;
            value.set_sensitive(secret);
            map.append(HeaderName::from_bytes(name).map_err(drop)?, value);
            Ok(())
        };
        headers.for_each_shared(each).ok()?;
    }
    Some(map)
}

fn method(method: crate::Method) -> ::reqwest::Method {
    match method {
        crate::Method::Get => ::reqwest::Method::GET,
        crate::Method::Post => ::reqwest::Method::POST,
        crate::Method::Put => ::reqwest::Method::PUT,
        crate::Method::Patch => ::reqwest::Method::PATCH,
        crate::Method::Delete => ::reqwest::Method::DELETE,
        crate::Method::Head => ::reqwest::Method::HEAD,
    }
}

async fn send(
    client: &Client,
    request: HttpRequest,
    headers: HeaderMap,
    max_body: usize,
) -> Result<HttpReply, TransportError> {
    // Moved in: a builder would copy each header into a map of its own.
    let mut sending = ::reqwest::Request::new(method(request.method), request.url);
    *sending.headers_mut() = headers;
    *sending.body_mut() = Some(request.body.into());
    let mut answer = client.execute(sending).await.map_err(failed)?;
    let headers = texts(answer.headers());
    Ok(HttpReply {
        status: answer.status().as_u16(),
        headers,
        body: read(&mut answer, max_body).await?,
    })
}

/// Reads a body, and no further than it may go: what it says of its length need not be true.
async fn read(answer: &mut Response, max: usize) -> Result<Bytes, TransportError> {
    let too_long = |length: u64| usize::try_from(length).map_or(true, |length| length > max);
    if answer.content_length().is_some_and(too_long) {
        return Err(super::too_long(max));
    }
    let Some(first) = answer.chunk().await.map_err(failed)? else {
        return Ok(Bytes::new());
    };
    // Most answers are one piece, which is not copied.
    let mut rest = BytesMut::new();
    let mut length = first.len();
    while length <= max {
        let Some(chunk) = answer.chunk().await.map_err(failed)? else {
            return Ok(if rest.is_empty() { first } else { rest.freeze() });
        };
        if rest.is_empty() {
            rest.extend_from_slice(&first);
        }
        rest.extend_from_slice(&chunk);
        length += chunk.len();
    }
    Err(super::too_long(max))
}

fn texts(map: &HeaderMap) -> Headers {
    let lengths = map.iter().map(|(name, value)| name.as_str().len() + value.len());
    let mut headers = Headers::with_capacity(map.len(), lengths.sum());
    for (name, value) in map {
        headers.push(name, String::from_utf8_lossy(value.as_bytes()));
    }
    headers
}

fn failed(error: ::reqwest::Error) -> TransportError {
    // The URL may hold a token.
    let error = error.without_url();
    let message = chain(&error);
    if error.is_timeout() {
        TransportError::timeout(message)
    } else {
        TransportError::network(message)
    }
}

fn chain(error: &::reqwest::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        message = format!("{message}: {inner}");
        cause = inner.source();
    }
    message
}
