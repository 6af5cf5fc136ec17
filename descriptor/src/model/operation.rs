//! Operations.

use super::{AllId, ArrayStyle, FieldName, Line, Path, Place, RuleId, ScopeId, SettingsId, Type, TypeName, UnionId};

/// One request of the provider.
#[derive(Clone, Debug)]
pub struct Operation {
    /// As written.
    pub name: String,
    /// The handle's method.
    pub rust: FieldName,
    /// The struct, verb and noun: `ListOrders`. Unique in the resource.
    pub type_name: TypeName,
    /// For people.
    pub docs: Option<String>,
    /// Why not to use it, and what instead.
    pub deprecated: Option<String>,
    /// Where it is declared.
    pub line: Line,
    /// The HTTP method.
    pub method: Method,
    /// Under the base URL (or host), parts in order.
    pub path: Vec<PathPart>,
    /// Who may call it.
    pub guard: Guard,
    /// In the author's order, paging parameters not among them. Undeclared path holes are required strings.
    pub params: Vec<Param>,
    /// `one_of` and `at_most_one` of the parameters.
    pub choices: Vec<Choice>,
    /// What is sent.
    pub body: Option<Payload>,
    /// How the body is written. `Json` where there is none.
    pub content: Content,
    /// What a success holds.
    pub returns: Returns,
    /// How answers page.
    pub pager: Option<Pager>,
    /// How many elements one request may hold.
    pub batch: Option<Batch>,
    /// The longest body in bytes.
    pub max_body: Option<u64>,
    /// Whether a repeat is safe: by method, by declaration or by key.
    pub idempotent: bool,
    /// Where a key goes that makes it so.
    pub idempotency_key: Option<IdempotencyKey>,
    /// What a call counts as, where a limit counts costs.
    pub cost: u32,
    /// Limits, retry, errors and the rest.
    pub settings: SettingsId,
    /// Documentation, wire tests and the mock's answers.
    pub examples: Vec<Example>,
}

impl Operation {
    /// The path as written, holes in braces.
    #[must_use]
    pub fn path_text(&self) -> String {
        let text = self.path.iter().map(|part| match part {
            PathPart::Text(text) => text.clone(),
            PathPart::Param(name) | PathPart::Variable(name) | PathPart::TokenField(name) => format!("{{{name}}}"),
        });
        text.collect()
    }
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
    /// HEAD
    Head,
}

impl Method {
    /// In capitals.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
        }
    }
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathPart {
    /// As it is, slashes included.
    Text(String),
    /// A hole filled by the parameter of this wire name.
    Param(String),
    /// A hole filled by a variable.
    Variable(String),
    /// A hole filled by a field of the token.
    TokenField(String),
}

/// Who may call an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Anybody; no token is sent.
    Public,
    /// Any token at all.
    AnyToken,
    /// Whoever holds it.
    Scope(ScopeId),
    /// Whoever holds them all.
    All(AllId),
    /// Whoever holds one of them.
    Any(UnionId),
}

/// A value of a request beside its body.
#[derive(Clone, Debug)]
pub struct Param {
    /// On the wire; for a map parameter it holds `{key}`.
    pub wire: String,
    /// In Rust.
    pub rust: FieldName,
    /// Where it goes.
    pub place: ParamPlace,
    /// Its type. For a map parameter a `Map`.
    pub ty: Type,
    /// Whether it may be missing.
    pub presence: Presence,
    /// How a list is written.
    pub style: ArrayStyle,
    /// The most elements of a list.
    pub max_items: Option<u32>,
    /// Why not to use it.
    pub deprecated: Option<String>,
    /// For people.
    pub docs: Option<String>,
}

/// Where a parameter goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamPlace {
    /// Into a hole of the path. An empty value is refused.
    Path {
        /// Whether `/` inside the value stays as it is.
        keep_slashes: bool,
    },
    /// Into the query.
    Query,
    /// Into a header.
    Header,
    /// Into the JSON body, beside or instead of `body`.
    Body(Path),
}

/// Whether a parameter may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// `T!`
    Required,
    /// `T`
    Optional,
    /// `by_token`
    ByToken(RuleId),
    /// `const`: always sent, not in the Rust type. JSON text (`true`, `"media"`).
    Const(String),
}

/// Parameters or fields that exclude each other: an enum in Rust.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The field in Rust.
    pub rust: FieldName,
    /// The enum in Rust.
    pub type_name: TypeName,
    /// `one_of` (exactly one) or `at_most_one`.
    pub required: bool,
    /// Positions in `params` (or in the record's `fields`). The variants are named after them.
    pub members: Vec<usize>,
}

/// What a body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// JSON, or a form or multipart by [`Content`].
    Typed(Type),
    /// Raw bytes.
    Bytes,
    /// Raw text.
    Text,
}

/// How a request body is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`
    Multipart,
    /// Raw, `application/octet-stream`.
    Binary,
    /// JSON (or raw, for `bytes` and `text` bodies) under this media type.
    Media(String),
}

/// What a success holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returns {
    /// Nothing is decoded.
    Nothing,
    /// The same for every 2xx. On a paged operation a list: what `items` holds.
    One(Payload),
    /// By status: an enum in Rust.
    PerStatus {
        /// The enum, `CreateLabelReply`.
        type_name: TypeName,
        /// In ascending order.
        statuses: Vec<StatusPayload>,
    },
}

/// What one status holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusPayload {
    /// 2xx.
    pub status: u16,
    /// `Ok`, `Created`, `Accepted`, `NoContent`, else `Status207`.
    pub rust: TypeName,
    /// `None` where nothing is decoded.
    pub payload: Option<Payload>,
}

/// How answers page.
#[derive(Clone, Debug, PartialEq)]
pub struct Pager {
    /// As named in the descriptor.
    pub name: String,
    /// How the next page is asked for.
    pub kind: PagerKind,
    /// Where the array is.
    pub items: Path,
    /// What the array holds.
    pub item: Type,
    /// How many items a page holds.
    pub page_size: Option<PageSize>,
    /// Where the count of all items is.
    pub total: Option<Place>,
    /// A page that is not full is the last.
    pub stop_short: bool,
}

/// How the next page is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum PagerKind {
    /// By a page number.
    Page {
        /// Where it goes.
        page: ParamAt,
        /// The number of the first page.
        first: u64,
    },
    /// By the number of items received so far.
    Offset {
        /// Where it goes.
        offset: ParamAt,
    },
    /// By a value of the page before.
    Cursor {
        /// Where it goes.
        cursor: ParamAt,
        /// Where it comes from; or else `last`.
        next: Option<Place>,
        /// Its path inside the last item.
        last: Option<Path>,
        /// Where a bool says whether there is more.
        more: Option<Place>,
    },
    /// By a `Link` header.
    Link {
        /// The relation, `next`.
        rel: String,
    },
    /// By a URL in the answer.
    NextUrl {
        /// Where it is.
        next: Place,
    },
}

/// Where a paging parameter goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamAt {
    /// A query parameter.
    Query(String),
    /// A place of the JSON body.
    Body(Path),
    /// A header.
    Header(String),
}

/// The size of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct PageSize {
    /// Where it goes.
    pub at: ParamAt,
    /// Sent always; without it the size is sent when asked only.
    pub default: Option<u32>,
    /// The most the provider gives.
    pub max: Option<u32>,
}

/// How many elements one request may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The most.
    pub max_items: u32,
    /// Whether a longer one may be split.
    pub split: bool,
    /// Where the list is in the body; `$` for the body itself.
    pub items: Path,
    /// What it holds.
    pub item: Type,
}

/// Where the idempotency key goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdempotencyKey {
    /// A header.
    Header(String),
    /// A place of the JSON body; one key per element for `.*`. The field is optional in Rust.
    Body(Path),
}

/// A request and its answer, as the author gave them.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// Wire name and value as JSON text.
    pub params: Vec<(String, String)>,
    /// JSON text.
    pub body: Option<String>,
    /// The answer's status.
    pub status: u16,
    /// JSON text.
    pub reply: Option<String>,
}
