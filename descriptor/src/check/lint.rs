//! Lints: sound, and probably not what the author wants.

use super::Check;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    ClientAuth, Grant, GrantFrom, GrantKind, Guard, Kind, Method, Operation, PathPart, RetryWhen, Scheme, StatusMatch,
    Template, TemplatePart, Token, TokenId,
};
use crate::span::Spanned;
use crate::syntax::{self, PerEnvironment};
use std::collections::{BTreeMap, BTreeSet};

impl Check<'_> {
    pub(super) fn check_lints(&mut self) {
        self.lint_unused_tokens();
        self.lint_unplaced_tokens();
        self.lint_missing_health_checks();
        self.lint_clashing_env();
        self.lint_blind_retries();
        self.lint_unused_models();
    }

    fn lint_unused_tokens(&mut self) {
        if self.seen.from_openapi {
            return;
        }
        let mut used: BTreeSet<TokenId> = BTreeSet::new();
        for (_, operation) in self.model.operations() {
            if operation.guard != Guard::Public {
                used.extend(
                    self.model
                        .token_ids()
                        .filter(|token| self.may_call(*token, &operation.guard)),
                );
            }
        }
        for (id, (name, _)) in self.model.token_ids().zip(&self.descriptor.tokens) {
            if !used.contains(&id) {
                self.found.push(
                    Diagnostic::new(
                        Code::UnusedToken,
                        name.span,
                        format!("no operation accepts the token `{}`", name.value),
                    )
                    .help("add it to a scope, or remove it"),
                );
            }
        }
    }

    fn lint_unplaced_tokens(&mut self) {
        let mut problems = Vec::new();
        for (token, (name, written)) in self.model.tokens.iter().zip(&self.descriptor.tokens) {
            for field in token.fields.iter().filter(|field| !self.is_placed(token, &field.name)) {
                let declared = written.fields.iter().flat_map(|fields| &fields.value);
                let place = declared
                    .map(|(key, _)| key)
                    .find(|key| key.value == field.name)
                    .unwrap_or(name);
                let message = format!(
                    "`{}` of the token `{}` is never placed in a request",
                    field.name, name.value
                );
                problems.push(
                    Diagnostic::new(Code::UnplacedToken, place.span, message)
                        .help("write it into the token's scheme, or remove it"),
                );
            }
        }
        self.found.extend(problems);
    }

    /// Whether the scheme of a token, its grant or a path holds one of its fields.
    fn is_placed(&self, token: &Token, field: &str) -> bool {
        let mut parts = self.model.operations().flat_map(|(_, operation)| &operation.path);
        holds(&token.scheme, field)
            || token.grant.as_ref().is_some_and(|grant| is_asked_with(grant, field))
            || parts.any(|part| matches!(part, PathPart::TokenField(name) if name == field))
    }

    fn lint_missing_health_checks(&mut self) {
        let named: BTreeSet<&str> = match &self.descriptor.health_check {
            Some(syntax::HealthCheck::One(_)) => return,
            Some(syntax::HealthCheck::ByToken(entries)) => {
                entries.value.iter().map(|(token, _)| token.as_str()).collect()
            }
            None => BTreeSet::new(),
        };
        for (name, _) in &self.descriptor.tokens {
            if !named.contains(name.as_str()) {
                self.found.push(
                    Diagnostic::new(Code::NoHealthCheck, name.span, format!("the token `{}` has no health check", name.value))
                        .help(format!("name an operation that it may call without values: `health_check: {{ {}: resource.operation }}`", name.value)),
                );
            }
        }
    }

    /// Two fields that read one environment variable, in environments that may meet.
    fn lint_clashing_env(&mut self) {
        let descriptor = self.descriptor;
        let mut known: BTreeMap<&str, (&Spanned<String>, String)> = BTreeMap::new();
        let mut readers: Vec<(String, &PerEnvironment)> = Vec::new();
        for (name, token) in &descriptor.tokens {
            readers.extend(token.env.iter().map(|env| (format!("the token `{}`", name.value), env)));
            for (field, entry) in token.fields.iter().flat_map(|fields| &fields.value) {
                readers.extend(
                    entry
                        .env
                        .iter()
                        .map(|env| (format!("`{}` of the token `{}`", field.value, name.value), env)),
                );
            }
        }
        for (name, variable) in &descriptor.variables {
            readers.extend(
                variable
                    .env
                    .iter()
                    .map(|env| (format!("the variable `{}`", name.value), env)),
            );
        }
        for (reader, env) in readers {
            for text in env.texts() {
                match known.get(text.value.as_str()) {
                    Some((first, other)) if *other != reader && !is_shared_constant(descriptor, text) => {
                        self.found.push(
                            Diagnostic::new(
                                Code::ClashingEnv,
                                text.span,
                                format!("{reader} and {other} are both read from `{}`", text.value),
                            )
                            .secondary(first.span, "the other one")
                            .help("one of them would hold the value of the other: give each its own"),
                        );
                    }
                    Some(_) => {}
                    None => {
                        known.insert(&text.value, (text, reader.clone()));
                    }
                }
            }
        }
    }

    fn lint_blind_retries(&mut self) {
        for seen in &self.seen.operations {
            let Some(operation) = self.seen_operation(seen.place) else {
                continue;
            };
            let Some(reason) = self.blind(operation) else {
                continue;
            };
            let message = format!("`{}` may be repeated after it was carried out", seen.name.value);
            self.found.push(
                Diagnostic::new(Code::BlindRetry, seen.name.span, message)
                    .label(reason)
                    .help("add an `idempotency_key`, say `retry: { none: \"why\" }`, or silence this with a reason"),
            );
        }
    }

    /// Why a repeat of an operation may do its work twice.
    fn blind(&self, operation: &Operation) -> Option<&'static str> {
        let settings = self.model.setting(operation.settings);
        let retry = settings.retry.as_ref().filter(|retry| retry.max_attempts > 1)?;
        let limited = RetryWhen::Kind(Kind::RateLimited);
        if operation.method == Method::Post && operation.idempotent {
            // A paged POST is a search, and reads only.
            let by_word = operation.idempotency_key.is_none() && operation.pager.is_none();
            let unsure = retry.when.iter().any(|when| *when != limited);
            return (by_word && unsure).then_some("nothing tells the provider that it is the same request");
        }
        if operation.idempotent || !retry.when.contains(&limited) {
            return None;
        }
        let done = |status: &StatusMatch| match status {
            StatusMatch::Exact(code) => (200..300).contains(code) || (500..600).contains(code) && *code != 503,
            StatusMatch::Class(class) => matches!(class, 2 | 5),
        };
        let rules = settings.classify.iter().filter(|rule| rule.kind == Kind::RateLimited);
        let counted = rules.flat_map(|rule| &rule.status).any(done);
        counted.then_some("a rule of `classify` calls a 2xx or 5xx answer rate-limited")
    }

    fn lint_unused_models(&mut self) {
        if self.seen.from_openapi {
            return;
        }
        let definitions = self.model.definitions.iter();
        for (definition, (name, written)) in definitions.zip(&self.descriptor.models) {
            let used = definition.in_request || definition.in_response;
            if !used && written.from.is_none() {
                self.found.push(
                    Diagnostic::new(
                        Code::UnusedModel,
                        name.span,
                        format!("nothing uses the model `{}`", name.value),
                    )
                    .help("name it in a body, an answer or another model, or remove it"),
                );
            }
        }
    }
}

/// Whether a scheme holds a field.
fn holds(scheme: &Scheme, field: &str) -> bool {
    let placed = |template: &Template| {
        let is_field = |part: &TemplatePart| matches!(part, TemplatePart::Hole(name) if name == field);
        template.0.iter().any(is_field)
    };
    match scheme {
        Scheme::None => false,
        Scheme::Basic { username, password } => placed(username) || placed(password),
        Scheme::Placed(placements) => placements.iter().any(|placement| placed(&placement.value)),
        Scheme::Signed(signed) => {
            signed.placements.iter().any(|placement| placed(&placement.value))
                || signed.options.iter().any(|(_, option)| option.holds(field))
        }
    }
}

/// Whether a short-lived token is asked for with this field.
fn is_asked_with(grant: &Grant, field: &str) -> bool {
    match &grant.from {
        GrantFrom::Call { params, .. } => params.iter().any(|(name, _)| name == field),
        GrantFrom::Url {
            client_auth, params, ..
        } => {
            let all = params.iter().map(|(_, value)| value);
            let shows_client = matches!(client_auth, ClientAuth::Basic | ClientAuth::Body);
            matches!(client_auth, ClientAuth::Scheme(scheme) if holds(scheme, field))
                || (shows_client && ["client_id", "client_secret"].contains(&field))
                || (grant.kind == GrantKind::RefreshToken && field == "refresh_token")
                || all
                    .flat_map(|template| &template.0)
                    .any(|part| matches!(part, TemplatePart::Hole(name) if name == field))
        }
    }
}

/// Whether an environment variable is read as something that is no secret wherever it is read: two tokens may
/// share the id of an account.
fn is_shared_constant(descriptor: &syntax::Descriptor, env: &Spanned<String>) -> bool {
    let fields = descriptor
        .tokens
        .iter()
        .flat_map(|(_, token)| token.fields.iter().flat_map(|fields| &fields.value));
    let mut readers = fields.filter(|(_, field)| {
        field
            .env
            .iter()
            .flat_map(PerEnvironment::texts)
            .any(|text| text.value == env.value)
    });
    let alone = descriptor
        .tokens
        .iter()
        .filter_map(|(_, token)| token.env.as_ref())
        .flat_map(PerEnvironment::texts)
        .any(|text| text.value == env.value);
    !alone && readers.all(|(_, field)| field.secret.as_ref().is_some_and(|secret| !secret.value))
}
