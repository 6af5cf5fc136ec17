//! The server itself: a socket on loopback, and a handle on it.

use crate::arrival::Arrival;
use crate::auth::{Keyring, TestToken};
use crate::fault::{Script, ScriptedFault};
use crate::oauth::{self, Lifetimes};
use crate::report::{Report, Seen};
use crate::route::Router;
use crate::way::{Ending, Listener, Options, State, World};
use crate::wire::Wire;
use bytes::Bytes;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fmt, io};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tollgate_descriptor::model::{Environment, Model};

/// How long open requests may take when the server stops.
const GRACE: Duration = Duration::from_secs(2);

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
        let (orders, given) = mpsc::unbounded_channel();
        let task = tokio::spawn(accept(listener, Arc::clone(&world), given));
        Ok(Running {
            world,
            environment,
            address,
            orders: Some(orders),
            task: Some(task),
        })
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

/// A mock that serves. Dropping it stops it at once.
#[derive(Debug)]
pub struct Running {
    world: Arc<World>,
    environment: usize,
    address: SocketAddr,
    orders: Option<mpsc::UnboundedSender<Order>>,
    task: Option<JoinHandle<()>>,
}

/// What a handle tells its server.
#[derive(Debug)]
enum Order {
    /// Dropped once everything is closed.
    GoDown(oneshot::Sender<()>),
    ComeBack(TcpListener),
}

impl Running {
    /// What stands for the base URL of the environment, its path included: `http://127.0.0.1:4010/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}{}", self.world.origin, self.world.router.prefix(None))
    }

    /// What stands for an extra host of the environment: `http://127.0.0.1:4010/@host/files`.
    #[must_use]
    pub fn host_url(&self, name: &str) -> Option<String> {
        self.hosts()
            .into_iter()
            .find(|(host, _)| host == name)
            .map(|(_, url)| url)
    }

    /// Every extra host with what stands for it.
    #[must_use]
    pub fn hosts(&self) -> Vec<(String, String)> {
        let hosts = self.world.model.environments[self.environment].hosts.iter().enumerate();
        hosts
            .map(|(at, (name, _))| {
                (
                    name.clone(),
                    format!("{}{}", self.world.origin, self.world.router.prefix(Some(at))),
                )
            })
            .collect()
    }

    /// What stands for the token endpoints that are not below the base URL, by token type.
    #[must_use]
    pub fn token_urls(&self) -> Vec<(String, String)> {
        oauth::urls(&self.world.model, &self.world.origin, self.world.router.prefix(None))
    }

    /// Revokes a token by its label, `channel-2`. Of a short-lived one all that were issued are forgotten, and the next is
    /// good again; any other is not known any more.
    pub fn revoke(&self, label: &str) {
        let tokens = self.world.model.tokens.iter().filter(|token| token.grant.is_some());
        let names = tokens.map(|token| token.name.as_str());
        let is_issued = names.into_iter().any(|name| {
            let rest = label.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        });
        let mut state = self.world.state();
        if is_issued {
            state.issued.revoke(label);
        } else {
            state.revoked.insert(label.to_owned());
        }
    }

    /// Takes the credentials of a short-lived token no more, by its label, `machine-2`: token requests are refused.
    pub fn refuse_credentials(&self, label: &str) {
        self.world.state().issued.refuse(label);
    }

    /// The test token of a token type, `None` where the descriptor has no such type.
    #[must_use]
    pub fn token(&self, name: &str) -> Option<TestToken> {
        self.world.keyring.token(name)
    }

    /// The test tokens of all token types, in the descriptor's order.
    #[must_use]
    pub fn tokens(&self) -> Vec<TestToken> {
        self.world
            .model
            .tokens
            .iter()
            .filter_map(|token| self.token(&token.name))
            .collect()
    }

    /// A failure for the next answers of an operation.
    ///
    /// # Errors
    ///
    /// The descriptor has no such operation.
    pub fn fault(&self, fault: ScriptedFault) -> Result<(), StartError> {
        if fault.operation != "*" {
            known_operation(&self.world.model, &self.world.router, &fault.operation)?;
        }
        self.world.state().script.push(fault);
        Ok(())
    }

    /// Forgets the failures that are still to come, and says how many answers they would have spoiled.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn clear_faults(&self) -> u32 {
        self.world.state().script.clear()
    }

    /// Goes down: open connections are cut, and new ones are refused, until [`come_back`](Self::come_back).
    pub async fn go_down(&self) {
        let (done, closed) = oneshot::channel();
        if let Some(orders) = &self.orders
            && orders.send(Order::GoDown(done)).is_ok()
        {
            // The other side is dropped when all is closed; nothing is ever sent.
            let _ = closed.await;
        }
    }

    /// Listens again, where it did before.
    ///
    /// # Errors
    ///
    /// Another program has taken the port in the meantime.
    pub async fn come_back(&self) -> Result<(), StartError> {
        let listener = TcpListener::bind(self.address).await.map_err(StartError::Bind)?;
        if let Some(orders) = &self.orders {
            // Without a server there is nothing that could come back.
            let _ = orders.send(Order::ComeBack(listener));
        }
        Ok(())
    }

    /// What happened so far.
    #[must_use]
    pub fn report(&self) -> Report {
        self.world.report()
    }

    /// Lets open requests end, for two seconds at most, and stops.
    pub async fn shutdown(mut self) -> Report {
        drop(self.orders.take());
        if let Some(task) = self.task.take() {
            // It is neither aborted nor does it panic.
            let _ = task.await;
        }
        self.world.report()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn accept(listener: TcpListener, world: Arc<World>, mut orders: mpsc::UnboundedReceiver<Order>) {
    let (stop, stopped) = watch::channel(());
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                // The handle is gone: the server stops.
                None => break,
                Some(Order::GoDown(done)) => {
                    listener = None;
                    connections.shutdown().await;
                    drop(done);
                }
                Some(Order::ComeBack(again)) => listener = Some(again),
            },
            accepted = next(listener.as_ref()) => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&world), stopped.clone()));
                }
                // As a rule too many open files: better later than never.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop((listener, stop));
    let _ = tokio::time::timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
}

async fn next(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

async fn connection(stream: TcpStream, world: Arc<World>, mut stopped: watch::Receiver<()>) {
    // Answers are small, and waiting to fill a packet would blur the times that tests look at.
    let _ = stream.set_nodelay(true);
    let stream = Arc::new(stream);
    let wire = TokioIo::new(Wire(Arc::clone(&stream)));
    let service = service_fn(move |request| answer(Arc::clone(&world), Arc::clone(&stream), request));
    let mut connection = std::pin::pin!(http1::Builder::new().serve_connection(wire, service));
    tokio::select! {
        // A connection that was cut, by either side, is no news.
        _ = connection.as_mut() => return,
        // An error means that the sender is gone: the server stops.
        _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// The connection ends without an answer.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut")
    }
}

impl std::error::Error for Cut {}

async fn answer(
    world: Arc<World>,
    stream: Arc<TcpStream>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Cut> {
    let method = request.method().as_str().to_owned();
    let arrival = Arrival::read(request).await.map_err(|_| Cut)?;
    match world.answer(arrival).await {
        Ending::Reply(reply) => Ok(reply.into_response(&method)),
        Ending::Spoiled(reply, spoil) => {
            let has_body = reply.has_body(&method);
            // The caller may be gone; then there is nobody to spoil it for.
            let _ = spoil.write(&stream, &reply, has_body, world.options.pace).await;
            Err(Cut)
        }
        Ending::Lost => Err(Cut),
        Ending::Reset => {
            let _ = stream.set_zero_linger();
            Err(Cut)
        }
    }
}
