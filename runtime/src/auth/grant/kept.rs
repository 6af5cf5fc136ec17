//! The store of a connection, as one asks it who does not trust it: it may fail, panic, or never answer.

use crate::{StoreError, StoreFuture, StoreLock, StoredToken, TokenKey, TokenStore, client::Session, event};
use futures_util::{
    FutureExt,
    future::{Either, select},
};
use std::{panic::AssertUnwindSafe, pin::pin, time::Duration};

/// How long one process may ask, while others wait for it.
const LEASE: Duration = Duration::from_secs(90);
/// How long a store may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a store keeps for one token. Whatever goes wrong is told as an event, and is as good as nothing.
pub(super) struct Kept<'a> {
    session: &'a Session,
    store: &'a dyn TokenStore,
    key: &'a TokenKey,
}

impl<'a> Kept<'a> {
    pub(super) fn new(session: &'a Session, store: &'a dyn TokenStore, key: &'a TokenKey) -> Self {
        Self { session, store, key }
    }

    pub(super) async fn load(&self) -> Option<StoredToken> {
        self.ask(PATIENCE, || self.store.load(self.key)).await.flatten()
    }

    /// Whoever has the lock may hold it for a lease.
    pub(super) async fn lock(&self) -> Option<StoreLock> {
        self.ask(LEASE + PATIENCE, || self.store.lock(self.key, LEASE)).await
    }

    pub(super) async fn save(&self, token: &StoredToken, lock: &StoreLock) {
        self.ask(PATIENCE, || self.store.save(self.key, token, lock)).await;
    }

    async fn ask<'q, T>(&self, within: Duration, question: impl FnOnce() -> StoreFuture<'q, T>) -> Option<T> {
        let answer = pin!(AssertUnwindSafe(async { question().await }).catch_unwind());
        let answer = match select(answer, self.session.link().clock.sleep(within)).await {
            Either::Left((Ok(answer), _)) => answer,
            Either::Left((Err(_), _)) => Err(StoreError::new("it panicked")),
            Either::Right(_) => Err(StoreError::new(format!("it did not answer within {within:?}"))),
        };
        answer
            .inspect_err(|error| event::store_failed(self.session, error))
            .ok()
    }
}
