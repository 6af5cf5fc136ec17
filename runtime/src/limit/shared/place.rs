//! A place in every shared budget of a call.

use super::{Group, SLACK, settle::What};
use crate::Redis;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// A request that nobody waits for any more arrives within so long, or not at all.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// Dropped before [`sent`](Place::sent) it is given back whole; dropped after it, the request counts as sent now.
#[must_use = "a place is given back when it is dropped"]
pub(super) struct Place {
    redis: Redis,
    group: Group,
    id: Arc<str>,
    taken: Instant,
    lease: Duration,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Held,
    InFlight { sent: Instant, timeout: Duration },
    Settled,
}

impl Place {
    pub(super) fn new(redis: &Redis, group: &Group, id: String, lease: Duration) -> Self {
        Self {
            redis: redis.clone(),
            group: group.clone(),
            id: id.into(),
            taken: Instant::now(),
            lease,
            state: State::Held,
        }
    }

    /// The request leaves, and is waited for so long.
    pub(super) fn sent(&mut self, timeout: Duration) {
        let sent = Instant::now();
        self.state = State::InFlight { sent, timeout };
        if self.taken.elapsed() > SLACK / 2 {
            self.tell(What::Renew);
        }
    }

    pub(super) fn answered(mut self, closed_for: Option<Duration>) {
        if let Some(wait) = closed_for {
            self.tell(What::Close(wait));
        }
        self.end(What::End);
    }

    pub(super) fn failed(mut self) {
        self.lose(Duration::ZERO);
    }

    /// No answer came. What timed out has shown that it takes longer, and is given its timeout once more.
    fn lose(&mut self, longer: Duration) {
        let works = match self.state {
            State::InFlight { sent, timeout } => match timeout.saturating_sub(sent.elapsed()) {
                Duration::ZERO => timeout,
                left => left,
            },
            State::Held | State::Settled => Duration::ZERO,
        };
        self.end(What::Lost { longer, works });
    }

    fn end(&mut self, what: What) {
        self.state = State::Settled;
        self.tell(what);
    }

    fn tell(&self, what: What) {
        self.redis.settle(&self.group, &self.id, self.lease, what);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match self.state {
            State::Held => self.end(What::Back),
            State::InFlight { .. } => self.lose(ON_ITS_WAY),
            State::Settled => {}
        }
    }
}
