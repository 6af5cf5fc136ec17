//! An operation: a struct of its values, who may call it, and what it is on the wire.

mod batch;
mod decode;
mod encode;
mod request;
mod shape;
mod spec;

pub(crate) use self::shape::{Member, MemberKind, Shape};

use super::{record, scopes, settings::Settings};
use proc_macro2::TokenStream;
use quote::quote;
use tollgate_descriptor::model::{Model, Operation, Resource, Returns};

/// All that belongs to an operation beside the handle's method.
pub(super) fn emit(model: &Model, settings: &Settings, resource: &Resource, operation: &Operation) -> TokenStream {
    let shape = Shape::of(model, operation);
    let request = request::emit(&shape, resource);
    let choices = operation.choices.iter().map(|choice| request::choice(&shape, choice));
    let reply = decode::reply_enum(&shape);
    let permitted = permitted_by(&shape);
    let implementation = implementation(settings, &shape);
    let paged = paged(&shape);
    let splits = batch::splits(&shape);
    quote! {
        #request
        #(#choices)*
        #reply
        #permitted
        #implementation
        #paged
        #splits
    }
}

/// The guard once more, so that a method whose guard is missing or too weak does not compile.
fn permitted_by(shape: &Shape) -> TokenStream {
    let guard = scopes::guard(shape.model, &shape.operation.guard);
    let token = match guard {
        Some(scope) => quote! { T: #scope },
        None => quote! { T },
    };
    let rules = shape.rule_bounds();
    let ty = shape.applied();
    quote! {
        impl<#token #(, #rules)*> tollgate::PermittedBy<T> for #ty {
            const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
        }
    }
}

fn implementation(settings: &Settings, shape: &Shape) -> TokenStream {
    let generics = shape.value_bounds();
    let ty = shape.applied();
    let output = decode::output(shape);
    let spec = spec::emit(settings, shape);
    let lines = encode::emit(shape);
    let request = if lines.is_empty() {
        quote! { _ }
    } else {
        quote! { request }
    };
    let (reply, decode) = decode::emit(shape);
    quote! {
        impl #generics tollgate::Operation for #ty {
            type Output = #output;
            type Failure = super::ErrorBody;
            const SPEC: &'static tollgate::Spec = &#spec;

            fn encode(&self, #request: &mut tollgate::Request) {
                #(#lines)*
            }

            fn decode(#reply: &tollgate::Reply) -> Result<Self::Output, tollgate::DecodeError> {
                #decode
            }
        }
    }
}

fn paged(shape: &Shape) -> Option<TokenStream> {
    let pager = shape.operation.pager.as_ref()?;
    if !matches!(shape.operation.returns, Returns::One(_)) {
        return None;
    }
    let generics = shape.value_bounds();
    let ty = shape.applied();
    let item = record::rust_type(shape.model, &pager.item, record::Place::Outside);
    Some(quote! {
        impl #generics tollgate::Paged for #ty {
            type Item = #item;
        }
    })
}
