//! The one place that touches the disk: write, check, or list.

use crate::{Files, print::MARK};
use std::{
    collections::BTreeSet,
    error, fmt, fs, io,
    path::{Path, PathBuf},
};

/// What became of generated files on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Files whose text is new, by their path below the folder.
    pub written: Vec<String>,
    /// Generated files that nothing generates any more, and that are gone.
    pub removed: Vec<String>,
    /// How many files were up to date, and were not touched.
    pub unchanged: usize,
}

impl Outcome {
    /// Whether the disk said already what the generator says.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty()
    }
}

/// Why generated files are not as they should be.
#[derive(Debug)]
pub enum DiskError {
    /// A file cannot be read or written.
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What is on disk is not what is generated.
    Stale {
        /// The folder.
        root: PathBuf,
        /// Files whose text differs, or that are missing.
        changed: Vec<String>,
        /// Generated files that nothing generates any more.
        removed: Vec<String>,
        /// What to run.
        command: String,
    },
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Stale {
                root,
                changed,
                removed,
                command,
            } => {
                writeln!(f, "generated files are not up to date:")?;
                for path in changed {
                    writeln!(f, "  {}", root.join(path).display())?;
                }
                for path in removed {
                    writeln!(f, "  {} (nothing generates it any more)", root.join(path).display())?;
                }
                write!(f, "help: run `{command}`")
            }
        }
    }
}

impl error::Error for DiskError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Stale { .. } => None,
        }
    }
}

/// Writes the files below `root`, those that changed, and removes generated ones that are not among them.
///
/// # Errors
///
/// A file cannot be read, written or removed.
pub fn write(files: &Files, root: &Path) -> Result<Outcome, DiskError> {
    let outcome = compare(files, root)?;
    for path in &outcome.written {
        if let Some(text) = files.get(path) {
            write_file(&root.join(path), text)?;
        }
    }
    for path in &outcome.removed {
        let path = root.join(path);
        fs::remove_file(&path).map_err(|error| DiskError::Io { path, error })?;
    }
    Ok(outcome)
}

/// Compares the files with what is below `root`.
///
/// # Errors
///
/// Something differs, in which case the error names the files and `command` as what to run; or a file cannot be read.
pub fn check(files: &Files, root: &Path, command: &str) -> Result<(), DiskError> {
    let outcome = compare(files, root)?;
    if outcome.is_unchanged() {
        return Ok(());
    }
    Err(DiskError::Stale {
        root: root.to_owned(),
        changed: outcome.written,
        removed: outcome.removed,
        command: command.to_owned(),
    })
}

/// What [`write()`] would do.
///
/// # Errors
///
/// A file cannot be read.
pub fn list(files: &Files, root: &Path) -> Result<Outcome, DiskError> {
    compare(files, root)
}

/// Writes one file if its text changed, and says whether it did.
///
/// # Errors
///
/// It cannot be read or written.
pub fn write_one(path: &Path, text: &str) -> Result<bool, DiskError> {
    if read(path)?.as_deref() == Some(text) {
        return Ok(false);
    }
    write_file(path, text)?;
    Ok(true)
}

fn compare(files: &Files, root: &Path) -> Result<Outcome, DiskError> {
    let mut outcome = Outcome::default();
    for (path, text) in files.iter() {
        if read(&root.join(path))?.as_deref() == Some(text) {
            outcome.unchanged += 1;
        } else {
            outcome.written.push(path.to_owned());
        }
    }
    let mut found = BTreeSet::new();
    generated_below(root, "", &mut found)?;
    outcome.removed = found.into_iter().filter(|path| files.get(path).is_none()).collect();
    Ok(outcome)
}

fn read(path: &Path) -> Result<Option<String>, DiskError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DiskError::Io {
            path: path.to_owned(),
            error,
        }),
    }
}

fn write_file(path: &Path, text: &str) -> Result<(), DiskError> {
    let written = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text));
    written.map_err(|error| DiskError::Io {
        path: path.to_owned(),
        error,
    })
}

/// The Rust files below a folder whose first line says that they are generated.
fn generated_below(root: &Path, folder: &str, found: &mut BTreeSet<String>) -> Result<(), DiskError> {
    let path = root.join(folder);
    let failed = |error| DiskError::Io {
        path: path.clone(),
        error,
    };
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let below = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() && name != "target" {
            generated_below(root, &below, found)?;
        } else if kind.is_file()
            && Path::new(&name).extension().is_some_and(|extension| extension == "rs")
            && is_generated(&entry.path())?
        {
            found.insert(below);
        }
    }
    Ok(())
}

fn is_generated(path: &Path) -> Result<bool, DiskError> {
    let text = fs::read(path).map_err(|error| DiskError::Io {
        path: path.to_owned(),
        error,
    })?;
    Ok(text.starts_with(format!("// {MARK}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        let mut files = Files::new();
        files.insert("a.rs", format!("// {MARK} from a.yaml. Do not edit.\n"));
        files.insert("a/b.rs", format!("// {MARK} from a.yaml. Do not edit.\nmod b;\n"));
        files
    }

    #[test]
    fn unchanged_files_are_not_touched() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(write(&files(), root.path()).unwrap().written, ["a.rs", "a/b.rs"]);
        let before = fs::metadata(root.path().join("a.rs")).unwrap().modified().unwrap();
        let outcome = write(&files(), root.path()).unwrap();
        assert!(outcome.is_unchanged());
        assert_eq!(outcome.unchanged, 2);
        assert_eq!(
            fs::metadata(root.path().join("a.rs")).unwrap().modified().unwrap(),
            before
        );
    }

    #[test]
    fn generated_files_without_a_source_go_and_others_stay() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("old")).unwrap();
        fs::write(root.path().join("old/gone.rs"), format!("// {MARK} from old.yaml.")).unwrap();
        fs::write(root.path().join("mine.rs"), "// by hand").unwrap();
        assert_eq!(list(&files(), root.path()).unwrap().removed, ["old/gone.rs"]);
        assert_eq!(write(&files(), root.path()).unwrap().removed, ["old/gone.rs"]);
        assert!(!root.path().join("old/gone.rs").exists());
        assert!(root.path().join("mine.rs").exists());
    }

    #[test]
    fn a_failed_check_names_files_and_command() {
        let root = tempfile::tempdir().unwrap();
        write(&files(), root.path()).unwrap();
        assert!(check(&files(), root.path(), "cargo xtask codegen").is_ok());
        fs::write(root.path().join("a/b.rs"), "edited").unwrap();
        let error = check(&files(), root.path(), "cargo xtask codegen")
            .unwrap_err()
            .to_string();
        assert!(error.contains("a/b.rs"), "{error}");
        assert!(!error.contains("a.rs\n"), "{error}");
        assert!(error.ends_with("help: run `cargo xtask codegen`"), "{error}");
    }
}
