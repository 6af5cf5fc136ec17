//! The lock, as the standard library has it, or as loom models it.

#[cfg(not(all(test, tollgate_loom)))]
pub(super) use std::sync::{Mutex, MutexGuard};

#[cfg(all(test, tollgate_loom))]
pub(super) use loom::sync::{Mutex, MutexGuard};
