use crate::stage::{Seen, Stage, acme, acme_with, inline};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tollgate_mock::TestToken;

/// Walks through a list: `next` makes the path of the next page from an answer and the number of items so far.
async fn walk(
    stage: &Stage,
    token: &TestToken,
    first: &str,
    next: impl Fn(&Seen, usize) -> Option<String>,
) -> Vec<Value> {
    let mut items = Vec::new();
    let mut path = Some(first.to_owned());
    let mut number = 1;
    while let Some(asked) = path {
        number += 1;
        let seen = stage.get(&asked, &token.clone().number(number)).await;
        assert_eq!(seen.status, 200, "{asked}: {}", seen.text);
        let page = if seen.body.is_array() {
            &seen.body
        } else {
            &seen.body["data"]
        };
        items.extend(page.as_array().unwrap().iter().cloned());
        path = next(&seen, items.len()).filter(|_| !page.as_array().unwrap().is_empty());
    }
    items
}

fn distinct(items: &[Value]) -> usize {
    items.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len()
}

#[tokio::test]
async fn by_page_with_a_total() {
    let stage = acme().await;
    let store = stage.token("store");
    let items = walk(&stage, &store, "/stock", |seen, count| {
        assert_eq!(seen.body["meta"]["total"], 250);
        (count < 250).then(|| format!("/stock?page={}", count / 50 + 1))
    })
    .await;
    assert_eq!((items.len(), distinct(&items)), (250, 250));
    let beyond = stage.get("/stock?page=9", &store).await;
    assert_eq!(beyond.body["data"], json!([]));
    let clamped = stage.get("/stock?pageSize=1000", &store).await;
    assert_eq!(clamped.body["data"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn by_offset_with_a_total_in_a_header() {
    let stage = acme_with(|builder| builder.items_of("orders.list", 130)).await;
    let account = stage.token("account");
    let items = walk(&stage, &account, "/orders", |seen, count| {
        assert_eq!(seen.header("x-total-count"), Some("130"));
        Some(format!("/orders?offset={count}&limit=40"))
    })
    .await;
    let ids: Vec<_> = items.iter().map(|item| item["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=130).collect::<Vec<_>>());
}

#[tokio::test]
async fn by_cursor_in_headers() {
    let stage = acme().await;
    let store = stage.token("store");
    let mut cursor: Option<String> = None;
    let mut count = 0;
    loop {
        let mut request = stage.request("GET", "/stock/changes", &store);
        if let Some(cursor) = &cursor {
            request = request.header("X-Cursor", cursor);
        }
        let seen = Seen::of(request.send().await.unwrap()).await;
        count += seen.body["data"].as_array().unwrap().len();
        cursor = seen.header("x-next-cursor").map(str::to_owned);
        assert_eq!(seen.body["more"], cursor.is_some());
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(count, 250);
    let odd = stage
        .request("GET", "/stock/changes", &store)
        .header("X-Cursor", "made up");
    assert_eq!(odd.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn by_cursor_in_bodies() {
    let stage = acme_with(|builder| builder.items(25)).await;
    let account = stage.token("account");
    let mut body = json!({ "text": "x" });
    let mut items = Vec::new();
    loop {
        let seen = stage.send("POST", "/orders/query", &account, &body).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        items.extend(seen.body["data"].as_array().unwrap().iter().cloned());
        body["after"] = seen.body["page"]["next"].clone();
        if body["after"].is_null() {
            break;
        }
    }
    assert_eq!((items.len(), distinct(&items)), (25, 25));
    let report = stage.mock.report();
    assert_eq!((report.calls("orders.query"), report.effects("orders.query")), (3, 0));
}

#[tokio::test]
async fn by_the_last_item() {
    let stage = acme().await;
    let store = stage.token("store");
    let items = walk(&stage, &store, "/stock?mode=since&limit=60", |seen, _| {
        let last = seen.body["data"].as_array().unwrap().last()?.clone();
        Some(format!("/stock?mode=since&limit=60&since_id={}", last["id"]))
    })
    .await;
    assert_eq!((items.len(), distinct(&items)), (250, 250));
    assert_eq!(stage.get("/stock?mode=since&since_id=9999", &store).await.status, 400);
}

#[tokio::test]
async fn by_a_page_number_in_the_body() {
    let stage = acme().await;
    let account = stage.token("account");
    let page = async |number: u32| {
        let body = json!({ "text": "x", "paging": { "page": number, "size": 200 } });
        let seen = stage.send("POST", "/orders/search", &account, &body).await;
        seen.body["data"]
            .as_array()
            .unwrap_or_else(|| panic!("{}", seen.text))
            .len()
    };
    assert_eq!((page(0).await, page(1).await, page(2).await), (200, 50, 0));
}

#[tokio::test]
async fn by_links_that_keep_the_query() {
    let stage = acme().await;
    let store = stage.token("store");
    let path = |url: &str| url.strip_prefix(&stage.mock.base_url()).unwrap().to_owned();
    let items = walk(&stage, &store, "/stock/a/labels/b?size=a4&per_page=100", |seen, _| {
        let link = seen.header("link").unwrap();
        let next = link.split(", ").find(|link| link.ends_with("rel=\"next\""))?;
        let url = next.split(['<', '>']).nth(1).unwrap();
        assert!(url.contains("size=a4&per_page=100"), "{url}");
        Some(path(url))
    })
    .await;
    assert_eq!((items.len(), distinct(&items)), (250, 250));
}

#[tokio::test]
async fn by_next_url_without_the_token() {
    let stage = acme_with(|builder| builder.items(120)).await;
    let partner = stage.token("partner");
    let path = |url: &str| url.strip_prefix(&stage.mock.base_url()).unwrap().to_owned();
    let items = walk(&stage, &partner, "/audit", |seen, _| {
        let url = seen.body["next"].as_str()?;
        assert!(!url.contains("tenant"), "{url}");
        Some(path(url))
    })
    .await;
    assert_eq!(items.len(), 120);
}

#[tokio::test]
async fn each_parent_has_children_of_its_own() {
    let stage = inline(
        "
scope: public
pagers: { pages: { type: page, page: page, items: $.edges.*.node, total: $.count } }
resources: { a: { operations: { list: { get: '/a/{id}/b', pager: pages, returns: [B] } } } }
models: { B: { id: int!, name: string } }
",
    )
    .await;
    let get = async |path: &str| Seen::of(stage.bare("GET", path).send().await.unwrap()).await.body;
    let (one, two) = (get("/a/1/b").await, get("/a/2/b").await);
    assert_eq!(one["edges"][0]["node"]["id"], 1);
    assert_ne!(one, two);
    assert_eq!(one, get("/a/1/b").await);
}
