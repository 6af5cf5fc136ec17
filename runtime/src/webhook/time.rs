//! How old a call is.

use super::WebhookError;
use crate::TimeFormat;
use jiff::Timestamp;
use std::time::{Duration, SystemTime};

/// A point in time, by the first format that fits.
pub(super) fn parse(text: &str, formats: &[TimeFormat]) -> Option<Timestamp> {
    let formats = match formats {
        [] => &[TimeFormat::Unix],
        formats => formats,
    };
    formats.iter().find_map(|format| point(text, *format))
}

fn point(text: &str, format: TimeFormat) -> Option<Timestamp> {
    match format {
        TimeFormat::Unix => Timestamp::from_second(whole(text)?).ok(),
        TimeFormat::UnixMs => Timestamp::from_millisecond(whole(text)?).ok(),
        TimeFormat::Rfc3339 => text.parse().ok(),
        TimeFormat::HttpDate => {
            let time: SystemTime = httpdate::parse_http_date(text).ok()?;
            Timestamp::try_from(time).ok()
        }
        // The descriptor's check refuses these: they are spans.
        TimeFormat::Seconds | TimeFormat::Milliseconds | TimeFormat::Duration => None,
    }
}

/// Digits, and behind a point more of them, which are less than anybody asks about.
fn whole(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(fraction)).then(|| whole.parse().ok())?
}

/// That a time is not further from now than allowed, in either direction.
pub(super) fn check_age(at: Timestamp, now: Timestamp, tolerance: Duration) -> Result<(), WebhookError> {
    let age = now.duration_since(at);
    if age.unsigned_abs() <= tolerance {
        Ok(())
    } else if age.is_positive() {
        Err(WebhookError::too_old(age.unsigned_abs(), tolerance))
    } else {
        Err(WebhookError::in_future(age.unsigned_abs(), tolerance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TimeFormat::{HttpDate, Rfc3339, Unix, UnixMs};

    /// Sun, 06 Nov 1994 08:49:37 GMT
    const THEN: Timestamp = Timestamp::constant(784_111_777, 0);

    #[test]
    fn every_format_of_a_point_in_time_is_read() {
        assert_eq!(parse("784111777", &[]), Some(THEN));
        assert_eq!(parse("784111777.75", &[Unix]), Some(THEN));
        assert_eq!(parse("784111777000", &[UnixMs]), Some(THEN));
        assert_eq!(parse("1994-11-06T08:49:37Z", &[Unix, Rfc3339]), Some(THEN));
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:37 GMT", &[HttpDate]), Some(THEN));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "soon",
            "-1",
            "+1",
            "1e9",
            " 784111777",
            "99999999999999999999",
            "9223372036854775807",
            ".5",
        ] {
            assert_eq!(parse(text, &[Unix]), None, "{text}");
        }
        assert_eq!(parse("7", &[TimeFormat::Seconds]), None);
    }

    #[test]
    fn the_tolerance_holds_in_both_directions_and_to_the_second() {
        let minute = Duration::from_mins(1);
        let moved = |seconds: i64| Timestamp::constant(784_111_777 + seconds, 0);
        for seconds in [-60, 0, 60] {
            assert!(check_age(THEN, moved(seconds), minute).is_ok(), "{seconds}");
        }
        let kind = |now| check_age(THEN, now, minute).unwrap_err().kind();
        assert_eq!(kind(moved(61)), super::super::WebhookErrorKind::TooOld);
        assert_eq!(kind(moved(-61)), super::super::WebhookErrorKind::InFuture);
        assert!(check_age(Timestamp::MIN, Timestamp::MAX, minute).is_err());
    }
}
