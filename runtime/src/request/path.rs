//! Paths: templates with holes, filled so that no value leads out of its place.

use super::EncodeError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// Everything but the characters that RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same, and a slash stays.
const RESERVED_BUT_SLASH: &AsciiSet = &RESERVED.remove(b'/');

/// A text as (part of) one segment of a path.
pub(crate) fn percent_encode_path(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A text as (part of) one segment of a path.
pub(super) fn segment(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// A text as (part of) several segments of a path.
pub(super) fn segments(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED_BUT_SLASH)
}

/// Adds a text as the name or the value of a query parameter.
pub(super) fn put_query(query: &mut String, text: &str) {
    query.extend(utf8_percent_encode(text, RESERVED));
}

/// A text as the name or the value of a query parameter.
pub(crate) fn percent_encode_query(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Fills the holes of a template with values that are encoded already, behind a base.
pub(crate) fn fill<V: AsRef<str>>(
    base: &str,
    template: &'static str,
    value: impl Fn(&str) -> Option<V>,
) -> Result<String, EncodeError> {
    let mut path = String::with_capacity(base.len() + template.len() + 32);
    path.push_str(base);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        path.push_str(before);
        match value(name) {
            Some(value) if value.as_ref().is_empty() => {
                return Err(EncodeError::EmptyPathValue { name: name.to_owned() });
            }
            Some(value) => path.push_str(value.as_ref()),
            None => return Err(EncodeError::MissingPathValue { name: name.to_owned() }),
        }
        rest = after;
    }
    path.push_str(rest);
    if path.get(base.len()..).is_none_or(escapes) {
        return Err(EncodeError::PathEscapes { path: template });
    }
    Ok(path)
}

/// Whether a URL parser would take segments away, or take the first one for a host.
fn escapes(path: &str) -> bool {
    path.starts_with("//") || path.split('/').any(|segment| matches!(segment, "." | ".."))
}
