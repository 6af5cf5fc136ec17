//! What is known of round trips.

use std::time::Duration;

/// What is known of the round trips of a budget's calls.
#[derive(Debug, Default)]
pub(super) struct Trips {
    seen: u32,
    /// Until so many are seen, nothing is built on the smallest.
    needed: u32,
    smallest: Duration,
    mean: Duration,
}

impl Trips {
    /// With fewer, the smallest says too little about the floor; the first one includes setting up the connection.
    const ENOUGH: u32 = 32;
    /// What a refusal costs: as the client counts, there should have been none.
    const AFTER_REFUSAL: u32 = 256;
    /// The mean is that of about so many of the last.
    const WEIGHT: u32 = 16;

    pub(super) fn record(&mut self, trip: Duration) {
        if self.seen == 0 {
            (self.smallest, self.mean) = (trip, trip);
        }
        self.seen = self.seen.saturating_add(1);
        self.smallest = self.smallest.min(trip);
        self.mean = (self.mean * (Self::WEIGHT - 1) + trip) / Self::WEIGHT;
    }

    pub(super) fn mean(&self) -> Duration {
        self.mean
    }

    /// By how much a place may be given back before a window has passed since the answer.
    pub(super) fn early(&self) -> Duration {
        if self.seen < Self::ENOUGH.max(self.needed) {
            return Duration::ZERO;
        }
        let variation = self.mean.saturating_sub(self.smallest);
        self.smallest.saturating_sub(2 * variation)
    }

    /// The provider refused what should have been admitted: what was seen of the network no longer holds.
    pub(super) fn forget(&mut self) {
        *self = Self {
            needed: Self::AFTER_REFUSAL,
            ..Self::default()
        };
    }
}
