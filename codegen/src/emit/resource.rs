//! One file per resource: module doc, handle, operations.

use super::{doc, handle, leaf, operation, scopes, settings::Settings};
use crate::module::Module;
use quote::quote;
use tollgate_descriptor::model::{Model, Operation, Resource};

/// The module of a resource.
pub(super) fn emit(model: &Model, settings: &Settings, resource: &Resource) -> Module {
    let handle = handle::emit(model, resource);
    let operations = resource
        .operations
        .iter()
        .map(|operation| operation::emit(model, settings, resource, operation));
    let items = quote! {
        #handle
        #(#operations)*
    };
    Module::new(resource.rust.as_str(), table(model, resource), items)
}

/// What is in it, as a table.
fn table(model: &Model, resource: &Resource) -> Vec<String> {
    let mut lines = about(resource);
    lines.extend(["", "| Method | Request | Scope |", "| --- | --- | --- |"].map(str::to_owned));
    for operation in &resource.operations {
        lines.push(format!(
            "| [`{handle}::{method}`] | {request} | {scope} |",
            handle = resource.handle,
            method = operation.rust,
            request = doc::cell(&request(operation)),
            scope = scope_link(model, operation),
        ));
    }
    lines
}

/// What the author says of a resource.
pub(super) fn about(resource: &Resource) -> Vec<String> {
    match &resource.docs {
        Some(docs) => doc::prose(docs),
        None => vec![format!("{}.", leaf::camel(&resource.name).to_string().as_str())],
    }
}

/// `` `GET /orders` ``
pub(super) fn request(operation: &Operation) -> String {
    doc::code(&format!("{} {}", operation.method.as_str(), operation.path_text()))
}

/// ``[`Sales`](super::scope::Sales)``, or that none is needed.
pub(super) fn scope_link(model: &Model, operation: &Operation) -> String {
    match scopes::guard_name(model, &operation.guard) {
        Some(name) => format!("[`{name}`](super::scope::{name})"),
        None => "public".to_owned(),
    }
}
