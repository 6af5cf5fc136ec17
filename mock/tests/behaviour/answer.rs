use crate::stage::{Seen, acme, acme_with, inline};
use serde_json::json;

#[tokio::test]
async fn examples_win_over_synthesis() {
    let stage = acme().await;
    let account = stage.token("account");
    let seen = stage.get("/account", &account).await;
    assert_eq!(seen.body["data"]["name"], "Acme");
    let seen = stage.get("/stock?storeId=3&skus=a,b", &account).await;
    assert_eq!(seen.body["meta"]["total"], 2);
    let seen = stage.get("/stock?storeId=4&skus=a,b", &account).await;
    assert_eq!(seen.body["meta"]["total"], 250);
    let body = json!({
        "key": "k", "currency": "EUR", "total": "12.50", "lines": [{ "sku": "a", "quantity": 1 }],
        "contact": { "kind": "email", "address": "a@acme.example" }, "source": "api", "version": 2, "parent_number": null,
    });
    let seen = stage.send("POST", "/orders", &account, &body).await;
    assert_eq!((seen.status, &seen.body["number"]), (201, &json!("A-1")));
}

#[tokio::test]
async fn bodies_have_every_field_in_its_format() {
    let stage = acme().await;
    let seen = stage.get("/orders/17", &stage.token("account")).await;
    let order = &seen.body;
    assert_eq!(order["id"], 17, "what is asked for by id has that id");
    assert_eq!(order["status"], "open");
    assert!(
        order["total"].as_str().is_some_and(|total| total.contains('.')),
        "{order}"
    );
    assert!(order["lines"][0]["price"].is_number(), "{order}");
    assert_eq!(order["customer"].as_str().map(str::len), Some(36));
    assert!(
        order["placed_at"].as_str().is_some_and(|at| at.ends_with('Z')),
        "{order}"
    );
    assert_eq!(order["contact"]["kind"], "email");
    assert!(order["metadata"]["first"].is_array(), "{order}");
    assert!(
        order["parent"].is_object() && order["parent"].get("parent").is_none(),
        "{order}"
    );
    assert!(seen.header("x-request-id").is_some_and(|id| id.starts_with("mock-")));

    let seen = stage.get("/whoami", &stage.token("store")).await;
    assert!(seen.body["data"]["expires"].is_i64(), "{}", seen.text);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_answers() {
    let get = async |seed: u64| {
        let stage = acme_with(|builder| builder.seed(seed)).await;
        stage.get("/orders/17", &stage.token("account")).await.body
    };
    let (one, again, two) = (get(1).await, get(1).await, get(2).await);
    assert_eq!(one, again);
    assert_ne!(one, two);
}

#[tokio::test]
async fn values_vary_along_a_list() {
    let stage = acme().await;
    let seen = stage.get("/orders?limit=6", &stage.token("account")).await;
    let statuses: Vec<_> = seen.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["open", "closed", "on hold", "open", "closed", "on hold"]);
}

#[tokio::test]
async fn bytes_text_and_nothing() {
    let stage = acme().await;
    let account = stage.token("account");
    let seen = stage.get("@files/account/export", &account).await;
    assert_eq!(
        (seen.status, seen.header("content-type")),
        (200, Some("application/octet-stream"))
    );
    let seen = stage.get("/account/terms", &account).await;
    assert_eq!(seen.header("content-type"), Some("text/plain; charset=utf-8"));
    let removed = stage.request("DELETE", "/stock/a", &account).send().await.unwrap();
    assert_eq!(removed.status(), 204);
}

#[tokio::test]
async fn a_model_that_holds_itself_ends() {
    let stage = acme().await;
    let seen = stage.get("/audit/acme/report", &stage.token("partner")).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    let child = &seen.body["children"][0];
    assert_eq!(
        (child["children"].clone(), child["by_name"].clone(), child.get("next")),
        (json!([]), json!({}), None)
    );
    assert_eq!(seen.body["next"]["children"], json!([]));
}

#[tokio::test]
async fn a_success_is_no_failure_by_classify() {
    let stage = inline(
        "
scope: public
errors: { message: $.error }
unwrap: $.data
classify:
  - { when: { status: 2xx, body: { $.data.state: [failed, broken] } }, kind: rejected }
  - { when: { status: 2xx, present: $.data.error }, kind: rejected }
resources: { a: { operations: { get: { get: /a, returns: A } } } }
models:
  A: { state: State!, error: string, name: string }
  State: { $enum: [failed, broken, fine] }
",
    )
    .await;
    let seen = Seen::of(stage.bare("GET", "/a").send().await.unwrap()).await;
    assert_eq!(seen.body["data"]["state"], "fine");
    assert!(
        seen.body["data"].get("error").is_none() && seen.body["data"]["name"].is_string(),
        "{}",
        seen.text
    );
}

#[tokio::test]
async fn failures_fit_the_error_model() {
    let stage = inline(
        "
scope: public
errors: { body: Problem, message: $.problem.text, code: $.problem.code }
classify:
  - { when: { status: 400 }, kind: invalid, body: Wrong }
resources: { a: { operations: { get: { get: /a, returns: json } } } }
models:
  Problem: { id: uuid!, problem: Detail!, extra: string }
  Detail: { code: int!, text: string! }
  Wrong: { problem: Detail!, fields: '[string]!' }
",
    )
    .await;
    let seen = Seen::of(stage.bare("GET", "/a?x=1").send().await.unwrap()).await;
    assert_eq!(
        (seen.status, &seen.body["problem"]["code"], &seen.body["fields"]),
        (400, &json!(400), &json!([]))
    );
    assert!(seen.body["problem"]["text"].as_str().unwrap().contains("`x`"));
    let seen = Seen::of(stage.bare("POST", "/a").send().await.unwrap()).await;
    assert!(
        seen.status == 405 && seen.body["id"].is_string() && seen.body.get("extra").is_none(),
        "{}",
        seen.text
    );
}
