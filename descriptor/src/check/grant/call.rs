//! Grants that are a call of an operation.

use super::{Check, YIELD};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{GrantFrom, GrantKind, Operation, ParamPlace, Presence, TokenField, TokenId, Type};
use crate::span::{Span, Spanned};
use crate::syntax;
use std::collections::BTreeSet;

impl<'d> Check<'d> {
    /// What is wrong with the keys beside a call.
    fn check_call_keys(&mut self, kind: Option<GrantKind>, call: &Spanned<String>, grant: &'d syntax::Grant) {
        let limit = grant.rate_limit.as_ref().and_then(|limit| match limit {
            syntax::RateLimitUse::Names(names) => Some(names.span),
            syntax::RateLimitUse::None(_) => None,
        });
        let keys = [
            ("client_auth", grant.client_auth.as_ref().map(|text| text.span)),
            ("body", grant.body.as_ref().map(|text| text.span)),
            ("params", grant.params.first().map(|(name, _)| name.span)),
            ("rate_limit", limit),
        ];
        for (key, span) in keys {
            if let Some(span) = span {
                let problem = Diagnostic::new(Code::ConflictingKeys, span, format!("`{key}` of a grant by `call`"));
                self.push(problem.label("the operation says how it is asked"));
            }
        }
        if let Some(word) = grant
            .type_
            .as_ref()
            .filter(|_| kind.is_some_and(|kind| kind != GrantKind::Exchange))
        {
            let problem = Diagnostic::new(
                Code::ConflictingKeys,
                word.span,
                format!("a call is no `{}`", word.value),
            );
            self.push(problem.help("write `type: exchange`, or give a `url`"));
        }
        if grant.with.as_ref().is_none_or(|with| with.value.is_empty()) {
            let problem = Diagnostic::new(Code::MissingKey, call.span, "a `call` without `with`");
            self.push(problem.help("name the tokens that may make it: `with: [token]`"));
        }
    }

    pub(super) fn check_grant_call(
        &mut self,
        token: TokenId,
        kind: Option<GrantKind>,
        call: &'d Spanned<String>,
        grant: &'d syntax::Grant,
    ) -> Option<GrantFrom> {
        self.check_call_keys(kind, call, grant);
        let descriptor = self.descriptor;
        let with: Vec<_> = grant.with.iter().flat_map(|with| &with.value).collect();
        let with = with.into_iter().filter_map(|name| {
            let at = self.resolve("token", name, &descriptor.tokens)?;
            Some((TokenId(at), name))
        });
        let with: Vec<(TokenId, &Spanned<String>)> = with.collect();
        let (resource, operation) = self.check_operation_name(call)?;
        let written = descriptor.resources.get(resource)?.1.operations.get(operation)?;
        let seen = self.seen.operations.iter();
        let seen = seen
            .clone()
            .find(|seen| seen.written_at == resource && seen.name.span == written.0.span);
        // An operation of the OpenAPI file cannot be judged yet.
        let (place, unsure) = seen.map(|seen| (seen.place, seen.unsure_guard))?;
        let operation = self.seen_operation(place)?.clone();
        let unsure = unsure || self.is_unsure(&operation.guard);
        if let Some((span, problem)) = self.call_problem(&operation, call, &with, unsure) {
            let message = format!("`{}` cannot be called for a token", call.value);
            self.push(Diagnostic::new(Code::GrantCallRefused, span, message).label(problem));
            return None;
        }
        let tokens: Vec<TokenId> = with.iter().map(|(id, _)| *id).collect();
        let params = self.call_params(token, call, &operation, &tokens)?;
        Some(GrantFrom::Call {
            resource: place.0,
            operation: place.1,
            with: tokens,
            params,
        })
    }

    /// Why the operation cannot be called by the client itself, and where that is written.
    fn call_problem(
        &self,
        operation: &Operation,
        call: &Spanned<String>,
        with: &[(TokenId, &Spanned<String>)],
        unsure: bool,
    ) -> Option<(Span, String)> {
        if !unsure && operation.guard == crate::model::Guard::Public {
            return Some((call.span, "it is public, and no token is shown to it".to_owned()));
        }
        let refused = with.iter().find(|(token, _)| !self.may_call(*token, &operation.guard));
        if let Some((_, name)) = refused.filter(|_| !unsure) {
            return Some((name.span, format!("the matrix refuses the token `{}`", name.value)));
        }
        if operation.body.is_some() {
            return Some((call.span, "it needs a body".to_owned()));
        }
        if let Some(choice) = operation.choices.iter().find(|choice| choice.required) {
            return Some((call.span, format!("it needs `{}`, one of several", choice.rust)));
        }
        operation.params.iter().find_map(|param| {
            let wire = &param.wire;
            let required = match &param.presence {
                Presence::Optional => return None,
                Presence::Required => true,
                Presence::Const(_) => false,
                Presence::ByToken(rule) => {
                    let required = |token: &TokenId| self.model.rule(*rule).required.contains(token);
                    let count = with.iter().filter(|(token, _)| required(token)).count();
                    if count != 0 && count != with.len() {
                        return Some((
                            call.span,
                            format!("some of these tokens need `{wire}`, and some do not"),
                        ));
                    }
                    count != 0
                }
            };
            let in_body = matches!(param.place, ParamPlace::Body(_));
            let is_written = required || matches!(param.presence, Presence::Const(_));
            if in_body && is_written {
                return Some((call.span, format!("it has a body, which holds `{wire}`")));
            }
            let is_list = matches!(param.ty, Type::List(_) | Type::Map(_) | Type::Bytes);
            (required && is_list).then(|| (call.span, format!("`{wire}` is not a single value")))
        })
    }

    /// The required parameters of the operation, each as a field of the token.
    fn call_params(
        &mut self,
        token: TokenId,
        call: &Spanned<String>,
        operation: &Operation,
        with: &[TokenId],
    ) -> Option<Vec<(String, usize)>> {
        let environments = self.descriptor.environments.len();
        let mut params = Vec::new();
        for (at, param) in operation.params.iter().enumerate() {
            let required = match &param.presence {
                Presence::Required => true,
                Presence::ByToken(rule) => with.iter().any(|token| self.model.rule(*rule).required.contains(token)),
                Presence::Optional | Presence::Const(_) => false,
            };
            if !required {
                continue;
            }
            let name = param.rust.as_str().trim_end_matches('_').to_owned();
            if name == YIELD {
                let message = format!("`{}` cannot be called for a token", call.value);
                let problem = Diagnostic::new(Code::GrantCallRefused, call.span, message)
                    .label("its `token` would be a field of the token, and that name is what the grant yields")
                    .help("give the param another name in Rust: its key, with the wire name as `name`");
                self.push(problem);
                return None;
            }
            params.push((name.clone(), at));
            let fields = &mut self.model.tokens.get_mut(token.0)?.fields;
            if fields.iter().all(|field| field.name != name) {
                fields.push(TokenField {
                    name,
                    rust: param.rust.clone(),
                    env: vec![None; environments],
                    secret: false,
                    optional: false,
                });
            }
        }
        Some(params)
    }

    /// A token that is got with itself is never got.
    pub(super) fn check_grant_cycles(&mut self) {
        let descriptor = self.descriptor;
        for token in self.model.token_ids() {
            let mut seen = BTreeSet::new();
            let mut open = self.sources_of(token);
            while let Some(next) = open.pop() {
                if seen.insert(next) {
                    open.extend(self.sources_of(next));
                }
            }
            let grant = descriptor
                .tokens
                .get(token.0)
                .and_then(|(_, token)| token.grant.as_ref());
            if let Some(with) = grant
                .and_then(|grant| grant.with.as_ref())
                .filter(|_| seen.contains(&token))
            {
                let name = &self.model.token(token).name;
                let message = format!("the token `{name}` is got with itself");
                self.push(
                    Diagnostic::new(Code::GrantCallRefused, with.span, message)
                        .label("the calls go round in a circle")
                        .help("one of them begins with a token that somebody has"),
                );
            }
        }
    }

    fn sources_of(&self, token: TokenId) -> Vec<TokenId> {
        match self.model.token(token).grant.as_ref().map(|grant| &grant.from) {
            Some(GrantFrom::Call { with, .. }) => with.clone(),
            Some(GrantFrom::Url { .. }) | None => Vec::new(),
        }
    }
}
