//! Whom the requests are measured with.

use clap::ValueEnum;

/// A client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Peer {
    /// hyper's client, and `serde_json`.
    Hyper,
    /// reqwest, and its JSON.
    Reqwest,
    /// What progenitor generates.
    Progenitor,
    /// What Tollgate generates: token, limit, retry and spans.
    Tollgate,
    /// The same, where nobody counts what the descriptor does not know.
    TollgateIgnoringDrift,
}

impl Peer {
    pub(crate) const ALL: [Self; 5] = [
        Self::Hyper,
        Self::Reqwest,
        Self::Progenitor,
        Self::Tollgate,
        Self::TollgateIgnoringDrift,
    ];

    /// As on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hyper => "hyper",
            Self::Reqwest => "reqwest",
            Self::Progenitor => "progenitor",
            Self::Tollgate => "tollgate",
            Self::TollgateIgnoringDrift => "tollgate-ignoring-drift",
        }
    }

    /// For people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Hyper => "hyper",
            Self::Reqwest => "reqwest",
            Self::Progenitor => "progenitor 0.15",
            Self::TollgateIgnoringDrift => "the same, drift ignored",
            Self::Tollgate => "tollgate, with token, limit, retry and events",
        }
    }
}
