//! Those of one process who wait for the same shared budgets, and the one who asks for them all.
//!
//! While a question is under way, whoever comes waits for the next one, which asks for all of them at once: the more calls
//! there are, the fewer questions each of them costs.

use super::{
    Group, Place, Refusal, SLACK, TooLong,
    script::{REACH, Wish},
    settle::What,
};
use crate::{Redis, redis::Away};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, timeout},
};

/// Who waits, in the order of arrival.
#[derive(Default)]
pub(super) struct Line {
    waiting: VecDeque<Waiter>,
    /// When the first may go at the earliest, and by which limit.
    blocked: Option<(Instant, &'static str)>,
    wake: Arc<Notify>,
}

pub(super) struct Waiter {
    pub(super) give_up_at: Option<Instant>,
    pub(super) lease: Duration,
    pub(super) answer: oneshot::Sender<Result<Place, Refusal>>,
}

impl Waiter {
    fn refuse(self, why: Refusal) {
        // Whoever does not wait any more need not know.
        let _ = self.answer.send(Err(why));
    }
}

impl Group {
    /// How much later than the first the one behind `ahead` others goes, at the least.
    fn behind(&self, ahead: usize) -> Duration {
        let ahead = u64::try_from(ahead).unwrap_or(u64::MAX);
        let later = self.0.budgets.iter().map(|budget| {
            let rounds = ahead.saturating_mul(budget.units.into()) / u64::from(budget.capacity());
            budget.hold().saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
        });
        later.max().unwrap_or_default()
    }

    fn too_long(&self, waiter: &Waiter, ahead: usize, blocked: (Instant, &'static str)) -> Option<TooLong> {
        let (until, limit) = blocked;
        let earliest = until + self.behind(ahead);
        waiter.give_up_at.filter(|give_up_at| earliest > *give_up_at)?;
        let wait = earliest.saturating_duration_since(Instant::now());
        Some(TooLong { limit, wait })
    }
}

impl Redis {
    /// Lines up, and sees that somebody asks.
    pub(super) fn join(&self, group: &Group, waiter: Waiter) -> Result<(), Refusal> {
        let mut lines = self.0.limits.lines();
        if let Some(line) = lines.get_mut(&group.0.id) {
            if let Some(blocked) = line.blocked
                && let Some(error) = group.too_long(&waiter, line.waiting.len(), blocked)
            {
                return Err(Refusal::TooLong(error));
            }
            line.waiting.push_back(waiter);
            return Ok(());
        }
        let mut line = Line::default();
        line.waiting.push_back(waiter);
        let wake = Arc::clone(&line.wake);
        lines.insert(Arc::clone(&group.0.id), line);
        drop(lines);
        let asking = Asking {
            redis: self.clone(),
            group: group.clone(),
            caller: self.0.limits.caller().into(),
            next: 0,
            is_known: false,
            is_done: false,
            wake,
        };
        tokio::spawn(asking.run());
        Ok(())
    }

    /// Something is free that was not: whoever waits asks again.
    pub(super) fn wake(&self, group: &str) {
        if let Some(line) = self.0.limits.lines().get(group) {
            line.wake.notify_one();
        }
    }
}

/// The one who asks for all. It ends with the last who waits.
struct Asking {
    redis: Redis,
    group: Group,
    caller: Arc<str>,
    /// The number of the next place.
    next: u64,
    /// Whether Redis has this caller in its line.
    is_known: bool,
    /// Whether its line is gone already.
    is_done: bool,
    wake: Arc<Notify>,
}

impl Drop for Asking {
    fn drop(&mut self) {
        if !self.is_done {
            // The runtime ends. Those who still wait notice, and ask for themselves.
            self.redis.0.limits.lines().remove(&self.group.0.id);
        }
        if self.is_known {
            let lease = Duration::ZERO;
            self.redis.settle(&self.group, &self.caller, lease, What::Leave);
        }
    }
}

impl Asking {
    async fn run(mut self) {
        while let Some((want, lease)) = self.count() {
            let wish = Wish {
                caller: &self.caller,
                first: self.next,
                want,
                lease,
                shut: self.redis.0.limits.spare.shut(&self.group),
            };
            let answer = self.redis.ask_for_places(&self.group, &wish).await;
            let first = self.next;
            self.next += want as u64;
            let answer = match answer {
                Ok(answer) => answer,
                Err(away) => {
                    // Nobody knows whether they were taken.
                    let doubtful = if away.was_asked { want } else { 0 };
                    (0..doubtful).for_each(|nth| drop(self.place(first, nth, lease)));
                    self.refuse_all(&away);
                    continue;
                }
            };
            self.hand_out(first, answer.go, lease);
            self.is_known = answer.go < want;
            if !self.is_known {
                continue;
            }
            if answer.lost {
                tracing::warn!(
                    target: "tollgate::redis",
                    wait_ms = answer.wait.as_millis(),
                    "Redis does not remember what was sent"
                );
            }
            let limit = self
                .group
                .0
                .budgets
                .get(answer.last)
                .map_or("", |budget| budget.limit().name);
            self.block((Instant::now() + answer.wait, limit));
            if self.is_waited_for() {
                // Whoever wakes it has given something back here; what others give back is seen by looking now and then.
                let _ = timeout(answer.wait.min(REACH), self.wake.notified()).await;
            }
            self.unblock();
        }
    }

    fn place(&self, first: u64, nth: usize, lease: Duration) -> Place {
        let id = format!("{}:{}", self.caller, first + nth as u64);
        Place::new(&self.redis, &self.group, id, lease)
    }

    fn line<T>(&self, change: impl FnOnce(&mut Line) -> T) -> Option<T> {
        self.redis.0.limits.lines().get_mut(&self.group.0.id).map(change)
    }

    /// How many still wait, and the longest of their leases. When nobody does, the line is gone.
    fn count(&mut self) -> Option<(usize, Duration)> {
        let redis = self.redis.clone();
        let mut lines = redis.0.limits.lines();
        let line = lines.get_mut(&self.group.0.id)?;
        line.waiting.retain(|waiter| !waiter.answer.is_closed());
        let want = line.waiting.len().min(redis.0.limits.batch);
        let Some(longest) = line.waiting.iter().take(want).map(|waiter| waiter.lease).max() else {
            lines.remove(&self.group.0.id);
            self.is_done = true;
            return None;
        };
        let hold = self.group.0.budgets.iter().map(super::SharedBudget::hold).max();
        Some((want, longest + hold.unwrap_or_default() + SLACK))
    }

    fn hand_out(&self, first: u64, count: usize, lease: Duration) {
        let waiting = self.line(|line| {
            let count = line.waiting.len().min(count);
            line.waiting.drain(..count).collect::<Vec<_>>()
        });
        let mut waiting = waiting.unwrap_or_default().into_iter();
        for nth in 0..count {
            let place = self.place(first, nth, lease);
            // A place that nobody takes is given back when it is dropped.
            if let Some(waiter) = waiting.next() {
                let _ = waiter.answer.send(Ok(place));
            }
        }
    }

    fn refuse_all(&self, away: &Away) {
        let waiting = self.line(|line| std::mem::take(&mut line.waiting));
        for waiter in waiting.unwrap_or_default() {
            waiter.refuse(Refusal::Away(away.clone()));
        }
    }

    /// Nobody goes before then; whoever cannot wait so long hears it now.
    fn block(&self, blocked: (Instant, &'static str)) {
        let refused = self.line(|line| {
            line.blocked = Some(blocked);
            let mut kept = VecDeque::with_capacity(line.waiting.len());
            let mut refused = Vec::new();
            for waiter in std::mem::take(&mut line.waiting) {
                match self.group.too_long(&waiter, kept.len(), blocked) {
                    Some(error) => refused.push((waiter, error)),
                    None => kept.push_back(waiter),
                }
            }
            line.waiting = kept;
            refused
        });
        for (waiter, error) in refused.unwrap_or_default() {
            waiter.refuse(Refusal::TooLong(error));
        }
    }

    fn is_waited_for(&self) -> bool {
        self.line(|line| !line.waiting.is_empty()).unwrap_or_default()
    }

    fn unblock(&self) {
        self.line(|line| line.blocked = None);
    }
}

/// The lines, by what they wait for.
pub(super) type Lines = HashMap<Arc<str>, Line>;
