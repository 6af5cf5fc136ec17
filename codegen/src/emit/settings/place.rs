//! Places and paths as constants.

use proc_macro2::TokenStream;
use quote::quote;
use tollgate_descriptor::model::{Path, Place, Source, Step, TimeFormat};

/// `Path(&[Step::Name("data")])`
pub(in crate::emit) fn path(path: &Path) -> TokenStream {
    if path.0.is_empty() {
        return quote! { tollgate::Path::ROOT };
    }
    let steps = steps(path);
    quote! { tollgate::Path(#steps) }
}

/// `Place::body(&[Step::Name("error")])`, `Place::header("Retry-After")`
pub(in crate::emit) fn place(place: &Place) -> TokenStream {
    let source = match &place.source {
        Source::Body(path) => {
            let steps = steps(path);
            quote! { tollgate::Place::body(#steps) }
        }
        Source::Header(name) => quote! { tollgate::Place::header(#name) },
    };
    let mut fields = Vec::new();
    if !place.formats.is_empty() {
        let formats = place.formats.iter().map(|format| time_format(*format));
        fields.push(quote! { formats: &[#(#formats),*] });
    }
    if let Some(pattern) = &place.pattern {
        fields.push(quote! { pattern: Some(#pattern) });
    }
    if fields.is_empty() {
        return source;
    }
    quote! { tollgate::Place { #(#fields,)* ..#source } }
}

fn steps(path: &Path) -> TokenStream {
    let steps = path.0.iter().map(|step| match step {
        Step::Name(name) => quote! { tollgate::Step::Name(#name) },
        Step::Each => quote! { tollgate::Step::Each },
    });
    quote! { &[#(#steps),*] }
}

fn time_format(format: TimeFormat) -> TokenStream {
    match format {
        TimeFormat::Seconds => quote! { tollgate::TimeFormat::Seconds },
        TimeFormat::Milliseconds => quote! { tollgate::TimeFormat::Milliseconds },
        TimeFormat::HttpDate => quote! { tollgate::TimeFormat::HttpDate },
        TimeFormat::Rfc3339 => quote! { tollgate::TimeFormat::Rfc3339 },
        TimeFormat::Unix => quote! { tollgate::TimeFormat::Unix },
        TimeFormat::UnixMs => quote! { tollgate::TimeFormat::UnixMs },
        TimeFormat::Duration => quote! { tollgate::TimeFormat::Duration },
    }
}
