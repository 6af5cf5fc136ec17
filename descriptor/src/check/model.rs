//! Models.

use super::{Check, name::Taken, setting, text, ty::BUILT_IN, ty::Formats};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Definition, DefinitionId, Shape, Type, TypeName, UnionVariant, Variant};
use crate::span::{Span, Spanned};
use crate::syntax;

/// Names of types that a model cannot have, beside the built-in types.
const RESERVED: [&str; 4] = ["text", "map", "null", "none"];

/// The kinds of JSON that tell the variants of a union apart.
const KINDS: [&str; 5] = ["object", "list", "text", "number", "bool"];

fn with_article(kind: &str) -> String {
    let article = if kind == "object" { "an" } else { "a" };
    format!("{article} {kind}")
}

impl<'d> Check<'d> {
    pub(super) fn check_models(&mut self) {
        let descriptor = self.descriptor;
        let formats = descriptor
            .settings
            .formats
            .as_ref()
            .map(setting::check_formats)
            .unwrap_or_default();
        let mut taken = Taken::default();
        for (name, model) in &descriptor.models {
            let rust = self.model_name(&mut taken, name);
            let line = self.line(name.span);
            let shape = self.check_shape(model, formats);
            self.model.definitions.push(Definition {
                name: name.value.clone(),
                rust,
                docs: text(model.docs.as_ref()),
                shape,
                in_request: false,
                in_response: false,
                line,
            });
        }
        self.check_union_variants();
        self.check_union_kinds();
        self.name_record_choices(&mut taken);
    }

    fn model_name(&mut self, taken: &mut Taken, name: &Spanned<String>) -> TypeName {
        if BUILT_IN.contains(&name.as_str()) || RESERVED.contains(&name.as_str()) {
            self.push(
                Diagnostic::new(
                    Code::ReservedName,
                    name.span,
                    format!("the type `{}` is built in", name.value),
                )
                .help("give the model another name"),
            );
        }
        let Some(rust) = super::name::item_name(name) else {
            self.nameless(name, "model");
            return TypeName(String::new());
        };
        self.take(taken, rust.as_str(), &name.value, name.span, "model");
        rust
    }

    fn check_shape(&mut self, model: &'d syntax::Model, formats: Formats) -> Shape {
        if let Some(from) = &model.from {
            self.unsupported(from.span, "`$from`", "the model is any JSON for now");
            return Shape::Alias(Type::Json);
        }
        if let Some(values) = &model.enum_ {
            return Shape::Enum(self.check_enum(values));
        }
        if let Some(union) = &model.union {
            return self.check_union(union);
        }
        if let Some(alias) = &model.alias {
            let ty = self.check_plain_type(alias, formats, "an alias");
            return Shape::Alias(ty.unwrap_or(Type::Json));
        }
        Shape::Record(self.check_record(model, formats))
    }

    /// The variants of an enum.
    pub(super) fn check_enum(&mut self, values: &syntax::Enum) -> Vec<Variant> {
        let pairs = values
            .values
            .iter()
            .map(|value| (value.name.as_ref().unwrap_or(&value.wire), &value.wire));
        self.check_variants(values.span, pairs)
    }

    /// Variants by name and wire value.
    pub(super) fn check_variants<'v>(
        &mut self,
        span: Span,
        values: impl Iterator<Item = (&'v Spanned<String>, &'v Spanned<String>)>,
    ) -> Vec<Variant> {
        let mut taken = Taken::default();
        let mut variants: Vec<Variant> = Vec::new();
        for (name, wire) in values {
            if variants.iter().any(|known| known.wire == wire.value) {
                self.push(Diagnostic::new(
                    Code::DuplicateKey,
                    wire.span,
                    format!("the value `{}` stands here twice", wire.value),
                ));
                continue;
            }
            variants.push(Variant {
                wire: wire.value.clone(),
                rust: self.name_type(&mut taken, name, "value"),
            });
        }
        if variants.is_empty() {
            self.push(Diagnostic::new(Code::MissingKey, span, "an enum without a value").help("name the known values"));
        }
        variants
    }

    fn check_union(&mut self, union: &'d syntax::Union) -> Shape {
        let mut taken = Taken::default();
        let mut variants = Vec::new();
        let tagged = union.variants.iter().map(|(key, variant)| {
            let tag = variant.name.as_ref().unwrap_or(key);
            (key, tag, &variant.type_)
        });
        let kinds = union.kinds.iter().map(|(kind, ty)| (kind, kind, ty));
        let mut tags: Vec<&Spanned<String>> = Vec::new();
        for (key, tag, ty) in tagged.chain(kinds) {
            if let Some(first) = tags.iter().find(|known| known.value == tag.value) {
                self.push(
                    Diagnostic::new(
                        Code::DuplicateKey,
                        tag.span,
                        format!("the tag `{}` stands twice", tag.value),
                    )
                    .label("again here")
                    .secondary(first.span, "first here"),
                );
            }
            tags.push(tag);
            let definition = self.check_model_name(ty, "a variant of a union");
            let rust = self.name_type(&mut taken, key, "variant");
            // A wrong variant is reported; the first model stands in for it, so that the union is not empty.
            variants.push(UnionVariant {
                tag: tag.value.clone(),
                rust,
                definition: definition.unwrap_or(DefinitionId(0)),
            });
        }
        if variants.is_empty() {
            self.push(
                Diagnostic::new(Code::MissingKey, union.span, "a union without a variant")
                    .help("name the known models"),
            );
        }
        Shape::Union {
            tag: union
                .kinds
                .is_empty()
                .then(|| text(union.tag.as_ref()).unwrap_or_default()),
            variants,
        }
    }

    /// Variants of unions are records; all models must be known to say so.
    fn check_union_variants(&mut self) {
        let descriptor = self.descriptor;
        for (_, model) in &descriptor.models {
            for (tag, syntax::Variant { type_: ty, .. }) in model.union.iter().flat_map(|union| &union.variants) {
                let Some(id) = Self::bare_name(ty).and_then(|name| self.definition(name)) else {
                    continue;
                };
                let is_record = self
                    .model
                    .definitions
                    .get(id.index())
                    .is_some_and(|found| matches!(found.shape, Shape::Record(_)));
                let from = descriptor
                    .models
                    .get(id.index())
                    .is_some_and(|(_, model)| model.from.is_some());
                if !is_record && !from {
                    self.push(
                        Diagnostic::new(
                            Code::WrongType,
                            ty.span(),
                            format!("the variant `{}` is not an object", tag.value),
                        )
                        .label("a model with fields is expected"),
                    );
                }
            }
        }
    }

    /// Variants by the kind of JSON have a model of that kind.
    fn check_union_kinds(&mut self) {
        let descriptor = self.descriptor;
        for (_, model) in &descriptor.models {
            for (kind, ty) in model.union.iter().flat_map(|union| &union.kinds) {
                if !KINDS.contains(&kind.as_str()) {
                    self.push(
                        Diagnostic::new(
                            Code::UnknownWord,
                            kind.span,
                            format!("`{}` is no kind of JSON", kind.value),
                        )
                        .help(format!("the kinds are {}", crate::diagnostic::suggest::list(&KINDS))),
                    );
                    continue;
                }
                let Some(id) = Self::bare_name(ty).and_then(|name| self.definition(name)) else {
                    continue;
                };
                if self
                    .kind_of(&Type::Named(id))
                    .is_some_and(|found| found != kind.as_str())
                {
                    self.push(
                        Diagnostic::new(
                            Code::WrongType,
                            ty.span(),
                            format!("the variant `{}` is of another kind", kind.value),
                        )
                        .label(format!("a model that travels as {} is expected", with_article(kind)))
                        .help("an `$alias` is a model too, as in `Tags: { $alias: \"[string]\" }`"),
                    );
                }
            }
        }
    }

    /// How a type travels in JSON, where there is one way only.
    fn kind_of(&self, ty: &Type) -> Option<&'static str> {
        match self.behind(ty) {
            Type::Bool => Some("bool"),
            Type::Int(_) | Type::Float | Type::Decimal(_) | Type::DateTime(_) | Type::Json => None,
            Type::String | Type::Date | Type::Uuid | Type::Url | Type::Bytes | Type::Secret => Some("text"),
            Type::List(_) => Some("list"),
            Type::Map(_) => Some("object"),
            Type::Named(_) => match self.shape(ty)? {
                Shape::Record(_) | Shape::Union { tag: Some(_), .. } => Some("object"),
                Shape::Enum(_) => Some("text"),
                Shape::Union { tag: None, .. } | Shape::Alias(_) => None,
            },
        }
    }

    /// What a type is, aliases looked through.
    pub(super) fn behind<'t>(&'t self, ty: &'t Type) -> &'t Type {
        let mut ty = ty;
        // An alias of itself is reported elsewhere and would not end here.
        for _ in 0..=self.model.definitions.len() {
            match ty {
                Type::Named(id) => match self
                    .model
                    .definitions
                    .get(id.index())
                    .map(|definition| &definition.shape)
                {
                    Some(Shape::Alias(inner)) => ty = inner,
                    _ => return ty,
                },
                _ => return ty,
            }
        }
        ty
    }

    /// The shape of a type that is a model, aliases looked through.
    pub(super) fn shape(&self, ty: &Type) -> Option<&Shape> {
        match self.behind(ty) {
            Type::Named(id) => self
                .model
                .definitions
                .get(id.index())
                .map(|definition| &definition.shape),
            _ => None,
        }
    }

    /// Whether a value of this type is one text, number or bool.
    pub(super) fn is_scalar(&self, ty: &Type) -> bool {
        match self.behind(ty) {
            Type::String
            | Type::Int(_)
            | Type::Float
            | Type::Decimal(_)
            | Type::Bool
            | Type::Date
            | Type::DateTime(_)
            | Type::Uuid
            | Type::Url
            | Type::Secret => true,
            Type::Named(_) => matches!(self.shape(ty), Some(Shape::Enum(_))),
            Type::Bytes | Type::Json | Type::List(_) | Type::Map(_) => false,
        }
    }
}
