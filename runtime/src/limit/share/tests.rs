use super::*;
use crate::{
    Limit, Per,
    limit::key::{Owner, budgets_of},
};

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
