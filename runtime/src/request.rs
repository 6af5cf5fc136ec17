//! What an operation writes: path, query, headers and body, as text.
//!
//! Writing cannot fail. Mistakes are recorded, the first one counts, and a request that has one is never sent.

mod error;
mod form;
mod multipart;
mod path;
mod place;
mod query;

pub use self::{
    error::EncodeError,
    multipart::{File, Part},
    query::Style,
};
pub(crate) use self::{
    path::{percent_encode_path, percent_encode_query},
    place::shown,
    query::Pair,
};

use crate::{Param, Path, Spec, Values, json, record, secret};
use bytes::Bytes;
use percent_encoding::PercentEncode;
use serde::Serialize;
use std::{borrow::Cow, fmt};

/// A request that is being written. Every function skips absent values.
#[derive(Clone)]
pub struct Request {
    spec: &'static Spec,
    path: Vec<(&'static str, String)>,
    query: Vec<Pair>,
    headers: Vec<(String, String)>,
    body: Body,
    params: Vec<(&'static str, String)>,
    page_size: Option<u32>,
    start: Option<Start>,
    mistake: Option<EncodeError>,
}

/// Where a paged operation is to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// At this page or offset.
    Number(u64),
    /// At this cursor.
    Cursor(String),
}

/// The body before it is turned into bytes: parameters may still go into it.
#[derive(Clone, Default)]
enum Body {
    #[default]
    None,
    Json {
        media: &'static str,
        text: String,
    },
    Form {
        text: String,
        style: Style,
        overrides: Vec<(&'static str, Style)>,
    },
    Multipart(Vec<Part>),
    Raw {
        media: &'static str,
        bytes: Bytes,
    },
}

/// A body as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) media: String,
    pub(crate) bytes: Bytes,
}

impl Request {
    pub(crate) fn new(spec: &'static Spec) -> Self {
        Self {
            spec,
            path: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::None,
            params: Vec::new(),
            page_size: None,
            start: None,
            mistake: None,
        }
    }

    /// Fills a hole of the path. A slash is encoded; an empty value is a mistake.
    pub fn path(&mut self, name: &'static str, value: &dyn Param) {
        self.hole(name, value, path::segment);
    }

    /// Fills a hole of the path with a value whose slashes separate segments.
    pub fn path_keeping_slashes(&mut self, name: &'static str, value: &dyn Param) {
        self.hole(name, value, path::segments);
    }

    fn hole(&mut self, name: &'static str, value: &dyn Param, encode: fn(&str) -> PercentEncode<'_>) {
        let values = self.values(name, value);
        let mut text = String::new();
        for (at, value) in values.list.into_iter().enumerate() {
            match Cow::from(encode(&value.text)) {
                // Most are one identifier, which needs no other form.
                Cow::Borrowed(same) if at == 0 && same == value.text => text = value.text,
                encoded => {
                    text.push_str(if at == 0 { "" } else { "," });
                    text.push_str(&encoded);
                }
            }
        }
        if text.is_empty() {
            self.refuse(EncodeError::EmptyPathValue { name: name.to_owned() });
        }
        self.path.push((name, text));
    }

    /// Adds a query parameter. A `{key}` in its name is the key of a map's entry.
    pub fn query(&mut self, name: &'static str, style: Style, value: &dyn Param) {
        let values = self.values(name, value);
        self.query.extend(query::pairs(name, style, values));
    }

    /// Adds a header. The elements of a list stand in one, with a comma between.
    pub fn header(&mut self, name: &'static str, value: &dyn Param) {
        let values = self.values(name, value);
        for pair in query::pairs(name, Style::Comma, values) {
            let name = pair.name.clone();
            let value = pair.into_value();
            let is_name =
                |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') || b"!#$%&'*+-.^_`|~".contains(&byte);
            if !name.bytes().all(is_name) || value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
                self.refuse(EncodeError::Header { name });
                continue;
            }
            self.headers.push((name, value));
        }
    }

    /// Sets a JSON body.
    pub fn json<S: Serialize + ?Sized>(&mut self, body: &S) {
        self.json_as("application/json", body);
    }

    /// Sets a JSON body with a media type of its own.
    pub fn json_as<S: Serialize + ?Sized>(&mut self, media: &'static str, body: &S) {
        if let Some(text) = self.encoded(body) {
            self.body = Body::Json { media, text };
        }
    }

    /// Puts a value into the JSON (or form) body, in the place of what is there. Missing objects are made, and a path
    /// with [`Step::Each`](crate::Step::Each) means every element of the list.
    pub fn json_at<S: Serialize + ?Sized>(&mut self, path: Path, value: &S) {
        if let Some(text) = self.encoded(value) {
            self.edit(path, &mut |_| Some(text.clone()));
        }
    }

    /// Sets a form body. Lists have this style, unless an override names the field.
    pub fn form<S: Serialize + ?Sized>(&mut self, style: Style, overrides: &[(&'static str, Style)], body: &S) {
        if let Some(text) = self.encoded(body) {
            let overrides = overrides.to_vec();
            self.body = Body::Form { text, style, overrides };
        }
    }

    /// Sets a multipart body.
    pub fn multipart(&mut self, parts: Vec<Part>) {
        if let Some(mistake) = parts.iter().find_map(Part::mistake) {
            self.refuse(mistake);
        }
        self.body = Body::Multipart(parts);
    }

    /// Sets a body of bytes.
    pub fn bytes(&mut self, media: &'static str, body: Bytes) {
        self.body = Body::Raw { media, bytes: body };
    }

    /// Sets a body of text.
    pub fn text(&mut self, media: &'static str, body: impl Into<String>) {
        let bytes = Bytes::from(body.into());
        self.body = Body::Raw { media, bytes };
    }

    /// Says how many items a page shall hold.
    pub fn page_size(&mut self, size: Option<u32>) {
        self.page_size = size;
    }

    /// Says where to begin.
    pub fn start(&mut self, start: Option<Start>) {
        self.start = start;
    }

    /// Says how many elements the batch has. More than the provider takes are a mistake.
    pub fn batch_len(&mut self, len: usize) {
        if let Some(batch) = self.spec.batch {
            let max = batch.max_items;
            if exceeds(len, max) {
                self.refuse(EncodeError::BatchTooLong { len, max });
            }
        }
    }

    /// Says how many elements a list has. More than the provider takes are a mistake.
    pub fn max_items(&mut self, name: &'static str, max: u32, len: usize) {
        if exceeds(len, max) {
            self.refuse(EncodeError::TooManyItems { name, len, max });
        }
    }

    /// Remembers the value of a parameter by which a budget is separated.
    pub fn param(&mut self, name: &'static str, value: &dyn Param) {
        let values = self.values(name, value);
        if !values.list.is_empty() {
            self.params.push((name, values.joined()));
        }
    }

    fn values(&mut self, name: &'static str, value: &dyn Param) -> Values {
        let values = Values::of(value);
        if let Some(problem) = values.mistake {
            let name = name.to_owned();
            self.refuse(EncodeError::Value { name, problem });
        }
        values
    }

    fn encoded<S: Serialize + ?Sized>(&mut self, value: &S) -> Option<String> {
        encode_json(value).unwrap_or_else(|mistake| {
            self.refuse(mistake);
            None
        })
    }

    fn refuse(&mut self, mistake: EncodeError) {
        self.mistake.get_or_insert(mistake);
    }

    /// The first mistake.
    pub(crate) fn mistake(&self) -> Option<&EncodeError> {
        self.mistake.as_ref()
    }

    pub(crate) fn spec(&self) -> &'static Spec {
        self.spec
    }

    /// The path behind a base, with all holes filled. `other` gives what is no parameter, variables and fields of the
    /// token, not encoded.
    pub(crate) fn filled_path(
        &self,
        base: &str,
        other: impl Fn(&str) -> Option<String>,
    ) -> Result<String, EncodeError> {
        path::fill(base, self.spec.path, |name| {
            let own = self.path.iter().find(|(hole, _)| *hole == name);
            own.map(|(_, text)| Cow::Borrowed(text.as_str()))
                .or_else(|| other(name).map(|text| Cow::Owned(percent_encode_path(&text))))
        })
    }

    /// The query, encoded; empty where there is none.
    pub(crate) fn encoded_query(&self) -> String {
        let mut query = String::new();
        for (at, pair) in self.query.iter().enumerate() {
            if at > 0 {
                query.push('&');
            }
            pair.put(&mut query);
        }
        query
    }

    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The values that [`param`](Self::param) remembered.
    pub(crate) fn params(&self) -> &[(&'static str, String)] {
        &self.params
    }

    /// How many items a page shall hold, if the caller said so.
    pub(crate) fn wanted_page_size(&self) -> Option<u32> {
        self.page_size
    }

    /// Where to begin, if the caller said so.
    pub(crate) fn wanted_start(&self) -> Option<&Start> {
        self.start.as_ref()
    }

    /// The body as it is sent, or that it is longer than the provider takes.
    pub(crate) fn content(&self) -> Result<Option<Content>, EncodeError> {
        let (media, bytes) = match &self.body {
            Body::None => return Ok(None),
            Body::Json { media, text } => ((*media).to_owned(), Bytes::from(text.clone())),
            Body::Raw { media, bytes } => ((*media).to_owned(), bytes.clone()),
            Body::Form { text, style, overrides } => {
                let problem = || "a form is made of an object".to_owned();
                let form = form::encode(text, *style, overrides);
                let form = form.ok_or_else(|| EncodeError::Body { problem: problem() })?;
                ("application/x-www-form-urlencoded".to_owned(), form.into())
            }
            Body::Multipart(parts) => {
                let (boundary, bytes) = multipart::encode(parts);
                (format!("multipart/form-data; boundary={boundary}"), bytes)
            }
        };
        let len = bytes.len();
        match self.spec.max_body {
            Some(max) if u64::try_from(len).is_ok_and(|len| len > max) => Err(EncodeError::BodyTooLong { len, max }),
            _ => Ok(Some(Content { media, bytes })),
        }
    }

    fn edit(&mut self, path: Path, value: &mut dyn FnMut(Option<&str>) -> Option<String>) {
        if matches!(self.body, Body::None) {
            let (media, text) = ("application/json", "{}".to_owned());
            self.body = Body::Json { media, text };
        }
        let edited = match &mut self.body {
            Body::Json { text, .. } | Body::Form { text, .. } => {
                json::edit(text, path.0, value).map(|edited| *text = edited)
            }
            Body::None | Body::Multipart(_) | Body::Raw { .. } => Err(json::EditError::Malformed),
        };
        if let Err(problem) = edited {
            let problem = format!("nothing can be put at `{}`: {problem}", place::shown(path));
            self.refuse(EncodeError::Body { problem });
        }
    }
}

fn exceeds(len: usize, max: u32) -> bool {
    usize::try_from(max).is_ok_and(|max| len > max)
}

/// A value as JSON text, secrets included; `None` where it is absent. Through a trait object, so that each model is
/// compiled for one serializer.
fn encode_json<S: Serialize + ?Sized>(value: &S) -> Result<Option<String>, EncodeError> {
    let value: &dyn record::Value = &value;
    if record::is_absent(value) {
        return Ok(None);
    }
    let text = secret::exposing(|| serde_json::to_string(value));
    text.map(Some).map_err(|error| EncodeError::Body {
        problem: error.to_string(),
    })
}

/// Names and sizes, no values: they may be secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query: Vec<_> = self.query.iter().map(|pair| &pair.name).collect();
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Request")
            .field("operation", &self.spec.id)
            .field("path", &self.spec.path)
            .field("query", &query)
            .field("headers", &headers)
            .field("mistake", &self.mistake)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
