//! Places.

use crate::diagnostic::{Code, Diagnostic};
use crate::span::Spanned;
use crate::syntax::keys;
use crate::syntax::read::{Fields, Reader};
use crate::syntax::tree::{Kind, Node};
use crate::syntax::{Place, Target};

impl Reader<'_> {
    /// `$.a`, a bare word, or `{ body|header, format, pattern }`.
    pub(super) fn place(&mut self, node: &Node) -> Option<Place> {
        if let Kind::Map(_) = node.kind {
            return self.long_place(node);
        }
        let text = self.text_as(node, "a place")?;
        Some(Place {
            span: node.span,
            target: target(text),
            format: Vec::new(),
            pattern: None,
        })
    }

    /// One place, or a list of which the first that holds something is taken.
    pub(super) fn places(&mut self, node: &Node) -> Vec<Place> {
        self.one_or_many(node, Self::place)
    }

    fn long_place(&mut self, node: &Node) -> Option<Place> {
        let fields = self.block(node, &keys::PLACE)?;
        let format = self.many(&fields, "format", |reader, node| reader.one_or_many(node, Self::text));
        let pattern = self.field(&fields, "pattern", Self::text);
        let target = self.long_target(&fields)?;
        Some(Place {
            span: fields.span,
            target,
            format,
            pattern,
        })
    }

    fn long_target(&mut self, fields: &Fields<'_>) -> Option<Target> {
        match (fields.get("body"), fields.get("header")) {
            (Some(body), None) => self.text_as(body, "a path in the body").map(Target::Body),
            (None, Some(header)) => self.text_as(header, "the name of a header").map(Target::Header),
            (Some(body), Some(header)) => {
                self.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        header.span,
                        "a place is in the body or in a header",
                    )
                    .label("and in a header")
                    .secondary(body.span, "in the body")
                    .help("leave one of them out"),
                );
                None
            }
            (None, None) => {
                self.push(
                    Diagnostic::new(Code::MissingKey, fields.span, "a place needs `body` or `header`")
                        .help("write `{ body: $.name }` or `{ header: Name }`"),
                );
                None
            }
        }
    }
}

fn target(text: Spanned<String>) -> Target {
    if text.starts_with('$') {
        Target::Body(text)
    } else {
        Target::Word(text)
    }
}
