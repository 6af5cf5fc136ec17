//! Open enums and tagged unions.

use super::definition_docs;
use crate::emit::{doc, leaf};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{Definition, Model, UnionVariant, Variant};

/// An enum that keeps a value it does not know.
pub(super) fn emit_enum(definition: &Definition, variants: &[Variant]) -> TokenStream {
    let docs = definition_docs(definition);
    let name = leaf::name(definition.rust.as_str());
    let names: Vec<Ident> = variants
        .iter()
        .map(|variant| leaf::name(variant.rust.as_str()))
        .collect();
    let wires: Vec<&String> = variants.iter().map(|variant| &variant.wire).collect();
    let variant_docs = variants.iter().map(|variant| doc::line(&doc::code(&variant.wire)));
    let other = other(variants);
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum #name {
            #(
                #variant_docs
                #names,
            )*
            /// A value that the descriptor does not know.
            #other(String),
        }

        impl #name {
            /// As the provider writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#names => #wires,)*
                    Self::#other(text) => text,
                }
            }
        }
    }
}

/// The variant for values that the descriptor does not know.
pub(in crate::emit) fn other(variants: &[Variant]) -> Ident {
    let taken = |name: &str| variants.iter().any(|variant| variant.rust.as_str() == name);
    let free = ["Other", "Unknown", "Unlisted"].into_iter().find(|name| !taken(name));
    leaf::name(free.unwrap_or("Other_"))
}

/// An enum of models that a tag, or the kind of JSON, tells apart.
pub(super) fn emit_union(
    model: &Model,
    definition: &Definition,
    tag: Option<&str>,
    variants: &[UnionVariant],
) -> TokenStream {
    let docs = definition_docs(definition);
    let name = leaf::name(definition.rust.as_str());
    let unknown = unknown(variants);
    let listed = variants.iter().map(|variant| {
        let docs = doc::line(&match tag {
            Some(tag) => format!("`{tag}`: `{}`", variant.tag),
            None => format!("Where it is {} {}.", article(&variant.tag), variant.tag),
        });
        let name = leaf::name(variant.rust.as_str());
        let ty = leaf::name(model.definition(variant.definition).rust.as_str());
        quote! {
            #docs
            #name(#ty),
        }
    });
    quote! {
        #docs
        #[derive(Clone, Debug)]
        pub enum #name {
            #(#listed)*
            /// One that the descriptor does not know, whole.
            #unknown(tollgate::Json),
        }
    }
}

fn article(kind: &str) -> &'static str {
    if kind == "object" { "an" } else { "a" }
}

/// The variant for tags that the descriptor does not know.
pub(in crate::emit) fn unknown(variants: &[UnionVariant]) -> Ident {
    let taken = |name: &str| variants.iter().any(|variant| variant.rust.as_str() == name);
    let free = ["Unknown", "Other", "Unlisted"].into_iter().find(|name| !taken(name));
    leaf::name(free.unwrap_or("Unknown_"))
}
