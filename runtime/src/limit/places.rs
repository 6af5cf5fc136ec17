//! What a call holds while it is under way.

use super::{Permit, TooLong, admit};
use crate::{client::Link, prepare::Prepared};
use std::time::Duration;

/// Why a call does not go.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// Waiting would take at least so long.
    TooLong(TooLong),
    /// Nobody can say what other machines have sent.
    #[cfg(feature = "redis")]
    Away(crate::redis::Away),
}

/// A place in the budgets of the process, and one in those that machines share.
#[must_use = "places are given back when they are dropped"]
pub(crate) struct Places {
    here: Permit,
    timeout: Duration,
    #[cfg(feature = "redis")]
    shared: Option<super::shared::SharedPermit>,
}

impl Places {
    /// Waits until everybody lets the call go: first its own process, in whose line it stands, then the other machines.
    /// `timeout` is that of the attempt.
    pub(crate) async fn take(
        link: &Link,
        prepared: &Prepared,
        max_wait: Option<Duration>,
        timeout: Duration,
    ) -> Result<Self, Refusal> {
        #[cfg(feature = "redis")]
        let since = link.clock.now();
        let here = admit(&link.budgets, prepared.budgets.clone(), &link.clock, max_wait).await;
        let here = here.map_err(Refusal::TooLong)?;
        #[cfg(feature = "redis")]
        let shared = match (&link.redis, &prepared.shared) {
            (Some(redis), Some(group)) => {
                let waited = link.clock.now().saturating_duration_since(since);
                let left = max_wait.map(|wait| wait.saturating_sub(waited));
                Some(redis.admit(group, &link.clock, left, timeout).await?)
            }
            _ => None,
        };
        Ok(Self {
            here,
            timeout,
            #[cfg(feature = "redis")]
            shared,
        })
    }

    /// The request leaves.
    pub(crate) fn sent(&mut self) {
        self.here.sent(self.timeout);
        #[cfg(feature = "redis")]
        if let Some(shared) = &mut self.shared {
            shared.sent(self.timeout);
        }
    }

    /// Reads what an answer tells of the budgets.
    pub(crate) fn hear(&mut self, reply: &crate::HttpReply) {
        self.here.hear(reply);
    }

    /// Its answer came. `closed_for` closes the budgets to everybody for so long.
    pub(crate) fn answered(self, closed_for: Option<Duration>) {
        self.here.answered(closed_for);
        #[cfg(feature = "redis")]
        if let Some(shared) = self.shared {
            shared.answered(closed_for);
        }
    }

    /// No answer came.
    pub(crate) fn failed(self) {
        self.here.failed();
        #[cfg(feature = "redis")]
        if let Some(shared) = self.shared {
            shared.failed();
        }
    }
}
