//! Every way in which a list can go on.

use super::{scripted_account, scripted_partner};
use crate::behaviour::support::{Stage, always, ok, query, read_all, sent};
use serde_json::json;
use tollgate::{Error, ErrorKind, HttpReply, Json, Page, Paged, Pages, ScriptedTransport, Start};
use tollgate_scope_tests::acme::{
    Acme,
    audit::ListAudit,
    models::OrderQuery,
    orders::{ListOrders, QueryOrders, SearchOrders},
    role::Everything,
    stock::{ChangesStock, LabelsStock, ListStock, SinceStock},
};

type Turned<Op> = Result<Page<<Op as Paged>::Item>, Error<<Op as tollgate::Operation>::Failure>>;

async fn all<Op: Paged>(mut pages: Pages<Op>) -> Vec<Turned<Op>> {
    let mut turned = Vec::new();
    while let Some(page) = pages.next().await {
        turned.push(page);
    }
    turned
}

fn numbers(count: i64) -> Vec<i64> {
    (1..=count).collect()
}

/// An order as a script has it.
fn found(id: i64) -> Json {
    json!({ "id": id, "number": "A", "status": "open", "currency": "EUR" })
}

#[tokio::test]
async fn every_pager_gives_every_item_once() {
    let stage = Stage::<Acme>::with(|mock| mock.items(25).items_of("stock.since", 205)).await;
    let list = ListStock::new().store_id(9).page_size(10);
    let changes = ChangesStock::new();
    let since = SinceStock::new().page_size(100);
    let labels = LabelsStock::new("mug", "large").page_size(10);
    let (page, cursor, after_last, link) = tokio::join!(
        read_all(stage.account(1).stock().list(list), |item| format!("{item:?}")),
        read_all(stage.account(2).stock().changes(changes), |item| item["id"].to_string()),
        read_all(stage.account(3).stock().since(since), |item| format!("{item:?}")),
        read_all(stage.account(4).stock().labels(labels), |label| format!("{label:?}")),
    );
    let list = ListOrders::new().page_size(10);
    let search = SearchOrders::new(OrderQuery::default()).page_size(10);
    let query = QueryOrders::new(json!({})).page_size(10);
    let partner = stage.partner::<Everything>(None);
    let (offset, in_body, body_cursor, next_url) = tokio::join!(
        read_all(stage.account(5).orders().list(list), |order| order.id),
        read_all(stage.account(6).orders().search(search), |order| order.id),
        read_all(stage.account(7).orders().query(query), |order| order.id),
        read_all(partner.audit().list(ListAudit::new()), |entry| entry.id.clone()),
    );
    assert_eq!([offset, in_body, body_cursor], [numbers(25), numbers(25), numbers(25)]);
    for (names, expected) in [(page, 25), (cursor, 25), (after_last, 205), (link, 25), (next_url, 25)] {
        let mut distinct = names.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((names.len(), distinct.len()), (expected, expected), "{names:?}");
    }
    let report = stage.report();
    assert_eq!((report.rejected(), report.unmatched), (0, 0), "{report}");
    // The total says that the third page is the last; a short page does where that is promised.
    for operation in ["stock.list", "orders.list", "stock.labels", "orders.query"] {
        assert_eq!(report.calls(operation), 3, "{operation}\n{report}");
    }
}

#[tokio::test]
async fn a_total_is_told_and_ends_the_list() {
    let stage = Stage::<Acme>::with(|mock| mock.items(20)).await;
    let client = stage.account(1);
    let pages = all(client.orders().list(ListOrders::new().page_size(10)).pages()).await;
    let told: Vec<_> = pages
        .iter()
        .map(|page| page.as_ref().unwrap())
        .map(|page| (page.total, page.next.clone()))
        .collect();
    assert_eq!(told, [(Some(20), Some(Start::Number(10))), (Some(20), None)]);
    assert_eq!(stage.report().calls("orders.list"), 2);
}

#[tokio::test]
async fn a_list_can_begin_where_another_day_ended() {
    let stage = Stage::<Acme>::with(|mock| mock.items(25)).await;
    let client = stage.account(1);
    let offset = read_all(client.orders().list(ListOrders::new().offset(20)), |order| order.id).await;
    assert_eq!(offset, [21, 22, 23, 24, 25]);
    let query = || QueryOrders::new(json!({})).page_size(10);
    let first = client.orders().query(query()).pages().next().await.unwrap().unwrap();
    let Some(Start::Cursor(cursor)) = first.next else {
        panic!("{first:?}")
    };
    let rest = read_all(client.orders().query(query().cursor(cursor)), |order| order.id).await;
    assert_eq!(rest, (11..=25).collect::<Vec<_>>());
}

#[tokio::test]
async fn positions_travel_in_the_query_a_header_or_the_body() {
    let page = |next: &Json| ok(&json!({ "data": [found(1)], "page": { "next": next }, "more": !next.is_null() }));
    let script = ScriptedTransport::new()
        .then(page(&json!(17)).header("X-Next-Cursor", "abc"))
        .then(page(&json!(null)));
    all(scripted_account(&script).stock().changes(ChangesStock::new()).pages()).await;
    let requests = script.requests();
    assert_eq!(
        (requests[0].header("X-Cursor"), requests[1].header("X-Cursor")),
        (None, Some("abc"))
    );

    let script = ScriptedTransport::new().then(page(&json!(17))).then(page(&json!(null)));
    let call = QueryOrders::new(json!({ "text": "mug", "first": 99 }));
    all(scripted_account(&script).orders().query(call).pages()).await;
    let bodies: Vec<_> = script.requests().iter().map(sent).collect();
    // A number stays a number, and the caller's own body around it what it was.
    assert_eq!(
        bodies,
        [
            json!({ "text": "mug", "first": 10 }),
            json!({ "text": "mug", "first": 10, "after": 17 })
        ]
    );

    let script = always(ok(&json!({ "data": [] })));
    let client = scripted_account(&script);
    client
        .orders()
        .search(SearchOrders::new(OrderQuery::default().text("mug")))
        .send()
        .await
        .unwrap();
    assert_eq!(
        sent(&script.requests()[0]),
        json!({ "text": "mug", "paging": { "page": 0, "size": 20 } })
    );
    client
        .stock()
        .since(SinceStock::new().cursor("a 7"))
        .send()
        .await
        .unwrap();
    assert_eq!(query(&script.requests()[1]), "mode=since&since_id=a%207");
}

#[tokio::test]
async fn a_link_is_followed_with_the_token_shown_again() {
    let page = |next: &Json| ok(&json!({ "data": [{ "id": "1" }], "next": next }));
    let script = ScriptedTransport::new()
        .then(page(&json!("/api/audit?at=2")))
        .then(page(&json!(
            "https://corner.acme.example/api/audit?at=3&tenant=someone"
        )))
        .then(page(&json!(null)));
    let pages = all(scripted_partner(&script).audit().list(ListAudit::new()).pages()).await;
    assert_eq!(pages.iter().filter(|page| page.is_ok()).count(), 3, "{pages:?}");
    let requests = script.requests();
    let urls: Vec<_> = requests.iter().map(|request| request.url().to_owned()).collect();
    assert_eq!(
        urls,
        [
            "https://corner.acme.example/api/audit?tenant=tenant%207",
            "https://corner.acme.example/api/audit?at=2&tenant=tenant%207",
            // A link cannot speak for the token.
            "https://corner.acme.example/api/audit?at=3&tenant=tenant%207",
        ]
    );
    assert!(
        requests
            .iter()
            .all(|request| request.header("X-Acme-Key") == Some("key"))
    );
}

#[tokio::test]
async fn a_link_to_another_host_is_an_error_after_the_page_that_holds_it() {
    for link in [
        "https://evil.example/api/audit",
        "http://corner.acme.example:8080/api",
        "//evil.example/x",
    ] {
        let script = always(ok(&json!({ "data": [{ "id": "1" }], "next": link })));
        let pages = all(scripted_partner(&script).audit().list(ListAudit::new()).pages()).await;
        assert_eq!((pages.len(), pages[0].is_ok()), (2, true), "{link}");
        let error = pages[1].as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Paging, "{error}");
        assert_eq!(script.requests().len(), 1, "{link}");
    }
}

#[tokio::test]
async fn a_list_that_runs_in_circles_ends_with_an_error() {
    let script = always(ok(&json!({ "data": [found(1)], "page": { "next": "again" } })));
    let pages = all(scripted_account(&script)
        .orders()
        .query(QueryOrders::new(json!({})))
        .pages())
    .await;
    let error = pages.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging);
    assert!(error.to_string().contains("never end"), "{error}");
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn items_before_a_failure_are_given_and_nothing_after_it() {
    let page = ok(&json!({ "data": [found(1), found(2)], "page": { "next": "n" } }));
    let script = ScriptedTransport::new().then(page).then(HttpReply::new(404));
    let mut items = scripted_account(&script)
        .orders()
        .query(QueryOrders::new(json!({})))
        .items();
    let mut told = Vec::new();
    while let Some(item) = items.next().await {
        told.push(item.map(|order| order.id).map_err(|error| error.status()));
    }
    assert_eq!(told, [Ok(1), Ok(2), Err(Some(404))]);
}

#[tokio::test]
async fn a_page_size_that_the_provider_does_not_have_is_not_asked_for() {
    let script = always(ok(&json!({ "data": [] })));
    let client = scripted_account(&script);
    for size in [0, 101] {
        let error = client
            .stock()
            .list(ListStock::new().store_id(9).page_size(size))
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{size}");
    }
    assert!(script.requests().is_empty());
}
