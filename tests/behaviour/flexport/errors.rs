//! What failures say, wherever they say it.

use super::{enveloped, scripted_key};
use crate::behaviour::support::{always, timed};
use serde_json::json;
use tollgate::{ErrorKind, HttpReply, Json, Kind};
use tollgate_providers::flexport::{
    Error, ErrorBody,
    bookings::{CreateBooking, GetBooking},
    models::{self, ApiFailure},
    purchase_orders::GetPurchaseOrder,
    shipments::GetShipment,
};

async fn failure(reply: HttpReply) -> Error {
    let script = always(reply);
    let client = scripted_key(&script);
    client.shipments().get(GetShipment::new(7)).send().await.unwrap_err()
}

fn answer(error: &Json) -> Json {
    json!({ "_object": "/api/response", "self": "https://api.flexport.com/shipments/7", "version": "2023-07-01", "data": null, "error": error })
}

fn told(error: &Error) -> &ApiFailure {
    let Some(ErrorBody::ErrorAnswer(answer)) = error.body() else {
        panic!("no body: {error}");
    };
    answer.error.as_ref().unwrap()
}

#[tokio::test]
async fn an_error_inside_a_success_is_an_error() {
    let error = json!({ "_object": "/api/error", "status": 400, "code": "invalid", "message": "no such port" });
    let error = failure(HttpReply::new(200).json(&answer(&error))).await;
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Answer(Kind::Rejected), Some(200))
    );
    assert_eq!((error.message(), error.code()), (Some("no such port"), Some("invalid")));
    assert!(matches!(told(&error), ApiFailure::Object(told) if told.status == Some(400)));
}

#[tokio::test]
async fn an_error_may_be_an_object_a_text_or_null() {
    let object = json!({ "status": 404, "code": "not_found", "message": "no such shipment" });
    let error = failure(HttpReply::new(404).json(&answer(&object))).await;
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Answer(Kind::NotFound), Some("not_found"))
    );

    let error = failure(HttpReply::new(400).json(&answer(&json!("no such shipment")))).await;
    assert_eq!((error.message(), error.code()), (Some("no such shipment"), None));
    assert!(matches!(told(&error), ApiFailure::Text(text) if text == "no such shipment"));

    for reply in [
        HttpReply::new(400).json(&answer(&Json::Null)),
        HttpReply::new(400).body("<html>"),
    ] {
        let error = failure(reply).await;
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::Answer(Kind::Invalid), None)
        );
    }
}

#[tokio::test]
async fn a_403_says_what_is_missing() {
    let error = failure(HttpReply::new(403)).await;
    assert!(error.is(Kind::OutOfScope));
    assert!(error.hint().unwrap().contains("ticked"), "{error}");

    let script = always(HttpReply::new(403));
    let client = scripted_key(&script);
    let error = client
        .purchase_orders()
        .get(GetPurchaseOrder::new(1))
        .send()
        .await
        .unwrap_err();
    assert!(error.is(Kind::OutOfScope));
    let hint = error.hint().unwrap();
    assert!(hint.contains("needs a permission that Flexport switches on"), "{hint}");
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_and_waits_as_long_as_it_is_told() {
    let booking = json!({ "_object": "/booking", "id": 3 });
    let limited = HttpReply::new(429).header("Retry-After", "7");
    let (script, arrivals) = timed([
        limited,
        HttpReply::new(500),
        HttpReply::new(200).json(&enveloped(&booking)),
    ]);
    let found = scripted_key(&script)
        .bookings()
        .get(GetBooking::new(3))
        .send()
        .await
        .unwrap();
    assert_eq!((found.id, script.requests().len()), (3, 3));
    let [_, second, _] = arrivals.millis()[..] else {
        panic!("{:?}", arrivals.millis());
    };
    assert!((7000..8000).contains(&second), "{second}");
}

#[tokio::test(start_paused = true)]
async fn a_write_is_not_repeated_but_where_it_was_not_taken() {
    let create = || {
        let cargo = models::CreateCargo::new(
            Vec::<models::CreateShippingUnit>::new(),
            false,
            false,
            false,
            false,
            false,
        );
        let date = "2026-12-01".parse().unwrap();
        CreateBooking::new(models::CreateBooking::new(
            "Mugs",
            "shipper",
            "consignee",
            "address",
            date,
            true,
            cargo,
        ))
    };
    let script = always(HttpReply::new(503));
    let error = scripted_key(&script)
        .bookings()
        .create(create())
        .send()
        .await
        .unwrap_err();
    assert_eq!((error.attempts(), script.requests().len()), (1, 1));

    let booking = enveloped(&json!({ "_object": "/booking", "id": 3 }));
    let (script, _) = timed([HttpReply::new(429), HttpReply::new(201).json(&booking)]);
    let created = scripted_key(&script).bookings().create(create()).send().await.unwrap();
    assert_eq!((created.id, script.requests().len()), (3, 2));
}
