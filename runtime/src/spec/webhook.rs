//! What a provider calls, and how it proves that it was the provider.

use super::Place;
use std::time::Duration;

/// What is constant about the webhooks of a provider.
#[derive(Debug)]
pub struct WebhookSpec {
    /// `None` where they are not signed.
    pub signature: Option<&'static SignatureSpec>,
    /// Where a call says what happened.
    pub event_name: Option<Place>,
}

/// How a webhook is signed: HMAC with SHA-256.
#[derive(Debug)]
pub struct SignatureSpec {
    /// The header that holds the signature, or several.
    pub header: &'static str,
    /// What separates several; any may match.
    pub split: Option<&'static str>,
    /// What a signature begins with; others are passed over.
    pub prefix: &'static str,
    /// How it is written.
    pub encoding: Encoding,
    /// What is signed, in this order.
    pub payload: &'static [SignedPart],
    /// The number of the delivery.
    pub id: Option<Place>,
    /// When it was sent.
    pub timestamp: Option<Place>,
    /// How far from now that may be.
    pub tolerance: Option<Duration>,
    /// What the shared secret begins with that is not part of the key.
    pub secret_prefix: &'static str,
    /// How the rest of it is written; `None` for the key itself.
    pub secret_encoding: Option<Encoding>,
    /// The environment variable of the secret, by environment; empty where there is none.
    pub secret_env: &'static [Option<&'static str>],
}

impl SignatureSpec {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        header: "",
        split: None,
        prefix: "",
        encoding: Encoding::Hex,
        payload: &[SignedPart::Body],
        id: None,
        timestamp: None,
        tolerance: None,
        secret_prefix: "",
        secret_encoding: None,
        secret_env: &[],
    };
}

/// A part of what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedPart {
    /// This text.
    Text(&'static str),
    /// [`SignatureSpec::id`], as it was sent.
    Id,
    /// [`SignatureSpec::timestamp`], as it was sent.
    Timestamp,
    /// The body, byte for byte.
    Body,
}

/// How bytes are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Hexadecimal digits of either case.
    Hex,
    /// Base64 with the standard alphabet.
    Base64,
}
