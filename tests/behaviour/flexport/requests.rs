//! Requests: versions, filters, and bodies.

use super::{enveloped, page, scripted_key};
use crate::behaviour::support::{always, ok, query, sent, sent_text};
use serde_json::json;
use std::collections::BTreeMap;
use tollgate::{HttpReply, Uuid};
use tollgate_providers::flexport::{
    commercial_invoices::{CreateCommercialInvoice, Get20230701, UpsertCommercialInvoice},
    customs_milestones::CreateCustomsMilestone,
    documents::CreateDocument,
    models::{self, Metadata, MetadataEntry, ShipmentStatus},
    shipments::{ListShipments, StatusOrStatusesAny, UpdateShipment},
};

#[tokio::test]
async fn each_operation_says_the_version_that_it_is_of() {
    let script = always(HttpReply::new(202));
    let client = scripted_key(&script);
    let id = Uuid::from_u128(7);
    let upsert = UpsertCommercialInvoice::new(id, json!({ "invoice_number": "I-1" }));
    client.commercial_invoices().upsert(upsert).send().await.unwrap();
    let milestone = models::CreateCustomsMilestone::default().milestone_name("/shipment#export_customs_cleared");
    client
        .customs_milestones()
        .create(CreateCustomsMilestone::new(milestone))
        .send()
        .await
        .unwrap();
    let requests = script.requests();
    assert_eq!(requests[0].header("Flexport-Version"), Some("3"));
    assert_eq!(
        requests[0].header("X-Request-ID"),
        Some("00000000-0000-0000-0000-000000000007")
    );
    assert_eq!(requests[1].header("Flexport-Version"), Some("2023-07-01"));
    assert_eq!(
        sent_text(&requests[1]),
        r#"{"milestone_name":"/shipment#export_customs_cleared"}"#
    );

    let invoice = json!({ "invoice_number": "I 1", "is_related_parties": false, "of_tomorrow": 1 });
    let script = always(ok(&enveloped(&invoice)));
    let get = Get20230701::new("I 1");
    let found = scripted_key(&script)
        .commercial_invoices()
        .get_2023_07_01(get)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (found.invoice_number.as_deref(), &found.other["of_tomorrow"]),
        (Some("I 1"), &json!(1))
    );
    let request = &script.requests()[0];
    assert_eq!(request.path(), "/commercial_invoices/I%201");
    assert_eq!(request.header("Flexport-Version"), Some("2023-07-01"));
}

#[tokio::test]
async fn filters_have_dots_in_their_names() {
    let script = always(ok(&page(&json!([]), None)));
    let metadata = BTreeMap::from([
        ("PO number".to_owned(), vec!["1".to_owned(), "2".to_owned()]),
        ("team".to_owned(), vec!["a".to_owned()]),
    ]);
    let list = ListShipments::new()
        .status_or_statuses_any(StatusOrStatusesAny::StatusesAny(vec![
            ShipmentStatus::ArrivalPort,
            ShipmentStatus::GatedOut,
        ]))
        .updated_at_gt("2026-01-01")
        .wants_flexport_freight(true)
        .metadata(metadata)
        .use_name_value_metadata_format(true)
        .expand("legs");
    scripted_key(&script).shipments().list(list).send().await.unwrap();
    assert_eq!(
        script.requests()[0].query(),
        [
            ("f.statuses.any", "arrival_port,gated_out"),
            ("f.updated_at.gt", "2026-01-01"),
            ("f.metadata.PO number", "1"),
            ("f.metadata.PO number", "2"),
            ("f.metadata.team", "a"),
            ("f.wants_flexport_freight", "true"),
            ("expand", "legs"),
            ("use_name_value_metadata_format", "true"),
            ("per", "100"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    let list = ListShipments::new().status_or_statuses_any(StatusOrStatusesAny::Status(ShipmentStatus::ArrivalPort));
    scripted_key(&script).shipments().list(list).send().await.unwrap();
    assert_eq!(query(&script.requests()[1]), "f.status=arrival_port&per=100");
}

#[tokio::test]
async fn metadata_is_written_in_either_form() {
    let map = BTreeMap::from([("PO".to_owned(), vec!["1".to_owned()])]);
    let list = vec![MetadataEntry::new("PO", ["1"])];
    for (metadata, expected) in [
        (Metadata::from(map), json!({ "PO": ["1"] })),
        (Metadata::from(list), json!([{ "name": "PO", "value": ["1"] }])),
    ] {
        let script = always(ok(&json!({ "_object": "/shipment", "id": 7 })));
        let update = UpdateShipment::new(7, models::UpdateShipment::default().metadata(metadata));
        scripted_key(&script).shipments().update(update).send().await.unwrap();
        let request = &script.requests()[0];
        assert_eq!(
            (request.method().as_str(), sent(request)),
            ("PATCH", json!({ "metadata": expected }))
        );
    }
}

#[tokio::test]
async fn money_is_written_as_a_text_and_a_file_as_base64() {
    let money = || {
        models::Money::default()
            .amount("10.50".parse::<tollgate::Decimal>().unwrap())
            .currency_code("USD")
    };
    let quantity = models::CreateQuantity::new("2".parse::<tollgate::Decimal>().unwrap(), models::QuantityUnit::Pcs);
    let line = models::CreateCommercialInvoiceLineItem::new("sku-1", quantity, money(), money());
    let invoice = models::CreateCommercialInvoice::new(
        models::CreateCommercialInvoiceShipment::ShipmentRef("FLEX-7".into()),
        "I-1",
        "USD",
        money(),
        [line],
    );
    let script = always(ok(&enveloped(&json!({ "id": "ci-1" }))));
    let client = scripted_key(&script);
    client
        .commercial_invoices()
        .create(CreateCommercialInvoice::new(invoice))
        .send()
        .await
        .unwrap();
    let body = sent(&script.requests()[0]);
    assert_eq!(
        body["proration_amount"],
        json!({ "amount": "10.50", "currency_code": "USD" })
    );
    assert_eq!(body["line_items"][0]["quantity"], json!({ "value": 2, "unit": "pcs" }));
    assert_eq!(
        (&body["shipment_ref"], body.get("shipment_id")),
        (&json!("FLEX-7"), None)
    );

    let script = always(ok(&enveloped(&json!({ "_object": "/document", "id": "d-1" }))));
    let client = scripted_key(&script);
    let document = models::CreateDocument::new("a.pdf", "application/pdf", "packing_list", &b"%PDF-\xff"[..], 7);
    let created = client
        .documents()
        .create(CreateDocument::new(document))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (created.id.as_str(), &sent(&script.requests()[0])["document"]),
        ("d-1", &json!("JVBERi3/"))
    );
}
