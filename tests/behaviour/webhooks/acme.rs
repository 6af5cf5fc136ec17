//! Acme's webhooks, signed by the mock, which shares no code with the runtime.

use super::At;
use crate::behaviour::support::model;
use serde_json::json;
use tollgate::{
    Timestamp,
    webhook::{Delivery, WebhookErrorKind},
};
use tollgate_mock::Webhook;
use tollgate_scope_tests::acme::{Webhooks, webhook::Event};

const NOW: i64 = 1_800_000_000;
const SECRET: &str = "acmewh_bm90IGEgc2VjcmV0";
const OTHER: &str = "acmewh_YW5vdGhlciBvbmU=";

fn receiver(secrets: &[&str]) -> Webhooks {
    Webhooks::new(secrets.iter().copied()).unwrap().clock(At(NOW))
}

fn sent(event: &str) -> Webhook<'static> {
    static MODEL: std::sync::LazyLock<std::sync::Arc<tollgate_descriptor::model::Model>> =
        std::sync::LazyLock::new(|| model("acme"));
    Webhook::of(&MODEL, event)
        .unwrap()
        .at(Timestamp::from_second(NOW).unwrap())
}

fn received(webhook: &Webhook<'_>, secret: &str) -> Delivery<Event> {
    let request = webhook.sign(&[secret]).unwrap();
    receiver(&[SECRET]).verify(&request.headers, request.body).unwrap()
}

#[test]
fn every_declared_event_comes_through() {
    let model = model("acme");
    let events = Webhook::events(&model);
    assert_eq!(events, ["order.created", "/order#updated", "stock_counted", "ping"]);
    let mut seen = Vec::new();
    for (number, name) in events.into_iter().enumerate() {
        let id = format!("delivery-{number}");
        let delivery = received(&sent(name).id(&id), SECRET);
        assert_eq!(delivery.name.as_deref(), Some(name));
        assert_eq!(delivery.id, Some(id));
        assert_eq!(delivery.timestamp.unwrap().as_second(), NOW);
        seen.push(match delivery.event {
            Event::OrderCreated(event) if event.type_ == name => "OrderCreated",
            Event::OrderUpdated(event) if event.type_ == name => "OrderUpdated",
            // A model that only webhooks have, with a format, and one in it.
            Event::StockCounted(event) if event.counted_by.is_some() && event.counted_at.is_some() => "StockCounted",
            Event::Ping(json) if json["type"] == name => "Ping",
            other => panic!("{name}: {other:?}"),
        });
    }
    assert_eq!(seen, ["OrderCreated", "OrderUpdated", "StockCounted", "Ping"]);
}

#[test]
fn the_test_secret_of_the_mock_is_one_of_the_providers() {
    let secret = Webhook::test_secret(&model("acme")).unwrap();
    let request = sent("ping").sign(&[&secret]).unwrap();
    let delivery = receiver(&[&secret]).verify(&request.headers, request.body).unwrap();
    assert_eq!(delivery.name.as_deref(), Some("ping"));
}

#[test]
fn an_event_that_is_not_declared_is_unknown_and_whole() {
    let delivery = received(&sent("order.lost").body(json!({ "where": "at sea" })), SECRET);
    let Event::Unknown { name, body } = delivery.event else {
        panic!("{:?}", delivery.event);
    };
    assert_eq!(name, "order.lost");
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body, json!({ "where": "at sea", "type": "order.lost" }));
}

#[test]
fn while_a_secret_is_replaced_either_side_may_be_ahead() {
    let old_signs = sent("ping").sign(&[OTHER]).unwrap();
    let both_sign = sent("ping").sign(&[OTHER, SECRET]).unwrap();
    let verified = |secrets: &[&str], request: &tollgate_mock::WebhookRequest| {
        receiver(secrets).verify(&request.headers, request.body.clone()).is_ok()
    };
    assert!(verified(&[SECRET, OTHER], &old_signs));
    assert!(verified(&[SECRET], &both_sign));
    assert!(verified(&[OTHER], &both_sign));
    assert!(!verified(&[SECRET], &old_signs));
}

#[test]
fn without_a_signature_and_with_an_old_one_it_is_refused() {
    let unsigned = sent("ping").sign(&[]).unwrap();
    let refused = receiver(&[SECRET])
        .verify(&unsigned.headers, unsigned.body)
        .unwrap_err();
    assert_eq!(refused.kind(), WebhookErrorKind::MissingSignature);
    let old = sent("ping").at(Timestamp::from_second(NOW - 301).unwrap());
    let old = old.sign(&[SECRET]).unwrap();
    let refused = receiver(&[SECRET]).verify(&old.headers, old.body).unwrap_err();
    assert_eq!(refused.kind(), WebhookErrorKind::TooOld);
}
