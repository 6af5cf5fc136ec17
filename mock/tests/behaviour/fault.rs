use crate::stage::{acme, acme_with};
use serde_json::json;
use std::time::{Duration, Instant};
use tollgate_mock::{Fault, Mock, ScriptedFault, StartError};

#[tokio::test]
async fn the_next_answers_fail_as_scripted() {
    let stage = acme_with(|builder| builder.fault(ScriptedFault::new("stock.count", 2, Fault::status(503)))).await;
    stage
        .mock
        .fault(ScriptedFault::new(
            "*",
            1,
            Fault::status_after(429, Duration::from_secs(7)),
        ))
        .unwrap();
    let store = stage.token("store");
    let mut seen = Vec::new();
    for _ in 0..4 {
        let answer = stage.get("/stock/count", &store).await;
        seen.push((answer.status, answer.header("retry-after").map(str::to_owned)));
    }
    let expected = [(503, None), (503, None), (429, Some("7".to_owned())), (200, None)];
    assert_eq!(seen, expected);
    assert_eq!(stage.mock.report().rejected(), 0);
}

#[tokio::test]
async fn a_reset_does_nothing_and_a_lost_answer_was_done() {
    let stage = acme().await;
    let account = stage.token("account");
    let write = json!([{ "sku": "a", "sourceId": 1 }]);
    for (fault, effects) in [(Fault::Reset, 0), (Fault::Lost, 1)] {
        stage.mock.fault(ScriptedFault::new("stock.upsert", 1, fault)).unwrap();
        let sent = stage.request("POST", "/stock", &account).json(&write).send().await;
        assert!(sent.is_err());
        assert_eq!(stage.mock.report().effects("stock.upsert"), effects);
    }
    assert_eq!(stage.mock.report().answers("stock.upsert", 0), 2);
}

#[tokio::test]
async fn answers_can_be_late() {
    let stage = acme_with(|builder| builder.latency(Duration::from_millis(40))).await;
    let store = stage.token("store");
    let start = Instant::now();
    stage.get("/stock/count", &store).await;
    assert!(start.elapsed() >= Duration::from_millis(40));
    stage
        .mock
        .fault(ScriptedFault::new(
            "stock.count",
            1,
            Fault::Delay(Duration::from_millis(120)),
        ))
        .unwrap();
    let start = Instant::now();
    assert_eq!(stage.get("/stock/count", &store).await.status, 200);
    assert!(start.elapsed() >= Duration::from_millis(160));
}

#[tokio::test]
async fn unknown_names_are_refused() {
    let model = crate::stage::model("descriptor/tests/good/acme.yaml");
    let unknown = |result: Result<_, StartError>| matches!(result, Err(StartError::Unknown { .. }));
    assert!(unknown(
        Mock::builder(model.clone())
            .fault("stock.cuont=503".parse().unwrap())
            .start()
            .await
    ));
    assert!(unknown(
        Mock::builder(model.clone()).items_of("stock.cuont", 3).start().await
    ));
    assert!(unknown(Mock::builder(model.clone()).environment("prod").start().await));
    assert!(unknown(Mock::builder(model).role("x", ["salse"]).start().await));
}

#[tokio::test]
async fn shutting_down_lets_open_requests_end() {
    let stage = acme_with(|builder| builder.latency(Duration::from_millis(100))).await;
    let request = stage.request("GET", "/stock/count", &stage.token("store")).send();
    let request = tokio::spawn(request);
    tokio::time::sleep(Duration::from_millis(30)).await;
    let report = stage.mock.shutdown().await;
    assert_eq!(request.await.unwrap().unwrap().status(), 200);
    assert_eq!(report.answers("stock.count", 200), 1);
}
