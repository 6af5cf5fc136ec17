//! Whether a failed attempt is repeated, and when.

mod after;
mod backoff;
mod budget;
mod policy;

pub use policy::RetryPolicy;
pub(crate) use {after::hint, backoff::backoff, budget::RetryBudget, policy::Repeats};
