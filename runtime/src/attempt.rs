//! The life of a call: the loop around its attempts.

mod tally;

pub use tally::Attempt;
pub(crate) use tally::Tally;

use crate::{
    ErrorKind, HttpReply, HttpRequest, Kind, Spec, TransportError, When, auth,
    call::Bounds,
    classify::{Verdict, classify},
    client::{Link, Session},
    error::Failure,
    event,
    limit::{Places, Refusal, TooLong},
    meter::Meter,
    place::Look,
    prepare::Prepared,
    retry,
};
use futures_util::future::{Either, select};
use std::{future::poll_fn, pin::pin, time::Duration};
use tracing::Instrument;

/// For how long a refusal for too many requests closes the budgets where neither the provider nor `retry` says.
const SHORTEST_CLOSE: Duration = Duration::from_secs(1);

/// How often a call is sent again because the provider did not begin with it.
const UNPROCESSED: u32 = 3;

/// What a call got, and what it took.
pub(crate) struct Answer {
    pub(crate) reply: HttpReply,
    pub(crate) tally: Tally,
}

/// An attempt without success.
struct Failed {
    failure: Failure,
    what: Option<When>,
    /// How long the provider asks to wait.
    hint: Option<Duration>,
    /// How long the client would wait by itself.
    backoff: Duration,
    /// Whether the provider did not so much as begin with it.
    is_unprocessed: bool,
}

/// Sends a request until it succeeds, fails for good, or is not worth another try.
pub(crate) async fn run(session: Session, prepared: Prepared, mut bounds: Bounds) -> Result<Answer, Failure> {
    if let Some(deadline) = &mut bounds.deadline {
        deadline.begin(session.link().clock.now());
    }
    let span = event::call(&session, prepared.spec);
    let mut run = Run {
        session: &session,
        prepared: &prepared,
        bounds: &bounds,
        tally: Tally::default(),
        tried_afresh: false,
        unprocessed: 0,
    };
    let result = run.repeat().instrument(span.clone()).await;
    let Run { tally, .. } = run;
    event::ended(&span, &session, prepared.spec, &tally, result.as_ref().err());
    match result {
        Ok(reply) => Ok(Answer { reply, tally }),
        Err(failure) => Err(tally.close(failure)),
    }
}

/// A call under way.
struct Run<'a> {
    session: &'a Session,
    prepared: &'a Prepared,
    bounds: &'a Bounds,
    tally: Tally,
    /// Whether a refused token was replaced, and the call tried with a fresh one.
    tried_afresh: bool,
    /// How often the provider did not begin with it.
    unprocessed: u32,
}

impl Run<'_> {
    fn link(&self) -> &Link {
        self.session.link()
    }

    fn spec(&self) -> &'static Spec {
        self.prepared.spec
    }

    async fn repeat(&mut self) -> Result<HttpReply, Failure> {
        loop {
            let permit = self.wait_for_limits().await?;
            let mut request = self.prepared.http.clone();
            let shown = self.show_token(&mut request).await?;

            self.tally.signed(&self.session.token_spec().scheme, &request);
            self.tally.attempts += 1;
            match self.attempt(request, permit).await {
                Ok(reply) => {
                    self.tried_afresh(true);
                    self.link().retries.succeeded(self.tally.repeated);
                    return Ok(reply);
                }
                Err(failed) => {
                    self.tally.failed(&failed.failure);
                    if self.tries_afresh(shown, &failed.failure) || self.sends_again(&failed) {
                        continue;
                    }
                    let wait = self.wait_before_next(failed).inspect_err(|failure| {
                        if self.tally.attempts > 1 {
                            event::gave_up(failure, self.tally.attempts);
                        }
                    })?;
                    self.link().clock.sleep(wait).await;
                    self.tally.waited_before(wait);
                }
            }
        }
    }

    /// What is left until the deadline, if there is one.
    fn left(&self) -> Option<Duration> {
        let deadline = self.bounds.deadline.as_ref()?;
        Some(deadline.left(self.link().clock.now()))
    }

    /// Does something, and gives it up when the deadline passes.
    async fn in_time<T>(&self, doing: &str, step: impl Future<Output = T>) -> Result<T, Failure> {
        let Some(left) = self.left() else {
            return Ok(step.await);
        };
        if left.is_zero() {
            return Err(self.missed(doing));
        }
        match select(pin!(step), self.link().clock.sleep(left)).await {
            Either::Left((result, _)) => Ok(result),
            Either::Right(_) => Err(self.missed(doing)),
        }
    }

    fn missed(&self, doing: &str) -> Failure {
        let within = self.bounds.deadline.map_or(Duration::ZERO, |deadline| deadline.within);
        let message = format!("the deadline of {within:?} passed {doing}");
        Failure::new(ErrorKind::Deadline, self.spec(), self.session, message)
    }

    async fn wait_for_limits(&mut self) -> Result<Places, Failure> {
        let link = self.link();
        let left = self.left();
        let max_wait = self.bounds.max_wait.into_iter().chain(left).min();
        let since = link.clock.now();
        // Who is let in at once has not waited, however long it took to ask.
        let mut is_in_line = false;
        let admitted = {
            let mut admission = pin!(Places::take(link, self.prepared, max_wait, self.bounds.timeout));
            let admitted = poll_fn(|cx| {
                let admitted = admission.as_mut().poll(cx);
                is_in_line |= admitted.is_pending();
                admitted
            });
            self.in_time("in line for a limit", admitted).await
        };
        let waited = link.clock.now().saturating_duration_since(since);
        if is_in_line && !waited.is_zero() {
            self.tally.waited_for_limits(waited);
            event::waited_for_limit(self.session, self.spec(), waited);
        }
        admitted?.map_err(|why| match why {
            Refusal::TooLong(too_long) => self.too_long(too_long, left),
            #[cfg(feature = "redis")]
            Refusal::Away(away) => Failure::shared_limits(self.spec(), self.session, &away),
        })
    }

    fn too_long(&self, too_long: TooLong, left: Option<Duration>) -> Failure {
        let Some(left) = left.filter(|left| self.bounds.max_wait.is_none_or(|max_wait| *left < max_wait)) else {
            return Failure::too_long(self.spec(), self.session, too_long);
        };
        let TooLong { limit, wait } = too_long;
        let message =
            format!("the limit `{limit}` lets nobody go for another {wait:?}, and the deadline is in {left:?}");
        let mut failure = Failure::new(ErrorKind::Deadline, self.spec(), self.session, message);
        failure.retry_after = Some(wait);
        failure
    }

    /// Shows the token, and says which of several in a row it is where it is short-lived.
    async fn show_token(&self, request: &mut HttpRequest) -> Result<Option<u64>, Failure> {
        if !self.prepared.shows_token {
            return Ok(None);
        }
        let scheme = &self.session.token_spec().scheme;
        let refused = |why| Failure::request(self.spec(), self.session, why);
        let Some(granted) = self.session.granted() else {
            let applied = auth::apply(request, scheme, self.session.token(), self.link());
            let applied = self.in_time("while the request was signed", applied).await?;
            applied.map_err(refused)?;
            return Ok(None);
        };
        let token = self
            .in_time("while a token was got", granted.token(self.session))
            .await?;
        let token = token.map_err(|why| Failure::grant(self.spec(), self.session, why))?;
        let applied = auth::apply(request, scheme, &token.value, self.link());
        let applied = self.in_time("while the request was signed", applied).await?;
        applied.map_err(refused)?;
        Ok(Some(token.generation))
    }

    /// Whether the call is worth another attempt with a fresh token, once and at once, whatever its method: a request
    /// without a good token does nothing.
    fn tries_afresh(&mut self, shown: Option<u64>, failure: &Failure) -> bool {
        let is_refused = failure.status == Some(401) || failure.kind == ErrorKind::Answer(Kind::Unauthorized);
        let (Some(generation), Some(granted)) = (shown, self.session.granted()) else {
            return false;
        };
        if !is_refused || self.tried_afresh {
            if is_refused {
                self.tried_afresh(false);
            }
            return false;
        }
        self.tried_afresh = granted.refuse(self.link(), generation);
        if self.tried_afresh {
            event::tries_afresh(self.session);
        }
        self.tried_afresh
    }

    /// Whether nothing was done, so that it is the same attempt as before, whatever the method. Limits are waited for anew:
    /// nobody knows whether the provider counts what it turns away.
    fn sends_again(&mut self, failed: &Failed) -> bool {
        self.unprocessed += u32::from(failed.is_unprocessed);
        let sends_again = failed.is_unprocessed && self.unprocessed <= UNPROCESSED;
        if sends_again {
            event::repeats(
                self.session,
                &failed.failure,
                self.tally.attempts,
                Duration::ZERO,
                false,
            );
        }
        sends_again
    }

    /// What came of the fresh token, if there was one.
    fn tried_afresh(&self, is_taken: bool) {
        if let Some(granted) = self.session.granted().filter(|_| self.tried_afresh) {
            granted.tried_afresh(self.link(), is_taken);
        }
    }

    /// One exchange, its place in the limits, and what came of it.
    async fn attempt(&mut self, request: HttpRequest, mut permit: Places) -> Result<HttpReply, Failed> {
        let span = event::attempt(&request, self.tally.attempts - 1);
        let meter = Meter::new(self.spec(), self.session, &request);
        let since = self.link().clock.now();
        permit.sent();
        let result = self.exchange(request).instrument(span.clone()).await;
        let took = self.link().clock.now().saturating_duration_since(since);
        self.tally.took(took);
        let failed = match result {
            Ok(reply) => {
                event::answered(&span, reply.status, reply.body.len());
                permit.hear(&reply);
                let Some(failed) = self.judge(&reply) else {
                    meter.answered(took, reply.status, None);
                    permit.answered(None);
                    return Ok(reply);
                };
                meter.answered(took, reply.status, Some(failed.failure.kind));
                let is_limited = failed.what == Some(When::Kind(Kind::RateLimited));
                let wait = failed.hint.unwrap_or(failed.backoff.max(SHORTEST_CLOSE));
                permit.answered(is_limited.then_some(wait));
                failed
            }
            Err(failed) => {
                permit.failed();
                meter.failed(took, failed.failure.kind);
                failed
            }
        };
        event::failed(&span, &failed.failure);
        Err(failed)
    }

    /// The answer, if one comes in time.
    async fn exchange(&self, request: HttpRequest) -> Result<HttpReply, Failed> {
        let link = self.link();
        let exchange = link.transport.exchange(request);
        let timeout = self.bounds.timeout;
        let left = self.left().filter(|left| *left <= timeout);
        match select(exchange, pin!(link.clock.sleep(left.unwrap_or(timeout)))).await {
            Either::Left((Ok(reply), _)) => Ok(reply),
            Either::Left((Err(error), _)) => Err(self.unanswered(&error)),
            Either::Right(_) if left.is_some() => Err(Failed {
                failure: self.missed("before the answer came"),
                what: None,
                hint: None,
                backoff: Duration::ZERO,
                is_unprocessed: false,
            }),
            Either::Right(_) => {
                Err(self.unanswered(&TransportError::timeout(format!("nothing came within {timeout:?}"))))
            }
        }
    }

    fn unanswered(&self, error: &TransportError) -> Failed {
        let what = if error.is_timeout() {
            When::Timeout
        } else {
            When::Network
        };
        Failed {
            failure: Failure::transport(self.spec(), self.session, error),
            what: (!error.is_final()).then_some(what),
            hint: None,
            backoff: self.backoff(),
            is_unprocessed: error.is_unprocessed(),
        }
    }

    fn judge(&self, reply: &HttpReply) -> Option<Failed> {
        let spec = self.spec();
        let look = Look::at(reply);
        let Verdict {
            kind,
            hint,
            model,
            is_unknown,
        } = classify(spec.settings, &look)?;
        if is_unknown {
            self.link().drift.count_status(self.session, spec, reply.status);
        }
        let errors = &spec.settings.errors;
        let retry_after = retry::hint(&look, self.bounds.repeats.wait_from, self.link().clock.wall());
        let mut failure = Failure::new(ErrorKind::Answer(kind), spec, self.session, "");
        failure.message = look.first_text(errors.message);
        failure.code = look.first_text(errors.code);
        failure.request_id = look.first_text(errors.request_id);
        failure.status = Some(reply.status);
        failure.retry_after = retry_after;
        failure.raw = reply.body.clone();
        failure.model = model;
        if matches!(kind, Kind::Unauthorized | Kind::OutOfScope) || matches!(reply.status, 401 | 403) {
            failure.advise(who_may(self.session, spec));
            if let [first, ..] = self.session.looks_like()[..] {
                failure.advise(format!("its value looks like one of a `{first}` token"));
            }
        }
        if (300..400).contains(&reply.status) && reply.status != 304 {
            failure.advise("redirects are not followed, since the token would go along; the base URL may have changed");
        }
        if let Some(hint) = hint {
            failure.advise(hint);
        }
        Some(Failed {
            failure,
            what: Some(When::Kind(kind)),
            hint: retry_after,
            backoff: self.backoff(),
            is_unprocessed: false,
        })
    }

    fn backoff(&self) -> Duration {
        retry::backoff(&self.bounds.repeats, self.tally.attempts, &*self.link().randomness)
    }

    /// How long to wait, if it is worth another try.
    fn wait_before_next(&mut self, failed: Failed) -> Result<Duration, Failure> {
        let Failed {
            mut failure,
            what,
            hint,
            backoff,
            ..
        } = failed;
        let repeats = &self.bounds.repeats;
        let is_left = self.tally.attempts < repeats.max_attempts;
        let Some(what) = what.filter(|what| is_left && repeats.repeat(*what, self.prepared.is_safe)) else {
            return Err(failure);
        };
        let max_wait = repeats.max_wait;
        if hint.is_some_and(|hint| hint > max_wait) {
            failure.advise(format!(
                "the provider asks for a longer wait than `max_wait`, {max_wait:?}"
            ));
            return Err(failure);
        }
        let wait = hint.unwrap_or(backoff);
        if let Some(left) = self.left().filter(|left| *left <= wait) {
            failure.advise(format!(
                "it was not repeated: the next attempt would be in {wait:?}, and the deadline is in {left:?}"
            ));
            return Err(failure);
        }
        if !self.link().retries.pay(what) {
            failure.advise("it was not repeated: too many calls of this connection failed lately");
            return Err(failure);
        }
        self.tally.repeated = Some(what);
        event::repeats(self.session, &failure, self.tally.attempts, wait, hint.is_some());
        Ok(wait)
    }
}

fn who_may(session: &Session, spec: &Spec) -> String {
    let (operation, shown) = (spec.id, session.token_type());
    let takes = match spec.holders {
        [] => return format!("the operation `{operation}` is public, and no token was shown"),
        [one] => format!("`{one}`"),
        [others @ .., last] => format!("`{}` or `{last}`", others.join("`, `")),
    };
    format!("the operation `{operation}` takes {takes} tokens, this client shows a `{shown}` token")
}
