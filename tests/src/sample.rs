//! Values for the requests of a provider, made from its model. The mock has its own for answers.

use serde_json::{Map, Value, json};
use tollgate_descriptor::model::{
    DateTimeFormat, DefinitionId, FieldPresence, Model, NumberFormat, Record, Shape, Type,
};

/// How deep optional values are filled in.
const DEPTH: usize = 4;

/// A value as it stands in JSON bodies. With `full` the optional fields are there as well.
#[must_use]
pub fn wire(model: &Model, ty: &Type, full: bool) -> Value {
    Sampler {
        model,
        full,
        plain: false,
    }
    .value(ty, 0)
}

/// A value as its Rust type alone reads it: a parameter.
#[must_use]
pub fn plain(model: &Model, ty: &Type) -> Value {
    Sampler {
        model,
        full: false,
        plain: true,
    }
    .value(ty, 0)
}

struct Sampler<'m> {
    model: &'m Model,
    full: bool,
    plain: bool,
}

impl Sampler<'_> {
    fn value(&self, ty: &Type, depth: usize) -> Value {
        match ty {
            Type::String | Type::Secret => json!("sample"),
            Type::Int(NumberFormat::String) if !self.plain => json!("7"),
            Type::Int(_) => json!(7),
            Type::Float => json!(1.5),
            Type::Decimal(NumberFormat::Number) if !self.plain => json!(12.25),
            Type::Decimal(_) => json!("12.25"),
            Type::Bool => json!(true),
            Type::Date => json!("2026-02-28"),
            Type::DateTime(DateTimeFormat::Unix) if !self.plain => json!(1_772_236_800),
            Type::DateTime(DateTimeFormat::UnixMs) if !self.plain => json!(1_772_236_800_000_i64),
            Type::DateTime(_) => json!("2026-02-28T00:00:00Z"),
            Type::Uuid => json!("67e55044-10b1-426f-9247-bb680e5fe0c8"),
            Type::Url => json!("https://sample.example/a?b=c"),
            Type::Bytes => json!("Ynl0ZXM="),
            Type::Json => json!({ "any": [1, "two"] }),
            Type::List(inner) => json!([self.value(inner, depth), self.value(inner, depth)]),
            Type::Map(inner) => json!({ "one": self.value(inner, depth) }),
            Type::Named(id) => self.named(*id, depth),
        }
    }

    fn named(&self, id: DefinitionId, depth: usize) -> Value {
        match &self.model.definition(id).shape {
            Shape::Record(record) => self.record(record, depth),
            Shape::Enum(variants) => json!(variants.first().map_or("", |variant| &variant.wire)),
            Shape::Alias(ty) => self.value(ty, depth),
            Shape::Union { tag, variants } => {
                let Some(variant) = variants.first() else {
                    return Value::Null;
                };
                let mut value = self.named(variant.definition, depth);
                if let Value::Object(fields) = &mut value {
                    fields.extend(tag.clone().map(|tag| (tag, json!(variant.tag))));
                }
                value
            }
        }
    }

    fn record(&self, record: &Record, depth: usize) -> Value {
        let mut fields = Map::new();
        for (at, field) in record.fields.iter().enumerate() {
            let choice = record.choices.iter().find(|choice| choice.members.contains(&at));
            let wanted = match choice {
                Some(choice) => (choice.required || self.full) && choice.members.first() == Some(&at),
                None if field.constant.is_some() => false,
                None => {
                    matches!(field.presence, FieldPresence::Required | FieldPresence::Nullable) || self.deeper(depth)
                }
            };
            if !wanted {
                continue;
            }
            let mut value = self.value(&field.ty, depth + 1);
            if let (Value::Array(items), Some(most)) = (&mut value, field.max_items) {
                items.truncate(most as usize);
            }
            fields.insert(field.wire.clone(), value);
        }
        Value::Object(fields)
    }

    fn deeper(&self, depth: usize) -> bool {
        self.full && depth < DEPTH
    }
}
