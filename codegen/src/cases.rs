//! Tests that follow from a descriptor, so that a provider added later is guarded without anyone writing one.
//!
//! [`matrix`] gives one file per cell of the scope matrix that has no tick, each of which must not compile, and one file
//! that uses every cell with a tick. [`wire`] calls every operation with every token that may call it.

mod matrix;
mod wire;

pub use self::{matrix::matrix, wire::wire};

use tollgate_descriptor::model::{
    Guard, Model, Operation, Param, Presence, RoleId, ScopeId, Token, TokenId, TokenRoles,
};

/// A token type as a test names it: with each role that it may have.
#[derive(Clone, Debug)]
struct Holder {
    /// `None` for a client without a token.
    token: Option<TokenId>,
    /// The role of its value, where the token has roles.
    role: Option<RoleId>,
    /// `flxpoint::Channel`, `acme::ApiKey<acme::role::Reader>`
    type_name: String,
    /// `channel`, `api_key_reader`
    file_name: String,
}

impl Holder {
    /// Every token type of a provider with every role, and last nobody.
    fn all(model: &Model) -> Vec<Self> {
        let provider = &model.provider.id;
        let mut holders = Vec::new();
        for id in model.token_ids() {
            let token = model.token(id);
            let plain = |role| Self {
                token: Some(id),
                role,
                type_name: format!("{provider}::{}", token.rust),
                file_name: token.name.clone(),
            };
            if token.is_generic() {
                holders.extend(roles_of(model, token).into_iter().map(|role| {
                    let declared = model.role(role);
                    Self {
                        token: Some(id),
                        role: Some(role),
                        type_name: format!("{provider}::{}<{provider}::role::{}>", token.rust, declared.rust),
                        file_name: format!("{}_{}", token.name, declared.name),
                    }
                }));
            } else {
                holders.push(plain(roles_of(model, token).first().copied()));
            }
        }
        holders.push(Self {
            token: None,
            role: None,
            type_name: format!("{provider}::Anonymous"),
            file_name: "anonymous".to_owned(),
        });
        holders
    }

    /// Whether the cell of this row has a tick.
    fn holds(&self, model: &Model, scope: ScopeId) -> bool {
        let Some(token) = self.token else { return false };
        let scope_of = model.scope(scope);
        let listed = self
            .role
            .is_none_or(|role| scope_of.always || model.role(role).scopes.contains(&scope));
        scope_of.tokens.contains(&token) && listed
    }

    fn may_call(&self, model: &Model, guard: &Guard) -> bool {
        match guard {
            Guard::Public => true,
            Guard::AnyToken => self.token.is_some(),
            Guard::Scope(scope) => self.holds(model, *scope),
            Guard::All(id) => model.all(*id).scopes.iter().all(|scope| self.holds(model, *scope)),
            Guard::Any(id) => model.union(*id).scopes.iter().any(|scope| self.holds(model, *scope)),
        }
    }
}

fn roles_of(model: &Model, token: &Token) -> Vec<RoleId> {
    match &token.roles {
        TokenRoles::None => Vec::new(),
        TokenRoles::Any => model.role_ids().collect(),
        TokenRoles::Some(roles) => roles.clone(),
    }
}

/// The parameters of an operation whose presence depends on the token, in the order of its type parameters.
fn conditional(operation: &Operation) -> impl Iterator<Item = &Param> {
    operation
        .params
        .iter()
        .filter(|param| matches!(param.presence, Presence::ByToken(_)))
}
