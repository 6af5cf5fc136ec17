//! A `tower` service as a transport: a team's own stack.

use super::{Exchange, HttpReply, HttpRequest, Transport, TransportError};
use crate::Headers;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use std::{error::Error, fmt, future::poll_fn};
use tower_service::Service;

/// The body of a request.
pub type TowerBody = Full<Bytes>;

/// Anything that may be wrong.
type BoxError = Box<dyn Error + Send + Sync>;

/// Sends requests by a [`tower` service](tower_service::Service): hyper's client, a mesh's, a stack of layers.
///
/// The service must send a request once: no redirects, no repeats, which the runtime does itself and better. A layer that
/// limits concurrency or load is welcome; the wait for `poll_ready` counts to the attempt's timeout. Values of secret
/// headers are marked sensitive. What its errors print ends up in those of calls, without the token.
#[derive(Clone)]
pub struct TowerTransport<S> {
    service: S,
    max_body: usize,
}

impl<S> TowerTransport<S> {
    /// A transport over a service, which is cloned for each exchange.
    pub fn new(service: S) -> Self {
        Self {
            service,
            max_body: super::MAX_BODY,
        }
    }

    /// How long the body of an answer may be, instead of 64 MiB.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }
}

impl<S> fmt::Debug for TowerTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerTransport").finish_non_exhaustive()
    }
}

impl<S, B> Transport for TowerTransport<S>
where
    S: Service<http::Request<TowerBody>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    fn exchange(&self, request: HttpRequest) -> Exchange {
        let (mut service, max_body) = (self.service.clone(), self.max_body);
        Box::pin(async move {
            let request = http_request(request)?;
            poll_fn(|cx| service.poll_ready(cx))
                .await
                .map_err(|error| failed(error.into()))?;
            let answer = service.call(request).await.map_err(|error| failed(error.into()))?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, max_body).collect().await;
            let body = body.map_err(|error| match error.downcast::<LengthLimitError>() {
                Ok(_) => super::too_long(max_body),
                Err(error) => failed(error),
            })?;
            let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers = head.headers.iter().map(|(name, value)| (name.as_str(), text(value)));
            Ok(HttpReply {
                status: head.status.as_u16(),
                headers: headers.collect::<Headers>(),
                body: body.to_bytes(),
            })
        })
    }
}

fn http_request(request: HttpRequest) -> Result<http::Request<TowerBody>, TransportError> {
    let odd = || TransportError::refused("the request holds a character that HTTP cannot carry");
    let mut made = http::Request::builder()
        .method(request.method.as_str())
        .uri(request.url.as_str())
        .body(Full::new(request.body))
        .map_err(|_| odd())?;
    for (headers, secret) in [(&request.headers, false), (&request.secret_headers, true)] {
        for (name, value) in headers.iter() {
            let name = http::HeaderName::from_bytes(name.as_bytes()).map_err(|_| odd())?;
            let mut value = http::HeaderValue::from_str(value).map_err(|_| odd())?;
            value.set_sensitive(secret);
            made.headers_mut().append(name, value);
        }
    }
    Ok(made)
}

#[expect(clippy::needless_pass_by_value, reason = "it comes boxed, and ends here")]
fn failed(error: BoxError) -> TransportError {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        message = format!("{message}: {inner}");
        cause = inner.source();
    }
    TransportError::network(message)
}
