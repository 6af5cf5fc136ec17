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
                self.push(bad_duration(text));
                None
            }
        }
    }
}

/// What is wrong with a text that is no duration, and what was probably meant.
fn bad_duration(text: &Spanned<String>) -> Diagnostic {
    let wrong = |problem: String| Diagnostic::new(Code::BadDuration, text.span, problem);
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return wrong(format!("the duration `{}` has no unit", text.value))
            .label("seconds, or what?")
            .help(format!(
                "write `{0}s` for seconds; the units are `ms`, `s`, `m`, `h` and `d`",
                text.value
            ));
    }
    let wrong = wrong(format!("`{}` is not a duration", text.value));
    match in_smaller_units(text) {
        Some(meant) => wrong.help(format!("a duration has whole numbers: write `{meant}`")),
        None => wrong.help("a number and a unit: `500ms`, `1s`, `5m`, `24h`, `7d`"),
    }
}

/// `1.5s` without a fraction: `1500ms`.
fn in_smaller_units(text: &str) -> Option<String> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let (whole, fraction) = number.split_once('.')?;
    let (whole, digits): (u64, u64) = (whole.parse().ok()?, fraction.parse().ok()?);
    let parts = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let rest = digits.checked_mul(*factor)?;
    let millis = (rest % parts == 0).then(|| whole.checked_mul(*factor)?.checked_add(rest / parts))??;
    // Zero is no duration in any unit.
    let mut units = UNITS.iter().rev().filter(|_| millis > 0);
    let (name, factor) = units.find(|(_, factor)| millis % factor == 0)?;
    Some(format!("{}{name}", millis / factor))
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

    #[test]
    fn a_fraction_is_suggested_in_a_smaller_unit() {
        for (text, meant) in [("1.5s", "1500ms"), ("0.5h", "30m"), ("1.0s", "1s"), ("2.5m", "150s")] {
            assert_eq!(in_smaller_units(text).as_deref(), Some(meant), "{text}");
        }
        for text in [
            "1.5",
            "0.0001s",
            "1.s",
            ".5s",
            "1.5y",
            "99999999999999999.5d",
            "0.0s",
            "0.00d",
        ] {
            assert_eq!(in_smaller_units(text), None, "{text}");
        }
    }
}
