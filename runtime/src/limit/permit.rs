//! The wait for a place, and the place.

use super::{
    BudgetKey, Budgets,
    share::{Lines, Ticket, Wakers},
    sliding::Sliding,
};
use crate::{Clock, clock::Sleep};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

/// Waiting would take at least so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong {
    pub(crate) limit: &'static str,
    pub(crate) wait: Duration,
}

/// Waits until all budgets let one more go. Dropped, it leaves no trace.
pub(crate) fn admit(
    budgets: &Budgets,
    keys: Arc<[BudgetKey]>,
    clock: &Arc<dyn Clock>,
    max_wait: Option<Duration>,
) -> Admission {
    Admission {
        budgets: budgets.clone(),
        keys,
        clock: Arc::clone(clock),
        max_wait,
        place: None,
        alarm: None,
    }
}

#[must_use = "futures do nothing unless awaited"]
pub(crate) struct Admission {
    budgets: Budgets,
    keys: Arc<[BudgetKey]>,
    clock: Arc<dyn Clock>,
    max_wait: Option<Duration>,
    place: Option<InLine>,
    alarm: Option<(Instant, Sleep)>,
}

#[derive(Clone, Copy)]
struct InLine {
    ticket: Ticket,
    give_up_at: Option<Instant>,
}

enum Step {
    Go,
    GiveUp(TooLong),
    Wait { until: Option<Instant> },
}

impl Future for Admission {
    type Output = Result<Permit, TooLong>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match self.step(cx) {
                Step::Go => {
                    self.place = None;
                    return Poll::Ready(Ok(self.permit()));
                }
                Step::GiveUp(error) => return Poll::Ready(Err(error)),
                Step::Wait { until } => {
                    if self.alarm(until, cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}

impl Admission {
    fn step(&mut self, cx: &Context<'_>) -> Step {
        if self.keys.is_empty() {
            return Step::Go;
        }
        let now = self.clock.now();
        let keys = Arc::clone(&self.keys);
        self.budgets.clone().change(|lines, wakers| {
            let joins = self.place.is_none();
            let place = *self.place.get_or_insert_with(|| InLine {
                ticket: lines.join(&keys, now),
                give_up_at: self.max_wait.and_then(|wait| now.checked_add(wait)),
            });
            lines.advance(&keys, now, wakers);
            if lines.collect(place.ticket) {
                return Step::Go;
            }
            if let Some(error) = too_long(lines, &keys, place, now, joins) {
                return Step::GiveUp(error);
            }
            lines.wake_by(place.ticket, cx.waker());
            let watched = keys.iter().filter(|key| lines.is_first(place.ticket, key));
            let watched: Vec<_> = watched.collect();
            let until = watched.iter().filter_map(|key| lines.policy(key).next_free(now)).min();
            Step::Wait { until }
        })
    }

    fn alarm(&mut self, until: Option<Instant>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(until) = until else {
            self.alarm = None;
            return Poll::Pending;
        };
        if self.alarm.as_ref().is_none_or(|(set, _)| *set != until) {
            let sleep = self.clock.sleep(until.saturating_duration_since(self.clock.now()));
            self.alarm = Some((until, sleep));
        }
        let poll = match &mut self.alarm {
            Some((_, sleep)) => sleep.as_mut().poll(cx),
            None => Poll::Pending,
        };
        if poll.is_ready() {
            self.alarm = None;
        }
        poll
    }

    fn permit(&self) -> Permit {
        Permit {
            budgets: self.budgets.clone(),
            keys: Arc::clone(&self.keys),
            clock: Arc::clone(&self.clock),
            state: State::Held,
        }
    }
}

/// Whether the wait is known to be too long: by the length of the line for who `joins`, later by what only the first in
/// line sees, and by a budget that is closed for longer.
fn too_long(lines: &mut Lines, keys: &[BudgetKey], place: InLine, now: Instant, joins: bool) -> Option<TooLong> {
    let give_up_at = place.give_up_at?;
    keys.iter().find_map(|key| {
        if !lines.line(key).contains(&place.ticket) {
            return None;
        }
        let ahead = if joins { lines.ahead(key, keys) } else { 0 };
        let earliest = lines.policy(key).earliest(ahead, now);
        (earliest > give_up_at).then(|| TooLong {
            limit: key.limit.name,
            wait: earliest - now,
        })
    })
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            let now = self.clock.now();
            self.budgets
                .change(|lines, wakers| lines.leave(place.ticket, now, wakers));
        }
    }
}

/// A place in every budget of a call.
///
/// Dropped before [`sent`](Permit::sent) it is given back whole; dropped after it, the request counts as sent now.
#[must_use = "a place is given back when it is dropped"]
pub(crate) struct Permit {
    budgets: Budgets,
    keys: Arc<[BudgetKey]>,
    clock: Arc<dyn Clock>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Held,
    InFlight { sent: Instant },
    Settled,
}

impl Permit {
    /// The request leaves.
    pub(crate) fn sent(&mut self) {
        let sent = self.clock.now();
        self.state = State::InFlight { sent };
    }

    /// Its answer came. `closed_for` closes the budgets to everybody for so long.
    pub(crate) fn answered(mut self, closed_for: Option<Duration>) {
        let now = self.clock.now();
        if let Some(until) = closed_for.and_then(|wait| now.checked_add(wait)) {
            self.budgets
                .change(|lines, wakers| lines.close(&self.keys, until, wakers));
        }
        if let State::InFlight { sent } = self.state {
            self.settle(now, |policy| policy.answered(sent, now));
        }
    }

    /// No answer came.
    pub(crate) fn failed(mut self) {
        let now = self.clock.now();
        self.settle(now, |policy| policy.failed(now));
    }

    fn settle(&mut self, now: Instant, change: impl Fn(&mut Sliding)) {
        self.state = State::Settled;
        self.budgets
            .change(|lines, wakers| lines.settle(&self.keys, now, wakers, change));
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let now = self.clock.now();
        match self.state {
            State::Held => self.settle(now, Sliding::put_back),
            State::InFlight { .. } => self.settle(now, |policy| policy.abandoned(now)),
            State::Settled => {}
        }
    }
}

impl Budgets {
    /// Changes something under the lock, and wakes whom it concerns after it.
    fn change<R>(&self, change: impl FnOnce(&mut Lines, &mut Wakers) -> R) -> R {
        let mut wakers = Wakers::new();
        let result = change(&mut self.lines(), &mut wakers);
        wakers.into_iter().for_each(std::task::Waker::wake);
        result
    }
}
