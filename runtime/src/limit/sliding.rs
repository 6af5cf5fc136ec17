//! The exact sliding window.
//!
//! What counts is when requests *arrive*, and the client sees only when they leave and when their answers come. So a
//! place is given back one window after the answer: whatever leaves then arrives later than one window after what was
//! answered.
//!
//! That wastes a round trip per window. Of a round trip, some is the way there of the next request and some the way back
//! of the last answer; their sum is never less than the shortest possible round trip, the *floor*. Once the floor has been
//! seen, a place is given back that much earlier, which is the same as `sent + window + (own round trip - floor)`: who
//! took longer than the floor by x arrived at most x late. The shortest round trip *seen* is an upper bound of the floor
//! only: the next request may be quicker on its way, and the last answer may have been. How much is told by how far the
//! mean is from the smallest, so twice that is taken off. A steady network gets all of the round trip back, a jittery one
//! some of it or none.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    time::{Duration, Instant},
};

/// Clocks of timers and servers round to milliseconds.
const MARGIN: Duration = Duration::from_millis(1);

/// One budget: how many places there are, and who holds them until when.
#[derive(Debug)]
pub(crate) struct Sliding {
    limit: u32,
    window: Duration,
    /// Places that are held or in flight.
    busy: u32,
    /// When the other used places are free again.
    back: BinaryHeap<Reverse<Instant>>,
    closed: Option<Instant>,
    trips: Trips,
}

impl Sliding {
    pub(crate) fn new(limit: u32, window: Duration) -> Self {
        Self {
            limit: limit.max(1),
            window,
            busy: 0,
            back: BinaryHeap::new(),
            closed: None,
            trips: Trips::default(),
        }
    }

    /// How many may go now.
    pub(crate) fn free(&mut self, now: Instant) -> u32 {
        while self.back.peek().is_some_and(|Reverse(at)| *at <= now) {
            self.back.pop();
        }
        match self.closed {
            Some(until) if now < until => 0,
            _ => self.limit.saturating_sub(self.used()),
        }
    }

    fn used(&self) -> u32 {
        let back = u32::try_from(self.back.len()).unwrap_or(u32::MAX);
        self.busy.saturating_add(back)
    }

    /// Takes a place for a request that is about to leave.
    pub(crate) fn take(&mut self) {
        self.busy += 1;
    }

    /// Gives back the place of a request that never left.
    pub(crate) fn put_back(&mut self) {
        self.busy -= 1;
    }

    /// The answer came.
    pub(crate) fn answered(&mut self, sent: Instant, now: Instant) {
        self.trips.record(now.saturating_duration_since(sent));
        let early = self.trips.floor().unwrap_or_default();
        // Never before one window after the send, whatever the floor.
        let earliest = sent + self.window;
        self.count_until((now + self.window.saturating_sub(early)).max(earliest));
    }

    /// No answer will come, and the request may have arrived as late as now.
    pub(crate) fn failed(&mut self, now: Instant) {
        self.count_until(now + self.window);
    }

    /// Nobody waits for the answer any more: the request may still be on its way.
    pub(crate) fn abandoned(&mut self, now: Instant) {
        self.count_until(now + self.window + self.trips.mean());
    }

    fn count_until(&mut self, until: Instant) {
        self.busy -= 1;
        self.back.push(Reverse(until + MARGIN));
    }

    /// Lets nobody go before `until`.
    pub(crate) fn close(&mut self, until: Instant) {
        self.closed = self.closed.max(Some(until));
    }

    /// When something changes by itself, if nobody may go now.
    pub(crate) fn next_free(&mut self, now: Instant) -> Option<Instant> {
        if self.free(now) > 0 {
            return None;
        }
        match self.closed {
            Some(until) if now < until => Some(until),
            _ => self.back.peek().map(|Reverse(at)| *at),
        }
    }

    /// The earliest time at which somebody with `ahead` others before them can go.
    pub(crate) fn earliest(&mut self, ahead: usize, now: Instant) -> Instant {
        let open = self.closed.map_or(now, |until| until.max(now));
        self.free(now);
        let limit = self.limit as usize;
        let unused = limit.saturating_sub(self.used() as usize);
        let (rounds, turn) = (ahead / limit, ahead % limit);
        let place = if turn < unused {
            now
        } else if let Some(nth) = (turn - unused).checked_sub(self.back.len()) {
            debug_assert!(nth < limit, "the rest is in flight");
            now + self.window.saturating_sub(self.trips.floor().unwrap_or_default())
        } else if turn == unused {
            self.back.peek().map_or(now, |Reverse(at)| *at)
        } else {
            let mut back: Vec<Instant> = self.back.iter().map(|Reverse(at)| *at).collect();
            *back.select_nth_unstable(turn - unused).1
        };
        let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
        place.max(open) + self.window.saturating_mul(rounds)
    }

    /// Whether it would make no difference to forget it.
    pub(crate) fn is_idle(&mut self, now: Instant) -> bool {
        self.free(now) == self.limit
    }
}

/// What is known of round trips.
#[derive(Debug, Default)]
struct Trips {
    seen: u32,
    smallest: Duration,
    mean: Duration,
}

impl Trips {
    /// With fewer, the smallest says too little about the floor; the first one includes setting up the connection.
    const ENOUGH: u32 = 32;
    /// The mean is that of about so many of the last.
    const WEIGHT: u32 = 16;

    fn record(&mut self, trip: Duration) {
        if self.seen == 0 {
            (self.smallest, self.mean) = (trip, trip);
        }
        self.seen = self.seen.saturating_add(1);
        self.smallest = self.smallest.min(trip);
        self.mean = (self.mean * (Self::WEIGHT - 1) + trip) / Self::WEIGHT;
    }

    fn mean(&self) -> Duration {
        self.mean
    }

    fn floor(&self) -> Option<Duration> {
        let variation = self.mean.saturating_sub(self.smallest);
        (self.seen >= Self::ENOUGH).then(|| self.smallest.saturating_sub(2 * variation))
    }
}
