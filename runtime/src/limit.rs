//! Limits: who may go when.
//!
//! [`sliding`] is the arithmetic of one budget, with no clock and no lock. [`share`] says which calls have a budget in
//! common and holds the lines of those who wait. [`admit`] is what a call sees: it returns a [`Permit`] once all of its
//! limits let it go.
//!
//! Another algorithm is another module beside [`sliding`], with the same methods. Budgets that machines share are kept by
//! `shared`, which a call asks after its own process let it go; [`places`] is what it holds of both.

mod permit;
mod places;
mod share;
#[cfg(feature = "redis")]
pub(crate) mod shared;
mod sliding;

pub(crate) use permit::{Permit, TooLong, admit};
pub(crate) use places::{Places, Refusal};
pub use share::Budgets;
pub(crate) use share::{BudgetKey, Fingerprint, Owner};
