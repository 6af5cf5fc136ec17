//! `encode`: a line per value.

use super::{
    batch,
    shape::{Member, MemberKind, Shape},
};
use crate::emit::{
    leaf,
    record::{self, resolve, write_format},
    settings::path,
};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{
    ArrayStyle, Choice, Content, DateTimeFormat, FieldPresence, Param, ParamPlace, Path, Payload, Per, Presence, Type,
};

/// The statements of `encode`.
pub(super) fn emit(shape: &Shape) -> Vec<TokenStream> {
    let mut lines = Vec::new();
    let (in_body, beside): (Vec<&Param>, Vec<&Param>) = shape
        .operation
        .params
        .iter()
        .partition(|param| matches!(param.place, ParamPlace::Body(_)));
    lines.extend(beside.iter().filter_map(|param| constant(param)));
    lines.extend(
        shape
            .members
            .iter()
            .filter(|member| !goes_into_body(shape, member))
            .map(|member| line(shape, member)),
    );
    // The body must stand before anything can be put into it.
    lines.extend(in_body.iter().filter_map(|param| constant(param)));
    lines.extend(
        shape
            .members
            .iter()
            .filter(|member| goes_into_body(shape, member))
            .map(|member| line(shape, member)),
    );
    lines.extend(shape.members.iter().filter_map(|member| longest(shape, member)));
    lines.extend(longest_in_body(shape));
    lines.extend(batch::len(shape).map(|len| quote! { request.batch_len(#len); }));
    lines.extend(separating(shape));
    lines
}

fn goes_into_body(shape: &Shape, member: &Member) -> bool {
    let is_body = |param: &Param| matches!(param.place, ParamPlace::Body(_));
    match member.kind {
        MemberKind::Required(param) | MemberKind::Optional(param) | MemberKind::ByToken(param, _) => is_body(param),
        MemberKind::Choice(choice) => choice
            .members
            .iter()
            .filter_map(|at| shape.operation.params.get(*at))
            .any(is_body),
        _ => false,
    }
}

fn line(shape: &Shape, member: &Member) -> TokenStream {
    let name = &member.name;
    match member.kind {
        MemberKind::Optional(param) if matches!(param.place, ParamPlace::Body(_)) => {
            let write = write(shape, param, &quote! { #name });
            quote! { if let Some(#name) = &self.#name { #write; } }
        }
        MemberKind::Required(param) | MemberKind::Optional(param) => {
            let write = write(shape, param, &quote! { &self.#name });
            quote! { #write; }
        }
        MemberKind::ByToken(param, _) if matches!(param.place, ParamPlace::Body(_)) => {
            let write = write(shape, param, &quote! { #name });
            quote! { if let Some(#name) = self.#name.value() { #write; } }
        }
        MemberKind::ByToken(param, _) => {
            let write = write(shape, param, &quote! { &self.#name.value() });
            quote! { #write; }
        }
        MemberKind::Choice(choice) => chosen(shape, member, choice),
        MemberKind::PageSize => quote! { request.page_size(self.#name); },
        MemberKind::StartNumber => quote! { request.start(self.#name.map(tollgate::Start::Number)); },
        MemberKind::StartCursor => quote! { request.start(self.#name.clone().map(tollgate::Start::Cursor)); },
        MemberKind::Body(payload) => body(shape, member, payload),
    }
}

/// A value to where it goes.
fn write(shape: &Shape, param: &Param, value: &TokenStream) -> TokenStream {
    let wire = &param.wire;
    let in_body = matches!(param.place, ParamPlace::Body(_));
    let value = match element(shape, &param.ty) {
        _ if in_body => value.clone(),
        Type::DateTime(DateTimeFormat::Unix) => quote! { &tollgate::param::Unix(#value) },
        Type::DateTime(DateTimeFormat::UnixMs) => quote! { &tollgate::param::UnixMs(#value) },
        _ => value.clone(),
    };
    match &param.place {
        ParamPlace::Path { keep_slashes: false } => quote! { request.path(#wire, #value) },
        ParamPlace::Path { keep_slashes: true } => quote! { request.path_keeping_slashes(#wire, #value) },
        ParamPlace::Header => quote! { request.header(#wire, #value) },
        ParamPlace::Query => {
            let style = style(param.style);
            quote! { request.query(#wire, #style, #value) }
        }
        ParamPlace::Body(at) => put(shape, param, at, &value),
    }
}

fn element<'m>(shape: &Shape<'m>, ty: &'m Type) -> &'m Type {
    match resolve(shape.model, ty) {
        Type::List(inner) | Type::Map(inner) => element(shape, inner),
        other => other,
    }
}

/// A value into the body.
fn put(shape: &Shape, param: &Param, at: &Path, value: &TokenStream) -> TokenStream {
    let at = path(at);
    match write_format(shape.model, &param.ty) {
        Some(format) => quote! { request.json_at(#at, &tollgate::record::formatted::<#format, _>(#value)) },
        None => quote! { request.json_at(#at, #value) },
    }
}

fn constant(param: &Param) -> Option<TokenStream> {
    let Presence::Const(json) = &param.presence else {
        return None;
    };
    let wire = &param.wire;
    let value = leaf::scalar(json);
    let value = if json.parse::<u64>().is_ok() {
        quote! { &i64::from(#value) }
    } else {
        quote! { &#value }
    };
    Some(match &param.place {
        ParamPlace::Body(at) => {
            let at = path(at);
            quote! { request.json_at(#at, &tollgate::record::Constant(#json)); }
        }
        ParamPlace::Header => quote! { request.header(#wire, #value); },
        ParamPlace::Path { .. } => quote! { request.path(#wire, #value); },
        ParamPlace::Query => {
            let style = style(param.style);
            quote! { request.query(#wire, #style, #value); }
        }
    })
}

fn chosen(shape: &Shape, member: &Member, choice: &Choice) -> TokenStream {
    let name = &member.name;
    let enumeration = leaf::name(choice.type_name.as_str());
    let arms = choice
        .members
        .iter()
        .filter_map(|at| shape.operation.params.get(*at))
        .map(|param| {
            let variant = leaf::camel(param.rust.as_str());
            let pattern = quote! { #enumeration::#variant(value) };
            let pattern = if choice.required {
                pattern
            } else {
                quote! { Some(#pattern) }
            };
            let write = write(shape, param, &quote! { value });
            quote! { #pattern => { #write; } }
        });
    let none = (!choice.required).then(|| quote! { None => {} });
    quote! {
        match &self.#name {
            #(#arms)*
            #none
        }
    }
}

fn body(shape: &Shape, member: &Member, payload: &Payload) -> TokenStream {
    let name = &member.name;
    let value = quote! { self.#name };
    let media = match &shape.operation.content {
        Content::Media(media) => Some(media.as_str()),
        _ => None,
    };
    match payload {
        Payload::Bytes => {
            let media = media.unwrap_or("application/octet-stream");
            quote! { request.bytes(#media, #value.clone()); }
        }
        Payload::Text => {
            let media = media.unwrap_or("text/plain");
            quote! { request.text(#media, #value.clone()); }
        }
        Payload::Typed(ty) => typed_body(shape, ty, &value, media),
    }
}

fn typed_body(shape: &Shape, ty: &Type, value: &TokenStream, media: Option<&str>) -> TokenStream {
    let written = match write_format(shape.model, ty) {
        Some(format) => quote! { &tollgate::record::formatted::<#format, _>(&#value) },
        None => quote! { &#value },
    };
    match &shape.operation.content {
        Content::Multipart => quote! { request.multipart(#value.parts()); },
        Content::Form => {
            let (common, overrides) = form_styles(shape, ty);
            quote! { request.form(#common, &[#(#overrides),*], #written); }
        }
        _ => match media {
            Some(media) => quote! { request.json_as(#media, #written); },
            None => quote! { request.json(#written); },
        },
    }
}

/// How most lists of a form are written, and those that are written otherwise.
fn form_styles(shape: &Shape, ty: &Type) -> (TokenStream, Vec<TokenStream>) {
    let fields = record::record_of(shape.model, ty)
        .map(|record| record.fields.as_slice())
        .unwrap_or_default();
    let lists: Vec<_> = fields
        .iter()
        .filter(|field| matches!(resolve(shape.model, &field.ty), Type::List(_)))
        .collect();
    let common = lists.first().map_or(ArrayStyle::Repeat, |field| field.style);
    let overrides = lists
        .iter()
        .filter(|field| field.style != common)
        .map(|field| {
            let wire = &field.wire;
            let style = style(field.style);
            quote! { (#wire, #style) }
        })
        .collect();
    (style(common), overrides)
}

fn style(style: ArrayStyle) -> TokenStream {
    match style {
        ArrayStyle::Repeat => quote! { tollgate::Style::Repeat },
        ArrayStyle::Comma => quote! { tollgate::Style::Comma },
        ArrayStyle::Brackets => quote! { tollgate::Style::Brackets },
    }
}

/// The most elements of a parameter.
fn longest(shape: &Shape, member: &Member) -> Option<TokenStream> {
    let (param, len) = match member.kind {
        MemberKind::Required(param) => {
            let name = &member.name;
            (param, quote! { self.#name.len() })
        }
        MemberKind::Optional(param) => {
            let name = &member.name;
            (param, quote! { self.#name.as_ref().map_or(0, Vec::len) })
        }
        MemberKind::Choice(choice) => return longest_choice(shape, member, choice),
        _ => return None,
    };
    let wire = &param.wire;
    let max = Literal::u32_unsuffixed(param.max_items?);
    Some(quote! { request.max_items(#wire, #max, #len); })
}

fn longest_choice(shape: &Shape, member: &Member, choice: &Choice) -> Option<TokenStream> {
    let name = &member.name;
    let enumeration = leaf::name(choice.type_name.as_str());
    let limited = choice
        .members
        .iter()
        .filter_map(|at| shape.operation.params.get(*at))
        .filter_map(|param| {
            let max = Literal::u32_unsuffixed(param.max_items?);
            let wire = &param.wire;
            let variant = leaf::camel(param.rust.as_str());
            let pattern = quote! { #enumeration::#variant(value) };
            let pattern = if choice.required {
                pattern
            } else {
                quote! { Some(#pattern) }
            };
            Some(quote! {
                if let #pattern = &self.#name {
                    request.max_items(#wire, #max, value.len());
                }
            })
        });
    let limited: Vec<TokenStream> = limited.collect();
    (!limited.is_empty()).then(|| quote! { #(#limited)* })
}

/// The most elements of the lists of the body, or of the elements of the body.
fn longest_in_body(shape: &Shape) -> Option<TokenStream> {
    let member = shape
        .members
        .iter()
        .find(|member| matches!(member.kind, MemberKind::Body(_)))?;
    let MemberKind::Body(Payload::Typed(ty)) = member.kind else {
        return None;
    };
    let name = &member.name;
    let (ty, each) = match resolve(shape.model, ty) {
        Type::List(inner) => (resolve(shape.model, inner), true),
        other => (other, false),
    };
    let record = record::record_of(shape.model, ty)?;
    let from = if each {
        quote! { element }
    } else {
        quote! { self.#name }
    };
    let lines: Vec<TokenStream> = record
        .fields
        .iter()
        .enumerate()
        .filter(|(at, _)| !record.choices.iter().any(|choice| choice.members.contains(at)))
        .filter_map(|(_, field)| {
            let max = Literal::u32_unsuffixed(field.max_items?);
            let wire = &field.wire;
            let name = leaf::name(field.rust.as_str());
            let len = len_of(&quote! { #from.#name }, field.presence);
            Some(quote! { request.max_items(#wire, #max, #len); })
        })
        .collect();
    if lines.is_empty() {
        return None;
    }
    Some(if each {
        quote! { for element in &self.#name { #(#lines)* } }
    } else {
        quote! { #(#lines)* }
    })
}

/// The length of a list that may be missing.
pub(super) fn len_of(list: &TokenStream, presence: FieldPresence) -> TokenStream {
    match presence {
        FieldPresence::Required => quote! { #list.len() },
        FieldPresence::Optional | FieldPresence::Nullable => quote! { #list.as_ref().map_or(0, Vec::len) },
        FieldPresence::Clearable => quote! { #list.value().map_or(0, Vec::len) },
    }
}

/// Values by which a budget is separated.
fn separating(shape: &Shape) -> Vec<TokenStream> {
    let settings = shape.model.setting(shape.operation.settings);
    let limits = settings.rate_limits.iter().map(|limit| shape.model.rate_limit(*limit));
    let mut names: Vec<&String> = limits
        .flat_map(|limit| &limit.per)
        .filter_map(|per| match per {
            Per::Param(name) => Some(name),
            Per::Token | Per::Operation => None,
        })
        .collect();
    names.sort();
    names.dedup();
    names.into_iter().filter_map(|name| remembered(shape, name)).collect()
}

fn remembered(shape: &Shape, name: &str) -> Option<TokenStream> {
    let is_it = |param: &Param| param.wire == name || param.rust.as_str().trim_end_matches('_') == name;
    shape.members.iter().find_map(|member| {
        let field = &member.name;
        match member.kind {
            MemberKind::Required(param) | MemberKind::Optional(param) if is_it(param) => {
                Some(quote! { request.param(#name, &self.#field); })
            }
            MemberKind::ByToken(param, _) if is_it(param) => {
                Some(quote! { request.param(#name, &self.#field.value()); })
            }
            _ => None,
        }
    })
}
