//! Tokens in the memory of the process.

use super::{StoreFuture, StoreLock, StoredToken, TokenKey, TokenStore};
use crate::{
    Secret, SystemRandomness,
    auth::slot::Slot,
    clock::{self, Clock},
};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

/// Keeps tokens in memory; clones are the same store. All clients of a process that have the same credentials share one
/// token here, whatever other store they use.
#[derive(Clone)]
pub struct ProcessStore(Arc<Inner>);

struct Inner {
    slots: Mutex<Slots>,
    tokens: Mutex<HashMap<TokenKey, StoredToken>>,
    locks: Mutex<HashMap<TokenKey, Arc<tokio::sync::Mutex<()>>>>,
    pepper: Secret,
}

#[derive(Default)]
struct Slots {
    by_key: HashMap<(TokenKey, usize), Arc<Slot>>,
    sweep_at: usize,
}

static PROCESS: LazyLock<ProcessStore> = LazyLock::new(ProcessStore::new);

impl ProcessStore {
    /// A store of nobody else.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            slots: Mutex::default(),
            tokens: Mutex::default(),
            locks: Mutex::default(),
            pepper: Secret::new(clock::uuid(&SystemRandomness).to_string()),
        }))
    }

    /// The store of this process.
    #[must_use]
    pub fn of_process() -> Self {
        PROCESS.clone()
    }

    /// The one slot of a key. `beside` tells connections apart that keep the token in different further stores.
    pub(crate) fn slot(&self, key: TokenKey, beside: usize, clock: &dyn Clock) -> Arc<Slot> {
        let mut slots = self.0.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.by_key.len() >= slots.sweep_at {
            let (now, wall) = (clock.now(), clock.wall());
            let in_use = |slot: &Arc<Slot>| Arc::strong_count(slot) > 1 || !slot.state().is_idle(now, wall);
            slots.by_key.retain(|_, slot| in_use(slot));
            slots.sweep_at = 2 * slots.by_key.len().max(512);
        }
        Arc::clone(slots.by_key.entry((key, beside)).or_default())
    }
}

impl Default for ProcessStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ProcessStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessStore").finish_non_exhaustive()
    }
}

impl TokenStore for ProcessStore {
    fn load<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, Option<StoredToken>> {
        Box::pin(async move {
            let tokens = self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(tokens.get(key).cloned())
        })
    }

    fn save<'a>(&'a self, key: &'a TokenKey, token: &'a StoredToken, _: &'a StoreLock) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut tokens = self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            tokens.insert(key.clone(), token.clone());
            Ok(())
        })
    }

    fn remove<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut tokens = self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            tokens.remove(key);
            Ok(())
        })
    }

    /// Held until it is dropped: who holds it cannot die without that.
    fn lock<'a>(&'a self, key: &'a TokenKey, _: Duration) -> StoreFuture<'a, StoreLock> {
        Box::pin(async move {
            let lock = {
                let mut locks = self.0.locks.lock().unwrap_or_else(PoisonError::into_inner);
                locks.retain(|other, lock| other == key || Arc::strong_count(lock) > 1);
                Arc::clone(locks.entry(key.clone()).or_default())
            };
            Ok(StoreLock::new(lock.lock_owned().await))
        })
    }

    fn pepper(&self) -> Option<Secret> {
        Some(self.0.pepper.clone())
    }
}
