//! What setters and `new` take: `impl Into<String>` rather than `String`.

use super::ty::{Place, resolve, rust_type};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{Model, Shape, Type};

/// The type of an argument, and how it becomes the value.
pub(in crate::emit) struct Argument {
    /// Its type.
    pub(in crate::emit) ty: TokenStream,
    conversion: Conversion,
}

#[derive(Clone, Copy)]
enum Conversion {
    None,
    Into,
    Collect,
}

impl Argument {
    /// The value that a field gets; nothing where it is the argument itself.
    pub(in crate::emit) fn value(&self, name: &Ident) -> Option<TokenStream> {
        match self.conversion {
            Conversion::None => None,
            Conversion::Into => Some(quote! { #name.into() }),
            Conversion::Collect => Some(quote! { #name.into_iter().map(Into::into).collect() }),
        }
    }
}

/// The argument for a value of this type.
pub(in crate::emit) fn argument(model: &Model, ty: &Type, place: Place) -> Argument {
    let rust = rust_type(model, ty, place);
    if converts(model, ty) {
        return Argument {
            ty: quote! { impl Into<#rust> },
            conversion: Conversion::Into,
        };
    }
    match resolve(model, ty) {
        Type::List(inner) if converts(model, inner) => {
            let inner = rust_type(model, inner, place);
            Argument {
                ty: quote! { impl IntoIterator<Item = impl Into<#inner>> },
                conversion: Conversion::Collect,
            }
        }
        Type::List(_) | Type::Map(_) => Argument {
            ty: quote! { impl Into<#rust> },
            conversion: Conversion::Into,
        },
        _ => Argument {
            ty: rust,
            conversion: Conversion::None,
        },
    }
}

/// Whether people have something else at hand: a `&str`, an array, a variant.
fn converts(model: &Model, ty: &Type) -> bool {
    match resolve(model, ty) {
        Type::String | Type::Secret | Type::Url | Type::Json | Type::Bytes | Type::Decimal(_) => true,
        Type::Named(id) => matches!(model.definition(*id).shape, Shape::Enum(_) | Shape::Union { .. }),
        _ => false,
    }
}
