//! The failures of a provider: one enum of all error models.

use super::{doc, leaf};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use tollgate_descriptor::model::Model;

/// `ErrorBody` and `Error`.
pub(super) fn emit(model: &Model) -> TokenStream {
    let body = if model.error_models.is_empty() {
        quote! { pub use tollgate::NoErrorBody as ErrorBody; }
    } else {
        error_body(model)
    };
    let docs = doc::line(&format!("Why a call of {} failed.", doc::title(&model.provider.title)));
    quote! {
        #body

        #docs
        pub type Error = tollgate::Error<ErrorBody>;
    }
}

fn error_body(model: &Model) -> TokenStream {
    let names: Vec<_> = model
        .error_models
        .iter()
        .map(|id| leaf::name(model.definition(*id).rust.as_str()))
        .collect();
    let docs = model.error_models.iter().map(|id| {
        let name = &model.definition(*id).rust;
        doc::line(&format!("[`models::{name}`]"))
    });
    let numbers = (0..names.len()).map(Literal::usize_unsuffixed);
    quote! {
        /// What the body of a failure holds, where it could be read.
        #[derive(Clone, Debug)]
        pub enum ErrorBody {
            #(
                #docs
                #names(models::#names),
            )*
        }

        impl tollgate::ErrorBody for ErrorBody {
            fn read(model: usize, body: &[u8]) -> Option<Self> {
                match model {
                    #(#numbers => tollgate::record::parse(body).map(Self::#names),)*
                    _ => None,
                }
            }
        }
    }
}
