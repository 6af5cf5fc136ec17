//! Windows that begin at fixed times, which only the provider knows.
//!
//! A provider that starts afresh at every full minute would let a client send a whole budget just before the minute and
//! another one just after. A client does not know when that is: the provider's clock is not its own, the windows may
//! begin with the token's first call, and the answer that tells of a new window was on its way for a while. So nothing is
//! known but the length of the windows, and what never breaks the limit wherever they begin is a client of which *every*
//! window of that length holds no more than the limit, since each of the provider's is one of them. That is the sliding
//! window, with its account of latency; and conversely, whoever sends more in some window breaks the limit if the
//! provider's windows happen to begin there.
//!
//! Nothing is lost by it but the burst across a border: over time a sliding window permits as many calls per window as a
//! fixed one. What answers tell of the end of a window ([`Learn::reset`](crate::Learn)) is used to wait for it when nothing
//! is left, and never to send earlier: a wrong clock would break the limit then, and here it only costs time.

use super::sliding::Sliding;
use std::time::{Duration, Instant};

/// What keeps a limit of the provider's windows, wherever they begin.
pub(super) fn new(limit: u32, window: Duration, now: Instant) -> Sliding {
    Sliding::new(limit, window, now)
}
