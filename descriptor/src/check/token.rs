//! Tokens: which secret it is.

use super::{Check, find, name::Taken, place::Meaning, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{RoleId, Scheme, Token, TokenField, TokenFormat, TokenRoles};
use crate::span::Spanned;
use crate::syntax::{self, SchemeUse};

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
            if let Some(grant) = &token.grant {
                self.check_grant(grant);
            }
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
        let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        match &token.scheme {
            Some(scheme) => self.check_scheme(scheme, &known, name),
            None => Scheme::None,
        }
    }

    fn check_fields(&mut self, written: &syntax::Token) -> Vec<TokenField> {
        let mut taken = Taken::default();
        let alone = |check: &mut Self, env: Option<&syntax::PerEnvironment>| {
            vec![TokenField {
                name: FIELD.to_owned(),
                rust: crate::model::FieldName(FIELD.to_owned()),
                env: check.check_env(env),
                secret: true,
                optional: false,
            }]
        };
        let Some(fields) = &written.fields else {
            return alone(self, written.env.as_ref());
        };
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
        if written.grant.is_some() {
            return self.granted_fields(written, list);
        }
        list
    }

    /// Until a grant can be generated, a token with one is given by hand: what the grant would yield, and what the
    /// scheme places beside it.
    fn granted_fields(&mut self, token: &syntax::Token, declared: Vec<TokenField>) -> Vec<TokenField> {
        let environments = self.descriptor.environments.len();
        let placed = |field: &TokenField| {
            let hole = format!("{{{}}}", field.name);
            let scheme = match &token.scheme {
                Some(SchemeUse::Name(name)) => {
                    find(&self.descriptor.schemes, name).and_then(|at| self.descriptor.schemes.get(at))
                }
                _ => None,
            };
            scheme.is_some_and(|(_, scheme)| {
                let templates = scheme.header.iter().chain(&scheme.query).chain(&scheme.cookie);
                templates
                    .map(|(_, template)| template)
                    .any(|template| template.contains(&hole))
            })
        };
        let mut fields = vec![TokenField {
            name: FIELD.to_owned(),
            rust: crate::model::FieldName(FIELD.to_owned()),
            env: vec![None; environments],
            secret: true,
            optional: false,
        }];
        fields.extend(
            declared
                .into_iter()
                .filter(|field| field.name != FIELD && placed(field)),
        );
        fields
    }

    fn check_env(&mut self, env: Option<&syntax::PerEnvironment>) -> Vec<Option<String>> {
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

    fn check_grant(&mut self, grant: &syntax::Grant) {
        let descriptor = self.descriptor;
        self.unsupported(grant.span, "`grant`", "the short-lived token is given by hand for now");
        if let Some(kind) = &grant.type_
            && !GRANTS.contains(&kind.as_str())
        {
            self.unknown_word("kind of grant", kind, GRANTS);
        }
        if let Some(auth) = &grant.client_auth
            && !["basic", "body"].contains(&auth.as_str())
        {
            self.resolve("scheme", auth, &descriptor.schemes);
        }
        if let Some(url) = &grant.url
            && !url.starts_with('/')
        {
            self.report_url(url, super::url::check_text(url));
        }
        for with in grant.with.iter().flat_map(|with| &with.value) {
            self.resolve("token", with, &descriptor.tokens);
        }
        if let Some(call) = &grant.call {
            self.check_operation_name(call);
        }
        if let Some(lifetime) = &grant.lifetime {
            self.check_duration(lifetime);
        }
        if let Some(limit) = &grant.rate_limit {
            self.check_rate_limit_use(limit);
        }
        for (_, template) in &grant.params {
            self.read_template(template);
        }
        if let Some(response) = &grant.response {
            for place in [&response.token, &response.refresh_token].into_iter().flatten() {
                self.check_place(place, Meaning::Value);
            }
            for place in [&response.expires_in, &response.expires_at].into_iter().flatten() {
                self.check_place(place, Meaning::UsualTime);
            }
        }
    }
}

const GRANTS: [&str; 3] = ["client_credentials", "refresh_token", "exchange"];
