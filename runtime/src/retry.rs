//! Whether a failed attempt is repeated, and when.

mod after;
mod backoff;
mod budget;

pub(crate) use after::hint;
pub(crate) use backoff::backoff;
pub(crate) use budget::RetryBudget;

use crate::{Kind, Retry, When};

/// Whether the provider's policy repeats this at all.
///
/// Too many requests were refused before anything was done, so that any method may be repeated; all else may have been
/// done although it failed, so that only what is safe to do twice is.
pub(crate) fn repeats(retry: &Retry, what: When, safe: bool) -> bool {
    retry.when.contains(&what) && (safe || what == When::Kind(Kind::RateLimited))
}
