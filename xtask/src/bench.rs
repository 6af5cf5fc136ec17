//! Measurements. One file per subject; each prints what it measured, over how many runs, and the median.

mod codegen;
mod compile;
mod median;

use crate::process;
use clap::Subcommand;
use std::io;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Subcommand)]
enum Subject {
    /// Limiters against a server that counts in a rolling window, time per admission, and crowds; a crate of its own, because
    /// it brings its rivals.
    Limiter {
        /// Options of that program; `-- --help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Many processes on one token through a real Redis: refusals, share of the permitted rate, questions per call.
    Redis {
        /// Options of that program; `-- --help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Processor time and allocations of a request, beside hyper, reqwest and progenitor; a workspace of its own.
    Request {
        /// Options of that program; `-- --help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Descriptor to formatted text, in memory: milliseconds, and operations per second.
    Codegen {
        /// How many runs the median is taken of.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
        runs: u32,
        /// The descriptor.
        #[arg(long, default_value = "providers/flxpoint.yaml")]
        file: String,
    },
    /// `cargo check` of the generated clients alone: processor seconds, operations, lines per operation.
    Compile {
        /// How many runs the median is taken of.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
        runs: u32,
    },
}

pub(crate) fn run(arguments: &Arguments) -> io::Result<bool> {
    match &arguments.subject {
        Subject::Limiter { options } => {
            let mut command = process::cargo(["run", "--quiet", "--release", "--package", "tollgate-bench", "--"]);
            command.args(options);
            process::succeeds(command)
        }
        Subject::Redis { options } => {
            let server = crate::redis::Server::start()?;
            let program = ["--package", "tollgate-bench", "--bin", "tollgate-bench-redis", "--"];
            let mut command = process::cargo(["run", "--quiet", "--release"].iter().chain(&program));
            command.env(crate::redis::VARIABLE, server.url()).args(options);
            process::succeeds(command)
        }
        Subject::Request { options } => {
            let mut command = process::cargo([
                "run",
                "--quiet",
                "--release",
                "--manifest-path",
                "bench/request/Cargo.toml",
                "--",
            ]);
            command.args(options);
            process::succeeds(command)
        }
        // Without optimisation the numbers would say nothing.
        Subject::Codegen { .. } if cfg!(debug_assertions) => again_in_release(),
        Subject::Codegen { runs, file } => codegen::run(*runs, file),
        Subject::Compile { runs } => compile::run(*runs),
    }
}

/// The same command line, built with optimisation.
fn again_in_release() -> io::Result<bool> {
    let mut command = process::cargo(["run", "--quiet", "--release", "--package", "xtask", "--"]);
    command.args(std::env::args_os().skip(1));
    process::succeeds(command)
}
