//! `tollgate explain`: what a code means, an example of it, and the way out.

use crate::failure::{Failure, print};
use std::fmt::Write as _;
use tollgate_descriptor::diagnostic::{Code, Severity, suggest};

/// Explains a diagnostic, or lists all of them.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  tollgate explain E045\n  tollgate explain operation_without_scope\n  tollgate explain"
)]
pub(crate) struct Arguments {
    /// The number or the name of a diagnostic; without it all are listed.
    code: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Some(text) = &arguments.code else {
        return print(&catalogue());
    };
    let Some(code) = Code::parse(text) else {
        let known = Code::ALL.iter().flat_map(|code| [code.id(), code.name()]);
        let failure = Failure::usage(format!("no diagnostic is called `{text}`"));
        return Err(match suggest::nearest(text, known) {
            Some(near) => failure.help(format!("did you mean `{near}`? `tollgate explain` lists all of them")),
            None => failure.help("`tollgate explain` lists all of them"),
        });
    };
    print(&format!(
        "{} ({})\n\n{}\n",
        code.id(),
        code.name(),
        code.explain().trim()
    ))
}

fn catalogue() -> String {
    let mut text = String::new();
    for (severity, title) in [
        (Severity::Error, "Errors"),
        (Severity::Lint, "Lints, silenced by `allow` with a reason"),
    ] {
        let _ = writeln!(text, "{title}");
        for code in Code::ALL.iter().filter(|code| code.severity() == severity) {
            let _ = writeln!(text, "  {}  {:<24}  {}", code.id(), code.name(), code.title());
        }
        text.push('\n');
    }
    text.push_str("`tollgate explain CODE` says more about one of them.\n");
    text
}
