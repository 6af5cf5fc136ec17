//! Multipart bodies.

use super::{EncodeError, encode_json};
use crate::{Param, Values};
use bytes::Bytes;
use serde::Serialize;
use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

/// What is uploaded.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct File {
    /// The content.
    pub bytes: Bytes,
    /// The name that the provider is told; `file` where there is none, because without a name it would be a field.
    pub file_name: Option<String>,
    /// The media type; `application/octet-stream` where there is none.
    pub content_type: Option<String>,
}

impl File {
    /// A file with this content.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            file_name: None,
            content_type: None,
        }
    }

    /// Says its name.
    #[must_use]
    pub fn file_name(mut self, file_name: impl Into<String>) -> Self {
        self.file_name = Some(file_name.into());
        self
    }

    /// Says its media type.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }
}

/// Without the content, which is long and somebody else's.
impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .finish()
    }
}

impl From<Bytes> for File {
    fn from(bytes: Bytes) -> Self {
        Self::new(bytes)
    }
}

impl From<Vec<u8>> for File {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

/// A part of a multipart body. Of an absent value there is none, of a list one per element.
#[derive(Clone)]
#[must_use]
pub struct Part {
    name: String,
    contents: Result<Vec<Bytes>, EncodeError>,
    media: Option<String>,
    file_name: Option<String>,
}

impl Part {
    /// A text field.
    pub fn text(name: impl Into<String>, value: &dyn Param) -> Self {
        let name = name.into();
        let values = Values::of(value);
        let contents = match values.mistake {
            Some(problem) => Err(EncodeError::Value {
                name: name.clone(),
                problem,
            }),
            None => Ok(values.list.into_iter().map(|value| value.text.into()).collect()),
        };
        Self {
            name,
            contents,
            media: None,
            file_name: None,
        }
    }

    /// A field of JSON, with its media type, `application/json` by default.
    pub fn json<S: Serialize + ?Sized>(name: impl Into<String>, media: Option<&'static str>, value: &S) -> Self {
        Self {
            name: name.into(),
            contents: encode_json(value).map(|text| text.into_iter().map(Bytes::from).collect()),
            media: Some(media.unwrap_or("application/json").to_owned()),
            file_name: None,
        }
    }

    /// A file.
    pub fn file(name: impl Into<String>, file: &File) -> Self {
        let media = file.content_type.as_deref().unwrap_or("application/octet-stream");
        Self {
            name: name.into(),
            contents: Ok(vec![file.bytes.clone()]),
            media: Some(media.to_owned()),
            file_name: Some(file.file_name.clone().unwrap_or_else(|| "file".to_owned())),
        }
    }

    /// Says its media type.
    pub fn media(mut self, media: &'static str) -> Self {
        self.media = Some(media.to_owned());
        self
    }

    pub(super) fn mistake(&self) -> Option<EncodeError> {
        if let Err(mistake) = &self.contents {
            return Some(mistake.clone());
        }
        let media = self.media.as_deref().unwrap_or_default();
        let problem = "its media type is not one";
        let name = self.name.clone();
        media
            .contains(|letter: char| letter.is_control())
            .then_some(EncodeError::Value { name, problem })
    }

    fn head(&self) -> String {
        let mut head = format!("Content-Disposition: form-data; name=\"{}\"", escaped(&self.name));
        if let Some(file_name) = &self.file_name {
            head.push_str("; filename=\"");
            head.push_str(&escaped(file_name));
            head.push('"');
        }
        head.push_str("\r\n");
        if let Some(media) = &self.media {
            head.push_str("Content-Type: ");
            head.push_str(media);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        head
    }
}

/// Names and sizes: a field may be a secret.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.contents.iter().flatten().map(Bytes::len).sum::<usize>();
        f.debug_struct("Part")
            .field("name", &self.name)
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}

/// As browsers do it, by the HTML standard.
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The boundary and the body.
pub(super) fn encode(parts: &[Part]) -> (String, Bytes) {
    let boundary = boundary(parts);
    let mut body = Vec::new();
    for part in parts {
        for content in part.contents.iter().flatten() {
            body.extend_from_slice(b"--");
            body.extend_from_slice(boundary.as_bytes());
            body.extend_from_slice(b"\r\n");
            body.extend_from_slice(part.head().as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
    }
    body.extend_from_slice(b"--");
    body.extend_from_slice(boundary.as_bytes());
    body.extend_from_slice(b"--\r\n");
    (boundary, body.into())
}

/// A text that stands nowhere in the contents, made from them, so that equal bodies are equal.
fn boundary(parts: &[Part]) -> String {
    let contents = || parts.iter().flat_map(|part| part.contents.iter().flatten());
    let mut hasher = DefaultHasher::new();
    contents().for_each(|content| content.hash(&mut hasher));
    let mut number = hasher.finish();
    loop {
        let boundary = format!("tollgate-{number:016x}");
        if !contents().any(|content| contains(content, boundary.as_bytes())) {
            return boundary;
        }
        number = number.wrapping_add(1);
    }
}

fn contains(content: &[u8], wanted: &[u8]) -> bool {
    let mut rest = content;
    while let Some(start) = rest.iter().position(|byte| *byte == wanted[0]) {
        if rest[start..].starts_with(wanted) {
            return true;
        }
        rest = &rest[start + 1..];
    }
    false
}
