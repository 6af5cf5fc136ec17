//! The front door for `build.rs`.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), tollgate_codegen::ScriptError> {
//!     tollgate_codegen::configure().descriptor("api/acme.yaml").generate()
//! }
//! ```
//!
//! and in the crate `tollgate::include_provider!(acme);`, which gives a module `acme`.

use crate::{
    Options,
    disk::{self, DiskError},
    generate,
};
use std::{
    env, error, fmt,
    io::{self, Write},
    path::{Path, PathBuf},
};
use tollgate_descriptor::{
    diagnostic::{Diagnostic, Diagnostics},
    load,
    source::Sources,
};

/// Begins a run.
pub fn configure() -> Script {
    Script::default()
}

/// What a build script is to generate.
#[derive(Clone, Debug, Default)]
#[must_use = "nothing happens before `generate`"]
pub struct Script {
    descriptors: Vec<PathBuf>,
    out_dir: Option<PathBuf>,
}

impl Script {
    /// Adds a descriptor, by its path from the package's folder.
    pub fn descriptor(mut self, path: impl Into<PathBuf>) -> Self {
        self.descriptors.push(path.into());
        self
    }

    /// Where to write, instead of Cargo's `OUT_DIR`.
    pub fn out_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(path.into());
        self
    }

    /// Writes a file per descriptor, `acme.rs` after its provider, if it changed. Tells Cargo what to watch, and every
    /// lint as a warning.
    ///
    /// # Errors
    ///
    /// A descriptor cannot be read or is wrong, or a file cannot be written. Return it from `main`: it prints what
    /// `tollgate check` would.
    pub fn generate(self) -> Result<(), ScriptError> {
        self.run(&mut io::stdout().lock())
    }

    fn run(&self, cargo: &mut impl Write) -> Result<(), ScriptError> {
        let out_dir = match &self.out_dir {
            Some(path) => path.clone(),
            None => env::var_os("OUT_DIR").map(PathBuf::from).ok_or(ScriptError::NoOutDir)?,
        };
        let mut wrong = String::new();
        for path in &self.descriptors {
            match one(path, &out_dir, cargo) {
                // All descriptors are told of in one run.
                Err(ScriptError::Diagnostics(rendered)) => {
                    if !wrong.is_empty() {
                        wrong.push('\n');
                    }
                    wrong.push_str(&rendered);
                }
                other => other?,
            }
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(ScriptError::Diagnostics(wrong))
        }
    }
}

fn one(path: &Path, out_dir: &Path, cargo: &mut impl Write) -> Result<(), ScriptError> {
    // Before reading: a file that is missing now may be there next time.
    watch(cargo, path)?;
    let sources = Sources::read(path).map_err(|error| ScriptError::Read {
        path: path.to_owned(),
        error,
    })?;
    for file in sources.files().iter().filter(|file| *file != path) {
        watch(cargo, file)?;
    }
    let render = |diagnostics: Diagnostics| ScriptError::Diagnostics(diagnostics.render(&sources, false));
    let loaded = load(&sources).map_err(render)?;
    for lint in &loaded.lints {
        say(cargo, &format!("cargo:warning={}", one_line(lint, &sources)))?;
    }
    for (path, text) in generate(&loaded.model, &Options::nested()).map_err(render)?.iter() {
        disk::write_one(&out_dir.join(path), text).map_err(ScriptError::Disk)?;
    }
    Ok(())
}

fn watch(cargo: &mut impl Write, path: &Path) -> Result<(), ScriptError> {
    say(cargo, &format!("cargo:rerun-if-changed={}", path.display()))
}

fn say(cargo: &mut impl Write, line: &str) -> Result<(), ScriptError> {
    writeln!(cargo, "{line}").map_err(ScriptError::Cargo)
}

/// Cargo's warnings are one line each.
fn one_line(lint: &Diagnostic, sources: &Sources) -> String {
    let position = sources.position(lint.span);
    let help = lint
        .help
        .as_ref()
        .map(|help| format!("; help: {help}"))
        .unwrap_or_default();
    let text = format!(
        "{}:{}:{}: {} [{}]{help}",
        sources.name(lint.span.file),
        position.line,
        position.column,
        lint.message,
        lint.code.id()
    );
    text.replace('\n', " ")
}

/// Why a build script failed. Both its `Debug`, which Cargo shows, and its `Display` are made for people.
#[non_exhaustive]
pub enum ScriptError {
    /// Descriptors are wrong; the text is drawn as `tollgate check` draws it.
    Diagnostics(String),
    /// A descriptor cannot be read.
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A generated file cannot be written.
    Disk(DiskError),
    /// Cargo cannot be told.
    Cargo(io::Error),
    /// There is no `OUT_DIR`: this is not a build script.
    NoOutDir,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Diagnostics(rendered) => f.write_str(rendered.trim_end()),
            Self::Read { path, error } => write!(f, "the descriptor {} cannot be read: {error}", path.display()),
            Self::Disk(error) => error.fmt(f),
            Self::Cargo(error) => write!(f, "nothing can be written to Cargo: {error}"),
            Self::NoOutDir => f.write_str("`OUT_DIR` is not set: call this from a build script, or set `out_dir`"),
        }
    }
}

impl fmt::Debug for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `main` prints `Error: ` before it.
        write!(f, "\n{self}")
    }
}

impl error::Error for ScriptError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Read { error, .. } | Self::Cargo(error) => Some(error),
            Self::Disk(error) => Some(error),
            Self::Diagnostics(_) | Self::NoOutDir => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const DESCRIPTOR: &str = "descriptor: 1\nprovider: shop\ntitle: Shop\nchecked: 2026-11-21\n\
        environments: { production: { base_url: https://shop.example } }\n\
        schemes: { key: { header: { X-Key: \"{token}\" } } }\n\
        tokens: { main: { scheme: key, env: SHOP_KEY }, unused: { scheme: key, env: SHOP_OTHER_KEY } }\n\
        scopes: { read: [main] }\n\
        include: [models.yaml]\n\
        resources:\n  orders:\n    scope: read\n    operations: { get: { get: /order, returns: Order } }\n";

    /// A folder with a descriptor, and what a run in it tells Cargo.
    fn run(folder: &Path, descriptor: &str) -> (Result<(), ScriptError>, String) {
        fs::write(folder.join("shop.yaml"), descriptor).unwrap();
        fs::write(folder.join("models.yaml"), "models: { Order: { id: int! } }\n").unwrap();
        let mut cargo = Vec::new();
        let script = configure()
            .descriptor(folder.join("shop.yaml"))
            .out_dir(folder.join("out"));
        let result = script.run(&mut cargo);
        (result, String::from_utf8(cargo).unwrap())
    }

    #[test]
    fn cargo_is_told_what_to_watch_and_what_is_doubtful() {
        let folder = tempfile::tempdir().unwrap();
        let (result, cargo) = run(folder.path(), DESCRIPTOR);
        result.unwrap();
        let watch = |name: &str| format!("cargo:rerun-if-changed={}\n", folder.path().join(name).display());
        assert!(cargo.contains(&watch("shop.yaml")), "{cargo}");
        assert!(cargo.contains(&watch("models.yaml")), "{cargo}");
        assert!(
            cargo
                .lines()
                .any(|line| line.starts_with("cargo:warning=") && line.contains("`unused`")),
            "{cargo}"
        );
        assert!(cargo.lines().all(|line| line.starts_with("cargo:")), "{cargo}");
    }

    #[test]
    fn an_unchanged_descriptor_touches_nothing() {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), DESCRIPTOR).0.unwrap();
        let written = || {
            fs::metadata(folder.path().join("out/shop.rs"))
                .unwrap()
                .modified()
                .unwrap()
        };
        let before = written();
        run(folder.path(), DESCRIPTOR).0.unwrap();
        assert_eq!(written(), before);
        run(folder.path(), &DESCRIPTOR.replace("title: Shop", "title: Store"))
            .0
            .unwrap();
        assert!(
            fs::read_to_string(folder.path().join("out/shop.rs"))
                .unwrap()
                .contains("Store")
        );
    }

    #[test]
    fn a_wrong_descriptor_is_drawn_and_watched() {
        let folder = tempfile::tempdir().unwrap();
        let (result, cargo) = run(folder.path(), &DESCRIPTOR.replace("scope: read", "scope: raed"));
        let error = format!("{:?}", result.unwrap_err());
        assert!(error.contains("shop.yaml:12:12"), "{error}");
        assert!(error.contains("did you mean `read`?"), "{error}");
        assert!(cargo.contains("cargo:rerun-if-changed="), "{cargo}");
        assert!(!folder.path().join("out/shop.rs").exists());
    }

    #[test]
    fn a_missing_descriptor_is_named_and_watched() {
        let mut cargo = Vec::new();
        let script = configure().descriptor("api/none.yaml").out_dir("out");
        let error = script.run(&mut cargo).unwrap_err().to_string();
        assert!(
            error.starts_with("the descriptor api/none.yaml cannot be read"),
            "{error}"
        );
        assert_eq!(cargo, b"cargo:rerun-if-changed=api/none.yaml\n");
    }
}
