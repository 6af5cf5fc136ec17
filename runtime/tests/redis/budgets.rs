//! What several budgets, algorithms and connections do.

use crate::*;
use futures_util::future::join_all;
use tokio::sync::Notify;
use tollgate::{ErrorKind, TransportError};

fn all_text(url: &str, prefix: &str) -> Vec<(String, String, i64)> {
    let mut connection = ::redis::Client::open(url).unwrap().get_connection().unwrap();
    let keys: Vec<String> = ::redis::cmd("KEYS")
        .arg(format!("{prefix}*"))
        .query(&mut connection)
        .unwrap();
    let mut all = Vec::new();
    for key in keys {
        let kind: String = ::redis::cmd("TYPE").arg(&key).query(&mut connection).unwrap();
        let value = match kind.as_str() {
            "string" => ::redis::cmd("GET").arg(&key).query::<Vec<u8>>(&mut connection),
            "hash" => {
                let fields: Vec<String> = ::redis::cmd("HGETALL").arg(&key).query(&mut connection).unwrap();
                Ok(fields.join(" ").into_bytes())
            }
            "zset" => {
                let members: Vec<String> = ::redis::cmd("ZRANGE")
                    .arg(&key)
                    .arg(0)
                    .arg(-1)
                    .query(&mut connection)
                    .unwrap();
                Ok(members.join(" ").into_bytes())
            }
            "none" => continue,
            other => panic!("a key of type {other}"),
        };
        let ttl: i64 = ::redis::cmd("PTTL").arg(&key).query(&mut connection).unwrap();
        all.push((key, String::from_utf8_lossy(&value.unwrap()).into_owned(), ttl));
    }
    all
}

/// The units that are taken of each budget, in order.
fn used(url: &str, prefix: &str) -> Vec<u32> {
    let states = all_text(url, prefix)
        .into_iter()
        .filter(|(key, ..)| key.ends_with(":state"));
    let mut used: Vec<u32> = states
        .filter_map(|(_, value, _)| {
            let words: Vec<&str> = value.split(' ').collect();
            let at = words.iter().position(|word| *word == "used")?;
            words.get(at + 1)?.parse().ok()
        })
        .collect();
    used.sort_unstable();
    used
}

#[tokio::test]
async fn connections_share_a_limit_exactly() {
    let server = any();
    let url = &server.url;
    let prefix = prefix();
    let arrivals = Arrivals::new(0, 0);
    let mut clients = Vec::new();
    for nth in 0..6 {
        let redis = connect(url, &prefix).await;
        clients.push(client(&redis, arrivals.over(nth * 7, (5 - nth) * 5)));
    }
    let calls = clients
        .iter()
        .flat_map(|client| (0..4).map(|_| client.call(ask::<Twice>()).send()));
    for answer in join_all(calls).await {
        answer.unwrap();
    }
    assert_eq!(arrivals.seen().len(), 24);
    assert_eq!(arrivals.violations(2, WINDOW), 0, "{:?}", arrivals.seen());
}

#[tokio::test]
async fn all_budgets_admit_a_call_or_none_is_taken() {
    let server = any();
    let url = &server.url;
    let prefix = prefix();
    let redis = unused(url, &prefix).await;
    let clients = [client(&redis, Arrivals::new(0, 0)), client(&redis, Arrivals::new(0, 0))];
    clients[0].call(ask::<OfBoth>()).send().await.unwrap();
    let refused = clients[1].call(ask::<OfBoth>()).send().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Wait);
    assert!(refused.to_string().contains("`one_a_minute`"), "{refused}");
    // The second call took nothing of the five.
    assert_eq!(used(url, &prefix), [1, 1]);
    for _ in 0..4 {
        clients[1].call(ask::<FivePerMinute>()).send().await.unwrap();
    }
    let refused = clients[1].call(ask::<FivePerMinute>()).send().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Wait);
    assert!(refused.retry_after().unwrap() > Duration::from_secs(5), "{refused}");
}

#[tokio::test]
async fn a_bucket_has_its_burst_and_no_more() {
    let server = any();
    let url = &server.url;
    let redis = unused(url, &prefix()).await;
    let clients = [client(&redis, Arrivals::new(0, 0)), client(&redis, Arrivals::new(0, 0))];
    for nth in 0..3 {
        clients[nth % 2].call(ask::<FromBucket>()).send().await.unwrap();
    }
    for client in &clients {
        let refused = client.call(ask::<FromBucket>()).send().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Wait, "{refused}");
    }
}

#[tokio::test]
async fn a_bucket_that_nobody_remembers_is_empty() {
    let server = any();
    let url = &server.url;
    let redis = connect(url, &prefix()).await;
    let refused = client(&redis, Arrivals::new(0, 0))
        .call(ask::<FromBucket>())
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Wait, "{refused}");
}

#[tokio::test]
async fn a_cost_counts_as_so_many_calls() {
    let server = any();
    let url = &server.url;
    let redis = unused(url, &prefix()).await;
    let clients = [client(&redis, Arrivals::new(0, 0)), client(&redis, Arrivals::new(0, 0))];
    clients[0].call(ask::<Dear>()).send().await.unwrap();
    clients[1].call(ask::<Dear>()).send().await.unwrap();
    let refused = clients[0].call(ask::<Dear>()).send().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Wait, "{refused}");
}

/// Holds answers back until it is told, and counts who is there.
#[derive(Clone, Default)]
struct Gate {
    inside: Arc<Mutex<(usize, usize)>>,
    open: Arc<Notify>,
}

impl Gate {
    fn now(&self) -> usize {
        self.inside.lock().unwrap().0
    }

    fn most(&self) -> usize {
        self.inside.lock().unwrap().1
    }
}

impl Transport for Gate {
    fn exchange(&self, _: HttpRequest) -> Exchange {
        let this = self.clone();
        Box::pin(async move {
            {
                let mut inside = this.inside.lock().unwrap();
                inside.0 += 1;
                inside.1 = inside.1.max(inside.0);
            }
            this.open.notified().await;
            this.inside.lock().unwrap().0 -= 1;
            Ok(ok())
        })
    }

    fn budgets(&self) -> tollgate::Budgets {
        tollgate::Budgets::new()
    }
}

async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::time::sleep(ms(2)).await;
    }
}

#[tokio::test]
async fn no_more_calls_are_under_way_than_may_be() {
    let server = any();
    let url = &server.url;
    let prefix = prefix();
    let gate = Gate::default();
    let mut running = Vec::new();
    for _ in 0..3 {
        let redis = unused(url, &prefix).await;
        let client = client(&redis, gate.clone());
        for _ in 0..3 {
            running.push(tokio::spawn(client.call(ask::<TwoAtATime>()).send().into_future()));
        }
    }
    for _ in 0..9 {
        until(|| gate.now() > 0).await;
        tokio::time::sleep(ms(20)).await;
        gate.open.notify_one();
    }
    for call in running {
        call.await.unwrap().unwrap();
    }
    assert_eq!(gate.most(), 2);
}

#[tokio::test]
async fn a_dropped_call_gives_back_what_it_had_and_waits_for() {
    let server = any();
    let url = &server.url;
    let prefix = prefix();
    let gate = Gate::default();
    let redis = unused(url, &prefix).await;
    let others = unused(url, &prefix).await;
    let (first, second) = (client(&redis, gate.clone()), client(&others, gate.clone()));
    let running = [
        first.call(ask::<TwoAtATime>()).timeout(ms(500)).send(),
        first.call(ask::<TwoAtATime>()).timeout(ms(500)).send(),
    ];
    let running = tokio::spawn(join_all(running));
    until(|| gate.now() == 2).await;
    // One who waits at Redis's door, and one behind it, go away.
    let waiting = join_all((0..3).map(|_| second.call(ask::<TwoAtATime>()).send()));
    let gone = tokio::time::timeout(ms(100), waiting).await;
    assert!(gone.is_err());
    assert_eq!(gate.most(), 2);
    // Those under way go away, too: their places come back although no answer ever came, once their time is over.
    running.abort();
    let later = tokio::spawn(second.call(ask::<TwoAtATime>()).send().into_future());
    let wake = gate.open.clone();
    let waker = tokio::spawn(async move {
        loop {
            tokio::time::sleep(ms(20)).await;
            wake.notify_waiters();
        }
    });
    later.await.unwrap().unwrap();
    waker.abort();
}

#[tokio::test]
async fn what_got_no_answer_may_still_be_worked_at_for_other_machines_too() {
    let server = any();
    let url = &server.url;
    let prefix = prefix();
    let redis = unused(url, &prefix).await;
    let others = unused(url, &prefix).await;
    let never = Arrivals::new(0, 3_600_000);
    let (first, second) = (client(&redis, never.clone()), client(&others, never.over(0, 0)));
    let calls = (0..2).map(|_| first.call(ask::<TwoAtATime>()).timeout(ms(1_000)).send());
    let failed = join_all(calls).await;
    assert!(failed.iter().all(Result::is_err));
    let timed_out = Instant::now();
    second.call(ask::<TwoAtATime>()).send().await.unwrap();
    // They are given their time once more, but for what passed before it was told.
    assert!(timed_out.elapsed() > ms(500), "{:?}", timed_out.elapsed());
}

#[tokio::test]
async fn nothing_in_redis_tells_the_token_or_stays_for_ever() {
    let server = any();
    let url = &server.url;
    let prefix = prefix();
    let redis = unused(url, &prefix).await;
    let client = client(&redis, Arrivals::new(0, 0));
    let by_param = || {
        let mut ask = ask::<ByParam>();
        ask.query = Some("param-value-that-is-private".to_owned());
        ask
    };
    for _ in 0..3 {
        client.call(by_param()).send().await.unwrap();
        client.call(ask::<TwoAtATime>()).send().await.unwrap();
        client.call(ask::<Cheap>()).send().await.unwrap();
    }
    let all = all_text(url, &prefix);
    assert!(all.len() >= 6, "{all:?}");
    for (key, value, ttl) in &all {
        for told in [SECRET, KEY, "param-value", "toy.example", "by_param"] {
            assert!(!key.contains(told) && !value.contains(told), "{key} = {value}");
        }
        assert!(*ttl > 0, "{key} has no expiry");
    }
}

#[tokio::test]
async fn another_key_is_another_set_of_limits() {
    let server = any();
    let url = &server.url;
    let prefix = prefix();
    let redis = unused(url, &prefix).await;
    client(&redis, Arrivals::new(0, 0))
        .call(ask::<OncePerMinute>())
        .send()
        .await
        .unwrap();
    let other = Redis::builder(url.as_str(), "another-key-of-16-bytes").prefix(&prefix);
    let other = other.answer_within(Duration::from_secs(20)).connect().await.unwrap();
    other.declare_unused().await.unwrap();
    client(&other, Arrivals::new(0, 0))
        .call(ask::<OncePerMinute>())
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_429_closes_the_budget_for_all() {
    let server = any();
    let url = &server.url;
    let prefix = prefix();
    let (redis, other) = (unused(url, &prefix).await, unused(url, &prefix).await);
    let mut refusing = Arrivals::new(0, 0);
    refusing.reply = HttpReply::new(429).header("retry-after", "2");
    let first = client(&redis, refusing.clone());
    let error = first.call(ask::<Twice>()).send().await.unwrap_err();
    assert_eq!(error.status(), Some(429), "{error}");
    let answered = Instant::now();
    // What is told of the answer is on its way; nothing says when it comes, so look.
    until(|| {
        all_text(url, &prefix)
            .iter()
            .any(|(_, value, _)| value.contains("closed"))
    })
    .await;
    let arrivals = Arrivals::new(0, 0);
    client(&other, arrivals.clone())
        .call(ask::<Twice>())
        .send()
        .await
        .unwrap();
    // Two seconds from the answer, of which this process saw the end only.
    assert!(
        arrivals.seen()[0] - answered > ms(1_900),
        "{:?}",
        arrivals.seen()[0] - answered
    );
}

#[tokio::test]
async fn a_failed_attempt_keeps_its_place_for_a_window() {
    struct Broken(Arrivals);
    impl Transport for Broken {
        fn exchange(&self, request: HttpRequest) -> Exchange {
            let seen = self.0.exchange(request);
            Box::pin(async move {
                let _ = seen.await;
                Err(TransportError::network("the connection broke"))
            })
        }
        fn budgets(&self) -> tollgate::Budgets {
            tollgate::Budgets::new()
        }
    }
    let server = any();
    let url = &server.url;
    let prefix = prefix();
    let arrivals = Arrivals::new(0, 0);
    let mut calls = Vec::new();
    for _ in 0..3 {
        let redis = unused(url, &prefix).await;
        let client = client(&redis, Broken(arrivals.clone()));
        calls.extend((0..3).map(|_| client.call(ask::<Twice>()).send()));
    }
    for answer in join_all(calls).await {
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::Network);
    }
    assert_eq!(arrivals.seen().len(), 9);
    assert_eq!(arrivals.violations(2, WINDOW), 0, "{:?}", arrivals.seen());
}

#[tokio::test]
async fn calls_that_come_together_cost_few_questions() {
    let own = RedisServer::start();
    let redis = unused(&own.url(), "batched").await;
    let arrivals = Arrivals::new(0, 0);
    let client = client(&redis, arrivals.clone());
    join_all((0..1_000).map(|_| client.call(ask::<Cheap>()).send())).await;
    assert_eq!(arrivals.seen().len(), 1_000);
    let info: String = ::redis::cmd("INFO")
        .arg("commandstats")
        .query(&mut own.connection())
        .unwrap();
    let asked = info
        .lines()
        .find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="))
        .unwrap();
    let asked: u32 = asked.split(',').next().unwrap().parse().unwrap();
    // Asked one by one, and told one by one, it would be 2,000.
    assert!(asked < 200, "{asked} questions");
}
