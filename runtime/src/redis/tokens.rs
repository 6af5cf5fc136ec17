//! Short-lived tokens in Redis, for all processes that have the key.
//!
//! Values are encrypted and authenticated (ChaCha20-Poly1305, by a key that is made from the caller's), together with the
//! name of their own key: neither reading the server nor moving a value to another key tells or fakes a token.

use super::{Keys, Question, Redis};
use crate::{Secret, StoreError, StoreFuture, StoreLock, StoredToken, TokenKey, TokenStore};
use jiff::Timestamp;
use redis::{Cmd, Script};
use ring::{
    aead::{Aad, NONCE_LEN, Nonce},
    rand::{SecureRandom, SystemRandom},
};
use std::{mem, sync::LazyLock, time::Duration};
use tokio::{runtime::Handle, time::Instant};
use uuid::Uuid;

/// Tokens whose end nobody knows are kept for so long.
const UNKNOWN: Duration = Duration::from_hours(24);
/// What can be refreshed is kept for so long after its end.
const REFRESHABLE: Duration = Duration::from_hours(24 * 90);
/// Who waits for a lock looks so often.
const LOOK: Duration = Duration::from_millis(50);

/// Takes a lock that is free, or the caller's already: it asks again when the connection broke. The answer is the lock's
/// number, which is larger than those of all locks before it: the time, and more than that of the token that is kept.
static LOCK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local owner = redis.call('HGET', KEYS[1], 'owner')
         if owner == ARGV[1] then return redis.call('HGET', KEYS[1], 'number') end
         if owner then return false end
         local clock = redis.call('TIME')
         local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
         local kept = tonumber(redis.call('HGET', KEYS[2], 'number') or '0')
         local number = string.format('%.0f', math.max(now, kept + 1))
         redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'number', number)
         redis.call('PEXPIRE', KEYS[1], ARGV[2])
         return number",
    )
});

/// Deletes a lock if it is still the caller's: after its lease it may be another's.
static UNLOCK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then return redis.call('DEL', KEYS[1]) end
         return 0",
    )
});

/// Replaces a token, unless it is one of a later lock.
static SAVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local kept = tonumber(redis.call('HGET', KEYS[1], 'number') or '0')
         if kept > tonumber(ARGV[1]) then return 0 end
         redis.call('HSET', KEYS[1], 'number', ARGV[1], 'token', ARGV[2])
         redis.call('PEXPIRE', KEYS[1], ARGV[3])
         return 1",
    )
});

impl Keys {
    /// A nonce, and the text under it; `name` must be the same to open it.
    fn seal(&self, name: &str, clear: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut sealed = clear.to_vec();
        let text = self.sealing().seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(name.as_bytes()),
            &mut sealed,
        );
        let tag = text.ok()?;
        Some([&nonce, sealed.as_slice(), tag.as_ref()].concat())
    }

    /// What [`seal`](Self::seal) sealed; `None` for anything else.
    fn open<T>(&self, name: &str, sealed: &[u8], read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut text = zeroize::Zeroizing::new(text.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let clear = self
            .sealing()
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut text);
        read(clear.ok()?)
    }
}

impl Redis {
    fn token_name(&self, key: &TokenKey) -> String {
        let keys = &self.0.keys;
        let name = keys.naming().part(b"token").part(key.as_str().as_bytes()).finish();
        format!("{}:{{{name}}}:token", self.0.prefix)
    }

    fn lock_name(&self, key: &TokenKey) -> String {
        self.token_name(key).replace("}:token", "}:lock")
    }

    async fn ask<T: redis::FromRedisValue>(&self, question: impl Fn(&str) -> Question) -> Result<T, StoreError> {
        let answer = self.0.server.ask(question).await;
        answer.map_err(|away| StoreError::new(away.to_string()))
    }
}

fn command(words: &[&str]) -> Question {
    let mut command = Cmd::new();
    for word in words {
        command.arg(word);
    }
    Question::Command(command)
}

/// How long a token is worth keeping.
fn worth(token: &StoredToken, now: Timestamp) -> Duration {
    let left = token.expires_at.map(|end| end.duration_since(now));
    let left = left.map_or(UNKNOWN, |left| Duration::try_from(left).unwrap_or_default());
    let longer = token.refresh_token.as_ref().map_or(Duration::ZERO, |_| REFRESHABLE);
    (left + longer).max(Duration::from_secs(1))
}

/// Tokens that machines share.
///
/// They are encrypted with a key made from the one that [`Redis::builder`] takes; whoever has that key can read them, and
/// the server cannot. They expire when they end, or a day after they came where nobody knows the end; those that can be
/// refreshed stay for 90 days longer.
impl TokenStore for Redis {
    fn load<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, Option<StoredToken>> {
        Box::pin(async move {
            let name = self.token_name(key);
            let sealed: Option<Vec<u8>> = self.ask(|_| command(&["HGET", &name, "token"])).await?;
            let keys = &self.0.keys;
            Ok(sealed.and_then(|sealed| keys.open(&name, &sealed, StoredToken::from_clear_json)))
        })
    }

    fn save<'a>(&'a self, key: &'a TokenKey, token: &'a StoredToken, lock: &'a StoreLock) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let name = self.token_name(key);
            let held = lock.guard::<Held>().filter(|held| held.name == self.lock_name(key));
            let held = held.ok_or_else(|| StoreError::new("the lock is not one of this token"))?;
            let sealed = self.0.keys.seal(&name, &token.to_clear_json());
            let sealed = sealed.ok_or_else(|| StoreError::new("the token could not be encrypted"))?;
            let millis = u64::try_from(worth(token, Timestamp::now()).as_millis()).unwrap_or(u64::MAX);
            let is_saved: bool = self
                .ask(|_| {
                    let mut script = SAVE.prepare_invoke();
                    script.key(&name).arg(held.number).arg(&sealed).arg(millis);
                    Question::Script(script)
                })
                .await?;
            if is_saved {
                Ok(())
            } else {
                Err(StoreError::new(
                    "the lock ended before the token came, and another process has kept a newer one since",
                ))
            }
        })
    }

    fn remove<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let name = self.token_name(key);
            self.ask(|_| command(&["DEL", &name])).await
        })
    }

    fn lock<'a>(&'a self, key: &'a TokenKey, lease: Duration) -> StoreFuture<'a, StoreLock> {
        Box::pin(async move {
            let (name, token) = (self.lock_name(key), self.token_name(key));
            // From here on it is given back, also by who does not wait for the answer.
            let mut held = Held {
                redis: self.clone(),
                name,
                owner: Uuid::new_v4().simple().to_string(),
                number: 0,
            };
            let millis = u64::try_from(lease.as_millis().max(1)).unwrap_or(u64::MAX);
            // Whoever has it may hold it for as long, and dies at the latest then.
            let give_up_at = Instant::now() + lease + LOOK;
            loop {
                let number: Option<u64> = self
                    .ask(|_| {
                        let mut script = LOCK.prepare_invoke();
                        script.key(&held.name).key(&token).arg(&held.owner).arg(millis);
                        Question::Script(script)
                    })
                    .await?;
                if let Some(number) = number {
                    held.number = number;
                    return Ok(StoreLock::new(held));
                }
                if Instant::now() > give_up_at {
                    return Err(StoreError::new("the lock of a token was never free"));
                }
                tokio::time::sleep(LOOK).await;
            }
        })
    }

    fn pepper(&self) -> Option<Secret> {
        Some(Secret::new(self.0.keys.naming().part(b"pepper").finish()))
    }
}

struct Held {
    redis: Redis,
    name: String,
    owner: String,
    number: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        // Without a runtime its lease ends it.
        let Ok(runtime) = Handle::try_current() else { return };
        let (redis, name, owner) = (
            self.redis.clone(),
            mem::take(&mut self.name),
            mem::take(&mut self.owner),
        );
        runtime.spawn(async move {
            let unlocked = redis.ask::<()>(|_| {
                let mut script = UNLOCK.prepare_invoke();
                script.key(&name).arg(&owner);
                Question::Script(script)
            });
            // If that fails, its lease ends it.
            let _ = unlocked.await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_refreshed_is_kept_after_its_end() {
        let now = Timestamp::constant(1_800_000_000, 0);
        let kept = |left: Option<i64>, refresh: bool| {
            let token = StoredToken {
                token: Secret::from("fake-token"),
                obtained_at: now,
                expires_at: left.map(|left| now + jiff::SignedDuration::from_secs(left)),
                refresh_token: refresh.then(|| Secret::from("fake-refresh-token")),
            };
            worth(&token, now)
        };
        let seconds = Duration::from_secs;
        assert_eq!(kept(Some(600), false), seconds(600));
        assert_eq!(kept(Some(600), true), seconds(600) + REFRESHABLE);
        assert_eq!(kept(Some(-5), false), seconds(1));
        assert_eq!(kept(Some(-5), true), REFRESHABLE);
        assert_eq!(kept(None, false), UNKNOWN);
        assert_eq!(kept(None, true), UNKNOWN + REFRESHABLE);
    }

    #[test]
    fn what_is_sealed_is_opened_under_its_own_name_and_key_only() {
        let keys = Keys::new(&Secret::from("0123456789abcdef")).unwrap();
        let other = Keys::new(&Secret::from("0123456789abcdeg")).unwrap();
        let read = |text: &[u8]| Some(text.to_vec());
        let sealed = keys.seal("name", b"fake-token").unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"fake"));
        assert_eq!(keys.open("name", &sealed, read).unwrap(), b"fake-token");
        assert!(keys.open("another", &sealed, read).is_none());
        assert!(other.open("name", &sealed, read).is_none());
        for broken in [&sealed[..sealed.len() - 1], &sealed[..5], b""] {
            assert!(keys.open("name", broken, read).is_none());
        }
        assert_ne!(keys.seal("name", b"fake-token").unwrap(), sealed);
    }
}
