use super::*;
use crate::{
    Limit, Per,
    limit::{
        key::{Owner, budgets_of},
        learn::Told,
        policy::LONGEST_CLOSE,
    },
};
use std::time::Duration;

static ONE: Limit = Limit {
    name: "one",
    limit: 1,
    per: &[Per::Token],
    ..Limit::DEFAULT
};
static TWO: Limit = Limit {
    name: "two",
    limit: 2,
    per: &[Per::Token],
    ..Limit::DEFAULT
};
static ALL: Limit = Limit { name: "all", ..ONE };

fn keys(limits: &[&'static Limit], token: u32) -> Arc<[BudgetKey]> {
    let owner = Owner {
        place: Fingerprint::of(&"toy"),
        connection: 1,
        token: Some((Fingerprint::of(&token), "token")),
        operation: "things.get",
        params: &[],
    };
    budgets_of(limits, 1, &owner)
}

#[test]
fn no_budget_is_forgotten_while_a_call_is_let_go() {
    let (mut lines, mut wakers, now) = (Lines::default(), Wakers::new(), Instant::now());
    // One budget first, so that the number at which they are swept falls between the two of a call.
    assert!(lines.enter(&keys(&[&ALL], 0), now, &mut wakers).is_some());
    for token in 0..2_000 {
        let keys = keys(&[&ONE, &TWO], token);
        assert!(lines.enter(&keys, now, &mut wakers).is_some());
        assert!(lines.enter(&keys, now, &mut wakers).is_none(), "{token}");
    }
}

/// So many other budgets that those which nobody needs are forgotten.
fn crowd(lines: &mut Lines, now: Instant) {
    for token in 1..=1_500 {
        let _ = lines.enter(&keys(&[&ONE], token), now, &mut Wakers::new());
    }
}

/// One call of [`TWO`], and its answer.
fn answered(lines: &mut Lines, told: Option<Told>, refused_for: Option<Duration>, now: Instant) {
    let (keys, mut wakers) = (keys(&[&TWO], 0), Wakers::new());
    let marks = lines.enter(&keys, now, &mut wakers).unwrap();
    let flight = Flight {
        cost: 0,
        sent: now,
        timeout: Duration::from_secs(1),
        mark: 0,
    };
    let told: Vec<_> = told.map(|told| (0, told)).into_iter().collect();
    lines.hear(&keys, &marks, &told, flight, now);
    if let Some(wait) = refused_for {
        lines.close(&keys, now + wait, now, &mut wakers);
    }
    lines.end(&keys, &marks, flight, End::Answered, now, &mut wakers);
}

/// How many calls of [`TWO`] may go.
fn room(lines: &mut Lines, now: Instant) -> usize {
    let keys = keys(&[&TWO], 0);
    (0..3)
        .filter_map(|_| lines.enter(&keys, now, &mut Wakers::new()))
        .count()
}

#[test]
fn a_budget_is_not_forgotten_while_what_answers_taught_holds() {
    let (mut lines, begin) = (Lines::default(), Instant::now());
    // The windows are over, and all places are free again.
    let later = begin + Duration::from_secs(10);
    let smaller = Told {
        limit: Some(1),
        ..Told::default()
    };
    answered(&mut lines, Some(smaller), None, begin);
    crowd(&mut lines, later);
    assert_eq!(room(&mut lines, later), 1, "the provider's budget is smaller");

    let mut lines = Lines::default();
    let little = Told {
        remaining: Some(1),
        reset: Some(Duration::from_mins(1)),
        has_reset: true,
        ..Told::default()
    };
    answered(&mut lines, Some(little), None, begin);
    crowd(&mut lines, later);
    assert_eq!(room(&mut lines, later), 1, "no more is left until then");

    let mut lines = Lines::default();
    answered(&mut lines, None, Some(Duration::from_mins(1)), begin);
    crowd(&mut lines, later);
    assert_eq!(room(&mut lines, later), 0, "it is closed");
}

#[test]
fn what_was_taught_is_not_kept_for_ever() {
    let (mut lines, begin) = (Lines::default(), Instant::now());
    let smaller = Told {
        limit: Some(1),
        ..Told::default()
    };
    answered(&mut lines, Some(smaller), Some(Duration::from_secs(1)), begin);
    let later = begin + LONGEST_CLOSE + Duration::from_secs(10);
    crowd(&mut lines, later);
    assert_eq!(room(&mut lines, later), 2);
}
