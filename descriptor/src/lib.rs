//! Reads Tollgate provider descriptors: YAML to a checked model, with diagnostics.
//!
//! ```text
//! Sources ──▶ syntax ──▶ check ──▶ Model
//!   text      places     truth
//! ```
//!
//! ```
//! use tollgate_descriptor::{load, source::Sources};
//!
//! let sources = Sources::from_text("shop.yaml", "descriptor: 1\nprovder: shop\n");
//! let diagnostics = load(&sources).unwrap_err();
//! assert!(diagnostics.render(&sources, false).contains("did you mean `provider`?"));
//! ```

pub mod check;
pub mod diagnostic;
pub mod model;
pub mod source;
pub mod span;
pub mod syntax;

use crate::{diagnostic::Diagnostics, model::Model, source::Sources};
use jiff::{Zoned, civil::Date};

/// A descriptor without errors.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// What it says.
    pub model: Model,
    /// What is probably not meant, ordered by place. Those that `allow` silences are left out.
    pub lints: Diagnostics,
}

/// Reads and checks a descriptor; the age of its facts is counted from today.
///
/// # Errors
///
/// Everything that is wrong, lints among it, ordered by place.
pub fn load(sources: &Sources) -> Result<Loaded, Diagnostics> {
    load_at(sources, Zoned::now().date())
}

/// As [`load`] on a day of one's choice, for output that must not change from day to day.
///
/// # Errors
///
/// Everything that is wrong, lints among it, ordered by place.
pub fn load_at(sources: &Sources, today: Date) -> Result<Loaded, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let descriptor = syntax::parse(sources, &mut diagnostics);
    let model = descriptor.and_then(|descriptor| check::check(sources, &descriptor, today, &mut diagnostics));
    let Some(model) = model else {
        diagnostics.sort();
        return Err(diagnostics);
    };
    Ok(Loaded {
        model,
        lints: diagnostics,
    })
}
