//! Calls at the same time.
//!
//! A provider counts a request from its arrival until it has answered, and the client from before the one until after
//! the other: its count is never lower, whatever the network does.
//!
//! What gets no answer is the question. A request that was dropped, or whose connection broke, may go on at the
//! provider, and nobody can tell for how long. It is taken to run as long as the client itself would have waited: its
//! place comes back when its timeout is over. One that timed out has shown that it takes longer, and is given its
//! timeout once more.

use super::policy::{Count, End, Flight};
use super::trips::Trips;
use std::{cmp::Reverse, collections::BinaryHeap, time::Instant};

#[derive(Debug)]
pub(super) struct Concurrency {
    limit: u32,
    /// Places that are held, in flight, or of requests that nobody waits for any more.
    busy: u32,
    /// When the last of these are free again.
    lingering: BinaryHeap<Reverse<(Instant, u32)>>,
}

impl Concurrency {
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit: limit.max(1),
            busy: 0,
            lingering: BinaryHeap::new(),
        }
    }
}

impl Count for Concurrency {
    fn size(&self) -> u32 {
        self.limit
    }

    fn room(&mut self, now: Instant, _: &Trips) -> u32 {
        while let Some(Reverse((until, cost))) = self.lingering.peek().copied()
            && until <= now
        {
            self.lingering.pop();
            self.busy = self.busy.saturating_sub(cost);
        }
        self.limit.saturating_sub(self.busy)
    }

    fn take(&mut self, cost: u32) {
        self.busy = self.busy.saturating_add(cost);
    }

    fn put_back(&mut self, cost: u32) {
        self.busy = self.busy.saturating_sub(cost);
    }

    fn end(&mut self, flight: &Flight, end: End, now: Instant, _: &Trips) {
        let timed_out = flight.sent + flight.timeout;
        let until = match end {
            End::Answered => return self.put_back(flight.cost),
            End::Failed | End::Abandoned if now < timed_out => timed_out,
            End::Failed | End::Abandoned => now + flight.timeout,
        };
        self.lingering.push(Reverse((until, flight.cost)));
    }

    fn room_at(&mut self, wanted: u32, now: Instant, trips: &Trips) -> Option<Instant> {
        if self.room(now, trips) >= wanted {
            return Some(now);
        }
        // Whether that is enough shows then.
        self.lingering.peek().map(|Reverse((until, _))| *until)
    }

    fn earliest(&mut self, _: u64, now: Instant, _: &Trips) -> Instant {
        // The next answer may come at any time.
        now
    }

    fn lower(&mut self, size: u32) {
        self.limit = size.max(1);
    }
}
