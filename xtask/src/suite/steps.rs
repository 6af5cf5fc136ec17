//! Every step there is.

use super::Step;
use super::run::Run;
use crate::{process, workspace};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The step that builds the tests. Once it has ended, the second lane starts.
pub(super) const BUILD: &str = "test-build";

/// All of them, in order: the quick ones first.
pub(super) fn all() -> io::Result<Vec<Step>> {
    let deny_warnings = |arguments: &[&str]| {
        let mut command = process::cargo(arguments);
        command.env("RUSTDOCFLAGS", "-D warnings");
        command
    };
    // The command that the README has, so with the features that its reader gets.
    let ours = |example: &str| process::cargo(["run", "--quiet", "--example", example]);
    let mut build = tests();
    build.arg("--no-run");

    let mut steps = vec![
        Step::new("format", Run::With("fmt", process::cargo(["fmt", "--all", "--check"]))),
        Step::new("generated-fresh", Run::Fresh),
        // In a process of its own: whatever differs from process to process would show.
        Step::new("generated-deterministic", Run::Command(again()?)),
        Step::new(
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
        Step::new(
            "runtime-alone",
            Run::Command(process::cargo(["check", "-p", "tollgate", "--no-default-features"])),
        ),
        Step::new(BUILD, Run::Command(build)),
        Step::new("test", Run::RedisTests(tests())),
        Step::new("loom", Run::Tests(loom())).beside(),
        Step::new(
            "doc",
            Run::Command(deny_warnings(&["doc", "--workspace", "--no-deps", "--all-features"])),
        ),
        Step::new("quickstart", Run::Command(ours("quickstart"))),
        Step::new("observe", Run::Command(ours("observe"))),
    ];
    for manifest in workspace::example_crates()? {
        steps.extend(example(&manifest));
    }
    steps.push(Step::new(
        "deny",
        Run::Optional("deny", process::cargo(["deny", "check"])),
    ));
    Ok(steps)
}

/// All tests of the workspace. The step that builds them differs in one argument, so that nothing is built twice.
fn tests() -> Command {
    let mut command = process::cargo(["test", "--workspace", "--all-features", "--no-fail-fast"]);
    // A snapshot that differs is a failure, and leaves no file behind.
    command.env("INSTA_UPDATE", "no");
    command
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
    let step = |suffix: &str, run: Run| Step::new(format!("example-{name}{suffix}"), run).beside();
    [
        step(
            "-format",
            Run::With("fmt", cargo(&["fmt", "--manifest-path", &manifest, "--check"])),
        ),
        step(
            "-clippy",
            Run::With(
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
        ),
        step(
            "",
            Run::Command(cargo(&["run", "--quiet", "--manifest-path", &manifest])),
        ),
    ]
}

/// Where cargo builds, as it was told.
fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace::root().join("target"), PathBuf::from)
}
