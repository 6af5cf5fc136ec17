//! What the author wrote: every key and value with its place, nothing resolved.
//!
//! The tree keeps the author's order. Short and long forms of the same thing are one type here; which of them
//! stood in the file can be read from the spans. Texts with a grammar of their own (places, templates,
//! durations, types, sizes, patterns, dates, names) stay texts: reading them is the next stage's work.

use crate::diagnostic::Diagnostics;
use crate::source::Sources;

mod auth;
mod failure;
mod file;
mod include;
pub mod keys;
mod limit;
mod operation;
pub(crate) mod outline;
mod page;
mod parse;
mod read;
mod reply;
mod scalar;
mod schema;
mod tree;
mod value;
mod webhook;
mod word;

pub use self::auth::{
    Basic, Grant, GrantResponse, PerEnvironment, Role, RoleKind, Scheme, SchemeUse, Scope, ScopeUse, Signer, Token,
    TokenField, TokenFormat, TokenRoles,
};
pub use self::file::{Allow, Descriptor, Environment, OpenApi, Resource, Settings, Variable};
pub(crate) use self::include::included_files;
pub use self::limit::{Backoff, Learn, Per, RateLimit, RateLimitUse, Retry, RetryUse, RetryWhen};
pub use self::operation::{Batch, Deprecated, Example, HealthCheck, Operation, Param, Returns, Route, Stream};
pub use self::page::{PageSize, Pager, PagerUse};
pub use self::reply::{Errors, Rule, Status, Unwrap, When};
pub use self::schema::{Enum, EnumValue, Field, Formats, Model, Type, Union, Variant};
pub use self::value::{Entries, Place, Target, Value};
pub use self::webhook::{Events, Signature, WebhookSecret, WebhookSignature, Webhooks};
pub use self::word::{
    Algorithm, ArrayStyle, Counts, DateTimeFormat, ErrorKind, Location, Method, NumberFormat, PagerType, Presence,
    Slashes, Stop, StreamKind, Word,
};

/// Reads all files into one tree, reporting every mistake.
///
/// The tree is there whenever the main file is a map, even if parts of it had to be left out, so that the next
/// stage can report what it finds in the same run.
#[must_use]
pub fn parse(sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Descriptor> {
    include::parse(sources, diagnostics)
}
