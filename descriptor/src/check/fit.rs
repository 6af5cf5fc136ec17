//! Whether the value of an example can be one of a type.

use super::{Check, json};
use crate::model::{Definition, FieldPresence, Path, Record, Shape, Step, Type, UnionVariant};
use crate::span::{Span, Spanned};
use crate::syntax::{Entries, Value};

/// What does not fit, and why.
pub(super) struct Misfit {
    pub(super) span: Span,
    pub(super) problem: String,
}

impl Misfit {
    fn new(span: Span, problem: impl Into<String>) -> Self {
        Self {
            span,
            problem: problem.into(),
        }
    }
}

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// What the client sends: every field is known.
    Request,
    /// What it receives: a tolerant reader skips unknown fields.
    Reply,
}

/// What stands at a path of a value.
pub(super) fn value_at<'v>(value: &'v Spanned<Value>, path: &Path) -> Result<&'v Spanned<Value>, Misfit> {
    let mut at = value;
    for step in &path.0 {
        let Step::Name(name) = step else {
            return Ok(at);
        };
        let found = match &at.value {
            Value::Map(entries) => entries
                .iter()
                .find(|(key, _)| key.value == *name)
                .map(|(_, value)| value),
            _ => None,
        };
        at = found.ok_or_else(|| Misfit::new(at.span, format!("nothing stands at `{path}`")))?;
    }
    Ok(at)
}

/// The kind of JSON that a value is.
fn kind(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some("bool"),
        Value::Number(_) => Some("number"),
        Value::Text(_) => Some("text"),
        Value::List(_) => Some("list"),
        Value::Map(_) => Some("object"),
    }
}

impl Check<'_> {
    /// The first thing that does not fit. The descriptor's depth bounds that of the value.
    pub(super) fn check_fit(&self, value: &Spanned<Value>, ty: &Type, way: Way) -> Result<(), Misfit> {
        let ty = self.behind(ty);
        match (ty, &value.value) {
            (Type::List(item), Value::List(items)) => {
                items.iter().try_for_each(|value| self.check_fit(value, item, way))
            }
            (Type::Map(item), Value::Map(entries)) => entries
                .iter()
                .try_for_each(|(_, value)| self.check_fit(value, item, way)),
            (Type::Named(id), found) => match self.model.definitions.get(id.index()) {
                Some(definition) => self.check_fit_model(value.span, found, definition, way),
                None => Ok(()),
            },
            (ty, found) if json::fits(found, ty) => Ok(()),
            _ => Err(Misfit::new(value.span, "a value of another type")),
        }
    }

    fn check_fit_model(&self, span: Span, value: &Value, definition: &Definition, way: Way) -> Result<(), Misfit> {
        match (&definition.shape, value) {
            (Shape::Record(record), Value::Map(entries)) => self.check_fit_record(span, entries, record, None, way),
            (Shape::Enum(variants), Value::Text(text)) => {
                if way == Way::Reply || variants.iter().any(|variant| variant.wire == *text) {
                    return Ok(());
                }
                Err(Misfit::new(span, format!("not a value of `{}`", definition.name)))
            }
            (
                Shape::Union {
                    tag: Some(tag),
                    variants,
                },
                Value::Map(entries),
            ) => self.check_fit_union(span, entries, tag, variants, way),
            (Shape::Union { tag: None, variants }, value) => {
                match variants
                    .iter()
                    .find(|variant| kind(value) == Some(variant.tag.as_str()))
                {
                    Some(variant) => {
                        let value = Spanned::new(value.clone(), span);
                        self.check_fit(&value, &Type::Named(variant.definition), way)
                    }
                    None if way == Way::Reply => Ok(()),
                    None => Err(Misfit::new(span, format!("not a kind of `{}`", definition.name))),
                }
            }
            _ => Err(Misfit::new(span, format!("not a `{}`", definition.name))),
        }
    }

    fn check_fit_union(
        &self,
        span: Span,
        entries: &Entries<Spanned<Value>>,
        tag: &str,
        variants: &[UnionVariant],
        way: Way,
    ) -> Result<(), Misfit> {
        let Some((_, found)) = entries.iter().find(|(key, _)| key.value == tag) else {
            return Err(Misfit::new(span, format!("the tag `{tag}` is missing")));
        };
        let variant = variants
            .iter()
            .find(|variant| found.value == Value::Text(variant.tag.clone()));
        let record = variant.and_then(|variant| match self.shape(&Type::Named(variant.definition)) {
            Some(Shape::Record(record)) => Some(record),
            _ => None,
        });
        match record {
            Some(record) => self.check_fit_record(span, entries, record, Some(tag), way),
            None if way == Way::Reply => Ok(()),
            None => Err(Misfit::new(
                found.span,
                format!("not one of the values of the tag `{tag}`"),
            )),
        }
    }

    fn check_fit_record(
        &self,
        span: Span,
        entries: &Entries<Spanned<Value>>,
        record: &Record,
        tag: Option<&str>,
        way: Way,
    ) -> Result<(), Misfit> {
        for (key, value) in entries {
            let Some(field) = record.fields.iter().find(|field| field.wire == key.value) else {
                if way == Way::Reply || record.open || tag == Some(key.as_str()) {
                    continue;
                }
                return Err(Misfit::new(key.span, format!("no field `{}` here", key.value)));
            };
            let may_be_null = field.presence != FieldPresence::Required;
            if !(may_be_null && value.value == Value::Null) {
                self.check_fit(value, &field.ty, way)?;
            }
        }
        let missing = record.fields.iter().find(|field| {
            field.presence == FieldPresence::Required
                && field.constant.is_none()
                && !entries.iter().any(|(key, _)| key.value == field.wire)
        });
        match missing {
            Some(field) => Err(Misfit::new(
                span,
                format!("the required field `{}` is missing", field.wire),
            )),
            None => Ok(()),
        }
    }
}
