//! What a descriptor says, as constants: generated code fills these in, and everything else in this crate reads them.
//!
//! All of it is `'static` data. Structs have public fields and a `DEFAULT`, so that generated code names only what
//! differs: `Spec { id: "orders.list", ..Spec::DEFAULT }`.

use std::time::Duration;

/// A provider, as a type: the marker of its connections and tokens.
pub trait Provider: Send + Sync + 'static {
    /// Where it runs.
    type Environment: Named;
    /// What its URLs are filled with; [`NoVariables`] where there is nothing.
    type Variable: Named;
    /// What is constant about it.
    const SPEC: &'static ProviderSpec;
}

/// One of a fixed list of names.
pub trait Named: Copy + Default + Send + Sync + 'static {
    /// Its position in the list.
    fn index(self) -> usize;
}

/// The variables of a provider that has none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVariables(());

impl Named for NoVariables {
    fn index(self) -> usize {
        usize::MAX
    }
}

/// What is constant about a provider.
#[derive(Debug)]
pub struct ProviderSpec {
    /// `flex_forward`
    pub id: &'static str,
    /// `Flex Forward Shipping`
    pub title: &'static str,
    /// The first is the default.
    pub environments: &'static [EnvironmentSpec],
    /// What URLs and headers are filled with.
    pub variables: &'static [VariableSpec],
}

/// An environment.
#[derive(Debug)]
pub struct EnvironmentSpec {
    /// `production`
    pub name: &'static str,
    /// May hold `{variable}` holes.
    pub base_url: &'static str,
    /// Further hosts by name.
    pub hosts: &'static [(&'static str, &'static str)],
}

/// A variable.
#[derive(Debug)]
pub struct VariableSpec {
    /// As in the holes.
    pub name: &'static str,
    /// The environment variable that is asked where no value is given.
    pub env: Option<&'static str>,
    /// Where nothing is given.
    pub default: Option<&'static str>,
    /// What a value must match, whole.
    pub pattern: Option<&'static str>,
    /// The allowed values; empty for any.
    pub allowed: &'static [&'static str],
}

/// A token type.
#[derive(Clone, Copy, Debug)]
pub struct TokenSpec {
    /// `channel`
    pub name: &'static str,
    /// `Channel`
    pub type_name: &'static str,
    /// How it travels.
    pub scheme: Scheme,
    /// What a value consists of.
    pub fields: &'static [FieldSpec],
    /// What a value begins with, by environment; empty where nothing is known.
    pub prefix: &'static [Option<&'static str>],
    /// What a value matches, whole.
    pub pattern: Option<&'static str>,
}

/// A part of a token's value.
#[derive(Debug)]
pub struct FieldSpec {
    /// As in the templates of the scheme.
    pub name: &'static str,
    /// The environment variable, by environment; empty where there is none.
    pub env: &'static [Option<&'static str>],
    /// Whether it may be missing.
    pub optional: bool,
}

/// How a secret travels. Templates hold the token's fields.
#[derive(Clone, Copy, Debug)]
pub enum Scheme {
    /// Not at all.
    None,
    /// HTTP basic authentication.
    Basic {
        /// Before the colon.
        username: &'static str,
        /// After it.
        password: &'static str,
    },
    /// In all of these places.
    Placed(&'static [Placement]),
}

/// A header, query parameter or cookie of a scheme.
#[derive(Debug)]
pub struct Placement {
    /// Where.
    pub at: Carrier,
    /// Its name.
    pub name: &'static str,
    /// Its template.
    pub value: &'static str,
}

/// Where a [`Placement`] stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A request header.
    Header,
    /// A query parameter.
    Query,
    /// A cookie.
    Cookie,
}

/// What is constant about an operation.
#[derive(Debug)]
pub struct Spec {
    /// `orders.list`
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// Under the base URL, with `{holes}` for parameters, variables and token fields.
    pub path: &'static str,
    /// The scopes it asks for, as the provider names them; `any_token` for that.
    pub scopes: &'static [&'static str],
    /// The token types that may call it; empty for a public operation, to which no token is shown.
    pub holders: &'static [&'static str],
    /// Whether a repeat is safe.
    pub idempotent: bool,
    /// Limits, retry, errors and the rest.
    pub settings: &'static Settings,
    /// How answers page.
    pub pager: Option<&'static Pager>,
    /// How many elements a request may hold.
    pub batch: Option<BatchSpec>,
    /// The longest body in bytes.
    pub max_body: Option<u64>,
    /// Where an idempotency key goes.
    pub idempotency_key: Option<KeyPlace>,
}

impl Spec {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        id: "",
        method: Method::Get,
        path: "/",
        scopes: &[],
        holders: &[],
        idempotent: false,
        settings: &Settings::DEFAULT,
        pager: None,
        batch: None,
        max_body: None,
        idempotency_key: None,
    };
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    pub const fn as_str(self) -> &'static str {
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

/// What many operations share.
#[derive(Debug)]
pub struct Settings {
    /// All of them must admit a call.
    pub limits: &'static [&'static Limit],
    /// Whether and how failed attempts are repeated.
    pub retry: Option<&'static Retry>,
    /// Where errors say what.
    pub errors: Errors,
    /// The first that matches decides.
    pub classify: &'static [Rule],
    /// What wraps success bodies.
    pub unwrap: Path,
    /// Constant request headers, with `{variable}` holes.
    pub headers: &'static [(&'static str, &'static str)],
    /// A host by its position in [`EnvironmentSpec::hosts`].
    pub host: Option<usize>,
    /// For one attempt.
    pub timeout: Option<Duration>,
}

impl Settings {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        limits: &[],
        retry: None,
        errors: Errors::DEFAULT,
        classify: &[],
        unwrap: Path::ROOT,
        headers: &[],
        host: None,
        timeout: None,
    };
}

/// A budget: `limit` calls in every `window` that slides with time.
#[derive(Debug)]
pub struct Limit {
    /// `per_token`
    pub name: &'static str,
    /// Calls per window.
    pub limit: u32,
    /// How long a call counts.
    pub window: Duration,
    /// One budget per combination of these; empty for one per connection.
    pub per: &'static [Per],
}

/// What separates budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// The token's value.
    Token,
    /// The operation.
    Operation,
    /// The value of the parameter with this wire name.
    Param(&'static str),
}

/// How failed attempts are repeated.
#[derive(Debug)]
pub struct Retry {
    /// Counts the first try.
    pub max_attempts: u32,
    /// What is repeated.
    pub when: &'static [When],
    /// Where the provider says how long to wait.
    pub wait_from: &'static [Place],
    /// The first wait where it does not.
    pub initial: Duration,
    /// What each further wait is multiplied by.
    pub factor: f64,
    /// The longest wait of the client's own choice.
    pub max: Duration,
    /// The share of a wait that is random, 0 to 1.
    pub jitter: f64,
    /// A longer hint is an error that carries it.
    pub max_wait: Duration,
}

/// What may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// No answer.
    Network,
    /// No answer in time.
    Timeout,
    /// An answer of this kind.
    Kind(Kind),
}

/// What kind of failure an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The request is wrong.
    Invalid,
    /// The token is missing, malformed, expired or of the wrong type.
    Unauthorized,
    /// A quota is used up, or a payment is due.
    QuotaExceeded,
    /// The token may not do this.
    OutOfScope,
    /// There is no such thing.
    NotFound,
    /// It contradicts what is there.
    Conflict,
    /// Later, perhaps.
    Unavailable,
    /// Too many requests.
    RateLimited,
    /// Refused for a reason of the provider's, also inside a 2xx.
    Rejected,
    /// The provider failed.
    Server,
}

/// Where the answers of failures say what.
#[derive(Debug)]
pub struct Errors {
    /// Which model their bodies have, as [`ErrorBody::read`](crate::ErrorBody::read) numbers them.
    pub body: Option<usize>,
    /// The first that holds a text is the message.
    pub message: &'static [Place],
    /// The first that holds a text or number is the code.
    pub code: &'static [Place],
    /// The first that holds a text is the request's id.
    pub request_id: &'static [Place],
}

impl Errors {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        body: None,
        message: &[],
        code: &[],
        request_id: &[],
    };
}

/// A rule of `classify`: all conditions must hold, an empty list holds.
#[derive(Debug)]
pub struct Rule {
    /// Empty: any status but 2xx.
    pub status: &'static [StatusMatch],
    /// The code by [`Errors::code`].
    pub code: &'static [&'static str],
    /// Header name and allowed values.
    pub headers: &'static [(&'static str, &'static [&'static str])],
    /// Path and allowed scalars, as JSON text.
    pub body: &'static [(Path, &'static [&'static str])],
    /// A place that holds something other than null.
    pub present: Option<Place>,
    /// What it is then.
    pub kind: Kind,
    /// What to do about it.
    pub hint: Option<&'static str>,
    /// The model of the body, instead of [`Errors::body`].
    pub model: Option<usize>,
}

impl Rule {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        status: &[],
        code: &[],
        headers: &[],
        body: &[],
        present: None,
        kind: Kind::Rejected,
        hint: None,
        model: None,
    };
}

/// Statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusMatch {
    /// This one.
    Exact(u16),
    /// `2xx` is `Class(2)`.
    Class(u8),
}

/// A path into a JSON body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path(pub &'static [Step]);

impl Path {
    /// The whole body, `$`.
    pub const ROOT: Self = Self(&[]);
}

/// A step of a [`Path`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value of this key.
    Name(&'static str),
    /// Each element of an array.
    Each,
}

/// A place in an answer.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Body or header.
    pub source: Source,
    /// How a time is written there, the first that fits.
    pub formats: &'static [TimeFormat],
    /// A regular expression whose first group is the value.
    pub pattern: Option<&'static str>,
}

impl Place {
    /// A place in the JSON body.
    #[must_use]
    pub const fn body(steps: &'static [Step]) -> Self {
        Self {
            source: Source::Body(Path(steps)),
            formats: &[],
            pattern: None,
        }
    }

    /// A header.
    #[must_use]
    pub const fn header(name: &'static str) -> Self {
        Self {
            source: Source::Header(name),
            formats: &[],
            pattern: None,
        }
    }
}

/// Which part of an answer.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// In the JSON body.
    Body(Path),
    /// A header.
    Header(&'static str),
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// Seconds from now, fractions allowed.
    Seconds,
    /// Milliseconds from now.
    Milliseconds,
    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    HttpDate,
    /// `1994-11-06T08:49:37Z`
    Rfc3339,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// `1h30m`
    Duration,
}

/// How answers page.
#[derive(Debug)]
pub struct Pager {
    /// How the next page is asked for.
    pub kind: PagerKind,
    /// Where the array is.
    pub items: Path,
    /// How many items a page holds.
    pub page_size: Option<PageSize>,
    /// Where the count of all items is.
    pub total: Option<Place>,
    /// A page that is not full is the last.
    pub stop_short: bool,
}

/// How the next page is asked for.
#[derive(Debug)]
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
        /// Where it comes from.
        next: Option<Place>,
        /// Where it is in the last item, if not at `next`.
        last: Option<Path>,
        /// Where a bool says whether there is more.
        more: Option<Place>,
    },
    /// By a `Link` header.
    Link {
        /// The relation.
        rel: &'static str,
    },
    /// By a URL in the answer.
    NextUrl {
        /// Where it is.
        next: Place,
    },
}

/// Where a paging parameter goes.
#[derive(Clone, Copy, Debug)]
pub enum ParamAt {
    /// A query parameter.
    Query(&'static str),
    /// A place in the JSON body.
    Body(Path),
    /// A header.
    Header(&'static str),
}

/// The size of a page.
#[derive(Debug)]
pub struct PageSize {
    /// Where it goes.
    pub at: ParamAt,
    /// Sent where the caller asks for none.
    pub default: Option<u32>,
    /// The most that may be asked for.
    pub max: Option<u32>,
}

/// How many elements one request may hold.
#[derive(Clone, Copy, Debug)]
pub struct BatchSpec {
    /// The most.
    pub max_items: u32,
}

/// Where an idempotency key goes.
#[derive(Clone, Copy, Debug)]
pub enum KeyPlace {
    /// A header.
    Header(&'static str),
    /// A place in the JSON body; one key per element where it has [`Step::Each`].
    Body(Path),
}
