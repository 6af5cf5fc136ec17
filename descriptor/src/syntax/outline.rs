//! Which keys a piece of text stands under.

use super::tree::{self, Kind, Node};
use crate::diagnostic::Diagnostics;
use crate::source::Sources;
use crate::span::{FileId, Span};

/// The keys of all files, as they are nested.
#[derive(Debug)]
pub(crate) struct Outline(Vec<(FileId, Vec<Entry>)>);

#[derive(Debug)]
struct Entry {
    key: String,
    span: Span,
    within: Vec<Entry>,
}

impl Outline {
    /// Mistakes are not reported here.
    pub(crate) fn of(sources: &Sources) -> Self {
        let mut unheard = Diagnostics::new();
        let mut read = |file| Some((file, entries(&tree::read(file, sources, &mut unheard)?)));
        Self(sources.ids().filter_map(&mut read).collect())
    }

    /// The keys around a place, the outermost first. The entries of lists have none.
    pub(crate) fn keys(&self, place: Span) -> Vec<&str> {
        let mut keys = Vec::new();
        let file = self.0.iter().find(|(file, _)| *file == place.file);
        let mut level = file.map_or(&[][..], |(_, entries)| entries.as_slice());
        while let Some(entry) = around(level, place) {
            keys.push(entry.key.as_str());
            level = &entry.within;
        }
        keys
    }
}

fn around(level: &[Entry], place: Span) -> Option<&Entry> {
    let after = level.partition_point(|entry| entry.span.start <= place.start);
    let entry = level.get(after.checked_sub(1)?)?;
    (place.end <= entry.span.end).then_some(entry)
}

/// The entries of a map, or of the maps in a list. What an alias repeats stands elsewhere, and is left out.
fn entries(node: &Node) -> Vec<Entry> {
    match &node.kind {
        Kind::Map(entries) => entries
            .iter()
            .map(|(key, value)| {
                let here = value.span.file == key.span.file && value.span.start >= key.span.end;
                let end = if here { value.span.end } else { key.span.end };
                Entry {
                    key: key.text.clone(),
                    span: Span::new(key.span.file, key.span.start..end),
                    within: if here { self::entries(value) } else { Vec::new() },
                }
            })
            .collect(),
        Kind::List(elements) => elements.iter().flat_map(entries).collect(),
        Kind::Empty | Kind::Scalar { .. } => Vec::new(),
    }
}
