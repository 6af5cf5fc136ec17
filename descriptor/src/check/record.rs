//! Objects and their fields.

use super::{Check, choice::Member, deprecated, json, name::Taken, operation::is_media_type, text, ty::Formats};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{DateTimeFormat, Field, FieldPresence, NumberFormat, Record, Type};
use crate::span::Spanned;
use crate::syntax::{self, Word};

impl<'d> Check<'d> {
    pub(super) fn check_record(&mut self, model: &'d syntax::Model, formats: Formats) -> Record {
        let mut taken = Taken::default();
        let mut wires = Taken::default();
        let mut fields = Vec::new();
        for (key, field) in &model.fields {
            if field.removed {
                self.push(
                    Diagnostic::new(
                        Code::OverrideHitsNothing,
                        key.span,
                        format!("there is no `{}` to remove", key.value),
                    )
                    .label("only what an OpenAPI file says can be removed"),
                );
            }
            let wire = field.name.as_ref().unwrap_or(key);
            if wires.has(wire) {
                self.push(Diagnostic::new(
                    Code::DuplicateKey,
                    wire.span,
                    format!("the field `{}` stands here twice", wire.value),
                ));
            }
            self.take(&mut wires, &wire.value, &wire.value, wire.span, "field");
            let rust = self.name_field(&mut taken, key, "field");
            fields.push(self.check_field(key, field, rust, formats));
        }
        let members: Vec<Member<'_>> = model
            .fields
            .iter()
            .zip(&fields)
            .map(|((key, written), field)| Member {
                key,
                span: written.span,
                optional: field.presence == FieldPresence::Optional && field.constant.is_none(),
                deprecated: written.deprecated.as_ref(),
            })
            .collect();
        self.check_replacements(&members, "field");
        let choices = self.check_choices(&members, &model.one_of, &model.at_most_one, &mut taken);
        Record {
            fields,
            choices,
            open: is_open(model),
        }
    }

    fn check_field(
        &mut self,
        key: &Spanned<String>,
        field: &'d syntax::Field,
        rust: crate::model::FieldName,
        formats: Formats,
    ) -> Field {
        let marked = field.type_.as_ref().and_then(|ty| self.check_type(ty, formats));
        let constant = field.const_.as_ref();
        if field.type_.is_none() && constant.is_none() && !field.removed {
            self.missing(key, "type", "type: string");
        }
        let (ty, nullable, required) = match (marked, constant) {
            (Some(marked), _) => (marked.ty, marked.nullable, marked.required),
            (None, Some(value)) if field.type_.is_none() => (json::type_of(&value.value), false, false),
            (None, _) => (Type::Json, false, false),
        };
        let ty = match &field.format {
            Some(format) => self.check_field_format(format, ty),
            None => ty,
        };
        if let Some(value) = constant {
            self.check_constant(value, &ty);
        }
        if let Some(content) = field.content.as_ref().filter(|content| !is_media_type(content)) {
            self.unknown_word("media type", content, ["application/json", "text/plain"]);
        }
        self.check_list_keys(
            &ty,
            field.style.as_ref().map(|style| style.span),
            field.max_items.as_ref().map(|most| most.span),
        );
        Field {
            wire: field.name.as_ref().unwrap_or(key).value.clone(),
            rust,
            ty,
            presence: match (nullable, required) {
                (false, false) => FieldPresence::Optional,
                (false, true) => FieldPresence::Required,
                (true, false) => FieldPresence::Clearable,
                (true, true) => FieldPresence::Nullable,
            },
            constant: constant.map(|value| json::text(&value.value)),
            boxed: false,
            max_items: field.max_items.as_ref().map(|most| self.check_count(most, "a maximum")),
            style: field.style.as_ref().map_or(formats.array, |style| style.value.into()),
            content: text(field.content.as_ref()),
            deprecated: deprecated::reason(field.deprecated.as_ref()),
            docs: text(field.docs.as_ref()),
        }
    }

    /// A constant fits its type.
    pub(super) fn check_constant(&mut self, value: &Spanned<syntax::Value>, ty: &Type) {
        if matches!(value.value, syntax::Value::Null) || !json::fits(&value.value, self.behind(ty)) {
            self.push(
                Diagnostic::new(Code::WrongType, value.span, "a constant of another type than its own")
                    .help("write the value as it travels, and quote a text"),
            );
        }
    }

    /// `style` and `max_items` are for lists.
    pub(super) fn check_list_keys(
        &mut self,
        ty: &Type,
        style: Option<crate::span::Span>,
        max_items: Option<crate::span::Span>,
    ) {
        let inner = match ty {
            Type::Map(inner) => inner,
            other => other,
        };
        // Aliases may name models that are not read yet.
        if matches!(inner, Type::List(_) | Type::Named(_)) {
            return;
        }
        for (key, span) in [("style", style), ("max_items", max_items)] {
            if let Some(span) = span {
                self.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        span,
                        format!("`{key}` on something that is not a list"),
                    )
                    .help(format!("leave `{key}` out, or write the type as a list, `[string]`")),
                );
            }
        }
    }

    /// `format` of one field, which reaches through lists and maps.
    fn check_field_format(&mut self, format: &Spanned<String>, ty: Type) -> Type {
        match ty {
            Type::List(inner) => Type::List(Box::new(self.check_field_format(format, *inner))),
            Type::Map(inner) => Type::Map(Box::new(self.check_field_format(format, *inner))),
            Type::Int(known) => Type::Int(self.number_format(format).unwrap_or(known)),
            Type::Decimal(known) => Type::Decimal(self.number_format(format).unwrap_or(known)),
            Type::DateTime(known) => {
                let found = syntax::DateTimeFormat::parse(format).map(DateTimeFormat::from);
                if found.is_none() {
                    self.unknown_word(
                        "format of a time",
                        format,
                        syntax::DateTimeFormat::ALL.iter().map(|(word, _)| *word),
                    );
                }
                Type::DateTime(found.unwrap_or(known))
            }
            other => {
                self.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        format.span,
                        "`format` on a type that is written in one way only",
                    )
                    .label("`int`, `decimal` and `datetime` have formats"),
                );
                other
            }
        }
    }

    fn number_format(&mut self, format: &Spanned<String>) -> Option<NumberFormat> {
        let found = syntax::NumberFormat::parse(format).map(NumberFormat::from);
        if found.is_none() {
            self.unknown_word(
                "format of a number",
                format,
                syntax::NumberFormat::ALL.iter().map(|(word, _)| *word),
            );
        }
        found
    }
}

/// Whether unknown fields are kept.
fn is_open(model: &syntax::Model) -> bool {
    model.open.as_ref().is_some_and(|open| open.value)
}
