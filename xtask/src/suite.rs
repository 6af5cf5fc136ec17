//! Everything that a change must pass, in order, each step with a name.
//!
//! A failing step does not stop the run: one run shows every mistake. The closing lines name every step with how it
//! ended, and the last line counts the tests that the runner says it ran.

use crate::{codegen, process, redis, tally::Tally, workspace};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A step: its name, and what to run.
struct Step {
    name: String,
    run: Run,
}

enum Run {
    /// The command must succeed.
    Command(Command),
    /// As `Command`, where a cargo subcommand is there; or else it fails and says how to install it.
    With(&'static str, Command),
    /// As `Command`, where a cargo subcommand is there; or else it is skipped.
    Optional(&'static str, Command),
    /// As `Command`, beside a real Redis, and its `test result:` lines count.
    Tests(Command),
    /// The files in generated/ are what the descriptors say.
    Fresh,
}

enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// Names the steps.
pub(crate) fn list() -> bool {
    for step in steps().unwrap_or_default() {
        println!("{}", step.name);
    }
    true
}

/// Runs the steps, or those named in `only`.
pub(crate) fn run(only: &[String]) -> io::Result<bool> {
    let all = steps()?;
    if let Some(unknown) = only.iter().find(|name| all.iter().all(|step| step.name != **name)) {
        return Err(io::Error::other(format!(
            "no step is called `{unknown}`; `cargo xtask test --list` names them"
        )));
    }
    let chosen: Vec<Step> = all
        .into_iter()
        .filter(|step| only.is_empty() || only.contains(&step.name))
        .collect();

    let mut tally = Tally::default();
    let mut done = Vec::new();
    let count = chosen.len();
    for (index, step) in chosen.into_iter().enumerate() {
        println!("\n==> {}/{count} {}", index + 1, step.name);
        let started = Instant::now();
        let outcome = step
            .run
            .perform(&mut tally)
            .unwrap_or_else(|error| Outcome::Failed(error.to_string()));
        done.push((step.name, outcome, started.elapsed()));
    }
    Ok(close(&done, tally))
}

/// Prints how each step ended, and the count of tests last.
fn close(done: &[(String, Outcome, Duration)], tally: Tally) -> bool {
    println!("\n==> summary");
    let mut failed = Vec::new();
    for (name, outcome, took) in done {
        let (word, reason) = match outcome {
            Outcome::Passed => ("ok", String::new()),
            Outcome::Skipped(reason) => ("skipped", format!(": {reason}")),
            Outcome::Failed(reason) => {
                failed.push(name.as_str());
                ("FAILED", format!(": {reason}"))
            }
        };
        println!("{word:>8}  {:>6.1} s  {name}{reason}", took.as_secs_f64());
    }
    if !failed.is_empty() {
        println!("steps that failed: {}", failed.join(", "));
    }
    println!("{tally}");
    failed.is_empty()
}

impl Run {
    fn perform(self, tally: &mut Tally) -> io::Result<Outcome> {
        match self {
            Self::Command(command) => execute(command, process::succeeds),
            Self::Tests(mut command) => {
                // Without one, the tests that need it fail, and the others need not wait for that.
                let server = redis::Server::start().inspect_err(|error| println!("    {error}")).ok();
                if let Some(server) = &server {
                    command.env(redis::VARIABLE, server.url());
                }
                execute(command, |command| process::tee(command, |line| tally.read(line)))
            }
            Self::With(tool, command) => {
                if process::available(process::cargo([tool, "--version"])) {
                    execute(command, process::succeeds)
                } else {
                    let component = if tool == "fmt" { "rustfmt" } else { tool };
                    Ok(Outcome::Failed(format!(
                        "not installed; rustup component add {component}"
                    )))
                }
            }
            Self::Optional(tool, command) => {
                if process::available(process::cargo([tool, "--version"])) {
                    execute(command, process::succeeds)
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

/// Shows a command as it could be typed, and runs it.
fn execute(command: Command, run: impl FnOnce(Command) -> io::Result<bool>) -> io::Result<Outcome> {
    let shown: Vec<_> = command
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let program = Path::new(command.get_program())
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let shown = format!("{program} {}", shown.join(" "));
    println!("    {shown}");
    let passed = run(command)?;
    Ok(if passed {
        Outcome::Passed
    } else {
        Outcome::Failed(shown)
    })
}

/// Every step, in order: the quick ones first.
fn steps() -> io::Result<Vec<Step>> {
    let step = |name: &str, run: Run| Step {
        name: name.to_owned(),
        run,
    };
    let deny_warnings = |arguments: &[&str]| {
        let mut command = process::cargo(arguments);
        command.env("RUSTDOCFLAGS", "-D warnings");
        command
    };
    // With the features of `test`, so that nothing is built once more.
    let ours = |example: &str| process::cargo(["run", "--quiet", "--all-features", "--example", example]);
    let mut tests = process::cargo(["test", "--workspace", "--all-features", "--no-fail-fast"]);
    // A snapshot that differs is a failure, and leaves no file behind.
    tests.env("INSTA_UPDATE", "no");

    let mut steps = vec![
        step("format", Run::With("fmt", process::cargo(["fmt", "--all", "--check"]))),
        step("generated-fresh", Run::Fresh),
        // In a process of its own: whatever differs from process to process would show.
        step("generated-deterministic", Run::Command(again()?)),
        step(
            "clippy",
            Run::With(
                "clippy",
                process::cargo([
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--all-features",
                    "--",
                    "-D",
                    "warnings",
                ]),
            ),
        ),
        step(
            "runtime-alone",
            Run::Command(process::cargo(["check", "-p", "tollgate", "--no-default-features"])),
        ),
        step("test", Run::Tests(tests)),
        step("loom", Run::Tests(loom())),
        step(
            "doc",
            Run::Command(deny_warnings(&["doc", "--workspace", "--no-deps", "--all-features"])),
        ),
        step("quickstart", Run::Command(ours("quickstart"))),
        step("observe", Run::Command(ours("observe"))),
    ];
    for manifest in workspace::example_crates()? {
        steps.extend(example(&manifest));
    }
    steps.push(step("deny", Run::Optional("deny", process::cargo(["deny", "check"]))));
    Ok(steps)
}

/// The limits' lock under a scheduler that tries every order. The flag would build everything anew, so it has a folder of
/// its own.
fn loom() -> Command {
    let arguments = [
        "test",
        "-p",
        "tollgate",
        "--no-default-features",
        "--lib",
        "limit::orders",
    ];
    let mut command = process::cargo(arguments);
    command
        .env("RUSTFLAGS", "--cfg tollgate_loom")
        .env("CARGO_TARGET_DIR", target_folder().join("loom"));
    command
}

/// This program once more, to compare generated/ with what another process generates.
fn again() -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["codegen", "--check"]).current_dir(workspace::root());
    Ok(command)
}

/// An example crate as its user would build it: form, lints, then its `main`, which checks itself.
fn example(manifest: &Path) -> [Step; 3] {
    let folder = manifest.parent().unwrap_or(manifest);
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let manifest = folder
        .strip_prefix(workspace::root())
        .unwrap_or(folder)
        .join("Cargo.toml");
    let manifest = manifest.to_string_lossy();
    let cargo = |arguments: &[&str]| {
        let mut command = process::cargo(arguments);
        // One folder for all of them, so that their dependencies are built once.
        command.env("CARGO_TARGET_DIR", target_folder().join("examples"));
        command
    };
    [
        Step {
            name: format!("example-{name}-format"),
            run: Run::With("fmt", cargo(&["fmt", "--manifest-path", &manifest, "--check"])),
        },
        Step {
            name: format!("example-{name}-clippy"),
            run: Run::With(
                "clippy",
                cargo(&[
                    "clippy",
                    "--manifest-path",
                    &manifest,
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ]),
            ),
        },
        Step {
            name: format!("example-{name}"),
            run: Run::Command(cargo(&["run", "--quiet", "--manifest-path", &manifest])),
        },
    ]
}

/// Where cargo builds, as it was told.
fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace::root().join("target"), PathBuf::from)
}
