//! Fields or parameters that exclude each other, as an enum.

use crate::emit::{doc, leaf};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use tollgate_descriptor::model::Choice;

/// The enum: a variant, its type and its documentation for each member.
pub(in crate::emit) fn choice_enum(choice: &Choice, variants: &[(Ident, TokenStream, Vec<String>)]) -> TokenStream {
    let docs = doc::line(docs(choice));
    let name = leaf::name(choice.type_name.as_str());
    let variants = variants.iter().map(|(variant, ty, docs)| {
        let docs = doc::outer(docs);
        quote! {
            #docs
            #variant(#ty),
        }
    });
    quote! {
        #docs
        #[derive(Clone, Debug)]
        pub enum #name {
            #(#variants)*
        }
    }
}

/// What is said of the field.
pub(super) fn docs(choice: &Choice) -> &'static str {
    if choice.required {
        "One of these."
    } else {
        "At most one of these."
    }
}
