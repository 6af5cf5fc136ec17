//! Rate limits as a provider counts them: by arrival.

mod tell;

pub(crate) use self::tell::tell;

use crate::auth::Identity;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;
use tollgate_descriptor::model::{Algorithm, LimitId, Per, RateLimit};

/// What one budget has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetReport {
    /// The limit's name in the descriptor.
    pub limit: String,
    /// Whose it is: the label of the token, the operation, the parameter's value; empty for one that all share.
    pub key: String,
    /// Calls per window.
    pub allowed: u32,
    /// Calls that were let in.
    pub admitted: u64,
    /// Calls that were answered 429 because of this budget.
    pub rejected: u64,
    /// The most calls, let in or not, that ever arrived within one window; for `concurrency`, at the same time.
    pub most_in_window: usize,
}

/// What a request is counted by.
pub(crate) struct Caller<'a> {
    pub(crate) identity: Option<&'a Identity>,
    pub(crate) operation: &'a str,
    /// What the operation costs.
    pub(crate) cost: u32,
    /// The value of a parameter by its name in the descriptor.
    pub(crate) param: &'a dyn Fn(&str) -> Option<String>,
}

/// A limit that does not admit a call.
#[derive(Debug)]
pub(crate) struct Exceeded {
    pub(crate) limit: String,
    pub(crate) wait: Duration,
}

/// How a budget stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The whole budget.
    pub(crate) limit: u32,
    /// What is gone of it.
    pub(crate) used: u32,
    /// How long until nothing is gone of it; nothing where no time brings it back.
    pub(crate) reset: Option<Duration>,
}

impl Standing {
    /// What is left of it.
    pub(crate) fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }
}

/// A place under a `concurrency` limit, to be given back.
pub(crate) type Place = (usize, String);

/// All budgets, each made when it is first used.
#[derive(Debug, Default)]
pub(crate) struct Budgets {
    budgets: BTreeMap<Place, Budget>,
}

#[derive(Debug)]
struct Budget {
    began: Instant,
    /// Arrivals that count and may still matter.
    admitted: VecDeque<Instant>,
    /// Every arrival of the last window, for the report.
    arrived: VecDeque<Instant>,
    level: f64,
    filled: Instant,
    running: usize,
    report: BudgetReport,
}

impl Budgets {
    /// Counts a call against all of its limits, if all admit it. The answer lists the places to give back.
    pub(crate) fn admit(
        &mut self,
        limits: &[(LimitId, &RateLimit)],
        caller: &Caller<'_>,
        now: Instant,
    ) -> Result<Vec<Place>, Exceeded> {
        let limits: Vec<_> = limits.iter().filter(|(_, limit)| counts(limit, caller)).collect();
        let mut exceeded: Option<Exceeded> = None;
        for (id, limit) in &limits {
            let key = key(limit, caller);
            let budget = self
                .budgets
                .entry((id.index(), key.clone()))
                .or_insert_with(|| Budget::new(limit, key, now));
            budget.arrive(limit, now);
            if let Err(wait) = budget.room(limit, units(limit, caller), now) {
                budget.report.rejected += 1;
                if exceeded.as_ref().is_none_or(|other| other.wait < wait) {
                    let limit = limit.name.clone();
                    exceeded = Some(Exceeded { limit, wait });
                }
            }
        }
        if let Some(exceeded) = exceeded {
            return Err(exceeded);
        }
        let mut places = Vec::new();
        for (id, limit) in limits {
            let place = (id.index(), key(limit, caller));
            if let Some(budget) = self.budgets.get_mut(&place) {
                budget.take(limit, units(limit, caller), now);
                places.extend((limit.algorithm == Algorithm::Concurrency).then_some(place));
            }
        }
        Ok(places)
    }

    /// How the budgets of a caller stand.
    pub(crate) fn standings(
        &mut self,
        limits: &[(LimitId, &RateLimit)],
        caller: &Caller<'_>,
        now: Instant,
    ) -> Vec<(LimitId, Standing)> {
        let limits = limits.iter().filter(|(_, limit)| counts(limit, caller));
        let standings = limits.filter_map(|(id, limit)| {
            let budget = self.budgets.get_mut(&(id.index(), key(limit, caller)))?;
            Some((*id, budget.standing(limit, now)))
        });
        standings.collect()
    }

    /// Gives places back.
    pub(crate) fn leave(&mut self, places: &[Place]) {
        for place in places {
            if let Some(budget) = self.budgets.get_mut(place) {
                budget.running = budget.running.saturating_sub(1);
            }
        }
    }

    pub(crate) fn report(&self) -> Vec<BudgetReport> {
        self.budgets.values().map(|budget| budget.report.clone()).collect()
    }
}

/// Whether a limit holds for a caller.
fn counts(limit: &RateLimit, caller: &Caller<'_>) -> bool {
    let holder = caller.identity.map(|identity| identity.token);
    limit.tokens.is_empty() || holder.is_some_and(|token| limit.tokens.contains(&token))
}

/// What a call takes of a limit.
fn units(limit: &RateLimit, caller: &Caller<'_>) -> u32 {
    let counts_cost = limit.counts_cost && limit.algorithm != Algorithm::Concurrency;
    if counts_cost { caller.cost } else { 1 }
}

fn key(limit: &RateLimit, caller: &Caller<'_>) -> String {
    let part = |per: &Per| match per {
        Per::Token => caller
            .identity
            .map_or_else(|| "anonymous".to_owned(), ToString::to_string),
        Per::Operation => caller.operation.to_owned(),
        Per::Param(name) => format!("{name}={}", (caller.param)(name).unwrap_or_default()),
    };
    limit.per.iter().map(part).collect::<Vec<_>>().join(" ")
}

impl Budget {
    fn new(limit: &RateLimit, key: String, now: Instant) -> Self {
        Self {
            began: now,
            admitted: VecDeque::new(),
            arrived: VecDeque::new(),
            level: f64::from(limit.burst.unwrap_or(limit.limit)),
            filled: now,
            running: 0,
            report: BudgetReport {
                limit: limit.name.clone(),
                key,
                allowed: limit.limit,
                admitted: 0,
                rejected: 0,
                most_in_window: 0,
            },
        }
    }

    fn arrive(&mut self, limit: &RateLimit, now: Instant) {
        let in_window = if limit.algorithm == Algorithm::Concurrency {
            self.running + 1
        } else {
            forget(&mut self.arrived, now, limit.window);
            self.arrived.push_back(now);
            self.arrived.len()
        };
        self.report.most_in_window = self.report.most_in_window.max(in_window);
    }

    /// Whether there is room, or how long until there is.
    fn room(&mut self, limit: &RateLimit, units: u32, now: Instant) -> Result<(), Duration> {
        // What there is before this call, if it shall fit.
        let allowed = usize::try_from(limit.limit.saturating_add(1).saturating_sub(units)).unwrap_or(usize::MAX);
        match limit.algorithm {
            Algorithm::Sliding => {
                forget(&mut self.admitted, now, limit.window);
                match self.admitted.front() {
                    Some(oldest) if self.admitted.len() >= allowed => Err(limit.window.saturating_sub(now - *oldest)),
                    // A limit of nothing admits nothing.
                    None if allowed == 0 => Err(limit.window),
                    _ => Ok(()),
                }
            }
            Algorithm::Fixed => {
                let start = self.window_start(limit.window, now);
                self.admitted.retain(|arrival| *arrival >= start);
                if self.admitted.len() < allowed {
                    Ok(())
                } else {
                    Err(limit.window.saturating_sub(now - start))
                }
            }
            Algorithm::Bucket => self.bucket_room(limit, units, now),
            Algorithm::Concurrency if self.running < allowed => Ok(()),
            Algorithm::Concurrency => Err(Duration::from_secs(1)),
        }
    }

    /// Lets a bucket refill, and says how much comes back in a second.
    fn refill(&mut self, limit: &RateLimit, now: Instant) -> f64 {
        let per_second = f64::from(limit.limit) / limit.window.as_secs_f64().max(f64::MIN_POSITIVE);
        let size = f64::from(limit.burst.unwrap_or(limit.limit));
        self.level = (self.level + (now - self.filled).as_secs_f64() * per_second).min(size);
        self.filled = now;
        per_second
    }

    /// How much is gone, and how long until all of it is back.
    fn standing(&mut self, limit: &RateLimit, now: Instant) -> Standing {
        let whole = limit.burst.filter(|_| limit.algorithm == Algorithm::Bucket);
        let whole = whole.unwrap_or(limit.limit);
        let (used, reset) = match limit.algorithm {
            Algorithm::Sliding => {
                forget(&mut self.admitted, now, limit.window);
                let last = self.admitted.back();
                (
                    self.admitted.len(),
                    last.map(|last| limit.window.saturating_sub(now - *last)),
                )
            }
            Algorithm::Fixed => {
                let start = self.window_start(limit.window, now);
                self.admitted.retain(|arrival| *arrival >= start);
                (self.admitted.len(), Some(limit.window.saturating_sub(now - start)))
            }
            Algorithm::Bucket => {
                let per_second = self.refill(limit, now);
                let gone = f64::from(whole) - self.level;
                // A part that is gone is gone.
                let used = (0..whole).take_while(|used| f64::from(*used) < gone).count();
                (used, Duration::try_from_secs_f64(gone / per_second).ok())
            }
            Algorithm::Concurrency => (self.running, None),
        };
        Standing {
            limit: whole,
            used: u32::try_from(used).unwrap_or(u32::MAX),
            reset,
        }
    }

    fn bucket_room(&mut self, limit: &RateLimit, units: u32, now: Instant) -> Result<(), Duration> {
        let per_second = self.refill(limit, now);
        if self.level >= f64::from(units) {
            return Ok(());
        }
        let wait = (f64::from(units) - self.level) / per_second;
        Err(Duration::try_from_secs_f64(wait).unwrap_or(limit.window))
    }

    fn window_start(&self, window: Duration, now: Instant) -> Instant {
        let passed = (now - self.began)
            .as_nanos()
            .checked_rem(window.as_nanos())
            .unwrap_or_default();
        now - Duration::from_nanos(u64::try_from(passed).unwrap_or_default())
    }

    fn take(&mut self, limit: &RateLimit, units: u32, now: Instant) {
        self.report.admitted += 1;
        match limit.algorithm {
            Algorithm::Sliding | Algorithm::Fixed => self.admitted.extend((0..units).map(|_| now)),
            Algorithm::Bucket => self.level -= f64::from(units),
            Algorithm::Concurrency => self.running += 1,
        }
    }
}

/// Drops arrivals that a window which ends now no longer holds.
fn forget(arrivals: &mut VecDeque<Instant>, now: Instant, window: Duration) {
    while arrivals.front().is_some_and(|arrival| now - *arrival >= window) {
        arrivals.pop_front();
    }
}
