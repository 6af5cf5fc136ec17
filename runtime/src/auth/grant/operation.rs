//! Tokens that an operation yields, called with another token.

use super::answer;
use crate::{
    ErrorKind, Grant, GrantFrom, GrantParam, GrantValue, Kind, Request, StoredToken, Style, attempt,
    auth::fault::{GrantFailure, TokenFault},
    call::Options,
    client::Session,
    error::Failure,
    prepare,
};

/// Calls the operation as `source`, with the values of the token that `session` shows.
pub(super) async fn ask(session: &Session, source: &Session, grant: &Grant) -> Result<StoredToken, GrantFailure> {
    let GrantFrom::Call { operation, params, .. } = &grant.from else {
        return Err(GrantFailure::new(
            TokenFault::Unexpected,
            "the grant calls no operation",
        ));
    };
    let mut request = Request::new(operation);
    for (value, at) in *params {
        let text = match value {
            GrantValue::Constant(text) => Some(*text),
            GrantValue::Field(name) => session.token().field(name).map(crate::Secret::expose),
        };
        match at {
            GrantParam::Path(name) => request.path(name, &text),
            GrantParam::Segments(name) => request.path_keeping_slashes(name, &text),
            GrantParam::Query(name) => request.query(name, Style::Comma, &text),
            GrantParam::Header(name) => request.header(name, &text),
        }
    }
    let asked = source.link().clock.wall();
    let prepared = prepare::of_request(source, request).map_err(|failure| told(source, &failure))?;
    let bounds = Options::default().bounds(source.link(), operation);
    // A token may be got with one that is got itself.
    let run = Box::pin(attempt::run(source.clone(), prepared, bounds));
    let answered = run.await.map_err(|failure| told(source, &failure))?;
    answer::read(grant, &answered.reply, asked)
}

fn told(source: &Session, failure: &Failure) -> GrantFailure {
    let fault = match failure.kind {
        ErrorKind::Token(fault) => fault,
        ErrorKind::Wait | ErrorKind::Answer(Kind::RateLimited | Kind::QuotaExceeded) => TokenFault::Limited,
        ErrorKind::Answer(Kind::Unauthorized) => TokenFault::Ended,
        ErrorKind::Answer(Kind::OutOfScope | Kind::Rejected) => TokenFault::Refused,
        ErrorKind::Network
        | ErrorKind::Timeout
        | ErrorKind::Deadline
        | ErrorKind::Answer(Kind::Unavailable | Kind::Server) => TokenFault::Unavailable,
        _ => TokenFault::Unexpected,
    };
    let message = source.redact(&failure.to_string());
    let mut told = GrantFailure::new(fault, message);
    told.status = failure.status;
    told.code = failure.code.as_deref().map(|code| source.redact(code));
    told.retry_after = failure.retry_after;
    // The source may have lacked a token itself.
    told.tried = failure.token_requests.iter().chain(&failure.tried).cloned().collect();
    for attempt in &mut told.tried {
        attempt.request_id = attempt.request_id.take().map(|id| source.redact(&id));
    }
    told
}
