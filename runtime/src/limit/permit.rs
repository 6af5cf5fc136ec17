//! The wait for a place, and the place.

use super::{
    BudgetKey, Budgets,
    learn::{self, Told},
    policy::{End, Flight},
    share::{InLine, Lines, Marks},
};
use crate::{Clock, HttpReply, clock::Sleep, place::Look};
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

/// How long a call waits for what the provider has closed, where nobody says how long it may wait.
const LONGEST_CLOSED: Duration = Duration::from_mins(1);

/// Waits until all budgets let one more go. Dropped, it leaves no trace.
pub(crate) fn admit(
    budgets: &Budgets,
    keys: Arc<[BudgetKey]>,
    clock: &Arc<dyn Clock>,
    max_wait: Option<Duration>,
) -> Admission {
    let call = CallOf {
        budgets: budgets.clone(),
        keys,
        clock: Arc::clone(clock),
    };
    let wait = Waiting {
        max_wait,
        place: None,
        since: None,
        alarm: None,
    };
    Admission { call: Some(call), wait }
}

/// What a call needs, and of whom.
struct CallOf {
    budgets: Budgets,
    keys: Arc<[BudgetKey]>,
    clock: Arc<dyn Clock>,
}

#[must_use = "futures do nothing unless awaited"]
pub(crate) struct Admission {
    /// Absent once it has become a permit. Until then it stays, whatever panics: whoever stood in line and could not leave
    /// would keep those behind waiting for ever.
    call: Option<CallOf>,
    wait: Waiting,
}

/// How far the wait is.
struct Waiting {
    max_wait: Option<Duration>,
    place: Option<InLine>,
    since: Option<Instant>,
    alarm: Option<(Instant, Sleep)>,
}

enum Step {
    Go(Marks),
    GiveUp(TooLong),
    Wait { until: Option<Instant> },
}

impl Future for Admission {
    type Output = Result<Permit, TooLong>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { call: place, wait } = &mut *self;
        let Some(call) = place else {
            // It has become a permit before.
            return Poll::Pending;
        };
        let marks = loop {
            match wait.step(call, cx) {
                Step::Go(marks) => break marks,
                Step::GiveUp(error) => return Poll::Ready(Err(error)),
                Step::Wait { until } => {
                    if wait.alarm(until, call, cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        };
        wait.place = None;
        let permit = place.take().map(|call| Permit {
            call,
            marks,
            told: None,
            state: State::Held,
        });
        permit.map_or(Poll::Pending, |permit| Poll::Ready(Ok(permit)))
    }
}

impl Waiting {
    fn step(&mut self, call: &CallOf, cx: &Context<'_>) -> Step {
        if call.keys.is_empty() {
            return Step::Go(Marks::default());
        }
        let now = call.clock.now();
        let since = *self.since.get_or_insert(now);
        let give_up_at = self.max_wait.and_then(|wait| since.checked_add(wait));
        call.budgets.change(|lines, wakers| {
            let joins = self.place.is_none();
            let place = if let Some(place) = self.place {
                lines.advance_for(place, now, wakers);
                place
            } else {
                if let Some(marks) = lines.enter(&call.keys, now, wakers) {
                    return Step::Go(marks);
                }
                *self.place.insert(lines.join(&call.keys, now, wakers))
            };
            if let Some(marks) = lines.collect(place) {
                return Step::Go(marks);
            }
            let joined = joins.then_some(place);
            if let Some((limit, until)) = too_long(lines, &call.keys, joined, since, give_up_at, now) {
                let wait = until.saturating_duration_since(now);
                return Step::GiveUp(TooLong { limit, wait });
            }
            lines.wake_by(place, cx.waker());
            let until = lines.look_again(place, now);
            Step::Wait { until }
        })
    }

    fn alarm(&mut self, until: Option<Instant>, call: &CallOf, cx: &mut Context<'_>) -> Poll<()> {
        let Some(until) = until else {
            self.alarm = None;
            return Poll::Pending;
        };
        if self.alarm.as_ref().is_none_or(|(set, _)| *set != until) {
            let sleep = call.clock.sleep(until.saturating_duration_since(call.clock.now()));
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
}

/// The limit for which the wait is known to be too long, and until when: by the length of the line for who `joined` it,
/// later by what only the first in line sees, and by a budget or token that is closed for longer.
fn too_long(
    lines: &mut Lines,
    keys: &[BudgetKey],
    joined: Option<InLine>,
    since: Instant,
    give_up_at: Option<Instant>,
    now: Instant,
) -> Option<(&'static str, Instant)> {
    let Some(give_up_at) = give_up_at else {
        let closed = lines.closed(keys, now)?;
        return (closed.1.saturating_duration_since(since) > LONGEST_CLOSED).then_some(closed);
    };
    let earliest = lines.earliest(keys, joined, now)?;
    (earliest.1 > give_up_at).then_some(earliest)
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let (Some(place), Some(call)) = (self.wait.place, &self.call) {
            let now = call.clock.now();
            call.budgets
                .change(|lines, wakers| lines.leave(place, &call.keys, now, wakers));
        }
    }
}

/// A place in every budget of a call.
///
/// Dropped before [`sent`](Permit::sent) it is given back whole; dropped after it, the request counts as sent now.
#[must_use = "a place is given back when it is dropped"]
pub(crate) struct Permit {
    call: CallOf,
    marks: Marks,
    /// What the answer tells, and of which budget; absent if it tells nothing, since each call moves this.
    told: Option<Box<[(usize, Told)]>>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Held,
    InFlight { sent: Instant, timeout: Duration },
    Settled,
}

impl Permit {
    /// The request leaves, and is waited for so long.
    pub(crate) fn sent(&mut self, timeout: Duration) {
        let sent = self.call.clock.now();
        self.state = State::InFlight { sent, timeout };
    }

    /// Reads what an answer tells of the budgets.
    pub(crate) fn hear(&mut self, reply: &HttpReply) {
        let look = Look::at(reply);
        let wall = self.call.clock.wall();
        let keys = self.call.keys.iter().enumerate();
        let told = keys.filter_map(|(at, key)| Some((at, learn::read(key.limit, &look, wall)?)));
        let told: Vec<_> = told.collect();
        self.told = (!told.is_empty()).then(|| told.into());
    }

    /// Its answer came. `closed_for` closes the budgets and the token to everybody for so long.
    pub(crate) fn answered(mut self, closed_for: Option<Duration>) {
        let now = self.call.clock.now();
        if let Some(until) = closed_for.and_then(|wait| now.checked_add(wait)) {
            let Self { call, .. } = &self;
            call.budgets
                .change(|lines, wakers| lines.close(&call.keys, until, now, wakers));
        }
        self.settle(End::Answered, now);
    }

    /// No answer came.
    pub(crate) fn failed(mut self) {
        let now = self.call.clock.now();
        self.settle(End::Failed, now);
    }

    fn settle(&mut self, end: End, now: Instant) {
        let state = std::mem::replace(&mut self.state, State::Settled);
        let Self { call, marks, told, .. } = self;
        let keys = &call.keys;
        match state {
            State::Held => call.budgets.change(|lines, wakers| lines.put_back(keys, now, wakers)),
            State::InFlight { sent, timeout } => {
                let flight = Flight {
                    sent,
                    timeout,
                    cost: 0,
                    mark: 0,
                };
                call.budgets.change(|lines, wakers| {
                    lines.hear(keys, marks, told.as_deref().unwrap_or_default(), flight, now);
                    lines.end(keys, marks, flight, end, now, wakers);
                });
            }
            State::Settled => {}
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !matches!(self.state, State::Settled) {
            let now = self.call.clock.now();
            self.settle(End::Abandoned, now);
        }
    }
}

#[cfg(test)]
mod tests;
