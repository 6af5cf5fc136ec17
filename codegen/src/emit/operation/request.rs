//! The struct of an operation: fields, `new` with what is required, a setter for the rest.

use super::shape::{Member, MemberKind, Shape};
use crate::emit::{
    doc, leaf,
    record::{Place, argument, choice_enum, deprecated_attribute, field_docs, rust_type},
    resource, rules,
};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{Choice, Param, Payload, Resource};

/// The struct and its own methods.
pub(super) fn emit(shape: &Shape, of: &Resource) -> TokenStream {
    let docs = doc::outer(&docs(shape, of));
    let name = &shape.name;
    let parameters = shape.parameters();
    let generics = (!parameters.is_empty()).then(|| quote! { <#(#parameters = tollgate::Absent),*> });
    let default = (!shape.members.iter().any(|member| member.kind.is_required())).then(|| quote! { , Default });
    let fields = shape.members.iter().map(|member| {
        let docs = doc::outer(&member_docs(shape, member));
        let deprecated = deprecated(member);
        let name = &member.name;
        let ty = shape.ty(member);
        quote! {
            #docs
            #deprecated
            pub #name: #ty,
        }
    });
    let methods = methods(shape);
    quote! {
        #docs
        #[derive(Clone, Debug #default)]
        #[must_use]
        pub struct #name #generics {
            #(#fields)*
        }
        #methods
    }
}

fn docs(shape: &Shape, of: &Resource) -> Vec<String> {
    let operation = shape.operation;
    let method = format!("[`{}::{}`]", of.handle, operation.rust);
    let mut lines = vec![format!("{}, for {method}.", resource::request(operation))];
    for body in operation.examples.iter().filter_map(|example| example.body.as_ref()) {
        lines.extend(["", "A body, for example:", ""].map(str::to_owned));
        lines.extend(doc::json_block(body));
    }
    lines
}

fn member_docs(shape: &Shape, member: &Member) -> Vec<String> {
    match member.kind {
        MemberKind::Required(param) | MemberKind::Optional(param) => param_docs(param),
        MemberKind::ByToken(param, rule) => {
            let mut lines = param_docs(param);
            lines.push(String::new());
            lines.push(format!(
                "Depends on the token: {}.",
                rules::presence(shape.model, shape.model.rule(rule))
            ));
            lines
        }
        MemberKind::Choice(choice) if choice.required => vec!["One of these.".to_owned()],
        MemberKind::Choice(_) => vec!["At most one of these.".to_owned()],
        MemberKind::PageSize => vec!["How many items a page holds.".to_owned()],
        MemberKind::StartNumber | MemberKind::StartCursor => vec!["Where to begin.".to_owned()],
        MemberKind::Body(_) => vec!["The body.".to_owned()],
    }
}

fn param_docs(param: &Param) -> Vec<String> {
    field_docs(param.docs.as_deref(), &param.wire, param.deprecated.as_deref())
}

/// The enum of parameters that exclude each other.
pub(super) fn choice(shape: &Shape, choice: &Choice) -> TokenStream {
    let variants: Vec<_> = choice
        .members
        .iter()
        .filter_map(|at| shape.operation.params.get(*at))
        .map(|param| {
            let ty = rust_type(shape.model, &param.ty, Place::Outside);
            (leaf::camel(param.rust.as_str()), ty, param_docs(param))
        })
        .collect();
    choice_enum(choice, &variants)
}

fn methods(shape: &Shape) -> TokenStream {
    let name = &shape.name;
    let new = new(shape);
    let setters: Vec<TokenStream> = shape
        .members
        .iter()
        .filter_map(|member| setter(shape, member))
        .collect();
    if shape.rules.is_empty() {
        return quote! {
            impl #name {
                #new
                #(#setters)*
            }
        };
    }
    let generics = shape.generics();
    quote! {
        impl #name {
            #new
        }

        impl #generics #name #generics {
            #(#setters)*
        }
    }
}

fn new(shape: &Shape) -> TokenStream {
    let mut required: Vec<&Member> = shape
        .members
        .iter()
        .filter(|member| member.kind.is_required())
        .collect();
    // The path comes first, the body last.
    required.sort_by_key(|member| match member.kind {
        MemberKind::Required(param) if matches!(param.place, tollgate_descriptor::model::ParamPlace::Path { .. }) => 0,
        MemberKind::Body(_) => 2,
        _ => 1,
    });
    if required.is_empty() {
        return quote! {
            /// With nothing set.
            pub fn new() -> Self {
                Self::default()
            }
        };
    }
    let arguments = required.iter().map(|member| {
        let name = &member.name;
        let (ty, _) = required_argument(shape, member);
        quote! { #name: #ty }
    });
    let fields = shape.members.iter().map(|member| {
        let name = &member.name;
        let value = match member.kind {
            MemberKind::ByToken(..) => Some(quote! { tollgate::Absent }),
            kind if kind.is_required() => required_argument(shape, member).1,
            _ => Some(quote! { None }),
        };
        value.map_or_else(|| quote! { #name }, |value| quote! { #name: #value })
    });
    quote! {
        /// With what is required.
        pub fn new(#(#arguments),*) -> Self {
            Self { #(#fields),* }
        }
    }
}

/// The type of an argument, and what becomes of it where it is not the field itself.
fn required_argument(shape: &Shape, member: &Member) -> (TokenStream, Option<TokenStream>) {
    let name = &member.name;
    let ty = match member.kind {
        MemberKind::Required(param) => &param.ty,
        MemberKind::Body(Payload::Typed(ty)) => ty,
        MemberKind::Body(Payload::Bytes) => {
            return (quote! { impl Into<tollgate::Bytes> }, Some(quote! { #name.into() }));
        }
        MemberKind::Body(Payload::Text) => return (quote! { impl Into<String> }, Some(quote! { #name.into() })),
        _ => return (shape.ty(member), None),
    };
    let argument = argument(shape.model, ty, Place::Outside);
    let value = argument.value(name);
    (argument.ty, value)
}

fn setter(shape: &Shape, member: &Member) -> Option<TokenStream> {
    let name = &member.name;
    let (ty, value, wire) = match member.kind {
        MemberKind::Optional(param) => {
            let argument = argument(shape.model, &param.ty, Place::Outside);
            let value = argument.value(name).unwrap_or_else(|| quote! { #name });
            (argument.ty, value, param.wire.as_str())
        }
        MemberKind::ByToken(param, rule) => {
            let parameter = leaf::name(shape.model.rule(rule).rust.as_str());
            return Some(given(shape, member, param, &parameter));
        }
        MemberKind::Choice(choice) if !choice.required => {
            let ty = leaf::name(choice.type_name.as_str());
            (quote! { #ty }, quote! { #name }, choice.rust.as_str())
        }
        MemberKind::PageSize => (quote! { u32 }, quote! { #name }, "page_size"),
        MemberKind::StartNumber => (quote! { u64 }, quote! { #name }, "start"),
        MemberKind::StartCursor => (quote! { impl Into<String> }, quote! { #name.into() }, "start"),
        _ => return None,
    };
    let docs = doc::line(&match wire {
        "page_size" => "Asks for this many items a page.".to_owned(),
        "start" => "Begins here.".to_owned(),
        wire => format!("Sets {}.", doc::code(wire)),
    });
    let deprecated = deprecated(member);
    let method = leaf::setter(name);
    Some(quote! {
        #docs
        #deprecated
        pub fn #method(mut self, #name: #ty) -> Self {
            self.#name = Some(#value);
            self
        }
    })
}

fn deprecated(member: &Member) -> Option<TokenStream> {
    match member.kind {
        MemberKind::Required(param) | MemberKind::Optional(param) | MemberKind::ByToken(param, _) => {
            param.deprecated.as_deref().map(deprecated_attribute)
        }
        _ => None,
    }
}

/// The setter of a value that depends on the token: afterwards the operation has another type.
fn given(shape: &Shape, member: &Member, param: &Param, parameter: &Ident) -> TokenStream {
    let docs = doc::line(&format!("Sets {}.", doc::code(&param.wire)));
    let deprecated = deprecated(member);
    let operation = &shape.name;
    let name = &member.name;
    let argument = argument(shape.model, &param.ty, Place::Outside);
    let value = argument.value(name).unwrap_or_else(|| quote! { #name });
    let argument_type = &argument.ty;
    let value_type = rust_type(shape.model, &param.ty, Place::Outside);
    let parameters = shape.parameters().into_iter().map(|known| {
        if known == *parameter {
            quote! { tollgate::Given<#value_type> }
        } else {
            quote! { #known }
        }
    });
    let fields = shape.members.iter().map(|other| {
        let field = &other.name;
        if field == name {
            quote! { #field: tollgate::Given(#value) }
        } else {
            quote! { #field: self.#field }
        }
    });
    quote! {
        #docs
        #deprecated
        pub fn #name(self, #name: #argument_type) -> #operation<#(#parameters),*> {
            #operation { #(#fields),* }
        }
    }
}
