//! What a token is got with that an operation yields.

use crate::emit::{doc, leaf, settings, tick};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use tollgate_descriptor::model::{GrantFrom, Model, Operation, Resource, Token};

/// The token that asks for another one: of one type, or of any that has a trait.
pub(super) struct Source<'m> {
    model: &'m Model,
    token: &'m Token,
    with: Vec<&'m Token>,
    operation: TokenStream,
    /// The name of the constructor's argument.
    pub(super) argument: Ident,
}

/// The operation that a grant calls.
pub(super) fn operation<'m>(model: &'m Model, from: &GrantFrom) -> Option<(&'m Resource, &'m Operation)> {
    let GrantFrom::Call {
        resource, operation, ..
    } = from
    else {
        return None;
    };
    let resource = model.resources.get(*resource)?;
    Some((resource, resource.operations.get(*operation)?))
}

/// The source of a token, if it has one.
pub(super) fn of<'m>(model: &'m Model, token: &'m Token) -> Option<Source<'m>> {
    let grant = token.grant.as_ref()?;
    let GrantFrom::Call { with, .. } = &grant.from else {
        return None;
    };
    let (resource, operation) = operation(model, &grant.from)?;
    let with: Vec<&Token> = with.iter().map(|id| model.token(*id)).collect();
    let wanted = match with.as_slice() {
        [one] => leaf::snake(&one.name),
        _ => format_ident!("source"),
    };
    let is_taken = token
        .fields
        .iter()
        .any(|field| leaf::name(field.rust.as_str()) == wanted);
    Some(Source {
        model,
        token,
        with,
        operation: settings::operation_type(resource, operation),
        argument: if is_taken {
            format_ident!("source_token")
        } else {
            wanted
        },
    })
}

impl Source<'_> {
    /// One type that is not generic stands in the constructor itself.
    fn only(&self) -> Option<&Token> {
        match self.with.as_slice() {
            [one] if !one.is_generic() => Some(one),
            _ => None,
        }
    }

    fn trait_name(&self) -> Ident {
        format_ident!("{}Source", self.token.rust.as_str())
    }

    /// The type of the constructor's argument.
    pub(super) fn ty(&self) -> TokenStream {
        if let Some(one) = self.only() {
            let name = leaf::name(one.rust.as_str());
            return quote! { &#name };
        }
        let name = self.trait_name();
        quote! { &impl #name }
    }

    /// What the constructor does.
    pub(super) fn docs(&self, token: &Token) -> String {
        let names: Vec<String> = self.with.iter().map(|with| format!("`{}`", with.rust)).collect();
        let with = doc::list(&names, "or");
        if token.fields.is_empty() {
            format!("The token that the {with} token gets.")
        } else {
            format!("The token that the {with} token gets for these values.")
        }
    }

    /// The trait of the types that will do, where there are several.
    pub(super) fn emit(&self) -> Option<TokenStream> {
        if self.only().is_some() {
            return None;
        }
        let name = self.trait_name();
        let rust = self.token.rust.as_str();
        let title = &self.model.provider.title;
        let links: Vec<String> = self.with.iter().map(|with| format!("[`{}`]", with.rust)).collect();
        let docs = doc::line(&format!(
            "What {} [`{rust}`] is got with: {}.",
            doc::article(rust),
            doc::list(&links, "or")
        ));
        let names: Vec<String> = self.with.iter().map(|with| with.rust.to_string()).collect();
        let message = format!("`{{Self}}` cannot get {} `{rust}` token", doc::article(rust));
        let label = doc::braces(&tick::needs_one_of(title, &names));
        let note = format!("grant: {}", doc::braces(&self.token.line.to_string()));
        let texts = tick::on_unimplemented(&message, &label, &note);
        let declaration = tick::declare(&name, &[quote! { Token }]);
        let ticks = self.with.iter().map(|with| self.tick(&name, with));
        Some(quote! {
            #docs
            #texts
            #declaration
            #(#ticks)*
        })
    }

    fn tick(&self, name: &Ident, with: &Token) -> TokenStream {
        let ty = leaf::name(with.rust.as_str());
        if !with.is_generic() {
            return quote! {
                impl #name for #ty {
                    const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
                }
            };
        }
        let operation = &self.operation;
        quote! {
            impl<Role: super::role::Role> #name for #ty<Role>
            where
                #operation: tollgate::PermittedBy<#ty<Role>>,
            {
                const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
            }
        }
    }
}
