//! Examples.

use super::{
    Check,
    fit::{Misfit, Way, value_at},
    json,
    param::Params,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Example, Pager, Path, Payload, Presence, Returns, Settings, Type};
use crate::span::Spanned;
use crate::syntax::{self, Value};

/// The status of an example that gives none.
const OK: u16 = 200;

/// What the examples of an operation are held against.
pub(super) struct Shapes<'a, 'd> {
    pub(super) params: &'a Params<'d>,
    pub(super) body: Option<&'a Payload>,
    pub(super) returns: &'a Returns,
    pub(super) pager: Option<&'a Pager>,
    /// Whether there is a pager that is wrong, so that the shape of answers is not known.
    pub(super) unsure_pager: bool,
    pub(super) settings: &'a Settings,
}

impl<'d> Check<'d> {
    pub(super) fn check_examples(&mut self, written: &'d syntax::Operation, shapes: &Shapes<'_, 'd>) -> Vec<Example> {
        let examples = written.examples.iter();
        examples
            .map(|example| self.check_example(example, written, shapes))
            .collect()
    }

    fn check_example(
        &mut self,
        example: &'d syntax::Example,
        written: &syntax::Operation,
        shapes: &Shapes<'_, 'd>,
    ) -> Example {
        let status = example.status.as_ref().map_or(OK, |status| status.value);
        if let Some(written) = &example.status
            && !(100..600).contains(&status)
        {
            self.push(
                Diagnostic::new(Code::BadNumber, written.span, "not an HTTP status").label("100 to 599 are expected"),
            );
        }
        if let Some(body) = &example.body {
            self.check_example_body(body, written, shapes);
        }
        if let Some(reply) = &example.reply {
            let fit = self.check_reply(reply, status, shapes);
            self.report_misfit(fit, "the reply does not fit what the operation returns");
        }
        Example {
            params: self.check_example_params(example, shapes.params),
            body: example.body.as_ref().map(|body| json::text(&body.value)),
            status,
            reply: example.reply.as_ref().map(|reply| json::text(&reply.value)),
        }
    }

    fn check_example_params(&mut self, example: &'d syntax::Example, params: &Params<'d>) -> Vec<(String, String)> {
        let names: Vec<&str> = params.names().collect();
        let mut given = Vec::new();
        for (key, value) in &example.params {
            let at = names.iter().position(|name| *name == key.value);
            let Some(param) = at.and_then(|at| params.list.get(at)) else {
                self.dangling("param", key, names.iter().copied());
                continue;
            };
            if matches!(param.presence, Presence::Const(_)) {
                let message = format!("`{}` is constant, and an example does not give it", key.value);
                self.push(Diagnostic::new(Code::ConflictingKeys, key.span, message));
            }
            let fit = self.check_fit(value, &param.ty, Way::Request);
            self.report_misfit(fit, &format!("the example does not fit the param `{}`", key.value));
            given.push((param.wire.clone(), json::text(&value.value)));
        }
        given
    }

    fn check_example_body(&mut self, body: &Spanned<Value>, written: &syntax::Operation, shapes: &Shapes<'_, 'd>) {
        let in_body = |param: &syntax::Param| {
            let place = param.in_.as_ref();
            place.is_some_and(|place| place.value == syntax::Location::Body)
        };
        let has_params = written.params.iter().any(|(_, param)| in_body(param));
        match shapes.body {
            // Params may stand beside the fields.
            Some(Payload::Typed(ty)) => {
                let way = if has_params { Way::Reply } else { Way::Request };
                let fit = self.check_fit(body, ty, way);
                self.report_misfit(fit, "the body of the example does not fit");
            }
            None if written.body.is_none() && !has_params => {
                let message = "an example with a body of an operation without one";
                self.push(Diagnostic::new(Code::ConflictingKeys, body.span, message));
            }
            _ => {}
        }
    }

    fn check_reply(&self, reply: &Spanned<Value>, status: u16, shapes: &Shapes<'_, 'd>) -> Result<(), Misfit> {
        if !(200..300).contains(&status) {
            return Ok(());
        }
        let payload = match shapes.returns {
            Returns::Nothing => None,
            Returns::One(payload) => Some(payload),
            Returns::PerStatus { statuses, .. } => {
                let found = statuses.iter().find(|known| known.status == status);
                found.and_then(|known| known.payload.as_ref())
            }
        };
        let Some(Payload::Typed(ty)) = payload else {
            return Ok(());
        };
        if shapes.unsure_pager {
            return Ok(());
        }
        if let Some(pager) = shapes.pager {
            return self.check_fit(
                value_at(reply, &pager.items)?,
                &Type::List(Box::new(pager.item.clone())),
                Way::Reply,
            );
        }
        let settings = shapes.settings;
        let wraps = |(path, allowed): &(Path, Vec<String>)| {
            value_at(reply, path).is_ok_and(|found| allowed.contains(&json::text(&found.value)))
        };
        let inner = if settings.unwrap_when.iter().all(wraps) {
            value_at(reply, &settings.unwrap)?
        } else {
            reply
        };
        self.check_fit(inner, ty, Way::Reply)
    }

    fn report_misfit(&mut self, fit: Result<(), Misfit>, message: &str) {
        if let Err(misfit) = fit {
            self.push(Diagnostic::new(Code::WrongType, misfit.span, message).label(misfit.problem));
        }
    }
}
