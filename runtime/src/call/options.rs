//! What a caller wants otherwise than the descriptor has it.

use crate::{RetryPolicy, Spec, client::Link, retry::Repeats};
use std::time::{Duration, Instant};

/// What a caller said about one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) key: Option<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Deadline>,
    pub(crate) max_wait: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
}

/// When all of a call has to be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    /// As the caller said it.
    pub(crate) within: Duration,
    /// Absent until the call begins.
    at: Option<Instant>,
}

impl Deadline {
    pub(crate) fn new(within: Duration) -> Self {
        Self { within, at: None }
    }

    /// The time that is left. A time too far for the clock is none at all.
    pub(crate) fn left(&self, now: Instant) -> Duration {
        let left = self.at.map(|at| at.saturating_duration_since(now));
        left.unwrap_or(self.within)
    }

    /// The call begins, unless it has begun before.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.at = self.at.or_else(|| now.checked_add(self.within));
    }
}

/// What bounds the attempts of one request.
#[derive(Debug)]
pub(crate) struct Bounds {
    /// For one attempt.
    pub(crate) timeout: Duration,
    pub(crate) deadline: Option<Deadline>,
    /// For one wait in front of limits; absent where nobody says.
    pub(crate) max_wait: Option<Duration>,
    pub(crate) repeats: Repeats,
}

impl Options {
    /// A stream or a batch begins with its first request.
    pub(crate) fn begin(&mut self, link: &Link) {
        if let Some(deadline) = &mut self.deadline {
            deadline.begin(link.clock.now());
        }
    }

    pub(crate) fn bounds(&self, link: &Link, spec: &'static Spec) -> Bounds {
        let declared = spec.settings.retry;
        Bounds {
            timeout: self.timeout.unwrap_or_else(|| link.timeout(spec.settings)),
            deadline: self.deadline,
            max_wait: self.max_wait.or(declared.map(|retry| retry.max_wait)),
            repeats: Repeats::new(declared, self.retry.as_ref(), self.max_wait),
        }
    }
}
