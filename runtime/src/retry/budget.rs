//! How many repeats a connection has left.

use crate::When;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A token bucket with the numbers of the AWS SDKs: a provider that is down costs each connection about a hundred
/// repeats, and then one per handful of successes, until it is back.
#[derive(Debug)]
pub(crate) struct RetryBudget(AtomicU32);

const CAPACITY: u32 = 500;
const SUCCESS: u32 = 1;

/// What a repeat costs. Being told to slow down says that the provider is well; its limit does the rest.
fn cost(what: When) -> u32 {
    match what {
        When::Kind(crate::Kind::RateLimited) => 0,
        When::Timeout => 10,
        When::Network | When::Kind(_) => 5,
    }
}

impl RetryBudget {
    pub(crate) fn new() -> Self {
        Self(AtomicU32::new(CAPACITY))
    }

    /// Pays for a repeat, if there is enough left.
    pub(crate) fn pay(&self, what: When) -> bool {
        let pay = |left: u32| left.checked_sub(cost(what));
        self.0.fetch_update(Relaxed, Relaxed, pay).is_ok()
    }

    /// A call succeeded: what its last repeat cost comes back, and a little more.
    pub(crate) fn succeeded(&self, repeated: Option<When>) {
        let back = repeated.map_or(SUCCESS, |what| cost(what).max(SUCCESS));
        let add = |left: u32| Some(left.saturating_add(back).min(CAPACITY));
        let _ = self.0.fetch_update(Relaxed, Relaxed, add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_provider_is_left_alone_and_a_live_one_restores_the_budget() {
        let budget = RetryBudget::new();
        let paid = (0..1000).filter(|_| budget.pay(When::Network)).count();
        assert_eq!(paid, 100);
        (0..5).for_each(|_| budget.succeeded(None));
        assert!(budget.pay(When::Network));
        assert!(!budget.pay(When::Network));
        budget.succeeded(Some(When::Timeout));
        assert!(budget.pay(When::Timeout));
    }

    #[test]
    fn being_told_to_slow_down_costs_nothing() {
        let budget = RetryBudget::new();
        assert!((0..1000).all(|_| budget.pay(When::Kind(crate::Kind::RateLimited))));
    }
}
