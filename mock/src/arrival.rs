//! A request as it arrived, taken apart once.

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, COOKIE, HeaderMap};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// More than any descriptor's `max_body` is worth testing with.
const LONGEST_BODY: usize = 64 << 20;

/// A request.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) method: String,
    /// Percent-encoded, as it came.
    pub(crate) path: String,
    /// As it came.
    pub(crate) raw_query: String,
    /// Decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) json: Result<Value, String>,
    /// The parts of a multipart body.
    pub(crate) parts: Result<Vec<Part>, String>,
}

/// A part of a multipart body.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) media: Option<String>,
    pub(crate) body: Bytes,
}

impl Arrival {
    /// Reads a request to its end, or says why that failed.
    pub(crate) async fn read(request: hyper::Request<Incoming>) -> Result<Self, String> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, LONGEST_BODY).collect().await;
        let body = body
            .map_err(|error| format!("the body could not be read: {error}"))?
            .to_bytes();
        Ok(Self::from_parts(&head, body).await)
    }

    async fn from_parts(head: &hyper::http::request::Parts, body: Bytes) -> Self {
        let raw_query = head.uri.query().unwrap_or_default().to_owned();
        let query = url::form_urlencoded::parse(raw_query.as_bytes()).into_owned().collect();
        let parts = parts(&head.headers, &body).await;
        Self {
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            raw_query,
            query,
            headers: head.headers.clone(),
            json: serde_json::from_slice(&body).map_err(|error| error.to_string()),
            body,
            parts,
        }
    }

    /// The values of a header, in order.
    pub(crate) fn header_values(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).into_iter();
        values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
            .collect()
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.header_values(name).into_iter().next()
    }

    /// The first value of a query parameter.
    pub(crate) fn query_value(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.header_values(COOKIE.as_str());
        let mut pairs = cookies
            .iter()
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(key, _)| key.trim() == name)?;
        Some(percent_decode_str(value.trim()).decode_utf8_lossy().into_owned())
    }

    /// The media type of the body without its parameters, in lower case.
    pub(crate) fn media(&self) -> Option<String> {
        self.header(CONTENT_TYPE.as_str()).map(|value| essence(&value))
    }
}

/// A media type without its parameters, in lower case.
pub(crate) fn essence(media: &str) -> String {
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

async fn parts(headers: &HeaderMap, body: &Bytes) -> Result<Vec<Part>, String> {
    let media = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let boundary = multer::parse_boundary(media).map_err(|error| error.to_string())?;
    let body = stream::iter([Ok::<_, std::convert::Infallible>(body.clone())]);
    let mut multipart = multer::Multipart::new(body, boundary);
    let mut parts = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|error| error.to_string())? {
        parts.push(Part {
            name: field.name().unwrap_or_default().to_owned(),
            media: field.content_type().map(ToString::to_string),
            body: field.bytes().await.map_err(|error| error.to_string())?,
        });
    }
    Ok(parts)
}
