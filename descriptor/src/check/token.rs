//! Tokens: which secret it is.

use super::{Check, grant::YIELD, name::Taken, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{RoleId, Scheme, Token, TokenField, TokenFormat, TokenRoles};
use crate::span::Spanned;
use crate::syntax;

/// The field of a token that declares none.
const FIELD: &str = "token";

impl<'d> Check<'d> {
    pub(super) fn check_tokens(&mut self) {
        let descriptor = self.descriptor;
        self.check_scheme_entries();
        let first = descriptor.tokens.first().map_or(descriptor.span, |(name, _)| name.span);
        self.model.tokens_line = self.block_line("tokens", first);
        let mut taken = Taken::default();
        for (name, token) in &descriptor.tokens {
            self.check_snake_case(name, "token");
            let rust = self.name_type(&mut taken, name, "token");
            self.refuse_reserved_token(name, rust.as_str());
            let fields = self.check_fields(token);
            let scheme = self.check_token_scheme(name, token, &fields);
            let format = token.format.as_ref().map(|format| self.check_format(format));
            let roles = self.check_token_roles(token.roles.as_ref());
            let line = self.line(name.span);
            self.model.tokens.push(Token {
                name: name.value.clone(),
                rust,
                docs: text(token.docs.as_ref()),
                scheme,
                fields,
                format,
                roles,
                grant: None,
                line,
            });
        }
    }

    fn check_token_scheme(
        &mut self,
        name: &'d Spanned<String>,
        token: &'d syntax::Token,
        fields: &[TokenField],
    ) -> Scheme {
        let mut known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        if token.grant.is_some() {
            known.push(YIELD);
        }
        match &token.scheme {
            Some(scheme) => {
                self.refuse_body(scheme, name);
                self.check_scheme(scheme, &known, name)
            }
            None => Scheme::None,
        }
    }

    fn check_fields(&mut self, written: &'d syntax::Token) -> Vec<TokenField> {
        let declared = self.check_declared_fields(written);
        match (&written.grant, declared) {
            (Some(grant), declared) => self.granted_fields(written, grant, declared),
            (None, Some(declared)) => declared,
            (None, None) => vec![TokenField {
                name: FIELD.to_owned(),
                rust: crate::model::FieldName(FIELD.to_owned()),
                env: self.check_env(written.env.as_ref()),
                secret: true,
                optional: false,
            }],
        }
    }

    fn check_declared_fields(&mut self, written: &'d syntax::Token) -> Option<Vec<TokenField>> {
        let mut taken = Taken::default();
        let fields = written.fields.as_ref()?;
        let mut list = Vec::new();
        for (name, field) in &fields.value {
            self.check_snake_case(name, "field of a token");
            list.push(TokenField {
                name: name.value.clone(),
                rust: self.name_field(&mut taken, name, "field"),
                env: self.check_env(field.env.as_ref()),
                secret: field.secret.as_ref().is_none_or(|secret| secret.value),
                optional: field.optional.as_ref().is_some_and(|optional| optional.value),
            });
        }
        Some(list)
    }

    pub(super) fn check_env(&mut self, env: Option<&syntax::PerEnvironment>) -> Vec<Option<String>> {
        for text in env.into_iter().flat_map(syntax::PerEnvironment::texts) {
            self.check_env_name(text);
        }
        self.check_per_environment(env)
    }

    fn check_format(&mut self, format: &syntax::TokenFormat) -> TokenFormat {
        TokenFormat {
            prefix: self.check_per_environment(format.prefix.as_ref()),
            pattern: self.check_pattern(format.pattern.as_ref()),
        }
    }

    fn check_token_roles(&mut self, roles: Option<&syntax::TokenRoles>) -> TokenRoles {
        match roles {
            None => TokenRoles::None,
            Some(syntax::TokenRoles::Any(_)) => TokenRoles::Any,
            Some(syntax::TokenRoles::Named(names)) => {
                let entries = &self.descriptor.roles;
                let found = names
                    .value
                    .iter()
                    .filter_map(|name| self.resolve("role", name, entries));
                let mut ids: Vec<RoleId> = found.map(RoleId).collect();
                self.unsure.roles |= ids.len() < names.value.len() || ids.is_empty();
                ids.sort_unstable();
                ids.dedup();
                if names.value.is_empty() {
                    self.push(
                        Diagnostic::new(Code::MissingKey, names.span, "a token whose values have no role")
                            .help("name the roles, write `any`, or leave `roles` out"),
                    );
                }
                TokenRoles::Some(ids)
            }
        }
    }
}
