//! The texts of a run: a descriptor and the files that it includes.

use std::io;
use std::path::{Path, PathBuf};

use crate::span::{FileId, Span};
use crate::syntax;

/// One named text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct File {
    name: String,
    text: String,
}

/// An included file that could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Missing {
    name: String,
    reason: String,
}

/// The main file and the files that it includes.
///
/// Only [`Sources::read`] touches the disk. The others take texts, for tests and for descriptors that are
/// embedded in a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    files: Vec<File>,
    missing: Vec<Missing>,
}

/// A line and a column, both counted from one, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Sources {
    /// Reads a descriptor and the files that it includes from disk.
    ///
    /// # Errors
    ///
    /// The main file cannot be read or is not UTF-8. An included file that cannot be read is not an error
    /// here: it becomes a diagnostic at the place that includes it.
    pub fn read(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)?;
        Ok(Self::load(path.to_string_lossy(), text, |included| {
            std::fs::read_to_string(included)
        }))
    }

    /// A descriptor that includes nothing.
    #[must_use]
    pub fn from_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            files: vec![File {
                name: name.into(),
                text: text.into(),
            }],
            missing: Vec::new(),
        }
    }

    /// A descriptor whose included files are fetched by `fetch`, by the name relative to the main file's folder.
    pub fn load(
        name: impl Into<String>,
        text: impl Into<String>,
        mut fetch: impl FnMut(&str) -> io::Result<String>,
    ) -> Self {
        let mut sources = Self::from_text(name, text);
        for included in syntax::included_files(sources.text(FileId::MAIN)) {
            let Some(name) = sources.resolve(&included) else {
                continue;
            };
            if sources.find(&name).is_some() {
                continue;
            }
            match fetch(&name) {
                Ok(text) => sources.files.push(File { name, text }),
                Err(error) => sources.missing.push(Missing {
                    name,
                    reason: error.to_string(),
                }),
            }
        }
        sources
    }

    /// Adds an included file. Its name is the path that `include` gives, put behind the folder of the main file.
    #[must_use]
    pub fn with_file(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.files.push(File {
            name: name.into(),
            text: text.into(),
        });
        self
    }

    /// The paths of all files, sorted, those that could not be read among them: what a build script must watch.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let present = self.files.iter().map(|file| &file.name);
        let missing = self.missing.iter().map(|file| &file.name);
        let mut paths: Vec<PathBuf> = present.chain(missing).map(PathBuf::from).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// Every file, the main one first.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.files.len()).map(FileId)
    }

    /// The name of a file as it is shown.
    #[must_use]
    pub fn name(&self, file: FileId) -> &str {
        self.files.get(file.0).map_or("", |file| &file.name)
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        self.files.get(file.0).map_or("", |file| &file.text)
    }

    /// What stands at a place.
    #[must_use]
    pub fn snippet(&self, span: Span) -> &str {
        self.text(span.file).get(span.start..span.end).unwrap_or("")
    }

    /// The line and the column of the start of a place.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        let text = self.text(span.file);
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = text.get(..start).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
        }
    }

    /// The file of this name.
    #[must_use]
    pub(crate) fn find(&self, name: &str) -> Option<FileId> {
        self.files.iter().position(|file| file.name == name).map(FileId)
    }

    /// Why a file of this name could not be fetched.
    pub(crate) fn missing_reason(&self, name: &str) -> Option<&str> {
        self.missing
            .iter()
            .find(|missing| missing.name == name)
            .map(|missing| missing.reason.as_str())
    }

    /// The name of a file that the main file includes; nothing for an absolute one.
    pub(crate) fn resolve(&self, included: &str) -> Option<String> {
        let included = Path::new(included);
        if included.is_absolute() || included.as_os_str().is_empty() {
            return None;
        }
        let folder = Path::new(self.name(FileId::MAIN)).parent().unwrap_or(Path::new(""));
        Some(folder.join(included).to_string_lossy().into_owned())
    }
}
