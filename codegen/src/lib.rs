//! Generates typed API clients from Tollgate provider descriptors.
//!
//! A checked [`Model`] goes in, Rust comes out. Nothing in between can fail: what a descriptor may say wrongly, the
//! check before this crate has said already. There are three front doors, and they give the same tokens:
//!
//! - **Checked in.** [`generate`] with [`Options::checked_in`] gives one file per resource for a crate of its own;
//!   [`Files::crate_of`] joins the providers of such a crate, [`print::format`] runs rustfmt over them, and [`disk`]
//!   writes or compares them.
//! - **`build.rs`.** [`configure`] reads descriptors and writes one file each into `OUT_DIR`, which
//!   `tollgate::include_provider!` includes.
//! - **The macro** `tollgate::provider!` expands to what [`tokens`] gives.
//!
//! ```text
//! Model ─▶ emit ─▶ tokens ─▶ print ─▶ text ─▶ files ─▶ disk
//! ```

#![allow(
    clippy::single_match_else,
    reason = "to clippy every `quote!` is a block, and here both arms are templates"
)]

pub mod cases;
pub mod disk;
mod emit;
mod files;
mod module;
pub mod print;
pub mod script;

pub use self::{
    files::Files,
    script::{Script, ScriptError, configure},
};

use proc_macro2::TokenStream;
use tollgate_descriptor::{diagnostic::Diagnostics, model::Model};

/// How output differs between the front doors. It never differs in what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Whether serde's direction that a model does not need (reading a request, writing an answer) is left to the
    /// feature `full` of the crate that holds the output. Otherwise both directions are there.
    pub gate_full: bool,
    /// Whether the output is one module that stands anywhere, and not files of a crate of its own.
    pub nested: bool,
}

impl Options {
    /// Files of a crate that is checked in.
    #[must_use]
    pub fn checked_in() -> Self {
        Self {
            gate_full: true,
            nested: false,
        }
    }

    /// One module, for `build.rs` and the macro.
    #[must_use]
    pub fn nested() -> Self {
        Self {
            gate_full: false,
            nested: true,
        }
    }
}

/// The client of a provider as text: files by their path, `acme.rs` and `acme/orders.rs`, or `acme.rs` alone with
/// everything nested in it.
///
/// # Errors
///
/// The descriptor says something that is read and checked, and not generated yet (`not supported yet`).
pub fn generate(model: &Model, options: &Options) -> Result<Files, Diagnostics> {
    let module = supported(model).map(|model| emit::emit(model, options))?;
    Ok(if options.nested {
        Files::nested(&module, model)
    } else {
        Files::of(&module, model)
    })
}

/// The client of a provider as one module `pub mod acme { … }`.
///
/// # Errors
///
/// As [`generate`].
pub fn tokens(model: &Model, options: &Options) -> Result<TokenStream, Diagnostics> {
    supported(model).map(|model| emit::emit(model, options).nested())
}

fn supported(model: &Model) -> Result<&Model, Diagnostics> {
    if model.unsupported.is_empty() {
        return Ok(model);
    }
    let mut diagnostics = Diagnostics::new();
    diagnostics.extend(model.unsupported.iter().cloned());
    Err(diagnostics)
}
