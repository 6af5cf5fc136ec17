//! Schemes, tokens, grants, scopes and roles.

use super::{Entries, Place, RateLimitUse, Value};
use crate::span::{Span, Spanned};

/// One of `schemes`: how a secret travels. Exactly one of its forms is meant to be given; the parser reports
/// more than one and keeps all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheme {
    /// All of it.
    pub span: Span,
    /// Header name and template.
    pub header: Entries<Spanned<String>>,
    /// Query parameter and template.
    pub query: Entries<Spanned<String>>,
    /// Cookie name and template.
    pub cookie: Entries<Spanned<String>>,
    /// Body parameter and template; of a signer only.
    pub body: Entries<Spanned<String>>,
    /// HTTP Basic.
    pub basic: Option<Basic>,
    /// What computes `{signature}`.
    pub signer: Option<Signer>,
}

/// `signer` and its `options`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// `jwt`, `hmac`, `aws_sigv4`, or a name that the client is given code for.
    pub name: Spanned<String>,
    /// What the signer is told; texts are templates.
    pub options: Entries<Spanned<Value>>,
}

/// `{ basic: { username, password } }`, both templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basic {
    /// All of it.
    pub span: Span,
    /// The user.
    pub username: Option<Spanned<String>>,
    /// The password.
    pub password: Option<Spanned<String>>,
}

/// `scheme` of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeUse {
    /// An entry of `schemes`, or the built-in `bearer` or `none`.
    Name(Spanned<String>),
    /// The built-in `{ basic: … }`.
    Basic(Basic),
}

/// A text for all environments, or one for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PerEnvironment {
    /// The same everywhere.
    All(Spanned<String>),
    /// By the name of the environment.
    Each(Spanned<Entries<Spanned<String>>>),
}

impl PerEnvironment {
    /// Every text in it, in the author's order.
    pub fn texts(&self) -> impl Iterator<Item = &Spanned<String>> {
        let (all, each) = match self {
            Self::All(text) => (Some(text), None),
            Self::Each(entries) => (None, Some(entries.value.iter().map(|(_, text)| text))),
        };
        all.into_iter().chain(each.into_iter().flatten())
    }
}

/// One of `tokens`: which secret it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// All of it.
    pub span: Span,
    /// How it travels.
    pub scheme: Option<SchemeUse>,
    /// The environment variable of a token with one field.
    pub env: Option<PerEnvironment>,
    /// Its parts. Without this key there is one, `token`.
    pub fields: Option<Spanned<Entries<TokenField>>>,
    /// What its value looks like.
    pub format: Option<TokenFormat>,
    /// Whether its value narrows what it may do.
    pub roles: Option<TokenRoles>,
    /// How a short-lived one is got.
    pub grant: Option<Grant>,
    /// A text for readers.
    pub docs: Option<Spanned<String>>,
}

/// One of the `fields` of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenField {
    /// All of it.
    pub span: Span,
    /// The environment variable.
    pub env: Option<PerEnvironment>,
    /// Whether it is secret; it is, where this is absent.
    pub secret: Option<Spanned<bool>>,
    /// Whether it may be unset.
    pub optional: Option<Spanned<bool>>,
}

/// `format` of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFormat {
    /// All of it.
    pub span: Span,
    /// What it begins with.
    pub prefix: Option<PerEnvironment>,
    /// A pattern that it matches.
    pub pattern: Option<Spanned<String>>,
}

/// `roles` of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRoles {
    /// `any`: every role, and those that an application declares.
    Any(Span),
    /// These.
    Named(Spanned<Vec<Spanned<String>>>),
}

/// `grant`: how a short-lived token is got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// All of it.
    pub span: Span,
    /// `client_credentials`, `refresh_token`, `exchange`.
    pub type_: Option<Spanned<String>>,
    /// An absolute URL, or a path below the base URL.
    pub url: Option<Spanned<String>>,
    /// `resource.operation`, instead of `url`.
    pub call: Option<Spanned<String>>,
    /// The tokens that may make the call.
    pub with: Option<Spanned<Vec<Spanned<String>>>>,
    /// `basic`, `body`, or a scheme.
    pub client_auth: Option<Spanned<String>>,
    /// `form` or `json`.
    pub body: Option<Spanned<String>>,
    /// Additional params; texts are templates.
    pub params: Entries<Spanned<String>>,
    /// Where the answer holds what.
    pub response: Option<GrantResponse>,
    /// How long it lasts where the answer does not say.
    pub lifetime: Option<Spanned<String>>,
    /// The limit of the token endpoint.
    pub rate_limit: Option<RateLimitUse>,
    /// Whether it outlives the process.
    pub persist: Option<Spanned<bool>>,
}

/// `response` of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantResponse {
    /// All of it.
    pub span: Span,
    /// The token.
    pub token: Option<Place>,
    /// How long it lasts.
    pub expires_in: Option<Place>,
    /// When it ends.
    pub expires_at: Option<Place>,
    /// What replaces the stored refresh token.
    pub refresh_token: Option<Place>,
}

/// One of `scopes`: a row of the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// All of it.
    pub span: Span,
    /// The token types that hold it.
    pub tokens: Option<Spanned<Vec<Spanned<String>>>>,
    /// A text for readers.
    pub docs: Option<Spanned<String>>,
    /// The provider's own name of it.
    pub name: Option<Spanned<String>>,
    /// Whether it is held whatever the role.
    pub always: Option<Spanned<bool>>,
}

/// `scope` of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeUse {
    /// One, or several that are all needed.
    All(Spanned<Vec<Spanned<String>>>),
    /// `{ any: […] }`: one of several.
    Any(Spanned<Vec<Spanned<String>>>),
}

impl ScopeUse {
    /// The names in it.
    #[must_use]
    pub fn names(&self) -> &Spanned<Vec<Spanned<String>>> {
        match self {
            Self::All(names) | Self::Any(names) => names,
        }
    }
}

/// One of `roles`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// All of it.
    pub span: Span,
    /// What it lists.
    pub kind: RoleKind,
}

/// What a role lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleKind {
    /// `all`.
    All,
    /// `{ all_except: […] }`.
    AllExcept(Vec<Spanned<String>>),
    /// `[…]`.
    Only(Vec<Spanned<String>>),
}
