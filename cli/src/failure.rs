//! How a command ends when it does not end well.

use std::fmt::{self, Display};
use std::io;
use std::process::ExitCode;

/// Why a command stops.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input has mistakes, or files are stale. They have been told already.
    Mistakes,
    /// Wrong usage, or a file that cannot be read or written.
    Usage {
        /// What is wrong: lower case, no period.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// Whoever read the output has gone, as `head` does.
    ReaderGone,
}

impl Failure {
    /// A wrong usage.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            help: None,
        }
    }

    /// Says what to do about it.
    pub(crate) fn help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Usage { message, .. } => Self::Usage {
                message,
                help: Some(text.into()),
            },
            other => other,
        }
    }

    /// Something could not be done to a file, or a stream.
    pub(crate) fn io(doing: impl Display, error: &io::Error) -> Self {
        Self::usage(format!("cannot {doing}: {error}"))
    }

    /// Tells it on standard error.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Mistakes => ExitCode::from(1),
            Self::ReaderGone => ExitCode::SUCCESS,
            Self::Usage { message, help } => {
                talk(format_args!("error: {message}"));
                if let Some(help) = help {
                    talk(format_args!("help: {help}"));
                }
                ExitCode::from(2)
            }
        }
    }
}

/// Writes a line of talk to standard error. `eprintln!` would panic when the reader goes away; a command does its work
/// though nobody listens.
pub(crate) fn talk(line: fmt::Arguments<'_>) {
    use std::io::Write as _;
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes data to standard output. `println!` would panic when the reader goes away.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::ReaderGone),
        Err(error) => Err(Failure::io("write to standard output", &error)),
    }
}
