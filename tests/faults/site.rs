//! A mock, a client of it, and what passes between them.

use super::clock::{PACE, Swift};
use super::draw::{Chance, Draw};
use super::watch;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;
use tollgate::{Clock, HyperTransport, Transport};
use tollgate_descriptor::model::Model;
use tollgate_mock::{Mock, Running, Seen};
use tollgate_tests::{load, wire};

/// Where mocks live: their tasks are not those of the clients.
static MOCKS: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
});

/// Does something where the mocks live.
pub(crate) async fn beside<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> T {
    MOCKS.spawn(task).await.unwrap()
}

/// The model of a provider.
pub(crate) fn model(provider: &str) -> Arc<Model> {
    static MODELS: LazyLock<BTreeMap<&str, Arc<Model>>> = LazyLock::new(|| {
        let models = wire::PROVIDERS.iter();
        models
            .map(|(name, path)| (*name, Arc::new(load(path).unwrap())))
            .collect()
    });
    Arc::clone(&MODELS[provider])
}

/// How a site is to be.
pub(crate) struct Wishes {
    /// For the calls of this thing, of which all chance depends.
    pub(crate) draw: Draw,
    /// Whether each call has a token value of its own.
    pub(crate) own_values: bool,
    /// How long an attempt may take, on the swift clock.
    pub(crate) timeout: Duration,
    /// The clock, if not the swift one.
    pub(crate) clock: Option<Arc<dyn Clock>>,
    /// How long a wait may be.
    pub(crate) max_wait: Duration,
    /// How fast time passes for the mock.
    pub(crate) pace: f64,
    pub(crate) transport: Arc<dyn Transport>,
    /// With whom limits and tokens are shared.
    #[cfg(feature = "redis")]
    pub(crate) redis: Option<tollgate::Redis>,
}

impl Wishes {
    /// The usual: one token value, and a timeout that no stutter of the machine reaches.
    pub(crate) fn new(draw: Draw) -> Self {
        Self {
            draw,
            own_values: false,
            timeout: PATIENT,
            clock: None,
            max_wait: MAX_WAIT,
            pace: PACE,
            transport: network(),
            #[cfg(feature = "redis")]
            redis: None,
        }
    }
}

/// How long the body of an answer may be: longer than any that is right.
pub(crate) const MAX_BODY: u32 = 512 << 10;

/// The network, with a pool of its own.
pub(crate) fn network() -> Arc<dyn Transport> {
    Arc::new(HyperTransport::new().max_body(MAX_BODY as usize))
}

/// Ten seconds on the wall.
pub(crate) const PATIENT: Duration = Duration::from_secs(2000);
/// How long a wait may be on the swift clock.
const MAX_WAIT: Duration = Duration::from_mins(1);

pub(crate) struct Site {
    pub(crate) mock: Arc<Running>,
    pub(crate) model: Arc<Model>,
    pub(crate) calls: Vec<wire::Made>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Site {
    pub(crate) async fn open(provider: &str, wishes: Wishes) -> Self {
        let model = model(provider);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        let builder = Mock::builder(Arc::clone(&model))
            .pace(wishes.pace)
            // One more than a call for the items of a list reads.
            .items(14)
            .on_request(move |request| noted.lock().unwrap().push(request.clone()));
        let mock = Arc::new(beside(builder.start()).await.unwrap());
        let stage = wire::Stage {
            own_values: wishes.own_values,
            // Not the first, whose name is shorter than that of others.
            first_value: 2,
            transport: Some(wishes.transport),
            clock: Some(wishes.clock.unwrap_or_else(|| Arc::new(Swift::new()))),
            randomness: Some(Arc::new(Chance::new(wishes.draw))),
            timeout: Some(wishes.timeout),
            max_wait: Some(wishes.max_wait),
            #[cfg(feature = "redis")]
            redis: wishes.redis,
            ..wire::Stage::new(&model, &mock)
        };
        let calls = wire::calls(provider, &stage).unwrap();
        for secret in calls.iter().flat_map(|call| &call.secrets) {
            watch::keep_secret(secret);
        }
        Self {
            mock,
            model,
            calls,
            seen,
        }
    }

    /// What the mock has seen since the last time.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    /// The same, without forgetting it.
    pub(crate) fn seen_so_far(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Whether the success of an operation is JSON that has to fit a type.
    pub(crate) fn is_typed(&self, id: &str) -> bool {
        use tollgate_descriptor::model::{Payload, Returns};
        let found = self.model.operations().find(|(resource, operation)| {
            id.strip_prefix(&resource.name).and_then(|rest| rest.strip_prefix('.')) == Some(operation.name.as_str())
        });
        found.is_some_and(|(_, operation)| match &operation.returns {
            Returns::Nothing => false,
            Returns::One(payload) => matches!(payload, Payload::Typed(_)),
            Returns::PerStatus { statuses, .. } => statuses
                .iter()
                .all(|status| matches!(status.payload, Some(Payload::Typed(_)))),
        })
    }
}
