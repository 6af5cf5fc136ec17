//! Batches: how long one is, and how it is split.

use super::{
    encode,
    shape::{Member, MemberKind, Shape, is_copy},
};
use crate::emit::{
    leaf,
    record::{self, Place, members, rust_type},
};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{Batch, Field, FieldPresence, Payload, Record, Step, Type};

/// Where the list of a batch is.
enum List<'m> {
    /// It is the body.
    Body,
    /// It is a field of the body, which has this type.
    Field {
        ty: &'m Type,
        record: &'m Record,
        field: &'m Field,
    },
}

/// The number of elements.
pub(super) fn len(shape: &Shape) -> Option<TokenStream> {
    let batch = shape.operation.batch.as_ref()?;
    let (body, list) = list(shape, batch)?;
    let body = &body.name;
    Some(match list {
        List::Body => quote! { self.#body.len() },
        List::Field { field, .. } => {
            let name = leaf::name(field.rust.as_str());
            encode::len_of(&quote! { self.#body.#name }, field.presence)
        }
    })
}

/// `impl Splits`, where the descriptor allows it.
pub(super) fn splits(shape: &Shape) -> Option<TokenStream> {
    let batch = shape.operation.batch.as_ref().filter(|batch| batch.split)?;
    let (body, list) = list(shape, batch)?;
    let generics = shape.value_bounds();
    let ty = shape.applied();
    let item = rust_type(shape.model, &batch.item, Place::Outside);
    let items = items(&body.name, &list);
    let with_items = with_items(shape, body, &list);
    Some(quote! {
        impl #generics tollgate::Splits for #ty {
            type Item = #item;

            fn items(&self) -> &[Self::Item] {
                #items
            }

            fn with_items(&self, items: Vec<Self::Item>) -> Self {
                #with_items
            }
        }
    })
}

fn list<'s, 'm>(shape: &'s Shape<'m>, batch: &Batch) -> Option<(&'s Member<'m>, List<'m>)> {
    let body = shape
        .members
        .iter()
        .find(|member| matches!(member.kind, MemberKind::Body(_)))?;
    let MemberKind::Body(Payload::Typed(ty)) = body.kind else {
        return None;
    };
    match batch.items.0.as_slice() {
        [] => Some((body, List::Body)),
        [Step::Name(wire)] => {
            let record = record::record_of(shape.model, ty)?;
            let field = record.fields.iter().find(|field| field.wire == *wire)?;
            Some((body, List::Field { ty, record, field }))
        }
        // A list elsewhere is refused before anything is generated.
        _ => None,
    }
}

fn items(body: &Ident, list: &List) -> TokenStream {
    let List::Field { field, .. } = list else {
        return quote! { &self.#body };
    };
    let name = leaf::name(field.rust.as_str());
    match field.presence {
        FieldPresence::Required => quote! { &self.#body.#name },
        FieldPresence::Optional | FieldPresence::Nullable => quote! { self.#body.#name.as_deref().unwrap_or_default() },
        FieldPresence::Clearable => quote! { self.#body.#name.value().map(Vec::as_slice).unwrap_or_default() },
    }
}

/// The same operation with other items. Everything else is cloned one by one, so that the items are not.
fn with_items(shape: &Shape, body: &Member, list: &List) -> TokenStream {
    let fields = shape.members.iter().map(|member| {
        let name = &member.name;
        if *name == body.name {
            let value = changed_body(shape, &body.name, list);
            return quote! { #name: #value };
        }
        let value = if member.kind.is_copy(shape.model) {
            quote! { self.#name }
        } else {
            quote! { self.#name.clone() }
        };
        quote! { #name: #value }
    });
    quote! { Self { #(#fields),* } }
}

fn changed_body(shape: &Shape, body: &Ident, list: &List) -> TokenStream {
    let List::Field {
        ty,
        record,
        field: items,
    } = list
    else {
        return quote! { items };
    };
    let ty = rust_type(shape.model, ty, Place::Outside);
    let fields = members(record).into_iter().map(|member| match member {
        record::Member::Field(field) if field.wire == items.wire => {
            let name = leaf::name(field.rust.as_str());
            match field.presence {
                FieldPresence::Required => quote! { #name: items },
                FieldPresence::Optional | FieldPresence::Nullable => quote! { #name: Some(items) },
                FieldPresence::Clearable => quote! { #name: tollgate::Clearable::Set(items) },
            }
        }
        record::Member::Field(field) => {
            let name = leaf::name(field.rust.as_str());
            if is_copy(shape.model, &field.ty) && !field.boxed {
                quote! { #name: self.#body.#name }
            } else {
                quote! { #name: self.#body.#name.clone() }
            }
        }
        record::Member::Choice(choice) => {
            let name = leaf::name(choice.rust.as_str());
            quote! { #name: self.#body.#name.clone() }
        }
    });
    let other = record.open.then(|| quote! { other: self.#body.other.clone(), });
    quote! { #ty { #(#fields,)* #other } }
}
