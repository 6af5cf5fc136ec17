//! References: what stands for a resource, or the resource itself.

use super::{enveloped, scripted_key};
use crate::behaviour::support::{always, ok, query};
use serde_json::json;
use tollgate::Json;
use tollgate_providers::flexport::{
    locations::GetLocation,
    models::{self, CompanyOrRef, ContainerLegsOrRef, PlaceDetail, ShipmentOrRef},
    shipment_legs::GetShipmentLeg,
};

async fn leg(fields: &Json) -> models::ShipmentLeg {
    let mut leg = json!({ "_object": "/shipment_leg", "id": 5 });
    for (name, value) in fields.as_object().unwrap() {
        leg[name] = value.clone();
    }
    let script = always(ok(&enveloped(&leg)));
    let get = GetShipmentLeg::new(5).expand("shipment");
    let leg = scripted_key(&script).shipment_legs().get(get).send().await.unwrap();
    assert_eq!(query(&script.requests()[0]), "expand=shipment");
    leg
}

#[tokio::test]
async fn a_reference_is_told_from_what_it_stands_for() {
    let reference = json!({ "_object": "/api/refs/object", "ref_type": "/shipment", "link": "https://api.flexport.com/shipments/7", "id": 7 });
    let found = leg(&json!({ "shipment": reference })).await;
    let Some(ShipmentOrRef::Reference(reference)) = found.shipment else {
        panic!("not a reference");
    };
    assert_eq!(
        (reference.ref_type.as_deref(), reference.id),
        (Some("/shipment"), Some(7))
    );

    // Samples leave the link out.
    let found = leg(&json!({ "shipment": { "_object": "/api/refs/object", "id": 7 } })).await;
    assert!(matches!(found.shipment, Some(ShipmentOrRef::Reference(found)) if found.link.is_none()));

    let expanded = json!({ "_object": "/shipment", "id": 7, "name": "To Oakland" });
    let found = leg(&json!({ "shipment": expanded })).await;
    assert!(matches!(found.shipment, Some(ShipmentOrRef::Shipment(found)) if found.id == 7));

    let odd = json!({ "_object": "/shipment/of_tomorrow", "id": 7 });
    let found = leg(&json!({ "shipment": odd })).await;
    assert!(matches!(found.shipment, Some(ShipmentOrRef::Unknown(found)) if found == odd));
}

#[tokio::test]
async fn a_collection_is_a_reference_or_its_first_page() {
    let with = |legs: &Json| json!({ "ocean_leg": { "_object": "/ocean/shipment_leg", "container_legs": legs } });
    let reference = json!({ "_object": "/api/refs/collection", "ref_type": "/ocean/shipment_container_leg", "link": "https://api.flexport.com/x" });
    let legs = leg(&with(&reference)).await.ocean_leg.unwrap().container_legs.unwrap();
    assert!(matches!(legs, ContainerLegsOrRef::Reference(_)));
    // Dates are one object, whatever the specification says.
    let item = json!({ "_object": "/ocean/shipment_container_leg", "id": 3, "dates": {} });
    let page = json!({ "_object": "/api/collections/paginated", "prev": null, "next": null, "total_count": 1, "data": [item] });
    let legs = leg(&with(&page)).await.ocean_leg.unwrap().container_legs.unwrap();
    let ContainerLegsOrRef::Page(page) = legs else {
        panic!("not a page: {legs:?}");
    };
    let items = page.data.unwrap();
    assert_eq!((items[0].id, page.total_count), (3, Some(1)));
    assert!(items[0].dates.as_ref().unwrap().actual_discharge_date.is_none());
}

#[tokio::test]
async fn the_details_of_a_place_are_of_several_sorts() {
    let details = json!([
        { "_object": "/air/port", "iata_code": "SFO" },
        { "_object": "/trucking/port", "port_code": null },
        { "_object": "/space/port", "port_code": "X" },
    ]);
    let found = leg(&json!({ "origin": { "tags": ["pickup"], "place": { "name": "SFO", "details": details } } })).await;
    let details = found.origin.unwrap().place.unwrap().details.unwrap();
    assert!(matches!(&details[0], PlaceDetail::Airport(port) if port.iata_code.as_deref() == Some("SFO")));
    assert!(matches!(&details[1], PlaceDetail::Roadport(port) if port.port_code.is_none()));
    assert!(matches!(&details[2], PlaceDetail::Unknown(port) if port["port_code"] == "X"));
}

#[tokio::test]
async fn the_id_of_a_reference_to_a_company_is_what_comes() {
    for id in [json!(7), json!("co-7")] {
        let company = json!({ "_object": "/api/refs/object", "ref_type": "/network/company", "id": id });
        let location = json!({ "_object": "/network/location", "id": "l-1", "company": company, "contacts": [] });
        let script = always(ok(&enveloped(&location)));
        let found = scripted_key(&script)
            .locations()
            .get(GetLocation::new("l-1"))
            .send()
            .await
            .unwrap();
        assert!(matches!(found.company, Some(CompanyOrRef::Reference(found)) if found.id == Some(id)));
    }
}
