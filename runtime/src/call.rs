//! Calls: permitted, and not yet made.

mod options;

pub(crate) use options::{Bounds, Options};

use crate::{
    DecodeError, Error, ErrorKind, Items, Operation, Paged, Pages, Reply, RetryPolicy, SendingAll, Spec, Splits,
    attempt::{self, Answer},
    client::Session,
    drift::{Found, Watch},
    error::Failure,
    prepare::{CallersKey, Prepared, prepare},
};
use options::Deadline;
use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{runtime::Handle, task::JoinHandle};
use tracing::{Instrument, instrument::WithSubscriber};

/// A call that is permitted and not yet made. It owns what it needs, so that it can be stored, queued and spawned.
#[must_use = "a call does nothing until it is sent"]
pub struct Call<Op> {
    pub(crate) session: Session,
    pub(crate) operation: Op,
    pub(crate) options: Options,
}

impl<Op> Call<Op> {
    pub(crate) fn new(session: Session, operation: Op) -> Self {
        Self {
            session,
            operation,
            options: Options::default(),
        }
    }

    /// What is to be called.
    pub fn operation(&self) -> &Op {
        &self.operation
    }
}

impl<Op: Operation> Call<Op> {
    /// The key by which the provider knows a repeated request, instead of a fresh UUID.
    ///
    /// Where a call becomes several requests, or the provider wants a key per element, `-` and the index of the first (or
    /// that) element follow it.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.options.key = Some(key.into());
        self
    }

    /// How long one attempt may take, instead of what the descriptor or the connection says.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// How long all of it may take: waits for limits, tokens, attempts and the pauses between them, from the first poll on.
    ///
    /// It holds for the whole of a stream, the time between its items included, and for the whole of a batch, whose parts
    /// that are not sent in time fail one by one. What is known to end too late is not waited for at all.
    pub fn deadline(mut self, within: Duration) -> Self {
        self.options.deadline = Some(Deadline::new(within));
        self
    }

    /// How long a single wait may be, for limits or as the provider asks, instead of what `retry.max_wait` says.
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.options.max_wait = Some(max_wait);
        self
    }

    /// How it is repeated, instead of as the descriptor says: a [`RetryPolicy`], or just how many attempts there are.
    ///
    /// What is safe to repeat stays the descriptor's to say.
    pub fn retry(mut self, policy: impl Into<RetryPolicy>) -> Self {
        self.options.retry = Some(policy.into());
        self
    }

    /// Sends it, and sends it again where that can help.
    ///
    /// The future does nothing until it is polled; from then on the call runs as a task of the tokio runtime, until it is
    /// done or the future is dropped. Dropped while it waits, it leaves no trace; dropped while the request is under way,
    /// the request counts as sent.
    ///
    /// # Panics
    /// When it is polled outside of a tokio runtime.
    pub fn send(self) -> Sending<Op> {
        let text = self.options.key.clone();
        let key = text.map(|text| CallersKey { text, from: None });
        let prepared = prepare(&self.session, &self.operation, key.as_ref(), None);
        Sending {
            under_way: UnderWay::start(self.session, Op::SPEC, prepared, &self.options),
            operation: PhantomData,
        }
    }
}

// The bounds stand on the methods, so that rustc says in our words what is missing.
impl<Op: Operation> Call<Op> {
    /// All items, page after page, as a stream.
    pub fn items(self) -> Items<Op>
    where
        Op: Paged,
    {
        Items::new(self.pages())
    }

    /// All pages as a stream.
    pub fn pages(self) -> Pages<Op>
    where
        Op: Paged,
    {
        Pages::new(self)
    }

    /// Sends a batch of any length, in parts that the provider takes, one after the other.
    ///
    /// A part that fails does not stop the others: see [`Batch`](crate::Batch).
    pub fn send_all(self) -> SendingAll<Op>
    where
        Op: Splits,
    {
        SendingAll::new(self)
    }
}

impl<Op: Clone> Clone for Call<Op> {
    fn clone(&self) -> Self {
        Self {
            session: self.session.clone(),
            operation: self.operation.clone(),
            options: self.options.clone(),
        }
    }
}

impl<Op: fmt::Debug> fmt::Debug for Call<Op> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// A call under way. A named type, so that a function generic over a token can return it.
#[must_use = "futures do nothing unless awaited"]
pub struct Sending<Op> {
    under_way: UnderWay,
    operation: PhantomData<fn() -> Op>,
}

impl<Op: Operation> Future for Sending<Op> {
    type Output = Result<Op::Output, Error<Op::Failure>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(self.under_way.poll(cx));
        Poll::Ready(match result {
            Ok(mut answer) => self.under_way.decode::<Op>(&mut answer).map_err(Failure::typed),
            Err(failure) => Err(failure.typed()),
        })
    }
}

impl<Op> fmt::Debug for Sending<Op> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending")
            .field("operation", &self.under_way.spec.id)
            .finish_non_exhaustive()
    }
}

type Attempts = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>>;

/// Attempts run as a task of their own from the first poll on. Calls wait in line for their limits: one that was polled and
/// is not polled any more, as in a buffered stream while its consumer is busy, would hold up all behind it, and the consumer
/// with them.
enum Progress {
    Ready(Option<Attempts>),
    Running(JoinHandle<Result<Answer, Failure>>),
}

impl Progress {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Answer, Failure>>> {
        if let Self::Ready(attempts) = self {
            let Ok(runtime) = Handle::try_current() else {
                return Poll::Ready(None);
            };
            let attempts = attempts
                .take()
                .map(|attempts| attempts.in_current_span().with_current_subscriber());
            let Some(attempts) = attempts else {
                return Poll::Ready(None);
            };
            *self = Self::Running(runtime.spawn(attempts));
        }
        let Self::Running(task) = self else {
            return Poll::Ready(None);
        };
        match ready!(Pin::new(task).poll(cx)) {
            Ok(result) => Poll::Ready(Some(result)),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Poll::Ready(None),
            },
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Self::Running(task) = self {
            task.abort();
        }
    }
}

/// A request under way, of any operation.
pub(crate) struct UnderWay {
    pub(crate) session: Session,
    spec: &'static Spec,
    progress: Progress,
}

impl UnderWay {
    pub(crate) fn start(
        session: Session,
        spec: &'static Spec,
        prepared: Result<Prepared, Failure>,
        options: &Options,
    ) -> Self {
        let attempts: Attempts = match prepared {
            Ok(prepared) => {
                let bounds = options.bounds(session.link(), spec);
                Box::pin(attempt::run(session.clone(), prepared, bounds))
            }
            Err(failure) => Box::pin(std::future::ready(Err(failure))),
        };
        Self {
            session,
            spec,
            progress: Progress::Ready(Some(attempts)),
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Answer, Failure>> {
        let result = ready!(self.progress.poll(cx));
        Poll::Ready(result.unwrap_or_else(|| {
            let why = "there is no tokio runtime to run the call, or the future was polled after it was ready";
            Err(Failure::new(ErrorKind::Network, self.spec, &self.session, why))
        }))
    }

    pub(crate) fn decode<Op: Operation>(&self, answer: &mut Answer) -> Result<Op::Output, Failure> {
        let http = &mut answer.reply;
        let headers = std::mem::take(&mut http.headers);
        let reply = Reply::new(self.spec, http.status, headers, http.body.clone());
        let watch = Watch::begin(self.session.link().drift.is_on());
        let result = Op::decode(&reply);
        http.headers = reply.into_headers();
        let accepted = self.accept(answer, &watch.end());
        let output = result.map_err(|error| self.does_not_fit(answer, &error))?;
        accepted.map(|()| output)
    }

    /// An answer with drift is an error where the connection is strict.
    fn accept(&self, answer: &Answer, found: &[Found]) -> Result<(), Failure> {
        let Some(what) = self.session.link().drift.count(&self.session, self.spec, found) else {
            return Ok(());
        };
        let mut failure = Failure::new(ErrorKind::Drift, self.spec, &self.session, what);
        failure.advise("the descriptor may have to follow the provider; only a `strict` connection refuses it");
        Err(keep(answer, failure))
    }

    fn does_not_fit(&self, answer: &Answer, error: &DecodeError) -> Failure {
        keep(answer, Failure::decode(self.spec, &self.session, error))
    }
}

/// The answer and what it took, in a failure to read it.
fn keep(answer: &Answer, mut failure: Failure) -> Failure {
    failure.status = Some(answer.reply.status);
    failure.raw = answer.reply.body.clone();
    answer.tally.clone().close(failure)
}
