//! Calls of every operation, made from the descriptor: sent to a mock of the same descriptor by the tests of the wire, and
//! through every sort of trouble by the tests of faults.

mod made;

pub use made::{Ended, Failed, Made, Shape, Success};

use crate::sample;
use serde::de::DeserializeOwned;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tollgate::{Call, Clock, Connection, Exchange, HttpRequest, Paged, Provider, Randomness, Splits, Transport};
use tollgate_descriptor::model::{Model, Operation, Payload};
use tollgate_mock::{Mock, Running};

/// The providers with a generated client: the name of the module, and the path of the descriptor.
macro_rules! providers {
    ($($provider:ident: $path:literal),* $(,)?) => {
        $(mod $provider;)*

        /// The providers by name, each with the path of its descriptor below the root of the repository.
        pub const PROVIDERS: &[(&str, &str)] = &[$((stringify!($provider), $path)),*];

        /// The calls of every operation of a provider.
        ///
        /// # Errors
        ///
        /// There is no such provider, or no connection can be made with these settings.
        pub fn calls(provider: &str, stage: &Stage<'_>) -> Result<Vec<Made>, Box<dyn std::error::Error>> {
            match provider {
                $(stringify!($provider) => {
                    let mut calls = Calls::new(stage)?;
                    $provider::add(&mut calls);
                    Ok(calls.made)
                })*
                _ => Err(format!("no calls of `{provider}` are generated").into()),
            }
        }
    };
}

providers! {
    acme: "descriptor/tests/good/acme.yaml",
    flex_forward: "providers/flex_forward.yaml",
    flexport: "providers/flexport.yaml",
    flxpoint: "providers/flxpoint.yaml",
}

/// What the calls of a provider are made for.
pub struct Stage<'s> {
    /// What the operations are.
    pub model: &'s Model,
    /// Where the calls go, unless there is a transport, and whose test tokens they show.
    pub mock: &'s Running,
    /// Whether each call has a token value of its own, and so a budget of its own.
    pub own_values: bool,
    /// The first value of a token: `channel-7`.
    pub first_value: u32,
    /// What is passed in; the defaults where it is nothing.
    pub transport: Option<Arc<dyn Transport>>,
    /// Where the time comes from.
    pub clock: Option<Arc<dyn Clock>>,
    /// Where jitter and keys come from.
    pub randomness: Option<Arc<dyn Randomness>>,
    /// How long an attempt may take, whatever the descriptor says.
    pub timeout: Option<Duration>,
    /// How long a wait may be, whatever the descriptor says.
    pub max_wait: Option<Duration>,
    /// With whom limits and tokens are shared.
    #[cfg(feature = "redis")]
    pub redis: Option<tollgate::Redis>,
}

impl<'s> Stage<'s> {
    /// A stage with nothing but the defaults, and a token value for each call.
    #[must_use]
    pub fn new(model: &'s Model, mock: &'s Running) -> Self {
        Self {
            model,
            mock,
            own_values: true,
            first_value: 1,
            transport: None,
            clock: None,
            randomness: None,
            timeout: None,
            max_wait: None,
            #[cfg(feature = "redis")]
            redis: None,
        }
    }
}

/// What was called, and how it ended.
#[derive(Debug)]
pub struct Outcome {
    /// Calls per operation.
    pub called: BTreeMap<String, usize>,
    /// The operations that the descriptor has.
    pub declared: Vec<String>,
    /// What failed, and why.
    pub failures: Vec<String>,
}

/// Calls every operation of a provider.
///
/// # Errors
///
/// The descriptor cannot be loaded or the mock not be started.
pub async fn run(provider: &str) -> Result<Outcome, Box<dyn std::error::Error>> {
    let known = PROVIDERS.iter().find(|(name, _)| *name == provider);
    let (_, path) = known.ok_or("no such provider")?;
    let model = Arc::new(crate::load(path)?);
    let mock = Mock::builder(Arc::clone(&model)).start().await?;
    let name = |(resource, operation): (&tollgate_descriptor::model::Resource, &Operation)| {
        format!("{}.{}", resource.name, operation.name)
    };
    let mut outcome = Outcome {
        called: BTreeMap::new(),
        declared: model.operations().map(name).collect(),
        failures: Vec::new(),
    };
    for call in calls(provider, &Stage::new(&model, &mock))? {
        let id = call.spec.id;
        *outcome.called.entry(id.to_owned()).or_default() += 1;
        let shape = if call.shapes.contains(&Shape::Items) {
            Shape::Items
        } else {
            Shape::One
        };
        match call.start(shape).await {
            Err(failed) => outcome.failures.push(format!("{id}: {}", failed.display)),
            Ok(Success { items, .. }) if shape == Shape::Items && items < made::ITEMS => {
                let most = made::ITEMS;
                outcome
                    .failures
                    .push(format!("{id}: {items} items, where the mock has more than {most}"));
            }
            Ok(_) => {}
        }
    }
    Ok(outcome)
}

/// Collects the calls of a provider; what generated modules fill.
pub(crate) struct Calls<'s, P: Provider> {
    stage: &'s Stage<'s>,
    connection: Connection<P>,
    value: u32,
    /// The secrets and the label of the token of the next call.
    secrets: std::cell::RefCell<(BTreeSet<String>, String)>,
    made: Vec<Made>,
}

/// What is behind a pointer stands in for the thing itself.
struct Behind<T: ?Sized>(Arc<T>);

impl Transport for Behind<dyn Transport> {
    fn exchange(&self, request: HttpRequest) -> Exchange {
        self.0.exchange(request)
    }
    fn budgets(&self) -> tollgate::Budgets {
        self.0.budgets()
    }
}

impl Clock for Behind<dyn Clock> {
    fn now(&self) -> std::time::Instant {
        self.0.now()
    }
    fn wall(&self) -> tollgate::Timestamp {
        self.0.wall()
    }
    fn sleep(&self, duration: Duration) -> tollgate::Sleep {
        self.0.sleep(duration)
    }
}

impl Randomness for Behind<dyn Randomness> {
    fn draw(&self) -> u64 {
        self.0.draw()
    }
}

impl<'s, P: Provider> Calls<'s, P> {
    fn new(stage: &'s Stage<'s>) -> Result<Self, Box<dyn std::error::Error>> {
        let mut builder = Connection::builder().base_url(stage.mock.base_url());
        for (name, url) in stage.mock.hosts() {
            builder = builder.host(&name, url);
        }
        for (name, url) in stage.mock.token_urls() {
            builder = builder.token_url(name, url);
        }
        if let Some(transport) = &stage.transport {
            builder = builder.transport(Behind(Arc::clone(transport)));
        }
        if let Some(clock) = &stage.clock {
            builder = builder.clock(Behind(Arc::clone(clock)));
        }
        if let Some(randomness) = &stage.randomness {
            builder = builder.randomness(Behind(Arc::clone(randomness)));
        }
        if let Some(timeout) = stage.timeout {
            // Of token requests, which are no call's own.
            builder = builder.timeout(timeout);
        }
        #[cfg(feature = "redis")]
        if let Some(redis) = &stage.redis {
            builder = builder.shared_limits(redis).token_store(redis.clone());
        }
        Ok(Self {
            stage,
            connection: builder.build()?,
            value: stage.first_value.saturating_sub(1),
            secrets: std::cell::RefCell::default(),
            made: Vec::new(),
        })
    }

    fn connection(&self) -> &Connection<P> {
        &self.connection
    }

    /// The token value of the next call: another one, where each has budgets of its own.
    fn next_value(&mut self) {
        if self.stage.own_values || self.value < self.stage.first_value {
            self.value += 1;
        }
    }

    fn secret(&self, token: &str, role: Option<&str>, field: &str) -> String {
        let value = self.stage.mock.token(token).and_then(|token| match role {
            Some(role) => token.with_role(role),
            None => Some(token),
        });
        let Some(token) = value.map(|token| token.number(self.value)) else {
            return String::new();
        };
        let text = token.field(field).unwrap_or_default();
        let mut fields = self.stage.model.tokens.iter().flat_map(|declared| {
            let fields = declared.fields.iter();
            fields.map(move |declared_field| (declared, declared_field))
        });
        let is_secret = fields.any(|(declared, declared_field)| {
            token.label().starts_with(&declared.name) && declared_field.name == field && declared_field.secret
        });
        let mut next = self.secrets.borrow_mut();
        next.1 = token.label();
        if is_secret {
            next.0.insert(text.clone());
        }
        text
    }

    fn operation(&self, id: &str) -> Option<&Operation> {
        let found = self
            .stage
            .model
            .operations()
            .find(|(resource, operation)| format!("{}.{}", resource.name, operation.name) == id);
        found.map(|(_, operation)| operation)
    }

    #[expect(
        clippy::panic,
        reason = "the sample and the type come from one descriptor; if they differ, the test has failed"
    )]
    fn read<T: DeserializeOwned>(what: &str, value: serde_json::Value) -> T {
        let shown = value.to_string();
        serde_json::from_value(value).unwrap_or_else(|error| panic!("{what} does not read {shown}: {error}"))
    }

    fn value<T: DeserializeOwned>(&self, id: &str, param: &str) -> T {
        let declared = self
            .operation(id)
            .and_then(|operation| operation.params.iter().find(|other| other.wire == param));
        let mut value = declared
            .map(|param| sample::plain(self.stage.model, &param.ty))
            .unwrap_or_default();
        if let (serde_json::Value::Array(items), Some(most)) = (&mut value, declared.and_then(|param| param.max_items))
        {
            items.truncate(most as usize);
        }
        Self::read(&format!("{id} {param}"), value)
    }

    fn optional<T: DeserializeOwned>(&self, id: &str, param: &str, full: bool) -> Option<T> {
        full.then(|| self.value(id, param))
    }

    fn body<T: DeserializeOwned>(&self, id: &str, full: bool) -> T {
        let value = match self.operation(id).and_then(|operation| operation.body.as_ref()) {
            Some(Payload::Typed(ty)) => sample::wire(self.stage.model, ty, full),
            _ => serde_json::Value::Null,
        };
        Self::read(&format!("{id} body"), value)
    }

    /// The call with the bounds of the stage.
    fn bounded<Op: tollgate::Operation>(&self, mut call: Call<Op>) -> Call<Op> {
        if let Some(timeout) = self.stage.timeout {
            call = call.timeout(timeout);
        }
        if let Some(max_wait) = self.stage.max_wait {
            call = call.max_wait(max_wait);
        }
        call
    }

    fn single<Op: tollgate::Operation<Output: std::fmt::Debug>>(&mut self, call: Call<Op>) {
        let (call, token) = (self.bounded(call), self.secrets.take());
        self.made.push(Made::single(call, token));
    }

    fn paged<Op: Paged<Item: std::fmt::Debug>>(&mut self, call: Call<Op>) {
        let (call, token) = (self.bounded(call), self.secrets.take());
        self.made.push(Made::paged(call, token));
    }

    fn batch<Op: Splits<Output: std::fmt::Debug>>(&mut self, call: Call<Op>) {
        let (call, token) = (self.bounded(call), self.secrets.take());
        self.made.push(Made::batch(call, token));
    }
}
