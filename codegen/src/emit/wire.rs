//! `models/wire.rs` and `models/full.rs`: how models travel.
//!
//! `wire` holds the direction in which a model does travel: requests are written, answers are read. `full` holds the
//! other one, for whoever stores and replays.

mod open;
mod parts;
mod read;
mod write;

use super::record::is_multipart;
use crate::{Options, module::Module};
use proc_macro2::TokenStream;
use quote::quote;
use tollgate_descriptor::model::{Definition, Model, Shape};

/// The modules `wire` and `full`, those that hold something.
pub(super) fn emit(model: &Model, options: &Options) -> Vec<Module> {
    let mut used = TokenStream::new();
    let mut full = TokenStream::new();
    for definition in &model.definitions {
        if let Shape::Enum(variants) = &definition.shape {
            used.extend(open::used_enum(definition, variants));
            full.extend(open::unused_enum(definition));
            continue;
        }
        used.extend(always(model, definition));
        let reading = read(model, definition);
        let writing = write(model, definition);
        if definition.in_response { &mut used } else { &mut full }.extend(reading);
        if definition.in_request { &mut used } else { &mut full }.extend(writing);
    }
    let mut modules = Vec::new();
    if !used.is_empty() {
        let docs = vec!["How models travel.".to_owned()];
        modules.push(Module::private("wire", docs, used));
    }
    if !full.is_empty() {
        let docs = vec!["How models travel that never do: requests are read here, and answers written.".to_owned()];
        let mut module = Module::private("full", docs, full);
        if options.gate_full {
            module.attributes = quote! { #[cfg(feature = "full")] };
        }
        modules.insert(0, module);
    }
    modules
}

/// What a model has whichever way it goes.
fn always(model: &Model, definition: &Definition) -> TokenStream {
    match &definition.shape {
        Shape::Record(record) if is_multipart(model, definition) => parts::emit(model, definition, record),
        Shape::Union { variants, .. } => open::union_conversions(model, definition, variants),
        Shape::Record(_) | Shape::Enum(_) | Shape::Alias(_) => TokenStream::new(),
    }
}

fn read(model: &Model, definition: &Definition) -> TokenStream {
    match &definition.shape {
        // Files are no JSON.
        Shape::Record(_) if is_multipart(model, definition) => TokenStream::new(),
        Shape::Record(record) => read::emit(model, definition, record),
        Shape::Union { tag, variants } => open::read_union(model, definition, tag.as_deref(), variants),
        Shape::Enum(_) | Shape::Alias(_) => TokenStream::new(),
    }
}

fn write(model: &Model, definition: &Definition) -> TokenStream {
    match &definition.shape {
        Shape::Record(_) if is_multipart(model, definition) => TokenStream::new(),
        Shape::Record(record) => write::emit(model, definition, record),
        Shape::Union { tag, variants } => open::write_union(model, definition, tag.as_deref(), variants),
        Shape::Enum(_) | Shape::Alias(_) => TokenStream::new(),
    }
}

/// `impl<'de> Deserialize<'de> for Order { … }` around how it is read.
fn deserialize(name: &proc_macro2::Ident, body: &TokenStream) -> TokenStream {
    quote! {
        impl<'de> tollgate::serde::Deserialize<'de> for super::super::models::#name {
            fn deserialize<D: tollgate::serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                #body
            }
        }
    }
}

/// `impl Serialize for Order { … }` around how it is written.
fn serialize(name: &proc_macro2::Ident, body: &TokenStream) -> TokenStream {
    quote! {
        impl tollgate::serde::Serialize for super::super::models::#name {
            fn serialize<S: tollgate::serde::Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
                #body
            }
        }
    }
}
