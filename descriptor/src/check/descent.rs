//! The way to what the client itself puts into a body: idempotency keys, and parameters with `in: body`.
//!
//! The objects on the way are there, or are made. One that is made holds nothing else, so it must need nothing else.

use super::Check;
use crate::model::{Field, FieldPresence, Path, Record, Shape, Step, Type};

impl Check<'_> {
    /// Why nothing can be put at a path of a body of this type. A path that leads nowhere is told elsewhere.
    pub(super) fn descent_problem(&self, body: &Type, path: &Path) -> Option<String> {
        let mut ty = body;
        // The object that is made if it is not there.
        let mut made: Option<&str> = None;
        for (at, step) in path.0.iter().enumerate() {
            let is_last = at + 1 == path.0.len();
            ty = match (step, self.behind(ty)) {
                (_, Type::Json) => return None,
                (Step::Each, Type::List(item)) => {
                    made = None;
                    item
                }
                (Step::Name(name), Type::Map(item)) => {
                    made = Some(name);
                    item
                }
                (Step::Name(name), found) => {
                    let Some(Shape::Record(record)) = self.shape(found) else {
                        return None;
                    };
                    if let Some(above) = made
                        && let Some(needed) = needed_beside(record, name)
                    {
                        return Some(format!(
                            "`{above}` may be absent, and would be made without `{needed}`, which it needs"
                        ));
                    }
                    let position = record.fields.iter().position(|field| field.wire == *name)?;
                    if record.choices.iter().any(|choice| choice.members.contains(&position)) {
                        return Some(format!("`{name}` takes part in a choice, and another may be chosen"));
                    }
                    let field = record.fields.get(position)?;
                    if !is_last && matches!(field.presence, FieldPresence::Clearable | FieldPresence::Nullable) {
                        return Some(format!("`{name}` may be null, and would no longer be"));
                    }
                    if field.presence == FieldPresence::Optional || made.is_some() {
                        made = Some(name);
                    }
                    &field.ty
                }
                (Step::Each, _) => return None,
            };
        }
        None
    }
}

/// The first field that such an object cannot do without, other than this one.
fn needed_beside<'r>(record: &'r Record, name: &str) -> Option<&'r str> {
    let is_needed = |(at, field): &(usize, &Field)| {
        let required = matches!(field.presence, FieldPresence::Required | FieldPresence::Nullable);
        let one_of = || {
            let mut choices = record.choices.iter().filter(|choice| choice.required);
            choices.any(|choice| choice.members.contains(at))
        };
        field.wire != name && (required || field.constant.is_some() || one_of())
    };
    let mut fields = record.fields.iter().enumerate();
    fields.find(is_needed).map(|(_, field)| field.wire.as_str())
}
