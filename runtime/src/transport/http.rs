//! Requests and answers in the types of the crate `http`.

use super::{HttpReply, HttpRequest, TransportError};
use crate::Headers;
use ::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri};
use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use std::{error::Error, io, iter::successors, pin::pin};

/// Anything that may be wrong.
pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// A request as it goes out. Nothing of it is copied.
pub(super) fn request(request: HttpRequest) -> Result<Request<Full<Bytes>>, TransportError> {
    let odd = || TransportError::refused("the request holds a character that HTTP cannot carry");
    let mut made = Request::new(Full::new(request.body));
    *made.method_mut() = method(request.method);
    *made.uri_mut() = Uri::from_maybe_shared(Bytes::from(String::from(request.url))).map_err(|_| odd())?;
    *made.headers_mut() = header_map(request.headers, request.secret_headers).ok_or_else(odd)?;
    Ok(made)
}

fn method(method: crate::Method) -> ::http::Method {
    match method {
        crate::Method::Get => ::http::Method::GET,
        crate::Method::Post => ::http::Method::POST,
        crate::Method::Put => ::http::Method::PUT,
        crate::Method::Patch => ::http::Method::PATCH,
        crate::Method::Delete => ::http::Method::DELETE,
        crate::Method::Head => ::http::Method::HEAD,
    }
}

/// Values of secrets are marked, so that HTTP/2 does not keep them in its tables and nothing logs them.
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

/// An answer, read to its end, and no further than `max_body`.
pub(super) async fn reply<B>(answer: Response<B>, max_body: usize) -> Result<HttpReply, TransportError>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let (head, body) = answer.into_parts();
    Ok(HttpReply {
        status: head.status.as_u16(),
        headers: texts(&head.headers),
        body: read(body, max_body).await?,
    })
}

fn texts(map: &HeaderMap) -> Headers {
    let lengths = map.iter().map(|(name, value)| name.as_str().len() + value.len());
    let mut headers = Headers::with_capacity(map.len(), lengths.sum());
    for (name, value) in map {
        headers.push(name, String::from_utf8_lossy(value.as_bytes()));
    }
    headers
}

/// Reads a body, and no further than it may go: what it says of its length need not be true.
async fn read<B>(body: B, max: usize) -> Result<Bytes, TransportError>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let mut body = pin!(body);
    if usize::try_from(body.size_hint().lower()).map_or(true, |length| length > max) {
        return Err(super::too_long(max));
    }
    // Most answers are one piece, which is not copied.
    let (mut first, mut whole) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = body.frame().await {
        let Ok(mut piece) = frame.map_err(|error| failed(error.into()))?.into_data() else {
            continue;
        };
        let length = piece.remaining();
        let piece = piece.copy_to_bytes(length);
        if piece.len() > max - first.len().max(whole.len()) {
            return Err(super::too_long(max));
        }
        if first.is_empty() {
            first = piece;
            continue;
        }
        if whole.is_empty() {
            whole.extend_from_slice(&first);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// Why a request got no answer at all. Once an answer has begun, nobody can say that the request was not looked at.
pub(super) fn unanswered(error: BoxError) -> TransportError {
    let first: &(dyn Error + 'static) = &*error;
    let is_turned_away = successors(Some(first), |&error| error.source()).any(is_unprocessed);
    let failed = failed(error);
    if is_turned_away {
        return TransportError::unprocessed(failed.message);
    }
    failed
}

/// What went wrong, with all causes.
#[expect(clippy::needless_pass_by_value, reason = "it comes boxed, and ends here")]
pub(super) fn failed(error: BoxError) -> TransportError {
    let mut message = error.to_string();
    let mut is_timeout = is_timeout(&*error);
    let mut cause = error.source();
    while let Some(inner) = cause {
        message = format!("{message}: {inner}");
        is_timeout |= self::is_timeout(inner);
        cause = inner.source();
    }
    if is_timeout {
        TransportError::timeout(message)
    } else {
        TransportError::network(message)
    }
}

/// Whether the provider turned the request away before it looked at it: too many at a time, or a connection that it closes
/// and whose last requests it does not serve any more (RFC 9113, section 8.7).
fn is_unprocessed(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<h2::Error>().is_some_and(|error| {
        let is_closing = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
        let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (is_closing || is_refused)
    })
}

/// Whether the system gave up on the connection.
fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
}
