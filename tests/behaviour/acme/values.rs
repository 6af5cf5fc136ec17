//! Values that make the round trip: known, unknown, absent, and in odd formats.

use super::{scripted_account, scripted_partner};
use crate::behaviour::support::{Stage, always, ok, scripted_with, sent};
use serde_json::json;
use tollgate::{Clearable, Date, Decimal, HttpReply, ScriptedTransport, Timestamp};
use tollgate_scope_tests::acme::{
    Account, Acme, Client, Variable,
    account::{GetAccount, UpdateAccount, WhoAccount},
    models::{AccountPatch, Contact, Order, OrderQuery, OrderStatus, PhoneContact, Plan, Settings, StockWrite},
    orders::{GetOrder, ListOrders, SearchOrders},
    stock::{LabelsStock, ReplaceStock, UpsertStock},
};

/// An order with a status and a contact that nobody has heard of, and money in digits.
fn odd_order() -> tollgate::Json {
    json!({
        "id": 7,
        "number": "A-7",
        "status": "lost at sea",
        "type": "retail",
        "currency": "EUR",
        "total": "1234567890.10",
        "contact": { "kind": "pigeon", "ring": { "number": 7 }, "colours": ["grey"] },
        "parent": { "id": 6, "number": "A-6", "status": "on hold", "currency": "EUR" },
        "metadata": { "tags": ["a", "b"] },
        "news": "from next year",
    })
}

async fn odd() -> Order {
    let script = always(ok(&odd_order()));
    scripted_account(&script)
        .orders()
        .get(GetOrder::new(7))
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_value_that_an_enum_does_not_know_goes_back_as_it_came() {
    let order = odd().await;
    assert_eq!(order.status, OrderStatus::Other("lost at sea".to_owned()));
    assert_eq!(
        order.parent.as_ref().map(|parent| &parent.status),
        Some(&OrderStatus::OnHold)
    );
    let script = always(ok(&json!({ "data": [] })));
    let client = scripted_account(&script);
    let status = [order.status, OrderStatus::OnHold];
    client
        .orders()
        .list(ListOrders::new().status(status.clone()))
        .send()
        .await
        .unwrap();
    client
        .orders()
        .search(SearchOrders::new(OrderQuery::default().status(status)))
        .send()
        .await
        .unwrap();
    let requests = script.requests();
    let asked = requests[0].query().into_iter().find(|(name, _)| name == "status");
    assert_eq!(asked, Some(("status".to_owned(), "lost at sea,on hold".to_owned())));
    assert_eq!(sent(&requests[1])["status"], json!(["lost at sea", "on hold"]));
}

#[tokio::test]
async fn a_variant_that_a_union_does_not_know_goes_back_as_it_came() {
    let order = odd().await;
    let contact = order.contact.unwrap();
    assert!(
        matches!(&contact, Contact::Unknown(json) if json["ring"]["number"] == 7),
        "{contact:?}"
    );
    let script = always(ok(
        &json!({ "data": { "id": 1, "created_at": "2026-01-02T03:04:05Z" } }),
    ));
    let client = scripted_account(&script);
    client
        .account()
        .update(UpdateAccount::new(AccountPatch::default().contact(contact)))
        .send()
        .await
        .unwrap();
    assert_eq!(
        sent(&script.requests()[0]),
        json!({ "contact": odd_order()["contact"] })
    );

    // A known one has its tag written for it.
    let phone = Contact::Phone(PhoneContact::new("+49 30 1").extension("7"));
    client
        .account()
        .update(UpdateAccount::new(AccountPatch::default().contact(phone)))
        .send()
        .await
        .unwrap();
    assert_eq!(
        sent(&script.requests()[1]),
        json!({ "contact": { "kind": "phone", "number": "+49 30 1", "extension": "7" } })
    );
}

#[tokio::test]
async fn fields_beside_the_known_ones_are_kept_where_a_model_is_open() {
    let settings = json!({ "language": "de", "dark_mode": true, "beta": { "rollout": 0.5 }, "seats": [1, null] });
    let script = always(ok(
        &json!({ "data": { "id": 1, "created_at": "2026-01-02T03:04:05Z", "settings": settings } }),
    ));
    let account = scripted_account(&script)
        .account()
        .update(UpdateAccount::new(AccountPatch::default()))
        .send()
        .await;
    let kept: Settings = account.unwrap().settings.unwrap();
    assert_eq!((kept.language.as_deref(), kept.dark_mode), (Some("de"), Some(true)));
    assert_eq!(kept.other["beta"], json!({ "rollout": 0.5 }));
    assert_eq!(serde_json::to_value(&kept).unwrap(), settings);
}

#[tokio::test]
async fn a_patch_keeps_clears_and_sets() {
    let script = always(ok(
        &json!({ "data": { "id": 1, "created_at": "2026-01-02T03:04:05Z" } }),
    ));
    let client = scripted_account(&script);
    let patches = [
        AccountPatch::default(),
        AccountPatch::default().name(Clearable::Clear).contact(None),
        AccountPatch::default().name("Acme").plan(Plan::Enterprise),
    ];
    for patch in patches {
        client.account().update(UpdateAccount::new(patch)).send().await.unwrap();
    }
    let bodies: Vec<_> = script.requests().iter().map(sent).collect();
    assert_eq!(
        bodies,
        [
            json!({}),
            json!({ "name": null, "contact": null }),
            json!({ "name": "Acme", "plan": "enterprise" })
        ]
    );
}

#[tokio::test]
async fn numbers_that_travel_as_texts_are_written_and_read_as_such() {
    let order = odd().await;
    let total: Decimal = "1234567890.10".parse().unwrap();
    assert_eq!(
        order.total.map(|total| total.to_string()).as_deref(),
        Some("1234567890.10")
    );
    let script = always(HttpReply::new(200).body(r#"{"sku": "mug", "quantity": 1, "price": 0.10}"#));
    let write = StockWrite::new("mug").price(total).quantity(None).tags(["new"]);
    let item = scripted_account(&script)
        .stock()
        .replace(ReplaceStock::new("mug", write))
        .send()
        .await
        .unwrap();
    assert_eq!(
        sent(&script.requests()[0]),
        json!({ "sku": "mug", "quantity": null, "price": "1234567890.10", "tags": ["new"] })
    );
    // Not by way of a float.
    assert_eq!(item.price.map(|price| price.to_string()).as_deref(), Some("0.10"));
}

#[tokio::test]
async fn unix_times_are_seconds_or_milliseconds_as_declared() {
    let script = ScriptedTransport::new()
        .then(ok(
            &json!({ "data": { "kind": "account", "token": "tok_1", "expires": 1_772_236_800 } }),
        ))
        .then(ok(
            &json!([{ "sku": "mug", "image": "Ynl0ZXM=", "printed_at": 1_772_236_800_250_i64 }]),
        ));
    let client = scripted_account(&script);
    let identity = client.account().who(WhoAccount::new()).send().await.unwrap();
    assert_eq!(
        identity.expires,
        Some("2026-02-28T00:00:00Z".parse::<Timestamp>().unwrap())
    );
    assert_eq!(identity.token.as_ref().map(tollgate::Secret::expose), Some("tok_1"));
    let labels = client
        .stock()
        .labels(LabelsStock::new("mug", "large"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        labels[0].printed_at.map(|at| at.to_string()).as_deref(),
        Some("2026-02-28T00:00:00.25Z")
    );
    assert_eq!(labels[0].image.as_deref(), Some(&b"bytes"[..]));
}

#[tokio::test]
async fn dates_and_ids_travel_as_texts() {
    let script = always(ok(&json!({ "data": [] })));
    let client = scripted_partner(&script);
    let query = OrderQuery::default().from("2026-02-28".parse::<Date>().unwrap());
    client.orders().search(SearchOrders::new(query)).send().await.unwrap();
    assert_eq!(sent(&script.requests()[0])["from"], json!("2026-02-28"));
}

#[tokio::test]
async fn a_value_for_every_element_is_written_for_the_tokens_that_need_it() {
    let stage = Stage::<Acme>::new().await;
    let stock = || {
        UpsertStock::new([
            StockWrite::new("a").quantity(1),
            StockWrite::new("b").price(Clearable::Clear),
        ])
    };
    stage
        .account(1)
        .stock()
        .upsert(stock().source_id(5))
        .send()
        .await
        .unwrap();
    stage.store().stock().upsert(stock()).send().await.unwrap();
    assert_eq!(stage.report().effects("stock.upsert"), 4);
    let script = always(HttpReply::new(204));
    scripted_account(&script)
        .stock()
        .upsert(stock().source_id(5))
        .send()
        .await
        .unwrap();
    assert_eq!(
        sent(&script.requests()[0]),
        json!([{ "sku": "a", "quantity": 1, "sourceId": 5 }, { "sku": "b", "price": null, "sourceId": 5 }])
    );
}

#[tokio::test]
async fn a_body_longer_than_allowed_is_split_in_halves() {
    let script = always(HttpReply::new(204));
    let long = "x".repeat(300 << 10);
    let items: Vec<_> = (0..5).map(|at| StockWrite::new(format!("{at}{long}"))).collect();
    let client = scripted_account(&script);
    let error = client
        .stock()
        .upsert(UpsertStock::new(items.clone()).source_id(5))
        .send()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("was not sent"), "{error}");
    let batch = client
        .stock()
        .upsert(UpsertStock::new(items).source_id(5))
        .send_all()
        .await;
    assert!(batch.is_success());
    let mut at = 0;
    for (part, request) in batch.parts().iter().zip(script.requests()) {
        assert_eq!(part.range.start, at, "no gap and no overlap");
        assert_eq!(sent(&request).as_array().unwrap().len(), part.range.len());
        assert!(request.body().len() <= 1 << 20);
        at = part.range.end;
    }
    assert_eq!((at, script.requests().len()), (5, batch.parts().len()));
}

#[tokio::test]
async fn what_an_open_model_does_not_name_is_kept_and_is_no_drift() {
    let mut account = json!({ "id": 7, "plan": "free", "created_at": "2026-11-21T00:00:00Z" });
    account["settings"] = json!({ "language": "de", "font": { "size": 9 } });
    let strict = |account: &tollgate::Json| {
        let script = always(ok(&json!({ "data": account })));
        let connection = scripted_with::<Acme>(&script, |builder| builder.strict().variable(Variable::Shop, "corner"));
        Client::with(&connection, Account::new("live_secret"))
    };
    let read = strict(&account).account().get(GetAccount::new()).send().await.unwrap();
    assert_eq!(read.settings.unwrap().other["font"], json!({ "size": 9 }));
    account["font"] = json!("serif");
    let error = strict(&account)
        .account()
        .get(GetAccount::new())
        .send()
        .await
        .unwrap_err();
    assert!(matches!(error.kind(), tollgate::ErrorKind::Drift), "{error}");
}
