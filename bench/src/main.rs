//! What a limiter is worth, and what it costs: `cargo xtask bench limiter`.
//!
//! [`network`] sends through it to a server that counts, beside other limiters. [`admission`] takes the time of letting a
//! call go that nothing holds up. [`crowd`] lets many wait for one token, and has many tokens.

mod admission;
mod crowd;
mod limiter;
mod network;
mod server;

use clap::{Parser, Subcommand};

/// Compares limiters.
#[derive(Parser)]
struct Arguments {
    /// All of them, one after another, if none is named.
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// Refusals and throughput against a server that permits a number of requests in any window.
    Network(network::Arguments),
    /// Nanoseconds per admission that nothing holds up.
    Admission(admission::Arguments),
    /// Memory and time of many who wait, and of many tokens.
    Crowd,
    /// One measurement of a crowd, in a process of its own.
    #[command(hide = true)]
    One { subject: crowd::Subject, count: usize },
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A group of options as it is without any.
fn by_default<A: clap::Args>() -> Result<A, clap::Error> {
    let command = A::augment_args(clap::Command::new("limiter"));
    A::from_arg_matches(&command.get_matches_from(["limiter"]))
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match arguments.part {
        Some(Part::Network(arguments)) => runtime()?.block_on(network::run(arguments)),
        Some(Part::Admission(arguments)) => admission::run(&arguments),
        Some(Part::Crowd) => crowd::run(),
        Some(Part::One { subject, count }) => crowd::measure(subject, count),
        None => {
            admission::run(&by_default()?)?;
            println!();
            crowd::run()?;
            println!();
            runtime()?.block_on(network::run(by_default()?))
        }
    }
}
