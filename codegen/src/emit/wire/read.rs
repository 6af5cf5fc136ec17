//! Records, read.

use super::deserialize;
use crate::emit::{
    leaf,
    record::{Place, format, resolve, rust_type},
};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{Choice, Definition, Field, FieldPresence, Model, Record, Type};

/// `Deserialize` and the table behind it.
pub(super) fn emit(model: &Model, definition: &Definition, record: &Record) -> TokenStream {
    let name = leaf::name(definition.rust.as_str());
    let wires = record.fields.iter().map(|field| &field.wire);
    let required = positions(record, |field| {
        field.presence == FieldPresence::Required && !has_nothing(model, &field.ty)
    });
    let expected = positions(record, |field| match field.presence {
        FieldPresence::Required => has_nothing(model, &field.ty),
        FieldPresence::Nullable => true,
        FieldPresence::Optional | FieldPresence::Clearable => false,
    });
    let expected = (!expected.is_empty()).then(|| quote! { .expected(&[#(#expected),*]) });
    let one_of = one_of(record);
    let required = quote! { tollgate::record::required(&[#(#required),*]) #one_of #expected };
    let deserialize = deserialize(
        &name,
        &quote! { tollgate::record::read(input, &[#(#wires),*], #required) },
    );
    let table = table(model, record);
    let choices = choices(model, record);
    let unknown = record.open.then(|| {
        quote! {
            fn unknown(&mut self) -> Option<&mut std::collections::BTreeMap<String, tollgate::Json>> {
                Some(&mut self.other)
            }
        }
    });
    quote! {
        #deserialize
        impl tollgate::record::Record for super::super::models::#name {
            #table
            #choices
            #unknown
        }
    }
}

/// The positions of such fields, of those that are neither constant nor part of a choice.
fn positions(record: &Record, is_meant: impl Fn(&Field) -> bool) -> Vec<Literal> {
    let fields = record.fields.iter().enumerate();
    fields
        .filter(|(at, field)| field.constant.is_none() && choice_of(record, *at).is_none() && is_meant(field))
        .map(|(at, _)| Literal::usize_unsuffixed(at))
        .collect()
}

/// Whether a list or map of nothing can stand for one that did not come. Nothing else can be read without being made up.
fn has_nothing(model: &Model, ty: &Type) -> bool {
    matches!(resolve(model, ty), Type::List(_) | Type::Map(_))
}

fn choice_of(record: &Record, at: usize) -> Option<&Choice> {
    record.choices.iter().find(|choice| choice.members.contains(&at))
}

fn is_one_of(record: &Record, at: usize) -> bool {
    choice_of(record, at).is_some_and(|choice| choice.required)
}

/// `.one_of(&[&[3, 4]])`, where one of several fields must come.
fn one_of(record: &Record) -> Option<TokenStream> {
    let lists = record.choices.iter().filter(|choice| choice.required).map(|choice| {
        let members = choice.members.iter().copied().map(Literal::usize_unsuffixed);
        quote! { &[#(#members),*] }
    });
    let lists: Vec<TokenStream> = lists.collect();
    (!lists.is_empty()).then(|| quote! { .one_of(&[#(#lists),*]) })
}

/// The fields of which one must come.
fn choices(model: &Model, record: &Record) -> Option<TokenStream> {
    let arms = record.fields.iter().enumerate().filter_map(|(at, field)| {
        let choice = choice_of(record, at).filter(|choice| choice.required)?;
        let index = Literal::usize_unsuffixed(at);
        let read = read_choice(model, choice, field);
        Some(quote! { #index => #read, })
    });
    let arms: Vec<TokenStream> = arms.collect();
    (!arms.is_empty()).then(|| {
        quote! {
            fn read_choice<'de, A: tollgate::serde::de::MapAccess<'de>>(
                &mut self,
                index: usize,
                input: &mut A,
            ) -> Result<bool, A::Error> {
                match index {
                    #(#arms)*
                    _ => self.read_field(index, input).map(|()| true),
                }
            }
        }
    })
}

fn table(model: &Model, record: &Record) -> TokenStream {
    let arms: Vec<TokenStream> = record
        .fields
        .iter()
        .enumerate()
        .filter(|(at, field)| field.constant.is_none() && !is_one_of(record, *at))
        .map(|(at, field)| {
            let index = Literal::usize_unsuffixed(at);
            let read = choice_of(record, at)
                .map_or_else(|| read_field(model, field), |choice| read_choice(model, choice, field));
            quote! { #index => #read, }
        })
        .collect();
    let head = quote! { fn read_field<'de, A: tollgate::serde::de::MapAccess<'de>> };
    if arms.is_empty() {
        return quote! {
            #head(&mut self, _: usize, input: &mut A) -> Result<(), A::Error> {
                tollgate::record::skip(input)
            }
        };
    }
    quote! {
        #head(&mut self, index: usize, input: &mut A) -> Result<(), A::Error> {
            match index {
                #(#arms)*
                _ => tollgate::record::skip(input),
            }
        }
    }
}

fn read_field(model: &Model, field: &Field) -> TokenStream {
    let name = leaf::name(field.rust.as_str());
    match format(model, &field.ty) {
        Some(format) => quote! { tollgate::record::field_as::<#format, _, _>(&mut self.#name, input) },
        None => quote! { tollgate::record::field(&mut self.#name, input) },
    }
}

/// The last member that is not null wins; a null does not take back what another member said.
fn read_choice(model: &Model, choice: &Choice, field: &Field) -> TokenStream {
    let slot = leaf::name(choice.rust.as_str());
    let enumeration = leaf::name(choice.type_name.as_str());
    let variant = leaf::camel(field.rust.as_str());
    let value = leaf::name(field.rust.as_str());
    let ty = rust_type(model, &field.ty, Place::Wire);
    let ty = if field.boxed {
        quote! { Box<#ty> }
    } else {
        ty
    };
    let read = match format(model, &field.ty) {
        Some(format) => quote! { tollgate::record::field_as::<#format, _, _>(&mut #value, input)?; },
        None => quote! { tollgate::record::field(&mut #value, input)?; },
    };
    let chosen = quote! { super::super::models::#enumeration::#variant(#value) };
    if choice.required {
        return quote! {
            {
                let mut #value: Option<#ty> = None;
                #read
                let chosen = #value.map(|#value| self.#slot = #chosen);
                Ok(chosen.is_some())
            }
        };
    }
    quote! {
        {
            let mut #value: Option<#ty> = None;
            #read
            if let Some(#value) = #value {
                self.#slot = Some(#chosen);
            }
            Ok(())
        }
    }
}
