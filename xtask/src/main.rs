//! The developer's commands: `cargo xtask …`. They need Rust and nothing else.

mod bench;
mod bless;
mod codegen;
mod process;
mod redis;
mod suite;
mod tally;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The developer's commands of Tollgate.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes generated/ from providers/*.yaml.
    #[command(after_help = "Example: cargo xtask codegen --check")]
    Codegen {
        /// Writes nothing; fails and lists what is not as it should be.
        #[arg(long)]
        check: bool,
    },
    /// Accepts what is: generated code, snapshots and compiler messages, in one go. Read the diff afterwards.
    #[command(after_help = "Example: cargo xtask bless && git diff")]
    Bless,
    /// Runs everything that a change must pass, and ends with the count of tests.
    #[command(
        after_help = "Examples:\n  cargo xtask test\n  cargo xtask test --list\n  cargo xtask test --only clippy --only doc\n\n\
                      The step `test` needs a real Redis or Valkey. It starts the `redis-server` or `valkey-server` in\n\
                      PATH on a free port of loopback and stops it afterwards; where there is none, it installs one\n\
                      (apt-get, apk or dnf as root, or brew), and says so. rustfmt and clippy must be there,\n\
                      cargo-deny is used where it is installed."
    )]
    Test {
        /// Names the steps and stops.
        #[arg(long)]
        list: bool,
        /// Runs only the step of this name; may be repeated.
        #[arg(long, value_name = "STEP")]
        only: Vec<String>,
    },
    /// Measures.
    #[command(after_help = "Example: cargo xtask bench codegen --runs 20")]
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    // So that no message has a path of this machine in it.
    if let Err(error) = std::env::set_current_dir(workspace::root()) {
        eprintln!("error: {}: {error}", workspace::root().display());
        return ExitCode::from(2);
    }
    let outcome = match Arguments::parse().command {
        Command::Codegen { check } => codegen::run(check),
        Command::Bless => bless::run(),
        Command::Test { list: true, .. } => Ok(suite::list()),
        Command::Test { only, .. } => suite::run(&only),
        Command::Bench(arguments) => bench::run(&arguments),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
