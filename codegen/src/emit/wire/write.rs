//! Records, written.

use super::serialize;
use crate::emit::{leaf, record::write_format};
use proc_macro2::TokenStream;
use quote::quote;
use tollgate_descriptor::model::{Choice, Definition, Field, FieldPresence, Model, Record};

/// `Serialize` as a table.
pub(super) fn emit(model: &Model, definition: &Definition, record: &Record) -> TokenStream {
    let name = leaf::name(definition.rust.as_str());
    let choices = record.choices.iter().map(|choice| chosen(model, record, choice));
    let fields = record.fields.iter().enumerate().filter_map(|(at, field)| {
        match record.choices.iter().find(|choice| choice.members.contains(&at)) {
            Some(choice) if choice.members.first() == Some(&at) => {
                let choice = leaf::name(choice.rust.as_str());
                Some(quote! { #choice })
            }
            Some(_) => None,
            None => Some(written(model, field)),
        }
    });
    let (write, other) = if record.open {
        (quote! { tollgate::record::write_open }, Some(quote! { , &self.other }))
    } else {
        (quote! { tollgate::record::write }, None)
    };
    serialize(
        &name,
        &quote! {
            #(#choices)*
            #write(output, &[#(#fields),*] #other)
        },
    )
}

/// `("id", &self.id)`
fn written(model: &Model, field: &Field) -> TokenStream {
    let wire = &field.wire;
    if let Some(constant) = &field.constant {
        return quote! { (#wire, &tollgate::record::Constant(#constant)) };
    }
    let name = leaf::name(field.rust.as_str());
    let format = write_format(model, &field.ty);
    if field.presence == FieldPresence::Nullable {
        let formatted = format.map(|format| quote! { .map(tollgate::record::formatted::<#format, _>) });
        return quote! { (#wire, &tollgate::record::nullable(self.#name.as_ref() #formatted)) };
    }
    match format {
        Some(format) => quote! { (#wire, &tollgate::record::formatted::<#format, _>(&self.#name)) },
        None => quote! { (#wire, &self.#name) },
    }
}

/// The name and value of the member that was chosen.
fn chosen(model: &Model, record: &Record, choice: &Choice) -> TokenStream {
    let name = leaf::name(choice.rust.as_str());
    let enumeration = leaf::name(choice.type_name.as_str());
    let members: Vec<&Field> = choice.members.iter().filter_map(|at| record.fields.get(*at)).collect();
    let arms = members.iter().map(|field| {
        let variant = leaf::camel(field.rust.as_str());
        let wire = &field.wire;
        let pattern = quote! { super::super::models::#enumeration::#variant(value) };
        let pattern = if choice.required {
            pattern
        } else {
            quote! { Some(#pattern) }
        };
        match write_format(model, &field.ty) {
            Some(format) => quote! { #pattern => (#wire, &tollgate::record::formatted::<#format, _>(value)), },
            None => quote! { #pattern => (#wire, value), },
        }
    });
    let none = members.first().filter(|_| !choice.required).map(|field| {
        let wire = &field.wire;
        quote! { None => (#wire, &None::<bool>), }
    });
    quote! {
        let #name: (&'static str, &dyn tollgate::record::Value) = match &self.#name {
            #(#arms)*
            #none
        };
    }
}
