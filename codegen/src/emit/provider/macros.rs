//! What `tollgate::token!` and `tollgate::role!` ask of a provider: what follows from a list of scopes.
//!
//! `provider` in these macros is the provider's module, under the name that `token!` and `role!` give it.

use crate::emit::{doc, leaf, tick};
use heck::ToSnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use tollgate_descriptor::model::{Model, Rule, ScopeId, Token, TokenId};

/// The hidden macros and their names.
pub(super) fn emit(model: &Model) -> TokenStream {
    let token = token_macro(model);
    let role = role_macro(model);
    quote! { #token #role }
}

/// Tokens that an application's own may be made like: those whose scopes do not hang on a role.
fn bases(model: &Model) -> Vec<TokenId> {
    model
        .token_ids()
        .filter(|token| !model.token(*token).is_generic())
        .collect()
}

/// The base where none is named, if there is no doubt: all tokens travel alike.
fn default_base(model: &Model) -> Option<&Token> {
    let first = model.tokens.first()?;
    let alike = model
        .tokens
        .iter()
        .all(|token| token.scheme == first.scheme && !token.is_generic());
    alike.then_some(first)
}

/// Like which token an application's own is: the one that it names, the default, or none, and then why.
fn likes(model: &Model) -> TokenStream {
    let title = &model.provider.title;
    let names: Vec<String> = bases(model)
        .iter()
        .map(|token| doc::code(&format!("as {}", model.token(*token).rust)))
        .collect();
    let default = if let Some(token) = default_base(model) {
        let base = leaf::name(token.rust.as_str());
        quote! { ::tollgate::token! { @declare $($head)* [#base] $($scope)* } }
    } else {
        let why = match (model.tokens.is_empty(), names.is_empty()) {
            (true, _) => format!("{title} has no tokens"),
            (_, true) => {
                format!("what a token of {title} may do is up to its role: declare one with `tollgate::role!`")
            }
            (..) => format!(
                "the tokens of {title} differ: name the one that this is like, with {}",
                doc::list(&names, "or")
            ),
        };
        quote! { ::std::compile_error!(#why); }
    };
    let generic = model.tokens.iter().filter(|token| token.is_generic()).map(|token| {
        let base = leaf::name(token.rust.as_str());
        let why = format!("what `{base}` may do is up to its role: declare one with `tollgate::role!`");
        quote! {
            (@like #base; $($rest:tt)*) => { ::std::compile_error!(#why); };
        }
    });
    quote! {
        (@like; [$($head:tt)*] $($scope:ident)*) => { #default };
        #(#generic)*
        (@like Anonymous; $($rest:tt)*) => {
            ::std::compile_error!("`Anonymous` shows no token, so that no token is like it");
        };
        (@like $Base:ident; [$($head:tt)*] $($scope:ident)*) => {
            ::tollgate::token! { @declare $($head)* [$Base] $($scope)* }
        };
    }
}

fn token_macro(model: &Model) -> TokenStream {
    let bases = bases(model);
    let hidden = format_ident!("__{}_token", model.provider.id);
    let unions: Vec<(Ident, Ident, Vec<Ident>)> = model
        .unions
        .iter()
        .map(|union| {
            let scopes = union
                .scopes
                .iter()
                .map(|scope| leaf::name(&model.scope(*scope).name))
                .collect();
            (step(union.rust.as_str()), leaf::name(union.rust.as_str()), scopes)
        })
        .collect();
    let steps = unions
        .iter()
        .map(|(step, ..)| quote! { provider::__token! { @#step $Name $($scope)* } });
    let likes = likes(model);
    let rules = bases.iter().map(|token| base_rules(model, *token));
    let arms = unions
        .iter()
        .map(|(step, name, scopes)| union_arms(&quote! { __token }, &quote! { scope::#name }, step, scopes));
    quote! {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! #hidden {
            ($Name:ident $Base:ident $($scope:ident)*) => {
                provider::__token! { @rules $Base $Name $($scope)* }
                #(#steps)*
            };
            #likes
            #(#rules)*
            (@rules $Base:ident $Name:ident $($scope:ident)*) => {};
            #(#arms)*
        }
        #[doc(hidden)]
        pub use #hidden as __token;
    }
}

/// The internal step of a macro that decides on a union.
fn step(union: &str) -> Ident {
    leaf::name(&union.to_snake_case())
}

/// The rules that a token made like this one shares, and who may be narrowed to it.
fn base_rules(model: &Model, token: TokenId) -> TokenStream {
    let base = leaf::name(model.token(token).rust.as_str());
    let mut shared: Vec<TokenStream> = model.rules.iter().flat_map(|rule| sides(rule, token)).collect();
    if model.uses_any_token {
        shared.push(quote! { scope::AnyToken });
    }
    quote! {
        (@rules #base $Name:ident $($scope:ident)*) => {
            ::tollgate::__share! { $Name: [#(#shared),*] $($scope)* }
        };
    }
}

fn sides(rule: &Rule, token: TokenId) -> Vec<TokenStream> {
    let mut sides = Vec::new();
    if !rule.required.contains(&token) {
        let omits = format_ident!("Omits{}", rule.rust.as_str());
        sides.push(quote! { rule::#omits });
    }
    if !rule.absent.contains(&token) {
        let gives = format_ident!("Gives{}", rule.rust.as_str());
        sides.push(quote! { rule::#gives });
    }
    sides
}

/// A union holds once, as soon as one of its scopes is in the list.
fn union_arms(again: &TokenStream, what: &TokenStream, step: &Ident, scopes: &[Ident]) -> TokenStream {
    quote! {
        #(
            (@#step $Name:ident #scopes $($rest:ident)*) => {
                ::tollgate::__tick! { $Name: #what }
            };
        )*
        (@#step $Name:ident $other:ident $($rest:ident)*) => {
            provider::#again! { @#step $Name $($rest)* }
        };
        (@#step $Name:ident) => {};
    }
}

fn role_macro(model: &Model) -> TokenStream {
    let hidden = format_ident!("__{}_role", model.provider.id);
    let declare = if model.roles.is_empty() {
        let why = format!(
            "the tokens of {} have no roles: declare a token with `tollgate::token!`",
            model.provider.title
        );
        quote! { ::std::compile_error!(#why); }
    } else {
        quote! { ::tollgate::role! { @declare $($head)* $($scope)* } }
    };
    let unions: Vec<(Ident, Ident, Vec<Ident>)> = tick::role_unions(model)
        .iter()
        .map(|(scopes, name)| {
            let scopes = scopes
                .iter()
                .map(|scope: &ScopeId| leaf::name(&model.scope(*scope).name))
                .collect();
            (step(name), leaf::name(name), scopes)
        })
        .collect();
    let steps = unions
        .iter()
        .map(|(step, ..)| quote! { provider::__role! { @#step $Name $($scope)* } });
    let arms = unions
        .iter()
        .map(|(step, name, scopes)| union_arms(&quote! { __role }, &quote! { role::lists::#name }, step, scopes));
    quote! {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! #hidden {
            (@declare; [$($head:tt)*] $($scope:ident)*) => { #declare };
            ($Name:ident $($scope:ident)*) => {
                #(#steps)*
            };
            #(#arms)*
        }
        #[doc(hidden)]
        pub use #hidden as __role;
    }
}
