//! Where short-lived tokens are kept.

mod file;
mod process;

use crate::{Secret, line::OneLine};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{any::Any, error, fmt, pin::Pin, sync::Arc, time::Duration};
use zeroize::Zeroizing;

pub use self::{file::FileStore, process::ProcessStore};

/// What a [`TokenStore`] answers, later.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keeps short-lived tokens, so that not every client, run or machine asks for one of its own.
///
/// A store that fails does not make calls fail: the token is asked for as if there were no store, and the failure is
/// told as an event. Only a refresh token is not shown without the store's lock.
///
/// A store that panics has failed, and so has one that takes too long: [`load`](Self::load) and [`save`](Self::save) may
/// take ten seconds, and [`lock`](Self::lock) ten seconds more than its lease. What waits must be awaited: nobody can stop
/// a store that blocks its thread.
pub trait TokenStore: Send + Sync + 'static {
    /// What is kept under a key. Whatever cannot be read is as good as nothing.
    fn load<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, Option<StoredToken>>;

    /// Keeps a token in the place of the one that the key had. It was asked for under `lock`, which this store gave for
    /// this key.
    ///
    /// A lock whose lease is over may have been followed by another. A token of it is not kept where one of a later lock
    /// is kept already: it is the older one. Nor is one whose write goes on after this future was dropped, and the lock
    /// after it.
    fn save<'a>(&'a self, key: &'a TokenKey, token: &'a StoredToken, lock: &'a StoreLock) -> StoreFuture<'a, ()>;

    /// Forgets the token of a key, if there is one.
    fn remove<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, ()>;

    /// Waits until nobody else who uses this store asks for the token of this key, and keeps all others waiting until the
    /// lock is dropped, or `lease` is over: whoever holds it may have died.
    ///
    /// Callers load the token again once they hold the lock.
    fn lock<'a>(&'a self, key: &'a TokenKey, lease: Duration) -> StoreFuture<'a, StoreLock>;

    /// What is mixed into the keys: something that only those who share the store know. Without it, keys are hashes of
    /// the credentials, which tell nothing as long as nobody can guess those.
    fn pepper(&self) -> Option<Secret> {
        None
    }
}

impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    fn load<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, Option<StoredToken>> {
        (**self).load(key)
    }
    fn save<'a>(&'a self, key: &'a TokenKey, token: &'a StoredToken, lock: &'a StoreLock) -> StoreFuture<'a, ()> {
        (**self).save(key, token, lock)
    }
    fn remove<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, ()> {
        (**self).remove(key)
    }
    fn lock<'a>(&'a self, key: &'a TokenKey, lease: Duration) -> StoreFuture<'a, StoreLock> {
        (**self).lock(key, lease)
    }
    fn pepper(&self) -> Option<Secret> {
        (**self).pepper()
    }
}

/// Whose token it is: a keyed hash of the provider, the credentials and where they are shown. Equal in all processes, and
/// useless to whoever reads it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenKey(String);

impl TokenKey {
    /// The key with this digest. Clients make their keys themselves; this is for tests of a store.
    #[must_use]
    pub fn from_digest(digest: &[u8]) -> Self {
        use fmt::Write;
        let mut text = String::with_capacity(2 * digest.len());
        for byte in digest {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The key as text: hexadecimal digits, as many for each.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get(..8).unwrap_or_default())?;
        f.write_str("…")
    }
}

/// A short-lived token as it is kept. `Debug` shows when it ends, and no secret.
#[derive(Clone, Debug)]
pub struct StoredToken {
    /// What is shown.
    pub token: Secret,
    /// When it came.
    pub obtained_at: Timestamp,
    /// When it ends by the clock of this machine; `None` where nobody knows.
    pub expires_at: Option<Timestamp>,
    /// What the next one is asked for with, where that changed.
    pub refresh_token: Option<Secret>,
}

/// How a token is written down.
#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    token: Zeroizing<String>,
    obtained_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Zeroizing<String>>,
}

const VERSION: u32 = 1;

impl StoredToken {
    /// The token as JSON, with its secrets in clear.
    #[must_use]
    pub fn to_clear_json(&self) -> Zeroizing<Vec<u8>> {
        let in_clear = |secret: &Secret| Zeroizing::new(secret.expose().to_owned());
        let written = Written {
            version: VERSION,
            token: in_clear(&self.token),
            obtained_at: self.obtained_at,
            expires_at: self.expires_at,
            refresh_token: self.refresh_token.as_ref().map(in_clear),
        };
        // Room for all of it, so that no growing buffer leaves a copy behind: a secret at most doubles, but for control
        // characters, which it does not hold.
        let secrets = written.token.len() + written.refresh_token.as_ref().map_or(0, |token| token.len());
        let mut json = Zeroizing::new(Vec::with_capacity(256 + 2 * secrets));
        match serde_json::to_writer(&mut *json, &written) {
            Ok(()) => json,
            Err(_) => Zeroizing::default(),
        }
    }

    /// Reads what [`to_clear_json`](Self::to_clear_json) wrote; `None` if it is anything else.
    #[must_use]
    pub fn from_clear_json(json: &[u8]) -> Option<Self> {
        let written: Written = serde_json::from_slice(json).ok()?;
        (written.version == VERSION).then(|| Self {
            token: Secret::new(written.token.as_str()),
            obtained_at: written.obtained_at,
            expires_at: written.expires_at,
            refresh_token: written.refresh_token.map(|token| Secret::new(token.as_str())),
        })
    }
}

/// Keeps others from asking for a token, until it is dropped.
#[must_use = "a lock that is dropped at once keeps nobody waiting"]
pub struct StoreLock(Box<dyn Any + Send + Sync>);

impl StoreLock {
    /// A lock that ends when `guard` is dropped.
    pub fn new(guard: impl Any + Send + Sync) -> Self {
        Self(Box::new(guard))
    }

    /// What the lock was made of; `None` if that was something else.
    #[must_use]
    pub fn guard<G: Any>(&self) -> Option<&G> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for StoreLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreLock")
    }
}

/// Why a store did not do what it was asked. The text must hold no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError(String);

impl StoreError {
    /// A failure that says why.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OneLine(&self.0).fmt(f)
    }
}

impl error::Error for StoreError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> StoredToken {
        StoredToken {
            token: Secret::new("fake-token \"quoted\""),
            obtained_at: Timestamp::constant(1_000, 0),
            expires_at: Some(Timestamp::constant(4_600, 0)),
            refresh_token: Some(Secret::new("fake-refresh")),
        }
    }

    #[test]
    fn a_stored_token_is_read_as_it_was_written() {
        let read = StoredToken::from_clear_json(&token().to_clear_json()).unwrap();
        assert_eq!(read.token.expose(), "fake-token \"quoted\"");
        assert_eq!(read.obtained_at, token().obtained_at);
        assert_eq!(read.expires_at, token().expires_at);
        assert_eq!(read.refresh_token.unwrap().expose(), "fake-refresh");
    }

    #[test]
    fn anything_else_is_no_token() {
        let whole = token().to_clear_json();
        let later = String::from_utf8(whole.to_vec())
            .unwrap()
            .replace("\"version\":1", "\"version\":2");
        for json in [&whole[..whole.len() - 1], b"", b"{}", b"\xFF", later.as_bytes()] {
            assert!(StoredToken::from_clear_json(json).is_none());
        }
    }

    #[test]
    fn nothing_of_a_stored_token_prints_a_secret() {
        let shown = format!("{:?} {:#?}", token(), token());
        assert!(!shown.contains("fake"), "{shown}");
    }

    #[test]
    fn a_key_shows_its_beginning_only() {
        let key = TokenKey::from_digest(&[0xAB; 32]);
        assert_eq!(key.as_str().len(), 64);
        assert_eq!(format!("{key:?}"), "abababab…");
    }
}
