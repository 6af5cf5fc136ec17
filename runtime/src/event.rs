//! What a tracing subscriber sees: one span per call, one per attempt, and every wait as an event.
//!
//! Names follow OpenTelemetry's semantic conventions for HTTP clients, and targets are part of the interface: see
//! `docs/observability.md`. The URL appears as its template only: paths and queries hold parameters, and sometimes the
//! token.

use crate::{
    DriftKind, HttpRequest, Spec, StoreError,
    attempt::Tally,
    auth::{fault::GrantFailure, grant::From},
    client::Session,
    drift,
    error::Failure,
    meter,
};
use std::time::Duration;
use tracing::{Span, debug, field::Empty, info_span, warn};

pub(crate) fn call(session: &Session, spec: &'static Spec) -> Span {
    info_span!(
        target: "tollgate",
        "call",
        otel.name = spec.id,
        otel.kind = "internal",
        otel.status_code = Empty,
        tollgate.provider = session.link().provider.id,
        tollgate.operation = spec.id,
        tollgate.token = session.token_type(),
        tollgate.attempts = Empty,
        tollgate.waited_ms = Empty,
        error.type = Empty,
    )
}

pub(crate) fn ended(call: &Span, session: &Session, spec: &'static Spec, tally: &Tally, failure: Option<&Failure>) {
    meter::ended(spec, session, tally.attempts, failure.map(|failure| failure.kind));
    if call.is_disabled() {
        return;
    }
    call.record("tollgate.attempts", tally.attempts);
    call.record("tollgate.waited_ms", millis(tally.waited));
    if let Some(failure) = failure {
        call.record("error.type", failure.kind.as_str());
        call.record("otel.status_code", "ERROR");
    }
}

pub(crate) fn attempt(request: &HttpRequest, resends: u32) -> Span {
    let method = request.method.as_str();
    info_span!(
        target: "tollgate",
        "attempt",
        otel.name = format_args!("{method} {}", request.template),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = method,
        http.request.resend_count = (resends > 0).then_some(resends),
        http.request.body.size = request.body.len(),
        http.response.status_code = Empty,
        http.response.body.size = Empty,
        url.scheme = request.url.scheme(),
        url.template = request.template,
        server.address = request.host(),
        server.port = request.url.port_or_known_default(),
        error.type = Empty,
    )
}

pub(crate) fn answered(attempt: &Span, status: u16, length: usize) {
    attempt.record("http.response.status_code", status);
    attempt.record("http.response.body.size", length);
}

pub(crate) fn failed(attempt: &Span, failure: &Failure) {
    if attempt.is_disabled() {
        return;
    }
    attempt.record("otel.status_code", "ERROR");
    match failure.status {
        Some(status @ 400..) => attempt.record("error.type", tracing::field::display(status)),
        _ => attempt.record("error.type", failure.kind.as_str()),
    };
}

/// A token request came to nothing.
pub(crate) fn token_request_failed(attempt: &Span, failure: &GrantFailure) {
    if attempt.is_disabled() {
        return;
    }
    attempt.record("otel.status_code", "ERROR");
    match failure.status {
        Some(status @ 400..) => attempt.record("error.type", tracing::field::display(status)),
        _ => attempt.record("error.type", failure.fault.as_str()),
    };
}

pub(crate) fn waited_for_limit(session: &Session, spec: &'static Spec, wait: Duration) {
    meter::waited_for_limit(spec, session, wait);
    debug!(
        target: "tollgate::limit",
        wait_ms = millis(wait),
        tollgate.operation = spec.id,
        "waited for a limit"
    );
}

/// An attempt failed, and there will be another one.
pub(crate) fn repeats(session: &Session, failure: &Failure, attempt: u32, wait: Duration, is_hinted: bool) {
    meter::repeated(failure.spec, session, failure.kind);
    warn!(
        target: "tollgate::retry",
        attempt,
        tollgate.operation = failure.spec.id,
        error.type = failure.kind.as_str(),
        http.response.status_code = failure.status,
        wait_ms = millis(wait),
        hinted = is_hinted,
        "the attempt failed and is repeated"
    );
}

/// The last of several attempts failed.
pub(crate) fn gave_up(failure: &Failure, attempts: u32) {
    warn!(
        target: "tollgate::retry",
        attempts,
        tollgate.operation = failure.spec.id,
        error.type = failure.kind.as_str(),
        http.response.status_code = failure.status,
        "the call is not repeated any more"
    );
}

/// Drift of a sort that this connection did not see before.
pub(crate) fn drifted(spec: &'static Spec, kind: DriftKind, place: &drift::Place<'_>) {
    warn!(
        target: "tollgate::drift",
        kind = kind.as_str(),
        tollgate.operation = spec.id,
        model = place.model,
        name = place.name,
        "the answer holds what the descriptor does not know"
    );
}

/// Drift of whatever sort, seen before or not.
pub(crate) fn counted_drift(session: &Session, spec: &'static Spec, kind: DriftKind, count: u64) {
    meter::drifted(spec, session, kind, count);
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A short-lived token came.
pub(crate) fn got_token(session: &Session, from: From, took: Duration) {
    debug!(
        target: "tollgate::token",
        {
        tollgate.provider = session.link().provider.id,
        tollgate.token = session.token_type(),
        from = ?from,
        took_ms = millis(took)
        },
        "got a token"
    );
}

pub(crate) fn got_no_token(session: &Session, failure: &GrantFailure, took: Duration) {
    warn!(
        target: "tollgate::token",
        {
        tollgate.provider = session.link().provider.id,
        tollgate.token = session.token_type(),
        error.type = failure.fault.as_str(),
        http.response.status_code = failure.status,
        took_ms = millis(took)
        },
        "got no token"
    );
}

pub(crate) fn token_request_repeats(session: &Session, failure: &GrantFailure, wait: Duration) {
    warn!(
        target: "tollgate::token",
        {
        tollgate.token = session.token_type(),
        error.type = failure.fault.as_str(),
        http.response.status_code = failure.status,
        wait_ms = millis(wait)
        },
        "the token request failed and is repeated"
    );
}

/// A token was refused, and the call is tried with a fresh one.
pub(crate) fn tries_afresh(session: &Session) {
    debug!(
        target: "tollgate::token",
        {
        tollgate.token = session.token_type()
        },
        "the token was refused, and the call is tried with a fresh one"
    );
}

pub(crate) fn store_failed(session: &Session, error: &StoreError) {
    warn!(
        target: "tollgate::token",
        {
        tollgate.token = session.token_type(),
        error = %error
        },
        "the store of tokens failed, and was left aside"
    );
}
