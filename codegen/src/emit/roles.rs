//! `role.rs`: which scopes the value of a token lists.

use super::{doc, leaf, scopes, tick};
use crate::module::Module;
use proc_macro2::TokenStream;
use quote::quote;
use tollgate_descriptor::model::{Model, Role, ScopeId};

/// The module `role`, with `lists` in it.
pub(super) fn emit(model: &Model) -> Module {
    let title = &model.provider.title;
    let the_trait = role_trait(model);
    let roles = model.roles.iter().map(|role| role_struct(model, role));
    let items = quote! {
        #the_trait

        /// Says that every scope of `Self` is one of `More`'s.
        #[diagnostic::on_unimplemented(
            message = "`{Self}` lists scopes that `{More}` does not",
            label = "cannot be narrowed from `{More}` to `{Self}`"
        )]
        pub trait Within<More>: Role {
            #[doc(hidden)]
            const USE_MACRO: tollgate::Ticked;
        }

        #(#roles)*
    };
    let docs = vec![format!("Roles of {title}: which scopes the value of a token lists.")];
    let mut module = Module::new("role", docs, items);
    module.children.push(lists(model));
    module
}

fn role_trait(model: &Model) -> TokenStream {
    let title = &model.provider.title;
    let names: Vec<String> = model.roles.iter().map(|role| format!("[`{}`]", role.rust)).collect();
    let docs = format!(
        "A role: {}, and what an application declares with [`tollgate::role!`].",
        names.join(", ")
    );
    let docs = doc::line(&docs);
    let names: Vec<String> = model.roles.iter().map(|role| doc::code(role.rust.as_str())).collect();
    let message = format!("`{{Self}}` is not a role of {}", doc::braces(title));
    let label = format!("needs {} or a role declared with `tollgate::role!`", names.join(", "));
    let note = format!("roles: {}", doc::braces(&model.roles_line.to_string()));
    let texts = tick::on_unimplemented(&message, &label, &note);
    let declaration = tick::declare(
        &leaf::name("Role"),
        &[
            quote! { std::fmt::Debug },
            quote! { Send },
            quote! { Sync },
            quote! { 'static },
        ],
    );
    quote! {
        #docs
        #texts
        #declaration
    }
}

fn role_struct(model: &Model, role: &Role) -> TokenStream {
    let name = leaf::name(role.rust.as_str());
    let links: Vec<String> = role
        .scopes
        .iter()
        .map(|scope| format!("[`{0}`](lists::{0})", model.scope(*scope).rust))
        .collect();
    let listed = if links.is_empty() {
        "Lists nothing".to_owned()
    } else {
        format!("Lists {}", links.join(", "))
    };
    let docs = doc::line(&format!("{listed}."));
    let mut bounds: Vec<TokenStream> = role
        .scopes
        .iter()
        .map(|scope| {
            let scope = leaf::name(model.scope(*scope).rust.as_str());
            quote! { lists::#scope }
        })
        .collect();
    if bounds.is_empty() {
        bounds.push(quote! { Role });
    }
    quote! {
        #docs
        #[derive(Clone, Copy, Debug)]
        pub struct #name;
        impl Role for #name {
            const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
        }
        impl<More: #(#bounds)+*> Within<More> for #name {
            const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
        }
    }
}

/// One trait per scope that roles decide on, and one per union of such.
fn lists(model: &Model) -> Module {
    let unions = tick::role_unions(model);
    let scopes = model
        .scope_ids()
        .filter(|scope| !model.scope(*scope).always)
        .map(|scope| {
            let row = model.scope(scope);
            let supertraits: Vec<TokenStream> = unions
                .iter()
                .filter(|(scopes, _)| scopes.contains(&scope))
                .map(|(_, name)| {
                    let name = leaf::name(name);
                    quote! { #name }
                })
                .collect();
            let message = format!("does not list the {} scope `{}`", model.provider.title, row.name);
            let alias = scopes::alias(row);
            let listed = listed(model, row.rust.as_str(), &[scope], &supertraits, &message);
            quote! { #listed #alias }
        });
    let unions = unions.iter().map(|(scopes, name)| {
        let names: Vec<String> = scopes
            .iter()
            .map(|scope| doc::code(&model.scope(*scope).name))
            .collect();
        let message = format!("lists none of the {} scopes {}", model.provider.title, names.join(", "));
        listed(model, name, scopes, &[], &message)
    });
    let items = quote! {
        #(#scopes)*
        #(#unions)*
    };
    Module::new("lists", vec!["What a role lists, scope by scope.".to_owned()], items)
}

fn listed(model: &Model, name: &str, scopes: &[ScopeId], supertraits: &[TokenStream], lacks: &str) -> TokenStream {
    let roles: Vec<&Role> = model
        .roles
        .iter()
        .filter(|role| role.scopes.iter().any(|scope| scopes.contains(scope)))
        .collect();
    let names: Vec<String> = roles.iter().map(|role| doc::code(role.rust.as_str())).collect();
    let links: Vec<String> = roles
        .iter()
        .map(|role| format!("[`{0}`](super::{0})", role.rust))
        .collect();
    let docs = doc::line(&if links.is_empty() {
        "Listed by no role of the provider's.".to_owned()
    } else {
        format!("Listed by {}.", links.join(", "))
    });
    let label = if names.is_empty() {
        "needs a token with a role declared with `tollgate::role!`".to_owned()
    } else {
        format!("needs a token with the role {}", doc::list(&names, "or"))
    };
    let message = format!("the role `{{Self}}` {}", doc::braces(lacks));
    let note = format!("roles: {}", doc::braces(&model.roles_line.to_string()));
    let texts = tick::on_unimplemented(&message, &label, &note);
    let name = leaf::name(name);
    let base = [quote! { super::Role }];
    let declaration = tick::declare(&name, if supertraits.is_empty() { &base } else { supertraits });
    let ticks = roles.iter().map(|role| {
        let role = leaf::name(role.rust.as_str());
        quote! {
            impl #name for super::#role {
                const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
            }
        }
    });
    quote! {
        #docs
        #texts
        #declaration
        #(#ticks)*
    }
}
