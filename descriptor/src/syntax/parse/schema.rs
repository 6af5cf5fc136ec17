//! Models.

use crate::diagnostic::{Code, Diagnostic};
use crate::span::Spanned;
use crate::syntax::keys;
use crate::syntax::read::{Fields, Reader};
use crate::syntax::tree::{Kind, Node};
use crate::syntax::{Entries, Enum, EnumValue, Field, Formats, Model, Union, Variant};

impl Reader<'_> {
    pub(super) fn model(&mut self, node: &Node) -> Option<Model> {
        let fields = self.open_block(node, &keys::MODEL, |key| !key.starts_with('$'))?;
        self.model_forms(&fields);
        Some(Model {
            span: fields.span,
            docs: self.field(&fields, "$docs", Self::text),
            enum_: self.field(&fields, "$enum", Self::enum_),
            union: self.field(&fields, "$union", Self::union),
            alias: self.field(&fields, "$alias", Self::type_),
            open: self.field(&fields, "$open", Self::bool),
            from: self.field(&fields, "$from", Self::text),
            one_of: self.many(&fields, "$one_of", Self::text_sets),
            at_most_one: self.many(&fields, "$at_most_one", Self::text_sets),
            fields: self.model_fields(node),
        })
    }

    /// A model is one of: an enum, a union, an alias, or fields.
    fn model_forms(&mut self, fields: &Fields<'_>) {
        let mut forms = ["$enum", "$union", "$alias"]
            .into_iter()
            .filter_map(|key| fields.key(key).map(|span| (key, span)))
            .collect::<Vec<_>>();
        forms.extend(
            fields
                .first_key(|key| !key.starts_with('$'))
                .map(|span| ("fields", span)),
        );
        if let [(first, first_span), (second, second_span), ..] = forms.as_slice() {
            self.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    *second_span,
                    format!("a model with `{first}` has no {}", quoted_key(second)),
                )
                .label("a second form")
                .secondary(*first_span, "the first form")
                .help("make them two models"),
            );
        }
    }

    fn model_fields(&mut self, node: &Node) -> Entries<Field> {
        let Kind::Map(entries) = &node.kind else {
            return Vec::new();
        };
        let mut fields = Vec::new();
        for (key, value) in entries.iter().filter(|(key, _)| !key.text.starts_with('$')) {
            let Some(name) = self.name(key) else { continue };
            if let Some(field) = self.model_field(value) {
                fields.push((name, field));
            }
        }
        fields
    }

    fn model_field(&mut self, node: &Node) -> Option<Field> {
        let short = Field {
            span: node.span,
            ..Field::default()
        };
        if node.plain() == Some("null") {
            return Some(Field { removed: true, ..short });
        }
        if !matches!(node.kind, Kind::Map(_)) {
            return Some(Field {
                type_: Some(self.type_(node)?),
                ..short
            });
        }
        let fields = self.block(node, &keys::FIELD)?;
        Some(Field {
            span: fields.span,
            removed: false,
            type_: self.field(&fields, "type", Self::type_),
            name: self.field(&fields, "name", Self::text),
            const_: self.field(&fields, "const", Self::value),
            format: self.field(&fields, "format", Self::text),
            style: self.field(&fields, "style", Self::word),
            content: self.field(&fields, "content", Self::text),
            max_items: self.field(&fields, "max_items", Self::integer),
            deprecated: self.field(&fields, "deprecated", Self::deprecated),
            docs: self.field(&fields, "docs", Self::text),
        })
    }

    fn enum_(&mut self, node: &Node) -> Option<Enum> {
        let values = match &node.kind {
            Kind::Map(_) => self
                .named_texts(node)
                .into_iter()
                .map(|(name, wire)| EnumValue { name: Some(name), wire })
                .collect(),
            _ => self
                .texts(node, "a list of values, or names and wire values")?
                .value
                .into_iter()
                .map(|wire| EnumValue { name: None, wire })
                .collect(),
        };
        Some(Enum {
            span: node.span,
            values,
        })
    }

    fn union(&mut self, node: &Node) -> Option<Union> {
        let fields = self.block(node, &keys::UNION)?;
        self.union_keys(&fields);
        Some(Union {
            span: fields.span,
            tag: self.field(&fields, "tag", Self::text),
            variants: self.many(&fields, "variants", |reader, node| {
                reader.entries(node, "values of the tag and models", Self::variant)
            }),
            kinds: self.many(&fields, "kinds", |reader, node| {
                reader.entries(node, "kinds of JSON and models", Self::type_)
            }),
        })
    }

    fn variant(&mut self, node: &Node) -> Option<Variant> {
        if !matches!(node.kind, Kind::Map(_)) {
            return self.type_(node).map(|type_| Variant { name: None, type_ });
        }
        let fields = self.block(node, &keys::VARIANT)?;
        let name = self.field(&fields, "name", Self::loose_text);
        let type_ = self.field(&fields, "type", Self::type_)?;
        Some(Variant { name, type_ })
    }

    /// `tag` and `variants`, or `kinds`.
    fn union_keys(&mut self, fields: &Fields<'_>) {
        let tagged = [fields.get("tag"), fields.get("variants")];
        match (tagged, fields.get("kinds")) {
            ([Some(_), Some(_)], None) | ([None, None], Some(_)) => {}
            ([tag, variants], Some(kinds)) => {
                let other = tag.or(variants).map_or(fields.span, |node| node.span);
                self.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        kinds.span,
                        "a tag or the kind of JSON tells variants apart",
                    )
                    .secondary(other, "and here the tag")
                    .help("leave out `kinds`, or `tag` and `variants`"),
                );
            }
            ([tag, _], None) => {
                let key = if tag.is_some() { "variants" } else { "tag" };
                self.push(
                    Diagnostic::new(Code::MissingKey, fields.span, format!("`$union` needs `{key}`"))
                        .label(format!("`{key}` is missing"))
                        .help("write `{ tag: kind, variants: { card: Card } }`, or `{ kinds: { object: Card, text: CardId } }`"),
                );
            }
        }
    }

    pub(super) fn formats(&mut self, node: &Node) -> Option<Formats> {
        let fields = self.block(node, &keys::FORMATS)?;
        Some(Formats {
            span: fields.span,
            array: self.field(&fields, "array", Self::word),
            decimal: self.field(&fields, "decimal", Self::word),
            int: self.field(&fields, "int", Self::word),
            datetime: self.field(&fields, "datetime", Self::word),
        })
    }

    /// Names and types.
    pub(super) fn named_types(&mut self, node: &Node) -> Spanned<Entries<crate::syntax::Type>> {
        let types = self.entries(node, "names and models", Self::type_);
        Spanned::new(types, node.span)
    }
}

fn quoted_key(form: &str) -> String {
    if form.starts_with('$') {
        format!("`{form}`")
    } else {
        form.to_owned()
    }
}
