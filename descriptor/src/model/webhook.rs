//! What a provider calls, and how it proves that it was the provider.

use super::{Place, Template, Type, TypeName};
use std::time::Duration;

/// The webhooks of a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhooks {
    /// How a call proves where it comes from.
    pub proof: Proof,
    /// Where a call says what happened. There where events have names.
    pub event_name: Option<Place>,
    /// What it holds.
    pub events: Events,
}

/// How a call proves where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By a signature.
    Signed(Box<Signature>),
    /// Not at all, for this reason.
    Unsigned(String),
}

/// What the calls of a provider hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Events {
    /// The same for all.
    One(Type),
    /// By the name of the event, in the author's order. Never empty.
    ByName(Vec<Event>),
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// As the provider writes it.
    pub wire: String,
    /// The variant in Rust. Never `Unknown`, which is for names that are not listed.
    pub rust: TypeName,
    /// What it holds.
    pub ty: Type,
}

/// How a webhook is signed: HMAC with SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The header that holds the signature, or several.
    pub header: String,
    /// What separates several; any may match.
    pub split: Option<String>,
    /// What a signature begins with; others are passed over.
    pub prefix: String,
    /// How it is written.
    pub encoding: Encoding,
    /// What is signed, over `{id}`, `{timestamp}` and `{body}`. The body is in it.
    pub payload: Template,
    /// The number of the delivery. A header where the payload holds it.
    pub id: Option<Place>,
    /// When it was sent. A header where the payload holds it.
    pub timestamp: Option<Place>,
    /// How far from now that may be. Only where the time is signed.
    pub tolerance: Option<Duration>,
    /// The shared secret.
    pub secret: WebhookSecret,
}

impl Signature {
    /// Whether the payload has this hole.
    #[must_use]
    pub fn signs(&self, hole: &str) -> bool {
        let is_hole = |part: &super::TemplatePart| matches!(part, super::TemplatePart::Hole(name) if name == hole);
        self.payload.0.iter().any(is_hole)
    }
}

/// The shared secret of a signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookSecret {
    /// The environment variable by environment, in the order of [`Model::environments`](super::Model::environments).
    pub env: Vec<Option<String>>,
    /// What it begins with that is not part of the key.
    pub prefix: String,
    /// How the rest of it is written; `None` for the key itself.
    pub encoding: Option<Encoding>,
}

/// How bytes are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// Hexadecimal digits.
    Hex,
    /// Base64.
    Base64,
}
