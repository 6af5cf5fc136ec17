//! How a connection is made.

use super::connection::{Connection, Link};
use crate::{
    Clock, ConnectionError, Drift, Named, Provider, Randomness, Signer, SystemClock, SystemRandomness, TokenStore,
    Transport,
    address::{Address, Wishes},
    auth::sign::Signers,
    drift::Collector,
    limit::Fingerprint,
    retry::RetryBudget,
};
use std::{
    fmt,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How long an attempt may take where nobody says.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Makes a [`Connection`].
#[must_use = "a builder does nothing until it builds"]
pub struct ConnectionBuilder<P: Provider> {
    environment: P::Environment,
    wishes: Wishes,
    transport: Option<Box<dyn Transport>>,
    clock: Arc<dyn Clock>,
    randomness: Box<dyn Randomness>,
    signers: Vec<(String, Arc<dyn Signer>)>,
    timeout: Duration,
    user_agent: String,
    drift: Drift,
    #[cfg(feature = "redis")]
    redis: Option<crate::Redis>,
    store: Option<Arc<dyn TokenStore>>,
}

impl<P: Provider> ConnectionBuilder<P> {
    pub(super) fn new() -> Self {
        Self {
            environment: P::Environment::default(),
            wishes: Wishes::default(),
            transport: None,
            clock: Arc::new(SystemClock),
            randomness: Box::new(SystemRandomness),
            signers: Vec::new(),
            timeout: TIMEOUT,
            drift: Drift::default(),
            user_agent: format!("tollgate/{} ({})", env!("CARGO_PKG_VERSION"), P::SPEC.id),
            #[cfg(feature = "redis")]
            redis: None,
            store: None,
        }
    }

    /// Where the provider runs.
    pub fn environment(mut self, environment: P::Environment) -> Self {
        self.environment = environment;
        self
    }

    /// What a hole of a URL or header is filled with, instead of its environment variable.
    pub fn variable(mut self, variable: P::Variable, value: impl Into<String>) -> Self {
        self.wishes.variables.push((variable.index(), value.into()));
        self
    }

    /// Another base URL than the environment's: a mock, a proxy. Plain http is for loopback addresses only.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.wishes.base_url = Some(url.into());
        self
    }

    /// Another URL of one of the environment's further hosts.
    pub fn host(mut self, name: impl Into<String>, url: impl Into<String>) -> Self {
        self.wishes.hosts.push((name.into(), url.into()));
        self
    }

    /// Another URL where the tokens of this type are asked for, by the name of the type in the descriptor: a mock, a proxy.
    pub fn token_url(mut self, token: impl Into<String>, url: impl Into<String>) -> Self {
        self.wishes.token_urls.push((token.into(), url.into()));
        self
    }

    /// Where short-lived tokens are kept beyond the process, those of grants that say `persist`.
    ///
    /// Without it they are kept in the memory of the process, as the others are.
    pub fn token_store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// How requests get there, instead of over the network.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Box::new(transport));
        self
    }

    /// How long the body of an answer may be, instead of 64 MiB. For the transport that comes along; one that is given by
    /// [`transport`](Self::transport) has its own say.
    #[cfg(feature = "hyper")]
    pub fn max_body(self, bytes: usize) -> Self {
        self.transport(crate::HyperTransport::new().max_body(bytes))
    }

    /// Where the time comes from.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where jitter and idempotency keys come from.
    pub fn randomness(mut self, randomness: impl Randomness) -> Self {
        self.randomness = Box::new(randomness);
        self
    }

    /// What signs by a name of the descriptor: `{ signer: notary, … }`. Under the name of a built-in signer it stands in
    /// its place, so that a key can stay where it is kept safe.
    pub fn signer(mut self, name: impl Into<String>, signer: impl Signer) -> Self {
        self.signers.push((name.into(), Arc::new(signer)));
        self
    }

    /// How long an attempt may take where the descriptor does not say, instead of half a minute.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How the client introduces itself.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// What is done about answers that hold what the descriptor does not know, instead of counting it.
    pub fn drift(mut self, drift: Drift) -> Self {
        self.drift = drift;
        self
    }

    /// Makes an error of every answer that holds what the descriptor does not know: for tests.
    pub fn strict(self) -> Self {
        self.drift(Drift::Refuse)
    }

    /// Keeps the limits together with all processes that use the same server and key.
    ///
    /// Budgets that are one per connection are then one for all of these processes.
    #[cfg(feature = "redis")]
    pub fn shared_limits(mut self, redis: &crate::Redis) -> Self {
        self.redis = Some(redis.clone());
        self
    }

    /// The connection. Nothing is sent.
    pub fn build(self) -> Result<Connection<P>, ConnectionError> {
        let index = self.environment.index();
        let environment = &P::SPEC.environments[index];
        if self.user_agent.bytes().any(|byte| byte.is_ascii_control()) {
            return Err(ConnectionError::new(
                "the user agent holds a control character; help: give one without line breaks".to_owned(),
            ));
        }
        let address = Address::new(P::SPEC, environment, &self.wishes)?;
        let transport = self.transport.map_or_else(default_transport, Ok)?;
        Ok(Connection {
            link: Arc::new(Link {
                provider: P::SPEC,
                place: Fingerprint::of_place(P::SPEC.id, address.base.as_str()),
                address,
                budgets: transport.budgets(),
                tokens: transport.tokens(),
                store: self.store,
                transport,
                #[cfg(feature = "redis")]
                redis: self.redis,
                clock: self.clock,
                randomness: self.randomness,
                retries: RetryBudget::new(),
                drift: Collector::new(self.drift),
                signers: Signers::new(self.signers),
                user_agent: self.user_agent,
                environment: index,
                timeout: self.timeout,
                id: next_id(),
            }),
            provider: PhantomData,
        })
    }
}

impl<P: Provider> fmt::Debug for ConnectionBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionBuilder")
            .field("provider", &P::SPEC.id)
            .finish_non_exhaustive()
    }
}

fn next_id() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

#[cfg(feature = "hyper")]
#[expect(clippy::unnecessary_wraps, reason = "without hyper there may be no transport")]
fn default_transport() -> Result<Box<dyn Transport>, ConnectionError> {
    Ok(Box::new(crate::HyperTransport::new()))
}

#[cfg(not(feature = "hyper"))]
fn default_transport() -> Result<Box<dyn Transport>, ConnectionError> {
    Err(ConnectionError::new(
        "there is no transport; help: give one with `.transport(…)`, or enable the feature `hyper`".to_owned(),
    ))
}
