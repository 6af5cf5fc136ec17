//! Token types and grants as constants.

use super::{Statics, limit_name, place, text};
use crate::emit::leaf;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{
    Carrier, ClientAuth, Grant, GrantBody, GrantFrom, GrantKind, GrantResponse, Model, Operation, Param, ParamPlace,
    Placement, Presence, Resource, Scheme, SignerOption, Token, TokenField,
};

/// The static of a token type.
pub(in crate::emit) fn token_name(token: &Token) -> Ident {
    leaf::name(&format!("TOKEN_{}", leaf::shouty(&token.name)))
}

/// `TokenSpec { … }`
pub(super) fn token(model: &Model, statics: &mut Statics, token: &Token) -> TokenStream {
    let name = &token.name;
    let type_name = token.rust.as_str();
    let scheme = scheme(&token.scheme);
    let fields = token.fields.iter().map(field);
    let prefix = token.format.as_ref();
    let prefix = prefix.map(|format| per_environment(&format.prefix)).unwrap_or_default();
    let pattern = leaf::option(token.format.as_ref().and_then(|format| format.pattern.as_ref()));
    let grant = token.grant.as_ref().map(|declared| {
        let wanted = format!("GRANT_{}", leaf::shouty(name));
        let grant = statics.add(&wanted, &quote! { tollgate::Grant }, &grant(model, declared));
        quote! { &#grant }
    });
    let grant = leaf::option(grant);
    quote! {
        tollgate::TokenSpec {
            name: #name,
            type_name: #type_name,
            scheme: #scheme,
            fields: &[#(#fields),*],
            prefix: &[#prefix],
            pattern: #pattern,
            grant: #grant,
        }
    }
}

fn field(field: &TokenField) -> TokenStream {
    let name = &field.name;
    let env = per_environment(&field.env);
    let optional = field.optional;
    quote! { tollgate::FieldSpec { name: #name, env: &[#env], optional: #optional } }
}

/// `Some("A"), None`, or nothing where no environment has one.
fn per_environment(values: &[Option<String>]) -> TokenStream {
    if values.iter().all(Option::is_none) {
        return TokenStream::new();
    }
    let values = values.iter().map(|value| leaf::option(value.as_ref()));
    quote! { #(#values),* }
}

fn scheme(scheme: &Scheme) -> TokenStream {
    match scheme {
        Scheme::None => quote! { tollgate::Scheme::None },
        Scheme::Signed(signed) => {
            let name = &signed.signer;
            let options = signed.options.iter().map(|(name, value)| {
                let value = signer_option(value);
                quote! { (#name, #value) }
            });
            let placements = signed.placements.iter().map(placement);
            quote! {
                tollgate::Scheme::Signed(&tollgate::Signed {
                    signer: #name,
                    options: &[#(#options),*],
                    placements: &[#(#placements),*],
                })
            }
        }
        Scheme::Basic { username, password } => {
            let (username, password) = (text(username), text(password));
            quote! { tollgate::Scheme::Basic { username: #username, password: #password } }
        }
        Scheme::Placed(placements) => {
            let placements = placements.iter().map(placement);
            quote! { tollgate::Scheme::Placed(&[#(#placements),*]) }
        }
    }
}

fn signer_option(option: &SignerOption) -> TokenStream {
    match option {
        SignerOption::Text(template) => {
            let template = text(template);
            quote! { tollgate::SignerOption::Text(#template) }
        }
        SignerOption::Json(json) => quote! { tollgate::SignerOption::Json(#json) },
    }
}

fn placement(Placement { at, name, value }: &Placement) -> TokenStream {
    let at = match at {
        Carrier::Header => quote! { tollgate::Carrier::Header },
        Carrier::Query => quote! { tollgate::Carrier::Query },
        Carrier::Cookie => quote! { tollgate::Carrier::Cookie },
        Carrier::Body => quote! { tollgate::Carrier::Body },
    };
    let value = text(value);
    quote! { tollgate::Placement { at: #at, name: #name, value: #value } }
}

fn grant(model: &Model, grant: &Grant) -> TokenStream {
    let kind = leaf::name(match grant.kind {
        GrantKind::ClientCredentials => "ClientCredentials",
        GrantKind::RefreshToken => "RefreshToken",
        GrantKind::Exchange => "Exchange",
    });
    let from = from(model, &grant.from);
    let response = response(&grant.response);
    let lifetime = leaf::option(grant.lifetime.map(leaf::duration));
    let limits = grant.rate_limits.iter();
    let limits = limits.map(|id| leaf::name(&limit_name(&model.rate_limit(*id).name)));
    let persist = grant.persist;
    quote! {
        tollgate::Grant {
            kind: tollgate::GrantKind::#kind,
            from: #from,
            response: #response,
            lifetime: #lifetime,
            limits: &[#(&#limits),*],
            persist: #persist,
        }
    }
}

fn response(response: &GrantResponse) -> TokenStream {
    let token = place(&response.token);
    let expires_in = leaf::option(response.expires_in.as_ref().map(place));
    let expires_at = leaf::option(response.expires_at.as_ref().map(place));
    let refresh_token = leaf::option(response.refresh_token.as_ref().map(place));
    quote! {
        tollgate::GrantResponse {
            token: #token,
            expires_in: #expires_in,
            expires_at: #expires_at,
            refresh_token: #refresh_token,
        }
    }
}

fn from(model: &Model, from: &GrantFrom) -> TokenStream {
    match from {
        GrantFrom::Url {
            url,
            client_auth,
            body,
            params,
        } => {
            let url = text(url);
            let client_auth = client_auth_of(client_auth);
            let body = leaf::name(match body {
                GrantBody::Form => "Form",
                GrantBody::Json => "Json",
            });
            let params = params.iter().map(|(name, value)| {
                let value = text(value);
                quote! { (#name, #value) }
            });
            quote! {
                tollgate::GrantFrom::Url {
                    url: #url,
                    client_auth: #client_auth,
                    body: tollgate::GrantBody::#body,
                    params: &[#(#params),*],
                }
            }
        }
        GrantFrom::Call {
            resource,
            operation,
            with,
            params,
        } => {
            let found = model.resources.get(*resource);
            let found = found.and_then(|resource| Some((resource, resource.operations.get(*operation)?)));
            let operation = found.map(|(resource, operation)| {
                let ty = operation_type(resource, operation);
                quote! { operation: <#ty as tollgate::Operation>::SPEC, }
            });
            let with = with.iter().map(|id| token_name(model.token(*id)));
            let values = found
                .map(|(_, operation)| call_params(operation, params))
                .unwrap_or_default();
            quote! {
                tollgate::GrantFrom::Call {
                    #operation
                    with: &[#(&#with),*],
                    params: &[#(#values),*],
                }
            }
        }
    }
}

/// The type of an operation, seen from another module. What depends on the token is left out: its constants do not
/// depend on it.
pub(in crate::emit) fn operation_type(resource: &Resource, operation: &Operation) -> TokenStream {
    let module = leaf::name(resource.rust.as_str());
    let name = leaf::name(operation.type_name.as_str());
    let conditional = operation.params.iter();
    let conditional = conditional.filter(|param| matches!(param.presence, Presence::ByToken(_)));
    let absent: Vec<_> = conditional.map(|_| quote! { tollgate::Absent }).collect();
    if absent.is_empty() {
        return quote! { super::#module::#name };
    }
    quote! { super::#module::#name<#(#absent),*> }
}

fn client_auth_of(auth: &ClientAuth) -> TokenStream {
    match auth {
        ClientAuth::None => quote! { tollgate::ClientAuth::None },
        ClientAuth::Basic => quote! { tollgate::ClientAuth::Basic },
        ClientAuth::Body => quote! { tollgate::ClientAuth::Body },
        ClientAuth::Scheme(declared) => {
            let scheme = scheme(declared);
            quote! { tollgate::ClientAuth::Scheme(#scheme) }
        }
    }
}

/// What is written into the request: fields of the token, and constants of the operation.
fn call_params(operation: &Operation, fields: &[(String, usize)]) -> Vec<TokenStream> {
    let params = operation.params.iter().enumerate();
    let values = params.filter_map(|(at, param)| {
        let field = fields.iter().find(|(_, param)| *param == at);
        let value = match (&param.presence, field) {
            (_, Some((field, _))) => quote! { tollgate::GrantValue::Field(#field) },
            (Presence::Const(json), None) => {
                let value = leaf::unquote(json).unwrap_or_else(|| json.clone());
                quote! { tollgate::GrantValue::Constant(#value) }
            }
            _ => return None,
        };
        let at = param_at(param);
        Some(quote! { (#value, #at) })
    });
    values.collect()
}

fn param_at(param: &Param) -> TokenStream {
    let wire = &param.wire;
    match &param.place {
        ParamPlace::Path { keep_slashes: false } => quote! { tollgate::GrantParam::Path(#wire) },
        ParamPlace::Path { keep_slashes: true } => quote! { tollgate::GrantParam::Segments(#wire) },
        ParamPlace::Header => quote! { tollgate::GrantParam::Header(#wire) },
        // One that goes into a body is refused by the check.
        ParamPlace::Query | ParamPlace::Body(_) => quote! { tollgate::GrantParam::Query(#wire) },
    }
}
