//! Runs the binary and keeps what it said.

use std::fmt;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A run of the binary: exit code, standard output, standard error.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) data: String,
    pub(crate) talk: String,
}

/// The binary, in the folder of the test descriptors, so that no path in its output depends on the machine.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/descriptors"));
    command
}

/// Runs it with arguments.
pub(crate) fn run(arguments: &[&str]) -> Run {
    program()
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
        .into()
}

/// Runs it with arguments and something on standard input.
pub(crate) fn run_with_input(arguments: &[&str], input: &str) -> Run {
    let piped = program()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = piped.expect("the binary runs");
    child
        .stdin
        .take()
        .expect("it was piped")
        .write_all(input.as_bytes())
        .expect("it reads");
    child.wait_with_output().expect("it ends").into()
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            data: String::from_utf8(output.stdout).expect("UTF-8"),
            talk: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "exit code: {:?}\n--- stdout\n{}--- stderr\n{}",
            self.code, self.data, self.talk
        )
    }
}

#[test]
fn help_of_every_subcommand_has_an_example() {
    for command in ["check", "generate", "matrix", "show", "explain", "mock"] {
        let help = run(&[command, "--help"]);
        assert_eq!(help.code, Some(0));
        assert!(help.data.contains("Example"), "{command}: {help}");
        assert!(help.data.contains(&format!("tollgate {command}")), "{command}: {help}");
    }
}

#[test]
fn wrong_usage_is_exit_code_2_and_prints_no_data() {
    for arguments in [
        &["frobnicate"][..],
        &[],
        &["check"],
        &["show", "shop.yaml"],
        &["matrix", "shop.yaml", "--format", "pdf"],
    ] {
        let run = run(arguments);
        assert_eq!(run.code, Some(2), "{run}");
        assert_eq!(run.data, "");
    }
}
