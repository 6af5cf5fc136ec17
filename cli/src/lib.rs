//! The command line of Tollgate.
//!
//! Data goes to standard output, talk to standard error. The exit code is 0 when all is well, 1 when the input has
//! mistakes (or `generate --check` finds stale files), and 2 for a wrong command line or a file that cannot be read or
//! written.
//!
//! It is a library too, for what other programs can use: the scope matrix as a table, [`matrix::Matrix`].

pub mod matrix;

mod check;
mod explain;
mod failure;
mod generate;
mod input;
mod mock;
mod show;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// One YAML descriptor per API provider: check it, generate its typed client, look inside, and serve it.
#[derive(Parser)]
#[command(
    name = "tollgate",
    version,
    after_help = "Exit codes: 0 all is well, 1 the input has mistakes or files are stale, 2 wrong usage or I/O.\n\
                  Colour is used on terminals only, and not where NO_COLOR is set."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Generate(generate::Arguments),
    Matrix(matrix::Arguments),
    Show(show::Arguments),
    Explain(explain::Arguments),
    Mock(mock::Arguments),
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Matrix(arguments) => matrix::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Mock(arguments) => mock::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
