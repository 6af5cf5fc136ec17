//! What is true of a provider: every name resolved, every default applied, nothing invalid representable.
//!
//! Only [`check`](crate::check) makes a [`Model`]. It knows no YAML and no spans, except where a generated text names
//! the line of the descriptor ([`Line`]). References are indices ([`TokenId`], [`ScopeId`], …) into the lists of the
//! model, valid by construction.

mod grant;
mod name;
mod operation;
mod place;
mod policy;
mod ty;
mod webhook;

pub use self::{
    grant::{ClientAuth, Grant, GrantBody, GrantFrom, GrantKind, GrantResponse, Signed, SignerOption},
    name::{FieldName, TypeName},
    operation::{
        Batch, Choice, Content, Example, Guard, IdempotencyKey, Method, Operation, PageSize, Pager, PagerKind, Param,
        ParamAt, ParamPlace, PathPart, Payload, Presence, Returns, StatusPayload,
    },
    place::{Path, Place, Source, Step, Template, TemplatePart, TimeFormat},
    policy::{
        Algorithm, Backoff, ClassifyRule, Errors, Kind, Learn, Per, RateLimit, Retry, RetryWhen, Settings, StatusMatch,
    },
    ty::{
        ArrayStyle, DateTimeFormat, Definition, Field, FieldPresence, NumberFormat, Record, Shape, Type, UnionVariant,
        Variant,
    },
    webhook::{Encoding, Event, Events, Proof, Signature, WebhookSecret, Webhooks},
};

use crate::diagnostic::Diagnostic;

macro_rules! ids {
    ($($(#[$docs:meta])* $Id:ident -> $list:ident: $Item:ident, $get:ident, $all:ident;)*) => {
        $(
            $(#[$docs])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $Id(pub(crate) usize);

            impl $Id {
                /// The position in its list.
                #[must_use]
                pub fn index(self) -> usize {
                    self.0
                }
            }
        )*
        impl Model {
            $(
                /// What the id stands for.
                #[must_use]
                pub fn $get(&self, id: $Id) -> &$Item {
                    &self.$list[id.0]
                }

                /// Every id of the list.
                pub fn $all(&self) -> impl Iterator<Item = $Id> + use<> {
                    (0..self.$list.len()).map($Id)
                }
            )*
        }
    };
}

ids! {
    /// An [`Environment`] of [`Model::environments`].
    EnvironmentId -> environments: Environment, environment, environment_ids;
    /// A [`Variable`] of [`Model::variables`].
    VariableId -> variables: Variable, variable, variable_ids;
    /// A [`Token`] of [`Model::tokens`].
    TokenId -> tokens: Token, token, token_ids;
    /// A [`Scope`] of [`Model::scopes`].
    ScopeId -> scopes: Scope, scope, scope_ids;
    /// A [`Role`] of [`Model::roles`].
    RoleId -> roles: Role, role, role_ids;
    /// A [`ScopeSet`] of [`Model::unions`].
    UnionId -> unions: ScopeSet, union, union_ids;
    /// A [`ScopeSet`] of [`Model::alls`].
    AllId -> alls: ScopeSet, all, all_ids;
    /// A [`Rule`] of [`Model::rules`].
    RuleId -> rules: Rule, rule, rule_ids;
    /// A [`RateLimit`] of [`Model::rate_limits`].
    LimitId -> rate_limits: RateLimit, rate_limit, rate_limit_ids;
    /// A [`Settings`] of [`Model::settings`].
    SettingsId -> settings: Settings, setting, setting_ids;
    /// A [`Definition`] of [`Model::definitions`].
    DefinitionId -> definitions: Definition, definition, definition_ids;
}

/// One provider, checked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Model {
    /// Who it is.
    pub provider: Provider,
    /// The first is the default. Never empty.
    pub environments: Vec<Environment>,
    /// What URLs and headers are filled with.
    pub variables: Vec<Variable>,
    /// The token types, in the author's order. May be empty (all operations public).
    pub tokens: Vec<Token>,
    /// Where `tokens:` stands.
    pub tokens_line: Line,
    /// The declared scopes, without the built-in ones, in the author's order.
    pub scopes: Vec<Scope>,
    /// Whether an operation asks for `any_token`.
    pub uses_any_token: bool,
    /// The declared roles; empty where tokens have none.
    pub roles: Vec<Role>,
    /// Where `roles:` stands; the start of the file where there are none.
    pub roles_line: Line,
    /// The any-of sets that operations ask for, each once, scopes in matrix order.
    pub unions: Vec<ScopeSet>,
    /// The all-of sets that operations ask for, each once, scopes in matrix order.
    pub alls: Vec<ScopeSet>,
    /// The rules for values that depend on the token, each once.
    pub rules: Vec<Rule>,
    /// The budgets.
    pub rate_limits: Vec<RateLimit>,
    /// The distinct settings of operations (limits, retry, errors, …), each once.
    pub settings: Vec<Settings>,
    /// Error models, each once: one enum in Rust. `Settings` and `ClassifyRule` refer to them by definition.
    pub error_models: Vec<DefinitionId>,
    /// What tells whether a token of this type works. Tokens without one are missing.
    pub health_checks: Vec<HealthCheck>,
    /// The resources in the author's order.
    pub resources: Vec<Resource>,
    /// The models in the author's order.
    pub definitions: Vec<Definition>,
    /// What the provider calls.
    pub webhooks: Option<Webhooks>,
    /// What was read and checked and cannot be generated yet, ready to print.
    pub unsupported: Vec<Diagnostic>,
}

/// The head of a descriptor.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The `snake_case` id, which names the Rust module.
    pub id: String,
    /// For people.
    pub title: String,
    /// Where its documentation is.
    pub docs: Option<String>,
    /// The day the facts were last compared, `YYYY-MM-DD`.
    pub checked: Option<String>,
    /// The path of the main file as it was given, with forward slashes.
    pub file: String,
}

/// A line of a descriptor, for texts that point back to it. Prints as `providers/acme.yaml:12`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The file as it was given, with forward slashes.
    pub file: String,
    /// From 1.
    pub line: usize,
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A place where the provider runs.
#[derive(Clone, Debug)]
pub struct Environment {
    /// As written.
    pub name: String,
    /// In Rust, `Production`.
    pub rust: TypeName,
    /// Without a trailing slash. Holes are variables.
    pub base_url: Template,
    /// Other hosts that operations may name. Every environment has the same names, in the same order.
    pub hosts: Vec<(String, Template)>,
    /// For people.
    pub docs: Option<String>,
}

/// A hole of URLs and headers that the application fills.
#[derive(Clone, Debug)]
pub struct Variable {
    /// As written.
    pub name: String,
    /// In Rust, the builder's method.
    pub rust: FieldName,
    /// The environment variable it is read from when not given.
    pub env: Option<String>,
    /// What a value must match, whole.
    pub pattern: Option<String>,
    /// The allowed values; empty for any.
    pub allowed: Vec<String>,
    /// Where nothing is given.
    pub default: Option<String>,
    /// For people.
    pub docs: Option<String>,
}

/// A token type.
#[derive(Clone, Debug)]
pub struct Token {
    /// As written.
    pub name: String,
    /// In Rust, `Channel`.
    pub rust: TypeName,
    /// For people.
    pub docs: Option<String>,
    /// How it travels.
    pub scheme: Scheme,
    /// What it consists of, in the author's order; one field `token` unless declared.
    pub fields: Vec<TokenField>,
    /// What values look like. A value that does not match warns.
    pub format: Option<TokenFormat>,
    /// Which roles its values have.
    pub roles: TokenRoles,
    /// How the short-lived token is got that travels; `None` where the value itself travels.
    pub grant: Option<Grant>,
    /// Where it is declared.
    pub line: Line,
}

impl Token {
    /// Whether its Rust type is generic over a role.
    #[must_use]
    pub fn is_generic(&self) -> bool {
        match &self.roles {
            TokenRoles::None => false,
            TokenRoles::Any => true,
            TokenRoles::Some(roles) => roles.len() > 1,
        }
    }
}

/// A part of a token's value.
#[derive(Clone, Debug)]
pub struct TokenField {
    /// As written.
    pub name: String,
    /// In Rust.
    pub rust: FieldName,
    /// The environment variable by environment, in the order of [`Model::environments`]; `None` where not given.
    pub env: Vec<Option<String>>,
    /// Whether it may never be shown.
    pub secret: bool,
    /// Whether it may be missing; its header is then left out.
    pub optional: bool,
}

/// What the values of a token type look like.
#[derive(Clone, Debug)]
pub struct TokenFormat {
    /// The prefix by environment, in the order of [`Model::environments`].
    pub prefix: Vec<Option<String>>,
    /// A regular expression that the whole value matches.
    pub pattern: Option<String>,
}

/// How a secret travels. Templates hold the token's fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In headers, query parameters or cookies, all of them. `bearer` is one of these.
    Placed(Vec<Placement>),
    /// HTTP basic authentication.
    Basic {
        /// Before the colon.
        username: Template,
        /// After it.
        password: Template,
    },
    /// By a signature.
    Signed(Signed),
    /// Not at all.
    None,
}

/// One header, query parameter or cookie of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Where.
    pub at: Carrier,
    /// The name of the header, parameter or cookie.
    pub name: String,
    /// Its value, over the token's fields (and variables).
    pub value: Template,
}

/// Where a [`Placement`] puts its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// A request header.
    Header,
    /// A query parameter.
    Query,
    /// A cookie.
    Cookie,
    /// The body, of token requests only.
    Body,
}

/// Which roles the values of a token type have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRoles {
    /// The token type alone decides.
    None,
    /// Any declared role, or one of the application's.
    Any,
    /// One of these. One alone is not generic.
    Some(Vec<RoleId>),
}

/// A row of the scope matrix.
#[derive(Clone, Debug)]
pub struct Scope {
    /// As written.
    pub name: String,
    /// The trait in Rust, `Sales`.
    pub rust: TypeName,
    /// What the provider calls it.
    pub wire: String,
    /// The token types that hold it, in matrix order. Never empty.
    pub tokens: Vec<TokenId>,
    /// Held whatever the role.
    pub always: bool,
    /// For people.
    pub docs: Option<String>,
    /// Where it is declared.
    pub line: Line,
}

/// A role: which scopes the value of a token lists.
#[derive(Clone, Debug)]
pub struct Role {
    /// As written.
    pub name: String,
    /// In Rust.
    pub rust: TypeName,
    /// The scopes, in matrix order, without those that are `always` held.
    pub scopes: Vec<ScopeId>,
    /// Where it is declared.
    pub line: Line,
}

/// Scopes that an operation asks for together.
#[derive(Clone, Debug)]
pub struct ScopeSet {
    /// The trait in Rust, `SupplyOrSales` or `SupplyAndSales`.
    pub rust: TypeName,
    /// At least two, in matrix order.
    pub scopes: Vec<ScopeId>,
}

/// A value whose presence depends on the token (`by_token`).
#[derive(Clone, Debug)]
pub struct Rule {
    /// The value's name in Rust, `channel_id`.
    pub field: FieldName,
    /// The trait in Rust, `ChannelId`. `Omits…` and `Gives…` are made from it. Unique in the provider.
    pub rust: TypeName,
    /// The value's type.
    pub ty: Type,
    /// Tokens with which the value is required: they give and never omit.
    pub required: Vec<TokenId>,
    /// Tokens with which the value is absent: they omit and never give.
    pub absent: Vec<TokenId>,
    /// Tokens with which either will do, by the descriptor. All other tokens hold both sides silently.
    pub optional: Vec<TokenId>,
    /// Where the first `by_token` of this rule stands.
    pub line: Line,
}

/// How to find out whether a token of a type works.
#[derive(Clone, Debug)]
pub struct HealthCheck {
    /// The token type.
    pub token: TokenId,
    /// The resource's position in [`Model::resources`].
    pub resource: usize,
    /// The operation's position in the resource.
    pub operation: usize,
}

/// A group of operations.
#[derive(Clone, Debug)]
pub struct Resource {
    /// As written; names the Rust module and the client's accessor.
    pub name: String,
    /// The module and accessor in Rust.
    pub rust: FieldName,
    /// The handle in Rust, `Orders`.
    pub handle: TypeName,
    /// For people.
    pub docs: Option<String>,
    /// In the author's order.
    pub operations: Vec<Operation>,
}

impl Model {
    /// The token types that satisfy a guard (whatever their role), in matrix order.
    #[must_use]
    pub fn holders(&self, guard: &Guard) -> Vec<TokenId> {
        let all = || (0..self.tokens.len()).map(TokenId);
        let holds = |token: TokenId, scope: &ScopeId| self.scope(*scope).tokens.contains(&token);
        match guard {
            Guard::Public | Guard::AnyToken => all().collect(),
            Guard::Scope(scope) => self.scope(*scope).tokens.clone(),
            Guard::All(id) => all()
                .filter(|token| self.all(*id).scopes.iter().all(|scope| holds(*token, scope)))
                .collect(),
            Guard::Any(id) => all()
                .filter(|token| self.union(*id).scopes.iter().any(|scope| holds(*token, scope)))
                .collect(),
        }
    }

    /// The scopes that a guard names; empty for the built-in ones.
    #[must_use]
    pub fn guard_scopes(&self, guard: &Guard) -> Vec<ScopeId> {
        match guard {
            Guard::Public | Guard::AnyToken => Vec::new(),
            Guard::Scope(scope) => vec![*scope],
            Guard::All(id) => self.all(*id).scopes.clone(),
            Guard::Any(id) => self.union(*id).scopes.clone(),
        }
    }

    /// Every operation with its resource.
    pub fn operations(&self) -> impl Iterator<Item = (&Resource, &Operation)> {
        self.resources
            .iter()
            .flat_map(|resource| resource.operations.iter().map(move |operation| (resource, operation)))
    }
}
