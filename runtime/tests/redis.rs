//! Limits that machines share, against a real server and on the real clock.
//!
//! Nothing here says how fast something must be: it says who must not have gone, and when at the earliest.
#![cfg(feature = "redis")]

mod support;

#[path = "redis/away.rs"]
mod away;
#[path = "redis/budgets.rs"]
mod budgets;
#[path = "redis/processes.rs"]
mod processes;
#[path = "redis/server.rs"]
mod server;
#[cfg(feature = "redis-tls")]
#[path = "redis/tls.rs"]
mod tls;
#[path = "redis/tokens.rs"]
mod tokens;

use server::{RedisServer, any};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use support::*;
use tollgate::{
    Algorithm, Client, Connection, Exchange, HttpReply, HttpRequest, Limit, Redis, RedisBuilder, Settings, Spec,
    Transport,
};

/// What all processes have in common; long and odd, so that it is found wherever it should not be.
const KEY: &str = "sh4red-k3y-0123456789-abcdef";

const WINDOW: Duration = Duration::from_millis(200);

const TWO: Limit = Limit {
    window: WINDOW,
    ..PER_TOKEN
};
const ONE_A_MINUTE: Limit = Limit {
    name: "one_a_minute",
    limit: 1,
    window: Duration::from_mins(1),
    ..PER_TOKEN
};
const FIVE_A_MINUTE: Limit = Limit {
    name: "five_a_minute",
    limit: 5,
    window: Duration::from_mins(1),
    ..PER_TOKEN
};
const BUCKET: Limit = Limit {
    name: "bucket",
    limit: 3,
    window: Duration::from_mins(1),
    algorithm: Algorithm::Bucket { burst: 3 },
    ..PER_TOKEN
};
const AT_A_TIME: Limit = Limit {
    name: "at_a_time",
    limit: 2,
    window: Duration::ZERO,
    algorithm: Algorithm::Concurrency,
    ..PER_TOKEN
};
const BY_PARAM: Limit = Limit {
    name: "by_param",
    per: &[tollgate::Per::Token, tollgate::Per::Param("q")],
    ..TWO
};
const BY_COST: Limit = Limit {
    counts_cost: true,
    ..FIVE_A_MINUTE
};
const PLENTY: Limit = Limit {
    name: "plenty",
    limit: 100_000,
    window: Duration::from_secs(1),
    ..PER_TOKEN
};

/// No call waits for longer than a few windows.
const IMPATIENT: tollgate::Retry = tollgate::Retry {
    max_attempts: 1,
    max_wait: Duration::from_secs(5),
    ..RETRY
};

says! {
    Twice = Spec { settings: &Settings { limits: &[&TWO], ..PLAIN }, ..GET };
    Repeated = Spec { settings: &Settings { limits: &[&TWO], retry: Some(&RETRY), ..PLAIN }, ..GET };
    OncePerMinute = Spec { settings: &Settings { limits: &[&ONE_A_MINUTE], retry: Some(&IMPATIENT), ..PLAIN }, ..GET };
    OfBoth = Spec {
        settings: &Settings { limits: &[&ONE_A_MINUTE, &FIVE_A_MINUTE], retry: Some(&IMPATIENT), ..PLAIN },
        ..GET
    };
    FivePerMinute = Spec { settings: &Settings { limits: &[&FIVE_A_MINUTE], retry: Some(&IMPATIENT), ..PLAIN }, ..GET };
    FromBucket = Spec { settings: &Settings { limits: &[&BUCKET], retry: Some(&IMPATIENT), ..PLAIN }, ..GET };
    TwoAtATime = Spec { settings: &Settings { limits: &[&AT_A_TIME], ..PLAIN }, ..GET };
    ByParam = Spec { settings: &Settings { limits: &[&BY_PARAM], ..PLAIN }, ..GET };
    Dear = Spec { cost: 2, settings: &Settings { limits: &[&BY_COST], retry: Some(&IMPATIENT), ..PLAIN }, ..GET };
    Cheap = Spec { settings: &Settings { limits: &[&PLENTY], ..PLAIN }, ..GET };
}

/// A machine loaded with other tests may take long to answer.
fn builder(url: &str) -> RedisBuilder {
    Redis::builder(url, KEY).answer_within(Duration::from_secs(20))
}

/// Something that nobody else in this test run is called.
fn prefix() -> String {
    format!("test-{}", tollgate::Uuid::new_v4())
}

async fn connect(url: &str, prefix: &str) -> Redis {
    builder(url).prefix(prefix).connect().await.unwrap()
}

/// A server of which it is known that nobody has sent anything.
async fn unused(url: &str, prefix: &str) -> Redis {
    let redis = connect(url, prefix).await;
    redis.declare_unused().await.unwrap();
    redis
}

/// A client as a process of its own would have it: it knows no other's budgets.
fn client(redis: &Redis, transport: impl Transport) -> Client<Source> {
    let builder = Connection::<Toy>::builder().transport(transport).shared_limits(redis);
    Client::new(&builder.build().unwrap(), Source::new(SECRET))
}

/// Remembers when what arrived, and takes a while.
#[derive(Clone)]
struct Arrivals {
    seen: Arc<Mutex<Vec<Instant>>>,
    there: Duration,
    back: Duration,
    reply: HttpReply,
}

impl Arrivals {
    fn new(there: u64, back: u64) -> Self {
        Self {
            seen: Arc::default(),
            there: ms(there),
            back: ms(back),
            reply: ok(),
        }
    }

    /// The same memory, and another network.
    fn over(&self, there: u64, back: u64) -> Self {
        Self {
            there: ms(there),
            back: ms(back),
            ..self.clone()
        }
    }

    fn seen(&self) -> Vec<Instant> {
        let mut seen = self.seen.lock().unwrap().clone();
        seen.sort();
        seen
    }

    /// How often a request arrived less than a window after the one `limit` before it.
    fn violations(&self, limit: usize, window: Duration) -> usize {
        let seen = self.seen();
        let pairs = seen.iter().zip(seen.iter().skip(limit));
        pairs.filter(|(first, later)| **later - **first < window).count()
    }
}

impl Transport for Arrivals {
    fn exchange(&self, _: HttpRequest) -> Exchange {
        let this = self.clone();
        Box::pin(async move {
            tokio::time::sleep(this.there).await;
            this.seen.lock().unwrap().push(Instant::now());
            tokio::time::sleep(this.back).await;
            Ok(this.reply)
        })
    }

    fn budgets(&self) -> tollgate::Budgets {
        tollgate::Budgets::new()
    }
}
