//! Several files as one descriptor.

use std::collections::BTreeMap;

use super::read::Reader;
use super::tree::{self, Kind};
use super::{Descriptor, Entries};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Sources;
use crate::span::{FileId, Span, Spanned};

/// The names under `include`, for the one who fetches the files. Mistakes are not reported here.
pub(crate) fn included_files(text: &str) -> Vec<String> {
    if !text.contains("include") {
        return Vec::new();
    }
    let sources = Sources::from_text("", text);
    let mut unheard = Diagnostics::new();
    let Some(node) = tree::read(FileId::MAIN, &sources, &mut unheard) else {
        return Vec::new();
    };
    let Some(Kind::List(files)) = node.get("include").map(|include| &include.kind) else {
        return Vec::new();
    };
    files
        .iter()
        .filter_map(|file| match &file.kind {
            Kind::Scalar { text, .. } => Some(text.clone()),
            _ => None,
        })
        .collect()
}

/// Reads the main file and what it includes.
pub(super) fn parse(sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Descriptor> {
    let node = tree::read(FileId::MAIN, sources, diagnostics)?;
    if matches!(node.kind, Kind::Empty) {
        diagnostics.push(
            Diagnostic::new(Code::WrongType, node.span, "the file is empty")
                .help("a descriptor begins with `descriptor: 1`"),
        );
        return None;
    }
    let mut reader = Reader { sources, diagnostics };
    let mut descriptor = reader.descriptor(&node)?;
    let mut included = Vec::new();
    let mut taken = BTreeMap::new();
    for name in descriptor.include.clone() {
        let Some(file) = reader.included_file(&name) else {
            continue;
        };
        if let Some(first) = taken.insert(file, name.span) {
            reader.push(
                Diagnostic::new(Code::Include, name.span, format!("`{}` is included twice", name.value))
                    .label("again here")
                    .secondary(first, "first here")
                    .help("leave one of them out"),
            );
            continue;
        }
        let Some(node) = tree::read(file, reader.sources, reader.diagnostics) else {
            continue;
        };
        if let Some(part) = reader.included(&node) {
            reader.merge(&mut descriptor, part);
        }
        included.push(node);
    }
    reader.missing_blocks(&node, &included);
    Some(descriptor)
}

impl Reader<'_> {
    fn included_file(&mut self, name: &Spanned<String>) -> Option<FileId> {
        let Some(path) = self.sources.resolve(name) else {
            self.push(
                Diagnostic::new(
                    Code::Include,
                    name.span,
                    format!("`{}` is not a relative path", name.value),
                )
                .help("name it relative to the folder of this file"),
            );
            return None;
        };
        let file = self.sources.find(&path);
        if file == Some(FileId::MAIN) {
            self.push(
                Diagnostic::new(Code::Include, name.span, "a descriptor does not include itself").help("leave it out"),
            );
            return None;
        }
        if file.is_none() {
            let reason = self
                .sources
                .missing_reason(&path)
                .unwrap_or("it is not there")
                .to_owned();
            self.push(
                Diagnostic::new(Code::Include, name.span, format!("`{}` cannot be read", name.value))
                    .label(reason)
                    .help(format!(
                        "the path is relative to the folder of `{}`",
                        self.sources.name(FileId::MAIN)
                    )),
            );
        }
        file
    }

    fn merge(&mut self, whole: &mut Descriptor, part: Descriptor) {
        whole.allow.extend(part.allow);
        self.merge_entries(&mut whole.environments, part.environments, "environment");
        self.merge_entries(&mut whole.variables, part.variables, "variable");
        self.merge_entries(&mut whole.schemes, part.schemes, "scheme");
        self.merge_entries(&mut whole.tokens, part.tokens, "token");
        self.merge_entries(&mut whole.scopes, part.scopes, "scope");
        self.merge_entries(&mut whole.roles, part.roles, "role");
        self.merge_entries(&mut whole.rate_limits, part.rate_limits, "rate limit");
        self.merge_entries(&mut whole.pagers, part.pagers, "pager");
        self.merge_entries(&mut whole.resources, part.resources, "resource");
        self.merge_entries(&mut whole.models, part.models, "model");
    }

    fn merge_entries<T>(&mut self, whole: &mut Entries<T>, part: Entries<T>, what: &str) {
        let known: BTreeMap<String, Span> = whole.iter().map(|(name, _)| (name.value.clone(), name.span)).collect();
        for (name, entry) in part {
            match known.get(&name.value) {
                None => whole.push((name, entry)),
                Some(first) => self.push(
                    Diagnostic::new(
                        Code::EntryInTwoFiles,
                        name.span,
                        format!("the {what} `{}` stands in two files", name.value),
                    )
                    .label("again here")
                    .secondary(*first, "first here")
                    .help("keep one of them; entries are not merged"),
                ),
            }
        }
    }
}
