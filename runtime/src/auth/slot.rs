//! One short-lived token of the process, and who is asking for the next.

use super::fault::GrantFailure;
use crate::{Secret, StoredToken, TokenValue};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How a request for a token ended, once it did.
pub(crate) type Outcome = Option<Result<Arc<Current>, GrantFailure>>;

/// The longest time before its end at which a token is replaced.
const LONGEST_LEAD: Duration = Duration::from_mins(5);
/// A token is not shown that ends while the request is on its way.
const LONGEST_MARGIN: Duration = Duration::from_secs(10);
/// How long nobody asks again after a failure, and after each further one twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// For how long a provider is believed that there is no token, whatever it says.
const LONGEST_HINT: Duration = Duration::from_hours(24);
/// How long a refused token is taken to be refused for a reason of its own, if a fresh one was refused too.
const FIRST_VAIN: Duration = Duration::from_secs(30);
const LONGEST_VAIN: Duration = Duration::from_hours(1);
/// How many tokens are remembered, to keep them out of texts.
const REMEMBERED: usize = 4;

/// A token that can be shown.
#[derive(Debug)]
pub(crate) struct Current {
    pub(crate) stored: StoredToken,
    /// The value that the scheme is filled with.
    pub(crate) value: TokenValue,
    /// Counts the tokens of the slot.
    pub(crate) generation: u64,
    /// From when on the next one is asked for.
    due: Option<Instant>,
    /// From when on it is not shown.
    ends: Option<Instant>,
    /// The same by the clock on the wall: a machine may have slept.
    ends_by_wall: Option<Timestamp>,
}

impl Current {
    fn is_good(&self, now: Instant, wall: Timestamp) -> bool {
        self.ends.is_none_or(|ends| now < ends) && self.ends_by_wall.is_none_or(|ends| wall < ends)
    }

    fn is_due(&self, now: Instant) -> bool {
        self.due.is_some_and(|due| due <= now)
    }
}

/// The token of some credentials, shared by all clients of the process that have them.
#[derive(Debug, Default)]
pub(crate) struct Slot(Mutex<State>);

#[derive(Debug, Default)]
pub(crate) struct State {
    current: Option<Arc<Current>>,
    /// Whether the provider has refused the current one.
    refused: bool,
    generation: u64,
    /// Who is asking.
    asking: Option<watch::Receiver<Outcome>>,
    failed: Option<Failed>,
    vain: Option<Vain>,
    seen: VecDeque<Secret>,
}

#[derive(Debug)]
struct Failed {
    failure: GrantFailure,
    until: Instant,
    count: u32,
}

#[derive(Debug)]
struct Vain {
    until: Instant,
    count: u32,
}

/// What to do for one who needs the token.
#[derive(Debug)]
pub(crate) enum Next {
    /// Show this one.
    Show(Arc<Current>),
    /// Show this one, and ask for the next meanwhile.
    ShowAndAsk(Arc<Current>, watch::Sender<Outcome>),
    /// Wait for whoever is asking.
    Wait(watch::Receiver<Outcome>),
    /// Ask.
    Ask(watch::Sender<Outcome>, watch::Receiver<Outcome>),
    /// It failed a moment ago.
    Fail(GrantFailure),
}

impl Slot {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is to be done now. Whoever gets a sender has to ask, and to [`end`](Self::end) it.
    pub(crate) fn next(&mut self, now: Instant, wall: Timestamp) -> Next {
        let good = self.good(now, wall);
        // One whose task was lost with its runtime is not asking any more.
        let asking = self.asking.clone().filter(|asking| asking.has_changed().is_ok());
        let failed = self.failed.as_ref().filter(|failed| now < failed.until);
        match (good, asking, failed) {
            (Some(good), None, None) if good.is_due(now) => Next::ShowAndAsk(good, self.ask().0),
            (Some(good), _, _) => Next::Show(good),
            (None, Some(asking), _) => Next::Wait(asking),
            (None, None, Some(failed)) => {
                let mut failure = failed.failure.clone();
                failure.retry_after = Some(failed.until - now);
                Next::Fail(failure)
            }
            (None, None, None) => {
                let (sender, receiver) = self.ask();
                Next::Ask(sender, receiver)
            }
        }
    }

    fn ask(&mut self) -> (watch::Sender<Outcome>, watch::Receiver<Outcome>) {
        let (sender, receiver) = watch::channel(None);
        self.asking = Some(receiver.clone());
        (sender, receiver)
    }

    fn good(&self, now: Instant, wall: Timestamp) -> Option<Arc<Current>> {
        let current = self.current.as_ref().filter(|_| !self.refused)?;
        current.is_good(now, wall).then(|| Arc::clone(current))
    }

    /// The newest token, good or not.
    pub(crate) fn newest(&self) -> Option<&StoredToken> {
        self.current.as_ref().map(|current| &current.stored)
    }

    /// The token that is not to be used again, if the provider has refused it.
    pub(crate) fn refused_token(&self) -> Option<Secret> {
        let current = self.current.as_ref().filter(|_| self.refused)?;
        Some(current.stored.token.clone())
    }

    /// Whoever asked has a token. `jitter` is from 0 up to 1.
    pub(crate) fn end(&mut self, value: &TokenValue, stored: StoredToken, clock: Moment, jitter: f64) -> Arc<Current> {
        self.asking = None;
        self.failed = None;
        self.refused = false;
        self.generation += 1;
        self.remember(&stored);
        let current = Arc::new(current(value, stored, self.generation, clock, jitter));
        self.current = Some(Arc::clone(&current));
        current
    }

    /// Whoever asked has none.
    pub(crate) fn end_in_vain(&mut self, failure: &GrantFailure, now: Instant, jitter: f64) {
        self.asking = None;
        let count = self.failed.as_ref().map_or(0, |failed| failed.count);
        let pause = doubled(FIRST_PAUSE, count, LONGEST_PAUSE).mul_f64(0.75 + jitter / 2.0);
        let pause = failure.retry_after.unwrap_or_default().min(LONGEST_HINT).max(pause);
        self.failed = Some(Failed {
            failure: failure.clone(),
            until: now + pause,
            count: count.saturating_add(1),
        });
    }

    /// The provider has refused a token. Whether it is worth another try: with the one that has followed it, or with the
    /// one that is asked for now.
    pub(crate) fn refuse(&mut self, generation: u64, now: Instant) -> bool {
        let is_current = self
            .current
            .as_ref()
            .is_some_and(|current| current.generation == generation);
        if !is_current || self.refused {
            return true;
        }
        if self.vain.as_ref().is_some_and(|vain| now < vain.until) {
            return false;
        }
        self.refused = true;
        true
    }

    /// A fresh token was refused as well: asking for further ones would not help either.
    pub(crate) fn refused_afresh(&mut self, now: Instant) {
        let count = self.vain.as_ref().map_or(0, |vain| vain.count);
        self.vain = Some(Vain {
            until: now + doubled(FIRST_VAIN, count, LONGEST_VAIN),
            count: count.saturating_add(1),
        });
    }

    /// A fresh token was taken after another was refused.
    pub(crate) fn taken_afresh(&mut self) {
        self.vain = None;
    }

    /// What must not be seen in texts.
    pub(crate) fn seen(&self) -> Vec<Secret> {
        self.seen.iter().cloned().collect()
    }

    fn remember(&mut self, stored: &StoredToken) {
        for secret in std::iter::once(&stored.token).chain(&stored.refresh_token) {
            if self.seen.iter().all(|seen| seen.expose() != secret.expose()) {
                self.seen.push_back(secret.clone());
            }
        }
        while self.seen.len() > REMEMBERED {
            self.seen.pop_front();
        }
    }

    /// Whether nothing would be lost with the slot.
    pub(crate) fn is_idle(&self, now: Instant, wall: Timestamp) -> bool {
        let keeps_refresh_token = self.newest().is_some_and(|newest| newest.refresh_token.is_some());
        let is_shown = self.good(now, wall).is_some();
        let is_paused = self.failed.as_ref().is_some_and(|failed| now < failed.until);
        !keeps_refresh_token && !is_shown && !is_paused && self.asking.is_none()
    }
}

/// What the clocks say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: Instant,
    pub(crate) wall: Timestamp,
}

fn current(value: &TokenValue, stored: StoredToken, generation: u64, clock: Moment, jitter: f64) -> Current {
    let times = stored.expires_at.map(|end| {
        let since = |start: Timestamp| length(end.duration_since(start));
        let whole = since(stored.obtained_at);
        // Where the clock was set back since it came, it has no more than its whole life before it.
        let left = since(clock.wall).min(whole);
        let margin = (whole / 10).min(LONGEST_MARGIN);
        let lead = (whole / 5).min(LONGEST_LEAD).mul_f64(0.5 + jitter / 2.0);
        let ends = left.saturating_sub(margin);
        let by_wall = end.checked_sub(SignedDuration::try_from(margin).unwrap_or_default());
        (ends.saturating_sub(lead), ends, by_wall.unwrap_or(end))
    });
    let at = |wait: Duration| clock.now.checked_add(wait);
    Current {
        value: value.granted(stored.token.clone()),
        stored,
        generation,
        due: times.and_then(|(due, _, _)| at(due)),
        ends: times.and_then(|(_, ends, _)| at(ends)),
        ends_by_wall: times.map(|(_, _, by_wall)| by_wall),
    }
}

/// A length of time; none where it is negative.
fn length(duration: SignedDuration) -> Duration {
    Duration::try_from(duration).unwrap_or_default()
}

fn doubled(first: Duration, times: u32, most: Duration) -> Duration {
    first.saturating_mul(1 << times.min(16)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenFault;

    #[test]
    fn no_provider_keeps_a_token_away_for_ever() {
        let now = Instant::now();
        let mut state = State::default();
        let mut failure = GrantFailure::new(TokenFault::Limited, "too many");
        // More than a clock can count to.
        failure.retry_after = Some(Duration::from_secs(u64::MAX));
        state.end_in_vain(&failure, now, 0.5);
        assert!(matches!(state.next(now, Timestamp::UNIX_EPOCH), Next::Fail(_)));
        let later = now + LONGEST_HINT;
        assert!(matches!(state.next(later, Timestamp::UNIX_EPOCH), Next::Ask(..)));
    }
}
