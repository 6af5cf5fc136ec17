//! Drift: what the provider sends and the descriptor does not know, or does not send although the descriptor knows it.
//!
//! [`watch`] is where decoders leave what they find, for the time of one answer; [`collector`] counts it per connection;
//! [`report`] is what a user prints. Names are kept and never values, except the values of enums, which are names too;
//! [`name`] decides what may be shown of either.

mod collector;
mod name;
mod report;
mod watch;

pub(crate) use collector::Collector;
pub use report::{DriftEntry, DriftReport};
pub(crate) use watch::{Found, Watch, is_watched, note};

use std::fmt;

/// What a connection does about drift, by [`ConnectionBuilder::drift`](crate::ConnectionBuilder::drift).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drift {
    /// Nothing. It costs one branch per answer.
    Ignore,
    /// It is counted, told once as an event of the target `tollgate::drift`, and in the connection's report.
    #[default]
    Report,
    /// It is reported, and an error: for tests, and never for production.
    Refuse,
}

/// What sort of drift it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DriftKind {
    /// A field that the model does not have. It is skipped. A model that is open keeps it, and it is no drift.
    UnknownField,
    /// A field that the model says always comes, and that did not. A list or map is read as empty, what may be null as
    /// null; without anything else the answer is refused.
    MissingField,
    /// A value that the enum does not list. It is kept as it came.
    UnknownValue,
    /// A tag of none of the union's models. What has it is kept as JSON.
    UnknownVariant,
    /// A status that neither the descriptor nor HTTP gives a meaning that the client knows.
    UnknownStatus,
}

impl DriftKind {
    /// In one word, as events and metrics have it: `unknown_field`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownField => "unknown_field",
            Self::MissingField => "missing_field",
            Self::UnknownValue => "unknown_value",
            Self::UnknownVariant => "unknown_variant",
            Self::UnknownStatus => "unknown_status",
        }
    }
}

/// `unknown field`
impl fmt::Display for DriftKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownField => "unknown field",
            Self::MissingField => "missing field",
            Self::UnknownValue => "unknown value",
            Self::UnknownVariant => "unknown variant",
            Self::UnknownStatus => "unknown status",
        })
    }
}

/// What may be wrong, in the words of a report: `Order.color`, `202`.
pub(crate) struct Place<'a> {
    pub(crate) model: &'a str,
    pub(crate) name: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.model {
            "" => write!(f, "`{}`", self.name),
            model => write!(f, "`{model}.{}`", self.name),
        }
    }
}

#[cfg(test)]
mod tests;
