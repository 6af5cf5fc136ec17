//! Idempotency keys.

use super::{Check, param::Params};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    DefinitionId, FieldPresence, IdempotencyKey, ParamPlace, Path, Payload, Presence, Shape, Step, Type,
};
use crate::syntax::{self, Target};

impl<'d> Check<'d> {
    /// Where the key goes. What it fills is then not required in Rust.
    pub(super) fn check_key(
        &mut self,
        written: &syntax::Operation,
        body: Option<&Payload>,
        params: &mut Params<'d>,
    ) -> Option<IdempotencyKey> {
        let key = written.idempotency_key.as_ref()?;
        if let Target::Header(name) | Target::Word(name) = &key.target {
            self.check_header_name(name);
            if let Target::Word(_) = key.target {
                self.push(
                    Diagnostic::new(Code::BadPlace, name.span, format!("`{}` is not a place", name.value))
                        .help(format!("write `{{ header: {} }}` or `$.{}`", name.value, name.value)),
                );
            }
            for param in &mut params.list {
                if param.place == ParamPlace::Header
                    && super::header::same(&param.wire, name)
                    && param.presence == Presence::Required
                {
                    param.presence = Presence::Optional;
                }
            }
            return Some(IdempotencyKey::Header(name.value.clone()));
        }
        let path = self.check_body_place(key)?;
        if self.unsure.body {
            return Some(IdempotencyKey::Body(path));
        }
        let param = params
            .list
            .iter_mut()
            .find(|param| matches!(&param.place, ParamPlace::Body(place) if *place == path));
        if let Some(param) = param {
            if param.presence == Presence::Required {
                param.presence = Presence::Optional;
            }
            return Some(IdempotencyKey::Body(path));
        }
        let problem = match (body, path.0.last()) {
            (_, None | Some(Step::Each)) => Some("the place must end in a name".to_owned()),
            (Some(Payload::Typed(ty)), _) => self.fill_key(ty, &path).err(),
            (Some(_), _) => Some("the body is raw and has no places".to_owned()),
            (None, _) => Some("there is no body".to_owned()),
        };
        if let Some(problem) = problem {
            self.push(
                Diagnostic::new(
                    Code::DanglingName,
                    key.span,
                    format!("the key `{path}` has no place in the body"),
                )
                .label(problem),
            );
        }
        Some(IdempotencyKey::Body(path))
    }

    /// Makes the field that the key fills optional.
    fn fill_key(&mut self, body: &Type, path: &Path) -> Result<(), String> {
        let Some((Step::Name(name), before)) = path.0.split_last() else {
            return Err("the place must end in a name".to_owned());
        };
        // Inside of any JSON there is nothing to look at.
        for length in 0..=before.len() {
            let above = Path(before.get(..length).unwrap_or(before).to_vec());
            if matches!(self.behind(&self.type_at(body, &above)?), Type::Json) {
                return Ok(());
            }
        }
        self.type_at(body, path)?;
        if let Some(problem) = self.descent_problem(body, path) {
            return Err(problem);
        }
        let owner = self.type_at(body, &Path(before.to_vec()))?;
        let Type::Named(id) = *self.behind(&owner) else {
            return Ok(());
        };
        let position = match self
            .model
            .definitions
            .get(id.index())
            .map(|definition| &definition.shape)
        {
            Some(Shape::Record(record)) => record.fields.iter().position(|field| field.wire == *name),
            _ => None,
        };
        let Some(position) = position else {
            return Ok(());
        };
        self.make_optional(id, position)
    }

    fn make_optional(&mut self, id: DefinitionId, position: usize) -> Result<(), String> {
        let Some(Shape::Record(record)) = self
            .model
            .definitions
            .get_mut(id.index())
            .map(|definition| &mut definition.shape)
        else {
            return Ok(());
        };
        let Some(field) = record.fields.get_mut(position) else {
            return Ok(());
        };
        if field.constant.is_some() {
            return Err("a constant is no key".to_owned());
        }
        if !matches!(field.ty, Type::String | Type::Uuid) {
            return Err("a key is a `string` or a `uuid`".to_owned());
        }
        field.presence = FieldPresence::Optional;
        Ok(())
    }
}
