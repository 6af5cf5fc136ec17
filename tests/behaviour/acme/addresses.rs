//! Hosts, variables, headers, paths and queries as they travel.

use super::{corner, scripted_account, scripted_partner};
use crate::behaviour::support::{always, ok, query, scripted_with};
use serde_json::json;
use std::collections::BTreeMap;
use tollgate::{ErrorKind, HttpReply, Timestamp};
use tollgate_scope_tests::acme::{
    Account, Acme, Client, Connection, Environment, Store, Variable,
    account::{ExportAccount, TermsAccount},
    events::IngestEvent,
    models::{Event, LabelSize},
    orders::AttachRaw,
    status::{CheckStatus, PingStatus},
    stock::{LabelsStock, ListStock, RemoveStock, SkusOrIds},
};

fn event() -> IngestEvent {
    IngestEvent::new(Event::new("sold", "2026-11-21T10:00:00Z".parse::<Timestamp>().unwrap()))
}

#[tokio::test]
async fn hosts_and_their_holes_are_filled_per_environment() {
    let script = always(HttpReply::new(200).body("terms"));
    let sandbox = scripted_with(&script, |builder| {
        builder
            .environment(Environment::Sandbox)
            .variable(Variable::Region, "us")
            .variable(Variable::Shop, "unused")
    });
    for connection in [corner(&script), sandbox] {
        let client = Client::with(&connection, Account::new("live_secret"));
        client.account().terms(TermsAccount::new()).send().await.unwrap();
        client.account().export(ExportAccount::new()).send().await.unwrap();
        client.events().ingest(event()).send().await.unwrap();
    }
    let urls: Vec<_> = script
        .requests()
        .iter()
        .map(|request| request.url().to_owned())
        .collect();
    assert_eq!(
        urls,
        [
            "https://corner.acme.example/api/account/terms",
            "https://files.acme.example/account/export",
            "https://events.eu.acme.example/events",
            "https://sandbox.acme.example/api/account/terms",
            "https://files.sandbox.acme.example/account/export",
            "https://events.us.sandbox.acme.example/events",
        ]
    );
    // All of them are the provider's, and get the token.
    assert!(
        script
            .requests()
            .iter()
            .all(|request| request.header("X-Acme-Token") == Some("live_secret"))
    );
}

#[test]
fn a_variable_that_is_missing_or_wrong_is_an_error_before_there_is_a_client() {
    let build = |variable, value: &str| {
        Connection::builder()
            .variable(Variable::Shop, "corner")
            .variable(variable, value)
            .build()
    };
    assert!(build(Variable::Region, "us").is_ok());
    let region = build(Variable::Region, "asia").unwrap_err().to_string();
    assert_eq!(region, "the variable `region` is one of `eu`, `us`, not `asia`");
    let shop = build(Variable::Shop, "Corner Shop").unwrap_err().to_string();
    assert_eq!(shop, "the variable `shop` does not match `[a-z0-9-]+`: `Corner Shop`");
    let missing = Connection::new().unwrap_err().to_string();
    assert!(
        missing.contains("the variable `shop`") && missing.contains(".variable(…)"),
        "{missing}"
    );
    // Where nothing has the hole, nothing is missing.
    assert!(Connection::builder().environment(Environment::Sandbox).build().is_ok());
}

#[tokio::test]
async fn constant_headers_hold_variables_and_the_innermost_list_wins_whole() {
    let script = always(HttpReply::new(200).body("{}"));
    let connection = scripted_with::<Acme>(&script, |builder| {
        builder
            .variable(Variable::Shop, "corner")
            .variable(Variable::ApiVersion, "2027-01")
    });
    scripted_account(&script)
        .account()
        .terms(TermsAccount::new())
        .send()
        .await
        .unwrap();
    Client::with(&connection, Account::new("live_secret"))
        .account()
        .terms(TermsAccount::new())
        .send()
        .await
        .unwrap();
    scripted_account(&script).events().ingest(event()).send().await.unwrap();
    let requests = script.requests();
    let headers = |at: usize, name: &str| requests[at].header(name).map(str::to_owned);
    assert_eq!(headers(0, "X-Acme-Version").as_deref(), Some("2026-10"));
    assert_eq!(headers(0, "X-Acme-Client").as_deref(), Some("tollgate"));
    assert_eq!(headers(1, "X-Acme-Version").as_deref(), Some("2027-01"));
    assert_eq!(headers(2, "X-Acme-Ingest").as_deref(), Some("1"));
    assert_eq!(
        (headers(2, "X-Acme-Version"), headers(2, "X-Acme-Client")),
        (None, None)
    );
    assert!(
        headers(0, "user-agent").unwrap().starts_with("tollgate/"),
        "{requests:?}"
    );
}

#[tokio::test]
async fn a_public_operation_shows_no_token_and_a_head_has_no_body() {
    let script = always(ok(&json!({ "db": "up" })));
    let client = scripted_account(&script);
    let status = client.status().check(CheckStatus::new()).send().await.unwrap();
    assert_eq!(status["db"], "up");
    client.status().ping(PingStatus::new()).send().await.unwrap();
    Client::anonymous(&corner(&script))
        .status()
        .check(CheckStatus::new())
        .send()
        .await
        .unwrap();
    for request in script.requests() {
        assert_eq!(request.secret_headers().iter().count(), 0, "{request:?}");
    }
    assert_eq!(script.requests()[1].method().as_str(), "HEAD");
}

#[tokio::test]
async fn a_hole_is_one_segment_unless_its_slashes_are_kept() {
    let script = always(HttpReply::new(200).body("[]"));
    let client = scripted_account(&script);
    client.stock().remove(RemoveStock::new("a/b c")).send().await.unwrap();
    client
        .stock()
        .labels(LabelsStock::new("a/b", "large/2 x 4"))
        .send()
        .await
        .unwrap();
    client
        .orders()
        .attach_raw(AttachRaw::new("ü.pdf", 7, "x"))
        .send()
        .await
        .unwrap();
    let paths: Vec<_> = script
        .requests()
        .iter()
        .map(|request| request.path().to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "/api/stock/a%2Fb%20c",
            "/api/stock/a%2Fb/labels/large/2%20x%204",
            "/orders/7/files/%C3%BC.pdf"
        ]
    );
    // What would climb out of its place is not sent.
    for (sku, path) in [("..", "large"), (".", "large"), ("", "large"), ("mug", "../../account")] {
        let sent = client.stock().labels(LabelsStock::new(sku, path)).send().await;
        assert!(sent.is_err(), "{sku} {path}: {:?}", script.requests().last());
    }
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn lists_maps_and_headers_have_the_style_that_is_declared() {
    let script = always(ok(&json!({ "data": [] })));
    let client = scripted_account(&script);
    let skus = SkusOrIds::Skus(vec!["a,b".to_owned(), "c".to_owned()]);
    client
        .stock()
        .list(ListStock::new().store_id(3).skus_or_ids(skus))
        .send()
        .await
        .unwrap();
    let ids = ListStock::new().store_id(3).skus_or_ids(SkusOrIds::Ids(vec![4, 5]));
    client.stock().list(ids.page_size(100)).send().await.unwrap();
    let metadata = BTreeMap::from([("colour".to_owned(), vec!["red".to_owned(), "blue".to_owned()])]);
    let labels = LabelsStock::new("mug", "large")
        .size(LabelSize::A6)
        .metadata(metadata)
        .x_acme_dry_run(true);
    let error = client.stock().labels(labels).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "the script has no list for this one");
    let requests = script.requests();
    // A comma of a value is not one between two.
    assert_eq!(query(&requests[0]), "storeId=3&skus=a%2Cb,c&pageSize=50&page=1");
    assert_eq!(query(&requests[1]), "storeId=3&ids=4,5&pageSize=100&page=1");
    let last = &requests[2];
    let names = last.query();
    let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert!(
        names.contains(&owned("meta.colour[]", "red")) && names.contains(&owned("meta.colour[]", "blue")),
        "{names:?}"
    );
    assert!(
        names.contains(&owned("size", "a6")) && names.contains(&owned("per_page", "30")),
        "{names:?}"
    );
    assert_eq!(last.header("X-Acme-Dry-Run"), Some("true"));
}

#[tokio::test]
async fn a_value_that_depends_on_the_token_is_there_or_not() {
    let script = always(ok(&json!({ "data": [] })));
    scripted_account(&script)
        .stock()
        .list(ListStock::new().store_id(3))
        .send()
        .await
        .unwrap();
    Client::with(&corner(&script), Store::new("store_0a"))
        .stock()
        .list(ListStock::new())
        .send()
        .await
        .unwrap();
    scripted_partner(&script)
        .stock()
        .list(ListStock::new())
        .send()
        .await
        .unwrap();
    scripted_partner(&script)
        .stock()
        .list(ListStock::new().store_id(4))
        .send()
        .await
        .unwrap();
    let stores: Vec<_> = script
        .requests()
        .iter()
        .map(|request| query(request).contains("storeId="))
        .collect();
    assert_eq!(stores, [true, false, false, true]);
}
