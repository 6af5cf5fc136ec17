//! What Flexport calls: signed twice, of which the second signature counts.

use crate::behaviour::support::model;
use serde_json::json;
use std::collections::BTreeSet;
use tollgate::webhook::WebhookErrorKind;
use tollgate_mock::Webhook;
use tollgate_providers::flexport::{
    models::EventResource,
    webhook::{Event, Webhooks},
};

const SECRET: &str = "It's a secret to everybody";
/// An event that the descriptor does not know, with its signatures by another implementation of both HMACs.
const BODY: &str = r#"{"_object":"/event","id":1,"version":2,"type":"/shipment#departed_from_mars","data":null}"#;
const SHA1: &str = "sha1=3caef1ddcd18bd5fbf5bad045ad2f2ac6c27d6b6";
const SHA256: &str = "sha256=9cf8477c3c9e811fe59a570d9022d95e9edb1108be3c1911fe8536a10f77b2cb";

fn receiver() -> Webhooks {
    Webhooks::new([SECRET]).unwrap()
}

#[test]
fn the_newer_signature_is_verified_and_the_older_one_left_alone() {
    let both = [("X-Hub-Signature", SHA1), ("X-Hub-Signature-256", SHA256)];
    let delivery = receiver().verify(&both, BODY).unwrap();
    let Event::Unknown { name, body } = delivery.event else {
        panic!("{:?}", delivery.event);
    };
    assert_eq!(
        (name.as_str(), &body[..]),
        ("/shipment#departed_from_mars", BODY.as_bytes())
    );

    let odd_sha1 = [("X-Hub-Signature", "sha1=00"), ("X-Hub-Signature-256", SHA256)];
    assert!(receiver().verify(&odd_sha1, BODY).is_ok());
    let refused = |headers: &[(&str, &str)], body: &'static str| receiver().verify(headers, body).unwrap_err().kind();
    assert_eq!(
        refused(&[("X-Hub-Signature", SHA1)], BODY),
        WebhookErrorKind::MissingSignature
    );
    assert_eq!(
        refused(&[("X-Hub-Signature-256", SHA1)], BODY),
        WebhookErrorKind::Malformed
    );
    assert_eq!(
        refused(&both, r#"{"type":"/shipment#created"}"#),
        WebhookErrorKind::Mismatch
    );
}

#[test]
fn each_of_the_ninety_events_is_read_as_an_event() {
    let model = model("flexport");
    let events = Webhook::events(&model);
    assert_eq!(events.len(), 90);
    let mut variants = BTreeSet::new();
    for name in events {
        let body = json!({
            "_object": "/event",
            "id": 4,
            "data": { "_object": "/shipment_event_data", "resource": { "_object": "/shipment_leg", "id": 5 } },
        });
        let request = Webhook::of(&model, name).unwrap().body(body).sign(&[SECRET]).unwrap();
        let delivery = receiver().verify(&request.headers, request.body).unwrap();
        assert_eq!(delivery.name.as_deref(), Some(name));
        let told = format!("{:?}", delivery.event);
        variants.insert(told.split('(').next().unwrap_or_default().to_owned());
        assert!(told.contains("id: Some(4)"), "{name}: {told}");
        if let Event::ShipmentLegArrived(event) = delivery.event {
            let resource = event.data.unwrap().resource;
            assert!(matches!(resource, Some(EventResource::ShipmentLeg(leg)) if leg.id == 5));
        }
    }
    assert_eq!(variants.len(), 90, "{variants:?}");
}
