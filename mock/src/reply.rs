//! What goes back to the caller.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::Value;

/// An answer, not yet on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::raw(status, "application/json", Bytes::from(body.to_string()))
    }

    pub(crate) fn raw(status: u16, media: &str, body: Bytes) -> Self {
        Self {
            status,
            headers: vec![(CONTENT_TYPE.as_str().to_owned(), media.to_owned())],
            body,
        }
    }

    /// Whether there is a body in the answer to a request with this method.
    pub(crate) fn has_body(&self, method: &str) -> bool {
        method != "HEAD" && !matches!(self.status, 204 | 304)
    }

    /// For the wire. A header that HTTP cannot carry is left out.
    pub(crate) fn into_response(self, method: &str) -> Response<Full<Bytes>> {
        let has_body = self.has_body(method);
        let mut response = Response::new(Full::new(if has_body { self.body } else { Bytes::new() }));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}
