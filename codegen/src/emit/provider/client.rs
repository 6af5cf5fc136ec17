//! `Client<T>`, its aliases, and one accessor per resource.

use crate::emit::{doc, leaf, resource, scopes};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use tollgate_descriptor::model::{HealthCheck, Model, Resource, Token};

/// The client.
pub(super) fn emit(model: &Model) -> TokenStream {
    let title = doc::title(&model.provider.title);
    let docs = doc::line(&format!(
        "A client of {title} that shows a token of type `T`. Cheap to clone."
    ));
    let aliases = model.tokens.iter().map(alias);
    let constructors = constructors(model);
    let accessors = model.resources.iter().map(accessor);
    let checks = model.health_checks.iter().filter_map(|check| verify(model, check));
    quote! {
        #docs
        pub struct Client<T> {
            client: tollgate::Client<T>,
        }

        #(#aliases)*
        /// A client that shows no token.
        pub type AnonymousClient = Client<Anonymous>;

        impl<T> Clone for Client<T> {
            fn clone(&self) -> Self {
                Self { client: self.client.clone() }
            }
        }

        impl<T> std::fmt::Debug for Client<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.client.fmt(f)
            }
        }

        #constructors

        impl<T> Client<T> {
            /// The same client with no more scopes than `U` has.
            #[must_use]
            pub fn narrow<U: tollgate::WithinScopesOf<T>>(&self) -> Client<U> {
                Client { client: self.client.narrow() }
            }

            #(#accessors)*
        }

        #(#checks)*
    }
}

fn alias(token: &Token) -> TokenStream {
    let alias = format_ident!("{}Client", token.rust.as_str());
    let name = leaf::name(token.rust.as_str());
    let generics = token.is_generic().then(|| quote! { <Role> });
    let role = if token.is_generic() {
        " whose value has the role `Role`"
    } else {
        ""
    };
    let docs = doc::line(&format!(
        "A client that shows {} [`{}`]{role}.",
        doc::article(token.rust.as_str()),
        token.rust
    ));
    quote! {
        #docs
        pub type #alias #generics = Client<#name #generics>;
    }
}

fn constructors(model: &Model) -> TokenStream {
    let environment = model
        .environments
        .first()
        .map(|first| first.rust.to_string())
        .unwrap_or_default();
    let variables = if model.variables.is_empty() {
        ""
    } else {
        ", its variables read from the process's environment"
    };
    let new = doc::outer(&[
        format!("A client that shows `token` to [`Environment::{environment}`]{variables}."),
        String::new(),
        "# Errors".to_owned(),
        String::new(),
        "The connection cannot be made: a variable is missing or wrong.".to_owned(),
    ]);
    quote! {
        impl<T: Token> Client<T> {
            #new
            pub fn new(token: T) -> Result<Self, tollgate::ConnectionError> {
                Ok(Self::with(&Connection::new()?, token))
            }

            /// A client that shows `token` over a connection.
            #[must_use]
            pub fn with(connection: &Connection, token: T) -> Self {
                Self { client: tollgate::Client::new(connection, token) }
            }
        }

        impl Client<Anonymous> {
            /// A client that shows no token.
            #[must_use]
            pub fn anonymous(connection: &Connection) -> Self {
                Self::with(connection, Anonymous)
            }
        }
    }
}

fn accessor(of: &Resource) -> TokenStream {
    let docs = doc::outer(&resource::about(of));
    let method = match leaf::name(of.rust.as_str()) {
        taken
            if ["anonymous", "narrow", "new", "verify", "with"]
                .iter()
                .any(|name| taken == name) =>
        {
            format_ident!("{taken}_")
        }
        free => free,
    };
    let module = leaf::name(of.rust.as_str());
    let handle = leaf::name(of.handle.as_str());
    quote! {
        #docs
        #[must_use]
        pub fn #method(&self) -> #module::#handle<T> {
            #module::#handle { client: self.client.clone() }
        }
    }
}

/// `verify`, which calls the health check of the token type.
fn verify(model: &Model, check: &HealthCheck) -> Option<TokenStream> {
    let of = model.resources.get(check.resource)?;
    let operation = of.operations.get(check.operation)?;
    let token = model.token(check.token);
    let docs = doc::outer(&[
        format!(
            "Asks the provider whether the token works, by [`{0}::{1}`]({2}::{0}::{1}).",
            of.handle, operation.rust, of.rust
        ),
        String::new(),
        "An error says what is wrong with it, and what to do.".to_owned(),
    ]);
    let name = leaf::name(token.rust.as_str());
    let module = leaf::name(of.rust.as_str());
    let ty = leaf::name(operation.type_name.as_str());
    let generics = token.is_generic().then(|| quote! { <Role> });
    let guard = scopes::guard_name(model, &operation.guard).map(|scope| leaf::name(&scope));
    let bound = guard
        .filter(|_| token.is_generic())
        .map(|scope| quote! { where #name<Role>: scope::#scope });
    Some(quote! {
        impl #generics Client<#name #generics> {
            #docs
            pub fn verify(&self) -> tollgate::Sending<#module::#ty> #bound {
                self.client.call(#module::#ty::new()).send()
            }
        }
    })
}
