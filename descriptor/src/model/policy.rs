//! What holds for several operations alike: limits, retry, errors.

use super::{DefinitionId, LimitId, Line, Path, Place, Template, TokenId};
use std::time::Duration;

/// The words that are the same at the top, on a resource and on an operation, the innermost already chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// All of them must admit a call.
    pub rate_limits: Vec<LimitId>,
    /// Whether and how a failed attempt is repeated.
    pub retry: Option<Retry>,
    /// Where errors say what.
    pub errors: Errors,
    /// The first that matches decides.
    pub classify: Vec<ClassifyRule>,
    /// What wraps success bodies; the empty path for nothing.
    pub unwrap: Path,
    /// Places and values that tell that something wraps it; none where it always does.
    pub unwrap_when: Vec<(Path, Vec<String>)>,
    /// Constant request headers. Holes are variables.
    pub headers: Vec<(String, Template)>,
    /// The host's position in [`Environment::hosts`](super::Environment::hosts), if not the base URL.
    pub host: Option<usize>,
    /// For one attempt.
    pub timeout: Option<Duration>,
}

/// A budget.
#[derive(Clone, Debug, PartialEq)]
pub struct RateLimit {
    /// As written.
    pub name: String,
    /// Calls per window.
    pub limit: u32,
    /// The window; zero for `concurrency`.
    pub window: Duration,
    /// How the provider counts.
    pub algorithm: Algorithm,
    /// One budget per combination of these; empty for one per client.
    pub per: Vec<Per>,
    /// The size of a bucket.
    pub burst: Option<u32>,
    /// Only these tokens count; empty for all.
    pub tokens: Vec<TokenId>,
    /// Whether a call counts as its cost, and not as one.
    pub counts_cost: bool,
    /// What answers tell of it.
    pub learn: Option<Learn>,
    /// Where it is declared.
    pub line: Line,
}

/// Where answers tell of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// How a provider counts calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// In every window that slides with time.
    Sliding,
    /// In windows that begin at fixed times.
    Fixed,
    /// A bucket that is refilled.
    Bucket,
    /// At the same time.
    Concurrency,
}

/// What separates budgets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Per {
    /// The token's value.
    Token,
    /// The operation.
    Operation,
    /// A parameter's value, by its name in the descriptor.
    Param(String),
}

/// How failed attempts are repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// Counts the first try. At least 1.
    pub max_attempts: u32,
    /// What is repeated.
    pub when: Vec<RetryWhen>,
    /// Where the provider says how long to wait.
    pub wait_from: Vec<Place>,
    /// How long to wait where it does not.
    pub backoff: Backoff,
    /// A longer hint is an error that carries it.
    pub max_wait: Duration,
}

/// What may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RetryWhen {
    /// No answer: the connection failed.
    Network,
    /// No answer in time.
    Timeout,
    /// An answer of that kind.
    Kind(Kind),
}

/// Exponential backoff.
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    /// The first wait.
    pub initial: Duration,
    /// What each further wait is multiplied by.
    pub factor: f64,
    /// The longest wait.
    pub max: Duration,
    /// The share of a wait that is random, 0 to 1.
    pub jitter: f64,
}

/// What kind of failure an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The request is wrong. 400 405 422
    Invalid,
    /// The token is missing, malformed, expired or of the wrong type. 401
    Unauthorized,
    /// A quota is used up or a payment is due. 402
    QuotaExceeded,
    /// The token may not do this. 403
    OutOfScope,
    /// 404 410
    NotFound,
    /// 409 412
    Conflict,
    /// Try later. 408 502 503 504
    Unavailable,
    /// 429
    RateLimited,
    /// Refused for a reason of the provider's. Other 4xx, and failures inside a 2xx
    Rejected,
    /// The provider failed. Other 5xx
    Server,
}

impl Kind {
    /// All kinds, by name.
    pub const ALL: [(&'static str, Self); 10] = [
        ("invalid", Self::Invalid),
        ("unauthorized", Self::Unauthorized),
        ("quota_exceeded", Self::QuotaExceeded),
        ("out_of_scope", Self::OutOfScope),
        ("not_found", Self::NotFound),
        ("conflict", Self::Conflict),
        ("unavailable", Self::Unavailable),
        ("rate_limited", Self::RateLimited),
        ("rejected", Self::Rejected),
        ("server", Self::Server),
    ];
}

/// Where the answers of failures say what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errors {
    /// The model of their bodies.
    pub body: Option<DefinitionId>,
    /// The first that holds a text is the message.
    pub message: Vec<Place>,
    /// The first that holds a text or a number is the code.
    pub code: Vec<Place>,
    /// The first that holds a text is the request's id.
    pub request_id: Vec<Place>,
}

/// A rule of `classify`. All conditions must hold; each list is any-of, and an empty one holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassifyRule {
    /// Empty: any status but 2xx.
    pub status: Vec<StatusMatch>,
    /// The code by [`Errors::code`].
    pub code: Vec<String>,
    /// Header name and values.
    pub headers: Vec<(String, Vec<String>)>,
    /// Path and the scalars it may hold, as JSON text (`"failed"`, `false`, `3`).
    pub body: Vec<(Path, Vec<String>)>,
    /// A place that holds something other than null.
    pub present: Option<Place>,
    /// What it is then.
    pub kind: Kind,
    /// What to do about it.
    pub hint: Option<String>,
    /// The model of that failure, instead of [`Errors::body`].
    pub model: Option<DefinitionId>,
}

/// Statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusMatch {
    /// This one.
    Exact(u16),
    /// `2xx` is `Class(2)`.
    Class(u8),
}
