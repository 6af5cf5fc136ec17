//! A small provider by hand, and a server that counts.

#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    unreachable_pub,
    reason = "each test file uses its own half of this"
)]

pub mod grants;
pub mod witness;

use serde_json::Value as Json;
use std::{
    collections::VecDeque,
    fmt,
    marker::PhantomData,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;
use tollgate::{
    Carrier, Client, Connection, Credential, DecodeError, EnvironmentSpec, ErrorBody, Exchange, FieldSpec, HttpReply,
    HttpRequest, Kind, Limit, Named, NoVariables, Operation, Paged, Per, PermittedBy, Place, Placement, Provider,
    ProviderSpec, Randomness, Reply, Request, Retry, Scheme, ScriptedTransport, Secret, Settings, Spec, Splits, Start,
    Step, Style, Ticked, TimeFormat, TokenSpec, TokenValue, Transport, When,
};

pub struct Toy;

impl Provider for Toy {
    type Environment = Environment;
    type Variable = NoVariables;
    const SPEC: &'static ProviderSpec = &ProviderSpec {
        id: "toy",
        title: "Toy",
        environments: &[EnvironmentSpec {
            name: "production",
            base_url: "https://api.toy.example/v1",
            hosts: &[("uploads", "https://uploads.toy.example")],
        }],
        variables: &[],
        tokens: &[],
    };
}

#[derive(Clone, Copy, Default)]
pub struct Environment;

impl Named for Environment {
    fn index(self) -> usize {
        0
    }
}

/// The token of most tests; long and odd, so that it is found wherever it should not be.
pub const SECRET: &str = "s3cr3t-0123456789";

macro_rules! tokens {
    ($($Name:ident: $spec:expr;)*) => {$(
        #[derive(Clone, Debug)]
        pub struct $Name(pub TokenValue);
        impl $Name {
            pub fn new(secret: impl Into<Secret>) -> Self {
                Self(TokenValue::new(Self::SPEC, [Some(secret.into())]))
            }
        }
        impl Credential for $Name {
            const SPEC: &'static TokenSpec = &TokenSpec { type_name: stringify!($Name), ..$spec };
            fn value(&self) -> &TokenValue {
                &self.0
            }
        }
    )*};
}

const fn token(scheme: Scheme) -> TokenSpec {
    TokenSpec {
        name: "token",
        type_name: "",
        scheme,
        fields: &[
            FieldSpec {
                name: "token",
                env: &[],
                optional: false,
            },
            FieldSpec {
                name: "extra",
                env: &[],
                optional: true,
            },
        ],
        prefix: &[],
        pattern: None,
        ..TokenSpec::DEFAULT
    }
}

const HEADERS: TokenSpec = token(Scheme::Placed(&[
    Placement {
        at: Carrier::Header,
        name: "x-api-token",
        value: "{token}",
    },
    Placement {
        at: Carrier::Header,
        name: "x-extra",
        value: "id={extra}",
    },
]));

tokens! {
    Source: HEADERS;
    Channel: HEADERS;
    InQuery: token(Scheme::Placed(&[Placement { at: Carrier::Query, name: "key", value: "{token}" }]));
    InCookie: token(Scheme::Placed(&[
        Placement { at: Carrier::Cookie, name: "sid", value: "{token}" },
        Placement { at: Carrier::Cookie, name: "tenant", value: "{extra}" },
    ]));
    Basic: token(Scheme::Basic { username: "{token}", password: "{extra}" });
}

/// The constants of an operation, as a type.
pub trait Says: Clone + fmt::Debug + Send + Sync + 'static {
    const SPEC: &'static Spec;
}

macro_rules! says {
    ($($Name:ident = $spec:expr;)*) => {$(
        #[derive(Clone, Debug, Default)]
        pub(crate) struct $Name;
        impl $crate::support::Says for $Name {
            const SPEC: &'static tollgate::Spec = &$spec;
        }
    )*};
}
pub(crate) use says;

/// Any operation with a JSON answer.
#[derive(Clone, Debug, Default)]
pub struct Ask<S> {
    pub id: Option<String>,
    pub query: Option<String>,
    pub body: Option<Json>,
    pub size: Option<u32>,
    pub start: Option<Start>,
    pub says: PhantomData<S>,
}

pub fn ask<S: Default>() -> Ask<S> {
    Ask::default()
}

impl<S> Ask<S> {
    fn write(&self, request: &mut Request) {
        if self.id.is_some() {
            request.path("id", &self.id);
        }
        request.query("q", Style::Repeat, &self.query);
        request.param("q", &self.query);
        if let Some(body) = &self.body {
            request.json(body);
        }
        request.page_size(self.size);
        request.start(self.start.clone());
    }
}

impl<S: Says> Operation for Ask<S> {
    type Output = Json;
    type Failure = Failure;
    const SPEC: &'static Spec = S::SPEC;
    fn encode(&self, request: &mut Request) {
        self.write(request);
    }
    fn decode(reply: &Reply) -> Result<Json, DecodeError> {
        reply.json()
    }
}
impl<S, T> PermittedBy<T> for Ask<S> {
    const USE_MACRO: Ticked = Ticked::YES;
}

/// Any list of JSON.
#[derive(Clone, Debug, Default)]
pub struct List<S>(pub Ask<S>);

pub fn list<S: Default>() -> List<S> {
    List::default()
}

impl<S: Says> Operation for List<S> {
    type Output = Vec<Json>;
    type Failure = Failure;
    const SPEC: &'static Spec = S::SPEC;
    fn encode(&self, request: &mut Request) {
        self.0.write(request);
    }
    fn decode(reply: &Reply) -> Result<Vec<Json>, DecodeError> {
        reply.items()
    }
}
impl<S: Says> Paged for List<S> {
    type Item = Json;
}
impl<S, T> PermittedBy<T> for List<S> {
    const USE_MACRO: Ticked = Ticked::YES;
}

/// Any batch of JSON.
#[derive(Clone, Debug, Default)]
pub struct Put<S>(pub Vec<Json>, pub PhantomData<S>);

impl<S: Says> Operation for Put<S> {
    type Output = Json;
    type Failure = Failure;
    const SPEC: &'static Spec = S::SPEC;
    fn encode(&self, request: &mut Request) {
        request.json(&self.0);
        request.batch_len(self.0.len());
    }
    fn decode(reply: &Reply) -> Result<Json, DecodeError> {
        reply.json()
    }
}
impl<S: Says> Splits for Put<S> {
    type Item = Json;
    fn items(&self) -> &[Json] {
        &self.0
    }
    fn with_items(&self, items: Vec<Json>) -> Self {
        Self(items, PhantomData)
    }
}
impl<S, T> PermittedBy<T> for Put<S> {
    const USE_MACRO: Ticked = Ticked::YES;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl ErrorBody for Failure {
    fn read(_: usize, body: &[u8]) -> Option<Self> {
        let json: Json = serde_json::from_slice(body).ok()?;
        Some(Self(json.get("error")?.as_str()?.to_owned()))
    }
}

pub const PER_TOKEN: Limit = Limit {
    name: "per_token",
    limit: 2,
    window: Duration::from_secs(1),
    per: &[Per::Token],
    ..Limit::DEFAULT
};

pub const RETRY: Retry = Retry {
    max_attempts: 4,
    when: &[
        When::Network,
        When::Timeout,
        When::Kind(Kind::RateLimited),
        When::Kind(Kind::Unavailable),
        When::Kind(Kind::Server),
    ],
    wait_from: &[Place {
        formats: &[TimeFormat::Seconds, TimeFormat::HttpDate],
        ..Place::header("Retry-After")
    }],
    initial: Duration::from_secs(1),
    factor: 2.0,
    max: Duration::from_secs(16),
    jitter: 0.0,
    max_wait: Duration::from_mins(1),
};

pub const ERRORS: tollgate::Errors = tollgate::Errors {
    body: Some(0),
    message: &[Place::body(&[Step::Name("error")])],
    code: &[Place::body(&[Step::Name("code")])],
    request_id: &[Place::header("x-request-id")],
};

pub const PLAIN: Settings = Settings {
    errors: ERRORS,
    ..Settings::DEFAULT
};

/// `GET /things` for every holder.
pub const GET: Spec = Spec {
    id: "things.get",
    path: "/things",
    scopes: &["things"],
    holders: &["Source", "Channel"],
    idempotent: true,
    settings: &PLAIN,
    ..Spec::DEFAULT
};

/// Every draw is the next number.
#[derive(Default)]
pub struct Counting(std::sync::atomic::AtomicU64);

impl Randomness for Counting {
    fn draw(&self) -> u64 {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }
}

pub fn connection(transport: impl Transport) -> Connection<Toy> {
    let builder = Connection::<Toy>::builder().transport(transport);
    builder.randomness(Counting::default()).build().unwrap()
}

pub fn client(script: &ScriptedTransport) -> Client<Source> {
    Client::new(&connection(script.clone()), Source::new(SECRET))
}

pub fn ok() -> HttpReply {
    HttpReply::new(200).json(&Json::Null)
}

pub fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// How long a request is on its way, and its answer.
pub type Way = (u64, u64);

/// Counts requests when they arrive, and refuses those above an exact sliding limit.
pub struct Server {
    limit: usize,
    window: Duration,
    ways: Mutex<VecDeque<Way>>,
    arrivals: Mutex<Vec<Instant>>,
    pub started: Instant,
}

impl Server {
    pub fn new(limit: usize, window: Duration, ways: impl IntoIterator<Item = Way>) -> Arc<Self> {
        Arc::new(Self {
            limit,
            window,
            ways: Mutex::new(ways.into_iter().collect()),
            arrivals: Mutex::default(),
            started: Instant::now(),
        })
    }

    /// When requests arrived, in milliseconds.
    pub fn arrivals(&self) -> Vec<u64> {
        let arrivals = self.arrivals.lock().unwrap();
        let millis = |at: &Instant| u64::try_from((*at - self.started).as_millis()).unwrap();
        arrivals.iter().map(millis).collect()
    }

    /// How often a request arrived less than a window after the one `limit` before it.
    pub fn violations(&self) -> usize {
        let mut arrivals = self.arrivals();
        arrivals.sort_unstable();
        let window = u64::try_from(self.window.as_millis()).unwrap();
        let pairs = arrivals.iter().zip(arrivals.iter().skip(self.limit));
        pairs.filter(|(first, later)| **later - **first < window).count()
    }
}

/// A server as a transport; its budgets are those of nobody else.
pub struct To(pub Arc<Server>);

impl Transport for To {
    fn exchange(&self, _: HttpRequest) -> Exchange {
        let server = Arc::clone(&self.0);
        Box::pin(async move {
            let (there, back) = server.ways.lock().unwrap().pop_front().unwrap_or((0, 0));
            tokio::time::sleep(ms(there)).await;
            server.arrivals.lock().unwrap().push(Instant::now());
            tokio::time::sleep(ms(back)).await;
            Ok(ok())
        })
    }

    fn budgets(&self) -> tollgate::Budgets {
        tollgate::Budgets::new()
    }
}
