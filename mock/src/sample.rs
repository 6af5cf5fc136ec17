//! Values of the descriptor's types, made up from a seed.

use crate::draw::Draw;
use crate::place;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde_json::{Map, Value, json};
use tollgate_descriptor::model::{
    DateTimeFormat, DefinitionId, Field, FieldPresence, Model, NumberFormat, Record, Shape, Type, UnionVariant,
};

/// Below this depth only what is required goes on: models may contain each other.
const DEPTH: usize = 5;
/// What no body needs; a model that cannot end is cut here.
const DEEPEST: usize = 40;
/// About as many values as one body holds at most.
const VALUES: usize = 4000;
/// 2024-01-01T00:00:00Z
const EPOCH: i64 = 1_704_067_200;

/// Makes values.
#[derive(Debug)]
pub(crate) struct Sampler<'m> {
    model: &'m Model,
    /// Whether optional fields are left out.
    required_only: bool,
    /// The position among its siblings: decides ids, and goes round enums and unions.
    ordinal: u64,
    /// The models that are being made, outermost first.
    within: Vec<DefinitionId>,
    depth: usize,
    values: usize,
}

impl<'m> Sampler<'m> {
    pub(crate) fn new(model: &'m Model) -> Self {
        Self {
            model,
            required_only: false,
            ordinal: 0,
            within: Vec::new(),
            depth: 0,
            values: 0,
        }
    }

    pub(crate) fn required_only(model: &'m Model) -> Self {
        Self {
            required_only: true,
            ..Self::new(model)
        }
    }

    /// The value of a whole body.
    pub(crate) fn body(&mut self, ty: &Type, draw: &mut Draw) -> Value {
        self.value(ty, "sample", draw)
    }

    /// The n-th item of a collection, from 0. A field `id` counts from 1.
    pub(crate) fn item(&mut self, ty: &Type, ordinal: u64, draw: &mut Draw) -> Value {
        self.ordinal = ordinal;
        let mut item = self.value(ty, "item", draw);
        if let Value::Object(fields) = &mut item
            && let Some(id) = fields.get_mut("id")
        {
            *id = unique(id, ordinal);
        }
        item
    }

    /// Enums and unions begin at the n-th variant.
    pub(crate) fn starting_at(mut self, ordinal: u64) -> Self {
        self.ordinal = ordinal;
        self
    }

    fn value(&mut self, ty: &Type, name: &str, draw: &mut Draw) -> Value {
        self.values += 1;
        if self.depth > DEEPEST {
            return Value::Null;
        }
        match ty {
            Type::String => json!(format!("{name}-{}", draw.within(1000..10_000))),
            Type::Secret => json!(format!("test-{name}-{:08x}", draw.next() >> 32)),
            Type::Int(format) => number(&draw.within(1..100_000).to_string(), *format),
            Type::Float => json!(quarters(draw)),
            Type::Decimal(format) => number(&format!("{}.{:02}", draw.within(1..1000), draw.within(0..100)), *format),
            Type::Bool => json!(draw.next().is_multiple_of(2)),
            Type::Date => json!(date(draw)),
            Type::DateTime(format) => datetime(draw, *format),
            Type::Uuid => json!(uuid(draw.bytes())),
            Type::Url => json!(format!("https://example.test/{name}/{}", draw.within(1..10_000))),
            Type::Bytes => json!(STANDARD.encode(draw.bytes())),
            Type::Json => {
                json!({ "id": draw.within(1..100_000), "name": format!("{name}-{}", draw.within(1000..10_000)) })
            }
            Type::List(of) => self.list(of, name, draw),
            Type::Map(of) => self.map(of, name, draw),
            Type::Named(id) => self.named(*id, name, draw),
        }
    }

    fn has_room(&self) -> bool {
        self.depth <= DEPTH && self.values < VALUES && !self.required_only
    }

    fn list(&mut self, of: &Type, name: &str, draw: &mut Draw) -> Value {
        if !self.has_room() || self.recurs(of) {
            return json!([]);
        }
        let count = if self.depth < 3 { 2 } else { 1 };
        let outer = self.ordinal;
        let mut elements = Vec::new();
        for index in 0..count {
            self.ordinal = index;
            elements.push(self.deeper(|sampler| sampler.value(of, name, draw)));
        }
        self.ordinal = outer;
        Value::Array(elements)
    }

    fn map(&mut self, of: &Type, name: &str, draw: &mut Draw) -> Value {
        let mut fields = Map::new();
        if self.has_room() && !self.recurs(of) {
            for key in ["first", "second"] {
                let value = self.deeper(|sampler| sampler.value(of, name, draw));
                fields.insert(key.to_owned(), value);
            }
        }
        Value::Object(fields)
    }

    fn named(&mut self, id: DefinitionId, name: &str, draw: &mut Draw) -> Value {
        let model = self.model;
        self.within.push(id);
        let value = self.deeper(|sampler| match &model.definition(id).shape {
            Shape::Record(record) => sampler.record(record, draw),
            Shape::Enum(variants) => {
                let at = sampler.ordinal % (variants.len() as u64).max(1);
                let variant = usize::try_from(at).ok().and_then(|at| variants.get(at));
                variant.map_or(Value::Null, |variant| json!(variant.wire))
            }
            Shape::Union {
                tag: Some(tag),
                variants,
            } => sampler.union(tag, variants, draw),
            Shape::Union { tag: None, variants } => {
                let at = sampler.ordinal % (variants.len() as u64).max(1);
                let variant = usize::try_from(at).ok().and_then(|at| variants.get(at));
                variant.map_or(Value::Null, |variant| sampler.named(variant.definition, name, draw))
            }
            Shape::Alias(ty) => sampler.value(ty, name, draw),
        });
        self.within.pop();
        value
    }

    fn record(&mut self, record: &Record, draw: &mut Draw) -> Value {
        let mut fields = Map::new();
        for (at, field) in record.fields.iter().enumerate() {
            // The draw of a field depends on its name, so that a new field leaves the others as they were.
            let mut draw = Draw::new(draw.clone().next(), &[&field.wire]);
            if let Some(value) = self.field(record, at, field, &mut draw) {
                fields.insert(field.wire.clone(), value);
            }
        }
        draw.next();
        Value::Object(fields)
    }

    fn field(&mut self, record: &Record, at: usize, field: &Field, draw: &mut Draw) -> Option<Value> {
        if let Some(constant) = &field.constant {
            return serde_json::from_str(constant).ok();
        }
        if let Some(choice) = record.choices.iter().find(|choice| choice.members.contains(&at)) {
            let chosen = self.ordinal % (choice.members.len() as u64).max(1);
            let is_chosen = choice
                .members
                .iter()
                .position(|member| *member == at)
                .is_some_and(|at| at as u64 == chosen);
            if !is_chosen || (self.required_only && !choice.required) {
                return None;
            }
            return Some(self.value(&field.ty, &field.wire, draw));
        }
        let may_be_null = matches!(field.presence, FieldPresence::Clearable | FieldPresence::Nullable);
        let is_required = matches!(field.presence, FieldPresence::Required | FieldPresence::Nullable);
        let goes_on = self.has_room() && !self.recurs(&field.ty);
        // Lists and maps end by being empty.
        let can_end = !self.required_only && !matches!(field.ty, Type::Named(_));
        if !is_required && !goes_on && !can_end {
            return None;
        }
        if may_be_null && (!goes_on || draw.next().is_multiple_of(4)) {
            return Some(Value::Null);
        }
        let mut value = self.value(&field.ty, &field.wire, draw);
        if let (Value::Array(elements), Some(max)) = (&mut value, field.max_items) {
            elements.truncate(max as usize);
        }
        Some(value)
    }

    fn union(&mut self, tag: &str, variants: &[UnionVariant], draw: &mut Draw) -> Value {
        let at = usize::try_from(self.ordinal % (variants.len() as u64).max(1)).unwrap_or_default();
        let Some(variant) = variants.get(at) else {
            return json!({ tag: "unknown" });
        };
        let mut value = self.named(variant.definition, tag, draw);
        if let Value::Object(fields) = &mut value {
            fields.insert(tag.to_owned(), json!(variant.tag));
        }
        value
    }

    /// Whether a type is a model that is already being made, twice: one inside the other shows how it nests.
    fn recurs(&self, ty: &Type) -> bool {
        match ty {
            Type::Named(id) => self.within.iter().filter(|outer| *outer == id).count() > 1,
            Type::List(of) | Type::Map(of) => self.recurs(of),
            _ => false,
        }
    }

    fn deeper<V>(&mut self, make: impl FnOnce(&mut Self) -> V) -> V {
        self.depth += 1;
        let value = make(self);
        self.depth -= 1;
        value
    }
}

/// A number that is written as the descriptor says.
fn number(text: &str, format: NumberFormat) -> Value {
    match format {
        NumberFormat::String => json!(text),
        NumberFormat::Number => serde_json::from_str(text).unwrap_or(Value::Null),
    }
}

fn quarters(draw: &mut Draw) -> f64 {
    // Below 2^53, so that nothing is lost.
    let quarters = u32::try_from(draw.within(1..40_000)).unwrap_or_default();
    f64::from(quarters) / 4.0
}

fn date(draw: &mut Draw) -> String {
    let days = i64::try_from(draw.within(0..700)).unwrap_or_default();
    let start = Date::constant(2024, 1, 1);
    start.checked_add(days.days()).unwrap_or(start).to_string()
}

fn datetime(draw: &mut Draw, format: DateTimeFormat) -> Value {
    let seconds = EPOCH + i64::try_from(draw.within(0..60_000_000)).unwrap_or_default();
    match format {
        DateTimeFormat::Unix => json!(seconds),
        DateTimeFormat::UnixMs => json!(seconds * 1000),
        DateTimeFormat::Rfc3339 => json!(
            Timestamp::from_second(seconds)
                .unwrap_or(Timestamp::UNIX_EPOCH)
                .to_string()
        ),
    }
}

fn uuid(bytes: [u8; 16]) -> String {
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// A value like a sample, but one that no other ordinal has.
pub(crate) fn unique(like: &Value, ordinal: u64) -> Value {
    let count = ordinal + 1;
    match like {
        Value::Number(_) => json!(count),
        Value::String(text) if uuid::Uuid::parse_str(text).is_ok() => json!(uuid(u128::from(count).to_be_bytes())),
        Value::String(text) if text.parse::<i64>().is_ok() => json!(count.to_string()),
        Value::String(text) => {
            let name = text.rsplit_once('-').map_or("item", |(name, _)| name);
            json!(format!("{name}-{count:06}"))
        }
        Value::Object(_) => json!({ "id": count }),
        Value::Null | Value::Bool(_) | Value::Array(_) => json!(place::text(&json!(count)).unwrap_or_default()),
    }
}
