//! Those who wait, and who of them is next.
//!
//! Calls that need the same are a *group*, a line in order of arrival. A group waits for one budget at a time, the
//! scarcest of those that have no place for it, so that a place which becomes free is offered to nobody who cannot take
//! it: what an admission costs depends neither on how many wait nor on how many budgets there are.
//!
//! Nobody starves. Among those who wait for a budget the oldest goes first. Whoever needs several, and whose turn has come
//! at a scarce one while a more plentiful one has no place, keeps the place of the scarce one if it is the next at the other,
//! and so misses its turn at neither. Places are kept in one order that all calls share, so no two wait for each other.

use super::{Lines, Marks, Wakers, gate_of};
use crate::limit::key::{BudgetKey, Fingerprint};
use std::{
    collections::{BTreeMap, hash_map::Entry},
    sync::Arc,
    task::Waker,
    time::Instant,
};

/// The order of arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::limit) struct Ticket(u64);

/// A place in line.
#[derive(Clone, Copy, Debug)]
pub(in crate::limit) struct InLine {
    ticket: Ticket,
    group: Fingerprint,
}

/// Groups that wait for the same, by their first ticket.
pub(super) type Line = BTreeMap<Ticket, Fingerprint>;

/// Calls that need the same.
pub(super) struct Group {
    keys: Arc<[BudgetKey]>,
    waiting: BTreeMap<Ticket, Option<Waker>>,
    at: Spot,
    /// Of how many of its budgets the first in line keeps a place already, and what taking them said.
    kept: Marks,
}

/// What a group waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Gate(Fingerprint),
    Budget(Fingerprint),
}

/// Calls that need the same are of one group.
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

impl Lines {
    /// Lines up.
    pub(in crate::limit) fn join(&mut self, keys: &Arc<[BudgetKey]>, now: Instant, wakers: &mut Wakers) -> InLine {
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

    pub(super) fn first(&mut self, at: Spot) -> Option<(Ticket, Fingerprint)> {
        let (ticket, group) = self.line(at)?.first_key_value()?;
        Some((*ticket, *group))
    }

    /// Lets go whoever may where one of those in line waits.
    pub(in crate::limit) fn advance_for(&mut self, place: InLine, now: Instant, wakers: &mut Wakers) {
        if let Some(group) = self.groups.get(&place.group) {
            self.advance(group.at, now, wakers);
        }
    }

    /// Lets go whoever may of those who wait here, in the order of arrival. Whoever turns out to be held up elsewhere
    /// waits there from now on.
    pub(super) fn advance(&mut self, at: Spot, now: Instant, wakers: &mut Wakers) {
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
        let (keys, was_at, kept) = (Arc::clone(&group.keys), group.at, group.kept.len());
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
    pub(super) fn wake_first(&mut self, at: Spot, wakers: &mut Wakers) {
        let Some((ticket, id)) = self.first(at) else {
            return;
        };
        let group = self.groups.get_mut(&id);
        let waiting = group.and_then(|group| group.waiting.get_mut(&ticket));
        wakers.extend(waiting.and_then(Option::take));
    }

    /// Whether somebody was let go; then it is forgotten.
    pub(in crate::limit) fn collect(&mut self, place: InLine) -> Option<Marks> {
        self.admitted.remove(&place.ticket)
    }

    /// Leaves before having been collected.
    pub(in crate::limit) fn leave(&mut self, place: InLine, keys: &[BudgetKey], now: Instant, wakers: &mut Wakers) {
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
        let kept = if group.waiting.is_empty() { group.kept.len() } else { 0 };
        self.first_left(ticket, id);
        self.advance(at, now, wakers);
        self.wake_first(at, wakers);
        self.put_back(keys.get(..kept).unwrap_or_default(), now, wakers);
    }

    /// Wakes all of a group. What its first kept while it waited for a moment, it does not keep for longer.
    pub(super) fn tell(&mut self, id: Fingerprint, now: Instant, wakers: &mut Wakers) {
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        wakers.extend(group.waiting.values_mut().filter_map(Option::take));
        let kept = std::mem::take(&mut group.kept).len();
        if kept > 0 {
            let keys = Arc::clone(&group.keys);
            self.put_back(keys.get(..kept).unwrap_or_default(), now, wakers);
        }
    }

    pub(in crate::limit) fn wake_by(&mut self, place: InLine, waker: &Waker) {
        let group = self.groups.get_mut(&place.group);
        if let Some(waiting) = group.and_then(|group| group.waiting.get_mut(&place.ticket)) {
            match waiting {
                Some(known) => known.clone_from(waker),
                None => *waiting = Some(waker.clone()),
            }
        }
    }

    /// When the one who is first of all who wait for the same has to look again; nobody else has to.
    pub(in crate::limit) fn look_again(&mut self, place: InLine, now: Instant) -> Option<Instant> {
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

    /// How many of a group wait.
    fn count(&self, group: Fingerprint) -> usize {
        self.groups.get(&group).map_or(0, |group| group.waiting.len())
    }

    /// How many surely go before one who has joined, at the budget of `key`: those who wait for the same, and for this
    /// budget only.
    pub(super) fn ahead(&self, keys: &[BudgetKey], key: BudgetKey, place: InLine) -> usize {
        let alike = self.count(place.group).saturating_sub(1);
        let others = if keys.len() > 1 {
            self.count(group_of(&[key]))
        } else {
            0
        };
        alike + others
    }

    /// The groups of a token.
    pub(super) fn groups_of(&self, gate: Fingerprint) -> impl Iterator<Item = Fingerprint> {
        let groups = self.groups.iter();
        let groups = groups.filter(move |(_, group)| gate_of(&group.keys) == Some(gate));
        groups.map(|(id, _)| *id)
    }
}
