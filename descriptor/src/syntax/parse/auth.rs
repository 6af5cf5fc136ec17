//! Schemes, tokens, grants, scopes and roles.

use crate::diagnostic::{Code, Diagnostic};
use crate::span::Spanned;
use crate::syntax::keys;
use crate::syntax::read::{Fields, Reader};
use crate::syntax::tree::{Kind, Node};
use crate::syntax::{
    Basic, Grant, GrantResponse, PerEnvironment, Role, RoleKind, Scheme, SchemeUse, Scope, ScopeUse, Signer, Token,
    TokenField, TokenFormat, TokenRoles,
};

/// The grants that need a person in front of a browser.
const INTERACTIVE: [&str; 4] = ["authorization_code", "device_code", "implicit", "password"];

impl Reader<'_> {
    /// A text, or one per environment.
    pub(super) fn per_environment(&mut self, node: &Node) -> Option<PerEnvironment> {
        match node.kind {
            Kind::Map(_) if !node.flow || node.has_values() => {
                let each = self.named_texts(node);
                Some(PerEnvironment::Each(Spanned::new(each, node.span)))
            }
            _ => self.text(node).map(PerEnvironment::All),
        }
    }

    pub(super) fn scheme(&mut self, node: &Node) -> Option<Scheme> {
        let fields = self.block(node, &keys::SCHEME)?;
        let scheme = Scheme {
            span: fields.span,
            header: self.many(&fields, "header", Self::named_texts),
            query: self.many(&fields, "query", Self::named_texts),
            cookie: self.many(&fields, "cookie", Self::named_texts),
            body: self.many(&fields, "body", Self::named_texts),
            basic: self.field(&fields, "basic", Self::basic),
            signer: self.signer(&fields),
        };
        self.scheme_forms(&fields);
        Some(scheme)
    }

    fn signer(&mut self, fields: &Fields<'_>) -> Option<Signer> {
        Some(Signer {
            name: self.field(fields, "signer", Self::text)?,
            options: self.many(fields, "options", Self::values),
        })
    }

    fn scheme_forms(&mut self, fields: &Fields<'_>) {
        let given = ["header", "query", "cookie", "basic", "signer"];
        if given.iter().all(|key| fields.get(key).is_none()) {
            self.push(
                Diagnostic::new(Code::MissingKey, fields.span, "a scheme says where the secret travels")
                    .help("one of `header`, `query`, `cookie`, `basic` and `signer` is needed"),
            );
        }
        if let (Some(basic), Some(header)) = (fields.key("basic"), fields.key("header")) {
            self.push(
                Diagnostic::new(Code::ConflictingKeys, header, "`basic` writes the header itself")
                    .label("a second place")
                    .secondary(basic, "HTTP Basic")
                    .help("leave one of them out"),
            );
        }
        for key in ["options", "body"] {
            if let (Some(place), None) = (fields.key(key), fields.key("signer")) {
                self.push(
                    Diagnostic::new(Code::ConflictingKeys, place, format!("`{key}` is for a signer"))
                        .help("add `signer`, or leave it out"),
                );
            }
        }
    }

    fn basic(&mut self, node: &Node) -> Option<Basic> {
        let fields = self.block(node, &keys::BASIC)?;
        Some(Basic {
            span: fields.span,
            username: self.field(&fields, "username", Self::text),
            password: self.field(&fields, "password", Self::text),
        })
    }

    fn scheme_use(&mut self, node: &Node) -> Option<SchemeUse> {
        if !node.holds("basic") {
            return self
                .text_as(node, "the name of a scheme, or `{ basic: ... }`")
                .map(SchemeUse::Name);
        }
        let fields = self.block(node, &keys::SCHEME)?;
        self.scheme_forms(&fields);
        self.field(&fields, "basic", Self::basic).map(SchemeUse::Basic)
    }

    pub(super) fn token(&mut self, node: &Node) -> Option<Token> {
        let fields = self.block(node, &keys::TOKEN)?;
        if let (Some(env), Some(parts)) = (fields.key("env"), fields.key("fields")) {
            self.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    env,
                    "a token with `fields` has an `env` in each of them",
                )
                .label("names a variable for the whole token")
                .secondary(parts, "the parts")
                .help("move `env` into the field that it is for"),
            );
        }
        Some(Token {
            span: fields.span,
            scheme: self.field(&fields, "scheme", Self::scheme_use),
            env: self.field(&fields, "env", Self::per_environment),
            fields: self.field(&fields, "fields", |reader, node| {
                let parts = reader.entries(node, "the fields of a token", Self::token_field);
                Some(Spanned::new(parts, node.span))
            }),
            format: self.field(&fields, "format", Self::token_format),
            roles: self.field(&fields, "roles", Self::token_roles),
            grant: self.field(&fields, "grant", Self::grant),
            docs: self.field(&fields, "docs", Self::text),
        })
    }

    fn token_field(&mut self, node: &Node) -> Option<TokenField> {
        let fields = self.block(node, &keys::TOKEN_FIELD)?;
        Some(TokenField {
            span: fields.span,
            env: self.field(&fields, "env", Self::per_environment),
            secret: self.field(&fields, "secret", Self::bool),
            optional: self.field(&fields, "optional", Self::bool),
        })
    }

    fn token_format(&mut self, node: &Node) -> Option<TokenFormat> {
        let fields = self.block(node, &keys::TOKEN_FORMAT)?;
        Some(TokenFormat {
            span: fields.span,
            prefix: self.field(&fields, "prefix", Self::per_environment),
            pattern: self.field(&fields, "pattern", Self::text),
        })
    }

    fn token_roles(&mut self, node: &Node) -> Option<TokenRoles> {
        if node.plain() == Some("any") {
            return Some(TokenRoles::Any(node.span));
        }
        self.texts(node, "`any` or a list of roles").map(TokenRoles::Named)
    }

    fn grant(&mut self, node: &Node) -> Option<Grant> {
        let fields = self.block(node, &keys::GRANT)?;
        match (fields.key("url"), fields.key("call")) {
            (Some(url), Some(call)) => self.push(
                Diagnostic::new(Code::ConflictingKeys, call, "a grant has `url` or `call`")
                    .label("an operation of this descriptor")
                    .secondary(url, "an address")
                    .help("leave one of them out"),
            ),
            (None, None) => self.push(
                Diagnostic::new(Code::MissingKey, fields.span, "a grant needs `url` or `call`")
                    .help("`url` is absolute, or a path below `base_url`; `call` is `resource.operation`"),
            ),
            _ => {}
        }
        Some(Grant {
            span: fields.span,
            type_: self.field(&fields, "type", Self::grant_type),
            url: self.field(&fields, "url", Self::text),
            call: self.field(&fields, "call", Self::text),
            with: self.field(&fields, "with", |reader, node| reader.texts(node, "a list of tokens")),
            client_auth: self.field(&fields, "client_auth", Self::text),
            body: self.field(&fields, "body", Self::text),
            params: self.many(&fields, "params", Self::named_texts),
            response: self.field(&fields, "response", Self::grant_response),
            lifetime: self.field(&fields, "lifetime", Self::measure),
            rate_limit: self.field(&fields, "rate_limit", Self::rate_limit_use),
            persist: self.field(&fields, "persist", Self::bool),
        })
    }

    fn grant_type(&mut self, node: &Node) -> Option<Spanned<String>> {
        let text = self.text(node)?;
        if INTERACTIVE.contains(&text.as_str()) {
            self.push(
                Diagnostic::new(
                    Code::OutOfVersion,
                    text.span,
                    format!("`{}` needs a person, and is not part of version 1", text.value),
                )
                .help("get the first token by hand, and describe the rest as `refresh_token`"),
            );
        }
        Some(text)
    }

    fn grant_response(&mut self, node: &Node) -> Option<GrantResponse> {
        let fields = self.block(node, &keys::GRANT_RESPONSE)?;
        Some(GrantResponse {
            span: fields.span,
            token: self.field(&fields, "token", Self::place),
            expires_in: self.field(&fields, "expires_in", Self::place),
            expires_at: self.field(&fields, "expires_at", Self::place),
            refresh_token: self.field(&fields, "refresh_token", Self::place),
        })
    }

    pub(super) fn scope(&mut self, node: &Node) -> Option<Scope> {
        if let Kind::List(_) = node.kind {
            return Some(Scope {
                span: node.span,
                tokens: self.texts(node, "a list of tokens"),
                docs: None,
                name: None,
                always: None,
            });
        }
        let fields = self.block(node, &keys::SCOPE)?;
        Some(Scope {
            span: fields.span,
            tokens: self.field(&fields, "tokens", |reader, node| reader.texts(node, "a list of tokens")),
            docs: self.field(&fields, "docs", Self::text),
            name: self.field(&fields, "name", Self::text),
            always: self.field(&fields, "always", Self::bool),
        })
    }

    pub(super) fn scope_use(&mut self, node: &Node) -> Option<ScopeUse> {
        if let Kind::Map(_) = node.kind {
            let fields = self.block(node, &keys::SCOPE_USE)?;
            let any = self.field(&fields, "any", |reader, node| reader.texts(node, "a list of scopes"))?;
            return Some(ScopeUse::Any(any));
        }
        self.names(node).map(ScopeUse::All)
    }

    pub(super) fn role(&mut self, node: &Node) -> Option<Role> {
        let kind = match &node.kind {
            Kind::Map(_) => {
                let fields = self.block(node, &keys::ROLE)?;
                let except = self.field(&fields, "all_except", |reader, node| {
                    reader.texts(node, "a list of scopes")
                })?;
                RoleKind::AllExcept(except.value)
            }
            _ if node.plain() == Some("all") => RoleKind::All,
            _ => {
                let only = self.texts(node, "`all`, a list of scopes, or `{ all_except: [...] }`")?;
                RoleKind::Only(only.value)
            }
        };
        Some(Role { span: node.span, kind })
    }
}
