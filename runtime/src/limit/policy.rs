//! One budget: what is declared of it, what answers tell of it, and whether it is closed.

use super::{bucket::Bucket, concurrency::Concurrency, fixed, learn::Told, sliding::Sliding, trips::Trips};
use crate::{Algorithm, Limit};
use std::time::{Duration, Instant};

/// The longest time for which an answer is believed that it closes a budget, unless the limit's own window is longer. A
/// budget that nobody uses remembers for as long what answers taught of it.
///
/// A provider may be down for a day, and a header may be wrong. Whichever it is, an hour later it is asked again, by no
/// more calls than the limit permits.
pub(super) const LONGEST_CLOSE: Duration = Duration::from_hours(1);

/// The arithmetic of one algorithm, with no clock and no lock.
pub(super) trait Count: std::fmt::Debug + Send {
    /// The most that can ever be taken at once.
    fn size(&self) -> u32;
    /// What may be taken now.
    fn room(&mut self, now: Instant, trips: &Trips) -> u32;
    /// Takes places for a request that is about to leave.
    fn take(&mut self, cost: u32);
    /// Gives back the places of a request that never left.
    fn put_back(&mut self, cost: u32);
    /// A request is over.
    fn end(&mut self, flight: &Flight, end: End, now: Instant, trips: &Trips);
    /// When there may be so much room if nothing happens, if that is known.
    fn room_at(&mut self, wanted: u32, now: Instant, trips: &Trips) -> Option<Instant>;
    /// The earliest time at which there can be room for one more after so many others.
    fn earliest(&mut self, ahead: u64, now: Instant, trips: &Trips) -> Instant;
    /// The provider's budget is this small.
    fn lower(&mut self, size: u32);
    /// The provider says that no more is left than this, beside what is in flight. Returns whether that is all there is to
    /// do.
    fn leave(&mut self, _left: u32, _now: Instant) -> bool {
        false
    }
}

/// A request that has left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) cost: u32,
    pub(super) sent: Instant,
    /// How long the client would wait for its answer.
    pub(super) timeout: Duration,
    /// What [`Policy::take`] returned for it.
    pub(super) mark: u64,
}

/// How a request is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Answered,
    /// No answer will come, and the request may have arrived as late as now.
    Failed,
    /// Nobody waits for the answer any more: the request may still be on its way.
    Abandoned,
}

/// One budget.
#[derive(Debug)]
pub(super) struct Policy {
    counter: Counter,
    declared: u32,
    window: Duration,
    trips: Trips,
    closed: Option<Instant>,
    left: Option<Left>,
    /// Until when it is remembered that the provider's budget is smaller than declared, or that it refused something.
    taught: Option<Instant>,
    /// All that was ever taken, and all of it that is over.
    taken: u64,
    over: u64,
}

/// The algorithms.
#[derive(Debug)]
enum Counter {
    /// Also what keeps the provider's fixed windows.
    Sliding(Sliding),
    Bucket(Bucket),
    Concurrency(Concurrency),
}

/// No more than this until then, says the provider.
#[derive(Clone, Copy, Debug)]
struct Left {
    count: u32,
    until: Instant,
    /// When the request left whose answer said so.
    sent: Instant,
}

impl Counter {
    fn new(limit: &Limit, now: Instant) -> Self {
        match limit.algorithm {
            Algorithm::Sliding => Self::Sliding(Sliding::new(limit.limit, limit.window, now)),
            Algorithm::Fixed => Self::Sliding(fixed::new(limit.limit, limit.window, now)),
            Algorithm::Bucket { burst } => Self::Bucket(Bucket::new(limit.limit, limit.window, burst, now)),
            Algorithm::Concurrency => Self::Concurrency(Concurrency::new(limit.limit)),
        }
    }

    fn count(&mut self) -> &mut dyn Count {
        match self {
            Self::Sliding(sliding) => sliding,
            Self::Bucket(bucket) => bucket,
            Self::Concurrency(concurrency) => concurrency,
        }
    }
}

impl Policy {
    pub(super) fn new(limit: &Limit, now: Instant) -> Self {
        let mut counter = Counter::new(limit, now);
        Self {
            declared: counter.count().size(),
            counter,
            window: limit.window,
            trips: Trips::default(),
            closed: None,
            left: None,
            taught: None,
            taken: 0,
            over: 0,
        }
    }

    /// Whether a call of this cost may go now. One that costs more than there ever is may go when all is there.
    pub(super) fn is_ready(&mut self, cost: u32, now: Instant) -> bool {
        if self.closed.is_some_and(|until| now < until) {
            return false;
        }
        if self.left.is_some_and(|left| now >= left.until) {
            self.left = None;
        }
        let count = self.counter.count();
        let wanted = cost.min(count.size());
        count.room(now, &self.trips) >= wanted && self.left.is_none_or(|left| left.count >= wanted)
    }

    /// Takes places for a request that is about to leave. The answer goes into its [`Flight`].
    pub(super) fn take(&mut self, cost: u32) -> u64 {
        self.counter.count().take(cost);
        self.taken += u64::from(cost);
        if let Some(left) = &mut self.left {
            left.count = left.count.saturating_sub(cost);
        }
        self.over
    }

    /// Gives back the places of a request that never left.
    pub(super) fn put_back(&mut self, cost: u32) {
        self.counter.count().put_back(cost);
        self.taken -= u64::from(cost);
        if let Some(left) = &mut self.left {
            left.count = left.count.saturating_add(cost);
        }
    }

    pub(super) fn end(&mut self, flight: &Flight, end: End, now: Instant) {
        if end == End::Answered {
            self.trips.record(now.saturating_duration_since(flight.sent));
        }
        self.counter.count().end(flight, end, now, &self.trips);
        self.over += u64::from(flight.cost);
    }

    /// Lets nobody go before `until`, within reason.
    pub(super) fn close(&mut self, until: Instant, now: Instant) {
        self.closed = self.closed.max(Some(until.min(self.longest(now))));
    }

    /// The provider refused a call of this budget.
    pub(super) fn refused(&mut self, now: Instant) {
        self.trips.forget();
        self.taught = Some(self.longest(now));
    }

    fn longest(&self, now: Instant) -> Instant {
        now + self.window.max(LONGEST_CLOSE)
    }

    /// Until when nobody goes, whatever room there is.
    pub(super) fn closed_until(&self, now: Instant) -> Option<Instant> {
        let nothing_left = self.left.filter(|left| left.count == 0).map(|left| left.until);
        self.closed.max(nothing_left).filter(|until| now < *until)
    }

    /// What an answer tells, which may lower the budget and never raises it above what is declared.
    ///
    /// What is left was counted when the request arrived. Whatever was not over when the request was let go may have arrived
    /// after it, so all of that is taken off.
    pub(super) fn hear(&mut self, told: &Told, flight: &Flight, now: Instant) {
        if let Some(limit) = told.limit.filter(|limit| *limit > 0) {
            self.counter.count().lower(limit.min(self.declared));
            if limit < self.declared {
                self.taught = Some(self.longest(now));
            }
        }
        let whole = told.limit.unwrap_or(self.declared);
        let used = told.used.map(|used| whole.saturating_sub(used));
        let Some(left) = told.remaining.or(used) else {
            return;
        };
        let unsure = self
            .taken
            .saturating_sub(flight.mark)
            .saturating_sub(flight.cost.into());
        let count = left.saturating_sub(u32::try_from(unsure).unwrap_or(u32::MAX));
        if self.counter.count().leave(count, now) || matches!(self.counter, Counter::Concurrency(_)) {
            return;
        }
        let until = match told.reset {
            Some(reset) => now
                .checked_add(reset)
                .map_or(self.longest(now), |until| until.min(self.longest(now))),
            // It said when, and that was no time.
            None if told.has_reset => return,
            None => now + self.window.min(LONGEST_CLOSE),
        };
        let heard = Left {
            count,
            until,
            sent: flight.sent,
        };
        self.left = Some(match self.left {
            Some(known) if known.until > now && known.sent > flight.sent => Left {
                count: known.count.min(count),
                ..known
            },
            _ => heard,
        });
    }

    /// When somebody of this cost may be able to go if nothing happens, if that is known.
    pub(super) fn ready_at(&mut self, cost: u32, now: Instant) -> Option<Instant> {
        let count = self.counter.count();
        let wanted = cost.min(count.size());
        let room = count.room_at(wanted, now, &self.trips)?;
        let left = self.left.filter(|left| left.count < wanted).map(|left| left.until);
        Some(room.max(self.closed.unwrap_or(room)).max(left.unwrap_or(room)))
    }

    /// The earliest time at which somebody can go who comes after calls of the cost `ahead`.
    pub(super) fn earliest(&mut self, ahead: u64, now: Instant) -> Instant {
        let closed = self.closed_until(now).unwrap_or(now);
        self.counter.count().earliest(ahead, now, &self.trips).max(closed)
    }

    /// Whether it would make no difference to forget it.
    pub(super) fn is_idle(&mut self, now: Instant) -> bool {
        let count = self.counter.count();
        let all = count.size();
        let known = [self.closed, self.left.map(|left| left.until), self.taught];
        count.room(now, &self.trips) == all && known.into_iter().flatten().all(|until| until <= now)
    }
}
