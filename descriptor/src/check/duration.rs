//! Durations: `500ms`, `1s`, `5m`, `24h`.

use super::Check;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Spanned;
use std::time::Duration;

const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Reads `1s`, and `1h30m` with the larger unit first.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let mut total: u64 = 0;
    let mut rest = text;
    let mut last = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        if *factor >= last {
            return None;
        }
        last = *factor;
        let part = number.parse::<u64>().ok()?.checked_mul(*factor)?;
        total = total.checked_add(part)?;
        rest = after;
    }
    (last != u64::MAX).then(|| Duration::from_millis(total))
}

impl Check<'_> {
    /// A duration above zero.
    pub(super) fn check_duration(&mut self, text: &Spanned<String>) -> Option<Duration> {
        match parse_duration(text) {
            Some(duration) if !duration.is_zero() => Some(duration),
            Some(_) => {
                self.push(Diagnostic::new(Code::BadDuration, text.span, "a duration of zero").label("must be longer"));
                None
            }
            None => {
                self.push(
                    Diagnostic::new(
                        Code::BadDuration,
                        text.span,
                        format!("`{}` is not a duration", text.value),
                    )
                    .help("a number and a unit: `500ms`, `1s`, `5m`, `24h`, `7d`"),
                );
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_is_read() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("16s"), Some(Duration::from_secs(16)));
        assert_eq!(parse_duration("5m"), Some(Duration::from_mins(5)));
        assert_eq!(parse_duration("24h"), Some(Duration::from_hours(24)));
        assert_eq!(parse_duration("1h30m"), Some(Duration::from_mins(90)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "5",
            "s",
            "1 s",
            "1.5s",
            "-1s",
            "1S",
            "1m1h",
            "1s1s",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
