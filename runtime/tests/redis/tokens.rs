//! Short-lived tokens that processes share.

use crate::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use tollgate::{ProcessStore, Secret, StoredToken, Timestamp, TokenKey, TokenStore};

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
    let lock = one.lock(&key, LEASE).await.unwrap();
    one.save(&key, &token("fake-token-0123456789"), &lock).await.unwrap();
    let read = other.load(&key).await.unwrap().unwrap();
    assert_eq!(read.token.expose(), "fake-token-0123456789");
    assert_eq!(read.refresh_token.unwrap().expose(), "fake-refresh-token");

    let mut connection = server.connection();
    let keys: Vec<String> = ::redis::cmd("KEYS").arg("*:token").query(&mut connection).unwrap();
    assert_eq!(keys.len(), 1);
    let fields: Vec<Vec<u8>> = ::redis::cmd("HGETALL").arg(&keys[0]).query(&mut connection).unwrap();
    let fields: Vec<_> = fields.iter().map(|field| String::from_utf8_lossy(field)).collect();
    let shown = format!("{keys:?} {fields:?}");
    for told in ["fake", "expires", "obtained", key.as_str(), KEY] {
        assert!(!shown.contains(told), "{shown}");
    }
    let ttl: i64 = ::redis::cmd("PTTL").arg(&keys[0]).query(&mut connection).unwrap();
    let refreshable = Duration::from_hours(24 * 90).as_millis();
    assert!(u128::try_from(ttl).unwrap() > refreshable, "{ttl}");

    // Whoever has another key reads nothing.
    let stranger = Redis::builder(server.url(), "another-key-of-16-bytes")
        .prefix("t")
        .build()
        .unwrap();
    assert!(stranger.load(&key).await.unwrap().is_none());
    // A value that somebody changed is no token.
    let mut value: Vec<u8> = ::redis::cmd("HGET")
        .arg(&keys[0])
        .arg("token")
        .query(&mut connection)
        .unwrap();
    value[20] ^= 1;
    ::redis::cmd("HSET")
        .arg(&keys[0])
        .arg("token")
        .arg(&value)
        .query::<()>(&mut connection)
        .unwrap();
    assert!(other.load(&key).await.unwrap().is_none());

    one.save(&key, &token("fake-token-2"), &lock).await.unwrap();
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
                    redis.save(&key, &token("fake-token"), &lock).await.unwrap();
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

/// Of another process and of its own: what counts is the lock.
#[tokio::test]
async fn whoever_lost_the_lock_does_not_replace_a_newer_token() {
    let server = any();
    let prefix = prefix();
    let slow = connect(&server.url, &prefix).await;
    let another = connect(&server.url, &prefix).await;
    for (number, quick) in [(1, &another), (2, &slow)] {
        let key = TokenKey::from_digest(&[9, number]);
        let late = slow.lock(&key, ms(50)).await.unwrap();
        // Its lease ends, and the next one has the lock.
        let lock = quick.lock(&key, LEASE).await.unwrap();
        quick.save(&key, &token("fake-new"), &lock).await.unwrap();
        let is_refused = async || {
            let error = slow
                .save(&key, &token("fake-late"), &late)
                .await
                .unwrap_err()
                .to_string();
            assert!(error.contains("kept a newer one since"), "{error}");
            assert_eq!(slow.load(&key).await.unwrap().unwrap().token.expose(), "fake-new");
        };
        is_refused().await;
        // Nor when nobody holds the lock any more.
        drop(lock);
        drop(quick.lock(&key, LEASE).await.unwrap());
        is_refused().await;
    }
}

/// The refresh token that it showed is used up: what it got is all there is.
#[tokio::test]
async fn whoever_lost_the_lock_keeps_its_token_as_long_as_there_is_no_newer_one() {
    let server = any();
    let redis = connect(&server.url, &prefix()).await;
    let key = TokenKey::from_digest(&[10; 32]);
    let late = redis.lock(&key, ms(50)).await.unwrap();
    let lock = redis.lock(&key, LEASE).await.unwrap();
    redis.save(&key, &token("fake-late"), &late).await.unwrap();
    assert_eq!(redis.load(&key).await.unwrap().unwrap().token.expose(), "fake-late");
    redis.save(&key, &token("fake-new"), &lock).await.unwrap();
    assert_eq!(redis.load(&key).await.unwrap().unwrap().token.expose(), "fake-new");
}

/// The number of a lock is the server's time, which somebody may set back.
#[tokio::test]
async fn a_token_is_replaced_although_the_clock_of_the_server_was_set_back() {
    let server = RedisServer::start();
    let redis = connect(&server.url(), "t").await;
    let key = TokenKey::from_digest(&[16; 32]);
    let lock = redis.lock(&key, LEASE).await.unwrap();
    redis.save(&key, &token("fake-old"), &lock).await.unwrap();
    // As it was kept by a lock of an hour ahead.
    let mut connection = server.connection();
    let keys: Vec<String> = ::redis::cmd("KEYS").arg("*:token").query(&mut connection).unwrap();
    let ahead = Timestamp::now().as_microsecond() + 3_600_000_000;
    ::redis::cmd("HSET")
        .arg(&keys[0])
        .arg("number")
        .arg(ahead)
        .query::<()>(&mut connection)
        .unwrap();
    assert!(
        redis.save(&key, &token("fake-late"), &lock).await.is_err(),
        "of an earlier lock"
    );
    drop(lock);
    for text in ["fake-new", "fake-newer"] {
        let lock = redis.lock(&key, LEASE).await.unwrap();
        redis.save(&key, &token(text), &lock).await.unwrap();
        assert_eq!(redis.load(&key).await.unwrap().unwrap().token.expose(), text);
    }
}

#[tokio::test]
async fn what_is_unlocked_late_is_not_the_lock_of_another() {
    let server = any();
    let prefix = prefix();
    let (slow, quick) = (connect(&server.url, &prefix).await, connect(&server.url, &prefix).await);
    let key = TokenKey::from_digest(&[11; 32]);
    let late = slow.lock(&key, ms(50)).await.unwrap();
    let lock = quick.lock(&key, LEASE).await.unwrap();
    drop(late);
    tokio::time::sleep(ms(100)).await;
    let third = slow.lock(&key, LEASE);
    assert!(tokio::time::timeout(ms(300), third).await.is_err());
    drop(lock);
    drop(slow.lock(&key, LEASE).await.unwrap());
}

/// Or else everybody would wait until its lease is over.
#[tokio::test]
async fn whoever_goes_before_the_lock_is_there_gives_it_back() {
    let server = RedisServer::start();
    let (one, other) = (connect(&server.url(), "t").await, connect(&server.url(), "t").await);
    let key = TokenKey::from_digest(&[12; 32]);
    // The server knows the script from now on.
    drop(one.lock(&TokenKey::from_digest(&[15; 32]), LEASE).await.unwrap());
    server.stop();
    // The question is on its way, and nobody hears the answer.
    assert!(tokio::time::timeout(ms(100), one.lock(&key, LEASE)).await.is_err());
    server.resume();
    let lock = tokio::time::timeout(LEASE / 2, other.lock(&key, LEASE)).await;
    drop(lock.unwrap().unwrap());
}

#[tokio::test]
async fn a_lock_of_something_else_keeps_nothing() {
    let server = any();
    let redis = connect(&server.url, &prefix()).await;
    let (key, other) = (TokenKey::from_digest(&[13; 32]), TokenKey::from_digest(&[14; 32]));
    let locks = [
        redis.lock(&other, LEASE).await.unwrap(),
        ProcessStore::new().lock(&key, LEASE).await.unwrap(),
    ];
    for lock in locks {
        let error = redis.save(&key, &token("fake-token"), &lock).await.unwrap_err();
        assert!(error.to_string().contains("not one of this token"), "{error}");
    }
    assert!(redis.load(&key).await.unwrap().is_none());
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
