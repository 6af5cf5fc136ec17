//! What a step runs, and how it ends.

use super::lane::Event;
use crate::tally::Tally;
use crate::{codegen, process, redis};
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

pub(super) enum Run {
    /// The command must succeed.
    Command(Command),
    /// As `Command`, where a cargo subcommand is there; or else it fails and says how to install it.
    With(&'static str, Command),
    /// As `Command`, where a cargo subcommand is there; or else it is skipped.
    Optional(&'static str, Command),
    /// As `Command`, and its `test result:` lines count.
    Tests(Command),
    /// As `Tests`, beside a real Redis. Of the first lane only, for the server tells at once what becomes of it.
    RedisTests(Command),
    /// The files in generated/ are what the descriptors say. Of the first lane only, for it prints at once.
    Fresh,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// How a step ended.
pub(super) struct Report {
    pub(super) outcome: Outcome,
    pub(super) took: Duration,
    pub(super) tally: Tally,
}

/// Where a step prints.
pub(super) enum Console<'a> {
    /// Here and now.
    Here(&'a mut dyn Write),
    /// To the first lane, which prints it in its place.
    Lane(&'a Sender<Event>),
}

impl Run {
    pub(super) fn report(self, console: &mut Console<'_>) -> Report {
        let started = Instant::now();
        let mut tally = Tally::default();
        let outcome = self
            .perform(console, &mut tally)
            .unwrap_or_else(|error| Outcome::Failed(error.to_string()));
        Report {
            outcome,
            took: started.elapsed(),
            tally,
        }
    }

    fn perform(self, console: &mut Console<'_>, tally: &mut Tally) -> io::Result<Outcome> {
        match self {
            Self::Command(command) => console.execute(command),
            Self::Tests(command) => console.count(command, tally),
            Self::RedisTests(mut command) => {
                // Without one, the tests that need it fail, and the others need not wait for that.
                let server = redis::Server::start().inspect_err(|error| println!("    {error}")).ok();
                if let Some(server) = &server {
                    command.env(redis::VARIABLE, server.url());
                }
                console.count(command, tally)
            }
            Self::With(tool, command) => {
                if process::available(process::cargo([tool, "--version"])) {
                    console.execute(command)
                } else {
                    let component = if tool == "fmt" { "rustfmt" } else { tool };
                    Ok(Outcome::Failed(format!(
                        "not installed; rustup component add {component}"
                    )))
                }
            }
            Self::Optional(tool, command) => {
                if process::available(process::cargo([tool, "--version"])) {
                    console.execute(command)
                } else {
                    Ok(Outcome::Skipped(format!(
                        "cargo-{tool} is not installed, so nothing was checked"
                    )))
                }
            }
            Self::Fresh => {
                let fresh = codegen::run(true)?;
                Ok(if fresh {
                    Outcome::Passed
                } else {
                    Outcome::Failed("run `cargo xtask codegen`".to_owned())
                })
            }
        }
    }
}

impl Console<'_> {
    /// Shows a command, and runs it.
    fn execute(&mut self, command: Command) -> io::Result<Outcome> {
        let shown = self.show(&command)?;
        let passed = match self {
            // With the terminal, if there is one: cargo shows its progress.
            Self::Here(_) => process::succeeds(command)?,
            Self::Lane(_) => process::capture(command, &mut |line| self.print(line))?,
        };
        Ok(ended(passed, shown))
    }

    /// Shows a command, runs it, and counts the tests that it says it ran.
    fn count(&mut self, command: Command, tally: &mut Tally) -> io::Result<Outcome> {
        let shown = self.show(&command)?;
        let follow = match self {
            Self::Here(_) => process::tee,
            Self::Lane(_) => process::capture,
        };
        let passed = follow(command, &mut |line: &str| {
            tally.read(line.trim_end());
            self.print(line)
        })?;
        Ok(ended(passed, shown))
    }

    /// A command as it could be typed.
    fn show(&mut self, command: &Command) -> io::Result<String> {
        let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
        let words: Vec<_> = std::iter::once(program)
            .chain(command.get_args())
            .map(|word| word.to_string_lossy())
            .collect();
        let shown = words.join(" ");
        self.print(&format!("    {shown}\n"))?;
        Ok(shown)
    }

    fn print(&mut self, text: &str) -> io::Result<()> {
        match self {
            Self::Here(out) => out.write_all(text.as_bytes()),
            // Where nobody listens any more, the run has ended.
            Self::Lane(events) => events.send(Event::Printed(text.to_owned())).map_err(io::Error::other),
        }
    }
}

fn ended(passed: bool, shown: String) -> Outcome {
    if passed {
        Outcome::Passed
    } else {
        Outcome::Failed(shown)
    }
}
