//! Commands that run in the root of the repository, with what they print passed on.

use crate::workspace;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, PipeReader};
use std::process::{Command, Stdio};

/// Cargo, the one that runs this.
pub(crate) fn cargo<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(workspace::root());
    command
}

/// Whether a command says that it succeeded.
pub(crate) fn succeeds(mut command: Command) -> io::Result<bool> {
    command.status().map(|status| status.success())
}

/// Whether a command can be run at all; what it prints is thrown away.
pub(crate) fn available(mut command: Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Runs a command, and gives each line of its standard output to `read` at once. Its standard error is passed on.
pub(crate) fn tee(mut command: Command, read: &mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<bool> {
    let (output, end) = io::pipe()?;
    command.stdout(end);
    follow(command, output, read)
}

/// As [`tee`], with the lines of its standard error among them, in the order in which both come. It cannot ask anything.
pub(crate) fn capture(mut command: Command, read: &mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<bool> {
    let (output, end) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(end.try_clone()?).stderr(end);
    follow(command, output, read)
}

fn follow(mut command: Command, output: PipeReader, read: &mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<bool> {
    let mut child = command.spawn()?;
    // It holds the end that is written to, and the loop would wait for that to close.
    drop(command);
    let mut lines = BufReader::new(output);
    let mut line = Vec::new();
    // By bytes: a test may print what is not UTF-8.
    while lines.read_until(b'\n', &mut line)? > 0 {
        read(&String::from_utf8_lossy(&line))?;
        line.clear();
    }
    child.wait().map(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::capture;
    use std::process::Command;

    /// Set in the process that prints.
    const PRINTS: &str = "TOLLGATE_TEST_PRINTS";

    #[test]
    fn both_outputs_are_captured_in_the_order_in_which_they_come() {
        if std::env::var_os(PRINTS).is_some() {
            for number in 0..3 {
                println!("out {number}");
                eprintln!("err {number}");
            }
            return;
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "--nocapture"])
            .arg("process::tests::both_outputs_are_captured_in_the_order_in_which_they_come")
            .env(PRINTS, "1");
        let mut lines = Vec::new();
        let passed = capture(command, &mut |line| {
            lines.push(line.trim_end().to_owned());
            Ok(())
        });
        assert!(passed.unwrap());
        lines.retain(|line| line.starts_with("out ") || line.starts_with("err "));
        assert_eq!(lines, ["out 0", "err 0", "out 1", "err 1", "out 2", "err 2"]);
    }
}
