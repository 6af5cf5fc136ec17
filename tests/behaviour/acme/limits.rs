//! Every kind of limit against the mock, which counts by itself: nothing is ever refused.

use crate::behaviour::support::{Stage, connection_to, ms};
use futures_util::future::join_all;
use tollgate::{Budgets, Exchange, HttpRequest, HyperTransport, Transport};
use tollgate_mock::Fault;
use tollgate_scope_tests::acme::{
    Account, AccountClient, Acme, Client,
    reports::{BuildReport, LineReport, SumsReport, TotalsReport},
    stock::CountStock,
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

/// The same network, for a process that shares no budget with this one.
struct Elsewhere(HyperTransport, Budgets);

impl Transport for Elsewhere {
    fn exchange(&self, request: HttpRequest) -> Exchange {
        self.0.exchange(request)
    }
    fn budgets(&self) -> Budgets {
        self.1.clone()
    }
}

/// A client with the same token in another process: it counts only its own calls.
fn elsewhere(stage: &Stage<Acme>) -> AccountClient {
    let transport = Elsewhere(HyperTransport::new(), Budgets::new());
    let connection = connection_to(&stage.mock).transport(transport).build().unwrap();
    Client::with(&connection, Account::new(stage.secret("account", 1)))
}

#[tokio::test]
async fn what_another_process_took_of_a_window_is_learnt() {
    let stage = Stage::<Acme>::new().await;
    let (here, there) = (stage.account(1), elsewhere(&stage));
    let calls = |client: &AccountClient, count| {
        let calls: Vec<_> = (0..count)
            .map(|_| client.reports().totals(TotalsReport::new()).send())
            .collect();
        join_all(calls)
    };
    assert!(calls(&there, 3).await.iter().all(Result::is_ok));
    // The answer says that one is left of five.
    assert!(calls(&here, 1).await.iter().all(Result::is_ok));
    assert!(calls(&here, 4).await.iter().all(Result::is_ok));
    assert_eq!(seen(&stage, "steady"), (8, 0, 5));
}

#[tokio::test]
async fn what_another_process_took_of_a_bucket_is_learnt() {
    let stage = Stage::<Acme>::new().await;
    let (here, there) = (stage.account(1), elsewhere(&stage));
    assert!(there.reports().sums(SumsReport::new()).send().await.is_ok());
    // The answer says that four are gone of six, and this process knows of one.
    assert!(here.reports().line(LineReport::new()).send().await.is_ok());
    let lines = join_all((0..5).map(|_| here.reports().line(LineReport::new()).send()));
    assert!(lines.await.iter().all(Result::is_ok));
    let (admitted, rejected, _) = seen(&stage, "flow");
    assert_eq!((admitted, rejected), (7, 0));
}

#[tokio::test]
async fn the_fields_of_the_ietf_are_believed_where_nothing_else_is_declared() {
    let stage = Stage::<Acme>::with(tollgate_mock::Builder::rate_limit_fields).await;
    let (here, there) = (stage.account(1), elsewhere(&stage));
    let count = |client: &AccountClient, calls| {
        let calls: Vec<_> = (0..calls)
            .map(|_| client.stock().count(CountStock::new()).send())
            .collect();
        join_all(calls)
    };
    assert!(count(&there, 8).await.iter().all(Result::is_ok));
    assert!(count(&here, 1).await.iter().all(Result::is_ok));
    assert!(count(&here, 5).await.iter().all(Result::is_ok));
    let (admitted, rejected, most) = seen(&stage, "per_token");
    assert_eq!((admitted, rejected), (14, 0), "{most}");
}
