//! Webhooks.

use super::{Entries, PerEnvironment, Place, Type};
use crate::span::{Span, Spanned};

/// `webhooks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhooks {
    /// All of it.
    pub span: Span,
    /// How a call proves where it comes from.
    pub signature: Option<WebhookSignature>,
    /// Where it says what happened.
    pub event_name: Option<Place>,
    /// What it holds.
    pub events: Option<Events>,
}

/// `signature`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookSignature {
    /// It does, like this.
    Signed(Box<Signature>),
    /// `{ none: "reason" }`.
    None(Spanned<String>),
}

/// How a webhook is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// All of it.
    pub span: Span,
    /// `hmac_sha256`.
    pub algorithm: Option<Spanned<String>>,
    /// The header that holds the signature.
    pub header: Option<Spanned<String>>,
    /// What separates several signatures.
    pub split: Option<Spanned<String>>,
    /// What a signature begins with.
    pub prefix: Option<Spanned<String>>,
    /// `hex` or `base64`.
    pub encoding: Option<Spanned<String>>,
    /// What is signed: a template over `{id}`, `{timestamp}` and `{body}`.
    pub payload: Option<Spanned<String>>,
    /// The number of the delivery.
    pub id: Option<Place>,
    /// When it was sent.
    pub timestamp: Option<Place>,
    /// How old it may be: a duration.
    pub tolerance: Option<Spanned<String>>,
    /// The shared secret.
    pub secret: Option<WebhookSecret>,
}

/// `secret` of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSecret {
    /// All of it.
    pub span: Span,
    /// The environment variable.
    pub env: Option<PerEnvironment>,
    /// What it begins with, and what does not belong to the key.
    pub prefix: Option<Spanned<String>>,
    /// How the key is written.
    pub encoding: Option<Spanned<String>>,
}

/// `events`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Events {
    /// One model for all.
    One(Type),
    /// By name.
    ByName(Spanned<Entries<Type>>),
}
