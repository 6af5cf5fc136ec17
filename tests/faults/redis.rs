//! Redis is lost in the middle of calls, and comes back. Against real servers: there is no mock of it.

use super::draw::{Draw, is_wanted};
use super::plan::End;
use super::server::RedisServer;
use super::site::{Site, Wishes};
use super::storm::Outcome;
use super::trial::{Bench, ended, is_read, quiet};
use super::watch;
use ::redis::{self, Commands as _};
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tollgate::{Algorithm, ErrorKind, Redis, SystemClock, WhenAway};
use tollgate_mock::{Fault, ScriptedFault};
use tollgate_tests::wire::{Failed, Made, PROVIDERS, Shape, Success};

/// What the processes of an application have in common.
const KEY: &str = "sh4red-k3y-of-the-fault-tests-0123456789";
/// How many trials of each loss, of each provider and each behaviour.
const TRIALS: usize = 6;
/// How many calls are under way at once with one token: more than the tightest limit lets go.
const CALLS: usize = 3;
/// Nobody waits for longer, so that whoever has to wait for a minute is refused.
const MAX_WAIT: Duration = Duration::from_secs(3);
/// How long an attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longer than the windows that are waited for.
const WINDOW: Duration = Duration::from_millis(1100);

/// How a server is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// It answers nobody for a while.
    Stopped,
    /// It is gone until the calls have ended.
    Killed,
    /// Another process takes its place.
    Restarted,
    /// It forgets all keys and scripts.
    Flushed,
    /// It closes its connections.
    Disconnected,
}

impl Loss {
    const ALL: [Self; 5] = [
        Self::Stopped,
        Self::Killed,
        Self::Restarted,
        Self::Flushed,
        Self::Disconnected,
    ];

    /// What is counted in the report.
    fn kind(self) -> &'static str {
        match self {
            Self::Stopped => "Redis stopped",
            Self::Killed => "Redis killed",
            Self::Restarted => "Redis restarted",
            Self::Flushed => "Redis flushed",
            Self::Disconnected => "Redis disconnected",
        }
    }

    /// Whether the log is lost with it.
    fn forgets(self) -> bool {
        matches!(self, Self::Killed | Self::Restarted | Self::Flushed)
    }

    fn happen(self, server: &mut RedisServer) {
        match self {
            Self::Stopped => server.stop(),
            Self::Killed | Self::Restarted => server.kill(),
            Self::Flushed => {
                let mut connection = server.connection();
                redis::cmd("FLUSHALL").query::<()>(&mut connection).unwrap();
                redis::cmd("SCRIPT").arg("FLUSH").query::<()>(&mut connection).unwrap();
            }
            Self::Disconnected => {
                let mut command = redis::cmd("CLIENT");
                command.arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes");
                command.query::<()>(&mut server.connection()).unwrap();
            }
        }
    }

    fn pass(self, server: &mut RedisServer) {
        match self {
            Self::Stopped => server.resume(),
            Self::Killed | Self::Restarted => server.start_again(),
            Self::Flushed | Self::Disconnected => {}
        }
    }
}

/// One loss, again and again, of a server that nobody else has.
#[derive(Clone, Copy)]
pub(crate) struct Lane {
    provider: &'static str,
    loss: Loss,
    when_away: WhenAway,
}

/// Every provider with every loss and both behaviours.
pub(crate) fn lanes() -> Vec<Lane> {
    let mut lanes = Vec::new();
    for (provider, _) in PROVIDERS {
        for loss in Loss::ALL {
            for when_away in [WhenAway::Refuse, WhenAway::Local { share: 1.0 }] {
                lanes.push(Lane {
                    provider,
                    loss,
                    when_away,
                });
            }
        }
    }
    lanes
}

/// What goes wrong besides.
struct Besides(Option<Fault>, &'static [End]);

impl Besides {
    fn drawn(draw: &mut Draw, made: &Made) -> Self {
        // What got no answer keeps its place for as long as the provider may still work at it.
        if made
            .spec
            .settings
            .limits
            .iter()
            .any(|limit| limit.algorithm == Algorithm::Concurrency)
        {
            return Self(None, &[]);
        }
        match draw.below(8) {
            0 => Self(Some(Fault::status(503)), &[End::Failing]),
            1 => Self(Some(Fault::status_with(429, "Retry-After", "1")), &[End::Limited]),
            2 => Self(Some(Fault::Lost), &[End::Network]),
            3 => Self(Some(Fault::Reset), &[End::Network]),
            _ => Self(None, &[]),
        }
    }
}

type Results = Vec<Result<Success, Failed>>;

/// A site whose limits and tokens are shared, and the server through which they are.
struct Shared {
    lane: Lane,
    bench: Bench,
    redis: Redis,
    server: Arc<Mutex<RedisServer>>,
    began: Instant,
}

impl Lane {
    fn name(&self) -> String {
        let Self {
            provider,
            loss,
            when_away,
        } = self;
        format!("{provider}, {}: {when_away:?}", loss.kind())
    }

    pub(crate) fn run(self, seed: u64, outcome: &Mutex<Outcome>) {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build().unwrap();
        watch::keep_secret(KEY);
        runtime.block_on(async {
            let mut draw = Draw::new(seed, &self.name());
            let shared = match Shared::open(self, &draw).await {
                Ok(shared) => shared,
                Err(wrong) => return outcome.lock().unwrap().failed(&format!("{}: {wrong}", self.name())),
            };
            let mut calls: Vec<usize> = (0..shared.bench.site.calls.len()).collect();
            calls.retain(|at| !shared.bench.site.calls[*at].token.is_empty());
            draw.shuffle(&mut calls);
            for at in calls.into_iter().take(TRIALS) {
                let made = &shared.bench.site.calls[at];
                let name = format!("{}, {}", self.name(), made.spec.id);
                if is_wanted(&name) {
                    let result = shared.attempt(made, &mut draw).await;
                    let outcome = &mut *outcome.lock().unwrap();
                    outcome.tried(self.loss.kind(), self.provider);
                    if let Err(wrong) = result {
                        outcome.failed(&format!("{name} with {:?}: {wrong}", made.token));
                    }
                }
            }
        });
    }
}

impl Shared {
    async fn open(lane: Lane, draw: &Draw) -> Result<Self, String> {
        let server = RedisServer::start();
        // Redis and providers have one time, and so have clients.
        let mut wishes = Wishes::new(draw.clone());
        wishes.clock = Some(Arc::new(SystemClock));
        wishes.pace = 1.0;
        wishes.timeout = TIMEOUT;
        wishes.max_wait = MAX_WAIT;
        // Each has budgets of its own, and ten tokens a day.
        wishes.own_values = true;
        let redis = Redis::builder(server.url(), KEY).when_away(lane.when_away);
        let redis = redis.answer_within(Duration::from_millis(300)).build().unwrap();
        back(&redis).await?;
        wishes.redis = Some(redis.clone());
        let began = Instant::now();
        let site = Site::open(lane.provider, wishes).await;
        let mut bench = Bench::new(lane.provider, site).await?;
        // Those who are under way at once have a connection each.
        bench.idle += CALLS - 1;
        let server = Arc::new(Mutex::new(server));
        Ok(Self {
            lane,
            bench,
            redis,
            server,
            began,
        })
    }

    /// Sends some calls, loses Redis at any time while they are under way, and says what is wrong with how it went.
    async fn attempt(&self, made: &Made, draw: &mut Draw) -> Result<(), String> {
        let besides = Besides::drawn(draw, made);
        if let Some(fault) = &besides.0 {
            let fault = ScriptedFault::new(made.spec.id, 1, fault.clone());
            self.bench.site.mock.fault(fault).unwrap();
        }
        self.bench.site.seen();
        // Before the first asks, while they are under way, and while the last waits for its window.
        let longest = if draw.below(3) == 0 { 1_000_000 } else { 40_000 };
        let moment = Duration::from_micros(draw.bits() % longest);
        let lasts = Duration::from_millis(draw.bits() % 900);
        let calls = join_all((0..CALLS).map(|_| ended(made.start(Shape::One))));
        let loss = async {
            tokio::time::sleep(moment).await;
            self.on_the_server(Loss::happen).await;
            if self.lane.loss != Loss::Killed {
                tokio::time::sleep(lasts).await;
                self.on_the_server(Loss::pass).await;
            }
        };
        let (results, ()) = tokio::join!(calls, loss);
        if self.lane.loss == Loss::Killed {
            self.without(made).await?;
            self.on_the_server(Loss::pass).await;
        }
        self.bench.site.mock.clear_faults();
        let results: Results = results.into_iter().collect::<Result<_, _>>()?;
        self.judge(made, &results, besides.1)?;
        self.goes_on(made).await?;
        self.bench.settled().await?;
        // What became of the last place is told by and by, well before its lease ends.
        let began = Instant::now();
        while let Err(wrong) = self.nothing_is_kept() {
            if began.elapsed() > Duration::from_secs(5) {
                return Err(wrong);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        results.iter().try_for_each(|result| quiet(made, result))
    }

    /// While nobody answers, whoever has a limit that is to be refused, is.
    async fn without(&self, made: &Made) -> Result<(), String> {
        let result = ended(made.start(Shape::One)).await?;
        let is_limited = !made.spec.settings.limits.is_empty();
        match (&result, self.lane.when_away) {
            (Ok(_), WhenAway::Refuse) if is_limited => Err("without Redis it goes nevertheless".to_owned()),
            (Err(failed), _) if !self.explains(failed.kind) => {
                Err(format!("without Redis, {:?}: {}", failed.kind, failed.display))
            }
            _ => quiet(made, &result),
        }
    }

    /// Whether a call may fail so when Redis is lost.
    fn explains(&self, kind: ErrorKind) -> bool {
        kind == ErrorKind::Wait || kind == ErrorKind::Shared && self.lane.when_away == WhenAway::Refuse
    }

    fn judge(&self, made: &Made, results: &Results, ends: &[End]) -> Result<(), String> {
        let mut values = BTreeSet::new();
        let mut most = 0;
        for result in results {
            match result {
                Ok(success) => {
                    most += 1;
                    values.insert(&success.printed);
                }
                Err(failed) => {
                    most += failed.attempts as usize;
                    let is_explained = End::of(failed.kind).is_some_and(|end| ends.contains(&end));
                    if !is_explained && !self.explains(failed.kind) {
                        return Err(format!("{:?} is no end for it: {}", failed.kind, failed.display));
                    }
                }
            }
        }
        if is_read(made) && values.len() > 1 {
            return Err(format!("one read has several values: {values:?}"));
        }
        let seen = self.bench.site.seen();
        let requests = seen
            .iter()
            .filter(|seen| seen.operation.as_deref() == Some(made.spec.id));
        let did = requests.clone().filter(|request| request.effects > 0).count();
        let unsure = requests
            .filter(|request| !matches!(request.status, Some(401 | 429)))
            .count();
        let is_safe = made.spec.idempotent || made.spec.idempotency_key.is_some();
        // The call that was sent without Redis is one more.
        let most = most + usize::from(self.lane.loss == Loss::Killed);
        if !made.spec.idempotent && did > CALLS + 1 || !is_safe && unsure > most {
            return Err(format!(
                "{CALLS} calls were sent {unsure} times and done {did} times: {seen:#?}"
            ));
        }
        // Limits hold whatever becomes of Redis.
        match seen
            .iter()
            .find(|request| request.status == Some(429) && !request.fault)
        {
            Some(request) => Err(format!("a limit was broken: {request}")),
            None => Ok(()),
        }
    }

    /// Redis is there again: so is the token's budget.
    async fn goes_on(&self, made: &Made) -> Result<(), String> {
        if self.lane.loss.forgets() {
            // Who says that nothing was sent has to know it.
            tokio::time::sleep(WINDOW).await;
            back(&self.redis).await?;
        }
        let began = Instant::now();
        loop {
            let result = ended(made.start(Shape::One)).await;
            let result = result.map_err(|hang| format!("afterwards, {hang}"))?;
            quiet(made, &result)?;
            match result {
                Ok(_) => break,
                // Whoever lost the server rests for a moment before it asks again.
                Err(failed) if failed.kind == ErrorKind::Shared && began.elapsed() < Duration::from_secs(20) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(failed) => return Err(format!("afterwards, it fails: {}", failed.display)),
            }
        }
        match self.bench.site.mock.report().rejected() {
            0 => Ok(()),
            rejected => Err(format!("{rejected} requests were more than the limits allow")),
        }
    }

    /// No place is held by nobody: each ends a window after its answer at the latest, not only with its lease. And nothing
    /// that Redis keeps tells a secret.
    fn nothing_is_kept(&self) -> Result<(), String> {
        let mut connection = self.server.lock().unwrap().connection();
        let (seconds, micros): (f64, f64) = redis::cmd("TIME").query(&mut connection).unwrap();
        let age = self.began.elapsed().as_secs_f64();
        let limits = self.bench.site.model.rate_limits.iter();
        let windows: Vec<f64> = limits.map(|limit| limit.window.as_secs_f64()).collect();
        let keys: Vec<String> = connection.keys("*").unwrap();
        for key in &keys {
            let kind: String = redis::cmd("TYPE").arg(key).query(&mut connection).unwrap();
            let kept: Vec<Vec<u8>> = match kind.as_str() {
                "zset" => {
                    let places: Vec<(Vec<u8>, f64)> = connection.zrange_withscores(key, 0, -1).unwrap();
                    for (_, until) in &places {
                        let left = until / 1e6 - seconds - micros / 1e6;
                        let ends = |window: &f64| window - age <= left && left <= window + 0.1;
                        if left > 0.0 && !windows.iter().any(ends) {
                            return Err(format!("a place is kept for another {left} s"));
                        }
                    }
                    places.into_iter().map(|(place, _)| place).collect()
                }
                "hash" => connection.hgetall(key).unwrap(),
                _ => vec![connection.get(key).unwrap_or_default()],
            };
            for text in kept.iter().map(|kept| String::from_utf8_lossy(kept)) {
                if let Some(told) = watch::told(&text).or_else(|| watch::told(key)) {
                    return Err(format!("Redis keeps a secret: {told}"));
                }
            }
        }
        Ok(())
    }

    /// Does something with the server while calls go on.
    async fn on_the_server(&self, what: impl FnOnce(Loss, &mut RedisServer) + Send + 'static) {
        let (loss, server) = (self.lane.loss, Arc::clone(&self.server));
        let done = tokio::task::spawn_blocking(move || what(loss, &mut server.lock().unwrap()));
        done.await.unwrap();
    }
}

/// Waits until the server answers, and tells it that nothing was sent.
async fn back(redis: &Redis) -> Result<(), String> {
    let began = Instant::now();
    while let Err(error) = redis.declare_unused().await {
        if began.elapsed() > Duration::from_secs(20) {
            return Err(error.to_string());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
