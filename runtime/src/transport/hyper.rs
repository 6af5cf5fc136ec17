//! The transport over hyper: rustls, pools of connections, no redirects.

mod connect;

use self::connect::Connector;
use super::{Exchange, HttpRequest, Transport, TransportError, http};
use ::http::uri::Scheme;
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{CaptureConnection, capture_connection},
    },
    rt::{TokioExecutor, TokioTimer},
};
use std::{sync::LazyLock, time::Duration};

/// For how long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(90);

/// Made for the first request that needs it: loading the certificates of the system takes longer than most tests.
type Pool = LazyLock<Result<Client<Connector, Full<Bytes>>, String>>;

/// HTTP over TCP and TLS, with a pool of connections.
///
/// It follows no redirects, since the secret would travel along. Proxies of the environment (`HTTPS_PROXY`, `ALL_PROXY`,
/// `NO_PROXY`) are used for https, where they see no more than the host, and never for http, which only ever goes to the
/// loopback interface. Certificates are checked against those of the system. An answer whose body is longer than 64 MiB is
/// an error; see [`max_body`](Self::max_body). Bodies are not compressed.
pub struct HyperTransport {
    https: Pool,
    loopback: Pool,
    max_body: usize,
}

impl HyperTransport {
    /// A transport with a pool of its own.
    #[must_use]
    pub fn new() -> Self {
        Self {
            https: LazyLock::new(|| pool(connect::to_anybody())),
            loopback: LazyLock::new(|| pool(connect::to_loopback())),
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

impl Default for HyperTransport {
    fn default() -> Self {
        Self::new()
    }
}

fn pool(connector: Result<Connector, String>) -> Result<Client<Connector, Full<Bytes>>, String> {
    let connector = connector?;
    Ok(Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(connector))
}

impl Transport for HyperTransport {
    fn exchange(&self, request: HttpRequest) -> Exchange {
        let is_plain = request.url.scheme() == "http";
        let pool = if is_plain { &self.loopback } else { &self.https };
        match &**pool {
            Ok(client) => exchange(client, request, self.max_body),
            Err(message) => {
                let error = TransportError::refused(message.clone());
                Box::pin(async { Err(error) })
            }
        }
    }
}

fn exchange(client: &Client<Connector, Full<Bytes>>, request: HttpRequest, max_body: usize) -> Exchange {
    let mut connection = Unanswered(None);
    let answer = http::request(request).map(|mut request| {
        if request.uri().scheme() == Some(&Scheme::HTTPS) {
            connection = Unanswered(Some(capture_connection(&mut request)));
        }
        client.request(request)
    });
    Box::pin(async move {
        let mut connection = connection;
        let answer = answer?.await.map_err(|error| http::unanswered(error.into()));
        let reply = match answer {
            Ok(answer) => http::reply(answer, max_body).await,
            Err(error) => Err(error),
        };
        connection.0 = None;
        reply
    })
}

/// The connection of a request that is under way.
///
/// Given up, it gets no further requests. Over HTTP/1.1 it would be closed anyhow; over HTTP/2, where many share one, nobody
/// would notice that the other end has gone silent, and each request would wait for its timeout.
struct Unanswered(Option<CaptureConnection>);

impl Drop for Unanswered {
    fn drop(&mut self) {
        if let Some(captured) = &self.0
            && let Some(connection) = &*captured.connection_metadata()
        {
            connection.poison();
        }
    }
}

#[cfg(test)]
mod tests;
