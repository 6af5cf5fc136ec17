//! Writes: batches in parts, values of three states, and a parameter in every element.

use super::{scripted_account, scripted_source};
use crate::behaviour::support::{Stage, always, ok, sent, sent_text};
use serde_json::json;
use std::time::Duration;
use tollgate::{Clearable, Decimal, ErrorKind, Kind};
use tollgate_mock::Fault;
use tollgate_providers::flxpoint::{
    Flxpoint,
    inventory::UpsertParents,
    models::{InventoryParentWrite, InventoryVariantWrite, ModifyList},
};

const OPERATION: &str = "inventory.upsert_parents";

/// Parents with one variant each.
fn variants(count: usize) -> Vec<InventoryParentWrite> {
    let variant = |number| InventoryVariantWrite::new(format!("MUG-{number}-BLUE")).quantity(number);
    let parent = |number| InventoryParentWrite::new(format!("MUG-{number}")).variants([variant(number)]);
    (1..=i64::try_from(count).unwrap()).map(parent).collect()
}

#[tokio::test]
async fn forty_five_variants_travel_in_parts_of_twenty() {
    let stage = Stage::<Flxpoint>::new().await;
    let batch = stage
        .source(1)
        .inventory()
        .upsert_parents(UpsertParents::new(variants(45)))
        .send_all()
        .await;
    let ranges: Vec<_> = batch.parts().iter().map(|part| part.range.clone()).collect();
    assert_eq!(ranges, [0..20, 20..40, 40..45]);
    assert!(batch.is_success());
    assert_eq!(batch.into_outputs().unwrap().len(), 3);
    let report = stage.report();
    // A batch counts once, and no element is done twice.
    assert_eq!((report.calls(OPERATION), report.effects(OPERATION)), (3, 45));
    assert_eq!(report.rejected(), 0);
}

#[tokio::test]
async fn a_part_that_fails_does_not_lose_the_others() {
    let stage = Stage::<Flxpoint>::new().await;
    stage.fault(OPERATION, 1, Fault::Delay(Duration::ZERO));
    stage.fault(OPERATION, 1, Fault::status(400));
    let batch = stage
        .source(1)
        .inventory()
        .upsert_parents(UpsertParents::new(variants(45)))
        .send_all()
        .await;
    let told: Vec<_> = batch
        .parts()
        .iter()
        .map(|part| (part.range.clone(), part.result.is_ok()))
        .collect();
    assert_eq!(told, [(0..20, true), (20..40, false), (40..45, true)]);
    let (range, error) = batch.failures().next().unwrap();
    assert_eq!((range, error.status()), (20..40, Some(400)));
    assert!(error.is(Kind::Invalid));
    assert_eq!(batch.failures().count(), 1);
    assert!(batch.into_outputs().unwrap_err().is(Kind::Invalid));
    let report = stage.report();
    assert_eq!((report.answers(OPERATION, 200), report.answers(OPERATION, 400)), (2, 1));
    assert_eq!(report.effects(OPERATION), 25);
}

#[tokio::test]
async fn more_than_the_provider_takes_is_an_error_before_anything_is_sent() {
    let stage = Stage::<Flxpoint>::new().await;
    let error = stage
        .source(1)
        .inventory()
        .upsert_parents(UpsertParents::new(variants(21)))
        .send()
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0));
    let shown = error.to_string();
    for part in ["`inventory.upsert_parents` was not sent", "21", "20", "`send_all()`"] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
    assert_eq!(stage.report().total(), 0);
    stage
        .source(1)
        .inventory()
        .upsert_parents(UpsertParents::new(variants(20)))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn nothing_to_send_is_nothing_sent() {
    let stage = Stage::<Flxpoint>::new().await;
    let batch = stage
        .source(1)
        .inventory()
        .upsert_parents(UpsertParents::new([]))
        .send_all()
        .await;
    assert!(batch.is_success() && batch.parts().is_empty());
    assert_eq!(stage.report().total(), 0);
}

#[tokio::test]
async fn absent_keeps_null_clears_and_a_value_sets() {
    let script = always(ok(&json!({})));
    let variant = InventoryVariantWrite::new("MUG-BLUE")
        .quantity(0)
        .cost("12.10".parse::<Decimal>().unwrap())
        .msrp(None)
        .upc(Some("0012345678905".to_owned()));
    let parent = InventoryParentWrite::new("MUG")
        .title("Mug")
        .description(Clearable::Clear)
        .archived(false)
        .variants([variant]);
    scripted_source(&script)
        .inventory()
        .upsert_parents(UpsertParents::new([parent]))
        .send()
        .await
        .unwrap();
    let request = &script.requests()[0];
    assert_eq!(
        sent(request),
        json!([{
            "sku": "MUG",
            "title": "Mug",
            "description": null,
            "archived": false,
            "variants": [{ "sku": "MUG-BLUE", "quantity": 0, "cost": 12.1, "msrp": null, "upc": "0012345678905" }],
        }])
    );
    assert_eq!(request.header("content-type"), Some("application/json"));

    // The mock, too, takes all three.
    let stage = Stage::<Flxpoint>::new().await;
    let parent = InventoryParentWrite::new("MUG")
        .title("Mug")
        .description(Clearable::Clear);
    stage
        .source(1)
        .inventory()
        .upsert_parents(UpsertParents::new([parent]))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn money_travels_exactly_or_not_at_all() {
    let script = always(ok(&json!({})));
    let client = scripted_source(&script);
    let upsert = |cost: &str| {
        let variant = InventoryVariantWrite::new("MUG-BLUE").cost(cost.parse::<Decimal>().unwrap());
        client.inventory().upsert_parents(UpsertParents::new([
            InventoryParentWrite::new("MUG").variants([variant])
        ]))
    };
    for cost in ["0.1", "19.99", "123456789012.345", "9007199254740993"] {
        upsert(cost).send().await.unwrap();
        let requests = script.requests();
        let text = sent_text(requests.last().unwrap());
        assert!(text.contains(&format!(r#""cost":{cost}}}"#)), "{text}");
    }
    let error = upsert("0.12345678901234567891").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.to_string().contains("0.12345678901234567891"), "{error}");
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test]
async fn an_account_token_writes_its_source_into_every_element() {
    let script = always(ok(&json!({})));
    let upsert = UpsertParents::new(variants(3))
        .source_id(7)
        .modify_parent_options(ModifyList::Merge);
    scripted_account(&script)
        .inventory()
        .upsert_parents(upsert)
        .send()
        .await
        .unwrap();
    let request = &script.requests()[0];
    let body = sent(request);
    assert_eq!(body.as_array().unwrap().len(), 3);
    assert!(
        body.as_array().unwrap().iter().all(|parent| parent["sourceId"] == 7),
        "{body}"
    );
    assert_eq!(
        request.query(),
        [("modifyParentOptions".to_owned(), "merge".to_owned())]
    );

    scripted_source(&script)
        .inventory()
        .upsert_parents(UpsertParents::new(variants(3)))
        .send()
        .await
        .unwrap();
    assert!(!sent_text(&script.requests()[1]).contains("sourceId"));
}

#[tokio::test]
async fn the_source_is_in_every_part_of_a_batch_and_the_mock_agrees() {
    let stage = Stage::<Flxpoint>::new().await;
    let upsert = UpsertParents::new(variants(21)).source_id(7);
    let batch = stage.account(1).inventory().upsert_parents(upsert).send_all().await;
    assert!(batch.is_success(), "{batch:?}");
    stage
        .source(1)
        .inventory()
        .upsert_parents(UpsertParents::new(variants(1)))
        .send()
        .await
        .unwrap();
    assert_eq!(stage.report().effects(OPERATION), 22);
}

#[tokio::test]
async fn what_the_descriptor_does_not_know_travels_along() {
    let script = always(ok(&json!({})));
    let mut parent = InventoryParentWrite::new("MUG");
    parent
        .other
        .insert("vendorNotes".to_owned(), json!({ "fragile": [true, 1.50] }));
    scripted_source(&script)
        .inventory()
        .upsert_parents(UpsertParents::new([parent]))
        .send()
        .await
        .unwrap();
    assert_eq!(
        sent(&script.requests()[0]),
        json!([{ "sku": "MUG", "vendorNotes": { "fragile": [true, 1.5] } }])
    );
}
