//! Typed readers over the tree. Each reports what it cannot take and answers nothing for it.

use super::keys::{self, Block};
use super::tree::{Key, Kind, Node};
use super::{Entries, Type, Value, Word, scalar};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::Sources;
use crate::span::{Span, Spanned};

/// Reads nodes, and gathers what is wrong with them.
pub(super) struct Reader<'s> {
    pub(super) sources: &'s Sources,
    pub(super) diagnostics: &'s mut Diagnostics,
}

/// A map whose keys have been held against a [`Block`].
pub(super) struct Fields<'n> {
    pub(super) span: Span,
    entries: &'n [(Key, Node)],
    /// Misspelt keys, which have been told, under the names that they were probably meant to be.
    meant: Vec<(String, &'n (Key, Node))>,
}

impl<'n> Fields<'n> {
    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entry(name).map(|(_, node)| node)
    }

    pub(super) fn key(&self, name: &str) -> Option<Span> {
        self.entry(name).map(|(key, _)| key.span)
    }

    /// A misspelt key is read as what it was meant to be, so that nothing is said of what would be missing without it.
    fn entry(&self, name: &str) -> Option<&'n (Key, Node)> {
        let written = self.entries.iter().find(|(key, _)| key.text == name);
        written.or_else(|| {
            self.meant
                .iter()
                .find(|(meant, _)| meant == name)
                .map(|(_, entry)| *entry)
        })
    }
}

impl Fields<'_> {
    /// The first key that `wanted` says yes to.
    pub(super) fn first_key(&self, wanted: impl Fn(&str) -> bool) -> Option<Span> {
        self.entries
            .iter()
            .find(|(key, _)| wanted(&key.text))
            .map(|(key, _)| key.span)
    }
}

impl Reader<'_> {
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The value of a key, if it is there and `read` can take it.
    pub(super) fn field<T>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        fields.get(name).and_then(|node| read(self, node))
    }

    /// The values of a key, none if it is not there.
    pub(super) fn many<T>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        read: impl FnOnce(&mut Self, &Node) -> Vec<T>,
    ) -> Vec<T> {
        fields.get(name).map_or_else(Vec::new, |node| read(self, node))
    }

    /// A map with the keys of `block`. Unknown and missing keys are reported.
    pub(super) fn block<'n>(&mut self, node: &'n Node, block: &Block) -> Option<Fields<'n>> {
        let fields = self.open_block(node, block, |_| false)?;
        self.required(&fields, block);
        Some(fields)
    }

    /// The same for a block that takes other keys too, those that `takes` knows, and without the check for
    /// missing keys.
    pub(super) fn open_block<'n>(
        &mut self,
        node: &'n Node,
        block: &Block,
        takes: impl Fn(&str) -> bool,
    ) -> Option<Fields<'n>> {
        let entries = self.map(node, block.name)?;
        let mut meant = Vec::new();
        for entry in entries {
            let (key, value) = entry;
            if !takes(&key.text) && block.names().all(|name| name != key.text) {
                self.unknown_key(key, value, node.flow, block);
                let near = suggest::nearest(&key.text, block.names());
                meant.extend(near.map(|near| (near.to_owned(), entry)));
            }
        }
        Some(Fields {
            span: node.span,
            entries,
            meant,
        })
    }

    pub(super) fn required(&mut self, fields: &Fields<'_>, block: &Block) {
        for key in block
            .all_keys()
            .filter(|key| key.required && fields.get(key.name).is_none())
        {
            self.push(
                Diagnostic::new(
                    Code::MissingKey,
                    fields.span,
                    format!("{} needs `{}`", block.name, key.name),
                )
                .label(format!("`{}` is missing", key.name))
                .help(format!("`{}`: {}", key.name, key.doc)),
            );
        }
    }

    fn unknown_key(&mut self, key: &Key, value: &Node, flow: bool, block: &Block) {
        let name = &key.text;
        if flow && matches!(value.kind, Kind::Empty) {
            return self.no_value(key);
        }
        if let Some((_, why)) = keys::REFUSED.iter().find(|(refused, _)| refused == name) {
            return self.push(
                Diagnostic::new(Code::OutOfVersion, key.span, format!("`{name}` is not a key: {why}"))
                    .help("write such an operation by hand on the client's transport"),
            );
        }
        let elsewhere = keys::DESCRIPTOR.names().any(|known| known == name);
        let mut diagnostic = Diagnostic::new(Code::UnknownKey, key.span, format!("unknown key `{name}`"))
            .label(format!("not a key of {}", block.name));
        if let Some(near) = suggest::nearest(name, block.names()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if block.place == keys::INCLUDED.place && elsewhere {
            diagnostic = diagnostic.help(format!("`{name}` stands in the main file"));
        } else {
            let names: Vec<&str> = block.names().collect();
            diagnostic = diagnostic.help(format!("the keys of {} are {}", block.name, suggest::list(&names)));
        }
        self.push(diagnostic);
    }

    /// In braces a comma ends a value, so that its rest becomes a key with nothing behind it.
    fn no_value(&mut self, key: &Key) {
        let after = self.sources.text(key.span.file).get(key.span.end..).unwrap_or("");
        let message = format!("`{}` has no value", key.text);
        self.push(if after.trim_start().starts_with(':') {
            Diagnostic::new(Code::WrongType, key.span, message).help("write a value after the colon")
        } else {
            Diagnostic::new(Code::NeedsQuotes, key.span, message)
                .label("taken for a key")
                .help("a value that holds a comma, and a template such as `{name}`, is quoted inside of braces")
        });
    }

    /// The entries of a map.
    pub(super) fn map<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n [(Key, Node)]> {
        match &node.kind {
            Kind::Map(entries) => Some(entries),
            _ => self.wrong_type(node, &format!("{expected} as a map")),
        }
    }

    /// The elements of a list.
    pub(super) fn list<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n [Node]> {
        match &node.kind {
            Kind::List(elements) => Some(elements),
            _ => self.wrong_type(node, expected),
        }
    }

    /// Named entries, each read by `read`. Names are texts, so an ambiguous one is quoted.
    pub(super) fn entries<T>(
        &mut self,
        node: &Node,
        expected: &str,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Entries<T> {
        let Some(entries) = self.map(node, expected) else {
            return Vec::new();
        };
        let mut read_entries = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let Some(name) = self.name(key) else { continue };
            if node.flow && matches!(value.kind, Kind::Empty) {
                self.no_value(key);
            } else if let Some(value) = read(self, value) {
                read_entries.push((name, value));
            }
        }
        read_entries
    }

    /// A key that the author chose.
    pub(super) fn name(&mut self, key: &Key) -> Option<Spanned<String>> {
        if key.plain && scalar::ambiguous(&key.text).is_some() {
            self.ambiguous(&key.text, key.span);
            return None;
        }
        Some(Spanned::new(key.text.clone(), key.span))
    }

    /// One element, or a list of them.
    pub(super) fn one_or_many<T>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Vec<T> {
        match &node.kind {
            Kind::List(elements) => elements.iter().filter_map(|element| read(self, element)).collect(),
            _ => read(self, node).into_iter().collect(),
        }
    }

    /// A text in the author's own characters.
    pub(super) fn text(&mut self, node: &Node) -> Option<Spanned<String>> {
        self.text_as(node, "a text")
    }

    /// The same, with a word for what the text is.
    pub(super) fn text_as(&mut self, node: &Node, expected: &str) -> Option<Spanned<String>> {
        match &node.kind {
            Kind::Scalar { text, plain } => {
                if *plain && scalar::ambiguous(text).is_some() {
                    self.ambiguous(text, node.span);
                    return None;
                }
                Some(Spanned::new(text.clone(), node.span))
            }
            Kind::Map(entries) if node.flow && looks_like_template(entries) => {
                let written = self.sources.snippet(node.span).to_owned();
                self.push(
                    Diagnostic::new(Code::NeedsQuotes, node.span, format!("`{written}` needs quotes here"))
                        .label("YAML reads a map")
                        .help(format!("write `\"{written}\"`")),
                );
                None
            }
            _ => self.wrong_type(node, expected),
        }
    }

    /// A text that may also look like a number or a date.
    pub(super) fn loose_text(&mut self, node: &Node) -> Option<Spanned<String>> {
        match &node.kind {
            Kind::Scalar { text, plain: true } if is_loose(text) => Some(Spanned::new(text.clone(), node.span)),
            _ => self.text(node),
        }
    }

    /// A number with a unit. One without is a text too, so that it is told what is missing.
    pub(super) fn measure(&mut self, node: &Node) -> Option<Spanned<String>> {
        match &node.kind {
            Kind::Scalar { text, plain: true } if scalar::is_measure(text) => {
                Some(Spanned::new(text.clone(), node.span))
            }
            _ => self.text_as(node, "a number with a unit"),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, node: &Node, expected: &str) -> Option<Spanned<Vec<Spanned<String>>>> {
        let elements = self.list(node, expected)?;
        let texts = elements.iter().filter_map(|element| self.text(element)).collect();
        Some(Spanned::new(texts, node.span))
    }

    /// One name, or a list of them.
    pub(super) fn names(&mut self, node: &Node) -> Option<Spanned<Vec<Spanned<String>>>> {
        let names = self.one_or_many(node, Self::text);
        // A name that could not be read is reported, and is not the same as none at all.
        let read = !names.is_empty() || matches!(node.kind, Kind::List(_));
        read.then(|| Spanned::new(names, node.span))
    }

    /// Lists of texts in a list.
    pub(super) fn text_sets(&mut self, node: &Node) -> Vec<Spanned<Vec<Spanned<String>>>> {
        let Some(sets) = self.list(node, "a list of lists of names") else {
            return Vec::new();
        };
        sets.iter()
            .filter_map(|set| self.texts(set, "a list of names"))
            .collect()
    }

    /// `true` or `false`.
    pub(super) fn bool(&mut self, node: &Node) -> Option<Spanned<bool>> {
        match node.plain() {
            Some("true") => Some(Spanned::new(true, node.span)),
            Some("false") => Some(Spanned::new(false, node.span)),
            Some(text) if scalar::ambiguous(text) == Some("a bool") => {
                let meant = matches!(text.to_ascii_lowercase().as_str(), "y" | "yes" | "on" | "true");
                self.push(
                    Diagnostic::new(
                        Code::AmbiguousScalar,
                        node.span,
                        format!("`{text}` is not a bool in every YAML"),
                    )
                    .help(format!("write `{meant}`")),
                );
                None
            }
            _ => self.wrong_type(node, "`true` or `false`"),
        }
    }

    /// A whole number, zero or more.
    pub(super) fn integer(&mut self, node: &Node) -> Option<Spanned<u64>> {
        self.parsed(
            node,
            "a whole number",
            "a whole number stands here, zero or more",
            |text| text.parse().ok(),
        )
    }

    /// A number.
    pub(super) fn number(&mut self, node: &Node) -> Option<Spanned<f64>> {
        self.parsed(node, "a number", "write a smaller number", |text| {
            text.parse().ok().filter(|number: &f64| number.is_finite())
        })
    }

    fn parsed<T>(
        &mut self,
        node: &Node,
        expected: &str,
        help: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let text = match node.plain() {
            Some(text) if scalar::is_json_number(text) => text,
            Some(text) if scalar::ambiguous(text) == Some("a number") => return self.odd_number(text, node.span),
            _ => return self.wrong_type(node, expected),
        };
        let number = parse(text);
        if number.is_none() {
            let message = format!("`{text}` is out of range");
            self.push(Diagnostic::new(Code::BadNumber, node.span, message).help(help));
        }
        number.map(|number| Spanned::new(number, node.span))
    }

    fn odd_number<T>(&mut self, text: &str, span: Span) -> Option<T> {
        self.push(
            Diagnostic::new(
                Code::AmbiguousScalar,
                span,
                format!("`{text}` is not the same number in every YAML"),
            )
            .help("write it in decimal digits, without a leading zero, plus sign or underscore"),
        );
        None
    }

    /// One of a closed set of words.
    pub(super) fn word<W: Word>(&mut self, node: &Node) -> Option<Spanned<W>> {
        let text = self.text_as(node, "a word")?;
        let meaning = W::parse(&text);
        if meaning.is_none() {
            self.unknown_word(&text, &W::ALL.iter().map(|(word, _)| *word).collect::<Vec<_>>());
        }
        meaning.map(|meaning| Spanned::new(meaning, text.span))
    }

    pub(super) fn unknown_word(&mut self, text: &Spanned<String>, words: &[&str]) {
        let diagnostic = Diagnostic::new(
            Code::UnknownWord,
            text.span,
            format!("`{}` may not stand here", text.value),
        );
        self.push(diagnostic.help_nearest(text, words.iter().copied()));
    }

    /// A value of any shape.
    pub(super) fn value(&mut self, node: &Node) -> Option<Spanned<Value>> {
        let value = match &node.kind {
            Kind::Empty => Value::Null,
            Kind::Scalar { text, plain: false } => Value::Text(text.clone()),
            Kind::Scalar { text, plain: true } => match text.as_str() {
                "null" => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                number if scalar::is_json_number(number) => Value::Number(number.to_owned()),
                other if scalar::ambiguous(other).is_some() => {
                    self.ambiguous(other, node.span);
                    return None;
                }
                other => Value::Text(other.to_owned()),
            },
            Kind::List(elements) => Value::List(elements.iter().filter_map(|element| self.value(element)).collect()),
            Kind::Map(_) => Value::Map(self.values(node)),
        };
        Some(Spanned::new(value, node.span))
    }

    /// Named values of any shape.
    pub(super) fn values(&mut self, node: &Node) -> Entries<Spanned<Value>> {
        self.entries(node, "names and values", Self::value)
    }

    /// Names and texts.
    pub(super) fn named_texts(&mut self, node: &Node) -> Entries<Spanned<String>> {
        self.entries(node, "names and texts", Self::text)
    }

    /// A type: a text, or a YAML list of one.
    pub(super) fn type_(&mut self, node: &Node) -> Option<Type> {
        match &node.kind {
            Kind::List(elements) => match elements.as_slice() {
                [element] => Some(Type::List(Box::new(self.type_(element)?), node.span)),
                _ => self.wrong_type(node, "a type; a list has one type of element, `[Order]`"),
            },
            _ => self.text_as(node, "a type").map(Type::Text),
        }
    }

    pub(super) fn ambiguous(&mut self, text: &str, span: Span) {
        let taken = scalar::ambiguous(text).unwrap_or("something else");
        self.push(
            Diagnostic::new(
                Code::AmbiguousScalar,
                span,
                format!("`{text}` is not a text in every YAML"),
            )
            .label(format!("some readers take it for {taken}"))
            .help(format!("write `\"{text}\"`")),
        );
    }

    pub(super) fn wrong_type<T>(&mut self, node: &Node, expected: &str) -> Option<T> {
        let found = found(node);
        self.push(Diagnostic::new(
            Code::WrongType,
            node.span,
            format!("expected {expected}, found {found}"),
        ));
        None
    }

    /// A reason that is asked for, and must say something.
    pub(super) fn reason(&mut self, node: &Node) -> Option<Spanned<String>> {
        let reason = self.text_as(node, "a reason")?;
        if reason.trim().is_empty() {
            self.push(
                Diagnostic::new(Code::EmptyReason, reason.span, "the reason is empty")
                    .help("say why, for the next reader of this descriptor"),
            );
        }
        Some(reason)
    }
}

/// `{token}` and `{a}, {b}` in braces are maps of keys with nothing behind them.
fn looks_like_template(entries: &[(Key, Node)]) -> bool {
    !entries.is_empty() && entries.iter().all(|(_, value)| matches!(value.kind, Kind::Empty))
}

fn is_loose(text: &str) -> bool {
    scalar::is_json_number(text) || scalar::ambiguous(text) == Some("a date")
}

fn found(node: &Node) -> String {
    match &node.kind {
        Kind::Empty => "nothing".to_owned(),
        Kind::List(_) => "a list".to_owned(),
        Kind::Map(_) => "a map".to_owned(),
        Kind::Scalar { text, plain } => match scalar::ambiguous(text).filter(|_| *plain) {
            Some("null") => "`null`".to_owned(),
            Some(taken) => format!("{} `{}`", taken.replacen("a ", "the ", 1), shorten(text)),
            None => format!("the text `{}`", shorten(text)),
        },
    }
}

fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    if line.chars().count() > 40 {
        line.chars().take(40).chain(['…']).collect()
    } else {
        line.to_owned()
    }
}
