//! YAML as a tree in which every key and value has its place.
//!
//! `serde` stops at the first mismatch, so the file is read into this tree first, and the typed readers over it
//! report all mistakes in one run.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_yaml::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_yaml::{Location, Options};

use super::failure;
use super::keys::Block;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::Sources;
use crate::span::{FileId, Span};

/// The largest file that is read, in bytes. The descriptor of the largest provider we know has a tenth of it.
const MAX_BYTES: usize = 8 << 20;
/// The deepest nesting, what aliases repeat included. A descriptor needs ten; each level costs stack, some 50 KiB
/// in a build without optimization, and a thread of a test has 2 MiB.
const MAX_DEPTH: usize = 24;
/// What the reader says of a file that is nested deeper.
pub(super) const TOO_DEEP: &str = "the nesting is too deep";
/// How many pieces aliases may repeat in one file.
const MAX_REPEATED: usize = 100_000;

/// A node of the tree.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: Kind,
    /// Whether it is written in braces or brackets.
    pub(super) flow: bool,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Nothing was written.
    Empty,
    /// A scalar in the author's own characters. `plain` is one without quotes, whose meaning depends on the
    /// version of YAML.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Node>),
    /// A map.
    Map(Vec<(Key, Node)>),
}

/// The key of an entry.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) text: String,
    pub(super) plain: bool,
    pub(super) span: Span,
}

impl Node {
    /// The text of a scalar without quotes.
    pub(super) fn plain(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, plain: true } => Some(text),
            _ => None,
        }
    }

    /// The value of a key, if this is a map that holds it.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|(key, _)| key.text == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Whether this is a map with this key.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether this is a map with a key that is none of the block's, and was probably meant to be this one.
    pub(super) fn misspells(&self, name: &str, block: &Block) -> bool {
        let Kind::Map(entries) = &self.kind else { return false };
        entries.iter().any(|(key, _)| {
            block.names().all(|known| known != key.text) && suggest::nearest(&key.text, block.names()) == Some(name)
        })
    }

    /// Whether this is a map in which something stands behind a key.
    pub(super) fn has_values(&self) -> bool {
        match &self.kind {
            Kind::Map(entries) => entries.iter().any(|(_, value)| !matches!(value.kind, Kind::Empty)),
            _ => false,
        }
    }
}

/// Reads one file. Reports what is wrong with it as YAML, and answers nothing if it is not YAML at all.
pub(super) fn read(file: FileId, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = sources.text(file);
    if text.len() > MAX_BYTES {
        diagnostics.push(
            Diagnostic::new(Code::OverBudget, Span::new(file, 0..0), "the file is larger than 8 MiB")
                .help("divide it, and name the parts under `include`"),
        );
        return None;
    }
    match serde_yaml::from_str_with_options::<Raw>(text, options()) {
        Ok(raw) => {
            let mut builder = Builder {
                file,
                text,
                diagnostics,
            };
            Some(builder.node(raw))
        }
        Err(error) => {
            diagnostics.push(failure::diagnose(&error, file, text));
            None
        }
    }
}

fn options() -> Options {
    serde_yaml::options! {
        budget: serde_yaml::budget! { max_depth: MAX_DEPTH, max_documents: 1 },
        alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: MAX_REPEATED },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        emit_comments: false,
        with_snippet: false,
    }
}

type Raw = serde_yaml::Spanned<serde_yaml::Tagged<Shape>>;

/// What the reader of YAML tells of a node. A scalar that it takes for something else than a text is `Plain`:
/// its guess is not used, the characters at its place are.
enum Shape {
    Plain,
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let _level = Level::enter().ok_or_else(|| D::Error::custom(TOO_DEEP))?;
        input.deserialize_any(ShapeVisitor)
    }
}

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// One level of nesting. The budget of the library counts what stands in the file; a chain of aliases nests deeper
/// than that, and only the visitor sees how deep.
struct Level;

impl Level {
    fn enter() -> Option<Self> {
        let depth = DEPTH.get();
        (depth < MAX_DEPTH).then(|| {
            DEPTH.set(depth + 1);
            Self
        })
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Plain)
    }

    fn visit_none<E>(self) -> Result<Shape, E> {
        Ok(Shape::Plain)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Plain)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Shape, E> {
        Ok(Shape::Plain)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Shape, E> {
        Ok(Shape::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Plain)
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(Shape::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = input.next_element()? {
            list.push(element);
        }
        Ok(Shape::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Shape, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = input.next_entry()? {
            map.push(entry);
        }
        Ok(Shape::Map(map))
    }
}

/// Turns what `serde` delivered into nodes with whole spans.
struct Builder<'s> {
    file: FileId,
    text: &'s str,
    diagnostics: &'s mut Diagnostics,
}

impl Builder<'_> {
    fn node(&mut self, raw: Raw) -> Node {
        let place = self.range(&raw.defined);
        let start = place.start;
        let serde_yaml::Tagged(shape, tag) = raw.value;
        // A tag is reported once; what it stands at is read on as a text that means what it says.
        let tagged = tag.is_some();
        if let Some(tag) = tag {
            self.tag(&tag, place);
        }
        let flow = matches!(self.text.as_bytes().get(start), Some(b'{' | b'['));
        match shape {
            Shape::Plain => self.plain(place),
            Shape::Text(text) => Node {
                kind: Kind::Scalar {
                    plain: !tagged && self.text.get(place.start..place.end) == Some(text.as_str()),
                    text,
                },
                span: self.trimmed(place),
                flow: false,
            },
            Shape::List(list) => {
                let list: Vec<Node> = list.into_iter().map(|element| self.node(element)).collect();
                let end = list.last().map_or(place.end, |last| last.span.end);
                self.collection(start, end, flow, Kind::List(list))
            }
            Shape::Map(map) => {
                let map = self.map(map);
                let end = map
                    .last()
                    .map_or(place.end, |(key, last)| last.span.end.max(key.span.end));
                self.collection(start, end, flow, Kind::Map(map))
            }
        }
    }

    fn plain(&self, place: Span) -> Node {
        let span = self.trimmed(place);
        let text = self.text.get(span.start..span.end).unwrap_or("");
        let kind = if text.is_empty() {
            Kind::Empty
        } else {
            Kind::Scalar {
                text: text.to_owned(),
                plain: true,
            }
        };
        Node {
            span,
            kind,
            flow: false,
        }
    }

    fn collection(&self, start: usize, end: usize, flow: bool, kind: Kind) -> Node {
        // The reader of YAML gives only the opening bracket of a flow collection.
        let end = if flow { self.closing(end.max(start + 1)) } else { end };
        Node {
            span: Span::new(self.file, start..end.max(start)),
            kind,
            flow,
        }
    }

    /// One past the bracket that follows `from`, with nothing but commas, space and comments between.
    fn closing(&self, from: usize) -> usize {
        let mut comment = false;
        for (offset, byte) in self.text.as_bytes().iter().enumerate().skip(from) {
            match byte {
                b'\n' => comment = false,
                b'#' => comment = true,
                b'}' | b']' if !comment => return offset + 1,
                b',' | b' ' | b'\t' | b'\r' => {}
                _ if comment => {}
                _ => return from,
            }
        }
        from
    }

    fn map(&mut self, map: Vec<(Raw, Raw)>) -> Vec<(Key, Node)> {
        let mut entries: Vec<(Key, Node)> = Vec::with_capacity(map.len());
        let mut seen = BTreeMap::new();
        for (key, value) in map {
            let value = self.node(value);
            let key = self.node(key);
            let Some(key) = self.key(key) else {
                continue;
            };
            if let Some(first) = seen.get(&key.text) {
                self.diagnostics.push(
                    Diagnostic::new(Code::DuplicateKey, key.span, format!("duplicate key `{}`", key.text))
                        .label("again here")
                        .secondary(*first, "first here")
                        .help("keep one of them, or rename the other"),
                );
                continue;
            }
            seen.insert(key.text.clone(), key.span);
            entries.push((key, value));
        }
        entries
    }

    fn key(&mut self, key: Node) -> Option<Key> {
        match key.kind {
            Kind::Scalar { text, plain: true } if text == "<<" => {
                self.diagnostics.push(
                    Diagnostic::new(Code::MergeKey, key.span, "merge keys are not part of the language")
                        .label("`<<` merges another map into this one")
                        .help("write the entries out; an alias of a whole value, `*name`, is allowed"),
                );
                None
            }
            Kind::Scalar { text, plain } => Some(Key {
                text,
                plain,
                span: key.span,
            }),
            Kind::Empty | Kind::List(_) | Kind::Map(_) => {
                self.diagnostics.push(
                    Diagnostic::new(Code::WrongType, key.span, "a key is a text")
                        .label("this is not one")
                        .help("a key that begins with a brace or a bracket is quoted"),
                );
                None
            }
        }
    }

    fn tag(&mut self, tag: &str, place: Span) {
        let shown = tag
            .strip_prefix("tag:yaml.org,2002:")
            .map_or_else(|| tag.to_owned(), |core| format!("!!{core}"));
        let before = self.text.get(..place.start).unwrap_or("");
        let written = before.trim_end();
        let start = written.rfind(char::is_whitespace).map_or(0, |space| space + 1);
        let span = match written.get(start..) {
            Some(word) if word.starts_with('!') => Span::new(self.file, start..written.len()),
            _ => place,
        };
        self.diagnostics.push(
            Diagnostic::new(
                Code::Tag,
                span,
                format!("the tag `{shown}` is not part of the language"),
            )
            .help("leave it out; a text that YAML reads as something else is quoted"),
        );
    }

    fn range(&self, location: &Location) -> Span {
        let span = location.span();
        let offset = span.byte_offset().and_then(|offset| usize::try_from(offset).ok());
        let length = span.byte_len().and_then(|length| usize::try_from(length).ok());
        let start = offset.unwrap_or(0).min(self.text.len());
        let end = start.saturating_add(length.unwrap_or(0)).min(self.text.len());
        Span::new(self.file, start..end)
    }

    /// Block texts reach to the start of the next line; what is shown ends with their last character.
    fn trimmed(&self, place: Span) -> Span {
        let length = self
            .text
            .get(place.start..place.end)
            .map_or(0, |text| text.trim_end().len());
        Span::new(self.file, place.start..place.start + length)
    }
}
