//! One token on many machines, through a real Redis: `cargo xtask bench redis`.
//!
//! Processes of their own share a token against a server that counts in a rolling window, and then calls without a
//! network show what an admission costs, one at a time and many together.

#[path = "redis/bare.rs"]
mod bare;
mod server;

use clap::{Parser, Subcommand};
use server::{Delays, Server};
use std::{
    error::Error,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use tollgate::Redis;
use tollgate_providers::flxpoint;

const KEY: &str = "a key for measurements only";

/// Measures limits that processes share through Redis.
#[derive(Parser)]
struct Arguments {
    /// The server; `cargo xtask bench redis` starts one and names it here.
    #[arg(long, env = "TOLLGATE_TEST_REDIS")]
    redis: String,
    /// Processes that share the token.
    #[arg(long, default_value_t = 8)]
    processes: usize,
    /// Requests of each.
    #[arg(long, default_value_t = 15)]
    requests: usize,
    /// Tasks of each.
    #[arg(long, default_value_t = 4)]
    tasks: usize,
    /// The longest random delay on the way there, and on the way back, in milliseconds.
    #[arg(long, default_value_t = 0)]
    jitter: u64,
    /// Calls for each measurement of what an admission costs.
    #[arg(long, default_value_t = 20_000)]
    calls: usize,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Subcommand)]
enum Role {
    /// One of the processes.
    #[command(hide = true)]
    Process { provider: String, prefix: String },
}

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    if let Some(Role::Process { provider, prefix }) = &arguments.role {
        return work(&arguments, provider, prefix).await;
    }
    share(&arguments).await?;
    println!();
    cost(&arguments).await
}

async fn connect(arguments: &Arguments, prefix: &str, batch: usize) -> Result<Redis, Failure> {
    let builder = Redis::builder(arguments.redis.as_str(), KEY)
        .prefix(prefix)
        .batch(batch);
    Ok(builder.answer_within(Duration::from_secs(10)).connect().await?)
}

/// What one of the processes does.
async fn work(arguments: &Arguments, provider: &str, prefix: &str) -> Result<(), Failure> {
    let redis = connect(arguments, prefix, 256).await?;
    let connection = flxpoint::Connection::builder()
        .base_url(provider)
        .shared_limits(&redis)
        .build()?;
    let client = flxpoint::Client::with(&connection, flxpoint::Account::new("bench"));
    let mut tasks = JoinSet::new();
    for task in 0..arguments.tasks {
        let client = client.clone();
        let count = (arguments.requests + task) / arguments.tasks;
        tasks.spawn(async move {
            for _ in 0..count {
                let sent = client
                    .account()
                    .get(flxpoint::account::GetAccount::new())
                    .max_wait(Duration::MAX);
                sent.send().await?;
            }
            Ok::<(), Failure>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// How often Redis was asked so far.
async fn questions(arguments: &Arguments) -> Result<u64, Failure> {
    let client = redis::Client::open(arguments.redis.as_str())?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let info: String = redis::cmd("INFO")
        .arg("commandstats")
        .query_async(&mut connection)
        .await?;
    let calls = info
        .lines()
        .find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="));
    let calls = calls.and_then(|calls| calls.split(',').next()).unwrap_or("0");
    Ok(calls.parse()?)
}

/// Many processes, one token, two requests per second.
async fn share(arguments: &Arguments) -> Result<(), Failure> {
    let window = Duration::from_secs(1);
    let jitter = Duration::from_millis(arguments.jitter);
    let delays = Delays {
        there: jitter,
        back: jitter,
        ..Delays::default()
    };
    let server = Server::start(2, window, delays).await?;
    let prefix = format!("bench-{}", std::process::id());
    connect(arguments, &prefix, 256).await?.declare_unused().await?;
    let before = questions(arguments).await?;
    let mut children = Vec::new();
    for _ in 0..arguments.processes {
        let mut command = Command::new(std::env::current_exe()?);
        command.env("TOLLGATE_TEST_REDIS", &arguments.redis);
        command.args([
            "--requests",
            &arguments.requests.to_string(),
            "--tasks",
            &arguments.tasks.to_string(),
        ]);
        command.args(["process", &server.url, &prefix]).stdin(Stdio::null());
        children.push(command.spawn()?);
    }
    for mut child in children {
        let ended = tokio::task::spawn_blocking(move || child.wait()).await??;
        if !ended.success() {
            return Err("a process failed".into());
        }
    }
    let (accepted, refused) = server.counts();
    let windows = accepted.saturating_sub(1) / 2;
    let ideal = window * u32::try_from(windows)?;
    let asked = questions(arguments).await? - before;
    println!(
        "| processes | jitter | requests | refused with 429 | share of the permitted rate | questions per request |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    println!(
        "| {} | {} ms | {accepted} | {refused} | {:.1} % | {:.1} |",
        arguments.processes,
        arguments.jitter,
        100.0 * ideal.as_secs_f64() / server.took().as_secs_f64(),
        ratio(asked, accepted),
    );
    Ok(())
}

/// What an admission costs where the limit is no obstacle.
async fn cost(arguments: &Arguments) -> Result<(), Failure> {
    println!("| in flight | asked for at once | µs per call | calls per second | questions per call |");
    println!("| --- | --- | --- | --- | --- |");
    for (in_flight, batch) in [(1, 1), (64, 1), (64, 256), (512, 256)] {
        let prefix = format!("bench-{}-{in_flight}-{batch}", std::process::id());
        let redis = connect(arguments, &prefix, batch).await?;
        redis.declare_unused().await?;
        let client = bare::client(&redis)?;
        client.call(bare::Call).send().await?;
        let before = questions(arguments).await?;
        let begin = Instant::now();
        let mut tasks = JoinSet::new();
        for task in 0..in_flight {
            let client = client.clone();
            let count = (arguments.calls + task) / in_flight;
            tasks.spawn(async move {
                for _ in 0..count {
                    client.call(bare::Call).send().await?;
                }
                Ok::<(), Failure>(())
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        let took = begin.elapsed().as_secs_f64() / ratio(arguments.calls as u64, 1);
        let asked = questions(arguments).await? - before;
        println!(
            "| {in_flight} | {batch} | {:.1} | {:.0} | {:.2} |",
            took * 1e6,
            1.0 / took,
            ratio(asked, arguments.calls),
        );
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts of a measurement are small")]
fn ratio(count: u64, of: usize) -> f64 {
    count as f64 / of as f64
}
