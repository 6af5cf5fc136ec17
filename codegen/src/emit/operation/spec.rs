//! What is constant about an operation. Only what differs from the default is written.

use super::shape::Shape;
use crate::emit::{
    leaf,
    settings::{Settings, path},
    tick,
};
use proc_macro2::TokenStream;
use quote::quote;
use tollgate_descriptor::model::{Guard, IdempotencyKey, Method, Operation, Payload, Returns};

/// `Spec { … }`
pub(super) fn emit(settings: &Settings, shape: &Shape) -> TokenStream {
    let operation = shape.operation;
    let mut fields = request(operation, &id(shape));
    fields.extend(guard(shape));
    if operation.idempotent {
        fields.push(quote! { idempotent: true });
    }
    if let Some(settings) = settings.of_operation(operation) {
        fields.push(quote! { settings: #settings });
    }
    if let Some(pager) = operation.pager.as_ref().and_then(|pager| settings.pager(pager)) {
        fields.push(quote! { pager: #pager });
    }
    if let Some(batch) = &operation.batch {
        let max_items = leaf::number(u64::from(batch.max_items));
        fields.push(quote! { batch: Some(tollgate::BatchSpec { max_items: #max_items }) });
    }
    if let Some(max_body) = operation.max_body {
        let max_body = leaf::number(max_body);
        fields.push(quote! { max_body: Some(#max_body) });
    }
    if operation.cost != 1 {
        let cost = leaf::number(u64::from(operation.cost));
        fields.push(quote! { cost: #cost });
    }
    if let Some(key) = &operation.idempotency_key {
        let key = match key {
            IdempotencyKey::Header(name) => quote! { tollgate::KeyPlace::Header(#name) },
            IdempotencyKey::Body(at) => {
                let at = path(at);
                quote! { tollgate::KeyPlace::Body(#at) }
            }
        };
        fields.push(quote! { idempotency_key: Some(#key) });
    }
    if !is_json(&operation.returns) {
        fields.push(quote! { accept: None });
    }
    // All fourteen fields at once would leave nothing to the default.
    let rest = (fields.len() < 14).then(|| quote! { ..tollgate::Spec::DEFAULT });
    quote! { tollgate::Spec { #(#fields,)* #rest } }
}

/// Whether an answer is read as JSON, by any of its statuses.
fn is_json(returns: &Returns) -> bool {
    let typed = |payload: &Payload| matches!(payload, Payload::Typed(_));
    match returns {
        Returns::Nothing => false,
        Returns::One(payload) => typed(payload),
        Returns::PerStatus { statuses, .. } => statuses.iter().filter_map(|status| status.payload.as_ref()).any(typed),
    }
}

fn id(shape: &Shape) -> String {
    let resource = shape
        .model
        .operations()
        .find(|(_, operation)| std::ptr::eq(*operation, shape.operation));
    resource.map_or_else(String::new, |(resource, operation)| {
        format!("{}.{}", resource.name, operation.name)
    })
}

fn request(operation: &Operation, id: &str) -> Vec<TokenStream> {
    let mut fields = vec![quote! { id: #id }];
    let method = match operation.method {
        Method::Get => None,
        Method::Post => Some("Post"),
        Method::Put => Some("Put"),
        Method::Patch => Some("Patch"),
        Method::Delete => Some("Delete"),
        Method::Head => Some("Head"),
    };
    if let Some(method) = method {
        let method = leaf::name(method);
        fields.push(quote! { method: tollgate::Method::#method });
    }
    let path = operation.path_text();
    fields.push(quote! { path: #path });
    fields
}

fn guard(shape: &Shape) -> Vec<TokenStream> {
    let (model, guard) = (shape.model, &shape.operation.guard);
    if *guard == Guard::Public {
        return Vec::new();
    }
    let mut scopes: Vec<&str> = model
        .guard_scopes(guard)
        .iter()
        .map(|scope| model.scope(*scope).wire.as_str())
        .collect();
    if *guard == Guard::AnyToken {
        scopes.push("any_token");
    }
    let holders = tick::holders(model, guard);
    vec![quote! { scopes: &[#(#scopes),*] }, quote! { holders: &[#(#holders),*] }]
}
