//! `models.rs`: all models of a provider, readable; how they travel is in `models/wire.rs`.

mod argument;
mod choice;
mod open;
mod ty;

pub(super) use self::{
    argument::argument,
    choice::choice_enum,
    open::{other, unknown},
    ty::{Place, format, is_multipart, record_of, resolve, rust_type, write_format},
};

use super::{doc, leaf, wire};
use crate::{Options, module::Module};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{Choice, Definition, Field, FieldPresence, Model, Record, Shape};

/// The module `models`, if there are any.
pub(super) fn emit(model: &Model, options: &Options) -> Option<Module> {
    if model.definitions.is_empty() {
        return None;
    }
    let items = model
        .definitions
        .iter()
        .map(|definition| emit_definition(model, definition));
    let docs = vec![format!("Models of {}.", doc::title(&model.provider.title))];
    let mut module = Module::new("models", docs, quote! { #(#items)* });
    module.children = wire::emit(model, options);
    Some(module)
}

fn emit_definition(model: &Model, definition: &Definition) -> TokenStream {
    match &definition.shape {
        Shape::Record(record) => emit_record(model, definition, record),
        Shape::Enum(variants) => open::emit_enum(definition, variants),
        Shape::Union { tag, variants } => open::emit_union(model, definition, tag.as_deref(), variants),
        Shape::Alias(ty) => {
            let docs = definition_docs(definition);
            let name = leaf::name(definition.rust.as_str());
            let ty = rust_type(model, ty, Place::Models);
            quote! {
                #docs
                pub type #name = #ty;
            }
        }
    }
}

/// What the author says of a model, or its name.
pub(super) fn definition_docs(definition: &Definition) -> TokenStream {
    let lines = definition
        .docs
        .as_deref()
        .map_or_else(|| vec![doc::code(&definition.name)], doc::prose);
    doc::outer(&lines)
}

/// A field as it stands in Rust: a field of the descriptor, or several that exclude each other.
pub(super) enum Member<'r> {
    Field(&'r Field),
    Choice(&'r Choice),
}

/// The members of a record in the author's order, a choice at its first field. Constants are none.
pub(super) fn members(record: &Record) -> Vec<Member<'_>> {
    let mut members = Vec::new();
    for (at, field) in record.fields.iter().enumerate() {
        match record.choices.iter().find(|choice| choice.members.contains(&at)) {
            Some(choice) if choice.members.first() == Some(&at) => members.push(Member::Choice(choice)),
            None if field.constant.is_none() => members.push(Member::Field(field)),
            Some(_) | None => {}
        }
    }
    members
}

fn emit_record(model: &Model, definition: &Definition, record: &Record) -> TokenStream {
    let docs = definition_docs(definition);
    let name = leaf::name(definition.rust.as_str());
    let multipart = is_multipart(model, definition);
    let members = members(record);
    let fields = members.iter().map(|member| field(model, multipart, member));
    let other = record.open.then(|| {
        quote! {
            /// What the descriptor does not know.
            pub other: std::collections::BTreeMap<String, tollgate::Json>,
        }
    });
    // An answer must not be `must_use`: who updates something often does not look at it.
    let must_use = (definition.in_request && !definition.in_response).then(|| quote! { #[must_use] });
    let builder = definition
        .in_request
        .then(|| builder(model, definition, record, &members));
    let choices = record.choices.iter().map(|choice| record_choice(model, record, choice));
    quote! {
        #docs
        #[derive(Clone, Debug, Default)]
        #must_use
        pub struct #name {
            #(#fields)*
            #other
        }
        #builder
        #(#choices)*
    }
}

fn record_choice(model: &Model, record: &Record, choice: &Choice) -> TokenStream {
    let variants = choice.members.iter().filter_map(|at| {
        let field = record.fields.get(*at)?;
        let ty = rust_type(model, &field.ty, Place::Models);
        let ty = if field.boxed {
            quote! { Box<#ty> }
        } else {
            ty
        };
        Some((
            leaf::camel(field.rust.as_str()),
            ty,
            field_docs(field.docs.as_deref(), &field.wire, None),
        ))
    });
    let variants: Vec<_> = variants.collect();
    let declaration = choice_enum(choice, &variants);
    let default = choice.required.then(|| {
        let name = leaf::name(choice.type_name.as_str());
        let first = variants.first().map(|(variant, ty, _)| {
            let is_path = !ty.to_string().contains('<');
            let ty = if is_path {
                ty.clone()
            } else {
                quote! { <#ty> }
            };
            quote! { Self::#variant(#ty::default()) }
        });
        quote! {
            impl Default for #name {
                fn default() -> Self {
                    #first
                }
            }
        }
    });
    quote! { #declaration #default }
}

fn field(model: &Model, multipart: bool, member: &Member) -> TokenStream {
    let (docs, deprecated, name, ty) = match member {
        Member::Field(field) => (
            doc::outer(&field_docs(
                field.docs.as_deref(),
                &field.wire,
                field.deprecated.as_deref(),
            )),
            field.deprecated.as_deref().map(deprecated_attribute),
            leaf::name(field.rust.as_str()),
            field_type(model, multipart, field),
        ),
        Member::Choice(choice) => {
            let ty = leaf::name(choice.type_name.as_str());
            let ty = if choice.required {
                quote! { #ty }
            } else {
                quote! { Option<#ty> }
            };
            (
                doc::line(choice::docs(choice)),
                None,
                leaf::name(choice.rust.as_str()),
                ty,
            )
        }
    };
    quote! {
        #docs
        #deprecated
        pub #name: #ty,
    }
}

/// What a field or parameter is: the author's words, or else the wire name.
pub(super) fn field_docs(docs: Option<&str>, wire: &str, deprecated: Option<&str>) -> Vec<String> {
    let mut lines = docs.map_or_else(|| vec![doc::code(wire)], doc::prose);
    if let Some(reason) = deprecated {
        lines.push(String::new());
        lines.push(format!("Deprecated: {}", doc::sentence(reason)));
    }
    lines
}

fn field_type(model: &Model, multipart: bool, field: &Field) -> TokenStream {
    let place = if multipart { Place::Parts } else { Place::Models };
    let ty = rust_type(model, &field.ty, place);
    let ty = if field.boxed {
        quote! { Box<#ty> }
    } else {
        ty
    };
    match field.presence {
        FieldPresence::Required => ty,
        FieldPresence::Optional | FieldPresence::Nullable => quote! { Option<#ty> },
        FieldPresence::Clearable => quote! { tollgate::Clearable<#ty> },
    }
}

/// `new` with what is required, and a setter for the rest.
fn builder(model: &Model, definition: &Definition, record: &Record, members: &[Member]) -> Option<TokenStream> {
    let name = leaf::name(definition.rust.as_str());
    let multipart = is_multipart(model, definition);
    let must_use = definition.in_response.then(|| quote! { #[must_use] });
    let new = new(model, multipart, record, members, must_use.as_ref());
    let setters: Vec<TokenStream> = members
        .iter()
        .filter_map(|member| {
            let setter = setter(model, multipart, member)?;
            Some(setter_method(must_use.as_ref(), &setter))
        })
        .collect();
    if new.is_none() && setters.is_empty() {
        return None;
    }
    Some(quote! {
        impl #name {
            #new
            #(#setters)*
        }
    })
}

fn new(
    model: &Model,
    multipart: bool,
    record: &Record,
    members: &[Member],
    must_use: Option<&TokenStream>,
) -> Option<TokenStream> {
    let mut arguments = Vec::new();
    let mut fields = Vec::new();
    for member in members {
        let (name, ty, value) = match member {
            Member::Field(field) if is_required(field) => required_argument(model, multipart, field),
            Member::Choice(choice) if choice.required => {
                let name = leaf::name(choice.rust.as_str());
                let ty = leaf::name(choice.type_name.as_str());
                (name, quote! { #ty }, None)
            }
            _ => continue,
        };
        arguments.push(quote! { #name: #ty });
        fields.push(value.map_or_else(|| quote! { #name }, |value| quote! { #name: #value }));
    }
    if arguments.is_empty() {
        return None;
    }
    let rest = (arguments.len() < members.len() || record.open).then(|| quote! { ..Self::default() });
    Some(quote! {
        /// With what is required.
        #must_use
        pub fn new(#(#arguments),*) -> Self {
            Self { #(#fields,)* #rest }
        }
    })
}

fn is_required(field: &Field) -> bool {
    matches!(field.presence, FieldPresence::Required | FieldPresence::Nullable)
}

/// Name, type of the argument, and what becomes of it where it is not the field itself.
fn required_argument(model: &Model, multipart: bool, field: &Field) -> (Ident, TokenStream, Option<TokenStream>) {
    let name = leaf::name(field.rust.as_str());
    if field.presence == FieldPresence::Nullable {
        let ty = field_type(model, multipart, field);
        return (name.clone(), quote! { impl Into<#ty> }, Some(quote! { #name.into() }));
    }
    let place = if multipart { Place::Parts } else { Place::Models };
    let argument = argument(model, &field.ty, place);
    let value = argument.value(&name);
    let value = if field.boxed {
        let inner = value.unwrap_or_else(|| quote! { #name });
        Some(quote! { Box::new(#inner) })
    } else {
        value
    };
    (name, argument.ty, value)
}

/// A method that sets an optional value.
struct Setter {
    docs: String,
    deprecated: Option<String>,
    name: Ident,
    ty: TokenStream,
    value: TokenStream,
}

fn setter(model: &Model, multipart: bool, member: &Member) -> Option<Setter> {
    let (docs, deprecated, name, ty, value) = match member {
        Member::Choice(choice) if choice.required => return None,
        Member::Choice(choice) => {
            let name = leaf::name(choice.rust.as_str());
            let ty = leaf::name(choice.type_name.as_str());
            (
                doc::code(choice.rust.as_str()),
                None,
                name.clone(),
                quote! { #ty },
                quote! { Some(#name) },
            )
        }
        Member::Field(field) if is_required(field) => return None,
        Member::Field(field) => {
            let name = leaf::name(field.rust.as_str());
            let (ty, value) = if field.presence == FieldPresence::Clearable {
                let ty = field_type(model, multipart, field);
                (quote! { impl Into<#ty> }, quote! { #name.into() })
            } else {
                let (_, ty, value) = required_argument(model, multipart, field);
                let value = value.unwrap_or_else(|| quote! { #name });
                (ty, quote! { Some(#value) })
            };
            (doc::code(&field.wire), field.deprecated.clone(), name, ty, value)
        }
    };
    let docs = format!("Sets {docs}.");
    Some(Setter {
        docs,
        deprecated,
        name,
        ty,
        value,
    })
}

fn setter_method(must_use: Option<&TokenStream>, setter: &Setter) -> TokenStream {
    let Setter {
        docs,
        deprecated,
        name,
        ty,
        value,
    } = setter;
    let docs = doc::line(docs);
    let deprecated = deprecated.as_deref().map(deprecated_attribute);
    let method = leaf::setter(name);
    quote! {
        #docs
        #deprecated
        #must_use
        pub fn #method(mut self, #name: #ty) -> Self {
            self.#name = #value;
            self
        }
    }
}

/// `#[deprecated(note = "…")]`
pub(super) fn deprecated_attribute(reason: &str) -> TokenStream {
    if reason.is_empty() {
        return quote! { #[deprecated] };
    }
    quote! { #[deprecated(note = #reason)] }
}
