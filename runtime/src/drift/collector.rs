//! The findings of a connection, counted.

use super::{Drift, DriftEntry, DriftKind, DriftReport, Found, Place, name};
use crate::{Spec, Timestamp, client::Session, event};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many findings are told apart.
const MOST: usize = 1000;
/// How many names of one sort are told apart in one model of one operation: a map that is taken for a model has many.
const MOST_NAMES: usize = 32;
/// How many findings an error tells of.
const TOLD: usize = 8;

#[derive(Debug)]
pub(crate) struct Collector {
    mode: Drift,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    entries: BTreeMap<Key, (u64, Timestamp)>,
    overlooked: u64,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    operation: &'static str,
    model: &'static str,
    kind: DriftKind,
    name: String,
}

impl Collector {
    pub(crate) fn new(mode: Drift) -> Self {
        Self {
            mode,
            seen: Mutex::default(),
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.mode != Drift::Ignore
    }

    /// Counts what an answer had. Whoever refuses it gets to know what it was.
    pub(crate) fn count(&self, session: &Session, spec: &'static Spec, found: &[Found]) -> Option<String> {
        if found.is_empty() || !self.is_on() {
            return None;
        }
        let now = session.link().clock.wall();
        let mut refused = String::new();
        for (at, found) in found.iter().enumerate() {
            let is_secret = |name: &str| session.redact(name) != name;
            let name = name::shown(found.kind, &found.name, is_secret);
            let place = Place {
                model: found.model,
                name,
            };
            if self.is_new(spec, found, name, now) {
                event::drifted(spec, found.kind, &place);
            }
            event::counted_drift(session, spec, found.kind, found.count);
            if self.mode == Drift::Refuse && at < TOLD {
                let comma = if at == 0 { "" } else { ", " };
                // A `String` takes whatever is written.
                let _ = write!(refused, "{comma}{} {place}", found.kind);
            }
        }
        if found.len() > TOLD && self.mode == Drift::Refuse {
            refused.push_str(", …");
        }
        (self.mode == Drift::Refuse).then_some(refused)
    }

    /// Counts a status that means nothing to the client.
    pub(crate) fn count_status(&self, session: &Session, spec: &'static Spec, status: u16) {
        if self.is_on() {
            let found = Found {
                kind: DriftKind::UnknownStatus,
                model: "",
                name: status.to_string(),
                count: 1,
            };
            self.count(session, spec, &[found]);
        }
    }

    fn is_new(&self, spec: &'static Spec, found: &Found, name: &str, now: Timestamp) -> bool {
        let mut seen = self.seen();
        let mut key = Key {
            operation: spec.id,
            model: found.model,
            kind: found.kind,
            name: name.to_owned(),
        };
        if let Some((count, _)) = seen.entries.get_mut(&key) {
            *count += found.count;
            return false;
        }
        if seen.names(&key) >= MOST_NAMES {
            name::HIDDEN.clone_into(&mut key.name);
            if let Some((count, _)) = seen.entries.get_mut(&key) {
                *count += found.count;
                return false;
            }
        }
        if seen.entries.len() >= MOST {
            seen.overlooked += found.count;
            return false;
        }
        seen.entries.insert(key, (found.count, now));
        true
    }

    pub(crate) fn report(&self) -> DriftReport {
        let seen = self.seen();
        let entries = seen.entries.iter().map(|(key, (count, first_seen))| DriftEntry {
            operation: key.operation,
            kind: key.kind,
            model: key.model,
            name: key.name.clone(),
            count: *count,
            first_seen: *first_seen,
        });
        DriftReport {
            entries: entries.collect(),
            overlooked: seen.overlooked,
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn names(&self, key: &Key) -> usize {
        let first = Key {
            name: String::new(),
            ..*key
        };
        let alike = self.entries.range(first..);
        alike
            .take_while(|(other, _)| {
                other.operation == key.operation && other.model == key.model && other.kind == key.kind
            })
            .count()
    }
}
