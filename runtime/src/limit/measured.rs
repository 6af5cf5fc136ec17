//! One limit without a request, for measurements only. It is no part of the interface, and may change in any version.

use super::{BudgetKey, Budgets, Fingerprint, Owner, Permit, admit, budgets_of};
use crate::{Clock, Limit, SystemClock};
use std::{sync::Arc, time::Duration};

/// What calls with one token need.
pub struct OneLimit {
    budgets: Budgets,
    clock: Arc<dyn Clock>,
    limits: [&'static Limit; 1],
    place: Fingerprint,
    token: Fingerprint,
    keys: Arc<[BudgetKey]>,
}

impl OneLimit {
    /// The limit of the token of this number.
    #[must_use]
    pub fn new(budgets: &Budgets, limit: &'static Limit, token: usize) -> Self {
        let mut one = Self {
            budgets: budgets.clone(),
            clock: Arc::new(SystemClock),
            limits: [limit],
            place: Fingerprint::of_place("measured", "https://measured.example"),
            token: Fingerprint::of(&token),
            keys: Arc::new([]),
        };
        one.find();
        one
    }

    /// Finds out which budgets a call needs, as each call does before it waits.
    pub fn find(&mut self) {
        let owner = Owner {
            place: self.place,
            connection: 1,
            token: Some((self.token, "measured")),
            operation: "measured.get",
            params: &[],
        };
        self.keys = budgets_of(&self.limits, 1, &owner);
    }

    /// Waits as a call does.
    pub async fn admit(&self) -> Option<OnePlace> {
        let permit = admit(&self.budgets, Arc::clone(&self.keys), &self.clock, None).await;
        permit.ok().map(OnePlace)
    }
}

/// A place of a call.
#[must_use = "a place is given back when it is dropped"]
pub struct OnePlace(Permit);

impl OnePlace {
    /// The request leaves, and is answered.
    pub fn answer(mut self) {
        self.0.sent(Duration::from_secs(30));
        self.0.answered(None);
    }
}
