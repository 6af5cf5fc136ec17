//! What many operations share: limits, retry, errors.

use super::{Path, Place};
use std::time::Duration;

/// What many operations share.
#[derive(Debug)]
pub struct Settings {
    /// All of them must admit a call.
    pub limits: &'static [&'static Limit],
    /// Whether and how failed attempts are repeated.
    pub retry: Option<&'static Retry>,
    /// Where errors say what.
    pub errors: Errors,
    /// The first that matches decides.
    pub classify: &'static [Rule],
    /// What wraps success bodies.
    pub unwrap: Path,
    /// Paths and allowed scalars, as JSON text, that tell that something wraps a body: where one does not hold, the body
    /// is bare. Empty where something always does.
    pub unwrap_when: &'static [(Path, &'static [&'static str])],
    /// Constant request headers, with `{variable}` holes.
    pub headers: &'static [(&'static str, &'static str)],
    /// A host by its position in [`EnvironmentSpec::hosts`](super::EnvironmentSpec::hosts).
    pub host: Option<usize>,
    /// For one attempt.
    pub timeout: Option<Duration>,
}

impl Settings {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        limits: &[],
        retry: None,
        errors: Errors::DEFAULT,
        classify: &[],
        unwrap: Path::ROOT,
        unwrap_when: &[],
        headers: &[],
        host: None,
        timeout: None,
    };
}

/// A budget.
#[derive(Debug)]
pub struct Limit {
    /// `per_token`
    pub name: &'static str,
    /// Calls, or their cost, per window; of a bucket what comes back per window; calls at a time of
    /// [`Algorithm::Concurrency`].
    pub limit: u32,
    /// How long a call counts. Zero for [`Algorithm::Concurrency`].
    pub window: Duration,
    /// How the provider counts.
    pub algorithm: Algorithm,
    /// One budget per combination of these; empty for one per connection.
    pub per: &'static [Per],
    /// The token types for whose calls it holds, by [`TokenSpec::name`](super::TokenSpec::name); empty for all.
    pub tokens: &'static [&'static str],
    /// Whether a call counts as its [`Spec::cost`](super::Spec::cost), and not as one.
    pub counts_cost: bool,
    /// What answers tell of it.
    pub learn: Option<&'static Learn>,
}

impl Limit {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        name: "",
        limit: 1,
        window: Duration::ZERO,
        algorithm: Algorithm::Sliding,
        per: &[],
        tokens: &[],
        counts_cost: false,
        learn: None,
    };
}

/// How a provider counts calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// In every window that slides with time.
    Sliding,
    /// In windows that begin at times that only the provider knows.
    Fixed,
    /// A bucket of this size, refilled steadily.
    Bucket {
        /// What it holds when it is full.
        burst: u32,
    },
    /// At the same time.
    Concurrency,
}

/// Where answers tell of a budget. It only ever lowers what is declared.
#[derive(Debug)]
pub struct Learn {
    /// The whole budget.
    pub limit: Option<Place>,
    /// What is left of it.
    pub remaining: Option<Place>,
    /// What is gone of it.
    pub used: Option<Place>,
    /// When it is whole again.
    pub reset: Option<Place>,
}

/// What separates budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// The token's value.
    Token,
    /// The operation.
    Operation,
    /// The value of the parameter with this wire name.
    Param(&'static str),
}

/// How failed attempts are repeated.
#[derive(Debug)]
pub struct Retry {
    /// Counts the first try.
    pub max_attempts: u32,
    /// What is repeated.
    pub when: &'static [When],
    /// Where the provider says how long to wait.
    pub wait_from: &'static [Place],
    /// The first wait where it does not.
    pub initial: Duration,
    /// What each further wait is multiplied by.
    pub factor: f64,
    /// The longest wait of the client's own choice.
    pub max: Duration,
    /// The share of a wait that is random, 0 to 1.
    pub jitter: f64,
    /// A longer hint is an error that carries it.
    pub max_wait: Duration,
}

/// What may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// No answer.
    Network,
    /// No answer in time.
    Timeout,
    /// An answer of this kind.
    Kind(Kind),
}

/// What kind of failure an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The request is wrong.
    Invalid,
    /// The token is missing, malformed, expired or of the wrong type.
    Unauthorized,
    /// A quota is used up, or a payment is due.
    QuotaExceeded,
    /// The token may not do this.
    OutOfScope,
    /// There is no such thing.
    NotFound,
    /// It contradicts what is there.
    Conflict,
    /// Later, perhaps.
    Unavailable,
    /// Too many requests.
    RateLimited,
    /// Refused for a reason of the provider's, also inside a 2xx.
    Rejected,
    /// The provider failed.
    Server,
}

impl Kind {
    /// As descriptors write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unauthorized => "unauthorized",
            Self::QuotaExceeded => "quota_exceeded",
            Self::OutOfScope => "out_of_scope",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::RateLimited => "rate_limited",
            Self::Rejected => "rejected",
            Self::Server => "server",
        }
    }
}

/// Where the answers of failures say what.
#[derive(Debug)]
pub struct Errors {
    /// Which model their bodies have, as [`ErrorBody::read`](crate::ErrorBody::read) numbers them.
    pub body: Option<usize>,
    /// The first that holds a text is the message.
    pub message: &'static [Place],
    /// The first that holds a text or number is the code.
    pub code: &'static [Place],
    /// The first that holds a text is the request's id.
    pub request_id: &'static [Place],
}

impl Errors {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        body: None,
        message: &[],
        code: &[],
        request_id: &[],
    };
}

/// A rule of `classify`: all conditions must hold, an empty list holds.
#[derive(Debug)]
pub struct Rule {
    /// Empty: any status but 2xx.
    pub status: &'static [StatusMatch],
    /// The code by [`Errors::code`].
    pub code: &'static [&'static str],
    /// Header name and allowed values.
    pub headers: &'static [(&'static str, &'static [&'static str])],
    /// Path and allowed scalars, as JSON text.
    pub body: &'static [(Path, &'static [&'static str])],
    /// A place that holds something other than null.
    pub present: Option<Place>,
    /// What it is then.
    pub kind: Kind,
    /// What to do about it.
    pub hint: Option<&'static str>,
    /// The model of the body, instead of [`Errors::body`].
    pub model: Option<usize>,
}

impl Rule {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        status: &[],
        code: &[],
        headers: &[],
        body: &[],
        present: None,
        kind: Kind::Rejected,
        hint: None,
        model: None,
    };
}

/// Statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusMatch {
    /// This one.
    Exact(u16),
    /// `2xx` is `Class(2)`.
    Class(u8),
}
