//! `RateLimit` and `RateLimit-Policy`, the fields of the IETF's draft.
//!
//! Its current form is a list of named items, `RateLimit: "burst";r=50;t=30` beside `RateLimit-Policy: "burst";q=100;w=60`.
//! Before that it was a dictionary, `RateLimit: limit=100, remaining=50, reset=30`, and before that three fields,
//! `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`. All of them are read.

use super::{Told, number};
use crate::Headers;
use jiff::Timestamp;
use std::time::Duration;

/// Seconds that are a date and no duration, as some send them.
const A_DATE: u64 = 1_000_000_000;

/// What the fields tell of a limit with this window.
///
/// Of several budgets the one counts of which the least is left. How large the whole budget is, is taken from a policy of
/// the same window only: another one may well be larger than this one, and need not be told apart.
pub(super) fn read(headers: &Headers, window: Duration, wall: Timestamp) -> Option<Told> {
    let policies: Vec<_> = items(headers, "ratelimit-policy");
    let quotas = items(headers, "ratelimit");
    let old = old(headers, &quotas);
    if policies.is_empty() && quotas.is_empty() && old.is_none() {
        return None;
    }
    let counts_requests = |item: &Item| {
        item.text("qu")
            .is_none_or(|unit| unit == "requests" || unit == "request")
    };
    let policy_of = |quota: &Item| policies.iter().find(|policy| policy.name == quota.name);
    let tightest = quotas
        .iter()
        .filter(|quota| policy_of(quota).is_none_or(counts_requests))
        .filter_map(|quota| Some((quota.count("r")?, quota.text("t"))))
        .chain(old)
        .min_by_key(|(remaining, _)| *remaining);
    let policies = policies.iter().filter(|policy| counts_requests(policy));
    let same_window = policies.filter(|policy| policy.count("w").map(u64::from) == Some(window.as_secs()));
    let limit = same_window.filter_map(Item::quota).min();
    Some(Told {
        limit: limit.filter(|_| window.subsec_nanos() == 0),
        remaining: tightest.map(|(remaining, _)| remaining),
        used: None,
        reset: tightest.and_then(|(_, reset)| time(reset?, wall)),
        has_reset: tightest.is_some_and(|(_, reset)| reset.is_some()),
    })
}

/// What the earlier forms say: how much is left, and when it is whole again.
fn old<'h>(headers: &'h Headers, quotas: &[Item<'h>]) -> Option<(u32, Option<&'h str>)> {
    let field = |name| headers.get(name);
    if let Some(remaining) = field("ratelimit-remaining") {
        return Some((number(remaining)?, field("ratelimit-reset")));
    }
    let entry = |wanted: &str| {
        let item = quotas.iter().find(|item| item.name.eq_ignore_ascii_case(wanted))?;
        item.value
    };
    Some((number(entry("remaining")?)?, entry("reset")))
}

fn time(text: &str, wall: Timestamp) -> Option<Duration> {
    let seconds = u64::from(number(text)?);
    let wait = if seconds >= A_DATE {
        seconds.checked_sub(u64::try_from(wall.as_second()).ok()?)?
    } else {
        seconds
    };
    (wait > 0).then(|| Duration::from_secs(wait))
}

/// An item of a list, or an entry of a dictionary.
#[derive(Debug)]
struct Item<'h> {
    name: &'h str,
    value: Option<&'h str>,
    parameters: Vec<(&'h str, &'h str)>,
}

impl<'h> Item<'h> {
    fn text(&self, name: &str) -> Option<&'h str> {
        let found = self.parameters.iter().find(|(other, _)| *other == name)?;
        Some(found.1)
    }

    fn count(&self, name: &str) -> Option<u32> {
        number(self.text(name)?)
    }

    /// Before policies had names, the quota stood in the name's place.
    fn quota(&self) -> Option<u32> {
        self.count("q").or_else(|| number(self.name))
    }
}

fn items<'h>(headers: &'h Headers, field: &str) -> Vec<Item<'h>> {
    let members = headers.get_all(field).flat_map(|value| split(value, ','));
    members
        .filter_map(|member| {
            let mut parts = split(member, ';');
            let (name, value) = pair(parts.next()?);
            let parameters = parts.map(pair).filter_map(|(name, value)| Some((name, value?)));
            Some(Item {
                name,
                value,
                parameters: parameters.collect(),
            })
        })
        .filter(|item| !item.name.is_empty())
        .collect()
}

fn pair(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((name, value)) => (bare(name), Some(bare(value))),
        None => (bare(text), None),
    }
}

fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text)
}

/// Splits at a separator that stands outside of quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |character| {
        let was_escaped = escaped;
        escaped = quoted && !was_escaped && character == '\\';
        if character == '"' && !was_escaped {
            quoted = !quoted;
        }
        character == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: Timestamp = Timestamp::constant(1_700_000_000, 0);
    const MINUTE: Duration = Duration::from_mins(1);

    /// Limit, remaining and seconds to the reset.
    fn told(window: Duration, fields: &[(&str, &str)]) -> Option<(Option<u32>, Option<u32>, Option<u64>)> {
        let headers = fields.iter().copied().collect();
        let told = read(&headers, window, WALL)?;
        Some((told.limit, told.remaining, told.reset.map(|reset| reset.as_secs())))
    }

    #[test]
    fn the_current_form_is_read() {
        let fields = [
            ("RateLimit", "\"default\";r=50;t=30"),
            ("RateLimit-Policy", "\"default\";q=100;w=60"),
        ];
        assert_eq!(told(MINUTE, &fields), Some((Some(100), Some(50), Some(30))));
        // The whole budget of another window says nothing of this one, what is left of it does.
        assert_eq!(told(MINUTE * 60, &fields), Some((None, Some(50), Some(30))));
    }

    #[test]
    fn of_several_the_one_counts_of_which_the_least_is_left() {
        let fields = [
            (
                "ratelimit",
                "\"a, b;c\";r=7;t=3600, \"burst\" ; r=3;t=1 , bytes;r=1;t=9",
            ),
            ("ratelimit-policy", "\"a, b;c\";q=1000;w=3600,\"burst\";q=10;w=1"),
            ("ratelimit-policy", "bytes;q=4096;w=60;qu=\"content-bytes\""),
        ];
        assert_eq!(
            told(Duration::from_secs(1), &fields),
            Some((Some(10), Some(3), Some(1)))
        );
    }

    #[test]
    fn earlier_forms_are_read() {
        let fields = [
            ("RateLimit", "limit=100, remaining=50, reset=30"),
            ("RateLimit-Policy", "100;w=60"),
        ];
        assert_eq!(told(MINUTE, &fields), Some((Some(100), Some(50), Some(30))));
        let fields = [
            ("RateLimit-Limit", "100"),
            ("RateLimit-Remaining", "50"),
            ("RateLimit-Reset", "30"),
        ];
        assert_eq!(told(MINUTE, &fields), Some((None, Some(50), Some(30))));
        // A date in seconds, as one well-known provider sends it.
        let fields = [("RateLimit-Remaining", "0"), ("RateLimit-Reset", "1700000045")];
        assert_eq!(told(MINUTE, &fields), Some((None, Some(0), Some(45))));
    }

    #[test]
    fn odd_values_are_no_hint() {
        assert_eq!(told(MINUTE, &[]), None);
        for value in [
            "",
            ";;;",
            "\"a",
            "\"a\";r=-1;t=5",
            "\"a\";r=many",
            ",,,",
            "=;=",
            "\"a\\\";r=1",
        ] {
            let told = told(MINUTE, &[("RateLimit", value)]);
            assert_eq!(told.and_then(|told| told.1), None, "{value}");
        }
        // Past and immediate resets.
        assert_eq!(told(MINUTE, &[("RateLimit", "a;r=0;t=0")]), Some((None, Some(0), None)));
        let fields = [("RateLimit-Remaining", "0"), ("RateLimit-Reset", "1699999999")];
        assert_eq!(told(MINUTE, &fields), Some((None, Some(0), None)));
    }
}
