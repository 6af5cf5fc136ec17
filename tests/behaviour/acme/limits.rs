//! Every kind of limit against the mock, which counts by itself: nothing is ever refused.

use crate::behaviour::support::{Stage, ms};
use futures_util::future::join_all;
use tollgate_mock::Fault;
use tollgate_scope_tests::acme::{
    AccountClient, Acme,
    reports::{BuildReport, LineReport, SumsReport, TotalsReport},
};

/// A mock far away, on an uneven network.
async fn stage() -> Stage<Acme> {
    Stage::with(|mock| mock.latency(ms(5)).jitter(ms(25)).seed(7)).await
}

/// How many calls were let in under a limit and how many refused, and the most that the mock ever saw of it.
fn seen(stage: &Stage<Acme>, limit: &str) -> (u64, u64, usize) {
    let report = stage.report();
    let budget = report.budgets.iter().find(|budget| budget.limit == limit).unwrap();
    (budget.admitted, budget.rejected, report.most_in_window(limit))
}

#[tokio::test]
async fn a_fixed_window_is_never_overfull_wherever_it_begins() {
    let stage = stage().await;
    let client = stage.account(1);
    let calls = (0..16).map(|_| client.reports().totals(TotalsReport::new()).send());
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(seen(&stage, "steady"), (16, 0, 5));
    // The other limit that the operation names holds for another type of token.
    assert!(stage.report().budgets.iter().all(|budget| budget.limit != "partners"));
}

#[tokio::test]
async fn a_bucket_is_never_overdrawn_by_calls_of_any_cost() {
    let stage = stage().await;
    let client = stage.account(1);
    let lines = join_all((0..8).map(|_| client.reports().line(LineReport::new()).send()));
    let sums = join_all((0..4).map(|_| client.reports().sums(SumsReport::new()).send()));
    let (lines, sums) = futures_util::future::join(lines, sums).await;
    assert!(lines.iter().all(Result::is_ok) && sums.iter().all(Result::is_ok));
    let (admitted, rejected, _) = seen(&stage, "flow");
    assert_eq!((admitted, rejected), (12, 0));
}

#[tokio::test]
async fn no_more_run_at_the_same_time_than_may() {
    let stage = stage().await;
    // A report takes longer than the network is uneven, so that those that are sent together run together.
    stage.fault("reports.build", 12, Fault::Delay(ms(100)));
    let client: AccountClient = stage.account(1);
    let calls = (0..12).map(|_| client.reports().build(BuildReport::new()).send());
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(seen(&stage, "together"), (12, 0, 3));
}
