//! Types of the descriptor in Rust, and how they are written.

use crate::emit::leaf;
use proc_macro2::TokenStream;
use quote::quote;
use tollgate_descriptor::model::{
    Content, DateTimeFormat, Definition, DefinitionId, Model, NumberFormat, Payload, Record, Shape, Type,
};

/// Where a type is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::emit) enum Place {
    /// Among the models.
    Models,
    /// In a model that is a multipart body: there, bytes are files.
    Parts,
    /// In a module below `models`.
    Wire,
    /// In a module beside `models`.
    Outside,
}

/// `Vec<models::Order>`
pub(in crate::emit) fn rust_type(model: &Model, ty: &Type, place: Place) -> TokenStream {
    match ty {
        Type::String => quote! { String },
        Type::Int(_) => quote! { i64 },
        Type::Float => quote! { f64 },
        Type::Decimal(_) => quote! { tollgate::Decimal },
        Type::Bool => quote! { bool },
        Type::Date => quote! { tollgate::Date },
        Type::DateTime(_) => quote! { tollgate::Timestamp },
        Type::Uuid => quote! { tollgate::Uuid },
        Type::Url => quote! { tollgate::Url },
        Type::Bytes if place == Place::Parts => quote! { tollgate::File },
        Type::Bytes => quote! { tollgate::Bytes },
        Type::Json => quote! { tollgate::Json },
        Type::Secret => quote! { tollgate::Secret },
        Type::List(inner) => {
            let inner = rust_type(model, inner, place);
            quote! { Vec<#inner> }
        }
        Type::Map(inner) => {
            let inner = rust_type(model, inner, place);
            quote! { std::collections::BTreeMap<String, #inner> }
        }
        Type::Named(id) => {
            let name = leaf::name(model.definition(*id).rust.as_str());
            match place {
                Place::Models | Place::Parts => quote! { #name },
                Place::Wire => quote! { super::super::models::#name },
                Place::Outside => quote! { super::models::#name },
            }
        }
    }
}

/// What an alias stands for.
pub(in crate::emit) fn resolve<'m>(model: &'m Model, ty: &'m Type) -> &'m Type {
    let mut ty = ty;
    // Aliases cannot go in circles, but nothing here should hang if they did.
    for _ in 0..64 {
        match ty {
            Type::Named(id) => match &model.definition(*id).shape {
                Shape::Alias(aliased) => ty = aliased,
                _ => return ty,
            },
            _ => return ty,
        }
    }
    ty
}

/// The record that a type is, if it is one.
pub(in crate::emit) fn record_of<'m>(model: &'m Model, ty: &'m Type) -> Option<&'m Record> {
    match resolve(model, ty) {
        Type::Named(id) => match &model.definition(*id).shape {
            Shape::Record(record) => Some(record),
            _ => None,
        },
        _ => None,
    }
}

/// The format of a type that serde alone would write, or read, otherwise. It holds for lists, maps and options of it too.
pub(in crate::emit) fn format(model: &Model, ty: &Type) -> Option<TokenStream> {
    match resolve(model, ty) {
        Type::Int(NumberFormat::Number) => Some(quote! { tollgate::format::Int }),
        Type::Int(NumberFormat::String) => Some(quote! { tollgate::format::IntString }),
        Type::Float => Some(quote! { tollgate::format::Float }),
        Type::Decimal(NumberFormat::Number) => Some(quote! { tollgate::format::DecimalNumber }),
        Type::Decimal(NumberFormat::String) => Some(quote! { tollgate::format::DecimalString }),
        Type::DateTime(DateTimeFormat::Unix) => Some(quote! { tollgate::format::Unix }),
        Type::DateTime(DateTimeFormat::UnixMs) => Some(quote! { tollgate::format::UnixMs }),
        Type::Bytes => Some(quote! { tollgate::format::Base64 }),
        Type::List(inner) | Type::Map(inner) => format(model, inner),
        _ => None,
    }
}

/// The format of a type where serde writes it otherwise; `i64` it writes well.
pub(in crate::emit) fn write_format(model: &Model, ty: &Type) -> Option<TokenStream> {
    match element(model, ty) {
        Type::Int(NumberFormat::Number) => None,
        _ => format(model, ty),
    }
}

/// What lists and maps hold in the end.
fn element<'m>(model: &'m Model, ty: &'m Type) -> &'m Type {
    match resolve(model, ty) {
        Type::List(inner) | Type::Map(inner) => element(model, inner),
        other => other,
    }
}

/// Whether a model travels as the parts of a multipart body, and in no other way.
pub(in crate::emit) fn is_multipart(model: &Model, definition: &Definition) -> bool {
    let is_body = |content: &Content, body: &Option<Payload>| match body {
        Some(Payload::Typed(Type::Named(id))) => {
            *content == Content::Multipart && model.definition(*id).name == definition.name
        }
        _ => false,
    };
    let nested = model
        .definitions
        .iter()
        .any(|other| mentions(other, |id| model.definition(id).name == definition.name));
    !definition.in_response
        && !nested
        && model
            .operations()
            .any(|(_, operation)| is_body(&operation.content, &operation.body))
}

/// Whether a field of the model has a type that `wanted` accepts.
fn mentions(definition: &Definition, wanted: impl Fn(DefinitionId) -> bool) -> bool {
    let in_type = |ty: &Type| {
        let mut ty = ty;
        loop {
            match ty {
                Type::List(inner) | Type::Map(inner) => ty = inner,
                Type::Named(id) => return wanted(*id),
                _ => return false,
            }
        }
    };
    match &definition.shape {
        Shape::Record(record) => record.fields.iter().any(|field| in_type(&field.ty)),
        Shape::Union { variants, .. } => variants.iter().any(|variant| wanted(variant.definition)),
        Shape::Alias(ty) => in_type(ty),
        Shape::Enum(_) => false,
    }
}
