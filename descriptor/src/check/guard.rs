//! Guards: who may call an operation.

use super::{Check, find, scope::BUILT_IN};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{AllId, Guard, ScopeId, ScopeSet, TokenId, TokenRoles, TypeName, UnionId};
use crate::span::{Span, Spanned};
use crate::syntax::ScopeUse;

impl Check<'_> {
    /// Reports names of scopes that nothing declares.
    pub(super) fn check_scope_names(&mut self, scope: &ScopeUse) {
        let descriptor = self.descriptor;
        for name in &scope.names().value {
            if !BUILT_IN.contains(&name.as_str()) && find(&descriptor.scopes, name).is_none() {
                let known = descriptor.scopes.iter().map(|(known, _)| known.as_str());
                self.dangling("scope", name, known.chain(BUILT_IN));
            }
        }
        let names = &scope.names().value;
        if let Some(alone) = names.iter().find(|name| BUILT_IN.contains(&name.as_str()))
            && names.len() > 1
        {
            self.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    alone.span,
                    format!("`{}` beside other scopes", alone.value),
                )
                .label("stands alone"),
            );
        }
        if names.is_empty() {
            self.push(
                Diagnostic::new(
                    Code::OperationWithoutScope,
                    scope.names().span,
                    "a `scope` without a scope",
                )
                .help("name one, or write `public` or `any_token`"),
            );
        }
    }

    /// The guard of an operation. `Public` where something was wrong and has been reported.
    pub(super) fn check_guard(&mut self, scope: Option<&ScopeUse>, operation: &Spanned<String>) -> Guard {
        self.unsure.guard = true;
        let Some(scope) = scope else {
            self.push(
                Diagnostic::new(
                    Code::OperationWithoutScope,
                    operation.span,
                    format!("the operation `{}` has no scope", operation.value),
                )
                .label("neither it, nor its resource, nor the top says one")
                .help("name a scope of the matrix, or write `scope: any_token` or `scope: public`"),
            );
            return Guard::Public;
        };
        let guard = match scope.names().value.as_slice() {
            [only] if only.value == "public" => {
                self.unsure.guard = false;
                return Guard::Public;
            }
            [only] if only.value == "any_token" => Guard::AnyToken,
            names => match self.set_guard(scope, names) {
                Some(guard) => guard,
                None => return Guard::Public,
            },
        };
        self.unsure.guard = false;
        if guard == Guard::AnyToken {
            self.model.uses_any_token = true;
        }
        let holders = self.model.holders(&guard);
        if !self.is_unsure(&guard) && !holders.into_iter().any(|token| self.may_call(token, &guard)) {
            self.push(
                Diagnostic::new(
                    Code::UncallableOperation,
                    operation.span,
                    format!("no token may call `{}`", operation.value),
                )
                .secondary(scope.names().span, "no token holds what this asks for")
                .help("look at the matrix: `scopes`, and the `roles` of tokens"),
            );
        }
        guard
    }

    fn set_guard(&mut self, scope: &ScopeUse, names: &[Spanned<String>]) -> Option<Guard> {
        let entries = &self.descriptor.scopes;
        let mut scopes = Vec::new();
        for name in names {
            scopes.push(ScopeId(find(entries, name)?));
        }
        scopes.sort_unstable();
        scopes.dedup();
        if let [only] = scopes.as_slice() {
            return Some(Guard::Scope(*only));
        }
        if scopes.is_empty() {
            return None;
        }
        Some(match scope {
            ScopeUse::All(names) => Guard::All(AllId(match known(&self.model.alls, &scopes) {
                Some(at) => at,
                None => self.add_all(scopes, names.span),
            })),
            ScopeUse::Any(names) => Guard::Any(UnionId(match known(&self.model.unions, &scopes) {
                Some(at) => at,
                None => self.add_union(scopes, names.span),
            })),
        })
    }

    fn add_all(&mut self, scopes: Vec<ScopeId>, span: Span) -> usize {
        let set = self.name_set(scopes, "And", span);
        self.model.alls.push(set);
        self.model.alls.len() - 1
    }

    fn add_union(&mut self, scopes: Vec<ScopeId>, span: Span) -> usize {
        let set = self.name_set(scopes, "Or", span);
        self.model.unions.push(set);
        self.model.unions.len() - 1
    }

    fn name_set(&mut self, scopes: Vec<ScopeId>, joint: &str, span: Span) -> ScopeSet {
        let names: Vec<&str> = scopes
            .iter()
            .map(|scope| self.model.scope(*scope).rust.as_str())
            .collect();
        let name = names.join(joint);
        let taken = self.model.scopes.iter().any(|scope| scope.rust.as_str() == name);
        if taken {
            self.push(
                Diagnostic::new(
                    Code::CollidingNames,
                    span,
                    format!("these scopes together are `{name}`, as a scope is already"),
                )
                .help("rename the scope"),
            );
        }
        ScopeSet {
            rust: TypeName(name),
            scopes,
        }
    }

    /// Whether the mistakes told so far leave open who passes.
    pub(super) fn is_unsure(&self, guard: &Guard) -> bool {
        let mut scopes = self.model.guard_scopes(guard).into_iter();
        self.unsure.roles || scopes.any(|scope| self.unsure.scopes.contains(&scope))
    }

    /// Whether some value of this token type may pass: the matrix ticks it, and a role lists it.
    pub(super) fn may_call(&self, token: TokenId, guard: &Guard) -> bool {
        match guard {
            Guard::Public | Guard::AnyToken => true,
            Guard::Scope(scope) => self.may_hold(token, &[*scope]),
            Guard::All(id) => self.may_hold(token, &self.model.all(*id).scopes),
            Guard::Any(id) => self
                .model
                .union(*id)
                .scopes
                .iter()
                .any(|scope| self.may_hold(token, &[*scope])),
        }
    }

    /// Whether some value of this token type may hold all of these at once.
    fn may_hold(&self, token: TokenId, scopes: &[ScopeId]) -> bool {
        if !scopes
            .iter()
            .all(|scope| self.model.scope(*scope).tokens.contains(&token))
        {
            return false;
        }
        match &self.model.token(token).roles {
            TokenRoles::None | TokenRoles::Any => true,
            TokenRoles::Some(roles) => roles.iter().any(|role| {
                let listed = &self.model.role(*role).scopes;
                scopes
                    .iter()
                    .all(|scope| self.model.scope(*scope).always || listed.contains(scope))
            }),
        }
    }
}

fn known(list: &[ScopeSet], scopes: &[ScopeId]) -> Option<usize> {
    list.iter().position(|set| set.scopes == scopes)
}
