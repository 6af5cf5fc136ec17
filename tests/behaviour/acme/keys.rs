//! Idempotency keys: in a header, in a body, one per element.

use super::scripted_account;
use crate::behaviour::support::{Stage, always, ok, sent};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tollgate::{Decimal, ErrorKind, HttpReply, ScriptedTransport, TransportError};
use tollgate_mock::Fault;
use tollgate_scope_tests::acme::{
    Acme,
    events::{IngestBulk, IngestEvent},
    models::{
        Contact, ContactOrCustomer, EmailContact, Event, EventBatch, NamedEvent, OrderBatch, OrderCreate, OrderLine,
    },
    orders::{CancelOrder, CreateMany, CreateOrder, CreateOrderReply, GetOrder},
};

/// An order as the descriptor's example has it.
pub(super) fn order() -> CreateOrder {
    CreateOrder::new(create())
}

fn create() -> OrderCreate {
    let contact = ContactOrCustomer::Contact(Contact::Email(EmailContact::new("a@acme.example")));
    OrderCreate::new(
        "EUR",
        "12.50".parse::<Decimal>().unwrap(),
        [OrderLine::new("a", 1)],
        contact,
        None,
    )
}

fn batch(count: usize) -> CreateMany {
    CreateMany::new(OrderBatch::new(vec![create(); count]))
}

fn keys(body: &Value) -> Vec<String> {
    body["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| order["key"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_order_is_made_once_and_its_replay_is_told_from_it() {
    let stage = Stage::<Acme>::new().await;
    let client = stage.account(1);
    let made = client
        .orders()
        .create(order())
        .idempotency_key("k-1")
        .send()
        .await
        .unwrap();
    let Some(CreateOrderReply::Created(made)) = Some(made) else {
        panic!("not created")
    };
    let again = client
        .orders()
        .create(order())
        .idempotency_key("k-1")
        .send()
        .await
        .unwrap();
    let CreateOrderReply::Ok(again) = again else {
        panic!("{again:?}")
    };
    assert_eq!((made.id, made.number.as_str()), (1, "A-1"));
    assert_eq!(again.id, made.id);
    assert_eq!(stage.report().effects("orders.create"), 1);
}

#[tokio::test]
async fn a_fresh_key_stands_where_the_descriptor_says() {
    let script = always(HttpReply::new(204));
    let client = scripted_account(&script);
    client
        .orders()
        .cancel(CancelOrder::new(7, "late"))
        .send()
        .await
        .unwrap();
    client
        .orders()
        .cancel(CancelOrder::new(7, "late"))
        .idempotency_key("mine")
        .send()
        .await
        .unwrap();
    let event = Event::new("sold", "2026-11-21T10:00:00Z".parse().unwrap());
    client.events().ingest(IngestEvent::new(event)).send().await.unwrap();
    let requests = script.requests();
    assert_eq!(requests[0].header("Idempotency-Key").map(str::len), Some(36));
    assert_eq!(requests[1].header("Idempotency-Key"), Some("mine"));
    assert_eq!(requests[2].header("X-Event-Key").map(str::len), Some(36));
    assert_ne!(requests[0].header("Idempotency-Key"), requests[2].header("X-Event-Key"));
}

#[tokio::test]
async fn every_element_of_a_batch_has_a_key_of_its_own() {
    let script = always(ok(&json!({})));
    let client = scripted_account(&script);
    client.orders().create_many(batch(3)).send().await.unwrap();
    let fresh = keys(&sent(&script.requests()[0]));
    assert_eq!(fresh.iter().collect::<BTreeSet<_>>().len(), 3, "{fresh:?}");
    assert!(fresh.iter().all(|key| key.len() == 36), "{fresh:?}");

    client
        .orders()
        .create_many(batch(3))
        .idempotency_key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(keys(&sent(&script.requests()[1])), ["k-0", "k-1", "k-2"]);

    // An element that has one keeps it.
    let mut orders = vec![create(); 2];
    orders[1].key = Some("own".to_owned());
    client
        .orders()
        .create_many(CreateMany::new(OrderBatch::new(orders)))
        .idempotency_key("k")
        .send()
        .await
        .unwrap();
    let kept = keys(&sent(&script.requests()[2]));
    assert_eq!((kept[0].as_str(), kept[1].as_str()), ("k-0", "own"));
}

#[tokio::test]
async fn parts_of_a_batch_go_on_counting_their_keys() {
    let script = always(ok(&json!({})));
    let batch = scripted_account(&script)
        .orders()
        .create_many(batch(102))
        .idempotency_key("k")
        .send_all()
        .await;
    assert!(batch.is_success());
    let parts: Vec<_> = script.requests().iter().map(|request| keys(&sent(request))).collect();
    assert_eq!((parts.len(), parts[0].len()), (2, 100));
    assert_eq!(parts[1], ["k-100", "k-101"]);
}

#[tokio::test]
async fn a_batch_whose_answer_is_lost_does_each_element_once() {
    let stage = Stage::<Acme>::new().await;
    stage.fault("orders.create_many", 1, Fault::Lost);
    stage.account(1).orders().create_many(batch(3)).send().await.unwrap();
    let report = stage.report();
    assert_eq!(
        (report.calls("orders.create_many"), report.effects("orders.create_many")),
        (2, 3),
        "{report}"
    );

    stage.fault("events.ingest_bulk", 1, Fault::Lost);
    let events = EventBatch::new([NamedEvent::new("sold"), NamedEvent::new("shipped")]);
    stage
        .store()
        .events()
        .ingest_bulk(IngestBulk::new(events))
        .send()
        .await
        .unwrap();
    assert_eq!(stage.report().effects("events.ingest_bulk"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_in_a_header_is_the_same_in_every_attempt() {
    let script = ScriptedTransport::new()
        .then_fails(TransportError::network("cut"))
        .then(HttpReply::new(503))
        .then(HttpReply::new(204));
    scripted_account(&script)
        .orders()
        .cancel(CancelOrder::new(7, "late"))
        .send()
        .await
        .unwrap();
    let keys: BTreeSet<_> = script
        .requests()
        .iter()
        .filter_map(|request| request.header("Idempotency-Key").map(str::to_owned))
        .collect();
    assert_eq!((keys.len(), script.requests().len()), (1, 3));
}

#[tokio::test]
async fn a_key_for_an_operation_that_takes_none_is_an_error() {
    let script = always(ok(&json!({})));
    let error = scripted_account(&script)
        .orders()
        .get(GetOrder::new(7))
        .idempotency_key("k")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.to_string().contains("takes no idempotency key"), "{error}");
    assert!(script.requests().is_empty());
}
