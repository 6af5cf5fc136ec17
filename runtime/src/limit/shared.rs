//! Budgets that machines share through Redis.
//!
//! A process asks for itself first: a call stands in its own process's line, and only who has a place there asks Redis for
//! one more. So a process never has more calls at Redis's door than the whole limit, and those are in order.
//!
//! # What Redis keeps
//!
//! Of each budget: the places that are taken, with the time at which each is free again ([`script`]); what a bucket holds;
//! until when nobody goes; and which processes wait, in the order in which they came. One script looks at all budgets of a
//! call and takes a place in each or in none. All times are those of the server's clock, read inside the script: clocks of
//! machines need not agree.
//!
//! # Why a place is given back one window after the answer, here too
//!
//! A place is taken at the server's time t. The answer with it travels to the process, then the request to the provider, so
//! it arrives after t, by an unknown and changing time. When the provider's answer is back, the request has arrived for
//! sure; only then the process says so, and the script that hears it sets the end to *its* now plus a window. What is
//! admitted afterwards leaves later than that, and arrives later still. So any two requests that used the same place arrive
//! more than a window apart, whatever the delays between process, Redis and provider are, and however they change: every
//! delay only lengthens the time between them. In one process a place is given back earlier by what is known of the
//! network ([`sliding`](super::sliding)); that sum of two half ways says nothing about two machines, one of which may be
//! next door to the provider, so nothing is taken off here.
//!
//! What is said late, since Redis was slow, is said with how long ago it was: a process measures that on its own clock.
//!
//! # When somebody dies
//!
//! A place is taken with a lease: what the call may take at most, and a window. Whoever dies with a place blocks it for so
//! long and no longer, since until then its request may still arrive. Who takes long to send renews it.

mod line;
mod place;
mod script;
mod settle;
mod spare;

use super::{BudgetKey, Refusal, TooLong};
use crate::{Algorithm, Clock, Limit, Per, Redis, Secret, TokenValue, WhenAway};
use line::{Lines, Waiter};
use place::Place;
use settle::Queue;
use spare::{Spare, SparePlace};
use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::oneshot, time::Instant};
use uuid::Uuid;

/// Clocks of timers and servers round to milliseconds.
const MARGIN: Duration = Duration::from_millis(1);
/// How much later than it was taken a place may be used without being renewed.
const SLACK: Duration = Duration::from_secs(5);
/// While Redis is away, and nobody may go without it yet, it is asked so often.
const PROBE: Duration = Duration::from_millis(250);

/// What one process knows of the budgets that it shares.
pub(crate) struct SharedLimits {
    when_away: WhenAway,
    /// For how many calls a question asks at most, so that the script does not keep the server from others.
    batch: usize,
    /// Distinguishes processes, and handles in one.
    process: String,
    callers: AtomicU64,
    lines: Mutex<Lines>,
    queue: Mutex<Queue>,
    spare: Spare,
}

impl SharedLimits {
    pub(crate) fn new(when_away: WhenAway, batch: usize) -> Self {
        Self {
            when_away,
            batch,
            process: Uuid::new_v4().simple().to_string(),
            callers: AtomicU64::new(0),
            lines: Mutex::default(),
            queue: Mutex::default(),
            spare: Spare::new(when_away),
        }
    }

    /// Whoever asks, in a way that nobody else does.
    fn caller(&self) -> String {
        let caller = self.callers.fetch_add(1, Ordering::Relaxed);
        format!("{}.{caller:x}", self.process)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The budgets of a call, as all processes call them.
#[derive(Clone)]
pub(crate) struct Group(Arc<Parts>);

struct Parts {
    /// Equal for calls that take the same from the same budgets.
    id: Arc<str>,
    budgets: Vec<SharedBudget>,
}

struct SharedBudget {
    key: BudgetKey,
    units: u32,
    state: String,
    places: String,
    line: String,
}

impl SharedBudget {
    fn limit(&self) -> &'static Limit {
        self.key.limit
    }

    fn window(&self) -> Duration {
        self.limit().window
    }

    fn algorithm(&self) -> Algorithm {
        self.limit().algorithm
    }

    /// The most that can be taken at once.
    fn capacity(&self) -> u32 {
        match self.algorithm() {
            Algorithm::Bucket { burst } => burst.max(1),
            _ => self.limit().limit.max(1),
        }
    }

    /// How long a place counts once its request was answered.
    fn hold(&self) -> Duration {
        match self.algorithm() {
            // Windows whose beginnings nobody knows are kept by keeping all of them.
            Algorithm::Sliding | Algorithm::Fixed => self.window() + MARGIN,
            Algorithm::Bucket { .. } | Algorithm::Concurrency => Duration::ZERO,
        }
    }

    /// How long its keys are kept: until they would say nothing any more, twice over.
    fn time_to_live(&self, lease: Duration) -> Duration {
        let full = match self.algorithm() {
            Algorithm::Bucket { burst } => self.window().saturating_mul(burst / self.limit().limit.max(1) + 1),
            _ => self.window(),
        };
        (full.max(lease) + Duration::from_mins(1)) * 2
    }
}

/// Whose budgets they are, in clear.
pub(crate) struct SharedOwner<'a> {
    pub(crate) provider: &'static str,
    pub(crate) base_url: &'a str,
    /// Absent where no token is shown.
    pub(crate) token: Option<&'a TokenValue>,
    pub(crate) operation: &'static str,
    pub(crate) params: &'a [(&'static str, String)],
    /// What a call counts where its cost counts.
    pub(crate) cost: u32,
}

impl Redis {
    /// The budgets of a call under the names that all processes know them by.
    pub(crate) fn group(&self, keys: &[BudgetKey], owner: &SharedOwner<'_>) -> Group {
        let budgets: Vec<_> = keys.iter().map(|key| self.budget(*key, owner)).collect();
        let mut id = String::new();
        for budget in &budgets {
            // Writing to a string cannot fail.
            let _ = fmt::Write::write_fmt(&mut id, format_args!("{}*{} ", budget.state, budget.units));
        }
        Group(Arc::new(Parts { id: id.into(), budgets }))
    }

    fn budget(&self, key: BudgetKey, owner: &SharedOwner<'_>) -> SharedBudget {
        let limit = key.limit;
        let keys = &self.0.keys;
        let mut name = keys.naming().part(b"limit").part(owner.provider.as_bytes());
        name = name.part(owner.base_url.as_bytes()).part(limit.name.as_bytes());
        // Another way of counting keeps other things.
        name = name.part(&[script::code(limit.algorithm)]);
        for per in limit.per {
            match per {
                Per::Token => {
                    let fields = owner.token.map(TokenValue::fields).unwrap_or_default();
                    name = name.part(b"token").part(&fields.len().to_be_bytes());
                    for field in fields {
                        let field = field.as_ref().map(Secret::expose);
                        name = name.part(&[u8::from(field.is_some())]);
                        name = name.part(field.unwrap_or_default().as_bytes());
                    }
                }
                Per::Operation => name = name.part(b"operation").part(owner.operation.as_bytes()),
                Per::Param(param) => {
                    name = name.part(b"param").part(param.as_bytes());
                    for (_, value) in owner.params.iter().filter(|(name, _)| name == param) {
                        name = name.part(value.as_bytes());
                    }
                }
            }
        }
        let base = format!("{}:{{{}}}:{}", self.0.prefix, keys.slot(), name.finish());
        let mut budget = SharedBudget {
            key,
            units: 1,
            state: format!("{base}:state"),
            places: format!("{base}:places"),
            line: format!("{base}:line"),
        };
        if limit.counts_cost {
            // More than there is would wait for ever.
            budget.units = owner.cost.clamp(1, budget.capacity());
        }
        budget
    }

    /// Waits until all budgets of a call let one more go. `lease` is what the call may take at most.
    pub(crate) async fn admit(
        &self,
        group: &Group,
        clock: &Arc<dyn Clock>,
        max_wait: Option<Duration>,
        lease: Duration,
    ) -> Result<SharedPermit, Refusal> {
        let since = Instant::now();
        let give_up_at = max_wait.and_then(|wait| since.checked_add(wait));
        loop {
            let away = match self.wait_in_line(group, give_up_at, lease).await {
                Ok(place) => return Ok(SharedPermit(Kind::Shared(place))),
                Err(Refusal::Away(away)) => away,
                Err(too_long) => return Err(too_long),
            };
            if self.0.limits.when_away == WhenAway::Refuse {
                return Err(Refusal::Away(away));
            }
            // Nobody knows who used up the window before Redis was lost.
            let window = group.0.budgets.iter().map(SharedBudget::window).max();
            let from = away.since + window.unwrap_or_default() + MARGIN;
            let now = Instant::now();
            if now >= from {
                let left = give_up_at.map(|at| at.saturating_duration_since(now));
                let permit = self.0.limits.spare.admit(group, clock, left).await;
                let (redis, group) = (self.clone(), group.clone());
                return permit
                    .map(|permit| SharedPermit(Kind::Spare(SparePlace::new(redis, group, permit))))
                    .map_err(|why| why.unwrap_or(Refusal::Away(away)));
            }
            let wait = from - now;
            if give_up_at.is_some_and(|at| from > at) {
                let limit = group.0.budgets.first().map_or("", |budget| budget.limit().name);
                return Err(Refusal::TooLong(TooLong { limit, wait }));
            }
            tokio::time::sleep(wait.min(PROBE)).await;
        }
    }

    async fn wait_in_line(
        &self,
        group: &Group,
        give_up_at: Option<Instant>,
        lease: Duration,
    ) -> Result<Place, Refusal> {
        loop {
            let (answer, answered) = oneshot::channel();
            let waiter = Waiter {
                give_up_at,
                lease,
                answer,
            };
            self.join(group, waiter)?;
            // Whoever asked for all may have been stopped together with its runtime; then somebody else asks.
            if let Ok(answer) = answered.await {
                return answer;
            }
        }
    }
}

/// A place that all machines agreed to.
#[must_use = "a place is given back when it is dropped"]
pub(crate) struct SharedPermit(Kind);

enum Kind {
    Shared(Place),
    /// Of the process's own share, while Redis is away.
    Spare(SparePlace),
}

impl SharedPermit {
    /// The request leaves, and is waited for so long.
    pub(crate) fn sent(&mut self, timeout: Duration) {
        match &mut self.0 {
            Kind::Shared(place) => place.sent(timeout),
            Kind::Spare(place) => place.sent(timeout),
        }
    }

    /// Its answer came. `closed_for` closes the budgets to everybody for so long.
    pub(crate) fn answered(self, closed_for: Option<Duration>) {
        match self.0 {
            Kind::Shared(place) => place.answered(closed_for),
            Kind::Spare(place) => place.answered(closed_for),
        }
    }

    /// No answer came.
    pub(crate) fn failed(self) {
        match self.0 {
            Kind::Shared(place) => place.failed(),
            Kind::Spare(place) => place.failed(),
        }
    }
}
