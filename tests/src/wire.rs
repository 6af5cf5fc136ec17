//! Calls of every operation, against the mock of the same descriptor.

mod acme;
mod flex_forward;
mod flexport;
mod flxpoint;

use crate::sample;
use futures_util::{Stream, StreamExt};
use serde::de::DeserializeOwned;
use std::{collections::BTreeMap, fmt, sync::Arc};
use tollgate::{Connection, Provider};
use tollgate_descriptor::model::{Model, Operation, Payload};
use tollgate_mock::{Mock, Running};

/// Items that are read of a list before its stream is dropped: two pages.
const ITEMS: usize = 13;

/// What was called, and how it ended.
pub struct Calls<P: Provider> {
    model: Arc<Model>,
    mock: Running,
    connection: Connection<P>,
    value: u32,
    called: BTreeMap<String, usize>,
    failures: Vec<String>,
}

/// How all calls of a provider ended.
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
    match provider {
        "acme" => {
            let mut calls = Calls::start("descriptor/tests/good/acme.yaml").await?;
            acme::run(&mut calls).await;
            Ok(calls.finish())
        }
        "flex_forward" => {
            let mut calls = Calls::start("providers/flex_forward.yaml").await?;
            flex_forward::run(&mut calls).await;
            Ok(calls.finish())
        }
        "flexport" => {
            let mut calls = Calls::start("providers/flexport.yaml").await?;
            flexport::run(&mut calls).await;
            Ok(calls.finish())
        }
        "flxpoint" => {
            let mut calls = Calls::start("providers/flxpoint.yaml").await?;
            flxpoint::run(&mut calls).await;
            Ok(calls.finish())
        }
        _ => Err(format!("no calls of `{provider}` are generated").into()),
    }
}

impl<P: Provider> Calls<P> {
    async fn start(path: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let model = Arc::new(crate::load(path)?);
        let mock = Mock::builder(Arc::clone(&model)).start().await?;
        let mut builder = Connection::builder().base_url(mock.base_url());
        for (name, url) in mock.hosts() {
            builder = builder.host(&name, url);
        }
        for (name, url) in mock.token_urls() {
            builder = builder.token_url(name, url);
        }
        let connection = builder.build()?;
        Ok(Self {
            model,
            mock,
            connection,
            value: 0,
            called: BTreeMap::new(),
            failures: Vec::new(),
        })
    }

    fn finish(self) -> Outcome {
        let name = |(resource, operation): (&tollgate_descriptor::model::Resource, &Operation)| {
            format!("{}.{}", resource.name, operation.name)
        };
        let declared = self.model.operations().map(name).collect();
        Outcome {
            called: self.called,
            declared,
            failures: self.failures,
        }
    }

    fn connection(&self) -> &Connection<P> {
        &self.connection
    }

    /// The next token value: each has budgets of its own, so that no call waits for another.
    fn next_value(&mut self) {
        self.value += 1;
    }

    fn secret(&self, token: &str, role: Option<&str>, field: &str) -> String {
        let value = self.mock.token(token).and_then(|token| match role {
            Some(role) => token.with_role(role),
            None => Some(token),
        });
        value
            .and_then(|token| token.number(self.value).field(field))
            .unwrap_or_default()
    }

    fn operation(&self, id: &str) -> Option<&Operation> {
        let found = self
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
            .map(|param| sample::plain(&self.model, &param.ty))
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
            Some(Payload::Typed(ty)) => sample::wire(&self.model, ty, full),
            _ => serde_json::Value::Null,
        };
        Self::read(&format!("{id} body"), value)
    }

    async fn sent<T, E: fmt::Display>(&mut self, id: &str, call: impl Future<Output = Result<T, E>>) {
        let ended = call.await.map(drop);
        self.note(id, ended);
    }

    async fn items<T, E: fmt::Display>(&mut self, id: &str, items: impl Stream<Item = Result<T, E>>) {
        let mut items = std::pin::pin!(items.take(ITEMS));
        let mut count = 0;
        let mut ended = Ok(());
        while let Some(item) = items.next().await {
            match item {
                Ok(_) => count += 1,
                Err(error) => ended = Err(error),
            }
        }
        if ended.is_ok() && count < ITEMS {
            self.failures
                .push(format!("{id}: {count} items, where the mock has more than {ITEMS}"));
        }
        self.note(id, ended);
    }

    fn note<E: fmt::Display>(&mut self, id: &str, ended: Result<(), E>) {
        *self.called.entry(id.to_owned()).or_default() += 1;
        if let Err(error) = ended {
            self.failures.push(format!("{id}: {error}"));
        }
    }
}
