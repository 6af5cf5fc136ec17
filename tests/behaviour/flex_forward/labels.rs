//! Labels: made once per key, whatever is lost on the way, and an error when they fail inside a success.

use super::{request, scripted_bearer};
use crate::behaviour::support::{Stage, always, ok, sent, timed};
use serde_json::json;
use tollgate::{ErrorKind, HttpReply, Json, Kind, ScriptedTransport, TransportError};
use tollgate_mock::Fault;
use tollgate_providers::flex_forward::{ErrorBody, FlexForward, labels::CreateLabel, models::LabelStatus};

const OPERATION: &str = "labels.create";
const ID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

fn created() -> Json {
    json!({
        "id": ID,
        "status": "created",
        "courier": "yunexpress",
        "courierOrderNumber": "Y-1",
        "courierTrackingNumber": null,
        "error": null,
    })
}

fn failed() -> Json {
    json!({
        "id": ID,
        "status": "failed",
        "courier": "yunexpress",
        "courierOrderNumber": null,
        "courierTrackingNumber": null,
        "error": { "code": "COURIER_ERROR", "message": "no such postal code" },
    })
}

#[tokio::test]
async fn a_label_is_created_with_a_201_and_found_again_with_a_200() {
    for status in [201, 200] {
        let script = always(HttpReply::new(status).json(&created()));
        let label = scripted_bearer(&script)
            .labels()
            .create(CreateLabel::new(request()))
            .send()
            .await
            .unwrap();
        assert_eq!(
            (label.id.to_string().as_str(), label.status),
            (ID, LabelStatus::Created)
        );
        assert_eq!(
            (label.courier_order_number.as_deref(), label.courier_tracking_number),
            (Some("Y-1"), None)
        );
        assert!(label.error.is_none());
        let request = &script.requests()[0];
        let parcel = &sent(request)["shipment"]["parcels"][0];
        assert_eq!(
            (&parcel["weight"], &parcel["items"][0]["unitPrice"]["amount"]),
            (&json!(2.5), &json!(9.9))
        );
    }
}

#[tokio::test]
async fn the_same_key_gives_the_same_label_and_one_effect() {
    let stage = Stage::<FlexForward>::new().await;
    let create = || stage.bearer().labels().create(CreateLabel::new(request()));
    let first = create().idempotency_key("order-7").send().await.unwrap();
    let again = create().idempotency_key("order-7").send().await.unwrap();
    assert_eq!((first.status, first.id), (LabelStatus::Created, again.id));
    assert_eq!(stage.report().effects(OPERATION), 1);

    // A key in the body says the same, and without one every call is a new label.
    let keyed = CreateLabel::new(request().idempotency_key("order-7"));
    let again = stage.bearer().labels().create(keyed).send().await.unwrap();
    assert_eq!((first.id, stage.report().effects(OPERATION)), (again.id, 1));
    let other = create().send().await.unwrap();
    assert_ne!(first.id, other.id);
    assert_eq!(stage.report().effects(OPERATION), 2);
}

#[tokio::test]
async fn one_key_for_two_requests_is_a_conflict() {
    let stage = Stage::<FlexForward>::new().await;
    let client = stage.bearer();
    client
        .labels()
        .create(CreateLabel::new(request()))
        .idempotency_key("order-7")
        .send()
        .await
        .unwrap();
    let mut other = request();
    other.courier = "another".to_owned();
    let error = client
        .labels()
        .create(CreateLabel::new(other))
        .idempotency_key("order-7")
        .send()
        .await
        .unwrap_err();
    assert!(error.is(Kind::Conflict), "{error}");
    assert_eq!((error.attempts(), stage.report().effects(OPERATION)), (1, 1));
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_one_label_is_made() {
    let stage = Stage::<FlexForward>::new().await;
    stage.fault(OPERATION, 1, Fault::Lost);
    let label = stage
        .bearer()
        .labels()
        .create(CreateLabel::new(request()))
        .send()
        .await
        .unwrap();
    assert_eq!(label.status, LabelStatus::Created);
    let report = stage.report();
    assert_eq!((report.calls(OPERATION), report.effects(OPERATION)), (2, 1), "{report}");
}

#[tokio::test(start_paused = true)]
async fn all_attempts_of_a_call_have_one_key_and_two_calls_have_two() {
    let lost = || TransportError::network("the connection was cut");
    let script = ScriptedTransport::new()
        .then_fails(lost())
        .then(HttpReply::new(500).json(&json!({ "error": "oops" })))
        .then(HttpReply::new(201).json(&created()))
        .then(HttpReply::new(201).json(&created()));
    let client = scripted_bearer(&script);
    client
        .labels()
        .create(CreateLabel::new(request()))
        .send()
        .await
        .unwrap();
    client
        .labels()
        .create(CreateLabel::new(request()))
        .send()
        .await
        .unwrap();
    let keys: Vec<_> = script
        .requests()
        .iter()
        .map(|request| sent(request)["idempotencyKey"].clone())
        .collect();
    assert!(keys[0].as_str().is_some_and(|key| key.len() == 36), "{keys:?}");
    assert!(
        keys[0] == keys[1] && keys[1] == keys[2] && keys[2] != keys[3],
        "{keys:?}"
    );
    let bodies: Vec<_> = script.requests().iter().map(|request| request.body().clone()).collect();
    assert_eq!(bodies[0], bodies[2], "a repeat is the same request");
}

#[tokio::test]
async fn a_label_that_failed_inside_a_success_is_an_error() {
    for status in [200, 201] {
        let script = always(HttpReply::new(status).json(&failed()));
        let error = scripted_bearer(&script)
            .labels()
            .create(CreateLabel::new(request()))
            .send()
            .await
            .unwrap_err();
        assert!(error.is(Kind::Rejected));
        assert_eq!((error.status(), error.attempts()), (Some(status), 1));
        assert_eq!(
            (error.message(), error.code()),
            (Some("no such postal code"), Some("COURIER_ERROR"))
        );
        let Some(ErrorBody::LabelResponse(label)) = error.body() else {
            panic!("{error:?}")
        };
        assert_eq!(
            (label.id.to_string().as_str(), &label.status),
            (ID, &LabelStatus::Failed)
        );
        assert_eq!(
            label.error.as_ref().map(|error| error.code.as_str()),
            Some("COURIER_ERROR")
        );
        assert!(
            error
                .hint()
                .unwrap()
                .contains("correct the request and send it with a new one"),
            "{error}"
        );
        assert_eq!(script.requests().len(), 1, "the same key would answer the same failure");
    }
}

#[tokio::test(start_paused = true)]
async fn a_courier_that_failed_is_asked_again_with_the_same_key() {
    let (script, arrivals) = timed([HttpReply::new(502).json(&failed())]);
    let error = scripted_bearer(&script)
        .labels()
        .create(CreateLabel::new(request()))
        .send()
        .await
        .unwrap_err();
    assert!(error.is(Kind::Unavailable));
    assert_eq!(error.attempts(), 5);
    assert_eq!(arrivals.millis(), [0, 1000, 3000, 7000, 15_000]);
    let Some(ErrorBody::LabelResponse(label)) = error.body() else {
        panic!("{error:?}")
    };
    assert_eq!(label.status, LabelStatus::Failed);
    assert_eq!(
        (error.code(), error.message()),
        (Some("COURIER_ERROR"), Some("no such postal code"))
    );
    assert!(
        error.hint().unwrap().contains("repeat with the same idempotency key"),
        "{error}"
    );
    let keys: Vec<_> = script
        .requests()
        .iter()
        .map(|request| sent(request)["idempotencyKey"].clone())
        .collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

#[tokio::test(start_paused = true)]
async fn a_courier_that_recovers_gives_its_label() {
    let (script, arrivals) = timed([
        HttpReply::new(502).json(&failed()),
        HttpReply::new(201).json(&created()),
    ]);
    let label = scripted_bearer(&script)
        .labels()
        .create(CreateLabel::new(request()))
        .send()
        .await
        .unwrap();
    assert_eq!(label.status, LabelStatus::Created);
    assert_eq!(arrivals.millis(), [0, 1000]);
}

#[tokio::test(start_paused = true)]
async fn a_502_of_the_provider_itself_has_its_plain_body() {
    let (script, _) = timed([HttpReply::new(502).json(&json!({ "error": "upstream" }))]);
    let error = scripted_bearer(&script)
        .labels()
        .create(CreateLabel::new(request()))
        .send()
        .await
        .unwrap_err();
    assert!(error.is(Kind::Unavailable));
    assert_eq!(error.message(), Some("upstream"));
    assert!(
        matches!(error.body(), Some(ErrorBody::ApiError(body)) if body.error == "upstream"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_400_lists_what_is_wrong_where() {
    let body = json!({
        "error": "validation failed",
        "details": [
            { "field": "shipment.parcels[0].weight", "message": "must be greater than 0" },
            { "field": "courier", "message": "unknown" },
        ],
    });
    let script = always(HttpReply::new(400).json(&body));
    let error = scripted_bearer(&script)
        .labels()
        .create(CreateLabel::new(request()))
        .send()
        .await
        .unwrap_err();
    assert!(error.is(Kind::Invalid));
    assert_eq!((error.message(), error.attempts()), (Some("validation failed"), 1));
    let Some(ErrorBody::ValidationError(body)) = error.body() else {
        panic!("{error:?}")
    };
    let fields: Vec<_> = body.details.iter().map(|detail| detail.field.as_str()).collect();
    assert_eq!(fields, ["shipment.parcels[0].weight", "courier"]);
    assert_eq!(body.details[0].message, "must be greater than 0");
}

#[tokio::test]
async fn a_body_that_does_not_fit_its_model_is_kept_raw() {
    let script = always(
        HttpReply::new(400)
            .header("content-type", "text/html")
            .body("<h1>Bad Request</h1>"),
    );
    let error = scripted_bearer(&script)
        .labels()
        .create(CreateLabel::new(request()))
        .send()
        .await
        .unwrap_err();
    assert!(error.is(Kind::Invalid) && error.body().is_none());
    assert_eq!(&error.raw()[..], b"<h1>Bad Request</h1>");
    assert!(!error.to_string().contains("<h1>"), "{error}");
}

#[tokio::test]
async fn a_success_that_is_not_what_the_descriptor_says_is_an_error_that_keeps_it() {
    let script = always(ok(&json!({ "id": ID, "status": "created" })));
    let error = scripted_bearer(&script)
        .labels()
        .create(CreateLabel::new(request()))
        .send()
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(200)));
    assert!(error.to_string().contains("`courier`"), "{error}");
    assert!(error.raw().starts_with(b"{"));
    assert_eq!(script.requests().len(), 1, "it was done: asking again would not help");
}

#[tokio::test]
async fn a_status_that_the_descriptor_does_not_know_is_kept() {
    let mut body = created();
    body["status"] = json!("printing");
    let script = always(ok(&body));
    let label = scripted_bearer(&script)
        .labels()
        .create(CreateLabel::new(request()))
        .send()
        .await
        .unwrap();
    assert_eq!(label.status, LabelStatus::Other("printing".to_owned()));
    assert_eq!(label.status.as_str(), "printing");
}
