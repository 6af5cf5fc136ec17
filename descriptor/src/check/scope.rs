//! Scopes: the matrix.

use super::{Check, name::Taken, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Scope, ScopeId, TokenId};
use crate::span::Spanned;
use crate::syntax;

/// Scopes that need no entry.
pub(super) const BUILT_IN: [&str; 2] = ["public", "any_token"];

impl Check<'_> {
    pub(super) fn check_scopes(&mut self) {
        let mut taken = Taken::default();
        for (name, scope) in &self.descriptor.scopes {
            if BUILT_IN.contains(&name.as_str()) {
                self.push(
                    Diagnostic::new(
                        Code::ReservedName,
                        name.span,
                        format!("the scope `{}` is built in", name.value),
                    )
                    .help("give it another name; the provider's own goes into `name`"),
                );
            }
            self.check_snake_case(name, "scope");
            let rust = self.name_type(&mut taken, name, "scope");
            self.refuse_reserved_scope(name, rust.as_str());
            let tokens = self.check_scope_tokens(name, scope);
            let line = self.line(name.span);
            self.model.scopes.push(Scope {
                name: name.value.clone(),
                rust,
                wire: text(scope.name.as_ref()).unwrap_or_else(|| name.value.clone()),
                tokens,
                always: scope.always.as_ref().is_some_and(|always| always.value),
                docs: text(scope.docs.as_ref()),
                line,
            });
        }
    }

    fn check_scope_tokens(&mut self, name: &Spanned<String>, scope: &syntax::Scope) -> Vec<TokenId> {
        let entries = &self.descriptor.tokens;
        let mut tokens = Vec::new();
        for token in scope.tokens.iter().flat_map(|tokens| &tokens.value) {
            if let Some(at) = self.resolve("token", token, entries) {
                tokens.push(TokenId(at));
            } else {
                self.unsure.scopes.insert(ScopeId(self.model.scopes.len()));
            }
        }
        tokens.sort_unstable();
        tokens.dedup();
        if scope.tokens.as_ref().is_none_or(|tokens| tokens.value.is_empty()) {
            self.unsure.scopes.insert(ScopeId(self.model.scopes.len()));
            self.push(
                Diagnostic::new(
                    Code::ScopeWithoutToken,
                    name.span,
                    format!("no token holds the scope `{}`", name.value),
                )
                .label("its operations could never be called")
                .help("name the tokens that hold it, or remove the scope"),
            );
        }
        tokens
    }
}
