//! JSON against the types of the descriptor.

use super::{Problems, text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use tollgate_descriptor::model::{
    DateTimeFormat, Field, FieldPresence, Model, NumberFormat, Path, Record, Shape, Step, Type, UnionVariant,
};

/// A check of JSON values, which knows where it is.
#[derive(Debug)]
pub(super) struct JsonCheck<'a> {
    model: &'a Model,
    strict: bool,
    /// Places that may hold what the model does not know: parameters in the body.
    exempt: Vec<&'a Path>,
    start: String,
    crumbs: Vec<Crumb>,
    problems: &'a mut Problems,
}

#[derive(Debug)]
enum Crumb {
    Name(String),
    Index(usize),
}

impl<'a> JsonCheck<'a> {
    pub(super) fn new(model: &'a Model, strict: bool, problems: &'a mut Problems) -> Self {
        Self {
            model,
            strict,
            exempt: Vec::new(),
            start: "$".to_owned(),
            crumbs: Vec::new(),
            problems,
        }
    }

    /// Allows strangers on the way to these places.
    pub(super) fn exempt(mut self, places: Vec<&'a Path>) -> Self {
        self.exempt = places;
        self
    }

    /// Checks a value that stands somewhere in the body.
    pub(super) fn check_at(&mut self, at: &str, value: &Value, ty: &Type, max_items: Option<u32>) {
        at.clone_into(&mut self.start);
        self.check(value, ty, max_items);
    }

    pub(super) fn check(&mut self, value: &Value, ty: &Type, max_items: Option<u32>) {
        let ty = text::resolve(self.model, ty);
        match (ty, value) {
            (Type::Json, _) => {}
            (Type::List(of), Value::Array(elements)) => {
                if let Some(max) = max_items.filter(|max| elements.len() > *max as usize) {
                    self.problem(&format!("has {} elements, more than {max}", elements.len()));
                }
                for (index, element) in elements.iter().enumerate() {
                    self.within(Crumb::Index(index), |check| check.check(element, of, None));
                }
            }
            (Type::Map(of), Value::Object(fields)) => {
                for (key, value) in fields {
                    self.within(Crumb::Name(key.clone()), |check| check.check(value, of, None));
                }
            }
            (Type::Named(id), _) => match &self.model.definition(*id).shape {
                Shape::Record(record) => self.check_record(value, record, None),
                Shape::Union {
                    tag: Some(tag),
                    variants,
                } => self.check_union(value, tag, variants),
                Shape::Union { tag: None, variants } => self.check_kinds(value, variants),
                Shape::Enum(_) => self.check_scalar(value, ty),
                // `resolve` leaves an alias only where aliases go in a circle.
                Shape::Alias(_) => {}
            },
            _ => self.check_scalar(value, ty),
        }
    }

    /// Checks an object of which only the exempt places are known.
    pub(super) fn check_strangers(&mut self, value: &Value) {
        match value {
            Value::Object(fields) if self.strict => {
                for name in fields.keys() {
                    self.within(Crumb::Name(name.clone()), |check| {
                        if !check.is_exempt() {
                            check.problem("unknown to the operation");
                        }
                    });
                }
            }
            Value::Object(_) | Value::Array(_) => {}
            _ => self.problem("expected an object"),
        }
    }

    fn check_scalar(&mut self, value: &Value, ty: &Type) {
        let expected = || {
            Err(format!(
                "expected {}, found {}",
                text::name(self.model, ty),
                kind(value)
            ))
        };
        let result = match (ty, value) {
            (Type::Int(NumberFormat::Number) | Type::DateTime(DateTimeFormat::UnixMs), Value::Number(number)) => {
                if number.is_i64() {
                    Ok(())
                } else {
                    expected()
                }
            }
            (
                Type::Float | Type::Decimal(NumberFormat::Number) | Type::DateTime(DateTimeFormat::Unix),
                Value::Number(_),
            )
            | (Type::Bool, Value::Bool(_))
            | (Type::String | Type::Secret, Value::String(_)) => Ok(()),
            (Type::Bytes, Value::String(text)) if STANDARD.decode(text).is_err() => expected(),
            (
                Type::Int(NumberFormat::String)
                | Type::Decimal(NumberFormat::String)
                | Type::Date
                | Type::DateTime(DateTimeFormat::Rfc3339)
                | Type::Uuid
                | Type::Url
                | Type::Bytes
                | Type::Named(_),
                Value::String(text),
            ) => text::check(self.model, ty, text, self.strict),
            _ => expected(),
        };
        if let Err(problem) = result {
            self.problem(&problem);
        }
    }

    fn check_record(&mut self, value: &Value, record: &Record, tag: Option<&str>) {
        let Value::Object(fields) = value else {
            self.problem(&format!("expected an object, found {}", kind(value)));
            return;
        };
        for field in &record.fields {
            self.within(Crumb::Name(field.wire.clone()), |check| {
                check.check_field(fields, field);
            });
        }
        for choice in &record.choices {
            let members: Vec<_> = choice.members.iter().filter_map(|at| record.fields.get(*at)).collect();
            let present = members.iter().filter(|field| fields.contains_key(&field.wire)).count();
            if present > 1 || (choice.required && present == 0) {
                let names: Vec<_> = members.iter().map(|field| format!("`{}`", field.wire)).collect();
                let amount = if choice.required { "exactly one" } else { "at most one" };
                self.problem(&format!(
                    "{amount} of {} is allowed, {present} are there",
                    names.join(", ")
                ));
            }
        }
        if record.open || !self.strict {
            return;
        }
        for name in fields.keys() {
            let is_known = tag == Some(name) || record.fields.iter().any(|field| field.wire == *name);
            self.within(Crumb::Name(name.clone()), |check| {
                if !is_known && !check.is_exempt() {
                    check.problem("unknown to the model");
                }
            });
        }
    }

    fn check_field(&mut self, fields: &Map<String, Value>, field: &Field) {
        let value = fields.get(&field.wire);
        if let Some(constant) = &field.constant {
            if value != serde_json::from_str(constant).ok().as_ref() {
                self.problem(&format!("must be {constant}"));
            }
            return;
        }
        match (value, field.presence) {
            (None, FieldPresence::Required | FieldPresence::Nullable) => self.problem("required, and missing"),
            (None, _) | (Some(Value::Null), FieldPresence::Clearable | FieldPresence::Nullable) => {}
            (Some(value), _) => self.check(value, &field.ty, field.max_items),
        }
    }

    /// The kind of JSON tells which variant is meant.
    fn check_kinds(&mut self, value: &Value, variants: &[UnionVariant]) {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "text",
            Value::Array(_) => "list",
            Value::Object(_) => "object",
        };
        if let Some(variant) = variants.iter().find(|variant| variant.tag == kind) {
            self.check(value, &Type::Named(variant.definition), None);
        } else {
            let known: Vec<_> = variants.iter().map(|variant| variant.tag.as_str()).collect();
            self.problem(&format!("expected one of {}, found {kind}", known.join(", ")));
        }
    }

    fn check_union(&mut self, value: &Value, tag: &str, variants: &[UnionVariant]) {
        let Some(name) = value.get(tag).and_then(Value::as_str) else {
            self.within(Crumb::Name(tag.to_owned()), |check| {
                check.problem("the tag of the union is missing");
            });
            return;
        };
        let Some(variant) = variants.iter().find(|variant| variant.tag == name) else {
            if self.strict {
                let known: Vec<_> = variants.iter().map(|variant| format!("`{}`", variant.tag)).collect();
                let problem = format!("expected one of {}", known.join(", "));
                self.within(Crumb::Name(tag.to_owned()), |check| check.problem(&problem));
            }
            return;
        };
        if let Shape::Record(record) = &self.model.definition(variant.definition).shape {
            self.check_record(value, record, Some(tag));
        }
    }

    fn within(&mut self, crumb: Crumb, check: impl FnOnce(&mut Self)) {
        self.crumbs.push(crumb);
        check(self);
        self.crumbs.pop();
    }

    /// Whether a parameter stands here or further in.
    fn is_exempt(&self) -> bool {
        let leads = |path: &Path| {
            path.0.len() >= self.crumbs.len()
                && path
                    .0
                    .iter()
                    .zip(&self.crumbs)
                    .all(|(step, crumb)| match (step, crumb) {
                        (Step::Name(step), Crumb::Name(crumb)) => step == crumb,
                        (Step::Each, Crumb::Index(_)) => true,
                        _ => false,
                    })
        };
        self.exempt.iter().any(|path| leads(path))
    }

    fn problem(&mut self, what: &str) {
        let mut at = self.start.clone();
        for crumb in &self.crumbs {
            // Writing to a string does not fail.
            let _ = match crumb {
                Crumb::Name(name) => write!(at, ".{name}"),
                Crumb::Index(index) => write!(at, "[{index}]"),
            };
        }
        self.problems.add(&format!("`{at}`"), what);
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a bool",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
