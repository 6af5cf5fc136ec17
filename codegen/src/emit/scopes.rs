//! `scope.rs`: the scope matrix as traits.

use super::{
    doc, leaf,
    tick::{self, Passing, Tick},
};
use crate::module::Module;
use proc_macro2::TokenStream;
use quote::quote;
use tollgate_descriptor::model::{Guard, Model, Scope, ScopeId, ScopeSet};

/// The module `scope`.
pub(super) fn emit(model: &Model) -> Module {
    let any_token = model.uses_any_token.then(|| any_token(model));
    let scopes = model.scope_ids().map(|scope| scope_trait(model, scope));
    let unions = model.unions.iter().map(|union| union_trait(model, union));
    let alls = model.alls.iter().map(|all| all_trait(model, all));
    let items = quote! {
        #any_token
        #(#scopes)*
        #(#unions)*
        #(#alls)*
    };
    Module::new("scope", matrix(model), items)
}

/// The trait of a guard, seen from a resource; nothing for a public operation.
pub(super) fn guard(model: &Model, guard: &Guard) -> Option<TokenStream> {
    let name = guard_name(model, guard)?;
    let name = leaf::name(&name);
    Some(quote! { super::scope::#name })
}

/// The name of a guard's trait.
pub(super) fn guard_name(model: &Model, guard: &Guard) -> Option<String> {
    match guard {
        Guard::Public => None,
        Guard::AnyToken => Some("AnyToken".to_owned()),
        Guard::Scope(scope) => Some(model.scope(*scope).rust.to_string()),
        Guard::All(all) => Some(model.all(*all).rust.to_string()),
        Guard::Any(union) => Some(model.union(*union).rust.to_string()),
    }
}

/// The matrix as a table.
pub(super) fn matrix(model: &Model) -> Vec<String> {
    let mut lines = vec![format!("The scope matrix of {}.", doc::title(&model.provider.title))];
    if model.scopes.is_empty() {
        return lines;
    }
    let heads: Vec<String> = model
        .tokens
        .iter()
        .map(|token| format!(" [`{0}`](super::token::{0}) |", token.rust))
        .collect();
    lines.push(String::new());
    lines.push(format!("| Scope |{}", heads.concat()));
    lines.push(format!("| --- |{}", " --- |".repeat(heads.len())));
    for scope in model.scope_ids() {
        let cells: Vec<&str> = model
            .token_ids()
            .map(|token| match tick::tick(model, token, scope) {
                Some(Tick::Always) => " ✓ |",
                Some(Tick::ByRole) => " by role |",
                None => " - |",
            })
            .collect();
        lines.push(format!("| [`{}`] |{}", model.scope(scope).rust, cells.concat()));
    }
    lines
}

fn any_token(model: &Model) -> TokenStream {
    let title = &model.provider.title;
    let message = format!("`{{Self}}` is not a token that {} accepts here", doc::braces(title));
    let label = format!("needs any token of {}", doc::braces(title));
    let note = format!("tokens: {}", doc::braces(&model.tokens_line.to_string()));
    let texts = tick::on_unimplemented(&message, &label, &note);
    let name = leaf::name("AnyToken");
    let declaration = tick::declare(&name, &[quote! { super::token::Token }]);
    let bound = quote! { super::role::Role };
    let ticks = model
        .tokens
        .iter()
        .map(|token| tick::implement(&quote! { #name }, &tick::holder(token, &bound)));
    quote! {
        /// Any token at all.
        #texts
        #declaration
        #(#ticks)*
    }
}

fn scope_trait(model: &Model, id: ScopeId) -> TokenStream {
    let scope = model.scope(id);
    let passing = tick::passing_all(model, &[id]);
    let docs = doc::outer(&scope_docs(scope, &passing));
    let texts = scope_texts(model, scope, &passing);
    let name = leaf::name(scope.rust.as_str());
    let unions = model.unions.iter().filter(|union| union.scopes.contains(&id));
    let mut supertraits: Vec<TokenStream> = unions
        .map(|union| {
            let union = leaf::name(union.rust.as_str());
            quote! { #union }
        })
        .collect();
    if supertraits.is_empty() {
        supertraits.push(quote! { super::token::Token });
    }
    let declaration = tick::declare(&name, &supertraits);
    let ticks = model.token_ids().filter_map(|token| {
        let bound = match tick::tick(model, token, id)? {
            Tick::Always => quote! { super::role::Role },
            Tick::ByRole => quote! { super::role::lists::#name },
        };
        Some(tick::implement(
            &quote! { #name },
            &tick::holder(model.token(token), &bound),
        ))
    });
    let alias = alias(scope);
    quote! {
        #docs
        #texts
        #declaration
        #(#ticks)*
        #alias
    }
}

/// The name that `token!` and `role!` know the scope by.
pub(super) fn alias(scope: &Scope) -> TokenStream {
    let name = leaf::name(scope.rust.as_str());
    let written = leaf::name(&scope.name);
    quote! {
        #[doc(hidden)]
        pub use #name as #written;
    }
}

fn scope_docs(scope: &Scope, passing: &Passing) -> Vec<String> {
    let mut docs = scope.docs.as_deref().map(doc::prose).unwrap_or_default();
    if !docs.is_empty() {
        docs.push(String::new());
    }
    docs.push(passing.held_by());
    docs
}

fn scope_texts(model: &Model, scope: &Scope, passing: &Passing) -> TokenStream {
    let title = &model.provider.title;
    let message = format!(
        "`{{Self}}` does not hold the {} scope `{}`",
        doc::braces(title),
        doc::braces(&scope.name)
    );
    let label = doc::braces(&passing.needs(title, "it"));
    let note = format!("scope matrix: {}", doc::braces(&scope.line.to_string()));
    tick::on_unimplemented(&message, &label, &note)
}

/// What rustc says where several scopes are asked for.
fn set_texts(model: &Model, set: &ScopeSet, holds: &str, label: &str) -> TokenStream {
    let scopes: Vec<&Scope> = set.scopes.iter().map(|scope| model.scope(*scope)).collect();
    let names: Vec<String> = scopes.iter().map(|scope| doc::code(&scope.name)).collect();
    let title = &model.provider.title;
    let message = format!(
        "`{{Self}}` {holds} the {} scopes {}",
        doc::braces(title),
        doc::braces(&names.join(", "))
    );
    let note = format!("scope matrix: {}", doc::braces(&tick::lines(&scopes)));
    tick::on_unimplemented(&message, &doc::braces(label), &note)
}

fn union_trait(model: &Model, union: &ScopeSet) -> TokenStream {
    let docs = format!(
        "Any of {}. A supertrait of each, so that whoever holds one of them holds this.",
        links(model, &union.scopes)
    );
    let docs = doc::line(&docs);
    let needs = tick::passing_any(model, &union.scopes).needs(&model.provider.title, "one");
    let texts = set_texts(model, union, "holds none of", &needs);
    let name = leaf::name(union.rust.as_str());
    let declaration = tick::declare(&name, &[quote! { super::token::Token }]);
    let role_unions = tick::role_unions(model);
    let ticks = model.token_ids().filter_map(|token| {
        let listed = tick::tick_any(model, token, &union.scopes)?;
        let bound = match (listed.as_slice(), role_unions.get(&listed)) {
            ([], _) => quote! { super::role::Role },
            (_, Some(union)) => {
                let union = leaf::name(union);
                quote! { super::role::lists::#union }
            }
            ([only, ..], None) => {
                let only = leaf::name(model.scope(*only).rust.as_str());
                quote! { super::role::lists::#only }
            }
        };
        Some(tick::implement(
            &quote! { #name },
            &tick::holder(model.token(token), &bound),
        ))
    });
    quote! {
        #docs
        #texts
        #declaration
        #(#ticks)*
    }
}

fn all_trait(model: &Model, all: &ScopeSet) -> TokenStream {
    let docs = doc::line(&format!(
        "All of {}. Whoever holds them holds this.",
        links(model, &all.scopes)
    ));
    let listed = if all.scopes.len() == 2 { "both" } else { "all" };
    let needs = tick::passing_all(model, &all.scopes).needs(&model.provider.title, listed);
    let texts = set_texts(model, all, "does not hold all of", &needs);
    let name = leaf::name(all.rust.as_str());
    let scopes: Vec<_> = all
        .scopes
        .iter()
        .map(|scope| leaf::name(model.scope(*scope).rust.as_str()))
        .collect();
    quote! {
        #docs
        #texts
        pub trait #name: #(#scopes)+* {}
        impl<T: #(#scopes)+*> #name for T {}
    }
}

fn links(model: &Model, scopes: &[ScopeId]) -> String {
    let links: Vec<String> = scopes
        .iter()
        .map(|scope| format!("[`{}`]", model.scope(*scope).rust))
        .collect();
    links.join(", ")
}
