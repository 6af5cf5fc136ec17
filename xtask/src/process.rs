//! Commands that run in the root of the repository, with what they print passed on.

use crate::workspace;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};
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

/// Runs a command, shows each line of its standard output at once, and gives it to `read` too.
pub(crate) fn tee(mut command: Command, mut read: impl FnMut(&str)) -> io::Result<bool> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    if let Some(output) = child.stdout.take() {
        let mut lines = BufReader::new(output);
        let mut line = Vec::new();
        // By bytes: a test may print what is not UTF-8.
        while lines.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            read(text.trim_end());
            line.clear();
        }
    }
    child.wait().map(|status| status.success())
}
