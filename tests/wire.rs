//! Every operation of every provider, with every token that may call it, is sent and understood.

use tollgate_tests::wire::run;

async fn check(provider: &str) {
    let outcome = run(provider).await.unwrap();
    assert!(outcome.failures.is_empty(), "{}", outcome.failures.join("\n\n"));
    let missed: Vec<_> = outcome
        .declared
        .iter()
        .filter(|id| !outcome.called.contains_key(*id))
        .collect();
    assert!(missed.is_empty(), "never called: {missed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acme_understands_every_call() {
    check("acme").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flex_forward_understands_every_call() {
    check("flex_forward").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flexport_understands_every_call() {
    check("flexport").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flxpoint_understands_every_call() {
    check("flxpoint").await;
}
