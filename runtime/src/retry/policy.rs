//! How a call is repeated: as the descriptor says, or as its caller says instead.

use crate::{Kind, Place, Retry, TimeFormat, When};
use std::{borrow::Cow, time::Duration};

/// How a call is repeated, instead of as the descriptor says: for [`Call::retry`](crate::Call::retry).
///
/// What is left open stays as in the descriptor. Whatever is said here, a request whose repeat is not declared to be safe
/// is repeated only after an answer by which it was not taken, as one about too many requests.
///
/// ```
/// # use std::time::Duration;
/// use tollgate::RetryPolicy;
///
/// let patient = RetryPolicy::attempts(8).initial(Duration::from_millis(200)).longest(Duration::from_secs(30));
/// let once = RetryPolicy::none();
/// # let _ = (patient, once);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a policy does nothing until a call has it"]
pub struct RetryPolicy {
    max_attempts: Option<u32>,
    when: Option<Vec<When>>,
    initial: Option<Duration>,
    factor: Option<f64>,
    longest: Option<Duration>,
    jitter: Option<f64>,
}

impl RetryPolicy {
    /// No repeats.
    pub fn none() -> Self {
        Self::attempts(1)
    }

    /// So many attempts at most. The first one counts, and is always made.
    pub fn attempts(max: u32) -> Self {
        Self {
            max_attempts: Some(max),
            ..Self::default()
        }
    }

    /// What is repeated.
    pub fn when(mut self, when: impl IntoIterator<Item = When>) -> Self {
        self.when = Some(when.into_iter().collect());
        self
    }

    /// The first wait, where the provider does not say how long to wait.
    pub fn initial(mut self, wait: Duration) -> Self {
        self.initial = Some(wait);
        self
    }

    /// What each further wait is multiplied by.
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = Some(factor);
        self
    }

    /// The longest wait of the client's own choice.
    pub fn longest(mut self, wait: Duration) -> Self {
        self.longest = Some(wait);
        self
    }

    /// The share of a wait that is random, 0 to 1.
    pub fn jitter(mut self, share: f64) -> Self {
        self.jitter = Some(share);
        self
    }
}

/// So many attempts at most.
impl From<u32> for RetryPolicy {
    fn from(attempts: u32) -> Self {
        Self::attempts(attempts)
    }
}

/// As the descriptor of another operation says.
impl From<&Retry> for RetryPolicy {
    fn from(retry: &Retry) -> Self {
        Self {
            max_attempts: Some(retry.max_attempts),
            when: Some(retry.when.to_vec()),
            initial: Some(retry.initial),
            factor: Some(retry.factor),
            longest: Some(retry.max),
            jitter: Some(retry.jitter),
        }
    }
}

/// Where providers say when to come back, unless the descriptor says where.
const RETRY_AFTER: &[Place] = &[Place {
    formats: &[TimeFormat::Seconds, TimeFormat::HttpDate],
    ..Place::header("retry-after")
}];

/// What a caller's policy leaves open where the descriptor has none. It is what the language has where `retry` is empty.
const DEFAULT: Retry = Retry {
    max_attempts: 3,
    when: &[
        When::Network,
        When::Timeout,
        When::Kind(Kind::RateLimited),
        When::Kind(Kind::Unavailable),
    ],
    wait_from: RETRY_AFTER,
    initial: Duration::from_millis(500),
    factor: 2.0,
    max: Duration::from_secs(30),
    jitter: 0.3,
    max_wait: Duration::from_mins(1),
};

/// How one call is repeated, all said.
#[derive(Debug)]
pub(crate) struct Repeats {
    /// Counts the first try; 1 where nothing is repeated.
    pub(crate) max_attempts: u32,
    pub(crate) when: Cow<'static, [When]>,
    pub(crate) wait_from: &'static [Place],
    pub(crate) initial: Duration,
    pub(crate) factor: f64,
    pub(crate) max: Duration,
    pub(crate) jitter: f64,
    /// The longest wait that the provider may ask for.
    pub(crate) max_wait: Duration,
}

impl Repeats {
    pub(crate) fn new(declared: Option<&'static Retry>, own: Option<&RetryPolicy>, max_wait: Option<Duration>) -> Self {
        let base = declared.unwrap_or(&DEFAULT);
        let mut repeats = Self {
            max_attempts: declared.map_or(1, |retry| retry.max_attempts),
            when: Cow::Borrowed(base.when),
            wait_from: base.wait_from,
            initial: base.initial,
            factor: base.factor,
            max: base.max,
            jitter: base.jitter,
            max_wait: max_wait.unwrap_or(base.max_wait),
        };
        if let Some(own) = own {
            repeats.take(own, base.max_attempts);
        }
        repeats
    }

    fn take(&mut self, own: &RetryPolicy, max_attempts: u32) {
        self.max_attempts = own.max_attempts.unwrap_or(max_attempts);
        if let Some(when) = &own.when {
            self.when = Cow::Owned(when.clone());
        }
        self.initial = own.initial.unwrap_or(self.initial);
        self.factor = own.factor.unwrap_or(self.factor);
        self.max = own.longest.unwrap_or(self.max);
        self.jitter = own.jitter.unwrap_or(self.jitter).clamp(0.0, 1.0);
    }

    /// Whether this is repeated at all.
    ///
    /// Too many requests were refused before anything was done, so that any method may be repeated; all else may have
    /// been done although it failed, so that only what is safe to do twice is.
    pub(crate) fn repeat(&self, what: When, is_safe: bool) -> bool {
        self.when.contains(&what) && (is_safe || what == When::Kind(Kind::RateLimited))
    }
}
