//! How a mock is to behave, and its start.

mod running;

pub use self::running::Running;

use crate::auth::Keyring;
use crate::fault::{Script, ScriptedFault};
use crate::oauth::{self, Lifetimes};
use crate::report::Seen;
use crate::route::Router;
use crate::way::{Listener, Options, State, World};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fmt, io};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tollgate_descriptor::model::{Environment, Model};

/// The entrance: [`Mock::builder`].
#[derive(Debug)]
pub struct Mock;

impl Mock {
    /// A mock of a checked descriptor, with settings that suit a test.
    pub fn builder(model: impl Into<Arc<Model>>) -> Builder {
        Builder {
            model: model.into(),
            port: 0,
            environment: None,
            roles: Vec::new(),
            faults: Vec::new(),
            listener: None,
            options: Options {
                strict: true,
                seed: 0,
                latency: Duration::ZERO,
                jitter: Duration::ZERO,
                pace: 1.0,
                lifetimes: Lifetimes::default(),
                rate_limit_fields: false,
                items: 250,
                items_of: BTreeMap::new(),
            },
        }
    }
}

/// How a mock is to behave beyond its descriptor.
#[must_use]
pub struct Builder {
    model: Arc<Model>,
    port: u16,
    environment: Option<String>,
    roles: Vec<(String, Vec<String>)>,
    faults: Vec<ScriptedFault>,
    listener: Option<Listener>,
    options: Options,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let provider = &self.model.provider.id;
        f.debug_struct("Builder")
            .field("provider", provider)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// The port on loopback; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The environment whose paths and token prefixes count; the first unless said.
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// Decides all that is made up: the same seed, the same answers. 0 unless said.
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// How long a round trip takes. Half of it passes before the request is counted.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.options.latency = latency;
        self
    }

    /// How much longer a round trip may take; drawn for the way in and the way out, each up to half of it.
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.options.jitter = jitter;
        self
    }

    /// How many times faster time passes: limits, latencies, delays. A client whose clock is as fast is tested on minutes
    /// of waiting within seconds. 1 unless said; what is no pace is 1, too.
    pub fn pace(mut self, pace: f64) -> Self {
        self.options.pace = if pace.is_normal() && pace > 0.0 { pace } else { 1.0 };
        self
    }

    /// How long issued tokens last, in the time of the mock, instead of what the descriptor says; an hour where it says
    /// nothing.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.options.lifetimes.lifetime = Some(lifetime);
        self
    }

    /// Tells the budgets of a token in the fields `RateLimit` and `RateLimit-Policy` of the IETF's draft, where the
    /// descriptor does not say in its own words where they are told. What it does say is always told.
    pub fn rate_limit_fields(mut self) -> Self {
        self.options.rate_limit_fields = true;
        self
    }

    /// Issues tokens without saying when they end.
    pub fn token_lifetime_untold(mut self) -> Self {
        self.options.lifetimes.untold = true;
        self
    }

    /// How many items each paged operation has. 250 unless said.
    pub fn items(mut self, count: u64) -> Self {
        self.options.items = count;
        self
    }

    /// How many items one operation has, `orders.list`.
    pub fn items_of(mut self, operation: impl Into<String>, count: u64) -> Self {
        self.options.items_of.insert(operation.into(), count);
        self
    }

    /// Tolerates what the descriptor does not know: query parameters, fields of bodies, values of enums, tags.
    pub fn tolerant(mut self) -> Self {
        self.options.strict = false;
        self
    }

    /// A role of the application's own, with the names of its scopes.
    pub fn role(mut self, name: impl Into<String>, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.roles
            .push((name.into(), scopes.into_iter().map(Into::into).collect()));
        self
    }

    /// A failure for the next answers of an operation.
    pub fn fault(mut self, fault: ScriptedFault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Hears of every request when its answer is decided. What it hears holds no secret.
    pub fn on_request(mut self, listener: impl Fn(&Seen) + Send + Sync + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Begins to serve, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// A name that the descriptor does not know, or a port that is taken.
    pub async fn start(self) -> Result<Running, StartError> {
        let environment = self.environment_at()?;
        let roles = self.own_roles()?;
        let router = Router::new(&self.model, &self.model.environments[environment]);
        let named = self
            .faults
            .iter()
            .map(|fault| &fault.operation)
            .chain(self.options.items_of.keys());
        for operation in named.filter(|operation| *operation != "*") {
            known_operation(&self.model, &router, operation)?;
        }
        let listener = TcpListener::bind(("127.0.0.1", self.port))
            .await
            .map_err(StartError::Bind)?;
        let address = listener.local_addr().map_err(StartError::Bind)?;
        let mut script = Script::default();
        self.faults.into_iter().for_each(|fault| script.push(fault));
        let world = Arc::new(World {
            token_endpoints: oauth::endpoints(&self.model, router.prefix(None)),
            keyring: Keyring::new(Arc::clone(&self.model), environment, roles),
            model: self.model,
            router,
            state: Mutex::new(State::new(self.options.seed, script)),
            options: self.options,
            origin: format!("http://{address}"),
            listener: self.listener,
            began: Instant::now(),
        });
        Ok(Running::new(world, environment, listener, address))
    }

    fn environment_at(&self) -> Result<usize, StartError> {
        let Some(name) = &self.environment else {
            return Ok(0);
        };
        let is_named = |environment: &Environment| environment.name == *name;
        let known = || {
            self.model
                .environments
                .iter()
                .map(|environment| environment.name.clone())
                .collect()
        };
        self.model
            .environments
            .iter()
            .position(is_named)
            .ok_or_else(|| StartError::unknown("environment", name, known()))
    }

    fn own_roles(&self) -> Result<Vec<(String, Vec<tollgate_descriptor::model::ScopeId>)>, StartError> {
        let id = |name: &String| {
            let found = self.model.scope_ids().find(|id| self.model.scope(*id).name == *name);
            let known = || self.model.scopes.iter().map(|scope| scope.name.clone()).collect();
            found.ok_or_else(|| StartError::unknown("scope", name, known()))
        };
        let role = |(name, scopes): &(String, Vec<String>)| {
            let scopes: Result<Vec<_>, _> = scopes.iter().map(id).collect();
            Ok((name.clone(), scopes?))
        };
        self.roles.iter().map(role).collect()
    }
}

fn known_operation(model: &Model, router: &Router, operation: &str) -> Result<(), StartError> {
    let is_token_request = |id| oauth::operation(model, id) == operation && model.token(id).grant.is_some();
    let mut operations = router.endpoints.iter();
    if operations.any(|endpoint| endpoint.id == operation) || model.token_ids().any(is_token_request) {
        return Ok(());
    }
    let known = router.endpoints.iter().map(|endpoint| endpoint.id.clone()).collect();
    Err(StartError::unknown("operation", operation, known))
}

/// Why a mock does not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The port cannot be had.
    Bind(io::Error),
    /// The descriptor has no such operation, environment or scope.
    Unknown {
        /// `operation`
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
}

impl StartError {
    fn unknown(what: &'static str, name: &str, known: Vec<String>) -> Self {
        Self::Unknown {
            what,
            name: name.to_owned(),
            known,
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(error) => write!(f, "cannot listen on loopback: {error}"),
            Self::Unknown { what, name, known } => {
                write!(f, "the descriptor has no {what} `{name}`; it has {}", known.join(", "))
            }
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind(error) => Some(error),
            Self::Unknown { .. } => None,
        }
    }
}
