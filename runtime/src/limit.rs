//! Limits: who may go when.
//!
//! [`sliding`] is the arithmetic of one budget, with no clock and no lock. [`share`] says which calls have a budget in
//! common and holds the lines of those who wait. [`admit`] is what a call sees: it returns a [`Permit`] once all of its
//! limits let it go.
//!
//! Another algorithm is another module beside [`sliding`], with the same methods; a budget that machines share is another
//! implementation of what [`share::Budgets`] does with them.

mod permit;
mod share;
mod sliding;

pub(crate) use permit::{Permit, TooLong, admit};
pub use share::Budgets;
pub(crate) use share::{BudgetKey, Fingerprint, Owner};
