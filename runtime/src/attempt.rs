//! The life of a call: the loop around its attempts.

use crate::{
    ErrorKind, HttpReply, HttpRequest, Kind, Place, Retry, Spec, TimeFormat, When, auth,
    classify::{Verdict, classify},
    client::Session,
    error::Failure,
    event,
    limit::{Permit, admit},
    place::Look,
    prepare::Prepared,
    retry,
};
use futures_util::future::{Either, select};
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    time::Duration,
};
use tracing::Instrument;

/// What a call got, and what it took.
pub(crate) struct Answer {
    pub(crate) reply: HttpReply,
    pub(crate) tally: Tally,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    attempts: u32,
    waited: Duration,
    /// Why the last attempt was repeated.
    repeated: Option<When>,
}

/// An attempt without success.
struct Failed {
    failure: Failure,
    what: Option<When>,
    /// How long the provider asks to wait.
    hint: Option<Duration>,
    /// How long the client would wait by itself.
    backoff: Duration,
}

/// Sends a request until it succeeds, fails for good, or is not worth another try.
pub(crate) async fn run(session: Session, prepared: Prepared) -> Result<Answer, Failure> {
    let span = event::call(&session, prepared.spec);
    let result = repeat(&session, &prepared).instrument(span.clone()).await;
    if let Err(failure) = &result {
        event::failed(&span, failure.kind);
    }
    result
}

async fn repeat(session: &Session, prepared: &Prepared) -> Result<Answer, Failure> {
    let mut tally = Tally::default();
    loop {
        let permit = wait_for_limits(session, prepared, &mut tally).await?;
        let mut request = prepared.http.clone();
        show_token(session, prepared, &mut request).map_err(|failure| tally.close(failure))?;

        tally.attempts += 1;
        match attempt(session, prepared.spec, request, permit, tally).await {
            Ok(reply) => {
                session.link().retries.succeeded(tally.repeated);
                return Ok(Answer { reply, tally });
            }
            Err(failed) => {
                let wait = wait_before_next(session, prepared, &mut tally, failed)?;
                session.link().clock.sleep(wait).await;
                tally.waited += wait;
            }
        }
    }
}

async fn wait_for_limits(session: &Session, prepared: &Prepared, tally: &mut Tally) -> Result<Permit, Failure> {
    let link = session.link();
    let max_wait = prepared.spec.settings.retry.map(|retry| retry.max_wait);
    let since = link.clock.now();
    let mut admission = admit(&link.budgets, prepared.budgets.clone(), &link.clock, max_wait);
    // Who is let in at once has not waited, however long it took to ask.
    let mut is_in_line = false;
    let admitted = poll_fn(|cx| {
        let admitted = Pin::new(&mut admission).poll(cx);
        is_in_line |= admitted.is_pending();
        admitted
    });
    let admitted = admitted.await;
    let waited = link.clock.now().saturating_duration_since(since);
    if is_in_line && !waited.is_zero() {
        tally.waited += waited;
        event::waited_for_limit(waited);
    }
    admitted.map_err(|too_long| tally.close(Failure::too_long(prepared.spec, session, too_long)))
}

fn show_token(session: &Session, prepared: &Prepared, request: &mut HttpRequest) -> Result<(), Failure> {
    if !prepared.shows_token {
        return Ok(());
    }
    let applied = auth::apply(request, &session.token_spec().scheme, session.token());
    applied.map_err(|why| Failure::request(prepared.spec, session, why))
}

/// One exchange, its place in the limits, and what came of it.
async fn attempt(
    session: &Session,
    spec: &'static Spec,
    request: HttpRequest,
    mut permit: Permit,
    tally: Tally,
) -> Result<HttpReply, Failed> {
    let link = session.link();
    let span = event::attempt(&request, tally.attempts - 1);
    permit.sent();
    let result = async {
        let timeout = link.timeout(spec.settings);
        let exchange = link.transport.exchange(request);
        match select(exchange, pin!(link.clock.sleep(timeout))).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(crate::TransportError::timeout(format!(
                "nothing came within {timeout:?}"
            ))),
        }
    };
    let result = result.instrument(span.clone()).await;
    let judged = result.map(|reply| {
        event::answered(&span, reply.status, reply.body.len());
        let failed = judge(session, spec, &reply, tally);
        (reply, failed)
    });
    match judged {
        Ok((reply, None)) => {
            permit.answered(None);
            Ok(reply)
        }
        Ok((_, Some(failed))) => {
            let is_limited = failed.what == Some(When::Kind(Kind::RateLimited));
            let wait = failed.hint.unwrap_or(failed.backoff);
            permit.answered(is_limited.then_some(wait));
            Err(failed)
        }
        Err(error) => {
            permit.failed();
            let failure = Failure::transport(spec, session, &error);
            event::failed(&span, failure.kind);
            let what = if error.is_timeout() {
                When::Timeout
            } else {
                When::Network
            };
            Err(Failed {
                failure,
                what: Some(what),
                hint: None,
                backoff: backoff(session, spec, tally),
            })
        }
    }
}

/// Where providers say when to come back, unless the descriptor says where.
const RETRY_AFTER: &[Place] = &[Place {
    formats: &[TimeFormat::Seconds, TimeFormat::HttpDate],
    ..Place::header("retry-after")
}];

fn judge(session: &Session, spec: &'static Spec, reply: &HttpReply, tally: Tally) -> Option<Failed> {
    let look = Look::at(reply);
    let Verdict { kind, hint, model } = classify(spec.settings, &look)?;
    let errors = &spec.settings.errors;
    let places = spec.settings.retry.map_or(RETRY_AFTER, |retry| retry.wait_from);
    let retry_after = retry::hint(&look, places, session.link().clock.wall());
    let mut failure = Failure::new(ErrorKind::Answer(kind), spec, session, "");
    failure.message = look.first_text(errors.message);
    failure.code = look.first_text(errors.code);
    failure.request_id = look.first_text(errors.request_id);
    failure.status = Some(reply.status);
    failure.retry_after = retry_after;
    failure.raw = reply.body.clone();
    failure.model = model;
    if matches!(kind, Kind::Unauthorized | Kind::OutOfScope) || matches!(reply.status, 401 | 403) {
        failure.advise(who_may(session, spec));
    }
    if (300..400).contains(&reply.status) {
        failure.advise("redirects are not followed, since the token would go along; the base URL may have changed");
    }
    if let Some(hint) = hint {
        failure.advise(hint);
    }
    Some(Failed {
        failure,
        what: Some(When::Kind(kind)),
        hint: retry_after,
        backoff: backoff(session, spec, tally),
    })
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

fn backoff(session: &Session, spec: &Spec, tally: Tally) -> Duration {
    let retry = spec.settings.retry;
    retry.map_or(Duration::ZERO, |retry| {
        retry::backoff(retry, tally.attempts, &*session.link().randomness)
    })
}

/// How long to wait, if it is worth another try.
fn wait_before_next(
    session: &Session,
    prepared: &Prepared,
    tally: &mut Tally,
    failed: Failed,
) -> Result<Duration, Failure> {
    let Failed {
        mut failure,
        what,
        hint,
        backoff,
    } = failed;
    let allowed = prepared.spec.settings.retry.zip(what).filter(|(retry, what)| {
        let is_left = tally.attempts < retry.max_attempts;
        is_left && retry::repeats(retry, *what, prepared.is_safe)
    });
    let Some((Retry { max_wait, .. }, what)) = allowed else {
        return Err(tally.close(failure));
    };
    if hint.is_some_and(|hint| hint > *max_wait) {
        failure.advise(format!(
            "the provider asks for a longer wait than `max_wait`, {max_wait:?}"
        ));
        return Err(tally.close(failure));
    }
    if !session.link().retries.pay(what) {
        failure.advise("it was not repeated: too many calls of this connection failed lately");
        return Err(tally.close(failure));
    }
    tally.repeated = Some(what);
    let wait = hint.unwrap_or(backoff);
    event::repeats(failure.kind, wait, hint.is_some());
    Ok(wait)
}

impl Tally {
    /// Writes into a failure what the call took.
    pub(crate) fn close(self, mut failure: Failure) -> Failure {
        failure.attempts = self.attempts;
        failure.waited = self.waited;
        failure
    }
}
