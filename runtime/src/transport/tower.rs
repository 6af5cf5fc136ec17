//! A `tower` service as a transport: a team's own stack.

use super::{
    Exchange, HttpRequest, Transport,
    http::{self, BoxError, failed, unanswered},
};
use ::http::{Request, Response};
use bytes::Bytes;
use http_body_util::Full;
use std::{fmt, future::poll_fn};
use tower_service::Service;

/// The body of a request.
pub type TowerBody = Full<Bytes>;

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
    S: Service<Request<TowerBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    fn exchange(&self, request: HttpRequest) -> Exchange {
        let (mut service, max_body) = (self.service.clone(), self.max_body);
        Box::pin(async move {
            let request = http::request(request)?;
            poll_fn(|cx| service.poll_ready(cx))
                .await
                .map_err(|error| failed(error.into()))?;
            let answer = service.call(request).await.map_err(|error| unanswered(error.into()))?;
            http::reply(answer, max_body).await
        })
    }
}
