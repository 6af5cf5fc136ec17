//! What a process allows itself while Redis is away.

use super::{Group, Refusal};
use crate::{Algorithm, Budgets, Clock, Limit, Redis, WhenAway, limit};
use limit::{BudgetKey, Permit};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A share of every limit, and the budgets of it.
pub(super) struct Spare {
    share: f64,
    budgets: Budgets,
    /// By the address of the whole limit; `None` where the share is less than one place. A program declares so many limits
    /// and no more.
    limits: Mutex<HashMap<usize, Option<&'static Limit>>>,
    /// What was sent without asking Redis, by the name of the budget there.
    uses: Mutex<HashMap<String, Use>>,
}

#[derive(Clone, Copy)]
struct Use {
    in_flight: u32,
    last: Instant,
}

impl Spare {
    pub(super) fn new(when_away: WhenAway) -> Self {
        Self {
            share: match when_away {
                WhenAway::Refuse => 0.0,
                WhenAway::Local { share } => share,
            },
            budgets: Budgets::new(),
            limits: Mutex::default(),
            uses: Mutex::default(),
        }
    }

    /// Waits in the line of this process alone. Without an error, there is no share to wait for.
    pub(super) async fn admit(
        &self,
        group: &Group,
        clock: &Arc<dyn Clock>,
        max_wait: Option<Duration>,
    ) -> Result<Permit, Option<Refusal>> {
        let keys = group.0.budgets.iter().map(|budget| {
            let limit = self.limit(budget.limit())?;
            Some(BudgetKey { limit, ..budget.key })
        });
        let keys: Option<Arc<[BudgetKey]>> = keys.collect();
        let admitted = limit::admit(&self.budgets, keys.ok_or(None)?, clock, max_wait).await;
        admitted.map_err(|too_long| Some(Refusal::TooLong(too_long)))
    }

    fn limit(&self, whole: &'static Limit) -> Option<&'static Limit> {
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let address = std::ptr::from_ref(whole).addr();
        *limits
            .entry(address)
            .or_insert_with(|| share_of(whole, self.share).map(|limit| &*Box::leak(Box::new(limit))))
    }

    /// For how long nobody may go, since this process sent something without asking.
    pub(super) fn shut(&self, group: &Group) -> Duration {
        let now = Instant::now();
        let mut uses = self.uses();
        if uses.is_empty() {
            return Duration::ZERO;
        }
        let left = group.0.budgets.iter().filter_map(|budget| {
            let own = *uses.get(&budget.state)?;
            if own.in_flight > 0 {
                return Some(budget.hold().max(super::PROBE));
            }
            let left = (own.last + budget.hold()).saturating_duration_since(now);
            if left.is_zero() {
                uses.remove(&budget.state);
            }
            Some(left)
        });
        left.max().unwrap_or_default()
    }

    fn uses(&self) -> MutexGuard<'_, HashMap<String, Use>> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, group: &Group, sent: bool) {
        let now = Instant::now();
        let mut uses = self.uses();
        for budget in &group.0.budgets {
            let own = uses.entry(budget.state.clone()).or_insert(Use {
                in_flight: 0,
                last: now,
            });
            own.last = now;
            own.in_flight = if sent {
                own.in_flight + 1
            } else {
                own.in_flight.saturating_sub(1)
            };
        }
    }
}

/// The limit of one process: fewer places, or where that would be less than one, one place and a longer window.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a number is positive and no larger than the number"
)]
fn share_of(whole: &Limit, share: f64) -> Option<Limit> {
    let places = |count: u32| (f64::from(count) * share + 1e-9).floor() as u32;
    let (mut limit, mut window, mut algorithm) = (whole.limit, whole.window, whole.algorithm);
    match whole.algorithm {
        Algorithm::Sliding | Algorithm::Fixed => {
            limit = places(whole.limit).max(1);
            if places(whole.limit) == 0 {
                window = whole.window.div_f64(f64::from(whole.limit) * share);
            }
        }
        Algorithm::Bucket { burst } => {
            window = whole.window.div_f64(share);
            algorithm = Algorithm::Bucket {
                burst: places(burst).max(1),
            };
        }
        Algorithm::Concurrency => limit = Some(places(whole.limit)).filter(|places| *places > 0)?,
    }
    Some(Limit {
        limit,
        window,
        algorithm,
        ..*whole
    })
}

/// A place of the process's own share.
pub(super) struct SparePlace {
    redis: Redis,
    group: Group,
    permit: Option<Permit>,
    is_sent: bool,
}

impl SparePlace {
    pub(super) fn new(redis: Redis, group: Group, permit: Permit) -> Self {
        Self {
            redis,
            group,
            permit: Some(permit),
            is_sent: false,
        }
    }

    pub(super) fn sent(&mut self, timeout: Duration) {
        self.is_sent = true;
        self.redis.0.limits.spare.note(&self.group, true);
        if let Some(permit) = &mut self.permit {
            permit.sent(timeout);
        }
    }

    pub(super) fn answered(mut self, closed_for: Option<Duration>) {
        if let Some(permit) = self.permit.take() {
            permit.answered(closed_for);
        }
    }

    pub(super) fn failed(mut self) {
        if let Some(permit) = self.permit.take() {
            permit.failed();
        }
    }
}

impl Drop for SparePlace {
    fn drop(&mut self) {
        if self.is_sent {
            self.redis.0.limits.spare.note(&self.group, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Limit = Limit {
        limit: 10,
        window: Duration::from_secs(1),
        ..Limit::DEFAULT
    };

    #[test]
    fn a_share_has_fewer_places_or_a_longer_window() {
        let quarter = share_of(&TEN, 0.25).unwrap();
        assert_eq!((quarter.limit, quarter.window), (2, Duration::from_secs(1)));
        let twentieth = share_of(&TEN, 0.05).unwrap();
        assert_eq!((twentieth.limit, twentieth.window), (1, Duration::from_secs(2)));
        // A tenth of ten is one, whatever floating point makes of it.
        assert_eq!(share_of(&TEN, 0.1).unwrap().limit, 1);
    }

    #[test]
    fn a_share_of_a_bucket_fills_slower() {
        let bucket = Limit {
            algorithm: Algorithm::Bucket { burst: 3 },
            ..TEN
        };
        let half = share_of(&bucket, 0.5).unwrap();
        assert_eq!((half.limit, half.window), (10, Duration::from_secs(2)));
        assert_eq!(half.algorithm, Algorithm::Bucket { burst: 1 });
    }

    #[test]
    fn less_than_one_at_a_time_is_no_share() {
        let two = Limit {
            limit: 2,
            window: Duration::ZERO,
            algorithm: Algorithm::Concurrency,
            ..TEN
        };
        assert_eq!(share_of(&two, 0.5).unwrap().limit, 1);
        assert!(share_of(&two, 0.25).is_none());
    }
}
