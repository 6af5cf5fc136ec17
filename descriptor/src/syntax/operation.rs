//! Operations.

use super::{
    ArrayStyle, Entries, Location, Method, Place, Presence, Settings, Slashes, Status, StreamKind, Type, Value,
};
use crate::span::{Span, Spanned};

/// One of the `operations` of a resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operation {
    /// All of it.
    pub span: Span,
    /// Method and path. Absent only where `from` is given or the parser has complained.
    pub route: Option<Route>,
    /// `from`: an operation of the OpenAPI file.
    pub from: Option<Spanned<String>>,
    /// `params`.
    pub params: Entries<Param>,
    /// `body`.
    pub body: Option<Type>,
    /// `returns`. Without it the answer is not decoded.
    pub returns: Option<Returns>,
    /// `content`: `json`, `form`, `multipart`, `binary`, or a media type.
    pub content: Option<Spanned<String>>,
    /// `batch`.
    pub batch: Option<Batch>,
    /// `max_body`: a size.
    pub max_body: Option<Spanned<String>>,
    /// `idempotent`.
    pub idempotent: Option<Spanned<bool>>,
    /// `idempotency_key`.
    pub idempotency_key: Option<Place>,
    /// `cost`.
    pub cost: Option<Spanned<u64>>,
    /// `one_of`: sets of params of which exactly one is given.
    pub one_of: Vec<Spanned<Vec<Spanned<String>>>>,
    /// `at_most_one`: sets of params of which one may be given.
    pub at_most_one: Vec<Spanned<Vec<Spanned<String>>>>,
    /// `examples`.
    pub examples: Vec<Example>,
    /// `deprecated`.
    pub deprecated: Option<Deprecated>,
    /// A text for readers.
    pub docs: Option<Spanned<String>>,
    /// What it says itself of the words that it could inherit.
    pub settings: Settings,
}

/// `get: /path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method, at its key.
    pub method: Spanned<Method>,
    /// The path with its holes, not read yet.
    pub path: Spanned<String>,
}

/// A param. The short form `name: type` gives only the type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Param {
    /// All of it.
    pub span: Span,
    /// Whether `null` stood here: the OpenAPI file's param of this name is removed.
    pub removed: bool,
    /// Where it travels.
    pub in_: Option<Spanned<Location>>,
    /// The wire name, or the place in the body.
    pub name: Option<Spanned<String>>,
    /// Its type.
    pub type_: Option<Type>,
    /// Always this value, and not in the Rust type.
    pub const_: Option<Spanned<Value>>,
    /// How a list is written.
    pub style: Option<Spanned<ArrayStyle>>,
    /// The values that it may have.
    pub enum_: Option<Spanned<Vec<Spanned<String>>>>,
    /// The most elements that the provider takes.
    pub max_items: Option<Spanned<u64>>,
    /// What each token type means for it.
    pub by_token: Option<Spanned<Entries<Spanned<Presence>>>>,
    /// What becomes of slashes in a path.
    pub slashes: Option<Spanned<Slashes>>,
    /// Whether its use is discouraged.
    pub deprecated: Option<Deprecated>,
    /// A text for readers.
    pub docs: Option<Spanned<String>>,
}

/// `returns`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returns {
    /// One type for every success.
    Type(Type),
    /// By status.
    ByStatus(Spanned<Vec<(Spanned<Status>, Type)>>),
    /// A stream.
    Stream(Stream),
}

/// `{ stream, of, end }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// All of it.
    pub span: Span,
    /// Its framing.
    pub kind: Option<Spanned<StreamKind>>,
    /// The type of each piece.
    pub of: Option<Type>,
    /// The text that ends it.
    pub end: Option<Spanned<String>>,
}

/// `batch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// All of it.
    pub span: Span,
    /// The most elements of one call.
    pub max_items: Option<Spanned<u64>>,
    /// Whether more are split into several calls.
    pub split: Option<Spanned<bool>>,
    /// The array in the body, where it is not the body itself.
    pub items: Option<Place>,
}

/// One of `examples`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// All of it.
    pub span: Span,
    /// Params by key.
    pub params: Entries<Spanned<Value>>,
    /// The body that is sent.
    pub body: Option<Spanned<Value>>,
    /// The status of the answer.
    pub status: Option<Spanned<u16>>,
    /// The body of the answer.
    pub reply: Option<Spanned<Value>>,
}

/// `deprecated`: `true`, a text, or the long form. `false` is the same as nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deprecated {
    /// All of it.
    pub span: Span,
    /// A text for readers.
    pub text: Option<Spanned<String>>,
    /// What to use instead.
    pub use_: Option<Spanned<String>>,
    /// Since when.
    pub since: Option<Spanned<String>>,
    /// When it goes away.
    pub removed: Option<Spanned<String>>,
}

/// `health_check`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthCheck {
    /// One operation for every token.
    One(Spanned<String>),
    /// Token and operation.
    ByToken(Spanned<Entries<Spanned<String>>>),
}
