//! The budgets that calls have in common, and who is next.
//!
//! Calls that need the same are a *group*, a line in order of arrival. A group waits for one budget at a time, the
//! scarcest of those that have no place for it, so that a place which becomes free is offered to nobody who cannot take
//! it: what an admission costs depends neither on how many wait nor on how many budgets there are.
//!
//! Nobody starves. Among those who wait for a budget the oldest goes first. Whoever needs several, and whose turn has come
//! at a scarce one while a more plentiful one has no place, keeps the place of the scarce one if it is the next at the other,
//! and so misses its turn at neither. Places are kept in one order that all calls share, so no two wait for each other.

use super::{
    key::{AsItIs, BudgetKey, Fingerprint},
    policy::{End, Flight, Policy},
    sync::{Mutex, MutexGuard},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
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

/// Who is to be woken once the lock is released.
pub(super) type Wakers = Vec<Waker>;

/// The order of arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ticket(u64);

/// A place in line.
#[derive(Clone, Copy, Debug)]
pub(super) struct InLine {
    ticket: Ticket,
    group: Fingerprint,
}

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

/// Groups that wait for the same, by their first ticket.
type Line = BTreeMap<Ticket, Fingerprint>;

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

struct Group {
    keys: Arc<[BudgetKey]>,
    waiting: BTreeMap<Ticket, Option<Waker>>,
    at: Spot,
    /// Of how many of its budgets the first in line keeps a place already, and what taking them said.
    kept: Marks,
}

/// What a group waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spot {
    Gate(Fingerprint),
    Budget(Fingerprint),
}

/// What [`Policy::take`] returned for each budget of a call, without an allocation where they are few.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    few: [u64; 3],
    /// The others; absent where there are none, since each call moves this.
    #[expect(clippy::box_collection, reason = "a vector would make all calls move three words")]
    many: Option<Box<Vec<u64>>>,
    count: usize,
}

impl Marks {
    fn push(&mut self, mark: u64) {
        match self.few.get_mut(self.count) {
            Some(place) => *place = mark,
            None => self.many.get_or_insert_default().push(mark),
        }
        self.count += 1;
    }

    fn iter(&self) -> impl Iterator<Item = u64> {
        let few = self.few.iter().take(self.count);
        few.chain(self.many.iter().flat_map(|many| many.iter())).copied()
    }
}

/// A limit that closes a call out for longer than it can wait, and until when.
pub(super) type Closed = (&'static str, Instant);

fn group_of(keys: &[BudgetKey]) -> Fingerprint {
    struct Needs<'k>(&'k [BudgetKey]);
    impl std::hash::Hash for Needs<'_> {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            self.0
                .iter()
                .for_each(|key| (key.owner, key.cost, key.gate).hash(state));
        }
    }
    Fingerprint::of(&Needs(keys))
}

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

    /// Lines up.
    pub(super) fn join(&mut self, keys: &Arc<[BudgetKey]>, now: Instant, wakers: &mut Wakers) -> InLine {
        self.last.0 += 1;
        let (ticket, id) = (self.last, group_of(keys));
        self.make_room(now);
        for key in &**keys {
            self.budget(key, now).groups.insert(id);
        }
        match self.groups.entry(id) {
            Entry::Occupied(mut group) => {
                group.get_mut().waiting.insert(ticket, None);
            }
            Entry::Vacant(place) => {
                // Where it waits is found below.
                let at = keys.first().map_or(Spot::Budget(id), |key| Spot::Budget(key.owner));
                place.insert(Group {
                    keys: Arc::clone(keys),
                    waiting: BTreeMap::from([(ticket, None)]),
                    at,
                    kept: Marks::default(),
                });
                if let Some(line) = self.line(at) {
                    line.insert(ticket, id);
                }
            }
        }
        let in_line = InLine { ticket, group: id };
        self.advance_for(in_line, now, wakers);
        in_line
    }

    fn line(&mut self, at: Spot) -> Option<&mut Line> {
        match at {
            Spot::Gate(gate) => self.gates.get_mut(&gate).map(|gate| &mut gate.line),
            Spot::Budget(owner) => self.budgets.get_mut(&owner).map(|budget| &mut budget.line),
        }
    }

    fn first(&mut self, at: Spot) -> Option<(Ticket, Fingerprint)> {
        let (ticket, group) = self.line(at)?.first_key_value()?;
        Some((*ticket, *group))
    }

    /// Lets go whoever may where one of those in line waits.
    pub(super) fn advance_for(&mut self, place: InLine, now: Instant, wakers: &mut Wakers) {
        if let Some(group) = self.groups.get(&place.group) {
            self.advance(group.at, now, wakers);
        }
    }

    /// Lets go whoever may of those who wait here, in the order of arrival. Whoever turns out to be held up elsewhere
    /// waits there from now on.
    fn advance(&mut self, at: Spot, now: Instant, wakers: &mut Wakers) {
        let mut changed = false;
        while let Some((ticket, id)) = self.first(at) {
            if !self.examine(ticket, id, now, wakers) {
                break;
            }
            changed = true;
        }
        if changed {
            self.wake_first(at, wakers);
        }
    }

    /// Lets the first of a group go, or lets the group wait where it is held up. Returns whether either changed anything.
    fn examine(&mut self, ticket: Ticket, id: Fingerprint, now: Instant, wakers: &mut Wakers) -> bool {
        let Some(group) = self.groups.get(&id) else {
            return false;
        };
        let (keys, was_at, kept) = (Arc::clone(&group.keys), group.at, group.kept.count);
        let rest = keys.get(kept..).unwrap_or_default();
        let mut blocked = self.is_shut(&keys, now).map(|gate| (Spot::Gate(gate), 0));
        if blocked.is_none() {
            let held_up = rest.iter().position(|key| !self.is_free(key, ticket, now));
            blocked = held_up.and_then(|at| Some((Spot::Budget(rest.get(at)?.owner), at)));
        }
        let Some((at, free)) = blocked else {
            self.admit(ticket, id, rest, wakers);
            return true;
        };
        if at == was_at {
            return false;
        }
        self.take_out(was_at, ticket);
        let is_next = self.first(at).is_none_or(|(first, _)| ticket < first);
        // Having begun to keep places, it goes on, and never keeps one for whoever is before it elsewhere.
        if is_next || kept > 0 {
            self.keep(id, rest.get(..free).unwrap_or_default());
        }
        if let Some(group) = self.groups.get_mut(&id) {
            group.at = at;
        }
        if let Some(line) = self.line(at) {
            line.insert(ticket, id);
        }
        if is_next {
            self.wake_first(at, wakers);
        }
        true
    }

    /// Whether a budget has a place for this ticket, and nobody older waits for it.
    fn is_free(&mut self, key: &BudgetKey, ticket: Ticket, now: Instant) -> bool {
        let Some(budget) = self.budgets.get_mut(&key.owner) else {
            return true;
        };
        let is_first = budget.line.first_key_value().is_none_or(|(first, _)| ticket <= *first);
        is_first && budget.policy.is_ready(key.cost, now)
    }

    fn keep(&mut self, id: Fingerprint, keys: &[BudgetKey]) {
        for key in keys {
            let mark = self.policy(key).map_or(0, |policy| policy.take(key.cost));
            if let Some(group) = self.groups.get_mut(&id) {
                group.kept.push(mark);
            }
        }
    }

    fn admit(&mut self, ticket: Ticket, id: Fingerprint, rest: &[BudgetKey], wakers: &mut Wakers) {
        self.keep(id, rest);
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        let marks = std::mem::take(&mut group.kept);
        wakers.extend(group.waiting.remove(&ticket).flatten());
        self.admitted.insert(ticket, marks);
        self.first_left(ticket, id);
    }

    fn take_out(&mut self, at: Spot, ticket: Ticket) {
        if let Some(line) = self.line(at) {
            line.remove(&ticket);
        }
    }

    /// The next of a group takes the place of the one who was first in it, or the group ends.
    fn first_left(&mut self, ticket: Ticket, id: Fingerprint) {
        let Some(group) = self.groups.get(&id) else {
            return;
        };
        let (at, next) = (group.at, group.waiting.first_key_value().map(|(next, _)| *next));
        self.take_out(at, ticket);
        if let Some(next) = next {
            if let Some(line) = self.line(at) {
                line.insert(next, id);
            }
        } else {
            let group = self.groups.remove(&id);
            for key in group.iter().flat_map(|group| &*group.keys) {
                if let Some(budget) = self.budgets.get_mut(&key.owner) {
                    budget.groups.remove(&id);
                }
            }
        }
    }

    /// Whoever is first in a line watches the clock for all behind.
    fn wake_first(&mut self, at: Spot, wakers: &mut Wakers) {
        let Some((ticket, id)) = self.first(at) else {
            return;
        };
        let group = self.groups.get_mut(&id);
        let waiting = group.and_then(|group| group.waiting.get_mut(&ticket));
        wakers.extend(waiting.and_then(Option::take));
    }

    /// Whether somebody was let go; then it is forgotten.
    pub(super) fn collect(&mut self, place: InLine) -> Option<Marks> {
        self.admitted.remove(&place.ticket)
    }

    /// Leaves before having been collected.
    pub(super) fn leave(&mut self, place: InLine, keys: &[BudgetKey], now: Instant, wakers: &mut Wakers) {
        let InLine { ticket, group: id } = place;
        if self.collect(place).is_some() {
            return self.put_back(keys, now, wakers);
        }
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        let was_first = group.waiting.first_key_value().map(|(first, _)| *first) == Some(ticket);
        group.waiting.remove(&ticket);
        if !was_first {
            return;
        }
        let at = group.at;
        // Whoever comes next needs the same, and takes over what was kept.
        let kept = if group.waiting.is_empty() { group.kept.count } else { 0 };
        self.first_left(ticket, id);
        self.advance(at, now, wakers);
        self.wake_first(at, wakers);
        self.put_back(keys.get(..kept).unwrap_or_default(), now, wakers);
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
        for key in keys {
            if let Some(policy) = self.policy(key) {
                change(policy, key, now);
            }
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
            let groups = self.groups.iter().filter(|(_, group)| gate_of(&group.keys) == Some(id));
            told.extend(groups.map(|(id, _)| *id));
        }
        for id in told {
            self.tell(id, now, wakers);
        }
    }

    /// Wakes all of a group. What its first kept while it waited for a moment, it does not keep for longer.
    fn tell(&mut self, id: Fingerprint, now: Instant, wakers: &mut Wakers) {
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        wakers.extend(group.waiting.values_mut().filter_map(Option::take));
        let kept = std::mem::take(&mut group.kept).count;
        if kept > 0 {
            let keys = Arc::clone(&group.keys);
            self.put_back(keys.get(..kept).unwrap_or_default(), now, wakers);
        }
    }

    pub(super) fn wake_by(&mut self, place: InLine, waker: &Waker) {
        let group = self.groups.get_mut(&place.group);
        if let Some(waiting) = group.and_then(|group| group.waiting.get_mut(&place.ticket)) {
            match waiting {
                Some(known) => known.clone_from(waker),
                None => *waiting = Some(waker.clone()),
            }
        }
    }

    /// When the one who is first of all who wait for the same has to look again; nobody else has to.
    pub(super) fn look_again(&mut self, place: InLine, now: Instant) -> Option<Instant> {
        let at = self.groups.get(&place.group)?.at;
        if self.first(at)?.0 != place.ticket {
            return None;
        }
        match at {
            Spot::Gate(gate) => self.gates.get(&gate).map(|gate| gate.until),
            Spot::Budget(owner) => {
                let group = self.groups.get(&place.group)?;
                let cost = group.keys.iter().find(|key| key.owner == owner)?.cost;
                self.budgets.get_mut(&owner)?.policy.ready_at(cost, now)
            }
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
        let alike = place.and_then(|place| self.groups.get(&place.group));
        let alike = alike.map_or(0, |group| group.waiting.len().saturating_sub(1));
        let mut latest = self.closed(keys, now);
        for key in keys {
            // Whoever waits for the same, or for this budget only, surely goes before one who joins.
            let single = (place.is_some() && keys.len() > 1).then(|| group_of(&[*key]));
            let others = single.and_then(|id| self.groups.get(&id));
            let others = others.map_or(0, |group| group.waiting.len());
            let ahead = (alike + others) as u64 * u64::from(key.cost);
            let earliest = self.policy(key).map(|policy| policy.earliest(ahead, now));
            if let Some(earliest) = earliest
                && latest.is_none_or(|(_, other)| other < earliest)
            {
                latest = Some((key.limit.name, earliest));
            }
        }
        latest
    }

    /// What an answer tells of a call's budgets.
    pub(super) fn hear(
        &mut self,
        keys: &[BudgetKey],
        marks: &Marks,
        told: &[Option<super::learn::Told>],
        flight: Flight,
        now: Instant,
    ) {
        for ((key, mark), told) in keys.iter().zip(marks.iter()).zip(told) {
            if let (Some(told), Some(policy)) = (told, self.policy(key)) {
                let cost = key.cost;
                policy.hear(told, &Flight { cost, mark, ..flight }, now);
            }
        }
    }
}

#[cfg(test)]
mod tests;
