//! A provider by hand whose tokens are short-lived.

use super::*;
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};
use tollgate::{
    ClientAuth, Clock, ConnectionBuilder, Grant, GrantBody, GrantFrom, GrantKind, GrantParam, GrantResponse,
    GrantValue, SystemClock, Timestamp, TransportError,
};

pub struct Short;

impl Provider for Short {
    type Environment = Environment;
    type Variable = NoVariables;
    const SPEC: &'static ProviderSpec = &ProviderSpec {
        id: "short",
        title: "Short",
        environments: &[EnvironmentSpec {
            name: "production",
            base_url: "https://api.short.example/v1",
            hosts: &[],
        }],
        variables: &[],
        tokens: &[&MACHINE, &PERSON, &DELEGATE, &ELSEWHERE, &SESSION, &LIVE, &STORE],
    };
}

const fn field(name: &'static str) -> FieldSpec {
    FieldSpec {
        name,
        env: &[],
        optional: false,
    }
}

const BEARER: Scheme = Scheme::Placed(&[Placement {
    at: Carrier::Header,
    name: "authorization",
    value: "Bearer {token}",
}]);

const OAUTH: GrantResponse = GrantResponse {
    token: Place::body(&[Step::Name("access_token")]),
    expires_in: Some(Place {
        formats: &[TimeFormat::Seconds],
        ..Place::body(&[Step::Name("expires_in")])
    }),
    expires_at: None,
    refresh_token: Some(Place::body(&[Step::Name("refresh_token")])),
};

const CLIENT: &[FieldSpec] = &[field("client_id"), field("client_secret")];

pub static MACHINE: TokenSpec = TokenSpec {
    name: "machine",
    type_name: "Machine",
    scheme: BEARER,
    fields: CLIENT,
    grant: Some(&Grant {
        kind: GrantKind::ClientCredentials,
        from: GrantFrom::Url {
            url: "/oauth/token",
            client_auth: ClientAuth::Body,
            body: GrantBody::Json,
            params: &[("audience", "short")],
        },
        response: OAUTH,
        lifetime: None,
        limits: &[&Limit {
            name: "token_endpoint",
            limit: 10,
            window: Duration::from_hours(24),
            per: &[Per::Token],
            ..Limit::DEFAULT
        }],
        persist: true,
    }),
    ..TokenSpec::DEFAULT
};

static PERSON: TokenSpec = TokenSpec {
    name: "person",
    type_name: "Person",
    scheme: BEARER,
    fields: &[field("user"), field("password")],
    grant: Some(&Grant {
        kind: GrantKind::Exchange,
        from: GrantFrom::Url {
            url: "/login",
            client_auth: ClientAuth::None,
            body: GrantBody::Form,
            params: &[("login", "{user}"), ("password", "{password}")],
        },
        response: GrantResponse {
            token: Place::body(&[Step::Name("session")]),
            expires_in: None,
            expires_at: Some(Place {
                formats: &[TimeFormat::Rfc3339, TimeFormat::Unix, TimeFormat::HttpDate],
                ..Place::body(&[Step::Name("until")])
            }),
            refresh_token: None,
        },
        lifetime: Some(Duration::from_mins(10)),
        limits: &[],
        persist: false,
    }),
    ..TokenSpec::DEFAULT
};

static DELEGATE: TokenSpec = TokenSpec {
    name: "delegate",
    type_name: "Delegate",
    scheme: BEARER,
    fields: &[field("client_id"), field("client_secret"), field("refresh_token")],
    grant: Some(&Grant {
        kind: GrantKind::RefreshToken,
        from: GrantFrom::Url {
            url: "/oauth/refresh",
            client_auth: ClientAuth::Basic,
            body: GrantBody::Form,
            params: &[],
        },
        response: OAUTH,
        lifetime: None,
        limits: &[],
        persist: true,
    }),
    ..TokenSpec::DEFAULT
};

static ELSEWHERE: TokenSpec = TokenSpec {
    name: "elsewhere",
    type_name: "Elsewhere",
    scheme: BEARER,
    fields: CLIENT,
    grant: Some(&Grant {
        kind: GrantKind::ClientCredentials,
        from: GrantFrom::Url {
            url: "https://login.short.example/token",
            client_auth: ClientAuth::Basic,
            body: GrantBody::Form,
            params: &[],
        },
        response: OAUTH,
        lifetime: None,
        limits: &[],
        persist: false,
    }),
    ..TokenSpec::DEFAULT
};

pub static OPEN: Spec = Spec {
    id: "sessions.open",
    method: tollgate::Method::Post,
    path: "/customers/{customer}/sessions",
    holders: &["Machine"],
    ..GET
};

static SESSION: TokenSpec = TokenSpec {
    name: "session",
    type_name: "Session",
    scheme: BEARER,
    fields: &[field("customer")],
    grant: Some(&Grant {
        kind: GrantKind::Exchange,
        from: GrantFrom::Call {
            operation: &OPEN,
            with: &[&MACHINE],
            params: &[
                (GrantValue::Field("customer"), GrantParam::Path("customer")),
                (GrantValue::Constant("web"), GrantParam::Query("via")),
            ],
        },
        response: GrantResponse {
            expires_in: None,
            refresh_token: None,
            ..OAUTH
        },
        lifetime: None,
        limits: &[],
        persist: false,
    }),
    ..TokenSpec::DEFAULT
};

static LIVE: TokenSpec = TokenSpec {
    name: "live",
    type_name: "Live",
    scheme: BEARER,
    fields: &[field("token")],
    prefix: &[Some("live_")],
    ..TokenSpec::DEFAULT
};

static STORE: TokenSpec = TokenSpec {
    name: "store",
    type_name: "Store",
    prefix: &[],
    pattern: Some("store_[0-9]+"),
    ..LIVE
};

impl Live {
    pub fn new(value: &str) -> Self {
        Self(TokenValue::new(&LIVE, [Some(value.into())]))
    }
}

macro_rules! short {
    ($($Name:ident: $spec:ident;)*) => {$(
        #[derive(Clone, Debug)]
        pub struct $Name(pub TokenValue);
        impl Credential for $Name {
            const SPEC: &'static TokenSpec = &$spec;
            fn value(&self) -> &TokenValue {
                &self.0
            }
        }
    )*};
}

short! {
    Machine: MACHINE;
    Person: PERSON;
    Delegate: DELEGATE;
    Elsewhere: ELSEWHERE;
    Session: SESSION;
    Live: LIVE;
    Store: STORE;
}

pub const ID: &str = "cl13nt-id-of-machine";
pub const KEY: &str = "fake+s3cret/of \"machine\"";

impl Machine {
    pub fn new() -> Self {
        Self(TokenValue::new(&MACHINE, [Some(ID.into()), Some(KEY.into())]))
    }
}

impl Elsewhere {
    pub fn new() -> Self {
        Self(TokenValue::new(&ELSEWHERE, [Some(ID.into()), Some(KEY.into())]))
    }
}

impl Person {
    pub fn new() -> Self {
        Self(TokenValue::new(
            &PERSON,
            [Some("ann@short.example".into()), Some(KEY.into())],
        ))
    }
}

pub const REFRESH: &str = "first-fake-refresh-token";

impl Delegate {
    pub fn new() -> Self {
        let fields = [Some(ID.into()), Some(KEY.into()), Some(REFRESH.into())];
        Self(TokenValue::new(&DELEGATE, fields))
    }
}

impl Session {
    pub fn new(machine: &Machine, customer: &str) -> Self {
        Self(TokenValue::new(&SESSION, [Some(customer.into())]).got_with(&machine.0))
    }
}

/// A provider behind a script: what it gives, takes, and has seen.
#[derive(Clone, Default)]
pub struct Desk(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// How many tokens were given, which is also the number of the last.
    given: AtomicU64,
    state: Mutex<Answers>,
}

pub type Respond = Arc<dyn Fn(&HttpRequest, u64) -> (Duration, Result<HttpReply, TransportError>) + Send + Sync>;

#[derive(Default)]
struct Answers {
    /// Answers of token endpoints, before those that give a token.
    next: VecDeque<(Duration, Result<HttpReply, TransportError>)>,
    expires_in: Option<u64>,
    /// Tokens up to this one are refused.
    refused: u64,
    refuse_all: bool,
    delay: Duration,
}

impl Desk {
    pub fn new() -> Self {
        let desk = Self::default();
        desk.0.state.lock().unwrap().expires_in = Some(3600);
        desk
    }

    pub fn expires_in(self, seconds: Option<u64>) -> Self {
        self.0.state.lock().unwrap().expires_in = seconds;
        self
    }

    /// How long each answer of a token endpoint takes.
    pub fn delay(self, delay: Duration) -> Self {
        self.0.state.lock().unwrap().delay = delay;
        self
    }

    /// The next answer of a token endpoint.
    pub fn then(&self, answer: Result<HttpReply, TransportError>) {
        self.0.state.lock().unwrap().next.push_back((Duration::ZERO, answer));
    }

    /// Refuses all tokens that were given so far.
    pub fn revoke(&self) {
        self.0.state.lock().unwrap().refused = self.given();
    }

    /// Refuses whatever is shown.
    pub fn refuse_all(&self, refuse: bool) {
        self.0.state.lock().unwrap().refuse_all = refuse;
    }

    pub fn given(&self) -> u64 {
        self.0.given.load(Ordering::SeqCst)
    }

    pub fn script(&self) -> ScriptedTransport {
        let desk = self.clone();
        ScriptedTransport::answering(move |request| desk.answer(request))
    }

    fn answer(&self, request: &HttpRequest) -> (Duration, Result<HttpReply, TransportError>) {
        let mut state = self.0.state.lock().unwrap();
        if is_token_request(request) || request.path().ends_with("/sessions") {
            if let Some((delay, answer)) = state.next.pop_front() {
                return (delay.max(state.delay), answer);
            }
            let number = self.0.given.fetch_add(1, Ordering::SeqCst) + 1;
            let mut body =
                json!({ "access_token": format!("granted-{number}"), "session": format!("granted-{number}") });
            if let Some(seconds) = state.expires_in {
                body["expires_in"] = json!(seconds);
            }
            return (state.delay, Ok(HttpReply::new(200).json(&body)));
        }
        let shown = request.header("authorization").unwrap_or_default();
        let number = shown.rsplit('-').next().and_then(|number| number.parse::<u64>().ok());
        let is_good = !state.refuse_all && number.is_some_and(|number| number > state.refused);
        let reply = if is_good {
            ok()
        } else {
            HttpReply::new(401).json(&json!({ "error": "no" }))
        };
        (Duration::ZERO, Ok(reply))
    }
}

pub fn is_token_request(request: &HttpRequest) -> bool {
    request.path().contains("/oauth/") || request.path().contains("/login") || request.path() == "/token"
}

/// The token requests of a script.
pub fn token_requests(script: &ScriptedTransport) -> Vec<HttpRequest> {
    script.requests().into_iter().filter(is_token_request).collect()
}

/// The tokens that were shown, in order.
pub fn shown(script: &ScriptedTransport) -> Vec<String> {
    let requests = script
        .requests()
        .into_iter()
        .filter(|request| !is_token_request(request));
    let shown = requests.map(|request| request.header("authorization").unwrap_or_default().to_owned());
    shown.map(|shown| shown.replace("Bearer ", "")).collect()
}

/// Half of the range, always: jitter is neither least nor most.
pub struct Halves;

impl Randomness for Halves {
    fn draw(&self) -> u64 {
        1 << 63
    }
}

/// The paused clock of tokio, with a time of day that goes along.
#[derive(Clone)]
pub struct Paused {
    began: Instant,
    wall: Timestamp,
}

impl Paused {
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            wall: "2026-11-21T12:00:00Z".parse().unwrap(),
        }
    }
}

impl Clock for Paused {
    fn now(&self) -> std::time::Instant {
        SystemClock.now()
    }
    fn wall(&self) -> Timestamp {
        let passed = self.began.elapsed();
        self.wall + tollgate_duration(passed)
    }
    fn sleep(&self, duration: Duration) -> tollgate::Sleep {
        SystemClock.sleep(duration)
    }
}

fn tollgate_duration(duration: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(duration).unwrap()
}

pub fn short(script: &ScriptedTransport) -> ConnectionBuilder<Short> {
    let builder = Connection::<Short>::builder().transport(script.clone());
    builder.randomness(Halves).clock(Paused::new())
}
