//! Models that are multipart bodies.

use crate::emit::{
    leaf,
    record::{resolve, write_format},
};
use proc_macro2::TokenStream;
use quote::quote;
use tollgate_descriptor::model::{Definition, Field, FieldPresence, Model, Record, Shape, Type};

/// How the model becomes parts.
pub(super) fn emit(model: &Model, definition: &Definition, record: &Record) -> TokenStream {
    let name = leaf::name(definition.rust.as_str());
    let parts = record.fields.iter().map(|field| part(model, field));
    quote! {
        impl super::super::models::#name {
            /// The parts of the body.
            pub(crate) fn parts(&self) -> Vec<tollgate::Part> {
                let mut parts = Vec::new();
                #(#parts)*
                parts
            }
        }
    }
}

fn part(model: &Model, field: &Field) -> TokenStream {
    let wire = &field.wire;
    let name = leaf::name(field.rust.as_str());
    if let Some(constant) = &field.constant {
        let value = leaf::scalar(constant);
        return quote! { parts.push(tollgate::Part::text(#wire, &#value)); };
    }
    // What is optional, cleared or a list is none, one or several parts.
    let (many, element) = match resolve(model, &field.ty) {
        Type::List(inner) => (true, resolve(model, inner)),
        other => (false, other),
    };
    let made = made(model, field, element);
    let one = quote! { &self.#name };
    match (field.presence, many) {
        (FieldPresence::Required, false) => {
            let part = made(&one);
            quote! { parts.push(#part); }
        }
        (FieldPresence::Required, true) => {
            let part = made(&quote! { value });
            quote! { parts.extend(self.#name.iter().map(|value| #part)); }
        }
        (FieldPresence::Optional | FieldPresence::Nullable, _) => {
            let part = made(&quote! { value });
            let flatten = many.then(|| quote! { .flatten() });
            quote! { parts.extend(self.#name.iter() #flatten.map(|value| #part)); }
        }
        (FieldPresence::Clearable, _) => {
            let part = made(&quote! { value });
            let flatten = many.then(|| quote! { .flatten() });
            quote! { parts.extend(self.#name.value().into_iter() #flatten.map(|value| #part)); }
        }
    }
}

/// A part of one value: a file, JSON, or a text.
fn made<'f>(model: &'f Model, field: &'f Field, element: &'f Type) -> impl Fn(&TokenStream) -> TokenStream + 'f {
    move |value| {
        let wire = &field.wire;
        let media = field.content.as_ref().map(|media| quote! { .media(#media) });
        let is_text = match element {
            Type::Json | Type::List(_) | Type::Map(_) => false,
            Type::Named(id) => matches!(model.definition(*id).shape, Shape::Enum(_)),
            _ => true,
        };
        if *element == Type::Bytes {
            return quote! { tollgate::Part::file(#wire, #value) #media };
        }
        if is_text {
            return quote! { tollgate::Part::text(#wire, #value) #media };
        }
        let media = leaf::option(field.content.as_ref());
        match write_format(model, element) {
            Some(format) => {
                quote! { tollgate::Part::json(#wire, #media, &tollgate::record::formatted::<#format, _>(#value)) }
            }
            None => quote! { tollgate::Part::json(#wire, #media, #value) },
        }
    }
}
