//! Everything that a change must pass, each step with a name, in two lanes.
//!
//! Steps that build in a target folder of their own are the second lane: in order, beside the first, from the moment at
//! which the tests are built. What they print is shown where they stand in the list.
//!
//! A failing step does not stop the run: one run shows every mistake. The closing lines name every step with how it
//! ended, and the last line counts the tests that the runner says it ran.

mod lane;
mod run;
mod steps;

use self::lane::Lane;
use self::run::{Console, Outcome, Report, Run};
use crate::tally::Tally;
use std::io::{self, Write};

/// A step: its name, what to run, and where.
struct Step {
    name: String,
    run: Run,
    is_beside: bool,
}

impl Step {
    fn new(name: impl Into<String>, run: Run) -> Self {
        Self {
            name: name.into(),
            run,
            is_beside: false,
        }
    }

    /// In the second lane. Its command has a target folder of its own, or it would wait for the first.
    fn beside(self) -> Self {
        Self {
            is_beside: true,
            ..self
        }
    }
}

/// Names the steps.
pub(crate) fn list() -> bool {
    for step in steps::all().unwrap_or_default() {
        println!("{}", step.name);
    }
    true
}

/// Runs the steps, or those named in `only`.
pub(crate) fn run(only: &[String]) -> io::Result<bool> {
    let all = steps::all()?;
    if let Some(unknown) = only.iter().find(|name| all.iter().all(|step| step.name != **name)) {
        return Err(io::Error::other(format!(
            "no step is called `{unknown}`; `cargo xtask test --list` names them"
        )));
    }
    let chosen = all
        .into_iter()
        .filter(|step| only.is_empty() || only.contains(&step.name))
        .collect();
    // Not locked: what runs in this process prints too.
    let mut out = io::stdout();
    let done = perform(chosen, &mut out)?;
    close(&done, &mut out)
}

/// Runs both lanes, and prints step by step in the order of the list.
fn perform(chosen: Vec<Step>, out: &mut dyn Write) -> io::Result<Vec<(String, Report)>> {
    let count = chosen.len();
    // Where nothing is built for the first lane, there is nothing to wait for.
    let begin = chosen
        .iter()
        .position(|step| step.name == steps::BUILD)
        .map_or(0, |build| build + 1);
    let mut places = Vec::new();
    let mut beside = Vec::new();
    for step in chosen {
        if step.is_beside {
            beside.push(step.run);
            places.push((step.name, None));
        } else {
            places.push((step.name, Some(step.run)));
        }
    }

    let mut lane = Lane::of(beside);
    let mut done = Vec::new();
    for (index, (name, run)) in places.into_iter().enumerate() {
        if index == begin {
            lane.start()?;
        }
        writeln!(out, "\n==> {}/{count} {name}", index + 1)?;
        let report = match run {
            Some(run) => run.report(&mut Console::Here(out)),
            None => lane.next(out)?,
        };
        done.push((name, report));
    }
    Ok(done)
}

/// Prints how each step ended, and the count of tests last.
fn close(done: &[(String, Report)], out: &mut dyn Write) -> io::Result<bool> {
    writeln!(out, "\n==> summary")?;
    let mut failed = Vec::new();
    let mut tally = Tally::default();
    for (name, report) in done {
        let (word, reason) = match &report.outcome {
            Outcome::Passed => ("ok", String::new()),
            Outcome::Skipped(reason) => ("skipped", format!(": {reason}")),
            Outcome::Failed(reason) => {
                failed.push(name.as_str());
                ("FAILED", format!(": {reason}"))
            }
        };
        writeln!(out, "{word:>8}  {:>6.1} s  {name}{reason}", report.took.as_secs_f64())?;
        tally += report.tally;
    }
    if !failed.is_empty() {
        writeln!(out, "steps that failed: {}", failed.join(", "))?;
    }
    writeln!(out, "{tally}")?;
    Ok(failed.is_empty())
}

#[cfg(test)]
mod tests;
