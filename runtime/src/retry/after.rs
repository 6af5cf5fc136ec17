//! What the provider says about when to come back.

use crate::{Place, TimeFormat, place::Look};
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, SystemTime};

/// The wait that an answer asks for. No wait, and one in the past, are no hint.
pub(crate) fn hint(look: &Look<'_>, places: &[Place], wall: Timestamp) -> Option<Duration> {
    places.iter().find_map(|place| {
        let text = look.text(place)?;
        let formats = match place.formats {
            [] => &[TimeFormat::Seconds],
            formats => formats,
        };
        let waits = formats.iter().filter_map(|format| wait(&text, *format, wall));
        { waits }.next().filter(|wait| !wait.is_zero())
    })
}

fn wait(text: &str, format: TimeFormat, wall: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let until = |time: Timestamp| Duration::try_from(time.duration_since(wall)).ok();
    match format {
        TimeFormat::Seconds => seconds(text),
        TimeFormat::Milliseconds => seconds(text).map(|wait| wait / 1000),
        TimeFormat::HttpDate => until(Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()?),
        TimeFormat::Rfc3339 => until(text.parse().ok()?),
        TimeFormat::Unix => until(since_1970(seconds(text)?)?),
        TimeFormat::UnixMs => until(since_1970(seconds(text)? / 1000)?),
        TimeFormat::Duration => Duration::try_from(text.parse::<SignedDuration>().ok()?).ok(),
    }
}

/// Decimal digits with fractions, and nothing else that a float may be.
fn seconds(text: &str) -> Option<Duration> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = plain.then(|| text.parse().ok())??;
    Duration::try_from_secs_f64(number).ok()
}

fn since_1970(duration: Duration) -> Option<Timestamp> {
    Timestamp::try_from(SystemTime::UNIX_EPOCH.checked_add(duration)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HttpReply;
    use TimeFormat::{HttpDate, Milliseconds, Rfc3339, Seconds, Unix, UnixMs};

    /// Sun, 06 Nov 1994 08:49:37 GMT
    const WALL: Timestamp = Timestamp::constant(784_111_777, 0);

    fn said(text: &str, formats: &'static [TimeFormat]) -> Option<Duration> {
        let reply = HttpReply::new(429).header("retry-after", text);
        let place = Place {
            formats,
            ..Place::header("retry-after")
        };
        hint(&Look::at(&reply), &[place], WALL)
    }

    const fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn every_format_is_read() {
        assert_eq!(said("2", &[Seconds]), Some(millis(2000)));
        assert_eq!(said("0.25", &[Seconds]), Some(millis(250)));
        assert_eq!(said("1500", &[Milliseconds]), Some(millis(1500)));
        assert_eq!(said("Sun, 06 Nov 1994 08:49:40 GMT", &[HttpDate]), Some(millis(3000)));
        assert_eq!(said("1994-11-06T08:49:40.5Z", &[Rfc3339]), Some(millis(3500)));
        assert_eq!(said("784111778", &[Unix]), Some(millis(1000)));
        assert_eq!(said("784111777250", &[UnixMs]), Some(millis(250)));
        assert_eq!(said("1h30m", &[TimeFormat::Duration]), Some(millis(5_400_000)));
        assert_eq!(said("17ms", &[TimeFormat::Duration]), Some(millis(17)));
    }

    #[test]
    fn the_first_format_that_fits_is_taken() {
        const EITHER: &[TimeFormat] = &[Seconds, HttpDate];
        assert_eq!(said("7", EITHER), Some(millis(7000)));
        assert_eq!(said("Sun, 06 Nov 1994 08:49:38 GMT", EITHER), Some(millis(1000)));
    }

    #[test]
    fn no_wait_and_nonsense_are_no_hint() {
        assert_eq!(said("0", &[Seconds]), None);
        assert_eq!(said("-3", &[Seconds]), None);
        assert_eq!(said("NaN", &[Seconds]), None);
        assert_eq!(said("1e300", &[Seconds]), None);
        assert_eq!(said("soon", &[Seconds, HttpDate]), None);
        assert_eq!(said("Sun, 06 Nov 1994 08:49:36 GMT", &[HttpDate]), None);
        assert_eq!(said("784111777", &[Unix]), None);
        assert_eq!(said("99999999999999999999999999", &[Unix]), None);
    }

    #[test]
    fn a_pattern_gives_its_first_group() {
        let reply = HttpReply::new(429).json(&serde_json::json!({"error": "slow down, retry in 1.5 s"}));
        let place = Place {
            formats: &[Seconds],
            pattern: Some(r"retry in ([\d.]+) s"),
            ..Place::body(&[crate::Step::Name("error")])
        };
        assert_eq!(hint(&Look::at(&reply), &[place], WALL), Some(millis(1500)));
    }
}
