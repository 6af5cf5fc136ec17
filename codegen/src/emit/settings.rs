//! `settings.rs`: budgets, retries, pagers and the rest that operations share, each once, as statics.

mod place;
mod policy;
mod token;

pub(super) use self::{
    place::{path, place},
    token::{operation_type, token_name},
};

use super::leaf;
use crate::module::Module;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};
use tollgate_descriptor::model::{Model, Operation, Pager, Resource, SettingsId, Template, Variable};

/// The statics of a provider, and which operation has which.
pub(super) struct Settings {
    statics: Statics,
    by_id: BTreeMap<SettingsId, Ident>,
    pagers: BTreeMap<String, Ident>,
}

impl Settings {
    /// Names and writes all of them.
    pub(super) fn of(model: &Model) -> Self {
        let mut settings = Self {
            statics: Statics::default(),
            by_id: BTreeMap::new(),
            pagers: BTreeMap::new(),
        };
        settings
            .statics
            .add("PROVIDER", &quote! { tollgate::ProviderSpec }, &provider(model));
        for limit in &model.rate_limits {
            let value = policy::limit(model, limit);
            settings
                .statics
                .add(&limit_name(&limit.name), &quote! { tollgate::Limit }, &value);
        }
        for declared in &model.tokens {
            let value = token::token(model, &mut settings.statics, declared);
            let name = token_name(declared).to_string();
            settings.statics.add(&name, &quote! { tollgate::TokenSpec }, &value);
        }
        for (_, operation) in model.operations() {
            let id = operation.settings;
            if !settings.by_id.contains_key(&id) {
                let name = settings_name(model, id);
                let value = policy::settings(model, &mut settings.statics, model.setting(id));
                let name = settings.statics.add(&name, &quote! { tollgate::Settings }, &value);
                settings.by_id.insert(id, name);
            }
            if let Some(pager) = &operation.pager {
                let value = policy::pager(pager);
                let name = settings
                    .statics
                    .add(&pager_name(pager), &quote! { tollgate::Pager }, &value);
                settings.pagers.insert(value.to_string(), name);
            }
        }
        settings
    }

    /// The module `settings`.
    pub(super) fn emit(&self, model: &Model) -> Module {
        let items = &self.statics.items;
        let docs = vec![format!("What is constant about {}.", model.provider.title)];
        Module::private("settings", docs, quote! { #(#items)* })
    }

    /// The static that holds the settings of an operation, seen from a resource.
    pub(super) fn of_operation(&self, operation: &Operation) -> Option<TokenStream> {
        let name = self.by_id.get(&operation.settings)?;
        Some(quote! { &super::settings::#name })
    }

    /// The static that holds a pager, seen from a resource.
    pub(super) fn pager(&self, pager: &Pager) -> Option<TokenStream> {
        let name = self.pagers.get(&policy::pager(pager).to_string())?;
        Some(quote! { Some(&super::settings::#name) })
    }
}

/// Statics by their content, so that equal ones stand there once.
#[derive(Default)]
struct Statics {
    items: Vec<TokenStream>,
    by_value: BTreeMap<String, Ident>,
    names: BTreeSet<String>,
}

impl Statics {
    /// The static of this value, new under this name (or the next free one) where there is none yet.
    fn add(&mut self, wanted: &str, ty: &TokenStream, value: &TokenStream) -> Ident {
        self.intern(wanted, &quote! { pub(super) static }, ty, value)
    }

    /// As [`add`](Self::add), for what other statics hold by value.
    fn add_const(&mut self, wanted: &str, ty: &TokenStream, value: &TokenStream) -> Ident {
        self.intern(wanted, &quote! { const }, ty, value)
    }

    fn intern(&mut self, wanted: &str, keyword: &TokenStream, ty: &TokenStream, value: &TokenStream) -> Ident {
        let key = quote! { #ty #value }.to_string();
        if let Some(name) = self.by_value.get(&key) {
            return name.clone();
        }
        let mut free = wanted.to_owned();
        let mut number = 2;
        while !self.names.insert(free.clone()) {
            free = format!("{wanted}_{number}");
            number += 1;
        }
        let name = leaf::name(&free);
        self.items.push(quote! { #keyword #name: #ty = #value; });
        self.by_value.insert(key, name.clone());
        name
    }
}

fn limit_name(name: &str) -> String {
    format!("LIMIT_{}", leaf::shouty(name))
}

fn pager_name(pager: &Pager) -> String {
    format!("PAGER_{}", leaf::shouty(&pager.name))
}

/// `SETTINGS` for what most operations have; else after the resource, or the one operation, that has it.
fn settings_name(model: &Model, id: SettingsId) -> String {
    let mut uses: BTreeMap<SettingsId, usize> = BTreeMap::new();
    for (_, operation) in model.operations() {
        *uses.entry(operation.settings).or_default() += 1;
    }
    let count = uses.get(&id).copied().unwrap_or_default();
    let most = uses.values().max().copied().unwrap_or_default();
    let first_of_most = uses.iter().find(|(_, uses)| **uses == most).map(|(id, _)| *id);
    if first_of_most == Some(id) {
        return "SETTINGS".to_owned();
    }
    let having: Vec<(&Resource, &Operation)> = model
        .operations()
        .filter(|(_, operation)| operation.settings == id)
        .collect();
    match having.as_slice() {
        [(resource, operation)] if count == 1 && resource.operations.len() > 1 => {
            format!(
                "SETTINGS_{}_{}",
                leaf::shouty(&resource.name),
                leaf::shouty(&operation.name)
            )
        }
        [(resource, _), rest @ ..] if rest.iter().all(|(other, _)| other.name == resource.name) => {
            format!("SETTINGS_{}", leaf::shouty(&resource.name))
        }
        _ => "SETTINGS".to_owned(),
    }
}

fn provider(model: &Model) -> TokenStream {
    let id = &model.provider.id;
    let title = &model.provider.title;
    let environments = model.environments.iter().map(|environment| {
        let name = &environment.name;
        let base_url = text(&environment.base_url);
        let hosts = environment.hosts.iter().map(|(name, url)| {
            let address = text(url);
            quote! { (#name, #address) }
        });
        quote! {
            tollgate::EnvironmentSpec { name: #name, base_url: #base_url, hosts: &[#(#hosts),*] }
        }
    });
    let variables = model.variables.iter().map(variable);
    let tokens = model.tokens.iter().map(token_name);
    quote! {
        tollgate::ProviderSpec {
            id: #id,
            title: #title,
            environments: &[#(#environments),*],
            variables: &[#(#variables),*],
            tokens: &[#(&#tokens),*],
        }
    }
}

fn variable(variable: &Variable) -> TokenStream {
    let name = &variable.name;
    let from = leaf::option(variable.env.as_ref());
    let default = leaf::option(variable.default.as_ref());
    let pattern = leaf::option(variable.pattern.as_ref());
    let allowed = &variable.allowed;
    quote! {
        tollgate::VariableSpec {
            name: #name,
            env: #from,
            default: #default,
            pattern: #pattern,
            allowed: &[#(#allowed),*],
        }
    }
}

/// A template as it is written.
pub(super) fn text(template: &Template) -> String {
    template.to_string()
}
