//! What happened, for assertions and for people.

use crate::limit::BudgetReport;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

/// How many requests the log keeps.
const LOG: usize = 10_000;

/// What a mock has seen since it started.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// By operation, `orders.list`; token endpoints are `token:machine`, by the token type.
    pub operations: BTreeMap<String, OperationReport>,
    /// Requests that met no operation.
    pub unmatched: u64,
    /// What each budget of each rate limit saw.
    pub budgets: Vec<BudgetReport>,
    /// The last ten thousand requests, oldest first.
    pub requests: Vec<Seen>,
}

/// What one operation has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationReport {
    /// Answers by status; cut connections count as 0.
    pub statuses: BTreeMap<u16, u64>,
    /// How often something was done: once per element of a batch, once per idempotency key. Reads have none.
    pub effects: u64,
}

/// A request in the log. It holds no header, no body and no value that could be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// When it arrived, counted from the start.
    pub at: Duration,
    /// `GET`
    pub method: String,
    /// The path as the descriptor has it, holes in braces; what no route names is `…`.
    pub path: String,
    /// `orders.list`, where a route was found; `token:machine` for a token request.
    pub operation: Option<String>,
    /// The label of the token, `channel-2`, where it was known.
    pub token: Option<String>,
    /// The answer's status; `None` for a cut connection.
    pub status: Option<u16>,
    /// How much it did: see [`OperationReport::effects`].
    pub effects: u64,
    /// Whether a scripted fault met it.
    pub fault: bool,
    /// Why it was refused, or what went wrong.
    pub note: Option<String>,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self
            .status
            .map_or_else(|| "cut".to_owned(), |status| status.to_string());
        write!(
            f,
            "{:>9.3}s {status} {} {}",
            self.at.as_secs_f64(),
            self.method,
            self.path
        )?;
        for part in [&self.operation, &self.token].into_iter().flatten() {
            write!(f, " {part}")?;
        }
        match &self.note {
            Some(note) => write!(f, ": {note}"),
            None => Ok(()),
        }
    }
}

impl Report {
    /// How many requests an operation got.
    #[must_use]
    pub fn calls(&self, operation: &str) -> u64 {
        self.operations
            .get(operation)
            .map_or(0, |report| report.statuses.values().sum())
    }

    /// How many answers of an operation had a status; 0 stands for cut connections.
    #[must_use]
    pub fn answers(&self, operation: &str, status: u16) -> u64 {
        self.operations
            .get(operation)
            .and_then(|report| report.statuses.get(&status))
            .copied()
            .unwrap_or_default()
    }

    /// How many requests for a token of this type there were: `report.token_requests("machine")`.
    #[must_use]
    pub fn token_requests(&self, token: &str) -> u64 {
        self.calls(&format!("token:{token}"))
    }

    /// How often an operation did something.
    #[must_use]
    pub fn effects(&self, operation: &str) -> u64 {
        self.operations.get(operation).map_or(0, |report| report.effects)
    }

    /// All requests.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.unmatched
            + self
                .operations
                .keys()
                .map(|operation| self.calls(operation))
                .sum::<u64>()
    }

    /// How many requests a rate limit refused. A 429 that was scripted is not among them.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.budgets.iter().map(|budget| budget.rejected).sum()
    }

    /// The most requests that arrived within one window of a limit, over all its budgets.
    #[must_use]
    pub fn most_in_window(&self, limit: &str) -> usize {
        let budgets = self.budgets.iter().filter(|budget| budget.limit == limit);
        budgets.map(|budget| budget.most_in_window).max().unwrap_or_default()
    }

    /// What the budgets of a token saw, by its label (`channel-2`).
    pub fn budgets_of(&self, token: &str) -> impl Iterator<Item = &BudgetReport> {
        self.budgets
            .iter()
            .filter(move |budget| budget.key.split(' ').next() == Some(token))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} requests, {} refused by a rate limit",
            self.total(),
            self.rejected()
        )?;
        for (operation, report) in &self.operations {
            write!(f, "  {operation}:")?;
            for (status, count) in &report.statuses {
                match status {
                    0 => write!(f, " {count} cut")?,
                    _ => write!(f, " {count}×{status}")?,
                }
            }
            match report.effects {
                0 => writeln!(f)?,
                effects => writeln!(f, ", {effects} effects")?,
            }
        }
        if self.unmatched > 0 {
            writeln!(f, "  no such operation: {}", self.unmatched)?;
        }
        for budget in &self.budgets {
            let BudgetReport {
                limit,
                key,
                allowed,
                admitted,
                rejected,
                most_in_window,
            } = budget;
            let key = if key.is_empty() { "all" } else { key };
            writeln!(
                f,
                "  {limit} of {key}: {admitted} let in, {rejected} refused, at most {most_in_window} (of {allowed}) in a window"
            )?;
        }
        Ok(())
    }
}

/// Counts while the mock runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    operations: BTreeMap<String, OperationReport>,
    unmatched: u64,
    requests: VecDeque<Seen>,
}

impl Tally {
    pub(crate) fn count(&mut self, seen: Seen) {
        match &seen.operation {
            None => self.unmatched += 1,
            Some(operation) => {
                let statuses = &mut self.operations.entry(operation.clone()).or_default().statuses;
                *statuses.entry(seen.status.unwrap_or_default()).or_default() += 1;
            }
        }
        if self.requests.len() == LOG {
            self.requests.pop_front();
        }
        self.requests.push_back(seen);
    }

    pub(crate) fn effects(&mut self, operation: &str, count: u64) {
        self.operations.entry(operation.to_owned()).or_default().effects += count;
    }

    pub(crate) fn effects_so_far(&self, operation: &str) -> u64 {
        self.operations.get(operation).map_or(0, |report| report.effects)
    }

    pub(crate) fn report(&self, budgets: Vec<BudgetReport>) -> Report {
        Report {
            operations: self.operations.clone(),
            unmatched: self.unmatched,
            budgets,
            requests: self.requests.iter().cloned().collect(),
        }
    }
}
