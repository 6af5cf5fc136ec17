use crate::stage::{Seen, Stage, acme};
use serde_json::{Value, json};

fn order(key: &str, currency: &str) -> Value {
    json!({
        "key": key, "currency": currency, "total": "1.50", "lines": [], "source": "api", "version": 2,
        "customer": "7f2c1f4e-8a34-4c55-9a69-0f3a6b2c9d10", "parent_number": null,
    })
}

async fn create(stage: &Stage, body: &Value) -> Seen {
    stage.send("POST", "/orders", &stage.token("account"), body).await
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_once() {
    let stage = acme().await;
    let first = create(&stage, &order("k1", "EUR")).await;
    let again = create(&stage, &order("k1", "EUR")).await;
    assert_eq!(
        (first.status, again.status),
        (201, 200),
        "a replay says so where the descriptor has a status for it"
    );
    assert_eq!(first.body, again.body);
    let other = create(&stage, &order("k2", "EUR")).await;
    assert_eq!(other.status, 201);
    assert_ne!(other.body, first.body);
    assert_eq!(stage.mock.report().effects("orders.create"), 2);
}

#[tokio::test]
async fn a_used_key_with_another_body_is_409() {
    let stage = acme().await;
    create(&stage, &order("k1", "EUR")).await;
    let seen = create(&stage, &order("k1", "USD")).await;
    assert_eq!(
        (seen.status, seen.body["error"]["code"].as_str()),
        (409, Some("conflict"))
    );
    let other_token = stage.token("account").number(2);
    assert_eq!(
        stage
            .send("POST", "/orders", &other_token, &order("k1", "USD"))
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn a_key_in_a_header_must_be_there() {
    let stage = acme().await;
    let cancel = async |key: Option<&str>| {
        let mut request = stage
            .request("POST", "/orders/3/cancel", &stage.token("account"))
            .json(&json!({ "reason": "late" }));
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        Seen::of(request.send().await.unwrap()).await
    };
    let seen = cancel(None).await;
    assert_eq!(seen.status, 400);
    assert!(
        seen.message()
            .contains("the header `Idempotency-Key`: the idempotency key is missing"),
        "{}",
        seen.text
    );
    assert_eq!(cancel(Some("k")).await.body, cancel(Some("k")).await.body);
    assert_eq!(stage.mock.report().effects("orders.cancel"), 1);
}

#[tokio::test]
async fn elements_have_keys_of_their_own() {
    let stage = acme().await;
    let batch = |keys: &[&str]| json!({ "orders": keys.iter().map(|key| order(key, "EUR")).collect::<Vec<_>>() });
    let send = async |body: &Value| stage.send("POST", "/orders/batch", &stage.token("account"), body).await;
    let first = send(&batch(&["a", "b"])).await;
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(send(&batch(&["a", "b"])).await.body, first.body);
    send(&batch(&["b", "c"])).await;
    assert_eq!(stage.mock.report().effects("orders.create_many"), 3);
    let conflict = json!({ "orders": [order("d", "EUR"), order("a", "USD")] });
    assert_eq!(send(&conflict).await.status, 409);
    assert_eq!(
        stage.mock.report().effects("orders.create_many"),
        3,
        "a refused batch does nothing"
    );
    let missing = json!({ "orders": [order("e", "EUR"), order("", "EUR")] });
    assert!(send(&missing).await.message().contains("$.orders[1].key"));
}
