//! What can go wrong with a call, and what to do about it.

use crate::{
    Attempt, DecodeError, ErrorBody, Kind, NoSuchToken, Secret, Spec, TokenFault, TransportError,
    auth::fault::GrantFailure, client::Session, drift::Watch, limit::TooLong, line::OneLine,
};
use bytes::Bytes;
use std::{
    error, fmt,
    ops::{Deref, DerefMut},
    time::Duration,
};

/// How many different outcomes of attempts `Display` tells of, one after the other.
const SHOWN: usize = 8;

/// Why a call failed.
///
/// `Display` says the whole chain and what to do. Neither it nor `Debug` ever shows the token, also where the provider
/// sends it back.
pub struct Error<B> {
    failure: Failure,
    body: Option<Box<B>>,
}

/// What sort of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request was not sent, since it cannot be right.
    Request,
    /// Waiting for a limit, or for what the provider asks, would take longer than `max_wait`.
    Wait,
    /// The limits that machines share cannot be asked, and the connection does not go without them.
    Shared,
    /// There was no answer.
    Network,
    /// There was no answer in time.
    Timeout,
    /// The deadline of the whole call passed, or was sure to pass before a limit lets it go.
    Deadline,
    /// The answer says so.
    Answer(Kind),
    /// The answer is a success, and not what the descriptor says.
    Decode,
    /// The answer can be read, and holds what the descriptor does not know; only where a connection is
    /// [`strict`](crate::ConnectionBuilder::strict).
    Drift,
    /// The next page cannot be asked for.
    Paging,
    /// There is no short-lived token to show.
    Token(TokenFault),
}

impl ErrorKind {
    /// In one word, as spans and metrics have it: `network`, `rate_limited`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Wait => "wait",
            Self::Shared => "shared",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Deadline => "deadline",
            Self::Answer(kind) => kind.as_str(),
            Self::Decode => "decode",
            Self::Drift => "drift",
            Self::Paging => "paging",
            Self::Token(fault) => fault.as_str(),
        }
    }
}

/// A failure before anybody knows the type of its body.
pub(crate) struct Failure(Box<Details>);

pub(crate) struct Details {
    pub(crate) kind: ErrorKind,
    pub(crate) spec: &'static Spec,
    /// Absent only where there is no client at all.
    pub(crate) session: Option<Session>,
    pub(crate) status: Option<u16>,
    pub(crate) message: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) advice: Vec<String>,
    pub(crate) attempts: u32,
    pub(crate) waited: Duration,
    pub(crate) tried: Vec<Attempt>,
    /// What was sent for a token, and came to nothing.
    pub(crate) token_requests: Vec<Attempt>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) raw: Bytes,
    pub(crate) model: Option<usize>,
    /// What a signer made of the token for it.
    pub(crate) signed: Vec<Secret>,
    /// What a batch is split for.
    pub(crate) is_body_too_long: bool,
}

impl Deref for Failure {
    type Target = Details;
    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, spec: &'static Spec, session: &Session, message: impl Into<String>) -> Self {
        let mut failure = Self::without_session(kind, spec, message.into());
        failure.session = Some(session.clone());
        failure
    }

    fn without_session(kind: ErrorKind, spec: &'static Spec, message: String) -> Self {
        Self(Box::new(Details {
            kind,
            spec,
            session: None,
            status: None,
            message: Some(message),
            code: None,
            request_id: None,
            advice: Vec::new(),
            attempts: 0,
            waited: Duration::ZERO,
            tried: Vec::new(),
            token_requests: Vec::new(),
            retry_after: None,
            raw: Bytes::new(),
            model: None,
            signed: Vec::new(),
            is_body_too_long: false,
        }))
    }

    /// The request cannot be right, and was not sent.
    pub(crate) fn request(spec: &'static Spec, session: &Session, why: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Request, spec, session, why.to_string())
    }

    pub(crate) fn transport(spec: &'static Spec, session: &Session, error: &TransportError) -> Self {
        let kind = if error.is_timeout() {
            ErrorKind::Timeout
        } else {
            ErrorKind::Network
        };
        Self::new(kind, spec, session, error.to_string())
    }

    pub(crate) fn too_long(spec: &'static Spec, session: &Session, too_long: TooLong) -> Self {
        let TooLong { limit, wait } = too_long;
        let message = format!("the limit `{limit}` lets nobody go for another {wait:?}");
        let mut failure = Self::new(ErrorKind::Wait, spec, session, message);
        failure.retry_after = Some(wait);
        failure.advise(
            "call less, or later, or allow a longer wait: `.max_wait(…)`, or `retry.max_wait` in the descriptor",
        );
        failure
    }

    /// Nobody can say what other machines have sent.
    #[cfg(feature = "redis")]
    pub(crate) fn shared_limits(spec: &'static Spec, session: &Session, away: &crate::redis::Away) -> Self {
        let message = format!("the limits that machines share cannot be asked, {away}");
        let mut failure = Self::new(ErrorKind::Shared, spec, session, message);
        failure.advise("see to it that Redis answers, or let each process have a share with `WhenAway::Local`");
        failure
    }

    /// There is no token to show.
    pub(crate) fn grant(spec: &'static Spec, session: &Session, why: GrantFailure) -> Self {
        let mut failure = Self::new(ErrorKind::Token(why.fault), spec, session, why.message);
        failure.code = why.code;
        failure.status = why.status;
        failure.retry_after = why.retry_after;
        failure.token_requests = why.tried;
        failure.advice.extend(why.advice);
        failure
    }

    pub(crate) fn decode(spec: &'static Spec, session: &Session, error: &DecodeError) -> Self {
        let mut failure = Self::new(ErrorKind::Decode, spec, session, error.to_string());
        failure.advise("the answer is kept, `raw()` has it; the descriptor may have to follow the provider");
        failure
    }

    pub(crate) fn advise(&mut self, advice: impl Into<String>) {
        self.advice.push(advice.into());
    }

    /// The body, and what of it the descriptor does not know.
    fn read_body<B: ErrorBody>(&self) -> Option<B> {
        let model = self.model?;
        let watch = Watch::begin(
            self.session
                .as_ref()
                .is_some_and(|session| session.link().drift.is_on()),
        );
        let body = B::read(model, &self.raw);
        let found = watch.end();
        if let Some(session) = &self.session {
            session.link().drift.count(session, self.spec, &found);
        }
        body
    }

    fn redact(&self, text: &str) -> String {
        match &self.session {
            Some(session) => session.redact_also(text, &self.signed),
            None => text.to_owned(),
        }
    }

    /// The failure as its caller sees it: without the token, which some providers send back.
    pub(crate) fn typed<B: ErrorBody>(mut self) -> Error<B> {
        self.message = self.message.as_deref().map(|text| self.redact(text));
        self.code = self.code.as_deref().map(|text| self.redact(text));
        self.request_id = self.request_id.as_deref().map(|text| self.redact(text));
        let ids = self.tried.iter().map(|attempt| attempt.request_id.as_deref());
        let ids: Vec<_> = ids.map(|id| id.map(|id| self.redact(id))).collect();
        for (attempt, id) in self.tried.iter_mut().zip(ids) {
            attempt.request_id = id;
        }
        let body = self.read_body();
        Error {
            failure: self,
            body: body.map(Box::new),
        }
    }
}

impl<B> Error<B> {
    /// What sort of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.failure.kind
    }

    /// Whether an answer was classified as this.
    #[must_use]
    pub fn is(&self, kind: Kind) -> bool {
        self.failure.kind == ErrorKind::Answer(kind)
    }

    /// The status of the last answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.failure.status
    }

    /// The operation, `orders.list`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.failure.spec.id
    }

    /// The type of the token that the client shows.
    #[must_use]
    pub fn token(&self) -> &'static str {
        self.failure.session.as_ref().map_or("", Session::token_type)
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        (!self.failure.advice.is_empty()).then(|| self.failure.advice.join("; "))
    }

    /// What the provider says, or why there is no answer of it.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.failure.message.as_deref()
    }

    /// The provider's code for it.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.failure.code.as_deref()
    }

    /// What the provider's support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.failure.request_id.as_deref()
    }

    /// How many requests were sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.failure.attempts
    }

    /// The attempts that came to nothing, the first one first. Whatever was sent before a success that could not be read is
    /// among them, and that success is not.
    #[must_use]
    pub fn tried(&self) -> &[Attempt] {
        &self.failure.tried
    }

    /// The requests for a short-lived token that came to nothing, the first one first, where the call failed for want of
    /// one. They are no attempts of the call, so neither [`attempts`](Self::attempts) nor [`waited`](Self::waited) counts
    /// them. One token serves many calls: all of those that wait for it tell of the same requests, and so do those that
    /// fail at once in the pause after them.
    #[must_use]
    pub fn token_requests(&self) -> &[Attempt] {
        &self.failure.token_requests
    }

    /// How long the call waited for limits and between attempts.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.failure.waited
    }

    /// How long to wait before another try can succeed, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.failure.retry_after
    }

    /// The body of the failure, if the descriptor has a model for it that fits.
    #[must_use]
    pub fn body(&self) -> Option<&B> {
        self.body.as_deref()
    }

    /// The body of the failure as it came. It is shown nowhere else, and may hold anything.
    #[must_use]
    pub fn raw(&self) -> &Bytes {
        &self.failure.raw
    }
}

impl<B> From<NoSuchToken> for Error<B> {
    fn from(error: NoSuchToken) -> Self {
        let failure = Failure::without_session(ErrorKind::Request, &Spec::DEFAULT, error.to_string());
        Self { failure, body: None }
    }
}

impl<B> fmt::Display for Error<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OneLine(&*self.failure).fmt(f)
    }
}

/// As the provider's texts are. Whoever shows it does so on [one line](OneLine).
impl fmt::Display for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.spec.id.is_empty() {
            write!(f, "`{}` ", self.spec.id)?;
        }
        f.write_str(match self.kind {
            ErrorKind::Request | ErrorKind::Shared => "was not sent",
            ErrorKind::Wait => "would wait too long",
            ErrorKind::Network => "got no answer",
            ErrorKind::Timeout => "got no answer in time",
            ErrorKind::Deadline => "was not done in time",
            ErrorKind::Answer(kind) => kind_text(kind),
            ErrorKind::Decode => "got an answer that does not fit",
            ErrorKind::Drift => "got an answer with more or less than the descriptor knows",
            ErrorKind::Paging => "cannot ask for the next page",
            ErrorKind::Token(_) => "got no token to show",
        })?;
        if let Some(status) = self.status {
            write!(f, " ({status})")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        if let Some(code) = &self.code {
            write!(f, " [{code}]")?;
        }
        for advice in &self.advice {
            write!(f, "; help: {advice}")?;
        }
        if let Some(wait) = self.retry_after {
            write!(f, "; retry after {wait:?}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "; request id {id}")?;
        }
        if self.attempts > 1 {
            write!(f, "; {} attempts", self.attempts)?;
            outcomes(f, &self.tried)?;
        }
        if let several @ [_, _, ..] = &self.token_requests[..] {
            write!(f, "; {} token requests", several.len())?;
            outcomes(f, several)?;
        }
        if !self.waited.is_zero() {
            write!(f, "; waited {:?}", self.waited)?;
        }
        Ok(())
    }
}

/// What came of attempts: `: 429, 2 times 503`.
fn outcomes(f: &mut fmt::Formatter<'_>, tried: &[Attempt]) -> fmt::Result {
    let runs = tried.chunk_by(Attempt::is_like);
    for (at, run) in runs.take(SHOWN).enumerate() {
        f.write_str(match at {
            0 => ": ",
            _ => ", ",
        })?;
        match run {
            [one] => one.outcome(f)?,
            [first, ..] => {
                write!(f, "{} times ", run.len())?;
                first.outcome(f)?;
            }
            [] => {}
        }
    }
    Ok(())
}

fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "was refused as invalid",
        Kind::Unauthorized => "was refused as unauthorized",
        Kind::QuotaExceeded => "was refused, the quota is exceeded",
        Kind::OutOfScope => "was refused as out of scope",
        Kind::NotFound => "found nothing",
        Kind::Conflict => "met a conflict",
        Kind::Unavailable => "found the provider unavailable",
        Kind::RateLimited => "was rate limited",
        Kind::Rejected => "was rejected",
        Kind::Server => "made the provider fail",
    }
}

impl<B: fmt::Debug> fmt::Debug for Error<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failure = &self.failure;
        let body = self.body.as_ref().map(|body| failure.redact(&format!("{body:?}")));
        f.debug_struct("Error")
            .field("kind", &failure.kind)
            .field("operation", &failure.spec.id)
            .field("token", &self.token())
            .field("status", &failure.status)
            .field("message", &self.message())
            .field("code", &failure.code)
            .field("request_id", &failure.request_id)
            .field("hint", &self.hint())
            .field("attempts", &failure.attempts)
            .field("tried", &failure.tried)
            .field("token_requests", &failure.token_requests)
            .field("waited", &failure.waited)
            .field("retry_after", &failure.retry_after)
            .field("body", &body.as_deref().map(Verbatim))
            .field("raw", &format_args!("{} bytes", failure.raw.len()))
            .finish()
    }
}

/// Text that is `Debug` output already.
struct Verbatim<'a>(&'a str);

impl fmt::Debug for Verbatim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<B: fmt::Debug> error::Error for Error<B> {}
