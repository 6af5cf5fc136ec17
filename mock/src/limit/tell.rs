//! What answers tell of a budget: where `learn` says, or in the IETF's `RateLimit` and `RateLimit-Policy`.

use super::Standing;
use crate::place;
use crate::refusal::{text_for_pattern, wait_written};
use crate::reply::Reply;
use regex_lite::Regex;
use serde_json::{Value, json};
use std::time::Duration;
use tollgate_descriptor::model::{Algorithm, Learn, Per, Place, RateLimit, Source};

/// What may stand between two numbers of one header.
const BETWEEN: [&str; 7] = ["; ", ", ", ";", ",", "/", " ", ""];

/// Writes the standing of each budget into an answer. Where two limits share a header, it tells of the one with less left.
pub(crate) fn tell(reply: &mut Reply, mut budgets: Vec<(&RateLimit, Standing)>, in_fields: bool) {
    budgets.sort_by_key(|(_, standing)| standing.remaining());
    if in_fields {
        tell_in_fields(reply, &budgets);
    }
    for (limit, standing) in &budgets {
        if let Some(learn) = &limit.learn {
            tell_where_learnt(reply, learn, limit, standing);
        }
    }
}

fn tell_where_learnt(reply: &mut Reply, learn: &Learn, limit: &RateLimit, standing: &Standing) {
    let reset = learn.reset.as_ref().zip(standing.reset);
    let told = [
        learn.limit.as_ref().map(|place| (place, json!(standing.limit))),
        learn
            .remaining
            .as_ref()
            .map(|place| (place, json!(standing.remaining()))),
        learn.used.as_ref().map(|place| (place, json!(standing.used))),
        reset.map(|(place, reset)| (place, reset_written(place, reset, limit.window))),
    ];
    let mut headers: Vec<(&str, Vec<(&Place, String)>)> = Vec::new();
    for (place, value) in told.into_iter().flatten() {
        match &place.source {
            Source::Body(path) => {
                if let Ok(mut body @ Value::Object(_)) = serde_json::from_slice::<Value>(&reply.body) {
                    let text = place::text(&value).unwrap_or_default();
                    let shown = place.pattern.as_ref().map(|pattern| text_for_pattern(pattern, &text));
                    place::put(&mut body, path, &shown.map_or(value, Value::from));
                    reply.body = body.to_string().into();
                }
            }
            Source::Header(name) => {
                let text = place::text(&value).unwrap_or_default();
                match headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                    Some((_, parts)) => parts.push((place, text)),
                    None => headers.push((name, vec![(place, text)])),
                }
            }
        }
    }
    for (name, parts) in headers {
        if reply.headers.iter().all(|(known, _)| !known.eq_ignore_ascii_case(name)) {
            reply.headers.push((name.to_owned(), joined(&parts)));
        }
    }
}

/// When a budget is whole again. Seconds have a fraction where the window is none of whole seconds.
fn reset_written(place: &Place, reset: Duration, window: Duration) -> Value {
    use tollgate_descriptor::model::TimeFormat::Seconds;
    if window.subsec_nanos() > 0 && matches!(place.formats.first(), None | Some(Seconds)) {
        let millis = reset.as_nanos().div_ceil(1_000_000);
        return json!(format!("{}.{:03}", millis / 1000, millis % 1000));
    }
    wait_written(place, reset)
}

/// One text in which the pattern of each place finds its value.
fn joined(parts: &[(&Place, String)]) -> String {
    let alone = |(place, value): &(&Place, String)| match &place.pattern {
        Some(pattern) => text_for_pattern(pattern, value),
        None => value.clone(),
    };
    let plain = |(_, value): &(&Place, String)| value.clone();
    let finds_all = |text: &str| {
        parts.iter().all(|(place, value)| {
            let pattern = place.pattern.as_ref().and_then(|pattern| Regex::new(pattern).ok());
            let found = pattern.as_ref().and_then(|pattern| pattern.captures(text)?.get(1));
            found.is_some_and(|found| found.as_str() == value)
        })
    };
    let in_order = |write: &dyn Fn(&(&Place, String)) -> String| parts.iter().map(write).collect::<Vec<_>>();
    let reversed = |write: &dyn Fn(&(&Place, String)) -> String| parts.iter().rev().map(write).collect::<Vec<_>>();
    let orders = [in_order(&plain), reversed(&plain), in_order(&alone), reversed(&alone)];
    let mut texts = orders
        .iter()
        .flat_map(|order| BETWEEN.iter().map(|between| order.join(between)));
    texts
        .find(|text| finds_all(text))
        .unwrap_or_else(|| parts.first().map(alone).unwrap_or_default())
}

/// As the IETF's draft has it, of the limits that a client expects there: those of a token that say no other place.
fn tell_in_fields(reply: &mut Reply, budgets: &[(&RateLimit, Standing)]) {
    let told = budgets.iter().filter(|(limit, _)| {
        limit.learn.is_none() && limit.per == [Per::Token] && limit.algorithm != Algorithm::Concurrency
    });
    let (mut quotas, mut policies) = (Vec::new(), Vec::new());
    for (limit, standing) in told {
        let (name, left) = (&limit.name, standing.remaining());
        let seconds = |time: Duration| time.as_secs() + u64::from(time.subsec_nanos() > 0);
        let reset = standing.reset.map_or(0, seconds);
        quotas.push(format!("\"{name}\";r={left};t={reset}"));
        let window = (limit.window.subsec_nanos() == 0).then(|| format!(";w={}", limit.window.as_secs()));
        policies.push(format!("\"{name}\";q={}{}", standing.limit, window.unwrap_or_default()));
    }
    if !quotas.is_empty() {
        reply.headers.push(("RateLimit".to_owned(), quotas.join(", ")));
        reply.headers.push(("RateLimit-Policy".to_owned(), policies.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(pattern: &str) -> Place {
        Place {
            source: Source::Header("X-Calls".to_owned()),
            formats: Vec::new(),
            pattern: Some(pattern.to_owned()),
        }
    }

    #[test]
    fn one_header_holds_several_numbers_where_their_patterns_look() {
        let cases = [
            (["/([0-9]+)", "([0-9]+)/"], "3/40"),
            (["limit=([0-9]+)", "used=([0-9]+)"], "limit=40; used=3"),
            (["^([0-9]+);", "; ([0-9]+)$"], "40; 3"),
        ];
        for (patterns, expected) in cases {
            let [limit, used] = patterns.map(place);
            let written = joined(&[(&limit, "40".to_owned()), (&used, "3".to_owned())]);
            assert_eq!(written, expected);
        }
    }

    #[test]
    fn a_reset_within_a_second_is_no_whole_second() {
        let seconds = Place {
            pattern: None,
            ..place("")
        };
        let reset =
            |millis, window| reset_written(&seconds, Duration::from_millis(millis), Duration::from_millis(window));
        assert_eq!((reset(312, 400), reset(1200, 60_000)), (json!("0.312"), json!(2)));
    }
}
