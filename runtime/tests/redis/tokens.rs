//! Short-lived tokens that processes share.

use crate::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use tollgate::{Secret, StoredToken, Timestamp, TokenKey, TokenStore};

fn token(text: &str) -> StoredToken {
    StoredToken {
        token: Secret::new(text),
        obtained_at: Timestamp::now(),
        expires_at: Some(Timestamp::now() + Duration::from_mins(10)),
        refresh_token: Some(Secret::new("fake-refresh-token")),
    }
}

const LEASE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_token_is_read_by_another_process_and_not_from_the_server() {
    let server = RedisServer::start();
    let key = TokenKey::from_digest(&[7; 32]);
    let (one, other) = (connect(&server.url(), "t").await, connect(&server.url(), "t").await);
    assert!(other.load(&key).await.unwrap().is_none());
    one.save(&key, &token("fake-token-0123456789")).await.unwrap();
    let read = other.load(&key).await.unwrap().unwrap();
    assert_eq!(read.token.expose(), "fake-token-0123456789");
    assert_eq!(read.refresh_token.unwrap().expose(), "fake-refresh-token");

    let mut connection = server.connection();
    let keys: Vec<String> = ::redis::cmd("KEYS").arg("*").query(&mut connection).unwrap();
    assert_eq!(keys.len(), 1);
    let value: Vec<u8> = ::redis::cmd("GET").arg(&keys[0]).query(&mut connection).unwrap();
    let shown = format!("{keys:?} {}", String::from_utf8_lossy(&value));
    for told in ["fake", "expires", "obtained", key.as_str(), KEY] {
        assert!(!shown.contains(told), "{shown}");
    }
    let ttl: i64 = ::redis::cmd("PTTL").arg(&keys[0]).query(&mut connection).unwrap();
    assert!(ttl > 0);

    // Whoever has another key reads nothing.
    let stranger = Redis::builder(server.url(), "another-key-of-16-bytes")
        .prefix("t")
        .build()
        .unwrap();
    assert!(stranger.load(&key).await.unwrap().is_none());
    // A value that somebody changed is no token.
    ::redis::cmd("SETRANGE")
        .arg(&keys[0])
        .arg(20)
        .arg("x")
        .query::<()>(&mut connection)
        .unwrap();
    assert!(other.load(&key).await.unwrap().is_none());

    one.save(&key, &token("fake-token-2")).await.unwrap();
    other.remove(&key).await.unwrap();
    assert!(one.load(&key).await.unwrap().is_none());
}

#[tokio::test]
async fn one_of_many_asks_for_a_token() {
    let server = any();
    let prefix = prefix();
    let asked = Arc::new(AtomicUsize::new(0));
    let mut running = Vec::new();
    for _ in 0..5 {
        let redis = connect(&server.url, &prefix).await;
        for _ in 0..4 {
            let (redis, asked) = (redis.clone(), Arc::clone(&asked));
            running.push(tokio::spawn(async move {
                let key = TokenKey::from_digest(&[8; 32]);
                let lock = redis.lock(&key, LEASE).await.unwrap();
                if redis.load(&key).await.unwrap().is_none() {
                    asked.fetch_add(1, Ordering::Relaxed);
                    redis.save(&key, &token("fake-token")).await.unwrap();
                }
                drop(lock);
            }));
        }
    }
    for task in running {
        task.await.unwrap();
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn whoever_lost_the_lock_does_not_replace_a_newer_token() {
    let server = any();
    let prefix = prefix();
    let (slow, quick) = (connect(&server.url, &prefix).await, connect(&server.url, &prefix).await);
    let key = TokenKey::from_digest(&[9; 32]);
    let late = slow.lock(&key, ms(50)).await.unwrap();
    // Its lease ends, and the next one has the lock.
    let lock = quick.lock(&key, LEASE).await.unwrap();
    let error = slow.save(&key, &token("fake-late")).await.unwrap_err().to_string();
    assert!(error.contains("another process holds it"), "{error}");
    quick.save(&key, &token("fake-new")).await.unwrap();
    assert_eq!(slow.load(&key).await.unwrap().unwrap().token.expose(), "fake-new");
    // What is unlocked late is not the other's lock.
    drop(late);
    tokio::time::sleep(ms(100)).await;
    let third = slow.lock(&key, LEASE);
    assert!(tokio::time::timeout(ms(300), third).await.is_err());
    drop(lock);
    drop(slow.lock(&key, LEASE).await.unwrap());
}

#[tokio::test]
async fn processes_of_one_key_make_the_same_keys_of_tokens() {
    let one = Redis::builder("redis://127.0.0.1:1", KEY).build().unwrap();
    let same = Redis::builder("redis://127.0.0.1:2", KEY).build().unwrap();
    let other = Redis::builder("redis://127.0.0.1:1", "another-key-of-16-bytes")
        .build()
        .unwrap();
    let pepper = |redis: &Redis| redis.pepper().unwrap().expose().to_owned();
    assert_eq!(pepper(&one), pepper(&same));
    assert_ne!(pepper(&one), pepper(&other));
    assert!(!pepper(&one).contains(KEY));
    // A store that is not there says so, and nothing more.
    let error = one
        .load(&TokenKey::from_digest(&[1; 32]))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Redis is away") && !error.contains("127.0.0.1"),
        "{error}"
    );
}
