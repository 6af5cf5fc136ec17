//! Open enums and unions, on their way.

use super::{deserialize, serialize};
use crate::emit::{
    leaf,
    record::{format, other, unknown, write_format},
};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{Definition, Model, Type, UnionVariant, Variant};

/// From text, and whichever way the enum travels.
pub(super) fn used_enum(definition: &Definition, variants: &[Variant]) -> TokenStream {
    let name = leaf::name(definition.rust.as_str());
    let other = other(variants);
    let names = variants.iter().map(|variant| leaf::name(variant.rust.as_str()));
    let wires = variants.iter().map(|variant| &variant.wire);
    let read = definition.in_response.then(|| quote! { , read });
    let write = definition.in_request.then(|| quote! { , param, write });
    quote! {
        impl From<String> for super::super::models::#name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    #(#wires => Self::#names,)*
                    _ => Self::#other(text),
                }
            }
        }
        tollgate::open_enum!(super::super::models::#name, #other #read #write);
    }
}

/// The directions in which the enum never travels.
pub(super) fn unused_enum(definition: &Definition) -> TokenStream {
    let name = leaf::name(definition.rust.as_str());
    let read =
        (!definition.in_response).then(|| quote! { tollgate::open_enum_way!(read, super::super::models::#name); });
    let write =
        (!definition.in_request).then(|| quote! { tollgate::open_enum_way!(write, super::super::models::#name); });
    quote! { #read #write }
}

/// From the models of its variants, where each has one of its own.
pub(super) fn union_conversions(model: &Model, definition: &Definition, variants: &[UnionVariant]) -> TokenStream {
    let name = leaf::name(definition.rust.as_str());
    let unknown = unknown(variants);
    let alone = |variant: &UnionVariant| {
        variants
            .iter()
            .filter(|other| other.definition == variant.definition)
            .count()
            == 1
    };
    let from = variants.iter().filter(|variant| alone(variant)).map(|variant| {
        let ty = leaf::name(model.definition(variant.definition).rust.as_str());
        let variant = leaf::name(variant.rust.as_str());
        quote! {
            impl From<super::super::models::#ty> for super::super::models::#name {
                fn from(value: super::super::models::#ty) -> Self {
                    Self::#variant(value)
                }
            }
        }
    });
    quote! {
        impl Default for super::super::models::#name {
            fn default() -> Self {
                Self::#unknown(tollgate::Json::Null)
            }
        }
        #(#from)*
    }
}

/// A union, read: the tag decides, or the kind of JSON.
pub(super) fn read_union(
    model: &Model,
    definition: &Definition,
    tag: Option<&str>,
    variants: &[UnionVariant],
) -> TokenStream {
    let name = leaf::name(definition.rust.as_str());
    let unknown = unknown(variants);
    let (names, tags) = listed(variants);
    let (found, found_tag) = match tag {
        Some(tag) => (quote! { tollgate::union::read(input, #tag) }, quote! { tag.as_deref() }),
        None => (quote! { tollgate::union::read_kind(input) }, quote! { tag }),
    };
    let reads = variants
        .iter()
        .map(|variant| match format(model, &Type::Named(variant.definition)) {
            Some(format) => quote! { tollgate::union::variant_as::<#format, _, _>(value) },
            None => quote! { tollgate::union::variant(value) },
        });
    deserialize(
        &name,
        &quote! {
            let (tag, value) = #found?;
            match #found_tag {
                #(Some(#tags) => #reads.map(Self::#names),)*
                tag => tollgate::union::unknown::<Self, _>(tag, value).map(Self::#unknown),
            }
        },
    )
}

/// A union, written: the tag if there is one, and what the model has.
pub(super) fn write_union(
    model: &Model,
    definition: &Definition,
    tag: Option<&str>,
    variants: &[UnionVariant],
) -> TokenStream {
    let name = leaf::name(definition.rust.as_str());
    let unknown = unknown(variants);
    let (names, tags) = listed(variants);
    let writes = variants.iter().zip(&tags).map(|(variant, value)| match tag {
        Some(tag) => quote! { tollgate::union::write(output, #tag, #value, value) },
        None => match write_format(model, &Type::Named(variant.definition)) {
            Some(format) => quote! { tollgate::record::formatted::<#format, _>(value).serialize(output) },
            None => quote! { value.serialize(output) },
        },
    });
    serialize(
        &name,
        &quote! {
            match self {
                #(Self::#names(value) => #writes,)*
                Self::#unknown(value) => value.serialize(output),
            }
        },
    )
}

fn listed(variants: &[UnionVariant]) -> (Vec<Ident>, Vec<&String>) {
    variants
        .iter()
        .map(|variant| (leaf::name(variant.rust.as_str()), &variant.tag))
        .unzip()
}
