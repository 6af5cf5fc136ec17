//! The bucket that is refilled steadily.
//!
//! The provider's bucket holds `burst` tokens when it is full, each arrival takes some, and `limit` per window come back.
//! What is missing from it is a *debt*: it grows with each arrival, shrinks steadily to nothing, and must never exceed
//! the burst.
//!
//! The client does not see arrivals, and requests that left apart may arrive together. So it counts a request in full
//! from before it leaves until its answer comes, and only then lets the tokens flow back, as if it had arrived with its
//! answer. Let F be what is in flight and U the debt that is counted from answers. Whoever arrived was either answered,
//! not later than it is counted in U, or is counted in full in F, so the provider's debt is never more than U + F; and
//! U + F only grows when a request is let go, which it is only if it stays within the burst. That holds for any network.
//!
//! It costs the tokens that would have come back during a round trip, once, which matters to small bursts only. Part of it
//! comes back when the quickest round trip is known, by the argument of [`sliding`](super::sliding): between the arrival of
//! an answered request and that of the next lies at least the quickest round trip more than between that answer and the
//! next send. So what has flown back when a request leaves is counted for so much longer.

use super::policy::{Count, End, Flight};
use super::sliding::MARGIN;
use super::trips::Trips;
use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    time::{Duration, Instant},
};

#[derive(Debug)]
pub(super) struct Bucket {
    burst: u32,
    /// How many tokens come back per window.
    limit: u32,
    window: Duration,
    /// Tokens that are held or in flight.
    busy: u32,
    /// When those of them have surely arrived for which nobody waits any more.
    lingering: BinaryHeap<Reverse<(Instant, u32)>>,
    /// What is missing otherwise, at a time.
    debt: Debt,
}

/// In nanoseconds of the refill of one token, times the limit; that of one token is the window's.
#[derive(Clone, Copy, Debug)]
struct Debt {
    amount: u128,
    at: Instant,
}

impl Bucket {
    pub(super) fn new(limit: u32, window: Duration, burst: u32, now: Instant) -> Self {
        Self {
            burst: burst.max(1),
            limit: limit.max(1),
            window: window.max(Duration::from_nanos(1)),
            busy: 0,
            lingering: BinaryHeap::new(),
            debt: Debt { amount: 0, at: now },
        }
    }

    fn token(&self) -> u128 {
        self.window.as_nanos()
    }

    /// What flows back in so long.
    fn flow(&self, time: Duration) -> u128 {
        time.as_nanos() * u128::from(self.limit)
    }

    /// Never so long that a time could not hold it.
    fn time(nanos: u128) -> Duration {
        u64::try_from(nanos).map_or(Duration::from_hours(24 * 365), Duration::from_nanos)
    }

    fn debt(&mut self, now: Instant) -> u128 {
        while let Some(Reverse((arrived, cost))) = self.lingering.peek().copied()
            && arrived <= now
        {
            self.lingering.pop();
            self.owe(cost, arrived);
        }
        self.flow_back(now);
        self.debt.amount
    }

    fn flow_back(&mut self, now: Instant) {
        if self.debt.amount > 0 {
            let flown = self.flow(now.saturating_duration_since(self.debt.at));
            self.debt.amount = self.debt.amount.saturating_sub(flown);
        }
        self.debt.at = self.debt.at.max(now);
    }

    /// From now on, tokens flow back for something in flight.
    fn owe(&mut self, cost: u32, now: Instant) {
        self.flow_back(now);
        self.busy = self.busy.saturating_sub(cost);
        self.debt.amount += u128::from(cost) * self.token();
    }

    /// The debt that the next request to leave may meet.
    fn met(&mut self, now: Instant, trips: &Trips) -> u128 {
        let debt = self.debt(now);
        if debt == 0 {
            return 0;
        }
        (debt + self.flow(MARGIN)).saturating_sub(self.flow(trips.early()))
    }
}

impl Count for Bucket {
    fn size(&self) -> u32 {
        self.burst
    }

    fn room(&mut self, now: Instant, trips: &Trips) -> u32 {
        let debt = self.met(now, trips);
        let gone = if debt == 0 { 0 } else { debt.div_ceil(self.token()) };
        let gone = u32::try_from(gone).unwrap_or(u32::MAX);
        self.burst.saturating_sub(self.busy.saturating_add(gone))
    }

    fn take(&mut self, cost: u32) {
        self.busy = self.busy.saturating_add(cost);
    }

    fn put_back(&mut self, cost: u32) {
        self.busy = self.busy.saturating_sub(cost);
    }

    fn end(&mut self, flight: &Flight, end: End, now: Instant, trips: &Trips) {
        self.debt(now);
        match end {
            End::Answered | End::Failed => self.owe(flight.cost, now),
            // It may still be on its way.
            End::Abandoned => self.lingering.push(Reverse((now + trips.mean(), flight.cost))),
        }
    }

    fn room_at(&mut self, wanted: u32, now: Instant, trips: &Trips) -> Option<Instant> {
        let met = self.met(now, trips);
        let lingers = self.lingering.peek().map(|Reverse((arrived, _))| *arrived);
        // While too much is in flight, only answers help, and what surely has arrived.
        let Some(room) = self.burst.checked_sub(self.busy.saturating_add(wanted)) else {
            return lingers;
        };
        let excess = met.saturating_sub(u128::from(room) * self.token());
        let at = now + Self::time(excess.div_ceil(u128::from(self.limit)));
        Some(lingers.map_or(at, |lingers| at.min(lingers.max(now))))
    }

    fn earliest(&mut self, ahead: u64, now: Instant, trips: &Trips) -> Instant {
        // As if all that is in flight, and all who are ahead, were owed already.
        let more = u128::from(ahead) + u128::from(self.busy) + 1;
        let owed = self.debt(now) + more * self.token();
        let excess = owed
            .saturating_sub(u128::from(self.burst) * self.token())
            .saturating_sub(self.flow(trips.early()));
        now + Self::time(excess / u128::from(self.limit))
    }

    fn lower(&mut self, size: u32) {
        self.burst = size.max(1);
    }

    fn leave(&mut self, left: u32, now: Instant) -> bool {
        let owed = u128::from(self.burst.saturating_sub(left).saturating_sub(self.busy)) * self.token();
        self.debt.amount = self.debt(now).max(owed);
        true
    }
}
