//! The transport over reqwest: rustls, a shared pool, no redirects.

use super::{Exchange, HttpReply, HttpRequest, Transport, TransportError};
use crate::Headers;
use ::reqwest::{
    Client, ClientBuilder,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use std::{error::Error as _, sync::LazyLock};

type Pool = LazyLock<Result<Client, String>>;

/// HTTP over TCP and TLS, with a pool of connections.
///
/// It follows no redirects, since the secret would travel along. Proxies of the environment are used for https, and
/// never for http, which only ever goes to the loopback interface.
pub struct ReqwestTransport {
    https: Pool,
    loopback: Pool,
}

impl ReqwestTransport {
    /// A transport with a pool of its own.
    #[must_use]
    pub fn new() -> Self {
        Self {
            https: LazyLock::new(|| build(Client::builder())),
            // No certificates: loading those of the system takes longer than most tests.
            loopback: LazyLock::new(|| build(Client::builder().no_proxy().tls_certs_only([]))),
        }
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
    let client = builder.redirect(Policy::none()).build();
    client.map_err(|error| chain(&error))
}

impl Transport for ReqwestTransport {
    fn exchange(&self, request: HttpRequest) -> Exchange {
        let plain = request.url.scheme() == "http";
        let pool = if plain { &self.loopback } else { &self.https };
        let client = match &**pool {
            Ok(client) => client.clone(),
            Err(message) => {
                let error = TransportError::network(message.clone());
                return Box::pin(async { Err(error) });
            }
        };
        let Some(headers) = header_map(&request) else {
            let error = TransportError::network("a header holds a character that headers cannot hold");
            return Box::pin(async { Err(error) });
        };
        Box::pin(async move { send(&client, request, headers).await.map_err(failed) })
    }
}

/// Values of secrets are marked, so that HTTP/2 does not keep them in its tables and nothing logs them.
fn header_map(request: &HttpRequest) -> Option<HeaderMap> {
    let mut map = HeaderMap::new();
    for (headers, secret) in [(&request.headers, false), (&request.secret_headers, true)] {
        for (name, value) in headers.iter() {
            let mut value = HeaderValue::from_str(value).ok()?;
            value.set_sensitive(secret);
            map.append(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
        }
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

async fn send(client: &Client, request: HttpRequest, headers: HeaderMap) -> Result<HttpReply, ::reqwest::Error> {
    let method = method(request.method);
    let sending = client.request(method, request.url).headers(headers);
    let answer = sending.body(request.body).send().await?;
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let pairs = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), text(value)));
    Ok(HttpReply {
        status: answer.status().as_u16(),
        headers: pairs.collect::<Headers>(),
        body: answer.bytes().await?,
    })
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
