//! Failures on demand.

use std::fmt;
use std::str::FromStr;
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
    /// The connection is cut, and nothing is done.
    Reset,
    /// Everything is done, and then the connection is cut: the caller cannot know.
    Lost,
    /// The answer takes this much longer.
    Delay(Duration),
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
}

/// A fault for the next answers of an operation.
///
/// As text `orders.create=2x503`: the operation, or `*` for any; how often, once if not said; and `503`, `429/2s` (with
/// a wait), `reset`, `lost` or `delay:500ms`.
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

/// A text that is no [`ScriptedFault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultSyntax(String);

impl fmt::Display for FaultSyntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no fault; write `OPERATION=[COUNTx]FAULT`, where FAULT is a status (`503`, `429/2s`), `reset`, `lost` or `delay:500ms`",
            self.0
        )
    }
}

impl std::error::Error for FaultSyntax {}

impl FromStr for ScriptedFault {
    type Err = FaultSyntax;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (operation, what) = text.split_once('=')?;
            let (times, what) = match what.split_once('x').map(|(times, what)| (times.parse(), what)) {
                Some((Ok(times), what)) => (times, what),
                _ => (1, what),
            };
            (!operation.is_empty()).then_some(())?;
            Some(Self::new(operation.trim(), times, parse_fault(what.trim())?))
        };
        parse().ok_or_else(|| FaultSyntax(text.to_owned()))
    }
}

fn parse_fault(text: &str) -> Option<Fault> {
    let in_range = |status: &u16| (200..600).contains(status);
    match text {
        "reset" => Some(Fault::Reset),
        "lost" => Some(Fault::Lost),
        _ => match (text.strip_prefix("delay:"), text.split_once('/')) {
            (Some(delay), _) => parse_duration(delay).map(Fault::Delay),
            (None, Some((status, wait))) => {
                let status = status.parse().ok().filter(in_range)?;
                parse_duration(wait).map(|wait| Fault::status_after(status, wait))
            }
            (None, None) => text.parse().ok().filter(in_range).map(Fault::status),
        },
    }
}

/// `250ms`, `2s`, `1.5s` or `1m`.
fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read() {
        let read = |text: &str| {
            text.parse::<ScriptedFault>()
                .ok()
                .map(|fault| (fault.times, fault.fault))
        };
        assert_eq!(read("a.b=503"), Some((1, Fault::status(503))));
        assert_eq!(
            read("a.b=2x429/1.5s"),
            Some((2, Fault::status_after(429, Duration::from_millis(1500))))
        );
        assert_eq!(read("*=3xreset"), Some((3, Fault::Reset)));
        assert_eq!(read("*=lost"), Some((1, Fault::Lost)));
        assert_eq!(
            read("a.b=delay:250ms"),
            Some((1, Fault::Delay(Duration::from_millis(250))))
        );
        for bad in [
            "",
            "a.b",
            "a.b=",
            "=503",
            "a.b=99",
            "a.b=soon",
            "a.b=delay:3",
            "a.b=429/-1s",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn faults_are_used_up_in_order() {
        let mut script = Script::default();
        script.push(ScriptedFault::new("a", 1, Fault::Reset));
        script.push(ScriptedFault::new("*", 1, Fault::Lost));
        assert_eq!(script.take("a"), Some(Fault::Reset));
        assert_eq!(script.take("a"), Some(Fault::Lost));
        assert_eq!(script.take("a"), None);
    }
}
