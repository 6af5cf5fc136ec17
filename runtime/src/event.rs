//! What a tracing subscriber sees: one span per call, one per attempt, and every wait as an event.
//!
//! Names follow OpenTelemetry's semantic conventions for HTTP clients. The URL appears as its template only: paths and
//! queries hold parameters, and sometimes the token.

use crate::{ErrorKind, HttpRequest, Spec, client::Session};
use std::time::Duration;
use tracing::{Span, debug, field::Empty, info_span, warn};

pub(crate) fn call(session: &Session, spec: &'static Spec) -> Span {
    info_span!(
        "call",
        otel.name = spec.id,
        tollgate.provider = session.link().provider.id,
        tollgate.operation = spec.id,
        tollgate.token = session.token_type(),
        error.type = Empty,
    )
}

pub(crate) fn attempt(request: &HttpRequest, resends: u32) -> Span {
    let method = request.method.as_str();
    info_span!(
        "attempt",
        otel.name = format_args!("{method} {}", request.template),
        otel.kind = "client",
        http.request.method = method,
        http.request.resend_count = (resends > 0).then_some(resends),
        http.request.body.size = request.body.len(),
        http.response.status_code = Empty,
        http.response.body.size = Empty,
        url.scheme = request.url.scheme(),
        url.template = request.template,
        server.address = request.url.host_str(),
        server.port = request.url.port_or_known_default(),
        error.type = Empty,
    )
}

pub(crate) fn answered(attempt: &Span, status: u16, length: usize) {
    attempt.record("http.response.status_code", status);
    attempt.record("http.response.body.size", length);
    if status >= 400 {
        attempt.record("error.type", status);
    }
}

pub(crate) fn failed(span: &Span, kind: ErrorKind) {
    span.record("error.type", tracing::field::debug(kind));
}

pub(crate) fn waited_for_limit(wait: Duration) {
    debug!(wait_ms = millis(wait), "waited for a limit");
}

pub(crate) fn repeats(kind: ErrorKind, wait: Duration, hinted: bool) {
    warn!(error.type = ?kind, wait_ms = millis(wait), hinted, "the attempt failed and is repeated");
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
