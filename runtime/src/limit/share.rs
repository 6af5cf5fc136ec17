//! Which calls share a budget, and who is next.

use super::sliding::Sliding;
use crate::{Limit, Per, Secret, TokenValue};
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    ops::Bound,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    task::Waker,
    time::Instant,
};

/// The budgets that some connections have in common; clones are the same budgets.
///
/// Those of the process are the default: what a provider counts per token, it counts whichever client, connection or task
/// uses the token.
#[derive(Clone)]
pub struct Budgets(Arc<Mutex<Lines>>);

static PROCESS: LazyLock<Budgets> = LazyLock::new(Budgets::new);

impl Budgets {
    /// Budgets of nobody else.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// The budgets of this process.
    #[must_use]
    pub fn of_process() -> Self {
        PROCESS.clone()
    }

    pub(super) fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Budgets {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budgets").finish_non_exhaustive()
    }
}

/// A keyed hash: equal for equal things, and useless to whoever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint(u64, u64);

static KEYS: LazyLock<(RandomState, RandomState)> = LazyLock::new(Default::default);

impl Fingerprint {
    fn of(thing: &impl Hash) -> Self {
        Self(KEYS.0.hash_one(thing), KEYS.1.hash_one(thing))
    }

    /// The fingerprint of a token's value, whatever its type.
    pub(crate) fn of_token(value: &TokenValue) -> Self {
        let fields = value.fields().iter().map(|field| field.as_ref().map(Secret::expose));
        Self::of(&fields.collect::<Vec<_>>())
    }
}

/// A limit and whose it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BudgetKey {
    pub(super) limit: &'static Limit,
    pub(super) owner: Fingerprint,
}

/// What a budget may depend on.
pub(crate) struct Owner<'a> {
    pub(crate) provider: &'static str,
    pub(crate) base_url: &'a str,
    pub(crate) connection: u64,
    /// Absent where no token is shown.
    pub(crate) token: Option<Fingerprint>,
    pub(crate) operation: &'static str,
    pub(crate) params: &'a [(&'static str, String)],
}

impl BudgetKey {
    pub(crate) fn new(limit: &'static Limit, owner: &Owner<'_>) -> Self {
        let param = |wanted: &str| {
            let values = owner.params.iter().filter(|(name, _)| *name == wanted);
            values.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
        };
        let parts = limit.per.iter().map(|per| match per {
            Per::Token => Fingerprint::of(&("token", owner.token)),
            Per::Operation => Fingerprint::of(&("operation", owner.operation)),
            Per::Param(name) => Fingerprint::of(&("param", name, param(name))),
        });
        let parts: Vec<_> = parts.collect();
        let connection = limit.per.is_empty().then_some(owner.connection);
        Self {
            limit,
            owner: Fingerprint::of(&(owner.provider, owner.base_url, limit.name, connection, parts)),
        }
    }
}

/// The order of arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ticket(u64);

/// All budgets, and the line in front of each. One who waits for several stands in several lines.
#[derive(Default)]
pub(super) struct Lines {
    budgets: HashMap<Fingerprint, Budget>,
    waiting: HashMap<Ticket, Waiting>,
    /// How many wait for the same budgets.
    groups: HashMap<Fingerprint, usize>,
    last: Ticket,
    sweep_at: usize,
}

struct Budget {
    policy: Sliding,
    line: BTreeSet<Ticket>,
}

struct Waiting {
    keys: Arc<[BudgetKey]>,
    group: Fingerprint,
    waker: Option<Waker>,
    admitted: bool,
}

fn group_of(keys: &[BudgetKey]) -> Fingerprint {
    let owners: Vec<_> = keys.iter().map(|key| key.owner).collect();
    Fingerprint::of(&owners)
}

/// Who is to be woken once the lock is released.
pub(super) type Wakers = Vec<Waker>;

impl Lines {
    /// Lines up.
    pub(super) fn join(&mut self, keys: &Arc<[BudgetKey]>, now: Instant) -> Ticket {
        self.sweep(now);
        self.last.0 += 1;
        let ticket = self.last;
        for key in &**keys {
            let budget = self.budgets.entry(key.owner).or_insert_with(|| Budget {
                policy: Sliding::new(key.limit.limit, key.limit.window),
                line: BTreeSet::new(),
            });
            budget.line.insert(ticket);
        }
        let group = group_of(keys);
        *self.groups.entry(group).or_default() += 1;
        let waiting = Waiting {
            keys: Arc::clone(keys),
            group,
            waker: None,
            admitted: false,
        };
        self.waiting.insert(ticket, waiting);
        ticket
    }

    /// Lets go whoever may, in the order of arrival. Whoever another budget holds up does not hold up the rest.
    pub(super) fn advance(&mut self, keys: &[BudgetKey], now: Instant, wakers: &mut Wakers) {
        for key in keys {
            let mut after = Bound::Unbounded;
            while self.policy(key).free(now) > 0 {
                let Some(ticket) = self.line(key).range((after, Bound::Unbounded)).next().copied() else {
                    break;
                };
                after = Bound::Excluded(ticket);
                self.try_admit(ticket, now, wakers);
            }
        }
    }

    fn try_admit(&mut self, ticket: Ticket, now: Instant, wakers: &mut Wakers) {
        let Some(Waiting { keys, group, .. }) = self.waiting.get(&ticket) else {
            return;
        };
        let (keys, group) = (Arc::clone(keys), *group);
        if keys.iter().any(|key| self.policy(key).free(now) == 0) {
            return;
        }
        for key in &*keys {
            self.policy(key).take();
        }
        self.leave_lines(ticket, group, &keys, wakers);
        if let Some(waiting) = self.waiting.get_mut(&ticket) {
            waiting.admitted = true;
            wakers.extend(waiting.waker.take());
        }
    }

    fn leave_lines(&mut self, ticket: Ticket, group: Fingerprint, keys: &[BudgetKey], wakers: &mut Wakers) {
        if let Some(count) = self.groups.get_mut(&group) {
            *count -= 1;
            if *count == 0 {
                self.groups.remove(&group);
            }
        }
        for key in keys {
            let was_first = self.is_first(ticket, key);
            self.line_mut(key).remove(&ticket);
            if was_first {
                self.wake_first(key, wakers);
            }
        }
    }

    /// Whoever is first in a line watches the clock for all behind.
    fn wake_first(&mut self, key: &BudgetKey, wakers: &mut Wakers) {
        let first = self.line(key).first().copied();
        let waiting = first.and_then(|ticket| self.waiting.get_mut(&ticket));
        wakers.extend(waiting.and_then(|waiting| waiting.waker.take()));
    }

    /// Whether `ticket` was admitted; then it is forgotten.
    pub(super) fn collect(&mut self, ticket: Ticket) -> bool {
        let admitted = self.waiting.get(&ticket).is_some_and(|waiting| waiting.admitted);
        if admitted {
            self.waiting.remove(&ticket);
        }
        admitted
    }

    /// Leaves before having been collected.
    pub(super) fn leave(&mut self, ticket: Ticket, now: Instant, wakers: &mut Wakers) {
        let Some(waiting) = self.waiting.remove(&ticket) else {
            return;
        };
        if waiting.admitted {
            self.settle(&waiting.keys, now, wakers, Sliding::put_back);
        } else {
            self.leave_lines(ticket, waiting.group, &waiting.keys, wakers);
        }
    }

    /// Does something to each policy of a call, and then to its lines what follows.
    pub(super) fn settle(
        &mut self,
        keys: &[BudgetKey],
        now: Instant,
        wakers: &mut Wakers,
        change: impl Fn(&mut Sliding),
    ) {
        for key in keys {
            change(self.policy(key));
            self.wake_first(key, wakers);
        }
        self.advance(keys, now, wakers);
    }

    /// Closes the budgets, and tells everybody, since some cannot wait that long.
    pub(super) fn close(&mut self, keys: &[BudgetKey], until: Instant, wakers: &mut Wakers) {
        for key in keys {
            self.policy(key).close(until);
            let line: Vec<Ticket> = self.line(key).iter().copied().collect();
            for ticket in line {
                let waiting = self.waiting.get_mut(&ticket);
                wakers.extend(waiting.and_then(|waiting| waiting.waker.take()));
            }
        }
    }

    pub(super) fn wake_by(&mut self, ticket: Ticket, waker: &Waker) {
        if let Some(waiting) = self.waiting.get_mut(&ticket) {
            waiting.waker = Some(waker.clone());
        }
    }

    /// How many of those in line will surely go before one who joins with these keys: whoever waits for the same, or for
    /// this budget only.
    pub(super) fn ahead(&self, key: &BudgetKey, keys: &[BudgetKey]) -> usize {
        let waiting = |group| self.groups.get(&group).copied().unwrap_or_default();
        let alike = waiting(group_of(keys)).saturating_sub(1);
        let others = if keys.len() > 1 { waiting(group_of(&[*key])) } else { 0 };
        alike + others
    }

    pub(super) fn is_first(&self, ticket: Ticket, key: &BudgetKey) -> bool {
        self.line(key).first() == Some(&ticket)
    }

    // The three below are asked for budgets with a waiter or a place only, and `sweep` keeps those: no input reaches a
    // missing one.
    pub(super) fn policy(&mut self, key: &BudgetKey) -> &mut Sliding {
        &mut self.budgets.get_mut(&key.owner).expect("a budget in use").policy
    }

    pub(super) fn line(&self, key: &BudgetKey) -> &BTreeSet<Ticket> {
        &self.budgets[&key.owner].line
    }

    fn line_mut(&mut self, key: &BudgetKey) -> &mut BTreeSet<Ticket> {
        &mut self.budgets.get_mut(&key.owner).expect("a budget in use").line
    }

    /// Forgets budgets that nobody used for a window, so that budgets per parameter do not pile up.
    fn sweep(&mut self, now: Instant) {
        if self.budgets.len() < self.sweep_at {
            return;
        }
        self.budgets
            .retain(|_, budget| !budget.line.is_empty() || !budget.policy.is_idle(now));
        self.sweep_at = 2 * self.budgets.len().max(512);
    }
}
