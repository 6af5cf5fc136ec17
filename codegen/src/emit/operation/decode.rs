//! `decode`, and what an operation answers.

use super::shape::{Shape, payload_type};
use crate::emit::{doc, leaf, record::format};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{Payload, Returns, StatusPayload, Type};

/// The type of a success.
pub(super) fn output(shape: &Shape) -> TokenStream {
    match &shape.operation.returns {
        Returns::Nothing => quote! { () },
        Returns::One(payload) => payload_type(shape.model, payload),
        Returns::PerStatus { type_name, .. } => {
            let name = leaf::name(type_name.as_str());
            quote! { #name }
        }
    }
}

/// The pattern of the argument, and what is done with it.
pub(super) fn emit(shape: &Shape) -> (TokenStream, TokenStream) {
    let read = match &shape.operation.returns {
        Returns::Nothing => return (quote! { _ }, quote! { Ok(()) }),
        Returns::One(Payload::Typed(ty)) if shape.operation.pager.is_some() => items(shape, ty),
        Returns::One(payload) => one(shape, payload),
        Returns::PerStatus { type_name, statuses } => {
            let name = leaf::name(type_name.as_str());
            let arms = statuses.iter().map(|status| arm(shape, &name, status));
            quote! {
                match reply.status() {
                    #(#arms)*
                    _ => Err(reply.unexpected()),
                }
            }
        }
    };
    (quote! { reply }, read)
}

fn items(shape: &Shape, ty: &Type) -> TokenStream {
    let item = shape.operation.pager.as_ref().map_or(ty, |pager| &pager.item);
    match format(shape.model, item) {
        Some(format) => quote! { reply.items_as::<#format, _>() },
        None => quote! { reply.items() },
    }
}

fn one(shape: &Shape, payload: &Payload) -> TokenStream {
    match payload {
        Payload::Bytes => quote! { reply.bytes() },
        Payload::Text => quote! { reply.text() },
        Payload::Typed(ty) => match format(shape.model, ty) {
            Some(format) => quote! { reply.json_as::<#format, _>() },
            None => quote! { reply.json() },
        },
    }
}

fn arm(shape: &Shape, name: &proc_macro2::Ident, status: &StatusPayload) -> TokenStream {
    let code = Literal::u16_unsuffixed(status.status);
    let variant = leaf::name(status.rust.as_str());
    match &status.payload {
        Some(payload) => {
            let read = one(shape, payload);
            quote! { #code => #read.map(#name::#variant), }
        }
        None => quote! { #code => Ok(#name::#variant), },
    }
}

/// The enum of an operation that answers differently by status.
pub(super) fn reply_enum(shape: &Shape) -> Option<TokenStream> {
    let Returns::PerStatus { type_name, statuses } = &shape.operation.returns else {
        return None;
    };
    let docs = doc::line(&format!("What [`{}`] answers, by status.", shape.operation.type_name));
    let name = leaf::name(type_name.as_str());
    let variants = statuses.iter().map(|status| {
        let docs = doc::line(&format!("{}", status.status));
        let variant = leaf::name(status.rust.as_str());
        let payload = status.payload.as_ref().map(|payload| {
            let ty = payload_type(shape.model, payload);
            quote! { (#ty) }
        });
        quote! {
            #docs
            #variant #payload,
        }
    });
    Some(quote! {
        #docs
        #[derive(Clone, Debug)]
        pub enum #name {
            #(#variants)*
        }
    })
}
