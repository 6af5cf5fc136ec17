//! Many who wait for one token, and many tokens: memory, and time on a clock that stands still.
//!
//! Each measurement has a process of its own, so that memory which another one has freed does not hide what it needs.
//! Waiters are tasks of one thread. As a measure of what tasks need themselves, the same is done with a semaphore of
//! tokio, which keeps no limit: somebody else gives it two permits per second.

use crate::Failure;
use clap::ValueEnum;
use std::{
    pin::pin,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::sync::{Notify, Semaphore};
use tollgate::{Budgets, Exchange, HttpReply, HttpRequest, Limit, OneLimit, Per, Transport};
use tollgate_providers::flxpoint;

/// What is measured.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Subject {
    SemaphoreWaiters,
    LimitWaiters,
    CallWaiters,
    LimitTokens,
    CallTokens,
}

impl Subject {
    fn name(self) -> &'static str {
        match self {
            Self::SemaphoreWaiters => "tasks at a semaphore of tokio",
            Self::LimitWaiters => "tasks at the limiter alone",
            Self::CallWaiters => "tasks with a whole call",
            Self::LimitTokens => "the limiter alone",
            Self::CallTokens => "a client for each",
        }
    }
}

const PER_TOKEN: Limit = Limit {
    name: "per_token",
    limit: 2,
    window: Duration::from_secs(1),
    per: &[Per::Token],
    ..Limit::DEFAULT
};

/// A provider that answers at once.
struct AtOnce;

impl Transport for AtOnce {
    fn exchange(&self, _: HttpRequest) -> Exchange {
        let reply = HttpReply::new(200).header("content-type", "application/json");
        Box::pin(std::future::ready(Ok(reply.body(r#"{"id":1,"name":"bench"}"#))))
    }
    fn budgets(&self) -> Budgets {
        Budgets::new()
    }
}

/// Measures all, each in a process of its own.
pub(crate) fn run() -> Result<(), Failure> {
    println!("One token, 2 per second, on a clock that stands still:");
    println!();
    println!("| who waits | how many | bytes each | to line up, each | to be let go, each | all of them let go in |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for subject in [Subject::SemaphoreWaiters, Subject::LimitWaiters, Subject::CallWaiters] {
        for count in [1_000, 10_000, 100_000] {
            let [bytes, first, second] = in_a_process(subject, count)?;
            let (all, name) = (second * f64::from(count) / 1e9, subject.name());
            println!("| {name} | {count} | {bytes:.0} | {first:.0} ns | {second:.0} ns | {all:.3} s |");
        }
    }
    println!();
    println!("| tokens | how many | bytes each | first call of each | next call of each |");
    println!("| --- | --- | --- | --- | --- |");
    for subject in [Subject::LimitTokens, Subject::CallTokens] {
        for count in [1_000, 10_000, 100_000] {
            let [bytes, first, second] = in_a_process(subject, count)?;
            println!(
                "| {} | {count} | {bytes:.0} | {first:.0} ns | {second:.0} ns |",
                subject.name()
            );
        }
    }
    Ok(())
}

fn in_a_process(subject: Subject, count: u32) -> Result<[f64; 3], Failure> {
    let value = subject.to_possible_value().ok_or("no name")?;
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(["one", value.get_name(), &count.to_string()]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    Ok(numbers.try_into().map_err(|_| "three numbers were expected")?)
}

/// Prints bytes, and nanoseconds of the first and the second half, of each.
pub(crate) fn measure(subject: Subject, count: usize) -> Result<(), Failure> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build()?;
    let [bytes, first, second] = runtime.block_on(async {
        match subject {
            Subject::LimitTokens => limit_tokens(count).await,
            Subject::CallTokens => call_tokens(count).await,
            _ => waiters(subject, count).await,
        }
    })?;
    let each = ratio(1, count);
    println!("{} {} {}", bytes * each, first * 1e9 * each, second * 1e9 * each);
    Ok(())
}

/// How many have looked once, and how many are through.
#[derive(Default)]
struct Progress {
    lined_up: AtomicUsize,
    through: AtomicUsize,
    all_through: Notify,
}

async fn waiters(subject: Subject, count: usize) -> Result<[f64; 3], Failure> {
    let progress = Arc::new(Progress::default());
    let semaphore = Arc::new(Semaphore::new(0));
    let one = Arc::new(OneLimit::new(&Budgets::new(), &PER_TOKEN, 1));
    let client = client(&connection()?, 1);
    let before = resident()?;
    let begin = Instant::now();
    for _ in 0..count {
        match subject {
            Subject::LimitWaiters => {
                let one = Arc::clone(&one);
                let wait = async move {
                    let place = one.admit().await;
                    place.map(tollgate::OnePlace::answer).ok_or_else(|| "no place".into())
                };
                tokio::spawn(follow(wait, Arc::clone(&progress), count));
            }
            Subject::CallWaiters => {
                let client = client.clone();
                let wait = async move { call(&client).await };
                tokio::spawn(follow(wait, Arc::clone(&progress), count));
            }
            _ => {
                let semaphore = Arc::clone(&semaphore);
                let wait = async move {
                    semaphore.acquire().await?.forget();
                    Ok(())
                };
                tokio::spawn(follow(wait, Arc::clone(&progress), count));
            }
        }
    }
    while progress.lined_up.load(Relaxed) < count {
        tokio::task::yield_now().await;
    }
    let first = begin.elapsed().as_secs_f64();
    let bytes = resident()? - before;
    let begin = Instant::now();
    if matches!(subject, Subject::SemaphoreWaiters) {
        for _ in 0..count.div_ceil(2) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            semaphore.add_permits(2);
        }
    }
    progress.all_through.notified().await;
    Ok([bytes, first, begin.elapsed().as_secs_f64()])
}

/// Waits, and notes when it has begun to and when it is over.
async fn follow(wait: impl Future<Output = Result<(), Failure>>, progress: Arc<Progress>, of: usize) {
    let mut wait = pin!(wait);
    let mut is_new = true;
    let ended = std::future::poll_fn(|context| {
        let poll = wait.as_mut().poll(context);
        if std::mem::take(&mut is_new) {
            progress.lined_up.fetch_add(1, Relaxed);
        }
        poll
    });
    if let Err(why) = ended.await {
        eprintln!("{why}");
        std::process::exit(1);
    }
    if progress.through.fetch_add(1, Relaxed) + 1 == of {
        progress.all_through.notify_one();
    }
}

async fn limit_tokens(count: usize) -> Result<[f64; 3], Failure> {
    let budgets = Budgets::new();
    let pass = async || {
        let begin = Instant::now();
        for token in 0..count {
            let place = OneLimit::new(&budgets, &PER_TOKEN, token).admit().await;
            place.ok_or("no place")?.answer();
        }
        Ok::<_, Failure>(begin.elapsed().as_secs_f64())
    };
    let before = resident()?;
    let first = pass().await?;
    let bytes = resident()? - before;
    Ok([bytes, first, pass().await?])
}

async fn call_tokens(count: usize) -> Result<[f64; 3], Failure> {
    let connection = connection()?;
    call(&client(&connection, count)).await?;
    let before = resident()?;
    let begin = Instant::now();
    let mut clients = Vec::with_capacity(count);
    for token in 0..count {
        let client = client(&connection, token);
        call(&client).await?;
        clients.push(client);
    }
    let first = begin.elapsed().as_secs_f64();
    let bytes = resident()? - before;
    let begin = Instant::now();
    for client in &clients {
        call(client).await?;
    }
    Ok([bytes, first, begin.elapsed().as_secs_f64()])
}

fn connection() -> Result<flxpoint::Connection, Failure> {
    Ok(flxpoint::Connection::builder().transport(AtOnce).build()?)
}

fn client(connection: &flxpoint::Connection, token: usize) -> flxpoint::AccountClient {
    flxpoint::Client::with(connection, flxpoint::Account::new(format!("bench-{token}")))
}

async fn call(client: &flxpoint::AccountClient) -> Result<(), Failure> {
    let call = client.account().get(flxpoint::account::GetAccount::new());
    call.max_wait(Duration::MAX).send().await?;
    Ok(())
}

/// Bytes of memory that are this process's alone.
fn resident() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no RssAnon")?;
    Ok(kilobytes.parse::<f64>()? * 1024.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a measurement are small")]
fn ratio(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}
