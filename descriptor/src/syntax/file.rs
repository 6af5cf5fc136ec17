//! The top of a descriptor, and what stands on several levels.

use super::{
    Entries, Errors, Formats, HealthCheck, Model, Operation, Pager, PagerUse, PerEnvironment, RateLimit, RateLimitUse,
    RetryUse, Role, Rule, Scheme, Scope, ScopeUse, Token, Unwrap, Webhooks,
};
use crate::span::{Span, Spanned};

/// A whole descriptor, with its included files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Descriptor {
    /// The main file.
    pub span: Span,
    /// `descriptor`: the version of the language.
    pub version: Option<Spanned<u64>>,
    /// `provider`: the name that the client gets.
    pub provider: Option<Spanned<String>>,
    /// `title`: the name for readers.
    pub title: Option<Spanned<String>>,
    /// `docs`: a page or a text.
    pub docs: Option<Spanned<String>>,
    /// `checked`: the day the facts were compared with the provider's documentation.
    pub checked: Option<Spanned<String>>,
    /// `include`: the other files.
    pub include: Vec<Spanned<String>>,
    /// `allow`: lints that are silenced.
    pub allow: Vec<Allow>,
    /// `openapi`: the document that completes this one.
    pub openapi: Option<OpenApi>,
    /// `environments`; the first is the default.
    pub environments: Entries<Environment>,
    /// `variables`.
    pub variables: Entries<Variable>,
    /// `schemes`.
    pub schemes: Entries<Scheme>,
    /// `tokens`.
    pub tokens: Entries<Token>,
    /// `scopes`: the matrix.
    pub scopes: Entries<Scope>,
    /// `roles`.
    pub roles: Entries<Role>,
    /// `rate_limits`.
    pub rate_limits: Entries<RateLimit>,
    /// `pagers`.
    pub pagers: Entries<Pager>,
    /// The words that resources and operations may say again.
    pub settings: Settings,
    /// `health_check`.
    pub health_check: Option<HealthCheck>,
    /// `resources`.
    pub resources: Entries<Resource>,
    /// `webhooks`.
    pub webhooks: Option<Webhooks>,
    /// `models`.
    pub models: Entries<Model>,
}

/// The words that may stand at the top, on a resource and on an operation. The innermost wins, whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `scope`.
    pub scope: Option<ScopeUse>,
    /// `rate_limit`.
    pub rate_limit: Option<RateLimitUse>,
    /// `pager`.
    pub pager: Option<PagerUse>,
    /// `retry`.
    pub retry: Option<RetryUse>,
    /// `errors`.
    pub errors: Option<Errors>,
    /// `classify`.
    pub classify: Option<Spanned<Vec<Rule>>>,
    /// `unwrap`: what wraps success bodies.
    pub unwrap: Option<Unwrap>,
    /// `headers`: name and template.
    pub headers: Option<Spanned<Entries<Spanned<String>>>>,
    /// `formats`.
    pub formats: Option<Formats>,
    /// `host`: one of the `hosts` of the environments.
    pub host: Option<Spanned<String>>,
    /// `timeout`: a duration.
    pub timeout: Option<Spanned<String>>,
}

/// One entry of `allow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// All of it.
    pub span: Span,
    /// The number or the name of the lint.
    pub lint: Option<Spanned<String>>,
    /// Why.
    pub reason: Option<Spanned<String>>,
}

/// `openapi`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenApi {
    /// All of it.
    pub span: Span,
    /// The document, relative to the descriptor.
    pub file: Option<Spanned<String>>,
    /// Operations left out, with the reason. A name may end in `*`.
    pub skip: Entries<Spanned<String>>,
}

/// One of `environments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// All of it.
    pub span: Span,
    /// The URL that paths are put behind; may hold `{variable}` holes.
    pub base_url: Option<Spanned<String>>,
    /// Other hosts by name.
    pub hosts: Entries<Spanned<String>>,
    /// A text for readers.
    pub docs: Option<Spanned<String>>,
}

/// One of `variables`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// All of it.
    pub span: Span,
    /// The environment variable that it is read from.
    pub env: Option<PerEnvironment>,
    /// A pattern that the value must match.
    pub pattern: Option<Spanned<String>>,
    /// The values that it may have.
    pub enum_: Option<Spanned<Vec<Spanned<String>>>>,
    /// The value where none is given.
    pub default: Option<Spanned<String>>,
    /// A text for readers.
    pub docs: Option<Spanned<String>>,
}

/// One of `resources`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// All of it.
    pub span: Span,
    /// A text for readers.
    pub docs: Option<Spanned<String>>,
    /// What its operations inherit.
    pub settings: Settings,
    /// `operations`.
    pub operations: Entries<Operation>,
}
