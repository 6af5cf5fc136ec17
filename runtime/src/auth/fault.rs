//! Why there is no short-lived token.

use crate::Attempt;
use std::{fmt, time::Duration};

/// What is wrong where a short-lived token cannot be got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenFault {
    /// The credentials are refused: the client id is unknown, the secret is wrong, or this client may not ask.
    Refused,
    /// What it is asked for with has ended or was revoked: a refresh token, or the token that asks for another one.
    Ended,
    /// There are too many token requests.
    Limited,
    /// The token endpoint does not answer, or fails.
    Unavailable,
    /// The store of tokens gives no lock, without which a refresh token is not shown.
    Store,
    /// The token endpoint does not understand the request, or its answer holds no token.
    Unexpected,
}

impl TokenFault {
    /// In one word, as spans and metrics have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "token_refused",
            Self::Ended => "token_ended",
            Self::Limited => "token_limited",
            Self::Unavailable => "token_unavailable",
            Self::Store => "token_store",
            Self::Unexpected => "token_unexpected",
        }
    }
}

/// Why a grant yielded nothing. It is told to everybody who waits for the token.
#[derive(Clone)]
pub(crate) struct GrantFailure {
    pub(crate) fault: TokenFault,
    pub(crate) message: String,
    /// The code of OAuth, or the provider's.
    pub(crate) code: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) advice: Option<String>,
    /// The requests that came to nothing.
    pub(crate) tried: Vec<Attempt>,
}

impl GrantFailure {
    pub(crate) fn new(fault: TokenFault, message: impl Into<String>) -> Self {
        Self {
            fault,
            message: message.into(),
            code: None,
            status: None,
            retry_after: None,
            advice: None,
            tried: Vec::new(),
        }
    }

    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

impl fmt::Debug for GrantFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrantFailure")
            .field("fault", &self.fault)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
