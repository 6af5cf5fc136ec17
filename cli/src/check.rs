//! `tollgate check`: every problem of every descriptor, in the words of `build.rs` and `provider!`.

use crate::failure::{Failure, talk};
use crate::input;
use tollgate_descriptor::model::Model;

/// Checks descriptors and tells every error and lint.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  tollgate check providers/*.yaml\n  tollgate check --deny-lints acme.yaml\n  \
                        cat acme.yaml | tollgate check -"
)]
pub(crate) struct Arguments {
    /// The descriptors; `-` reads standard input.
    #[arg(required = true)]
    files: Vec<String>,
    /// Lints are mistakes too.
    #[arg(long)]
    deny_lints: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    // A file that cannot be read must not hide the mistakes of the others.
    let mut unreadable = Vec::new();
    let mut mistakes = false;
    for file in &arguments.files {
        let sources = match input::read(file) {
            Ok(sources) => sources,
            Err(failure) => {
                unreadable.push(failure);
                continue;
            }
        };
        let (model, diagnostics) = input::check(&sources);
        input::tell(&diagnostics, &sources);
        let (errors, lints) = input::counts(&diagnostics);
        mistakes |= errors > 0 || (arguments.deny_lints && lints > 0);
        talk(format_args!("{file}: {}", verdict(model.as_ref(), errors, lints)));
    }
    let last = unreadable.pop();
    for failure in unreadable {
        failure.report();
    }
    match last {
        Some(failure) => Err(failure),
        None if mistakes => Err(Failure::Mistakes),
        None => Ok(()),
    }
}

fn verdict(model: Option<&Model>, errors: usize, lints: usize) -> String {
    let lints = match lints {
        0 => String::new(),
        lints => format!(", {}", counted(lints, "lint")),
    };
    match model {
        Some(model) if errors == 0 => {
            let operations = counted(model.operations().count(), "operation");
            format!(
                "ok, {operations} in {}{lints}",
                counted(model.resources.len(), "resource")
            )
        }
        _ => format!("{}{lints}", counted(errors, "error")),
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
