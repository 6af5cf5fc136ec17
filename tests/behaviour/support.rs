//! Mocks, scripts and processes for the tests.

use std::{
    collections::{BTreeMap, VecDeque},
    process::Command,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;
use tollgate::{
    Call, Connection, ConnectionBuilder, HttpReply, HttpRequest, Json, Paged, Provider, Randomness, ScriptedTransport,
};
use tollgate_descriptor::model::Model;
use tollgate_mock::{Builder, Fault, Mock, Report, Running, ScriptedFault};
use tollgate_tests::{DESCRIPTORS, load};

/// The mock of a provider, and a connection to it.
pub(crate) struct Stage<P: Provider> {
    pub(crate) mock: Running,
    pub(crate) connection: Connection<P>,
}

impl<P: Provider> Stage<P> {
    pub(crate) async fn new() -> Self {
        Self::with(|mock| mock).await
    }

    pub(crate) async fn with(settings: impl FnOnce(Builder) -> Builder) -> Self {
        let mock = settings(Mock::builder(model(P::SPEC.id))).start().await.unwrap();
        let connection = connection_to(&mock).build().unwrap();
        Self { mock, connection }
    }

    /// The n-th value of a token type with one field.
    pub(crate) fn secret(&self, token: &str, number: u32) -> String {
        self.mock.token(token).unwrap().number(number).value()
    }

    /// What goes wrong with the next answers of an operation.
    pub(crate) fn fault(&self, operation: &str, times: u32, fault: Fault) {
        self.mock.fault(ScriptedFault::new(operation, times, fault)).unwrap();
    }

    pub(crate) fn report(&self) -> Report {
        self.mock.report()
    }
}

/// Another connection to a mock.
pub(crate) fn connection_to<P: Provider>(mock: &Running) -> ConnectionBuilder<P> {
    let builder = Connection::builder()
        .base_url(mock.base_url())
        .randomness(Steady::default());
    mock.hosts()
        .into_iter()
        .fold(builder, |builder, (name, url)| builder.host(name, url))
}

pub(crate) fn model(provider: &str) -> Arc<Model> {
    static MODELS: LazyLock<BTreeMap<String, Arc<Model>>> = LazyLock::new(|| {
        let models = DESCRIPTORS.map(|path| load(path).unwrap());
        models
            .into_iter()
            .map(|model| (model.provider.id.clone(), Arc::new(model)))
            .collect()
    });
    Arc::clone(&MODELS[provider])
}

/// Waits are never shortened by chance, and no two keys are equal.
#[derive(Default)]
pub(crate) struct Steady(AtomicU64);

impl Randomness for Steady {
    fn draw(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// A connection to the default environment that a script stands in for.
pub(crate) fn scripted<P: Provider>(script: &ScriptedTransport) -> Connection<P> {
    scripted_with(script, |builder| builder)
}

pub(crate) fn scripted_with<P: Provider>(
    script: &ScriptedTransport,
    settings: impl FnOnce(ConnectionBuilder<P>) -> ConnectionBuilder<P>,
) -> Connection<P> {
    let builder = Connection::builder()
        .transport(script.clone())
        .randomness(Steady::default());
    settings(builder).build().unwrap()
}

/// A script with one answer for everything.
pub(crate) fn always(reply: HttpReply) -> ScriptedTransport {
    ScriptedTransport::answering(move |_| (Duration::ZERO, Ok(reply.clone())))
}

pub(crate) fn ok(body: &Json) -> HttpReply {
    HttpReply::new(200).json(body)
}

/// A script that gives these answers, the last one again and again, and when its requests arrived, counted from now.
pub(crate) fn timed(replies: impl IntoIterator<Item = HttpReply>) -> (ScriptedTransport, Arrivals) {
    let arrivals = Arrivals::default();
    let noted = arrivals.clone();
    let began = Instant::now();
    let replies = Mutex::new(replies.into_iter().collect::<VecDeque<_>>());
    let script = ScriptedTransport::answering(move |_| {
        noted.0.lock().unwrap().push(began.elapsed());
        let mut replies = replies.lock().unwrap();
        let reply = if replies.len() > 1 {
            replies.pop_front()
        } else {
            replies.front().cloned()
        };
        (Duration::ZERO, Ok(reply.unwrap()))
    });
    (script, arrivals)
}

/// When requests arrived.
#[derive(Clone, Default)]
pub(crate) struct Arrivals(Arc<Mutex<Vec<Duration>>>);

impl Arrivals {
    /// In milliseconds.
    pub(crate) fn millis(&self) -> Vec<u128> {
        self.0.lock().unwrap().iter().map(Duration::as_millis).collect()
    }
}

/// The body of a request.
pub(crate) fn sent(request: &HttpRequest) -> Json {
    serde_json::from_slice(request.body()).unwrap()
}

/// The body of a request, digit for digit.
pub(crate) fn sent_text(request: &HttpRequest) -> &str {
    std::str::from_utf8(request.body()).unwrap()
}

/// The query of a request as it travels.
pub(crate) fn query(request: &HttpRequest) -> &str {
    request.url().split_once('?').map_or("", |(_, query)| query)
}

/// Reads a list to its end: how it names each of its items.
pub(crate) async fn read_all<Op: Paged, Name>(call: Call<Op>, name: impl Fn(&Op::Item) -> Name) -> Vec<Name> {
    let mut items = call.items();
    let mut names = Vec::new();
    while let Some(item) = items.next().await {
        names.push(name(&item.unwrap()));
    }
    names
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Runs a test of this binary once more, alone in a process with nothing but these environment variables, and says
/// whether this is that process. Variables of the process that all tests share cannot be set safely.
pub(crate) fn is_alone_with(test: &str, variables: &[(&str, &str)]) -> bool {
    const ALONE: &str = "TOLLGATE_TEST_ALONE";
    if std::env::var(ALONE).is_ok_and(|alone| alone == test) {
        return true;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env_clear()
        .env(ALONE, test)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    false
}
