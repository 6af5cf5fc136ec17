//! A server that is slow, gone, started again or emptied.

use crate::*;
use futures_util::future::join_all;
use tollgate::{ErrorKind, WhenAway};

fn quick(url: &str) -> RedisBuilder {
    Redis::builder(url, KEY).answer_within(Duration::from_millis(300))
}

#[tokio::test]
async fn without_redis_a_call_is_refused_and_told_why() {
    let mut own = RedisServer::start();
    let url = own.url().replace("redis://", "redis://default:p4ssw0rd@");
    let redis = quick(&own.url()).build().unwrap();
    let arrivals = Arrivals::new(0, 0);
    let caller = client(&redis, arrivals.clone());
    caller.call(ask::<Twice>()).send().await.unwrap();
    own.kill();
    let error = caller.call(ask::<Twice>()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shared);
    let text = error.to_string();
    assert!(
        text.contains("Redis is away") && text.contains("WhenAway::Local"),
        "{text}"
    );
    assert_eq!(arrivals.seen().len(), 1);
    let error = quick(&url).connect().await.unwrap_err().to_string();
    let shown = format!("{error} {redis:?} {:?} {text}", quick(&url));
    for told in ["p4ssw0rd", KEY, SECRET] {
        assert!(!shown.contains(told), "{shown}");
    }
    own.start_again();
    until_it_answers(&caller).await;
}

/// Whoever failed rests for a moment.
async fn until_it_answers(client: &Client<Source>) {
    loop {
        match client.call(ask::<Twice>()).send().await {
            Ok(_) => return,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Shared, "{error}"),
        }
        tokio::time::sleep(ms(50)).await;
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_in_time_is_away_until_it_does() {
    let own = RedisServer::start();
    let redis = quick(&own.url()).build().unwrap();
    let arrivals = Arrivals::new(0, 0);
    let client = client(&redis, arrivals.clone());
    client.call(ask::<Twice>()).send().await.unwrap();
    own.stop();
    let error = client.call(ask::<Twice>()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shared);
    assert!(error.to_string().contains("no answer within 300ms"), "{error}");
    own.resume();
    until_it_answers(&client).await;
    for _ in 0..4 {
        client.call(ask::<Twice>()).send().await.unwrap();
    }
    assert_eq!(arrivals.violations(2, WINDOW), 0, "{:?}", arrivals.seen());
}

#[tokio::test]
async fn a_process_has_its_share_while_redis_is_away() {
    let mut own = RedisServer::start();
    let arrivals = Arrivals::new(3, 3);
    let mut clients = Vec::new();
    for _ in 0..2 {
        let redis = quick(&own.url())
            .when_away(WhenAway::Local { share: 0.5 })
            .build()
            .unwrap();
        clients.push(client(&redis, arrivals.clone()));
    }
    let all = |count: usize| {
        let calls = clients
            .iter()
            .flat_map(move |client| (0..count).map(move |_| client.call(ask::<Twice>()).send()));
        async move {
            for answer in join_all(calls).await {
                answer.unwrap();
            }
        }
    };
    all(2).await;
    own.kill();
    // Two processes with half of it each break nothing, neither when it goes nor when it comes back.
    all(3).await;
    own.start_again();
    all(5).await;
    assert_eq!(arrivals.seen().len(), 20);
    assert_eq!(arrivals.violations(2, WINDOW), 0, "{:?}", arrivals.seen());
}

#[tokio::test]
async fn a_share_that_comes_back_counts_for_those_who_stayed() {
    let own = RedisServer::start();
    let there = Arrivals::new(0, 0);
    let redis = quick(&own.url())
        .when_away(WhenAway::Local { share: 1.0 })
        .build()
        .unwrap();
    let lost = client(&redis, there.clone());
    lost.call(ask::<Twice>()).send().await.unwrap();
    own.stop();
    for _ in 0..3 {
        lost.call(ask::<Twice>()).send().await.unwrap();
    }
    own.resume();
    // The log is whole, and says nothing of the three; they are not forgotten.
    for _ in 0..6 {
        lost.call(ask::<Twice>()).send().await.unwrap();
    }
    assert_eq!(there.violations(2, WINDOW), 0, "{:?}", there.seen());
}

#[tokio::test]
async fn after_a_flush_nobody_goes_for_a_window() {
    const LONG: Duration = Duration::from_secs(1);
    const LIMIT: Limit = Limit { window: LONG, ..TWO };
    says! { Slowly = Spec { settings: &Settings { limits: &[&LIMIT], ..PLAIN }, ..GET }; }
    let own = RedisServer::start();
    let redis = unused(&own.url(), "flushed").await;
    let arrivals = Arrivals::new(0, 0);
    let calls = [client(&redis, arrivals.clone()), client(&redis, arrivals.clone())];
    calls[0].call(ask::<Slowly>()).send().await.unwrap();
    calls[0].call(ask::<Slowly>()).send().await.unwrap();
    ::redis::cmd("FLUSHALL").query::<()>(&mut own.connection()).unwrap();
    let flushed = Instant::now();
    calls[1].call(ask::<Slowly>()).send().await.unwrap();
    assert!(
        arrivals.seen()[2] - flushed >= LONG,
        "{:?}",
        arrivals.seen()[2] - flushed
    );
}

#[tokio::test]
async fn after_a_restart_nobody_goes_for_a_window() {
    let mut own = RedisServer::start();
    let arrivals = Arrivals::new(0, 0);
    let prefix = prefix();
    let (one, other) = (unused(&own.url(), &prefix).await, unused(&own.url(), &prefix).await);
    client(&one, arrivals.clone())
        .call(ask::<Twice>())
        .send()
        .await
        .unwrap();
    client(&one, arrivals.clone())
        .call(ask::<OncePerMinute>())
        .send()
        .await
        .unwrap();
    own.kill();
    own.start_again();
    // It comes back with the mark of the server before, as from an old file: what it says is not believed.
    let mut connection = own.connection();
    let before: Vec<String> = ::redis::cmd("KEYS").arg("*").query(&mut connection).unwrap();
    assert!(before.is_empty(), "{before:?}");
    client(&other, arrivals.clone())
        .call(ask::<Twice>())
        .send()
        .await
        .unwrap();
    let keys: Vec<String> = ::redis::cmd("KEYS").arg("*generation").query(&mut connection).unwrap();
    let mark: Vec<String> = ::redis::cmd("HMGET")
        .arg(&keys[0])
        .arg("run")
        .arg("born")
        .query(&mut connection)
        .unwrap();
    ::redis::cmd("HSET")
        .arg(&keys[0])
        .arg(&["run", "0123456789", "born", "0"])
        .query::<()>(&mut connection)
        .unwrap();
    let wait = client(&other, arrivals.clone())
        .call(ask::<OncePerMinute>())
        .send()
        .await
        .unwrap_err();
    assert_eq!(wait.kind(), ErrorKind::Wait, "{wait}");
    let now: Vec<String> = ::redis::cmd("HMGET")
        .arg(&keys[0])
        .arg("run")
        .arg("born")
        .query(&mut connection)
        .unwrap();
    assert_eq!(now[0], mark[0]);
    assert_ne!(now[1], "0");
}

#[tokio::test]
async fn a_day_long_window_need_not_wait_a_day_if_nothing_was_sent() {
    let own = RedisServer::start();
    let redis = builder(&own.url()).connect().await.unwrap();
    let client = client(&redis, Arrivals::new(0, 0));
    let error = client.call(ask::<OncePerMinute>()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Wait);
    assert!(error.retry_after().unwrap() > Duration::from_secs(30), "{error}");
    redis.declare_unused().await.unwrap();
    client.call(ask::<OncePerMinute>()).send().await.unwrap();
}

#[test]
fn a_builder_refuses_what_cannot_be_right() {
    let short = Redis::builder("redis://127.0.0.1", "short")
        .build()
        .unwrap_err()
        .to_string();
    assert!(short.contains("16 bytes") && !short.contains("`short`"), "{short}");
    let url = Redis::builder("http://u:p4ssw0rd@127.0.0.1", KEY)
        .build()
        .unwrap_err()
        .to_string();
    assert!(url.contains("redis://host:port") && !url.contains("p4ssw0rd"), "{url}");
    for share in [0.0, -1.0, 1.5, f64::NAN] {
        let away = WhenAway::Local { share };
        assert!(
            Redis::builder("redis://127.0.0.1", KEY)
                .when_away(away)
                .build()
                .is_err()
        );
    }
}
