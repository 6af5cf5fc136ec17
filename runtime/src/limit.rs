//! Limits: who may go when.
//!
//! [`sliding`], [`fixed`], [`bucket`] and [`concurrency`] are the arithmetic of one budget each, with no clock and no
//! lock; their documentation says why they never break a limit, whatever the network does. [`policy`] is a budget: one
//! of them, what answers tell of it ([`learn`]), and whether it is closed. [`key`] says which calls have a budget in
//! common, and [`share`] holds the budgets and those who wait. [`admit`] is what a call sees: it returns a [`Permit`] once
//! all of its limits let it go.
//!
//! Budgets that machines share are kept by `shared`, which a call asks after its own process let it go; [`places`] is what
//! it holds of both.

mod bucket;
mod concurrency;
mod fixed;
mod key;
mod learn;
mod measured;
#[cfg(all(test, tollgate_loom))]
mod orders;
mod permit;
mod places;
mod policy;
mod share;
#[cfg(feature = "redis")]
pub(crate) mod shared;
mod sliding;
mod sync;
mod trips;

pub(crate) use key::{BudgetKey, Fingerprint, Owner, budgets_of};
pub use measured::{OneLimit, OnePlace};
pub(crate) use permit::{Permit, TooLong, admit};
pub(crate) use places::{Places, Refusal};
pub use share::Budgets;
