//! Names that stand in every client already, beside the descriptor's own.

use super::{
    Check,
    name::{PRELUDE, item_name},
};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Spanned;
use heck::ToUpperCamelCase;

/// Types beside those of the tokens, and names of type parameters over them.
const TOKENS: [&str; 14] = [
    "Anonymous",
    "AnonymousClient",
    "Client",
    "Connection",
    "Environment",
    "Error",
    "ErrorBody",
    "Role",
    "T",
    "Token",
    "U",
    "Variable",
    "Webhooks",
    "Workspace",
];

/// Traits beside the roles, and a type parameter over them.
const ROLES: [&str; 3] = ["More", "Role", "Within"];

/// Type parameters over those who hold a scope.
const SCOPES: [&str; 2] = ["R", "T"];

/// Modules beside those of the resources.
const MODULES: [&str; 6] = ["models", "role", "rule", "scope", "settings", "token"];

/// Methods of a client beside those that lead to the resources.
const METHODS: [&str; 5] = ["anonymous", "narrow", "new", "verify", "with"];

impl Check<'_> {
    /// A token is a type among those of the whole provider.
    pub(super) fn refuse_reserved_token(&mut self, name: &Spanned<String>, rust: &str) {
        let marker = self.descriptor.provider.as_ref().map(|id| id.to_upper_camel_case());
        let is_marker = marker.is_some_and(|marker| rust == format!("{marker}Provider"));
        if is_marker || TOKENS.contains(&rust) || PRELUDE.contains(&rust) {
            self.refuse_reserved(
                name,
                &format!("the type `{rust}` stands beside the tokens already"),
                "token",
            );
        }
        let alias = rust.strip_suffix("Client").filter(|other| !other.is_empty());
        let other = alias.and_then(|other| {
            let mut tokens = self.descriptor.tokens.iter();
            tokens.find(|(token, _)| super::name::type_name(token).is_some_and(|known| known.as_str() == other))
        });
        if let Some((other, _)) = other {
            let message = format!("the type `{rust}` is the client of the token `{}` already", other.value);
            self.push(
                Diagnostic::new(Code::ReservedName, name.span, message)
                    .secondary(other.span, "the other token")
                    .help("give the token another name"),
            );
        }
    }

    /// A role is a type among the traits of all roles.
    pub(super) fn refuse_reserved_role(&mut self, name: &Spanned<String>, rust: &str) {
        if ROLES.contains(&rust) || PRELUDE.contains(&rust) {
            self.refuse_reserved(
                name,
                &format!("the type `{rust}` stands beside the roles already"),
                "role",
            );
        }
    }

    /// A scope is a trait.
    pub(super) fn refuse_reserved_scope(&mut self, name: &Spanned<String>, rust: &str) {
        if SCOPES.contains(&rust) || PRELUDE.contains(&rust) {
            let help = "the provider's own goes into `name`";
            self.push(
                Diagnostic::new(
                    Code::ReservedName,
                    name.span,
                    format!("the name `{rust}` has a meaning in every client already"),
                )
                .help(format!("give the scope another name; {help}")),
            );
        }
    }

    /// A resource is a module, a method of the client, and a type in the module.
    pub(super) fn refuse_reserved_resource(&mut self, name: &Spanned<String>, rust: &str) {
        if MODULES.contains(&rust) {
            self.refuse_reserved(name, &format!("every client has a module `{rust}` already"), "resource");
        } else if rust == "webhook" && self.descriptor.webhooks.is_some() {
            self.refuse_reserved(
                name,
                "a client with webhooks has a module `webhook` already",
                "resource",
            );
        } else if METHODS.contains(&rust) {
            self.refuse_reserved(name, &format!("every client has a method `{rust}` already"), "resource");
        } else if item_name(name).is_some_and(|handle| handle.as_str() == "T") {
            self.refuse_reserved(name, "`T` is the token type of every client already", "resource");
        }
    }

    fn refuse_reserved(&mut self, name: &Spanned<String>, message: &str, what: &str) {
        self.push(
            Diagnostic::new(Code::ReservedName, name.span, message).help(format!("give the {what} another name")),
        );
    }
}
