//! Batches in parts.

mod support;

use serde_json::{Value as Json, json};
use std::{marker::PhantomData, time::Duration};
use support::*;
use tokio::time::Instant;
use tollgate::{
    BatchSpec, ErrorKind, HttpReply, HttpRequest, KeyPlace, Kind, Method, Path, ScriptedTransport, Settings, Spec, Step,
};

const PUT: Spec = Spec {
    id: "things.put",
    method: Method::Put,
    batch: Some(BatchSpec { max_items: 3 }),
    ..GET
};

says! {
    Plain = PUT;
    Limited = Spec { settings: &Settings { limits: &[&PER_TOKEN], ..PLAIN }, ..PUT };
    Small = Spec { max_body: Some(24), ..PUT };
    Keyed = Spec { idempotency_key: Some(KeyPlace::Header("key")), ..PUT };
    KeyedElements = Spec { idempotency_key: Some(KeyPlace::Body(Path(&[Step::Each, Step::Name("key")]))), ..PUT };
}

fn put<S>(items: impl IntoIterator<Item = Json>) -> Put<S> {
    Put(items.into_iter().collect(), PhantomData)
}

fn numbers(count: u64) -> impl Iterator<Item = Json> {
    (0..count).map(Json::from)
}

fn bodies(script: &ScriptedTransport) -> Vec<Json> {
    let body = |request: &HttpRequest| serde_json::from_slice(request.body()).unwrap();
    script.requests().iter().map(body).collect()
}

fn always_fine() -> ScriptedTransport {
    ScriptedTransport::answering(|_| (Duration::ZERO, Ok(ok())))
}

#[tokio::test]
async fn a_batch_is_sent_in_parts_and_each_is_reported() {
    let script = ScriptedTransport::new()
        .then(HttpReply::new(200).json(&json!("a")))
        .then(HttpReply::new(422).json(&json!({"error": "bad sku"})))
        .then(HttpReply::new(200).json(&json!("c")));
    let batch = client(&script).call(put::<Plain>(numbers(7))).send_all().await;
    assert_eq!(bodies(&script), [json!([0, 1, 2]), json!([3, 4, 5]), json!([6])]);
    assert!(!batch.is_success());
    let failures: Vec<_> = batch
        .failures()
        .map(|(range, error)| (range, error.message().map(str::to_owned)))
        .collect();
    assert_eq!(failures, [(3..6, Some("bad sku".to_owned()))]);
    let ranges: Vec<_> = batch
        .parts()
        .iter()
        .map(|part| (part.range.clone(), part.result.is_ok()))
        .collect();
    assert_eq!(ranges, [(0..3, true), (3..6, false), (6..7, true)]);
    assert!(batch.into_outputs().unwrap_err().is(Kind::Invalid));
}

#[tokio::test]
async fn nothing_to_send_is_no_request() {
    let script = always_fine();
    let batch = client(&script).call(put::<Plain>([])).send_all().await;
    assert!(batch.is_success() && batch.parts().is_empty() && script.requests().is_empty());
}

#[tokio::test]
async fn one_request_that_is_too_long_is_not_sent() {
    let script = always_fine();
    let client = client(&script);
    let error = client.call(put::<Plain>(numbers(4))).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(
        error.to_string().contains("4 elements") && error.to_string().contains("`send_all()`"),
        "{error}"
    );
    let long = "x".repeat(40);
    let error = client.call(put::<Small>([json!(long)])).send().await.unwrap_err();
    assert!(error.to_string().contains("44 bytes"), "{error}");
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn parts_mind_the_length_of_the_body() {
    let script = always_fine();
    let items = [
        "1234567890",
        "1234567890",
        "1",
        "a text that is longer than a whole body may be",
        "2",
    ];
    let batch = client(&script)
        .call(put::<Small>(items.map(Json::from)))
        .send_all()
        .await;
    let ranges: Vec<_> = batch
        .parts()
        .iter()
        .map(|part| (part.range.clone(), part.result.is_ok()))
        .collect();
    assert_eq!(ranges, [(0..1, true), (1..3, true), (3..4, false), (4..5, true)]);
    assert_eq!(
        bodies(&script),
        [json!(["1234567890"]), json!(["1234567890", "1"]), json!(["2"])]
    );
}

#[tokio::test(start_paused = true)]
async fn parts_go_through_the_same_limits() {
    let script = always_fine();
    let started = Instant::now();
    let batch = client(&script).call(put::<Limited>(numbers(12))).send_all().await;
    assert!(batch.is_success());
    assert_eq!((script.requests().len(), started.elapsed()), (4, ms(1001)));
}

#[tokio::test]
async fn every_part_or_element_has_its_key() {
    let script = always_fine();
    let client = client(&script);
    let _ = client
        .call(put::<Keyed>(numbers(4)))
        .idempotency_key("mine")
        .send_all()
        .await;
    let _ = client.call(put::<Keyed>(numbers(4))).send_all().await;
    let keys: Vec<_> = script
        .requests()
        .iter()
        .map(|request| request.header("key").unwrap().to_owned())
        .collect();
    assert_eq!(keys[..2], ["mine-0", "mine-3"]);
    assert_ne!(keys[2], keys[3]);

    let script = always_fine();
    let items = (0..4).map(|_| json!({}));
    let call = support::client(&script).call(put::<KeyedElements>(items));
    let _ = call.idempotency_key("mine").send_all().await;
    let key = |number: usize| json!({"key": format!("mine-{number}")});
    assert_eq!(bodies(&script), [json!([key(0), key(1), key(2)]), json!([key(3)])]);
}
