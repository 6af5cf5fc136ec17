//! `tollgate show`: what the tool makes of a descriptor, stage by stage.

use crate::failure::{Failure, print};
use crate::input;
use clap::ValueEnum;
use tollgate_codegen::Options;
use tollgate_descriptor::diagnostic::Diagnostics;
use tollgate_descriptor::syntax;

/// Prints what a stage makes of a descriptor.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  tollgate show providers/flxpoint.yaml --stage model\n  \
                        tollgate show acme.yaml --stage tokens | less\n\n\
                        What is printed is for reading; it changes from version to version.")]
pub(crate) struct Arguments {
    /// The descriptor; `-` reads standard input.
    file: String,
    /// The stage to stop after.
    #[arg(long, value_enum)]
    stage: Stage,
}

#[derive(Clone, Copy, ValueEnum)]
enum Stage {
    /// What the author wrote, with its places; shown even where the descriptor has mistakes.
    Syntax,
    /// What is true: names resolved, defaults applied.
    Model,
    /// The generated code before it is formatted.
    Tokens,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match arguments.stage {
        Stage::Syntax => {
            let sources = input::read(&arguments.file)?;
            let mut diagnostics = Diagnostics::new();
            let descriptor = syntax::parse(&sources, &mut diagnostics);
            input::tell(&diagnostics, &sources);
            if let Some(descriptor) = descriptor {
                print(&format!("{descriptor:#?}\n"))?;
            }
            if diagnostics.has_errors() {
                Err(Failure::Mistakes)
            } else {
                Ok(())
            }
        }
        Stage::Model => {
            let loaded = input::load(&arguments.file)?;
            print(&format!("{:#?}\n", loaded.model))
        }
        Stage::Tokens => {
            let loaded = input::load(&arguments.file)?;
            // What cannot be generated yet has been told by `load`.
            let tokens = tollgate_codegen::tokens(&loaded.model, &Options::nested()).map_err(|_| Failure::Mistakes)?;
            print(&format!("{tokens}\n"))
        }
    }
}
