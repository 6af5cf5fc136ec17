//! Who holds what: the matrix, seen through roles.

use super::{doc, leaf};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;
use tollgate_descriptor::model::{Guard, Model, RoleId, Scope, ScopeId, Token, TokenId, TokenRoles};

/// How a token type holds a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tick {
    /// Whatever its value.
    Always,
    /// If the role of its value lists it.
    ByRole,
}

/// Whether and how a token type holds a scope.
pub(super) fn tick(model: &Model, token: TokenId, scope: ScopeId) -> Option<Tick> {
    let row = model.scope(scope);
    if !row.tokens.contains(&token) {
        return None;
    }
    let lists = |role: &RoleId| model.role(*role).scopes.contains(&scope);
    match &model.token(token).roles {
        _ if row.always => Some(Tick::Always),
        TokenRoles::None => Some(Tick::Always),
        TokenRoles::Some(roles) if roles.len() == 1 => roles.iter().any(lists).then_some(Tick::Always),
        TokenRoles::Some(_) | TokenRoles::Any => Some(Tick::ByRole),
    }
}

/// How a token type holds one of several scopes: the scopes that its role has to list one of, none for any role.
pub(super) fn tick_any(model: &Model, token: TokenId, scopes: &[ScopeId]) -> Option<Vec<ScopeId>> {
    let ticks: Vec<(ScopeId, Tick)> = scopes
        .iter()
        .filter_map(|scope| tick(model, token, *scope).map(|tick| (*scope, tick)))
        .collect();
    if ticks.is_empty() {
        return None;
    }
    if ticks.iter().any(|(_, tick)| *tick == Tick::Always) {
        return Some(Vec::new());
    }
    Some(ticks.into_iter().map(|(scope, _)| scope).collect())
}

/// The token types that a guard lets through, by their Rust names.
pub(super) fn holders(model: &Model, guard: &Guard) -> Vec<String> {
    match guard {
        Guard::Any(union) => holders_of_any(model, &model.union(*union).scopes),
        // A guard without scopes lets everybody through.
        _ => holders_of_all(model, &model.guard_scopes(guard)),
    }
}

/// The token types that hold all of these scopes.
pub(super) fn holders_of_all(model: &Model, scopes: &[ScopeId]) -> Vec<String> {
    let tokens = model
        .token_ids()
        .filter(|token| scopes.iter().all(|scope| tick(model, *token, *scope).is_some()));
    tokens.map(|token| model.token(token).rust.to_string()).collect()
}

/// The token types that hold one of these scopes.
pub(super) fn holders_of_any(model: &Model, scopes: &[ScopeId]) -> Vec<String> {
    let tokens = model
        .token_ids()
        .filter(|token| scopes.iter().any(|scope| tick(model, *token, *scope).is_some()));
    tokens.map(|token| model.token(token).rust.to_string()).collect()
}

/// Which tokens let somebody through: those that do in any case, and those for which a role decides.
pub(super) struct Passing {
    always: Vec<String>,
    by_role: Vec<String>,
}

/// Who holds all of these scopes.
pub(super) fn passing_all(model: &Model, scopes: &[ScopeId]) -> Passing {
    passing(model, holders_of_all(model, scopes), |token| {
        scopes
            .iter()
            .any(|scope| tick(model, token, *scope) == Some(Tick::ByRole))
    })
}

/// Who holds one of these scopes.
pub(super) fn passing_any(model: &Model, scopes: &[ScopeId]) -> Passing {
    passing(model, holders_of_any(model, scopes), |token| {
        tick_any(model, token, scopes).is_some_and(|listed| !listed.is_empty())
    })
}

fn passing(model: &Model, holders: Vec<String>, by_role: impl Fn(TokenId) -> bool) -> Passing {
    let decided = |name: &String| {
        model
            .token_ids()
            .any(|token| model.token(token).rust.as_str() == name && by_role(token))
    };
    let (by_role, always) = holders.into_iter().partition(decided);
    Passing { always, by_role }
}

impl Passing {
    /// ``needs an `Account` token of Flxpoint, or an `ApiKey` token whose role lists it``
    pub(super) fn needs(&self, title: &str, listed: &str) -> String {
        let always = named(&self.always);
        let by_role = named(&self.by_role);
        match (always, by_role) {
            (None, None) => format!("no token of {title} holds it"),
            (Some(always), None) => format!("needs {always} token of {title}"),
            (None, Some(by_role)) => format!("needs {by_role} token of {title} whose role lists {listed}"),
            (Some(always), Some(by_role)) => {
                format!("needs {always} token of {title}, or {by_role} token whose role lists {listed}")
            }
        }
    }

    /// ``Held by [`Account`], and by [`ApiKey`] if its role lists it.``
    pub(super) fn held_by(&self) -> String {
        let links = |names: &[String]| {
            let links: Vec<String> = names
                .iter()
                .map(|name| format!("[`{name}`](super::token::{name})"))
                .collect();
            links.join(", ")
        };
        match (self.always.as_slice(), self.by_role.as_slice()) {
            ([], []) => "Held by no token.".to_owned(),
            (always, []) => format!("Held by {}.", links(always)),
            ([], by_role) => format!("Held by {} if its role lists it.", links(by_role)),
            (always, by_role) => format!(
                "Held by {}, and by {} if its role lists it.",
                links(always),
                links(by_role)
            ),
        }
    }
}

/// ``an `Account` or `Channel` ``, without the space
fn named(holders: &[String]) -> Option<String> {
    let first = holders.first()?;
    let names: Vec<String> = holders.iter().map(|holder| doc::code(holder)).collect();
    Some(format!("{} {}", doc::article(first), doc::list(&names, "or")))
}

/// ``needs an `Account` or `Channel` token of Flxpoint``
pub(super) fn needs_one_of(title: &str, tokens: &[String]) -> String {
    named(tokens).map_or_else(
        || "needs `Anonymous`".to_owned(),
        |named| format!("needs {named} token of {title}"),
    )
}

/// The traits that stand for "lists one of these scopes", by the scopes: unions on the row of roles.
pub(super) fn role_unions(model: &Model) -> BTreeMap<Vec<ScopeId>, String> {
    let mut unions = BTreeMap::new();
    for union in &model.unions {
        for token in model.token_ids() {
            let Some(scopes) = tick_any(model, token, &union.scopes) else {
                continue;
            };
            if scopes.len() < 2 {
                continue;
            }
            let name = if scopes == union.scopes {
                union.rust.to_string()
            } else {
                let names: Vec<&str> = scopes.iter().map(|scope| model.scope(*scope).rust.as_str()).collect();
                names.join("Or")
            };
            unions.insert(scopes, name);
        }
    }
    unions
}

/// `Account`, or `ApiKey<R>` with `<R: bound>` before it.
pub(super) struct Holder {
    /// `<R: bound>`, or nothing.
    pub(super) generics: TokenStream,
    /// The type.
    pub(super) ty: TokenStream,
}

/// A token type where a tick is written, bounded by what its role has to be.
pub(super) fn holder(token: &Token, bound: &TokenStream) -> Holder {
    let name = leaf::name(token.rust.as_str());
    if token.is_generic() {
        Holder {
            generics: quote! { <R: #bound> },
            ty: quote! { super::token::#name<R> },
        }
    } else {
        Holder {
            generics: TokenStream::new(),
            ty: quote! { super::token::#name },
        }
    }
}

/// The tick itself: `impl Sales for Account { … }`.
pub(super) fn implement(what: &TokenStream, holder: &Holder) -> TokenStream {
    let Holder { generics, ty } = holder;
    quote! {
        impl #generics #what for #ty {
            const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
        }
    }
}

/// The trait with its hidden constant.
pub(super) fn declare(name: &proc_macro2::Ident, supertraits: &[TokenStream]) -> TokenStream {
    let bounds = (!supertraits.is_empty()).then(|| quote! { : #(#supertraits)+* });
    quote! {
        pub trait #name #bounds {
            #[doc(hidden)]
            const USE_MACRO: tollgate::Ticked;
        }
    }
}

/// What rustc says where the trait is missing.
pub(super) fn on_unimplemented(message: &str, label: &str, note: &str) -> TokenStream {
    quote! {
        #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
    }
}

/// `providers/acme.yaml:24, 25`: the lines of several scopes.
pub(super) fn lines(scopes: &[&Scope]) -> String {
    let mut text = String::new();
    let mut file = "";
    for scope in scopes {
        if scope.line.file == file {
            text.push_str(", ");
            text.push_str(&scope.line.line.to_string());
        } else {
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(&scope.line.to_string());
            file = &scope.line.file;
        }
    }
    text
}
