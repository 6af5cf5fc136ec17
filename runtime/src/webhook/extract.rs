//! Webhooks as an argument of an axum handler.

use super::{Delivery, Sender, WebhookError, Webhooks};
use axum_core::{
    body::Body,
    extract::{FromRef, FromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::fmt;

/// A delivery, as the last argument of an axum handler. The router's state is, or holds, the provider's `Webhooks`.
///
/// It reads the body up to [`Webhooks::max_body`], verifies and reads it. What does not pass is answered with 400, 401 or
/// 413 and a few words that tell nothing; why is in the log, at `warn`.
///
/// ```ignore
/// async fn receive(Verified(delivery): Verified<Acme>) -> StatusCode { StatusCode::OK }
///
/// let router = Router::new().route("/webhooks/acme", post(receive)).with_state(acme::Webhooks::from_env()?);
/// ```
///
/// Take `Result<Verified<Acme>, Rejected>` to see why in the handler.
pub struct Verified<P: Sender>(pub Delivery<P::Event>);

impl<P, S> FromRequest<S> for Verified<P>
where
    P: Sender,
    Webhooks<P>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejected;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejected> {
        let webhooks = Webhooks::<P>::from_ref(state);
        let (head, body) = request.into_parts();
        let delivery = match collect(body, webhooks.longest_body()).await {
            Ok(body) => webhooks.open(&head.headers, body),
            Err(error) => Err(error),
        };
        delivery.map(Self).map_err(|error| {
            tracing::warn!(target: "tollgate::webhook", provider = P::SPEC.id, kind = ?error.kind(), %error, "a webhook was refused");
            Rejected(error)
        })
    }
}

/// The body, of which no more is read than is taken.
async fn collect(body: Body, max: usize) -> Result<Bytes, WebhookError> {
    match Limited::new(body, max).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(WebhookError::too_large(max)),
        Err(_) => Err(WebhookError::cut_off()),
    }
}

impl<P: Sender> fmt::Debug for Verified<P>
where
    P::Event: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verified").field(&self.0).finish()
    }
}

/// Why [`Verified`] was refused. As an answer it says no more than its status does.
#[derive(Debug)]
pub struct Rejected(pub WebhookError);

impl IntoResponse for Rejected {
    fn into_response(self) -> Response {
        let text = match self.0.status() {
            401 => "the signature is missing or does not hold",
            413 => "the body is too large",
            _ => "this is not a webhook that can be read",
        };
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        (status, kind, text).into_response()
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Rejected {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
