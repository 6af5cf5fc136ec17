//! What the generated clients cost to compile: the processor time of `cargo check` of that crate alone.

use super::median::median;
use crate::{codegen, process, workspace};
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

pub(crate) fn run(runs: u32) -> io::Result<bool> {
    // Builds what the crate depends on, which is not to be counted.
    if !process::succeeds(check())? {
        return Ok(false);
    }
    let idle = (0..runs)
        .map(|_| processor_time(check()))
        .collect::<io::Result<Vec<_>>>()?;
    let mut counted = Vec::new();
    for _ in 0..runs {
        let root_file = File::options()
            .append(true)
            .open(workspace::root().join("generated/src/lib.rs"))?;
        root_file.set_modified(SystemTime::now())?;
        counted.push(processor_time(check())?);
    }
    let idle = median(idle);
    let taken = median(counted).saturating_sub(idle);

    let lines = lines(&workspace::root().join("generated/src"))?;
    let operations = codegen::operations()?;
    println!("cargo check -p tollgate-providers --all-features, CARGO_INCREMENTAL=0, median of {runs} runs");
    println!(
        "{:>10.2} s   user + system time, cargo's own {:.2} s taken off",
        taken.as_secs_f64(),
        idle.as_secs_f64()
    );
    println!("{operations:>10}     operations");
    println!("{lines:>10}     lines");
    println!("{:>10.1}     lines per operation", ratio(lines, operations));
    println!(
        "{:>10.2} ms  per operation",
        taken.as_secs_f64() * 1e3 / ratio(operations, 1)
    );
    Ok(true)
}

fn check() -> Command {
    let mut command = process::cargo(["check", "--quiet", "--package", "tollgate-providers", "--all-features"]);
    command.env("CARGO_INCREMENTAL", "0");
    command
}

fn lines(folder: &Path) -> io::Result<usize> {
    let files = workspace::rust_files(folder)?;
    files
        .iter()
        .try_fold(0, |sum, file| Ok(sum + std::fs::read_to_string(file)?.lines().count()))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of lines and operations are far below 2^52"
)]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// User and system time of a command and its children: unlike the time on the clock, it hardly depends on what else
/// the machine does.
fn processor_time(command: Command) -> io::Result<Duration> {
    let before = time_of_children()?;
    if !process::succeeds(command)? {
        return Err(io::Error::other("`cargo check` fails; see above"));
    }
    Ok(time_of_children()?.saturating_sub(before))
}

#[cfg(unix)]
fn time_of_children() -> io::Result<Duration> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let total = usage.user_time() + usage.system_time();
    Ok(Duration::from_micros(
        total.num_microseconds().try_into().unwrap_or_default(),
    ))
}

#[cfg(not(unix))]
fn time_of_children() -> io::Result<Duration> {
    Err(io::Error::other("the processor time of children is known on Unix only"))
}
