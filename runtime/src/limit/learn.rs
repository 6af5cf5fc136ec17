//! What answers tell of a budget.
//!
//! A limit may declare where ([`Learn`]). For limits of a token that do not, the fields of the IETF's draft are read,
//! [`RateLimit` and `RateLimit-Policy`](fields), in the form of its current version and of earlier ones.

mod fields;

use crate::{Algorithm, Learn, Limit, Per, Place, place::Look, retry};
use jiff::Timestamp;
use std::time::Duration;

/// What an answer tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The whole budget.
    pub(super) limit: Option<u32>,
    /// What is left of it.
    pub(super) remaining: Option<u32>,
    /// What is gone of it.
    pub(super) used: Option<u32>,
    /// When it is whole again, from now.
    pub(super) reset: Option<Duration>,
    /// Whether it is said when, in whatever form.
    pub(super) has_reset: bool,
}

/// What an answer tells of a limit, if anything.
pub(super) fn read(limit: &Limit, look: &Look<'_>, wall: Timestamp) -> Option<Told> {
    let told = match limit.learn {
        Some(learn) => declared(learn, look, wall),
        None if limit.per == [Per::Token] && limit.algorithm != Algorithm::Concurrency => {
            fields::read(&look.reply().headers, limit.window, wall)?
        }
        None => return None,
    };
    (told.limit.is_some() || told.remaining.is_some() || told.used.is_some()).then_some(told)
}

fn declared(learn: &Learn, look: &Look<'_>, wall: Timestamp) -> Told {
    let number = |place: &Option<Place>| number(&look.text(place.as_ref()?)?);
    let reset = learn.reset.as_ref().map(std::slice::from_ref);
    Told {
        limit: number(&learn.limit),
        remaining: number(&learn.remaining),
        // A part that is used is used.
        used: learn.used.as_ref().and_then(|place| number_up(&look.text(place)?)),
        reset: reset.and_then(|place| retry::hint(look, place, wall)),
        has_reset: reset.is_some(),
    }
}

/// A count, cut to whole ones. Nothing else that a float may be, and no sign: `-1` is what some say for no limit.
fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain(whole) || !is_plain(fraction) {
        return None;
    }
    // More than fits is as good as no end.
    Some(whole.parse().unwrap_or(u32::MAX))
}

fn number_up(text: &str) -> Option<u32> {
    let has_part = text
        .split_once('.')
        .is_some_and(|(_, part)| part.bytes().any(|byte| byte != b'0'));
    Some(number(text)?.saturating_add(has_part.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HttpReply, TimeFormat};

    const WALL: Timestamp = Timestamp::constant(784_111_777, 0);

    #[expect(clippy::unnecessary_wraps, reason = "it stands where a place may be missing")]
    fn place(name: &'static str, formats: &'static [TimeFormat], pattern: Option<&'static str>) -> Option<Place> {
        Some(Place {
            formats,
            pattern,
            ..Place::header(name)
        })
    }

    fn told(learn: &Learn, headers: &[(&str, &str)]) -> Told {
        let headers = headers.iter();
        let reply = headers.fold(HttpReply::new(200), |reply, (name, value)| reply.header(name, value));
        declared(learn, &Look::at(&reply), WALL)
    }

    #[test]
    fn a_pattern_picks_the_number_out() {
        let learn = Learn {
            limit: place("calls", &[], Some("/([0-9]+)")),
            remaining: None,
            used: place("calls", &[], Some("([0-9]+)/")),
            reset: None,
        };
        let told = told(&learn, &[("Calls", "32/40")]);
        assert_eq!((told.limit, told.used, told.remaining), (Some(40), Some(32), None));
        assert!(!told.has_reset);
    }

    #[test]
    fn a_reset_is_read_in_every_format_and_the_past_is_none() {
        use TimeFormat::{Duration as Span, HttpDate, Milliseconds, Rfc3339, Seconds, Unix, UnixMs};
        let cases: [(&str, &'static [TimeFormat], Option<u64>); 12] = [
            ("2", &[Seconds], Some(2000)),
            ("0.25", &[Seconds], Some(250)),
            ("1500", &[Milliseconds], Some(1500)),
            ("Sun, 06 Nov 1994 08:49:40 GMT", &[HttpDate], Some(3000)),
            ("1994-11-06T08:49:40.5Z", &[Rfc3339], Some(3500)),
            ("784111778", &[Unix], Some(1000)),
            ("784111777.5", &[Unix], Some(500)),
            ("784111777250", &[UnixMs], Some(250)),
            ("6m0s", &[Span], Some(360_000)),
            ("0", &[Seconds], None),
            ("784111777", &[Unix], None),
            ("soon", &[Seconds, HttpDate], None),
        ];
        for (text, formats, expected) in cases {
            let learn = Learn {
                limit: None,
                remaining: place("left", &[], None),
                used: None,
                reset: place("reset", formats, None),
            };
            let told = told(&learn, &[("left", "0"), ("reset", text)]);
            assert_eq!(told.reset, expected.map(Duration::from_millis), "{text}");
            assert!(told.has_reset);
        }
    }

    #[test]
    fn a_part_that_is_used_is_used_and_one_that_is_left_is_not_left() {
        let learn = Learn {
            limit: place("limit", &[], None),
            remaining: place("left", &[], None),
            used: place("used", &[], None),
            reset: None,
        };
        let told = told(&learn, &[("limit", "40.5"), ("left", "7.9"), ("used", "32.1")]);
        assert_eq!((told.limit, told.remaining, told.used), (Some(40), Some(7), Some(33)));
    }

    #[test]
    fn counts_may_have_fractions_and_nothing_else() {
        assert_eq!((number(" 7 "), number("7.9"), number("0")), (Some(7), Some(7), Some(0)));
        assert_eq!((number_up("7.9"), number_up("7.0")), (Some(8), Some(7)));
        assert_eq!(number("99999999999"), Some(u32::MAX));
        for odd in ["", "-1", "+1", "1e3", "NaN", "inf", "seven", "1.", ".5", "0x10"] {
            assert_eq!(number(odd), None, "{odd}");
        }
    }
}
