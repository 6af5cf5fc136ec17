//! `tollgate generate`: writes the clients of descriptors, or says which files are stale.

use crate::failure::{self, Failure, talk};
use crate::input;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use tollgate_codegen::disk::{self, Outcome};
use tollgate_codegen::print;
use tollgate_codegen::{Files, Options};

/// Writes the Rust clients of descriptors; files that are up to date are not touched.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  tollgate generate api/acme.yaml --out src\n  \
                        tollgate generate api/*.yaml --out src --check\n\n\
                        Name all descriptors whose clients are in DIR in one run: a generated file that none of them\n\
                        makes any more is removed. Files without the mark of the generator are never touched.")]
pub(crate) struct Arguments {
    /// The descriptors.
    #[arg(required = true)]
    files: Vec<String>,
    /// Where `acme.rs` and `acme/…` go.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Writes nothing; lists what would change, and fails if anything would.
    #[arg(long)]
    check: bool,
    /// Leaves the direction in which a model does not travel (reading requests, writing answers) to a feature `full`
    /// of the crate, which must declare it. Saves compile time.
    #[arg(long)]
    gate_full: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.files.iter().any(|file| file == "-") {
        let failure = Failure::usage("`generate` cannot read standard input");
        return Err(failure.help("the descriptor's path is written into the code; name the file"));
    }
    let files = generate(arguments)?;
    if arguments.check {
        let stale = disk::list(&files, &arguments.out).map_err(|error| failed(&error))?;
        return report_stale(&stale, &arguments.out);
    }
    let outcome = disk::write(&files, &arguments.out).map_err(|error| failed(&error))?;
    failure::print(&listed(&outcome, &arguments.out))?;
    let Outcome {
        written,
        removed,
        unchanged,
    } = outcome;
    talk(format_args!(
        "{} written, {} removed, {unchanged} up to date",
        written.len(),
        removed.len()
    ));
    Ok(())
}

/// All files of all descriptors, or nothing: one bad descriptor must not leave half of the others behind.
fn generate(arguments: &Arguments) -> Result<Files, Failure> {
    let mut options = Options::checked_in();
    options.gate_full = arguments.gate_full;
    let mut files = Files::new();
    let mut mistakes = false;
    let mut providers = BTreeMap::new();
    for file in &arguments.files {
        match input::load(file) {
            Ok(loaded) => {
                let provider = loaded.model.provider.id.clone();
                // What cannot be generated yet has been told by `load`.
                match tollgate_codegen::generate(&loaded.model, &options) {
                    Ok(more) => files.extend(more),
                    Err(_) => mistakes = true,
                }
                // The one would be written over the other.
                if let Some(other) = providers.insert(provider, file) {
                    talk(format_args!(
                        "error: `{other}` and `{file}` describe a provider of one name"
                    ));
                    mistakes = true;
                }
            }
            Err(Failure::Mistakes) => mistakes = true,
            Err(failure) => return Err(failure),
        }
    }
    if mistakes {
        return Err(Failure::Mistakes);
    }
    print::format(files).map_err(|error| failed(&error))
}

fn report_stale(stale: &Outcome, out: &Path) -> Result<(), Failure> {
    if stale.is_unchanged() {
        talk(format_args!("{} up to date", stale.unchanged));
        return Ok(());
    }
    failure::print(&listed(stale, out))?;
    talk(format_args!("the files above are not what the descriptors say"));
    talk(format_args!("help: run the same command without --check"));
    Err(Failure::Mistakes)
}

fn listed(outcome: &Outcome, out: &Path) -> String {
    let written = outcome
        .written
        .iter()
        .map(|path| format!("{}\n", out.join(path).display()));
    let removed = outcome
        .removed
        .iter()
        .map(|path| format!("{} (removed)\n", out.join(path).display()));
    written.chain(removed).collect()
}

fn failed(error: &dyn Error) -> Failure {
    Failure::usage(error.to_string())
}
