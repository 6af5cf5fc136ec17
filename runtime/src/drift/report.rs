//! What a connection saw of drift, to print.

use super::{DriftKind, Place};
use crate::Timestamp;
use std::fmt;

/// What the answers of a connection held that the descriptor does not know, by operation.
///
/// It holds names of fields, values of enums and statuses, and nothing else of any answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a report does nothing until it is shown"]
pub struct DriftReport {
    pub(super) entries: Vec<DriftEntry>,
    pub(super) overlooked: u64,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriftEntry {
    /// The operation, `orders.list`.
    pub operation: &'static str,
    /// What sort of drift it is.
    pub kind: DriftKind,
    /// The model, enum or union, as its Rust type is called; empty for a status.
    pub model: &'static str,
    /// The field, value, tag or status; `…` where it does not look like a name that somebody chose.
    pub name: String,
    /// How often it came.
    pub count: u64,
    /// When it came first.
    pub first_seen: Timestamp,
}

impl DriftReport {
    /// All findings, by operation.
    #[must_use]
    pub fn entries(&self) -> &[DriftEntry] {
        &self.entries
    }

    /// Whether the provider sent nothing but what the descriptor knows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.overlooked == 0
    }

    /// How often something came that is not among the entries, since there are too many of them.
    #[must_use]
    pub fn overlooked(&self) -> u64 {
        self.overlooked
    }
}

/// One line per finding.
impl fmt::Display for DriftReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("no drift");
        }
        for (at, entry) in self.entries.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            entry.fmt(f)?;
        }
        if self.overlooked > 0 {
            let line = if self.entries.is_empty() { "" } else { "\n" };
            write!(f, "{line}{} more that are not listed", self.overlooked)?;
        }
        Ok(())
    }
}

impl fmt::Display for DriftEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            kind,
            model,
            name,
            count,
            first_seen,
        } = self;
        let times = if *count == 1 { "once" } else { "times" };
        write!(f, "{operation}: {kind} {}, ", Place { model, name })?;
        if *count > 1 {
            write!(f, "{count} ")?;
        }
        write!(f, "{times}, first at {first_seen:.0}")
    }
}
