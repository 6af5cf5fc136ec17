//! From a file name on the command line to a checked model, with everything there is to say about it said.

use crate::failure::{Failure, talk};
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;
use tollgate_descriptor::diagnostic::{Diagnostics, Severity};
use tollgate_descriptor::model::Model;
use tollgate_descriptor::source::Sources;
use tollgate_descriptor::syntax::{self, Descriptor};

/// What standard input is called in messages.
const STANDARD_INPUT: &str = "<stdin>";

/// A descriptor that has no mistakes.
pub(crate) struct Loaded {
    /// What the author wrote.
    pub(crate) descriptor: Option<Descriptor>,
    /// What is true.
    pub(crate) model: Model,
}

/// Reads a descriptor and the files that it includes; `-` is standard input.
pub(crate) fn read(file: &str) -> Result<Sources, Failure> {
    if file == "-" {
        let mut text = String::new();
        io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Failure::io("read standard input", &error))?;
        return Ok(Sources::load(STANDARD_INPUT, text, |included| {
            std::fs::read_to_string(included)
        }));
    }
    if Path::new(file).is_dir() {
        return Err(Failure::usage(format!("`{file}` is a folder")).help(format!("name its files: `{file}/*.yaml`")));
    }
    Sources::read(file).map_err(|error| {
        let failure = Failure::io(format_args!("read `{file}`"), &error);
        match error.kind() {
            io::ErrorKind::NotFound => {
                failure.help("paths are relative to the current folder; `-` reads standard input")
            }
            io::ErrorKind::InvalidData => failure.help("a descriptor is UTF-8 text"),
            _ => failure,
        }
    })
}

/// Reads and checks a descriptor, and tells every problem on standard error.
pub(crate) fn load(file: &str) -> Result<Loaded, Failure> {
    let sources = read(file)?;
    let (model, diagnostics) = check(&sources);
    tell(&diagnostics, &sources);
    let descriptor = syntax::parse(&sources, &mut Diagnostics::new());
    model.map(|model| Loaded { descriptor, model }).ok_or(Failure::Mistakes)
}

/// The model, if there is one, and every problem: errors, lints, and what cannot be generated yet.
pub(crate) fn check(sources: &Sources) -> (Option<Model>, Diagnostics) {
    match tollgate_descriptor::load(sources) {
        Ok(loaded) => {
            let mut diagnostics = loaded.lints;
            diagnostics.extend(loaded.model.unsupported.iter().cloned());
            (Some(loaded.model), diagnostics)
        }
        Err(diagnostics) => (None, diagnostics),
    }
}

/// Draws problems on standard error.
pub(crate) fn tell(diagnostics: &Diagnostics, sources: &Sources) {
    if !diagnostics.is_empty() {
        talk(format_args!("{}", diagnostics.render(sources, colour()).trim_end()));
        talk(format_args!(""));
    }
}

/// How many errors and how many lints there are.
pub(crate) fn counts(diagnostics: &Diagnostics) -> (usize, usize) {
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .count();
    (errors, diagnostics.len() - errors)
}

/// Whether standard error shows colour: a terminal that can, and nobody who minds (<https://no-color.org>).
fn colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    io::stderr().is_terminal() && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
