//! Limiters against servers that count in a rolling window, on networks of all kinds.
//!
//! Every limiter sends the same number of requests from the same number of tasks, all limiters at the same time, each to
//! a server of its own. The server counts what arrives and refuses what is too much; nobody but Tollgate, whose retry is
//! part of the descriptor, sends a refused request again.

use crate::{
    Failure,
    limiter::Limiter,
    server::{Delays, Server},
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, task::JoinSet};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Requests per limiter and run.
    #[arg(long, default_value_t = 60)]
    requests: usize,
    /// Tasks that send them.
    #[arg(long, default_value_t = 8)]
    tasks: usize,
    /// Runs, one after another.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Requests that the server permits in a window.
    #[arg(long, default_value_t = 2)]
    limit: u32,
    /// The window, in milliseconds.
    #[arg(long, default_value_t = 1000)]
    window: u64,
    /// The longest random delays, in milliseconds; each is measured on the way there, and there and back.
    #[arg(long, value_delimiter = ',', default_value = "30,200")]
    jitter: Vec<u64>,
    /// How long the slow answers take, in windows.
    #[arg(long, default_value_t = 1.5)]
    slow: f64,
}

/// The networks, and what they are called.
fn networks(arguments: &Arguments) -> Vec<(String, Delays)> {
    let steady = Delays::default();
    let mut networks = vec![("steady".to_owned(), steady)];
    for &jitter in &arguments.jitter {
        let longest = Duration::from_millis(jitter);
        let there = Delays {
            there: longest,
            ..steady
        };
        networks.push((format!("0-{jitter} ms there"), there));
        let back = Delays { back: longest, ..there };
        networks.push((format!("0-{jitter} ms there and back"), back));
    }
    let work = Duration::from_millis(arguments.window).mul_f64(arguments.slow);
    networks.push((
        format!("answers after {} windows", arguments.slow),
        Delays { work, ..steady },
    ));
    networks
}

/// What a limiter did in one run.
struct Outcome {
    refused: usize,
    /// What was accepted per window from the first to the last arrival, of what is permitted.
    share: f64,
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let arguments = Arc::new(arguments);
    println!(
        "{} requests from {} tasks, {} per rolling {} ms, {} runs; all limiters and networks side by side",
        arguments.requests, arguments.tasks, arguments.limit, arguments.window, arguments.runs
    );
    println!();
    println!("| network | limiter | refused with 429 | share of the permitted rate |");
    println!("| --- | --- | --- | --- |");
    let networks = networks(&arguments);
    let cells = networks
        .iter()
        .flat_map(|(name, delays)| Limiter::ALL.map(|limiter| (name, *delays, limiter)));
    let mut rows: Vec<_> = cells
        .map(|(name, delays, limiter)| (name, delays, limiter, Vec::new()))
        .collect();
    for _ in 0..arguments.runs {
        let running = rows.iter().map(|(_, delays, limiter, _)| {
            let arguments = Arc::clone(&arguments);
            tokio::spawn(measure(arguments, *limiter, *delays))
        });
        let running: Vec<_> = running.collect();
        for ((.., outcomes), outcome) in rows.iter_mut().zip(running) {
            outcomes.push(outcome.await??);
        }
    }
    for (network, _, limiter, outcomes) in &rows {
        let refused: Vec<_> = outcomes.iter().map(|outcome| outcome.refused.to_string()).collect();
        let shares: Vec<_> = outcomes
            .iter()
            .map(|outcome| format!("{:.1} %", outcome.share * 100.0))
            .collect();
        let (name, refused, shares) = (limiter.name(), refused.join(", "), shares.join(", "));
        println!("| {network} | {name} | {refused} | {shares} |");
    }
    Ok(())
}

/// Sends all requests through one limiter.
async fn measure(arguments: Arc<Arguments>, limiter: Limiter, delays: Delays) -> Result<Outcome, Failure> {
    let window = Duration::from_millis(arguments.window);
    let server = Server::start(arguments.limit, window, delays).await?;
    let sender = Arc::new(limiter.sender(&server.url, arguments.limit, window)?);
    // A connection is opened before the clock starts; the window is empty again when it does.
    sender.send().await?;
    tokio::time::sleep(window + window / 2).await;
    server.forget();
    let places = Arc::new(Semaphore::new(arguments.tasks));
    let mut tasks = JoinSet::new();
    for _ in 0..arguments.requests {
        let place = Arc::clone(&places).acquire_owned().await?;
        let sender = Arc::clone(&sender);
        tasks.spawn(async move {
            let sent = sender.send().await;
            drop(place);
            sent
        });
    }
    while let Some(sent) = tasks.join_next().await {
        sent??;
    }
    let (accepted, refused) = server.counts();
    // The last window that is begun is not waited for by anybody.
    let windows = accepted.saturating_sub(1) / arguments.limit as usize;
    let ideal = window * u32::try_from(windows)?;
    Ok(Outcome {
        refused,
        share: ideal.as_secs_f64() / server.took().as_secs_f64(),
    })
}
