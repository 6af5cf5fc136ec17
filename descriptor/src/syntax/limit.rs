//! Rate limits and retries.

use super::{Algorithm, Counts};
use super::{ErrorKind, Place};
use crate::span::{Span, Spanned};

/// One of `rate_limits`: one budget, whoever refers to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// All of it.
    pub span: Span,
    /// How many.
    pub limit: Option<Spanned<u64>>,
    /// In how long: a duration.
    pub window: Option<Spanned<String>>,
    /// How it counts.
    pub algorithm: Option<Spanned<Algorithm>>,
    /// The size of a bucket.
    pub burst: Option<Spanned<u64>>,
    /// What has a budget of its own. Without this key the client has one.
    pub per: Option<Spanned<Vec<Spanned<Per>>>>,
    /// What it counts.
    pub counts: Option<Spanned<Counts>>,
    /// `for.tokens`: the tokens that it holds for.
    pub for_tokens: Option<Spanned<Vec<Spanned<String>>>>,
    /// What the answers say of it.
    pub learn: Option<Learn>,
}

/// One of `per`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Per {
    /// Each token value.
    Token,
    /// Each operation.
    Operation,
    /// Each value of a param.
    Param(Spanned<String>),
}

/// `learn`: where an answer tells the budget. A bare word is a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learn {
    /// All of it.
    pub span: Span,
    /// The whole budget.
    pub limit: Option<Place>,
    /// What is left.
    pub remaining: Option<Place>,
    /// What is gone.
    pub used: Option<Place>,
    /// When it is whole again.
    pub reset: Option<Place>,
}

/// `rate_limit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RateLimitUse {
    /// One or several of `rate_limits`; all must admit a call.
    Names(Spanned<Vec<Spanned<String>>>),
    /// `{ none: "reason" }`.
    None(Spanned<String>),
}

/// `retry`.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a descriptor holds a handful, and nearly all are policies"
)]
pub enum RetryUse {
    /// A policy.
    Policy(Retry),
    /// `{ none: "reason" }`.
    None(Spanned<String>),
}

/// A retry policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// All of it.
    pub span: Span,
    /// How many tries, the first one counted.
    pub max_attempts: Option<Spanned<u64>>,
    /// What is tried again.
    pub when: Option<Spanned<Vec<Spanned<RetryWhen>>>>,
    /// Where the answer says how long to wait. An empty list is nowhere, which is not what holds without the key.
    pub wait_from: Option<Vec<Place>>,
    /// How long to wait otherwise.
    pub backoff: Option<Backoff>,
    /// A longer hint is an error: a duration.
    pub max_wait: Option<Spanned<String>>,
}

/// What is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryWhen {
    /// The connection failed.
    Network,
    /// No answer came in time.
    Timeout,
    /// The answer was a failure of this kind.
    Kind(ErrorKind),
}

/// `backoff`.
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    /// All of it.
    pub span: Span,
    /// The first wait: a duration.
    pub initial: Option<Spanned<String>>,
    /// What each wait is multiplied with.
    pub factor: Option<Spanned<f64>>,
    /// The longest wait: a duration.
    pub max: Option<Spanned<String>>,
    /// The share of a wait that is random, 0 to 1.
    pub jitter: Option<Spanned<f64>>,
}
