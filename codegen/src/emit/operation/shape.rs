//! What an operation consists of in Rust: its fields, and the type parameters among them.

use crate::emit::{
    leaf,
    record::{Place, rust_type},
};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{Choice, Model, Operation, PagerKind, Param, Payload, Presence, RuleId, Type};

/// An operation with its fields.
pub(crate) struct Shape<'m> {
    pub(crate) model: &'m Model,
    pub(crate) operation: &'m Operation,
    /// Its struct.
    pub(crate) name: Ident,
    /// In the order of the struct.
    pub(crate) members: Vec<Member<'m>>,
    /// The rules of its type parameters.
    pub(crate) rules: Vec<RuleId>,
}

/// A field of the struct.
pub(crate) struct Member<'m> {
    pub(crate) name: Ident,
    pub(crate) kind: MemberKind<'m>,
}

/// What a field is.
#[derive(Clone, Copy)]
pub(crate) enum MemberKind<'m> {
    Required(&'m Param),
    Optional(&'m Param),
    ByToken(&'m Param, RuleId),
    Choice(&'m Choice),
    PageSize,
    /// The page or offset to begin with.
    StartNumber,
    /// The cursor to begin with.
    StartCursor,
    Body(&'m Payload),
}

impl<'m> Shape<'m> {
    /// The shape of an operation.
    pub(crate) fn of(model: &'m Model, operation: &'m Operation) -> Self {
        let mut members = params(operation);
        members.extend(paging(operation));
        if let Some(body) = &operation.body {
            members.push(Member {
                name: free("body", operation),
                kind: MemberKind::Body(body),
            });
        }
        let rules = members
            .iter()
            .filter_map(|member| match member.kind {
                MemberKind::ByToken(_, rule) => Some(rule),
                _ => None,
            })
            .collect();
        Self {
            model,
            operation,
            name: leaf::name(operation.type_name.as_str()),
            members,
            rules,
        }
    }

    /// The names of the type parameters.
    pub(crate) fn parameters(&self) -> Vec<Ident> {
        self.rules
            .iter()
            .map(|rule| leaf::name(self.model.rule(*rule).rust.as_str()))
            .collect()
    }

    /// `<ChannelId>`, or nothing.
    pub(crate) fn generics(&self) -> TokenStream {
        let names = self.parameters();
        if names.is_empty() {
            TokenStream::new()
        } else {
            quote! { <#(#names),*> }
        }
    }

    /// `CountVariants<ChannelId>`
    pub(crate) fn applied(&self) -> TokenStream {
        let name = &self.name;
        let generics = self.generics();
        quote! { #name #generics }
    }

    /// `ChannelId: rule::ChannelId<T>`
    pub(crate) fn rule_bounds(&self) -> Vec<TokenStream> {
        self.parameters()
            .iter()
            .map(|name| quote! { #name: super::rule::#name<T> })
            .collect()
    }

    /// `<ChannelId: Conditional<i64>>`, or nothing.
    pub(crate) fn value_bounds(&self) -> TokenStream {
        if self.rules.is_empty() {
            return TokenStream::new();
        }
        let bounds = self.rules.iter().map(|rule| {
            let rule = self.model.rule(*rule);
            let name = leaf::name(rule.rust.as_str());
            let ty = rust_type(self.model, &rule.ty, Place::Outside);
            quote! { #name: tollgate::Conditional<#ty> }
        });
        quote! { <#(#bounds),*> }
    }

    /// The type of a field.
    pub(crate) fn ty(&self, member: &Member) -> TokenStream {
        match member.kind {
            MemberKind::Required(param) => rust_type(self.model, &param.ty, Place::Outside),
            MemberKind::Optional(param) => {
                let ty = rust_type(self.model, &param.ty, Place::Outside);
                quote! { Option<#ty> }
            }
            MemberKind::ByToken(_, rule) => {
                let name = leaf::name(self.model.rule(rule).rust.as_str());
                quote! { #name }
            }
            MemberKind::Choice(choice) => {
                let name = leaf::name(choice.type_name.as_str());
                if choice.required {
                    quote! { #name }
                } else {
                    quote! { Option<#name> }
                }
            }
            MemberKind::PageSize => quote! { Option<u32> },
            MemberKind::StartNumber => quote! { Option<u64> },
            MemberKind::StartCursor => quote! { Option<String> },
            MemberKind::Body(payload) => payload_type(self.model, payload),
        }
    }
}

impl MemberKind<'_> {
    /// Whether `new` asks for it.
    pub(crate) fn is_required(&self) -> bool {
        match self {
            Self::Required(_) | Self::Body(_) => true,
            Self::Choice(choice) => choice.required,
            _ => false,
        }
    }

    /// Whether a clone of it is a copy.
    pub(crate) fn is_copy(&self, model: &Model) -> bool {
        match self {
            Self::Required(param) | Self::Optional(param) => is_copy(model, &param.ty),
            Self::PageSize | Self::StartNumber => true,
            _ => false,
        }
    }
}

/// Whether a value of the type is copied rather than cloned.
pub(crate) fn is_copy(model: &Model, ty: &Type) -> bool {
    matches!(
        crate::emit::record::resolve(model, ty),
        Type::Int(_) | Type::Float | Type::Decimal(_) | Type::Bool | Type::Date | Type::DateTime(_) | Type::Uuid
    )
}

/// The type of a body or answer.
pub(crate) fn payload_type(model: &Model, payload: &Payload) -> TokenStream {
    match payload {
        Payload::Typed(ty) => rust_type(model, ty, Place::Outside),
        Payload::Bytes => quote! { tollgate::Bytes },
        Payload::Text => quote! { String },
    }
}

fn params(operation: &Operation) -> Vec<Member<'_>> {
    let mut members = Vec::new();
    for (at, param) in operation.params.iter().enumerate() {
        let kind = match operation.choices.iter().find(|choice| choice.members.contains(&at)) {
            Some(choice) if choice.members.first() == Some(&at) => MemberKind::Choice(choice),
            Some(_) => continue,
            None => match &param.presence {
                Presence::Required => MemberKind::Required(param),
                Presence::Optional => MemberKind::Optional(param),
                Presence::ByToken(rule) => MemberKind::ByToken(param, *rule),
                Presence::Const(_) => continue,
            },
        };
        let name = if let MemberKind::Choice(choice) = kind {
            choice.rust.as_str()
        } else {
            param.rust.as_str()
        };
        members.push(Member {
            name: leaf::name(name),
            kind,
        });
    }
    members
}

fn paging(operation: &Operation) -> Vec<Member<'_>> {
    let Some(pager) = &operation.pager else {
        return Vec::new();
    };
    let mut members = Vec::new();
    if pager.page_size.is_some() {
        members.push(Member {
            name: free("page_size", operation),
            kind: MemberKind::PageSize,
        });
    }
    let start = match pager.kind {
        PagerKind::Page { .. } => Some(("page", MemberKind::StartNumber)),
        PagerKind::Offset { .. } => Some(("offset", MemberKind::StartNumber)),
        PagerKind::Cursor { .. } => Some(("cursor", MemberKind::StartCursor)),
        PagerKind::Link { .. } | PagerKind::NextUrl { .. } => None,
    };
    members.extend(start.map(|(name, kind)| Member {
        name: free(name, operation),
        kind,
    }));
    members
}

/// A name of the generator's that no parameter has.
fn free(name: &str, operation: &Operation) -> Ident {
    let taken = operation.params.iter().any(|param| param.rust.as_str() == name)
        || operation.choices.iter().any(|choice| choice.rust.as_str() == name);
    if taken {
        leaf::name(&format!("{name}_"))
    } else {
        leaf::name(name)
    }
}
