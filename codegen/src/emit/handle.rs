//! The handle of a resource: one guarded method per operation.

use super::{doc, leaf, operation::Shape, record::deprecated_attribute, resource, rules, scopes};
use proc_macro2::TokenStream;
use quote::quote;
use tollgate_descriptor::model::{Model, Operation, Resource};

/// The struct and its methods.
pub(super) fn emit(model: &Model, resource: &Resource) -> TokenStream {
    let name = leaf::name(resource.handle.as_str());
    let docs = doc::outer(&resource::about(resource));
    let methods = resource.operations.iter().map(|operation| method(model, operation));
    quote! {
        #docs
        pub struct #name<T> {
            pub(super) client: tollgate::Client<T>,
        }

        tollgate::handle!(#name);

        impl<T> #name<T> {
            #(#methods)*
        }
    }
}

fn method(model: &Model, operation: &Operation) -> TokenStream {
    let shape = Shape::of(model, operation);
    let docs = doc::outer(&method_docs(model, operation));
    let deprecated = operation.deprecated.as_deref().map(deprecated_attribute);
    let name = leaf::name(operation.rust.as_str());
    let ty = shape.applied();
    let generics = shape.generics();
    let guard = scopes::guard(model, &operation.guard).map(|scope| quote! { T: #scope, });
    let rules = shape.rule_bounds();
    let bounds = (guard.is_some() || !rules.is_empty()).then(|| quote! { where #guard #(#rules,)* });
    quote! {
        #docs
        #deprecated
        pub fn #name #generics(&self, #name: #ty) -> tollgate::Call<#ty> #bounds {
            self.client.call(#name)
        }
    }
}

fn method_docs(model: &Model, operation: &Operation) -> Vec<String> {
    let mut lines = operation.docs.as_deref().map_or_else(Vec::new, doc::prose);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(match scopes::guard_name(model, &operation.guard) {
        Some(_) => format!(
            "{} · scope {}",
            resource::request(operation),
            resource::scope_link(model, operation)
        ),
        None => format!("{} · public, no token is shown", resource::request(operation)),
    });
    for rule in Shape::of(model, operation).rules {
        let rule = model.rule(rule);
        lines.push(String::new());
        lines.push(format!(
            "{} is {}.",
            doc::code(rule.field.as_str()),
            rules::presence(model, rule)
        ));
    }
    for example in &operation.examples {
        if let Some(reply) = &example.reply {
            lines.push(String::new());
            lines.push(format!("Answers with {}, for example:", example.status));
            lines.push(String::new());
            lines.extend(doc::json_block(reply));
        }
    }
    lines
}
