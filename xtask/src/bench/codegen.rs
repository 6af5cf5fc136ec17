//! Descriptor to text, in memory, stage by stage.

use super::median::median;
use crate::codegen::read;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};
use tollgate_codegen::{Options, generate, print};
use tollgate_descriptor::load;

pub(crate) fn run(runs: u32, file: &str) -> io::Result<bool> {
    let sources = read(Path::new(file))?;
    let (mut checked, mut generated, mut formatted) = (Vec::new(), Vec::new(), Vec::new());
    let (mut operations, mut lines) = (0, 0);
    for _ in 0..runs {
        let started = Instant::now();
        let model = load(&sources)
            .map_err(|found| io::Error::other(found.render(&sources, false)))?
            .model;
        checked.push(started.elapsed());

        let started = Instant::now();
        let files = generate(&model, &Options::checked_in());
        let files = files.map_err(|found| io::Error::other(found.render(&sources, false)))?;
        generated.push(started.elapsed());

        let started = Instant::now();
        let files = print::format(files).map_err(io::Error::other)?;
        formatted.push(started.elapsed());

        operations = model.operations().count();
        lines = files.iter().map(|(_, text)| text.lines().count()).sum();
    }
    let (checked, generated, formatted) = (median(checked), median(generated), median(formatted));
    println!("{file}, median of {runs} runs");
    println!("{:>10.1} ms  read and checked", milliseconds(checked));
    println!(
        "{:>10.1} ms  generated and printed, as in build.rs",
        milliseconds(generated)
    );
    println!(
        "{:>10.1} ms  formatted by rustfmt, as for checked-in code",
        milliseconds(formatted)
    );
    println!("{operations:>10}     operations, {lines} lines");
    let operations = u32::try_from(operations).map_or(0.0, f64::from);
    println!(
        "{:>10.0}     operations per second, without rustfmt",
        operations / (checked + generated).as_secs_f64()
    );
    println!(
        "{:>10.0}     operations per second, with it",
        operations / (checked + generated + formatted).as_secs_f64()
    );
    Ok(true)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
