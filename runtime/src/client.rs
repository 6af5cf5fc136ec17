//! Connections, sessions and clients.

use crate::{
    Budgets, Call, Clock, ConnectionError, Credential, Drift, DriftReport, Grant, Named, Operation, PermittedBy,
    ProcessStore, Provider, ProviderSpec, Randomness, Settings, Signer, SystemClock, SystemRandomness, TokenSpec,
    TokenStore, TokenValue, Transport, WithinScopesOf,
    address::{Address, Wishes},
    auth::{grant::Granted, redact, sign::Signers},
    drift::Collector,
    limit::{BudgetKey, Fingerprint, Owner, budgets_of},
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

/// What all clients of one provider share: where it is, how to get there, and what is known of its limits.
///
/// Clones are the same connection. Budgets of tokens are shared wider, by all connections of the process that reach the
/// same provider at the same base URL.
pub struct Connection<P: Provider> {
    link: Arc<Link>,
    provider: PhantomData<fn() -> P>,
}

/// A connection that does not know its provider's type.
pub(crate) struct Link {
    pub(crate) provider: &'static ProviderSpec,
    pub(crate) address: Address,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Box<dyn Randomness>,
    pub(crate) budgets: Budgets,
    #[cfg(feature = "redis")]
    pub(crate) redis: Option<crate::Redis>,
    /// The tokens of the process.
    pub(crate) tokens: ProcessStore,
    /// Where tokens are kept beyond it.
    pub(crate) store: Option<Arc<dyn TokenStore>>,
    pub(crate) retries: RetryBudget,
    pub(crate) drift: Collector,
    pub(crate) signers: Signers,
    pub(crate) user_agent: String,
    environment: usize,
    timeout: Duration,
    /// What budgets of the provider have in common.
    place: Fingerprint,
    id: u64,
}

impl Link {
    pub(crate) fn timeout(&self, settings: &Settings) -> Duration {
        settings.timeout.unwrap_or(self.timeout)
    }

    /// For one token request.
    pub(crate) fn default_timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn host(&self, settings: &Settings) -> &url::Url {
        let host = settings.host.and_then(|host| self.address.hosts.get(host));
        host.unwrap_or(&self.address.base)
    }
}

impl<P: Provider> Connection<P> {
    /// A connection to the default environment, with variables from the process's environment.
    pub fn new() -> Result<Self, ConnectionError> {
        Self::builder().build()
    }

    /// A connection with something other than the defaults.
    pub fn builder() -> ConnectionBuilder<P> {
        ConnectionBuilder::new()
    }

    /// What answers held so far that the descriptor does not know.
    pub fn drift(&self) -> DriftReport {
        self.link.drift.report()
    }
}

impl<P: Provider> Clone for Connection<P> {
    fn clone(&self) -> Self {
        Self {
            link: Arc::clone(&self.link),
            provider: PhantomData,
        }
    }
}

impl<P: Provider> fmt::Debug for Connection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("provider", &self.link.provider.id)
            .field("base_url", &self.link.address.base.as_str())
            .finish_non_exhaustive()
    }
}

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
    fn new() -> Self {
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

/// The half of a client that knows no types: what a call needs once it is permitted. One `Arc`.
#[derive(Clone)]
pub(crate) struct Session(Arc<Shown>);

struct Shown {
    link: Arc<Link>,
    token: TokenValue,
    spec: &'static TokenSpec,
    fingerprint: Fingerprint,
    granted: Option<Granted>,
}

impl Session {
    pub(crate) fn new<P: Provider, T: Credential>(connection: &Connection<P>, token: &T) -> Self {
        let link = Arc::clone(&connection.link);
        let token = token.value().clone();
        token.check_format(link.environment);
        Self::shown(link, token, T::SPEC)
    }

    /// A session with a token of its own type.
    pub(crate) fn of(link: Arc<Link>, token: TokenValue) -> Self {
        let spec = token.spec();
        Self::shown(link, token, spec)
    }

    fn shown(link: Arc<Link>, token: TokenValue, spec: &'static TokenSpec) -> Self {
        let granted = spec.grant.map(|grant| Granted::new(&link, grant, &token));
        Self(Arc::new(Shown {
            fingerprint: Fingerprint::of_token(&token),
            spec,
            link,
            token,
            granted,
        }))
    }

    pub(crate) fn link(&self) -> &Link {
        &self.0.link
    }

    pub(crate) fn token(&self) -> &TokenValue {
        &self.0.token
    }

    pub(crate) fn token_spec(&self) -> &'static TokenSpec {
        self.0.spec
    }

    pub(crate) fn token_type(&self) -> &'static str {
        self.0.spec.type_name
    }

    /// How it comes by its token, where that is short-lived.
    pub(crate) fn granted(&self) -> Option<&Granted> {
        self.0.granted.as_ref()
    }

    /// The token types whose values look like this one, which does not look like one of its own.
    pub(crate) fn looks_like(&self) -> Vec<&'static str> {
        let (link, value) = (self.link(), &self.0.token);
        let is_own = value.looks_like(self.0.spec, link.environment);
        if self.0.granted.is_some() || is_own == Some(true) {
            return Vec::new();
        }
        let given = |spec: &&&'static TokenSpec| spec.grant.is_none() && spec.name != self.0.spec.name;
        let others = link.provider.tokens.iter().filter(given);
        let alike = others.filter(|spec| value.looks_like(spec, link.environment) == Some(true));
        alike.map(|spec| spec.type_name).collect()
    }

    /// The budgets of token requests. They are those of the credentials.
    pub(crate) fn token_budgets(&self, grant: &'static Grant) -> Arc<[BudgetKey]> {
        let owner = self.owner(true, "", &[]);
        let keys = budgets_of(grant.limits, 1, &owner);
        // A token endpoint that refuses closes its own budgets, and none of the calls that have a token already.
        keys.iter().map(|key| BudgetKey { gate: None, ..*key }).collect()
    }

    /// The budgets of a call.
    pub(crate) fn budgets(
        &self,
        spec: &'static crate::Spec,
        shows_token: bool,
        params: &[(&'static str, String)],
    ) -> Arc<[BudgetKey]> {
        let owner = self.owner(shows_token, spec.id, params);
        budgets_of(spec.settings.limits, spec.cost, &owner)
    }

    /// The budgets of a call that machines share, if they do.
    #[cfg(feature = "redis")]
    pub(crate) fn shared_budgets(
        &self,
        keys: &[BudgetKey],
        spec: &'static crate::Spec,
        shows_token: bool,
        params: &[(&'static str, String)],
    ) -> Option<crate::limit::shared::Group> {
        let link = self.link();
        let redis = link.redis.as_ref().filter(|_| !keys.is_empty())?;
        let owner = crate::limit::shared::SharedOwner {
            provider: link.provider.id,
            base_url: link.address.base.as_str(),
            token: shows_token.then_some(&self.0.token),
            operation: spec.id,
            params,
            cost: spec.cost,
        };
        Some(redis.group(keys, &owner))
    }

    fn owner<'a>(
        &'a self,
        shows_token: bool,
        operation: &'static str,
        params: &'a [(&'static str, String)],
    ) -> Owner<'a> {
        let link = self.link();
        Owner {
            place: link.place,
            connection: link.id,
            token: shows_token.then_some((self.0.fingerprint, self.0.spec.name)),
            operation,
            params,
        }
    }

    /// A text of the provider's, without the token and what it is got with.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.redact_also(text, &[])
    }

    /// A text of the provider's, without these secrets either.
    pub(crate) fn redact_also(&self, text: &str, secrets: &[crate::Secret]) -> String {
        let (mut values, mut others) = (Vec::new(), secrets.to_vec());
        let mut session = Some(self);
        while let Some(shown) = session {
            values.push(&shown.0.token);
            others.extend(shown.granted().into_iter().flat_map(Granted::secrets));
            session = shown.granted().and_then(Granted::source);
        }
        redact::redact(text, &values, &others)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("provider", &self.link().provider.id)
            .field("token", &self.token_type())
            .finish()
    }
}

/// A connection that shows a token of type `T`. Cheap to clone, `Send` and `Sync` whatever `T` is.
pub struct Client<T> {
    session: Session,
    token: PhantomData<fn() -> T>,
}

impl<T: Credential> Client<T> {
    /// A client that shows `token`. Generated clients call this, once they know that the token is of their provider.
    #[doc(hidden)]
    #[expect(clippy::needless_pass_by_value, reason = "a token belongs to its client")]
    pub fn new<P: Provider>(connection: &Connection<P>, token: T) -> Self {
        Self::from_session(Session::new(connection, &token))
    }
}

impl<T> Client<T> {
    pub(crate) fn from_session(session: Session) -> Self {
        Self {
            session,
            token: PhantomData,
        }
    }

    /// Makes a call of an operation, if `T` permits it. Nothing is sent yet.
    pub fn call<Op: Operation + PermittedBy<T>>(&self, operation: Op) -> Call<Op> {
        Call::new(self.session.clone(), operation)
    }

    /// The same client with no more scopes than `U` has.
    #[must_use]
    pub fn narrow<U: WithinScopesOf<T>>(&self) -> Client<U> {
        Client::from_session(self.session.clone())
    }
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self::from_session(self.session.clone())
    }
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("provider", &self.session.link().provider.id)
            .field("token", &self.session.token_type())
            .finish()
    }
}
