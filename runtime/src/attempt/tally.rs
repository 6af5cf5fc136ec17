//! What a call took, attempt by attempt.

use crate::{Carrier, ErrorKind, HttpRequest, Scheme, Secret, When, error::Failure};
use std::{fmt, time::Duration};

/// One attempt of a call, as [`Error::tried`](crate::Error::tried) lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// Counted from 1.
    pub number: u32,
    /// What came of it.
    pub kind: ErrorKind,
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// What the provider's support asks for.
    pub request_id: Option<String>,
    /// How long it waited after the attempt before it.
    pub waited_before: Duration,
    /// How long it waited for limits.
    pub waited_for_limits: Duration,
    /// How long it was under way.
    pub took: Duration,
}

/// `503 after 20ms`
impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.outcome(f)?;
        write!(f, " after {:?}", self.took)
    }
}

impl Attempt {
    /// `503`, or `network` where there was no answer.
    pub(crate) fn outcome(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{status}"),
            None => f.write_str(self.kind.as_str()),
        }
    }

    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.status, self.kind) == (other.status, other.kind)
    }
}

/// What is shorter is a word of a scheme.
const SHORTEST_SIGNATURE: usize = 20;

/// What a call took so far. It allocates nothing until an attempt fails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// How many attempts were made.
    pub(crate) attempts: u32,
    pub(crate) waited: Duration,
    /// Why the last attempt was repeated.
    pub(crate) repeated: Option<When>,
    tried: Vec<Attempt>,
    /// What a signer made, which is as good as a token while it lasts.
    signed: Vec<Secret>,
    /// The waits in front of the next attempt.
    before: Duration,
    for_limits: Duration,
    /// How long the last attempt was under way.
    took: Duration,
}

impl Tally {
    /// A request shows what a signer made of the token.
    pub(crate) fn signed(&mut self, scheme: &Scheme, request: &HttpRequest) {
        let Scheme::Signed(signed) = scheme else {
            return;
        };
        let in_query = |name: &str| {
            let mut placed = signed.placements.iter();
            placed.any(|placement| placement.at == Carrier::Query && placement.name == name)
        };
        let query = request.query().into_iter();
        let query = query.filter(|(name, _)| in_query(name)).map(|(_, value)| value);
        // Providers send back the credentials without the name of their scheme, too.
        let headers = request.secret_headers.iter();
        let headers = headers.flat_map(|(_, value)| value.split([' ', ',', ';']).chain([value]));
        let headers = headers.flat_map(|part| part.split_once('=').map(|(_, value)| value).into_iter().chain([part]));
        let headers = headers
            .filter(|part| part.len() >= SHORTEST_SIGNATURE)
            .map(str::to_owned);
        self.signed = query.chain(headers).map(Secret::new).collect();
    }

    /// The call waited for limits.
    pub(crate) fn waited_for_limits(&mut self, wait: Duration) {
        self.waited += wait;
        self.for_limits += wait;
    }

    /// The call waited after an attempt.
    pub(crate) fn waited_before(&mut self, wait: Duration) {
        self.waited += wait;
        self.before += wait;
    }

    /// The last attempt is over.
    pub(crate) fn took(&mut self, took: Duration) {
        self.took = took;
    }

    /// The last attempt came to nothing.
    pub(crate) fn failed(&mut self, failure: &Failure) {
        self.tried.push(Attempt {
            number: self.attempts,
            kind: failure.kind,
            status: failure.status,
            request_id: failure.request_id.clone(),
            waited_before: std::mem::take(&mut self.before),
            waited_for_limits: std::mem::take(&mut self.for_limits),
            took: self.took,
        });
    }

    /// Writes into a failure what the call took.
    pub(crate) fn close(self, mut failure: Failure) -> Failure {
        failure.attempts = self.attempts;
        failure.waited = self.waited;
        failure.tried = self.tried;
        failure.signed = self.signed;
        failure
    }
}
