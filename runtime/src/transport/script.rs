//! A transport that answers from a script, for tests.

use super::{Exchange, HttpReply, HttpRequest, Transport, TransportError};
use crate::{Budgets, ProcessStore};
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

type Answer = Result<HttpReply, TransportError>;
type Responder = Box<dyn Fn(&HttpRequest) -> (Duration, Answer) + Send + Sync>;

/// Answers from a script, and remembers what it was asked.
///
/// Clones share script and memory. It has budgets and tokens of its own: no test waits for another.
///
/// ```
/// use tollgate::{HttpReply, ScriptedTransport};
///
/// let script = ScriptedTransport::new().then(HttpReply::new(503)).then(HttpReply::new(204));
/// assert!(script.requests().is_empty());
/// ```
#[derive(Clone)]
pub struct ScriptedTransport(Arc<Script>);

struct Script {
    budgets: Budgets,
    tokens: ProcessStore,
    responder: Option<Responder>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answers: VecDeque<(Duration, Answer)>,
    requests: Vec<HttpRequest>,
}

impl ScriptedTransport {
    /// An empty script.
    #[must_use]
    pub fn new() -> Self {
        Self::with(None)
    }

    /// A script that is a function: how long it takes, and what it answers.
    #[must_use]
    pub fn answering(
        respond: impl Fn(&HttpRequest) -> (Duration, Result<HttpReply, TransportError>) + Send + Sync + 'static,
    ) -> Self {
        Self::with(Some(Box::new(respond)))
    }

    fn with(responder: Option<Responder>) -> Self {
        Self(Arc::new(Script {
            budgets: Budgets::new(),
            tokens: ProcessStore::new(),
            responder,
            state: Mutex::default(),
        }))
    }

    /// Next, this answer, at once.
    #[must_use]
    pub fn then(self, reply: HttpReply) -> Self {
        self.then_after(Duration::ZERO, Ok(reply))
    }

    /// Next, this answer or failure, after a while of tokio's time.
    #[must_use]
    pub fn then_after(self, delay: Duration, answer: Result<HttpReply, TransportError>) -> Self {
        self.state().answers.push_back((delay, answer));
        self
    }

    /// Next, no answer.
    #[must_use]
    pub fn then_fails(self, error: TransportError) -> Self {
        self.then_after(Duration::ZERO, Err(error))
    }

    /// What was asked so far.
    #[must_use]
    pub fn requests(&self) -> Vec<HttpRequest> {
        self.state().requests.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ScriptedTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("ScriptedTransport")
            .field("requests", &state.requests)
            .field("answers_left", &state.answers.len())
            .finish()
    }
}

impl Transport for ScriptedTransport {
    fn exchange(&self, request: HttpRequest) -> Exchange {
        let (delay, answer) = match &self.0.responder {
            Some(respond) => respond(&request),
            None => self.state().answers.pop_front().unwrap_or_else(|| {
                let over = TransportError::network("the script has no further answer");
                (Duration::ZERO, Err(over))
            }),
        };
        self.state().requests.push(request);
        Box::pin(async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            answer
        })
    }

    fn budgets(&self) -> Budgets {
        self.0.budgets.clone()
    }

    fn tokens(&self) -> ProcessStore {
        self.0.tokens.clone()
    }
}
