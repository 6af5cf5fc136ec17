//! The exact sliding window.
//!
//! What counts is when requests *arrive*, and the client sees only when they leave and when their answers come. So a
//! place is given back one window after the answer: whatever leaves then arrives later than one window after what was
//! answered. That holds for any network.
//!
//! It wastes a round trip per window. Of a round trip, some is the way there of the next request and some the way back
//! of the last answer; their sum is never less than the shortest possible round trip, the *floor*. Once the floor has been
//! seen, a place is given back that much earlier, which is the same as `sent + window + (own round trip - floor)`: who
//! took longer than the floor by x arrived at most x late. The shortest round trip *seen* is an upper bound of the floor
//! only: the next request may be quicker on its way, and the last answer may have been. How much is told by how far the
//! mean is from the smallest, so twice that is taken off. A steady network gets all of the round trip back, a jittery one
//! some of it or none. The one thing that this trusts is that a network that was slow 32 times in a row does not become
//! quicker from one request to the next; should it, and should the provider refuse something, it is not trusted again
//! for 256 answers.
//!
//! A window that permits thousands would hold thousands of times. Above [`FINE`] calls they are rounded up to a
//! [`FINE`]th of the window and kept together, so that a budget has a bounded size whatever it permits.

use super::policy::{Count, End, Flight};
use super::trips::Trips;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Clocks of timers and servers round to milliseconds.
pub(super) const MARGIN: Duration = Duration::from_millis(1);

/// Up to so many places of a window are kept apart.
const FINE: u32 = 512;

/// How many places there are, and who holds them until when.
#[derive(Debug)]
pub(super) struct Sliding {
    limit: u32,
    window: Duration,
    /// To what times are rounded up, counted from the first.
    grain: Option<(Duration, Instant)>,
    /// Places that are held or in flight.
    busy: u32,
    /// When the other used places are free again, the earliest first.
    back: VecDeque<(Instant, u32)>,
    /// How many those are.
    used: u32,
}

impl Sliding {
    pub(super) fn new(limit: u32, window: Duration, now: Instant) -> Self {
        Self {
            limit: limit.max(1),
            window,
            grain: (limit > FINE).then(|| (window / FINE, now)),
            busy: 0,
            back: VecDeque::new(),
            used: 0,
        }
    }

    fn forget(&mut self, now: Instant) {
        while let Some((_, count)) = self.back.pop_front_if(|(at, _)| *at <= now) {
            self.used -= count;
        }
    }

    fn count_until(&mut self, cost: u32, until: Instant) {
        self.busy = self.busy.saturating_sub(cost);
        self.used = self.used.saturating_add(cost);
        let until = self.rounded(until + MARGIN);
        // Answers come in order, but for those that nobody waits for.
        let at = match self.back.back() {
            Some((last, _)) if *last > until => self.back.partition_point(|(other, _)| *other <= until),
            _ => self.back.len(),
        };
        match at.checked_sub(1).and_then(|before| self.back.get_mut(before)) {
            Some((other, count)) if *other == until => *count = count.saturating_add(cost),
            _ => self.back.insert(at, (until, cost)),
        }
    }

    fn rounded(&self, until: Instant) -> Instant {
        let Some((grain, first)) = self.grain else {
            return until;
        };
        // Five hundred years fit, and dividing 128 bits takes long.
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let grain = nanos(grain).max(1);
        let since = nanos(until.saturating_duration_since(first));
        let rounded = since.checked_next_multiple_of(grain).unwrap_or(since);
        until + Duration::from_nanos(rounded - since)
    }
}

impl Count for Sliding {
    fn size(&self) -> u32 {
        self.limit
    }

    fn room(&mut self, now: Instant, _: &Trips) -> u32 {
        self.forget(now);
        self.limit.saturating_sub(self.busy.saturating_add(self.used))
    }

    fn take(&mut self, cost: u32) {
        self.busy = self.busy.saturating_add(cost);
    }

    fn put_back(&mut self, cost: u32) {
        self.busy = self.busy.saturating_sub(cost);
    }

    fn end(&mut self, flight: &Flight, end: End, now: Instant, trips: &Trips) {
        let until = match end {
            // Never before one window after the send, whatever the floor.
            End::Answered => (now + self.window.saturating_sub(trips.early())).max(flight.sent + self.window),
            // It may have arrived as late as now.
            End::Failed => now + self.window,
            // It may still be on its way.
            End::Abandoned => now + self.window + trips.mean(),
        };
        self.count_until(flight.cost, until);
    }

    fn room_at(&mut self, wanted: u32, now: Instant, _: &Trips) -> Option<Instant> {
        self.forget(now);
        let taken = self.busy.saturating_add(self.used);
        let mut missing = taken.saturating_add(wanted).saturating_sub(self.limit);
        if missing == 0 {
            return Some(now);
        }
        for (at, count) in &self.back {
            missing = missing.saturating_sub(*count);
            if missing == 0 {
                return Some(*at);
            }
        }
        None
    }

    fn earliest(&mut self, ahead: u64, now: Instant, trips: &Trips) -> Instant {
        let limit = u64::from(self.limit);
        let (rounds, turn) = (ahead / limit, ahead % limit);
        let place = u32::try_from(turn + 1).unwrap_or(u32::MAX);
        // What is in flight comes back a window after an answer that has not come yet.
        let place = self
            .room_at(place, now, trips)
            .unwrap_or_else(|| now + self.window.saturating_sub(trips.early()));
        place + self.window.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
    }

    fn lower(&mut self, size: u32) {
        self.limit = size.max(1);
    }
}
