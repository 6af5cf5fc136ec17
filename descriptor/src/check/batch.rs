//! Batches.

use super::Check;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::model::{Batch, Path, Payload, Record, Shape, Step, Type};
use crate::span::Span;
use crate::syntax;

impl Check<'_> {
    pub(super) fn check_batch(&mut self, written: &syntax::Operation, body: Option<&Payload>) -> Option<Batch> {
        let batch = written.batch.as_ref()?;
        let max_items = batch
            .max_items
            .as_ref()
            .map_or(1, |most| self.check_count(most, "a batch"));
        let (items, span) = match &batch.items {
            Some(place) => (self.check_body_place(place)?, place.span),
            None => (
                Path::default(),
                written.body.as_ref().map_or(batch.span, syntax::Type::span),
            ),
        };
        if self.unsure.body {
            return None;
        }
        let item = self.check_items(&items, span, body, batch.span)?;
        if let Some(problem) = self.unreached(&items, body) {
            self.unsupported(span, problem, "elements could be neither counted nor split for now");
        }
        Some(Batch {
            max_items,
            split: batch.split.as_ref().is_some_and(|split| split.value),
            items,
            item,
        })
    }

    /// The type of the elements.
    fn check_items(&mut self, items: &Path, span: Span, body: Option<&Payload>, batch: Span) -> Option<Type> {
        let found = match body {
            None => Err("there is no body".to_owned()),
            Some(Payload::Bytes | Payload::Text) => Err("the body is raw".to_owned()),
            Some(Payload::Typed(ty)) => self.type_at(ty, items).map(|ty| self.behind(&ty).clone()),
        };
        match found {
            Ok(Type::List(item)) => return Some(*item),
            Ok(_) => self.push(
                Diagnostic::new(Code::BatchOnNonArray, span, "a batch of something that is not a list")
                    .label("no list here")
                    .secondary(batch, "the batch")
                    .help("write the body as a list, `[Item]`, or say where the list is: `items: $.items`"),
            ),
            Err(problem) => self.push(
                Diagnostic::new(Code::BatchOnNonArray, span, "a batch of something that is not there")
                    .label(problem)
                    .secondary(batch, "the batch"),
            ),
        }
        None
    }

    /// Why the elements cannot be got at in Rust: they are the body, or a plain field of it.
    fn unreached(&self, items: &Path, body: Option<&Payload>) -> Option<&'static str> {
        let Some(Payload::Typed(ty)) = body else {
            return None;
        };
        let name = match items.0.as_slice() {
            [] => return None,
            [Step::Name(name)] => name,
            _ => return Some("a batch whose list is deeper than a field of the body"),
        };
        let Some(Shape::Record(record)) = self.shape(ty) else {
            return Some("a batch whose list is an entry of a map");
        };
        let at = record.fields.iter().position(|field| field.wire == *name)?;
        let chosen = record.choices.iter().any(|choice| choice.members.contains(&at));
        chosen.then_some("a batch whose list takes part in a choice")
    }

    /// The type of what is at a path, or why there is nothing.
    pub(super) fn type_at(&self, ty: &Type, path: &Path) -> Result<Type, String> {
        let mut ty = ty;
        for step in &path.0 {
            ty = match (step, self.behind(ty)) {
                (Step::Each, Type::List(item)) | (Step::Name(_), Type::Map(item)) => item,
                (Step::Each, _) => return Err("`.*` stands where the body has no list".to_owned()),
                (Step::Name(name), found) => match self.shape(found) {
                    Some(Shape::Record(record)) => field_type(record, name)?,
                    _ => return Err(format!("`.{name}` stands where the body has no object")),
                },
            };
        }
        Ok(ty.clone())
    }
}

fn field_type<'r>(record: &'r Record, name: &str) -> Result<&'r Type, String> {
    if let Some(field) = record.fields.iter().find(|field| field.wire == name) {
        return Ok(&field.ty);
    }
    let known = record.fields.iter().map(|field| field.wire.as_str());
    Err(match suggest::help(name, known) {
        Some(help) => format!("no field `{name}` here; {help}"),
        None => format!("no field `{name}` here"),
    })
}
