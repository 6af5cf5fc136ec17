//! Many tokens over one connection.

use super::{doc, leaf};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use tollgate_descriptor::model::{Model, Token};

/// `Workspace`.
pub(super) fn emit(model: &Model) -> TokenStream {
    let title = doc::title(&model.provider.title);
    let docs = doc::line(&format!(
        "Clients of {title} by token and name, over one connection, each with the budget of its token."
    ));
    let marker = super::provider::marker(model);
    let by_token = model.tokens.iter().map(by_token);
    quote! {
        #docs
        #[derive(Clone, Debug)]
        pub struct Workspace<Key = String> {
            ring: tollgate::Ring<#marker, Key>,
        }

        impl<Key: Ord + Clone + std::fmt::Debug> Workspace<Key> {
            /// An empty workspace.
            #[must_use]
            pub fn new(connection: &Connection) -> Self {
                Self { ring: tollgate::Ring::new(connection) }
            }

            /// Adds a token under a name of the caller's, in the place of the one of its type that had the name.
            #[must_use]
            pub fn with<T: Token>(mut self, key: impl Into<Key>, token: T) -> Self {
                self.ring.insert(key.into(), token);
                self
            }

            /// The client that shows the token of type `T` under `key`.
            ///
            /// # Errors
            ///
            /// There is none.
            pub fn client<T: Token>(&self, key: impl Into<Key>) -> Result<Client<T>, tollgate::NoSuchToken> {
                self.ring.client(&key.into()).map(|client| Client { client })
            }

            /// All clients that show a token of type `T`, by name.
            pub fn clients<T: Token>(&self) -> impl Iterator<Item = (&Key, Client<T>)> {
                self.ring.clients().map(|(key, client)| (key, Client { client }))
            }

            #(#by_token)*
        }
    }
}

/// `workspace.source("acme")`
fn by_token(token: &Token) -> TokenStream {
    let method = match leaf::snake(&token.name) {
        other if ["new", "with", "client", "clients"].iter().any(|name| other == name) => format_ident!("{other}_"),
        free => free,
    };
    let docs = doc::outer(&[
        format!("The client that shows the `{}` token under `key`.", token.rust),
        String::new(),
        "# Errors".to_owned(),
        String::new(),
        "There is none.".to_owned(),
    ]);
    let alias = format_ident!("{}Client", token.rust.as_str());
    let generics = token.is_generic().then(|| quote! { <Role: role::Role> });
    let role = token.is_generic().then(|| quote! { <Role> });
    quote! {
        #docs
        pub fn #method #generics(&self, key: impl Into<Key>) -> Result<#alias #role, tollgate::NoSuchToken> {
            self.client(key)
        }
    }
}
