//! Bodies: with the envelope and without, and the oddities of their fields.

use super::{enveloped, scripted_key};
use crate::behaviour::support::{always, ok};
use serde_json::json;
use tollgate::{Decimal, HttpReply, Json};
use tollgate_providers::flexport::{
    bookings::GetBooking,
    companies::MeCompany,
    containers::GetContainer,
    documents::DownloadDocument,
    events::GetEvent,
    invoices::GetInvoice,
    models::{self, ContainerSize, EventResource, EventType, Metadata},
    shipments::{GetShipment, UpdateShipment},
};

fn shipment(fields: &Json) -> Json {
    let mut shipment = json!({ "_object": "/shipment", "id": 7, "name": "To Oakland" });
    for (name, value) in fields.as_object().unwrap() {
        shipment[name] = value.clone();
    }
    shipment
}

async fn read(body: &Json) -> models::Shipment {
    let script = always(ok(body));
    scripted_key(&script)
        .shipments()
        .get(GetShipment::new(7))
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_write_is_understood_with_the_envelope_and_without() {
    let bare = shipment(&json!({}));
    for body in [bare.clone(), enveloped(&bare)] {
        let script = always(ok(&body));
        let update = UpdateShipment::new(7, models::UpdateShipment::default());
        let updated = scripted_key(&script).shipments().update(update).send().await.unwrap();
        assert_eq!((updated.id, updated.name.as_deref()), (7, Some("To Oakland")));
    }
}

#[tokio::test]
async fn a_bare_event_keeps_the_data_of_its_own() {
    let event = json!({
        "_object": "/event",
        "id": 99,
        "version": 2,
        "type": "/shipment#created",
        "data": {
            "_object": "/shipment_event_data",
            "resource": shipment(&json!({})),
            "location": null,
            "containers": [],
        },
    });
    for body in [event.clone(), enveloped(&event)] {
        let script = always(ok(&body));
        let found = scripted_key(&script)
            .events()
            .get(GetEvent::new(99))
            .send()
            .await
            .unwrap();
        assert_eq!((found.id, found.type_), (Some(99), Some(EventType::ShipmentCreated)));
        let data = found.data.unwrap();
        assert!(matches!(data.resource, Some(EventResource::Shipment(shipment)) if shipment.id == 7));
        assert!(data.location.is_none());
    }
}

#[tokio::test]
async fn metadata_is_a_map_or_a_list() {
    let map = read(&enveloped(&shipment(&json!({ "metadata": { "PO": ["1", "2"] } })))).await;
    assert!(matches!(map.metadata, Some(Metadata::Object(map)) if map["PO"] == ["1", "2"]));
    let list = read(&enveloped(&shipment(
        &json!({ "metadata": [{ "name": "PO", "value": ["1"] }] }),
    )))
    .await;
    let Some(Metadata::List(list)) = list.metadata else {
        panic!("not a list: {:?}", list.metadata);
    };
    assert_eq!(
        (list[0].name.as_str(), list[0].value.as_slice()),
        ("PO", &["1".to_owned()][..])
    );
    let odd = read(&enveloped(&shipment(&json!({ "metadata": "none" })))).await;
    assert!(matches!(odd.metadata, Some(Metadata::Unknown(Json::String(_)))));
}

#[tokio::test]
async fn sizes_are_spelled_as_flexport_spells_them_here_and_there() {
    for (wire, size) in [
        ("fourty_ft", ContainerSize::FourtyFt),
        ("fourty_five_ft_hc", ContainerSize::FourtyFiveFtHc),
        ("forty_ft", ContainerSize::Other("forty_ft".to_owned())),
    ] {
        let container = json!({ "_object": "/ocean/shipment_container", "id": 1, "container_size": wire });
        let script = always(ok(&enveloped(&container)));
        let found = scripted_key(&script)
            .containers()
            .get(GetContainer::new(1))
            .send()
            .await;
        assert_eq!(found.unwrap().container_size, Some(size));
    }
    let counts = json!({ "_object": "/container_counts", "twenty_ft": null, "forty_ft": 2, "forty_ft_hc": 1 });
    let booking = json!({ "_object": "/booking", "id": 1, "ocean_booking": { "container_counts": counts } });
    let script = always(ok(&enveloped(&booking)));
    let found = scripted_key(&script)
        .bookings()
        .get(GetBooking::new(1))
        .send()
        .await
        .unwrap();
    let counts = found.ocean_booking.unwrap().container_counts.unwrap();
    assert_eq!(
        (counts.twenty_ft, counts.forty_ft, counts.forty_ft_hc),
        (None, Some(2), Some(1))
    );
}

#[tokio::test]
async fn money_is_exact_and_a_cost_may_be_a_number_or_a_text() {
    let invoice =
        json!({ "_object": "/invoice", "id": "inv-1", "total": { "amount": "1234.5670", "currency_code": "USD" } });
    let script = always(ok(&enveloped(&invoice)));
    let found = scripted_key(&script)
        .invoices()
        .get(GetInvoice::new("inv-1"))
        .send()
        .await
        .unwrap();
    assert_eq!(found.id.as_deref(), Some("inv-1"));
    assert_eq!(found.total.unwrap().amount.unwrap().to_string(), "1234.5670");
    for cost in [json!("10.25"), json!(10.25)] {
        let found = read(&enveloped(&shipment(&json!({ "freight_cost": cost })))).await;
        assert_eq!(found.freight_cost, Some("10.25".parse::<Decimal>().unwrap()));
    }
}

#[tokio::test]
async fn ids_are_texts_here_and_numbers_there() {
    let company = json!({ "_object": "/network/company", "id": "co-1", "entities": [{ "_object": "/company_entity", "id": 12 }] });
    let script = always(ok(&enveloped(&company)));
    let me = scripted_key(&script)
        .companies()
        .me(MeCompany::new())
        .send()
        .await
        .unwrap();
    assert_eq!((me.id.as_deref(), me.entities.unwrap()[0].id), (Some("co-1"), 12));
    // Where an object reports its number as a text, it is the same number.
    assert_eq!(read(&enveloped(&shipment(&json!({ "id": "8" })))).await.id, 8);
}

#[tokio::test]
async fn what_flexport_adds_tomorrow_does_not_hurt() {
    let body = shipment(&json!({
        "_object": "/shipments",
        "priority": "urgent",
        "of_tomorrow": { "a": 1 },
        "wants_ftz_entry": null,
        "estimated_arrival_date": "2026-05-01T10:00:00.000+08:00",
    }));
    let found = read(&enveloped(&body)).await;
    assert_eq!(found.priority.unwrap().as_str(), "urgent");
    assert_eq!(
        found.estimated_arrival_date.unwrap().to_string(),
        "2026-05-01T02:00:00Z"
    );
}

#[tokio::test]
async fn a_file_is_handed_on_as_it_is() {
    let file = br#"{"_object":"/api/response","data":null,"error":"not an error: a file"}"#;
    let script = always(HttpReply::new(200).body(file.to_vec()));
    let client = scripted_key(&script);
    let read = client
        .documents()
        .download(DownloadDocument::new("d-1"))
        .send()
        .await
        .unwrap();
    assert_eq!(&read[..], file);
    assert_eq!(
        script.requests()[0].url(),
        "https://api.flexport.com/documents/d-1/download"
    );
}
