//! Which deliveries were here before.

use crate::{Clock, SystemClock};
use std::{
    collections::{HashSet, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Remembers the ids of deliveries in this process, up to a number and for a time.
///
/// ```
/// use std::time::Duration;
/// use tollgate::webhook::Seen;
///
/// let seen = Seen::new(100_000, Duration::from_hours(24));
/// assert!(seen.first("msg_1"));
/// assert!(!seen.first("msg_1"));
/// // What was to be done failed: let the provider's next try through.
/// seen.forget("msg_1");
/// assert!(seen.first("msg_1"));
/// ```
///
/// It forgets when the process ends, and others know nothing of it: where a delivery must never count twice, write its
/// id in the transaction that does the work.
pub struct Seen {
    capacity: usize,
    keep: Duration,
    clock: Arc<dyn Clock>,
    ids: Mutex<Ids>,
}

#[derive(Default)]
struct Ids {
    known: HashSet<Arc<str>>,
    /// The oldest first.
    order: VecDeque<(Instant, Arc<str>)>,
}

impl Seen {
    /// Remembers `capacity` ids at most, of which the oldest makes room, for the time `keep`. The time is at least twice
    /// the tolerance of the provider's timestamps, and longer than it repeats a delivery.
    #[must_use]
    pub fn new(capacity: usize, keep: Duration) -> Self {
        Self {
            capacity: capacity.max(1),
            keep,
            clock: Arc::new(SystemClock),
            ids: Mutex::default(),
        }
    }

    /// Reads the time from another clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Whether this id comes for the first time. From now on it is known.
    pub fn first(&self, id: &str) -> bool {
        let now = self.clock.now();
        let mut ids = self.lock();
        ids.expire(now, self.keep);
        if ids.known.contains(id) {
            return false;
        }
        while ids.order.len() >= self.capacity {
            ids.drop_oldest();
        }
        let id: Arc<str> = id.into();
        ids.known.insert(Arc::clone(&id));
        ids.order.push_back((now, id));
        true
    }

    /// Lets this id be the first again, since what it asked for was not done.
    pub fn forget(&self, id: &str) {
        let mut ids = self.lock();
        if ids.known.remove(id) {
            ids.order.retain(|(_, known)| **known != *id);
        }
    }

    /// How many ids it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().known.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Ids> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ids {
    fn expire(&mut self, now: Instant, keep: Duration) {
        while let Some((since, _)) = self.order.front()
            && now.saturating_duration_since(*since) > keep
        {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, id)) = self.order.pop_front() {
            self.known.remove(&id);
        }
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen")
            .field("capacity", &self.capacity)
            .field("keep", &self.keep)
            .field("held", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_id_is_known_for_as_long_as_said() {
        let seen = Seen::new(10, Duration::from_mins(10));
        assert!(seen.first("a"));
        tokio::time::advance(Duration::from_mins(10)).await;
        assert!(!seen.first("a"));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(seen.first("a"));
    }

    #[test]
    fn the_oldest_makes_room() {
        let seen = Seen::new(2, Duration::from_mins(10));
        assert!(seen.first("a") && seen.first("b") && seen.first("c"));
        assert_eq!(seen.len(), 2);
        assert!(!seen.first("b") && !seen.first("c"));
        assert!(seen.first("a"));
    }

    #[test]
    fn what_was_forgotten_leaves_nothing_behind() {
        let seen = Seen::new(2, Duration::from_mins(10));
        for _ in 0..100 {
            assert!(seen.first("a"));
            seen.forget("a");
        }
        seen.forget("never seen");
        assert!(seen.is_empty());
        assert_eq!(seen.lock().order.len(), 0);
    }

    #[test]
    fn of_many_at_once_one_is_the_first() {
        let seen = Seen::new(10, Duration::from_mins(10));
        let firsts = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| seen.first("a"))).collect();
            threads
                .into_iter()
                .map(|thread| usize::from(thread.join().unwrap()))
                .sum::<usize>()
        });
        assert_eq!(firsts, 1);
    }
}
