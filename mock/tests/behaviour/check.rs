use crate::stage::{Seen, acme, acme_with};
use serde_json::json;

#[tokio::test]
async fn queries_are_compared_with_the_params() {
    let stage = acme().await;
    let store = stage.token("store");
    for (query, expected) in [
        ("pageSze=3", "`pageSze` in the query: unknown"),
        (
            "status=Gone",
            "`status` in the query: expected one of `In Stock`, `Sold Out`, `PO # 1`",
        ),
        (
            "changedSince=yesterday",
            "`changedSince` in the query: expected a datetime",
        ),
        ("skus=a&ids=b", "at most one of them"),
        ("storeId=3", "must be absent with a token like `store`"),
        ("page=two", "expected a whole number"),
        ("page=0", "pages count from 1"),
        ("pageSize=0", "at least one item"),
    ] {
        let seen = stage.get(&format!("/stock?{query}"), &store).await;
        assert_eq!(seen.status, 400, "{query}");
        assert!(seen.message().contains(expected), "{query}: {}", seen.text);
    }
    let seen = stage.get("/stock", &stage.token("account")).await;
    assert!(
        seen.message()
            .contains("`storeId` in the query: required with a token like `account`"),
        "{}",
        seen.text
    );
    let good = "/stock?storeId=3&skus=a,b&status=PO%20%23%201&changedSince=2026-01-01T00:00:00Z";
    assert_eq!(stage.get(good, &stage.token("account")).await.status, 200);
}

#[tokio::test]
async fn maps_headers_and_holes_are_compared_too() {
    let stage = acme().await;
    let store = stage.token("store");
    let good = "/stock/a/labels/x/y/z?size=a4&meta.color[]=red&meta.color[]=blue";
    let seen = stage.get(good, &store).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    let odd = stage.request("GET", good, &store).header("X-Acme-Dry-Run", "perhaps");
    let seen = Seen::of(odd.send().await.unwrap()).await;
    assert!(
        seen.message().contains("the header `X-Acme-Dry-Run`: expected a bool"),
        "{}",
        seen.text
    );
    let seen = stage.get("/orders/seven", &stage.token("account")).await;
    assert!(
        seen.message().contains("`id` in the path: expected an int"),
        "{}",
        seen.text
    );
}

#[tokio::test]
async fn exactly_one_is_exactly_one() {
    let stage = acme().await;
    let account = stage.token("account");
    for (query, status) in [("?findById=3", 200), ("", 400), ("?findById=3&findByEmail=a", 400)] {
        assert_eq!(
            stage.get(&format!("/orders/find{query}"), &account).await.status,
            status,
            "{query}"
        );
    }
}

#[tokio::test]
async fn constant_headers_are_demanded() {
    let stage = acme().await;
    let account = stage.token("account");
    let request = stage
        .bare("GET", "/account")
        .header("X-Acme-Token", account.value())
        .header("X-Acme-Client", "curl");
    let seen = Seen::of(request.send().await.unwrap()).await;
    assert_eq!(seen.status, 400);
    assert!(
        seen.message().contains("`X-Acme-Version`") && seen.message().contains("must be `tollgate`"),
        "{}",
        seen.text
    );
}

/// What is done to a good body, and what is then said of it.
type Case<'a> = (&'a dyn Fn(&mut serde_json::Value), &'a str);

#[tokio::test]
async fn bodies_are_compared_with_the_models() {
    let stage = acme().await;
    let account = stage.token("account");
    let good = json!({
        "key": "k", "currency": "EUR", "total": "1.50", "lines": [{ "sku": "a", "quantity": 1, "price": 2.5 }],
        "customer": "7f2c1f4e-8a34-4c55-9a69-0f3a6b2c9d10", "source": "api", "version": 2, "parent_number": null,
    });
    let create = async |change: &dyn Fn(&mut serde_json::Value)| {
        let mut body = good.clone();
        change(&mut body);
        stage
            .send("POST", "/orders", &account.clone().number(fresh()), &body)
            .await
    };
    let seen = create(&|_| {}).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    let cases: [Case<'_>; 12] = [
        (
            &|body| body["lines"][0]["quantity"] = json!("1"),
            "`$.lines[0].quantity`: expected an int, found a string",
        ),
        (
            &|body| body["total"] = json!(1.5),
            "`$.total`: expected a decimal in a string, found a number",
        ),
        (
            &|body| body["total"] = json!("1e3"),
            "`$.total`: expected a decimal in a string",
        ),
        (&|body| body["extra"] = json!(1), "`$.extra`: unknown to the model"),
        (&|body| body["source"] = json!("web"), "`$.source`: must be \"api\""),
        (
            &|body| body["coupon_code"] = json!(null),
            "`$.coupon_code`: expected a string, found null",
        ),
        (
            &|body| body["contact"] = json!({ "kind": "email", "address": "a" }),
            "exactly one of `contact`, `customer`",
        ),
        (&|body| body["customer"] = json!("7"), "`$.customer`: expected a UUID"),
        (&|body| remove(body, "currency"), "`$.currency`: required, and missing"),
        (
            &|body| remove(body, "parent_number"),
            "`$.parent_number`: required, and missing",
        ),
        (&|body| remove(body, "key"), "`$.key`: the idempotency key is missing"),
        (
            &|body| (body["coupon_code"], body["coupon_id"]) = (json!("a"), json!(1)),
            "at most one of `coupon_code`, `coupon_id`",
        ),
    ];
    for (change, expected) in cases {
        let seen = create(change).await;
        assert_eq!(seen.status, 400, "{expected}: {}", seen.text);
        assert!(seen.message().contains(expected), "{expected}: {}", seen.text);
    }
    assert_eq!(stage.mock.report().effects("orders.create"), 1);
}

fn remove(body: &mut serde_json::Value, name: &str) {
    body.as_object_mut().unwrap().remove(name);
}

/// Another token value for each request: these tests are not about limits.
fn fresh() -> u32 {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(2);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

#[tokio::test]
async fn unions_are_compared_by_their_tag() {
    let stage = acme().await;
    let account = stage.token("account");
    let patch = async |contact: serde_json::Value| {
        stage
            .send("PATCH", "/account", &account, &json!({ "contact": contact }))
            .await
    };
    assert_eq!(patch(json!({ "kind": "phone", "number": "1" })).await.status, 200);
    assert_eq!(patch(json!(null)).await.status, 200);
    assert!(
        patch(json!({ "kind": "phone" }))
            .await
            .message()
            .contains("`$.contact.number`: required")
    );
    assert!(
        patch(json!({ "kind": "pigeon" }))
            .await
            .message()
            .contains("`$.contact.kind`: expected one of `email`")
    );
    assert!(
        patch(json!({ "number": "1" }))
            .await
            .message()
            .contains("the tag of the union is missing")
    );
}

#[tokio::test]
async fn batches_and_params_in_the_body_are_compared() {
    let stage = acme().await;
    let (account, store) = (stage.token("account"), stage.token("store"));
    let upsert = async |token, body: serde_json::Value| stage.send("POST", "/stock", token, &body).await;
    assert_eq!(
        upsert(&account, json!([{ "sku": "a", "sourceId": 1 }])).await.status,
        204
    );
    assert_eq!(upsert(&store, json!([{ "sku": "a" }])).await.status, 204);
    let seen = upsert(&account, json!([{ "sku": "a", "sourceId": 1 }, { "sku": "b" }])).await;
    assert!(seen.message().contains("$[1].sourceId: required"), "{}", seen.text);
    let seen = upsert(&store, json!([{ "sku": "a", "sourceId": 1 }])).await;
    assert!(seen.message().contains("must be absent"), "{}", seen.text);
    let many: Vec<_> = (0..21).map(|_| json!({ "sku": "a" })).collect();
    let seen = upsert(&store, json!(many)).await;
    assert!(
        seen.message().contains("`$`: has 21 elements, more than 20"),
        "{}",
        seen.text
    );
    let seen = upsert(&store, json!([{ "sku": "a", "tags": ["1", "2", "3", "4", "5", "6"] }])).await;
    assert!(
        seen.message().contains("`$[0].tags`: has 6 elements, more than 5"),
        "{}",
        seen.text
    );
    assert_eq!(stage.mock.report().effects("stock.upsert"), 2);
}

#[tokio::test]
async fn media_types_are_exact() {
    let stage = acme().await;
    let account = stage.token("account");
    let send = async |method: &str, path: &str, media: &str, body: &'static [u8]| {
        let request = stage.request(method, path, &account.clone().number(fresh()));
        Seen::of(request.header("Content-Type", media).body(body).send().await.unwrap()).await
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(
        send("POST", "/orders/3/refund", form, b"amount=1.5&reasons[]=a&reasons[]=b")
            .await
            .status,
        204
    );
    assert!(
        send("POST", "/orders/3/refund", form, b"amount=lots")
            .await
            .message()
            .contains("`amount` in the form: expected a decimal")
    );
    assert!(
        send("POST", "/orders/3/refund", form, b"note=x")
            .await
            .message()
            .contains("`amount` in the form: required")
    );
    assert_eq!(
        send("POST", "/orders/3/refund", "application/json", b"{}").await.status,
        415
    );
    assert_eq!(
        send(
            "PUT",
            "@files/orders/3/files/a.pdf",
            "application/octet-stream",
            b"\x00\xff"
        )
        .await
        .status,
        204
    );
    assert_eq!(
        send("PUT", "/orders/3/note", "text/markdown; charset=utf-8", b"# Hi")
            .await
            .status,
        204
    );
    assert_eq!(
        send(
            "PATCH",
            "/orders/3",
            "application/merge-patch+json",
            br#"{"note":null}"#
        )
        .await
        .status,
        200
    );
    assert_eq!(
        send("PATCH", "/orders/3", "application/json", br#"{"note":null}"#)
            .await
            .status,
        415
    );
    assert_eq!(
        send("PATCH", "/orders/3", "application/merge-patch+json", b"{")
            .await
            .status,
        400
    );
    assert!(
        send("POST", "/orders/3/archive", "application/json", b"{}")
            .await
            .message()
            .contains("the operation has none")
    );

    let parts = "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nproof\r\n\
        --b\r\nContent-Disposition: form-data; name=\"details\"\r\nContent-Type: application/json\r\n\r\n{\"pages\":1}\r\n\
        --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n";
    let multipart = "multipart/form-data; boundary=b";
    let seen = send("POST", "@files/orders/3/files", multipart, parts.as_bytes()).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    let odd = parts
        .replace("{\"pages\":1}", "{\"pages\":\"x\"}")
        .replace("name=\"file\"", "name=\"flie\"")
        .leak();
    let seen = send("POST", "@files/orders/3/files", multipart, odd.as_bytes()).await;
    for expected in [
        "`details.pages`: expected an int",
        "the part `file`: required",
        "the part `flie`: unknown",
    ] {
        assert!(seen.message().contains(expected), "{expected}: {}", seen.text);
    }
}

#[tokio::test]
async fn a_body_over_the_maximum_is_413() {
    let stage = acme().await;
    let body = format!("[{{\"sku\":\"{}\"}}]", "a".repeat(1 << 20));
    let request = stage
        .request("POST", "/stock", &stage.token("store"))
        .header("Content-Type", "application/json");
    assert_eq!(request.body(body).send().await.unwrap().status(), 413);
}

#[tokio::test]
async fn a_tolerant_mock_lets_strangers_in() {
    let stage = acme_with(tollgate_mock::Builder::tolerant).await;
    assert_eq!(
        stage.get("/stock?x=1&status=Gone", &stage.token("store")).await.status,
        200
    );
    let body = json!({ "plan": "gold", "contact": { "kind": "pigeon" }, "x": 1 });
    assert_eq!(
        stage
            .send("PATCH", "/account", &stage.token("account"), &body)
            .await
            .status,
        200
    );
}
