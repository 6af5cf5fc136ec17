//! Failures on demand.

mod scramble;
mod spoil;
mod syntax;

pub use self::spoil::{Framing, Spoil};
pub use self::syntax::FaultSyntax;

use bytes::Bytes;
use std::fmt;
use std::time::Duration;

/// What goes wrong instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// This status, and nothing is done. With a wait, it is said as the descriptor's `wait_from` has it.
    Status {
        /// 400 to 599, as a rule.
        status: u16,
        /// How long the caller shall wait.
        wait: Option<Duration>,
    },
    /// Exactly this answer, and nothing is done: hints that no provider should send, redirects, statuses of proxies.
    Answer {
        /// The status.
        status: u16,
        /// Its headers, in order; one that HTTP cannot carry is left out.
        headers: Vec<(String, String)>,
        /// Its body.
        body: Bytes,
    },
    /// The connection is reset, and nothing is done.
    Reset,
    /// Everything is done, and then the connection is closed without an answer: the caller cannot know.
    Lost,
    /// The answer takes this much longer.
    Delay(Duration),
    /// The token of the request is unknown from now on: 401, and nothing is done.
    Revoked,
    /// Everything is done, and the answer goes wrong on its way.
    Spoiled(Spoil),
}

impl Fault {
    /// A status without a hint how long to wait.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status { status, wait: None }
    }

    /// A status with a hint how long to wait.
    #[must_use]
    pub fn status_after(status: u16, wait: Duration) -> Self {
        Self::Status {
            status,
            wait: Some(wait),
        }
    }

    /// A status with one header, said as it is.
    #[must_use]
    pub fn status_with(status: u16, name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::Answer {
            status,
            headers: vec![(name.into(), value.into())],
            body: Bytes::new(),
        }
    }

    /// A redirect, which no client that shows a token should follow.
    #[must_use]
    pub fn redirect(status: u16, location: impl Into<String>) -> Self {
        Self::status_with(status, "Location", location)
    }
}

/// Prints as it is written for the command line.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { status, wait: None } => write!(f, "{status}"),
            Self::Status {
                status,
                wait: Some(wait),
            } => write!(f, "{status}/{wait:?}"),
            Self::Answer { status, headers, .. } => {
                write!(f, "answer:{status}")?;
                let mut headers = headers.iter();
                headers.try_for_each(|(name, value)| write!(f, ";{name}={value}"))
            }
            Self::Reset => f.write_str("reset"),
            Self::Lost => f.write_str("lost"),
            Self::Delay(delay) => write!(f, "delay:{delay:?}"),
            Self::Revoked => f.write_str("revoked"),
            Self::Spoiled(spoil) => spoil.fmt(f),
        }
    }
}

/// A fault for the next answers of an operation.
///
/// As text `orders.create=2x503`: the operation, or `*` for any; how often, once if not said; and what goes wrong:
///
/// - `503`, `429/2s` (with a wait), `answer:302;Location=https://elsewhere.example` (with these headers), `reset`,
///   `revoked`: nothing is done;
/// - `delay:500ms`, `lost`: everything is done;
/// - `truncated`, `slow-body:100ms` and the other texts of [`Spoil`]: everything is done, and the answer is spoiled.
///
/// ```
/// use tollgate_mock::{Fault, ScriptedFault};
/// let scripted: ScriptedFault = "orders.create=2x503".parse()?;
/// assert_eq!(scripted, ScriptedFault::new("orders.create", 2, Fault::status(503)));
/// # Ok::<(), tollgate_mock::FaultSyntax>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptedFault {
    /// `orders.create`, or `*`.
    pub operation: String,
    /// For how many answers.
    pub times: u32,
    /// What goes wrong.
    pub fault: Fault,
}

impl ScriptedFault {
    /// A fault for the next answers of an operation, or of any for `*`.
    #[must_use]
    pub fn new(operation: impl Into<String>, times: u32, fault: Fault) -> Self {
        Self {
            operation: operation.into(),
            times,
            fault,
        }
    }
}

/// The faults that are still to come, first come first served.
#[derive(Debug, Default)]
pub(crate) struct Script(Vec<ScriptedFault>);

impl Script {
    pub(crate) fn push(&mut self, fault: ScriptedFault) {
        self.0.push(fault);
    }

    /// The next fault of an operation.
    pub(crate) fn take(&mut self, operation: &str) -> Option<Fault> {
        let applies = |fault: &ScriptedFault| fault.operation == "*" || fault.operation == operation;
        let next = self.0.iter_mut().find(|fault| applies(fault) && fault.times > 0)?;
        next.times -= 1;
        let fault = next.fault.clone();
        self.0.retain(|fault| fault.times > 0);
        Some(fault)
    }

    /// Forgets what is still to come, and says how many answers that would have been.
    pub(crate) fn clear(&mut self) -> u32 {
        self.0.drain(..).map(|fault| fault.times).fold(0, u32::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_used_up_in_order() {
        let mut script = Script::default();
        script.push(ScriptedFault::new("a", 1, Fault::Reset));
        script.push(ScriptedFault::new("*", 1, Fault::Lost));
        assert_eq!(script.take("a"), Some(Fault::Reset));
        assert_eq!(script.take("a"), Some(Fault::Lost));
        assert_eq!(script.take("a"), None);
    }

    #[test]
    fn faults_can_be_forgotten() {
        let mut script = Script::default();
        script.push(ScriptedFault::new("a", 3, Fault::Reset));
        script.push(ScriptedFault::new("*", 1, Fault::Lost));
        assert_eq!(script.take("a"), Some(Fault::Reset));
        assert_eq!(script.clear(), 3);
        assert_eq!(script.take("a"), None);
    }
}
