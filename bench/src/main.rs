//! Limiters against one server that counts in a rolling window: `cargo xtask bench limiter`.
//!
//! Every limiter sends the same number of requests from the same number of tasks, all limiters at the same time, each to
//! a server of its own. The server counts what arrives and refuses what is too much; nobody but Tollgate, whose retry is
//! part of the descriptor, sends a refused request again. Jitter delays requests on their way to the server, and answers on their way back.

mod limiter;
mod server;

use clap::Parser;
use limiter::Limiter;
use server::Server;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, task::JoinSet, time::Instant};

/// Compares limiters on a server that permits a number of requests in any window.
#[derive(Parser)]
struct Arguments {
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
    /// The longest random delay, in milliseconds; measured on the way there, and there and back, beside no delay.
    #[arg(long, default_value_t = 30)]
    jitter: u64,
}

/// Which requests and answers are delayed.
#[derive(Clone, Copy)]
enum Network {
    Steady,
    JitterThere,
    JitterThereAndBack,
}

impl Network {
    const ALL: [Self; 3] = [Self::Steady, Self::JitterThere, Self::JitterThereAndBack];

    fn name(self, jitter: u64) -> String {
        match self {
            Self::Steady => "none".to_owned(),
            Self::JitterThere => format!("0-{jitter} ms there"),
            Self::JitterThereAndBack => format!("0-{jitter} ms there, 0-{jitter} ms back"),
        }
    }

    /// The longest delay there, and back.
    fn delays(self, jitter: Duration) -> (Duration, Duration) {
        match self {
            Self::Steady => (Duration::ZERO, Duration::ZERO),
            Self::JitterThere => (jitter, Duration::ZERO),
            Self::JitterThereAndBack => (jitter, jitter),
        }
    }
}

/// What a limiter did in one run.
struct Outcome {
    refused: usize,
    share: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arc::new(Arguments::parse());
    // reqwest is built without one here. Whoever was first is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    println!(
        "{} requests from {} tasks, {} per rolling {} ms, {} runs side by side",
        arguments.requests, arguments.tasks, arguments.limit, arguments.window, arguments.runs
    );
    println!();
    println!("| limiter | jitter | refused with 429 | share of the permitted rate |");
    println!("| --- | --- | --- | --- |");
    let mut rows: Vec<Vec<Outcome>> = Vec::new();
    let cells: Vec<_> = Network::ALL
        .into_iter()
        .flat_map(|network| Limiter::ALL.map(|limiter| (limiter, network)))
        .collect();
    for _ in 0..arguments.runs {
        let mut running = Vec::new();
        for &(limiter, network) in &cells {
            running.push(tokio::spawn(measure(Arc::clone(&arguments), limiter, network)));
        }
        for (index, outcome) in running.into_iter().enumerate() {
            let outcome = outcome.await?.map_err(|why| why as Box<dyn std::error::Error>)?;
            if rows.len() <= index {
                rows.push(Vec::new());
            }
            rows[index].push(outcome);
        }
    }
    for ((limiter, network), outcomes) in cells.iter().zip(&rows) {
        let refused: Vec<_> = outcomes.iter().map(|outcome| outcome.refused.to_string()).collect();
        let shares: Vec<_> = outcomes
            .iter()
            .map(|outcome| format!("{:.1} %", outcome.share * 100.0))
            .collect();
        println!(
            "| {} | {} | {} | {} |",
            limiter.name(),
            network.name(arguments.jitter),
            refused.join(", "),
            shares.join(", ")
        );
    }
    Ok(())
}

/// Sends all requests through one limiter.
async fn measure(
    arguments: Arc<Arguments>,
    limiter: Limiter,
    network: Network,
) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    let window = Duration::from_millis(arguments.window);
    let server = Server::start(
        arguments.limit,
        window,
        network.delays(Duration::from_millis(arguments.jitter)),
    )
    .await?;
    let sender = Arc::new(limiter.sender(&server.url, arguments.limit, window)?);
    // A connection is opened before the clock starts; the window is empty again when it does.
    sender.send().await?;
    tokio::time::sleep(window + window / 2).await;
    server.forget();
    let places = Arc::new(Semaphore::new(arguments.tasks));
    let mut tasks = JoinSet::new();
    let begin = Instant::now();
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
    let taken = begin.elapsed();
    let (accepted, refused) = server.counts();
    // The last window that is begun is not waited for by anybody.
    let windows = accepted.saturating_sub(1) / arguments.limit as usize;
    let ideal = window * u32::try_from(windows)?;
    Ok(Outcome {
        refused,
        share: ideal.as_secs_f64() / taken.as_secs_f64(),
    })
}
