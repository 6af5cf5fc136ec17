//! The budgets that calls have in common, under one lock: what a call takes of them, what its answer tells, and when they
//! are forgotten. Who waits, and who is next, is the matter of [`line`].

mod line;
mod marks;
#[cfg(test)]
mod tests;

use super::{
    key::{AsItIs, BudgetKey, Fingerprint},
    learn::Told,
    policy::{End, Flight, Policy},
    sync::{Mutex, MutexGuard},
};
use line::{Group, Line, Spot, Ticket};
use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, LazyLock, PoisonError},
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
        Self(Arc::new(Mutex::new(Lines::default())))
    }

    /// The budgets of this process.
    #[must_use]
    pub fn of_process() -> Self {
        PROCESS.clone()
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something under the lock, and wakes whom it concerns after it.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Lines, &mut Wakers) -> R) -> R {
        let mut wakers = Wakers::new();
        let result = change(&mut self.lines(), &mut wakers);
        wakers.into_iter().for_each(Waker::wake);
        result
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

pub(super) use line::InLine;
pub(super) use marks::Marks;

/// Who is to be woken once the lock is released.
pub(super) type Wakers = Vec<Waker>;

/// All budgets, and those who wait for them.
#[derive(Default)]
pub(super) struct Lines {
    budgets: HashMap<Fingerprint, Budget, AsItIs>,
    /// The tokens that a provider has told to wait. A token that it has not is not here.
    gates: HashMap<Fingerprint, Gate, AsItIs>,
    groups: HashMap<Fingerprint, Group, AsItIs>,
    /// Who was let go and does not know it yet.
    admitted: HashMap<Ticket, Marks>,
    last: Ticket,
    sweep_at: usize,
}

struct Budget {
    policy: Policy,
    line: Line,
    /// The groups that need it, wherever they wait.
    groups: HashSet<Fingerprint, AsItIs>,
}

struct Gate {
    until: Instant,
    /// The limit that was found exceeded.
    limit: &'static str,
    line: Line,
}

/// A limit that closes a call out for longer than it can wait, and until when.
pub(super) type Closed = (&'static str, Instant);

fn gate_of(keys: &[BudgetKey]) -> Option<Fingerprint> {
    keys.first().and_then(|key| key.gate)
}

impl Lines {
    /// Lets a call go at once, if nobody is before it and all of its budgets have a place.
    pub(super) fn enter(&mut self, keys: &[BudgetKey], now: Instant, wakers: &mut Wakers) -> Option<Marks> {
        if !self.gates.is_empty()
            && let Some(gate) = gate_of(keys)
            && self.is_shut_after(gate, now, wakers)
        {
            return None;
        }
        self.make_room(now);
        for key in keys {
            let budget = self.budget(key, now);
            if !budget.line.is_empty() || !budget.policy.is_ready(key.cost, now) {
                return None;
            }
        }
        Some(self.take(keys))
    }

    fn take(&mut self, keys: &[BudgetKey]) -> Marks {
        let mut marks = Marks::default();
        for key in keys {
            marks.push(self.policy(key).map_or(0, |policy| policy.take(key.cost)));
        }
        marks
    }

    /// The gate of a token that has to wait.
    fn is_shut(&mut self, keys: &[BudgetKey], now: Instant) -> Option<Fingerprint> {
        if self.gates.is_empty() {
            return None;
        }
        let gate = gate_of(keys)?;
        self.gates
            .get(&gate)
            .is_some_and(|shut| now < shut.until)
            .then_some(gate)
    }

    /// Whether a token still has to wait. Once it has not, whoever waits for it goes before anybody else.
    fn is_shut_after(&mut self, gate: Fingerprint, now: Instant, wakers: &mut Wakers) -> bool {
        match self.gates.get(&gate) {
            Some(shut) if now < shut.until => true,
            Some(_) => {
                self.advance(Spot::Gate(gate), now, wakers);
                self.gates.remove(&gate);
                false
            }
            None => false,
        }
    }

    fn budget(&mut self, key: &BudgetKey, now: Instant) -> &mut Budget {
        self.budgets.entry(key.owner).or_insert_with(|| Budget {
            policy: Policy::new(key.limit, now),
            line: Line::new(),
            groups: HashSet::default(),
        })
    }

    /// A budget is there from the first call that needs it on, and [`sweep`](Self::sweep) keeps it while somebody waits for
    /// it or has a place.
    fn policy(&mut self, key: &BudgetKey) -> Option<&mut Policy> {
        Some(&mut self.budgets.get_mut(&key.owner)?.policy)
    }

    /// Forgets what nobody needs, if there is much. Never between two budgets of one call: the first of them, which nothing
    /// was taken from yet, would be forgotten, and the call would not count.
    fn make_room(&mut self, now: Instant) {
        if self.budgets.len() >= self.sweep_at {
            self.sweep(now);
        }
    }

    /// Forgets budgets that nobody used for a window, so that budgets per parameter do not pile up.
    fn sweep(&mut self, now: Instant) {
        self.budgets
            .retain(|_, budget| !budget.groups.is_empty() || !budget.policy.is_idle(now));
        self.gates.retain(|_, gate| now < gate.until || !gate.line.is_empty());
        self.sweep_at = 2 * self.budgets.len().max(512);
    }

    /// Gives back the places of a request that never left.
    pub(super) fn put_back(&mut self, keys: &[BudgetKey], now: Instant, wakers: &mut Wakers) {
        self.settle(keys, now, wakers, |policy, key, _| policy.put_back(key.cost));
    }

    /// A request is over.
    pub(super) fn end(
        &mut self,
        keys: &[BudgetKey],
        marks: &Marks,
        flight: Flight,
        end: End,
        now: Instant,
        wakers: &mut Wakers,
    ) {
        let mut marks = marks.iter();
        self.settle(keys, now, wakers, |policy, key, _| {
            let mark = marks.next().unwrap_or_default();
            let cost = key.cost;
            policy.end(&Flight { cost, mark, ..flight }, end, now);
        });
    }

    /// Does something to each policy of a call, and then to its lines what follows.
    pub(super) fn settle(
        &mut self,
        keys: &[BudgetKey],
        now: Instant,
        wakers: &mut Wakers,
        mut change: impl FnMut(&mut Policy, &BudgetKey, Instant),
    ) {
        let mut somebody_waits = false;
        for key in keys {
            if let Some(budget) = self.budgets.get_mut(&key.owner) {
                change(&mut budget.policy, key, now);
                somebody_waits |= !budget.line.is_empty();
            }
        }
        if !somebody_waits {
            return;
        }
        for key in keys {
            let at = Spot::Budget(key.owner);
            if self.first(at).is_some() {
                self.advance(at, now, wakers);
                self.wake_first(at, wakers);
            }
        }
    }

    /// The provider refused a call as one too many. It closes the call's budgets and its token, and tells everybody,
    /// since some cannot wait that long.
    pub(super) fn close(&mut self, keys: &[BudgetKey], until: Instant, now: Instant, wakers: &mut Wakers) {
        let mut until_within_reason = now;
        let mut told: HashSet<Fingerprint, AsItIs> = HashSet::default();
        for key in keys {
            if let Some(budget) = self.budgets.get_mut(&key.owner) {
                budget.policy.refused(now);
                budget.policy.close(until, now);
                let closed = budget.policy.closed_until(now);
                until_within_reason = until_within_reason.max(closed.map_or(now, |closed| closed.min(until)));
                told.extend(&budget.groups);
            }
        }
        if let (Some(id), Some(key)) = (gate_of(keys), keys.first()) {
            let gate = self.gates.entry(id).or_insert_with(|| Gate {
                until: until_within_reason,
                limit: key.limit.name,
                line: Line::new(),
            });
            if gate.until < until_within_reason {
                (gate.until, gate.limit) = (until_within_reason, key.limit.name);
            }
            told.extend(self.groups_of(id));
        }
        for id in told {
            self.tell(id, now, wakers);
        }
    }

    /// What is closed to a call for longest, and until when.
    pub(super) fn closed(&mut self, keys: &[BudgetKey], now: Instant) -> Option<Closed> {
        let gate = self.is_shut(keys, now);
        let gate = gate.and_then(|gate| self.gates.get(&gate));
        let mut longest = gate.map(|gate| (gate.limit, gate.until));
        for key in keys {
            let closed = self.policy(key).and_then(|policy| policy.closed_until(now));
            if let Some(until) = closed
                && longest.is_none_or(|(_, other)| other <= until)
            {
                longest = Some((key.limit.name, until));
            }
        }
        longest
    }

    /// The earliest time at which a call can go after so many others of those in its line, and the limit that says so.
    pub(super) fn earliest(&mut self, keys: &[BudgetKey], place: Option<InLine>, now: Instant) -> Option<Closed> {
        let mut latest = self.closed(keys, now);
        for key in keys {
            let ahead = place.map_or(0, |place| self.ahead(keys, *key, place));
            let ahead = ahead as u64 * u64::from(key.cost);
            let earliest = self.policy(key).map(|policy| policy.earliest(ahead, now));
            if let Some(earliest) = earliest
                && latest.is_none_or(|(_, other)| other < earliest)
            {
                latest = Some((key.limit.name, earliest));
            }
        }
        latest
    }

    /// What an answer tells of a call's budgets, by their positions.
    pub(super) fn hear(
        &mut self,
        keys: &[BudgetKey],
        marks: &Marks,
        told: &[(usize, Told)],
        flight: Flight,
        now: Instant,
    ) {
        for (at, told) in told {
            if let (Some(key), Some(mark)) = (keys.get(*at), marks.iter().nth(*at))
                && let Some(policy) = self.policy(key)
            {
                let cost = key.cost;
                policy.hear(told, &Flight { cost, mark, ..flight }, now);
            }
        }
    }
}
