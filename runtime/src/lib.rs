//! The runtime of Tollgate: what generated API clients call and users import.
//!
//! A generated client turns each operation of a provider into a plain struct that implements [`Operation`]: a [`Spec`] of
//! constants, and how to write its request and read its answer. Everything that is equal for all operations is here.
//!
//! # The life of a call
//!
//! ```text
//! client.orders().list(ListOrders::new())      Client<T>     T holds the scope, or it does not compile
//!     │
//!   Call ── .send()      Sending               one answer
//!        ── .items()     Items                 a stream over all pages
//!        ── .pages()     Pages                 a stream of pages
//!        ── .send_all()  SendingAll            a batch in parts, each reported
//!     │
//!     ▼
//!   encode               Operation::encode writes a Request; mistakes end it here
//!     │                  paging parameters and the idempotency key are put in, once for all attempts
//!     ▼
//!   ┌─ limits            waits until all budgets let it go, first come first served
//!   │    ▼
//!   │  auth              shows the token, to the provider's own hosts only
//!   │    ▼
//!   │  transport         one exchange, no redirects; its answer gives the place back one window later
//!   │    ▼
//!   │  classify          success? what kind of failure?
//!   │    │
//!   └────┤ wait          after what the provider asks, or with a growing pause; 429 for every method, else only where
//!        │               a repeat is safe
//!        ▼
//!   Operation::decode    Op::Output, or an Error that says what to do
//! ```
//!
//! With the feature `redis`, processes on any number of machines keep limits and short-lived tokens together: `Redis`.
//!
//! What is passed in: [`Transport`], [`Clock`], [`Randomness`]. With a [`ScriptedTransport`] and tokio's paused clock every
//! wait can be tested to the millisecond.
//!
//! # What it tells
//!
//! Spans and events of `tracing`, [`Error::tried`], [`Connection::drift`], and with the feature `metrics` the recorder of the
//! crate of that name: `docs/observability.md` and `docs/drift.md` list what there is.

#[cfg(feature = "blocking")]
pub mod blocking;
pub mod format;
pub mod open;
pub mod param;
pub mod record;
pub mod spec;
pub mod union;
pub mod webhook;

mod address;
mod attempt;
mod auth;
mod batch;
mod call;
mod classify;
mod clearable;
mod client;
mod clock;
mod compact;
mod drift;
mod error;
mod event;
mod headers;
mod include;
mod json;
mod limit;
mod line;
mod meter;
mod operation;
mod pages;
mod pattern;
mod place;
mod prepare;
mod raw;
#[cfg(feature = "redis")]
mod redis;
mod reply;
mod request;
mod retry;
mod ring;
mod scope;
mod secret;
mod token;
mod transport;
mod url;

#[doc(hidden)]
pub use self::limit::{OneLimit, OnePlace};
#[cfg(feature = "redis")]
pub use self::redis::{Redis, RedisBuilder, RedisError, WhenAway};
#[cfg(feature = "hyper")]
pub use self::transport::HyperTransport;
#[cfg(feature = "tower")]
pub use self::transport::{TowerBody, TowerTransport};
pub use self::{
    address::ConnectionError,
    attempt::Attempt,
    auth::{
        fault::TokenFault,
        signer::{SignError, Signature, Signer, Signing, SigningRequest},
        store::{FileStore, ProcessStore, StoreError, StoreFuture, StoreLock, StoredToken, TokenKey, TokenStore},
    },
    batch::{Batch, BatchPart, SendingAll},
    call::{Call, Sending},
    clearable::Clearable,
    client::{Client, Connection, ConnectionBuilder},
    clock::{Clock, Randomness, Sleep, SystemClock, SystemRandomness},
    drift::{Drift, DriftEntry, DriftKind, DriftReport},
    error::{Error, ErrorKind},
    headers::Headers,
    limit::Budgets,
    operation::{Absent, Conditional, ErrorBody, Given, NoErrorBody, Operation, Paged, PermittedBy, Splits},
    pages::{Items, Page, Pages},
    param::{Param, Values},
    reply::{DecodeError, Reply},
    request::{EncodeError, File, Part, Request, Start, Style},
    retry::RetryPolicy,
    ring::{NoSuchToken, Ring},
    scope::{Ticked, WithinRulesOf, WithinScopesOf},
    secret::Secret,
    spec::*,
    token::{Anonymous, Credential, TokenError, TokenValue},
    transport::{
        Exchange, HttpReply, HttpRequest, RecordingTransport, ReplayTransport, ScriptedTransport, Transport,
        TransportError,
    },
    url::Url,
};

pub use bytes::Bytes;
pub use jiff::{Timestamp, civil::Date};
pub use rust_decimal::Decimal;
pub use serde;
pub use serde_json::Value as Json;
#[cfg(feature = "macros")]
pub use tollgate_macros::provider;
pub use uuid::Uuid;
