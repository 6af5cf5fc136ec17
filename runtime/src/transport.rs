//! How a request gets to the provider: a trait, so that a test or a proxy can stand in.

mod cassette;
#[cfg(any(feature = "hyper", feature = "tower"))]
mod http;
#[cfg(feature = "hyper")]
mod hyper;
mod script;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "hyper")]
pub use self::hyper::HyperTransport;
#[cfg(feature = "tower")]
pub use self::tower::{TowerBody, TowerTransport};
pub use self::{
    cassette::{RecordingTransport, ReplayTransport},
    script::ScriptedTransport,
};

use crate::{Budgets, Headers, Method, ProcessStore, line::OneLine};
use bytes::Bytes;
use std::{error, fmt, pin::Pin, sync::Arc};

/// How long the body of an answer may be where nobody says: more than any JSON that is read at once.
#[cfg(any(feature = "hyper", feature = "tower"))]
pub(crate) const MAX_BODY: usize = 64 << 20;

/// A body of more than `max` bytes.
#[cfg(any(feature = "hyper", feature = "tower"))]
fn too_long(max: usize) -> TransportError {
    TransportError::refused(format!(
        "the body of the answer is longer than {max} bytes; help: ask for less at a time, or raise `max_body`"
    ))
}

/// An exchange under way.
pub type Exchange = Pin<Box<dyn Future<Output = Result<HttpReply, TransportError>> + Send>>;

/// Sends one request and reads its answer, once: no redirects, no repeats, no decoding.
pub trait Transport: Send + Sync + 'static {
    /// Starts an exchange. Dropping it gives it up.
    fn exchange(&self, request: HttpRequest) -> Exchange;

    /// Whose budgets the provider behind this transport keeps.
    ///
    /// Those of the process, unless it does not reach the real provider at all.
    fn budgets(&self) -> Budgets {
        Budgets::of_process()
    }

    /// Whose short-lived tokens are those that the provider behind this transport gives.
    ///
    /// Those of the process, unless it does not reach the real provider at all.
    fn tokens(&self) -> ProcessStore {
        ProcessStore::of_process()
    }
}

impl<X: Transport> Transport for Arc<X> {
    fn exchange(&self, request: HttpRequest) -> Exchange {
        (**self).exchange(request)
    }
    fn budgets(&self) -> Budgets {
        (**self).budgets()
    }
    fn tokens(&self) -> ProcessStore {
        (**self).tokens()
    }
}

/// A request as it goes out, secrets and all.
///
/// `Debug` shows the path's template, no query, and no values of headers.
#[derive(Clone)]
pub struct HttpRequest {
    pub(crate) method: Method,
    pub(crate) url: url::Url,
    pub(crate) template: &'static str,
    pub(crate) headers: Headers,
    /// Those that carry the token.
    pub(crate) secret_headers: Headers,
    pub(crate) body: Bytes,
}

impl HttpRequest {
    /// The method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }
    /// The whole URL. It holds the secret if the provider wants tokens in the query or the path.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }
    /// The path of the URL.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }
    /// The host of the URL; an IPv6 address without its brackets.
    pub(crate) fn host(&self) -> Option<&str> {
        let host = self.url.host_str()?;
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Some(address.unwrap_or(host))
    }
    /// The query parameters, decoded.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        self.url.query_pairs().into_owned().collect()
    }
    /// The headers without those that carry the token.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }
    /// The headers that carry the token.
    #[must_use]
    pub fn secret_headers(&self) -> &Headers {
        &self.secret_headers
    }
    /// The value of a header of either sort.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.secret_headers.get(name).or_else(|| self.headers.get(name))
    }
    /// The body; empty where there is none.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers.iter().chain(self.secret_headers.iter());
        let names: Vec<&str> = headers.map(|(name, _)| name).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("origin", &self.url.origin().ascii_serialization())
            .field("path", &self.template)
            .field("headers", &names)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// An answer as it came in. Its `Debug` shows neither headers nor body: they may hold secrets.
#[derive(Clone)]
pub struct HttpReply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

impl fmt::Debug for HttpReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpReply")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

impl HttpReply {
    /// An answer with nothing but a status.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Headers::new(),
            body: Bytes::new(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }
}

/// Why there was no answer.
pub struct TransportError {
    timeout: bool,
    is_final: bool,
    is_unprocessed: bool,
    message: String,
}

impl TransportError {
    /// The network, or whatever is in the way. The message must not hold the URL's query.
    pub fn network(message: impl Into<String>) -> Self {
        Self {
            timeout: false,
            is_final: false,
            is_unprocessed: false,
            message: message.into(),
        }
    }
    /// It would be no better the next time, so it is not repeated: an answer that is too long, a recording that is missing.
    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            is_final: true,
            ..Self::network(message)
        }
    }
    /// The provider said that it did not so much as begin with the request, as HTTP/2 can. It is sent again, whatever it is.
    pub fn unprocessed(message: impl Into<String>) -> Self {
        Self {
            is_unprocessed: true,
            ..Self::network(message)
        }
    }
    /// Nothing came in time.
    pub fn timeout(message: impl Into<String>) -> Self {
        Self {
            timeout: true,
            ..Self::network(message)
        }
    }
    /// Whether a repeat cannot help.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.is_final
    }
    /// Whether the provider has certainly done nothing.
    #[must_use]
    pub fn is_unprocessed(&self) -> bool {
        self.is_unprocessed
    }
    /// Whether nothing came in time.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.timeout
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransportError({self})")
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OneLine(&self.message).fmt(f)
    }
}

impl error::Error for TransportError {}
