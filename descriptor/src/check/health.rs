//! Health checks.

use super::Check;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Guard, HealthCheck, Operation, Presence, TokenId};
use crate::span::Spanned;
use crate::syntax;

impl Check<'_> {
    pub(super) fn check_health(&mut self) {
        let descriptor = self.descriptor;
        match &descriptor.health_check {
            None => {}
            Some(syntax::HealthCheck::One(operation)) => {
                for token in self.model.token_ids() {
                    self.check_health_of(token, operation);
                }
            }
            Some(syntax::HealthCheck::ByToken(entries)) => {
                for (token, operation) in &entries.value {
                    if let Some(at) = self.resolve("token", token, &descriptor.tokens) {
                        self.check_health_of(TokenId(at), operation);
                    }
                }
            }
        }
        self.model.health_checks.sort_by_key(|check| check.token);
    }

    fn check_health_of(&mut self, token: TokenId, name: &Spanned<String>) {
        let Some((resource, operation)) = self.check_operation_name(name) else {
            return;
        };
        let written = self
            .descriptor
            .resources
            .get(resource)
            .and_then(|(_, resource)| resource.operations.get(operation));
        let seen =
            self.seen.operations.iter().find(|seen| {
                seen.written_at == resource && written.is_some_and(|(name, _)| name.span == seen.name.span)
            });
        // An operation of the OpenAPI file cannot be judged yet.
        let Some((place, unsure)) = seen.map(|seen| (seen.place, seen.unsure_guard)) else {
            return;
        };
        let Some(operation) = self.seen_operation(place) else {
            return;
        };
        if let Some(problem) = self.health_problem(token, operation, unsure || self.is_unsure(&operation.guard)) {
            let token = &self.model.token(token).name;
            let message = format!("`{}` cannot tell whether the token `{token}` works", name.value);
            self.push(
                Diagnostic::new(Code::HealthCheckRefused, name.span, message)
                    .label(problem)
                    .help("name an operation that this token may call without values: `health_check: { token: resource.operation }`"),
            );
            return;
        }
        self.model.health_checks.push(HealthCheck {
            token,
            resource: place.0,
            operation: place.1,
        });
    }

    fn health_problem(&self, token: TokenId, operation: &Operation, unsure: bool) -> Option<String> {
        if !unsure && operation.guard == Guard::Public {
            return Some("it is public and would work with any token".to_owned());
        }
        if !unsure && !self.may_call(token, &operation.guard) {
            return Some("the matrix refuses this token".to_owned());
        }
        if operation.body.is_some() {
            return Some("it needs a body".to_owned());
        }
        if let Some(choice) = operation.choices.iter().find(|choice| choice.required) {
            return Some(format!("it needs `{}`", choice.rust));
        }
        let needed = operation.params.iter().find(|param| match &param.presence {
            Presence::Required => true,
            Presence::ByToken(rule) => self.model.rule(*rule).required.contains(&token),
            Presence::Optional | Presence::Const(_) => false,
        });
        needed.map(|param| format!("it needs a value for `{}`", param.wire))
    }
}
