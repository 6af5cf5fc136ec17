//! The provider's own module: client, environments, errors, and what `token!` and `role!` ask of it.

mod client;
mod macros;

use super::{doc, error, leaf, workspace};
use crate::{Options, module::Module};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use tollgate_descriptor::model::{Model, Resource};

/// The module of the provider, without those in it.
pub(super) fn emit(model: &Model, options: &Options) -> Module {
    let tokens = model.tokens.iter().map(|token| leaf::name(token.rust.as_str()));
    let provider = provider(model);
    let environments = environments(model);
    let variables = variables(model);
    let error = error::emit(model);
    let client = client::emit(model);
    let workspace = workspace::emit(model);
    let macros = macros::emit(model);
    let webhooks = model
        .webhooks
        .is_some()
        .then(|| quote! { pub use self::webhook::Webhooks; });
    let items = quote! {
        pub use self::token::{Anonymous, Token, #(#tokens),*};
        #webhooks

        #provider
        #environments
        #variables
        #client
        #workspace
        #error
        #macros
    };
    let mut module = Module::new(&model.provider.id, docs(model), items);
    module.allowed.push(provider_lints());
    if options.nested {
        // In a program, what it does not use of a client is no mistake of its own.
        module
            .allowed
            .push(quote! { dead_code, unreachable_pub, unused_imports });
    }
    module
}

/// Lints that look at what only the provider can change.
fn provider_lints() -> TokenStream {
    quote! {
        clippy::doc_lazy_continuation,
        clippy::doc_markdown,
        clippy::enum_variant_names,
        clippy::fn_params_excessive_bools,
        clippy::large_enum_variant,
        clippy::module_inception,
        clippy::new_ret_no_self,
        clippy::should_implement_trait,
        clippy::similar_names,
        clippy::struct_excessive_bools,
        clippy::struct_field_names,
        clippy::too_many_arguments,
        clippy::too_many_lines,
        clippy::wrong_self_convention,
        deprecated,
        reason = "names, numbers and words are the provider's"
    }
}

/// The type that stands for the provider.
pub(crate) fn marker(model: &Model) -> Ident {
    let name = leaf::camel(&model.provider.id);
    let taken = [
        "Anonymous",
        "AnonymousClient",
        "Client",
        "Connection",
        "Environment",
        "Error",
        "ErrorBody",
        "Into",
        "Option",
        "Result",
        "String",
        "Token",
        "Variable",
        "Webhooks",
        "Workspace",
    ];
    let by_token = model.tokens.iter().any(|token| {
        let alias = format!("{}Client", token.rust);
        name == token.rust.as_str() || name == alias.as_str()
    });
    if by_token || taken.iter().any(|taken| name == taken) {
        leaf::name(&format!("{name}Provider"))
    } else {
        name
    }
}

fn docs(model: &Model) -> Vec<String> {
    let provider = &model.provider;
    let mut lines = vec![format!("{}: a typed client.", doc::title(&provider.title))];
    let checked = provider
        .checked
        .as_ref()
        .map(|day| format!(", compared on {day}"))
        .unwrap_or_default();
    if let Some(docs) = &provider.docs {
        lines.extend([
            String::new(),
            format!("From the provider's documentation, <{docs}>{checked}."),
        ]);
    }
    lines.extend(["", "| Resource | |", "| --- | --- |"].map(str::to_owned));
    lines.extend(model.resources.iter().map(resource_row));
    if model.webhooks.is_some() {
        lines.extend([
            String::new(),
            "What it calls, verified and typed: [`webhook`].".to_owned(),
        ]);
    }
    lines.extend([String::new(), "Who may call what is a type: see [`scope`].".to_owned()]);
    lines
}

fn resource_row(resource: &Resource) -> String {
    let about = resource.docs.as_deref().map(doc::sentence).unwrap_or_default();
    format!(
        "| [`{}`]({}::{}) | {} |",
        resource.rust,
        resource.rust,
        resource.handle,
        doc::cell(&about)
    )
}

fn provider(model: &Model) -> TokenStream {
    let marker = marker(model);
    let docs = doc::line(&format!(
        "{} as a type: the marker of its connections.",
        doc::title(&model.provider.title)
    ));
    let variable = if model.variables.is_empty() {
        quote! { tollgate::NoVariables }
    } else {
        quote! { Variable }
    };
    quote! {
        #docs
        #[derive(Clone, Copy, Debug)]
        pub struct #marker;

        impl tollgate::Provider for #marker {
            type Environment = Environment;
            type Variable = #variable;
            const SPEC: &'static tollgate::ProviderSpec = &settings::PROVIDER;
        }

        /// What all clients share: where the provider is, how to get there, and what is known of its limits.
        pub type Connection = tollgate::Connection<#marker>;
    }
}

fn environments(model: &Model) -> TokenStream {
    let variants = model.environments.iter().map(|environment| {
        let mut docs = vec![format!("`{}`", environment.base_url)];
        if let Some(about) = &environment.docs {
            docs.push(String::new());
            docs.extend(doc::prose(about));
        }
        (leaf::name(environment.rust.as_str()), docs)
    });
    named("Environment", "Where the provider runs.", variants)
}

fn variables(model: &Model) -> Option<TokenStream> {
    if model.variables.is_empty() {
        return None;
    }
    let variants = model.variables.iter().map(|variable| {
        let mut docs = variable
            .docs
            .as_deref()
            .map_or_else(|| vec![doc::code(&variable.name)], doc::prose);
        let env = variable
            .env
            .as_ref()
            .map(|env| format!("Read from `{env}` where it is not given."));
        let default = variable
            .default
            .as_ref()
            .map(|default| format!("`{default}` by default."));
        let allowed = (!variable.allowed.is_empty()).then(|| {
            let values: Vec<String> = variable.allowed.iter().map(|value| doc::code(value)).collect();
            format!("One of {}.", values.join(", "))
        });
        for line in [env, default, allowed].into_iter().flatten() {
            docs.extend([String::new(), line]);
        }
        (leaf::camel(variable.rust.as_str()), docs)
    });
    Some(named("Variable", "What URLs and headers are filled with.", variants))
}

/// An enum that is a list of names.
fn named(name: &str, docs: &str, variants: impl Iterator<Item = (Ident, Vec<String>)>) -> TokenStream {
    let name = leaf::name(name);
    let docs = doc::line(docs);
    let variants = variants.enumerate().map(|(at, (variant, docs))| {
        let docs = doc::outer(&docs);
        let default = (at == 0).then(|| quote! { #[default] });
        quote! {
            #docs
            #default
            #variant,
        }
        .into_token_stream()
    });
    quote! {
        #docs
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum #name {
            #(#variants)*
        }

        impl tollgate::Named for #name {
            fn index(self) -> usize {
                self as usize
            }
        }
    }
}
