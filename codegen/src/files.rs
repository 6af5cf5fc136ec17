//! What is generated, in memory: a sorted map of path to text.

use crate::{
    module::Module,
    print::{self, MARK},
};
use std::{collections::BTreeMap, fmt::Write};
use tollgate_descriptor::model::Model;

/// Generated files by their path, with forward slashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    texts: BTreeMap<String, String>,
}

impl Files {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A file per module.
    pub(crate) fn of(module: &Module, model: &Model) -> Self {
        let mut files = Self::new();
        files.add(module, "", &print::header(&model.provider.file));
        files
    }

    /// One file with everything in it. It does not begin with `//!`, so that it can be included anywhere.
    pub(crate) fn nested(module: &Module, model: &Model) -> Self {
        let text = print::print_file(&print::header(&model.provider.file), &module.nested());
        let mut files = Self::new();
        files.insert(format!("{}.rs", module.name), text);
        files
    }

    fn add(&mut self, module: &Module, folder: &str, header: &str) {
        self.insert(
            format!("{folder}{}.rs", module.name),
            print::print_file(header, &module.file()),
        );
        for child in &module.children {
            self.add(child, &format!("{folder}{}/", module.name), header);
        }
    }

    /// Adds a file, or replaces it.
    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.texts.insert(path.into(), text.into());
    }

    /// Adds the files of another run.
    pub fn extend(&mut self, other: Self) {
        self.texts.extend(other.texts);
    }

    /// All of them, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text of one.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The same files with other texts.
    pub(crate) fn map<E>(self, mut change: impl FnMut(&str, String) -> Result<String, E>) -> Result<Self, E> {
        let mut texts = BTreeMap::new();
        for (path, text) in self.texts {
            let changed = change(&path, text)?;
            texts.insert(path, changed);
        }
        Ok(Self { texts })
    }

    /// The whole crate of checked-in clients, from its folder: the files of each provider below `src`, `src/lib.rs` with
    /// a feature per provider, and `Cargo.toml`.
    #[must_use]
    pub fn crate_of(providers: impl IntoIterator<Item = (String, Files)>) -> Self {
        let mut files = Self::new();
        let mut ids = Vec::new();
        for (id, provider) in providers {
            for (path, text) in provider.texts {
                files.insert(format!("src/{path}"), text);
            }
            ids.push(id);
        }
        ids.sort();
        ids.dedup();
        files.insert("Cargo.toml", manifest(&ids));
        files.insert("src/lib.rs", library(&ids));
        files
    }
}

impl<'f> IntoIterator for &'f Files {
    type Item = (&'f String, &'f String);
    type IntoIter = std::collections::btree_map::Iter<'f, String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.texts.iter()
    }
}

fn library(ids: &[String]) -> String {
    let mut text = format!(
        "// {MARK}. Do not edit.\n\n\
         //! Checked-in clients, one feature per provider. They are generated from `providers/`.\n\
         //!\n\
         //! With the feature `full` every model can be read and written, also in the direction in which it does not\n\
         //! travel: for whoever stores requests or replays answers.\n"
    );
    for id in ids {
        // A `String` takes whatever is written to it.
        let _ = write!(text, "\n#[cfg(feature = \"{id}\")]\npub mod {id};");
    }
    text.push('\n');
    text
}

fn manifest(ids: &[String]) -> String {
    let mut text = format!(
        "# {MARK}. Do not edit.\n\
         [package]\n\
         name = \"tollgate-providers\"\n\
         description = \"Checked-in Tollgate clients, one feature per provider\"\n\
         version.workspace = true\n\
         edition.workspace = true\n\
         rust-version.workspace = true\n\
         license.workspace = true\n\
         repository.workspace = true\n\
         \n\
         [dependencies]\n\
         tollgate.workspace = true\n\
         \n\
         [features]\n\
         # Models are read and written in both directions.\n\
         full = []\n"
    );
    for id in ids {
        let _ = writeln!(text, "{id} = []");
    }
    text.push_str("\n[lints]\nworkspace = true\n");
    text
}
