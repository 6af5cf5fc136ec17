//! Operations.

use super::reply::looks_like_status;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::{Span, Spanned};
use crate::syntax::read::{Fields, Reader};
use crate::syntax::tree::{Kind, Node};
use crate::syntax::{
    Batch, Deprecated, Example, HealthCheck, Method, Operation, Param, Returns, Route, Stream, Word, keys,
};

impl Reader<'_> {
    pub(super) fn operation(&mut self, node: &Node) -> Option<Operation> {
        let fields = self.block(node, &keys::OPERATION)?;
        Some(Operation {
            span: fields.span,
            route: self.route(&fields),
            from: self.field(&fields, "from", Self::text),
            params: self.many(&fields, "params", |reader, node| {
                reader.entries(node, "params", Self::param)
            }),
            body: self.field(&fields, "body", Self::type_),
            returns: self.field(&fields, "returns", Self::returns),
            content: self.field(&fields, "content", Self::content),
            batch: self.field(&fields, "batch", Self::batch),
            max_body: self.field(&fields, "max_body", Self::measure),
            idempotent: self.field(&fields, "idempotent", Self::bool),
            idempotency_key: self.field(&fields, "idempotency_key", Self::place),
            cost: self.field(&fields, "cost", Self::integer),
            one_of: self.many(&fields, "one_of", Self::text_sets),
            at_most_one: self.many(&fields, "at_most_one", Self::text_sets),
            examples: self.many(&fields, "examples", Self::examples),
            deprecated: self.field(&fields, "deprecated", Self::deprecated),
            docs: self.field(&fields, "docs", Self::text),
            settings: self.settings(&fields),
        })
    }

    fn route(&mut self, fields: &Fields<'_>) -> Option<Route> {
        let methods: Vec<(&str, Method, Span, &Node)> = Method::ALL
            .iter()
            .filter_map(|(word, method)| Some((*word, *method, fields.key(word)?, fields.get(word)?)))
            .collect();
        if let [(first, _, first_span, _), (second, _, second_span, _), ..] = methods.as_slice() {
            self.push(
                Diagnostic::new(
                    Code::TwoMethods,
                    *second_span,
                    format!("an operation has one method, and this one has `{first}` and `{second}`"),
                )
                .label("a second method")
                .secondary(*first_span, "the first method")
                .help("make them two operations"),
            );
        }
        let Some((_, method, span, path)) = methods.into_iter().next() else {
            if fields.get("from").is_none() {
                self.push(
                    Diagnostic::new(Code::NoRoute, fields.span, "an operation needs a method and a path")
                        .help("write `get: /path`, or another of `post`, `put`, `patch`, `delete` and `head`"),
                );
            }
            return None;
        };
        Some(Route {
            method: Spanned::new(method, span),
            path: self.text_as(path, "a path")?,
        })
    }

    fn content(&mut self, node: &Node) -> Option<Spanned<String>> {
        let text = self.text(node)?;
        if text.value == "xml" || text.ends_with("/xml") || text.ends_with("+xml") {
            self.push(
                Diagnostic::new(Code::OutOfVersion, text.span, "XML is not part of version 1")
                    .help("send and read it as `bytes` or `text`"),
            );
        }
        Some(text)
    }

    fn param(&mut self, node: &Node) -> Option<Param> {
        let short = Param {
            span: node.span,
            ..Param::default()
        };
        if node.plain() == Some("null") {
            return Some(Param { removed: true, ..short });
        }
        if !matches!(node.kind, Kind::Map(_)) {
            return Some(Param {
                type_: Some(self.type_(node)?),
                ..short
            });
        }
        let fields = self.block(node, &keys::PARAM)?;
        Some(Param {
            span: fields.span,
            removed: false,
            in_: self.field(&fields, "in", Self::word),
            name: self.field(&fields, "name", Self::text),
            type_: self.field(&fields, "type", Self::type_),
            const_: self.field(&fields, "const", Self::value),
            style: self.field(&fields, "style", Self::word),
            enum_: self.field(&fields, "enum", |reader, node| reader.texts(node, "a list of values")),
            max_items: self.field(&fields, "max_items", Self::integer),
            by_token: self.field(&fields, "by_token", |reader, node| {
                let by_token = reader.entries(node, "tokens and `required`, `optional` or `absent`", Self::word);
                Some(Spanned::new(by_token, node.span))
            }),
            slashes: self.field(&fields, "slashes", Self::word),
            deprecated: self.field(&fields, "deprecated", Self::deprecated),
            docs: self.field(&fields, "docs", Self::text),
        })
    }

    fn returns(&mut self, node: &Node) -> Option<Returns> {
        let Kind::Map(entries) = &node.kind else {
            return self.type_(node).map(Returns::Type);
        };
        if entries.iter().any(|(key, _)| looks_like_status(&key.text)) {
            let mut by_status = Vec::new();
            for (key, value) in entries {
                let status = self.status_key(key);
                let type_ = self.type_(value);
                by_status.extend(status.zip(type_));
            }
            return Some(Returns::ByStatus(Spanned::new(by_status, node.span)));
        }
        let fields = self.block(node, &keys::STREAM)?;
        Some(Returns::Stream(Stream {
            span: fields.span,
            kind: self.field(&fields, "stream", Self::word),
            of: self.field(&fields, "of", Self::type_),
            end: self.field(&fields, "end", Self::text),
        }))
    }

    fn batch(&mut self, node: &Node) -> Option<Batch> {
        let fields = self.block(node, &keys::BATCH)?;
        Some(Batch {
            span: fields.span,
            max_items: self.field(&fields, "max_items", Self::integer),
            split: self.field(&fields, "split", Self::bool),
            items: self.field(&fields, "items", Self::place),
        })
    }

    fn examples(&mut self, node: &Node) -> Vec<Example> {
        let Some(list) = self.list(node, "a list of examples") else {
            return Vec::new();
        };
        list.iter().filter_map(|example| self.example(example)).collect()
    }

    fn example(&mut self, node: &Node) -> Option<Example> {
        let fields = self.block(node, &keys::EXAMPLE)?;
        Some(Example {
            span: fields.span,
            params: self.many(&fields, "params", Self::values),
            body: self.field(&fields, "body", Self::value),
            status: self.field(&fields, "status", Self::exact_status),
            reply: self.field(&fields, "reply", Self::value),
        })
    }

    fn exact_status(&mut self, node: &Node) -> Option<Spanned<u16>> {
        let status = self.status(node)?;
        match status.value {
            crate::syntax::Status::Code(code) => Some(Spanned::new(code, status.span)),
            crate::syntax::Status::Class(_) => self.wrong_type(node, "one status"),
        }
    }

    pub(super) fn deprecated(&mut self, node: &Node) -> Option<Deprecated> {
        let short = Deprecated {
            span: node.span,
            ..Deprecated::default()
        };
        match &node.kind {
            Kind::Map(_) => {
                let fields = self.block(node, &keys::DEPRECATED)?;
                Some(Deprecated {
                    use_: self.field(&fields, "use", Self::text),
                    since: self.field(&fields, "since", Self::loose_text),
                    removed: self.field(&fields, "removed", Self::loose_text),
                    ..short
                })
            }
            _ => match node.plain() {
                Some("true") => Some(short),
                Some("false") => None,
                _ => Some(Deprecated {
                    text: Some(self.text_as(node, "`true`, a text, or `{ use, since, removed }`")?),
                    ..short
                }),
            },
        }
    }

    pub(super) fn health_check(&mut self, node: &Node) -> Option<HealthCheck> {
        match node.kind {
            Kind::Map(_) => {
                let by_token = self.named_texts(node);
                Some(HealthCheck::ByToken(Spanned::new(by_token, node.span)))
            }
            _ => self
                .text_as(node, "`resource.operation`, or one per token")
                .map(HealthCheck::One),
        }
    }
}
