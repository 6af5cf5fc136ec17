//! Why a call is refused.

use super::Body;
use crate::{DecodeError, Encoding, line::OneLine};
use bytes::Bytes;
use std::{error, fmt, time::Duration};

/// Why a call is refused.
///
/// It shows neither the secret nor a signature, and never the body.
pub struct WebhookError(Box<Details>);

struct Details {
    kind: WebhookErrorKind,
    message: String,
    body: Option<Bytes>,
    source: Option<DecodeError>,
}

/// Which check a call did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebhookErrorKind {
    /// There is no signature: somebody else, or another kind of request.
    MissingSignature,
    /// A header that is signed, too, is not there.
    MissingHeader,
    /// A header that counts comes more than once.
    RepeatedHeader,
    /// The signature, or what is signed with it, is not written as the descriptor says.
    Malformed,
    /// The signature belongs to another secret, or to another message.
    Mismatch,
    /// The signature holds, and is older than the tolerance: a replay, or a clock that is wrong.
    TooOld,
    /// The signature holds, and is from the future by more than the tolerance: a clock is wrong.
    InFuture,
    /// The body is longer than this receiver takes.
    TooLarge,
    /// The provider sent this, and it is not what the descriptor says. [`WebhookError::body`] holds it.
    Unreadable,
}

impl WebhookError {
    fn new(kind: WebhookErrorKind, message: String) -> Self {
        Self(Box::new(Details {
            kind,
            message,
            body: None,
            source: None,
        }))
    }

    pub(super) fn missing_signature(header: &str) -> Self {
        let message = format!("the header `{header}`, which holds the signature, is missing");
        Self::new(WebhookErrorKind::MissingSignature, message)
    }

    pub(super) fn missing(header: &str) -> Self {
        let message = format!("the header `{header}`, which is signed, is missing");
        Self::new(WebhookErrorKind::MissingHeader, message)
    }

    pub(super) fn repeated(header: &str) -> Self {
        let message = format!("the header `{header}` comes more than once");
        Self::new(WebhookErrorKind::RepeatedHeader, message)
    }

    pub(super) fn malformed(message: String) -> Self {
        Self::new(WebhookErrorKind::Malformed, message)
    }

    pub(super) fn mismatch() -> Self {
        let message =
            "the signature does not match: another secret, or a body that is not what was sent, byte for byte";
        Self::new(WebhookErrorKind::Mismatch, message.to_owned())
    }

    pub(super) fn too_old(age: Duration, tolerance: Duration) -> Self {
        let message = format!(
            "sent {} s ago, and at most {} s are taken",
            age.as_secs(),
            tolerance.as_secs()
        );
        Self::new(WebhookErrorKind::TooOld, message)
    }

    pub(super) fn in_future(ahead: Duration, tolerance: Duration) -> Self {
        let message = format!(
            "sent {} s from now, and at most {} s are taken: compare the clocks",
            ahead.as_secs(),
            tolerance.as_secs()
        );
        Self::new(WebhookErrorKind::InFuture, message)
    }

    pub(super) fn too_large(max: usize) -> Self {
        let message = format!("the body is longer than {max} bytes: raise `max_body` if it is to be taken");
        Self::new(WebhookErrorKind::TooLarge, message)
    }

    /// A body that never came whole.
    #[cfg(feature = "axum")]
    pub(super) fn cut_off() -> Self {
        Self::malformed("the body did not arrive whole".to_owned())
    }

    pub(super) fn unreadable(why: DecodeError, body: &Body) -> Self {
        Self(Box::new(Details {
            kind: WebhookErrorKind::Unreadable,
            message: "the body is not what the descriptor says".to_owned(),
            body: Some(body.bytes().clone()),
            source: Some(why),
        }))
    }

    /// Which check it did not pass.
    #[must_use]
    pub fn kind(&self) -> WebhookErrorKind {
        self.0.kind
    }

    /// The HTTP status to answer with: 400, 401 or 413.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.0.kind {
            WebhookErrorKind::MissingSignature
            | WebhookErrorKind::Mismatch
            | WebhookErrorKind::TooOld
            | WebhookErrorKind::InFuture => 401,
            WebhookErrorKind::MissingHeader
            | WebhookErrorKind::RepeatedHeader
            | WebhookErrorKind::Malformed
            | WebhookErrorKind::Unreadable => 400,
            WebhookErrorKind::TooLarge => 413,
        }
    }

    /// What was sent, where it passed all checks (or the provider does not sign) and could not be read.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.0.body.as_ref()
    }
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.source {
            Some(why) => write!(f, "{}: {why}", OneLine(&self.0.message)),
            None => OneLine(&self.0.message).fmt(f),
        }
    }
}

impl fmt::Debug for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookError({:?}: {self})", self.0.kind)
    }
}

impl error::Error for WebhookError {}

/// Why there is no secret to verify with. It names variables, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretError {
    /// None was given.
    None,
    /// One is empty.
    Empty,
    /// It does not begin as the descriptor says.
    Prefix(&'static str),
    /// It is not written as the descriptor says.
    Encoding(Encoding),
    /// The descriptor names no environment variable here.
    NoVariable,
    /// The environment variable is not set.
    Unset(String),
    /// The environment variable is empty.
    EmptyVariable(String),
    /// The environment variable is not Unicode.
    NotUnicode(String),
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no webhook secret was given: without one nothing can be verified"),
            Self::Empty => f.write_str("the webhook secret is empty: anybody could sign with it"),
            Self::Prefix(prefix) => write!(f, "the webhook secret does not begin with `{prefix}`: copy it whole"),
            Self::Encoding(Encoding::Hex) => f.write_str("the webhook secret is not written in hexadecimal digits"),
            Self::Encoding(Encoding::Base64) => f.write_str("the webhook secret is not written in base64"),
            Self::NoVariable => {
                f.write_str("the webhook secret has no environment variable here: give it to `Webhooks::new`")
            }
            Self::Unset(name) => write!(f, "the environment variable `{name}` of the webhook secret is not set"),
            Self::EmptyVariable(name) => write!(f, "the environment variable `{name}` of the webhook secret is empty"),
            Self::NotUnicode(name) => {
                write!(
                    f,
                    "the environment variable `{name}` of the webhook secret is not Unicode"
                )
            }
        }
    }
}

impl error::Error for SecretError {}
