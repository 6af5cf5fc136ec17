//! What a request costs the client: `cargo xtask bench request`.
//!
//! One server in a process of its own; each client in a process of its own, one after another, several rounds. All of
//! them ask for the same order with the same header, 64 at a time, and read it into a typed struct. A client's processor
//! time is what the system says of its process, its allocations are counted by its allocator.

#![forbid(unsafe_code)]

mod client;
mod peer;
mod server;

use clap::{Parser, Subcommand};
use client::Cost;
use peer::Peer;
use std::{collections::BTreeMap, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    /// Requests per client and round.
    #[arg(long, default_value_t = 40_000)]
    requests: u64,
    /// How many are under way at a time.
    #[arg(long, default_value_t = 64)]
    at_a_time: usize,
    /// Rounds.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Only these clients.
    #[arg(long, value_enum)]
    only: Vec<Peer>,
}

#[derive(Subcommand)]
enum Role {
    /// Serves until its input ends.
    #[command(hide = true)]
    Serve,
    /// Sends, and prints what it cost.
    #[command(hide = true)]
    Send {
        #[arg(value_enum)]
        peer: Peer,
        url: String,
        requests: u64,
        at_a_time: usize,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match &arguments.role {
        Some(Role::Serve) => server::serve().await,
        Some(Role::Send {
            peer,
            url,
            requests,
            at_a_time,
        }) => {
            // reqwest is built without one here. Whoever was first is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let Cost {
                microseconds,
                allocations,
                bytes,
            } = client::measure(*peer, url, *requests, *at_a_time).await?;
            println!("{microseconds} {allocations} {bytes}");
            Ok(())
        }
        None => compare(&arguments).await,
    }
}

async fn compare(arguments: &Arguments) -> Result<()> {
    let program = std::env::current_exe()?;
    let mut server = Command::new(&program)
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = server.stdout.take().ok_or("the server has no output")?;
    let url = BufReader::new(output)
        .lines()
        .next_line()
        .await?
        .ok_or("the server did not start")?;
    let chosen: Vec<Peer> = if arguments.only.is_empty() {
        Peer::ALL.to_vec()
    } else {
        arguments.only.clone()
    };

    let mut costs: BTreeMap<Peer, Vec<Cost>> = BTreeMap::new();
    for _ in 0..arguments.rounds {
        for peer in &chosen {
            let output = Command::new(&program)
                .args([
                    "send",
                    peer.name(),
                    &url,
                    &arguments.requests.to_string(),
                    &arguments.at_a_time.to_string(),
                ])
                .stderr(Stdio::inherit())
                .output()
                .await?;
            costs
                .entry(*peer)
                .or_default()
                .push(String::from_utf8(output.stdout)?.parse()?);
        }
    }
    print(arguments, &costs);
    Ok(())
}

fn print(arguments: &Arguments, costs: &BTreeMap<Peer, Vec<Cost>>) {
    println!(
        "{} requests, {} at a time, median of {} rounds",
        arguments.requests, arguments.at_a_time, arguments.rounds
    );
    println!();
    println!("| client | processor µs a request | to reqwest | least | to reqwest | allocations | bytes allocated |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let base = costs.get(&Peer::Reqwest);
    for (peer, costs) in costs {
        let column = |of: fn(&[Cost]) -> f64| {
            let (own, base) = (of(costs), base.map(|base| of(base)));
            let ratio = base.map_or_else(String::new, |base| format!("{:+.1} %", (own / base - 1.0) * 100.0));
            format!("{own:.2} | {ratio}")
        };
        println!(
            "| {} | {} | {} | {:.1} | {:.0} |",
            peer.title(),
            column(|costs| median(costs.iter().map(|cost| cost.microseconds))),
            // What else the machine does only ever adds.
            column(|costs| costs.iter().map(|cost| cost.microseconds).fold(f64::INFINITY, f64::min)),
            median(costs.iter().map(|cost| cost.allocations)),
            median(costs.iter().map(|cost| cost.bytes)),
        );
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
