//! Short-lived tokens: got when they are needed, and replaced before they end.
//!
//! All clients of a process with the same credentials share one [`Slot`]. Whoever finds no good token in it asks for one,
//! as a task of its own, and all others wait for that task: dropped calls take nothing away from those who stay. A token
//! that will end soon is shown while the next one is asked for.

mod answer;
mod endpoint;
mod kept;
mod operation;

pub(super) use endpoint::basic;

use super::{
    fault::{GrantFailure, TokenFault},
    key,
    slot::{Current, Moment, Next, Outcome, Slot, State},
};
use crate::{
    Grant, GrantFrom, GrantKind, Secret, StoredToken, TokenKey, TokenStore, TokenValue,
    client::{Link, Session},
    clock, event,
};
use futures_util::FutureExt;
use kept::Kept;
use std::{panic::AssertUnwindSafe, sync::Arc};
use tokio::sync::watch;
use tracing::{Instrument, instrument::WithSubscriber};

/// How a session comes by its short-lived tokens.
pub(crate) struct Granted {
    grant: &'static Grant,
    key: TokenKey,
    slot: Arc<Slot>,
    /// Where tokens outlive the process.
    store: Option<Arc<dyn TokenStore>>,
    /// Who asks, where an operation yields the token.
    source: Option<Session>,
}

impl Granted {
    /// Of a token type with a grant.
    pub(crate) fn new(link: &Arc<Link>, grant: &'static Grant, value: &TokenValue) -> Self {
        let store = link.store.clone().filter(|_| grant.persist);
        let pepper = store.as_ref().map_or_else(|| link.tokens.pepper(), TokenStore::pepper);
        let url = match &grant.from {
            GrantFrom::Url { .. } => link.address.token_url(value.spec().name).map(url::Url::as_str).ok(),
            GrantFrom::Call { operation, .. } => Some(operation.id),
        };
        let base_url = link.address.base.as_str();
        let key = key::key(
            pepper.as_ref(),
            link.provider.id,
            base_url,
            url.unwrap_or_default(),
            value,
        );
        let beside = store.as_ref().map_or(0, |store| Arc::as_ptr(store).cast::<()>().addr());
        Self {
            grant,
            slot: link.tokens.slot(key.clone(), beside, &*link.clock),
            key,
            store,
            source: value
                .source()
                .map(|source| Session::of(Arc::clone(link), source.clone())),
        }
    }

    /// What must not be seen in texts, beside the credentials.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        self.slot.state().seen()
    }

    /// Who asks for this token with another one.
    pub(crate) fn source(&self) -> Option<&Session> {
        self.source.as_ref()
    }

    /// A token that is good now.
    pub(crate) async fn token(&self, session: &Session) -> Result<Arc<Current>, GrantFailure> {
        let clock = &session.link().clock;
        loop {
            let next = self.slot.state().next(clock.now(), clock.wall());
            let mut receiver = match next {
                Next::Show(current) => return Ok(current),
                Next::ShowAndAsk(current, sender) => {
                    start(session, sender);
                    return Ok(current);
                }
                Next::Fail(failure) => return Err(failure),
                Next::Wait(receiver) => receiver,
                Next::Ask(sender, receiver) => {
                    start(session, sender);
                    receiver
                }
            };
            // It ends without an outcome only if the task was lost with its runtime: then somebody else asks.
            if let Ok(outcome) = receiver.wait_for(Option::is_some).await
                && let Some(outcome) = outcome.clone()
            {
                return outcome;
            }
        }
    }

    /// The provider has refused the token of this generation. Whether another try is worth it.
    pub(crate) fn refuse(&self, link: &Link, generation: u64) -> bool {
        self.slot.state().refuse(generation, link.clock.now())
    }

    /// What came of the fresh token that followed a refused one.
    pub(crate) fn tried_afresh(&self, link: &Link, is_taken: bool) {
        let mut state = self.slot.state();
        if is_taken {
            state.taken_afresh();
        } else {
            state.refused_afresh(link.clock.now());
        }
    }
}

/// Asks, as a task of its own: whoever began it may go away.
fn start(session: &Session, sender: watch::Sender<Outcome>) {
    let task = ask(session.clone(), sender);
    tokio::spawn(task.in_current_span().with_current_subscriber());
}

async fn ask(session: Session, sender: watch::Sender<Outcome>) {
    let Some(granted) = session.granted() else {
        return;
    };
    let link = session.link();
    let since = link.clock.now();
    // Whoever waits is told of a panic, too: asking again at once would only panic again.
    let obtained = AssertUnwindSafe(granted.obtain(&session)).catch_unwind().await;
    let obtained = obtained.unwrap_or_else(|_| Err(GrantFailure::new(TokenFault::Unexpected, PANICKED)));
    let moment = Moment {
        now: link.clock.now(),
        wall: link.clock.wall(),
    };
    let jitter = clock::fraction(&*link.randomness);
    let took = moment.now.saturating_duration_since(since);
    match obtained.map_err(|failure| redacted(&session, failure)) {
        Ok((stored, from)) => {
            let current = granted.slot.state().end(session.token(), stored, moment, jitter);
            sender.send_replace(Some(Ok(current)));
            event::got_token(&session, from, took);
        }
        Err(failure) => {
            granted.slot.state().end_in_vain(&failure, moment.now, jitter);
            sender.send_replace(Some(Err(failure.clone())));
            event::got_no_token(&session, &failure, took);
        }
    }
}

const PANICKED: &str = "what asked for the token panicked";

/// Some providers send back what they were shown.
fn redacted(session: &Session, mut failure: GrantFailure) -> GrantFailure {
    failure.message = session.redact(&failure.message);
    failure.code = failure.code.map(|code| session.redact(&code));
    for attempt in &mut failure.tried {
        attempt.request_id = attempt.request_id.take().map(|id| session.redact(&id));
    }
    failure
}

/// Where a token was got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Store,
    Provider,
}

impl Granted {
    /// From the store, else from the provider.
    async fn obtain(&self, session: &Session) -> Result<(StoredToken, From), GrantFailure> {
        let Some(store) = &self.store else {
            let refresh_token = self.read(|state| state.newest()?.refresh_token.clone());
            return Ok((self.request(session, refresh_token).await?, From::Provider));
        };
        let store = Kept::new(session, &**store, &self.key);
        let is_wanted = |stored: &StoredToken| self.is_wanted(session, stored);
        if let Some(stored) = store.load().await.filter(is_wanted) {
            return Ok((stored, From::Store));
        }
        let lock = store.lock().await;
        // Whoever had the lock may have asked already.
        let stored = store.load().await;
        if let Some(stored) = stored.clone().filter(is_wanted) {
            return Ok((stored, From::Store));
        }
        if lock.is_none() && self.grant.kind == GrantKind::RefreshToken {
            // Two who show one refresh token look like a theft to many providers, who then take back all of them.
            let message = "the token store gives no lock, without which a refresh token is not shown";
            return Err(GrantFailure::new(TokenFault::Store, message));
        }
        let stored = stored.and_then(|stored| stored.refresh_token);
        let refresh_token = stored.or_else(|| self.read(|state| state.newest()?.refresh_token.clone()));
        let token = self.request(session, refresh_token).await?;
        // Without a lock, somebody else may keep a newer one meanwhile.
        if let Some(lock) = lock {
            store.save(&token, &lock).await;
        }
        Ok((token, From::Provider))
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.slot.state())
    }

    /// Whether a token of the store is newer than what is here, and good for a while.
    fn is_wanted(&self, session: &Session, stored: &StoredToken) -> bool {
        let (refused, newest) = self.read(|state| {
            let newest = state.newest().map(|newest| newest.token.clone());
            (state.refused_token(), newest)
        });
        let is = |known: &Option<Secret>| {
            known
                .as_ref()
                .is_some_and(|known| known.expose() == stored.token.expose())
        };
        let wall = session.link().clock.wall();
        // One that is about to end is not worth taking over.
        let is_good = stored.expires_at.is_none_or(|end| {
            let whole = end.duration_since(stored.obtained_at);
            end.duration_since(wall) > whole / 10
        });
        is_good && !is(&refused) && !is(&newest)
    }

    /// Asks the provider.
    async fn request(&self, session: &Session, refresh_token: Option<Secret>) -> Result<StoredToken, GrantFailure> {
        let token = match &self.grant.from {
            GrantFrom::Url { .. } => endpoint::ask(session, self.grant, refresh_token.as_ref()).await?,
            GrantFrom::Call { .. } => {
                let source = self.source.as_ref();
                let source = source.ok_or_else(|| GrantFailure::new(TokenFault::Unexpected, NO_SOURCE))?;
                operation::ask(session, source, self.grant).await?
            }
        };
        // A provider that names no new refresh token means the old one.
        let kept = refresh_token.filter(|_| self.grant.kind == GrantKind::RefreshToken);
        let refresh_token = token.refresh_token.or(kept);
        Ok(StoredToken { refresh_token, ..token })
    }
}

const NO_SOURCE: &str = "there is no token to ask with";
