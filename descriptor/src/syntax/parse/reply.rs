//! What failures look like.

use crate::diagnostic::{Code, Diagnostic};
use crate::span::Spanned;
use crate::syntax::keys;
use crate::syntax::read::Reader;
use crate::syntax::tree::{Key, Kind, Node};
use crate::syntax::{Entries, Errors, Rule, Status, Unwrap, Value, When};

impl Reader<'_> {
    pub(super) fn errors(&mut self, node: &Node) -> Option<Errors> {
        let fields = self.block(node, &keys::ERRORS)?;
        Some(Errors {
            span: fields.span,
            body: self.field(&fields, "body", Self::type_),
            message: self.many(&fields, "message", Self::places),
            code: self.many(&fields, "code", Self::places),
            request_id: self.many(&fields, "request_id", Self::places),
        })
    }

    /// `$.data`, or `{ body: $.data, when: { $.kind: envelope } }`.
    pub(super) fn unwrap(&mut self, node: &Node) -> Option<Unwrap> {
        if !matches!(node.kind, Kind::Map(_)) {
            let body = self.text(node)?;
            return Some(Unwrap {
                body,
                when: Entries::new(),
            });
        }
        let fields = self.block(node, &keys::UNWRAP)?;
        let when = self.many(&fields, "when", Self::conditions);
        let body = self.field(&fields, "body", Self::text)?;
        Some(Unwrap { body, when })
    }

    fn conditions(&mut self, node: &Node) -> Entries<Vec<Spanned<Value>>> {
        self.entries(node, "places and values", |reader, node| {
            Some(reader.one_or_many(node, Self::value))
        })
    }

    pub(super) fn classify(&mut self, node: &Node) -> Option<Spanned<Vec<Rule>>> {
        let list = self.list(node, "a list of `{ when, kind }`")?;
        let rules = list.iter().filter_map(|rule| self.rule(rule)).collect();
        Some(Spanned::new(rules, node.span))
    }

    fn rule(&mut self, node: &Node) -> Option<Rule> {
        let fields = self.block(node, &keys::RULE)?;
        Some(Rule {
            span: fields.span,
            when: self.field(&fields, "when", Self::when),
            kind: self.field(&fields, "kind", Self::word),
            hint: self.field(&fields, "hint", Self::text),
            body: self.field(&fields, "body", Self::type_),
        })
    }

    fn when(&mut self, node: &Node) -> Option<When> {
        let fields = self.block(node, &keys::WHEN)?;
        Some(When {
            span: fields.span,
            status: self.many(&fields, "status", |reader, node| reader.one_or_many(node, Self::status)),
            code: self.many(&fields, "code", |reader, node| {
                reader.one_or_many(node, Self::loose_text)
            }),
            header: self.many(&fields, "header", |reader, node| {
                reader.entries(node, "headers and values", |reader, node| {
                    Some(reader.one_or_many(node, Self::text))
                })
            }),
            body: self.many(&fields, "body", Self::conditions),
            present: self.field(&fields, "present", Self::place),
        })
    }

    pub(super) fn status(&mut self, node: &Node) -> Option<Spanned<Status>> {
        match &node.kind {
            Kind::Scalar { text, .. } => self.status_text(&Spanned::new(text.clone(), node.span)),
            _ => self.wrong_type(node, "a status"),
        }
    }

    /// A status as the key of a map.
    pub(super) fn status_key(&mut self, key: &Key) -> Option<Spanned<Status>> {
        self.status_text(&Spanned::new(key.text.clone(), key.span))
    }

    fn status_text(&mut self, text: &Spanned<String>) -> Option<Spanned<Status>> {
        let status = parse_status(text);
        if status.is_none() {
            self.push(
                Diagnostic::new(
                    Code::UnknownWord,
                    text.span,
                    format!("`{}` is not a status", text.value),
                )
                .help("a status is a number from 100 to 599, a class of them is `2xx`"),
            );
        }
        status.map(|status| Spanned::new(status, text.span))
    }
}

/// Whether `text` is meant as a status: three characters, the first a digit.
pub(super) fn looks_like_status(text: &str) -> bool {
    text.len() == 3 && text.starts_with(|character: char| character.is_ascii_digit())
}

fn parse_status(text: &str) -> Option<Status> {
    if !looks_like_status(text) {
        return None;
    }
    if let Some(class) = text.strip_suffix("xx") {
        return class
            .parse()
            .ok()
            .filter(|class| (1..=5).contains(class))
            .map(Status::Class);
    }
    text.parse()
        .ok()
        .filter(|code| (100..600).contains(code))
        .map(Status::Code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_and_classes_are_told_apart() {
        assert_eq!(parse_status("404"), Some(Status::Code(404)));
        assert_eq!(parse_status("2xx"), Some(Status::Class(2)));
        for text in ["", "2", "20", "2x", "0xx", "6xx", "600", "099", "2xxx", "+20", "é4"] {
            assert_eq!(parse_status(text), None, "{text}");
        }
    }
}
