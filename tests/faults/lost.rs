//! Redis is lost in the middle of a run, and comes back. Against a real server: there is no mock of it.

use super::draw::{Draw, seed};
use super::site::{Site, Wishes};
use super::trial::ended;
use super::watch::{self, Secrets};
use futures_util::future::join_all;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tollgate::{ErrorKind, Method, Redis, SystemClock, WhenAway};
use tollgate_tests::wire::{Failed, Made, PROVIDERS, Shape, Success};

/// What the processes of an application have in common.
const KEY: &str = "sh4red-k3y-of-the-fault-tests-0123456789";

/// A real server, killed when it is dropped.
struct Server {
    port: u16,
    child: Child,
}

impl Server {
    fn start(port: u16) -> Self {
        let mut command = Command::new("redis-server");
        command.args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.expect("a `redis-server` in PATH; `cargo xtask test` installs one");
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "redis-server does not listen on port {port}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { port, child }
    }

    fn kill(mut self) -> u16 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.port
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

type Results = Vec<Result<Success, Failed>>;

async fn all(calls: &[&Made]) -> Results {
    let results = join_all(calls.iter().map(|call| ended(call.start(Shape::One)))).await;
    results.into_iter().map(|result| result.unwrap()).collect()
}

fn failures(results: &Results) -> Vec<&str> {
    let failed = results.iter().filter_map(|result| result.as_ref().err());
    failed.map(|failed| failed.display.as_str()).collect()
}

#[test]
fn no_promise_is_broken_when_redis_is_lost() {
    watch::listen();
    println!("TOLLGATE_FAULTS_SEED={}", seed());
    let secrets = Secrets::default();
    secrets.add(KEY);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for (provider, _) in PROVIDERS {
        for when_away in [WhenAway::Refuse, WhenAway::Local { share: 1.0 }] {
            runtime.block_on(lose(provider, when_away, &secrets));
        }
    }
}

async fn lose(provider: &'static str, when_away: WhenAway, secrets: &Secrets) {
    let server = Server::start(free_port());
    let url = format!("redis://127.0.0.1:{}", server.port);
    let redis = Redis::builder(url, KEY).when_away(when_away).connect().await.unwrap();
    redis.declare_unused().await.unwrap();
    let mut wishes = Wishes::new(Draw::new(seed(), provider));
    // Redis does not hurry, and so nobody does.
    wishes.clock = Some(std::sync::Arc::new(SystemClock));
    wishes.pace = 1.0;
    wishes.redis = Some(redis.clone());
    let site = Site::open(provider, wishes, secrets).await;
    let reads = site
        .calls
        .iter()
        .filter(|call| call.spec.method == Method::Get && !call.token.is_empty());
    let writes = site
        .calls
        .iter()
        .filter(|call| call.spec.method == Method::Post && !call.token.is_empty());
    let calls: Vec<&Made> = reads.take(5).chain(writes.take(3)).collect();
    let name = format!("{provider}, {when_away:?}");

    let before = all(&calls).await;
    assert!(failures(&before).is_empty(), "{name}: {:?}", failures(&before));
    // Half of them are under way when it is killed.
    let run = all(&calls);
    let kill = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.kill()
    };
    let (during, port) = tokio::join!(run, kill);
    let without = all(&calls).await;
    for failed in during.iter().chain(&without).filter_map(|result| result.as_ref().err()) {
        let is_explained = matches!(failed.kind, ErrorKind::Shared | ErrorKind::Wait);
        assert!(
            is_explained && when_away == WhenAway::Refuse || failed.kind == ErrorKind::Wait,
            "{name}: {}",
            failed.display
        );
    }
    let is_limited = calls.iter().any(|call| !call.spec.settings.limits.is_empty());
    if when_away == WhenAway::Refuse && is_limited {
        assert!(without.iter().any(Result::is_err), "{name}: nobody noticed");
    }
    let server = Server::start(port);
    redis_is_back(&redis, &name).await;
    let after = all(&calls).await;
    assert!(failures(&after).is_empty(), "{name}: {:?}", failures(&after));
    let _ = server.kill();

    let report = site.mock.report();
    assert_eq!(report.rejected(), 0, "{name}: {report}");
    for request in site.seen() {
        assert_ne!(request.status, Some(429), "{name}: {request}");
    }
    assert_eq!(watch::panicked(), None, "{name}");
    for result in before.iter().chain(&during).chain(&without).chain(&after) {
        let told = result
            .as_ref()
            .map_or_else(|failed| &failed.told, |success| &success.printed);
        assert_eq!(secrets.told(told), None, "{name}");
    }
    assert_eq!(secrets.told(&format!("{redis:?}")), None);
    assert_eq!(secrets.logged(), None, "{name}");
}

/// Whoever lost the server rests for a moment before it asks again.
async fn redis_is_back(redis: &Redis, name: &str) {
    let began = Instant::now();
    while let Err(error) = redis.declare_unused().await {
        assert!(began.elapsed() < Duration::from_secs(20), "{name}: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
