//! The headers of a call, whatever the server holds them in.

use super::{Body, WebhookError};
use crate::{Headers, Place, Source, pattern};

/// The headers of a call, as a server holds them: [`Headers`], pairs of name and value, or (with the feature `http`) a
/// `HeaderMap`.
pub trait ReceivedHeaders {
    /// Shows each value of the header, whose name is compared without regard to case.
    fn each(&self, name: &str, show: &mut dyn FnMut(&[u8]));
}

impl ReceivedHeaders for Headers {
    fn each(&self, name: &str, show: &mut dyn FnMut(&[u8])) {
        self.get_all(name).for_each(|value| show(value.as_bytes()));
    }
}

#[cfg(feature = "http")]
impl ReceivedHeaders for http::HeaderMap {
    fn each(&self, name: &str, show: &mut dyn FnMut(&[u8])) {
        self.get_all(name).iter().for_each(|value| show(value.as_bytes()));
    }
}

impl<Name: AsRef<str>, Value: AsRef<[u8]>> ReceivedHeaders for [(Name, Value)] {
    fn each(&self, name: &str, show: &mut dyn FnMut(&[u8])) {
        let found = self
            .iter()
            .filter(|(other, _)| other.as_ref().eq_ignore_ascii_case(name));
        found.for_each(|(_, value)| show(value.as_ref()));
    }
}

impl<Name: AsRef<str>, Value: AsRef<[u8]>, const N: usize> ReceivedHeaders for [(Name, Value); N] {
    fn each(&self, name: &str, show: &mut dyn FnMut(&[u8])) {
        self.as_slice().each(name, show);
    }
}

impl<Name: AsRef<str>, Value: AsRef<[u8]>> ReceivedHeaders for Vec<(Name, Value)> {
    fn each(&self, name: &str, show: &mut dyn FnMut(&[u8])) {
        self.as_slice().each(name, show);
    }
}

/// The one value of a header. Twice the same header is refused: two readers might each believe another one.
pub(super) fn header(
    headers: &(impl ReceivedHeaders + ?Sized),
    name: &'static str,
) -> Result<Option<String>, WebhookError> {
    let mut count = 0;
    let mut found = None;
    headers.each(name, &mut |value| {
        count += 1;
        found = Some(std::str::from_utf8(value).map(|text| text.trim().to_owned()));
    });
    match found {
        _ if count > 1 => Err(WebhookError::repeated(name)),
        None => Ok(None),
        Some(Ok(text)) => Ok(Some(text)),
        Some(Err(_)) => Err(WebhookError::malformed(format!("the header `{name}` is not UTF-8"))),
    }
}

/// The text or number at a place, cut by its pattern.
pub(super) fn value(
    headers: &(impl ReceivedHeaders + ?Sized),
    body: &Body,
    place: &Place,
) -> Result<Option<String>, WebhookError> {
    let text = match place.source {
        Source::Header(name) => header(headers, name)?,
        Source::Body(path) => body.scalar(path).map_err(|why| WebhookError::unreadable(why, body))?,
    };
    Ok(match (text, place.pattern) {
        (Some(text), Some(pattern)) => pattern::first_group(pattern, &text).map(str::to_owned),
        (text, _) => text,
    })
}
